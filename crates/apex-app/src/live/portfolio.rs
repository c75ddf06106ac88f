//! A portfolio at the latest prices heard: the fold's rows, those with a live price revalued, and what that does to net
//! asset value, to the day's result and to limits.
//!
//! Nothing is folded for a tick: a row is its quantity at another price, by the rules of every other page. Rates of exchange
//! are those of the fold. Prices that may only be shown enter no valuation. Only the present has live figures.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use apex_domain::split::{self, TradedPrice};
use apex_domain::valuation::in_base;
use apex_domain::{AccountId, Decimal, InstrumentId, ValuationRow};
use apex_format::percent;
use apex_wire::limit::{Limit, LimitCheck, LimitRule};
use apex_wire::quotes::{EndLive, LiveHolding, LivePortfolio, NextLive};
use apex_wire::{Amount, Failure, Figure};
use jiff::Timestamp;
use rust_decimal::prelude::ToPrimitive as _;
use tokio::time::Instant;

use super::count::Counts;
use super::venue::Venue;
use super::watcher::Watcher;
use super::watches::PATIENCE;
use crate::App;
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::grid::add;
use crate::limit::{Moved, Standing};
use crate::quotes::row::{self, LivePrice};
use crate::risk::Part;
use crate::state::State;
use crate::valuation::{to_unit, weight};

/// Figures of a portfolio are read and not watched: ten answers a second are plenty.
const EVERY: Duration = Duration::from_millis(100);

/// What one watch was told last.
#[derive(Debug, Default)]
pub(crate) struct Told {
    number: u64,
    fold: Option<Arc<PortfolioFold>>,
    venues: BTreeMap<InstrumentId, Venue>,
    counts: Counts,
    watcher: Watcher,
    holdings: BTreeMap<InstrumentId, Holding>,
    /// Limits at live prices, and when they were looked at.
    limits: Option<(Instant, Vec<String>)>,
    answered: Option<Instant>,
}

/// A holding at a live price.
#[derive(Debug, Clone)]
struct Holding {
    live: LivePrice,
    /// The value of each account's row, base currency.
    values: BTreeMap<AccountId, Amount>,
    value: Amount,
    profit: Amount,
    change_fraction: apex_wire::Statistic,
    /// What the ledger and the prices do not agree on.
    differing: BTreeSet<String>,
}

impl App {
    /// Returns a portfolio at the latest prices heard, as soon as one has changed; after a second in any case.
    ///
    /// # Errors
    /// When no book is open, or the portfolio is not in it.
    pub async fn next_live(&self, ask: NextLive) -> Result<LivePortfolio, Failure> {
        let watch = self.live.portfolios.named(&ask.watch)?;
        let turn = watch.turn.take();
        let mut told = watch.told.lock().await;
        let told = &mut *told;
        let fold = self.fold(ask.view)?;
        let state = self.state()?;
        if let Some(because) = self.why_not_live(&state, &fold) {
            let is_first = ask.after == 0 || ask.after != told.number;
            if !is_first {
                let answered = told.answered.unwrap_or_else(Instant::now);
                tokio::select! {
                    () = tokio::time::sleep_until(answered + PATIENCE) => {}
                    () = watch.turn.later(turn) => {}
                }
            }
            told.forget();
            return Ok(told.answer(&fold, self.now(), Some(because), Vec::new()));
        }
        let is_other = told.fold.as_ref().is_none_or(|known| !Arc::ptr_eq(known, &fold));
        let is_first = ask.after == 0 || ask.after != told.number || is_other;
        if is_first || told.watcher.is_outdated(self) {
            told.listen(self, &fold).await;
        }
        let changed = if is_first {
            told.watcher.take()
        } else {
            told.watcher.next(told.answered, EVERY, watch.turn.later(turn)).await
        };
        // The book may have changed meanwhile; prices are looked at with what is known now.
        let fold = self.fold(ask.view)?;
        if told.fold.as_ref().is_none_or(|known| !Arc::ptr_eq(known, &fold)) {
            told.listen(self, &fold).await;
            let all = told.watcher.take();
            told.revalue(&fold, &all);
        }
        let now = self.now();
        self.keep_streams().await;
        told.revalue(&fold, &changed);
        let because = self.why_nothing(told);
        let limits = self.live_limits(told, &fold)?;
        Ok(told.answer(&fold, now, because, limits))
    }

    /// Ends a watch; one that is not there has ended already.
    ///
    /// # Errors
    /// Never; the signature is that of every call.
    pub fn end_live(&self, ask: EndLive) -> Result<(), Failure> {
        self.live.portfolios.remove(&ask.watch);
        Ok(())
    }

    /// Says why a view has no live figures, where it has none.
    fn why_not_live(&self, state: &State, fold: &PortfolioFold) -> Option<String> {
        if let Some(known_at) = fold.moments().known_at {
            return Some(format!(
                "live figures are of the present; this view shows what was known at {known_at}"
            ));
        }
        let today = state.standing_clock().unwrap_or_else(|| self.wall_day());
        (fold.as_of() != today).then(|| format!("live figures are of the present; this view is of {}", fold.as_of()))
    }

