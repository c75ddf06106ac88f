//! Values, flows and results of one portfolio day by day, on columns for the engine.
//!
//! The days are the weekdays on which something held had a price, from the first transaction to the day asked about.
//! The decimal ledger gives quantities and cash as steps; the engine multiplies. A missing price or rate is a gap.

use std::collections::BTreeMap;

use apex_analytics::gap::GapColumn;
use apex_analytics::valuation::nav::{Flow, Holding, NavSeries, Span, Step, nav_series};
use apex_domain::{Currency, InstrumentId, InstrumentKind, Ratio, Transaction, restated};
use jiff::civil::Date;
use rayon::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rustc_hash::FxHashMap;

use crate::day;
use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
use crate::sides::Sides;
use crate::valuation::value_in_kind;

/// One portfolio over time, base currency.
#[derive(Debug, Clone)]
pub struct History {
    /// The days, ascending; empty before the first transaction.
    pub days: Vec<Date>,
    /// Net asset value by day; a gap where something held has no value.
    pub nav: GapColumn,
    /// Result by day, flows taken out.
    pub pnl: GapColumn,
    /// Net money from outside by day, shares that came in or went out at their value of the day.
    pub flows: Vec<f64>,
    /// How many holdings lack a value, by day.
    pub missing: Vec<u32>,
    /// The result of each holding by day, in the order of `subjects`.
    pub results: Vec<Span>,
    /// What each of the `results` is of: an instrument, or the cash of a currency; accounts are added together.
    pub subjects: Vec<HistorySubject>,
}

/// What a column of the history is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HistorySubject {
    /// An instrument.
    Instrument(InstrumentId),
    /// Cash of a currency.
    Cash(Currency),
}

impl History {
    pub(crate) fn of(fold: &PortfolioFold) -> Self {
        let columns = Columns::of(fold);
        let series = columns.valued();
        let rows = columns.days.len();
        let mut flows = vec![0.0; rows];
        for flow in &columns.outside {
            if let Some(slot) = flows.get_mut(flow.row) {
                *slot += flow.amount;
            }
        }
        Self {
            nav: series.nav,
            pnl: series.pnl,
            missing: series.missing,
            flows,
            results: series.holdings.into_iter().map(|holding| holding.pnl).collect(),
            subjects: columns.subjects.iter().map(|subject| subject.subject).collect(),
            days: columns.days,
        }
    }

    /// Returns the market value of each holding by day, in the order of `subjects`.
    pub(crate) fn holding_values(fold: &PortfolioFold) -> Vec<Span> {
        let series = Columns::of(fold).valued();
        series.holdings.into_iter().map(|holding| holding.value).collect()
    }

    /// Returns the row of the last day on or before a day.
    pub fn row_on_or_before(&self, day: Date) -> Option<usize> {
        self.days.partition_point(|known| *known <= day).checked_sub(1)
    }

    /// Returns the net asset value on the last day on or before a day.
    pub fn nav_on_or_before(&self, day: Date) -> Option<f64> {
        self.row_on_or_before(day).and_then(|row| self.nav.get(row))
    }
}

/// The columns of one holding.
struct SubjectColumns {
    subject: HistorySubject,
    steps: Vec<Step>,
    flows: Vec<Flow>,
    prices: Option<GapColumn>,
    rate: Option<Currency>,
    multiplier: f64,
}

struct Columns {
    days: Vec<Date>,
    subjects: Vec<SubjectColumns>,
    rates: BTreeMap<Currency, GapColumn>,
    outside: Vec<Flow>,
}

/// Quantities by the day from which they hold, ascending.
type Steps = Vec<(Date, Decimal)>;

/// Transactions whose money is placed at one go.
const PLACED_TOGETHER: usize = 8_192;

