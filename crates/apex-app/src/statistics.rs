//! Statistics without a book: price tables, dated flows, dated values. The replies are those of the command line.
//!
//! The JSON of the replies is a contract: keys are added, never renamed; undefined is `null`.

use std::collections::BTreeMap;

use apex_analytics::gap::GapColumn;
use apex_analytics::returns::{equal_weight_buy_and_hold, equal_weight_daily, simple_returns};
use apex_analytics::series::calendar::{CalendarReturns, calendar_returns};
use apex_analytics::series::rolling::{Rolling, rolling};
use apex_analytics::table::CompleteTable;
use apex_analytics::tear_sheet::{Benchmark, TearSheet, tear_sheets};
use apex_analytics::twr::{FlowReturns, flow_returns};
use apex_analytics::var::incremental::incremental;
use apex_analytics::var::{ValueAtRisk, value_at_risk};
use apex_analytics::xirr::{CashFlow, Xirr, xirr};
use jiff::civil::Date;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use apex_analytics::quantile::QuantileRule;
pub use apex_analytics::table::PriceTable;
pub use apex_analytics::var::simulation::{SimulatedDistribution, Simulation};
pub use apex_analytics::var::{HorizonRule, MeanRule, VarMethod, VarSettings, VolatilityModel};
pub use apex_analytics::xirr::XirrStatus;

use crate::error::{AppError, Result};
use crate::table::{DatedAmount, DatedValue};

/// The equal-weight portfolio that is rebalanced every day.
pub const EW_DAILY: &str = "EW_DAILY";
/// The equal-weight portfolio that is bought once and held.
pub const EW_BUYHOLD: &str = "EW_BUYHOLD";

/// The series others are measured against.
#[derive(Debug, Clone, PartialEq)]
pub enum BenchmarkAsk {
    /// A column of the table itself.
    Column(String),
    /// The one column of another table.
    Table(PriceTable),
}

/// What `apex stats` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct StatsAsk {
    /// The prices.
    pub prices: PriceTable,
    /// The benchmark; its statistics are `null` without one.
    pub benchmark: Option<BenchmarkAsk>,
    /// Whether the equal-weight portfolios are added.
    pub equal_weight: bool,
    /// Whether returns by year and month are added.
    pub calendar: bool,
    /// The returns in a rolling window, where rolling measures are added.
    pub rolling: Option<usize>,
}

/// `apex stats --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatsReport {
    /// Statistics by column, the equal-weight portfolios and the benchmark among them.
    pub rows: BTreeMap<String, TearSheet>,
    /// Dates that not every column and the benchmark have.
    pub dropped: usize,
    /// Returns by year and month, by row.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub calendar_returns: Option<BTreeMap<String, CalendarReturns>>,
    /// Rolling measures: `rolling252_EW_vs_SP500` by the index of the return, and their sums in `rolling252_sums`. Of
    /// the portfolio that is rebalanced daily where it is asked for, else of every column by its name.
    #[serde(flatten)]
    pub rolling: BTreeMap<String, RollingBlock>,
}

/// A block of rolling measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RollingBlock {
    /// Their sums.
    Sums(RollingSums),
    /// By the index of the return that ends the window, counted from 0.
    Rows(BTreeMap<usize, RollingRow>),
}

/// The measures of one window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollingRow {
    /// The last day of the window.
    pub date: Date,
    /// Annualized volatility.
    pub vol: Option<f64>,
    /// Beta on the benchmark.
    pub beta: Option<f64>,
    /// Correlation with the benchmark.
    pub corr: Option<f64>,
    /// Annualized Sharpe ratio.
    pub sharpe: Option<f64>,
}

/// Sums over all windows, by which two engines are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RollingSums {
    pub vol: f64,
    pub beta: f64,
    pub corr: f64,
    pub sharpe: f64,
    /// The index of the return that ends the most volatile window.
    pub vol_argmax: Option<usize>,
}

