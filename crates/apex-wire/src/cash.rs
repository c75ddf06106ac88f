//! The Cash page.

use apex_domain::Currency;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Amount, View, call::call};

/// Asks for cash by currency and settlement date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetCash {
    /// Which portfolio, when.
    pub view: View,
    /// Words that must all occur in a movement's dates, account, currency, or what it is; all movements where empty.
    #[serde(default)]
    pub search: String,
}
call!(GetCash => Cash, "get_cash");

/// Cash of one portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cash {
    /// The day it holds for.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// The settlement days shown after the settled balance, in order.
    pub days: Vec<Date>,
    /// One row per account and currency.
    pub balances: Vec<CashBalance>,
    /// Everything in base currency.
    pub total: Amount,
    /// How many movements there are that fit the search.
    pub total_movements: usize,
    /// The latest of them, newest first; fewer than all where there are many.
    pub movements: Vec<CashMovement>,
}

/// Cash of one account in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CashBalance {
    /// Account name.
    pub account: String,
    /// Currency.
    pub currency: Currency,
    /// Settled on or before the day.
    pub settled: rust_decimal::Decimal,
    /// What settles on each of the days shown.
    pub pending: Vec<rust_decimal::Decimal>,
    /// Settled and pending together: the trade-date balance.
    pub balance: rust_decimal::Decimal,
    /// The same in base currency.
    pub value: Amount,
}

/// A movement of cash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CashMovement {
    /// Trade date.
    pub date: Date,
    /// Settlement date.
    pub settle: Date,
    /// Account name.
    pub account: String,
    /// What it is, such as `dividend KO`.
    pub what: String,
    /// Amount with its sign.
    pub amount: rust_decimal::Decimal,
    /// Currency.
    pub currency: Currency,
}
