//! The picture of a frontier: risk to the right, return upwards, a year.

use apex_wire::chart::{Axis, ChartData, ScatterData, ScatterPoint, ScatterSeries, Unit};
use apex_wire::optimizer::{OptimizedLine, PortfolioPoint};

/// Draws the frontier, the assets, the portfolio now and the one chosen. The first series is the frontier.
pub(super) fn frontier_chart(
    frontier: &[PortfolioPoint],
    lines: &[OptimizedLine],
    now: &PortfolioPoint,
    after: &PortfolioPoint,
) -> ChartData {
    let dot = |label: &str, point: &PortfolioPoint| ScatterPoint {
        x: point.volatility_year,
        y: point.mean_year,
        label: label.to_owned(),
    };
    let series = |name: &str, hue: u8, joined: bool, points: Vec<ScatterPoint>| ScatterSeries {
        name: name.to_owned(),
        hue: Some(hue),
        joined,
        named: !joined && points.len() <= 40,
        points,
    };
    let ranked = frontier.iter().enumerate();
    let ranked = ranked.map(|(at, point)| dot(&format!("Portfolio {} of {}", at + 1, frontier.len()), point));
    let assets = lines.iter().map(|line| ScatterPoint {
        x: line.volatility_year,
        y: line.mean_year,
        label: line.symbol.clone(),
    });
    let percent = Unit::Percent { decimals: 1 };
    ChartData::Scatter(ScatterData {
        title: "Efficient frontier".to_owned(),
        x: Axis::new("Volatility a year", percent.clone()),
        y: Axis::new("Mean a year", percent),
        series: vec![
            series("Frontier", 0, true, ranked.collect()),
            series("Assets", 7, false, assets.collect()),
            series("Now", 3, false, vec![dot("Now", now)]),
            series("Chosen", 1, false, vec![dot("Chosen", after)]),
        ],
    })
}
