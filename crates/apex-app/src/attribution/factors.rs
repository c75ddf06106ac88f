//! Attribution by factor and asset.

use apex_analytics::attribution::factor::{Exposed, FactorAttribution, attribute as split};
use apex_analytics::attribution::linking::{Linking, link};
use serde::{Deserialize, Serialize};

use super::{Table, in_period, same_names, same_periods};
use crate::error::{AppError, Result};

/// Assets and their exposures to factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorAsk {
    /// The names of the assets.
    pub assets: Vec<String>,
    /// The names of the factors.
    pub factors: Vec<String>,
    /// The portfolio's weights.
    pub wp: Table,
    /// The benchmark's weights.
    pub wb: Table,
    /// The return of each asset.
    pub returns: Table,
    /// The exposures of each period: one list a factor, in it one entry an asset.
    pub exposures: Vec<Table>,
    /// The return of each factor.
    pub factor_returns: Table,
}

/// The attribution to factors and assets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorReport {
    /// The names of the assets.
    pub assets: Vec<String>,
    /// The names of the factors.
    pub factors: Vec<String>,
    /// Each period.
    pub periods: Vec<FactorAttribution>,
    /// The compounded active return.
    pub active_return: f64,
    /// What each factor earned, linked after Carino.
    pub carino_factors: Vec<f64>,
    /// What is specific to each asset, linked after Carino.
    pub carino_specific: Vec<f64>,
}

/// Splits the active return of every period and of all of them.
pub(super) fn attribute(ask: &FactorAsk) -> Result<FactorReport> {
    let count = ask.wp.len();
    let tables = [
        ("wb", &ask.wb),
        ("returns", &ask.returns),
        ("factor_returns", &ask.factor_returns),
    ];
    same_periods(count, &tables)?;
    if ask.exposures.len() != count {
        let actual = apex_format::counted(ask.exposures.len() as u64, "period");
        return Err(AppError::invalid(format!(
            "exposures has {actual} where wp has {count}"
        )));
    }
    let mut periods = Vec::with_capacity(count);
    for (at, exposures) in ask.exposures.iter().enumerate() {
        same_names("assets", &ask.assets, ask.wp[at].len(), at)?;
        if exposures.len() != ask.factors.len() {
            return Err(AppError::invalid(format!(
                "period {}: exposures has {} for {}",
                at + 1,
                apex_format::counted(exposures.len() as u64, "list"),
                apex_format::counted(ask.factors.len() as u64, "factor")
            )));
        }
        let exposures: Vec<&[f64]> = exposures.iter().map(Vec::as_slice).collect();
        let period = Exposed {
            portfolio_weights: &ask.wp[at],
            benchmark_weights: &ask.wb[at],
            returns: &ask.returns[at],
            exposures: &exposures,
            factor_returns: &ask.factor_returns[at],
        };
        periods.push(in_period(at, split(&period))?);
    }
    let own: Vec<f64> = periods.iter().map(|period| period.portfolio_return).collect();
    let other: Vec<f64> = periods.iter().map(|period| period.benchmark_return).collect();
    let link = link(Linking::Carino, &own, &other)?;
    let sum = |part: fn(&FactorAttribution) -> &Vec<f64>| {
        let lists: Vec<&[f64]> = periods.iter().map(|period| part(period).as_slice()).collect();
        link.sum(&lists)
    };
    Ok(FactorReport {
        assets: ask.assets.clone(),
        factors: ask.factors.clone(),
        active_return: link.active_return,
        carino_factors: sum(|period| &period.factors)?,
        carino_specific: sum(|period| &period.specific)?,
        periods,
    })
}
