//! Yahoo's stream: subscribe, subscribe again as a sign of life, show what comes.

use std::collections::BTreeSet;

use apex_domain::Timestamp;
use tokio::sync::watch;

use super::{Conversation, Event, Live, LiveSettings, Reaction};
use crate::record::Provider;
use crate::yahoo::stream::{cancellation, frame, subscription};

/// The address of the stream.
pub const STREAM: &str = "wss://streamer.finance.yahoo.com/?version=2";

/// Takes Yahoo's symbols, which may change. What comes is for display only, and is off until a person switches it on.
pub fn live(settings: LiveSettings, symbols: watch::Receiver<BTreeSet<String>>) -> Live {
    Live {
        settings,
        wanted: symbols,
        conversation: Box::new(Talk {
            symbols: BTreeSet::new(),
            is_up: false,
        }),
    }
}

struct Talk {
    symbols: BTreeSet<String>,
    is_up: bool,
}

impl Conversation for Talk {
    fn provider(&self) -> Provider {
        Provider::Yahoo
    }

    fn opened(&mut self, wanted: BTreeSet<String>) -> Vec<String> {
        self.is_up = false;
        self.symbols = wanted;
        vec![subscription(&self.symbols)]
    }

    fn wanted(&mut self, wanted: BTreeSet<String>) -> Vec<String> {
        let before = std::mem::replace(&mut self.symbols, wanted);
        let ended: Vec<&str> = before.difference(&self.symbols).map(String::as_str).collect();
        let mut texts = Vec::new();
        if !ended.is_empty() {
            texts.push(cancellation(&ended));
        }
        texts.push(subscription(&self.symbols));
        texts
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
