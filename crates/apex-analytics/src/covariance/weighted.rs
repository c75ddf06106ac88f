//! Covariance with a weight for every observation, such as weights that fall with age.

use super::sample::{centered, gram};
use super::{SymmetricMatrix, check_columns, dot};
use crate::error::{AnalyticsError, same_length};

/// Returns the mean of each column under probabilities of the observations.
pub fn weighted_means(returns: &[&[f64]], probabilities: &[f64]) -> Vec<f64> {
    returns.iter().map(|column| dot(column, probabilities)).collect()
}

/// Returns the covariance under probabilities of the observations: `sum p[t] (r[i,t] - m[i]) (r[j,t] - m[j])`, around
/// the weighted means and without a correction for small samples.
///
/// # Errors
///
/// Refuses what [`sample_covariance`](super::sample_covariance) refuses, and probabilities that are negative or do not
/// add up to 1 within 1e-9.
///
/// ```
/// let covariance = apex_analytics::covariance::weighted_covariance(&[&[0.0, 4.0]], &[0.75, 0.25]).unwrap();
/// assert_eq!(covariance.at(0, 0), 3.0);
/// ```
pub fn weighted_covariance(returns: &[&[f64]], probabilities: &[f64]) -> Result<SymmetricMatrix, AnalyticsError> {
    let observations = check_columns(returns)?;
    same_length("list of probabilities", observations, probabilities.len())?;
    let total: f64 = probabilities.iter().sum();
    let refused = |value| AnalyticsError::Parameter {
        what: "probabilities",
        expected: "at least zero and 1 in sum",
        value,
    };
    if total.is_nan() || (total - 1.0).abs() > 1e-9 {
        return Err(refused(total));
    }
    if let Some(value) = probabilities.iter().find(|value| **value < 0.0) {
        return Err(refused(*value));
    }
    let mut columns = centered(returns, &weighted_means(returns, probabilities));
    let roots: Vec<f64> = probabilities.iter().map(|value| value.sqrt()).collect();
    for column in columns.chunks_exact_mut(observations) {
        for (value, root) in column.iter_mut().zip(&roots) {
            *value *= root;
        }
    }
    Ok(gram(&columns, returns.len(), 1.0))
}

/// Returns the exponentially weighted covariance: weights `decay^age`, scaled to add up to 1, around the weighted means.
///
/// RiskMetrics (1996) uses a decay of 0.94 for daily returns. The newest observation stands last.
///
/// # Errors
///
/// Refuses a decay outside (0, 1), and what [`sample_covariance`](super::sample_covariance) refuses.
///
/// ```
/// // Weights 1/3 and 2/3: mean 0.04, variance (0.04^2) / 3 + (0.02^2) 2 / 3.
/// let covariance = apex_analytics::covariance::exponential_covariance(&[&[0.0, 0.06]], 0.5).unwrap();
/// assert!((covariance.at(0, 0) - 0.0008).abs() < 1e-15);
/// ```
pub fn exponential_covariance(returns: &[&[f64]], decay: f64) -> Result<SymmetricMatrix, AnalyticsError> {
    if !(decay > 0.0 && decay < 1.0) {
        return Err(AnalyticsError::Parameter {
            what: "decay",
            expected: "between 0 and 1, both excluded",
            value: decay,
        });
    }
    let observations = check_columns(returns)?;
    let mut weights = vec![1.0; observations];
    for age in 1..observations {
        weights[observations - 1 - age] = weights[observations - age] * decay;
    }
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    weighted_covariance(returns, &weights)
}
