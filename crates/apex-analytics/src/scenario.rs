//! Scenarios: what follows from a few shocks, and which move of a book most plausibly loses a given amount.
//!
//! Nothing here knows what is held: the caller turns moves into money.

pub mod conditional;
pub mod revalue;
pub mod reverse;

use faer::Mat;

use crate::error::{AnalyticsError, all_finite, same_length};

/// Takes a square matrix by row, and refuses one of another size or with values that are not finite.
fn square(covariance: &[f64], size: usize) -> Result<Mat<f64>, AnalyticsError> {
    same_length("covariance matrix", size * size, covariance.len())?;
    all_finite("covariance", covariance)?;
    Ok(Mat::from_fn(size, size, |row, column| covariance[row * size + column]))
}
