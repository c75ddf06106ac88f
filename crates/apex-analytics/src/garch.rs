//! GARCH(1,1): variance that clusters, fitted by maximum likelihood, and its forecast.
//!
//! `r[t] = mu + e[t]`, `v[t] = omega + alpha e[t-1]^2 + beta v[t-1]`, `e[t]` normal with variance `v[t]` (Bollerslev,
//! 1986). The recursion starts from a backcast in place of both `e[-1]^2` and `v[-1]`: the mean of the first 75 squared
//! residuals about the sample mean, weighted by `0.94^t`; it is held while the parameters are sought. These are the
//! conventions of the Python package `arch`.

use faer::Mat;
use faer::linalg::solvers::Solve;
use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite};
use crate::measure::is_flat;

/// How many squared residuals the backcast takes, and the decay of their weights.
const BACKCAST: usize = 75;
const BACKCAST_DECAY: f64 = 0.94;
/// The fewest returns four parameters are fitted to.
const RETURNS_MIN: usize = 20;
/// More iterations than this only chase rounding errors.
const ITERATIONS_MAX: usize = 500;

/// Which mean the returns have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GarchMean {
    /// One that is fitted.
    Constant,
    /// Zero.
    Zero,
}

/// A fitted GARCH(1,1), in the units of the returns it was fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Garch {
    /// The mean; 0 where it is not fitted.
    pub mu: f64,
    /// The constant of the variance.
    pub omega: f64,
    /// The weight of the last squared residual.
    pub alpha: f64,
    /// The weight of the last variance.
    pub beta: f64,
    /// The log likelihood.
    pub log_likelihood: f64,
    /// Steps of the search.
    pub iterations: usize,
    /// The variance the recursion started from.
    pub backcast: f64,
    /// The variance of each return given those before it.
    pub variances: Vec<f64>,
    /// The forecast for the return after the last.
    pub next: f64,
    /// Standard errors of mu, omega, alpha and beta from the expected information; `None` where that is singular, as
    /// on the edge of the parameters. That of mu is 0 where it is not fitted.
    pub standard_errors: Option<[f64; 4]>,
}

impl Garch {
    /// Returns the forecast variances of the next `horizon` returns: each `omega + (alpha + beta)` times the one
    /// before.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        std::iter::successors(Some(self.next), |variance| {
            Some(self.omega + (self.alpha + self.beta) * variance)
        })
        .take(horizon)
        .collect()
    }

    /// Returns the variance the forecasts tend to, `omega / (1 - alpha - beta)`; undefined where they grow for ever.
    pub fn long_run_variance(&self) -> Option<f64> {
        crate::error::ratio(self.omega, 1.0 - self.alpha - self.beta).filter(|variance| *variance > 0.0)
    }
}

/// The variances of a recursion, and the one after the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Variances {
    /// Those of the residuals given.
    pub each: Vec<f64>,
    /// The next.
    pub next: f64,
}

/// Returns the weighted mean square that stands before the first residual, that of all where the first never move.
///
/// ```
/// let start = apex_analytics::garch::backcast(&[1.0, -2.0]);
/// assert!((start - (1.0 + 0.94 * 4.0) / 1.94).abs() < 1e-15);
/// ```
pub fn backcast(residuals: &[f64]) -> f64 {
    let mut weight = 1.0;
    let (mut sum, mut weights) = (0.0, 0.0);
    for residual in residuals.iter().take(BACKCAST) {
        sum += weight * residual * residual;
        weights += weight;
        weight *= BACKCAST_DECAY;
    }
    if sum > 0.0 {
        sum / weights
    } else {
        residuals.iter().map(|residual| residual * residual).sum::<f64>() / residuals.len().max(1) as f64
    }
}

/// Returns the conditional variances of residuals for given parameters.
///
/// With `omega` 0, `alpha` `1 - decay` and `beta` `decay` this is the exponentially weighted variance of RiskMetrics.
///
/// ```
/// let path = apex_analytics::garch::variances(&[1.0, 3.0], 0.1, 0.2, 0.5, 1.0);
/// // 0.1 + 0.2 + 0.5, then 0.1 + 0.2 * 1 + 0.5 * 0.8.
/// assert!((path.each[0] - 0.8).abs() < 1e-15 && (path.each[1] - 0.7).abs() < 1e-15);
/// assert!((path.next - (0.1 + 0.2 * 9.0 + 0.5 * 0.7)).abs() < 1e-15);
/// ```
pub fn variances(residuals: &[f64], omega: f64, alpha: f64, beta: f64, backcast: f64) -> Variances {
    let mut next = omega + (alpha + beta) * backcast;
    let each = residuals
        .iter()
        .map(|residual| {
            let variance = next;
            next = omega + alpha * residual * residual + beta * variance;
            variance
        })
        .collect();
    Variances { each, next }
}

/// Returns the log likelihood of residuals that are normal with these variances.
pub fn log_likelihood(residuals: &[f64], variances: &[f64]) -> f64 {
    let sum: f64 = residuals
        .iter()
        .zip(variances)
        .map(|(residual, variance)| variance.ln() + residual * residual / variance)
        .sum();
    -0.5 * (sum + residuals.len() as f64 * (2.0 * std::f64::consts::PI).ln())
}

