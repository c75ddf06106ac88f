//! Backtests: what a policy would have earned that knew only the past, on the prices of a book or of a table.
//!
//! A decision sees the returns up to its day and the weights held then, nothing later; the engine hands over no more.
//! Where a decision has no answer the weights stay, and how often that was so is said.

mod data;
mod decide;
mod validate;

use std::collections::BTreeMap;

use apex_analytics::backtest::{self as engine, BacktestSettings, Past, Window, walk_forward};
use apex_analytics::measure::drawdown::drawdowns;
use apex_analytics::rebalance::RebalanceRule;
use apex_analytics::table::PriceTable;
use apex_analytics::tear_sheet::{Benchmark, tear_sheet};
use apex_wire::Failure;
use apex_wire::backtest::{
    Backtest, BacktestBenchmark, BacktestRebalancing, BacktestRun, RUNS_MAX, Rebalance, RunBacktests,
};
use apex_wire::optimizer::{ObjectiveName, TradeList};

use crate::App;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::job::Job;
use crate::optimize::constraints::read_toml;
use crate::optimize::{OBSERVATIONS_A_YEAR, policy};
use crate::optimizer::{Trading, Universe, WINDOW_MIN, trade_list};
use crate::performance::by_key;
use crate::report::plain;
use data::Data;
use decide::Decisions;

/// The most closes that may be looked back on.
const DAYS_MAX: usize = 20_000;

/// Reads a backtest from the TOML of its document.
///
/// # Errors
/// When the text is no TOML, has fields that are not known, or could not be run; the sentence names the place.
pub fn read(text: &str) -> Result<Backtest> {
    let backtest: Backtest = read_toml(text, "the backtest")?;
    check(&backtest)?;
    Ok(backtest)
}

/// Writes a backtest as the TOML of its document.
///
/// # Errors
/// Never for a document that was read.
pub fn write(backtest: &Backtest) -> Result<String> {
    toml::to_string(backtest).map_err(|err| AppError::Defect {
        sentence: format!("the backtest cannot be written as TOML: {err}"),
    })
}

/// Returns a run as `apex backtest --json` prints it: amounts as text, statistics as numbers, what is unknown as `null`.
///
/// # Errors
/// Never for a run of this program.
pub fn report(run: &BacktestRun) -> Result<serde_json::Value> {
    plain(run)
}

/// Runs a backtest on the columns of a table.
///
/// # Errors
/// When the document cannot be run, a column is missing, no decision has an answer, or the job was cancelled.
pub fn run_on_table(prices: &PriceTable, backtest: &Backtest, job: &Job) -> Result<BacktestRun> {
    check(backtest)?;
    run(&Data::of_table(prices, backtest)?, backtest, job)
}

impl App {
    /// Runs backtests on the prices of the book, side by side.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, there are too many, a document cannot be run, no decision has
    /// an answer, or the job was cancelled; the sentence names the backtest.
    pub fn run_backtests(&self, ask: RunBacktests, job: &Job) -> Result<Vec<BacktestRun>, Failure> {
        if ask.backtests.len() > RUNS_MAX {
            let count = ask.backtests.len();
            let sentence = format!("{count} backtests are too many at once; choose {RUNS_MAX} at most");
            return Err(AppError::invalid(sentence).into());
        }
        let fold = self.fold(ask.view)?;
        let runs = ask
            .backtests
            .iter()
            .map(|backtest| run_on_book(&fold, backtest, job).map_err(|err| named(backtest, err)));
        Ok(runs.collect::<Result<_>>()?)
    }
}

/// Says which backtest a refusal is about.
fn named(backtest: &Backtest, err: AppError) -> AppError {
    match err {
        AppError::Invalid { field, sentence } if !backtest.name.trim().is_empty() => AppError::Invalid {
            field,
            sentence: format!("{}: {sentence}", backtest.name.trim()),
        },
        err => err,
    }
}

fn run_on_book(fold: &PortfolioFold, backtest: &Backtest, job: &Job) -> Result<BacktestRun> {
    check(backtest)?;
    job.step(&format!("{}: reading prices", backtest.name), 0, None)?;
    let data = Data::of_book(fold, backtest)?;
    let mut run = run(&data, backtest, job)?;
    run.currency = Some(fold.currency());
    match trades(fold, backtest, &run) {
        Ok(trades) => run.trades = trades,
        Err(err) => run.notes.push(format!("There is no list of trades: {err}")),
    }
    Ok(run)
}

