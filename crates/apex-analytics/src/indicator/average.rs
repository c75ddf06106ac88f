//! Moving averages: simple, weighted, exponential, double and triple exponential, and Kaufman's adaptive one.

use super::{Line, check_period};
use crate::error::{AnalyticsError, all_finite};

/// The rows after which a moving sum is taken afresh.
const RESTART: usize = 256;

/// Returns the simple moving average: the mean of the last `period` values.
///
/// Valid from row `period - 1`. TA-Lib's SMA.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::average::sma(&[1.0, 2.0, 6.0, 7.0], 3).unwrap();
/// assert_eq!(line.to_options(), [None, None, Some(3.0), Some(5.0)]);
/// ```
pub fn sma(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check(values, period)?;
    Line::ending_at(values.len(), simple(values, period))
}

/// Returns the exponential moving average, `e += 2 / (period + 1) * (v - e)`, started with the mean of the first
/// `period` values.
///
/// Valid from row `period - 1`. TA-Lib's EMA; packages that start with the first value differ in the early rows.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::average::ema(&[1.0, 3.0, 5.0], 2).unwrap();
/// assert_eq!(line.get(1), Some(2.0));
/// assert!((line.get(2).unwrap() - 4.0).abs() < 1e-15); // 2 + 2/3 * (5 - 2)
/// ```
pub fn ema(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check(values, period)?;
    Line::ending_at(values.len(), exponential(values, period))
}

/// Returns the linearly weighted moving average: weights 1, 2, ..., `period`, the newest the heaviest.
///
/// Valid from row `period - 1`. TA-Lib's WMA.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::average::wma(&[1.0, 2.0, 6.0], 3).unwrap();
/// assert!((line.get(2).unwrap() - (1.0 + 4.0 + 18.0) / 6.0).abs() < 1e-15);
/// ```
pub fn wma(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check(values, period)?;
    let outputs = (values.len() + 1).saturating_sub(period);
    let heaviest = period as f64;
    let divisor = heaviest * (heaviest + 1.0) / 2.0;
    let mut averages = Vec::with_capacity(outputs);
    let mut start = 0;
    while start < outputs {
        let end = (start + RESTART.max(period)).min(outputs);
        let window = &values[start..start + period];
        let mut sum: f64 = window.iter().sum();
        let mut weighted: f64 = window.iter().zip(1u32..).map(|(v, weight)| v * f64::from(weight)).sum();
        averages.push(weighted / divisor);
        let moves = values[start..end - 1]
            .iter()
            .zip(&values[start + period..end - 1 + period]);
        averages.extend(moves.map(|(old, new)| {
            weighted += heaviest * new - sum;
            sum += new - old;
            weighted / divisor
        }));
        start = end;
    }
    Line::ending_at(values.len(), averages)
}

/// Returns the double exponential moving average `2 EMA - EMA(EMA)` (Mulloy, 1994).
///
/// Valid from row `2 (period - 1)`. TA-Lib's DEMA.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// // It follows a straight line without lag.
/// let line = apex_analytics::indicator::average::dema(&[1.0, 2.0, 3.0, 4.0], 2).unwrap();
/// assert!((line.get(3).unwrap() - 4.0).abs() < 1e-12);
/// ```
pub fn dema(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check(values, period)?;
    let once = exponential(values, period);
    let mut twice = exponential(&once, period);
    let lag = once.len() - twice.len();
    for (second, first) in twice.iter_mut().zip(&once[lag..]) {
        *second = 2.0 * first - *second;
    }
    Line::ending_at(values.len(), twice)
}

/// Returns the triple exponential moving average `3 EMA - 3 EMA(EMA) + EMA(EMA(EMA))` (Mulloy, 1994).
///
/// Valid from row `3 (period - 1)`. TA-Lib's TEMA.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::average::tema(&[1.0, 2.0, 3.0, 4.0, 5.0], 2).unwrap();
/// assert_eq!(line.first_valid(), Some(3));
/// assert!((line.get(4).unwrap() - 5.0).abs() < 1e-12);
/// ```
pub fn tema(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check(values, period)?;
    let once = exponential(values, period);
    let twice = exponential(&once, period);
    let mut thrice = exponential(&twice, period);
    let recent = |line: &[f64]| line.len() - thrice.len();
    let (first, second) = (&once[recent(&once)..], &twice[recent(&twice)..]);
    for ((third, first), second) in thrice.iter_mut().zip(first).zip(second) {
        *third += 3.0 * first - 3.0 * second;
    }
    Line::ending_at(values.len(), thrice)
}

