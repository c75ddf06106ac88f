//! How fresh the prices are, and one instrument's year day by day.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Instrument, InstrumentId, InstrumentKind, Terms};
use apex_store::{FetchLog, SeriesKey};
use apex_wire::Failure;
use apex_wire::feeds::{
    Coverage, CoverageDay, DayState, FindingState, Freshness, FreshnessRow, GetCoverage, GetFreshness, GetQuarantine,
};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::session::{SessionDay, Sessions};
use super::trust::is_repaired;
use super::wanted::is_listed;
use crate::App;
use crate::error::{AppError, Result};
use crate::grid::contains;
use crate::state::State;

/// What is written in the log of a fetch of prices.
pub(super) const PRICES: &str = "prices";

impl App {
    /// Returns how fresh the prices of the instruments are, the most behind first.
    ///
    /// # Errors
    /// When no book is open or it cannot be read.
    pub async fn get_freshness(&self, ask: GetFreshness) -> Result<Freshness, Failure> {
        let book = self.book()?;
        let state = book.state();
        let market = book.store.market().await.map_err(AppError::from)?;
        let symbols = super::settings::symbols(market).await?;
        let waiting = waiting_by_instrument(self).await?;
        let logs = market.fetch_logs().await.map_err(AppError::from)?;
        let logs: BTreeMap<InstrumentId, FetchLog> = logs
            .into_iter()
            .filter(|log| log.what == PRICES)
            .filter_map(|log| match log.key {
                SeriesKey::Instrument(id) => Some((id, log)),
                SeriesKey::Pair(..) => None,
            })
            .collect();
        let (today, now) = (self.today().min(ask.as_of.unwrap_or(Date::MAX)), self.now());
        let words: Vec<String> = ask.search.split_whitespace().map(str::to_lowercase).collect();
        let mut rows = Vec::new();
        for instrument in state.instruments.all() {
            // A private asset has a mark when somebody makes one, and is never behind.
            let is_priced = instrument.kind != InstrumentKind::Private;
            let first = state.prices.columns(instrument.id).0.first();
            let has_prices = is_priced && first.is_some_and(|first| *first <= today);
            let is_asked = words
                .iter()
                .all(|word| contains(instrument.symbol(), word) || contains(&instrument.name, word));
            if is_asked && (has_prices || is_listed(instrument, &symbols)) {
                let sessions = Sessions::of(instrument.exchange.as_deref());
                let until = last_day(instrument).unwrap_or(Date::MAX);
                let until = sessions.last_ended(today, now).min(until);
                let mut row = row(&state, instrument, sessions, until);
                row.theirs = symbols.of(instrument.id);
                row.waiting = waiting.get(&instrument.id).copied().unwrap_or(0);
                if let Some(log) = logs.get(&instrument.id) {
                    row.asked = Some(log.at);
                    row.error.clone_from(&log.error);
                    row.remarks.clone_from(&log.remarks);
                }
                rows.push(row);
            }
        }
        let behind = |row: &FreshnessRow| (row.last.is_none(), row.sessions_behind, row.waiting, row.gaps);
        rows.sort_by(|left, right| behind(right).cmp(&behind(left)).then(left.symbol.cmp(&right.symbol)));
        let without = rows.iter().filter(|row| row.last.is_none()).count();
        let fresh = rows
            .iter()
            .filter(|row| row.last.is_some() && row.sessions_behind == 0)
            .count();
        let asked: BTreeSet<InstrumentId> = rows.iter().map(|row| row.instrument).collect();
        let mut splits = self.missing_splits(&book, &state).await?;
        splits.retain(|split| asked.contains(&split.instrument) && split.ex_date <= today);
        Ok(Freshness {
            today,
            fresh,
            without,
            behind: rows.len() - fresh - without,
            rows,
            splits,
        })
    }

