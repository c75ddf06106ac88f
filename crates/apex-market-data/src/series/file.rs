//! A file of prices: its rows stay in their order, its unknown columns stay as they are.

use super::{Cell, Field, Interval, Series, SeriesError, Stamp, stamp};
use crate::redact::quotable;

/// The column that says which rows were touched.
const REPAIRED: &str = "Repaired?";

/// A file of prices of one instrument, as it was written.
#[derive(Debug, Clone)]
pub struct PriceFile {
    headings: Vec<String>,
    records: Vec<Vec<String>>,
    /// The line each record starts on.
    lines: Vec<u64>,
    /// The record that each row of the series came from.
    record_of: Vec<usize>,
    /// The column each field stands in.
    columns: [Option<usize>; Field::ALL.len()],
}

impl PriceFile {
    /// Reads comma-separated text: a heading, a date or instant in the first column or under `Date`, and prices under
    /// `Open`, `High`, `Low`, `Close`, `Adj Close`, with `Volume`, `Dividends`, `Stock Splits` and `Capital Gains` where
    /// there are such. Only the close is required. The interval is worked out from the stamps where none is given.
    ///
    /// # Errors
    /// When there is no heading, no close, a stamp stands twice, or a cell is not a number; the error names file, line,
    /// column and value.
    pub fn read(name: &str, text: &str, interval: Option<Interval>) -> Result<(Self, Series), SeriesError> {
        let shape = |reason: String| SeriesError::Shape {
            name: name.to_owned(),
            reason,
        };
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut headings = Vec::new();
        let (mut records, mut lines) = (Vec::new(), Vec::new());
        let mut counter = Lines { text, at: 0, line: 1 };
        for record in reader.records() {
            let record = record.map_err(|err| shape(format!("no table of comma-separated values: {err}")))?;
            let line = counter.of(record.position().map_or(0, csv::Position::byte));
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if headings.is_empty() {
                headings = cells;
            } else if cells.len() != headings.len() {
                let (cells, columns) = (cells.len(), headings.len());
                return Err(shape(format!(
                    "line {line} has {cells} cells, and there are {columns} columns"
                )));
            } else {
                records.push(cells);
                lines.push(line);
            }
        }
        if headings.is_empty() {
            return Err(shape("there is not even a heading".to_owned()));
        }
        let columns = Field::ALL.map(|field| {
            headings
                .iter()
                .position(|heading| Field::of_heading(heading) == Some(field))
        });
        if columns[Field::Close as usize].is_none() {
            let headings = quotable(&headings.join(", "));
            return Err(shape(format!("there is no column Close among {headings}")));
        }
        let when = headings
            .iter()
            .position(|heading| {
                ["date", "datetime", "timestamp", "time"].contains(&heading.trim().to_lowercase().as_str())
            })
            .unwrap_or(0);
        let mut file = Self {
            headings,
            records,
            lines,
            record_of: Vec::new(),
            columns,
        };
        let series = file.series(name, when, interval)?;
        Ok((file, series))
    }

    fn series(&mut self, name: &str, when: usize, interval: Option<Interval>) -> Result<Series, SeriesError> {
        let fault = |record: usize, column: usize, reason| SeriesError::Cell {
            name: name.to_owned(),
            line: self.lines.get(record).copied().unwrap_or_default(),
            column: self
                .headings
                .get(column)
                .map(|heading| quotable(heading))
                .unwrap_or_default(),
            reason,
            value: self.records[record]
                .get(column)
                .map(|value| quotable(value))
                .unwrap_or_default(),
        };
        let mut rows: Vec<(Stamp, usize)> = Vec::with_capacity(self.records.len());
        for (record, cells) in self.records.iter().enumerate() {
            let stamp = cells.get(when).and_then(|text| Stamp::read(text)).ok_or_else(|| {
                fault(
                    record,
                    when,
                    "not a date, nor an instant with its offset such as 2026-03-31 09:30:00+01:00",
                )
            })?;
            rows.push((stamp, record));
        }
        rows.sort_unstable();
        if let Some(pair) = rows.windows(2).find(|pair| pair[0].0.instant == pair[1].0.instant) {
            return Err(fault(pair[1].1, when, "stands twice; keep one bar of it"));
        }
        let mut columns: [Vec<Cell>; Field::ALL.len()] = Default::default();
        for field in Field::ALL {
            let Some(column) = self.columns[field as usize] else {
                continue;
            };
            for (_, record) in &rows {
                let text = self.records[*record].get(column).map_or("", String::as_str);
                let cell = Cell::read(text).ok_or_else(|| fault(*record, column, "not a number"))?;
                columns[field as usize].push(cell);
            }
        }
        let stamps: Vec<Stamp> = rows.iter().map(|(stamp, _)| *stamp).collect();
        self.record_of = rows.into_iter().map(|(_, record)| record).collect();
        Ok(Series::new(
            interval.unwrap_or_else(|| stamp::usual_interval(&stamps)),
            stamps,
            columns,
        ))
    }