impl Columns {
    fn of(fold: &PortfolioFold) -> Self {
        let book = fold.book();
        let mut quantities: BTreeMap<HistorySubject, Vec<Steps>> = BTreeMap::new();
        for steps in book.quantity_steps() {
            let subject = HistorySubject::Instrument(steps.instrument);
            quantities.entry(subject).or_default().push(steps.steps);
            if !steps.accrued.is_empty() {
                // Income earned and not yet paid is a claim in the instrument's currency, priced at one like cash.
                if let Some(instrument) = fold.instrument(steps.instrument) {
                    quantities
                        .entry(HistorySubject::Cash(instrument.currency))
                        .or_default()
                        .push(steps.accrued);
                }
            }
        }
        for steps in book.cash_steps() {
            quantities
                .entry(HistorySubject::Cash(steps.currency))
                .or_default()
                .push(steps.steps);
        }
        let summed: Vec<(HistorySubject, Steps)> = quantities
            .into_par_iter()
            .map(|(subject, parts)| (subject, add_steps(parts)))
            .collect();
        let axis = Axis::of(fold, &summed);
        let mut rates: BTreeMap<Currency, GapColumn> = BTreeMap::new();
        for (subject, _) in &summed {
            let currency = match subject {
                HistorySubject::Cash(currency) => Some(*currency),
                HistorySubject::Instrument(id) => fold.instrument(*id).map(|one| one.currency),
            };
            if let Some(currency) = currency.filter(|currency| *currency != fold.currency()) {
                rates
                    .entry(currency)
                    .or_insert_with(|| rate_column(fold, currency, &axis.days));
            }
        }
        let booked = Booked::of(fold);
        let subjects = summed
            .par_iter()
            .filter_map(|(subject, steps)| SubjectColumns::of(fold, *subject, steps, &axis, &booked))
            .collect();
        let mut columns = Self {
            days: Vec::new(),
            subjects,
            rates,
            outside: Vec::new(),
        };
        columns.place_flows(fold, &axis);
        columns.days = axis.days;
        columns
    }

    /// Books money between holdings, cash and the outside, so that each column's result is its own.
    fn place_flows(&mut self, fold: &PortfolioFold, axis: &Axis) {
        let book = fold.book();
        let place: FxHashMap<HistorySubject, usize> = self
            .subjects
            .iter()
            .enumerate()
            .map(|(at, subject)| (subject.subject, at))
            .collect();
        let transactions: Vec<&Transaction> = book.effective().collect();
        let moves: Vec<Vec<(usize, Flow)>> = transactions
            .par_chunks(PLACED_TOGETHER)
            .map(|part| {
                part.iter()
                    .flat_map(|transaction| moves(fold, transaction, axis, &place))
                    .flatten()
                    .collect()
            })
            .collect();
        let mut outside = Vec::new();
        let mut in_kind = Vec::new();
        for flow in book.flows() {
            let Some(row) = axis.row_of(flow.date) else { continue };
            let amount = match flow.instrument {
                None => flow.base.map_or(0.0, number),
                Some(id) => {
                    let value = value_in_kind(fold, id, flow.quantity, flow.date)
                        .known()
                        .copied()
                        .map_or(0.0, number);
                    if let Some(at) = place.get(&HistorySubject::Instrument(id)) {
                        in_kind.push((*at, Flow { row, amount: value }));
                    }
                    value
                }
            };
            outside.push(Flow { row, amount });
        }
        for (at, flow) in moves.into_iter().flatten().chain(in_kind) {
            if let Some(columns) = self.subjects.get_mut(at) {
                columns.flows.push(flow);
            }
        }
        self.subjects
            .par_iter_mut()
            .for_each(|subject| subject.flows.sort_by_key(|flow| flow.row));
        self.outside = outside;
    }

    fn valued(&self) -> NavSeries {
        let rows = self.days.len();
        nav_series(rows, &self.holdings()).unwrap_or_else(|err| {
            // Steps and flows are placed on these very days, in order.
            debug_assert!(false, "Invariant: columns fit the days: {err}");
            NavSeries {
                nav: GapColumn::unknown(rows),
                pnl: GapColumn::unknown(rows),
                missing: vec![0; rows],
                holdings: Vec::new(),
            }
        })
    }

    fn holdings(&self) -> Vec<Holding<'_>> {
        self.subjects
            .iter()
            .map(|subject| Holding {
                steps: &subject.steps,
                flows: &subject.flows,
                prices: subject.prices.as_ref(),
                base_from_local: subject.rate.and_then(|currency| self.rates.get(&currency)),
                multiplier: subject.multiplier,
            })
            .collect()
    }
}

impl SubjectColumns {
    fn of(fold: &PortfolioFold, subject: HistorySubject, steps: &Steps, axis: &Axis, booked: &Booked) -> Option<Self> {
        let (currency, multiplier) = match subject {
            HistorySubject::Cash(currency) => (currency, 1.0),
            HistorySubject::Instrument(id) => {
                let instrument = fold.instrument(id)?;
                (instrument.currency, number(instrument.multiplier()))
            }
        };
        let mut rows: Vec<Step> = Vec::with_capacity(steps.len());
        for (day, quantity) in steps {
            let Some(row) = axis.row_of(*day) else { break };
            let step = Step {
                row,
                quantity: number(*quantity),
            };
            match rows.last_mut() {
                Some(last) if last.row == row => *last = step,
                _ => rows.push(step),
            }
        }
        let prices = match subject {
            HistorySubject::Cash(_) => None,
            HistorySubject::Instrument(id) => {
                let held_from = rows.first().map_or(axis.days.len(), |step| step.row);
                Some(price_column(fold, id, axis, held_from, booked))
            }
        };
        let rate = (currency != fold.currency()).then_some(currency);
        Some(Self {
            subject,
            steps: rows,
            flows: Vec::new(),
            prices,
            rate,
            multiplier,
        })
    }
}

