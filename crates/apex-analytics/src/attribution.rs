//! Why a portfolio did better or worse than its benchmark.
//!
//! [`brinson`] splits one period's active return by segment into allocation, selection and interaction, [`currency`]
//! adds the parts of markets and currencies, and [`factor`] splits by exposures. Over several periods the effects of
//! each no longer add up to the compounded active return: [`linking`] scales them so that they do, and [`geometric`]
//! takes ratios instead of differences, which compound by themselves. [`held`] measures a book that trades within a
//! period, day by day.
//!
//! Weights are those at the start of the period and add up to 1, cash included; returns are simple returns of the
//! period. Nothing here knows how segments are formed.

pub mod brinson;
pub mod currency;
pub mod factor;
pub mod geometric;
pub mod held;
pub mod linking;

use crate::covariance::dot;
use crate::error::{AnalyticsError, all_finite, same_length};

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
