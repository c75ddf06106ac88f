//! The exercise boundary of a put, and the premium that it makes.

use crate::pricing::american::scheme::Scheme;
use crate::pricing::elementary::{INVERSE_ROOT_TWO_PI, exp, normal};
use crate::pricing::{OptionKind, Terms};

/// A put in units of its strike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put {
    /// What one unit is in money: the strike of the put.
    pub(super) unit: f64,
    pub(super) spot: f64,
    pub(super) rate: f64,
    pub(super) dividend_yield: f64,
    pub(super) volatility: f64,
    pub(super) years: f64,
}

impl Put {
    /// Returns the put of the same value: itself, or that of a call, with its two sides exchanged.
    pub(super) fn of(terms: &Terms) -> Self {
        let (spot, strike, rate, dividend_yield) = match terms.kind {
            OptionKind::Put => (terms.spot, terms.strike, terms.rate, terms.dividend_yield),
            OptionKind::Call => (terms.strike, terms.spot, terms.dividend_yield, terms.rate),
        };
        Self {
            unit: strike,
            spot: spot / strike,
            rate,
            dividend_yield,
            volatility: terms.volatility,
            years: terms.years,
        }
    }

    /// Returns the logarithm of the boundary at expiry, `min(1, r / q)`.
    fn log_start(&self) -> f64 {
        if self.dividend_yield > self.rate {
            (self.rate / self.dividend_yield).ln()
        } else {
            0.0
        }
    }

    /// Returns the logarithm of the boundary of a put that never expires: `l / (l - 1)` with the negative root `l` of
    /// `sigma^2 l (l - 1) / 2 + (r - q) l - r`.
    fn log_end(&self) -> f64 {
        let variance = self.volatility * self.volatility;
        let half = (self.rate - self.dividend_yield) / variance - 0.5;
        let square = half.hypot((2.0 * self.rate / variance).sqrt());
        // Of the two ways to write the root, the one that does not cancel.
        let root = if half > 0.0 {
            -half - square
        } else {
            -2.0 * self.rate / (variance * (square - half))
        };
        (-root / (1.0 - root)).ln()
    }
}

/// The boundary of a put from now to expiry.
#[derive(Debug)]
pub(super) struct Boundary<'a> {
    put: Put,
    scheme: &'a Scheme,
    log_start: f64,
    /// The squared logarithm of the boundary over its value at expiry, at the nodes: nearly a polynomial in the root of time.
    squares: Vec<f64>,
}

/// What early exercise adds, in units of the strike, and its derivatives for the spot in the same units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Premium {
    pub(super) value: f64,
    pub(super) slope: f64,
    pub(super) bend: f64,
}

impl<'a> Boundary<'a> {
    /// Solves for the boundary of a put with `r > 0`, or `r = 0` and `q < 0`.
    ///
    /// `None` where the steps do not settle.
    pub(super) fn solve(put: &Put, scheme: &'a Scheme) -> Option<Self> {
        let (start, end) = (put.log_start(), put.log_end());
        let depth_max = (start - end).max(0.0);
        let mut depths: Vec<f64> = scheme
            .roots
            .iter()
            .map(|root| first_guess(put, depth_max, *root))
            .collect();
        let mut squares: Vec<f64> = depths.iter().map(|depth| depth * depth).collect();
        let mut system = System::new(put, scheme);
        let mut before = f64::INFINITY;
        for _ in 0..ROUNDS_MAX {
            system.fill(start, &depths, &squares);
            system.solve();
            let mut change: f64 = 0.0;
            for ((depth, square), step) in depths.iter_mut().zip(&mut squares).zip(&system.steps) {
                // A step never leaves the range of the boundary, nor most of the way to its ends at once.
                let next = (*depth - step).clamp(0.2 * *depth, (*depth * 4.0).min(depth_max));
                let moved = (next - *depth).abs();
                change = if moved > change || moved.is_nan() {
                    moved
                } else {
                    change
                };
                *depth = next;
                *square = next * next;
            }
            if !change.is_finite() {
                return None;
            }
            // Rounding may keep the last digits moving.
            let settled = change < 1e-8 && change > 0.5 * before;
            before = change;
            if change <= scheme.tolerance || settled {
                return Some(Self {
                    put: *put,
                    scheme,
                    log_start: start,
                    squares,
                });
            }
        }
        None
    }

