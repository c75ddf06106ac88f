//! Walk-forward backtests of allocation policies: what a rule would have earned that knew only the past.
//!
//! A policy is a function of [`Past`], which holds prices and returns up to the day of the decision and nothing later,
//! so it cannot look ahead. Weights are bought at the close of that day, or some days later, and drift until the next
//! rebalancing; what is not invested lies in cash without interest. Costs are a share of what is traded.
//!
//! [`policy`] has policies, [`split`] the divisions of a sample for choosing among them.

pub mod policy;
pub mod split;

use jiff::civil::Date;

use crate::error::{AnalyticsError, all_finite, same_length};
use crate::rebalance::{RebalanceRule, check_dates};

/// How much of the past a policy sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The last so many returns.
    Rolling(usize),
    /// All returns, of which there must be so many.
    Expanding(usize),
}

/// How a policy is followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BacktestSettings {
    /// The past that decides.
    pub window: Window,
    /// When weights are decided anew.
    pub rule: RebalanceRule,
    /// The days from the decision to the trade; 0 trades at the close that decides.
    pub delay: usize,
    /// The cost of trading, as a share of the amount bought or sold: 0.0005 is 5 basis points.
    pub cost: f64,
}

/// What is known on the day of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    prices: &'a [&'a [f64]],
    first: usize,
    last: usize,
    weights: &'a [f64],
}

impl<'a> Past<'a> {
    /// Returns what a window shows at the close of a row when these weights are held; `None` where there is too little
    /// past, or no such row.
    pub fn at(prices: &'a [&'a [f64]], window: Window, row: usize, weights: &'a [f64]) -> Option<Self> {
        let first = match window {
            Window::Rolling(length) => row.checked_sub(length)?,
            Window::Expanding(least) => row.checked_sub(least).map(|_| 0)?,
        };
        let there = prices.iter().all(|column| row < column.len()) && weights.len() == prices.len();
        there.then_some(Self {
            prices,
            first,
            last: row,
            weights,
        })
    }

    /// Returns the row at whose close the decision is made.
    pub fn row(&self) -> usize {
        self.last
    }

    /// Returns the weights held at that close, zeros before the first purchase.
    pub fn weights(&self) -> &'a [f64] {
        self.weights
    }

    /// Returns the number of assets.
    pub fn assets(&self) -> usize {
        self.prices.len()
    }

    /// Returns the simple returns of an asset, the newest last; none for an asset that does not exist.
    pub fn returns(&self, asset: usize) -> impl ExactSizeIterator<Item = f64> + use<'a> {
        let prices = self.prices(asset);
        let later = prices.get(1..).unwrap_or_default();
        later.iter().zip(prices).map(|(after, before)| after / before - 1.0)
    }

    /// Returns the prices of an asset, one more than its returns; none for an asset that does not exist.
    pub fn prices(&self, asset: usize) -> &'a [f64] {
        let column = self.prices.get(asset).copied();
        column
            .and_then(|column| column.get(self.first..=self.last))
            .unwrap_or_default()
    }
}

/// One change of weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebalancing {
    /// The row of prices at whose close it was traded.
    pub row: usize,
    /// The weights afterwards.
    pub weights: Vec<f64>,
    /// The sum of all changes of weight, purchases and sales.
    pub turnover: f64,
    /// What it cost, as a share of the value before.
    pub cost: f64,
}

/// What a policy would have done.
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// The value after each row of prices, costs paid; it starts at 1.
    pub wealth: Vec<f64>,
    /// Every change of weights.
    pub rebalancings: Vec<Rebalancing>,
    /// The weights on the last row, drifted.
    pub weights: Vec<f64>,
}

impl Backtest {
    /// Returns the return of each row but the first.
    pub fn returns(&self) -> Vec<f64> {
        self.wealth.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
    }

    /// Returns the sum of turnover over all rebalancings, the first purchase included.
    pub fn turnover(&self) -> f64 {
        self.rebalancings.iter().map(|rebalancing| rebalancing.turnover).sum()
    }
}

