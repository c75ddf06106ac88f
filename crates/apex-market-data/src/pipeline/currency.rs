//! Units of currencies: pence among pounds, and currencies that do not fit.
//!
//! Sources write sub-units in their own words. The table has those in which exchanges quote; Polygon's `usd` is a dollar.

use apex_domain::{Currency, Decimal};

/// What sources call sub-units, the currency, and the power of ten between them. Case counts: `GBP` is the pound.
const SUB_UNITS: [(&str, &str, u32); 17] = [
    ("GBp", "GBP", 2),
    ("GBX", "GBP", 2),
    ("GBx", "GBP", 2),
    ("ZAc", "ZAR", 2),
    ("ZAC", "ZAR", 2),
    ("ILA", "ILS", 2),
    ("ILa", "ILS", 2),
    ("USX", "USD", 2),
    ("USc", "USD", 2),
    ("EUX", "EUR", 2),
    ("KWF", "KWD", 3),
    ("BHF", "BHD", 3),
    ("OMB", "OMR", 3),
    ("JOF", "JOD", 3),
    ("TNM", "TND", 3),
    ("IQF", "IQD", 3),
    ("LYM", "LYD", 3),
];

/// A currency, and how many powers of ten of it a figure is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) currency: Currency,
    power: u32,
}

impl Unit {
    /// Reads a source's word; `None` where it is neither a currency nor a sub-unit.
    pub(super) fn read(word: &str) -> Option<Self> {
        let word = word.trim();
        if let Some((_, currency, power)) = SUB_UNITS.iter().find(|(name, ..)| *name == word) {
            return Some(Self {
                currency: Currency::parse(currency).ok()?,
                power: *power,
            });
        }
        let currency = Currency::parse(word).ok().filter(Currency::is_listed)?;
        Some(Self { currency, power: 0 })
    }

    /// Returns the unit of an instrument's own currency; a book may hold one in a sub-unit by its capital letters.
    pub(super) fn of(currency: Currency) -> Self {
        Self::read(currency.code()).unwrap_or(Self { currency, power: 0 })
    }

    /// Returns what figures in this unit are multiplied by to be in another; `None` between two currencies.
    pub(super) fn factor_to(self, other: Self) -> Option<Decimal> {
        (self.currency == other.currency).then(|| {
            if self.power >= other.power {
                Decimal::new(1, self.power - other.power)
            } else {
                Decimal::from(10_u64.pow(other.power - self.power))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pence_become_pounds_and_dollars_do_not() {
        let factor = |word: &str, own: &str| Unit::read(word)?.factor_to(Unit::of(Currency::parse(own).ok()?));
        assert_eq!(factor("GBp", "GBP"), Some("0.01".parse().unwrap()));
        assert_eq!(factor("GBP", "GBP"), Some(Decimal::ONE));
        assert_eq!(factor("KWF", "KWD"), Some("0.001".parse().unwrap()));
        assert_eq!(factor("usd", "USD"), Some(Decimal::ONE));
        assert_eq!(factor("USD", "GBP"), None);
        // An instrument that a book keeps in pence is quoted so.
        assert_eq!(factor("GBp", "GBX"), Some(Decimal::ONE));
        assert_eq!(factor("GBP", "GBX"), Some(Decimal::ONE_HUNDRED));
        assert_eq!(Unit::read("QQQ"), None);
    }
}
