//! Bars of minutes by source: one row a day of UTC, which grows while the day does.

use futures::FutureExt as _;
use std::collections::BTreeMap;

use apex_domain::{Decimal, Timestamp};
use sea_query::{Expr, ExprTrait, Order, Query};
use sqlx::sqlite::SqliteConnection;

use crate::codec::bars::BarColumns;
use crate::error::{Result, StoreError};
use crate::market::series::{SeriesKey, SourceBar};
use crate::market::{BarWindow, Market};
use crate::sql;

const DAY_SECS: i64 = 86_400;

type Values = [Option<Decimal>; 5];

/// The second since 1970 at which a minute starts.
pub(super) fn second_of(start: Timestamp) -> Result<i64> {
    if start.subsec_nanosecond() == 0 {
        Ok(start.as_second())
    } else {
        Err(StoreError::unstorable(
            "a minute",
            format!("it starts between two seconds, at {start}"),
        ))
    }
}

/// Adds minutes, and returns how many are new or differ. What was said earlier fills in and replaces nothing.
pub(super) async fn add(
    connection: &mut SqliteConnection,
    series: i64,
    source: u32,
    known_at: i64,
    said: BTreeMap<i64, Values>,
) -> Result<usize> {
    let mut days: BTreeMap<i64, Vec<(i64, Values)>> = BTreeMap::new();
    for (second, values) in said {
        days.entry(second.div_euclid(DAY_SECS))
            .or_default()
            .push((second, values));
    }
    let mut added = 0;
    for (day, said) in days {
        let mut query = Query::select();
        query
            .columns(["number", "known_at", "body"])
            .from("minute_bars")
            .and_where(Expr::col("series").eq(series))
            .and_where(Expr::col("source").eq(source))
            .and_where(Expr::col("day").eq(day))
            .and_where(Expr::col("replaced_at").is_null());
        let mut bars: BTreeMap<i64, Values> = BTreeMap::new();
        let mut current: Option<(i64, i64)> = None;
        if let Some(row) = sql::first(connection, &query).await? {
            current = Some((sql::get(&row, 0)?, sql::get(&row, 1)?));
            bars.extend(BarColumns::decode(day * DAY_SECS, sql::get(&row, 2)?)?.bars());
        }
        let is_late = current.is_some_and(|(_, last)| known_at < last);
        let (mut fresh, mut corrects) = (0, false);
        for (second, values) in said {
            match bars.get(&second) {
                Some(before) if is_late || *before == values => continue,
                before => corrects |= before.is_some(),
            }
            fresh += 1;
            bars.insert(second, values);
        }
        if fresh == 0 {
            continue;
        }
        added += fresh;
        let mut columns = BarColumns::default();
        bars.into_iter()
            .for_each(|(second, values)| columns.push(second, values));
        let body = columns.encode(day * DAY_SECS);
        let last = current.map_or(known_at, |(_, last)| Ord::max(last, known_at));
        if let Some((number, _)) = current {
            let mut query = Query::update();
            query.table("minute_bars").and_where(Expr::col("number").eq(number));
            if corrects {
                query.value("replaced_at", known_at);
            } else {
                query.value("known_at", last).value("body", body.clone());
            }
            sql::execute(connection, &query).await?;
            if !corrects {
                continue;
            }
        }
        let mut query = Query::insert();
        query
            .into_table("minute_bars")
            .columns(["series", "source", "day", "known_at", "body"])
            .values_panic([
                Expr::val(series),
                Expr::val(source),
                Expr::val(day),
                Expr::val(last),
                Expr::val(body),
            ]);
        sql::execute(connection, &query).await?;
    }
    Ok(added)
}

impl Market {
    /// Returns the bars of minutes that start between two instants inclusive, ascending. Of a minute that several
    /// sources have, the one counts whose day became known last.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn minutes(&self, key: SeriesKey, from: Timestamp, until: Timestamp) -> Result<Vec<SourceBar>> {
        let (from, until) = (from.as_second(), until.as_second());
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let Some(series) = key.number(&mut reader).await? else {
                return Ok(Vec::new());
            };
            let mut query = Query::select();
            query
                .columns(["day", "body"])
                .from("minute_bars")
                .and_where(Expr::col("series").eq(series))
                .and_where(Expr::col("day").between(from.div_euclid(DAY_SECS), until.div_euclid(DAY_SECS)))
                .and_where(Expr::col("replaced_at").is_null())
                .order_by("known_at", Order::Asc)
                .order_by("number", Order::Asc);
            let mut found: BTreeMap<i64, Values> = BTreeMap::new();
            sql::each(&mut reader, &query, |row| {
                let columns = BarColumns::decode(sql::get::<i64>(row, 0)? * DAY_SECS, sql::get(row, 1)?)?;
                found.extend(columns.bars().filter(|(second, _)| (from..=until).contains(second)));
                Ok(())
            })
            .await?;
            let bars = found.into_iter().map(|(second, values)| {
                let start = Timestamp::from_second(second).map_err(|err| StoreError::record("row of bars", err))?;
                Ok(SourceBar::of(BarWindow::Minute(start), values))
            });
            bars.collect()
        };
        self.database.told(read.boxed()).await
    }
}
