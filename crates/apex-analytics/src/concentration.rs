//! How much of a book stands on few holdings.

use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, ratio};

/// The concentration of a book. Shares are of gross exposure, so that a short counts as a holding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Concentration {
    /// The Herfindahl-Hirschman index, the sum of squared shares: 1 for one holding, `1 / n` for n equal ones.
    pub hhi: Option<f64>,
    /// The effective number of holdings, `1 / hhi`.
    pub effective_number: Option<f64>,
    /// The share of the largest holdings: of the first, the first two, and so on as asked.
    pub top: Vec<f64>,
    /// The positions of these holdings among the weights given, largest first.
    pub largest: Vec<usize>,
}

/// Returns the concentration of weights, with the share of the `top` largest.
///
/// `hhi = sum((|w[i]| / sum |w|)^2)`, after Herfindahl (1950) and Hirschman (1964). Undefined for a book that holds
/// nothing. Of equal holdings the first given stands first.
///
/// # Errors
///
/// Refuses weights that are not finite.
///
/// ```
/// let book = apex_analytics::concentration::concentration(&[0.5, 0.25, 0.25], 2).unwrap();
/// assert_eq!(book.hhi, Some(0.375)); // 1/4 + 1/16 + 1/16
/// assert_eq!(book.top, [0.5, 0.75]);
/// assert!((book.effective_number.unwrap() - 8.0 / 3.0).abs() < 1e-12);
/// ```
pub fn concentration(weights: &[f64], top: usize) -> Result<Concentration, AnalyticsError> {
    all_finite("weight", weights)?;
    let gross: f64 = weights.iter().map(|weight| weight.abs()).sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let hhi = ratio(squares, gross * gross);
    let mut largest: Vec<usize> = (0..weights.len()).filter(|at| weights[*at] != 0.0).collect();
    largest.sort_by(|left, right| {
        weights[*right]
            .abs()
            .total_cmp(&weights[*left].abs())
            .then(left.cmp(right))
    });
    largest.truncate(top);
    let mut sum = 0.0;
    Ok(Concentration {
        hhi,
        effective_number: hhi.and_then(|hhi| ratio(1.0, hhi)),
        top: largest
            .iter()
            .map(|at| {
                sum += weights[*at].abs() / gross;
                sum
            })
            .collect(),
        largest,
    })
}
