//! From the document of a policy to an objective and what is believed about the assets.

use apex_analytics::covariance::column_means;
use apex_analytics::optimize::{
    BlackLittermanPrior, Bounds, Inputs, PortfolioFigures, Solution, TradingCosts, Views, black_litterman,
    entropy_pooling, portfolio_figures,
};
use apex_wire::optimizer::{Belief, LinkageName, Means, ObjectiveName, Policy, Weights};

use super::constraints::{self, Resolved};
use super::solve::{self, More};
use super::{Assets, Linkage, OBSERVATIONS_A_YEAR, Objective, hierarchy_settings};
use crate::covariance::estimated;
use crate::error::{AppError, Result};
use crate::job::Job;

/// Refuses numbers that no policy can have, naming the field.
pub(crate) fn check(policy: &Policy) -> Result<()> {
    let finite = [
        ("risk_free_percent", policy.risk_free_percent),
        ("target_percent", policy.target_percent.unwrap_or(0.0)),
    ];
    if let Some((field, value)) = finite.into_iter().find(|(_, value)| !value.is_finite()) {
        return Err(AppError::field(field, format!("{value} is not a number")));
    }
    let positive = [
        ("risk_aversion", policy.risk_aversion),
        ("market_aversion", policy.market_aversion),
        ("tau", policy.tau),
    ];
    if let Some((field, value)) = positive
        .into_iter()
        .find(|(_, value)| !(*value > 0.0 && value.is_finite()))
    {
        return Err(AppError::field(
            field,
            format!("{} of {value} is not above zero", field.replace('_', " ")),
        ));
    }
    if !(policy.level > 0.5 && policy.level < 1.0) {
        return Err(AppError::field(
            "level",
            format!("level {} must lie between 0.5 and 1", policy.level),
        ));
    }
    let needs_target = matches!(
        policy.objective,
        ObjectiveName::TargetReturn | ObjectiveName::TargetVolatility
    );
    if needs_target && policy.target_percent.is_none() {
        return Err(AppError::field(
            "target_percent",
            format!("{} needs a target, in percent a year", policy.objective.name()),
        ));
    }
    if policy.objective == ObjectiveName::Fixed && policy.weights.is_empty() {
        return Err(AppError::field("weights", "fixed weights need a weight by asset"));
    }
    if policy.means == Means::Pooled && policy.views.is_empty() {
        return Err(AppError::field("views", "returns under views need at least one view"));
    }
    Ok(())
}

/// Returns the objective of a policy; rates become those of a day.
pub(crate) fn objective(policy: &Policy, assets: &Assets) -> Result<Objective> {
    let a_day = |percent: f64| percent / 100.0 / OBSERVATIONS_A_YEAR;
    let target = policy.target_percent.unwrap_or(0.0);
    let settings = |otherwise: Linkage| {
        let linkage = match policy.linkage {
            None => otherwise,
            Some(LinkageName::Single) => Linkage::Single,
            Some(LinkageName::Average) => Linkage::Average,
            Some(LinkageName::Ward) => Linkage::Ward,
        };
        hierarchy_settings(linkage, false, false)
    };
    Ok(match policy.objective {
        ObjectiveName::MinVariance => Objective::MinVariance,
        ObjectiveName::MaxSharpe => Objective::MaxSharpe(policy.risk_free_percent / 100.0),
        ObjectiveName::Utility => Objective::Utility(policy.risk_aversion),
        ObjectiveName::TargetReturn => Objective::TargetReturn(a_day(target)),
        ObjectiveName::TargetVolatility => Objective::TargetVolatility(target / 100.0 / OBSERVATIONS_A_YEAR.sqrt()),
        ObjectiveName::MinCvar => Objective::MinCvar(policy.target_percent.map(a_day)),
        ObjectiveName::MinCdar => Objective::MinCdar,
        ObjectiveName::MinMaxDrawdown => Objective::MinMaxDrawdown,
        ObjectiveName::MinTrackingError => {
            let weights = match (&policy.benchmark, &assets.current) {
                (Some(weights), _) => assets.weights(weights)?,
                (None, Some(current)) => current.clone(),
                (None, None) => assets.equal(),
            };
            Objective::MinTrackingError(Some(assets.names.iter().cloned().zip(weights).collect()))
        }
        ObjectiveName::RiskParity if policy.budgets.is_empty() => Objective::RiskParity(None),
        ObjectiveName::RiskParity => Objective::RiskParity(Some(assets.placed(&policy.budgets)?)),
        ObjectiveName::InverseVolatility => Objective::InverseVolatility,
        ObjectiveName::MaxDiversification => Objective::MaxDiversification,
        ObjectiveName::Hrp => Objective::Hrp(settings(Linkage::Single)),
        ObjectiveName::Herc => Objective::Herc(settings(Linkage::Ward), policy.clusters),
        ObjectiveName::Nco => Objective::Nco(settings(Linkage::Ward), policy.clusters),
        ObjectiveName::Equal => Objective::Equal,
        ObjectiveName::Fixed => Objective::Fixed(policy.weights.clone().into_iter().collect()),
    })
}

