//! Oscillators of gains against losses, of typical prices, and of buying pressure.

use super::average::moving_sums;
use super::range::ranges;
use super::{Line, check_columns, check_period, or_zero};
use crate::error::{AnalyticsError, all_finite};

/// Returns the relative strength index, 100 times the average gain over the sum of average gain and average loss;
/// 0 where nothing moved (Wilder, 1978).
///
/// The averages start as the means of the first `period` changes and are smoothed by
/// `a = (a (period - 1) + change) / period`. Valid from row `period`. TA-Lib's RSI.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::oscillator::relative_strength(&[1.0, 4.0, 3.0], 2).unwrap();
/// assert_eq!(line.to_options(), [None, None, Some(75.0)]); // A gain of 3, a loss of 1.
/// ```
pub fn relative_strength(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check_period("period", period, 2)?;
    all_finite("value", values)?;
    Line::ending_at(values.len(), strengths(values, period))
}

/// Returns the relative strength from row `period` on.
pub(super) fn strengths(values: &[f64], period: usize) -> Vec<f64> {
    gains_and_losses(values, period, |gain, loss| 100.0 * or_zero(gain, gain + loss))
}

/// Returns Chande's momentum oscillator, 100 times gain minus loss over gain plus loss, averaged as in
/// [`relative_strength`]; 0 where nothing moved (Chande and Kroll, 1994).
///
/// Valid from row `period`. TA-Lib's CMO, which smooths where Chande takes plain sums.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::oscillator::chande_momentum(&[1.0, 4.0, 3.0], 2).unwrap();
/// assert_eq!(line.get(2), Some(50.0));
/// ```
pub fn chande_momentum(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check_period("period", period, 2)?;
    all_finite("value", values)?;
    let answer = |gain: f64, loss: f64| 100.0 * or_zero(gain - loss, gain + loss);
    Line::ending_at(values.len(), gains_and_losses(values, period, answer))
}

/// Returns the commodity channel index: how far the typical price `(high + low + close) / 3` stands from its mean, in
/// units of .015 mean absolute deviations; 0 where that is nothing but rounding (Lambert, 1980).
///
/// Valid from row `period - 1`. TA-Lib's CCI.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let prices = [1.0, 3.0];
/// let line = apex_analytics::indicator::oscillator::commodity_channel(&prices, &prices, &prices, 2).unwrap();
/// assert!((line.get(1).unwrap() - 1.0 / 0.015).abs() < 1e-12);
/// ```
pub fn commodity_channel(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    check_period("period", period, 2)?;
    let typical = typical(high, low, close);
    let count = period as f64;
    let values = typical.windows(period).map(|window| {
        let last = window[period - 1];
        // About the last value, so that prices that stand still differ from their mean by exactly nothing.
        let mean = last + window.iter().map(|value| value - last).sum::<f64>() / count;
        let deviation: f64 = window.iter().map(|value| (value - mean).abs()).sum();
        let apart = last - mean;
        if is_noise(apart, last) || deviation == 0.0 {
            0.0
        } else {
            apart / (0.015 * (deviation / count))
        }
    });
    Line::ending_at(rows, values.collect())
}

/// Returns the ultimate oscillator: buying pressure over true range, summed over three periods and weighted 4, 2 and 1,
/// the shortest period the heaviest (Williams, 1985).
///
/// Buying pressure is the close minus the lower of low and close before. A period without a range counts 0. Valid from
/// the row of the longest period. TA-Lib's ULTOSC.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and periods outside 1 to 100,000.
///
/// ```
/// // Closes at the highs: all of the range is buying pressure.
/// let line = apex_analytics::indicator::oscillator::ultimate(
///     &[2.0, 3.0, 4.0, 5.0], &[1.0, 2.0, 3.0, 4.0], &[2.0, 3.0, 4.0, 5.0], [1, 2, 3],
/// );
/// assert_eq!(line.unwrap().to_options(), [None, None, None, Some(100.0)]);
/// ```
pub fn ultimate(high: &[f64], low: &[f64], close: &[f64], periods: [usize; 3]) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    for period in periods {
        check_period("period", period, 1)?;
    }
    let mut periods = periods;
    periods.sort_unstable();
    let ranges = ranges(high, low, close);
    let today = low.iter().zip(close).skip(1);
    let pressures: Vec<f64> = today
        .zip(close)
        .map(|((low, close), before)| close - low.min(*before))
        .collect();
    let mut values = vec![0.0; rows.saturating_sub(periods[2])];
    for (period, weight) in periods.into_iter().zip([4.0, 2.0, 1.0]) {
        let (pressure, range) = (moving_sums(&pressures, period), moving_sums(&ranges, period));
        let recent = pressure.len() - values.len();
        for ((value, pressure), range) in values.iter_mut().zip(&pressure[recent..]).zip(&range[recent..]) {
            *value += weight * or_zero(*pressure, *range);
        }
    }
    values.iter_mut().for_each(|value| *value = 100.0 * *value / 7.0);
    Line::ending_at(rows, values)
}

/// Returns whether a difference is no more than what rounding makes of equal values.
pub(super) fn is_noise(difference: f64, value: f64) -> bool {
    difference.abs() <= 4.0 * f64::EPSILON * value.abs()
}

/// Returns the typical prices `(high + low + close) / 3`.
pub(super) fn typical(high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
    let prices = high.iter().zip(low).zip(close);
    prices.map(|((high, low), close)| (high + low + close) / 3.0).collect()
}

/// Returns a function of Wilder's average gain and average loss, from row `period` on.
fn gains_and_losses(values: &[f64], period: usize, answer: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    if values.len() <= period {
        return Vec::new();
    }
    let new = 1.0 / period as f64;
    let old = 1.0 - new;
    // All values are finite, so a plain comparison will do.
    let positive = |value: f64| if value > 0.0 { value } else { 0.0 };
    let (mut gain, mut loss) = (0.0, 0.0);
    for pair in values[..=period].windows(2) {
        gain += positive(pair[1] - pair[0]);
        loss += positive(pair[0] - pair[1]);
    }
    gain *= new;
    loss *= new;
    let mut answers = Vec::with_capacity(values.len() - period);
    answers.push(answer(gain, loss));
    let changes = values[period + 1..].iter().zip(&values[period..]);
    answers.extend(changes.map(|(value, before)| {
        let change = (value - before) * new;
        gain = gain * old + positive(change);
        loss = loss * old + positive(-change);
        answer(gain, loss)
    }));
    answers
}
