//! Student's t with location and scale, fitted by maximum likelihood.

use statrs::function::gamma::{digamma, ln_gamma};

use crate::error::{AnalyticsError, all_finite};
use crate::measure::is_flat;
use crate::var::MeanRule;

/// The degrees of freedom looked at. Below the first ES is hardly defined; at the last the distribution is normal for
/// every practical purpose.
const DEGREES: [f64; 15] = [
    1.1, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 25.0, 50.0, 100.0, 300.0, 1000.0,
];

/// A fitted distribution: `location + scale * t` with `t` of so many degrees of freedom.
#[derive(Debug, Clone, PartialEq)]
pub struct StudentFit {
    /// The center.
    pub location: f64,
    /// The scale; the deviation is `scale * sqrt(degrees / (degrees - 2))`.
    pub scale: f64,
    /// The degrees of freedom, between 1.1 and 1000.
    pub degrees: f64,
    /// The log likelihood.
    pub log_likelihood: f64,
    /// How much each value counts: `(degrees + 1) / (degrees + z^2)`. Location and scale are the weighted mean and root
    /// mean square of the values by these.
    pub weights: Vec<f64>,
}

/// Fits Student's t to values by maximum likelihood.
///
/// For given degrees of freedom location and scale are found by the EM algorithm in the form of Kent, Tyler and Vardi
/// (1994); the degrees are the root of the derivative of the likelihood that is left, between the neighbors of the best
/// of a grid. `MeanRule::Zero` holds the location at zero.
///
/// # Errors
///
/// Refuses fewer than three values, values that are not finite, and values that never move or hardly ever do.
///
/// ```
/// use apex_analytics::var::{MeanRule, student::student_fit};
///
/// let values: Vec<f64> = (1..200).map(|rank| {
///     apex_analytics::distribution::student_quantile(f64::from(rank) / 200.0, 4.0).unwrap()
/// }).collect();
/// let fit = student_fit(&values, MeanRule::Sample).unwrap();
/// assert!(fit.location.abs() < 1e-9 && (fit.scale - 1.0).abs() < 0.05);
/// assert!(fit.degrees > 4.0 && fit.degrees < 7.0); // The grid leaves out the ends of the tails.
/// ```
pub fn student_fit(values: &[f64], mean: MeanRule) -> Result<StudentFit, AnalyticsError> {
    all_finite("value", values)?;
    if values.len() < 3 {
        return Err(AnalyticsError::Window {
            what: "distribution",
            length: 3,
            observations: values.len(),
        });
    }
    if is_flat(values) {
        return Err(AnalyticsError::Degenerate {
            what: "series",
            reason: "never moves, so that it has no scale",
        });
    }
    let count = values.len() as f64;
    let center = match mean {
        MeanRule::Sample => values.iter().sum::<f64>() / count,
        MeanRule::Zero => 0.0,
    };
    let unit = (values.iter().map(|value| (value - center).powi(2)).sum::<f64>() / count).sqrt();
    let mut profile = Profile {
        values: values.iter().map(|value| (value - center) / unit).collect(),
        mean,
        location: 0.0,
        square: 0.5,
    };
    let likelihoods: Vec<f64> = DEGREES
        .iter()
        .map(|degrees| {
            profile.settle(*degrees);
            profile.log_likelihood(*degrees)
        })
        .collect();
    let best = (0..DEGREES.len())
        .max_by(|left, right| likelihoods[*left].total_cmp(&likelihoods[*right]))
        .unwrap_or(0);
    let (low, high) = (
        DEGREES[best.saturating_sub(1)],
        DEGREES[(best + 1).min(DEGREES.len() - 1)],
    );
    let degrees = profile.root(low, high);
    profile.settle(degrees);
    if profile.square < 1e-12 {
        return Err(AnalyticsError::Degenerate {
            what: "series",
            reason: "has most of its values at one place, so that no scale is the most likely",
        });
    }
    Ok(StudentFit {
        location: center + profile.location * unit,
        scale: profile.square.sqrt() * unit,
        degrees,
        log_likelihood: profile.log_likelihood(degrees) - count * unit.ln(),
        weights: profile.weights(degrees).collect(),
    })
}

