//! The Scenario lab: what the book of a day would gain or lose, if.
//!
//! Every holding is valued anew, its price and its currency moved; gain splits into price, currency and both together,
//! and the lines add up to the whole. What cannot be moved for want of history is named and counts as unchanged.
//! Scenarios are documents of the book; some come with the program.

mod answer;
mod driver;
mod history;
mod horizon;
mod library;
mod moves;
pub(crate) mod reprice;
mod reverse;
mod stressed;

use apex_store::Named;
use apex_wire::scenario::horizon::{HorizonRun, RunHorizon};
use apex_wire::scenario::{
    GetReverseStress, GetScenarios, RemoveScenario, ReverseStress, RunScenarios, SaveScenario, Scenario, ScenarioEntry,
    ScenarioRuns, Shock,
};
use apex_wire::{Code, Failure};

pub(crate) use answer::{Lines, share};
pub(crate) use library::library;
pub(crate) use stressed::Stressed;

use crate::App;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::job::Job;
use crate::limit::Standing;
use crate::moment::Moment;
use crate::optimize::constraints::read_toml;

/// As many scenarios as one question may ask about.
const RUNS_MAX: usize = 48;
/// The shortest window that covariances are taken from.
const WINDOW_MIN: usize = 20;

/// Reads a scenario from the TOML of its document.
///
/// # Errors
/// When the text is no TOML, has fields that are not known, or could not be run; the sentence names the place.
pub fn read(text: &str) -> Result<Scenario> {
    let scenario: Scenario = read_toml(text, "the scenario")?;
    check(&scenario)?;
    Ok(scenario)
}

impl App {
    /// Returns the scenarios that come with the program and then the book's own, by name.
    ///
    /// # Errors
    /// When no book is open, or it cannot be read.
    pub async fn get_scenarios(&self, _ask: GetScenarios) -> Result<Vec<ScenarioEntry>, Failure> {
        let saved = self
            .book()?
            .store
            .list::<Scenario>(Named::Scenario)
            .await
            .map_err(AppError::from)?;
        let shipped = library().into_iter().map(|scenario| (scenario, 0));
        let own = saved.into_values().map(|saved| (saved.value, saved.version));
        Ok(shipped
            .chain(own)
            .map(|(scenario, version)| ScenarioEntry { scenario, version })
            .collect())
    }

    /// Keeps a scenario in the book and returns its version.
    ///
    /// # Errors
    /// When the document is not one that could be run, has the name of one that comes with the program, or was changed
    /// since `base_version`.
    pub async fn save_scenario(&self, ask: SaveScenario, moment: &Moment) -> Result<u64, Failure> {
        check(&ask.scenario)?;
        let name = ask.scenario.name.trim();
        if library().iter().any(|known| known.name.eq_ignore_ascii_case(name)) {
            return Err(AppError::field(
                "name",
                format!("{name} comes with the program; choose another name for yours"),
            )
            .into());
        }
        let _writing = self.writer.lock().await;
        let store = &self.book()?.store;
        let version = store.put(Named::Scenario, name, &ask.scenario, ask.base_version, moment.now);
        Ok(version.await.map_err(AppError::from)?)
    }

    /// Removes a scenario of the book; its versions stay in the history.
    ///
    /// # Errors
    /// When there is none of that name, or it was changed since `base_version`.
    pub async fn remove_scenario(&self, ask: RemoveScenario, moment: &Moment) -> Result<(), Failure> {
        let _writing = self.writer.lock().await;
        let store = &self.book()?.store;
        let removed = store.remove(Named::Scenario, &ask.name, ask.base_version, moment.now);
        removed.await.map_err(AppError::from)?;
        Ok(())
    }

    /// Returns the scenario of a name, the program's or the book's.
    ///
    /// # Errors
    /// When there is none.
    pub async fn scenario_named(&self, name: &str) -> Result<Scenario, Failure> {
        let all = self.get_scenarios(GetScenarios {}).await?;
        all.into_iter()
            .map(|entry| entry.scenario)
            .find(|scenario| scenario.name.eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| Failure::new(Code::NotFound, format!("there is no scenario {name}")))
    }

