//! Why a portfolio did better or worse than its benchmark.
//!
//! [`brinson`] splits one period's active return by segment into allocation, selection and interaction, [`currency`]
//! adds the parts of markets and currencies, and [`factor`] splits by exposures. Over several periods the effects of
//! each no longer add up to the compounded active return: [`linking`] scales them so that they do, and [`geometric`]
//! takes ratios instead of differences, which compound by themselves.
//!
//! Weights are those at the start of the period and add up to 1, cash included; returns are simple returns of the
//! period. Nothing here knows how segments are formed.

pub mod brinson;
pub mod currency;
pub mod factor;
pub mod geometric;
pub mod linking;

use crate::error::{AnalyticsError, all_finite, same_length};

/// How far from 1 a sum of weights may be.
const WEIGHT_TOLERANCE: f64 = 1e-9;

/// Refuses lists of different length, values that are not finite, and no segment at all.
fn check_lists<const N: usize>(lists: [(&'static str, &[f64]); N]) -> Result<(), AnalyticsError> {
    let count = lists.first().map_or(0, |(_, list)| list.len());
    if count == 0 {
        return Err(AnalyticsError::Empty {
            what: "list of segments",
        });
    }
    for (what, list) in lists {
        same_length(what, count, list.len())?;
        all_finite(what, list)?;
    }
    Ok(())
}

/// Refuses weights that do not add up to 1.
fn check_sum(what: &'static str, weights: &[f64]) -> Result<(), AnalyticsError> {
    let value: f64 = weights.iter().sum();
    if (value - 1.0).abs() <= WEIGHT_TOLERANCE {
        Ok(())
    } else {
        Err(AnalyticsError::Parameter {
            what,
            value,
            expected: "1",
        })
    }
}

/// Returns the sum of products.
fn dot(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(weight, value)| weight * value).sum()
}
