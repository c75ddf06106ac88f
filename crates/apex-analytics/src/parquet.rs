//! Parquet tables as rows of text, exact to the last digit. What the columns mean is decided elsewhere.
//!
//! Dates, and times at midnight, come out as `2026-01-05`; other times as `2026-01-05T10:30:00`, in the time zone of
//! their column; whole numbers, decimals and floats with all their digits, floats with the fewest that name them
//! exactly; an absent value as nothing. Lists, records, times of day and durations are no cells, so their columns are left
//! out, and so are the row numbers that pandas keeps in a column of its own.

use std::fmt::Write as _;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use polars::prelude::{AnyValue, ArrowDataType, ArrowSchema, DataFrame, DataType, PolarsError, Series, TimeUnit};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use crate::error::AnalyticsError;

/// The most rows that a table may have.
const ROWS_MAX: usize = 100_000_000;

/// A Parquet table, ready to be read row by row.
#[derive(Debug, Clone)]
pub struct ParquetText {
    columns: Vec<Series>,
    kinds: Vec<CellKind>,
    zones: Vec<Option<TimeZone>>,
    rows: usize,
}

/// What a column of a Parquet table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text, which says itself how it is to be read.
    Text,
    /// Numbers.
    Number,
    /// Dates, or times with their date.
    Day,
    /// True or false, or nothing at all.
    Other,
}

impl ParquetText {
    /// Reads the bytes of a Parquet file.
    ///
    /// # Errors
    ///
    /// Refuses bytes that are not Parquet, a damaged file, a table without a column of cells, numbers wider than any
    /// that is read, and times in a time zone that this machine does not know.
    pub fn read(bytes: &[u8]) -> Result<Self, AnalyticsError> {
        let frame = frame(bytes)?;
        let rows = frame.height();
        let columns: Vec<Series> = frame
            .columns()
            .iter()
            .map(|one| one.as_materialized_series().rechunk())
            .collect();
        if columns.is_empty() {
            return Err(refused("it has no column of text, numbers or dates"));
        }
        Ok(Self {
            kinds: columns.iter().map(|one| kind_of(one.dtype())).collect(),
            zones: columns.iter().map(zone_of).collect::<Result<_, _>>()?,
            columns,
            rows,
        })
    }

    /// Returns the headings, in order.
    pub fn headings(&self) -> Vec<String> {
        self.columns.iter().map(|one| one.name().to_string()).collect()
    }

    /// Returns what each column holds, in the order of the headings.
    pub fn kinds(&self) -> &[CellKind] {
        &self.kinds
    }

    /// Returns how many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Hands out the rows from first to last, each as its cells. `decimal` is the mark in numbers.
    ///
    /// # Errors
    ///
    /// Stops at the first refusal of `row` and returns it.
    pub fn each_row<E>(&self, decimal: char, mut row: impl FnMut(&[String]) -> Result<(), E>) -> Result<(), E> {
        let mut columns: Vec<_> = self.columns.iter().map(Series::iter).collect();
        let mut cells = vec![String::new(); columns.len()];
        for _ in 0..self.rows {
            for (((cell, column), kind), zone) in cells.iter_mut().zip(&mut columns).zip(&self.kinds).zip(&self.zones) {
                cell.clear();
                write(cell, column.next().unwrap_or(AnyValue::Null), zone.as_ref())
                    .expect("a text takes all that is written");
                if *kind == CellKind::Number && decimal != '.' {
                    *cell = cell.replace('.', decimal.encode_utf8(&mut [0; 4]));
                }
            }
            row(&cells)?;
        }
        Ok(())
    }
}

/// Reads the columns of a Parquet file that hold cells.
pub(crate) fn frame(bytes: &[u8]) -> Result<DataFrame, AnalyticsError> {
    let failed = |err: PolarsError| refused(&err.to_string());
    let read = || {
        let mut reader = ParquetReader::new(Cursor::new(bytes));
        let metadata = reader.get_metadata().map_err(failed)?;
        let groups = metadata.row_groups.iter().map(|group| group.num_rows());
        // Room is made for as many rows as the file promises, before the first is read.
        if groups.fold(0, usize::saturating_add) != metadata.num_rows || metadata.num_rows > ROWS_MAX {
            return Err(refused(&format!(
                "the file promises {} rows; at most {ROWS_MAX} are read",
                metadata.num_rows
            )));
        }
        let schema = reader.schema().map_err(failed)?;
        reader.with_columns(Some(cells(&schema)?)).finish().map_err(failed)
    };
    // The reader trusts some counts in a file; where they lie, it stops in its own way.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(refused("the file is damaged")))
}

fn refused(reason: &str) -> AnalyticsError {
    AnalyticsError::Table {
        reason: reason.to_owned(),
    }
}

/// Returns the names of the columns whose values are cells.
fn cells(schema: &ArrowSchema) -> Result<Vec<String>, AnalyticsError> {
    let mut names = Vec::new();
    for field in schema.iter_values() {
        match field.dtype() {
            ArrowDataType::Float16 | ArrowDataType::Decimal256(39.., _) => {
                return Err(refused(&format!(
                    "column {} holds numbers of a width that is not read; save them as floats of 32 or 64 bits, or as \
                     decimals of at most 38 digits",
                    field.name
                )));
            }
            // An index without a name that is made of whole numbers counts the rows.
            dtype if dtype.is_numeric() && field.name.starts_with("__index_level_") => {}
            dtype if is_cell(dtype) => names.push(field.name.to_string()),
            _ => {}
        }
    }
    Ok(names)
}

