//! Risk of the scratch copy: the kept returns of the book, and the holdings that are edited on top.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use apex_analytics::measure::relative::{beta, tracking_error};
use apex_analytics::measure::volatility;
use apex_analytics::returns::{WeightChange, reweighted, weighted_daily};
use apex_analytics::var::{VarMethod, value_at_risk};
use apex_domain::Decimal;
use apex_wire::{Amount, Figure, Statistic};
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::risk::{
    Part, RETURNS_MIN, RiskBook, closing_days, left_out_sentence, price_column, rate_column, returns_in_base, settings,
    symbol,
};
use crate::track::splits;

/// Returns in base currency, or why there are none.
type Column = Result<Vec<f64>, String>;

/// The book of a day over a window of the past, its result of every day added up.
#[derive(Debug)]
pub(crate) struct RiskKept {
    pub(super) window: usize,
    /// The instruments the days were taken from besides those held.
    pub(super) others: Vec<Part>,
    closes: Vec<Date>,
    book: RiskBook,
    /// Where the columns of the book stand.
    places: BTreeMap<Part, usize>,
    /// The book's return of every day.
    total: Vec<f64>,
    /// The benchmark's return in base currency of every day.
    benchmark: Column,
    /// Columns of what is not in the book.
    columns: Mutex<BTreeMap<Part, Arc<Column>>>,
}

/// A part with another value than in the book.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartChange {
    pub(super) part: Part,
    pub(super) before: Decimal,
    pub(super) after: Decimal,
}

/// The risk figures of one book, shares of its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RiskFigures {
    pub(super) var: Statistic,
    pub(super) es: Statistic,
    pub(super) volatility: Statistic,
    pub(super) tracking_error: Statistic,
    pub(super) beta: Statistic,
}

impl RiskKept {
    pub(super) fn of(fold: &PortfolioFold, window: usize, others: &[Part]) -> Result<Self> {
        let values = fold.what_if().values(fold).clone();
        let parts = values.keys().chain(others).copied();
        let closes = closing_days(fold, parts, window.saturating_add(1));
        let book = RiskBook::over(fold, values, &BTreeSet::new(), &closes);
        let places = book.positions.iter().enumerate();
        let places = places.map(|(at, position)| (position.part, at)).collect();
        let total = if book.positions.is_empty() {
            vec![0.0; closes.len().saturating_sub(1)]
        } else {
            weighted_daily(&book.weights(), &book.columns())?
        };
        let benchmark = match fold.portfolio().benchmark {
            Some(id) => {
                column(fold, Part::Instrument(id), &closes).map_err(|because| format!("{}: {because}", fold.symbol(id)))
            }
            None => Err("the portfolio has no benchmark".to_owned()),
        };
        Ok(Self {
            window,
            others: others.to_vec(),
            closes,
            book,
            places,
            total,
            benchmark,
            columns: Mutex::default(),
        })
    }

    /// First and last day of the returns, and how many there are.
    pub(super) fn days(&self) -> (Option<(Date, Date)>, usize) {
        let days = self.closes.get(1..).unwrap_or_default();
        (days.first().copied().zip(days.last().copied()), days.len())
    }

    /// The figures of the book, and what they leave out.
    pub(super) fn before(&self, level: f64, horizon: usize) -> Result<(RiskFigures, Vec<String>)> {
        let returns = match self.book.because() {
            Some(because) => Err(because),
            None => Ok(self.total.clone()),
        };
        Ok((self.figures(&returns, level, horizon)?, self.book.left_out.clone()))
    }

    /// The figures of the book with other values of some parts, and what they leave out.
    pub(super) fn after(
        &self,
        fold: &PortfolioFold,
        changes: &[PartChange],
        nav: (&Amount, &Amount),
        (level, horizon): (f64, usize),
    ) -> Result<(RiskFigures, Vec<String>)> {
        let mut left_out = self.book.left_out.clone();
        let returns = self.returns_after(fold, changes, nav, &mut left_out)?;
        left_out.sort();
        Ok((self.figures(&returns, level, horizon)?, left_out))
    }

