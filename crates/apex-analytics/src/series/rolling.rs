//! Rolling volatility, Sharpe ratio, beta and correlation.
//!
//! Sums slide from day to day and are taken anew, about a new center, once a window: the error stays that of one window
//! for a series of any length and any level. Plain running sums of squares, as data-frame engines use them, lose all
//! digits on level series.

use crate::error::{AnalyticsError, all_finite, same_length};
use crate::gap::GapColumn;
use crate::measure::OBSERVATIONS_A_YEAR;

/// Rolling measures; entry k covers the `window` returns that end with return k, and is unknown before there are enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Rolling {
    /// The number of returns in a window.
    pub window: usize,
    /// Annualized volatility.
    pub vol: GapColumn,
    /// Annualized Sharpe ratio without a risk-free rate.
    pub sharpe: GapColumn,
    /// Beta on the benchmark; unknown throughout without one.
    pub beta: GapColumn,
    /// Correlation with the benchmark; unknown throughout without one.
    pub corr: GapColumn,
}

/// Returns the rolling measures of a series, against a benchmark when there is one.
///
/// # Errors
///
/// Refuses a window below 2 or beyond the series, a benchmark of another length, and values that are not finite.
///
/// ```
/// let rolling = apex_analytics::series::rolling::rolling(&[0.01, 0.03, 0.02], None, 2).unwrap();
/// assert_eq!(rolling.vol.get(0), None);
/// let deviation = 0.02 / 2f64.sqrt();
/// assert!((rolling.vol.get(1).unwrap() - deviation * 252f64.sqrt()).abs() < 1e-15);
/// assert!((rolling.sharpe.get(1).unwrap() - 0.02 / deviation * 252f64.sqrt()).abs() < 1e-12);
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

    let mut out = [(); 4].map(|()| vec![f64::NAN; rows]);
    let mut scratch = [(); 5].map(|()| vec![0.0; window]);
    let windows = rows - window + 1;
    let arch = pulp::Arch::new();
    for first in (0..windows).step_by(window) {
        let count = window.min(windows - first);
        // Windows `first` and the `count - 1` after it, each a return further; they end `window - 1` returns later.
        let ends = first + window - 1..first + window - 1 + count;
        arch.dispatch(Block {
            own: &returns[first..ends.end],
            other: &other[first..ends.end],
            window,
            scratch: scratch.each_mut().map(|column| &mut column[..count]),
            out: out.each_mut().map(|column| &mut column[ends.clone()]),
        });
    }
    let [mut vol, mut sharpe, mut beta, mut corr] = out;
    // A window of equal values has no deviation at all, whatever rounding leaves.
    for row in ends_of_constant_windows(returns, window) {
        vol[row] = 0.0;
        (sharpe[row], corr[row]) = (f64::NAN, f64::NAN);
    }
    for row in ends_of_constant_windows(other, window) {
        (beta[row], corr[row]) = (f64::NAN, f64::NAN);
    }
    let against = |values| match benchmark {
        Some(_) => GapColumn::from_values(values),
        None => GapColumn::unknown(rows),
    };
    Ok(Rolling {
        window,
        vol: GapColumn::from_values(vol),
        sharpe: GapColumn::from_values(sharpe),
        beta: against(beta),
        corr: against(corr),
    })
}

/// Returns the last rows of the windows whose values are all equal.
fn ends_of_constant_windows(values: &[f64], window: usize) -> Vec<usize> {
    let mut length = 0;
    let mut last = f64::NAN;
    let mut ends = Vec::new();
    for (row, value) in values.iter().enumerate() {
        length = if *value == last { length + 1 } else { 1 };
        last = *value;
        if length >= window {
            ends.push(row);
        }
    }
    ends
}

/// As many windows as a window is long, about the center of the first; compiled once for each kind of vector registers.
struct Block<'a> {
    own: &'a [f64],
    other: &'a [f64],
    window: usize,
    /// Sums of own, other, their squares and their products, one a window.
    scratch: [&'a mut [f64]; 5],
    /// Volatility, Sharpe ratio, beta and correlation, one a window.
    out: [&'a mut [f64]; 4],
}

impl pulp::NullaryFnOnce for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self {
            own,
            other,
            window,
            scratch,
            out,
        } = self;
        let [sum, sum_other, squares, squares_other, products] = scratch;
        let windows = sum.len();
        let length = window as f64;
        let center = own[..window].iter().sum::<f64>() / length;
        let center_other = other[..window].iter().sum::<f64>() / length;

        // What a window has more than the one before it.
        let steps = windows - 1;
        let (gone, come) = (&own[..steps], &own[window..window + steps]);
        let (gone_other, come_other) = (&other[..steps], &other[window..window + steps]);
        let (sum_steps, sum_other_steps) = (&mut sum[1..][..steps], &mut sum_other[1..][..steps]);
        let (squares_steps, squares_other_steps) = (&mut squares[1..][..steps], &mut squares_other[1..][..steps]);
        let products_steps = &mut products[1..][..steps];
        for at in 0..steps {
            let (x, x_gone) = (come[at] - center, gone[at] - center);
            let (y, y_gone) = (come_other[at] - center_other, gone_other[at] - center_other);
            sum_steps[at] = x - x_gone;
            sum_other_steps[at] = y - y_gone;
            squares_steps[at] = x * x - x_gone * x_gone;
            squares_other_steps[at] = y * y - y_gone * y_gone;
            products_steps[at] = x * y - x_gone * y_gone;
        }

        let mut sums = [0.0; 5];
        for (x, y) in own[..window].iter().zip(&other[..window]) {
            let (x, y) = (x - center, y - center_other);
            for (sum, term) in sums.iter_mut().zip([x, y, x * x, y * y, x * y]) {
                *sum += term;
            }
        }
        [sum[0], sum_other[0], squares[0], squares_other[0], products[0]] = [0.0; 5];
        for at in 0..windows {
            sums[0] += sum[at];
            sums[1] += sum_other[at];
            sums[2] += squares[at];
            sums[3] += squares_other[at];
            sums[4] += products[at];
            [sum[at], sum_other[at], squares[at], squares_other[at], products[at]] = sums;
        }

        // Divisions are what this loop costs; those by a constant are products.
        let part = 1.0 / length;
        let to_vol = (OBSERVATIONS_A_YEAR / (length - 1.0)).sqrt();
        let to_sharpe = (OBSERVATIONS_A_YEAR * (length - 1.0)).sqrt();
        let [vol, sharpe, beta, corr] = out.map(|column| &mut column[..windows]);
        for at in 0..windows {
            let (own_mean, other_mean) = (sum[at] * part, sum_other[at] * part);
            let own = (squares[at] - sum[at] * own_mean).max(0.0);
            let other = (squares_other[at] - sum_other[at] * other_mean).max(0.0);
            let joint = products[at] - sum[at] * other_mean;
            let (own_root, other_root) = (own.sqrt(), other.sqrt());
            vol[at] = own_root * to_vol;
            sharpe[at] = (center + own_mean) * to_sharpe / own_root;
            beta[at] = joint / other;
            // Without deviation it is no number; a bound would make it one.
            let ratio = joint / (own_root * other_root);
            corr[at] = if (own > 0.0) & (other > 0.0) {
                ratio.clamp(-1.0, 1.0)
            } else {
                f64::NAN
            };
        }
    }
}
