//! Stored prices and rates one by one, replaced and withdrawn ones among them: who said so, and since when it is known.

use std::collections::BTreeMap;

use apex_domain::{Currency, Date, Decimal, InstrumentId, Timestamp};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::codec::bytes::instant_of;
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;
use crate::store::documents::{self, INSTRUMENT};
use crate::store::prices::{PRICES, RATES, year_series};

/// One price or rate with when it became known, replaced or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredValue {
    /// The day.
    pub date: Date,
    /// The close as traded, or the rate; `None` where the value of the day was withdrawn.
    pub value: Option<Decimal>,
    /// Who said so.
    pub source: String,
    /// When it became known.
    pub known_at: Timestamp,
}

/// The rate of a pair of currencies on the latest day that has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestRate {
    /// The currency of which there is one unit.
    pub base: Currency,
    /// The currency that is counted.
    pub target: Currency,
    /// Units of the target for one of the base, as it counts today.
    pub latest: StoredValue,
}

impl Store {
    /// Returns every close of an instrument that ever counted, and every withdrawal, by day and then by when it became
    /// known: the last one of a day counts.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn price_versions(&self, instrument: InstrumentId) -> Result<Vec<StoredValue>> {
        let mut reader = self.database().readers.acquire().await?;
        let numbers = documents::numbers(&mut reader, INSTRUMENT).await?;
        let Some(number) = numbers.get(&instrument.as_uuid()) else {
            return Ok(Vec::new());
        };
        let mut query = Query::select();
        query.from(PRICES).and_where(Expr::col("instrument").eq(*number));
        versions(&mut reader, query).await
    }

    /// Returns every rate of a pair that ever counted, and every withdrawal, by day and then by when it became known: the
    /// last one of a day counts.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn rate_versions(&self, base: Currency, target: Currency) -> Result<Vec<StoredValue>> {
        let mut reader = self.database().readers.acquire().await?;
        let mut query = Query::select();
        query
            .from(RATES)
            .and_where(Expr::col("base").eq(base.code()))
            .and_where(Expr::col("target").eq(target.code()));
        versions(&mut reader, query).await
    }

    /// Returns the latest rate of every pair, by pair.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn latest_rates(&self) -> Result<Vec<LatestRate>> {
        let mut reader = self.database().readers.acquire().await?;
        let names = documents::sources_by_number(&mut reader).await?;
        let mut query = Query::select();
        query
            .columns(["year", "body", "source", "known_at", "base", "target"])
            .from(RATES)
            .order_by("year", Order::Desc)
            .order_by("known_at", Order::Asc)
            .order_by("number", Order::Asc);
        let mut latest: BTreeMap<(Currency, Currency), BTreeMap<Date, StoredValue>> = BTreeMap::new();
        sql::each(&mut reader, &query, |row| {
            let code =
                |column: usize| Currency::parse(sql::get(row, column)?).map_err(|err| StoreError::record("rate", err));
            let known = latest.entry((code(4)?, code(5)?)).or_default();
            let year: i16 = sql::get(row, 0)?;
            // Years come last to first, so the others of this pair say nothing new.
            if last_rate(known).is_some_and(|last| last.date.year() > year) {
                return Ok(());
            }
            known.extend(values_of(row, &names)?.map(|value| (value.date, value)));
            Ok(())
        })
        .await?;
        let rates = latest.into_iter().filter_map(|((base, target), known)| {
            let latest = last_rate(&known)?.clone();
            Some(LatestRate { base, target, latest })
        });
        Ok(rates.collect())
    }
}

/// Returns the value of the last day that has one.
fn last_rate(known: &BTreeMap<Date, StoredValue>) -> Option<&StoredValue> {
    known.values().rev().find(|last| last.value.is_some())
}

/// Reads the values of one series, by day and then by when they became known.
async fn versions(reader: &mut SqliteConnection, mut query: SelectStatement) -> Result<Vec<StoredValue>> {
    let names = documents::sources_by_number(reader).await?;
    query
        .columns(["year", "body", "source", "known_at"])
        .order_by("known_at", Order::Asc)
        .order_by("number", Order::Asc);
    let mut versions = Vec::new();
    sql::each(reader, &query, |row| {
        versions.extend(values_of(row, &names)?);
        Ok(())
    })
    .await?;
    // The sort is stable: versions of one day stay in the order in which they became known.
    versions.sort_by_key(|version| version.date);
    Ok(versions)
}

/// Reads the days of one row: `year`, `body`, `source` and `known_at`, in this order.
fn values_of(row: &SqliteRow, names: &[Option<String>]) -> Result<impl Iterator<Item = StoredValue>> {
    let source: u32 = sql::get(row, 2)?;
    let source = names.get(source as usize).cloned().flatten().unwrap_or_default();
    let known_at = instant_of(sql::get(row, 3)?);
    let series = year_series(row, 0, 1)?;
    Ok(series.closes().map(move |(date, value)| StoredValue {
        date,
        value,
        source: source.clone(),
        known_at,
    }))
}
