//! Splits that the book knows of and a ledger lacks.

use apex_domain::{AccountId, InstrumentId, PortfolioId, Ratio, TransactionId};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::call;

/// Asks for the splits that lie between the prices of shares which an account held, and that its ledger lacks: there old
/// shares are valued at new prices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetMissingSplits {
    /// In this portfolio; in all where absent.
    pub portfolio: Option<PortfolioId>,
}
call!(GetMissingSplits => Vec<MissingSplit>, "get_missing_splits");

/// A split that the ledger of one account lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MissingSplit {
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// Its name.
    pub portfolio_name: String,
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub account_name: String,
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its symbol on the day.
    pub symbol: String,
    /// The first day on the new count.
    pub ex_date: Date,
    /// New shares for old ones.
    pub ratio: Ratio,
    /// Who tells of it.
    pub source: String,
    /// Shares that the ledger has at the close before; negative for a short position.
    pub before: Decimal,
    /// What the split makes of them.
    pub after: Decimal,
}

impl MissingSplit {
    /// Returns what it is called by.
    pub fn name(&self) -> SplitName {
        SplitName {
            account: self.account,
            instrument: self.instrument,
            ex_date: self.ex_date,
        }
    }
}

/// What a missing split is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SplitName {
    /// The account.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The first day on the new count.
    pub ex_date: Date,
}

/// Puts missing splits into the ledgers, all or none, or says what that would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordSplits {
    /// Which.
    pub splits: Vec<SplitName>,
    /// Only say it.
    pub preview: bool,
}
call!(RecordSplits => RecordedSplits, "record_splits");

/// Splits that were put into the ledgers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedSplits {
    /// What was done, in a sentence.
    pub sentence: String,
    /// The splits, by portfolio, symbol and day.
    pub rows: Vec<MissingSplit>,
    /// The transactions, in the order of the splits; none for a preview.
    pub ids: Vec<TransactionId>,
}
