//! Lower partial moments, and the ratios they stand under: kappa, and omega at any threshold.
//!
//! Thresholds are per observation, as the returns are. Nothing is annualized.

use crate::error::{finite, ratio};
use crate::measure::mean;

/// Returns the lower partial moment `mean(max(threshold - r, 0)^order)` over all observations (Bawa, 1975).
///
/// Undefined for no returns and for order 0.
///
/// ```
/// use apex_analytics::measure::partial::lower_partial_moment;
///
/// let moment = lower_partial_moment(&[0.03, -0.01], 0.01, 2).unwrap();
/// assert!((moment - 0.02f64.powi(2) / 2.0).abs() < 1e-18);
/// ```
pub fn lower_partial_moment(returns: &[f64], threshold: f64, order: u16) -> Option<f64> {
    if order == 0 {
        return None;
    }
    let losses = returns
        .iter()
        .map(|value| (threshold - value).max(0.0).powi(i32::from(order)));
    ratio(losses.sum(), returns.len() as f64)
}

/// Returns kappa, `(mean(r) - threshold) / lpm^(1 / order)` (Kaplan and Knowles, 2004).
///
/// Of order 2 it is the Sortino ratio per observation, of order 1 omega minus 1. Undefined without a return below the
/// threshold.
///
/// ```
/// use apex_analytics::measure::{partial::kappa, sortino::sortino};
///
/// let returns = [0.03, -0.02, 0.01, -0.01];
/// let daily = sortino(&returns).unwrap() / 252f64.sqrt();
/// assert!((kappa(&returns, 0.0, 2).unwrap() - daily).abs() < 1e-15);
/// ```
pub fn kappa(returns: &[f64], threshold: f64, order: u16) -> Option<f64> {
    let moment = lower_partial_moment(returns, threshold, order)?;
    ratio(mean(returns)? - threshold, finite(moment.powf(1.0 / f64::from(order)))?)
}

/// Returns omega, `sum(max(r - threshold, 0)) / sum(max(threshold - r, 0))` (Keating and Shadwick, 2002).
///
/// Undefined without a return below the threshold.
///
/// ```
/// // 2% above 1%, and 2% below it.
/// assert!((apex_analytics::measure::partial::omega_at(&[0.03, -0.01], 0.01).unwrap() - 1.0).abs() < 1e-12);
/// ```
pub fn omega_at(returns: &[f64], threshold: f64) -> Option<f64> {
    let (above, below) = returns.iter().fold((0.0, 0.0), |(above, below), value| {
        (
            above + (value - threshold).max(0.0),
            below + (threshold - value).max(0.0),
        )
    });
    ratio(above, below)
}

/// Returns the upside potential ratio: mean gain above the threshold over the root of the second lower partial moment
/// (Sortino, van der Meer and Plantinga, 1999).
pub fn upside_potential(returns: &[f64], threshold: f64) -> Option<f64> {
    let gains = returns.iter().map(|value| (value - threshold).max(0.0)).sum();
    let moment = lower_partial_moment(returns, threshold, 2)?;
    ratio(ratio(gains, returns.len() as f64)?, finite(moment.sqrt())?)
}
