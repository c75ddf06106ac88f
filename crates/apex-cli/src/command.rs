//! One module for each group of commands; each asks one use case and prints its answer.

mod alert;
mod attribution;
mod backtest;
mod check;
mod explain;
mod feeds;
mod import;
mod indicators;
mod init;
mod limit;
mod manual;
mod models;
mod news;
mod optimize;
mod performance;
mod positions;
mod pricing;
mod quotes;
mod repair;
mod restore;
mod risk;
mod scenario;
mod setup;
mod split;
mod statistics;
mod transactions;
mod watchlist;
mod what_if;

use std::sync::Arc;

use crate::arguments::{Arguments, Attribution, Command, DataAct, DataArguments};
use crate::desk::{Desk, Running, stop_on_ctrl_c};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// As asked.
    Well,
    /// It answered, and the answer is a refusal: exit status 1.
    Refused,
}

/// Does what was typed.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Done> {
    let Arguments { common, command } = arguments;
    let running = Running::default();
    tokio::spawn(stop_on_ctrl_c(Arc::clone(&running)));
    // What needs no book needs no data folder either.
    match command {
        Command::Completions(ask) => manual::completions(&ask),
        Command::Manual(ask) => manual::manual(&ask),
        Command::Stats(ask) => statistics::stats(&ask, &common),
        Command::Xirr(ask) => statistics::xirr(&ask, &common),
        Command::Twr(ask) => statistics::twr(&ask, &common),
        Command::Var(ask) => statistics::var(&ask, &common),
        Command::Price(ask) => pricing::price(&ask, &common),
        Command::Data(DataArguments {
            act: DataAct::Repair(ask),
        }) => repair::repair(&ask, &common),
        Command::Indicators(ask) => indicators::indicators(&ask, &common),
        Command::Attribution(Attribution { file: Some(file), .. }) => attribution::of_file(&file, &common),
        Command::VarBacktest(ask) => models::var_backtest(&ask, &common),
        Command::Factors(ask) => models::factors(&ask, &common),
        Command::Pca(ask) => models::pca(&ask, &common),
        Command::Garch(ask) => models::garch(&ask, &common),
        Command::Covariance(ask) => optimize::covariance(&ask, &common),
        Command::Optimize(ask) if ask.prices.is_some() => optimize::optimize(&ask, &common),
        Command::Backtest(ask) if ask.prices.is_some() => backtest::on_table(&ask, &common),
        command => {
            let desk = Desk::new(common, running)?;
            let done = in_book(&desk, command).await;
            desk.app.close().await?;
            done
        }
    }
}

async fn in_book(desk: &Desk, command: Command) -> anyhow::Result<Done> {
    match command {
        Command::Init(ask) => init::init(desk, ask).await,
        Command::Portfolios(ask) => setup::portfolios(desk, ask.act).await,
        Command::Accounts(ask) => setup::accounts(desk, ask.act).await,
        Command::Instruments(ask) => setup::instruments(desk, ask).await,
        Command::Transactions(ask) => transactions::transactions(desk, ask).await,
        Command::Import(ask) => import::import(desk, ask).await,
        Command::Positions => positions::positions(desk).await,
        Command::WhatIf(ask) => what_if::what_if(desk, ask).await,
        Command::Proposals(ask) => what_if::proposals(desk, ask.act).await,
        Command::Lots => positions::lots(desk).await,
        Command::Cash => positions::cash(desk).await,
        Command::Performance(ask) => performance::performance(desk, ask).await,
        Command::Attribution(ask) => attribution::of_book(desk, &ask).await,
        Command::Risk(ask) => risk::risk(desk, ask).await,
        Command::Scenario(ask) => scenario::scenario(desk, ask.act).await,
        Command::Limits(ask) => limit::limits(desk, ask.act).await,
        Command::Quotes(ask) => quotes::quotes(desk, ask).await,
        Command::Watchlists(ask) => watchlist::watchlists(desk, ask.act).await,
        Command::Alerts(ask) => alert::alerts(desk, ask.act).await,
        Command::News(ask) => news::news(desk, ask).await,
        Command::Data(ask) => feeds::data(desk, ask.act).await,
        Command::Optimize(ask) => optimize::of_portfolio(desk, &ask).await,
        Command::Backtest(ask) => backtest::of_book(desk, &ask).await,
        Command::Explain(ask) => explain::explain(desk, ask).await,
        Command::Check => check::check(desk),
        Command::Backup(ask) => restore::backup(desk, ask).await,
        Command::Restore(ask) => restore::restore(desk, ask).await,
        Command::Completions(_)
        | Command::Manual(_)
        | Command::Stats(_)
        | Command::Xirr(_)
        | Command::Twr(_)
        | Command::Var(_)
        | Command::Price(_)
        | Command::Indicators(_)
        | Command::VarBacktest(_)
        | Command::Factors(_)
        | Command::Pca(_)
        | Command::Garch(_)
        | Command::Covariance(_) => Ok(Done::Well),
    }
}
