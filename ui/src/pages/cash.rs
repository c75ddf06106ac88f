//! The Cash page: balances by account and currency, when what is pending settles, and what moved lately.

use std::rc::Rc;

use apex_domain::Currency;
use apex_wire::{
    cash::{Cash, CashBalance, CashMovement, GetCash},
    explain::FigureName,
};
use dioxus::prelude::*;

use crate::{
    answers::{Answer, use_answer},
    browser,
    components::{
        Button, ButtonKind, Column, EmptyState, FailedState, Figure, FigureCell, Grid, Line, LineKind, Lines,
        LoadingState, Menu, MenuItem, Panel,
    },
    desk::{Overlay, Page, use_desk},
    reading::Reading,
};

/// Movements that the engine gives at most; older ones stand on the Transactions page.
const MOVEMENTS_MAX: usize = 200;

/// The page.
#[component]
pub(crate) fn CashPage() -> Element {
    let mut desk = use_desk();
    let answer = use_answer(move || Some(GetCash { view: desk.view()? }));
    let body = match (answer.get(), (answer.failure)()) {
        (_, Some(failure)) => rsx! { FailedState { testid: "cash-failed", failure } },
        (None, None) => rsx! { LoadingState {} },
        (Some(found), None) if found.balances.is_empty() && found.movements.is_empty() => rsx! {
            EmptyState {
                testid: "cash-empty",
                title: "No cash has moved yet",
                next: "Begin with a deposit, or import a file of transactions",
                Button {
                    testid: "empty-add",
                    kind: ButtonKind::Primary,
                    onclick: move |_| desk.overlay.set(Some(Overlay::AddTransaction { symbol: String::new() })),
                    "Add a transaction…"
                }
                Button { testid: "empty-import", onclick: move |_| desk.overlay.set(Some(Overlay::Import)), "Import a file…" }
            }
        },
        (Some(_), None) => rsx! { CashBody { answer } },
    };
    rsx! {
        div { class: "page-body cash", "data-testid": "page-cash", {body} }
    }
}

#[component]
fn CashBody(answer: Answer<Cash>) -> Element {
    let desk = use_desk();
    let mut search = use_signal(String::new);
    let lines = use_memo(move || {
        let search = search.read().trim().to_lowercase();
        answer.get().map_or_else(Lines::default, |found| {
            let all = found.movements.iter().enumerate();
            let shown = all.filter(|(_, movement)| mentions(movement, &search));
            let shown: Vec<usize> = shown.map(|(at, _)| at).collect();
            Lines::new(0, shown.len(), move |at| line_of(&found.movements[shown[at]]))
        })
    });
    let stale = !(answer.current)();
    let Some(found) = answer.get() else { return rsx! {} };
    let code = found.currency.to_string();
    let pending = match (found.days.first(), found.days.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(first), _) => first.to_string(),
        _ => "nothing pending".to_owned(),
    };
    rsx! {
        div { class: "strip", "data-stale": if stale { "true" },
            Figure {
                name: "cash-total",
                label: "Cash",
                headline: true,
                reading: Reading::money(&found.total, found.currency),
                unit: code,
                note: "settled and pending, at the close of {found.as_of}",
                explain: FigureName::CashTotal,
            }
            Figure {
                name: "cash-balances",
                label: "Balances",
                reading: Reading::text(apex_format::count(found.balances.len() as u64).to_string()),
                note: "accounts and currencies",
            }
            Figure {
                name: "cash-settlement-days",
                label: "Settlement days ahead",
                reading: Reading::text(apex_format::count(found.days.len() as u64).to_string()),
                note: pending,
            }
        }
        LadderPanel { found: found.clone(), stale }
        div { class: "toolbar",
            h2 { class: "section-title", "Movements" }
            input {
                class: "input filter",
                "data-filter": "true",
                "data-testid": "cash-filter",
                r#type: "text",
                autocomplete: "off",
                spellcheck: "false",
                placeholder: "Filter  /",
                value: search(),
                oninput: move |event| search.set(event.value()),
                onkeydown: move |event| {
                    if event.key() == Key::Enter || event.key() == Key::ArrowDown {
                        event.prevent_default();
                        browser::focus("[data-grid]");
                    }
                },
            }
            div { class: "toolbar-space" }
            span { class: "faint", "data-testid": "cash-count", {count_words(lines.read().count(), found.movements.len())} }
            if found.movements.len() >= MOVEMENTS_MAX {
                button {
                    class: "link",
                    r#type: "button",
                    "data-testid": "cash-all",
                    title: "Older movements stand on the Transactions page",
                    onclick: move |_| desk.go_to(Page::Transactions, search.peek().trim()),
                    "Search all in Transactions"
                }
            }
        }
        div { class: "grid-box",
            Grid {
                name: "movements",
                columns: columns(),
                total: lines.read().count(),
                lines: lines(),
                reset: search(),
                stale,
                EmptyState { testid: "movements-none", title: if found.movements.len() >= MOVEMENTS_MAX { "None of the newest movements matches the filter" } else { "No movement matches the filter" } }
            }
        }
    }
}