    /// Returns the line of the file that a row of the series came from.
    pub fn line(&self, row: usize) -> Option<u64> {
        let record = self.record_of.get(row)?;
        self.lines.get(*record).copied()
    }

    /// Writes the file again with the cells of `series` that differ, and a column `Repaired?`.
    ///
    /// Rows keep their order; a cell that is the same is written as it was read. A column `Repaired?` that the file has
    /// already keeps what it says, and says `True` besides for the rows of `touched`.
    ///
    /// # Errors
    /// When the text cannot be made, which only a defect can cause.
    pub fn write(&self, series: &Series, touched: &[usize]) -> Result<String, SeriesError> {
        let mut records = self.records.clone();
        for (row, record) in self.record_of.iter().enumerate() {
            for field in Field::ALL {
                let (Some(column), Some(cell)) = (self.columns[field as usize], series.cell(row, field)) else {
                    continue;
                };
                if let Some(place) = records[*record].get_mut(column) {
                    cell.text().clone_into(place);
                }
            }
        }
        let mut headings = self.headings.clone();
        let flag = headings
            .iter()
            .position(|heading| heading == REPAIRED)
            .unwrap_or_else(|| {
                headings.push(REPAIRED.to_owned());
                records.iter_mut().for_each(|record| record.push("False".to_owned()));
                headings.len() - 1
            });
        for row in touched {
            let place = self
                .record_of
                .get(*row)
                .and_then(|record| records.get_mut(*record)?.get_mut(flag));
            if let Some(place) = place {
                "True".clone_into(place);
            }
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        let fault = |err: String| SeriesError::Shape {
            name: "the repaired file".to_owned(),
            reason: err,
        };
        writer.write_record(&headings).map_err(|err| fault(err.to_string()))?;
        for record in &records {
            writer.write_record(record).map_err(|err| fault(err.to_string()))?;
        }
        let bytes = writer.into_inner().map_err(|err| fault(err.to_string()))?;
        String::from_utf8(bytes).map_err(|err| fault(err.to_string()))
    }
}

/// Counts lines up to the first letter of a record. The reader's own count is one short where lines end in CR LF, as it
/// takes the LF for the beginning of the next record.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, byte: u64) -> u64 {
        let bytes = self.text.as_bytes();
        let start = usize::try_from(byte).unwrap_or(bytes.len()).clamp(self.at, bytes.len());
        let ends = bytes[start..].iter().take_while(|byte| b"\r\n".contains(byte)).count();
        let passed = &bytes[self.at..start + ends];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = start + ends;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n"] {
            for text in ["Date,Close|2026-01-05,1|2026-01-06,x|", "|Date,Close||2026-01-06,x"] {
                let text = text.replace('|', end);
                let err = PriceFile::read("a.csv", &text, None).unwrap_err().to_string();
                assert!(
                    err.starts_with(if text.starts_with('D') {
                        "a.csv line 3"
                    } else {
                        "a.csv line 4"
                    }),
                    "{err}"
                );
            }
        }
    }
}
