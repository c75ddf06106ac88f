//! The inspector beside the page: why this number, which lots, everything about this row.

mod explanation;
mod holding;
pub(crate) mod transaction;

pub(crate) use explanation::use_reactive;

use dioxus::prelude::*;

use crate::{
    components::EmptyState,
    desk::{Inspected, use_desk},
};

/// The panel at the right.
#[component]
pub(super) fn Inspector() -> Element {
    let mut desk = use_desk();
    let subject = desk.inspected.read().last().cloned();
    let deep = desk.inspected.read().len() > 1;
    let title = match &subject {
        Some(Inspected::Figure(_)) => "Explain",
        Some(Inspected::Holding(_)) => "Holding",
        Some(Inspected::Transaction(_)) => "Transaction",
        None => "Inspector",
    };
    rsx! {
        aside { class: "inspector", "data-testid": "inspector",
            header { class: "panel-head",
                if deep {
                    button {
                        class: "button quiet icon",
                        r#type: "button",
                        title: "Back (Esc)",
                        "aria-label": "Back",
                        "data-testid": "inspector-back",
                        onclick: move |_| {
                            desk.inspected.write().pop();
                        },
                        "‹"
                    }
                }
                h2 { "{title}" }
                div { class: "panel-tools",
                    button {
                        class: "button quiet icon",
                        r#type: "button",
                        title: "Close (Esc)",
                        "aria-label": "Close",
                        "data-testid": "inspector-close",
                        onclick: move |_| desk.inspector_open.set(false),
                        "✕"
                    }
                }
            }
            div { class: "inspector-body",
                match subject {
                    Some(Inspected::Figure(figure)) => rsx! { explanation::FigureExplained { figure } },
                    Some(Inspected::Holding(subject)) => rsx! { holding::HoldingInspected { subject } },
                    Some(Inspected::Transaction(row)) => rsx! { transaction::TransactionInspected { row: *row } },
                    None => rsx! {
                        EmptyState {
                            testid: "inspector-empty",
                            title: "Nothing is chosen",
                            next: "Click a figure to see where it comes from, or press Enter on a row",
                        }
                    },
                }
            }
        }
    }
}
