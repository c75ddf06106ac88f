//! Models of files of prices or returns: factors, principal components, volatility, and tests of VaR.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::statistics::VarModel;

/// `apex factors`.
#[derive(Debug, Args)]
pub(crate) struct Factors {
    /// A table of the assets' prices: dates in the first column, one column an asset
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "returns",
        conflicts_with = "returns"
    )]
    pub(crate) prices: Option<PathBuf>,
    /// A table of the assets' returns
    #[arg(long, value_name = "FILE")]
    pub(crate) returns: Option<PathBuf>,
    /// A table of the factors: prices with --prices, returns with --returns
    #[arg(long, value_name = "FILE")]
    pub(crate) factors: PathBuf,
    /// What the factors are, where it differs from the assets
    #[arg(long, value_enum)]
    pub(crate) factors_are: Option<FactorColumns>,
    /// The columns of their table that are factors; all where absent
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    pub(crate) factor_columns: Option<Vec<String>>,
    /// The column of either table that is taken off the assets' returns, such as a risk-free rate
    #[arg(long, value_name = "COLUMN")]
    pub(crate) excess: Option<String>,
    /// The errors that probabilities are computed with: classic, hc1, or hac:LAG
    #[arg(long, value_name = "KIND", default_value = "classic", value_parser = errors)]
    pub(crate) errors: Errors,
    /// Split the risk of the book into factors and the rest
    #[arg(long)]
    pub(crate) risk_split: bool,
    /// The book whose risk is split: `equal`, or a file of `asset,weight`
    #[arg(long, value_name = "equal|FILE", default_value = "equal", requires = "risk_split")]
    pub(crate) weights: PathBuf,
}

/// What the columns of a table of factors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FactorColumns {
    /// Prices
    Prices,
    /// Returns
    Returns,
}

/// Which errors of coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errors {
    /// Equal variance, no correlation.
    Classic,
    /// Any variance, no correlation.
    Hc1,
    /// Any variance, correlation up to a lag.
    Hac(usize),
}

fn errors(text: &str) -> Result<Errors, String> {
    let refused = || "not classic, hc1 or hac:LAG, such as hac:5".to_owned();
    match text {
        "classic" => Ok(Errors::Classic),
        "hc1" => Ok(Errors::Hc1),
        _ => {
            let lag = text.strip_prefix("hac:").and_then(|lag| lag.parse().ok());
            lag.map(Errors::Hac).ok_or_else(refused)
        }
    }
}

/// `apex pca`.
#[derive(Debug, Args)]
pub(crate) struct Pca {
    /// A table of prices: dates in the first column, one column an asset
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: PathBuf,
    /// How many components are printed with their weights
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) components: usize,
}

/// `apex garch`.
#[derive(Debug, Args)]
pub(crate) struct Garch {
    /// A table of prices; - is standard input
    pub(crate) file: PathBuf,
    /// The column; may be left out where there is only one
    #[arg(long, value_name = "NAME")]
    pub(crate) column: Option<String>,
    /// The table holds returns, not prices
    #[arg(long)]
    pub(crate) returns: bool,
    /// What returns are multiplied with; 100 makes them percent
    #[arg(long, value_name = "X", default_value_t = 100.0)]
    pub(crate) scale: f64,
    /// The mean of the returns
    #[arg(long, value_enum, default_value_t = GarchMean::Constant)]
    pub(crate) mean: GarchMean,
    /// The days whose variance is forecast
    #[arg(long, value_name = "DAYS", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) horizon: u16,
}

/// The mean of a GARCH model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GarchMean {
    /// One that is fitted
    Constant,
    /// Zero
    Zero,
}

/// `apex var-backtest`.
#[derive(Debug, Args)]
pub(crate) struct VarBacktest {
    /// A table of prices: dates in the first column, one column an asset
    #[arg(long, value_name = "FILE")]
    pub(crate) prices: PathBuf,
    /// `equal`, or a file of `asset,weight`
    #[arg(long, value_name = "equal|FILE")]
    pub(crate) weights: PathBuf,
    /// How the distribution of returns is taken
    #[arg(long, value_enum, default_value_t = super::statistics::VarMethod::Historical)]
    pub(crate) method: super::statistics::VarMethod,
    /// The confidence, between 0.5 and 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = super::level)]
    pub(crate) level: f64,
    /// The returns behind each day's VaR
    #[arg(long, value_name = "DAYS", default_value_t = 250)]
    pub(crate) window: usize,
    #[command(flatten)]
    pub(crate) model: VarModel,
}
