//! One row at a time: cells into values, with the reason where that fails. Shared by all kinds of files.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Currency, Decimal, TransactionKind};
use apex_wire::import::RejectedLine;
use jiff::Timestamp;
use jiff::civil::Date;
use rayon::prelude::*;

use super::columns::{Layout, Place};
use super::dates::DateFormat;
use super::directory::{Directory, Unknown};
use super::source::{SourceText, is_blank};
use super::{ImportError, Watch, number};
use crate::read;

/// Rows between two looks at the cancel flag.
const ROWS_PER_STEP: u64 = 20_000;

/// Everything that reading rows depends on.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) source: &'a SourceText,
    pub(crate) layout: &'a Layout,
    pub(crate) directory: &'a Directory,
    pub(crate) kinds: &'a BTreeMap<String, TransactionKind>,
    pub(crate) decimal: u8,
    pub(crate) date: DateFormat,
    /// The last day a date may name.
    pub(crate) latest: Date,
    pub(crate) now: Timestamp,
    pub(crate) seed: &'a [u8; 32],
}

/// Why a row cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bad {
    /// Canonical column at fault.
    pub(crate) column: &'static str,
    pub(crate) value: String,
    pub(crate) reason: String,
}

impl Bad {
    pub(crate) fn new(column: &'static str, value: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            column,
            value: value.into(),
            reason: reason.into(),
        }
    }

    pub(crate) fn cell(column: &'static str, value: &[u8], reason: impl Into<String>) -> Self {
        Self::new(column, text(value), reason)
    }

    pub(crate) fn at(self, line: u64, layout: &Layout) -> RejectedLine {
        let column = layout.heading(self.column).to_owned();
        RejectedLine {
            line,
            column,
            value: self.value,
            reason: self.reason,
        }
    }
}

/// What a piece of a file gave, in the order of its lines.
#[derive(Debug)]
pub(crate) struct Outcome<T> {
    pub(crate) rows: usize,
    pub(crate) found: Vec<T>,
    pub(crate) rejected: Vec<RejectedLine>,
    pub(crate) unknown: BTreeSet<Unknown>,
}

impl<T> Default for Outcome<T> {
    fn default() -> Self {
        Self {
            rows: 0,
            found: Vec::new(),
            rejected: Vec::new(),
            unknown: BTreeSet::new(),
        }
    }
}

impl<T> Outcome<T> {
    fn append(&mut self, other: Self) {
        self.rows += other.rows;
        self.rejected.extend(other.rejected);
        self.unknown.extend(other.unknown);
        if self.found.is_empty() {
            self.found = other.found;
        } else {
            self.found.extend(other.found);
        }
    }
}

/// Reads all rows, pieces of the file side by side, the result in the order of the lines.
///
/// `start` makes what one piece remembers between its rows, `read` reads one row into what was found.
pub(crate) fn read_all<T: Send, M>(
    reading: Reading<'_>,
    watch: &Watch<'_>,
    start: impl Fn() -> M + Sync,
    read: impl Fn(&mut M, u64, &csv::ByteRecord, &mut Outcome<T>) -> Result<(), Bad> + Sync,
) -> Result<Outcome<T>, ImportError> {
    let pieces = reading.source.pieces(rayon::current_num_threads() * 8);
    let total = reading.source.rows().len() as u64;
    let done = std::sync::atomic::AtomicU64::new(0);
    let outcomes: Vec<Outcome<T>> = pieces
        .par_iter()
        .map(|(first_line, piece)| {
            let mut outcome = Outcome::default();
            let mut memory = start();
            let mut reader = reading.source.reader(piece);
            let mut record = csv::ByteRecord::new();
            let mut told = 0_u64;
            loop {
                match reader.read_byte_record(&mut record) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(err) => {
                        return Err(ImportError::Read {
                            reason: err.to_string(),
                        });
                    }
                }
                if is_blank(&record) {
                    continue;
                }
                let line = reading.source.line(*first_line, &record);
                outcome.rows += 1;
                if let Err(bad) = read(&mut memory, line, &record, &mut outcome) {
                    outcome.rejected.push(bad.at(line, reading.layout));
                }
                if (outcome.rows as u64).is_multiple_of(ROWS_PER_STEP) {
                    let at = reader.position().byte();
                    let before = done.fetch_add(at - told, std::sync::atomic::Ordering::Relaxed);
                    watch.step("reading lines", before + at - told, Some(total))?;
                    told = at;
                }
            }
            Ok(outcome)
        })
        .collect::<Result<_, _>>()?;
    watch.step("reading lines", total, Some(total))?;
    let mut all = Outcome::default();
    outcomes.into_iter().for_each(|one| all.append(one));
    Ok(all)
}

