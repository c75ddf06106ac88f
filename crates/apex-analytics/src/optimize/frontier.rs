//! Equally spaced portfolios of the efficient frontier.

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::AnalyticsError;
use crate::optimize::{Bounds, critical_line};

/// One portfolio of a frontier.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontierPoint {
    /// The mean asked for.
    pub target: f64,
    /// The volatility `sqrt(w'Sw)`, the least at that mean.
    pub volatility: f64,
    /// The weights.
    pub weights: Vec<f64>,
}

/// Returns `points` portfolios of least variance, their means equally spaced from that of the least variance to the
/// largest.
///
/// The critical line gives every corner, so each point is exact and costs one interpolation.
///
/// # Errors
///
/// Refuses fewer than two points, and what [`critical_line`] refuses.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, frontier};
///
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.01]).unwrap();
/// let points = frontier(&[0.10, 0.05], &covariance, &Bounds::long_only(2), 5).unwrap();
/// assert!((points[0].target - 0.06).abs() < 1e-15 && points[4].weights == [1.0, 0.0]);
/// ```
pub fn frontier(
    means: &[f64],
    covariance: &SymmetricMatrix,
    bounds: &Bounds,
    points: usize,
) -> Result<Vec<FrontierPoint>, AnalyticsError> {
    if points < 2 {
        return Err(AnalyticsError::Parameter {
            what: "number of frontier points",
            expected: "at least 2",
            value: points as f64,
        });
    }
    let line = critical_line(means, covariance, bounds)?;
    let mean_at = |corner: Option<&crate::optimize::Corner>| corner.map_or(0.0, |corner| dot(means, &corner.weights));
    let (low, high) = (mean_at(line.corners.last()), mean_at(line.corners.first()));
    let point = |at: usize| {
        let share = at as f64 / (points - 1) as f64;
        let target = if at == points - 1 {
            high
        } else {
            low + share * (high - low)
        };
        let weights = line.at_mean(means, target);
        FrontierPoint {
            target,
            volatility: covariance.quadratic(&weights).max(0.0).sqrt(),
            weights,
        }
    };
    Ok((0..points).map(point).collect())
}
