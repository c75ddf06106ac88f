//! Dividends that are wrong, or that adjusted closes take wrongly. Daily bars only: a week hides when prices fell.
//!
//! A dividend of a share `d` of the close before it lowers every earlier adjusted close by `a`, which should be the same
//! share; and prices fall by about that share on its day. Events whose `a` stands to `d` in the same way and whose amounts
//! are alike are judged together, since one day's fall is lost in what prices do anyway and ten are not: every explanation
//! costs the surprise of the falls it leaves, how unusual such a yield is, how far the amount is from the others, and how
//! rare that fault is, less where the source has made it elsewhere. The shares of their likelihoods are the confidence.
//! Events between the same two closes, as in a stretch without prices, share one step of the adjusted closes.

mod duplicates;
mod event;
mod explanation;
mod shifted;
mod truth;

use super::{Change, Kind, Proposal, Rescale, Settings};
use crate::series::{Cell, Field, Interval, Series};

pub(super) use event::{Event, events, factor, tape};
use explanation::{Class, Truth};
use truth::{Verdict, verdicts};

/// An event and what is held to be true about it.
type Judged = (Event, Verdict);

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
    let mut verdicts: Vec<Judged> = verdicts(&kept, units);
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
    for (event, verdict) in &verdicts {
        let gap: Vec<&Judged> = verdicts.iter().filter(|(other, _)| other.next == event.next).collect();
        let proposal = match shifts.iter().find(|shift| shift.from == event.row) {
            Some(shift) => shifted::proposal(&working, event, shift),
            None => proposal(&working, event, verdict, &gap, units),
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

/// `gap` is every event between the same two closes, the event itself among them.
fn proposal(series: &Series, event: &Event, verdict: &Verdict, gap: &[&Judged], units: f64) -> Proposal {
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
    let mut confidence = verdict.confidence;
    let (mut rescale, mut rebuilt) = (None, Vec::new());
    if let Some(share) = taken(event, gap, units) {
        (rescale, rebuilt) = readjusted(series, event, share);
        confidence = gap.iter().map(|(_, verdict)| verdict.confidence).fold(1.0, f64::min);
    }
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
        confidence,
    }
}

/// Returns the share that adjusted closes should take for all events between two closes, if `event` is the first of them.
///
/// `None` for the others, since one step of the adjusted closes can only be set once.
fn taken(event: &Event, gap: &[&Judged], units: f64) -> Option<f64> {
    if gap.iter().any(|(other, _)| other.row < event.row) {
        return None;
    }
    // The source's own step is as exact as its closes; dividing rounded numbers again would be less so.
    let sound = |(_, verdict): &&Judged| (verdict.truth, verdict.class) == (Truth::Stated, Class::Consistent);
    if gap.iter().all(sound) {
        return None;
    }
    let left = |(event, verdict): &&Judged| 1.0 - verdict.truth.share(event, units).unwrap_or(event.stated);
    Some(1.0 - gap.iter().map(left).product::<f64>())
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
            if let (Some(close), Some(before)) = cells
                && before.number().is_none()
            {
                rebuilt.push(Change {
                    row,
                    field: Field::AdjustedClose,
                    before: before.clone(),
                    after: Cell::computed(close * target),
                });
            }
        }
    }
    (rescale, rebuilt)
}
