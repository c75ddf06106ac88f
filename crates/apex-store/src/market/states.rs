//! Small documents of this machine by name.

use futures::FutureExt as _;
use sea_query::{Expr, ExprTrait, OnConflict, Query};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, StoreError};
use crate::market::Market;
use crate::sql;

impl Market {
    /// Returns a document; one of another shape counts as absent, since it can only be of another version.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub async fn state<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let mut query = Query::select();
        query
            .column("body")
            .from("states")
            .and_where(Expr::col("name").eq(name));
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let row = sql::first(&mut reader, &query).await?;
            row.map(|row| sql::get::<String>(&row, 0)).transpose()
        };
        let body = self.database.told(read.boxed()).await?;
        Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
    }

    /// Keeps a document under its name.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] when it cannot be written as JSON, [`StoreError::Busy`].
    pub async fn put_state<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let body = serde_json::to_string(value).map_err(|err| StoreError::unstorable("a state", err))?;
        let mut query = Query::insert();
        query
            .into_table("states")
            .columns(["name", "body"])
            .values_panic([Expr::val(name), Expr::val(body)])
            .on_conflict(OnConflict::column("name").update_column("body").to_owned());
        let write = async { sql::execute(&mut *self.writer().await, &query).await };
        self.database.told(write.boxed()).await?;
        Ok(())
    }

    /// Forgets a document; one that is absent is no fault.
    ///
    /// # Errors
    /// [`StoreError::Busy`].
    pub async fn remove_state(&self, name: &str) -> Result<()> {
        let mut query = Query::delete();
        query.from_table("states").and_where(Expr::col("name").eq(name));
        let write = async { sql::execute(&mut *self.writer().await, &query).await };
        self.database.told(write.boxed()).await?;
        Ok(())
    }
}
