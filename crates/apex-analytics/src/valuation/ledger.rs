//! Daily market value and P&L of every account, from transactions and a full grid of closing prices.
//!
//! One dense position per account is carried through time against one contiguous row of prices a day. Market value is
//! `positions . prices` after the day's trades; P&L is the change in market value less what was paid, fees included:
//! `mv[t] - mv[t-1] - sum(quantity * price + fee)`. Days are cut into blocks of [`BLOCK_DAYS`] whose opening positions
//! are kept: blocks are computed on all threads of the rayon pool, with the same bits for any number of threads, and a
//! change recomputes only from its own block on. Splits and cash are not known here: quantities are as traded.

use rayon::prelude::*;

use crate::error::{AnalyticsError, all_finite, same_length};

/// The days of a block.
pub const BLOCK_DAYS: usize = 126;

/// The lanes of a sum of products.
const LANES: usize = 8;

/// Transactions as columns, ordered by day. A sale has a negative quantity.
#[derive(Debug, Clone, Copy)]
pub struct LedgerColumns<'a> {
    /// The row of the price grid the transaction belongs to.
    pub day: &'a [u32],
    /// The account, counted from 0.
    pub account: &'a [u32],
    /// The column of the price grid.
    pub instrument: &'a [u32],
    /// The signed quantity.
    pub quantity: &'a [f64],
    /// The price paid for one.
    pub price: &'a [f64],
    /// The fee, positive when paid.
    pub fee: &'a [f64],
}

/// One transaction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LedgerTrade {
    /// The row of the price grid.
    pub day: usize,
    /// The account.
    pub account: usize,
    /// The column of the price grid.
    pub instrument: usize,
    /// The signed quantity.
    pub quantity: f64,
    /// The price paid for one.
    pub price: f64,
    /// The fee.
    pub fee: f64,
}

/// Closing prices without gaps, one contiguous row a day.
#[derive(Debug, Clone, Copy)]
pub struct PriceGrid<'a> {
    prices: &'a [f64],
    instruments: usize,
}

impl<'a> PriceGrid<'a> {
    /// Takes rows of `instruments` prices.
    ///
    /// # Errors
    ///
    /// Refuses a grid without prices, a last row that is not full, and prices that are not finite: books with gaps are
    /// valued by [`crate::valuation::nav`].
    pub fn new(prices: &'a [f64], instruments: usize) -> Result<Self, AnalyticsError> {
        if instruments == 0 || prices.is_empty() {
            return Err(AnalyticsError::Empty { what: "price grid" });
        }
        same_length(
            "price grid",
            prices.len().div_ceil(instruments) * instruments,
            prices.len(),
        )?;
        all_finite("price", prices)?;
        Ok(Self { prices, instruments })
    }

    /// Returns the number of days.
    pub fn days(&self) -> usize {
        self.prices.len() / self.instruments
    }

    /// Returns the prices of one day.
    fn row(&self, day: usize) -> &'a [f64] {
        &self.prices[day * self.instruments..(day + 1) * self.instruments]
    }
}

/// Market value and P&L of every account and day.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerValues {
    accounts: usize,
    instruments: usize,
    days: usize,
    /// One row of accounts a day.
    market_value: Vec<f64>,
    pnl: Vec<f64>,
    /// What was paid that day, fees included.
    paid: Vec<f64>,
    /// The positions at the opening of each block: accounts by instruments.
    opening: Vec<Vec<f64>>,
}

/// Values a ledger.
///
/// # Errors
///
/// Refuses columns of different length, days out of order, indexes outside the grid, and values that are not finite.
///
/// ```
/// use apex_analytics::valuation::ledger::{LedgerColumns, PriceGrid, value_ledger};
///
/// // Two days of one instrument at 10 and 12; 5 bought at 9 with a fee of 1.
/// let grid = PriceGrid::new(&[10.0, 12.0], 1).unwrap();
/// let ledger = LedgerColumns {
///     day: &[0], account: &[0], instrument: &[0], quantity: &[5.0], price: &[9.0], fee: &[1.0],
/// };
/// let values = value_ledger(&ledger, &grid, 1).unwrap();
/// assert_eq!((values.market_value(0, 0), values.pnl(0, 0)), (50.0, 4.0));
/// assert_eq!((values.market_value(1, 0), values.pnl(1, 0)), (60.0, 10.0));
/// ```
pub fn value_ledger(
    ledger: &LedgerColumns<'_>,
    grid: &PriceGrid<'_>,
    accounts: usize,
) -> Result<LedgerValues, AnalyticsError> {
    check(ledger, grid, accounts)?;
    let (days, instruments) = (grid.days(), grid.instruments);
    let mut values = LedgerValues {
        accounts,
        instruments,
        days,
        market_value: vec![0.0; days * accounts],
        pnl: vec![0.0; days * accounts],
        paid: vec![0.0; days * accounts],
        opening: Vec::new(),
    };
    values.compute(ledger, grid, 0);
    Ok(values)
}

