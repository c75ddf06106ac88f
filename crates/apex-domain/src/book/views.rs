//! What a book shows, by id and sorted by account, instrument and day, so that equal books give equal output.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Book;
use crate::cash::{CashBalance, CashSteps};
use crate::holding::{BookState, Charge, Flow, Holding, Income, Mark, QuantitySteps, SplitEvent};
use crate::ids::{AccountId, InstrumentId};
use crate::lane::Lane;
use crate::lots::{ClosedLot, OpenLot, Position};
use crate::money::converted;
use crate::transaction::{Transaction, TransactionKind};

impl Book {
    /// Returns what is held at the end of a day, sorted by account and instrument; flat positions are left out.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  buy  ACME  10 @ 90 USD
    ///     2026-01-06  buy  ACME   5 @ 96 USD
    /// ")?.book();
    /// let holdings = book.holdings(Date::constant(2026, 1, 6));
    /// assert_eq!((holdings[0].quantity, holdings[0].cost), (15.into(), 1_380.into()));
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn holdings(&self, as_of: Date) -> Vec<Holding> {
        let mut holdings = Vec::new();
        for lane in &self.lanes {
            let positions = lane.positions_at(self.facts(), as_of);
            let held = positions
                .iter()
                .filter(|position| !position.lots.is_empty() || !position.accrued.is_zero());
            holdings.extend(held.map(|position| self.holding(lane.account, position)));
        }
        holdings.sort_unstable_by_key(|holding| (holding.account, holding.instrument));
        holdings
    }

    /// Returns what is held at the end of a day as [`Book::holdings`] does, but without lots and costs: the quantities
    /// over time tell, and nothing is folded again.
    pub(crate) fn holdings_without_lots(&self, as_of: Date) -> Vec<Holding> {
        let mut holdings = Vec::new();
        for lane in &self.lanes {
            let known = lane.outputs.steps.partition_point(|row| row.date <= as_of);
            for position in &lane.positions {
                let rows = lane.outputs.steps[..known].iter().rev();
                let Some(row) = rows.into_iter().find(|row| row.instrument == position.instrument) else {
                    continue;
                };
                if !row.quantity.is_zero() || !row.accrued.is_zero() {
                    let mut held = Position::new(position.instrument);
                    (held.quantity, held.accrued) = (row.quantity, row.accrued);
                    holdings.push(self.holding(lane.account, &held));
                }
            }
        }
        holdings.sort_unstable_by_key(|holding| (holding.account, holding.instrument));
        holdings
    }

    /// Returns every lot that was closed, by day, account, instrument and book order.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  buy   ACME  10 @ 90 USD
    ///     2026-01-06  sell  ACME   4 @ 95 USD
    /// ")?.book();
    /// assert_eq!(book.closed_lots()[0].gain_local(), Decimal::from(20));
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn closed_lots(&self) -> Vec<ClosedLot> {
        self.closed_lots_between(Date::MIN, Date::MAX)
    }

    /// Returns the lots that were closed from one day to another, both included, sorted as [`Book::closed_lots`].
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  buy   ACME  10 @ 90 USD
    ///     2026-01-06  sell  ACME   4 @ 95 USD
    /// ")?.book();
    /// let day = Date::constant(2026, 1, 5);
    /// assert!(book.closed_lots_between(day, day).is_empty());
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn closed_lots_between(&self, from: Date, until: Date) -> Vec<ClosedLot> {
        let mut rows: Vec<(Date, AccountId, InstrumentId, u32, u32)> = Vec::new();
        for (at, lane) in self.lanes.iter().enumerate() {
            let account = self.account_id(lane.account);
            for (index, row) in lane.outputs.closed.iter().enumerate() {
                let closed = self.transactions[row.by as usize].trade_date;
                if closed >= from && closed <= until {
                    let instrument = self.reference.instruments[row.instrument as usize].instrument.id;
                    rows.push((closed, account, instrument, at as u32, index as u32));
                }
            }
        }
        // Lots of one instrument and account are in one lane, so the order of the book stands within a day.
        rows.sort_unstable();
        let lot = |(closed, account, instrument, at, index): (Date, AccountId, InstrumentId, u32, u32)| {
            let row = &self.lanes[at as usize].outputs.closed[index as usize];
            ClosedLot {
                account,
                instrument,
                currency: self.reference.instruments[row.instrument as usize].instrument.currency,
                opened: row.lot.opened,
                opened_by: self.transactions[row.lot.by as usize].id,
                closed,
                closed_by: self.transactions[row.by as usize].id,
                closing: row.closing,
                quantity: row.lot.quantity,
                cost: row.lot.cost,
                proceeds: row.proceeds,
                cost_base: row.lot.cost_base,
                proceeds_base: row.proceeds_base,
                rate_opened: row.lot.rate,
                rate_closed: row.rate_closed,
            }
        };
        rows.into_iter().map(lot).collect()
    }

