//! Does the VaR of the current book hold on the days of the past? Today's holdings are held constant.

use apex_analytics::returns::weighted_daily;
use apex_analytics::var::backtest::{Zone, backtest, breaches, rolling_var, traffic_light};
use apex_wire::Failure;
use apex_wire::chart::{Axis, LineData, LineSeries, Mark, Tone, Unit};
use apex_wire::risk::{BacktestRow, ExceededDay, GetRiskBacktest, RiskBacktest};

use super::methods::settings_named;
use super::{RiskBook, checked};
use crate::App;
use crate::error::{AppError, Result};
use crate::track::day_number;

/// The days of the traffic light.
const LIGHT_DAYS: usize = 250;

impl App {
    /// Returns how often the one-day VaR of the current book was exceeded, and the tests on that.
    ///
    /// # Errors
    /// Those of [`App::get_risk`], and a method that is not known.
    pub fn get_risk_backtest(&self, ask: GetRiskBacktest) -> Result<RiskBacktest, Failure> {
        let fold = self.fold(ask.view)?;
        checked(ask.level, 1, ask.window)?;
        let settings = settings_named(&ask.method, ask.level, 1)?;
        let book = RiskBook::of(&fold, ask.window.saturating_add(ask.days));
        let tested = book.days.len().saturating_sub(ask.window);
        let because = book.because().or_else(|| {
            (tested == 0).then(|| {
                format!(
                    "a window of {} leaves no day of the {} that all holdings have",
                    ask.window,
                    book.days.len()
                )
            })
        });
        if let Some(because) = because {
            return Ok(untested(ask, because));
        }
        let returns = weighted_daily(&book.weights(), &book.columns()).map_err(AppError::from)?;
        let figures = match rolling_var(&returns, ask.window, &settings) {
            Ok(figures) => figures,
            Err(err) => return Ok(untested(ask, err.to_string())),
        };
        let hits = breaches(&returns, &figures);
        let tests = backtest(&hits, ask.level).map_err(AppError::from)?;
        let recent = hits.get(hits.len().saturating_sub(LIGHT_DAYS)..).unwrap_or_default();
        let light = traffic_light(recent.iter().filter(|hit| **hit).count(), recent.len(), ask.level);
        let days = book.days.get(ask.window..).unwrap_or_default();
        let results = returns.get(ask.window..).unwrap_or_default();
        let mut exceeded: Vec<ExceededDay> = hits
            .iter()
            .zip(days)
            .zip(results.iter().zip(&figures))
            .filter(|((hit, _), _)| **hit)
            .map(|((_, date), (result, var))| ExceededDay {
                date: *date,
                loss: -result,
                var: *var,
            })
            .collect();
        exceeded.reverse();
        let multiplier = light
            .multiplier
            .map_or_else(String::new, |multiplier| format!(", multiplier {multiplier}"));
        let row = |name: &str, supposes: &str, statistic: f64, p: f64| BacktestRow {
            name: name.to_owned(),
            supposes: supposes.to_owned(),
            statistic,
            p,
        };
        Ok(RiskBacktest {
            method: ask.method,
            because: None,
            from: days.first().copied(),
            to: days.last().copied(),
            observations: tests.obs,
            exceptions: tests.exceptions,
            expected: tests.obs as f64 * (1.0 - ask.level),
            tests: vec![
                row(
                    "Kupiec",
                    "as many exceptions as promised",
                    tests.kupiec_lr,
                    tests.kupiec_p,
                ),
                row(
                    "Christoffersen, independence",
                    "an exception says nothing about the next day",
                    tests.christoffersen_ind_lr,
                    tests.christoffersen_ind_p,
                ),
                row("Christoffersen, both", "both together", tests.cc_lr, tests.cc_p),
            ],
            zone: match light.zone {
                Zone::Green => "green",
                Zone::Yellow => "yellow",
                Zone::Red => "red",
            }
            .to_owned(),
            zone_words: format!(
                "{} in the last {}; {:.1}% of good models have at most as many{multiplier}",
                apex_format::counted(light.exceptions as u64, "exception"),
                apex_format::counted(light.days as u64, "day"),
                light.cumulative_probability * 100.0
            ),
            chart: LineData {
                title: "VaR backtest".to_owned(),
                x: Axis::date(),
                y: Axis::new("Result", Unit::Percent { decimals: 2 }),
                series: vec![
                    LineSeries::over_dates(
                        "Result of the day",
                        days.iter().copied().zip(results.iter().map(|result| Some(*result))),
                    ),
                    LineSeries::over_dates("-VaR", days.iter().copied().zip(figures.iter().map(|var| Some(-var)))),
                ],
                marks: exceeded
                    .iter()
                    .rev()
                    .map(|day| Mark {
                        x: f64::from(day_number(day.date)),
                        label: String::new(),
                        tone: Tone::Loss,
                    })
                    .collect(),
                ribbons: Vec::new(),
            },
            exceeded,
            left_out: book.left_out,
        })
    }
}

/// The answer where nothing can be tested.
fn untested(ask: GetRiskBacktest, because: String) -> RiskBacktest {
    RiskBacktest {
        method: ask.method,
        because: Some(because.clone()),
        from: None,
        to: None,
        observations: 0,
        exceptions: 0,
        expected: 0.0,
        tests: Vec::new(),
        zone: String::new(),
        zone_words: because,
        chart: LineData {
            title: "VaR backtest".to_owned(),
            x: Axis::date(),
            y: Axis::new("Result", Unit::Percent { decimals: 2 }),
            series: Vec::new(),
            marks: Vec::new(),
            ribbons: Vec::new(),
        },
        exceeded: Vec::new(),
        left_out: Vec::new(),
    }
}
