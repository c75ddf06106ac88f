//! Between covariance and correlation.

use super::SymmetricMatrix;
use crate::error::AnalyticsError;

/// Returns the correlation matrix of a covariance, entries within [-1, 1] and ones on the diagonal.
///
/// # Errors
///
/// Refuses a variance that is not above zero: what never moves has no correlation.
///
/// ```
/// use apex_analytics::covariance::{SymmetricMatrix, correlation};
///
/// let covariance = SymmetricMatrix::new(2, vec![4.0, 3.0, 3.0, 9.0]).unwrap();
/// assert_eq!(correlation(&covariance).unwrap().at(1, 0), 0.5);
/// ```
pub fn correlation(covariance: &SymmetricMatrix) -> Result<SymmetricMatrix, AnalyticsError> {
    let deviations = deviations(covariance)?;
    Ok(SymmetricMatrix::from_lower(covariance.size(), |row, column| {
        if row == column {
            1.0
        } else {
            (covariance.at(row, column) / (deviations[row] * deviations[column])).clamp(-1.0, 1.0)
        }
    }))
}

/// Returns the covariance with these correlations and the variances of `covariance`.
pub fn with_variances(correlation: &SymmetricMatrix, covariance: &SymmetricMatrix) -> SymmetricMatrix {
    let deviations: Vec<f64> = covariance
        .diagonal()
        .iter()
        .map(|value| value.max(0.0).sqrt())
        .collect();
    SymmetricMatrix::from_lower(covariance.size(), |row, column| {
        if row == column {
            covariance.at(row, row)
        } else {
            correlation.at(row, column) * deviations[row] * deviations[column]
        }
    })
}

/// Returns the deviations of the assets.
pub(crate) fn deviations(covariance: &SymmetricMatrix) -> Result<Vec<f64>, AnalyticsError> {
    let variances = covariance.diagonal();
    match variances
        .iter()
        .position(|variance| variance.is_nan() || *variance <= 0.0)
    {
        Some(index) => Err(AnalyticsError::NotPositive {
            what: "variance",
            index,
            value: variances[index],
        }),
        None => Ok(variances.iter().map(|variance| variance.sqrt()).collect()),
    }
}
