//! The portfolio at the latest prices heard, in one line beside the figures of closes, with which it is never mixed.

use apex_domain::Currency;
use apex_wire::quotes::LivePortfolio;
use dioxus::prelude::*;

use super::Menu;
use crate::{
    browser,
    desk::{sentence, use_desk},
    reading::{Reading, Tone},
};

/// The line, where any holding of the view has a live price.
#[component]
pub(crate) fn LiveLine() -> Element {
    let desk = use_desk();
    let live = (desk.live)().filter(|(view, _)| Some(*view) == desk.view());
    let (Some((_, live)), Some(portfolio)) = (live, desk.portfolio_summary()) else {
        return rsx! {};
    };
    let currency = portfolio.currency;
    let profit = Reading::gain(&live.profit, currency);
    let fraction = Reading::rate(&live.profit_fraction);
    let nav = Reading::money(&live.nav, currency);
    let old: Vec<String> = live
        .rows
        .iter()
        .filter_map(|row| Some(format!("{} {}", row.symbol, row.stale.as_ref()?)))
        .collect();
    rsx! {
        div { class: "live-line", "data-testid": "live-line", role: "status",
            if live.rows.len() > old.len() {
                span { class: "live-mark", "data-testid": "live-mark", "● live" }
            } else {
                span { class: "warning strong", "data-testid": "live-mark", title: "No price is as new as it should be", "● stale" }
            }
            for (at, words) in live.notes.iter().enumerate() {
                span { key: "note-{at}", class: "faint clip", title: "{words}", {sentence(words)} }
            }
            span { class: "faint", "NAV" }
            span { class: "numeric strong", "data-testid": "live-nav", title: nav.hint.clone(), "{nav.text}" }
            span { class: "faint", "{currency}" }
            span { class: "faint", "against the last closes" }
            span { class: "numeric strong {profit.tone.class()}", "data-testid": "live-profit", title: profit.hint.clone(), "{profit.text}" }
            span { class: "numeric {fraction.tone.class()}", title: fraction.hint.clone(), "{fraction.text}" }
            div { class: "toolbar-space" }
            for (at, words) in live.limits.iter().enumerate() {
                span { key: "{at}", class: "warning clip", title: "{words}", {format!("! {}", sentence(words))} }
            }
            if let Some(first) = old.first() {
                span { class: "warning clip", "data-testid": "live-old", title: old.join(", "),
                    if old.len() > 1 { {format!("{} old prices, ", old.len())} }
                    "{first}"
                }
            }
            Menu {
                name: "live-holdings",
                from_right: true,
                keeps_open: true,
                title: "The holdings with a live price",
                label: rsx! { {format!("{} of {} holdings", live.live, live.holdings)} span { class: "caret", "▾" } },
                LiveTable { live: live.as_ref().clone(), currency }
            }
            span { class: "faint numeric", title: apex_format::instant(live.now).to_string(), {browser::local_time(live.now)} }
        }
    }
}

#[component]
fn LiveTable(live: LivePortfolio, currency: Currency) -> Element {
    rsx! {
        table { class: "table", "data-testid": "live-holdings",
            thead {
                tr {
                    th { "Symbol" }
                    th { class: "numeric", "Price" }
                    th { "" }
                    th { class: "numeric", "Change" span { class: "unit", "%" } }
                    th { class: "numeric", "Gain" span { class: "unit", "{currency}" } }
                    th { class: "numeric", "Value" span { class: "unit", "{currency}" } }
                }
            }
            tbody {
                for row in live.rows {
                    tr { key: "{row.symbol}", class: if row.stale.is_some() { "old" },
                        td { class: "strong", "{row.symbol}" }
                        td { class: "numeric", {Reading::price_text(row.price).to_string()} }
                        td { class: "faint", title: row.stale.clone(),
                            "{row.currency}"
                            if let Some(stale) = row.stale.clone() { span { class: "warning", " {stale}" } }
                        }
                        {cell(&Reading::rate_number(&row.change_fraction))}
                        {cell(&Reading::gain(&row.profit, currency))}
                        {cell(&Reading::money(&row.value, currency).toned(Tone::Plain))}
                    }
                }
            }
        }
    }
}

fn cell(reading: &Reading) -> Element {
    rsx! {
        td { class: "numeric {reading.tone.class()}", title: reading.hint.clone(), "{reading.text}" }
    }
}