/// Computes the statistics of every column of a price table.
///
/// # Errors
/// When the benchmark is not in its table, fewer than two dates are common to all, a price is not above zero, or the
/// rolling window does not fit.
pub fn stats(ask: &StatsAsk) -> Result<StatsReport> {
    let Prepared {
        assets,
        benchmark,
        dropped,
    } = prepared(ask)?;
    let columns: Vec<&[f64]> = assets.columns.iter().map(Vec::as_slice).collect();
    let mut names = assets.names.clone();
    let mut returns: Vec<Vec<f64>> = assets
        .names
        .par_iter()
        .zip(&assets.columns)
        .map(|(name, prices)| named(name, simple_returns(prices)))
        .collect::<Result<_>>()?;
    if ask.equal_weight {
        if let Some(name) = names.iter().find(|name| *name == EW_DAILY || *name == EW_BUYHOLD) {
            return Err(AppError::invalid(format!(
                "column {name} has the name of an equal-weight portfolio; rename it"
            )));
        }
        let slices: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
        let daily = equal_weight_daily(&slices)?;
        names.extend([EW_DAILY.to_owned(), EW_BUYHOLD.to_owned()]);
        returns.extend([daily, equal_weight_buy_and_hold(&columns)?]);
    }
    let mut ready = None;
    if let Some((name, prices)) = &benchmark {
        if names.contains(name) {
            return Err(AppError::invalid(format!(
                "the benchmark and a column of the table are both called {name}; rename one"
            )));
        }
        let own = named(name, simple_returns(prices))?;
        ready = Some(Benchmark::new(&own)?);
        names.push(name.clone());
        returns.push(own);
    }
    let slices: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let sheets = tear_sheets(&slices, ready.as_ref())?;
    let days = assets.dates.get(1..).unwrap_or_default();
    let calendar = if ask.calendar {
        let each = names
            .iter()
            .zip(&returns)
            .map(|(name, returns)| Ok((name.clone(), calendar_returns(days, returns)?)));
        Some(each.collect::<Result<_>>()?)
    } else {
        None
    };
    let rolling = match ask.rolling {
        None => BTreeMap::new(),
        Some(window) => {
            let other = benchmark
                .as_ref()
                .map(|(name, _)| (name.as_str(), ready.as_ref().map(Benchmark::returns)));
            let other = other.and_then(|(name, returns)| Some((name, returns?)));
            rolling_blocks(&names, &returns, other, days, window, ask.equal_weight)?
        }
    };
    let rows = names.into_iter().zip(sheets).collect();
    Ok(StatsReport {
        rows,
        dropped,
        calendar_returns: calendar,
        rolling,
    })
}

/// Prices on the dates that everything has.
struct Prepared {
    assets: CompleteTable,
    benchmark: Option<(String, Vec<f64>)>,
    dropped: usize,
}

