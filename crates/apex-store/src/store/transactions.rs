//! The ledger: adding transactions so that nothing is counted twice, taking one back, and reading them all.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use apex_domain::{AccountId, InstrumentId, PortfolioId, Source, Timestamp, Transaction, TransactionId};
use sea_query::{Expr, ExprTrait, Order, Query};
use sqlx::sqlite::SqliteConnection;

use crate::codec::bytes::{day_number, nanos};
use crate::codec::transaction::{Names, Numbers, decode, encode};
use crate::connections::Readers;
use crate::error::{Result, StoreError};
use crate::sql;
use crate::store::Store;
use crate::store::changes::{Applied, Changes, Writing};
use crate::store::documents;
use crate::store::outbox::{Mutation, Space, rows_payload};

/// Below this many rows a second connection costs more than it saves.
const ROWS_PER_READER: i64 = 50_000;

/// What came of a batch of transactions.
#[derive(Default)]
pub(super) struct Inserted {
    pub(super) added: usize,
    pub(super) duplicates: Vec<usize>,
    /// The first and last row number added.
    pub(super) span: Option<(i64, i64)>,
}

type NaturalKey = [u8; 16];

/// Owned lists of what row numbers stand for.
struct Directory {
    accounts: Vec<Option<(PortfolioId, AccountId)>>,
    instruments: Vec<Option<InstrumentId>>,
    sources: Vec<Option<String>>,
}

impl Directory {
    async fn read(connection: &mut SqliteConnection) -> Result<Self> {
        Ok(Self {
            accounts: documents::accounts_by_number(connection).await?,
            instruments: documents::instruments_by_number(connection).await?,
            sources: documents::sources_by_number(connection).await?,
        })
    }

    fn names(&self) -> Names<'_> {
        Names {
            accounts: &self.accounts,
            instruments: &self.instruments,
            sources: &self.sources,
        }
    }
}

pub(super) async fn save(writing: &mut Writing<'_>, transactions: &[Transaction]) -> Result<Inserted> {
    if transactions.is_empty() {
        return Ok(Inserted::default());
    }
    let directory = Directory::read(writing.connection()).await?;
    let mut fresh = Fresh::select(writing.connection(), transactions, &directory).await?;
    // One portfolio's rows are neighbors, so that a span of numbers tells them in the outbox. Within a portfolio the
    // order given stays, so that a reversal may follow its original.
    fresh
        .positions
        .sort_by_key(|position| transactions[*position].portfolio);

    let accounts: HashMap<AccountId, (u32, PortfolioId)> =
        by_id(&directory.accounts, |(portfolio, id)| (id, portfolio));
    let instruments: HashMap<InstrumentId, (u32, ())> = by_id(&directory.instruments, |id| (id, ()));
    let mut files: HashMap<&str, u32> = HashMap::new();

    let first = sql::next_number(writing.connection(), "transactions").await?;
    let mut number = first;
    let mut numbers_of_batch: HashMap<TransactionId, i64> = HashMap::new();
    let has_reversals = fresh
        .positions
        .iter()
        .any(|position| transactions[*position].reverses.is_some());
    let mut outbox: BTreeMap<PortfolioId, Portion> = BTreeMap::new();

    for positions in fresh.positions.chunks(sql::ROWS_PER_INSERT) {
        let mut query = Query::insert();
        query.into_table("transactions").columns([
            "number",
            "id",
            "account",
            "instrument",
            "trade_date",
            "known_at",
            "natural_key",
            "reverses",
            "source",
            "body",
        ]);
        for position in positions {
            let transaction = &transactions[*position];
            let account = accounts.get(&transaction.account);
            let (account, portfolio) = *account.ok_or_else(|| StoreError::unknown("account", transaction.account))?;
            if portfolio != transaction.portfolio {
                let reason = format!(
                    "account {} is not in portfolio {}",
                    transaction.account, transaction.portfolio
                );
                return Err(StoreError::unstorable("a transaction", reason));
            }
            let known = |id: InstrumentId| {
                instruments
                    .get(&id)
                    .map(|(number, ())| *number)
                    .ok_or_else(|| StoreError::unknown("instrument", id))
            };
            let instrument = transaction.instrument.map(known).transpose()?;
            transaction.detail().other_instrument.map(known).transpose()?;
            let source = match &transaction.source {
                Source::File { name, .. } => Some(match files.get(name.as_str()) {
                    Some(number) => *number,
                    None => {
                        let number = intern_source(writing.connection(), name).await?;
                        files.insert(name, number);
                        number
                    }
                }),
                Source::Manual | Source::Demo => None,
            };
            let reverses = match transaction.reverses {
                None => None,
                Some(original) => {
                    Some(original_of(writing.connection(), transaction, original, &numbers_of_batch).await?)
                }
            };
            let body = encode(
                transaction,
                Numbers {
                    account,
                    instrument,
                    source,
                },
            )?;
            let natural_key = fresh.keys[*position];
            outbox
                .entry(transaction.portfolio)
                .or_insert_with(|| Portion::starting_at(number))
                .add(number, transaction, &body, natural_key);
            query.values_panic([
                Expr::val(number),
                Expr::val(transaction.id.to_bytes().to_vec()),
                Expr::val(account),
                Expr::val(instrument),
                Expr::val(day_number(transaction.trade_date)),
                Expr::val(nanos(transaction.known_at)?),
                Expr::val(natural_key.map(|key| key.to_vec())),
                Expr::val(reverses),
                Expr::val(source),
                Expr::val(body),
            ]);
            if has_reversals {
                numbers_of_batch.insert(transaction.id, number);
            }
            number += 1;
        }
        sql::execute(writing.connection(), &query).await?;
    }
    writing.outbox.extend(
        outbox
            .into_iter()
            .map(|(portfolio, portion)| portion.into_mutation(portfolio)),
    );
    let added = fresh.positions.len();
    Ok(Inserted {
        added,
        duplicates: fresh.duplicates,
        span: (added > 0).then_some((first, number - 1)),
    })
}

