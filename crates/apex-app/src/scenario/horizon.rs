//! The book of a day simulated to a horizon: first the scenario's shocks, then path after path.
//!
//! Holdings that have no history in the window stand still and are named; so does cash but for what it earns.

use apex_analytics::rebalance::RebalanceRule;
use apex_analytics::returns::weighted_daily;
use apex_analytics::scenario::horizon::{
    Drift, FlowRule, Horizon, HorizonBook, HorizonSettings, LEVELS, StepFlow, YEAR_DAYS, flow_schedule,
    rebalance_schedule, simulate,
};
use apex_analytics::series::histogram::histogram;
use apex_analytics::var::simulation::{SimulatedDistribution, Simulation};
use apex_wire::chart::{Axis, ChartData, HistogramData, LineData, LineSeries, Mark, Tone, Unit, day_number};
use apex_wire::scenario::Scenario;
use apex_wire::scenario::horizon::{
    FlowPeriod, HorizonDistribution, HorizonMean, HorizonPlan, HorizonPoint, HorizonRun, HorizonStep, Rebalancing,
};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::answer::{self, Parts};
use super::finite;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::job::Job;
use crate::risk::{Part, RiskBook, of_nav};

/// The longest horizon: fifty years.
const MONTHS_MAX: u32 = 600;
/// The largest seed that a page can hold.
const SEED_MAX: u64 = (1 << 53) - 1;
const PATHS_MIN: u32 = 100;
const PATHS_MAX: u32 = 1_000_000;
/// Trading days of a month.
const MONTH_DAYS: usize = 21;
/// Bins of the distribution at the horizon, and the part of all paths that it leaves out at each end.
const BINS: usize = 48;
const TAIL: f64 = 0.005;
/// The hues of the bands and of the line of a goal.
const BANDS: u8 = 0;
const GOAL: u8 = 3;

/// Refuses plans that cannot be simulated, naming the field.
pub(super) fn check(plan: &HorizonPlan) -> Result<()> {
    if !(1..=MONTHS_MAX).contains(&plan.months) {
        let sentence = format!("{} months are no horizon; choose 1 to {MONTHS_MAX}", plan.months);
        return Err(AppError::field("months", sentence));
    }
    if !(PATHS_MIN..=PATHS_MAX).contains(&plan.paths) {
        let sentence = format!("{} paths are not between {PATHS_MIN} and {PATHS_MAX}", plan.paths);
        return Err(AppError::field("paths", sentence));
    }
    if plan.seed > SEED_MAX {
        return Err(AppError::field("seed", format!("{} is above {SEED_MAX}", plan.seed)));
    }
    let growth = |field: &'static str, percent: f64| {
        finite(field, percent)?;
        if percent <= -100.0 {
            let sentence = format!("{percent} is not above -100: nothing is left to go on with");
            return Err(AppError::field(field, sentence));
        }
        Ok(())
    };
    growth("cash_percent", plan.cash_percent)?;
    match (plan.mean, plan.mean_percent) {
        (HorizonMean::Given, None) => {
            return Err(AppError::field("mean_percent", "a given mean needs its percent a year"));
        }
        (HorizonMean::Given, Some(percent)) => growth("mean_percent", percent)?,
        (_, Some(percent)) => {
            let sentence = format!("{percent} is not used unless the mean is given");
            return Err(AppError::field("mean_percent", sentence));
        }
        (_, None) => {}
    }
    match (plan.rebalance, plan.band_percent) {
        (Rebalancing::Band, Some(width)) if (0.0..=100.0).contains(&width) => {}
        (Rebalancing::Band, _) => {
            return Err(AppError::field(
                "band_percent",
                "a band needs its width, from 0 to 100 percent",
            ));
        }
        (_, Some(width)) => {
            let sentence = format!("{width} is not used unless weights are held in a band");
            return Err(AppError::field("band_percent", sentence));
        }
        (_, None) => {}
    }
    if !(plan.cost_bp.is_finite() && (0.0..10_000.0).contains(&plan.cost_bp)) {
        let sentence = format!("{} basis points are not from 0 to below 10000", plan.cost_bp);
        return Err(AppError::field("cost_bp", sentence));
    }
    if let Some(flow) = &plan.flow {
        growth("inflation_percent", flow.inflation_percent)?;
        if flow.amount.is_none() && flow.percent.is_none() {
            return Err(AppError::field("flow", "a flow needs an amount or a percent"));
        }
        if let Some(percent) = flow.percent
            && !(percent.is_finite() && percent.abs() <= 100.0)
        {
            let sentence = format!("{percent} is not between -100 and 100 percent of the book");
            return Err(AppError::field("percent", sentence));
        }
    }
    Ok(())
}

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
        fan: fan(fold, &plan, &dates, &horizon, nav),
        distribution: distribution(fold, &plan, &horizon, nav)?,
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

