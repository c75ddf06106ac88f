//! `apex positions`, `apex lots` and `apex cash`.

use apex_app::report::{CashReport, LotsReport, PositionsReport};
use apex_format::{money, percent, quantity};
use rust_decimal::Decimal;

use super::Done;
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table};

/// Lists holdings and cash.
pub(super) async fn positions(desk: &Desk) -> anyhow::Result<Done> {
    desk.open().await?;
    let report = desk.app.positions_report(desk.view()?).map_err(refused)?;
    if desk.common.json {
        output::json(&report)?;
    } else {
        output::text(&positions_text(&report))?;
    }
    Ok(Done::Well)
}

fn positions_text(report: &PositionsReport) -> String {
    let base = report.currency.code();
    let mut table = Table::new(&[
        ("Symbol", Set::Words),
        ("Account", Set::Words),
        ("Quantity", Set::Numbers),
        ("Price", Set::Numbers),
        ("", Set::Words),
        ("Market value", Set::Numbers),
        ("Weight", Set::Numbers),
        ("Cost", Set::Numbers),
        ("Unrealized", Set::Numbers),
        ("Price", Set::Numbers),
        ("FX", Set::Numbers),
        ("Cross", Set::Numbers),
    ]);
    let amount = |amount: Option<Decimal>| money(amount, base).to_string();
    for row in &report.rows {
        // The units of cash are money.
        let code = row.currency.code();
        let units = if row.symbol == code {
            money(row.quantity, code)
        } else {
            quantity(row.quantity)
        };
        table.row([
            row.symbol.clone(),
            row.account.clone(),
            units.to_string(),
            quantity(row.price).to_string(),
            row.currency.to_string(),
            amount(row.market_value),
            percent(row.weight, 2).to_string(),
            amount(row.cost),
            amount(row.unrealized),
            amount(row.unrealized_price),
            amount(row.unrealized_fx),
            amount(row.unrealized_cross),
        ]);
        for reason in reasons(&row.unavailable, &SHOWN) {
            table.note(format!("{} in {}: {reason}", row.symbol, row.account));
        }
    }
    if let Some(because) = &report.nav_unavailable {
        table.note(format!("no net asset value: {because}"));
    }
    for sentence in &report.missing_splits {
        table.note(format!("! {sentence}: `apex data splits record`"));
    }
    let nav = apex_format::money_with_code(report.nav, base);
    format!(
        "{} on {}, net asset value {nav}\n\n{}",
        report.portfolio,
        report.as_of,
        table.layout()
    )
}

/// The fields of a position that the table shows.
const SHOWN: [&str; 8] = [
    "price",
    "market_value",
    "weight",
    "cost",
    "unrealized",
    "unrealized_price",
    "unrealized_fx",
    "unrealized_cross",
];

/// Returns the reasons for missing figures that are shown, each once.
fn reasons<'a>(unavailable: &'a std::collections::BTreeMap<String, String>, shown: &[&str]) -> Vec<&'a str> {
    let mut reasons: Vec<&str> = unavailable
        .iter()
        .filter(|(field, _)| shown.contains(&field.as_str()))
        .map(|(_, reason)| reason.as_str())
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

/// Lists lots, open and closed.
pub(super) async fn lots(desk: &Desk) -> anyhow::Result<Done> {
    desk.open().await?;
    let view = desk.view()?;
    let report = desk.app.lots_report(view).map_err(refused)?;
    if desk.common.json {
        output::json(&report)?;
    } else {
        let fold = desk.app.fold(view)?;
        let heading = format!(
            "{} on {}, amounts in {}",
            fold.portfolio().name,
            fold.as_of(),
            fold.currency()
        );
        output::text(&format!("{heading}\n\n{}", lots_text(&report, fold.currency().code())))?;
    }
    Ok(Done::Well)
}

fn lots_text(report: &LotsReport, base: &str) -> String {
    let mut table = Table::new(&[
        ("Symbol", Set::Words),
        ("Account", Set::Words),
        ("Opened", Set::Words),
        ("Closed", Set::Words),
        ("Quantity", Set::Numbers),
        ("Cost", Set::Numbers),
        ("Proceeds", Set::Numbers),
        ("Gain", Set::Numbers),
        ("Price", Set::Numbers),
        ("FX", Set::Numbers),
        ("Cross", Set::Numbers),
    ]);
    let amount = |amount: Option<Decimal>| money(amount, base).to_string();
    for row in &report.rows {
        table.row([
            row.symbol.clone(),
            row.account.clone(),
            row.opened.to_string(),
            row.closed.map_or_else(|| "open".to_owned(), |day| day.to_string()),
            quantity(row.quantity).to_string(),
            amount(row.cost),
            amount(row.proceeds),
            amount(row.gain),
            amount(row.gain_price),
            amount(row.gain_fx),
            amount(row.gain_cross),
        ]);
        let shown = ["cost", "proceeds", "gain", "gain_price", "gain_fx", "gain_cross"];
        for reason in reasons(&row.unavailable, &shown) {
            table.note(format!("{} in {}: {reason}", row.symbol, row.account));
        }
    }
    table.layout()
}

/// Lists cash by currency and settlement date.
pub(super) async fn cash(desk: &Desk) -> anyhow::Result<Done> {
    desk.open().await?;
    let view = desk.view()?;
    let report = desk.app.cash_report(view).map_err(refused)?;
    if desk.common.json {
        output::json(&report)?;
    } else {
        let fold = desk.app.fold(view)?;
        output::text(&format!(
            "{} on {}\n\n{}",
            fold.portfolio().name,
            fold.as_of(),
            cash_text(&report)
        ))?;
    }
    Ok(Done::Well)
}

fn cash_text(report: &CashReport) -> String {
    let mut table = Table::new(&[
        ("Currency", Set::Words),
        ("Settles", Set::Words),
        ("Amount", Set::Numbers),
    ]);
    for row in &report.rows {
        table.row([
            row.currency.to_string(),
            row.settle.to_string(),
            money(row.amount, row.currency.code()).to_string(),
        ]);
    }
    table.layout()
}
