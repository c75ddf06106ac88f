//! The frame around the pages: title bar, navigation, inspector, status bar, overlays.

pub(crate) mod as_of;
mod help;
pub(crate) mod inspector;
mod nav;
mod palette;
mod preferences;
mod status_bar;
mod title_bar;
mod toasts;

use apex_wire::session::SwitchBook;
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    desk::{Desk, Overlay, use_desk},
    first_run, invoke,
    pages::{self, transactions},
};

/// The open workstation.
#[component]
pub(crate) fn Frame() -> Element {
    let desk = use_desk();
    let overlay = (desk.overlay)();
    rsx! {
        div { class: "frame", "data-inspector": if (desk.inspector_open)() { "open" } else { "closed" },
            title_bar::TitleBar {}
            nav::Nav {}
            main { class: "page", pages::Outlet {} }
            if (desk.inspector_open)() {
                inspector::Inspector {}
            }
            status_bar::StatusBar {}
        }
        match overlay {
            Some(Overlay::Palette) => rsx! { palette::Palette {} },
            Some(Overlay::Help) => rsx! { help::Help {} },
            Some(Overlay::Preferences) => rsx! { preferences::PreferencesDialog {} },
            Some(Overlay::AddTransaction { symbol }) => rsx! { transactions::AddTransactionDialog { symbol } },
            Some(Overlay::Reverse(rows)) => rsx! { transactions::ReverseDialog { rows } },
            Some(Overlay::Import) => rsx! { transactions::ImportDialog {} },
            None => rsx! {},
        }
        first_run::RecoveryKey {}
        toasts::Toasts {}
    }
}

/// Opens the demo firm or the person's own book.
pub(crate) fn switch_book(desk: Desk, demo: bool) {
    spawn_forever(async move {
        match desk.timed(invoke::invoke(&SwitchBook { demo })).await {
            Ok(session) => desk.take_other_book(session),
            Err(failure) => desk.fail(&failure),
        }
    });
}
