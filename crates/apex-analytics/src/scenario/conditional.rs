//! What the rest most likely does when a few things move.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

use crate::error::{AnalyticsError, all_finite, finite, same_length};
use crate::series::correlation::covariance_matrix;

/// What a few moves imply for everything else.
#[derive(Debug, Clone, PartialEq)]
pub struct LikelyMoves {
    /// The move of each of the others, in the order they were given.
    pub moves: Vec<f64>,
    /// How far the shocks lie from none, in standard deviations of their joint distribution over one period
    /// (Mahalanobis distance).
    pub distance: f64,
}

/// Returns the expected moves of `others` given the moves `shocks` of the series `shocked`, all returns being jointly
/// normal with mean zero and the sample covariances (n - 1) of the columns.
///
/// `E[r | r_S = s] = C[:, S] C[S, S]^-1 s`, with distance `sqrt(s' C[S, S]^-1 s)`; for one shock the first factor is the
/// beta on it. All columns cover the same periods. The covariances of the others among each other are not needed, so
/// the work grows with their number and not with its square. Source: the conditional distribution of the multivariate
/// normal (Anderson 2003, section 2.5), as used for predictive stress tests by Kupiec (1998).
///
/// # Errors
///
/// When nothing is shocked, columns differ in length or have fewer than two values, a value is not finite, or the shocked
/// series depend on each other so that their covariance cannot be inverted.
///
/// ```
/// use apex_analytics::scenario::conditional::likely_moves;
///
/// let market = [0.01, -0.02, 0.03, -0.02];
/// let share = market.map(|value| 1.5 * value + 0.001); // Beta 1.5.
/// let answer = likely_moves(&[&market], &[-0.10], &[&share]).unwrap();
/// assert!((answer.moves[0] + 0.15).abs() < 1e-15);
/// ```
pub fn likely_moves(shocked: &[&[f64]], shocks: &[f64], others: &[&[f64]]) -> Result<LikelyMoves, AnalyticsError> {
    same_length("list of shocks", shocked.len(), shocks.len())?;
    all_finite("shock", shocks)?;
    let among = covariance_matrix(shocked)?;
    let periods = shocked[0].len();
    let count = shocked.len();
    let dependent = || AnalyticsError::Degenerate {
        what: "shocked series",
        reason: "depend on each other: one of them follows from the others",
    };
    let matrix = Mat::from_fn(count, count, |row, column| among.get(row, column).unwrap_or(0.0));
    let factor = matrix.llt(Side::Lower).map_err(|_| dependent())?;
    let solved = factor.solve(Mat::from_fn(count, 1, |row, _| shocks[row]));
    // One series stands for all shocks: the covariance of any other with it is that other's move.
    let mut driver = vec![0.0; periods];
    for (at, column) in shocked.iter().enumerate() {
        let weight = solved[(at, 0)];
        for (sum, value) in driver.iter_mut().zip(*column) {
            *sum += weight * value;
        }
    }
    let mean = driver.iter().sum::<f64>() / periods as f64;
    driver.iter_mut().for_each(|value| *value -= mean);
    let mut moves = Vec::with_capacity(others.len());
    for column in others {
        same_length("return column", periods, column.len())?;
        all_finite("return", column)?;
        let cross: f64 = column.iter().zip(&driver).map(|(value, driver)| value * driver).sum();
        moves.push(finite(cross / (periods as f64 - 1.0)).ok_or_else(dependent)?);
    }
    let square: f64 = shocks
        .iter()
        .enumerate()
        .map(|(at, shock)| shock * solved[(at, 0)])
        .sum();
    let distance = finite(square.max(0.0).sqrt()).ok_or_else(dependent)?;
    Ok(LikelyMoves { moves, distance })
}
