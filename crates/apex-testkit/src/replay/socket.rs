//! The providers' streams: what they play is a list of steps, and a connection plays on where the one before ended.

use std::sync::Arc;
use std::time::Duration;

use apex_domain::Date;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Shared;
use super::market::price;

/// One step of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Play {
    /// One minute of one symbol.
    Minute {
        /// Whose.
        symbol: String,
        /// The day.
        date: Date,
        /// The minute, counted from the opening.
        number: i64,
    },
    /// A frame as it is given.
    Frame(String),
    /// The connection ends without a word.
    Cut,
    /// The next client that logs in hears that another connection is open, after its welcome.
    Occupied,
    /// Minutes of one day and symbol, one after the other and around again, for as long as the client listens.
    Endless {
        /// Whose.
        symbol: String,
        /// The day.
        date: Date,
        /// The pause between two.
        every: Duration,
    },
}

impl Shared {
    fn minute(&self, symbol: &str, date: Date, number: i64) -> Option<Value> {
        let day = *self.market.stock(symbol)?.between(date, date).next()?;
        let (start, bar) = self.market.minute(&day, number);
        let figure = |cents: i64| serde_json::from_str::<Value>(&price(cents)).unwrap_or_default();
        let millis = start.as_millisecond();
        Some(
            json!({"ev": "AM", "sym": symbol, "v": bar.volume, "av": bar.volume * (number + 1), "op": figure(day.open),
            "vw": figure(bar.close), "o": figure(bar.open), "c": figure(bar.close), "h": figure(bar.high),
            "l": figure(bar.low), "a": figure(bar.close), "z": 100, "s": millis, "e": millis + 60_000}),
        )
    }
}

/// Counts a connection for as long as it lives.
struct Counted<'a>(&'a Shared);

impl<'a> Counted<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.state().sockets += 1;
        Self(shared)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.state().sockets -= 1;
    }
}

fn status(status: &str, message: &str) -> Message {
    Message::text(json!([{"ev": "status", "status": status, "message": message}]).to_string())
}

/// Speaks as Polygon does, until the client leaves or the play cuts it off.
pub(super) async fn polygon(mut socket: WebSocket, shared: Arc<Shared>) {
    let counted = Counted::new(&shared);
    converse(&mut socket, &shared).await;
    drop(counted);
}

/// Returns `None` when the conversation is over.
async fn converse(socket: &mut WebSocket, shared: &Shared) -> Option<()> {
    socket.send(status("connected", "Connected Successfully")).await.ok()?;
    let login = hear(socket, shared).await?;
    if login["action"] != "auth" || login["params"] != shared.key.as_str() {
        // It repeats the key, as servers have.
        let message = format!("authentication of {} failed", login["params"]);
        return socket.send(status("auth_failed", &message)).await.ok();
    }
    socket.send(status("auth_success", "authenticated")).await.ok()?;
    let is_occupied = {
        let mut state = shared.state();
        let is_played = state.plays.front() == Some(&Play::Occupied);
        if is_played {
            state.plays.pop_front();
        }
        is_played || state.sockets > 1
    };
    if is_occupied {
        socket
            .send(status("max_connections", "Maximum number of connections exceeded."))
            .await
            .ok()?;
        let close = CloseFrame {
            code: 1008,
            reason: "max connections".into(),
        };
        return socket.send(Message::Close(Some(close))).await.ok();
    }
    let subscription = hear(socket, shared).await?;
    for channel in subscription["params"].as_str()?.split(',') {
        socket
            .send(status("success", &format!("subscribed to: {channel}")))
            .await
            .ok()?;
    }
    loop {
        let play = shared.state().plays.pop_front();
        match play {
            Some(Play::Minute { symbol, date, number }) => {
                let minute = shared.minute(&symbol, date, number)?;
                socket.send(Message::text(json!([minute]).to_string())).await.ok()?;
            }
            Some(Play::Frame(text)) => socket.send(Message::text(text)).await.ok()?,
            Some(Play::Cut) => return None,
            // It is for the next client, so this one leaves.
            Some(Play::Occupied) => {
                shared.state().plays.push_front(Play::Occupied);
                return None;
            }
            Some(Play::Endless { symbol, date, every }) => {
                let count = shared.market.minutes_of(date);
                for number in (0..count).cycle() {
                    let minute = shared.minute(&symbol, date, number)?;
                    socket.send(Message::text(json!([minute]).to_string())).await.ok()?;
                    tokio::time::sleep(every).await;
                }
            }
            // Nothing to say for now: wait for the client to speak or leave, and look again.
            None => match tokio::time::timeout(Duration::from_millis(10), socket.recv()).await {
                Ok(Some(Ok(Message::Text(text)))) => {
                    shared.state().heard.push(text.to_string());
                    let said: Value = serde_json::from_str(&text).ok()?;
                    let (action, channels) = (said["action"].as_str()?, said["params"].as_str()?);
                    for channel in channels.split(',') {
                        let message = format!("{action}d to: {channel}");
                        socket.send(status("success", &message)).await.ok()?;
                    }
                }
                Ok(None | Some(Err(_)) | Some(Ok(Message::Close(_)))) => return None,
                _ => {}
            },
        }
    }
}

