//! The performance of a period as the command line prints it: returns, values and flows by day.

use std::collections::BTreeMap;

use apex_domain::Currency;
use apex_wire::performance::GetPerformance;
use apex_wire::{Amount, Failure, Figure, View};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::performance::{amount, track};
use crate::track::Track;
use crate::valuation::{flow_value, to_unit};

/// `apex performance --json`. The JSON is a contract: fields are added, never renamed; amounts are decimal strings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PerformanceReport {
    /// Time-weighted return of the period.
    pub twr: Option<f64>,
    /// Money-weighted return a year; `null` where there is none or more than one.
    pub mwr: Option<f64>,
    /// Net asset value by day, `null` where something held had no value.
    pub nav: Vec<(Date, Option<Decimal>)>,
    /// Net money from outside by day, days without any left out.
    pub flows: Vec<(Date, Option<Decimal>)>,
    /// The portfolio's name.
    pub portfolio: String,
    /// The base currency.
    pub currency: Currency,
    /// The close that the period is counted from.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// The time-weighted return a year, for periods longer than a year.
    pub twr_annual: Option<f64>,
    /// All money-weighted rates where there is more than one.
    pub mwr_roots: Vec<f64>,
    /// End value less start value less flows.
    pub gain: Option<Decimal>,
    /// Net external flows of the period.
    pub net_flows: Option<Decimal>,
    /// Field by field, why a figure is missing.
    pub unavailable: BTreeMap<String, String>,
}

impl App {
    /// Returns the performance of a period, as the command line prints it; from inception where `from` is absent.
    ///
    /// # Errors
    /// When no book is open, the portfolio is not in it, or there is no day in the period.
    pub fn performance_report(&self, view: View, from: Option<Date>) -> Result<PerformanceReport, Failure> {
        let figures = self.get_performance(GetPerformance { view, from, rolling: 0 })?;
        let fold = self.fold(view)?;
        let track = track(&fold, from)?;
        let mut unavailable = BTreeMap::new();
        let mut note = |field: &str, because: Option<&str>| {
            if let Some(because) = because {
                unavailable.insert(field.to_owned(), because.to_owned());
            }
        };
        note("twr", figures.twr.because());
        note("mwr", figures.mwr.because());
        note("gain", figures.gain.because());
        note("net_flows", figures.net_flows.because());
        Ok(PerformanceReport {
            twr: figures.twr.known().copied(),
            mwr: figures.mwr.known().copied(),
            nav: nav(&fold, &track),
            flows: flows(&fold, &track),
            portfolio: fold.portfolio().name.clone(),
            currency: fold.currency(),
            from: figures.from,
            to: figures.to,
            twr_annual: figures.twr_annual.known().copied(),
            mwr_roots: figures.mwr_roots,
            gain: figures.gain.known().copied(),
            net_flows: figures.net_flows.known().copied(),
            unavailable,
        })
    }
}

/// The values of the days, the close the period is counted from first; the last one is the exact net asset value.
fn nav(fold: &PortfolioFold, track: &Track) -> Vec<(Date, Option<Decimal>)> {
    let history = fold.history();
    let first = if track.from_inception {
        track.rows.start
    } else {
        track.rows.start.saturating_sub(1)
    };
    (first..track.rows.end)
        .filter_map(|row| {
            let day = *history.days.get(row)?;
            if day == fold.as_of() {
                return Some((day, fold.valuation().nav.known().copied()));
            }
            let value = history
                .nav
                .get(row)
                .and_then(|value| amount(value, fold).known().copied());
            Some((day, value))
        })
        .collect()
}

fn flows(fold: &PortfolioFold, track: &Track) -> Vec<(Date, Option<Decimal>)> {
    let mut sums: BTreeMap<Date, Amount> = BTreeMap::new();
    let in_period = |day: Date| day <= fold.as_of() && (track.from_inception || day > track.since);
    for flow in fold.book().flows().iter().filter(|flow| in_period(flow.date)) {
        crate::grid::add(
            sums.entry(flow.date).or_insert(Figure::Known(Decimal::ZERO)),
            &flow_value(fold, flow),
        );
    }
    sums.into_iter()
        .map(|(day, sum)| (day, sum.known().map(|sum| to_unit(*sum, fold.currency()))))
        .collect()
}
