//! Prices of zero, infinite or missing, and bars without any; rebuilt from their own bar, else from their neighbors.
//!
//! A price of zero is surely wrong, so it never stays: it is rebuilt where the bar or both neighbors say enough, else it
//! becomes missing. A missing price is honest already, so filling it waits for a person. No finer bars are known here.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::dividends::{factor, tape};
use super::statistics::{agree, scatter};
use super::{Change, Kind, Proposal, Settings};
use crate::series::{Cell, Field, Series};

/// How sure a price is that its own bar bounds, and one between two neighbors that hardly differ.
const FROM_BAR: f64 = 0.92;
const FROM_NEIGHBORS: f64 = 0.9;
/// How sure it is that a zero is no price.
const NO_PRICE: f64 = 1.0;
/// How sure a price is that fills a gap.
const FILLED: f64 = 0.5;

/// Finds prices that are none.
pub(super) fn missing(series: &Series, _: &Settings) -> Vec<Proposal> {
    let broken = broken_days(series);
    let scatter = scatter(changes(series), 0.005);
    let mut proposals = Vec::new();
    let mut gaps = Vec::new();
    for row in 0..series.len() {
        if series
            .stamps()
            .get(row)
            .is_some_and(|stamp| broken.contains(&stamp.date))
        {
            continue;
        }
        let bad: Vec<Field> = Field::PRICES
            .into_iter()
            .filter(|field| is_bad(series, row, *field))
            .collect();
        let zero = bad.iter().any(|field| !is_missing(series, row, *field));
        let present = Field::PRICES.into_iter().filter(|field| series.has(*field)).count();
        if bad.is_empty() {
            proposals.extend(adjusted(series, row));
        } else if zero {
            proposals.push(match bad.len() == present {
                true => whole_bar(series, row, &bad, scatter),
                false => part_of_bar(series, row, &bad),
            });
        } else {
            gaps.extend(filled(series, row, &bad));
        }
    }
    if !gaps.is_empty() {
        proposals.push(Proposal {
            kind: Kind::Missing,
            changes: gaps,
            rescale: None,
            reason: "prices are missing; the close before is the last that is known".to_owned(),
            confidence: FILLED,
        });
    }
    proposals
}

fn is_bad(series: &Series, row: usize, field: Field) -> bool {
    series.has(field) && series.price(row, field).is_none()
}

fn is_missing(series: &Series, row: usize, field: Field) -> bool {
    series.cell(row, field).is_some_and(Cell::is_missing)
}

