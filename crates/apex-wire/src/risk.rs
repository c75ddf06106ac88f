//! The Risk page.

use apex_domain::{Currency, InstrumentId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Amount, Statistic, View,
    call::call,
    chart::{HeatMapData, HistogramData, LineData},
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
    /// The seed of a method that draws random numbers.
    #[serde(default)]
    pub seed: Option<u64>,
    /// What else the method rests on, such as `GARCH(1,1)` or `10000 paths`.
    #[serde(default)]
    pub detail: String,
}

/// Asks for VaR and ES by every method of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRiskMethods {
    /// Which portfolio, when.
    pub view: View,
    /// Confidence level, such as 0.99.
    pub level: f64,
    /// Days ahead.
    pub horizon: u32,
    /// Observations of history.
    pub window: usize,
}
call!(GetRiskMethods => Vec<RiskMeasure>, "get_risk_methods");

/// Asks what each holding adds to VaR and ES by one method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRiskComponents {
    /// Which portfolio, when.
    pub view: View,
    /// The method by its name.
    pub method: String,
    /// Confidence level.
    pub level: f64,
    /// Days ahead.
    pub horizon: u32,
    /// Observations of history.
    pub window: usize,
}
call!(GetRiskComponents => RiskComponents, "get_risk_components");

/// What each holding adds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskComponents {
    /// The whole, by the same method.
    pub measure: RiskMeasure,
    /// The holdings, the largest part of ES first.
    pub rows: Vec<HoldingRisk>,
}

/// What one holding adds. Shares are of net asset value; VaR and ES parts add up to the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldingRisk {
    /// Its symbol.
    pub symbol: String,
    /// Weight in NAV.
    pub weight: f64,
    /// Part of VaR.
    pub var: f64,
    /// Part of ES.
    pub es: f64,
    /// Part of VaR per unit of weight.
    pub marginal_var: f64,
    /// Part of ES per unit of weight.
    pub marginal_es: f64,
    /// VaR less that of the book without it; these do not add up.
    pub incremental_var: Statistic,
    /// ES less that of the book without it.
    pub incremental_es: Statistic,
}

/// Asks for the risk of the current book by factors, and for its distance from the benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRiskFactors {
    /// Which portfolio, when.
    pub view: View,
    /// Observations of history.
    pub window: usize,
}
call!(GetRiskFactors => RiskFactors, "get_risk_factors");

/// Risk by factors. Volatilities are annualized, 252 days a year; shares of variance add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskFactors {
    /// Principal components of the returns of the holdings.
    pub statistical: FactorModelRisk,
    /// Market, sectors and countries, from what the holdings are.
    pub fundamental: FactorModelRisk,
    /// The name of the benchmark.
    pub benchmark: Option<String>,
    /// Volatility of the current book less the benchmark, a year.
    pub tracking_error: Statistic,
    /// Slope of the current book on the benchmark.
    pub beta: Statistic,
    /// Correlation with the benchmark.
    pub correlation: Statistic,
    /// Half the sum of the differences of weights.
    pub active_share: Statistic,
}

/// The risk of the book by one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorModelRisk {
    /// How the model is made, one sentence.
    pub about: String,
    /// Volatility a year by the model.
    pub volatility: Statistic,
    /// The share of the variance that the factors explain.
    pub factor_share: Statistic,
    /// The share that is specific to the holdings.
    pub specific_share: Statistic,
    /// The factors, the largest part of the variance first.
    pub factors: Vec<FactorExposure>,
}

/// One factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorExposure {
    /// Its name.
    pub name: String,
    /// The book's exposure.
    pub exposure: f64,
    /// The factor's volatility a year.
    pub volatility: f64,
    /// Its share of the book's variance.
    pub share: f64,
}

/// Asks whether the VaR of the current book held on the days of the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRiskBacktest {
    /// Which portfolio, when.
    pub view: View,
    /// The method by its name.
    pub method: String,
    /// Confidence level.
    pub level: f64,
    /// Observations behind each VaR.
    pub window: usize,
    /// Days tested, the last ones.
    pub days: usize,
}
call!(GetRiskBacktest => RiskBacktest, "get_risk_backtest");

