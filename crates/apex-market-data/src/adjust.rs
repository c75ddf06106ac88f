//! Series adjusted on read: for splits, for dividends, for both or for neither.
//!
//! What is kept is as traded, with the corporate actions beside it. A price before a split is divided by new shares for old
//! ones, in decimals; a price before a dividend is multiplied by `1 - amount / close before` of every later one, as data
//! vendors and the Center for Research in Security Prices do. The last day is as traded.
//!
//! A quantity in a book is as it was held and must never meet an adjusted price: the value of a holding through a split
//! would be wrong by its ratio. So an [`AdjustedPrice`] is a type of its own. It is drawn, compared and exported; it is no
//! `Decimal`, cannot be made one, and no price book takes it:
//!
//! ```compile_fail
//! use apex_domain::{Decimal, Quantity};
//! use apex_market_data::adjust::AdjustedPrice;
//!
//! fn value(quantity: Quantity, price: AdjustedPrice) -> Decimal {
//!     quantity.0 * price
//! }
//! ```

use std::fmt;

use apex_domain::{Date, Decimal, Ratio};
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::pipeline::Figures;
use crate::pipeline::basis::{Factor, Factors};

/// What a series is adjusted for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// Nothing: as traded.
    None,
    /// Splits.
    #[default]
    Splits,
    /// Dividends.
    Dividends,
    /// Splits and dividends.
    Both,
}

impl Adjustment {
    const fn splits(self) -> bool {
        matches!(self, Self::Splits | Self::Both)
    }

    const fn dividends(self) -> bool {
        matches!(self, Self::Dividends | Self::Both)
    }
}

/// What happened to the shares, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actions {
    /// Splits by their first day in new shares.
    pub splits: Vec<(Date, Ratio)>,
    /// Dividends by ex-date: what one share was paid then, in the currency of the prices. Others are left out by the caller.
    pub dividends: Vec<(Date, Decimal)>,
}

/// A price for the eye: what is adjusted is no money.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct AdjustedPrice(f64);

impl AdjustedPrice {
    /// Returns the number, to draw and to work out statistics with.
    pub const fn number(self) -> f64 {
        self.0
    }
}

impl fmt::Display for AdjustedPrice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// One bar of an adjusted series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AdjustedBar {
    /// The day at the exchange.
    pub date: Date,
    /// The first price.
    pub open: Option<AdjustedPrice>,
    /// The highest price.
    pub high: Option<AdjustedPrice>,
    /// The lowest price.
    pub low: Option<AdjustedPrice>,
    /// The last price.
    pub close: Option<AdjustedPrice>,
    /// Shares traded; in shares of the last day where splits are adjusted for.
    pub volume: Option<f64>,
}

/// Bars in the order of their days, adjusted.
#[derive(Debug, Clone, PartialEq)]
pub struct AdjustedSeries {
    adjustment: Adjustment,
    bars: Vec<AdjustedBar>,
}

impl AdjustedSeries {
    /// Returns what it is adjusted for.
    pub fn adjustment(&self) -> Adjustment {
        self.adjustment
    }

    /// Returns the bars.
    pub fn bars(&self) -> &[AdjustedBar] {
        &self.bars
    }

    /// Returns the series that it was made from: the same bars as traded, as numbers.
    ///
    /// `actions` must be those it was adjusted by. Bars before a dividend that took all of the price have no price.
    pub fn unadjusted(&self, actions: &Actions) -> Self {
        let splits = sorted(&actions.splits);
        let factors = Factors::of(&splits, self.bars.last().map(|bar| bar.date));
        let factor = |date: Date| match self.adjustment.splits() {
            true => factors.at(date).number(),
            false => 1.0,
        };
        // From the last day back: the close before a dividend is known once all that is paid from then on is.
        let mut paid = Paid::new(actions, self.adjustment);
        let mut bars: Vec<AdjustedBar> = Vec::with_capacity(self.bars.len());
        for bar in self.bars.iter().rev() {
            let split = factor(bar.date);
            let share = paid.adjusted_before(bar.date, bar.close.map(AdjustedPrice::number), &factors, split);
            let price = |price: Option<AdjustedPrice>| Some(AdjustedPrice(price?.0 / share? * split));
            bars.push(AdjustedBar {
                date: bar.date,
                open: price(bar.open),
                high: price(bar.high),
                low: price(bar.low),
                close: price(bar.close),
                volume: bar.volume.map(|volume| volume / split),
            });
        }
        bars.reverse();
        Self {
            adjustment: Adjustment::None,
            bars,
        }
    }
}

