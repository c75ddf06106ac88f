//! The Risk page: what the book of today would have gained and lost on the days of a window.
//!
//! Holdings are held constant: every holding has today's weight on every day of the window. Its return is that of its
//! price in base currency, the rate included, with splits taken out and dividends not added. Cash in another currency
//! moves with its rate. A holding without a price or a rate on every day of the window is left out and named; nothing
//! stands in for it. Private assets are left out: a mark every few months is no history of a market.

mod backtest;
mod components;
mod exposures;
mod factors;
mod methods;

use std::collections::{BTreeMap, BTreeSet};

use apex_analytics::measure::shape::{excess_kurtosis_biased, skewness_biased};
use apex_analytics::measure::tail::cornish_fisher_holds;
use apex_analytics::returns::{compounded, weighted_daily};
use apex_analytics::series::correlation::correlation_matrix;
use apex_analytics::series::episode::worst;
use apex_analytics::series::histogram::histogram;
use apex_analytics::var::{HorizonRule, MeanRule, ValueAtRisk, VarMethod, VarSettings, value_at_risk};
use apex_domain::{Currency, InstrumentId, InstrumentKind};
use apex_wire::chart::{Axis, HeatMapData, HistogramData, Mark, Ramp, Tone, Unit};
use apex_wire::risk::{GetRisk, Risk, RiskComponent, RiskMeasure, WorstDay};
use apex_wire::{Amount, Failure, Figure};
use jiff::civil::{Date, Weekday};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

pub(crate) use methods::{detail, settings_named};

use crate::App;
use crate::error::{AppError, Result};
use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
use crate::grid::add;
use crate::performance::amount;
use crate::track::splits;

/// Bins of the histogram.
const BINS: usize = 40;
/// Worst days listed.
const WORST_DAYS_MAX: usize = 10;
/// The fewest returns anything is computed from.
pub(crate) const RETURNS_MIN: usize = 2;

impl App {
    /// Returns the risk of the book of a day, its holdings held constant over a window of the past.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, the level lies outside (0.5, 1), or the horizon or the window
    /// is zero or the horizon longer than the window.
    pub fn get_risk(&self, ask: GetRisk) -> Result<Risk, Failure> {
        let fold = self.fold(ask.view)?;
        Ok(risk(&fold, &ask)?)
    }
}

/// What a part of the book is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// An instrument, all accounts together.
    Instrument(InstrumentId),
    /// Cash in another currency.
    Cash(Currency),
}

/// One holding of the book of today over the window.
#[derive(Debug, Clone)]
pub(crate) struct RiskPosition {
    pub(crate) part: Part,
    pub(crate) symbol: String,
    /// Market value in base currency.
    pub(crate) value: Decimal,
    /// Share of net asset value.
    pub(crate) weight: f64,
    /// Its return in base currency on each day of the window.
    pub(crate) returns: Vec<f64>,
}

/// The book of today over a window of the past.
#[derive(Debug, Clone)]
pub(crate) struct RiskBook {
    /// The days of the returns.
    pub(crate) days: Vec<Date>,
    /// Largest first.
    pub(crate) positions: Vec<RiskPosition>,
    /// Holdings left out, one sentence each.
    pub(crate) left_out: Vec<String>,
    /// Why nothing can be measured at all, where that is so.
    missing: Option<String>,
}

impl RiskBook {
    /// Takes the holdings of a day over the last `window` returns up to it.
    pub(crate) fn of(fold: &PortfolioFold, window: usize) -> Self {
        Self::with(fold, window, &BTreeSet::new())
    }

    /// Takes the holdings of a day, and instruments `added` to them that are looked at although they are not held.
    pub(crate) fn with(fold: &PortfolioFold, window: usize, added: &BTreeSet<InstrumentId>) -> Self {
        let mut values = values_by_part(fold);
        for id in added {
            values
                .entry(Part::Instrument(*id))
                .or_insert(Figure::Known(Decimal::ZERO));
        }
        let closes = closing_days(fold, values.keys().copied(), window.saturating_add(1));
        Self::over(fold, values, added, &closes)
    }

