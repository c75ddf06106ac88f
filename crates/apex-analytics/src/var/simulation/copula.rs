//! Paths of a t copula: every asset keeps the distribution of its past returns, and they fall together as t does.
//!
//! `y = L z / sqrt(c)` with `L L'` the correlation of the copula and `c` a chi-square number over its degrees of
//! freedom; the return of asset i is the linear quantile of its past returns at the t probability of `y[i]`. The
//! correlation is that of the normal scores of the ranks, the degrees of freedom those of the highest likelihood of the
//! ranks given it (Demarta and McNeil, 2005), between 2.1 and 100.

use faer::linalg::matmul::matmul;
use faer::linalg::solvers::{Llt, Solve};
use faer::{Accum, Mat, MatRef, Par, Side};
use statrs::function::gamma::ln_gamma;

use crate::distribution::{normal_quantile, student_cdf, student_quantile};
use crate::error::AnalyticsError;
use crate::quantile::sorted;
use crate::random::Stream;
use crate::series::correlation::centered_products;
use crate::var::simulation::Paths;
use crate::var::{Book, HorizonRule, MeanRule, VarSettings};

/// Rows of random numbers that are correlated at a time.
const ROWS: usize = 256;
/// Steps of the table of probabilities, over `y / (1 + |y|)` from -1 to 1.
const STEPS: usize = 8192;
/// Steps of the table of quantiles, over normal scores from -6 to 6.
const SCORES: usize = 1200;
const DEGREES_MIN: f64 = 2.1;
const DEGREES_MAX: f64 = 100.0;

/// The copula, the margins, and how many days a path has.
pub(crate) struct CopulaPaths<'a> {
    weights: &'a [f64],
    margins: Vec<Vec<f64>>,
    root: Mat<f64>,
    root_single: Mat<f32>,
    degrees: f64,
    probabilities: Vec<f64>,
    days: usize,
}

impl<'a> CopulaPaths<'a> {
    /// Returns the paths, and what their figures are scaled by.
    pub(crate) fn new(book: &Book<'a>, settings: &VarSettings) -> Result<(Self, f64), AnalyticsError> {
        if let Some(degrees) = settings.simulation.degrees_of_freedom
            && !(2.0..=1e6).contains(&degrees)
        {
            return Err(AnalyticsError::Parameter {
                what: "degrees of freedom",
                expected: "between 2 and 1000000",
                value: degrees,
            });
        }
        let ranks = Ranks::of(&book.columns)?;
        let degrees = match settings.simulation.degrees_of_freedom {
            Some(degrees) => degrees,
            None => ranks.degrees(),
        };
        let (days, scale) = match settings.horizon_rule {
            HorizonRule::Overlap => (settings.horizon, 1.0),
            HorizonRule::Sqrt => (1, (settings.horizon as f64).sqrt()),
        };
        let margins = book.columns.iter().map(|column| {
            let mean = match settings.mean {
                MeanRule::Sample => 0.0,
                MeanRule::Zero => column.iter().sum::<f64>() / column.len() as f64,
            };
            sorted(&column.iter().map(|value| value - mean).collect::<Vec<f64>>())
        });
        let probabilities = (0..=STEPS).map(|step| {
            let place = 2.0 * step as f64 / STEPS as f64 - 1.0;
            match step {
                0 => 0.0,
                STEPS => 1.0,
                _ => student_cdf(place / (1.0 - place.abs()), degrees),
            }
        });
        let lower = ranks.factor.L();
        let size = book.columns.len();
        let root = Mat::from_fn(
            size,
            size,
            |row, column| {
                if row >= column { lower[(row, column)] } else { 0.0 }
            },
        );
        let paths = Self {
            weights: book.weights,
            margins: margins.collect(),
            root_single: Mat::from_fn(size, size, |row, column| root[(row, column)] as f32),
            root,
            degrees,
            probabilities: probabilities.collect(),
            days,
        };
        Ok((paths, scale))
    }

    pub(crate) fn degrees(&self) -> f64 {
        self.degrees
    }

    /// Returns a root of the copula's correlation.
    pub(crate) fn root_single(&self) -> &Mat<f32> {
        &self.root_single
    }

    /// Returns the return of an asset at a value of t.
    pub(crate) fn at(&self, asset: usize, t: f64) -> f64 {
        let place = (t / (1.0 + t.abs()) + 1.0) * (STEPS as f64 / 2.0);
        let step = (place as usize).min(STEPS - 1);
        let (low, high) = (self.probabilities[step], self.probabilities[step + 1]);
        let probability = low + (high - low) * (place - step as f64);
        let margin = &self.margins[asset];
        let place = probability.clamp(0.0, 1.0) * (margin.len() - 1) as f64;
        let rank = (place as usize).min(margin.len() - 2);
        margin[rank] + (margin[rank + 1] - margin[rank]) * (place - rank as f64)
    }

