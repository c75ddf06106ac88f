//! A file of prices in, the same file repaired and a list of what was wrong out: `apex data repair`.
//!
//! The JSON of the report is a contract: keys are added, never renamed. Prices are texts as they stand in the file, `null`
//! where they are missing.

use std::collections::BTreeSet;
use std::io::Write;

use apex_market_data::calendar::{self, Coverage};
use apex_market_data::repair::{self, Change, Kind, Proposal, Settings};
use apex_market_data::series::{Cell, Field, PriceFile, Series};
use jiff::civil::Date;
use serde::Serialize;

pub use apex_market_data::series::Interval;

use crate::error::{AppError, Result};
use crate::import::source::{is_parquet, unpack};

/// What is known about a file of prices besides its cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairAsk {
    /// The currency or sub-unit that prices are meant to be in; it says how many sub-units make a unit.
    pub currency: Option<String>,
    /// How long a bar is; worked out from the stamps where absent.
    pub interval: Option<Interval>,
    /// The market identifier code of the exchange whose sessions the bars are compared with.
    pub calendar: Option<String>,
}

/// The repaired file, and what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct RepairedFile {
    /// Comma-separated text with a column `Repaired?`.
    pub text: String,
    /// What was found.
    pub report: RepairReport,
}

/// `apex data repair --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepairReport {
    /// The file.
    pub file: String,
    /// How long a bar is.
    pub interval: Interval,
    /// How many bars there are.
    pub bars: usize,
    /// The day of the first bar; `null` where there is none.
    pub from: Option<Date>,
    /// The day of the last.
    pub to: Option<Date>,
    /// Bars of which a cell was changed.
    pub touched: usize,
    /// What was wrong and is repaired, in the order in which it was.
    pub repairs: Vec<RepairEntry>,
    /// What may be wrong and was left for a person.
    pub waiting: Vec<RepairEntry>,
    /// The bars against the sessions of the exchange; `null` where none was named, and for weeks.
    pub calendar: Option<CalendarReport>,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepairEntry {
    /// Its kind.
    pub kind: Kind,
    /// What a person calls the kind.
    #[serde(skip)]
    pub title: &'static str,
    /// The columns it touches.
    pub fields: Vec<Field>,
    /// How many bars it touches.
    pub bars: usize,
    /// The first of them: a date, or an instant where a day has several bars.
    pub from: String,
    /// The last.
    pub to: String,
    /// What cells of a whole stretch of adjusted closes are multiplied by; `null` where single cells change.
    pub factor: Option<f64>,
    /// Cell by cell, beside the stretch.
    pub changes: Vec<CellChange>,
    /// Why, in a sentence.
    pub reason: String,
    /// The share of likelihood that this explanation has among all that were weighed.
    pub confidence: f64,
}

/// One cell, before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellChange {
    /// The line of the file.
    pub line: Option<u64>,
    /// The bar.
    pub bar: String,
    /// The column.
    pub field: Field,
    /// What stands there.
    pub before: Option<String>,
    /// What should.
    pub after: Option<String>,
}

/// The bars against the sessions of an exchange.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalendarReport {
    /// The exchange.
    pub mic: String,
    /// Its time zone.
    pub zone: String,
    /// What the bars have and lack.
    #[serde(flatten)]
    pub coverage: Coverage,
}