fn by_id<T: Copy, K: std::hash::Hash + Eq, V>(
    by_number: &[Option<T>],
    split: impl Fn(T) -> (K, V),
) -> HashMap<K, (u32, V)> {
    let numbered = (0_u32..).zip(by_number);
    numbered
        .filter_map(|(number, value)| {
            let (key, value) = split((*value)?);
            Some((key, (number, value)))
        })
        .collect()
}

/// The rows of one portfolio in a batch.
struct Portion {
    first: i64,
    last: i64,
    digest: blake3::Hasher,
    only: Option<(TransactionId, Option<NaturalKey>)>,
}

impl Portion {
    fn starting_at(first: i64) -> Self {
        Self {
            first,
            last: first - 1,
            digest: blake3::Hasher::new(),
            only: None,
        }
    }

    /// The digest is over ids and bodies, so that it tells whether the rows are still those of the batch.
    fn add(&mut self, number: i64, transaction: &Transaction, body: &[u8], natural_key: Option<NaturalKey>) {
        self.only = (self.last < self.first).then_some((transaction.id, natural_key));
        self.last = number;
        self.digest.update(&transaction.account.to_bytes());
        self.digest
            .update(&transaction.instrument.map_or([0; 16], InstrumentId::to_bytes));
        self.digest.update(body);
    }

    fn into_mutation(self, portfolio: PortfolioId) -> Mutation {
        Mutation {
            space: Space::Portfolio(portfolio.as_uuid()),
            kind: "add",
            entity: "transaction",
            entity_id: self.only.map(|(id, _)| id.to_bytes().to_vec()),
            base_version: None,
            natural_key: self.only.and_then(|(_, key)| key).map(|key| key.to_vec()),
            payload: rows_payload(self.first, self.last, &self.digest.finalize()),
        }
    }
}