    /// Draws a day again: every asset's return, in double precision.
    fn day(&self, stream: &mut Stream, numbers: &mut [f32], returns: &mut [f64]) -> f64 {
        stream.fill_normal(numbers);
        let stretch = 1.0 / stream.chi_square_mean(self.degrees).sqrt();
        returns.fill(0.0);
        for (column, number) in self.root.col_iter().zip(numbers.iter()) {
            for (value, cell) in returns.iter_mut().zip(column.iter()) {
                *value += cell * f64::from(*number);
            }
        }
        let mut total = 0.0;
        for (asset, (value, weight)) in returns.iter_mut().zip(self.weights).enumerate() {
            *value = self.at(asset, *value * stretch);
            total += weight * *value;
        }
        total
    }
}

impl Paths for CopulaPaths<'_> {
    fn draw(&self, stream: &mut Stream, starts: &mut [u64], returns: &mut [f32]) {
        let assets = self.weights.len();
        let mut filled = 0;
        let mut numbers = vec![0.0_f32; ROWS * assets];
        let mut correlated = Mat::<f32>::zeros(ROWS, assets);
        let mut stretches = [0.0_f64; ROWS];
        let mut totals = [0.0_f64; ROWS];
        // The path each row belongs to, and what it has grown to so far.
        let mut owners = [0_usize; ROWS];
        let mut grown = vec![0.0_f64; returns.len()];
        let mut settle = |filled: usize, numbers: &[f32], stretches: &[f64], owners: &[usize], grown: &mut [f64]| {
            let numbers = MatRef::from_row_major_slice(&numbers[..filled * assets], filled, assets);
            let mut correlated = correlated.as_mut().subrows_mut(0, filled);
            matmul(
                correlated.as_mut(),
                Accum::Replace,
                numbers,
                self.root_single.transpose(),
                1.0,
                Par::Seq,
            );
            totals.fill(0.0);
            for (asset, (column, weight)) in correlated.col_iter().zip(self.weights).enumerate() {
                for ((total, value), stretch) in totals.iter_mut().zip(column.iter()).zip(stretches) {
                    *total += weight * self.at(asset, f64::from(*value) * stretch);
                }
            }
            for (owner, total) in owners[..filled].iter().zip(&totals) {
                grown[*owner] += total + grown[*owner] * total;
            }
        };
        for (path, start) in starts.iter_mut().enumerate() {
            *start = stream.position();
            for _ in 0..self.days {
                stream.fill_normal(&mut numbers[filled * assets..(filled + 1) * assets]);
                stretches[filled] = 1.0 / stream.chi_square_mean(self.degrees).sqrt();
                owners[filled] = path;
                filled += 1;
                if filled == ROWS {
                    settle(filled, &numbers, &stretches, &owners, &mut grown);
                    filled = 0;
                }
            }
        }
        if filled > 0 {
            settle(filled, &numbers, &stretches, &owners, &mut grown);
        }
        for (value, grown) in returns.iter_mut().zip(grown) {
            *value = grown as f32;
        }
    }

    fn again(&self, stream: &mut Stream) -> f64 {
        let (mut numbers, mut returns) = (vec![0.0; self.weights.len()], vec![0.0; self.weights.len()]);
        let mut value = 0.0;
        for _ in 0..self.days {
            let day = self.day(stream, &mut numbers, &mut returns);
            value += day + value * day;
        }
        value
    }

    fn add(&self, stream: &mut Stream, shares: [f64; 2], sums: &mut [Vec<f64>; 2]) {
        let (mut numbers, mut returns) = (vec![0.0; self.weights.len()], vec![0.0; self.weights.len()]);
        let mut growth = 1.0;
        for _ in 0..self.days {
            let day = self.day(stream, &mut numbers, &mut returns);
            for (share, sum) in shares.iter().zip(sums.iter_mut()) {
                for (sum, value) in sum.iter_mut().zip(&returns) {
                    *sum += share * growth * value;
                }
            }
            growth *= 1.0 + day;
        }
    }

    fn length(&self) -> usize {
        self.weights.len()
    }

    fn parts(&self, sum: &[f64]) -> Vec<f64> {
        sum.to_vec()
    }
}

