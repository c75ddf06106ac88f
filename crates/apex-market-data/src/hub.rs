//! The quote hub: what streams say in, the latest of each symbol out, as often as a screen wants it.
//!
//! Whoever publishes never waits: a message takes the place of the one before it, and a mark is set for everyone who
//! listens. A listener takes what is marked when it likes; what changed several times meanwhile comes once, as it is now,
//! and the last change is always there to be taken. Memory is bounded by the symbols wanted and by who wants them,
//! however slow a listener is.
//!
//! Symbols are the provider's own. What nobody ever listened to is not kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use apex_domain::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::record::{Aggregate, Quote, Tick, Trade};
use crate::yahoo::stream::Display;

/// The latest that was said of one symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Latest {
    /// The provider's symbol.
    pub symbol: Arc<str>,
    /// The last trade.
    pub trade: Option<Arc<Trade>>,
    /// The best bid and offer.
    pub quote: Option<Arc<Quote>>,
    /// The last second or minute that ended.
    pub aggregate: Option<Arc<Aggregate>>,
    /// A price to be shown, and no more than shown.
    pub display: Option<Arc<Display>>,
    /// When any of it was heard, by the clock of this machine.
    pub heard: Timestamp,
    /// When a price was heard, by the same clock: bids and offers are none.
    pub priced: Option<Timestamp>,
}

/// One hub for all streams and all that is shown of them. Clones are handles of the same hub.
#[derive(Debug, Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    wanted: watch::Sender<BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct State {
    numbers: HashMap<Arc<str>, usize>,
    symbols: Vec<Symbol>,
    listeners: BTreeMap<u64, Marks>,
    next_listener: u64,
}

#[derive(Debug)]
struct Symbol {
    name: Arc<str>,
    latest: Option<Latest>,
    listeners: BTreeSet<u64>,
}

/// What a listener has not taken yet.
#[derive(Debug)]
struct Marks {
    ready: Arc<Notify>,
    is_marked: Vec<bool>,
    in_order: Vec<usize>,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// Makes a hub that nobody listens to.
    pub fn new() -> Self {
        let (wanted, _) = watch::channel(BTreeSet::new());
        let state = Mutex::new(State::default());
        Self {
            shared: Arc::new(Shared { state, wanted }),
        }
    }

    /// Returns what all listeners together want, as a stream takes it.
    pub fn wanted(&self) -> watch::Receiver<BTreeSet<String>> {
        self.shared.wanted.subscribe()
    }

    /// Takes what a stream says, heard at `now`. What is older than what is known of its symbol and kind is let go.
    pub fn publish(&self, ticks: impl IntoIterator<Item = Tick>, now: Timestamp) {
        let mut state = self.shared.state();
        for tick in ticks {
            let Some(number) = state.numbers.get(tick.symbol()).copied() else {
                continue;
            };
            let is_price = !matches!(tick, Tick::Quote(_));
            state.put(number, now, is_price, |latest| match tick {
                // Its price is not the market's last: an odd lot, an average, a correction out of sequence.
                Tick::Trade(trade) if !trade.sets_last() => false,
                Tick::Trade(trade) => newer(&mut latest.trade, trade, |one| (one.at, one.sequence)),
                Tick::Quote(quote) => newer(&mut latest.quote, quote, |one| (one.at, one.sequence)),
                Tick::Aggregate(aggregate) => newer(&mut latest.aggregate, aggregate, |one| (one.until, None)),
            });
        }
    }

    /// Takes a price to be shown, heard at `now`.
    pub fn show(&self, display: Display, now: Timestamp) {
        let mut state = self.shared.state();
        if let Some(number) = state.numbers.get(display.symbol.as_str()).copied() {
            state.put(number, now, true, |latest| {
                newer(&mut latest.display, display, |one| (one.at, None))
            });
        }
    }

    /// Listens to some symbols; what is known of them already is there to be taken at once.
    pub fn listen<S: AsRef<str>>(&self, symbols: impl IntoIterator<Item = S>) -> Listener {
        self.listen_waking(symbols, Arc::new(Notify::new()))
    }

    /// Listens, and wakes `ready` whenever there is something to take. Several listeners, of several hubs even, may wake the
    /// same one: who waits for it then takes from all of them.
    pub fn listen_waking<S: AsRef<str>>(&self, symbols: impl IntoIterator<Item = S>, ready: Arc<Notify>) -> Listener {
        let mut state = self.shared.state();
        let id = state.next_listener;
        state.next_listener += 1;
        state.listeners.insert(
            id,
            Marks {
                ready: Arc::clone(&ready),
                is_marked: Vec::new(),
                in_order: Vec::new(),
            },
        );
        drop(state);
        let mut listener = Listener {
            shared: Arc::clone(&self.shared),
            id,
            ready,
            numbers: BTreeSet::new(),
            taken_at: None,
        };
        listener.change(symbols);
        listener
    }
}

