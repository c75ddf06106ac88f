//! Files of numbers for the statistics commands: wide price tables, cash flows, values with flows, weights.
//!
//! A wide table has the date in its first column, whatever its name, and one column an asset; an empty cell is a gap.
//! Nothing is dropped or filled here. An error names file, line, field and value.

mod bars;

use std::collections::BTreeSet;

use apex_analytics::gap::GapColumn;
use apex_analytics::table::PriceTable;
use apex_wire::import::Format;
use jiff::civil::Date;
use rayon::prelude::*;
use thiserror::Error;

use crate::import::source::{Form, SourceText, is_blank, is_parquet, unpack};
use crate::import::{DateFormat, ImportError};

pub use bars::bars;

/// Why a file of numbers cannot be read.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file is not text of rows at all.
    #[error(transparent)]
    File(#[from] ImportError),
    /// A cell is not what it should be.
    #[error("{name} line {line}, field {field}: {reason}: {value}")]
    Cell {
        /// The file.
        name: String,
        /// The line, the heading being line 1.
        line: u64,
        /// Heading of the column.
        field: String,
        /// What was expected.
        reason: String,
        /// What stands there.
        value: String,
    },
    /// The table as a whole does not fit.
    #[error("{name}: {reason}")]
    Shape {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// One dated amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedAmount {
    /// The day.
    pub date: Date,
    /// The amount.
    pub amount: f64,
}

/// The value of a portfolio on a day, after what came in or went out on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatedValue {
    /// The day.
    pub date: Date,
    /// The value after the flow.
    pub value: f64,
    /// What came in; negative where it went out.
    pub flow: f64,
}

/// Reads a wide table of prices from `.csv`, `.csv.gz`, `.csv.bz2` or `.parquet` bytes.
///
/// # Errors
/// When a date or a number cannot be read, a date or a heading stands twice, or the bytes are no table.
pub fn price_table(name: &str, bytes: &[u8]) -> Result<PriceTable, TableError> {
    let name = short(name);
    let shape = |reason: String| TableError::Shape {
        name: name.to_owned(),
        reason,
    };
    let unpacked = unpack(name, bytes)?;
    if is_parquet(name, &unpacked) {
        return PriceTable::from_parquet(&unpacked).map_err(|err| shape(err.to_string()));
    }
    let cells = Cells::read(name, &unpacked)?;
    let width = cells.source.headings.len();
    if width < 2 {
        return Err(shape(
            "a wide table has a date column and at least one column of numbers".to_owned(),
        ));
    }
    let mut known = BTreeSet::new();
    if let Some(twice) = cells.source.headings[1..].iter().find(|one| !known.insert(one.trim())) {
        return Err(cells.twice(twice));
    }
    let format = cells.date_format(0)?;
    let decimal = cells.decimal();
    let pieces: Vec<_> = cells.source.pieces(rayon::current_num_threads() * 2);
    let parts: Vec<Part> = pieces
        .par_iter()
        .map(|piece| part(&cells, *piece, format, decimal))
        .collect::<Result<_, _>>()?;
    let rows = parts.iter().map(|part| part.dates.len()).sum();
    let mut dates = Vec::with_capacity(rows);
    let mut columns = vec![Vec::with_capacity(rows); width - 1];
    for part in parts {
        dates.extend(part.dates);
        for (column, values) in columns.iter_mut().zip(part.columns) {
            column.extend(values);
        }
    }
    let names = cells.source.headings[1..].to_vec();
    let columns = columns.iter().map(|column| GapColumn::from_options(column)).collect();
    PriceTable::new(dates, names, columns).map_err(|err| shape(err.to_string()))
}

/// Reads `date,amount`.
///
/// # Errors
/// When a cell cannot be read or a column is missing.
pub fn amounts(name: &str, bytes: &[u8]) -> Result<Vec<DatedAmount>, TableError> {
    let rows = dated(name, bytes, [&["amount", "flow", "cashflow", "cash_flow", "value"]])?;
    Ok(rows
        .into_iter()
        .map(|(date, [amount])| DatedAmount { date, amount })
        .collect())
}