impl LedgerValues {
    /// Returns the number of accounts.
    pub fn accounts(&self) -> usize {
        self.accounts
    }

    /// Returns the number of days.
    pub fn days(&self) -> usize {
        self.days
    }

    /// Returns the market value of an account at the close of a day; zero outside the table.
    pub fn market_value(&self, day: usize, account: usize) -> f64 {
        self.market_value
            .get(day * self.accounts + account)
            .copied()
            .unwrap_or(0.0)
    }

    /// Returns the P&L of an account on a day; zero outside the table.
    pub fn pnl(&self, day: usize, account: usize) -> f64 {
        self.pnl.get(day * self.accounts + account).copied().unwrap_or(0.0)
    }

    /// Returns all market values, one row of accounts a day.
    pub fn market_values(&self) -> &[f64] {
        &self.market_value
    }

    /// Returns all P&L, one row of accounts a day.
    pub fn pnls(&self) -> &[f64] {
        &self.pnl
    }

    /// Computes again from a day on, after the transactions of that day or later days changed.
    ///
    /// Gives the same bits as [`value_ledger`] on the changed ledger.
    ///
    /// # Errors
    ///
    /// Those of [`value_ledger`], and a grid of another size.
    pub fn recompute_from(
        &mut self,
        ledger: &LedgerColumns<'_>,
        grid: &PriceGrid<'_>,
        day: usize,
    ) -> Result<(), AnalyticsError> {
        check(ledger, grid, self.accounts)?;
        same_length("price grid", self.days * self.instruments, grid.prices.len())?;
        self.compute(ledger, grid, day / BLOCK_DAYS);
        Ok(())
    }

    /// Adds one transaction of any day, in time proportional to the days after it.
    ///
    /// Equals a full computation up to rounding; a removal is the same trade with the signs of quantity and fee turned.
    ///
    /// # Errors
    ///
    /// Refuses an index outside the table and values that are not finite.
    pub fn insert(&mut self, grid: &PriceGrid<'_>, trade: &LedgerTrade) -> Result<(), AnalyticsError> {
        same_length("price grid", self.days * self.instruments, grid.prices.len())?;
        for (what, value, limit) in [
            ("day", trade.day, self.days),
            ("account", trade.account, self.accounts),
            ("instrument", trade.instrument, self.instruments),
        ] {
            if value >= limit {
                return Err(AnalyticsError::Outside {
                    what,
                    index: 0,
                    value,
                    limit: limit - 1,
                });
            }
        }
        all_finite("trade", &[trade.quantity, trade.price, trade.fee])?;
        let paid = trade.quantity * trade.price + trade.fee;
        self.paid[trade.day * self.accounts + trade.account] += paid;
        let mut before = 0.0;
        for day in trade.day..self.days {
            let cell = day * self.accounts + trade.account;
            let worth = trade.quantity * grid.prices[day * self.instruments + trade.instrument];
            self.market_value[cell] += worth;
            self.pnl[cell] += if day == trade.day { worth - paid } else { worth - before };
            before = worth;
        }
        let position = trade.account * self.instruments + trade.instrument;
        for opening in self.opening.iter_mut().skip(trade.day / BLOCK_DAYS + 1) {
            opening[position] += trade.quantity;
        }
        Ok(())
    }

