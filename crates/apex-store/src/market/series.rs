//! What sources speak of, and the bars and events they tell.

use apex_domain::{Currency, Date, Decimal, InstrumentId, Ratio, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;

use sea_query::{Expr, ExprTrait, Query};

use crate::error::{Result, StoreError};
use crate::sql;

/// What a source speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesKey {
    /// An instrument.
    Instrument(InstrumentId),
    /// The rate of a pair: units of the second currency for one of the first.
    Pair(Currency, Currency),
}

impl SeriesKey {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Instrument(id) => id.to_bytes().to_vec(),
            Self::Pair(base, target) => [base.code(), target.code()].concat().into_bytes(),
        }
    }

    /// Reads a key back; `None` for bytes that are none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if let Ok(id) = bytes.try_into() {
            return Some(Self::Instrument(InstrumentId::from_bytes(id)));
        }
        let (base, target) = std::str::from_utf8(bytes).ok()?.split_at_checked(3)?;
        Some(Self::Pair(Currency::parse(base).ok()?, Currency::parse(target).ok()?))
    }

    /// Returns the number of the series, or `None` when nothing was ever said about it.
    pub(super) async fn number(self, connection: &mut SqliteConnection) -> Result<Option<i64>> {
        let mut query = Query::select();
        query
            .column("number")
            .from("series")
            .and_where(Expr::col("key").eq(self.bytes()));
        let row = sql::first(connection, &query).await?;
        row.map(|row| sql::get(&row, 0)).transpose()
    }

    /// Returns the number of the series, which is made when it has none.
    pub(super) async fn intern(self, connection: &mut SqliteConnection) -> Result<i64> {
        if let Some(number) = self.number(connection).await? {
            return Ok(number);
        }
        let number = sql::next_number(connection, "series").await?;
        let mut query = Query::insert();
        query
            .into_table("series")
            .columns(["number", "key"])
            .values_panic([Expr::val(number), Expr::val(self.bytes())]);
        sql::execute(connection, &query).await?;
        Ok(number)
    }
}

/// The key of a series in a column of a row.
pub(super) fn key_of(row: &sqlx::sqlite::SqliteRow, column: usize) -> Result<SeriesKey> {
    let bytes: &[u8] = sql::get(row, column)?;
    SeriesKey::from_bytes(bytes).ok_or_else(|| StoreError::record("series", "its key is neither an id nor a pair"))
}

/// The time a bar covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BarWindow {
    /// A trading day of the exchange.
    Day(Date),
    /// The minute that starts here.
    Minute(Timestamp),
}

/// One bar as a source has it: as traded, in the instrument's currency. What the source does not know is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceBar {
    /// The time it covers.
    pub window: BarWindow,
    /// The first price.
    pub open: Option<Decimal>,
    /// The highest.
    pub high: Option<Decimal>,
    /// The lowest.
    pub low: Option<Decimal>,
    /// The last, or the rate of a pair.
    pub close: Option<Decimal>,
    /// Shares traded.
    pub volume: Option<Decimal>,
}

impl SourceBar {
    pub(super) const fn of(window: BarWindow, values: [Option<Decimal>; 5]) -> Self {
        let [open, high, low, close, volume] = values;
        Self {
            window,
            open,
            high,
            low,
            close,
            volume,
        }
    }

    pub(super) const fn values(&self) -> [Option<Decimal>; 5] {
        [self.open, self.high, self.low, self.close, self.volume]
    }
}

/// A corporate action as a source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceAction {
    /// The first day on which the price is without it.
    pub ex_date: Date,
    /// What happened.
    pub event: SourceEvent,
}

/// What a company did, as a source has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SourceEvent {
    /// New shares for old ones.
    Split {
        /// New for old.
        ratio: Ratio,
    },
    /// A payment for each share.
    Dividend {
        /// The amount for one share as it was on the ex-date.
        amount: Decimal,
        /// Its currency, where the source says it.
        currency: Option<Currency>,
        /// The day it is paid, where the source says it.
        pay_date: Option<Date>,
    },
    /// A fund's payment of gains for each share.
    CapitalGain {
        /// The amount for one share as it was on the ex-date.
        amount: Decimal,
    },
}

/// Kinds of events; each may happen several times a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EventKind {
    Split,
    Dividend,
    CapitalGain,
}

impl EventKind {
    pub(super) const ALL: [Self; 3] = [Self::Split, Self::Dividend, Self::CapitalGain];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Dividend => "dividend",
            Self::CapitalGain => "capital_gain",
        }
    }
}

impl SourceEvent {
    pub(super) const fn kind(&self) -> EventKind {
        match self {
            Self::Split { .. } => EventKind::Split,
            Self::Dividend { .. } => EventKind::Dividend,
            Self::CapitalGain { .. } => EventKind::CapitalGain,
        }
    }
}
