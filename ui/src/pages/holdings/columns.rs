//! The columns of the holdings grid: their order, their widths, and what a row or a subtotal reads in each.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{AccountId, Currency, InstrumentKind};
use apex_wire::holdings::{GridRow, HoldingColumn, HoldingRow, HoldingsWindow, Subtotal};

use crate::{
    components::{Cell, Column, Line, LineKind},
    reading::{Reading, Tone, rows_words},
};

/// The longest symbol that its column shows whole.
const SYMBOL_FITS: usize = 14;

/// A column as the chooser lists it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct HoldingsColumn {
    pub(super) column: HoldingColumn,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) width: u32,
    pub(super) numeric: bool,
    /// Whether it is shown until the person chooses.
    pub(super) usual: bool,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    None,
    Base,
    Percent,
}

const fn words(
    column: HoldingColumn,
    id: &'static str,
    title: &'static str,
    width: u32,
    usual: bool,
) -> HoldingsColumn {
    HoldingsColumn {
        column,
        id,
        title,
        width,
        numeric: false,
        usual,
        unit: Unit::None,
    }
}

const fn figures(
    column: HoldingColumn,
    id: &'static str,
    title: &'static str,
    width: u32,
    usual: bool,
    unit: Unit,
) -> HoldingsColumn {
    HoldingsColumn {
        column,
        id,
        title,
        width,
        numeric: true,
        usual,
        unit,
    }
}

/// Every column in its order.
pub(super) const COLUMNS: [HoldingsColumn; 20] = [
    words(HoldingColumn::Symbol, "symbol", "Symbol", 124, true),
    words(HoldingColumn::Name, "name", "Name", 140, true),
    words(HoldingColumn::AssetClass, "asset_class", "Asset class", 84, false),
    words(HoldingColumn::Sector, "sector", "Sector", 128, false),
    words(HoldingColumn::Country, "country", "Country", 64, false),
    words(HoldingColumn::Account, "account", "Account", 104, false),
    figures(HoldingColumn::Quantity, "quantity", "Quantity", 104, true, Unit::None),
    words(HoldingColumn::Currency, "currency", "Ccy", 44, true),
    figures(HoldingColumn::Price, "price", "Price", 76, true, Unit::None),
    figures(
        HoldingColumn::PriceDate,
        "price_date",
        "Price of",
        84,
        false,
        Unit::None,
    ),
    figures(HoldingColumn::DayChange, "day_change", "Day", 64, true, Unit::Percent),
    figures(
        HoldingColumn::MarketValue,
        "market_value",
        "Market value",
        124,
        true,
        Unit::Base,
    ),
    figures(HoldingColumn::Weight, "weight", "Weight", 68, true, Unit::Percent),
    figures(HoldingColumn::Cost, "cost", "Cost", 116, false, Unit::Base),
    figures(HoldingColumn::DayPnl, "day_pnl", "Day P&L", 100, true, Unit::Base),
    figures(
        HoldingColumn::Unrealized,
        "unrealized",
        "Unrealized",
        116,
        true,
        Unit::Base,
    ),
    figures(
        HoldingColumn::UnrealizedPrice,
        "unrealized_price",
        "by price",
        108,
        false,
        Unit::Base,
    ),
    figures(
        HoldingColumn::UnrealizedFx,
        "unrealized_fx",
        "by currency",
        104,
        false,
        Unit::Base,
    ),
    figures(
        HoldingColumn::UnrealizedCross,
        "unrealized_cross",
        "by both",
        96,
        false,
        Unit::Base,
    ),
    figures(HoldingColumn::Income, "income", "Income", 96, false, Unit::Base),
];

/// Returns what is known of a column.
pub(super) fn column_of(column: HoldingColumn) -> &'static HoldingsColumn {
    COLUMNS
        .iter()
        .find(|known| known.column == column)
        .expect("every column of the contract is listed")
}

/// Returns the grid's columns.
pub(super) fn columns(shown: &[HoldingColumn], base: Currency) -> Vec<Column> {
    shown
        .iter()
        .map(|column| {
            let known = column_of(*column);
            let column = if known.numeric {
                Column::figures(known.id, known.title, known.width)
            } else {
                Column::words(known.id, known.title, known.width)
            };
            let column = if known.column == HoldingColumn::Name {
                column.growing()
            } else {
                column
            };
            match known.unit {
                Unit::None => column,
                Unit::Base => column.unit(base.to_string()),
                Unit::Percent => column.unit("%"),
            }
        })
        .collect()
}

/// Returns the line of a row.
pub(super) fn line_of(row: &GridRow, shown: &[HoldingColumn], several: &BTreeSet<String>, base: Currency) -> Line {
    match row {
        GridRow::Group {
            key,
            level,
            label,
            collapsed,
            subtotal,
        } => Line {
            testid: format!("group-{key}"),
            kind: LineKind::Group {
                level: *level,
                collapsed: *collapsed,
            },
            cells: shown
                .iter()
                .map(|column| subtotal_cell(*column, label, subtotal, base))
                .collect(),
        },
        GridRow::Holding(row) => Line {
            testid: format!("row-{}", row.symbol),
            kind: LineKind::Plain,
            cells: shown
                .iter()
                .map(|column| match column {
                    HoldingColumn::Name if several.contains(&row.symbol) => name_and_account(row),
                    column => cell(*column, row, base),
                })
                .collect(),
        },
    }
}

