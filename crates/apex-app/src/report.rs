//! The replies of the command line, field by field as its contract states them.
//!
//! The JSON of these types is a contract: fields are added, never renamed. Money and quantities are decimal strings,
//! unknown figures are `null`, and `unavailable` says why.

use std::collections::BTreeMap;

use apex_domain::Currency;
use apex_wire::holdings::{HoldingRow, LotRow};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::{AppError, Result};

/// `apex positions --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PositionsReport {
    /// The portfolio's name.
    pub portfolio: String,
    /// The day it holds for.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// Net asset value.
    pub nav: Option<Decimal>,
    /// Why there is no net asset value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nav_unavailable: Option<String>,
    /// Holdings and cash balances; their market values add up to `nav`.
    pub rows: Vec<PositionLine>,
    /// What ledgers lack: splits that are known and not booked, each in a sentence.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing_splits: Vec<String>,
}

/// One line of `apex positions --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PositionLine {
    pub symbol: String,
    pub account: String,
    pub quantity: Decimal,
    pub price: Option<Decimal>,
    /// Currency of the price.
    pub currency: Currency,
    pub market_value: Option<Decimal>,
    pub cost: Option<Decimal>,
    pub unrealized: Option<Decimal>,
    pub unrealized_price: Option<Decimal>,
    pub unrealized_fx: Option<Decimal>,
    pub unrealized_cross: Option<Decimal>,
    pub weight: Option<f64>,
    /// Field by field, why a figure is missing.
    pub unavailable: BTreeMap<String, String>,
    /// The day of the price.
    pub price_date: Option<Date>,
    /// Profit of the day in base currency.
    pub day_pnl: Option<Decimal>,
    /// Income since the position was opened in base currency.
    pub income: Option<Decimal>,
    /// Name of the instrument.
    pub name: String,
    /// Whether prices or trades are simulated.
    pub simulated: bool,
}

impl From<&HoldingRow> for PositionLine {
    fn from(row: &HoldingRow) -> Self {
        let mut unavailable = BTreeMap::new();
        let mut note = |field: &str, because: Option<&str>| {
            if let Some(because) = because {
                unavailable.insert(field.to_owned(), because.to_owned());
            }
        };
        note("price", row.price.because());
        note("market_value", row.market_value.because());
        note("cost", row.cost.because());
        note("unrealized", row.unrealized.because());
        note("unrealized_price", row.unrealized_price.because());
        note("unrealized_fx", row.unrealized_fx.because());
        note("unrealized_cross", row.unrealized_cross.because());
        note("weight", row.weight.because());
        note("day_pnl", row.day_pnl.because());
        note("income", row.income.because());
        Self {
            symbol: row.symbol.clone(),
            account: row.account_name.clone(),
            quantity: row.quantity,
            price: row.price.known().copied(),
            currency: row.currency,
            market_value: row.market_value.known().copied(),
            cost: row.cost.known().copied(),
            unrealized: row.unrealized.known().copied(),
            unrealized_price: row.unrealized_price.known().copied(),
            unrealized_fx: row.unrealized_fx.known().copied(),
            unrealized_cross: row.unrealized_cross.known().copied(),
            weight: row.weight.known().copied(),
            unavailable,
            price_date: row.price_date,
            day_pnl: row.day_pnl.known().copied(),
            income: row.income.known().copied(),
            name: row.name.clone(),
            simulated: row.simulated,
        }
    }
}

/// `apex lots --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LotsReport {
    /// Open lots, then closed ones.
    pub rows: Vec<LotLine>,
}

/// One line of `apex lots --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LotLine {
    pub symbol: String,
    pub account: String,
    pub opened: Date,
    /// `null` for an open lot.
    pub closed: Option<Date>,
    pub quantity: Decimal,
    pub cost: Option<Decimal>,
    pub proceeds: Option<Decimal>,
    pub gain: Option<Decimal>,
    pub gain_price: Option<Decimal>,
    pub gain_fx: Option<Decimal>,
    pub gain_cross: Option<Decimal>,
    /// Field by field, why a figure is missing.
    pub unavailable: BTreeMap<String, String>,
}

impl From<&LotRow> for LotLine {
    fn from(row: &LotRow) -> Self {
        let fields = [
            ("cost", &row.cost),
            ("proceeds", &row.proceeds),
            ("gain", &row.gain),
            ("gain_price", &row.gain_price),
            ("gain_fx", &row.gain_fx),
            ("gain_cross", &row.gain_cross),
        ];
        let unavailable = fields
            .iter()
            .filter_map(|(field, figure)| {
                figure
                    .because()
                    .map(|because| ((*field).to_owned(), because.to_owned()))
            })
            .collect();
        Self {
            symbol: row.symbol.clone(),
            account: row.account.clone(),
            opened: row.opened,
            closed: row.closed,
            quantity: row.quantity,
            cost: row.cost.known().copied(),
            proceeds: row.proceeds.known().copied(),
            gain: row.gain.known().copied(),
            gain_price: row.gain_price.known().copied(),
            gain_fx: row.gain_fx.known().copied(),
            gain_cross: row.gain_cross.known().copied(),
            unavailable,
        }
    }
}

/// `apex cash --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CashReport {
    /// By currency and settlement date.
    pub rows: Vec<CashLine>,
}

/// One line of `apex cash --json`: what is settled by the day of the report stands on that day, what settles later on
/// its own day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct CashLine {
    pub currency: Currency,
    pub settle: Date,
    pub amount: Decimal,
}

/// `apex init --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitReport {
    /// Hash over the canonical rows of the ledger: same seed, same hash.
    pub ledger_hash: String,
    /// The book's name.
    pub name: String,
    /// How the book is locked: `keyring` or `passphrase`.
    pub key: String,
    /// The recovery key, shown this once.
    pub recovery_key: Option<String>,
    /// Transactions in the book.
    pub transactions: usize,
}

/// Returns a reply as the command line prints it: a figure is its value, or `null` where it is unavailable.
///
/// # Errors
/// Never for a reply of this program.
pub(crate) fn plain(reply: &impl Serialize) -> Result<serde_json::Value> {
    let value = serde_json::to_value(reply).map_err(|err| AppError::Defect {
        sentence: format!("a reply cannot be written as JSON: {err}"),
    })?;
    Ok(without_figures(value))
}

fn without_figures(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Array(values) => values.into_iter().map(without_figures).collect(),
        Value::Object(mut fields) if fields.len() == 1 && fields.contains_key("known") => {
            without_figures(fields.remove("known").unwrap_or_default())
        }
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("unavailable") => Value::Null,
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, without_figures(value)))
            .collect(),
        value => value,
    }
}
