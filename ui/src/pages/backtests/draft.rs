//! A backtest as it is typed, and the document it makes.

use apex_wire::{
    backtest::{Backtest, Momentum, Rebalance, Validation},
    optimizer::{Estimator, ObjectiveName, Policy},
};

use crate::pages::optimizer::{percent_text, share, trimmed, whole};

/// One backtest as it is typed. Texts are as people say them; blank is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    /// What the choices are, and what the form has no field for.
    pub(super) base: Backtest,
    pub(super) name: String,
    pub(super) universe: String,
    pub(super) days: String,
    pub(super) window: String,
    pub(super) delay: String,
    pub(super) cost_bp: String,
    pub(super) band: String,
    pub(super) benchmark: String,
    pub(super) upper: String,
    pub(super) momentum: String,
    pub(super) folds: String,
    pub(super) tested: String,
}

impl Draft {
    pub(super) fn of(backtest: &Backtest) -> Self {
        let count = |value: Option<usize>| value.map(|value| value.to_string()).unwrap_or_default();
        Self {
            name: backtest.name.clone(),
            universe: backtest.universe.join(" "),
            days: backtest.days.to_string(),
            window: backtest.window.to_string(),
            delay: backtest.delay.to_string(),
            cost_bp: trimmed(backtest.cost_bp),
            band: trimmed(backtest.band_percent),
            benchmark: backtest.benchmark.clone().unwrap_or_default(),
            upper: percent_text(backtest.policy.constraints.upper),
            momentum: count(backtest.momentum.map(|momentum| momentum.names)),
            folds: count(backtest.validation.map(|validation| validation.folds)),
            tested: count(backtest.validation.map(|validation| validation.tested)),
            base: backtest.clone(),
        }
    }

    /// Returns the document, or the first field that cannot be read.
    pub(super) fn read(&self) -> Result<Backtest, (&'static str, String)> {
        let number = |field: &'static str, text: &str| {
            let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| (field, format!("`{}` is not a number; write it like 5", text.trim())))
        };
        let usual = Backtest::default();
        let window = whole("window", &self.window)?.unwrap_or(usual.window);
        let mut policy = self.base.policy.clone();
        policy.constraints.upper = share("upper", &self.upper)?;
        if !policy.objective.takes_constraints() {
            policy.constraints = Default::default();
        }
        let folds = whole("folds", &self.folds)?;
        let tested = whole("tested", &self.tested)?.unwrap_or(1);
        // The usual eleven months before the last, as far as the window goes.
        let momentum = whole("momentum", &self.momentum)?.map(|names| {
            let kept = self.base.momentum.filter(|kept| kept.lookback + kept.skip <= window);
            Momentum {
                names,
                ..kept.unwrap_or(Momentum {
                    names,
                    lookback: window.saturating_sub(21).max(1),
                    skip: if window > 21 { 21 } else { 0 },
                })
            }
        });
        let symbols = self
            .universe
            .split([' ', ',', ';'])
            .map(str::trim)
            .filter(|symbol| !symbol.is_empty());
        Ok(Backtest {
            name: self.name.trim().to_owned(),
            universe: symbols.map(str::to_owned).collect(),
            days: whole("days", &self.days)?.unwrap_or(usual.days),
            window,
            delay: whole("delay", &self.delay)?.unwrap_or(0),
            cost_bp: number("cost_bp", &self.cost_bp)?,
            band_percent: number("band_percent", &self.band)?,
            benchmark: Some(self.benchmark.trim().to_owned()).filter(|symbol| !symbol.is_empty()),
            momentum,
            validation: folds.map(|folds| Validation {
                folds,
                tested,
                embargo: self.base.validation.map_or(5, |kept| kept.embargo),
            }),
            policy,
            ..self.base.clone()
        })
    }
}

/// What is there to begin with.
pub(super) fn usual() -> Vec<Backtest> {
    let named = |name: &str, objective| Backtest {
        name: name.to_owned(),
        rebalance: Rebalance::Monthly,
        days: 1260,
        policy: Policy {
            objective,
            estimator: Estimator::LedoitWolf,
            ..Policy::default()
        },
        ..Backtest::default()
    };
    vec![
        named("Equal weights", ObjectiveName::Equal),
        named("Minimum variance", ObjectiveName::MinVariance),
        named("Risk parity", ObjectiveName::RiskParity),
    ]
}
