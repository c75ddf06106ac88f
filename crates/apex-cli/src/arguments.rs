//! What can be typed after `apex`, and the help that goes with it.

mod analysis;
mod data;
mod figures;
mod ledger;
mod limit;
mod live;
mod models;
mod optimize;
mod scenario;
mod setup;
mod shell;
mod statistics;
mod what_if;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::help::{self, laid_out};

pub(crate) use analysis::{Attribution, By, Indicators, Link, Periods, Rebalance};
pub(crate) use data::{
    AdjustmentName, BarInterval, DataAct, DataArguments, ExportArguments, FetchArguments, PlanName, ProviderName,
    ProvidersAct, QuarantineAct, QuarantineArguments, RepairArguments, SetProvider, SplitsAct,
};
pub(crate) use figures::{Explain, Figure, Method, Performance, Risk, With};
pub(crate) use ledger::{Import, ImportKind, TransactionArguments, Transactions, TransactionsAct};
pub(crate) use limit::{AddLimit, LimitArguments, LimitKind, LimitsAct};
pub(crate) use live::{
    AlertArguments, AlertCondition, AlertsAct, NewsArguments, QuoteArguments, Watchlists, WatchlistsAct,
};
pub(crate) use models::{Errors, FactorColumns, Factors, Garch, GarchMean, Pca, VarBacktest};
pub(crate) use optimize::{BacktestArguments, Covariance, Estimator, Linkage, Objective, Optimize};
pub(crate) use scenario::{Reverse, RunScenario, ScenarioAct, Scenarios};
pub(crate) use setup::{
    Accounts, AccountsAct, Backup, Init, Instruments, InstrumentsAct, Lots, Portfolios, PortfoliosAct, Restore, Terms,
};
pub(crate) use shell::{Completions, Manual};
pub(crate) use statistics::{
    Distribution, FileOnly, HorizonRule, Mean, Quantile, Stats, Var, VarMethod, VarModel, Volatility,
};
pub(crate) use what_if::{Fund, Proposals, ProposalsAct, WhatIf};

/// Portfolio book, returns and risk, without a window.
#[derive(Debug, Parser)]
#[command(
    name = "apex",
    version,
    about = "Portfolio book, returns and risk, without a window",
    long_about = laid_out(help::ABOUT),
    after_long_help = laid_out(help::AFTER),
    max_term_width = 79,
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// The folder of the book; the system's data folder where absent
    #[arg(long, value_name = "DIR", env = "APEX_DATA", hide_env_values = true, global = true)]
    pub(crate) data: Option<PathBuf>,
    /// Print JSON: amounts as text, statistics as numbers, dates as ISO, undefined as null
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The portfolio; the first by name where absent
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) portfolio: Option<String>,
    /// The day figures hold for; the book's clock where absent
    #[arg(long, value_name = "DATE", value_parser = day, global = true)]
    pub(crate) as_of: Option<Date>,
    /// Only what was known at this instant, such as 2026-03-31T18:00:00Z; all that is known where absent
    #[arg(long, value_name = "INSTANT", value_parser = instant, global = true)]
    pub(crate) known_at: Option<Timestamp>,
    /// Threads to compute with; one a core where absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), global = true)]
    pub(crate) threads: Option<u16>,
    /// Print on standard error how long the work took
    #[arg(long, global = true)]
    pub(crate) timing: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "it is made once, when the program starts")]
