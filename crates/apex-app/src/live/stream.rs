//! One provider's stream: up while somebody wants its symbols, down when nobody has for a while, and what it missed is
//! filled in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use apex_market_data::hub::Hub;
use apex_market_data::live::{Event, Live, LiveSettings, polygon, yahoo};
use apex_market_data::redact::ApiKey;
use apex_wire::feeds::{Provider, StreamState};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::gap::{FillGap, Gap};
use super::lent::{Clock, Stream};

/// For so long a connection stays up that nobody wants anything of.
const IDLE: Duration = Duration::from_secs(30);
/// How often the clocks are compared.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The wall clock runs ahead of the other one by so much when the machine has slept.
const SLEPT: SignedDuration = SignedDuration::from_secs(30);
/// What Polygon is asked for of each symbol: bars of a minute and of a second, trades, and the best bid and offer. What the
/// plan behind the key does not include it refuses one by one.
const CHANNELS: [&str; 4] = ["AM", "A", "T", "Q"];

/// How a stream stands.
#[derive(Debug, Default)]
pub(super) enum Standing {
    #[default]
    Off,
    Connecting,
    Up {
        since: Timestamp,
    },
    Down {
        since: Timestamp,
        reason: String,
        /// The key is refused: it is not tried again before the settings change.
        is_refused: bool,
    },
}

impl Standing {
    pub(super) fn state(&self, symbols: usize) -> StreamState {
        match self {
            Self::Off => StreamState::Off,
            Self::Connecting => StreamState::Connecting,
            Self::Up { since } => StreamState::Up { since: *since, symbols },
            Self::Down { since, reason, .. } => StreamState::Down {
                since: *since,
                reason: reason.clone(),
            },
        }
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Self::Down { is_refused: true, .. })
    }
}

pub(super) fn standing(standing: &Mutex<Standing>) -> MutexGuard<'_, Standing> {
    standing.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks after the stream of one provider until it is dropped.
pub(super) struct Supervisor {
    pub(super) stream: Stream,
    pub(super) hub: Hub,
    pub(super) standing: Arc<Mutex<Standing>>,
    pub(super) routes: Arc<AtomicU64>,
    pub(super) clock: Clock,
    pub(super) fill: FillGap,
}

/// What is to be filled in: of each symbol, from when to when.
#[derive(Debug, Default)]
struct Gaps {
    open: Mutex<BTreeMap<String, (Timestamp, Timestamp)>>,
    ready: Notify,
}

impl Gaps {
    fn add(&self, symbol: String, from: Timestamp, to: Timestamp) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let gap = open.entry(symbol).or_insert((from, to));
        *gap = (gap.0.min(from), gap.1.max(to));
        self.ready.notify_one();
    }

    async fn next(&self) -> Gap {
        loop {
            let first = self.open.lock().unwrap_or_else(PoisonError::into_inner).pop_first();
            if let Some((symbol, (from, to))) = first {
                return Gap { symbol, from, to };
            }
            self.ready.notified().await;
        }
    }
}

impl Supervisor {
    pub(super) async fn run(self) {
        let (channels, wanted) = watch::channel(BTreeSet::new());
        let key = self.stream.key.clone().unwrap_or_else(|| ApiKey::new(""));
        let settings = LiveSettings::new(self.stream.address.clone());
        let mut live = match self.stream.provider {
            Provider::Polygon => polygon::live(settings, key, wanted),
            Provider::Yahoo => yahoo::live(settings, wanted),
            Provider::AlphaVantage | Provider::Files => return,
        };
        let gaps = Gaps::default();
        tokio::join!(self.keep(&mut live, &channels, &gaps), self.fill_in(&gaps));
    }

    /// Has the stream up while somebody wants it.
    async fn keep(&self, live: &mut Live, channels: &watch::Sender<BTreeSet<String>>, gaps: &Gaps) {
        loop {
            let mut wanted = self.hub.wanted();
            if wanted.wait_for(|wanted| !wanted.is_empty()).await.is_err() {
                return;
            }
            *standing(&self.standing) = Standing::Connecting;
            channels.send_replace(self.channels(&wanted.borrow_and_update()));
            let now = || (self.clock)();
            tokio::select! {
                reason = live.run(&now, |event| self.take(event, gaps)) => {
                    tracing::warn!("the stream of {} has ended: {reason}", self.stream.name());
                    *standing(&self.standing) = Standing::Down {
                        since: now(),
                        reason: reason.to_string(),
                        is_refused: true,
                    };
                    // Others may be asked from now on.
                    self.routes.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                () = self.pass_on(wanted, channels) => *standing(&self.standing) = Standing::Off,
                // What the connection said meanwhile is lost; opened anew it tells what was missed.
                () = self.sleep() => {}
            }
        }
    }

    /// Tells the stream what is wanted, until nothing has been for a while.
    async fn pass_on(&self, mut wanted: watch::Receiver<BTreeSet<String>>, channels: &watch::Sender<BTreeSet<String>>) {
        loop {
            let is_empty = wanted.borrow().is_empty();
            let changed = wanted.changed();
            let changed = if is_empty {
                match tokio::time::timeout(IDLE, changed).await {
                    Ok(changed) => changed,
                    Err(_) => return,
                }
            } else {
                changed.await
            };
            if changed.is_err() {
                return;
            }
            channels.send_replace(self.channels(&wanted.borrow_and_update()));
        }
    }

    /// Returns after the machine has slept: the wall clock went on, and the other did not.
    async fn sleep(&self) {
        loop {
            let (wall, steady) = ((self.clock)(), Instant::now());
            tokio::time::sleep(LOOK_EVERY).await;
            let passed = SignedDuration::try_from(steady.elapsed()).unwrap_or(SignedDuration::MAX);
            if (self.clock)().duration_since(wall) > passed.saturating_add(SLEPT) {
                return;
            }
        }
    }

    /// Returns what the provider is asked for.
    fn channels(&self, symbols: &BTreeSet<String>) -> BTreeSet<String> {
        match self.stream.provider {
            Provider::Polygon => symbols
                .iter()
                .flat_map(|symbol| CHANNELS.map(|channel| format!("{channel}.{symbol}")))
                .collect(),
            _ => symbols.clone(),
        }
    }

    /// Takes what the stream says. Never waits.
    fn take(&self, event: Event, gaps: &Gaps) {
        let now = (self.clock)();
        match event {
            Event::Tick(tick) => self.hub.publish([tick], now),
            Event::Display(display) => self.hub.show(display, now),
            Event::Up => *standing(&self.standing) = Standing::Up { since: now },
            Event::Gap { symbol, from, to } => gaps.add(symbol, from, to),
            Event::Unreadable(err) => tracing::warn!("a message of {} is left out: {err}", self.stream.name()),
            Event::Down { reason, .. } => {
                let mut standing = standing(&self.standing);
                let since = match *standing {
                    Standing::Down { since, .. } => since,
                    _ => now,
                };
                *standing = Standing::Down {
                    since,
                    reason: reason.to_string(),
                    is_refused: false,
                };
            }
        }
    }

    /// Fills in what was missed, one symbol after the other.
    async fn fill_in(&self, gaps: &Gaps) {
        loop {
            let gap = gaps.next().await;
            let ticks = (self.fill)(gap).await;
            self.hub.publish(ticks, (self.clock)());
        }
    }
}
