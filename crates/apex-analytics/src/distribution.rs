//! The distributions the measures need: normal and chi-square. The error function is that of `libm`, exact
//! to the last digit; the one of `statrs`, which gives the first guess of a quantile, is off by 1e-11.

use libm::erfc;
use statrs::distribution::{ContinuousCDF, Normal};

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
