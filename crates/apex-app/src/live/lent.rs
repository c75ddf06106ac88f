//! What live figures take from the rest of the program: the clock, the settings of streams, the providers' symbols, and
//! the client that fills gaps.

use std::sync::Arc;

use apex_domain::InstrumentId;
use apex_market_data::client::Client;
use apex_market_data::live::Url;
use apex_market_data::redact::ApiKey;
use apex_wire::feeds::Provider;
use jiff::Timestamp;

use super::gap::{self, FillGap};
use crate::App;

/// Tells the time.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a stream is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    pub provider: Provider,
    pub address: Url,
    pub key: Option<ApiKey>,
}

impl Stream {
    pub(super) fn name(&self) -> &'static str {
        self.provider.words()
    }
}

/// INTERIM.
#[derive(Default)]
pub struct Lent {
    pub clock: Option<Clock>,
    pub streams: Vec<Stream>,
    pub client: Option<Arc<Client>>,
}

impl std::fmt::Debug for Lent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lent")
    }
}

impl App {
    /// INTERIM.
    pub fn lend(&self, lent: Lent) {
        *self.live.lent.lock().unwrap() = lent;
    }

    /// INTERIM: the shell's clock.
    pub(crate) fn now(&self) -> Timestamp {
        (self.lent_clock())()
    }

    pub(crate) fn lent_clock(&self) -> Clock {
        let clock = self.live.lent.lock().unwrap().clock.clone();
        clock.unwrap_or_else(|| Arc::new(|| Timestamp::UNIX_EPOCH))
    }

    /// Returns the streams of the enabled providers, in the order of trust.
    pub(super) fn lent_streams(&self) -> Vec<Stream> {
        self.live.lent.lock().unwrap().streams.clone()
    }

    /// Returns what a provider calls an instrument.
    pub(crate) fn lent_symbol(&self, instrument: InstrumentId, _provider: Provider) -> Option<String> {
        let state = self.state().ok()?;
        Some(state.instruments.get(instrument)?.symbol().to_owned())
    }

    /// Returns the client that asks the enabled providers; none where there is none.
    pub(crate) fn lent_client(&self) -> Option<Arc<Client>> {
        self.live.lent.lock().unwrap().client.clone()
    }

    /// Returns what fills the gaps of a provider's stream.
    pub(super) fn filler(&self, provider: Provider) -> FillGap {
        let client = self.live.lent.lock().unwrap().client.clone();
        gap::filler(client, provider)
    }
}
