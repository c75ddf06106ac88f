//! Cash by currency and settlement date, and what moved it lately.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Currency, TransactionKind};
use apex_wire::cash::{Cash, CashBalance, CashMovement, GetCash};
use apex_wire::{Failure, Figure, View};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::App;
use crate::fold::PortfolioFold;
use crate::grid::{add, contains};
use crate::report::{CashLine, CashReport};
use crate::valuation::to_unit;

/// Movements listed; older ones are found by a search.
const MOVEMENTS_MAX: usize = 200;

impl App {
    /// Returns the cash of a portfolio.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn get_cash(&self, ask: GetCash) -> Result<Cash, Failure> {
        let fold = self.fold(ask.view)?;
        let known = fold.book().cash(fold.as_of());
        let days: BTreeSet<Date> = known
            .iter()
            .flat_map(|cash| cash.pending.iter().map(|(day, _)| *day))
            .collect();
        let days: Vec<Date> = days.into_iter().collect();
        let mut total = Figure::Known(Decimal::ZERO);
        let mut balances = Vec::new();
        for cash in known
            .iter()
            .filter(|cash| !cash.traded.is_zero() || !cash.pending.is_empty())
        {
            let value = match fold.prices().fx(cash.currency, fold.currency(), fold.as_of()) {
                Ok(rate) => Figure::Known(to_unit(cash.traded * rate.value, fold.currency())),
                Err(reason) => Figure::Unavailable(fold.because(&reason)),
            };
            add(&mut total, &value);
            let on = |day: &Date| {
                cash.pending
                    .iter()
                    .find(|(known, _)| known == day)
                    .map_or(Decimal::ZERO, |(_, amount)| *amount)
            };
            balances.push(CashBalance {
                account: fold.account_name(cash.account),
                currency: cash.currency,
                settled: cash.settled,
                pending: days.iter().map(on).collect(),
                balance: cash.traded,
                value,
            });
        }
        balances.sort_by(|left, right| (&left.account, left.currency).cmp(&(&right.account, right.currency)));
        let words: Vec<String> = ask.search.split_whitespace().map(str::to_lowercase).collect();
        let (movements, total_movements) = movements(&fold, &words);
        Ok(Cash {
            as_of: fold.as_of(),
            currency: fold.currency(),
            days,
            balances,
            total,
            total_movements,
            movements,
        })
    }

    /// Returns the cash by currency and settlement date, as the command line prints it.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn cash_report(&self, view: View) -> Result<CashReport, Failure> {
        let fold = self.fold(view)?;
        let mut sums: BTreeMap<(Currency, Date), Decimal> = BTreeMap::new();
        for cash in fold.book().cash(fold.as_of()) {
            *sums.entry((cash.currency, fold.as_of())).or_default() += cash.settled;
            for (day, amount) in cash.pending {
                *sums.entry((cash.currency, day)).or_default() += amount;
            }
        }
        let rows = sums
            .into_iter()
            .map(|((currency, settle), amount)| CashLine {
                currency,
                settle,
                amount,
            })
            .collect();
        Ok(CashReport { rows })
    }
}

/// Returns the latest movements that mention all words, and how many do.
fn movements(fold: &PortfolioFold, words: &[String]) -> (Vec<CashMovement>, usize) {
    let mut latest = Vec::new();
    let mut found = 0;
    for transaction in fold.rows().rev().filter(|row| row.trade_date <= fold.as_of()) {
        if fold.is_reversed(transaction.id) || transaction.reverses.is_some() {
            continue;
        }
        for moved in fold.book().cash_moves(transaction) {
            if words.is_empty() && latest.len() == MOVEMENTS_MAX {
                // All of them are counted already.
                return (latest, fold.cash_move_count());
            }
            let movement = CashMovement {
                date: transaction.trade_date,
                settle: transaction.settle_date,
                account: fold.account_name(transaction.account),
                what: what(fold, transaction.kind, transaction.instrument, transaction.trade_date),
                amount: moved.amount,
                currency: moved.currency,
            };
            if words.iter().all(|word| mentions(&movement, word)) {
                found += 1;
                if latest.len() < MOVEMENTS_MAX {
                    latest.push(movement);
                }
            }
        }
    }
    (latest, found)
}

fn mentions(movement: &CashMovement, word: &str) -> bool {
    contains(&movement.what, word)
        || contains(&movement.account, word)
        || contains(movement.currency.code(), word)
        // Dates are the dearest to write out, and a word without a digit is in none of them.
        || word.bytes().any(|byte| byte.is_ascii_digit())
            && [movement.date, movement.settle].iter().any(|day| contains(&day.to_string(), word))
}

/// Says what moved cash: `dividend KO`.
fn what(
    fold: &PortfolioFold,
    kind: TransactionKind,
    instrument: Option<apex_domain::InstrumentId>,
    date: Date,
) -> String {
    let kind = kind.as_str().replace('_', " ");
    match instrument {
        Some(id) => format!("{kind} {}", fold.symbol_on(id, date)),
        None => kind,
    }
}
