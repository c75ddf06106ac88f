//! The Transactions page: search the ledger, add, reverse, import.

mod add;
mod import;
mod reverse;

use apex_wire::{
    View,
    transactions::{GetTransactions, TransactionRow},
};
use dioxus::prelude::*;

pub(crate) use self::{add::AddTransactionDialog, import::ImportDialog, reverse::ReverseDialog};
use crate::{
    answers::use_answer,
    browser,
    components::{
        Button, ButtonKind, Check, Column, EmptyState, FailedState, Grid, Line, LineKind, Lines, LoadingState,
        WindowAsk,
    },
    desk::{Inspected, Overlay, Page, use_desk},
    frame::inspector::transaction::kind_words,
    reading::{Reading, Tone, rows_words},
};

/// Returns what the page asks for first.
pub(crate) fn first_ask(view: View) -> GetTransactions {
    GetTransactions {
        view,
        search: String::new(),
        with_reversed: false,
        offset: WindowAsk::FIRST.offset,
        limit: WindowAsk::FIRST.limit,
    }
}

/// The page.
#[component]
pub(crate) fn TransactionsPage() -> Element {
    let mut desk = use_desk();
    let mut search = use_signal(|| desk.subject_of(Page::Transactions).unwrap_or_default());
    let mut with_reversed = use_signal(|| false);
    let mut window = use_signal(|| WindowAsk::FIRST);
    use_effect(move || {
        if let Some(symbol) = desk.take_subject(Page::Transactions) {
            search.set(symbol);
        }
    });
    let answer = use_answer(move || {
        let window = window();
        Some(GetTransactions {
            view: desk.view()?,
            search: search().trim().to_owned(),
            with_reversed: with_reversed(),
            offset: window.offset,
            limit: window.limit,
        })
    });
    let found = answer.get();
    let lines = use_memo(move || {
        answer.get().map_or_else(Lines::default, |found| {
            Lines::new(found.offset, found.rows.len(), move |at| line_of(&found.rows[at]))
        })
    });
    let row_at = move |row: usize| -> Option<TransactionRow> {
        let found = answer.latest.peek().clone()?;
        found.rows.get(row.checked_sub(found.offset)?).cloned()
    };
    let reset = format!(
        "{:?}{:?}{}",
        desk.view().map(|view| view.portfolio),
        search(),
        with_reversed()
    );
    let count = found.as_ref().map(|found| rows_words(found.total_rows));
    rsx! {
        div { class: "page-body", "data-testid": "page-transactions",
            div { class: "toolbar",
                input {
                    class: "input filter",
                    "data-filter": "true",
                    "data-testid": "transactions-search",
                    r#type: "text",
                    autocomplete: "off",
                    spellcheck: "false",
                    placeholder: "Search  /",
                    value: search(),
                    oninput: move |event| search.set(event.value()),
                    onkeydown: move |event| {
                        if event.key() == Key::Enter || event.key() == Key::ArrowDown {
                            event.prevent_default();
                            browser::focus("[data-grid]");
                        }
                    },
                }
                Check {
                    name: "with-reversed",
                    label: "with reversed rows",
                    checked: with_reversed(),
                    onchange: move |checked| with_reversed.set(checked),
                }
                div { class: "toolbar-space" }
                span { class: "faint", "data-testid": "transactions-count", {count.unwrap_or_default()} }
                Button {
                    testid: "transactions-import",
                    onclick: move |_| desk.overlay.set(Some(Overlay::Import)),
                    "Import…"
                }
                Button {
                    testid: "transactions-add",
                    kind: ButtonKind::Primary,
                    onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                    "Add…"
                }
            }
            div { class: "grid-box",
                if let Some(failure) = (answer.failure)() {
                    FailedState { testid: "transactions-failed", failure }
                } else if let Some(found) = found {
                    Grid {
                        name: "transactions",
                        columns: columns(),
                        total: found.total_rows,
                        lines: lines(),
                        reset,
                        autofocus: true,
                        stale: !(answer.current)(),
                        onwindow: move |ask| window.set(ask),
                        onfocusrow: move |row| {
                            if let Some(row) = row_at(row) {
                                desk.follow(Inspected::Transaction(Box::new(row)));
                            }
                        },
                        onopen: move |row| {
                            if let Some(row) = row_at(row) {
                                desk.inspect(Inspected::Transaction(Box::new(row)));
                            }
                        },
                        if search.read().trim().is_empty() {
                            EmptyState {
                                testid: "transactions-empty",
                                title: "No transaction yet",
                                next: "Type the first one, or import a file from your broker",
                                Button {
                                    testid: "empty-add",
                                    kind: ButtonKind::Primary,
                                    onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                                    "Add…"
                                }
                                Button { testid: "empty-import", onclick: move |_| desk.overlay.set(Some(Overlay::Import)), "Import…" }
                            }
                        } else {
                            EmptyState {
                                testid: "transactions-none",
                                title: "No transaction matches",
                                Button { testid: "search-clear", onclick: move |_| search.set(String::new()), "Clear the search" }
                            }
                        }
                    }
                } else {
                    LoadingState {}
                }
            }
        }
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::words("date", "Date", 84).unsorted(),
        Column::words("kind", "Kind", 112).unsorted(),
        Column::words("symbol", "Symbol", 112).unsorted(),
        Column::figures("quantity", "Quantity", 96).unsorted(),
        Column::figures("price", "Price", 84).unsorted(),
        Column::words("currency", "Ccy", 44).unsorted(),
        Column::figures("cash", "Cash", 120).unsorted(),
        Column::figures("fees", "Fees", 76).unsorted(),
        Column::figures("taxes", "Taxes", 76).unsorted(),
        Column::words("account", "Account", 112).unsorted(),
        Column::words("settle", "Settles", 84).unsorted(),
        Column::words("note", "Note", 120).growing().unsorted(),
    ]
}

