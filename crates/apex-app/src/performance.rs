//! The Performance page: a period of one portfolio against its benchmark.

use std::collections::BTreeMap;

use apex_analytics::gap::GapColumn;
use apex_analytics::series::calendar::monthly_table;
use apex_analytics::series::rolling::{Rolling, rolling};
use apex_analytics::tear_sheet::{Benchmark, TearSheet, tear_sheet};
use apex_analytics::valuation::contribution::contributions;
use apex_analytics::xirr::{CashFlow, Xirr, XirrStatus, xirr};
use apex_domain::{InstrumentId, InstrumentKind};
use apex_wire::performance::{Contribution, GetPerformance, MonthlyRow, Performance, RollingMeasure, StatisticRow};
use apex_wire::{Amount, Failure, Figure, Statistic};
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use crate::app::App;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::history::HistorySubject;
use crate::overview::falls;
use crate::track::{Track, closes, line, splits};
use crate::valuation::{flow_value, flows_between, nav_on, to_unit};

/// Observations in a rolling window, where none are asked for: a year of weekdays.
const ROLLING_DEFAULT: usize = 252;
/// A return a year is given for periods longer than this.
const YEAR_DAYS: i32 = 365;

impl App {
    /// Returns the performance of one portfolio over a period.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, or there is no day in the period.
    pub fn get_performance(&self, ask: GetPerformance) -> Result<Performance, Failure> {
        let fold = self.fold(ask.view)?;
        Ok(performance(&fold, ask.from, ask.rolling)?)
    }
}

/// The benchmark of a portfolio over the days of a record.
pub(crate) struct Measure {
    pub(crate) name: String,
    /// The level on every day of the period, the first one being the close the period is counted from.
    levels: GapColumn,
}

fn performance(fold: &PortfolioFold, from: Option<Date>, window: usize) -> Result<Performance> {
    let track = track(fold, from)?;
    let history = fold.history();
    let days = history.days.get(track.rows.clone()).unwrap_or_default();
    let benchmark = benchmark(fold, &track, days);
    let (own, other) = paired(&track, days, benchmark.as_ref());
    let ready = match (&other, benchmark.is_some()) {
        (Some(other), true) if other.len() > 1 => Some(Benchmark::new(other)?),
        _ => None,
    };
    let sheet = tear_sheet(&track.returns, None).ok();
    let beside = tear_sheet(&own, ready.as_ref()).ok().filter(|_| ready.is_some());
    let other_sheet = other.as_ref().and_then(|other| tear_sheet(other, None).ok());
    let rate = money_weighted(fold, &track);
    let nav = fold.valuation().nav.clone();
    let (start, net_flows) = if track.from_inception {
        (
            Figure::Known(Decimal::ZERO),
            flows_between(fold, Date::MIN, fold.as_of()),
        )
    } else {
        (
            nav_on(fold, track.since),
            flows_between(fold, track.since, fold.as_of()),
        )
    };
    let gain = match (&nav, &start, &net_flows) {
        (Figure::Known(nav), Figure::Known(start), Figure::Known(flows)) => Figure::Known(nav - start - flows),
        (Figure::Unavailable(because), ..)
        | (_, Figure::Unavailable(because), _)
        | (.., Figure::Unavailable(because)) => Figure::Unavailable(because.clone()),
    };
    let twr = track.twr();
    let mut growth = vec![line(fold.portfolio().name.clone(), days, hundred(&track.growth))];
    let mut drawdown = vec![line(fold.portfolio().name.clone(), days, falls(&track.growth))];
    if let Some(measure) = &benchmark {
        let grown = grown(&measure.levels);
        growth.push(line(measure.name.clone(), days, hundred(&grown)));
        drawdown.push(line(measure.name.clone(), days, falls(&grown)));
    }
    let window = if window == 0 { ROLLING_DEFAULT } else { window };
    Ok(Performance {
        from: track.since,
        to: fold.as_of(),
        currency: fold.currency(),
        twr_annual: annual(&twr, track.since, fold.as_of()),
        twr,
        mwr: money_weighted_figure(&rate),
        mwr_roots: rate
            .ok()
            .filter(|rate| rate.status == XirrStatus::Multiple)
            .map(|rate| rate.roots)
            .unwrap_or_default(),
        gain,
        net_flows,
        benchmark: benchmark.as_ref().map(|measure| measure.name.clone()),
        growth,
        drawdown,
        rolling: rolling_measures(fold, &track, &own, other.as_deref(), window),
        monthly: monthly(&track)?,
        statistics: statistics(sheet.as_ref(), beside.as_ref(), other_sheet.as_ref()),
        contribution: contribution(fold, &track)?,
    })
}

