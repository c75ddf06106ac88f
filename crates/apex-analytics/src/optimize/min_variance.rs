//! The portfolio of least variance.

use crate::covariance::SymmetricMatrix;
use crate::error::AnalyticsError;
use crate::optimize::factor::Factor;
use crate::optimize::{Bounds, Solution, minimize_quadratic};

/// Returns the weights of least variance `w'Sw` within bounds.
///
/// # Errors
///
/// Those of [`minimize_quadratic`].
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, min_variance};
///
/// // The second asset moves with the first and twice as far: a short position would help, and is not allowed.
/// let covariance = SymmetricMatrix::new(2, vec![1.0, 1.5, 1.5, 4.0]).unwrap();
/// assert_eq!(min_variance(&covariance, &Bounds::long_only(2)).unwrap().weights, [1.0, 0.0]);
/// ```
pub fn min_variance(covariance: &SymmetricMatrix, bounds: &Bounds) -> Result<Solution, AnalyticsError> {
    if bounds.none() {
        bounds.check(covariance.size())?;
        return min_variance_unbounded(covariance, bounds.budget);
    }
    minimize_quadratic(covariance, &vec![0.0; covariance.size()], bounds, None)
}

/// Returns the weights of least variance when short positions of any size are allowed: `S^-1 1`, scaled to the budget.
///
/// # Errors
///
/// Refuses a covariance that is not positive definite.
pub fn min_variance_unbounded(covariance: &SymmetricMatrix, budget: f64) -> Result<Solution, AnalyticsError> {
    let mut weights = solved(covariance, &vec![1.0; covariance.size()])?;
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight *= budget / total);
    let slopes = covariance.times(&weights);
    let largest = slopes
        .iter()
        .fold(f64::MIN_POSITIVE, |most, slope| most.max(slope.abs()));
    let (low, high) = slopes
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), slope| {
            (low.min(*slope), high.max(*slope))
        });
    Ok(Solution {
        weights,
        kkt_residual: Some(0.5 * (high - low) / largest),
        gap: None,
        iterations: 1,
    })
}

/// Returns `S^-1 right`, refined once.
pub(super) fn solved(covariance: &SymmetricMatrix, right: &[f64]) -> Result<Vec<f64>, AnalyticsError> {
    let all: Vec<usize> = (0..covariance.size()).collect();
    let factor = Factor::of(covariance, &all).map_err(|index| AnalyticsError::NotPositiveDefinite { index })?;
    let mut solution = right.to_vec();
    factor.solve(&mut solution);
    let mut rest: Vec<f64> = covariance.times(&solution);
    for (value, wanted) in rest.iter_mut().zip(right) {
        *value = wanted - *value;
    }
    factor.solve(&mut rest);
    for (value, correction) in solution.iter_mut().zip(&rest) {
        *value += correction;
    }
    Ok(solution)
}
