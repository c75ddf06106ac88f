//! The decisions of a backtest: from what is known on a day to weights.

use std::collections::BTreeSet;

use apex_analytics::backtest::{BacktestSettings, Past, Window, policy as engine};
use apex_wire::backtest::{Backtest, Momentum};
use apex_wire::optimizer::{Constraints, ObjectiveName, Policy};

use super::data::Data;
use crate::error::{AppError, Result};
use crate::job::Job;
use crate::optimize::Assets;
use crate::optimize::policy::Ready;
use crate::optimize::solve::More;

/// Follows one policy, and keeps count of the decisions without an answer.
pub(super) struct Decisions<'a> {
    backtest: &'a Backtest,
    data: &'a Data,
    job: &'a Job,
    made: usize,
    failed: usize,
    first_failure: Option<String>,
    cancelled: bool,
}

impl<'a> Decisions<'a> {
    pub(super) fn new(backtest: &'a Backtest, data: &'a Data, job: &'a Job) -> Self {
        Self {
            backtest,
            data,
            job,
            made: 0,
            failed: 0,
            first_failure: None,
            cancelled: false,
        }
    }

    /// Decides at the close of a day; `None` leaves things as they are.
    pub(super) fn decide(&mut self, past: &Past<'_>) -> Option<Vec<f64>> {
        if self.cancelled {
            return None;
        }
        let (row, rows) = (past.row() as u64, self.data.dates.len() as u64);
        if self.job.step(&self.backtest.name, row, Some(rows)).is_err() {
            self.cancelled = true;
            return None;
        }
        self.made += 1;
        match weights(self.backtest, self.data, past, self.job) {
            Ok(weights) => Some(weights),
            Err(AppError::Cancelled) => {
                self.cancelled = true;
                None
            }
            Err(err) => {
                self.failed += 1;
                let day = self
                    .data
                    .dates
                    .get(past.row())
                    .map(ToString::to_string)
                    .unwrap_or_default();
                self.first_failure.get_or_insert_with(|| format!("on {day} {err}"));
                None
            }
        }
    }

    /// Ends the work where somebody asked for that.
    pub(super) fn cancelled(&self) -> Result<()> {
        if self.cancelled {
            Err(AppError::Cancelled)
        } else {
            Ok(())
        }
    }

    /// Says how many decisions had no answer, where there are such.
    pub(super) fn note(&self) -> Option<String> {
        let because = self.first_failure.as_ref()?;
        Some(format!(
            "{} of {} decisions had no answer and left the weights as they were: {because}",
            self.failed, self.made
        ))
    }

    /// Says why nothing was ever bought.
    pub(super) fn why_none(&self, rows: usize, settings: &BacktestSettings) -> AppError {
        if let Some(because) = &self.first_failure {
            return AppError::invalid(format!("no decision has an answer: {because}"));
        }
        let (Window::Rolling(length) | Window::Expanding(length)) = settings.window;
        AppError::field(
            "window",
            format!(
                "there is no day to decide on: {rows} closes leave none after a window of {length} and a delay of {} \
                 that the rule rebalances on",
                settings.delay
            ),
        )
    }
}

/// Returns the weights of a policy for what is known.
fn weights(backtest: &Backtest, data: &Data, past: &Past<'_>, job: &Job) -> Result<Vec<f64>> {
    let size = data.names.len();
    let chosen = match backtest.momentum {
        None => (0..size).collect(),
        Some(momentum) => strongest(past, momentum),
    };
    let policy = &backtest.policy;
    if policy.objective == ObjectiveName::InverseVolatility && chosen.len() == size && is_plain(policy) {
        return engine::inverse_volatility(past)
            .ok_or_else(|| AppError::invalid("no asset moves, so there is no inverse volatility"));
    }
    let held = past.weights();
    let is_first = held.iter().all(|weight| *weight == 0.0);
    let assets = Assets {
        names: chosen.iter().map(|at| data.names[*at].clone()).collect(),
        returns: chosen.iter().map(|at| past.returns(*at).collect()).collect(),
        current: Some(chosen.iter().map(|at| held[*at]).collect()),
        classes: data.classes.clone(),
        ..Assets::default()
    };
    let found = solved(policy, &assets, chosen.len() < size, is_first, job)?;
    let mut weights = vec![0.0; size];
    for (at, weight) in chosen.into_iter().zip(found) {
        weights[at] = weight;
    }
    Ok(weights)
}

