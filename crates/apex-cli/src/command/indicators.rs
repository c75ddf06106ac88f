//! `apex indicators`: a technical indicator of a table of prices.

use apex_app::indicators::{self, IndicatorReport, Source};
use apex_app::table;
use apex_format::counted;

use super::Done;
use crate::arguments::{Common, Indicators};
use crate::desk;
use crate::output::{self, Set, Table, or_unknown};

/// The rows of the table for a person; a program gets all.
const ROWS: usize = 20;

/// Prints an indicator of every day.
pub(super) fn indicators(ask: &Indicators, common: &Common) -> anyhow::Result<Done> {
    let (name, bytes) = desk::file(&ask.file)?;
    let (prices, source) = match &ask.column {
        Some(column) => (table::price_table(&name, &bytes)?, Source::Column(column.clone())),
        None => (table::bars(&name, &bytes, ask.ticker.as_deref())?, Source::Bars),
    };
    let report = indicators::indicator(&prices, &source, &ask.name, &ask.params)?;
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&text(&report))?;
    }
    Ok(Done::Well)
}

fn text(report: &IndicatorReport) -> String {
    let params: Vec<String> = report.params.iter().map(f64::to_string).collect();
    let title = match params.is_empty() {
        true => report.name.clone(),
        false => format!("{}({})", report.name, params.join(", ")),
    };
    let lists = report.values.lists();
    let mut rows = String::new();
    let start = report.dates.len().saturating_sub(ROWS);
    for (output, list) in report.outputs.iter().zip(&lists) {
        let heading = if lists.len() == 1 {
            String::new()
        } else {
            format!("\n{output}")
        };
        let mut table = Table::new(&[("Date", Set::Words), ("Value", Set::Numbers)]);
        for (date, value) in report.dates.iter().zip(*list).skip(start) {
            let value = value.map(|value| format!("{value:.6}"));
            table.row([date.to_string(), or_unknown(value)]);
        }
        rows.push_str(&format!("{heading}\n{}", table.layout()));
    }
    let first = match report.first_valid.and_then(|row| report.dates.get(row)) {
        Some(date) => format!("first value on {date}"),
        None => "too few rows for a value".to_owned(),
    };
    let mut about = vec![first, counted(report.dates.len() as u64, "row").to_string()];
    if start > 0 {
        about.push(format!("the last {ROWS} below, all of them with --json"));
    }
    if report.skipped > 0 {
        about.push(format!("{} without a price left out", report.skipped));
    }
    format!("{title}, {}\n{rows}", about.join(", "))
}
