//! A result by what moved it: every kind of shock, every factor by its symbol, and the past.
//!
//! The scenario is run once for each of them with the sizes of all other shocks at zero. Shocks stay in place, so that a
//! price that is held still is held still, and factors keep their joint betas. What they do only together is shared as
//! [`split_whole`] says.

use apex_analytics::scenario::split::split_whole;
use apex_wire::scenario::{Scenario, ScenarioLine, Shock};
use apex_wire::{Amount, Figure};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::answer::{Parts, changes, less};
use super::moves::Moves;
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::performance::amount;
use crate::risk::Part;

/// The group of what cannot be told apart.
const TOGETHER: &str = "Together";
/// The driver of a stretch of the past.
const PAST: &str = "The past";

/// What a line gains when each driver is alone.
pub(super) struct Drivers {
    names: Vec<String>,
    /// For each driver the gain of each part, per unit of its value; empty where there is one driver only.
    alone: Vec<Vec<(Part, Result<f64, String>)>>,
}

impl Drivers {
    pub(super) fn of(fold: &PortfolioFold, scenario: &Scenario, found: &Parts<'_>) -> Result<Self> {
        let names = names(scenario);
        if names.len() < 2 {
            return Ok(Self {
                names,
                alone: Vec::new(),
            });
        }
        let parts: Vec<Part> = found.lines.iter().map(|(part, _)| *part).collect();
        let mut alone = Vec::with_capacity(names.len());
        for name in &names {
            let scenario = only(scenario, name);
            let moves = Moves::of(fold, &scenario, &parts)?;
            let gain = |part: &Part| {
                let (price, currency) = changes(&moves, *part)?;
                let price = price.map_or(0.0, |price| price.change);
                Ok((1.0 + price) * (1.0 + currency.change) - 1.0)
            };
            alone.push(parts.iter().map(|part| (*part, gain(part))).collect());
        }
        Ok(Self { names, alone })
    }

    /// Splits a line's gain; the parts add up to it.
    pub(super) fn split(&self, fold: &PortfolioFold, part: Part, line: &ScenarioLine) -> Vec<(String, Amount)> {
        let whole = || (TOGETHER.to_owned(), line.profit.clone());
        match self.names.as_slice() {
            [] => return vec![whole()],
            [only] => return vec![(only.clone(), line.profit.clone())],
            _ => {}
        }
        let (Some(before), Some(profit)) = (number(&line.before), number(&line.profit)) else {
            return vec![whole()];
        };
        let alone = self.alone.iter().map(|gains| {
            let at = gains.binary_search_by(|(known, _)| known.cmp(&part)).ok()?;
            let (_, gain) = gains.get(at)?;
            Some(before * gain.as_ref().ok()?)
        });
        let Some(alone) = alone.collect::<Option<Vec<f64>>>() else {
            return vec![whole()];
        };
        let parts = split_whole(profit, &alone);
        let mut amounts: Vec<Amount> = parts.iter().map(|part| amount(*part, fold)).collect();
        // The largest takes what rounding leaves.
        let mut sum = Figure::Known(Decimal::ZERO);
        amounts.iter().for_each(|part| crate::grid::add(&mut sum, part));
        let rest = less(&line.profit, &sum);
        let largest = (0..parts.len()).max_by(|left, right| parts[*left].abs().total_cmp(&parts[*right].abs()));
        if let Some(largest) = largest.and_then(|at| amounts.get_mut(at)) {
            crate::grid::add(largest, &rest);
        }
        self.names.iter().cloned().zip(amounts).collect()
    }

    /// Says how the parts come about, where there is more than one.
    pub(super) fn note(&self) -> Option<String> {
        (self.names.len() > 1).then(|| {
            "By factor: what each moves alone; what they do only together is shared in proportion to that".to_owned()
        })
    }
}

fn number(figure: &Amount) -> Option<f64> {
    figure.known()?.to_f64()
}

/// The drivers of a scenario, in the order they first appear.
fn names(scenario: &Scenario) -> Vec<String> {
    let mut names = Vec::new();
    let past = scenario.replay.map(|_| PAST.to_owned());
    for name in past.into_iter().chain(scenario.shocks.iter().map(name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn name(shock: &Shock) -> String {
    match shock {
        Shock::Price { .. } => "Prices".to_owned(),
        Shock::Factor { symbol, .. } => symbol.to_uppercase(),
        Shock::Rates { .. } => "Interest rates".to_owned(),
        Shock::Spread { .. } => "Credit spreads".to_owned(),
        Shock::Volatility { .. } => "Volatilities".to_owned(),
        Shock::Currency { .. } => "Currencies".to_owned(),
    }
}

/// The scenario with all other drivers at zero.
fn only(scenario: &Scenario, driver: &str) -> Scenario {
    let mut alone = scenario.clone();
    if driver != PAST {
        alone.replay = None;
    }
    for shock in alone.shocks.iter_mut().filter(|shock| name(shock) != driver) {
        match shock {
            Shock::Price { change_percent, .. }
            | Shock::Factor { change_percent, .. }
            | Shock::Currency { change_percent, .. } => *change_percent = 0.0,
            Shock::Rates { points, .. } => points.iter_mut().for_each(|point| point.shift_bp = 0.0),
            Shock::Spread { shift_bp, .. } => *shift_bp = 0.0,
            Shock::Volatility { shift_points, .. } => *shift_points = 0.0,
        }
    }
    alone
}
