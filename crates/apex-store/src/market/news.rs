//! News, and the symbols they name.

use futures::FutureExt as _;
use std::collections::{BTreeMap, BTreeSet};

use apex_domain::Timestamp;
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sqlx::sqlite::SqliteConnection;

use crate::codec::bytes::{instant_of, nanos};
use crate::error::{Result, StoreError};
use crate::market::{Market, begin};
use crate::sql;

/// What is read of an item, in this order.
const COLUMNS: [&str; 6] = ["number", "provider", "id", "published", "known_at", "body"];

/// One item of news.
#[derive(Clone, Debug, PartialEq)]
pub struct NewsRecord {
    /// Who brought it.
    pub provider: String,
    /// Its name with the provider.
    pub id: String,
    /// When it was published.
    pub published: Timestamp,
    /// When it became known here.
    pub known_at: Timestamp,
    /// The symbols it names.
    pub symbols: Vec<String>,
    /// The item, as JSON.
    pub body: serde_json::Value,
}

impl Market {
    /// Keeps items, and returns how many are new. One that a provider has changed replaces what it was, and keeps the
    /// instant at which it became known first.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for an instant out of range, [`StoreError::Busy`].
    pub async fn add_news(&self, items: &[NewsRecord]) -> Result<usize> {
        let write = async {
            let mut writer = self.writer().await;
            let mut writing = begin(&mut writer).await?;
            let mut added = 0;
            for item in items {
                added += usize::from(add(&mut writing, item).await?);
            }
            writing.commit().await?;
            Ok(added)
        };
        self.database.told(write.boxed()).await
    }

    /// Returns the latest items that name one of some symbols, or of all where none is given, newest first: those
    /// published at or after an instant, and at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn news(&self, symbols: &[String], since: Option<Timestamp>, limit: usize) -> Result<Vec<NewsRecord>> {
        let mut query = Query::select();
        query
            .columns(COLUMNS)
            .from("news")
            .order_by("published", Order::Desc)
            .order_by("number", Order::Desc)
            .limit(limit as u64);
        if let Some(since) = since {
            query.and_where(Expr::col("published").gte(nanos(since)?));
        }
        if !symbols.is_empty() {
            let mut naming = Query::select();
            naming
                .column("news")
                .from("news_symbols")
                .and_where(Expr::col("symbol").is_in(symbols.iter().map(String::as_str)));
            query.and_where(Expr::col("number").in_subquery(naming));
        }
        self.read_news(&query).await
    }

    /// Returns one item by its provider's own name for it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn news_item(&self, provider: &str, id: &str) -> Result<Option<NewsRecord>> {
        let mut query = Query::select();
        query
            .columns(COLUMNS)
            .from("news")
            .and_where(Expr::col("provider").eq(provider))
            .and_where(Expr::col("id").eq(id));
        Ok(self.read_news(&query).await?.pop())
    }

    /// Reads [`COLUMNS`] of some items, with their symbols.
    async fn read_news(&self, query: &SelectStatement) -> Result<Vec<NewsRecord>> {
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let mut items = Vec::new();
            sql::each(&mut reader, query, |row| {
                let item = NewsRecord {
                    provider: sql::get(row, 1)?,
                    id: sql::get(row, 2)?,
                    published: instant_of(sql::get(row, 3)?),
                    known_at: instant_of(sql::get(row, 4)?),
                    symbols: Vec::new(),
                    body: serde_json::from_str(sql::get(row, 5)?).map_err(|err| StoreError::record("news", err))?,
                };
                items.push((sql::get::<i64>(row, 0)?, item));
                Ok(())
            })
            .await?;
            name(&mut reader, items).await
        };
        self.database.told(read.boxed()).await
    }
}

/// Adds the symbols of the items.
async fn name(connection: &mut SqliteConnection, mut items: Vec<(i64, NewsRecord)>) -> Result<Vec<NewsRecord>> {
    let mut symbols: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for some in items.chunks(sql::ROWS_PER_INSERT) {
        let mut query = Query::select();
        query
            .columns(["news", "symbol"])
            .from("news_symbols")
            .and_where(Expr::col("news").is_in(some.iter().map(|(number, _)| *number)))
            .order_by("symbol", Order::Asc);
        sql::each(connection, &query, |row| {
            symbols.entry(sql::get(row, 0)?).or_default().push(sql::get(row, 1)?);
            Ok(())
        })
        .await?;
    }
    for (number, item) in &mut items {
        item.symbols = symbols.remove(number).unwrap_or_default();
    }
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

async fn add(connection: &mut SqliteConnection, item: &NewsRecord) -> Result<bool> {
    let mut query = Query::select();
    query
        .column("number")
        .from("news")
        .and_where(Expr::col("provider").eq(item.provider.as_str()))
        .and_where(Expr::col("id").eq(item.id.as_str()));
    let known: Option<i64> = sql::first(connection, &query)
        .await?
        .map(|row| sql::get(&row, 0))
        .transpose()?;
    let number = match known {
        Some(number) => {
            let mut query = Query::update();
            query
                .table("news")
                .value("published", nanos(item.published)?)
                .value("body", item.body.to_string())
                .and_where(Expr::col("number").eq(number));
            sql::execute(connection, &query).await?;
            let mut query = Query::delete();
            query.from_table("news_symbols").and_where(Expr::col("news").eq(number));
            sql::execute(connection, &query).await?;
            number
        }
        None => {
            let number = sql::next_number(connection, "news").await?;
            let mut query = Query::insert();
            query
                .into_table("news")
                .columns(["number", "provider", "id", "published", "known_at", "body"])
                .values_panic([
                    Expr::val(number),
                    Expr::val(item.provider.as_str()),
                    Expr::val(item.id.as_str()),
                    Expr::val(nanos(item.published)?),
                    Expr::val(nanos(item.known_at)?),
                    Expr::val(item.body.to_string()),
                ]);
            sql::execute(connection, &query).await?;
            number
        }
    };
    let symbols: BTreeSet<&str> = item.symbols.iter().map(String::as_str).collect();
    for symbol in symbols {
        let mut query = Query::insert();
        query
            .into_table("news_symbols")
            .columns(["symbol", "news"])
            .values_panic([Expr::val(symbol), Expr::val(number)]);
        sql::execute(connection, &query).await?;
    }
    Ok(known.is_none())
}
