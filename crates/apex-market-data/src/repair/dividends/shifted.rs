//! A dividend on another day than prices fell by it: an ex-date that is off by days or weeks.

use super::super::statistics::{shares, surprise};
use super::super::{Change, Kind, Proposal, Rescale};
use super::event::{Event, Tape};
use super::explanation::Class;
use crate::series::{Cell, Field, Series};

/// Bars on either side of the day among which the true one is looked for.
const REACH: usize = 15;
/// A smaller dividend, in standard deviations of a day's change, leaves no mark that could be recognized.
const MARK_MIN: f64 = 4.0;
/// Negative log of how often a day is wrong, and of how many days it could be.
const RARITY: f64 = 5.0 + 3.4;

/// Where a dividend belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    /// The row of the event.
    pub(super) from: usize,
    /// The row it belongs to.
    pub(super) to: usize,
    /// The close before that row.
    price: f64,
    /// By what share prices fell there.
    fall: f64,
    pub(super) confidence: f64,
}

/// Returns the events that belong to other days: nothing happened on theirs, and near it prices fell by just the amount.
pub(super) fn shifts(events: &[Event], tape: &Tape, units: f64) -> Vec<Shift> {
    let taken: Vec<usize> = events.iter().map(|event| event.row).collect();
    events
        .iter()
        .filter(|event| Class::of(event, units) == Class::Consistent && event.split == 1.0)
        .filter(|event| event.stated >= MARK_MIN * event.scatter)
        .filter_map(|event| {
            let here = event.fall?;
            let days = tape.around(event.row, REACH).into_iter();
            let cost = |share: f64, fall: f64| surprise((fall - share) / event.scatter);
            let best = days
                .filter(|day| !taken.contains(&day.row))
                .map(|day| (cost(event.amount / day.price, day.fall) - cost(0.0, day.fall), day))
                .min_by(|one, other| one.0.total_cmp(&other.0))?;
            let shares = shares(&[cost(event.stated, here), cost(0.0, here) + best.0 + RARITY]);
            (shares[1] > 0.5).then_some(Shift {
                from: event.row,
                to: best.1.row,
                price: best.1.price,
                fall: best.1.fall,
                confidence: shares[1],
            })
        })
        .collect()
}

/// Proposes to move a dividend, and what that makes of adjusted closes.
pub(super) fn proposal(series: &Series, event: &Event, shift: &Shift) -> Proposal {
    let cell = |row: usize, field| series.cell(row, field).cloned().unwrap_or_else(Cell::missing);
    let mut changes = vec![
        Change {
            row: shift.from,
            field: Field::Dividends,
            before: cell(shift.from, Field::Dividends),
            after: Cell::computed(0.0),
        },
        Change {
            row: shift.to,
            field: Field::Dividends,
            before: cell(shift.to, Field::Dividends),
            after: cell(shift.from, Field::Dividends),
        },
    ];
    let old = 1.0 - event.applied.unwrap_or(event.stated);
    let new = 1.0 - event.amount / shift.price;
    // Between the two days the dividend is now taken where it was not, or no longer.
    let (between, factor) = match shift.to > shift.from {
        true => (shift.from..shift.to, new),
        false => (shift.to..shift.from, 1.0 / old),
    };
    let first = between.start;
    changes.extend(between.filter_map(|row| {
        let before = series.cell(row, Field::AdjustedClose)?;
        before.number()?;
        Some(Change {
            row,
            field: Field::AdjustedClose,
            before: before.clone(),
            after: before.times(factor),
        })
    }));
    let rescale = first.checked_sub(1).map(|last| Rescale {
        field: Field::AdjustedClose,
        first: 0,
        last,
        factor: new / old,
    });
    let day = series
        .stamps()
        .get(shift.to)
        .map(|stamp| stamp.date.to_string())
        .unwrap_or_default();
    Proposal {
        kind: Kind::DividendDate,
        changes,
        rescale,
        reason: format!(
            "the dividend of {}, {}, is {:.2} % of the close before, which prices fell by on {day} ({:.2} %) and not on its day",
            event.date,
            event.amount,
            event.stated * 100.0,
            shift.fall * 100.0,
        ),
        confidence: shift.confidence,
    }
}
