//! The minutes of an instrument, fetched when somebody looks at them: history is of days, and nobody wants the minutes of
//! everything.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use apex_domain::{Date, InstrumentId, Timestamp};
use apex_market_data::pipeline::{self, Subject};
use apex_market_data::record::{self, Interval, Records};
use apex_market_data::request::Ask;
use apex_store::{BarWindow, SeriesKey, SourceBar, SourceSaid};
use apex_wire::Failure;
use apex_wire::feeds::Provider;
use apex_wire::quotes::{FetchMinutes, MinutesFetched};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::{named, not_ahead, provider_of, source_of, status, subject};
use crate::App;
use crate::error::Result;

/// How long a budget may keep somebody waiting who looks at the chart.
const PATIENCE: Duration = Duration::from_secs(10);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// What was asked less than this ago is not asked again: no minute has ended since.
const REST: SignedDuration = SignedDuration::from_secs(50);
/// The longest rest: where nothing new comes, or nothing at all, each rest is twice as long as the one before.
const REST_MAX: SignedDuration = SignedDuration::from_mins(10);
/// Yahoo tells the minutes of no more days at once, those that its question is widened by left out.
const YAHOO_DAYS: i64 = 4;

/// How asking for the minutes of instruments went while the book was open.
#[derive(Default)]
pub(super) struct Asked(Mutex<BTreeMap<InstrumentId, Turn>>);

#[derive(Debug, Clone)]
struct Turn {
    /// From which day on minutes were told; none where nobody answered.
    first: Option<Date>,
    /// When somebody was asked last.
    at: Timestamp,
    rest: SignedDuration,
    /// Why nothing came then.
    note: Option<String>,
}

/// Whether somebody is to be asked.
#[derive(Debug, PartialEq)]
enum Next {
    /// From this day on.
    From(Date),
    /// Not yet; why nothing came last.
    Rest(Option<String>),
}

impl Asked {
    fn next(&self, instrument: InstrumentId, from: Date, now: Timestamp) -> Next {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(turn) = asked.get(&instrument) else {
            return Next::From(from);
        };
        let is_told = turn.first.is_some_and(|first| first <= from);
        let rests = now.duration_since(turn.at) < turn.rest;
        match (is_told, rests) {
            (true, true) => Next::Rest(turn.note.clone()),
            // The day before too: a provider's day is not that of UTC.
            (true, false) => Next::From(day_of(turn.at).yesterday().unwrap_or(from)),
            (false, true) if turn.first.is_none() => Next::Rest(turn.note.clone()),
            (false, _) => Next::From(from),
        }
    }

    fn note(&self, instrument: InstrumentId, now: Timestamp, first: Option<Date>, fetched: &MinutesFetched) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = asked.get(&instrument);
        let longer = before.map_or(REST, |turn| turn.rest.saturating_mul(2).min(REST_MAX));
        let known = before.and_then(|turn| turn.first);
        let turn = Turn {
            first: known.into_iter().chain(first).min(),
            at: now,
            rest: if fetched.added > 0 { REST } else { longer },
            note: fetched.note.clone(),
        };
        asked.insert(instrument, turn);
    }

    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn day_of(instant: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(instant).date()
}

impl App {
    /// Fetches the minutes of an instrument from a day on that were not asked for yet, and keeps them beside the book.
    /// That nobody has them is a sentence of the answer.
    ///
    /// # Errors
    /// When no book is open, the instrument is not in it, the day lies ahead, or the book cannot be written.
    pub async fn fetch_minutes(&self, ask: FetchMinutes) -> Result<MinutesFetched, Failure> {
        Ok(self.minutes_from(&ask).await?)
    }