/// What one transaction moves in each of the columns it touches: its cash, and the holding on the other side.
fn moves(
    fold: &PortfolioFold,
    transaction: &Transaction,
    axis: &Axis,
    place: &FxHashMap<HistorySubject, usize>,
) -> [Option<(usize, Flow)>; 4] {
    let mut moved = [None; 4];
    let Some(row) = axis.row_of(transaction.trade_date) else {
        return moved;
    };
    let sides = Sides::of(fold, transaction);
    let column = |subject: HistorySubject, amount: f64| place.get(&subject).map(|at| (*at, Flow { row, amount }));
    // A transaction moves at most two currencies.
    for (cash, slots) in fold
        .book()
        .cash_moves(transaction)
        .iter()
        .zip(moved.chunks_exact_mut(2))
    {
        let [in_cash, in_holding] = slots else { continue };
        let base = cash.base.map_or(0.0, number);
        if sides.cash_is_put {
            *in_cash = column(HistorySubject::Cash(cash.currency), base);
        }
        *in_holding = sides
            .holding
            .and_then(|id| column(HistorySubject::Instrument(id), -base));
    }
    moved
}

/// Adds step functions of several accounts into one.
fn add_steps(mut parts: Vec<Steps>) -> Steps {
    if parts.len() == 1 {
        return parts.pop().unwrap_or_default();
    }
    let mut changes: Steps = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for part in &parts {
        let mut before = Decimal::ZERO;
        for (day, quantity) in part {
            changes.push((*day, quantity - before));
            before = *quantity;
        }
    }
    changes.sort_by_key(|(day, _)| *day);
    let mut total = Decimal::ZERO;
    let mut steps: Steps = Vec::with_capacity(changes.len());
    for (day, change) in changes {
        total += change;
        match steps.last_mut() {
            Some(last) if last.0 == day => last.1 = total,
            _ => steps.push((day, total)),
        }
    }
    steps
}

/// The days of a history, as dates, as numbers and as rows.
#[derive(Default)]
struct Axis {
    days: Vec<Date>,
    numbers: Vec<i32>,
    /// The first row on or after each calendar day from the first day on.
    rows: Vec<u32>,
}

impl Axis {
    fn of(fold: &PortfolioFold, summed: &[(HistorySubject, Steps)]) -> Self {
        let as_of = fold.as_of();
        let first = summed
            .iter()
            .filter_map(|(_, steps)| steps.first())
            .map(|(day, _)| *day)
            .min();
        let Some(first) = first.filter(|first| *first <= as_of) else {
            return Self::default();
        };
        let start = day::number(first);
        let Ok(length) = usize::try_from(day::number(as_of) - start + 1) else {
            return Self::default();
        };
        let mut days: Vec<Option<Date>> = vec![None; length];
        let mut priced = false;
        // Most instruments have the same days; those of the one before need not be noted again.
        let mut noted: &[Date] = &[];
        for (subject, steps) in summed {
            let HistorySubject::Instrument(id) = subject else {
                continue;
            };
            let Some((held_from, _)) = steps.first() else { continue };
            let (dates, _) = fold.prices().columns(*id);
            let held = &dates[dates.partition_point(|day| day < held_from)..];
            let held = &held[..held.partition_point(|day| *day <= as_of)];
            if noted.ends_with(held) {
                continue;
            }
            noted = held;
            for date in held {
                let number = day::number(*date);
                if let Some(slot) = usize::try_from(number - start).ok().and_then(|at| days.get_mut(at))
                    && !day::is_weekend(number)
                {
                    *slot = Some(*date);
                    priced = true;
                }
            }
        }
        if !priced {
            let all = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= as_of);
            for (slot, date) in days.iter_mut().zip(all) {
                *slot = (!day::is_weekend(day::number(date))).then_some(date);
            }
        }
        if let [slot, ..] = days.as_mut_slice() {
            *slot = Some(first);
        }
        if let [.., slot] = days.as_mut_slice() {
            *slot = Some(as_of);
        }
        let mut axis = Self {
            rows: Vec::with_capacity(length),
            ..Self::default()
        };
        for (number, date) in (start..).zip(days) {
            axis.rows.push(u32::try_from(axis.days.len()).unwrap_or(u32::MAX));
            if let Some(date) = date {
                axis.days.push(date);
                axis.numbers.push(number);
            }
        }
        axis
    }

    /// Returns the first row on or after a day.
    fn row_of(&self, date: Date) -> Option<usize> {
        let first = *self.numbers.first()?;
        match usize::try_from(day::number(date) - first) {
            Ok(at) => self.rows.get(at).map(|row| *row as usize),
            // Before the first day.
            Err(_) => Some(0),
        }
    }
}

