//! Questions about one instrument's days, and about weights and returns of segments.

use std::path::PathBuf;

use clap::Args;

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
