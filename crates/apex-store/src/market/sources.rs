//! Daily bars and corporate actions by source.

use futures::FutureExt as _;
use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Date, Timestamp};
use sea_query::{Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};
use sqlx::sqlite::SqliteConnection;

use crate::codec::bars::BarColumns;
use crate::codec::bytes::{date_of, day_number, instant_of, nanos, year_start};
use crate::error::{Result, StoreError};
use crate::market::said::{Confirmed, Known};
use crate::market::series::{EventKind, SeriesKey, SourceAction, SourceBar, SourceEvent};
use crate::market::{BarWindow, Market, begin, minutes};
use crate::sql;
use crate::store::intern_source;

/// What one answer of a source says about one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSaid {
    /// About what.
    pub key: SeriesKey,
    /// Who says so.
    pub source: String,
    /// When it became known.
    pub known_at: Timestamp,
    /// The raw answers it was read from.
    pub hashes: Vec<String>,
    /// Bars; the last of two of the same time counts.
    pub bars: Vec<SourceBar>,
    /// Corporate actions; several of one kind and day stand together, and a later answer replaces them together.
    pub actions: Vec<SourceAction>,
}

/// What counts of all that a source said about a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSeries {
    /// Who said so.
    pub source: String,
    /// When it last said anything, be it what it had said before.
    pub known_at: Timestamp,
    /// Its days, ascending.
    pub bars: Vec<SourceBar>,
    /// Its corporate actions by day; those of one day in the order of kinds.
    pub actions: Vec<SourceAction>,
}

/// That a source said something about a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Who.
    pub source: String,
    /// When it became known.
    pub known_at: Timestamp,
    /// The raw answers it was read from.
    pub hashes: Vec<String>,
}

type Values = [Option<apex_domain::Decimal>; 5];
type EventId = (Date, EventKind);

/// One series of one source.
struct Place<'c> {
    connection: &'c mut SqliteConnection,
    series: i64,
    source: u32,
    known_at: i64,
}

impl Market {
    /// Takes in what sources say, and returns how many days, minutes and corporate actions are new or differ from what
    /// the same source said before. Saying the same again adds nothing, and answers may come in any order.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for an instant out of range or a minute that starts between two seconds,
    /// [`StoreError::Busy`]; nothing was taken in then.
    pub async fn add_source(&self, said: &[SourceSaid]) -> Result<usize> {
        let write = async {
            let mut writer = self.writer().await;
            let mut writing = begin(&mut writer).await?;
            let mut added = 0;
            for said in said {
                added += add(&mut writing, said).await?;
            }
            writing.commit().await?;
            Ok(added)
        };
        self.database.told(write.boxed()).await
    }

    /// Returns what counts of what each source said about a series, as known at an instant or as it is now, by the
    /// names of the sources.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn sources(&self, key: SeriesKey, known_at: Option<Timestamp>) -> Result<Vec<SourceSeries>> {
        let known_at = known_at.map(nanos).transpose()?;
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            match key.number(&mut reader).await? {
                Some(series) => settled(&mut reader, series, known_at).await,
                None => Ok(Vec::new()),
            }
        };
        self.database.told(read.boxed()).await
    }

    /// Returns who said something about a series and when, earliest first, with the raw answers it was read from.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn statements(&self, key: SeriesKey) -> Result<Vec<Statement>> {
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let Some(series) = key.number(&mut reader).await? else {
                return Ok(Vec::new());
            };
            let mut query = Query::select();
            query
                .column(("sources", "name"))
                .column(("statements", "known_at"))
                .column(("statements", "hashes"))
                .from("statements")
                .inner_join(
                    "sources",
                    Expr::col(("sources", "number")).equals(("statements", "source")),
                )
                .and_where(Expr::col(("statements", "series")).eq(series))
                .order_by(("statements", "known_at"), Order::Asc)
                .order_by(("sources", "name"), Order::Asc);
            let mut statements = Vec::new();
            sql::each(&mut reader, &query, |row| {
                statements.push(Statement {
                    source: sql::get(row, 0)?,
                    known_at: instant_of(sql::get(row, 1)?),
                    hashes: hashes_of(sql::get(row, 2)?)?,
                });
                Ok(())
            })
            .await?;
            Ok(statements)
        };
        self.database.told(read.boxed()).await
    }
}

