//! What a portfolio is compared with: its own benchmark, what it held at the start, or a blend of instruments.
//!
//! Every return is that of prices with splits taken out, in the portfolio's currency; dividends are not added.

use std::collections::{BTreeMap, BTreeSet};

use apex_analytics::benchmark::{Mix, composite};
use apex_analytics::rebalance::RebalanceRule;
use apex_domain::{Currency, InstrumentId};
use apex_wire::attribution::{BenchmarkChoice, Blend, Rebalancing};
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use super::record::Record;
use super::study::currency_of;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::history::HistorySubject;
use crate::risk::{Part, symbol};
use crate::track::{closes, splits};

/// What a portfolio is compared with, measured on the days of a record.
#[derive(Debug, Clone)]
pub(super) struct Benchmark {
    pub(super) name: String,
    /// What it is made of, where that is known.
    pub(super) parts: Vec<BenchmarkPart>,
    /// The return of each day.
    pub(super) returns: Vec<f64>,
    /// Why its segments are not known, where that is so.
    pub(super) opaque: Option<String>,
    pub(super) notes: Vec<String>,
}

/// One component, its weight at the start of each day and what it added to that day's return.
#[derive(Debug, Clone)]
pub(super) struct BenchmarkPart {
    pub(super) part: Part,
    pub(super) weights: Vec<f64>,
    pub(super) earned: Vec<f64>,
}

const PRICES_ONLY: &str = "the benchmark is made of prices: dividends of its components are not in it, while those that \
                           the portfolio received are in its return";

/// Measures a benchmark. `Ok(Err(...))` says why the book cannot measure it, `Err` why the question has no answer.
pub(super) fn benchmark(
    fold: &PortfolioFold,
    record: &Record,
    choice: &BenchmarkChoice,
) -> Result<Result<Option<Benchmark>, String>> {
    let levels = Levels::of(fold, record);
    match choice {
        BenchmarkChoice::Portfolio => Ok(of_portfolio(fold, &levels)),
        BenchmarkChoice::Equal { rebalance } => {
            let held = levels.held_at_start(record);
            let mut notes = held.notes;
            notes.push(format!(
                "the benchmark holds what the portfolio held long at the start, {} instruments with equal weights, set back {}",
                held.long.len(),
                words(*rebalance)
            ));
            if held.long.is_empty() {
                return Ok(Err(
                    "nothing with a price was held long at the start of the period".to_owned()
                ));
            }
            let weight = 1.0 / held.long.len() as f64;
            let targets = held.long.into_iter().map(|part| (part, weight)).collect();
            let name = format!("Equal weights of the start, set back {}", words(*rebalance));
            made(&levels, name, &levels.mixes_of_start(targets), *rebalance, notes)
        }
        BenchmarkChoice::Start => {
            let held = levels.held_at_start(record);
            let mut notes = held.notes;
            notes.push(
                "the benchmark is the portfolio of the start, never traded: the active return is that of trades, \
                 dividends, fees and money from outside"
                    .to_owned(),
            );
            if held.weights.is_empty() {
                return Ok(Err("nothing was held at the start of the period".to_owned()));
            }
            let name = "Portfolio of the start, never traded".to_owned();
            made(
                &levels,
                name,
                &levels.mixes_of_start(held.weights),
                Rebalancing::Never,
                notes,
            )
        }
        BenchmarkChoice::Blend(blend) => of_blend(fold, &levels, blend),
    }
}

fn of_portfolio(fold: &PortfolioFold, levels: &Levels<'_>) -> Result<Option<Benchmark>, String> {
    let Some(instrument) = fold.portfolio().benchmark.and_then(|id| fold.instrument(id)) else {
        return Ok(None);
    };
    let returns = levels.returns(Part::Instrument(instrument.id))?;
    let symbol = fold.symbol(instrument.id);
    let mut notes = vec![format!(
        "{} counts by its prices alone, without dividends",
        instrument.name
    )];
    if instrument.currency != fold.currency() {
        notes.push(format!(
            "{symbol} is quoted in {} and converted to {} day by day; the Performance page shows it in {}",
            instrument.currency,
            fold.currency(),
            instrument.currency
        ));
    }
    Ok(Some(Benchmark {
        name: instrument.name.clone(),
        parts: Vec::new(),
        returns,
        opaque: Some(format!(
            "{symbol} is one instrument: the book does not know what it weighs by segment; choose a blend, equal weights \
             or the portfolio of the start"
        )),
        notes,
    }))
}

