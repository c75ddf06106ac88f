//! The portfolio of the largest Sharpe ratio.

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::{AnalyticsError, same_length};
use crate::optimize::active_set::Quadratic;
use crate::optimize::critical_line::{Corner, between, trace};
use crate::optimize::min_variance::solved;
use crate::optimize::{Bounds, Solution};

/// Returns the weights of the largest `(mean'w - risk_free) / sqrt(w'Sw)` within bounds.
///
/// Long only, the ratio does not change when all weights grow alike, so `y >= 0` minimizes `y'Sy / 2 - excess'y` and is
/// scaled to the budget. With caps the critical line is followed to the segment that holds the tangency portfolio.
///
/// # Errors
///
/// Refuses vectors of another length than the matrix, and means none of which is above the risk-free rate: the largest
/// of negative ratios would prefer more risk. Also what the active set and the critical line refuse.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, max_sharpe};
///
/// // Uncorrelated: weights in proportion to mean over variance, 2.5 and 5.
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.01]).unwrap();
/// let solution = max_sharpe(&[0.10, 0.05], &covariance, 0.0, &Bounds::long_only(2)).unwrap();
/// assert!((solution.weights[0] - 1.0 / 3.0).abs() < 1e-14);
/// ```
pub fn max_sharpe(
    means: &[f64],
    covariance: &SymmetricMatrix,
    risk_free: f64,
    bounds: &Bounds,
) -> Result<Solution, AnalyticsError> {
    let size = covariance.size();
    bounds.check(size)?;
    if bounds.none() {
        return max_sharpe_unbounded(means, covariance, risk_free, bounds.budget);
    }
    let excess = excess_means(means, size, risk_free)?;
    let refused = || AnalyticsError::Parameter {
        what: "risk-free rate",
        expected: "below the mean of some allowed portfolio",
        value: risk_free,
    };
    if !bounds.only_long() {
        return along_the_line(&excess, covariance, bounds, refused());
    }
    if excess.iter().all(|value| *value <= 0.0) {
        return Err(refused());
    }
    let scale = excess.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let variance = covariance.diagonal().iter().sum::<f64>() / size as f64;
    let linear: Vec<f64> = excess.iter().map(|value| value / scale * variance).collect();
    let problem = Quadratic {
        matrix: covariance,
        linear: &linear,
        lower: &bounds.lower,
        upper: &bounds.upper,
        budget: None,
    };
    let mut solution = problem.solve(vec![0.0; size])?;
    let total: f64 = solution.weights.iter().sum();
    solution
        .weights
        .iter_mut()
        .for_each(|weight| *weight *= bounds.budget / total);
    Ok(solution)
}

/// Returns the weights of the largest Sharpe ratio when short positions of any size are allowed: `S^-1 excess`, scaled
/// to the budget.
///
/// # Errors
///
/// Refuses a covariance that is not positive definite, and means for which the ratio grows without end towards
/// infinite positions (`1'S^-1 excess` not above zero).
pub fn max_sharpe_unbounded(
    means: &[f64],
    covariance: &SymmetricMatrix,
    risk_free: f64,
    budget: f64,
) -> Result<Solution, AnalyticsError> {
    let excess = excess_means(means, covariance.size(), risk_free)?;
    let mut weights = solved(covariance, &excess)?;
    let total: f64 = weights.iter().sum();
    if total.is_nan() || total * budget <= 0.0 {
        return Err(AnalyticsError::Parameter {
            what: "risk-free rate",
            expected: "below the mean of the portfolio of least variance",
            value: risk_free,
        });
    }
    let slopes = covariance.times(&weights);
    let off = slopes.iter().zip(&excess).map(|(slope, gain)| (slope - gain).abs());
    let largest = excess
        .iter()
        .fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let kkt_residual = Some(off.fold(0.0, f64::max) / largest);
    weights.iter_mut().for_each(|weight| *weight *= budget / total);
    Ok(Solution {
        weights,
        kkt_residual,
        gap: None,
        iterations: 1,
    })
}

fn excess_means(means: &[f64], size: usize, risk_free: f64) -> Result<Vec<f64>, AnalyticsError> {
    same_length("list of means", size, means.len())?;
    crate::error::all_finite("mean", means)?;
    crate::error::all_finite("risk-free rate", &[risk_free])?;
    Ok(means.iter().map(|mean| mean - risk_free).collect())
}

/// Follows the critical line to the point where the price of variance is variance over excess mean.
fn along_the_line(
    excess: &[f64],
    covariance: &SymmetricMatrix,
    bounds: &Bounds,
    refused: AnalyticsError,
) -> Result<Solution, AnalyticsError> {
    // With weights of a fixed sum, subtracting the risk-free rate from each mean subtracts budget * rate in all.
    let passed =
        |corner: &Corner| covariance.quadratic(&corner.weights) >= corner.trade_off * dot(excess, &corner.weights);
    let line = trace(excess, covariance, bounds, |_, to| passed(to))?;
    let first = line.corners.first().ok_or_else(|| refused.clone())?;
    if dot(excess, &first.weights) <= 0.0 {
        return Err(refused);
    }
    let weights = match line.corners.as_slice() {
        _ if passed(first) => first.weights.clone(),
        [.., from, to] => {
            // Variance and mean are polynomials of the share of the way, so the condition is a quadratic of it.
            let step: Vec<f64> = to
                .weights
                .iter()
                .zip(&from.weights)
                .map(|(one, other)| one - other)
                .collect();
            let condition = |share: f64| {
                let weights = between(from, to, share);
                let trade_off = from.trade_off + share * (to.trade_off - from.trade_off);
                covariance.quadratic(&weights) - trade_off * dot(excess, &weights)
            };
            let (mut low, mut high) = (0.0, 1.0);
            if step.iter().all(|value| *value == 0.0) {
                high = 0.0;
            }
            for _ in 0..80 {
                let middle = 0.5 * (low + high);
                if condition(middle) < 0.0 {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            between(from, to, 0.5 * (low + high))
        }
        _ => first.weights.clone(),
    };
    let mean = dot(excess, &weights);
    if mean.is_nan() || mean <= 0.0 {
        return Err(refused);
    }
    let trade_off = covariance.quadratic(&weights) / mean;
    let linear: Vec<f64> = excess.iter().map(|value| value * trade_off).collect();
    let problem = Quadratic {
        matrix: covariance,
        linear: &linear,
        lower: &bounds.lower,
        upper: &bounds.upper,
        budget: Some(bounds.budget),
    };
    // One exact solve at the price found takes the rounding of the search away.
    let mut solution = problem.solve(bounds.nearest(Some(&weights)))?;
    solution.iterations += line.iterations;
    Ok(solution)
}
