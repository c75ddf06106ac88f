//! `apex data`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
    /// Repair a file of prices of one instrument, and list what was wrong
    #[command(long_about = laid_out(help::DATA_REPAIR), after_long_help = laid_out(help::DATA_REPAIR_EXAMPLES))]
    Repair(RepairArguments),
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
