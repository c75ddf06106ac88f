//! Attribution of a portfolio of the book ([`read_blend`] reads its benchmarks, `book/` the rest), and of a file of
//! weights and returns: the reply of `apex attribution FILE`.
//!
//! The JSON of question and reply is a contract: keys are added, never renamed. Lists have one entry a period, and in
//! it one a segment. Besides segments a file may hold markets with their currencies, and assets with their factors.

mod book;
mod currencies;
mod factors;

use apex_analytics::attribution::brinson::{BrinsonModel, Effects, Segments, brinson};
use apex_analytics::attribution::geometric::{Geometric, geometric};
use apex_analytics::attribution::linking::{Linking, link};
use serde::{Deserialize, Serialize};

pub use book::read_blend;
pub(crate) use book::{SegmentPeriod, Study, check, row_of};
pub use currencies::{CurrencyAsk, CurrencyReport, LinkedCurrencies};
pub use factors::{FactorAsk, FactorReport};

use crate::error::{AppError, Result};

/// Values by period and segment.
type Table = Vec<Vec<f64>>;

/// The question: at least one of segments, markets with currencies, assets with factors.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AttributionAsk {
    /// The names of the segments.
    pub sectors: Vec<String>,
    /// The portfolio's weights.
    pub wp: Table,
    /// The benchmark's weights.
    pub wb: Table,
    /// The portfolio's returns.
    pub rp: Table,
    /// The benchmark's returns.
    pub rb: Table,
    /// Markets and their currencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<CurrencyAsk>,
    /// Assets and their exposures to factors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<FactorAsk>,
}

impl AttributionAsk {
    /// Reads the question from JSON; what it holds besides is ignored.
    ///
    /// # Errors
    /// When the text is no JSON of this form.
    pub fn from_json(name: &str, bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|err| AppError::invalid(format!("{name} cannot be read: {err}")))
    }
}

/// `apex attribution --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributionReport {
    /// By segment; absent when the file has none.
    #[serde(flatten)]
    pub segments: Option<SegmentReport>,
    /// By market and currency; absent when the file has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub currency: Option<CurrencyReport>,
    /// By factor and asset; absent when the file has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub factor: Option<FactorReport>,
}

/// The attribution by segment. Linked effects are those of Brinson and Fachler.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the keys of the reference file")]
pub struct SegmentReport {
    /// The names of the segments.
    pub sectors: Vec<String>,
    /// Each period.
    pub periods: Vec<PeriodReport>,
    /// The portfolio's compounded return.
    pub RP: f64,
    /// The benchmark's compounded return.
    pub RB: f64,
    /// The difference.
    pub active: f64,
    /// Effects linked after Carino.
    pub carino: Effects,
    /// Their sum.
    pub carino_sum: f64,
    /// Effects linked after Menchero.
    pub menchero: Effects,
    /// Their sum.
    pub menchero_sum: f64,
    /// Effects linked after GRAP.
    pub grap: Effects,
    /// Their sum.
    pub grap_sum: f64,
    /// Geometric effects; `null` when a return on the way loses everything.
    pub geometric: Option<Geometric>,
}

/// One period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the keys of the reference file")]
pub struct PeriodReport {
    /// The portfolio's return.
    pub RP: f64,
    /// The benchmark's return.
    pub RB: f64,
    /// The difference.
    pub active: f64,
    /// Effects after Brinson, Hood and Beebower.
    pub bhb: Effects,
    /// Effects after Brinson and Fachler.
    pub bf: Effects,
}

/// Splits the active return of every period and of all of them.
///
/// # Errors
/// When there is nothing to split, lists do not fit together, weights do not add up to 1, or a return loses everything.
/// The period at fault is named.
pub fn attribution(ask: &AttributionAsk) -> Result<AttributionReport> {
    let segments = if ask.wp.is_empty() && ask.sectors.is_empty() {
        None
    } else {
        Some(by_segment(ask)?)
    };
    let report = AttributionReport {
        segments,
        currency: ask.currency.as_ref().map(currencies::attribute).transpose()?,
        factor: ask.factor.as_ref().map(factors::attribute).transpose()?,
    };
    if report.segments.is_none() && report.currency.is_none() && report.factor.is_none() {
        return Err(AppError::invalid(
            "there is nothing to attribute; the file needs sectors, wp, wb, rp and rb, or currency, or factor",
        ));
    }
    Ok(report)
}

