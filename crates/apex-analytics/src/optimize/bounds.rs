//! How much of each asset a portfolio may hold, and how much in all.

use crate::error::{AnalyticsError, same_length};

/// The least and the largest weight of each asset, and the sum of all weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// The least weight of each asset; negative infinity where there is none.
    pub lower: Vec<f64>,
    /// The largest weight of each asset; infinity where there is none.
    pub upper: Vec<f64>,
    /// The sum of the weights, 1 for a fully invested book.
    pub budget: f64,
}

impl Bounds {
    /// Returns weights of at least zero that add up to 1.
    pub fn long_only(assets: usize) -> Self {
        Self {
            lower: vec![0.0; assets],
            upper: vec![f64::INFINITY; assets],
            budget: 1.0,
        }
    }

    /// Returns weights between zero and `weight_max` that add up to 1.
    pub fn capped(assets: usize, weight_max: f64) -> Self {
        Self {
            upper: vec![weight_max; assets],
            ..Self::long_only(assets)
        }
    }

    /// Returns weights of any size and sign that add up to 1.
    pub fn unbounded(assets: usize) -> Self {
        Self {
            lower: vec![f64::NEG_INFINITY; assets],
            ..Self::long_only(assets)
        }
    }

    /// Returns how many assets there are.
    pub fn len(&self) -> usize {
        self.lower.len()
    }

    /// Returns whether there is no asset.
    pub fn is_empty(&self) -> bool {
        self.lower.is_empty()
    }

    /// Returns whether no asset has a bound.
    pub(super) fn none(&self) -> bool {
        self.lower.iter().all(|value| *value == f64::NEG_INFINITY) && self.no_caps()
    }

    /// Returns whether weights are only kept from being negative.
    pub(super) fn only_long(&self) -> bool {
        self.lower.iter().all(|value| *value == 0.0) && self.no_caps() && self.budget > 0.0
    }

    /// Returns whether every asset has a least weight.
    pub(super) fn have_floor(&self) -> bool {
        self.lower.iter().all(|value| value.is_finite())
    }

    fn no_caps(&self) -> bool {
        self.upper.iter().all(|value| *value == f64::INFINITY)
    }

    /// Refuses bounds of another count than assets, and bounds that no portfolio keeps.
    ///
    /// # Errors
    ///
    /// Names the asset or the sum at fault.
    pub fn check(&self, assets: usize) -> Result<(), AnalyticsError> {
        same_length("list of lower bounds", assets, self.lower.len())?;
        same_length("list of upper bounds", assets, self.upper.len())?;
        if assets == 0 {
            return Err(AnalyticsError::Empty { what: "list of assets" });
        }
        crate::error::all_finite("budget", &[self.budget])?;
        for at in 0..assets {
            if self.lower[at].is_nan() || self.upper[at].is_nan() {
                return Err(AnalyticsError::NotFinite {
                    what: "bound",
                    index: at,
                });
            }
            if self.lower[at] > self.upper[at] || self.lower[at] == f64::INFINITY || self.upper[at] == f64::NEG_INFINITY
            {
                return Err(AnalyticsError::Infeasible {
                    conflict: vec![
                        format!("lower bound of asset {at}"),
                        format!("upper bound of asset {at}"),
                    ],
                });
            }
        }
        let (least, most) = (self.lower.iter().sum::<f64>(), self.upper.iter().sum::<f64>());
        let slack = 1e-12 * self.budget.abs().max(1.0);
        let conflict = |side: &str, sum: f64| AnalyticsError::Infeasible {
            conflict: vec![
                format!("weights add up to {}", shown(self.budget)),
                format!("{side} bounds add up to {}", shown(sum)),
            ],
        };
        if least > self.budget + slack {
            return Err(conflict("lower", least));
        }
        if most < self.budget - slack {
            return Err(conflict("upper", most));
        }
        Ok(())
    }

    /// Returns a point within the bounds and on the budget, near `start` where one is given.
    pub(super) fn nearest(&self, start: Option<&[f64]>) -> Vec<f64> {
        nearest(&self.lower, &self.upper, self.budget, start)
    }

    /// Returns the portfolio with the largest `value` in all, and the asset whose weight is neither bound: assets are
    /// filled in order of value. `None` where an asset without a bound leaves the value without one.
    pub(super) fn best_by(&self, values: &[f64]) -> Option<(Vec<f64>, usize)> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|one, other| values[*other].total_cmp(&values[*one]).then(one.cmp(other)));
        let mut weights = self.lower.clone();
        if weights.iter().any(|weight| !weight.is_finite()) {
            return None;
        }
        let mut left = self.budget - weights.iter().sum::<f64>();
        let mut last = *order.first()?;
        for asset in order {
            let room = self.upper[asset] - self.lower[asset];
            if room <= 0.0 {
                continue;
            }
            last = asset;
            let taken = room.min(left);
            weights[asset] += taken;
            left -= taken;
            if left <= 0.0 {
                break;
            }
        }
        Some((weights, last))
    }
}

/// Returns a sum of weights as a sentence says it: without the noise of its last digits.
fn shown(sum: f64) -> f64 {
    (sum * 1e6).round() / 1e6
}

/// Returns a point within the bounds whose sum is the budget: `start` with one number added to every weight before it
/// is cut off, which is the nearest such point.
pub(super) fn nearest(lower: &[f64], upper: &[f64], budget: f64, start: Option<&[f64]>) -> Vec<f64> {
    let size = lower.len();
    let base: Vec<f64> = match start {
        Some(start) => start
            .iter()
            .map(|value| if value.is_finite() { *value } else { 0.0 })
            .collect(),
        None => vec![budget / size as f64; size],
    };
    let cut = |shift: f64| -> Vec<f64> {
        base.iter()
            .enumerate()
            .map(|(at, value)| (value + shift).clamp(lower[at], upper[at]))
            .collect()
    };
    let sum = |shift: f64| cut(shift).iter().sum::<f64>();
    let mut reach = 1.0 + budget.abs();
    while sum(-reach) > budget && reach < 1e12 {
        reach *= 4.0;
    }
    let mut low = -reach;
    reach = 1.0 + budget.abs();
    while sum(reach) < budget && reach < 1e12 {
        reach *= 4.0;
    }
    let mut high = reach;
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if sum(middle) < budget {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut point = cut(0.5 * (low + high));
    // What rounding left over goes to the assets with room.
    let mut left = budget - point.iter().sum::<f64>();
    for at in 0..size {
        let moved = (point[at] + left).clamp(lower[at], upper[at]);
        left -= moved - point[at];
        point[at] = moved;
        if left == 0.0 {
            break;
        }
    }
    point
}
