//! Aroon, and the parabolic stop and reverse.

use super::stochastic::extreme_rows;
use super::{Line, check_columns, check_period};
use crate::error::AnalyticsError;

/// How fresh the last extremes are.
#[derive(Debug, Clone, PartialEq)]
pub struct Aroon {
    /// 100 when the lowest low is today's, 0 when it is `period` rows old.
    pub down: Line,
    /// The same for the highest high.
    pub up: Line,
}

/// Returns Aroon: `100 (period - rows since the extreme) / period` over the last `period + 1` rows (Chande, 1995).
///
/// Of equal extremes the newest counts. Valid from row `period`. TA-Lib's AROON.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a period outside 2 to 100,000.
///
/// ```
/// let aroon = apex_analytics::indicator::trend::aroon(&[3.0, 5.0, 4.0], &[1.0, 2.0, 3.0], 2).unwrap();
/// assert_eq!((aroon.down.get(2), aroon.up.get(2)), (Some(0.0), Some(50.0)));
/// ```
pub fn aroon(high: &[f64], low: &[f64], period: usize) -> Result<Aroon, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low)])?;
    check_period("period", period, 2)?;
    let unit = 100.0 / period as f64;
    let freshness = |extremes: Vec<usize>| {
        let ages = extremes.into_iter().enumerate();
        ages.map(|(first, extreme)| unit * (extreme - first) as f64).collect()
    };
    let down = freshness(extreme_rows(low, period + 1, |new, old| new <= old));
    let up = freshness(extreme_rows(high, period + 1, |new, old| new >= old));
    Ok(Aroon {
        down: Line::ending_at(rows, down)?,
        up: Line::ending_at(rows, up)?,
    })
}

/// Returns the parabolic stop and reverse (Wilder, 1978).
///
/// The stop moves towards the extreme of the trade by an acceleration factor that grows by `acceleration` with each new
/// extreme, up to `maximum`, and never into the range of the last two days; when the price touches it, the trade turns
/// and the stop is the extreme. The first trade is short when the first downward move exceeds the upward one, else
/// long; its stop is the first day's extreme. An acceleration above the maximum is the maximum. Valid from row 1.
/// TA-Lib's SAR.
///
/// # Errors
///
/// Refuses columns of different length, values that are not finite, and a factor below 0.
///
/// ```
/// // Rising: the stop starts at the first low and moves up by 2% of the distance to the high.
/// let line = apex_analytics::indicator::trend::parabolic(&[2.0, 3.0, 4.0], &[1.0, 2.0, 3.0], 0.02, 0.2).unwrap();
/// assert_eq!((line.get(1), line.get(2)), (Some(1.0), Some(1.04)));
/// ```
pub fn parabolic(high: &[f64], low: &[f64], acceleration: f64, maximum: f64) -> Result<Line, AnalyticsError> {
    let rows = check_columns([("high", high), ("low", low)])?;
    for (what, value) in [("acceleration", acceleration), ("maximum", maximum)] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(AnalyticsError::Parameter {
                what,
                value,
                expected: "at least 0",
            });
        }
    }
    if rows < 2 {
        return Line::ending_at(rows, Vec::new());
    }
    let acceleration = acceleration.min(maximum);
    let (up, down) = (high[1] - high[0], low[0] - low[1]);
    let mut long = !(down > 0.0 && up < down);
    let mut factor = acceleration;
    let (mut extreme, mut stop) = if long { (high[1], low[0]) } else { (low[1], high[0]) };
    let mut values = Vec::with_capacity(rows - 1);
    for today in 1..rows {
        // On the first day the day before is the day itself.
        let before = (today - 1).max(1);
        let (ceiling, floor) = (high[before].max(high[today]), low[before].min(low[today]));
        let touched = if long { low[today] <= stop } else { high[today] >= stop };
        if touched {
            long = !long;
            stop = if long { extreme.min(floor) } else { extreme.max(ceiling) };
            factor = acceleration;
            extreme = if long { high[today] } else { low[today] };
            values.push(stop);
        } else {
            values.push(stop);
            let reached = if long { high[today] } else { low[today] };
            if (long && reached > extreme) || (!long && reached < extreme) {
                extreme = reached;
                factor = (factor + acceleration).min(maximum);
            }
        }
        stop += factor * (extreme - stop);
        stop = if long { stop.min(floor) } else { stop.max(ceiling) };
    }
    Line::ending_at(rows, values)
}
