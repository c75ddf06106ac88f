//! Values, flows and results of one portfolio day by day, on columns for the engine.
//!
//! The days are the weekdays on which something held had a price, from the first transaction to the day asked about.
//! The decimal ledger gives quantities and cash as steps; the engine multiplies. A missing price or rate is a gap.

use std::collections::{BTreeMap, BTreeSet};

use apex_analytics::gap::GapColumn;
use apex_analytics::valuation::nav::{Flow, Holding, NavSeries, Step, nav_series};
use apex_domain::{Currency, InstrumentId, InstrumentKind, TransactionKind};
use jiff::civil::{Date, Weekday};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rustc_hash::FxHashMap;

use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
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
    /// Each holding over time, in the order of `subjects`.
    pub holdings: Vec<apex_analytics::valuation::nav::HoldingSeries>,
    /// What each of the `holdings` is: an instrument, or the cash of a currency; accounts are added together.
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
        let rows = columns.days.len();
        let series = nav_series(rows, &columns.holdings()).unwrap_or_else(|err| {
            // Steps and flows are placed on these very days, in order.
            debug_assert!(false, "Invariant: columns fit the days: {err}");
            NavSeries {
                nav: GapColumn::unknown(rows),
                pnl: GapColumn::unknown(rows),
                missing: vec![0; rows],
                holdings: Vec::new(),
            }
        });
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
            holdings: series.holdings,
            subjects: columns.subjects.iter().map(|subject| subject.subject).collect(),
            days: columns.days,
        }
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

type StepsByDay = BTreeMap<Date, Decimal>;

impl Columns {
    fn of(fold: &PortfolioFold) -> Self {
        let book = fold.book();
        let mut quantities: BTreeMap<HistorySubject, Vec<Vec<(Date, Decimal)>>> = BTreeMap::new();
        for steps in book.quantity_steps() {
            let subject = HistorySubject::Instrument(steps.instrument);
            quantities.entry(subject).or_default().push(steps.steps);
            if !steps.accrued.is_empty() {
                // Income earned and not yet paid is a claim in the instrument's currency, priced at one like cash.
                if let Some(instrument) = fold.instrument(steps.instrument) {
                    quantities.entry(HistorySubject::Cash(instrument.currency)).or_default().push(steps.accrued);
                }
            }
        }
        for steps in book.cash_steps() {
            quantities.entry(HistorySubject::Cash(steps.currency)).or_default().push(steps.steps);
        }
        let summed: BTreeMap<HistorySubject, StepsByDay> =
            quantities.into_iter().map(|(subject, parts)| (subject, add_steps(&parts))).collect();
        let days = days(fold, &summed);
        let row_of = |day: Date| -> Option<usize> {
            let row = days.partition_point(|known| *known < day);
            (row < days.len()).then_some(row)
        };
        let mut rates: BTreeMap<Currency, GapColumn> = BTreeMap::new();
        let mut subjects = Vec::with_capacity(summed.len());
        let marks = marks(fold);
        for (subject, steps) in &summed {
            let (currency, multiplier) = match subject {
                HistorySubject::Cash(currency) => (*currency, 1.0),
                HistorySubject::Instrument(id) => {
                    let Some(instrument) = fold.instrument(*id) else { continue };
                    (instrument.currency, number(instrument.multiplier()))
                }
            };
            let rate = (currency != fold.currency()).then_some(currency);
            if rate.is_some() {
                rates.entry(currency).or_insert_with(|| rate_column(fold, currency, &days));
            }
            let mut rows: Vec<Step> = Vec::with_capacity(steps.len());
            for (day, quantity) in steps {
                let Some(row) = row_of(*day) else { break };
                let step = Step { row, quantity: number(*quantity) };
                match rows.last_mut() {
                    Some(last) if last.row == row => *last = step,
                    _ => rows.push(step),
                }
            }
            let prices = match subject {
                HistorySubject::Cash(_) => None,
                HistorySubject::Instrument(id) => Some(price_column(fold, *id, &days, &marks)),
            };
            subjects.push(SubjectColumns { subject: *subject, steps: rows, flows: Vec::new(), prices, rate, multiplier });
        }
        let mut columns = Self { days: days.clone(), subjects, rates, outside: Vec::new() };
        columns.place_flows(fold, row_of);
        columns
    }

