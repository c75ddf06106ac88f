//! The fold of one lane: the transactions of one instrument in one account, in book order, to lots, gains and income.
//!
//! A corporate action or an exercise that moves cost from one instrument to another joins their lanes, so that a lane
//! never looks beyond itself. At intervals a lane keeps a checkpoint; an edit folds again only from the last one
//! before it. A refused transaction is left out, noted, and has no effect at all.

use std::borrow::Cow;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::cash;
use crate::lots::{ClosedRow, Closing, Lot, Position, prorate, prorate_quantity, scaled};
use crate::money::{Currency, converted, round_money};
use crate::portfolio::LotMethod;
use crate::reference::Indexed;
use crate::refusal::Refusal;
use crate::transaction::{Transaction, TransactionKind};
use crate::validate::QUANTITY_MAX;

/// The least number of events between two checkpoints.
const CHECKPOINT_EVENTS: usize = 128;

/// What a fold reads.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) transactions: &'a [Transaction],
    /// The place of each transaction, by slot.
    pub(crate) places: &'a [Place],
    pub(crate) reference: &'a Indexed,
}

/// Stands for "no instrument".
pub(crate) const NO_INSTRUMENT: u32 = u32::MAX;

/// The numbers of a transaction's account and instrument, looked up once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) account: u32,
    pub(crate) instrument: u32,
}

/// Income as it is earned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IncomeRow {
    pub(crate) by: u32,
    /// Before fees and taxes, in the transaction's currency; negative when it was paid.
    pub(crate) amount: Decimal,
    pub(crate) base: Option<Decimal>,
}

/// The quantity after an event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StepRow {
    pub(crate) instrument: u32,
    pub(crate) date: Date,
    pub(crate) quantity: Decimal,
    pub(crate) accrued: Decimal,
}

/// What a fold writes; rows are only ever appended.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Outputs {
    pub(crate) closed: Vec<ClosedRow>,
    pub(crate) income: Vec<IncomeRow>,
    pub(crate) steps: Vec<StepRow>,
    /// Slots that came in or went out from or to outside, in book order.
    pub(crate) flows: Vec<u32>,
    /// Slots of splits and marks, in book order.
    pub(crate) noted: Vec<u32>,
    pub(crate) refused: Vec<(u32, Refusal)>,
}

impl Outputs {
    fn lengths(&self) -> [usize; 6] {
        [
            self.closed.len(),
            self.income.len(),
            self.steps.len(),
            self.flows.len(),
            self.noted.len(),
            self.refused.len(),
        ]
    }

    fn cut(&mut self, [closed, income, steps, flows, noted, refused]: [usize; 6]) {
        self.closed.truncate(closed);
        self.income.truncate(income);
        self.steps.truncate(steps);
        self.flows.truncate(flows);
        self.noted.truncate(noted);
        self.refused.truncate(refused);
    }
}

#[derive(Debug, Clone)]
struct Checkpoint {
    /// Events folded so far.
    events: usize,
    positions: Vec<Position>,
    lengths: [usize; 6],
}

/// One lane: its events in book order, and what they fold to.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) account: u32,
    pub(crate) events: Vec<u32>,
    pub(crate) positions: Vec<Position>,
    pub(crate) outputs: Outputs,
    checkpoints: Vec<Checkpoint>,
}

impl Lane {
    pub(crate) fn new(account: u32) -> Self {
        Self {
            account,
            events: Vec::new(),
            positions: Vec::new(),
            outputs: Outputs::default(),
            checkpoints: Vec::new(),
        }
    }

    /// Folds again from an event on; everything before it stands.
    pub(crate) fn refold(&mut self, facts: Facts<'_>, from: usize) {
        while self
            .checkpoints
            .last()
            .is_some_and(|checkpoint| checkpoint.events > from)
        {
            self.checkpoints.pop();
        }
        let mut at = 0;
        match self.checkpoints.last() {
            Some(checkpoint) => {
                at = checkpoint.events;
                self.positions.clone_from(&checkpoint.positions);
                self.outputs.cut(checkpoint.lengths);
            }
            None => {
                self.positions.clear();
                self.outputs.cut([0; 6]);
            }
        }
        let mut fold = Fold::new(facts, self.account);
        let mut last = at;
        for (done, &slot) in self.events.iter().enumerate().skip(at) {
            if done >= last + CHECKPOINT_EVENTS {
                // Checkpoints stay proportional to the lots they copy, so that they never outgrow the lane.
                let lots: usize = self.positions.iter().map(|position| position.lots.len()).sum();
                if done >= last + lots {
                    last = done;
                    self.checkpoints.push(Checkpoint {
                        events: done,
                        positions: self.positions.clone(),
                        lengths: self.outputs.lengths(),
                    });
                }
            }
            fold.step(slot, &mut self.positions, &mut self.outputs);
        }
    }

