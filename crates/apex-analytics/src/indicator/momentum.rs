//! Momentum: plain and relative changes, and differences of moving averages.

use super::average::exponential;
use super::{Line, check_period, or_zero};
use crate::error::{AnalyticsError, all_finite};

/// MACD, its signal, and the difference of both.
#[derive(Debug, Clone, PartialEq)]
pub struct Macd {
    /// The fast average minus the slow one.
    pub macd: Line,
    /// The exponential average of that.
    pub signal: Line,
    /// MACD minus signal.
    pub histogram: Line,
}

/// Returns momentum: the change over `period` rows.
///
/// Valid from row `period`. TA-Lib's MOM.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 1 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::momentum::momentum(&[1.0, 2.0, 6.0], 2).unwrap();
/// assert_eq!(line.to_options(), [None, None, Some(5.0)]);
/// ```
pub fn momentum(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    changes(values, period, |new, old| new - old)
}

/// Returns the rate of change over `period` rows in percent, `100 (v / v before - 1)`; 0 from a value of 0.
///
/// Valid from row `period`. TA-Lib's ROC.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 1 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::momentum::rate_of_change(&[2.0, 3.0], 1).unwrap();
/// assert_eq!(line.get(1), Some(50.0));
/// ```
pub fn rate_of_change(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    changes(values, period, percent_change)
}

/// Returns moving average convergence and divergence: a fast EMA minus a slow one, the EMA of that, and the difference
/// (Appel, 1979).
///
/// The fast average starts where the slow one does, with the mean of the last `fast` values. A fast period longer than
/// the slow one changes places with it. All three are valid from row `slow + signal - 2`. TA-Lib's MACD.
///
/// # Errors
///
/// Refuses values that are not finite, fast and slow periods outside 2 to 100,000, and a signal outside 1 to 100,000.
///
/// ```
/// // On a straight line the averages trail it by a constant.
/// let values: Vec<f64> = (0..60).map(f64::from).collect();
/// let macd = apex_analytics::indicator::momentum::macd(&values, 12, 26, 9).unwrap();
/// assert_eq!(macd.macd.first_valid(), Some(33));
/// assert!((macd.macd.get(59).unwrap() - 7.0).abs() < 1e-12 && macd.histogram.get(59).unwrap().abs() < 1e-12);
/// ```
pub fn macd(values: &[f64], fast: usize, slow: usize, signal: usize) -> Result<Macd, AnalyticsError> {
    check_period("fast period", fast, 2)?;
    check_period("slow period", slow, 2)?;
    check_period("signal period", signal, 1)?;
    all_finite("value", values)?;
    let (fast, slow) = (fast.min(slow), fast.max(slow));
    let (lines, histogram) = convergence(values, fast, slow, signal);
    let (macd, signal) = lines;
    Ok(Macd {
        macd: Line::ending_at(values.len(), macd)?,
        signal: Line::ending_at(values.len(), signal)?,
        histogram: Line::ending_at(values.len(), histogram)?,
    })
}

/// Returns the percentage price oscillator: the fast EMA over the slow one, minus 1, in percent; 0 where the slow one
/// is 0.
///
/// Each average starts on its own row, unlike those of [`macd`]. A fast period longer than the slow one changes places
/// with it. Valid from row `slow - 1`. TA-Lib's PPO with its default kind of average, which was the simple one before
/// release 0.8.
///
/// # Errors
///
/// Refuses values that are not finite, and periods outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::momentum::percentage_price_oscillator(&[1.0, 2.0, 3.0], 2, 3).unwrap();
/// assert_eq!(line.get(2), Some(25.0)); // 2.5 against 2
/// ```
pub fn percentage_price_oscillator(values: &[f64], fast: usize, slow: usize) -> Result<Line, AnalyticsError> {
    check_period("fast period", fast, 2)?;
    check_period("slow period", slow, 2)?;
    all_finite("value", values)?;
    let quick = exponential(values, fast.min(slow));
    let mut averages = exponential(values, fast.max(slow));
    let lag = quick.len() - averages.len();
    for (average, quick) in averages.iter_mut().zip(&quick[lag..]) {
        *average = or_zero(quick - *average, *average) * 100.0;
    }
    Line::ending_at(values.len(), averages)
}

/// Returns the daily rate of change, in percent, of an exponential average taken three times (Hutson, 1983).
///
/// Valid from row `3 (period - 1) + 1`. TA-Lib's TRIX.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 1 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::momentum::trix(&[1.0, 2.0, 3.0, 4.0, 5.0], 2).unwrap();
/// assert_eq!(line.first_valid(), Some(4));
/// assert!((line.get(4).unwrap() - 40.0).abs() < 1e-12); // 1.5 behind the line: 2.5, then 3.5.
/// ```
pub fn trix(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    check_period("period", period, 1)?;
    all_finite("value", values)?;
    let thrice = exponential(&exponential(&exponential(values, period), period), period);
    let changes = thrice.windows(2).map(|pair| percent_change(pair[1], pair[0]));
    Line::ending_at(values.len(), changes.collect())
}

fn percent_change(new: f64, old: f64) -> f64 {
    if old == 0.0 { 0.0 } else { (new / old - 1.0) * 100.0 }
}

fn changes(values: &[f64], period: usize, change: impl Fn(f64, f64) -> f64) -> Result<Line, AnalyticsError> {
    check_period("period", period, 1)?;
    all_finite("value", values)?;
    let recent = values.get(period..).unwrap_or_default();
    let changes = recent.iter().zip(values).map(|(new, old)| change(*new, *old));
    Line::ending_at(values.len(), changes.collect())
}

/// Returns MACD and signal, and the histogram, from row `slow + signal - 2` on; all averages in one pass.
fn convergence(values: &[f64], fast: usize, slow: usize, signal: usize) -> ((Vec<f64>, Vec<f64>), Vec<f64>) {
    let factor = |period: usize| 2.0 / (period as f64 + 1.0);
    let (quick_factor, steady_factor, signal_factor) = (factor(fast), factor(slow), factor(signal));
    let first = slow + signal - 2;
    if values.len() <= first {
        return Default::default();
    }
    let start = |period: usize| values[slow - period..slow].iter().sum::<f64>() / period as f64;
    let (mut quick, mut steady) = (start(fast), start(slow));
    let mut advance = |value: f64| {
        quick += (value - quick) * quick_factor;
        steady += (value - steady) * steady_factor;
        quick - steady
    };
    let mut difference = start(fast) - start(slow);
    let mut level = difference;
    for value in &values[slow..=first] {
        difference = advance(*value);
        level += difference;
    }
    level /= signal as f64;
    let rows = values.len() - first;
    let (mut macd, mut signals) = (vec![difference; rows], vec![level; rows]);
    let later = macd.iter_mut().zip(&mut signals).zip(&values[first..]).skip(1);
    for ((macd, signal), value) in later {
        let difference = advance(*value);
        level += (difference - level) * signal_factor;
        (*macd, *signal) = (difference, level);
    }
    let histogram = macd.iter().zip(&signals).map(|(macd, signal)| macd - signal).collect();
    ((macd, signals), histogram)
}
