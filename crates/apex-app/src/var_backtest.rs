//! Does the VaR of a book hold? Its losses against the VaR of the days before.
//!
//! The JSON of the reply is a contract: keys are added, never renamed; undefined is `null`.

use apex_analytics::returns::weighted_daily;
use apex_analytics::var::backtest::{TrafficLight, VarBacktest, backtest, breaches, rolling_var, traffic_light};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use apex_analytics::var::backtest::Zone;

use crate::error::Result;
use crate::statistics::{MeanRule, PriceTable, VarMethod, VarSettings, Weighted};

/// The days of the traffic light.
const LIGHT_DAYS: usize = 250;

/// `apex var-backtest --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BacktestReport {
    /// The method of the VaR.
    pub method: VarMethod,
    /// The confidence.
    pub level: f64,
    /// Daily returns behind each VaR.
    pub window: usize,
    /// The mean, where the method has one.
    pub mean: Option<MeanRule>,
    /// The seed of the Monte Carlo method.
    pub seed: Option<u64>,
    /// The first and the last day that was tested.
    pub dates: [Date; 2],
    /// Breaches, and the tests of Kupiec and Christoffersen.
    #[serde(flatten)]
    pub tests: VarBacktest,
    /// The traffic light of Basel over the last 250 days, or all where there are fewer.
    pub traffic_light: TrafficLight,
    /// The days that breached, with the loss and the VaR it exceeded.
    pub breaches: Vec<Breach>,
    /// Dates that not every asset has.
    pub dropped: usize,
}

/// A day whose loss exceeded its VaR.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breach {
    /// The day.
    pub date: Date,
    /// The loss.
    pub loss: f64,
    /// The VaR of the days before.
    pub var: f64,
}

/// Backtests the one-day VaR of constant weights, or of equal ones.
///
/// # Errors
/// When a weight names no column, a price is not above zero, or the window leaves no day to test.
pub fn var_backtest(
    prices: &PriceTable,
    weights: Option<&[(String, f64)]>,
    window: usize,
    settings: &VarSettings,
) -> Result<BacktestReport> {
    let book = Weighted::of(prices, weights)?;
    let returns = weighted_daily(&book.weights, &book.columns())?;
    let figures = rolling_var(&returns, window, settings)?;
    let hits = breaches(&returns, &figures);
    let tests = backtest(&hits, settings.level)?;
    let recent = hits.get(hits.len().saturating_sub(LIGHT_DAYS)..).unwrap_or_default();
    let days = book.days.get(window..).unwrap_or_default();
    let losses = returns.get(window..).unwrap_or_default();
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Err(crate::AppError::invalid("the window leaves no day to test"));
    };
    let with_mean = !matches!(settings.method, VarMethod::Historical | VarMethod::AgeWeighted);
    Ok(BacktestReport {
        method: settings.method,
        level: settings.level,
        window,
        mean: with_mean.then_some(settings.mean),
        seed: (settings.method == VarMethod::MonteCarlo).then_some(settings.simulation.seed),
        dates: [*first, *last],
        tests,
        traffic_light: traffic_light(recent.iter().filter(|hit| **hit).count(), recent.len(), settings.level),
        breaches: hits
            .iter()
            .zip(days)
            .zip(losses.iter().zip(&figures))
            .filter(|((hit, _), _)| **hit)
            .map(|((_, date), (value, var))| Breach {
                date: *date,
                loss: -value,
                var: *var,
            })
            .collect(),
        dropped: book.dropped,
    })
}
