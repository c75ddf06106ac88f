//! Indicators of price and volume.

use super::average::moving_sums;
use super::oscillator::{is_noise, typical};
use super::{Line, check_columns, check_period};
use crate::error::AnalyticsError;

/// Returns on-balance volume: the first day's volume, then plus the volume of days that close higher and minus that of
/// days that close lower (Granville, 1963).
///
/// Valid from row 0. TA-Lib's OBV.
///
/// # Errors
///
/// Refuses columns of different length and values that are not finite.
///
/// ```
/// let line = apex_analytics::indicator::volume::on_balance(&[1.0, 2.0, 1.0], &[10.0, 5.0, 2.0]).unwrap();
/// assert_eq!(line.values(), [10.0, 15.0, 13.0]);
/// ```
pub fn on_balance(close: &[f64], volume: &[f64]) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("close", close), ("volume", volume)])?;
    let Some(first) = volume.first() else {
        return Line::ending_at(0, Vec::new());
    };
    let mut balance = *first;
    let mut values = Vec::with_capacity(rows);
    values.push(balance);
    values.extend(close.windows(2).zip(&volume[1..]).map(|(pair, volume)| {
        if pair[1] > pair[0] {
            balance += volume;
        } else if pair[1] < pair[0] {
            balance -= volume;
        }
        balance
    }));
    Line::ending_at(rows, values)
}

/// Returns the accumulation and distribution line: the running sum of volume times
/// `((close - low) - (high - close)) / (high - low)` (Chaikin).
///
/// A day without a range adds nothing. Valid from row 0. TA-Lib's AD.
///
/// # Errors
///
/// Refuses columns of different length and values that are not finite.
///
/// ```
/// // A close at the high, then one at the low.
/// let line = apex_analytics::indicator::volume::accumulation(&[2.0, 2.0], &[1.0, 1.0], &[2.0, 1.0], &[10.0, 4.0]);
/// assert_eq!(line.unwrap().values(), [10.0, 6.0]);
/// ```
pub fn accumulation(high: &[f64], low: &[f64], close: &[f64], volume: &[f64]) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close), ("volume", volume)])?;
    let mut sum = 0.0;
    let days = high.iter().zip(low).zip(close).zip(volume);
    let values = days.map(|(((high, low), close), volume)| {
        let range = high - low;
        if range > 0.0 {
            sum += ((close - low) - (high - close)) / range * volume;
        }
        sum
    });
    Line::ending_at(rows, values.collect())
}

/// Returns the money flow index: 100 times the money of days on which the typical price rose, over that of the days on
/// which it moved by more than rounding, in the last `period` changes; money is typical price times volume.
///
/// Valid from row `period`; 0 where less than 1 was traded. TA-Lib's MFI.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let prices = [1.0, 3.0, 2.0];
/// let line = apex_analytics::indicator::volume::money_flow(&prices, &prices, &prices, &[1.0, 1.0, 1.0], 2).unwrap();
/// assert_eq!(line.to_options(), [None, None, Some(60.0)]); // 3 in, 2 out.
/// ```
pub fn money_flow(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    volume: &[f64],
    period: usize,
) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close), ("volume", volume)])?;
    check_period("period", period, 2)?;
    let typical = typical(high, low, close);
    let money = |rose: bool| -> Vec<f64> {
        let days = typical.windows(2).zip(volume.iter().skip(1));
        days.map(|(pair, volume)| {
            let moved = !is_noise(pair[1] - pair[0], pair[1]);
            if moved && rose == (pair[1] > pair[0]) {
                pair[1] * volume
            } else {
                0.0
            }
        })
        .collect()
    };
    let rising = moving_sums(&money(true), period);
    let falling = moving_sums(&money(false), period);
    let values = rising.iter().zip(&falling).map(|(rising, falling)| {
        let traded = rising + falling;
        if traded < 1.0 { 0.0 } else { 100.0 * (rising / traded) }
    });
    Line::ending_at(rows, values.collect())
}
