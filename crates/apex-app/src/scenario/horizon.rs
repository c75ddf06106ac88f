//! The book of a day simulated to a horizon: first the scenario's shocks, then path after path.
//!
//! Holdings that have no history in the window stand still and are named; so does cash but for what it earns.

mod chart;
mod check;

use apex_analytics::measure::OBSERVATIONS_A_YEAR;
use apex_analytics::rebalance::RebalanceRule;
use apex_analytics::returns::weighted_daily;
use apex_analytics::scenario::horizon::{
    Drift, FlowRule, HorizonBook, HorizonSettings, LEVELS, StepFlow, flow_schedule, rebalance_schedule, simulate,
};
use apex_analytics::var::simulation::{SimulatedDistribution, Simulation};
use apex_wire::scenario::Scenario;
use apex_wire::scenario::horizon::{
    FlowPeriod, HorizonDistribution, HorizonMean, HorizonPlan, HorizonPoint, HorizonRun, HorizonStep, Rebalancing,
};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

pub(super) use self::check::check;
use super::answer::{self, Parts};
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::job::Job;
use crate::risk::{Part, RiskBook, of_nav};

/// Trading days of a month.
const MONTH_DAYS: usize = 21;

/// Simulates a book after a scenario, whose plan is checked.
pub(super) fn run(fold: &PortfolioFold, scenario: &Scenario, job: &Job) -> Result<HorizonRun> {
    let plan = scenario.horizon.clone().unwrap_or_default();
    let total = u64::from(plan.paths);
    job.step("measuring the past", 0, Some(total))?;
    let nav = fold.valuation().nav.known().and_then(Decimal::to_f64).unwrap_or(0.0);
    let book = RiskBook::of(fold, scenario.window);
    let nothing_moves = book.positions.is_empty() && nav > 0.0;
    if let Some(because) = book.because().filter(|_| !nothing_moves) {
        return Err(AppError::invalid(format!("the book cannot be simulated: {because}")));
    }
    let found = answer::parts(fold, scenario)?;
    let shocked = Shocked::of(&book, &found, nav)?;
    let dates = dates(fold.as_of(), &plan)?;
    let settings = settings(&plan, &dates, nav);
    let (targets, columns) = (book.weights(), book.columns());
    let simulated = HorizonBook {
        targets: &targets,
        start: &shocked.start,
        cash: shocked.cash,
        returns: &columns,
    };
    let goes_on = |done: usize| job.step("simulating", done as u64, Some(total)).is_ok();
    let horizon = simulate(&simulated, &settings, goes_on)?.ok_or(AppError::Cancelled)?;
    let as_of = fold.as_of();
    let money = |share: f64| of_nav(fold, share);
    let points = dates.iter().zip(&horizon.quantiles).zip(&horizon.means);
    Ok(HorizonRun {
        name: scenario.name.clone(),
        as_of,
        currency: fold.currency(),
        nav: fold.valuation().nav.clone(),
        start: money(shocked.cash + shocked.start.iter().sum::<f64>()),
        window: (
            book.days.first().copied().unwrap_or(as_of),
            book.days.last().copied().unwrap_or(as_of),
            book.days.len(),
        ),
        degrees_of_freedom: horizon.degrees_of_freedom,
        levels: LEVELS.to_vec(),
        points: points
            .map(|((date, quantiles), mean)| HorizonPoint {
                date: *date,
                mean: money(*mean),
                quantiles: quantiles.iter().map(|value| money(*value)).collect(),
            })
            .collect(),
        probability_below_start: horizon.below_start,
        probability_below_goal: horizon.below_goal,
        probability_ran_out: horizon.ran_out,
        drawdowns: horizon.drawdowns.to_vec(),
        fan: chart::fan(fold, &plan, &dates, &horizon, nav),
        distribution: chart::distribution(fold, &plan, &horizon, nav)?,
        notes: notes(&plan, &book, &found),
        left_out: book.left_out.into_iter().chain(found.left_out).collect(),
        plan,
    })
}

/// A book after the shocks, as shares of what it was worth before.
struct Shocked {
    start: Vec<f64>,
    cash: f64,
}

impl Shocked {
    fn of(book: &RiskBook, found: &Parts<'_>, nav: f64) -> Result<Self> {
        let profit = |part: Part| {
            let line = found.lines.iter().find(|(known, _)| *known == part);
            line.and_then(|(_, line)| line.profit.known()?.to_f64()).unwrap_or(0.0) / nav
        };
        let start: Vec<f64> = book
            .positions
            .iter()
            .map(|position| position.weight + profit(position.part))
            .collect();
        // What stands still gains or loses by the shocks all the same.
        let others = found
            .lines
            .iter()
            .filter(|(part, _)| !book.positions.iter().any(|position| position.part == *part));
        let cash = 1.0 - book.weights().iter().sum::<f64>() + others.map(|(part, _)| profit(*part)).sum::<f64>();
        let value = cash + start.iter().sum::<f64>();
        if value > 0.0 {
            Ok(Self { start, cash })
        } else {
            Err(AppError::invalid(
                "the scenario leaves nothing that could live on to a horizon",
            ))
        }
    }
}

/// The start and the end of each step. Months are those of the calendar; days and weeks are spread evenly over them, so
/// that a month has 21 trading days.
fn dates(as_of: Date, plan: &HorizonPlan) -> Result<Vec<Date>> {
    let after = |months: u32| {
        as_of.checked_add(i64::from(months).months()).map_err(|_| {
            AppError::field(
                "months",
                format!("{months} months after {as_of} are out of the calendar"),
            )
        })
    };
    let days = match plan.step {
        HorizonStep::Monthly => return (0..=plan.months).map(after).collect(),
        HorizonStep::Weekly => step_days(plan),
        HorizonStep::Daily => 1,
    };
    let end = after(plan.months)?;
    let steps = (plan.months as usize * MONTH_DAYS / days).max(1);
    let span = f64::from(as_of.until(end).map_or(0, |span| span.get_days()));
    let date = |step: usize| {
        let passed = (span * step as f64 / steps as f64).round() as i64;
        as_of.saturating_add(passed.days())
    };
    Ok((0..=steps).map(date).collect())
}

