//! `market.db`: what the providers of market data said, and what was done with it.
//!
//! The book of record holds what is trusted; this file beside it holds what that was made from: raw answers, bars and
//! corporate actions by source, faults and decisions, when what was asked, news, alerts that fired, and small documents
//! of this machine. It is encrypted as the ledger is, under a key derived from the book's, and made when it is first
//! asked for. A book opens without it, a backup goes without it, and two programs may have it open at once.
//!
//! What sources say is appended, bitemporal and never judged here; the pipeline of `apex-market-data` judges.

mod alerts;
mod fetches;
mod findings;
mod minutes;
mod news;
mod replies;
mod said;
mod series;
mod sources;
mod states;

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::{Connection, Sqlite, Transaction};
use tokio::sync::MutexGuard;

use crate::connections::Closing;
use crate::database::{Database, MARKET};
use crate::entropy::Entropy;
use crate::error::{Result, StoreError};
use crate::folder;
use crate::keys::secret::{SecretKey, hex};

pub use fetches::FetchLog;
pub use findings::{NewFinding, StoredFinding};
pub use news::NewsRecord;
pub use replies::{Reply, StoredReply};
pub use series::{BarWindow, SeriesKey, SourceAction, SourceBar, SourceEvent};
pub use sources::{SourceSaid, SourceSeries, Statement};

/// What the providers said to one book, open. Get it by [`crate::Store::market`].
pub struct Market {
    database: Database,
}

impl Market {
    /// Opens the file, or makes it where there is none.
    pub(crate) async fn open(folder: PathBuf, book_key: SecretKey, entropy: Entropy) -> Result<Self> {
        let key = book_key.derive("apex-store 2026 market");
        let path = folder.join(folder::MARKET);
        if !path.exists() {
            make(&path, &key, &entropy).await?;
        }
        let database = Database::open(&MARKET, &path, &key).await?;
        Ok(Self { database })
    }

    pub(crate) async fn close(self) -> Result<()> {
        self.database.close().await
    }

    async fn writer(&self) -> MutexGuard<'_, Closing> {
        self.database.writer.lock().await
    }
}

/// Takes the write lock of the file, waiting a moment for another program to finish.
async fn begin(writer: &mut Closing) -> Result<Transaction<'_, Sqlite>> {
    Ok(writer.begin_with("begin immediate").await?)
}

/// Makes the file under another name and gives it its own when it is complete, unless another program was quicker.
async fn make(path: &Path, key: &SecretKey, entropy: &Entropy) -> Result<()> {
    let staged = folder::beside(path, &format!("making-{}", hex(&entropy.bytes::<4>())));
    let made = make_staged(path, &staged, key).await;
    folder::remove_if_there(&staged)?;
    made?;
    folder::sync_folder(folder::parent_of(path))
}

async fn make_staged(path: &Path, staged: &Path, key: &SecretKey) -> Result<()> {
    Database::create(&MARKET, staged, key).await?.close().await?;
    if path.exists() {
        return Ok(());
    }
    // A link fails where the name is taken. Some file systems know no links; there the name is free but for an instant,
    // and what is lost with it can be asked for again.
    match fs::hard_link(staged, path) {
        Err(_) if !path.exists() => fs::rename(staged, path).map_err(StoreError::file("make", path)),
        _ => Ok(()),
    }
}

impl std::fmt::Debug for Market {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Market").finish_non_exhaustive()
    }
}
