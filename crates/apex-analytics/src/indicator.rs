//! Technical indicators of one instrument, in the conventions of TA-Lib: the same parameters, defaults, starting values
//! and first valid row. One family a file; [`function`] finds one by its name.
//!
//! A figure that needs rows from the past does not exist in the first rows: a [`Line`] starts at its first valid row
//! and has no gap after it. Where a denominator is zero, as in a market that stands still, the answer is TA-Lib's own,
//! mostly 0; each function says so. Sums over a moving window start anew every few hundred rows, and products are taken
//! about a value of the window, so rounding neither piles up nor swamps small moves of large prices.
//!
//! Prices are taken as they are. Nothing here knows dates, adjusts for splits or fills gaps.

pub mod average;
pub mod band;
pub mod candle;
pub mod directional;
pub mod function;
pub mod momentum;
pub mod oscillator;
pub mod range;
pub mod regression;
pub mod stochastic;
pub mod trend;
pub mod trendline;
pub mod volume;

use crate::error::{AnalyticsError, all_finite, same_length};

/// The longest period, as in TA-Lib.
const PERIOD_MAX: usize = 100_000;

/// One output of an indicator: nothing before its first valid row, one finite value a row from there on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    skipped: usize,
    values: Vec<f64>,
}

impl Line {
    /// Returns a line of `rows` rows, of which the last ones have these values.
    fn ending_at(rows: usize, values: Vec<f64>) -> Result<Self, AnalyticsError> {
        all_finite("indicator value", &values)?;
        Ok(Self {
            skipped: rows - values.len(),
            values,
        })
    }

    /// Returns the first row that has a value, or `None` when the series is too short for one.
    pub fn first_valid(&self) -> Option<usize> {
        (!self.values.is_empty()).then_some(self.skipped)
    }

    /// Returns the values from the first valid row on.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Returns how many rows the input had.
    pub fn rows(&self) -> usize {
        self.skipped + self.values.len()
    }

    /// Returns the value of a row of the input, `None` before the first valid one.
    ///
    /// ```
    /// let line = apex_analytics::indicator::average::sma(&[1.0, 2.0, 6.0], 2).unwrap();
    /// assert_eq!((line.get(0), line.get(1), line.get(2)), (None, Some(1.5), Some(4.0)));
    /// assert_eq!(line.first_valid(), Some(1));
    /// ```
    pub fn get(&self, row: usize) -> Option<f64> {
        self.values.get(row.checked_sub(self.skipped)?).copied()
    }

    /// Returns a value or its absence for every row of the input.
    pub fn to_options(&self) -> Vec<Option<f64>> {
        let before = std::iter::repeat_n(None, self.skipped);
        before.chain(self.values.iter().copied().map(Some)).collect()
    }
}

/// The columns of one instrument, row by row in order of time.
///
/// A function reads only the columns it needs; one that is needed and empty is refused by its length.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bars<'a> {
    /// Opening prices.
    pub open: &'a [f64],
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Closing prices.
    pub close: &'a [f64],
    /// Traded volume.
    pub volume: &'a [f64],
}

/// Refuses a period outside `least` to 100,000.
fn check_period(what: &'static str, period: usize, least: usize) -> Result<(), AnalyticsError> {
    if (least..=PERIOD_MAX).contains(&period) {
        Ok(())
    } else {
        Err(AnalyticsError::Parameter {
            what,
            value: period as f64,
            expected: if least == 1 {
                "between 1 and 100000"
            } else {
                "between 2 and 100000"
            },
        })
    }
}

/// Refuses columns of different length and values that are not finite.
fn check_columns<const N: usize>(columns: [(&'static str, &[f64]); N]) -> Result<usize, AnalyticsError> {
    let rows = columns.iter().map(|(_, column)| column.len()).max().unwrap_or(0);
    for (what, column) in columns {
        same_length(what, rows, column.len())?;
        all_finite(what, column)?;
    }
    Ok(rows)
}

/// Returns `numerator / denominator`, and 0 for a denominator of zero.
fn or_zero(numerator: f64, denominator: f64) -> f64 {
    if denominator == 0.0 {
        0.0
    } else {
        numerator / denominator
    }
}

/// Returns how many values in a row, up to each, are the same.
fn runs(values: &[f64]) -> impl Iterator<Item = usize> {
    let mut run = 0;
    let before = std::iter::once(f64::NAN).chain(values.iter().copied());
    values.iter().zip(before).map(move |(value, before)| {
        run = if *value == before { run + 1 } else { 1 };
        run
    })
}
