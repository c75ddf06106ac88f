//! Portfolio construction from a price table. The JSON of the replies is a contract: keys are added, never renamed;
//! undefined is `null`. Figures are per period of the table unless they say otherwise.

mod assets;
pub(crate) mod constraints;
pub(crate) mod policy;
pub(crate) mod solve;
mod views;

use std::collections::BTreeMap;

use apex_analytics::optimize::{
    Bounds, Goal, HierarchySettings, Inputs, Resampling, optimize as optimize_goal, portfolio_figures,
    resampled_frontier, round_lots,
};
use apex_analytics::table::PriceTable;
use serde::{Deserialize, Serialize};

pub use apex_analytics::optimize::Linkage;

/// The periods of a year, by which a yearly risk-free rate is divided.
pub use apex_analytics::measure::OBSERVATIONS_A_YEAR;

use crate::error::{AppError, Result};
use crate::job::Job;
pub(crate) use assets::Assets;
use constraints::Resolved;

/// The frontiers a resampled one is drawn from where nothing else is said.
pub const DRAWS: usize = 200;

/// What the weights are to be best at.
#[derive(Debug, Clone, PartialEq)]
pub enum Objective {
    /// The least variance.
    MinVariance,
    /// The largest Sharpe ratio above a risk-free rate a year.
    MaxSharpe(f64),
    /// The largest `mean'w - (aversion / 2) w'Sw`.
    Utility(f64),
    /// The least variance at a mean per period.
    TargetReturn(f64),
    /// The largest mean at a volatility per period.
    TargetVolatility(f64),
    /// The least expected shortfall, at a mean per period where one is given.
    MinCvar(Option<f64>),
    /// The least mean of the worst drawdowns.
    MinCdar,
    /// The least of the largest drawdown.
    MinMaxDrawdown,
    /// Risk in proportion to budgets; equal where none are given.
    RiskParity(Option<Vec<f64>>),
    /// In inverse proportion to volatility.
    InverseVolatility,
    /// The largest diversification ratio.
    MaxDiversification,
    /// Hierarchical risk parity.
    Hrp(HierarchySettings),
    /// Hierarchical equal risk contribution.
    Herc(HierarchySettings, Option<usize>),
    /// Nested clusters.
    Nco(HierarchySettings, Option<usize>),
    /// The largest utility after views, from a JSON file.
    BlackLitterman(FileText),
    /// The largest utility under the probabilities that views leave, from a JSON file.
    EntropyPooling(FileText),
    /// The nearest portfolio to a benchmark; to equal weights where none is given.
    MinTrackingError(Option<Vec<(String, f64)>>),
    /// The same weight for every asset.
    Equal,
    /// Weights that are given.
    Fixed(Vec<(String, f64)>),
}

/// What `apex optimize` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizeAsk {
    /// The prices.
    pub prices: PriceTable,
    /// The objective.
    pub objective: Objective,
    /// The confidence of expected shortfall and of drawdown at risk.
    pub level: f64,
    /// The largest weight of every asset.
    pub weight_max: Option<f64>,
    /// Whether short positions of any size are allowed.
    pub unconstrained: bool,
    /// A TOML file of constraints.
    pub constraints: Option<FileText>,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileText {
    /// Its name, by which a refusal calls it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// `apex optimize --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptimizeReport {
    /// The weight of each asset.
    pub weights: BTreeMap<String, f64>,
    /// `mean'w`.
    pub mean: f64,
    /// `sqrt(w'Sw)`.
    pub volatility: f64,
    /// Expected shortfall with a fractional tail, a positive loss.
    pub cvar: Option<f64>,
    /// Shares of the variance, which add up to 1.
    pub risk_contributions: BTreeMap<String, Option<f64>>,
    /// How far from optimal, relative to the gradient; `null` for a rule that optimizes nothing.
    pub kkt_residual: Option<f64>,
    /// How far the objective may be from the best, as a share, where a bound is proven.
    pub gap: Option<f64>,
    /// The steps it took.
    pub iterations: usize,
    /// How long it took, which the shell knows.
    pub elapsed_ms: f64,
    /// The confidence of `cvar`.
    pub level: f64,
    /// Returns used.
    pub observations: usize,
    /// Dates that not every asset has.
    pub dropped: usize,
    /// What some objectives add.
    #[serde(flatten)]
    pub more: BTreeMap<String, serde_json::Value>,
}

/// `apex optimize --frontier N --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrontierReport {
    /// The portfolios, from the least mean to the largest.
    pub points: Vec<FrontierRow>,
    /// How long it took, which the shell knows.
    pub elapsed_ms: f64,
    /// Returns used.
    pub observations: usize,
    /// Dates that not every asset has.
    pub dropped: usize,
}

/// One portfolio of a frontier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrontierRow {
    /// Its mean.
    pub target: f64,
    /// Its volatility.
    pub volatility: f64,
    /// Its expected shortfall.
    pub cvar: Option<f64>,
    /// Its weights.
    pub weights: BTreeMap<String, f64>,
}

