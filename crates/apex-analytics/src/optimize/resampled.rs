//! A frontier that does not trust its inputs to the last digit: Michaud (1998).

use chacha20::ChaCha8Rng;
use chacha20::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use crate::covariance::{SymmetricMatrix, add_scaled, column_means, dot, sample_covariance};
use crate::error::AnalyticsError;
use crate::optimize::factor::Factor;
use crate::optimize::{Bounds, FrontierPoint, frontier};

/// How a frontier is drawn again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// The frontiers that are averaged.
    pub draws: usize,
    /// The days of each drawn history.
    pub days: usize,
    /// The seed of the random numbers.
    pub seed: u64,
}

/// Returns the mean of frontiers whose inputs are estimated from drawn histories of normal returns: the portfolios of the
/// same rank are averaged. `target` and `volatility` are those of the averaged weights under the inputs given.
///
/// Each draw has a stream of random numbers of its own, so the answer does not depend on the number of threads.
///
/// # Errors
///
/// Refuses no draw, fewer days than assets and one, a covariance that is not positive definite, and what [`frontier`]
/// refuses.
pub fn resampled_frontier(
    means: &[f64],
    covariance: &SymmetricMatrix,
    bounds: &Bounds,
    points: usize,
    resampling: Resampling,
) -> Result<Vec<FrontierPoint>, AnalyticsError> {
    let size = covariance.size();
    crate::error::same_length("list of means", size, means.len())?;
    if resampling.draws == 0 {
        return Err(AnalyticsError::Parameter {
            what: "number of drawn frontiers",
            expected: "at least 1",
            value: 0.0,
        });
    }
    if resampling.days <= size + 1 {
        return Err(AnalyticsError::Window {
            what: "drawn history",
            length: size + 2,
            observations: resampling.days,
        });
    }
    let all: Vec<usize> = (0..size).collect();
    let factor = Factor::of(covariance, &all).map_err(|index| AnalyticsError::NotPositiveDefinite { index })?;
    let drawn: Vec<Vec<FrontierPoint>> = (0..resampling.draws)
        .into_par_iter()
        .map(|draw| {
            let mut random = ChaCha8Rng::seed_from_u64(resampling.seed);
            random.set_stream(draw as u64);
            let normals: Vec<Vec<f64>> = (0..size)
                .map(|_| {
                    (0..resampling.days)
                        .map(|_| StandardNormal.sample(&mut random))
                        .collect()
                })
                .collect();
            let history: Vec<Vec<f64>> = (0..size)
                .map(|asset| {
                    let mut series = vec![means[asset]; resampling.days];
                    for (value, normal) in factor.row(asset).iter().zip(&normals) {
                        add_scaled(&mut series, *value, normal);
                    }
                    series
                })
                .collect();
            let columns: Vec<&[f64]> = history.iter().map(Vec::as_slice).collect();
            frontier(&column_means(&columns), &sample_covariance(&columns)?, bounds, points)
        })
        .collect::<Result<_, AnalyticsError>>()?;
    let averaged = |rank: usize| {
        let mut weights = vec![0.0; size];
        for frontier in &drawn {
            add_scaled(&mut weights, 1.0 / resampling.draws as f64, &frontier[rank].weights);
        }
        FrontierPoint {
            target: dot(means, &weights),
            volatility: covariance.quadratic(&weights).max(0.0).sqrt(),
            weights,
        }
    };
    Ok((0..points).map(averaged).collect())
}
