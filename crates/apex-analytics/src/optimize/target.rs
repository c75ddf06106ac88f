//! The best portfolio at a given mean, and at a given risk.

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::AnalyticsError;
use crate::optimize::active_set::Quadratic;
use crate::optimize::critical_line::{Corner, between, trace};
use crate::optimize::{Bounds, Solution, min_variance};

/// Returns the weights of least variance whose mean is `target` within bounds.
///
/// A target below the mean of the least variance is on the lower branch of the frontier, which is followed too.
///
/// # Errors
///
/// Names the target and the bounds when no portfolio within them has that mean.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, target_return};
///
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.01]).unwrap();
/// let solution = target_return(&[0.10, 0.05], &covariance, 0.06, &Bounds::long_only(2)).unwrap();
/// assert!((solution.weights[0] - 0.2).abs() < 1e-12);
/// ```
pub fn target_return(
    means: &[f64],
    covariance: &SymmetricMatrix,
    target: f64,
    bounds: &Bounds,
) -> Result<Solution, AnalyticsError> {
    crate::error::all_finite("target mean", &[target])?;
    bounds.check(covariance.size())?;
    let least = min_variance(covariance, bounds)?;
    let sign = if dot(means, &least.weights) <= target {
        1.0
    } else {
        -1.0
    };
    let signed: Vec<f64> = means.iter().map(|mean| sign * mean).collect();
    let mean_of = |corner: &Corner| dot(&signed, &corner.weights);
    let line = trace(&signed, covariance, bounds, |_, to| mean_of(to) <= sign * target)?;
    let reached = line.corners.first().map_or(f64::NEG_INFINITY, mean_of);
    if reached < sign * target - 1e-12 * reached.abs().max(target.abs()) {
        let end = if sign > 0.0 { "largest" } else { "smallest" };
        return Err(AnalyticsError::Infeasible {
            conflict: vec![
                format!("target mean {target}"),
                format!("bounds, whose {end} mean is {}", sign * reached),
            ],
        });
    }
    let weights = line.at_mean(&signed, sign * target);
    let trade_off = trade_off_of(covariance, &signed, &weights, bounds);
    Ok(Solution {
        kkt_residual: Some(residual(covariance, &signed, trade_off, &weights, bounds)),
        weights,
        gap: None,
        iterations: least.iterations + line.iterations,
    })
}

/// Returns the weights of the largest mean whose volatility `sqrt(w'Sw)` is at most `target` within bounds.
///
/// # Errors
///
/// Names the target and the bounds when every portfolio within them is more volatile.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, target_volatility};
///
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.01]).unwrap();
/// let solution = target_volatility(&[0.10, 0.05], &covariance, 0.15, &Bounds::long_only(2)).unwrap();
/// assert!((covariance.quadratic(&solution.weights).sqrt() - 0.15).abs() < 1e-12);
/// ```
pub fn target_volatility(
    means: &[f64],
    covariance: &SymmetricMatrix,
    target: f64,
    bounds: &Bounds,
) -> Result<Solution, AnalyticsError> {
    if !(target > 0.0 && target.is_finite()) {
        return Err(AnalyticsError::Parameter {
            what: "target volatility",
            expected: "above zero",
            value: target,
        });
    }
    let volatility = |weights: &[f64]| covariance.quadratic(weights).max(0.0).sqrt();
    let line = trace(means, covariance, bounds, |_, to| volatility(&to.weights) <= target)?;
    let weights = match line.corners.as_slice() {
        [] => Vec::new(),
        [first, ..] if volatility(&first.weights) <= target => first.weights.clone(),
        corners => {
            let last = &corners[corners.len() - 1];
            let from = &corners[corners.len().saturating_sub(2)];
            let least = volatility(&last.weights);
            if least > target * (1.0 + 1e-12) {
                return Err(AnalyticsError::Infeasible {
                    conflict: vec![
                        format!("target volatility {target}"),
                        format!("bounds, whose smallest volatility is {least}"),
                    ],
                });
            }
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..80 {
                let middle = 0.5 * (low + high);
                if volatility(&between(from, last, middle)) > target {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            between(from, last, high)
        }
    };
    let trade_off = trade_off_of(covariance, means, &weights, bounds);
    Ok(Solution {
        kkt_residual: Some(residual(covariance, means, trade_off, &weights, bounds)),
        weights,
        gap: None,
        iterations: line.iterations,
    })
}

/// Returns the price of variance at which a frontier portfolio is the best: that under which the gradients of its free
/// assets are one line in their means.
pub(super) fn trade_off_of(covariance: &SymmetricMatrix, means: &[f64], weights: &[f64], bounds: &Bounds) -> f64 {
    let slopes = covariance.times(weights);
    let free: Vec<usize> = (0..weights.len())
        .filter(|at| weights[*at] > bounds.lower[*at] + 1e-12 && weights[*at] < bounds.upper[*at] - 1e-12)
        .collect();
    let count = free.len() as f64;
    if count < 2.0 {
        // A lone free asset fits any price above the one at which another would enter.
        return f64::NAN;
    }
    let center = |values: &[f64]| free.iter().map(|at| values[*at]).sum::<f64>() / count;
    let (slope_mean, mean_mean) = (center(&slopes), center(means));
    let cross: f64 = free
        .iter()
        .map(|at| (slopes[*at] - slope_mean) * (means[*at] - mean_mean))
        .sum();
    let square: f64 = free.iter().map(|at| (means[*at] - mean_mean).powi(2)).sum();
    if square > 0.0 { cross / square } else { f64::NAN }
}

/// Returns how far a frontier portfolio is from the best at a price of variance. Where the price is open, the one at
/// which the least is wrong is looked for.
pub(super) fn residual(
    covariance: &SymmetricMatrix,
    means: &[f64],
    trade_off: f64,
    weights: &[f64],
    bounds: &Bounds,
) -> f64 {
    let at = |trade_off: f64| {
        let linear: Vec<f64> = means.iter().map(|mean| mean * trade_off).collect();
        let problem = Quadratic {
            matrix: covariance,
            linear: &linear,
            lower: &bounds.lower,
            upper: &bounds.upper,
            budget: Some(bounds.budget),
        };
        problem.residual(weights)
    };
    if trade_off.is_finite() {
        return at(trade_off);
    }
    let variance = covariance.quadratic(weights);
    let mean = means
        .iter()
        .fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    (0..60)
        .map(|power| at(variance / mean * 2.0_f64.powi(power - 20)))
        .fold(f64::INFINITY, f64::min)
}
