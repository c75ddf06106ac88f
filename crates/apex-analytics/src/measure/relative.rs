//! Measures against a benchmark. Both series must be of the same length; otherwise every answer is `None`.

use crate::error::{finite, ratio};
use crate::measure::{OBSERVATIONS_A_YEAR, growth, is_flat, mean, volatility};

/// Returns the sample covariance (n - 1).
pub fn covariance(first: &[f64], second: &[f64]) -> Option<f64> {
    if first.len() != second.len() || first.len() < 2 {
        return None;
    }
    let (mean_first, mean_second) = (mean(first)?, mean(second)?);
    let cross: f64 = first
        .iter()
        .zip(second)
        .map(|(one, two)| (one - mean_first) * (two - mean_second))
        .sum();
    finite(cross / (first.len() - 1) as f64)
}

/// Returns the Pearson correlation; undefined when either series never moves.
///
/// ```
/// let correlation = apex_analytics::measure::relative::correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 7.0]).unwrap();
/// assert!((correlation - 0.993_399_267_798_783).abs() < 1e-12); // 2.5 / sqrt(1 * 6.333...)
/// ```
pub fn correlation(first: &[f64], second: &[f64]) -> Option<f64> {
    if is_flat(first) || is_flat(second) {
        return None;
    }
    let covariance = covariance(first, second)?;
    ratio(
        covariance,
        volatility::deviation(first)? * volatility::deviation(second)?,
    )
    .map(|value| value.clamp(-1.0, 1.0))
}

/// Returns beta, `cov(r, b) / var(b)`; undefined when the benchmark never moves.
pub fn beta(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    if is_flat(benchmark) {
        None
    } else {
        ratio(covariance(returns, benchmark)?, covariance(benchmark, benchmark)?)
    }
}

/// Returns Jensen's alpha a year, arithmetic: `(mean(r) - beta mean(b)) * 252` (Jensen, 1968), no risk-free rate.
pub fn alpha_arithmetic(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    finite((mean(returns)? - beta(returns, benchmark)? * mean(benchmark)?) * OBSERVATIONS_A_YEAR)
}

/// Returns alpha a year, compounded: `(1 + mean(r) - beta mean(b))^252 - 1`, as empyrical does.
pub fn alpha_compounded(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    let daily = alpha_arithmetic(returns, benchmark)? / OBSERVATIONS_A_YEAR;
    finite((1.0 + daily).powf(OBSERVATIONS_A_YEAR) - 1.0)
}

/// Returns the annualized volatility of the residuals of r on b, with n - 2 degrees of freedom.
pub fn residual_volatility(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    let beta = beta(returns, benchmark)?;
    let (mean_returns, mean_benchmark) = (mean(returns)?, mean(benchmark)?);
    if returns.len() < 3 {
        return None;
    }
    let squares: f64 = returns
        .iter()
        .zip(benchmark)
        .map(|(own, other)| ((own - mean_returns) - beta * (other - mean_benchmark)).powi(2))
        .sum();
    finite((squares / (returns.len() - 2) as f64 * OBSERVATIONS_A_YEAR).sqrt())
}

/// Returns the Treynor ratio `252 mean(r) / beta` (Treynor, 1965), no risk-free rate.
pub fn treynor(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    ratio(mean(returns)? * OBSERVATIONS_A_YEAR, beta(returns, benchmark)?)
}

/// Returns the annualized tracking error, the deviation of `r - b` times `sqrt(252)`.
pub fn tracking_error(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    volatility::annualized(&active(returns, benchmark)?)
}

/// Returns the information ratio `mean(r - b) / stdev(r - b) * sqrt(252)`; undefined when the series track exactly.
pub fn information_ratio(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    crate::measure::sharpe::sharpe(&active(returns, benchmark)?, 0.0)
}

/// Returns the appraisal ratio: Jensen's alpha a year over the annualized volatility of the residuals (Treynor and
/// Black, 1973), no risk-free rate; undefined for a series that is nothing but its benchmark.
pub fn appraisal(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    ratio(
        alpha_arithmetic(returns, benchmark)?,
        residual_volatility(returns, benchmark)?,
    )
}

/// Returns M2: the return a year at the benchmark's volatility, `252 (rf + (mean(r) - rf) stdev(b) / stdev(r))`
/// (Modigliani and Modigliani, 1997). `risk_free` is per observation.
///
/// ```
/// // Twice the benchmark's risk for twice its return is the same at its risk.
/// let m2 = apex_analytics::measure::relative::m_squared(&[0.04, -0.02], &[0.02, -0.01], 0.0).unwrap();
/// assert!((m2 - 252.0 * 0.005).abs() < 1e-12);
/// ```
pub fn m_squared(returns: &[f64], benchmark: &[f64], risk_free: f64) -> Option<f64> {
    let scale = ratio(volatility::deviation(benchmark)?, volatility::deviation(returns)?)?;
    finite((risk_free + (mean(returns)? - risk_free) * scale) * OBSERVATIONS_A_YEAR)
}

/// Returns the batting average: the share of periods in which the series beat its benchmark.
pub fn batting_average(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    let active = active(returns, benchmark)?;
    ratio(
        active.iter().filter(|value| **value > 0.0).count() as f64,
        active.len() as f64,
    )
}

/// Returns the active returns `r - b`.
fn active(returns: &[f64], benchmark: &[f64]) -> Option<Vec<f64>> {
    (returns.len() == benchmark.len()).then(|| returns.iter().zip(benchmark).map(|(own, other)| own - other).collect())
}

/// Returns the up capture: growth a year on days the benchmark rose, over the benchmark's own.
///
/// Growth is geometric and annualized by the number of those days. Undefined without such a day.
pub fn up_capture(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    capture(returns, benchmark, |value| value > 0.0)
}

/// Returns the down capture: as [`up_capture`] for the days on which the benchmark fell.
pub fn down_capture(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    capture(returns, benchmark, |value| value < 0.0)
}

/// Returns the ratio of the growth rates over the chosen days.
fn capture(returns: &[f64], benchmark: &[f64], chosen: impl Fn(f64) -> bool) -> Option<f64> {
    if returns.len() != benchmark.len() {
        return None;
    }
    let (own, other): (Vec<f64>, Vec<f64>) = returns
        .iter()
        .copied()
        .zip(benchmark.iter().copied())
        .filter(|(_, other)| chosen(*other))
        .unzip();
    ratio(growth::cagr(&own)?, growth::cagr(&other)?)
}
