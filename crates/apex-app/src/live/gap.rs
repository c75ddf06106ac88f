//! What a stream missed, fetched as bars of a minute, told to whoever listens, and kept beside the book.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use apex_domain::{Decimal, InstrumentId};
use apex_market_data::client::{Client, Fetched};
use apex_market_data::record::{Aggregate, Tick};
use apex_market_data::request::Ask;
use apex_market_data::{Bar, Interval, Window};
use apex_store::SeriesKey;
use apex_wire::feeds::Provider;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::venue::Venue;
use crate::app::{OpenedBook, WallClock};
use crate::feeds;

/// How long a budget may keep a gap waiting: what was missed is worth having for as long as the day lasts.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// No more than this is filled in: what is older belongs to the fetching of history.
const SPAN_MAX: SignedDuration = SignedDuration::from_hours(24 * 4);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// What was not heard of a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    /// The provider's symbol.
    pub(super) symbol: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// Whose a provider's symbols are.
pub(super) type Subjects = Arc<Mutex<BTreeMap<String, InstrumentId>>>;

/// The client of the settings as they are now.
#[derive(Clone)]
pub(super) struct LentClient(Arc<Mutex<Arc<Client>>>);

impl LentClient {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self(Arc::new(Mutex::new(client)))
    }

    pub(super) fn set(&self, client: Arc<Client>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }

    fn get(&self) -> Arc<Client> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for LentClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LentClient").finish_non_exhaustive()
    }
}

/// Fills the gaps of one provider's stream.
pub(super) struct Filler {
    pub(super) provider: Provider,
    pub(super) client: LentClient,
    /// The book may be closed while a stream winds up.
    pub(super) book: Weak<OpenedBook>,
    pub(super) subjects: Subjects,
    pub(super) clock: WallClock,
}

impl Filler {
    /// Fetches and keeps what was missed, and returns it. It fails in the log alone: the stream goes on.
    pub(super) async fn fill(&self, gap: Gap) -> Vec<Tick> {
        let client = self.client.get();
        let ask = question(&gap);
        let provider = feeds::provider_of(self.provider);
        let fetched = match client.fetch_only(provider, &ask, PATIENCE).await {
            Ok(fetched) => fetched,
            Err(err) => {
                tracing::warn!("what the stream missed of {} is not filled in: {err}", gap.symbol);
                return Vec::new();
            }
        };
        if let Err(err) = self.keep(&gap, &fetched).await {
            tracing::warn!("minutes of {} are not kept: {err}", gap.symbol);
        }
        let venue = self.venue(&gap);
        missed(&gap, fetched.records.bars, |instant| venue.day_of(instant))
    }

    /// Returns the exchange of what was missed; one that is not known where the book is closed.
    fn venue(&self, gap: &Gap) -> Venue {
        let listed = self.book.upgrade().and_then(|book| {
            let id = self.subject(gap)?;
            book.state().instruments.get(id).map(|instrument| Venue::of(instrument))
        });
        listed.unwrap_or_else(|| Venue::named(None))
    }

    /// Returns whose symbol it is.
    fn subject(&self, gap: &Gap) -> Option<InstrumentId> {
        let subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.get(&gap.symbol).copied()
    }

    /// Keeps the minutes as what the provider said.
    async fn keep(&self, gap: &Gap, fetched: &Fetched) -> Result<(), apex_store::StoreError> {
        let (Some(instrument), Some(book)) = (self.subject(gap), self.book.upgrade()) else {
            return Ok(());
        };
        let key = SeriesKey::Instrument(instrument);
        let Ok(subject) = feeds::subject(&book.state(), key) else {
            return Ok(());
        };
        let mut records = fetched.records.clone();
        records.bars.retain(|bar| is_within(gap, bar));
        let answer = (fetched.hashes.clone(), (self.clock)());
        let (said, _) = feeds::minutes::kept(self.provider, key, &records, &subject, answer);
        book.store.market().await?.add_source(&[said]).await?;
        Ok(())
    }
}

