//! One source looked at by the detectors: its days and payments repaired, doubted or sound.
//!
//! The detectors see prices divided by the settled splits, so that a split missed or taken twice shows; what they propose is
//! taken back to as traded. Prices that are missing stay so: a gap is honest, and so is a day whose every price was zero.

mod back;
mod columns;
mod days;

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Date, Decimal, Ratio};
use rust_decimal::prelude::ToPrimitive;

use super::basis::Factors;
use super::finding::{CELLS_MAX, NamedCell, name};
use super::run::Source;
use super::{Decision, Figures, Finding, FindingCell, FindingState, Intake, LeftOut, Payment};
use crate::record::Provider;
use crate::repair::{Kind, Proposal, Repaired, RepairedBy, SURE, Settings, Verdict, repair_by};
use crate::series::Field;
use back::Back;
use columns::Columns;

/// How sure a proposal is that an untouched day of another source agrees with.
const CONFIRMED: f64 = 0.97;
/// The share of the days that another source has on which it must agree to settle a proposal.
const AGREE_SHARE: f64 = 0.9;
/// Closes of two sources that differ by less are the same: half a percent.
const SAME: f64 = 0.005;

/// A block of so few closes is short, and is in no other unit where it would still be so far from the closes around it:
/// eight percent, and so many standard deviations of a day's change.
const FEW: usize = 5;
const MISFIT: f64 = 0.08;
const MISFIT_DEVIATIONS: f64 = 6.0;

/// A day of a source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ExaminedDay {
    pub(super) date: Date,
    pub(super) figures: Figures,
    pub(super) repaired: bool,
    /// Whether a person must decide about it first.
    pub(super) doubtful: bool,
    /// Whether a person has.
    pub(super) decided: bool,
}

/// A payment of a source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ExaminedPayment {
    pub(super) payment: Payment,
    pub(super) repaired: bool,
    pub(super) doubtful: bool,
}

/// A source as it is after its faults were found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Examined {
    pub(super) provider: Provider,
    /// Days, in order.
    pub(super) days: Vec<ExaminedDay>,
    pub(super) dividends: Vec<ExaminedPayment>,
    pub(super) findings: Vec<Finding>,
    /// Days whose close is taken out for good.
    pub(super) left_out: Vec<(Date, LeftOut)>,
    /// Whether something was proposed that touches a price.
    pub(super) has_price_proposals: bool,
}

impl Examined {
    /// Returns the days nobody proposed to touch, with their closes.
    pub(super) fn untouched(&self) -> impl Iterator<Item = (Date, f64)> {
        let days = self.days.iter().filter(|day| !day.repaired && !day.doubtful);
        days.filter_map(|day| Some((day.date, day.figures.close?.to_f64()?)))
    }
}

/// What other sources say: closes by day.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Of days nobody proposed to touch.
    pub(super) untouched: BTreeMap<Date, Vec<f64>>,
    /// Of all days.
    pub(super) said: BTreeMap<Date, Vec<f64>>,
}

/// Examines a source.
pub(super) fn examine(
    source: &Source,
    splits: &[(Date, Ratio)],
    factors: &Factors,
    intake: &Intake,
    others: &Others,
) -> Examined {
    let columns = Columns::of(source, splits, factors);
    let settings = Settings {
        currency: Some(intake.subject.currency.code().to_owned()),
    };
    let examiner = Examiner {
        source,
        back: Back::new(source, splits, factors, &columns, settings.sub_units()),
        columns: &columns,
        factors,
        scatter: columns.scatter(),
        intake,
        others,
    };
    let by = repair_by(&columns.series, &settings, |proposal| examiner.verdict(proposal));
    examiner.examined(&by)
}

struct Examiner<'a> {
    source: &'a Source,
    columns: &'a Columns,
    back: Back<'a>,
    factors: &'a Factors,
    /// The standard deviation of a day's change.
    scatter: f64,
    intake: &'a Intake,
    others: &'a Others,
}

