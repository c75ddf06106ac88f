//! Weights in inverse proportion to volatility.

use crate::covariance::{SymmetricMatrix, deviations};
use crate::error::AnalyticsError;
use crate::optimize::Solution;

/// Returns weights in inverse proportion to volatility: a rule that looks at no correlation and optimizes nothing.
///
/// # Errors
///
/// Refuses a variance that is not above zero.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::inverse_volatility;
///
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.01]).unwrap();
/// assert!((inverse_volatility(&covariance).unwrap().weights[1] - 2.0 / 3.0).abs() < 1e-15);
/// ```
pub fn inverse_volatility(covariance: &SymmetricMatrix) -> Result<Solution, AnalyticsError> {
    let mut weights: Vec<f64> = deviations(covariance)?.iter().map(|value| 1.0 / value).collect();
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    Ok(Solution {
        weights,
        kkt_residual: None,
        gap: None,
        iterations: 1,
    })
}
