//! A figure that is known, or unavailable for a stated reason.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A value, or the sentence that says why there is none. Never zero in place of unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure<T> {
    /// The value.
    Known(T),
    /// Why there is no value: `no price for ACME on or before 2022-01-03`.
    Unavailable(String),
}

/// A decimal amount in a currency that its context states.
pub type Amount = Figure<Decimal>;
/// A statistic.
pub type Statistic = Figure<f64>;

impl<T> Figure<T> {
    /// Returns the value, where there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unavailable(_) => None,
        }
    }

    /// Returns why there is no value, where there is none.
    pub fn because(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unavailable(reason) => Some(reason),
        }
    }

    /// Returns the value, or unavailable with `reason`.
    pub fn or_because(value: Option<T>, reason: impl FnOnce() -> String) -> Self {
        value.map_or_else(|| Self::Unavailable(reason()), Self::Known)
    }

    /// Returns the figure with its value changed by `change`.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Figure<U> {
        match self {
            Self::Known(value) => Figure::Known(change(value)),
            Self::Unavailable(reason) => Figure::Unavailable(reason),
        }
    }
}

impl<T, E: std::fmt::Display> From<Result<T, E>> for Figure<T> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(reason) => Self::Unavailable(reason.to_string()),
        }
    }
}
