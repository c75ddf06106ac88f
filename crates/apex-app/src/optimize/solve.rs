//! From an objective to weights: the objectives that search among portfolios, and the rules that give one.

use std::collections::BTreeMap;

use apex_analytics::AnalyticsError;
use apex_analytics::optimize::{
    Bounds, Constraints, FrontierPoint, Goal, HierarchicalSolution, Inputs, Solution, black_litterman, entropy_pooling,
    frontier, hierarchical_equal_risk, hierarchical_risk_parity, inverse_volatility, max_diversification,
    nested_clusters, optimize, optimize_until, risk_budgets, risk_parity,
};
use rayon::prelude::*;
use serde::Serialize;

use super::views::ViewsFile;
use super::{Assets, OBSERVATIONS_A_YEAR, Objective};
use crate::error::{AppError, Result};
use crate::job::Job;

/// What some objectives add to their answer.
pub(crate) type More = BTreeMap<String, serde_json::Value>;

pub(crate) fn json(value: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|err| AppError::Defect {
        sentence: err.to_string(),
    })
}

/// Returns the weights of an objective within constraints.
///
/// Rules that give one portfolio have weights of the budget and take no other constraint.
///
/// # Errors
/// When views cannot be used, a rule is given constraints, no portfolio keeps them, which are named, or the job was
/// cancelled.
pub(crate) fn solved(
    objective: &Objective,
    level: f64,
    assets: &Assets,
    inputs: &Inputs<'_>,
    constraints: &Constraints,
    job: &Job,
    more: &mut More,
) -> Result<Solution> {
    let stop = || job.is_cancelled();
    if let Some(goal) = goal(objective, level, assets)? {
        return optimize_until(inputs, &goal, constraints, &stop).map_err(|err| assets.explained(err));
    }
    if matches!(objective, Objective::BlackLitterman(_) | Objective::EntropyPooling(_)) {
        return by_views(objective, assets, inputs, constraints, &stop, more);
    }
    let plain = Bounds {
        budget: constraints.bounds.budget,
        ..Bounds::long_only(assets.names.len())
    };
    if *constraints != Constraints::within(plain) {
        return Err(AppError::field(
            "constraints",
            format!(
                "{} is a rule for long-only weights and takes no constraints but the budget; take them out, or choose \
                 an objective that searches, such as min-variance",
                rule_words(objective)
            ),
        ));
    }
    let mut solution = by_rule(objective, assets, inputs, more)?;
    for weight in &mut solution.weights {
        *weight *= constraints.bounds.budget;
    }
    Ok(solution)
}

fn rule_words(objective: &Objective) -> &'static str {
    match objective {
        Objective::RiskParity(_) => "risk parity",
        Objective::InverseVolatility => "inverse volatility",
        Objective::MaxDiversification => "maximum diversification",
        Objective::Hrp(_) => "hierarchical risk parity",
        Objective::Herc(..) => "hierarchical equal risk contribution",
        Objective::Nco(..) => "the method of nested clusters",
        Objective::Equal => "equal weight",
        _ => "a list of fixed weights",
    }
}

