//! `apex quotes`, `apex watchlists`, `apex alerts` and `apex news`.

use apex_domain::{Currency, Decimal};
use clap::{Args, Subcommand};

/// `apex quotes`.
#[derive(Debug, Args)]
pub(crate) struct QuoteArguments {
    /// The instruments, by symbol
    #[arg(value_name = "SYMBOL", required_unless_present = "watchlist")]
    pub(crate) symbols: Vec<String>,
    /// The instruments of a watchlist too
    #[arg(long, value_name = "NAME")]
    pub(crate) watchlist: Option<String>,
    /// Go on until Ctrl-C, and print what changes
    #[arg(long)]
    pub(crate) watch: bool,
}

/// `apex watchlists`.
#[derive(Debug, Args)]
pub(crate) struct Watchlists {
    #[command(subcommand)]
    pub(crate) act: Option<WatchlistsAct>,
}

/// What to do with watchlists.
#[derive(Debug, Subcommand)]
pub(crate) enum WatchlistsAct {
    /// Put symbols on a watchlist, which is made where there is none of its name
    Add {
        /// The name of the watchlist
        name: String,
        /// The symbols
        #[arg(required = true, value_name = "SYMBOL")]
        symbols: Vec<String>,
        /// The currency of symbols that the book does not know; a provider is asked where absent
        #[arg(long, value_name = "CODE", value_parser = currency)]
        currency: Option<Currency>,
    },
    /// Take symbols off a watchlist; without any, remove the whole list
    Remove {
        /// The name of the watchlist
        name: String,
        /// The symbols
        #[arg(value_name = "SYMBOL")]
        symbols: Vec<String>,
    },
}

/// `apex alerts`.
#[derive(Debug, Args)]
pub(crate) struct AlertArguments {
    #[command(subcommand)]
    pub(crate) act: Option<AlertsAct>,
}

/// What to do with alerts.
#[derive(Debug, Subcommand)]
pub(crate) enum AlertsAct {
    /// Keep an alert, over an earlier one of its name
    Add(AddAlert),
    /// Remove an alert; what has fired stays listed
    Remove {
        /// Its name
        name: String,
    },
    /// Mark all that has fired as seen
    Seen,
    /// Watch the alerts until Ctrl-C, and print what fires
    Watch,
}

/// `apex alerts add`.
#[derive(Debug, Args)]
pub(crate) struct AddAlert {
    /// Its name
    pub(crate) name: String,
    /// Whose quote is watched
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) symbol: String,
    #[command(flatten)]
    pub(crate) condition: AlertCondition,
}

/// What must happen; one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct AlertCondition {
    /// The price is at or above this
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub(crate) above: Option<Decimal>,
    /// The price is at or below this
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    pub(crate) below: Option<Decimal>,
    /// The change against the close before is at least this many percent, up or down; -5 for a fall of 5
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) change: Option<Decimal>,
    /// At least so many shares were traded this day
    #[arg(long, value_name = "SHARES", allow_negative_numbers = true)]
    pub(crate) volume: Option<Decimal>,
    /// Nothing was heard for so many minutes while the exchange is open
    #[arg(long, value_name = "MINUTES")]
    pub(crate) stale: Option<u32>,
}

/// `apex news`.
#[derive(Debug, Args)]
pub(crate) struct NewsArguments {
    /// About these instruments, by symbol; all news where absent
    #[arg(value_name = "SYMBOL")]
    pub(crate) symbols: Vec<String>,
    /// Ask the providers first; without symbols about all that is held or watched
    #[arg(long)]
    pub(crate) fetch: bool,
    /// At most so many, latest first
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: u16,
}

fn currency(text: &str) -> Result<Currency, String> {
    let found = Currency::parse(text).ok().filter(Currency::is_listed);
    found.ok_or_else(|| "not a currency of ISO 4217; write a code like EUR".to_owned())
}
