//! The shapes in which a book shows itself: holdings with their lots, income, charges, flows, and steps over time.
//!
//! [`crate::Book`] fills them; nothing here computes.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::cash::{CashBalance, CashSteps};
use crate::ids::{AccountId, InstrumentId, PortfolioId, TransactionId};
use crate::lots::{ClosedLot, OpenLot};
use crate::money::Currency;
use crate::ratio::Ratio;
use crate::refusal::Refusal;
use crate::transaction::TransactionKind;

/// One instrument held in one account on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The account.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The currency of cost.
    pub currency: Currency,
    /// How much; negative when short.
    pub quantity: Decimal,
    /// What the open lots cost; negative when short.
    pub cost: Decimal,
    /// The same in base currency at the rates of opening, if all of them are known.
    pub cost_base: Option<Decimal>,
    /// Income earned or bought and not yet paid, in the instrument's currency.
    pub accrued: Decimal,
    /// The open lots, oldest first.
    pub lots: Vec<OpenLot>,
}

/// Income of one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Income {
    /// The transaction.
    pub transaction: TransactionId,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The account.
    pub account: AccountId,
    /// The instrument, unless it was cash.
    pub instrument: Option<InstrumentId>,
    /// The day it was earned.
    pub date: Date,
    /// What sort of income.
    pub kind: TransactionKind,
    /// The currency of amount, fees and taxes.
    pub currency: Currency,
    /// The amount before fees and taxes, without what had been accrued before; negative when it was paid.
    pub amount: Decimal,
    /// The amount in base currency, if the rate is known.
    pub base: Option<Decimal>,
    /// Fees of the payment.
    pub fees: Decimal,
    /// Taxes withheld.
    pub taxes: Decimal,
}

/// Fees and taxes of one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The transaction.
    pub transaction: TransactionId,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The account.
    pub account: AccountId,
    /// The trade date.
    pub date: Date,
    /// The kind of transaction that bore it.
    pub kind: TransactionKind,
    /// The currency.
    pub currency: Currency,
    /// Fees; negative when they were given back.
    pub fees: Decimal,
    /// Taxes; negative when they were given back.
    pub taxes: Decimal,
    /// Base currency for one unit of `currency` on the trade date, if known.
    pub rate: Option<Decimal>,
}

/// What came in from outside or went out, for returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// The transaction.
    pub transaction: TransactionId,
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The account.
    pub account: AccountId,
    /// The day.
    pub date: Date,
    /// Deposit, withdrawal or transfer.
    pub kind: TransactionKind,
    /// The currency of the amount.
    pub currency: Currency,
    /// Money that came in, negative when it went out; 0 for a transfer in kind.
    pub amount: Decimal,
    /// The amount in base currency, if the rate is known.
    pub base: Option<Decimal>,
    /// The instrument of a transfer in kind, to be valued at the price of the day.
    pub instrument: Option<InstrumentId>,
    /// Its quantity, negative when it went out; 0 for money.
    pub quantity: Decimal,
}

/// Quantities of one instrument in one account over time, as traded: splits are steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuantitySteps {
    /// The portfolio.
    pub portfolio: PortfolioId,
    /// The account.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The quantity at the end of each day on which it changed, sorted.
    pub steps: Vec<(Date, Decimal)>,
    /// Accrued income at the end of each day on which it changed, sorted; empty when there never was any.
    pub accrued: Vec<(Date, Decimal)>,
}

/// A split as booked in one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitEvent {
    /// The account.
    pub account: AccountId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The first day on the new count.
    pub date: Date,
    /// New shares for old ones.
    pub ratio: Ratio,
}

/// A price that a transaction states for a private asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The transaction.
    pub transaction: TransactionId,
    /// The instrument.
    pub instrument: InstrumentId,
    /// The day it holds for.
    pub date: Date,
    /// The price of one unit, in the instrument's currency.
    pub price: Decimal,
}

/// Everything a book folds to, in one value that can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookState {
    /// The holdings at the end of time.
    pub holdings: Vec<Holding>,
    /// All closed lots.
    pub closed_lots: Vec<ClosedLot>,
    /// All income.
    pub income: Vec<Income>,
    /// All flows.
    pub flows: Vec<Flow>,
    /// The cash at the end of time.
    pub cash: Vec<CashBalance>,
    /// Quantities over time.
    pub quantity_steps: Vec<QuantitySteps>,
    /// Cash over time.
    pub cash_steps: Vec<CashSteps>,
    /// What was left out, and why.
    pub refusals: Vec<(TransactionId, Refusal)>,
}
