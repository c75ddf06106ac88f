//! A bar in a table: how large a part is beside the largest.

use dioxus::prelude::*;

/// A bar drawn to scale; a part below zero relieves, and has the color of a gain.
#[component]
pub(crate) fn PartBar(part: f64, largest: f64) -> Element {
    let share = if largest > 0.0 { part.abs() / largest } else { 0.0 };
    rsx! {
        span { class: if part < 0.0 { "part-bar relief" } else { "part-bar" },
            span { style: "width: {apex_format::percent(share, 1)}" }
        }
    }
}
