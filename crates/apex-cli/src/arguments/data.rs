//! `apex data`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::help::{self, laid_out};

/// `apex data`.
#[derive(Debug, Args)]
pub(crate) struct DataArguments {
    #[command(subcommand)]
    pub(crate) act: DataAct,
}

/// What to do with market data.
#[derive(Debug, Subcommand)]
pub(crate) enum DataAct {
    /// Show where market data comes from, and set it up
    #[command(long_about = laid_out(help::DATA_PROVIDERS), after_long_help = laid_out(help::DATA_PROVIDERS_EXAMPLES))]
    Providers(ProvidersArguments),
    /// Fill history up to the last session, with corporate actions and rates of exchange
    #[command(long_about = laid_out(help::DATA_FETCH), after_long_help = laid_out(help::DATA_FETCH_EXAMPLES))]
    Fetch(FetchArguments),
    /// Show how fresh the prices are, the most behind first
    #[command(after_long_help = laid_out(help::DATA_STATUS_EXAMPLES))]
    Status {
        /// Words that symbol or name must contain
        words: Vec<String>,
    },
    /// Show what was found wrong, and decide it
    #[command(long_about = laid_out(help::DATA_QUARANTINE), after_long_help = laid_out(help::DATA_QUARANTINE_EXAMPLES))]
    Quarantine(QuarantineArguments),
    /// Show splits that a ledger lacks, and record them
    #[command(long_about = laid_out(help::DATA_SPLITS), after_long_help = laid_out(help::DATA_SPLITS_EXAMPLES))]
    Splits(SplitsArguments),
    /// Write prices as comma-separated text
    #[command(long_about = laid_out(help::DATA_EXPORT), after_long_help = laid_out(help::DATA_EXPORT_EXAMPLES))]
    Export(ExportArguments),
    /// Repair a file of prices of one instrument, and list what was wrong
    #[command(long_about = laid_out(help::DATA_REPAIR), after_long_help = laid_out(help::DATA_REPAIR_EXAMPLES))]
    Repair(RepairArguments),
}

/// `apex data providers`.
#[derive(Debug, Args)]
pub(crate) struct ProvidersArguments {
    #[command(subcommand)]
    pub(crate) act: Option<ProvidersAct>,
}

/// What to do with the providers.
#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersAct {
    /// Change how a provider is asked; what is not named stays
    Set(SetProvider),
    /// Keep the key of a provider, read from APEX_API_KEY or asked for
    Key {
        /// The provider
        provider: ProviderName,
        /// Forget it
        #[arg(long)]
        forget: bool,
    },
    /// Ask a provider one small question
    Try {
        /// The provider
        provider: ProviderName,
    },
    /// Say what a provider calls an instrument, where that is not its symbol
    Symbol {
        /// The provider
        provider: ProviderName,
        /// The instrument's symbol
        symbol: String,
        /// The provider's symbol; the instrument's own again where absent
        theirs: Option<String>,
    },
}

/// `apex data providers set`.
#[derive(Debug, Args)]
pub(crate) struct SetProvider {
    /// The provider
    pub(crate) provider: ProviderName,
    /// Ask it
    #[arg(long, conflicts_with = "off")]
    pub(crate) on: bool,
    /// Do not ask it
    #[arg(long)]
    pub(crate) off: bool,
    /// Where it is asked, or the folder of the files; its own address where empty
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    /// Where it streams; its own address where empty
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) stream_address: Option<String>,
    /// Take live prices from it
    #[arg(long, conflicts_with = "no_streams")]
    pub(crate) streams: bool,
    /// Take no live prices from it
    #[arg(long)]
    pub(crate) no_streams: bool,
    /// What you have paid for
    #[arg(long)]
    pub(crate) plan: Option<PlanName>,
    /// Its place in the order, 1 being asked first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=9))]
    pub(crate) place: Option<u8>,
}

