//! Everything about a row of the ledger: what was typed or imported, from where, and when it became known.

use apex_wire::transactions::TransactionRow;
use dioxus::prelude::*;

use crate::{
    components::{Button, ButtonKind},
    desk::{Overlay, use_desk},
    reading::Reading,
};

/// One row of the ledger.
#[component]
pub(super) fn TransactionInspected(row: TransactionRow) -> Element {
    let mut desk = use_desk();
    // A kind without a quantity or a price, such as a mark, has no 0 of it either; a split has its ratio.
    let quantity = match &row.symbol {
        _ if row.quantity.is_zero() => row.ratio.map_or_else(String::new, |ratio| ratio.to_string()),
        Some(_) => apex_format::quantity(row.quantity).to_string(),
        None => apex_format::money(row.quantity, row.currency.code()).to_string(),
    };
    let price = if row.price.is_zero() {
        String::new()
    } else {
        Reading::price_text(row.price).to_string()
    };
    let pairs: Vec<(&str, String)> = [
        ("Trade date", row.date.to_string()),
        ("Settlement", row.settle.to_string()),
        ("Order of the day", row.seq.to_string()),
        ("Account", row.account.clone()),
        ("Symbol", row.symbol.clone().unwrap_or_default()),
        ("Quantity", quantity),
        ("Price", price),
        ("Fees", apex_format::money(row.fees, row.currency.code()).to_string()),
        ("Taxes", apex_format::money(row.taxes, row.currency.code()).to_string()),
        ("Cash", apex_format::money(row.cash, row.currency.code()).to_string()),
        ("Currency", row.currency.to_string()),
        (
            "FX rate",
            row.fx_rate.map(|rate| rate.normalize().to_string()).unwrap_or_default(),
        ),
        ("External id", row.external_id.clone().unwrap_or_default()),
        ("Note", row.note.clone()),
        ("Source", row.source.clone()),
        ("Known since", apex_format::instant(row.known_at).to_string()),
        ("Reverses", row.reverses.map(|id| id.to_string()).unwrap_or_default()),
        ("Id", row.id.to_string()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect();
    let reversible = !row.reversed && row.reverses.is_none();
    let kind = kind_words(row.kind);
    let reversed = row.clone();
    rsx! {
        div { "data-testid": "inspected-transaction",
            h3 { class: "explained-title", "{kind}" }
            if row.reversed {
                p { class: "warning", "Reversed by a later row" }
            }
            dl { class: "pairs",
                for (name, value) in pairs {
                    dt { "{name}" }
                    dd { class: "numeric", "{value}" }
                }
            }
            if reversible {
                Button {
                    testid: "transaction-reverse",
                    kind: ButtonKind::Danger,
                    onclick: move |_| desk.overlay.set(Some(Overlay::Reverse(vec![reversed.clone()]))),
                    "Reverse…"
                }
            }
        }
    }
}

/// Returns a kind as people read it.
pub(crate) fn kind_words(kind: apex_domain::TransactionKind) -> String {
    kind.to_string().replace('_', " ")
}
