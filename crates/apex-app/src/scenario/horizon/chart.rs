//! The pictures of a simulation: the fan, and where it ends.

use apex_analytics::scenario::horizon::{Horizon, LEVELS};
use apex_analytics::series::histogram::histogram;
use apex_wire::chart::{Axis, ChartData, HistogramData, LineData, LineSeries, Mark, Tone, Unit, day_number};
use apex_wire::scenario::horizon::HorizonPlan;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::error::Result;
use crate::fold::PortfolioFold;

/// Bins of the distribution at the horizon, and the part of all paths that it leaves out at each end.
const BINS: usize = 48;
const TAIL: f64 = 0.005;
/// The hues of the bands and of the line of a goal.
const BANDS: u8 = 0;
const GOAL: u8 = 3;

fn value_axis(fold: &PortfolioFold) -> Axis {
    let currency = fold.currency().to_string();
    Axis::new("Value", Unit::Money { currency })
}

/// The fan: bands of the quantiles by date, and the goal.
pub(super) fn fan(fold: &PortfolioFold, plan: &HorizonPlan, dates: &[Date], horizon: &Horizon, nav: f64) -> ChartData {
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

/// How values at the horizon are distributed, with the value of today, the median and the goal marked.
pub(super) fn distribution(fold: &PortfolioFold, plan: &HorizonPlan, horizon: &Horizon, nav: f64) -> Result<ChartData> {
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