fn hashes_of(json: &str) -> Result<Vec<String>> {
    serde_json::from_str(json).map_err(|err| StoreError::record("statement", err))
}

async fn add(connection: &mut SqliteConnection, said: &SourceSaid) -> Result<usize> {
    let series = said.key.intern(connection).await?;
    let source = intern_source(connection, &said.source).await?;
    let mut place = Place {
        connection,
        series,
        source,
        known_at: nanos(said.known_at)?,
    };
    let (mut days, mut by_minute) = (BTreeMap::new(), BTreeMap::new());
    for bar in &said.bars {
        match bar.window {
            BarWindow::Day(day) => {
                days.insert(day, bar.values());
            }
            BarWindow::Minute(start) => {
                by_minute.insert(minutes::second_of(start)?, bar.values());
            }
        }
    }
    let mut events: BTreeMap<EventId, Vec<SourceEvent>> = BTreeMap::new();
    for action in &said.actions {
        let id = (action.ex_date, action.event.kind());
        events.entry(id).or_default().push(action.event.clone());
    }
    events.values_mut().for_each(|events| events.sort());
    // A stream of minutes says nothing about days.
    let is_stream = days.is_empty() && events.is_empty() && !by_minute.is_empty();
    let mut added = minutes::add(place.connection, series, source, place.known_at, by_minute).await?;
    if is_stream {
        return Ok(added);
    }
    let later = place.later().await?;
    let mut confirmed = Confirmed::default();
    if !days.is_empty() {
        added += place.add_days(days, &later, &mut confirmed.days).await?;
    }
    if !events.is_empty() {
        added += place.add_events(events, &later, &mut confirmed.events).await?;
    }
    place.state(&said.hashes, confirmed).await?;
    Ok(added)
}

