//! The sample covariance.

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};

use super::{SymmetricMatrix, check_columns};
use crate::error::AnalyticsError;

/// Returns the mean of each column.
///
/// ```
/// assert_eq!(apex_analytics::covariance::column_means(&[&[0.01, 0.03], &[-0.02, 0.02]]), [0.02, 0.0]);
/// ```
pub fn column_means(returns: &[&[f64]]) -> Vec<f64> {
    let mean = |column: &&[f64]| {
        if column.is_empty() {
            0.0
        } else {
            column.iter().sum::<f64>() / column.len() as f64
        }
    };
    returns.iter().map(mean).collect()
}

/// Returns the sample covariance `sum((r[i] - mean[i]) (r[j] - mean[j])) / (n - 1)`.
///
/// # Errors
///
/// Refuses no asset, fewer than two observations, columns of different length, and values that are not finite.
///
/// ```
/// let covariance = apex_analytics::covariance::sample_covariance(&[&[0.01, 0.03], &[0.02, -0.02]]).unwrap();
/// assert!((covariance.at(0, 1) - (-0.01 * 0.02 - 0.01 * 0.02)).abs() < 1e-18);
/// ```
pub fn sample_covariance(returns: &[&[f64]]) -> Result<SymmetricMatrix, AnalyticsError> {
    let observations = check_columns(returns)?;
    let centered = centered(returns, &column_means(returns));
    Ok(gram(&centered, returns.len(), 1.0 / (observations as f64 - 1.0)))
}

/// Returns the columns one after another, less their means.
pub(super) fn centered(returns: &[&[f64]], means: &[f64]) -> Vec<f64> {
    let values = returns
        .iter()
        .zip(means)
        .flat_map(|(column, mean)| column.iter().map(move |value| value - mean));
    values.collect()
}

/// Returns `factor * X' X` of columns that stand one after another.
pub(super) fn gram(columns: &[f64], count: usize, factor: f64) -> SymmetricMatrix {
    let rows = columns.len() / count;
    let matrix = MatRef::from_column_major_slice(columns, rows, count);
    let mut values = vec![0.0; count * count];
    triangular::matmul(
        MatMut::from_row_major_slice_mut(&mut values, count, count),
        BlockStructure::TriangularLower,
        Accum::Replace,
        matrix.transpose(),
        BlockStructure::Rectangular,
        matrix,
        BlockStructure::Rectangular,
        factor,
        Par::Seq,
    );
    for row in 0..count {
        for column in 0..row {
            values[column * count + row] = values[row * count + column];
        }
    }
    SymmetricMatrix::trusted(count, values)
}
