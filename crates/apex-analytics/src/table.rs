//! Wide price tables: a column of dates and one column an asset. Reads Parquet from bytes; text is read elsewhere.
//!
//! Dates are put in order; a date that stands twice is refused. Cells may be empty. Statistics use only the dates on
//! which every chosen column is known, and say how many were dropped.

use jiff::ToSpan;
use jiff::civil::Date;
use polars::prelude::{Column, DataFrame, DataType};

use crate::error::{AnalyticsError, same_length};
use crate::gap::GapColumn;
use crate::parquet;

/// A table of dated columns, in order of date.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PriceTable {
    dates: Vec<Date>,
    names: Vec<String>,
    columns: Vec<GapColumn>,
}

/// The dates on which every column is known.
#[derive(Debug, Clone, PartialEq)]
pub struct CompleteTable {
    /// The dates, ascending.
    pub dates: Vec<Date>,
    /// The names of the columns.
    pub names: Vec<String>,
    /// The columns, without gaps.
    pub columns: Vec<Vec<f64>>,
    /// How many dates of the table were dropped.
    pub dropped: usize,
}

/// Two tables on their common dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Intersection {
    /// The first table.
    pub left: PriceTable,
    /// The second table.
    pub right: PriceTable,
    /// How many dates stood in one table only.
    pub dropped: usize,
}

impl PriceTable {
    /// Takes a table, and puts it in order of date.
    ///
    /// # Errors
    ///
    /// Refuses columns of another length than the dates, another number of names, and a date that stands twice.
    ///
    /// ```
    /// use apex_analytics::{gap::GapColumn, table::PriceTable};
    ///
    /// let dates = ["2026-01-05", "2026-01-02"].map(|date| date.parse().unwrap()).to_vec();
    /// let acme = GapColumn::from_options(&[Some(2.0), Some(1.0)]);
    /// let table = PriceTable::new(dates, vec!["ACME".into()], vec![acme]).unwrap();
    /// assert_eq!(table.column("ACME").unwrap().to_options(), [Some(1.0), Some(2.0)]);
    /// ```
    pub fn new(dates: Vec<Date>, names: Vec<String>, columns: Vec<GapColumn>) -> Result<Self, AnalyticsError> {
        same_length("list of columns", names.len(), columns.len())?;
        for column in &columns {
            same_length("price column", dates.len(), column.len())?;
        }
        let mut order: Vec<usize> = (0..dates.len()).collect();
        order.sort_by_key(|row| dates[*row]);
        let table = Self { dates, names, columns }.rows(&order);
        match table
            .dates
            .iter()
            .zip(table.dates.iter().skip(1))
            .find(|(one, two)| one == two)
        {
            None => Ok(table),
            Some((date, _)) => Err(AnalyticsError::Table {
                reason: format!("two rows are dated {date}"),
            }),
        }
    }

