//! Backtests: what a policy would have earned that knew only the past.
//!
//! A [`Backtest`] is a document, the same on the page and in a `.toml` file; its field names are a contract.

use std::collections::BTreeMap;

use apex_domain::Currency;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::View;
use crate::call::call;
use crate::choice::choices;
use crate::job::JobId;
use crate::optimizer::{Policy, TradeList};

/// Backtests that one question may ask about.
pub const RUNS_MAX: usize = 6;

/// A policy followed through the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backtest {
    /// Its name.
    pub name: String,
    /// The assets: symbols of the book or columns of a table; what is held, or every column, where empty.
    pub universe: Vec<String>,
    /// The first day of prices; as far back as `days` goes where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day of prices; the day looked at where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The most closes that are looked back on.
    pub days: usize,
    /// Returns that a decision is made from.
    pub window: usize,
    /// Whether a decision is made from all returns so far, of which there must be `window`.
    pub expanding: bool,
    /// When weights are decided anew.
    pub rebalance: Rebalance,
    /// The distance of a weight from its target that leads to a rebalancing, in percent of the value, for `drift-band`.
    pub band_percent: f64,
    /// Days from the decision to the trade; 0 trades at the close that decides.
    pub delay: usize,
    /// The cost of trading in basis points of what is traded.
    pub cost_bp: f64,
    /// What it is compared with: a symbol or a column; the portfolio's benchmark where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// Which assets are chosen before they are weighed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<Momentum>,
    /// How the policy is judged besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
    /// How weights are chosen.
    pub policy: Policy,
}

impl Default for Backtest {
    fn default() -> Self {
        Self {
            name: String::new(),
            universe: Vec::new(),
            from: None,
            until: None,
            days: 2520,
            window: 252,
            expanding: false,
            rebalance: Rebalance::Monthly,
            band_percent: 5.0,
            delay: 1,
            cost_bp: 5.0,
            benchmark: None,
            momentum: None,
            validation: None,
            policy: Policy::default(),
        }
    }
}

/// When weights are decided anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rebalance {
    /// Every day.
    Daily,
    /// On the last day of each month.
    Monthly,
    /// On the last day of each quarter.
    Quarterly,
    /// On the last day of each year.
    Yearly,
    /// Once, at the start.
    Never,
    /// On any day on which a weight is further from its target than the band.
    DriftBand,
}

impl Rebalance {
    /// Every rule with its name in files and its words.
    pub const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Monthly, "monthly", "Monthly"),
        (Self::Quarterly, "quarterly", "Quarterly"),
        (Self::Yearly, "yearly", "Yearly"),
        (Self::Daily, "daily", "Daily"),
        (Self::DriftBand, "drift-band", "Drift band"),
        (Self::Never, "never", "Never"),
    ];
}
choices!(Rebalance);

/// Only the assets that rose most are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Momentum {
    /// How many assets are kept.
    pub names: usize,
    /// Days over which the return is taken; with `skip`, not more than the window.
    #[serde(default = "lookback_usual")]
    pub lookback: usize,
    /// The last days that are left out of it.
    #[serde(default = "skip_usual")]
    pub skip: usize,
}

fn lookback_usual() -> usize {
    231
}

fn skip_usual() -> usize {
    21
}

/// Cross-validation with purging and an embargo (López de Prado 2018, chapters 7 and 12).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// The groups of neighboring days.
    pub folds: usize,
    /// Days after a test that are not learned from.
    #[serde(default)]
    pub embargo: usize,
    /// The groups that are tested at once; more than one is combinatorial.
    #[serde(default = "one")]
    pub tested: usize,
}

fn one() -> usize {
    1
}

/// Runs backtests on the prices of the book, side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunBacktests {
    /// The job, for progress and cancelling.
    pub job: JobId,
    /// Which portfolio, when.
    pub view: View,
    /// The backtests, [`RUNS_MAX`] at most.
    pub backtests: Vec<Backtest>,
}
call!(RunBacktests => Vec<BacktestRun>, "run_backtests");

/// What a policy would have done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BacktestRun {
    /// The backtest's name.
    pub name: String,
    /// The base currency, where the prices are those of a book.
    pub currency: Option<Currency>,
    /// The close of the first purchase, from which wealth is counted, to the last close.
    pub days: Vec<Date>,
    /// The value at each close, costs paid; it starts at 1 before the first purchase is paid for.
    pub wealth: Vec<f64>,
    /// The share below the highest value so far, at or below zero.
    pub drawdown: Vec<f64>,
    /// The benchmark over the same days, 1 at the start.
    pub benchmark: Option<BacktestBenchmark>,
    /// The tear sheet, keys as in `apex stats`.
    pub statistics: BTreeMap<String, Option<f64>>,
    /// Every change of weights.
    pub rebalancings: Vec<BacktestRebalancing>,
    /// The sum of turnover without the first purchase, a year.
    pub turnover_year: Option<f64>,
    /// What trading cost, as a share of the value each time, added up.
    pub cost: f64,
    /// The weights on the last day, drifted, largest first.
    pub last_weights: Vec<(String, f64)>,
    /// The weights that the policy would choose on the last day.
    pub next_weights: Vec<(String, f64)>,
    /// The trades from the holdings to those weights; none without a book.
    pub trades: Option<TradeList>,
    /// Cross-validation, where it was asked for.
    pub validation: Option<ValidationScores>,
    /// What was assumed or went wrong, one sentence each.
    pub notes: Vec<String>,
    /// Assets left out, one sentence each.
    pub left_out: Vec<String>,
}

/// The benchmark of a backtest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BacktestBenchmark {
    /// Its symbol or column.
    pub name: String,
    /// Its value at each close, 1 at the start.
    pub wealth: Vec<f64>,
    /// Its tear sheet.
    pub statistics: BTreeMap<String, Option<f64>>,
}

/// One change of weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BacktestRebalancing {
    /// The day at whose close it was traded.
    pub date: Date,
    /// The sum of all changes of weight.
    pub turnover: f64,
    /// What it cost, as a share of the value before.
    pub cost: f64,
    /// The weights afterwards, without zeros.
    pub weights: BTreeMap<String, f64>,
}

/// How a policy does on days that it did not learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValidationScores {
    /// One for each split: what is learned on the training days, held at fixed weights on the test days.
    pub splits: Vec<SplitScore>,
    /// The Sharpe ratio a year of each path over all days; one path for plain folds.
    pub path_sharpe: Vec<Option<f64>>,
    /// Their mean.
    pub mean_sharpe: Option<f64>,
    /// The share of paths that lost.
    pub share_of_losses: Option<f64>,
}

/// One split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitScore {
    /// The groups tested, counted from 0.
    pub tested: Vec<usize>,
    /// Days learned from.
    pub train: usize,
    /// Days tested.
    pub test: usize,
    /// The return of the test days, compounded.
    pub total_return: Option<f64>,
    /// Their Sharpe ratio a year.
    pub sharpe: Option<f64>,
}
