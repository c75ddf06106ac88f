//! Where a book stands to its limits: shares of net asset value before, and after what a scenario does to each part.

use std::collections::BTreeMap;

use apex_analytics::var::VarMethod;
use apex_wire::limit::{Limit, LimitCheck, LimitRule};
use apex_wire::scenario::WINDOW_USUAL;
use apex_wire::{Amount, Figure, Statistic};
use rust_decimal::prelude::ToPrimitive;

use super::words;
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::risk::{Part, RiskBook, settings, symbol, values_by_part};

/// A book that is asked about its limits.
pub(crate) struct Standing<'a> {
    fold: &'a PortfolioFold,
    limits: Vec<&'a Limit>,
    nav: Result<f64, String>,
    /// The worth of every part, or why it is not known.
    values: BTreeMap<Part, Result<f64, String>>,
    /// The book over two years, where a limit asks for its risk.
    risk: Option<RiskBook>,
}

/// What a scenario does to a book.
pub(crate) struct Moved<'a> {
    /// The scenario's name.
    pub(crate) scenario: &'a str,
    /// Gain or loss of each part that moved.
    pub(crate) profits: BTreeMap<Part, f64>,
    /// Gain or loss of all.
    pub(crate) profit: &'a Amount,
}

/// Where the book stands to one limit.
pub(crate) struct Stand {
    /// The share of net asset value.
    pub(crate) value: Statistic,
    /// Whose share that is.
    pub(crate) whose: String,
}

impl Stand {
    fn unknown(because: impl Into<String>) -> Self {
        Self {
            value: Figure::Unavailable(because.into()),
            whose: String::new(),
        }
    }

    fn known(value: f64, whose: impl Into<String>) -> Self {
        Self {
            value: Figure::or_because(value.is_finite().then_some(value), || {
                "the share is out of range".to_owned()
            }),
            whose: whose.into(),
        }
    }

    /// Returns whether the limit is broken; what is not known breaks none.
    pub(crate) fn is_broken(&self, limit: &Limit) -> bool {
        let end = limit.percent / 100.0;
        self.value.known().is_some_and(|value| match limit.rule {
            LimitRule::MinCash => *value < end,
            _ => *value > end,
        })
    }
}

impl<'a> Standing<'a> {
    pub(crate) fn of(fold: &'a PortfolioFold, limits: impl Iterator<Item = &'a Limit>) -> Self {
        let limits: Vec<&Limit> = limits.collect();
        let asks_risk = limits.iter().any(|limit| matches!(limit.rule, LimitRule::Var { .. }));
        let number = |amount: &Amount| match amount {
            Figure::Known(value) => value.to_f64().ok_or_else(|| "the value is out of range".to_owned()),
            Figure::Unavailable(because) => Err(because.clone()),
        };
        let nav = number(&fold.valuation().nav).and_then(|nav| {
            if nav > 0.0 {
                Ok(nav)
            } else {
                Err(format!("the net asset value is {nav}, not above zero"))
            }
        });
        Self {
            fold,
            nav,
            values: values_by_part(fold)
                .into_iter()
                .map(|(part, value)| (part, number(&value)))
                .collect(),
            risk: asks_risk.then(|| RiskBook::of(fold, WINDOW_USUAL)),
            limits,
        }
    }

    /// Compares every limit before and after a scenario; one of another scenario's loss is left out.
    pub(crate) fn checks(&self, moved: &Moved<'_>) -> Vec<LimitCheck> {
        let meant = |limit: &&&Limit| match &limit.rule {
            LimitRule::ScenarioLoss { scenario: Some(name) } => name.trim().eq_ignore_ascii_case(moved.scenario),
            _ => true,
        };
        let check = |limit: &&Limit| {
            let (before, after) = (self.before(limit), self.after(limit, moved));
            LimitCheck {
                name: limit.name.clone(),
                words: words(&limit.rule),
                limit: limit.percent / 100.0,
                broken_before: before.is_broken(limit),
                broken: after.is_broken(limit),
                before: before.value,
                after: after.value,
                whose: after.whose,
            }
        };
        self.limits.iter().filter(meant).map(check).collect()
    }

    /// Where the book stands as it is.
    pub(crate) fn before(&self, limit: &Limit) -> Stand {
        match limit.rule {
            LimitRule::ScenarioLoss { .. } => Stand::unknown("a loss in a scenario is seen when the scenario is run"),
            _ => self.stand(limit, &BTreeMap::new(), 0.0),
        }
    }

