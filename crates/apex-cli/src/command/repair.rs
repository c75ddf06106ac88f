//! `apex data repair`.

use std::path::Path;

use anyhow::{Context, bail};
use apex_app::repair::{self, Interval, RepairAsk, RepairEntry, RepairReport};

use super::Done;
use crate::arguments::{BarInterval, Common, RepairArguments};
use crate::desk;
use crate::output::{self, Set, Table};

/// The days of a list for a person; a program gets all.
const DAYS: usize = 10;

/// Repairs a file; it needs no book.
pub(super) fn repair(ask: &RepairArguments, common: &Common) -> anyhow::Result<Done> {
    if is_same(&ask.file, &ask.out) {
        bail!("--out is the file itself, {}; choose another", ask.out.display());
    }
    let (name, bytes) = desk::file(&ask.file)?;
    let settings = RepairAsk {
        currency: ask.currency.clone(),
        interval: ask.interval.map(interval),
        calendar: ask.calendar.clone(),
    };
    let repaired = repair::repair(&name, &bytes, &settings)?;
    let packed = repair::packed(&ask.out.to_string_lossy(), &repaired.text)?;
    std::fs::write(&ask.out, packed).with_context(|| format!("cannot write {}", ask.out.display()))?;
    if common.json {
        output::json(&repaired.report)?;
    } else {
        output::text(&text(&repaired.report, &ask.out))?;
    }
    Ok(Done::Well)
}

fn is_same(file: &Path, out: &Path) -> bool {
    match (file.canonicalize(), out.canonicalize()) {
        (Ok(file), Ok(out)) => file == out,
        _ => false,
    }
}

fn interval(interval: BarInterval) -> Interval {
    match interval {
        BarInterval::Day => Interval::Day,
        BarInterval::Week => Interval::Week,
        BarInterval::Hour => Interval::Hour,
        BarInterval::QuarterHour => Interval::QuarterHour,
    }
}

fn text(report: &RepairReport, out: &Path) -> String {
    let mut text = format!(
        "{}: {} bars of {}, {} touched; written to {}\n",
        report.file,
        report.bars,
        report.interval.name(),
        report.touched,
        out.display()
    );
    for (title, entries) in [
        ("Repaired", &report.repairs),
        ("Left for you to decide", &report.waiting),
    ] {
        if !entries.is_empty() {
            text.push_str(&format!("\n{title}\n{}", table(entries)));
        }
    }
    if report.repairs.is_empty() && report.waiting.is_empty() {
        text.push_str("Nothing is wrong that can be told from the file.\n");
    }
    if let Some(calendar) = &report.calendar {
        let coverage = &calendar.coverage;
        text.push_str(&format!("\nSessions of {} ({})\n", calendar.mic, calendar.zone));
        for (title, days) in [
            ("without a bar", &coverage.missing),
            ("bars outside of them", &coverage.outside),
        ] {
            let shown: Vec<String> = days.iter().take(DAYS).map(ToString::to_string).collect();
            let more = if days.len() > DAYS { ", ..." } else { "" };
            let list = if days.is_empty() {
                String::new()
            } else {
                format!(": {}{more}", shown.join(", "))
            };
            text.push_str(&format!("{} {title}{list}\n", days.len()));
        }
        if coverage.unknown > 0 {
            text.push_str(&format!(
                "{} bars on days the calendar does not know\n",
                coverage.unknown
            ));
        }
    }
    text
}

fn table(entries: &[RepairEntry]) -> String {
    let mut table = Table::new(&[
        ("Fault", Set::Words),
        ("From", Set::Words),
        ("To", Set::Words),
        ("Bars", Set::Numbers),
        ("Sure", Set::Numbers),
        ("Change", Set::Words),
        ("Reason", Set::Words),
    ]);
    for entry in entries {
        table.row([
            entry.title.to_owned(),
            entry.from.clone(),
            entry.to.clone(),
            entry.bars.to_string(),
            format!("{:.3}", entry.confidence),
            change(entry),
            entry.reason.clone(),
        ]);
    }
    table.layout()
}

/// The first cell that changes, and what a stretch is multiplied by.
fn change(entry: &RepairEntry) -> String {
    let missing = || "missing".to_owned();
    let cell = entry.changes.first().map(|change| {
        let before = change.before.clone().unwrap_or_else(missing);
        let after = change.after.clone().unwrap_or_else(missing);
        format!("{before} to {after}")
    });
    let factor = entry.factor.map(|factor| format!("times {factor:.6}"));
    let parts: Vec<String> = cell.into_iter().chain(factor).collect();
    parts.join(", ")
}
