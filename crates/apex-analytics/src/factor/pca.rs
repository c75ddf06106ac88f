//! Statistical factors: the principal components of returns.

use faer::{Mat, Side};

use crate::error::{AnalyticsError, ratio};
use crate::factor::FactorModel;
use crate::series::correlation::{centered, centered_products, correlation_matrix};

/// Principal components of a covariance (n - 1), largest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// The variances of the components.
    pub eigenvalues: Vec<f64>,
    /// Their shares of the whole variance; `None` where nothing moves.
    pub explained: Vec<Option<f64>>,
    /// The weights of each component in the assets, of length one, with a sum above zero. Where weights sum to zero,
    /// the largest is above zero.
    pub vectors: Vec<Vec<f64>>,
    /// The variances of the components of the correlation; `None` where an asset never moves.
    pub eigenvalues_correlation: Option<Vec<f64>>,
}

/// Returns the principal components of assets' returns (Pearson, 1901; Hotelling, 1933).
///
/// # Errors
///
/// Refuses fewer than two observations, columns of different length, and values that are not finite.
///
/// ```
/// // Two assets that move as one: one component, in equal parts.
/// let found = apex_analytics::factor::pca::components(&[&[0.01, -0.01, 0.02], &[0.01, -0.01, 0.02]]).unwrap();
/// assert!((found.explained[0].unwrap() - 1.0).abs() < 1e-12);
/// assert!((found.vectors[0][0] - 0.5_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn components(returns: &[&[f64]]) -> Result<Components, AnalyticsError> {
    let divisor = returns.first().map_or(0, |column| column.len()) as f64 - 1.0;
    let products = centered_products(returns)?;
    let size = returns.len();
    let covariance = Mat::from_fn(size, size, |row, column| products[(row, column)] / divisor);
    let (eigenvalues, vectors) = eigen(&covariance)?;
    let total: f64 = eigenvalues.iter().sum();
    let correlation = correlation_matrix(returns)?;
    let known: Option<Vec<f64>> = correlation.values().iter().copied().collect();
    let eigenvalues_correlation = match known {
        Some(cells) => Some(eigen(&Mat::from_fn(size, size, |row, column| cells[row * size + column]))?.0),
        None => None,
    };
    Ok(Components {
        explained: eigenvalues.iter().map(|value| ratio(*value, total)).collect(),
        eigenvalues,
        vectors,
        eigenvalues_correlation,
    })
}

/// Returns the returns of components: the assets' returns about their means, times the weights of each.
///
/// # Errors
///
/// Refuses weights of another count than assets.
pub fn component_returns(returns: &[&[f64]], vectors: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, AnalyticsError> {
    vectors
        .iter()
        .map(|vector| {
            let mut column = crate::returns::weighted_daily(vector, returns)?;
            let mean = column.iter().sum::<f64>() / column.len().max(1) as f64;
            column.iter_mut().for_each(|value| *value -= mean);
            Ok(column)
        })
        .collect()
}

/// Returns the factor model of the first `factors` components: exposures are their weights, factors are uncorrelated,
/// and the specific variance of an asset is what of its variance they leave.
///
/// # Errors
///
/// Those of [`components`], and more factors than assets.
///
/// ```
/// let returns: [&[f64]; 2] = [&[0.01, -0.01, 0.02, 0.0], &[0.02, -0.01, 0.01, 0.01]];
/// let all = apex_analytics::factor::pca::statistical_model(&returns, 2).unwrap();
/// let variance = apex_analytics::measure::volatility::deviation(returns[0]).unwrap().powi(2);
/// assert!((all.implied_covariance()[0][0] - variance).abs() < 1e-15); // All components are the covariance.
/// ```
pub fn statistical_model(returns: &[&[f64]], factors: usize) -> Result<FactorModel, AnalyticsError> {
    if factors == 0 || factors > returns.len() {
        return Err(AnalyticsError::Outside {
            what: "number of factors",
            index: 0,
            value: factors,
            limit: returns.len(),
        });
    }
    let (eigenvalues, vectors) = leading(returns, factors)?;
    let centered = centered(returns)?;
    let divisor = centered.nrows() as f64 - 1.0;
    let variance = |asset: usize| centered.col(asset).squared_norm_l2() / divisor;
    let explained = |asset: usize| -> f64 {
        (0..factors)
            .map(|factor| eigenvalues[factor] * vectors[factor][asset].powi(2))
            .sum()
    };
    FactorModel::new(
        (0..returns.len())
            .map(|asset| vectors[..factors].iter().map(|vector| vector[asset]).collect())
            .collect(),
        (0..factors)
            .map(|row| {
                (0..factors)
                    .map(|column| if row == column { eigenvalues[row] } else { 0.0 })
                    .collect()
            })
            .collect(),
        (0..returns.len())
            .map(|asset| (variance(asset) - explained(asset)).max(0.0))
            .collect(),
    )
}

/// Returns at least `count` of the largest eigenvalues of the covariance (n - 1) and their vectors.
///
/// Where assets outnumber observations, `X X'` of the observations has the same eigenvalues as `X' X` and is smaller: a
/// vector `u` of the one is `X' u / sqrt(value)` of the other.
fn leading(returns: &[&[f64]], count: usize) -> Result<(Vec<f64>, Vec<Vec<f64>>), AnalyticsError> {
    let centered = centered(returns)?;
    let (rows, divisor) = (centered.nrows(), centered.nrows() as f64 - 1.0);
    if returns.len() > rows {
        let (values, duals) = eigen(&(&centered * centered.transpose()))?;
        let known = values.iter().take(count).filter(|value| **value > 1e-9 * values[0]);
        if known.count() == count {
            let vector = |(value, dual): (&f64, &Vec<f64>)| -> Vec<f64> {
                let along = |asset: usize| -> f64 { centered.col(asset).iter().zip(dual).map(|(x, u)| x * u).sum() };
                signed((0..returns.len()).map(|asset| along(asset) / value.sqrt()).collect())
            };
            let vectors = values.iter().zip(&duals).take(count).map(vector).collect();
            return Ok((values.iter().map(|value| value / divisor).collect(), vectors));
        }
    }
    eigen(&(centered_products(returns)? * faer::Scale(1.0 / divisor)))
}

/// Returns eigenvalues, largest first and none below zero, and their vectors.
fn eigen(matrix: &Mat<f64>) -> Result<(Vec<f64>, Vec<Vec<f64>>), AnalyticsError> {
    let found = matrix
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| AnalyticsError::Degenerate {
            what: "covariance",
            reason: "has no eigenvalues that can be found",
        })?;
    let (values, vectors) = (found.S().column_vector(), found.U());
    let order = (0..matrix.nrows()).rev();
    Ok(order
        .map(|at| {
            let vector = signed(vectors.col(at).iter().copied().collect());
            (values[at].max(0.0), vector)
        })
        .unzip())
}

/// Turns a vector so that its sum is above zero, or its largest entry where the sum is zero.
fn signed(mut vector: Vec<f64>) -> Vec<f64> {
    let sum: f64 = vector.iter().sum();
    let largest = vector
        .iter()
        .copied()
        .fold(0.0, |one: f64, other| if other.abs() > one.abs() { other } else { one });
    let sign = if sum.abs() > 1e-12 { sum } else { largest };
    if sign < 0.0 {
        vector.iter_mut().for_each(|value| *value = -*value);
    }
    vector
}
