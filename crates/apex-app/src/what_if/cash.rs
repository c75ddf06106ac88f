//! The cash ladder: balances once everything up to a day has settled, before and after the trades.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Currency, Decimal};
use apex_wire::what_if::{CashStep, Changed};
use jiff::civil::Date;

use super::scratch::CashMove;
use crate::fold::PortfolioFold;

/// Returns the ladder: the base currency first, then by code, each from the day of the book on.
pub(super) fn ladder(fold: &PortfolioFold, moves: &[CashMove]) -> Vec<CashStep> {
    let mut before: BTreeMap<Currency, BTreeMap<Date, Decimal>> = BTreeMap::new();
    for cash in fold.what_if().cash(fold).values() {
        let days = before.entry(cash.currency).or_default();
        *days.entry(fold.as_of()).or_default() += cash.settled;
        for (day, amount) in &cash.pending {
            *days.entry(*day).or_default() += amount;
        }
    }
    let mut after = before.clone();
    for moved in moves {
        *after
            .entry(moved.currency)
            .or_default()
            .entry(moved.settle)
            .or_default() += moved.amount;
    }
    let mut steps = Vec::new();
    for (currency, days_after) in &after {
        let nothing = BTreeMap::new();
        let days_before = before.get(currency).unwrap_or(&nothing);
        let all_zero = |days: &BTreeMap<Date, Decimal>| days.values().all(Decimal::is_zero);
        if all_zero(days_before) && all_zero(days_after) {
            continue;
        }
        let days: BTreeSet<Date> = std::iter::once(fold.as_of())
            .chain(days_after.keys().copied())
            .collect();
        let (mut sum_before, mut sum_after) = (Decimal::ZERO, Decimal::ZERO);
        for day in days {
            sum_before += days_before.get(&day).copied().unwrap_or_default();
            sum_after += days_after.get(&day).copied().unwrap_or_default();
            steps.push(CashStep {
                currency: *currency,
                settle: day,
                balance: Changed {
                    before: sum_before.normalize(),
                    after: sum_after.normalize(),
                    change: (sum_after - sum_before).normalize(),
                },
            });
        }
    }
    steps.sort_by_key(|step| step.currency != fold.currency());
    steps
}
