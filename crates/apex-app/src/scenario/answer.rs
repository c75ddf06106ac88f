//! From moves to money: one line a holding, groups, and what was assumed.

use std::collections::BTreeMap;

use apex_wire::scenario::{Scenario, ScenarioGroup, ScenarioLine, ScenarioRun};
use apex_wire::{Amount, Figure, Statistic};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::driver::Drivers;
use super::moves::{Change, Moves};
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::grid::add;
use crate::limit::{Moved, Standing};
use crate::performance::amount;
use crate::risk::{Part, symbol, values_by_part};

/// As many symbols as a note names.
const STAND_INS_NAMED: usize = 8;

/// What a scenario does to the parts of a book.
pub(super) struct Parts<'a> {
    pub(super) moves: Moves<'a>,
    /// Each part that could be valued anew, with its line.
    pub(super) lines: Vec<(Part, ScenarioLine)>,
    /// What could not, one sentence each.
    pub(super) left_out: Vec<String>,
    /// Gain or loss of all.
    pub(super) profit: Amount,
    /// For whom another's prices stand in: the other's symbol, and theirs.
    pub(super) stand_ins: BTreeMap<String, Vec<String>>,
}

/// Values every part of a book anew.
pub(super) fn parts<'a>(fold: &'a PortfolioFold, scenario: &'a Scenario) -> Result<Parts<'a>> {
    let values: BTreeMap<Part, Amount> = values_by_part(fold)
        .into_iter()
        .filter(|(_, value)| !value.known().is_some_and(Decimal::is_zero))
        .collect();
    let parts: Vec<Part> = values.keys().copied().collect();
    let moves = Moves::of(fold, scenario, &parts)?;
    let mut found = Parts {
        moves,
        lines: Vec::with_capacity(parts.len()),
        left_out: Vec::new(),
        profit: Figure::Known(Decimal::ZERO),
        stand_ins: BTreeMap::new(),
    };
    for (part, before) in values {
        match line(fold, &found.moves, part, &before) {
            Ok((line, proxy)) => {
                add(&mut found.profit, &line.profit);
                if let Some(proxy) = proxy {
                    found.stand_ins.entry(proxy).or_default().push(line.symbol.clone());
                }
                found.lines.push((part, line));
            }
            Err(because) => found.left_out.push(format!("{}: {because}", symbol(fold, part))),
        }
    }
    found.left_out.sort();
    if let (true, Some(because)) = (found.lines.is_empty(), found.left_out.first()) {
        found.profit = Figure::Unavailable(format!("nothing held can be moved; {because}"));
    }
    Ok(found)
}

/// Runs one scenario on the book of a day. With its lines comes the split by factor, which runs it once for each.
pub(super) fn run(
    fold: &PortfolioFold,
    scenario: &Scenario,
    standing: &Standing<'_>,
    with_lines: bool,
) -> Result<ScenarioRun> {
    let found = parts(fold, scenario)?;
    let nav = &fold.valuation().nav;
    let mut groups = Groups::default();
    for (part, line) in &found.lines {
        groups.add(fold, *part, line);
    }
    let mut notes = notes(scenario, &found);
    if with_lines {
        let drivers = Drivers::of(fold, scenario, &found)?;
        for (part, line) in &found.lines {
            for (name, amount) in drivers.split(fold, *part, line) {
                groups.add_to("factor", name, &amount);
            }
        }
        notes.extend(drivers.note());
    }
    let profits = found
        .lines
        .iter()
        .filter_map(|(part, line)| Some((*part, line.profit.known()?.to_f64()?)));
    let moved = Moved {
        scenario: &scenario.name,
        profits: profits.collect(),
        profit: &found.profit,
    };
    let limits = standing.checks(&moved);
    let lines = match with_lines {
        true => ranked(found.lines),
        false => Vec::new(),
    };
    Ok(ScenarioRun {
        name: scenario.name.clone(),
        share: share(&found.profit, nav),
        profit: found.profit,
        lines,
        groups: groups.into_rows(nav),
        limits,
        notes,
        left_out: found.left_out,
    })
}

/// The lines of one scenario, and what they rest on.
pub(crate) struct Lines {
    /// What loses most comes first.
    pub(crate) lines: Vec<ScenarioLine>,
    /// Gain or loss of all.
    pub(crate) profit: Amount,
    /// How many could not be valued anew.
    pub(crate) left_out: usize,
    pub(crate) notes: Vec<String>,
}