    /// Returns one instrument's days of a year.
    ///
    /// # Errors
    /// When there is no such instrument, or the year is none of the calendar's.
    pub async fn get_coverage(&self, ask: GetCoverage) -> Result<Coverage, Failure> {
        let state = self.state()?;
        let instrument = state.instrument(ask.instrument)?;
        let first = Date::new(ask.year, 1, 1)
            .map_err(|_| AppError::field("year", format!("{} is no year of the calendar", ask.year)))?;
        let sessions = Sessions::of(instrument.exchange.as_deref());
        let (days, _) = state.prices.columns(ask.instrument);
        let years: BTreeSet<i16> = days.iter().map(|day| day.year()).collect();
        let held_back = self.days_waiting(ask.instrument).await?;
        let span = days.first().copied().zip(days.last().copied());
        let until = last_day(instrument).unwrap_or(Date::MAX);
        let until = sessions.last_ended(self.today(), self.now()).min(until);
        let mut covered = Vec::with_capacity(366);
        for day in first.series(1.day()).take_while(|day| day.year() == ask.year) {
            let priced = state.prices.price(ask.instrument, day, 0).ok();
            let source = priced.map(|priced| priced.source);
            let state = match (&source, sessions.day(day)) {
                (Some(_), SessionDay::Closed) => DayState::Unexpected,
                (Some(source), _) if is_repaired(source) => DayState::Repaired,
                (Some(_), SessionDay::Short) => DayState::ShortPriced,
                (Some(_), SessionDay::Full) => DayState::Priced,
                (None, SessionDay::Closed) => DayState::Closed,
                (None, _) if held_back.contains(&day) => DayState::Waiting,
                (None, _) if span.is_none_or(|(first, _)| day < first) || day > until => DayState::Outside,
                (None, _) => DayState::Missing,
            };
            covered.push(CoverageDay {
                date: day,
                state,
                source,
            });
        }
        Ok(Coverage {
            years: years.into_iter().collect(),
            exchange: sessions.mic().map(str::to_owned),
            days: covered,
        })
    }

    /// Returns the days of an instrument that wait for a person.
    async fn days_waiting(&self, instrument: InstrumentId) -> Result<BTreeSet<Date>, Failure> {
        let ask = GetQuarantine {
            instrument: Some(instrument),
            settled: true,
        };
        let held_back = self
            .get_quarantine(ask)
            .await?
            .into_iter()
            .filter(|finding| matches!(finding.state, FindingState::Waiting | FindingState::LeftOut));
        let spans = held_back.map(|finding| (finding.from, finding.until));
        let days = spans.flat_map(|(from, until)| from.series(1.day()).take_while(move |day| *day <= until));
        Ok(days.collect())
    }
}

async fn waiting_by_instrument(app: &App) -> Result<BTreeMap<InstrumentId, usize>, Failure> {
    let ask = GetQuarantine {
        instrument: None,
        settled: false,
    };
    let mut waiting = BTreeMap::new();
    for id in app
        .get_quarantine(ask)
        .await?
        .into_iter()
        .filter_map(|finding| finding.instrument)
    {
        *waiting.entry(id).or_insert(0) += 1;
    }
    Ok(waiting)
}

fn row(state: &State, instrument: &Instrument, sessions: Sessions, until: Date) -> FreshnessRow {
    let (days, _) = state.prices.columns(instrument.id);
    let days = &days[..days.partition_point(|day| *day <= until)];
    let last = days.last().copied();
    let source = last.and_then(|last| state.prices.price(instrument.id, last, 0).ok());
    let gaps = days
        .windows(2)
        .map(|pair| {
            sessions
                .between(pair[0], pair[1])
                .saturating_sub(usize::from(sessions.is_session(pair[1])))
        })
        .sum();
    FreshnessRow {
        instrument: instrument.id,
        symbol: instrument.symbol().to_owned(),
        name: instrument.name.clone(),
        exchange: sessions.mic().map(str::to_owned),
        source: source.map(|priced| priced.source),
        first: days.first().copied(),
        last,
        days: days.len(),
        sessions_behind: last.map_or(0, |last| sessions.between(last, until)),
        gaps,
        waiting: 0,
        theirs: Vec::new(),
        asked: None,
        error: None,
        remarks: Vec::new(),
    }
}

/// Returns the last day on which a bond or an option has a price: what has ended is not behind.
fn last_day(instrument: &Instrument) -> Option<Date> {
    match &instrument.terms {
        Terms::Bond { maturity, .. } => Some(*maturity),
        Terms::Option { expiry, .. } => Some(*expiry),
        Terms::None | Terms::CurrencyPair { .. } => None,
    }
}

/// The first day that history is asked for where none is known: ten years back.
pub(super) fn ten_years_before(day: Date) -> Date {
    day.checked_sub(10.years()).unwrap_or(date(1970, 1, 1))
}
