//! The portfolio of most mean-variance utility.

use crate::covariance::SymmetricMatrix;
use crate::error::{AnalyticsError, same_length};
use crate::optimize::min_variance::solved;
use crate::optimize::{Bounds, Solution, minimize_quadratic};

/// Returns the weights that maximize `mean'w - (risk_aversion / 2) w'Sw` within bounds, after Markowitz (1952).
///
/// # Errors
///
/// Refuses a risk aversion that is not above zero, and what [`minimize_quadratic`] refuses.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, max_utility};
///
/// // Two assets of variance 0.04, means 10% and 6%, aversion 2: w1 - w2 = 0.04 / (2 * 0.04).
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.04]).unwrap();
/// let solution = max_utility(&[0.10, 0.06], &covariance, 2.0, &Bounds::long_only(2), None).unwrap();
/// assert!((solution.weights[0] - 0.75).abs() < 1e-14);
/// ```
pub fn max_utility(
    means: &[f64],
    covariance: &SymmetricMatrix,
    risk_aversion: f64,
    bounds: &Bounds,
    start: Option<&[f64]>,
) -> Result<Solution, AnalyticsError> {
    if !(risk_aversion > 0.0 && risk_aversion.is_finite()) {
        return Err(AnalyticsError::Parameter {
            what: "risk aversion",
            expected: "above zero",
            value: risk_aversion,
        });
    }
    same_length("list of means", covariance.size(), means.len())?;
    let linear: Vec<f64> = means.iter().map(|mean| mean / risk_aversion).collect();
    if !bounds.none() {
        return minimize_quadratic(covariance, &linear, bounds, start);
    }
    bounds.check(covariance.size())?;
    crate::error::all_finite("mean", means)?;
    let ones = solved(covariance, &vec![1.0; means.len()])?;
    let mut weights = solved(covariance, &linear)?;
    let missing = bounds.budget - weights.iter().sum::<f64>();
    let level = missing / ones.iter().sum::<f64>();
    crate::covariance::add_scaled(&mut weights, level, &ones);
    let slopes = covariance.times(&weights);
    let off = slopes
        .iter()
        .zip(&linear)
        .map(|(slope, gain)| (slope - gain - level).abs());
    let largest = slopes
        .iter()
        .fold(f64::MIN_POSITIVE, |most, slope| most.max(slope.abs()));
    Ok(Solution {
        kkt_residual: Some(off.fold(0.0, f64::max) / largest),
        weights,
        gap: None,
        iterations: 1,
    })
}
