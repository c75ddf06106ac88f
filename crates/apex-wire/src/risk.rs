//! The Risk page.

use apex_domain::{Currency, InstrumentId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Amount, Statistic, View,
    call::call,
    chart::{HeatMapData, HistogramData},
};

/// Asks for the risk of the current book, its holdings held constant over the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRisk {
    /// Which portfolio, when.
    pub view: View,
    /// Confidence level, such as 0.99.
    pub level: f64,
    /// Days ahead.
    pub horizon: u32,
    /// Observations of history.
    pub window: usize,
    /// Instruments in the correlation map, largest first.
    pub correlation_size: usize,
}
call!(GetRisk => Risk, "get_risk");

/// Risk of one portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// The day it holds for.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// The value the percentages apply to.
    pub nav: Amount,
    /// One row per method.
    pub measures: Vec<RiskMeasure>,
    /// Correlation of the largest holdings.
    pub correlation: HeatMapData,
    /// Daily results of the current book over the window.
    pub histogram: HistogramData,
    /// The worst days of the current book over the window.
    pub worst_days: Vec<WorstDay>,
    /// What each holding adds to historical VaR and ES.
    pub components: Vec<RiskComponent>,
    /// Holdings left out for want of history, one sentence each.
    pub left_out: Vec<String>,
}

/// VaR and ES by one method, with everything one must know to trust it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskMeasure {
    /// Method, such as `historical`.
    pub method: String,
    /// Confidence level.
    pub level: f64,
    /// Horizon in days.
    pub horizon: u32,
    /// How a horizon of several days is reached, such as `overlap`.
    #[serde(default)]
    pub horizon_rule: String,
    /// First and last day of the window, and observations in it.
    pub window: (Date, Date, usize),
    /// Mean assumption: `sample` or `zero`.
    pub mean: String,
    /// Quantile rule, such as `linear`.
    pub quantile: String,
    /// VaR as a share of NAV, positive for a loss.
    pub var: Statistic,
    /// ES as a share of NAV, positive for a loss.
    pub es: Statistic,
    /// VaR in base currency.
    pub var_amount: Amount,
    /// ES in base currency.
    pub es_amount: Amount,
}

/// One of the worst days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorstDay {
    /// The day.
    pub date: Date,
    /// Return of the current book on it.
    pub result: f64,
    /// The same in base currency.
    pub amount: Amount,
    /// What lost most on it.
    pub worst: String,
}

/// What one holding adds to risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskComponent {
    /// The instrument; none for cash in another currency.
    pub instrument: Option<InstrumentId>,
    /// Its symbol.
    pub symbol: String,
    /// Weight in NAV.
    pub weight: f64,
    /// Part of VaR, as a share of NAV.
    pub var: f64,
    /// Part of ES, as a share of NAV.
    pub es: f64,
}
