//! What can be typed after `apex`, and the help that goes with it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::help;

/// Portfolio book, returns and risk, without a window.
#[derive(Debug, Parser)]
#[command(
    name = "apex",
    version,
    about = "Portfolio book, returns and risk, without a window",
    long_about = help::ABOUT,
    after_long_help = help::AFTER,
    max_term_width = 110,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// The folder of the book; the system's data folder where absent
    #[arg(long, value_name = "DIR", env = "APEX_DATA", hide_env_values = true, global = true)]
    pub(crate) data: Option<PathBuf>,
    /// Print JSON: amounts as text, statistics as numbers, dates as ISO, undefined as null
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The portfolio; the first by name where absent
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) portfolio: Option<String>,
    /// The day figures hold for; the book's clock where absent
    #[arg(long, value_name = "DATE", value_parser = day, global = true)]
    pub(crate) as_of: Option<Date>,
    /// Only what was known at this instant, such as 2026-03-31T18:00:00Z; all that is known where absent
    #[arg(long, value_name = "INSTANT", value_parser = instant, global = true)]
    pub(crate) known_at: Option<Timestamp>,
    /// Threads to compute with; one a core where absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), global = true)]
    pub(crate) threads: Option<u16>,
    /// Print on standard error how long the work took
    #[arg(long, global = true)]
    pub(crate) timing: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "it is made once, when the program starts")]
pub(crate) enum Command {
    /// Make a book in an empty folder
    #[command(long_about = help::INIT, after_long_help = help::INIT_EXAMPLES)]
    Init(Init),
    /// List the portfolios, or add one
    #[command(after_long_help = help::PORTFOLIOS_EXAMPLES)]
    Portfolios(Portfolios),
    /// List the accounts and how their lots are matched, or add one
    #[command(after_long_help = help::ACCOUNTS_EXAMPLES)]
    Accounts(Accounts),
    /// List the instruments, add one, or change one
    #[command(after_long_help = help::INSTRUMENTS_EXAMPLES)]
    Instruments(Instruments),
    /// List the ledger, add to it, or take transactions back
    #[command(long_about = help::TRANSACTIONS, after_long_help = help::TRANSACTIONS_EXAMPLES)]
    Transactions(Transactions),
    /// Add a file of transactions, prices, FX rates or opening positions
    #[command(long_about = help::import(), after_long_help = help::IMPORT_EXAMPLES)]
    Import(Import),
    /// Holdings and cash with their values; they add up to the net asset value
    #[command(long_about = help::POSITIONS, after_long_help = help::POSITIONS_EXAMPLES)]
    Positions,
    /// Lots, open and closed, and what they gained
    #[command(long_about = help::LOTS, after_long_help = help::LOTS_EXAMPLES)]
    Lots,
    /// Cash by currency and settlement date
    #[command(after_long_help = help::CASH_EXAMPLES)]
    Cash,
    /// Time-weighted and money-weighted return, values and flows
    #[command(long_about = help::PERFORMANCE, after_long_help = help::PERFORMANCE_EXAMPLES)]
    Performance(Performance),
    /// Value at risk and expected shortfall of the current book
    #[command(long_about = help::RISK, after_long_help = help::RISK_EXAMPLES)]
    Risk(Risk),
    /// Where a figure comes from: formula, inputs, and the figure computed again from them
    #[command(long_about = help::EXPLAIN, after_long_help = help::EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Run the published worked examples through this very engine
    #[command(long_about = help::CHECK, after_long_help = help::CHECK_EXAMPLES)]
    Check,
    /// Write the whole book to one encrypted file
    #[command(after_long_help = help::BACKUP_EXAMPLES)]
    Backup(Backup),
    /// Make the book of an empty folder from a backup
    #[command(long_about = help::RESTORE, after_long_help = help::RESTORE_EXAMPLES)]
    Restore(Restore),
    /// Statistics of every column of a price table
    #[command(long_about = help::STATS, after_long_help = help::STATS_EXAMPLES)]
    Stats(Stats),
    /// Internal rate of return of dated flows, every solution
    #[command(long_about = help::XIRR, after_long_help = help::XIRR_EXAMPLES)]
    Xirr(FileOnly),
    /// Time-weighted return, Modified Dietz and money-weighted return of dated values
    #[command(long_about = help::TWR, after_long_help = help::TWR_EXAMPLES)]
    Twr(FileOnly),
    /// Value at risk and expected shortfall of a price table
    #[command(long_about = help::VAR, after_long_help = help::VAR_EXAMPLES)]
    Var(Var),
    /// Print the completions of a shell
    #[command(after_long_help = help::COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Print the manual page, or write one for each command
    Manual(Manual),
}

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
    #[arg(long, value_name = "N", default_value = "", hide_default_value = true)]
    pub(crate) quantity: String,
    /// Price in the transaction's currency
    #[arg(long, value_name = "PRICE", default_value = "", hide_default_value = true)]
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
    #[arg(long, value_name = "AMOUNT", default_value = "", hide_default_value = true)]
    pub(crate) fees: String,
    /// Taxes
    #[arg(long, value_name = "AMOUNT", default_value = "", hide_default_value = true)]
    pub(crate) taxes: String,
    /// Base currency for one unit of the currency
    #[arg(long, value_name = "RATE", default_value = "", hide_default_value = true)]
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
    #[arg(long, value_name = "SHARE", default_value = "", hide_default_value = true)]
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

/// `apex performance`.
#[derive(Debug, Args)]
pub(crate) struct Performance {
    /// The first day; inception where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<Date>,
}

