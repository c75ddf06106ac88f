//! The past that scenarios are made from: daily returns of a window, and the change over a stretch.

use std::collections::BTreeMap;

use apex_domain::{Currency, Instrument, InstrumentId, InstrumentKind};
use apex_wire::scenario::{Replay, Scenario};
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::risk::{Part, closing_days, price_column, rate_column};
use crate::track::{closes, splits};

/// The past of one book, as far as a scenario looks.
#[derive(Debug)]
pub(super) struct Past<'a> {
    fold: &'a PortfolioFold,
    scenario: &'a Scenario,
    splits: BTreeMap<InstrumentId, BTreeMap<Date, f64>>,
    /// The closes of the window, one more than its returns.
    days: Vec<Date>,
}

impl<'a> Past<'a> {
    pub(super) fn of(fold: &'a PortfolioFold, scenario: &'a Scenario, parts: impl Iterator<Item = Part>) -> Self {
        Self {
            fold,
            scenario,
            splits: splits(fold),
            days: closing_days(fold, parts, scenario.window.saturating_add(1)),
        }
    }

    /// First and last close of the window, where it has any return.
    pub(super) fn window(&self) -> Option<(Date, Date)> {
        let (first, last) = (self.days.first()?, self.days.last()?);
        (first < last).then_some((*first, *last))
    }

    /// Finds the instrument a scenario names.
    pub(super) fn named(&self, symbol: &str) -> Result<&'a Instrument> {
        self.fold
            .instrument_named(symbol)
            .ok_or_else(|| AppError::field("symbol", format!("there is no instrument {symbol}")))
    }

    /// Returns whose history stands for that of an instrument, and its symbol where it is another's: the one the
    /// scenario names, else its own, else for a share or fund without prices the portfolio's benchmark.
    fn stand_in<T>(
        &self,
        instrument: &'a Instrument,
        read: impl Fn(&Instrument) -> Result<T, String>,
    ) -> Result<(T, Option<String>), String> {
        let symbol = self.fold.symbol(instrument.id);
        if let Some(proxy) = self.scenario.proxies.get(&symbol) {
            let proxy = self.named(proxy).map_err(|err| err.to_string())?;
            return Ok((read(proxy)?, Some(self.fold.symbol(proxy.id))));
        }
        let own = read(instrument);
        let benchmark = self.fold.portfolio().benchmark.and_then(|id| self.fold.instrument(id));
        let is_share = matches!(
            instrument.kind,
            InstrumentKind::Equity | InstrumentKind::Etf | InstrumentKind::Fund
        );
        match (own, benchmark.filter(|_| is_share)) {
            (Ok(own), _) => Ok((own, None)),
            (Err(because), None) => Err(because),
            (Err(because), Some(benchmark)) => {
                let stands = read(benchmark).map_err(|_| because)?;
                Ok((stands, Some(self.fold.symbol(benchmark.id))))
            }
        }
    }

    /// Returns the daily returns of an instrument's price in its own currency, and the symbol of whose they are where
    /// another's stand in.
    pub(super) fn returns(&self, instrument: &'a Instrument) -> Result<(Vec<f64>, Option<String>), String> {
        self.stand_in(instrument, |one| {
            let levels = price_column(self.fold, one.id, self.splits.get(&one.id), &self.days)?;
            if levels.len() < 3 {
                return Err("too few closes in the window".to_owned());
            }
            Ok(changes(&levels))
        })
    }

    /// Returns the daily returns of a currency against the portfolio's.
    pub(super) fn currency_returns(&self, currency: Currency) -> Result<Vec<f64>, String> {
        Ok(changes(&rate_column(self.fold, currency, &self.days)?))
    }

    /// Returns the change of an instrument's price over a stretch of the past, and whose it is.
    pub(super) fn change(&self, instrument: &'a Instrument, replay: Replay) -> Result<(f64, Option<String>), String> {
        self.stand_in(instrument, |one| {
            if one.kind == InstrumentKind::Private {
                return Err("a private asset has marks, not a history of market prices".to_owned());
            }
            let days = [replay.from, replay.until];
            let found = closes(self.fold, one.id, self.splits.get(&one.id), &days);
            match (found.get(0), found.get(1)) {
                (Some(from), Some(until)) if from > 0.0 => Ok(until / from - 1.0),
                (None, _) => Err(format!("no price on {}", replay.from)),
                _ => Err(format!("no price on {}", replay.until)),
            }
        })
    }

    /// Returns the change of a currency against the portfolio's over a stretch of the past.
    pub(super) fn currency_change(&self, currency: Currency, replay: Replay) -> Result<f64, String> {
        let rate = |day: Date| match self.fold.prices().fx(currency, self.fold.currency(), day) {
            Ok(rate) => rate
                .value
                .to_f64()
                .filter(|rate| *rate > 0.0)
                .ok_or_else(|| format!("the rate of {currency} on {day} is out of range")),
            Err(reason) => Err(self.fold.because(&reason)),
        };
        Ok(rate(replay.until)? / rate(replay.from)? - 1.0)
    }
}

fn changes(levels: &[f64]) -> Vec<f64> {
    levels.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}
