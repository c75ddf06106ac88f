//! What can go wrong with a book on disk, each refusal with a name.
//!
//! Messages name the value at fault; the shells add the sentence that says what the person can do next.

use std::path::PathBuf;

/// The reason why a store operation was refused or failed. Nothing was changed unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder holds no book.
    #[error("there is no book in {folder}")]
    NoBook {
        /// The folder looked into.
        folder: PathBuf,
    },
    /// A book can only be made in, or restored into, a folder that is absent or empty.
    #[error("a book needs an empty folder, and there is something in {folder}")]
    NotEmpty {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// The operating system refused a file operation.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// The key file cannot be understood.
    #[error("the key file is damaged ({reason}): {path}")]
    KeyFile {
        /// The key file.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// The key file, book or backup was written by a newer version of the program.
    #[error("{file} is of version {found}, written by a newer program; this one knows versions up to {known}")]
    Newer {
        /// Which file.
        file: &'static str,
        /// The version found.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The book records a schema step this program has never heard of although later ones are known.
    #[error("the book has schema step {version}, which this program does not know")]
    UnknownMigration {
        /// The step.
        version: i64,
    },
    /// A schema step in the book differs from the one of the same number in this program.
    #[error("schema step {version} of the book differs from the one this program knows")]
    ChangedMigration {
        /// The step.
        version: i64,
    },
    /// A schema step is absent from the book although a later one is there.
    #[error("schema step {version} is missing from the book although later steps are there")]
    MissingMigration {
        /// The step.
        version: i64,
    },
    /// The passphrase does not open the book.
    #[error("the passphrase does not open this book")]
    WrongPassphrase,
    /// The recovery key is well formed but belongs to another book.
    #[error("the recovery key does not open this book")]
    WrongRecoveryKey,
    /// The keyring holds a key that does not open the book.
    #[error("the key in the system keyring does not open this book")]
    WrongKeyringKey,
    /// The recovery key was mistyped.
    #[error("the recovery key is not valid: {reason}")]
    RecoveryKeyText {
        /// What is wrong with the text.
        reason: String,
    },
    /// The book cannot be opened in this way because no such key was ever set.
    #[error("this book has no {kind} key")]
    NoSuchKey {
        /// `passphrase`, `keyring` or `recovery`.
        kind: &'static str,
    },
    /// A passphrase of no length was given.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The system keyring is absent, locked or failing.
    #[error("the system keyring cannot be used: {reason}")]
    Keyring {
        /// The keyring's answer.
        reason: String,
    },
    /// A file does not hold what its checksums say.
    #[error("{file} is damaged: {reason}")]
    Damaged {
        /// Which file.
        file: &'static str,
        /// What was found.
        reason: String,
    },
    /// Another program is writing to the book.
    #[error("another program is writing to this book; try again when it has finished")]
    Busy,
    /// Another program has written to the book since the state was read that a change was worked out from.
    #[error("another program changed this book at the same moment; nothing was written, so try again")]
    Overtaken,
    /// The book was opened for reading.
    #[error("this book was opened for reading only")]
    ReadOnly,
    /// A document was changed by somebody else since it was read.
    #[error("{entity} {id} was changed meanwhile: the edit is based on version {base}, the book has version {current}")]
    Conflict {
        /// The noun.
        entity: &'static str,
        /// Its id or name.
        id: String,
        /// The version the edit was based on, 0 for a new document.
        base: u64,
        /// The version in the book, 0 when it is not there.
        current: u64,
    },
    /// A record refers to something that is not in the book.
    #[error("there is no {entity} {id} in the book")]
    Unknown {
        /// The noun.
        entity: &'static str,
        /// Its id or name.
        id: String,
    },
    /// A name that must be unique is in use.
    #[error("the {entity} name is already in use: {name}")]
    NameTaken {
        /// The noun.
        entity: &'static str,
        /// The name.
        name: String,
    },
    /// A transaction with this id but other contents is already in the book.
    #[error("transaction {id} is already in the book with other contents")]
    IdReused {
        /// The id.
        id: String,
    },
    /// The transaction was reversed before.
    #[error("transaction {id} is already reversed")]
    AlreadyReversed {
        /// The id of the original.
        id: String,
    },
    /// A reversal cannot itself be reversed: enter the transaction again instead.
    #[error("transaction {id} is itself a reversal")]
    IsReversal {
        /// The id of the reversal.
        id: String,
    },
    /// A stored value cannot be read, although the page that holds it is intact.
    #[error("a stored {what} cannot be read: {reason}")]
    Record {
        /// The kind of record.
        what: &'static str,
        /// What was found.
        reason: String,
    },
    /// A value cannot be stored.
    #[error("{what} cannot be stored: {reason}")]
    Unstorable {
        /// The kind of value.
        what: &'static str,
        /// Why not.
        reason: String,
    },
    /// The database refused for a reason that has no name of its own here.
    #[error("the book's database failed: {0}")]
    Database(sqlx::Error),
}

/// The result of a store operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> StoreError {
        let path = path.into();
        move |source| StoreError::File { action, path, source }
    }

    /// Names the file of the database at fault, which is the ledger unless it is said.
    pub(crate) fn in_file(self, file: &'static str) -> StoreError {
        match self {
            StoreError::Damaged { reason, .. } => StoreError::Damaged { file, reason },
            other => other,
        }
    }

    pub(crate) fn record(what: &'static str, reason: impl ToString) -> StoreError {
        StoreError::Record {
            what,
            reason: reason.to_string(),
        }
    }

    pub(crate) fn unstorable(what: &'static str, reason: impl ToString) -> StoreError {
        StoreError::Unstorable {
            what,
            reason: reason.to_string(),
        }
    }

    pub(crate) fn unknown(entity: &'static str, id: impl ToString) -> StoreError {
        StoreError::Unknown {
            entity,
            id: id.to_string(),
        }
    }
}

/// SQLite's primary result codes that have a sentence of their own.
mod code {
    pub(super) const BUSY: u32 = 5;
    pub(super) const LOCKED: u32 = 6;
    pub(super) const READONLY: u32 = 8;
    pub(super) const IO: u32 = 10;
    pub(super) const CORRUPT: u32 = 11;
    pub(super) const NOT_A_DATABASE: u32 = 26;
}

impl From<sqlx::Error> for StoreError {
    fn from(err: sqlx::Error) -> Self {
        let Some(database) = err.as_database_error() else {
            return StoreError::Database(err);
        };
        // Extended codes carry the primary code in their low byte.
        let Some(number) = database.code().and_then(|text| text.parse::<u32>().ok()) else {
            return StoreError::Database(err);
        };
        match number & 0xff {
            code::BUSY | code::LOCKED => StoreError::Busy,
            code::READONLY => StoreError::ReadOnly,
            code::CORRUPT | code::NOT_A_DATABASE => StoreError::Damaged {
                file: "ledger.db",
                reason: database.message().to_owned(),
            },
            // SQLCipher reports a page whose seal does not fit as a failed read.
            code::IO => StoreError::Damaged {
                file: "ledger.db",
                reason: database.message().to_owned(),
            },
            _ => StoreError::Database(err),
        }
    }
}
