//! The Optimizer: weights that are best by an objective within constraints, for the holdings of a book, and the trades
//! that lead there. Nothing here is an order.
//!
//! Weights are shares of net asset value. Figures are per day unless their name says `year`, which has 252 days.

mod constraints;
mod policy;

use std::collections::BTreeMap;

use apex_domain::{Currency, InstrumentId};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::call;
use crate::chart::ChartData;
use crate::job::JobId;
use crate::{Amount, Statistic, View};

pub use constraints::{
    Constraints, Costs, Each, Group, Limit, Lots, NODES_USUAL, Names, Range, Row, Tracking, Weights,
};
pub use policy::{Belief, Estimator, LinkageName, Means, ObjectiveName, Policy};

/// Two years of returns.
pub const WINDOW_USUAL: usize = 504;

/// Asks for the best weights of a book's holdings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunOptimizer {
    /// The job, for cancelling. A question of the same job takes the place of one that still runs.
    pub job: JobId,
    /// Which portfolio, when.
    pub view: View,
    /// How weights are chosen.
    pub policy: Policy,
    /// Daily returns that are looked back on.
    pub window: usize,
    /// Symbols that may be bought besides what is held.
    pub added: Vec<String>,
    /// Whether cash in the base currency is invested too.
    pub invests_cash: bool,
    /// Portfolios of the frontier; none where 0.
    pub points: usize,
    /// The portfolio of the frontier that is looked at instead of the best one, counted from 0.
    pub point: Option<usize>,
}
call!(RunOptimizer => Optimized, "run_optimizer");

impl RunOptimizer {
    /// Asks for what is usual.
    pub fn new(view: View) -> Self {
        Self {
            job: JobId("optimizer".to_owned()),
            view,
            policy: Policy {
                estimator: Estimator::LedoitWolf,
                ..Policy::default()
            },
            window: WINDOW_USUAL,
            added: Vec::new(),
            invests_cash: false,
            points: 50,
            point: None,
        }
    }
}

/// Reads constraints from the text of a TOML file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadConstraints {
    /// The text.
    pub text: String,
}
call!(ReadConstraints => Constraints, "read_constraints");

/// The best portfolio, or one of the frontier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Optimized {
    /// The day it holds for.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// Net asset value.
    pub nav: Amount,
    /// The sum of the weights, as a share of NAV; the rest stays as it is.
    pub budget: f64,
    /// The first and the last day of the returns.
    pub days: Option<(Date, Date)>,
    /// Returns used.
    pub observations: usize,
    /// One line an asset, largest weight first.
    pub lines: Vec<OptimizedLine>,
    /// The figures of the weights held now.
    pub now: PortfolioPoint,
    /// The figures of the weights chosen.
    pub after: PortfolioPoint,
    /// How far from optimal, relative to the gradient; none for a rule that optimizes nothing.
    pub kkt_residual: Option<f64>,
    /// How far the objective may be from the best, as a share, where a bound is proven.
    pub gap: Option<f64>,
    /// The steps it took.
    pub iterations: usize,
    /// The trades that lead from the holdings to the weights, in whole lots.
    pub trades: TradeList,
    /// The frontier, from the least volatile portfolio to the one of the largest mean.
    pub frontier: Vec<PortfolioPoint>,
    /// The frontier, the assets, the portfolio now and the one chosen. The first series is the frontier.
    pub chart: ChartData,
    /// The classes that groups can be made of: by classification, the classes of the assets.
    pub classes: BTreeMap<String, Vec<String>>,
    /// The constraints as the text of a TOML file.
    pub constraints_toml: String,
    /// What was assumed, one sentence each.
    pub notes: Vec<String>,
    /// Holdings left out, one sentence each; they stay as they are.
    pub left_out: Vec<String>,
    /// What some objectives add, such as the order of a tree.
    pub more: BTreeMap<String, serde_json::Value>,
}

/// One asset, now and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptimizedLine {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// Its name.
    pub name: String,
    /// The weight now.
    pub now: f64,
    /// The weight chosen.
    pub after: f64,
    /// The one less the other.
    pub change: f64,
    /// Its share of the variance now.
    pub risk_now: Statistic,
    /// Its share of the variance after.
    pub risk_after: Statistic,
    /// Its mean a year.
    pub mean_year: f64,
    /// Its volatility a year.
    pub volatility_year: f64,
}

/// What a portfolio earns and risks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PortfolioPoint {
    /// The mean return of a day.
    pub mean: f64,
    /// The volatility of a day.
    pub volatility: f64,
    /// Expected shortfall of a day with a fractional tail, a positive loss.
    pub cvar: Statistic,
    /// The mean a year: 252 times that of a day.
    pub mean_year: f64,
    /// The volatility a year: the root of 252 times that of a day.
    pub volatility_year: f64,
    /// Mean above the risk-free rate over volatility, a year.
    pub sharpe_year: Statistic,
}

/// Trades that lead from what is held to weights; never orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TradeList {
    /// The trades, sales first, the largest amount first.
    pub rows: Vec<TradeLine>,
    /// What is bought, base currency.
    pub bought: Amount,
    /// What is sold, base currency.
    pub sold: Amount,
    /// What it costs, base currency.
    pub cost: Amount,
    /// What cash changes by, costs included, base currency.
    pub cash_change: Amount,
    /// Purchases and sales as a share of NAV.
    pub turnover: Statistic,
    /// The file that `apex whatif --trades` reads: `symbol,quantity`, sales below zero.
    pub csv: String,
}

/// One trade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TradeLine {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// Whether it is bought or sold.
    pub side: TradeSide,
    /// The units, above zero.
    pub quantity: Decimal,
    /// The last price in its currency.
    pub price: Decimal,
    /// The currency of the price.
    pub currency: Currency,
    /// What it comes to in base currency, above zero.
    pub amount: Amount,
    /// What it costs in base currency.
    pub cost: Amount,
    /// The weight after the trade.
    pub weight: Statistic,
}

/// The side of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradeSide {
    /// Units are given away.
    Sell,
    /// Units are taken.
    Buy,
}
