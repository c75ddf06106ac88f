//! Cross-validation of a policy: what it learns on some days, judged on others that share no information with them.

use apex_analytics::backtest::split::combinatorial_purged;
use apex_analytics::measure::growth::total_return;
use apex_analytics::measure::sharpe::sharpe;
use apex_analytics::returns::{simple_returns, weighted_daily};
use apex_wire::backtest::{Backtest, SplitScore, Validation, ValidationScores};
use rayon::prelude::*;

use super::data::Data;
use super::decide::solved;
use crate::error::{AppError, Result};
use crate::job::Job;
use crate::optimize::Assets;

/// The most splits that are learned from.
const SPLITS_MAX: usize = 1000;

/// Refuses divisions that cannot be made.
pub(super) fn check(validation: &Validation) -> Result<()> {
    let Validation { folds, tested, .. } = *validation;
    if !(2..=50).contains(&folds) {
        return Err(AppError::field(
            "folds",
            format!("{folds} folds do not fit; choose 2 to 50"),
        ));
    }
    if tested == 0 || tested >= folds {
        return Err(AppError::field(
            "tested",
            format!(
                "{tested} of {folds} folds cannot be tested at once; choose 1 to {}",
                folds - 1
            ),
        ));
    }
    let splits = (0..tested).try_fold(1_usize, |count, at| Some(count.checked_mul(folds - at)? / (at + 1)));
    match splits.filter(|splits| *splits <= SPLITS_MAX) {
        Some(_) => Ok(()),
        None => Err(AppError::field(
            "tested",
            format!("{tested} of {folds} folds make more than {SPLITS_MAX} splits; choose fewer"),
        )),
    }
}

/// Judges the policy on every choice of test groups. Weights are held fixed over the test days, before costs.
pub(super) fn scores(
    data: &Data,
    backtest: &Backtest,
    asked: Validation,
    job: &Job,
    notes: &mut Vec<String>,
) -> Result<ValidationScores> {
    let returns: Vec<Vec<f64>> = data
        .columns()
        .iter()
        .map(|column| simple_returns(column))
        .collect::<Result<_, _>>()?;
    let rows = data.dates.len() - 1;
    // A day's return is known at its close, so each label ends on its own row.
    let ends: Vec<usize> = (0..rows).collect();
    let division = combinatorial_purged(&ends, asked.folds, asked.tested, asked.embargo)?;
    job.step(
        &format!("{}: cross-validation", backtest.name),
        0,
        Some(division.splits.len() as u64),
    )?;
    if backtest.momentum.is_some() {
        notes.push("Cross-validation weighs every asset, as momentum needs the days in order".to_owned());
    }
    let on = |rows: &[usize]| -> Vec<Vec<f64>> {
        let pick = |column: &Vec<f64>| rows.iter().map(|row| column[*row]).collect();
        returns.iter().map(pick).collect()
    };
    let learned: Vec<Result<Vec<f64>>> = division
        .splits
        .par_iter()
        .map(|split| {
            if job.is_cancelled() {
                return Err(AppError::Cancelled);
            }
            let assets = Assets {
                names: data.names.clone(),
                returns: on(&split.train),
                classes: data.classes.clone(),
                ..Assets::default()
            };
            solved(&backtest.policy, &assets, false, true, job)
        })
        .collect();
    if job.is_cancelled() {
        return Err(AppError::Cancelled);
    }
    if let Some(err) = learned.iter().find_map(|weights| weights.as_ref().err()) {
        notes.push(format!("Cross-validation leaves out splits without an answer: {err}"));
    }
    let earned = |split: usize, rows: &[usize]| -> Option<Vec<f64>> {
        let weights = learned.get(split)?.as_ref().ok()?;
        let tested = on(rows);
        let columns: Vec<&[f64]> = tested.iter().map(Vec::as_slice).collect();
        weighted_daily(weights, &columns).ok()
    };
    let splits = division.splits.iter().enumerate().map(|(at, split)| {
        let earned = earned(at, &split.test);
        SplitScore {
            tested: division.tested.get(at).cloned().unwrap_or_default(),
            train: split.train.len(),
            test: split.test.len(),
            total_return: earned.as_deref().and_then(total_return),
            sharpe: earned.as_deref().and_then(|earned| sharpe(earned, 0.0)),
        }
    });
    let paths: Vec<Option<Vec<f64>>> = division
        .paths
        .iter()
        .map(|path| {
            let mut whole = Vec::with_capacity(rows);
            for (group, split) in division.groups.iter().zip(path) {
                let rows: Vec<usize> = group.clone().collect();
                whole.extend(earned(*split, &rows)?);
            }
            Some(whole)
        })
        .collect();
    let path_sharpe: Vec<Option<f64>> = paths
        .iter()
        .map(|path| path.as_deref().and_then(|path| sharpe(path, 0.0)))
        .collect();
    let known: Vec<f64> = path_sharpe.iter().flatten().copied().collect();
    let totals: Vec<f64> = paths.iter().flatten().filter_map(|path| total_return(path)).collect();
    let share = |count: usize, of: usize| (of > 0).then(|| count as f64 / of as f64);
    Ok(ValidationScores {
        splits: splits.collect(),
        mean_sharpe: (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64),
        share_of_losses: share(totals.iter().filter(|total| **total < 0.0).count(), totals.len()),
        path_sharpe,
    })
}
