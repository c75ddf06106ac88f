//! Opening `ledger.db` and `market.db`: connections, the checks before anything is trusted, and the steps that make the
//! schema.
//!
//! A file is encrypted by SQLCipher under a raw key, so opening derives nothing and is quick. It is in WAL mode
//! with one writing connection and a pool of reading ones. `synchronous` is full: a trade the screen has confirmed
//! must survive a power cut, and edits by hand are rare enough to pay one flush each; an import is one transaction and
//! pays one for all its lines.
//!
//! Every page carries a seal, which is checked whenever the page is read. Opening reads the schema and the use cases what
//! they need; a page that nobody reads may be damaged unseen, and the rest of the book works. Reading every page would
//! make each start wait for a fault that a disk hardly ever has. A backup does read them all, and says what it found.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::sync::OnceCell;

use crate::connections::{Closing, Readers};
use crate::error::{Result, StoreError};
use crate::folder;
use crate::keys::secret::{SecretKey, hex};

/// One kind of file: its name and the steps that make its schema.
pub(crate) struct Kind {
    file: &'static str,
    steps: Migrator,
}

/// The book of record.
pub(crate) static LEDGER: Kind = Kind {
    file: folder::LEDGER,
    steps: sqlx::migrate!("../../migrations/desktop"),
};

/// What the providers of market data said.
pub(crate) static MARKET: Kind = Kind {
    file: folder::MARKET,
    steps: sqlx::migrate!("../../migrations/market"),
};

/// How long a writer waits for another program's transaction.
const WRITER_WAITS: Duration = Duration::from_secs(3);

fn options(path: &Path, key: &SecretKey) -> SqliteConnectOptions {
    let raw_key = zeroize::Zeroizing::new(hex(key.expose()));
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        // The first pragma, or SQLCipher takes the file for a plain one.
        .pragma("key", format!("\"x'{}'\"", *raw_key))
        .busy_timeout(WRITER_WAITS)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        // The statements include the key.
        .disable_statement_logging()
}

fn writing(path: &Path, key: &SecretKey) -> SqliteConnectOptions {
    options(path, key)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("cache_size", "-65536")
}

/// Keeps SQLCipher from printing on the terminal what it finds: it is in the error already. The level is one of the whole
/// program and the first connection to a damaged file is too late to set it, so one to no file does.
async fn silence() -> Result<()> {
    static SILENT: OnceCell<()> = OnceCell::const_new();
    let set = async || {
        let quiet = SqliteConnectOptions::new()
            .in_memory(true)
            .pragma("cipher_log_level", "NONE")
            .disable_statement_logging();
        quiet.connect().await?.close().await
    };
    SILENT.get_or_try_init(set).await?;
    Ok(())
}

/// Connections to one file; the reading ones are closed first, so that the writing one folds the log into the file.
pub(crate) struct Database {
    kind: &'static Kind,
    pub(crate) readers: Readers,
    pub(crate) writer: tokio::sync::Mutex<Closing>,
}

impl Database {
    /// Makes a new, empty file.
    pub(crate) async fn create(kind: &'static Kind, path: &Path, key: &SecretKey) -> Result<Self> {
        silence().await?;
        drop(folder::open_private(path)?);
        let mut writer = Closing::new(writing(path, key).connect().await?);
        kind.migrate(&mut writer).await?;
        Ok(Self::with(kind, writer, path, key))
    }