    /// Says why no holding has a live price, where none has.
    fn why_nothing(&self, told: &Told) -> Option<String> {
        if !told.holdings.is_empty() {
            return None;
        }
        let streams = self.live.states();
        Some(if streams.is_empty() {
            "no source streams; switch one on on the Data page".to_owned()
        } else if told.has_display_only() {
            "the live prices are for display only, and enter no valuation".to_owned()
        } else {
            "no live price has been heard yet".to_owned()
        })
    }

    /// Returns what live prices do to limits, looked at once a second at most.
    fn live_limits(&self, told: &mut Told, fold: &PortfolioFold) -> Result<Vec<String>> {
        if let Some((at, known)) = &told.limits
            && at.elapsed() < PATIENCE
        {
            return Ok(known.clone());
        }
        let limits = if told.holdings.is_empty() {
            Vec::new()
        } else {
            let limits = self.limits_of(fold)?;
            let limits = limits.iter().map(|(limit, _)| limit);
            limits_at(fold, limits, &told.holdings)
        };
        told.limits = Some((Instant::now(), limits.clone()));
        Ok(limits)
    }
}

impl Told {
    fn forget(&mut self) {
        *self = Self {
            number: self.number,
            ..Self::default()
        };
    }

    async fn listen(&mut self, app: &App, fold: &Arc<PortfolioFold>) {
        let held: Vec<InstrumentId> = fold.what_if().holdings(fold).keys().copied().collect();
        self.venues = held
            .iter()
            .filter_map(|id| Some((*id, Venue::of(fold.instrument(*id)?))))
            .collect();
        self.watcher.listen(app, &held).await;
        if self.fold.as_ref().is_none_or(|known| !Arc::ptr_eq(known, fold)) {
            self.fold = Some(Arc::clone(fold));
            self.counts = Counts::of(fold, fold.what_if().holdings(fold));
            self.holdings.clear();
            self.limits = None;
            // What was heard before counts for the new fold too.
            let heard: BTreeSet<InstrumentId> = held
                .into_iter()
                .filter(|id| self.watcher.heard(*id).is_some())
                .collect();
            self.revalue(fold, &heard);
        }
    }

    /// Values the holdings anew whose price has changed.
    fn revalue(&mut self, fold: &PortfolioFold, changed: &BTreeSet<InstrumentId>) {
        for id in changed {
            let valued = self.valued(fold, *id);
            match valued {
                Some(holding) => self.holdings.insert(*id, holding),
                None => self.holdings.remove(id),
            };
        }
    }

    fn valued(&self, fold: &PortfolioFold, id: InstrumentId) -> Option<Holding> {
        let rows = fold.what_if().holdings(fold).get(&id)?;
        let instrument = fold.instrument(id)?;
        let venue = self.venues.get(&id)?;
        let live = row::live_price(&self.watcher.heard(id)?.latest, instrument.currency)?;
        let day = venue.day_of(live.at);
        let first = rows.first()?;
        let close = first.price.as_ref().ok();
        // A close of the day, or of a later one, is the better price.
        if live.display_only || close.is_some_and(|close| close.date >= day) {
            return None;
        }
        let unknown_close = || format!("no close of {} is known", instrument.symbol());
        let worth = |row: &ValuationRow, value: Option<Decimal>| -> Amount {
            let rate = match &row.rate {
                Ok(rate) => rate.value,
                Err(reason) => return Figure::Unavailable(fold.because(reason)),
            };
            let value = value
                .and_then(|value| in_base(value + row.accrued, rate))
                .map(|value| to_unit(value, fold.currency()));
            Figure::or_because(value, || format!("the value of {} is too large", fold.symbol(id)))
        };
        let multiplier = instrument.multiplier();
        let price = TradedPrice::new(live.price);
        let mut holding = Holding {
            values: BTreeMap::new(),
            value: Figure::Known(Decimal::ZERO),
            profit: Figure::Known(Decimal::ZERO),
            change_fraction: match close {
                Some(close) => {
                    let between = self.counts.count(id, first, day).between;
                    row::against(live.price, between.comparable(TradedPrice::new(close.as_traded))).1
                }
                None => Figure::Unavailable(unknown_close()),
            },
            differing: BTreeSet::new(),
            live,
        };
        for row in rows {
            let counted = self.counts.count(id, row, day);
            let value = worth(row, split::value(counted.after, price, multiplier));
            let before = match close {
                Some(close) => {
                    let close = TradedPrice::new(close.as_traded);
                    worth(row, split::value(counted.before, close, multiplier))
                }
                None => Figure::Unavailable(unknown_close()),
            };
            let mut profit = value.clone();
            add(&mut profit, &before.map(|before| -before));
            add(&mut holding.profit, &profit);
            add(&mut holding.value, &value);
            holding.values.insert(row.account, value);
            holding.differing.extend(counted.differing);
        }
        Some(holding)
    }

