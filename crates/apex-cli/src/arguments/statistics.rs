//! Questions about files of numbers, without a book.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::level;

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
    pub(crate) method: VarMethod,
    /// The confidence, between 0.5 and 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = level)]
    pub(crate) level: f64,
    /// Days ahead
    #[arg(long, value_name = "DAYS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) horizon: u32,
    /// How several days are reached
    #[arg(long, value_enum, default_value_t = HorizonRule::Overlap)]
    pub(crate) horizon_rule: HorizonRule,
    /// Only the last so many returns
    #[arg(long, value_name = "DAYS")]
    pub(crate) window: Option<usize>,
    /// Add what VaR and ES would fall by without each asset
    #[arg(long)]
    pub(crate) incremental: bool,
    #[command(flatten)]
    pub(crate) model: VarModel,
}

/// What single methods of VaR take.
#[derive(Debug, Args)]
pub(crate) struct VarModel {
    /// The mean; the historical and age-weighted methods take returns as they are
    #[arg(long, value_enum, default_value_t = Mean::Sample)]
    pub(crate) mean: Mean,
    /// How the quantile of sorted scenarios is read
    #[arg(long, value_enum, default_value_t = Quantile::Linear)]
    pub(crate) quantile: Quantile,
    /// age-weighted: what a return's probability is multiplied with each day; 0.98 where absent
    #[arg(long, value_name = "X")]
    pub(crate) decay: Option<f64>,
    /// filtered: the volatility that past returns are measured in; garch where absent
    #[arg(long, value_enum)]
    pub(crate) volatility: Option<Volatility>,
    /// monte-carlo: what paths are drawn from; normal where absent
    #[arg(long, value_enum)]
    pub(crate) distribution: Option<Distribution>,
    /// monte-carlo: how many paths
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(crate) paths: usize,
    /// monte-carlo: the seed; the same one gives the same answer
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// block-bootstrap: the days kept together; 10 where absent
    #[arg(long, value_name = "DAYS")]
    pub(crate) block: Option<usize>,
    /// t-copula: the degrees of freedom; fitted where absent
    #[arg(long, value_name = "X")]
    pub(crate) degrees_of_freedom: Option<f64>,
}

/// How a distribution of returns is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VarMethod {
    /// The past returns themselves
    Historical,
    /// The past returns, recent ones more probable
    AgeWeighted,
    /// The past returns, scaled to the volatility of today
    Filtered,
    /// A normal distribution with their covariance
    Normal,
    /// Student's t, fitted by maximum likelihood
    StudentT,
    /// A normal distribution corrected for skewness and kurtosis
    CornishFisher,
    /// Simulated paths
    MonteCarlo,
}

/// How a quantile is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Quantile {
    /// Between two scenarios; ES is the mean at or below
    Linear,
    /// The scenario at or below; ES is the mean at or below
    Lower,
    /// The order statistic; ES takes the exact share of the tail
    OrderStatistic,
}

/// The volatility of the filtered method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Volatility {
    /// Exponentially weighted, decay 0.94
    Ewma,
    /// GARCH(1,1)
    Garch,
}

/// What paths are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Distribution {
    /// A normal distribution with the covariance of the sample
    Normal,
    /// The past returns of each asset, bound together by a t copula
    TCopula,
    /// Blocks of past days
    BlockBootstrap,
}

/// How a horizon of several days is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HorizonRule {
    /// Overlapping windows of compounded returns; simulated days compounded
    Overlap,
    /// The one-day figure, scaled by the root of time
    Sqrt,
}

/// Which mean the returns have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mean {
    /// The mean of the sample
    Sample,
    /// Zero
    Zero,
}
