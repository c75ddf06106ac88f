//! What a portfolio of given weights earns and risks.

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::{AnalyticsError, finite, ratio, same_length};
use crate::measure::tail::shortfall_fractional;
use crate::returns::weighted_daily;

/// The figures of a portfolio, per observation.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioFigures {
    /// `mean'w`.
    pub mean: f64,
    /// `sqrt(w'Sw)`.
    pub volatility: f64,
    /// Expected shortfall of the past returns with a fractional tail; `None` for a level outside (0.5, 1).
    pub cvar: Option<f64>,
    /// `w[i] (S w)[i] / w'Sw`, which add up to 1; `None` for a portfolio that never moves.
    pub risk_contributions: Vec<Option<f64>>,
}

/// Returns the figures of a portfolio. `level` is the confidence of the expected shortfall.
///
/// # Errors
///
/// Refuses inputs of different size.
pub fn portfolio_figures(
    weights: &[f64],
    means: &[f64],
    covariance: &SymmetricMatrix,
    returns: &[&[f64]],
    level: f64,
) -> Result<PortfolioFigures, AnalyticsError> {
    same_length("list of weights", covariance.size(), weights.len())?;
    same_length("list of means", covariance.size(), means.len())?;
    let slopes = covariance.times(weights);
    let variance = dot(weights, &slopes);
    let contribution = |(weight, slope): (&f64, &f64)| ratio(weight * slope, variance).filter(|_| variance > 0.0);
    Ok(PortfolioFigures {
        mean: dot(weights, means),
        volatility: variance.max(0.0).sqrt(),
        cvar: shortfall_fractional(&weighted_daily(weights, returns)?, level).and_then(finite),
        risk_contributions: weights.iter().zip(&slopes).map(contribution).collect(),
    })
}
