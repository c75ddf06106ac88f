//! Geometric attribution: the active return as a ratio, `(1 + R) / (1 + B) - 1`, whose parts compound over time.

use serde::{Deserialize, Serialize};

use super::brinson::Segments;
use super::dot;
use crate::error::AnalyticsError;

/// The geometric effects of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeometricPeriod {
    /// Allocation by segment; they add up to `allocation_total`.
    pub allocation: Vec<f64>,
    /// Selection by segment, interaction included; they add up to `selection_total`.
    pub selection: Vec<f64>,
    /// The allocation of the period.
    pub allocation_total: f64,
    /// The selection of the period.
    pub selection_total: f64,
    /// `(1 + R) / (1 + B) - 1`.
    pub active_return: f64,
}

/// Geometric effects of several periods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Geometric {
    /// Each period.
    pub periods: Vec<GeometricPeriod>,
    /// The compounded allocation.
    pub allocation: f64,
    /// The compounded selection.
    pub selection: f64,
    /// The compounded geometric active return.
    pub active_return: f64,
    /// `(1 + allocation) (1 + selection) - 1 - active_return`: what rounding leaves.
    pub residual: f64,
}

/// Splits the geometric active return of several periods into allocation and selection (Burnie, Knowles and Teder,
/// 1998; Bacon, 2008).
///
/// With the benchmark's return `B` and the return `S = sum(w q)` of the benchmark's segments at the portfolio's
/// weights: allocation `(w - b) ((1 + q) / (1 + B) - 1)` by segment, `(1 + S) / (1 + B) - 1` in total; selection
/// `w (r - q) / (1 + S)` by segment, `(1 + R) / (1 + S) - 1` in total. Of one period and of all,
/// `(1 + allocation) (1 + selection) = (1 + R) / (1 + B)`.
///
/// # Errors
///
/// Refuses what [`super::brinson::brinson`] refuses, no period, and a return that loses everything.
///
/// ```
/// use apex_analytics::attribution::{brinson::Segments, geometric::geometric};
///
/// let period = Segments {
///     portfolio_weights: &[1.0, 0.0],
///     benchmark_weights: &[0.5, 0.5],
///     portfolio_returns: &[0.21, 0.0],
///     benchmark_returns: &[0.10, -0.10],
/// };
/// let split = geometric(&[period]).unwrap();
/// assert!((split.allocation - 0.10).abs() < 1e-15); // 1.10 against 1
/// assert!((split.selection - 0.10).abs() < 1e-15); // 1.21 against 1.10
/// assert!(split.residual.abs() < 1e-15);
/// ```
pub fn geometric(periods: &[Segments<'_>]) -> Result<Geometric, AnalyticsError> {
    if periods.is_empty() {
        return Err(AnalyticsError::Empty {
            what: "list of periods",
        });
    }
    let mut split = Vec::with_capacity(periods.len());
    let (mut own_growth, mut other_growth) = (1.0, 1.0);
    let (mut allocation, mut selection) = (1.0, 1.0);
    for (index, segments) in periods.iter().enumerate() {
        segments.check()?;
        let (own, other) = segments.totals();
        let mixed = dot(segments.portfolio_weights, segments.benchmark_returns);
        for (what, value) in [
            ("portfolio return", own),
            ("benchmark return", other),
            ("return of the benchmark at the portfolio's weights", mixed),
        ] {
            if value <= -1.0 {
                return Err(AnalyticsError::TotalLoss { what, index, value });
            }
        }
        let rows = || segments.rows();
        let period = GeometricPeriod {
            allocation: rows()
                .map(|(weight, base, _, return_)| (weight - base) * ((return_ - other) / (1.0 + other)))
                .collect(),
            selection: rows()
                .map(|(weight, _, own, other)| weight * (own - other) / (1.0 + mixed))
                .collect(),
            allocation_total: (mixed - other) / (1.0 + other),
            selection_total: (own - mixed) / (1.0 + mixed),
            active_return: (own - other) / (1.0 + other),
        };
        own_growth *= 1.0 + own;
        other_growth *= 1.0 + other;
        allocation *= 1.0 + period.allocation_total;
        selection *= 1.0 + period.selection_total;
        split.push(period);
    }
    let active_return = own_growth / other_growth - 1.0;
    Ok(Geometric {
        periods: split,
        allocation: allocation - 1.0,
        selection: selection - 1.0,
        active_return,
        residual: allocation * selection - 1.0 - active_return,
    })
}
