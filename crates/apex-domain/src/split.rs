//! Shares and prices on the two sides of splits: what a split changes both of, so that they meet on one side only.
//!
//! A quantity times a price is a value where both are on one count of shares. Here the count is part of the type: a price
//! from before a split values the shares of before it, never those of after it, and a close that was put on the later count
//! is there to be compared with and values nothing:
//!
//! ```compile_fail
//! use apex_domain::split::{After, Before, Shares, TradedPrice, value};
//! use apex_domain::Decimal;
//!
//! let now: Shares<After> = Shares::new(Decimal::from(200));
//! let close: TradedPrice<Before> = TradedPrice::new(Decimal::from(100));
//! value(now, close, Decimal::ONE);
//! ```
//!
//! ```compile_fail
//! use apex_domain::split::{Before, SplitsBetween, TradedPrice};
//! use apex_domain::Decimal;
//!
//! let close: TradedPrice<Before> = TradedPrice::new(Decimal::from(100));
//! let value = Decimal::from(200) * SplitsBetween::default().comparable(close);
//! ```

use std::fmt;
use std::marker::PhantomData;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

use crate::ratio::Ratio;
use crate::valuation::market_value;

/// The count of shares before the splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before;

/// The count of shares after the splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After;

/// A number of shares on one side of the splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares<Side>(Decimal, PhantomData<Side>);

/// A price as traded on one side of the splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradedPrice<Side>(Decimal, PhantomData<Side>);

impl<Side> Shares<Side> {
    /// Says on which side a number of shares is.
    pub const fn new(quantity: Decimal) -> Self {
        Self(quantity, PhantomData)
    }

    /// Returns the number of shares.
    pub const fn quantity(&self) -> Decimal {
        self.0
    }
}

impl<Side> TradedPrice<Side> {
    /// Says on which side a price was traded.
    pub const fn new(price: Decimal) -> Self {
        Self(price, PhantomData)
    }
}

/// Returns what shares are worth at a price of their own side, in the currency of the price and rounded as money; `None`
/// where it is too large.
///
/// ```
/// use apex_domain::split::{After, Shares, TradedPrice, value};
/// use apex_domain::Decimal;
///
/// let shares: Shares<After> = Shares::new(Decimal::from(200));
/// assert_eq!(value(shares, TradedPrice::new(Decimal::from(51)), Decimal::ONE), Some(Decimal::from(10_200)));
/// ```
pub fn value<Side>(shares: Shares<Side>, price: TradedPrice<Side>, multiplier: Decimal) -> Option<Decimal> {
    market_value(shares.0, price.0, multiplier)
}

/// The splits that lie between two prices, the earlier first; none as a rule.
///
/// ```
/// use apex_domain::split::{After, Before, Shares, SplitsBetween, TradedPrice};
/// use apex_domain::Decimal;
///
/// let splits: SplitsBetween = ["2:1".parse()?].into_iter().collect();
/// let now: Shares<After> = Shares::new(Decimal::from(200));
/// assert_eq!(splits.before(now), Shares::<Before>::new(Decimal::from(100)));
/// // A close of 100 is compared with as if it were 50: 51 is 1 more.
/// let close = splits.comparable(TradedPrice::new(Decimal::from(100)));
/// assert_eq!(close.change_to(Decimal::from(51)), Decimal::ONE);
/// # Ok::<(), apex_domain::RatioError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SplitsBetween(Vec<Ratio>);

impl FromIterator<Ratio> for SplitsBetween {
    fn from_iter<T: IntoIterator<Item = Ratio>>(ratios: T) -> Self {
        Self(ratios.into_iter().collect())
    }
}

impl SplitsBetween {
    /// Returns shares as they were before the splits.
    pub fn before(&self, shares: Shares<After>) -> Shares<Before> {
        let ratios = self.0.iter().rev();
        Shares::new(ratios.fold(shares.0, |quantity, ratio| ratio.inverse().of(quantity)))
    }

    /// Returns a price from before the splits as it would read after them: to be compared with, and to value nothing.
    pub fn comparable(&self, price: TradedPrice<Before>) -> ComparableClose {
        let ratios = self.0.iter();
        ComparableClose(ratios.fold(price.0, |price, ratio| ratio.inverse().of(price)))
    }
}

/// A close as it would read on a later count of shares: shown and compared with, and no price of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ComparableClose(Decimal);

impl ComparableClose {
    /// Returns how much more a later price is.
    pub fn change_to(self, price: Decimal) -> Decimal {
        price - self.0
    }

    /// Returns a change as a fraction of the close; `None` where that is zero.
    ///
    /// ```
    /// use apex_domain::split::{SplitsBetween, TradedPrice};
    /// use apex_domain::Decimal;
    ///
    /// let close = SplitsBetween::default().comparable(TradedPrice::new(Decimal::from(50)));
    /// assert_eq!(close.fraction(Decimal::ONE), Some(Decimal::new(2, 2)));
    /// ```
    pub fn fraction(self, change: Decimal) -> Option<Decimal> {
        change.checked_div(self.0)
    }

    /// Returns the number, to be shown.
    pub fn number(self) -> Option<f64> {
        self.0.to_f64()
    }

    /// Returns how many decimals the number has.
    pub fn decimals(self) -> u32 {
        self.0.normalize().scale()
    }
}

impl fmt::Display for ComparableClose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    #[test]
    fn a_value_is_the_same_on_both_sides_where_the_price_only_follows_the_split() {
        // 100 shares at 90 become 300 at 30, then 75 at 120: 9,000 all the way.
        let splits: SplitsBetween = [ratio("3:1"), ratio("1:4")].into_iter().collect();
        let now: Shares<After> = Shares::new(Decimal::from(75));
        let close: TradedPrice<Before> = TradedPrice::new(Decimal::from(90));
        assert_eq!(splits.before(now).quantity(), Decimal::from(100));
        assert_eq!(splits.comparable(close).to_string(), "120");
        let worth = Some(Decimal::from(9_000));
        assert_eq!(value(splits.before(now), close, Decimal::ONE), worth);
        assert_eq!(value(now, TradedPrice::new(Decimal::from(120)), Decimal::ONE), worth);
    }

    #[test]
    fn a_close_of_zero_has_no_fraction() {
        let close = SplitsBetween::default().comparable(TradedPrice::new(Decimal::ZERO));
        assert_eq!(close.fraction(Decimal::ONE), None);
    }
}
