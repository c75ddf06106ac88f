//! The positions in the grid: what is held, what shall be held, and what becomes of it.

use apex_domain::Currency;
use apex_wire::what_if::{EditBy, EditOutcome, WhatIf, WhatIfColumn, WhatIfRow};

use super::draft::Draft;
use crate::{
    components::{Cell, Column, Line, LineKind},
    reading::{Reading, Tone},
};

/// The column of target weights.
pub(super) const TARGET_WEIGHT: &str = "target-weight";
/// The column of target quantities.
pub(super) const TARGET_QUANTITY: &str = "target-quantity";

/// Returns the columns.
pub(super) fn columns(base: Currency) -> Vec<Column> {
    vec![
        Column::words("symbol", "Symbol", 84).growing(),
        Column::figures("quantity", "Quantity", 76).unsorted(),
        Column::figures("before", "Weight", 66).unit("%"),
        Column::inputs(TARGET_WEIGHT, "Target", 72).unit("%"),
        Column::inputs(TARGET_QUANTITY, "Target", 84).unit("units"),
        Column::figures("after", "After", 66).unit("%").unsorted(),
        Column::figures("change", "Change", 96)
            .unit(base.to_string())
            .unsorted(),
    ]
}

/// Returns what a column sorts by: only what no edit changes, so that no row moves while a person types in it.
pub(super) fn sorted_by(id: &str) -> Option<WhatIfColumn> {
    match id {
        "symbol" => Some(WhatIfColumn::Symbol),
        "before" => Some(WhatIfColumn::Before),
        _ => None,
    }
}

/// Returns the name of the column that is sorted by.
pub(super) fn sort_name(column: WhatIfColumn) -> &'static str {
    match column {
        WhatIfColumn::Symbol => "symbol",
        WhatIfColumn::Before => "before",
        WhatIfColumn::After => "after",
        WhatIfColumn::Change => "change",
    }
}

/// Returns the line of a position.
pub(super) fn line_of(row: &WhatIfRow, draft: &Draft, outcomes: &[EditOutcome], base: Currency) -> Line {
    let is_cash = row.instrument.is_none();
    let refused = draft
        .edits
        .iter()
        .zip(outcomes)
        .any(|(edit, outcome)| edit.symbol == row.symbol && outcome.refused.is_some());
    let target = |by: EditBy, hint: String| {
        if is_cash {
            return Reading::none();
        }
        let cell = Reading::text(draft.target(&row.symbol, by));
        let refused = refused && !cell.text.is_empty();
        cell.hinted(hint).toned(if refused { Tone::Loss } else { Tone::Plain })
    };
    let quantity = if is_cash {
        Reading::decimal_money(row.quantity.before, row.currency)
    } else {
        Reading::quantity(row.quantity.before)
    };
    let moved = !row.quantity.change.is_zero();
    let weight = Reading::weight(&row.weight.before);
    let cells: Vec<Cell> = vec![
        Reading::text(row.symbol.as_str()).hinted(row.name.as_str()),
        quantity.clone(),
        weight.clone(),
        target(EditBy::TargetWeight, weight.text),
        target(EditBy::TargetQuantity, quantity.text),
        if moved {
            Reading::weight(&row.weight.after)
        } else {
            Reading::weight(&row.weight.after).toned(Tone::Faint)
        },
        if moved {
            Reading::gain(&row.value.change, base).toned(Tone::Plain)
        } else {
            Reading::none()
        },
    ];
    Line {
        testid: format!("row-{}", row.symbol),
        kind: LineKind::Plain,
        cells,
    }
}

/// Returns the line of the whole book.
pub(super) fn total_line(found: &WhatIf) -> Line {
    let nav = &found.figures.nav;
    Line {
        testid: "what-if-total".to_owned(),
        kind: LineKind::Plain,
        cells: vec![
            Reading::text("Turnover"),
            Reading::percent(&found.turnover),
            Reading::none(),
            Reading::none(),
            Reading::none(),
            Reading::none(),
            Reading::gain(&nav.change, found.currency).toned(Tone::Plain),
        ],
    }
}
