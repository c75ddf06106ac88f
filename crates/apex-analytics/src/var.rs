//! Value at risk and expected shortfall of a book: weights times the return columns of its assets.
//!
//! Weights are held constant, so the portfolio of every scenario is the book of today. Losses are positive fractions
//! of the book's value. Components add up to the total:
//!
//! - historical ES: the mean of each asset's part over the scenarios in the tail;
//! - historical VaR: each asset's part in the one or two scenarios the quantile is read from, weighted as the quantile
//!   weights them;
//! - normal: Euler's rule, `w[i] * d/dw[i]`, from the covariance of each asset with the portfolio.
//!
//! A horizon of h days is either overlapping windows of h compounded days, in which an asset's part is its daily part
//! grown by the portfolio before it, or the one-day figure times the root of h (the normal mean grows with h).

pub mod backtest;
pub mod component;

use serde::{Deserialize, Serialize};

use crate::distribution::{normal_density, normal_quantile};
use crate::error::{AnalyticsError, all_finite, finite, same_length};
use crate::quantile::{QuantilePosition, QuantileRule, interpolate, key, quantile_position, snap};
use crate::returns::weighted_daily;

/// How the distribution of returns is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VarMethod {
    /// The past returns themselves.
    Historical,
    /// A normal distribution with their covariance.
    Normal,
}

/// How a horizon of several days is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HorizonRule {
    /// Overlapping windows of compounded returns.
    Overlap,
    /// The one-day figure, scaled by the root of time.
    Sqrt,
}

/// Which mean the normal method uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeanRule {
    /// The mean of the sample.
    Sample,
    /// Zero.
    Zero,
}

/// What to compute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VarSettings {
    /// Historical or normal.
    pub method: VarMethod,
    /// The confidence, between 0.5 and 1.
    pub level: f64,
    /// The days until the loss is read, at least 1.
    pub horizon: usize,
    /// How the horizon is reached.
    pub horizon_rule: HorizonRule,
    /// The mean of the normal method.
    pub mean: MeanRule,
    /// The quantile rule of the historical method. Its ES is the mean at or below the linear or lower quantile, and
    /// the fractional tail of Acerbi and Tasche with the order statistic.
    pub quantile: QuantileRule,
    /// Only the last so many returns, or all.
    pub window: Option<usize>,
}

impl VarSettings {
    /// Returns one-day settings at a level, with the sample mean, the linear quantile and all returns.
    pub fn one_day(method: VarMethod, level: f64) -> Self {
        Self {
            method,
            level,
            horizon: 1,
            horizon_rule: HorizonRule::Overlap,
            mean: MeanRule::Sample,
            quantile: QuantileRule::Linear,
            window: None,
        }
    }
}

/// The part of one asset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VarComponent {
    /// Its part of VaR.
    pub var: f64,
    /// Its part of ES.
    pub es: f64,
}

/// VaR and ES with everything one must know to trust them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueAtRisk {
    /// The method.
    pub method: VarMethod,
    /// The confidence.
    pub level: f64,
    /// The days.
    pub horizon: usize,
    /// How the horizon was reached.
    pub horizon_rule: HorizonRule,
    /// The number of daily returns used.
    pub window: usize,
    /// The mean of the normal method; `None` for the historical one.
    pub mean: Option<MeanRule>,
    /// The quantile rule of the historical method; `None` for the normal one.
    pub quantile: Option<QuantileRule>,
    /// The value at risk, a positive loss as a fraction of value.
    pub var: f64,
    /// The expected shortfall.
    pub es: f64,
    /// The parts of the assets, in the order given; they add up to `var` and `es`.
    pub components: Vec<VarComponent>,
    /// The scenarios behind `es` for the historical method: the last day of each, as an index into the returns given,
    /// worst first.
    pub tail: Vec<usize>,
}

