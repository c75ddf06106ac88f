//! The prices of an instrument: the entry of a new one, and what is stored.

use apex_wire::setup::{EnterPrice, GetPrices, InstrumentRow};
use dioxus::prelude::*;

use super::{
    form::use_saving,
    stored::{StoredValues, VALUES_MAX},
};
use crate::{
    answers::use_answer,
    browser,
    components::{Button, ButtonKind, Field, Panel},
    desk::{set_if_there, use_desk},
};

/// Entry, chart and table.
#[component]
pub(super) fn PricesPanel(row: InstrumentRow) -> Element {
    let desk = use_desk();
    let instrument = row.id;
    let symbol = row.draft.symbol.clone();
    let currency = row.draft.currency.clone();
    let mut date = use_signal(|| desk.day_text());
    let mut price = use_signal(String::new);
    let saving = use_saving();
    let answer = use_answer(move || {
        Some(GetPrices {
            instrument,
            limit: VALUES_MAX,
        })
    });
    let asked = symbol.clone();
    let enter = move || {
        let ask = EnterPrice {
            symbol: asked.clone(),
            date: date(),
            price: price(),
        };
        let words = format!("{} {} on {}", asked, price.peek().trim(), date.peek().trim());
        saving.write(ask, move |()| {
            desk.say(format!("{words} is entered"));
            set_if_there(price, String::new());
            browser::focus("[data-testid='field-price']");
        });
    };
    let label = if row.draft.kind == "bond" {
        "Price, per 100 of face".to_owned()
    } else {
        format!("Price, {currency}")
    };
    rsx! {
        Panel { testid: "panel-price-entry", title: "Enter a price", note: symbol.clone(), class: "form-panel short",
            form {
                class: "entry-form",
                onsubmit: move |event| {
                    event.prevent_default();
                    enter();
                },
                Field {
                    name: "price-date",
                    label: "Day",
                    value: date(),
                    placeholder: "YYYY-MM-DD",
                    error: saving.refusal("date"),
                    oninput: move |text| date.set(text),
                }
                Field {
                    name: "price",
                    label,
                    value: price(),
                    numeric: true,
                    error: saving.refusal("price"),
                    oninput: move |text| price.set(text),
                }
                Button { testid: "price-enter", kind: ButtonKind::Primary, submit: true, onclick: move |_| {}, "Enter" }
            }
            if let Some(words) = saving.homeless(&["date", "price"]) {
                p { class: "field-error", role: "alert", "data-testid": "price-failed", "{words}" }
            }
        }
        StoredValues {
            name: "prices",
            subject: symbol,
            note: currency,
            heading: "Close",
            none_yet: "No price yet",
            answer,
        }
    }
}
