//! `apex attribution`: why a portfolio did better or worse than its benchmark.

mod book;

use std::path::Path;

use apex_app::attribution::{self, AttributionAsk, AttributionReport, CurrencyReport, FactorReport, SegmentReport};
use apex_format::percent;

pub(super) use book::of_book;

use super::Done;
use crate::arguments::Common;
use crate::desk;
use crate::output::{self, Set, Table};

/// Prints the effects of every period and of all of them, from a file of weights and returns.
pub(super) fn of_file(file: &Path, common: &Common) -> anyhow::Result<Done> {
    let (name, bytes) = desk::file(file)?;
    let report = attribution::attribution(&AttributionAsk::from_json(&name, &bytes)?)?;
    if common.json {
        output::json(&report)?;
    } else {
        output::text(&text(&report))?;
    }
    Ok(Done::Well)
}

fn text(report: &AttributionReport) -> String {
    let parts = [
        report.segments.as_ref().map(segments_text),
        report.currency.as_ref().map(currency_text),
        report.factor.as_ref().map(factor_text),
    ];
    parts.into_iter().flatten().collect::<Vec<String>>().join("\n")
}

fn share(value: f64) -> String {
    percent(value, 4).to_string()
}

/// Returns a table of parts with their totals: one row a name, one column a part, and a last row of sums.
fn parts_table(of: &'static str, names: &[String], parts: &[(&'static str, &[f64])]) -> String {
    let mut headings = vec![(of, Set::Words)];
    headings.extend(parts.iter().map(|(name, _)| (*name, Set::Numbers)));
    headings.push(("Total", Set::Numbers));
    let mut table = Table::new(&headings);
    for (at, name) in names.iter().enumerate() {
        let values: Vec<f64> = parts
            .iter()
            .map(|(_, part)| part.get(at).copied().unwrap_or(0.0))
            .collect();
        let total = values.iter().sum();
        let cells = values.into_iter().chain([total]).map(share);
        table.row(std::iter::once(name.clone()).chain(cells));
    }
    let sums: Vec<f64> = parts.iter().map(|(_, part)| part.iter().sum()).collect();
    let total = sums.iter().sum();
    let cells = sums.into_iter().chain([total]).map(share);
    table.row(std::iter::once("Total".to_owned()).chain(cells));
    table.layout()
}

fn segments_text(report: &SegmentReport) -> String {
    let mut periods = Table::new(&[
        ("Period", Set::Words),
        ("Portfolio", Set::Numbers),
        ("Benchmark", Set::Numbers),
        ("Active", Set::Numbers),
    ]);
    for (at, period) in report.periods.iter().enumerate() {
        periods.row([
            (at + 1).to_string(),
            share(period.RP),
            share(period.RB),
            share(period.active),
        ]);
    }
    periods.row([
        "All".to_owned(),
        share(report.RP),
        share(report.RB),
        share(report.active),
    ]);
    let effects = &report.carino;
    let parts: [(&str, &[f64]); 3] = [
        ("Allocation", &effects.allocation),
        ("Selection", &effects.selection),
        ("Interaction", &effects.interaction),
    ];
    let table = parts_table("Segment", &report.sectors, &parts);
    let mut text = format!("{}\nBrinson-Fachler, linked after Carino\n\n{table}", periods.layout());
    if let Some(split) = &report.geometric {
        text.push_str(&format!(
            "\ngeometric: {} by allocation, {} by selection, {} together\n",
            share(split.allocation),
            share(split.selection),
            share(split.active_return)
        ));
    }
    text
}

fn currency_text(report: &CurrencyReport) -> String {
    let mut text = String::new();
    for (at, period) in report.periods.iter().enumerate() {
        let parts: [(&str, &[f64]); 4] = [
            ("Allocation", &period.markets.allocation),
            ("Selection", &period.markets.selection),
            ("Interaction", &period.markets.interaction),
            ("Currency", &period.currency),
        ];
        text.push_str(&format!(
            "Markets and currencies, period {}: {} against {}\n\n{}\n",
            at + 1,
            share(period.portfolio_return),
            share(period.benchmark_return),
            parts_table("Market", &report.markets, &parts)
        ));
    }
    if let Some(linked) = report.carino.as_ref().filter(|_| report.periods.len() > 1) {
        let parts: [(&str, &[f64]); 4] = [
            ("Allocation", &linked.allocation),
            ("Selection", &linked.selection),
            ("Interaction", &linked.interaction),
            ("Currency", &linked.currency),
        ];
        let table = parts_table("Market", &report.markets, &parts);
        text.push_str(&format!("All periods, linked after Carino\n\n{table}"));
    }
    text
}

fn factor_text(report: &FactorReport) -> String {
    format!(
        "Factors, linked after Carino: {} active\n\n{}\n{}",
        share(report.active_return),
        parts_table("Factor", &report.factors, &[("Earned", &report.carino_factors)]),
        parts_table("Asset", &report.assets, &[("Specific", &report.carino_specific)])
    )
}
