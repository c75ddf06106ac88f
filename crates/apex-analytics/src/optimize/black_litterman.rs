//! Means that combine what the market implies with what somebody believes: Black and Litterman (1992).

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::{AnalyticsError, same_length};
use crate::optimize::min_variance::solved;

/// Views on means: each row of `assets` weighs the assets, and their mean is believed to be the entry of `means`. A row
/// with a single 1 is an absolute view; a row that adds up to zero is a relative one.
#[derive(Debug, Clone, PartialEq)]
pub struct Views {
    /// The weights of the assets in each view.
    pub assets: Vec<Vec<f64>>,
    /// The mean of each view.
    pub means: Vec<f64>,
}

/// What the market implies and how much it is trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct BlackLittermanPrior {
    /// The weights of the market portfolio.
    pub weights: Vec<f64>,
    /// The risk aversion of the market: the implied means are `delta S w`.
    pub delta: f64,
    /// The uncertainty of the implied means as a share of the covariance.
    pub tau: f64,
}

/// The means and the covariance after the views.
#[derive(Debug, Clone, PartialEq)]
pub struct BlackLitterman {
    /// The means the market implies.
    pub prior_means: Vec<f64>,
    /// The means after the views.
    pub posterior_means: Vec<f64>,
    /// `S + M`, with `M` the uncertainty of the posterior means (He and Litterman 1999).
    pub posterior_covariance: SymmetricMatrix,
    /// `(delta S)^-1` times the posterior means, scaled to the sum of the market portfolio's weights.
    pub unconstrained_weights: Vec<f64>,
}

/// Returns the posterior of Black and Litterman with `Omega = diag(tau P S P')`.
///
/// `mean = pi + tau S P' (P tau S P' + Omega)^-1 (Q - P pi)` and
/// `M = tau S - tau S P' (P tau S P' + Omega)^-1 P tau S`.
///
/// # Errors
///
/// Refuses inputs of different size, a `delta` or `tau` not above zero, and a view that weighs no asset.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{BlackLittermanPrior, Views, black_litterman};
///
/// // One asset, implied mean 2 * 0.04: a view of 12% is believed half.
/// let covariance = SymmetricMatrix::new(1, vec![0.04]).unwrap();
/// let prior = BlackLittermanPrior { weights: vec![1.0], delta: 2.0, tau: 0.05 };
/// let views = Views { assets: vec![vec![1.0]], means: vec![0.12] };
/// assert!((black_litterman(&covariance, &prior, &views).unwrap().posterior_means[0] - 0.10).abs() < 1e-15);
/// ```
pub fn black_litterman(
    covariance: &SymmetricMatrix,
    prior: &BlackLittermanPrior,
    views: &Views,
) -> Result<BlackLitterman, AnalyticsError> {
    let size = covariance.size();
    same_length("list of prior weights", size, prior.weights.len())?;
    views.check(size)?;
    for (what, value) in [("delta", prior.delta), ("tau", prior.tau)] {
        if !(value > 0.0 && value.is_finite()) {
            return Err(AnalyticsError::Parameter {
                what,
                expected: "above zero",
                value,
            });
        }
    }
    let prior_means: Vec<f64> = covariance
        .times(&prior.weights)
        .iter()
        .map(|value| value * prior.delta)
        .collect();
    // tau S P', a column for each view.
    let spread: Vec<Vec<f64>> = views
        .assets
        .iter()
        .map(|row| covariance.times(row).iter().map(|value| value * prior.tau).collect())
        .collect();
    let count = views.means.len();
    let mut posterior_means = prior_means.clone();
    let mut posterior_covariance = covariance.scaled(1.0 + prior.tau);
    if count > 0 {
        let joint = SymmetricMatrix::from_lower(count, |row, column| {
            let shared = dot(&views.assets[row], &spread[column]);
            if row == column { 2.0 * shared } else { shared }
        });
        let surprise: Vec<f64> = views
            .assets
            .iter()
            .zip(&views.means)
            .map(|(row, mean)| mean - dot(row, &prior_means))
            .collect();
        let weights = solved(&joint, &surprise)?;
        for (weight, column) in weights.iter().zip(&spread) {
            crate::covariance::add_scaled(&mut posterior_means, *weight, column);
        }
        // Each asset's row of tau S P', solved by the joint matrix, is its share in what the views explain.
        let explained: Vec<Vec<f64>> = (0..size)
            .map(|asset| {
                let row: Vec<f64> = spread.iter().map(|column| column[asset]).collect();
                solved(&joint, &row)
            })
            .collect::<Result<_, _>>()?;
        posterior_covariance = SymmetricMatrix::from_lower(size, |row, column| {
            let known: f64 = spread
                .iter()
                .zip(&explained[column])
                .map(|(own, share)| own[row] * share)
                .sum();
            covariance.at(row, column) * (1.0 + prior.tau) - known
        });
    }
    let mut unconstrained_weights = solved(covariance, &posterior_means)?;
    let total: f64 = unconstrained_weights.iter().sum();
    let wanted: f64 = prior.weights.iter().sum();
    unconstrained_weights
        .iter_mut()
        .for_each(|weight| *weight *= wanted / total);
    Ok(BlackLitterman {
        prior_means,
        posterior_means,
        posterior_covariance,
        unconstrained_weights,
    })
}

impl Views {
    /// Refuses views of another width than there are assets, and views of nothing.
    pub(super) fn check(&self, assets: usize) -> Result<(), AnalyticsError> {
        same_length("list of view means", self.assets.len(), self.means.len())?;
        crate::error::all_finite("view mean", &self.means)?;
        for (index, row) in self.assets.iter().enumerate() {
            same_length("view", assets, row.len())?;
            crate::error::all_finite("view", row)?;
            let size = row.iter().map(|value| value.abs()).sum::<f64>();
            if size == 0.0 {
                return Err(AnalyticsError::NotPositive {
                    what: "size of view",
                    index,
                    value: size,
                });
            }
        }
        Ok(())
    }
}
