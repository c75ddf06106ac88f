//! Edits in a file: a symbol and a size in each line. What a line means stands in its heading.

use apex_wire::what_if::{EditBy, WhatIfEdit};

use crate::error::{AppError, Result};

/// What the sizes of a file can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sizes {
    /// Trades: `quantity` or `amount`.
    Trades,
    /// Targets: `weight` or `target_quantity`.
    Weights,
}

impl Sizes {
    fn columns(self) -> [EditBy; 2] {
        match self {
            Self::Trades => [EditBy::Quantity, EditBy::Amount],
            Self::Weights => [EditBy::TargetWeight, EditBy::TargetQuantity],
        }
    }
}

/// An edit, and the line of the file it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// The line, counted from 1.
    pub line: u64,
    /// The edit.
    pub edit: WhatIfEdit,
}

/// Reads edits from a CSV with the columns `symbol` and one size, in any order; other columns are refused.
///
/// # Errors
/// When the text is no CSV, a column is missing or not known, or a line lacks a field: the sentence names file and line.
pub fn read_edits(name: &str, text: &str, sizes: Sizes) -> Result<Vec<FileEdit>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let unreadable = |err: csv::Error| AppError::invalid(format!("{name} cannot be read: {err}"));
    let headings: Vec<String> = reader
        .headers()
        .map_err(unreadable)?
        .iter()
        .map(|heading| heading.trim_start_matches('\u{feff}').to_lowercase())
        .collect();
    let place = |wanted: &str| headings.iter().position(|heading| heading == wanted);
    let [usual, other] = sizes.columns();
    let expected = format!("symbol,{} or symbol,{}", usual.field(), other.field());
    let symbol = place("symbol")
        .ok_or_else(|| AppError::invalid(format!("{name}, line 1: there is no column symbol; write {expected}")))?;
    let (by, size) = match (place(usual.field()), place(other.field())) {
        (Some(at), None) => (usual, at),
        (None, Some(at)) => (other, at),
        (None, None) => {
            return Err(AppError::invalid(format!(
                "{name}, line 1: there is no column {} or {}; write {expected}",
                usual.field(),
                other.field()
            )));
        }
        (Some(_), Some(_)) => {
            return Err(AppError::invalid(format!(
                "{name}, line 1: {} and {} stand side by side; keep one of them",
                usual.field(),
                other.field()
            )));
        }
    };
    if let Some(heading) = headings.iter().enumerate().find(|(at, _)| *at != symbol && *at != size) {
        let heading = heading.1;
        return Err(AppError::invalid(format!(
            "{name}, line 1: column {heading} is not known; write {expected}"
        )));
    }
    let mut edits = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, |position| line_of(text, position));
        let cell = |at: usize, field: &str| {
            let cell = record.get(at).filter(|cell| !cell.is_empty());
            cell.map(str::to_owned)
                .ok_or_else(|| AppError::invalid(format!("{name}, line {line}: {field} is empty")))
        };
        edits.push(FileEdit {
            line,
            edit: WhatIfEdit {
                symbol: cell(symbol, "symbol")?,
                by,
                size: cell(size, by.field())?,
            },
        });
    }
    Ok(edits)
}

/// Returns the line a record stands in; the reader's own count is that of the blank lines before it.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}
