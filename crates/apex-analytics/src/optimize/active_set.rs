//! The exact minimum of a quadratic over bounds and a budget, from any start.
//!
//! `min 1/2 x'Qx - c'x` with `lower <= x <= upper` and, where there is a budget, `sum(x) = budget`. Three stages, each
//! of which takes over where the one before left off:
//!
//! 1. pairs of assets exchange weight, the pair that gains most first (the sequential minimal optimization of Platt
//!    1998 with the second-order choice of Fan, Chen and Lin 2005): cheap, and it finds nearly all assets at a bound;
//! 2. all assets on the wrong side change at once (block pivoting, Júdice and Pires 1994), each time solving the free
//!    ones exactly: two or three rounds end it;
//! 3. should the rounds not settle, one asset at a time enters or leaves, which always ends (Nocedal and Wright 2006,
//!    algorithm 16.3).
//!
//! A start near the answer makes the first stage short, so a slider that moves a bound or a target costs little.

use crate::covariance::{SymmetricMatrix, add_scaled};
use crate::error::{AnalyticsError, same_length};
use crate::optimize::factor::Factor;
use crate::optimize::{Bounds, Solution};

/// Where an asset stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Lower,
    Free,
    Upper,
}

/// The problem, whose bounds are known to leave a point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quadratic<'a> {
    pub(super) matrix: &'a SymmetricMatrix,
    pub(super) linear: &'a [f64],
    pub(super) lower: &'a [f64],
    pub(super) upper: &'a [f64],
    pub(super) budget: Option<f64>,
}

/// Returns the weights that minimize `1/2 x'Qx - c'x` within bounds and budget, starting from `start` where one is
/// given, such as the answer to the problem before.
///
/// # Errors
///
/// Refuses vectors of another length than the matrix, bounds that no portfolio keeps, and a matrix that is not positive
/// definite on the assets that are free.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{Bounds, minimize_quadratic};
///
/// // Without a linear part this is the minimum-variance portfolio: weights in proportion to 1/4 and 1/1.
/// let covariance = SymmetricMatrix::new(2, vec![4.0, 0.0, 0.0, 1.0]).unwrap();
/// let solution = minimize_quadratic(&covariance, &[0.0, 0.0], &Bounds::long_only(2), None).unwrap();
/// assert!((solution.weights[1] - 0.8).abs() < 1e-15);
/// let again = minimize_quadratic(&covariance, &[0.0, 0.0], &Bounds::capped(2, 0.7), Some(&solution.weights)).unwrap();
/// assert_eq!(again.weights[1], 0.7);
/// ```
pub fn minimize_quadratic(
    matrix: &SymmetricMatrix,
    linear: &[f64],
    bounds: &Bounds,
    start: Option<&[f64]>,
) -> Result<Solution, AnalyticsError> {
    same_length("linear part", matrix.size(), linear.len())?;
    crate::error::all_finite("linear part", linear)?;
    bounds.check(matrix.size())?;
    if let Some(start) = start {
        same_length("start", matrix.size(), start.len())?;
    }
    let start = bounds.nearest(start);
    let problem = Quadratic {
        matrix,
        linear,
        lower: &bounds.lower,
        upper: &bounds.upper,
        budget: Some(bounds.budget),
    };
    problem.solve(start)
}

