//! How far each price and each currency moves in a scenario, and by what rule.

use std::collections::{BTreeMap, BTreeSet};

use apex_analytics::scenario::conditional::likely_moves;
use apex_domain::{Currency, Instrument, InstrumentId, Terms};
use apex_wire::scenario::{RatePoint, Rest, Scenario, Selection, Shock};

use super::history::Past;
use super::reprice;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::risk::Part;

/// A relative change, and the rule it follows from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) change: f64,
    pub(super) how: Vec<String>,
    /// Whose prices stand in for its own, where another's do.
    pub(super) proxy: Option<String>,
}

impl Change {
    fn none() -> Self {
        Self {
            change: 0.0,
            how: Vec::new(),
            proxy: None,
        }
    }

    /// Lets another change follow this one: changes compound.
    fn and(&mut self, change: f64, how: String) {
        self.change = (1.0 + self.change) * (1.0 + change) - 1.0;
        self.how.push(how);
    }
}

/// A change that shocks imply, the rule, and whose prices stand in.
type Implied = (f64, String, Option<String>);

/// The moves of one scenario on one book.
pub(super) struct Moves<'a> {
    fold: &'a PortfolioFold,
    scenario: &'a Scenario,
    past: Past<'a>,
    /// What shocks imply for prices that no shock names, or why that cannot be said.
    implied: BTreeMap<InstrumentId, Result<Implied, String>>,
    /// The same for currencies.
    implied_currencies: BTreeMap<Currency, Result<f64, String>>,
    /// How far the shocks lie from none, in standard deviations of one day.
    distance: Option<f64>,
}

impl<'a> Moves<'a> {
    pub(super) fn of(fold: &'a PortfolioFold, scenario: &'a Scenario, parts: &[Part]) -> Result<Self> {
        let mut moves = Self {
            fold,
            scenario,
            past: Past::of(fold, scenario, parts.iter().copied()),
            implied: BTreeMap::new(),
            implied_currencies: BTreeMap::new(),
            distance: None,
        };
        moves.imply(parts)?;
        Ok(moves)
    }