    /// Takes parts and their values over given closes; what is worth nothing only where it is among `added`.
    pub(crate) fn over(
        fold: &PortfolioFold,
        values: BTreeMap<Part, Amount>,
        added: &BTreeSet<InstrumentId>,
        closes: &[Date],
    ) -> Self {
        let is_added = |part: Part| matches!(part, Part::Instrument(id) if added.contains(&id));
        let mut left_out = Vec::new();
        let Some(nav) = fold.valuation().nav.known().copied().filter(|nav| *nav > Decimal::ZERO) else {
            let because = match &fold.valuation().nav {
                Figure::Unavailable(because) => because.clone(),
                Figure::Known(nav) => format!("the net asset value is {nav}, not above zero"),
            };
            return Self {
                days: Vec::new(),
                positions: Vec::new(),
                left_out: Vec::new(),
                missing: Some(because),
            };
        };
        let splits = splits(fold);
        let mut rates: BTreeMap<Currency, Result<Vec<f64>, String>> = BTreeMap::new();
        let mut positions = Vec::new();
        for (part, value) in values {
            let symbol = symbol(fold, part);
            let value = match value {
                Figure::Known(value) if value.is_zero() && !is_added(part) => continue,
                Figure::Known(value) => value,
                Figure::Unavailable(because) => {
                    left_out.push(format!("{symbol}: {because}"));
                    continue;
                }
            };
            let currency = match part {
                Part::Cash(currency) => Some(currency),
                Part::Instrument(id) => fold.instrument(id).map(|one| one.currency),
            };
            let Some(currency) = currency else { continue };
            let share = (value / nav).to_f64().unwrap_or(0.0);
            let rates = rates
                .entry(currency)
                .or_insert_with(|| rate_column(fold, currency, closes));
            let levels = match part {
                Part::Cash(_) => Ok(vec![1.0; closes.len()]),
                Part::Instrument(id) => price_column(fold, id, splits.get(&id), closes),
            };
            match (levels, rates) {
                (Ok(levels), Ok(rates)) => positions.push(RiskPosition {
                    part,
                    symbol,
                    value,
                    weight: share,
                    returns: returns_in_base(&levels, rates),
                }),
                (Err(because), _) => left_out.push(left_out_sentence(&symbol, share, &because)),
                (_, Err(because)) => left_out.push(left_out_sentence(&symbol, share, because)),
            }
        }
        positions.sort_by(|left, right| {
            right
                .value
                .abs()
                .cmp(&left.value.abs())
                .then_with(|| left.symbol.cmp(&right.symbol))
        });
        left_out.sort();
        let days = closes.get(1..).unwrap_or_default().to_vec();
        Self {
            days,
            positions,
            left_out,
            missing: None,
        }
    }

    /// Returns the weights, in the order of the positions.
    pub(crate) fn weights(&self) -> Vec<f64> {
        self.positions.iter().map(|position| position.weight).collect()
    }

    /// Returns the returns, in the order of the positions.
    pub(crate) fn columns(&self) -> Vec<&[f64]> {
        self.positions
            .iter()
            .map(|position| position.returns.as_slice())
            .collect()
    }

    /// Says why nothing can be computed, where that is so.
    pub(crate) fn because(&self) -> Option<String> {
        if self.missing.is_some() {
            return self.missing.clone();
        }
        if self.positions.is_empty() {
            let because = if self.left_out.is_empty() {
                "nothing is held whose value can move"
            } else {
                "nothing that is held has a history to measure it by"
            };
            return Some(because.to_owned());
        }
        (self.days.len() < RETURNS_MIN)
            .then(|| format!("daily returns are {}; {RETURNS_MIN} are the fewest", self.days.len()))
    }

    /// Returns VaR and ES by one method.
    pub(crate) fn value_at_risk(&self, method: VarMethod, level: f64, horizon: usize) -> Result<ValueAtRisk> {
        self.value_at_risk_by(&settings(method, level, horizon))
    }

    /// Returns VaR and ES by the settings of a method, or why the book has none: what keeps a method from an answer is no
    /// mistake of the question.
    pub(crate) fn measured(&self, settings: &VarSettings) -> Result<ValueAtRisk, String> {
        if settings.method == VarMethod::CornishFisher {
            self.cornish_fisher_holds(settings)?;
        }
        self.value_at_risk_by(settings).map_err(|err| err.to_string())
    }

