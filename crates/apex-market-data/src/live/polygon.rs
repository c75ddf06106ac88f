//! Polygon's stream: log in, subscribe, listen; and after a break, say what was missed.
//!
//! An account has one connection per cluster, so there must be one stream per account. A welcome proves nothing:
//! `max_connections` has come after `auth_success`, so waits grow until a tick has been heard.

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::Timestamp;
use tokio::sync::watch;

use super::{Conversation, Ending, Event, Live, LiveSettings, Reaction};
use crate::error::ProviderError;
use crate::polygon::stream::{Message, Status, cancellation, frame, login, subscription};
use crate::record::Provider;
use crate::redact::{ApiKey, quotable};

/// The address of real-time prices of stocks.
pub const REAL_TIME: &str = "wss://socket.massive.com/stocks";
/// The address of the same, fifteen minutes late.
pub const DELAYED: &str = "wss://delayed.massive.com/stocks";

/// Takes a key and channels such as `AM.AAPL`, `T.MSFT` and `Q.*`, which may change.
pub fn live(settings: LiveSettings, key: ApiKey, channels: watch::Receiver<BTreeSet<String>>) -> Live {
    Live {
        settings,
        wanted: channels,
        conversation: Box::new(Talk {
            key,
            channels: BTreeSet::new(),
            heard: BTreeMap::new(),
            is_logged_in: false,
            is_up: false,
        }),
    }
}

struct Talk {
    key: ApiKey,
    channels: BTreeSet<String>,
    /// Until when each symbol was heard.
    heard: BTreeMap<String, Timestamp>,
    is_logged_in: bool,
    is_up: bool,
}

impl Conversation for Talk {
    fn provider(&self) -> Provider {
        Provider::Polygon
    }

    fn opened(&mut self, wanted: BTreeSet<String>) -> Vec<String> {
        self.is_logged_in = false;
        self.is_up = false;
        // The server speaks first, so this sends nothing yet.
        self.wanted(wanted)
    }

    fn wanted(&mut self, wanted: BTreeSet<String>) -> Vec<String> {
        let before = std::mem::replace(&mut self.channels, wanted);
        let channels = &self.channels;
        // What nobody listens to any more has no gaps.
        self.heard
            .retain(|symbol, _| channels.iter().any(|channel| covers(channel, symbol)));
        if !self.is_logged_in {
            return Vec::new();
        }
        let ended: Vec<&str> = before.difference(channels).map(String::as_str).collect();
        let added: Vec<&str> = channels.difference(&before).map(String::as_str).collect();
        let mut texts = Vec::new();
        if !ended.is_empty() {
            texts.push(cancellation(&ended));
        }
        if !added.is_empty() {
            texts.push(subscription(&added));
        }
        texts
    }

    fn heard(&mut self, bytes: &[u8], now: Timestamp) -> Reaction {
        let mut reaction = Reaction::default();
        let bytes = self.key.scrub(bytes);
        let messages = match frame(&bytes) {
            Ok(messages) => messages,
            Err(err) => {
                reaction.events.push(Event::Unreadable(err));
                return reaction;
            }
        };
        for message in messages {
            match message {
                Ok(Message::Status(status)) => self.status(status, now, &mut reaction),
                Ok(Message::Tick(tick)) => {
                    reaction.is_proven = true;
                    let at = tick.at();
                    let heard = self.heard.entry(tick.symbol().to_owned()).or_insert(at);
                    // Late and repeated bars come: the latest counts.
                    *heard = at.max(*heard);
                    reaction.events.push(Event::Tick(tick));
                }
                Ok(Message::Other { .. }) => {}
                Err(err) => reaction.events.push(Event::Unreadable(err)),
            }
            if reaction.ending.is_some() {
                break;
            }
        }
        reaction
    }

    fn heartbeat(&self) -> Option<String> {
        None
    }
}

impl Talk {
    fn status(&mut self, status: Status, now: Timestamp, reaction: &mut Reaction) {
        let provider = Provider::Polygon;
        match status {
            Status::Connected => reaction.send.push(login(self.key.expose())),
            Status::Authenticated => {
                self.is_logged_in = true;
                if self.channels.is_empty() {
                    self.is_up = true;
                    reaction.events.push(Event::Up);
                } else {
                    let channels: Vec<&str> = self.channels.iter().map(String::as_str).collect();
                    reaction.send.push(subscription(&channels));
                }
            }
            Status::Subscribed { .. } if !self.is_up => {
                // One message comes for each channel; the first says that the stream runs.
                self.is_up = true;
                reaction.events.push(Event::Up);
                for (symbol, from) in self.heard.iter().filter(|(_, from)| **from < now) {
                    reaction.events.push(Event::Gap {
                        symbol: symbol.clone(),
                        from: *from,
                        to: now,
                    });
                }
            }
            Status::AuthenticationFailed { message } => {
                reaction.ending = Some(Ending::Refused(ProviderError::KeyRefused { provider, message }));
            }
            Status::MaxConnections => {
                reaction.ending = Some(Ending::Occupied(ProviderError::Refused {
                    provider,
                    message: "another connection of the account is open".to_owned(),
                }));
            }
            Status::AuthenticationTimeout => {
                reaction.ending = Some(Ending::Broken(ProviderError::Transport {
                    provider,
                    message: "logging in took too long".to_owned(),
                }));
            }
            Status::Other { status, message } if status == "error" => {
                reaction.events.push(Event::Unreadable(ProviderError::Refused {
                    provider,
                    message: quotable(&message),
                }));
            }
            Status::Subscribed { .. } | Status::Other { .. } => {}
        }
    }
}

/// Returns whether a channel such as `AM.AAPL` or `Q.*` speaks of a symbol.
fn covers(channel: &str, symbol: &str) -> bool {
    channel.split_once('.').is_some_and(|(_, of)| of == "*" || of == symbol)
}
