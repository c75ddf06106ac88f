//! The days of all sources side by side, with their prices as numbers.

use std::collections::BTreeSet;

use apex_domain::{Date, Decimal};
use rust_decimal::prelude::ToPrimitive;

use super::super::Figures;
use super::super::basis::Factors;
use super::super::source::Examined;
use crate::record::Provider;

/// Closes of shares that differ by less are the same, and closes of rates.
const CLOSE: f64 = 0.005;
const RATE: f64 = 0.015;
/// Opens, highs and lows that differ by less are the same: each source counts other trades.
const RANGE: f64 = 0.03;

/// What one source says of a day.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) figures: Figures,
    pub(super) repaired: bool,
    pub(super) doubtful: bool,
    pub(super) decided: bool,
    /// Natural log of the close, divided by later splits.
    pub(super) level: f64,
    /// Natural logs of open, high and low over the close; `None` where they are no prices.
    shape: [Option<f64>; 3],
}

impl Entry {
    /// Returns how far high and low reach beyond open and close, and open from close.
    pub(super) fn ranges(&self) -> impl Iterator<Item = f64> {
        let [open, high, low] = self.shape;
        let (most, least) = (open.unwrap_or(0.0).max(0.0), open.unwrap_or(0.0).min(0.0));
        [high.map(|high| high - most), low.map(|low| least - low), open]
            .into_iter()
            .flatten()
    }
}

/// Sources by days.
pub(super) struct Table {
    pub(super) dates: Vec<Date>,
    pub(super) providers: Vec<Provider>,
    /// One list a source, one place a day.
    entries: Vec<Vec<Option<Entry>>>,
    close_room: f64,
}

impl Table {
    pub(super) fn of(examined: &[Examined], factors: &Factors, is_rate: bool) -> Self {
        let dates: BTreeSet<Date> = examined
            .iter()
            .flat_map(|one| one.days.iter().map(|day| day.date))
            .collect();
        let dates: Vec<Date> = dates.into_iter().collect();
        let splits: Vec<f64> = dates.iter().map(|date| factors.at(*date).number().ln()).collect();
        let entries = examined.iter().map(|source| {
            let mut days = source.days.iter().peekable();
            let rows = dates.iter().zip(&splits);
            rows.map(|(date, split)| {
                let day = days.next_if(|day| day.date == *date)?;
                let close = number(day.figures.close)?.ln();
                let shape = [day.figures.open, day.figures.high, day.figures.low];
                Some(Entry {
                    figures: day.figures,
                    repaired: day.repaired,
                    doubtful: day.doubtful,
                    decided: day.decided,
                    level: close - split,
                    shape: shape.map(|price| Some(number(price)?.ln() - close)),
                })
            })
            .collect()
        });
        Self {
            providers: examined.iter().map(|source| source.provider).collect(),
            entries: entries.collect(),
            dates,
            close_room: if is_rate { RATE } else { CLOSE },
        }
    }

    /// Returns what a source says of a day; `None` where it has no close.
    pub(super) fn entry(&self, row: usize, source: usize) -> Option<&Entry> {
        self.entries.get(source)?.get(row)?.as_ref()
    }

    /// Returns whether two sources say the same of a day.
    pub(super) fn agree(&self, row: usize, one: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (self.entry(row, one), self.entry(row, other)) else {
            return false;
        };
        let apart = one.level - other.level;
        let ranges = one.shape.iter().zip(&other.shape).all(|pair| match pair {
            (Some(one), Some(other)) => (one - other + apart).abs() <= RANGE,
            _ => true,
        });
        apart.abs() <= self.close_room && ranges
    }

    /// Returns how many times the other's closes one source's are, where that is about the same on all days.
    pub(super) fn ratio(&self, rows: &[usize], one: usize, other: usize) -> Option<f64> {
        let mut ratios: Vec<f64> = rows
            .iter()
            .filter_map(|row| Some(self.entry(*row, one)?.level - self.entry(*row, other)?.level))
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let (least, most) = (ratios.first()?, ratios.last()?);
        let middle = ratios.get(ratios.len() / 2)?;
        (most - least <= 2.0 * self.close_room && middle.abs() > self.close_room).then(|| middle.exp())
    }
}

fn number(price: Option<Decimal>) -> Option<f64> {
    price?.to_f64().filter(|price| *price > 0.0)
}