/// Balances by account and currency, and what settles on which day.
#[component]
fn LadderPanel(found: Rc<Cash>, stale: bool) -> Element {
    let desk = use_desk();
    let accounts = desk
        .portfolio_summary()
        .map(|portfolio| portfolio.accounts)
        .unwrap_or_default();
    let csv = ladder_csv(&found);
    rsx! {
        Panel {
            testid: "panel-ladder",
            title: "By currency and settlement date",
            note: "amounts in each currency",
            class: "area-ladder table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "ladder",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem { testid: "ladder-csv", onclick: move |()| browser::save_text("cash.csv", &csv), "Save as CSV" }
                }
            },
            table { class: "table", "data-testid": "ladder",
                thead {
                    tr {
                        th { "Account" }
                        th { "Ccy" }
                        th { class: "numeric", "Settled" }
                        for day in found.days.iter() {
                            th { key: "{day}", class: "numeric", "{day}" }
                        }
                        th { class: "numeric", "Balance" }
                        th { class: "numeric", "Value" span { class: "unit", "{found.currency}" } }
                    }
                }
                tbody {
                    for balance in found.balances.iter() {
                        {
                            let account = accounts.iter().find(|account| account.name == balance.account).map(|account| account.id);
                            balance_row(balance, account, found.currency)
                        }
                    }
                }
            }
        }
    }
}

fn balance_row(balance: &CashBalance, account: Option<apex_domain::AccountId>, base: Currency) -> Element {
    let CashBalance {
        account: name,
        currency,
        settled,
        pending,
        balance: total,
        value,
    } = balance;
    let place = format!("{name}-{currency}");
    let explain = account.map(|account| FigureName::CashBalance {
        account,
        currency: *currency,
    });
    rsx! {
        tr { key: "{place}", "data-testid": "cash-{place}",
            td { class: "strong", "{name}" }
            td { "{currency}" }
            FigureCell { name: "settled-{place}", reading: Reading::decimal_money(*settled, *currency) }
            for (at, amount) in pending.iter().enumerate() {
                td { key: "{at}", class: "numeric",
                    if !amount.is_zero() {
                        {signed(*amount, *currency)}
                    }
                }
            }
            FigureCell {
                name: "balance-{place}",
                reading: Reading::decimal_money(*total, *currency),
                explain,
                strong: true,
            }
            FigureCell { name: "value-{place}", reading: Reading::money(value, base) }
        }
    }
}

fn signed(amount: apex_domain::Decimal, currency: Currency) -> Element {
    let reading = Reading::gain(&apex_wire::Amount::Known(amount), currency);
    rsx! {
        span { class: reading.tone.class(), "{reading.text}" }
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::words("date", "Date", 88).unsorted(),
        Column::words("settle", "Settles", 88).unsorted(),
        Column::words("account", "Account", 140).unsorted(),
        Column::words("what", "What", 200).growing().unsorted(),
        Column::figures("amount", "Amount", 140).unsorted(),
        Column::words("currency", "Ccy", 56).unsorted(),
    ]
}

fn line_of(movement: &CashMovement) -> Line {
    let CashMovement {
        date,
        settle,
        account,
        what,
        amount,
        currency,
    } = movement;
    let pending = if settle > date {
        Reading::text(settle.to_string())
    } else {
        Reading::faint(settle.to_string())
    };
    Line {
        testid: format!("movement-{date}"),
        kind: LineKind::Plain,
        cells: vec![
            Reading::text(date.to_string()),
            pending,
            Reading::text(account),
            Reading::text(crate::desk::sentence(what)),
            Reading::gain(&apex_wire::Amount::Known(*amount), *currency),
            Reading::faint(currency.to_string()),
        ],
    }
}

fn mentions(movement: &CashMovement, search: &str) -> bool {
    let text = format!(
        "{} {} {} {}",
        movement.date, movement.account, movement.what, movement.currency
    )
    .to_lowercase();
    search.split_whitespace().all(|word| text.contains(word))
}

/// Says how many movements are shown, and of which: what is listed may be only the newest of them.
fn count_words(shown: usize, listed: usize) -> String {
    let count = |count: usize| apex_format::count(count as u64);
    match (shown, listed) {
        (shown, listed) if listed < MOVEMENTS_MAX && shown == 1 => "1 movement".to_owned(),
        (shown, listed) if listed < MOVEMENTS_MAX => format!("{} movements", count(shown)),
        (shown, listed) if shown == listed => format!("the newest {} movements", count(listed)),
        (shown, listed) => format!("{} of the newest {} movements", count(shown), count(listed)),
    }
}

fn ladder_csv(found: &Cash) -> String {
    let mut csv = String::from("account,currency,settled");
    for day in &found.days {
        csv.push_str(&format!(",{day}"));
    }
    csv.push_str(&format!(
        ",balance,value_{}\n",
        found.currency.to_string().to_lowercase()
    ));
    for balance in &found.balances {
        csv.push_str(&format!(
            "\"{}\",{},{}",
            balance.account.replace('"', "\"\""),
            balance.currency,
            balance.settled
        ));
        for amount in &balance.pending {
            csv.push_str(&format!(",{amount}"));
        }
        let value = balance.value.known().map_or_else(String::new, ToString::to_string);
        csv.push_str(&format!(",{},{value}\n", balance.balance));
    }
    csv
}