    pub(super) fn past(&self) -> &Past<'a> {
        &self.past
    }

    /// How far the shocks lie from none, in standard deviations of one day, where the rest was inferred from them.
    pub(super) fn distance(&self) -> Option<f64> {
        self.distance
    }

    /// Works out what the shocks imply for everything that none of them names.
    fn imply(&mut self, parts: &[Part]) -> Result<()> {
        let likely = self.scenario.rest == Rest::Likely;
        if !likely
            && !self
                .scenario
                .shocks
                .iter()
                .any(|shock| matches!(shock, Shock::Factor { .. }))
        {
            // Nothing follows from anything, so no history has to be looked at.
            return Ok(());
        }
        let mut shocked: Vec<(Vec<f64>, f64)> = Vec::new();
        let mut factors: Vec<(String, f64)> = Vec::new();
        for shock in &self.scenario.shocks {
            let Shock::Factor { symbol, change_percent } = shock else {
                continue;
            };
            let factor = self.past.named(symbol)?;
            let (returns, _) = self
                .past
                .returns(factor)
                .map_err(|because| AppError::field("symbol", format!("{symbol} cannot drive a scenario: {because}")))?;
            shocked.push((returns, change_percent / 100.0));
            factors.push((symbol.clone(), change_percent / 100.0));
        }
        let (instruments, currencies) = self.moved(parts);
        let mut others: Vec<(&'a Instrument, Vec<f64>, Option<String>)> = Vec::new();
        for instrument in instruments {
            let direct = self.direct(instrument);
            if direct.is_some() && !likely {
                continue;
            }
            match (self.past.returns(instrument), direct) {
                (Ok((returns, _)), Some(change)) => shocked.push((returns, change.change)),
                (Ok((returns, proxy)), None) => others.push((instrument, returns, proxy)),
                (Err(because), None) => {
                    self.implied.insert(instrument.id, Err(because));
                }
                (Err(_), Some(_)) => {}
            }
        }
        let mut other_currencies: Vec<(Currency, Vec<f64>)> = Vec::new();
        for currency in currencies.into_iter().filter(|_| likely) {
            match (self.past.currency_returns(currency), self.direct_currency(currency)) {
                (Ok(returns), Some((change, _))) => shocked.push((returns, change)),
                (Ok(returns), None) => other_currencies.push((currency, returns)),
                (Err(because), None) => {
                    self.implied_currencies.insert(currency, Err(because));
                }
                (Err(_), Some(_)) => {}
            }
        }
        // A series that never moved in the window explains nothing.
        shocked.retain(|(returns, _)| returns.iter().any(|value| *value != 0.0));
        if shocked.is_empty() {
            self.implied.clear();
            self.implied_currencies.clear();
            return Ok(());
        }
        let columns: Vec<&[f64]> = shocked.iter().map(|(returns, _)| returns.as_slice()).collect();
        let sizes: Vec<f64> = shocked.iter().map(|(_, change)| *change).collect();
        let rest: Vec<&[f64]> = others
            .iter()
            .map(|(_, returns, _)| returns.as_slice())
            .chain(other_currencies.iter().map(|(_, returns)| returns.as_slice()))
            .collect();
        let answer = likely_moves(&columns, &sizes, &rest).map_err(|err| AppError::field("shock", err.to_string()))?;
        self.distance = Some(answer.distance);
        let mut moves = answer.moves.into_iter();
        for ((instrument, _, proxy), change) in others.into_iter().zip(&mut moves) {
            // Nothing loses more than everything, whatever a straight line says.
            let change = change.max(-1.0);
            let how = inferred(&factors, shocked.len(), change, proxy.as_deref());
            self.implied.insert(instrument.id, Ok((change, how, proxy)));
        }
        for ((currency, _), change) in other_currencies.into_iter().zip(moves) {
            self.implied_currencies.insert(currency, Ok(change.max(-1.0)));
        }
        Ok(())
    }

    /// The instruments whose prices move by themselves (an option follows its underlying), and the currencies.
    fn moved(&self, parts: &[Part]) -> (Vec<&'a Instrument>, BTreeSet<Currency>) {
        let base = self.fold.currency();
        let (mut ids, mut currencies) = (BTreeSet::new(), BTreeSet::new());
        for part in parts {
            match part {
                Part::Cash(currency) => {
                    currencies.insert(*currency);
                }
                Part::Instrument(id) => {
                    let Some(instrument) = self.fold.instrument(*id) else {
                        continue;
                    };
                    currencies.insert(instrument.currency);
                    match instrument.terms {
                        Terms::Option { underlying, .. } => ids.insert(underlying),
                        _ => ids.insert(*id),
                    };
                }
            }
        }
        currencies.remove(&base);
        (
            ids.into_iter().filter_map(|id| self.fold.instrument(id)).collect(),
            currencies,
        )
    }

    /// Returns the change of an instrument's price in its own currency, or why it cannot be said.
    pub(super) fn price(&self, instrument: &'a Instrument) -> Result<Change, String> {
        let mut change = match &instrument.terms {
            Terms::Option { underlying, .. } => {
                let underlying = self
                    .fold
                    .instrument(*underlying)
                    .ok_or("its underlying is not in the book")?;
                let moved = self.own_price(underlying)?;
                return reprice::option(self, instrument, underlying, moved);
            }
            _ => self.own_price(instrument)?,
        };
        if let Terms::Bond { .. } = instrument.terms {
            let (points, spread_bp) = (self.rate_points(instrument.currency), self.spread_bp(instrument));
            if points.is_some() || spread_bp != 0.0 {
                let shift = |years: f64| (points.map_or(0.0, |points| shift_at(points, years)) + spread_bp) / 1e4;
                let (moved, how) = reprice::bond(self.fold, instrument, shift)?;
                change.and(moved, how);
            }
        }
        Ok(change)
    }

    /// The change of a price by the past and by shocks of prices and factors, before anything is priced by a model.
    fn own_price(&self, instrument: &'a Instrument) -> Result<Change, String> {
        let mut change = Change::none();
        if let Some(replay) = self.scenario.replay {
            let past = self.past.change(instrument, replay)?;
            change.and(past.change, past.how);
            change.proxy = past.proxy;
        }
        if let Some(direct) = self.direct(instrument) {
            change.and(direct.change, direct.how.join(", "));
        } else if let Some(implied) = self.implied.get(&instrument.id) {
            let (moved, how, proxy) = implied.clone()?;
            change.and(moved, how);
            change.proxy = change.proxy.or(proxy);
        }
        Ok(change)
    }

    /// Returns the change of a currency against the portfolio's, or why it cannot be said.
    pub(super) fn currency(&self, currency: Currency) -> Result<Change, String> {
        let mut change = Change::none();
        if currency == self.fold.currency() {
            return Ok(change);
        }
        if let Some(replay) = self.scenario.replay {
            let moved = self.past.currency_change(currency, replay)?;
            change.and(moved, format!("{currency} as it was"));
        }
        if let Some((moved, how)) = self.direct_currency(currency) {
            change.and(moved, how);
        } else if let Some(implied) = self.implied_currencies.get(&currency) {
            change.and(implied.clone()?, format!("{currency} likely"));
        }
        Ok(change)
    }

    /// The change that shocks give an instrument by name: its own as a factor, else the narrowest that matches it.
    fn direct(&self, instrument: &Instrument) -> Option<Change> {
        let symbol = self.fold.symbol(instrument.id);
        let own = self.scenario.shocks.iter().rev().find_map(|shock| match shock {
            Shock::Factor {
                symbol: factor,
                change_percent,
            } if factor.eq_ignore_ascii_case(&symbol) => Some(*change_percent),
            _ => None,
        });
        let named = self.narrowest(instrument, |shock| match shock {
            Shock::Price { of, change_percent } => Some((of, *change_percent)),
            _ => None,
        });
        own.or(named).map(|percent| Change {
            change: percent / 100.0,
            how: vec![format!("shocked {percent:+}%")],
            proxy: None,
        })
    }

    fn direct_currency(&self, currency: Currency) -> Option<(f64, String)> {
        let mut found: Option<(bool, f64)> = None;
        for shock in &self.scenario.shocks {
            if let Shock::Currency {
                currency: named,
                change_percent,
            } = shock
                && named.is_none_or(|named| named == currency)
                && found.is_none_or(|(narrow, _)| named.is_some() >= narrow)
            {
                found = Some((named.is_some(), *change_percent));
            }
        }
        found.map(|(_, percent)| (percent / 100.0, format!("{currency} shocked {percent:+}%")))
    }

    /// The size of the narrowest shock that matches an instrument; of equally narrow ones the last.
    fn narrowest(
        &self,
        instrument: &Instrument,
        read: impl Fn(&'a Shock) -> Option<(&'a Selection, f64)>,
    ) -> Option<f64> {
        let mut found: Option<(u8, f64)> = None;
        for (of, size) in self.scenario.shocks.iter().filter_map(read) {
            let Some(narrowness) = self.matches(of, instrument) else {
                continue;
            };
            if found.is_none_or(|(best, _)| narrowness >= best) {
                found = Some((narrowness, size));
            }
        }
        found.map(|(_, size)| size)
    }

    /// Returns how narrowly a selection matches an instrument, where it does.
    fn matches(&self, of: &Selection, instrument: &Instrument) -> Option<u8> {
        let same = |name: &str, value: Option<&String>| value.is_some_and(|value| value.eq_ignore_ascii_case(name));
        let (hit, narrowness) = match of {
            Selection::All => (true, 0),
            Selection::Kind(kind) => (instrument.kind.as_str().eq_ignore_ascii_case(kind), 1),
            Selection::Currency(currency) => (instrument.currency == *currency, 1),
            Selection::Country(country) => (same(country, instrument.country.as_ref()), 2),
            Selection::Sector(sector) => (same(sector, instrument.sector.as_ref()), 3),
            Selection::Symbol(symbol) => (self.fold.symbol(instrument.id).eq_ignore_ascii_case(symbol), 4),
        };
        hit.then_some(narrowness)
    }

    /// The shift of implied volatility for options on an underlying, as a fraction.
    pub(super) fn volatility_shift(&self, underlying: &Instrument) -> f64 {
        let points = self.narrowest(underlying, |shock| match shock {
            Shock::Volatility { of, shift_points } => Some((of, *shift_points)),
            _ => None,
        });
        points.unwrap_or(0.0) / 100.0
    }

    /// The shift of interest rates of a currency at a term, as a fraction.
    pub(super) fn rate_shift(&self, currency: Currency, years: f64) -> f64 {
        self.rate_points(currency)
            .map_or(0.0, |points| shift_at(points, years) / 1e4)
    }

    /// The interest rate options are priced with, as a fraction.
    pub(super) fn interest(&self) -> f64 {
        self.scenario.interest_percent / 100.0
    }

    pub(super) fn fold(&self) -> &'a PortfolioFold {
        self.fold
    }

    fn spread_bp(&self, instrument: &Instrument) -> f64 {
        let shift = self.narrowest(instrument, |shock| match shock {
            Shock::Spread { of, shift_bp } => Some((of, *shift_bp)),
            _ => None,
        });
        shift.unwrap_or(0.0)
    }

    /// The shift of rates that holds for a currency: the last that names it, else the last for all.
    fn rate_points(&self, currency: Currency) -> Option<&'a [RatePoint]> {
        let of = |wanted: Option<Currency>| {
            self.scenario.shocks.iter().rev().find_map(|shock| match shock {
                Shock::Rates { currency, points } if *currency == wanted => Some(points.as_slice()),
                _ => None,
            })
        };
        of(Some(currency)).or_else(|| of(None))
    }
}

/// Words for a move that was inferred: the beta where one factor explains it.
fn inferred(factors: &[(String, f64)], shocked: usize, change: f64, proxy: Option<&str>) -> String {
    let rule = match factors {
        [(symbol, size)] if shocked == 1 && *size != 0.0 => format!("beta {:.2} on {symbol}", change / size),
        _ if factors.len() == shocked => format!("by {shocked} factors"),
        _ => "likely, given the shocks".to_owned(),
    };
    match proxy {
        Some(proxy) => format!("{rule}, with prices of {proxy}"),
        None => rule,
    }
}

/// Returns a shift in basis points at a term: straight between the points, level outside.
fn shift_at(points: &[RatePoint], years: f64) -> f64 {
    let after = points.partition_point(|point| point.years <= years);
    match (after.checked_sub(1).and_then(|at| points.get(at)), points.get(after)) {
        (Some(before), Some(next)) => {
            let part = (years - before.years) / (next.years - before.years);
            before.shift_bp + part * (next.shift_bp - before.shift_bp)
        }
        (Some(only), None) | (None, Some(only)) => only.shift_bp,
        (None, None) => 0.0,
    }
}
