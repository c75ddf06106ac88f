//! The grid of holdings: filter, sort, group, subtotals and windows over rows that are already valued.
//!
//! Nothing here knows prices or ledgers. An arranged grid is kept with the valuation it belongs to, so that scrolling
//! only copies the rows that are shown.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use apex_domain::InstrumentKind;
use apex_wire::holdings::{Classification, GetHoldings, GridRow, HoldingColumn, HoldingRow, Subtotal};
use apex_wire::{Amount, Figure, Statistic};
use rust_decimal::Decimal;

/// What decides the arrangement of a grid; folding groups and scrolling do not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arrangement {
    group: Vec<Classification>,
    sort: Option<(HoldingColumn, bool)>,
    filter: String,
}

impl Arrangement {
    pub(crate) fn of(ask: &GetHoldings) -> Self {
        Self {
            group: ask.group.iter().copied().take(2).collect(),
            sort: ask.sort,
            filter: ask.filter.trim().to_lowercase(),
        }
    }
}

/// Rows in order, with the groups around them.
#[derive(Debug)]
pub(crate) struct Grid {
    entries: Vec<Entry>,
    /// The sum of what the filter lets through.
    pub(crate) total: Subtotal,
}

#[derive(Debug)]
enum Entry {
    Group {
        key: String,
        level: u8,
        label: String,
        subtotal: Subtotal,
    },
    Row {
        index: u32,
    },
}

impl Grid {
    /// Arranges the rows.
    pub(crate) fn arrange(rows: &[HoldingRow], how: &Arrangement) -> Self {
        let mut shown: Vec<u32> = (0_u32..)
            .zip(rows)
            .filter(|(_, row)| lets_through(row, &how.filter))
            .map(|(index, _)| index)
            .collect();
        match how.sort {
            Some((column, descending)) => sort_by_column(&mut shown, rows, column, descending),
            None => shown.sort_by(|&left, &right| by_default(at(rows, left), at(rows, right))),
        }
        let mut entries = Vec::with_capacity(shown.len() + 64);
        let total = subtotal(shown.iter().map(|&index| at(rows, index)));
        push_groups(&mut entries, rows, shown, &how.group, how.sort, 0, "");
        Self { entries, total }
    }

    /// Returns how many rows there are with `collapsed` groups shut, and those from `offset` on.
    pub(crate) fn window(
        &self,
        rows: &[HoldingRow],
        collapsed: &BTreeSet<&str>,
        offset: usize,
        limit: usize,
    ) -> (usize, Vec<GridRow>) {
        let mut shut_below: Option<u8> = None;
        let mut count = 0;
        let mut shown = Vec::with_capacity(limit.min(512));
        for entry in &self.entries {
            let is_shut = match entry {
                Entry::Group { key, level, .. } => {
                    if shut_below.is_some_and(|shut| *level > shut) {
                        continue;
                    }
                    let shut = collapsed.contains(key.as_str());
                    shut_below = shut.then_some(*level);
                    shut
                }
                Entry::Row { .. } if shut_below.is_some() => continue,
                Entry::Row { .. } => false,
            };
            if count >= offset && shown.len() < limit {
                shown.push(match entry {
                    Entry::Group {
                        key,
                        level,
                        label,
                        subtotal,
                    } => GridRow::Group {
                        key: key.clone(),
                        level: *level,
                        label: label.clone(),
                        collapsed: is_shut,
                        subtotal: subtotal.clone(),
                    },
                    Entry::Row { index } => GridRow::Holding(Box::new(at(rows, *index).clone())),
                });
            }
            count += 1;
        }
        (count, shown)
    }

    /// Returns the rows in order, without groups.
    pub(crate) fn rows<'a>(&'a self, rows: &'a [HoldingRow]) -> impl Iterator<Item = &'a HoldingRow> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Row { index } => Some(at(rows, *index)),
            Entry::Group { .. } => None,
        })
    }
}

fn at(rows: &[HoldingRow], index: u32) -> &HoldingRow {
    rows.get(index as usize)
        .expect("indices come from enumerating these rows")
}

fn lets_through(row: &HoldingRow, filter: &str) -> bool {
    if filter.is_empty() {
        return true;
    }
    let texts = [
        Some(row.symbol.as_str()),
        Some(row.name.as_str()),
        Some(row.account_name.as_str()),
        row.isin.as_deref(),
        row.sector.as_deref(),
        row.country.as_deref(),
    ];
    texts.iter().flatten().any(|text| contains(text, filter))
}

