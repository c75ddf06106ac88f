//! An exact minimum of expected shortfall, by walking from kink to kink.
//!
//! Rockafellar and Uryasev (2000): the shortfall is the least over `v` of `v + sum(max(loss[t] - v, 0)) / (tail n)`. That is
//! linear between the points where a scenario's loss equals `v`, so the best portfolio is a vertex: as many scenarios
//! tie with `v` as assets are free. The walk is that of Barrodale and Roberts (1973) for absolute deviations: leave
//! the tie or bound whose multiplier is wrong, and go along the edge, past kinks, for as long as the shortfall falls.
//! One step costs the free assets times the scenarios; a program with a row for each scenario is never built.

use crate::covariance::{add_scaled, dot};
use crate::error::AnalyticsError;

/// What to minimize over.
pub(super) struct Shortfall<'a> {
    /// The returns of each asset.
    pub(super) returns: &'a [&'a [f64]],
    /// The least and the largest weight of each asset.
    pub(super) lower: &'a [f64],
    pub(super) upper: &'a [f64],
    /// Rows whose product with the weights stays what it is at the start: the budget, and perhaps the mean.
    pub(super) equalities: Vec<Vec<f64>>,
    /// The probability of the tail, such as 0.05.
    pub(super) tail: f64,
}

/// A vertex with multipliers of the right sign.
pub(super) struct Vertex {
    pub(super) weights: Vec<f64>,
    /// The value at risk of the vertex.
    pub(super) threshold: f64,
    pub(super) residual: f64,
    pub(super) iterations: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    /// The loss is below the threshold.
    Calm,
    /// The loss is above it.
    Tail,
    /// The loss is the threshold.
    Tied,
}

/// What leaves its place.
#[derive(Debug, Clone, Copy)]
enum Leaving {
    /// A tied scenario, by its place among the ties, to the calm side (1) or into the tail (-1).
    Tie(usize, f64),
    /// An asset that is not free, with the sign of its move.
    Asset(usize, f64),
}

struct Walk<'a> {
    problem: &'a Shortfall<'a>,
    /// The most a scenario can count: `1 / (tail n)`.
    share: f64,
    weights: Vec<f64>,
    threshold: f64,
    /// `threshold - loss` of each scenario, with a shift so small that no answer shows it: it keeps ties apart.
    slack: Vec<f64>,
    scenarios: Vec<Scenario>,
    tail_count: usize,
    /// The sum of each asset's returns over the tail.
    tail_sums: Vec<f64>,
    free: Vec<usize>,
    is_free: Vec<bool>,
    ties: Vec<usize>,
    /// The returns of the tied scenarios, asset by asset.
    tie_rows: Vec<Vec<f64>>,
    deviations: Vec<f64>,
}

impl Shortfall<'_> {
    /// Returns the best vertex, walking from a point that keeps the bounds.
    pub(super) fn solve(&self, start: &[f64]) -> Result<Vertex, AnalyticsError> {
        let mut walk = Walk::new(self, start)?;
        let limit = 200 * (self.returns.len() + 10) + 10 * walk.slack.len();
        for iterations in 0..limit {
            let basis = Basis::of(&walk)?;
            let prices = walk.prices(&basis);
            match walk.most_wrong(&prices) {
                Some((leaving, slope)) => walk.step(&basis, leaving, slope)?,
                None => return walk.finish(&basis, &prices, iterations),
            }
        }
        Err(AnalyticsError::Unsolved {
            what: "shortfall simplex",
            reason: format!("{limit} steps were not enough"),
        })
    }
}

/// The multipliers at a vertex.
struct Prices {
    /// Of the ties: how much of each counts.
    ties: Vec<f64>,
    /// The reduced cost of each asset; nearly zero for the free ones.
    reduced: Vec<f64>,
}

