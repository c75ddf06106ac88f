//! `apex optimize` and `apex covariance`: portfolio construction from files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::level;

/// `apex optimize`.
#[derive(Debug, Args)]
pub(crate) struct Optimize {
    /// A table of prices: dates in the first column, one column an asset; the holdings of the portfolio where absent
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
    /// What the weights are to be best at
    #[arg(long, value_enum, required_unless_present = "policy")]
    pub(crate) objective: Option<Objective>,
    /// A TOML file of a policy in place of --objective and its options, for a portfolio of the book
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["prices", "objective", "constraints", "max_weight"])]
    pub(crate) policy: Option<PathBuf>,
    /// How the covariance is estimated, for a portfolio of the book
    #[arg(long, value_enum, conflicts_with_all = ["prices", "policy"])]
    pub(crate) estimator: Option<Estimator>,
    /// Daily returns that are looked back on, for a portfolio of the book
    #[arg(long, value_name = "DAYS", conflicts_with = "prices", default_value_t = apex_wire::optimizer::WINDOW_USUAL)]
    pub(crate) window: usize,
    /// A symbol that may be bought although it is not held; may be given again
    #[arg(long, value_name = "SYMBOL", conflicts_with = "prices")]
    pub(crate) add: Vec<String>,
    /// Invest the cash in the base currency too
    #[arg(long, conflicts_with = "prices")]
    pub(crate) invest_cash: bool,
    /// The largest weight of every asset
    #[arg(long, value_name = "SHARE", value_parser = number)]
    pub(crate) max_weight: Option<f64>,
    /// Allow short positions of any size; the weights still add up to 1
    #[arg(long)]
    pub(crate) unconstrained: bool,
    /// The risk-free rate a year, for max-sharpe; 0 where absent
    #[arg(long, value_name = "ANNUAL", value_parser = number, allow_hyphen_values = true)]
    pub(crate) risk_free: Option<f64>,
    /// The price of variance, for utility
    #[arg(long, value_name = "LAMBDA", value_parser = number, required_if_eq("objective", "utility"))]
    pub(crate) risk_aversion: Option<f64>,
    /// The confidence of expected shortfall and of drawdown at risk
    #[arg(long, value_name = "SHARE", default_value_t = 0.95, value_parser = level)]
    pub(crate) alpha: f64,
    /// The mean a period, for target-return and min-cvar; met exactly
    #[arg(
        long,
        value_name = "PER_PERIOD",
        value_parser = number,
        allow_hyphen_values = true,
        required_if_eq("objective", "target-return")
    )]
    pub(crate) target_mean: Option<f64>,
    /// The largest volatility a period, for target-volatility
    #[arg(
        long,
        value_name = "PER_PERIOD",
        value_parser = number,
        required_if_eq("objective", "target-volatility")
    )]
    pub(crate) target_volatility: Option<f64>,
    /// The shares of risk in the order of the columns, for risk-parity
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = number)]
    pub(crate) budgets: Option<Vec<f64>>,
    /// How clusters are linked, for hrp, herc and nco; ward for herc and nco where absent
    #[arg(long, value_enum)]
    pub(crate) linkage: Option<Linkage>,
    /// Compare assets by their distances to all others, for hrp, herc and nco
    #[arg(long)]
    pub(crate) distance_of_distances: bool,
    /// Put near leaves of the tree beside one another, for hrp, herc and nco
    #[arg(long)]
    pub(crate) optimal_leaf_order: bool,
    /// The number of clusters, for herc and nco; by silhouette where absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) clusters: Option<u32>,
    /// A JSON file of views, for black-litterman and entropy-pooling
    #[arg(
        long,
        value_name = "FILE.json",
        required_if_eq_any([("objective", "black-litterman"), ("objective", "entropy-pooling")])
    )]
    pub(crate) views: Option<PathBuf>,
    /// `equal`, or a file of `asset,weight`, for min-tracking-error; equal where absent
    #[arg(long, value_name = "equal|FILE")]
    pub(crate) benchmark_weights: Option<PathBuf>,
    /// N portfolios of equally spaced means instead of one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) frontier: Option<u32>,
    /// Average the frontier over so many drawn histories
    #[arg(long, value_name = "DRAWS", requires = "frontier", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) resample: Option<u32>,
    /// The seed of the drawn histories
    #[arg(long, value_name = "N", default_value_t = 0, requires = "resample")]
    pub(crate) seed: u64,
    /// A TOML file of constraints; see the form below
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) constraints: Option<PathBuf>,
}

/// What the weights are to be best at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Objective {
    /// The least variance
    MinVariance,
    /// The largest Sharpe ratio
    MaxSharpe,
    /// The largest mean less half the risk aversion times the variance
    Utility,
    /// The least expected shortfall
    MinCvar,
    /// The least mean of the worst drawdowns
    MinCdar,
    /// The least of the largest drawdown
    MinMaxDrawdown,
    /// Equal risk from every asset, or risk by --budgets
    RiskParity,
    /// Weights in inverse proportion to volatility
    InverseVolatility,
    /// The largest diversification ratio
    MaxDiversification,
    /// Hierarchical risk parity
    Hrp,
    /// Hierarchical equal risk contribution
    Herc,
    /// Nested clusters
    Nco,
    /// The least variance at --target-mean
    TargetReturn,
    /// The largest mean at --target-volatility
    TargetVolatility,
    /// The largest utility after views on means
    BlackLitterman,
    /// The largest utility under the probabilities that views leave
    EntropyPooling,
    /// The nearest portfolio to a benchmark
    MinTrackingError,
}

/// How clusters are linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Linkage {
    /// By the smallest distance
    Single,
    /// By the mean distance
    Average,
    /// By the growth of variance
    Ward,
}

/// `apex backtest`.
#[derive(Debug, Args)]
pub(crate) struct BacktestArguments {
    /// The backtest; - is standard input
    #[arg(value_name = "FILE.toml")]
    pub(crate) file: PathBuf,
    /// A table of prices, in place of those of the book
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: Option<PathBuf>,
}

/// `apex covariance`.
#[derive(Debug, Args)]
pub(crate) struct Covariance {
    /// A table of prices: dates in the first column, one column an asset
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: PathBuf,
    /// How it is estimated
    #[arg(long, value_enum)]
    pub(crate) estimator: Estimator,
    /// The weight of a day as a share of that of the day after it, for ewma
    #[arg(long, value_name = "SHARE", default_value_t = 0.94, value_parser = number)]
    pub(crate) decay: f64,
    /// Print correlations
    #[arg(long)]
    pub(crate) correlation: bool,
    /// Make the matrix positive definite, variances unchanged
    #[arg(long)]
    pub(crate) repair: bool,
}

/// How a covariance is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Estimator {
    /// The sample's, divisor n - 1
    Sample,
    /// Shrunk after Ledoit and Wolf
    LedoitWolf,
    /// Shrunk by the oracle approximating estimator
    Oas,
    /// Weights that fall with age
    Ewma,
    /// Denoised by the law of Marchenko and Pastur
    Denoised,
}

fn number(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err("not a number".to_owned()),
    }
}