/// `apex risk`.
#[derive(Debug, Args)]
pub(crate) struct Risk {
    /// How the distribution of returns is taken
    #[arg(long, value_enum, default_value_t = Method::Historical)]
    pub(crate) method: Method,
    /// The confidence, between 0.5 and 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = level)]
    pub(crate) level: f64,
    /// Days ahead
    #[arg(long, value_name = "DAYS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) horizon: u32,
    /// Days of history
    #[arg(long, value_name = "DAYS", default_value_t = 500)]
    pub(crate) window: usize,
}

/// How a distribution of returns is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The past returns themselves
    Historical,
    /// A normal distribution with their covariance
    Normal,
}

/// `apex explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The figure
    #[arg(value_enum)]
    pub(crate) figure: Figure,
    /// The holding's symbol
    #[arg(long, value_name = "S")]
    pub(crate) symbol: Option<String>,
    /// The holding's account; may be left out where only one holds it
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// The currency of a cash balance
    #[arg(long, value_name = "C")]
    pub(crate) currency: Option<apex_domain::Currency>,
    /// The first day of the period; inception where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// The key of a statistic, as `apex stats` prints it
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// How VaR and ES take the distribution of returns
    #[arg(long, value_enum, default_value_t = Method::Historical)]
    pub(crate) method: Method,
    /// The confidence of VaR and ES
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = level)]
    pub(crate) level: f64,
    /// The days ahead of VaR and ES
    #[arg(long, value_name = "DAYS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) horizon: u32,
    /// The days of history of VaR and ES
    #[arg(long, value_name = "DAYS", default_value_t = 500)]
    pub(crate) window: usize,
}

/// A figure that can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Figure {
    /// Net asset value
    Nav,
    /// Result of the day
    Day,
    /// Result of the month
    Month,
    /// Result of the year
    Year,
    /// All cash in base currency
    Cash,
    /// One cash balance (--account, --currency)
    CashBalance,
    /// Market value of a holding (--symbol)
    MarketValue,
    /// Cost of a holding (--symbol)
    Cost,
    /// Unrealized gain of a holding (--symbol)
    Unrealized,
    /// Weight of a holding (--symbol)
    Weight,
    /// Contribution of an instrument (--symbol)
    Contribution,
    /// Time-weighted return
    Twr,
    /// Money-weighted return
    Mwr,
    /// A statistic (--key)
    Statistic,
    /// Value at risk
    Var,
    /// Expected shortfall
    Es,
    /// Gross exposure
    GrossExposure,
    /// Net exposure
    NetExposure,
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

/// `apex stats`.
#[derive(Debug, Args)]
pub(crate) struct Stats {
    /// A table of prices: dates in the first column, one column an asset
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: PathBuf,
    /// The column of the table that is the benchmark
    #[arg(long, value_name = "COLUMN", conflicts_with = "benchmark_prices")]
    pub(crate) benchmark: Option<String>,
    /// A table with the benchmark's prices in its one column
    #[arg(long, value_name = "FILE")]
    pub(crate) benchmark_prices: Option<PathBuf>,
    /// Add the equal-weight portfolios EW_DAILY and EW_BUYHOLD
    #[arg(long)]
    pub(crate) equal_weight: bool,
    /// Add returns by year and month
    #[arg(long)]
    pub(crate) calendar: bool,
    /// Add volatility, beta, correlation and Sharpe ratio over windows of N returns
    #[arg(long, value_name = "N")]
    pub(crate) rolling: Option<usize>,
}

/// A command of one file.
#[derive(Debug, Args)]
pub(crate) struct FileOnly {
    /// The file; - is standard input
    pub(crate) file: PathBuf,
}

/// `apex var`.
#[derive(Debug, Args)]
pub(crate) struct Var {
    /// A table of prices: dates in the first column, one column an asset
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: PathBuf,
    /// `equal`, or a file of `asset,weight`
    #[arg(long, value_name = "equal|FILE")]
    pub(crate) weights: PathBuf,
    /// How the distribution of returns is taken
    #[arg(long, value_enum)]
    pub(crate) method: Method,
    /// The confidence, between 0.5 and 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = level)]
    pub(crate) level: f64,
    /// Days ahead
    #[arg(long, value_name = "DAYS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) horizon: u32,
    /// How several days are reached
    #[arg(long, value_enum, default_value_t = HorizonRule::Overlap)]
    pub(crate) horizon_rule: HorizonRule,
    /// The mean of the normal method
    #[arg(long, value_enum, default_value_t = Mean::Sample)]
    pub(crate) mean: Mean,
    /// Only the last so many returns
    #[arg(long, value_name = "DAYS")]
    pub(crate) window: Option<usize>,
}

/// How a horizon of several days is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HorizonRule {
    /// Overlapping windows of compounded returns
    Overlap,
    /// The one-day figure, scaled by the root of time
    Sqrt,
}

/// Which mean the normal method uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mean {
    /// The mean of the sample
    Sample,
    /// Zero
    Zero,
}

/// `apex completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `apex manual`.
#[derive(Debug, Args)]
pub(crate) struct Manual {
    /// Write apex.1 and one page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "not a date; write it like 2026-03-31".to_owned())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "not an instant with its zone; write it like 2026-03-31T18:00:00Z".to_owned())
}

fn level(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(level) if level > 0.5 && level < 1.0 => Ok(level),
        _ => Err("not a confidence between 0.5 and 1, such as 0.99".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }
}