fn prepared(ask: &StatsAsk) -> Result<Prepared> {
    let assets = |table: &CompleteTable| {
        if table.names.is_empty() {
            return Err(AppError::invalid("the table has no column besides the benchmark"));
        }
        match table.dates.len() {
            0 | 1 => Err(AppError::invalid(format!(
                "dates common to all columns are {}; returns need at least two",
                table.dates.len()
            ))),
            _ => Ok(()),
        }
    };
    match &ask.benchmark {
        None => {
            let table = ask.prices.complete();
            assets(&table)?;
            Ok(Prepared {
                dropped: table.dropped,
                assets: table,
                benchmark: None,
            })
        }
        Some(BenchmarkAsk::Column(name)) => {
            let mut table = ask.prices.complete();
            let at = table.names.iter().position(|own| own == name).ok_or_else(|| {
                AppError::invalid(format!(
                    "there is no column {name}; columns are {}",
                    table.names.join(", ")
                ))
            })?;
            let benchmark = Some((table.names.remove(at), table.columns.remove(at)));
            assets(&table)?;
            Ok(Prepared {
                dropped: table.dropped,
                assets: table,
                benchmark,
            })
        }
        Some(BenchmarkAsk::Table(other)) => {
            let [name] = other.names() else {
                let what = format!(
                    "a table of benchmark prices has one column, not {}",
                    other.names().len()
                );
                return Err(AppError::invalid(format!("{what}: {}", other.names().join(", "))));
            };
            let common = ask.prices.intersection(other);
            // A date with a gap on either side is no common date.
            let mut names = common.left.names().to_vec();
            let mut columns = common.left.columns().to_vec();
            names.push(name.clone());
            columns.extend(common.right.columns().iter().cloned());
            let mut table = PriceTable::new(common.left.dates().to_vec(), names, columns)?.complete();
            let benchmark = table.names.pop().zip(table.columns.pop());
            assets(&table)?;
            Ok(Prepared {
                dropped: common.dropped + table.dropped,
                assets: table,
                benchmark,
            })
        }
    }
}

pub(crate) fn named<T>(name: &str, result: Result<T, apex_analytics::AnalyticsError>) -> Result<T> {
    result.map_err(|err| AppError::invalid(format!("{name}: {err}")))
}

fn rolling_blocks(
    names: &[String],
    returns: &[Vec<f64>],
    benchmark: Option<(&str, &[f64])>,
    days: &[Date],
    window: usize,
    equal_weight: bool,
) -> Result<BTreeMap<String, RollingBlock>> {
    let against = benchmark.map(|(name, _)| format!("_vs_{name}")).unwrap_or_default();
    let mut blocks = BTreeMap::new();
    for (name, own) in names.iter().zip(returns) {
        let wanted = if equal_weight {
            name == EW_DAILY
        } else {
            benchmark.is_none_or(|(other, _)| other != name)
        };
        if !wanted {
            continue;
        }
        let measures = rolling(own, benchmark.map(|(_, other)| other), window)?;
        let (short, sums) = match equal_weight {
            true => ("EW", format!("rolling{window}_sums")),
            false => (name.as_str(), format!("rolling{window}_{name}_sums")),
        };
        blocks.insert(sums, RollingBlock::Sums(sums_of(&measures)));
        let rows = (window.saturating_sub(1)..own.len())
            .filter_map(|row| {
                let at = |column: &GapColumn| column.get(row);
                let row_of = RollingRow {
                    date: *days.get(row)?,
                    vol: at(&measures.vol),
                    beta: at(&measures.beta),
                    corr: at(&measures.corr),
                    sharpe: at(&measures.sharpe),
                };
                Some((row, row_of))
            })
            .collect();
        blocks.insert(format!("rolling{window}_{short}{against}"), RollingBlock::Rows(rows));
    }
    Ok(blocks)
}

fn sums_of(measures: &Rolling) -> RollingSums {
    let sum = |column: &GapColumn| column.iter().flatten().sum();
    let known = measures
        .vol
        .iter()
        .enumerate()
        .filter_map(|(row, vol)| Some((row, vol?)));
    let largest = known.max_by(|(first, left), (second, right)| left.total_cmp(right).then(second.cmp(first)));
    RollingSums {
        vol: sum(&measures.vol),
        beta: sum(&measures.beta),
        corr: sum(&measures.corr),
        sharpe: sum(&measures.sharpe),
        vol_argmax: largest.map(|(row, _)| row),
    }
}

/// Returns the keys of a tear sheet in the order of its fields.
pub fn keys(sheet: &TearSheet) -> Vec<String> {
    // Written out, the fields stand in their order; a parsed object would be sorted.
    let text = serde_json::to_string(sheet).unwrap_or_default();
    let names = text.split(',').filter_map(|field| field.split('"').nth(1));
    names.map(str::to_owned).collect()
}

