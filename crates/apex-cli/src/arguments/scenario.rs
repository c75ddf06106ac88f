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
    /// Run scenarios on the current book, and on to a horizon
    Run(RunScenario),
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

/// `apex scenario run`.
#[derive(Debug, Args)]
pub(crate) struct RunScenario {
    /// Names of scenarios, or files
    #[arg(required = true, value_name = "NAME|FILE.toml")]
    pub(crate) scenarios: Vec<String>,
    /// Simulate on to a horizon: how many paths
    #[arg(long, value_name = "N")]
    pub(crate) paths: Option<u32>,
    /// Simulate on to a horizon: the seed; the same one gives the same answer
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Simulate on to a horizon: how far, such as 5y or 18m
    #[arg(long, value_name = "TIME", value_parser = months)]
    pub(crate) horizon: Option<u32>,
}

/// Reads years or months as months.
fn months(text: &str) -> Result<u32, String> {
    let (number, months) = match text.trim().split_at_checked(text.trim().len().saturating_sub(1)) {
        Some((number, "y")) => (number, 12),
        Some((number, "m")) => (number, 1),
        _ => return Err("not years or months; write it like 5y or 18m".to_owned()),
    };
    let number: u32 = number
        .parse()
        .map_err(|_| "not years or months; write it like 5y or 18m".to_owned())?;
    number
        .checked_mul(months)
        .filter(|months| *months > 0)
        .ok_or_else(|| "no time to simulate; write it like 5y or 18m".to_owned())
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
