//! NAV series of a book: holdings as step functions, raw prices and rates with gaps, in one base currency.
//!
//! Quantities are as traded and prices are as traded: a split is a step in the quantity on the day the price steps.
//! A day on which anything held lacks its price or its rate has no NAV: the gap is counted, and nothing stands in for
//! the missing value. Cash is a holding whose price is one.

use std::ops::Range;

use rayon::prelude::*;

use crate::error::{AnalyticsError, same_length};
use crate::gap::GapColumn;

/// The quantity held from one row on, until the next step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The row, counted from 0.
    pub row: usize,
    /// The quantity held after that row's trades; negative when short.
    pub quantity: f64,
}

/// Money put into a holding on one row, in base currency: purchases with their costs are positive, proceeds and income
/// negative. For cash it is everything paid in less everything paid out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    /// The row, counted from 0.
    pub row: usize,
    /// The amount in base currency.
    pub amount: f64,
}

/// One holding over all rows.
#[derive(Debug, Clone, Copy)]
pub struct Holding<'a> {
    /// The steps, ascending by row.
    pub steps: &'a [Step],
    /// The flows, ascending by row; rows may repeat.
    pub flows: &'a [Flow],
    /// The raw price of one, or `None` for cash.
    pub prices: Option<&'a GapColumn>,
    /// Units of base currency for one unit of the holding's currency, or `None` when they are the same.
    pub base_from_local: Option<&'a GapColumn>,
    /// What one quantity times one price is multiplied with: 0.01 for bonds quoted in percent, the contract size for
    /// options.
    pub multiplier: f64,
}

/// A column that covers only some of the rows, and is zero on the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    first: usize,
    column: GapColumn,
}

impl Span {
    /// Returns the entry of a row, or `None` for a gap.
    pub fn get(&self, row: usize) -> Option<f64> {
        match row.checked_sub(self.first) {
            Some(at) if at < self.column.len() => self.column.get(at),
            _ => Some(0.0),
        }
    }

    /// Returns the rows that are covered.
    pub fn rows(&self) -> Range<usize> {
        self.first..self.first + self.column.len()
    }
}

/// The value and P&L of one holding, from the first row it moves on to the one it is closed on.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldingSeries {
    /// The market value at each row, in base currency; a gap where it is not known.
    pub value: Span,
    /// The change in value less the flows; the first known row after a gap carries the P&L of the gap.
    pub pnl: Span,
}

/// The value of a book at every row.
#[derive(Debug, Clone, PartialEq)]
pub struct NavSeries {
    /// The sum of the holdings' values; a gap where one of them is not known.
    pub nav: GapColumn,
    /// The P&L of the book; the first known row after a gap carries the P&L of the gap.
    pub pnl: GapColumn,
    /// How many holdings lack a value on each row.
    pub missing: Vec<u32>,
    /// The holdings, in the order given.
    pub holdings: Vec<HoldingSeries>,
}

