//! Volatility: the sample standard deviation, and the same a year.

use crate::error::finite;
use crate::measure::{OBSERVATIONS_A_YEAR, is_flat, mean};

/// Returns the sample standard deviation `sqrt(sum((r - mean)^2) / (n - 1))`.
///
/// Exactly zero for a series that never moves; undefined for fewer than two returns.
pub fn deviation(returns: &[f64]) -> Option<f64> {
    let mean = mean(returns)?;
    if returns.len() < 2 {
        return None;
    }
    if is_flat(returns) {
        return Some(0.0);
    }
    let squares: f64 = returns.iter().map(|value| (value - mean).powi(2)).sum();
    finite((squares / (returns.len() - 1) as f64).sqrt())
}

/// Returns the annualized volatility `deviation * sqrt(252)`.
///
/// ```
/// let volatility = apex_analytics::measure::volatility::annualized(&[0.01, -0.01]).unwrap();
/// assert!((volatility - 0.02 / 2f64.sqrt() * 252f64.sqrt()).abs() < 1e-15);
/// ```
pub fn annualized(returns: &[f64]) -> Option<f64> {
    deviation(returns).map(|deviation| deviation * OBSERVATIONS_A_YEAR.sqrt())
}
