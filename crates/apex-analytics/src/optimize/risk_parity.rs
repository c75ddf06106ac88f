//! Portfolios whose assets carry stated shares of the risk.

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::{AnalyticsError, same_length};
use crate::optimize::Solution;

/// Returns the long-only weights under which asset `i` carries the share `budgets[i] / sum(budgets)` of the variance:
/// `w[i] (S w)[i] / w'Sw`.
///
/// They are the minimum of `y'Sy / 2 - sum(b log y)`, scaled to add up to 1 (Maillard, Roncalli and Teïletche 2010), found
/// by cyclical coordinate descent (Griveau-Billion, Richard and Roncalli 2013). The residual is the largest difference
/// between a share and its budget.
///
/// # Errors
///
/// Refuses budgets of another count than assets or not above zero, a variance that is not above zero, and a covariance
/// for which the descent does not end within 10,000 rounds.
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
    // Under the answer the variance of y is the sum of the shares, 1: a start of that size saves rounds.
    let mut point: Vec<f64> = deviations
        .iter()
        .zip(&shares)
        .map(|(one, share)| share.sqrt() / one)
        .collect();
    let size_now = covariance.quadratic(&point).sqrt();
    point.iter_mut().for_each(|value| *value /= size_now);
    for iterations in 1..=10_000 {
        let mut moved = 0.0_f64;
        for at in 0..size {
            let row = covariance.row(at);
            let variance = row[at];
            let others = dot(row, &point) - variance * point[at];
            let root = (others * others + 4.0 * variance * shares[at]).sqrt();
            // The positive root, written so that nothing cancels.
            let next = if others > 0.0 {
                2.0 * shares[at] / (others + root)
            } else {
                (root - others) / (2.0 * variance)
            };
            moved = moved.max(((next - point[at]) / next).abs());
            point[at] = next;
        }
        if !moved.is_finite() {
            break;
        }
        if moved < 1e-12 {
            let sum: f64 = point.iter().sum();
            point.iter_mut().for_each(|value| *value /= sum);
            return Ok(Solution {
                kkt_residual: Some(budget_residual(covariance, &point, &shares)),
                weights: point,
                gap: None,
                iterations,
            });
        }
    }
    Err(AnalyticsError::Unsolved {
        what: "coordinate descent of the risk budgets",
        reason: "the weights grow without end; is the covariance positive definite?".to_owned(),
    })
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
