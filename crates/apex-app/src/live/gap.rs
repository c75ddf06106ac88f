//! What a stream missed, fetched as bars of a minute, told to whoever listens, and kept beside the book.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use apex_domain::InstrumentId;
use apex_market_data::client::{Client, Fetched};
use apex_market_data::record::{Aggregate, Tick};
use apex_market_data::request::Ask;
use apex_market_data::{Bar, Interval, Window};
use apex_store::{BarWindow, SeriesKey, SourceBar, SourceSaid};
use apex_wire::feeds::Provider;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::app::{OpenedBook, WallClock};

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
        let only = |asked: apex_market_data::Provider| (asked.name() == self.provider.words()).then(|| ask.clone());
        let fetched = match client.fetch(only, PATIENCE).await {
            Ok(fetched) => fetched,
            Err(err) => {
                tracing::warn!("what the stream missed of {} is not filled in: {err}", gap.symbol);
                return Vec::new();
            }
        };
        if let Err(err) = self.keep(&gap, &fetched).await {
            tracing::warn!("minutes of {} are not kept: {err}", gap.symbol);
        }
        missed(&gap, fetched.records.bars)
    }

    /// Keeps the minutes as what the provider said.
    async fn keep(&self, gap: &Gap, fetched: &Fetched) -> Result<(), apex_store::StoreError> {
        let instrument = {
            let subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
            subjects.get(&gap.symbol).copied()
        };
        let (Some(instrument), Some(book)) = (instrument, self.book.upgrade()) else {
            return Ok(());
        };
        let bars = fetched.records.bars.iter().filter(|bar| is_within(gap, bar));
        let said = SourceSaid {
            key: SeriesKey::Instrument(instrument),
            source: self.provider.words().to_owned(),
            known_at: (self.clock)(),
            hashes: fetched.hashes.clone(),
            bars: bars.filter_map(kept).collect(),
            actions: Vec::new(),
        };
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

/// Returns the minutes that end within a gap, as the stream would have told them.
fn missed(gap: &Gap, bars: Vec<Bar>) -> Vec<Tick> {
    let of_gap = bars.into_iter().filter(|bar| is_within(gap, bar));
    let ticks = of_gap.filter_map(|bar| {
        Some(Tick::Aggregate(Aggregate {
            until: until(&bar)?,
            bar,
            day_volume: None,
            day_open: None,
        }))
    });
    ticks.collect()
}

/// Returns a minute as it is kept; none where it is not as traded.
fn kept(bar: &Bar) -> Option<SourceBar> {
    let Window::From(start) = bar.window else { return None };
    let figures = bar.figures.raw()?;
    Some(SourceBar {
        window: BarWindow::Minute(start),
        open: figures.open,
        high: figures.high,
        low: figures.low,
        close: figures.close,
        volume: figures.volume,
    })
}
