//! Running queries built by sea-query on a connection.

use futures::TryStreamExt;
use sea_query::SqliteQueryBuilder;
use sea_query_sqlx::SqlxBinder;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Row, Sqlite, Type};

use crate::error::Result;

/// Rows of one multi-row insert: ten columns of these stay well below SQLite's 32,766 parameters.
pub(crate) const ROWS_PER_INSERT: usize = 1_000;

pub(crate) async fn execute(connection: &mut SqliteConnection, query: &impl SqlxBinder) -> Result<u64> {
    let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
    Ok(sqlx::query_with(AssertSqlSafe(sql), values)
        .execute(connection)
        .await?
        .rows_affected())
}

pub(crate) async fn first(connection: &mut SqliteConnection, query: &impl SqlxBinder) -> Result<Option<SqliteRow>> {
    let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
    Ok(sqlx::query_with(AssertSqlSafe(sql), values)
        .fetch_optional(connection)
        .await?)
}

/// Hands every row to `take` as it arrives, without keeping them.
pub(crate) async fn each(
    connection: &mut SqliteConnection,
    query: &impl SqlxBinder,
    mut take: impl FnMut(&SqliteRow) -> Result<()>,
) -> Result<()> {
    let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
    let mut rows = sqlx::query_with(AssertSqlSafe(sql), values).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        take(&row)?;
    }
    Ok(())
}

/// Reads a column by position.
pub(crate) fn get<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(row: &'r SqliteRow, column: usize) -> Result<T> {
    Ok(row.try_get(column)?)
}

/// Reads a column that holds sixteen bytes.
pub(crate) fn uuid(row: &SqliteRow, column: usize) -> Result<uuid::Uuid> {
    let bytes: &[u8] = get(row, column)?;
    uuid::Uuid::from_slice(bytes).map_err(|err| crate::error::StoreError::record("id", err))
}

/// Returns the number that the next row of a table will get. Rows are never deleted, so numbers have no gaps.
pub(crate) async fn next_number(connection: &mut SqliteConnection, table: &'static str) -> Result<i64> {
    use sea_query::{Expr, Func, Query};
    let query = Query::select()
        .expr(Func::max(Expr::col("number")))
        .from(table)
        .to_owned();
    let row = first(connection, &query).await?;
    let last: Option<i64> = row.map(|row| get(&row, 0)).transpose()?.flatten();
    Ok(last.unwrap_or(0) + 1)
}
