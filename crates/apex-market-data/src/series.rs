//! Bars of one instrument as columns, every cell kept as the text it was received in.
//!
//! A [`Series`] is sorted by time, whatever the order it was given in. Detectors read numbers from it as `f64`; a cell that
//! nobody changes goes out as it came in, digit for digit. Knows no file and no provider.

mod cell;
mod file;
mod stamp;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use cell::Cell;
pub use file::PriceFile;
pub use stamp::{Interval, Stamp};

/// A column of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// First price of the bar, adjusted for splits as the source does.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Last price, adjusted for splits and what was paid out.
    AdjustedClose,
    /// Shares traded.
    Volume,
    /// Cash paid out, on its ex-date, in the currency of the prices.
    Dividends,
    /// New shares for one old one; zero where there is no split.
    StockSplits,
    /// Gains paid out by a fund, on their ex-date.
    CapitalGains,
}

impl Field {
    /// All of them.
    pub const ALL: [Field; 9] = [
        Field::Open,
        Field::High,
        Field::Low,
        Field::Close,
        Field::AdjustedClose,
        Field::Volume,
        Field::Dividends,
        Field::StockSplits,
        Field::CapitalGains,
    ];
    /// The four prices of a bar.
    pub const PRICES: [Field; 4] = [Field::Open, Field::High, Field::Low, Field::Close];

    /// Returns the name that price files give it.
    pub fn name(self) -> &'static str {
        match self {
            Field::Open => "Open",
            Field::High => "High",
            Field::Low => "Low",
            Field::Close => "Close",
            Field::AdjustedClose => "Adj Close",
            Field::Volume => "Volume",
            Field::Dividends => "Dividends",
            Field::StockSplits => "Stock Splits",
            Field::CapitalGains => "Capital Gains",
        }
    }

    /// Returns the field that a heading stands for, whatever its case and spacing.
    pub fn of_heading(heading: &str) -> Option<Self> {
        let letters: String = heading.chars().filter(|letter| letter.is_alphanumeric()).collect();
        match letters.to_lowercase().as_str() {
            "open" => Some(Field::Open),
            "high" => Some(Field::High),
            "low" => Some(Field::Low),
            "close" | "last" => Some(Field::Close),
            "adjclose" | "adjustedclose" => Some(Field::AdjustedClose),
            "volume" => Some(Field::Volume),
            "dividends" | "dividend" | "dividendamount" => Some(Field::Dividends),
            "stocksplits" | "stocksplit" | "splits" | "split" | "splitcoefficient" => Some(Field::StockSplits),
            "capitalgains" | "capitalgain" => Some(Field::CapitalGains),
            _ => None,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Why a series cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SeriesError {
    /// A cell is not what its column holds.
    #[error("{name} line {line}, column {column}: {reason}: {value}")]
    Cell {
        /// The file.
        name: String,
        /// The line, the heading being line 1.
        line: u64,
        /// The heading of the column.
        column: String,
        /// What was expected.
        reason: &'static str,
        /// What stands there.
        value: String,
    },
    /// The file as a whole does not fit.
    #[error("{name}: {reason}")]
    Shape {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// Bars in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    interval: Interval,
    stamps: Vec<Stamp>,
    columns: [Vec<Cell>; Field::ALL.len()],
}

impl Series {
    /// Makes a series; `columns` without cells are absent. Stamps must rise, and every column be as long as they are.
    pub(crate) fn new(interval: Interval, stamps: Vec<Stamp>, columns: [Vec<Cell>; Field::ALL.len()]) -> Self {
        debug_assert!(
            stamps.windows(2).all(|pair| pair[0] < pair[1]),
            "Invariant: the stamps of a series rise"
        );
        Self {
            interval,
            stamps,
            columns,
        }
    }

    /// Returns how long a bar is.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// Returns the stamps of the bars.
    pub fn stamps(&self) -> &[Stamp] {
        &self.stamps
    }

    /// Returns how many bars there are.
    pub fn len(&self) -> usize {
        self.stamps.len()
    }

    /// Returns whether there is no bar.
    pub fn is_empty(&self) -> bool {
        self.stamps.is_empty()
    }

    /// Returns whether the source has such a column.
    pub fn has(&self, field: Field) -> bool {
        !self.column(field).is_empty()
    }

    /// Returns a cell; `None` where the column or the row is absent.
    pub fn cell(&self, row: usize, field: Field) -> Option<&Cell> {
        self.column(field).get(row)
    }

    /// Returns the number of a cell; `None` where it is missing or not finite.
    pub fn number(&self, row: usize, field: Field) -> Option<f64> {
        self.cell(row, field)?.number()
    }

    /// Returns a price, adjusted or not, that can be one: finite and above zero.
    pub fn price(&self, row: usize, field: Field) -> Option<f64> {
        self.number(row, field).filter(|price| *price > 0.0)
    }

    /// Returns what is paid out or split on a row; zero where nothing is.
    pub fn event(&self, row: usize, field: Field) -> f64 {
        self.number(row, field).unwrap_or_default()
    }

    /// Returns the rows whose close is a price.
    pub fn priced(&self) -> Vec<usize> {
        (0..self.len())
            .filter(|row| self.price(*row, Field::Close).is_some())
            .collect()
    }

    /// Puts a cell in place of another.
    pub(crate) fn set(&mut self, row: usize, field: Field, cell: Cell) {
        if let Some(place) = self.columns[field as usize].get_mut(row) {
            *place = cell;
        }
    }

    fn column(&self, field: Field) -> &[Cell] {
        &self.columns[field as usize]
    }
}