    /// Books money between holdings, cash and the outside, so that each column's result is its own.
    fn place_flows(&mut self, fold: &PortfolioFold, row_of: impl Fn(Date) -> Option<usize>) {
        let book = fold.book();
        let place: FxHashMap<HistorySubject, usize> =
            self.subjects.iter().enumerate().map(|(at, subject)| (subject.subject, at)).collect();
        let mut put = |subject: HistorySubject, row: usize, amount: f64| {
            if let Some(columns) = place.get(&subject).and_then(|at| self.subjects.get_mut(*at)) {
                columns.flows.push(Flow { row, amount });
            }
        };
        for transaction in book.effective() {
            let Some(row) = row_of(transaction.trade_date) else { continue };
            let holding = transaction.instrument.filter(|_| transaction.kind != TransactionKind::Fx);
            let from_outside = matches!(
                transaction.kind,
                TransactionKind::Deposit
                    | TransactionKind::Withdrawal
                    | TransactionKind::TransferIn
                    | TransactionKind::TransferOut
            );
            for cash in book.cash_moves(transaction) {
                let base = cash.base.map_or(0.0, number);
                if holding.is_some() || from_outside || transaction.kind == TransactionKind::Fx {
                    put(HistorySubject::Cash(cash.currency), row, base);
                }
                if let Some(id) = holding {
                    put(HistorySubject::Instrument(id), row, -base);
                }
            }
        }
        for flow in book.flows() {
            let Some(row) = row_of(flow.date) else { continue };
            let amount = match flow.instrument {
                None => flow.base.map_or(0.0, number),
                Some(id) => {
                    let value = value_in_kind(fold, id, flow.quantity, flow.date).known().copied().map_or(0.0, number);
                    put(HistorySubject::Instrument(id), row, value);
                    value
                }
            };
            self.outside.push(Flow { row, amount });
        }
        for subject in &mut self.subjects {
            subject.flows.sort_by_key(|flow| flow.row);
        }
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

/// Adds step functions of several accounts into one.
fn add_steps(parts: &[Vec<(Date, Decimal)>]) -> StepsByDay {
    let mut changes: StepsByDay = BTreeMap::new();
    for part in parts {
        let mut before = Decimal::ZERO;
        for (day, quantity) in part {
            *changes.entry(*day).or_default() += quantity - before;
            before = *quantity;
        }
    }
    let mut total = Decimal::ZERO;
    changes
        .into_iter()
        .map(|(day, change)| {
            total += change;
            (day, total)
        })
        .collect()
}

fn days(fold: &PortfolioFold, summed: &BTreeMap<HistorySubject, StepsByDay>) -> Vec<Date> {
    let as_of = fold.as_of();
    let Some(first) = summed.values().filter_map(|steps| steps.keys().next()).min().copied() else {
        return Vec::new();
    };
    if first > as_of {
        return Vec::new();
    }
    let mut days: BTreeSet<Date> = BTreeSet::new();
    let mut priced = false;
    for (subject, steps) in summed {
        let HistorySubject::Instrument(id) = subject else { continue };
        let Some(held_from) = steps.keys().next() else { continue };
        let (dates, _) = fold.prices().columns(*id);
        let from = dates.partition_point(|day| day < held_from);
        let held = dates.get(from..).unwrap_or_default().iter().take_while(|day| **day <= as_of);
        let before = days.len();
        days.extend(held.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)));
        priced |= days.len() > before;
    }
    if !priced {
        let weekdays = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= as_of);
        days.extend(weekdays.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)));
    }
    days.insert(first);
    days.insert(as_of);
    days.into_iter().collect()
}

fn marks(fold: &PortfolioFold) -> BTreeMap<InstrumentId, Vec<(Date, Decimal)>> {
    let mut marks: BTreeMap<InstrumentId, Vec<(Date, Decimal)>> = BTreeMap::new();
    for mark in fold.book().marks() {
        marks.entry(mark.instrument).or_default().push((mark.date, mark.price));
    }
    marks
}

/// The last price of each day, as the valuation of a day takes it.
fn price_column(
    fold: &PortfolioFold,
    id: InstrumentId,
    days: &[Date],
    marks: &BTreeMap<InstrumentId, Vec<(Date, Decimal)>>,
) -> GapColumn {
    let (dates, prices) = fold.prices().columns(id);
    let marks = marks.get(&id).map_or(&[][..], Vec::as_slice);
    let is_private = fold.instrument(id).is_some_and(|one| one.kind == InstrumentKind::Private);
    let (mut next_price, mut next_mark) = (0, 0);
    days.iter()
        .map(|day| {
            while dates.get(next_price).is_some_and(|date| date <= day) {
                next_price += 1;
            }
            while marks.get(next_mark).is_some_and(|(date, _)| date <= day) {
                next_mark += 1;
            }
            let quoted = next_price.checked_sub(1).and_then(|at| Some((*dates.get(at)?, *prices.get(at)?)));
            let quoted = quoted.filter(|(date, _)| is_private || age_days(*date, *day) <= PRICE_AGE_DAYS_MAX);
            let mark = next_mark.checked_sub(1).and_then(|at| marks.get(at).copied());
            match (quoted, mark) {
                (Some((quoted_on, price)), Some((marked_on, _))) if quoted_on > marked_on => Some(number(price)),
                (_, Some((_, price))) => Some(number(price)),
                (Some((_, price)), None) => Some(number(price)),
                (None, None) => None,
            }
        })
        .collect()
}

fn rate_column(fold: &PortfolioFold, currency: Currency, days: &[Date]) -> GapColumn {
    let rate = |day: &Date| fold.prices().fx(currency, fold.currency(), *day).ok().map(|rate| number(rate.value));
    days.iter().map(rate).collect()
}

fn age_days(from: Date, to: Date) -> u32 {
    from.until(to).ok().and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}

/// The one place where ledger amounts become numbers of the engine.
fn number(value: Decimal) -> f64 {
    value.to_f64().unwrap_or(0.0)
}

