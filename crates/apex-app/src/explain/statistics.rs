//! Statistics of the track record, each by its own plain formula over the daily returns.

use apex_analytics::measure::OBSERVATIONS_A_YEAR;
use apex_analytics::tear_sheet::{Benchmark, tear_sheet};
use apex_wire::Figure;
use apex_wire::backtest::Backtest;
use jiff::civil::Date;

use super::{Explained, Shape, Told, Twice, input};
use crate::backtest::{changes, followed};
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::performance::{SHOWN, benchmark, by_key, paired, track};

/// A statistic computed from returns and those of the benchmark, `None` where it is undefined.
type Plain = fn(&[f64], &[f64]) -> Option<f64>;

/// How a statistic is computed, and what it rests on.
struct Method {
    key: &'static str,
    formula: &'static str,
    source: &'static str,
    needs_benchmark: bool,
    plain: Plain,
}

const fn own(key: &'static str, formula: &'static str, source: &'static str, plain: Plain) -> Method {
    Method {
        key,
        formula,
        source,
        needs_benchmark: false,
        plain,
    }
}

const fn relative(key: &'static str, formula: &'static str, source: &'static str, plain: Plain) -> Method {
    Method {
        key,
        formula,
        source,
        needs_benchmark: true,
        plain,
    }
}

const BACON: &str = "Bacon, Practical Portfolio Performance Measurement and Attribution (2008)";