/// Values in units of their deviation, and the location and squared scale that fit them best for some degrees.
struct Profile {
    values: Vec<f64>,
    mean: MeanRule,
    location: f64,
    square: f64,
}

impl Profile {
    /// Finds location and scale for given degrees of freedom, from where they stand.
    fn settle(&mut self, degrees: f64) {
        for _ in 0..1000 {
            let (mut weights, mut first, mut second) = (0.0, 0.0, 0.0);
            for value in &self.values {
                let miss = value - self.location;
                let weight = (degrees + 1.0) / (degrees + miss * miss / self.square);
                weights += weight;
                first += weight * miss;
                second += weight * miss * miss;
            }
            let shift = match self.mean {
                MeanRule::Sample => first / weights,
                MeanRule::Zero => 0.0,
            };
            // Divided by the sum of the weights in place of the count, the steps are much longer.
            let square = (second / weights - shift * shift).max(f64::MIN_POSITIVE);
            let moved = shift.abs().max((square / self.square - 1.0).abs());
            self.location += shift;
            self.square = square;
            if moved < 1e-15 {
                return;
            }
        }
    }

    fn weights(&self, degrees: f64) -> impl Iterator<Item = f64> + '_ {
        self.values
            .iter()
            .map(move |value| (degrees + 1.0) / (degrees + (value - self.location).powi(2) / self.square))
    }

    fn log_likelihood(&self, degrees: f64) -> f64 {
        let count = self.values.len() as f64;
        let spread: f64 = self
            .values
            .iter()
            .map(|value| ((value - self.location).powi(2) / (self.square * degrees)).ln_1p())
            .sum();
        let constant = ln_gamma((degrees + 1.0) / 2.0)
            - ln_gamma(degrees / 2.0)
            - 0.5 * (std::f64::consts::PI * degrees * self.square).ln();
        count * constant - (degrees + 1.0) / 2.0 * spread
    }

    /// Returns the derivative of the settled likelihood in the degrees of freedom, per value.
    fn slope(&mut self, degrees: f64) -> f64 {
        self.settle(degrees);
        let count = self.values.len() as f64;
        let mean: f64 = self
            .values
            .iter()
            .map(|value| {
                let ratio = (value - self.location).powi(2) / (self.square * degrees);
                (degrees + 1.0) / degrees * ratio / (1.0 + ratio) - ratio.ln_1p()
            })
            .sum::<f64>()
            / count;
        0.5 * (digamma((degrees + 1.0) / 2.0) - digamma(degrees / 2.0) - 1.0 / degrees + mean)
    }

    /// Returns where the slope turns from rising to falling, or the end that the likelihood rises towards.
    fn root(&mut self, low: f64, high: f64) -> f64 {
        let (mut low, mut high) = (low.ln(), high.ln());
        let (mut at_low, mut at_high) = (self.slope(low.exp()), self.slope(high.exp()));
        if at_low <= 0.0 {
            return low.exp();
        }
        if at_high >= 0.0 {
            return high.exp();
        }
        // The Illinois rule: a secant that halves the weight of an end that stays twice.
        let mut stayed = 0;
        let mut before = f64::INFINITY;
        for _ in 0..100 {
            let middle = (low * at_high - high * at_low) / (at_high - at_low);
            let slope = self.slope(middle.exp());
            if slope == 0.0 || (middle - before).abs() < 1e-15 {
                return middle.exp();
            }
            before = middle;
            if slope > 0.0 {
                (low, at_low) = (middle, slope);
                at_high *= if stayed == 1 { 0.5 } else { 1.0 };
                stayed = 1;
            } else {
                (high, at_high) = (middle, slope);
                at_low *= if stayed == -1 { 0.5 } else { 1.0 };
                stayed = -1;
            }
        }
        f64::midpoint(low, high).exp()
    }
}
