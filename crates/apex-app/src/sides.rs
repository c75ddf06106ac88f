//! Between which rows of a portfolio the cash of a transaction moves. One rule for a day and for a history, so that the
//! results of the rows add up to the result of the portfolio in both.

use apex_domain::{InstrumentId, Terms, Transaction, TransactionKind};

use crate::fold::PortfolioFold;

/// The rows on both sides of a transaction's cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sides {
    /// The holding that the cash is paid for or comes from, where there is one.
    pub(crate) holding: Option<InstrumentId>,
    /// Whether the cash was put into its balance or taken out of it: by a holding, by the other balance of an exchange,
    /// or from outside. Interest, fees and taxes of the balance itself are its own result.
    pub(crate) cash_is_put: bool,
}

impl Sides {
    pub(crate) fn of(fold: &PortfolioFold, transaction: &Transaction) -> Self {
        use TransactionKind::{Deposit, Fx, TransferIn, TransferOut, Withdrawal};

        let holding = paid_by(fold, transaction);
        let without = matches!(transaction.kind, Deposit | Withdrawal | TransferIn | TransferOut | Fx);
        Self {
            holding,
            cash_is_put: holding.is_some() || without,
        }
    }
}

/// An exchange moves between two balances of cash. An exercise pays the strike for the underlying: what the option was
/// worth is the option's own result.
fn paid_by(fold: &PortfolioFold, transaction: &Transaction) -> Option<InstrumentId> {
    let id = transaction.instrument?;
    match (transaction.kind, fold.instrument(id).map(|one| &one.terms)) {
        (TransactionKind::Fx, _) => None,
        (TransactionKind::OptionExercise, Some(Terms::Option { underlying, .. })) => Some(*underlying),
        _ => Some(id),
    }
}