impl Examiner<'_> {
    /// Returns what becomes of a proposal: what a person decided, or what is found.
    fn verdict(&self, proposal: &Proposal) -> Verdict {
        let is_stated = proposal.changes.iter().any(|change| is_stated(change.field));
        let decision = is_stated.then(|| self.intake.decisions.get(&self.id(proposal)));
        match (proposal.kind, decision.flatten()) {
            (Kind::Missing | Kind::Invariant, _) | (_, None) => self.found(proposal).0,
            (_, Some(Decision::Take)) => Verdict::Apply,
            (_, Some(Decision::Keep)) => Verdict::Refuse,
            (_, Some(Decision::LeaveOut)) => Verdict::LeaveOut,
        }
    }

    /// Returns what becomes of a proposal that nobody has decided, and how sure it is.
    fn found(&self, proposal: &Proposal) -> (Verdict, f64) {
        let plain = |proposal: &Proposal| match proposal.is_sure() {
            true => (Verdict::Apply, proposal.confidence),
            false => (Verdict::Wait, proposal.confidence),
        };
        match proposal.kind {
            // Missing prices stay missing, and the invariants are a stage of their own.
            Kind::Missing | Kind::Invariant => return (Verdict::Refuse, proposal.confidence),
            // Adjusted closes are made from the payments here and are nobody's figures.
            _ if !proposal.changes.iter().any(|change| is_stated(change.field)) => return plain(proposal),
            _ => {}
        }
        let touches = |field| proposal.changes.iter().any(|change| change.field == field);
        if proposal.kind == Kind::Zero && touches(Field::Close) {
            // What the close was nobody knows. A day without any price is none; one with some waits.
            let bare = Field::PRICES
                .iter()
                .all(|field| touches(*field) || !self.columns.series.has(*field));
            return match bare {
                true => (Verdict::LeaveOut, 1.0),
                false => (Verdict::Wait, proposal.confidence.min(SURE / 2.0)),
            };
        }
        if proposal.kind == Kind::Unit && self.is_misfit(proposal) {
            return (Verdict::Refuse, proposal.confidence);
        }
        match self.witnessed(proposal) {
            Some(true) => (Verdict::Apply, proposal.confidence.max(CONFIRMED)),
            Some(false) => (Verdict::Refuse, proposal.confidence),
            None => plain(proposal),
        }
    }

    /// Returns whether a few closes in another unit would still be far from the closes around them: then it is not the unit
    /// that is wrong.
    fn is_misfit(&self, proposal: &Proposal) -> bool {
        let closes = || proposal.changes.iter().filter(|change| change.field == Field::Close);
        let first = closes().min_by_key(|change| change.row);
        let last = closes().max_by_key(|change| change.row);
        let (Some(first), Some(last)) = (first, last) else {
            return false;
        };
        last.row - first.row < FEW
            && self.is_far(first.row.checked_sub(1), first.after.number())
            && self.is_far(Some(last.row + 1), last.after.number())
    }

    fn is_far(&self, row: Option<usize>, close: Option<f64>) -> bool {
        let around = row.and_then(|row| self.columns.series.price(row, Field::Close));
        match (around, close) {
            (Some(around), Some(close)) => (close / around).ln().abs() > MISFIT.max(MISFIT_DEVIATIONS * self.scatter),
            _ => false,
        }
    }

    /// Returns whether other sources say what the proposal says, or what it would change; `None` where they say neither.
    fn witnessed(&self, proposal: &Proposal) -> Option<bool> {
        let (mut after, mut before, mut all) = (0, 0, 0);
        for change in proposal.changes.iter().filter(|change| change.field == Field::Close) {
            let (Some((date, _)), factor) = (self.source.bars.get(change.row), self.columns.factor(change.row)) else {
                continue;
            };
            for close in self.others.untouched.get(date).into_iter().flatten() {
                let is_said = |cell: Option<f64>| cell.is_some_and(|one| (one * factor / close).ln().abs() <= SAME);
                all += 1;
                after += usize::from(is_said(change.after.number()));
                before += usize::from(is_said(change.before.number()));
            }
        }
        let most = |count: usize| all > 0 && count as f64 >= AGREE_SHARE * f64::from(all);
        match (most(after), most(before)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// Names a proposal by what the source says on the days it touches.
    fn id(&self, proposal: &Proposal) -> String {
        let mut touched: Vec<(usize, Field)> = proposal
            .changes
            .iter()
            .filter(|change| is_stated(change.field))
            .map(|change| (change.row, change.field))
            .collect();
        touched.sort_unstable();
        let cells = touched.into_iter().filter_map(|(row, field)| {
            Some(NamedCell {
                date: self.source.bars.get(row)?.0,
                what: field.name(),
                value: self.columns.said(self.source, row, field),
            })
        });
        name(self.source.provider, proposal.kind, cells)
    }

    fn finding(&self, proposal: &Proposal, state: Option<FindingState>) -> Option<Finding> {
        let mut cells: Vec<FindingCell> = Vec::new();
        let mut dates: BTreeSet<Date> = BTreeSet::new();
        let mut count = 0;
        let mut changes: Vec<_> = proposal
            .changes
            .iter()
            .filter(|change| is_stated(change.field))
            .collect();
        changes.sort_by_key(|change| (change.row, change.field));
        for change in changes {
            let date = self.source.bars.get(change.row)?.0;
            dates.insert(date);
            count += 1;
            if cells.len() < CELLS_MAX {
                cells.push(FindingCell {
                    date,
                    field: change.field,
                    before: self.columns.said(self.source, change.row, change.field),
                    after: match state {
                        None => None,
                        Some(_) => self.back.value(change.row, change.field, &change.after),
                    },
                });
            }
        }
        let id = self.id(proposal);
        let (verdict, confidence) = self.found(proposal);
        let decision = self.intake.decisions.get(&id).copied();
        Some(Finding {
            id,
            provider: self.source.provider,
            kind: proposal.kind,
            from: *dates.first()?,
            until: *dates.last()?,
            reason: proposal.reason.clone(),
            confidence,
            state: match decision {
                Some(_) => FindingState::of(decision, true),
                None => state.unwrap_or(match verdict {
                    Verdict::Wait => FindingState::Waiting,
                    _ => FindingState::Repaired,
                }),
            },
            cells,
            cell_count: count,
        })
    }

    fn examined(&self, by: &RepairedBy) -> Examined {
        let RepairedBy {
            repaired:
                Repaired {
                    series,
                    applied,
                    waiting,
                    ..
                },
            refused,
            left_out,
        } = by;
        let mut findings: Vec<Finding> = Vec::new();
        let of = |proposals: &[Proposal], state| -> Vec<Finding> {
            proposals.iter().filter_map(|one| self.finding(one, state)).collect()
        };
        findings.extend(of(applied, Some(FindingState::Repaired)));
        findings.extend(of(waiting, Some(FindingState::Waiting)));
        findings.extend(of(left_out, None));
        let kept: Vec<Proposal> = refused
            .iter()
            .filter(|one| self.intake.decisions.contains_key(&self.id(one)))
            .cloned()
            .collect();
        findings.extend(of(&kept, Some(FindingState::Kept)));
        let rows = |proposals: &[Proposal], wanted: fn(Field) -> bool| -> BTreeSet<usize> {
            let changes = proposals.iter().flat_map(|one| &one.changes);
            changes
                .filter(|change| wanted(change.field))
                .map(|change| change.row)
                .collect()
        };
        let doubtful = rows(waiting, |field| Field::PRICES.contains(&field));
        let unpaid = rows(waiting, |field| field == Field::Dividends);
        let decided: Vec<Proposal> = applied
            .iter()
            .chain(&kept)
            .chain(left_out)
            .filter(|one| self.intake.decisions.contains_key(&self.id(one)))
            .cloned()
            .collect();
        let decided = rows(&decided, |field| Field::PRICES.contains(&field));
        let mut days: Vec<ExaminedDay> = (0..self.source.bars.len())
            .map(|row| {
                let said = self.source.bars[row];
                let figures = self.back.figures(row, series);
                ExaminedDay {
                    date: said.0,
                    figures,
                    repaired: figures != said.1,
                    doubtful: doubtful.contains(&row),
                    decided: decided.contains(&row),
                }
            })
            .collect();
        for day in days.iter_mut().filter(|day| !day.doubtful) {
            findings.extend(self.enclosed(day));
        }
        let spiked = self.spikes(&mut days);
        let has_spikes = !spiked.is_empty();
        findings.extend(spiked);
        let gone = days.iter().zip(&self.source.bars).filter_map(|(day, (_, said))| {
            let is_gone = !day.doubtful && day.figures.close.is_none();
            let said = said.close.filter(|_| is_gone)?;
            Some((
                day.date,
                if day.decided {
                    LeftOut::Decided
                } else {
                    LeftOut::Wrong(said)
                },
            ))
        });
        let left_out = gone.collect();
        let touches_price = |one: &Proposal| one.changes.iter().any(|change| Field::PRICES.contains(&change.field));
        Examined {
            provider: self.source.provider,
            has_price_proposals: has_spikes || applied.iter().chain(waiting).any(touches_price),
            dividends: self.back.payments(series, &unpaid),
            days,
            findings,
            left_out,
        }
    }
}

/// Returns a price that can be one.
pub(super) fn price(price: Option<Decimal>) -> Option<f64> {
    price?.to_f64().filter(|price| *price > 0.0)
}

/// Returns whether a source states the field; adjusted closes are worked out here.
fn is_stated(field: Field) -> bool {
    !matches!(field, Field::AdjustedClose | Field::StockSplits | Field::CapitalGains)
}
