//! The track record of one portfolio: its days, returns and growth over a period, and the benchmark's beside it.
//!
//! A period is counted from the close of its first day. From inception it is counted from nothing: the first deposit is
//! the base of the first day, so that the cost of the first trades is in the record. Flows count at the start of their
//! day. A day without a net asset value is a gap, and the next known day covers it.

use std::collections::BTreeMap;

use apex_analytics::AnalyticsError;
use apex_analytics::gap::GapColumn;
use apex_analytics::twr::{FlowTiming, linked};
use apex_domain::{InstrumentId, Ratio};
use apex_wire::Statistic;
use apex_wire::chart::LineSeries;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
use crate::split::is_same;

/// A portfolio over a period.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    /// The close the period is counted from; the day before the first day, from inception.
    pub(crate) since: Date,
    /// Whether the period starts with the portfolio.
    pub(crate) from_inception: bool,
    /// The rows of the history that are in the period.
    pub(crate) rows: std::ops::Range<usize>,
    /// The days with a known return, and their returns.
    pub(crate) days: Vec<Date>,
    pub(crate) returns: Vec<f64>,
    /// The growth of 1 on every day of the period, gaps included.
    pub(crate) growth: GapColumn,
}

impl Track {
    /// Returns the record from the close of the last day on or before `since`, or from inception.
    ///
    /// `None` where there is no day in the period.
    pub(crate) fn of(fold: &PortfolioFold, since: Option<Date>) -> Result<Option<Self>, AnalyticsError> {
        let history = fold.history();
        let base = since.and_then(|day| history.row_on_or_before(day));
        let start = base.map_or(0, |row| row + 1);
        let (Some(first), true) = (history.days.first(), start < history.days.len()) else {
            return Ok(None);
        };
        let rows = start..history.days.len();
        let before = match base {
            Some(row) => history.nav.get(row),
            None => Some(0.0),
        };
        let values: GapColumn = std::iter::once(before)
            .chain(rows.clone().map(|row| history.nav.get(row)))
            .collect();
        let mut flows = vec![0.0];
        flows.extend(rows.clone().map(|row| history.flows.get(row).copied().unwrap_or(0.0)));
        let linked = linked(&values, &flows, FlowTiming::Start)?;
        let (mut days, mut returns) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for (row, value) in rows.clone().zip(linked.returns.iter().skip(1)) {
            if let (Some(day), Some(value)) = (history.days.get(row), value) {
                days.push(*day);
                returns.push(value);
            }
        }
        let growth = linked.growth.iter().skip(1).collect();
        let since = base.and_then(|row| history.days.get(row).copied());
        let day_before = first.yesterday().unwrap_or(*first);
        let from_inception = since.is_none();
        Ok(Some(Self {
            since: since.unwrap_or(day_before),
            from_inception,
            rows,
            days,
            returns,
            growth,
        }))
    }

    /// Returns the time-weighted return of the whole period.
    pub(crate) fn twr(&self) -> Statistic {
        let last = self.growth.len().checked_sub(1).and_then(|row| self.growth.get(row));
        Statistic::or_because(last.map(|growth| growth - 1.0), || {
            "something held has no price or rate on the last day of the period".to_owned()
        })
    }
}

/// Returns the time-weighted return since the close of a day.
pub(crate) fn twr_since(fold: &PortfolioFold, since: Date) -> Statistic {
    match Track::of(fold, Some(since)) {
        Ok(Some(track)) => track.twr(),
        Ok(None) => Statistic::Unavailable("there is no day in the period".to_owned()),
        Err(err) => Statistic::Unavailable(err.to_string()),
    }
}

/// The splits of every instrument, told beside its prices or booked in the ledger, by day. One that is told and booked, or
/// booked by several accounts, counts once: on the day that is told, for prices step then and brokers book late.
pub(crate) fn splits(fold: &PortfolioFold) -> BTreeMap<InstrumentId, BTreeMap<Date, f64>> {
    let mut splits = fold.published_splits().clone();
    for booked in fold.book().splits() {
        let known = splits.entry(booked.instrument).or_default();
        if !known.iter().any(|(day, ratio)| is_same(&booked, *day, *ratio)) {
            known.insert(booked.date, booked.ratio);
        }
    }
    let number = |ratio: Ratio| f64::from(ratio.numerator()) / f64::from(ratio.denominator());
    let numbers = |days: BTreeMap<Date, Ratio>| days.into_iter().map(|(day, ratio)| (day, number(ratio))).collect();
    splits.into_iter().map(|(id, days)| (id, numbers(days))).collect()
}

/// Returns the closes of an instrument on given ascending days in its own currency, with splits taken out; a gap where
/// there is none. Dividends are not added.
pub(crate) fn closes(
    fold: &PortfolioFold,
    id: InstrumentId,
    splits: Option<&BTreeMap<Date, f64>>,
    days: &[Date],
) -> GapColumn {
    let mut splits = splits.into_iter().flatten().peekable();
    let mut held = 1.0;
    days.iter()
        .map(|day| {
            let price = fold.prices().price(id, *day, PRICE_AGE_DAYS_MAX).ok()?;
            // Splits up to the day of the price, which may be an earlier one, are in the price.
            while let Some((_, factor)) = splits.next_if(|(date, _)| **date <= price.date) {
                held *= factor;
            }
            Some(price.value.to_f64()? * held)
        })
        .collect()
}

/// Returns days as the positions of a chart: days since 1970-01-01.
pub(crate) fn positions(days: &[Date]) -> Vec<f64> {
    days.iter().map(|day| f64::from(day_number(*day))).collect()
}

/// Returns a day as days since 1970-01-01.
pub(crate) fn day_number(day: Date) -> i32 {
    jiff::civil::date(1970, 1, 1)
        .until(day)
        .map_or(0, |span| span.get_days())
}

/// Returns a line over days.
pub(crate) fn line(name: impl Into<String>, days: &[Date], y: Vec<Option<f64>>) -> LineSeries {
    LineSeries {
        name: name.into(),
        hue: None,
        x: positions(days),
        y,
    }
}