/// Values the book line by line in one scenario.
pub(super) fn lines(fold: &PortfolioFold, scenario: &Scenario) -> Result<Lines> {
    let found = parts(fold, scenario)?;
    Ok(Lines {
        notes: notes(scenario, &found),
        profit: found.profit,
        left_out: found.left_out.len(),
        lines: ranked(found.lines),
    })
}

/// Puts what loses most first; equal ones by symbol.
fn ranked(lines: Vec<(Part, ScenarioLine)>) -> Vec<ScenarioLine> {
    let mut lines: Vec<ScenarioLine> = lines.into_iter().map(|(_, line)| line).collect();
    lines.sort_by(|left, right| {
        let value = |line: &ScenarioLine| line.profit.known().copied().unwrap_or_default();
        value(left)
            .cmp(&value(right))
            .then_with(|| left.symbol.cmp(&right.symbol))
    });
    lines
}

/// By how much a part's price and currency change.
pub(super) fn changes(moves: &Moves<'_>, part: Part) -> Result<(Option<Change>, Change), String> {
    match part {
        Part::Instrument(id) => {
            let instrument = moves.fold().instrument(id).ok_or("it is not in the book")?;
            Ok((Some(moves.price(instrument)?), moves.currency(instrument.currency)?))
        }
        Part::Cash(currency) => Ok((None, moves.currency(currency)?)),
    }
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

/// Returns the change of a value whose price and currency change.
pub(super) fn together(price: f64, currency: f64) -> f64 {
    (1.0 + price) * (1.0 + currency) - 1.0
}

/// Returns the line of a part, and whose prices stand in for its own.
fn line(
    fold: &PortfolioFold,
    moves: &Moves<'_>,
    part: Part,
    before: &Amount,
) -> Result<(ScenarioLine, Option<String>), String> {
    let value = match before {
        Figure::Known(value) => *value,
        Figure::Unavailable(because) => return Err(because.clone()),
    };
    let (price, currency) = changes(moves, part)?;
    let proxy = price.as_ref().and_then(|price| price.proxy.clone());
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
    let line = ScenarioLine {
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
    };
    Ok((line, proxy))
}

pub(super) fn less(from: &Amount, part: &Amount) -> Amount {
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
    fn add(&mut self, fold: &PortfolioFold, part: Part, line: &ScenarioLine) {
        let instrument = match part {
            Part::Instrument(id) => fold.instrument(id),
            Part::Cash(_) => None,
        };
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
            self.add_to(dimension, name, part);
        }
    }

    fn add_to(&mut self, dimension: &'static str, name: String, part: &Amount) {
        let sum = self
            .sums
            .entry((dimension, name))
            .or_insert(Figure::Known(Decimal::ZERO));
        add(sum, part);
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
                level: nav.clone(),
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
        let mut before: Option<(String, Amount)> = None;
        for row in &mut rows {
            if let Some((_, level)) = before.filter(|(dimension, _)| *dimension == row.dimension) {
                row.level = level;
            }
            add(&mut row.level, &row.profit);
            before = Some((row.dimension.clone(), row.level.clone()));
        }
        rows
    }
}

fn notes(scenario: &Scenario, found: &Parts<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(replay) = scenario.replay {
        notes.push(format!(
            "Prices and rates change as from {} to {}, dividends left out",
            replay.from, replay.until
        ));
    }
    for (proxy, symbols) in &found.stand_ins {
        let named: Vec<&str> = symbols.iter().take(STAND_INS_NAMED).map(String::as_str).collect();
        let more = symbols.len().saturating_sub(STAND_INS_NAMED);
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        notes.push(format!(
            "{proxy} stands in for what has no prices of its own: {}{rest}",
            named.join(", ")
        ));
    }
    if let (Some(replay), false) = (scenario.replay, found.left_out.is_empty()) {
        notes.push(format!(
            "To move what is left out, import prices and rates back to {}, or name a proxy for it in the scenario",
            replay.from
        ));
    }
    if let (Some(distance), Some((from, until))) = (found.moves.distance(), found.moves.past().window()) {
        notes.push(format!(
            "What is not shocked follows by the covariances of {from} to {until}; the shocks lie {distance:.1} standard \
             deviations of a day from none"
        ));
    }
    notes
}
