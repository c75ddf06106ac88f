//! Gains against losses: omega, payoff, win rates and the tail ratio.

use crate::error::ratio;
use crate::quantile::{QuantileRule, quantile_sorted, sorted};

/// Returns the sum of gains and the sum of losses, the second negative or zero.
fn sums(returns: &[f64]) -> (f64, f64) {
    returns.iter().fold((0.0, 0.0), |(gains, losses), value| {
        (gains + value.max(0.0), losses + value.min(0.0))
    })
}

/// Returns omega at threshold 0, `sum(max(r, 0)) / -sum(min(r, 0))`, which is also the profit factor.
///
/// Keating and Shadwick (2002). Undefined without a loss.
///
/// ```
/// assert_eq!(apex_analytics::measure::gains::omega(&[0.03, -0.01, -0.01]), Some(1.5));
/// ```
pub fn omega(returns: &[f64]) -> Option<f64> {
    let (gains, losses) = sums(returns);
    ratio(gains, -losses)
}

/// Returns gain to pain, `sum(r) / -sum(min(r, 0))` (Schwager, 2012); undefined without a loss.
pub fn gain_to_pain(returns: &[f64]) -> Option<f64> {
    let (gains, losses) = sums(returns);
    ratio(gains + losses, -losses)
}

/// Returns the mean gain over the mean loss; undefined without a gain or without a loss.
pub fn payoff(returns: &[f64]) -> Option<f64> {
    let (gains, losses) = sums(returns);
    let wins = returns.iter().filter(|value| **value > 0.0).count() as f64;
    let defeats = returns.iter().filter(|value| **value < 0.0).count() as f64;
    ratio(ratio(gains, wins)?, ratio(-losses, defeats)?)
}

/// Returns the share of all days that gained.
pub fn win_rate(returns: &[f64]) -> Option<f64> {
    ratio(
        returns.iter().filter(|value| **value > 0.0).count() as f64,
        returns.len() as f64,
    )
}

/// Returns the share of gaining days among the days that moved.
pub fn win_rate_nonzero(returns: &[f64]) -> Option<f64> {
    let wins = returns.iter().filter(|value| **value > 0.0).count() as f64;
    ratio(wins, returns.iter().filter(|value| **value != 0.0).count() as f64)
}

/// Returns the tail ratio: the 95% quantile over minus the 5% quantile, linear rule.
pub fn tail_ratio(returns: &[f64]) -> Option<f64> {
    let sorted = sorted(returns);
    let high = quantile_sorted(&sorted, 0.95, QuantileRule::Linear)?;
    ratio(high, -quantile_sorted(&sorted, 0.05, QuantileRule::Linear)?)
}
