//! A set of changes and its way into the book: all of it with its outbox rows, or nothing.

use apex_domain::{Account, Instrument, Portfolio, Timestamp, Transaction};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Sqlite};

use crate::codec::bytes::nanos;
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::store::actions::{self, CorporateAction};
use crate::store::documents::{self, Edit};
use crate::store::imports::{self, ImportFile};
use crate::store::outbox::{self, Mutation};
use crate::store::prices::{self, PriceBatch, RateBatch};
use crate::store::transactions;

/// What is to be added to a book or edited in it, in one database transaction.
///
/// The parts are applied in the order of the fields, so that an account may be new together with its transactions.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Instruments, before the portfolios that are measured against them.
    pub instruments: Vec<Edit<Instrument>>,
    /// Portfolios.
    pub portfolios: Vec<Edit<Portfolio>>,
    /// Accounts.
    pub accounts: Vec<Edit<Account>>,
    /// Splits and dividends.
    pub actions: Vec<CorporateAction>,
    /// Prices as traded.
    pub prices: Vec<PriceBatch>,
    /// Exchange rates.
    pub rates: Vec<RateBatch>,
    /// Transactions; each says itself when it became known.
    pub transactions: Vec<Transaction>,
    /// The file all this was read from.
    pub import: Option<ImportFile>,
}

/// How far a book had come when something was read from it. It moves when another program writes to the book, and not
/// when this one does. Positions of two openings cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position(i64);

/// What came of a set of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Documents that are new or differ from what the book had.
    pub documents: usize,
    /// Corporate actions that are new or corrected.
    pub actions: usize,
    /// Days of prices that are new or corrected.
    pub prices: usize,
    /// Days of rates that are new or corrected.
    pub rates: usize,
    /// Transactions added.
    pub transactions: usize,
    /// Positions in `transactions` of those the book had already, in ascending order.
    pub duplicates: Vec<usize>,
}

/// A change under way.
pub(super) struct Writing<'c> {
    transaction: sqlx::Transaction<'c, Sqlite>,
    pub(super) now: i64,
    pub(super) outbox: Vec<Mutation>,
    instant: Timestamp,
}

impl<'c> Writing<'c> {
    /// Takes the write lock of the file, waiting a moment for another program to finish.
    pub(super) async fn begin(writer: &'c mut SqliteConnection, now: Timestamp) -> Result<Self> {
        let nanos = nanos(now)?;
        let transaction = writer.begin_with("begin immediate").await?;
        Ok(Self {
            transaction,
            now: nanos,
            outbox: Vec::new(),
            instant: now,
        })
    }

    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Writes the outbox rows and makes everything durable.
    pub(super) async fn commit(mut self, store: &Store) -> Result<()> {
        let mutations = std::mem::take(&mut self.outbox);
        outbox::insert(&mut self.transaction, &mutations, store, self.instant).await?;
        Ok(self.transaction.commit().await?)
    }

    async fn apply(&mut self, changes: &Changes, store: &Store) -> Result<Applied> {
        let mut applied = Applied {
            documents: documents::save_instruments(self, &changes.instruments).await?,
            ..Applied::default()
        };
        for edit in &changes.portfolios {
            applied.documents += usize::from(documents::save_portfolio(self, edit).await?);
        }
        for edit in &changes.accounts {
            applied.documents += usize::from(documents::save_account(self, edit).await?);
        }
        applied.actions = actions::save(self, &changes.actions).await?;
        applied.prices = prices::save_prices(self, &changes.prices).await?;
        applied.rates = prices::save_rates(self, &changes.rates).await?;
        let inserted = transactions::save(self, &changes.transactions).await?;
        if let Some(file) = &changes.import {
            imports::save(self, store.new_id(self.instant), file, &applied, &inserted).await?;
        }
        applied.transactions = inserted.added;
        applied.duplicates = inserted.duplicates;
        Ok(applied)
    }
}

async fn position(connection: &mut SqliteConnection) -> Result<Position> {
    let version = sqlx::query_scalar("pragma data_version").fetch_one(connection).await?;
    Ok(Position(version))
}

impl Store {
    /// Returns how far the book has come. What is read after this call is at least as new.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`].
    pub async fn position(&self) -> Result<Position> {
        position(&mut *self.database().writer.lock().await).await
    }

    /// Applies a set of changes that were worked out from what the book held at a position.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when another program has written to the book since; those of [`Store::apply`].
    pub async fn apply_from(&self, from: Position, changes: &Changes, now: Timestamp) -> Result<Applied> {
        let mut writer = self.database().writer.lock().await;
        let mut writing = Writing::begin(&mut writer, now).await?;
        if position(writing.connection()).await? != from {
            return Err(StoreError::Overtaken);
        }
        let applied = writing.apply(changes, self).await?;
        writing.commit(self).await?;
        Ok(applied)
    }

    /// Applies a set of changes: everything, or nothing when any part is refused.
    ///
    /// Facts that the book has already are left out and counted, so applying the same changes twice adds nothing.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`], [`crate::StoreError::Unknown`], [`crate::StoreError::NameTaken`],
    /// [`crate::StoreError::IdReused`], [`crate::StoreError::AlreadyReversed`], [`crate::StoreError::Busy`].
    pub async fn apply(&self, changes: &Changes, now: Timestamp) -> Result<Applied> {
        let mut writer = self.database().writer.lock().await;
        let mut writing = Writing::begin(&mut writer, now).await?;
        let applied = writing.apply(changes, self).await?;
        writing.commit(self).await?;
        Ok(applied)
    }

    /// Says what [`Store::apply`] would do, by doing it and taking it back.
    ///
    /// # Errors
    /// Those of [`Store::apply`].
    pub async fn rehearse(&self, changes: &Changes, now: Timestamp) -> Result<Applied> {
        let mut writer = self.database().writer.lock().await;
        let mut writing = Writing::begin(&mut writer, now).await?;
        let applied = writing.apply(changes, self).await;
        writing.transaction.rollback().await?;
        applied
    }
}