    /// Runs scenarios on the book of a day, side by side.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, there are too many, or a document cannot be run: the
    /// sentence names the field and the value.
    pub fn run_scenarios(&self, ask: RunScenarios) -> Result<ScenarioRuns, Failure> {
        if ask.scenarios.len() > RUNS_MAX {
            let count = ask.scenarios.len();
            return Err(AppError::invalid(format!(
                "{count} scenarios are too many at once; choose {RUNS_MAX} at most"
            ))
            .into());
        }
        let fold = self.fold(ask.view)?;
        let limits = self.limits_of(&fold)?;
        let standing = Standing::of(&fold, limits.iter().map(|(limit, _)| limit));
        let runs = ask.scenarios.iter().map(|scenario| {
            check(scenario)?;
            answer::run(&fold, scenario, &standing, ask.with_lines)
        });
        Ok(ScenarioRuns {
            as_of: fold.as_of(),
            currency: fold.currency(),
            nav: fold.valuation().nav.clone(),
            runs: runs.collect::<Result<_>>()?,
        })
    }

    /// Simulates the book of a day to a horizon, after the shocks of a scenario.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, the plan is out of range, nothing can be measured, or the job was
    /// cancelled: the sentence names the field and the value.
    pub fn run_horizon(&self, ask: RunHorizon, job: &Job) -> Result<HorizonRun, Failure> {
        let fold = self.fold(ask.view)?;
        let plan = ask.scenario.horizon.clone().unwrap_or_default();
        let scenario = Scenario {
            horizon: Some(plan),
            ..ask.scenario
        };
        check(&scenario)?;
        Ok(horizon::run(&fold, &scenario, job)?)
    }

    /// Returns the most plausible move of the holdings that loses a share of the book.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, or loss, window or horizon is out of range.
    pub fn get_reverse_stress(&self, ask: GetReverseStress) -> Result<ReverseStress, Failure> {
        let fold = self.fold(ask.view)?;
        Ok(reverse::reverse_stress(&fold, &ask)?)
    }
}

/// Values the book line by line in one scenario: neither groups nor limits.
pub(crate) fn lines(fold: &PortfolioFold, scenario: &Scenario) -> Result<Lines> {
    check(scenario)?;
    answer::lines(fold, scenario)
}

/// Refuses documents that cannot be run, naming the field.
pub(crate) fn check(scenario: &Scenario) -> Result<()> {
    let name = crate::read::name(&scenario.name, "a scenario")?;
    if scenario.replay.is_none() && scenario.shocks.is_empty() && scenario.horizon.is_none() {
        return Err(AppError::field(
            "shock",
            format!("{name} has neither shocks nor a stretch of the past nor a horizon"),
        ));
    }
    if let Some(replay) = scenario.replay
        && replay.from >= replay.until
    {
        return Err(AppError::field(
            "replay",
            format!("{} is not before {}", replay.from, replay.until),
        ));
    }
    if scenario.window < WINDOW_MIN {
        return Err(AppError::field(
            "window",
            format!(
                "a window of {} is too short; {WINDOW_MIN} returns are the fewest",
                scenario.window
            ),
        ));
    }
    finite("interest_percent", scenario.interest_percent)?;
    if let Some(plan) = &scenario.horizon {
        horizon::check(plan)?;
    }
    scenario.shocks.iter().try_for_each(check_shock)
}

fn check_shock(shock: &Shock) -> Result<()> {
    match shock {
        Shock::Price { change_percent, .. }
        | Shock::Factor { change_percent, .. }
        | Shock::Currency { change_percent, .. } => {
            finite("change_percent", *change_percent)?;
            if *change_percent < -100.0 {
                return Err(AppError::field(
                    "change_percent",
                    format!("{change_percent} is below -100: nothing loses more than everything"),
                ));
            }
            Ok(())
        }
        Shock::Rates { points, .. } => {
            if points.is_empty() {
                return Err(AppError::field("points", "a shift of rates needs at least one point"));
            }
            for point in points {
                finite("years", point.years)?;
                finite("shift_bp", point.shift_bp)?;
            }
            if points.windows(2).any(|pair| pair[0].years >= pair[1].years) {
                return Err(AppError::field("points", "the terms of a shift of rates must rise"));
            }
            Ok(())
        }
        Shock::Spread { shift_bp, .. } => finite("shift_bp", *shift_bp),
        Shock::Volatility { shift_points, .. } => finite("shift_points", *shift_points),
    }
}

fn finite(field: &'static str, value: f64) -> Result<()> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(AppError::field(field, format!("{value} is not a number")))
    }
}