/// Returns means and covariance as the policy believes them, per day.
pub(crate) fn inputs<'a>(policy: &Policy, assets: &Assets, columns: &'a [&'a [f64]]) -> Result<Inputs<'a>> {
    let covariance = estimated(columns, policy.estimator, policy.decay)?.matrix;
    let explained = |err| assets.explained(err);
    match policy.means {
        Means::Sample => Ok(Inputs {
            returns: columns,
            means: column_means(columns),
            covariance,
        }),
        Means::Equilibrium => {
            let market = match (&policy.market, &assets.current) {
                (Some(weights), _) => assets.weights(weights)?,
                (None, Some(current)) if current.iter().any(|weight| *weight != 0.0) => current.clone(),
                (None, _) => assets.equal(),
            };
            let prior = BlackLittermanPrior {
                weights: market,
                delta: policy.market_aversion,
                tau: policy.tau,
            };
            let posterior = black_litterman(&covariance, &prior, &views(&policy.views, assets)?).map_err(explained)?;
            Ok(Inputs {
                returns: columns,
                means: posterior.posterior_means,
                covariance: posterior.posterior_covariance,
            })
        }
        Means::Pooled => {
            let pooled = entropy_pooling(columns, &views(&policy.views, assets)?).map_err(explained)?;
            Ok(Inputs {
                returns: columns,
                means: pooled.means,
                covariance: pooled.covariance,
            })
        }
    }
}

fn views(beliefs: &[Belief], assets: &Assets) -> Result<Views> {
    let mut views = Views {
        assets: Vec::with_capacity(beliefs.len()),
        means: Vec::with_capacity(beliefs.len()),
    };
    for belief in beliefs {
        let mut row = assets.placed([(&belief.asset, &1.0)])?;
        if let Some(over) = &belief.over {
            row[assets.position(over)?] -= 1.0;
        }
        views.assets.push(row);
        views.means.push(belief.percent / 100.0 / OBSERVATIONS_A_YEAR);
    }
    Ok(views)
}

/// A policy ready to be asked about these assets.
pub(crate) struct Ready<'a> {
    pub(crate) inputs: Inputs<'a>,
    pub(crate) objective: Objective,
    pub(crate) resolved: Resolved,
}

impl<'a> Ready<'a> {
    /// Takes a policy for weights of at least zero that add up to `budget`, unless its constraints say otherwise.
    ///
    /// Costs are paid once and means are earned every day, so a year's mean has to pay for them.
    pub(crate) fn of(policy: &Policy, assets: &Assets, columns: &'a [&'a [f64]], budget: f64) -> Result<Self> {
        let size = assets.names.len();
        let bounds = Bounds {
            budget,
            ..Bounds::long_only(size)
        };
        let mut resolved = constraints::resolved(&policy.constraints, bounds, assets)?;
        // What no mean is weighed against is left out of the search; what its trades cost is still counted.
        let weighed = resolved.limits.costs.take().filter(|_| policy.objective.weighs_costs());
        resolved.limits.costs = weighed.map(|costs| TradingCosts {
            proportional: over_a_year(costs.proportional),
            impact: over_a_year(costs.impact),
            current: costs.current,
        });
        Ok(Self {
            inputs: inputs(policy, assets, columns)?,
            objective: objective(policy, assets)?,
            resolved,
        })
    }

    /// Returns what weights earn and risk; `level` is the confidence of the shortfall.
    pub(crate) fn figures(&self, weights: &[f64], level: f64) -> Result<PortfolioFigures> {
        let Inputs {
            returns,
            means,
            covariance,
        } = &self.inputs;
        Ok(portfolio_figures(weights, means, covariance, returns, level)?)
    }

    /// Returns the weights.
    pub(crate) fn solved(&self, level: f64, assets: &Assets, job: &Job, more: &mut More) -> Result<Solution> {
        solve::solved(
            &self.objective,
            level,
            assets,
            &self.inputs,
            &self.resolved.limits,
            job,
            more,
        )
    }
}

fn over_a_year(mut costs: Vec<f64>) -> Vec<f64> {
    costs.iter_mut().for_each(|cost| *cost /= OBSERVATIONS_A_YEAR);
    costs
}

/// Returns the market's weights in words, for a note.
pub(crate) fn market_words(policy: &Policy) -> &'static str {
    match &policy.market {
        None => "the weights held now",
        Some(Weights::Word(word)) if word == "equal" => "equal weights",
        Some(Weights::Word(_)) => "the weights held now",
        Some(_) => "the weights given",
    }
}
