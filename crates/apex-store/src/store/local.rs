//! What belongs to this machine only: where windows stand, which page was open. Never sent, never versioned.

use sea_query::{Expr, ExprTrait, OnConflict, Query};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;

impl Store {
    /// Returns a remembered value; one of another shape counts as absent, since it can only be of another version.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub async fn local_state<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let mut query = Query::select();
        query
            .column("body")
            .from("local_state")
            .and_where(Expr::col("name").eq(name));
        let mut reader = self.database().readers.acquire().await?;
        let Some(row) = sql::first(&mut reader, &query).await? else {
            return Ok(None);
        };
        Ok(serde_json::from_str(sql::get(&row, 0)?).ok())
    }

    /// Remembers a value on this machine.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Unstorable`].
    pub async fn put_local_state<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let body = serde_json::to_string(value).map_err(|err| StoreError::unstorable("a local value", err))?;
        let mut query = Query::insert();
        query
            .into_table("local_state")
            .columns(["name", "body"])
            .values_panic([Expr::val(name), Expr::val(body)])
            .on_conflict(OnConflict::column("name").update_column("body").to_owned());
        sql::execute(&mut *self.database().writer.lock().await, &query).await?;
        Ok(())
    }
}
