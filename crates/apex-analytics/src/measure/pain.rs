//! Growth over drawdown, beyond the deepest one: Sterling, Burke, Martin and pain ratios.
//!
//! Growth is the compound annual rate, without a risk-free rate. All are undefined when wealth never falls.

use crate::error::{finite, ratio};
use crate::measure::{drawdown, growth};
use crate::series::episode::deepest_falls;

/// Returns the Sterling ratio: growth over the mean of the `count` deepest falls from peak to recovery (Kestner, 1996).
///
/// The mean is over the falls there are when there are fewer; one fall gives the Calmar ratio. Undefined for no fall.
///
/// ```
/// use apex_analytics::measure::{drawdown::calmar, pain::sterling};
///
/// let returns = [0.1, -0.2, 0.5, -0.1, 0.3];
/// assert_eq!(sterling(&returns, 1), calmar(&returns));
/// // Falls of 20% and 10%.
/// assert!((sterling(&returns, 5).unwrap() / calmar(&returns).unwrap() - 0.20 / 0.15).abs() < 1e-12);
/// ```
pub fn sterling(returns: &[f64], count: usize) -> Option<f64> {
    let falls = deepest_falls(returns, count);
    let depth: f64 = falls.iter().map(|fall| -fall.depth).sum();
    ratio(growth::cagr(returns)?, ratio(depth, falls.len() as f64)?)
}

/// Returns the Burke ratio: growth over the root of the sum of the squares of the `count` deepest falls (Burke, 1994).
///
/// ```
/// use apex_analytics::measure::{growth::cagr, pain::burke};
///
/// let returns = [0.1, -0.2, 0.5, -0.1, 0.3];
/// let expected = cagr(&returns).unwrap() / (0.2f64 * 0.2 + 0.1 * 0.1).sqrt();
/// assert!((burke(&returns, 5).unwrap() / expected - 1.0).abs() < 1e-12);
/// ```
pub fn burke(returns: &[f64], count: usize) -> Option<f64> {
    let squares: f64 = deepest_falls(returns, count)
        .iter()
        .map(|fall| fall.depth.powi(2))
        .sum();
    ratio(growth::cagr(returns)?, finite(squares.sqrt())?)
}

/// Returns the Martin ratio, also called ulcer performance index: growth over the ulcer index (Martin, 1987).
pub fn martin(returns: &[f64]) -> Option<f64> {
    ratio(growth::cagr(returns)?, drawdown::ulcer(returns)?)
}

/// Returns the pain ratio: growth over the mean drawdown of all periods (Becker, 2006).
///
/// ```
/// use apex_analytics::measure::{growth::cagr, pain::pain_ratio};
///
/// // Drawdowns of 10% and 0: 5% on average.
/// let returns = [-0.1, 0.2];
/// assert!((pain_ratio(&returns).unwrap() - cagr(&returns).unwrap() / 0.05).abs() < 1e-6);
/// ```
pub fn pain_ratio(returns: &[f64]) -> Option<f64> {
    ratio(growth::cagr(returns)?, -drawdown::average(returns)?)
}
