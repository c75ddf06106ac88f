//! Where a figure comes from: formula, inputs, conventions, and the figure computed again from them.

use apex_wire::explain::{Explain, FigureName};
use dioxus::prelude::*;

use crate::{
    answers::use_answer,
    components::{FailedState, LoadingState},
    desk::{Inspected, use_desk},
};

/// The longest value that stands on one line.
const VALUE_MAX: usize = 20;

/// The explanation of one figure.
#[component]
pub(super) fn FigureExplained(figure: FigureName) -> Element {
    let desk = use_desk();
    let figure = use_reactive(figure);
    let answer = use_answer(move || {
        Some(Explain {
            view: desk.view()?,
            figure: figure(),
        })
    });
    if let Some(failure) = (answer.failure)() {
        return rsx! { FailedState { testid: "explain-failed", failure } };
    }
    let Some(explanation) = answer.get() else {
        return rsx! { LoadingState {} };
    };
    let cut = explanation.inputs_total.saturating_sub(explanation.inputs.len());
    rsx! {
        article { class: "explanation", "data-testid": "explanation", "data-stale": if !(answer.current)() { "true" },
            h3 { class: "explained-title", "data-testid": "explanation-title", "{explanation.title}" }
            div { class: "recomputed",
                span { class: "figure-label", "Shown" }
                span { class: "numeric strong", "data-testid": "explanation-shown", "{explanation.shown}" }
                span { class: "figure-label", "Computed again" }
                span { class: "numeric", "data-testid": "explanation-recomputed", "{explanation.recomputed}" }
                if explanation.agrees {
                    span { class: "verdict gain", "data-testid": "explanation-agrees", "✓ agrees" }
                } else {
                    span { class: "verdict loss", "data-testid": "explanation-agrees", "✕ does not agree" }
                }
            }
            h4 { "Formula" }
            p { class: "formula", "{explanation.formula}" }
            if !explanation.parameters.is_empty() {
                h4 { "Parameters" }
                dl { class: "pairs",
                    for (name, value) in explanation.parameters.iter() {
                        dt { "{name}" }
                        dd { {apex_format::separated(value)} }
                    }
                }
            }
            h4 { "Inputs " span { class: "faint", {apex_format::count(explanation.inputs_total as u64).to_string()} } }
            table { class: "inputs",
                tbody {
                    for (at, input) in explanation.inputs.iter().cloned().enumerate() {
                        tr { key: "{at}",
                            td { class: "input-what",
                                if let Some(behind) = input.behind.clone() {
                                    button {
                                        class: "link",
                                        r#type: "button",
                                        "data-testid": "explain-input-{at}",
                                        onclick: move |_| desk.drill(Inspected::Figure(behind.clone())),
                                        "{input.label}"
                                    }
                                } else {
                                    "{input.label}"
                                }
                                span { class: "input-source",
                                    if let Some(date) = input.date {
                                        span { class: "numeric", "{date} " }
                                    }
                                    "{input.source}"
                                }
                            }
                            td { class: if input.value.len() > VALUE_MAX { "numeric breaks" } else { "numeric" }, {apex_format::separated(&input.value)} }
                            td { class: "faint", "{input.unit}" }
                        }
                    }
                }
            }
            if cut > 0 {
                p { class: "faint", "and {apex_format::count(cut as u64)} more" }
            }
            if !explanation.conventions.is_empty() {
                h4 { "Conventions" }
                ul { class: "conventions",
                    for line in explanation.conventions.iter() {
                        li { "{line}" }
                    }
                }
            }
            p { class: "faint", "{explanation.source}" }
            p { class: "faint", "engine {explanation.engine}" }
        }
    }
}

/// Turns a prop into a signal that questions listen to.
pub(crate) fn use_reactive<T: PartialEq + Clone + 'static>(value: T) -> Signal<T> {
    let mut signal = use_signal(|| value.clone());
    if *signal.peek() != value {
        signal.set(value);
    }
    signal
}
