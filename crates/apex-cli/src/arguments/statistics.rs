//! Questions about files of numbers, without a book.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{figures::Method, level};

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
