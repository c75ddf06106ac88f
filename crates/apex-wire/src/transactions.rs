//! The Transactions page: search, add, reverse.

use apex_domain::{AccountId, Currency, Ratio, TransactionId, TransactionKind};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Amount, View, call::call};

/// Asks for a window of the ledger, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetTransactions {
    /// Which portfolio, when.
    pub view: View,
    /// Words that must all occur in symbol, name, kind, account, note, date or external id.
    pub search: String,
    /// Whether reversed rows and their reversals are listed too.
    pub with_reversed: bool,
    /// First row wanted.
    pub offset: usize,
    /// Rows wanted.
    pub limit: usize,
}
call!(GetTransactions => TransactionsWindow, "get_transactions");

/// A window of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransactionsWindow {
    /// Rows in all.
    pub total_rows: usize,
    /// Index of the first row given.
    pub offset: usize,
    /// The rows.
    pub rows: Vec<TransactionRow>,
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransactionRow {
    /// Its id.
    pub id: TransactionId,
    /// Trade date.
    pub date: Date,
    /// Settlement date.
    pub settle: Date,
    /// Order within the day.
    pub seq: u32,
    /// Kind.
    pub kind: TransactionKind,
    /// Account name.
    pub account: String,
    /// Symbol on the day, where the kind has one.
    pub symbol: Option<String>,
    /// Quantity, positive.
    pub quantity: Decimal,
    /// Price in `currency`.
    pub price: Decimal,
    /// New shares for old ones, of a split, a merger or a spin-off.
    #[serde(default)]
    pub ratio: Option<Ratio>,
    /// What moves in cash in `currency`, with its sign, fees and taxes included.
    pub cash: Decimal,
    /// Currency.
    pub currency: Currency,
    /// Fees.
    pub fees: Decimal,
    /// Taxes.
    pub taxes: Decimal,
    /// FX rate to the base currency, where stated.
    pub fx_rate: Option<Decimal>,
    /// External id.
    pub external_id: Option<String>,
    /// Note.
    pub note: String,
    /// Where it came from, such as `trades.csv line 12`.
    pub source: String,
    /// When it became known.
    pub known_at: Timestamp,
    /// Whether a later row reversed it.
    pub reversed: bool,
    /// The row this one reverses.
    pub reverses: Option<TransactionId>,
}

/// A transaction as a person types it: text, so that the engine's refusal can name the field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct TransactionDraft {
    pub account: String,
    pub date: String,
    pub settle: String,
    pub kind: String,
    pub symbol: String,
    pub quantity: String,
    pub price: String,
    pub currency: String,
    pub fees: String,
    pub taxes: String,
    pub fx_rate: String,
    pub note: String,
    /// `7:1` for a split, a merger or a spin-off.
    pub ratio: String,
    /// The other instrument of a spin-off, merger or exercise.
    pub other_symbol: String,
    /// Share of the cost that moves to a spun-off instrument.
    pub basis_fraction: String,
    /// Opening date or external id of the lot to close, for specific-lot accounts.
    pub lot: String,
}

/// Asks what a draft would do, or does it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddTransaction {
    /// Which portfolio.
    pub view: View,
    /// What was typed.
    pub draft: TransactionDraft,
    /// Only say what would happen.
    pub preview: bool,
}
call!(AddTransaction => Effect, "add_transaction");

/// Asks what reversing rows would do, or does it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReverseTransactions {
    /// Which portfolio.
    pub view: View,
    /// The rows.
    pub ids: Vec<TransactionId>,
    /// Only say what would happen.
    pub preview: bool,
}
call!(ReverseTransactions => Effect, "reverse_transactions");

/// What a change does, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// One sentence, such as `reverses 3 trades, NAV changes by -1,240.00 USD`.
    pub sentence: String,
    /// The rows added (reversals included); empty in a preview.
    pub ids: Vec<TransactionId>,
    /// NAV before and after, base currency.
    pub nav_before: Amount,
    /// NAV after.
    pub nav_after: Amount,
    /// Position of the instrument touched, before and after.
    pub quantity: Option<(Decimal, Decimal)>,
}

/// Accounts, symbols and kinds to choose from while typing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SuggestSymbols {
    /// What was typed so far.
    pub text: String,
    /// How many at the most.
    pub limit: usize,
}
call!(SuggestSymbols => Vec<SymbolSuggestion>, "suggest_symbols");

/// An instrument that matches what was typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SymbolSuggestion {
    /// Its id.
    pub instrument: apex_domain::InstrumentId,
    /// Its symbol now.
    pub symbol: String,
    /// Its name.
    pub name: String,
    /// Its currency.
    pub currency: Currency,
    /// Whether the portfolio of the account holds it is not said here; the page asks for lots.
    pub kind: apex_domain::InstrumentKind,
    /// Accounts are listed by the session.
    pub accounts: Vec<AccountId>,
}