/// Whether VaR held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskBacktest {
    /// The method.
    pub method: String,
    /// Why nothing can be tested, where that is so.
    pub because: Option<String>,
    /// First and last day tested.
    pub from: Option<Date>,
    /// The last day tested.
    pub to: Option<Date>,
    /// Days tested.
    pub observations: usize,
    /// Days whose loss exceeded the VaR of the days before.
    pub exceptions: usize,
    /// As many as one would expect.
    pub expected: f64,
    /// The tests, by name.
    pub tests: Vec<BacktestRow>,
    /// The zone of the traffic light of Basel over the last 250 days: `green`, `yellow` or `red`.
    pub zone: String,
    /// What the zone rests on, in words.
    pub zone_words: String,
    /// Result of each day and minus the VaR of the day.
    pub chart: LineData,
    /// The days that exceeded, the latest first.
    pub exceeded: Vec<ExceededDay>,
    /// Holdings left out for want of history over all these days, one sentence each.
    pub left_out: Vec<String>,
}

/// A likelihood ratio test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BacktestRow {
    /// Its name.
    pub name: String,
    /// What is supposed when nothing is wrong.
    pub supposes: String,
    /// The likelihood ratio.
    pub statistic: f64,
    /// The probability of one that large when nothing is wrong.
    pub p: f64,
}

/// A day whose loss exceeded its VaR, as shares of net asset value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExceededDay {
    /// The day.
    pub date: Date,
    /// The loss.
    pub loss: f64,
    /// The VaR of the days before.
    pub var: f64,
}

/// Asks how concentrated, how liquid and how exposed the current book is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRiskExposures {
    /// Which portfolio, when.
    pub view: View,
    /// The share of a day's volume that sales take.
    pub participation: f64,
}
call!(GetRiskExposures => RiskExposures, "get_risk_exposures");

/// Concentration, liquidity, currencies, rates and options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskExposures {
    /// The base currency.
    pub currency: Currency,
    /// The Herfindahl-Hirschman index of the holdings.
    pub hhi: Statistic,
    /// The effective number of holdings.
    pub effective_number: Statistic,
    /// The largest holdings, with the share of gross exposure that they and those before them make up.
    pub largest: Vec<(String, f64)>,
    /// Shares of net asset value by currency, cash among them.
    pub currencies: Vec<CurrencyShare>,
    /// The share of a day's volume that sales take.
    pub participation: f64,
    /// Days until all is sold.
    pub days_all: Statistic,
    /// Days to sell each holding, the longest first, as far as volumes are known.
    pub liquidity: Vec<HoldingLiquidity>,
    /// Bonds with their duration.
    pub bonds: Vec<BondRisk>,
    /// Why there are none, where that is so.
    pub bonds_because: Option<String>,
    /// Change of the book's value for yields one basis point lower.
    pub dv01: Amount,
    /// Options with their sensitivities.
    pub options: Vec<OptionRisk>,
    /// Why there are none, where that is so.
    pub options_because: Option<String>,
}

/// A currency as shares of net asset value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurrencyShare {
    /// The currency.
    pub currency: String,
    /// Holdings and cash above zero.
    pub long: f64,
    /// Those below zero.
    pub short: f64,
    /// Both together.
    pub net: f64,
}

/// How long a holding takes to sell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldingLiquidity {
    /// Its symbol.
    pub symbol: String,
    /// Weight in NAV.
    pub weight: Statistic,
    /// The mean volume of a day, in units.
    pub volume: Statistic,
    /// Days.
    pub days: Statistic,
}

/// The rate risk of a bond.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BondRisk {
    /// Its symbol.
    pub symbol: String,
    /// The yield its price implies.
    pub yield_: Statistic,
    /// Modified duration in years.
    pub duration: Statistic,
    /// Convexity in years squared.
    pub convexity: Statistic,
    /// Change of its value for a yield one basis point lower, in base currency. The credit spread is part of the yield, so
    /// that it is the change for a spread one basis point tighter, too.
    pub dv01: Amount,
}

/// The sensitivities of an option in base currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionRisk {
    /// Its symbol.
    pub symbol: String,
    /// The volatility its price implies.
    pub volatility: Statistic,
    /// The value of the underlying that moves alike.
    pub delta: Amount,
    /// The change of that for an underlying one percent higher.
    pub gamma: Amount,
    /// For a volatility one point higher.
    pub vega: Amount,
    /// For a day that passes.
    pub theta: Amount,
    /// For a rate of interest one percentage point higher.
    pub rho: Amount,
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
