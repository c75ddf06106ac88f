//! Growth: total return and compound annual growth rate.

use crate::error::finite;
use crate::measure::OBSERVATIONS_A_YEAR;

/// Returns the total return `prod(1 + r) - 1`.
pub fn total_return(returns: &[f64]) -> Option<f64> {
    if returns.is_empty() {
        None
    } else {
        finite(crate::returns::compounded(returns))
    }
}

/// Returns the compound annual growth rate.
///
/// `prod(1 + r)^(252 / n) - 1`, with `n` the number of returns, not calendar days. Undefined for no returns. This is
/// `annual_return` of empyrical.
///
/// ```
/// // 252 days of 0.1% each: 1.001^252 - 1.
/// let cagr = apex_analytics::measure::growth::cagr(&[0.001; 252]).unwrap();
/// assert!((cagr - 0.286_434_044_376).abs() < 1e-9);
/// ```
pub fn cagr(returns: &[f64]) -> Option<f64> {
    let total = total_return(returns)?;
    finite((1.0 + total).powf(OBSERVATIONS_A_YEAR / returns.len() as f64) - 1.0)
}
