//! The lots and gains of one holding, open ones first.

use apex_wire::{
    explain::FigureName,
    holdings::{GetLots, LotRow},
};
use dioxus::prelude::*;

use super::explanation::use_reactive;
use crate::{
    answers::use_answer,
    components::{EmptyState, FailedState, LoadingState, Tabs},
    desk::{HoldingSubject, Inspected, Overlay, Page, use_desk},
    reading::Reading,
};

/// The longest figure that has room beside another one.
const PAIR_MAX: usize = 13;

/// One holding.
#[component]
pub(super) fn HoldingInspected(subject: HoldingSubject) -> Element {
    let mut desk = use_desk();
    let about = use_reactive(subject.clone());
    let mut shown = use_signal(|| "open".to_owned());
    let answer = use_answer(move || {
        let about = about();
        let instrument = Some(about.instrument?);
        Some(GetLots {
            view: desk.view()?,
            instrument,
            account: Some(about.account),
        })
    });
    let Some(instrument) = subject.instrument else {
        return rsx! {
            h3 { class: "explained-title", "Cash in {subject.symbol}" }
            p { class: "faint", "{subject.account_name}" }
            button { class: "link", r#type: "button", onclick: move |_| desk.go(Page::Cash), "Cash by settlement date" }
        };
    };
    let account = subject.account;
    let symbol = subject.symbol.clone();
    let traded = subject.symbol.clone();
    let edited = subject.symbol.clone();
    let explained = [
        (
            "market-value",
            "Market value",
            FigureName::MarketValue { instrument, account },
        ),
        ("cost", "Cost", FigureName::Cost { instrument, account }),
        (
            "unrealized",
            "Unrealized",
            FigureName::Unrealized { instrument, account },
        ),
        ("weight", "Weight", FigureName::Weight { instrument, account }),
    ];
    rsx! {
        div { class: "holding", "data-testid": "inspected-holding",
            h3 { class: "explained-title",
                span { "data-testid": "inspected-symbol", "{subject.symbol}" }
                " "
                span { class: "faint", "{subject.name}" }
            }
            p { class: "faint", "{subject.account_name}" }
            div { class: "chips",
                for (name, words, figure) in explained {
                    button {
                        key: "{name}",
                        class: "chip",
                        r#type: "button",
                        "data-testid": "explain-{name}",
                        onclick: move |_| desk.drill(Inspected::Figure(figure.clone())),
                        "{words}"
                    }
                }
                button {
                    class: "chip",
                    r#type: "button",
                    "data-testid": "holding-transactions",
                    onclick: move |_| desk.go_to(Page::Transactions, symbol.clone()),
                    "Transactions"
                }
                button {
                    class: "chip",
                    r#type: "button",
                    "data-testid": "holding-trade",
                    onclick: move |_| {
                        desk.overlay.set(Some(Overlay::AddTransaction { symbol: traded.clone() }));
                    },
                    "Trade…"
                }
                button {
                    class: "chip",
                    r#type: "button",
                    "data-testid": "holding-what-if",
                    onclick: move |_| desk.go_to(Page::WhatIf, edited.clone()),
                    "What if…"
                }
            }
            if let Some(failure) = (answer.failure)() {
                FailedState { testid: "lots-failed", failure }
            } else if let Some(lots) = answer.get() {
                Tabs {
                    name: "lots",
                    tabs: vec![
                        ("open".to_owned(), format!("Open lots {}", lots.rows.iter().filter(|lot| lot.closed.is_none()).count())),
                        ("closed".to_owned(), format!("Closed {}", lots.rows.iter().filter(|lot| lot.closed.is_some()).count())),
                    ],
                    selected: shown(),
                    onselect: move |tab| shown.set(tab),
                }
                div { class: "lots", "data-stale": if !(answer.current)() { "true" },
                    for (at, lot) in lots.rows.iter().filter(|lot| lot.closed.is_some() == (shown() == "closed")).cloned().enumerate().take(200) {
                        Lot { key: "{at}", lot, currency: lots.currency.to_string() }
                    }
                    if !lots.rows.iter().any(|lot| lot.closed.is_some() == (shown() == "closed")) {
                        EmptyState {
                            testid: "lots-empty",
                            title: if shown() == "closed" { "No lot was closed yet" } else { "No lot is open" },
                        }
                    }
                }
            } else {
                LoadingState {}
            }
        }
    }
}

#[component]
fn Lot(lot: LotRow, currency: String) -> Element {
    let Ok(code) = apex_domain::Currency::parse(&currency) else {
        return rsx! {};
    };
    let worth = if lot.closed.is_some() { "Proceeds" } else { "Value" };
    let lines = [
        ("Cost", Reading::money(&lot.cost, code)),
        (worth, Reading::money(&lot.proceeds, code)),
        ("Gain", Reading::gain(&lot.gain, code)),
        ("price", Reading::gain(&lot.gain_price, code)),
        ("currency", Reading::gain(&lot.gain_fx, code)),
        ("cross", Reading::gain(&lot.gain_cross, code)),
    ];
    // Two pairs stand on a line where they have room.
    let long = lines.iter().any(|(_, reading)| reading.text.len() > PAIR_MAX);
    rsx! {
        div { class: "lot", "data-testid": "lot",
            div { class: "lot-head",
                span { class: "numeric", {apex_format::date(lot.opened).to_string()} }
                if let Some(closed) = lot.closed {
                    span { class: "faint", "to" }
                    span { class: "numeric", {apex_format::date(closed).to_string()} }
                }
                span { class: "numeric strong lot-quantity", {apex_format::quantity(lot.quantity).to_string()} }
            }
            dl { class: if long { "lot-figures long" } else { "lot-figures" },
                for (at, (words, reading)) in lines.into_iter().enumerate() {
                    dt { class: if at > 2 { "part" }, "{words}" }
                    dd { class: "numeric {reading.tone.class()}", title: reading.hint, "{reading.text}" }
                }
            }
        }
    }
}
