//! Cash: what each transaction moves, and the balances by currency, trade date and settlement date.
//!
//! What a transaction moves follows from the transaction and the terms of its instrument alone, never from what is
//! held, so cash needs no fold: balances are sums, and an edit touches one entry.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, PortfolioId};
use crate::instrument::{OptionRight, Terms};
use crate::money::{Currency, converted, round_money};
use crate::reference::{Indexed, InstrumentFacts};
use crate::transaction::{Transaction, TransactionKind};

/// The cash of one account in one currency on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashBalance {
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The account.
    pub account: AccountId,
    /// The currency.
    pub currency: Currency,
    /// Everything traded up to the day, settled or not.
    pub traded: Decimal,
    /// Everything that settled up to the day.
    pub settled: Decimal,
    /// What was traded up to the day and settles later: days and amounts, sorted.
    pub pending: Vec<(Date, Decimal)>,
    /// The sum of all movements at the rates of their trade dates, in base currency, if all those rates are known.
    ///
    /// The balance at today's rate minus this is what the currency made on cash.
    pub cost_base: Option<Decimal>,
}

/// The cash of one account in one currency over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashSteps {
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The account.
    pub account: AccountId,
    /// The currency.
    pub currency: Currency,
    /// The trade-date balance at the end of each day on which it changed, sorted.
    pub steps: Vec<(Date, Decimal)>,
}

/// What one transaction moves in one currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CashEffect {
    pub(crate) currency: Currency,
    pub(crate) amount: Decimal,
    pub(crate) base: Option<Decimal>,
}

/// Returns what a valid transaction moves: one amount, or two for an exchange of currencies.
pub(crate) fn effects(
    transaction: &Transaction,
    facts: Option<&InstrumentFacts>,
    reference: &Indexed,
    base: Currency,
) -> [Option<CashEffect>; 2] {
    let rate = reference.trade_rate(transaction, base);
    let effect = |amount: Decimal| {
        let base = rate.map(|rate| converted(amount, rate));
        (!amount.is_zero()).then_some(CashEffect {
            currency: transaction.currency,
            amount,
            base,
        })
    };
    if transaction.kind == TransactionKind::Fx {
        return exchange(transaction, facts, rate);
    }
    [effect(amount(transaction, facts)), None]
}

fn exchange(
    transaction: &Transaction,
    facts: Option<&InstrumentFacts>,
    rate: Option<Decimal>,
) -> [Option<CashEffect>; 2] {
    let Some((bought, quote)) = facts.and_then(|facts| facts.instrument.pair()) else {
        return [None, None];
    };
    let value = transaction.trade_value(Decimal::ONE);
    let charges = transaction.fees + transaction.taxes;
    let sign = if transaction.detail().short {
        Decimal::NEGATIVE_ONE
    } else {
        Decimal::ONE
    };
    let in_base = |amount: Decimal| rate.map(|rate| converted(amount, rate));
    // What is received is worth what is paid, so an exchange makes no gain; its charges are paid on top.
    let received = CashEffect {
        currency: bought,
        amount: sign * transaction.quantity,
        base: in_base(value).map(|base| sign * base),
    };
    let paid = CashEffect {
        currency: quote,
        amount: -sign * value - charges,
        base: in_base(value)
            .zip(in_base(charges))
            .map(|(value, charges)| -sign * value - charges),
    };
    [Some(received), Some(paid)]
}