    /// Returns the positions at the end of a day.
    pub(crate) fn positions_at(&self, facts: Facts<'_>, as_of: Date) -> Cow<'_, [Position]> {
        let slot_date = |slot: u32| facts.transactions[slot as usize].trade_date;
        if self.events.last().is_none_or(|last| slot_date(*last) <= as_of) {
            return Cow::Borrowed(&self.positions);
        }
        let end = self.events.partition_point(|slot| slot_date(*slot) <= as_of);
        let checkpoint = self
            .checkpoints
            .iter()
            .rev()
            .find(|checkpoint| checkpoint.events <= end);
        let mut positions = checkpoint
            .map(|checkpoint| checkpoint.positions.clone())
            .unwrap_or_default();
        let mut outputs = Outputs::default();
        let mut fold = Fold::new(facts, self.account);
        for &slot in &self.events[checkpoint.map_or(0, |checkpoint| checkpoint.events)..end] {
            fold.step(slot, &mut positions, &mut outputs);
        }
        Cow::Owned(positions)
    }
}

/// The rules of one account, applied to one event after another.
struct Fold<'a> {
    facts: Facts<'a>,
    method: LotMethod,
    base: Currency,
    account: u32,
    /// Scratch space for the lots an event takes.
    parts: Vec<Lot>,
}

/// The money of one event: its own currency, and base currency where the rate is known.
#[derive(Clone, Copy)]
struct Amount {
    local: Decimal,
    base: Option<Decimal>,
}

impl<'a> Fold<'a> {
    fn new(facts: Facts<'a>, account: u32) -> Self {
        let account_facts = &facts.reference.accounts[account as usize];
        Self {
            facts,
            method: account_facts.account.lot_method,
            base: account_facts.base,
            account,
            parts: Vec::new(),
        }
    }

    fn step(&mut self, slot: u32, positions: &mut Vec<Position>, outputs: &mut Outputs) {
        if let Err(refusal) = self.apply(slot, positions, outputs) {
            outputs.refused.push((slot, refusal));
        }
    }

