//! The portfolio nearest to a benchmark.

use crate::covariance::SymmetricMatrix;
use crate::error::{AnalyticsError, same_length};
use crate::optimize::{Bounds, Solution, minimize_quadratic};

/// Returns the weights of least tracking variance `(w - b)'S(w - b)` within bounds.
///
/// # Errors
///
/// Refuses a benchmark of another length than the matrix, and what [`minimize_quadratic`] refuses.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, min_tracking_error};
///
/// // Where the benchmark is allowed, it is the answer.
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.01, 0.01, 0.01]).unwrap();
/// let solution = min_tracking_error(&covariance, &[0.3, 0.7], &Bounds::long_only(2)).unwrap();
/// assert!((solution.weights[0] - 0.3).abs() < 1e-14);
/// ```
pub fn min_tracking_error(
    covariance: &SymmetricMatrix,
    benchmark: &[f64],
    bounds: &Bounds,
) -> Result<Solution, AnalyticsError> {
    same_length("list of benchmark weights", covariance.size(), benchmark.len())?;
    crate::error::all_finite("benchmark weight", benchmark)?;
    minimize_quadratic(covariance, &covariance.times(benchmark), bounds, Some(benchmark))
}
