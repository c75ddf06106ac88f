//! The past that scenarios are made from: daily returns of a window, and the change over a stretch.

use std::collections::BTreeMap;

use apex_analytics::scenario::conditional::likely_moves;
use apex_domain::{Currency, Instrument, InstrumentId, InstrumentKind};
use apex_wire::scenario::{Replay, Scenario};
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::risk::{Part, closing_days, price_column, rate_column};
use crate::track::{closes, splits};

/// How a price changed over a stretch of the past.
#[derive(Debug)]
pub(super) struct PastChange {
    pub(super) change: f64,
    /// The rule.
    pub(super) how: String,
    /// Whose prices stood in, where another's did.
    pub(super) proxy: Option<String>,
}

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
        match (own, benchmark.filter(|_| is_share(instrument))) {
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

    /// Returns the change of an instrument's price over a stretch of the past.
    ///
    /// A share or fund without prices then follows the portfolio's benchmark by its beta in the window; without a window
    /// of its own as the benchmark did.
    pub(super) fn change(&self, instrument: &'a Instrument, replay: Replay) -> Result<PastChange, String> {
        let named = self.scenario.proxies.contains_key(&self.fold.symbol(instrument.id));
        let own = self.own_change(instrument, replay);
        if let (Ok(change), false) = (&own, named) {
            return Ok(PastChange {
                change: *change,
                how: "its own prices".to_owned(),
                proxy: None,
            });
        }
        let (change, proxy) = self
            .stand_in(instrument, |one| self.own_change(one, replay))
            .map_err(|because| self.begins(instrument, &because))?;
        let Some(proxy) = proxy else {
            return Err(own.err().unwrap_or_default());
        };
        let followed = if named { None } else { self.followed(instrument, change) };
        Ok(match followed {
            Some(moved) => PastChange {
                change: moved,
                how: format!("beta {:.2} on {proxy}, without prices of its own then", moved / change),
                proxy: Some(proxy),
            },
            None => PastChange {
                change,
                how: format!("prices of {proxy}"),
                proxy: Some(proxy),
            },
        })
    }

    fn own_change(&self, one: &Instrument, replay: Replay) -> Result<f64, String> {
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
    }

    /// Returns how far an instrument follows a change of the benchmark by its beta; not below a total loss.
    fn followed(&self, instrument: &'a Instrument, change: f64) -> Option<f64> {
        let benchmark = self
            .fold
            .portfolio()
            .benchmark
            .and_then(|id| self.fold.instrument(id))?;
        let (own, None) = self.returns(instrument).ok()? else {
            return None;
        };
        let (market, None) = self.returns(benchmark).ok()? else {
            return None;
        };
        let found = likely_moves(&[&market], &[change], &[&own]).ok()?;
        (change != 0.0).then_some(found.moves.first()?.max(-1.0))
    }

    /// Adds to a reason where the benchmark's own prices begin, as they would have stood in.
    fn begins(&self, instrument: &Instrument, because: &str) -> String {
        let benchmark = self.fold.portfolio().benchmark.filter(|_| is_share(instrument));
        let begins = benchmark.and_then(|id| {
            let first = *self.fold.prices().columns(id).0.first()?;
            Some(format!("{because}, and {} begins on {first}", self.fold.symbol(id)))
        });
        begins.unwrap_or_else(|| because.to_owned())
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

/// Whether the market's prices say something about an instrument's.
fn is_share(instrument: &Instrument) -> bool {
    matches!(
        instrument.kind,
        InstrumentKind::Equity | InstrumentKind::Etf | InstrumentKind::Fund
    )
}

fn changes(levels: &[f64]) -> Vec<f64> {
    levels.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}
