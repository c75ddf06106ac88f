//! What each asset adds: the VaR of the book less that of the book without it.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::var::{ValueAtRisk, VarSettings, value_at_risk};

/// What the book would lose less without one asset; negative for an asset that protects it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VarIncrement {
    /// VaR less that of the rest.
    pub var: f64,
    /// ES less that of the rest.
    pub es: f64,
}

/// Returns the increment of each asset to the figures of the whole book, the asset's weight going to cash.
///
/// Increments do not add up to the total; components do. Monte Carlo draws the same paths for every rest, so that a
/// difference is not one of chance.
///
/// # Errors
///
/// Those of [`value_at_risk`].
///
/// ```
/// use apex_analytics::var::{VarMethod, VarSettings, incremental::incremental, value_at_risk};
///
/// let (up, down): (Vec<f64>, Vec<f64>) = (1..=60).map(|day| (0.001 * f64::from(day * 7 % 30 - 15), 0.0)).unzip();
/// let settings = VarSettings::one_day(VarMethod::Historical, 0.95);
/// let whole = value_at_risk(&[0.5, 0.5], &[&up, &down], &settings).unwrap();
/// let parts = incremental(&[0.5, 0.5], &[&up, &down], &settings, &whole).unwrap();
/// assert_eq!((parts[0].var, parts[1].var), (whole.var, 0.0)); // Without the first nothing moves.
/// ```
pub fn incremental(
    weights: &[f64],
    returns: &[&[f64]],
    settings: &VarSettings,
    whole: &ValueAtRisk,
) -> Result<Vec<VarIncrement>, AnalyticsError> {
    (0..weights.len())
        .into_par_iter()
        .map(|asset| {
            let mut rest = weights.to_vec();
            rest[asset] = 0.0;
            if rest.iter().all(|weight| *weight == 0.0) {
                return Ok(VarIncrement {
                    var: whole.var,
                    es: whole.es,
                });
            }
            let without = value_at_risk(&rest, returns, settings)?;
            Ok(VarIncrement {
                var: whole.var - without.var,
                es: whole.es - without.es,
            })
        })
        .collect()
}
