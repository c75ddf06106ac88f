//! One open book: making, opening and closing it, changing its keys, and the one way in which it is changed.
//!
//! All changes go through [`Store::apply`]: a set of changes is one database transaction together with its outbox rows,
//! so either everything of it is in the book or nothing.

mod actions;
mod book;
mod changes;
mod documents;
mod hash;
mod imports;
mod local;
mod outbox;
mod prices;
mod transactions;
mod versions;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use apex_domain::Timestamp;
use futures::FutureExt as _;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::cache::Cache;
use crate::database::{Database, LEDGER};
use crate::entropy::Entropy;
use crate::error::{Result, StoreError};
use crate::folder::{self, Staged};
use crate::history::Memory;
use crate::keys::secret::{SecretKey, hex};
use crate::keys::{KdfCost, KeyFile, Keyring, Mode, Passphrase, RecoveryKey};
use crate::market::Market;

pub use actions::{CorporateAction, CorporateEvent};
pub use book::{Book, BookClock, NewBook};
pub use changes::{Applied, Changes, Position};
pub use documents::{Edit, Named, Versioned};
pub(crate) use documents::{INSTRUMENT, numbers, sources_by_number};
pub use imports::{ImportFile, ImportRecord};
pub use outbox::{OutboxEntry, OutboxState, OutboxSummary, Space};
pub(crate) use prices::PRICES;
pub use prices::{PriceBar, PriceBatch, PriceSeries, RateBatch, RateSeries};
pub(crate) use transactions::intern_source;
pub use versions::{LatestRate, StoredValue};

/// How a new book, or one under new keys, is opened day by day.
#[derive(Clone, Debug)]
pub enum Protection {
    /// By the operating system's keyring; nothing is asked.
    Keyring(Keyring),
    /// By a passphrase.
    Passphrase {
        /// The passphrase.
        passphrase: Passphrase,
        /// What a guess costs; [`KdfCost::STANDARD`] outside of tests.
        cost: KdfCost,
    },
}

/// What opens an existing book.
#[derive(Clone, Debug)]
pub enum Unlock {
    /// The operating system's keyring.
    Keyring(Keyring),
    /// The passphrase.
    Passphrase(Passphrase),
    /// The recovery key.
    Recovery(RecoveryKey),
}

/// One open book.
pub struct Store {
    folder: PathBuf,
    book: Uuid,
    key: SecretKey,
    database: Database,
    cache: Cache,
    history: Memory,
    market: OnceCell<Market>,
    entropy: Entropy,
}

impl Store {
    /// Makes a book in a folder that is absent or empty, and opens it.
    ///
    /// The folder appears complete or not at all. Offer [`Store::make_recovery_key`] next: without it, a forgotten
    /// passphrase or a lost keyring is the end of the book.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::Keyring`], [`StoreError::File`].
    pub async fn create(
        folder: &Path,
        book: &NewBook,
        protection: &Protection,
        entropy: Entropy,
        now: Timestamp,
    ) -> Result<Self> {
        let mut staged = Staged::begin(folder, &format!("making-{}", hex(&entropy.bytes::<4>())))?;
        let id = new_id(now, &entropy);
        let key = SecretKey::new(entropy.bytes());
        let database = Database::create(&LEDGER, &staged.path().join(folder::LEDGER), &key).await?;
        book::insert(&database, id, book, now).await?;
        database.close().await?;
        let mut keys = KeyFile::empty(id, Mode::Passphrase);
        protect(&mut keys, &key, protection, &entropy).await?;
        keys.write(staged.path())?;
        let opened = match staged.place() {
            Ok(()) => Self::open_with_key(folder, id, key, entropy).await,
            Err(err) => Err(err),
        };
        match (opened, protection) {
            (Ok(store), _) => {
                staged.keep();
                Ok(store)
            }
            (Err(err), Protection::Keyring(keyring)) => {
                keyring.forget(id).await?;
                Err(err)
            }
            (Err(err), Protection::Passphrase { .. }) => Err(err),
        }
    }

    /// Opens a book.
    ///
    /// A book that cannot be opened, for whatever reason, is left as it was to the last byte. One of an older version
    /// is brought up to date.
    ///
    /// # Errors
    /// [`StoreError::NoBook`]; [`StoreError::WrongPassphrase`] and its siblings for a key that does not fit;
    /// [`StoreError::Newer`] for a book of a newer program; [`StoreError::Damaged`]; [`StoreError::Keyring`].
    pub async fn open(folder: &Path, unlock: &Unlock, entropy: Entropy) -> Result<Self> {
        let keys = KeyFile::read(folder)?;
        let key = unwrap(&keys, unlock).await?;
        Self::open_with_key(folder, keys.book(), key, entropy).await
    }

