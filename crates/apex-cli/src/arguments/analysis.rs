//! Questions about one instrument's days, and about weights and returns of segments.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::day;

/// `apex indicators`.
#[derive(Debug, Args)]
pub(crate) struct Indicators {
    /// A table of days: Date, Open, High, Low, Close, Volume by name; or a wide table with --column. - is standard
    /// input
    pub(crate) file: PathBuf,
    /// The function, such as RSI
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// Its parameters in TA-Lib's order; the rest have their defaults
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', allow_negative_numbers = true)]
    pub(crate) params: Vec<f64>,
    /// The ticker whose rows are read, where the table has several
    #[arg(long, value_name = "TICKER", conflicts_with = "column")]
    pub(crate) ticker: Option<String>,
    /// The column of a wide table
    #[arg(long, value_name = "COLUMN")]
    pub(crate) column: Option<String>,
}

/// `apex attribution`.
#[derive(Debug, Args)]
pub(crate) struct Attribution {
    /// A file of weights and returns, in place of a portfolio of the book. - is standard input
    #[arg(conflicts_with_all = ["by", "from", "to", "benchmark", "rebalance", "periods", "linking", "two_effects",
        "currency_effect", "factors"])]
    pub(crate) file: Option<PathBuf>,
    /// What makes a segment
    #[arg(long, value_enum, default_value_t = By::Sector)]
    pub(crate) by: By,
    /// The close the period is counted from; inception where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<Date>,
    /// The last day; that of the figures where absent
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) to: Option<Date>,
    /// What the portfolio is compared with: own (the benchmark of Setup), equal, start, or a file of weights
    #[arg(long, value_name = "own|equal|start|FILE.toml", default_value = "own")]
    pub(crate) benchmark: String,
    /// When equal weights are set back; a file says so itself
    #[arg(long, value_enum, default_value_t = Rebalance::Monthly)]
    pub(crate) rebalance: Rebalance,
    /// How long a period is that weights and returns are measured over
    #[arg(long, value_enum, default_value_t = Periods::Monthly)]
    pub(crate) periods: Periods,
    /// How the effects of several periods are made to add up
    #[arg(long, value_enum, default_value_t = Link::Carino)]
    pub(crate) linking: Link,
    /// Let selection take the interaction in
    #[arg(long)]
    pub(crate) two_effects: bool,
    /// Let the effect of currencies stand apart, after Karnosky and Singer
    #[arg(long)]
    pub(crate) currency_effect: bool,
    /// Split the active return by exposures to these instruments too
    #[arg(long, value_name = "S,S,...", value_delimiter = ',')]
    pub(crate) factors: Vec<String>,
}

/// What makes a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// The sector of the instrument
    Sector,
    /// The country of risk
    Country,
    /// The currency of instrument or cash
    Currency,
    /// The kind of instrument
    Kind,
    /// Each instrument
    Instrument,
}

/// When weights are set back to their targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub(crate) enum Rebalance {
    Daily,
    Monthly,
    Quarterly,
    Yearly,
    Never,
}

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub(crate) enum Periods {
    Daily,
    Monthly,
    Quarterly,
    Yearly,
}

/// How effects of several periods are made to add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Link {
    /// By logarithms (Carino, 1999)
    Carino,
    /// By the smallest change of the effects (Menchero, 2000)
    Menchero,
    /// By reinvestment (GRAP, 1997)
    Grap,
    /// Ratios, which compound by themselves (Burnie, Knowles and Teder, 1998)
    Geometric,
}
