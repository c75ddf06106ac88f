//! Prices as traded and exchange rates, by day, and what to say when there is none.
//!
//! The rule for prices: the last close on or before the day, with the day it is from, and unavailable once it is older
//! than the caller allows. The rule for rates: the rate of that very day. Only on a Saturday, a Sunday or a day that was
//! declared closed ([`FxRates::close`]), when none is published, the rate of the last publishing day counts, and the day
//! it is from is always told. A rate missing on an ordinary day is unavailable; no other day's rate takes its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::{Date, Weekday};
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::ids::InstrumentId;
use crate::money::Currency;

/// Why a figure cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Unavailable {
    /// There is no price on or before the day.
    NoPrice {
        /// The instrument.
        instrument: InstrumentId,
        /// The day that was asked for.
        date: Date,
    },
    /// The last price is older than allowed.
    StalePrice {
        /// The instrument.
        instrument: InstrumentId,
        /// The day that was asked for.
        date: Date,
        /// The day of the last price.
        last: Date,
        /// The largest age allowed, in calendar days.
        age_days_max: u32,
    },
    /// There is no rate for the day.
    NoRate {
        /// The currency to convert from.
        from: Currency,
        /// The currency to convert to.
        to: Currency,
        /// The day that was asked for.
        date: Date,
    },
    /// Some movement of cash has no rate, so what the balance cost is not known.
    NoCashCost {
        /// The currency of the cash.
        currency: Currency,
        /// The day that was asked for.
        date: Date,
    },
    /// The value is too large to state exactly.
    OutOfRange {
        /// The instrument.
        instrument: InstrumentId,
        /// The day that was asked for.
        date: Date,
    },
}

impl Unavailable {
    /// Says it in one sentence, with names for the ids.
    ///
    /// ```
    /// use apex_domain::{Date, InstrumentId, Unavailable};
    ///
    /// let instrument = InstrumentId::from_bytes([1; 16]);
    /// let reason = Unavailable::NoPrice { instrument, date: Date::constant(2022, 1, 3) };
    /// assert_eq!(reason.sentence(|_| "ACME".to_owned()), "no price for ACME on or before 2022-01-03");
    /// ```
    pub fn sentence(&self, symbol: impl Fn(InstrumentId) -> String) -> String {
        match *self {
            Self::NoPrice { instrument, date } => format!("no price for {} on or before {date}", symbol(instrument)),
            Self::StalePrice {
                instrument,
                date,
                last,
                age_days_max,
            } => format!(
                "the last price for {} before {date} is of {last}, older than {age_days_max} days",
                symbol(instrument)
            ),
            Self::NoRate { from, to, date } => format!("no rate from {from} to {to} on {date}"),
            Self::NoCashCost { currency, date } => {
                format!("a movement of {currency} cash on or before {date} has no rate on its trade date")
            }
            Self::OutOfRange { instrument, date } => {
                format!("the value of {} on {date} is too large", symbol(instrument))
            }
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(|instrument| instrument.to_string()))
    }
}

impl std::error::Error for Unavailable {}

/// A price with where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priced {
    /// The price on the count of shares of the day that was asked for: as it was traded, unless a ledger booked a split since
    /// (see [`crate::Book::on_its_count`]).
    pub value: Decimal,
    /// The price as traded, as quoted.
    pub as_traded: Decimal,
    /// The day it is from.
    pub date: Date,
    /// Who said so.
    pub source: String,
    /// Calendar days between that day and the day that was asked for.
    pub age_days: u32,
}

/// An exchange rate with where it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Units of the target currency for one unit of the source currency.
    pub value: Decimal,
    /// The day it is from.
    pub date: Date,
    /// The currency it was crossed through, where the pair itself has no rate.
    pub through: Option<Currency>,
}

/// Columns of one series, sorted by day without doubles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Series {
    dates: Vec<Date>,
    values: Vec<Decimal>,
    sources: Vec<u16>,
}

impl Series {
    fn set(&mut self, date: Date, value: Decimal, source: u16) {
        if self.dates.last().is_none_or(|last| *last < date) {
            self.dates.push(date);
            self.values.push(value);
            self.sources.push(source);
            return;
        }
        match self.dates.binary_search(&date) {
            Ok(at) => (self.values[at], self.sources[at]) = (value, source),
            Err(at) => {
                self.dates.insert(at, date);
                self.values.insert(at, value);
                self.sources.insert(at, source);
            }
        }
    }

    fn remove(&mut self, date: Date) {
        if let Ok(at) = self.dates.binary_search(&date) {
            self.dates.remove(at);
            self.values.remove(at);
            self.sources.remove(at);
        }
    }

    fn on(&self, date: Date) -> Option<Decimal> {
        self.dates.binary_search(&date).ok().map(|at| self.values[at])
    }

