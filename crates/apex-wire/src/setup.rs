//! The Setup page: portfolios, accounts, instruments, prices, FX. Drafts are text; a refusal names the field.

use apex_domain::{AccountId, Currency, InstrumentId, PortfolioId};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{call::call, session::Session};

/// Makes or changes a portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavePortfolio {
    /// The portfolio to change; a new one where absent.
    pub id: Option<PortfolioId>,
    /// Its name, unique in the book.
    pub name: String,
    /// Its base currency, such as `EUR`; fixed once there are transactions.
    pub currency: String,
    /// Symbol of the benchmark; none where empty.
    pub benchmark: String,
}
call!(SavePortfolio => Session, "save_portfolio");

/// Makes or changes an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveAccount {
    /// The account to change; a new one where absent.
    pub id: Option<AccountId>,
    /// The portfolio it belongs to.
    pub portfolio: PortfolioId,
    /// Its name, unique in the portfolio.
    pub name: String,
    /// `fifo`, `lifo`, `hifo`, `average` or `specific`; fixed once there are transactions.
    pub lot_method: String,
}
call!(SaveAccount => Session, "save_account");

/// Asks for a window of the instruments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetInstruments {
    /// Text that symbol, name, ISIN, sector or country must contain.
    pub search: String,
    /// First row wanted.
    pub offset: usize,
    /// Rows wanted.
    pub limit: usize,
}
call!(GetInstruments => InstrumentsWindow, "get_instruments");

/// A window of the instruments, by symbol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstrumentsWindow {
    /// Rows in all.
    pub total_rows: usize,
    /// Index of the first row given.
    pub offset: usize,
    /// The rows.
    pub rows: Vec<InstrumentRow>,
}

/// An instrument as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstrumentRow {
    /// Its id.
    pub id: InstrumentId,
    /// Everything about it, as the form shows it.
    pub draft: InstrumentDraft,
    /// Symbols it had, oldest first, as `FB until 2022-06-09`.
    pub symbol_history: Vec<String>,
    /// Day of its last price.
    pub last_price: Option<(Date, Decimal)>,
    /// Whether its data is simulated.
    pub simulated: bool,
}

/// An instrument as a person types it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct InstrumentDraft {
    pub symbol: String,
    pub name: String,
    /// `equity`, `etf`, `fund`, `bond`, `option`, `currency_pair`, `private`, `index`.
    pub kind: String,
    pub currency: String,
    pub isin: String,
    pub exchange: String,
    pub sector: String,
    pub country: String,
    /// Bonds: yearly coupon in percent.
    pub coupon: String,
    /// Bonds: payments a year.
    pub frequency: String,
    /// Bonds: maturity; options: expiry.
    pub maturity: String,
    /// Options: symbol of the underlying.
    pub underlying: String,
    /// Options: strike price.
    pub strike: String,
    /// Options: `call` or `put`.
    pub right: String,
    /// Options: units per contract.
    pub contract_size: String,
}

/// Makes or changes an instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveInstrument {
    /// The instrument to change; a new one where absent.
    pub id: Option<InstrumentId>,
    /// What was typed.
    pub draft: InstrumentDraft,
    /// The day from which a changed symbol holds; from always where empty.
    pub symbol_from: String,
}
call!(SaveInstrument => InstrumentRow, "save_instrument");

/// Enters a price or a private mark; an earlier value of the day is kept as history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnterPrice {
    /// Symbol.
    pub symbol: String,
    /// Day.
    pub date: String,
    /// Price in the instrument's currency; bonds per 100 of face.
    pub price: String,
}
call!(EnterPrice => (), "enter_price");

/// Enters an FX rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnterFx {
    /// From this currency.
    pub from: String,
    /// Into this currency.
    pub to: String,
    /// Day.
    pub date: String,
    /// Units of `to` for one unit of `from`.
    pub rate: String,
}
call!(EnterFx => (), "enter_fx");

/// Asks for the stored prices of an instrument, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetPrices {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Rows wanted.
    pub limit: usize,
}
call!(GetPrices => Vec<StoredValue>, "get_prices");

/// One stored price or rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredValue {
    /// Day.
    pub date: Date,
    /// Raw close, or the rate; `None` where the value of the day was withdrawn.
    pub value: Option<Decimal>,
    /// Source, such as `typed` or `demo (simulated)`.
    pub source: String,
    /// When it became known.
    pub known_at: Timestamp,
    /// Whether a later value of the same day replaced it.
    pub replaced: bool,
}

/// Asks for the pairs of currencies that have a stored rate, by pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRatePairs {}
call!(GetRatePairs => Vec<RatePair>, "get_rate_pairs");

/// A pair of currencies with its latest rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RatePair {
    /// From this currency.
    pub from: Currency,
    /// Into this currency.
    pub to: Currency,
    /// Units of `to` for one unit of `from`, on the latest day that has a rate.
    pub latest: StoredValue,
}

/// Asks for the stored rates of a pair of currencies, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRates {
    /// From this currency.
    pub from: Currency,
    /// Into this currency.
    pub to: Currency,
    /// Rows wanted.
    pub limit: usize,
}
call!(GetRates => Vec<StoredValue>, "get_rates");

/// Backs the book up to one encrypted file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackUp {
    /// Path of the file.
    pub path: String,
}
call!(BackUp => String, "back_up");
