//! The positions before and after, one row an instrument and one a currency of cash: filtered, sorted, cut to a window.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use apex_domain::{Currency, Decimal, InstrumentKind, Subject};
use apex_wire::holdings::HoldingRow;
use apex_wire::what_if::{Changed, GetWhatIf, WhatIfColumn, WhatIfRow};
use apex_wire::{Amount, Figure};

use super::answer::{amounts, statistics};
use super::scratch::{Scratch, subject};
use crate::fold::PortfolioFold;
use crate::grid::{add, contains};
use crate::valuation::weight;

/// No window is larger.
const LIMIT_MAX: usize = 10_000;

/// One position of the book, all accounts together.
#[derive(Debug, Clone)]
pub(crate) struct Position {
    symbol: String,
    name: String,
    kind: InstrumentKind,
    currency: Currency,
    sector: Option<String>,
    country: Option<String>,
    price: Amount,
    quantity: Decimal,
    value: Amount,
}

impl Position {
    /// Returns the positions of a book.
    pub(super) fn all(fold: &PortfolioFold) -> BTreeMap<Subject, Self> {
        let mut all: BTreeMap<Subject, Self> = BTreeMap::new();
        for row in &fold.valuation().rows {
            let position = all.entry(subject(row)).or_insert_with(|| Self::empty(row));
            position.quantity += row.quantity;
            add(&mut position.value, &row.market_value);
        }
        all
    }

    fn empty(row: &HoldingRow) -> Self {
        Self {
            symbol: row.symbol.clone(),
            name: row.name.clone(),
            kind: row.kind,
            currency: row.currency,
            sector: row.sector.clone(),
            country: row.country.clone(),
            price: row.price.clone(),
            quantity: Decimal::ZERO,
            value: Figure::Known(Decimal::ZERO),
        }
    }
}

/// A position before and after.
struct Line<'a> {
    subject: Subject,
    position: &'a Position,
    quantity: Decimal,
    value: Amount,
    /// Whether the book does not have it.
    is_new: bool,
}

/// Returns how many positions the filter lets through, and those of the window asked for.
pub(super) fn window(
    fold: &PortfolioFold,
    ask: &GetWhatIf,
    scratch: &Scratch<'_>,
    changes: &BTreeMap<Subject, (Decimal, Amount)>,
) -> (usize, Vec<WhatIfRow>) {
    let known = fold.what_if().positions(fold);
    let new = scratch.rows().filter(|row| !known.contains_key(&subject(row)));
    let new: BTreeMap<Subject, Position> = new.map(|row| (subject(row), Position::empty(row))).collect();
    let words = ask.filter.trim().to_lowercase();
    let lets_through = |position: &Position| {
        words.is_empty()
            || contains(&position.symbol, &words)
            || contains(&position.name, &words)
            || [&position.sector, &position.country]
                .into_iter()
                .flatten()
                .any(|text| contains(text, &words))
    };
    let all = known
        .iter()
        .map(|one| (one, false))
        .chain(new.iter().map(|one| (one, true)));
    let mut lines: Vec<Line<'_>> = all
        .filter(|((_, position), _)| lets_through(position))
        .map(|((subject, position), is_new)| {
            let (quantity, value) = match changes.get(subject) {
                Some((quantity, value)) => (*quantity, value.clone()),
                None => (position.quantity, position.value.clone()),
            };
            Line {
                subject: *subject,
                position,
                quantity,
                value,
                is_new,
            }
        })
        .collect();
    lines.sort_by(|left, right| order(left, right, ask.sort));
    let total = lines.len();
    let window = lines.iter().skip(ask.offset).take(ask.limit.min(LIMIT_MAX));
    let nav = &fold.valuation().nav;
    (total, window.map(|line| row(line, nav, &scratch.nav)).collect())
}

/// Cash comes last. Without a column what is new comes first, and then the largest before the edits, so that nothing
/// moves while a person types.
fn order(left: &Line<'_>, right: &Line<'_>, sort: Option<(WhatIfColumn, bool)>) -> Ordering {
    let is_cash = |line: &Line<'_>| matches!(line.subject, Subject::Cash(_));
    let size = |value: &Amount| value.known().copied().unwrap_or_default();
    let before = |line: &Line<'_>| size(&line.position.value);
    let after = |line: &Line<'_>| size(&line.value);
    let by_column = |column: WhatIfColumn| match column {
        WhatIfColumn::Symbol => left.position.symbol.cmp(&right.position.symbol),
        WhatIfColumn::Before => before(left).cmp(&before(right)),
        WhatIfColumn::After => after(left).cmp(&after(right)),
        WhatIfColumn::Change => (after(left) - before(left)).cmp(&(after(right) - before(right))),
    };
    let by_sort = match sort {
        Some((column, true)) => by_column(column).reverse(),
        Some((column, false)) => by_column(column),
        None => (right.is_new.cmp(&left.is_new)).then_with(|| before(right).abs().cmp(&before(left).abs())),
    };
    (is_cash(left).cmp(&is_cash(right)))
        .then(by_sort)
        .then_with(|| left.position.symbol.cmp(&right.position.symbol))
}

fn row(line: &Line<'_>, nav_before: &Amount, nav_after: &Amount) -> WhatIfRow {
    let position = line.position;
    let quantity = Changed {
        before: position.quantity.normalize(),
        after: line.quantity.normalize(),
        change: (line.quantity - position.quantity).normalize(),
    };
    WhatIfRow {
        instrument: match line.subject {
            Subject::Instrument(id) => Some(id),
            Subject::Cash(_) => None,
        },
        symbol: position.symbol.clone(),
        name: position.name.clone(),
        kind: position.kind,
        currency: position.currency,
        sector: position.sector.clone(),
        price: position.price.clone(),
        quantity,
        weight: statistics(weight(&position.value, nav_before), weight(&line.value, nav_after)),
        value: amounts(position.value.clone(), line.value.clone()),
    }
}