fn of_blend(fold: &PortfolioFold, levels: &Levels<'_>, blend: &Blend) -> Result<Result<Option<Benchmark>, String>> {
    let mixes: Vec<(Date, BTreeMap<Part, f64>)> = std::iter::once((Date::MIN, &blend.weights))
        .chain(blend.changes.iter().map(|change| (change.from, &change.weights)))
        .map(|(from, weights)| {
            let mut mix: BTreeMap<Part, f64> = BTreeMap::new();
            for (name, weight) in weights {
                if !weight.is_finite() {
                    return Err(AppError::field(
                        "weights",
                        format!("the weight of {name} is not a number"),
                    ));
                }
                *mix.entry(component(fold, name)?).or_insert(0.0) += weight;
            }
            let sum: f64 = mix.values().sum();
            if (sum - 1.0).abs() > 1e-9 {
                return Err(AppError::field(
                    "weights",
                    format!("the weights of {} add up to {sum}; they must add up to 1", blend.name),
                ));
            }
            Ok((from, mix))
        })
        .collect::<Result<_>>()?;
    if let Some(pair) = mixes.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
        return Err(AppError::field(
            "changes",
            format!("the change of {} does not come after the one before it", pair[1].0),
        ));
    }
    let notes = vec![PRICES_ONLY.to_owned()];
    made(levels, blend.name.clone(), &mixes, blend.rebalance, notes)
}

/// Returns the part of the book that a blend names.
fn component(fold: &PortfolioFold, name: &str) -> Result<Part> {
    let mut words = name.split_whitespace();
    if words.next().is_some_and(|word| word.eq_ignore_ascii_case("cash")) {
        return match (words.next(), words.next()) {
            (None, _) => Ok(Part::Cash(fold.currency())),
            (Some(code), None) => Currency::parse(code)
                .map(Part::Cash)
                .map_err(|_| AppError::field("weights", format!("{code} is not a currency"))),
            _ => Err(AppError::field("weights", format!("there is no instrument {name}"))),
        };
    }
    fold.instrument_named(name)
        .map(|instrument| Part::Instrument(instrument.id))
        .ok_or_else(|| AppError::field("weights", format!("there is no instrument {name}")))
}

/// Makes the benchmark of mixes of parts.
fn made(
    levels: &Levels<'_>,
    name: String,
    mixes: &[(Date, BTreeMap<Part, f64>)],
    rebalance: Rebalancing,
    notes: Vec<String>,
) -> Result<Result<Option<Benchmark>, String>> {
    let parts: BTreeSet<Part> = mixes.iter().flat_map(|(_, mix)| mix.keys().copied()).collect();
    let columns: Result<Vec<Vec<f64>>, String> = parts.iter().map(|part| levels.returns(*part)).collect();
    let columns = match columns {
        Ok(columns) => columns,
        Err(because) => return Ok(Err(because)),
    };
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let mixes: Vec<Mix> = mixes
        .iter()
        .map(|(from, mix)| Mix {
            from: *from,
            weights: parts.iter().map(|part| mix.get(part).copied().unwrap_or(0.0)).collect(),
        })
        .collect();
    let blend = composite(&slices, &mixes, levels.days, rule(rebalance))
        .map_err(|err| AppError::field("benchmark", format!("{name}: {err}")))?;
    let parts = parts.into_iter().enumerate().map(|(at, part)| {
        let weights: Vec<f64> = blend
            .starts
            .iter()
            .map(|day| day.get(at).copied().unwrap_or(0.0))
            .collect();
        let earned = weights
            .iter()
            .zip(&columns[at])
            .map(|(weight, own)| weight * own)
            .collect();
        BenchmarkPart { part, weights, earned }
    });
    Ok(Ok(Some(Benchmark {
        parts: parts.collect(),
        name,
        returns: blend.returns,
        opaque: None,
        notes,
    })))
}

fn rule(rebalance: Rebalancing) -> RebalanceRule {
    match rebalance {
        Rebalancing::Daily => RebalanceRule::Daily,
        Rebalancing::Monthly => RebalanceRule::Monthly,
        Rebalancing::Quarterly => RebalanceRule::Quarterly,
        Rebalancing::Yearly => RebalanceRule::Yearly,
        Rebalancing::Never => RebalanceRule::Never,
    }
}

fn words(rebalance: Rebalancing) -> &'static str {
    match rebalance {
        Rebalancing::Daily => "every day",
        Rebalancing::Monthly => "every month",
        Rebalancing::Quarterly => "every quarter",
        Rebalancing::Yearly => "every year",
        Rebalancing::Never => "never",
    }
}

/// Returns the returns of an instrument's prices in the portfolio's currency on the days of a record.
pub(super) fn returns_of(fold: &PortfolioFold, record: &Record, id: InstrumentId) -> Result<Vec<f64>, String> {
    Levels::of(fold, record).returns(Part::Instrument(id))
}

/// Prices and rates at the closes of a record.
pub(super) struct Levels<'a> {
    fold: &'a PortfolioFold,
    /// The close the record is counted from, and its days.
    stops: Vec<Date>,
    days: &'a [Date],
    splits: BTreeMap<InstrumentId, BTreeMap<Date, f64>>,
    /// Whether the portfolio began on the first day.
    from_inception: bool,
}

