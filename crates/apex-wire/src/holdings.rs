//! The Holdings page: a window of the grid, and the lots behind a row.

use apex_domain::{AccountId, Currency, InstrumentId, InstrumentKind};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Amount, Statistic, View, call::call};

/// What rows can be grouped and allocations sliced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classification {
    /// Kind of instrument.
    AssetClass,
    /// Sector.
    Sector,
    /// Country.
    Country,
    /// Currency of the instrument.
    Currency,
    /// Exchange.
    Exchange,
    /// Account that holds it.
    Account,
    /// Long or short.
    Side,
}

/// A column of the grid that can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum HoldingColumn {
    Symbol,
    Name,
    Account,
    Quantity,
    Price,
    Currency,
    MarketValue,
    Weight,
    Cost,
    Unrealized,
    UnrealizedPrice,
    UnrealizedFx,
    UnrealizedCross,
    DayChange,
    DayPnl,
    Income,
    Sector,
    Country,
    AssetClass,
    PriceDate,
}

/// Asks for a window of the grid. Sorting, grouping and subtotals are done by the engine, so that the page holds only
/// what it shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetHoldings {
    /// Which portfolio, when.
    pub view: View,
    /// At most two classifications, outer first.
    pub group: Vec<Classification>,
    /// Keys of the groups that are folded shut.
    pub collapsed: Vec<String>,
    /// Column and whether largest first.
    pub sort: Option<(HoldingColumn, bool)>,
    /// Text that symbol, name, ISIN, sector, country or account must contain.
    pub filter: String,
    /// First row wanted.
    pub offset: usize,
    /// Rows wanted.
    pub limit: usize,
}
call!(GetHoldings => HoldingsWindow, "get_holdings");

/// A window of the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldingsWindow {
    /// The day the figures hold for.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// Rows in all, group rows included.
    pub total_rows: usize,
    /// Index of the first row given.
    pub offset: usize,
    /// The rows.
    pub rows: Vec<GridRow>,
    /// The sum of what the filter lets through.
    pub total: Subtotal,
    /// Net asset value, filter or not.
    pub nav: Amount,
}

/// A row of the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridRow {
    /// A group with its subtotal.
    Group {
        /// Stable key to fold it by.
        key: String,
        /// 0 for the outer group, 1 for the inner one.
        level: u8,
        /// Name of the group.
        label: String,
        /// Whether it is folded shut.
        collapsed: bool,
        /// Sum of its rows.
        subtotal: Subtotal,
    },
    /// A holding or a cash balance.
    Holding(Box<HoldingRow>),
}

/// Sums over rows, base currency; unavailable where a part is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Subtotal {
    pub rows: usize,
    pub market_value: Amount,
    pub cost: Amount,
    pub unrealized: Amount,
    pub day_pnl: Amount,
    pub income: Amount,
    pub weight: Statistic,
}

/// One instrument in one account, or one cash balance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldingRow {
    /// The instrument; none for a cash balance.
    pub instrument: Option<InstrumentId>,
    /// The account.
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// Symbol on the day, or the currency of a cash balance.
    pub symbol: String,
    /// Name.
    pub name: String,
    /// ISIN, where known.
    pub isin: Option<String>,
    /// Kind of instrument.
    pub kind: InstrumentKind,
    /// Currency of price.
    pub currency: Currency,
    /// Sector, where classified.
    pub sector: Option<String>,
    /// Country, where classified.
    pub country: Option<String>,
    /// Exchange, where known.
    pub exchange: Option<String>,
    /// Units held, negative for a short.
    pub quantity: Decimal,
    /// Price in its currency.
    pub price: Amount,
    /// The day of that price.
    pub price_date: Option<Date>,
    /// Market value in base currency.
    pub market_value: Amount,
    /// Share of NAV.
    pub weight: Statistic,
    /// Cost of the open lots in base currency.
    pub cost: Amount,
    /// Unrealized gain in base currency, and its three parts.
    pub unrealized: Amount,
    /// Part due to price.
    pub unrealized_price: Amount,
    /// Part due to currency.
    pub unrealized_fx: Amount,
    /// Part due to both together.
    pub unrealized_cross: Amount,
    /// Return of the price on the day, in its currency.
    pub day_change: Statistic,
    /// Profit of the day, base currency.
    pub day_pnl: Amount,
    /// Income since the position was opened, base currency.
    pub income: Amount,
    /// Whether prices or trades of it are simulated.
    pub simulated: bool,
}

/// Asks for the rows of the grid as CSV text, full precision, all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportHoldings {
    /// The grid as shown; offset and limit are ignored.
    pub grid: GetHoldings,
    /// Columns, in order.
    pub columns: Vec<HoldingColumn>,
}
call!(ExportHoldings => String, "export_holdings");

/// Asks for the lots behind a holding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetLots {
    /// Which portfolio, when.
    pub view: View,
    /// Of this instrument only.
    pub instrument: Option<InstrumentId>,
    /// In this account only.
    pub account: Option<AccountId>,
}
call!(GetLots => Lots, "get_lots");

/// Lots, open ones first, then closed ones, each by date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lots {
    /// The base currency of every amount.
    pub currency: Currency,
    /// The lots.
    pub rows: Vec<LotRow>,
}

/// A lot, open or closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LotRow {
    /// Symbol.
    pub symbol: String,
    /// Account name.
    pub account: String,
    /// The day it was opened.
    pub opened: Date,
    /// The day it was closed; none for an open lot.
    pub closed: Option<Date>,
    /// Units, negative for a short.
    pub quantity: Decimal,
    /// Cost in base currency.
    pub cost: Amount,
    /// Proceeds, or market value of an open lot, base currency.
    pub proceeds: Amount,
    /// Gain in base currency, realized or unrealized, and its three parts.
    pub gain: Amount,
    /// Part due to price.
    pub gain_price: Amount,
    /// Part due to currency.
    pub gain_fx: Amount,
    /// Part due to both together.
    pub gain_cross: Amount,
}
