//! One cell: its text, and the number that the text stands for.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A number as it was written; missing where the text is empty or a word for it.
///
/// Two cells are equal where their texts are.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    /// What the text stands for; NaN where it is missing.
    number: f64,
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cell {}

impl Cell {
    /// Reads a cell; `None` where the text is neither a number nor a word for a missing one.
    ///
    /// Infinities are read, since sources write them, but have no number: no price is one.
    pub fn read(text: &str) -> Option<Self> {
        let number = match text.trim().to_ascii_lowercase().as_str() {
            "" | "nan" | "na" | "n/a" | "null" | "none" | "-" => f64::NAN,
            trimmed => trimmed.parse().ok()?,
        };
        Some(Self {
            text: text.to_owned(),
            number,
        })
    }

    /// Returns a missing cell.
    pub fn missing() -> Self {
        Self {
            text: String::new(),
            number: f64::NAN,
        }
    }

    /// Writes a number as exactly as it is; missing where it is not finite.
    pub(crate) fn exact(number: f64) -> Self {
        if !number.is_finite() {
            return Self::missing();
        }
        Self {
            text: number.to_string(),
            number,
        }
    }

    /// Writes a computed number with twelve significant digits, which is more than any source has.
    pub fn computed(number: f64) -> Self {
        if !number.is_finite() {
            return Self::missing();
        }
        let rounded: f64 = format!("{number:.11e}").parse().unwrap_or(number);
        Self {
            text: rounded.to_string(),
            number: rounded,
        }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the number; `None` where it is missing or not finite.
    pub fn number(&self) -> Option<f64> {
        self.number.is_finite().then_some(self.number)
    }

    /// Returns whether the source says that there is no number.
    pub fn is_missing(&self) -> bool {
        self.number.is_nan()
    }

    /// Returns the cell times `factor`: exactly in decimals where the factor is a short decimal, such as 0.01, and the
    /// cell is one, else as [`Cell::computed`].
    pub fn times(&self, factor: f64) -> Self {
        let Some(number) = self.number() else {
            return self.clone();
        };
        let exact = || {
            let cell: Decimal = self.text.trim().parse().ok()?;
            let factor: Decimal = format!("{factor}").parse().ok()?;
            (factor.scale() <= 6 || factor.mantissa().abs() < 1_000_000)
                .then(|| cell.checked_mul(factor))?
                .filter(|product| {
                    // A product that lost digits to the limit of decimals is no longer exact.
                    product
                        .to_f64()
                        .is_some_and(|close| (close - number * factor_of(&factor)).abs() <= 1e-9 * close.abs())
                })
        };
        match exact() {
            Some(product) => {
                let text = product.normalize().to_string();
                let number = text.parse().unwrap_or(number * factor);
                Self { text, number }
            }
            None => Self::computed(number * factor),
        }
    }

    /// Returns the cell as a whole number where it was written as one, such as a count of shares.
    pub fn rounded_as(&self, written: &Cell) -> Self {
        match self.number() {
            Some(number) if !written.text.contains(['.', 'e', 'E']) => Self::computed(number.round()),
            _ => self.clone(),
        }
    }
}

fn factor_of(factor: &Decimal) -> f64 {
    factor.to_f64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_factor_multiplies_exactly() {
        let cell = Cell::read("3480.10").unwrap();
        assert_eq!(cell.times(0.01).text(), "34.801");
        assert_eq!(Cell::read("0.1").unwrap().times(100.0).text(), "10");
        // One third is no short decimal: 3480.10 / 3 = 1160.0333...
        assert_eq!(cell.times(1.0 / 3.0).text(), "1160.03333333");
    }

    #[test]
    fn words_for_a_missing_number_are_missing_and_infinity_is_no_number() {
        for text in ["", " ", "NaN", "null", "None", "-"] {
            assert!(Cell::read(text).unwrap().is_missing(), "{text:?}");
        }
        let infinite = Cell::read("-inf").unwrap();
        assert_eq!((infinite.number(), infinite.is_missing()), (None, false));
        assert!(Cell::read("12,5").is_none() && Cell::read("abc").is_none());
    }
}
