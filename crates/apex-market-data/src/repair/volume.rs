//! Volumes that cannot be: below zero, or none although prices moved within the bar.

use super::{Change, Kind, Proposal, Settings};
use crate::series::{Cell, Field, Series};

/// A change of the close that no bar without a trade makes.
const CHANGE: f64 = 0.05;

/// Finds volumes that cannot be; what they were nobody knows, so they should be missing.
pub(super) fn volume(series: &Series, _: &Settings) -> Vec<Proposal> {
    let volumes = (0..series.len()).filter_map(|row| series.number(row, Field::Volume));
    let (idle, all) = volumes.fold((0, 0), |(idle, all), volume| {
        (idle + usize::from(volume == 0.0), all + 1)
    });
    let mut proposals = Vec::new();
    let negative = changes(series, |row| {
        series.number(row, Field::Volume).is_some_and(|volume| volume < 0.0)
    });
    proposals.extend(proposal(negative, "a volume is below zero", 1.0));
    // Funds have no volume, and exchanges report none for some of their bars.
    if 2 * idle < all {
        let moved = changes(series, |row| {
            series.number(row, Field::Volume) == Some(0.0) && moved(series, row)
        });
        proposals.extend(proposal(moved, "prices moved in a bar without a volume", 0.6));
    }
    proposals
}

fn moved(series: &Series, row: usize) -> bool {
    let price = |row, field| series.price(row, field);
    let within = matches!((price(row, Field::High), price(row, Field::Low)), (Some(high), Some(low)) if high != low);
    let before = (0..row).rev().find_map(|row| price(row, Field::Close));
    let since = match (before, price(row, Field::Close)) {
        (Some(before), Some(now)) => (now / before - 1.0).abs() > CHANGE,
        _ => false,
    };
    within || since
}

fn changes(series: &Series, wrong: impl Fn(usize) -> bool) -> Vec<Change> {
    (0..series.len())
        .filter(|row| wrong(*row))
        .filter_map(|row| {
            Some(Change {
                row,
                field: Field::Volume,
                before: series.cell(row, Field::Volume)?.clone(),
                after: Cell::missing(),
            })
        })
        .collect()
}

fn proposal(changes: Vec<Change>, reason: &str, confidence: f64) -> Option<Proposal> {
    (!changes.is_empty()).then(|| Proposal {
        kind: Kind::Volume,
        changes,
        rescale: None,
        reason: reason.to_owned(),
        confidence,
    })
}