    fn has_display_only(&self) -> bool {
        let Some(fold) = &self.fold else { return false };
        self.venues.keys().any(|id| {
            let (Some(heard), Some(instrument)) = (self.watcher.heard(*id), fold.instrument(*id)) else {
                return false;
            };
            row::live_price(&heard.latest, instrument.currency).is_some_and(|live| live.display_only)
        })
    }

    fn answer(
        &mut self,
        fold: &PortfolioFold,
        now: Timestamp,
        because: Option<String>,
        limits: Vec<String>,
    ) -> LivePortfolio {
        self.number += 1;
        self.answered = Some(Instant::now());
        let valuation = fold.valuation();
        let mut nav = Figure::Known(Decimal::ZERO);
        let mut held = BTreeSet::new();
        for row in &valuation.rows {
            held.extend(row.instrument);
            let live = row
                .instrument
                .and_then(|id| self.holdings.get(&id)?.values.get(&row.account));
            add(&mut nav, live.unwrap_or(&row.market_value));
        }
        let mut profit = Figure::Known(to_unit(Decimal::ZERO, fold.currency()));
        self.holdings
            .values()
            .for_each(|holding| add(&mut profit, &holding.profit));
        let mut before = nav.clone();
        add(&mut before, &profit.clone().map(|profit| -profit));
        let mut rows: Vec<LiveHolding> = self
            .holdings
            .iter()
            .filter_map(|(id, holding)| self.row(fold, *id, holding, now))
            .collect();
        let size = |row: &LiveHolding| row.profit.known().map(Decimal::abs);
        rows.sort_by(|left, right| {
            size(right)
                .cmp(&size(left))
                .then_with(|| left.symbol.cmp(&right.symbol))
        });
        LivePortfolio {
            number: self.number,
            now,
            live: rows.len(),
            holdings: held.len(),
            profit_fraction: weight(&profit, &before),
            nav,
            profit,
            limits,
            because,
            notes: self.notes(fold, &rows),
            rows,
        }
    }

    fn row(&self, fold: &PortfolioFold, id: InstrumentId, holding: &Holding, now: Timestamp) -> Option<LiveHolding> {
        Some(LiveHolding {
            instrument: id,
            symbol: fold.symbol(id),
            price: holding.live.price,
            currency: fold.instrument(id)?.currency,
            change_fraction: holding.change_fraction.clone(),
            value: holding.value.clone(),
            profit: holding.profit.clone(),
            stale: row::stale_live(&holding.live, self.venues.get(&id)?, now),
        })
    }

    fn notes(&self, fold: &PortfolioFold, rows: &[LiveHolding]) -> Vec<String> {
        let mut notes = Vec::new();
        let newest = self.holdings.iter().filter_map(|(id, holding)| {
            let venue = self.venues.get(id)?;
            Some(venue.day_of(holding.live.at))
        });
        if let Some(day) = newest.max().filter(|day| *day > fold.as_of()) {
            notes.push(format!(
                "The book stands at {}, and live prices are of {day}: the result is that of all days between",
                fold.as_of()
            ));
        }
        for (id, holding) in &self.holdings {
            let sentences = holding.differing.iter();
            notes.extend(sentences.map(|differing| format!("{} {differing}", fold.symbol(*id))));
        }
        if rows.iter().any(|row| row.currency != fold.currency()) {
            notes.push(format!("Currencies are at the rates of {}", fold.as_of()));
        }
        notes
    }
}

/// Compares limits at the closes with those at live prices, and says where the two differ.
fn limits_at<'a>(
    fold: &PortfolioFold,
    limits: impl Iterator<Item = &'a Limit>,
    holdings: &BTreeMap<InstrumentId, Holding>,
) -> Vec<String> {
    // What a scenario would lose is seen when it is run.
    let limits: Vec<&Limit> = limits
        .filter(|limit| !matches!(limit.rule, LimitRule::ScenarioLoss { .. }))
        .collect();
    if limits.is_empty() {
        return Vec::new();
    }
    let mut profit = Figure::Known(Decimal::ZERO);
    let mut profits = BTreeMap::new();
    for (id, holding) in holdings {
        add(&mut profit, &holding.profit);
        let known = holding.profit.known().and_then(|profit| profit.to_f64());
        profits.insert(Part::Instrument(*id), known.unwrap_or(0.0));
    }
    let moved = Moved {
        scenario: "",
        profits,
        profit: &profit,
    };
    let checks = Standing::of(fold, limits.into_iter()).checks(&moved);
    let differing = checks.iter().filter(|check| check.broken != check.broken_before);
    differing.map(sentence).collect()
}

fn sentence(check: &LimitCheck) -> String {
    let share = |share: &apex_wire::Statistic| percent(share.known().copied(), 2);
    let whose = if check.whose.is_empty() {
        String::new()
    } else {
        format!(" ({})", check.whose)
    };
    let verdict = if check.broken {
        "is broken"
    } else {
        "is no longer broken"
    };
    format!(
        "{} {verdict} at live prices: {} {}, and it stands at {}{whose} after {} at the last closes",
        check.name,
        check.words,
        percent(check.limit, 2),
        share(&check.after),
        share(&check.before),
    )
}
