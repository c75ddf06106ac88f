//! Wilder's directional movement: the two directional indicators, their index, and its average (Wilder, 1978).
//!
//! Today's upward move is how far the high rose, the downward one how far the low fell; only the larger of the two
//! counts, and only when positive. Moves and true ranges are smoothed by `s = s - s / period + new`, started with the
//! sum of the first `period - 1` of them.

use super::range::ranges;
use super::{Line, check_columns, check_period, or_zero};
use crate::error::AnalyticsError;

/// Returns the plus directional indicator, 100 times the smoothed upward moves over the smoothed true ranges; 0
/// without a range.
///
/// Valid from row `period`. TA-Lib's PLUS_DI, which answers the plain quotient for a period of 1.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 1 to 100,000.
///
/// ```
/// // Two days that rise by 1, each with a range of 2.
/// let (high, low, close) = ([11.0, 12.0, 13.0], [9.0, 10.0, 11.0], [10.0, 11.0, 12.0]);
/// let line = apex_analytics::indicator::directional::plus_indicator(&high, &low, &close, 2).unwrap();
/// assert!((line.get(2).unwrap() - 100.0 * 1.5 / 3.0).abs() < 1e-12);
/// ```
pub fn plus_indicator(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    indicator(high, low, close, period, |smoothed| smoothed.plus)
}

/// Returns the minus directional indicator: as [`plus_indicator`] for downward moves.
///
/// # Errors
///
/// As [`plus_indicator`].
pub fn minus_indicator(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    indicator(high, low, close, period, |smoothed| smoothed.minus)
}

/// Returns the directional index `100 |plus - minus| / (plus + minus)` of the two indicators.
///
/// Valid from row `period`; where nothing moves it keeps its last value, at first 0. TA-Lib's DX.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// // Only upward moves.
/// let (high, low, close) = ([11.0, 12.0, 13.0], [9.0, 10.0, 11.0], [10.0, 11.0, 12.0]);
/// let line = apex_analytics::indicator::directional::directional_index(&high, &low, &close, 2).unwrap();
/// assert_eq!(line.get(2), Some(100.0));
/// ```
pub fn directional_index(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    check_period("period", period, 2)?;
    let mut last = 0.0;
    let values = smoothed(high, low, close, period).map(|smoothed| {
        last = smoothed.index().unwrap_or(last);
        last
    });
    Line::ending_at(rows, values.collect())
}

/// Returns the average directional index: the mean of the first `period` directional indices, then Wilder's smoothing.
///
/// Valid from row `2 period - 1`; a day on which nothing moves leaves it as it is. TA-Lib's ADX.
///
/// # Errors
///
/// As [`directional_index`].
///
/// ```
/// let (high, low, close) = ([2.0, 3.0, 4.0, 5.0], [0.0, 1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0]);
/// let line = apex_analytics::indicator::directional::average_directional_index(&high, &low, &close, 2).unwrap();
/// assert_eq!(line.to_options(), [None, None, None, Some(100.0)]);
/// ```
pub fn average_directional_index(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    period: usize,
) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    check_period("period", period, 2)?;
    let mut indices = smoothed(high, low, close, period).map(Smoothed::index);
    if rows < 2 * period {
        return Line::ending_at(rows, Vec::new());
    }
    let count = period as f64;
    let mut average = indices.by_ref().take(period).flatten().sum::<f64>() / count;
    let mut values = vec![average];
    values.extend(indices.map(|index| {
        if let Some(index) = index {
            average = (average * (count - 1.0) + index) / count;
        }
        average
    }));
    Line::ending_at(rows, values)
}

fn indicator(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    period: usize,
    chosen: impl Fn(Smoothed) -> f64,
) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    check_period("period", period, 1)?;
    let scale = if period == 1 { 1.0 } else { 100.0 };
    let values = smoothed(high, low, close, period).map(|smoothed| scale * or_zero(chosen(smoothed), smoothed.range));
    Line::ending_at(rows, values.collect())
}

/// Smoothed moves and ranges after one day.
#[derive(Debug, Clone, Copy, Default)]
struct Smoothed {
    plus: f64,
    minus: f64,
    range: f64,
}

impl Smoothed {
    /// Returns the directional index, or `None` where nothing moves.
    fn index(self) -> Option<f64> {
        if self.range == 0.0 {
            return None;
        }
        let (plus, minus) = (100.0 * (self.plus / self.range), 100.0 * (self.minus / self.range));
        let sum = plus + minus;
        (sum != 0.0).then(|| 100.0 * ((minus - plus).abs() / sum))
    }
}

/// Returns smoothed moves and ranges from row `period` on.
fn smoothed(high: &[f64], low: &[f64], close: &[f64], period: usize) -> impl Iterator<Item = Smoothed> {
    let moves = high.windows(2).zip(low.windows(2)).map(|(high, low)| {
        let (up, down) = (high[1] - high[0], low[0] - low[1]);
        if down > 0.0 && up < down {
            (0.0, down)
        } else if up > 0.0 && up > down {
            (up, 0.0)
        } else {
            (0.0, 0.0)
        }
    });
    let mut days = moves.zip(ranges(high, low, close));
    let mut state = Smoothed::default();
    for ((plus, minus), range) in days.by_ref().take(period - 1) {
        state.plus += plus;
        state.minus += minus;
        state.range += range;
    }
    let count = period as f64;
    days.map(move |((plus, minus), range)| {
        state.plus += plus - state.plus / count;
        state.minus += minus - state.minus / count;
        state.range += range - state.range / count;
        state
    })
}
