//! Factor models: what moves a book beside the moves of its own holdings.
//!
//! [`regression`] measures exposures on factors whose returns are given, [`pca`] finds the factors in the returns
//! themselves, [`fundamental`] reads factor returns from what the instruments are (sector, country). Each ends in a
//! [`FactorModel`], from which [`risk`] splits the risk of a book, and its distance from a benchmark, into factors and
//! the rest. [`exposure`] adds up what a book holds by label.

pub mod exposure;
pub mod fundamental;
pub mod pca;
pub mod regression;
pub mod risk;

use crate::covariance::dot;
use crate::error::{AnalyticsError, all_finite, same_length};

/// Exposures, factor covariance and specific variances: the covariance of assets is `B F B' + diag(s)`.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorModel {
    /// The exposures of each asset to the factors, asset by asset.
    exposures: Vec<Vec<f64>>,
    /// The factor covariance, row by row.
    covariance: Vec<Vec<f64>>,
    /// The variance of each asset that no factor explains.
    specific: Vec<f64>,
}

impl FactorModel {
    /// Puts a model together.
    ///
    /// # Errors
    ///
    /// Refuses parts that do not fit each other, values that are not finite, and a specific variance below zero.
    ///
    /// ```
    /// use apex_analytics::factor::FactorModel;
    ///
    /// let model = FactorModel::new(vec![vec![1.0], vec![0.5]], vec![vec![0.04]], vec![0.01, 0.02]).unwrap();
    /// // The second asset: 0.5^2 * 0.04 + 0.02.
    /// assert!((model.implied_covariance()[1][1] - 0.03).abs() < 1e-15);
    /// assert!((model.implied_covariance()[0][1] - 0.02).abs() < 1e-15);
    /// ```
    pub fn new(
        exposures: Vec<Vec<f64>>,
        covariance: Vec<Vec<f64>>,
        specific: Vec<f64>,
    ) -> Result<Self, AnalyticsError> {
        same_length("list of specific variances", exposures.len(), specific.len())?;
        all_finite("specific variance", &specific)?;
        if let Some(variance) = specific.iter().find(|variance| **variance < 0.0) {
            return Err(AnalyticsError::Parameter {
                what: "specific variance",
                expected: "zero or above",
                value: *variance,
            });
        }
        for row in &covariance {
            same_length("row of the factor covariance", covariance.len(), row.len())?;
            all_finite("factor covariance", row)?;
        }
        for row in &exposures {
            same_length("list of exposures", covariance.len(), row.len())?;
            all_finite("exposure", row)?;
        }
        Ok(Self {
            exposures,
            covariance,
            specific,
        })
    }

    /// Returns the exposures, asset by asset.
    pub fn exposures(&self) -> &[Vec<f64>] {
        &self.exposures
    }

    /// Returns the factor covariance, row by row.
    pub fn covariance(&self) -> &[Vec<f64>] {
        &self.covariance
    }

    /// Returns the specific variances.
    pub fn specific(&self) -> &[f64] {
        &self.specific
    }

    /// Returns the covariance of the assets that the model implies, `B F B' + diag(s)`, row by row.
    pub fn implied_covariance(&self) -> Vec<Vec<f64>> {
        let spread: Vec<Vec<f64>> = self.exposures.iter().map(|row| times(&self.covariance, row)).collect();
        let cell = |row: usize, column: usize| {
            let specific = if row == column { self.specific[row] } else { 0.0 };
            // Both halves are the same sum.
            let (row, column) = (row.max(column), row.min(column));
            dot(&spread[row], &self.exposures[column]) + specific
        };
        let assets = self.exposures.len();
        (0..assets)
            .map(|row| (0..assets).map(|column| cell(row, column)).collect())
            .collect()
    }
}

/// Returns the sample covariance (n - 1) of columns, row by row.
///
/// # Errors
///
/// Refuses fewer than two observations, columns of different length, and values that are not finite.
pub fn factor_covariance(columns: &[&[f64]]) -> Result<Vec<Vec<f64>>, AnalyticsError> {
    let products = crate::series::correlation::centered_products(columns)?;
    let divisor = columns[0].len() as f64 - 1.0;
    let row = |row: usize| {
        (0..columns.len())
            .map(|column| products[(row, column)] / divisor)
            .collect()
    };
    Ok((0..columns.len()).map(row).collect())
}

fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}