impl<'a> Walk<'a> {
    fn new(problem: &'a Shortfall<'a>, start: &[f64]) -> Result<Self, AnalyticsError> {
        let count = problem.returns.first().map_or(0, |column| column.len());
        let tail = crate::quantile::snap(problem.tail * count as f64);
        let share = 1.0 / tail;
        let mut slack = vec![0.0; count];
        for (column, weight) in problem.returns.iter().zip(start) {
            if *weight != 0.0 {
                add_scaled(&mut slack, *weight, column);
            }
        }
        let size = slack
            .iter()
            .fold(0.0_f64, |most, value| most.max(value.abs()))
            .max(1e-300);
        // A fixed sequence without pattern: the fractional parts of multiples of the golden ratio.
        for (at, value) in slack.iter_mut().enumerate() {
            *value += 1e-11 * size * ((at + 1) as f64 * 0.618_033_988_749_894_9).fract();
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|one, other| slack[*one].total_cmp(&slack[*other]).then(one.cmp(other)));
        let whole = (tail.ceil() as usize).saturating_sub(1);
        let tied = *order.get(whole).ok_or(AnalyticsError::Empty {
            what: "list of scenarios",
        })?;
        let threshold = -slack[tied];
        slack.iter_mut().for_each(|value| *value += threshold);
        slack[tied] = 0.0;
        let mut scenarios = vec![Scenario::Calm; count];
        order[..whole].iter().for_each(|at| scenarios[*at] = Scenario::Tail);
        scenarios[tied] = Scenario::Tied;
        let tail_sums = problem
            .returns
            .iter()
            .map(|column| order[..whole].iter().map(|at| column[*at]).sum())
            .collect();
        let mut walk = Self {
            problem,
            share,
            weights: start.to_vec(),
            threshold,
            slack,
            scenarios,
            tail_count: whole,
            tail_sums,
            free: Vec::new(),
            is_free: vec![false; start.len()],
            ties: Vec::new(),
            tie_rows: Vec::new(),
            deviations: problem
                .returns
                .iter()
                .map(|column| crate::measure::volatility::deviation(column).unwrap_or(0.0).max(1e-300))
                .collect(),
        };
        walk.tie(tied);
        for asset in walk.first_free()? {
            walk.is_free[asset] = true;
            walk.free.push(asset);
        }
        Ok(walk)
    }

    /// Returns as many assets as there are equalities, whose columns are the least alike.
    fn first_free(&self) -> Result<Vec<usize>, AnalyticsError> {
        let equalities = &self.problem.equalities;
        let room = |at: usize| {
            (self.weights[at] - self.problem.lower[at])
                .min(self.problem.upper[at] - self.weights[at])
                .min(1.0)
        };
        let movable = |at: &usize| self.problem.lower[*at] < self.problem.upper[*at];
        let size = self.weights.len();
        let first = (0..size)
            .filter(movable)
            .max_by(|one, other| room(*one).total_cmp(&room(*other)));
        let missing = || AnalyticsError::Infeasible {
            conflict: vec!["bounds that leave no asset to move".to_owned()],
        };
        let first = first.ok_or_else(missing)?;
        let Some(means) = equalities.get(1) else {
            return Ok(vec![first]);
        };
        let apart = |at: usize| (means[at] - means[first]).abs() * (room(at) + 1e-6);
        let second = (0..size)
            .filter(movable)
            .filter(|at| means[*at] != means[first])
            .max_by(|one, other| apart(*one).total_cmp(&apart(*other)));
        Ok(vec![first, second.ok_or_else(missing)?])
    }

    fn tie(&mut self, scenario: usize) {
        self.scenarios[scenario] = Scenario::Tied;
        self.slack[scenario] = 0.0;
        self.ties.push(scenario);
        self.tie_rows
            .push(self.problem.returns.iter().map(|column| column[scenario]).collect());
    }

