//! The book itself: its name, its clock and its labels.

use std::collections::BTreeMap;

use apex_domain::{Date, Timestamp};
use sea_query::{Expr, ExprTrait, Query};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codec::bytes::{instant_of, nanos};
use crate::database::Database;
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;
use crate::store::documents::Versioned;

/// The clock a book is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookClock {
    /// The wall clock, passed in by the shell.
    Wall,
    /// A day at which the book stands: the last data day of a demo.
    Fixed(Date),
}

/// What a new book is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBook {
    /// The name people use.
    pub name: String,
    /// The clock it is read by.
    pub clock: BookClock,
    /// Free pairs of text, such as the seed of a simulated book.
    pub labels: BTreeMap<String, String>,
}

/// A book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// The id, made with the book.
    pub id: Uuid,
    /// Name, clock and labels.
    pub about: NewBook,
}

pub(super) async fn insert(database: &Database, id: Uuid, book: &NewBook, now: Timestamp) -> Result<()> {
    let mut query = Query::insert();
    query
        .into_table("book")
        .columns(["number", "id", "version", "known_at", "body"])
        .values_panic([
            Expr::val(1),
            Expr::val(id.as_bytes().to_vec()),
            Expr::val(1),
            Expr::val(nanos(now)?),
            Expr::val(serde_json::to_string(book).map_err(|err| StoreError::unstorable("the book", err))?),
        ]);
    sql::execute(&mut *database.writer.lock().await, &query).await?;
    Ok(())
}

impl Store {
    /// Returns the book's name, clock and labels.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn book(&self) -> Result<Versioned<Book>> {
        let mut reader = self.database().readers.acquire().await?;
        let query = Query::select()
            .columns(["id", "version", "known_at", "body"])
            .from("book")
            .to_owned();
        let row = sql::first(&mut reader, &query)
            .await?
            .ok_or_else(|| StoreError::record("book", "it has no row"))?;
        let body: &str = sql::get(&row, 3)?;
        let about = serde_json::from_str(body).map_err(|err| StoreError::record("book", err))?;
        Ok(Versioned {
            value: Book {
                id: sql::uuid(&row, 0)?,
                about,
            },
            version: sql::get::<i64>(&row, 1)?.unsigned_abs(),
            known_at: instant_of(sql::get(&row, 2)?),
        })
    }

    /// Changes the book's name, clock and labels.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the book was changed since `base_version`.
    pub async fn put_book(&self, about: &NewBook, base_version: u64, now: Timestamp) -> Result<u64> {
        let body = serde_json::to_string(about).map_err(|err| StoreError::unstorable("the book", err))?;
        let version = base_version + 1;
        let mut query = Query::update();
        query
            .table("book")
            .value("body", body)
            .value("version", version as i64)
            .value("known_at", nanos(now)?)
            .and_where(Expr::col("version").eq(base_version as i64));
        let changed = sql::execute(&mut *self.database().writer.lock().await, &query).await?;
        if changed == 1 {
            return Ok(version);
        }
        let current = self.book().await?;
        Err(StoreError::Conflict {
            entity: "book",
            id: current.value.id.to_string(),
            base: base_version,
            current: current.version,
        })
    }
}
