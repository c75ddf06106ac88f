//! Drawdown: how far wealth stands below its running peak.
//!
//! Wealth starts at 1 before the first return, so a loss on the first day counts.

use crate::error::{finite, ratio};
use crate::measure::growth;

/// The deepest fall of a wealth curve. Positions count the curve: 0 is the start, k stands after return k.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MaxDrawdown {
    /// `wealth / peak - 1` at the deepest point.
    pub depth: f64,
    /// Where the peak before the fall stands, the first of equals.
    pub peak_index: usize,
    /// Where the deepest point stands, the first of equals.
    pub trough_index: usize,
    /// Where wealth reaches the peak again; `None` when it has not.
    pub recovery_index: Option<usize>,
}

/// Returns the drawdown after each return, `wealth / max(wealth so far) - 1`, never above 0.
///
/// ```
/// let series = apex_analytics::measure::drawdown::drawdowns(&[-0.10, 0.05]);
/// assert!((series[0] + 0.10).abs() < 1e-15 && (series[1] + 0.055).abs() < 1e-15);
/// ```
pub fn drawdowns(returns: &[f64]) -> Vec<f64> {
    let (mut wealth, mut peak) = (1.0_f64, 1.0_f64);
    returns
        .iter()
        .map(|value| {
            wealth *= 1.0 + value;
            peak = peak.max(wealth);
            wealth / peak - 1.0
        })
        .collect()
}

/// Returns the deepest drawdown, or `None` when wealth never falls.
///
/// ```
/// let deepest = apex_analytics::measure::drawdown::max_drawdown(&[0.10, -0.20, 0.30]).unwrap();
/// assert!((deepest.depth + 0.20).abs() < 1e-15);
/// assert_eq!((deepest.peak_index, deepest.trough_index, deepest.recovery_index), (1, 2, Some(3)));
/// ```
pub fn max_drawdown(returns: &[f64]) -> Option<MaxDrawdown> {
    let mut wealth = vec![1.0];
    for value in returns {
        wealth.push(wealth.last().copied().unwrap_or(1.0) * (1.0 + value));
    }
    let mut deepest: Option<MaxDrawdown> = None;
    let (mut peak, mut peak_index) = (1.0_f64, 0);
    for (index, level) in wealth.iter().enumerate() {
        if *level > peak {
            (peak, peak_index) = (*level, index);
        }
        let depth = level / peak - 1.0;
        if depth < deepest.map_or(0.0, |deepest| deepest.depth) {
            deepest = Some(MaxDrawdown {
                depth,
                peak_index,
                trough_index: index,
                recovery_index: None,
            });
        }
    }
    let mut deepest = deepest?;
    let level = wealth[deepest.peak_index];
    deepest.recovery_index = wealth
        .iter()
        .enumerate()
        .skip(deepest.trough_index)
        .find(|(_, wealth)| **wealth >= level)
        .map(|(index, _)| index);
    Some(deepest)
}

/// Returns the longest run of periods that end below the peak.
pub fn longest(returns: &[f64]) -> usize {
    let (mut run, mut longest) = (0, 0);
    for drawdown in drawdowns(returns) {
        run = if drawdown < 0.0 { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Returns the mean drawdown over all periods.
pub fn average(returns: &[f64]) -> Option<f64> {
    ratio(drawdowns(returns).iter().sum(), returns.len() as f64)
}

/// Returns the ulcer index: the root mean square of the drawdowns over all n periods (Martin, 1987).
pub fn ulcer(returns: &[f64]) -> Option<f64> {
    let squares: f64 = drawdowns(returns).iter().map(|drawdown| drawdown * drawdown).sum();
    ratio(squares, returns.len() as f64).and_then(|mean| finite(mean.sqrt()))
}

/// Returns the Calmar ratio `cagr / |max drawdown|`; undefined when wealth never falls (Young, 1991).
pub fn calmar(returns: &[f64]) -> Option<f64> {
    ratio(growth::cagr(returns)?, -max_drawdown(returns)?.depth)
}
