//! Tabs: one of a few views of the same thing. Left and right arrows move between them.

use dioxus::prelude::*;

/// A row of tabs.
#[component]
pub(crate) fn Tabs(
    /// Test ids are `tab-<name>-<id>`.
    name: String,
    /// Id and words of each tab.
    tabs: Vec<(String, String)>,
    selected: String,
    onselect: EventHandler<String>,
) -> Element {
    let ids: Vec<String> = tabs.iter().map(|(id, _)| id.clone()).collect();
    let current = selected.clone();
    let step = move |event: KeyboardEvent| {
        let step = match event.key() {
            Key::ArrowRight => 1,
            Key::ArrowLeft => ids.len().saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        if let Some(at) = ids.iter().position(|id| *id == current)
            && let Some(id) = ids.get((at + step) % ids.len())
        {
            onselect.call(id.clone());
        }
    };
    rsx! {
        div { class: "tabs", role: "tablist", onkeydown: step,
            for (id, words) in tabs {
                button {
                    key: "{id}",
                    class: "tab",
                    r#type: "button",
                    role: "tab",
                    "data-testid": "tab-{name}-{id}",
                    "aria-selected": if id == selected { "true" } else { "false" },
                    tabindex: if id == selected { "0" } else { "-1" },
                    onclick: move |_| onselect.call(id.clone()),
                    "{words}"
                }
            }
        }
    }
}