    /// Reads a Parquet file. The dates are its first column of dates, times or ISO text; every other column must hold
    /// numbers.
    ///
    /// # Errors
    ///
    /// Refuses bytes that are not Parquet, a table without dates, a row without one, columns that are not numbers, and
    /// what [`PriceTable::new`] refuses.
    pub fn from_parquet(bytes: &[u8]) -> Result<Self, AnalyticsError> {
        let failed = |err: polars::prelude::PolarsError| AnalyticsError::Table {
            reason: err.to_string(),
        };
        let frame = parquet::frame(bytes)?;
        let (dates, skipped) = dates_of(&frame)?;
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        for (_, column) in frame
            .columns()
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != skipped)
        {
            if !column.dtype().is_numeric() {
                let reason = format!("column {} holds no numbers but {}", column.name(), column.dtype());
                return Err(AnalyticsError::Table { reason });
            }
            let numbers = column.cast(&DataType::Float64).map_err(failed)?;
            columns.push(numbers.f64().map_err(failed)?.iter().collect());
            names.push(column.name().to_string());
        }
        Self::new(dates, names, columns)
    }

    /// Returns the dates, ascending.
    pub fn dates(&self) -> &[Date] {
        &self.dates
    }

    /// Returns the names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the columns, in the order of their names.
    pub fn columns(&self) -> &[GapColumn] {
        &self.columns
    }

    /// Returns a column by its name.
    pub fn column(&self, name: &str) -> Option<&GapColumn> {
        self.names
            .iter()
            .position(|own| own == name)
            .and_then(|index| self.columns.get(index))
    }

    /// Returns both tables on their common dates.
    ///
    /// ```
    /// use apex_analytics::{gap::GapColumn, table::PriceTable};
    ///
    /// let table = |dates: [&str; 2], name: &str| {
    ///     let dates = dates.map(|date| date.parse().unwrap()).to_vec();
    ///     PriceTable::new(dates, vec![name.into()], vec![GapColumn::from_values(vec![1.0, 2.0])]).unwrap()
    /// };
    /// let (acme, index) = (table(["2026-01-02", "2026-01-05"], "ACME"), table(["2026-01-05", "2026-01-06"], "INDEX"));
    /// let common = acme.intersection(&index);
    /// assert_eq!((common.left.dates().len(), common.dropped), (1, 2));
    /// assert_eq!(common.right.column("INDEX").unwrap().get(0), Some(1.0));
    /// ```
    pub fn intersection(&self, other: &Self) -> Intersection {
        let (mut own_rows, mut other_rows) = (Vec::new(), Vec::new());
        for (row, date) in self.dates.iter().enumerate() {
            if let Ok(at) = other.dates.binary_search(date) {
                own_rows.push(row);
                other_rows.push(at);
            }
        }
        let dropped = self.dates.len() + other.dates.len() - 2 * own_rows.len();
        Intersection {
            left: self.rows(&own_rows),
            right: other.rows(&other_rows),
            dropped,
        }
    }

    /// Returns the dates on which every column is known.
    pub fn complete(&self) -> CompleteTable {
        let kept: Vec<usize> = (0..self.dates.len())
            .filter(|row| self.columns.iter().all(|column| column.known()[*row]))
            .collect();
        CompleteTable {
            dates: kept.iter().map(|row| self.dates[*row]).collect(),
            names: self.names.clone(),
            columns: self
                .columns
                .iter()
                .map(|column| kept.iter().map(|row| column.values()[*row]).collect())
                .collect(),
            dropped: self.dates.len() - kept.len(),
        }
    }

    /// Returns the table of these rows.
    fn rows(&self, rows: &[usize]) -> Self {
        Self {
            dates: rows.iter().map(|row| self.dates[*row]).collect(),
            names: self.names.clone(),
            columns: self
                .columns
                .iter()
                .map(|column| rows.iter().map(|row| column.get(*row)).collect())
                .collect(),
        }
    }
}

/// Returns the dates of a frame, and which column they are.
fn dates_of(frame: &DataFrame) -> Result<(Vec<Date>, usize), AnalyticsError> {
    let dated = |column: &Column| matches!(column.dtype(), DataType::Date | DataType::Datetime(..));
    let columns = frame.columns();
    let index = columns
        .iter()
        .position(dated)
        .or_else(|| {
            columns
                .first()
                .filter(|column| column.dtype() == &DataType::String)
                .map(|_| 0)
        })
        .ok_or_else(|| AnalyticsError::Table {
            reason: "no column holds dates".to_owned(),
        })?;
    let column = &columns[index];
    let missing = |row: usize| AnalyticsError::Table {
        reason: format!("row {} has no date", row + 1),
    };
    let failed = |err: polars::prelude::PolarsError| AnalyticsError::Table {
        reason: err.to_string(),
    };
    let dates: Result<Vec<Date>, AnalyticsError> = if column.dtype() == &DataType::String {
        let texts = column.str().map_err(failed)?;
        let parse = |(row, text): (usize, Option<&str>)| {
            let text = text.ok_or_else(|| missing(row))?;
            let day = text.get(..10).unwrap_or(text);
            day.parse().map_err(|_| AnalyticsError::Table {
                reason: format!("row {} is not dated: {text}", row + 1),
            })
        };
        texts.iter().enumerate().map(parse).collect()
    } else {
        let days = column
            .cast(&DataType::Date)
            .and_then(|days| days.cast(&DataType::Int32))
            .map_err(failed)?;
        let epoch = Date::constant(1970, 1, 1);
        let numbered = |(row, day): (usize, Option<i32>)| {
            day.and_then(|day| epoch.checked_add(day.days()).ok())
                .ok_or_else(|| missing(row))
        };
        days.i32().map_err(failed)?.iter().enumerate().map(numbered).collect()
    };
    Ok((dates?, index))
}
