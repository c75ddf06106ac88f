//! The passes over one return series. Sums run in eight lanes, which the compiler turns into vector instructions.

use crate::error::{AnalyticsError, finite};
use crate::measure::OBSERVATIONS_A_YEAR;
use crate::tear_sheet::EWMA_DECAY;

/// The lanes of a sum.
const LANES: usize = 8;

/// Adds the lanes pairwise.
fn total(lanes: [f64; LANES]) -> f64 {
    ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]))
}

/// Sums, extremes and counts of one series.
pub(super) struct First {
    pub(super) sum: f64,
    pub(super) gains: f64,
    pub(super) pains: f64,
    pub(super) negative_squares: f64,
    pub(super) wins: f64,
    pub(super) losses: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl First {
    /// Returns whether the series never moves, rounding aside.
    pub(super) fn is_flat(&self) -> bool {
        is_flat(self.min, self.max, self.min.abs().max(self.max.abs()))
    }
}

/// Returns whether values between `min` and `max` differ by no more than rounding of numbers of size `scale`.
pub(super) fn is_flat(min: f64, max: f64, scale: f64) -> bool {
    max - min <= 8.0 * f64::EPSILON * scale
}

/// Returns sums, extremes and counts, or the refusal of the first value that cannot be a return.
pub(super) fn first(returns: &[f64]) -> Result<First, AnalyticsError> {
    if returns.is_empty() {
        return Err(AnalyticsError::Empty { what: "return series" });
    }
    let (mut sum, mut gains, mut pains, mut squares) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let (mut wins, mut losses) = ([0.0; LANES], [0.0; LANES]);
    let (mut min, mut max) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let mut usable = [true; LANES];
    let mut step = |lane: usize, value: f64| {
        let positive = if value > 0.0 { value } else { 0.0 };
        let negative = if value < 0.0 { value } else { 0.0 };
        sum[lane] += value;
        gains[lane] += positive;
        pains[lane] += negative;
        squares[lane] += negative * negative;
        wins[lane] += if value > 0.0 { 1.0 } else { 0.0 };
        losses[lane] += if value < 0.0 { 1.0 } else { 0.0 };
        min[lane] = if value < min[lane] { value } else { min[lane] };
        max[lane] = if value > max[lane] { value } else { max[lane] };
        usable[lane] &= (-1.0..=f64::MAX).contains(&value);
    };
    let (chunks, rest) = returns.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in chunk.iter().enumerate() {
            step(lane, *value);
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        step(lane, *value);
    }
    if usable.contains(&false) {
        return Err(refusal(returns));
    }
    Ok(First {
        sum: total(sum),
        gains: total(gains),
        pains: total(pains),
        negative_squares: total(squares),
        wins: total(wins),
        losses: total(losses),
        min: min.into_iter().fold(f64::INFINITY, f64::min),
        max: max.into_iter().fold(f64::NEG_INFINITY, f64::max),
    })
}

/// Names the first value that cannot be a return.
fn refusal(returns: &[f64]) -> AnalyticsError {
    for (index, value) in returns.iter().enumerate() {
        if !value.is_finite() {
            return AnalyticsError::NotFinite { what: "return", index };
        }
        if *value < -1.0 {
            return AnalyticsError::BelowTotalLoss { index, value: *value };
        }
    }
    AnalyticsError::Empty { what: "return series" }
}

/// What depends on the order of returns.
pub(super) struct Walk {
    pub(super) wealth: f64,
    pub(super) wealth_max: f64,
    pub(super) longest: usize,
    pub(super) ewma_last: f64,
    pub(super) ewma_next: f64,
}

/// Compounds the returns; `wealth` and `peak` receive the curve and its running maximum after each return.
pub(super) fn walk(returns: &[f64], wealth: &mut Vec<f64>, peak: &mut Vec<f64>) -> Walk {
    wealth.clear();
    wealth.resize(returns.len(), 0.0);
    peak.clear();
    peak.resize(returns.len(), 0.0);
    let (mut level, mut top) = (1.0_f64, 1.0_f64);
    let (mut run, mut longest) = (0_usize, 0_usize);
    let mut variance = returns.first().map_or(0.0, |value| value * value);
    let mut variance_last = variance;
    for ((value, wealth), peak) in returns.iter().zip(wealth.iter_mut()).zip(peak.iter_mut()) {
        level *= 1.0 + value;
        top = if level > top { level } else { top };
        *wealth = level;
        *peak = top;
        run = if level < top { run + 1 } else { 0 };
        longest = longest.max(run);
        variance_last = variance;
        variance = EWMA_DECAY * variance + (1.0 - EWMA_DECAY) * (value * value);
    }
    Walk {
        wealth: level,
        wealth_max: top,
        longest,
        ewma_last: variance_last,
        ewma_next: variance,
    }
}

/// Sums over the drawdown series.
pub(super) struct Drawdowns {
    pub(super) sum: f64,
    pub(super) squares: f64,
    pub(super) min: f64,
    /// The position of the deepest point; `None` when wealth never falls.
    pub(super) trough: Option<usize>,
}

/// Returns the sums over `wealth / peak - 1`.
pub(super) fn drawdowns(wealth: &[f64], peak: &[f64]) -> Drawdowns {
    let (mut sum, mut squares, mut min) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let mut step = |lane: usize, wealth: f64, peak: f64| {
        let drawdown = wealth / peak - 1.0;
        sum[lane] += drawdown;
        squares[lane] += drawdown * drawdown;
        min[lane] = if drawdown < min[lane] { drawdown } else { min[lane] };
    };
    let (wealth_chunks, wealth_rest) = wealth.as_chunks::<LANES>();
    let (peak_chunks, peak_rest) = peak.as_chunks::<LANES>();
    for (wealth, peak) in wealth_chunks.iter().zip(peak_chunks) {
        for lane in 0..LANES {
            step(lane, wealth[lane], peak[lane]);
        }
    }
    for (lane, (wealth, peak)) in wealth_rest.iter().zip(peak_rest).enumerate() {
        step(lane, *wealth, *peak);
    }
    let min = min.into_iter().fold(0.0, f64::min);
    let trough = if min < 0.0 {
        wealth
            .iter()
            .zip(peak)
            .position(|(wealth, peak)| wealth / peak - 1.0 == min)
    } else {
        None
    };
    Drawdowns {
        sum: total(sum),
        squares: total(squares),
        min,
        trough,
    }
}

/// Sums of powers about the mean.
pub(super) struct Central {
    pub(super) squares: f64,
    pub(super) cubes: f64,
    pub(super) fourths: f64,
    /// The sum of products of neighbors.
    pub(super) lagged: f64,
}

/// Returns the sums of powers about `mean`.
pub(super) fn central(returns: &[f64], mean: f64) -> Central {
    let (mut squares, mut cubes, mut fourths, mut lagged) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let next = returns.get(1..).unwrap_or(&[]);
    let mut step = |lane: usize, value: f64, next: f64| {
        let centered = value - mean;
        let square = centered * centered;
        squares[lane] += square;
        cubes[lane] += square * centered;
        fourths[lane] += square * square;
        lagged[lane] += centered * (next - mean);
    };
    let (chunks, _) = next.as_chunks::<LANES>();
    for (block, next) in chunks.iter().enumerate() {
        let values = &returns[block * LANES..block * LANES + LANES];
        for lane in 0..LANES {
            step(lane, values[lane], next[lane]);
        }
    }
    for (lane, (value, next)) in returns.iter().zip(next).skip(chunks.len() * LANES).enumerate() {
        step(lane, *value, *next);
    }
    // The last value has no neighbor: the mean stands in, and its product is zero.
    if let Some(last) = returns.last() {
        step(0, *last, mean);
    }
    Central {
        squares: total(squares),
        cubes: total(cubes),
        fourths: total(fourths),
        lagged: total(lagged),
    }
}

/// Returns the correlation of the series without its first value and the series without its last.
pub(super) fn autocorrelation(returns: &[f64], sum: f64, mean: f64, central: &Central) -> Option<f64> {
    let (first, last) = (*returns.first()?, *returns.last()?);
    if returns.len() < 3 {
        return None;
    }
    let count = (returns.len() - 1) as f64;
    let late = (sum - first) / count - mean;
    let early = (sum - last) / count - mean;
    let squares_late = central.squares - (first - mean) * (first - mean) - count * late * late;
    let squares_early = central.squares - (last - mean) * (last - mean) - count * early * early;
    let cross = central.lagged - count * late * early;
    // Differences of sums: what is left of a nearly constant part is rounding, and no correlation is read from it.
    let least = central.squares * 1e-12;
    if squares_late <= least || squares_early <= least {
        return direct_autocorrelation(returns);
    }
    finite((cross / (squares_late.sqrt() * squares_early.sqrt())).clamp(-1.0, 1.0))
}

/// Returns the lag-one correlation by two plain passes, for series in which one value carries all the movement.
fn direct_autocorrelation(returns: &[f64]) -> Option<f64> {
    crate::measure::relative::correlation(returns.get(1..)?, returns.get(..returns.len() - 1)?)
}

/// Compounded growth on a subset of days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Capture {
    growth: f64,
    days: f64,
}