    /// Refuses shapes of the book's returns for which the Cornish-Fisher expansion is no distribution.
    fn cornish_fisher_holds(&self, settings: &VarSettings) -> Result<(), String> {
        let daily = weighted_daily(&self.weights(), &self.columns()).map_err(|err| err.to_string())?;
        let length = match settings.horizon_rule {
            HorizonRule::Overlap => settings.horizon,
            HorizonRule::Sqrt => 1,
        };
        let returns: Vec<f64> = daily.windows(length.max(1)).map(compounded).collect();
        let (Some(skew), Some(kurtosis)) = (skewness_biased(&returns), excess_kurtosis_biased(&returns)) else {
            return Ok(());
        };
        if cornish_fisher_holds(skew, kurtosis) {
            return Ok(());
        }
        Err(format!(
            "the Cornish-Fisher expansion does not hold for a skewness of {skew:.2} and an excess kurtosis of \
             {kurtosis:.2} (Maillard, 2012); its quantiles would not rise with the probability"
        ))
    }

    /// Returns VaR and ES by the settings of a method.
    pub(crate) fn value_at_risk_by(&self, settings: &VarSettings) -> Result<ValueAtRisk> {
        Ok(value_at_risk(&self.weights(), &self.columns(), settings)?)
    }
}

/// Returns the market value of every part of the book in base currency, all accounts together; cash in the base
/// currency is no part, as nothing can happen to it.
pub(crate) fn values_by_part(fold: &PortfolioFold) -> BTreeMap<Part, Amount> {
    let mut values: BTreeMap<Part, Amount> = BTreeMap::new();
    for row in &fold.valuation().rows {
        let part = match row.instrument {
            Some(id) => Part::Instrument(id),
            None if row.currency != fold.currency() => Part::Cash(row.currency),
            None => continue,
        };
        add(
            values.entry(part).or_insert(Figure::Known(Decimal::ZERO)),
            &row.market_value,
        );
    }
    values
}

/// The settings of the page: overlapping windows, the sample mean, the linear quantile.
pub(crate) fn settings(method: VarMethod, level: f64, horizon: usize) -> VarSettings {
    VarSettings {
        horizon,
        horizon_rule: HorizonRule::Overlap,
        mean: MeanRule::Sample,
        ..VarSettings::one_day(method, level)
    }
}

/// Returns the returns of prices in one currency, each at the rate of its day.
pub(crate) fn returns_in_base(prices: &[f64], rates: &[f64]) -> Vec<f64> {
    let levels: Vec<f64> = prices.iter().zip(rates).map(|(price, rate)| price * rate).collect();
    let pairs = levels.iter().zip(levels.iter().skip(1));
    pairs.map(|(before, after)| after / before - 1.0).collect()
}

pub(crate) fn left_out_sentence(symbol: &str, share: f64, because: &str) -> String {
    format!("{symbol}, {} of NAV: {because}", apex_format::percent(share, 1))
}

pub(crate) fn symbol(fold: &PortfolioFold, part: Part) -> String {
    match part {
        Part::Instrument(id) => fold.symbol(id),
        Part::Cash(currency) => format!("Cash {currency}"),
    }
}

/// The last weekdays on which something held had a price, `count` at most. Without prices, weekdays serve for cash.
pub(crate) fn closing_days(fold: &PortfolioFold, parts: impl Iterator<Item = Part>, count: usize) -> Vec<Date> {
    let as_of = fold.as_of();
    let weekday = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let mut days: BTreeSet<Date> = BTreeSet::new();
    let mut cash_only = true;
    for part in parts {
        let Part::Instrument(id) = part else { continue };
        cash_only = false;
        if fold
            .instrument(id)
            .is_some_and(|one| one.kind == InstrumentKind::Private)
        {
            continue;
        }
        let (dates, _) = fold.prices().columns(id);
        let until = dates.partition_point(|day| *day <= as_of);
        days.extend(
            dates
                .get(..until)
                .unwrap_or_default()
                .iter()
                .rev()
                .copied()
                .filter(weekday)
                .take(count),
        );
    }
    if cash_only {
        let first = fold.book().flows().first().map_or(as_of, |flow| flow.date);
        let back = std::iter::successors(Some(as_of), |day| day.yesterday().ok()).take_while(|day| *day >= first);
        days.extend(back.filter(weekday).take(count));
    }
    let skipped = days.len().saturating_sub(count);
    days.into_iter().skip(skipped).collect()
}