    fn returns_after(
        &self,
        fold: &PortfolioFold,
        changes: &[PartChange],
        (nav_before, nav_after): (&Amount, &Amount),
        left_out: &mut Vec<String>,
    ) -> Result<Column> {
        let positive = |nav: &Amount| match nav {
            Figure::Known(nav) if *nav > Decimal::ZERO => Ok(*nav),
            Figure::Known(nav) => Err(format!("the net asset value is {nav}, not above zero")),
            Figure::Unavailable(because) => Err(because.clone()),
        };
        let (before, after) = match (positive(nav_before), positive(nav_after)) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(because), _) | (_, Err(because)) => return Ok(Err(because)),
        };
        let mut columns: Vec<(f64, Arc<Column>)> = Vec::new();
        let mut steps: Vec<WeightChange<'_>> = Vec::new();
        let mut held = self.places.len();
        for change in changes {
            let share = share(change.after - change.before, before);
            if let Some(position) = self
                .places
                .get(&change.part)
                .and_then(|at| self.book.positions.get(*at))
            {
                held -= usize::from(change.after.is_zero());
                steps.push(WeightChange {
                    change: share,
                    returns: &position.returns,
                });
                continue;
            }
            let name = symbol(fold, change.part);
            left_out.retain(|line| !line.starts_with(&format!("{name}, ")) && !line.starts_with(&format!("{name}: ")));
            if change.after.is_zero() {
                continue;
            }
            let column = self.column(fold, change.part);
            match column.as_ref() {
                Ok(_) => {
                    held += 1;
                    columns.push((share, column));
                }
                Err(because) => left_out.push(left_out_sentence(&name, self::share(change.after, after), because)),
            }
        }
        if held == 0 {
            let because = if left_out.is_empty() {
                "nothing is held whose value can move"
            } else {
                "nothing that is held has a history to measure it by"
            };
            return Ok(Err(because.to_owned()));
        }
        if self.total.len() < RETURNS_MIN {
            let count = self.total.len();
            return Ok(Err(format!("daily returns are {count}; {RETURNS_MIN} are the fewest")));
        }
        for (share, column) in &columns {
            if let Ok(returns) = column.as_ref() {
                steps.push(WeightChange {
                    change: *share,
                    returns,
                });
            }
        }
        let scale = if before == after { 1.0 } else { share(before, after) };
        Ok(Ok(reweighted(&self.total, &steps, scale)?))
    }

    /// Returns the column of a part that is not in the book.
    fn column(&self, fold: &PortfolioFold, part: Part) -> Arc<Column> {
        let known = || self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(column) = known().get(&part) {
            return column.clone();
        }
        let made = Arc::new(column(fold, part, &self.closes));
        known().insert(part, made.clone());
        made
    }

    fn figures(&self, returns: &Column, level: f64, horizon: usize) -> Result<RiskFigures> {
        let returns = match returns {
            Ok(returns) => returns,
            Err(because) => {
                let nothing = || Figure::Unavailable(because.clone());
                return Ok(RiskFigures {
                    var: nothing(),
                    es: nothing(),
                    volatility: nothing(),
                    tracking_error: nothing(),
                    beta: nothing(),
                });
            }
        };
        let (var, es) = if horizon >= returns.len() {
            let because = format!(
                "a horizon of {} needs more than {}",
                apex_format::counted(horizon as u64, "day"),
                apex_format::counted(returns.len() as u64, "daily return")
            );
            (Figure::Unavailable(because.clone()), Figure::Unavailable(because))
        } else {
            // The book as one asset of weight 1: the same figures, without the parts that nobody asked for.
            let settings = settings(VarMethod::Historical, level, horizon);
            let found = value_at_risk(&[1.0], &[returns], &settings)?;
            (Figure::Known(found.var), Figure::Known(found.es))
        };
        let beside = |measure: fn(&[f64], &[f64]) -> Option<f64>, what: &str| match &self.benchmark {
            Ok(benchmark) => Figure::or_because(measure(returns, benchmark), || {
                format!("{what} is undefined: the benchmark never moves in the window")
            }),
            Err(because) => Figure::Unavailable(because.clone()),
        };
        Ok(RiskFigures {
            var,
            es,
            volatility: Figure::or_because(volatility::annualized(returns), || {
                "volatility is undefined for these returns".to_owned()
            }),
            tracking_error: beside(tracking_error, "the tracking error"),
            beta: beside(beta, "beta"),
        })
    }
}

/// Returns the returns of a part in base currency, between closes.
fn column(fold: &PortfolioFold, part: Part, closes: &[Date]) -> Column {
    let (prices, currency) = match part {
        Part::Cash(currency) => (vec![1.0; closes.len()], currency),
        Part::Instrument(id) => {
            let currency = fold.instrument(id).ok_or("it is not in the book")?.currency;
            (price_column(fold, id, splits(fold).get(&id), closes)?, currency)
        }
    };
    Ok(returns_in_base(&prices, &rate_column(fold, currency, closes)?))
}

fn share(part: Decimal, whole: Decimal) -> f64 {
    part.checked_div(whole).and_then(|share| share.to_f64()).unwrap_or(0.0)
}
