//! A dialog over the page. Escape closes it; the keyboard stays inside.

use dioxus::prelude::*;

use crate::desk::use_desk;

/// A dialog with a title, content and its buttons.
#[component]
pub(crate) fn Dialog(
    /// Test id is `dialog-<name>`.
    name: String,
    title: String,
    /// `narrow`, `wide` or `full`.
    #[props(default = "narrow")]
    width: &'static str,
    children: Element,
    #[props(default)] actions: Option<Element>,
) -> Element {
    let mut desk = use_desk();
    rsx! {
        div { class: "scrim", onclick: move |_| desk.overlay.set(None),
            div {
                class: "dialog {width}",
                role: "dialog",
                "aria-modal": "true",
                "aria-label": "{title}",
                "data-testid": "dialog-{name}",
                tabindex: "-1",
                onclick: move |event| event.stop_propagation(),
                header { class: "dialog-head",
                    h2 { "{title}" }
                    button {
                        class: "button quiet icon",
                        r#type: "button",
                        title: "Close (Esc)",
                        "aria-label": "Close",
                        "data-testid": "dialog-close",
                        onclick: move |_| desk.overlay.set(None),
                        "✕"
                    }
                }
                div { class: "dialog-body", {children} }
                if let Some(actions) = actions {
                    footer { class: "dialog-foot", {actions} }
                }
            }
        }
    }
}