    fn on_or_before(&self, date: Date) -> Option<(Date, Decimal, u16)> {
        let at = self.dates.partition_point(|day| *day <= date).checked_sub(1)?;
        Some((self.dates[at], self.values[at], self.sources[at]))
    }
}

/// Exchange rates by pair and day.
///
/// ```
/// use apex_domain::{Currency, Date, Decimal, FxRates};
///
/// let friday = Date::constant(2026, 1, 2);
/// let mut rates = FxRates::default();
/// rates.set(Currency::EUR, Currency::USD, friday, Decimal::new(125, 2));
///
/// assert_eq!(rates.rate(Currency::USD, Currency::EUR, friday)?.value, Decimal::new(8, 1));
/// let sunday = rates.rate(Currency::EUR, Currency::USD, Date::constant(2026, 1, 4))?;
/// assert_eq!(sunday.date, friday);
/// let err = rates.rate(Currency::EUR, Currency::USD, Date::constant(2026, 1, 5)).expect_err("a Monday needs its own");
/// assert_eq!(err.to_string(), "no rate from EUR to USD on 2026-01-05");
/// # Ok::<(), apex_domain::Unavailable>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FxRates {
    pairs: BTreeMap<(Currency, Currency), Series>,
    closed: BTreeSet<Date>,
}

impl FxRates {
    /// Sets the rate of a day: units of `to` for one unit of `from`. A later call for the same day replaces it.
    ///
    /// Rates of zero or less are not rates and are left out.
    pub fn set(&mut self, from: Currency, to: Currency, date: Date, value: Decimal) {
        if value > Decimal::ZERO && from != to {
            self.pairs.entry((from, to)).or_default().set(date, value, 0);
        }
    }

    /// Takes the rate of a day out.
    ///
    /// ```
    /// use apex_domain::{Currency, Date, Decimal, FxRates};
    ///
    /// let friday = Date::constant(2026, 1, 2);
    /// let mut rates = FxRates::default();
    /// rates.set(Currency::EUR, Currency::USD, friday, Decimal::new(125, 2));
    /// rates.remove(Currency::EUR, Currency::USD, friday);
    /// assert!(rates.is_empty());
    /// ```
    pub fn remove(&mut self, from: Currency, to: Currency, date: Date) {
        if let Some(series) = self.pairs.get_mut(&(from, to)) {
            series.remove(date);
            if series.dates.is_empty() {
                self.pairs.remove(&(from, to));
            }
        }
    }

    /// Declares a day on which no rates are published, such as a bank holiday.
    pub fn close(&mut self, date: Date) {
        self.closed.insert(date);
    }

    /// Returns the rate of a day: identity, the pair, its inverse, or the two crossed through one common currency (the
    /// first by its code).
    ///
    /// # Errors
    /// When there is no rate for the day, or, on a day without publication, for the last day with one.
    pub fn rate(&self, from: Currency, to: Currency, date: Date) -> Result<Rate, Unavailable> {
        if from == to {
            return Ok(Rate {
                value: Decimal::ONE,
                date,
                through: None,
            });
        }
        let mut day = date;
        loop {
            if let Some((value, through)) = self.quoted(from, to, day) {
                return Ok(Rate {
                    value,
                    date: day,
                    through,
                });
            }
            let published =
                !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.closed.contains(&day);
            match day.yesterday() {
                Ok(yesterday) if !published => day = yesterday,
                _ => return Err(Unavailable::NoRate { from, to, date }),
            }
        }
    }

    /// Returns the pairs with their rates by day, sorted.
    pub fn pairs(&self) -> impl Iterator<Item = ((Currency, Currency), &[Date], &[Decimal])> {
        self.pairs
            .iter()
            .map(|(pair, series)| (*pair, series.dates.as_slice(), series.values.as_slice()))
    }

    /// Tells whether there is no rate at all.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn quoted(&self, from: Currency, to: Currency, date: Date) -> Option<(Decimal, Option<Currency>)> {
        if let Some(value) = self.direct(from, to, date) {
            return Some((value, None));
        }
        let partners: BTreeSet<Currency> = self
            .pairs
            .keys()
            .filter_map(|&(a, b)| if a == from { Some(b) } else { (b == from).then_some(a) })
            .collect();
        partners.into_iter().find_map(|through| {
            let first = self.direct(from, through, date)?;
            let second = self.direct(through, to, date)?;
            Some((first * second, Some(through)))
        })
    }

    fn direct(&self, from: Currency, to: Currency, date: Date) -> Option<Decimal> {
        let given = self.pairs.get(&(from, to)).and_then(|series| series.on(date));
        given.or_else(|| {
            self.pairs
                .get(&(to, from))
                .and_then(|series| series.on(date))
                .map(|value| Decimal::ONE / value)
        })
    }
}

