//! The tails of one series, from partial sorting: only the worst few percent are ever put in order.

use super::passes::{First, at_or_below};
use super::{HORIZON, Scratch, TearSheet};
use crate::error::{finite, ratio};
use crate::quantile::{QuantileRule, interpolate, key, quantile_position, snap, unkey};

/// Below this many observations everything is sorted.
const SORT_ALL: usize = 128;

/// Observations of which only the two ends are in order.
struct Ends<'a> {
    keys: &'a [i64],
    /// Positions up to this one are sorted.
    low_end: usize,
}

impl Ends<'_> {
    /// Returns the observation at a sorted position of the low end.
    fn low(&self, position: usize) -> f64 {
        debug_assert!(position <= self.low_end, "Invariant: only the low end is sorted");
        unkey(self.keys[position])
    }

    /// Returns a low quantile.
    fn quantile(&self, probability: f64, rule: QuantileRule) -> Option<f64> {
        let position = quantile_position(self.keys.len(), probability, rule)?;
        Some(interpolate(
            self.low(position.lower),
            self.low(position.upper),
            position.weight_upper,
        ))
    }

    /// Returns the mean of the worst `probability`, the last observation counted in part (Acerbi and Tasche, 2002).
    fn acerbi(&self, probability: f64) -> Option<f64> {
        let tail = snap(self.keys.len() as f64 * probability);
        let whole = tail.floor() as usize;
        let sum: f64 = self.keys[..whole].iter().map(|key| unkey(*key)).sum();
        let part = tail - tail.floor();
        let next = if part > 0.0 { self.low(whole) * part } else { 0.0 };
        ratio(sum + next, tail)
    }
}

/// Fills the statistics that need sorted observations.
pub(super) fn fill(sheet: &mut TearSheet, returns: &[f64], first: &First, scratch: &mut Scratch) {
    let n = returns.len();
    scratch.keys.clear();
    scratch.keys.extend(returns.iter().map(|value| key(*value)));
    let keys = &mut scratch.keys;
    // The furthest low position any rule asks for at 5%.
    let low_end = ((0.05 * n as f64).ceil() as usize + 1).min(n - 1);
    let high = quantile_position(n, 0.95, QuantileRule::Linear);
    let q95 = if n < SORT_ALL {
        keys.sort_unstable();
        high.map(|high| interpolate(unkey(keys[high.lower]), unkey(keys[high.upper]), high.weight_upper))
    } else {
        let (low, _, rest) = keys.select_nth_unstable(low_end);
        low.sort_unstable();
        high.and_then(|high| {
            let offset = high.lower.checked_sub(low_end + 1)?;
            let (_, lower, above) = rest.select_nth_unstable(offset);
            let lower = unkey(*lower);
            let upper = if high.weight_upper == 0.0 {
                lower
            } else {
                unkey(*above.iter().min()?)
            };
            Some(interpolate(lower, upper, high.weight_upper))
        })
    };
    let ends = Ends { keys, low_end };
    let loss = |value: Option<f64>| value.map(|value| 0.0 - value).and_then(finite);
    let q05 = ends.quantile(0.05, QuantileRule::Linear);
    let q01 = ends.quantile(0.01, QuantileRule::Linear);
    sheet.var95_hist_linear = loss(q05);
    sheet.var99_hist_linear = loss(q01);
    sheet.var95_hist_lower = loss(ends.quantile(0.05, QuantileRule::Lower));
    sheet.var99_hist_lower = loss(ends.quantile(0.01, QuantileRule::Lower));
    sheet.var95_order_stat = loss(ends.quantile(0.05, QuantileRule::OrderStatistic));
    sheet.var99_order_stat = loss(ends.quantile(0.01, QuantileRule::OrderStatistic));
    sheet.es95_acerbi = loss(ends.acerbi(0.05));
    sheet.es99_acerbi = loss(ends.acerbi(0.01));
    let mean_at_or_below = |limit: f64| {
        let (sum, count) = at_or_below(returns, limit);
        ratio(sum, count)
    };
    sheet.es95_mean_le_var = loss(q05.and_then(mean_at_or_below));
    sheet.es99_mean_le_var = loss(q01.and_then(mean_at_or_below));
    sheet.tail_ratio = q95.zip(q05).and_then(|(high, low)| ratio(high, -low));
    sheet.var99_hist_10d_overlap = overlap(returns, first, scratch);
}

/// Returns the loss at 99% over overlapping windows of [`HORIZON`] compounded returns.
fn overlap(returns: &[f64], first: &First, scratch: &mut Scratch) -> Option<f64> {
    let count = (returns.len() + 1).checked_sub(HORIZON).filter(|count| *count > 0)?;
    let wealth = &scratch.wealth;
    scratch.keys.clear();
    if first.min > -1.0 && wealth.last().is_some_and(|last| *last > 1e-290 && last.is_finite()) {
        // Growth over a window is a quotient of two points of the wealth curve, the first of which starts at 1.
        scratch.keys.push(key(wealth[HORIZON - 1] - 1.0));
        scratch.keys.extend(
            wealth
                .iter()
                .zip(&wealth[HORIZON..])
                .map(|(before, after)| key(after / before - 1.0)),
        );
    } else {
        scratch.keys.extend(
            returns
                .windows(HORIZON)
                .map(|window| key(crate::returns::compounded(window))),
        );
    }
    debug_assert_eq!(scratch.keys.len(), count, "Invariant: one entry for each window");
    let position = quantile_position(count, 0.01, QuantileRule::Linear)?;
    let (below, upper, _) = scratch.keys.select_nth_unstable(position.upper);
    let upper = unkey(*upper);
    let lower = if position.upper == position.lower {
        upper
    } else {
        unkey(*below.iter().max()?)
    };
    finite(0.0 - interpolate(lower, upper, position.weight_upper))
}