/// Returns the weights of a rule, which add up to 1.
fn by_rule(objective: &Objective, assets: &Assets, inputs: &Inputs<'_>, more: &mut More) -> Result<Solution> {
    let covariance = &inputs.covariance;
    let given = |weights: Vec<f64>| Solution {
        weights,
        kkt_residual: None,
        gap: None,
        iterations: 0,
    };
    let of_tree = |answer: HierarchicalSolution, more: &mut More| -> Result<Solution> {
        let name = |at: &usize| assets.names.get(*at).cloned().unwrap_or_default();
        let order: Vec<String> = answer.hierarchy.order.iter().map(name).collect();
        more.insert("order".to_owned(), json(&order)?);
        more.insert("linkage_heights".to_owned(), json(&answer.hierarchy.heights)?);
        if !answer.clusters.is_empty() {
            let clusters: Vec<Vec<String>> = answer
                .clusters
                .iter()
                .map(|members| members.iter().map(name).collect())
                .collect();
            more.insert("clusters".to_owned(), json(&clusters)?);
        }
        Ok(answer.solution)
    };
    let explained = |err| assets.explained(err);
    match objective {
        Objective::RiskParity(None) => risk_parity(covariance).map_err(explained),
        Objective::RiskParity(Some(budgets)) => risk_budgets(covariance, budgets).map_err(explained),
        Objective::InverseVolatility => inverse_volatility(covariance).map_err(explained),
        Objective::MaxDiversification => max_diversification(covariance).map_err(explained),
        Objective::Hrp(settings) => of_tree(
            hierarchical_risk_parity(covariance, *settings).map_err(explained)?,
            more,
        ),
        Objective::Herc(settings, clusters) => of_tree(
            hierarchical_equal_risk(covariance, *settings, *clusters).map_err(explained)?,
            more,
        ),
        Objective::Nco(settings, clusters) => of_tree(
            nested_clusters(covariance, *settings, *clusters).map_err(explained)?,
            more,
        ),
        Objective::Equal => Ok(given(assets.equal())),
        Objective::Fixed(weights) => {
            let placed = assets.placed(weights.iter().map(|(name, weight)| (name, weight)))?;
            let sum: f64 = placed.iter().sum();
            if !(sum > 0.0 && sum.is_finite()) {
                return Err(AppError::field(
                    "weights",
                    format!("fixed weights add up to {sum}, not above zero"),
                ));
            }
            Ok(given(placed.iter().map(|weight| weight / sum).collect()))
        }
        _ => Err(AppError::Defect {
            sentence: "an objective has no method".to_owned(),
        }),
    }
}

/// Returns the weights of the largest utility under views, from the text of a JSON file.
fn by_views(
    objective: &Objective,
    assets: &Assets,
    inputs: &Inputs<'_>,
    constraints: &Constraints,
    stop: &dyn Fn() -> bool,
    more: &mut More,
) -> Result<Solution> {
    let covariance = &inputs.covariance;
    let explained = |err| assets.explained(err);
    match objective {
        Objective::BlackLitterman(file) => {
            let file = ViewsFile::parse(file)?;
            let yearly = covariance.scaled(file.annualisation);
            let answer = black_litterman(&yearly, &file.prior(assets)?, &file.views(assets)?).map_err(explained)?;
            more.insert("assets".to_owned(), json(&assets.names)?);
            more.insert("prior_pi".to_owned(), json(&answer.prior_means)?);
            more.insert("posterior_mean".to_owned(), json(&answer.posterior_means)?);
            more.insert(
                "posterior_cov_diag".to_owned(),
                json(&answer.posterior_covariance.diagonal())?,
            );
            more.insert(
                "unconstrained_weights_delta_S".to_owned(),
                json(&answer.unconstrained_weights)?,
            );
            let believed = Inputs {
                returns: inputs.returns,
                means: answer.posterior_means,
                covariance: answer.posterior_covariance,
            };
            let goal = Goal::MaxUtility {
                risk_aversion: file.delta,
            };
            optimize_until(&believed, &goal, constraints, stop).map_err(explained)
        }
        Objective::EntropyPooling(file) => {
            let file = ViewsFile::parse(file)?;
            let mut views = file.views(assets)?;
            views.means.iter_mut().for_each(|mean| *mean /= file.annualisation);
            let pooled = entropy_pooling(inputs.returns, &views).map_err(explained)?;
            let yearly: Vec<f64> = pooled.means.iter().map(|mean| mean * file.annualisation).collect();
            more.insert("assets".to_owned(), json(&assets.names)?);
            more.insert("posterior_mean".to_owned(), json(&yearly)?);
            more.insert("entropy".to_owned(), json(&pooled.entropy)?);
            more.insert("effective_days".to_owned(), json(&pooled.effective_days)?);
            let believed = Inputs {
                returns: inputs.returns,
                means: pooled.means,
                covariance: pooled.covariance,
            };
            let goal = Goal::MaxUtility {
                risk_aversion: file.delta,
            };
            optimize_until(&believed, &goal, constraints, stop).map_err(explained)
        }
        _ => Err(AppError::Defect {
            sentence: "an objective has no views".to_owned(),
        }),
    }
}