/// Returns every internal rate of return of dated flows, or why there is none.
pub fn rates(flows: &[DatedAmount]) -> Xirr {
    let flows: Vec<CashFlow> = flows
        .iter()
        .map(|flow| CashFlow {
            date: flow.date,
            amount: flow.amount,
        })
        .collect();
    xirr(&flows)
}

/// Returns that flows of this kind make no equation: a file that cannot be read is one of the reasons.
pub fn invalid_rates(reason: impl Into<String>) -> Xirr {
    Xirr {
        status: XirrStatus::Invalid,
        roots: Vec::new(),
        roots_ln1p: Vec::new(),
        reason: Some(reason.into()),
    }
}

/// Returns the returns of dated values with flows.
///
/// # Errors
/// When there are fewer than two rows, or their dates do not ascend.
pub fn period_returns(rows: &[DatedValue]) -> Result<FlowReturns> {
    if rows.len() < 2 {
        return Err(AppError::invalid(format!(
            "{} of values; a return needs at least two",
            apex_format::counted(rows.len() as u64, "row")
        )));
    }
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.date);
    let dates: Vec<Date> = rows.iter().map(|row| row.date).collect();
    let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
    let flows: Vec<f64> = rows.iter().map(|row| row.flow).collect();
    Ok(flow_returns(&dates, &values, &flows)?)
}

/// `apex var --json`. Losses are positive fractions of value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VarReport {
    /// The method.
    pub method: VarMethod,
    /// The confidence.
    pub level: f64,
    /// Days ahead.
    pub horizon: usize,
    /// How they are reached.
    pub horizon_rule: HorizonRule,
    /// Daily returns used.
    pub window: usize,
    /// The mean, where the method has one.
    pub mean: Option<MeanRule>,
    /// The quantile rule, where scenarios are sorted.
    pub quantile: Option<String>,
    /// The seed of the Monte Carlo method; the others draw no random numbers.
    pub seed: Option<u64>,
    /// The decay of the age-weighted method.
    pub decay: Option<f64>,
    /// The volatility of the filtered method.
    pub volatility: Option<VolatilityModel>,
    /// The degrees of freedom of Student's t or of the t copula.
    pub degrees_of_freedom: Option<f64>,
    /// What the Monte Carlo method drew from.
    pub distribution: Option<SimulatedDistribution>,
    /// How many paths it drew.
    pub paths: Option<usize>,
    /// The days that the bootstrap kept together.
    pub block: Option<usize>,
    /// Value at risk.
    pub var: f64,
    /// Expected shortfall.
    pub es: f64,
    /// The parts of the assets; they add up.
    pub components: Vec<AssetRisk>,
    /// Dates that not every asset has.
    pub dropped: usize,
}

/// The part of one asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssetRisk {
    /// Its column.
    pub asset: String,
    /// Its weight.
    pub weight: f64,
    /// Its part of VaR.
    pub var: f64,
    /// Its part of ES.
    pub es: f64,
    /// Its part of VaR per unit of weight.
    pub marginal_var: f64,
    /// Its part of ES per unit of weight.
    pub marginal_es: f64,
    /// What VaR would fall by without it, where asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub incremental_var: Option<f64>,
    /// What ES would fall by without it, where asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub incremental_es: Option<f64>,
}

/// Constant weights, and the returns of what has one.
pub(crate) struct Weighted {
    pub(crate) names: Vec<String>,
    pub(crate) weights: Vec<f64>,
    /// The days of the returns.
    pub(crate) days: Vec<Date>,
    pub(crate) returns: Vec<Vec<f64>>,
    pub(crate) dropped: usize,
}

