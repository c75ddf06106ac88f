//! Finds what is wrong with a series of prices and proposes what it should be.
//!
//! Each detector is a pure function of the series that answers with [`Proposal`]s: cells before and after, the kind of
//! fault, a reason in a sentence and a confidence. A sure proposal is applied, any other waits for a person. Detectors run
//! in a fixed order, again and again until none is sure of anything more, so that repairing twice changes nothing. No
//! detector knows a symbol. The rules follow what the best public cleaners do (yfinance's `repair`, described, not copied);
//! the decisions are likelihoods, with heavy tails, of what the prices did.

mod dividends;
mod gains;
mod invariants;
mod missing;
mod proposal;
mod scale;
mod splits;
pub(crate) mod statistics;
pub(crate) mod units;
mod volume;

use std::collections::BTreeSet;

use crate::series::Series;

pub use proposal::{Change, Kind, Proposal, Rescale, SURE};

/// What is known about a series besides its numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The currency or sub-unit that prices are meant to be in, such as `USD`, `GBp` or `KWF`.
    ///
    /// It says how many sub-units make a unit, nothing else: which of two units is the right one is told by the latest
    /// prices.
    pub currency: Option<String>,
}

impl Settings {
    /// Returns how many sub-units make a unit: 1000 for dinars and rials of three decimals, else 100.
    pub fn sub_units(&self) -> f64 {
        const THOUSANDS: [&str; 10] = ["KWD", "KWF", "BHD", "OMR", "JOD", "TND", "IQD", "LYD", "BHF", "OMB"];
        match &self.currency {
            Some(currency) if THOUSANDS.iter().any(|one| one.eq_ignore_ascii_case(currency)) => 1000.0,
            _ => 100.0,
        }
    }
}

/// A series as it should be, and everything that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// The series with all sure proposals applied.
    pub series: Series,
    /// What was applied, in this order.
    pub applied: Vec<Proposal>,
    /// What waits for a person: changes to `series`.
    pub waiting: Vec<Proposal>,
    /// The rows that a sure proposal touched, in order.
    pub touched: Vec<usize>,
}

type Detector = fn(&Series, &Settings) -> Vec<Proposal>;

/// Units before splits and splits before dividends, as each measures by the prices; dividends before missing bars, which
/// are rebuilt from the factors between a close and its adjusted close; what may only be doubted comes last.
const DETECTORS: [Detector; 7] = [
    units::units,
    splits::splits,
    gains::gains,
    dividends::dividends,
    missing::missing,
    volume::volume,
    invariants::invariants,
];

/// More rounds than any series needs: a round fixes all that can be told apart in it.
const ROUNDS: usize = 8;

/// What becomes of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is applied.
    Apply,
    /// It waits for a person.
    Wait,
    /// The figures stay, since a person or another source says that they are right.
    Refuse,
    /// The prices of the bars it touches are taken out; what was paid is, where it touches payments only.
    LeaveOut,
}

/// Repairs a series: what is sure is applied.
pub fn repair(series: &Series, settings: &Settings) -> Repaired {
    let decide = |proposal: &Proposal| match proposal.is_sure() {
        true => Verdict::Apply,
        false => Verdict::Wait,
    };
    repair_by(series, settings, decide).repaired
}

/// A repaired series, and what was decided otherwise than by its own confidence.
pub(crate) struct RepairedBy {
    pub(crate) repaired: Repaired,
    pub(crate) refused: Vec<Proposal>,
    pub(crate) left_out: Vec<Proposal>,
}

/// Repairs a series as `decide` says of each proposal. It is asked again about what waits, in every round.
pub(crate) fn repair_by(
    series: &Series,
    settings: &Settings,
    mut decide: impl FnMut(&Proposal) -> Verdict,
) -> RepairedBy {
    let (mut refused, mut left_out) = (Vec::new(), Vec::new());
    let mut repaired = Repaired {
        series: series.clone(),
        applied: Vec::new(),
        waiting: Vec::new(),
        touched: Vec::new(),
    };
    let mut touched = BTreeSet::new();
    for _ in 0..ROUNDS {
        let done = repaired.applied.len() + left_out.len();
        repaired.waiting.clear();
        refused.clear();
        for detector in DETECTORS {
            for mut proposal in detector(&repaired.series, settings) {
                proposal.changes.retain(|change| change.before != change.after);
                if proposal.is_idle() {
                    continue;
                }
                match decide(&proposal) {
                    Verdict::Apply => {
                        touched.extend(proposal.apply(&mut repaired.series));
                        repaired.applied.push(proposal);
                    }
                    Verdict::Wait => repaired.waiting.push(proposal),
                    Verdict::Refuse => refused.push(proposal),
                    Verdict::LeaveOut => {
                        proposal.clear(&mut repaired.series);
                        left_out.push(proposal);
                    }
                }
            }
        }
        if repaired.applied.len() + left_out.len() == done {
            break;
        }
    }
    repaired.touched = touched.into_iter().collect();
    RepairedBy {
        repaired,
        refused,
        left_out,
    }
}