/// Returns the goal of an objective that takes constraints of any kind.
fn goal(objective: &Objective, level: f64, assets: &Assets) -> Result<Option<Goal>> {
    Ok(Some(match objective {
        Objective::MinVariance => Goal::MinVariance,
        Objective::MaxSharpe(risk_free) => Goal::MaxSharpe {
            risk_free: risk_free / OBSERVATIONS_A_YEAR,
        },
        Objective::Utility(risk_aversion) => Goal::MaxUtility {
            risk_aversion: *risk_aversion,
        },
        Objective::TargetReturn(mean) => Goal::TargetReturn { mean: *mean },
        Objective::TargetVolatility(volatility) => Goal::TargetVolatility {
            volatility: *volatility,
        },
        Objective::MinCvar(mean) => Goal::MinShortfall { level, mean: *mean },
        Objective::MinCdar => Goal::MinDrawdownAtRisk { level },
        Objective::MinMaxDrawdown => Goal::MinMaxDrawdown,
        Objective::MinTrackingError(benchmark) => Goal::MinTracking {
            benchmark: match benchmark {
                None => assets.equal(),
                Some(weights) => assets.placed(weights.iter().map(|(name, weight)| (name, weight)))?,
            },
        },
        _ => return Ok(None),
    }))
}

/// Returns whether bounds are all that binds.
pub(crate) fn only_bounds(constraints: &Constraints) -> bool {
    *constraints == Constraints::within(constraints.bounds.clone())
}

/// Returns portfolios of least variance, their means equally spaced from that of the least variance to the largest.
///
/// Bounds alone go along the critical line. With other constraints each point is a problem of its own; points that the
/// solver cannot reach are left out; the number of names and trading costs are not looked at.
///
/// # Errors
/// Those of the methods; constraints that no portfolio keeps are named.
pub(crate) fn frontier_within(
    inputs: &Inputs<'_>,
    constraints: &Constraints,
    points: usize,
) -> Result<Vec<FrontierPoint>, AnalyticsError> {
    let constraints = &Constraints {
        names: None,
        costs: None,
        ..constraints.clone()
    };
    if only_bounds(constraints) {
        return frontier(&inputs.means, &inputs.covariance, &constraints.bounds, points);
    }
    let mean = |weights: &[f64]| -> f64 {
        weights
            .iter()
            .zip(&inputs.means)
            .map(|(weight, mean)| weight * mean)
            .sum()
    };
    let point = |target: f64, weights: Vec<f64>| FrontierPoint {
        target,
        volatility: inputs.covariance.quadratic(&weights).max(0.0).sqrt(),
        weights,
    };
    let least = optimize(inputs, &Goal::MinVariance, constraints)?.weights;
    // No portfolio is as volatile as this, so that only the constraints bound the mean.
    let bounds = &constraints.bounds;
    let largest = inputs.covariance.diagonal().into_iter().fold(0.0, f64::max).sqrt();
    let size = |at: usize| {
        bounds.lower[at]
            .abs()
            .max(bounds.upper[at].abs())
            .min(10.0 * bounds.budget.abs().max(1.0))
    };
    let gross: f64 = (0..bounds.len()).map(size).sum();
    let goal = Goal::TargetVolatility {
        volatility: largest * gross.max(1e-6),
    };
    let most = optimize(inputs, &goal, constraints)?.weights;
    let (low, high) = (mean(&least), mean(&most));
    let last = points.saturating_sub(1).max(1);
    let found: Vec<Option<FrontierPoint>> = (0..points)
        .into_par_iter()
        .map(|at| {
            let target = low + at as f64 / last as f64 * (high - low);
            if at == 0 {
                return Some(point(low, least.clone()));
            }
            if at == last {
                return Some(point(high, most.clone()));
            }
            let solution = optimize(inputs, &Goal::TargetReturn { mean: target }, constraints).ok()?;
            Some(point(target, solution.weights))
        })
        .collect();
    Ok(found.into_iter().flatten().collect())
}