/// Adjusts bars as traded, in the order of their days; a day may have several, such as its minutes.
///
/// Corporate actions after the last bar do not count. A price is `None` where it is missing, and before a dividend that took
/// all of the close before it.
///
/// ```
/// use apex_market_data::adjust::{Actions, Adjustment, adjust};
/// use apex_market_data::pipeline::Figures;
/// use jiff::civil::date;
///
/// let close = |close: &str| Figures { close: close.parse().ok(), ..Figures::default() };
/// // Apple split four for one on August 31, 2020.
/// let bars = [(date(2020, 8, 28), close("499.23")), (date(2020, 8, 31), close("129.04"))];
/// let actions = Actions { splits: vec![(date(2020, 8, 31), "4:1".parse()?)], dividends: vec![] };
/// let series = adjust(&bars, &actions, Adjustment::Splits);
/// let closes: Vec<String> = series.bars().iter().filter_map(|bar| Some(bar.close?.to_string())).collect();
/// assert_eq!(closes, ["124.8075", "129.04"]);
/// # Ok::<(), apex_domain::RatioError>(())
/// ```
pub fn adjust(bars: &[(Date, Figures)], actions: &Actions, adjustment: Adjustment) -> AdjustedSeries {
    debug_assert!(
        bars.windows(2).all(|pair| pair[0].0 <= pair[1].0),
        "Invariant: bars are in the order of their days"
    );
    let splits = sorted(&actions.splits);
    let factors = Factors::of(&splits, bars.last().map(|(date, _)| *date));
    let mut paid = Paid::new(actions, adjustment);
    let mut adjusted: Vec<AdjustedBar> = Vec::with_capacity(bars.len());
    for (date, figures) in bars.iter().rev() {
        let split = match adjustment.splits() {
            true => factors.at(*date),
            false => Factor::ONE,
        };
        let close = figures.close.and_then(|close| close.to_f64());
        let share = paid.before(*date, close.map(|close| close / factors.at(*date).number()), &factors);
        let price = |price: Option<Decimal>| Some(AdjustedPrice(split.divided(price?)? * share?));
        adjusted.push(AdjustedBar {
            date: *date,
            open: price(figures.open),
            high: price(figures.high),
            low: price(figures.low),
            close: price(figures.close),
            volume: figures
                .volume
                .and_then(|volume| Some(volume.to_f64()? * split.number())),
        });
    }
    adjusted.reverse();
    AdjustedSeries {
        adjustment,
        bars: adjusted,
    }
}

fn sorted(splits: &[(Date, Ratio)]) -> Vec<(Date, Ratio)> {
    let mut splits = splits.to_vec();
    splits.sort_unstable();
    splits
}

/// What later dividends leave of a price, walked from the last day to the first.
struct Paid {
    /// Dividends that are not yet passed, by day.
    dividends: Vec<(Date, f64)>,
    /// What was paid since the close that is looked for, in shares after all splits.
    owed: Vec<f64>,
    /// What is left of a price; `None` once a dividend took all of it.
    share: Option<f64>,
    /// Whether the last day was seen: what is paid after it does not count.
    begun: bool,
}

impl Paid {
    fn new(actions: &Actions, adjustment: Adjustment) -> Self {
        let mut dividends: Vec<(Date, f64)> = match adjustment.dividends() {
            true => actions
                .dividends
                .iter()
                .filter_map(|(date, amount)| Some((*date, amount.to_f64()?)))
                .collect(),
            false => Vec::new(),
        };
        dividends.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
        Self {
            dividends,
            owed: Vec::new(),
            share: Some(1.0),
            begun: false,
        }
    }

    /// Passes the dividends after a day.
    fn pass(&mut self, date: Date, factors: &Factors) {
        while let Some((ex_date, amount)) = self.dividends.pop_if(|(ex_date, _)| *ex_date > date) {
            if self.begun {
                self.owed.push(amount / factors.at(ex_date).number());
            }
        }
        self.begun = true;
    }

    /// Returns what is left of the prices of a bar whose close, in shares after all splits, is `close`.
    fn before(&mut self, date: Date, close: Option<f64>, factors: &Factors) -> Option<f64> {
        self.pass(date, factors);
        if let Some(close) = close.filter(|close| *close > 0.0) {
            for amount in self.owed.drain(..) {
                let left = |share: f64| Some(share * (1.0 - amount / close)).filter(|share| *share > 0.0);
                self.share = self.share.and_then(left);
            }
        }
        self.share
    }