impl Place<'_> {
    fn only(&self, query: &mut SelectStatement) {
        query
            .and_where(Expr::col("series").eq(self.series))
            .and_where(Expr::col("source").eq(self.source));
    }

    /// Returns what answers known later repeat, in order.
    async fn later(&mut self) -> Result<Vec<(i64, Confirmed)>> {
        let mut query = Query::select();
        query
            .columns(["known_at", "confirmed"])
            .from("statements")
            .and_where(Expr::col("known_at").gt(self.known_at))
            .order_by("known_at", Order::Asc);
        self.only(&mut query);
        let mut later = Vec::new();
        sql::each(self.connection, &query, |row| {
            later.push((sql::get(row, 0)?, Confirmed::decode(sql::get(row, 1)?)?));
            Ok(())
        })
        .await?;
        Ok(later)
    }

    async fn add_days(
        &mut self,
        said: BTreeMap<Date, Values>,
        later: &[(i64, Confirmed)],
        confirmed: &mut BTreeSet<Date>,
    ) -> Result<usize> {
        let years: BTreeSet<i16> = said.keys().map(|day| day.year()).collect();
        let mut query = Query::select();
        query
            .columns(["year", "body", "known_at"])
            .from("day_bars")
            .and_where(Expr::col("year").is_in(years))
            .order_by("known_at", Order::Asc)
            .order_by("number", Order::Asc);
        self.only(&mut query);
        let mut known = Known::default();
        sql::each(self.connection, &query, |row| {
            let known_at = sql::get(row, 2)?;
            for (day, values) in days_of(sql::get(row, 0)?, sql::get(row, 1)?)? {
                known.push(day, known_at, values);
            }
            Ok(())
        })
        .await?;
        let repeats = later.iter().map(|(at, confirmed)| (*at, &confirmed.days));
        let added = known.compare(said, self.known_at, repeats);
        confirmed.extend(added.confirmed);
        for (known_at, days) in added.values {
            let mut years: BTreeMap<i16, BarColumns> = BTreeMap::new();
            for (day, values) in days {
                let columns = years.entry(day.year()).or_default();
                columns.push(day_number(day).into(), values);
            }
            for (year, columns) in years {
                let mut query = Query::insert();
                query
                    .into_table("day_bars")
                    .columns(["series", "source", "year", "known_at", "body"])
                    .values_panic([
                        Expr::val(self.series),
                        Expr::val(self.source),
                        Expr::val(year),
                        Expr::val(known_at),
                        Expr::val(columns.encode(year_start(year).into())),
                    ]);
                sql::execute(self.connection, &query).await?;
            }
        }
        Ok(added.fresh)
    }

    async fn add_events(
        &mut self,
        said: BTreeMap<EventId, Vec<SourceEvent>>,
        later: &[(i64, Confirmed)],
        confirmed: &mut BTreeSet<EventId>,
    ) -> Result<usize> {
        let mut query = Query::select();
        query
            .columns(["ex_date", "kind", "body", "known_at"])
            .from("source_actions")
            .order_by("known_at", Order::Asc)
            .order_by("number", Order::Asc);
        self.only(&mut query);
        let mut known = Known::default();
        sql::each(self.connection, &query, |row| {
            let id = event_id(sql::get(row, 0)?, sql::get(row, 1)?)?;
            known.push(id, sql::get(row, 3)?, events_of(sql::get(row, 2)?)?);
            Ok(())
        })
        .await?;
        let repeats = later.iter().map(|(at, confirmed)| (*at, &confirmed.events));
        let added = known.compare(said, self.known_at, repeats);
        confirmed.extend(added.confirmed);
        for (known_at, events) in added.values {
            for ((ex_date, kind), events) in events {
                let body = serde_json::to_string(&events);
                let body = body.map_err(|err| StoreError::unstorable("a corporate action", err))?;
                let mut query = Query::insert();
                query
                    .into_table("source_actions")
                    .columns(["series", "source", "ex_date", "kind", "known_at", "body"])
                    .values_panic([
                        Expr::val(self.series),
                        Expr::val(self.source),
                        Expr::val(day_number(ex_date)),
                        Expr::val(kind.name()),
                        Expr::val(known_at),
                        Expr::val(body),
                    ]);
                sql::execute(self.connection, &query).await?;
            }
        }
        Ok(added.fresh)
    }

    /// Writes down that something was said; two answers of one instant count as one.
    async fn state(&mut self, hashes: &[String], mut confirmed: Confirmed) -> Result<()> {
        let mut query = Query::select();
        query
            .columns(["hashes", "confirmed"])
            .from("statements")
            .and_where(Expr::col("known_at").eq(self.known_at));
        self.only(&mut query);
        let mut all = Vec::new();
        if let Some(row) = sql::first(self.connection, &query).await? {
            all = hashes_of(sql::get(&row, 0)?)?;
            let before = Confirmed::decode(sql::get(&row, 1)?)?;
            confirmed.days.extend(before.days);
            confirmed.events.extend(before.events);
        }
        for hash in hashes {
            if !all.contains(hash) {
                all.push(hash.clone());
            }
        }
        let all = serde_json::to_string(&all).map_err(|err| StoreError::unstorable("a statement", err))?;
        let mut query = Query::insert();
        query
            .into_table("statements")
            .columns(["series", "source", "known_at", "hashes", "confirmed"])
            .values_panic([
                Expr::val(self.series),
                Expr::val(self.source),
                Expr::val(self.known_at),
                Expr::val(all),
                Expr::val(confirmed.encode()?),
            ])
            .on_conflict(
                OnConflict::columns(["series", "source", "known_at"])
                    .update_columns(["hashes", "confirmed"])
                    .to_owned(),
            );
        sql::execute(self.connection, &query).await?;
        Ok(())
    }
}

