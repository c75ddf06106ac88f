//! What comes into the ledger: a transaction typed, and files.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `apex transactions`.
#[derive(Debug, Args)]
pub(crate) struct Transactions {
    #[command(subcommand)]
    pub(crate) act: Option<TransactionsAct>,
    /// Words that must occur in symbol, name, kind, account, note, date or external id
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) search: String,
    /// List reversed transactions and their reversals too
    #[arg(long)]
    pub(crate) all: bool,
    /// List only the newest N
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

/// What to do with transactions.
#[derive(Debug, Subcommand)]
pub(crate) enum TransactionsAct {
    /// Add a transaction
    Add(Box<TransactionArguments>),
    /// Take transactions back; the ledger keeps both the original and its reversal
    Reverse {
        /// Ids, as `apex transactions --json` lists them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<apex_domain::TransactionId>,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
    },
}

/// A transaction as typed. Texts, since the engine judges them and names the one at fault.
#[derive(Debug, Args)]
pub(crate) struct TransactionArguments {
    /// Its kind: buy, sell, dividend, deposit, ... (see `apex import --help`)
    pub(crate) kind: String,
    /// The symbol, where the kind has one
    #[arg(default_value = "", hide_default_value = true)]
    pub(crate) symbol: String,
    /// Trade date
    #[arg(long, value_name = "DATE")]
    pub(crate) date: String,
    /// Units, or the amount of money; always positive
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "N",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) quantity: String,
    /// Price in the transaction's currency
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "PRICE",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) price: String,
    /// The account; may be left out where there is only one
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub(crate) account: String,
    /// The currency; the instrument's, else the portfolio's, where absent
    #[arg(long, value_name = "C", default_value = "", hide_default_value = true)]
    pub(crate) currency: String,
    /// Settlement date; the trade date where absent
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    pub(crate) settle: String,
    /// Fees
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "AMOUNT",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) fees: String,
    /// Taxes
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "AMOUNT",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) taxes: String,
    /// Base currency for one unit of the currency
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "RATE",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) fx_rate: String,
    /// Note
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) note: String,
    /// 7:1 for a split, a merger or a spin-off
    #[arg(long, value_name = "N:M", default_value = "", hide_default_value = true)]
    pub(crate) ratio: String,
    /// The other instrument of a spin-off, merger or exercise, or the new symbol
    #[arg(long, value_name = "S", default_value = "", hide_default_value = true)]
    pub(crate) other_symbol: String,
    /// Share of the cost that moves to a spun-off instrument
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "SHARE",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) basis_fraction: String,
    /// The lot to close: an opening date or external id, several as F1:10; F2:5
    #[arg(long, value_name = "LOT", default_value = "", hide_default_value = true)]
    pub(crate) lot: String,
    /// Only say what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `apex import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What the file holds
    #[arg(value_enum)]
    pub(crate) kind: ImportKind,
    /// The file; - is standard input
    pub(crate) file: PathBuf,
    /// How files of this source are read
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) map: Option<PathBuf>,
    /// Create portfolios, accounts and symbols that are unknown
    #[arg(long)]
    pub(crate) create: bool,
    /// Add the good lines although others are bad
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// Only say what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportKind {
    /// Transactions
    Transactions,
    /// Prices
    Prices,
    /// FX rates
    Fx,
    /// Opening positions
    Positions,
}