/// Follows a policy through prices.
///
/// `prices` has one column an asset, `dates` the day of each row. The policy is asked on the first day the rule names
/// after enough past, and again whenever the rule says so; with [`RebalanceRule::Never`] and
/// [`RebalanceRule::DriftBand`], first as soon as there is enough past. It answers the weight of each asset, or `None`
/// to leave things as they are. The last row is never traded on.
///
/// # Errors
///
/// Refuses no asset, columns of another length than the dates, dates out of order, a price that is not above zero, a
/// cost outside 0 to 1, weights of the policy that are not finite or of another number than assets, and a value that
/// falls to zero.
///
/// ```
/// use apex_analytics::backtest::{BacktestSettings, Window, policy::equal_weights, walk_forward};
/// use apex_analytics::rebalance::RebalanceRule;
/// use jiff::civil::date;
///
/// let dates = [date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)];
/// let settings = BacktestSettings {
///     window: Window::Rolling(0),
///     rule: RebalanceRule::Never,
///     delay: 0,
///     cost: 0.01,
/// };
/// // Half in each, 1% paid for the purchase: the first doubles, the second stays.
/// let test = walk_forward(&dates, &[&[10.0, 15.0, 20.0], &[5.0, 5.0, 5.0]], &settings, equal_weights).unwrap();
/// assert!((test.wealth[0] - 0.99).abs() < 1e-15 && (test.wealth[2] - 0.99 * 1.5).abs() < 1e-15);
/// ```
pub fn walk_forward(
    dates: &[Date],
    prices: &[&[f64]],
    settings: &BacktestSettings,
    mut policy: impl FnMut(&Past<'_>) -> Option<Vec<f64>>,
) -> Result<Backtest, AnalyticsError> {
    check(dates, prices, settings)?;
    let (needed, rolling) = match settings.window {
        Window::Rolling(length) => (length, Some(length)),
        Window::Expanding(least) => (least, None),
    };
    let last_row = dates.len() - 1;
    let mut book = Book::new(prices);
    let mut test = Backtest {
        wealth: Vec::with_capacity(dates.len()),
        rebalancings: Vec::new(),
        weights: Vec::new(),
    };
    // Days without a trade are valued together, asset by asset.
    for row in 0..=last_row {
        let tradable = row >= needed.saturating_add(settings.delay) && row < last_row;
        let due = tradable
            && match settings.rule {
                RebalanceRule::DriftBand(_) if !test.rebalancings.is_empty() => {
                    settings.rule.is_left_by(&book.weights_at(row), &book.targets)
                }
                RebalanceRule::DriftBand(_) | RebalanceRule::Never => test.rebalancings.is_empty(),
                rule => rule.ends_on(dates[row], dates[row + 1]),
            };
        if due {
            book.value_to(row, &mut test.wealth)?;
            let last = row - settings.delay;
            // A trade since the decision is known to it, as its own order went before.
            let held = book.weights_at(last.max(book.start));
            let past = Past {
                prices,
                first: rolling.map_or(0, |length| last - length),
                last,
                weights: &held,
            };
            if let Some(weights) = policy(&past) {
                same_length("list of policy weights", prices.len(), weights.len())?;
                all_finite("policy weight", &weights)?;
                test.rebalancings
                    .push(book.trade(row, weights, settings.cost, &mut test.wealth)?);
            }
        }
    }
    book.value_to(last_row, &mut test.wealth)?;
    test.weights = book.weights_at(last_row);
    Ok(test)
}

/// Holdings since the last trade.
struct Book<'a> {
    prices: &'a [&'a [f64]],
    /// The row of the last trade.
    start: usize,
    /// The value after it.
    value: f64,
    /// The weights after it.
    targets: Vec<f64>,
    /// The rest, in cash.
    cash: f64,
}

impl<'a> Book<'a> {
    fn new(prices: &'a [&'a [f64]]) -> Self {
        Self {
            prices,
            start: 0,
            value: 1.0,
            targets: vec![0.0; prices.len()],
            cash: 1.0,
        }
    }

    /// Appends the value after each row up to `row` that is not valued yet.
    fn value_to(&self, row: usize, wealth: &mut Vec<f64>) -> Result<(), AnalyticsError> {
        let first = wealth.len();
        wealth.resize(row + 1, self.cash);
        let growth = &mut wealth[first..];
        for (weight, column) in self.targets.iter().zip(self.prices) {
            if *weight != 0.0 {
                let units = weight / column[self.start];
                for (total, price) in growth.iter_mut().zip(&column[first..=row]) {
                    *total += units * price;
                }
            }
        }
        for (index, total) in growth.iter_mut().enumerate() {
            *total *= self.value;
            if !(*total > 0.0 && total.is_finite()) {
                return Err(AnalyticsError::NotPositive {
                    what: "value of the backtest",
                    index: first + index,
                    value: *total,
                });
            }
        }
        Ok(())
    }

    /// Returns the weights at the close of a row, drifted since the last trade.
    fn weights_at(&self, row: usize) -> Vec<f64> {
        let mut weights: Vec<f64> = self
            .targets
            .iter()
            .zip(self.prices)
            .map(|(weight, column)| weight * (column[row] / column[self.start]))
            .collect();
        let growth = self.cash + weights.iter().sum::<f64>();
        weights.iter_mut().for_each(|weight| *weight /= growth);
        weights
    }

    /// Trades to new weights at the close of a row that is valued already, and pays for it.
    fn trade(
        &mut self,
        row: usize,
        weights: Vec<f64>,
        cost: f64,
        wealth: &mut [f64],
    ) -> Result<Rebalancing, AnalyticsError> {
        let before = self.weights_at(row);
        let turnover: f64 = weights.iter().zip(&before).map(|(new, old)| (new - old).abs()).sum();
        let value = wealth[row] * (1.0 - turnover * cost);
        if value <= 0.0 {
            return Err(AnalyticsError::NotPositive {
                what: "value of the backtest",
                index: row,
                value,
            });
        }
        wealth[row] = value;
        self.start = row;
        self.value = value;
        self.cash = 1.0 - weights.iter().sum::<f64>();
        self.targets.clone_from(&weights);
        Ok(Rebalancing {
            row,
            weights,
            turnover,
            cost: turnover * cost,
        })
    }
}

fn check(dates: &[Date], prices: &[&[f64]], settings: &BacktestSettings) -> Result<(), AnalyticsError> {
    if prices.is_empty() {
        return Err(AnalyticsError::Empty { what: "list of assets" });
    }
    if dates.is_empty() {
        return Err(AnalyticsError::Empty { what: "list of dates" });
    }
    check_dates(dates)?;
    settings.rule.check()?;
    if !(0.0..1.0).contains(&settings.cost) {
        return Err(AnalyticsError::Parameter {
            what: "cost",
            value: settings.cost,
            expected: "at least 0 and below 1",
        });
    }
    for column in prices {
        same_length("price column", dates.len(), column.len())?;
        all_finite("price", column)?;
        if !column.iter().fold(true, |all, price| all & (*price > 0.0))
            && let Some((index, value)) = column.iter().enumerate().find(|(_, price)| **price <= 0.0)
        {
            return Err(AnalyticsError::NotPositive {
                what: "price",
                index,
                value: *value,
            });
        }
    }
    Ok(())
}