fn amount(transaction: &Transaction, facts: Option<&InstrumentFacts>) -> Decimal {
    use TransactionKind::*;

    let detail = transaction.detail();
    let charges = transaction.fees + transaction.taxes;
    let multiplier = facts.map_or(Decimal::ONE, |facts| facts.multiplier);
    let signed = |amount: Decimal| if detail.short { -amount } else { amount };
    let accrued = || detail.accrued_interest.unwrap_or_default();
    let in_lieu = || detail.cash_in_lieu.unwrap_or_default();
    match transaction.kind {
        Buy => -(transaction.trade_value(multiplier) + accrued() + charges),
        Cover => -(transaction.trade_value(multiplier) + accrued() + charges),
        Sell | Short => transaction.trade_value(multiplier) + accrued() - charges,
        BondRedemption => signed(redemption_value(transaction, multiplier)) - charges,
        Dividend | BondCoupon | Interest => signed(transaction.amount()) - charges,
        Fee | Tax => signed(-transaction.amount()) - charges,
        Deposit => transaction.amount() - charges,
        Withdrawal => -transaction.amount() - charges,
        TransferIn if facts.is_none() => transaction.amount() - charges,
        TransferOut if facts.is_none() => -transaction.amount() - charges,
        Split | SpinOff => signed(in_lieu()) - charges,
        Merger => signed(merger_cash(transaction, multiplier) + in_lieu()) - charges,
        OptionExercise => match facts.map(|facts| exercise(transaction, facts)) {
            Some(exercise) if exercise.buys => -exercise.value - charges,
            Some(exercise) => exercise.value - charges,
            None => Decimal::ZERO,
        },
        TransferIn | TransferOut | OptionExpiry | SymbolChange => -charges,
        Accrual | Mark | Fx => Decimal::ZERO,
    }
}

/// Returns what a redemption pays: `gross`, else the face at its price, 100 unless stated.
pub(crate) fn redemption_value(transaction: &Transaction, multiplier: Decimal) -> Decimal {
    match transaction.gross {
        None if transaction.price.is_zero() => round_money(transaction.quantity * Decimal::ONE_HUNDRED * multiplier),
        _ => transaction.trade_value(multiplier),
    }
}

/// Returns the cash part of a merger without cash in lieu.
pub(crate) fn merger_cash(transaction: &Transaction, multiplier: Decimal) -> Decimal {
    match transaction.gross {
        Some(gross) => gross,
        None if transaction.price.is_zero() => Decimal::ZERO,
        None => transaction.trade_value(multiplier),
    }
}

/// What exercising an option does to its underlying.
pub(crate) struct Exercise {
    /// Whether the underlying is bought: a call of one's own, or a put assigned.
    pub(crate) buys: bool,
    /// The units of the underlying.
    pub(crate) units: Decimal,
    /// What is paid or received for them: `gross`, else units times strike.
    pub(crate) value: Decimal,
}

pub(crate) fn exercise(transaction: &Transaction, facts: &InstrumentFacts) -> Exercise {
    let Terms::Option {
        strike,
        right,
        contract_size,
        ..
    } = &facts.instrument.terms
    else {
        return Exercise {
            buys: true,
            units: Decimal::ZERO,
            value: Decimal::ZERO,
        };
    };
    let units = transaction.quantity * contract_size;
    Exercise {
        buys: (*right == OptionRight::Call) != transaction.detail().short,
        units,
        value: round_money(transaction.gross.unwrap_or_else(|| units * strike)),
    }
}

/// Movements of one account in one currency that share trade and settlement date.
#[derive(Debug, Clone, Copy, PartialEq)]
struct CashEntry {
    trade: Date,
    settle: Date,
    amount: Decimal,
    base: Decimal,
    /// Movements whose rate is not known.
    unknown: u32,
    /// Movements in all; at zero the entry goes.
    count: u32,
}

/// The cash of one account in one currency, by trade and settlement date.
#[derive(Debug, Clone)]
pub(crate) struct CashLane {
    pub(crate) account: u32,
    pub(crate) currency: Currency,
    entries: Vec<CashEntry>,
}

