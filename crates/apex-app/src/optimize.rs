//! Portfolio construction from a price table. The JSON of the replies is a contract: keys are added, never renamed;
//! undefined is `null`. Figures are per period of the table unless they say otherwise.

mod constraints;
mod views;

use std::collections::BTreeMap;

use apex_analytics::AnalyticsError;
use apex_analytics::optimize::{
    Bounds, Constraints, Goal, HierarchicalSolution, HierarchySettings, Inputs, Resampling, Solution, black_litterman,
    entropy_pooling, frontier, hierarchical_equal_risk, hierarchical_risk_parity, inverse_volatility,
    max_diversification, nested_clusters, optimize as optimize_goal, portfolio_figures, resampled_frontier,
    risk_budgets, risk_parity, round_lots,
};
use apex_analytics::returns::simple_returns;
use apex_analytics::table::PriceTable;
use serde::{Deserialize, Serialize};

pub use apex_analytics::optimize::Linkage;

use crate::error::{AppError, Result};
use constraints::ConstraintsFile;
use views::ViewsFile;

/// The periods of a year, by which a yearly risk-free rate is divided.
const PERIODS_A_YEAR: f64 = 252.0;
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
    /// The largest utility after views, from the text of a JSON file.
    BlackLitterman(String),
    /// The largest utility under the probabilities that views leave, from the text of a JSON file.
    EntropyPooling(String),
    /// The nearest portfolio to a benchmark; to equal weights where none is given.
    MinTrackingError(Option<Vec<(String, f64)>>),
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
    /// The text of a TOML file of constraints.
    pub constraints: Option<String>,
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

/// Returns of all columns on their common dates.
pub(crate) struct Assets {
    pub(crate) names: Vec<String>,
    pub(crate) returns: Vec<Vec<f64>>,
    last_prices: Vec<f64>,
    pub(crate) dropped: usize,
}

impl Assets {
    pub(crate) fn of(prices: &PriceTable) -> Result<Self> {
        let table = prices.complete();
        if table.dates.len() < 3 {
            return Err(AppError::invalid(format!(
                "{} dates are common to all columns; a covariance needs at least three",
                table.dates.len()
            )));
        }
        let returns =
            table.names.iter().zip(&table.columns).map(|(name, column)| {
                simple_returns(column).map_err(|err| AppError::invalid(format!("{name}: {err}")))
            });
        Ok(Self {
            returns: returns.collect::<Result<_>>()?,
            last_prices: table
                .columns
                .iter()
                .filter_map(|column| column.last().copied())
                .collect(),
            names: table.names,
            dropped: table.dropped,
        })
    }

    pub(crate) fn columns(&self) -> Vec<&[f64]> {
        self.returns.iter().map(Vec::as_slice).collect()
    }

    fn named<T: Clone>(&self, values: &[T]) -> BTreeMap<String, T> {
        self.names.iter().cloned().zip(values.iter().cloned()).collect()
    }

    fn position(&self, name: &str) -> Result<usize> {
        self.names.iter().position(|own| own == name).ok_or_else(|| {
            AppError::invalid(format!(
                "there is no column {name}; columns are {}",
                self.names.join(", ")
            ))
        })
    }

    /// Puts values by name in the order of the columns; zero where none is given.
    fn placed<'n>(&self, values: impl IntoIterator<Item = (&'n String, &'n f64)>) -> Result<Vec<f64>> {
        let mut placed = vec![0.0; self.names.len()];
        for (name, value) in values {
            placed[self.position(name)?] = *value;
        }
        Ok(placed)
    }

    /// Says the names of assets where the engine counted them.
    fn explained(&self, err: AnalyticsError) -> AppError {
        match err {
            AnalyticsError::Infeasible { conflict } => {
                let named = conflict.into_iter().map(|line| match line.rsplit_once("asset ") {
                    Some((before, number)) => match number.parse::<usize>().ok().and_then(|at| self.names.get(at)) {
                        Some(name) => format!("{before}{name}"),
                        None => line,
                    },
                    None => line,
                });
                AnalyticsError::Infeasible {
                    conflict: named.collect(),
                }
                .into()
            }
            AnalyticsError::NotPositiveDefinite { index } => AppError::invalid(format!(
                "{} is a combination of other columns, so the weights are not determined; take it out, or use more dates",
                self.names.get(index).map_or("a column", String::as_str)
            )),
            err => err.into(),
        }
    }
}

/// What a constraints file adds to bounds.
struct Limits {
    constraints: Constraints,
    lots: Option<constraints::Lots>,
}

