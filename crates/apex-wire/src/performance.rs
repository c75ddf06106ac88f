//! The Performance page.

use std::collections::BTreeMap;

use apex_domain::{Currency, InstrumentId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Amount, Statistic, View, call::call, chart::LineSeries};

/// Asks for performance over a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetPerformance {
    /// Which portfolio, when.
    pub view: View,
    /// First day; inception where absent.
    pub from: Option<Date>,
    /// Observations in the rolling windows.
    pub rolling: usize,
}
call!(GetPerformance => Performance, "get_performance");

/// Performance of one portfolio over a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Performance {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The base currency.
    pub currency: Currency,
    /// Time-weighted return of the period.
    pub twr: Statistic,
    /// The same a year, where the period is longer than a year.
    pub twr_annual: Statistic,
    /// Money-weighted return a year; says so where there is none or more than one.
    pub mwr: Statistic,
    /// All money-weighted roots, where there is more than one.
    pub mwr_roots: Vec<f64>,
    /// Gain in base currency: end value less start value less flows.
    pub gain: Amount,
    /// Net external flows.
    pub net_flows: Amount,
    /// Name of the benchmark, and what kind of index it is.
    pub benchmark: Option<String>,
    /// Growth of 100, portfolio and benchmark.
    pub growth: Vec<LineSeries>,
    /// Drawdown, portfolio and benchmark.
    pub drawdown: Vec<LineSeries>,
    /// Rolling volatility, beta, correlation and Sharpe ratio.
    pub rolling: Vec<RollingMeasure>,
    /// Returns by year and month; row by row, twelve months then the year.
    pub monthly: Vec<MonthlyRow>,
    /// Statistics by the key of the tear sheet, portfolio and benchmark.
    pub statistics: Vec<StatisticRow>,
    /// Contribution of each instrument to the gain, largest first.
    pub contribution: Vec<Contribution>,
}

/// One rolling measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollingMeasure {
    /// Its name, such as `Volatility`.
    pub name: String,
    /// Its unit: `%` or nothing.
    pub unit: String,
    /// Its lines.
    pub series: Vec<LineSeries>,
}

/// A year of monthly returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonthlyRow {
    /// The year.
    pub year: i16,
    /// January to December.
    pub months: Vec<Option<f64>>,
    /// The year's return.
    pub total: Option<f64>,
}

/// One statistic of the tear sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatisticRow {
    /// Key, as `apex stats` prints it.
    pub key: String,
    /// Name as people read it.
    pub label: String,
    /// Unit: `%`, `days` or nothing.
    pub unit: String,
    /// Value for the portfolio.
    pub portfolio: Statistic,
    /// Value for the benchmark.
    pub benchmark: Statistic,
}

/// What one instrument contributed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// The instrument; none for cash, fees and currency.
    pub instrument: Option<InstrumentId>,
    /// Its symbol.
    pub label: String,
    /// Gain in base currency.
    pub amount: Amount,
    /// Share of the period's return, linked so that shares add up to it.
    pub contribution: Statistic,
}

/// Statistics of one series by key, for `apex stats` and the like.
pub type StatisticsByKey = BTreeMap<String, Option<f64>>;
