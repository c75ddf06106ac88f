//! The days of a portfolio's record, the periods they make, and what each part of the book weighed and earned on them.

use std::ops::Range;

use apex_wire::attribution::{AttributionSettings, PeriodLength};
use jiff::civil::Date;

use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::history::HistorySubject;
use crate::performance::track;
use crate::risk::Part;

/// The days of a record, and the periods they make.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The close the record is counted from.
    pub(crate) since: Date,
    /// Whether it starts with the portfolio.
    pub(crate) from_inception: bool,
    /// The days something could be earned on.
    pub(crate) days: Vec<Date>,
    /// Their rows in the history.
    pub(super) rows: Vec<usize>,
    /// What the book had at the start of each day, money from outside included.
    capital: Vec<f64>,
    /// The return of each day.
    pub(super) returns: Vec<f64>,
    /// The periods, as ranges of the days.
    pub(crate) periods: Vec<Range<usize>>,
    /// Their names.
    pub(crate) labels: Vec<String>,
}

impl Record {
    /// Takes the days of a period, and says why they cannot be measured, where that is so.
    pub(super) fn of(fold: &PortfolioFold, settings: &AttributionSettings) -> Result<(Self, Option<String>)> {
        let track = track(fold, settings.from)?;
        let history = fold.history();
        let mut record = Self {
            since: track.since,
            from_inception: track.from_inception,
            days: Vec::new(),
            rows: Vec::new(),
            capital: Vec::new(),
            returns: Vec::new(),
            periods: Vec::new(),
            labels: Vec::new(),
        };
        let until = settings.to.unwrap_or(fold.as_of());
        let mut missing = None;
        for row in track.rows.clone() {
            let Some(day) = history.days.get(row).copied().filter(|day| *day <= until) else {
                break;
            };
            let before = if row == 0 { Some(0.0) } else { history.nav.get(row - 1) };
            let (Some(before), Some(_)) = (before, history.nav.get(row)) else {
                missing.get_or_insert_with(|| format!("something held has no price or rate on {day}"));
                continue;
            };
            let capital = before + history.flows.get(row).copied().unwrap_or(0.0);
            let earned: f64 = history
                .results
                .iter()
                .map(|result| result.get(row).unwrap_or(0.0))
                .sum();
            if capital <= 0.0 {
                if earned != 0.0 {
                    missing.get_or_insert_with(|| format!("something was earned on no capital on {day}"));
                }
                continue;
            }
            record.days.push(day);
            record.rows.push(row);
            record.capital.push(capital);
            record.returns.push(earned / capital);
        }
        if record.days.is_empty() && missing.is_none() {
            let name = &fold.portfolio().name;
            return Err(AppError::field(
                "to",
                format!("{name} has no day after {} up to {until}", track.since),
            ));
        }
        record.cut(settings.periods);
        Ok((record, missing))
    }

    /// Cuts the days into periods of the calendar.
    fn cut(&mut self, length: PeriodLength) {
        for (at, day) in self.days.iter().enumerate() {
            let label = period_label(*day, length);
            match (self.labels.last(), self.periods.last_mut()) {
                (Some(last), Some(period)) if *last == label => period.end = at + 1,
                _ => {
                    self.labels.push(label);
                    self.periods.push(at..at + 1);
                }
            }
        }
    }

    /// Returns the close that a day of the record is counted from.
    pub(crate) fn close_before(&self, at: usize) -> Date {
        at.checked_sub(1)
            .and_then(|before| self.days.get(before).copied())
            .unwrap_or(self.since)
    }

    /// Returns the weight and the contribution of each part of the book on each day.
    pub(super) fn columns(&self, fold: &PortfolioFold) -> Vec<(Part, Vec<f64>, Vec<f64>)> {
        let history = fold.history();
        let values = fold.holding_values();
        let base = Part::Cash(fold.currency());
        let mut with_base = false;
        let mut columns: Vec<(Part, Vec<f64>, Vec<f64>)> = Vec::new();
        for ((subject, results), values) in history.subjects.iter().zip(&history.results).zip(values) {
            let part = match subject {
                HistorySubject::Instrument(id) => Part::Instrument(*id),
                HistorySubject::Cash(currency) => Part::Cash(*currency),
            };
            with_base |= part == base;
            let days = self.rows.iter().zip(&self.capital);
            let (weights, earned) = days
                .map(|(row, capital)| {
                    let before = row.checked_sub(1).and_then(|row| values.get(row)).unwrap_or(0.0);
                    let outside = if part == base {
                        history.flows.get(*row).copied().unwrap_or(0.0)
                    } else {
                        0.0
                    };
                    let earned = results.get(*row).unwrap_or(0.0);
                    ((before + outside) / capital, earned / capital)
                })
                .unzip();
            columns.push((part, weights, earned));
        }
        if !with_base {
            // Securities came in and no cash ever did: they count as brought into cash at the start of their day.
            let days = self.rows.iter().zip(&self.capital);
            let weights = days
                .map(|(row, capital)| history.flows.get(*row).copied().unwrap_or(0.0) / capital)
                .collect();
            columns.push((base, weights, vec![0.0; self.days.len()]));
        }
        columns
    }
}

/// Returns the name of the period of the calendar that a day is in.
fn period_label(day: Date, length: PeriodLength) -> String {
    match length {
        PeriodLength::Daily => day.to_string(),
        PeriodLength::Monthly => format!("{:04}-{:02}", day.year(), day.month()),
        PeriodLength::Quarterly => format!("{:04} Q{}", day.year(), (day.month() - 1) / 3 + 1),
        PeriodLength::Yearly => format!("{:04}", day.year()),
    }
}
