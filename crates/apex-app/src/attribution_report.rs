//! The attribution of a portfolio as the command line prints it.

use std::collections::BTreeMap;

use apex_domain::Currency;
use apex_wire::Statistic;
use apex_wire::attribution::{Attribution, SegmentRow};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `apex attribution --json` of a portfolio. The JSON is a contract: fields are added, never renamed; shares and returns
/// are numbers, `null` where `unavailable` says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BookAttributionReport {
    /// The portfolio's name.
    pub portfolio: String,
    /// The base currency.
    pub currency: Currency,
    /// The close that the period is counted from.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// What the portfolio is compared with.
    pub benchmark: Option<String>,
    /// The portfolio's time-weighted return.
    pub portfolio_return: Option<f64>,
    /// The benchmark's return in the portfolio's currency.
    pub benchmark_return: Option<f64>,
    /// The difference, or the ratio where effects are geometric.
    pub active_return: Option<f64>,
    /// The active return less the sum of all effects.
    pub residual: Option<f64>,
    /// The segments, the largest contribution first.
    pub segments: Vec<SegmentLine>,
    /// The sums over all segments.
    pub total: SegmentLine,
    /// The effect of each currency, where it was asked for.
    pub currencies: Vec<CurrencyLine>,
    /// The periods, oldest first.
    pub periods: Vec<PeriodLine>,
    /// The split by exposures, where it was asked for.
    pub factors: Option<FactorLines>,
    /// What one must know to trust the figures.
    pub notes: Vec<String>,
    /// Field by field, why a figure is missing.
    pub unavailable: BTreeMap<String, String>,
}

/// A segment, an instrument of one, or all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the rows of the page")]
pub struct SegmentLine {
    pub label: String,
    pub weight: Option<f64>,
    pub benchmark_weight: Option<f64>,
    pub portfolio_return: Option<f64>,
    pub benchmark_return: Option<f64>,
    pub contribution: Option<f64>,
    pub benchmark_contribution: Option<f64>,
    pub allocation: Option<f64>,
    pub selection: Option<f64>,
    pub interaction: Option<f64>,
    pub effect: Option<f64>,
    pub instruments: Vec<SegmentLine>,
}

/// The effect of one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the rows of the page")]
pub struct CurrencyLine {
    pub currency: Currency,
    pub weight: Option<f64>,
    pub benchmark_weight: Option<f64>,
    #[serde(rename = "return")]
    pub return_: Option<f64>,
    pub contribution: Option<f64>,
    pub effect: Option<f64>,
}

/// One period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the rows of the page")]
pub struct PeriodLine {
    pub period: String,
    pub from: Date,
    pub to: Date,
    pub portfolio_return: Option<f64>,
    pub benchmark_return: Option<f64>,
    pub active_return: Option<f64>,
    pub allocation: Option<f64>,
    pub selection: Option<f64>,
    pub interaction: Option<f64>,
    pub currency: Option<f64>,
    pub effect: Option<f64>,
}

/// The split by exposures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the rows of the page")]
pub struct FactorLines {
    pub factors: Vec<FactorLine>,
    pub specific: Option<f64>,
    pub active_return: Option<f64>,
    pub observations: usize,
    pub unavailable: Option<String>,
}

/// One factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the rows of the page")]
pub struct FactorLine {
    pub symbol: String,
    pub exposure: f64,
    pub benchmark_exposure: f64,
    #[serde(rename = "return")]
    pub return_: f64,
    pub effect: f64,
}

impl From<Attribution> for BookAttributionReport {
    fn from(found: Attribution) -> Self {
        let mut unavailable = BTreeMap::new();
        let mut note = |field: &str, because: Option<&str>| {
            if let Some(because) = because {
                unavailable.insert(field.to_owned(), because.to_owned());
            }
        };
        note("portfolio_return", found.portfolio_return.because());
        note("benchmark_return", found.benchmark_return.because());
        note("active_return", found.active_return.because());
        note("effects", found.effects_because.as_deref());
        note("interaction", found.total.interaction.because());
        for row in &found.segments {
            note(
                &format!("segments.{}.portfolio_return", row.label),
                row.portfolio_return.because(),
            );
        }
        let factors = found.factors.map(|split| FactorLines {
            factors: split
                .factors
                .into_iter()
                .map(|row| FactorLine {
                    symbol: row.symbol,
                    exposure: row.exposure,
                    benchmark_exposure: row.benchmark_exposure,
                    return_: row.return_,
                    effect: row.effect,
                })
                .collect(),
            specific: known(&split.specific),
            active_return: known(&split.active_return),
            observations: split.observations,
            unavailable: split.because,
        });
        Self {
            portfolio: found.portfolio,
            currency: found.currency,
            from: found.from,
            to: found.to,
            benchmark: found.benchmark,
            portfolio_return: known(&found.portfolio_return),
            benchmark_return: known(&found.benchmark_return),
            active_return: known(&found.active_return),
            residual: known(&found.residual),
            segments: found.segments.iter().map(line).collect(),
            total: line(&found.total),
            currencies: found
                .currencies
                .iter()
                .map(|row| CurrencyLine {
                    currency: row.currency,
                    weight: known(&row.weight),
                    benchmark_weight: known(&row.benchmark_weight),
                    return_: known(&row.return_),
                    contribution: known(&row.contribution),
                    effect: known(&row.effect),
                })
                .collect(),
            periods: found
                .periods
                .iter()
                .map(|row| PeriodLine {
                    period: row.label.clone(),
                    from: row.from,
                    to: row.to,
                    portfolio_return: known(&row.portfolio_return),
                    benchmark_return: known(&row.benchmark_return),
                    active_return: known(&row.active_return),
                    allocation: known(&row.allocation),
                    selection: known(&row.selection),
                    interaction: known(&row.interaction),
                    currency: known(&row.currency),
                    effect: known(&row.effect),
                })
                .collect(),
            factors,
            notes: found.notes,
            unavailable,
        }
    }
}

fn known(figure: &Statistic) -> Option<f64> {
    figure.known().copied()
}

fn line(row: &SegmentRow) -> SegmentLine {
    SegmentLine {
        label: row.label.clone(),
        weight: known(&row.weight),
        benchmark_weight: known(&row.benchmark_weight),
        portfolio_return: known(&row.portfolio_return),
        benchmark_return: known(&row.benchmark_return),
        contribution: known(&row.contribution),
        benchmark_contribution: known(&row.benchmark_contribution),
        allocation: known(&row.allocation),
        selection: known(&row.selection),
        interaction: known(&row.interaction),
        effect: known(&row.effect),
        instruments: row.instruments.iter().map(line).collect(),
    }
}