impl Capture {
    /// Returns the growth as a rate a year, or `None` without a day.
    pub(super) fn annualized(self) -> Option<f64> {
        if self.days == 0.0 {
            None
        } else {
            finite(self.growth.powf(OBSERVATIONS_A_YEAR / self.days) - 1.0)
        }
    }
}

/// Returns the growth of the series on days the benchmark rose, and on days it fell.
pub(super) fn captures(returns: &[f64], benchmark: &[f64]) -> (Capture, Capture) {
    let (mut up, mut down) = ([1.0; LANES], [1.0; LANES]);
    let (mut up_days, mut down_days) = ([0.0; LANES], [0.0; LANES]);
    let mut step = |lane: usize, value: f64, other: f64| {
        up[lane] *= 1.0 + if other > 0.0 { value } else { 0.0 };
        down[lane] *= 1.0 + if other < 0.0 { value } else { 0.0 };
        up_days[lane] += if other > 0.0 { 1.0 } else { 0.0 };
        down_days[lane] += if other < 0.0 { 1.0 } else { 0.0 };
    };
    let (chunks, rest) = returns.as_chunks::<LANES>();
    let (other_chunks, other_rest) = benchmark.as_chunks::<LANES>();
    for (values, others) in chunks.iter().zip(other_chunks) {
        for lane in 0..LANES {
            step(lane, values[lane], others[lane]);
        }
    }
    for (lane, (value, other)) in rest.iter().zip(other_rest).enumerate() {
        step(lane, *value, *other);
    }
    (
        Capture {
            growth: up.iter().product(),
            days: total(up_days),
        },
        Capture {
            growth: down.iter().product(),
            days: total(down_days),
        },
    )
}

