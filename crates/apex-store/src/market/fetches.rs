//! When a source was last asked for what, and why nothing came.

use apex_domain::Timestamp;
use futures::FutureExt as _;
use sea_query::{Expr, ExprTrait, OnConflict, Order, Query};

use crate::codec::bytes::{instant_of, nanos};
use crate::error::{Result, StoreError};
use crate::market::series::{SeriesKey, key_of};
use crate::market::{Market, begin};
use crate::sql;

/// One question to the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchLog {
    /// About what.
    pub key: SeriesKey,
    /// What was asked for, such as `days`.
    pub what: String,
    /// Who answered.
    pub source: Option<String>,
    /// When it was asked.
    pub at: Timestamp,
    /// Why nothing came, in a sentence.
    pub error: Option<String>,
    /// What was odd about what came, in sentences.
    pub remarks: Vec<String>,
}

impl Market {
    /// Writes down that something was asked. The latest of each series and thing asked for is kept.
    ///
    /// # Errors
    /// [`crate::StoreError::Busy`].
    pub async fn log_fetch(&self, log: &FetchLog) -> Result<()> {
        let at = nanos(log.at)?;
        let remarks =
            serde_json::to_string(&log.remarks).map_err(|err| StoreError::record("fetch", err.to_string()))?;
        let write = async {
            let mut writer = self.writer().await;
            let mut writing = begin(&mut writer).await?;
            let series = log.key.intern(&mut writing).await?;
            let mut query = Query::insert();
            query
                .into_table("fetches")
                .columns(["series", "what", "source", "asked_at", "error", "remarks"])
                .values_panic([
                    Expr::val(series),
                    Expr::val(log.what.as_str()),
                    Expr::val(log.source.clone()),
                    Expr::val(at),
                    Expr::val(log.error.clone()),
                    Expr::val(remarks),
                ])
                .on_conflict(
                    OnConflict::columns(["series", "what"])
                        .update_columns(["source", "asked_at", "error", "remarks"])
                        .action_and_where(Expr::col(("fetches", "asked_at")).lte(at))
                        .to_owned(),
                );
            sql::execute(&mut writing, &query).await?;
            Ok(writing.commit().await?)
        };
        self.database.told(write.boxed()).await
    }

    /// Returns the latest question about each series and thing asked for, by when it was asked.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`], [`crate::StoreError::Record`].
    pub async fn fetch_logs(&self) -> Result<Vec<FetchLog>> {
        let mut query = Query::select();
        query
            .column(("series", "key"))
            .columns(["what", "source", "asked_at", "error", "remarks"].map(|name| ("fetches", name)))
            .from("fetches")
            .inner_join("series", Expr::col(("series", "number")).equals(("fetches", "series")))
            .order_by(("fetches", "asked_at"), Order::Asc)
            .order_by(("series", "number"), Order::Asc)
            .order_by(("fetches", "what"), Order::Asc);
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let mut logs = Vec::new();
            sql::each(&mut reader, &query, |row| {
                let remarks: String = sql::get(row, 5)?;
                logs.push(FetchLog {
                    key: key_of(row, 0)?,
                    what: sql::get(row, 1)?,
                    source: sql::get(row, 2)?,
                    at: instant_of(sql::get(row, 3)?),
                    error: sql::get(row, 4)?,
                    remarks: serde_json::from_str(&remarks)
                        .map_err(|err| StoreError::record("fetch", err.to_string()))?,
                });
                Ok(())
            })
            .await?;
            Ok(logs)
        };
        self.database.told(read.boxed()).await
    }
}