/// Fits a GARCH(1,1) by maximum likelihood.
///
/// Fisher scoring with a damped step, from the best of a grid of starts, on parameters that keep the variance positive
/// and `alpha + beta` below 1. The answer does not depend on the units of the returns.
///
/// # Errors
///
/// Refuses fewer than 20 returns, values that are not finite, and a series that never moves.
///
/// ```
/// use apex_analytics::garch::{GarchMean, garch};
///
/// // Calm and turmoil in turns.
/// let returns: Vec<f64> = (0..400)
///     .map(|day| if day / 50 % 2 == 0 { 0.01 } else { 0.03 } * f64::from(day * 7919 % 13 - 6))
///     .collect();
/// let model = garch(&returns, GarchMean::Constant).unwrap();
/// assert!(model.alpha > 0.0 && model.beta > 0.0 && model.alpha + model.beta < 1.0);
/// assert_eq!(model.forecast(2)[0], model.next);
/// ```
pub fn garch(returns: &[f64], mean: GarchMean) -> Result<Garch, AnalyticsError> {
    all_finite("return", returns)?;
    if returns.len() < RETURNS_MIN {
        return Err(AnalyticsError::Window {
            what: "GARCH model",
            length: RETURNS_MIN,
            observations: returns.len(),
        });
    }
    if is_flat(returns) {
        return Err(AnalyticsError::Degenerate {
            what: "return series",
            reason: "never moves, so that it has no variance to model",
        });
    }
    let count = returns.len() as f64;
    let average = returns.iter().sum::<f64>() / count;
    let center = match mean {
        GarchMean::Constant => average,
        GarchMean::Zero => 0.0,
    };
    let scale = (returns.iter().map(|value| (value - center).powi(2)).sum::<f64>() / count).sqrt();
    // In units of the deviation all parameters are of the order of one.
    let scaled: Vec<f64> = returns.iter().map(|value| (value - center) / scale).collect();
    let search = Search {
        backcast: backcast(&scaled),
        fits_mean: mean == GarchMean::Constant,
        returns: scaled,
    };
    let (best, iterations) = search.best();
    let [mu, omega, alpha, beta] = best;
    let residuals: Vec<f64> = search.returns.iter().map(|value| value - mu).collect();
    let path = variances(&residuals, omega, alpha, beta, search.backcast);
    let square = scale * scale;
    let standard_errors = search.standard_errors(&best);
    Ok(Garch {
        mu: center + mu * scale,
        omega: omega * square,
        alpha,
        beta,
        log_likelihood: log_likelihood(&residuals, &path.each) - count * scale.ln(),
        iterations,
        backcast: search.backcast * square,
        variances: path.each.iter().map(|variance| variance * square).collect(),
        next: path.next * square,
        standard_errors: standard_errors.map(|[mu, omega, alpha, beta]| [mu * scale, omega * square, alpha, beta]),
    })
}

/// The scaled returns, and what the search keeps fixed.
struct Search {
    returns: Vec<f64>,
    backcast: f64,
    fits_mean: bool,
}

/// The gradient of the log likelihood and the expected information, in mu, omega, alpha, beta.
struct Slope {
    gradient: [f64; 4],
    information: [[f64; 4]; 4],
}

/// `[mu, ln omega, a, b]` with `alpha` and `beta` the shares of `e^a` and `e^b` in `1 + e^a + e^b`.
type Free = [f64; 4];

fn bound(free: &Free) -> [f64; 4] {
    let top = free[2].max(free[3]).max(0.0);
    let (a, b, one) = ((free[2] - top).exp(), (free[3] - top).exp(), (-top).exp());
    let sum = a + b + one;
    [free[0], free[1].exp(), a / sum, b / sum]
}

impl Search {
    /// Returns mu, omega, alpha and beta at the highest likelihood found, and the steps it took.
    fn best(&self) -> ([f64; 4], usize) {
        let mut start = ([0.0; 4], f64::NEG_INFINITY);
        for alpha in [0.01, 0.05, 0.1, 0.2] {
            for persistence in [0.5, 0.7, 0.9, 0.98] {
                let (rest, beta): (f64, f64) = (1.0 - persistence, persistence - alpha);
                let free = [0.0, rest.ln(), (alpha / rest).ln(), (beta / rest).ln()];
                let value = self.value(&free);
                if value > start.1 {
                    start = (free, value);
                }
            }
        }
        let (mut free, mut value) = start;
        let mut damping = 1e-3;
        for iteration in 1..=ITERATIONS_MAX {
            let slope = self.slope(&bound(&free));
            let (gradient, information) = self.in_free(&slope, &bound(&free));
            let mut improved = false;
            while damping < 1e12 {
                let step = solve_damped(&information, &gradient, damping);
                let next: Free = std::array::from_fn(|at| free[at] + step[at].clamp(-2.0, 2.0));
                let reached = self.value(&next);
                if reached > value {
                    let gain = reached - value;
                    (free, value, improved) = (next, reached, true);
                    damping = (damping / 10.0_f64).max(1e-12);
                    // What is left to gain is below the last digits of the likelihood.
                    let decrement: f64 = step.iter().zip(&gradient).map(|(step, slope)| step * slope).sum();
                    if gain.abs().max(decrement.abs()) < 1e-13 * value.abs().max(1.0) {
                        return (bound(&free), iteration);
                    }
                    break;
                }
                damping *= 10.0;
            }
            if !improved {
                return (bound(&free), iteration);
            }
        }
        (bound(&free), ITERATIONS_MAX)
    }