const METHODS: [Method; 30] = [
    own("total_return", "product of (1 + r) - 1", BACON, |r, _| {
        wealth(r).last().map(|last| last - 1.0)
    }),
    own("cagr", "(product of (1 + r))^(252 / n) - 1", BACON, |r, _| cagr(r)),
    own(
        "vol_ann",
        "standard deviation of r (n - 1) x sqrt(252)",
        BACON,
        |r, _| Some(deviation(r)? * OBSERVATIONS_A_YEAR.sqrt()),
    ),
    own(
        "downside_dev_ann",
        "sqrt(mean of min(r, 0)^2) x sqrt(252), over all n days",
        "Sortino and Price (1994)",
        |r, _| Some(downside(r)? * OBSERVATIONS_A_YEAR.sqrt()),
    ),
    own(
        "sharpe",
        "mean / standard deviation x sqrt(252), no risk-free rate",
        "Sharpe (1994)",
        |r, _| over(mean(r)?, deviation(r)?).map(|ratio| ratio * OBSERVATIONS_A_YEAR.sqrt()),
    ),
    own(
        "sortino",
        "mean / sqrt(mean of min(r, 0)^2) x sqrt(252)",
        "Sortino and Price (1994)",
        |r, _| over(mean(r)?, downside(r)?).map(|ratio| ratio * OBSERVATIONS_A_YEAR.sqrt()),
    ),
    own(
        "calmar",
        "return a year / |maximum drawdown|",
        "Young (1991)",
        |r, _| over(cagr(r)?, -falls(r).into_iter().fold(0.0, f64::min)),
    ),
    own(
        "omega0",
        "sum of gains / sum of losses",
        "Keating and Shadwick (2002)",
        |r, _| {
            over(
                r.iter().map(|r| r.max(0.0)).sum(),
                -r.iter().map(|r| r.min(0.0)).sum::<f64>(),
            )
        },
    ),
    own(
        "max_drawdown",
        "least of wealth / running peak - 1, wealth starting at 1",
        BACON,
        |r, _| Some(falls(r).into_iter().fold(0.0, f64::min)),
    ),
    own(
        "avg_drawdown",
        "mean over all days of wealth / running peak - 1",
        BACON,
        |r, _| mean(&falls(r)),
    ),
    own(
        "longest_drawdown_periods",
        "longest run of days under the peak",
        BACON,
        |r, _| {
            let mut longest = 0_u32;
            let mut run = 0;
            for fall in falls(r) {
                run = if fall < 0.0 { run + 1 } else { 0 };
                longest = longest.max(run);
            }
            Some(f64::from(longest))
        },
    ),
    own(
        "ulcer",
        "sqrt(mean over all days of (wealth / running peak - 1)^2)",
        "Martin and McCann (1989)",
        |r, _| mean(&falls(r).iter().map(|fall| fall * fall).collect::<Vec<_>>()).map(f64::sqrt),
    ),
    own(
        "var95_hist_linear",
        "-quantile of r at 5%, linear between observations",
        "Jorion, Value at Risk (2007)",
        |r, _| quantile(r, 0.05).map(|quantile| 0.0 - quantile),
    ),
    own(
        "var99_hist_linear",
        "-quantile of r at 1%, linear between observations",
        "Jorion, Value at Risk (2007)",
        |r, _| quantile(r, 0.01).map(|quantile| 0.0 - quantile),
    ),
    own(
        "es95_mean_le_var",
        "-mean of r at or below the 5% quantile",
        "Acerbi and Tasche (2002)",
        |r, _| shortfall(r, 0.05),
    ),
    own(
        "es99_mean_le_var",
        "-mean of r at or below the 1% quantile",
        "Acerbi and Tasche (2002)",
        |r, _| shortfall(r, 0.01),
    ),
    own("best", "largest r", BACON, |r, _| r.iter().copied().reduce(f64::max)),
    own("worst", "smallest r", BACON, |r, _| r.iter().copied().reduce(f64::min)),
    own("win_rate", "days with r > 0 / n", BACON, |r, _| {
        over(r.iter().filter(|r| **r > 0.0).count() as f64, r.len() as f64)
    }),
    own("payoff", "mean gain / mean loss", BACON, |r, _| {
        let gains: Vec<f64> = r.iter().copied().filter(|r| *r > 0.0).collect();
        let losses: Vec<f64> = r.iter().copied().filter(|r| *r < 0.0).collect();
        over(mean(&gains)?, -mean(&losses)?)
    }),
    own(
        "skew_biased",
        "m3 / m2^1.5 about the mean",
        "Joanes and Gill (1998), g1",
        |r, _| over(moment(r, 3)?, moment(r, 2)?.powf(1.5)),
    ),
    own(
        "exkurt_biased",
        "m4 / m2^2 - 3 about the mean",
        "Joanes and Gill (1998), g2",
        |r, _| Some(over(moment(r, 4)?, moment(r, 2)?.powi(2))? - 3.0),
    ),
    own(
        "autocorr1",
        "correlation of r with r of the day before",
        "Box and Jenkins (1970)",
        |r, _| correlation(r.get(1..)?, r.get(..r.len() - 1)?),
    ),
    relative("beta", "covariance(r, b) / variance(b)", "Sharpe (1964)", beta),
    relative(
        "alpha_ann_arith",
        "(mean of r - beta x mean of b) x 252",
        "Jensen (1968)",
        |r, b| Some((mean(r)? - beta(r, b)? * mean(b)?) * OBSERVATIONS_A_YEAR),
    ),
    relative(
        "corr",
        "covariance(r, b) / (deviation of r x deviation of b)",
        "Pearson (1895)",
        correlation,
    ),
    relative(
        "tracking_error_ann",
        "standard deviation of r - b (n - 1) x sqrt(252)",
        BACON,
        |r, b| Some(deviation(&active(r, b))? * OBSERVATIONS_A_YEAR.sqrt()),
    ),
    relative(
        "information_ratio",
        "mean of r - b / its standard deviation x sqrt(252)",
        "Goodwin (1998)",
        |r, b| {
            let active = active(r, b);
            over(mean(&active)?, deviation(&active)?).map(|ratio| ratio * OBSERVATIONS_A_YEAR.sqrt())
        },
    ),
    relative(
        "up_capture",
        "return a year of r over that of b, on days with b > 0",
        BACON,
        |r, b| capture(r, b, |b| b > 0.0),
    ),
    relative(
        "down_capture",
        "return a year of r over that of b, on days with b < 0",
        BACON,
        |r, b| capture(r, b, |b| b < 0.0),
    ),
];

fn over(numerator: f64, denominator: f64) -> Option<f64> {
    let ratio = numerator / denominator;
    (denominator != 0.0 && ratio.is_finite()).then_some(ratio)
}