/// Returns the record of a period, or says that there is none.
pub(crate) fn track(fold: &PortfolioFold, from: Option<Date>) -> Result<Track> {
    Track::of(fold, from)?.ok_or_else(|| {
        let (name, until) = (&fold.portfolio().name, fold.as_of());
        match from {
            Some(_) if !fold.history().days.is_empty() => {
                AppError::field("from", format!("{name} has no day in this period up to {until}"))
            }
            _ => AppError::invalid(format!("{name} has no transactions up to {until}")),
        }
    })
}

pub(crate) fn benchmark(fold: &PortfolioFold, track: &Track, days: &[Date]) -> Option<Measure> {
    let id = fold.portfolio().benchmark?;
    let instrument = fold.instrument(id)?;
    let with_start: Vec<Date> = std::iter::once(track.since).chain(days.iter().copied()).collect();
    let levels = closes(fold, id, splits(fold).get(&id), &with_start);
    let kind = if instrument.name.contains("price index") {
        // The name says it already.
        ""
    } else if instrument.kind == InstrumentKind::Index {
        " (price index)"
    } else {
        " (price only)"
    };
    let currency = if instrument.currency == fold.currency() {
        String::new()
    } else {
        format!(" in {}", instrument.currency)
    };
    let known = levels.len() > levels.gaps();
    known.then(|| Measure {
        name: format!("{}{kind}{currency}", instrument.name),
        levels,
    })
}

/// The growth of 1 since the first known level, one entry for each day after the start.
fn grown(levels: &GapColumn) -> GapColumn {
    let first = levels.iter().flatten().next();
    levels.iter().skip(1).map(|level| Some(level? / first?)).collect()
}

fn hundred(growth: &GapColumn) -> Vec<Option<f64>> {
    growth
        .iter()
        .map(|growth| growth.map(|growth| growth * 100.0))
        .collect()
}

/// The returns of the portfolio and, over exactly the same days, those of the benchmark.
pub(crate) fn paired(track: &Track, days: &[Date], benchmark: Option<&Measure>) -> (Vec<f64>, Option<Vec<f64>>) {
    let Some(benchmark) = benchmark else {
        return (track.returns.clone(), None);
    };
    let mut last = benchmark.levels.get(0);
    let (mut own, mut other) = (Vec::new(), Vec::new());
    let mut growth_before = 1.0;
    for (row, _) in days.iter().enumerate() {
        let (Some(growth), Some(level)) = (track.growth.get(row), benchmark.levels.get(row + 1)) else {
            continue;
        };
        if let Some(before) = last {
            own.push(growth / growth_before - 1.0);
            other.push(level / before - 1.0);
        }
        growth_before = growth;
        last = Some(level);
    }
    (own, Some(other))
}

/// Returns the money-weighted rates of a period: the start value and flows go in, the end value comes out.
///
/// The error says which of these amounts is not known.
pub(crate) fn money_weighted(fold: &PortfolioFold, track: &Track) -> Result<Xirr, String> {
    let (flows, missing) = money_weighted_flows(fold, track);
    missing.map_or_else(|| Ok(xirr(&flows)), Err)
}

/// Returns the dated flows that the money-weighted rate explains, and why one of them is missing, where one is.
pub(crate) fn money_weighted_flows(fold: &PortfolioFold, track: &Track) -> (Vec<CashFlow>, Option<String>) {
    let mut flows: Vec<CashFlow> = Vec::new();
    let mut missing = None;
    let mut add = |date: Date, amount: &Amount, sign: f64| match amount {
        Figure::Known(amount) => flows.push(CashFlow {
            date,
            amount: sign * amount.to_f64().unwrap_or(0.0),
        }),
        Figure::Unavailable(because) => {
            missing.get_or_insert_with(|| because.clone());
        }
    };
    if !track.from_inception {
        add(track.since, &nav_on(fold, track.since), -1.0);
    }
    for flow in fold.book().flows() {
        if flow.date <= fold.as_of() && (track.from_inception || flow.date > track.since) {
            add(flow.date, &flow_value(fold, &flow), -1.0);
        }
    }
    add(fold.as_of(), &fold.valuation().nav, 1.0);
    (flows, missing)
}

