//! The Optimizer: the best weights of a book's holdings, the frontier they lie on, and the trades that lead there.
//!
//! Weights are shares of net asset value. Their sum is what the holdings make up now, so that cash and what cannot be
//! weighed stay as they are, unless cash is invested too or the constraints name a budget. Returns are those of prices
//! in base currency, as on the Risk page. Nothing here is an order.

mod chart;
mod trades;
mod universe;

use std::collections::{BTreeMap, BTreeSet};

use apex_analytics::optimize::{FrontierPoint, PortfolioFigures, Solution};
use apex_wire::optimizer::{Constraints, Means, Optimized, OptimizedLine, Policy, PortfolioPoint, RunOptimizer};
use apex_wire::{Failure, Figure};
use jiff::civil::Date;

use crate::App;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::job::Job;
use crate::optimize::constraints::{Resolved, parse, read_toml, written};
use crate::optimize::policy::{self, Ready};
use crate::optimize::solve::{More, frontier_within};
use crate::optimize::{Assets, FrontierReport, FrontierRow, OBSERVATIONS_A_YEAR, OptimizeReport};
use crate::report::plain;
pub(crate) use trades::{Trading, trade_list};
pub(crate) use universe::{Universe, defined};

/// The shortest window that a covariance is taken from.
pub(crate) const WINDOW_MIN: usize = 20;
/// The longest one.
pub(crate) const WINDOW_MAX: usize = 10_000;
/// As many portfolios as a frontier may have.
const POINTS_MAX: usize = 500;

impl App {
    /// Finds the best weights of a book's holdings.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, a number of the policy is out of range, a symbol is not known,
    /// or no portfolio keeps the constraints; the sentence names the field, or the constraints that exclude one another.
    /// Also when the job was cancelled.
    pub fn run_optimizer(&self, ask: RunOptimizer, job: &Job) -> Result<Optimized, Failure> {
        let fold = self.fold(ask.view)?;
        Ok(optimized(&fold, &ask, job)?)
    }

    /// Finds the best weights of a book's holdings, as `apex optimize --portfolio` prints them.
    ///
    /// # Errors
    /// As [`App::run_optimizer`].
    pub fn optimize_report(&self, ask: RunOptimizer) -> Result<OptimizeReport, Failure> {
        let answer = self.run_optimizer(ask.clone(), &Job::unwatched())?;
        Ok(report(&ask, answer)?)
    }

    /// Returns the frontier of a book's holdings, as `apex optimize --portfolio --frontier` prints it.
    ///
    /// # Errors
    /// As [`App::run_optimizer`].
    pub fn frontier_report(&self, ask: &RunOptimizer) -> Result<FrontierReport, Failure> {
        let fold = self.fold(ask.view)?;
        Ok(frontier_report(&fold, ask)?)
    }
}

fn check(ask: &RunOptimizer) -> Result<()> {
    policy::check(&ask.policy)?;
    check_window(ask.window)?;
    if ask.points > POINTS_MAX || ask.points == 1 {
        return Err(AppError::field(
            "points",
            format!(
                "{} points make no frontier; choose 2 to {POINTS_MAX}, or 0 for none",
                ask.points
            ),
        ));
    }
    Ok(())
}

/// Reads constraints from the text of a TOML file.
///
/// # Errors
/// When the text is no TOML or has a key that is not known; the sentence names the line.
pub fn read_constraints(text: &str) -> Result<Constraints> {
    parse(text)
}

/// Reads a policy from the text of a TOML file.
///
/// # Errors
/// When the text is no TOML, has fields that are not known, or a number is out of range; the sentence names the place.
pub fn read_policy(text: &str) -> Result<Policy> {
    let policy: Policy = read_toml(text, "the policy")?;
    policy::check(&policy)?;
    Ok(policy)
}

/// Refuses windows that no covariance is taken from.
pub(crate) fn check_window(window: usize) -> Result<()> {
    if (WINDOW_MIN..=WINDOW_MAX).contains(&window) {
        return Ok(());
    }
    Err(AppError::field(
        "window",
        format!("a window of {window} returns does not fit; choose {WINDOW_MIN} to {WINDOW_MAX}"),
    ))
}

/// Takes the assets of a question.
fn universe(fold: &PortfolioFold, ask: &RunOptimizer) -> Result<Universe> {
    check(ask)?;
    Universe::of(fold, ask.window, &ask.added)
}

