//! Between figures as traded and figures divided by the splits that came after, exactly where that is possible.

use apex_domain::{Date, Decimal, Ratio};
use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::ToPrimitive;

use crate::record::Provider;

/// Half the distance between neighboring 32-bit floats, as a share: 2^-24, and the noise of one calculation more.
const SINGLE: Decimal = Decimal::from_parts(12, 0, 0, false, 8);

impl Provider {
    /// Returns whether its prices are always divided by later splits.
    pub(super) const fn is_split_adjusted(self) -> bool {
        matches!(self, Self::Yahoo)
    }

    /// Returns the share by which its prices are inexact for being kept in single precision; zero where they are decimals.
    pub(super) const fn noise(self) -> Decimal {
        match self {
            Self::Yahoo => SINGLE,
            Self::Polygon | Self::AlphaVantage | Self::Files => Decimal::ZERO,
        }
    }
}

/// New shares for one old one over all splits after a day, kept as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Factor {
    new: Decimal,
    old: Decimal,
}

impl Factor {
    pub(super) const ONE: Self = Self {
        new: Decimal::ONE,
        old: Decimal::ONE,
    };

    /// Returns the factor of one split.
    pub(super) fn of(ratio: Ratio) -> Self {
        Self {
            new: ratio.numerator().into(),
            old: ratio.denominator().into(),
        }
    }

    pub(super) fn inverse(self) -> Self {
        Self {
            new: self.old,
            old: self.new,
        }
    }

    pub(super) fn is_one(self) -> bool {
        self.new == self.old
    }

    /// Takes a further split in; `None` where there are more digits than a decimal has.
    fn times(self, ratio: Ratio) -> Option<Self> {
        Some(Self {
            new: self.new.checked_mul(ratio.numerator().into())?,
            old: self.old.checked_mul(ratio.denominator().into())?,
        })
    }

    pub(super) fn number(self) -> f64 {
        let number = |side: Decimal| side.to_f64().unwrap_or(f64::NAN);
        number(self.new) / number(self.old)
    }

    /// Returns the factor that leads from this one to another.
    pub(super) fn to(self, other: Self) -> Option<Self> {
        Some(Self {
            new: other.new.checked_mul(self.old)?,
            old: other.old.checked_mul(self.new)?,
        })
    }

    /// Returns a price as traded of one that is divided by the factor.
    ///
    /// The product has noise where the adjusted price was rounded: single precision where the source keeps its prices so,
    /// else half of the last of four decimals or more. The shortest decimal within that noise is what was traded.
    pub(super) fn raw_price(self, adjusted: Decimal, noise: Decimal) -> Option<Decimal> {
        if self.is_one() {
            return Some(adjusted);
        }
        let product = adjusted.checked_mul(self.new)?.checked_div(self.old)?;
        let half_last = match adjusted.scale() {
            scale @ 4..=27 => Decimal::new(5, scale + 1)
                .checked_mul(self.new)?
                .checked_div(self.old)?,
            _ => Decimal::ZERO,
        };
        Some(shortest(product, half_last.max(product.abs().checked_mul(noise)?)))
    }

    /// Returns the shares of the day for shares after the splits: a whole number.
    pub(super) fn raw_volume(self, adjusted: Decimal) -> Option<Decimal> {
        if self.is_one() {
            return Some(adjusted);
        }
        Some(adjusted.checked_mul(self.old)?.checked_div(self.new)?.round())
    }
}

/// Returns the decimal with the fewest decimals that is within `room` of a value.
pub(super) fn shortest(value: Decimal, room: Decimal) -> Decimal {
    let value = value.normalize();
    (0..value.scale())
        .map(|scale| value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero))
        .find(|rounded| (*rounded - value).abs() <= room && !rounded.is_zero())
        .unwrap_or(value)
        .normalize()
}

/// Splits in the order of their days, and the factor of every day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Factors {
    /// The days, and what holds before each of them.
    before: Vec<(Date, Factor)>,
}

impl Factors {
    /// Works out the factors of splits that are in the order of their days. Splits from `end` on do not count.
    pub(super) fn of(splits: &[(Date, Ratio)], end: Option<Date>) -> Self {
        let mut factor = Factor::ONE;
        let mut before = Vec::with_capacity(splits.len());
        for (date, ratio) in splits.iter().rev() {
            if end.is_some_and(|end| *date > end) {
                continue;
            }
            // Beyond a decimal's digits nothing is known any more; no market has seen so many new shares.
            let Some(next) = factor.times(*ratio) else { break };
            factor = next;
            before.push((*date, factor));
        }
        before.reverse();
        Self { before }
    }

    /// Returns the factor of a day: that of all splits after it.
    pub(super) fn at(&self, date: Date) -> Factor {
        let next = self.before.partition_point(|(split, _)| *split <= date);
        self.before.get(next).map_or(Factor::ONE, |(_, factor)| *factor)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    // Alphabet split 20 for 1 on 2022-07-18 and closed at 2255.34 before; Yahoo has 112.766998 for it. The rest is by hand.
    #[test]
    fn a_price_is_taken_back_to_what_was_traded() {
        let split: Ratio = "20:1".parse().unwrap();
        let factors = Factors::of(&[(date(2022, 7, 18), split)], None);
        let before = factors.at(date(2022, 7, 15));
        assert_eq!(
            before.raw_price(decimal("112.766998"), Provider::Yahoo.noise()),
            Some(decimal("2255.34"))
        );
        assert_eq!(factors.at(date(2022, 7, 18)), Factor::ONE);
        let third = Factors::of(&[(date(2024, 1, 2), "3:1".parse().unwrap())], None).at(date(2024, 1, 1));
        // A hundred over three, rounded to six decimals or to single precision.
        assert_eq!(
            third.raw_price(decimal("33.333333"), Decimal::ZERO),
            Some(decimal("100"))
        );
        assert_eq!(
            third.raw_price(decimal("33.333332"), Provider::Yahoo.noise()),
            Some(decimal("100"))
        );
        assert_eq!(third.raw_price(decimal("25.3"), Decimal::ZERO), Some(decimal("75.9")));
        assert_eq!(third.raw_volume(decimal("300")), Some(decimal("100")));
    }

    #[test]
    fn factors_multiply_backwards() {
        let splits = [(date(2014, 6, 9), "7:1"), (date(2020, 8, 31), "4:1")];
        let splits = splits.map(|(date, ratio)| (date, ratio.parse().unwrap()));
        let factors = Factors::of(&splits, None);
        assert_eq!(factors.at(date(2014, 6, 8)).number(), 28.0);
        assert_eq!(factors.at(date(2014, 6, 9)).number(), 4.0);
        assert_eq!(factors.at(date(2020, 8, 31)).number(), 1.0);
        let earlier = Factors::of(&splits, Some(date(2019, 1, 1)));
        assert_eq!(earlier.at(date(2014, 6, 8)).number(), 7.0);
    }
}
