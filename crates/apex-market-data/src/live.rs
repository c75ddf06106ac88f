//! Live streams: one connection each, kept up, with every gap reported so that it can be filled by REST.
//!
//! A stream runs until its future is dropped. It hands events to a function that must not block: whoever is slow conflates
//! on his own side, since a server cuts off readers that fall behind. What it listens to may change at any time, and the
//! connection stays.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use apex_analytics::random::Stream;
use apex_domain::Timestamp;
use futures::{SinkExt as _, StreamExt as _};
pub use reqwest::Url;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use crate::budget::backoff;
use crate::client::trust;
use crate::error::ProviderError;
use crate::record::{Provider, Tick};
use crate::yahoo::stream::Display;

pub mod polygon;
pub mod yahoo;

/// The longest message that is read, in bytes.
const MESSAGE_MAX: usize = 8 << 20;

/// What a stream says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It is up, and what it subscribed to comes from now on.
    Up,
    /// The market speaks.
    Tick(Tick),
    /// A price to be shown, and no more than shown.
    Display(Display),
    /// What was sent between these instants was not heard; ask for it by REST. A symbol that was never heard has none.
    Gap {
        /// The provider's symbol.
        symbol: String,
        /// The end of the last bar, or the last trade or quote, that was heard.
        from: Timestamp,
        /// When it was heard again.
        to: Timestamp,
    },
    /// A message could not be read; the stream goes on.
    Unreadable(ProviderError),
    /// It is down, and will be tried again.
    Down {
        /// Why.
        reason: ProviderError,
        /// How long it waits.
        again_after: Duration,
    },
}

/// How a stream behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveSettings {
    /// Where it connects to.
    pub url: Url,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How often a sign of life is sent.
    pub heartbeat: Duration,
    /// After how long a silence, pings included, the connection is taken for dead.
    pub silence_max: Duration,
    /// The least wait after the server says that another connection is open.
    pub occupied_wait: Duration,
    /// The least wait after a break.
    pub wait_min: Duration,
    /// Where jitter comes from.
    pub seed: u64,
}

impl LiveSettings {
    /// Takes an address, and what the providers bear: a sign of life every 15 seconds, a minute's wait where another
    /// connection is open.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            connect_timeout: Duration::from_secs(15),
            heartbeat: Duration::from_secs(15),
            silence_max: Duration::from_secs(60),
            occupied_wait: Duration::from_secs(60),
            wait_min: Duration::from_secs(1),
            seed: 0,
        }
    }
}

/// Why a connection ended.
#[derive(Debug)]
enum Ending {
    /// It broke; try again soon.
    Broken(ProviderError),
    /// Another connection is open; try again after a good while.
    Occupied(ProviderError),
    /// The key is refused; trying again would not help.
    Refused(ProviderError),
}

/// What a provider's side of the conversation wants done after a frame.
#[derive(Debug, Default)]
struct Reaction {
    send: Vec<String>,
    events: Vec<Event>,
    ending: Option<Ending>,
    /// Whether the connection has proven itself, so that the next wait begins small again.
    is_proven: bool,
}

/// A provider's side of a conversation: no I/O.
trait Conversation: Send {
    fn provider(&self) -> Provider;
    /// Takes what is wanted, and returns what is sent when the connection opens.
    fn opened(&mut self, wanted: BTreeSet<String>) -> Vec<String>;
    /// Takes what is wanted from now on, and returns what is sent to get it.
    fn wanted(&mut self, wanted: BTreeSet<String>) -> Vec<String>;
    /// Takes a frame.
    fn heard(&mut self, frame: &[u8], now: Timestamp) -> Reaction;
    /// Returns what is sent as a sign of life; `None` for a ping.
    fn heartbeat(&self) -> Option<String>;
}

/// What is wanted of a stream, for as long as whoever wants it may change his mind.
type Wanted = watch::Receiver<BTreeSet<String>>;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A stream of a provider's: [`polygon::live`] or [`yahoo::live`].
pub struct Live {
    settings: LiveSettings,
    wanted: Wanted,
    conversation: Box<dyn Conversation>,
}

impl Live {
    /// Runs until the key is refused or the system's certificates cannot be read, which it returns, or until it is
    /// dropped. `now` is the clock, `on_event` must not block.
    pub async fn run(
        &mut self,
        now: &(dyn Fn() -> Timestamp + Send + Sync),
        mut on_event: impl FnMut(Event) + Send,
    ) -> ProviderError {
        keep_up(
            self.conversation.as_mut(),
            &self.settings,
            &mut self.wanted,
            now,
            &mut on_event,
        )
        .await
    }
}

