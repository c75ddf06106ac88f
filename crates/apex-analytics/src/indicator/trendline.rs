//! Ehlers' instantaneous trendline.

use super::Line;
use crate::error::{AnalyticsError, all_finite};

/// Rows that only warm the filters up.
const WARM_UP: usize = 63;

/// Returns the instantaneous trendline from the dominant cycle of a Hilbert transform (Ehlers, 2001).
///
/// Prices are smoothed by weights 4, 3, 2, 1, a Hilbert transform of them gives the phase, its change the period of the
/// dominant cycle, held between 6 and 50 rows; the trendline is the mean price over one such period, smoothed again.
/// Valid from row 63. TA-Lib's HT_TRENDLINE.
///
/// # Errors
///
/// Refuses values that are not finite.
///
/// ```
/// let line = apex_analytics::indicator::trendline::hilbert_trendline(&[5.0; 70]).unwrap();
/// assert_eq!((line.first_valid(), line.get(69)), (Some(63), Some(5.0)));
/// ```
pub fn hilbert_trendline(values: &[f64]) -> Result<Line, AnalyticsError> {
    all_finite("value", values)?;
    let rows = values.len();
    if rows <= WARM_UP {
        return Line::ending_at(rows, Vec::new());
    }
    let mut cycle = Cycle::default();
    let mut means = [0.0; 3];
    let mut line = Vec::with_capacity(rows - WARM_UP);
    for row in 37..rows {
        let smooth = (4.0 * values[row] + 3.0 * values[row - 1] + 2.0 * values[row - 2] + values[row - 3]) * 0.1;
        let length = (cycle.advance(row, smooth) + 0.5) as usize;
        // Never longer than the rows there are: the smoothed period stays below 50, and below 37 at first.
        let window = &values[(row + 1).saturating_sub(length)..=row];
        let mean = if length > 0 {
            window.iter().sum::<f64>() / length as f64
        } else {
            0.0
        };
        if row >= WARM_UP {
            line.push((4.0 * mean + 3.0 * means[0] + 2.0 * means[1] + means[2]) / 10.0);
        }
        means = [mean, means[0], means[1]];
    }
    Line::ending_at(rows, line)
}

/// The state of the cycle measurement.
#[derive(Debug, Clone, Default)]
struct Cycle {
    detrender: Hilbert,
    quadrature: Hilbert,
    in_phase_ahead: Hilbert,
    quadrature_ahead: Hilbert,
    slot: usize,
    /// Earlier detrended values, for even and odd rows: the one to use, and the one after it.
    in_phase: [[f64; 2]; 2],
    i2: f64,
    q2: f64,
    real: f64,
    imaginary: f64,
    period: f64,
    smooth_period: f64,
}

impl Cycle {
    /// Takes the smoothed price of a row and returns the smoothed period of the dominant cycle.
    fn advance(&mut self, row: usize, smooth: f64) -> f64 {
        let parity = row % 2;
        let scale = 0.075 * self.period + 0.54;
        let slot = self.slot;
        let in_phase = self.in_phase[parity][0];
        let detrended = self.detrender.transform(smooth, parity, slot, scale);
        let q1 = self.quadrature.transform(detrended, parity, slot, scale);
        let i_ahead = self.in_phase_ahead.transform(in_phase, parity, slot, scale);
        let q_ahead = self.quadrature_ahead.transform(q1, parity, slot, scale);
        if parity == 0 {
            self.slot = (slot + 1) % 3;
        }
        let q2 = 0.2 * (q1 + i_ahead) + 0.8 * self.q2;
        let i2 = 0.2 * (in_phase - q_ahead) + 0.8 * self.i2;
        let other = &mut self.in_phase[1 - parity];
        *other = [other[1], detrended];
        self.real = 0.2 * (i2 * self.i2 + q2 * self.q2) + 0.8 * self.real;
        self.imaginary = 0.2 * (i2 * self.q2 - q2 * self.i2) + 0.8 * self.imaginary;
        (self.i2, self.q2) = (i2, q2);
        let before = self.period;
        if self.imaginary != 0.0 && self.real != 0.0 {
            self.period = 360.0 / (self.imaginary / self.real).atan().to_degrees();
        }
        let bounded = self.period.min(1.5 * before).max(0.67 * before).clamp(6.0, 50.0);
        self.period = 0.2 * bounded + 0.8 * before;
        self.smooth_period = 0.33 * self.period + 0.67 * self.smooth_period;
        self.smooth_period
    }
}

/// One discrete Hilbert transform over seven rows, of which every other one has a weight.
#[derive(Debug, Clone, Default)]
struct Hilbert {
    parities: [HalfHilbert; 2],
}

/// What even or odd rows remember.
#[derive(Debug, Clone, Default)]
struct HalfHilbert {
    ring: [f64; 3],
    weighted: f64,
    input: f64,
}

impl Hilbert {
    fn transform(&mut self, input: f64, parity: usize, slot: usize, scale: f64) -> f64 {
        let half = &mut self.parities[parity];
        let outer = 0.0962 * input;
        let mut output = outer - half.ring[slot];
        half.ring[slot] = outer;
        output -= half.weighted;
        half.weighted = 0.5769 * half.input;
        output += half.weighted;
        half.input = input;
        output * scale
    }
}