/// Puts a message in the place of an older one, and returns whether it was newer.
fn newer<T>(kept: &mut Option<Arc<T>>, new: T, order: impl Fn(&T) -> (Timestamp, Option<u64>)) -> bool {
    if kept.as_ref().is_some_and(|kept| order(kept) > order(&new)) {
        return false;
    }
    *kept = Some(Arc::new(new));
    true
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells streams what is wanted, where that has changed.
    fn tell(&self, state: &State) {
        let heard = state.symbols.iter().filter(|symbol| !symbol.listeners.is_empty());
        let wanted: BTreeSet<String> = heard.map(|symbol| symbol.name.to_string()).collect();
        self.wanted.send_if_modified(|told| {
            let is_other = *told != wanted;
            *told = wanted;
            is_other
        });
    }
}

impl State {
    /// Returns the number of a symbol, giving it one where it has none.
    fn number(&mut self, symbol: &str) -> usize {
        if let Some(number) = self.numbers.get(symbol) {
            return *number;
        }
        let (name, number) = (Arc::<str>::from(symbol), self.symbols.len());
        self.numbers.insert(Arc::clone(&name), number);
        self.symbols.push(Symbol {
            name,
            latest: None,
            listeners: BTreeSet::new(),
        });
        number
    }

    /// Changes the latest of a symbol, and marks it for its listeners where the change says that there is one.
    fn put(&mut self, number: usize, now: Timestamp, is_price: bool, change: impl FnOnce(&mut Latest) -> bool) {
        let Some(symbol) = self.symbols.get_mut(number) else {
            return;
        };
        let name = &symbol.name;
        let latest = symbol.latest.get_or_insert_with(|| Latest {
            symbol: Arc::clone(name),
            trade: None,
            quote: None,
            aggregate: None,
            display: None,
            heard: now,
            priced: None,
        });
        if change(latest) {
            latest.heard = now;
            if is_price {
                latest.priced = Some(now);
            }
            for listener in &symbol.listeners {
                if let Some(marks) = self.listeners.get_mut(listener) {
                    marks.mark(number);
                }
            }
        }
    }
}

impl Marks {
    fn mark(&mut self, number: usize) {
        if self.is_marked.len() <= number {
            self.is_marked.resize(number + 1, false);
        }
        if !std::mem::replace(&mut self.is_marked[number], true) {
            self.in_order.push(number);
            self.ready.notify_one();
        }
    }

    fn unmark(&mut self, number: usize) {
        if self.is_marked.get(number).copied().unwrap_or(false) {
            self.is_marked[number] = false;
            self.in_order.retain(|marked| *marked != number);
        }
    }
}

/// Somebody who wants to know. What is wanted ends with the listener.
#[derive(Debug)]
pub struct Listener {
    shared: Arc<Shared>,
    id: u64,
    ready: Arc<Notify>,
    numbers: BTreeSet<usize>,
    taken_at: Option<Instant>,
}

impl Listener {
    /// Listens to these symbols instead of those before.
    pub fn change<S: AsRef<str>>(&mut self, symbols: impl IntoIterator<Item = S>) {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state();
        let numbers = symbols.into_iter().map(|symbol| state.number(symbol.as_ref()));
        let numbers: BTreeSet<usize> = numbers.collect();
        let State { symbols, listeners, .. } = &mut *state;
        let Some(marks) = listeners.get_mut(&self.id) else {
            return;
        };
        for number in self.numbers.difference(&numbers) {
            symbols[*number].listeners.remove(&self.id);
            marks.unmark(*number);
        }
        for number in numbers.difference(&self.numbers) {
            let symbol = &mut symbols[*number];
            symbol.listeners.insert(self.id);
            if symbol.latest.is_some() {
                marks.mark(*number);
            }
        }
        self.numbers = numbers;
        shared.tell(&state);
    }

    /// Takes the latest of every symbol that changed since the last time, in the order in which they first changed.
    pub fn take(&mut self) -> Vec<Latest> {
        let mut state = self.shared.state();
        let State { symbols, listeners, .. } = &mut *state;
        let Some(marks) = listeners.get_mut(&self.id) else {
            return Vec::new();
        };
        let marked = std::mem::take(&mut marks.in_order);
        for number in &marked {
            marks.is_marked[*number] = false;
        }
        let taken = marked.iter().filter_map(|number| symbols[*number].latest.clone());
        taken.collect()
    }

    /// Waits until there is something to take, and until `every` has passed since the last time, and takes it.
    pub async fn next(&mut self, every: Duration) -> Vec<Latest> {
        if let Some(taken_at) = self.taken_at {
            tokio::time::sleep_until(taken_at + every).await;
        }
        loop {
            let taken = self.take();
            if !taken.is_empty() {
                self.taken_at = Some(Instant::now());
                return taken;
            }
            self.ready.notified().await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.change(std::iter::empty::<&str>());
        self.shared.state().listeners.remove(&self.id);
    }
}
