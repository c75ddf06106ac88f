//! The encrypted files of one desktop and their keys: the book of record, what providers of market data said, the cache
//! beside both, backups.
//!
//! [`Store`] opens a folder and reads and changes the book in it. Facts are appended, documents are versioned, and each
//! change is one transaction with its outbox rows. Nothing here computes a position or a figure, reads a clock or draws
//! a random number: the instant and the random bytes are arguments. No type of the database leaves this crate.

mod backup;
mod cache;
mod codec;
mod connections;
mod database;
mod entropy;
mod error;
mod folder;
mod history;
mod keys;
mod market;
mod seal;
mod sql;
mod store;

pub use backup::{BackupAccess, restore};
pub use cache::{Cache, CacheTable};
pub use entropy::Entropy;
pub use error::{Result, StoreError};
pub use history::History;
pub use keys::{KdfCost, KeyFile, Keyring, Mode, Passphrase, RecoveryKey};
pub use market::{
    BarWindow, FetchLog, Market, NewFinding, NewsRecord, Reply, SeriesKey, SourceAction, SourceBar, SourceEvent,
    SourceSaid, SourceSeries, Statement, StoredFinding, StoredReply,
};
pub use store::{
    Applied, Book, BookClock, Changes, CorporateAction, CorporateEvent, Edit, ImportFile, ImportRecord, LatestRate,
    Named, NewBook, OutboxEntry, OutboxState, OutboxSummary, Position, PriceBar, PriceBatch, PriceSeries, Protection,
    RateBatch, RateSeries, Space, Store, StoredValue, Unlock, Versioned,
};