/// Waits for the client to say something.
async fn hear(socket: &mut WebSocket, shared: &Shared) -> Option<Value> {
    loop {
        if let Message::Text(text) = socket.recv().await?.ok()? {
            shared.state().heard.push(text.to_string());
            return serde_json::from_str(&text).ok();
        }
    }
}

/// Speaks as Yahoo does: after a subscription, frames as they are played, minutes as prices.
pub(super) async fn yahoo(mut socket: WebSocket, shared: Arc<Shared>) {
    let counted = Counted::new(&shared);
    show(&mut socket, &shared).await;
    drop(counted);
}

async fn show(socket: &mut WebSocket, shared: &Shared) -> Option<()> {
    hear(socket, shared).await?;
    loop {
        let play = shared.state().plays.pop_front();
        match play {
            Some(Play::Minute { symbol, date, number }) => {
                let day = *shared.market.stock(&symbol)?.between(date, date).next()?;
                let (start, bar) = shared.market.minute(&day, number);
                let message = STANDARD.encode(pricing_data(&symbol, start.as_millisecond(), bar.close, bar.volume));
                let text = json!({"type": "pricing", "message": message}).to_string();
                socket.send(Message::text(text)).await.ok()?;
            }
            Some(Play::Frame(text)) => socket.send(Message::text(text)).await.ok()?,
            Some(Play::Cut | Play::Occupied | Play::Endless { .. }) => return None,
            None => match tokio::time::timeout(Duration::from_millis(10), socket.recv()).await {
                Ok(Some(Ok(Message::Text(text)))) => shared.state().heard.push(text.to_string()),
                Ok(None | Some(Err(_)) | Some(Ok(Message::Close(_)))) => return None,
                _ => {}
            },
        }
    }
}

/// Encodes Yahoo's protocol buffer by hand, from its field numbers: id 1, price 2, time 3, currency 4, volume 9.
fn pricing_data(symbol: &str, millis: i64, cents: i64, volume: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut text = |field: u8, text: &str| {
        bytes.push(field << 3 | 2);
        bytes.push(u8::try_from(text.len()).unwrap_or(0));
        bytes.extend_from_slice(text.as_bytes());
    };
    text(1, symbol);
    text(4, "USD");
    bytes.push(2 << 3 | 5);
    bytes.extend_from_slice(&(cents as f32 / 100.0).to_le_bytes());
    for (field, value) in [(3_u8, millis), (9, volume)] {
        bytes.push(field << 3);
        // Zigzag, then seven bits at a time.
        let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
        while rest >= 0x80 {
            bytes.push((rest & 0x7F) as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
    bytes
}
