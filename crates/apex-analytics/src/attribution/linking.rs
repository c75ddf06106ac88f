//! Multi-period linking: one factor a period, by which its effects are scaled so that their sum over all periods is the
//! compounded active return.

use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, same_length};
use crate::returns::compounded;

/// How effects of several periods are made to add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Linking {
    /// By logarithms (Carino, 1999): `k(t) / k` with `k = (ln(1 + R) - ln(1 + B)) / (R - B)`.
    Carino,
    /// By the smallest change of the effects (Menchero, 2000): `M + a (R(t) - B(t))`, with `M` the natural scale of a
    /// period's active return and `a` what spreads the rest.
    Menchero,
    /// By reinvestment (GRAP, 1997): a period's effect is grown by the portfolio before it and by the benchmark after
    /// it. It is the only one of the three that depends on the order of the periods.
    Grap,
}

/// The compounded returns of portfolio and benchmark, and the factor of each period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The portfolio's compounded return.
    pub portfolio_return: f64,
    /// The benchmark's compounded return.
    pub benchmark_return: f64,
    /// The difference, which the scaled effects add up to.
    pub active_return: f64,
    /// What the effects of each period are multiplied by.
    pub factors: Vec<f64>,
}

impl Link {
    /// Returns effects of all periods, summed with the factors: `effects[t][i]` is effect `i` of period `t`.
    ///
    /// # Errors
    ///
    /// Refuses another number of periods, and periods of different length.
    pub fn sum(&self, effects: &[&[f64]]) -> Result<Vec<f64>, AnalyticsError> {
        same_length("list of periods", self.factors.len(), effects.len())?;
        let mut sums = vec![0.0; effects.first().map_or(0, |first| first.len())];
        for (factor, period) in self.factors.iter().zip(effects) {
            same_length("list of effects", sums.len(), period.len())?;
            for (sum, effect) in sums.iter_mut().zip(*period) {
                *sum += factor * effect;
            }
        }
        Ok(sums)
    }
}

/// Returns the factors by which the effects of each period are scaled.
///
/// Any split whose parts add up to each period's active return can be linked: by segment, currency or factor.
///
/// # Errors
///
/// Refuses no period, lists of different length, and returns that are not finite or lose everything.
///
/// ```
/// use apex_analytics::attribution::linking::{Linking, link};
///
/// let (portfolio, benchmark) = ([0.10, 0.05], [0.08, 0.01]);
/// for method in [Linking::Carino, Linking::Menchero, Linking::Grap] {
///     let link = link(method, &portfolio, &benchmark).unwrap();
///     let sum = link.sum(&[&[0.02], &[0.04]]).unwrap()[0];
///     assert!((sum - (1.1 * 1.05 - 1.08 * 1.01)).abs() < 1e-15);
/// }
/// ```
pub fn link(method: Linking, portfolio: &[f64], benchmark: &[f64]) -> Result<Link, AnalyticsError> {
    if portfolio.is_empty() {
        return Err(AnalyticsError::Empty {
            what: "list of periods",
        });
    }
    same_length("list of benchmark returns", portfolio.len(), benchmark.len())?;
    for (what, returns) in [("portfolio return", portfolio), ("benchmark return", benchmark)] {
        all_finite(what, returns)?;
        if let Some((index, value)) = returns.iter().enumerate().find(|(_, value)| **value <= -1.0) {
            return Err(AnalyticsError::TotalLoss {
                what,
                index,
                value: *value,
            });
        }
    }
    let (own, other) = (compounded(portfolio), compounded(benchmark));
    let factors = match method {
        Linking::Carino => carino(portfolio, benchmark, own, other),
        Linking::Menchero => menchero(portfolio, benchmark, own, other),
        Linking::Grap => grap(portfolio, benchmark),
    };
    all_finite("linking factor", &factors)?;
    Ok(Link {
        portfolio_return: own,
        benchmark_return: other,
        active_return: own - other,
        factors,
    })
}

fn carino(portfolio: &[f64], benchmark: &[f64], own: f64, other: f64) -> Vec<f64> {
    let whole = log_slope(own, other);
    let pairs = portfolio.iter().zip(benchmark);
    pairs.map(|(own, other)| log_slope(*own, *other) / whole).collect()
}

/// Returns `(ln(1 + own) - ln(1 + other)) / (own - other)`, and its limit where both are the same.
fn log_slope(own: f64, other: f64) -> f64 {
    let active = own - other;
    if active == 0.0 {
        1.0 / (1.0 + own)
    } else {
        (active / (1.0 + other)).ln_1p() / active
    }
}

fn menchero(portfolio: &[f64], benchmark: &[f64], own: f64, other: f64) -> Vec<f64> {
    let count = portfolio.len() as f64;
    let active = own - other;
    let base = (1.0 + other).powf(1.0 / count);
    // The mean active return of a period at which these growth rates differ by `active` in the end.
    let mean_active = base * ((active / (1.0 + other)).ln_1p() / count).exp_m1();
    let natural = if mean_active == 0.0 {
        (1.0 + own).powf((count - 1.0) / count)
    } else {
        active / count / mean_active
    };
    let actives: Vec<f64> = portfolio
        .iter()
        .zip(benchmark)
        .map(|(own, other)| own - other)
        .collect();
    let (sum, squares) = actives.iter().fold((0.0, 0.0), |(sum, squares), active| {
        (sum + active, squares + active * active)
    });
    let correction = if squares == 0.0 {
        0.0
    } else {
        (own - other - natural * sum) / squares
    };
    actives.iter().map(|active| natural + correction * active).collect()
}

fn grap(portfolio: &[f64], benchmark: &[f64]) -> Vec<f64> {
    let mut factors = vec![1.0; portfolio.len()];
    let mut before = 1.0;
    for (factor, own) in factors.iter_mut().zip(portfolio) {
        *factor = before;
        before *= 1.0 + own;
    }
    let mut after = 1.0;
    for (factor, other) in factors.iter_mut().zip(benchmark).rev() {
        *factor *= after;
        after *= 1.0 + other;
    }
    factors
}
