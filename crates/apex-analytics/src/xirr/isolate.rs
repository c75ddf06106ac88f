//! Finds every real zero of `sum a[i] exp(-s t[i])`, with times ascending from zero and no amount zero.

use super::{LN1P_MAX, LN1P_MIN};
use crate::elementary::exp;

/// The most changes of sign for which all solutions are isolated exactly; beyond it a grid is scanned.
pub const SIGN_CHANGES_MAX: usize = 24;

/// The points of the grid that is scanned beyond [`SIGN_CHANGES_MAX`].
const GRID: usize = 4096;

/// A value this small beside the sum of its terms' sizes is zero: it is what rounding leaves.
const ZERO: f64 = 1e-13;

/// Discount factors further from 1 than by this exponent are left to the full search, which scales them.
const EXPONENT_MAX: f64 = 700.0;

/// One solution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Solution {
    /// `ln(1 + r)`.
    pub(super) ln1p: f64,
    /// Whether the value touches zero without changing sign.
    pub(super) touches: bool,
}

/// Returns the number of changes of sign.
pub(super) fn sign_changes(amounts: &[f64]) -> usize {
    amounts
        .iter()
        .zip(amounts.iter().skip(1))
        .filter(|(one, two)| (**one > 0.0) != (**two > 0.0))
        .count()
}

/// A value and its slope, both scaled by the largest discount factor, and the sum of the terms' sizes.
#[derive(Clone, Copy)]
struct At {
    value: f64,
    slope: f64,
    size: f64,
}

impl At {
    /// Returns the sign, 0 where rounding hides it.
    fn sign(self) -> i8 {
        if self.value.abs() <= ZERO * self.size {
            0
        } else if self.value > 0.0 {
            1
        } else {
            -1
        }
    }
}

/// Returns the value at `s`. Times are counted from the end that weighs most, so that nothing overflows.
fn at(times: &[f64], amounts: &[f64], s: f64) -> At {
    let reference = if s >= 0.0 { times.first() } else { times.last() }
        .copied()
        .unwrap_or(0.0);
    let mut at = At {
        value: 0.0,
        slope: 0.0,
        size: 0.0,
    };
    for (time, amount) in times.iter().zip(amounts) {
        let term = amount * (-s * (time - reference)).exp();
        at.value += term;
        at.slope -= term * (time - reference);
        at.size += term.abs();
    }
    at
}

/// The discounted amounts at `s`, computed once for each kind of vector registers.
struct Discount<'a> {
    times: &'a [f64],
    amounts: &'a [f64],
    s: f64,
    terms: &'a mut [f64],
}

impl pulp::NullaryFnOnce for Discount<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for ((term, time), amount) in self.terms.iter_mut().zip(self.times).zip(self.amounts) {
            *term = amount * exp(-self.s * time);
        }
    }
}

/// Returns the solution Newton's method finds, if it is proved to be the only one and lies in the searched interval.
pub(super) fn newton_proved_unique(times: &[f64], amounts: &[f64], changes: usize) -> Option<f64> {
    let arch = pulp::Arch::new();
    let mut terms = vec![0.0; times.len()];
    let last = *times.last()?;
    let mut s = 0.05_f64;
    for _ in 0..40 {
        arch.dispatch(Discount {
            times,
            amounts,
            s,
            terms: &mut terms,
        });
        let (mut value, mut slope, mut size) = (0.0_f64, 0.0, 0.0);
        for (time, term) in times.iter().zip(&terms) {
            value += term;
            slope -= term * time;
            size += term.abs();
        }
        let step = value / slope;
        s -= step;
        if !(LN1P_MIN..=LN1P_MAX).contains(&s) || (s * last).abs() > EXPONENT_MAX || !size.is_finite() {
            return None;
        }
        // The next error is of the order of the square of this step.
        if step.abs() <= 1e-8 * (1.0 + s.abs()).min(4.0) {
            let noise = 1e-6 * size;
            // Where the value is rounding beside its terms the slope decides nothing: leave it to the full search.
            let steep = slope.abs() * 1e-3 > ZERO * size;
            return ((changes == 1 || is_one_sided(&terms, noise)) && steep).then_some(s);
        }
    }
    None
}

/// Returns whether the running totals before the last term all lie on one side of zero, by more than `noise`.
fn is_one_sided(terms: &[f64], noise: f64) -> bool {
    let mut total = 0.0;
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for term in terms.split_last().map_or(&[][..], |(_, rest)| rest) {
        total += term;
        least = total.min(least);
        most = total.max(most);
    }
    least > noise || most < -noise
}

/// Returns every solution, ascending.
pub(super) fn all_roots(times: &[f64], amounts: &[f64], changes: usize) -> Vec<Solution> {
    let mut solutions = if changes <= SIGN_CHANGES_MAX {
        between_critical_points(times, amounts)
    } else {
        on_a_grid(times, amounts)
    };
    solutions.sort_by(|one, two| one.ln1p.total_cmp(&two.ln1p));
    solutions.dedup_by(|one, two| (one.ln1p - two.ln1p).abs() <= 1e-12 * (1.0 + two.ln1p.abs()));
    solutions
}