impl Weighted {
    /// Takes the columns that have a weight, or all of them in equal parts.
    pub(crate) fn of(prices: &PriceTable, weights: Option<&[(String, f64)]>) -> Result<Self> {
        let weights: Vec<(String, f64)> = match weights {
            Some(weights) => weights.to_vec(),
            None => {
                let equal = 1.0 / prices.names().len() as f64;
                prices.names().iter().map(|name| (name.clone(), equal)).collect()
            }
        };
        let mut columns = Vec::with_capacity(weights.len());
        for (name, _) in &weights {
            let column = prices.column(name).ok_or_else(|| {
                AppError::invalid(format!(
                    "{name} has a weight and no column; columns are {}",
                    prices.names().join(", ")
                ))
            })?;
            columns.push(column.clone());
        }
        let (names, weights): (Vec<String>, Vec<f64>) = weights.into_iter().unzip();
        // Only what has a weight decides which dates are common.
        let table = PriceTable::new(prices.dates().to_vec(), names, columns)?.complete();
        let mut returns = Vec::with_capacity(table.columns.len());
        for (name, prices) in table.names.iter().zip(&table.columns) {
            returns.push(named(name, simple_returns(prices))?);
        }
        Ok(Self {
            names: table.names,
            weights,
            days: table.dates.get(1..).unwrap_or_default().to_vec(),
            returns,
            dropped: table.dropped,
        })
    }

    /// Returns the returns as slices.
    pub(crate) fn columns(&self) -> Vec<&[f64]> {
        self.returns.iter().map(Vec::as_slice).collect()
    }
}

/// Computes VaR and ES of assets with constant weights; of all columns with equal weights where none are given.
///
/// # Errors
/// When a weight names no column, a price is not above zero, or level, horizon, window or what else the method takes do
/// not fit the table.
pub fn var(prices: &PriceTable, weights: Option<&[(String, f64)]>, settings: &VarSettings) -> Result<VarReport> {
    let book = Weighted::of(prices, weights)?;
    let figures = value_at_risk(&book.weights, &book.columns(), settings)?;
    Ok(report(&book, &figures))
}

fn report(book: &Weighted, figures: &ValueAtRisk) -> VarReport {
    let parts = book.names.iter().zip(&book.weights).zip(&figures.components);
    VarReport {
        method: figures.method,
        level: figures.level,
        horizon: figures.horizon,
        horizon_rule: figures.horizon_rule,
        window: figures.window,
        mean: figures.mean,
        quantile: figures.quantile.map(|rule| rule.name().to_owned()),
        seed: figures.simulation.map(|simulation| simulation.seed),
        decay: figures.decay,
        volatility: figures.volatility,
        degrees_of_freedom: figures.degrees_of_freedom,
        distribution: figures.simulation.map(|simulation| simulation.distribution),
        paths: figures.simulation.map(|simulation| simulation.paths),
        block: figures
            .simulation
            .filter(|simulation| simulation.distribution == SimulatedDistribution::BlockBootstrap)
            .map(|simulation| simulation.block),
        var: figures.var,
        es: figures.es,
        components: parts
            .map(|((asset, weight), part)| AssetRisk {
                asset: asset.clone(),
                weight: *weight,
                var: part.var,
                es: part.es,
                marginal_var: part.marginal_var,
                marginal_es: part.marginal_es,
                incremental_var: None,
                incremental_es: None,
            })
            .collect(),
        dropped: book.dropped,
    }
}

/// Computes VaR and ES as [`var`] does, and what each asset adds to them.
///
/// # Errors
/// Those of [`var`].
pub fn var_with_increments(
    prices: &PriceTable,
    weights: Option<&[(String, f64)]>,
    settings: &VarSettings,
) -> Result<VarReport> {
    let book = Weighted::of(prices, weights)?;
    let figures = value_at_risk(&book.weights, &book.columns(), settings)?;
    let mut report = report(&book, &figures);
    let increments = incremental(&book.weights, &book.columns(), settings, &figures)?;
    for (part, increment) in report.components.iter_mut().zip(increments) {
        part.incremental_var = Some(increment.var);
        part.incremental_es = Some(increment.es);
    }
    Ok(report)
}
