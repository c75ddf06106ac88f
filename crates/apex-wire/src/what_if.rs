//! The What-if page: edits on a scratch copy of the book, and every figure before and after them.
//!
//! An edit is text as a person types it, the same on the page, in a file and in a proposal. Nothing here is an order,
//! and nothing of the book is written but the documents that keep edits, the proposals.

use apex_domain::{Currency, InstrumentId, InstrumentKind};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::call;
use crate::holdings::Classification;
use crate::scenario::Scenario;
use crate::{Amount, Statistic, View};

/// One line of edits. Its field names are a contract: proposals keep them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatIfEdit {
    /// The symbol of any instrument of the book, held or not.
    pub symbol: String,
    /// What the size means.
    pub by: EditBy,
    /// The size as typed: `-100`, `1,200.50`, `2.5%`.
    pub size: String,
}

/// What the size of an edit means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditBy {
    /// Units bought, or sold where below zero. A symbol may have several such trades.
    Quantity,
    /// Money of the base currency spent, or raised where below zero; in whole units, towards zero.
    Amount,
    /// Units held afterwards.
    TargetQuantity,
    /// Share of the net asset value held afterwards, `0.025` or `2.5%`; in whole units, to the nearest.
    TargetWeight,
}

impl EditBy {
    /// Returns the column that such sizes have in files, and the name that refusals give the field.
    pub fn field(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::Amount => "amount",
            Self::TargetQuantity => "target_quantity",
            Self::TargetWeight => "weight",
        }
    }
}

/// From what cash trades in another currency are paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Funding {
    /// From cash of the currency of the price, as the ledger books a trade.
    #[default]
    Price,
    /// From cash of the base currency, exchanged at the rate of the day.
    Base,
}

/// A column that the positions can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatIfColumn {
    /// The symbol.
    Symbol,
    /// The market value before.
    Before,
    /// The market value after.
    After,
    /// The change of the market value.
    Change,
}

/// Asks what the figures of a book would be after some edits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetWhatIf {
    /// Which portfolio, when.
    pub view: View,
    /// The edits; none restores every figure.
    pub edits: Vec<WhatIfEdit>,
    /// Confidence level of VaR and ES, such as 0.99.
    pub level: f64,
    /// Days ahead of VaR and ES.
    pub horizon: u32,
    /// Daily returns of history.
    pub window: usize,
    /// Fee of a trade in basis points of its value.
    pub fee_bps: f64,
    /// From what cash trades in another currency are paid.
    pub funding: Funding,
    /// The scenarios the book is stressed by; a few that come with the program where empty.
    pub stress: Vec<Scenario>,
    /// Text that symbol, name, sector or country of a position must contain.
    pub filter: String,
    /// Column and whether largest first; the largest before the edits first where absent.
    pub sort: Option<(WhatIfColumn, bool)>,
    /// First position wanted.
    pub offset: usize,
    /// Positions wanted.
    pub limit: usize,
}
call!(GetWhatIf => WhatIf, "get_what_if");

/// A figure before and after the edits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed<T> {
    /// In the book.
    pub before: T,
    /// In the scratch copy.
    pub after: T,
    /// After less before.
    pub change: T,
}

/// Every figure of a book before and after some edits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    /// The day it holds for.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// What became of each edit, in the order given.
    pub edits: Vec<EditOutcome>,
    /// What all trades buy and sell, base currency, both positive.
    pub bought: Amount,
    /// See [`WhatIf::bought`].
    pub sold: Amount,
    /// The fees of all trades, base currency.
    pub fees: Amount,
    /// Half of what is bought and sold, as a share of the net asset value before.
    pub turnover: Statistic,
    /// The headline figures.
    pub figures: WhatIfFigures,
    /// Method, level and window of the risk figures.
    pub risk: RiskBasis,
    /// Market values by kind, sector, country and currency, cash among them.
    pub exposures: Vec<ExposureChanges>,
    /// The result of the book in each scenario.
    pub stress: Vec<StressChange>,
    /// Cash by currency and settlement day.
    pub cash: Vec<CashStep>,
    /// Positions in all that the filter lets through.
    pub total_rows: usize,
    /// Index of the first position given.
    pub offset: usize,
    /// The positions, all accounts together, cash last.
    pub rows: Vec<WhatIfRow>,
    /// What was assumed, one sentence each.
    pub notes: Vec<String>,
    /// Holdings the risk figures leave out for want of history, one sentence each.
    pub left_out: Vec<String>,
}

/// The headline figures. Shares are of net asset value, losses positive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatIfFigures {
    /// Net asset value.
    pub nav: Changed<Amount>,
    /// Cash of all currencies in base currency.
    pub cash: Changed<Amount>,
    /// Sum of the sizes of all holdings.
    pub gross_exposure: Changed<Statistic>,
    /// Sum of all holdings.
    pub net_exposure: Changed<Statistic>,
    /// Historical VaR.
    pub var: Changed<Statistic>,
    /// Historical VaR in base currency.
    pub var_amount: Changed<Amount>,
    /// Historical expected shortfall.
    pub es: Changed<Statistic>,
    /// Historical expected shortfall in base currency.
    pub es_amount: Changed<Amount>,
    /// Volatility a year.
    pub volatility: Changed<Statistic>,
    /// Tracking error a year to the portfolio's benchmark.
    pub tracking_error: Changed<Statistic>,
    /// Beta to the benchmark.
    pub beta: Changed<Statistic>,
    /// Half the sum of the differences to the weights of the benchmark's members.
    pub active_share: Changed<Statistic>,
    /// The Herfindahl-Hirschman index of the instruments.
    pub hhi: Changed<Statistic>,
    /// The effective number of instruments.
    pub effective_number: Changed<Statistic>,
}

