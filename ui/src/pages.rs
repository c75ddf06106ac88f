//! The pages, one module each. They fetch and arrange; components draw what they are given.

mod attribution;
mod backtests;
mod cash;
mod check;
mod data;
mod gallery;
pub(crate) mod holdings;
pub(crate) mod markets;
pub(crate) mod optimizer;
mod overview;
mod performance;
mod risk;
pub(crate) mod scenarios;
mod setup;
pub(crate) mod transactions;
pub(crate) mod what_if;

use dioxus::prelude::*;

use crate::{
    components::{Button, ButtonKind, EmptyState},
    desk::{Overlay, Page, use_desk},
};

/// The open page.
#[component]
pub(crate) fn Outlet() -> Element {
    let mut desk = use_desk();
    let page = (desk.page)();
    let alone = matches!(
        page,
        Page::Markets | Page::Data | Page::Setup | Page::Check | Page::Gallery
    );
    if (desk.portfolio)().is_none() && !alone {
        return rsx! {
            div { class: "page-body", "data-testid": "page-{page.name()}",
                EmptyState {
                    testid: "no-portfolio",
                    title: "This book has no portfolio yet",
                    next: "Make one in Setup, or import a file of transactions, which can create what it names",
                    Button { testid: "empty-setup", kind: ButtonKind::Primary, onclick: move |_| desk.go(Page::Setup), "Open Setup" }
                    Button { testid: "empty-import", onclick: move |_| desk.overlay.set(Some(Overlay::Import)), "Import a file…" }
                }
            }
        };
    }
    match page {
        Page::Overview => rsx! { overview::OverviewPage {} },
        Page::Holdings => rsx! { holdings::HoldingsPage {} },
        Page::WhatIf => rsx! { what_if::WhatIfPage {} },
        Page::Transactions => rsx! { transactions::TransactionsPage {} },
        Page::Performance => rsx! { performance::PerformancePage {} },
        Page::Attribution => rsx! { attribution::AttributionPage {} },
        Page::Risk => rsx! { risk::RiskPage {} },
        Page::Scenarios => rsx! { scenarios::ScenariosPage {} },
        Page::Optimizer => rsx! { optimizer::OptimizerPage {} },
        Page::Backtests => rsx! { backtests::BacktestsPage {} },
        Page::Cash => rsx! { cash::CashPage {} },
        Page::Markets => rsx! { markets::MarketsPage {} },
        Page::Data => rsx! { data::DataPage {} },
        Page::Setup => rsx! { setup::SetupPage {} },
        Page::Check => rsx! { check::CheckPage {} },
        Page::Gallery => rsx! { gallery::GalleryPage {} },
    }
}