/// Which transactions of a batch the book does not have yet.
struct Fresh {
    positions: Vec<usize>,
    duplicates: Vec<usize>,
    keys: Vec<Option<NaturalKey>>,
}

impl Fresh {
    async fn select(
        connection: &mut SqliteConnection,
        transactions: &[Transaction],
        directory: &Directory,
    ) -> Result<Self> {
        let keys = natural_keys(transactions);
        let is_empty = sql::next_number(connection, "transactions").await? == 1;
        let (mut bodies, mut known_keys) = (HashMap::new(), HashSet::new());
        if !is_empty {
            bodies = known_bodies(connection, transactions).await?;
            known_keys = known_natural_keys(connection, &keys).await?;
        }
        let mut fresh = Self {
            positions: Vec::with_capacity(transactions.len()),
            duplicates: Vec::new(),
            keys,
        };
        let mut seen: HashMap<TransactionId, usize> = HashMap::with_capacity(transactions.len());
        for (position, transaction) in transactions.iter().enumerate() {
            if let Some(body) = bodies.get(&transaction.id) {
                refuse_other_contents(&decode(body, &directory.names())?, transaction)?;
                fresh.duplicates.push(position);
                continue;
            }
            if let Some(before) = seen.get(&transaction.id) {
                refuse_other_contents(&transactions[*before], transaction)?;
                fresh.duplicates.push(position);
                continue;
            }
            if fresh.keys[position].is_some_and(|key| !known_keys.insert(key)) {
                fresh.duplicates.push(position);
                continue;
            }
            seen.insert(transaction.id, position);
            fresh.positions.push(position);
        }
        Ok(fresh)
    }
}

fn refuse_other_contents(stored: &Transaction, given: &Transaction) -> Result<()> {
    let given = Transaction {
        known_at: stored.known_at,
        detail: Some(Box::new(given.detail().clone())),
        ..given.clone()
    };
    let stored = Transaction {
        detail: Some(Box::new(stored.detail().clone())),
        ..stored.clone()
    };
    if stored == given {
        Ok(())
    } else {
        Err(StoreError::IdReused {
            id: given.id.to_string(),
        })
    }
}

/// The keys by which the same fact is known again, whatever its id.
///
/// A line with an external id is known by account and that id. A line of a file without one is known by its contents
/// and by how many equal lines came before it in the file, so that two true doubles stay two. What a person or the demo
/// entered is known by its id alone: who enters the same trade twice means it.
fn natural_keys(transactions: &[Transaction]) -> Vec<Option<NaturalKey>> {
    let short = |text: String| -> NaturalKey {
        let hash = blake3::hash(text.as_bytes());
        *hash.as_bytes().first_chunk().expect("a hash has 32 bytes")
    };
    let mut occurrences: HashMap<NaturalKey, u32> = HashMap::new();
    transactions
        .iter()
        .map(|transaction| {
            if transaction.reverses.is_some() {
                return None;
            }
            if transaction.external_id.is_some() {
                return Some(short(transaction.idempotency_key(0)));
            }
            if !matches!(transaction.source, Source::File { .. }) {
                return None;
            }
            let key = short(transaction.idempotency_key(0));
            let occurrence = occurrences.entry(key).or_insert(0);
            let nth = *occurrence;
            *occurrence += 1;
            Some(if nth == 0 {
                key
            } else {
                short(transaction.idempotency_key(nth))
            })
        })
        .collect()
}

/// Returns what the book has under the ids of a batch.
async fn known_bodies(
    connection: &mut SqliteConnection,
    transactions: &[Transaction],
) -> Result<HashMap<TransactionId, Vec<u8>>> {
    let mut bodies = HashMap::new();
    for transactions in transactions.chunks(sql::ROWS_PER_INSERT) {
        let ids = transactions
            .iter()
            .map(|transaction| transaction.id.to_bytes().to_vec());
        let mut query = Query::select();
        query
            .columns(["id", "body"])
            .from("transactions")
            .and_where(Expr::col("id").is_in(ids));
        sql::each(connection, &query, |row| {
            bodies.insert(TransactionId::from_uuid(sql::uuid(row, 0)?), sql::get(row, 1)?);
            Ok(())
        })
        .await?;
    }
    Ok(bodies)
}