    fn prices(&self, basis: &Basis) -> Prices {
        let mut right: Vec<f64> = self
            .free
            .iter()
            .map(|asset| -self.share * self.tail_sums[*asset])
            .collect();
        right.push(1.0 - self.share * self.tail_count as f64);
        basis.solve_transposed(&mut right);
        let ties = right[..self.ties.len()].to_vec();
        let mut reduced: Vec<f64> = self.tail_sums.iter().map(|sum| -self.share * sum).collect();
        for (row, price) in self.tie_rows.iter().zip(&ties) {
            add_scaled(&mut reduced, -price, row);
        }
        for (row, price) in self.problem.equalities.iter().zip(&right[self.ties.len()..]) {
            add_scaled(&mut reduced, -price, row);
        }
        Prices { ties, reduced }
    }

    /// Returns what gains most by leaving its place, and the slope of the shortfall along the way.
    fn most_wrong(&self, prices: &Prices) -> Option<(Leaving, f64)> {
        let mut best: Option<(Leaving, f64, f64)> = None;
        let mut offer = |leaving: Leaving, slope: f64, merit: f64| {
            if best.as_ref().is_none_or(|(_, _, most)| merit > *most) {
                best = Some((leaving, slope, merit));
            }
        };
        let least = 1e-10;
        for (place, price) in prices.ties.iter().enumerate() {
            if *price < -least * self.share {
                offer(Leaving::Tie(place, 1.0), *price, -price);
            } else if *price > self.share * (1.0 + least) {
                offer(Leaving::Tie(place, -1.0), self.share - price, price - self.share);
            }
        }
        for asset in 0..self.weights.len() {
            if self.is_free[asset] {
                continue;
            }
            let cost = prices.reduced[asset];
            let merit = cost.abs() / self.deviations[asset];
            if merit <= 1e-11 {
                continue;
            }
            let can = if cost < 0.0 {
                self.weights[asset] < self.problem.upper[asset]
            } else {
                self.weights[asset] > self.problem.lower[asset]
            };
            if can {
                offer(Leaving::Asset(asset, -cost.signum()), -cost.abs(), merit);
            }
        }
        best.map(|(leaving, slope, _)| (leaving, slope))
    }