    fn after(&self, limit: &Limit, moved: &Moved<'_>) -> Stand {
        let profit = match moved.profit {
            Figure::Known(profit) => profit.to_f64().unwrap_or(0.0),
            Figure::Unavailable(because) => return Stand::unknown(because.clone()),
        };
        match (&limit.rule, &self.nav) {
            // A gain is no loss, and not below zero.
            (LimitRule::ScenarioLoss { .. }, Ok(nav)) => Stand::known((-profit / nav).max(0.0), moved.scenario),
            (LimitRule::ScenarioLoss { .. }, Err(because)) => Stand::unknown(because.clone()),
            _ => self.stand(limit, &moved.profits, profit),
        }
    }

    /// Where the book stands when parts have gained what they did.
    fn stand(&self, limit: &Limit, profits: &BTreeMap<Part, f64>, profit: f64) -> Stand {
        let nav = match &self.nav {
            Ok(nav) if *nav + profit > 0.0 => nav + profit,
            Ok(_) => return Stand::unknown("nothing is left that it could be a share of"),
            Err(because) => return Stand::unknown(because.clone()),
        };
        let mut weights: BTreeMap<Part, f64> = BTreeMap::new();
        for (part, value) in &self.values {
            match value {
                Ok(value) => {
                    let gained = profits.get(part).copied().unwrap_or(0.0);
                    weights.insert(*part, (value + gained) / nav);
                }
                Err(because) => return Stand::unknown(because.clone()),
            }
        }
        match &limit.rule {
            LimitRule::ScenarioLoss { .. } => Stand::unknown("a loss in a scenario is seen when the scenario is run"),
            LimitRule::Var { level } => self.value_at_risk(&weights, *level),
            LimitRule::NameWeight { symbol: wanted } => {
                let named = weights
                    .iter()
                    .filter(|(part, _)| matches!(part, Part::Instrument(_)))
                    .map(|(part, weight)| (symbol(self.fold, *part), *weight));
                largest(named, wanted.as_deref())
            }
            LimitRule::SectorWeight { sector: wanted } => {
                let mut sectors: BTreeMap<String, f64> = BTreeMap::new();
                for (part, weight) in &weights {
                    let Part::Instrument(id) = part else { continue };
                    if let Some(sector) = self.fold.instrument(*id).and_then(|one| one.sector.clone()) {
                        *sectors.entry(sector).or_insert(0.0) += weight;
                    }
                }
                largest(sectors.into_iter(), wanted.as_deref())
            }
            LimitRule::MinCash => {
                let held = weights.iter().filter(|(part, _)| matches!(part, Part::Instrument(_)));
                // Rounding aside, what is no instrument is cash.
                Stand::known(1.0 - held.map(|(_, weight)| weight).sum::<f64>(), "cash")
            }
        }
    }

    fn value_at_risk(&self, weights: &BTreeMap<Part, f64>, level: f64) -> Stand {
        let Some(book) = &self.risk else {
            return Stand::unknown("the risk of the book was not asked for");
        };
        if let Some(because) = book.because() {
            return Stand::unknown(because);
        }
        let weights: Vec<f64> = book
            .positions
            .iter()
            .map(|position| weights.get(&position.part).copied().unwrap_or(0.0))
            .collect();
        let settings = settings(VarMethod::Historical, level, 1);
        match apex_analytics::var::value_at_risk(&weights, &book.columns(), &settings) {
            Ok(found) => Stand::known(found.var, ""),
            Err(err) => Stand::unknown(err.to_string()),
        }
    }
}

/// The largest weight, long or short, or that of one name; what is not held weighs nothing.
fn largest(weights: impl Iterator<Item = (String, f64)>, wanted: Option<&str>) -> Stand {
    let found = weights
        .filter(|(name, _)| wanted.is_none_or(|wanted| name.eq_ignore_ascii_case(wanted.trim())))
        .map(|(name, weight)| (name, weight.abs()))
        .max_by(|left, right| left.1.total_cmp(&right.1).then_with(|| right.0.cmp(&left.0)));
    match found {
        Some((name, weight)) => Stand::known(weight, name),
        None => Stand::known(0.0, wanted.unwrap_or_default()),
    }
}
