//! Payments put to the vote: the union of what the sources know, each payment once.
//!
//! Two sources that name the same day must name the same amount; where they do not, the payment waits unless a third
//! decides. The same amount within a week, known to one source on this day and to another on that, is one payment: the day
//! that more sources name counts, else the more trusted one's.

use std::collections::BTreeMap;

use apex_domain::{Currency, Date, Decimal};

use super::finding::{NamedCell, name};
use super::publish::PublishedDividend;
use super::run::Source;
use super::source::{Examined, ExaminedPayment};
use super::{Decision, Finding, FindingCell, FindingState, Intake, Payment};
use crate::repair::{Kind, SURE};
use crate::series::Field;

/// Amounts that differ by less are the same but for rounding: two percent.
const SAME: Decimal = Decimal::from_parts(2, 0, 0, false, 2);
/// Days within which one payment may be dated differently.
const NEAR_DAYS: i32 = 7;
/// How sure it is that a like amount within a week is the same payment, and that an outvoted amount is wrong.
const NEAR: f64 = 0.95;
const OUTVOTED: f64 = 0.95;

/// What may be trusted.
pub(super) struct Payments {
    pub(super) dividends: Vec<PublishedDividend>,
    pub(super) gains: Vec<PublishedDividend>,
}

/// What one source says was paid on a day, in one currency.
#[derive(Debug, Clone)]
struct Stated {
    source: usize,
    payments: Vec<ExaminedPayment>,
    total: Decimal,
}

/// What the sources say was paid on a day in one currency, the most trusted first.
type Day = Vec<Stated>;
type Days = BTreeMap<(Date, Option<Currency>), Day>;

pub(super) fn vote(
    sources: &[Source],
    examined: &[Examined],
    intake: &Intake,
    findings: &mut Vec<Finding>,
) -> Payments {
    let mut days: Days = BTreeMap::new();
    for (source, one) in examined.iter().enumerate() {
        for payment in &one.dividends {
            let day = days
                .entry((payment.payment.ex_date, payment.payment.currency))
                .or_default();
            match day.last_mut().filter(|stated| stated.source == source) {
                Some(stated) => {
                    stated.payments.push(*payment);
                    stated.total = stated.total.checked_add(payment.payment.amount).unwrap_or(stated.total);
                }
                None => day.push(Stated {
                    source,
                    payments: vec![*payment],
                    total: payment.payment.amount,
                }),
            }
        }
    }
    let voter = Voter { sources, intake };
    voter.join_near(&mut days, findings);
    let mut dividends: Vec<PublishedDividend> = Vec::new();
    for ((date, _), day) in &days {
        if let Some(stated) = voter.settle(*date, day, findings) {
            let own = voter.provider(stated.source);
            let paid = stated.payments.iter().filter(|one| !one.doubtful);
            dividends.extend(paid.map(|one| published(&one.payment, own, one.repaired, intake)));
        }
    }
    let mut gains: BTreeMap<(Date, Option<Currency>), Vec<PublishedDividend>> = BTreeMap::new();
    for source in sources {
        let mut own: BTreeMap<(Date, Option<Currency>), Vec<PublishedDividend>> = BTreeMap::new();
        for gain in &source.gains {
            let known = own.entry((gain.ex_date, gain.currency)).or_default();
            known.push(published(gain, source.provider, false, intake));
        }
        for (day, known) in own {
            gains.entry(day).or_insert(known);
        }
    }
    Payments {
        dividends,
        gains: gains.into_values().flatten().collect(),
    }
}

fn published(payment: &Payment, provider: crate::Provider, repaired: bool, intake: &Intake) -> PublishedDividend {
    PublishedDividend {
        ex_date: payment.ex_date,
        amount: payment.amount,
        currency: payment.currency.unwrap_or(intake.subject.currency),
        pay_date: payment.pay_date,
        provider,
        repaired,
    }
}

fn is_same(one: Decimal, other: Decimal) -> bool {
    let room = one.max(other).checked_mul(SAME).unwrap_or_default();
    (one - other).abs() <= room
}

struct Voter<'a> {
    sources: &'a [Source],
    intake: &'a Intake,
}

