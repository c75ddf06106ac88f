//! What a stream missed, fetched as bars of a minute.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use apex_market_data::client::Client;
use apex_market_data::record::{Aggregate, Tick};
use apex_market_data::request::Ask;
use apex_market_data::{Bar, Interval, Window};
use apex_wire::feeds::Provider;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How long a budget may keep a gap waiting: what was missed is worth having for as long as the day lasts.
pub(super) const PATIENCE: Duration = Duration::from_secs(3_600);
/// No more than this is filled in: what is older belongs to the fetching of history.
const SPAN_MAX: SignedDuration = SignedDuration::from_hours(24 * 4);

/// What was not heard of a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    /// The provider's symbol.
    pub(super) symbol: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// Fetches and keeps what was missed, and returns it. It fails in the log alone: the stream goes on.
pub(super) type FillGap = Arc<dyn Fn(Gap) -> Pin<Box<dyn Future<Output = Vec<Tick>> + Send>> + Send + Sync>;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

pub(super) fn filler(client: Option<Arc<Client>>, provider: Provider) -> FillGap {
    Arc::new(move |gap| {
        let client = client.clone();
        Box::pin(async move {
            let Some(client) = client else { return Vec::new() };
            let ask = question(&gap);
            let only = |asked: apex_market_data::Provider| (asked.name() == provider.words()).then(|| ask.clone());
            match client.fetch(only, PATIENCE).await {
                Ok(fetched) => missed(&gap, fetched.records.bars),
                Err(err) => {
                    tracing::warn!("what the stream missed of {} is not filled in: {err}", gap.symbol);
                    Vec::new()
                }
            }
        })
    })
}

/// Puts a gap as a question: minutes of the days it lies in.
fn question(gap: &Gap) -> Ask {
    let first = gap.from.max(gap.to.saturating_sub(SPAN_MAX).unwrap_or(gap.from));
    // A provider's day is not that of UTC: one more on either side is asked for, and what was heard is left out again.
    let day = |instant: Timestamp| TimeZone::UTC.to_datetime(instant).date();
    Ask::Bars {
        symbol: gap.symbol.clone(),
        interval: Interval::Minute,
        from: day(first).yesterday().unwrap_or_else(|_| day(first)),
        to: day(gap.to),
    }
}

/// Returns the minutes that end within a gap, as the stream would have told them.
fn missed(gap: &Gap, bars: Vec<Bar>) -> Vec<Tick> {
    let of_gap = bars.into_iter().filter_map(|bar| {
        let Window::From(start) = bar.window else { return None };
        let until = start.checked_add(MINUTE).ok()?;
        (until > gap.from && until <= gap.to && bar.symbol == gap.symbol).then_some(Tick::Aggregate(Aggregate {
            bar,
            until,
            day_volume: None,
            day_open: None,
        }))
    });
    of_gap.collect()
}
