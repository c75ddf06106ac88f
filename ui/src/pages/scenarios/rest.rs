//! How holdings that no shock names answer, as a choice.

use apex_wire::scenario::Rest;
use dioxus::prelude::*;

use crate::components::{Choice, Select};

/// Lets the rest stay still, or move as is likely.
#[component]
pub(super) fn RestSelect(
    /// Test id is `select-<name>`.
    name: String,
    rest: Rest,
    onchange: EventHandler<Rest>,
) -> Element {
    rsx! {
        Select {
            name,
            label: "The rest",
            value: if rest == Rest::Likely { "likely" } else { "still" },
            choices: vec![Choice::new("still", "stays still"), Choice::new("likely", "moves as is likely")],
            onchange: move |text: String| onchange.call(if text == "likely" { Rest::Likely } else { Rest::Still }),
        }
    }
}
