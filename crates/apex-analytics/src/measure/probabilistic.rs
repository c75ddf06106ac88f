//! How likely a Sharpe ratio is skill: the probabilistic and the deflated Sharpe ratio.
//!
//! Ratios here are per observation, not a year: divide an annualized one by `sqrt(252)`.

use crate::distribution::{normal_cdf, normal_quantile};
use crate::error::{finite, ratio};
use crate::measure::{mean, shape, volatility};

/// The Euler-Mascheroni constant.
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// Returns the probability that the true Sharpe ratio exceeds `benchmark` (Bailey and López de Prado, 2012).
///
/// `N((s - benchmark) sqrt(n - 1) / sqrt(1 - g1 s + (g2 + 2) / 4 s^2))`, with the observed ratio `s`, biased skewness
/// `g1` and excess kurtosis `g2`. Undefined for a series that never moves and for fewer than two returns.
///
/// ```
/// use apex_analytics::measure::probabilistic::probabilistic_sharpe;
///
/// // A ratio is as likely above itself as below.
/// let returns = [0.02, -0.01, 0.03, 0.01];
/// let own = 0.0125 / (0.000_875_f64 / 3.0).sqrt();
/// assert!((probabilistic_sharpe(&returns, own).unwrap() - 0.5).abs() < 1e-12);
/// ```
pub fn probabilistic_sharpe(returns: &[f64], benchmark: f64) -> Option<f64> {
    let observed = sharpe(returns)?;
    let width = standard_error(returns, observed)?;
    finite(normal_cdf(ratio(observed - benchmark, width)?))
}

/// Returns the returns that must be seen before the true Sharpe ratio exceeds `benchmark` with this probability, the
/// minimum track record length (Bailey and López de Prado, 2012).
///
/// `1 + (1 - g1 s + (g2 + 2) / 4 s^2) (z / (s - benchmark))^2`. Undefined as [`probabilistic_sharpe`], where the
/// observed ratio does not exceed the benchmark, and outside a level of (0.5, 1).
pub fn minimum_track_record(returns: &[f64], benchmark: f64, level: f64) -> Option<f64> {
    let observed = sharpe(returns)?;
    if observed <= benchmark || !(level > 0.5 && level < 1.0) {
        return None;
    }
    let variance = standard_error(returns, observed)?.powi(2) * (returns.len() - 1) as f64;
    finite(1.0 + variance * (normal_quantile(level)? / (observed - benchmark)).powi(2))
}

/// Returns the largest Sharpe ratio that is expected of `trials` strategies without skill (Bailey and López de Prado,
/// 2014).
///
/// `sqrt(variance) ((1 - y) z(1 - 1/n) + y z(1 - 1/(n e)))`, with `variance` that of the ratios of the trials and
/// Euler's `y`. 0 for one trial; undefined for none and for a variance below 0.
///
/// ```
/// use apex_analytics::measure::probabilistic::expected_maximum_sharpe;
///
/// // The paper's example: 100 trials whose annual ratios have a variance of 1/2, 250 days a year.
/// let threshold = expected_maximum_sharpe(100, 0.5 / 250.0).unwrap();
/// assert!((threshold - 0.1132).abs() < 5e-5);
/// ```
pub fn expected_maximum_sharpe(trials: usize, variance: f64) -> Option<f64> {
    if trials == 0 || !(variance.is_finite() && variance >= 0.0) {
        return None;
    }
    if trials == 1 {
        return Some(0.0);
    }
    let count = trials as f64;
    let typical = normal_quantile(1.0 - 1.0 / count)?;
    let extreme = normal_quantile(1.0 - 1.0 / (count * std::f64::consts::E))?;
    finite(variance.sqrt() * ((1.0 - EULER_GAMMA) * typical + EULER_GAMMA * extreme))
}

/// Returns the deflated Sharpe ratio: the probability that the true ratio exceeds what the best of `trials` tries
/// without skill would show (Bailey and López de Prado, 2014).
///
/// `variance` is that of the trials' ratios. Undefined as [`probabilistic_sharpe`] and [`expected_maximum_sharpe`].
pub fn deflated_sharpe(returns: &[f64], trials: usize, variance: f64) -> Option<f64> {
    probabilistic_sharpe(returns, expected_maximum_sharpe(trials, variance)?)
}

/// Returns the Sharpe ratio per observation.
fn sharpe(returns: &[f64]) -> Option<f64> {
    ratio(mean(returns)?, volatility::deviation(returns)?)
}

/// Returns the standard error of a Sharpe ratio for returns that are not normal (Mertens, 2002).
fn standard_error(returns: &[f64], sharpe: f64) -> Option<f64> {
    let (skew, kurtosis) = (
        shape::skewness_biased(returns)?,
        shape::excess_kurtosis_biased(returns)?,
    );
    let variance = 1.0 - skew * sharpe + (kurtosis + 2.0) / 4.0 * sharpe * sharpe;
    ratio(variance, (returns.len() - 1) as f64)
        .filter(|variance| *variance > 0.0)
        .map(f64::sqrt)
}