/// Sums that join a series with its benchmark.
pub(super) struct Joint {
    pub(super) cross: f64,
    pub(super) active_squares: f64,
    active_min: f64,
    active_max: f64,
    scale: f64,
}

impl Joint {
    /// Returns whether the series and its benchmark differ by a constant, rounding aside.
    pub(super) fn is_flat(&self) -> bool {
        is_flat(self.active_min, self.active_max, self.scale)
    }
}

/// Returns the cross products about both means, and the sums of the active return.
pub(super) fn joint(returns: &[f64], mean: f64, centered: &[f64]) -> Joint {
    let (mut cross, mut active_squares) = ([0.0; LANES], [0.0; LANES]);
    let (mut min, mut max, mut scale) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES], [0.0_f64; LANES]);
    let mut step = |lane: usize, value: f64, other: f64| {
        let own = value - mean;
        let active = own - other;
        cross[lane] += own * other;
        active_squares[lane] += active * active;
        min[lane] = if active < min[lane] { active } else { min[lane] };
        max[lane] = if active > max[lane] { active } else { max[lane] };
        scale[lane] = if own.abs() > scale[lane] {
            own.abs()
        } else {
            scale[lane]
        };
    };
    let (chunks, rest) = returns.as_chunks::<LANES>();
    let (other_chunks, other_rest) = centered.as_chunks::<LANES>();
    for (values, others) in chunks.iter().zip(other_chunks) {
        for lane in 0..LANES {
            step(lane, values[lane], others[lane]);
        }
    }
    for (lane, (value, other)) in rest.iter().zip(other_rest).enumerate() {
        step(lane, *value, *other);
    }
    Joint {
        cross: total(cross),
        active_squares: total(active_squares),
        active_min: min.into_iter().fold(f64::INFINITY, f64::min),
        active_max: max.into_iter().fold(f64::NEG_INFINITY, f64::max),
        scale: scale.into_iter().fold(mean.abs(), f64::max),
    }
}

/// Returns the sum of squared residuals of the regression on the benchmark.
pub(super) fn residual_squares(returns: &[f64], mean: f64, centered: &[f64], beta: f64) -> f64 {
    let mut squares = [0.0; LANES];
    let mut step = |lane: usize, value: f64, other: f64| {
        let residual = (value - mean) - beta * other;
        squares[lane] += residual * residual;
    };
    let (chunks, rest) = returns.as_chunks::<LANES>();
    let (other_chunks, other_rest) = centered.as_chunks::<LANES>();
    for (values, others) in chunks.iter().zip(other_chunks) {
        for lane in 0..LANES {
            step(lane, values[lane], others[lane]);
        }
    }
    for (lane, (value, other)) in rest.iter().zip(other_rest).enumerate() {
        step(lane, *value, *other);
    }
    total(squares)
}

/// Returns the sum and the count of the returns at or below `limit`.
pub(super) fn at_or_below(returns: &[f64], limit: f64) -> (f64, f64) {
    let (mut sum, mut count) = ([0.0; LANES], [0.0; LANES]);
    let mut step = |lane: usize, value: f64| {
        sum[lane] += if value <= limit { value } else { 0.0 };
        count[lane] += if value <= limit { 1.0 } else { 0.0 };
    };
    let (chunks, rest) = returns.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in chunk.iter().enumerate() {
            step(lane, *value);
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        step(lane, *value);
    }
    (total(sum), total(count))
}
