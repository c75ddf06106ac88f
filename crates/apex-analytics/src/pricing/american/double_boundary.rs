//! The put with `q < r < 0` (or the call with `r < q < 0`), which is exercised between two boundaries.
//!
//! Waiting earns on the strike what a negative rate gives, so far in the money the option is held, and near the money
//! the still more negative yield makes it worth exercising. Solved on a grid of logarithms of the spot: Crank and
//! Nicolson's scheme with four implicit half steps first (Rannacher, 1984), time steps that grow away from expiry, and
//! the exercise condition by policy iteration. The grid's own error on the European option is taken off, and two grids
//! are extrapolated to none (Richardson), which leaves about 1e-6 of the price.

use crate::elementary::exp;
use crate::error::AnalyticsError;
use crate::pricing::american::boundary::Put;
use crate::pricing::{OptionKind, Terms, european};

/// What the grid says at the spot.
#[derive(Debug, Clone, Copy)]
pub(super) struct GridValue {
    pub(super) price: f64,
    pub(super) delta: f64,
    pub(super) gamma: f64,
    /// Whether the option should be exercised now.
    pub(super) exercised: bool,
}

/// Cells on each side of the spot and time steps of the coarse grid; the fine one has twice as many of both.
const HALF: usize = 300;
const STEPS: usize = 200;
/// The grid reaches this many deviations beyond spot and strike.
const REACH: f64 = 7.0;

/// Solves for the American value, with the European one of the same grid as the measure of its error.
pub(super) fn unchecked(terms: &Terms) -> Result<GridValue, AnalyticsError> {
    let put = Put::of(terms);
    let exact = european::value(&Terms {
        kind: OptionKind::Put,
        spot: put.spot,
        strike: 1.0,
        years: put.years,
        rate: put.rate,
        dividend_yield: put.dividend_yield,
        volatility: put.volatility,
    })?;
    let (delta, gamma) = exact.greeks.map_or((0.0, 0.0), |greeks| (greeks.delta, greeks.gamma));
    let (_, coarse) = early_exercise(&put, HALF, STEPS);
    let (exercised, fine) = early_exercise(&put, 2 * HALF, 2 * STEPS);
    // The error is of second order in both widths.
    let added = |at: usize| (4.0 * fine[at] - coarse[at]) / 3.0;
    let put_value = [exact.price + added(0), delta + added(1), gamma + added(2)];
    let value = if exercised {
        [1.0 - put.spot, -1.0, 0.0]
    } else {
        put_value
    };
    let (delta, gamma) = match terms.kind {
        OptionKind::Put => (value[1], value[2] / put.unit),
        // The value is of first degree in spot and strike together.
        OptionKind::Call => (
            value[0] - put.spot * value[1],
            put.spot * put.spot * value[2] / put.unit,
        ),
    };
    Ok(GridValue {
        price: put.unit * value[0],
        delta,
        gamma,
        exercised,
    })
}

/// Returns whether the put should be exercised now, and what early exercise adds to value, delta and gamma.
fn early_exercise(put: &Put, half: usize, steps: usize) -> (bool, [f64; 3]) {
    let mut grid = Grid::new(put, half);
    let exercised = grid.run(steps);
    let (american, european) = (grid.read(&grid.american), grid.read(&grid.european));
    let added = [
        american[0] - european[0],
        american[1] - european[1],
        american[2] - european[2],
    ];
    (exercised, added)
}

struct Grid {
    put: Put,
    /// The number of the node at the spot.
    half: usize,
    width: f64,
    spots: Vec<f64>,
    payoff: Vec<f64>,
    american: Vec<f64>,
    european: Vec<f64>,
    held: Vec<bool>,
    right: Vec<f64>,
    ratio: Vec<f64>,
}

impl Grid {
    fn new(put: &Put, half: usize) -> Self {
        let reach = REACH * put.volatility * put.years.sqrt() + put.spot.ln().abs() + 0.1 * put.volatility;
        let drift = (put.rate - put.dividend_yield).abs() * put.years;
        let width = (reach + drift) / half as f64;
        let spots: Vec<f64> = (0..=2 * half)
            .map(|at| put.spot * exp((at as f64 - half as f64) * width))
            .collect();
        // At expiry every node takes the mean of the payoff over its cell, which keeps the kink's place between nodes.
        let mean = |spot: f64| {
            let (low, high) = (spot * exp(-0.5 * width), (spot * exp(0.5 * width)).min(1.0));
            if high <= low {
                0.0
            } else {
                ((high / low).ln() - (high - low)) / width
            }
        };
        let first: Vec<f64> = spots.iter().map(|spot| mean(*spot)).collect();
        let size = spots.len();
        Self {
            put: *put,
            half,
            width,
            payoff: spots.iter().map(|spot| (1.0 - spot).max(0.0)).collect(),
            american: first.clone(),
            european: first,
            spots,
            held: vec![true; size],
            right: vec![0.0; size],
            ratio: vec![0.0; size],
        }
    }