    /// Computes the blocks from `block` on.
    fn compute(&mut self, ledger: &LedgerColumns<'_>, grid: &PriceGrid<'_>, block: usize) {
        let (accounts, instruments) = (self.accounts, self.instruments);
        let blocks = self.days.div_ceil(BLOCK_DAYS);
        let first_of = |block: usize| ledger.day.partition_point(|day| (*day as usize) < block * BLOCK_DAYS);

        // Opening positions: one quick walk over quantities alone.
        self.opening.truncate(block + 1);
        if self.opening.is_empty() {
            self.opening.push(vec![0.0; accounts * instruments]);
        }
        for next in self.opening.len()..blocks {
            let mut positions = self.opening[next - 1].clone();
            for trade in first_of(next - 1)..first_of(next) {
                let cell = ledger.account[trade] as usize * instruments + ledger.instrument[trade] as usize;
                positions[cell] += ledger.quantity[trade];
            }
            self.opening.push(positions);
        }

        let cells = BLOCK_DAYS * accounts;
        let market_value = self.market_value[block * cells..].par_chunks_mut(cells);
        let paid = self.paid[block * cells..].par_chunks_mut(cells);
        let opening = self.opening[block..].par_iter();
        market_value
            .zip(paid)
            .zip(opening)
            .enumerate()
            .for_each(|(index, ((market_value, paid), opening))| {
                let start = (block + index) * BLOCK_DAYS;
                let mut positions = opening.clone();
                let mut trade = first_of(block + index);
                paid.fill(0.0);
                let rows = market_value
                    .chunks_exact_mut(accounts)
                    .zip(paid.chunks_exact_mut(accounts));
                for (day, (values, paid)) in rows.enumerate() {
                    let day = start + day;
                    let prices = grid.row(day);
                    while trade < ledger.day.len() && ledger.day[trade] as usize == day {
                        let account = ledger.account[trade] as usize;
                        let quantity = ledger.quantity[trade];
                        positions[account * instruments + ledger.instrument[trade] as usize] += quantity;
                        paid[account] += quantity * ledger.price[trade] + ledger.fee[trade];
                        trade += 1;
                    }
                    for (value, positions) in values.iter_mut().zip(positions.chunks_exact(instruments)) {
                        *value = dot(positions, prices);
                    }
                }
            });

        let start = block * cells;
        for cell in start..self.pnl.len() {
            let before = if cell < accounts {
                0.0
            } else {
                self.market_value[cell - accounts]
            };
            self.pnl[cell] = self.market_value[cell] - before - self.paid[cell];
        }
    }
}

/// Returns the sum of products, in lanes that the compiler turns into vector instructions.
fn dot(one: &[f64], two: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (one_chunks, one_rest) = one.as_chunks::<LANES>();
    let (two_chunks, two_rest) = two.as_chunks::<LANES>();
    for (one, two) in one_chunks.iter().zip(two_chunks) {
        for lane in 0..LANES {
            lanes[lane] += one[lane] * two[lane];
        }
    }
    let rest: f64 = one_rest.iter().zip(two_rest).map(|(one, two)| one * two).sum();
    ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7])) + rest
}

/// Refuses columns that do not belong together or to the grid.
fn check(ledger: &LedgerColumns<'_>, grid: &PriceGrid<'_>, accounts: usize) -> Result<(), AnalyticsError> {
    let count = ledger.day.len();
    same_length("account column", count, ledger.account.len())?;
    same_length("instrument column", count, ledger.instrument.len())?;
    same_length("quantity column", count, ledger.quantity.len())?;
    same_length("price column", count, ledger.price.len())?;
    same_length("fee column", count, ledger.fee.len())?;
    if accounts == 0 {
        return Err(AnalyticsError::Empty {
            what: "list of accounts",
        });
    }
    if let Some(index) = ledger
        .day
        .iter()
        .zip(ledger.day.iter().skip(1))
        .position(|(one, two)| one > two)
    {
        return Err(AnalyticsError::Order {
            what: "day",
            index: index + 1,
        });
    }
    for (what, column, limit) in [
        ("day", ledger.day, grid.days()),
        ("account", ledger.account, accounts),
        ("instrument", ledger.instrument, grid.instruments),
    ] {
        if let Some(index) = column.iter().position(|value| *value as usize >= limit) {
            return Err(AnalyticsError::Outside {
                what,
                index,
                value: column[index] as usize,
                limit: limit - 1,
            });
        }
    }
    all_finite("quantity", ledger.quantity)?;
    all_finite("price", ledger.price)?;
    all_finite("fee", ledger.fee)
}
