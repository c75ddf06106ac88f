//! What contracts are worth: options, forwards, bonds and the curves they are discounted on.
//!
//! Rates and yields of options are continuous and volatility is a year's, as fractions (0.05 is 5%); time is in years.
//! Vega and rho are per 1.00, theta is per year. Nothing here reads a market or a calendar: every input is an argument.
//! Prices of one moment only; paths and scenarios are made elsewhere and come in as columns (see [`batch`]).

pub mod american;
pub mod bachelier;
pub mod barrier;
pub mod batch;
pub mod black76;
pub mod bond;
pub mod curve;
pub mod day_count;
pub mod digital;
pub mod european;
pub mod forward;
pub mod greeks;
pub mod implied_volatility;
mod quadrature;
pub mod schedule;
pub(crate) mod solve;

use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;

/// The right that an option gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptionKind {
    /// To buy.
    Call,
    /// To sell.
    Put,
}

impl OptionKind {
    /// Returns 1 for a call and -1 for a put.
    #[inline(always)]
    pub fn sign(self) -> f64 {
        match self {
            Self::Call => 1.0,
            Self::Put => -1.0,
        }
    }

    /// Returns what exercise brings.
    pub fn payoff(self, spot: f64, strike: f64) -> f64 {
        (self.sign() * (spot - strike)).max(0.0)
    }
}

/// An option on one underlying, in the world of Black, Scholes and Merton.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Call or put.
    pub kind: OptionKind,
    /// The price of the underlying, above zero.
    pub spot: f64,
    /// The strike, above zero.
    pub strike: f64,
    /// Years to expiry, from zero.
    pub years: f64,
    /// The continuous rate of interest a year; it may be negative.
    pub rate: f64,
    /// The continuous dividend yield, foreign rate or net convenience yield a year; it may be negative.
    pub dividend_yield: f64,
    /// The volatility a year, from zero.
    pub volatility: f64,
}

/// Exponents beyond this leave the range of numbers.
const EXPONENT_MAX: f64 = 100.0;

/// Spot and strike farther apart than this, as a ratio, have no common price.
const RATIO_MAX: f64 = 1e150;

impl Terms {
    /// Refuses terms at which no option has a price.
    ///
    /// # Errors
    ///
    /// Names the first term that is not a number, not above zero (spot, strike), below zero (years, volatility), or so
    /// large that discounting leaves the range of numbers.
    pub fn check(&self) -> Result<(), AnalyticsError> {
        above_zero("spot", self.spot)?;
        above_zero("strike", self.strike)?;
        let ratio = self.spot / self.strike;
        if !(1.0 / RATIO_MAX..=RATIO_MAX).contains(&ratio) {
            return refuse("strike", self.strike, "within a factor of 1e150 of the spot");
        }
        from_zero("time to expiry", self.years)?;
        a_number("rate", self.rate)?;
        a_number("dividend yield", self.dividend_yield)?;
        from_zero("volatility", self.volatility)?;
        in_range("rate", self.rate, self.rate * self.years)?;
        in_range("dividend yield", self.dividend_yield, self.dividend_yield * self.years)?;
        in_range("volatility", self.volatility, self.volatility * self.years.sqrt())
    }

    /// Returns `exp(-rate * years)`.
    pub fn discount(&self) -> f64 {
        crate::elementary::exp(-self.rate * self.years)
    }

    /// Returns `exp(-dividend_yield * years)`.
    pub fn dividend_discount(&self) -> f64 {
        crate::elementary::exp(-self.dividend_yield * self.years)
    }

    /// Returns the volatility of the whole time, `volatility * sqrt(years)`.
    pub fn deviation(&self) -> f64 {
        self.volatility * self.years.sqrt()
    }
}

pub(crate) fn refuse<T>(what: &'static str, value: f64, rule: &'static str) -> Result<T, AnalyticsError> {
    Err(AnalyticsError::Parameter {
        what,
        value,
        expected: rule,
    })
}

fn a_number(what: &'static str, value: f64) -> Result<(), AnalyticsError> {
    if value.is_finite() {
        Ok(())
    } else {
        refuse(what, value, "a finite number")
    }
}

fn above_zero(what: &'static str, value: f64) -> Result<(), AnalyticsError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        refuse(what, value, "a finite number above zero")
    }
}

fn from_zero(what: &'static str, value: f64) -> Result<(), AnalyticsError> {
    if value.is_finite() && value >= 0.0 {
        Ok(())
    } else {
        refuse(what, value, "a finite number, zero or above")
    }
}

fn in_range(what: &'static str, value: f64, exponent: f64) -> Result<(), AnalyticsError> {
    if exponent.abs() <= EXPONENT_MAX {
        Ok(())
    } else {
        refuse(
            what,
            value,
            "smaller: over the whole time it leaves the range of numbers",
        )
    }
}

/// The gate of prices: a finite value leaves, another is refused by the name of what was asked for.
fn priced(what: &'static str, value: f64) -> Result<f64, AnalyticsError> {
    if value.is_finite() {
        Ok(value)
    } else {
        refuse(what, value, "a finite number, which these terms do not give")
    }
}
