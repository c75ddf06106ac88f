//! Prices as traded and exchange rates: adding what is new about a day, and reading columns as known at an instant.

use std::collections::{BTreeMap, HashMap};

use apex_domain::{Currency, Date, Decimal, FxRates, InstrumentId, PriceBook, Timestamp};
pub use apex_wire::chunk::PriceBar;
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, SimpleExpr};
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::codec::bytes::nanos;
use crate::codec::series::{Columns, YearSeries};
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;
use crate::store::changes::{Applied, Changes, Writing};
use crate::store::documents::{self, INSTRUMENT};
use crate::store::outbox::{Mutation, Space, rows_payload};
use crate::store::transactions::intern_source;

/// Prices of one instrument from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceBatch {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Who says so.
    pub source: String,
    /// When it became known.
    pub known_at: Timestamp,
    /// The days; the last of two for the same day counts.
    pub bars: Vec<PriceBar>,
    /// Days whose price is withdrawn: from now on there is none, until a later batch has one. What was known before stays
    /// known for whoever asks what was known then. A day that is among the bars too has the price of the bar.
    pub withdrawn: Vec<Date>,
}

/// Exchange rates of one pair from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateBatch {
    /// The currency of which there is one unit.
    pub base: Currency,
    /// The currency that is counted.
    pub target: Currency,
    /// Who says so.
    pub source: String,
    /// When it became known.
    pub known_at: Timestamp,
    /// Units of the target for one of the base, by day.
    pub rates: Vec<(Date, Decimal)>,
    /// Days whose rate is withdrawn, as with prices.
    pub withdrawn: Vec<Date>,
}

/// Closes of one instrument as columns, by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSeries {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The days, ascending.
    pub dates: Vec<Date>,
    /// The closes, as traded.
    pub closes: Vec<Decimal>,
    /// Who said so, as positions in `source_names`.
    pub sources: Vec<u16>,
    /// Names of the sources.
    pub source_names: Vec<String>,
}

/// Rates of one pair as columns, by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateSeries {
    /// The currency of which there is one unit.
    pub base: Currency,
    /// The currency that is counted.
    pub target: Currency,
    /// The days, ascending.
    pub dates: Vec<Date>,
    /// Units of the target for one of the base.
    pub rates: Vec<Decimal>,
}

pub(crate) const PRICES: &str = "price_series";
pub(super) const RATES: &str = "fx_series";

/// What is said of a day: its price, or that it has none any more.
type Day = (Date, Option<PriceBar>);

/// Puts what a batch says of days into the order in which it counts.
fn said(withdrawn: &[Date], bars: impl Iterator<Item = PriceBar>) -> impl Iterator<Item = Day> {
    let withdrawn = withdrawn.iter().map(|date| (*date, None));
    withdrawn.chain(bars.map(|bar| (bar.date, Some(bar))))
}

/// The rows of one series that are to be added, with their digest.
struct Addition {
    table: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<SimpleExpr>>,
    digest: blake3::Hasher,
    days: usize,
}

impl Addition {
    fn to(table: &'static str, key: &[&'static str]) -> Self {
        let mut columns = key.to_vec();
        columns.extend(["year", "known_at", "source", "body"]);
        Self {
            table,
            columns,
            rows: Vec::new(),
            digest: blake3::Hasher::new(),
            days: 0,
        }
    }

    /// Adds the days that are new or differ from what is known, as one row a year and shape.
    fn add(
        &mut self,
        key: &[SimpleExpr],
        name: &[u8],
        source: u32,
        known_at: i64,
        known: &BTreeMap<Date, PriceBar>,
        days: impl Iterator<Item = Day>,
    ) {
        let mut fresh: BTreeMap<Date, Option<PriceBar>> = days.collect();
        fresh.retain(|date, bar| known.get(date) != bar.as_ref());
        self.days += fresh.len();
        let mut years: BTreeMap<(i16, Option<(bool, bool)>), YearSeries> = BTreeMap::new();
        for (date, bar) in fresh {
            let shape = bar.as_ref().map(|bar| (bar.range.is_some(), bar.volume.is_some()));
            let series = years.entry((date.year(), shape)).or_insert_with(|| YearSeries {
                year: date.year(),
                dates: Vec::new(),
                columns: shape.map(|_| Columns::default()),
            });
            series.dates.push(date);
            let Some((bar, columns)) = bar.zip(series.columns.as_mut()) else {
                continue;
            };
            columns.close.push(bar.close);
            let range = bar.range.map_or([None; 3], |range| range.map(Some));
            for (column, value) in columns.others.iter_mut().zip(range.into_iter().chain([bar.volume])) {
                column.extend(value);
            }
        }
        for series in years.values() {
            let body = series.encode();
            self.digest
                .update(name)
                .update(&series.year.to_le_bytes())
                .update(&body);
            let mut row = key.to_vec();
            row.extend([
                Expr::val(series.year),
                Expr::val(known_at),
                Expr::val(source),
                Expr::val(body),
            ]);
            self.rows.push(row);
        }
    }

    async fn write(self, writing: &mut Writing<'_>, entity: &'static str) -> Result<usize> {
        if self.rows.is_empty() {
            return Ok(0);
        }
        let first = sql::next_number(writing.connection(), self.table).await?;
        for rows in self.rows.chunks(sql::ROWS_PER_INSERT) {
            let mut query = Query::insert();
            query.into_table(self.table).columns(self.columns.iter().copied());
            for row in rows {
                query.values_panic(row.iter().cloned());
            }
            sql::execute(writing.connection(), &query).await?;
        }
        writing.outbox.push(Mutation {
            space: Space::Reference,
            kind: "add",
            entity,
            entity_id: None,
            base_version: None,
            natural_key: None,
            payload: rows_payload(first, first + self.rows.len() as i64 - 1, &self.digest.finalize()),
        });
        Ok(self.days)
    }
}

