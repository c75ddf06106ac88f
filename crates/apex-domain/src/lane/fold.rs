//! What each kind of transaction does to the lots, gains and income of its lane.
//!
//! Corporate actions and exercises are in [`super::corporate`], what is refused in [`super::refuse`].

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Facts, IncomeRow, NO_INSTRUMENT, Outputs, StepRow};
use crate::cash;
use crate::lots::{ClosedRow, Closing, Lot, Position, prorate};
use crate::money::{Currency, converted};
use crate::portfolio::LotMethod;
use crate::refusal::Refusal;
use crate::transaction::{Transaction, TransactionKind};

/// The rules of one account, applied to one event after another.
pub(super) struct Fold<'a> {
    pub(super) facts: Facts<'a>,
    pub(super) method: LotMethod,
    pub(super) base: Currency,
    pub(super) account: u32,
    /// Scratch space for the lots an event takes.
    pub(super) parts: Vec<Lot>,
}

/// The money of one event: its own currency, and base currency where the rate is known.
#[derive(Clone, Copy)]
pub(super) struct Amount {
    pub(super) local: Decimal,
    pub(super) base: Option<Decimal>,
}

impl<'a> Fold<'a> {
    pub(super) fn new(facts: Facts<'a>, account: u32) -> Self {
        let account_facts = &facts.reference.accounts[account as usize];
        Self {
            facts,
            method: account_facts.account.lot_method,
            base: account_facts.base,
            account,
            parts: Vec::new(),
        }
    }

    pub(super) fn step(&mut self, slot: u32, positions: &mut Vec<Position>, outputs: &mut Outputs) {
        if let Err(refusal) = self.apply(slot, positions, outputs) {
            outputs.refused.push((slot, refusal));
        }
    }

    /// Applies one event. Whatever refuses does so before anything has changed.
    pub(super) fn apply(
        &mut self,
        slot: u32,
        positions: &mut Vec<Position>,
        outputs: &mut Outputs,
    ) -> Result<(), Refusal> {
        use TransactionKind::*;

        let transaction = &self.facts.transactions[slot as usize];
        let instrument = self.facts.places[slot as usize].instrument;
        if instrument == NO_INSTRUMENT {
            self.without_instrument(slot, transaction, outputs);
            return Ok(());
        }
        let at = position_of(positions, instrument);
        let position = &mut positions[at];
        let multiplier = self.facts.reference.instruments[instrument as usize].multiplier;
        let charges = transaction.fees + transaction.taxes;
        let detail = transaction.detail();
        match transaction.kind {
            Buy => {
                self.refuse_short(transaction, position)?;
                self.open(
                    slot,
                    position,
                    transaction.quantity,
                    transaction.trade_value(multiplier) + charges,
                );
                position.accrued += detail.accrued_interest.unwrap_or_default();
            }
            Short => {
                self.refuse_long(transaction, position)?;
                let proceeds = transaction.trade_value(multiplier) - charges;
                self.open(slot, position, -transaction.quantity, -proceeds);
                position.accrued -= detail.accrued_interest.unwrap_or_default();
            }
            Sell => {
                let proceeds = transaction.trade_value(multiplier) - charges;
                self.close(
                    slot,
                    position,
                    transaction.quantity,
                    false,
                    proceeds,
                    Closing::Trade,
                    outputs,
                )?;
                if let Some(accrued) = detail.accrued_interest {
                    self.earn(slot, position, accrued, outputs);
                }
            }
            Cover => {
                let paid = transaction.trade_value(multiplier) + charges;
                self.close(
                    slot,
                    position,
                    transaction.quantity,
                    true,
                    -paid,
                    Closing::Trade,
                    outputs,
                )?;
                if let Some(accrued) = detail.accrued_interest {
                    self.earn(slot, position, -accrued, outputs);
                }
            }
            BondRedemption => {
                let value = cash::redemption_value(transaction, multiplier);
                let proceeds = if detail.short { -value } else { value } - charges;
                self.close(
                    slot,
                    position,
                    transaction.quantity,
                    detail.short,
                    proceeds,
                    Closing::Trade,
                    outputs,
                )?;
            }
            OptionExpiry => {
                let quantity = if transaction.quantity.is_zero() {
                    position.quantity.abs()
                } else {
                    transaction.quantity
                };
                let short = position.quantity.is_sign_negative();
                self.close(slot, position, quantity, short, -charges, Closing::Trade, outputs)?;
            }
            TransferIn => {
                if detail.short {
                    self.refuse_long(transaction, position)?;
                } else {
                    self.refuse_short(transaction, position)?;
                }
                let sign = if detail.short {
                    Decimal::NEGATIVE_ONE
                } else {
                    Decimal::ONE
                };
                let cost = transaction.trade_value(multiplier);
                self.open(slot, position, sign * transaction.quantity, sign * cost);
                outputs.flows.push(slot);
            }
            TransferOut => {
                self.transfer_out(slot, position, outputs)?;
                outputs.flows.push(slot);
            }
            Split => {
                self.split(slot, position, outputs)?;
                outputs.noted.push(slot);
            }
            SpinOff => return self.spin_off(slot, positions, at, outputs),
            Merger => return self.merger(slot, positions, at, multiplier, outputs),
            OptionExercise => return self.exercise(slot, positions, at, outputs),
            Dividend | BondCoupon | Interest => {
                let amount = transaction.amount();
                self.earn(slot, position, if detail.short { -amount } else { amount }, outputs);
            }
            Accrual => {
                let amount = if detail.short {
                    -transaction.amount()
                } else {
                    transaction.amount()
                };
                position.accrued += amount;
                self.income(slot, amount, outputs);
            }
            Mark => {
                outputs.noted.push(slot);
                return Ok(());
            }
            Fee | Tax | Fx | SymbolChange | Deposit | Withdrawal => return Ok(()),
        }
        step_row(&positions[at], transaction.trade_date, outputs);
        Ok(())
    }