    /// Opens a file after making sure that this program understands it; one that it does not is left as it is.
    pub(crate) async fn open(kind: &'static Kind, path: &Path, key: &SecretKey) -> Result<Self> {
        if !path.is_file() {
            return Err(kind.damaged("the file is missing"));
        }
        // SQLite takes an empty file for a new one and writes its first page.
        if std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0) {
            return Err(kind.damaged("the file is empty"));
        }
        let open = async {
            silence().await?;
            // A file left by a crash has changes waiting beside it, and the last writing connection to close would fold
            // them in. So such a file is first looked at through a connection that cannot write.
            if has_pending_changes(path) {
                let mut reader = Closing::new(options(path, key).read_only(true).connect().await?);
                kind.check_schema(&mut reader).await?;
            }
            let mut writer = Closing::new(writing(path, key).connect().await?);
            kind.bring_up_to_date(&mut writer).await?;
            Ok(Self::with(kind, writer, path, key))
        };
        open.await.map_err(|err: StoreError| err.in_file(kind.file))
    }

    fn with(kind: &'static Kind, writer: Closing, path: &Path, key: &SecretKey) -> Self {
        Self {
            kind,
            readers: Readers::new(options(path, key).read_only(true)),
            writer: tokio::sync::Mutex::new(writer),
        }
    }

    /// Closes all connections, the writing one last, which folds the write-ahead log into the file.
    pub(crate) async fn close(self) -> Result<()> {
        self.readers.close().await?;
        self.writer.into_inner().close().await
    }

    /// Does some work on the file; a fault found meanwhile is said to be in it.
    ///
    /// The work is boxed, so that whoever waits for it may do so on any thread.
    pub(crate) async fn told<T>(&self, work: BoxFuture<'_, Result<T>>) -> Result<T> {
        work.await.map_err(|err| err.in_file(self.kind.file))
    }

    /// Reads every page and compares it with its seal, then the structure of every table.
    pub(crate) async fn verify(&self) -> Result<()> {
        let mut reader = self.readers.acquire().await?;
        let damaged = |reason: String| self.kind.damaged(reason);
        // Answers one line per page whose seal does not fit, and nothing for a sound file.
        let pages: Vec<String> = sqlx::query_scalar("pragma cipher_integrity_check")
            .fetch_all(&mut *reader)
            .await?;
        if let Some(first) = pages.first() {
            return Err(damaged(first.clone()));
        }
        let structure: Vec<String> = sqlx::query_scalar("pragma integrity_check")
            .fetch_all(&mut *reader)
            .await?;
        match structure.first() {
            Some(line) if line != "ok" => return Err(damaged(line.clone())),
            _ => {}
        }
        let dangling = sqlx::query("pragma foreign_key_check")
            .fetch_optional(&mut *reader)
            .await?;
        match dangling {
            Some(row) => {
                let table: String = row.try_get(0)?;
                Err(damaged(format!("a row of {table} refers to one that is not there")))
            }
            None => Ok(()),
        }
    }
}

fn has_pending_changes(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0)
}

#[derive(Debug, PartialEq, Eq)]
enum Schema {
    Current,
    Older,
}

impl Kind {
    fn damaged(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Damaged {
            file: self.file,
            reason: reason.into(),
        }
    }

    /// Compares the schema steps of the file with those of this program.
    async fn check_schema(&self, connection: &mut SqliteConnection) -> Result<Schema> {
        let rows = sqlx::query("select version, checksum, success from _sqlx_migrations order by version")
            .fetch_all(connection)
            .await
            .map_err(|err| match StoreError::from(err) {
                StoreError::Database(_) => self.damaged("it has no record of its schema"),
                other => other,
            })?;
        let ours: BTreeMap<i64, &[u8]> = self
            .steps
            .iter()
            .map(|step| (step.version, step.checksum.as_ref()))
            .collect();
        let known = ours.keys().next_back().copied().unwrap_or(0);
        let mut applied = Vec::with_capacity(rows.len());
        for row in rows {
            let version: i64 = row.try_get(0)?;
            let checksum: Vec<u8> = row.try_get(1)?;
            let success: bool = row.try_get(2)?;
            if version > known {
                return Err(StoreError::Newer {
                    file: self.file,
                    found: version,
                    known,
                });
            }
            match ours.get(&version) {
                None => return Err(StoreError::UnknownMigration { version }),
                Some(ours) if *ours != checksum.as_slice() => return Err(StoreError::ChangedMigration { version }),
                Some(_) if !success => {
                    return Err(self.damaged(format!("schema step {version} was left half done")));
                }
                Some(_) => applied.push(version),
            }
        }
        let last = applied.last().copied().unwrap_or(0);
        match ours.keys().find(|version| !applied.contains(version)) {
            None => Ok(Schema::Current),
            Some(version) if *version < last => Err(StoreError::MissingMigration { version: *version }),
            Some(_) => Ok(Schema::Older),
        }
    }

    async fn bring_up_to_date(&self, writer: &mut SqliteConnection) -> Result<()> {
        match self.check_schema(writer).await? {
            Schema::Current => Ok(()),
            Schema::Older => match self.migrate(writer).await {
                // Another program may have brought it up to date at the same moment.
                Err(err) => match self.check_schema(writer).await {
                    Ok(Schema::Current) => Ok(()),
                    _ => Err(err),
                },
                Ok(()) => Ok(()),
            },
        }
    }

    async fn migrate(&self, writer: &mut SqliteConnection) -> Result<()> {
        // Not `run`: its way to a connection binds whoever waits for it to one thread.
        self.steps
            .run_direct(None, writer, false)
            .await
            .map_err(|err| match err {
                sqlx::migrate::MigrateError::Execute(err) | sqlx::migrate::MigrateError::ExecuteMigration(err, _) => {
                    err.into()
                }
                sqlx::migrate::MigrateError::VersionMismatch(version) => StoreError::ChangedMigration { version },
                sqlx::migrate::MigrateError::VersionMissing(version) => StoreError::UnknownMigration { version },
                other => StoreError::Database(sqlx::Error::Migrate(Box::new(other))),
            })
    }
}