impl Reading<'_> {
    /// Reads a number that may be absent.
    pub(crate) fn number(
        &self,
        place: Place<'_>,
        column: &'static str,
        record: &csv::ByteRecord,
    ) -> Result<Option<Decimal>, Bad> {
        let cell = place.of(record);
        if is_absent(cell) {
            return Ok(None);
        }
        let value = number::parse(cell, self.decimal).ok_or_else(|| {
            let mark = if self.decimal == b',' { "a comma" } else { "a point" };
            Bad::cell(
                column,
                cell,
                format!("this is not a number with {mark} as decimal mark"),
            )
        })?;
        Ok(Some(value))
    }

    /// Reads a date that must be there.
    pub(crate) fn date(&self, place: Place<'_>, column: &'static str, record: &csv::ByteRecord) -> Result<Date, Bad> {
        let cell = place.of(record);
        self.optional_date(place, column, record)?
            .ok_or_else(|| Bad::cell(column, cell, "the row has no date"))
    }

    /// Reads a date that may be absent.
    pub(crate) fn optional_date(
        &self,
        place: Place<'_>,
        column: &'static str,
        record: &csv::ByteRecord,
    ) -> Result<Option<Date>, Bad> {
        let cell = place.of(record);
        if is_absent(cell) {
            return Ok(None);
        }
        self.day(column, cell).map(Some)
    }

    /// Reads the cell of a date.
    pub(crate) fn day(&self, column: &'static str, cell: &[u8]) -> Result<Date, Bad> {
        // ISO dates are never mistaken for anything else, so they are read beside the file's own way.
        let date = self.date.parse(cell).or_else(|| DateFormat::YearFirst.parse(cell));
        let date = date.ok_or_else(|| {
            Bad::cell(
                column,
                cell,
                format!("this is not a date written {}", self.date.pattern()),
            )
        })?;
        if read::is_plausible(date, self.latest) {
            Ok(date)
        } else {
            Err(Bad::cell(column, cell, read::implausible(self.latest)))
        }
    }

    /// Reads a currency that may be absent.
    pub(crate) fn currency(
        &self,
        place: Place<'_>,
        column: &'static str,
        record: &csv::ByteRecord,
    ) -> Result<Option<Currency>, Bad> {
        let cell = place.of(record);
        if is_absent(cell) {
            return Ok(None);
        }
        let parsed = std::str::from_utf8(cell)
            .ok()
            .and_then(|text| Currency::parse(text).ok())
            .filter(Currency::is_listed);
        parsed
            .map(Some)
            .ok_or_else(|| Bad::cell(column, cell, "this is not a currency code of ISO 4217, such as EUR"))
    }
}

/// Returns ten bytes that belong to a line of an import, the random part of an id.
pub(crate) fn random(seed: &[u8; 32], line: u64) -> [u8; 10] {
    let mut hasher = blake3::Hasher::new_keyed(seed);
    hasher.update(&line.to_le_bytes());
    *hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes")
}

/// Tells whether a cell says that there is no value.
pub(crate) fn is_absent(cell: &[u8]) -> bool {
    match cell {
        b"" | b"-" | b"--" => true,
        cell if cell.len() <= 4 => [&b"nan"[..], b"null", b"none", b"n/a", b"na", b"#n/a"]
            .iter()
            .any(|word| cell.eq_ignore_ascii_case(word)),
        _ => false,
    }
}

pub(crate) fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).into_owned()
}
