//! Corporate actions and exercises: what moves cost without a trade.

use rust_decimal::Decimal;

use super::Outputs;
use super::fold::{Amount, Fold, position_of, step_row};
use super::refuse::{refuse_idle_cash, too_large};
use crate::cash;
use crate::lots::{Closing, Lot, Position, prorate_quantity, scaled};
use crate::money::round_money;
use crate::refusal::Refusal;

impl Fold<'_> {
    pub(super) fn split(&mut self, slot: u32, position: &mut Position, outputs: &mut Outputs) -> Result<(), Refusal> {
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
    pub(super) fn pay_in_lieu(&mut self, slot: u32, position: &mut Position, whole: Decimal, outputs: &mut Outputs) {
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

    pub(super) fn spin_off(
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
    pub(super) fn receive(
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

    pub(super) fn merger(
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
    pub(super) fn exercise(
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
}
