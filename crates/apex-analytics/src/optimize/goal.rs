//! One entrance to all objectives that constraints of any kind can be put on.

use crate::covariance::{SymmetricMatrix, column_means, sample_covariance};
use crate::error::{AnalyticsError, same_length};
use crate::optimize::{
    Bounds, Constraints, Solution, conic, max_sharpe, max_utility, min_shortfall, min_tracking_error, min_variance,
    names, target_return, target_volatility,
};

/// What is to be the best.
#[derive(Debug, Clone, PartialEq)]
pub enum Goal {
    /// The least variance.
    MinVariance,
    /// The largest ratio of mean above this risk-free rate to volatility.
    MaxSharpe {
        /// The risk-free rate, per observation.
        risk_free: f64,
    },
    /// The largest `mean'w - (risk_aversion / 2) w'Sw`, less trading costs.
    MaxUtility {
        /// The price of variance.
        risk_aversion: f64,
    },
    /// The least variance at a mean.
    TargetReturn {
        /// The mean, per observation.
        mean: f64,
    },
    /// The largest mean, less trading costs, at a volatility.
    TargetVolatility {
        /// The volatility, per observation.
        volatility: f64,
    },
    /// The least expected shortfall.
    MinShortfall {
        /// The confidence, such as 0.95.
        level: f64,
        /// The mean it must have, where one is asked for.
        mean: Option<f64>,
    },
    /// The least mean of the worst drawdowns (Chekhlov, Uryasev and Zabarankin 2005).
    MinDrawdownAtRisk {
        /// The confidence, such as 0.95: the share of days that is not counted.
        level: f64,
    },
    /// The least of the largest drawdown.
    MinMaxDrawdown,
    /// The least tracking variance.
    MinTracking {
        /// The weights of the benchmark.
        benchmark: Vec<f64>,
    },
}

/// What is known about the assets, per observation.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs<'a> {
    /// The past returns of each asset.
    pub returns: &'a [&'a [f64]],
    /// The mean of each asset.
    pub means: Vec<f64>,
    /// Their covariance.
    pub covariance: SymmetricMatrix,
}

impl<'a> Inputs<'a> {
    /// Takes means and covariance from the sample.
    ///
    /// # Errors
    ///
    /// Those of [`sample_covariance`].
    pub fn of_sample(returns: &'a [&'a [f64]]) -> Result<Self, AnalyticsError> {
        Ok(Self {
            returns,
            means: column_means(returns),
            covariance: sample_covariance(returns)?,
        })
    }
}

/// Returns the weights that reach a goal within constraints.
///
/// Bounds alone go to the exact methods of each goal. Other constraints go to a conic solver, and a limit on the number of
/// names is searched by branch and bound over either.
///
/// # Errors
///
/// Those of the methods; constraints that no portfolio keeps are named.
///
/// ```
/// use apex_analytics::optimize::{Constraints, Goal, Inputs, LinearRow, optimize};
///
/// let returns: [&[f64]; 3] = [&[0.01, -0.02, 0.02, 0.00], &[0.00, 0.01, -0.01, 0.02], &[0.02, 0.01, 0.00, -0.02]];
/// let inputs = Inputs::of_sample(&returns).unwrap();
/// let mut constraints = Constraints::long_only(3);
/// constraints.rows.push(LinearRow {
///     name: "technology".into(),
///     coefficients: vec![1.0, 1.0, 0.0],
///     lower: None,
///     upper: Some(0.5),
/// });
/// let solution = optimize(&inputs, &Goal::MinVariance, &constraints).unwrap();
/// assert!(solution.weights[0] + solution.weights[1] < 0.5 + 1e-8);
/// ```
pub fn optimize(inputs: &Inputs<'_>, goal: &Goal, constraints: &Constraints) -> Result<Solution, AnalyticsError> {
    optimize_until(inputs, goal, constraints, &|| false)
}

/// Returns the weights that reach a goal within constraints, as [`optimize`] does, unless `stop` says that nobody waits for
/// them any more: a search for few names among many assets can take minutes.
///
/// # Errors
///
/// Those of [`optimize`], and [`AnalyticsError::Stopped`] once `stop` returns `true`.
pub fn optimize_until(
    inputs: &Inputs<'_>,
    goal: &Goal,
    constraints: &Constraints,
    stop: &dyn Fn() -> bool,
) -> Result<Solution, AnalyticsError> {
    let size = inputs.covariance.size();
    same_length("list of means", size, inputs.means.len())?;
    same_length("list of return columns", size, inputs.returns.len())?;
    constraints.check(size)?;
    if constraints.names.is_some() {
        return names::search(inputs, goal, constraints, stop);
    }
    continuous(inputs, goal, constraints)
}

/// Returns the best weights without a limit on the number of names.
pub(super) fn continuous(
    inputs: &Inputs<'_>,
    goal: &Goal,
    constraints: &Constraints,
) -> Result<Solution, AnalyticsError> {
    if !constraints.only_bounds() {
        return conic::solve(inputs, goal, constraints);
    }
    match by_dedicated_method(inputs, goal, &constraints.bounds) {
        // Fewer days than assets leave the covariance singular, which the conic solver minds less.
        Some(Err(AnalyticsError::NotPositiveDefinite { .. })) | None => conic::solve(inputs, goal, constraints),
        Some(answer) => answer,
    }
}

/// Returns the answer of the exact method for bounds, where a goal has one.
fn by_dedicated_method(inputs: &Inputs<'_>, goal: &Goal, bounds: &Bounds) -> Option<Result<Solution, AnalyticsError>> {
    let Inputs {
        returns,
        means,
        covariance,
    } = inputs;
    // A frontier without a floor has no end to start from.
    let on_the_line = match goal {
        Goal::TargetReturn { .. } | Goal::TargetVolatility { .. } => true,
        Goal::MaxSharpe { .. } => !bounds.none(),
        _ => false,
    };
    if on_the_line && !bounds.have_floor() {
        return None;
    }
    Some(match goal {
        Goal::MinVariance => min_variance(covariance, bounds),
        Goal::MaxSharpe { risk_free } => max_sharpe(means, covariance, *risk_free, bounds),
        Goal::MaxUtility { risk_aversion } => max_utility(means, covariance, *risk_aversion, bounds, None),
        Goal::TargetReturn { mean } => target_return(means, covariance, *mean, bounds),
        Goal::TargetVolatility { volatility } => target_volatility(means, covariance, *volatility, bounds),
        Goal::MinShortfall { level, mean } => {
            min_shortfall(returns, *level, *mean, bounds).map(|answer| answer.solution)
        }
        Goal::MinTracking { benchmark } => min_tracking_error(covariance, benchmark, bounds),
        Goal::MinDrawdownAtRisk { .. } | Goal::MinMaxDrawdown => return None,
    })
}