    /// Steps back from expiry to now, and returns whether the option should be exercised at the spot.
    fn run(&mut self, steps: usize) -> bool {
        let moment = |step: f64| self.put.years * (step / steps as f64).powi(2);
        // The first two steps are taken as four implicit ones.
        let mut times: Vec<(f64, f64)> = (0..4).map(|half| (moment(0.5 * f64::from(half) + 0.5), 1.0)).collect();
        times.extend((3..=steps).map(|step| (moment(step as f64), 0.5)));
        let mut before = 0.0;
        for (now, implicit) in times {
            self.step(before, now, implicit, false);
            self.step(before, now, implicit, true);
            before = now;
        }
        !self.held[self.half]
    }

    /// Makes one step of the European or the American values.
    fn step(&mut self, before: f64, now: f64, implicit: f64, american: bool) {
        let Put {
            rate,
            dividend_yield,
            volatility,
            ..
        } = self.put;
        let length = now - before;
        let diffusion = 0.5 * (volatility / self.width).powi(2);
        let drift = 0.5 * (rate - dividend_yield - 0.5 * volatility * volatility) / self.width;
        let (down, up, middle) = (diffusion - drift, diffusion + drift, -2.0 * diffusion - rate);
        let last = self.spots.len() - 1;
        let values = if american {
            &mut self.american
        } else {
            &mut self.european
        };
        for at in 1..last {
            let change = down * values[at - 1] + middle * values[at] + up * values[at + 1];
            self.right[at] = values[at] + (1.0 - implicit) * length * change;
        }
        let waiting = exp(-rate * now) - self.spots[0] * exp(-dividend_yield * now);
        values[0] = if american { waiting.max(self.payoff[0]) } else { waiting };
        values[last] = 0.0;
        let (down, up, middle) = (
            -implicit * length * down,
            -implicit * length * up,
            1.0 - implicit * length * middle,
        );
        if american {
            self.held.fill(true);
        }
        for _ in 0..ROUNDS_MAX {
            // Gaussian elimination; a row where the option is exercised is its payoff alone.
            let mut carried = values[0];
            self.ratio[0] = 0.0;
            for (at, value) in values.iter_mut().enumerate().take(last).skip(1) {
                let (row_down, row_middle, row_up, right) = if american && !self.held[at] {
                    (0.0, 1.0, 0.0, self.payoff[at])
                } else {
                    (down, middle, up, self.right[at])
                };
                let pivot = row_middle - row_down * self.ratio[at - 1];
                self.ratio[at] = row_up / pivot;
                carried = (right - row_down * carried) / pivot;
                *value = carried;
            }
            for at in (1..last).rev() {
                values[at] -= self.ratio[at] * values[at + 1];
            }
            if !american {
                return;
            }
            let mut changed = false;
            let rows = values
                .windows(3)
                .zip(&self.payoff[1..])
                .zip(&self.right[1..])
                .zip(&mut self.held[1..]);
            for (((near, payoff), right), held) in rows {
                let rest = down * near[0] + middle * near[1] + up * near[2] - right;
                let now = *payoff <= 0.0 || rest <= near[1] - payoff;
                changed |= now != *held;
                *held = now;
            }
            if !changed {
                return;
            }
        }
    }

    /// Returns value, delta and gamma at the spot.
    fn read(&self, values: &[f64]) -> [f64; 3] {
        let (below, here, above) = (values[self.half - 1], values[self.half], values[self.half + 1]);
        let slope = (above - below) / (2.0 * self.width);
        let bend = (above - 2.0 * here + below) / (self.width * self.width);
        let spot = self.put.spot;
        [here, slope / spot, (bend - slope) / (spot * spot)]
    }
}

/// More rounds than the exercise region has been seen to need within one step.
const ROUNDS_MAX: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::american::{Accuracy, price};

    #[test]
    fn the_grid_agrees_with_the_spectral_method_where_both_apply() {
        for (rate, dividend_yield, volatility, spot) in [
            (0.05, 0.02, 0.25, 100.0),
            (0.03, 0.05, 0.3, 95.0),
            (0.04, -0.01, 0.15, 105.0),
            (0.0, -0.01, 0.2, 100.0),
        ] {
            let terms = Terms {
                kind: OptionKind::Put,
                spot,
                strike: 100.0,
                years: 1.0,
                rate,
                dividend_yield,
                volatility,
            };
            let exact = price(&terms, Accuracy::High).unwrap_or(f64::NAN);
            let grid = unchecked(&terms).map_or(f64::NAN, |grid| grid.price);
            assert!((grid - exact).abs() < 2e-5, "{terms:?}: {grid} instead of {exact}");
        }
    }
}
