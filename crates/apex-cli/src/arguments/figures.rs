//! Questions about the book: returns, risk, and where a figure comes from.

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::statistics::{VarMethod, VarModel};
use super::{day, level};

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
    #[arg(long, value_enum, default_value_t = VarMethod::Historical)]
    pub(crate) method: VarMethod,
    /// The confidence, between 0.5 and 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = level)]
    pub(crate) level: f64,
    /// Days ahead
    #[arg(long, value_name = "DAYS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) horizon: u32,
    /// Days of history
    #[arg(long, value_name = "DAYS", default_value_t = 500)]
    pub(crate) window: usize,
    /// What to answer beside it
    #[arg(long, value_enum, value_name = "WHAT,WHAT,...", value_delimiter = ',')]
    pub(crate) with: Vec<With>,
    /// The share of a day's volume that sales take (--with exposures)
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    pub(crate) participation: f64,
    /// Days that are tested (--with backtest)
    #[arg(long, value_name = "DAYS", default_value_t = 500)]
    pub(crate) backtest_days: usize,
    #[command(flatten)]
    pub(crate) model: VarModel,
}

/// What `apex risk` answers beside one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum With {
    /// VaR and ES by every method
    Methods,
    /// What the book would lose less without each holding
    Increments,
    /// Risk by factors, tracking error and beta
    Factors,
    /// Whether the VaR held, and the tests on that
    Backtest,
    /// Days to sell, durations, sensitivities of options
    Exposures,
}

/// How a distribution of returns is taken, where a figure is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The past returns themselves
    Historical,
    /// The past returns, recent ones more probable
    AgeWeighted,
    /// The past returns in the volatility of today
    Filtered,
    /// A normal distribution with their covariance
    Normal,
    /// Student's t, fitted to them
    StudentT,
    /// The normal quantile corrected for skewness and kurtosis
    CornishFisher,
    /// Simulated normal paths
    MonteCarlo,
    /// Simulated paths bound together by a t copula
    TCopula,
    /// Paths of blocks of past days
    BlockBootstrap,
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
