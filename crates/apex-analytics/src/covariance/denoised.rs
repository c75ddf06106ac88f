//! Covariance without the part that chance alone would show.

use super::{SymmetricMatrix, check_columns, correlation, sample_covariance, with_variances};
use crate::error::AnalyticsError;

/// A denoised covariance.
#[derive(Debug, Clone, PartialEq)]
pub struct Denoised {
    /// The estimate; its variances are those of the sample (n - 1).
    pub covariance: SymmetricMatrix,
    /// The largest eigenvalue of the correlation that noise explains.
    pub edge: f64,
    /// How many eigenvalues lie above it.
    pub signals: usize,
}

/// Returns the covariance denoised by the law of Marchenko and Pastur (1967).
///
/// Eigenvalues of the correlation up to `s2 (1 + sqrt(assets / observations))^2` are what independent returns would
/// show; they are replaced by their mean, and the diagonal is scaled back to ones (the constant residual eigenvalue of
/// López de Prado 2020). The noise variance `s2` is what the largest eigenvalue, the market, leaves over:
/// `1 - largest / assets`, after Laloux, Cizeau, Bouchaud and Potters (1999).
///
/// # Errors
///
/// Those of [`sample_covariance`], and a column that never moves.
///
/// ```
/// let (one, two) = ([0.01, -0.02, 0.03, 0.0], [0.02, 0.01, -0.01, 0.01]);
/// let denoised = apex_analytics::covariance::denoised_covariance(&[&one, &two]).unwrap();
/// assert!(denoised.covariance.at(0, 0) > 0.0 && denoised.signals <= 2);
/// ```
pub fn denoised_covariance(returns: &[&[f64]]) -> Result<Denoised, AnalyticsError> {
    let observations = check_columns(returns)?;
    let sample = sample_covariance(returns)?;
    let correlation = correlation(&sample)?;
    let size = sample.size();
    let (eigenvalues, vectors) = correlation.eigen()?;
    // The market is the one signal that is there in advance.
    let rest = 1.0 - eigenvalues[size - 1] / size as f64;
    let edge = rest * (1.0 + (size as f64 / observations as f64).sqrt()).powi(2);
    let noisy = eigenvalues.iter().filter(|value| **value <= edge).count();
    let mean = eigenvalues[..noisy].iter().sum::<f64>() / noisy.max(1) as f64;
    let kept = |at: usize| if at < noisy { mean } else { eigenvalues[at] };
    let rebuilt = rebuilt(&vectors, size, kept);
    Ok(Denoised {
        covariance: with_variances(&super::correlation(&rebuilt)?, &sample),
        edge,
        signals: size - noisy,
    })
}

/// Returns the matrix with these vectors and eigenvalues.
pub(super) fn rebuilt(vectors: &[f64], size: usize, eigenvalue: impl Fn(usize) -> f64) -> SymmetricMatrix {
    let mut scaled = vectors.to_vec();
    for (at, column) in scaled.chunks_exact_mut(size).enumerate() {
        let root = eigenvalue(at).max(0.0).sqrt();
        column.iter_mut().for_each(|value| *value *= root);
    }
    // V' V of the transposed vectors is V diag(e) V'.
    let transposed: Vec<f64> = (0..size)
        .flat_map(|row| scaled.iter().skip(row).step_by(size).copied())
        .collect();
    super::sample::gram(&transposed, size, 1.0)
}
