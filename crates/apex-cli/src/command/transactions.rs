//! `apex transactions`: the ledger, newest first; adding to it and taking back.

use apex_domain::{Currency, Ratio, TransactionId, TransactionKind};
use apex_format::{money, quantity};
use apex_wire::transactions::{
    AddTransaction, Effect, GetTransactions, ReverseTransactions, TransactionDraft, TransactionRow,
};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::Done;
use crate::arguments::{TransactionArguments, Transactions, TransactionsAct};
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table};

/// Rows asked for at a time.
const WINDOW: usize = 500;

/// `apex transactions --json`.
#[derive(Serialize)]
struct Ledger {
    rows: Vec<Line>,
    total: usize,
}

/// The canonical columns of the import, and what the book knows beside them.
#[derive(Serialize)]
struct Line {
    id: TransactionId,
    portfolio: String,
    account: String,
    date: Date,
    settle: Date,
    seq: u32,
    kind: TransactionKind,
    symbol: Option<String>,
    quantity: Decimal,
    price: Decimal,
    ratio: Option<Ratio>,
    currency: Currency,
    fees: Decimal,
    taxes: Decimal,
    fx_rate: Option<Decimal>,
    external_id: Option<String>,
    note: String,
    cash: Decimal,
    source: String,
    known_at: Timestamp,
    reversed: bool,
    reverses: Option<TransactionId>,
}

impl Line {
    fn new(row: TransactionRow, portfolio: &str) -> Self {
        Self {
            id: row.id,
            portfolio: portfolio.to_owned(),
            account: row.account,
            date: row.date,
            settle: row.settle,
            seq: row.seq,
            kind: row.kind,
            symbol: row.symbol,
            quantity: row.quantity,
            price: row.price,
            ratio: row.ratio,
            currency: row.currency,
            fees: row.fees,
            taxes: row.taxes,
            fx_rate: row.fx_rate,
            external_id: row.external_id,
            note: row.note,
            cash: row.cash,
            source: row.source,
            known_at: row.known_at,
            reversed: row.reversed,
            reverses: row.reverses,
        }
    }
}

/// What adding or reversing does, as JSON.
#[derive(Serialize)]
struct Changed {
    sentence: String,
    ids: Vec<TransactionId>,
    nav_before: Option<Decimal>,
    nav_after: Option<Decimal>,
    quantity_before: Option<Decimal>,
    quantity_after: Option<Decimal>,
}

impl From<Effect> for Changed {
    fn from(effect: Effect) -> Self {
        Self {
            sentence: effect.sentence,
            ids: effect.ids,
            nav_before: effect.nav_before.known().copied(),
            nav_after: effect.nav_after.known().copied(),
            quantity_before: effect.quantity.map(|(before, _)| before),
            quantity_after: effect.quantity.map(|(_, after)| after),
        }
    }
}

/// Lists the ledger, adds to it, or takes transactions back.
pub(super) async fn transactions(desk: &Desk, ask: Transactions) -> anyhow::Result<Done> {
    desk.open().await?;
    let view = desk.view()?;
    let effect = match ask.act {
        None => return list(desk, &ask),
        Some(TransactionsAct::Add(typed)) => {
            let preview = typed.dry_run;
            let ask = AddTransaction {
                view,
                draft: draft(*typed),
                preview,
            };
            (
                desk.app.add_transaction(ask, &desk.moment()).await.map_err(refused)?,
                preview,
            )
        }
        Some(TransactionsAct::Reverse { ids, dry_run }) => {
            let ask = ReverseTransactions {
                view,
                ids,
                preview: dry_run,
            };
            (
                desk.app
                    .reverse_transactions(ask, &desk.moment())
                    .await
                    .map_err(refused)?,
                dry_run,
            )
        }
    };
    let (effect, preview) = effect;
    if desk.common.json {
        output::json(&Changed::from(effect))?;
    } else {
        let ids = effect.ids.iter().map(|id| format!("{id}\n")).collect::<String>();
        let note = if preview { "nothing was changed\n" } else { "" };
        output::text(&format!("{}\n{ids}{note}", effect.sentence))?;
    }
    Ok(Done::Well)
}

fn list(desk: &Desk, ask: &Transactions) -> anyhow::Result<Done> {
    let view = desk.view()?;
    let wanted = ask.limit.unwrap_or(usize::MAX);
    let mut rows: Vec<TransactionRow> = Vec::new();
    let total = loop {
        let window = GetTransactions {
            view,
            search: ask.search.clone(),
            with_reversed: ask.all,
            offset: rows.len(),
            limit: WINDOW.min(wanted - rows.len()),
        };
        let window = desk.app.get_transactions(window).map_err(refused)?;
        let ended = window.rows.is_empty();
        rows.extend(window.rows);
        if ended || rows.len() >= wanted || rows.len() >= window.total_rows {
            break window.total_rows;
        }
    };
    let name = desk.app.fold(view)?.portfolio().name.clone();
    if desk.common.json {
        output::json(&Ledger {
            rows: rows.into_iter().map(|row| Line::new(row, &name)).collect(),
            total,
        })?;
        return Ok(Done::Well);
    }
    let mut table = Table::new(&[
        ("Date", Set::Words),
        ("Kind", Set::Words),
        ("Symbol", Set::Words),
        ("Quantity", Set::Numbers),
        ("Price", Set::Numbers),
        ("Cash", Set::Numbers),
        ("Currency", Set::Words),
        ("Account", Set::Words),
        ("Settles", Set::Words),
        ("Id", Set::Words),
        ("", Set::Words),
    ]);
    let shown = rows.len();
    for row in rows {
        let mark = match (row.reversed, row.reverses) {
            (true, _) => "reversed",
            (_, Some(_)) => "reversal",
            _ => "",
        };
        table.row([
            row.date.to_string(),
            row.kind.to_string(),
            row.symbol.unwrap_or_default(),
            match row.ratio {
                Some(ratio) => ratio.to_string(),
                None => unless_zero(row.quantity, quantity(row.quantity)),
            },
            unless_zero(row.price, quantity(row.price)),
            unless_zero(row.cash, money(row.cash, row.currency.code())),
            row.currency.to_string(),
            row.account,
            row.settle.to_string(),
            row.id.to_string(),
            mark.to_owned(),
        ]);
    }
    if shown < total {
        table.note(format!("{shown} of {total} transactions"));
    }
    output::text(&format!("{name}\n\n{}", table.layout()))?;
    Ok(Done::Well)
}

/// Returns a number as it is printed, and nothing for zero: a transaction has a zero where its kind has no such number.
fn unless_zero(value: Decimal, printed: impl ToString) -> String {
    if value.is_zero() {
        String::new()
    } else {
        printed.to_string()
    }
}

fn draft(typed: TransactionArguments) -> TransactionDraft {
    TransactionDraft {
        account: typed.account,
        date: typed.date,
        settle: typed.settle,
        kind: typed.kind,
        symbol: typed.symbol,
        quantity: typed.quantity,
        price: typed.price,
        currency: typed.currency,
        fees: typed.fees,
        taxes: typed.taxes,
        fx_rate: typed.fx_rate,
        note: typed.note,
        ratio: typed.ratio,
        other_symbol: typed.other_symbol,
        basis_fraction: typed.basis_fraction,
        lot: typed.lot,
    }
}
