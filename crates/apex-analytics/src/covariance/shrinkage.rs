//! Covariance drawn towards a multiple of the identity, by how much the sample deserves.

use super::sample::{centered, column_means, gram};
use super::{SymmetricMatrix, check_columns};
use crate::error::AnalyticsError;

/// A shrunk covariance.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrunk {
    /// The estimate `(1 - shrinkage) S + shrinkage mu I`, `S` with divisor n.
    pub covariance: SymmetricMatrix,
    /// How far it was drawn, between 0 and 1.
    pub shrinkage: f64,
    /// `mu`: the mean variance of the assets, which is on the diagonal of the target.
    pub target: f64,
}

/// Returns the estimate of Ledoit and Wolf (2004), "A well-conditioned estimator for large-dimensional covariance
/// matrices", towards the mean variance times the identity.
///
/// # Errors
///
/// Those of [`sample_covariance`](super::sample_covariance).
///
/// ```
/// // One asset is its own target.
/// let shrunk = apex_analytics::covariance::ledoit_wolf(&[&[0.01, -0.01, 0.03]]).unwrap();
/// assert_eq!(shrunk.covariance.at(0, 0), shrunk.target);
/// ```
pub fn ledoit_wolf(returns: &[&[f64]]) -> Result<Shrunk, AnalyticsError> {
    let Centered {
        columns,
        biased,
        observations,
    } = prepared(returns)?;
    let (count, size) = (observations as f64, returns.len() as f64);
    let target = biased.diagonal().iter().sum::<f64>() / size;
    // The sum over all pairs of sum_t x[i,t]^2 x[j,t]^2 is that of the squared lengths of the days.
    let mut lengths = vec![0.0; observations];
    for column in columns.chunks_exact(observations) {
        for (length, value) in lengths.iter_mut().zip(column) {
            *length += value * value;
        }
    }
    let fourth: f64 = lengths.iter().map(|length| length * length).sum();
    let squares: f64 = biased.values().iter().map(|value| value * value).sum();
    let noise = (fourth / count - squares) / (size * count);
    let distance = (squares - size * target * target) / size;
    let noise = noise.min(distance);
    let shrinkage = if noise > 0.0 && distance > 0.0 {
        noise / distance
    } else {
        0.0
    };
    Ok(shrunk(&biased, shrinkage, target))
}

/// Returns the oracle approximating estimate of Chen, Wiesel, Eldar and Hero (2010), towards the mean variance times the
/// identity; it supposes normal returns.
///
/// # Errors
///
/// Those of [`sample_covariance`](super::sample_covariance).
pub fn oracle_approximating(returns: &[&[f64]]) -> Result<Shrunk, AnalyticsError> {
    let Centered {
        biased, observations, ..
    } = prepared(returns)?;
    let (count, size) = (observations as f64, returns.len() as f64);
    let target = biased.diagonal().iter().sum::<f64>() / size;
    let mean_square = biased.values().iter().map(|value| value * value).sum::<f64>() / (size * size);
    let numerator = mean_square + target * target;
    let denominator = (count + 1.0) * (mean_square - target * target / size);
    let shrinkage = if denominator > 0.0 {
        (numerator / denominator).min(1.0)
    } else {
        1.0
    };
    Ok(shrunk(&biased, shrinkage, target))
}

struct Centered {
    columns: Vec<f64>,
    biased: SymmetricMatrix,
    observations: usize,
}

fn prepared(returns: &[&[f64]]) -> Result<Centered, AnalyticsError> {
    let observations = check_columns(returns)?;
    let columns = centered(returns, &column_means(returns));
    let biased = gram(&columns, returns.len(), 1.0 / observations as f64);
    Ok(Centered {
        columns,
        biased,
        observations,
    })
}

fn shrunk(biased: &SymmetricMatrix, shrinkage: f64, target: f64) -> Shrunk {
    let entry = |row: usize, column: usize| {
        let drawn = (1.0 - shrinkage) * biased.at(row, column);
        if row == column {
            drawn + shrinkage * target
        } else {
            drawn
        }
    };
    Shrunk {
        covariance: SymmetricMatrix::from_lower(biased.size(), entry),
        shrinkage,
        target,
    }
}
