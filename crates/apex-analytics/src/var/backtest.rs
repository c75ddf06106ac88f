//! Does a VaR hold? Breaches counted, the tests of Kupiec and Christoffersen on them, and the traffic light of Basel.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::distribution::{chi_square_tail_1, chi_square_tail_2};
use crate::error::{AnalyticsError, all_finite};
use crate::quantile::{QuantileRule, quantile_sorted};
use crate::var::{VarMethod, VarSettings, value_at_risk};

/// The result of a VaR backtest. The field names are those of `apex var-backtest --json`.
///
/// `kupiec`: the likelihood ratio of the breach rate against the one promised (1995), chi-square with one degree of
/// freedom. `christoffersen_ind`: of independence against a first-order chain (1998), one degree; `cc`: both together,
/// two degrees. `nij` counts days by whether the day before (i) and the day itself (j) breached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is documented above")]
pub struct VarBacktest {
    pub obs: usize,
    pub exceptions: usize,
    pub kupiec_lr: f64,
    pub kupiec_p: f64,
    pub n00: usize,
    pub n01: usize,
    pub n10: usize,
    pub n11: usize,
    pub christoffersen_ind_lr: f64,
    pub christoffersen_ind_p: f64,
    pub cc_lr: f64,
    pub cc_p: f64,
}

/// Returns for each day after the first `window` the historical VaR (linear rule) of the `window` days before it.
///
/// # Errors
///
/// Refuses values that are not finite, a level outside (0.5, 1) and a window that leaves no day.
pub fn rolling_historical_var(returns: &[f64], window: usize, level: f64) -> Result<Vec<f64>, AnalyticsError> {
    if !(level > 0.5 && level < 1.0) {
        return Err(AnalyticsError::Level { level });
    }
    all_finite("return", returns)?;
    if window == 0 || window >= returns.len() {
        return Err(AnalyticsError::Window {
            what: "window",
            length: window,
            observations: returns.len(),
        });
    }
    let mut sorted = crate::quantile::sorted(&returns[..window]);
    let mut figures = Vec::with_capacity(returns.len() - window);
    for day in window..returns.len() {
        figures.push(quantile_sorted(&sorted, 1.0 - level, QuantileRule::Linear).map_or(0.0, |value| 0.0 - value));
        // The oldest leaves and the newest enters at its place.
        let (leaves, enters) = (returns[day - window], returns[day]);
        let from = sorted.partition_point(|value| value.total_cmp(&leaves).is_lt());
        let to = sorted.partition_point(|value| value.total_cmp(&enters).is_lt());
        if from < to {
            sorted.copy_within(from + 1..to, from);
            sorted[to - 1] = enters;
        } else {
            sorted.copy_within(to..from, to + 1);
            sorted[to] = enters;
        }
    }
    Ok(figures)
}

/// Backtests the rolling historical VaR: a day breaches when its loss exceeds the VaR of the window before it.
///
/// # Errors
///
/// Those of [`rolling_historical_var`].
pub fn backtest_historical(returns: &[f64], window: usize, level: f64) -> Result<VarBacktest, AnalyticsError> {
    let figures = rolling_historical_var(returns, window, level)?;
    let breaches: Vec<bool> = figures
        .iter()
        .zip(&returns[window..])
        .map(|(var, value)| *value < -var)
        .collect();
    backtest(&breaches, level)
}

/// Returns for each day after the first `window` the one-day VaR of the `window` days before it, by any method,
/// computed on all threads. The horizon and window of the settings are not used.
///
/// # Errors
///
/// Those of [`rolling_historical_var`] and of the method.
///
/// ```
/// use apex_analytics::var::backtest::{rolling_historical_var, rolling_var};
/// use apex_analytics::var::{VarMethod, VarSettings};
///
/// let returns: Vec<f64> = (0..300).map(|day| 0.001 * f64::from(day * 7919 % 101 - 50)).collect();
/// let settings = VarSettings::one_day(VarMethod::Historical, 0.95);
/// assert_eq!(rolling_var(&returns, 250, &settings), rolling_historical_var(&returns, 250, 0.95));
/// ```
pub fn rolling_var(returns: &[f64], window: usize, settings: &VarSettings) -> Result<Vec<f64>, AnalyticsError> {
    if settings.method == VarMethod::Historical && settings.quantile == QuantileRule::Linear {
        return rolling_historical_var(returns, window, settings.level);
    }
    all_finite("return", returns)?;
    if window == 0 || window >= returns.len() {
        return Err(AnalyticsError::Window {
            what: "window",
            length: window,
            observations: returns.len(),
        });
    }
    let settings = VarSettings {
        horizon: 1,
        window: None,
        ..*settings
    };
    (window..returns.len())
        .into_par_iter()
        .map(|day| Ok(value_at_risk(&[1.0], &[&returns[day - window..day]], &settings)?.var))
        .collect()
}

/// Returns which days breach: those whose loss exceeds the VaR of the window before them. `figures` are those of
/// [`rolling_var`], for the last days of `returns`.
pub fn breaches(returns: &[f64], figures: &[f64]) -> Vec<bool> {
    let tested = returns.len().saturating_sub(figures.len());
    let pairs = figures.iter().zip(&returns[tested..]);
    pairs.map(|(var, value)| *value < -var).collect()
}

/// A zone of the traffic light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// So few breaches are likely when the VaR holds.
    Green,
    /// At most five in a hundred good models breach so often.
    Yellow,
    /// At most one good model in ten thousand does.
    Red,
}

