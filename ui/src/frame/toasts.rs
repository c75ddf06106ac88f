//! Short messages at the lower right, which go away by themselves.

use dioxus::prelude::*;

use crate::desk::use_desk;

/// The messages.
#[component]
pub(super) fn Toasts() -> Element {
    let mut desk = use_desk();
    let toasts = (desk.toasts)();
    rsx! {
        div { class: "toasts", role: "status", "aria-live": "polite", "data-testid": "toasts",
            for toast in toasts {
                button {
                    key: "{toast.id}",
                    class: if toast.failed { "toast failed" } else { "toast" },
                    r#type: "button",
                    title: "Dismiss",
                    onclick: move |_| desk.toasts.write().retain(|other| other.id != toast.id),
                    "{toast.text}"
                }
            }
        }
    }
}