/// Returns bounds from the arguments and the constraints of the file.
fn limits(ask: &OptimizeAsk, assets: &Assets) -> Result<Resolved> {
    let size = assets.names.len();
    let mut bounds = match (ask.unconstrained, ask.weight_max) {
        (true, _) => Bounds::unbounded(size),
        (false, None) => Bounds::long_only(size),
        (false, Some(most)) => Bounds::capped(size, most),
    };
    if let (true, Some(most)) = (ask.unconstrained, ask.weight_max) {
        bounds.upper = vec![most; size];
    }
    let read = |file: &FileText| constraints::read_toml(&file.text, &file.name);
    let document = ask.constraints.as_ref().map(read).transpose()?;
    constraints::resolved(&document.unwrap_or_default(), bounds, assets)
}

/// Finds the best weights.
///
/// # Errors
/// When prices, constraints or views cannot be used, or no portfolio keeps the constraints; those are named.
pub fn optimize(ask: &OptimizeAsk) -> Result<OptimizeReport> {
    let assets = Assets::of(&ask.prices)?;
    let columns = assets.columns();
    let inputs = Inputs::of_sample(&columns)?;
    let Resolved { limits, lots } = limits(ask, &assets)?;
    let mut more = BTreeMap::new();
    let solution = solve::solved(
        &ask.objective,
        ask.level,
        &assets,
        &inputs,
        &limits,
        &Job::unwatched(),
        &mut more,
    )?;
    let weights = match &lots {
        None => solution.weights.clone(),
        Some(lots) => {
            let value = lots
                .value
                .ok_or_else(|| AppError::invalid("lots need the value of the book: lots = { value = 1000000 }"))?;
            let values: Vec<f64> = assets
                .last_prices
                .iter()
                .zip(&lots.sizes)
                .map(|(price, size)| price * size)
                .collect();
            let book = round_lots(&solution.weights, &values, value, &inputs.covariance)?;
            if book.lots.iter().all(|count| *count == 0.0) {
                let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                return Err(AppError::field(
                    "lots",
                    format!("a value of {value} buys no lot of any asset; the cheapest lot is worth {least}"),
                ));
            }
            more.insert("lots".to_owned(), solve::json(&assets.named(&book.lots))?);
            more.insert("cash".to_owned(), solve::json(&book.cash)?);
            more.insert(
                "unrounded_weights".to_owned(),
                solve::json(&assets.named(&solution.weights))?,
            );
            more.insert("rounding_tracking_error".to_owned(), solve::json(&book.tracking_error)?);
            book.weights
        }
    };
    let figures = portfolio_figures(&weights, &inputs.means, &inputs.covariance, &columns, ask.level)?;
    Ok(OptimizeReport {
        weights: assets.named(&weights),
        mean: figures.mean,
        volatility: figures.volatility,
        cvar: figures.cvar,
        risk_contributions: assets.named(&figures.risk_contributions),
        kkt_residual: solution.kkt_residual,
        gap: solution.gap,
        iterations: solution.iterations,
        elapsed_ms: 0.0,
        level: ask.level,
        observations: assets.observations(),
        dropped: assets.dropped,
        more,
    })
}

/// Finds equally spaced portfolios of the frontier, of variance or, for `min-cvar`, of expected shortfall.
///
/// # Errors
/// When prices or constraints cannot be used, or a number of names or lots is asked for.
pub fn efficient_frontier(
    ask: &OptimizeAsk,
    points: usize,
    resampling: Option<(usize, u64)>,
) -> Result<FrontierReport> {
    let assets = Assets::of(&ask.prices)?;
    let columns = assets.columns();
    let inputs = Inputs::of_sample(&columns)?;
    let Resolved { limits, lots } = limits(ask, &assets)?;
    if limits.names.is_some() || lots.is_some() {
        return Err(AppError::invalid(
            "a frontier takes neither a number of names nor lots; use target-return with them for one of its points",
        ));
    }
    let line = match resampling {
        None => solve::frontier_within(&inputs, &limits, points),
        Some(_) if !solve::only_bounds(&limits) => {
            return Err(AppError::invalid(
                "a resampled frontier takes bounds only; leave out --resample for the other constraints",
            ));
        }
        Some((draws, seed)) => {
            let resampling = Resampling {
                draws,
                days: assets.observations(),
                seed,
            };
            resampled_frontier(&inputs.means, &inputs.covariance, &limits.bounds, points, resampling)
        }
    };
    let explained = |err| assets.explained(err);
    let mut rows = Vec::with_capacity(points);
    for point in line.map_err(explained)? {
        let weights = match (&ask.objective, resampling) {
            (Objective::MinCvar(_), None) => {
                let goal = Goal::MinShortfall {
                    level: ask.level,
                    mean: Some(point.target),
                };
                optimize_goal(&inputs, &goal, &limits).map_err(explained)?.weights
            }
            _ => point.weights,
        };
        let figures = portfolio_figures(&weights, &inputs.means, &inputs.covariance, &columns, ask.level)?;
        rows.push(FrontierRow {
            target: point.target,
            volatility: figures.volatility,
            cvar: figures.cvar,
            weights: assets.named(&weights),
        });
    }
    Ok(FrontierReport {
        points: rows,
        elapsed_ms: 0.0,
        observations: assets.observations(),
        dropped: assets.dropped,
    })
}

/// Returns how a tree of assets is built.
pub fn hierarchy_settings(
    linkage: Linkage,
    distance_of_distances: bool,
    optimal_leaf_order: bool,
) -> HierarchySettings {
    HierarchySettings {
        linkage,
        distance_of_distances,
        optimal_leaf_order,
    }
}