/// The price of every day with splits taken out, or why there is none.
pub(crate) fn price_column(
    fold: &PortfolioFold,
    id: InstrumentId,
    splits: Option<&BTreeMap<Date, f64>>,
    days: &[Date],
) -> Result<Vec<f64>, String> {
    if fold
        .instrument(id)
        .is_some_and(|one| one.kind == InstrumentKind::Private)
    {
        return Err("a private asset has marks, not a history of market prices".to_owned());
    }
    let (dates, prices) = fold.prices().columns(id);
    let mut splits = splits.into_iter().flatten().peekable();
    let (mut next, mut held) = (0, 1.0);
    let mut column = Vec::with_capacity(days.len());
    for day in days {
        while dates.get(next).is_some_and(|date| date <= day) {
            next += 1;
        }
        let quoted = next
            .checked_sub(1)
            .and_then(|at| Some((*dates.get(at)?, *prices.get(at)?)));
        let Some((date, price)) = quoted else {
            return Err(format!("no price on or before {day}"));
        };
        let age = date.until(*day).map_or(0, |span| span.get_days());
        if u32::try_from(age).is_ok_and(|age| age > PRICE_AGE_DAYS_MAX) {
            return Err(format!("no price between {date} and {day}"));
        }
        // Splits up to the day of the price, which may be earlier, are in the price.
        while let Some((_, factor)) = splits.next_if(|(split, _)| **split <= date) {
            held *= factor;
        }
        match price.to_f64().filter(|price| *price > 0.0) {
            Some(price) => column.push(price * held),
            None => return Err(format!("the price is zero on {date}")),
        }
    }
    Ok(column)
}

pub(crate) fn rate_column(fold: &PortfolioFold, currency: Currency, days: &[Date]) -> Result<Vec<f64>, String> {
    let rate = |day: &Date| match fold.prices().fx(currency, fold.currency(), *day) {
        Ok(rate) => rate
            .value
            .to_f64()
            .ok_or_else(|| format!("the rate of {currency} on {day} is out of range")),
        Err(reason) => Err(fold.because(&reason)),
    };
    days.iter().map(rate).collect()
}

/// Refuses a level, a horizon or a window that no book has an answer for, and returns the horizon.
pub(crate) fn checked(level: f64, horizon: u32, window: usize) -> Result<usize> {
    if !(level > 0.5 && level < 1.0) {
        return Err(AppError::field(
            "level",
            format!("level {level} must lie between 0.5 and 1"),
        ));
    }
    if window < RETURNS_MIN {
        return Err(AppError::field("window", format!("a window of {window} is too short")));
    }
    let days = usize::try_from(horizon).unwrap_or(usize::MAX);
    if days == 0 || days > window {
        let ahead = apex_format::counted(u64::from(horizon), "day");
        let sentence = format!("a horizon of {ahead} does not fit a window of {window}");
        return Err(AppError::field("horizon", sentence));
    }
    Ok(days)
}

impl RiskBook {
    /// Says why a figure so many days ahead cannot be computed, where that is so.
    pub(crate) fn because_ahead(&self, horizon: usize) -> Option<String> {
        self.because().or_else(|| {
            (horizon > self.days.len()).then(|| {
                format!(
                    "a horizon of {} needs more than {}",
                    apex_format::counted(horizon as u64, "day"),
                    apex_format::counted(self.days.len() as u64, "daily return")
                )
            })
        })
    }
}

