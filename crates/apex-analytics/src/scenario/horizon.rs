//! Monte Carlo to a horizon: what a book may be worth step by step, with rebalancing, flows and costs.
//!
//! Paths are drawn in blocks, each from the random stream of its own number, so that the answer depends on the seed and
//! never on the number of threads. Within a step prices move first, then the flow is paid in or out in proportion to what
//! is held, then weights are set back where that is due. Amounts are shares of the book of today, which is 1.

mod innovation;
mod path;
mod plan;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use self::innovation::{BootstrapSteps, CopulaSteps, Innovation, NormalSteps, log_returns};
use self::path::Walk;
pub use self::plan::{FlowRule, StepFlow, flow_schedule, rebalance_schedule};
use crate::error::{AnalyticsError, all_finite, same_length};
use crate::quantile::{QuantileRule, quantile_sorted, sorted};
use crate::random::Stream;
use crate::rebalance::RebalanceRule;
use crate::var::simulation::{SimulatedDistribution, Simulation};

/// The probabilities whose quantiles are told.
pub const LEVELS: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
/// Paths of one random stream.
const BLOCK: usize = 256;
/// The fewest paths an answer is given for.
const PATHS_MIN: usize = 100;
/// As many values as are kept at once: paths times steps.
const VALUES_MAX: usize = 40_000_000;

/// A book at the start of its way.
#[derive(Debug, Clone, Copy)]
pub struct HorizonBook<'a> {
    /// The weight that each asset is set back to; what they leave of 1 is cash.
    pub targets: &'a [f64],
    /// What each asset is worth at the start, as a share of the book of today.
    pub start: &'a [f64],
    /// The cash at the start, as a share of the book of today.
    pub cash: f64,
    /// The daily returns of each asset, all of the same days.
    pub returns: &'a [&'a [f64]],
}

/// What prices are expected to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drift {
    /// What they did in the sample: the mean of the logarithmic returns is kept.
    Sample,
    /// Nothing: every asset is expected to be worth what it is worth now.
    Zero,
    /// Every asset is expected to grow by this part a year, such as 0.05.
    Yearly(f64),
}

/// What is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct HorizonSettings {
    /// The distribution, and how many paths of which seed.
    pub simulation: Simulation,
    /// Steps to the horizon.
    pub steps: usize,
    /// Trading days of one step.
    pub step_days: usize,
    /// What prices are expected to do.
    pub drift: Drift,
    /// What cash earns a year.
    pub cash_yearly: f64,
    /// Whether weights are set back at the end of each step.
    pub rebalances: Vec<bool>,
    /// The width of a band around the targets beyond which weights are set back at the end of any step.
    pub band: Option<f64>,
    /// What is paid in or out at the end of each step.
    pub flows: Vec<StepFlow>,
    /// What trading costs, as a part of the amount traded.
    pub cost: f64,
    /// What the book should be worth at the end, as a share of the book of today.
    pub goal: Option<f64>,
}

/// What became of the book on all paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Horizon {
    /// The quantiles of [`LEVELS`] at the start and after each step.
    pub quantiles: Vec<[f64; LEVELS.len()]>,
    /// The mean at the start and after each step.
    pub means: Vec<f64>,
    /// What the book is worth at the end of every path, ascending.
    pub finals: Vec<f64>,
    /// How often it ends below the book of today.
    pub below_start: f64,
    /// How often it ends below the goal, where there is one.
    pub below_goal: Option<f64>,
    /// How often nothing was left at some time.
    pub ran_out: f64,
    /// The quantiles of [`LEVELS`] of the largest fall from a high on the way, flows taken out.
    pub drawdowns: [f64; LEVELS.len()],
    /// The degrees of freedom of the t copula, where that was drawn.
    pub degrees_of_freedom: Option<f64>,
}

