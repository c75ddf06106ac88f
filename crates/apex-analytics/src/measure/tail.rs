//! Value at risk and expected shortfall of one return series. Losses are positive numbers, per observation.
//!
//! `level` is the confidence, such as 0.99; the tail has probability `1 - level`. All are undefined for no returns and
//! for a level outside (0.5, 1).

use crate::distribution::{normal_density, normal_quantile};
use crate::error::{finite, ratio};
use crate::measure::{mean, shape, volatility};
use crate::quantile::{QuantileRule, quantile_sorted, snap, sorted};

/// Returns the tail probability of a level.
fn tail_probability(level: f64) -> Option<f64> {
    (level > 0.5 && level < 1.0).then_some(1.0 - level)
}

/// Returns the historical value at risk: minus the quantile of the returns, by a named rule.
///
/// ```
/// use apex_analytics::{measure::tail::historical_var, quantile::QuantileRule};
///
/// let returns: Vec<f64> = (1..=101).map(|day| f64::from(day - 51) / 1000.0).collect(); // -5.0% to 5.0%
/// assert!((historical_var(&returns, 0.95, QuantileRule::Linear).unwrap() - 0.045).abs() < 1e-12);
/// ```
pub fn historical_var(returns: &[f64], level: f64, rule: QuantileRule) -> Option<f64> {
    quantile_sorted(&sorted(returns), tail_probability(level)?, rule).and_then(|value| finite(0.0 - value))
}

/// Returns the mean loss of the returns at or below the linear quantile.
pub fn shortfall_mean_at_or_below(returns: &[f64], level: f64) -> Option<f64> {
    let limit = quantile_sorted(&sorted(returns), tail_probability(level)?, QuantileRule::Linear)?;
    let (sum, count) = returns
        .iter()
        .filter(|value| **value <= limit)
        .fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    ratio(sum, count).map(|mean| 0.0 - mean)
}

/// Returns the expected shortfall with a fractional tail, the coherent one (Acerbi and Tasche, 2002).
///
/// The sum of the `floor(p n)` worst returns and `p n - floor(p n)` times the next, over `p n`.
///
/// ```
/// // Ten returns at 85%: the worst, and half of the second worst.
/// let returns = [-0.05, -0.03, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.01];
/// let shortfall = apex_analytics::measure::tail::shortfall_fractional(&returns, 0.85).unwrap();
/// assert!((shortfall - (0.05 + 0.5 * 0.03) / 1.5).abs() < 1e-12);
/// ```
pub fn shortfall_fractional(returns: &[f64], level: f64) -> Option<f64> {
    let sorted = sorted(returns);
    let tail = snap(sorted.len() as f64 * tail_probability(level)?);
    let whole = tail.floor() as usize;
    let part = tail - tail.floor();
    let next = if part > 0.0 { sorted.get(whole)? * part } else { 0.0 };
    ratio(sorted.get(..whole)?.iter().sum::<f64>() + next, tail).map(|mean| 0.0 - mean)
}

/// Returns the normal value at risk `-(mean + z deviation)`, with `z` the normal quantile of the tail.
///
/// ```
/// // 1,000,000 at a deviation of 1%, mean zero: 23,263.48.
/// let var = apex_analytics::measure::tail::normal_var(0.0, 0.01, 0.99).unwrap();
/// assert!((var * 1e6 - 23_263.478_740_4).abs() < 1e-6);
/// ```
pub fn normal_var(mean: f64, deviation: f64, level: f64) -> Option<f64> {
    finite(-(mean + normal_quantile(tail_probability(level)?)? * deviation))
}

/// Returns the normal expected shortfall `-mean + deviation * density(z) / (1 - level)`.
pub fn normal_shortfall(mean: f64, deviation: f64, level: f64) -> Option<f64> {
    let probability = tail_probability(level)?;
    finite(-mean + deviation * normal_density(normal_quantile(probability)?) / probability)
}

/// Returns the value at risk from the Cornish-Fisher expansion, with biased skewness and excess kurtosis.
///
/// Zangari (1996). Outside moderate skewness and kurtosis the expansion is not monotone in the level.
pub fn cornish_fisher_var(returns: &[f64], level: f64) -> Option<f64> {
    let z = normal_quantile(tail_probability(level)?)?;
    let (skew, kurtosis) = (
        shape::skewness_biased(returns)?,
        shape::excess_kurtosis_biased(returns)?,
    );
    finite(-(mean(returns)? + cornish_fisher_quantile(z, skew, kurtosis) * volatility::deviation(returns)?))
}

/// Returns the adjusted quantile `z + (z^2 - 1) g1 / 6 + (z^3 - 3z) g2 / 24 - (2z^3 - 5z) g1^2 / 36`.
pub fn cornish_fisher_quantile(z: f64, skew: f64, kurtosis: f64) -> f64 {
    let cube = z * z * z;
    z + (z * z - 1.0) * skew / 6.0 + (cube - 3.0 * z) * kurtosis / 24.0 - (2.0 * cube - 5.0 * z) * skew * skew / 36.0
}

/// Returns whether the Cornish-Fisher expansion holds: whether its quantiles rise with the probability everywhere.
///
/// With skewness `s` and excess kurtosis `k` as they stand in the expansion, `s^2 / 9 - 4 (k / 8 - s^2 / 6) (1 - k / 8 -
/// 5 s^2 / 36) <= 0` and `|s| <= 6 (sqrt(2) - 1)` (Maillard, 2012). Outside this domain a quantile of the expansion is none of any distribution: it
/// may fall where the probability rises, and a value at risk may come out negative.
///
/// ```
/// use apex_analytics::measure::tail::cornish_fisher_holds;
///
/// assert!(cornish_fisher_holds(0.0, 0.0)); // The normal distribution.
/// assert!(cornish_fisher_holds(-0.5, 3.0));
/// assert!(!cornish_fisher_holds(-3.0, 3.0) && !cornish_fisher_holds(0.0, 9.0));
/// ```
pub fn cornish_fisher_holds(skew: f64, kurtosis: f64) -> bool {
    let square = skew * skew;
    skew.abs() <= 6.0 * (std::f64::consts::SQRT_2 - 1.0)
        && square / 9.0 - 4.0 * (kurtosis / 8.0 - square / 6.0) * (1.0 - kurtosis / 8.0 - 5.0 * square / 36.0) <= 0.0
}
