//! The worst that happened: single days, and falls from peak to recovery.

use crate::measure::drawdown::MaxDrawdown;

/// Returns the positions of the lowest values, worst first, ties by position.
///
/// ```
/// assert_eq!(apex_analytics::series::episode::worst(&[0.1, -0.3, -0.1, -0.3], 3), [1, 3, 2]);
/// ```
pub fn worst(values: &[f64], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, two| values[*one].total_cmp(&values[*two]).then(one.cmp(two)));
    order.truncate(count);
    order
}

/// Returns the deepest falls that do not overlap, deepest first; positions count the wealth curve from its start.
///
/// ```
/// let falls = apex_analytics::series::episode::deepest_falls(&[-0.1, 0.2, -0.2, 0.5, -0.05], 2);
/// assert_eq!((falls[0].peak_index, falls[0].trough_index, falls[0].recovery_index), (2, 3, Some(4)));
/// assert!((falls[1].depth + 0.10).abs() < 1e-15);
/// ```
pub fn deepest_falls(returns: &[f64], count: usize) -> Vec<MaxDrawdown> {
    let mut falls: Vec<MaxDrawdown> = Vec::new();
    let mut open: Option<MaxDrawdown> = None;
    let (mut wealth, mut peak, mut peak_index) = (1.0_f64, 1.0_f64, 0);
    for (index, value) in (1..).zip(returns) {
        wealth *= 1.0 + value;
        if wealth >= peak {
            if let Some(mut fall) = open.take() {
                fall.recovery_index = Some(index);
                falls.push(fall);
            }
            if wealth > peak {
                (peak, peak_index) = (wealth, index);
            }
            continue;
        }
        let depth = wealth / peak - 1.0;
        let start = MaxDrawdown {
            depth,
            peak_index,
            trough_index: index,
            recovery_index: None,
        };
        let fall = open.get_or_insert(start);
        if depth < fall.depth {
            (fall.depth, fall.trough_index) = (depth, index);
        }
    }
    falls.extend(open);
    falls.sort_by(|one, two| {
        one.depth
            .total_cmp(&two.depth)
            .then(one.trough_index.cmp(&two.trough_index))
    });
    falls.truncate(count);
    falls
}
