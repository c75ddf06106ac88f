//! Explain: where a figure comes from, and the figure computed again from the inputs that are listed.
//!
//! The second computation is a small one of its own: it adds, multiplies and sorts the listed inputs and never asks the
//! path that made the figure. Money agrees to the last digit shown, statistics to 1e-12.
//!
//! `explain/` has a part for each family: amounts of the ledger, returns, statistics, what could be lost, effects of an
//! attribution, results of a scenario, and figures of chosen weights.

mod amounts;
mod chosen;
mod effects;
mod returns;
mod scenarios;
mod statistics;
mod tails;

use apex_domain::Currency;
use apex_wire::explain::{Explain, ExplainInput, Explanation, FigureName};
use apex_wire::{Failure, Figure};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::App;
use crate::error::Result;
use crate::fold::PortfolioFold;

/// Inputs listed; `inputs_total` tells how many there are.
const INPUTS_MAX: usize = 400;
/// How far two computations of a statistic may be apart, relative to its size and at least this much.
const TOLERANCE: f64 = 1e-12;

impl App {
    /// Returns where a figure comes from.
    ///
    /// # Errors
    /// When no book is open, or the portfolio, the holding or the statistic does not exist.
    pub fn explain(&self, ask: Explain) -> Result<Explanation, Failure> {
        let fold = self.fold(ask.view)?;
        let found = explained(&fold, &ask.figure)?;
        Ok(found.finish(self.engine()))
    }
}

fn explained(fold: &PortfolioFold, figure: &FigureName) -> Result<Explained> {
    match figure {
        FigureName::Nav => Ok(amounts::nav(fold)),
        FigureName::PeriodPnl { period } => amounts::period_pnl(fold, period),
        FigureName::CashTotal => Ok(amounts::cash_total(fold)),
        FigureName::MarketValue { instrument, account } => amounts::market_value(fold, *instrument, *account),
        FigureName::Cost { instrument, account } => amounts::cost(fold, *instrument, *account),
        FigureName::Unrealized { instrument, account } => amounts::unrealized(fold, *instrument, *account),
        FigureName::Weight { instrument, account } => amounts::weight(fold, *instrument, *account),
        FigureName::CashBalance { account, currency } => amounts::cash_balance(fold, *account, *currency),
        FigureName::GrossExposure => Ok(amounts::exposure(fold, true)),
        FigureName::NetExposure => Ok(amounts::exposure(fold, false)),
        FigureName::Twr { from } => returns::twr(fold, *from),
        FigureName::Mwr { from } => returns::mwr(fold, *from),
        FigureName::Contribution { instrument, from } => returns::contribution_of(fold, *instrument, *from),
        FigureName::Statistic { key, from } => statistics::statistic(fold, key, *from),
        FigureName::SegmentEffect {
            settings,
            segment,
            effect,
        } => effects::effect(fold, settings, segment, *effect),
        FigureName::ScenarioResult { scenario, line: None } => scenarios::total(fold, scenario),
        FigureName::ScenarioResult {
            scenario,
            line: Some(symbol),
        } => scenarios::line(fold, scenario, symbol),
        FigureName::Chosen { ask, of } => chosen::figure(fold, ask, *of),
        FigureName::BacktestStatistic { backtest, key } => statistics::of_backtest(fold, backtest, key),
        FigureName::Var {
            method,
            level,
            horizon,
            window,
        } => tails::tail(
            fold,
            &tails::Asked {
                method,
                level: *level,
                horizon: *horizon,
                window: *window,
                shortfall: false,
            },
        ),
        FigureName::ExpectedShortfall {
            method,
            level,
            horizon,
            window,
        } => tails::tail(
            fold,
            &tails::Asked {
                method,
                level: *level,
                horizon: *horizon,
                window: *window,
                shortfall: true,
            },
        ),
    }
}

/// A figure, as it is shown and as it is computed again.
enum Twice {
    /// Money of a currency: equal to the last digit.
    Money(Currency, Figure<Decimal>, Figure<Decimal>),
    /// A statistic: equal to [`TOLERANCE`].
    Number(Shape, Figure<f64>, Figure<f64>),
}

/// How a statistic is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A share, written in percent.
    Percent,
    /// A plain number.
    Plain,
    /// A number of days.
    Days,
}