fn risk(fold: &PortfolioFold, ask: &GetRisk) -> Result<Risk> {
    let horizon = checked(ask.level, ask.horizon, ask.window)?;
    let book = RiskBook::of(fold, ask.window);
    if let Some(because) = book.because_ahead(horizon) {
        return Ok(unavailable(fold, ask, book, &because));
    }
    let historical = book.value_at_risk(VarMethod::Historical, ask.level, horizon)?;
    let normal = book.value_at_risk(VarMethod::Normal, ask.level, horizon)?;
    let results = weighted_daily(&book.weights(), &book.columns())?;
    Ok(Risk {
        as_of: fold.as_of(),
        currency: fold.currency(),
        nav: fold.valuation().nav.clone(),
        measures: vec![measure(fold, &book, &historical), measure(fold, &book, &normal)],
        correlation: correlation(&book, ask.correlation_size)?,
        histogram: distribution(&results, &historical)?,
        worst_days: worst_days(fold, &book, &results),
        components: components(&book, &historical),
        left_out: book.left_out,
    })
}

fn axis_of_returns() -> Axis {
    Axis::new("Return", Unit::Percent { decimals: 2 })
}

fn axis_of_correlations() -> Axis {
    Axis::new("Correlation", Unit::Number { decimals: 2 })
}

/// The page of a book from which nothing can be computed.
fn unavailable(fold: &PortfolioFold, ask: &GetRisk, book: RiskBook, because: &str) -> Risk {
    let of_method =
        |method: VarMethod| unmeasured(fold, method_name(method), method, (ask.level, ask.horizon), because);
    Risk {
        as_of: fold.as_of(),
        currency: fold.currency(),
        nav: fold.valuation().nav.clone(),
        measures: [VarMethod::Historical, VarMethod::Normal].map(of_method).into(),
        correlation: HeatMapData {
            title: "Correlation".to_owned(),
            value: axis_of_correlations(),
            rows: Vec::new(),
            columns: Vec::new(),
            values: Vec::new(),
            ramp: Ramp::Diverging { limit: Some(1.0) },
        },
        histogram: HistogramData {
            title: "Daily results".to_owned(),
            value: axis_of_returns(),
            edges: vec![0.0],
            counts: Vec::new(),
            marks: Vec::new(),
        },
        worst_days: Vec::new(),
        components: Vec::new(),
        left_out: book.left_out,
    }
}

/// A measure that cannot be given, and why.
fn unmeasured(
    fold: &PortfolioFold,
    name: &str,
    method: VarMethod,
    (level, horizon): (f64, u32),
    because: &str,
) -> RiskMeasure {
    RiskMeasure {
        method: name.to_owned(),
        level,
        horizon,
        horizon_rule: rule_name(HorizonRule::Overlap).to_owned(),
        window: (fold.as_of(), fold.as_of(), 0),
        mean: "sample".to_owned(),
        quantile: quantile_name(method).to_owned(),
        var: Figure::Unavailable(because.to_owned()),
        es: Figure::Unavailable(because.to_owned()),
        var_amount: Figure::Unavailable(because.to_owned()),
        es_amount: Figure::Unavailable(because.to_owned()),
        seed: None,
        detail: String::new(),
    }
}

pub(crate) fn method_name(method: VarMethod) -> &'static str {
    method.name()
}

fn rule_name(rule: HorizonRule) -> &'static str {
    match rule {
        HorizonRule::Overlap => "overlap",
        HorizonRule::Sqrt => "sqrt",
    }
}

fn quantile_name(method: VarMethod) -> &'static str {
    match method {
        VarMethod::Historical | VarMethod::Filtered | VarMethod::MonteCarlo => "linear",
        VarMethod::AgeWeighted => "order_statistic",
        VarMethod::Normal | VarMethod::StudentT | VarMethod::CornishFisher => method.name(),
    }
}

