//! Making a book, what it consists of, and keeping a copy of it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `apex init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Fill the book with the demo firm
    #[arg(long)]
    pub(crate) demo: bool,
    /// The seed of the demo firm: the same seed makes the same ledger
    #[arg(long, value_name = "N", requires = "demo")]
    pub(crate) seed: Option<u64>,
    /// Lock the book with a passphrase (APEX_PASSPHRASE, else a prompt) instead of the system's keyring
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// The book's name
    #[arg(long, value_name = "NAME", conflicts_with = "demo")]
    pub(crate) name: Option<String>,
}

/// `apex portfolios`.
#[derive(Debug, Args)]
pub(crate) struct Portfolios {
    #[command(subcommand)]
    pub(crate) act: Option<PortfoliosAct>,
}

/// What to do with portfolios.
#[derive(Debug, Subcommand)]
pub(crate) enum PortfoliosAct {
    /// Add a portfolio
    Add {
        /// Its name
        name: String,
        /// Its base currency, such as EUR
        #[arg(long, value_name = "C")]
        currency: String,
        /// The symbol of its benchmark
        #[arg(long, value_name = "S", default_value = "", hide_default_value = true)]
        benchmark: String,
    },
}

/// `apex accounts`.
#[derive(Debug, Args)]
pub(crate) struct Accounts {
    #[command(subcommand)]
    pub(crate) act: Option<AccountsAct>,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountsAct {
    /// Add an account to the portfolio
    Add {
        /// Its name
        name: String,
        /// How sales choose their lots; fixed once there are transactions
        #[arg(long, value_enum, default_value_t = Lots::Fifo)]
        lots: Lots,
    },
}

/// How sales choose their lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lots {
    /// The oldest first
    Fifo,
    /// The newest first
    Lifo,
    /// The dearest first
    Hifo,
    /// All at their average cost
    Average,
    /// Those a transaction names
    Specific,
}

/// `apex instruments`.
#[derive(Debug, Args)]
pub(crate) struct Instruments {
    #[command(subcommand)]
    pub(crate) act: Option<InstrumentsAct>,
    /// Words that symbol, name, ISIN, sector or country must contain
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) search: String,
}

/// What to do with instruments.
#[derive(Debug, Subcommand)]
pub(crate) enum InstrumentsAct {
    /// Add an instrument
    Add {
        /// Its symbol
        symbol: String,
        #[command(flatten)]
        terms: Terms,
    },
    /// Change an instrument; what is not named stays as it is
    Edit {
        /// Its symbol now
        symbol: String,
        /// A new symbol
        #[arg(long = "symbol", value_name = "NEW")]
        new_symbol: Option<String>,
        /// The day from which the new symbol holds; from always where absent
        #[arg(long, value_name = "DATE", requires = "new_symbol")]
        from: Option<String>,
        #[command(flatten)]
        terms: Terms,
    },
}

/// What an instrument is. Texts, since the engine judges them and names the one at fault.
#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// Its name
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// equity, etf, fund, bond, option, currency_pair, private or index
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// The currency of its prices
    #[arg(long, value_name = "C")]
    pub(crate) currency: Option<String>,
    /// ISIN
    #[arg(long, value_name = "TEXT")]
    pub(crate) isin: Option<String>,
    /// Exchange
    #[arg(long, value_name = "TEXT")]
    pub(crate) exchange: Option<String>,
    /// Sector
    #[arg(long, value_name = "TEXT")]
    pub(crate) sector: Option<String>,
    /// Country
    #[arg(long, value_name = "TEXT")]
    pub(crate) country: Option<String>,
    /// Bonds: yearly coupon in percent
    #[arg(long, value_name = "PERCENT")]
    pub(crate) coupon: Option<String>,
    /// Bonds: payments a year
    #[arg(long, value_name = "N")]
    pub(crate) frequency: Option<String>,
    /// Bonds: maturity; options: expiry
    #[arg(long, value_name = "DATE")]
    pub(crate) maturity: Option<String>,
    /// Options: symbol of the underlying
    #[arg(long, value_name = "S")]
    pub(crate) underlying: Option<String>,
    /// Options: strike price
    #[arg(long, value_name = "PRICE")]
    pub(crate) strike: Option<String>,
    /// Options: call or put
    #[arg(long, value_name = "RIGHT")]
    pub(crate) right: Option<String>,
    /// Options: units per contract
    #[arg(long, value_name = "N")]
    pub(crate) contract_size: Option<String>,
}

/// `apex backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to write; it must not exist
    pub(crate) file: PathBuf,
}

/// `apex restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup
    pub(crate) file: PathBuf,
    /// Lock the new book with a passphrase instead of the system's keyring
    #[arg(long)]
    pub(crate) passphrase: bool,
}
