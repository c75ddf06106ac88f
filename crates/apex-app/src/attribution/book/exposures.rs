//! The active return split by exposures to factors that are instruments of the book.
//!
//! Exposures are the coefficients of a regression of the daily returns of portfolio and benchmark on those of the
//! factors over the whole period (Sharpe, 1992, without bounds); each period then splits into active exposure times the
//! factor's return and the rest, which is specific, and periods are linked after Carino.

use apex_analytics::attribution::factor::{Exposed, attribute};
use apex_analytics::attribution::linking::{Linking, link};
use apex_analytics::factor::regression::Design;
use apex_analytics::returns::compounded;
use apex_wire::attribution::{AttributionSettings, FactorRow, FactorSplit};
use apex_wire::{Figure, Statistic};

use super::benchmark::returns_of;
use super::study::Study;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;

/// Splits the active return by factors.
pub(super) fn split(fold: &PortfolioFold, study: &Study, settings: &AttributionSettings) -> Result<FactorSplit> {
    let mut named = Vec::with_capacity(settings.factors.len());
    for symbol in &settings.factors {
        let instrument = fold
            .instrument_named(symbol)
            .ok_or_else(|| AppError::field("factors", format!("there is no instrument {symbol}")))?;
        named.push((fold.symbol(instrument.id), instrument.id));
    }
    if let Some(because) = study.missing.as_ref().or(study.benchmark_missing.as_ref()) {
        return Ok(none(study, because.clone()));
    }
    let returns: Result<Vec<Vec<f64>>, String> = named
        .iter()
        .map(|(_, id)| returns_of(fold, &study.record, *id))
        .collect();
    match returns {
        Ok(returns) => {
            let symbols = named.into_iter().map(|(symbol, _)| symbol).collect();
            Ok(by_factor(study, symbols, &returns).unwrap_or_else(|err| none(study, err.to_string())))
        }
        Err(because) => Ok(none(study, because)),
    }
}

fn none(study: &Study, because: String) -> FactorSplit {
    FactorSplit {
        observations: study.record.days.len(),
        factors: Vec::new(),
        specific: Figure::Unavailable(because.clone()),
        active_return: Figure::Unavailable(because.clone()),
        because: Some(because),
    }
}

fn by_factor(study: &Study, symbols: Vec<String>, factors: &[Vec<f64>]) -> Result<FactorSplit> {
    let columns: Vec<&[f64]> = factors.iter().map(Vec::as_slice).collect();
    let design = Design::new(&columns)?;
    // Without a benchmark everything is active, as against cash.
    let nothing = vec![0.0; study.record.days.len()];
    let other = study
        .benchmark
        .as_ref()
        .map_or(&nothing, |benchmark| &benchmark.returns);
    let own = design.regress(&study.record.returns)?;
    let against = design.regress(other)?;
    let exposures: Vec<[f64; 2]> = (1..=symbols.len())
        .map(|at| {
            let of = |coefficients: &[f64]| coefficients.get(at).copied().unwrap_or(0.0);
            [of(&own.coefficients), of(&against.coefficients)]
        })
        .collect();
    let slices: Vec<&[f64]> = exposures.iter().map(<[f64; 2]>::as_slice).collect();
    let (mut effects, mut specific) = (Vec::new(), Vec::new());
    let (mut own_returns, mut other_returns) = (Vec::new(), Vec::new());
    for days in &study.record.periods {
        let over = |returns: &[f64]| compounded(returns.get(days.clone()).unwrap_or_default());
        let earned: Vec<f64> = columns.iter().map(|column| over(column)).collect();
        let returns = [over(&study.record.returns), over(other)];
        let found = attribute(&Exposed {
            portfolio_weights: &[1.0, 0.0],
            benchmark_weights: &[0.0, 1.0],
            returns: &returns,
            exposures: &slices,
            factor_returns: &earned,
        })?;
        effects.push(found.factors);
        specific.push([found.specific.iter().sum::<f64>()]);
        own_returns.push(returns[0]);
        other_returns.push(returns[1]);
    }
    let link = link(Linking::Carino, &own_returns, &other_returns)?;
    let linked = link.sum(&effects.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
    let rest = link.sum(&specific.iter().map(<[f64; 1]>::as_slice).collect::<Vec<_>>())?;
    let rows = symbols.into_iter().zip(&exposures).zip(linked.iter().zip(&columns));
    Ok(FactorSplit {
        because: None,
        observations: study.record.days.len(),
        factors: rows
            .map(
                |((symbol, [exposure, benchmark_exposure]), (effect, column))| FactorRow {
                    symbol,
                    exposure: *exposure,
                    benchmark_exposure: *benchmark_exposure,
                    return_: compounded(column),
                    effect: *effect,
                },
            )
            .collect(),
        specific: Statistic::Known(rest.iter().sum()),
        active_return: Statistic::Known(link.active_return),
    })
}