    /// The same where the close is adjusted already: `close x share` is known, and so the close is, since what is owed takes
    /// `amount` of it: with all that is owed together, `close x product(1 - amount / close)`. `split` is what the bar's own
    /// prices are divided by.
    fn adjusted_before(&mut self, date: Date, close: Option<f64>, factors: &Factors, split: f64) -> Option<f64> {
        self.pass(date, factors);
        let share = self.share?;
        if let Some(adjusted) = close.filter(|_| !self.owed.is_empty()) {
            // In shares after all splits, before the dividends of later days were taken off.
            let target = adjusted / share * split / factors.at(date).number();
            let close = solved(target, &self.owed);
            self.owed.clear();
            self.share = close.map(|close| share * target / close);
        }
        self.share
    }
}

/// Returns the close above all amounts for which `close x product(1 - amount / close)` is `target`.
///
/// With one amount that is `target + amount`. With several it is found by Newton's method from above, where the function
/// rises and bends upwards, so that it is approached from one side.
fn solved(target: f64, amounts: &[f64]) -> Option<f64> {
    let mut close = target + amounts.iter().sum::<f64>();
    if let [_] = amounts {
        return Some(close);
    }
    for _ in 0..100 {
        let left = amounts.iter().map(|amount| 1.0 - amount / close).product::<f64>();
        let slope = left
            + amounts
                .iter()
                .map(|amount| left / (1.0 - amount / close) * amount / close)
                .sum::<f64>();
        let step = (close * left - target) / slope;
        close -= step;
        if step.abs() <= 1e-15 * close.abs() {
            break;
        }
    }
    (close.is_finite() && close > 0.0).then_some(close)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn bars(closes: &[(Date, &str)]) -> Vec<(Date, Figures)> {
        let bar = |(date, close): &(Date, &str)| {
            let figures = Figures {
                close: close.parse().ok(),
                ..Figures::default()
            };
            (*date, figures)
        };
        closes.iter().map(bar).collect()
    }

    fn closes(series: &AdjustedSeries) -> Vec<Option<f64>> {
        series.bars().iter().map(|bar| Some(bar.close?.number())).collect()
    }

    #[test]
    fn a_dividend_lowers_every_earlier_close_by_its_share_of_the_close_before() {
        let day = |day| date(2026, 1, day);
        let bars = bars(&[(day(5), "100"), (day(6), ""), (day(7), "90"), (day(8), "80")]);
        let actions = Actions {
            splits: vec![],
            dividends: vec![
                (day(7), Decimal::TEN),
                (day(8), Decimal::from(9)),
                (day(9), Decimal::from(50)),
            ],
        };
        // 90 x (1 - 9/90) = 81, and 100 x 0.9 x (1 - 10/100) = 81; what is paid after the last day does not count.
        let series = adjust(&bars, &actions, Adjustment::Both);
        let close = closes(&series);
        assert!((close[0].unwrap() - 81.0).abs() < 1e-12 && (close[2].unwrap() - 81.0).abs() < 1e-12);
        assert_eq!((close[1], close[3]), (None, Some(80.0)));
        let back = closes(&series.unadjusted(&actions));
        assert!((back[0].unwrap() - 100.0).abs() < 1e-12 && (back[2].unwrap() - 90.0).abs() < 1e-12);
    }

    #[test]
    fn a_dividend_on_the_day_of_a_split_is_in_new_shares() {
        let day = |day| date(2026, 1, day);
        let bars = bars(&[(day(5), "400"), (day(6), "99")]);
        let actions = Actions {
            splits: vec![(day(6), "4:1".parse().unwrap())],
            dividends: vec![(day(6), Decimal::ONE)],
        };
        // 400 old is 100 new, of which one is paid.
        assert_eq!(
            closes(&adjust(&bars, &actions, Adjustment::Both)),
            [Some(99.0), Some(99.0)]
        );
        assert_eq!(
            closes(&adjust(&bars, &actions, Adjustment::Splits)),
            [Some(100.0), Some(99.0)]
        );
        assert_eq!(
            closes(&adjust(&bars, &actions, Adjustment::Dividends)),
            [Some(396.0), Some(99.0)]
        );
        assert_eq!(
            closes(&adjust(&bars, &actions, Adjustment::None)),
            [Some(400.0), Some(99.0)]
        );
    }
}