/// What was held at the start of a record, as far as it has prices.
struct HeldAtStart {
    weights: BTreeMap<Part, f64>,
    /// The instruments held long.
    long: Vec<Part>,
    notes: Vec<String>,
}

impl<'a> Levels<'a> {
    pub(super) fn of(fold: &'a PortfolioFold, record: &'a Record) -> Self {
        Self {
            fold,
            stops: std::iter::once(record.since)
                .chain(record.days.iter().copied())
                .collect(),
            days: &record.days,
            splits: splits(fold),
            from_inception: record.from_inception,
        }
    }

    /// Returns the returns of a part in the portfolio's currency, or the first price or rate that is missing.
    pub(super) fn returns(&self, part: Part) -> Result<Vec<f64>, String> {
        let fold = self.fold;
        let mut levels: Vec<Result<f64, String>> = match part {
            Part::Cash(_) => self.stops.iter().map(|_| Ok(1.0)).collect(),
            Part::Instrument(id) => {
                let closes = closes(fold, id, self.splits.get(&id), &self.stops);
                let known = closes.iter().zip(&self.stops).map(|(close, day)| {
                    close
                        .filter(|close| *close > 0.0)
                        .ok_or_else(|| format!("no price of {} on {day} or in the month before", fold.symbol(id)))
                });
                known.collect()
            }
        };
        let currency = currency_of(fold, part);
        if currency != fold.currency() {
            for (level, day) in levels.iter_mut().zip(&self.stops) {
                let rate = fold.prices().fx(currency, fold.currency(), *day);
                let rate = rate.map_err(|reason| fold.because(&reason));
                let rate = rate.and_then(|rate| rate.value.to_f64().ok_or_else(|| "a rate is out of range".to_owned()));
                *level = level.clone().and_then(|level| Ok(level * rate?));
            }
        }
        // Before a portfolio began there need not be a price; then the close of its first day is the start.
        if let (true, [before, first, ..]) = (self.from_inception, levels.as_mut_slice())
            && before.is_err()
        {
            before.clone_from(first);
        }
        let levels: Vec<f64> = levels.into_iter().collect::<Result<_, String>>()?;
        let pairs = levels.iter().zip(levels.iter().skip(1));
        Ok(pairs.map(|(before, after)| after / before - 1.0).collect())
    }

    /// Returns the mixes of weights that count from the start on. What the first day of a portfolio ends with is held from
    /// the second day on; on the first the benchmark is in cash, as the portfolio was.
    fn mixes_of_start(&self, weights: BTreeMap<Part, f64>) -> Vec<(Date, BTreeMap<Part, f64>)> {
        if !self.from_inception {
            return vec![(Date::MIN, weights)];
        }
        let cash = BTreeMap::from([(Part::Cash(self.fold.currency()), 1.0)]);
        let second = self.days.get(1).map(|day| (*day, weights));
        std::iter::once((Date::MIN, cash)).chain(second).collect()
    }

    /// Returns the weights at the close that the record is counted from; at the close of the first day from inception.
    fn held_at_start(&self, record: &Record) -> HeldAtStart {
        let mut held = HeldAtStart {
            weights: BTreeMap::new(),
            long: Vec::new(),
            notes: Vec::new(),
        };
        let history = self.fold.history();
        let first = record.rows.first().copied().unwrap_or(0);
        let row = if self.from_inception {
            Some(first)
        } else {
            first.checked_sub(1)
        };
        let Some((row, nav)) = row.and_then(|row| Some((row, history.nav.get(row)?))) else {
            return held;
        };
        if nav <= 0.0 {
            return held;
        }
        let base = Part::Cash(self.fold.currency());
        let mut rest = 1.0;
        for (subject, values) in history.subjects.iter().zip(self.fold.holding_values()) {
            let part = match subject {
                HistorySubject::Instrument(id) => Part::Instrument(*id),
                HistorySubject::Cash(currency) => Part::Cash(*currency),
            };
            let value = values.get(row).unwrap_or(0.0);
            if value == 0.0 || part == base {
                continue;
            }
            if let Err(because) = self.returns(part) {
                let share = apex_format::percent(value / nav, 1);
                let symbol = symbol(self.fold, part);
                held.notes.push(format!(
                    "{symbol}, {share} of the portfolio at the start, is not in the benchmark: {because}"
                ));
                continue;
            }
            held.weights.insert(part, value / nav);
            rest -= value / nav;
            if value > 0.0 && matches!(part, Part::Instrument(_)) {
                held.long.push(part);
            }
        }
        // Cash, and in its place what has no prices.
        held.weights.insert(base, rest);
        held.notes.push(PRICES_ONLY.to_owned());
        held
    }
}