    /// Returns the boundary now, in units of the strike.
    pub(super) fn last(&self) -> f64 {
        exp(self.log_last())
    }

    fn log_last(&self) -> f64 {
        self.log_start - self.squares.last().map_or(0.0, |square| square.sqrt())
    }

    /// Returns what early exercise adds at a spot, or `None` at and below the boundary.
    ///
    /// The integral of Kim (1990): interest on the strike less the yield of the underlying, while it is exercised.
    pub(super) fn premium(&self, spot: f64) -> Option<Premium> {
        let log_spot = spot.ln();
        if log_spot <= self.log_last() {
            return None;
        }
        let Put {
            rate,
            dividend_yield,
            volatility,
            years,
            ..
        } = self.put;
        let drift = (rate - dividend_yield) / volatility - 0.5 * volatility;
        let rows = self.scheme.price_interpolation.chunks_exact(self.scheme.nodes);
        let mut premium = Premium {
            value: 0.0,
            slope: 0.0,
            bend: 0.0,
        };
        for ([sine, cosine, weight], row) in self.scheme.price_angles.iter().zip(rows) {
            let root = years.sqrt() * sine;
            let deviation = volatility * root;
            let ahead = log_spot - self.log_start + dot(row, &self.squares).max(0.0).sqrt();
            let d2 = ahead / deviation + drift * root;
            let (below_2, bell_2) = normal(-d2);
            let (below_1, bell_1) = normal(-d2 - deviation);
            let weight = weight * 2.0 * years * sine * cosine;
            let interest = weight * rate * exp(-rate * root * root);
            let income = weight * dividend_yield * exp(-dividend_yield * root * root);
            premium.value += interest * below_2 - income * spot * below_1;
            premium.slope += income * (bell_1 / deviation - below_1) - interest * bell_2 / (spot * deviation);
            premium.bend += interest * bell_2 / (spot * spot * deviation) * (1.0 + d2 / deviation)
                - income * bell_1 / (spot * deviation) * (d2 / deviation);
        }
        Some(premium)
    }
}

/// More rounds than any put has been seen to need.
const ROUNDS_MAX: usize = 60;

/// Returns a first depth of the boundary below its start: near expiry by its known expansions there (Evans, Kuske and
/// Keller, 2002), in the end the depth of the put that never expires.
fn first_guess(put: &Put, depth_max: f64, root: f64) -> f64 {
    let years = put.years * root * root;
    let drift = put.rate - put.dividend_yield;
    let factor = if drift < 0.0 {
        0.64
    } else {
        // The logarithms of both expansions, joined without a kink, which the interpolant would swing about.
        let steep = 8.0 * std::f64::consts::PI * years * (drift / put.volatility).powi(2);
        let even = 4.0 * std::f64::consts::PI * (put.rate * years).powi(2);
        0.8 * (4.5 + 1.0 / (steep + even)).ln().sqrt()
    };
    let moved = factor * put.volatility * years.sqrt();
    if depth_max.is_finite() && depth_max > 0.0 {
        -depth_max * (-moved / depth_max).exp_m1()
    } else {
        moved
    }
}

/// What of the integrals stays the same while the boundary is sought: columns with an entry for each pair of node and
/// point, node by node.
struct Kernels {
    /// `1 / (sigma sqrt(t))`.
    inverse: Vec<f64>,
    /// `((r - q) / sigma - sigma / 2) sqrt(t)`.
    drift: Vec<f64>,
    /// `sigma sqrt(t)`.
    deviation: Vec<f64>,
    /// Weight, rate and discount of the interest, over the deviation.
    above: Vec<f64>,
    /// Weight, yield and discount of the yield.
    below: Vec<f64>,
}

/// What changes at the points of one node from round to round.
struct Points {
    /// The depth of the boundary, first its square.
    depth: Vec<f64>,
    /// One over it, or zero where it is held.
    inverse: Vec<f64>,
    d2: Vec<f64>,
    bell_2: Vec<f64>,
    below_1: Vec<f64>,
    bell_1: Vec<f64>,
}

