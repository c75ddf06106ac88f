//! From moves to money: one line a holding, groups, and what was assumed.

use std::collections::BTreeMap;

use apex_domain::Instrument;
use apex_wire::scenario::{Scenario, ScenarioGroup, ScenarioLine, ScenarioRun};
use apex_wire::{Amount, Figure, Statistic};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::moves::{Change, Moves};
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::grid::add;
use crate::performance::amount;
use crate::risk::{Part, symbol, values_by_part};

/// Runs one scenario on the book of a day.
pub(super) fn run(fold: &PortfolioFold, scenario: &Scenario) -> Result<ScenarioRun> {
    let values: BTreeMap<Part, Amount> = values_by_part(fold)
        .into_iter()
        .filter(|(_, value)| !value.known().is_some_and(Decimal::is_zero))
        .collect();
    let parts: Vec<Part> = values.keys().copied().collect();
    let moves = Moves::of(fold, scenario, &parts)?;
    let mut lines = Vec::with_capacity(parts.len());
    let mut left_out = Vec::new();
    let mut profit = Figure::Known(Decimal::ZERO);
    let mut groups = Groups::default();
    for (part, before) in values {
        let instrument = match part {
            Part::Instrument(id) => fold.instrument(id),
            Part::Cash(_) => None,
        };
        match line(fold, &moves, part, &before) {
            Ok(line) => {
                add(&mut profit, &line.profit);
                groups.add(instrument, part, &line);
                lines.push(line);
            }
            Err(because) => left_out.push(format!("{}: {because}", symbol(fold, part))),
        }
    }
    // What loses most comes first; equal ones by symbol.
    lines.sort_by(|left, right| {
        let value = |line: &ScenarioLine| line.profit.known().copied().unwrap_or_default();
        value(left)
            .cmp(&value(right))
            .then_with(|| left.symbol.cmp(&right.symbol))
    });
    left_out.sort();
    if let (true, Some(because)) = (lines.is_empty(), left_out.first()) {
        profit = Figure::Unavailable(format!("nothing held can be moved; {because}"));
    }
    Ok(ScenarioRun {
        name: scenario.name.clone(),
        share: share(&profit, &fold.valuation().nav),
        profit,
        lines,
        groups: groups.into_rows(&fold.valuation().nav),
        notes: notes(scenario, &moves),
        left_out,
    })
}

/// Returns an amount as a share of net asset value.
pub(crate) fn share(profit: &Amount, nav: &Amount) -> Statistic {
    match (profit, nav) {
        (Figure::Known(profit), Figure::Known(nav)) if !nav.is_zero() => {
            Figure::or_because((profit / nav).to_f64(), || "the share is out of range".to_owned())
        }
        (Figure::Known(_), Figure::Known(_)) => {
            Figure::Unavailable("there is no net asset value to be a share of".to_owned())
        }
        (Figure::Unavailable(because), _) | (_, Figure::Unavailable(because)) => Figure::Unavailable(because.clone()),
    }
}

/// Returns how the price of a part, where it has one, and its currency change, or why that cannot be said.
pub(super) fn changes(fold: &PortfolioFold, moves: &Moves<'_>, part: Part) -> Result<(Option<Change>, Change), String> {
    match part {
        Part::Instrument(id) => {
            let instrument = fold.instrument(id).ok_or("it is not in the book")?;
            Ok((Some(moves.price(instrument)?), moves.currency(instrument.currency)?))
        }
        Part::Cash(currency) => Ok((None, moves.currency(currency)?)),
    }
}

/// Returns the change of a value whose price and currency change.
pub(super) fn together(price: f64, currency: f64) -> f64 {
    (1.0 + price) * (1.0 + currency) - 1.0
}

