//! Alerts that fired.

use apex_domain::Timestamp;
use futures::FutureExt as _;
use sea_query::{Expr, ExprTrait, Order, Query};

use crate::codec::bytes::{instant_of, nanos};
use crate::error::{Result, StoreError};
use crate::market::{Market, begin};
use crate::sql;

impl Market {
    /// Keeps that an alert fired, and returns its number.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for an instant out of range, [`StoreError::Busy`].
    pub async fn add_fired(&self, at: Timestamp, body: &serde_json::Value) -> Result<i64> {
        let at = nanos(at)?;
        let write = async {
            let mut writer = self.writer().await;
            let mut writing = begin(&mut writer).await?;
            let number = sql::next_number(&mut writing, "fired_alerts").await?;
            let mut query = Query::insert();
            query
                .into_table("fired_alerts")
                .columns(["number", "fired_at", "seen", "body"])
                .values_panic([
                    Expr::val(number),
                    Expr::val(at),
                    Expr::val(0),
                    Expr::val(body.to_string()),
                ]);
            sql::execute(&mut *writing, &query).await?;
            writing.commit().await?;
            Ok(number)
        };
        self.database.told(write.boxed()).await
    }

    /// Returns the alerts that fired last, at most `limit` of them, newest first: number, instant, whether a person has
    /// seen it, and what it said.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn fired(&self, limit: usize) -> Result<Vec<(i64, Timestamp, bool, serde_json::Value)>> {
        let mut query = Query::select();
        query
            .columns(["number", "fired_at", "seen", "body"])
            .from("fired_alerts")
            .order_by("fired_at", Order::Desc)
            .order_by("number", Order::Desc)
            .limit(limit as u64);
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let mut fired = Vec::new();
            sql::each(&mut reader, &query, |row| {
                let body = serde_json::from_str(sql::get(row, 3)?).map_err(|err| StoreError::record("alert", err))?;
                let at = instant_of(sql::get(row, 1)?);
                fired.push((sql::get(row, 0)?, at, sql::get(row, 2)?, body));
                Ok(())
            })
            .await?;
            Ok(fired)
        };
        self.database.told(read.boxed()).await
    }

    /// Marks all that fired as seen.
    ///
    /// # Errors
    /// [`StoreError::Busy`].
    pub async fn mark_fired_seen(&self) -> Result<()> {
        let mut query = Query::update();
        query
            .table("fired_alerts")
            .value("seen", 1)
            .and_where(Expr::col("seen").eq(0));
        let write = async { sql::execute(&mut *self.writer().await, &query).await };
        self.database.told(write.boxed()).await?;
        Ok(())
    }
}
