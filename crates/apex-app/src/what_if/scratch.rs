//! The scratch copy: the valued rows of the book, and beside them those that trades change or make.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::valuation::{in_base, market_value};
use apex_domain::{AccountId, Currency, Decimal, InstrumentId, InstrumentKind, Subject};
use apex_wire::holdings::HoldingRow;
use apex_wire::what_if::Funding;
use apex_wire::{Amount, Figure};
use jiff::civil::Date;

use super::edits::Trade;
use super::risk::PartChange;
use crate::fold::PortfolioFold;
use crate::grid::add;
use crate::risk::Part;
use crate::valuation::to_unit;

/// A movement of cash.
#[derive(Debug, Clone, Copy)]
pub(super) struct CashMove {
    pub(super) account: AccountId,
    pub(super) currency: Currency,
    pub(super) settle: Date,
    pub(super) amount: Decimal,
}

/// The book with trades booked into it.
#[derive(Debug)]
pub(super) struct Scratch<'a> {
    fold: &'a PortfolioFold,
    touched: BTreeSet<(AccountId, Subject)>,
    /// The touched rows as they are afterwards.
    rows: Vec<HoldingRow>,
    pub(super) moves: Vec<CashMove>,
    pub(super) nav: Amount,
}

impl<'a> Scratch<'a> {
    /// Books trades.
    pub(super) fn of(fold: &'a PortfolioFold, trades: &[Trade], funding: Funding) -> Self {
        let mut traded: BTreeMap<(AccountId, InstrumentId), (Decimal, &Trade)> = BTreeMap::new();
        let mut moves = Vec::new();
        for trade in trades {
            let largest = trade.parts.first().map(|(account, _)| *account);
            for (account, quantity) in &trade.parts {
                traded
                    .entry((*account, trade.instrument))
                    .or_insert((Decimal::ZERO, trade))
                    .0 += quantity;
                // The whole fee falls on the account that trades most.
                let fee = if largest == Some(*account) {
                    trade.fee
                } else {
                    Decimal::ZERO
                };
                let paid = -trade.value(*quantity) - fee;
                moves.push(match funding {
                    Funding::Price => CashMove {
                        account: *account,
                        currency: trade.quote.currency,
                        settle: trade.settle,
                        amount: paid,
                    },
                    Funding::Base => CashMove {
                        account: *account,
                        currency: fold.currency(),
                        settle: trade.settle,
                        amount: to_unit(paid * trade.quote.rate, fold.currency()),
                    },
                });
            }
        }
        let mut rows = Vec::new();
        let mut touched = BTreeSet::new();
        for ((account, id), (quantity, trade)) in traded {
            if quantity.is_zero() {
                continue;
            }
            touched.insert((account, Subject::Instrument(id)));
            rows.extend(holding(fold, account, id, quantity, trade));
        }
        let mut cash: BTreeMap<(AccountId, Currency), Decimal> = BTreeMap::new();
        for moved in &moves {
            *cash.entry((moved.account, moved.currency)).or_default() += moved.amount;
        }
        for ((account, currency), amount) in cash {
            if amount.is_zero() {
                continue;
            }
            touched.insert((account, Subject::Cash(currency)));
            rows.extend(balance(fold, account, currency, amount));
        }
        let mut scratch = Self {
            fold,
            touched,
            rows,
            moves,
            nav: Figure::Known(Decimal::ZERO),
        };
        let mut nav = Figure::Known(Decimal::ZERO);
        scratch.rows().for_each(|row| add(&mut nav, &row.market_value));
        scratch.nav = nav;
        scratch
    }

    /// The rows of the scratch copy: those of the book that no trade touches, then the others.
    pub(super) fn rows(&self) -> impl Iterator<Item = &HoldingRow> {
        let untouched = self.fold.valuation().rows.iter();
        untouched
            .filter(|row| self.touched.is_empty() || !self.touched.contains(&(row.account, subject(row))))
            .chain(&self.rows)
    }

    /// Whether the trades leave the book as it is.
    pub(super) fn is_untouched(&self) -> bool {
        self.touched.is_empty()
    }

    /// Quantity and value afterwards of everything that changes, all accounts together.
    pub(super) fn changes(&self) -> BTreeMap<Subject, (Decimal, Amount)> {
        let mut changes: BTreeMap<Subject, (Decimal, Amount)> = BTreeMap::new();
        for (_, subject) in &self.touched {
            changes.insert(*subject, (Decimal::ZERO, Figure::Known(Decimal::ZERO)));
        }
        if changes.is_empty() {
            return changes;
        }
        for row in self.rows() {
            if let Some((quantity, value)) = changes.get_mut(&subject(row)) {
                *quantity += row.quantity;
                add(value, &row.market_value);
            }
        }
        changes
    }

