//! The backtests in a list, and the form of the one chosen.

use apex_wire::{
    backtest::{Backtest, RUNS_MAX, Rebalance},
    optimizer::ObjectiveName,
};
use dioxus::prelude::*;

use super::draft::Draft;
use crate::{
    components::{Button, ButtonKind, Choice, Field, Panel, Select},
    desk::sentence,
    pages::optimizer::EstimatorSelect,
};

/// The list and the form; `onrun` runs them all.
#[component]
pub(super) fn BacktestForm(
    backtests: Signal<Vec<Backtest>>,
    chosen: Signal<usize>,
    running: bool,
    wrong: Option<(String, String)>,
    onrun: EventHandler<()>,
    oncancel: EventHandler<()>,
) -> Element {
    let mut backtests = backtests;
    let mut chosen = chosen;
    let count = backtests.read().len();
    rsx! {
        Panel {
            testid: "panel-backtest-form",
            title: "Policies",
            note: "six at most, side by side",
            class: "question-form",
            tools: rsx! {
                Button {
                    testid: "backtest-add",
                    kind: ButtonKind::Quiet,
                    disabled: count >= RUNS_MAX,
                    onclick: move |_| {
                        let mut copy = backtests.peek().get(chosen()).cloned().unwrap_or_default();
                        copy.name = format!("Policy {}", count + 1);
                        backtests.write().push(copy);
                        chosen.set(count);
                    },
                    "Add one"
                }
            },
            table { class: "table rows", "data-testid": "backtests",
                tbody {
                    for (at, backtest) in backtests.read().clone().into_iter().enumerate() {
                        tr {
                            key: "{at}",
                            "data-testid": "backtest-{at}",
                            "aria-selected": if at == chosen() { "true" } else { "false" },
                            onclick: move |_| chosen.set(at),
                            td {
                                button { class: "row-button strong", r#type: "button", {name_of(&backtest)} }
                            }
                            td { class: "faint", {backtest.policy.objective.words()} }
                            td { class: "remove-column",
                                if count > 1 {
                                    Button {
                                        testid: "backtest-remove-{at}",
                                        kind: ButtonKind::Quiet,
                                        title: "Remove this one",
                                        onclick: move |event: MouseEvent| {
                                            event.stop_propagation();
                                            backtests.write().remove(at);
                                            let last = backtests.peek().len() - 1;
                                            if chosen() > at || chosen() > last {
                                                chosen.set(chosen().saturating_sub(1).min(last));
                                            }
                                        },
                                        "✕"
                                    }
                                }
                            }
                        }
                    }
                }
            }
            if let Some(backtest) = backtests.read().get(chosen()).cloned() {
                // Another one chosen is another form.
                One { key: "{chosen}", at: chosen(), backtest, backtests, wrong, running, onrun, oncancel }
            }
        }
    }
}

fn name_of(backtest: &Backtest) -> String {
    if backtest.name.is_empty() {
        backtest.policy.objective.words().to_owned()
    } else {
        backtest.name.clone()
    }
}

#[component]
fn One(
    at: usize,
    backtest: Backtest,
    backtests: Signal<Vec<Backtest>>,
    wrong: Option<(String, String)>,
    running: bool,
    onrun: EventHandler<()>,
    oncancel: EventHandler<()>,
) -> Element {
    let mut backtests = backtests;
    let mut draft = use_signal(|| Draft::of(&backtest));
    let mut typed_wrong = use_signal(|| None::<(String, String)>);
    let mut edit = move |change: &dyn Fn(&mut Draft)| {
        change(&mut draft.write());
        match draft.peek().read() {
            Ok(read) => {
                typed_wrong.set(None);
                if let Some(own) = backtests.write().get_mut(at) {
                    *own = read;
                }
            }
            Err((field, words)) => typed_wrong.set(Some((field.to_owned(), words))),
        }
    };
    let refused = typed_wrong().or(wrong);
    let error = |field: &str| {
        refused
            .as_ref()
            .filter(|(at, _)| at == field)
            .map(|(_, words)| sentence(words))
    };
    let shown = draft();
    let policy = shown.base.policy.clone();
    let is_wrong = typed_wrong().is_some();
    rsx! {
        form {
            class: "optimizer-form",
            onsubmit: move |event| {
                event.prevent_default();
                if !running && typed_wrong.peek().is_none() {
                    onrun.call(());
                }
            },
            Field { name: "backtest-name", label: "Name", value: shown.name.clone(), error: error("name"), oninput: move |text: String| edit(&|draft| draft.name = text.clone()) }
            Select {
                name: "backtest-objective",
                label: "Weights",
                value: policy.objective.name().to_owned(),
                choices: ObjectiveName::ALL
                    .iter()
                    .filter(|(objective, ..)| !matches!(objective, ObjectiveName::Fixed | ObjectiveName::TargetReturn | ObjectiveName::TargetVolatility))
                    .map(|(_, name, words)| Choice::new(*name, *words))
                    .collect::<Vec<_>>(),
                onchange: move |name: String| {
                    if let Some(objective) = ObjectiveName::of(&name) {
                        edit(&|draft| draft.base.policy.objective = objective);
                    }
                },
            }
            div { class: "form-pair",
                Select {
                    name: "backtest-rebalance",
                    label: "Rebalanced",
                    value: shown.base.rebalance.name(),
                    choices: Rebalance::ALL.iter().map(|(_, name, words)| Choice::new(*name, *words)).collect::<Vec<_>>(),
                    onchange: move |name: String| {
                        if let Some(rule) = Rebalance::of(&name) {
                            edit(&|draft| draft.base.rebalance = rule);
                        }
                    },
                }
                EstimatorSelect {
                    name: "backtest-estimator",
                    value: policy.estimator,
                    onchange: move |estimator| edit(&|draft| draft.base.policy.estimator = estimator),
                }
                if shown.base.rebalance == Rebalance::DriftBand {
                    Field { name: "backtest-band", label: "Band, %", numeric: true, value: shown.band.clone(), error: error("band_percent"), oninput: move |text: String| edit(&|draft| draft.band = text.clone()) }
                }
                Select {
                    name: "backtest-expanding",
                    label: "Learns from",
                    value: if shown.base.expanding { "expanding" } else { "rolling" },
                    choices: vec![Choice::new("rolling", "the last days"), Choice::new("expanding", "all days so far")],
                    onchange: move |text: String| edit(&|draft| draft.base.expanding = text == "expanding"),
                }
                Field { name: "backtest-window", label: "Days learned from", numeric: true, value: shown.window.clone(), error: error("window"), oninput: move |text: String| edit(&|draft| draft.window = text.clone()) }
                Field { name: "backtest-days", label: "Closes in all", numeric: true, value: shown.days.clone(), error: error("days"), oninput: move |text: String| edit(&|draft| draft.days = text.clone()) }
                Field { name: "backtest-delay", label: "Days to the trade", numeric: true, value: shown.delay.clone(), error: error("delay"), oninput: move |text: String| edit(&|draft| draft.delay = text.clone()) }
                Field { name: "backtest-cost", label: "Cost, bp", numeric: true, value: shown.cost_bp.clone(), error: error("cost_bp"), oninput: move |text: String| edit(&|draft| draft.cost_bp = text.clone()) }
                if policy.objective.takes_constraints() {
                    Field { name: "backtest-upper", label: "Largest weight, %", numeric: true, placeholder: "none", value: shown.upper.clone(), error: error("upper"), oninput: move |text: String| edit(&|draft| draft.upper = text.clone()) }
                }
                Field { name: "backtest-momentum", label: "Strongest names only", numeric: true, placeholder: "all", value: shown.momentum.clone(), error: error("momentum"), oninput: move |text: String| edit(&|draft| draft.momentum = text.clone()) }
                Field { name: "backtest-folds", label: "Validation folds", numeric: true, placeholder: "none", value: shown.folds.clone(), error: error("folds"), oninput: move |text: String| edit(&|draft| draft.folds = text.clone()) }
                Field { name: "backtest-tested", label: "Tested at once", numeric: true, placeholder: "1", value: shown.tested.clone(), error: error("tested"), oninput: move |text: String| edit(&|draft| draft.tested = text.clone()) }
            }
            Field { name: "backtest-universe", label: "Symbols", placeholder: "what is held", value: shown.universe.clone(), error: error("universe"), oninput: move |text: String| edit(&|draft| draft.universe = text.clone()) }
            Field { name: "backtest-benchmark", label: "Benchmark", placeholder: "the portfolio's own", value: shown.benchmark.clone(), error: error("benchmark"), oninput: move |text: String| edit(&|draft| draft.benchmark = text.clone()) }
            div { class: "form-actions",
                if running {
                    Button { testid: "backtest-cancel", onclick: move |_| oncancel.call(()), "Cancel" }
                } else {
                    Button { testid: "backtest-run", kind: ButtonKind::Primary, submit: true, disabled: is_wrong, onclick: move |_| {}, "Run all" }
                }
            }
        }
    }
}
