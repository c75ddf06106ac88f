//! The Holdings page: windows of the grid, its export, and the positions report of the command line.

use std::collections::BTreeSet;

use apex_wire::holdings::{ExportHoldings, GetHoldings, HoldingColumn, HoldingRow, HoldingsWindow};
use apex_wire::{Amount, Failure, Statistic, View};
use rust_decimal::Decimal;

use crate::App;
use crate::error::{AppError, Result};
use crate::grid::{self, Arrangement};
use crate::report::{PositionLine, PositionsReport};
use crate::split;

/// No window is larger: a page that asks for more is not scrolling but copying, and copying has a call of its own.
const LIMIT_MAX: usize = 1000;

impl App {
    /// Returns a window of the grid of holdings.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn get_holdings(&self, ask: GetHoldings) -> Result<HoldingsWindow, Failure> {
        let fold = self.fold(ask.view)?;
        let valuation = fold.valuation();
        let grid = valuation.grid(Arrangement::of(&ask));
        let collapsed: BTreeSet<&str> = ask.collapsed.iter().map(String::as_str).collect();
        let (total_rows, rows) = grid.window(&valuation.rows, &collapsed, ask.offset, ask.limit.min(LIMIT_MAX));
        Ok(HoldingsWindow {
            as_of: fold.as_of(),
            currency: fold.currency(),
            total_rows,
            offset: ask.offset,
            rows,
            total: grid.total.clone(),
            nav: valuation.nav.clone(),
        })
    }

    /// Returns the rows of the grid as CSV text, full precision, without groups.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn export_holdings(&self, ask: ExportHoldings) -> Result<String, Failure> {
        let fold = self.fold(ask.grid.view)?;
        let valuation = fold.valuation();
        let grid = valuation.grid(Arrangement::of(&ask.grid));
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = (|| {
            writer.write_record(ask.columns.iter().map(|column| heading(*column)))?;
            for row in grid.rows(&valuation.rows) {
                writer.write_record(ask.columns.iter().map(|column| cell(row, *column)))?;
            }
            writer.flush()
        })();
        let text = written
            .ok()
            .and_then(|()| writer.into_inner().ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let defect = || AppError::Defect {
            sentence: "rows cannot be written as CSV".to_owned(),
        };
        text.ok_or_else(defect).map_err(Failure::from)
    }

    /// Returns every holding and cash balance, as the command line prints them.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn positions_report(&self, view: View) -> Result<PositionsReport, Failure> {
        let fold = self.fold(view)?;
        let valuation = fold.valuation();
        Ok(PositionsReport {
            portfolio: fold.portfolio().name.clone(),
            as_of: fold.as_of(),
            currency: fold.currency(),
            nav: valuation.nav.known().copied(),
            nav_unavailable: valuation.nav.because().map(str::to_owned),
            rows: valuation.rows.iter().map(PositionLine::from).collect(),
            missing_splits: split::sentences(&fold),
        })
    }
}

/// Returns the heading of a column in files.
pub(crate) fn heading(column: HoldingColumn) -> &'static str {
    match column {
        HoldingColumn::Symbol => "symbol",
        HoldingColumn::Name => "name",
        HoldingColumn::Account => "account",
        HoldingColumn::Quantity => "quantity",
        HoldingColumn::Price => "price",
        HoldingColumn::Currency => "currency",
        HoldingColumn::MarketValue => "market_value",
        HoldingColumn::Weight => "weight",
        HoldingColumn::Cost => "cost",
        HoldingColumn::Unrealized => "unrealized",
        HoldingColumn::UnrealizedPrice => "unrealized_price",
        HoldingColumn::UnrealizedFx => "unrealized_fx",
        HoldingColumn::UnrealizedCross => "unrealized_cross",
        HoldingColumn::DayChange => "day_change",
        HoldingColumn::DayPnl => "day_pnl",
        HoldingColumn::Income => "income",
        HoldingColumn::Sector => "sector",
        HoldingColumn::Country => "country",
        HoldingColumn::AssetClass => "asset_class",
        HoldingColumn::PriceDate => "price_date",
    }
}

fn cell(row: &HoldingRow, column: HoldingColumn) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match column {
        HoldingColumn::Symbol => row.symbol.clone(),
        HoldingColumn::Name => row.name.clone(),
        HoldingColumn::Account => row.account_name.clone(),
        HoldingColumn::Quantity => plain(row.quantity),
        HoldingColumn::Price => amount(&row.price),
        HoldingColumn::Currency => row.currency.to_string(),
        HoldingColumn::MarketValue => amount(&row.market_value),
        HoldingColumn::Weight => statistic(&row.weight),
        HoldingColumn::Cost => amount(&row.cost),
        HoldingColumn::Unrealized => amount(&row.unrealized),
        HoldingColumn::UnrealizedPrice => amount(&row.unrealized_price),
        HoldingColumn::UnrealizedFx => amount(&row.unrealized_fx),
        HoldingColumn::UnrealizedCross => amount(&row.unrealized_cross),
        HoldingColumn::DayChange => statistic(&row.day_change),
        HoldingColumn::DayPnl => amount(&row.day_pnl),
        HoldingColumn::Income => amount(&row.income),
        HoldingColumn::Sector => text(&row.sector),
        HoldingColumn::Country => text(&row.country),
        HoldingColumn::AssetClass => grid::kind_label(row.kind).to_owned(),
        HoldingColumn::PriceDate => row.price_date.map(|date| date.to_string()).unwrap_or_default(),
    }
}

fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// Unknown is `--` in files too, never an empty cell that a spreadsheet would take for zero.
fn amount(figure: &Amount) -> String {
    figure
        .known()
        .map_or_else(|| apex_format::UNKNOWN.to_owned(), |value| plain(*value))
}

fn statistic(figure: &Statistic) -> String {
    figure
        .known()
        .map_or_else(|| apex_format::UNKNOWN.to_owned(), f64::to_string)
}
