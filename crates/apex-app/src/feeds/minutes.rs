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
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::{named, not_ahead, provider_of, source_of, status, subject};
use crate::App;
use crate::error::{AppError, Result};

/// How long a budget may keep somebody waiting who looks at the chart.
const PATIENCE: Duration = Duration::from_secs(10);
/// What was asked less than this ago is not asked again: no minute has ended since.
const REST: SignedDuration = SignedDuration::from_secs(50);

/// From which day on the minutes of instruments were asked for while the book was open, and when last.
#[derive(Default)]
pub(super) struct Asked(Mutex<BTreeMap<InstrumentId, (Date, Timestamp)>>);

impl Asked {
    /// Returns the first day to ask for; none where all was asked for just now.
    fn next(&self, instrument: InstrumentId, from: Date, now: Timestamp) -> Option<Date> {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match asked.get(&instrument) {
            Some((first, last)) if *first <= from => {
                (now.duration_since(*last) >= REST).then(|| TimeZone::UTC.to_datetime(*last).date().max(from))
            }
            _ => Some(from),
        }
    }

    fn note(&self, instrument: InstrumentId, from: Date, now: Timestamp) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, last) = asked.entry(instrument).or_insert((from, now));
        (*first, *last) = (from.min(*first), now);
    }

    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
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
        let instrument = state.instruments.get(ask.instrument);
        let instrument = instrument.ok_or_else(|| AppError::not_found("instrument", ask.instrument))?;
        not_ahead(Some(ask.from), self.today())?;
        let none = |note: String| MinutesFetched {
            added: 0,
            note: Some(note),
        };
        let now = self.now();
        let Some(from) = book.feeds.minutes.next(ask.instrument, ask.from, now) else {
            return Ok(MinutesFetched { added: 0, note: None });
        };
        let (client, symbols) = (self.client().await?, self.feed_symbols().await?);
        let has_minutes = |provider| matches!(provider, record::Provider::Polygon | record::Provider::Yahoo);
        if !client.providers().any(has_minutes) {
            let words = "no source that has minutes is switched on; set Polygon or Yahoo up on the Data page";
            return Ok(none(words.to_owned()));
        }
        let question = |provider| {
            Some(Ask::Bars {
                symbol: self.symbol_at(&symbols, instrument, named(provider))?,
                interval: Interval::Minute,
                from,
                to: self.today(),
            })
        };
        let fetched = client.fetch(question, PATIENCE).await;
        status::note(&book, now, &fetched).await?;
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(err) => return Ok(none(err.to_string())),
        };
        let key = SeriesKey::Instrument(ask.instrument);
        let subject = subject(&state, key)?;
        let (said, misfit) = kept(
            named(fetched.provider),
            key,
            &fetched.records,
            &subject,
            (fetched.hashes, now),
        );
        let added = book.store.market().await?.add_source(&[said]).await?;
        book.feeds.minutes.note(ask.instrument, ask.from, now);
        Ok(MinutesFetched { added, note: misfit })
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
    let bars = normal.minutes.into_iter().map(|(start, figures)| SourceBar {
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