/// Returns whether `text` contains `needle`, which is lower case already.
pub(crate) fn contains(text: &str, needle: &str) -> bool {
    if text.is_ascii() && needle.is_ascii() {
        let (text, needle) = (text.as_bytes(), needle.as_bytes());
        return needle.is_empty() || text.windows(needle.len()).any(|part| part.eq_ignore_ascii_case(needle));
    }
    text.to_lowercase().contains(needle)
}

/// Symbol, then account, cash at the end.
fn by_default(left: &HoldingRow, right: &HoldingRow) -> Ordering {
    (left.instrument.is_none(), &left.symbol, &left.account_name).cmp(&(
        right.instrument.is_none(),
        &right.symbol,
        &right.account_name,
    ))
}

/// A value of a column that can be compared; unknown values have none and go last either way.
#[derive(PartialEq, PartialOrd)]
enum Value<'a> {
    Text(&'a str),
    Decimal(Decimal),
    Number(f64),
    Date(jiff::civil::Date),
}

fn value(row: &HoldingRow, column: HoldingColumn) -> Option<Value<'_>> {
    let decimal = |amount: &Amount| amount.known().copied().map(Value::Decimal);
    let number = |statistic: &Statistic| statistic.known().copied().map(Value::Number);
    match column {
        HoldingColumn::Symbol => Some(Value::Text(&row.symbol)),
        HoldingColumn::Name => Some(Value::Text(&row.name)),
        HoldingColumn::Account => Some(Value::Text(&row.account_name)),
        HoldingColumn::Quantity => Some(Value::Decimal(row.quantity)),
        HoldingColumn::Price => decimal(&row.price),
        HoldingColumn::Currency => Some(Value::Text(row.currency.code())),
        HoldingColumn::MarketValue => decimal(&row.market_value),
        HoldingColumn::Weight => number(&row.weight),
        HoldingColumn::Cost => decimal(&row.cost),
        HoldingColumn::Unrealized => decimal(&row.unrealized),
        HoldingColumn::UnrealizedPrice => decimal(&row.unrealized_price),
        HoldingColumn::UnrealizedFx => decimal(&row.unrealized_fx),
        HoldingColumn::UnrealizedCross => decimal(&row.unrealized_cross),
        HoldingColumn::DayChange => number(&row.day_change),
        HoldingColumn::DayPnl => decimal(&row.day_pnl),
        HoldingColumn::Income => decimal(&row.income),
        HoldingColumn::Sector => row.sector.as_deref().map(Value::Text),
        HoldingColumn::Country => row.country.as_deref().map(Value::Text),
        HoldingColumn::AssetClass => Some(Value::Text(kind_label(row.kind))),
        HoldingColumn::PriceDate => row.price_date.map(Value::Date),
    }
}