fn mean(values: &[f64]) -> Option<f64> {
    over(values.iter().sum(), values.len() as f64)
}

/// A moment about the mean, divided by n.
fn moment(values: &[f64], power: i32) -> Option<f64> {
    let center = mean(values)?;
    mean(
        &values
            .iter()
            .map(|value| (value - center).powi(power))
            .collect::<Vec<_>>(),
    )
}

fn deviation(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    (count > 1.0).then_some((moment(values, 2)? * count / (count - 1.0)).sqrt())
}

fn downside(values: &[f64]) -> Option<f64> {
    mean(&values.iter().map(|value| value.min(0.0).powi(2)).collect::<Vec<_>>()).map(f64::sqrt)
}

/// The growth of 1 after each return.
fn wealth(returns: &[f64]) -> Vec<f64> {
    let mut wealth = 1.0;
    returns
        .iter()
        .map(|value| {
            wealth *= 1.0 + value;
            wealth
        })
        .collect()
}

/// How far wealth lies under its running peak after each return.
fn falls(returns: &[f64]) -> Vec<f64> {
    let mut peak: f64 = 1.0;
    wealth(returns)
        .into_iter()
        .map(|wealth| {
            peak = peak.max(wealth);
            wealth / peak - 1.0
        })
        .collect()
}

fn cagr(returns: &[f64]) -> Option<f64> {
    Some(wealth(returns).last()?.powf(OBSERVATIONS_A_YEAR / returns.len() as f64) - 1.0)
}

fn quantile(values: &[f64], probability: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let position = sorted.len().checked_sub(1)? as f64 * probability;
    let position = if (position - position.round()).abs() < 1e-9 {
        position.round()
    } else {
        position
    };
    let (lower, upper) = (
        sorted.get(position.floor() as usize)?,
        sorted.get(position.ceil() as usize)?,
    );
    Some(lower + (upper - lower) * (position - position.floor()))
}

fn shortfall(values: &[f64], probability: f64) -> Option<f64> {
    let limit = quantile(values, probability)?;
    mean(
        &values
            .iter()
            .copied()
            .filter(|value| *value <= limit)
            .collect::<Vec<_>>(),
    )
    .map(|mean| 0.0 - mean)
}

fn covariance(left: &[f64], right: &[f64]) -> Option<f64> {
    let (one, two) = (mean(left)?, mean(right)?);
    mean(
        &left
            .iter()
            .zip(right)
            .map(|(left, right)| (left - one) * (right - two))
            .collect::<Vec<_>>(),
    )
}

fn correlation(left: &[f64], right: &[f64]) -> Option<f64> {
    over(covariance(left, right)?, (moment(left, 2)? * moment(right, 2)?).sqrt())
}

fn beta(returns: &[f64], benchmark: &[f64]) -> Option<f64> {
    over(covariance(returns, benchmark)?, moment(benchmark, 2)?)
}

fn active(returns: &[f64], benchmark: &[f64]) -> Vec<f64> {
    returns.iter().zip(benchmark).map(|(own, other)| own - other).collect()
}

fn capture(returns: &[f64], benchmark: &[f64], counts: fn(f64) -> bool) -> Option<f64> {
    let (own, other): (Vec<f64>, Vec<f64>) = returns
        .iter()
        .zip(benchmark)
        .filter(|(_, other)| counts(**other))
        .map(|(own, other)| (*own, *other))
        .unzip();
    over(cagr(&own)?, cagr(&other)?)
}

/// Returns of one name, those of what it is measured against, and how both are told.
struct Record<'a> {
    name: &'a str,
    source: &'a str,
    returns: Vec<f64>,
    /// Name and returns of the benchmark, on the same days.
    benchmark: Option<(&'a str, Vec<f64>)>,
    /// The close before the first return.
    since: Date,
    /// The closes of the returns.
    days: Vec<Date>,
}

/// Returns the method of a key, with its label and unit.
fn named(key: &str) -> Result<(&'static Method, &'static str, &'static str)> {
    let shown = SHOWN.iter().find(|(known, ..)| *known == key);
    let method = METHODS.iter().find(|method| method.key == key);
    match (method, shown) {
        (Some(method), Some((_, label, unit))) => Ok((method, label, unit)),
        _ => Err(AppError::not_found("statistic", key)),
    }
}

