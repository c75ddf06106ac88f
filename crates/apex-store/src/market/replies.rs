//! Answers of the providers as they came.

use apex_domain::Timestamp;
use futures::FutureExt as _;
use sea_query::{Expr, ExprTrait, OnConflict, Query};

use crate::codec::bytes::{instant_of, nanos};
use crate::error::{Result, StoreError};
use crate::market::Market;
use crate::sql;

/// The level of zstd: answers are text and shrink to a tenth, and a higher level gains little and is slow.
const LEVEL: i32 = 3;

/// An answer to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// Who answered.
    pub provider: &'a str,
    /// What was asked, without the key.
    pub source: &'a str,
    /// When it came.
    pub at: Timestamp,
    /// The status of HTTP.
    pub status: u16,
    /// BLAKE3 of the body, as 64 hexadecimal digits.
    pub hash: &'a str,
    /// What came.
    pub body: &'a [u8],
}

/// An answer that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReply {
    /// Who answered.
    pub provider: String,
    /// What was asked, without the key.
    pub source: String,
    /// When it came first.
    pub at: Timestamp,
    /// The status of HTTP.
    pub status: u16,
    /// BLAKE3 of the body, as 64 hexadecimal digits.
    pub hash: String,
    /// What came.
    pub body: Vec<u8>,
}

impl Market {
    /// Keeps an answer, and returns whether it is new: the same body is kept once.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] when the hash is not that of the body, [`StoreError::Busy`].
    pub async fn keep_reply(&self, reply: &Reply<'_>) -> Result<bool> {
        if blake3::hash(reply.body).to_hex().as_str() != reply.hash {
            return Err(StoreError::unstorable(
                "an answer",
                format!("its hash is not {}", reply.hash),
            ));
        }
        let packed = zstd::bulk::compress(reply.body, LEVEL).map_err(|err| StoreError::unstorable("an answer", err))?;
        let mut query = Query::insert();
        query
            .into_table("replies")
            .columns([
                "hash",
                "provider",
                "source",
                "received_at",
                "status",
                "body_bytes",
                "body",
            ])
            .values_panic([
                Expr::val(reply.hash),
                Expr::val(reply.provider),
                Expr::val(reply.source),
                Expr::val(nanos(reply.at)?),
                Expr::val(i64::from(reply.status)),
                Expr::val(reply.body.len() as i64),
                Expr::val(packed),
            ])
            .on_conflict(OnConflict::column("hash").do_nothing().to_owned());
        let write = async { sql::execute(&mut *self.writer().await, &query).await };
        Ok(self.database.told(write.boxed()).await? > 0)
    }

    /// Returns an answer by the hash of its body.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn reply(&self, hash: &str) -> Result<Option<StoredReply>> {
        let mut query = Query::select();
        query
            .columns(["provider", "source", "received_at", "status", "body_bytes", "body"])
            .from("replies")
            .and_where(Expr::col("hash").eq(hash));
        let read = async {
            let mut reader = self.database.readers.acquire().await?;
            let Some(row) = sql::first(&mut reader, &query).await? else {
                return Ok(None);
            };
            let fault = |reason: &dyn ToString| StoreError::record("answer", reason.to_string());
            let size = usize::try_from(sql::get::<i64>(&row, 4)?).map_err(|err| fault(&err))?;
            let body = zstd::bulk::decompress(sql::get(&row, 5)?, size).map_err(|err| fault(&err))?;
            Ok(Some(StoredReply {
                provider: sql::get(&row, 0)?,
                source: sql::get(&row, 1)?,
                at: instant_of(sql::get(&row, 2)?),
                status: u16::try_from(sql::get::<i64>(&row, 3)?).map_err(|err| fault(&err))?,
                hash: hash.to_owned(),
                body,
            }))
        };
        self.database.told(read.boxed()).await
    }
}