    /// Goes along an edge for as long as the shortfall falls, and changes what is free and what is tied.
    fn step(&mut self, basis: &Basis, leaving: Leaving, slope: f64) -> Result<(), AnalyticsError> {
        let mut change = vec![0.0; self.free.len() + 1];
        match leaving {
            Leaving::Tie(place, sign) => change[place] = sign,
            Leaving::Asset(asset, sign) => {
                for (own, row) in change
                    .iter_mut()
                    .zip(self.tie_rows.iter().chain(&self.problem.equalities))
                {
                    *own = -sign * row[asset];
                }
            }
        }
        basis.solve(&mut change);
        let rise = change[self.free.len()];
        let mut along = vec![rise; self.slack.len()];
        for (asset, moved) in self.free.iter().zip(&change) {
            add_scaled(&mut along, *moved, self.problem.returns[*asset]);
        }
        if let Leaving::Asset(asset, sign) = leaving {
            add_scaled(&mut along, sign, self.problem.returns[asset]);
        }
        // How far until an asset meets a bound.
        let mut reach = f64::INFINITY;
        let mut blocked: Option<(Option<usize>, f64)> = None;
        let mut bound_at = |place: Option<usize>, asset: usize, moved: f64| {
            if moved.abs() < 1e-14 {
                return;
            }
            let bound = if moved > 0.0 {
                self.problem.upper[asset]
            } else {
                self.problem.lower[asset]
            };
            let distance = ((bound - self.weights[asset]) / moved).max(0.0);
            if distance < reach {
                reach = distance;
                blocked = Some((place, bound));
            }
        };
        for (place, (asset, moved)) in self.free.iter().zip(&change).enumerate() {
            bound_at(Some(place), *asset, *moved);
        }
        if let Leaving::Asset(asset, sign) = leaving {
            bound_at(None, asset, sign);
        }
        // The kinks on the way, nearest first; past each the shortfall falls less.
        let mut kinks: Vec<(f64, usize)> = Vec::new();
        for (at, (slack, moved)) in self.slack.iter().zip(&along).enumerate() {
            let crosses = match self.scenarios[at] {
                Scenario::Calm => *moved < -1e-14,
                Scenario::Tail => *moved > 1e-14,
                Scenario::Tied => false,
            };
            if crosses {
                let distance = (-slack / moved).max(0.0);
                if distance < reach {
                    kinks.push((distance, at));
                }
            }
        }
        kinks.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let mut slope = slope;
        let mut crossed = kinks.len();
        let mut stop = None;
        for (place, (distance, at)) in kinks.iter().enumerate() {
            slope += self.share * along[*at].abs();
            if slope >= 0.0 {
                (crossed, stop, reach) = (place, Some(*at), *distance);
                break;
            }
        }
        if stop.is_none() && !reach.is_finite() {
            return Err(AnalyticsError::Parameter {
                what: "bounds of the weights",
                expected: "tight enough that the shortfall has a least value",
                value: f64::MAX,
            });
        }
        for (at, value) in along.iter().enumerate() {
            if self.scenarios[at] != Scenario::Tied {
                self.slack[at] += reach * value;
            }
        }
        self.threshold += reach * rise;
        for (asset, moved) in self.free.iter().zip(&change) {
            self.weights[*asset] =
                (self.weights[*asset] + reach * moved).clamp(self.problem.lower[*asset], self.problem.upper[*asset]);
        }
        for (_, at) in &kinks[..crossed] {
            let entered = self.scenarios[*at] == Scenario::Calm;
            self.cross(*at, entered);
        }
        match leaving {
            Leaving::Asset(asset, sign) => {
                self.weights[asset] += reach * sign;
                match (stop, blocked) {
                    (None, Some((None, bound))) => {
                        self.weights[asset] = bound;
                        return Ok(());
                    }
                    (None, Some((Some(place), bound))) => self.fix(place, bound),
                    _ => {}
                }
                self.is_free[asset] = true;
                self.free.push(asset);
            }
            Leaving::Tie(place, sign) => {
                let scenario = self.ties.swap_remove(place);
                self.tie_rows.swap_remove(place);
                self.slack[scenario] = reach * sign;
                self.scenarios[scenario] = Scenario::Calm;
                if sign < 0.0 {
                    self.cross(scenario, true);
                }
                if let (None, Some((Some(place), bound))) = (stop, blocked) {
                    self.fix(place, bound);
                }
            }
        }
        if let Some(at) = stop {
            if self.scenarios[at] == Scenario::Tail {
                self.cross(at, false);
            }
            self.tie(at);
        }
        Ok(())
    }

    fn fix(&mut self, place: usize, bound: f64) {
        let asset = self.free.swap_remove(place);
        self.is_free[asset] = false;
        self.weights[asset] = bound;
    }

    /// Lets a scenario enter the tail, or leave it.
    fn cross(&mut self, scenario: usize, enters: bool) {
        let (sign, side) = if enters {
            (1.0, Scenario::Tail)
        } else {
            (-1.0, Scenario::Calm)
        };
        self.scenarios[scenario] = side;
        self.tail_count = if enters {
            self.tail_count + 1
        } else {
            self.tail_count - 1
        };
        for (sum, column) in self.tail_sums.iter_mut().zip(self.problem.returns) {
            *sum += sign * column[scenario];
        }
    }

    /// Solves the last vertex without the shift, and measures how far from optimal it is.
    fn finish(mut self, basis: &Basis, prices: &Prices, iterations: usize) -> Result<Vertex, AnalyticsError> {
        let mut rest: Vec<f64> = self
            .tie_rows
            .iter()
            .map(|row| -(dot(row, &self.weights) + self.threshold))
            .collect();
        rest.resize(self.free.len() + 1, 0.0);
        basis.solve(&mut rest);
        for (asset, moved) in self.free.iter().zip(&rest) {
            let kept = (self.weights[*asset] + moved).clamp(self.problem.lower[*asset], self.problem.upper[*asset]);
            self.weights[*asset] = kept;
        }
        self.threshold += rest[self.free.len()];
        let mut residual = 0.0_f64;
        for price in &prices.ties {
            residual = residual.max(-price / self.share).max(price / self.share - 1.0);
        }
        for (asset, cost) in prices.reduced.iter().enumerate() {
            let wrong = if self.is_free[asset] {
                cost.abs()
            } else if self.weights[asset] <= self.problem.lower[asset] {
                -cost
            } else {
                *cost
            };
            if self.problem.lower[asset] < self.problem.upper[asset] {
                residual = residual.max(wrong / self.deviations[asset]);
            }
        }
        Ok(Vertex {
            weights: self.weights,
            threshold: self.threshold,
            residual,
            iterations,
        })
    }
}

