//! The exercise boundary of a put, and the premium that it makes.

use crate::elementary::{exp, normal};
use crate::pricing::american::scheme::Scheme;
use crate::pricing::american::system::{System, dot};
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
    /// The squared logarithm of the boundary over its value at expiry, at the nodes: nearly a polynomial in the root of
    /// time.
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