/// The equations of the boundary at the nodes, and Newton's steps towards their solution.
///
/// The boundary is `K N / D`, with `N` the discounted density of the interest until expiry, and `D` the discounted chance
/// of the strike and the yield until then: system A of the authors without the two densities at expiry, which are equal.
/// It says that value and payoff have one slope at the boundary. It is taken in logarithms, in which a boundary that is
/// too deep or too shallow is told nearly in proportion, and with all its derivatives, so that a few rounds do.
struct System<'a> {
    put: Put,
    scheme: &'a Scheme,
    kernels: Kernels,
    points: Points,
    /// The derivatives, row by row.
    matrix: Vec<f64>,
    /// The residuals, and after solving the steps.
    steps: Vec<f64>,
}

impl<'a> System<'a> {
    fn new(put: &Put, scheme: &'a Scheme) -> Self {
        let drift = (put.rate - put.dividend_yield) / put.volatility - 0.5 * put.volatility;
        let root_years = put.years.sqrt();
        let column = || vec![0.0; scheme.nodes * scheme.points];
        let mut kernels = Kernels {
            inverse: column(),
            drift: column(),
            deviation: column(),
            above: column(),
            below: column(),
        };
        let mut at = 0;
        for root in &scheme.roots {
            let root = root * root_years;
            for [sine, cosine, weight] in &scheme.angles {
                let root_left = root * sine;
                let left = root_left * root_left;
                let weight = 2.0 * weight * root * root * sine * cosine;
                let deviation = put.volatility * root_left;
                kernels.inverse[at] = 1.0 / deviation;
                kernels.drift[at] = drift * root_left;
                kernels.deviation[at] = deviation;
                kernels.above[at] = weight * put.rate * exp(-put.rate * left) / deviation;
                kernels.below[at] = weight * put.dividend_yield * exp(-put.dividend_yield * left);
                at += 1;
            }
        }
        let point = || vec![0.0; scheme.points];
        Self {
            put: *put,
            scheme,
            kernels,
            points: Points {
                depth: point(),
                inverse: point(),
                d2: point(),
                bell_2: point(),
                below_1: point(),
                bell_1: point(),
            },
            matrix: vec![0.0; scheme.nodes * scheme.nodes],
            steps: vec![0.0; scheme.nodes],
        }
    }

    /// Reads the boundary at the points of one node, and the normal functions of its distance. Loops without branches.
    fn look(&mut self, node: usize, depth: f64, squares: &[f64]) {
        let (nodes, count) = (self.scheme.nodes, self.scheme.points);
        let columns = &self.scheme.columns[node * nodes * count..(node + 1) * nodes * count];
        let Points {
            depth: depths,
            inverse: inverses,
            d2: d2s,
            bell_2,
            below_1,
            bell_1,
        } = &mut self.points;
        depths.fill(0.0);
        for (weights, square) in columns.chunks_exact(count).zip(squares) {
            for (sum, weight) in depths.iter_mut().zip(weights) {
                *sum += weight * square;
            }
        }
        let own = node * count..(node + 1) * count;
        let kernels = self.kernels.inverse[own.clone()]
            .iter()
            .zip(&self.kernels.drift[own.clone()]);
        let columns = depths.iter_mut().zip(inverses.iter_mut()).zip(d2s.iter_mut());
        for (((point, inverse), d2), ((kernel, drift), least)) in columns.zip(kernels.zip(&self.scheme.least)) {
            // The depth is nearly straight in the root of time, or bent down. What falls far below the straight line is
            // the interpolant's swing about a boundary not yet found.
            let least = depth * least;
            let free = *point > least * least;
            let root = (*point).max(0.0).sqrt();
            *point = if free { root } else { least };
            *inverse = if free { 1.0 / *point } else { 0.0 };
            *d2 = (*point - depth) * kernel + drift;
        }
        for (bell, d2) in bell_2.iter_mut().zip(d2s.iter()) {
            *bell = exp(-0.5 * d2 * d2) * INVERSE_ROOT_TWO_PI;
        }
        if self.put.dividend_yield != 0.0 {
            let deviations = &self.kernels.deviation[own];
            for ((below, bell), (d2, deviation)) in below_1
                .iter_mut()
                .zip(bell_1.iter_mut())
                .zip(d2s.iter().zip(deviations))
            {
                (*below, *bell) = normal(d2 + deviation);
            }
        }
    }

