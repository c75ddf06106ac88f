//! Technical indicators of a table of prices: the reply of `apex indicators`.
//!
//! The JSON of the reply is a contract: keys are added, never renamed; undefined is `null`.

use apex_analytics::gap::GapColumn;
use apex_analytics::indicator::Bars;
use apex_analytics::table::PriceTable;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use apex_analytics::indicator::function::{Column, FUNCTIONS, Function};

use crate::error::{AppError, Result};

/// Where the prices stand in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Under their own headings: Open, High, Low, Close, Volume.
    Bars,
    /// All in one column, which is the close.
    Column(String),
}

/// `apex indicators --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndicatorReport {
    /// The function.
    pub name: String,
    /// The value of each of its parameters.
    pub params: Vec<f64>,
    /// The names of its outputs.
    pub outputs: Vec<String>,
    /// The first row that has a value; `null` when there are too few rows for one.
    pub first_valid: Option<usize>,
    /// One list of values, or one list for each output where there are several.
    pub values: Values,
    /// The date of each row.
    pub dates: Vec<Date>,
    /// Rows without a value, because a cell they need is empty.
    pub skipped: usize,
}

/// The values of all rows, `null` before the first valid one and where a cell is empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// Of a function with one output.
    One(Vec<Option<f64>>),
    /// Of a function with several.
    Several(Vec<Vec<Option<f64>>>),
}

impl Values {
    /// Returns the list of each output.
    pub fn lists(&self) -> Vec<&[Option<f64>]> {
        match self {
            Values::One(values) => vec![values],
            Values::Several(lists) => lists.iter().map(Vec::as_slice).collect(),
        }
    }
}

/// Computes an indicator; parameters that are not given have their defaults.
///
/// Rows on which a cell is empty that the function needs are left out, as if the day had not been.
///
/// # Errors
/// When there is no function of that name, the table lacks a column it needs, a column is chosen for a function that
/// needs several, or a parameter does not fit.
pub fn indicator(prices: &PriceTable, source: &Source, name: &str, parameters: &[f64]) -> Result<IndicatorReport> {
    let (function, params) = self::function(name, parameters)?;
    let columns: Vec<&GapColumn> = function
        .columns
        .iter()
        .map(|column| column_of(prices, source, function, *column))
        .collect::<Result<_>>()?;
    let rows = prices.dates().len();
    let lists = lists(function, &params, rows, &columns)?;
    let skipped = (0..rows)
        .filter(|row| columns.iter().any(|column| column.get(*row).is_none()))
        .count();
    let first_valid = lists.first().and_then(|list| list.iter().position(Option::is_some));
    let mut lists = lists;
    Ok(IndicatorReport {
        name: function.name.to_owned(),
        params,
        outputs: function.outputs.iter().map(|output| (*output).to_owned()).collect(),
        first_valid,
        values: match lists.len() {
            1 => Values::One(lists.remove(0)),
            _ => Values::Several(lists),
        },
        dates: prices.dates().to_vec(),
        skipped,
    })
}

/// Returns each output of a function row by row. `columns` are those it reads, in its order; rows on which one is empty are
/// left out, as if the day had not been.
pub(crate) fn lists(
    function: &Function,
    params: &[f64],
    rows: usize,
    columns: &[&GapColumn],
) -> Result<Vec<Vec<Option<f64>>>> {
    let known: Vec<usize> = (0..rows)
        .filter(|row| columns.iter().all(|column| column.get(*row).is_some()))
        .collect();
    let values: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| known.iter().filter_map(|row| column.get(*row)).collect())
        .collect();
    let of = |wanted: Column| {
        let at = function.columns.iter().position(|column| *column == wanted);
        at.and_then(|at| values.get(at)).map_or(&[][..], Vec::as_slice)
    };
    let bars = Bars {
        open: of(Column::Open),
        high: of(Column::High),
        low: of(Column::Low),
        close: of(Column::Close),
        volume: of(Column::Volume),
    };
    let lines = function.compute(&bars, params).map_err(|err| fault(function, &err))?;
    let spread = lines.iter().map(|line| {
        let mut list = vec![None; rows];
        for (at, row) in known.iter().enumerate() {
            list[*row] = line.get(at);
        }
        list
    });
    Ok(spread.collect())
}

