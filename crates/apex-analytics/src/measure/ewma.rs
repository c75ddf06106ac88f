//! Exponentially weighted variance.

/// The variance of the last day and the forecast for the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ewma {
    /// The variance for the last day, from the returns before it.
    pub last: f64,
    /// The forecast for the day after.
    pub next: f64,
}

/// Returns the exponentially weighted variance about zero, `v[t+1] = decay v[t] + (1 - decay) r[t]^2`.
///
/// Started at `v[0] = r[0]^2`; RiskMetrics (1996) uses a decay of 0.94. Undefined for no returns and for a decay
/// outside [0, 1].
///
/// ```
/// let variance = apex_analytics::measure::ewma::ewma(&[0.01, 0.02], 0.94).unwrap();
/// assert!((variance.last - 0.0001).abs() < 1e-18); // 0.94 * 0.01^2 + 0.06 * 0.01^2
/// assert!((variance.next - (0.94 * 0.0001 + 0.06 * 0.0004)).abs() < 1e-18);
/// ```
pub fn ewma(returns: &[f64], decay: f64) -> Option<Ewma> {
    let start = returns.first().map(|value| value * value)?;
    if !(0.0..=1.0).contains(&decay) {
        return None;
    }
    let ewma = returns.iter().fold(
        Ewma {
            last: start,
            next: start,
        },
        |ewma, value| Ewma {
            last: ewma.next,
            next: decay * ewma.next + (1.0 - decay) * value * value,
        },
    );
    ewma.next.is_finite().then_some(ewma)
}
