//! What a list or panel shows when it has nothing to show, and what to do next.

use apex_wire::{Code, Failure};
use dioxus::prelude::*;

use crate::desk::sentence;

/// There is nothing, and this is how to change that.
#[component]
pub(crate) fn EmptyState(testid: String, title: String, #[props(default)] next: String, children: Element) -> Element {
    rsx! {
        div { class: "state", "data-testid": testid,
            p { class: "state-title", "{title}" }
            if !next.is_empty() {
                p { class: "state-next", "{next}" }
            }
            div { class: "state-actions", {children} }
        }
    }
}

/// The answer is on its way. Keeps its frame; its words appear only when it takes long enough to wonder.
#[component]
pub(crate) fn LoadingState(#[props(default)] what: String) -> Element {
    rsx! {
        div { class: "state loading", "aria-busy": "true",
            span { class: "loading-bar" }
            if !what.is_empty() {
                p { class: "state-next", "{what}" }
            }
        }
    }
}

/// The question failed: why, and what to do.
#[component]
pub(crate) fn FailedState(testid: String, failure: Failure, children: Element) -> Element {
    let title = match failure.code {
        Code::NotFound => "Not found",
        Code::Damaged => "Damaged",
        Code::Newer => "Made by a newer version",
        Code::Unavailable => "Not available",
        Code::Internal => "A defect of the program",
        _ => "This did not work",
    };
    rsx! {
        div { class: "state failed", role: "alert", "data-testid": testid,
            p { class: "state-title", "{title}" }
            p { class: "state-next", {sentence(&failure.sentence)} }
            div { class: "state-actions", {children} }
        }
    }
}