/// Returns the function of a name with the value of each of its parameters.
pub(crate) fn function(name: &str, parameters: &[f64]) -> Result<(&'static Function, Vec<f64>)> {
    let function = Function::named(name).ok_or_else(|| {
        let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
        AppError::invalid(format!("there is no indicator {name}; there are {}", names.join(", ")))
    })?;
    let params = function.complete(parameters).map_err(|err| fault(function, &err))?;
    Ok((function, params))
}

fn column_of<'a>(
    prices: &'a PriceTable,
    source: &Source,
    function: &Function,
    column: Column,
) -> Result<&'a GapColumn> {
    let heading = match source {
        Source::Column(name) if column == Column::Close => prices.names().iter().find(|own| *own == name),
        Source::Column(name) => {
            return Err(AppError::invalid(format!(
                "{} reads {}; the column {name} alone is not enough",
                function.name,
                needs(function)
            )));
        }
        Source::Bars => {
            let mut names = prices.names().iter();
            names.find(|own| own.trim().eq_ignore_ascii_case(column.name()))
        }
    };
    heading.and_then(|heading| prices.column(heading)).ok_or_else(|| {
        let wanted = match source {
            Source::Column(name) => name,
            Source::Bars => column.name(),
        };
        AppError::invalid(format!(
            "there is no column {wanted} for {}; columns are {}",
            function.name,
            prices.names().join(", ")
        ))
    })
}

/// Returns the columns a function reads, as a person writes them.
pub fn needs(function: &Function) -> String {
    let names: Vec<&str> = function.columns.iter().map(|column| column.name()).collect();
    names.join(", ")
}

fn fault(function: &Function, err: &apex_analytics::AnalyticsError) -> AppError {
    AppError::invalid(format!("{}: {err}", function.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::price_table;

    fn table() -> PriceTable {
        let text = "Date,A,B\n2026-01-05,1,1\n2026-01-06,,1\n2026-01-07,3,1\n2026-01-08,5,1\n";
        price_table("x.csv", text.as_bytes()).unwrap()
    }

    #[test]
    fn a_gap_has_no_value_and_does_not_count_as_a_day() {
        let report = indicator(&table(), &Source::Column("A".to_owned()), "sma", &[2.0]).unwrap();
        assert_eq!(
            (report.name.as_str(), report.first_valid, report.skipped),
            ("SMA", Some(2), 1)
        );
        assert_eq!(report.values, Values::One(vec![None, None, Some(2.0), Some(4.0)]));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let ask = |source: &Source, name: &str, parameters: &[f64]| {
            let answer = indicator(&table(), source, name, parameters);
            answer.unwrap_err().to_string()
        };
        let column = Source::Column("A".to_owned());
        assert_eq!(
            ask(&column, "ATR", &[]),
            "ATR reads High, Low, Close; the column A alone is not enough"
        );
        assert_eq!(
            ask(&Source::Bars, "RSI", &[]),
            "there is no column Close for RSI; columns are A, B"
        );
        assert_eq!(
            ask(&Source::Column("C".to_owned()), "RSI", &[]),
            "there is no column C for RSI; columns are A, B"
        );
        assert!(ask(&column, "RIS", &[]).starts_with("there is no indicator RIS; there are SMA, EMA"));
        assert_eq!(
            ask(&column, "RSI", &[1.0]),
            "RSI: period is 1; it must be between 2 and 100000"
        );
        assert_eq!(
            ask(&column, "RSI", &[2.5]),
            "RSI: period is 2.5; it must be a whole number"
        );
        assert_eq!(
            ask(&column, "RSI", &[2.0, 3.0]),
            "RSI: list of parameters has a length of 2 where 1 is needed"
        );
    }
}
