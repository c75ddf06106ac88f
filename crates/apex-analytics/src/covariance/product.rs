//! The product of a symmetric matrix with a vector, from one half of the matrix.

use crate::covariance::{SymmetricMatrix, add_scaled, dot};

/// Rows that are read together, so that the vector and the products are read once for all of them.
const ROWS: usize = 4;
/// Columns that are read together.
const LANES: usize = 8;

/// Writes `matrix * vector` to `products`, reading each entry at and below the diagonal once.
///
/// The half of a matrix of 500 rows stays in the cache nearest to a core, where the whole does not.
pub(crate) fn half_product(matrix: &SymmetricMatrix, vector: &[f64], products: &mut [f64]) {
    pulp::Arch::new().dispatch(HalfProduct {
        matrix,
        vector,
        products,
    });
}

/// The product, compiled once for each kind of vector registers.
struct HalfProduct<'a> {
    matrix: &'a SymmetricMatrix,
    vector: &'a [f64],
    products: &'a mut [f64],
}

impl pulp::NullaryFnOnce for HalfProduct<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self {
            matrix,
            vector,
            products,
        } = self;
        let size = matrix.size();
        products.fill(0.0);
        let single = size % ROWS;
        for at in 0..single {
            one_row(matrix, vector, products, 0, at);
        }
        for first in (single..size).step_by(ROWS) {
            let rows: [&[f64]; ROWS] = std::array::from_fn(|row| &matrix.row(first + row)[..first]);
            let own: [f64; ROWS] = std::array::from_fn(|row| vector[first + row]);
            let (before, block) = products.split_at_mut(first);
            block[..ROWS].copy_from_slice(&left_and_above(rows, own, &vector[..first], before));
            for at in first..first + ROWS {
                one_row(matrix, vector, products, first, at);
            }
        }
    }
}

/// Takes the entries of one row from column `first` to the diagonal, which also stand above it.
#[inline(always)]
fn one_row(matrix: &SymmetricMatrix, vector: &[f64], products: &mut [f64], first: usize, at: usize) {
    let row = &matrix.row(at)[first..=at];
    let left = &row[..at - first];
    products[at] += row[at - first] * vector[at] + dot(left, &vector[first..at]);
    add_scaled(&mut products[first..at], vector[at], left);
}

/// Returns the inner products of some rows with `vector`, and adds `own[row] * rows[row]` to `above`.
#[inline(always)]
fn left_and_above(rows: [&[f64]; ROWS], own: [f64; ROWS], vector: &[f64], above: &mut [f64]) -> [f64; ROWS] {
    let whole = vector.len() - vector.len() % LANES;
    let mut sums = [[0.0; LANES]; ROWS];
    for at in (0..whole).step_by(LANES) {
        let factors = &vector[at..at + LANES];
        let above = &mut above[at..at + LANES];
        for (row, sums) in sums.iter_mut().enumerate() {
            let values = &rows[row][at..at + LANES];
            for lane in 0..LANES {
                sums[lane] += values[lane] * factors[lane];
                above[lane] += own[row] * values[lane];
            }
        }
    }
    for at in whole..vector.len() {
        for (row, sums) in sums.iter_mut().enumerate() {
            sums[0] += rows[row][at] * vector[at];
            above[at] += own[row] * rows[row][at];
        }
    }
    sums.map(|sums| sums.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_matrix_gives_the_product_of_the_whole() {
        for size in 1..40 {
            let matrix = SymmetricMatrix::from_lower(size, |row, column| {
                ((row * 7 + column * 3) % 11) as f64 - 5.0 + f64::from(u8::from(row == column))
            });
            let vector: Vec<f64> = (0..size).map(|at| 1.0 + at as f64 / 4.0).collect();
            let mut products = vec![f64::NAN; size];
            half_product(&matrix, &vector, &mut products);
            // Quarters of whole numbers: every sum is exact.
            assert_eq!(products, matrix.times(&vector), "{size} rows");
        }
    }
}