/// Follows the policy of a backtest through the book's past, and no more: neither validation nor trades.
pub(crate) fn followed(fold: &PortfolioFold, backtest: &Backtest) -> Result<BacktestRun> {
    check(backtest)?;
    let followed = Backtest {
        validation: None,
        ..backtest.clone()
    };
    run(&Data::of_book(fold, &followed)?, &followed, &Job::unwatched())
}

/// Returns the trades from the holdings to the weights of the last day. The assets of the backtest keep the share of
/// net asset value they have now; where none of them is held, it is that of the cash.
fn trades(fold: &PortfolioFold, backtest: &Backtest, run: &BacktestRun) -> Result<Option<TradeList>> {
    let symbols: Vec<String> = run.next_weights.iter().map(|(symbol, _)| symbol.clone()).collect();
    let universe = Universe::of(fold, WINDOW_MIN, &symbols)?;
    let wanted: BTreeMap<&str, f64> = run
        .next_weights
        .iter()
        .map(|(symbol, weight)| (symbol.as_str(), *weight))
        .collect();
    let tested = |symbol: &str| backtest.universe.is_empty() || wanted.contains_key(symbol);
    let pairs = || universe.assets.names.iter().zip(universe.current());
    let held: f64 = pairs()
        .filter(|(symbol, _)| tested(symbol))
        .map(|(_, weight)| weight)
        .sum();
    let budget = if held > 1e-9 { held } else { universe.cash };
    if budget <= 1e-9 {
        return Err(AppError::invalid("there is neither a holding nor cash to trade with"));
    }
    let weights: Vec<f64> = pairs()
        .map(|(symbol, now)| match wanted.get(symbol.as_str()) {
            Some(weight) => weight * budget,
            None if tested(symbol) => 0.0,
            None => *now,
        })
        .collect();
    let trading = Trading {
        costs: vec![(backtest.cost_bp / 1e4, 0.0); weights.len()],
        lots: Vec::new(),
    };
    Ok(Some(trade_list(fold, &universe, &weights, &trading)))
}

fn run(data: &Data, backtest: &Backtest, job: &Job) -> Result<BacktestRun> {
    let settings = settings(backtest);
    let columns = data.columns();
    let mut decisions = Decisions::new(backtest, data, job);
    let test = walk_forward(&data.dates, &columns, &settings, |past| decisions.decide(past))?;
    let next = Past::at(&columns, settings.window, data.dates.len() - 1, &test.weights);
    let next = next.and_then(|past| decisions.decide(&past));
    decisions.cancelled()?;
    let Some(first) = test.rebalancings.first().map(|one| one.row) else {
        return Err(decisions.why_none(data.dates.len(), &settings));
    };
    let mut notes = data.notes.clone();
    notes.extend(decisions.note());
    let value = |at: usize| if at == first { 1.0 } else { test.wealth[at] };
    let wealth: Vec<f64> = (first..data.dates.len()).map(value).collect();
    let returns = changes(&wealth);
    let benchmark = data.benchmark.as_ref().map(|(name, levels)| {
        let levels = levels.get(first..).unwrap_or_default();
        let start = levels.first().copied().unwrap_or(1.0);
        (
            name.clone(),
            levels.iter().map(|level| level / start).collect::<Vec<f64>>(),
        )
    });
    let against = benchmark.as_ref().map(|(_, wealth)| changes(wealth));
    let beside = against.as_deref().map(Benchmark::new).transpose()?;
    let mut falls = vec![0.0];
    falls.extend(drawdowns(&returns));
    let later: f64 = test.rebalancings.iter().skip(1).map(|one| one.turnover).sum();
    let years = returns.len() as f64 / OBSERVATIONS_A_YEAR;
    let validation = backtest
        .validation
        .map(|asked| validate::scores(data, backtest, asked, job, &mut notes))
        .transpose()?;
    Ok(BacktestRun {
        name: backtest.name.clone(),
        currency: None,
        days: data.dates[first..].to_vec(),
        statistics: by_key(&tear_sheet(&returns, beside.as_ref())?),
        benchmark: match (benchmark, against) {
            (Some((name, wealth)), Some(returns)) => Some(BacktestBenchmark {
                name,
                wealth,
                statistics: by_key(&tear_sheet(&returns, None)?),
            }),
            _ => None,
        },
        wealth,
        drawdown: falls,
        rebalancings: test.rebalancings.iter().map(|one| rebalancing(data, one)).collect(),
        turnover_year: (years > 0.0).then(|| later / years),
        cost: test.rebalancings.iter().map(|one| one.cost).sum(),
        last_weights: data.ranked(&test.weights),
        next_weights: data.ranked(next.as_deref().unwrap_or(&test.weights)),
        trades: None,
        validation,
        notes,
        left_out: data.left_out.clone(),
    })
}