pub(crate) enum Command {
    /// Make a book in an empty folder
    #[command(long_about = laid_out(help::INIT), after_long_help = laid_out(help::INIT_EXAMPLES))]
    Init(Init),
    /// List the portfolios, or add one
    #[command(after_long_help = laid_out(help::PORTFOLIOS_EXAMPLES))]
    Portfolios(Portfolios),
    /// List the accounts and how their lots are matched, or add one
    #[command(after_long_help = laid_out(help::ACCOUNTS_EXAMPLES))]
    Accounts(Accounts),
    /// List the instruments, add one, or change one
    #[command(after_long_help = laid_out(help::INSTRUMENTS_EXAMPLES))]
    Instruments(Instruments),
    /// List the ledger, add to it, or take transactions back
    #[command(long_about = laid_out(help::TRANSACTIONS), after_long_help = laid_out(help::TRANSACTIONS_EXAMPLES))]
    Transactions(Transactions),
    /// Add a file of transactions, prices, FX rates or opening positions
    #[command(long_about = laid_out(&help::import()), after_long_help = laid_out(help::IMPORT_EXAMPLES))]
    Import(Import),
    /// Holdings and cash with their values; they add up to the net asset value
    #[command(long_about = laid_out(help::POSITIONS), after_long_help = laid_out(help::POSITIONS_EXAMPLES))]
    Positions,
    /// Figures of a scratch copy of the book with trades or target weights in it
    #[command(name = "whatif", long_about = laid_out(help::WHAT_IF), after_long_help = laid_out(help::WHAT_IF_EXAMPLES))]
    WhatIf(WhatIf),
    /// List the proposals kept in the book, show one, or remove one
    #[command(after_long_help = laid_out(help::PROPOSALS_EXAMPLES))]
    Proposals(Proposals),
    /// Lots, open and closed, and what they gained
    #[command(long_about = laid_out(help::LOTS), after_long_help = laid_out(help::LOTS_EXAMPLES))]
    Lots,
    /// Cash by currency and settlement date
    #[command(after_long_help = laid_out(help::CASH_EXAMPLES))]
    Cash,
    /// Time-weighted and money-weighted return, values and flows
    #[command(long_about = laid_out(help::PERFORMANCE), after_long_help = laid_out(help::PERFORMANCE_EXAMPLES))]
    Performance(Performance),
    /// Value at risk and expected shortfall of the current book
    #[command(long_about = laid_out(help::RISK), after_long_help = laid_out(help::RISK_EXAMPLES))]
    Risk(Risk),
    /// What the current book would gain or lose, if
    #[command(long_about = laid_out(help::SCENARIO), after_long_help = laid_out(help::SCENARIO_EXAMPLES))]
    Scenario(Scenarios),
    /// The limits of the portfolio and where it stands, or set one
    #[command(long_about = laid_out(help::LIMITS), after_long_help = laid_out(help::LIMITS_EXAMPLES))]
    Limits(LimitArguments),
    /// The latest quotes of some instruments, live where a source streams them
    #[command(long_about = laid_out(help::QUOTES), after_long_help = laid_out(help::QUOTES_EXAMPLES))]
    Quotes(QuoteArguments),
    /// List the watchlists of the book, or change one
    #[command(after_long_help = laid_out(help::WATCHLISTS_EXAMPLES))]
    Watchlists(Watchlists),
    /// List the alerts and what has fired, set one, or watch them
    #[command(long_about = laid_out(help::ALERTS), after_long_help = laid_out(help::ALERTS_EXAMPLES))]
    Alerts(AlertArguments),
    /// News about some instruments, as plain text
    #[command(long_about = laid_out(help::NEWS), after_long_help = laid_out(help::NEWS_EXAMPLES))]
    News(NewsArguments),
    /// Where a figure comes from: formula, inputs, and the figure computed again from them
    #[command(long_about = laid_out(help::EXPLAIN), after_long_help = laid_out(help::EXPLAIN_EXAMPLES))]
    Explain(Explain),
    /// Run the published worked examples through this very engine
    #[command(long_about = laid_out(help::CHECK), after_long_help = laid_out(help::CHECK_EXAMPLES))]
    Check,
    /// Write the whole book to one encrypted file
    #[command(after_long_help = laid_out(help::BACKUP_EXAMPLES))]
    Backup(Backup),
    /// Make the book of an empty folder from a backup
    #[command(long_about = laid_out(help::RESTORE), after_long_help = laid_out(help::RESTORE_EXAMPLES))]
    Restore(Restore),
    /// Statistics of every column of a price table
    #[command(long_about = laid_out(help::STATS), after_long_help = laid_out(help::STATS_EXAMPLES))]
    Stats(Stats),
    /// Internal rate of return of dated flows, every solution
    #[command(long_about = laid_out(help::XIRR), after_long_help = laid_out(help::XIRR_EXAMPLES))]
    Xirr(FileOnly),
    /// Time-weighted return, Modified Dietz and money-weighted return of dated values
    #[command(long_about = laid_out(help::TWR), after_long_help = laid_out(help::TWR_EXAMPLES))]
    Twr(FileOnly),
    /// Value at risk and expected shortfall of a price table
    #[command(long_about = laid_out(help::VAR), after_long_help = laid_out(help::VAR_EXAMPLES))]
    Var(Var),
    /// Prices of options, forwards, bonds and curves written down in a file
    #[command(long_about = laid_out(help::PRICE), after_long_help = laid_out(help::PRICE_EXAMPLES))]
    Price(FileOnly),
    /// Technical indicator of a table of prices
    #[command(long_about = laid_out(help::INDICATORS), after_long_help = laid_out(help::INDICATORS_EXAMPLES))]
    Indicators(Indicators),
    /// Active return by segment, currency and factor
    #[command(long_about = laid_out(help::ATTRIBUTION), after_long_help = laid_out(help::ATTRIBUTION_EXAMPLES))]
    Attribution(Attribution),
    /// Does the VaR of a price table hold? Breaches, and the tests on them
    #[command(long_about = laid_out(help::VAR_BACKTEST), after_long_help = laid_out(help::VAR_BACKTEST_EXAMPLES))]
    VarBacktest(VarBacktest),
    /// Regressions of assets on factors, and risk split into factors and the rest
    #[command(long_about = laid_out(help::FACTORS), after_long_help = laid_out(help::FACTORS_EXAMPLES))]
    Factors(Factors),
    /// Principal components of a price table
    #[command(long_about = laid_out(help::PCA), after_long_help = laid_out(help::PCA_EXAMPLES))]
    Pca(Pca),
    /// GARCH(1,1) of a column, and the variance it forecasts
    #[command(long_about = laid_out(help::GARCH), after_long_help = laid_out(help::GARCH_EXAMPLES))]
    Garch(Garch),
    /// Covariance matrix of a price table
    #[command(long_about = laid_out(help::COVARIANCE), after_long_help = laid_out(help::COVARIANCE_EXAMPLES))]
    Covariance(Covariance),
    /// Portfolio weights that are best by a stated objective
    #[command(long_about = laid_out(help::OPTIMIZE), after_long_help = laid_out(help::OPTIMIZE_EXAMPLES))]
    Optimize(Optimize),
    /// What a policy would have earned that knew only the past
    #[command(long_about = laid_out(help::BACKTEST), after_long_help = laid_out(help::BACKTEST_EXAMPLES))]
    Backtest(BacktestArguments),
    /// Market data: providers and keys, history, freshness, faults, export, and repair of a file
    #[command(long_about = laid_out(help::DATA), after_long_help = laid_out(help::DATA_EXAMPLES))]
    Data(DataArguments),
    /// Print the completions of a shell
    #[command(after_long_help = laid_out(help::COMPLETIONS_EXAMPLES))]
    Completions(Completions),
    /// Print the manual page, or write one for each command
    Manual(Manual),
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "not a date; write it like 2026-03-31".to_owned())
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "not an instant with its zone; write it like 2026-03-31T18:00:00Z".to_owned())
}

fn level(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(level) if level > 0.5 && level < 1.0 => Ok(level),
        _ => Err("not a confidence between 0.5 and 1, such as 0.99".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn long_help_is_set_in_lines_of_every_terminal() {
        fn check(command: &clap::Command) {
            for text in [command.get_long_about(), command.get_after_long_help()]
                .into_iter()
                .flatten()
            {
                for line in text.to_string().lines() {
                    assert!(line.chars().count() <= 79, "{}: {line}", command.get_name());
                }
            }
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}