/// Puts a gap as a question: minutes of the days it lies in.
fn question(gap: &Gap) -> Ask {
    let first = gap.from.max(gap.to.saturating_sub(SPAN_MAX).unwrap_or(gap.from));
    // A provider's day is not that of UTC: one more before is asked for, and what was heard is left out again.
    let day = |instant: Timestamp| TimeZone::UTC.to_datetime(instant).date();
    Ask::Bars {
        symbol: gap.symbol.clone(),
        interval: Interval::Minute,
        from: day(first).yesterday().unwrap_or_else(|_| day(first)),
        to: day(gap.to),
    }
}

/// Returns the instant at which a minute ends; none for other bars.
fn until(bar: &Bar) -> Option<Timestamp> {
    match bar.window {
        Window::From(start) if bar.interval == Interval::Minute => start.checked_add(MINUTE).ok(),
        _ => None,
    }
}

/// Returns whether a minute ends within a gap.
fn is_within(gap: &Gap, bar: &Bar) -> bool {
    bar.symbol == gap.symbol && until(bar).is_some_and(|until| until > gap.from && until <= gap.to)
}

/// Returns the minutes that end within a gap, as the stream would have told them: with the volume of their day so far,
/// where that of every minute is known.
fn missed(gap: &Gap, mut bars: Vec<Bar>, day_of: impl Fn(Timestamp) -> Date) -> Vec<Tick> {
    bars.retain(|bar| bar.symbol == gap.symbol);
    bars.sort_by_key(until);
    bars.dedup_by_key(|bar| until(bar));
    let mut ticks = Vec::new();
    let mut day: Option<(Date, Option<Decimal>)> = None;
    for bar in bars {
        let (Window::From(start), Some(until)) = (&bar.window, until(&bar)) else {
            continue;
        };
        let date = day_of(*start);
        let before = match day {
            Some((known, volume)) if known == date => volume,
            _ => Some(Decimal::ZERO),
        };
        let volume = bar.figures.raw().and_then(|figures| figures.volume);
        let day_volume = before
            .zip(volume)
            .and_then(|(before, volume)| before.checked_add(volume));
        day = Some((date, day_volume));
        if is_within(gap, &bar) {
            ticks.push(Tick::Aggregate(Aggregate {
                until,
                bar,
                day_volume,
                day_open: None,
            }));
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use apex_market_data::record::{Basis, Ohlcv};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn minute(start: &str, volume: Option<i64>) -> Bar {
        Bar {
            symbol: "ACME".into(),
            interval: Interval::Minute,
            window: Window::From(at(start)),
            figures: Basis::Raw(Ohlcv {
                close: Some(Decimal::ONE_HUNDRED),
                volume: volume.map(Decimal::from),
                ..Ohlcv::default()
            }),
            adjusted_close: None,
            trades: None,
        }
    }

    fn gap() -> Gap {
        Gap {
            symbol: "ACME".into(),
            from: at("2026-03-09T14:31:00Z"),
            to: at("2026-03-10T14:31:30Z"),
        }
    }

    #[test]
    fn a_minute_that_was_missed_has_the_volume_of_its_day_so_far() {
        let volumes = |bars: Vec<Bar>| -> Vec<Option<Decimal>> {
            let ticks = missed(&gap(), bars, |instant| TimeZone::UTC.to_datetime(instant).date());
            let aggregates = ticks.into_iter().filter_map(|tick| match tick {
                Tick::Aggregate(aggregate) => Some(aggregate.day_volume),
                _ => None,
            });
            aggregates.collect()
        };
        let known = |volume: i64| Some(Decimal::from(volume));
        // Out of order and one twice; the first two minutes were heard, and the last is of the next day.
        let bars = vec![
            minute("2026-03-09T14:31:00Z", Some(40)),
            minute("2026-03-09T14:29:00Z", Some(10)),
            minute("2026-03-09T14:30:00Z", Some(20)),
            minute("2026-03-09T14:30:00Z", Some(20)),
            minute("2026-03-10T14:30:00Z", Some(5)),
        ];
        assert_eq!(volumes(bars), [known(70), known(5)]);
        let unknown = vec![
            minute("2026-03-09T14:30:00Z", None),
            minute("2026-03-09T14:31:00Z", Some(40)),
            minute("2026-03-10T14:30:00Z", Some(5)),
        ];
        assert_eq!(volumes(unknown), [None, known(5)]);
    }
}