fn changes(series: &Series) -> Vec<f64> {
    let closes: Vec<f64> = (0..series.len())
        .filter_map(|row| series.price(row, Field::Close))
        .collect();
    closes.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

/// Days of several bars, more than half of them without a price: nothing can be told from what is left.
fn broken_days(series: &Series) -> Vec<Date> {
    if !series.interval().is_intraday() {
        return Vec::new();
    }
    let mut days: BTreeMap<Date, (usize, usize)> = BTreeMap::new();
    for (row, stamp) in series.stamps().iter().enumerate() {
        let day = days.entry(stamp.date).or_default();
        day.0 += usize::from(is_bad(series, row, Field::Close));
        day.1 += 1;
    }
    days.into_iter()
        .filter(|(_, (bad, all))| 2 * bad > *all)
        .map(|(date, _)| date)
        .collect()
}

/// A bar without a price: between its neighbors where they hardly differ, else missing.
fn whole_bar(series: &Series, row: usize, bad: &[Field], scatter: f64) -> Proposal {
    let neighbor = |row: Option<usize>| series.price(row?, Field::Close);
    let between = match (neighbor(row.checked_sub(1)), neighbor(Some(row + 1))) {
        (Some(before), Some(after)) if (after / before).ln().abs() <= 3.0 * scatter => Some((before * after).sqrt()),
        _ => None,
    };
    let quiet = [Field::Dividends, Field::StockSplits, Field::CapitalGains]
        .iter()
        .all(|field| series.event(row, *field) == 0.0 && series.event(row + 1, *field) == 0.0);
    let price = between.filter(|_| quiet);
    let mut changes: Vec<Change> = bad
        .iter()
        .filter_map(|field| change(series, row, *field, price.map_or_else(Cell::missing, Cell::computed)))
        .collect();
    if is_bad(series, row, Field::AdjustedClose) {
        let adjusted = price.and_then(|price| Some(Cell::computed(price * factor(series, row + 1)?)));
        changes.extend(change(
            series,
            row,
            Field::AdjustedClose,
            adjusted.unwrap_or_else(Cell::missing),
        ));
    }
    let stamp = series.stamps().get(row).map(ToString::to_string).unwrap_or_default();
    Proposal {
        kind: Kind::Zero,
        changes,
        rescale: None,
        reason: match price {
            Some(_) => {
                format!("the bar of {stamp} has no price; the closes around it hardly differ, so it lies between")
            }
            None => format!("the bar of {stamp} has no price, and nothing around it tells what it was"),
        },
        confidence: if price.is_some() { FROM_NEIGHBORS } else { NO_PRICE },
    }
}

/// A bar with some prices: they bound the others.
fn part_of_bar(series: &Series, row: usize, bad: &[Field]) -> Proposal {
    let price = |field| series.price(row, field);
    let known: Vec<f64> = Field::PRICES.into_iter().filter_map(price).collect();
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(0.0, f64::max);
    let close = price(Field::Close)
        .or_else(|| Some(price(Field::AdjustedClose)? / outer_factor(series, row)?))
        .unwrap_or((low * high).sqrt())
        .clamp(low, high);
    let before = tape(series).before(row);
    let open = price(Field::Open).unwrap_or(before.map_or(close, |(_, close)| close).clamp(low, high));
    let mut changes: Vec<Change> = bad
        .iter()
        .filter_map(|field| {
            let after = match field {
                Field::Open => open,
                Field::High => open.max(close),
                Field::Low => open.min(close),
                _ => close,
            };
            change(series, row, *field, Cell::computed(after))
        })
        .collect();
    if is_bad(series, row, Field::AdjustedClose)
        && let Some(factor) = outer_factor(series, row)
    {
        changes.extend(change(
            series,
            row,
            Field::AdjustedClose,
            Cell::computed(close * factor),
        ));
    }
    let names: Vec<&str> = bad.iter().map(|field| field.name()).collect();
    let stamp = series.stamps().get(row).map(ToString::to_string).unwrap_or_default();
    Proposal {
        kind: Kind::Zero,
        changes,
        rescale: None,
        reason: format!(
            "{} of {stamp} is no price; the rest of the bar bounds it",
            names.join(", ")
        ),
        confidence: FROM_BAR,
    }
}

/// What would fill a gap: the rest of the bar, else the close before.
fn filled(series: &Series, row: usize, bad: &[Field]) -> Vec<Change> {
    let own = series.price(row, Field::Close);
    let before = (0..row).rev().find_map(|row| series.price(row, Field::Close));
    let follows = (row + 1..series.len()).any(|row| series.price(row, Field::Close).is_some());
    match own.or(before).filter(|_| follows || own.is_some()) {
        Some(price) => {
            let cells = bad
                .iter()
                .filter_map(|field| change(series, row, *field, Cell::computed(price)));
            cells.collect()
        }
        None => Vec::new(),
    }
}

/// An adjusted close that is none beside a close that is one, where the factor is the same on both sides.
fn adjusted(series: &Series, row: usize) -> Option<Proposal> {
    if !is_bad(series, row, Field::AdjustedClose) {
        return None;
    }
    let close = series.price(row, Field::Close)?;
    let factor = outer_factor(series, row)?;
    let zero = !is_missing(series, row, Field::AdjustedClose);
    Some(Proposal {
        kind: if zero { Kind::Zero } else { Kind::Missing },
        changes: vec![change(
            series,
            row,
            Field::AdjustedClose,
            Cell::computed(close * factor),
        )?],
        rescale: None,
        reason: "the adjusted close is no price; bars on both sides are adjusted by the same factor".to_owned(),
        confidence: FROM_BAR,
    })
}

/// The factor of the neighbors, if both have the same one.
fn outer_factor(series: &Series, row: usize) -> Option<f64> {
    let before = (0..row).rev().find_map(|row| factor(series, row))?;
    let after = (row + 1..series.len()).find_map(|row| factor(series, row))?;
    (after > 0.0 && agree(before, after, 1e-4)).then_some(after)
}

fn change(series: &Series, row: usize, field: Field, after: Cell) -> Option<Change> {
    let before = series.cell(row, field)?.clone();
    Some(Change {
        row,
        field,
        before,
        after,
    })
}
