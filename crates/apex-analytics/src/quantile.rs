//! Quantiles of a sample, each under the name of its rule. A quantile without its rule is not a number one can check.

use serde::{Deserialize, Serialize};

/// How a quantile is read from sorted observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantileRule {
    /// Linear interpolation at `(n - 1) p`; the default of numpy and of spreadsheets.
    #[default]
    Linear,
    /// The observation at or below `(n - 1) p`; numpy's `lower`.
    Lower,
    /// The `ceil(n p)`-th smallest observation.
    OrderStatistic,
}

impl QuantileRule {
    /// Returns the name that stands beside a figure.
    pub fn name(self) -> &'static str {
        match self {
            QuantileRule::Linear => "linear",
            QuantileRule::Lower => "lower",
            QuantileRule::OrderStatistic => "order_statistic",
        }
    }
}

/// The two sorted positions a quantile lies between, and the weight of the upper one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantilePosition {
    /// The lower position, counted from 0.
    pub lower: usize,
    /// The upper position.
    pub upper: usize,
    /// The weight of the upper observation; 0 when the quantile is an observation itself.
    pub weight_upper: f64,
}

/// Returns where the quantile of `probability` stands among `observations` sorted values.
///
/// Products such as `0.05 * 2520` that miss a whole number by rounding only are taken as that number. Undefined for
/// no observations and outside [0, 1].
pub fn quantile_position(observations: usize, probability: f64, rule: QuantileRule) -> Option<QuantilePosition> {
    if observations == 0 || !(0.0..=1.0).contains(&probability) {
        return None;
    }
    let last = observations - 1;
    let exact = |lower: usize| QuantilePosition {
        lower: lower.min(last),
        upper: lower.min(last),
        weight_upper: 0.0,
    };
    Some(match rule {
        QuantileRule::Linear => {
            let position = snap(last as f64 * probability);
            let lower = position.floor() as usize;
            let weight_upper = position - position.floor();
            if weight_upper == 0.0 {
                exact(lower)
            } else {
                QuantilePosition {
                    lower,
                    upper: lower + 1,
                    weight_upper,
                }
            }
        }
        QuantileRule::Lower => exact(snap(last as f64 * probability).floor() as usize),
        QuantileRule::OrderStatistic => {
            exact((snap(observations as f64 * probability).ceil() as usize).saturating_sub(1))
        }
    })
}

/// Returns the quantile of values that are sorted ascending, or `None` where [`quantile_position`] is undefined.
///
/// ```
/// use apex_analytics::quantile::{QuantileRule, quantile_sorted};
///
/// let sorted = [1.0, 2.0, 3.0, 4.0];
/// assert_eq!(quantile_sorted(&sorted, 0.5, QuantileRule::Linear), Some(2.5));
/// assert_eq!(quantile_sorted(&sorted, 0.5, QuantileRule::Lower), Some(2.0));
/// assert_eq!(quantile_sorted(&sorted, 0.25, QuantileRule::OrderStatistic), Some(1.0));
/// ```
pub fn quantile_sorted(sorted: &[f64], probability: f64, rule: QuantileRule) -> Option<f64> {
    let position = quantile_position(sorted.len(), probability, rule)?;
    Some(interpolate(
        *sorted.get(position.lower)?,
        *sorted.get(position.upper)?,
        position.weight_upper,
    ))
}

/// Returns the point between two observations, without leaving their interval.
pub(crate) fn interpolate(lower: f64, upper: f64, weight_upper: f64) -> f64 {
    if weight_upper < 0.5 {
        lower + (upper - lower) * weight_upper
    } else {
        upper - (upper - lower) * (1.0 - weight_upper)
    }
}

/// Returns a sorted copy.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut keys: Vec<i64> = values.iter().map(|value| key(*value)).collect();
    keys.sort_unstable();
    keys.into_iter().map(unkey).collect()
}

/// Returns an integer that orders as the number does: sorting integers needs no branch on NaN.
pub(crate) fn key(value: f64) -> i64 {
    let bits = value.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

/// Returns the number of a [`key`].
pub(crate) fn unkey(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> 63) as u64) >> 1) as i64) as u64)
}

/// Returns the nearest whole number when the value misses it by rounding only.
pub(crate) fn snap(value: f64) -> f64 {
    let whole = value.round();
    if (value - whole).abs() < 1e-9 { whole } else { value }
}
