//! The Sharpe ratio.

use crate::error::ratio;
use crate::measure::{OBSERVATIONS_A_YEAR, mean, volatility};

/// Returns the annualized Sharpe ratio, or `None` where it is undefined.
///
/// `sqrt(252) * (mean(r) - risk_free) / stdev(r)` with the sample standard deviation (n - 1), after Sharpe (1994).
/// `risk_free` is per observation, as `returns` are. Undefined for fewer than two returns, and for a series that never
/// moves: other packages answer 2e16 or infinity there.
///
/// ```
/// use apex_analytics::measure::sharpe::sharpe;
///
/// // Mean 1%, deviation sqrt(2)%.
/// let ratio = sharpe(&[0.02, 0.0], 0.0).unwrap();
/// assert!((ratio - 252f64.sqrt() / 2f64.sqrt()).abs() < 1e-12);
/// assert_eq!(sharpe(&[0.001; 20], 0.0), None);
/// ```
pub fn sharpe(returns: &[f64], risk_free: f64) -> Option<f64> {
    let deviation = volatility::deviation(returns)?;
    ratio(mean(returns)? - risk_free, deviation).map(|value| value * OBSERVATIONS_A_YEAR.sqrt())
}
