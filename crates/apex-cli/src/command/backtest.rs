//! `apex backtest`: what a policy would have earned that knew only the past.

use anyhow::bail;
use apex_app::{Job, backtest, table};
use apex_format::{counted, percent};
use apex_wire::backtest::{Backtest, BacktestRun, RunBacktests};
use apex_wire::job::JobId;

use super::Done;
use super::optimize::trades_text;
use crate::arguments::{BacktestArguments, Common};
use crate::desk::{self, Desk, refused};
use crate::output::{self, Set, Table, or_unknown};
use crate::progress::Progress;

/// The statistics printed, with their words and whether they are shares.
const SHOWN: [(&str, &str, bool); 9] = [
    ("total_return", "Return", true),
    ("cagr", "Return a year", true),
    ("vol_ann", "Volatility a year", true),
    ("sharpe", "Sharpe ratio", false),
    ("sortino", "Sortino ratio", false),
    ("max_drawdown", "Largest drawdown", true),
    ("beta", "Beta", false),
    ("tracking_error_ann", "Tracking error a year", true),
    ("information_ratio", "Information ratio", false),
];

/// Runs a backtest on a table of prices.
pub(super) fn on_table(ask: &BacktestArguments, common: &Common) -> anyhow::Result<Done> {
    let Some(file) = &ask.prices else {
        bail!("--prices names the table");
    };
    if file == &ask.file && file.as_os_str() == "-" {
        bail!("standard input holds one file; name the other");
    }
    let document = document(ask)?;
    let (name, bytes) = desk::file(file)?;
    let prices = table::price_table(&name, &bytes)?;
    let progress = Progress::new();
    let job = Job::new(move |step| progress.show(&step));
    let run = backtest::run_on_table(&prices, &document, &job)?;
    drop(job);
    print(&run, common.json)
}

/// Runs a backtest on the prices of the book.
pub(super) async fn of_book(desk: &Desk, ask: &BacktestArguments) -> anyhow::Result<Done> {
    let document = document(ask)?;
    desk.open().await?;
    let request = RunBacktests {
        job: JobId("backtest".to_owned()),
        view: desk.view()?,
        backtests: vec![document],
    };
    let mut runs = desk.app.run_backtests(request, &desk.job()).map_err(refused)?;
    match runs.pop() {
        Some(run) => print(&run, desk.common.json),
        None => bail!("the backtest has no answer"),
    }
}

/// Reads the file; a backtest without a name has that of its file.
fn document(ask: &BacktestArguments) -> anyhow::Result<Backtest> {
    let (name, bytes) = desk::file(&ask.file)?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{name} is not UTF-8 text"))?;
    let mut document = backtest::read(&text).map_err(|err| anyhow::anyhow!("{name}: {err}"))?;
    if document.name.trim().is_empty() {
        document.name = name.trim_end_matches(".toml").to_owned();
    }
    Ok(document)
}

fn print(run: &BacktestRun, json: bool) -> anyhow::Result<Done> {
    if json {
        output::json(&backtest::report(run)?)?;
    } else {
        output::text(&text(run))?;
    }
    Ok(Done::Well)
}

fn text(run: &BacktestRun) -> String {
    let mut table = Table::new(&[
        ("Statistic", Set::Words),
        ("Backtest", Set::Numbers),
        ("Benchmark", Set::Numbers),
    ]);
    for (key, words, is_share) in SHOWN {
        let shown = |value: Option<f64>| {
            or_unknown(value.map(|value| {
                if is_share {
                    percent(value, 2).to_string()
                } else {
                    apex_format::fixed(value, 3).to_string()
                }
            }))
        };
        let other = run
            .benchmark
            .as_ref()
            .and_then(|one| one.statistics.get(key).copied().flatten());
        table.row([
            words.to_owned(),
            shown(run.statistics.get(key).copied().flatten()),
            shown(other),
        ]);
    }
    for note in run.notes.iter().chain(&run.left_out) {
        table.note(note.clone());
    }
    let day = |day: Option<&jiff::civil::Date>| or_unknown(day);
    let mut text = format!(
        "{}: {} to {}, {}, turnover {} a year, costs {} in all, {}\n\n{}",
        run.name,
        day(run.days.first()),
        day(run.days.last()),
        counted(run.rebalancings.len() as u64, "rebalancing"),
        or_unknown(run.turnover_year.map(|turnover| percent(turnover, 0))),
        percent(run.cost, 2),
        run.benchmark.as_ref().map_or_else(
            || "no benchmark".to_owned(),
            |benchmark| format!("against {}", benchmark.name)
        ),
        table.layout()
    );
    if let Some(scores) = &run.validation {
        let paths = scores.path_sharpe.iter().flatten();
        let paths: Vec<String> = paths.map(|sharpe| format!("{sharpe:.2}")).collect();
        text.push_str(&format!(
            "\nCross-validation: {}, Sharpe ratio of each path {}, mean {}\n",
            counted(scores.splits.len() as u64, "split"),
            paths.join(", "),
            or_unknown(scores.mean_sharpe.map(|sharpe| format!("{sharpe:.2}"))),
        ));
    }
    let mut weights = Table::new(&[("Asset", Set::Words), ("Weight %", Set::Numbers)]);
    for (name, weight) in &run.next_weights {
        weights.row([name.clone(), apex_format::percent_number(*weight, 2).to_string()]);
    }
    text.push_str(&format!("\nWeights of the last day\n{}", weights.layout()));
    if let (Some(trades), Some(currency)) = (&run.trades, run.currency) {
        text.push_str(&format!("\n{}", trades_text(trades, currency)));
    }
    text
}
