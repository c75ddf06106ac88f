//! What streams say, for whoever looks on: one connection for each provider, up while somebody wants its prices.
//!
//! Streams belong to the open book: its settings say which there are, and they end when it is closed or left. Each
//! provider has a hub of its own, in its own symbols; an instrument is heard from the first provider in the order of trust
//! that streams and has a symbol for it, and from no other.

mod count;
mod gap;
mod portfolio;
mod stream;
pub(crate) mod venue;
pub(crate) mod watcher;
pub(crate) mod watches;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use apex_domain::{Instrument, InstrumentId};
use apex_market_data::Url;
use apex_market_data::client::Client;
use apex_market_data::hub::Hub;
use apex_market_data::redact::ApiKey;
use apex_wire::feeds::{Provider, StreamState};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use uuid::Uuid;

use gap::{Filler, LentClient, Subjects};
use stream::{Standing, Supervisor};
use watches::Watches;

use crate::App;
use crate::app::OpenedBook;
use crate::error::Result;
use crate::feeds::{self, Symbols};

/// All streams of the open book.
#[derive(Debug, Default)]
pub(crate) struct Live {
    feeds: Mutex<BTreeMap<Provider, Feed>>,
    /// Counts the changes of what is streamed by whom, so that whoever listens knows when to look again.
    routes: Arc<AtomicU64>,
    /// How often all streams were ended.
    ends: AtomicU64,
    /// What the streams are of: how often all were ended before, the book, and how often its settings were changed.
    kept: tokio::sync::Mutex<Option<(u64, Uuid, u64)>>,
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
    subjects: Subjects,
    client: LentClient,
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
        self.ends.fetch_add(1, Ordering::Relaxed);
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

    /// Returns how one provider's stream stands; off where it has none.
    pub(crate) fn state_of(&self, provider: Provider) -> StreamState {
        let states = self.states().into_iter();
        let mut state = states.filter(|(known, _)| *known == provider).map(|(_, state)| state);
        state.next().unwrap_or_default()
    }

    /// Takes note of whose a provider's symbols are.
    fn learn(&self, provider: Provider, subjects: impl Iterator<Item = (String, InstrumentId)>) {
        if let Some(feed) = self.feeds().get(&provider) {
            let mut known = feed.subjects.lock().unwrap_or_else(PoisonError::into_inner);
            known.extend(subjects);
        }
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

/// How a stream is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stream {
    /// How often all streams were ended before: those of a book that is closed are none of the next one's.
    ends: u64,
    provider: Provider,
    address: Url,
    key: Option<ApiKey>,
}

impl App {
    /// Has every provider streamed that the settings name, and no other, where the settings have changed since the last
    /// time. Whoever listens has the closes all the same where they cannot be read.
    pub(crate) async fn keep_streams(&self) {
        let Ok(book) = self.book() else { return };
        let mut kept = self.live.kept.lock().await;
        let ends = self.live.ends.load(Ordering::Relaxed);
        let wanted = (ends, book.store.book_id(), book.feeds.changes());
        if *kept == Some(wanted) {
            return;
        }
        match self.change_streams(&book, ends).await {
            Ok(()) => *kept = Some(wanted),
            Err(err) => tracing::warn!("the settings of streams cannot be read: {err}"),
        }
    }

    async fn change_streams(&self, book: &Arc<OpenedBook>, ends: u64) -> Result<()> {
        let settings = self.stream_settings().await?;
        let client = self.client().await?;
        let wanted: Vec<Stream> = settings
            .into_iter()
            .map(|settings| Stream {
                ends,
                provider: feeds::named(settings.provider),
                address: settings.address,
                key: settings.key,
            })
            .collect();
        let mut feeds = self.live.feeds();
        feeds.retain(|_, feed| {
            let place = wanted.iter().position(|stream| *stream == feed.stream);
            feed.place = place.unwrap_or(feed.place);
            feed.client.set(Arc::clone(&client));
            place.is_some()
        });
        for (place, stream) in wanted.into_iter().enumerate() {
            if !feeds.contains_key(&stream.provider) {
                let provider = stream.provider;
                feeds.insert(provider, self.begin(book, stream, place, &client));
            }
        }
        drop(feeds);
        self.live.routes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Begins to look after a stream, within the runtime that this is called in.
    fn begin(&self, book: &Arc<OpenedBook>, stream: Stream, place: usize, client: &Arc<Client>) -> Feed {
        let hub = Hub::new();
        let standing = Arc::new(Mutex::new(Standing::default()));
        let subjects = Subjects::default();
        let lent = LentClient::new(Arc::clone(client));
        let supervisor = Supervisor {
            stream: stream.clone(),
            hub: hub.clone(),
            standing: Arc::clone(&standing),
            routes: Arc::clone(&self.live.routes),
            clock: self.clock(),
            filler: Filler {
                provider: stream.provider,
                client: lent.clone(),
                book: Arc::downgrade(book),
                subjects: Arc::clone(&subjects),
                clock: self.clock(),
            },
        };
        Feed {
            stream,
            place,
            hub,
            standing,
            subjects,
            client: lent,
            task: tokio::spawn(supervisor.run()).abort_handle(),
        }
    }

    /// Returns what a provider calls an instrument; none where it cannot know it.
    pub(crate) fn symbol_at(&self, symbols: &Symbols, instrument: &Instrument, provider: Provider) -> Option<String> {
        let own = instrument.symbol();
        let symbol = || feeds::symbol_at(symbols, instrument.id, own, feeds::provider_of(provider));
        feeds::is_listed(instrument, symbols).then(symbol)
    }
}
