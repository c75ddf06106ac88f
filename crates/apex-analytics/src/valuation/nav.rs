//! NAV series of a book: holdings as step functions, raw prices and rates with gaps, in one base currency.
//!
//! Quantities are as traded and prices are as traded: a split is a step in the quantity on the day the price steps.
//! A day on which anything held lacks its price or its rate has no NAV: the gap is counted, and nothing stands in for
//! the missing value. Cash is a holding whose price is one.

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

/// The value and P&L of one holding.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldingSeries {
    /// The market value at each row, in base currency; zero where nothing is held, a gap where it is not known.
    pub value: GapColumn,
    /// The change in value less the flows; the first known row after a gap carries the P&L of the gap.
    pub pnl: GapColumn,
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
    let mut series = NavSeries {
        nav: GapColumn::unknown(rows),
        pnl: GapColumn::unknown(rows),
        missing: vec![0; rows],
        holdings: Vec::new(),
    };
    holdings.iter().try_for_each(|holding| check(rows, holding))?;
    series.holdings = holdings
        .par_iter()
        .map(|holding| {
            let mut series = HoldingSeries {
                value: GapColumn::unknown(rows),
                pnl: GapColumn::unknown(rows),
            };
            value_from(holding, &mut series, 0);
            series
        })
        .collect();
    series.add_up(holdings, 0);
    Ok(series)
}

impl NavSeries {
    /// Values the book again from `row` on; `changed` names the holdings whose steps, flows, prices or rates differ.
    ///
    /// Gives the same bits as [`nav_series`] on the changed book. Rows before `row` must not have changed.
    ///
    /// # Errors
    ///
    /// Those of [`nav_series`], another number of holdings, and an index outside them.
    pub fn recompute_from(
        &mut self,
        holdings: &[Holding<'_>],
        changed: &[usize],
        row: usize,
    ) -> Result<(), AnalyticsError> {
        same_length("list of holdings", self.holdings.len(), holdings.len())?;
        for (index, value) in changed.iter().enumerate() {
            let limit = holdings.len().saturating_sub(1);
            let holding = holdings.get(*value).ok_or(AnalyticsError::Outside {
                what: "changed holding",
                index,
                value: *value,
                limit,
            })?;
            check(self.nav.len(), holding)?;
            value_from(holding, &mut self.holdings[*value], row);
        }
        self.add_up(holdings, row);
        Ok(())
    }

    /// Adds the holdings up from `row` on, always in their order.
    fn add_up(&mut self, holdings: &[Holding<'_>], row: usize) {
        let rows = self.nav.len();
        if row >= rows {
            return;
        }
        let mut total = vec![0.0; rows - row];
        let missing = &mut self.missing[row..];
        missing.fill(0);
        for series in &self.holdings {
            let known = &series.value.known()[row..];
            for (sum, value) in total.iter_mut().zip(&series.value.values()[row..]) {
                *sum += value;
            }
            for (missing, known) in missing.iter_mut().zip(known) {
                *missing += u32::from(!*known);
            }
        }
        let mut flows = vec![0.0; rows];
        for flow in holdings.iter().flat_map(|holding| holding.flows) {
            flows[flow.row] += flow.amount;
        }
        for (offset, total) in total.into_iter().enumerate() {
            let known = self.missing[row + offset] == 0;
            self.nav.set(row + offset, known.then_some(total));
        }
        fill_pnl(&self.nav, &flows, &mut self.pnl, row);
    }
}

/// Values one holding from `row` on.
fn value_from(holding: &Holding<'_>, series: &mut HoldingSeries, row: usize) {
    let rows = series.value.len();
    let mut next = holding.steps.partition_point(|step| step.row <= row);
    let mut quantity = if next == 0 {
        0.0
    } else {
        holding.steps[next - 1].quantity
    };
    let mut at = row;
    while at < rows {
        let until = holding.steps.get(next).map_or(rows, |step| step.row.min(rows));
        let scaled = quantity * holding.multiplier;
        for index in at..until {
            let value = if quantity == 0.0 {
                Some(0.0)
            } else {
                let price = holding.prices.map_or(Some(1.0), |prices| prices.get(index));
                let rate = holding.base_from_local.map_or(Some(1.0), |rates| rates.get(index));
                price.zip(rate).map(|(price, rate)| scaled * price * rate)
            };
            series.value.set(index, value);
        }
        at = at.max(until);
        while let Some(step) = holding.steps.get(next).filter(|step| step.row == at) {
            quantity = step.quantity;
            next += 1;
        }
    }
    let mut flows = vec![0.0; rows];
    for flow in holding.flows {
        flows[flow.row] += flow.amount;
    }
    fill_pnl(&series.value, &flows, &mut series.pnl, row);
}

/// Fills P&L from `row` on: the change since the last known value, less the flows since.
fn fill_pnl(value: &GapColumn, flows: &[f64], pnl: &mut GapColumn, row: usize) {
    // Go back to the last known value, so that a gap that began earlier is carried in full.
    let start = (0..row).rev().find(|index| value.get(*index).is_some());
    let mut before = start.and_then(|index| value.get(index)).unwrap_or(0.0);
    let mut since = 0.0;
    for (index, flow) in flows.iter().enumerate().skip(start.map_or(0, |index| index + 1)) {
        since += flow;
        let gain = value.get(index).map(|value| {
            let gain = value - before - since;
            before = value;
            since = 0.0;
            gain
        });
        if index >= row {
            pnl.set(index, gain);
        }
    }
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
