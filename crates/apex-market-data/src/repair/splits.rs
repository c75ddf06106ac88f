//! Prices that a split was not applied to, or twice.
//!
//! For every split, the prices up to a week after it are walked through with its ratio (see `scale`). A bar's level is the
//! mean log of its four prices, which one wrong price moves by a quarter at most; a change is measured in standard
//! deviations of all changes within Tukey's fences, net of what was paid. A ratio within five of them, or below five to
//! four, is left alone: prices do as much on their own. A fault is likely to end near its split, and may begin anywhere
//! before. The confidence is that of the path with the fault against the same path without it.

use super::scale::{Block, Walk};
use super::statistics::{confidence, scatter};
use super::units::{SCATTER_MIN, adjusted_too, span};
use super::{Change, Kind, Proposal, Settings};
use crate::series::{Field, Series};

/// A split of a smaller ratio than five to four hides in what prices do anyway.
const RATIO_MIN: f64 = 1.25;
/// Days after a split in which prices may still be as before it.
const LATE_DAYS: i32 = 7;
/// Days around a split in which a fault of its adjustment is likely to begin or end.
const NEAR_DAYS: i32 = 14;
/// Negative log of how often such a fault begins or ends near a split: once in a hundred.
const SWITCH_NEAR: f64 = 4.5;
/// The same of one that ends far from a split: once in a million, since prices have halved by themselves before.
const END_FAR: f64 = 14.0;
/// Of one that ends somewhere, negative log of how often it begins with a given bar far from the split: one in a thousand.
const BEGIN_FAR: f64 = 7.0;

/// Finds prices that a split was not applied to, or twice.
pub(super) fn splits(series: &Series, _: &Settings) -> Vec<Proposal> {
    (0..series.len())
        .rev()
        .filter(|row| {
            let ratio = series.event(*row, Field::StockSplits);
            ratio > 0.0 && ratio.ln().abs() > RATIO_MIN.ln()
        })
        .flat_map(|row| of_split(series, row))
        .collect()
}

fn of_split(series: &Series, split: usize) -> Vec<Proposal> {
    let ratio = series.event(split, Field::StockSplits);
    let rows: Vec<usize> = (0..series.len()).filter(|row| level(series, *row).is_some()).collect();
    let levels: Vec<f64> = rows.iter().filter_map(|row| level(series, *row)).collect();
    let changes: Vec<f64> = levels.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let scatter = scatter(changes, SCATTER_MIN);
    if ratio.ln().abs() <= 5.0 * scatter {
        return Vec::new();
    }
    let days = |row: usize| match (series.stamps().get(row), series.stamps().get(split)) {
        (Some(stamp), Some(split)) => (stamp.date - split.date).get_days(),
        _ => i32::MAX,
    };
    let near = |far: f64| {
        let cost = |row: &usize| match days(*row).abs() <= NEAR_DAYS {
            true => SWITCH_NEAR,
            false => far,
        };
        rows.iter().map(cost).collect()
    };
    let walk = Walk {
        paid: rows.iter().map(|row| series.event(*row, Field::Dividends)).collect(),
        begin: near(BEGIN_FAR),
        end: near(END_FAR),
        open: rows.iter().map(|row| days(*row) <= LATE_DAYS).collect(),
        levels,
        ratio: ratio.ln(),
        scatter,
    };
    let blocks = walk.blocks();
    blocks
        .iter()
        .map(|block| proposal(series, split, &rows, block))
        .collect()
}

/// The mean of the logs of the four prices.
fn level(series: &Series, row: usize) -> Option<f64> {
    let logs: Vec<f64> = Field::PRICES
        .iter()
        .filter_map(|field| series.price(row, *field))
        .map(f64::ln)
        .collect();
    series.price(row, Field::Close)?;
    Some(logs.iter().sum::<f64>() / logs.len() as f64)
}

fn proposal(series: &Series, split: usize, rows: &[usize], block: &Block) -> Proposal {
    let ratio = series.event(split, Field::StockSplits);
    let (first, last) = (rows[block.first], rows[block.last]);
    let (price, volume) = match block.state > 0 {
        true => (1.0 / ratio, ratio),
        false => (ratio, 1.0 / ratio),
    };
    let mut changes = Vec::new();
    for row in first..=last {
        for field in Field::ALL {
            let Some(before) = series.cell(row, field).filter(|cell| cell.number().is_some()).cloned() else {
                continue;
            };
            let after = match field {
                Field::Open | Field::High | Field::Low | Field::Close => before.times(price),
                Field::AdjustedClose if adjusted_too(series, row, (first, last), price) => before.times(price),
                Field::Volume if before.number() != Some(0.0) => before.times(volume).rounded_as(&before),
                _ => continue,
            };
            changes.push(Change {
                row,
                field,
                before,
                after,
            });
        }
    }
    let day = series
        .stamps()
        .get(split)
        .map(|stamp| stamp.date.to_string())
        .unwrap_or_default();
    let how = if block.state > 0 {
        "was not applied to"
    } else {
        "was applied twice to"
    };
    Proposal {
        kind: Kind::Split,
        changes,
        rescale: None,
        reason: format!(
            "the split of {day}, {ratio} new for 1 old, {how} the bars {}",
            span(series, first, last)
        ),
        confidence: confidence(block.evidence),
    }
}