    /// Returns all income by day, account and instrument.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  buy       ACME  10 @ 90 USD
    ///     2026-01-06  dividend  ACME  10 @ 0.50 taxes 0.75
    /// ")?.book();
    /// let income = &book.income()[0];
    /// assert_eq!((income.amount, income.taxes), (Decimal::from(5), Decimal::new(75, 2)));
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn income(&self) -> Vec<Income> {
        let rows = self.lanes.iter().flat_map(|lane| &lane.outputs.income);
        let mut income: Vec<(&Transaction, Income)> = rows
            .map(|row| {
                let transaction = &self.transactions[row.by as usize];
                // Charges of a trade are in its cost or proceeds, not in the accrued interest beside it.
                let paid = !matches!(
                    transaction.kind,
                    TransactionKind::Buy | TransactionKind::Sell | TransactionKind::Short | TransactionKind::Cover
                );
                let charge = |amount: Decimal| if paid { amount } else { Decimal::ZERO };
                let income = Income {
                    transaction: transaction.id,
                    portfolio: transaction.portfolio,
                    account: transaction.account,
                    instrument: transaction.instrument,
                    date: transaction.trade_date,
                    kind: transaction.kind,
                    currency: transaction.currency,
                    amount: row.amount,
                    base: row.base,
                    fees: charge(transaction.fees),
                    taxes: charge(transaction.taxes),
                };
                (transaction, income)
            })
            .collect();
        income.sort_by(|(a, x), (b, y)| {
            (x.date, x.account, x.instrument)
                .cmp(&(y.date, y.account, y.instrument))
                .then_with(|| a.cmp_in_book(b))
        });
        income.into_iter().map(|(_, income)| income).collect()
    }

    /// Returns fees and taxes of all transactions that bear any, by day and account.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  buy  ACME  10 @ 90 USD fees 1
    ///     2026-01-06  fee  25 USD
    /// ")?.book();
    /// let fees: Decimal = book.charges().iter().map(|charge| charge.fees).sum();
    /// assert_eq!(fees, Decimal::from(26));
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn charges(&self) -> Vec<Charge> {
        let mut charges: Vec<(&Transaction, Charge)> = Vec::new();
        for transaction in self.effective() {
            let (mut fees, mut taxes) = (transaction.fees, transaction.taxes);
            let sign = if transaction.detail().short {
                Decimal::NEGATIVE_ONE
            } else {
                Decimal::ONE
            };
            match transaction.kind {
                TransactionKind::Fee => fees += sign * transaction.amount(),
                TransactionKind::Tax => taxes += sign * transaction.amount(),
                _ => {}
            }
            if fees.is_zero() && taxes.is_zero() {
                continue;
            }
            let base = self.reference.base(transaction.portfolio);
            let charge = Charge {
                transaction: transaction.id,
                portfolio: transaction.portfolio,
                account: transaction.account,
                date: transaction.trade_date,
                kind: transaction.kind,
                currency: transaction.currency,
                fees,
                taxes,
                rate: base.and_then(|base| self.reference.trade_rate(transaction, base)),
            };
            charges.push((transaction, charge));
        }
        charges.sort_by(|(a, x), (b, y)| {
            (x.date, x.account)
                .cmp(&(y.date, y.account))
                .then_with(|| a.cmp_in_book(b))
        });
        charges.into_iter().map(|(_, charge)| charge).collect()
    }

    /// Returns everything that came in from outside or went out, by day and account.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  deposit     1000 USD
    ///     2026-01-06  withdrawal   200 USD
    /// ")?.book();
    /// let amounts: Vec<Decimal> = book.flows().iter().map(|flow| flow.amount).collect();
    /// assert_eq!(amounts, [Decimal::from(1_000), Decimal::from(-200)]);
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn flows(&self) -> Vec<Flow> {
        let slots = self.lanes.iter().flat_map(|lane| &lane.outputs.flows);
        let mut flows: Vec<(&Transaction, Flow)> = slots
            .map(|slot| {
                let transaction = &self.transactions[*slot as usize];
                (transaction, self.flow(transaction))
            })
            .collect();
        flows.sort_by(|(a, x), (b, y)| {
            (x.date, x.account)
                .cmp(&(y.date, y.account))
                .then_with(|| a.cmp_in_book(b))
        });
        flows.into_iter().map(|(_, flow)| flow).collect()
    }

