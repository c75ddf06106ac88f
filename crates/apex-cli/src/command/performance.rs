//! `apex performance`: returns, values and flows of a period.

use apex_app::performance_report::PerformanceReport;
use apex_format::{money, percent};

use super::Done;
use crate::arguments::Performance;
use crate::desk::{Desk, refused};
use crate::output::{self, Set, Table};

/// Prints the performance of a period.
pub(super) async fn performance(desk: &Desk, ask: Performance) -> anyhow::Result<Done> {
    desk.open().await?;
    let report = desk.app.performance_report(desk.view()?, ask.from).map_err(refused)?;
    if desk.common.json {
        output::json(&report)?;
    } else {
        output::text(&text(&report))?;
    }
    Ok(Done::Well)
}

fn text(report: &PerformanceReport) -> String {
    let base = report.currency.code();
    let mut table = Table::new(&[("Figure", Set::Words), ("", Set::Numbers)]);
    let mut row = |name: &str, value: String| table.row([name.to_owned(), value]);
    row("Time-weighted return", percent(report.twr, 4).to_string());
    if report.twr_annual.is_some() {
        row("  a year", percent(report.twr_annual, 4).to_string());
    }
    row("Money-weighted return a year", percent(report.mwr, 4).to_string());
    row("Gain", money(report.gain, base).to_string());
    row("Net flows", money(report.net_flows, base).to_string());
    let value = |at: Option<&(jiff::civil::Date, Option<rust_decimal::Decimal>)>| {
        money(at.and_then(|(_, value)| *value), base).to_string()
    };
    row("Value on the first day", value(report.nav.first()));
    row("Value on the last day", value(report.nav.last()));
    for (field, because) in &report.unavailable {
        table.note(format!("{}: {because}", field.replace('_', " ")));
    }
    for root in &report.mwr_roots {
        table.note(format!("money-weighted rate: {}", percent(*root, 4)));
    }
    let period = format!("{} to {}, {base}", report.from, report.to);
    format!("{}, {period}\n\n{}", report.portfolio, table.layout())
}
