//! What is published: days, splits and payments with where they come from.

use std::collections::BTreeSet;

use apex_domain::{Currency, Date, Decimal, Ratio};
use serde::{Deserialize, Serialize};

use super::Figures;
use crate::record::Provider;

/// What was done to a day, or is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Figures were repaired.
    Repaired,
    /// A person decided about it.
    Decided,
    /// A second source says the same.
    Confirmed,
    /// A more trusted source has no sound day.
    SecondChoice,
    /// The source gave figures divided by later splits.
    Unadjusted,
    /// The exchange closed early.
    HalfDay,
}

/// A day that may be trusted, as traded. High and low enclose open and close, and every price is above zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedDay {
    /// The first price.
    pub open: Option<Decimal>,
    /// The highest price.
    pub high: Option<Decimal>,
    /// The lowest price.
    pub low: Option<Decimal>,
    /// The last price.
    pub close: Decimal,
    /// Shares traded.
    pub volume: Option<Decimal>,
    /// Whose figures they are.
    pub provider: Provider,
    /// What was done to them.
    pub flags: BTreeSet<Flag>,
}

impl PublishedDay {
    /// Returns the source as the ledger writes it: `Polygon`, or `Yahoo, repaired`.
    pub fn source(&self) -> String {
        match self.flags.contains(&Flag::Repaired) {
            true => format!("{}, repaired", self.provider),
            false => self.provider.name().to_owned(),
        }
    }

    /// Makes a day of figures; `None` without a close above zero. A price that is none, and a high or low that does not
    /// enclose the close, is left out; one that is off by no more than rounding is widened.
    pub(super) fn of(figures: &Figures, provider: Provider, flags: BTreeSet<Flag>) -> Option<Self> {
        let price = |price: Option<Decimal>| price.filter(|price| *price > Decimal::ZERO);
        let close = price(figures.close)?;
        let (high, low) = (price(figures.high), price(figures.low));
        let room = close.checked_mul(ROUNDING).unwrap_or_default();
        let encloses =
            |one: Decimal| high.is_none_or(|high| one - high <= room) && low.is_none_or(|low| low - one <= room);
        let is_sound = encloses(close);
        let open = price(figures.open).filter(|open| is_sound && encloses(*open));
        let most = open.map_or(close, |open| open.max(close));
        let least = open.map_or(close, |open| open.min(close));
        Some(Self {
            open,
            high: high.filter(|_| is_sound).map(|high| high.max(most)),
            low: low.filter(|_| is_sound).map(|low| low.min(least)),
            close,
            volume: figures.volume.filter(|volume| *volume >= Decimal::ZERO),
            provider,
            flags,
        })
    }

    /// Returns the figures.
    pub fn figures(&self) -> Figures {
        Figures {
            open: self.open,
            high: self.high,
            low: self.low,
            close: Some(self.close),
            volume: self.volume,
        }
    }
}

/// Prices in single precision differ by as much without being different: a millionth.
pub(super) const ROUNDING: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// A split that may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedSplit {
    /// The first day in new shares.
    pub ex_date: Date,
    /// New shares for old ones.
    pub ratio: Ratio,
    /// The most trusted source that knows it.
    pub provider: Provider,
}

/// A payment that may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedDividend {
    /// The first day that trades without it.
    pub ex_date: Date,
    /// What one share was paid, as paid then.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
    /// The day it is paid.
    pub pay_date: Option<Date>,
    /// Whose figure it is.
    pub provider: Provider,
    /// Whether the amount was repaired.
    pub repaired: bool,
}
