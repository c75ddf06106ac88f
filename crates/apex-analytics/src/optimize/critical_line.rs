//! The critical line algorithm: every corner of the efficient frontier, exactly.
//!
//! Markowitz (1956); with both bounds as in Bailey and López de Prado (2013). Between two corners the same assets are
//! free, and the weights are linear in the price of variance. Each corner lets one asset enter or leave, so the factor
//! of the free assets is changed, not computed anew.

use crate::covariance::{SymmetricMatrix, add_scaled, dot};
use crate::error::{AnalyticsError, same_length};
use crate::optimize::Bounds;
use crate::optimize::factor::Factor;

/// A portfolio at which the set of free assets changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Corner {
    /// The variance one pays for a unit of mean: `w` minimizes `w'Sw / 2 - trade_off * mean'w`. Falls from corner to
    /// corner, to zero at the portfolio of least variance.
    pub trade_off: f64,
    /// The weights.
    pub weights: Vec<f64>,
}

/// The corners of a frontier, from the largest mean down to the least variance.
#[derive(Debug, Clone, PartialEq)]
pub struct CriticalLine {
    /// The corners; two neighbors span all efficient portfolios between them.
    pub corners: Vec<Corner>,
    /// How often an asset entered or left.
    pub iterations: usize,
}

/// Returns every corner portfolio between the largest mean and the least variance.
///
/// # Errors
///
/// Refuses vectors of another length than the matrix, an asset without a lower bound (the frontier would have no end), bounds
/// that no portfolio keeps, and free assets whose covariance is not positive definite.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, critical_line};
///
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.01]).unwrap();
/// let line = critical_line(&[0.10, 0.05], &covariance, &Bounds::long_only(2)).unwrap();
/// assert_eq!(line.corners[0].weights, [1.0, 0.0]);
/// assert!((line.corners.last().unwrap().weights[0] - 0.2).abs() < 1e-15);
/// ```
pub fn critical_line(
    means: &[f64],
    covariance: &SymmetricMatrix,
    bounds: &Bounds,
) -> Result<CriticalLine, AnalyticsError> {
    trace(means, covariance, bounds, |_, _| false)
}

/// Returns the corners up to the first segment that `found`.
pub(super) fn trace(
    means: &[f64],
    covariance: &SymmetricMatrix,
    bounds: &Bounds,
    found: impl Fn(&Corner, &Corner) -> bool,
) -> Result<CriticalLine, AnalyticsError> {
    let size = covariance.size();
    same_length("list of means", size, means.len())?;
    crate::error::all_finite("mean", means)?;
    bounds.check(size)?;
    let means = told_apart(means);
    let (weights, first) = bounds.best_by(&means).ok_or_else(|| AnalyticsError::Unsolved {
        what: "critical line",
        reason: "an asset has no lower bound, so the frontier has no end".to_owned(),
    })?;
    let mut walk = Walk::new(&means, covariance, bounds, weights, first)?;
    let mut corners: Vec<Corner> = Vec::new();
    let mut trade_off = f64::INFINITY;
    let mut changed: Option<usize> = None;
    let limit = 100 * size + 1000;
    for iterations in 0..limit {
        let line = walk.line()?;
        let next = walk.next_event(&line, trade_off, changed);
        let reached = next.as_ref().map_or(0.0, |event| event.trade_off);
        if corners.is_empty() {
            corners.push(Corner {
                trade_off: reached,
                weights: walk.weights_at(&line, reached),
            });
        } else if reached < trade_off {
            corners.push(Corner {
                trade_off: reached,
                weights: walk.weights_at(&line, reached),
            });
            if let [.., one, other] = corners.as_slice()
                && found(one, other)
            {
                return Ok(CriticalLine { corners, iterations });
            }
        }
        trade_off = reached;
        match next {
            None => return Ok(CriticalLine { corners, iterations }),
            Some(event) => {
                changed = Some(event.asset);
                walk.apply(&event)?;
            }
        }
    }
    Err(AnalyticsError::Unsolved {
        what: "critical line",
        reason: format!("{limit} corners were not enough"),
    })
}

