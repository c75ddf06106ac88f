//! The Scenario lab: what the current book would gain or lose, if.

pub(crate) mod build;
mod compare;
mod detail;
mod horizon;
mod limits;
mod rest;
mod sliders;

use std::rc::Rc;

use apex_wire::{
    Statistic,
    scenario::{GetScenarios, RunScenarios, Scenario, ScenarioEntry, ScenarioRun, ScenarioRuns},
};
use dioxus::prelude::*;

use self::{
    compare::{CompareChart, ScenarioList},
    detail::{GroupsPanel, LinesPanel},
    horizon::HorizonTab,
    limits::LimitsTab,
    sliders::{SLIDERS, Sliders, SlidersStrip},
};
use crate::{
    answers::{Answer, use_answer},
    components::{FailedState, LoadingState, Tabs},
    desk::{sentence, use_desk},
};

/// The scenario looked at before a person chose one.
const FOCUS_AT_FIRST: &str = "Shares -10%";
/// Scenarios compared side by side at once.
const COMPARED_MAX: usize = 6;

/// The tabs: id and words.
const TABS: [(&str, &str); 3] = [("now", "What if"), ("horizon", "Horizon"), ("limits", "Limits")];

/// The page.
#[component]
pub(crate) fn ScenariosPage() -> Element {
    let desk = use_desk();
    let mut tab = use_signal(|| desk.kept("scenarios.tab").unwrap_or_else(|| "now".to_owned()));
    let sliders = use_signal(Sliders::default);
    let entries = use_answer(|| Some(GetScenarios {}));
    let tabs = rsx! {
        Tabs {
            name: "lab",
            tabs: TABS.iter().map(|(id, words)| ((*id).to_owned(), (*words).to_owned())).collect::<Vec<_>>(),
            selected: tab(),
            onselect: move |id: String| {
                desk.keep("scenarios.tab", id.clone());
                tab.set(id);
            },
        }
    };
    let class = match tab().as_str() {
        "horizon" => "horizon",
        "limits" => "limits",
        _ => "now",
    };
    rsx! {
        div { class: "page-body scenarios {class}", "data-testid": "page-scenarios",
            div { class: "toolbar area-tabs", {tabs} }
            match class {
                "horizon" => rsx! {
                    match (entries.get(), (entries.failure)()) {
                        (_, Some(failure)) => rsx! { FailedState { testid: "scenarios-failed", failure } },
                        (None, None) => rsx! { LoadingState { what: "Reading the scenarios" } },
                        (Some(entries), None) => rsx! { HorizonTab { entries: entries.as_ref().clone(), sliders: sliders() } },
                    }
                },
                "limits" => rsx! { LimitsTab {} },
                _ => rsx! { NowTab { entries, sliders } },
            }
        }
    }
}

