//! Which plans of a horizon can be simulated.

use apex_wire::scenario::horizon::{HorizonMean, HorizonPlan, Rebalancing};

use crate::error::{AppError, Result};
use crate::scenario::finite;

/// The longest horizon: fifty years.
const MONTHS_MAX: u32 = 600;
/// The largest seed that a page can hold.
const SEED_MAX: u64 = (1 << 53) - 1;
const PATHS_MIN: u32 = 100;
const PATHS_MAX: u32 = 1_000_000;

/// Refuses plans that cannot be simulated, naming the field.
pub(in crate::scenario) fn check(plan: &HorizonPlan) -> Result<()> {
    if !(1..=MONTHS_MAX).contains(&plan.months) {
        let sentence = format!("{} months are no horizon; choose 1 to {MONTHS_MAX}", plan.months);
        return Err(AppError::field("months", sentence));
    }
    if !(PATHS_MIN..=PATHS_MAX).contains(&plan.paths) {
        let sentence = format!("{} paths are not between {PATHS_MIN} and {PATHS_MAX}", plan.paths);
        return Err(AppError::field("paths", sentence));
    }
    if plan.seed > SEED_MAX {
        return Err(AppError::field("seed", format!("{} is above {SEED_MAX}", plan.seed)));
    }
    let growth = |field: &'static str, percent: f64| {
        finite(field, percent)?;
        if percent <= -100.0 {
            let sentence = format!("{percent} is not above -100: nothing is left to go on with");
            return Err(AppError::field(field, sentence));
        }
        Ok(())
    };
    growth("cash_percent", plan.cash_percent)?;
    match (plan.mean, plan.mean_percent) {
        (HorizonMean::Given, None) => {
            return Err(AppError::field("mean_percent", "a given mean needs its percent a year"));
        }
        (HorizonMean::Given, Some(percent)) => growth("mean_percent", percent)?,
        (_, Some(percent)) => {
            let sentence = format!("{percent} is not used unless the mean is given");
            return Err(AppError::field("mean_percent", sentence));
        }
        (_, None) => {}
    }
    match (plan.rebalance, plan.band_percent) {
        (Rebalancing::Band, Some(width)) if (0.0..=100.0).contains(&width) => {}
        (Rebalancing::Band, _) => {
            return Err(AppError::field(
                "band_percent",
                "a band needs its width, from 0 to 100 percent",
            ));
        }
        (_, Some(width)) => {
            let sentence = format!("{width} is not used unless weights are held in a band");
            return Err(AppError::field("band_percent", sentence));
        }
        (_, None) => {}
    }
    if !(plan.cost_bp.is_finite() && (0.0..10_000.0).contains(&plan.cost_bp)) {
        let sentence = format!("{} basis points are not from 0 to below 10000", plan.cost_bp);
        return Err(AppError::field("cost_bp", sentence));
    }
    if let Some(flow) = &plan.flow {
        growth("inflation_percent", flow.inflation_percent)?;
        if flow.amount.is_none() && flow.percent.is_none() {
            return Err(AppError::field("flow", "a flow needs an amount or a percent"));
        }
        if let Some(percent) = flow.percent
            && !(percent.is_finite() && percent.abs() <= 100.0)
        {
            let sentence = format!("{percent} is not between -100 and 100 percent of the book");
            return Err(AppError::field("percent", sentence));
        }
    }
    Ok(())
}