/// Reads `date,value,flow`, the value after the flow.
///
/// # Errors
/// When a cell cannot be read or a column is missing.
pub fn values(name: &str, bytes: &[u8]) -> Result<Vec<DatedValue>, TableError> {
    let rows = dated(
        name,
        bytes,
        [&["value", "nav"], &["flow", "amount", "cashflow", "cash_flow"]],
    )?;
    Ok(rows
        .into_iter()
        .map(|(date, [value, flow])| DatedValue { date, value, flow })
        .collect())
}

/// Reads weights: one row an asset (`asset,weight`), or one row under the assets' names.
///
/// # Errors
/// When a weight cannot be read, an asset stands twice, or the file has neither form.
pub fn weights(name: &str, bytes: &[u8]) -> Result<Vec<(String, f64)>, TableError> {
    let name = short(name);
    let cells = Cells::read(name, &unpack(name, bytes)?)?;
    let decimal = cells.decimal();
    let lower: Vec<String> = cells.source.headings.iter().map(|one| one.to_lowercase()).collect();
    let mut found: Vec<(String, f64)> = Vec::new();
    let is_weight = |one: &String| one == "weight" || one == "weights";
    let long = cells.only(&lower, is_weight)?;
    cells.each(|line, record| {
        match long {
            Some(weight) => {
                let asset = usize::from(weight == 0);
                let asset = String::from_utf8_lossy(record.get(asset).unwrap_or_default().trim_ascii()).into_owned();
                found.push((asset, cells.number(line, record, weight, decimal)?.unwrap_or_default()));
            }
            None => {
                for (column, asset) in cells.source.headings.iter().enumerate() {
                    if let Some(weight) = cells.number(line, record, column, decimal)? {
                        found.push((asset.clone(), weight));
                    }
                }
            }
        }
        Ok(())
    })?;
    let mut sorted: Vec<&str> = found.iter().map(|(asset, _)| asset.as_str()).collect();
    sorted.sort_unstable();
    let twice = sorted
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0].to_owned());
    match twice {
        Some(asset) => Err(TableError::Shape {
            name: name.to_owned(),
            reason: format!("{asset} has two weights"),
        }),
        None => Ok(found),
    }
}

