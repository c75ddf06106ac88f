//! The arithmetic attribution of one period by segment, after Brinson, Hood and Beebower (1986) and Brinson and Fachler
//! (1985).

use serde::{Deserialize, Serialize};

use super::{check_lists, dot};
use crate::error::{AnalyticsError, whole};

/// Weights and returns of every segment over one period, in one order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segments<'a> {
    /// The portfolio's weights.
    pub portfolio_weights: &'a [f64],
    /// The benchmark's weights.
    pub benchmark_weights: &'a [f64],
    /// The portfolio's return in each segment; any number where it holds nothing.
    pub portfolio_returns: &'a [f64],
    /// The benchmark's return in each segment.
    pub benchmark_returns: &'a [f64],
}

/// What an overweight segment is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrinsonModel {
    /// Against the whole benchmark: an overweight helps when the segment beats it (Brinson and Fachler, 1985).
    Fachler,
    /// Against nothing: an overweight helps when the segment rises (Brinson, Hood and Beebower, 1986).
    HoodBeebower,
}

/// The effects by segment. The field names are those of the reference file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Effects {
    /// What weights other than the benchmark's earned.
    pub allocation: Vec<f64>,
    /// What returns other than the benchmark's earned at its weights.
    pub selection: Vec<f64>,
    /// What both together earned.
    pub interaction: Vec<f64>,
}

impl Effects {
    /// Returns the sum of all effects.
    pub fn total(&self) -> f64 {
        let parts = [&self.allocation, &self.selection, &self.interaction];
        parts.into_iter().flatten().sum()
    }

    /// Returns two effects instead of three: selection takes the interaction in, which leaves zeros there.
    ///
    /// It is then selection at the portfolio's own weights.
    pub fn with_two(mut self) -> Self {
        for (selection, interaction) in self.selection.iter_mut().zip(&mut self.interaction) {
            *selection += std::mem::take(interaction);
        }
        self
    }
}

/// The attribution of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brinson {
    /// The portfolio's return.
    pub portfolio_return: f64,
    /// The benchmark's return.
    pub benchmark_return: f64,
    /// The difference, which the effects add up to.
    pub active_return: f64,
    /// The effects.
    pub effects: Effects,
}

/// Splits the active return of one period by segment.
///
/// With weights `w`, `b` and returns `r`, `q` of portfolio and benchmark, and the benchmark's return `B`:
/// allocation `(w - b) (q - B)`, or `(w - b) q` after Hood and Beebower; selection `b (r - q)`; interaction
/// `(w - b) (r - q)`. All of them add up to the active return `sum(w r) - sum(b q)`.
///
/// # Errors
///
/// Refuses no segment, lists of different length, values that are not finite, and weights that do not add up to 1.
///
/// ```
/// use apex_analytics::attribution::brinson::{BrinsonModel, Segments, brinson};
///
/// let segments = Segments {
///     portfolio_weights: &[0.6, 0.4],
///     benchmark_weights: &[0.5, 0.5],
///     portfolio_returns: &[0.10, 0.00],
///     benchmark_returns: &[0.08, 0.02],
/// };
/// let split = brinson(&segments, BrinsonModel::Fachler).unwrap();
/// assert!((split.active_return - 0.01).abs() < 1e-15); // 6% against 5%
/// assert!((split.effects.allocation[0] - 0.1 * (0.08 - 0.05)).abs() < 1e-15);
/// assert!((split.effects.selection[0] - 0.5 * 0.02).abs() < 1e-15);
/// assert!((split.effects.total() - 0.01).abs() < 1e-15);
/// ```
pub fn brinson(segments: &Segments<'_>, model: BrinsonModel) -> Result<Brinson, AnalyticsError> {
    segments.check()?;
    let (portfolio_return, benchmark_return) = segments.totals();
    let hurdle = match model {
        BrinsonModel::Fachler => benchmark_return,
        BrinsonModel::HoodBeebower => 0.0,
    };
    let mut effects = Effects::default();
    for (weight, base, own, other) in segments.rows() {
        effects.allocation.push((weight - base) * (other - hurdle));
        effects.selection.push(base * (own - other));
        effects.interaction.push((weight - base) * (own - other));
    }
    Ok(Brinson {
        portfolio_return,
        benchmark_return,
        active_return: portfolio_return - benchmark_return,
        effects,
    })
}

impl Segments<'_> {
    /// Refuses what cannot be attributed.
    pub(super) fn check(&self) -> Result<(), AnalyticsError> {
        check_lists([
            ("list of portfolio weights", self.portfolio_weights),
            ("list of benchmark weights", self.benchmark_weights),
            ("list of portfolio returns", self.portfolio_returns),
            ("list of benchmark returns", self.benchmark_returns),
        ])?;
        whole("sum of the portfolio weights", self.portfolio_weights)?;
        whole("sum of the benchmark weights", self.benchmark_weights)
    }

    /// Returns the returns of portfolio and benchmark.
    pub(super) fn totals(&self) -> (f64, f64) {
        (
            dot(self.portfolio_weights, self.portfolio_returns),
            dot(self.benchmark_weights, self.benchmark_returns),
        )
    }

    /// Returns portfolio weight, benchmark weight, portfolio return and benchmark return of each segment.
    pub(super) fn rows(&self) -> impl Iterator<Item = (f64, f64, f64, f64)> {
        let weights = self.portfolio_weights.iter().zip(self.benchmark_weights);
        let returns = self.portfolio_returns.iter().zip(self.benchmark_returns);
        weights
            .zip(returns)
            .map(|((weight, base), (own, other))| (*weight, *base, *own, *other))
    }
}