/// Words a money-weighted return: one rate, or why there is none.
pub(crate) fn money_weighted_figure(rate: &Result<Xirr, String>) -> Statistic {
    let rate = match rate {
        Ok(rate) => rate,
        Err(because) => return Figure::Unavailable(because.clone()),
    };
    match (rate.status, rate.rate()) {
        (XirrStatus::Unique, Some(rate)) => Figure::Known(rate),
        (XirrStatus::Multiple, _) => Figure::Unavailable(format!(
            "{} rates explain these flows; see all of them",
            rate.roots.len()
        )),
        (XirrStatus::None, _) => Figure::Unavailable("no rate explains these flows".to_owned()),
        _ => Figure::Unavailable(
            rate.reason
                .clone()
                .unwrap_or_else(|| "the flows have no rate".to_owned()),
        ),
    }
}

/// `(1 + r)^(365 / days) - 1` for periods longer than a year.
fn annual(twr: &Statistic, since: Date, until: Date) -> Statistic {
    let days = since.until(until).map_or(0, |span| span.get_days());
    if days <= YEAR_DAYS {
        return Figure::Unavailable("the period is not longer than a year".to_owned());
    }
    twr.clone()
        .map(|twr| ((twr).ln_1p() * f64::from(YEAR_DAYS) / f64::from(days)).exp_m1())
}

fn monthly(track: &Track) -> Result<Vec<MonthlyRow>> {
    let table = monthly_table(&track.days, &track.returns)?;
    let row = |row: apex_analytics::series::calendar::YearRow| MonthlyRow {
        year: row.year,
        months: row.months.to_vec(),
        total: Some(row.total),
    };
    Ok(table.into_iter().map(row).collect())
}

fn rolling_measures(
    fold: &PortfolioFold,
    track: &Track,
    own: &[f64],
    other: Option<&[f64]>,
    window: usize,
) -> Vec<RollingMeasure> {
    let name = fold.portfolio().name.clone();
    let days: Vec<Date> = track.days.iter().rev().take(own.len()).rev().copied().collect();
    let Ok(Rolling {
        vol,
        sharpe,
        beta,
        corr,
        ..
    }) = rolling(own, other, window)
    else {
        return Vec::new();
    };
    let mut measures = vec![("Volatility", "%", vol), ("Sharpe ratio", "", sharpe)];
    if other.is_some() {
        measures.push(("Beta", "", beta));
        measures.push(("Correlation", "", corr));
    }
    measures
        .into_iter()
        .map(|(label, unit, values)| RollingMeasure {
            name: format!("{label}, {window} days"),
            unit: unit.to_owned(),
            series: vec![line(name.clone(), &days, values.to_options())],
        })
        .collect()
}

/// The statistics shown, by key of the tear sheet: label and unit.
pub(crate) const SHOWN: [(&str, &str, &str); 30] = [
    ("total_return", "Total return", "%"),
    ("cagr", "Return a year", "%"),
    ("vol_ann", "Volatility a year", "%"),
    ("downside_dev_ann", "Downside deviation a year", "%"),
    ("sharpe", "Sharpe ratio", ""),
    ("sortino", "Sortino ratio", ""),
    ("calmar", "Calmar ratio", ""),
    ("omega0", "Omega ratio at 0", ""),
    ("max_drawdown", "Maximum drawdown", "%"),
    ("avg_drawdown", "Average drawdown", "%"),
    ("longest_drawdown_periods", "Longest drawdown", "days"),
    ("ulcer", "Ulcer index", "%"),
    ("var95_hist_linear", "VaR 95%, 1 day, historical", "%"),
    ("var99_hist_linear", "VaR 99%, 1 day, historical", "%"),
    ("es95_mean_le_var", "ES 95%, 1 day, historical", "%"),
    ("es99_mean_le_var", "ES 99%, 1 day, historical", "%"),
    ("best", "Best day", "%"),
    ("worst", "Worst day", "%"),
    ("win_rate", "Days gained", "%"),
    ("payoff", "Mean gain over mean loss", ""),
    ("skew_biased", "Skewness", ""),
    ("exkurt_biased", "Excess kurtosis", ""),
    ("autocorr1", "Autocorrelation, 1 day", ""),
    ("beta", "Beta", ""),
    ("alpha_ann_arith", "Alpha a year", "%"),
    ("corr", "Correlation", ""),
    ("tracking_error_ann", "Tracking error a year", "%"),
    ("information_ratio", "Information ratio", ""),
    ("up_capture", "Up capture", ""),
    ("down_capture", "Down capture", ""),
];

