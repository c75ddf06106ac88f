//! The Overview page.

use apex_domain::{Currency, InstrumentId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Amount, Statistic, View, call::call, chart::LineSeries, holdings::Classification};

/// Asks for the overview of one portfolio.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetOverview {
    /// Which portfolio, when.
    pub view: View,
}
call!(GetOverview => Overview, "get_overview");

/// The state of one portfolio on one screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// The day the figures hold for.
    pub as_of: Date,
    /// The base currency of every amount.
    pub currency: Currency,
    /// Net asset value.
    pub nav: Amount,
    /// Profit and loss since the last day, the month's start and the year's start.
    pub day: PeriodResult,
    /// Month to date.
    pub month: PeriodResult,
    /// Year to date.
    pub year: PeriodResult,
    /// Cash in base currency.
    pub cash: Amount,
    /// Gross exposure (sum of absolute market values without cash) over NAV.
    pub gross_exposure: Statistic,
    /// Net exposure over NAV.
    pub net_exposure: Statistic,
    /// Weights by asset class, sector, currency and country.
    pub allocations: Vec<Allocation>,
    /// Largest contributions of the day, both signs, largest size first.
    pub movers: Vec<Mover>,
    /// NAV by day.
    pub nav_series: LineSeries,
    /// Drawdown by day, 0 or negative.
    pub drawdown: LineSeries,
    /// What a person should look at: stale prices, missing FX, unclassified instruments.
    pub alerts: Vec<Alert>,
}

/// Profit over a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeriodResult {
    /// The day it is counted from (close of that day).
    pub since: Option<Date>,
    /// Profit or loss in base currency, flows taken out.
    pub amount: Amount,
    /// Time-weighted return.
    pub twr: Statistic,
}

/// How NAV spreads over one classification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// The classification.
    pub by: Classification,
    /// Its slices, largest size first.
    pub slices: Vec<Slice>,
}

/// One part of an allocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Name, such as `Health care`.
    pub label: String,
    /// Market value in base currency.
    pub value: Amount,
    /// Share of NAV.
    pub weight: Statistic,
}

/// An instrument that moved the day's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mover {
    /// Its id.
    pub instrument: InstrumentId,
    /// Its symbol on the day.
    pub symbol: String,
    /// Its name.
    pub name: String,
    /// Its own return on the day, in its currency.
    pub price_return: Statistic,
    /// Its contribution to the day's result, base currency.
    pub amount: Amount,
}

/// Something about the data that a person should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// How bad.
    pub severity: Severity,
    /// One sentence.
    pub sentence: String,
    /// Market value touched, base currency.
    pub impact: Option<Amount>,
    /// The instrument it is about.
    pub instrument: Option<InstrumentId>,
}

/// How bad an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// A figure rests on old or incomplete data.
    Warning,
    /// A figure is unavailable.
    Failing,
}
