//! What a lane refuses, before anything has changed.

use rust_decimal::Decimal;

use super::fold::Fold;
use crate::lots::Position;
use crate::portfolio::LotMethod;
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use crate::validate::QUANTITY_MAX;

impl Fold<'_> {
    pub(super) fn account_name(&self) -> String {
        self.facts.reference.accounts[self.account as usize]
            .account
            .name
            .clone()
    }

    pub(super) fn symbol(&self, transaction: &Transaction) -> String {
        self.facts
            .reference
            .symbol(transaction.instrument, transaction.trade_date)
    }

    pub(super) fn refuse_short(&self, transaction: &Transaction, position: &Position) -> Result<(), Refusal> {
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

    pub(super) fn refuse_long(&self, transaction: &Transaction, position: &Position) -> Result<(), Refusal> {
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

    pub(super) fn refuse_too_large(&self, transaction: &Transaction, position: &Position) -> Result<(), Refusal> {
        let grown = position.quantity.abs() + transaction.quantity;
        if grown > QUANTITY_MAX {
            Err(too_large(transaction))
        } else {
            Ok(())
        }
    }

    /// Refuses shares of the other side than what is already held of the instrument received.
    pub(super) fn refuse_opposite(
        &self,
        transaction: &Transaction,
        side: Decimal,
        target: &Position,
    ) -> Result<(), Refusal> {
        if side.is_sign_negative() {
            self.refuse_long(transaction, target)
        } else {
            self.refuse_short(transaction, target)
        }
    }

    pub(super) fn refuse_flat(&self, transaction: &Transaction, position: &Position) -> Result<(), Refusal> {
        if position.quantity.is_zero() {
            return self.not_held(transaction, transaction.quantity, Decimal::ZERO);
        }
        Ok(())
    }

    pub(super) fn not_held(&self, transaction: &Transaction, quantity: Decimal, held: Decimal) -> Result<(), Refusal> {
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
    pub(super) fn refuse_unheld(
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
pub(super) fn refuse_idle_cash(transaction: &Transaction, due: Decimal, whole: Decimal) -> Result<(), Refusal> {
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

pub(super) fn too_large(transaction: &Transaction) -> Refusal {
    Refusal::TooLarge {
        kind: transaction.kind,
        date: transaction.trade_date,
    }
}
