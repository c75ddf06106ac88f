//! Covariance of a price table by a named estimator. The JSON of the reply is a contract: keys are added, never renamed.

use apex_analytics::covariance::{
    Shrunk, SymmetricMatrix, correlation, denoised_covariance, exponential_covariance, ledoit_wolf,
    oracle_approximating, repaired, sample_covariance,
};
use apex_analytics::table::PriceTable;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::optimize::Assets;

pub use apex_wire::optimizer::Estimator;

/// What `apex covariance` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct CovarianceAsk {
    /// The prices.
    pub prices: PriceTable,
    /// The estimator.
    pub estimator: Estimator,
    /// The weight of a day as a share of that of the day after it, for `ewma`.
    pub decay: f64,
    /// Whether correlations take the place of covariances.
    pub correlation: bool,
    /// Whether the matrix is made positive definite.
    pub repair: bool,
}

/// `apex covariance --json`, per period of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CovarianceReport {
    /// The estimator.
    pub estimator: Estimator,
    /// The columns, in the order of the matrix.
    pub assets: Vec<String>,
    /// The covariances, or correlations, row by row.
    pub matrix: Vec<Vec<f64>>,
    /// The eigenvalues of the matrix, ascending.
    pub eigenvalues: Vec<f64>,
    /// How far a shrinking estimator drew the sample; `null` for the others.
    pub shrinkage: Option<f64>,
    /// The largest eigenvalue of the correlation that noise explains, where it was denoised.
    pub noise_edge: Option<f64>,
    /// The largest change of a correlation, where the matrix was repaired.
    pub repaired: Option<f64>,
    /// The sum of the diagonal.
    pub trace: f64,
    /// Returns used.
    pub observations: usize,
    /// Dates that not every column has.
    pub dropped: usize,
}

/// The least eigenvalue of a repaired correlation matrix.
const EIGENVALUE_MIN: f64 = 1e-8;

/// Estimates the covariance of all columns.
///
/// # Errors
/// When a price is not above zero, fewer than three dates are common to all columns, or the decay is not between 0 and 1.
pub fn covariance(ask: &CovarianceAsk) -> Result<CovarianceReport> {
    let assets = Assets::of(&ask.prices)?;
    let columns = assets.columns();
    let Estimated {
        mut matrix,
        shrinkage,
        noise_edge,
    } = estimated(&columns, ask.estimator, ask.decay)?;
    let mut change = None;
    if ask.repair {
        let better = repaired(&matrix, EIGENVALUE_MIN)?;
        change = Some(better.change_max);
        matrix = better.covariance;
    }
    if ask.correlation {
        matrix = correlation(&matrix)?;
    }
    Ok(CovarianceReport {
        estimator: ask.estimator,
        matrix: (0..matrix.size()).map(|row| matrix.row(row).to_vec()).collect(),
        eigenvalues: matrix.eigenvalues()?,
        shrinkage,
        noise_edge,
        repaired: change,
        trace: matrix.diagonal().iter().sum(),
        observations: assets.returns.first().map_or(0, Vec::len),
        assets: assets.names,
        dropped: assets.dropped,
    })
}

/// A covariance and how it came about.
pub(crate) struct Estimated {
    pub(crate) matrix: SymmetricMatrix,
    pub(crate) shrinkage: Option<f64>,
    pub(crate) noise_edge: Option<f64>,
}

/// Estimates the covariance of columns of returns.
///
/// # Errors
/// Those of the estimators.
pub(crate) fn estimated(columns: &[&[f64]], estimator: Estimator, decay: f64) -> Result<Estimated> {
    let plain = |matrix| Estimated {
        matrix,
        shrinkage: None,
        noise_edge: None,
    };
    let shrunk = |shrunk: Shrunk| Estimated {
        shrinkage: Some(shrunk.shrinkage),
        ..plain(shrunk.covariance)
    };
    Ok(match estimator {
        Estimator::Sample => plain(sample_covariance(columns)?),
        Estimator::Ewma => plain(exponential_covariance(columns, decay)?),
        Estimator::LedoitWolf => shrunk(ledoit_wolf(columns)?),
        Estimator::Oas => shrunk(oracle_approximating(columns)?),
        Estimator::Denoised => {
            let denoised = denoised_covariance(columns)?;
            Estimated {
                noise_edge: Some(denoised.edge),
                ..plain(denoised.covariance)
            }
        }
    })
}
