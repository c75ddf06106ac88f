//! The Scenario lab: what the current book would gain or lose, if.
//!
//! A [`Scenario`] is a document, the same on the page, in a `.toml` file and in the book; its field names are a contract.
//! Changes are in percent and shifts in basis points, as people say them: `change_percent = -10.0` is a tenth less.

pub mod horizon;

use std::collections::BTreeMap;

use apex_domain::{Currency, InstrumentId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::call::call;
use crate::limit::LimitCheck;
use crate::{Amount, Statistic, View};

/// A named set of shocks, or a stretch of the past to be lived through again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, unique in a book.
    pub name: String,
    /// What it stands for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The stretch of the past whose moves today's book is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// The shocks, besides.
    #[serde(default, rename = "shock", skip_serializing_if = "Vec::is_empty")]
    pub shocks: Vec<Shock>,
    /// How what is not shocked answers.
    #[serde(default)]
    pub rest: Rest,
    /// Daily returns from which betas and covariances are taken.
    #[serde(default = "window_usual")]
    pub window: usize,
    /// Whose moves stand for those of a holding without history: symbol of the holding to symbol of the proxy.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub proxies: BTreeMap<String, String>,
    /// The interest rate that options are priced with, in percent a year, continuously compounded.
    #[serde(default)]
    pub interest_percent: f64,
    /// How the book lives on after the shocks, where that is simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<horizon::HorizonPlan>,
}

/// Two years of returns.
pub const WINDOW_USUAL: usize = 504;

fn window_usual() -> usize {
    WINDOW_USUAL
}

impl Scenario {
    /// Makes a scenario without shocks.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            note: String::new(),
            replay: None,
            shocks: Vec::new(),
            rest: Rest::Still,
            window: WINDOW_USUAL,
            proxies: BTreeMap::new(),
            interest_percent: 0.0,
            horizon: None,
        }
    }
}

/// How holdings that no shock names answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They stay as they are.
    #[default]
    Still,
    /// They do what is most likely, given the shocks and the covariance of the window.
    Likely,
}

/// A stretch of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The close it starts from.
    pub from: Date,
    /// The close it ends with.
    pub until: Date,
}

/// One shock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Shock {
    /// Prices change, in the currency they are quoted in. Where several match, the narrowest counts.
    Price {
        /// Whose prices.
        of: Selection,
        /// The change in percent.
        change_percent: f64,
    },
    /// An index or any other instrument moves, and holdings follow by their beta on it.
    Factor {
        /// The symbol of what moves.
        symbol: String,
        /// The change in percent.
        change_percent: f64,
    },
    /// Interest rates shift, for bonds and options of one currency or of all.
    Rates {
        /// Whose rates; all where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<Currency>,
        /// The shift at terms in years, straight between them and level outside: one point is a parallel shift.
        points: Vec<RatePoint>,
    },
    /// Credit spreads of bonds shift.
    Spread {
        /// Whose spreads.
        of: Selection,
        /// The shift in basis points.
        shift_bp: f64,
    },
    /// Implied volatilities shift.
    Volatility {
        /// Of options on what.
        of: Selection,
        /// The shift in points: 5 takes 20% to 25%.
        shift_points: f64,
    },
    /// A currency changes against the portfolio's.
    Currency {
        /// The currency; every other than the portfolio's where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<Currency>,
        /// The change in percent.
        change_percent: f64,
    },
}

/// A shift of interest rates at one term.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatePoint {
    /// The term in years.
    pub years: f64,
    /// The shift in basis points.
    pub shift_bp: f64,
}

/// Which instruments a shock is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// All of them.
    All,
    /// One, by symbol.
    Symbol(String),
    /// Those of a sector.
    Sector(String),
    /// Those of a country, by its code.
    Country(String),
    /// Those of a kind, such as `equity`.
    Kind(String),
    /// Those quoted in a currency.
    Currency(Currency),
}

/// Asks for the scenarios: those that come with the program, then the book's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetScenarios {}
call!(GetScenarios => Vec<ScenarioEntry>, "get_scenarios");

/// A scenario one can run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioEntry {
    /// The document.
    pub scenario: Scenario,
    /// The version in the book; 0 for one that comes with the program.
    pub version: u64,
}

