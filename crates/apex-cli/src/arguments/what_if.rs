//! `apex whatif` and `apex proposals`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::level;

/// `apex whatif`.
#[derive(Debug, Args)]
pub(crate) struct WhatIf {
    /// Trades: a CSV with the columns symbol,quantity or symbol,amount; negative to sell
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) trades: Option<PathBuf>,
    /// Targets: a CSV with the columns symbol,weight or symbol,target_quantity
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) weights: Option<PathBuf>,
    /// The edits of a proposal of the book, with its fee and funding
    #[arg(long, value_name = "NAME", conflicts_with_all = ["trades", "weights", "fee_bps", "fund"])]
    pub(crate) proposal: Option<String>,
    /// The confidence of VaR and ES
    #[arg(long, value_name = "SHARE", default_value_t = 0.99, value_parser = level)]
    pub(crate) level: f64,
    /// The days ahead of VaR and ES
    #[arg(long, value_name = "DAYS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) horizon: u32,
    /// The days of history
    #[arg(long, value_name = "DAYS", default_value_t = 500)]
    pub(crate) window: usize,
    /// The fee of a trade in basis points of its value
    #[arg(long, value_name = "BPS")]
    pub(crate) fee_bps: Option<f64>,
    /// What cash pays for trades in another currency
    #[arg(long, value_enum)]
    pub(crate) fund: Option<Fund>,
    /// Scenarios to stress the book by, by name or file; a few of the program where absent
    #[arg(long = "scenario", value_name = "NAME|FILE.toml")]
    pub(crate) scenarios: Vec<String>,
    /// Keep the edits in the book as a proposal of this name, over an earlier one
    #[arg(long, value_name = "NAME", conflicts_with = "proposal")]
    pub(crate) keep: Option<String>,
    /// What the proposal is for
    #[arg(long, value_name = "TEXT", requires = "keep", default_value = "")]
    pub(crate) note: String,
}

/// What cash pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fund {
    /// Cash of the currency of the price, as the ledger books a trade
    Price,
    /// Cash of the base currency, at the rate of the day
    Base,
}

/// `apex proposals`.
#[derive(Debug, Args)]
pub(crate) struct Proposals {
    #[command(subcommand)]
    pub(crate) act: Option<ProposalsAct>,
}

/// What to do with proposals.
#[derive(Debug, Subcommand)]
pub(crate) enum ProposalsAct {
    /// List the proposals
    List,
    /// Show the edits of a proposal
    Show {
        /// Its name
        name: String,
    },
    /// Remove a proposal from the book
    Remove {
        /// Its name
        name: String,
    },
}
