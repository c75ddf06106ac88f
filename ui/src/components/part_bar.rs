//! A bar in a table: how large a part is beside the largest.

use dioxus::prelude::*;

/// A bar drawn to scale; a part below zero relieves, and has the color of a gain.
#[component]
pub(crate) fn PartBar(
    part: f64,
    largest: f64,
    /// Whether it stands for what was, paler than what is.
    #[props(default)]
    was: bool,
) -> Element {
    let share = if largest > 0.0 { part.abs() / largest } else { 0.0 };
    rsx! {
        span { class: if part < 0.0 { "part-bar relief" } else { "part-bar" }, class: if was { "was" },
            span { style: "width: {apex_format::percent(share, 1)}" }
        }
    }
}