    async fn minutes_from(&self, ask: &FetchMinutes) -> Result<MinutesFetched> {
        let book = self.book()?;
        let state = book.state();
        let instrument = state.instrument(ask.instrument)?;
        let now = self.now();
        let today = self.today();
        let to = state.standing_clock().unwrap_or_else(|| today.max(day_of(now)));
        not_ahead(Some(ask.from), to)?;
        let from = match book.feeds.minutes.next(ask.instrument, ask.from, now) {
            Next::From(from) => from.min(to),
            Next::Rest(note) => return Ok(MinutesFetched { added: 0, note }),
        };
        let (client, symbols) = (self.client().await?, self.feed_symbols().await?);
        let has_minutes =
            |provider: &record::Provider| matches!(provider, record::Provider::Polygon | record::Provider::Yahoo);
        let providers: Vec<record::Provider> = client.providers().filter(has_minutes).collect();
        let mut fetched = MinutesFetched {
            added: 0,
            note: Some(
                "no source that has minutes is switched on; set Polygon or Yahoo up on the Data page".to_owned(),
            ),
        };
        if providers.is_empty() {
            return Ok(fetched);
        }
        let key = SeriesKey::Instrument(ask.instrument);
        let subject = subject(&state, key)?;
        let mut first = None;
        for provider in providers {
            let Some(symbol) = self.symbol_at(&symbols, instrument, named(provider)) else {
                continue;
            };
            let from = match provider {
                record::Provider::Yahoo => from.max(to.saturating_sub(YAHOO_DAYS.days())),
                _ => from,
            };
            let question = Ask::Bars {
                symbol: symbol.clone(),
                interval: Interval::Minute,
                from,
                to,
            };
            let answer = client.fetch_only(provider, &question, PATIENCE).await;
            status::note(&book, now, &answer).await?;
            let answer = match answer {
                Ok(answer) => answer,
                Err(err) => {
                    fetched.note = Some(err.to_string());
                    continue;
                }
            };
            first = first.into_iter().chain([from]).min();
            let (said, misfit) = kept(named(provider), key, &answer.records, &subject, (answer.hashes, now));
            if said.bars.is_empty() {
                fetched.note = misfit.or_else(|| Some(format!("{provider} has no minutes of {symbol} since {from}")));
                continue;
            }
            fetched = MinutesFetched {
                added: book.store.market().await?.add_source(&[said]).await?,
                note: None,
            };
            break;
        }
        book.feeds.minutes.note(ask.instrument, now, first, &fetched);
        Ok(fetched)
    }
}

/// Returns minutes as they are kept, as traded and in the instrument's currency, and why none is, where they are in another.
pub(crate) fn kept(
    provider: Provider,
    key: SeriesKey,
    records: &Records,
    subject: &Subject,
    (hashes, known_at): (Vec<String>, Timestamp),
) -> (SourceSaid, Option<String>) {
    let normal = pipeline::normalize(provider_of(provider), records, subject);
    // Some providers end with the minute that has not ended yet, stamped by its last trade.
    let has_ended = |start: Timestamp| {
        let is_minute = start.as_second() % 60 == 0 && start.subsec_nanosecond() == 0;
        is_minute && known_at.duration_since(start) >= MINUTE
    };
    let bars = normal.minutes.into_iter().filter(|(start, _)| has_ended(*start));
    let bars = bars.map(|(start, figures)| SourceBar {
        window: BarWindow::Minute(start),
        open: figures.open,
        high: figures.high,
        low: figures.low,
        close: figures.close,
        volume: figures.volume,
    });
    let said = SourceSaid {
        key,
        source: source_of(provider),
        known_at,
        hashes,
        bars: bars.collect(),
        actions: Vec::new(),
    };
    (said, normal.findings.into_iter().next().map(|finding| finding.reason))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn came(added: usize) -> MinutesFetched {
        MinutesFetched {
            added,
            note: (added == 0).then(|| "nothing".to_owned()),
        }
    }

    #[test]
    fn what_was_told_is_asked_for_from_the_day_before_on_and_a_longer_stretch_at_once() {
        let (asked, id) = (
            Asked::default(),
            InstrumentId::from_parts(at("2026-03-01T00:00:00Z"), [1; 10]),
        );
        let monday = date(2026, 3, 9);
        assert_eq!(asked.next(id, monday, at("2026-03-09T15:00:00Z")), Next::From(monday));
        asked.note(id, at("2026-03-09T15:00:00Z"), Some(monday), &came(90));
        assert_eq!(asked.next(id, monday, at("2026-03-09T15:00:30Z")), Next::Rest(None));
        let friday = date(2026, 3, 6);
        assert_eq!(asked.next(id, friday, at("2026-03-09T15:00:30Z")), Next::From(friday));
        // A week later the days between are asked for too.
        assert_eq!(
            asked.next(id, date(2026, 3, 16), at("2026-03-16T15:00:00Z")),
            Next::From(date(2026, 3, 8))
        );
    }

    #[test]
    fn where_nothing_comes_the_rests_grow_longer() {
        let (asked, id) = (
            Asked::default(),
            InstrumentId::from_parts(at("2026-03-01T00:00:00Z"), [1; 10]),
        );
        let (monday, mut now, mut questions) = (date(2026, 3, 9), at("2026-03-09T15:00:00Z"), 0);
        // Looked at each minute for an hour, while nobody answers.
        for _ in 0..60 {
            if asked.next(id, monday, now) != Next::Rest(Some("nothing".to_owned())) {
                questions += 1;
                asked.note(id, now, None, &came(0));
            }
            now += MINUTE;
        }
        // After 0, 1, 3, 7, 14, 24, 34, 44 and 54 minutes.
        assert_eq!(questions, 9);
    }
}