impl Voter<'_> {
    fn provider(&self, source: usize) -> crate::Provider {
        self.sources[source].provider
    }

    /// Takes out the days that are another day's payment, named by other sources.
    fn join_near(&self, days: &mut Days, findings: &mut Vec<Finding>) {
        let keys: Vec<(Date, Option<Currency>)> = days.keys().copied().collect();
        for (at, key) in keys.iter().enumerate() {
            for other in keys.iter().skip(at + 1) {
                let apart = (other.0 - key.0).get_days();
                if apart > NEAR_DAYS {
                    break;
                }
                let (Some(one), Some(two)) = (days.get(key), days.get(other)) else {
                    continue;
                };
                let shared = one
                    .iter()
                    .any(|stated| two.iter().any(|other| other.source == stated.source));
                let (Some(first), Some(second)) = (one.first(), two.first()) else {
                    continue;
                };
                if key.1 != other.1 || shared || !is_same(first.total, second.total) {
                    continue;
                }
                // More sources, else the more trusted.
                let first_counts = (one.len(), second.source) > (two.len(), first.source);
                let (kept, gone) = if first_counts { (*key, *other) } else { (*other, *key) };
                let Some(moved) = days.get(&gone).cloned() else {
                    continue;
                };
                let decisions: Vec<Option<Decision>> = moved
                    .iter()
                    .map(|stated| self.moved(stated, gone.0, kept.0, findings))
                    .collect();
                if !decisions.contains(&Some(Decision::Keep)) {
                    days.remove(&gone);
                }
            }
        }
    }

    /// Finds a payment that belongs to another day.
    fn moved(&self, stated: &Stated, from: Date, to: Date, findings: &mut Vec<Finding>) -> Option<Decision> {
        let provider = self.provider(stated.source);
        let cell = NamedCell {
            date: from,
            what: "day",
            value: Some(stated.total),
        };
        let id = name(provider, Kind::DividendDate, [cell]);
        let decision = self.intake.decisions.get(&id).copied();
        let cell = |date, before, after| FindingCell {
            date,
            field: Field::Dividends,
            before,
            after,
        };
        findings.push(Finding {
            id,
            provider,
            kind: Kind::DividendDate,
            from: from.min(to),
            until: from.max(to),
            reason: format!("{provider} dates the dividend of {to} on {from}"),
            confidence: NEAR,
            state: FindingState::of(decision, true),
            cells: vec![cell(from, Some(stated.total), None), cell(to, None, Some(stated.total))],
            cell_count: 2,
        });
        decision
    }

    /// Returns the source whose figures of a day count; `None` where they wait or are left out.
    fn settle<'d>(&self, date: Date, day: &'d Day, findings: &mut Vec<Finding>) -> Option<&'d Stated> {
        let sound: Vec<&Stated> = day
            .iter()
            .filter(|stated| stated.payments.iter().all(|payment| !payment.doubtful))
            .collect();
        let supporters = |one: &Stated| sound.iter().filter(|other| is_same(one.total, other.total)).count();
        let first = *sound.first()?;
        let (mut best, mut most) = (first, supporters(first));
        for one in &sound {
            if supporters(one) > most {
                (best, most) = (one, supporters(one));
            }
        }
        let odd: Vec<&&Stated> = sound.iter().filter(|one| !is_same(one.total, best.total)).collect();
        if odd.is_empty() {
            // An amount that needed no repair comes first.
            let untouched = sound
                .iter()
                .find(|one| one.payments.iter().all(|payment| !payment.repaired));
            return Some(untouched.copied().unwrap_or(best));
        }
        let is_sure = most > odd.len();
        let mut result = is_sure.then_some(best);
        for one in odd {
            let finding = self.contradicted(date, one, best, is_sure);
            match finding.state {
                FindingState::Kept => result = Some(one),
                FindingState::LeftOut => result = None,
                FindingState::Taken => result = Some(best),
                FindingState::Waiting | FindingState::Repaired => {}
            }
            findings.push(finding);
        }
        result
    }

    /// An amount that another source contradicts.
    fn contradicted(&self, date: Date, one: &Stated, best: &Stated, is_sure: bool) -> Finding {
        let (provider, other) = (self.provider(one.source), self.provider(best.source));
        let cell = |what, value| NamedCell { date, what, value };
        let id = name(
            provider,
            Kind::Disagreement,
            [cell("dividends", Some(one.total)), cell(other.name(), Some(best.total))],
        );
        let confidence = if is_sure { OUTVOTED } else { 0.5 };
        Finding {
            state: FindingState::of(self.intake.decisions.get(&id).copied(), confidence >= SURE),
            id,
            provider,
            kind: Kind::Disagreement,
            from: date,
            until: date,
            reason: format!(
                "{provider} has a dividend of {} on {date} and {other} has {}",
                one.total, best.total
            ),
            confidence,
            cells: vec![FindingCell {
                date,
                field: Field::Dividends,
                before: Some(one.total),
                after: Some(best.total),
            }],
            cell_count: 1,
        }
    }
}
