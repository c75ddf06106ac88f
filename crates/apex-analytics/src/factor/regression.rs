//! Time-series regression of assets on factors, with three kinds of standard errors.
//!
//! `y = const + X b + e` by ordinary least squares, through the QR decomposition of the factors, done once for all
//! assets. `k` counts the constant.
//!
//! - classic: `(X'X)^-1 s^2`, `s^2 = e'e / (n - k)`;
//! - HC1: the meat is `sum(e^2 x x') n / (n - k)` (White, 1980; MacKinnon and White, 1985);
//! - HAC: the meat is `G0 + sum((1 - l / (L + 1)) (Gl + Gl'))` of the lagged products of `x e`, without a correction
//!   for small samples (Newey and West, 1987).

use faer::Mat;
use faer::Par;
use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use serde::{Deserialize, Serialize};

use crate::distribution::f_tail;
use crate::error::{AnalyticsError, all_finite, ratio, same_length};

/// How the errors of coefficients are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Equal variance, no correlation.
    Classic,
    /// Any variance, no correlation.
    Hc1,
    /// Any variance, correlation up to a lag.
    Hac {
        /// The lag.
        lag: usize,
    },
}

/// A coefficient's estimates of error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoefficientError {
    /// The standard error.
    pub standard_error: f64,
    /// The coefficient over it; undefined where it is zero.
    pub t: Option<f64>,
    /// The probability of a t that far from zero on either side, with n - k degrees of freedom.
    pub p: Option<f64>,
}

/// The regression of one asset. Coefficients begin with the constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// The coefficients.
    pub coefficients: Vec<f64>,
    /// The residuals.
    pub residuals: Vec<f64>,
    /// The share of the variance that the factors explain; undefined for an asset that never moves.
    pub r2: Option<f64>,
    /// The same with the degrees of freedom counted: `1 - (1 - r2) (n - 1) / (n - k)`.
    pub adjusted_r2: Option<f64>,
    /// The deviation of the residuals, `sqrt(e'e / (n - k))`.
    pub residual_deviation: f64,
    /// The statistic of Durbin and Watson (1950), `sum((e[t] - e[t-1])^2) / sum(e^2)`; near 2 without correlation.
    pub durbin_watson: Option<f64>,
    /// The F statistic of all factors together.
    pub f: Option<f64>,
    /// The probability of a larger F when no factor counts.
    pub f_p: Option<f64>,
}

/// The factors of a regression, ready for any number of assets.
#[derive(Debug)]
pub struct Design {
    rows: usize,
    columns: usize,
    /// An orthonormal basis of the constant and the factors, column by column.
    basis: Vec<Vec<f64>>,
    /// Row i holds the i-th row of the inverse of R.
    inverse: Vec<Vec<f64>>,
    /// The constant and the factors, row by row.
    cells: Vec<f64>,
}

