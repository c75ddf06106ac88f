//! The stages of judging, in their order.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Date, Ratio};

use super::basis::Factors;
use super::day::Days;
use super::source::{self, Examined, Others, price};
use super::{Figures, Finding, Intake, Judged, LeftOut, Payment, dividends, sessions, splits, vote};
use crate::record::Provider;

/// One source on its way through the stages: days in order, each once, none after the last completed session.
pub(super) struct Source {
    pub(super) provider: Provider,
    pub(super) bars: Vec<(Date, Figures)>,
    pub(super) splits: Vec<(Date, Ratio)>,
    pub(super) dividends: Vec<Payment>,
    pub(super) gains: Vec<Payment>,
}

/// No source has prices of days before this one; a date that is earlier is none.
pub(super) const FIRST_DAY: Date = Date::constant(1900, 1, 1);

pub(super) fn judge(intake: &Intake) -> Judged {
    let days = Days::of(&intake.subject);
    let mut findings: Vec<Finding> = Vec::new();
    let mut sources = collected(intake);
    let first = sources.iter().filter_map(|source| Some(source.bars.first()?.0)).min();
    let known: BTreeSet<Date> = dates(&sources);
    let mut left_out = BTreeMap::new();
    for source in &mut sources {
        let out = sessions::check(source, days, intake, &mut findings);
        left_out.extend(out.into_iter().map(|(date, why)| ((date, source.provider), why)));
    }
    let settled = splits::vote(&sources, intake, &mut findings);
    let effective: Vec<(Date, Ratio)> = settled
        .iter()
        .filter(|split| split.ex_date <= intake.until)
        .map(|split| (split.ex_date, split.ratio))
        .collect();
    let factors = Factors::of(&effective, None);
    for source in &mut sources {
        splits::rebase(source, &factors, intake.until);
    }
    let examined = examine(&sources, &effective, &factors, intake);
    let payments = dividends::vote(&sources, &examined, intake, &mut findings);
    for one in &examined {
        left_out.extend(one.left_out.iter().map(|(date, why)| ((*date, one.provider), *why)));
    }
    let voted = vote::vote(&examined, &factors, days, intake, &mut findings);
    left_out.extend(voted.left_out.into_iter().map(|day| (day, LeftOut::Decided)));
    left_out.retain(|(date, _), _| !voted.days.contains_key(date));
    findings.extend(examined.into_iter().flat_map(|one| one.findings));
    findings.sort_by(|one, other| {
        let key = |finding: &Finding| (finding.from, finding.until, finding.provider, finding.kind);
        key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
    });
    // Two stages may come upon one fault.
    findings.dedup_by(|one, other| one.id == other.id);
    let gaps = first.map_or_else(Vec::new, |first| {
        let sessions = days.sessions(first, intake.until);
        let missing = sessions.filter(|day| !known.contains(day));
        missing.collect()
    });
    Judged {
        days: voted.days,
        waiting: voted.waiting,
        left_out,
        splits: settled,
        dividends: payments.dividends,
        gains: payments.gains,
        findings,
        gaps,
    }
}

fn dates(sources: &[Source]) -> BTreeSet<Date> {
    sources
        .iter()
        .flat_map(|source| source.bars.iter().map(|(date, _)| *date))
        .collect()
}

/// The sources with each day once, in order: the later of two bars counts. A bar without any price is none.
fn collected(intake: &Intake) -> Vec<Source> {
    let rate = intake.subject.is_rate();
    let collected = intake.sources.iter().map(|said| {
        let bars: BTreeMap<Date, Figures> = said
            .bars
            .iter()
            .filter(|(date, _)| (FIRST_DAY..=intake.until).contains(date))
            .map(|(date, figures)| (*date, *figures))
            .collect();
        let is_bar = |figures: &Figures| {
            let prices = [figures.open, figures.high, figures.low, figures.close];
            prices.iter().any(Option::is_some)
        };
        let sorted = |payments: &[Payment]| {
            let mut payments = if rate { Vec::new() } else { payments.to_vec() };
            payments.retain(|payment| payment.amount > apex_domain::Decimal::ZERO);
            payments.sort_by_key(|payment| (payment.ex_date, payment.amount, payment.currency, payment.pay_date));
            payments.dedup_by_key(|payment| (payment.ex_date, payment.amount, payment.currency));
            payments
        };
        let mut splits = if rate { Vec::new() } else { said.splits.clone() };
        splits.retain(|(_, ratio)| ratio.numerator() != ratio.denominator());
        splits.sort_unstable();
        splits.dedup();
        Source {
            provider: said.provider,
            bars: bars.into_iter().filter(|(_, figures)| is_bar(figures)).collect(),
            splits,
            dividends: sorted(&said.dividends),
            gains: sorted(&said.gains),
        }
    });
    collected.collect()
}

/// Lets the detectors look at each source alone, and then again, knowing what the untouched days of the others say.
fn examine(sources: &[Source], splits: &[(Date, Ratio)], factors: &Factors, intake: &Intake) -> Vec<Examined> {
    let alone: Vec<Examined> = sources
        .iter()
        .map(|source| source::examine(source, splits, factors, intake, &Others::default()))
        .collect();
    if sources.len() < 2 || alone.iter().all(|one| !one.has_price_proposals) {
        return alone;
    }
    let mut examined = Vec::with_capacity(alone.len());
    for (number, source) in sources.iter().enumerate() {
        if !alone[number].has_price_proposals {
            continue;
        }
        let mut others = Others::default();
        for other in (0..sources.len()).filter(|other| *other != number) {
            for (date, close) in alone[other].untouched() {
                others.untouched.entry(date).or_default().push(close);
            }
            for (date, figures) in &sources[other].bars {
                others.said.entry(*date).or_default().extend(price(figures.close));
            }
        }
        examined.push((number, source::examine(source, splits, factors, intake, &others)));
    }
    let mut alone = alone;
    for (number, again) in examined {
        alone[number] = again;
    }
    alone
}