fn compare<T: PartialOrd>(left: Option<T>, right: Option<T>, descending: bool) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => {
            let order = left.partial_cmp(&right).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn sort_by_column(shown: &mut [u32], rows: &[HoldingRow], column: HoldingColumn, descending: bool) {
    shown.sort_by(|&left, &right| {
        let (left, right) = (at(rows, left), at(rows, right));
        compare(value(left, column), value(right, column), descending).then_with(|| by_default(left, right))
    });
}

fn push_groups(
    entries: &mut Vec<Entry>,
    rows: &[HoldingRow],
    shown: Vec<u32>,
    group: &[Classification],
    sort: Option<(HoldingColumn, bool)>,
    level: u8,
    above: &str,
) {
    let Some((&by, inner)) = group.split_first() else {
        entries.extend(shown.into_iter().map(|index| Entry::Row { index }));
        return;
    };
    let mut parts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for index in shown {
        let label = label(at(rows, index), by);
        match parts.get_mut(label) {
            Some(part) => part.push(index),
            None => {
                parts.insert(label.to_owned(), vec![index]);
            }
        }
    }
    let mut groups: Vec<(String, Vec<u32>, Subtotal)> = parts
        .into_iter()
        .map(|(label, part)| {
            let sum = subtotal(part.iter().map(|&index| at(rows, index)));
            (label, part, sum)
        })
        .collect();
    if let Some((column, descending)) = sort {
        groups.sort_by(|left, right| {
            compare(summed(&left.2, column), summed(&right.2, column), descending).then_with(|| left.0.cmp(&right.0))
        });
    }
    for (label, part, sum) in groups {
        let key = if above.is_empty() {
            label.clone()
        } else {
            format!("{above}\u{1f}{label}")
        };
        entries.push(Entry::Group {
            key: key.clone(),
            level,
            label,
            subtotal: sum,
        });
        push_groups(entries, rows, part, inner, sort, level + 1, &key);
    }
}

/// What groups are ordered by when the grid is sorted by `column`; by name where the column has no sum.
fn summed(sum: &Subtotal, column: HoldingColumn) -> Option<Decimal> {
    match column {
        HoldingColumn::MarketValue | HoldingColumn::Weight => sum.market_value.known().copied(),
        HoldingColumn::Cost => sum.cost.known().copied(),
        HoldingColumn::Unrealized => sum.unrealized.known().copied(),
        HoldingColumn::DayPnl => sum.day_pnl.known().copied(),
        HoldingColumn::Income => sum.income.known().copied(),
        _ => None,
    }
}

/// Returns the name of the group a row belongs to.
pub(crate) fn label(row: &HoldingRow, by: Classification) -> &str {
    match by {
        Classification::AssetClass => kind_label(row.kind),
        Classification::Sector => classified(row.sector.as_deref(), row),
        Classification::Country => classified(row.country.as_deref(), row),
        Classification::Currency => row.currency.code(),
        Classification::Exchange => classified(row.exchange.as_deref(), row),
        Classification::Account => &row.account_name,
        Classification::Side => match row.instrument {
            None => "Cash",
            Some(_) if row.quantity.is_sign_negative() => "Short",
            Some(_) => "Long",
        },
    }
}

fn classified<'a>(value: Option<&'a str>, row: &HoldingRow) -> &'a str {
    match value {
        Some(value) => value,
        None if row.instrument.is_none() => "Cash",
        None => "Unclassified",
    }
}

/// Returns the name of a kind of instrument as people read it.
pub(crate) fn kind_label(kind: InstrumentKind) -> &'static str {
    match kind {
        InstrumentKind::Equity => "Equity",
        InstrumentKind::Etf => "ETF",
        InstrumentKind::Fund => "Fund",
        InstrumentKind::Cash => "Cash",
        InstrumentKind::CurrencyPair => "Currency pair",
        InstrumentKind::Bond => "Bond",
        InstrumentKind::Option => "Option",
        InstrumentKind::Private => "Private asset",
        InstrumentKind::Index => "Index",
    }
}

/// Adds rows up; a sum with an unknown part is unknown, and says which part.
pub(crate) fn subtotal<'a>(rows: impl Iterator<Item = &'a HoldingRow>) -> Subtotal {
    let mut sum = Subtotal {
        rows: 0,
        market_value: Figure::Known(Decimal::ZERO),
        cost: Figure::Known(Decimal::ZERO),
        unrealized: Figure::Known(Decimal::ZERO),
        day_pnl: Figure::Known(Decimal::ZERO),
        income: Figure::Known(Decimal::ZERO),
        weight: Figure::Known(0.0),
    };
    for row in rows {
        sum.rows += 1;
        add(&mut sum.market_value, &row.market_value);
        add(&mut sum.cost, &row.cost);
        add(&mut sum.unrealized, &row.unrealized);
        add(&mut sum.day_pnl, &row.day_pnl);
        add(&mut sum.income, &row.income);
        match (&mut sum.weight, &row.weight) {
            (Figure::Known(sum), Figure::Known(part)) => *sum += part,
            (weight @ Figure::Known(_), Figure::Unavailable(because)) => {
                *weight = Figure::Unavailable(because.clone());
            }
            (Figure::Unavailable(_), _) => {}
        }
    }
    sum
}

/// Adds a part to a sum; the first unknown part makes the sum unknown.
pub(crate) fn add(sum: &mut Amount, part: &Amount) {
    match (&mut *sum, part) {
        (Figure::Known(total), Figure::Known(part)) => match total.checked_add(*part) {
            Some(added) => *total = added,
            None => *sum = Figure::Unavailable("the sum is larger than a decimal can hold".to_owned()),
        },
        (Figure::Known(_), Figure::Unavailable(because)) => *sum = Figure::Unavailable(because.clone()),
        (Figure::Unavailable(_), _) => {}
    }
}
