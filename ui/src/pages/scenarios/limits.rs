//! The limits of the portfolio: where it stands, what a scenario breaks, and a form that sets one.

use apex_wire::limit::{GetLimits, Limit, LimitCheck, LimitEntry, LimitRule, RemoveLimit, SaveLimit};
use apex_wire::{Failure, Figure};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    answers::use_answer,
    components::{Button, ButtonKind, Choice, EmptyState, FailedState, Field, FigureCell, LoadingState, Panel, Select},
    desk::{sentence, set_if_there, use_desk},
    reading::{Reading, Tone},
};

/// What can be limited: id, words, and what else the form asks for.
const KINDS: [(&str, &str, &str); 5] = [
    (
        "scenario_loss",
        "Loss in a scenario, at most",
        "Scenario, any where empty",
    ),
    (
        "name_weight",
        "Weight of an instrument, at most",
        "Symbol, any where empty",
    ),
    (
        "sector_weight",
        "Weight of a sector, at most",
        "Sector, any where empty",
    ),
    ("var", "Value at risk of a day, at most", "Confidence in percent"),
    ("min_cash", "Cash, at least", ""),
];

/// The tab: every limit, and the form.
#[component]
pub(super) fn LimitsTab() -> Element {
    let desk = use_desk();
    let answer = use_answer(move || Some(GetLimits { view: desk.view()? }));
    let entries = answer.get();
    rsx! {
        Panel {
            testid: "panel-limits",
            title: "Limits",
            note: "shares of net asset value, before any scenario",
            class: "area-limits table-panel",
            stale: !(answer.current)(),
            match (entries, (answer.failure)()) {
                (_, Some(failure)) => rsx! { FailedState { testid: "limits-failed", failure } },
                (None, None) => rsx! { LoadingState { what: "Reading the limits" } },
                (Some(entries), None) if entries.is_empty() => rsx! {
                    EmptyState {
                        testid: "limits-empty",
                        title: "This portfolio has no limits",
                        next: "Set one beside; every scenario then tells which it breaks",
                    }
                },
                (Some(entries), None) => rsx! { LimitsTable { entries: entries.as_ref().clone() } },
            }
        }
        LimitForm { entries: answer.get().map(|entries| entries.as_ref().clone()).unwrap_or_default() }
    }
}

#[component]
fn LimitsTable(entries: Vec<LimitEntry>) -> Element {
    let desk = use_desk();
    let remove = move |entry: &LimitEntry| {
        let ask = RemoveLimit {
            name: entry.limit.name.clone(),
            base_version: entry.version,
        };
        desk.remove(ask.name.clone(), ask);
    };
    rsx! {
        table { class: "table", "data-testid": "limits",
            thead {
                tr {
                    th { "Limit" }
                    th { "What" }
                    th { class: "numeric", "Ends at" span { class: "unit", "%" } }
                    th { class: "numeric", "Stands at" span { class: "unit", "%" } }
                    th { "Whose" }
                    th { "" }
                    th { "" }
                }
            }
            tbody {
                for entry in entries {
                    tr { key: "{entry.limit.name}", "data-testid": "limit-{entry.limit.name}",
                        td { class: "strong", "{entry.limit.name}" }
                        td { {sentence(&entry.words)} }
                        td { class: "numeric", {apex_format::fixed(entry.limit.percent, 2).to_string()} }
                        FigureCell {
                            name: "limit-value-{entry.limit.name}",
                            reading: toned(Reading::weight(&entry.value), entry.broken),
                            strong: entry.broken,
                        }
                        td { class: "faint", "{entry.whose}" }
                        td { Verdict { broken: entry.broken, before: false, known: entry.value.known().is_some() } }
                        td { class: "row-tools",
                            Button {
                                testid: "limit-remove-{entry.limit.name}",
                                kind: ButtonKind::Quiet,
                                title: "Remove this limit",
                                onclick: {
                                    let entry = entry.clone();
                                    move |_| remove(&entry)
                                },
                                "✕"
                            }
                        }
                    }
                }
            }
        }
    }
}

fn toned(reading: Reading, broken: bool) -> Reading {
    if broken { reading.toned(Tone::Loss) } else { reading }
}

/// Says in a word whether a limit is broken.
#[component]
fn Verdict(broken: bool, before: bool, known: bool) -> Element {
    let words = match (broken, before) {
        (true, true) => "broken before",
        (true, false) => "broken",
        (false, _) if known => "holds",
        (false, _) => "seen in scenarios",
    };
    rsx! {
        span { class: if broken { "loss strong" } else { "faint" }, "{words}" }
    }
}

