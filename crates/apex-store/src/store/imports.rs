//! Files that were imported, and what came of them.

use apex_domain::Timestamp;
use sea_query::{Expr, Order, Query};
use uuid::Uuid;

use crate::codec::bytes::instant_of;
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;
use crate::store::changes::{Applied, Writing};
use crate::store::transactions::Inserted;

/// A file that is imported with a set of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFile {
    /// What was imported: `transactions`, `prices`, `fx`.
    pub kind: String,
    /// The name of the file, without its folder.
    pub name: String,
    /// BLAKE3 of its bytes.
    pub hash: [u8; 32],
    /// Lines that were left out because they are wrong.
    pub rejected: u32,
}

/// An import of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRecord {
    /// The id.
    pub id: Uuid,
    /// The file.
    pub file: ImportFile,
    /// Rows added: transactions, or days of prices or rates.
    pub added: u64,
    /// Transactions the book had already.
    pub duplicates: u64,
    /// When it was done.
    pub known_at: Timestamp,
}

pub(super) async fn save(
    writing: &mut Writing<'_>,
    id: Uuid,
    file: &ImportFile,
    applied: &Applied,
    inserted: &Inserted,
) -> Result<()> {
    let added = inserted.added + applied.prices + applied.rates;
    let mut query = Query::insert();
    query
        .into_table("imports")
        .columns([
            "id",
            "kind",
            "file_name",
            "file_hash",
            "added",
            "duplicates",
            "rejected",
            "first_number",
            "last_number",
            "known_at",
        ])
        .values_panic([
            Expr::val(id.as_bytes().to_vec()),
            Expr::val(file.kind.as_str()),
            Expr::val(file.name.as_str()),
            Expr::val(file.hash.to_vec()),
            Expr::val(added as i64),
            Expr::val(inserted.duplicates.len() as i64),
            Expr::val(file.rejected),
            Expr::val(inserted.span.map(|(first, _)| first)),
            Expr::val(inserted.span.map(|(_, last)| last)),
            Expr::val(writing.now),
        ]);
    sql::execute(writing.connection(), &query).await?;
    Ok(())
}

impl Store {
    /// Returns the imports of the past, newest first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn imports(&self) -> Result<Vec<ImportRecord>> {
        let mut query = Query::select();
        query
            .columns([
                "id",
                "kind",
                "file_name",
                "file_hash",
                "added",
                "duplicates",
                "rejected",
                "known_at",
            ])
            .from("imports")
            .order_by("number", Order::Desc);
        let mut reader = self.database().readers.acquire().await?;
        let mut records = Vec::new();
        sql::each(&mut reader, &query, |row| {
            let hash: Vec<u8> = sql::get(row, 3)?;
            let hash = hash
                .try_into()
                .map_err(|_| StoreError::record("import", "its hash is not one"))?;
            let (kind, name, rejected) = (sql::get(row, 1)?, sql::get(row, 2)?, sql::get(row, 6)?);
            records.push(ImportRecord {
                id: sql::uuid(row, 0)?,
                file: ImportFile {
                    kind,
                    name,
                    hash,
                    rejected,
                },
                added: sql::get::<i64>(row, 4)?.unsigned_abs(),
                duplicates: sql::get::<i64>(row, 5)?.unsigned_abs(),
                known_at: instant_of(sql::get(row, 7)?),
            });
            Ok(())
        })
        .await?;
        Ok(records)
    }
}