fn rebalancing(data: &Data, one: &engine::Rebalancing) -> BacktestRebalancing {
    BacktestRebalancing {
        date: data.dates[one.row],
        turnover: one.turnover,
        cost: one.cost,
        weights: data.ranked(&one.weights).into_iter().collect(),
    }
}

/// Returns the return of each day from the value at each close.
pub(crate) fn changes(wealth: &[f64]) -> Vec<f64> {
    wealth.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

fn settings(backtest: &Backtest) -> BacktestSettings {
    BacktestSettings {
        window: if backtest.expanding {
            Window::Expanding(backtest.window)
        } else {
            Window::Rolling(backtest.window)
        },
        rule: match backtest.rebalance {
            Rebalance::Daily => RebalanceRule::Daily,
            Rebalance::Monthly => RebalanceRule::Monthly,
            Rebalance::Quarterly => RebalanceRule::Quarterly,
            Rebalance::Yearly => RebalanceRule::Yearly,
            Rebalance::Never => RebalanceRule::Never,
            Rebalance::DriftBand => RebalanceRule::DriftBand(backtest.band_percent / 100.0),
        },
        delay: backtest.delay,
        cost: backtest.cost_bp / 1e4,
    }
}

/// Refuses documents that cannot be run, naming the field.
fn check(backtest: &Backtest) -> Result<()> {
    let refuse = |field: &'static str, sentence: String| Err(AppError::field(field, sentence));
    // What has no name is called by its file.
    if !backtest.name.trim().is_empty() {
        crate::read::name(&backtest.name, "a backtest")?;
    }
    policy::check(&backtest.policy)?;
    let needs_no_past = matches!(backtest.policy.objective, ObjectiveName::Equal | ObjectiveName::Fixed);
    if backtest.window < WINDOW_MIN && !needs_no_past {
        return refuse(
            "window",
            format!(
                "a window of {} is too short; {WINDOW_MIN} returns are the fewest",
                backtest.window
            ),
        );
    }
    if backtest.days > DAYS_MAX || backtest.days < 2 {
        return refuse(
            "days",
            format!("{} closes do not fit; choose 2 to {DAYS_MAX}", backtest.days),
        );
    }
    if !(0.0..1000.0).contains(&backtest.cost_bp) {
        return refuse(
            "cost_bp",
            format!("a cost of {} bp is not between 0 and 1000", backtest.cost_bp),
        );
    }
    if backtest.rebalance == Rebalance::DriftBand && !(backtest.band_percent > 0.0 && backtest.band_percent < 100.0) {
        return refuse(
            "band_percent",
            format!("a band of {}% is not between 0 and 100", backtest.band_percent),
        );
    }
    if let (Some(from), Some(until)) = (backtest.from, backtest.until)
        && from >= until
    {
        return refuse("from", format!("{from} is not before {until}"));
    }
    if let Some(momentum) = backtest.momentum {
        if momentum.names == 0 || momentum.lookback == 0 {
            return refuse(
                "momentum",
                "momentum keeps at least one name over at least one day".to_owned(),
            );
        }
        let needed = momentum.lookback.saturating_add(momentum.skip);
        if needed > backtest.window {
            return refuse(
                "momentum",
                format!(
                    "momentum looks {needed} days back, more than the window of {}",
                    backtest.window
                ),
            );
        }
    }
    match backtest.validation {
        Some(validation) => validate::check(&validation),
        None => Ok(()),
    }
}
