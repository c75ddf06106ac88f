//! Changes that wait for a server, in the order they were made.
//!
//! A document travels in its payload. Facts stay in their tables: the payload of a batch names the row numbers it added
//! and a digest of them. Rows of facts never change, so the sender can read them when it sends.

use apex_domain::Timestamp;
use sea_query::{Expr, ExprTrait, Func, Order, Query};
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::codec::bytes::{instant_of, nanos};
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;

/// The unit of order and permission that a change belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Space {
    /// The book of one portfolio.
    Portfolio(Uuid),
    /// Instruments, prices, rates and corporate actions.
    Reference,
    /// Settings and templates.
    Settings,
}

impl Space {
    fn kind(self) -> &'static str {
        match self {
            Space::Portfolio(_) => "portfolio",
            Space::Reference => "reference",
            Space::Settings => "settings",
        }
    }
}

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// Not sent yet.
    Pending,
    /// Sent, and not answered yet.
    Sent,
    /// Confirmed by the server.
    Acked,
    /// Refused by the server; a person decides. It blocks nothing behind it.
    Quarantined,
}

impl OutboxState {
    const ALL: [Self; 4] = [Self::Pending, Self::Sent, Self::Acked, Self::Quarantined];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Acked => "acked",
            Self::Quarantined => "quarantined",
        }
    }
}

/// A change in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// The place in the order of changes, counted from 1 without gaps.
    pub client_seq: u64,
    /// The id by which a server knows the change again.
    pub mutation_id: Uuid,
    /// What it belongs to.
    pub space: Space,
    /// `add` for facts, `put` and `remove` for documents.
    pub kind: String,
    /// The noun.
    pub entity: String,
    /// The id or name of what was changed; `None` for a batch.
    pub entity_id: Option<Vec<u8>>,
    /// The version a document edit is based on.
    pub base_version: Option<u64>,
    /// The natural key of a single fact.
    pub natural_key: Option<Vec<u8>>,
    /// A document, or the rows of a batch: `{"first", "last", "digest"}`.
    pub payload: Vec<u8>,
    /// BLAKE3 of the payload.
    pub payload_hash: [u8; 32],
    /// How far it has come.
    pub state: OutboxState,
    /// Why it is in quarantine.
    pub reason: Option<String>,
    /// When it was made.
    pub known_at: Timestamp,
}

/// How many changes are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxSummary {
    /// Not sent yet.
    pub pending: u64,
    /// Sent, and not answered yet.
    pub sent: u64,
    /// Refused by the server.
    pub quarantined: u64,
}

/// A change on its way into the outbox.
pub(super) struct Mutation {
    pub(super) space: Space,
    pub(super) kind: &'static str,
    pub(super) entity: &'static str,
    pub(super) entity_id: Option<Vec<u8>>,
    pub(super) base_version: Option<u64>,
    pub(super) natural_key: Option<Vec<u8>>,
    pub(super) payload: Vec<u8>,
}