fn limits(ask: &OptimizeAsk, assets: &Assets) -> Result<Limits> {
    let size = assets.names.len();
    let mut bounds = match (ask.unconstrained, ask.weight_max) {
        (true, _) => Bounds::unbounded(size),
        (false, None) => Bounds::long_only(size),
        (false, Some(most)) => Bounds::capped(size, most),
    };
    if let (true, Some(most)) = (ask.unconstrained, ask.weight_max) {
        bounds.upper = vec![most; size];
    }
    match &ask.constraints {
        None => Ok(Limits {
            constraints: Constraints::within(bounds),
            lots: None,
        }),
        Some(text) => ConstraintsFile::parse(text)?.resolved(bounds, assets),
    }
}

/// Finds the best weights.
///
/// # Errors
/// When prices, constraints or views cannot be used, or no portfolio keeps the constraints; those are named.
pub fn optimize(ask: &OptimizeAsk) -> Result<OptimizeReport> {
    let assets = Assets::of(&ask.prices)?;
    let columns = assets.columns();
    let inputs = Inputs::of_sample(&columns)?;
    let limits = limits(ask, &assets)?;
    let mut more = BTreeMap::new();
    let solution = solved(ask, &assets, &inputs, &limits.constraints, &mut more)?;
    let weights = match &limits.lots {
        None => solution.weights.clone(),
        Some(lots) => {
            let values: Vec<f64> = assets
                .last_prices
                .iter()
                .zip(&lots.sizes)
                .map(|(price, size)| price * size)
                .collect();
            let book = round_lots(&solution.weights, &values, lots.value, &inputs.covariance)?;
            more.insert("lots".to_owned(), json(&assets.named(&book.lots))?);
            more.insert("cash".to_owned(), json(&book.cash)?);
            more.insert("unrounded_weights".to_owned(), json(&assets.named(&solution.weights))?);
            more.insert("rounding_tracking_error".to_owned(), json(&book.tracking_error)?);
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
        observations: assets.returns.first().map_or(0, Vec::len),
        dropped: assets.dropped,
        more,
    })
}

fn json(value: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|err| AppError::Defect {
        sentence: err.to_string(),
    })
}

fn solved(
    ask: &OptimizeAsk,
    assets: &Assets,
    inputs: &Inputs<'_>,
    constraints: &Constraints,
    more: &mut BTreeMap<String, serde_json::Value>,
) -> Result<Solution> {
    let covariance = &inputs.covariance;
    let size = assets.names.len();
    if let Some(goal) = goal(ask, assets)? {
        return optimize_goal(inputs, &goal, constraints).map_err(|err| assets.explained(err));
    }
    if !matches!(
        ask.objective,
        Objective::BlackLitterman(_) | Objective::EntropyPooling(_)
    ) && *constraints != Constraints::long_only(size)
    {
        return Err(AppError::invalid(
            "this objective is a rule for long-only weights and takes no further constraints",
        ));
    }
    let of_tree = |answer: HierarchicalSolution, more: &mut BTreeMap<String, serde_json::Value>| -> Result<Solution> {
        let name = |at: &usize| assets.names.get(*at).cloned().unwrap_or_default();
        let order: Vec<String> = answer.hierarchy.order.iter().map(name).collect();
        more.insert("order".to_owned(), json(&order)?);
        more.insert("linkage_heights".to_owned(), json(&answer.hierarchy.heights)?);
        if !answer.clusters.is_empty() {
            let clusters: Vec<Vec<String>> = answer
                .clusters
                .iter()
                .map(|members| members.iter().map(name).collect())
                .collect();
            more.insert("clusters".to_owned(), json(&clusters)?);
        }
        Ok(answer.solution)
    };
    let explained = |err| assets.explained(err);
    match &ask.objective {
        Objective::RiskParity(None) => risk_parity(covariance).map_err(explained),
        Objective::RiskParity(Some(budgets)) => risk_budgets(covariance, budgets).map_err(explained),
        Objective::InverseVolatility => inverse_volatility(covariance).map_err(explained),
        Objective::MaxDiversification => max_diversification(covariance).map_err(explained),
        Objective::Hrp(settings) => of_tree(
            hierarchical_risk_parity(covariance, *settings).map_err(explained)?,
            more,
        ),
        Objective::Herc(settings, clusters) => of_tree(
            hierarchical_equal_risk(covariance, *settings, *clusters).map_err(explained)?,
            more,
        ),
        Objective::Nco(settings, clusters) => of_tree(
            nested_clusters(covariance, *settings, *clusters).map_err(explained)?,
            more,
        ),
        Objective::BlackLitterman(text) => {
            let file = ViewsFile::parse(text)?;
            let yearly = covariance.scaled(file.annualisation);
            let answer = black_litterman(&yearly, &file.prior(assets)?, &file.views(assets)?).map_err(explained)?;
            more.insert("assets".to_owned(), json(&assets.names)?);
            more.insert("prior_pi".to_owned(), json(&answer.prior_means)?);
            more.insert("posterior_mean".to_owned(), json(&answer.posterior_means)?);
            more.insert(
                "posterior_cov_diag".to_owned(),
                json(&answer.posterior_covariance.diagonal())?,
            );
            more.insert(
                "unconstrained_weights_delta_S".to_owned(),
                json(&answer.unconstrained_weights)?,
            );
            let believed = Inputs {
                returns: inputs.returns,
                means: answer.posterior_means,
                covariance: answer.posterior_covariance,
            };
            let goal = Goal::MaxUtility {
                risk_aversion: file.delta,
            };
            optimize_goal(&believed, &goal, constraints).map_err(explained)
        }
        Objective::EntropyPooling(text) => {
            let file = ViewsFile::parse(text)?;
            let mut views = file.views(assets)?;
            views.means.iter_mut().for_each(|mean| *mean /= file.annualisation);
            let pooled = entropy_pooling(inputs.returns, &views).map_err(explained)?;
            let yearly: Vec<f64> = pooled.means.iter().map(|mean| mean * file.annualisation).collect();
            more.insert("assets".to_owned(), json(&assets.names)?);
            more.insert("posterior_mean".to_owned(), json(&yearly)?);
            more.insert("entropy".to_owned(), json(&pooled.entropy)?);
            more.insert("effective_days".to_owned(), json(&pooled.effective_days)?);
            let believed = Inputs {
                returns: inputs.returns,
                means: pooled.means,
                covariance: pooled.covariance,
            };
            let goal = Goal::MaxUtility {
                risk_aversion: file.delta,
            };
            optimize_goal(&believed, &goal, constraints).map_err(explained)
        }
        _ => Err(AppError::Defect {
            sentence: "an objective has no method".to_owned(),
        }),
    }
}