/// Returns VaR and ES of the book with these weights.
///
/// # Errors
///
/// Refuses no asset, columns of different length, values that are not finite, a level outside (0.5, 1), and a window or
/// horizon longer than the data.
///
/// ```
/// use apex_analytics::var::{VarMethod, VarSettings, value_at_risk};
///
/// let returns: Vec<f64> = (1..=101).map(|day| f64::from(day - 51) / 1000.0).collect(); // -5.0% to 5.0%
/// let settings = VarSettings::one_day(VarMethod::Historical, 0.95);
/// let answer = value_at_risk(&[1.0], &[&returns], &settings).unwrap();
/// assert!((answer.var - 0.045).abs() < 1e-12);
/// assert!((answer.es - 0.0475).abs() < 1e-12); // The mean of 4.5% to 5.0%.
/// ```
pub fn value_at_risk(
    weights: &[f64],
    returns: &[&[f64]],
    settings: &VarSettings,
) -> Result<ValueAtRisk, AnalyticsError> {
    if !(settings.level > 0.5 && settings.level < 1.0) {
        return Err(AnalyticsError::Level { level: settings.level });
    }
    let all = returns
        .first()
        .ok_or(AnalyticsError::Empty { what: "list of assets" })?
        .len();
    same_length("list of weights", returns.len(), weights.len())?;
    all_finite("weight", weights)?;
    for column in returns {
        same_length("return column", all, column.len())?;
        all_finite("return", column)?;
    }
    let window = settings.window.unwrap_or(all);
    if window < 2 || window > all {
        return Err(AnalyticsError::Window {
            what: "window",
            length: window,
            observations: all,
        });
    }
    if settings.horizon == 0 || settings.horizon > window - 1 {
        return Err(AnalyticsError::Window {
            what: "horizon",
            length: settings.horizon,
            observations: window,
        });
    }
    let skipped = all - window;
    let columns: Vec<&[f64]> = returns.iter().map(|column| &column[skipped..]).collect();
    let book = Book {
        weights,
        portfolio: weighted_daily(weights, &columns)?,
        columns,
    };
    let figures = match settings.method {
        VarMethod::Historical => historical(&book, settings),
        VarMethod::Normal => normal(&book, settings),
    };
    let figures = figures.ok_or(AnalyticsError::Window {
        what: "horizon",
        length: settings.horizon,
        observations: window,
    })?;
    Ok(ValueAtRisk {
        method: settings.method,
        level: settings.level,
        horizon: settings.horizon,
        horizon_rule: settings.horizon_rule,
        window,
        mean: (settings.method == VarMethod::Normal).then_some(settings.mean),
        quantile: (settings.method == VarMethod::Historical).then_some(settings.quantile),
        var: figures.var,
        es: figures.es,
        components: figures.components,
        tail: figures.tail.into_iter().map(|day| day + skipped).collect(),
    })
}

/// The weights, the assets' returns, and the portfolio's.
struct Book<'a> {
    weights: &'a [f64],
    columns: Vec<&'a [f64]>,
    portfolio: Vec<f64>,
}

impl Book<'_> {
    /// Returns the compounded return of the window of `length` days that ends on `day`.
    fn window_return(&self, day: usize, length: usize) -> f64 {
        if length == 1 {
            self.portfolio[day]
        } else {
            crate::returns::compounded(&self.portfolio[day + 1 - length..=day])
        }
    }

    /// Adds `scale` times each asset's part of the window that ends on `day`; the parts sum to the window's return.
    fn add_parts(&self, day: usize, length: usize, scale: f64, parts: &mut [f64]) {
        let mut growth = 1.0;
        for at in day + 1 - length..=day {
            for ((part, weight), column) in parts.iter_mut().zip(self.weights).zip(&self.columns) {
                *part += scale * growth * weight * column[at];
            }
            growth *= 1.0 + self.portfolio[at];
        }
    }
}

/// What both methods answer.
struct Figures {
    var: f64,
    es: f64,
    components: Vec<VarComponent>,
    tail: Vec<usize>,
}