fn by_segment(ask: &AttributionAsk) -> Result<SegmentReport> {
    let count = ask.wp.len();
    same_periods(count, &[("wb", &ask.wb), ("rp", &ask.rp), ("rb", &ask.rb)])?;
    let periods: Vec<Segments<'_>> = (0..count)
        .map(|at| Segments {
            portfolio_weights: &ask.wp[at],
            benchmark_weights: &ask.wb[at],
            portfolio_returns: &ask.rp[at],
            benchmark_returns: &ask.rb[at],
        })
        .collect();
    let mut reports = Vec::with_capacity(count);
    for (at, segments) in periods.iter().enumerate() {
        same_names("sectors", &ask.sectors, segments.portfolio_weights.len(), at)?;
        let fachler = in_period(at, brinson(segments, BrinsonModel::Fachler))?;
        let hood_beebower = in_period(at, brinson(segments, BrinsonModel::HoodBeebower))?;
        reports.push(PeriodReport {
            RP: fachler.portfolio_return,
            RB: fachler.benchmark_return,
            active: fachler.active_return,
            bhb: hood_beebower.effects,
            bf: fachler.effects,
        });
    }
    let own: Vec<f64> = reports.iter().map(|period| period.RP).collect();
    let other: Vec<f64> = reports.iter().map(|period| period.RB).collect();
    let effects: Vec<&Effects> = reports.iter().map(|period| &period.bf).collect();
    let carino = linked(Linking::Carino, &own, &other, &effects)?;
    let menchero = linked(Linking::Menchero, &own, &other, &effects)?;
    let grap = linked(Linking::Grap, &own, &other, &effects)?;
    let whole = link(Linking::Carino, &own, &other)?;
    Ok(SegmentReport {
        sectors: ask.sectors.clone(),
        RP: whole.portfolio_return,
        RB: whole.benchmark_return,
        active: whole.active_return,
        carino_sum: carino.total(),
        carino,
        menchero_sum: menchero.total(),
        menchero,
        grap_sum: grap.total(),
        grap,
        geometric: geometric(&periods).ok(),
        periods: reports,
    })
}

/// Returns the effects of all periods together.
fn linked(method: Linking, own: &[f64], other: &[f64], effects: &[&Effects]) -> Result<Effects> {
    let link = link(method, own, other)?;
    let sum = |part: fn(&Effects) -> &Vec<f64>| {
        let lists: Vec<&[f64]> = effects.iter().map(|effects| part(effects).as_slice()).collect();
        link.sum(&lists)
    };
    Ok(Effects {
        allocation: sum(|effects| &effects.allocation)?,
        selection: sum(|effects| &effects.selection)?,
        interaction: sum(|effects| &effects.interaction)?,
    })
}

/// Says which period the engine refuses; periods are counted from 1.
fn in_period<T>(at: usize, result: std::result::Result<T, apex_analytics::AnalyticsError>) -> Result<T> {
    result.map_err(|err| AppError::invalid(format!("period {}: {err}", at + 1)))
}

/// Refuses tables of another number of periods.
fn same_periods(count: usize, tables: &[(&str, &Table)]) -> Result<()> {
    if count == 0 {
        return Err(AppError::invalid("wp has no period"));
    }
    match tables.iter().find(|(_, table)| table.len() != count) {
        None => Ok(()),
        Some((key, table)) => Err(AppError::invalid(format!(
            "{key} has {} where wp has {count}",
            apex_format::counted(table.len() as u64, "period")
        ))),
    }
}

/// Refuses names of another number than there are entries in a period.
fn same_names(key: &str, names: &[String], count: usize, at: usize) -> Result<()> {
    if names.len() == count {
        Ok(())
    } else {
        Err(AppError::invalid(format!(
            "period {}: wp has {count} entries for {} {key}",
            at + 1,
            names.len()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(text: &str) -> Result<AttributionReport> {
        attribution(&AttributionAsk::from_json("x.json", text.as_bytes())?)
    }

    #[test]
    fn the_period_at_fault_is_named() {
        let err = |text: &str| ask(text).unwrap_err().to_string();
        assert_eq!(
            err(r#"{"sectors": ["A"], "wp": [[1], [0.5]], "wb": [[1], [1]], "rp": [[0], [0]], "rb": [[0], [0]]}"#),
            "period 2: sum of the portfolio weights is 0.5; it must be 1"
        );
        assert_eq!(
            err(r#"{"sectors": ["A"], "wp": [[1]], "wb": [], "rp": [[0]], "rb": [[0]]}"#),
            "wb has 0 periods where wp has 1"
        );
        assert_eq!(
            err(r#"{"sectors": ["A", "B"], "wp": [[1]], "wb": [[1]], "rp": [[0]], "rb": [[0]]}"#),
            "period 1: wp has 1 entries for 2 sectors"
        );
        assert!(err("{}").starts_with("there is nothing to attribute"));
        assert!(err(r#"{"sectors": 1}"#).starts_with("x.json cannot be read: invalid type"));
    }
}