fn measure(fold: &PortfolioFold, book: &RiskBook, found: &ValueAtRisk) -> RiskMeasure {
    let (first, last) = (book.days.first().copied(), book.days.last().copied());
    let as_of = fold.as_of();
    RiskMeasure {
        method: method_name(found.method).to_owned(),
        level: found.level,
        horizon: u32::try_from(found.horizon).unwrap_or(u32::MAX),
        horizon_rule: rule_name(found.horizon_rule).to_owned(),
        window: (first.unwrap_or(as_of), last.unwrap_or(as_of), found.window),
        mean: match found.mean {
            Some(MeanRule::Zero) => "zero",
            Some(MeanRule::Sample) | None => "sample",
        }
        .to_owned(),
        quantile: quantile_name(found.method).to_owned(),
        var: Figure::Known(found.var),
        es: Figure::Known(found.es),
        var_amount: of_nav(fold, found.var),
        es_amount: of_nav(fold, found.es),
        seed: found.simulation.map(|simulation| simulation.seed),
        detail: detail(found),
    }
}

/// A share of net asset value as money.
pub(crate) fn of_nav(fold: &PortfolioFold, share: f64) -> Amount {
    share_of(fold, &fold.valuation().nav, share)
}

/// A share of a value as money.
pub(crate) fn share_of(fold: &PortfolioFold, nav: &Amount, share: f64) -> Amount {
    match nav.known().and_then(|nav| nav.to_f64()) {
        Some(nav) => amount(nav * share, fold),
        None => Figure::Unavailable("there is no net asset value to be a share of".to_owned()),
    }
}

fn correlation(book: &RiskBook, size: usize) -> Result<HeatMapData> {
    let largest: Vec<&RiskPosition> = book.positions.iter().take(size).collect();
    let columns: Vec<&[f64]> = largest.iter().map(|position| position.returns.as_slice()).collect();
    let values = if columns.is_empty() {
        Vec::new()
    } else {
        correlation_matrix(&columns)?.values().to_vec()
    };
    let names: Vec<String> = largest.iter().map(|position| position.symbol.clone()).collect();
    Ok(HeatMapData {
        title: format!("Correlation, {} days", book.days.len()),
        value: axis_of_correlations(),
        rows: names.clone(),
        columns: names,
        values,
        ramp: Ramp::Diverging { limit: Some(1.0) },
    })
}

fn distribution(results: &[f64], found: &ValueAtRisk) -> Result<HistogramData> {
    let histogram = histogram(results, BINS)?;
    let level = format!("{}%", found.level * 100.0);
    // A loss of several days has no place among results of one day.
    let marks = if found.horizon == 1 {
        vec![
            Mark {
                x: -found.var,
                label: format!("VaR {level}"),
                tone: Tone::Warning,
            },
            Mark {
                x: -found.es,
                label: format!("ES {level}"),
                tone: Tone::Loss,
            },
        ]
    } else {
        Vec::new()
    };
    Ok(HistogramData {
        title: "Daily results".to_owned(),
        value: axis_of_returns(),
        edges: histogram.edges,
        counts: histogram.counts.into_iter().map(|count| count as u64).collect(),
        marks,
    })
}

fn worst_days(fold: &PortfolioFold, book: &RiskBook, results: &[f64]) -> Vec<WorstDay> {
    let rows = worst(results, WORST_DAYS_MAX);
    let day = |row: usize| {
        let part = |position: &RiskPosition| position.weight * position.returns.get(row).copied().unwrap_or(0.0);
        let worst = book
            .positions
            .iter()
            .min_by(|left, right| part(left).total_cmp(&part(right)));
        let result = *results.get(row)?;
        Some(WorstDay {
            date: *book.days.get(row)?,
            result,
            amount: of_nav(fold, result),
            worst: worst.map(|position| position.symbol.clone()).unwrap_or_default(),
        })
    };
    rows.into_iter().filter_map(day).collect()
}

/// The parts of the historical figures; they add up to them.
fn components(book: &RiskBook, found: &ValueAtRisk) -> Vec<RiskComponent> {
    let mut components: Vec<RiskComponent> = book
        .positions
        .iter()
        .zip(&found.components)
        .map(|(position, part)| RiskComponent {
            instrument: match position.part {
                Part::Instrument(id) => Some(id),
                Part::Cash(_) => None,
            },
            symbol: position.symbol.clone(),
            weight: position.weight,
            var: part.var,
            es: part.es,
        })
        .collect();
    components.sort_by(|left, right| {
        right
            .es
            .total_cmp(&left.es)
            .then_with(|| left.symbol.cmp(&right.symbol))
    });
    components
}
