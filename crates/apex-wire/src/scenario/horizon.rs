//! Monte Carlo to a horizon: the plan that is simulated, and what becomes of the book.
//!
//! A [`HorizonPlan`] is a part of a scenario's document; its field names are a contract. Parts are in percent, costs in
//! basis points, amounts in the portfolio's currency.

use apex_domain::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::call;
use crate::chart::ChartData;
use crate::job::JobId;
use crate::scenario::Scenario;
use crate::{Amount, View};

/// How the book lives on after the scenario, and how that is simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HorizonPlan {
    /// Months to the horizon.
    pub months: u32,
    /// How far apart values are looked at.
    pub step: HorizonStep,
    /// What paths are drawn from.
    pub distribution: HorizonDistribution,
    /// The days that the bootstrap keeps together.
    pub block_days: usize,
    /// The degrees of freedom of the t copula; fitted where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degrees_of_freedom: Option<f64>,
    /// What prices are expected to do.
    pub mean: HorizonMean,
    /// What every holding is expected to grow by in a year, in percent, where the mean is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_percent: Option<f64>,
    /// What cash earns in a year, in percent.
    pub cash_percent: f64,
    /// When weights are set back to those of today.
    pub rebalance: Rebalancing,
    /// How far a weight may be from that of today, in percent of the book, where weights are held in a band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band_percent: Option<f64>,
    /// What trading costs, in basis points of the amount traded.
    pub cost_bp: f64,
    /// What is paid in or out again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<HorizonFlow>,
    /// What the book should be worth at the horizon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<Decimal>,
    /// How many paths are drawn.
    pub paths: u32,
    /// The seed: the same one gives the same answer.
    pub seed: u64,
}

impl Default for HorizonPlan {
    /// Returns five years by month, 10,000 normal paths of seed 0, no mean, weights left to drift.
    fn default() -> Self {
        Self {
            months: 60,
            step: HorizonStep::Monthly,
            distribution: HorizonDistribution::Normal,
            block_days: 21,
            degrees_of_freedom: None,
            mean: HorizonMean::Zero,
            mean_percent: None,
            cash_percent: 0.0,
            rebalance: Rebalancing::Never,
            band_percent: None,
            cost_bp: 0.0,
            flow: None,
            goal: None,
            paths: 10_000,
            seed: 0,
        }
    }
}

/// How far apart values are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HorizonStep {
    /// One trading day.
    Daily,
    /// Five trading days.
    Weekly,
    /// Twenty-one trading days.
    #[default]
    Monthly,
}

/// What paths are drawn from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HorizonDistribution {
    /// Logarithmic returns are jointly normal.
    #[default]
    Normal,
    /// Each holding keeps the distribution of its past, and they fall together as Student's t does.
    TCopula,
    /// Blocks of past days.
    BlockBootstrap,
}

/// What prices are expected to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HorizonMean {
    /// What they did in the window.
    Sample,
    /// Nothing: the fan shows risk alone, and no view on the market.
    #[default]
    Zero,
    /// Grow by a stated part a year.
    Given,
}

/// When weights are set back to those of today.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rebalancing {
    /// Never: weights drift.
    #[default]
    Never,
    /// At the last step of each month.
    Monthly,
    /// At the last step of each quarter.
    Quarterly,
    /// At the last step of each year.
    Yearly,
    /// At any step at which a weight has left its band.
    Band,
}

/// What is paid in (above zero) or out (below zero) again and again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HorizonFlow {
    /// A fixed amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// A part of what the book is worth then, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f64>,
    /// How often.
    pub every: FlowPeriod,
    /// What the fixed amount grows by in a year, in percent.
    #[serde(default)]
    pub inflation_percent: f64,
}

/// How often a flow is paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowPeriod {
    /// Every month.
    #[default]
    Month,
    /// Every third month.
    Quarter,
    /// Every twelfth month.
    Year,
}

/// Simulates the book to a horizon, after the shocks of a scenario; without shocks, as it stands. Runs as a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunHorizon {
    /// The job's id, for progress and cancel.
    pub job: JobId,
    /// Which portfolio, when.
    pub view: View,
    /// The scenario; its plan is simulated, or the usual one where it has none.
    pub scenario: Scenario,
}
call!(RunHorizon => HorizonRun, "run_horizon");

/// What becomes of the book on all paths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HorizonRun {
    /// The scenario's name.
    pub name: String,
    /// The day the book is taken from.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// The value before the scenario.
    pub nav: Amount,
    /// The value after it, which paths start from.
    pub start: Amount,
    /// The plan that was simulated, seed and paths included.
    pub plan: HorizonPlan,
    /// First and last day of the returns that paths are made from, and how many they are.
    pub window: (Date, Date, usize),
    /// The degrees of freedom of the t copula, where that was drawn.
    pub degrees_of_freedom: Option<f64>,
    /// The probabilities of the quantiles.
    pub levels: Vec<f64>,
    /// What the book is worth at the start and after each step.
    pub points: Vec<HorizonPoint>,
    /// How often it ends below the value before the scenario.
    pub probability_below_start: f64,
    /// How often it ends below the goal, where there is one.
    pub probability_below_goal: Option<f64>,
    /// How often nothing is left at some time.
    pub probability_ran_out: f64,
    /// The quantiles of the largest fall from a high on the way, flows taken out.
    pub drawdowns: Vec<f64>,
    /// The fan: bands of the quantiles by date.
    pub fan: ChartData,
    /// How the values at the horizon are distributed.
    pub distribution: ChartData,
    /// What was assumed, one sentence each.
    pub notes: Vec<String>,
    /// Holdings that stand still for want of history, one sentence each.
    pub left_out: Vec<String>,
}

/// What the book is worth at one date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HorizonPoint {
    /// The date.
    pub date: Date,
    /// The mean of all paths.
    pub mean: Amount,
    /// The quantiles, in the order of the levels.
    pub quantiles: Vec<Amount>,
}