fn line(fold: &PortfolioFold, moves: &Moves<'_>, part: Part, before: &Amount) -> Result<ScenarioLine, String> {
    let value = match before {
        Figure::Known(value) => *value,
        Figure::Unavailable(because) => return Err(because.clone()),
    };
    let (price, currency) = changes(fold, moves, part)?;
    let exposed = value.to_f64().ok_or("its value is out of range")?;
    let price_change = price.as_ref().map_or(0.0, |price| price.change);
    let money = |change: f64| amount(exposed * change, fold);
    let by_currency = money(currency.change);
    let by_both = money(price_change * currency.change);
    let profit = money(together(price_change, currency.change));
    // The price takes what rounding leaves, as in every split of a gain.
    let by_price = less(&less(&profit, &by_currency), &by_both);
    let mut after = Figure::Known(value);
    add(&mut after, &profit);
    let how: Vec<String> = price
        .into_iter()
        .flat_map(|price| price.how)
        .chain(currency.how)
        .collect();
    Ok(ScenarioLine {
        instrument: match part {
            Part::Instrument(id) => Some(id),
            Part::Cash(_) => None,
        },
        symbol: symbol(fold, part),
        before: before.clone(),
        after,
        share: share(&profit, &fold.valuation().nav),
        profit,
        by_price,
        by_currency,
        by_both,
        price_change: Figure::Known(price_change),
        currency_change: Figure::Known(currency.change),
        how: if how.is_empty() {
            "unchanged".to_owned()
        } else {
            how.join("; ")
        },
    })
}

fn less(from: &Amount, part: &Amount) -> Amount {
    let mut rest = from.clone();
    add(&mut rest, &part.clone().map(|value| -value));
    rest
}

/// Sums of the lines by what they have in common.
#[derive(Default)]
struct Groups {
    sums: BTreeMap<(&'static str, String), Amount>,
}

impl Groups {
    fn add(&mut self, instrument: Option<&Instrument>, part: Part, line: &ScenarioLine) {
        let sector = match instrument {
            Some(one) => one
                .sector
                .clone()
                .unwrap_or_else(|| format!("No sector ({})", one.kind.as_str())),
            None => "Cash".to_owned(),
        };
        let currency = match (part, instrument) {
            (Part::Cash(currency), _) => currency.to_string(),
            (Part::Instrument(_), Some(one)) => one.currency.to_string(),
            (Part::Instrument(_), None) => String::new(),
        };
        let effects = [
            ("Price", &line.by_price),
            ("Currency", &line.by_currency),
            ("Both", &line.by_both),
        ];
        let all = [("sector", sector, &line.profit), ("currency", currency, &line.profit)]
            .into_iter()
            .chain(effects.map(|(name, part)| ("effect", name.to_owned(), part)));
        for (dimension, name, part) in all {
            let sum = self
                .sums
                .entry((dimension, name))
                .or_insert(Figure::Known(Decimal::ZERO));
            add(sum, part);
        }
    }

    /// By dimension, and in it what loses most first.
    fn into_rows(self, nav: &Amount) -> Vec<ScenarioGroup> {
        let mut rows: Vec<ScenarioGroup> = self
            .sums
            .into_iter()
            .map(|((dimension, name), profit)| ScenarioGroup {
                dimension: dimension.to_owned(),
                name,
                share: share(&profit, nav),
                profit,
            })
            .collect();
        let value = |row: &ScenarioGroup| row.profit.known().copied().unwrap_or_default();
        rows.sort_by(|left, right| {
            left.dimension
                .cmp(&right.dimension)
                .then_with(|| value(left).cmp(&value(right)))
                .then_with(|| left.name.cmp(&right.name))
        });
        rows
    }
}

fn notes(scenario: &Scenario, moves: &Moves<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(replay) = scenario.replay {
        notes.push(format!(
            "Prices and rates change as from {} to {}, dividends left out",
            replay.from, replay.until
        ));
    }
    if let (Some(distance), Some((from, until))) = (moves.distance(), moves.past().window()) {
        notes.push(format!(
            "What is not shocked follows by the covariances of {from} to {until}; the shocks lie {distance:.1} standard \
             deviations of a day from none"
        ));
    }
    notes
}
