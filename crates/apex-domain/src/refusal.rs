//! Why a transaction is not taken into a book. Every refusal has a name and a sentence.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, InstrumentId, TransactionId};
use crate::money::Currency;
use crate::transaction::TransactionKind;

/// Why a transaction is not taken into a book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// The id is taken.
    #[error("transaction {transaction} is already in the book")]
    Duplicate {
        /// The id.
        transaction: TransactionId,
    },
    /// There is no such transaction.
    #[error("transaction {transaction} is not in the book")]
    UnknownTransaction {
        /// The id.
        transaction: TransactionId,
    },
    /// The transaction to reverse is itself a reversal.
    #[error("transaction {transaction} is a reversal and cannot be reversed: enter the original again")]
    ReversesReversal {
        /// The reversal.
        transaction: TransactionId,
    },
    /// The transaction to take out is reversed by another that would be left without its original.
    #[error("transaction {transaction} is reversed by another: take the reversal out first")]
    IsReversed {
        /// The id.
        transaction: TransactionId,
    },
    /// The account is not in the book.
    #[error("account {account} is not in the book")]
    UnknownAccount {
        /// The account.
        account: AccountId,
    },
    /// The account belongs to another portfolio than the transaction says.
    #[error("account {account} does not belong to the portfolio of the {kind} on {date}")]
    OtherPortfolio {
        /// The name of the account.
        account: String,
        /// The kind of transaction.
        kind: TransactionKind,
        /// The trade date.
        date: Date,
    },
    /// The instrument is not in the book.
    #[error("instrument {instrument} is not in the book")]
    UnknownInstrument {
        /// The instrument.
        instrument: InstrumentId,
    },
    /// A field that the kind needs is missing.
    #[error("{kind} on {date} has no {field}")]
    Missing {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The trade date.
        date: Date,
        /// What is missing.
        field: String,
    },
    /// A field has a value that the kind cannot have.
    #[error("{kind} on {date} has {field} {value}: {reason}")]
    Unfit {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The trade date.
        date: Date,
        /// The field.
        field: String,
        /// Its value.
        value: String,
        /// Why it does not fit.
        reason: String,
    },
    /// The money is of another currency than the instrument.
    #[error("{kind} of {symbol} on {date} is in {found} but {symbol} is quoted in {expected}")]
    OtherCurrency {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The instrument's symbol.
        symbol: String,
        /// The trade date.
        date: Date,
        /// The currency of the transaction.
        found: Currency,
        /// The currency of the instrument.
        expected: Currency,
    },
    /// More would be closed than is held.
    #[error("{kind} of {quantity} {symbol} on {date} but only {held} are held in account {account}")]
    NotHeld {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The quantity asked for.
        quantity: Decimal,
        /// The instrument's symbol.
        symbol: String,
        /// The trade date.
        date: Date,
        /// The quantity held.
        held: Decimal,
        /// The name of the account.
        account: String,
    },
    /// More would be covered than was sold short.
    #[error("{kind} of {quantity} {symbol} on {date} but only {short} are short in account {account}")]
    NotShort {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The quantity asked for.
        quantity: Decimal,
        /// The instrument's symbol.
        symbol: String,
        /// The trade date.
        date: Date,
        /// The quantity sold short.
        short: Decimal,
        /// The name of the account.
        account: String,
    },
    /// A long position would be opened on a short one.
    #[error("{kind} of {symbol} on {date} but account {account} is short {short}: cover first")]
    IsShort {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The instrument's symbol.
        symbol: String,
        /// The trade date.
        date: Date,
        /// The quantity sold short.
        short: Decimal,
        /// The name of the account.
        account: String,
    },
    /// A short position would be opened on a long one.
    #[error("{kind} of {symbol} on {date} but account {account} holds {held}: sell first")]
    IsLong {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The instrument's symbol.
        symbol: String,
        /// The trade date.
        date: Date,
        /// The quantity held.
        held: Decimal,
        /// The name of the account.
        account: String,
    },
    /// A lot that the trade names is not open, or not that large.
    #[error("{kind} of {symbol} on {date} names {quantity} of lot {lot} but {open} of it are open")]
    LotNotOpen {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The instrument's symbol.
        symbol: String,
        /// The trade date.
        date: Date,
        /// The transaction that is said to have opened the lot.
        lot: TransactionId,
        /// The quantity asked for.
        quantity: Decimal,
        /// The quantity open.
        open: Decimal,
    },
    /// A quantity or amount is beyond what the book can hold exactly.
    #[error("{kind} on {date} leads to a number too large to keep exactly")]
    TooLarge {
        /// The kind of transaction.
        kind: TransactionKind,
        /// The trade date.
        date: Date,
    },
}
