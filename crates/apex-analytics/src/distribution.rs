//! The distributions the measures need: normal, chi-square, Student's t and F. The error function is that of `libm`,
//! exact to the last digit; the one of `statrs`, which gives the first guess of a quantile, is off by 1e-11.

use libm::erfc;
use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::beta::beta_reg;
use statrs::function::gamma::ln_gamma;

/// Returns the standard normal quantile of `probability`, or `None` outside (0, 1).
///
/// ```
/// let z = apex_analytics::distribution::normal_quantile(0.99).unwrap();
/// assert!((z - 2.326_347_874_040_840_8).abs() < 1e-12);
/// ```
pub fn normal_quantile(probability: f64) -> Option<f64> {
    if !(probability > 0.0 && probability < 1.0) {
        return None;
    }
    let mut z = Normal::standard().inverse_cdf(probability);
    // One Newton step on the side where the distribution function is small keeps the tail exact to the last digits.
    let tail = probability.min(1.0 - probability);
    let side = if probability < 0.5 { z } else { -z };
    let density = normal_density(side);
    if density > 0.0 {
        let correction = (normal_cdf(side) - tail) / density;
        z -= if probability < 0.5 { correction } else { -correction };
    }
    Some(z)
}

/// Returns the standard normal density.
pub fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Returns the standard normal distribution function.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// Returns the probability that a chi-square variable of one degree of freedom exceeds `statistic`.
///
/// ```
/// assert!((apex_analytics::distribution::chi_square_tail_1(3.841_458_820_694_124) - 0.05).abs() < 1e-12);
/// ```
pub fn chi_square_tail_1(statistic: f64) -> f64 {
    if statistic <= 0.0 {
        1.0
    } else {
        erfc((statistic / 2.0).sqrt())
    }
}

/// Returns the probability that a chi-square variable of two degrees of freedom exceeds `statistic`.
pub fn chi_square_tail_2(statistic: f64) -> f64 {
    if statistic <= 0.0 {
        1.0
    } else {
        (-statistic / 2.0).exp()
    }
}

/// Returns the density of Student's t with `degrees` of freedom.
pub fn student_density(t: f64, degrees: f64) -> f64 {
    let constant = ln_gamma((degrees + 1.0) / 2.0) - ln_gamma(degrees / 2.0);
    (constant - 0.5 * (degrees * std::f64::consts::PI).ln() - (degrees + 1.0) / 2.0 * (t * t / degrees).ln_1p()).exp()
}

/// Returns the distribution function of Student's t with `degrees` of freedom.
///
/// ```
/// // The Cauchy distribution: a quarter lies below -1.
/// assert!((apex_analytics::distribution::student_cdf(-1.0, 1.0) - 0.25).abs() < 1e-14);
/// ```
pub fn student_cdf(t: f64, degrees: f64) -> f64 {
    // The side where the incomplete beta function is small keeps the tail exact.
    let square = t * t;
    let tail = if square <= degrees {
        0.5 - 0.5 * beta_reg(0.5, degrees / 2.0, square / (degrees + square))
    } else {
        0.5 * beta_reg(degrees / 2.0, 0.5, degrees / (degrees + square))
    };
    if t < 0.0 { tail } else { 1.0 - tail }
}

/// Returns the quantile of Student's t, or `None` outside (0, 1) and for degrees of freedom not above zero.
///
/// ```
/// // Closed form at two degrees: (2 p - 1) sqrt(2 / (4 p (1 - p))).
/// let t = apex_analytics::distribution::student_quantile(0.99, 2.0).unwrap();
/// assert!((t - 0.98 * (2.0_f64 / (4.0 * 0.99 * 0.01)).sqrt()).abs() < 1e-12);
/// ```
pub fn student_quantile(probability: f64, degrees: f64) -> Option<f64> {
    if !(probability > 0.0 && probability < 1.0 && degrees > 0.0 && degrees.is_finite()) {
        return None;
    }
    let tail = probability.min(1.0 - probability);
    if tail == 0.5 {
        return Some(0.0);
    }
    // The root of an increasing function, from an interval that holds it.
    let (mut low, mut high) = (-1.0, 0.0);
    while student_cdf(low, degrees) > tail {
        high = low;
        low *= 2.0;
        if low < -1e300 {
            return None;
        }
    }
    let mut t = f64::midpoint(low, high);
    for _ in 0..200 {
        let miss = student_cdf(t, degrees) - tail;
        if miss > 0.0 {
            high = t;
        } else {
            low = t;
        }
        let newton = t - miss / student_density(t, degrees);
        let next = if newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        if (next - t).abs() <= 1e-15 * t.abs() {
            break;
        }
        t = next;
    }
    Some(if probability < 0.5 { t } else { -t })
}

/// Returns the probability that an F variable exceeds `statistic`, or `None` for degrees of freedom not above zero.
pub fn f_tail(statistic: f64, numerator: f64, denominator: f64) -> Option<f64> {
    if !(numerator > 0.0 && denominator > 0.0 && statistic >= 0.0) {
        return None;
    }
    let share = denominator / (denominator + numerator * statistic);
    crate::error::finite(beta_reg(denominator / 2.0, numerator / 2.0, share))
}
