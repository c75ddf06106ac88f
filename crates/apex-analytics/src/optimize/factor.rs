//! The Cholesky factor of the rows and columns that are free, kept up to date while assets enter and leave.

use crate::covariance::{SymmetricMatrix, add_scaled, dot};

/// A lower triangular `L` with `L L' = M[free, free]`.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    /// The assets in the order of the rows.
    pub(super) free: Vec<usize>,
    /// `L`, row by row at a fixed stride.
    rows: Vec<f64>,
    stride: usize,
}

impl Factor {
    /// Returns the factor of no row.
    pub(super) fn empty(matrix: &SymmetricMatrix) -> Self {
        Self {
            free: Vec::new(),
            rows: Vec::new(),
            stride: matrix.size(),
        }
    }

    /// Returns the factor of these assets, or the first that is a combination of those before it.
    pub(super) fn of(matrix: &SymmetricMatrix, free: &[usize]) -> Result<Self, usize> {
        let mut factor = Self {
            free: free.to_vec(),
            rows: Vec::new(),
            stride: matrix.size(),
        };
        // A large factor is worth the blocked algorithm.
        if free.len() >= 96 {
            let part = faer::Mat::from_fn(free.len(), free.len(), |row, column| {
                matrix.row(free[row])[free[column]]
            });
            if let Ok(decomposed) = part.llt(faer::Side::Lower) {
                let lower = decomposed.L();
                let smallest = |row: usize| lower[(row, row)].powi(2) > PIVOT_MIN * part[(row, row)];
                if (0..free.len()).all(smallest) {
                    factor.rows = vec![0.0; free.len() * factor.stride];
                    for row in 0..free.len() {
                        for column in 0..=row {
                            factor.rows[row * factor.stride + column] = lower[(row, column)];
                        }
                    }
                    return Ok(factor);
                }
            }
        }
        factor.free.clear();
        for asset in free {
            if !factor.append(matrix, *asset) {
                return Err(*asset);
            }
        }
        Ok(factor)
    }

    /// Returns how many assets are free.
    pub(super) fn len(&self) -> usize {
        self.free.len()
    }

    /// Returns a row up to its diagonal.
    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.rows[row * self.stride..row * self.stride + row + 1]
    }

    /// Adds an asset, or says that it is a combination of the others.
    pub(super) fn append(&mut self, matrix: &SymmetricMatrix, asset: usize) -> bool {
        let size = self.free.len();
        let source = matrix.row(asset);
        let mut row: Vec<f64> = self.free.iter().map(|other| source[*other]).collect();
        for at in 0..size {
            let known = dot(&self.row(at)[..at], &row[..at]);
            row[at] = (row[at] - known) / self.row(at)[at];
        }
        let pivot = source[asset] - dot(&row, &row);
        if pivot.is_nan() || pivot <= PIVOT_MIN * source[asset] {
            return false;
        }
        self.rows.resize(size * self.stride, 0.0);
        self.rows.extend_from_slice(&row);
        self.rows.push(pivot.sqrt());
        self.rows.resize((size + 1) * self.stride, 0.0);
        self.free.push(asset);
        true
    }

    /// Takes the asset of a row out, and turns the rows below it back to a triangle.
    pub(super) fn remove(&mut self, place: usize) {
        self.free.remove(place);
        let stride = self.stride;
        self.rows.drain(place * stride..(place + 1) * stride);
        let size = self.free.len();
        for at in place..size {
            let (one, other) = (self.rows[at * stride + at], self.rows[at * stride + at + 1]);
            let length = one.hypot(other);
            let (cosine, sine) = (one / length, other / length);
            self.rows[at * stride + at] = length;
            self.rows[at * stride + at + 1] = 0.0;
            for row in at + 1..size {
                let pair = &mut self.rows[row * stride + at..row * stride + at + 2];
                let (left, right) = (pair[0], pair[1]);
                pair[0] = cosine * left + sine * right;
                pair[1] = cosine * right - sine * left;
            }
        }
    }

    /// Solves `M[free, free] x = right` in place.
    pub(super) fn solve(&self, right: &mut [f64]) {
        for at in 0..self.len() {
            let row = self.row(at);
            right[at] = (right[at] - dot(&row[..at], &right[..at])) / row[at];
        }
        for at in (0..self.len()).rev() {
            let row = self.row(at);
            right[at] /= row[at];
            let value = right[at];
            add_scaled(&mut right[..at], -value, &row[..at]);
        }
    }
}

/// A pivot below this share of the asset's own variance says that the asset is a combination of others.
const PIVOT_MIN: f64 = 1e-12;