/// Repairs a file of prices: `.csv`, `.csv.gz` or `.csv.bz2`.
///
/// # Errors
/// When a cell cannot be read, the file is no table of prices, or the exchange is not known; a sentence names file, line,
/// column and value.
pub fn repair(name: &str, bytes: &[u8], ask: &RepairAsk) -> Result<RepairedFile> {
    let invalid = |err: &dyn std::fmt::Display| AppError::invalid(err.to_string());
    let exchange = match &ask.calendar {
        Some(mic) => Some(calendar::exchange(mic).ok_or_else(|| unknown_exchange(mic))?),
        None => None,
    };
    let unpacked = unpack(name, bytes).map_err(|err| invalid(&err))?;
    if is_parquet(name, &unpacked) {
        return Err(AppError::invalid(format!(
            "{name} is a Parquet file; data repair reads comma-separated values"
        )));
    }
    let text = std::str::from_utf8(&unpacked)
        .map_err(|err| AppError::invalid(format!("{name} is not text in UTF-8 after byte {}", err.valid_up_to())))?;
    let (file, series) = PriceFile::read(name, text, ask.interval).map_err(|err| invalid(&err))?;
    let settings = Settings {
        currency: ask.currency.clone(),
    };
    let repaired = repair::repair(&series, &settings);
    let calendar = exchange
        .filter(|_| series.interval() != Interval::Week)
        .map(|exchange| {
            let dates: BTreeSet<Date> = series.stamps().iter().map(|stamp| stamp.date).collect();
            CalendarReport {
                mic: exchange.mic().to_owned(),
                zone: exchange.zone().to_owned(),
                coverage: exchange.compare(&dates),
            }
        });
    let entries = |proposals: &[Proposal]| proposals.iter().map(|one| entry(one, &file, &series)).collect();
    let report = RepairReport {
        file: name.to_owned(),
        interval: series.interval(),
        bars: series.len(),
        from: series.stamps().first().map(|stamp| stamp.date),
        to: series.stamps().last().map(|stamp| stamp.date),
        touched: repaired.touched.len(),
        repairs: entries(&repaired.applied),
        waiting: entries(&repaired.waiting),
        calendar,
    };
    let text = file
        .write(&repaired.series, &repaired.touched)
        .map_err(|err| AppError::Defect {
            sentence: err.to_string(),
        })?;
    Ok(RepairedFile { text, report })
}

/// Returns a text as the bytes of a file of that name: compressed where it ends in `.gz`.
///
/// # Errors
/// When compressing fails.
pub fn packed(name: &str, text: &str) -> Result<Vec<u8>> {
    if !name.to_ascii_lowercase().ends_with(".gz") {
        return Ok(text.as_bytes().to_vec());
    }
    let fault = |source| AppError::File {
        action: "compress",
        path: name.to_owned(),
        source,
    };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).map_err(fault)?;
    encoder.finish().map_err(fault)
}

fn unknown_exchange(mic: &str) -> AppError {
    let known: Vec<&str> = calendar::exchanges().iter().map(calendar::Exchange::mic).collect();
    AppError::invalid(format!("there is no calendar of {mic}; there are {}", known.join(", ")))
}

fn entry(proposal: &Proposal, file: &PriceFile, series: &Series) -> RepairEntry {
    let stamp = |row: usize| series.stamps().get(row).map(ToString::to_string).unwrap_or_default();
    let (first, last) = proposal.span().unwrap_or_default();
    let mut rows: BTreeSet<usize> = proposal.changes.iter().map(|change| change.row).collect();
    let mut fields: BTreeSet<Field> = proposal.changes.iter().map(|change| change.field).collect();
    if let Some(rescale) = &proposal.rescale {
        let numbers = (rescale.first..=rescale.last).filter(|row| series.number(*row, rescale.field).is_some());
        rows.extend(numbers);
        fields.insert(rescale.field);
    }
    let change = |change: &Change| CellChange {
        line: file.line(change.row),
        bar: stamp(change.row),
        field: change.field,
        before: text(&change.before),
        after: text(&change.after),
    };
    RepairEntry {
        kind: proposal.kind,
        title: proposal.kind.name(),
        fields: fields.into_iter().collect(),
        bars: rows.len(),
        from: stamp(first),
        to: stamp(last),
        factor: proposal.rescale.as_ref().map(|rescale| rescale.factor),
        changes: proposal.changes.iter().map(change).collect(),
        reason: proposal.reason.clone(),
        confidence: proposal.confidence,
    }
}

fn text(cell: &Cell) -> Option<String> {
    (!cell.is_missing()).then(|| cell.text().trim().to_owned())
}