    /// Applies one event. Whatever refuses does so before anything has changed.
    fn apply(&mut self, slot: u32, positions: &mut Vec<Position>, outputs: &mut Outputs) -> Result<(), Refusal> {
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
    fn without_instrument(&self, slot: u32, transaction: &Transaction, outputs: &mut Outputs) {
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

    fn rate(&self, transaction: &Transaction) -> Option<Decimal> {
        self.facts.reference.trade_rate(transaction, self.base)
    }

    fn amount(&self, transaction: &Transaction, local: Decimal) -> Amount {
        Amount {
            local,
            base: self.rate(transaction).map(|rate| converted(local, rate)),
        }
    }

    fn open(&self, slot: u32, position: &mut Position, quantity: Decimal, cost: Decimal) {
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
    fn close(
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
    fn take(&mut self, slot: u32, position: &mut Position, quantity: Decimal) {
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
    fn write_closed(&mut self, slot: u32, instrument: u32, proceeds: Amount, closing: Closing, outputs: &mut Outputs) {
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
    fn earn(&self, slot: u32, position: &mut Position, amount: Decimal, outputs: &mut Outputs) {
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

    fn income(&self, slot: u32, local: Decimal, outputs: &mut Outputs) {
        let amount = self.amount(&self.facts.transactions[slot as usize], local);
        outputs.income.push(IncomeRow {
            by: slot,
            amount: amount.local,
            base: amount.base,
        });
    }

    fn transfer_out(&mut self, slot: u32, position: &mut Position, outputs: &mut Outputs) -> Result<(), Refusal> {
        let transaction = &self.facts.transactions[slot as usize];
        self.refuse_unheld(transaction, position, transaction.quantity, transaction.detail().short)?;
        self.take(slot, position, transaction.quantity);
        self.write_at_cost(slot, position.instrument, Closing::Transfer, outputs);
        Ok(())
    }

    /// Writes a closed lot for each of `parts` at its cost, without gain.
    fn write_at_cost(&mut self, slot: u32, instrument: u32, closing: Closing, outputs: &mut Outputs) {
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

    fn split(&mut self, slot: u32, position: &mut Position, outputs: &mut Outputs) -> Result<(), Refusal> {
        let transaction = &self.facts.transactions[slot as usize];
        self.refuse_flat(transaction, position)?;
        let Some(ratio) = transaction.ratio() else {
            return Ok(());
        };
        let due = scaled(position.quantity, ratio).ok_or_else(|| too_large(transaction))?;
        refuse_idle_cash(transaction, due, Decimal::ZERO)?;
        position.split(ratio, due);
        self.pay_in_lieu(slot, position, Decimal::ZERO, outputs);
        Ok(())
    }

    /// Sells the fraction of a share for the cash in lieu, where there is any: what exceeds `whole`, or, when that is
    /// zero, what exceeds whole shares.
    fn pay_in_lieu(&mut self, slot: u32, position: &mut Position, whole: Decimal, outputs: &mut Outputs) {
        let transaction = &self.facts.transactions[slot as usize];
        let Some(cash) = transaction.detail().cash_in_lieu else {
            return;
        };
        let held = position.quantity.abs();
        let kept = if whole.is_zero() { held.trunc() } else { whole };
        if kept >= held {
            return;
        }
        self.take(slot, position, held - kept);
        let proceeds = self.amount(transaction, if transaction.detail().short { -cash } else { cash });
        self.write_closed(slot, position.instrument, proceeds, Closing::CashInLieu, outputs);
    }

    fn spin_off(
        &mut self,
        slot: u32,
        positions: &mut Vec<Position>,
        at: usize,
        outputs: &mut Outputs,
    ) -> Result<(), Refusal> {
        let transaction = &self.facts.transactions[slot as usize];
        let detail = transaction.detail();
        self.refuse_flat(transaction, &positions[at])?;
        let Some(other) = detail
            .other_instrument
            .and_then(|id| self.facts.reference.instrument(id))
        else {
            return Ok(());
        };
        let to = position_of(positions, other);
        let parent = &positions[at];
        self.refuse_opposite(transaction, parent.quantity, &positions[to])?;
        let due = match detail.ratio {
            Some(ratio) => scaled(parent.quantity, ratio).ok_or_else(|| too_large(transaction))?,
            None if parent.quantity.is_sign_negative() => -transaction.quantity,
            None => transaction.quantity,
        };
        refuse_idle_cash(transaction, due, transaction.quantity)?;
        let fraction = detail.basis_fraction.unwrap_or_default();
        let (whole, last) = (parent.quantity, parent.lots.len().saturating_sub(1));
        let total = parent.lots.iter().map(|lot| lot.cost).sum::<Decimal>();
        let total_base = parent.lots.iter().map(|lot| lot.cost_base).sum::<Option<Decimal>>();
        let mut rest = (
            due,
            round_money(total * fraction),
            total_base.map(|base| round_money(base * fraction)),
        );
        let mut moved = Vec::with_capacity(parent.lots.len());
        for (index, lot) in positions[at].lots.iter_mut().enumerate() {
            let mut part = Lot {
                quantity: rest.0,
                cost: rest.1,
                cost_base: rest.2,
                ..*lot
            };
            if index != last {
                part.quantity = prorate_quantity(due, lot.quantity, whole);
                part.cost = round_money(lot.cost * fraction);
                part.cost_base = rest.2.and(lot.cost_base).map(|base| round_money(base * fraction));
            }
            lot.cost -= part.cost;
            lot.cost_base = lot.cost_base.zip(part.cost_base).map(|(whole, part)| whole - part);
            rest.0 -= part.quantity;
            rest.1 -= part.cost;
            rest.2 = rest.2.zip(part.cost_base).map(|(whole, part)| whole - part);
            moved.push(part);
        }
        self.receive(slot, &mut positions[to], moved, due, transaction.quantity, outputs);
        step_row(&positions[at], transaction.trade_date, outputs);
        step_row(&positions[to], transaction.trade_date, outputs);
        Ok(())
    }

    /// Adds lots that a corporate action brings; a fraction beyond `whole` shares goes for the cash in lieu.
    fn receive(
        &mut self,
        slot: u32,
        position: &mut Position,
        lots: Vec<Lot>,
        due: Decimal,
        whole: Decimal,
        outputs: &mut Outputs,
    ) {
        let before = position.quantity.abs();
        for lot in lots {
            position.open(lot, self.method);
        }
        let transaction = &self.facts.transactions[slot as usize];
        if transaction.detail().cash_in_lieu.is_some() {
            let kept = if whole.is_zero() { due.abs().trunc() } else { whole };
            let kept = before + kept.min(due.abs());
            if kept.is_zero() {
                // Nothing but a fraction was due: all of it goes for the cash.
                let held = position.quantity.abs();
                self.take(slot, position, held);
                let cash = transaction.detail().cash_in_lieu.unwrap_or_default();
                let proceeds = self.amount(transaction, if transaction.detail().short { -cash } else { cash });
                self.write_closed(slot, position.instrument, proceeds, Closing::CashInLieu, outputs);
            } else {
                self.pay_in_lieu(slot, position, kept, outputs);
            }
        }
    }

    fn merger(
        &mut self,
        slot: u32,
        positions: &mut Vec<Position>,
        at: usize,
        multiplier: Decimal,
        outputs: &mut Outputs,
    ) -> Result<(), Refusal> {
        let transaction = &self.facts.transactions[slot as usize];
        let detail = transaction.detail();
        self.refuse_flat(transaction, &positions[at])?;
        let held = positions[at].quantity;
        let quantity = if transaction.quantity.is_zero() {
            held.abs()
        } else {
            transaction.quantity
        };
        let short = held.is_sign_negative();
        let charges = transaction.fees + transaction.taxes;
        let cash = cash::merger_cash(transaction, multiplier);
        let signed_cash = if detail.short { -cash } else { cash } - charges;
        if !cash.is_zero() && short != detail.short {
            // The cash would move the wrong way.
            self.refuse_unheld(transaction, &positions[at], quantity, detail.short)?;
        }
        let other = detail
            .other_instrument
            .and_then(|id| self.facts.reference.instrument(id));
        let (Some(other), Some(ratio)) = (other, detail.ratio) else {
            self.close(
                slot,
                &mut positions[at],
                quantity,
                detail.short,
                signed_cash,
                Closing::Merger,
                outputs,
            )?;
            step_row(&positions[at], transaction.trade_date, outputs);
            return Ok(());
        };
        let to = position_of(positions, other);
        self.refuse_opposite(transaction, held, &positions[to])?;
        self.refuse_unheld(transaction, &positions[at], quantity, short)?;
        let due = scaled(if short { -quantity } else { quantity }, ratio).ok_or_else(|| too_large(transaction))?;
        refuse_idle_cash(transaction, due, Decimal::ZERO)?;
        self.take(slot, &mut positions[at], quantity);
        let has_cash = !cash.is_zero();
        let fraction = if has_cash {
            detail.basis_fraction.unwrap_or(Decimal::ONE)
        } else {
            Decimal::ONE
        };
        let mut moved = Vec::with_capacity(self.parts.len());
        let last = self.parts.len().saturating_sub(1);
        let mut rest = due;
        for (index, lot) in self.parts.iter_mut().enumerate() {
            let shares = if index == last {
                rest
            } else {
                scaled(lot.quantity, ratio).unwrap_or(rest)
            };
            rest -= shares;
            let cost = if has_cash {
                round_money(lot.cost * fraction)
            } else {
                lot.cost
            };
            let cost_base = if has_cash {
                lot.cost_base.map(|base| round_money(base * fraction))
            } else {
                lot.cost_base
            };
            moved.push(Lot {
                quantity: shares,
                cost,
                cost_base,
                ..*lot
            });
            lot.cost -= cost;
            lot.cost_base = lot.cost_base.zip(cost_base).map(|(whole, part)| whole - part);
        }
        if has_cash {
            let proceeds = self.amount(transaction, signed_cash);
            self.write_closed(slot, positions[at].instrument, proceeds, Closing::Merger, outputs);
        } else if !charges.is_zero() {
            // Charges of an exchange without cash are part of what the new shares cost.
            let charged = self.amount(transaction, charges);
            if let Some(lot) = moved.last_mut() {
                lot.cost += charged.local;
                lot.cost_base = lot.cost_base.zip(charged.base).map(|(cost, charges)| cost + charges);
            }
        }
        self.receive(slot, &mut positions[to], moved, due, Decimal::ZERO, outputs);
        step_row(&positions[at], transaction.trade_date, outputs);
        step_row(&positions[to], transaction.trade_date, outputs);
        Ok(())
    }

    /// An exercise moves the option's cost into the underlying: into what it costs when it is bought, out of what it
    /// brings when it is sold.
    fn exercise(
        &mut self,
        slot: u32,
        positions: &mut Vec<Position>,
        at: usize,
        outputs: &mut Outputs,
    ) -> Result<(), Refusal> {
        let transaction = &self.facts.transactions[slot as usize];
        let option = &self.facts.reference.instruments[positions[at].instrument as usize];
        let Some(underlying) = option.underlying.and_then(|id| self.facts.reference.instrument(id)) else {
            return Ok(());
        };
        self.refuse_unheld(
            transaction,
            &positions[at],
            transaction.quantity,
            transaction.detail().short,
        )?;
        let exercise = cash::exercise(transaction, option);
        let to = position_of(positions, underlying);
        let held = positions[to].quantity;
        let closes = if exercise.buys {
            held.is_sign_negative()
        } else {
            held.is_sign_positive()
        } && !held.is_zero();
        if closes && held.abs() < exercise.units {
            let symbol = option.underlying;
            return Err(Refusal::NotHeld {
                kind: transaction.kind,
                quantity: exercise.units,
                symbol: self.facts.reference.symbol(symbol, transaction.trade_date),
                date: transaction.trade_date,
                held: held.abs(),
                account: self.account_name(),
            });
        }
        self.take(slot, &mut positions[at], transaction.quantity);
        let premium = Amount {
            local: self.parts.iter().map(|lot| lot.cost).sum(),
            base: self.parts.iter().map(|lot| lot.cost_base).sum(),
        };
        self.write_at_cost(slot, positions[at].instrument, Closing::Exercise, outputs);
        let charges = transaction.fees + transaction.taxes;
        let paid = self.amount(
            transaction,
            if exercise.buys { -exercise.value } else { exercise.value } - charges,
        );
        // What the underlying brings, negative when it is bought; the option's cost lowers it.
        let brings = Amount {
            local: paid.local - premium.local,
            base: paid.base.zip(premium.base).map(|(paid, premium)| paid - premium),
        };
        if closes {
            self.take_unpicked(&mut positions[to], exercise.units);
            self.write_closed(slot, underlying, brings, Closing::Trade, outputs);
        } else {
            let lot = Lot {
                opened: transaction.trade_date,
                by: slot,
                quantity: if exercise.buys { exercise.units } else { -exercise.units },
                cost: -brings.local,
                cost_base: brings.base.map(|base| -base),
                rate: self.rate(transaction),
            };
            positions[to].open(lot, self.method);
        }
        step_row(&positions[at], transaction.trade_date, outputs);
        step_row(&positions[to], transaction.trade_date, outputs);
        Ok(())
    }

    fn take_unpicked(&mut self, position: &mut Position, quantity: Decimal) {
        let transactions = self.facts.transactions;
        position.take(
            self.method,
            quantity,
            &[],
            |by| transactions[by as usize].id,
            &mut self.parts,
        );
    }

    fn account_name(&self) -> String {
        self.facts.reference.accounts[self.account as usize]
            .account
            .name
            .clone()
    }

    fn symbol(&self, transaction: &Transaction) -> String {
        self.facts
            .reference
            .symbol(transaction.instrument, transaction.trade_date)
    }

    fn refuse_short(&self, transaction: &Transaction, position: &Position) -> Result<(), Refusal> {
        if position.quantity.is_sign_negative() && !position.quantity.is_zero() {
            return Err(Refusal::IsShort {
                kind: transaction.kind,
                symbol: self.symbol(transaction),
                date: transaction.trade_date,
                short: position.quantity.abs().normalize(),
                account: self.account_name(),
            });
        }
        self.refuse_too_large(transaction, position)
    }

    fn refuse_long(&self, transaction: &Transaction, position: &Position) -> Result<(), Refusal> {
        if position.quantity > Decimal::ZERO {
            return Err(Refusal::IsLong {
                kind: transaction.kind,
                symbol: self.symbol(transaction),
                date: transaction.trade_date,
                held: position.quantity.normalize(),
                account: self.account_name(),
            });
        }
        self.refuse_too_large(transaction, position)
    }

    fn refuse_too_large(&self, transaction: &Transaction, position: &Position) -> Result<(), Refusal> {
        let grown = position.quantity.abs() + transaction.quantity;
        if grown > QUANTITY_MAX {
            Err(too_large(transaction))
        } else {
            Ok(())
        }
    }

    /// Refuses shares of the other side than what is already held of the instrument received.
    fn refuse_opposite(&self, transaction: &Transaction, side: Decimal, target: &Position) -> Result<(), Refusal> {
        if side.is_sign_negative() {
            self.refuse_long(transaction, target)
        } else {
            self.refuse_short(transaction, target)
        }
    }

    fn refuse_flat(&self, transaction: &Transaction, position: &Position) -> Result<(), Refusal> {
        if position.quantity.is_zero() {
            return self.not_held(transaction, transaction.quantity, Decimal::ZERO);
        }
        Ok(())
    }

    fn not_held(&self, transaction: &Transaction, quantity: Decimal, held: Decimal) -> Result<(), Refusal> {
        Err(Refusal::NotHeld {
            kind: transaction.kind,
            quantity: quantity.normalize(),
            symbol: self.symbol(transaction),
            date: transaction.trade_date,
            held: held.normalize(),
            account: self.account_name(),
        })
    }

    /// Refuses to close more than there is on the side, or lots that are not open.
    fn refuse_unheld(
        &self,
        transaction: &Transaction,
        position: &Position,
        quantity: Decimal,
        short: bool,
    ) -> Result<(), Refusal> {
        let open = if short { -position.quantity } else { position.quantity }.max(Decimal::ZERO);
        if quantity > open || open.is_zero() {
            if !short {
                return self.not_held(transaction, quantity, open);
            }
            return Err(Refusal::NotShort {
                kind: transaction.kind,
                quantity: quantity.normalize(),
                symbol: self.symbol(transaction),
                date: transaction.trade_date,
                short: open.normalize(),
                account: self.account_name(),
            });
        }
        if self.method != LotMethod::Specific {
            return Ok(());
        }
        let picks = &transaction.detail().lots;
        for pick in picks {
            let same = picks.iter().filter(|other| other.opened_by == pick.opened_by);
            let wanted: Decimal = same.map(|pick| pick.quantity).sum();
            let open = position.open_of(|by| self.facts.transactions[by as usize].id == pick.opened_by);
            if wanted > open || wanted > quantity {
                return Err(Refusal::LotNotOpen {
                    kind: transaction.kind,
                    symbol: self.symbol(transaction),
                    date: transaction.trade_date,
                    lot: pick.opened_by,
                    quantity: wanted.normalize(),
                    open: open.min(quantity).normalize(),
                });
            }
        }
        Ok(())
    }
}

/// Refuses cash in lieu where no fraction of a share is left to be paid for.
fn refuse_idle_cash(transaction: &Transaction, due: Decimal, whole: Decimal) -> Result<(), Refusal> {
    let cash = transaction.detail().cash_in_lieu.unwrap_or_default();
    let kept = if whole.is_zero() { due.abs().trunc() } else { whole };
    if cash.is_zero() || kept < due.abs() {
        return Ok(());
    }
    Err(Refusal::Unfit {
        kind: transaction.kind,
        date: transaction.trade_date,
        field: "cash in lieu".to_owned(),
        value: cash.to_string(),
        reason: "no fraction of a share is left".to_owned(),
    })
}

fn too_large(transaction: &Transaction) -> Refusal {
    Refusal::TooLarge {
        kind: transaction.kind,
        date: transaction.trade_date,
    }
}

fn step_row(position: &Position, date: Date, outputs: &mut Outputs) {
    outputs.steps.push(StepRow {
        instrument: position.instrument,
        date,
        quantity: position.quantity,
        accrued: position.accrued,
    });
}

/// Returns the place of an instrument's position, made when it is new. A lane holds few.
fn position_of(positions: &mut Vec<Position>, instrument: u32) -> usize {
    positions
        .iter()
        .position(|position| position.instrument == instrument)
        .unwrap_or_else(|| {
            positions.push(Position::new(instrument));
            positions.len() - 1
        })
}
