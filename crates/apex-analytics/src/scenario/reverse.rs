//! Reverse stress: of all moves that lose a given amount, the most plausible one.

use faer::Mat;

use crate::covariance::dot;
use crate::error::{AnalyticsError, all_finite, same_length};

/// Steps until the answer of a book that is not linear is given up.
const STEPS_MAX: usize = 100;
/// The answer stands when value and direction are this close, relative to the loss and to the move.
const CLOSE: f64 = 1e-10;

/// The most plausible move that loses a given amount.
#[derive(Debug, Clone, PartialEq)]
pub struct ReverseStress {
    /// The move of every asset.
    pub moves: Vec<f64>,
    /// Its distance from no move, in standard deviations (Mahalanobis).
    pub distance: f64,
    /// The steps it took: two for a linear book, the second one only confirms.
    pub steps: usize,
}

/// Returns the most plausible move of a book whose result is `exposures' r`.
///
/// It minimizes `r' C^-1 r` subject to `exposures' r = -loss`, so `r = -loss C w / (w' C w)`, and its distance is the
/// loss over the volatility `sqrt(w' C w)`. `covariance` is square by row, for the period the move takes. `None` where
/// the book has no risk: then no move of it loses anything. Source: Glasserman, Kang, Kang (2015), Stress scenario
/// selection by empirical likelihood, section 2, in the Gaussian case.
///
/// # Errors
///
/// When the sizes differ, or a value is not finite.
///
/// ```
/// use apex_analytics::scenario::reverse::linear_reverse_stress;
///
/// // One unit of each of two independent assets, the first twice as volatile: it takes four fifths of the loss.
/// let answer = linear_reverse_stress(&[4e-4, 0.0, 0.0, 1e-4], &[1.0, 1.0], 0.05).unwrap().unwrap();
/// assert!((answer.moves[0] + 0.04).abs() < 1e-15);
/// assert!((answer.moves[1] + 0.01).abs() < 1e-15);
/// ```
pub fn linear_reverse_stress(
    covariance: &[f64],
    exposures: &[f64],
    loss: f64,
) -> Result<Option<ReverseStress>, AnalyticsError> {
    let result = |moves: &[f64]| (dot(exposures, moves), exposures.to_vec());
    reverse_stress(covariance, exposures.len(), loss, result)
}

/// Returns the most plausible move of a book that need not be linear.
///
/// `result` returns the book's result in a move and its gradient there. Each step replaces the book by its tangent at
/// the last move and solves that exactly (Hasofer, Lind 1974; Rackwitz, Fiessler 1978). `None` where there is no risk, or
/// the steps do not settle within a hundred: then the loss may lie beyond what the book can lose.
///
/// # Errors
///
/// When the sizes differ, a value is not finite, or `result` gives a gradient of another size.
pub fn reverse_stress(
    covariance: &[f64],
    assets: usize,
    loss: f64,
    mut result: impl FnMut(&[f64]) -> (f64, Vec<f64>),
) -> Result<Option<ReverseStress>, AnalyticsError> {
    all_finite("loss", &[loss])?;
    let covariance = square(covariance, assets)?;
    let mut moves = vec![0.0; assets];
    for steps in 1..=STEPS_MAX {
        let (value, gradient) = result(&moves);
        same_length("gradient", assets, gradient.len())?;
        all_finite("gradient", &gradient)?;
        let spread: Vec<f64> = (0..assets)
            .map(|row| {
                (0..assets)
                    .map(|column| covariance[(row, column)] * gradient[column])
                    .sum()
            })
            .collect();
        let variance = dot(&gradient, &spread);
        if !(variance > 0.0 && value.is_finite()) {
            return Ok(None);
        }
        // The tangent at the last move loses the amount where gradient' r = -loss - value + gradient' moves.
        let aim = dot(&gradient, &moves) - value - loss;
        let next: Vec<f64> = spread.iter().map(|part| part * aim / variance).collect();
        let change = moves
            .iter()
            .zip(&next)
            .map(|(old, new)| (old - new).abs())
            .fold(0.0, f64::max);
        let size = next.iter().map(|value| value.abs()).fold(0.0, f64::max);
        moves = next;
        let (reached, _) = result(&moves);
        if (reached + loss).abs() <= CLOSE * loss.abs() && change <= CLOSE.sqrt() * size {
            let distance = aim.abs() / variance.sqrt();
            return Ok(distance.is_finite().then_some(ReverseStress { moves, distance, steps }));
        }
    }
    Ok(None)
}

/// Takes a square matrix by row, and refuses one of another size or with values that are not finite.
fn square(covariance: &[f64], size: usize) -> Result<Mat<f64>, AnalyticsError> {
    same_length("covariance matrix", size * size, covariance.len())?;
    all_finite("covariance", covariance)?;
    Ok(Mat::from_fn(size, size, |row, column| covariance[row * size + column]))
}