/// The limits of the portfolio before and after a scenario.
#[component]
pub(super) fn ChecksTable(checks: Vec<LimitCheck>) -> Element {
    if checks.is_empty() {
        return rsx! {
            EmptyState { testid: "checks-empty", title: "This portfolio has no limits", next: "Set them in the tab Limits" }
        };
    }
    rsx! {
        table { class: "table", "data-testid": "limit-checks",
            thead {
                tr {
                    th { "Limit" }
                    th { "What" }
                    th { class: "numeric", "Ends at" span { class: "unit", "%" } }
                    th { class: "numeric", "Before" span { class: "unit", "%" } }
                    th { class: "numeric", "After" span { class: "unit", "%" } }
                    th { "Whose" }
                    th { "" }
                }
            }
            tbody {
                for check in checks {
                    tr { key: "{check.name}", "data-testid": "check-{check.name}",
                        td { class: "strong", "{check.name}" }
                        td { {sentence(&check.words)} }
                        FigureCell { name: "check-limit-{check.name}", reading: Reading::weight(&Figure::Known(check.limit)) }
                        FigureCell {
                            name: "check-before-{check.name}",
                            reading: toned(Reading::weight(&check.before), check.broken_before),
                        }
                        FigureCell {
                            name: "check-after-{check.name}",
                            reading: toned(Reading::weight(&check.after), check.broken),
                            strong: check.broken,
                        }
                        td { class: "faint", "{check.whose}" }
                        td { Verdict { broken: check.broken, before: check.broken_before, known: check.after.known().is_some() } }
                    }
                }
            }
        }
    }
}

/// What is typed.
#[derive(Debug, Clone, PartialEq)]
struct Draft {
    name: String,
    kind: String,
    of: String,
    percent: String,
}

impl Draft {
    fn new() -> Self {
        Self {
            name: String::new(),
            kind: "scenario_loss".to_owned(),
            of: String::new(),
            percent: "20".to_owned(),
        }
    }

    fn rule(&self) -> Result<LimitRule, Failure> {
        let of = Some(self.of.trim().to_owned()).filter(|of| !of.is_empty());
        Ok(match self.kind.as_str() {
            "name_weight" => LimitRule::NameWeight { symbol: of },
            "sector_weight" => LimitRule::SectorWeight { sector: of },
            "min_cash" => LimitRule::MinCash,
            "var" => LimitRule::Var {
                level: percent("level", of.as_deref().unwrap_or("99"))? / 100.0,
            },
            _ => LimitRule::ScenarioLoss { scenario: of },
        })
    }
}

fn percent(field: &str, text: &str) -> Result<f64, Failure> {
    text.trim().parse().map_err(|_| Failure {
        field: Some(field.to_owned()),
        ..Failure::new(
            apex_wire::Code::Invalid,
            format!("`{}` is not a number; write it like 10", text.trim()),
        )
    })
}

#[component]
fn LimitForm(entries: Vec<LimitEntry>) -> Element {
    let desk = use_desk();
    let mut draft = use_signal(Draft::new);
    let refused = use_signal(|| None::<Failure>);
    let asks = KINDS
        .iter()
        .find(|(kind, ..)| *kind == draft.read().kind)
        .map_or("", |(_, _, asks)| *asks);
    let refusal = move |fields: &[&str]| {
        let failure = refused.read();
        let found = failure
            .as_ref()
            .filter(|failure| fields.contains(&failure.field.as_deref().unwrap_or_default()));
        found.map(|failure| sentence(&failure.sentence))
    };
    let save = move |_| {
        let Some(portfolio) = *desk.portfolio.peek() else {
            return;
        };
        let typed = draft.peek().clone();
        let name = typed.name.trim().to_owned();
        let known = entries.iter().find(|entry| entry.limit.name == name);
        let base_version = known.map_or(0, |entry| entry.version);
        let limit = typed.rule().and_then(|rule| {
            Ok(Limit {
                name: name.clone(),
                portfolio,
                rule,
                percent: percent("percent", &typed.percent)?,
            })
        });
        let limit = match limit {
            Ok(limit) => limit,
            Err(failure) => return set_if_there(refused, Some(failure)),
        };
        spawn_forever(async move {
            match desk.write(SaveLimit { limit, base_version }).await {
                Ok(_) => {
                    desk.say(format!("{name} is kept in the book"));
                    set_if_there(refused, None);
                    set_if_there(draft, Draft::new());
                }
                Err(failure) => set_if_there(refused, Some(failure)),
            }
        });
    };
    rsx! {
        Panel { testid: "panel-limit-form", title: "Set a limit", class: "area-limit-form",
            form { class: "form", onsubmit: move |event| event.prevent_default(),
                Field {
                    name: "limit-name",
                    label: "Name",
                    value: draft.read().name.clone(),
                    placeholder: "One name",
                    hint: "a limit of the same name is changed",
                    error: refusal(&["name", ""]),
                    oninput: move |text| draft.write().name = text,
                }
                Select {
                    name: "limit-kind",
                    label: "What",
                    value: draft.read().kind.clone(),
                    choices: KINDS.iter().map(|(id, words, _)| Choice::new(*id, *words)).collect::<Vec<_>>(),
                    onchange: move |text| draft.write().kind = text,
                }
                if !asks.is_empty() {
                    Field {
                        name: "limit-of",
                        label: asks,
                        value: draft.read().of.clone(),
                        placeholder: if draft.read().kind == "var" { "99" } else { "" },
                        error: refusal(&["rule", "level"]),
                        oninput: move |text| draft.write().of = text,
                    }
                }
                Field {
                    name: "limit-percent",
                    label: "Percent of net asset value",
                    numeric: true,
                    value: draft.read().percent.clone(),
                    error: refusal(&["percent"]),
                    oninput: move |text| draft.write().percent = text,
                }
                div { class: "form-foot",
                    Button {
                        testid: "limit-save",
                        kind: ButtonKind::Primary,
                        submit: true,
                        disabled: draft.read().name.trim().is_empty(),
                        onclick: save,
                        "Set the limit"
                    }
                }
            }
        }
    }
}