fn value_axis(fold: &PortfolioFold) -> Axis {
    let currency = fold.currency().to_string();
    Axis::new("Value", Unit::Money { currency })
}

fn fan(fold: &PortfolioFold, plan: &HorizonPlan, dates: &[Date], horizon: &Horizon, nav: f64) -> ChartData {
    let x: Vec<f64> = dates.iter().map(|date| day_number(*date)).collect();
    let mut series: Vec<LineSeries> = LEVELS
        .iter()
        .enumerate()
        .map(|(at, level)| LineSeries {
            name: format!("{}%", (level * 100.0).round()),
            hue: Some(BANDS),
            x: x.clone(),
            y: horizon.quantiles.iter().map(|row| Some(row[at] * nav)).collect(),
        })
        .collect();
    if let Some(goal) = plan.goal.and_then(|goal| goal.to_f64()) {
        series.push(LineSeries {
            name: "Goal".to_owned(),
            hue: Some(GOAL),
            y: vec![Some(goal); x.len()],
            x,
        });
    }
    ChartData::Fan(LineData {
        title: "Value to the horizon".to_owned(),
        x: Axis::date(),
        y: value_axis(fold),
        series,
        marks: Vec::new(),
        ribbons: Vec::new(),
    })
}

fn distribution(fold: &PortfolioFold, plan: &HorizonPlan, horizon: &Horizon, nav: f64) -> Result<ChartData> {
    // A few paths far out would leave the rest no room; their number is in the quantiles.
    let cut = (horizon.finals.len() as f64 * TAIL) as usize;
    let middle = horizon.finals.get(cut..horizon.finals.len() - cut).unwrap_or_default();
    let values: Vec<f64> = middle.iter().map(|value| value * nav).collect();
    let counted = histogram(&values, BINS)?;
    let mark = |x: f64, label: &str, tone: Tone| Mark {
        x,
        label: label.to_owned(),
        tone,
    };
    let goal = plan.goal.and_then(|goal| goal.to_f64());
    let median = horizon.quantiles.last().map(|row| row[LEVELS.len() / 2] * nav);
    let marks = [
        Some(mark(nav, "Today", Tone::Neutral)),
        median.map(|median| mark(median, "Median", Tone::Gain)),
        goal.map(|goal| mark(goal, "Goal", Tone::Warning)),
    ];
    Ok(ChartData::Histogram(HistogramData {
        title: "Value at the horizon, the middle 99% of paths".to_owned(),
        value: value_axis(fold),
        edges: counted.edges,
        counts: counted.counts.into_iter().map(|count| count as u64).collect(),
        marks: marks.into_iter().flatten().collect(),
    }))
}

/// What the mean of the window makes of the book in a year, its weights held.
fn yearly(book: &RiskBook) -> Option<f64> {
    let daily = weighted_daily(&book.weights(), &book.columns()).ok()?;
    let mean = daily.iter().sum::<f64>() / daily.len().max(1) as f64;
    Some((1.0 + mean).powf(YEAR_DAYS) - 1.0)
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