/// What the ledger says of prices, by instrument and day.
#[derive(Default)]
struct Booked {
    /// Prices of private assets.
    marks: BTreeMap<InstrumentId, Steps>,
    /// Splits, each once, although every account books its own.
    splits: BTreeMap<InstrumentId, Vec<(Date, Ratio)>>,
}

impl Booked {
    fn of(fold: &PortfolioFold) -> Self {
        let mut booked = Self::default();
        for mark in fold.book().marks() {
            let marks = booked.marks.entry(mark.instrument).or_default();
            marks.push((mark.date, mark.price));
        }
        for split in fold.book().splits() {
            let splits = booked.splits.entry(split.instrument).or_default();
            splits.push((split.date, split.ratio));
        }
        booked.splits.values_mut().for_each(Vec::dedup);
        booked
    }
}

/// The last price of each day from a row on, as the valuation of a day takes it.
fn price_column(fold: &PortfolioFold, id: InstrumentId, axis: &Axis, held_from: usize, booked: &Booked) -> GapColumn {
    let marks = booked.marks.get(&id).map_or(&[][..], Vec::as_slice);
    let splits = booked.splits.get(&id).map_or(&[][..], Vec::as_slice);
    let (dates, prices) = fold.prices().columns(id);
    let is_private = fold
        .instrument(id)
        .is_some_and(|one| one.kind == InstrumentKind::Private);
    let age_days_max = if is_private {
        i32::MAX
    } else {
        i32::try_from(PRICE_AGE_DAYS_MAX).unwrap_or(i32::MAX)
    };
    let mut column = GapColumn::unknown(axis.days.len());
    let Some(first) = axis.days.get(held_from) else {
        return column;
    };
    let (mut next_price, mut next_mark) = (dates.partition_point(|date| date <= first), 0);
    for row in held_from..axis.days.len() {
        let (date, number_of_day) = (axis.days[row], axis.numbers[row]);
        while dates.get(next_price).is_some_and(|priced| *priced <= date) {
            next_price += 1;
        }
        while marks.get(next_mark).is_some_and(|(marked, _)| *marked <= date) {
            next_mark += 1;
        }
        let quoted = next_price.checked_sub(1).map(|at| (dates[at], prices[at]));
        let quoted =
            quoted.filter(|(priced, _)| *priced == date || number_of_day - day::number(*priced) <= age_days_max);
        let mark = next_mark.checked_sub(1).map(|at| marks[at]);
        let price = match (quoted, mark) {
            (Some(quoted), Some(marked)) if quoted.0 > marked.0 => Some(quoted),
            (_, Some(last)) | (Some(last), None) => Some(last),
            (None, None) => None,
        };
        column.set(
            row,
            price.map(|(priced, price)| number(restated(price, priced, splits.iter().copied(), date))),
        );
    }
    column
}

fn rate_column(fold: &PortfolioFold, currency: Currency, days: &[Date]) -> GapColumn {
    let rate = |day: &Date| {
        fold.prices()
            .fx(currency, fold.currency(), *day)
            .ok()
            .map(|rate| number(rate.value))
    };
    days.iter().map(rate).collect()
}

/// Powers of ten that a `f64` holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The one place where ledger amounts become numbers of the engine: the nearest `f64`.
fn number(value: Decimal) -> f64 {
    const EXACT_MAX: u128 = 1 << 53;
    let mantissa = value.mantissa();
    match TENS.get(value.scale() as usize) {
        // Both are exact, so that the quotient is rounded once, and quickly.
        Some(ten) if mantissa.unsigned_abs() <= EXACT_MAX => mantissa as i64 as f64 / ten,
        _ => value.to_f64().unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_becomes_the_nearest_number() {
        for text in [
            "0",
            "-0.1",
            "231.27",
            "0.00000001",
            "9007199254740993",
            "79228162514264337593543950335",
            "-12.5",
        ] {
            let value: Decimal = text.parse().unwrap();
            assert_eq!(number(value), text.parse::<f64>().unwrap(), "{text}");
        }
    }
}