pub(super) async fn save_prices(writing: &mut Writing<'_>, batches: &[PriceBatch]) -> Result<usize> {
    if batches.is_empty() {
        return Ok(0);
    }
    let numbers = documents::numbers(writing.connection(), INSTRUMENT).await?;
    let mut changed = 0;
    for batch in batches {
        let id = batch.instrument.as_uuid();
        let number = *numbers.get(&id).ok_or_else(|| StoreError::unknown("instrument", id))?;
        let source = intern_source(writing.connection(), &batch.source).await?;
        let mut query = Query::select();
        query
            .columns(["year", "body"])
            .from(PRICES)
            .and_where(Expr::col("instrument").eq(number));
        let known = known_bars(writing.connection(), query).await?;
        let mut addition = Addition::to(PRICES, &["instrument"]);
        let days = said(&batch.withdrawn, batch.bars.iter().cloned());
        let key = [Expr::val(number)];
        addition.add(&key, id.as_bytes(), source, nanos(batch.known_at)?, &known, days);
        changed += addition.write(writing, "price").await?;
    }
    Ok(changed)
}

pub(super) async fn save_rates(writing: &mut Writing<'_>, batches: &[RateBatch]) -> Result<usize> {
    let mut changed = 0;
    for batch in batches {
        let (base, target) = (batch.base.code(), batch.target.code());
        if base == target {
            return Err(StoreError::unstorable(
                "a rate",
                format!("{base} is exchanged for itself"),
            ));
        }
        if let Some((date, rate)) = batch.rates.iter().find(|(_, rate)| *rate <= Decimal::ZERO) {
            return Err(StoreError::unstorable(
                "a rate",
                format!("{base} to {target} on {date} is {rate}"),
            ));
        }
        let source = intern_source(writing.connection(), &batch.source).await?;
        let mut query = Query::select();
        query
            .columns(["year", "body"])
            .from(RATES)
            .and_where(Expr::col("base").eq(base))
            .and_where(Expr::col("target").eq(target));
        let known = known_bars(writing.connection(), query).await?;
        let mut addition = Addition::to(RATES, &["base", "target"]);
        let name = format!("{base}{target}");
        let bars = batch.rates.iter().map(|(date, rate)| PriceBar::close(*date, *rate));
        let key = [Expr::val(base), Expr::val(target)];
        let days = said(&batch.withdrawn, bars);
        addition.add(&key, name.as_bytes(), source, nanos(batch.known_at)?, &known, days);
        changed += addition.write(writing, "rate").await?;
    }
    Ok(changed)
}

/// Reads what is known of one series today, day by day.
async fn known_bars(connection: &mut SqliteConnection, mut query: SelectStatement) -> Result<BTreeMap<Date, PriceBar>> {
    query.order_by("known_at", Order::Asc).order_by("number", Order::Asc);
    let mut known = BTreeMap::new();
    sql::each(connection, &query, |row| {
        for (date, bar) in days_of(year_series(row, 0, 1)?) {
            match bar {
                Some(bar) => drop(known.insert(date, bar)),
                None => drop(known.remove(&date)),
            }
        }
        Ok(())
    })
    .await?;
    Ok(known)
}

pub(super) fn year_series(row: &SqliteRow, year: usize, body: usize) -> Result<YearSeries> {
    YearSeries::decode(sql::get(row, year)?, sql::get(row, body)?)
}

fn days_of(series: YearSeries) -> impl Iterator<Item = Day> {
    let columns = series.columns;
    let bar = move |(at, date): (usize, Date)| {
        let columns = columns.as_ref()?;
        let [open, high, low, volume] = columns.others.each_ref().map(|column| column.get(at).copied());
        Some(PriceBar {
            date,
            close: *columns.close.get(at)?,
            range: open.zip(high).zip(low).map(|((open, high), low)| [open, high, low]),
            volume,
        })
    };
    let days = series.dates.into_iter().enumerate();
    days.map(move |(at, date)| (date, bar((at, date))))
}

