//! The ground of Apex: money, instruments, transactions, lots and portfolios, and the rules between them.
//!
//! Everything here is a pure function of its arguments. The crate does no I/O, reads no clock, draws no random number
//! and knows neither database nor user interface. It compiles for the browser as it is.

pub mod book;
pub mod cash;
pub mod holding;
pub mod ids;
pub mod instrument;
pub mod isin;
pub mod lots;
pub mod money;
pub mod portfolio;
pub mod prices;
pub mod ratio;
pub mod reference;
pub mod refusal;
pub mod split;
pub mod transaction;
pub mod valuation;

mod lane;
mod validate;

pub use book::Book;
pub use cash::{CashBalance, CashMove, CashSteps};
pub use holding::{BookState, Charge, Flow, Holding, Income, Mark, QuantitySteps, SplitEvent};
pub use ids::{AccountId, InstrumentId, PortfolioId, TransactionId};
pub use instrument::{DayCount, Instrument, InstrumentIndex, InstrumentKind, OptionRight, SymbolPeriod, Terms};
pub use isin::{Isin, IsinError};
pub use lots::{ClosedLot, Closing, Gain, OpenLot};
pub use money::{Currency, CurrencyError, CurrencyMismatch, Money, Quantity};
pub use portfolio::{Account, LotMethod, Portfolio};
pub use prices::{FxRates, PriceBook, Priced, Rate, Unavailable};
pub use ratio::{Ratio, RatioError};
pub use reference::Reference;
pub use refusal::Refusal;
pub use transaction::{Detail, LotPick, Source, Transaction, TransactionKind};
pub use valuation::{Subject, Valuation, ValuationRow, ValueRow, restated};

pub use jiff::Timestamp;
pub use jiff::civil::Date;
pub use rust_decimal::Decimal;