/// The ranks of the past returns as normal scores, and the correlation of these.
struct Ranks {
    scores: Vec<Vec<f64>>,
    factor: Llt<f64>,
}

impl Ranks {
    fn of(columns: &[&[f64]]) -> Result<Self, AnalyticsError> {
        let scores: Vec<Vec<f64>> = columns.iter().map(|column| normal_scores(column)).collect();
        let slices: Vec<&[f64]> = scores.iter().map(Vec::as_slice).collect();
        let products = centered_products(&slices)?;
        let size = columns.len();
        // Assets that repeat each other, or more assets than days, leave it singular: then it gives way a little.
        for shrinkage in [0.0, 1e-9, 1e-6, 1e-4, 1e-2, 1.0] {
            let correlation = Mat::from_fn(size, size, |row, column| {
                let scale = (products[(row, row)] * products[(column, column)]).sqrt();
                match row == column {
                    true => 1.0,
                    false if scale > 0.0 => (1.0 - shrinkage) * products[(row, column)] / scale,
                    false => 0.0,
                }
            });
            if let Ok(factor) = correlation.llt(Side::Lower) {
                return Ok(Self { scores, factor });
            }
        }
        Err(AnalyticsError::Degenerate {
            what: "correlation",
            reason: "is not that of any distribution",
        })
    }

    /// Returns the degrees of freedom of the highest likelihood, to three digits.
    fn degrees(&self) -> f64 {
        // Golden section on the logarithm.
        let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (DEGREES_MIN.ln(), DEGREES_MAX.ln());
        let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
        let (mut at_left, mut at_right) = (self.log_likelihood(left.exp()), self.log_likelihood(right.exp()));
        while high - low > 1e-3 {
            if at_left > at_right {
                (high, right, at_right) = (right, left, at_left);
                left = high - ratio * (high - low);
                at_left = self.log_likelihood(left.exp());
            } else {
                (low, left, at_left) = (left, right, at_right);
                right = low + ratio * (high - low);
                at_right = self.log_likelihood(right.exp());
            }
        }
        f64::midpoint(low, high).exp()
    }

    fn log_likelihood(&self, degrees: f64) -> f64 {
        // The quantile of t by its normal score: exact at the steps, straight between them.
        let table: Vec<f64> = (0..=SCORES)
            .map(|step| {
                let score = 12.0 * step as f64 / SCORES as f64 - 6.0;
                student_quantile(crate::distribution::normal_cdf(score), degrees).unwrap_or(score)
            })
            .collect();
        let quantile = |score: f64| {
            let place = (score + 6.0) * (SCORES as f64 / 12.0);
            let step = (place.max(0.0) as usize).min(SCORES - 1);
            table[step] + (table[step + 1] - table[step]) * (place - step as f64)
        };
        let (days, assets) = (self.scores[0].len(), self.scores.len());
        let values = Mat::from_fn(assets, days, |asset, day| quantile(self.scores[asset][day]));
        let solved = self.factor.solve(&values);
        let size = assets as f64;
        let mut sum = 0.0;
        for (value, solved) in values.col_iter().zip(solved.col_iter()) {
            let (mut form, mut margins) = (0.0, 0.0);
            for (value, solved) in value.iter().zip(solved.iter()) {
                form += value * solved;
                margins += (value * value / degrees).ln_1p();
            }
            sum += (degrees + 1.0) / 2.0 * margins - (degrees + size) / 2.0 * (form / degrees).ln_1p();
        }
        // The determinant of the correlation does not depend on the degrees of freedom.
        sum + days as f64
            * (ln_gamma((degrees + size) / 2.0) + (size - 1.0) * ln_gamma(degrees / 2.0)
                - size * ln_gamma((degrees + 1.0) / 2.0))
    }
}

/// Returns the normal quantiles of `rank / (n + 1)`; equal values share their mean rank.
fn normal_scores(column: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..column.len()).collect();
    order.sort_by(|left, right| column[*left].total_cmp(&column[*right]));
    let mut scores = vec![0.0; column.len()];
    let mut from = 0;
    while from < order.len() {
        let value = column[order[from]];
        let to = from
            + order[from..]
                .iter()
                .take_while(|day| column[**day] == value)
                .count()
                .max(1);
        // Ranks from + 1 to `to`.
        let rank = (from + 1 + to) as f64 / 2.0;
        let score = normal_quantile(rank / (column.len() + 1) as f64).unwrap_or(0.0);
        order[from..to].iter().for_each(|day| scores[*day] = score);
        from = to;
    }
    scores
}
