//! Paths of a normal distribution.
//!
//! A day's returns of the assets are `means + L z` with `L L'` the covariance, the book's return `w' means + (w' L) z`:
//! one product of two vectors a day, and the assets themselves are never formed. Their parts of a sum of paths are
//! linear in `z`, so that `z` is summed over the tail and multiplied by `L` once.

use faer::{Mat, Side};

use crate::error::AnalyticsError;
use crate::random::Stream;
use crate::series::correlation::{centered, centered_products};
use crate::var::simulation::Paths;
use crate::var::{Book, HorizonRule, MeanRule, VarSettings};

/// Lanes of a product of two vectors.
const LANES: usize = 16;

/// The distribution of one simulated day, and how many there are.
pub(super) struct GaussianPaths {
    days: usize,
    means: Vec<f64>,
    /// Every row an asset's, every column a random number's.
    root: Mat<f64>,
    drift: f64,
    direction: Vec<f64>,
    direction_single: Vec<f32>,
}

impl GaussianPaths {
    pub(super) fn new(book: &Book<'_>, settings: &VarSettings) -> Result<Self, AnalyticsError> {
        // By the root of time, one simulated day stands for all.
        let (days, grown) = match settings.horizon_rule {
            HorizonRule::Overlap => (settings.horizon, 1.0),
            HorizonRule::Sqrt => (1, settings.horizon as f64),
        };
        let count = book.portfolio.len() as f64;
        let means: Vec<f64> = match settings.mean {
            MeanRule::Sample => book
                .columns
                .iter()
                .map(|column| column.iter().sum::<f64>() / count * grown)
                .collect(),
            MeanRule::Zero => vec![0.0; book.columns.len()],
        };
        let root = covariance_root(&book.columns, grown / (count - 1.0))?;
        let direction: Vec<f64> = root
            .col_iter()
            .map(|column| {
                column
                    .iter()
                    .zip(book.weights)
                    .map(|(cell, weight)| cell * weight)
                    .sum()
            })
            .collect();
        Ok(Self {
            days,
            drift: means.iter().zip(book.weights).map(|(mean, weight)| mean * weight).sum(),
            means,
            direction_single: direction.iter().map(|value| *value as f32).collect(),
            direction,
            root,
        })
    }

    fn numbers(&self) -> Vec<f32> {
        vec![0.0; self.direction.len()]
    }

    /// Draws the numbers of a day and returns the book's return in double precision.
    fn day(&self, stream: &mut Stream, numbers: &mut [f32]) -> f64 {
        stream.fill_normal(numbers);
        let pairs = numbers.iter().zip(&self.direction);
        self.drift + pairs.map(|(number, part)| f64::from(*number) * part).sum::<f64>()
    }
}

impl Paths for GaussianPaths {
    fn draw(&self, stream: &mut Stream, starts: &mut [u64], returns: &mut [f32]) {
        let mut numbers = self.numbers();
        let drift = self.drift as f32;
        for (start, value) in starts.iter_mut().zip(returns) {
            *start = stream.position();
            stream.fill_normal(&mut numbers);
            *value = drift + product(&numbers, &self.direction_single);
            for _ in 1..self.days {
                stream.fill_normal(&mut numbers);
                let day = drift + product(&numbers, &self.direction_single);
                *value += day + *value * day;
            }
        }
    }

    fn again(&self, stream: &mut Stream) -> f64 {
        let mut numbers = self.numbers();
        let mut value = self.day(stream, &mut numbers);
        for _ in 1..self.days {
            let day = self.day(stream, &mut numbers);
            value += day + value * day;
        }
        value
    }

    fn add(&self, stream: &mut Stream, shares: [f64; 2], sums: &mut [Vec<f64>; 2]) {
        let mut numbers = self.numbers();
        let mut growth = 1.0;
        for _ in 0..self.days {
            let day = self.day(stream, &mut numbers);
            for (share, sum) in shares.iter().zip(sums.iter_mut()) {
                let share = share * growth;
                sum[0] += share;
                for (sum, number) in sum[1..].iter_mut().zip(&numbers) {
                    *sum += share * f64::from(*number);
                }
            }
            growth *= 1.0 + day;
        }
    }

    fn length(&self) -> usize {
        1 + self.direction.len()
    }

    fn parts(&self, sum: &[f64]) -> Vec<f64> {
        let mut parts: Vec<f64> = self.means.iter().map(|mean| mean * sum[0]).collect();
        for (column, number) in self.root.col_iter().zip(&sum[1..]) {
            for (part, cell) in parts.iter_mut().zip(column.iter()) {
                *part += cell * number;
            }
        }
        parts
    }
}

/// Returns the product of two vectors of one length, summed in lanes.
fn product(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (left, left_rest) = left.as_chunks::<LANES>();
    let (right, right_rest) = right.as_chunks::<LANES>();
    for (left, right) in left.iter().zip(right) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    let rest: f32 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    lanes.iter().sum::<f32>() + rest
}

/// Returns a root `L` of the products of columns about their means times `factor`, `L L'`; every row is a column's.
///
/// No fewer columns than days have products of lower rank, of which the days themselves are a root.
pub(crate) fn covariance_root(columns: &[&[f64]], factor: f64) -> Result<Mat<f64>, AnalyticsError> {
    let days = columns.first().map_or(0, |column| column.len());
    if columns.len() < days {
        return square_root(&(centered_products(columns)? * faer::Scale(factor)));
    }
    let centered = centered(columns)?;
    let scale = factor.sqrt();
    Ok(Mat::from_fn(columns.len(), days, |column, day| {
        centered[(day, column)] * scale
    }))
}

/// Returns a root `L` of a covariance, `L L'`: that of Cholesky, or of the eigenvalues where assets repeat each other.
fn square_root(covariance: &Mat<f64>) -> Result<Mat<f64>, AnalyticsError> {
    let size = covariance.nrows();
    if let Ok(factor) = covariance.llt(Side::Lower) {
        let lower = factor.L();
        return Ok(Mat::from_fn(size, size, |row, column| {
            if row >= column { lower[(row, column)] } else { 0.0 }
        }));
    }
    let eigen = covariance
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| AnalyticsError::Degenerate {
            what: "covariance",
            reason: "has no eigenvalues that can be found",
        })?;
    let (vectors, values) = (eigen.U(), eigen.S().column_vector());
    Ok(Mat::from_fn(size, size, |row, column| {
        vectors[(row, column)] * values[column].max(0.0).sqrt()
    }))
}
