//! Yahoo's stream: subscribe, subscribe again as a sign of life, show what comes.

use apex_domain::Timestamp;

use super::{Conversation, Event, LiveSettings, Reaction, run};
use crate::error::ProviderError;
use crate::record::Provider;
use crate::yahoo::stream::{frame, subscription};

/// A stream of Yahoo's, for display only. It is off until a person switches it on.
pub struct YahooLive {
    settings: LiveSettings,
    conversation: Talk,
}

impl YahooLive {
    /// Its address.
    pub const STREAM: &str = "wss://streamer.finance.yahoo.com/?version=2";

    /// Takes Yahoo's symbols.
    pub const fn new(settings: LiveSettings, symbols: Vec<String>) -> Self {
        Self {
            settings,
            conversation: Talk { symbols, is_up: false },
        }
    }

    /// Runs until it is dropped, or the system's certificates cannot be read. `now` is the clock, `on_event` must not
    /// block.
    pub async fn run(
        &mut self,
        now: &(dyn Fn() -> Timestamp + Send + Sync),
        mut on_event: impl FnMut(Event) + Send,
    ) -> ProviderError {
        run(&mut self.conversation, &self.settings, now, &mut on_event).await
    }
}

struct Talk {
    symbols: Vec<String>,
    is_up: bool,
}

impl Conversation for Talk {
    fn provider(&self) -> Provider {
        Provider::Yahoo
    }

    fn opened(&mut self) -> Vec<String> {
        self.is_up = false;
        vec![subscription(&self.symbols)]
    }

    fn heard(&mut self, bytes: &[u8], _: Timestamp) -> Reaction {
        let mut reaction = Reaction::default();
        if !std::mem::replace(&mut self.is_up, true) {
            reaction.events.push(Event::Up);
        }
        match frame(bytes) {
            Ok(Some(display)) => {
                reaction.is_proven = true;
                reaction.events.push(Event::Display(display));
            }
            Ok(None) => {}
            Err(err) => reaction.events.push(Event::Unreadable(err)),
        }
        reaction
    }

    fn heartbeat(&self) -> Option<String> {
        Some(subscription(&self.symbols))
    }
}