    /// The parts of the book whose value changes.
    pub(super) fn parts(&self, changes: &BTreeMap<Subject, (Decimal, Amount)>) -> Vec<PartChange> {
        let values = self.fold.what_if().values(self.fold);
        let changed = changes.iter().filter_map(|(subject, (_, after))| {
            let part = self.part(*subject)?;
            let before = values.get(&part).and_then(Figure::known).copied().unwrap_or_default();
            let after = *after.known()?;
            Some(PartChange { part, before, after })
        });
        changed.filter(|change| change.before != change.after).collect()
    }

    /// Cash in the base currency is no part: nothing can happen to it.
    pub(super) fn part(&self, subject: Subject) -> Option<Part> {
        match subject {
            Subject::Instrument(id) => Some(Part::Instrument(id)),
            Subject::Cash(currency) if currency == self.fold.currency() => None,
            Subject::Cash(currency) => Some(Part::Cash(currency)),
        }
    }
}

/// Returns what a row is about.
pub(super) fn subject(row: &HoldingRow) -> Subject {
    match row.instrument {
        Some(id) => Subject::Instrument(id),
        None => Subject::Cash(row.currency),
    }
}

/// The row of a holding after a trade; none where nothing is left of it.
fn holding(
    fold: &PortfolioFold,
    account: AccountId,
    id: InstrumentId,
    traded: Decimal,
    trade: &Trade,
) -> Option<HoldingRow> {
    let held = fold.what_if().holdings(fold).get(&id);
    let held = held.and_then(|rows| rows.iter().find(|row| row.account == account));
    let quantity = held.map_or(Decimal::ZERO, |row| row.quantity) + traded;
    let accrued = held.map_or(Decimal::ZERO, |row| row.accrued);
    if quantity.is_zero() && accrued.is_zero() {
        return None;
    }
    let quote = trade.quote;
    let value = market_value(quantity, quote.price, quote.multiplier)
        .and_then(|value| in_base(value + accrued, quote.rate))
        .map(|value| to_unit(value, fold.currency()));
    let value = Figure::or_because(value, || format!("the value of {} is too large", fold.symbol(id)));
    let row = match fold.valuation().row(id, account) {
        Some(row) => row.clone(),
        None => {
            let instrument = fold.instrument(id)?;
            HoldingRow {
                instrument: Some(id),
                symbol: fold.symbol(id),
                name: instrument.name.clone(),
                kind: instrument.kind,
                sector: instrument.sector.clone(),
                country: instrument.country.clone(),
                exchange: instrument.exchange.clone(),
                price: Figure::Known(quote.price.normalize()),
                price_date: Some(quote.date),
                simulated: instrument.simulated,
                ..made(fold, account, quote.currency)
            }
        }
    };
    Some(HoldingRow {
        quantity: quantity.normalize(),
        market_value: value,
        ..row
    })
}

/// The row of a cash balance after a movement; none where nothing is left of it.
fn balance(fold: &PortfolioFold, account: AccountId, currency: Currency, moved: Decimal) -> Option<HoldingRow> {
    let before = fold.what_if().cash(fold).get(&(account, currency));
    let quantity = before.map_or(Decimal::ZERO, |cash| cash.traded) + moved;
    if quantity.is_zero() {
        return None;
    }
    let value = match fold.prices().fx(currency, fold.currency(), fold.as_of()) {
        Ok(rate) => Figure::or_because(
            in_base(quantity, rate.value).map(|value| to_unit(value, fold.currency())),
            || format!("the cash in {currency} is too large"),
        ),
        Err(reason) => Figure::Unavailable(fold.because(&reason)),
    };
    Some(HoldingRow {
        quantity: quantity.normalize(),
        market_value: value,
        ..made(fold, account, currency)
    })
}

/// A row of cash that the book does not have. What needs lots it does not know.
fn made(fold: &PortfolioFold, account: AccountId, currency: Currency) -> HoldingRow {
    let unknown = || Figure::Unavailable("a scratch copy has no lots".to_owned());
    HoldingRow {
        instrument: None,
        account,
        account_name: fold.account_name(account),
        symbol: currency.to_string(),
        name: format!("Cash {currency}"),
        isin: None,
        kind: InstrumentKind::Cash,
        currency,
        sector: None,
        country: None,
        exchange: None,
        quantity: Decimal::ZERO,
        price: Figure::Known(Decimal::ONE),
        price_date: None,
        market_value: Figure::Known(Decimal::ZERO),
        weight: Figure::Unavailable("it is not weighed yet".to_owned()),
        cost: unknown(),
        unrealized: unknown(),
        unrealized_price: unknown(),
        unrealized_fx: unknown(),
        unrealized_cross: unknown(),
        day_change: Figure::Unavailable("a scratch copy has no yesterday".to_owned()),
        day_pnl: unknown(),
        income: unknown(),
        simulated: false,
    }
}
