//! The shape of the distribution: skewness, excess kurtosis, the Jarque-Bera statistic and autocorrelation.

use crate::error::{finite, ratio};
use crate::measure::{is_flat, mean, relative};

/// Returns the biased skewness `m3 / m2^1.5` from central moments over n; undefined for a series that never moves.
pub fn skewness_biased(returns: &[f64]) -> Option<f64> {
    if is_flat(returns) {
        None
    } else {
        ratio(moment(returns, 3)?, moment(returns, 2)?.powf(1.5))
    }
}

/// Returns the biased excess kurtosis `m4 / m2^2 - 3`; undefined for a series that never moves.
///
/// ```
/// // Two equal outcomes have the least kurtosis there is: 1 - 3.
/// assert_eq!(apex_analytics::measure::shape::excess_kurtosis_biased(&[0.01, -0.01]), Some(-2.0));
/// ```
pub fn excess_kurtosis_biased(returns: &[f64]) -> Option<f64> {
    if is_flat(returns) {
        return None;
    }
    ratio(moment(returns, 4)?, moment(returns, 2)?.powi(2)).map(|value| value - 3.0)
}

/// Returns the unbiased skewness `sqrt(n (n - 1)) / (n - 2) * g1` (G1 of pandas); needs three returns.
pub fn skewness_unbiased(returns: &[f64]) -> Option<f64> {
    let count = returns.len() as f64;
    if returns.len() < 3 {
        None
    } else {
        finite((count * (count - 1.0)).sqrt() / (count - 2.0) * skewness_biased(returns)?)
    }
}

/// Returns the unbiased excess kurtosis (G2 of pandas); needs four returns.
///
/// `(n - 1) / ((n - 2)(n - 3)) * ((n + 1) g2 + 6)`.
pub fn excess_kurtosis_unbiased(returns: &[f64]) -> Option<f64> {
    let count = returns.len() as f64;
    if returns.len() < 4 {
        return None;
    }
    let scale = (count - 1.0) / ((count - 2.0) * (count - 3.0));
    finite(scale * ((count + 1.0) * excess_kurtosis_biased(returns)? + 6.0))
}

/// Returns the Jarque-Bera statistic `n / 6 * (g1^2 + g2^2 / 4)` from the biased moments (Jarque and Bera, 1980).
pub fn jarque_bera(returns: &[f64]) -> Option<f64> {
    let (skew, kurtosis) = (skewness_biased(returns)?, excess_kurtosis_biased(returns)?);
    finite(returns.len() as f64 / 6.0 * (skew * skew + kurtosis * kurtosis / 4.0))
}

/// Returns the lag-one autocorrelation: the Pearson correlation of `r[1..]` and `r[..n-1]`; needs three returns.
pub fn autocorrelation_1(returns: &[f64]) -> Option<f64> {
    if returns.len() < 3 {
        None
    } else {
        relative::correlation(returns.get(1..)?, returns.get(..returns.len() - 1)?)
    }
}

/// Returns the central moment of `order` over n.
fn moment(returns: &[f64], order: i32) -> Option<f64> {
    let mean = mean(returns)?;
    ratio(
        returns.iter().map(|value| (value - mean).powi(order)).sum(),
        returns.len() as f64,
    )
}
