//! Explain: from a figure to its inputs and formula, and back to the figure.

use apex_domain::{AccountId, InstrumentId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    View,
    attribution::{AttributionSettings, EffectName},
    backtest::Backtest,
    call::call,
    optimizer::RunOptimizer,
    scenario::Scenario,
};

/// Asks where a figure comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explain {
    /// Which portfolio, when.
    pub view: View,
    /// Which figure.
    pub figure: FigureName,
}
call!(Explain => Explanation, "explain");

/// A figure on screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "figure")]
#[allow(missing_docs)]
pub enum FigureName {
    Nav,
    /// Profit since the close of the day before `since`'s period: `day`, `month` or `year`.
    PeriodPnl {
        period: String,
    },
    CashTotal,
    MarketValue {
        instrument: InstrumentId,
        account: AccountId,
    },
    Cost {
        instrument: InstrumentId,
        account: AccountId,
    },
    Unrealized {
        instrument: InstrumentId,
        account: AccountId,
    },
    Weight {
        instrument: InstrumentId,
        account: AccountId,
    },
    Twr {
        from: Option<Date>,
    },
    Mwr {
        from: Option<Date>,
    },
    /// A statistic of the tear sheet by its key.
    Statistic {
        key: String,
        from: Option<Date>,
    },
    Var {
        method: String,
        level: f64,
        horizon: u32,
        window: usize,
    },
    ExpectedShortfall {
        method: String,
        level: f64,
        horizon: u32,
        window: usize,
    },
    CashBalance {
        account: AccountId,
        currency: apex_domain::Currency,
    },
    GrossExposure,
    NetExposure,
    Contribution {
        instrument: InstrumentId,
        from: Option<Date>,
    },
    /// An effect of one segment of an attribution.
    SegmentEffect {
        settings: Box<AttributionSettings>,
        segment: String,
        effect: EffectName,
    },
    /// What a scenario does to the book, or to one line of it by its symbol.
    ScenarioResult {
        scenario: Box<Scenario>,
        line: Option<String>,
    },
    /// A figure of the weights that the Optimizer chose.
    Chosen {
        ask: Box<RunOptimizer>,
        of: ChosenFigure,
    },
    /// A statistic of a backtest by its key.
    BacktestStatistic {
        backtest: Box<Backtest>,
        key: String,
    },
}

/// A figure of chosen weights, a year but for the shortfall, which is of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ChosenFigure {
    Mean,
    Volatility,
    Sharpe,
    Shortfall,
}

/// How a figure comes about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What it is, such as `Market value of KO in Main`.
    pub title: String,
    /// The figure as shown.
    pub shown: String,
    /// The figure computed again from the inputs listed here, or why that cannot be.
    pub recomputed: String,
    /// Whether both agree.
    pub agrees: bool,
    /// Formula in words and symbols.
    pub formula: String,
    /// Conventions: what is counted, day count, quantile rule, ...
    pub conventions: Vec<String>,
    /// Parameters, name and value.
    pub parameters: Vec<(String, String)>,
    /// Inputs, in the order of the formula.
    pub inputs: Vec<ExplainInput>,
    /// How many inputs there are in all, where the list is cut.
    pub inputs_total: usize,
    /// Published source of the method.
    pub source: String,
    /// Engine version.
    pub engine: String,
}

/// One input of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainInput {
    /// What it is, such as `price of KO`.
    pub label: String,
    /// Its value, full precision.
    pub value: String,
    /// Unit or currency.
    pub unit: String,
    /// The day it holds for.
    pub date: Option<Date>,
    /// Where it came from.
    pub source: String,
    /// The figure behind it, where one can drill further.
    pub behind: Option<FigureName>,
}