/// Gets the policy of a question ready for its assets, whose returns are `columns`.
fn ready<'a>(ask: &RunOptimizer, universe: &Universe, columns: &'a [&'a [f64]]) -> Result<Ready<'a>> {
    let budget = budget(universe, ask.invests_cash)?;
    Ready::of(&ask.policy, &universe.assets, columns, budget)
}

fn optimized(fold: &PortfolioFold, ask: &RunOptimizer, job: &Job) -> Result<Optimized> {
    let universe = universe(fold, ask)?;
    let columns = universe.assets.columns();
    let ready = ready(ask, &universe, &columns)?;
    let mut notes = notes(ask, &universe);
    let frontier = frontier(&ready, ask, &universe.assets, &mut notes);
    let mut more = More::new();
    let solution = solution(&ready, ask, &universe.assets, &frontier, job, &mut more)?;
    let figures = |weights: &[f64]| ready.figures(weights, ask.policy.level);
    let (now, after) = (figures(universe.current())?, figures(&solution.weights)?);
    let own_variances = ready.inputs.covariance.diagonal();
    let mut lines: Vec<OptimizedLine> = universe
        .holdings
        .iter()
        .enumerate()
        .map(|(at, holding)| OptimizedLine {
            instrument: holding.id,
            symbol: universe.assets.names[at].clone(),
            name: holding.name.clone(),
            now: universe.current()[at],
            after: solution.weights[at],
            change: solution.weights[at] - universe.current()[at],
            risk_now: defined(now.risk_contributions[at]),
            risk_after: defined(after.risk_contributions[at]),
            mean_year: ready.inputs.means[at] * OBSERVATIONS_A_YEAR,
            volatility_year: (own_variances[at].max(0.0) * OBSERVATIONS_A_YEAR).sqrt(),
        })
        .collect();
    lines.sort_by(|left, right| {
        right
            .after
            .total_cmp(&left.after)
            .then_with(|| right.now.total_cmp(&left.now))
            .then_with(|| left.symbol.cmp(&right.symbol))
    });
    let risk_free = ask.policy.risk_free_percent / 100.0;
    let sum = |weights: &[f64]| weights.iter().sum::<f64>();
    let now = point(&now, risk_free * sum(universe.current()));
    let after = point(&after, risk_free * sum(&solution.weights));
    let frontier = frontier
        .iter()
        .map(|one| Ok(point(&figures(&one.weights)?, risk_free * sum(&one.weights))))
        .collect::<Result<Vec<_>>>()?;
    let trading = trading(&ask.policy, &ready.resolved, &universe)?;
    Ok(Optimized {
        as_of: fold.as_of(),
        currency: fold.currency(),
        nav: Figure::Known(universe.nav),
        budget: sum(&solution.weights),
        days: universe.days.first().copied().zip(universe.days.last().copied()),
        observations: universe.assets.observations(),
        chart: chart::frontier_chart(&frontier, &lines, &now, &after),
        lines,
        now,
        after,
        kkt_residual: solution.kkt_residual,
        gap: solution.gap,
        iterations: solution.iterations,
        trades: trade_list(fold, &universe, &solution.weights, &trading),
        frontier,
        classes: classes(&universe.assets),
        constraints_toml: written(&ask.policy.constraints)?,
        notes,
        left_out: universe.left_out.clone(),
        more,
    })
}

/// Returns what the weights add up to where the constraints do not say.
fn budget(universe: &Universe, invests_cash: bool) -> Result<f64> {
    let held: f64 = universe.current().iter().sum();
    let budget = if invests_cash { held + universe.cash } else { held };
    if budget > 1e-9 {
        return Ok(budget);
    }
    // Nothing is held yet: what there is to invest is the cash.
    if universe.cash > 1e-9 && held.abs() < 1e-9 {
        return Ok(universe.cash);
    }
    Err(AppError::field(
        "budget",
        format!(
            "the holdings add up to {} of NAV, which long-only weights cannot; invest the cash, or name a budget in \
             the constraints",
            apex_format::percent(held, 2)
        ),
    ))
}

/// Returns the frontier, or a note why there is none: the best portfolio does not depend on it.
fn frontier(ready: &Ready<'_>, ask: &RunOptimizer, assets: &Assets, notes: &mut Vec<String>) -> Vec<FrontierPoint> {
    if ask.points == 0 {
        return Vec::new();
    }
    if ready.resolved.limits.names.is_some() {
        notes.push("The frontier is drawn without the limit on the number of names".to_owned());
    }
    match frontier_within(&ready.inputs, &ready.resolved.limits, ask.points) {
        Ok(points) => points,
        Err(err) => {
            notes.push(format!("There is no frontier: {}", assets.explained(err)));
            Vec::new()
        }
    }
}

/// Returns the best portfolio, or the one of the frontier that is asked for.
fn solution(
    ready: &Ready<'_>,
    ask: &RunOptimizer,
    assets: &Assets,
    frontier: &[FrontierPoint],
    job: &Job,
    more: &mut More,
) -> Result<Solution> {
    match ask.point {
        None => ready.solved(ask.policy.level, assets, job, more),
        Some(point) => on_the_frontier(frontier, point),
    }
}

/// Weights that were chosen, and what their figures are computed from, asset by asset.
pub(crate) struct Chosen {
    pub(crate) names: Vec<String>,
    pub(crate) weights: Vec<f64>,
    /// The mean of a day.
    pub(crate) means: Vec<f64>,
    /// The covariance of a day with the whole portfolio.
    pub(crate) covariances: Vec<f64>,
    pub(crate) days: Vec<Date>,
    /// The returns on those days.
    pub(crate) returns: Vec<Vec<f64>>,
    pub(crate) point: PortfolioPoint,
}

/// Chooses weights as [`App::run_optimizer`] does.
pub(crate) fn choose(fold: &PortfolioFold, ask: &RunOptimizer) -> Result<Chosen> {
    let universe = universe(fold, ask)?;
    let columns = universe.assets.columns();
    let ready = ready(ask, &universe, &columns)?;
    let frontier = match ask.point {
        Some(_) => frontier(&ready, ask, &universe.assets, &mut Vec::new()),
        None => Vec::new(),
    };
    let weights = solution(
        &ready,
        ask,
        &universe.assets,
        &frontier,
        &Job::unwatched(),
        &mut More::new(),
    )?
    .weights;
    let inputs = &ready.inputs;
    let figures = ready.figures(&weights, ask.policy.level)?;
    let risk_free = ask.policy.risk_free_percent / 100.0 * weights.iter().sum::<f64>();
    Ok(Chosen {
        names: universe.assets.names.clone(),
        means: inputs.means.to_vec(),
        covariances: inputs.covariance.times(&weights),
        days: universe.days.clone(),
        returns: columns.iter().map(|column| column.to_vec()).collect(),
        point: point(&figures, risk_free),
        weights,
    })
}

fn on_the_frontier(frontier: &[FrontierPoint], point: usize) -> Result<Solution> {
    let chosen = frontier.get(point).ok_or_else(|| {
        AppError::field(
            "point",
            format!(
                "the frontier has {} portfolios; there is no number {point}",
                frontier.len()
            ),
        )
    })?;
    Ok(Solution {
        weights: chosen.weights.clone(),
        kkt_residual: None,
        gap: None,
        iterations: 0,
    })
}

fn point(figures: &PortfolioFigures, risk_free: f64) -> PortfolioPoint {
    let (mean_year, volatility_year) = (
        figures.mean * OBSERVATIONS_A_YEAR,
        figures.volatility * OBSERVATIONS_A_YEAR.sqrt(),
    );
    let sharpe = (volatility_year > 0.0).then(|| (mean_year - risk_free) / volatility_year);
    PortfolioPoint {
        mean: figures.mean,
        volatility: figures.volatility,
        cvar: Figure::or_because(figures.cvar, || "the tail holds no day".to_owned()),
        mean_year,
        volatility_year,
        sharpe_year: defined(sharpe),
    }
}

/// Returns costs and lots of the constraints.
pub(crate) fn trading(policy: &Policy, resolved: &Resolved, universe: &Universe) -> Result<Trading> {
    // A rule leaves costs out of its search, and its trades cost all the same.
    let mut only_costs = policy.constraints.clone();
    only_costs.groups.clear();
    only_costs.rows.clear();
    let bounds = resolved.limits.bounds.clone();
    let costs = crate::optimize::constraints::resolved(&only_costs, bounds, &universe.assets)?
        .limits
        .costs;
    Ok(Trading {
        costs: costs.map_or_else(Vec::new, |costs| {
            costs.proportional.into_iter().zip(costs.impact).collect()
        }),
        lots: resolved.lots.as_ref().map_or_else(Vec::new, |lots| lots.sizes.clone()),
    })
}

fn classes(assets: &Assets) -> BTreeMap<String, Vec<String>> {
    let distinct = |classes: &BTreeMap<String, String>| {
        let known: BTreeSet<&String> = classes.values().collect();
        known.into_iter().cloned().collect()
    };
    assets
        .classes
        .iter()
        .map(|(name, classes)| (name.clone(), distinct(classes)))
        .collect()
}

fn notes(ask: &RunOptimizer, universe: &Universe) -> Vec<String> {
    let mut notes = Vec::new();
    if let (Some(first), Some(last)) = (universe.days.first(), universe.days.last()) {
        notes.push(format!(
            "{} daily returns from {first} to {last} in base currency; dividends are not added",
            universe.assets.observations()
        ));
    }
    if ask.policy.constraints.costs.is_some() {
        notes.push(match ask.policy.objective.weighs_costs() {
            true => "Trading costs are weighed against the mean of a year".to_owned(),
            false => "Trading costs are counted, not weighed: this objective looks at no mean".to_owned(),
        });
    }
    match ask.policy.means {
        Means::Sample => {}
        Means::Equilibrium => notes.push(format!(
            "Expected returns are those for which {} are optimal at a risk aversion of {}, combined with {} views",
            policy::market_words(&ask.policy),
            ask.policy.market_aversion,
            ask.policy.views.len()
        )),
        Means::Pooled => notes.push(format!(
            "Days of the window are weighted so that {} views hold",
            ask.policy.views.len()
        )),
    }
    notes
}

/// Returns the keys of `apex optimize --json`, and what only a book has.
fn report(ask: &RunOptimizer, answer: Optimized) -> Result<OptimizeReport> {
    let mut more = answer.more.clone();
    let current: BTreeMap<&String, f64> = answer.lines.iter().map(|line| (&line.symbol, line.now)).collect();
    let added = [
        ("trades", plain(&answer.trades.rows)?),
        ("bought", plain(&answer.trades.bought)?),
        ("sold", plain(&answer.trades.sold)?),
        ("cost", plain(&answer.trades.cost)?),
        ("cash_change", plain(&answer.trades.cash_change)?),
        ("turnover", plain(&answer.trades.turnover)?),
        ("current_weights", plain(&current)?),
        ("as_of", plain(&answer.as_of)?),
        ("currency", plain(&answer.currency)?),
        ("nav", plain(&answer.nav)?),
        ("budget", plain(&answer.budget)?),
        ("now", plain(&answer.now)?),
        ("after", plain(&answer.after)?),
        ("notes", plain(&answer.notes)?),
        ("left_out", plain(&answer.left_out)?),
    ];
    more.extend(added.map(|(key, value)| (key.to_owned(), value)));
    Ok(OptimizeReport {
        weights: answer
            .lines
            .iter()
            .map(|line| (line.symbol.clone(), line.after))
            .collect(),
        mean: answer.after.mean,
        volatility: answer.after.volatility,
        cvar: answer.after.cvar.known().copied(),
        risk_contributions: answer
            .lines
            .iter()
            .map(|line| (line.symbol.clone(), line.risk_after.known().copied()))
            .collect(),
        kkt_residual: answer.kkt_residual,
        gap: answer.gap,
        iterations: answer.iterations,
        elapsed_ms: 0.0,
        level: ask.policy.level,
        observations: answer.observations,
        dropped: 0,
        more,
    })
}

fn frontier_report(fold: &PortfolioFold, ask: &RunOptimizer) -> Result<FrontierReport> {
    let universe = universe(fold, ask)?;
    let columns = universe.assets.columns();
    let ready = ready(ask, &universe, &columns)?;
    let line = frontier_within(&ready.inputs, &ready.resolved.limits, ask.points);
    let rows = line
        .map_err(|err| universe.assets.explained(err))?
        .into_iter()
        .map(|one| {
            let figures = ready.figures(&one.weights, ask.policy.level)?;
            Ok(FrontierRow {
                target: one.target,
                volatility: figures.volatility,
                cvar: figures.cvar,
                weights: universe.assets.named(&one.weights),
            })
        });
    Ok(FrontierReport {
        points: rows.collect::<Result<_>>()?,
        elapsed_ms: 0.0,
        observations: universe.assets.observations(),
        dropped: 0,
    })
}