/// An explanation before it is put into words.
struct Explained {
    title: String,
    twice: Twice,
    formula: String,
    conventions: Vec<String>,
    parameters: Vec<(String, String)>,
    inputs: Vec<ExplainInput>,
    inputs_total: usize,
    source: &'static str,
}

impl Explained {
    fn new(title: impl Into<String>, twice: Twice, formula: impl Into<String>, source: &'static str) -> Self {
        Self {
            title: title.into(),
            twice,
            formula: formula.into(),
            conventions: Vec::new(),
            parameters: Vec::new(),
            inputs: Vec::new(),
            inputs_total: 0,
            source,
        }
    }

    fn convention(mut self, sentence: impl Into<String>) -> Self {
        self.conventions.push(sentence.into());
        self
    }

    fn conventions(mut self, sentences: impl IntoIterator<Item = String>) -> Self {
        self.conventions.extend(sentences);
        self
    }

    fn parameter(mut self, name: &str, value: impl ToString) -> Self {
        self.parameters.push((name.to_owned(), value.to_string()));
        self
    }

    /// Lists the inputs; of a long list its last part, which is the latest.
    fn inputs(mut self, mut inputs: Vec<ExplainInput>) -> Self {
        self.inputs_total = inputs.len();
        inputs.drain(..inputs.len().saturating_sub(INPUTS_MAX));
        self.inputs = inputs;
        self
    }

    fn finish(self, engine: &str) -> Explanation {
        let (shown, recomputed, agrees) = self.twice.words();
        Explanation {
            title: self.title,
            shown,
            recomputed,
            agrees,
            formula: self.formula,
            conventions: self.conventions,
            parameters: self.parameters,
            inputs: self.inputs,
            inputs_total: self.inputs_total,
            source: self.source.to_owned(),
            engine: engine.to_owned(),
        }
    }
}

impl Twice {
    fn words(&self) -> (String, String, bool) {
        match self {
            Self::Money(currency, shown, again) => {
                let word = |figure: &Figure<Decimal>| match figure {
                    Figure::Known(amount) => apex_format::money_with_code(*amount, currency.code()).to_string(),
                    Figure::Unavailable(because) => format!("unavailable: {because}"),
                };
                let agrees = match (shown, again) {
                    (Figure::Known(shown), Figure::Known(again)) => shown == again,
                    (Figure::Unavailable(_), Figure::Unavailable(_)) => true,
                    _ => false,
                };
                (word(shown), word(again), agrees)
            }
            Self::Number(shape, shown, again) => {
                let word = |figure: &Figure<f64>| match figure {
                    Figure::Known(value) => shape.write(*value),
                    Figure::Unavailable(because) => format!("unavailable: {because}"),
                };
                let agrees = match (shown, again) {
                    (Figure::Known(shown), Figure::Known(again)) => close(*shown, *again),
                    (Figure::Unavailable(_), Figure::Unavailable(_)) => true,
                    _ => false,
                };
                (word(shown), word(again), agrees)
            }
        }
    }
}

impl Shape {
    fn write(self, value: f64) -> String {
        match self {
            Self::Percent => apex_format::percent(value, 6).to_string(),
            Self::Plain => apex_format::fixed(value, 8).to_string(),
            Self::Days => format!("{value} days"),
        }
    }
}

/// Whether two computations of a statistic agree.
fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= TOLERANCE * left.abs().max(right.abs()).max(1.0)
}

/// An input that stands on its own.
fn input(label: impl Into<String>, value: impl ToString, unit: impl ToString) -> ExplainInput {
    ExplainInput {
        label: label.into(),
        value: value.to_string(),
        unit: unit.to_string(),
        date: None,
        source: String::new(),
        behind: None,
    }
}

/// What one can still say of an input.
trait Told {
    fn on(self, date: Date) -> Self;
    fn by(self, source: impl Into<String>) -> Self;
    fn opening(self, figure: FigureName) -> Self;
}

impl Told for ExplainInput {
    fn on(mut self, date: Date) -> Self {
        self.date = Some(date);
        self
    }

    fn by(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    fn opening(mut self, figure: FigureName) -> Self {
        self.behind = Some(figure);
        self
    }
}

/// The value of a figure for a list of inputs: the number, or why there is none.
fn shown<T: ToString>(figure: &Figure<T>) -> String {
    match figure {
        Figure::Known(value) => value.to_string(),
        Figure::Unavailable(because) => format!("unavailable: {because}"),
    }
}
