//! Risk by component: volatility, normal VaR and historical ES of a book, split by asset.

use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, ratio};
use crate::var::{MeanRule, VarMethod, VarSettings, value_at_risk};

/// The risk of a book by asset, per observation. The field names are those of the reference `component_risk_EW`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentRisk {
    /// `w[i] (C w)[i] / sigma`: they add up to the book's volatility.
    pub vol_contrib: Vec<f64>,
    /// `(C w)[i] / sigma`: the change in volatility for a small change in weight.
    pub marginal_vol: Vec<f64>,
    /// The parts of normal VaR at 99% with mean zero.
    pub comp_var99_normal_zero_mean: Vec<f64>,
    /// The parts of historical ES at 99%, the mean at or below the linear quantile.
    pub comp_es99_hist_mean_le_var: Vec<f64>,
    /// Historical ES at 99%.
    pub es99: f64,
    /// The weighted mean of the assets' volatilities over the book's; `None` when the book never moves.
    pub diversification_ratio: Option<f64>,
}

/// Returns the risk of a book by asset.
///
/// # Errors
///
/// Those of [`value_at_risk`].
///
/// ```
/// // Two assets that mirror each other leave nothing to lose.
/// let risk = apex_analytics::var::component::component_risk(
///     &[0.5, 0.5],
///     &[&[0.01, -0.01, 0.02, -0.02], &[-0.01, 0.01, -0.02, 0.02]],
/// );
/// assert_eq!(risk.unwrap().diversification_ratio, None);
/// ```
pub fn component_risk(weights: &[f64], returns: &[&[f64]]) -> Result<ComponentRisk, AnalyticsError> {
    let historical = value_at_risk(weights, returns, &VarSettings::one_day(VarMethod::Historical, 0.99))?;
    let settings = VarSettings {
        mean: MeanRule::Zero,
        ..VarSettings::one_day(VarMethod::Normal, 0.99)
    };
    let normal = value_at_risk(weights, returns, &settings)?;
    let portfolio = crate::returns::weighted_daily(weights, returns)?;
    let count = portfolio.len() as f64;
    let mean = portfolio.iter().sum::<f64>() / count;
    let deviation = (portfolio.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let marginal_vol: Vec<f64> = returns
        .iter()
        .map(|column| {
            let cross: f64 = column
                .iter()
                .zip(&portfolio)
                .map(|(value, total)| value * (total - mean))
                .sum();
            ratio(cross / (count - 1.0), deviation).unwrap_or(0.0)
        })
        .collect();
    let apart: f64 = weights
        .iter()
        .zip(returns)
        .map(|(weight, column)| weight * crate::measure::volatility::deviation(column).unwrap_or(0.0))
        .sum();
    Ok(ComponentRisk {
        vol_contrib: marginal_vol
            .iter()
            .zip(weights)
            .map(|(marginal, weight)| marginal * weight)
            .collect(),
        marginal_vol,
        comp_var99_normal_zero_mean: normal.components.iter().map(|component| component.var).collect(),
        comp_es99_hist_mean_le_var: historical.components.iter().map(|component| component.es).collect(),
        es99: historical.es,
        diversification_ratio: ratio(apart, deviation),
    })
}
