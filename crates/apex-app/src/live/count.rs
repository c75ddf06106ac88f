//! On which count of shares a holding is, where splits lie between the last close and a live price.
//!
//! A price is on the count of its day, as the corporate actions tell it. A quantity is on the count that the ledger knows,
//! and the ledger may have the entry of a split on another day than it happened, or not at all. What was held before a split
//! that the ledger lacks is counted in new shares here, so that a missing entry shows as a note and never as a loss. Splits
//! up to the close are left as they are: there the live result begins with what the page itself shows.

use std::collections::BTreeMap;

use apex_domain::split::{After, Before, Shares, SplitsBetween};
use apex_domain::{AccountId, Decimal, InstrumentId, Ratio, ValuationRow};
use jiff::civil::Date;

use crate::fold::PortfolioFold;

/// An entry of the ledger is that of a split told so many days before or after it, where the ratio is the same.
const DAYS_APART_MAX: i32 = 10;

/// A split of one holding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Split {
    /// The first day on the new count, as told; the ledger's where nobody tells of it.
    ex_date: Date,
    ratio: Ratio,
    /// Whether the holding of the fold's day is on the new count.
    is_booked: bool,
    /// How much was held before it, where that is past and the ledger lacks it.
    held_before: Option<Decimal>,
}

/// The splits of a portfolio's holdings.
#[derive(Debug, Default)]
pub(super) struct Counts {
    as_of: Date,
    splits: BTreeMap<(InstrumentId, AccountId), Vec<Split>>,
}

/// A holding on both sides of the splits between its close and a live price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) before: Shares<Before>,
    pub(super) after: Shares<After>,
    pub(super) between: SplitsBetween,
    /// What the ledger and the prices do not agree on, in sentences without the symbol.
    pub(super) differing: Vec<String>,
}

impl Counts {
    /// Takes the splits that are told and booked of what is held.
    pub(super) fn of(fold: &PortfolioFold, held: &BTreeMap<InstrumentId, Vec<ValuationRow>>) -> Self {
        let mut booked: BTreeMap<(InstrumentId, AccountId), Vec<(Date, Ratio)>> = BTreeMap::new();
        for split in fold.book().splits() {
            let of_holding = booked.entry((split.instrument, split.account)).or_default();
            of_holding.push((split.date, split.ratio));
        }
        let mut splits = BTreeMap::new();
        for (id, rows) in held {
            let told = fold.published_splits().get(id);
            for row in rows {
                let booked = booked.remove(&(*id, row.account)).unwrap_or_default();
                let close = row.price.as_ref().map_or(Date::MIN, |price| price.date);
                let mut of_holding = paired(told.into_iter().flatten(), booked, fold.as_of());
                of_holding.retain(|split| split.ex_date > close);
                for split in of_holding.iter_mut().filter(|split| !split.is_booked) {
                    split.held_before = held_before(fold, *id, row.account, split.ex_date);
                }
                if !of_holding.is_empty() {
                    splits.insert((*id, row.account), of_holding);
                }
            }
        }
        Self {
            as_of: fold.as_of(),
            splits,
        }
    }

    /// Counts a holding at its close, and at a price of a later day.
    pub(super) fn count(&self, id: InstrumentId, row: &ValuationRow, day: Date) -> Counted {
        let mut quantity = row.quantity;
        let mut between = Vec::new();
        let mut differing = Vec::new();
        for split in self.splits.get(&(id, row.account)).into_iter().flatten() {
            let Split { ex_date, ratio, .. } = split;
            let is_in_price = *ex_date <= day;
            if is_in_price {
                between.push(*ratio);
            }
            match (split.is_booked, is_in_price) {
                (false, true) => {
                    let held = split.held_before.unwrap_or(quantity);
                    quantity += ratio.of(held) - held;
                    if *ex_date <= self.as_of && !held.is_zero() {
                        differing.push(format!(
                            "was split {ratio} on {ex_date}, which the ledger does not have: live figures count the new shares"
                        ));
                    }
                }
                (true, false) => {
                    quantity = ratio.inverse().of(quantity);
                    differing.push(format!(
                        "is split {ratio} on {ex_date}, which the ledger has already: live figures count the old shares"
                    ));
                }
                (true, true) | (false, false) => {}
            }
        }
        let between: SplitsBetween = between.into_iter().collect();
        let after = Shares::new(quantity);
        Counted {
            before: between.before(after),
            after,
            between,
            differing,
        }
    }
}

/// Pairs the splits told with their entries of the ledger, in the order of their days.
fn paired<'a>(
    told: impl Iterator<Item = (&'a Date, &'a Ratio)>,
    mut booked: Vec<(Date, Ratio)>,
    as_of: Date,
) -> Vec<Split> {
    let mut splits: Vec<Split> = told
        .map(|(ex_date, ratio)| {
            let apart = |date: Date| apart(*ex_date, date);
            let nearest = booked
                .iter()
                .enumerate()
                .filter(|(_, (date, known))| known == ratio && apart(*date) <= DAYS_APART_MAX)
                .min_by_key(|(_, (date, _))| apart(*date))
                .map(|(at, _)| at);
            let entry = nearest.map(|at| booked.remove(at));
            split(*ex_date, *ratio, entry.is_some_and(|(date, _)| date <= as_of))
        })
        .collect();
    splits.extend(
        booked
            .into_iter()
            .map(|(date, ratio)| split(date, ratio, date <= as_of)),
    );
    splits.sort_by_key(|split| split.ex_date);
    splits
}

fn split(ex_date: Date, ratio: Ratio, is_booked: bool) -> Split {
    Split {
        ex_date,
        ratio,
        is_booked,
        held_before: None,
    }
}

fn apart(one: Date, other: Date) -> i32 {
    one.until(other).map_or(i32::MAX, |span| span.get_days().abs())
}

/// Returns how much was held at the end of the day before a split; all that is held where that day is not over.
fn held_before(fold: &PortfolioFold, id: InstrumentId, account: AccountId, ex_date: Date) -> Option<Decimal> {
    let before = ex_date.yesterday().ok().filter(|before| *before < fold.as_of())?;
    let holdings = fold.book().holdings(before);
    let held = holdings
        .iter()
        .find(|holding| holding.instrument == id && holding.account == account);
    Some(held.map_or(Decimal::ZERO, |holding| holding.quantity))
}
