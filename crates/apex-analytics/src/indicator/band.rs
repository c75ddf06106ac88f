//! The moving standard deviation, and Bollinger bands.

use super::{Line, check_period, runs};
use crate::error::{AnalyticsError, all_finite};

/// Upper, middle and lower band.
#[derive(Debug, Clone, PartialEq)]
pub struct Bands {
    /// The middle plus its deviations.
    pub upper: Line,
    /// The simple moving average.
    pub middle: Line,
    /// The middle minus its deviations.
    pub lower: Line,
}

/// Returns `deviations` times the population standard deviation (over n) of the last `period` values.
///
/// Valid from row `period - 1`; exactly 0 where nothing moved. TA-Lib's STDDEV.
///
/// # Errors
///
/// Refuses values and deviations that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::band::standard_deviation(&[1.0, 3.0], 2, 1.0).unwrap();
/// assert_eq!(line.get(1), Some(1.0));
/// ```
pub fn standard_deviation(values: &[f64], period: usize, deviations: f64) -> Result<Line, AnalyticsError> {
    check(values, period, &[deviations])?;
    let (_, mut spreads) = means_and_deviations(values, period);
    spreads.iter_mut().for_each(|spread| *spread *= deviations);
    Line::ending_at(values.len(), spreads)
}

/// Returns Bollinger bands: the simple moving average, and so many population standard deviations above and below it
/// (Bollinger, 2001).
///
/// Valid from row `period - 1`. TA-Lib's BBANDS.
///
/// # Errors
///
/// Refuses values and deviations that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let bands = apex_analytics::indicator::band::bollinger(&[1.0, 3.0], 2, 2.0, 2.0).unwrap();
/// assert_eq!((bands.upper.get(1), bands.middle.get(1), bands.lower.get(1)), (Some(4.0), Some(2.0), Some(0.0)));
/// ```
pub fn bollinger(values: &[f64], period: usize, up: f64, down: f64) -> Result<Bands, AnalyticsError> {
    check(values, period, &[up, down])?;
    let (means, spreads) = means_and_deviations(values, period);
    let pairs = || means.iter().zip(&spreads);
    let upper = pairs().map(|(mean, spread)| mean + up * spread).collect();
    let lower = pairs().map(|(mean, spread)| mean - down * spread).collect();
    Ok(Bands {
        upper: Line::ending_at(values.len(), upper)?,
        middle: Line::ending_at(values.len(), means)?,
        lower: Line::ending_at(values.len(), lower)?,
    })
}

fn check(values: &[f64], period: usize, deviations: &[f64]) -> Result<(), AnalyticsError> {
    check_period("period", period, 2)?;
    all_finite("number of deviations", deviations)?;
    all_finite("value", values)
}

/// Returns mean and population standard deviation of each full window.
fn means_and_deviations(values: &[f64], period: usize) -> (Vec<f64>, Vec<f64>) {
    let outputs = (values.len() + 1).saturating_sub(period);
    let (mut means, mut spreads) = (vec![0.0; outputs], vec![0.0; outputs]);
    let share = 1.0 / period as f64;
    // Sums start anew where a window shares no value with the one they started from, about a value of its own.
    let mut start = 0;
    while start < outputs {
        let end = (start + period).min(outputs);
        let pivot = values[start + period - 1];
        let (mut sum, mut squares) = (0.0, 0.0);
        for value in &values[start..start + period] {
            let apart = value - pivot;
            sum += apart;
            squares += apart * apart;
        }
        (means[start], spreads[start]) = (sum, squares);
        let moves = values[start..end - 1]
            .iter()
            .zip(&values[start + period..end - 1 + period]);
        let next = means[start + 1..end].iter_mut().zip(&mut spreads[start + 1..end]);
        for ((mean, spread), (old, new)) in next.zip(moves) {
            let change = new - old;
            sum += change;
            squares += change * ((new - pivot) + (old - pivot));
            (*mean, *spread) = (sum, squares);
        }
        for (mean, spread) in means[start..end].iter_mut().zip(&mut spreads[start..end]) {
            let apart = *mean * share;
            let variance = *spread * share - apart * apart;
            *spread = if variance > 0.0 { variance.sqrt() } else { 0.0 };
            *mean = pivot + apart;
        }
        start = end;
    }
    // Rounding must not make a deviation of a window that stands still.
    for (output, run) in runs(values).skip(period - 1).enumerate() {
        if run >= period {
            (means[output], spreads[output]) = (values[output], 0.0);
        }
    }
    (means, spreads)
}