fn step_days(plan: &HorizonPlan) -> usize {
    match plan.step {
        HorizonStep::Daily => 1,
        HorizonStep::Weekly => 5,
        HorizonStep::Monthly => MONTH_DAYS,
    }
}

fn settings(plan: &HorizonPlan, dates: &[Date], nav: f64) -> HorizonSettings {
    let rule = match plan.rebalance {
        Rebalancing::Never | Rebalancing::Band => RebalanceRule::Never,
        Rebalancing::Monthly => RebalanceRule::Monthly,
        Rebalancing::Quarterly => RebalanceRule::Quarterly,
        Rebalancing::Yearly => RebalanceRule::Yearly,
    };
    let share = |amount: &Decimal| amount.to_f64().unwrap_or(0.0) / nav;
    let flows = plan.flow.as_ref().map(|flow| FlowRule {
        flow: StepFlow {
            amount: flow.amount.as_ref().map_or(0.0, share),
            share: flow.percent.unwrap_or(0.0) / 100.0,
        },
        months: match flow.every {
            FlowPeriod::Month => 1,
            FlowPeriod::Quarter => 3,
            FlowPeriod::Year => 12,
        },
        inflation: flow.inflation_percent / 100.0,
    });
    HorizonSettings {
        simulation: Simulation {
            distribution: match plan.distribution {
                HorizonDistribution::Normal => SimulatedDistribution::Normal,
                HorizonDistribution::TCopula => SimulatedDistribution::TCopula,
                HorizonDistribution::BlockBootstrap => SimulatedDistribution::BlockBootstrap,
            },
            paths: plan.paths as usize,
            seed: plan.seed,
            block: plan.block_days,
            degrees_of_freedom: plan.degrees_of_freedom,
        },
        steps: dates.len().saturating_sub(1),
        step_days: step_days(plan),
        drift: match plan.mean {
            HorizonMean::Sample => Drift::Sample,
            HorizonMean::Zero => Drift::Zero,
            HorizonMean::Given => Drift::Yearly(plan.mean_percent.unwrap_or(0.0) / 100.0),
        },
        cash_yearly: plan.cash_percent / 100.0,
        rebalances: rebalance_schedule(dates, rule),
        band: plan.band_percent.map(|width| width / 100.0),
        flows: flows.map_or_else(Vec::new, |rule| flow_schedule(dates, &rule)),
        cost: plan.cost_bp / 1e4,
        goal: plan.goal.as_ref().map(share),
    }
}

/// What the mean of the window makes of the book in a year, its weights held.
fn yearly(book: &RiskBook) -> Option<f64> {
    let daily = weighted_daily(&book.weights(), &book.columns()).ok()?;
    let mean = daily.iter().sum::<f64>() / daily.len().max(1) as f64;
    Some((1.0 + mean).powf(OBSERVATIONS_A_YEAR) - 1.0)
}

fn notes(plan: &HorizonPlan, book: &RiskBook, found: &Parts<'_>) -> Vec<String> {
    let drawn = match plan.distribution {
        HorizonDistribution::Normal => "joint normal logarithmic returns".to_owned(),
        HorizonDistribution::TCopula => "past days of each holding, bound together by a t copula".to_owned(),
        HorizonDistribution::BlockBootstrap => format!("blocks of {} past days", plan.block_days),
    };
    let window = match (book.days.first(), book.days.last()) {
        (Some(from), Some(until)) => format!("{} daily returns from {from} to {until}", book.days.len()),
        _ => "nothing, as nothing held moves".to_owned(),
    };
    let mut notes = vec![format!(
        "{} paths of seed {}, drawn from {drawn}, made from {window}",
        apex_format::count(u64::from(plan.paths)),
        plan.seed
    )];
    notes.push(match plan.mean {
        HorizonMean::Sample => format!(
            "Prices grow on average as they did in the window, dividends left out: the book of today by {} a year",
            apex_format::percent(yearly(book), 1)
        ),
        HorizonMean::Zero => "No holding is expected to gain or lose".to_owned(),
        HorizonMean::Given => format!(
            "Every holding is expected to grow by {}% a year",
            plan.mean_percent.unwrap_or(0.0)
        ),
    });
    notes.push(format!(
        "Weights {}; trading costs {} bp of the amount; cash earns {}% a year; a year has 252 trading days",
        match plan.rebalance {
            Rebalancing::Never => "drift".to_owned(),
            Rebalancing::Monthly => "go back to those of today each month".to_owned(),
            Rebalancing::Quarterly => "go back to those of today each quarter".to_owned(),
            Rebalancing::Yearly => "go back to those of today each year".to_owned(),
            Rebalancing::Band => format!(
                "go back to those of today when one is {}% of the book away from its own",
                plan.band_percent.unwrap_or(0.0)
            ),
        },
        plan.cost_bp,
        plan.cash_percent
    ));
    if plan.flow.is_some() {
        notes.push("Flows are paid at the end of a step, in proportion to what is held then".to_owned());
    }
    if found
        .lines
        .iter()
        .any(|(_, line)| line.profit.known().is_some_and(|profit| !profit.is_zero()))
    {
        notes.push("Paths start from what the scenario leaves; weights go back to those from before it".to_owned());
    }
    notes
}