/// Returns means of which no two are the same: equal ones would leave it open who comes first.
fn told_apart(means: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..means.len()).collect();
    order.sort_by(|one, other| means[*one].total_cmp(&means[*other]).then(other.cmp(one)));
    let scale = means
        .iter()
        .fold(0.0_f64, |most, mean| most.max(mean.abs()))
        .max(1e-300);
    let step = 1e-13 * scale;
    let mut apart = means.to_vec();
    for pair in order.windows(2) {
        if let [before, after] = pair
            && apart[*after] - apart[*before] < step
        {
            apart[*after] = apart[*before] + step;
        }
    }
    apart
}

/// Where the walk stands.
struct Walk<'a> {
    means: &'a [f64],
    covariance: &'a SymmetricMatrix,
    bounds: &'a Bounds,
    factor: Factor,
    free: Vec<bool>,
    /// The weights of the assets at a bound; zero for the free ones.
    fixed: Vec<f64>,
    /// The covariance times `fixed`.
    fixed_risk: Vec<f64>,
}

/// Weights of the free assets as a line in the trade-off, and the slack of the others.
struct Line {
    level: Vec<f64>,
    slope: Vec<f64>,
    slack_level: Vec<f64>,
    slack_slope: Vec<f64>,
}

/// An asset that enters or leaves.
struct Event {
    trade_off: f64,
    asset: usize,
    /// The row of the factor it leaves, and the bound it stays at.
    leaves: Option<(usize, f64)>,
}

impl<'a> Walk<'a> {
    fn new(
        means: &'a [f64],
        covariance: &'a SymmetricMatrix,
        bounds: &'a Bounds,
        weights: Vec<f64>,
        first: usize,
    ) -> Result<Self, AnalyticsError> {
        let size = covariance.size();
        let mut walk = Self {
            means,
            covariance,
            bounds,
            factor: Factor::empty(covariance),
            free: vec![false; size],
            fixed: weights,
            fixed_risk: vec![0.0; size],
        };
        walk.fixed[first] = 0.0;
        for asset in 0..size {
            if walk.fixed[asset] != 0.0 {
                add_scaled(&mut walk.fixed_risk, walk.fixed[asset], covariance.row(asset));
            }
        }
        walk.enter(first)?;
        Ok(walk)
    }

    fn enter(&mut self, asset: usize) -> Result<(), AnalyticsError> {
        if !self.factor.append(self.covariance, asset) {
            return Err(AnalyticsError::NotPositiveDefinite { index: asset });
        }
        self.free[asset] = true;
        Ok(())
    }

    fn apply(&mut self, event: &Event) -> Result<(), AnalyticsError> {
        let row = self.covariance.row(event.asset);
        match event.leaves {
            None => {
                add_scaled(&mut self.fixed_risk, -self.fixed[event.asset], row);
                self.fixed[event.asset] = 0.0;
                self.enter(event.asset)
            }
            Some((place, bound)) => {
                add_scaled(&mut self.fixed_risk, bound, row);
                self.fixed[event.asset] = bound;
                self.free[event.asset] = false;
                self.factor.remove(place);
                Ok(())
            }
        }
    }

    /// Solves `S[F,F] w = trade_off * mean + level * 1 - S[F,B] fixed` with the budget, as a line in the trade-off.
    fn line(&self) -> Result<Line, AnalyticsError> {
        let solved = |values: &dyn Fn(usize) -> f64| {
            let mut right: Vec<f64> = self.factor.free.iter().map(|asset| values(*asset)).collect();
            self.factor.solve(&mut right);
            right
        };
        let ones = solved(&|_| 1.0);
        let by_mean = solved(&|asset| self.means[asset]);
        let by_fixed = solved(&|asset| self.fixed_risk[asset]);
        let total: f64 = ones.iter().sum();
        let budget = self.bounds.budget - self.fixed.iter().sum::<f64>();
        let level_base = (budget + by_fixed.iter().sum::<f64>()) / total;
        let level_slope = -by_mean.iter().sum::<f64>() / total;
        let mut level: Vec<f64> = ones.iter().map(|one| one * level_base).collect();
        add_scaled(&mut level, -1.0, &by_fixed);
        let mut slope = by_mean;
        add_scaled(&mut slope, level_slope, &ones);
        // A sole free asset has no way to move.
        if slope.len() == 1 {
            slope[0] = 0.0;
        }
        let mut slack_level: Vec<f64> = self.fixed_risk.iter().map(|value| value - level_base).collect();
        let mut slack_slope: Vec<f64> = self.means.iter().map(|mean| -mean - level_slope).collect();
        for (place, asset) in self.factor.free.iter().enumerate() {
            let row = self.covariance.row(*asset);
            add_scaled(&mut slack_level, level[place], row);
            add_scaled(&mut slack_slope, slope[place], row);
        }
        Ok(Line {
            level,
            slope,
            slack_level,
            slack_slope,
        })
    }

