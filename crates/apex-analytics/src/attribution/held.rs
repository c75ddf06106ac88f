//! Attribution of books that change from day to day: what each part weighed and earned over a period of several days.
//!
//! A part's weight of a day is its value at the close before over the day's capital, its contribution its result over
//! the same capital. Over a period its contribution is the sum of the days', each grown by the book before it, which
//! adds up to the period's return; its weight is the mean of the days'; its return is the one over the other, so that
//! weights times returns add up to the return of the period whatever was bought and sold on the way. A period of one
//! day is the attribution of [`super::brinson`] itself.

use std::ops::Range;

use super::brinson::Effects;
use super::geometric::GeometricPeriod;
use crate::error::{AnalyticsError, all_finite, same_length};

/// The least weight, on average over a period, that a return is given for: a basis point. What is earned on less is a
/// matter of the day it was bought on.
pub const WEIGHT_MIN: f64 = 1e-4;

/// The mean weight of a part over a period, and what it added to the period's return.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Held {
    /// The mean of its weights at the start of each day.
    pub weight: f64,
    /// Its contribution to the book's return of the period.
    pub contribution: f64,
}

impl Held {
    /// Returns contribution over weight, or `None` below [`WEIGHT_MIN`].
    pub fn return_(&self) -> Option<f64> {
        (self.weight.abs() >= WEIGHT_MIN).then(|| self.contribution / self.weight)
    }

    /// Adds another part.
    pub fn add(&mut self, other: Held) {
        self.weight += other.weight;
        self.contribution += other.contribution;
    }
}

/// Returns the growth of 1 since the start of its period, before each day's own return.
///
/// # Errors
///
/// Refuses periods outside the returns and returns that are not finite.
pub fn growth_before(returns: &[f64], periods: &[Range<usize>]) -> Result<Vec<f64>, AnalyticsError> {
    all_finite("return", returns)?;
    check_periods(returns.len(), periods)?;
    let mut before = vec![1.0; returns.len()];
    for period in periods {
        let mut growth = 1.0;
        for day in period.clone() {
            before[day] = growth;
            growth *= 1.0 + returns[day];
        }
    }
    Ok(before)
}

/// Returns what one part weighed and earned in each period, from its weight and its contribution of each day and the
/// book's [`growth_before`].
///
/// # Errors
///
/// Refuses columns of different length, periods outside them and values that are not finite.
///
/// ```
/// use apex_analytics::attribution::held::{growth_before, held};
///
/// // Half the book, earning 10% and then nothing; the book earns 5% and then 2%.
/// let growth = growth_before(&[0.05, 0.02], &[0..2]).unwrap();
/// let part = held(&[0.5, 0.6], &[0.05, 0.0], &growth, &[0..2]).unwrap();
/// assert!((part[0].weight - 0.55).abs() < 1e-15 && (part[0].contribution - 0.05).abs() < 1e-15);
/// ```
pub fn held(
    weights: &[f64],
    contributions: &[f64],
    growth: &[f64],
    periods: &[Range<usize>],
) -> Result<Vec<Held>, AnalyticsError> {
    same_length("list of contributions", weights.len(), contributions.len())?;
    same_length("list of growth", weights.len(), growth.len())?;
    all_finite("weight", weights)?;
    all_finite("contribution", contributions)?;
    check_periods(weights.len(), periods)?;
    let of = |period: &Range<usize>| {
        let days = period.clone();
        Held {
            weight: weights[days.clone()].iter().sum::<f64>() / days.len() as f64,
            contribution: days.map(|day| growth[day] * contributions[day]).sum(),
        }
    };
    Ok(periods.iter().map(of).collect())
}

fn check_periods(days: usize, periods: &[Range<usize>]) -> Result<(), AnalyticsError> {
    if periods.iter().any(Range::is_empty) {
        return Err(AnalyticsError::Empty { what: "period" });
    }
    match periods.iter().position(|period| period.end > days) {
        None => Ok(()),
        Some(index) => Err(AnalyticsError::Outside {
            what: "period",
            index,
            value: periods[index].end,
            limit: days,
        }),
    }
}

/// Returns the return that the benchmark is taken to have in a segment: its own, that of the portfolio where the
/// benchmark holds nothing of it, so that all is allocation, and that of the whole benchmark where neither does.
pub fn benchmark_return_in(own: Held, other: Held, benchmark: f64) -> f64 {
    other.return_().or(own.return_()).unwrap_or(benchmark)
}