    /// Returns the cash of each account and currency at the end of a day, sorted; untouched ones are left out.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  deposit  1000 USD
    ///     2026-01-05  buy      ACME  10 @ 90 USD settle 2026-01-07
    /// ")?.book();
    /// let cash = &book.cash(Date::constant(2026, 1, 5))[0];
    /// assert_eq!((cash.traded, cash.settled), (100.into(), 1_000.into()));
    /// assert_eq!(cash.pending, [(Date::constant(2026, 1, 7), Decimal::from(-900))]);
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn cash(&self, as_of: Date) -> Vec<CashBalance> {
        let mut balances: Vec<CashBalance> = self
            .cash
            .iter()
            .filter_map(|lane| {
                let account = &self.reference.accounts[lane.account as usize].account;
                lane.balance(account.portfolio, account.id, as_of)
            })
            .collect();
        balances.sort_unstable_by_key(|balance| (balance.account, balance.currency));
        balances
    }

    /// Returns the cash of each account and currency over time, sorted.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  deposit     1000 USD
    ///     2026-01-06  withdrawal   200 USD
    /// ")?.book();
    /// assert_eq!(book.cash_steps()[0].steps[1], (Date::constant(2026, 1, 6), Decimal::from(800)));
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn cash_steps(&self) -> Vec<CashSteps> {
        let mut all: Vec<CashSteps> = self
            .cash
            .iter()
            .map(|lane| {
                let account = &self.reference.accounts[lane.account as usize].account;
                CashSteps {
                    portfolio: account.portfolio,
                    account: account.id,
                    currency: lane.currency,
                    steps: lane.steps(),
                }
            })
            .filter(|steps| !steps.steps.is_empty())
            .collect();
        all.sort_unstable_by_key(|steps| (steps.account, steps.currency));
        all
    }

    /// Returns the quantities of each account and instrument over time, sorted.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  buy    ACME  10 @ 90 USD
    ///     2026-01-06  split  ACME  7:1
    /// ")?.book();
    /// assert_eq!(book.quantity_steps()[0].steps[1], (Date::constant(2026, 1, 6), Decimal::from(70)));
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn quantity_steps(&self) -> Vec<QuantitySteps> {
        let lanes = self.lanes.iter();
        let positions = lanes.flat_map(|lane| lane.positions.iter().map(move |position| (lane, position.instrument)));
        let mut all: Vec<QuantitySteps> = positions
            .filter_map(|(lane, instrument)| self.steps_of(lane, instrument))
            .collect();
        all.sort_unstable_by_key(|steps| (steps.account, steps.instrument));
        all
    }

    /// Returns the quantities of one instrument over time, by account.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let ledger = Ledger::parse("
    ///     2026-01-05  buy  ACME  10 @ 90 USD
    ///     2026-01-05  buy  EMCA  20 @ 50 USD
    /// ")?;
    /// let book = ledger.book();
    /// let emca = book.quantity_steps()[1].instrument;
    /// assert_eq!(book.quantity_steps_of(emca), [book.quantity_steps()[1].clone()]);
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn quantity_steps_of(&self, instrument: InstrumentId) -> Vec<QuantitySteps> {
        let Some(instrument) = self.reference.instrument(instrument) else {
            return Vec::new();
        };
        let holds = |lane: &&Lane| lane.positions.iter().any(|position| position.instrument == instrument);
        let lanes = self.lanes.iter().filter(holds);
        let mut all: Vec<QuantitySteps> = lanes.filter_map(|lane| self.steps_of(lane, instrument)).collect();
        all.sort_unstable_by_key(|steps| steps.account);
        all
    }

    fn steps_of(&self, lane: &Lane, instrument: u32) -> Option<QuantitySteps> {
        let account = &self.reference.accounts[lane.account as usize].account;
        let mut quantities: Vec<(Date, Decimal)> = Vec::new();
        let mut accrued: Vec<(Date, Decimal)> = Vec::new();
        for row in lane.outputs.steps.iter().filter(|row| row.instrument == instrument) {
            step(&mut quantities, row.date, row.quantity);
            step(&mut accrued, row.date, row.accrued);
        }
        (!quantities.is_empty() || !accrued.is_empty()).then(|| QuantitySteps {
            portfolio: account.portfolio,
            account: account.id,
            instrument: self.reference.instruments[instrument as usize].instrument.id,
            steps: quantities,
            accrued,
        })
    }

    /// Returns the splits that count, by day, account and instrument.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  buy    ACME  10 @ 90 USD
    ///     2026-01-06  split  ACME  7:1
    /// ")?.book();
    /// assert_eq!(book.splits()[0].ratio.to_string(), "7:1");
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn splits(&self) -> Vec<SplitEvent> {
        let splits = self.noted(TransactionKind::Split);
        let mut splits: Vec<SplitEvent> = splits
            .filter_map(|transaction| {
                Some(SplitEvent {
                    account: transaction.account,
                    instrument: transaction.instrument?,
                    date: transaction.trade_date,
                    ratio: transaction.ratio()?,
                })
            })
            .collect();
        splits.sort_by_key(|split| (split.date, split.account, split.instrument));
        splits
    }