/// What the risk figures are taken from: the book held constant over the past.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskBasis {
    /// The method of VaR and ES: `historical`.
    pub method: String,
    /// Confidence level.
    pub level: f64,
    /// Days ahead.
    pub horizon: u32,
    /// Returns used.
    pub window: usize,
    /// First and last day of the window, where there is one.
    pub days: Option<(Date, Date)>,
    /// The benchmark's symbol, where one is set.
    pub benchmark: Option<String>,
}

/// What became of one edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EditOutcome {
    /// The symbol as the book writes it.
    pub symbol: String,
    /// Why the edit is left out, where it is.
    pub refused: Option<EditRefusal>,
    /// The trade it stands for; none where it is refused, or nothing has to be traded.
    pub trade: Option<ScratchTrade>,
}

/// Why an edit is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditRefusal {
    /// The field at fault: `symbol`, or the name of its size.
    pub field: String,
    /// What stands in it.
    pub value: String,
    /// One sentence that names the value.
    pub sentence: String,
}

/// A trade of the scratch copy: never an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScratchTrade {
    /// Units, negative for a sale.
    pub quantity: Decimal,
    /// Price of one unit in its currency: the last close on or before the day.
    pub price: Decimal,
    /// The day of that price.
    pub price_date: Date,
    /// Currency of the price.
    pub currency: Currency,
    /// Base currency for one unit of that currency.
    pub rate: Decimal,
    /// Value of the units in base currency, negative for a sale.
    pub value: Amount,
    /// The fee in base currency.
    pub fee: Amount,
    /// The day its cash moves.
    pub settle: Date,
    /// The accounts it is booked in, by name.
    pub accounts: Vec<String>,
    /// Whether more is sold than is held, so that a short is opened.
    pub opens_short: bool,
}

/// Market values by one classification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExposureChanges {
    /// The classification.
    pub by: Classification,
    /// Its groups, the largest before or after first.
    pub rows: Vec<ExposureChange>,
}

/// The market value of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExposureChange {
    /// Name of the group.
    pub label: String,
    /// Market value, base currency.
    pub value: Changed<Amount>,
    /// Share of net asset value.
    pub weight: Changed<Statistic>,
}

/// The result of the book in one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StressChange {
    /// The scenario's name.
    pub name: String,
    /// Gain or loss in base currency.
    pub profit: Changed<Amount>,
    /// The same as a share of net asset value.
    pub share: Changed<Statistic>,
    /// Holdings that could not be revalued, one sentence each; they count as unchanged.
    pub left_out: Vec<String>,
}

/// Cash of one currency once everything up to a day has settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CashStep {
    /// The currency of the amounts.
    pub currency: Currency,
    /// The day.
    pub settle: Date,
    /// The balance at its end, trades known so far.
    pub balance: Changed<Decimal>,
}

/// One instrument, or the cash of one currency, all accounts together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatIfRow {
    /// The instrument; none for cash.
    pub instrument: Option<InstrumentId>,
    /// Its symbol, or the currency.
    pub symbol: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: InstrumentKind,
    /// Currency of its price.
    pub currency: Currency,
    /// Its sector, where classified.
    pub sector: Option<String>,
    /// Price of one unit in its currency.
    pub price: Amount,
    /// Units.
    pub quantity: Changed<Decimal>,
    /// Market value in base currency.
    pub value: Changed<Amount>,
    /// Share of net asset value.
    pub weight: Changed<Statistic>,
}

/// Edits a person keeps, to look at again and to talk about. Never an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// Its name, unique in a book.
    pub name: String,
    /// The portfolio's name.
    pub portfolio: String,
    /// The day the edits were made on.
    pub as_of: Date,
    /// The edits.
    pub edits: Vec<WhatIfEdit>,
    /// Fee of a trade in basis points of its value.
    #[serde(default)]
    pub fee_bps: f64,
    /// From what cash trades in another currency are paid.
    #[serde(default)]
    pub funding: Funding,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Asks for the proposals of a book, by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetProposals {}
call!(GetProposals => Vec<ProposalEntry>, "get_proposals");

/// A proposal as the book has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposalEntry {
    /// The document.
    pub proposal: Proposal,
    /// Its version in the book.
    pub version: u64,
    /// When this version was kept.
    pub kept_at: jiff::Timestamp,
}

/// Keeps edits in the book under a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeepProposal {
    /// The view the edits were made on.
    pub view: View,
    /// The name.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// The edits.
    pub edits: Vec<WhatIfEdit>,
    /// Fee of a trade in basis points of its value.
    pub fee_bps: f64,
    /// From what cash trades in another currency are paid.
    pub funding: Funding,
    /// The version the edit is based on; 0 for a new one.
    pub base_version: u64,
}
call!(KeepProposal => u64, "keep_proposal");

/// Removes a proposal from the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoveProposal {
    /// Its name.
    pub name: String,
    /// The version it has.
    pub base_version: u64,
}
call!(RemoveProposal => (), "remove_proposal");
