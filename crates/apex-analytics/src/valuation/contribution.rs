//! Contribution: what each holding added to the return of a period, summing to it exactly.

use crate::error::{AnalyticsError, all_finite, ratio, same_length};

/// The contributions of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Contributions {
    /// The contribution of each holding, in the order given.
    pub each: Vec<f64>,
    /// The time-weighted return of the period: the sum of the contributions.
    pub total: f64,
}

/// Returns the contribution of each holding to the time-weighted return of a period.
///
/// A holding's contribution on a day is its P&L over the day's capital. Days are linked by the growth before them:
/// `c[i] = sum over t of G[t-1] * pnl[i][t] / capital[t]` with `G[t] = G[t-1] * (1 + sum of pnl / capital)`. The terms
/// telescope to `G[T] - 1`, so nothing is left over. `None` when some day's capital is not above zero while something
/// was earned or lost.
///
/// # Errors
///
/// Refuses columns of different length and values that are not finite.
///
/// ```
/// // 100 of capital, +10 and -2; then 108, +5.4 and 0: 8% and 5%, 13.4% together.
/// let pnl: [&[f64]; 2] = [&[10.0, 5.4], &[-2.0, 0.0]];
/// let parts = apex_analytics::valuation::contribution::contributions(&pnl, &[100.0, 108.0]).unwrap().unwrap();
/// assert!((parts.each[0] - (0.10 + 1.08 * 0.05)).abs() < 1e-15);
/// assert!((parts.each[1] + 0.02).abs() < 1e-15);
/// assert!((parts.total - 0.134).abs() < 1e-15);
/// ```
pub fn contributions(pnl: &[&[f64]], capital: &[f64]) -> Result<Option<Contributions>, AnalyticsError> {
    all_finite("capital", capital)?;
    for column in pnl {
        same_length("P&L column", capital.len(), column.len())?;
        all_finite("P&L", column)?;
    }
    let mut each = vec![0.0; pnl.len()];
    let mut growth = 1.0;
    for (day, capital) in capital.iter().enumerate() {
        let total: f64 = pnl.iter().map(|column| column[day]).sum();
        if *capital <= 0.0 {
            if pnl.iter().any(|column| column[day] != 0.0) {
                return Ok(None);
            }
            continue;
        }
        for (sum, column) in each.iter_mut().zip(pnl) {
            *sum += growth * column[day] / capital;
        }
        let Some(part) = ratio(total, *capital) else {
            return Ok(None);
        };
        growth *= 1.0 + part;
    }
    let total = each.iter().sum();
    Ok(Some(Contributions { each, total }))
}