/// Simulates a book to a horizon.
///
/// Normal: the logarithmic returns of a step are jointly normal with the sample's means and covariances (n - 1) times
/// the days, so that an asset alone is lognormal. t copula and block bootstrap draw days and compound them. Costs are
/// taken from the amount traded; a flow is traded in proportion to what is held, and a book that cannot pay a flow, or
/// loses everything, stays at nothing. Rebalancing sets weights to the targets of what is left after its own cost,
/// which is taken of the trades before that cost. `None` where `goes_on` said no; it is told how many paths are done.
///
/// # Errors
///
/// When sizes differ, a value is not finite, a return loses everything, there are fewer than 100 paths, or more values
/// than can be kept.
///
/// ```
/// use apex_analytics::scenario::horizon::{Drift, HorizonBook, HorizonSettings, simulate};
/// use apex_analytics::var::simulation::Simulation;
///
/// // An asset that never moves stays where it is.
/// let book = HorizonBook { targets: &[1.0], start: &[1.0], cash: 0.0, returns: &[&[0.0, 0.0, 0.0]] };
/// let settings = HorizonSettings {
///     simulation: Simulation { paths: 100, ..Simulation::default() },
///     steps: 12, step_days: 21, drift: Drift::Sample, cash_yearly: 0.0,
///     rebalances: Vec::new(), band: None, flows: Vec::new(), cost: 0.0, goal: None,
/// };
/// let found = simulate(&book, &settings, |_| true).unwrap().unwrap();
/// assert_eq!(found.quantiles[12], [1.0; 7]);
/// ```
pub fn simulate(
    book: &HorizonBook<'_>,
    settings: &HorizonSettings,
    goes_on: impl Fn(usize) -> bool + Sync,
) -> Result<Option<Horizon>, AnalyticsError> {
    check(book, settings)?;
    let logs = log_returns(book.returns)?;
    let columns: Vec<&[f64]> = logs.iter().map(Vec::as_slice).collect();
    match settings.simulation.distribution {
        _ if columns.is_empty() => Ok(run(book, settings, &innovation::NoSteps, goes_on)),
        SimulatedDistribution::Normal => {
            let steps = NormalSteps::new(&columns, settings)?;
            Ok(run(book, settings, &steps, goes_on))
        }
        SimulatedDistribution::TCopula => {
            let steps = CopulaSteps::new(&columns, settings)?;
            let found = run(book, settings, &steps, goes_on);
            Ok(found.map(|found| Horizon {
                degrees_of_freedom: Some(steps.degrees()),
                ..found
            }))
        }
        SimulatedDistribution::BlockBootstrap => {
            let steps = BootstrapSteps::new(&columns, settings)?;
            Ok(run(book, settings, &steps, goes_on))
        }
    }
}

fn check(book: &HorizonBook<'_>, settings: &HorizonSettings) -> Result<(), AnalyticsError> {
    let assets = book.returns.len();
    same_length("list of targets", assets, book.targets.len())?;
    same_length("list of starting values", assets, book.start.len())?;
    if let Some(first) = book.returns.first() {
        for column in book.returns {
            same_length("return column", first.len(), column.len())?;
        }
        if first.len() < 2 {
            return Err(AnalyticsError::Window {
                what: "window",
                length: 2,
                observations: first.len(),
            });
        }
    }
    all_finite("target", book.targets)?;
    all_finite("starting value", book.start)?;
    all_finite("cash", &[book.cash])?;
    let flows: Vec<f64> = settings
        .flows
        .iter()
        .flat_map(|flow| [flow.amount, flow.share])
        .collect();
    all_finite("flow", &flows)?;
    let refuse = |what: &'static str, value: f64, expected: &'static str| {
        Err(AnalyticsError::Parameter { what, value, expected })
    };
    let (paths, steps) = (settings.simulation.paths, settings.steps);
    if !(PATHS_MIN..=VALUES_MAX).contains(&paths) {
        return refuse("number of paths", paths as f64, "between 100 and 40000000");
    }
    if steps == 0 || settings.step_days == 0 {
        return refuse("number of steps", steps as f64, "at least 1, of at least one day each");
    }
    if paths.saturating_mul(steps + 1) > VALUES_MAX {
        let values = paths as f64 * (steps + 1) as f64;
        return refuse("number of paths times steps", values, "40000000 at most");
    }
    if !(settings.cost.is_finite() && (0.0..1.0).contains(&settings.cost)) {
        return refuse("cost of trading", settings.cost, "from 0 to below 1");
    }
    if !(settings.cash_yearly.is_finite() && settings.cash_yearly > -1.0) {
        return refuse("yearly return of cash", settings.cash_yearly, "above -1");
    }
    if let Drift::Yearly(growth) = settings.drift
        && !(growth.is_finite() && growth > -1.0)
    {
        return refuse("yearly return", growth, "above -1");
    }
    if let Some(width) = settings.band {
        RebalanceRule::DriftBand(width).check()?;
    }
    Ok(())
}