/// Returns the symbols that stand in several rows, one for each account, where no column tells the accounts apart.
pub(super) fn in_several_accounts(rows: &[GridRow], shown: &[HoldingColumn]) -> BTreeSet<String> {
    if shown.contains(&HoldingColumn::Account) {
        return BTreeSet::new();
    }
    let mut first: BTreeMap<&str, AccountId> = BTreeMap::new();
    let mut several = BTreeSet::new();
    for row in rows {
        if let GridRow::Holding(row) = row
            && *first.entry(&row.symbol).or_insert(row.account) != row.account
        {
            several.insert(row.symbol.clone());
        }
    }
    several
}

fn name_and_account(row: &HoldingRow) -> Cell {
    let words = format!("{}, {}", row.account_name, row.name);
    Reading::faint(words.clone()).hinted(words)
}

/// Returns the line of the sum of what the filter lets through.
pub(super) fn total_line(found: &HoldingsWindow, shown: &[HoldingColumn]) -> Line {
    Line {
        testid: "holdings-total".to_owned(),
        kind: LineKind::Plain,
        cells: shown
            .iter()
            .map(|column| subtotal_cell(*column, "Total", &found.total, found.currency))
            .collect(),
    }
}

fn subtotal_cell(column: HoldingColumn, label: &str, subtotal: &Subtotal, base: Currency) -> Cell {
    match column {
        HoldingColumn::Symbol => Reading::text(label),
        HoldingColumn::Name => Reading::faint(rows_words(subtotal.rows)),
        HoldingColumn::MarketValue => Reading::money(&subtotal.market_value, base),
        HoldingColumn::Cost => Reading::money(&subtotal.cost, base),
        HoldingColumn::Unrealized => Reading::gain(&subtotal.unrealized, base),
        HoldingColumn::DayPnl => Reading::gain(&subtotal.day_pnl, base),
        HoldingColumn::Income => Reading::money(&subtotal.income, base),
        HoldingColumn::Weight => Reading::weight(&subtotal.weight),
        _ => Reading::none(),
    }
}

fn cell(column: HoldingColumn, row: &HoldingRow, base: Currency) -> Cell {
    let optional = |text: &Option<String>| Reading::text(text.clone().unwrap_or_default());
    match column {
        HoldingColumn::Symbol if row.simulated => {
            Reading::text(row.symbol.as_str()).hinted(format!("{}, simulated", row.symbol))
        }
        HoldingColumn::Symbol if row.symbol.len() > SYMBOL_FITS => {
            Reading::text(row.symbol.as_str()).hinted(row.symbol.as_str())
        }
        HoldingColumn::Symbol => Reading::text(row.symbol.as_str()),
        HoldingColumn::Name => Reading::text(row.name.as_str())
            .toned(Tone::Faint)
            .hinted(row.name.as_str()),
        HoldingColumn::Account => Reading::text(row.account_name.as_str()),
        HoldingColumn::Quantity if row.kind == InstrumentKind::Cash => {
            Reading::decimal_money(row.quantity, row.currency)
        }
        HoldingColumn::Quantity => Reading::quantity(row.quantity),
        HoldingColumn::Price if row.kind == InstrumentKind::Cash => Reading::none(),
        HoldingColumn::Price => {
            let reading = Reading::price(&row.price);
            match row.price_date {
                Some(date) => reading.hinted(format!("price of {date}")),
                None => reading,
            }
        }
        HoldingColumn::Currency => Reading::faint(row.currency.to_string()),
        HoldingColumn::MarketValue => Reading::money(&row.market_value, base),
        HoldingColumn::Weight => Reading::weight(&row.weight),
        HoldingColumn::Cost => Reading::money(&row.cost, base),
        HoldingColumn::Unrealized => Reading::gain(&row.unrealized, base),
        HoldingColumn::UnrealizedPrice => Reading::gain(&row.unrealized_price, base),
        HoldingColumn::UnrealizedFx => Reading::gain(&row.unrealized_fx, base),
        HoldingColumn::UnrealizedCross => Reading::gain(&row.unrealized_cross, base),
        HoldingColumn::DayChange if row.kind == InstrumentKind::Cash => Reading::none(),
        HoldingColumn::DayChange => Reading::rate_number(&row.day_change),
        HoldingColumn::DayPnl => Reading::gain(&row.day_pnl, base),
        HoldingColumn::Income => Reading::money(&row.income, base),
        HoldingColumn::Sector => optional(&row.sector),
        HoldingColumn::Country => optional(&row.country),
        HoldingColumn::AssetClass => Reading::text(row.kind.to_string().replace('_', " ")),
        HoldingColumn::PriceDate => Reading::text(row.price_date.map(|date| date.to_string()).unwrap_or_default()),
    }
}
