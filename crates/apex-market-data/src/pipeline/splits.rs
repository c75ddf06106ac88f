//! Splits put to the vote, and sources brought to the splits that were settled.
//!
//! A split that is true moves prices as traded by its ratio on its day, so a source of such prices is a witness. Who lists a
//! split speaks for it; one of the same ratio within a month, or another on the same day, speaks against: vendors list
//! splits twice. A split that is in doubt is held back: then neither quantities nor prices are touched by it.

mod unlisted;
mod witness;

use std::collections::BTreeMap;

use apex_domain::{Date, Decimal, Ratio};

use super::basis::Factors;
use super::finding::{NamedCell, name};
use super::publish::PublishedSplit;
use super::run::Source;
use super::{Finding, FindingCell, FindingState, Intake};
use crate::repair::statistics::confidence;
use crate::repair::{Kind, SURE};
use crate::series::Field;
use unlisted::unlisted;
use witness::{Witness, evidence};

/// Log odds that a listed split is true, and what a further source that lists it adds.
const LISTED: f64 = 6.0;
const LISTED_TOO: f64 = 3.0;
/// Log odds of one that stands beside a likelier one of the same ratio, or on the same day.
const BESIDE: f64 = -1.0;
/// The most that prices count for or against.
const PRICES_MAX: f64 = 6.0;
/// Days within which splits of the same ratio are one that is listed twice, and of any ratio are of one day.
const TWICE_DAYS: i32 = 31;
const SAME_DAYS: i32 = 3;

/// A split that someone lists.
#[derive(Debug, Clone)]
struct Candidate {
    date: Date,
    ratio: Ratio,
    /// Who lists it, by their place.
    by: Vec<usize>,
    /// Log odds by the prices.
    evidence: f64,
}

/// Returns the splits that may be trusted, by day.
pub(super) fn vote(sources: &[Source], intake: &Intake, findings: &mut Vec<Finding>) -> Vec<PublishedSplit> {
    let mut listed: BTreeMap<(Date, Ratio), Vec<usize>> = BTreeMap::new();
    for (place, source) in sources.iter().enumerate() {
        for split in &source.splits {
            listed.entry(*split).or_default().push(place);
        }
    }
    if intake.subject.is_rate() {
        return Vec::new();
    }
    let witnesses: Vec<Witness> = sources.iter().filter_map(Witness::of).collect();
    let candidates: Vec<Candidate> = listed
        .into_iter()
        .map(|((date, ratio), by)| Candidate {
            date,
            ratio,
            by,
            evidence: evidence(&witnesses, date, ratio),
        })
        .collect();
    let mut settled = Vec::new();
    for candidate in &candidates {
        let beside = candidates
            .iter()
            .any(|other| other.rivals(candidate) && other.is_likelier(candidate));
        let prior = match beside {
            true => BESIDE,
            false => LISTED + LISTED_TOO * (candidate.by.len() as f64 - 1.0),
        };
        let sure = confidence(prior + candidate.evidence);
        let provider = candidate
            .by
            .first()
            .and_then(|place| sources.get(*place))
            .map(|source| source.provider);
        let Some(provider) = provider else { continue };
        if sure < SURE {
            let finding = finding(candidate, provider, 1.0 - sure, beside, intake);
            let kept = finding.state == FindingState::Kept;
            findings.push(finding);
            if !kept {
                continue;
            }
        }
        settled.push(PublishedSplit {
            ex_date: candidate.date,
            ratio: candidate.ratio,
            provider,
        });
    }
    let missed = unlisted(&witnesses, &settled, intake, findings);
    settled.extend(missed);
    settled.sort_by_key(|split| (split.ex_date, split.ratio));
    settled
}

impl Candidate {
    /// Returns whether both can hardly be true.
    fn rivals(&self, other: &Self) -> bool {
        let apart = (self.date - other.date).get_days().abs();
        let same = self.date == other.date && self.ratio == other.ratio;
        !same && (apart <= SAME_DAYS || self.ratio == other.ratio && apart <= TWICE_DAYS)
    }

    fn is_likelier(&self, other: &Self) -> bool {
        let rank = |one: &Self| (one.evidence, one.by.len(), std::cmp::Reverse(one.by.first().copied()));
        let (own, others) = (rank(self), rank(other));
        match own.0.total_cmp(&others.0) {
            // Prices that are as likely either way do not decide.
            std::cmp::Ordering::Equal => (own.1, own.2, other.date) > (others.1, others.2, self.date),
            order => order.is_gt(),
        }
    }
}

fn finding(candidate: &Candidate, provider: crate::Provider, sure: f64, beside: bool, intake: &Intake) -> Finding {
    let ratio = candidate.ratio;
    let value = Decimal::from(ratio.numerator()).checked_div(ratio.denominator().into());
    let text = ratio.to_string();
    let cell = NamedCell {
        date: candidate.date,
        what: &text,
        value: None,
    };
    let id = name(provider, Kind::SplitPhantom, [cell]);
    let prices = match candidate.evidence {
        evidence if evidence < -1.0 => "prices did not move by it",
        evidence if evidence > 1.0 => "prices moved by about as much",
        _ => "prices do not tell",
    };
    let reason = match beside {
        true => format!(
            "the split {text} of {} stands beside a likelier one, and {prices}",
            candidate.date
        ),
        false => format!("{provider} lists a split {text} on {}, but {prices}", candidate.date),
    };
    Finding {
        state: FindingState::of(intake.decisions.get(&id).copied(), sure >= SURE),
        id,
        provider,
        kind: Kind::SplitPhantom,
        from: candidate.date,
        until: candidate.date,
        reason,
        confidence: sure,
        cells: vec![FindingCell {
            date: candidate.date,
            field: Field::StockSplits,
            before: value,
            after: None,
        }],
        cell_count: 1,
    }
}

/// Brings a source of split-adjusted prices from its own list of splits to the settled one. Its prices were taken back to as
/// traded by its own list; where that was wrong, so are they.
pub(super) fn rebase(source: &mut Source, settled: &Factors, until: Date) {
    if !source.provider.is_split_adjusted() {
        return;
    }
    let own = Factors::of(&source.splits, Some(until));
    if own == *settled {
        return;
    }
    let noise = source.provider.noise();
    for (date, figures) in &mut source.bars {
        let (own, settled) = (own.at(*date), settled.at(*date));
        let Some(factor) = own.to(settled).filter(|factor| !factor.is_one()) else {
            continue;
        };
        for price in [
            &mut figures.open,
            &mut figures.high,
            &mut figures.low,
            &mut figures.close,
        ] {
            *price = price.and_then(|price| factor.raw_price(price, noise));
        }
        figures.volume = figures.volume.and_then(|volume| factor.raw_volume(volume));
    }
}
