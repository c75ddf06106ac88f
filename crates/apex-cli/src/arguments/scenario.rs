//! `apex scenario`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `apex scenario`.
#[derive(Debug, Args)]
pub(crate) struct Scenarios {
    #[command(subcommand)]
    pub(crate) act: ScenarioAct,
}

/// What to do with scenarios.
#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioAct {
    /// List the scenarios that come with the program and those of the book
    List,
    /// Run scenarios on the current book
    Run {
        /// Names of scenarios, or files
        #[arg(required = true, value_name = "NAME|FILE.toml")]
        scenarios: Vec<String>,
    },
    /// Print a scenario to start from, with every kind of shock
    New,
    /// Keep the scenario of a file in the book, over an earlier one of its name
    Keep {
        /// The file; - is standard input
        file: PathBuf,
    },
    /// Remove a scenario from the book
    Remove {
        /// Its name
        name: String,
    },
    /// The most plausible move of the holdings that loses a share of the book
    Reverse(Reverse),
}

/// `apex scenario reverse`.
#[derive(Debug, Args)]
pub(crate) struct Reverse {
    /// The loss as a share of net asset value
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    pub(crate) loss: f64,
    /// Days the move takes
    #[arg(long, value_name = "DAYS", default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) horizon: u32,
    /// Days of history
    #[arg(long, value_name = "DAYS", default_value_t = apex_wire::scenario::WINDOW_USUAL)]
    pub(crate) window: usize,
}
