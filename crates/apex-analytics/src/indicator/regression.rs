//! Least squares over a moving window: the line through time, and one column against another.

use super::{Line, check_columns, check_period, or_zero, runs};
use crate::error::{AnalyticsError, all_finite};

/// Returns the value at the newest row of the least-squares line through the last `period` values.
///
/// Valid from row `period - 1`. TA-Lib's LINEARREG.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::regression::linear(&[1.0, 2.0, 6.0], 3).unwrap();
/// assert!((line.get(2).unwrap() - 5.5).abs() < 1e-12); // Through the mean 3 with a slope of 2.5.
/// ```
pub fn linear(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    let from_mean = (period as f64 - 1.0) / 2.0;
    lines(values, period, |mean, slope| mean + slope * from_mean)
}

/// Returns the slope a row of the least-squares line through the last `period` values.
///
/// Valid from row `period - 1`. TA-Lib's LINEARREG_SLOPE.
///
/// # Errors
///
/// Refuses values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::regression::linear_slope(&[1.0, 2.0, 6.0], 3).unwrap();
/// assert!((line.get(2).unwrap() - 2.5).abs() < 1e-12);
/// ```
pub fn linear_slope(values: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    lines(values, period, |_, slope| slope)
}

/// Returns a function of mean and slope of each full window.
fn lines(values: &[f64], period: usize, answer: impl Fn(f64, f64) -> f64) -> Result<Line, AnalyticsError> {
    check_period("period", period, 2)?;
    all_finite("value", values)?;
    let outputs = (values.len() + 1).saturating_sub(period);
    let count = period as f64;
    let middle = (count - 1.0) / 2.0;
    let spread = count * (count * count - 1.0) / 12.0;
    let mut answers = Vec::with_capacity(outputs);
    let mut start = 0;
    while start < outputs {
        let end = (start + period).min(outputs);
        let window = &values[start..start + period];
        let pivot = window.iter().sum::<f64>() / count;
        let (mut sum, mut moments) = (0.0, 0.0);
        for (value, time) in window.iter().zip(0u32..) {
            sum += value - pivot;
            moments += f64::from(time) * (value - pivot);
        }
        answers.push(answer(pivot + sum / count, (moments - middle * sum) / spread));
        let moves = values[start..end - 1]
            .iter()
            .zip(&values[start + period..end - 1 + period]);
        answers.extend(moves.map(|(old, new)| {
            let (old, new) = (old - pivot, new - pivot);
            // Every value that stays is one row older; the oldest stood at 0.
            moments += old - sum + (count - 1.0) * new;
            sum += new - old;
            answer(pivot + sum / count, (moments - middle * sum) / spread)
        }));
        start = end;
    }
    Line::ending_at(values.len(), answers)
}

/// Returns the correlation of the levels of two columns over the last `period` rows; 0 where one of them stands still.
///
/// Valid from row `period - 1`. TA-Lib's CORREL.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 1 to 100,000.
///
/// ```
/// let line = apex_analytics::indicator::regression::correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 7.0], 3).unwrap();
/// assert!((line.get(2).unwrap() - 0.993_399_267_798_783).abs() < 1e-12);
/// ```
pub fn correlation(first: &[f64], second: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("first column", first), ("second column", second)])?;
    check_period("period", period, 1)?;
    let values = co_moments(first, second, period, |moments| {
        or_zero(moments.cross, (moments.first * moments.second).sqrt()).clamp(-1.0, 1.0)
    });
    Line::ending_at(rows, values)
}

/// Returns the slope of the second column's relative changes on those of the first, over the last `period` changes; 0
/// where the first stands still.
///
/// Valid from row `period`; a change from a value of 0 counts as 0. TA-Lib's BETA.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 1 to 100,000.
///
/// ```
/// // Changes of +10% and -10% beside +20% and -20%.
/// let line = apex_analytics::indicator::regression::beta(&[10.0, 11.0, 9.9], &[10.0, 12.0, 9.6], 2).unwrap();
/// assert!((line.get(2).unwrap() - 2.0).abs() < 1e-12);
/// ```
pub fn beta(first: &[f64], second: &[f64], period: usize) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("first column", first), ("second column", second)])?;
    check_period("period", period, 1)?;
    let values = co_moments(&changes(first), &changes(second), period, |moments| {
        or_zero(moments.cross, moments.first)
    });
    Line::ending_at(rows, values)
}