/// The equations that hold at a vertex, with their triangular factors: a row for each tie and each equality, a column for
/// each free asset and the threshold.
struct Basis {
    size: usize,
    values: Vec<f64>,
    order: Vec<usize>,
}

impl Basis {
    fn of(walk: &Walk<'_>) -> Result<Self, AnalyticsError> {
        let size = walk.free.len() + 1;
        debug_assert_eq!(
            size,
            walk.ties.len() + walk.problem.equalities.len(),
            "Invariant: a vertex has as many equations as unknowns"
        );
        let mut values = Vec::with_capacity(size * size);
        for row in &walk.tie_rows {
            values.extend(walk.free.iter().map(|asset| row[*asset]));
            values.push(1.0);
        }
        for row in &walk.problem.equalities {
            values.extend(walk.free.iter().map(|asset| row[*asset]));
            values.push(0.0);
        }
        let mut order: Vec<usize> = (0..size).collect();
        for at in 0..size {
            let pivot = (at..size)
                .max_by(|one, other| {
                    values[one * size + at]
                        .abs()
                        .total_cmp(&values[other * size + at].abs())
                })
                .unwrap_or(at);
            if values[pivot * size + at].abs() < 1e-300 {
                return Err(AnalyticsError::Unsolved {
                    what: "shortfall simplex",
                    reason: "assets are combinations of one another".to_owned(),
                });
            }
            if pivot != at {
                let (above, below) = values.split_at_mut(pivot * size);
                above[at * size..(at + 1) * size].swap_with_slice(&mut below[..size]);
                order.swap(at, pivot);
            }
            let (above, below) = values.split_at_mut((at + 1) * size);
            let pivot_row = &above[at * size..];
            for row in below.chunks_exact_mut(size) {
                if row[at] != 0.0 {
                    let factor = row[at] / pivot_row[at];
                    row[at] = factor;
                    add_scaled(&mut row[at + 1..], -factor, &pivot_row[at + 1..]);
                }
            }
        }
        Ok(Self { size, values, order })
    }

    fn row(&self, at: usize) -> &[f64] {
        &self.values[at * self.size..(at + 1) * self.size]
    }

    /// Solves `M x = right` in place.
    fn solve(&self, right: &mut [f64]) {
        let mut solution: Vec<f64> = self.order.iter().map(|at| right[*at]).collect();
        for at in 0..self.size {
            let known = dot(&self.row(at)[..at], &solution[..at]);
            solution[at] -= known;
        }
        for at in (0..self.size).rev() {
            let row = self.row(at);
            let known = dot(&row[at + 1..], &solution[at + 1..]);
            solution[at] = (solution[at] - known) / row[at];
        }
        right.copy_from_slice(&solution);
    }

    /// Solves `M' x = right` in place.
    fn solve_transposed(&self, right: &mut [f64]) {
        for at in 0..self.size {
            let row = self.row(at);
            right[at] /= row[at];
            let value = right[at];
            add_scaled(&mut right[at + 1..], -value, &row[at + 1..]);
        }
        for at in (0..self.size).rev() {
            let value = right[at];
            let (before, _) = right.split_at_mut(at);
            add_scaled(before, -value, &self.row(at)[..at]);
        }
        let solution: Vec<f64> = right.to_vec();
        for (at, source) in self.order.iter().enumerate() {
            right[*source] = solution[at];
        }
    }
}
