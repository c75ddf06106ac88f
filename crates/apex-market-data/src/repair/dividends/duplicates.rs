//! One dividend that stands there twice within a week, the second time perhaps in another unit.

use super::super::statistics::{agree, median, shares};
use super::event::Event;
use super::truth::surprise_of;

/// Days within which a payment is not repeated.
const DAYS: i32 = 7;
/// Amounts of one payment differ by no more than rounding and a day's exchange rate.
const SAME: f64 = 0.03;
/// Negative log of how often two like payments so close are both real.
const BOTH: f64 = 6.0;

/// Which of two days it is hangs on the falls of those two days alone, which is too little to believe at face value: so
/// much of the evidence counts.
const TRUST: f64 = 0.8;

/// Returns the rows of the events that were not paid, and how sure that is.
pub(super) fn duplicates(events: &[Event], units: f64) -> Vec<(usize, f64)> {
    let days = |one: &Event, other: &Event| (other.date - one.date).get_days();
    let spacing = median(events.windows(2).map(|pair| f64::from(days(&pair[0], &pair[1]))));
    let usual = median(events.iter().map(|event| event.amount)).unwrap_or_default();
    let mut found: Vec<(usize, f64)> = Vec::new();
    for pair in events.windows(2) {
        let [first, second] = pair else { continue };
        let apart = f64::from(days(first, second));
        // A fund that pays every week repeats itself without a fault.
        let regular = events.len() > 2 && spacing.is_some_and(|spacing| apart > spacing / 4.0);
        let ratio = first.amount / second.amount;
        let same = [1.0, units, 1.0 / units].iter().any(|one| agree(ratio, *one, SAME));
        if apart > f64::from(DAYS) || regular || !same || found.iter().any(|(row, _)| *row == first.row) {
            continue;
        }
        let costs = [
            surprise_of(first, 0.0) + surprise_of(second, real(second, units)) + odd(second, usual) - superseded(first),
            surprise_of(second, 0.0) + surprise_of(first, real(first, units)) + odd(first, usual) + 1.0 - taken(second),
            surprise_of(first, real(first, units)) + surprise_of(second, real(second, units)) + BOTH,
        ];
        let shares = shares(&costs);
        let once = shares[0] + shares[1];
        if once <= shares[2] {
            continue;
        }
        let (one, other) = (shares[0].powf(TRUST), shares[1].powf(TRUST));
        match one >= other {
            true => found.push((first.row, once * one / (one + other))),
            false => found.push((second.row, once * other / (one + other))),
        }
    }
    found
}

/// What the event paid if it was paid: the amount, in the unit in which it can have been.
fn real(event: &Event, units: f64) -> f64 {
    match event.stated < 0.5 {
        true => event.stated,
        false => event.stated / units,
    }
}

/// What it costs to keep an event whose amount cannot be, or is far from the others.
fn odd(event: &Event, usual: f64) -> f64 {
    let impossible = if event.stated >= 0.5 { 4.0 } else { 0.0 };
    let far = if (event.amount / usual).ln().abs() > 10_f64.ln() {
        3.0
    } else {
        0.0
    };
    impossible + far
}

/// An announcement is superseded by a later one, not by an earlier; the more so if adjusted closes do not take it.
fn superseded(event: &Event) -> f64 {
    taken(event)
}

fn taken(event: &Event) -> f64 {
    match event.applied {
        Some(applied) if applied.abs() < 0.003 * event.stated.min(1.0) => 3.0,
        _ => 0.0,
    }
}
