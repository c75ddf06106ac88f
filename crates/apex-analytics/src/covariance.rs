//! Covariance matrices of return columns: the sample's, weighted by age, shrunk, denoised, and repaired.
//!
//! All are per observation: nothing is annualized here. Returns are columns of one length, an asset each. A matrix is
//! plain numbers row by row; the linear algebra used inside does not show.

mod correlation;
mod denoised;
mod product;
mod repair;
mod sample;
mod shrinkage;
mod weighted;

use crate::error::{AnalyticsError, all_finite, same_length};

pub(crate) use correlation::deviations;
pub use correlation::{correlation, with_variances};
pub use denoised::{Denoised, denoised_covariance};
pub(crate) use product::half_product;
pub use repair::{Repaired, repaired};
pub use sample::{column_means, sample_covariance};
pub use shrinkage::{Shrunk, ledoit_wolf, oracle_approximating};
pub use weighted::{exponential_covariance, weighted_covariance, weighted_means};

/// A symmetric matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct SymmetricMatrix {
    size: usize,
    values: Vec<f64>,
}

impl SymmetricMatrix {
    /// Takes the values of a symmetric matrix, row by row.
    ///
    /// # Errors
    ///
    /// Refuses an empty matrix, another count than `size * size`, values that are not finite, and halves that differ by
    /// more than 1e-12 of the largest value; smaller differences are averaged away.
    ///
    /// ```
    /// let matrix = apex_analytics::covariance::SymmetricMatrix::new(2, vec![4.0, 1.0, 1.0, 9.0]).unwrap();
    /// assert_eq!(matrix.quadratic(&[1.0, 2.0]), 4.0 + 4.0 + 36.0);
    /// ```
    pub fn new(size: usize, values: Vec<f64>) -> Result<Self, AnalyticsError> {
        if size == 0 {
            return Err(AnalyticsError::Empty { what: "matrix" });
        }
        same_length("matrix", size * size, values.len())?;
        all_finite("matrix", &values)?;
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let mut matrix = Self { size, values };
        for row in 0..size {
            for column in 0..row {
                let (one, other) = (matrix.at(row, column), matrix.at(column, row));
                if (one - other).abs() > 1e-12 * largest {
                    return Err(AnalyticsError::Parameter {
                        what: "difference between the halves of a symmetric matrix",
                        expected: "zero",
                        value: one - other,
                    });
                }
                let mean = 0.5 * (one + other);
                matrix.values[row * size + column] = mean;
                matrix.values[column * size + row] = mean;
            }
        }
        Ok(matrix)
    }

    /// Returns a matrix whose values are known to be symmetric.
    pub(crate) fn trusted(size: usize, values: Vec<f64>) -> Self {
        debug_assert_eq!(
            values.len(),
            size * size,
            "Invariant: a square matrix has size * size values"
        );
        Self { size, values }
    }

    /// Returns the matrix whose entries at and below the diagonal are those of `entry(row, column)`.
    pub(crate) fn from_lower(size: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        let mut values = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let value = entry(row, column);
                values[row * size + column] = value;
                values[column * size + row] = value;
            }
        }
        Self { size, values }
    }

    /// Returns the number of rows.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the values, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Returns one entry.
    ///
    /// # Panics
    ///
    /// When `row` or `column` is not below the size.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        assert!(column < self.size, "column {column} of a matrix of {}", self.size);
        self.values[row * self.size + column]
    }

    /// Returns one row, which is also one column.
    ///
    /// # Panics
    ///
    /// When `row` is not below the size.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.size..(row + 1) * self.size]
    }

    /// Returns the diagonal.
    pub fn diagonal(&self) -> Vec<f64> {
        (0..self.size).map(|at| self.at(at, at)).collect()
    }

    /// Returns the matrix times a vector.
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.size).map(|row| dot(self.row(row), vector)).collect()
    }

    /// Returns `v' M v`.
    pub fn quadratic(&self, vector: &[f64]) -> f64 {
        (0..self.size).map(|row| vector[row] * dot(self.row(row), vector)).sum()
    }

    /// Returns every entry times `factor`.
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            size: self.size,
            values: self.values.iter().map(|value| value * factor).collect(),
        }
    }

    /// Returns the rows and columns of `chosen`, in that order.
    pub fn part(&self, chosen: &[usize]) -> Self {
        let values = chosen
            .iter()
            .flat_map(|row| chosen.iter().map(|column| self.at(*row, *column)));
        Self {
            size: chosen.len(),
            values: values.collect(),
        }
    }

    /// Returns the eigenvalues in ascending order.
    ///
    /// # Errors
    ///
    /// When the iteration does not converge.
    pub fn eigenvalues(&self) -> Result<Vec<f64>, AnalyticsError> {
        Ok(self.eigen()?.0)
    }

    /// Returns the eigenvalues in ascending order, and their vectors as columns one after another.
    pub(crate) fn eigen(&self) -> Result<(Vec<f64>, Vec<f64>), AnalyticsError> {
        let view = faer::MatRef::from_row_major_slice(&self.values, self.size, self.size);
        let decomposed = view
            .self_adjoint_eigen(faer::Side::Lower)
            .map_err(|err| AnalyticsError::Unsolved {
                what: "eigenvalue iteration",
                reason: format!("{err:?}"),
            })?;
        let values = (0..self.size).map(|at| decomposed.S()[at]).collect();
        let vectors = decomposed.U();
        let columns = (0..self.size).flat_map(|column| (0..self.size).map(move |row| vectors[(row, column)]));
        Ok((values, columns.collect()))
    }
}

/// Returns the inner product in eight running sums, so that it is fast and always rounds the same.
#[inline(always)]
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left_chunks, right_chunks) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest: f64 = left_chunks
        .remainder()
        .iter()
        .zip(right_chunks.remainder())
        .map(|(one, other)| one * other)
        .sum();
    for (one, other) in left_chunks.zip(right_chunks) {
        for lane in 0..8 {
            sums[lane] += one[lane] * other[lane];
        }
    }
    ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest
}

/// Adds `factor * from` to `to`.
#[inline(always)]
pub(crate) fn add_scaled(to: &mut [f64], factor: f64, from: &[f64]) {
    for (sum, value) in to.iter_mut().zip(from) {
        *sum += factor * value;
    }
}

/// Refuses columns that no covariance can be taken of, and returns their length.
pub(crate) fn check_columns(returns: &[&[f64]]) -> Result<usize, AnalyticsError> {
    let first = returns
        .first()
        .ok_or(AnalyticsError::Empty { what: "list of assets" })?;
    if first.len() < 2 {
        return Err(AnalyticsError::Window {
            what: "covariance",
            length: 2,
            observations: first.len(),
        });
    }
    for column in returns {
        same_length("return column", first.len(), column.len())?;
        all_finite("return", column)?;
    }
    Ok(first.len())
}