/// Values every holding and the book on `rows` days.
///
/// # Errors
///
/// Refuses columns of another length, and steps or flows out of order or outside the rows.
///
/// ```
/// use apex_analytics::gap::GapColumn;
/// use apex_analytics::valuation::nav::{Flow, Holding, Step, nav_series};
///
/// // 10 bought at 5.00 for 50, priced 5.00, unknown, 6.00; the rest of 100 stays in cash.
/// let prices = GapColumn::from_options(&[Some(5.0), None, Some(6.0)]);
/// let stock = Holding {
///     steps: &[Step { row: 0, quantity: 10.0 }],
///     flows: &[Flow { row: 0, amount: 50.0 }],
///     prices: Some(&prices),
///     base_from_local: None,
///     multiplier: 1.0,
/// };
/// let cash = Holding {
///     steps: &[Step { row: 0, quantity: 50.0 }],
///     flows: &[Flow { row: 0, amount: 50.0 }],
///     prices: None,
///     ..stock
/// };
/// let series = nav_series(3, &[stock, cash]).unwrap();
/// assert_eq!(series.nav.to_options(), [Some(100.0), None, Some(110.0)]);
/// assert_eq!(series.pnl.to_options(), [Some(0.0), None, Some(10.0)]);
/// ```
pub fn nav_series(rows: usize, holdings: &[Holding<'_>]) -> Result<NavSeries, AnalyticsError> {
    holdings.iter().try_for_each(|holding| check(rows, holding))?;
    let series: Vec<HoldingSeries> = holdings.par_iter().map(|holding| series_of(holding, rows)).collect();
    let mut total = vec![0.0; rows];
    let mut missing = vec![0; rows];
    // Always in the order given, so that the sum has the same bits whatever the number of threads.
    for HoldingSeries { value, .. } in &series {
        let covered = value.rows();
        for (sum, value) in total[covered.clone()].iter_mut().zip(value.column.values()) {
            *sum += value;
        }
        for (missing, known) in missing[covered].iter_mut().zip(value.column.known()) {
            *missing += u32::from(!*known);
        }
    }
    let nav: GapColumn = total
        .into_iter()
        .zip(&missing)
        .map(|(total, missing)| (*missing == 0).then_some(total))
        .collect();
    let mut flows = vec![0.0; rows];
    for flow in holdings.iter().flat_map(|holding| holding.flows) {
        flows[flow.row] += flow.amount;
    }
    Ok(NavSeries {
        pnl: pnl_of(&nav, &flows),
        nav,
        missing,
        holdings: series,
    })
}

/// Values one holding on the rows it covers.
fn series_of(holding: &Holding<'_>, rows: usize) -> HoldingSeries {
    let Range { start, end } = covered(holding, rows);
    let mut value = GapColumn::unknown(end - start);
    let mut quantity = 0.0;
    let mut next = 0;
    let mut at = start;
    while at < end {
        while let Some(step) = holding.steps.get(next).filter(|step| step.row == at) {
            quantity = step.quantity;
            next += 1;
        }
        let until = holding.steps.get(next).map_or(end, |step| step.row);
        let scaled = quantity * holding.multiplier;
        for row in at..until {
            let known = if quantity == 0.0 {
                Some(0.0)
            } else {
                let price = holding.prices.map_or(Some(1.0), |prices| prices.get(row));
                let rate = holding.base_from_local.map_or(Some(1.0), |rates| rates.get(row));
                price.zip(rate).map(|(price, rate)| scaled * price * rate)
            };
            value.set(row - start, known);
        }
        at = until;
    }
    let mut flows = vec![0.0; end - start];
    for flow in holding.flows {
        flows[flow.row - start] += flow.amount;
    }
    let pnl = pnl_of(&value, &flows);
    let span = |column| Span { first: start, column };
    HoldingSeries {
        value: span(value),
        pnl: span(pnl),
    }
}

/// Returns the rows from the first step or flow to the last one, or to the end where something is still held.
fn covered(holding: &Holding<'_>, rows: usize) -> Range<usize> {
    let (steps, flows) = (holding.steps, holding.flows);
    let first = steps.first().map(|step| step.row).into_iter();
    let first = first.chain(flows.first().map(|flow| flow.row)).min();
    let last = steps.last().map(|step| step.row).into_iter();
    let last = last.chain(flows.last().map(|flow| flow.row)).max();
    let (Some(first), Some(last)) = (first, last) else {
        return 0..0;
    };
    let closed = steps.last().is_none_or(|step| step.quantity == 0.0);
    first..if closed { last + 1 } else { rows }
}

/// Returns P&L: the change since the last known value, which is zero at first, less the flows since.
fn pnl_of(value: &GapColumn, flows: &[f64]) -> GapColumn {
    let mut before = 0.0;
    let mut since = 0.0;
    value
        .iter()
        .zip(flows)
        .map(|(value, flow)| {
            since += flow;
            value.map(|value| {
                let gain = value - before - since;
                before = value;
                since = 0.0;
                gain
            })
        })
        .collect()
}

/// Refuses a holding that does not fit the rows.
fn check(rows: usize, holding: &Holding<'_>) -> Result<(), AnalyticsError> {
    for column in [holding.prices, holding.base_from_local].into_iter().flatten() {
        same_length("price or rate column", rows, column.len())?;
    }
    let ordered = |what: &'static str, places: &mut dyn Iterator<Item = usize>| {
        let mut last = 0;
        for (index, row) in places.enumerate() {
            if row >= rows {
                return Err(AnalyticsError::Outside {
                    what,
                    index,
                    value: row,
                    limit: rows.saturating_sub(1),
                });
            }
            if row < last {
                return Err(AnalyticsError::Order { what, index });
            }
            last = row;
        }
        Ok(())
    };
    ordered("step", &mut holding.steps.iter().map(|step| step.row))?;
    ordered("flow", &mut holding.flows.iter().map(|flow| flow.row))
}
