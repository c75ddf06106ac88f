//! VaR and ES by every method of the engine, each with what it rests on.

use apex_analytics::var::simulation::{SimulatedDistribution, Simulation};
use apex_analytics::var::{ValueAtRisk, VarMethod, VarSettings, VolatilityModel};
use apex_wire::Failure;
use apex_wire::risk::{GetRiskMethods, RiskMeasure};
use rayon::prelude::*;

use super::{RiskBook, checked, measure, settings, unmeasured};
use crate::App;
use crate::error::{AppError, Result};

/// Every method with its name: Monte Carlo has one for each distribution it draws from.
const METHODS: [(&str, VarMethod, SimulatedDistribution); 9] = [
    ("historical", VarMethod::Historical, SimulatedDistribution::Normal),
    ("age-weighted", VarMethod::AgeWeighted, SimulatedDistribution::Normal),
    ("filtered", VarMethod::Filtered, SimulatedDistribution::Normal),
    ("normal", VarMethod::Normal, SimulatedDistribution::Normal),
    ("student-t", VarMethod::StudentT, SimulatedDistribution::Normal),
    (
        "cornish-fisher",
        VarMethod::CornishFisher,
        SimulatedDistribution::Normal,
    ),
    ("monte-carlo", VarMethod::MonteCarlo, SimulatedDistribution::Normal),
    ("t-copula", VarMethod::MonteCarlo, SimulatedDistribution::TCopula),
    (
        "block-bootstrap",
        VarMethod::MonteCarlo,
        SimulatedDistribution::BlockBootstrap,
    ),
];

impl App {
    /// Returns VaR and ES of the book of a day by every method, the slow ones among them.
    ///
    /// # Errors
    /// Those of [`App::get_risk`].
    pub fn get_risk_methods(&self, ask: GetRiskMethods) -> Result<Vec<RiskMeasure>, Failure> {
        let fold = self.fold(ask.view)?;
        let horizon = checked(ask.level, ask.horizon, ask.window)?;
        let book = RiskBook::of(&fold, ask.window);
        let because = book.because_ahead(horizon);
        let of_method = |(name, method, distribution): &(&str, VarMethod, SimulatedDistribution)| {
            let settings = with_distribution(settings(*method, ask.level, horizon), *distribution);
            let found = match &because {
                Some(because) => Err(because.clone()),
                None => book.measured(&settings),
            };
            match found {
                Ok(found) => RiskMeasure {
                    method: (*name).to_owned(),
                    ..measure(&fold, &book, &found)
                },
                Err(because) => unmeasured(&fold, name, *method, (ask.level, ask.horizon), &because),
            }
        };
        Ok(METHODS.par_iter().map(of_method).collect())
    }
}

/// Returns the settings of a method by its name.
pub(crate) fn settings_named(name: &str, level: f64, horizon: usize) -> Result<VarSettings> {
    let found = METHODS.iter().find(|(known, ..)| *known == name);
    let Some((_, method, distribution)) = found else {
        let names: Vec<&str> = METHODS.iter().map(|(name, ..)| *name).collect();
        return Err(AppError::not_found(
            "method",
            format!("{name}; there are {}", names.join(", ")),
        ));
    };
    Ok(with_distribution(settings(*method, level, horizon), *distribution))
}

fn with_distribution(settings: VarSettings, distribution: SimulatedDistribution) -> VarSettings {
    VarSettings {
        simulation: Simulation {
            distribution,
            ..settings.simulation
        },
        ..settings
    }
}

/// What a method rests on beside window, mean and quantile, in words.
pub(crate) fn detail(found: &ValueAtRisk) -> String {
    let mut words = Vec::new();
    if let Some(decay) = found.decay {
        words.push(format!("decay {decay}"));
    }
    if let Some(volatility) = found.volatility {
        words.push(match volatility {
            VolatilityModel::Ewma => "volatility weighted exponentially, 0.94".to_owned(),
            VolatilityModel::Garch => "GARCH(1,1) volatility".to_owned(),
        });
    }
    if let Some(simulation) = found.simulation {
        let of = match simulation.distribution {
            SimulatedDistribution::Normal => "normal paths".to_owned(),
            SimulatedDistribution::TCopula => "paths of a t copula".to_owned(),
            SimulatedDistribution::BlockBootstrap => format!("paths of {}-day blocks", simulation.block),
        };
        words.push(format!("{} {of}", simulation.paths));
    }
    if let Some(degrees) = found.degrees_of_freedom {
        words.push(format!("{degrees:.1} degrees of freedom"));
    }
    words.join(", ")
}