impl Design {
    /// Takes the factors' returns.
    ///
    /// # Errors
    ///
    /// Refuses no factor, columns of different length, values that are not finite, no more observations than
    /// coefficients, and factors of which one is a sum of others.
    pub fn new(factors: &[&[f64]]) -> Result<Self, AnalyticsError> {
        let rows = factors
            .first()
            .ok_or(AnalyticsError::Empty {
                what: "list of factors",
            })?
            .len();
        for factor in factors {
            same_length("factor column", rows, factor.len())?;
            all_finite("factor return", factor)?;
        }
        let columns = factors.len() + 1;
        if rows <= columns {
            return Err(AnalyticsError::Window {
                what: "regression",
                length: columns + 1,
                observations: rows,
            });
        }
        // Factors are brought to one size, so that a dependence shows whatever their units.
        let scales: Vec<f64> = std::iter::once(1.0)
            .chain(factors.iter().map(|factor| {
                let square = factor.iter().map(|value| value * value).sum::<f64>() / rows as f64;
                if square > 0.0 { square.sqrt() } else { 1.0 }
            }))
            .collect();
        let matrix = Mat::from_fn(rows, columns, |row, column| match column {
            0 => 1.0,
            _ => factors[column - 1][row] / scales[column],
        });
        let decomposition = matrix.qr();
        let upper = decomposition.thin_R();
        let largest = (0..columns).map(|at| upper[(at, at)].abs()).fold(0.0, f64::max);
        if (0..columns).any(|at| upper[(at, at)].abs() <= 1e-10 * largest) {
            return Err(AnalyticsError::Degenerate {
                what: "list of factors",
                reason: "has a factor that the others or a constant add up to",
            });
        }
        let mut inverse = Mat::<f64>::identity(columns, columns);
        solve_upper_triangular_in_place(upper, inverse.as_mut(), Par::Seq);
        let basis = decomposition.compute_thin_Q();
        let mut cells = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            cells.push(1.0);
            cells.extend(factors.iter().map(|factor| factor[row]));
        }
        Ok(Self {
            rows,
            columns,
            basis: (0..columns).map(|column| basis.col_as_slice(column).to_vec()).collect(),
            inverse: (0..columns)
                .map(|row| {
                    (0..columns)
                        .map(|column| inverse[(row, column)] / scales[row])
                        .collect()
                })
                .collect(),
            cells,
        })
    }

    /// Returns the number of coefficients, the constant among them.
    pub fn coefficients(&self) -> usize {
        self.columns
    }

    /// Regresses one asset.
    ///
    /// # Errors
    ///
    /// Refuses a column of another length, and values that are not finite.
    ///
    /// ```
    /// use apex_analytics::factor::regression::Design;
    ///
    /// // 1 + 2 x exactly.
    /// let design = Design::new(&[&[0.0, 1.0, 2.0, 4.0]]).unwrap();
    /// let found = design.regress(&[1.0, 3.0, 5.0, 9.0]).unwrap();
    /// assert!((found.coefficients[0] - 1.0).abs() < 1e-14 && (found.coefficients[1] - 2.0).abs() < 1e-14);
    /// assert!((found.r2.unwrap() - 1.0).abs() < 1e-14);
    /// ```
    pub fn regress(&self, asset: &[f64]) -> Result<Regression, AnalyticsError> {
        same_length("return column", self.rows, asset.len())?;
        all_finite("return", asset)?;
        let projected: Vec<f64> = self.basis.iter().map(|column| super::dot(column, asset)).collect();
        let coefficients = super::times(&self.inverse, &projected);
        let mut residuals = asset.to_vec();
        for (residual, row) in residuals.iter_mut().zip(self.cells.chunks_exact(self.columns)) {
            *residual -= super::dot(row, &coefficients);
        }
        let (count, freedom) = (self.rows as f64, (self.rows - self.columns) as f64);
        let factors = (self.columns - 1) as f64;
        let mean = asset.iter().sum::<f64>() / count;
        let total: f64 = asset.iter().map(|value| (value - mean).powi(2)).sum();
        let rest: f64 = residuals.iter().map(|value| value * value).sum();
        let moves = !crate::measure::is_flat(asset);
        let unexplained = ratio(rest, total).filter(|_| moves);
        let pairs = residuals.iter().zip(residuals.iter().skip(1));
        let f = unexplained.and_then(|rest| ratio((1.0 - rest) / factors, rest / freedom));
        Ok(Regression {
            r2: unexplained.map(|rest| 1.0 - rest),
            adjusted_r2: unexplained.map(|rest| 1.0 - rest * (count - 1.0) / freedom),
            residual_deviation: (rest / freedom).sqrt(),
            durbin_watson: ratio(pairs.map(|(before, after)| (after - before).powi(2)).sum(), rest),
            f,
            f_p: f.and_then(|f| f_tail(f, factors, freedom)),
            coefficients,
            residuals,
        })
    }

    /// Returns the errors of the coefficients of a regression of this design.
    ///
    /// # Errors
    ///
    /// Refuses a lag that leaves no pair of days.
    ///
    /// ```
    /// use apex_analytics::factor::regression::{Design, ErrorKind};
    ///
    /// // The mean of y at x = -1 and x = 1: half the distance, e'e = 4, n - k = 2, X'X = 4, so 2 / 4.
    /// let design = Design::new(&[&[-1.0, -1.0, 1.0, 1.0]]).unwrap();
    /// let found = design.regress(&[0.0, 2.0, 4.0, 6.0]).unwrap();
    /// let errors = design.errors(&found, ErrorKind::Classic).unwrap();
    /// assert!((errors[1].standard_error - 0.5_f64.sqrt()).abs() < 1e-14);
    /// ```
    pub fn errors(&self, found: &Regression, kind: ErrorKind) -> Result<Vec<CoefficientError>, AnalyticsError> {
        let freedom = (self.rows - self.columns) as f64;
        let variances = match kind {
            ErrorKind::Classic => {
                let square = found.residual_deviation.powi(2);
                let of = |row: &Vec<f64>| super::dot(row, row) * square;
                self.inverse.iter().map(of).collect()
            }
            ErrorKind::Hc1 => self.sandwich(&self.meat(found, 0), self.rows as f64 / freedom),
            ErrorKind::Hac { lag } if lag >= self.rows => {
                return Err(AnalyticsError::Window {
                    what: "lag",
                    length: lag,
                    observations: self.rows,
                });
            }
            ErrorKind::Hac { lag } => self.sandwich(&self.meat(found, lag), 1.0),
        };
        let pairs = found.coefficients.iter().zip(variances);
        Ok(pairs
            .map(|(coefficient, variance): (&f64, f64)| {
                let standard_error = variance.max(0.0).sqrt();
                let t = ratio(*coefficient, standard_error);
                CoefficientError {
                    standard_error,
                    t,
                    p: t.and_then(|t| f_tail(t * t, 1.0, freedom)),
                }
            })
            .collect())
    }

    /// Returns the sum of the products of `x e` with themselves and, weighted, with those up to `lag` days before, in
    /// the basis: there the bread is the inverse of R alone.
    fn meat(&self, found: &Regression, lag: usize) -> Vec<Vec<f64>> {
        let size = self.columns;
        let scores: Vec<Vec<f64>> = self
            .basis
            .iter()
            .map(|column| {
                column
                    .iter()
                    .zip(&found.residuals)
                    .map(|(cell, rest)| cell * rest)
                    .collect()
            })
            .collect();
        let mut meat = vec![vec![0.0; size]; size];
        for back in 0..=lag {
            let weight = 1.0 - back as f64 / (lag + 1) as f64;
            for row in 0..size {
                for column in 0..size {
                    let product = weight * super::dot(&scores[row][back..], &scores[column][..self.rows - back]);
                    meat[row][column] += product;
                    if back > 0 {
                        meat[column][row] += product;
                    }
                }
            }
        }
        meat
    }

    fn sandwich(&self, meat: &[Vec<f64>], scale: f64) -> Vec<f64> {
        let of = |row: &Vec<f64>| scale * super::dot(row, &super::times(meat, row));
        self.inverse.iter().map(of).collect()
    }
}
