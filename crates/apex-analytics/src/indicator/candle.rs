//! Candlestick patterns. A pattern is 0 where it is absent, and for the rows before it can be judged.
//!
//! What is short or long is judged against the mean of earlier candles, as TA-Lib does: bodies against the mean body or
//! a share of the mean range. The sums behind these means run as TA-Lib's do, since a comparison can turn on the last
//! digit. A candle that closes where it opened counts as white.

use super::{Line, check_columns};
use crate::error::AnalyticsError;

/// The candles of one instrument.
#[derive(Debug, Clone, Copy)]
struct Candles<'a> {
    open: &'a [f64],
    high: &'a [f64],
    low: &'a [f64],
    close: &'a [f64],
    rows: usize,
}

/// Returns engulfing patterns: 100 or 80 for a white body that engulfs the black one before it, -100 or -80 for a black
/// one that engulfs a white one; 80 where one end of the bodies is the same.
///
/// Judged from row 2. TA-Lib's CDLENGULFING.
///
/// # Errors
///
/// Refuses columns of different length and values that are not finite.
///
/// ```
/// // The last candle opens below the black body before it and closes above.
/// let (open, close) = ([5.0, 5.0, 3.0], [5.0, 4.0, 6.0]);
/// let line = apex_analytics::indicator::candle::engulfing(&open, &[6.0; 3], &[3.0; 3], &close).unwrap();
/// assert_eq!(line.values(), [0.0, 0.0, 100.0]);
/// ```
pub fn engulfing(open: &[f64], high: &[f64], low: &[f64], close: &[f64]) -> Result<Line, AnalyticsError> {
    let candles = Candles::new(open, high, low, close)?;
    let mut values = vec![0.0; candles.rows];
    for (row, value) in values.iter_mut().enumerate().skip(2) {
        let (open, close) = (candles.open[row], candles.close[row]);
        let (open_before, close_before) = (candles.open[row - 1], candles.close[row - 1]);
        let (white, white_before) = (candles.is_white(row), candles.is_white(row - 1));
        let rises = white
            && !white_before
            && ((close >= open_before && open < close_before) || (close > open_before && open <= close_before));
        let falls = !white
            && white_before
            && ((open >= close_before && close < open_before) || (open > close_before && close <= open_before));
        if rises || falls {
            let sign = if white { 1.0 } else { -1.0 };
            let apart = open != close_before && close != open_before;
            *value = sign * if apart { 100.0 } else { 80.0 };
        }
    }
    Line::ending_at(candles.rows, values)
}

/// Returns doji: 100 where the body is at most a tenth of the mean range of the ten candles before.
///
/// Judged from row 10. TA-Lib's CDLDOJI.
///
/// # Errors
///
/// Refuses columns of different length and values that are not finite.
///
/// ```
/// let line = apex_analytics::indicator::candle::doji(&[5.0; 11], &[6.0; 11], &[4.0; 11], &[5.1; 11]).unwrap();
/// assert_eq!((line.get(9), line.get(10)), (Some(0.0), Some(100.0)));
/// ```
pub fn doji(open: &[f64], high: &[f64], low: &[f64], close: &[f64]) -> Result<Line, AnalyticsError> {
    let candles = Candles::new(open, high, low, close)?;
    let mut values = vec![0.0; candles.rows];
    let range = |row| candles.range(row);
    let mut ranges = Running::before(10.min(candles.rows), 10, range);
    for (row, value) in values.iter_mut().enumerate().skip(10) {
        if candles.body(row) <= 0.1 * ranges.mean() {
            *value = 100.0;
        }
        ranges.advance(row, range);
    }
    Line::ending_at(candles.rows, values)
}

/// Returns hammers: 100 where a small body has a lower shadow longer than itself, almost no upper shadow, and stands at
/// or near the low of the day before.
///
/// Small is below the mean body of the ten candles before; almost no shadow is below a tenth of their mean range; near
/// is within a fifth of the mean range of the five candles before the last. Judged from row 11. TA-Lib's CDLHAMMER.
///
/// # Errors
///
/// Refuses columns of different length and values that are not finite.
///
/// ```
/// // Eleven candles of body 1 and range 3, then a body of 0.5 on a shadow of 2.
/// let column = |usual: f64, last: f64| [vec![usual; 11], vec![last]].concat();
/// let line = apex_analytics::indicator::candle::hammer(
///     &column(5.0, 4.0), &column(7.0, 4.5), &column(4.0, 2.0), &column(6.0, 4.5),
/// );
/// assert_eq!(line.unwrap().get(11), Some(100.0));
/// ```
pub fn hammer(open: &[f64], high: &[f64], low: &[f64], close: &[f64]) -> Result<Line, AnalyticsError> {
    const FIRST: usize = 11;
    let candles = Candles::new(open, high, low, close)?;
    let mut values = vec![0.0; candles.rows];
    if candles.rows <= FIRST {
        return Line::ending_at(candles.rows, values);
    }
    let (body, range) = (|row| candles.body(row), |row| candles.range(row));
    let mut bodies = Running::before(FIRST, 10, body);
    let mut ranges = Running::before(FIRST, 10, range);
    let mut near = Running::before(FIRST - 1, 5, range);
    for (row, value) in values.iter_mut().enumerate().skip(FIRST) {
        let (open, close) = (candles.open[row], candles.close[row]);
        let (top, bottom) = (open.max(close), open.min(close));
        let own = candles.body(row);
        if own < bodies.mean()
            && bottom - candles.low[row] > own
            && candles.high[row] - top < 0.1 * ranges.mean()
            && bottom <= candles.low[row - 1] + 0.2 * near.mean()
        {
            *value = 100.0;
        }
        bodies.advance(row, body);
        ranges.advance(row, range);
        near.advance(row - 1, range);
    }
    Line::ending_at(candles.rows, values)
}

impl<'a> Candles<'a> {
    fn new(open: &'a [f64], high: &'a [f64], low: &'a [f64], close: &'a [f64]) -> Result<Self, AnalyticsError> {
        let rows = check_columns([("open", open), ("high", high), ("low", low), ("close", close)])?;
        Ok(Self {
            open,
            high,
            low,
            close,
            rows,
        })
    }

    fn is_white(&self, row: usize) -> bool {
        self.close[row] >= self.open[row]
    }

    fn body(&self, row: usize) -> f64 {
        (self.close[row] - self.open[row]).abs()
    }

    fn range(&self, row: usize) -> f64 {
        self.high[row] - self.low[row]
    }
}

/// The mean of a measure over the candles before a row.
struct Running {
    sum: f64,
    count: usize,
}

impl Running {
    /// Returns the mean over the `count` candles before `row`.
    fn before(row: usize, count: usize, measure: impl Fn(usize) -> f64) -> Self {
        let sum = (row.saturating_sub(count)..row).map(measure).sum();
        Self { sum, count }
    }

    fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }

    /// Takes `row` in and leaves the oldest candle out.
    fn advance(&mut self, row: usize, measure: impl Fn(usize) -> f64) {
        self.sum += measure(row) - measure(row - self.count);
    }
}
