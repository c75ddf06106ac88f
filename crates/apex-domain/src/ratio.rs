//! A ratio of whole numbers, for splits and exchanges of shares.
//!
//! A split is a fraction and never a decimal factor: three for seven has no decimal.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The text is not a ratio.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a ratio such as 7:1")]
pub struct RatioError {
    /// The text that was read.
    pub text: String,
}

/// New shares for old ones: `numerator` new ones for each `denominator` old ones.
///
/// ```
/// use apex_domain::{Decimal, Ratio};
///
/// let split: Ratio = "7-for-1".parse()?;
/// assert_eq!(split, "7:1".parse()?);
/// assert_eq!(split, "7/1".parse()?);
/// assert_eq!(split.of(Decimal::from(100)), Decimal::from(700));
/// # Ok::<(), apex_domain::RatioError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio {
    numerator: u32,
    denominator: u32,
}

impl Ratio {
    /// Makes a ratio of two numbers above zero; `None` for a zero.
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            None
        } else {
            Some(Self { numerator, denominator })
        }
    }

    /// Returns the number of new shares.
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// Returns the number of old shares.
    pub const fn denominator(self) -> u32 {
        self.denominator
    }

    /// Returns the ratio the other way round.
    pub const fn inverse(self) -> Self {
        Self {
            numerator: self.denominator,
            denominator: self.numerator,
        }
    }

    /// Returns the quantity times the ratio, multiplied before it is divided so that whole results are exact.
    pub fn of(self, quantity: Decimal) -> Decimal {
        let multiplied = quantity * Decimal::from(self.numerator);
        if self.denominator == 1 {
            multiplied
        } else {
            multiplied / Decimal::from(self.denominator)
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.numerator, self.denominator)
    }
}

impl FromStr for Ratio {
    type Err = RatioError;

    fn from_str(text: &str) -> Result<Self, RatioError> {
        let parts = text.split_once("-for-").or_else(|| text.split_once([':', '/']));
        parts
            .and_then(|(numerator, denominator)| {
                Self::new(numerator.trim().parse().ok()?, denominator.trim().parse().ok()?)
            })
            .ok_or_else(|| RatioError { text: text.to_owned() })
    }
}

impl TryFrom<String> for Ratio {
    type Error = RatioError;

    fn try_from(text: String) -> Result<Self, RatioError> {
        text.parse()
    }
}

impl From<Ratio> for String {
    fn from(ratio: Ratio) -> Self {
        ratio.to_string()
    }
}