/// The payload of facts that stay in their table.
pub(super) fn rows_payload(first: i64, last: i64, digest: &blake3::Hash) -> Vec<u8> {
    format!(r#"{{"first":{first},"last":{last},"digest":"{digest}"}}"#).into_bytes()
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    mutations: &[Mutation],
    store: &Store,
    now: Timestamp,
) -> Result<()> {
    for rows in mutations.chunks(sql::ROWS_PER_INSERT) {
        let mut query = Query::insert();
        query.into_table("outbox").columns([
            "mutation_id",
            "space_kind",
            "space_id",
            "kind",
            "entity",
            "entity_id",
            "base_version",
            "natural_key",
            "payload",
            "payload_hash",
            "state",
            "known_at",
        ]);
        for mutation in rows {
            let space_id = match mutation.space {
                Space::Portfolio(id) => id,
                Space::Reference | Space::Settings => store.book_id(),
            };
            query.values_panic([
                Expr::val(store.new_id(now).as_bytes().to_vec()),
                Expr::val(mutation.space.kind()),
                Expr::val(space_id.as_bytes().to_vec()),
                Expr::val(mutation.kind),
                Expr::val(mutation.entity),
                Expr::val(mutation.entity_id.clone()),
                Expr::val(mutation.base_version.map(|version| version as i64)),
                Expr::val(mutation.natural_key.clone()),
                Expr::val(mutation.payload.clone()),
                Expr::val(blake3::hash(&mutation.payload).as_bytes().to_vec()),
                Expr::val(OutboxState::Pending.as_str()),
                Expr::val(nanos(now)?),
            ]);
        }
        sql::execute(connection, &query).await?;
    }
    Ok(())
}

impl Store {
    /// Returns the changes that no server has confirmed, oldest first, at most `limit` of them.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn outbox(&self, limit: u32) -> Result<Vec<OutboxEntry>> {
        let mut query = Query::select();
        query
            .columns([
                "client_seq",
                "mutation_id",
                "space_kind",
                "space_id",
                "kind",
                "entity",
                "entity_id",
                "base_version",
                "natural_key",
                "payload",
                "payload_hash",
                "state",
                "reason",
                "known_at",
            ])
            .from("outbox")
            .and_where(Expr::col("state").ne(OutboxState::Acked.as_str()))
            .order_by("client_seq", Order::Asc)
            .limit(limit.into());
        let mut reader = self.database().readers.acquire().await?;
        let mut entries = Vec::new();
        sql::each(&mut reader, &query, |row| {
            let fault = |reason: &str| StoreError::record("outbox row", reason);
            let space = match sql::get::<&str>(row, 2)? {
                "portfolio" => Space::Portfolio(sql::uuid(row, 3)?),
                "reference" => Space::Reference,
                _ => Space::Settings,
            };
            let hash: Vec<u8> = sql::get(row, 10)?;
            let state: &str = sql::get(row, 11)?;
            entries.push(OutboxEntry {
                client_seq: sql::get::<i64>(row, 0)?.unsigned_abs(),
                mutation_id: sql::uuid(row, 1)?,
                space,
                kind: sql::get(row, 4)?,
                entity: sql::get(row, 5)?,
                entity_id: sql::get(row, 6)?,
                base_version: sql::get::<Option<i64>>(row, 7)?.map(i64::unsigned_abs),
                natural_key: sql::get(row, 8)?,
                payload: sql::get(row, 9)?,
                payload_hash: hash.try_into().map_err(|_| fault("its hash is not one"))?,
                state: OutboxState::ALL
                    .into_iter()
                    .find(|known| known.as_str() == state)
                    .ok_or_else(|| fault("its state is not known"))?,
                reason: sql::get(row, 12)?,
                known_at: instant_of(sql::get(row, 13)?),
            });
            Ok(())
        })
        .await?;
        Ok(entries)
    }

    /// Counts the changes that no server has confirmed.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub async fn outbox_summary(&self) -> Result<OutboxSummary> {
        let mut query = Query::select();
        query
            .column("state")
            .expr(Func::count(Expr::col("client_seq")))
            .from("outbox")
            .and_where(Expr::col("state").ne(OutboxState::Acked.as_str()))
            .group_by_columns(["state"]);
        let mut reader = self.database().readers.acquire().await?;
        let mut summary = OutboxSummary::default();
        sql::each(&mut reader, &query, |row| {
            let count = sql::get::<i64>(row, 1)?.unsigned_abs();
            match sql::get::<&str>(row, 0)? {
                "pending" => summary.pending = count,
                "sent" => summary.sent = count,
                _ => summary.quarantined = count,
            }
            Ok(())
        })
        .await?;
        Ok(summary)
    }

    /// Records how far a change has come; `reason` says why it is in quarantine.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when there is no such change.
    pub async fn set_outbox_state(&self, client_seq: u64, state: OutboxState, reason: Option<&str>) -> Result<()> {
        let mut query = Query::update();
        query
            .table("outbox")
            .value("state", state.as_str())
            .value("reason", reason.map(str::to_owned))
            .and_where(Expr::col("client_seq").eq(client_seq as i64));
        match sql::execute(&mut *self.database().writer.lock().await, &query).await? {
            0 => Err(StoreError::unknown("outbox row", client_seq)),
            _ => Ok(()),
        }
    }

    /// Returns a number that grows with every change to the book, by this program or another.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub async fn revision(&self) -> Result<u64> {
        let query = Query::select()
            .expr(Func::max(Expr::col("client_seq")))
            .from("outbox")
            .to_owned();
        let mut reader = self.database().readers.acquire().await?;
        let row = sql::first(&mut reader, &query).await?;
        let last: Option<i64> = row.map(|row| sql::get(&row, 0)).transpose()?.flatten();
        Ok(last.unwrap_or(0).unsigned_abs())
    }
}