/// The traffic light of the Basel Committee (1996).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrafficLight {
    /// The days counted.
    pub days: usize,
    /// The breaches among them.
    pub exceptions: usize,
    /// The zone.
    pub zone: Zone,
    /// The probability of at most so many breaches when the VaR holds.
    pub cumulative_probability: f64,
    /// The factor on capital; only for 250 days at 99%, for which the Committee gives it.
    pub multiplier: Option<f64>,
}

/// Returns the traffic light of so many breaches in so many days of a VaR at `level`.
///
/// Yellow begins where at most so many breaches have a probability of 95%, red where it is 99.99%.
///
/// ```
/// use apex_analytics::var::backtest::{Zone, traffic_light};
///
/// // The Committee's table for 250 days at 99%: green to 4, yellow to 9.
/// let zones: Vec<Zone> = [4, 5, 9, 10].map(|count| traffic_light(count, 250, 0.99).zone).into();
/// assert_eq!(zones, [Zone::Green, Zone::Yellow, Zone::Yellow, Zone::Red]);
/// assert_eq!(traffic_light(5, 250, 0.99).multiplier, Some(3.4));
/// ```
pub fn traffic_light(exceptions: usize, days: usize, level: f64) -> TrafficLight {
    let cumulative_probability = probability_at_most(exceptions, days, level);
    let zone = match cumulative_probability {
        below if below < 0.95 => Zone::Green,
        below if below < 0.9999 => Zone::Yellow,
        _ => Zone::Red,
    };
    let of_basel = days == 250 && (level - 0.99).abs() < 1e-12;
    TrafficLight {
        days,
        exceptions,
        zone,
        cumulative_probability,
        multiplier: of_basel.then_some(match exceptions {
            0..=4 => 3.0,
            5 => 3.4,
            6 => 3.5,
            7 => 3.65,
            8 => 3.75,
            9 => 3.85,
            _ => 4.0,
        }),
    }
}

/// Tests a series of breaches of a VaR at `level`.
///
/// # Errors
///
/// Refuses no days and a level outside (0.5, 1).
///
/// ```
/// // 4 breaches in 250 days at 99%: LR = -2 ln(0.99^246 0.01^4 / ((246/250)^246 (4/250)^4)) = 0.76914.
/// let breaches: Vec<bool> = (0..250).map(|day| day % 60 == 30).collect();
/// let test = apex_analytics::var::backtest::backtest(&breaches, 0.99).unwrap();
/// assert_eq!(test.exceptions, 4);
/// assert!((test.kupiec_lr - 0.769_138).abs() < 1e-6 && test.kupiec_p > 0.05);
/// ```
pub fn backtest(breaches: &[bool], level: f64) -> Result<VarBacktest, AnalyticsError> {
    if !(level > 0.5 && level < 1.0) {
        return Err(AnalyticsError::Level { level });
    }
    if breaches.is_empty() {
        return Err(AnalyticsError::Empty {
            what: "list of breaches",
        });
    }
    let obs = breaches.len();
    let exceptions = breaches.iter().filter(|breach| **breach).count();
    let probability = 1.0 - level;
    let kupiec_lr = (2.0
        * (likelihood(obs - exceptions, exceptions, rate(exceptions, obs))
            - likelihood(obs - exceptions, exceptions, probability)))
    .max(0.0);
    let mut counts = [[0_usize; 2]; 2];
    for (before, after) in breaches.iter().zip(breaches.iter().skip(1)) {
        counts[usize::from(*before)][usize::from(*after)] += 1;
    }
    let [[n00, n01], [n10, n11]] = counts;
    let chain = likelihood(n00, n01, rate(n01, n00 + n01)) + likelihood(n10, n11, rate(n11, n10 + n11));
    let plain = likelihood(n00 + n10, n01 + n11, rate(n01 + n11, n00 + n01 + n10 + n11));
    let christoffersen_ind_lr = (2.0 * (chain - plain)).max(0.0);
    let cc_lr = kupiec_lr + christoffersen_ind_lr;
    Ok(VarBacktest {
        obs,
        exceptions,
        kupiec_lr,
        kupiec_p: chi_square_tail_1(kupiec_lr),
        n00,
        n01,
        n10,
        n11,
        christoffersen_ind_lr,
        christoffersen_ind_p: chi_square_tail_1(christoffersen_ind_lr),
        cc_lr,
        cc_p: chi_square_tail_2(cc_lr),
    })
}

/// Returns the probability of at most `breaches` breaches in `days` independent days of a VaR at `level`.
///
/// ```
/// let at_most_4 = apex_analytics::var::backtest::probability_at_most(4, 250, 0.99);
/// assert!((at_most_4 - 0.8922).abs() < 5e-5);
/// ```
pub fn probability_at_most(breaches: usize, days: usize, level: f64) -> f64 {
    let odds = (1.0 - level) / level;
    let mut term = level.powf(days as f64);
    let mut sum = term;
    for count in 1..=breaches.min(days) {
        term *= (days - count + 1) as f64 / count as f64 * odds;
        sum += term;
    }
    sum.min(1.0)
}

/// Returns a share, zero of nothing being zero.
fn rate(part: usize, whole: usize) -> f64 {
    ratio_or_zero(part as f64, whole as f64)
}

/// Returns a quotient, or zero by zero.
fn ratio_or_zero(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

/// Returns the log likelihood of so many misses and hits at a hit rate; nothing times the log of nothing is nothing.
fn likelihood(misses: usize, hits: usize, rate: f64) -> f64 {
    let part = |count: usize, share: f64| if count == 0 { 0.0 } else { count as f64 * share.ln() };
    part(misses, 1.0 - rate) + part(hits, rate)
}
