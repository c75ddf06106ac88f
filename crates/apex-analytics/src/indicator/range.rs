//! The true range of a day, and its averages.

use super::average::wilder;
use super::{Line, check_columns, check_period, or_zero};
use crate::error::AnalyticsError;

/// Returns the true range, `max(high - low, |high - close before|, |low - close before|)` (Wilder, 1978).
///
/// Valid from row 1. TA-Lib's TRANGE.
///
/// # Errors
///
/// Refuses columns of different length and values that are not finite.
///
/// ```
/// // The day opened with a gap: from 10 up to 15.
/// let line = apex_analytics::indicator::range::true_range(&[11.0, 15.0], &[9.0, 13.0], &[10.0, 14.0]).unwrap();
/// assert_eq!(line.to_options(), [None, Some(5.0)]);
/// ```
pub fn true_range(high: &[f64], low: &[f64], close: &[f64]) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    Line::ending_at(rows, ranges(high, low, close))
}

/// Returns the average true range: the mean of the first `period` true ranges, then Wilder's smoothing
/// `a = (a (period - 1) + range) / period` (Wilder, 1978).
///
/// Valid from row `period`. TA-Lib's ATR.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 1 to 100,000.
///
/// ```
/// let (high, low, close) = ([11.0, 12.0, 13.0, 16.0], [9.0, 10.0, 10.0, 10.0], [10.0, 11.0, 12.0, 13.0]);
/// let line = apex_analytics::indicator::range::average_true_range(&high, &low, &close, 2).unwrap();
/// assert_eq!(line.to_options(), [None, None, Some(2.5), Some(4.25)]); // (2 + 3) / 2, (2.5 + 6) / 2
/// ```
pub fn average_true_range(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    check_period("period", period, 1)?;
    Line::ending_at(rows, wilder(&ranges(high, low, close), period))
}

/// Returns the average true range in percent of the close; 0 where the close is 0.
///
/// Valid from row `period`. TA-Lib's NATR, which answers the plain true range for a period of 1.
///
/// # Errors
///
/// As [`average_true_range`].
///
/// ```
/// let line =
///     apex_analytics::indicator::range::normalized_average_true_range(&[11.0; 3], &[9.0; 3], &[10.0; 3], 2).unwrap();
/// assert_eq!(line.get(2), Some(20.0));
/// ```
pub fn normalized_average_true_range(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    period: usize,
) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    check_period("period", period, 1)?;
    let mut averages = wilder(&ranges(high, low, close), period);
    if period > 1 {
        let closes = &close[rows - averages.len()..];
        for (average, close) in averages.iter_mut().zip(closes) {
            *average = or_zero(*average, *close) * 100.0;
        }
    }
    Line::ending_at(rows, averages)
}

/// Returns the true range of every row but the first.
pub(super) fn ranges(high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
    let (high, low) = (high.get(1..).unwrap_or_default(), low.get(1..).unwrap_or_default());
    // All values are finite, so a plain comparison will do.
    let larger = |one: f64, two: f64| if one > two { one } else { two };
    let days = high.iter().zip(low).zip(close);
    days.map(|((high, low), before)| larger(high - low, larger((high - before).abs(), (low - before).abs())))
        .collect()
}
