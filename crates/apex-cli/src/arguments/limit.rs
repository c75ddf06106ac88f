//! `apex limits`.

use clap::{Args, Subcommand, ValueEnum};

/// `apex limits`.
#[derive(Debug, Args)]
pub(crate) struct LimitArguments {
    #[command(subcommand)]
    pub(crate) act: Option<LimitsAct>,
}

/// What to do with limits.
#[derive(Debug, Subcommand)]
pub(crate) enum LimitsAct {
    /// Keep a limit of the portfolio, over an earlier one of its name
    Add(AddLimit),
    /// Remove a limit
    Remove {
        /// Its name
        name: String,
    },
}

/// `apex limits add`.
#[derive(Debug, Args)]
pub(crate) struct AddLimit {
    /// Its name
    pub(crate) name: String,
    /// What is limited
    #[arg(long)]
    pub(crate) kind: LimitKind,
    /// Where it ends, in percent of net asset value
    #[arg(long, value_name = "PERCENT")]
    pub(crate) percent: f64,
    /// Of the loss: in which scenario; in any where absent
    #[arg(long, value_name = "NAME")]
    pub(crate) scenario: Option<String>,
    /// Of the weight: of which instrument; of any where absent
    #[arg(long, value_name = "SYMBOL")]
    pub(crate) symbol: Option<String>,
    /// Of the weight: of which sector; of any where absent
    #[arg(long, value_name = "NAME")]
    pub(crate) sector: Option<String>,
    /// Of value at risk: the confidence; 0.99 where absent
    #[arg(long, value_name = "LEVEL", value_parser = super::level)]
    pub(crate) level: Option<f64>,
}

/// What a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LimitKind {
    /// The loss in a scenario, at most
    ScenarioLoss,
    /// Value at risk of one day, historical over two years, at most
    Var,
    /// The weight of an instrument, at most
    NameWeight,
    /// The weight of a sector, at most
    SectorWeight,
    /// Cash of all currencies, at least
    MinCash,
}
