//! The most diversified portfolio.

use crate::covariance::{SymmetricMatrix, correlation};
use crate::error::AnalyticsError;
use crate::optimize::{Bounds, Solution, min_variance};

/// Returns the long-only weights of the largest diversification ratio `sum(w sigma) / sqrt(w'Sw)`, after Choueifaty and
/// Coignard (2008): the least variance under the correlation matrix, each weight then divided by the asset's volatility.
///
/// # Errors
///
/// Refuses a variance that is not above zero, and what [`min_variance`] refuses.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::max_diversification;
///
/// // Uncorrelated: weights in proportion to 1 over volatility.
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.01]).unwrap();
/// assert!((max_diversification(&covariance).unwrap().weights[0] - 1.0 / 3.0).abs() < 1e-14);
/// ```
pub fn max_diversification(covariance: &SymmetricMatrix) -> Result<Solution, AnalyticsError> {
    let correlation = correlation(covariance)?;
    let mut solution = min_variance(&correlation, &Bounds::long_only(covariance.size()))?;
    for (weight, variance) in solution.weights.iter_mut().zip(covariance.diagonal()) {
        *weight /= variance.sqrt();
    }
    let total: f64 = solution.weights.iter().sum();
    solution.weights.iter_mut().for_each(|weight| *weight /= total);
    Ok(solution)
}