/// Returns those of the keys that the book has.
async fn known_natural_keys(
    connection: &mut SqliteConnection,
    keys: &[Option<NaturalKey>],
) -> Result<HashSet<NaturalKey>> {
    let mut found = HashSet::new();
    let keys: Vec<NaturalKey> = keys.iter().flatten().copied().collect();
    for keys in keys.chunks(sql::ROWS_PER_INSERT) {
        let keys = keys.iter().map(|key| key.to_vec());
        let mut query = Query::select();
        query
            .column("natural_key")
            .from("transactions")
            .and_where(Expr::col("natural_key").is_in(keys));
        sql::each(connection, &query, |row| {
            found.insert(sql::uuid(row, 0)?.into_bytes());
            Ok(())
        })
        .await?;
    }
    Ok(found)
}

/// Returns the row number of what a reversal takes back, if it may.
async fn original_of(
    connection: &mut SqliteConnection,
    reversal: &Transaction,
    original: TransactionId,
    numbers_of_batch: &HashMap<TransactionId, i64>,
) -> Result<i64> {
    if let Some(number) = numbers_of_batch.get(&original) {
        return Ok(*number);
    }
    let mut query = Query::select();
    query
        .columns(["number", "reverses"])
        .from("transactions")
        .and_where(Expr::col("id").eq(original.to_bytes().to_vec()));
    let row = sql::first(connection, &query).await?;
    let row = row.ok_or_else(|| StoreError::unknown("transaction", original))?;
    if sql::get::<Option<i64>>(&row, 1)?.is_some() {
        return Err(StoreError::IsReversal {
            id: original.to_string(),
        });
    }
    let number: i64 = sql::get(&row, 0)?;
    let mut query = Query::select();
    query
        .column("id")
        .from("transactions")
        .and_where(Expr::col("reverses").eq(number));
    match sql::first(connection, &query).await? {
        Some(row) if sql::uuid(&row, 0)? != reversal.id.as_uuid() => Err(StoreError::AlreadyReversed {
            id: original.to_string(),
        }),
        _ => Ok(number),
    }
}

/// Returns the number of a file or provider name, giving it one if need be.
pub(crate) async fn intern_source(connection: &mut SqliteConnection, name: &str) -> Result<u32> {
    let mut query = Query::select();
    query
        .column("number")
        .from("sources")
        .and_where(Expr::col("name").eq(name));
    if let Some(row) = sql::first(connection, &query).await? {
        return sql::get(&row, 0);
    }
    let number = sql::next_number(connection, "sources").await?;
    let mut query = Query::insert();
    query
        .into_table("sources")
        .columns(["number", "name"])
        .values_panic([Expr::val(number), Expr::val(name)]);
    sql::execute(connection, &query).await?;
    u32::try_from(number).map_err(|_| StoreError::unstorable("a source", "there are too many names"))
}

async fn find(connection: &mut SqliteConnection, id: TransactionId) -> Result<Transaction> {
    let mut query = Query::select();
    query
        .column("body")
        .from("transactions")
        .and_where(Expr::col("id").eq(id.to_bytes().to_vec()));
    let row = sql::first(connection, &query)
        .await?
        .ok_or_else(|| StoreError::unknown("transaction", id))?;
    let directory = Directory::read(connection).await?;
    decode(sql::get(&row, 0)?, &directory.names())
}

impl Store {
    /// Adds transactions; those the book has already are counted and left out.
    ///
    /// # Errors
    /// Those of [`Store::apply`].
    pub async fn insert_transactions(&self, transactions: &[Transaction], now: Timestamp) -> Result<Applied> {
        self.apply(
            &Changes {
                transactions: transactions.to_vec(),
                ..Changes::default()
            },
            now,
        )
        .await
    }