    /// Writes the residuals `ln(N) - ln(D) - ln(B)` at every node, and their derivatives for the depths of all.
    fn fill(&mut self, start: f64, depths: &[f64], squares: &[f64]) {
        let (nodes, count) = (self.scheme.nodes, self.scheme.points);
        let drift = (self.put.rate - self.put.dividend_yield) / self.put.volatility - 0.5 * self.put.volatility;
        for (node, depth) in depths.iter().copied().enumerate() {
            self.look(node, depth, squares);
            let root = self.scheme.roots[node] * self.put.years.sqrt();
            let deviation = self.put.volatility * root;
            let (below_1, bell_1) = normal((start - depth) / deviation + drift * root + deviation);
            let carried = exp(-self.put.dividend_yield * root * root);
            // A negative yield stands on the side of the interest, so that both sides are sums of positive terms.
            let negative = self.put.dividend_yield < 0.0;
            let swap = if negative { -exp(start - depth) } else { 0.0 };
            let (mut interest_sum, mut yield_sum, mut interest_slope, mut yield_slope) = (0.0, 0.0, 0.0, 0.0);
            for at in 0..count {
                let (kernel, points) = (node * count + at, &mut self.points);
                let inverse = self.kernels.inverse[kernel];
                let below = self.kernels.below[kernel];
                let interest = self.kernels.above[kernel] * points.bell_2[at];
                let density = below * points.bell_1[at] * inverse;
                let slope = -points.d2[at] * inverse;
                interest_sum += interest;
                yield_sum += below * points.below_1[at] + density;
                interest_slope += interest * slope;
                yield_slope += density * slope;
                // From here on: how both sums change with the depth at the point.
                points.bell_2[at] = interest * slope * points.inverse[at];
                points.bell_1[at] = density * slope * points.inverse[at];
            }
            let first = carried * below_1;
            let first_slope = carried * bell_1 / deviation;
            let (above, below, above_slope, below_slope) = if negative {
                let above_slope = interest_slope + swap * (yield_slope + yield_sum);
                (interest_sum + swap * yield_sum, first, above_slope, first_slope)
            } else {
                (
                    interest_sum,
                    first + yield_sum,
                    interest_slope,
                    first_slope + yield_slope,
                )
            };
            let (interest_share, yield_share) = (1.0 / above, if negative { swap / above } else { -1.0 / below });
            let rows = &self.scheme.interpolation[node * count * nodes..(node + 1) * count * nodes];
            let row = &mut self.matrix[node * nodes..(node + 1) * nodes];
            row.fill(0.0);
            let parts = self.points.bell_2.iter().zip(&self.points.bell_1);
            for ((interest, income), weights) in parts.zip(rows.chunks_exact(nodes)) {
                let slope = interest * interest_share + income * yield_share;
                for (entry, weight) in row.iter_mut().zip(weights) {
                    *entry += slope * weight;
                }
            }
            for (entry, depth) in row.iter_mut().zip(depths) {
                *entry *= depth;
            }
            row[node] += 1.0 - above_slope / above + below_slope / below;
            self.steps[node] = (above / below).ln() - (start - depth);
        }
    }

    /// Turns the residuals into Newton's steps, by elimination with the largest pivot of each column.
    fn solve(&mut self) {
        let size = self.scheme.nodes;
        for column in 0..size {
            let pivot = (column..size)
                .max_by(|left, right| {
                    let entry = |row: &usize| self.matrix[row * size + column].abs();
                    entry(left).total_cmp(&entry(right))
                })
                .unwrap_or(column);
            if pivot != column {
                for at in 0..size {
                    self.matrix.swap(pivot * size + at, column * size + at);
                }
                self.steps.swap(pivot, column);
            }
            let (done, rest) = self.matrix.split_at_mut((column + 1) * size);
            let first = &done[column * size..];
            for (below, row) in rest.chunks_exact_mut(size).enumerate() {
                let factor = row[column] / first[column];
                for (entry, above) in row[column..].iter_mut().zip(&first[column..]) {
                    *entry -= factor * above;
                }
                self.steps[column + 1 + below] -= factor * self.steps[column];
            }
        }
        for row in (0..size).rev() {
            let known = dot(
                &self.matrix[row * size + row + 1..(row + 1) * size],
                &self.steps[row + 1..],
            );
            self.steps[row] = (self.steps[row] - known) / self.matrix[row * size + row];
        }
    }
}

#[inline(always)]
fn dot(row: &[f64], values: &[f64]) -> f64 {
    row.iter().zip(values).map(|(weight, value)| weight * value).sum()
}