impl Quadratic<'_> {
    /// Returns the minimum, from a start that keeps bounds and budget.
    pub(super) fn solve(&self, start: Vec<f64>) -> Result<Solution, AnalyticsError> {
        let mut point = start;
        let mut places = vec![Place::Free; point.len()];
        let mut iterations = self.exchange(&mut point);
        let exchanged = point.clone();
        self.place(&point, &mut places);
        let settled = self.pivot_blocks(&mut point, &mut places, &mut iterations);
        if !settled {
            point = self.feasible(&exchanged);
            self.place(&point, &mut places);
            self.pivot_singly(&mut point, &mut places, &mut iterations)?;
        }
        let kkt_residual = self.residual(&point);
        Ok(Solution {
            weights: point,
            kkt_residual: Some(kkt_residual),
            gap: None,
            iterations,
        })
    }

    /// Exchanges weight between pairs, or moves single assets where there is no budget, until little is gained.
    fn exchange(&self, point: &mut [f64]) -> usize {
        let size = point.len();
        let mut gradient = self.gradient(point);
        let scale = gradient
            .iter()
            .zip(self.linear)
            .fold(f64::MIN_POSITIVE, |scale, (slope, linear)| {
                scale.max(slope.abs()).max(linear.abs())
            });
        let limit = 20 * size + 100;
        for step in 0..limit {
            let Some((gainer, loser)) = self.best_pair(point, &gradient, 1e-4 * scale) else {
                return step;
            };
            let row = self.matrix.row(gainer);
            let (slope, curvature) = match loser {
                Some(loser) => (
                    gradient[gainer] - gradient[loser],
                    row[gainer] + self.matrix.row(loser)[loser] - 2.0 * row[loser],
                ),
                None => (gradient[gainer], row[gainer]),
            };
            let mut moved = if curvature > 0.0 {
                -slope / curvature
            } else {
                f64::INFINITY * -slope.signum()
            };
            moved = moved.clamp(self.lower[gainer] - point[gainer], self.upper[gainer] - point[gainer]);
            if let Some(loser) = loser {
                moved = moved.clamp(point[loser] - self.upper[loser], point[loser] - self.lower[loser]);
            }
            if moved == 0.0 || !moved.is_finite() {
                return step;
            }
            point[gainer] = (point[gainer] + moved).clamp(self.lower[gainer], self.upper[gainer]);
            add_scaled(&mut gradient, moved, row);
            if let Some(loser) = loser {
                point[loser] = (point[loser] - moved).clamp(self.lower[loser], self.upper[loser]);
                add_scaled(&mut gradient, -moved, self.matrix.row(loser));
            }
        }
        limit
    }

    /// Returns who gains weight and who gives it.
    fn best_pair(&self, point: &[f64], gradient: &[f64], least: f64) -> Option<(usize, Option<usize>)> {
        let can_rise = |at: usize| point[at] < self.upper[at];
        let can_fall = |at: usize| point[at] > self.lower[at];
        if self.budget.is_none() {
            let mut best = (None, 0.0);
            for (at, slope) in gradient.iter().copied().enumerate() {
                if (slope < -least && can_rise(at)) || (slope > least && can_fall(at)) {
                    let gain = slope * slope / self.matrix.row(at)[at];
                    if gain > best.1 {
                        best = (Some(at), gain);
                    }
                }
            }
            return best.0.map(|at| (at, None));
        }
        let mut gainer: Option<usize> = None;
        for at in 0..point.len() {
            if can_rise(at) && gainer.is_none_or(|best| gradient[at] < gradient[best]) {
                gainer = Some(at);
            }
        }
        let gainer = gainer?;
        let row = self.matrix.row(gainer);
        let mut best = (None, 0.0);
        for at in 0..point.len() {
            let slope = gradient[at] - gradient[gainer];
            if slope > least && can_fall(at) {
                let curvature = (row[gainer] + self.matrix.row(at)[at] - 2.0 * row[at]).max(f64::MIN_POSITIVE);
                let gain = slope * slope / curvature;
                if gain > best.1 {
                    best = (Some(at), gain);
                }
            }
        }
        best.0.map(|loser| (gainer, Some(loser)))
    }

    /// Reads from a point which assets stand at a bound.
    fn place(&self, point: &[f64], places: &mut [Place]) {
        for (at, place) in places.iter_mut().enumerate() {
            *place = if point[at] <= self.lower[at] {
                Place::Lower
            } else if point[at] >= self.upper[at] {
                Place::Upper
            } else {
                Place::Free
            };
        }
    }

    fn gradient(&self, point: &[f64]) -> Vec<f64> {
        let mut gradient: Vec<f64> = self.linear.iter().map(|value| -value).collect();
        for (at, weight) in point.iter().enumerate() {
            if *weight != 0.0 {
                add_scaled(&mut gradient, *weight, self.matrix.row(at));
            }
        }
        gradient
    }

    /// Solves the free assets with the others where they are; returns them and the multiplier of the budget.
    fn solve_free(&self, factor: &Factor, point: &[f64]) -> Option<(Vec<f64>, f64)> {
        let mut marked = vec![false; point.len()];
        factor.free.iter().for_each(|at| marked[*at] = true);
        let mut right: Vec<f64> = factor.free.iter().map(|at| self.linear[*at]).collect();
        let mut held = 0.0;
        for (at, value) in point.iter().enumerate() {
            if !marked[at] && *value != 0.0 {
                held += value;
                let row = self.matrix.row(at);
                for (own, asset) in right.iter_mut().zip(&factor.free) {
                    *own -= value * row[*asset];
                }
            }
        }
        factor.solve(&mut right);
        let Some(budget) = self.budget else {
            return Some((right, 0.0));
        };
        if factor.len() == 0 {
            return None;
        }
        let mut ones = vec![1.0; factor.len()];
        factor.solve(&mut ones);
        let total: f64 = ones.iter().sum();
        let multiplier = (budget - held - right.iter().sum::<f64>()) / total;
        add_scaled(&mut right, multiplier, &ones);
        Some((right, multiplier))
    }

    /// Lets all assets on the wrong side change at once; says whether that ended.
    fn pivot_blocks(&self, point: &mut [f64], places: &mut [Place], iterations: &mut usize) -> bool {
        let mut fewest = usize::MAX;
        let mut patience = 8;
        loop {
            *iterations += 1;
            let free: Vec<usize> = (0..point.len()).filter(|at| places[*at] == Place::Free).collect();
            let Ok(factor) = Factor::of(self.matrix, &free) else {
                return false;
            };
            for (at, place) in places.iter().enumerate() {
                match place {
                    Place::Lower => point[at] = self.lower[at],
                    Place::Upper => point[at] = self.upper[at],
                    Place::Free => {}
                }
            }
            let Some((solved, multiplier)) = self.solve_free(&factor, point) else {
                return false;
            };
            for (asset, value) in free.iter().zip(&solved) {
                point[*asset] = *value;
            }
            let gradient = self.gradient(point);
            let tolerance = 1e-13 * scale(&gradient, self.linear);
            let mut wrong = 0;
            for (at, place) in places.iter_mut().enumerate() {
                let slope = gradient[at] - multiplier;
                let next = match *place {
                    Place::Free if point[at] < self.lower[at] => Place::Lower,
                    Place::Free if point[at] > self.upper[at] => Place::Upper,
                    Place::Lower if slope < -tolerance && self.lower[at] < self.upper[at] => Place::Free,
                    Place::Upper if slope > tolerance && self.lower[at] < self.upper[at] => Place::Free,
                    same => same,
                };
                if next != *place {
                    *place = next;
                    wrong += 1;
                }
            }
            if wrong == 0 {
                return true;
            }
            if wrong < fewest {
                fewest = wrong;
                patience = 8;
            } else {
                patience -= 1;
                if patience == 0 {
                    return false;
                }
            }
        }
    }

    /// Moves a point into its bounds and onto its budget.
    fn feasible(&self, point: &[f64]) -> Vec<f64> {
        match self.budget {
            None => point
                .iter()
                .enumerate()
                .map(|(at, value)| value.clamp(self.lower[at], self.upper[at]))
                .collect(),
            Some(budget) => super::bounds::nearest(self.lower, self.upper, budget, Some(point)),
        }
    }

    /// Lets one asset at a time enter or leave, from a point within the bounds.
    fn pivot_singly(
        &self,
        point: &mut [f64],
        places: &mut [Place],
        iterations: &mut usize,
    ) -> Result<(), AnalyticsError> {
        let mut factor = Factor::empty(self.matrix);
        for (at, place) in places.iter().enumerate() {
            if *place == Place::Free && !factor.append(self.matrix, at) {
                return Err(AnalyticsError::NotPositiveDefinite { index: at });
            }
        }
        let limit = *iterations + 50 * point.len() + 1000;
        while *iterations < limit {
            *iterations += 1;
            let mut multiplier = None;
            if let Some((solved, level)) = self.solve_free(&factor, point) {
                let mut step = 1.0;
                let mut blocked = None;
                for (place, asset) in factor.free.iter().enumerate() {
                    let (from, to) = (point[*asset], solved[place]);
                    let bound = if to < self.lower[*asset] {
                        self.lower[*asset]
                    } else if to > self.upper[*asset] {
                        self.upper[*asset]
                    } else {
                        continue;
                    };
                    let reach = (bound - from) / (to - from);
                    if reach < step {
                        step = reach.max(0.0);
                        blocked = Some((place, *asset, bound));
                    }
                }
                for (asset, value) in factor.free.iter().zip(&solved) {
                    point[*asset] += step * (value - point[*asset]);
                }
                if let Some((place, asset, bound)) = blocked {
                    point[asset] = bound;
                    places[asset] = if bound == self.lower[asset] {
                        Place::Lower
                    } else {
                        Place::Upper
                    };
                    factor.remove(place);
                    continue;
                }
                multiplier = Some(level);
            }
            let gradient = self.gradient(point);
            let tolerance = 1e-13 * scale(&gradient, self.linear);
            let entering = match multiplier {
                Some(level) => self.most_wrong(places, &gradient, level, tolerance),
                // No asset is free: any multiplier between the two sides will do.
                None => {
                    let low = (0..point.len())
                        .filter(|at| places[*at] == Place::Lower && self.lower[*at] < self.upper[*at])
                        .min_by(|one, other| gradient[*one].total_cmp(&gradient[*other]));
                    let high = (0..point.len())
                        .filter(|at| places[*at] == Place::Upper && self.lower[*at] < self.upper[*at])
                        .max_by(|one, other| gradient[*one].total_cmp(&gradient[*other]));
                    match (low, high) {
                        (Some(low), Some(high)) if gradient[high] - gradient[low] > tolerance => {
                            places[high] = Place::Free;
                            if !factor.append(self.matrix, high) {
                                return Err(AnalyticsError::NotPositiveDefinite { index: high });
                            }
                            Some(low)
                        }
                        _ => None,
                    }
                }
            };
            match entering {
                None => return Ok(()),
                Some(asset) => {
                    places[asset] = Place::Free;
                    if !factor.append(self.matrix, asset) {
                        return Err(AnalyticsError::NotPositiveDefinite { index: asset });
                    }
                }
            }
        }
        Err(AnalyticsError::Unsolved {
            what: "active set",
            reason: format!("{limit} steps were not enough"),
        })
    }

    fn most_wrong(&self, places: &[Place], gradient: &[f64], level: f64, tolerance: f64) -> Option<usize> {
        let mut worst = (None, tolerance);
        for (at, place) in places.iter().enumerate() {
            if self.lower[at] >= self.upper[at] {
                continue;
            }
            let wrong = match place {
                Place::Free => continue,
                Place::Lower => level - gradient[at],
                Place::Upper => gradient[at] - level,
            };
            if wrong > worst.1 {
                worst = (Some(at), wrong);
            }
        }
        worst.0
    }

    /// Returns the largest violation of the optimality conditions, as a share of the largest gradient.
    pub(super) fn residual(&self, point: &[f64]) -> f64 {
        let gradient = self.gradient(point);
        let level = if self.budget.is_some() {
            multiplier(&gradient, point, self.lower, self.upper)
        } else {
            0.0
        };
        let mut residual = 0.0_f64;
        for at in 0..point.len() {
            let slope = gradient[at] - level;
            let wrong = if point[at] <= self.lower[at] && point[at] >= self.upper[at] {
                0.0
            } else if point[at] <= self.lower[at] {
                (-slope).max(0.0)
            } else if point[at] >= self.upper[at] {
                slope.max(0.0)
            } else {
                slope.abs()
            };
            residual = residual.max(wrong);
        }
        let outside = (0..point.len()).fold(0.0_f64, |most, at| {
            most.max(self.lower[at] - point[at]).max(point[at] - self.upper[at])
        });
        let missing = self
            .budget
            .map_or(0.0, |budget| (point.iter().sum::<f64>() - budget).abs());
        (residual / scale(&gradient, self.linear)).max(outside).max(missing)
    }
}

/// Returns the multiplier of the budget that fits a gradient best: the middle of the free assets, else of the range
/// that the bounds allow.
fn multiplier(gradient: &[f64], point: &[f64], lower: &[f64], upper: &[f64]) -> f64 {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let (mut free_low, mut free_high) = (f64::INFINITY, f64::NEG_INFINITY);
    for at in 0..point.len() {
        let (rises, falls) = (point[at] < upper[at], point[at] > lower[at]);
        if rises && falls {
            free_low = free_low.min(gradient[at]);
            free_high = free_high.max(gradient[at]);
        } else if rises {
            high = high.min(gradient[at]);
        } else if falls {
            low = low.max(gradient[at]);
        }
    }
    if free_low <= free_high {
        0.5 * (free_low + free_high)
    } else if low.is_finite() && high.is_finite() {
        0.5 * (low + high)
    } else if low.is_finite() {
        low
    } else if high.is_finite() {
        high
    } else {
        0.0
    }
}

fn scale(gradient: &[f64], linear: &[f64]) -> f64 {
    let largest = |values: &[f64]| values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    largest(gradient).max(largest(linear)).max(f64::MIN_POSITIVE)
}