fn is_plain(policy: &Policy) -> bool {
    policy.constraints == Constraints::default()
}

/// Returns the weights of a policy for assets and their returns.
///
/// `is_part` says that there are other assets, which the constraints may name. A first purchase has no turnover to keep
/// small.
pub(super) fn solved(policy: &Policy, assets: &Assets, is_part: bool, is_first: bool, job: &Job) -> Result<Vec<f64>> {
    let mut policy = policy.clone();
    if is_first {
        policy.constraints.turnover = None;
    }
    let mut assets = assets.clone();
    if is_part {
        narrow(&mut policy, &mut assets);
    }
    if is_plain(&policy) && policy.objective == ObjectiveName::Equal {
        return Ok(assets.equal());
    }
    let columns = assets.columns();
    let ready = Ready::of(&policy, &assets, &columns, 1.0)?;
    Ok(ready.solved(policy.level, &assets, job, &mut More::new())?.weights)
}

/// Leaves out of a policy what it says about assets that are not there.
fn narrow(policy: &mut Policy, assets: &mut Assets) {
    let there: BTreeSet<String> = assets.names.iter().cloned().collect();
    for classes in assets.classes.values_mut() {
        classes.retain(|name, _| there.contains(name));
    }
    let constraints = &mut policy.constraints;
    constraints.assets.retain(|name, _| there.contains(name));
    for classes in constraints.classes.values_mut() {
        classes.retain(|name, _| there.contains(name));
    }
    for group in &mut constraints.groups {
        if let Some(members) = &mut group.assets {
            members.retain(|name| there.contains(name));
        }
    }
    for row in &mut constraints.rows {
        row.coefficients.retain(|name, _| there.contains(name));
    }
    let known = [&assets.classes, &constraints.classes];
    let has_members = |class: &str, value: &str| {
        let mut classes = known.iter().filter_map(|all| all.get(class));
        classes.any(|classes| classes.values().any(|own| own == value))
    };
    let bound: Vec<bool> = constraints
        .groups
        .iter()
        .map(|group| match (&group.class, &group.value) {
            (Some(class), Some(value)) => has_members(class, value),
            _ => true,
        })
        .collect();
    let mut bound = bound.into_iter();
    constraints.groups.retain(|_| bound.next().unwrap_or(true));
    policy.weights.retain(|name, _| there.contains(name));
    policy.budgets.retain(|name, _| there.contains(name));
    let about = |name: &String| there.contains(name);
    policy
        .views
        .retain(|view| about(&view.asset) && view.over.as_ref().is_none_or(about));
}

/// Returns the assets that rose most over the days of a momentum, in the order of the assets.
fn strongest(past: &Past<'_>, momentum: Momentum) -> Vec<usize> {
    let rise = |asset: usize| -> f64 {
        let prices = past.prices(asset);
        let last = prices.len().saturating_sub(1 + momentum.skip);
        let first = last.saturating_sub(momentum.lookback);
        match (prices.get(first), prices.get(last)) {
            (Some(before), Some(after)) => after / before,
            _ => 0.0,
        }
    };
    let mut ranked: Vec<(usize, f64)> = (0..past.assets()).map(|asset| (asset, rise(asset))).collect();
    ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    let mut chosen: Vec<usize> = ranked
        .into_iter()
        .take(momentum.names)
        .map(|(asset, _)| asset)
        .collect();
    chosen.sort_unstable();
    chosen
}