/// Splits the active return of one period by segment, as Brinson and Fachler do.
///
/// With weights `w`, `b`, contributions `c`, `d` of portfolio and benchmark, the benchmark's return `B` and its return
/// `q` in the segment ([`benchmark_return_in`]): allocation `(w - b) (q - B)`, selection `b (c / w - q)`, and
/// interaction the rest of `c - d - (w - b) B`, which is `(w - b) (c / w - q)` where the portfolio has a return in the
/// segment. All effects add up to the active return when the weights of both add up to 1.
///
/// # Errors
///
/// Refuses no segment, lists of different length, and values that are not finite.
///
/// ```
/// use apex_analytics::attribution::held::{Held, segment_effects};
///
/// let of = |weight, contribution| Held { weight, contribution };
/// // 60% that returned 10%, 40% without a return, against halves of 8% and 2%.
/// let effects = segment_effects(&[of(0.6, 0.06), of(0.4, 0.0)], &[of(0.5, 0.04), of(0.5, 0.01)]).unwrap();
/// assert!((effects.allocation[0] - 0.1 * 0.03).abs() < 1e-15);
/// assert!((effects.selection[0] - 0.5 * 0.02).abs() < 1e-15);
/// assert!((effects.interaction[0] - 0.1 * 0.02).abs() < 1e-15);
/// assert!((effects.total() - 0.01).abs() < 1e-15);
/// ```
pub fn segment_effects(own: &[Held], other: &[Held]) -> Result<Effects, AnalyticsError> {
    check(own, other)?;
    let benchmark: f64 = other.iter().map(|held| held.contribution).sum();
    let mut effects = Effects::default();
    for (own, other) in own.iter().zip(other) {
        let base = benchmark_return_in(*own, *other, benchmark);
        let active = own.weight - other.weight;
        let selection = own.return_().map_or(0.0, |return_| other.weight * (return_ - base));
        effects.allocation.push(active * (base - benchmark));
        effects.selection.push(selection);
        effects
            .interaction
            .push((own.contribution - own.weight * base) - (other.contribution - other.weight * base) - selection);
    }
    Ok(effects)
}

/// Splits the geometric active return `(1 + R) / (1 + B) - 1` of one period by segment (Burnie, Knowles and Teder,
/// 1998), as [`super::geometric::geometric`] does; `(1 + allocation) (1 + selection)` of the totals is `(1 + R) / (1 + B)`.
///
/// # Errors
///
/// Those of [`segment_effects`], and a return that loses everything.
///
/// ```
/// use apex_analytics::attribution::held::{Held, geometric_effects};
///
/// let of = |weight, contribution| Held { weight, contribution };
/// let split = geometric_effects(&[of(1.0, 0.21), of(0.0, 0.0)], &[of(0.5, 0.05), of(0.5, -0.05)]).unwrap();
/// assert!((split.allocation_total - 0.10).abs() < 1e-15); // 1.10 against 1
/// assert!((split.selection_total - 0.10).abs() < 1e-15); // 1.21 against 1.10
/// ```
pub fn geometric_effects(own: &[Held], other: &[Held]) -> Result<GeometricPeriod, AnalyticsError> {
    check(own, other)?;
    let portfolio: f64 = own.iter().map(|held| held.contribution).sum();
    let benchmark: f64 = other.iter().map(|held| held.contribution).sum();
    let bases: Vec<f64> = own
        .iter()
        .zip(other)
        .map(|(own, other)| benchmark_return_in(*own, *other, benchmark))
        .collect();
    // What the benchmark would have returned at the portfolio's weights. What rounding or a weight too small for a
    // return leaves between the benchmark's weights times returns and its contributions is kept out of allocation.
    let mixed: f64 = benchmark
        + own
            .iter()
            .zip(other)
            .zip(&bases)
            .map(|((own, other), base)| (own.weight - other.weight) * base)
            .sum::<f64>();
    for (what, value) in [
        ("portfolio return", portfolio),
        ("benchmark return", benchmark),
        ("return of the benchmark at the portfolio's weights", mixed),
    ] {
        if value <= -1.0 {
            return Err(AnalyticsError::TotalLoss { what, index: 0, value });
        }
    }
    let rows = || own.iter().zip(other).zip(&bases);
    Ok(GeometricPeriod {
        allocation: rows()
            .map(|((own, other), base)| (own.weight - other.weight) * ((base - benchmark) / (1.0 + benchmark)))
            .collect(),
        selection: rows()
            .map(|((own, other), base)| {
                let (own, other) = (
                    own.contribution - own.weight * base,
                    other.contribution - other.weight * base,
                );
                (own - other) / (1.0 + mixed)
            })
            .collect(),
        allocation_total: (mixed - benchmark) / (1.0 + benchmark),
        selection_total: (portfolio - mixed) / (1.0 + mixed),
        active_return: (portfolio - benchmark) / (1.0 + benchmark),
    })
}

fn check(own: &[Held], other: &[Held]) -> Result<(), AnalyticsError> {
    if own.is_empty() {
        return Err(AnalyticsError::Empty {
            what: "list of segments",
        });
    }
    same_length("list of benchmark segments", own.len(), other.len())?;
    for (what, list) in [("segment of the portfolio", own), ("segment of the benchmark", other)] {
        let values: Vec<f64> = list.iter().flat_map(|held| [held.weight, held.contribution]).collect();
        all_finite(what, &values)?;
    }
    Ok(())
}
