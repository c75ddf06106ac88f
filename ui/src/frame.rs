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

use apex_wire::{View, overview::GetOverview, session::SwitchBook};
use dioxus::{core::spawn_forever, prelude::*};

use crate::{
    answers, browser,
    desk::{Desk, Overlay, use_desk},
    first_run, invoke, live,
    pages::{self, markets, scenarios, transactions, what_if},
};

/// The open workstation.
#[component]
pub(crate) fn Frame() -> Element {
    let desk = use_desk();
    use_prefetch(desk);
    live::use_live(desk);
    // When an overlay closes, the list behind it takes the keys again.
    use_effect(move || {
        if (desk.overlay)().is_none() {
            browser::after_paint(|| {
                if browser::active().is_none_or(|element| element.tag_name() == "BODY") {
                    browser::focus("[data-grid]");
                }
            });
        }
    });
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
            Some(Overlay::Scenario(entry)) => rsx! { scenarios::build::ScenarioDialog { entry: *entry } },
            Some(Overlay::KeepProposal) => rsx! { what_if::proposals::KeepProposalDialog {} },
            Some(Overlay::Reverse(rows)) => rsx! { transactions::ReverseDialog { rows } },
            Some(Overlay::WatchSymbol { watchlist }) => rsx! { markets::watch::WatchSymbolDialog { watchlist } },
            Some(Overlay::NewWatchlist) => rsx! { markets::watch::NewWatchlistDialog {} },
            Some(Overlay::NewAlert { symbol }) => rsx! { markets::NewAlertDialog { symbol } },
            Some(Overlay::Import) => rsx! { transactions::ImportDialog {} },
            None => rsx! {},
        }
        first_run::RecoveryKey {}
        toasts::Toasts {}
    }
}

/// How long the window rests before answers are fetched ahead.
const REST_MS: u32 = 700;

/// Asks ahead, when the window rests, for what is likely to be opened next: the other portfolios and the next pages.
fn use_prefetch(desk: Desk) {
    use_effect(move || {
        let (Some(view), version) = (desk.view(), (desk.version)()) else {
            return;
        };
        spawn(async move {
            gloo_timers::future::TimeoutFuture::new(REST_MS).await;
            let moved_on = *desk.version.peek() != version || *desk.portfolio.peek() != Some(view.portfolio);
            if moved_on || *desk.pending.peek() > 0 {
                return;
            }
            let others = desk.book().map(|book| book.portfolios).unwrap_or_default();
            answers::prefetch(desk, &GetOverview { view }).await;
            answers::prefetch(desk, &pages::holdings::first_ask(desk, view)).await;
            answers::prefetch(desk, &transactions::first_ask(view)).await;
            for portfolio in others.into_iter().filter(|portfolio| portfolio.id != view.portfolio) {
                answers::prefetch(
                    desk,
                    &GetOverview {
                        view: View {
                            portfolio: portfolio.id,
                            ..view
                        },
                    },
                )
                .await;
            }
        });
    });
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
