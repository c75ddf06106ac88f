//! Steps of prices as a split makes them, of which nobody lists one.

use std::ops::Range;

use apex_domain::{Decimal, Ratio};

use super::super::finding::{NamedCell, name};
use super::super::publish::PublishedSplit;
use super::super::{Finding, FindingCell, FindingState, Intake};
use super::SAME_DAYS;
use super::witness::{Witness, number};
use crate::repair::{Kind, SURE};
use crate::series::Field;

/// Ratios that unlisted splits are looked for by: prices fall by a third on their own, and a hundred is left to the units.
const USUAL: [(u32, u32); 12] = [
    (2, 1),
    (3, 1),
    (4, 1),
    (5, 1),
    (6, 1),
    (7, 1),
    (8, 1),
    (10, 1),
    (15, 1),
    (20, 1),
    (30, 1),
    (50, 1),
];
/// Standard deviations of a day's change that such a step is at least, and how far it may be from the ratio: one of them,
/// or two percent.
const UNLISTED_DEVIATIONS: f64 = 12.0;
const UNLISTED_ROOM: f64 = 0.02;
/// Sessions before the step on which prices stood where it began, and after it on which they stay where it led: a single
/// wrong day steps up and down again.
const STAYED: usize = 5;
/// How sure it is: a fall by half may be a fall by half.
const UNLISTED: f64 = 0.6;

/// Finds steps of prices as traded that are just those of a split that nobody lists, and returns those a person took.
pub(super) fn unlisted(
    witnesses: &[Witness],
    settled: &[PublishedSplit],
    intake: &Intake,
    findings: &mut Vec<Finding>,
) -> Vec<PublishedSplit> {
    let mut taken = Vec::new();
    // The most trusted witness speaks; one that has the day and shows no such step contradicts it.
    let Some(first) = witnesses.first() else { return taken };
    for (row, (date, before, middle)) in first.days.iter().enumerate() {
        let change = (middle / before).ln();
        if change.abs() < (UNLISTED_DEVIATIONS * first.scatter).max(f64::ln(1.45)) {
            continue;
        }
        let near = |split: &PublishedSplit| (split.ex_date - *date).get_days().abs() <= SAME_DAYS + 1;
        let Some(ratio) = first.ratio_of(change).filter(|_| !settled.iter().any(near)) else {
            continue;
        };
        let others = witnesses
            .iter()
            .skip(1)
            .filter_map(|witness| witness.evidence(*date, number(ratio)));
        if !first.stays(row, *middle) || !first.stood(row, *before) || others.into_iter().any(|evidence| evidence < 0.0)
        {
            continue;
        }
        let text = ratio.to_string();
        let cell = NamedCell {
            date: *date,
            what: &text,
            value: None,
        };
        let id = name(first.provider, Kind::SplitUnlisted, [cell]);
        let state = FindingState::of(intake.decisions.get(&id).copied(), UNLISTED >= SURE);
        if state == FindingState::Taken {
            taken.push(PublishedSplit {
                ex_date: *date,
                ratio,
                provider: first.provider,
            });
        }
        findings.push(Finding {
            id,
            provider: first.provider,
            kind: Kind::SplitUnlisted,
            from: *date,
            until: *date,
            reason: format!("prices moved on {date} as a split {text} moves them, and no source lists one"),
            confidence: UNLISTED,
            state,
            cells: vec![FindingCell {
                date: *date,
                field: Field::StockSplits,
                before: None,
                after: Decimal::from(ratio.numerator()).checked_div(ratio.denominator().into()),
            }],
            cell_count: 1,
        });
    }
    taken
}

impl Witness {
    /// Returns the usual ratio that a change is the step of.
    fn ratio_of(&self, change: f64) -> Option<Ratio> {
        let room = self.scatter.max(UNLISTED_ROOM);
        let ratios = USUAL.iter().filter_map(|(new, old)| Ratio::new(*new, *old));
        let both = ratios.flat_map(|ratio| [ratio, ratio.inverse()]);
        let off = |ratio: &Ratio| (change + number(*ratio).ln()).abs();
        both.filter(|ratio| off(ratio) <= room)
            .min_by(|one, other| off(one).total_cmp(&off(other)))
    }

    /// Returns whether prices stay near where a day led them.
    fn stays(&self, row: usize, middle: f64) -> bool {
        self.are_near(row + 1..row + 1 + STAYED, middle)
    }

    /// Returns whether prices stood near where they were before a day.
    fn stood(&self, row: usize, before: f64) -> bool {
        row.checked_sub(STAYED)
            .is_some_and(|first| self.are_near(first..row, before))
    }

    fn are_near(&self, rows: Range<usize>, level: f64) -> bool {
        let days = self.days.get(rows).unwrap_or_default();
        let is_near = |middle: &f64| (middle / level).ln().abs() <= STAYED as f64 * self.scatter;
        !days.is_empty() && days.iter().all(|(_, _, middle)| is_near(middle))
    }
}