fn line_of(row: &TransactionRow) -> Line {
    let quiet = row.reversed || row.reverses.is_some();
    let small = |amount: apex_domain::Decimal| {
        if amount.is_zero() {
            Reading::none()
        } else {
            Reading::decimal_money(amount, row.currency)
        }
    };
    let note = match (&row.reverses, row.note.is_empty()) {
        (Some(_), true) => "reversal".to_owned(),
        _ => row.note.clone(),
    };
    Line {
        testid: match &row.symbol {
            Some(symbol) => format!("row-{symbol}"),
            None => format!("row-{}", row.kind),
        },
        kind: if quiet { LineKind::Struck } else { LineKind::Plain },
        cells: vec![
            Reading::text(row.date.to_string()),
            Reading::text(kind_words(row.kind)),
            Reading::text(row.symbol.clone().unwrap_or_default()),
            quantity(row),
            if row.price.is_zero() {
                Reading::none()
            } else {
                Reading::text(Reading::price_text(row.price).to_string())
            },
            Reading::faint(row.currency.to_string()),
            small(row.cash),
            small(row.fees),
            small(row.taxes),
            Reading::faint(row.account.as_str()),
            Reading::text(row.settle.to_string()).toned(Tone::Faint),
            Reading::faint(note.as_str()).hinted(row.source.as_str()),
        ],
    }
}

/// Returns the quantity of a row: money in the digits of its currency, the ratio of a split, and nothing where the kind
/// has none, as a mark.
fn quantity(row: &TransactionRow) -> Reading {
    if let Some(ratio) = row.ratio.filter(|_| row.quantity.is_zero()) {
        Reading::text(ratio.to_string())
    } else if row.quantity.is_zero() {
        Reading::none()
    } else if row.symbol.is_none() {
        Reading::decimal_money(row.quantity, row.currency)
    } else {
        Reading::quantity(row.quantity)
    }
}
