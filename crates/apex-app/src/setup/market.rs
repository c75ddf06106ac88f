//! Prices and rates on the Setup page: entered by hand, and looked at as they are stored.

use apex_store::{Changes, PriceBar, PriceBatch, RateBatch};
use apex_wire::Failure;
use apex_wire::setup::{EnterFx, EnterPrice, GetPrices, GetRatePairs, GetRates, RatePair, StoredValue};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::App;
use crate::error::{AppError, Result};
use crate::moment::Moment;
use crate::read;
use crate::state::State;

/// The source of what a person types.
const TYPED: &str = "typed";

impl App {
    /// Enters a price or a private mark; an earlier value of the day stays as history.
    ///
    /// # Errors
    /// When a field cannot be accepted; the failure names it.
    pub async fn enter_price(&self, ask: EnterPrice, moment: &Moment) -> Result<(), Failure> {
        let state = self.fresh_state().await?;
        let date = read::date("date", &ask.date)?;
        read::plausible("date", date, moment.now)?;
        refuse_later(&state, date)?;
        let symbol = read::required("symbol", &ask.symbol, "a symbol")?;
        let instrument = state
            .instruments
            .resolve(symbol, date)
            .ok_or_else(|| AppError::field("symbol", format!("there is no instrument {symbol} on {date}")))?;
        let price = read::decimal("price", &ask.price)?;
        let price = read::positive_or_zero("price", price)?;
        let batch = PriceBatch {
            instrument,
            source: TYPED.to_owned(),
            known_at: moment.now,
            bars: vec![PriceBar::close(date, price)],
            withdrawn: Vec::new(),
        };
        let prices = vec![batch];
        let changes = Changes {
            prices,
            ..Changes::default()
        };
        self.apply(changes, moment).await?;
        Ok(())
    }

    /// Enters an FX rate; an earlier value of the day stays as history.
    ///
    /// # Errors
    /// When a field cannot be accepted; the failure names it.
    pub async fn enter_fx(&self, ask: EnterFx, moment: &Moment) -> Result<(), Failure> {
        let state = self.fresh_state().await?;
        let (base, target) = (read::currency("from", &ask.from)?, read::currency("to", &ask.to)?);
        if base == target {
            return Err(AppError::field("to", format!("a rate needs two currencies, and both are {base}")).into());
        }
        let date = read::date("date", &ask.date)?;
        read::plausible("date", date, moment.now)?;
        refuse_later(&state, date)?;
        let rate = read::decimal("rate", &ask.rate)?;
        if rate <= Decimal::ZERO {
            return Err(AppError::field("rate", format!("{rate} is not above zero")).into());
        }
        let batch = RateBatch {
            base,
            target,
            source: TYPED.to_owned(),
            known_at: moment.now,
            rates: vec![(date, rate)],
            withdrawn: Vec::new(),
        };
        let rates = vec![batch];
        let changes = Changes {
            rates,
            ..Changes::default()
        };
        self.apply(changes, moment).await?;
        Ok(())
    }

    /// Returns the prices of an instrument, newest first; those that a later value replaced are among them.
    ///
    /// # Errors
    /// When no book is open or it cannot be read.
    pub async fn get_prices(&self, ask: GetPrices) -> Result<Vec<StoredValue>, Failure> {
        let versions = self.book()?.store.price_versions(ask.instrument).await;
        Ok(newest_first(versions.map_err(AppError::from)?, ask.limit))
    }

    /// Returns the pairs of currencies that have a stored rate, each with the latest one.
    ///
    /// # Errors
    /// When no book is open or it cannot be read.
    pub async fn get_rate_pairs(&self, _ask: GetRatePairs) -> Result<Vec<RatePair>, Failure> {
        let rates = self.book()?.store.latest_rates().await.map_err(AppError::from)?;
        let pair = |rate: apex_store::LatestRate| RatePair {
            from: rate.base,
            to: rate.target,
            latest: stored(rate.latest, false),
        };
        Ok(rates.into_iter().map(pair).collect())
    }

    /// Returns the rates of a pair of currencies, newest first; those that a later value replaced are among them.
    ///
    /// # Errors
    /// When no book is open or it cannot be read.
    pub async fn get_rates(&self, ask: GetRates) -> Result<Vec<StoredValue>, Failure> {
        let versions = self.book()?.store.rate_versions(ask.from, ask.to).await;
        Ok(newest_first(versions.map_err(AppError::from)?, ask.limit))
    }
}

fn refuse_later(state: &State, date: Date) -> Result<()> {
    match state.standing_clock() {
        Some(today) if date > today => Err(AppError::AfterTheClock { date, today }),
        _ => Ok(()),
    }
}

/// Turns values by day, the one that counts last, around.
fn newest_first(versions: Vec<apex_store::StoredValue>, limit: usize) -> Vec<StoredValue> {
    let mut later = None;
    let newest = versions.into_iter().rev().take(limit);
    newest
        .map(|version| {
            let replaced = later.replace(version.date) == Some(version.date);
            stored(version, replaced)
        })
        .collect()
}

fn stored(version: apex_store::StoredValue, replaced: bool) -> StoredValue {
    StoredValue {
        date: version.date,
        value: version.value,
        source: version.source,
        known_at: version.known_at,
        replaced,
    }
}
