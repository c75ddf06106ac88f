//! Portfolios whose assets carry stated shares of the risk.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

use crate::covariance::{SymmetricMatrix, dot, half_product};
use crate::error::{AnalyticsError, same_length};
use crate::optimize::Solution;

/// Rounds until the search is given up.
const ROUNDS_MAX: usize = 300;
/// A share of the variance this near to its budget, as a part of it, is the budget.
const RESIDUAL_MAX: f64 = 1e-13;
/// Where shares get no nearer, this is near enough: rounding does not allow for more.
const ROUNDING_MAX: f64 = 1e-9;
/// A round that leaves more than this part of the residual is no progress.
const PROGRESS: f64 = 0.9;
/// The least covariance, as a part of the variance, that is taken as the line all share.
const ALONG_MIN: f64 = 1e-3;
/// The part of the way to zero that a step may go.
const INSIDE: f64 = 0.95;
/// How often a step is halved before there is none.
const HALVINGS_MAX: usize = 40;

/// Returns the long-only weights under which asset `i` carries the share `budgets[i] / sum(budgets)` of the variance:
/// `w[i] (S w)[i] / w'Sw`.
///
/// They are the minimum of `y'Sy / 2 - sum(b log y)`, scaled to add up to 1 (Maillard, Roncalli and Teïletche 2010).
/// Newton steps in the logarithm of `y` find it, with `Y S Y` taken as its diagonal and the one line that keeps its row
/// sums, which is the market where there is one; where these do not lead, steps with the whole matrix. The residual is the
/// largest difference between a share and its budget.
///
/// # Errors
///
/// Refuses budgets of another count than assets or not above zero, a variance that is not above zero, and a covariance
/// for which the weights grow without end.
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
    let diagonal = covariance.diagonal();
    let mut slopes = vec![0.0; size];
    let mut quick = true;
    let mut before = (f64::INFINITY, point.clone());
    for iterations in 1..=ROUNDS_MAX {
        // Under the answer the variance of y is the sum of the shares, 1: a point of that size is nearer.
        half_product(covariance, &point, &mut slopes);
        let size_now = dot(&point, &slopes).sqrt();
        if !(size_now > 0.0 && size_now.is_finite()) {
            break;
        }
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
        let progress = residual < PROGRESS * before.0;
        if residual < RESIDUAL_MAX || (!quick && !progress && residual < ROUNDING_MAX) {
            let sum: f64 = point.iter().sum();
            point.iter_mut().for_each(|value| *value /= sum);
            let off = parts.iter().zip(&shares).map(|(part, share)| (part - share).abs());
            return Ok(Solution {
                kkt_residual: Some(off.fold(0.0, f64::max)),
                weights: point,
                gap: None,
                iterations,
            });
        }
        if quick && !progress {
            quick = false;
            (_, point) = std::mem::take(&mut before);
            before.0 = f64::INFINITY;
            half_product(covariance, &point, &mut slopes);
        } else {
            before = (residual, point.clone());
        }
        if quick {
            quick_step(&diagonal, &shares, &parts, &mut point);
        } else if !newton_step(covariance, &shares, &slopes, &mut point) {
            break;
        }
    }
    Err(AnalyticsError::Unsolved {
        what: "search for the risk budgets",
        reason: "the weights grow without end; is the covariance positive definite?".to_owned(),
    })
}

/// Takes a Newton step in the logarithms, from a point whose parts of the variance are `parts`, with a matrix that is
/// solved for without factoring it.
///
/// It is `diag(d + parts) + q q' / sum(q)`, where `d` is the diagonal of `Y S Y` and `q = parts - d` the sums of its rows
/// beside it; Sherman and Morrison's formula solves for it.
fn quick_step(diagonal: &[f64], shares: &[f64], parts: &[f64], point: &mut [f64]) {
    let mut beside = Vec::with_capacity(point.len());
    let mut change = Vec::with_capacity(point.len());
    let (mut total, mut crossed, mut weighed) = (0.0, 0.0, 0.0);
    for at in 0..point.len() {
        let own = diagonal[at] * point[at] * point[at];
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

/// Takes a Newton step with the whole matrix, `S + diag(b / y^2)`, as far as the function falls and `y` stays above zero;
/// returns whether there is one.
fn newton_step(covariance: &SymmetricMatrix, shares: &[f64], slopes: &[f64], point: &mut Vec<f64>) -> bool {
    let size = point.len();
    let curved = |at: usize| shares[at] / (point[at] * point[at]);
    let matrix = Mat::from_fn(size, size, |row, column| {
        covariance.at(row, column) + if row == column { curved(row) } else { 0.0 }
    });
    let Ok(factor) = matrix.llt(Side::Lower) else {
        return false;
    };
    let gradient: Vec<f64> = (0..size).map(|at| slopes[at] - shares[at] / point[at]).collect();
    let steps = factor.solve(Mat::from_fn(size, 1, |row, _| -gradient[row]));
    let steps: Vec<f64> = (0..size).map(|row| steps[(row, 0)]).collect();
    let slope = dot(&gradient, &steps);
    let value = |point: &[f64], slopes: &[f64]| {
        let logarithms = shares.iter().zip(point).map(|(share, value)| share * value.ln());
        0.5 * dot(point, slopes) - logarithms.sum::<f64>()
    };
    let here = value(point, slopes);
    let to_zero = point
        .iter()
        .zip(&steps)
        .map(|(value, step)| -step / value)
        .fold(0.0, f64::max);
    let mut length = if to_zero > INSIDE { INSIDE / to_zero } else { 1.0 };
    let mut slopes_next = vec![0.0; size];
    for _ in 0..HALVINGS_MAX {
        let next: Vec<f64> = point
            .iter()
            .zip(&steps)
            .map(|(value, step)| value + length * step)
            .collect();
        half_product(covariance, &next, &mut slopes_next);
        // What rounding alone makes of the value does not count.
        if value(&next, &slopes_next) <= here + 0.25 * length * slope + 1e-15 * here.abs() {
            *point = next;
            return true;
        }
        length *= 0.5;
    }
    false
}

/// Returns the long-only weights under which every asset carries the same share of the variance.
///
/// # Errors
///
/// Those of [`risk_budgets`].
pub fn risk_parity(covariance: &SymmetricMatrix) -> Result<Solution, AnalyticsError> {
    risk_budgets(covariance, &vec![1.0; covariance.size()])
}