/// What the current book would gain or lose at once.
#[component]
fn NowTab(entries: Answer<Vec<ScenarioEntry>>, sliders: Signal<Sliders>) -> Element {
    let desk = use_desk();
    let mut focus = use_signal(|| {
        desk.kept("scenarios.focus")
            .unwrap_or_else(|| FOCUS_AT_FIRST.to_owned())
    });
    let mut compared = use_signal(|| {
        let kept = desk.kept("scenarios.compared").unwrap_or_default();
        kept.split('\n')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let dimension = use_signal(|| "sector".to_owned());
    // All of them, sums only: what stands in the list.
    let all = use_answer(move || {
        let scenarios = entries.get()?.iter().map(|entry| entry.scenario.clone()).collect();
        Some(RunScenarios {
            view: desk.view()?,
            scenarios,
            with_lines: false,
        })
    });
    // The one looked at, and the sliders, with every line.
    let chosen = use_memo(move || chosen(focus(), &sliders(), entries.get().as_deref()));
    let one = use_answer(move || {
        Some(RunScenarios {
            view: desk.view()?,
            scenarios: vec![chosen()?.scenario],
            with_lines: true,
        })
    });
    // The sliders stand in the list even when another scenario is looked at.
    let moved = use_answer(move || {
        if focus() == SLIDERS {
            return None;
        }
        Some(RunScenarios {
            view: desk.view()?,
            scenarios: vec![sliders().scenario()],
            with_lines: false,
        })
    });
    let rows = use_memo(move || {
        let runs = |answer: Answer<ScenarioRuns>| answer.get().map(|found| found.runs.clone()).unwrap_or_default();
        let is_sliders = |run: &ScenarioRun| run.name == SLIDERS;
        let looked_at: Vec<ScenarioRun> = runs(one).into_iter().filter(is_sliders).collect();
        let first = if looked_at.is_empty() { runs(moved) } else { looked_at };
        first.into_iter().chain(runs(all)).collect::<Vec<ScenarioRun>>()
    });
    let body = match (all.get(), (all.failure)().or((entries.failure)())) {
        (_, Some(failure)) => rsx! { FailedState { testid: "scenarios-failed", failure } },
        (None, None) => rsx! { LoadingState { what: "Revaluing the book in every scenario" } },
        (Some(found), None) => rsx! {
            ScenarioList {
                rows: rows(),
                entries: entries.get().as_deref().cloned().unwrap_or_default(),
                currency: found.currency,
                focus: focus(),
                compared: compared(),
                stale: !(all.current)(),
                onfocus: move |name: String| {
                    desk.keep("scenarios.focus", name.clone());
                    focus.set(name);
                },
                oncompare: move |name: String| {
                    let mut names = compared();
                    match names.iter().position(|known| *known == name) {
                        Some(at) => {
                            names.remove(at);
                        }
                        None => {
                            names.push(name);
                            let over = names.len().saturating_sub(COMPARED_MAX);
                            names.drain(..over);
                        }
                    }
                    desk.keep("scenarios.compared", names.join("\n"));
                    compared.set(names);
                },
            }
            CompareChart {
                rows: rows(),
                compared: compared(),
                focused: focused(one),
                nav: found.nav.clone(),
                currency: found.currency,
                dimension: dimension(),
                stale: !(all.current)() || !(one.current)(),
            }
            Focused { answer: one, entry: chosen(), dimension }
        },
    };
    rsx! {
        SlidersStrip { sliders, focus }
        {body}
    }
}

/// The run that is looked at line by line.
fn focused(answer: Answer<ScenarioRuns>) -> Option<ScenarioRun> {
    answer.get()?.runs.first().cloned()
}

/// The scenario looked at, as the book or the sliders have it.
fn chosen(focus: String, sliders: &Sliders, entries: Option<&Vec<ScenarioEntry>>) -> Option<ScenarioEntry> {
    let found = entries?.iter().find(|entry| entry.scenario.name == focus);
    Some(found.cloned().unwrap_or_else(|| ScenarioEntry {
        scenario: sliders.scenario(),
        version: 0,
    }))
}

/// The scenario looked at, line by line.
#[component]
fn Focused(answer: Answer<ScenarioRuns>, entry: Option<ScenarioEntry>, dimension: Signal<String>) -> Element {
    if let Some(failure) = (answer.failure)() {
        return rsx! { FailedState { testid: "scenario-failed", failure } };
    }
    let Some(found) = answer.get() else {
        return rsx! { LoadingState { what: "Revaluing the book" } };
    };
    let Some(run) = found.runs.first().cloned() else {
        return rsx! {};
    };
    let stale = !(answer.current)();
    rsx! {
        LinesPanel { run: run.clone(), scenario: entry.as_ref().map(|entry| entry.scenario.clone()), nav: found.nav.clone(), currency: found.currency, stale }
        GroupsPanel { run, currency: found.currency, entry, stale, dimension }
    }
}

/// Returns what a scenario is about in a few words: its note, or its shocks counted.
fn words(scenario: &Scenario) -> String {
    if scenario.note.is_empty() {
        let count = scenario.shocks.len();
        format!("{count} shock{}", if count == 1 { "" } else { "s" })
    } else {
        sentence(&scenario.note)
    }
}

/// Counts the limits that a scenario breaks, in words; none where it breaks none.
fn broken_words(run: &ScenarioRun) -> Option<String> {
    let count = run.limits.iter().filter(|limit| limit.broken).count();
    (count > 0).then(|| format!("{count} limit{} broken", if count == 1 { "" } else { "s" }))
}

/// Returns a share of NAV as a chart draws it.
fn drawn(share: &Statistic) -> Option<f64> {
    share.known().copied()
}

type Chart = Rc<apex_wire::chart::ChartData>;