/// Returns the relative changes from row to row.
fn changes(values: &[f64]) -> Vec<f64> {
    let change = |pair: &[f64]| or_zero(pair[1] - pair[0], pair[0]);
    values.windows(2).map(change).collect()
}

/// Sums of squared and crossed deviations from the mean; exactly zero for a column that stands still.
struct CoMoments {
    first: f64,
    second: f64,
    cross: f64,
}

/// A moment this small beside the sums it was left over from has lost its digits, and is summed anew from its window.
const CANCELLED: f64 = 1e-6;

impl CoMoments {
    /// Sums the deviations of one window alone.
    fn of(first: &[f64], second: &[f64]) -> Self {
        let mean = |column: &[f64]| column.iter().sum::<f64>() / column.len() as f64;
        let (mean_first, mean_second) = (mean(first), mean(second));
        let none = Self {
            first: 0.0,
            second: 0.0,
            cross: 0.0,
        };
        first.iter().zip(second).fold(none, |sums, (x, y)| {
            let (x, y) = (x - mean_first, y - mean_second);
            Self {
                first: sums.first + x * x,
                second: sums.second + y * y,
                cross: sums.cross + x * y,
            }
        })
    }
}

/// Returns a function of the deviations of each full window.
fn co_moments(first: &[f64], second: &[f64], period: usize, answer: impl Fn(CoMoments) -> f64) -> Vec<f64> {
    let outputs = (first.len() + 1).saturating_sub(period);
    let count = period as f64;
    let mut answers = Vec::with_capacity(outputs);
    let mut still = runs(first)
        .zip(runs(second))
        .skip(period - 1)
        .map(|(one, two)| (one >= period, two >= period));
    let mut start = 0;
    while start < outputs {
        let end = (start + period).min(outputs);
        let mean = |column: &[f64]| column[start..start + period].iter().sum::<f64>() / count;
        let (pivot_first, pivot_second) = (mean(first), mean(second));
        let apart = |row: usize| (first[row] - pivot_first, second[row] - pivot_second);
        let (mut sum_first, mut sum_second) = (0.0, 0.0);
        let (mut square_first, mut square_second, mut cross) = (0.0, 0.0, 0.0);
        let (mut largest_first, mut largest_second) = (0.0_f64, 0.0_f64);
        for row in start..end - 1 + period {
            let (x, y) = apart(row);
            sum_first += x;
            sum_second += y;
            square_first += x * x;
            square_second += y * y;
            cross += x * y;
            if row + 1 < start + period {
                continue;
            }
            let (still_first, still_second) = still.next().unwrap_or((false, false));
            let squares = |still: bool, squares: f64, sum: f64| {
                if still {
                    0.0
                } else {
                    (squares - sum * sum / count).max(0.0)
                }
            };
            let mut moments = CoMoments {
                first: squares(still_first, square_first, sum_first),
                second: squares(still_second, square_second, sum_second),
                cross: if still_first || still_second {
                    0.0
                } else {
                    cross - sum_first * sum_second / count
                },
            };
            (largest_first, largest_second) = (largest_first.max(square_first), largest_second.max(square_second));
            let is_lost = moments.first < CANCELLED * largest_first || moments.second < CANCELLED * largest_second;
            if is_lost && !still_first && !still_second {
                let window = row + 1 - period..row + 1;
                moments = CoMoments::of(&first[window.clone()], &second[window]);
            }
            answers.push(answer(moments));
            let (x, y) = apart(row + 1 - period);
            sum_first -= x;
            sum_second -= y;
            square_first -= x * x;
            square_second -= y * y;
            cross -= x * y;
        }
        start = end;
    }
    answers
}
