//! Correlation and covariance matrices of many series.

use faer::Mat;

use crate::error::{AnalyticsError, all_finite, same_length};
use crate::measure::is_flat;

/// A square matrix of pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct PairMatrix {
    size: usize,
    values: Vec<Option<f64>>,
}

impl PairMatrix {
    /// Returns the number of series.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the entry of a pair, `None` where it is undefined and outside the matrix.
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        if row < self.size && column < self.size {
            self.values[row * self.size + column]
        } else {
            None
        }
    }

    /// Returns the entries row by row.
    pub fn values(&self) -> &[Option<f64>] {
        &self.values
    }
}

/// Returns the sample covariances (n - 1) of all pairs.
///
/// # Errors
///
/// Refuses fewer than two observations, columns of different length, and values that are not finite.
pub fn covariance_matrix(columns: &[&[f64]]) -> Result<PairMatrix, AnalyticsError> {
    let products = centered_products(columns)?;
    let divisor = columns[0].len() as f64 - 1.0;
    let size = columns.len();
    let values = (0..size * size)
        .map(|cell| Some(products[(cell / size, cell % size)] / divisor))
        .collect();
    Ok(PairMatrix { size, values })
}

/// Returns the Pearson correlations of all pairs; undefined for a series that never moves.
///
/// # Errors
///
/// Those of [`covariance_matrix`].
///
/// ```
/// use apex_analytics::series::correlation::correlation_matrix;
///
/// let matrix = correlation_matrix(&[&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0], &[5.0, 5.0, 5.0]]).unwrap();
/// assert_eq!((matrix.get(0, 0), matrix.get(0, 2)), (Some(1.0), None));
/// assert!((matrix.get(0, 1).unwrap() + 1.0).abs() < 1e-15);
/// ```
pub fn correlation_matrix(columns: &[&[f64]]) -> Result<PairMatrix, AnalyticsError> {
    let products = centered_products(columns)?;
    let size = columns.len();
    let moves: Vec<bool> = columns.iter().map(|column| !is_flat(column)).collect();
    let entry = |row: usize, column: usize| {
        if !moves[row] || !moves[column] {
            None
        } else if row == column {
            Some(1.0)
        } else {
            let scale = products[(row, row)].sqrt() * products[(column, column)].sqrt();
            Some((products[(row, column)] / scale).clamp(-1.0, 1.0))
        }
    };
    Ok(PairMatrix {
        size,
        values: (0..size * size).map(|cell| entry(cell / size, cell % size)).collect(),
    })
}

/// Returns columns about their means, every row an observation.
pub(crate) fn centered(columns: &[&[f64]]) -> Result<Mat<f64>, AnalyticsError> {
    let rows = columns
        .first()
        .ok_or(AnalyticsError::Empty { what: "list of series" })?
        .len();
    if rows < 2 {
        return Err(AnalyticsError::Window {
            what: "window",
            length: 2,
            observations: rows,
        });
    }
    for column in columns {
        same_length("return column", rows, column.len())?;
        all_finite("return", column)?;
    }
    let means: Vec<f64> = columns
        .iter()
        .map(|column| column.iter().sum::<f64>() / rows as f64)
        .collect();
    Ok(Mat::from_fn(rows, columns.len(), |row, column| {
        columns[column][row] - means[column]
    }))
}

/// Returns the sums of products about the means, of all pairs.
pub(crate) fn centered_products(columns: &[&[f64]]) -> Result<Mat<f64>, AnalyticsError> {
    let centered = centered(columns)?;
    let products = centered.transpose() * &centered;
    // Both halves of the product are rounded on their own; one of them is taken for both.
    Ok(Mat::from_fn(columns.len(), columns.len(), |row, column| {
        products[(row.min(column), row.max(column))]
    }))
}