pub(super) fn statistic(fold: &PortfolioFold, key: &str, from: Option<Date>) -> Result<Explained> {
    let (method, ..) = named(key)?;
    let track = track(fold, from)?;
    let days = fold.history().days.get(track.rows.clone()).unwrap_or_default();
    let measure = benchmark(fold, &track, days);
    let (mut own, mut other) = paired(&track, days, measure.as_ref());
    if !method.needs_benchmark {
        (own, other) = (track.returns.clone(), None);
    }
    let name = measure.as_ref().map_or("benchmark", |measure| measure.name.as_str());
    let told = explained(
        &Record {
            name: &fold.portfolio().name,
            source: "net asset values and flows of the book",
            benchmark: other.map(|other| (name, other)),
            since: track.since,
            days: track.days.iter().rev().take(own.len()).rev().copied().collect(),
            returns: own,
        },
        key,
    )?;
    Ok(told.convention("Simple daily returns, flows at the start of their day; 252 days a year; no risk-free rate"))
}

/// A statistic of the value that a backtest leads to.
pub(super) fn of_backtest(fold: &PortfolioFold, backtest: &Backtest, key: &str) -> Result<Explained> {
    let (method, ..) = named(key)?;
    let run = followed(fold, backtest)?;
    let compared = run.benchmark.as_ref().filter(|_| method.needs_benchmark);
    let told = explained(
        &Record {
            name: &run.name,
            source: "its weights, closing prices and costs",
            returns: changes(&run.wealth),
            benchmark: compared.map(|one| (one.name.as_str(), changes(&one.wealth))),
            since: run.days.first().copied().unwrap_or(fold.as_of()),
            days: run.days.get(1..).unwrap_or_default().to_vec(),
        },
        key,
    )?;
    let told = told.convention("Simple daily returns after costs; 252 days a year; no risk-free rate");
    Ok(run.notes.iter().fold(told, |told, note| told.convention(note.as_str())))
}

fn explained(record: &Record<'_>, key: &str) -> Result<Explained> {
    let (method, label, unit) = named(key)?;
    let own = &record.returns;
    let other = record.benchmark.as_ref().map(|(_, returns)| returns.as_slice());
    let ready = match other {
        Some(other) if other.len() > 1 => Some(Benchmark::new(other)?),
        _ => None,
    };
    let undefined = || format!("{key} is undefined for this series");
    let sheet = tear_sheet(own, ready.as_ref()).ok();
    let figure = Figure::or_because(
        sheet.and_then(|sheet| by_key(&sheet).get(key).copied().flatten()),
        undefined,
    );
    let again = match (method.needs_benchmark, ready.is_some()) {
        (true, false) => None,
        _ => (method.plain)(own, other.unwrap_or_default()),
    };
    let again = Figure::or_because(again.filter(|value| value.is_finite()), undefined);
    let mut inputs = Vec::with_capacity(own.len());
    for (at, value) in own.iter().enumerate() {
        let told = |label: String, value: &f64, source: &str| {
            let told = input(label, value, "share").by(source);
            match record.days.get(at) {
                Some(day) => told.on(*day),
                None => told,
            }
        };
        inputs.push(told(format!("return of {}", record.name), value, record.source));
        if let Some((name, returns)) = &record.benchmark
            && let Some(value) = returns.get(at)
        {
            inputs.push(told(format!("return of {name}"), value, "closing prices of the book"));
        }
    }
    let shape = match unit {
        "%" => Shape::Percent,
        "days" => Shape::Days,
        _ => Shape::Plain,
    };
    let mut told = Explained::new(
        format!("{label} of {}", record.name),
        Twice::Number(shape, figure, again),
        method.formula,
        method.source,
    )
    .parameter("From the close of", record.since)
    .parameter("To the close of", record.days.last().copied().unwrap_or(record.since))
    .parameter("Observations", own.len());
    if let Some((name, _)) = &record.benchmark {
        told = told.parameter("Benchmark", name);
    }
    Ok(told.inputs(inputs))
}
