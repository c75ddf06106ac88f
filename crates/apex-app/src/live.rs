//! What streams say, for whoever looks on: one connection for each provider, up while somebody wants its prices.
//!
//! Streams belong to the open book: its settings say which there are, and they end when it is closed or left. Each
//! provider has a hub of its own, in its own symbols; an instrument is heard from the first provider in the order of trust
//! that streams and has a symbol for it, and from no other.

mod gap;
mod lent;
mod portfolio;
mod stream;
pub(crate) mod venue;
pub(crate) mod watcher;
pub(crate) mod watches;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use apex_market_data::hub::Hub;
use apex_wire::feeds::{Provider, StreamState};
use tokio::sync::watch;
use tokio::task::AbortHandle;

pub use lent::{Lent, Stream};
use stream::{Standing, Supervisor};
use watches::Watches;

use crate::App;

/// All streams of the open book.
#[derive(Debug, Default)]
pub(crate) struct Live {
    feeds: Mutex<BTreeMap<Provider, Feed>>,
    /// Counts the changes of what is streamed by whom, so that whoever listens knows when to look again.
    routes: Arc<AtomicU64>,
    pub(crate) lent: Mutex<lent::Lent>,
    pub(crate) quotes: Watches<crate::quotes::Told>,
    portfolios: Watches<portfolio::Told>,
    /// Counts the changes of alerts.
    alerts: watch::Sender<u64>,
}

/// One provider's stream.
#[derive(Debug)]
struct Feed {
    stream: Stream,
    /// Its place in the order of trust.
    place: usize,
    hub: Hub,
    standing: Arc<Mutex<Standing>>,
    task: AbortHandle,
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Live {
    fn feeds(&self) -> MutexGuard<'_, BTreeMap<Provider, Feed>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a change of the alerts.
    pub(crate) fn alerts_changed(&self) {
        self.alerts.send_modify(|count| *count += 1);
    }

    /// Returns how often alerts were changed.
    pub(crate) fn alerts(&self) -> u64 {
        *self.alerts.borrow()
    }

    /// Returns when alerts were changed more often than this.
    pub(crate) async fn alerts_to_change(&self, count: u64) {
        let mut changed = self.alerts.subscribe();
        // The sender lives as long as this does.
        changed.wait_for(|now| *now != count).await.ok();
    }

    /// Ends the watches that nobody has asked for a long time.
    pub(crate) fn forget(&self) {
        self.quotes.forget();
        self.portfolios.forget();
    }

    /// Ends all streams and watches: the book is closed or left.
    pub(crate) fn end(&self) {
        self.feeds().clear();
        self.quotes.clear();
        self.portfolios.clear();
        self.routes.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns a number that is another one when an instrument may be heard from another provider than before.
    pub(crate) fn routes(&self) -> u64 {
        self.routes.load(Ordering::Relaxed)
    }

    /// Returns how the streams stand, in the order of trust.
    pub(crate) fn states(&self) -> Vec<(Provider, StreamState)> {
        let feeds = self.feeds();
        let mut states: Vec<(usize, Provider, StreamState)> = feeds
            .iter()
            .map(|(provider, feed)| {
                let symbols = feed.hub.wanted().borrow().len();
                (feed.place, *provider, stream::standing(&feed.standing).state(symbols))
            })
            .collect();
        states.sort_by_key(|(place, ..)| *place);
        states
            .into_iter()
            .map(|(_, provider, state)| (provider, state))
            .collect()
    }

    /// Returns the providers to listen to in the order of trust, and their hubs; one that refuses the key is left out.
    fn hubs(&self) -> Vec<(Provider, Hub)> {
        let feeds = self.feeds();
        let usable = feeds
            .iter()
            .filter(|(_, feed)| !stream::standing(&feed.standing).is_refused());
        let mut hubs: Vec<(usize, Provider, Hub)> = usable
            .map(|(provider, feed)| (feed.place, *provider, feed.hub.clone()))
            .collect();
        hubs.sort_by_key(|(place, ..)| *place);
        hubs.into_iter().map(|(_, provider, hub)| (provider, hub)).collect()
    }
}

impl App {
    /// Has every provider streamed that the settings name, and no other. Called within a runtime, which then runs the
    /// streams.
    pub(crate) fn keep_streams(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let wanted = self.lent_streams();
        let mut feeds = self.live.feeds();
        let count = feeds.len();
        feeds.retain(|_, feed| {
            let place = wanted.iter().position(|stream| *stream == feed.stream);
            feed.place = place.unwrap_or(feed.place);
            place.is_some()
        });
        let mut has_changed = feeds.len() != count;
        for (place, stream) in wanted.into_iter().enumerate() {
            if feeds.contains_key(&stream.provider) {
                continue;
            }
            let hub = Hub::new();
            let standing = Arc::new(Mutex::new(Standing::default()));
            let supervisor = Supervisor {
                stream: stream.clone(),
                hub: hub.clone(),
                standing: Arc::clone(&standing),
                routes: Arc::clone(&self.live.routes),
                clock: self.lent_clock(),
                fill: self.filler(stream.provider),
            };
            let task = runtime.spawn(supervisor.run()).abort_handle();
            feeds.insert(
                stream.provider,
                Feed {
                    stream,
                    place,
                    hub,
                    standing,
                    task,
                },
            );
            has_changed = true;
        }
        if has_changed {
            self.live.routes.fetch_add(1, Ordering::Relaxed);
        }
    }
}
