//! What the colors of bars side by side stand for, where there is no room for words at each of them.

use dioxus::prelude::*;

/// The names of series in the order of their colors.
#[component]
pub(crate) fn Legend(names: Vec<String>) -> Element {
    rsx! {
        span { class: "legend",
            for (at, name) in names.into_iter().enumerate() {
                span { key: "{name}", class: "legend-item hue-{at}", "{name}" }
            }
        }
    }
}
