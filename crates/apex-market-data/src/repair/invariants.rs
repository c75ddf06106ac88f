//! Bars whose high is below, or whose low is above, another of their prices.
//!
//! One of the prices is wrong, and the bar alone does not tell which: widening the bar is proposed, never done unasked.

use super::{Change, Kind, Proposal, Settings};
use crate::series::{Cell, Field, Series};

/// Prices of single precision differ by as much without being different.
const ROUNDING: f64 = 1e-6;

/// Finds bars that no trades can have made.
pub(super) fn invariants(series: &Series, _: &Settings) -> Vec<Proposal> {
    let mut changes = Vec::new();
    for row in 0..series.len() {
        for (field, sign) in [(Field::High, 1.0), (Field::Low, -1.0)] {
            let Some(own) = series.price(row, field) else { continue };
            let outermost: Option<(f64, &Cell)> = Field::PRICES
                .iter()
                .filter_map(|field| Some((series.price(row, *field)?, series.cell(row, *field)?)))
                .max_by(|one, other| (one.0 * sign).total_cmp(&(other.0 * sign)));
            if let (Some((value, cell)), Some(before)) = (outermost, series.cell(row, field))
                && (value - own) * sign > ROUNDING * own
            {
                changes.push(Change {
                    row,
                    field,
                    before: before.clone(),
                    after: cell.clone(),
                });
            }
        }
    }
    if changes.is_empty() {
        return Vec::new();
    }
    vec![Proposal {
        kind: Kind::Invariant,
        reason: "high and low do not enclose open and close; the bar alone does not tell which price is wrong"
            .to_owned(),
        changes,
        rescale: None,
        confidence: 0.5,
    }]
}