/// Values by day in the order they became known, from which the last of each day remains. A day that was withdrawn has
/// none.
struct Timeline<T> {
    days: Vec<(Date, Option<T>)>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { days: Vec::new() }
    }
}

impl<T> Timeline<T> {
    /// Sorts by day and keeps what became known last. The sort is stable, and quick on runs that are sorted already.
    fn settle(mut self, from: Option<Date>, to: Option<Date>) -> Vec<(Date, T)> {
        self.days
            .retain(|(date, _)| from.is_none_or(|from| from <= *date) && to.is_none_or(|to| *date <= to));
        self.days.sort_by_key(|(date, _)| *date);
        let mut settled: Vec<(Date, T)> = Vec::with_capacity(self.days.len());
        for (date, value) in self.days {
            settled.pop_if(|last| last.0 == date);
            settled.extend(value.map(|value| (date, value)));
        }
        settled
    }
}

fn within(
    query: &mut SelectStatement,
    from: Option<Date>,
    to: Option<Date>,
    known_at: Option<Timestamp>,
) -> Result<()> {
    if let Some(from) = from {
        query.and_where(Expr::col("year").gte(from.year()));
    }
    if let Some(to) = to {
        query.and_where(Expr::col("year").lte(to.year()));
    }
    if let Some(known_at) = known_at {
        query.and_where(Expr::col("known_at").lte(nanos(known_at)?));
    }
    query.order_by("known_at", Order::Asc).order_by("number", Order::Asc);
    Ok(())
}

impl Store {
    /// Adds and withdraws prices; days whose price the book has already, or has withdrawn, are left out.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] for an instrument that is not in the book, [`StoreError::Busy`].
    pub async fn insert_prices(&self, prices: Vec<PriceBatch>, now: Timestamp) -> Result<Applied> {
        self.apply(
            &Changes {
                prices,
                ..Changes::default()
            },
            now,
        )
        .await
    }

    /// Adds and withdraws exchange rates; days whose rate the book has already, or has withdrawn, are left out.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for a rate that is not positive, [`StoreError::Busy`].
    pub async fn insert_rates(&self, rates: Vec<RateBatch>, now: Timestamp) -> Result<Applied> {
        self.apply(
            &Changes {
                rates,
                ..Changes::default()
            },
            now,
        )
        .await
    }

