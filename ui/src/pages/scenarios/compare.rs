//! The scenarios in a list with what each would cost, and those chosen side by side.

use std::rc::Rc;

use apex_domain::Currency;
use apex_wire::{
    Amount,
    chart::{Axis, BarData, BarLayout, BarSeries, ChartData, Unit, WaterfallData, WaterfallStep},
    scenario::{Scenario, ScenarioEntry, ScenarioRun},
};
use dioxus::prelude::*;

use super::{Chart, broken_words, drawn, sliders::SLIDERS, words};
use crate::{
    components::{Button, ButtonKind, ChartPanel, FigureCell, Panel, PartBar, Tabs},
    desk::{Overlay, use_desk},
    reading::Reading,
};

/// Every scenario with its result: one click looks at it, the box puts it into the comparison.
#[component]
pub(super) fn ScenarioList(
    rows: Vec<ScenarioRun>,
    entries: Vec<ScenarioEntry>,
    currency: Currency,
    focus: String,
    compared: Vec<String>,
    stale: bool,
    onfocus: EventHandler<String>,
    oncompare: EventHandler<String>,
) -> Element {
    let mut desk = use_desk();
    let limited = rows.iter().any(|run| !run.limits.is_empty());
    let largest = rows
        .iter()
        .filter_map(|run| drawn(&run.share))
        .map(f64::abs)
        .fold(0.0, f64::max);
    rsx! {
        Panel {
            testid: "panel-scenarios",
            title: "Scenarios",
            note: "result of the current book",
            class: "area-list table-panel",
            stale,
            tools: rsx! {
                Button {
                    testid: "scenario-build",
                    kind: ButtonKind::Quiet,
                    onclick: move |_| {
                        let entry = ScenarioEntry { scenario: Scenario::new(""), version: 0 };
                        desk.overlay.set(Some(Overlay::Scenario(Box::new(entry))));
                    },
                    "Build…"
                }
            },
            table { class: "table rows", "data-testid": "scenarios",
                thead {
                    tr {
                        th { class: "check-column", title: "Compare, six at most" }
                        th { "Scenario" }
                        th { class: "numeric", "Result" span { class: "unit", "{currency}" } }
                        th { class: "numeric", "NAV" span { class: "unit", "%" } }
                        if limited {
                            th { class: "numeric", title: "Limits that the scenario breaks", "Broken" }
                        } else {
                            th { class: "bar-column", "" }
                        }
                    }
                }
                tbody {
                    for run in rows {
                        tr {
                            key: "{run.name}",
                            "data-testid": "scenario-{run.name}",
                            "aria-selected": if run.name == focus { "true" } else { "false" },
                            title: entries
                                .iter()
                                .find(|entry| entry.scenario.name == run.name)
                                .map_or_else(|| "What the sliders above stand for".to_owned(), |entry| words(&entry.scenario)),
                            onclick: {
                                let name = run.name.clone();
                                move |_| onfocus.call(name.clone())
                            },
                            td { class: "check-column",
                                input {
                                    r#type: "checkbox",
                                    "data-testid": "compare-{run.name}",
                                    "aria-label": "Compare {run.name}",
                                    checked: compared.contains(&run.name),
                                    onclick: move |event| event.stop_propagation(),
                                    onchange: {
                                        let name = run.name.clone();
                                        move |_| oncompare.call(name.clone())
                                    },
                                }
                            }
                            td { class: "gives-way",
                                button { class: "row-button strong", r#type: "button", "data-testid": "scenario-open-{run.name}", "{run.name}" }
                                if run.name != SLIDERS && !run.left_out.is_empty() {
                                    span { class: "faint", title: run.left_out.join("\n"), " {run.left_out.len()} left out" }
                                }
                            }
                            FigureCell { name: "scenario-profit-{run.name}", reading: Reading::gain(&run.profit, currency), strong: true }
                            FigureCell { name: "scenario-share-{run.name}", reading: Reading::rate_number(&run.share) }
                            if limited {
                                td { class: "numeric limit-mark", "data-testid": "broken-{run.name}", title: broken_names(&run),
                                    if let Some(words) = broken_words(&run) {
                                        span { class: "loss strong", "aria-label": words, {broken_mark(&run)} }
                                    }
                                }
                            } else {
                                td { class: "bar-column",
                                    PartBar { part: -drawn(&run.share).unwrap_or(0.0), largest }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How many limits a scenario breaks, of how many.
fn broken_mark(run: &ScenarioRun) -> String {
    let broken = run.limits.iter().filter(|limit| limit.broken).count();
    format!("{broken} of {}", run.limits.len())
}

fn broken_names(run: &ScenarioRun) -> String {
    let broken = run.limits.iter().filter(|limit| limit.broken);
    broken.map(|limit| limit.name.clone()).collect::<Vec<_>>().join("\n")
}

/// The scenario looked at as a waterfall, or the chosen ones by sector, side by side.
#[component]
pub(super) fn CompareChart(
    rows: Vec<ScenarioRun>,
    compared: Vec<String>,
    focused: Option<ScenarioRun>,
    nav: Amount,
    currency: Currency,
    /// The dimension of the waterfall's steps.
    dimension: String,
    stale: bool,
) -> Element {
    // Whoever chooses several wants them side by side, until the tab says otherwise.
    let mut chosen = use_signal(|| None::<String>);
    let side_by_side = compared.len() > 1;
    let shown = chosen().unwrap_or_else(|| if side_by_side { "compare" } else { "waterfall" }.to_owned());
    let selected = shown.clone();
    let title = if shown == "compare" { "By sector" } else { "Waterfall" };
    let note = match shown.as_str() {
        "compare" if side_by_side => "scenarios side by side, % of NAV".to_owned(),
        "compare" => "% of NAV".to_owned(),
        _ => focused.as_ref().map(|run| run.name.clone()).unwrap_or_default(),
    };
    let chart = use_memo(use_reactive!(|(rows, compared, focused, nav, dimension, shown)| {
        if shown != "compare" {
            return Some(waterfall(focused.as_ref()?, &nav, currency, &dimension));
        }
        let chosen: Vec<&ScenarioRun> = if compared.is_empty() {
            focused.iter().collect()
        } else {
            rows.iter().filter(|run| compared.contains(&run.name)).collect()
        };
        Some(by_sector(&chosen))
    }));
    rsx! {
        ChartPanel {
            name: "compare",
            title,
            note,
            class: "area-compare",
            stale,
            data: chart,
            tools: rsx! {
                Tabs {
                    name: "compare",
                    tabs: vec![
                        ("waterfall".to_owned(), "Waterfall".to_owned()),
                        ("compare".to_owned(), "Compare".to_owned()),
                    ],
                    selected,
                    onselect: move |id| chosen.set(Some(id)),
                }
            },
        }
    }
}

/// The value before, what each group adds or takes, and the value after, as the engine counted them.
fn waterfall(run: &ScenarioRun, nav: &Amount, currency: Currency, dimension: &str) -> Chart {
    let number = |amount: &Amount| amount.known().and_then(|value| value.to_string().parse().ok());
    let groups: Vec<_> = run.groups.iter().filter(|group| group.dimension == dimension).collect();
    let total = |name: &str, amount: &Amount| WaterfallStep {
        name: name.to_owned(),
        change: None,
        level: number(amount),
    };
    let after = groups.last().map_or(nav, |group| &group.level);
    // What neither adds nor takes has no step.
    let moved = groups
        .iter()
        .filter(|group| group.profit.known().is_none_or(|profit| !profit.is_zero()));
    let steps = std::iter::once(total("Before", nav))
        .chain(moved.map(|group| WaterfallStep {
            name: group.name.clone(),
            change: number(&group.profit),
            level: number(&group.level),
        }))
        .chain([total("After", after)]);
    Rc::new(ChartData::Waterfall(WaterfallData {
        title: format!("{} by {dimension}", run.name),
        category: dimension.to_owned(),
        value: Axis::new(
            "NAV",
            Unit::Money {
                currency: currency.to_string(),
            },
        ),
        steps: steps.collect(),
    }))
}

fn by_sector(runs: &[&ScenarioRun]) -> Chart {
    let mut categories: Vec<String> = Vec::new();
    for group in runs
        .iter()
        .flat_map(|run| &run.groups)
        .filter(|group| group.dimension == "sector")
    {
        if !categories.contains(&group.name) {
            categories.push(group.name.clone());
        }
    }
    let value = |run: &ScenarioRun, name: &String| {
        run.groups
            .iter()
            .find(|group| group.dimension == "sector" && group.name == *name)
            .and_then(|group| drawn(&group.share))
    };
    let series = runs
        .iter()
        .map(|run| BarSeries {
            name: broken_words(run).map_or_else(|| run.name.clone(), |words| format!("{}, {words}", run.name)),
            hue: None,
            values: categories.iter().map(|name| value(run, name)).collect(),
        })
        .collect();
    Rc::new(ChartData::Bar(BarData {
        title: "Scenarios by sector".to_owned(),
        category: "Sector".to_owned(),
        value: Axis::new("Result", Unit::Percent { decimals: 1 }),
        layout: BarLayout::Horizontal,
        categories,
        series,
    }))
}