/// Keeps a conversation up until it is refused or dropped.
async fn keep_up(
    conversation: &mut dyn Conversation,
    settings: &LiveSettings,
    wanted: &mut Wanted,
    now: &(dyn Fn() -> Timestamp + Send + Sync),
    on_event: &mut (dyn FnMut(Event) + Send),
) -> ProviderError {
    let provider = conversation.provider();
    let tls = match trust() {
        Ok(tls) => tls,
        Err(message) => return ProviderError::Transport { provider, message },
    };
    let mut jitter = Stream::new(settings.seed, 0);
    let mut attempt = 0;
    loop {
        let ending = match connect(provider, settings, &tls).await {
            Ok(socket) => converse(socket, conversation, settings, wanted, now, &mut attempt, on_event).await,
            Err(err) => Ending::Broken(err),
        };
        let wait = backoff(attempt, jitter.uniform()).unsigned_abs().max(settings.wait_min);
        attempt = attempt.saturating_add(1);
        let (reason, again_after) = match ending {
            Ending::Broken(reason) => (reason, wait),
            Ending::Occupied(reason) => (reason, wait.max(settings.occupied_wait)),
            Ending::Refused(reason) => return reason,
        };
        on_event(Event::Down { reason, again_after });
        tokio::time::sleep(again_after).await;
    }
}

async fn connect(
    provider: Provider,
    settings: &LiveSettings,
    tls: &Arc<ClientConfig>,
) -> Result<Socket, ProviderError> {
    let failed = |message: &str| ProviderError::Transport {
        provider,
        message: message.to_owned(),
    };
    if !crate::client::is_private(&settings.url) {
        return Err(failed("its stream is not opened without TLS"));
    }
    let config = WebSocketConfig::default().max_message_size(Some(MESSAGE_MAX));
    let connector = Connector::Rustls(Arc::clone(tls));
    let connecting = connect_async_tls_with_config(settings.url.as_str(), Some(config), true, Some(connector));
    match tokio::time::timeout(settings.connect_timeout, connecting).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(_)) => Err(failed("its stream could not be opened")),
        Err(_) => Err(failed("its stream did not open in time")),
    }
}

/// Talks until the connection ends.
async fn converse(
    mut socket: Socket,
    conversation: &mut dyn Conversation,
    settings: &LiveSettings,
    wanted: &mut Wanted,
    now: &(dyn Fn() -> Timestamp + Send + Sync),
    attempt: &mut u32,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Ending {
    let provider = conversation.provider();
    let broken = |message: &str| {
        Ending::Broken(ProviderError::Transport {
            provider,
            message: message.to_owned(),
        })
    };
    let opening = conversation.opened(wanted.borrow_and_update().clone());
    for text in opening {
        if socket.send(Message::text(text)).await.is_err() {
            return broken("its stream broke");
        }
    }
    let mut heartbeat = tokio::time::interval_at(Instant::now() + settings.heartbeat, settings.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    let mut may_change = true;
    loop {
        let message = tokio::select! {
            // What is rare comes first, or a busy market would keep it waiting for ever.
            biased;
            changed = wanted.changed(), if may_change => {
                may_change = changed.is_ok();
                let texts = conversation.wanted(wanted.borrow_and_update().clone());
                for text in texts {
                    if socket.send(Message::text(text)).await.is_err() {
                        return broken("its stream broke");
                    }
                }
                continue;
            }
            _ = heartbeat.tick() => {
                if heard_at.elapsed() > settings.silence_max {
                    return broken("its stream fell silent");
                }
                let sign = conversation.heartbeat().map_or(Message::Ping(Bytes::new()), Message::text);
                if socket.send(sign).await.is_err() {
                    return broken("its stream broke");
                }
                continue;
            }
            message = socket.next() => message,
        };
        heard_at = Instant::now();
        let frame = match message {
            Some(Ok(Message::Text(text))) => Bytes::from(text),
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Ok(Message::Close(_))) | None => return broken("it closed its stream"),
            Some(Err(_)) => return broken("its stream broke"),
        };
        let reaction = conversation.heard(&frame, now());
        if reaction.is_proven {
            *attempt = 0;
        }
        for event in reaction.events {
            on_event(event);
        }
        for text in reaction.send {
            if socket.send(Message::text(text)).await.is_err() {
                return broken("its stream broke");
            }
        }
        if let Some(ending) = reaction.ending {
            return ending;
        }
    }
}