    /// Returns the closes of some instruments, or of all, between two days inclusive and as known at an instant.
    ///
    /// Instruments without a price are absent; the others come in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn load_prices(
        &self,
        instruments: Option<&[InstrumentId]>,
        from: Option<Date>,
        to: Option<Date>,
        known_at: Option<Timestamp>,
    ) -> Result<Vec<PriceSeries>> {
        let mut reader = self.database().readers.acquire().await?;
        let by_number = documents::instruments_by_number(&mut reader).await?;
        let names = documents::sources_by_number(&mut reader).await?;
        let mut query = Query::select();
        query.columns(["year", "body", "instrument", "source"]).from(PRICES);
        if let Some(instruments) = instruments {
            let numbers = documents::numbers(&mut reader, INSTRUMENT).await?;
            let wanted: Vec<u32> = instruments
                .iter()
                .filter_map(|id| numbers.get(&id.as_uuid()).copied())
                .collect();
            query.and_where(Expr::col("instrument").is_in(wanted));
        }
        within(&mut query, from, to, known_at)?;
        let mut timelines: BTreeMap<InstrumentId, Timeline<(Decimal, u32)>> = BTreeMap::new();
        sql::each(&mut reader, &query, |row| {
            let number: u32 = sql::get(row, 2)?;
            let instrument = by_number.get(number as usize).copied().flatten();
            let instrument = instrument.ok_or_else(|| StoreError::record("price", "its instrument is not there"))?;
            let source: u32 = sql::get(row, 3)?;
            let series = year_series(row, 0, 1)?;
            let days = series
                .closes()
                .map(|(date, close)| (date, close.map(|close| (close, source))));
            timelines.entry(instrument).or_default().days.extend(days);
            Ok(())
        })
        .await?;
        let mut found = Vec::with_capacity(timelines.len());
        for (instrument, timeline) in timelines {
            let days = timeline.settle(from, to);
            if days.is_empty() {
                continue;
            }
            let mut series = PriceSeries {
                instrument,
                dates: Vec::with_capacity(days.len()),
                closes: Vec::with_capacity(days.len()),
                sources: Vec::with_capacity(days.len()),
                source_names: Vec::new(),
            };
            let mut positions: HashMap<u32, u16> = HashMap::new();
            for (date, (close, source)) in days {
                let position = *positions.entry(source).or_insert_with(|| {
                    let name = names.get(source as usize).cloned().flatten();
                    series.source_names.push(name.unwrap_or_default());
                    u16::try_from(series.source_names.len() - 1).unwrap_or(u16::MAX)
                });
                series.dates.push(date);
                series.closes.push(close);
                series.sources.push(position);
            }
            found.push(series);
        }
        Ok(found)
    }

    /// Returns all that is known of the days of some instruments between two days inclusive: closes, ranges and volumes.
    ///
    /// Instruments without a price are absent.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn load_bars(
        &self,
        instruments: &[InstrumentId],
        from: Option<Date>,
        to: Option<Date>,
        known_at: Option<Timestamp>,
    ) -> Result<BTreeMap<InstrumentId, Vec<PriceBar>>> {
        let mut reader = self.database().readers.acquire().await?;
        let numbers = documents::numbers(&mut reader, INSTRUMENT).await?;
        let by_number: BTreeMap<u32, InstrumentId> = instruments
            .iter()
            .filter_map(|id| Some((*numbers.get(&id.as_uuid())?, *id)))
            .collect();
        let mut query = Query::select();
        query
            .columns(["year", "body", "instrument"])
            .from(PRICES)
            .and_where(Expr::col("instrument").is_in(by_number.keys().copied()));
        within(&mut query, from, to, known_at)?;
        let mut timelines: BTreeMap<InstrumentId, Timeline<PriceBar>> = BTreeMap::new();
        sql::each(&mut reader, &query, |row| {
            let number: u32 = sql::get(row, 2)?;
            let instrument = by_number.get(&number).copied();
            let instrument = instrument.ok_or_else(|| StoreError::record("price", "its instrument is not there"))?;
            let days = days_of(year_series(row, 0, 1)?);
            timelines.entry(instrument).or_default().days.extend(days);
            Ok(())
        })
        .await?;
        let settled = timelines.into_iter().map(|(instrument, timeline)| {
            let bars: Vec<PriceBar> = timeline.settle(from, to).into_iter().map(|(_, bar)| bar).collect();
            (instrument, bars)
        });
        Ok(settled.filter(|(_, bars)| !bars.is_empty()).collect())
    }

    /// Returns the exchange rates between two days inclusive and as known at an instant, by pair.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn load_rates(
        &self,
        from: Option<Date>,
        to: Option<Date>,
        known_at: Option<Timestamp>,
    ) -> Result<Vec<RateSeries>> {
        let mut reader = self.database().readers.acquire().await?;
        let mut query = Query::select();
        query.columns(["year", "body", "base", "target"]).from(RATES);
        within(&mut query, from, to, known_at)?;
        let mut timelines: BTreeMap<(Currency, Currency), Timeline<Decimal>> = BTreeMap::new();
        sql::each(&mut reader, &query, |row| {
            let code =
                |column: usize| Currency::parse(sql::get(row, column)?).map_err(|err| StoreError::record("rate", err));
            let series = year_series(row, 0, 1)?;
            let days = series.closes();
            timelines.entry((code(2)?, code(3)?)).or_default().days.extend(days);
            Ok(())
        })
        .await?;
        let series = timelines.into_iter().map(|((base, target), timeline)| {
            let (dates, rates) = timeline.settle(from, to).into_iter().unzip();
            RateSeries {
                base,
                target,
                dates,
                rates,
            }
        });
        Ok(series.filter(|series| !series.dates.is_empty()).collect())
    }

    /// Returns all prices and rates as known at an instant, ready to value with.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn load_price_book(&self, known_at: Option<Timestamp>) -> Result<PriceBook> {
        let mut book = PriceBook::default();
        for series in self.load_prices(None, None, None, known_at).await? {
            let mut from = 0;
            for run in series.sources.chunk_by(|left, right| left == right) {
                let to = from + run.len();
                let name = run
                    .first()
                    .and_then(|source| series.source_names.get(usize::from(*source)));
                let days = series.dates[from..to]
                    .iter()
                    .copied()
                    .zip(series.closes[from..to].iter().copied());
                book.extend(series.instrument, days, name.map_or("", String::as_str));
                from = to;
            }
        }
        book.fx = self.load_fx_rates(known_at).await?;
        Ok(book)
    }

    /// Returns all exchange rates as known at an instant, ready to convert with.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn load_fx_rates(&self, known_at: Option<Timestamp>) -> Result<FxRates> {
        let mut fx = FxRates::default();
        for series in self.load_rates(None, None, known_at).await? {
            for (date, rate) in series.dates.iter().zip(&series.rates) {
                fx.set(series.base, series.target, *date, *rate);
            }
        }
        Ok(fx)
    }
}
