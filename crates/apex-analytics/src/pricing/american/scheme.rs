//! How finely the exercise boundary is resolved, and the tables that depend on nothing else.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::pricing::american::boundary::Put;
use crate::pricing::quadrature::gauss_legendre;

/// How exact the price of an American option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accuracy {
    /// At worst about 2e-6 of the strike, mostly 1e-7.
    Fast,
    /// At worst about 1e-8 of the strike, mostly 1e-10.
    Standard,
    /// At worst about 3e-10 of the strike, mostly 1e-12.
    High,
}

impl Accuracy {
    /// Returns the scheme of this accuracy for a put; its tables are made once.
    ///
    /// A yield above the rate moves the boundary's start away from the strike. The bend between the two takes more
    /// nodes.
    pub(super) fn scheme(self, put: &Put) -> &'static Scheme {
        static FAST: OnceLock<Scheme> = OnceLock::new();
        static STANDARD: OnceLock<Scheme> = OnceLock::new();
        static STANDARD_BENT: OnceLock<Scheme> = OnceLock::new();
        static HIGH: OnceLock<Scheme> = OnceLock::new();
        match self {
            Self::Fast => FAST.get_or_init(|| Scheme::new(6, 10, 24, 1e-4)),
            Self::Standard if put.dividend_yield <= put.rate => STANDARD.get_or_init(|| Scheme::new(12, 16, 40, 1e-4)),
            Self::Standard => STANDARD_BENT.get_or_init(|| Scheme::new(16, 20, 48, 1e-4)),
            Self::High => HIGH.get_or_init(|| Scheme::new(32, 48, 128, 1e-8)),
        }
    }
}

/// Nodes, points and tolerance of the spectral method, with the tables made from them.
///
/// Time is taken as `sqrt(tau) cos(theta)` under the integrals: in the angle both ends are smooth, the one where the
/// kernel has a root in its denominator, and the one where the boundary moves as the root of time.
#[derive(Debug)]
pub struct Scheme {
    /// The boundary is solved for at this many moments besides expiry.
    pub(super) nodes: usize,
    /// Points of the integrals inside the equation of the boundary.
    pub(super) points: usize,
    /// The largest change of the logarithm of the boundary at which the iteration stops. The last step's own error is
    /// of second order in it.
    pub(super) tolerance: f64,
    /// `sqrt(tau[i] / T)` of the nodes, ascending to 1; the node at expiry, where the boundary is known, is left out.
    pub(super) roots: Vec<f64>,
    /// Sine, cosine and weight of the points of the equation.
    pub(super) angles: Vec<[f64; 3]>,
    /// From the values at the nodes to those at the points of every node: node by node, point by point.
    pub(super) interpolation: Vec<f64>,
    /// The same with the points of a node side by side.
    pub(super) columns: Vec<f64>,
    /// The least depth of the boundary at the points of a node, as a share of the depth at the node.
    pub(super) least: Vec<f64>,
    /// Sine, cosine and weight of the points of the price.
    pub(super) price_angles: Vec<[f64; 3]>,
    /// From the values at the nodes to those at the points of the price.
    pub(super) price_interpolation: Vec<f64>,
}

impl Scheme {
    /// Returns a scheme that solves for the boundary at `nodes` moments (2 to 40) with `points` points in its equation
    /// and `price_points` in the price (4 to 512 each), until the logarithm of the boundary changes by less than
    /// `tolerance` (at least 1e-14). Values outside are moved to the nearest allowed.
    pub fn new(nodes: usize, points: usize, price_points: usize, tolerance: f64) -> Self {
        let nodes = nodes.clamp(2, 40);
        let points = points.clamp(4, 512);
        // Chebyshev's extrema on [0, 1], ascending; the first is expiry itself.
        let all: Vec<f64> = (0..=nodes)
            .map(|at| (0.5 * std::f64::consts::PI * at as f64 / nodes as f64).sin().powi(2))
            .collect();
        let roots = all[1..].iter().map(|place| place.powf(SPREAD)).collect::<Vec<f64>>();
        let angles = quarter_circle(points);
        let price_angles = quarter_circle(price_points.clamp(4, 512));
        let mut interpolation = Vec::with_capacity(nodes * nodes * points);
        for root in &roots {
            for [_, cosine, _] in &angles {
                interpolation.extend(lagrange(&all, (root * cosine).powf(1.0 / SPREAD)));
            }
        }
        let block = nodes * points;
        let columns = (0..nodes * block)
            .map(|at| {
                let (node, inside) = (at / block, at % block);
                interpolation[node * block + inside % points * nodes + inside / points]
            })
            .collect();
        let least = angles.iter().map(|[_, cosine, _]| LEAST * cosine).collect();
        let price_interpolation = price_angles
            .iter()
            .flat_map(|[_, cosine, _]| lagrange(&all, cosine.powf(1.0 / SPREAD)))
            .collect();
        Self {
            nodes,
            points,
            tolerance: tolerance.max(1e-14),
            roots,
            angles,
            interpolation,
            columns,
            least,
            price_angles,
            price_interpolation,
        }
    }
}

/// The root of time is the place on the axis of the interpolant to this power. At expiry the squared boundary goes like
/// `tau ln(tau)`, which is smoother in a lower root of time; much lower, and the first nodes crowd at expiry.
const SPREAD: f64 = 1.4;

/// The least share of the straight line from expiry that the depth of the boundary has.
const LEAST: f64 = 0.1;

/// Returns sine, cosine and weight of Gauss and Legendre's points on the angles from 0 to a right one.
fn quarter_circle(points: usize) -> Vec<[f64; 3]> {
    let quarter = 0.25 * std::f64::consts::PI;
    gauss_legendre(points)
        .into_iter()
        .map(|(node, weight)| {
            let (sine, cosine) = (quarter * (1.0 + node)).sin_cos();
            [sine, cosine, quarter * weight]
        })
        .collect()
}

/// Returns the weights by which values at `nodes` (Chebyshev's extrema) make the value of their interpolant at `x`,
/// without that of the first node, where the value is zero.
fn lagrange(nodes: &[f64], x: f64) -> Vec<f64> {
    let last = nodes.len() - 1;
    if let Some(hit) = nodes.iter().position(|node| *node == x) {
        return (1..=last).map(|at| if at == hit { 1.0 } else { 0.0 }).collect();
    }
    let weights: Vec<f64> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| {
            let half = if at == 0 || at == last { 0.5 } else { 1.0 };
            let sign = if at % 2 == 0 { 1.0 } else { -1.0 };
            sign * half / (x - node)
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    weights[1..].iter().map(|weight| weight / sum).collect()
}