fn short(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Rows of a date and some numbers, found by their headings, else by their places.
fn dated<const N: usize>(name: &str, bytes: &[u8], wanted: [&[&str]; N]) -> Result<Vec<(Date, [f64; N])>, TableError> {
    let name = short(name);
    let cells = Cells::read(name, &unpack(name, bytes)?)?;
    let lower: Vec<String> = cells.source.headings.iter().map(|one| one.to_lowercase()).collect();
    let day = lower
        .iter()
        .position(|one| one.contains("date") || one == "day")
        .unwrap_or(0);
    cells.only(&lower, |one| *one == lower[day])?;
    let mut places = [0; N];
    for (at, names) in wanted.iter().enumerate() {
        let mut named = None;
        for name in *names {
            named = named.or(cells.only(&lower, |heading| heading == name)?);
        }
        places[at] = match named {
            Some(place) => place,
            None if lower.len() == N + 1 => at + 1,
            None => {
                let reason = format!(
                    "there is no column {}; columns are {}",
                    names[0],
                    cells.source.headings.join(", ")
                );
                return Err(TableError::Shape {
                    name: name.to_owned(),
                    reason,
                });
            }
        };
    }
    let (format, decimal) = (cells.date_format(day)?, cells.decimal());
    let mut rows = Vec::new();
    cells.each(|line, record| {
        let date = cells.date(line, record, day, format)?;
        let mut numbers = [0.0; N];
        for (number, place) in numbers.iter_mut().zip(places) {
            *number = cells
                .number(line, record, place, decimal)?
                .ok_or_else(|| cells.wrong(line, place, "a number is missing", b""))?;
        }
        rows.push((date, numbers));
        Ok(())
    })?;
    Ok(rows)
}

/// A file cut into cells.
struct Cells {
    source: SourceText,
}

struct Part {
    dates: Vec<Date>,
    columns: Vec<Vec<Option<f64>>>,
}

fn part(cells: &Cells, piece: (u64, &[u8]), format: DateFormat, decimal: u8) -> Result<Part, TableError> {
    let width = cells.source.headings.len();
    let mut part = Part {
        dates: Vec::new(),
        columns: vec![Vec::new(); width - 1],
    };
    cells.each_of(piece, |line, record| {
        if record.len() > width {
            return Err(cells.wrong(
                line,
                width,
                "the line has more fields than headings",
                record.get(width).unwrap_or_default(),
            ));
        }
        part.dates.push(cells.date(line, record, 0, format)?);
        for (column, values) in part.columns.iter_mut().enumerate() {
            values.push(cells.number(line, record, column + 1, decimal)?);
        }
        Ok(())
    })?;
    Ok(part)
}

impl Cells {
    fn read(name: &str, text: &[u8]) -> Result<Self, TableError> {
        // The text is unpacked already, so its name must not ask for that again.
        let lower = name.to_ascii_lowercase();
        let packing = [".gz", ".bz2"]
            .into_iter()
            .find(|packing| lower.ends_with(packing))
            .map_or(0, str::len);
        let plain = name.get(..name.len() - packing).unwrap_or(name);
        // The first line is the line of headings, whatever it says.
        let mut source = SourceText::read(plain, text, &Format::default(), |_| 0)?;
        source.name = name.to_owned();
        Ok(Self { source })
    }

    /// Returns the place of the one heading that is meant; `None` where none is.
    fn only(&self, headings: &[String], is_meant: impl Fn(&String) -> bool) -> Result<Option<usize>, TableError> {
        let mut places = (0..headings.len()).filter(|place| is_meant(&headings[*place]));
        let first = places.next();
        match places.next() {
            None => Ok(first),
            Some(second) => Err(self.twice(&self.source.headings[second])),
        }
    }

    fn twice(&self, heading: &str) -> TableError {
        TableError::Shape {
            name: self.source.name.clone(),
            reason: match heading.trim() {
                "" => "two columns have no heading".to_owned(),
                heading => format!("two columns are headed {heading}; take one out, or rename it"),
            },
        }
    }

    fn each(&self, read: impl FnMut(u64, &csv::ByteRecord) -> Result<(), TableError>) -> Result<(), TableError> {
        self.each_of((self.source.body_line, self.source.rows()), read)
    }

    fn each_of(
        &self,
        (first_line, piece): (u64, &[u8]),
        mut read: impl FnMut(u64, &csv::ByteRecord) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let mut reader = self.source.reader(piece);
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|err| ImportError::Read {
            reason: err.to_string(),
        })? {
            if !is_blank(&record) {
                read(self.source.line(first_line, &record), &record)?;
            }
        }
        Ok(())
    }

    fn date_format(&self, column: usize) -> Result<DateFormat, TableError> {
        let mut cells: Vec<Vec<u8>> = Vec::new();
        self.each(|_, record| {
            cells.push(record.get(column).unwrap_or_default().to_vec());
            Ok(())
        })?;
        // Tables are written ISO or M/D/YYYY; where day and month could be either, the month comes first.
        Ok(crate::import::dates::format_or_month_first(
            cells.iter().map(Vec::as_slice),
        ))
    }

    fn decimal(&self) -> u8 {
        match self.source.form {
            // Between commas a comma is no decimal mark.
            Form::Text { delimiter: b',', .. } => b'.',
            _ => self.source.decimal().unwrap_or(b'.'),
        }
    }

    fn date(&self, line: u64, record: &csv::ByteRecord, column: usize, format: DateFormat) -> Result<Date, TableError> {
        let cell = record.get(column).unwrap_or_default();
        let expected = || format!("this is not a date written {}", format.pattern());
        format
            .parse(cell)
            .ok_or_else(|| self.wrong(line, column, &expected(), cell))
    }

    /// Reads a number; `None` for an empty cell.
    fn number(
        &self,
        line: u64,
        record: &csv::ByteRecord,
        column: usize,
        decimal: u8,
    ) -> Result<Option<f64>, TableError> {
        let cell = record.get(column).unwrap_or_default().trim_ascii();
        if crate::import::row::is_absent(cell) {
            return Ok(None);
        }
        let text = std::str::from_utf8(cell).unwrap_or_default();
        let parsed = if decimal == b'.' {
            text.parse().ok()
        } else {
            text.replace('.', "").replace(',', ".").parse().ok()
        };
        match parsed.filter(|number: &f64| number.is_finite()) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(line, column, "this is not a number", cell)),
        }
    }

    fn wrong(&self, line: u64, column: usize, reason: &str, value: &[u8]) -> TableError {
        TableError::Cell {
            name: self.source.name.clone(),
            line,
            field: self
                .source
                .headings
                .get(column)
                .cloned()
                .unwrap_or_else(|| (column + 1).to_string()),
            reason: reason.to_owned(),
            value: String::from_utf8_lossy(value).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn wide_tables_have_their_dates_first_and_gaps_stay_gaps() {
        for text in [
            "When,A,B\n2026-01-05,1.5,\n2026-01-06,2,7\n",
            "Date;A;B\n1/5/2026;1.5;nan\n1/6/2026;2;7\n",
            "Date\tA\tB\n20260106\t2\t7\n20260105\t1.5\t\n",
        ] {
            let table = price_table("x.csv", text.as_bytes()).unwrap();
            assert_eq!(table.dates(), [date(2026, 1, 5), date(2026, 1, 6)]);
            assert_eq!(table.column("A").unwrap().to_options(), [Some(1.5), Some(2.0)]);
            assert_eq!(table.column("B").unwrap().to_options(), [None, Some(7.0)]);
        }
    }

    #[test]
    fn a_bad_cell_is_named_by_file_line_field_and_value() {
        let err = |text: &str| price_table("data/x.csv", text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            err("d,A\n2026-01-05,1\n2026-01-06,one\n"),
            "x.csv line 3, field A: this is not a number: one"
        );
        assert_eq!(
            err("d,A\n2026-01-05,1\n2026-01-36,1\n"),
            "x.csv line 3, field d: this is not a date written YYYY-MM-DD: 2026-01-36"
        );
        assert_eq!(
            err("d,A\n2026-01-05,1,2\n"),
            "x.csv line 2, field 3: the line has more fields than headings: 2"
        );
        assert_eq!(
            err("d\n2026-01-05\n"),
            "x.csv: a wide table has a date column and at least one column of numbers"
        );
        assert_eq!(err(""), "x.csv has no lines");
        assert_eq!(
            err("d,A,B,A\n2026-01-05,1,2,3\n"),
            "x.csv: two columns are headed A; take one out, or rename it"
        );
        assert_eq!(err("d,A,,\n2026-01-05,1,,\n"), "x.csv: two columns have no heading");
        assert_eq!(
            amounts("f.csv", b"date,amount,Amount\n2026-01-05,1,2\n")
                .unwrap_err()
                .to_string(),
            "f.csv: two columns are headed Amount; take one out, or rename it"
        );
        assert_eq!(
            bars("b.csv", b"Date,Close,Close\n2026-01-05,1,2\n", None)
                .unwrap_err()
                .to_string(),
            "b.csv: two columns are headed Close; take one out, or rename it"
        );
    }

    #[test]
    fn flows_values_and_weights_are_found_by_their_headings() {
        let flows = amounts("f.csv", b"date,amount\n2026-01-05,-100\n2026-02-05,110.5\n").unwrap();
        assert_eq!(
            flows[1],
            DatedAmount {
                date: date(2026, 2, 5),
                amount: 110.5
            }
        );
        let values = values("v.csv", b"flow,value,date\n0,100,2026-01-05\n50,160,2026-02-05\n").unwrap();
        assert_eq!(
            values[1],
            DatedValue {
                date: date(2026, 2, 5),
                value: 160.0,
                flow: 50.0
            }
        );
        assert_eq!(
            weights("w.csv", b"asset,weight\nA,0.6\nB,0.4\n").unwrap(),
            [("A".to_owned(), 0.6), ("B".to_owned(), 0.4)]
        );
        assert_eq!(
            weights("w.csv", b"A,B\n0.6,0.4\n").unwrap(),
            [("A".to_owned(), 0.6), ("B".to_owned(), 0.4)]
        );
        let err = weights("w.csv", b"asset,weight\nA,0.6\nA,0.4\n").unwrap_err();
        assert_eq!(err.to_string(), "w.csv: A has two weights");
        let err = amounts("f.csv", b"date,x,y\n2026-01-05,1,2\n").unwrap_err();
        assert_eq!(
            err.to_string(),
            "f.csv: there is no column amount; columns are date, x, y"
        );
    }
}