/// Prices as traded of all instruments, and the exchange rates.
///
/// ```
/// use apex_domain::{Date, Decimal, InstrumentId, PriceBook};
///
/// let acme = InstrumentId::from_bytes([1; 16]);
/// let mut prices = PriceBook::default();
/// prices.set(acme, Date::constant(2026, 1, 2), Decimal::from(90), "manual");
/// let price = prices.price(acme, Date::constant(2026, 1, 5), 7)?;
/// assert_eq!((price.value, price.age_days), (Decimal::from(90), 3));
/// assert!(prices.price(acme, Date::constant(2026, 1, 12), 7).is_err());
/// # Ok::<(), apex_domain::Unavailable>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceBook {
    series: FxHashMap<InstrumentId, Series>,
    sources: Vec<String>,
    /// The exchange rates.
    pub fx: FxRates,
}

impl PriceBook {
    /// Sets the price of a day. A later call for the same day replaces it.
    pub fn set(&mut self, instrument: InstrumentId, date: Date, value: Decimal, source: &str) {
        let source = self.source(source);
        self.series.entry(instrument).or_default().set(date, value, source);
    }

    /// Sets the prices of many days of one instrument, the fast way for whole histories.
    pub fn extend(&mut self, instrument: InstrumentId, bars: impl IntoIterator<Item = (Date, Decimal)>, source: &str) {
        let source = self.source(source);
        let series = self.series.entry(instrument).or_default();
        for (date, value) in bars {
            series.set(date, value, source);
        }
    }

    /// Takes the price of a day out.
    ///
    /// ```
    /// use apex_domain::{Date, Decimal, InstrumentId, PriceBook};
    ///
    /// let (acme, friday) = (InstrumentId::from_bytes([1; 16]), Date::constant(2026, 1, 2));
    /// let mut prices = PriceBook::default();
    /// prices.set(acme, friday, Decimal::from(90), "manual");
    /// prices.remove(acme, friday);
    /// assert!(prices.instruments().is_empty());
    /// ```
    pub fn remove(&mut self, instrument: InstrumentId, date: Date) {
        if let Some(series) = self.series.get_mut(&instrument) {
            series.remove(date);
            if series.dates.is_empty() {
                self.series.remove(&instrument);
            }
        }
    }

    /// Returns the last price on or before the day, at most `age_days_max` calendar days old.
    ///
    /// # Errors
    /// When there is none, or only an older one.
    pub fn price(&self, instrument: InstrumentId, date: Date, age_days_max: u32) -> Result<Priced, Unavailable> {
        let found = self
            .series
            .get(&instrument)
            .and_then(|series| series.on_or_before(date));
        let (last, value, source) = found.ok_or(Unavailable::NoPrice { instrument, date })?;
        let age_days = days_between(last, date);
        if age_days > age_days_max {
            return Err(Unavailable::StalePrice {
                instrument,
                date,
                last,
                age_days_max,
            });
        }
        let source = self.sources.get(usize::from(source)).cloned().unwrap_or_default();
        Ok(Priced {
            value,
            as_traded: value,
            date: last,
            source,
            age_days,
        })
    }

    /// Returns the price of exactly that day.
    pub fn price_on(&self, instrument: InstrumentId, date: Date) -> Option<Decimal> {
        self.series.get(&instrument).and_then(|series| series.on(date))
    }

    /// Returns the rate of a day; see [`FxRates::rate`].
    ///
    /// # Errors
    /// When there is no rate for the day.
    pub fn fx(&self, from: Currency, to: Currency, date: Date) -> Result<Rate, Unavailable> {
        self.fx.rate(from, to, date)
    }

    /// Returns the days and prices of one instrument, sorted by day.
    pub fn columns(&self, instrument: InstrumentId) -> (&[Date], &[Decimal]) {
        self.series
            .get(&instrument)
            .map_or((&[], &[]), |series| (&series.dates, &series.values))
    }

    /// Returns the last day with a price, before or on a day.
    pub fn last_date(&self, instrument: InstrumentId, date: Date) -> Option<Date> {
        self.series
            .get(&instrument)
            .and_then(|series| series.on_or_before(date))
            .map(|(day, ..)| day)
    }

    /// Returns the instruments that have prices, sorted.
    pub fn instruments(&self) -> Vec<InstrumentId> {
        let mut instruments: Vec<InstrumentId> = self.series.keys().copied().collect();
        instruments.sort_unstable();
        instruments
    }

    fn source(&mut self, name: &str) -> u16 {
        let at = self.sources.iter().position(|known| known == name).unwrap_or_else(|| {
            self.sources.push(name.to_owned());
            self.sources.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }
}

/// Returns the calendar days from one day to a later one, 0 when it is not later.
pub(crate) fn days_between(from: Date, to: Date) -> u32 {
    let span = from.until(to).map(|span| span.get_days()).unwrap_or(0);
    u32::try_from(span).unwrap_or(0)
}
