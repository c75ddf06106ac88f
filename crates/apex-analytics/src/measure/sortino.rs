//! The Sortino ratio and downside deviation.

use crate::error::{finite, ratio};
use crate::measure::{OBSERVATIONS_A_YEAR, mean};

/// Returns the downside deviation per observation, `sqrt(mean(min(r, 0)^2))`.
///
/// The mean is over all observations, not only over losing ones. Undefined for no returns.
pub fn downside_deviation(returns: &[f64]) -> Option<f64> {
    let squares: f64 = returns.iter().map(|value| value.min(0.0).powi(2)).sum();
    ratio(squares, returns.len() as f64).and_then(|mean| finite(mean.sqrt()))
}

/// Returns the annualized Sortino ratio `sqrt(252) * mean(r) / downside_deviation(r)`, target 0.
///
/// After Sortino and Price (1994). Undefined without a loss.
///
/// ```
/// // Mean 1%, downside sqrt((0.02^2) / 2).
/// let ratio = apex_analytics::measure::sortino::sortino(&[0.04, -0.02]).unwrap();
/// assert!((ratio - 0.01 / (0.0004f64 / 2.0).sqrt() * 252f64.sqrt()).abs() < 1e-12);
/// ```
pub fn sortino(returns: &[f64]) -> Option<f64> {
    ratio(mean(returns)?, downside_deviation(returns)?).map(|value| value * OBSERVATIONS_A_YEAR.sqrt())
}
