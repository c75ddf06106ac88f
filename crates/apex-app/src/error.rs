//! What a use case can refuse, and how that reaches a page: a code to branch on and one sentence.

use apex_store::StoreError;
use apex_wire::{Code, Failure};
use jiff::civil::Date;

/// The reason why a use case was refused or failed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// What was sent cannot be accepted as it is.
    #[error("{sentence}")]
    Invalid {
        /// The form field at fault, where there is one.
        field: Option<&'static str>,
        /// Names the value at fault and what would be accepted.
        sentence: String,
    },
    /// The thing named does not exist.
    #[error("there is no {noun} {name}")]
    NotFound {
        /// What was looked for, such as `portfolio`.
        noun: &'static str,
        /// Its name or id.
        name: String,
    },
    /// The folder holds no book yet.
    #[error("there is no book here yet; create one first")]
    NoBook,
    /// The book needs its passphrase.
    #[error("the book is locked; give its passphrase or recovery key")]
    Locked,
    /// The job was cancelled by the person.
    #[error("cancelled; nothing was changed")]
    Cancelled,
    /// The clock of the demo stands still and the trade is later.
    #[error(
        "the demo stands at {today} and knows no later prices, so a trade on {date} cannot be added; make a new book for your own trades"
    )]
    AfterTheClock {
        /// The day asked for.
        date: Date,
        /// The day the book stands at.
        today: Date,
    },
    /// A ledger rule refused the change.
    #[error("{sentence}")]
    Ledger {
        /// The rule's own words.
        sentence: String,
    },
    /// The files refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file beside the book refused.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: String,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// A defect of the program.
    #[error("a defect of the program: {sentence}")]
    Defect {
        /// What was found.
        sentence: String,
    },
}

/// The result of a use case.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl AppError {
    /// Returns a refusal of one form field.
    pub fn field(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::Invalid { field: Some(field), sentence: sentence.into() }
    }

    /// Returns a refusal of the whole request.
    pub fn invalid(sentence: impl Into<String>) -> Self {
        Self::Invalid { field: None, sentence: sentence.into() }
    }

    /// Returns that something named does not exist.
    pub fn not_found(noun: &'static str, name: impl ToString) -> Self {
        Self::NotFound { noun, name: name.to_string() }
    }

    /// Returns the code a page branches on.
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid { .. } | Self::AfterTheClock { .. } | Self::Ledger { .. } => Code::Invalid,
            Self::NotFound { .. } | Self::NoBook => Code::NotFound,
            Self::Locked => Code::Locked,
            Self::Cancelled => Code::Cancelled,
            Self::File { .. } => Code::Unavailable,
            Self::Defect { .. } => Code::Internal,
            Self::Store(err) => store_code(err),
        }
    }
}

fn store_code(err: &StoreError) -> Code {
    match err {
        StoreError::NoBook { .. } | StoreError::Unknown { .. } => Code::NotFound,
        StoreError::NotEmpty { .. }
        | StoreError::EmptyPassphrase
        | StoreError::NameTaken { .. }
        | StoreError::IdReused { .. }
        | StoreError::AlreadyReversed { .. }
        | StoreError::IsReversal { .. }
        | StoreError::Unstorable { .. } => Code::Invalid,
        StoreError::WrongPassphrase
        | StoreError::WrongRecoveryKey
        | StoreError::WrongKeyringKey
        | StoreError::RecoveryKeyText { .. }
        | StoreError::NoSuchKey { .. } => Code::WrongKey,
        StoreError::KeyFile { .. }
        | StoreError::Damaged { .. }
        | StoreError::Record { .. }
        | StoreError::ChangedMigration { .. }
        | StoreError::MissingMigration { .. } => Code::Damaged,
        StoreError::Newer { .. } | StoreError::UnknownMigration { .. } => Code::Newer,
        StoreError::Conflict { .. } => Code::Conflict,
        StoreError::File { .. } | StoreError::Keyring { .. } | StoreError::Busy | StoreError::ReadOnly => {
            Code::Unavailable
        }
        _ => Code::Internal,
    }
}

impl From<AppError> for Failure {
    fn from(err: AppError) -> Self {
        let field = match &err {
            AppError::Invalid { field: Some(field), .. } => Some((*field).to_owned()),
            AppError::AfterTheClock { .. } => Some("date".to_owned()),
            _ => None,
        };
        Self { code: err.code(), sentence: err.to_string(), field }
    }
}