/// `apex data fetch`.
#[derive(Debug, Args)]
pub(crate) struct FetchArguments {
    /// Of these instruments; of all that are or were held, watched or compared with where none is named
    #[arg(value_name = "SYMBOL")]
    pub(crate) symbols: Vec<String>,
    /// From this day on; where absent, from the last known day on, or ten years back
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    /// Ask this provider only; may be given several times
    #[arg(long = "provider", value_name = "PROVIDER")]
    pub(crate) providers: Vec<ProviderName>,
}

/// `apex data quarantine`.
#[derive(Debug, Args)]
pub(crate) struct QuarantineArguments {
    #[command(subcommand)]
    pub(crate) act: Option<QuarantineAct>,
    /// Of this instrument only
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) symbol: Option<String>,
    /// What is settled too
    #[arg(long)]
    pub(crate) all: bool,
}

/// What to do about a fault. Its id may be cut short as long as it is the only one that begins so.
#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineAct {
    /// Take the repair
    Take {
        /// The fault
        id: String,
    },
    /// Keep the figures as they came
    Keep {
        /// The fault
        id: String,
    },
    /// Leave the days out
    LeaveOut {
        /// The fault
        id: String,
    },
    /// Undo what was decided
    Undo {
        /// The fault
        id: String,
    },
}

/// `apex data splits`.
#[derive(Debug, Args)]
pub(crate) struct SplitsArguments {
    #[command(subcommand)]
    pub(crate) act: Option<SplitsAct>,
}

/// What to do with splits that a ledger lacks.
#[derive(Debug, Subcommand)]
pub(crate) enum SplitsAct {
    /// Add them to the ledgers, all or none
    Record {
        /// Of these instruments; all of them where none is named
        #[arg(value_name = "SYMBOL")]
        symbols: Vec<String>,
        /// Only say what would be added
        #[arg(long)]
        dry_run: bool,
    },
}

/// `apex data export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Of these instruments; of all that have prices where none is named
    #[arg(value_name = "SYMBOL")]
    pub(crate) symbols: Vec<String>,
    /// Where the text is written; standard output where absent
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: Option<PathBuf>,
    /// What prices are adjusted for
    #[arg(long, default_value = "none")]
    pub(crate) adjust: AdjustmentName,
    /// The first day
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
}

/// A provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProviderName {
    /// Polygon.io, now also named Massive
    Polygon,
    /// Alpha Vantage
    AlphaVantage,
    /// Yahoo Finance, for personal use
    Yahoo,
    /// A folder of your own files
    Files,
}

/// A plan of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanName {
    /// What everybody gets
    Free,
    /// A plan without a cap to speak of
    Paid,
}

/// What prices are adjusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AdjustmentName {
    /// Nothing: as traded
    None,
    /// Splits
    Splits,
    /// Dividends
    Dividends,
    /// Both
    Both,
}

/// `apex data repair`.
#[derive(Debug, Args)]
pub(crate) struct RepairArguments {
    /// The file: .csv, .csv.gz or .csv.bz2; - is standard input
    #[arg(value_name = "FILE.csv")]
    pub(crate) file: PathBuf,
    /// Where the repaired file is written, compressed where it ends in .gz; a file that is there is replaced
    #[arg(long, value_name = "FIXED.csv")]
    pub(crate) out: PathBuf,
    /// The currency or sub-unit of the prices, such as GBp, ZAc or KWF
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// How long a bar is; worked out from the stamps where absent
    #[arg(long, value_name = "INTERVAL")]
    pub(crate) interval: Option<BarInterval>,
    /// Compare the bars with the sessions of this exchange, such as XNYS or XLON
    #[arg(long, value_name = "MIC")]
    pub(crate) calendar: Option<String>,
}

/// How long a bar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BarInterval {
    /// A day
    #[value(name = "1d")]
    Day,
    /// A week
    #[value(name = "1wk")]
    Week,
    /// An hour
    #[value(name = "1h")]
    Hour,
    /// Fifteen minutes
    #[value(name = "15m")]
    QuarterHour,
}
