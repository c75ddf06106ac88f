//! What a use case can refuse, and how that reaches a page: a code to branch on and one sentence.

use apex_domain::{Refusal, TransactionId};
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
    /// The engine refuses these numbers.
    #[error(transparent)]
    Analytics(#[from] apex_analytics::AnalyticsError),
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
    /// The ledger refused some of many transactions.
    #[error("{} transactions are refused; the first: {}", .0.len(), .0.first().map(|one| one.refusal.to_string()).unwrap_or_default())]
    Refused(Vec<Refused>),
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

/// A transaction that a rule of the ledger refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct Refused {
    /// The transaction.
    pub transaction: TransactionId,
    /// Why.
    pub refusal: Refusal,
}

impl Refused {
    /// Returns the field of a form that the refusal is about.
    pub fn field(&self) -> Option<&'static str> {
        match &self.refusal {
            Refusal::UnknownAccount { .. } | Refusal::OtherPortfolio { .. } => Some("account"),
            Refusal::UnknownInstrument { .. } => Some("symbol"),
            Refusal::OtherCurrency { .. } => Some("currency"),
            Refusal::NotHeld { .. } | Refusal::NotShort { .. } | Refusal::TooLarge { .. } => Some("quantity"),
            Refusal::IsShort { .. } | Refusal::IsLong { .. } => Some("kind"),
            Refusal::LotNotOpen { .. } => Some("lot"),
            Refusal::Missing { field, .. } | Refusal::Unfit { field, .. } => form_field(field),
            _ => None,
        }
    }
}

/// Returns the form's own name of a field of the ledger.
fn form_field(field: &str) -> Option<&'static str> {
    const FIELDS: [&str; 13] = [
        "account",
        "date",
        "settle",
        "kind",
        "symbol",
        "quantity",
        "price",
        "currency",
        "fees",
        "taxes",
        "fx_rate",
        "ratio",
        "basis_fraction",
    ];
    let name = field.trim().replace([' ', '-'], "_");
    let name = match name.as_str() {
        "instrument" => "symbol",
        "amount" => "quantity",
        "other_instrument" | "other_symbol" => return Some("other_symbol"),
        "lot" | "lots" => return Some("lot"),
        "settle_date" | "settlement_date" => "settle",
        "trade_date" => "date",
        other => other,
    };
    FIELDS.into_iter().find(|known| *known == name)
}

/// The result of a use case.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl AppError {
    /// Returns a refusal of one form field.
    pub fn field(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::Invalid {
            field: Some(field),
            sentence: sentence.into(),
        }
    }

    /// Returns a refusal of the whole request.
    pub fn invalid(sentence: impl Into<String>) -> Self {
        Self::Invalid {
            field: None,
            sentence: sentence.into(),
        }
    }

    /// Returns that something named does not exist.
    pub fn not_found(noun: &'static str, name: impl ToString) -> Self {
        Self::NotFound {
            noun,
            name: name.to_string(),
        }
    }

    /// Returns the code a page branches on.
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid { .. } | Self::Analytics(_) | Self::AfterTheClock { .. } | Self::Refused(_) => Code::Invalid,
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
        StoreError::Conflict { .. } | StoreError::Overtaken => Code::Conflict,
        StoreError::File { .. } | StoreError::Keyring { .. } | StoreError::Busy | StoreError::ReadOnly => {
            Code::Unavailable
        }
        _ => Code::Internal,
    }
}

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        Self::Refused(vec![refused])
    }
}

impl From<AppError> for Failure {
    fn from(err: AppError) -> Self {
        let field = match &err {
            AppError::Invalid { field: Some(field), .. } => Some((*field).to_owned()),
            AppError::AfterTheClock { .. } => Some("date".to_owned()),
            AppError::Refused(refused) => refused.first().and_then(Refused::field).map(str::to_owned),
            _ => None,
        };
        Self {
            code: err.code(),
            sentence: sentence(&err),
            field,
        }
    }
}

/// One refusal speaks for itself; only many need counting.
fn sentence(err: &AppError) -> String {
    match err {
        AppError::Refused(refused) if refused.len() == 1 => refused.iter().map(Refused::to_string).collect(),
        err => err.to_string(),
    }
}
