//! Somebody who looks on: which instruments, where each is heard, and what was heard last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use apex_domain::InstrumentId;
use apex_market_data::hub::{Latest, Listener};
use apex_wire::feeds::Provider;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::watches::PATIENCE;
use crate::App;

/// Listens to any number of instruments, whoever streams them.
#[derive(Debug, Default)]
pub(crate) struct Watcher {
    ready: Arc<Notify>,
    listeners: BTreeMap<Provider, Listener>,
    /// Whose a provider's symbol is.
    subjects: BTreeMap<Provider, HashMap<String, Vec<InstrumentId>>>,
    streamed: BTreeSet<InstrumentId>,
    heard: BTreeMap<InstrumentId, Heard>,
    routes: Option<u64>,
}

/// What was heard last of an instrument.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) provider: Provider,
    pub(crate) latest: Latest,
}

impl Watcher {
    /// Returns whether instruments may have to be heard from others than now.
    pub(crate) fn is_outdated(&self, app: &App) -> bool {
        self.routes != Some(app.live.routes())
    }

    /// Listens to these instruments and no others. What is known of them already can be taken at once.
    pub(crate) fn listen(&mut self, app: &App, instruments: &[InstrumentId]) {
        app.keep_streams();
        self.routes = Some(app.live.routes());
        let hubs = app.live.hubs();
        self.subjects.clear();
        let mut routed = BTreeMap::new();
        for id in instruments {
            let found = hubs
                .iter()
                .find_map(|(provider, _)| Some((*provider, app.lent_symbol(*id, *provider)?)));
            if let Some((provider, symbol)) = found {
                routed.insert(*id, provider);
                let of_provider = self.subjects.entry(provider).or_default();
                of_provider.entry(symbol).or_default().push(*id);
            }
        }
        self.streamed = routed.keys().copied().collect();
        self.heard.retain(|id, heard| routed.get(id) == Some(&heard.provider));
        // A stream that was begun anew has a hub of its own, so all are listened to anew; what they know comes at once.
        let before = std::mem::take(&mut self.listeners);
        for (provider, hub) in hubs {
            if let Some(symbols) = self.subjects.get(&provider) {
                let listener = hub.listen_waking(symbols.keys(), Arc::clone(&self.ready));
                self.listeners.insert(provider, listener);
            }
        }
        drop(before);
    }

    /// Takes what was heard since the last time, and returns whose it is.
    pub(crate) fn take(&mut self) -> BTreeSet<InstrumentId> {
        let mut changed = BTreeSet::new();
        for (provider, listener) in &mut self.listeners {
            let Some(subjects) = self.subjects.get(provider) else {
                continue;
            };
            for latest in listener.take() {
                for id in subjects.get(&*latest.symbol).into_iter().flatten() {
                    changed.insert(*id);
                    let heard = Heard {
                        provider: *provider,
                        latest: latest.clone(),
                    };
                    self.heard.insert(*id, heard);
                }
            }
        }
        changed
    }

    /// Waits until something was heard, but at least `every` since the last answer, and takes it. Takes nothing when patience
    /// ends or a later question comes.
    pub(crate) async fn next(
        &mut self,
        answered: Option<Instant>,
        every: Duration,
        later: impl Future<Output = ()>,
    ) -> BTreeSet<InstrumentId> {
        let answered = answered.unwrap_or_else(Instant::now);
        let heard = async {
            tokio::time::sleep_until(answered + every).await;
            loop {
                let taken = self.take();
                if !taken.is_empty() {
                    return taken;
                }
                self.ready.notified().await;
            }
        };
        tokio::select! {
            taken = heard => taken,
            () = tokio::time::sleep_until(answered + PATIENCE) => BTreeSet::new(),
            () = later => BTreeSet::new(),
        }
    }

    /// Returns whether somebody streams an instrument.
    pub(crate) fn is_streamed(&self, id: InstrumentId) -> bool {
        self.streamed.contains(&id)
    }

    /// Returns what was heard last of an instrument.
    pub(crate) fn heard(&self, id: InstrumentId) -> Option<&Heard> {
        self.heard.get(&id)
    }
}