/// Returns the tear sheet by key, as `apex stats` prints it.
pub(crate) fn by_key(sheet: &TearSheet) -> BTreeMap<String, Option<f64>> {
    match serde_json::to_value(sheet) {
        Ok(serde_json::Value::Object(keys)) => keys.into_iter().map(|(key, value)| (key, value.as_f64())).collect(),
        _ => BTreeMap::new(),
    }
}

/// The statistics that compare with a benchmark; they rest on the days both have.
pub(crate) const RELATIVE: [&str; 7] = [
    "beta",
    "alpha_ann_arith",
    "corr",
    "tracking_error_ann",
    "information_ratio",
    "up_capture",
    "down_capture",
];

fn statistics(own: Option<&TearSheet>, beside: Option<&TearSheet>, other: Option<&TearSheet>) -> Vec<StatisticRow> {
    let mut own = own.map(by_key).unwrap_or_default();
    let beside = beside.map(by_key).unwrap_or_default();
    own.extend(RELATIVE.map(|key| (key.to_owned(), beside.get(key).copied().flatten())));
    let other = other.map(by_key);
    let undefined = |key: &str| format!("{key} is undefined for this series");
    SHOWN
        .iter()
        .map(|(key, label, unit)| StatisticRow {
            key: (*key).to_owned(),
            label: (*label).to_owned(),
            unit: (*unit).to_owned(),
            portfolio: Figure::or_because(own.get(*key).copied().flatten(), || undefined(key)),
            benchmark: match &other {
                Some(other) => Figure::or_because(other.get(*key).copied().flatten(), || undefined(key)),
                None => Figure::Unavailable("no benchmark is set, or it has no price".to_owned()),
            },
        })
        .collect()
}

/// What each holding earned and what it added to the return; what is left is cash, fees and currency on cash.
pub(crate) fn contribution(fold: &PortfolioFold, track: &Track) -> Result<Vec<Contribution>> {
    let history = fold.history();
    let rows = track.rows.clone();
    let capital: Vec<f64> = rows
        .clone()
        .map(|row| {
            let before = if row == 0 { Some(0.0) } else { history.nav.get(row - 1) };
            before.unwrap_or(0.0) + history.flows.get(row).copied().unwrap_or(0.0)
        })
        .collect();
    let mut names: Vec<Option<InstrumentId>> = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for (subject, results) in history.subjects.iter().zip(&history.results) {
        let name = match subject {
            HistorySubject::Instrument(id) => Some(*id),
            HistorySubject::Cash(_) => None,
        };
        let column: Vec<f64> = rows.clone().map(|row| results.get(row).unwrap_or(0.0)).collect();
        match names.iter().position(|known| name.is_none() && known.is_none()) {
            Some(at) => {
                if let Some(sum) = columns.get_mut(at) {
                    sum.iter_mut().zip(column).for_each(|(sum, value)| *sum += value);
                }
            }
            None => {
                names.push(name);
                columns.push(column);
            }
        }
    }
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let known = history.nav.iter().skip(rows.start).all(|nav| nav.is_some());
    let parts = if known { contributions(&slices, &capital)? } else { None };
    let because = "something held has no price or rate on a day of the period";
    let mut shown: Vec<Contribution> = names
        .iter()
        .zip(&columns)
        .enumerate()
        .map(|(at, (name, column))| Contribution {
            instrument: *name,
            label: name.map_or_else(|| "Cash, fees and currency".to_owned(), |id| fold.symbol(id)),
            amount: amount(column.iter().sum(), fold),
            contribution: match &parts {
                Some(parts) => Figure::or_because(parts.each.get(at).copied(), || because.to_owned()),
                None => Figure::Unavailable(because.to_owned()),
            },
        })
        .filter(|row| row.amount.known().is_none_or(|amount| !amount.is_zero()))
        .collect();
    let size = |row: &Contribution| row.contribution.known().copied().unwrap_or(0.0);
    shown.sort_by(|left, right| {
        size(right)
            .total_cmp(&size(left))
            .then_with(|| left.label.cmp(&right.label))
    });
    Ok(shown)
}

/// Returns a number of the engine as money, rounded to the smallest unit.
pub(crate) fn amount(value: f64, fold: &PortfolioFold) -> Amount {
    Figure::or_because(
        Decimal::from_f64(value).map(|value| to_unit(value, fold.currency())),
        || "the amount is out of range".to_owned(),
    )
}
