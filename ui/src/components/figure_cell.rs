//! A table cell that holds a figure; a click opens where it comes from.

use apex_wire::explain::FigureName;
use dioxus::prelude::*;

use crate::{
    desk::{Inspected, use_desk},
    reading::Reading,
};

/// A right-aligned figure in a table.
#[component]
pub(crate) fn FigureCell(
    /// Test id is `figure-<name>`.
    name: String,
    reading: Reading,
    /// What opens in the inspector; plain text where absent.
    #[props(default)]
    explain: Option<FigureName>,
    #[props(default)] strong: bool,
) -> Element {
    let desk = use_desk();
    let weight = if strong { "strong" } else { "" };
    let tone = reading.tone.class();
    rsx! {
        td { class: "numeric {tone} {weight}",
            if let Some(figure) = explain {
                button {
                    class: "cell-figure",
                    r#type: "button",
                    "data-testid": "figure-{name}",
                    title: reading.hint.clone().unwrap_or_else(|| "Explain this figure".to_owned()),
                    onclick: move |_| desk.inspect(Inspected::Figure(figure.clone())),
                    "{reading.text}"
                }
            } else {
                span { "data-testid": "figure-{name}", title: reading.hint.clone(), "{reading.text}" }
            }
        }
    }
}
