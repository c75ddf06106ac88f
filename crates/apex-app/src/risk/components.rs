//! What each holding adds to VaR and ES by one method: its part, its part per unit of weight, and what the book would
//! lose less without it.

use apex_analytics::var::incremental::incremental;
use apex_wire::risk::{GetRiskComponents, HoldingRisk, RiskComponents, RiskMeasure};
use apex_wire::{Failure, Figure};

use super::methods::settings_named;
use super::{RiskBook, checked, measure, unmeasured};
use crate::App;
use crate::error::Result;

/// Holdings that increments are worked out for: each of them is the whole book measured once more.
const INCREMENTS_MAX: usize = 150;

impl App {
    /// Returns what each holding adds to VaR and ES by one method.
    ///
    /// # Errors
    /// Those of [`App::get_risk`], and a method that is not known.
    pub fn get_risk_components(&self, ask: GetRiskComponents) -> Result<RiskComponents, Failure> {
        let fold = self.fold(ask.view)?;
        let horizon = checked(ask.level, ask.horizon, ask.window)?;
        let settings = settings_named(&ask.method, ask.level, horizon)?;
        let book = RiskBook::of(&fold, ask.window);
        let found = match book.because_ahead(horizon) {
            Some(because) => Err(because),
            None => book.measured(&settings),
        };
        let found = match found {
            Ok(found) => found,
            Err(because) => {
                return Ok(RiskComponents {
                    measure: unmeasured(&fold, &ask.method, settings.method, (ask.level, ask.horizon), &because),
                    rows: Vec::new(),
                });
            }
        };
        let increments = if book.positions.len() > INCREMENTS_MAX {
            Err(format!(
                "increments are worked out for at most {INCREMENTS_MAX} holdings; there are {}",
                book.positions.len()
            ))
        } else {
            incremental(&book.weights(), &book.columns(), &settings, &found).map_err(|err| err.to_string())
        };
        let increment = |at: usize| match &increments {
            Ok(increments) => increments.get(at).copied().ok_or_else(|| "there is none".to_owned()),
            Err(because) => Err(because.clone()),
        };
        let mut rows: Vec<HoldingRisk> = book
            .positions
            .iter()
            .zip(&found.components)
            .enumerate()
            .map(|(at, (position, part))| HoldingRisk {
                symbol: position.symbol.clone(),
                weight: position.weight,
                var: part.var,
                es: part.es,
                marginal_var: part.marginal_var,
                marginal_es: part.marginal_es,
                incremental_var: Figure::from(increment(at).map(|increment| increment.var)),
                incremental_es: Figure::from(increment(at).map(|increment| increment.es)),
            })
            .collect();
        rows.sort_by(|left, right| {
            right
                .es
                .total_cmp(&left.es)
                .then_with(|| left.symbol.cmp(&right.symbol))
        });
        Ok(RiskComponents {
            measure: RiskMeasure {
                method: ask.method,
                ..measure(&fold, &book, &found)
            },
            rows,
        })
    }
}
