//! Portfolios whose assets carry stated shares of the risk.

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::{AnalyticsError, same_length};
use crate::optimize::Solution;

/// Rounds until the search is given up.
const ROUNDS_MAX: usize = 10_000;
/// A share of the variance this near to its budget, as a part of it, is the budget.
const RESIDUAL_MAX: f64 = 1e-13;
/// A round that moves no coordinate by more than this part of it is the last.
const MOVE_MIN: f64 = 1e-12;
/// Newton steps that may lead nowhere before coordinate descent goes on alone.
const FAILURES_MAX: usize = 3;
/// The least covariance, as a part of the variance, that is taken as the line all share.
const ALONG_MIN: f64 = 1e-3;

/// Returns the long-only weights under which asset `i` carries the share `budgets[i] / sum(budgets)` of the variance:
/// `w[i] (S w)[i] / w'Sw`.
///
/// They are the minimum of `y'Sy / 2 - sum(b log y)`, scaled to add up to 1 (Maillard, Roncalli and Teïletche 2010).
/// A round of cyclical coordinate descent (Griveau-Billion, Richard and Roncalli 2013) comes near; from there Newton
/// steps in the logarithm of `y` end it, with `Y S Y` taken as its diagonal and the one line that keeps its row sums,
/// which is the market where there is one. Where these do not lead, the descent goes on. The residual is the largest
/// difference between a share and its budget.
///
/// # Errors
///
/// Refuses budgets of another count than assets or not above zero, a variance that is not above zero, and a covariance
/// for which the search does not end within 10,000 rounds.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::risk_budgets;
///
/// // Two assets at equal budgets hold weights in inverse proportion to volatility, whatever their correlation.
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.012, 0.012, 0.01]).unwrap();
/// assert!((risk_budgets(&covariance, &[1.0, 1.0]).unwrap().weights[0] - 1.0 / 3.0).abs() < 1e-14);
/// ```
pub fn risk_budgets(covariance: &SymmetricMatrix, budgets: &[f64]) -> Result<Solution, AnalyticsError> {
    let size = covariance.size();
    same_length("list of risk budgets", size, budgets.len())?;
    crate::error::all_finite("risk budget", budgets)?;
    if let Some(index) = budgets.iter().position(|budget| *budget <= 0.0) {
        return Err(AnalyticsError::NotPositive {
            what: "risk budget",
            index,
            value: budgets[index],
        });
    }
    let deviations = crate::covariance::deviations(covariance)?;
    let total: f64 = budgets.iter().sum();
    let shares: Vec<f64> = budgets.iter().map(|budget| budget / total).collect();
    let mut point: Vec<f64> = deviations
        .iter()
        .zip(&shares)
        .map(|(one, share)| share.sqrt() / one)
        .collect();
    let size_now = covariance.quadratic(&point).sqrt();
    point.iter_mut().for_each(|value| *value /= size_now);
    let mut moved = sweep(covariance, &shares, &mut point);
    let mut before = Before {
        residual: f64::INFINITY,
        point: Vec::new(),
        failures: 0,
    };
    for iterations in 1..=ROUNDS_MAX {
        // Under the answer the variance of y is the sum of the shares, 1: a point of that size is nearer.
        let mut slopes = covariance.times(&point);
        let size_now = dot(&point, &slopes).sqrt();
        for (value, slope) in point.iter_mut().zip(&mut slopes) {
            *value /= size_now;
            *slope /= size_now;
        }
        let parts: Vec<f64> = point.iter().zip(&slopes).map(|(value, slope)| value * slope).collect();
        let residual = parts
            .iter()
            .zip(&shares)
            .map(|(part, share)| (part / share - 1.0).abs())
            .fold(0.0, f64::max);
        if !moved.is_finite() || size_now.is_nan() {
            break;
        }
        if residual < RESIDUAL_MAX || moved < MOVE_MIN {
            let sum: f64 = point.iter().sum();
            point.iter_mut().for_each(|value| *value /= sum);
            return Ok(Solution {
                kkt_residual: Some(budget_residual(covariance, &point, &shares)),
                weights: point,
                gap: None,
                iterations,
            });
        }
        if before.failures < FAILURES_MAX && residual < 0.5 * before.residual {
            before.residual = residual;
            before.point.clone_from(&point);
            step(covariance, &shares, &parts, &mut point);
        } else {
            if before.residual < residual {
                std::mem::swap(&mut point, &mut before.point);
            }
            before.failures += 1;
            before.residual = f64::INFINITY;
            moved = sweep(covariance, &shares, &mut point);
        }
    }
    Err(AnalyticsError::Unsolved {
        what: "descent of the risk budgets",
        reason: "the weights grow without end; is the covariance positive definite?".to_owned(),
    })
}