    fn value(&self, free: &Free) -> f64 {
        let [mu, omega, alpha, beta] = bound(free);
        let mut next = omega + (alpha + beta) * self.backcast;
        let mut sum = 0.0;
        for value in &self.returns {
            let square = (value - mu).powi(2);
            sum += next.ln() + square / next;
            next = omega + alpha * square + beta * next;
        }
        if sum.is_finite() { -0.5 * sum } else { f64::NEG_INFINITY }
    }

    fn slope(&self, &[mu, omega, alpha, beta]: &[f64; 4]) -> Slope {
        let mut slope = Slope {
            gradient: [0.0; 4],
            information: [[0.0; 4]; 4],
        };
        let mut variance = omega + (alpha + beta) * self.backcast;
        // The derivatives of the variance follow its own recursion.
        let mut change = [0.0, 1.0, self.backcast, self.backcast];
        for value in &self.returns {
            let residual = value - mu;
            let (square, inverse) = (residual * residual, 1.0 / variance);
            let pull = 0.5 * inverse * (square * inverse - 1.0);
            for (gradient, change) in slope.gradient.iter_mut().zip(&change) {
                *gradient += pull * change;
            }
            slope.gradient[0] += residual * inverse;
            let weight = 0.5 * inverse * inverse;
            for (row, left) in slope.information.iter_mut().zip(&change) {
                for (cell, right) in row.iter_mut().zip(&change) {
                    *cell += weight * left * right;
                }
            }
            slope.information[0][0] += inverse;
            change = [
                beta * change[0] - 2.0 * alpha * residual,
                beta * change[1] + 1.0,
                beta * change[2] + square,
                beta * change[3] + variance,
            ];
            variance = omega + alpha * square + beta * variance;
        }
        if !self.fits_mean {
            slope.gradient[0] = 0.0;
            for at in 0..4 {
                slope.information[0][at] = 0.0;
                slope.information[at][0] = 0.0;
            }
            slope.information[0][0] = 1.0;
        }
        slope
    }

    /// Changes gradient and information to the free parameters.
    fn in_free(&self, slope: &Slope, &[_, omega, alpha, beta]: &[f64; 4]) -> ([f64; 4], [[f64; 4]; 4]) {
        // Rows: mu, omega, alpha, beta; columns: the free parameters.
        let jacobian = [
            [1.0, 0.0, 0.0, 0.0],
            [0.0, omega, 0.0, 0.0],
            [0.0, 0.0, alpha * (1.0 - alpha), -alpha * beta],
            [0.0, 0.0, -alpha * beta, beta * (1.0 - beta)],
        ];
        let gradient = std::array::from_fn(|at| (0..4).map(|row| jacobian[row][at] * slope.gradient[row]).sum());
        let information = std::array::from_fn(|left| {
            std::array::from_fn(|right| {
                (0..4)
                    .flat_map(|row| (0..4).map(move |column| (row, column)))
                    .map(|(row, column)| jacobian[row][left] * slope.information[row][column] * jacobian[column][right])
                    .sum()
            })
        });
        (gradient, information)
    }

    fn standard_errors(&self, best: &[f64; 4]) -> Option<[f64; 4]> {
        let information = self.slope(best).information;
        let matrix = Mat::from_fn(4, 4, |row, column| information[row][column]);
        let inverse = matrix.llt(faer::Side::Lower).ok()?.solve(Mat::<f64>::identity(4, 4));
        let mut errors: [f64; 4] = std::array::from_fn(|at| inverse[(at, at)].sqrt());
        if !self.fits_mean {
            errors[0] = 0.0;
        }
        errors.iter().all(|error| error.is_finite()).then_some(errors)
    }
}

/// Solves `(information + damping * diagonal) step = gradient`.
fn solve_damped(information: &[[f64; 4]; 4], gradient: &[f64; 4], damping: f64) -> [f64; 4] {
    let matrix = Mat::from_fn(4, 4, |row, column| {
        let cell = information[row][column];
        if row == column {
            cell * (1.0 + damping) + 1e-300
        } else {
            cell
        }
    });
    let right = Mat::from_fn(4, 1, |row, _| gradient[row]);
    match matrix.llt(faer::Side::Lower) {
        Ok(factor) => {
            let step = factor.solve(&right);
            std::array::from_fn(|at| step[(at, 0)])
        }
        // Without a direction of its own the step follows the slope.
        Err(_) => std::array::from_fn(|at| gradient[at] / (information[at][at].abs() * (1.0 + damping) + 1e-12)),
    }
}
