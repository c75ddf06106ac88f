//! The nearest covariance that is one: positive definite, with the variances it had.

use super::denoised::rebuilt;
use super::{SymmetricMatrix, correlation, with_variances};
use crate::error::AnalyticsError;

/// A repaired covariance.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// The positive definite matrix.
    pub covariance: SymmetricMatrix,
    /// The largest change of a correlation; zero where nothing was wrong.
    pub change_max: f64,
    /// The rounds it took.
    pub iterations: usize,
}

/// Returns the covariance with the nearest correlations whose smallest eigenvalue is at least `floor`.
///
/// Alternating projections with Dykstra's correction after Higham (2002), then eigenvalues below the floor are raised to
/// it and the diagonal is scaled back. Variances stay as they are. A matrix that is well already is returned unchanged.
///
/// # Errors
///
/// Refuses a variance that is not above zero, and a floor outside (0, 1).
///
/// ```
/// use apex_analytics::covariance::{SymmetricMatrix, repaired};
///
/// // Three assets cannot all be opposite to one another.
/// let wrong = SymmetricMatrix::new(3, vec![1.0, -0.9, -0.9, -0.9, 1.0, -0.9, -0.9, -0.9, 1.0]).unwrap();
/// let repaired = repaired(&wrong, 1e-8).unwrap().covariance;
/// assert!(repaired.eigenvalues().unwrap()[0] > 0.0 && (repaired.at(0, 1) + 0.5).abs() < 1e-6);
/// ```
pub fn repaired(covariance: &SymmetricMatrix, floor: f64) -> Result<Repaired, AnalyticsError> {
    if !(floor > 0.0 && floor < 1.0) {
        return Err(AnalyticsError::Parameter {
            what: "floor of the eigenvalues",
            expected: "between 0 and 1, both excluded",
            value: floor,
        });
    }
    let size = covariance.size();
    // Correlations beyond one are among what is repaired, so they are not clamped here.
    let deviations = super::correlation::deviations(covariance)?;
    let original = SymmetricMatrix::from_lower(size, |row, column| {
        covariance.at(row, column) / (deviations[row] * deviations[column])
    });
    if original.eigenvalues()?[0] >= floor {
        return Ok(Repaired {
            covariance: covariance.clone(),
            change_max: 0.0,
            iterations: 0,
        });
    }
    let mut current = original.clone();
    let mut correction = vec![0.0; size * size];
    let mut iterations = 0;
    while iterations < 100 {
        iterations += 1;
        let shifted = SymmetricMatrix::from_lower(size, |row, column| {
            current.at(row, column) - correction[row * size + column]
        });
        let (eigenvalues, vectors) = shifted.eigen()?;
        let projected = rebuilt(&vectors, size, |at| eigenvalues[at].max(floor));
        for (own, (after, before)) in correction
            .iter_mut()
            .zip(projected.values().iter().zip(shifted.values()))
        {
            *own = after - before;
        }
        let next = SymmetricMatrix::from_lower(
            size,
            |row, column| {
                if row == column { 1.0 } else { projected.at(row, column) }
            },
        );
        let moved = largest_difference(&next, &current);
        current = next;
        if moved < 1e-10 {
            break;
        }
    }
    let (eigenvalues, vectors) = current.eigen()?;
    if eigenvalues[0] < floor {
        current = correlation(&rebuilt(&vectors, size, |at| eigenvalues[at].max(floor)))?;
    }
    Ok(Repaired {
        covariance: with_variances(&current, covariance),
        change_max: largest_difference(&current, &original),
        iterations,
    })
}

fn largest_difference(left: &SymmetricMatrix, right: &SymmetricMatrix) -> f64 {
    let pairs = left.values().iter().zip(right.values());
    pairs.fold(0.0_f64, |largest, (one, other)| largest.max((one - other).abs()))
}