/// Tells whether a value of this type is one cell.
fn is_cell(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as Type;

    match dtype {
        Type::Dictionary(_, values, _) => is_cell(values),
        Type::Null
        | Type::Boolean
        | Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Int64
        | Type::UInt8
        | Type::UInt16
        | Type::UInt32
        | Type::UInt64
        | Type::Float32
        | Type::Float64
        | Type::Decimal(..)
        | Type::Decimal32(..)
        | Type::Decimal64(..)
        | Type::Decimal256(..)
        | Type::Date32
        | Type::Date64
        | Type::Timestamp(..)
        | Type::Utf8
        | Type::LargeUtf8
        | Type::Utf8View
        | Type::Binary
        | Type::LargeBinary
        | Type::BinaryView => true,
        _ => false,
    }
}

fn kind_of(dtype: &DataType) -> CellKind {
    match dtype {
        DataType::String | DataType::Binary | DataType::Categorical(..) | DataType::Enum(..) => CellKind::Text,
        DataType::Date | DataType::Datetime(..) => CellKind::Day,
        numeric if numeric.is_numeric() => CellKind::Number,
        _ => CellKind::Other,
    }
}

fn zone_of(column: &Series) -> Result<Option<TimeZone>, AnalyticsError> {
    let DataType::Datetime(_, Some(zone)) = column.dtype() else {
        return Ok(None);
    };
    let name = zone.as_str();
    let offset = || {
        let (hours, minutes) = name.strip_prefix(['+', '-'])?.split_once(':')?;
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        let seconds = if name.starts_with('-') { -seconds } else { seconds };
        Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
    };
    match offset().map_or_else(|| TimeZone::get(name), Ok) {
        Ok(zone) => Ok(Some(zone)),
        Err(_) => Err(refused(&format!(
            "column {} is in time zone {name}, which this machine does not know; save its days as dates",
            column.name()
        ))),
    }
}

/// Writes a value behind what the cell holds.
fn write(cell: &mut String, value: AnyValue<'_>, zone: Option<&TimeZone>) -> std::fmt::Result {
    match value {
        AnyValue::Null => Ok(()),
        AnyValue::Boolean(value) => write!(cell, "{value}"),
        AnyValue::String(text) => cell.write_str(text),
        AnyValue::Binary(bytes) => cell.write_str(&String::from_utf8_lossy(bytes)),
        AnyValue::Categorical(category, names) | AnyValue::Enum(category, names) => {
            cell.write_str(names.cat_to_str(category).unwrap_or_default())
        }
        AnyValue::Int8(value) => write!(cell, "{value}"),
        AnyValue::Int16(value) => write!(cell, "{value}"),
        AnyValue::Int32(value) => write!(cell, "{value}"),
        AnyValue::Int64(value) => write!(cell, "{value}"),
        AnyValue::UInt8(value) => write!(cell, "{value}"),
        AnyValue::UInt16(value) => write!(cell, "{value}"),
        AnyValue::UInt32(value) => write!(cell, "{value}"),
        AnyValue::UInt64(value) => write!(cell, "{value}"),
        AnyValue::Float32(value) => write!(cell, "{value}"),
        AnyValue::Float64(value) => write!(cell, "{value}"),
        AnyValue::Decimal(mantissa, _, scale) => write_decimal(cell, mantissa, scale),
        // What no calendar reaches is written so that whoever reads it refuses it.
        AnyValue::Date(days) => match Date::constant(1970, 1, 1).checked_add(days.days()) {
            Ok(date) => write!(cell, "{date}"),
            Err(_) => write!(cell, "day {days}"),
        },
        AnyValue::Datetime(count, unit, _) => match moment(count, unit, zone) {
            Some(moment) if moment.time() == Time::midnight() => write!(cell, "{}", moment.date()),
            Some(moment) => write!(cell, "{moment}"),
            None => write!(cell, "instant {count}"),
        },
        other => write!(cell, "{other}"),
    }
}

/// Writes `mantissa / 10^scale` with every digit it has.
fn write_decimal(cell: &mut String, mantissa: i128, scale: usize) -> std::fmt::Result {
    if mantissa < 0 {
        cell.push('-');
    }
    let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    match fraction {
        "" => cell.write_str(whole),
        fraction => write!(cell, "{whole}.{fraction}"),
    }
}

/// Returns a time as the clocks of its column show it.
fn moment(count: i64, unit: TimeUnit, zone: Option<&TimeZone>) -> Option<DateTime> {
    let instant = match unit {
        TimeUnit::Nanoseconds => Timestamp::from_nanosecond(i128::from(count)),
        TimeUnit::Microseconds => Timestamp::from_microsecond(count),
        TimeUnit::Milliseconds => Timestamp::from_millisecond(count),
    };
    let zone = zone.cloned().unwrap_or(TimeZone::UTC);
    instant.ok().map(|instant| zone.to_datetime(instant))
}