/// Isolates all solutions between the critical points of a function with one change of sign less.
fn between_critical_points(times: &[f64], amounts: &[f64]) -> Vec<Solution> {
    let changes: Vec<usize> = (1..amounts.len())
        .filter(|index| (amounts[index - 1] > 0.0) != (amounts[*index] > 0.0))
        .collect();
    let Some(pivot) = changes.get(changes.len() / 2) else {
        return Vec::new();
    };
    let turning = (times[pivot - 1] + times[*pivot]) / 2.0;
    let derived: Vec<f64> = times
        .iter()
        .zip(amounts)
        .map(|(time, amount)| amount * (turning - time))
        .collect();
    let mut points = vec![LN1P_MIN];
    points.extend(
        between_critical_points(times, &derived)
            .iter()
            .map(|critical| critical.ln1p),
    );
    points.push(LN1P_MAX);
    points.sort_by(f64::total_cmp);
    let signs: Vec<i8> = points.iter().map(|point| at(times, amounts, *point).sign()).collect();
    let mut solutions = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let inner = index > 0 && index + 1 < points.len();
        if signs[index] == 0 && inner {
            let before = signs[..index].iter().rev().find(|sign| **sign != 0);
            let after = signs[index + 1..].iter().find(|sign| **sign != 0);
            solutions.push(Solution {
                ln1p: *point,
                touches: before == after,
            });
        }
        if index + 1 < points.len() && signs[index] * signs[index + 1] < 0 {
            let ln1p = bracketed(times, amounts, (*point, points[index + 1]), signs[index]);
            solutions.push(Solution { ln1p, touches: false });
        }
    }
    solutions
}

/// Returns the solution inside a bracket: Newton's method, kept inside by bisection.
fn bracketed(times: &[f64], amounts: &[f64], bracket: (f64, f64), sign_low: i8) -> f64 {
    let (mut low, mut high) = bracket;
    let mut s = 0.5 * (low + high);
    for round in 0..400 {
        let here = at(times, amounts, s);
        if here.value == 0.0 {
            return s;
        }
        if (here.value > 0.0) == (sign_low > 0) {
            low = s;
        } else {
            high = s;
        }
        let newton = s - here.value / here.slope;
        // Every fourth step halves the bracket, so that a slow approach from one side still ends.
        let next = if round % 4 != 3 && newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - s).abs() <= 1e-16 * (1.0 + s.abs()) || high - low <= 2e-16 * (1.0 + s.abs()) {
            return next;
        }
        s = next;
    }
    s
}

/// Returns whether no running total of the discounted flows changes sign at `s`: then there is no solution beyond it.
///
/// `later` asks for larger `s`, with totals from the first flow; otherwise for smaller, with totals from the last.
fn none_beyond(times: &[f64], amounts: &[f64], s: f64, later: bool) -> bool {
    let reference = if s >= 0.0 { times.first() } else { times.last() }
        .copied()
        .unwrap_or(0.0);
    let (mut total, mut size) = (0.0_f64, 0.0_f64);
    let (mut rises, mut falls) = (false, false);
    let mut step = |index: usize| {
        let term = amounts[index] * (-s * (times[index] - reference)).exp();
        total += term;
        size += term.abs();
        rises |= total > ZERO * size;
        falls |= total < -ZERO * size;
    };
    if later {
        (0..amounts.len()).for_each(&mut step);
    } else {
        (0..amounts.len()).rev().for_each(&mut step);
    }
    rises != falls
}

/// Scans the interval that can hold solutions on a grid, for changes of sign and for points that touch zero.
fn on_a_grid(times: &[f64], amounts: &[f64]) -> Vec<Solution> {
    let bounds = [0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 400.0, 600.0];
    let high = bounds
        .into_iter()
        .find(|s| none_beyond(times, amounts, *s, true))
        .unwrap_or(LN1P_MAX);
    let low = bounds
        .into_iter()
        .map(|s| -s)
        .find(|s| none_beyond(times, amounts, *s, false))
        .unwrap_or(LN1P_MIN);
    let low = low.max(LN1P_MIN);
    let point = |index: usize| low + (high - low) * index as f64 / GRID as f64;
    let relative = |s: f64| {
        let here = at(times, amounts, s);
        here.value / here.size
    };
    let values: Vec<f64> = (0..=GRID).map(|index| relative(point(index))).collect();
    let mut solutions = Vec::new();
    for index in 0..GRID {
        let (here, next) = (values[index], values[index + 1]);
        if here == 0.0 {
            solutions.push(Solution {
                ln1p: point(index),
                touches: false,
            });
        } else if here * next < 0.0 {
            let sign = if here > 0.0 { 1 } else { -1 };
            let ln1p = bracketed(times, amounts, (point(index), point(index + 1)), sign);
            solutions.push(Solution { ln1p, touches: false });
        } else if index > 0 && here.abs() < values[index - 1].abs() && here.abs() <= next.abs() {
            let lowest = lowest_between(&relative, point(index - 1), point(index + 1));
            if relative(lowest).abs() <= ZERO {
                solutions.push(Solution {
                    ln1p: lowest,
                    touches: true,
                });
            }
        }
    }
    solutions
}

/// Returns where the size of a function is least inside an interval, by golden section.
fn lowest_between(function: &impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let share = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..100 {
        let (left, right) = (high - share * (high - low), low + share * (high - low));
        if function(left).abs() < function(right).abs() {
            high = right;
        } else {
            low = left;
        }
    }
    0.5 * (low + high)
}