/// Keeps a scenario in the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveScenario {
    /// The document.
    pub scenario: Scenario,
    /// The version the edit is based on; 0 for a new one.
    pub base_version: u64,
}
call!(SaveScenario => u64, "save_scenario");

/// Removes a scenario from the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoveScenario {
    /// Its name.
    pub name: String,
    /// The version it has.
    pub base_version: u64,
}
call!(RemoveScenario => (), "remove_scenario");

/// Runs scenarios on the current book, side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunScenarios {
    /// Which portfolio, when.
    pub view: View,
    /// The scenarios, 48 at most.
    pub scenarios: Vec<Scenario>,
    /// Whether the lines of each holding are wanted, and not only the sums.
    pub with_lines: bool,
}
call!(RunScenarios => ScenarioRuns, "run_scenarios");

/// What became of the book in each scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioRuns {
    /// The day it holds for.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// The value before.
    pub nav: Amount,
    /// One for each scenario, in the order asked for.
    pub runs: Vec<ScenarioRun>,
}

/// What became of the book in one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioRun {
    /// The scenario's name.
    pub name: String,
    /// Gain or loss, base currency.
    pub profit: Amount,
    /// The same as a share of NAV.
    pub share: Statistic,
    /// What each holding gains or loses, largest loss first; they add up to the whole. Empty where only sums are wanted.
    pub lines: Vec<ScenarioLine>,
    /// The same by sector, by currency, by price and currency, and, with the lines, by factor; each dimension adds up to
    /// the whole.
    pub groups: Vec<ScenarioGroup>,
    /// The limits of the portfolio before and after, by name.
    pub limits: Vec<LimitCheck>,
    /// What was assumed, one sentence each: betas, proxies, what the window is.
    pub notes: Vec<String>,
    /// Holdings that could not be revalued, one sentence each; they count as unchanged.
    pub left_out: Vec<String>,
}

/// One holding in a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioLine {
    /// The instrument; none for cash in another currency.
    pub instrument: Option<InstrumentId>,
    /// Its symbol.
    pub symbol: String,
    /// Market value before, base currency.
    pub before: Amount,
    /// Market value after.
    pub after: Amount,
    /// Gain or loss.
    pub profit: Amount,
    /// The same as a share of NAV.
    pub share: Statistic,
    /// The part by its price.
    pub by_price: Amount,
    /// The part by its currency.
    pub by_currency: Amount,
    /// The part by both together.
    pub by_both: Amount,
    /// The change of its own price.
    pub price_change: Statistic,
    /// The change of its currency.
    pub currency_change: Statistic,
    /// By what rule it moved: `beta 1.12 on SP500`, `repriced, volatility 24.1%`.
    pub how: String,
}

/// A part of the result.
///
/// By factor, what moved a holding alone (all other shocks at zero) is its part, and what the shocks do only together is
/// shared among them in proportion to the size of what each does alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioGroup {
    /// `sector`, `currency`, `effect` or `factor`.
    pub dimension: String,
    /// The group in it.
    pub name: String,
    /// Gain or loss.
    pub profit: Amount,
    /// The net asset value after this group and those before it in the same dimension.
    pub level: Amount,
    /// The same as a share of NAV.
    pub share: Statistic,
}

/// Asks for the most plausible move of the holdings that loses a share of the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetReverseStress {
    /// Which portfolio, when.
    pub view: View,
    /// The loss as a share of NAV, above 0.
    pub loss: f64,
    /// Daily returns the covariance is taken from.
    pub window: usize,
    /// Days the move takes; the covariance grows with them.
    pub horizon: u32,
}
call!(GetReverseStress => ReverseStress, "get_reverse_stress");

/// The most plausible move that loses a given share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReverseStress {
    /// The loss in base currency.
    pub loss: Amount,
    /// How far it lies from what is usual, in standard deviations of the book over the horizon.
    pub distance: Statistic,
    /// The move of each holding in base currency, largest loss first; the parts add up to the loss.
    pub moves: Vec<ReverseMove>,
    /// Holdings left out for want of history, one sentence each.
    pub left_out: Vec<String>,
}

/// The move of one holding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReverseMove {
    /// Its symbol.
    pub symbol: String,
    /// Its return in base currency.
    pub change: f64,
    /// What it adds to the book's return.
    pub part: f64,
    /// The part in base currency.
    pub amount: Amount,
}