fn days_of(year: i16, body: &[u8]) -> Result<impl Iterator<Item = (Date, Values)>> {
    let columns = BarColumns::decode(year_start(year).into(), body)?;
    let days = columns.bars().map(|(day, values)| {
        let date = i32::try_from(day).ok().and_then(date_of);
        let date = date.ok_or_else(|| StoreError::record("row of bars", "a date is out of range"))?;
        Ok((date, values))
    });
    Ok(days.collect::<Result<Vec<_>>>()?.into_iter())
}

fn event_id(ex_date: i32, kind: &str) -> Result<EventId> {
    let fault = |reason: &str| StoreError::record("corporate action", reason);
    let date = date_of(ex_date).ok_or_else(|| fault("its date is out of range"))?;
    let kind = EventKind::ALL.into_iter().find(|known| known.name() == kind);
    Ok((date, kind.ok_or_else(|| fault("its kind is not known"))?))
}

fn events_of(json: &str) -> Result<Vec<SourceEvent>> {
    serde_json::from_str(json).map_err(|err| StoreError::record("corporate action", err))
}

/// What counts of one source, while rows are read in the order in which they became known.
#[derive(Default)]
struct Settled {
    known_at: i64,
    days: BTreeMap<Date, Values>,
    events: BTreeMap<EventId, Vec<SourceEvent>>,
}

async fn settled(connection: &mut SqliteConnection, series: i64, known_at: Option<i64>) -> Result<Vec<SourceSeries>> {
    let select = |table: &'static str, columns: &[&'static str]| {
        let mut query = Query::select();
        query
            .columns(["source", "known_at"])
            .columns(columns.iter().copied())
            .from(table)
            .and_where(Expr::col("series").eq(series))
            .order_by("known_at", Order::Asc)
            .order_by("number", Order::Asc);
        if let Some(known_at) = known_at {
            query.and_where(Expr::col("known_at").lte(known_at));
        }
        query
    };
    let mut sources: BTreeMap<u32, Settled> = BTreeMap::new();
    sql::each(connection, &select("statements", &[]), |row| {
        sources.entry(sql::get(row, 0)?).or_default().known_at = sql::get(row, 1)?;
        Ok(())
    })
    .await?;
    sql::each(connection, &select("day_bars", &["year", "body"]), |row| {
        let days = days_of(sql::get(row, 2)?, sql::get(row, 3)?)?;
        sources.entry(sql::get(row, 0)?).or_default().days.extend(days);
        Ok(())
    })
    .await?;
    let actions = select("source_actions", &["ex_date", "kind", "body"]);
    sql::each(connection, &actions, |row| {
        let id = event_id(sql::get(row, 2)?, sql::get(row, 3)?)?;
        let events = &mut sources.entry(sql::get(row, 0)?).or_default().events;
        events.insert(id, events_of(sql::get(row, 4)?)?);
        Ok(())
    })
    .await?;
    let names = crate::store::sources_by_number(connection).await?;
    let mut found: Vec<SourceSeries> = sources
        .into_iter()
        .map(|(source, settled)| SourceSeries {
            source: names.get(source as usize).cloned().flatten().unwrap_or_default(),
            known_at: instant_of(settled.known_at),
            bars: settled
                .days
                .into_iter()
                .map(|(day, values)| SourceBar::of(BarWindow::Day(day), values))
                .collect(),
            actions: settled
                .events
                .into_iter()
                .flat_map(|((ex_date, _), events)| events.into_iter().map(move |event| SourceAction { ex_date, event }))
                .collect(),
        })
        .collect();
    found.sort_by(|one, other| one.source.cmp(&other.source));
    Ok(found)
}
