//! Prices in another unit of the currency: pence among pounds, for one cell, some days, or all days before one.
//!
//! Each of the four prices is walked through on its own (see `scale`), so that a wrong close beside a right open is found
//! too. A change is measured in standard deviations of the changes below half the ratio, within Tukey's fences; what is left
//! of it at both edges of a block must be a change that prices make. The confidence is that of the path with the block
//! against the same path without it, the least of the four prices'.

use std::collections::BTreeMap;

use super::scale::{Block, Walk};
use super::statistics::{confidence, scatter};
use super::{Change, Kind, Proposal, Settings};
use crate::series::{Cell, Field, Series};

/// Negative log of how often a unit switches between two bars: once in some twenty thousand.
const SWITCH: f64 = 10.0;
/// The smallest standard deviation of a bar's change, for prices that hardly ever move.
pub(crate) const SCATTER_MIN: f64 = 0.005;
/// The most that a change across the edge of a repaired block may be, beside what the prices do anyway.
const EDGE_MAX: f64 = 0.25;
/// A switch with fewer bars after it may be a fault of those bars.
const TAIL_MIN: usize = 3;

/// Where a block of rows lies, and whether they are too large or too small.
type Place = (usize, usize, i8);

/// Finds prices in another unit.
pub(super) fn units(series: &Series, settings: &Settings) -> Vec<Proposal> {
    let ratio = settings.sub_units();
    // A split of about the same ratio explains such prices better, and moves the volume too.
    let split = (0..series.len()).map(|row| series.event(row, Field::StockSplits));
    if split
        .filter(|split| *split > 0.0)
        .any(|split| (split.ln().abs() - ratio.ln()).abs() < EDGE_MAX)
    {
        return Vec::new();
    }
    let mut places: BTreeMap<Place, (Vec<Field>, f64)> = BTreeMap::new();
    for field in Field::PRICES {
        for (place, evidence) in blocks(series, field, ratio.ln()) {
            let found = places.entry(place).or_insert((Vec::new(), f64::INFINITY));
            found.0.push(field);
            found.1 = found.1.min(evidence);
        }
    }
    places
        .into_iter()
        .map(|(place, (fields, evidence))| proposal(series, place, &fields, evidence, ratio))
        .collect()
}

fn blocks(series: &Series, field: Field, ratio: f64) -> Vec<(Place, f64)> {
    let rows: Vec<usize> = (0..series.len())
        .filter(|row| series.price(*row, field).is_some())
        .collect();
    let levels: Vec<f64> = rows
        .iter()
        .filter_map(|row| series.price(*row, field))
        .map(f64::ln)
        .collect();
    let changes = levels.windows(2).map(|pair| pair[1] - pair[0]);
    let scatter = scatter(changes.filter(|change| change.abs() < ratio / 2.0), SCATTER_MIN);
    let walk = Walk {
        paid: vec![0.0; rows.len()],
        begin: vec![SWITCH; rows.len()],
        end: vec![SWITCH; rows.len()],
        open: vec![true; rows.len()],
        levels,
        ratio,
        scatter,
    };
    let mut blocks = walk.blocks();
    blocks.retain(|block| block.edge <= EDGE_MAX.max(5.0 * scatter));
    turned(&mut blocks, rows.len());
    blocks
        .into_iter()
        .map(|block| ((rows[block.first], rows[block.last], block.state), block.evidence))
        .collect()
}

/// Where only the last one or two bars disagree with a long history, they are the likelier fault; too few to be sure.
fn turned(blocks: &mut [Block], rows: usize) {
    let Some(block) = blocks.last_mut() else { return };
    let tail = rows - 1 - block.last;
    let length = block.last + 1 - block.first;
    if tail < TAIL_MIN && length > 4 * tail.max(1) && block.first == 0 {
        *block = Block {
            first: block.last + 1,
            last: rows - 1,
            state: -block.state,
            // As likely as not that a new unit has begun.
            evidence: 0.0,
            edge: block.edge,
        };
    }
}

fn proposal(series: &Series, place: Place, fields: &[Field], evidence: f64, ratio: f64) -> Proposal {
    let (first, last, state) = place;
    let factor = if state > 0 { 1.0 / ratio } else { ratio };
    let mut changes = Vec::new();
    for row in first..=last {
        let mut bar: BTreeMap<Field, Cell> = BTreeMap::new();
        for field in fields {
            if let Some(cell) = series.cell(row, *field).filter(|cell| cell.number().is_some()) {
                bar.insert(*field, cell.times(factor));
            }
        }
        if fields.contains(&Field::Close)
            && adjusted_too(series, row, (first, last), factor)
            && let Some(cell) = series.cell(row, Field::AdjustedClose)
        {
            bar.insert(Field::AdjustedClose, cell.times(factor));
        }
        // Prices that are all wrong by one ratio are in the right order already, or were never.
        if fields.len() < Field::PRICES.len() {
            clamp(series, row, &mut bar);
        }
        changes.extend(bar.into_iter().filter_map(|(field, after)| {
            let before = series.cell(row, field)?.clone();
            Some(Change {
                row,
                field,
                before,
                after,
            })
        }));
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    let side = if state > 0 { "times" } else { "divided by" };
    let reason = format!(
        "{} {} are the prices around them {side} {ratio}: another unit of the currency",
        names.join(", "),
        span(series, first, last),
    );
    Proposal {
        kind: Kind::Unit,
        changes,
        rescale: None,
        reason,
        confidence: confidence(evidence),
    }
}

/// Returns `of 2024-07-29` or `from 2024-07-29 to 2024-08-05`.
pub(super) fn span(series: &Series, first: usize, last: usize) -> String {
    let stamps = series.stamps();
    match (stamps.get(first), stamps.get(last)) {
        (Some(first), Some(last)) if first != last => format!("from {first} to {last}"),
        (Some(first), _) => format!("of {first}"),
        _ => String::new(),
    }
}

/// Returns whether the adjusted close of a row is wrong by the same factor as its close.
///
/// The adjusted close is the close times a factor that only changes with what is paid out; so the nearest row outside the
/// block tells which of the two, scaled or not, goes on.
pub(super) fn adjusted_too(series: &Series, row: usize, block: (usize, usize), factor: f64) -> bool {
    let share = |row: usize| Some((series.number(row, Field::AdjustedClose)? / series.price(row, Field::Close)?).abs());
    let outside = (block.1 + 1..series.len())
        .chain((0..block.0).rev())
        .find_map(|row| share(row).filter(|share| *share > 0.0));
    match (share(row), outside) {
        (Some(own), Some(outside)) if own > 0.0 => {
            let along = (own / outside).ln().abs();
            let apart = (own / factor / outside).ln().abs();
            along <= apart
        }
        _ => true,
    }
}

/// A high or low that was scaled may be off by the last digits, or have been cut: it encloses open and close.
fn clamp(series: &Series, row: usize, bar: &mut BTreeMap<Field, Cell>) {
    let now = |bar: &BTreeMap<Field, Cell>, field| match bar.get(&field) {
        Some(cell) => Some(cell.clone()),
        None => series.cell(row, field).cloned(),
    };
    for (field, sign) in [(Field::High, 1.0), (Field::Low, -1.0)] {
        let Some(mut cell) = bar.get(&field).cloned() else {
            continue;
        };
        for other in [Field::Open, Field::Close] {
            let Some(other) = now(bar, other) else { continue };
            if let (Some(own), Some(value)) = (cell.number(), other.number())
                && (value - own) * sign > 0.0
            {
                cell = other;
            }
        }
        bar.insert(field, cell);
    }
}
