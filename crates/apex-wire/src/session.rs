//! Opening the workstation: locked, empty or open, and what is in the book.

use apex_domain::{Currency, PortfolioId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{call::call, job::JobId};

/// Asks where things stand; the first call of a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenSession {}
call!(OpenSession => Session, "open_session");

/// Where things stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Session {
    /// There is no book in the folder yet.
    FirstRun {
        /// Whether the system keyring works here; without it a passphrase is needed.
        keyring: bool,
    },
    /// There is a book, and its passphrase is needed.
    Locked,
    /// The book is open.
    Open(Box<OpenBook>),
}

/// The open book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenBook {
    /// The book's name, such as `Demo firm`.
    pub name: String,
    /// The book's clock: the day it stands at.
    pub today: Date,
    /// Whether the clock stands still, as the demo's does.
    pub clock_stands: bool,
    /// What in this book is simulated, one sentence, for a label that is always on screen.
    pub simulated: Option<String>,
    /// The portfolios, by name.
    pub portfolios: Vec<PortfolioSummary>,
    /// Version of the engine that computes the figures.
    pub engine: String,
    /// The recovery key, until the person confirms to have kept it.
    pub recovery_key: Option<String>,
}

/// A portfolio as the switcher lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PortfolioSummary {
    /// Its id.
    pub id: PortfolioId,
    /// Its name.
    pub name: String,
    /// Its base currency.
    pub currency: Currency,
    /// Name of the benchmark, where one is set.
    pub benchmark: Option<String>,
    /// Its accounts, by name.
    pub accounts: Vec<AccountSummary>,
}

/// An account as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountSummary {
    /// Its id.
    pub id: apex_domain::AccountId,
    /// Its name.
    pub name: String,
    /// How its lots are matched.
    pub lot_method: apex_domain::LotMethod,
}

/// Opens a locked book.
#[derive(Clone, Serialize, Deserialize)]
pub struct Unlock {
    /// The passphrase, or the recovery key.
    pub secret: String,
}
call!(Unlock => Session, "unlock");

/// Makes the book of an empty folder; a job.
#[derive(Clone, Serialize, Deserialize)]
pub struct CreateBook {
    /// Names the job.
    pub job: JobId,
    /// The demo firm, or an empty book with this name.
    pub content: NewBook,
    /// The passphrase, where the keyring is not used.
    pub passphrase: Option<String>,
}
call!(CreateBook => Session, "create_book");

/// The fewest characters of a passphrase that locks a new book.
pub const PASSPHRASE_CHARS_MIN: usize = 8;

/// What a new book holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewBook {
    /// The demo firm.
    Demo,
    /// Nothing yet, under this name.
    Empty(String),
}

/// The two books that a data folder can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookKind {
    /// The demo firm.
    Demo,
    /// The person's own book.
    Own,
}

impl BookKind {
    /// Returns the other one.
    pub fn other(self) -> Self {
        match self {
            Self::Demo => Self::Own,
            Self::Own => Self::Demo,
        }
    }
}

/// Asks which book there is beside the one that is open, or is to be opened or made here; none where there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetOtherBook {}
call!(GetOtherBook => Option<BookKind>, "get_other_book");

/// Opens another book beside the current one: the desktop's own book or the demo. Where that one is locked or not made
/// yet, the current one can be switched back to until it is open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SwitchBook {
    /// Whether the demo is wanted.
    pub demo: bool,
}
call!(SwitchBook => Session, "switch_book");

/// Asks for the open book to be read anew where another program has changed it, such as the command line beside the
/// window. The answer counts how often that was done: where it is another one than before, every answer is outdated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CatchUp {}
call!(CatchUp => u64, "catch_up");

/// Says that the recovery key was kept, so that it is not shown again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecoveryKeyKept {}
call!(RecoveryKeyKept => (), "recovery_key_kept");
