//! Dividends that are wrong, or that adjusted closes take wrongly. Daily bars only: a week hides when prices fell.
//!
//! A dividend of a share `d` of the close before it lowers every earlier adjusted close by `a`, which should be the same
//! share; and prices fall by about that share on its day. Events whose `a` stands to `d` in the same way and whose amounts
//! are alike are judged together, since one day's fall is lost in what prices do anyway and ten are not: every explanation
//! costs the surprise of the falls it leaves, how unusual such a yield is, how far the amount is from the others, and how
//! rare that fault is. The shares of their likelihoods are the confidence.

mod duplicates;
mod event;
mod shifted;
mod truth;

use super::{Change, Kind, Proposal, Rescale, Settings};
use crate::series::{Cell, Field, Interval, Series};

pub(super) use event::{Event, events, factor, tape};
use truth::{Class, Truth, Verdict, verdicts};

/// Finds what is wrong with dividends.
pub(super) fn dividends(series: &Series, settings: &Settings) -> Vec<Proposal> {
    if series.interval() != Interval::Day {
        return Vec::new();
    }
    // What funds pay out as gains is judged with them.
    let events: Vec<Event> = events(series).into_iter().filter(|event| event.gains == 0.0).collect();
    let units = settings.sub_units();
    let phantoms = duplicates::duplicates(&events, units);
    let kept: Vec<Event> = events
        .iter()
        .filter(|event| !phantoms.iter().any(|(row, _)| *row == event.row))
        .cloned()
        .collect();
    let shifts = shifted::shifts(&kept, &tape(series), units);
    let mut verdicts: Vec<(Event, Verdict)> = verdicts(&kept, units);
    for event in &events {
        if let Some((_, confidence)) = phantoms.iter().find(|(row, _)| *row == event.row) {
            let verdict = Verdict {
                truth: Truth::Nothing,
                class: Class::of(event, units),
                duplicate: true,
                confidence: *confidence,
            };
            verdicts.push((event.clone(), verdict));
        }
    }
    // From the last to the first: each adjusted close is measured against those after it.
    verdicts.sort_by_key(|(event, _)| std::cmp::Reverse(event.row));
    let mut working = series.clone();
    let mut proposals = Vec::new();
    for (event, verdict) in verdicts {
        let proposal = match shifts.iter().find(|shift| shift.from == event.row) {
            Some(shift) => shifted::proposal(&working, &event, shift),
            None => proposal(&working, &event, &verdict, units),
        };
        if proposal.is_idle() {
            continue;
        }
        if proposal.is_sure() {
            proposal.apply(&mut working);
        }
        proposals.push(proposal);
    }
    proposals
}

fn proposal(series: &Series, event: &Event, verdict: &Verdict, units: f64) -> Proposal {
    let mut changes = Vec::new();
    let before = series
        .cell(event.row, Field::Dividends)
        .cloned()
        .unwrap_or_else(Cell::missing);
    let after = match (verdict.truth, verdict.class) {
        (Truth::Stated, _) => before.clone(),
        (Truth::Applied, Class::Fraction) => before.times(1.0 / units),
        (Truth::Applied, Class::Multiple) => before.times(units),
        (Truth::Applied, Class::Split) => before.times(1.0 / event.split),
        (Truth::Applied, Class::Consistent) => before.clone(),
        (Truth::Applied, _) => Cell::computed(event.applied.unwrap_or_default() * event.price),
        (Truth::Divided, _) => before.times(1.0 / units),
        (Truth::Multiplied, _) => before.times(units),
        (Truth::Nothing, _) => Cell::computed(0.0),
    };
    let amount = after.number() != before.number();
    if amount {
        changes.push(Change {
            row: event.row,
            field: Field::Dividends,
            before,
            after,
        });
    }
    let share = match verdict.class {
        // The source's own factor is as exact as its closes; dividing rounded numbers again would be less so.
        Class::Consistent if verdict.truth == Truth::Stated => event.applied.unwrap_or(event.stated),
        _ => verdict.truth.share(event, units).unwrap_or(event.stated),
    };
    let (rescale, rebuilt) = readjusted(series, event, share);
    let adjusted = rescale.is_some() || !rebuilt.is_empty();
    changes.extend(rebuilt);
    let kind = match verdict.truth {
        Truth::Nothing if verdict.duplicate => Kind::DividendDuplicate,
        Truth::Nothing => Kind::DividendPhantom,
        _ if amount => Kind::DividendAmount,
        _ => Kind::DividendAdjustment,
    };
    Proposal {
        kind,
        reason: if amount || adjusted {
            verdict.reason(event, units)
        } else {
            String::new()
        },
        changes,
        rescale,
        confidence: verdict.confidence,
    }
}

/// Returns what makes the adjusted closes before `row` lower by `share`: a factor for those that are numbers, and new cells
/// for those back to the event before that are none.
pub(super) fn readjusted(series: &Series, event: &Event, share: f64) -> (Option<Rescale>, Vec<Change>) {
    let Some(after) = factor(series, event.next) else {
        return (None, Vec::new());
    };
    let target = after * (1.0 - share);
    let rescale = factor(series, event.previous)
        .map(|before| target / before)
        .filter(|factor| factor.is_finite() && (factor - 1.0).abs() > 1e-6)
        .map(|factor| Rescale {
            field: Field::AdjustedClose,
            first: 0,
            last: event.row - 1,
            factor,
        });
    let mut rebuilt = Vec::new();
    if series
        .cell(event.previous, Field::AdjustedClose)
        .is_some_and(|cell| cell.number().is_none())
    {
        for row in event.before.unwrap_or(0)..event.row {
            let cells = (series.price(row, Field::Close), series.cell(row, Field::AdjustedClose));
            if let (Some(close), Some(before)) = cells {
                if before.number().is_none() {
                    rebuilt.push(Change {
                        row,
                        field: Field::AdjustedClose,
                        before: before.clone(),
                        after: Cell::computed(close * target),
                    });
                }
            }
        }
    }
    (rescale, rebuilt)
}
