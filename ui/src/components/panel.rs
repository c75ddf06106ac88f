//! A panel: a title, one figure, chart or table, and its tools. Panels are never nested.

use dioxus::prelude::*;

/// A panel of a page.
#[component]
pub(crate) fn Panel(
    testid: String,
    #[props(default)] title: String,
    /// What stands beside the title, such as the unit or the day.
    #[props(default)]
    note: String,
    /// Tabs, buttons or a menu at the right of the title.
    #[props(default)]
    tools: Option<Element>,
    /// Classes that place the panel on the page's grid.
    #[props(default)]
    class: String,
    /// Whether what is shown belongs to an earlier question.
    #[props(default)]
    stale: bool,
    children: Element,
) -> Element {
    rsx! {
        section { class: "panel {class}", "data-testid": testid, "data-stale": if stale { "true" },
            if !title.is_empty() || tools.is_some() {
                header { class: "panel-head",
                    h2 { "{title}" }
                    if !note.is_empty() {
                        span { class: "panel-note", "{note}" }
                    }
                    div { class: "panel-tools", {tools} }
                }
            }
            div { class: "panel-body", {children} }
        }
    }
}