    pub(crate) async fn open_with_key(folder: &Path, book: Uuid, key: SecretKey, entropy: Entropy) -> Result<Self> {
        let database = Database::open(&LEDGER, &folder.join(folder::LEDGER), &key).await?;
        let cache = Cache::new(folder.join(folder::CACHE), &key, entropy.clone());
        Ok(Self {
            folder: folder.into(),
            book,
            key,
            database,
            cache,
            history: Memory::default(),
            market: OnceCell::new(),
            entropy,
        })
    }

    /// Closes the book; what was written is in one file afterwards.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the last pages cannot be written; they are then still in the write-ahead log.
    pub async fn close(self) -> Result<()> {
        let market = match self.market.into_inner() {
            Some(market) => market.close().await,
            None => Ok(()),
        };
        self.database.close().await?;
        market
    }

    /// Returns the folder of the book.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the id of the book.
    pub fn book_id(&self) -> Uuid {
        self.book
    }

    /// Returns the cache beside the book.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Returns what the providers of market data said, which is opened, or made, when this is first asked.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Newer`], [`StoreError::File`]; the book works without it.
    pub async fn market(&self) -> Result<&Market> {
        // Boxed, so that whoever waits for it may do so on any thread.
        let open = || Market::open(self.folder.clone(), self.key.clone(), self.entropy.clone()).boxed();
        self.market.get_or_try_init(open).await
    }

    /// Returns how the book is opened, and with which keys.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`], [`StoreError::File`].
    pub fn keys(&self) -> Result<KeyFile> {
        KeyFile::read(&self.folder)
    }

    /// Makes a recovery key; an earlier one stops working. Show it to the owner once; it is kept nowhere.
    ///
    /// # Errors
    /// [`StoreError::File`] when the key file cannot be written.
    pub fn make_recovery_key(&self) -> Result<RecoveryKey> {
        let recovery = RecoveryKey::generate(&self.entropy);
        let mut keys = self.keys()?;
        keys.set_recovery(&self.key, &recovery, &self.entropy);
        keys.write(&self.folder)?;
        Ok(recovery)
    }

    /// Puts the book under a new passphrase or under the keyring; the way it was opened before stops working, the
    /// recovery key does not.
    ///
    /// # Errors
    /// [`StoreError::Keyring`], [`StoreError::File`]; the old keys then still hold.
    pub async fn change_protection(&self, protection: &Protection) -> Result<()> {
        let mut keys = self.keys()?;
        protect(&mut keys, &self.key, protection, &self.entropy).await?;
        match protection {
            Protection::Keyring(_) => keys.clear_passphrase(),
            Protection::Passphrase { .. } => keys.clear_keyring(),
        }
        keys.write(&self.folder)
    }

    /// Reads the whole book and compares every page with its seal, then every row with its rules.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first fault found.
    pub async fn verify(&self) -> Result<()> {
        self.database.verify().await
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Returns the price history that is at hand.
    pub(crate) fn remembered(&self) -> &Memory {
        &self.history
    }

    pub(crate) fn entropy(&self) -> &Entropy {
        &self.entropy
    }

    pub(crate) fn key(&self) -> &SecretKey {
        &self.key
    }

    fn new_id(&self, now: Timestamp) -> Uuid {
        new_id(now, &self.entropy)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Store")
            .field("folder", &self.folder)
            .field("book", &self.book)
            .finish_non_exhaustive()
    }
}

/// Draws a UUIDv7.
pub(crate) fn new_id(now: Timestamp, entropy: &Entropy) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &entropy.bytes()).into_uuid()
}

pub(crate) async fn protect(
    keys: &mut KeyFile,
    key: &SecretKey,
    protection: &Protection,
    entropy: &Entropy,
) -> Result<()> {
    match protection {
        Protection::Keyring(keyring) => keys.set_keyring(key, keyring, entropy).await,
        Protection::Passphrase { passphrase, cost } => keys.set_passphrase(key, passphrase, *cost, entropy).await,
    }
}

pub(crate) async fn unwrap(keys: &KeyFile, unlock: &Unlock) -> Result<SecretKey, StoreError> {
    match unlock {
        Unlock::Keyring(keyring) => keys.unwrap_by_keyring(keyring).await,
        Unlock::Passphrase(passphrase) => keys.unwrap_by_passphrase(passphrase).await,
        Unlock::Recovery(recovery) => keys.unwrap_by_recovery(recovery),
    }
}