    /// Takes a transaction back by adding its reversal, and returns the reversal.
    ///
    /// # Errors
    /// [`StoreError::Unknown`], [`StoreError::AlreadyReversed`], [`StoreError::IsReversal`].
    pub async fn reverse(&self, id: TransactionId, note: &str, now: Timestamp) -> Result<Transaction> {
        let original = self.transaction(id).await?;
        let reversal = original.reversal(TransactionId::from_uuid(self.new_id(now)), now, note);
        self.insert_transactions(std::slice::from_ref(&reversal), now).await?;
        Ok(reversal)
    }

    /// Returns one transaction.
    ///
    /// # Errors
    /// [`StoreError::Unknown`].
    pub async fn transaction(&self, id: TransactionId) -> Result<Transaction> {
        let mut reader = self.database().readers.acquire().await?;
        find(&mut reader, id).await
    }

    /// Returns the number of transactions, reversed ones and reversals included.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub async fn transaction_count(&self) -> Result<u64> {
        let mut reader = self.database().readers.acquire().await?;
        Ok(sql::next_number(&mut reader, "transactions").await?.unsigned_abs() - 1)
    }

    /// Returns every transaction that was known at an instant, or all, in the order they were added.
    ///
    /// Reversed transactions and reversals are among them; the fold leaves them out. A large ledger is read through
    /// several connections at once.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn load_ledger(&self, known_at: Option<Timestamp>) -> Result<Vec<Transaction>> {
        self.load_ledger_since(0, known_at).await
    }

    /// Returns the transactions behind the first `count`, for a book that was loaded before.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Record`].
    pub async fn load_ledger_since(&self, count: u64, known_at: Option<Timestamp>) -> Result<Vec<Transaction>> {
        let known_at = known_at.map(nanos).transpose()?;
        let (last, directory) = {
            let mut reader = self.database().readers.acquire().await?;
            let last = sql::next_number(&mut reader, "transactions").await? - 1;
            (last, Arc::new(Directory::read(&mut reader).await?))
        };
        let first = i64::try_from(count).unwrap_or(i64::MAX).saturating_add(1);
        let rows = Ord::max(last - first + 1, 0);
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as i64);
        let parts = (rows / ROWS_PER_READER).clamp(1, Ord::min(cores, Readers::MAX as i64));
        let step = rows.div_euclid(parts) + 1;
        let tasks: Vec<_> = (0..parts)
            .map(|part| {
                let from = first + part * step;
                let to = Ord::min(from + step - 1, last);
                let (readers, directory) = (self.database().readers.clone(), Arc::clone(&directory));
                tokio::spawn(async move {
                    let mut reader = readers.acquire().await?;
                    read_span(&mut reader, &directory, from, to, known_at).await
                })
            })
            .collect();
        let mut ledger = Vec::new();
        for task in tasks {
            let part: Vec<Transaction> = task
                .await
                .unwrap_or_else(|err| Err(StoreError::record("transaction", err)))?;
            if ledger.is_empty() {
                ledger = part;
                ledger.reserve_exact(usize::try_from(rows).unwrap_or(0).saturating_sub(ledger.len()));
            } else {
                ledger.extend(part);
            }
        }
        Ok(ledger)
    }
}

async fn read_span(
    connection: &mut SqliteConnection,
    directory: &Directory,
    from: i64,
    to: i64,
    known_at: Option<i64>,
) -> Result<Vec<Transaction>> {
    let mut query = Query::select();
    query
        .column("body")
        .from("transactions")
        .and_where(Expr::col("number").between(from, to))
        .order_by("number", Order::Asc);
    if let Some(known_at) = known_at {
        query.and_where(Expr::col("known_at").lte(known_at));
    }
    let names = directory.names();
    let mut transactions = Vec::with_capacity(usize::try_from(to - from + 1).unwrap_or(0));
    sql::each(connection, &query, |row| {
        transactions.push(decode(sql::get(row, 0)?, &names)?);
        Ok(())
    })
    .await?;
    Ok(transactions)
}