    /// Money that concerns no instrument.
    pub(super) fn without_instrument(&self, slot: u32, transaction: &Transaction, outputs: &mut Outputs) {
        use TransactionKind::*;

        match transaction.kind {
            Deposit | Withdrawal | TransferIn | TransferOut => outputs.flows.push(slot),
            Interest => {
                let amount = transaction.amount();
                self.income(slot, if transaction.detail().short { -amount } else { amount }, outputs);
            }
            _ => {}
        }
    }

    pub(super) fn rate(&self, transaction: &Transaction) -> Option<Decimal> {
        self.facts.reference.trade_rate(transaction, self.base)
    }

    pub(super) fn amount(&self, transaction: &Transaction, local: Decimal) -> Amount {
        Amount {
            local,
            base: self.rate(transaction).map(|rate| converted(local, rate)),
        }
    }

    pub(super) fn open(&self, slot: u32, position: &mut Position, quantity: Decimal, cost: Decimal) {
        let transaction = &self.facts.transactions[slot as usize];
        let rate = self.rate(transaction);
        let lot = Lot {
            opened: transaction.detail().opened.unwrap_or(transaction.trade_date),
            by: slot,
            quantity,
            cost,
            cost_base: rate.map(|rate| converted(cost, rate)),
            rate,
        };
        position.open(lot, self.method);
    }

    /// Closes a quantity of the long or the short side for signed proceeds in the transaction's currency.
    #[expect(clippy::too_many_arguments, reason = "the one place where lots are closed")]
    pub(super) fn close(
        &mut self,
        slot: u32,
        position: &mut Position,
        quantity: Decimal,
        short: bool,
        proceeds: Decimal,
        closing: Closing,
        outputs: &mut Outputs,
    ) -> Result<(), Refusal> {
        let transaction = &self.facts.transactions[slot as usize];
        self.refuse_unheld(transaction, position, quantity, short)?;
        self.take(slot, position, quantity);
        let proceeds = self.amount(transaction, proceeds);
        self.write_closed(slot, position.instrument, proceeds, closing, outputs);
        Ok(())
    }

    /// Takes lots into `parts` by the account's method and the lots the transaction names.
    pub(super) fn take(&mut self, slot: u32, position: &mut Position, quantity: Decimal) {
        let transactions = self.facts.transactions;
        let picks = &transactions[slot as usize].detail().lots;
        position.take(
            self.method,
            quantity,
            picks,
            |by| transactions[by as usize].id,
            &mut self.parts,
        );
    }

