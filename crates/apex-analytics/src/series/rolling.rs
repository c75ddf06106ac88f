//! Rolling volatility, Sharpe ratio, beta and correlation.
//!
//! Sums slide from day to day and are taken anew, about a new center, once a window: the error stays that of one window
//! for a series of any length and any level. Plain running sums of squares, as data-frame engines use them, lose all
//! digits on level series.

use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, finite, same_length};
use crate::measure::OBSERVATIONS_A_YEAR;

/// Rolling measures; entry k covers the `window` returns that end with return k, and is `None` before there are enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    /// The number of returns in a window.
    pub window: usize,
    /// Annualized volatility.
    pub vol: Vec<Option<f64>>,
    /// Annualized Sharpe ratio without a risk-free rate.
    pub sharpe: Vec<Option<f64>>,
    /// Beta on the benchmark; `None` throughout without one.
    pub beta: Vec<Option<f64>>,
    /// Correlation with the benchmark; `None` throughout without one.
    pub corr: Vec<Option<f64>>,
}

/// Sums over a window, about a center.
#[derive(Default, Clone, Copy)]
struct Sums {
    center_own: f64,
    center_other: f64,
    own: f64,
    other: f64,
    own_squares: f64,
    other_squares: f64,
    cross: f64,
}

impl Sums {
    /// Takes the sums of a window about its own means.
    fn of(own: &[f64], other: &[f64]) -> Self {
        let count = own.len() as f64;
        let mut sums = Self {
            center_own: own.iter().sum::<f64>() / count,
            center_other: other.iter().sum::<f64>() / count,
            ..Self::default()
        };
        for (own, other) in own.iter().zip(other) {
            sums.add(*own, *other, 1.0);
        }
        sums
    }

    /// Adds a pair, or takes it away with a `sign` of -1.
    fn add(&mut self, own: f64, other: f64, sign: f64) {
        let (own, other) = (own - self.center_own, other - self.center_other);
        self.own += sign * own;
        self.other += sign * other;
        self.own_squares += sign * own * own;
        self.other_squares += sign * other * other;
        self.cross += sign * own * other;
    }
}

/// How many equal values end the series here; a window of equal values has no deviation at all.
#[derive(Default, Clone, Copy)]
struct Run {
    length: usize,
    last: f64,
}

impl Run {
    /// Counts one more value.
    fn push(&mut self, value: f64) {
        self.length = if self.length > 0 && value == self.last {
            self.length + 1
        } else {
            1
        };
        self.last = value;
    }
}

/// Returns the rolling measures of a series, against a benchmark when there is one.
///
/// # Errors
///
/// Refuses a window below 2 or beyond the series, a benchmark of another length, and values that are not finite.
///
/// ```
/// let rolling = apex_analytics::series::rolling::rolling(&[0.01, 0.03, 0.02], None, 2).unwrap();
/// assert_eq!(rolling.vol[0], None);
/// let deviation = 0.02 / 2f64.sqrt();
/// assert!((rolling.vol[1].unwrap() - deviation * 252f64.sqrt()).abs() < 1e-15);
/// assert!((rolling.sharpe[1].unwrap() - 0.02 / deviation * 252f64.sqrt()).abs() < 1e-12);
/// ```
pub fn rolling(returns: &[f64], benchmark: Option<&[f64]>, window: usize) -> Result<Rolling, AnalyticsError> {
    let rows = returns.len();
    if window < 2 || window > rows {
        return Err(AnalyticsError::Window {
            what: "window",
            length: window,
            observations: rows,
        });
    }
    all_finite("return", returns)?;
    let other = benchmark.unwrap_or(returns);
    same_length("benchmark", rows, other.len())?;
    all_finite("benchmark return", other)?;

    let mut rolling = Rolling {
        window,
        vol: vec![None; rows],
        sharpe: vec![None; rows],
        beta: vec![None; rows],
        corr: vec![None; rows],
    };
    let count = window as f64;
    let year = OBSERVATIONS_A_YEAR.sqrt();
    let (mut own_run, mut other_run) = (Run::default(), Run::default());
    let mut sums = Sums::default();
    for row in 0..rows {
        own_run.push(returns[row]);
        other_run.push(other[row]);
        if row + 1 < window {
            continue;
        }
        let start = row + 1 - window;
        if start.is_multiple_of(window) {
            sums = Sums::of(&returns[start..=row], &other[start..=row]);
        } else {
            sums.add(returns[row], other[row], 1.0);
            sums.add(returns[start - 1], other[start - 1], -1.0);
        }
        let mean = sums.center_own + sums.own / count;
        let own = if own_run.length >= window {
            0.0
        } else {
            (sums.own_squares - sums.own * sums.own / count).max(0.0)
        };
        let deviation = (own / (count - 1.0)).sqrt();
        rolling.vol[row] = finite(deviation * year);
        rolling.sharpe[row] = if deviation > 0.0 {
            finite(mean / deviation * year)
        } else {
            None
        };
        if benchmark.is_some() && other_run.length < window {
            let squares = (sums.other_squares - sums.other * sums.other / count).max(0.0);
            let cross = sums.cross - sums.own * sums.other / count;
            if squares > 0.0 {
                rolling.beta[row] = finite(cross / squares);
            }
            if squares > 0.0 && own > 0.0 {
                rolling.corr[row] = finite((cross / (own.sqrt() * squares.sqrt())).clamp(-1.0, 1.0));
            }
        }
    }
    Ok(rolling)
}
