//! Attribution to factors: what active exposures earned, and what is specific to the assets.

use serde::{Deserialize, Serialize};

use super::{check_lists, dot};
use crate::error::{AnalyticsError, all_finite, same_length, whole};

/// Weights, returns and exposures of every asset over one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposed<'a> {
    /// The portfolio's weights.
    pub portfolio_weights: &'a [f64],
    /// The benchmark's weights.
    pub benchmark_weights: &'a [f64],
    /// The return of each asset.
    pub returns: &'a [f64],
    /// The exposure of each asset to each factor: one list a factor.
    pub exposures: &'a [&'a [f64]],
    /// The return of each factor.
    pub factor_returns: &'a [f64],
}

/// The attribution of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorAttribution {
    /// The portfolio's return.
    pub portfolio_return: f64,
    /// The benchmark's return.
    pub benchmark_return: f64,
    /// The difference, which factors and assets add up to.
    pub active_return: f64,
    /// The portfolio's exposure to each factor minus the benchmark's.
    pub active_exposures: Vec<f64>,
    /// What each factor earned: active exposure times factor return.
    pub factors: Vec<f64>,
    /// What is specific to each asset: active weight times the return its exposures do not explain.
    pub specific: Vec<f64>,
}

/// Splits the active return of one period by factor and asset.
///
/// With active weights `a`, exposures `x` and factor returns `f`: factor `k` earns `sum(a x[k]) f[k]`, asset `i` has
/// `a[i] (r[i] - sum(x[k][i] f[k]))` of its own. They add up to the active return `sum(a r)`.
///
/// # Errors
///
/// Refuses no asset, lists of different length, values that are not finite, and weights that do not add up to 1.
///
/// ```
/// use apex_analytics::attribution::factor::{Exposed, attribute};
///
/// let split = attribute(&Exposed {
///     portfolio_weights: &[1.0, 0.0],
///     benchmark_weights: &[0.5, 0.5],
///     returns: &[0.06, 0.01],
///     exposures: &[&[1.2, 0.8]],
///     factor_returns: &[0.05],
/// })
/// .unwrap();
/// assert!((split.factors[0] - 0.2 * 0.05).abs() < 1e-15); // A market beta of 1.2 against 1.
/// assert!((split.specific[1] - -0.5 * (0.01 - 0.04)).abs() < 1e-15); // The asset left out lagged its beta.
/// ```
pub fn attribute(period: &Exposed<'_>) -> Result<FactorAttribution, AnalyticsError> {
    check_lists([
        ("list of portfolio weights", period.portfolio_weights),
        ("list of benchmark weights", period.benchmark_weights),
        ("list of returns", period.returns),
    ])?;
    whole("sum of the portfolio weights", period.portfolio_weights)?;
    whole("sum of the benchmark weights", period.benchmark_weights)?;
    same_length(
        "list of factor returns",
        period.exposures.len(),
        period.factor_returns.len(),
    )?;
    all_finite("factor return", period.factor_returns)?;
    for exposures in period.exposures {
        same_length("list of exposures", period.returns.len(), exposures.len())?;
        all_finite("exposure", exposures)?;
    }
    let active: Vec<f64> = period
        .portfolio_weights
        .iter()
        .zip(period.benchmark_weights)
        .map(|(own, other)| own - other)
        .collect();
    let active_exposures: Vec<f64> = period
        .exposures
        .iter()
        .map(|exposures| dot(&active, exposures))
        .collect();
    let mut specific = period.returns.to_vec();
    for (exposures, earned) in period.exposures.iter().zip(period.factor_returns) {
        for (own, exposure) in specific.iter_mut().zip(*exposures) {
            *own -= exposure * earned;
        }
    }
    for (own, weight) in specific.iter_mut().zip(&active) {
        *own *= weight;
    }
    let portfolio_return = dot(period.portfolio_weights, period.returns);
    let benchmark_return = dot(period.benchmark_weights, period.returns);
    Ok(FactorAttribution {
        portfolio_return,
        benchmark_return,
        active_return: portfolio_return - benchmark_return,
        factors: active_exposures
            .iter()
            .zip(period.factor_returns)
            .map(|(exposure, earned)| exposure * earned)
            .collect(),
        active_exposures,
        specific,
    })
}