/// Returns the goal of an objective that takes constraints of any kind.
fn goal(ask: &OptimizeAsk, assets: &Assets) -> Result<Option<Goal>> {
    Ok(Some(match &ask.objective {
        Objective::MinVariance => Goal::MinVariance,
        Objective::MaxSharpe(risk_free) => Goal::MaxSharpe {
            risk_free: risk_free / PERIODS_A_YEAR,
        },
        Objective::Utility(risk_aversion) => Goal::MaxUtility {
            risk_aversion: *risk_aversion,
        },
        Objective::TargetReturn(mean) => Goal::TargetReturn { mean: *mean },
        Objective::TargetVolatility(volatility) => Goal::TargetVolatility {
            volatility: *volatility,
        },
        Objective::MinCvar(mean) => Goal::MinShortfall {
            level: ask.level,
            mean: *mean,
        },
        Objective::MinCdar => Goal::MinDrawdownAtRisk { level: ask.level },
        Objective::MinMaxDrawdown => Goal::MinMaxDrawdown,
        Objective::MinTrackingError(benchmark) => Goal::MinTracking {
            benchmark: match benchmark {
                None => vec![1.0 / assets.names.len() as f64; assets.names.len()],
                Some(weights) => assets.placed(weights.iter().map(|(name, weight)| (name, weight)))?,
            },
        },
        _ => return Ok(None),
    }))
}

/// Finds equally spaced portfolios of the frontier, of variance or, for `min-cvar`, of expected shortfall.
///
/// # Errors
/// When prices or constraints cannot be used, or the constraints are more than bounds.
pub fn efficient_frontier(
    ask: &OptimizeAsk,
    points: usize,
    resampling: Option<(usize, u64)>,
) -> Result<FrontierReport> {
    let assets = Assets::of(&ask.prices)?;
    let columns = assets.columns();
    let inputs = Inputs::of_sample(&columns)?;
    let limits = limits(ask, &assets)?;
    if limits.constraints != Constraints::within(limits.constraints.bounds.clone()) || limits.lots.is_some() {
        return Err(AppError::invalid(
            "a frontier takes bounds only; use target-return with the other constraints for one of its points",
        ));
    }
    let bounds = &limits.constraints.bounds;
    let observations = assets.returns.first().map_or(0, Vec::len);
    let explained = |err| assets.explained(err);
    let line = match resampling {
        None => frontier(&inputs.means, &inputs.covariance, bounds, points),
        Some((draws, seed)) => {
            let resampling = Resampling {
                draws,
                days: observations,
                seed,
            };
            resampled_frontier(&inputs.means, &inputs.covariance, bounds, points, resampling)
        }
    };
    let mut rows = Vec::with_capacity(points);
    for point in line.map_err(explained)? {
        let weights = match (&ask.objective, resampling) {
            (Objective::MinCvar(_), None) => {
                let goal = Goal::MinShortfall {
                    level: ask.level,
                    mean: Some(point.target),
                };
                optimize_goal(&inputs, &goal, &limits.constraints)
                    .map_err(explained)?
                    .weights
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
        observations,
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
