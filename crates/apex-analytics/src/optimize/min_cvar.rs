//! The portfolio of least expected shortfall.

use crate::covariance::{column_means, sample_covariance};
use crate::error::AnalyticsError;
use crate::measure::tail::shortfall_fractional;
use crate::optimize::shortfall_simplex::Shortfall;
use crate::optimize::{Bounds, Solution, min_variance, target_return};
use crate::returns::weighted_daily;

/// A portfolio of least expected shortfall.
#[derive(Debug, Clone, PartialEq)]
pub struct ShortfallSolution {
    /// The weights.
    pub solution: Solution,
    /// The expected shortfall, a positive loss, with a fractional tail.
    pub shortfall: f64,
    /// The value at risk that goes with it.
    pub value_at_risk: f64,
}

/// Returns the weights of least expected shortfall at `level` within bounds, over all past returns equally likely; with
/// `target` only among portfolios of that mean.
///
/// Exact: a vertex of the linear program of Rockafellar and Uryasev (2000), reached from the portfolio of least variance.
///
/// # Errors
///
/// Refuses a level outside (0.5, 1), columns of different length, an asset without bounds, and bounds or a target that no
/// portfolio keeps.
///
/// ```
/// use apex_analytics::optimize::{Bounds, min_shortfall};
///
/// // Worst day of each asset at 75%: the second asset loses less in every mixture.
/// let returns: [&[f64]; 2] = [&[-0.04, 0.02, 0.01, 0.03], &[-0.02, 0.01, 0.00, 0.01]];
/// let answer = min_shortfall(&returns, 0.75, None, &Bounds::long_only(2)).unwrap();
/// assert!((answer.solution.weights[1] - 1.0).abs() < 1e-12 && (answer.shortfall - 0.02).abs() < 1e-12);
/// ```
pub fn min_shortfall(
    returns: &[&[f64]],
    level: f64,
    target: Option<f64>,
    bounds: &Bounds,
) -> Result<ShortfallSolution, AnalyticsError> {
    if !(level > 0.5 && level < 1.0) {
        return Err(AnalyticsError::Level { level });
    }
    let covariance = sample_covariance(returns)?;
    let means = column_means(returns);
    bounds.check(returns.len())?;
    let start = match target {
        None => match min_variance(&covariance, bounds) {
            Ok(solution) => solution.weights,
            // A start is all that is needed of it.
            Err(AnalyticsError::NotPositiveDefinite { .. } | AnalyticsError::Unsolved { .. }) => bounds.nearest(None),
            Err(err) => return Err(err),
        },
        Some(target) if bounds.none() => exchanged(&means, target, bounds),
        Some(target) => target_return(&means, &covariance, target, bounds)?.weights,
    };
    let mut equalities = vec![vec![1.0; returns.len()]];
    if target.is_some() {
        equalities.push(means);
    }
    let problem = Shortfall {
        returns,
        lower: &bounds.lower,
        upper: &bounds.upper,
        equalities,
        tail: 1.0 - level,
    };
    let vertex = problem.solve(&start)?;
    let series = weighted_daily(&vertex.weights, returns)?;
    let shortfall = shortfall_fractional(&series, level).ok_or(AnalyticsError::Empty {
        what: "list of scenarios",
    })?;
    Ok(ShortfallSolution {
        solution: Solution {
            weights: vertex.weights,
            kkt_residual: Some(vertex.residual),
            gap: None,
            iterations: vertex.iterations,
        },
        shortfall,
        value_at_risk: vertex.threshold,
    })
}

/// Returns equal weights, with as much moved from the asset of the least mean to that of the largest as a target needs.
fn exchanged(means: &[f64], target: f64, bounds: &Bounds) -> Vec<f64> {
    let mut weights = bounds.nearest(None);
    let order = |one: &usize, other: &usize| means[*one].total_cmp(&means[*other]);
    let ends = (0..means.len()).min_by(order).zip((0..means.len()).max_by(order));
    if let Some((low, high)) = ends.filter(|(low, high)| means[*low] < means[*high]) {
        let missing = target - crate::covariance::dot(&weights, means);
        let moved = missing / (means[high] - means[low]);
        weights[high] += moved;
        weights[low] -= moved;
    }
    weights
}