    /// Returns the first event at or below a trade-off; `None` where the least variance comes first.
    fn next_event(&self, line: &Line, below: f64, changed: Option<usize>) -> Option<Event> {
        let mut best: Option<Event> = None;
        let mut offer = |trade_off: f64, asset: usize, leaves: Option<(usize, f64)>| {
            // The asset that has just changed meets its own corner again; rounding must not send it back.
            let near = changed == Some(asset) && trade_off >= below * (1.0 - 1e-9);
            if !trade_off.is_finite() || trade_off <= 0.0 || near || trade_off > below * (1.0 + 1e-9) {
                return;
            }
            let trade_off = trade_off.min(below);
            if best.as_ref().is_none_or(|event| trade_off > event.trade_off) {
                best = Some(Event {
                    trade_off,
                    asset,
                    leaves,
                });
            }
        };
        for (place, asset) in self.factor.free.iter().enumerate() {
            let (level, slope) = (line.level[place], line.slope[place]);
            if self.factor.len() == 1 {
                continue;
            }
            if slope > 0.0 && self.bounds.lower[*asset].is_finite() {
                let bound = self.bounds.lower[*asset];
                offer((bound - level) / slope, *asset, Some((place, bound)));
            } else if slope < 0.0 && self.bounds.upper[*asset].is_finite() {
                let bound = self.bounds.upper[*asset];
                offer((bound - level) / slope, *asset, Some((place, bound)));
            }
        }
        for asset in 0..self.free.len() {
            if self.free[asset] || self.bounds.lower[asset] >= self.bounds.upper[asset] {
                continue;
            }
            let (level, slope) = (line.slack_level[asset], line.slack_slope[asset]);
            let at_lower = self.fixed[asset] <= self.bounds.lower[asset];
            if (at_lower && slope > 0.0) || (!at_lower && slope < 0.0) {
                offer(-level / slope, asset, None);
            }
        }
        best
    }

    fn weights_at(&self, line: &Line, trade_off: f64) -> Vec<f64> {
        let mut weights = self.fixed.clone();
        for (place, asset) in self.factor.free.iter().enumerate() {
            let weight = line.level[place] + trade_off * line.slope[place];
            weights[*asset] = weight.clamp(self.bounds.lower[*asset], self.bounds.upper[*asset]);
        }
        weights
    }
}

impl CriticalLine {
    /// Returns the portfolio with this mean; the nearest end where the frontier does not reach it.
    pub fn at_mean(&self, means: &[f64], target: f64) -> Vec<f64> {
        let mean = |corner: &Corner| dot(&corner.weights, means);
        let after = self.corners.partition_point(|corner| mean(corner) > target);
        match (
            after.checked_sub(1).and_then(|at| self.corners.get(at)),
            self.corners.get(after),
        ) {
            (Some(above), Some(below)) => {
                let (high, low) = (mean(above), mean(below));
                let share = if high > low { (target - low) / (high - low) } else { 0.0 };
                between(below, above, share.clamp(0.0, 1.0))
            }
            (Some(end), None) | (None, Some(end)) => end.weights.clone(),
            (None, None) => Vec::new(),
        }
    }
}

/// Returns the portfolio a share of the way from one corner to another.
pub(super) fn between(from: &Corner, to: &Corner, share: f64) -> Vec<f64> {
    let pairs = from.weights.iter().zip(&to.weights);
    pairs.map(|(one, other)| (1.0 - share) * one + share * other).collect()
}
