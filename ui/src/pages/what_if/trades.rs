//! The edits as trades: what each would cost and when it settles, and a line to add one.

use apex_domain::Currency;
use apex_wire::{
    transactions::SuggestSymbols,
    what_if::{EditBy, EditOutcome, WhatIf, WhatIfEdit},
};
use dioxus::prelude::*;

use super::draft::{self, Draft};
use crate::{
    answers::{Answer, use_answer},
    components::{Button, ButtonKind, Choice, Field, FigureCell, Panel, Select},
    desk::{sentence, use_desk},
    reading::Reading,
};

/// A trade while it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) symbol: String,
    sells: bool,
    by: EditBy,
    size: String,
}

impl Pending {
    /// Begins a trade in an instrument.
    pub(super) fn of(symbol: impl Into<String>) -> Self {
        Self {
            symbol: symbol.into(),
            sells: false,
            by: EditBy::Quantity,
            size: String::new(),
        }
    }

    /// Returns the edit, once there is enough to try it.
    pub(super) fn edit(&self) -> Option<WhatIfEdit> {
        let (symbol, size) = (self.symbol.trim(), self.size.trim());
        if symbol.is_empty() || size.is_empty() {
            return None;
        }
        let sign = if self.sells { "-" } else { "" };
        Some(WhatIfEdit {
            symbol: symbol.to_owned(),
            by: self.by,
            size: format!("{sign}{size}"),
        })
    }
}

/// The trades, and the line that adds one.
#[component]
pub(super) fn TradesPanel(draft: Draft, pending: Signal<Pending>, answer: Answer<WhatIf>) -> Element {
    let desk = use_desk();
    let mut pending = pending;
    let current = (answer.current)();
    let Some(read) = answer.get() else {
        return rsx! {};
    };
    let base = read.currency;
    let lines: Vec<(usize, WhatIfEdit, Option<EditOutcome>)> = draft
        .edits
        .iter()
        .enumerate()
        .map(|(at, edit)| (at, edit.clone(), read.edits.get(at).cloned()))
        .collect();
    // The answer to an earlier question may be about other lines.
    let tried = read.edits.get(draft.edits.len()).filter(|_| current).cloned();
    let typed = pending.read().edit();
    let suggestions = use_answer(move || {
        let text = pending.read().symbol.trim().to_owned();
        (!text.is_empty()).then_some(SuggestSymbols { text, limit: 8 })
    });
    let choices = suggestions.get().map(|found| {
        let choice =
            |one: &apex_wire::transactions::SymbolSuggestion| Choice::new(one.symbol.as_str(), one.name.as_str());
        found.iter().map(choice).collect::<Vec<_>>()
    });
    let add = move |_| {
        let Some(edit) = pending.peek().edit() else { return };
        draft::edit(desk, |draft| draft.edits.push(edit));
        pending.set(Pending::of(""));
    };
    let sums = format!(
        "buys {}, sells {}, fees {} {base}",
        Reading::money(&read.bought, base).text,
        Reading::money(&read.sold, base).text,
        Reading::money(&read.fees, base).text
    );
    rsx! {
        Panel {
            testid: "panel-what-if-trades",
            title: "Trades",
            note: if lines.is_empty() && typed.is_none() { "none yet, and none is ever ordered".to_owned() } else { sums },
            class: "area-trades table-panel",
            stale: !current,
            div { class: "trade-list",
                table { class: "table", "data-testid": "what-if-trades",
                    if !lines.is_empty() {
                        thead {
                            tr {
                                th { "Symbol" }
                                th { "What" }
                                th { class: "numeric", "Trade" }
                                th { class: "numeric", "Price" }
                                th { class: "numeric", "Value" span { class: "unit", "{base}" } }
                                th { class: "numeric", "Fee" }
                                th { "Settles" }
                                th { class: "remove" }
                            }
                        }
                    }
                    tbody {
                        for (at, edit, outcome) in lines {
                            {trade_line(desk, at, edit, outcome, base)}
                        }
                    }
                }
            }
            form {
                class: "trade-form",
                onsubmit: move |event| event.prevent_default(),
                div { class: "field-wide",
                    Field {
                        name: "trade-symbol",
                        label: "Add a trade",
                        placeholder: "Symbol",
                        value: pending.read().symbol.clone(),
                        suggestions: choices.unwrap_or_default(),
                        oninput: move |text| pending.write().symbol = text,
                    }
                }
                Select {
                    name: "trade-side",
                    label: "Side",
                    value: if pending.read().sells { "sell" } else { "buy" },
                    choices: vec![Choice::new("buy", "buy"), Choice::new("sell", "sell")],
                    onchange: move |text: String| pending.write().sells = text == "sell",
                }
                Field {
                    name: "trade-size",
                    label: "Size",
                    numeric: true,
                    value: pending.read().size.clone(),
                    oninput: move |text| pending.write().size = text,
                }
                Select {
                    name: "trade-by",
                    label: "In",
                    value: if pending.read().by == EditBy::Amount { "amount" } else { "units" },
                    choices: vec![Choice::new("units", "units"), Choice::new("amount", base.to_string())],
                    onchange: move |text: String| {
                        pending.write().by = if text == "amount" { EditBy::Amount } else { EditBy::Quantity };
                    },
                }
                Button {
                    testid: "trade-add",
                    submit: true,
                    disabled: typed.is_none() || tried.as_ref().is_some_and(|tried| tried.refused.is_some()),
                    onclick: add,
                    "Add"
                }
                {said(tried, base)}
            }
        }
    }
}

