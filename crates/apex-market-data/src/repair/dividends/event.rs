//! A dividend with everything that speaks about it: the close before, what adjusted closes take, how prices fell.

use jiff::civil::Date;

use super::super::statistics::scatter;
use crate::series::{Field, Series};

/// The smallest standard deviation of a day's change, and that of a series too short to tell.
const SCATTER_MIN: f64 = 0.005;
const SCATTER_UNKNOWN: f64 = 0.02;
/// Changes on either side that tell how much prices move.
const WINDOW: usize = 120;

/// A day on which something is paid out.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Event {
    pub(in super::super) row: usize,
    pub(in super::super) date: Date,
    /// What is paid a share.
    pub(in super::super) amount: f64,
    /// The capital gains among it or beside it, as the source has them.
    pub(in super::super) gains: f64,
    /// The split ratio of the day; one where there is none.
    pub(in super::super) split: f64,
    /// The last row with a close before the day, and that close.
    pub(in super::super) previous: usize,
    pub(in super::super) price: f64,
    /// The first row with a close from the day on.
    pub(in super::super) next: usize,
    /// The row of the event before.
    pub(in super::super) before: Option<usize>,
    /// The amount as a share of the close before.
    pub(in super::super) stated: f64,
    /// By what share adjusted closes are lowered before the day; `None` where they make no sense.
    pub(in super::super) applied: Option<f64>,
    /// By what share prices fell from the close before to the middle of open and close; `None` where there was no trade that could tell.
    pub(in super::super) fall: Option<f64>,
    /// The standard deviation of a day's change around the day.
    pub(in super::super) scatter: f64,
}

/// Returns the adjusted close as a share of the close.
pub(in super::super) fn factor(series: &Series, row: usize) -> Option<f64> {
    let close = series.price(row, Field::Close)?;
    let adjusted = series.number(row, Field::AdjustedClose)?;
    Some(adjusted / close).filter(|factor| *factor != 0.0)
}

/// The closes of a series, and how much they move.
pub(in super::super) struct Tape {
    rows: Vec<usize>,
    closes: Vec<f64>,
    /// The middle of open and close of each row.
    middles: Vec<f64>,
}

/// A day: the close before it, and by what share prices fell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct DayOf {
    pub(in super::super) row: usize,
    pub(in super::super) price: f64,
    pub(in super::super) fall: f64,
}

/// Returns the closes of a series.
pub(in super::super) fn tape(series: &Series) -> Tape {
    let rows = series.priced();
    let closes = rows.iter().filter_map(|row| series.price(*row, Field::Close)).collect();
    let middles = rows.iter().filter_map(|row| middle(series, *row)).collect();
    Tape { rows, closes, middles }
}

/// The middle of open and close. Against the close before it shows a fall at the open that the day takes back as well as
/// one that comes through the day, and moves less by itself than the close does.
fn middle(series: &Series, row: usize) -> Option<f64> {
    let close = series.price(row, Field::Close)?;
    Some((series.price(row, Field::Open).unwrap_or(close) + close) / 2.0)
}

impl Tape {
    /// Returns the last row with a close before `row`, and that close.
    pub(in super::super) fn before(&self, row: usize) -> Option<(usize, f64)> {
        let at = self.rows.partition_point(|one| *one < row).checked_sub(1)?;
        Some((*self.rows.get(at)?, *self.closes.get(at)?))
    }

    /// Returns the days within `reach` rows of a row on which something was traded, the row itself left out.
    pub(in super::super) fn around(&self, row: usize, reach: usize) -> Vec<DayOf> {
        let at = self.rows.partition_point(|one| *one < row);
        let days = at.saturating_sub(reach).max(1)..(at + reach + 1).min(self.rows.len());
        days.filter(|day| self.rows[*day] != row)
            .map(|day| DayOf {
                row: self.rows[day],
                price: self.closes[day - 1],
                fall: 1.0 - self.middles[day] / self.closes[day - 1],
            })
            .collect()
    }

    /// Returns the first row with a close from `row` on.
    fn since(&self, row: usize) -> Option<(usize, f64)> {
        let at = self.rows.partition_point(|one| *one < row);
        Some((*self.rows.get(at)?, *self.closes.get(at)?))
    }

    /// Returns the standard deviation of a day's change around a row. Days without a change do not count: most are days
    /// without a trade.
    fn scatter(&self, row: usize) -> f64 {
        let at = self.rows.partition_point(|one| *one < row);
        let around = at.saturating_sub(WINDOW)..(at + WINDOW).min(self.closes.len());
        let changes: Vec<f64> = self.middles[around.clone()]
            .iter()
            .skip(1)
            .zip(&self.closes[around])
            .map(|(middle, before)| middle / before - 1.0)
            .filter(|change| *change != 0.0)
            .collect();
        let floor = if changes.len() < 20 {
            SCATTER_UNKNOWN
        } else {
            SCATTER_MIN
        };
        scatter(changes, floor)
    }
}

/// Returns the days on which something is paid out, in order. A first day without a close before it says nothing.
pub(in super::super) fn events(series: &Series) -> Vec<Event> {
    if !series.has(Field::AdjustedClose) {
        return Vec::new();
    }
    let tape = tape(series);
    let mut events: Vec<Event> = Vec::new();
    for (row, stamp) in series.stamps().iter().enumerate() {
        let amount = series.event(row, Field::Dividends);
        if amount <= 0.0 {
            continue;
        }
        let (Some((previous, price)), Some((next, _))) = (tape.before(row), tape.since(row)) else {
            continue;
        };
        let split = series.event(row, Field::StockSplits);
        let idle = series.event(next, Field::Volume) == 0.0;
        events.push(Event {
            row,
            date: stamp.date,
            amount,
            gains: series.event(row, Field::CapitalGains),
            split: if split > 0.0 { split } else { 1.0 },
            previous,
            price,
            next,
            before: events.last().map(|event| event.row),
            stated: amount / price,
            applied: applied(series, previous, next),
            fall: middle(series, next)
                .map(|middle| 1.0 - middle / price)
                .filter(|fall| next - previous < 10 && !(idle && *fall == 0.0)),
            scatter: tape.scatter(row),
        });
    }
    shared(&mut events);
    events
}

fn applied(series: &Series, previous: usize, next: usize) -> Option<f64> {
    let share = 1.0 - factor(series, previous)? / factor(series, next)?;
    share.is_finite().then_some(share)
}

/// Where several events share the closes around them, as in a stretch without prices, their adjustments are told apart
/// only if together they are what the amounts say.
fn shared(events: &mut [Event]) {
    let mut first = 0;
    while first < events.len() {
        let mut last = first;
        while events
            .get(last + 1)
            .is_some_and(|event| event.previous == events[first].previous)
        {
            last += 1;
        }
        if last > first {
            let group = &mut events[first..=last];
            let together: f64 = group.iter().map(|event| 1.0 - event.stated).product();
            let fits = group[0]
                .applied
                .is_some_and(|applied| (1.0 - applied - together).abs() < 1e-4);
            for event in group {
                event.applied = fits.then_some(event.stated);
            }
        }
        first = last + 1;
    }
}
