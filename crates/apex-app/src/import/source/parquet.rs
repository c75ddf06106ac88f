//! A Parquet table as the text that a file of the same table would hold.

use apex_analytics::AnalyticsError;
use apex_analytics::parquet::{CellKind, ParquetText};
use apex_wire::import::Format;

use super::{Form, ROWS_FOR_DECIMAL, SourceText, is_no_date};
use crate::import::ImportError;
use crate::import::number::find_decimal;

impl SourceText {
    /// Writes a Parquet table as text: each row as one record, numbers with the decimal mark that the others of the file
    /// have.
    pub(super) fn from_parquet(name: String, bytes: &[u8], format: &Format) -> Result<Self, ImportError> {
        let table = ParquetText::read(bytes).map_err(|err| ImportError::Table {
            name: name.clone(),
            reason: match err {
                AnalyticsError::Table { reason } => reason,
                other => other.to_string(),
            },
        })?;
        let decimal = match format.decimal {
            Some(',') => b',',
            Some(_) => b'.',
            None => decimal_in_text(&table).unwrap_or(b'.'),
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        table
            .each_row(char::from(decimal), |cells| writer.write_record(cells))
            .map_err(unwritten)?;
        let text = writer.into_inner().map_err(unwritten)?;
        Ok(Self {
            name,
            form: Form::Table { decimal },
            headings: table
                .headings()
                .iter()
                .map(|heading| heading.trim().to_owned())
                .collect(),
            days: table
                .kinds()
                .iter()
                .position(|kind| *kind == CellKind::Day)
                .unwrap_or_default(),
            text,
            body: 0,
            body_line: 1,
        })
    }
}

/// Tells a Parquet file by its first bytes, or by its name.
pub(crate) fn is_parquet(name: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1") || name.to_ascii_lowercase().ends_with(".parquet")
}

/// Tells the decimal mark from the columns of text; the columns of numbers have none.
fn decimal_in_text(table: &ParquetText) -> Option<u8> {
    let (mut cells, mut rows) = (Vec::new(), 0);
    let looked_at = table.each_row('.', |row| {
        let text = row
            .iter()
            .zip(table.kinds())
            .filter(|(_, kind)| **kind == CellKind::Text);
        cells.extend(text.map(|(cell, _)| cell.clone().into_bytes()));
        rows += 1;
        if rows < ROWS_FOR_DECIMAL { Ok(()) } else { Err(()) }
    });
    debug_assert!(
        looked_at.is_ok() || rows == ROWS_FOR_DECIMAL,
        "Invariant: only enough rows end the look"
    );
    find_decimal(cells.iter().map(Vec::as_slice).filter(is_no_date))
}

fn unwritten(err: impl std::fmt::Display) -> ImportError {
    ImportError::Read {
        reason: err.to_string(),
    }
}