/// Returns Kaufman's adaptive moving average (Kaufman, 1995), between an EMA of 2 and one of 30.
///
/// `k += (er (2/3 - 2/31) + 2/31)^2 (v - k)`, with the efficiency ratio `er` the move over `period` rows over the sum
/// of its daily moves, 1 where that sum is no larger than the move. Started with the value of row `period - 1`; valid
/// from row `period`. TA-Lib's KAMA.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// // A straight line has an efficiency of 1: 2 + (2/3)^2 (3 - 2).
/// let line = apex_analytics::indicator::average::kama(&[1.0, 2.0, 3.0], 2).unwrap();
/// assert!((line.get(2).unwrap() - (2.0 + 4.0 / 9.0)).abs() < 1e-15);
/// ```
pub fn kama(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check(values, period)?;
    let slow = 2.0 / 31.0;
    let fast = 2.0 / 3.0;
    let moves: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let paths = moving_sums(&moves, period);
    let mut level = values.get(period - 1).copied().unwrap_or(0.0);
    let recent = values.get(period..).unwrap_or_default();
    let averages = recent.iter().zip(values).zip(&paths).map(|((new, old), path)| {
        let travel = new - old;
        let efficiency = if *path <= travel || *path == 0.0 {
            1.0
        } else {
            (travel / path).abs()
        };
        let smoothing = (efficiency * (fast - slow) + slow).powi(2);
        level += (new - level) * smoothing;
        level
    });
    Line::ending_at(values.len(), averages.collect())
}

fn check(values: &[f64], period: usize) -> Result<(), AnalyticsError> {
    check_period("period", period, 2)?;
    all_finite("value", values)
}

/// Returns the sums of `period` neighbours, one for each full window.
pub(super) fn moving_sums(values: &[f64], period: usize) -> Vec<f64> {
    if period == 1 {
        return values.to_vec();
    }
    let outputs = (values.len() + 1).saturating_sub(period);
    let mut sums = Vec::with_capacity(outputs);
    let mut start = 0;
    while start < outputs {
        let end = (start + RESTART.max(period)).min(outputs);
        let mut sum: f64 = values[start..start + period].iter().sum();
        sums.push(sum);
        let moves = values[start..end - 1]
            .iter()
            .zip(&values[start + period..end - 1 + period]);
        sums.extend(moves.map(|(old, new)| {
            sum += new - old;
            sum
        }));
        start = end;
    }
    sums
}

/// Returns the means of `period` neighbours, one for each full window.
pub(super) fn simple(values: &[f64], period: usize) -> Vec<f64> {
    let mut sums = moving_sums(values, period);
    let count = period as f64;
    sums.iter_mut().for_each(|sum| *sum /= count);
    sums
}

/// Returns the exponential averages, one for each full window.
pub(super) fn exponential(values: &[f64], period: usize) -> Vec<f64> {
    let Some(seed) = values.get(..period) else {
        return Vec::new();
    };
    let factor = 2.0 / (period as f64 + 1.0);
    let mut level = seed.iter().sum::<f64>() / period as f64;
    let mut averages = Vec::with_capacity(values.len() - period + 1);
    averages.push(level);
    averages.extend(values[period..].iter().map(|value| {
        level += (value - level) * factor;
        level
    }));
    averages
}

/// Returns Wilder's averages, `a += (v - a) / period`, started with the mean of the first `period` values.
pub(super) fn wilder(values: &[f64], period: usize) -> Vec<f64> {
    let Some(seed) = values.get(..period) else {
        return Vec::new();
    };
    let new = 1.0 / period as f64;
    let old = 1.0 - new;
    let mut level = seed.iter().sum::<f64>() / period as f64;
    let mut averages = Vec::with_capacity(values.len() - period + 1);
    averages.push(level);
    averages.extend(values[period..].iter().map(|value| {
        level = level * old + value * new;
        level
    }));
    averages
}