    /// Returns the marks that count, in the order of the book, so that a later one of a day replaces an earlier one.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     private FUND USD
    ///     2026-01-05  buy   FUND  10 @ 90 USD
    ///     2026-06-30  mark  FUND  @ 101.50
    /// ")?.book();
    /// assert_eq!(book.marks()[0].price, Decimal::new(10_150, 2));
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<&Transaction> = self.noted(TransactionKind::Mark).collect();
        marks.sort_by(|a, b| a.cmp_in_book(b));
        let mark = |transaction: &Transaction| {
            Some(Mark {
                transaction: transaction.id,
                instrument: transaction.instrument?,
                date: transaction.trade_date,
                price: transaction.gross.unwrap_or(transaction.price),
            })
        };
        marks.into_iter().filter_map(mark).collect()
    }

    /// Returns everything the book folds to, for comparisons.
    ///
    /// ```
    /// # use apex_domain::*;
    /// # use apex_testkit::Ledger;
    /// let book = Ledger::parse("
    ///     2026-01-05  buy  ACME  10 @ 90 USD
    /// ")?.book();
    /// assert_eq!(book.state(), book.full_fold().state());
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn state(&self) -> BookState {
        BookState {
            holdings: self.holdings(Date::MAX),
            closed_lots: self.closed_lots(),
            income: self.income(),
            flows: self.flows(),
            cash: self.cash(Date::MAX),
            quantity_steps: self.quantity_steps(),
            cash_steps: self.cash_steps(),
            refusals: self.refusals(),
        }
    }

    fn noted(&self, kind: TransactionKind) -> impl Iterator<Item = &Transaction> {
        let slots = self.lanes.iter().flat_map(|lane| &lane.outputs.noted);
        slots
            .map(|slot| &self.transactions[*slot as usize])
            .filter(move |transaction| transaction.kind == kind)
    }

    fn holding(&self, account: u32, position: &Position) -> Holding {
        let account = &self.reference.accounts[account as usize].account;
        let instrument = &self.reference.instruments[position.instrument as usize].instrument;
        Holding {
            portfolio: account.portfolio,
            account: account.id,
            instrument: instrument.id,
            currency: instrument.currency,
            quantity: position.quantity,
            cost: position.lots.iter().map(|lot| lot.cost).sum(),
            cost_base: position.lots.iter().map(|lot| lot.cost_base).sum(),
            accrued: position.accrued,
            lots: position
                .lots
                .iter()
                .map(|lot| OpenLot {
                    opened: lot.opened,
                    opened_by: self.transactions[lot.by as usize].id,
                    quantity: lot.quantity,
                    cost: lot.cost,
                    cost_base: lot.cost_base,
                    rate_opened: lot.rate,
                })
                .collect(),
        }
    }

    fn flow(&self, transaction: &Transaction) -> Flow {
        let out = matches!(
            transaction.kind,
            TransactionKind::Withdrawal | TransactionKind::TransferOut
        );
        let sign = if out { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
        let in_kind = transaction.instrument.is_some()
            && matches!(
                transaction.kind,
                TransactionKind::TransferIn | TransactionKind::TransferOut
            );
        let amount = if in_kind {
            Decimal::ZERO
        } else {
            sign * transaction.amount()
        };
        let held = if transaction.detail().short {
            -transaction.quantity
        } else {
            transaction.quantity
        };
        let base = self.reference.base(transaction.portfolio);
        let rate = base.and_then(|base| self.reference.trade_rate(transaction, base));
        Flow {
            transaction: transaction.id,
            portfolio: transaction.portfolio,
            account: transaction.account,
            date: transaction.trade_date,
            kind: transaction.kind,
            currency: transaction.currency,
            amount,
            base: if in_kind {
                None
            } else {
                rate.map(|rate| converted(amount, rate))
            },
            instrument: if in_kind { transaction.instrument } else { None },
            quantity: if in_kind { sign * held } else { Decimal::ZERO },
        }
    }
}

/// Notes a value at the end of a day; days without a change leave no step.
fn step(steps: &mut Vec<(Date, Decimal)>, date: Date, value: Decimal) {
    if let Some(last) = steps.last_mut().filter(|last| last.0 == date) {
        last.1 = value;
        let before = steps.len().checked_sub(2).map_or(Decimal::ZERO, |at| steps[at].1);
        if before == value {
            steps.pop();
        }
    } else if steps.last().map_or(Decimal::ZERO, |last| last.1) != value {
        steps.push((date, value));
    }
}
