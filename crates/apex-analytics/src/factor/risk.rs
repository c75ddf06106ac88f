//! The risk of a book split into factors and the rest, and its distance from a benchmark.

use crate::error::{AnalyticsError, all_finite, same_length};
use crate::factor::{FactorModel, dot, times};

/// The variance of a book by its sources, per observation.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorRisk {
    /// The book's exposure to each factor, `x = B' w`.
    pub exposure: Vec<f64>,
    /// The variance from factors, `x' F x`.
    pub factor_variance: f64,
    /// The part of each factor, `x[j] (F x)[j]`; they add up to the variance from factors.
    pub factor_contributions: Vec<f64>,
    /// The variance from the assets themselves, `sum(w^2 s)`.
    pub specific_variance: f64,
    /// The part of each asset of that.
    pub specific_contributions: Vec<f64>,
    /// The part of each asset of the whole variance, `w[i] (C w)[i]` with the implied covariance.
    pub asset_contributions: Vec<f64>,
}

impl FactorRisk {
    /// Returns the whole variance.
    pub fn variance(&self) -> f64 {
        self.factor_variance + self.specific_variance
    }

    /// Returns the annualized volatility, 252 observations a year.
    pub fn volatility(&self) -> f64 {
        (self.variance() * crate::measure::OBSERVATIONS_A_YEAR).sqrt()
    }
}

/// Splits the risk of a book by a factor model.
///
/// # Errors
///
/// Refuses weights of another count than the model's assets, and weights that are not finite.
///
/// ```
/// use apex_analytics::factor::{FactorModel, risk::factor_risk};
///
/// let model = FactorModel::new(vec![vec![1.0], vec![2.0]], vec![vec![0.01]], vec![0.02, 0.04]).unwrap();
/// let risk = factor_risk(&model, &[0.5, 0.5]).unwrap();
/// assert_eq!(risk.exposure, [1.5]);
/// assert!((risk.factor_variance - 2.25 * 0.01).abs() < 1e-15);
/// assert!((risk.specific_variance - 0.25 * 0.06).abs() < 1e-15);
/// ```
pub fn factor_risk(model: &FactorModel, weights: &[f64]) -> Result<FactorRisk, AnalyticsError> {
    same_length("list of weights", model.exposures().len(), weights.len())?;
    all_finite("weight", weights)?;
    let mut exposure = vec![0.0; model.covariance().len()];
    for (row, weight) in model.exposures().iter().zip(weights) {
        for (sum, own) in exposure.iter_mut().zip(row) {
            *sum += weight * own;
        }
    }
    let spread = times(model.covariance(), &exposure);
    let factor_contributions: Vec<f64> = exposure.iter().zip(&spread).map(|(own, all)| own * all).collect();
    let specific_contributions: Vec<f64> = weights
        .iter()
        .zip(model.specific())
        .map(|(weight, variance)| weight * weight * variance)
        .collect();
    let asset_contributions = model
        .exposures()
        .iter()
        .zip(weights)
        .zip(&specific_contributions)
        .map(|((row, weight), specific)| weight * dot(row, &spread) + specific)
        .collect();
    Ok(FactorRisk {
        factor_variance: factor_contributions.iter().sum(),
        specific_variance: specific_contributions.iter().sum(),
        exposure,
        factor_contributions,
        specific_contributions,
        asset_contributions,
    })
}

/// Splits the risk of a book against a benchmark: that of the weights less the benchmark's. The volatility of the
/// answer is the forecast tracking error.
///
/// # Errors
///
/// Those of [`factor_risk`].
///
/// ```
/// use apex_analytics::factor::{FactorModel, risk::active_risk};
///
/// let model = FactorModel::new(vec![vec![1.0], vec![2.0]], vec![vec![0.01]], vec![0.02, 0.04]).unwrap();
/// assert_eq!(active_risk(&model, &[0.5, 0.5], &[0.5, 0.5]).unwrap().volatility(), 0.0);
/// ```
pub fn active_risk(model: &FactorModel, weights: &[f64], benchmark: &[f64]) -> Result<FactorRisk, AnalyticsError> {
    same_length("list of benchmark weights", weights.len(), benchmark.len())?;
    let active: Vec<f64> = weights.iter().zip(benchmark).map(|(own, other)| own - other).collect();
    factor_risk(model, &active)
}
