//! The equations that the exercise boundary of a put solves, and Newton's steps towards their solution.

use crate::elementary::{INVERSE_ROOT_TWO_PI, exp, normal};
use crate::pricing::american::boundary::Put;
use crate::pricing::american::scheme::Scheme;

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
/// The boundary is `K N / D`, with `N` the discounted density of the interest until expiry, and `D` the discounted
/// chance of the strike and the yield until then: system A of the authors without the two densities at expiry, which
/// are equal. It says that value and payoff have one slope at the boundary. It is taken in logarithms, in which a
/// boundary that is too deep or too shallow is told nearly in proportion, and with all its derivatives, so that a few
/// rounds do.
pub(super) struct System<'a> {
    put: Put,
    scheme: &'a Scheme,
    kernels: Kernels,
    points: Points,
    /// The derivatives, row by row.
    matrix: Vec<f64>,
    /// The residuals, and after solving the steps.
    pub(super) steps: Vec<f64>,
}

impl<'a> System<'a> {
    pub(super) fn new(put: &Put, scheme: &'a Scheme) -> Self {
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
    pub(super) fn fill(&mut self, start: f64, depths: &[f64], squares: &[f64]) {
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
    pub(super) fn solve(&mut self) {
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

/// Returns the sum of the products of two columns.
#[inline(always)]
pub(super) fn dot(row: &[f64], values: &[f64]) -> f64 {
    row.iter().zip(values).map(|(weight, value)| weight * value).sum()
}
