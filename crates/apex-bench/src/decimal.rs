//! Daily market value and P&L by the decimal fold: what the float kernel must agree with.

use std::collections::BTreeMap;

use apex_domain::{Book, Date, Decimal};

use crate::simulated::{SCALE, Simulated, account_id, instrument_id};

/// Market value and P&L, one row of accounts a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Daily {
    /// Market values.
    pub market_value: Vec<Decimal>,
    /// P&L.
    pub pnl: Vec<Decimal>,
}

/// Returns the closes as decimals, one row of instruments a day.
pub fn closes(ledger: &Simulated) -> Vec<Decimal> {
    ledger.closes.iter().map(|close| Decimal::new(*close, SCALE)).collect()
}

/// Values a folded book on every day of its ledger. P&L is the change of market value and cash.
pub fn daily(book: &Book, ledger: &Simulated, closes: &[Decimal]) -> Daily {
    let (accounts, instruments, days) = (ledger.size.accounts, ledger.size.instruments, ledger.size.days);
    let day_of: BTreeMap<Date, usize> = ledger
        .dates
        .iter()
        .enumerate()
        .map(|(day, date)| (*date, day))
        .collect();
    let account_of: BTreeMap<_, _> = (0..accounts).map(|account| (account_id(account), account)).collect();
    let column_of: BTreeMap<_, _> = (0..instruments).map(|column| (instrument_id(column), column)).collect();
    let mut values = Daily {
        market_value: vec![Decimal::ZERO; days * accounts],
        pnl: vec![Decimal::ZERO; days * accounts],
    };
    // What each day changes, then one dense row of positions an account, carried through the days.
    let mut changes: Vec<Vec<(usize, Decimal)>> = vec![Vec::new(); days];
    for lane in book.quantity_steps() {
        let cell = account_of[&lane.account] * instruments + column_of[&lane.instrument];
        for (date, quantity) in lane.steps {
            changes[day_of[&date]].push((cell, quantity));
        }
    }
    let mut positions = vec![Decimal::ZERO; accounts * instruments];
    for (day, changes) in changes.into_iter().enumerate() {
        for (cell, quantity) in changes {
            positions[cell] = quantity;
        }
        let closes = &closes[day * instruments..][..instruments];
        for (account, held) in positions.chunks_exact(instruments).enumerate() {
            let worth = held.iter().zip(closes).filter(|(held, _)| !held.is_zero());
            let value: Decimal = worth.map(|(held, close)| held * close).sum();
            let before = match day {
                0 => Decimal::ZERO,
                _ => values.market_value[(day - 1) * accounts + account],
            };
            values.market_value[day * accounts + account] = value;
            values.pnl[day * accounts + account] = value - before;
        }
    }
    for lane in book.cash_steps() {
        let account = account_of[&lane.account];
        let mut before = Decimal::ZERO;
        for (date, balance) in lane.steps {
            values.pnl[day_of[&date] * accounts + account] += balance - before;
            before = balance;
        }
    }
    values
}