/// What the trade that is being typed would cost, or why it cannot be made.
fn said(tried: Option<EditOutcome>, base: Currency) -> Element {
    let (class, words) = match tried {
        Some(EditOutcome {
            refused: Some(refused), ..
        }) => ("trade-said loss", sentence(&refused.sentence)),
        Some(EditOutcome { trade: Some(trade), .. }) => {
            let quantity = Reading::quantity(trade.quantity).text;
            let price = Reading::price(&apex_wire::Amount::Known(trade.price)).text;
            let value = Reading::money(&trade.value, base).text;
            let (currency, short) = (trade.currency, if trade.opens_short { ", opens a short" } else { "" });
            (
                "trade-said faint",
                format!("{quantity} at {price} {currency}, {value} {base}{short}"),
            )
        }
        _ => ("trade-said faint", String::new()),
    };
    let hint = words.clone();
    rsx! { span { class, title: hint, "data-testid": "trade-said", "{words}" } }
}

fn trade_line(
    desk: crate::desk::Desk,
    at: usize,
    edit: WhatIfEdit,
    outcome: Option<EditOutcome>,
    base: Currency,
) -> Element {
    let what = match edit.by {
        EditBy::Quantity => format!("{} units", edit.size),
        EditBy::Amount => format!("{} {base}", edit.size),
        EditBy::TargetQuantity => format!("to {} units", edit.size),
        EditBy::TargetWeight => format!("to {}", edit.size),
    };
    let refused = outcome.as_ref().and_then(|outcome| outcome.refused.clone());
    let trade = outcome.and_then(|outcome| outcome.trade);
    let opens_short = trade.as_ref().is_some_and(|trade| trade.opens_short);
    rsx! {
        tr { key: "{at}", "data-testid": "trade-{at}",
            td { class: "strong", "{edit.symbol}" }
            td { "{what}"
                if opens_short { span { class: "warning", " opens a short" } }
            }
            if let Some(refused) = refused {
                td { class: "loss", colspan: "5", "data-testid": "trade-refused-{at}", {sentence(&refused.sentence)} }
            } else if let Some(trade) = trade {
                FigureCell { name: "trade-quantity-{at}", reading: Reading::quantity(trade.quantity) }
                FigureCell {
                    name: "trade-price-{at}",
                    reading: Reading::price(&apex_wire::Amount::Known(trade.price))
                        .hinted(format!("{} of {}, at a rate of {}", trade.currency, trade.price_date, trade.rate)),
                }
                FigureCell { name: "trade-value-{at}", reading: Reading::money(&trade.value, base) }
                FigureCell { name: "trade-fee-{at}", reading: Reading::money(&trade.fee, base) }
                td { title: trade.accounts.join(", "), {apex_format::date(trade.settle).to_string()} }
            } else {
                td { class: "faint", colspan: "5", "nothing to trade" }
            }
            td { class: "remove",
                Button {
                    testid: "trade-remove-{at}",
                    kind: ButtonKind::Quiet,
                    title: "Take this edit back",
                    onclick: move |_| {
                        draft::edit(desk, |draft| {
                            if at < draft.edits.len() {
                                draft.edits.remove(at);
                            }
                        });
                    },
                    "✕"
                }
            }
        }
    }
}