/// Walks all paths and reads the answer from them.
fn run(
    book: &HorizonBook<'_>,
    settings: &HorizonSettings,
    innovation: &impl Innovation,
    goes_on: impl Fn(usize) -> bool + Sync,
) -> Option<Horizon> {
    let (paths, length) = (settings.simulation.paths, settings.steps + 1);
    let mut values = vec![0.0_f64; paths * length];
    let mut falls = vec![0.0_f64; paths];
    let mut lost = vec![false; paths];
    let done = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    values
        .par_chunks_mut(BLOCK * length)
        .zip(falls.par_chunks_mut(BLOCK))
        .zip(lost.par_chunks_mut(BLOCK))
        .enumerate()
        .for_each(|(block, ((values, falls), lost))| {
            let mut stream = Stream::new(settings.simulation.seed, block as u64);
            let mut walk = Walk::new(book, settings, falls.len());
            let mut state = innovation.begin(falls.len());
            walk.keep(values, 0);
            for step in 0..settings.steps {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                innovation.step(&mut stream, &mut state, walk.growth());
                walk.step(step);
                walk.keep(values, step + 1);
            }
            walk.finish(falls, lost);
            let done = done.fetch_add(falls.len(), Ordering::Relaxed) + falls.len();
            if !goes_on(done) {
                stopped.store(true, Ordering::Relaxed);
            }
        });
    if stopped.into_inner() {
        return None;
    }
    Some(answer(settings, &values, &falls, &lost))
}

fn answer(settings: &HorizonSettings, values: &[f64], falls: &[f64], lost: &[bool]) -> Horizon {
    let (paths, length) = (falls.len(), settings.steps + 1);
    let columns: Vec<(f64, [f64; LEVELS.len()])> = (0..length)
        .into_par_iter()
        .map(|step| {
            let column: Vec<f64> = values.iter().skip(step).step_by(length).copied().collect();
            let mean = column.iter().sum::<f64>() / paths as f64;
            (mean, quantiles(&sorted(&column)))
        })
        .collect();
    let finals: Vec<f64> = values.iter().skip(length - 1).step_by(length).copied().collect();
    let finals = sorted(&finals);
    let below = |limit: f64| finals.partition_point(|value| *value < limit) as f64 / paths as f64;
    Horizon {
        quantiles: columns.iter().map(|(_, quantiles)| *quantiles).collect(),
        means: columns.iter().map(|(mean, _)| *mean).collect(),
        below_start: below(1.0),
        below_goal: settings.goal.map(below),
        ran_out: lost.iter().filter(|lost| **lost).count() as f64 / paths as f64,
        drawdowns: quantiles(&sorted(falls)),
        degrees_of_freedom: None,
        finals,
    }
}

fn quantiles(sorted: &[f64]) -> [f64; LEVELS.len()] {
    LEVELS.map(|level| quantile_sorted(sorted, level, QuantileRule::Linear).unwrap_or(0.0))
}