impl CashLane {
    pub(crate) fn new(account: u32, currency: Currency) -> Self {
        Self {
            account,
            currency,
            entries: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, trade: Date, settle: Date, effect: CashEffect) {
        let at = self.find(trade, settle);
        let at = at.unwrap_or_else(|at| {
            let zero = Decimal::ZERO;
            self.entries.insert(
                at,
                CashEntry {
                    trade,
                    settle,
                    amount: zero,
                    base: zero,
                    unknown: 0,
                    count: 0,
                },
            );
            at
        });
        let entry = &mut self.entries[at];
        entry.amount += effect.amount;
        entry.base += effect.base.unwrap_or_default();
        entry.unknown += u32::from(effect.base.is_none());
        entry.count += 1;
    }

    pub(crate) fn remove(&mut self, trade: Date, settle: Date, effect: CashEffect) {
        let Ok(at) = self.find(trade, settle) else { return };
        let entry = &mut self.entries[at];
        entry.amount -= effect.amount;
        entry.base -= effect.base.unwrap_or_default();
        entry.unknown -= u32::from(effect.base.is_none());
        entry.count -= 1;
        if entry.count == 0 {
            self.entries.remove(at);
        }
    }

    fn find(&self, trade: Date, settle: Date) -> Result<usize, usize> {
        match self.entries.last() {
            Some(last) if (last.trade, last.settle) < (trade, settle) => Err(self.entries.len()),
            _ => self
                .entries
                .binary_search_by(|entry| (entry.trade, entry.settle).cmp(&(trade, settle))),
        }
    }

    /// Returns the balance on a day, or `None` when nothing has moved up to then.
    pub(crate) fn balance(&self, portfolio: PortfolioId, account: AccountId, as_of: Date) -> Option<CashBalance> {
        let known = &self.entries[..self.entries.partition_point(|entry| entry.trade <= as_of)];
        if known.is_empty() {
            return None;
        }
        let mut balance = CashBalance {
            portfolio,
            account,
            currency: self.currency,
            traded: Decimal::ZERO,
            settled: Decimal::ZERO,
            pending: Vec::new(),
            cost_base: known
                .iter()
                .all(|entry| entry.unknown == 0)
                .then(|| known.iter().map(|entry| entry.base).sum()),
        };
        let mut pending = std::collections::BTreeMap::<Date, Decimal>::new();
        for entry in known {
            balance.traded += entry.amount;
            if entry.settle <= as_of {
                balance.settled += entry.amount;
            } else {
                *pending.entry(entry.settle).or_default() += entry.amount;
            }
        }
        balance.pending = pending.into_iter().collect();
        Some(balance)
    }

    /// Returns the trade-date balance at the end of each day on which money moved.
    pub(crate) fn steps(&self) -> Vec<(Date, Decimal)> {
        let mut steps: Vec<(Date, Decimal)> = Vec::new();
        let mut balance = Decimal::ZERO;
        for entry in &self.entries {
            balance += entry.amount;
            match steps.last_mut() {
                Some(last) if last.0 == entry.trade => last.1 = balance,
                _ => steps.push((entry.trade, balance)),
            }
        }
        steps
    }
}

/// What one transaction moves in one currency, for lists and for the result of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashMove {
    /// The currency.
    pub currency: Currency,
    /// What is received, negative when it is paid.
    pub amount: Decimal,
    /// The same in base currency at the rate of the trade date, if that rate is known.
    pub base: Option<Decimal>,
}

impl crate::book::Book {
    /// Returns what a transaction of this book moves: nothing, one amount, or two for an exchange of currencies.
    ///
    /// Whether the transaction counts is not asked: see [`crate::Book::effective`].
    pub fn cash_moves(&self, transaction: &Transaction) -> Vec<CashMove> {
        let Some(base) = self.reference.base(transaction.portfolio) else {
            return Vec::new();
        };
        let facts = transaction.instrument.and_then(|id| self.reference.facts(id));
        let moves = effects(transaction, facts, &self.reference, base).into_iter().flatten();
        moves
            .map(|effect| CashMove {
                currency: effect.currency,
                amount: effect.amount,
                base: effect.base,
            })
            .collect()
    }
}