/// Where the last step began.
struct Before {
    residual: f64,
    point: Vec<f64>,
    /// How often a step led nowhere.
    failures: usize,
}

/// Moves each coordinate in turn to where it is best, and returns the largest move as a share of the coordinate.
fn sweep(covariance: &SymmetricMatrix, shares: &[f64], point: &mut [f64]) -> f64 {
    let mut moved = 0.0_f64;
    for at in 0..point.len() {
        let row = covariance.row(at);
        let variance = row[at];
        let others = dot(row, point) - variance * point[at];
        let root = (others * others + 4.0 * variance * shares[at]).sqrt();
        // The positive root, written so that nothing cancels.
        let next = if others > 0.0 {
            2.0 * shares[at] / (others + root)
        } else {
            (root - others) / (2.0 * variance)
        };
        let share = ((next - point[at]) / next).abs();
        // A plain maximum would lose what is not a number.
        moved = if share <= moved { moved } else { share };
        point[at] = next;
    }
    moved
}

/// Takes a Newton step in the logarithms, from a point whose parts of the variance are `parts`.
///
/// The matrix is `diag(d + parts) + q q' / sum(q)`, where `d` is the diagonal of `Y S Y` and `q = parts - d` the sums of
/// its rows beside it; Sherman and Morrison's formula solves for it.
fn step(covariance: &SymmetricMatrix, shares: &[f64], parts: &[f64], point: &mut [f64]) {
    let mut beside = Vec::with_capacity(point.len());
    let mut change = Vec::with_capacity(point.len());
    let (mut total, mut crossed, mut weighed) = (0.0, 0.0, 0.0);
    for at in 0..point.len() {
        let own = covariance.at(at, at) * point[at] * point[at];
        let (q, diagonal) = (parts[at] - own, own + parts[at]);
        let (move_alone, scaled) = ((parts[at] - shares[at]) / diagonal, q / diagonal);
        total += q;
        crossed += q * move_alone;
        weighed += q * scaled;
        beside.push(scaled);
        change.push(move_alone);
    }
    // Without a line that all share, the diagonal stands alone.
    let along = if total > ALONG_MIN {
        crossed / (total + weighed)
    } else {
        0.0
    };
    for ((value, change), scaled) in point.iter_mut().zip(change).zip(beside) {
        *value *= (along * scaled - change).clamp(-1.0, 1.0).exp();
    }
}

/// Returns the long-only weights under which every asset carries the same share of the variance.
///
/// # Errors
///
/// Those of [`risk_budgets`].
pub fn risk_parity(covariance: &SymmetricMatrix) -> Result<Solution, AnalyticsError> {
    risk_budgets(covariance, &vec![1.0; covariance.size()])
}

fn budget_residual(covariance: &SymmetricMatrix, weights: &[f64], shares: &[f64]) -> f64 {
    let slopes = covariance.times(weights);
    let variance = dot(weights, &slopes);
    (0..weights.len())
        .map(|at| (weights[at] * slopes[at] / variance - shares[at]).abs())
        .fold(0.0, f64::max)
}
