//! What was found wrong, and what a person decided about it.

use apex_domain::Timestamp;
use futures::FutureExt as _;
use sea_query::{Expr, ExprTrait, Func, OnConflict, Order, Query, SelectStatement};
use sqlx::sqlite::SqliteRow;

use crate::codec::bytes::{instant_of, nanos};
use crate::error::{Result, StoreError};
use crate::market::series::{SeriesKey, key_of};
use crate::market::{Market, begin};
use crate::sql;

/// The state of what waits for a person; all others are settled.
const WAITING: &str = "waiting";

/// A fault as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFinding {
    /// Its name: the same fault has the same name whenever it is found.
    pub id: String,
    /// Whose data.
    pub source: String,
    /// How it stands; `waiting` for a person, or settled in some way.
    pub state: String,
    /// What was found, as JSON.
    pub body: serde_json::Value,
}

/// A fault with what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFinding {
    /// Its name.
    pub id: String,
    /// Of which series.
    pub key: SeriesKey,
    /// Whose data.
    pub source: String,
    /// How it stands.
    pub state: String,
    /// What was found, as JSON.
    pub body: serde_json::Value,
    /// When it was found first.
    pub found: Timestamp,
    /// What a person decided, and when first.
    pub decided: Option<(String, Timestamp)>,
}

impl Market {
    /// Puts the faults of a series in the place of those found before. One that was decided stays even when it is not
    /// found again; one that is found again keeps the instant of its first finding and its decision.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`], [`StoreError::Busy`].
    pub async fn put_findings(&self, key: SeriesKey, found: &[NewFinding], now: Timestamp) -> Result<()> {
        let now = nanos(now)?;
        let write = async {
            let mut writer = self.writer().await;
            let mut writing = begin(&mut writer).await?;
            let series = key.intern(&mut writing).await?;
            let mut known = Vec::new();
            let mut query = Query::select();
            query
                .column("id")
                .from("findings")
                .and_where(Expr::col("series").eq(series))
                .and_where(Expr::col("decision").is_null());
            sql::each(&mut writing, &query, |row| {
                known.push(sql::get::<String>(row, 0)?);
                Ok(())
            })
            .await?;
            known.retain(|id| !found.iter().any(|found| found.id == *id));
            for id in known {
                let mut query = Query::delete();
                query.from_table("findings").and_where(Expr::col("id").eq(id));
                sql::execute(&mut writing, &query).await?;
            }
            for finding in found {
                let mut query = Query::insert();
                query
                    .into_table("findings")
                    .columns(["id", "series", "source", "state", "body", "found_at"])
                    .values_panic([
                        Expr::val(finding.id.as_str()),
                        Expr::val(series),
                        Expr::val(finding.source.as_str()),
                        Expr::val(finding.state.as_str()),
                        Expr::val(finding.body.to_string()),
                        Expr::val(now),
                    ])
                    .on_conflict(
                        OnConflict::column("id")
                            .update_columns(["source", "state", "body"])
                            .to_owned(),
                    );
                sql::execute(&mut writing, &query).await?;
            }
            Ok(writing.commit().await?)
        };
        self.database.told(write.boxed()).await
    }

    /// Returns the faults of one series, or of all, that wait for a person, by when they were found; with `settled`, the
    /// settled ones too.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn findings(&self, key: Option<SeriesKey>, settled: bool) -> Result<Vec<StoredFinding>> {
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let mut query = selection();
            query
                .order_by(("findings", "found_at"), Order::Asc)
                .order_by(("findings", "id"), Order::Asc);
            if let Some(key) = key {
                let Some(series) = key.number(&mut reader).await? else {
                    return Ok(Vec::new());
                };
                query.and_where(Expr::col(("findings", "series")).eq(series));
            }
            if !settled {
                query
                    .and_where(Expr::col(("findings", "state")).eq(WAITING))
                    .and_where(Expr::col(("findings", "decision")).is_null());
            }
            let mut found = Vec::new();
            sql::each(&mut reader, &query, |row| {
                found.push(finding_of(row)?);
                Ok(())
            })
            .await?;
            Ok(found)
        };
        self.database.told(read.boxed()).await
    }

    /// Returns one fault by its name.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such fault, [`StoreError::Record`].
    pub async fn finding(&self, id: &str) -> Result<StoredFinding> {
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let mut query = selection();
            query.and_where(Expr::col(("findings", "id")).eq(id));
            let row = sql::first(&mut reader, &query).await?;
            finding_of(&row.ok_or_else(|| StoreError::unknown("finding", id))?)
        };
        self.database.told(read.boxed()).await
    }

    /// Keeps what a person decided about a fault, or takes the decision back, and returns the fault. One that is decided
    /// anew keeps the instant of its first decision: what was known before that is what comes back.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such fault, [`StoreError::Busy`].
    pub async fn decide(&self, id: &str, decision: Option<&str>, now: Timestamp) -> Result<StoredFinding> {
        let decided_at = match decision {
            Some(_) => Func::coalesce([Expr::col("decided_at"), Expr::val(nanos(now)?)]).into(),
            None => Expr::val(None::<i64>),
        };
        let write = async {
            let mut writer = self.writer().await;
            let mut writing = begin(&mut writer).await?;
            let mut query = Query::update();
            query
                .table("findings")
                .value("decision", decision.map(str::to_owned))
                .value("decided_at", decided_at)
                .and_where(Expr::col("id").eq(id));
            sql::execute(&mut writing, &query).await?;
            let mut query = selection();
            query.and_where(Expr::col(("findings", "id")).eq(id));
            let row = sql::first(&mut writing, &query).await?;
            let row = row.ok_or_else(|| StoreError::unknown("finding", id))?;
            let finding = finding_of(&row)?;
            writing.commit().await?;
            Ok(finding)
        };
        self.database.told(write.boxed()).await
    }
}

fn selection() -> SelectStatement {
    let mut query = Query::select();
    query
        .columns(["id", "source", "state", "body", "found_at", "decision", "decided_at"].map(|name| ("findings", name)))
        .column(("series", "key"))
        .from("findings")
        .inner_join("series", Expr::col(("series", "number")).equals(("findings", "series")));
    query
}

fn finding_of(row: &SqliteRow) -> Result<StoredFinding> {
    let decision: Option<String> = sql::get(row, 5)?;
    let decided_at: Option<i64> = sql::get(row, 6)?;
    Ok(StoredFinding {
        id: sql::get(row, 0)?,
        key: key_of(row, 7)?,
        source: sql::get(row, 1)?,
        state: sql::get(row, 2)?,
        body: serde_json::from_str(sql::get(row, 3)?).map_err(|err| StoreError::record("finding", err))?,
        found: instant_of(sql::get(row, 4)?),
        decided: decision.zip(decided_at.map(instant_of)),
    })
}