    /// Writes a closed lot for each of `parts`, the proceeds shared by quantity; the last takes the remainder.
    pub(super) fn write_closed(
        &mut self,
        slot: u32,
        instrument: u32,
        proceeds: Amount,
        closing: Closing,
        outputs: &mut Outputs,
    ) {
        let transaction = &self.facts.transactions[slot as usize];
        let rate_closed = self.rate(transaction);
        let whole: Decimal = if self.parts.len() > 1 {
            self.parts.iter().map(|lot| lot.quantity).sum()
        } else {
            Decimal::ONE
        };
        let (mut rest, mut rest_base) = (proceeds.local, proceeds.base);
        let last = self.parts.len().saturating_sub(1);
        for (at, lot) in self.parts.drain(..).enumerate() {
            let (mut share, mut share_base) = (rest, rest_base);
            if at != last {
                share = prorate(proceeds.local, lot.quantity, whole);
                share_base = proceeds.base.map(|base| {
                    if base == proceeds.local {
                        share
                    } else {
                        prorate(base, lot.quantity, whole)
                    }
                });
            }
            rest -= share;
            rest_base = rest_base.zip(share_base).map(|(rest, share)| rest - share);
            outputs.closed.push(ClosedRow {
                instrument,
                by: slot,
                closing,
                lot,
                proceeds: share,
                proceeds_base: share_base,
                rate_closed,
            });
        }
    }

    /// Income that first settles what was accrued; only the rest is earned now.
    pub(super) fn earn(&self, slot: u32, position: &mut Position, amount: Decimal, outputs: &mut Outputs) {
        let zero = Decimal::ZERO;
        let settled = if amount > zero {
            amount.min(position.accrued.max(zero))
        } else {
            amount.max(position.accrued.min(zero))
        };
        position.accrued -= settled;
        if amount != settled {
            self.income(slot, amount - settled, outputs);
        }
    }

    pub(super) fn income(&self, slot: u32, local: Decimal, outputs: &mut Outputs) {
        let amount = self.amount(&self.facts.transactions[slot as usize], local);
        outputs.income.push(IncomeRow {
            by: slot,
            amount: amount.local,
            base: amount.base,
        });
    }

    pub(super) fn transfer_out(
        &mut self,
        slot: u32,
        position: &mut Position,
        outputs: &mut Outputs,
    ) -> Result<(), Refusal> {
        let transaction = &self.facts.transactions[slot as usize];
        self.refuse_unheld(transaction, position, transaction.quantity, transaction.detail().short)?;
        self.take(slot, position, transaction.quantity);
        self.write_at_cost(slot, position.instrument, Closing::Transfer, outputs);
        Ok(())
    }

    /// Writes a closed lot for each of `parts` at its cost, without gain.
    pub(super) fn write_at_cost(&mut self, slot: u32, instrument: u32, closing: Closing, outputs: &mut Outputs) {
        for lot in self.parts.drain(..) {
            outputs.closed.push(ClosedRow {
                instrument,
                by: slot,
                closing,
                proceeds: lot.cost,
                proceeds_base: lot.cost_base,
                rate_closed: lot.rate,
                lot,
            });
        }
    }

    pub(super) fn take_unpicked(&mut self, position: &mut Position, quantity: Decimal) {
        let transactions = self.facts.transactions;
        position.take(
            self.method,
            quantity,
            &[],
            |by| transactions[by as usize].id,
            &mut self.parts,
        );
    }
}

pub(super) fn step_row(position: &Position, date: Date, outputs: &mut Outputs) {
    outputs.steps.push(StepRow {
        instrument: position.instrument,
        date,
        quantity: position.quantity,
        accrued: position.accrued,
    });
}

/// Returns the place of an instrument's position, made when it is new. A lane holds few.
pub(super) fn position_of(positions: &mut Vec<Position>, instrument: u32) -> usize {
    positions
        .iter()
        .position(|position| position.instrument == instrument)
        .unwrap_or_else(|| {
            positions.push(Position::new(instrument));
            positions.len() - 1
        })
}
