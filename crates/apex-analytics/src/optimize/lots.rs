//! From weights to whole lots.

use crate::covariance::SymmetricMatrix;
use crate::error::{AnalyticsError, same_length};

/// A book in whole lots.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundLots {
    /// The lots of each asset.
    pub lots: Vec<f64>,
    /// The weights they make.
    pub weights: Vec<f64>,
    /// What is left in cash, as a share of the value.
    pub cash: f64,
    /// `sqrt((lots - weights)'S(lots - weights))`: how far the book is from the weights asked for.
    pub tracking_error: f64,
    /// Changes of a lot that were made after rounding down.
    pub iterations: usize,
}

/// Returns whole lots near to weights, at most for the value there is, after starting from the lots that fit and adding
/// or taking one lot at a time while the tracking variance falls.
///
/// Weights of the wrong sign for a price stay at zero lots. This is a search of single steps: a better pair may exist.
///
/// # Errors
///
/// Refuses inputs of different size, and lot values that are not above zero.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::round_lots;
///
/// // 1,000 in two assets of 300 and 70 a lot: 500 each is one and seven.
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.0, 0.0, 0.04]).unwrap();
/// let book = round_lots(&[0.5, 0.5], &[300.0, 70.0], 1000.0, &covariance).unwrap();
/// assert_eq!(book.lots, [1.0, 7.0]);
/// ```
pub fn round_lots(
    weights: &[f64],
    lot_values: &[f64],
    value: f64,
    covariance: &SymmetricMatrix,
) -> Result<RoundLots, AnalyticsError> {
    let size = covariance.size();
    same_length("list of weights", size, weights.len())?;
    same_length("list of lot values", size, lot_values.len())?;
    crate::error::all_finite("weight", weights)?;
    crate::error::all_finite("lot value", lot_values)?;
    if let Some(index) = lot_values.iter().position(|lot| *lot <= 0.0) {
        return Err(AnalyticsError::NotPositive {
            what: "lot value",
            index,
            value: lot_values[index],
        });
    }
    if !(value > 0.0 && value.is_finite()) {
        return Err(AnalyticsError::Parameter {
            what: "value of the book",
            expected: "above zero",
            value,
        });
    }
    let shares: Vec<f64> = lot_values.iter().map(|lot| lot / value).collect();
    let mut lots: Vec<f64> = weights
        .iter()
        .zip(&shares)
        .map(|(weight, share)| (weight / share).trunc())
        .collect();
    let mut off: Vec<f64> = (0..size).map(|at| lots[at] * shares[at] - weights[at]).collect();
    let mut slopes = covariance.times(&off);
    let mut cash = weights.iter().sum::<f64>() - (0..size).map(|at| lots[at] * shares[at]).sum::<f64>();
    let mut iterations = 0;
    let limit = 100 * size;
    while iterations < limit {
        let mut best: Option<(f64, usize, f64)> = None;
        for at in 0..size {
            for sign in [1.0, -1.0] {
                let moved = sign * shares[at];
                let crosses_zero = (lots[at] + sign) * weights[at] < 0.0 || (weights[at] == 0.0 && lots[at] == 0.0);
                if crosses_zero || cash - moved < -1e-12 {
                    continue;
                }
                let change = moved * (2.0 * slopes[at] + moved * covariance.at(at, at));
                if change < best.map_or(-1e-18, |(least, ..)| least) {
                    best = Some((change, at, sign));
                }
            }
        }
        let Some((_, at, sign)) = best else { break };
        iterations += 1;
        let moved = sign * shares[at];
        lots[at] += sign;
        off[at] += moved;
        cash -= moved;
        crate::covariance::add_scaled(&mut slopes, moved, covariance.row(at));
    }
    Ok(RoundLots {
        weights: lots.iter().zip(&shares).map(|(count, share)| count * share).collect(),
        cash,
        tracking_error: covariance.quadratic(&off).max(0.0).sqrt(),
        lots,
        iterations,
    })
}
