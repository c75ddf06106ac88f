//! One measure, one function: formula, conventions, when it is undefined, source, and a worked example.
//!
//! [`crate::tear_sheet`] computes all of them together and faster; these stand for reading and for single questions.
//! All take simple returns of equal periods, 252 a year, and answer `None` where the measure is undefined, also for
//! values that are not finite.

pub mod drawdown;
pub mod ewma;
pub mod gains;
pub mod growth;
pub mod pain;
pub mod partial;
pub mod probabilistic;
pub mod relative;
pub mod shape;
pub mod sharpe;
pub mod sortino;
pub mod tail;
pub mod volatility;

/// The number of daily observations a year.
pub const OBSERVATIONS_A_YEAR: f64 = 252.0;

/// Returns the arithmetic mean, or `None` for no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    crate::error::ratio(values.iter().sum(), values.len() as f64)
}

/// Returns whether the values never move, rounding aside: such a series has no deviation to divide by.
pub fn is_flat(values: &[f64]) -> bool {
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    max - min <= 8.0 * f64::EPSILON * min.abs().max(max.abs())
}
