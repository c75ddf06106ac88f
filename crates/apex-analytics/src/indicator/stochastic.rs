//! Where a price stands between the highest and the lowest of its last rows.

use super::average::simple;
use super::oscillator::{is_noise, strengths};
use super::{Line, check_columns, check_period};
use crate::error::{AnalyticsError, all_finite};

/// Two lines of a stochastic oscillator.
#[derive(Debug, Clone, PartialEq)]
pub struct Stochastic {
    /// %K.
    pub k: Line,
    /// %D, the average of %K.
    pub d: Line,
}

/// Returns the slow stochastic oscillator (Lane, 1984).
///
/// The raw %K is 100 times the close's place between the lowest low and the highest high of the last `fast` rows, 0
/// where these are the same but for rounding; %K is its simple average over `slow_k` rows, %D the average of %K over
/// `slow_d`. Both are valid from row `fast + slow_k + slow_d - 3`. TA-Lib's STOCH with its default kind of average.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and periods outside 1 to 100,000.
///
/// ```
/// let (high, low, close) = ([4.0, 5.0], [1.0, 2.0], [3.0, 4.0]);
/// let lines = apex_analytics::indicator::stochastic::stochastic(&high, &low, &close, 2, 1, 1).unwrap();
/// assert_eq!((lines.k.get(1), lines.d.get(1)), (Some(75.0), Some(75.0))); // 4 between 1 and 5.
/// ```
pub fn stochastic(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    fast: usize,
    slow_k: usize,
    slow_d: usize,
) -> Result<Stochastic, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    check_period("fast %K period", fast, 1)?;
    check_period("slow %K period", slow_k, 1)?;
    check_period("slow %D period", slow_d, 1)?;
    let k = simple(&places(high, low, close, fast), slow_k);
    lines(rows, k, slow_d)
}

/// Returns the stochastic oscillator of the relative strength index (Chande and Kroll, 1994).
///
/// %K is 100 times the index's place between its lowest and highest of the last `fast_k` rows, %D its simple average
/// over `fast_d`. Both are valid from row `period + fast_k + fast_d - 2`. TA-Lib's STOCHRSI.
///
/// # Errors
///
/// Refuses values that are not finite, a period outside 2 to 100,000, and the others outside 1 to 100,000.
///
/// ```
/// let values = [1.0, 2.0, 1.0, 3.0, 2.0, 5.0];
/// let lines = apex_analytics::indicator::stochastic::stochastic_strength(&values, 2, 2, 1).unwrap();
/// assert_eq!((lines.k.first_valid(), lines.k.get(3), lines.k.get(4)), (Some(3), Some(100.0), Some(0.0)));
/// ```
pub fn stochastic_strength(
    values: &[f64],
    period: usize,
    fast_k: usize,
    fast_d: usize,
) -> Result<Stochastic, AnalyticsError> {
    check_period("period", period, 2)?;
    check_period("fast %K period", fast_k, 1)?;
    check_period("fast %D period", fast_d, 1)?;
    all_finite("value", values)?;
    let strengths = strengths(values, period);
    lines(values.len(), places(&strengths, &strengths, &strengths, fast_k), fast_d)
}

/// Returns Williams' %R: minus 100 times the distance of the close from the highest high of the last `period` rows,
/// over their range; 0 without a range.
///
/// Valid from row `period - 1`. TA-Lib's WILLR.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::stochastic::williams_r(&[4.0, 5.0], &[1.0, 2.0], &[3.0, 4.0], 2).unwrap();
/// assert_eq!(line.get(1), Some(-25.0));
/// ```
pub fn williams_r(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low), ("close", close)])?;
    check_period("period", period, 2)?;
    let values = extremes(high, low, period).zip(&close[(period - 1).min(rows)..]);
    let values = values.map(|((highest, lowest), close)| {
        let unit = (highest - lowest) / -100.0;
        if unit == 0.0 { 0.0 } else { (highest - close) / unit }
    });
    Line::ending_at(rows, values.collect())
}

/// Returns the raw %K from row `period - 1` on.
fn places(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Vec<f64> {
    let closes = close.get(period - 1..).unwrap_or_default();
    let places = extremes(high, low, period).zip(closes);
    places
        .map(|((highest, lowest), close)| {
            let range = highest - lowest;
            if is_noise(range, highest) {
                0.0
            } else {
                (close - lowest) / (range / 100.0)
            }
        })
        .collect()
}

fn lines(rows: usize, k: Vec<f64>, average: usize) -> Result<Stochastic, AnalyticsError> {
    let d = simple(&k, average);
    let recent = k[k.len() - d.len()..].to_vec();
    Ok(Stochastic {
        k: Line::ending_at(rows, recent)?,
        d: Line::ending_at(rows, d)?,
    })
}

/// Returns the highest high and the lowest low of each full window.
fn extremes(high: &[f64], low: &[f64], period: usize) -> impl Iterator<Item = (f64, f64)> {
    let highest = extreme_rows(high, period, |new, old| new >= old);
    let lowest = extreme_rows(low, period, |new, old| new <= old);
    highest.into_iter().zip(lowest).map(|(up, down)| (high[up], low[down]))
}

/// Returns the row of the extreme value of each full window of `period` rows, the last of equals.
///
/// `beats` says whether a newer value makes an older one superfluous. Each row enters and leaves a queue once.
pub(super) fn extreme_rows(values: &[f64], period: usize, beats: impl Fn(f64, f64) -> bool) -> Vec<usize> {
    let mut queue = vec![0; values.len()];
    let (mut head, mut tail) = (0, 0);
    let mut rows = Vec::with_capacity((values.len() + 1).saturating_sub(period));
    for (row, value) in values.iter().enumerate() {
        while tail > head && beats(*value, values[queue[tail - 1]]) {
            tail -= 1;
        }
        queue[tail] = row;
        tail += 1;
        if queue[head] + period <= row {
            head += 1;
        }
        if row + 1 >= period {
            rows.push(queue[head]);
        }
    }
    rows
}
