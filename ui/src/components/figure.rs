//! A figure with its label. A click opens where it comes from; `--` says on hover why there is no value.

use apex_wire::explain::FigureName;
use dioxus::prelude::*;

use crate::{
    desk::{Inspected, use_desk},
    reading::Reading,
};

/// A labelled figure.
#[component]
pub(crate) fn Figure(
    /// Name in test ids: `figure-<name>`.
    name: String,
    label: String,
    reading: Reading,
    /// Unit or currency, small beside the figure.
    #[props(default)]
    unit: String,
    /// A second figure on the same line, such as the return beside the amount.
    #[props(default)]
    beside: Option<Reading>,
    /// What the figure is counted from, below it.
    #[props(default)]
    note: String,
    /// Whether the note is cut where the figure is narrower.
    #[props(default)]
    note_gives_way: bool,
    /// What opens in the inspector.
    #[props(default)]
    explain: Option<FigureName>,
    /// Whether this is the one headline figure of the page.
    #[props(default)]
    headline: bool,
) -> Element {
    let desk = use_desk();
    let class = if headline { "figure headline" } else { "figure" };
    let hint = reading
        .hint
        .clone()
        .or_else(|| explain.is_some().then(|| "Explain this figure".to_owned()));
    let explained = explain.is_some();
    rsx! {
        button {
            class,
            r#type: "button",
            "data-testid": "figure-{name}",
            title: hint,
            disabled: !explained,
            onclick: move |_| {
                if let Some(figure) = explain.clone() {
                    desk.inspect(Inspected::Figure(figure));
                }
            },
            span { class: "figure-label", "{label}" }
            span { class: "figure-line",
                span { class: "figure-value {reading.tone.class()}", "{reading.text}" }
                if !unit.is_empty() {
                    span { class: "figure-unit", "{unit}" }
                }
                if let Some(beside) = &beside {
                    span { class: "figure-beside {beside.tone.class()}", title: beside.hint.clone(), "{beside.text}" }
                }
            }
            if !note.is_empty() {
                span { class: if note_gives_way { "figure-note gives-way" } else { "figure-note" }, title: if note_gives_way { note.clone() }, "{note}" }
            }
        }
    }
}