/// Reads VaR and ES from the past.
fn historical(book: &Book<'_>, settings: &VarSettings) -> Option<Figures> {
    let (length, scale) = match settings.horizon_rule {
        HorizonRule::Overlap => (settings.horizon, 1.0),
        HorizonRule::Sqrt => (1, (settings.horizon as f64).sqrt()),
    };
    let days = book.portfolio.len();
    let mut scenarios: Vec<(i64, usize)> = (length - 1..days)
        .map(|day| (key(book.window_return(day, length)), day))
        .collect();
    let count = scenarios.len();
    let probability = 1.0 - settings.level;
    let position = quantile_position(count, probability, settings.quantile)?;
    // Only the tail is put in order; ties by day, so that the answer never depends on chance.
    let deep = (position.upper + 1)
        .max((count as f64 * probability).ceil() as usize + 1)
        .min(count - 1);
    scenarios.select_nth_unstable(deep).0.sort_unstable();
    let value = |rank: usize| book.window_return(scenarios[rank].1, length);
    let quantile = interpolate(value(position.lower), value(position.upper), position.weight_upper);

    let tail: Vec<(usize, f64)> = match settings.quantile {
        QuantileRule::OrderStatistic => fractional_tail(count, probability, |rank| scenarios[rank].1),
        QuantileRule::Linear | QuantileRule::Lower => {
            let limit = key(quantile);
            let mut days: Vec<(i64, usize)> = scenarios.iter().copied().filter(|(key, _)| *key <= limit).collect();
            days.sort_unstable();
            let share = 1.0 / days.len() as f64;
            days.into_iter().map(|(_, day)| (day, share)).collect()
        }
    };
    let assets = book.weights.len();
    let (mut var_parts, mut es_parts) = (vec![0.0; assets], vec![0.0; assets]);
    let QuantilePosition {
        lower,
        upper,
        weight_upper,
    } = position;
    book.add_parts(
        scenarios[lower].1,
        length,
        -scale * (1.0 - weight_upper),
        &mut var_parts,
    );
    if weight_upper > 0.0 {
        book.add_parts(scenarios[upper].1, length, -scale * weight_upper, &mut var_parts);
    }
    let mut shortfall = 0.0;
    for (day, share) in &tail {
        shortfall -= share * book.window_return(*day, length);
        book.add_parts(*day, length, -scale * share, &mut es_parts);
    }
    Some(Figures {
        var: finite(0.0 - quantile * scale)?,
        es: finite(shortfall * scale)?,
        components: var_parts
            .into_iter()
            .zip(es_parts)
            .map(|(var, es)| VarComponent { var, es })
            .collect(),
        tail: tail.into_iter().map(|(day, _)| day).collect(),
    })
}

/// Returns the scenarios of the fractional tail with their shares, worst first.
fn fractional_tail(count: usize, probability: f64, day: impl Fn(usize) -> usize) -> Vec<(usize, f64)> {
    let size = snap(count as f64 * probability);
    let whole = size.floor() as usize;
    let mut tail: Vec<(usize, f64)> = (0..whole).map(|rank| (day(rank), 1.0 / size)).collect();
    if size > size.floor() {
        tail.push((day(whole), (size - size.floor()) / size));
    }
    tail
}

/// Takes VaR and ES from a normal distribution.
fn normal(book: &Book<'_>, settings: &VarSettings) -> Option<Figures> {
    let horizon = settings.horizon;
    let days = book.portfolio.len();
    let assets = book.weights.len();
    // The portfolio's return of each scenario, and each asset's part of it: their covariance is Euler's part.
    let (length, grown) = match settings.horizon_rule {
        HorizonRule::Overlap => (horizon, 1.0),
        HorizonRule::Sqrt => (1, horizon as f64),
    };
    let count = (days + 1 - length) as f64;
    let totals: Vec<f64> = (length - 1..days).map(|day| book.window_return(day, length)).collect();
    let mean = totals.iter().sum::<f64>() / count;
    let variance = totals.iter().map(|total| (total - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let mut covariance = vec![0.0; assets];
    let mut means = vec![0.0; assets];
    if length == 1 {
        for (asset, (column, weight)) in book.columns.iter().zip(book.weights).enumerate() {
            means[asset] = weight * column.iter().sum::<f64>() / count;
            let cross: f64 = column
                .iter()
                .zip(&totals)
                .map(|(value, total)| value * (total - mean))
                .sum();
            covariance[asset] = weight * cross / (count - 1.0);
        }
    } else {
        let mut parts = vec![0.0; assets];
        for (offset, total) in totals.iter().enumerate() {
            parts.fill(0.0);
            book.add_parts(offset + length - 1, length, 1.0, &mut parts);
            for (asset, part) in parts.iter().enumerate() {
                means[asset] += part / count;
                covariance[asset] += part * (total - mean) / (count - 1.0);
            }
        }
    }
    let probability = 1.0 - settings.level;
    let z = normal_quantile(probability)?;
    let (var_factor, es_factor) = (-z, normal_density(z) / probability);
    let deviation = variance.sqrt();
    let drift = |mean: f64| match settings.mean {
        MeanRule::Sample => mean * grown,
        MeanRule::Zero => 0.0,
    };
    let spread = deviation * grown.sqrt();
    let components = (0..assets)
        .map(|asset| {
            let part = if deviation > 0.0 {
                covariance[asset] / deviation * grown.sqrt()
            } else {
                0.0
            };
            VarComponent {
                var: var_factor * part - drift(means[asset]),
                es: es_factor * part - drift(means[asset]),
            }
        })
        .collect();
    Some(Figures {
        var: finite(var_factor * spread - drift(mean))?,
        es: finite(es_factor * spread - drift(mean))?,
        components,
        tail: Vec::new(),
    })
}
