//! Polygon's stream: its frames, read.
//!
//! Each frame is a JSON list, and each of its messages is looked at: a refusal can come after a welcome. There may be
//! one connection per account and cluster; a second one hears `max_connections`, at times after `auth_success`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::READ;
use crate::error::ProviderError;
use crate::json::Raw;
use crate::record::{Aggregate, Bar, Basis, Interval, Ohlcv, Quote, Tick, Trade, Window};
use crate::redact::quotable;

/// One message of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every message is a tick, and none is kept"
)]
pub enum Message {
    /// The server speaks about the connection.
    Status(Status),
    /// The market speaks.
    Tick(Tick),
    /// Of a kind that is not read here, such as news of trading halts.
    Other {
        /// Its `ev`.
        kind: String,
    },
}

/// What the server says about the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is open; log in.
    Connected,
    /// Logged in.
    Authenticated,
    /// The key is refused.
    AuthenticationFailed {
        /// The server's words.
        message: String,
    },
    /// Nobody logged in for too long.
    AuthenticationTimeout,
    /// Another connection of the account is open; wait a minute at least.
    MaxConnections,
    /// A subscription was taken.
    Subscribed {
        /// The server's words.
        message: String,
    },
    /// Anything else.
    Other {
        /// Its `status`.
        status: String,
        /// The server's words.
        message: String,
    },
}

#[derive(Debug, Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    ev: Cow<'a, str>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
}

/// Reads all messages of a frame. One that cannot be read, because it lacks `ev` or a number of its kind, takes no other
/// with it.
///
/// # Errors
///
/// Refuses a frame that is no list.
pub fn frame(text: &[u8]) -> Result<Vec<Result<Message, ProviderError>>, ProviderError> {
    let rows: Vec<&RawValue> = READ.json(text)?;
    let messages = rows.iter().enumerate().map(|(number, raw)| message(number, raw));
    Ok(messages.collect())
}

fn message(number: usize, raw: &RawValue) -> Result<Message, ProviderError> {
    let whole = format_args!("frame[{number}]").to_string();
    let kind: Kind<'_> = READ.part(&whole, raw, "a message with `ev`")?;
    let tick = match kind.ev.as_ref() {
        "status" => return Ok(Message::Status(status(&kind))),
        "AM" => aggregate(&whole, raw, Interval::Minute)?,
        "A" => aggregate(&whole, raw, Interval::Second)?,
        "T" => trade(&whole, raw)?,
        "Q" => quote(&whole, raw)?,
        other => return Ok(Message::Other { kind: quotable(other) }),
    };
    Ok(Message::Tick(tick))
}

fn status(kind: &Kind<'_>) -> Status {
    let message = || quotable(kind.message.as_deref().unwrap_or_default());
    match kind.status.as_deref().unwrap_or_default() {
        "connected" => Status::Connected,
        "auth_success" => Status::Authenticated,
        "auth_failed" => Status::AuthenticationFailed { message: message() },
        "auth_timeout" => Status::AuthenticationTimeout,
        "max_connections" => Status::MaxConnections,
        "success" => Status::Subscribed { message: message() },
        other => Status::Other {
            status: quotable(other),
            message: message(),
        },
    }
}

#[derive(Debug, Deserialize)]
struct AggregateMessage<'a> {
    sym: String,
    #[serde(borrow)]
    v: Raw<'a>,
    #[serde(borrow)]
    av: Raw<'a>,
    #[serde(borrow)]
    op: Raw<'a>,
    #[serde(borrow)]
    vw: Raw<'a>,
    #[serde(borrow)]
    o: Raw<'a>,
    #[serde(borrow)]
    c: Raw<'a>,
    #[serde(borrow)]
    h: Raw<'a>,
    #[serde(borrow)]
    l: Raw<'a>,
    #[serde(borrow)]
    s: Raw<'a>,
    #[serde(borrow)]
    e: Raw<'a>,
}

fn aggregate(whole: &str, raw: &RawValue, interval: Interval) -> Result<Tick, ProviderError> {
    let row: AggregateMessage<'_> = READ.part(whole, raw, "a bar")?;
    let at = |field: &'static str| At { whole, field };
    Ok(Tick::Aggregate(Aggregate {
        until: READ.millis(at("e"), row.e)?,
        day_volume: READ.maybe_decimal(at("av"), row.av)?,
        day_open: READ.maybe_decimal(at("op"), row.op)?,
        bar: Bar {
            interval,
            window: Window::From(READ.millis(at("s"), row.s)?),
            figures: Basis::Raw(Ohlcv {
                open: Some(READ.decimal(at("o"), row.o)?),
                high: Some(READ.decimal(at("h"), row.h)?),
                low: Some(READ.decimal(at("l"), row.l)?),
                close: Some(READ.decimal(at("c"), row.c)?),
                volume: READ.maybe_decimal(at("v"), row.v)?,
                vwap: READ.maybe_decimal(at("vw"), row.vw)?,
            }),
            adjusted_close: None,
            trades: None,
            symbol: row.sym,
        },
    }))
}

#[derive(Debug, Deserialize)]
struct TradeMessage<'a> {
    sym: String,
    #[serde(borrow)]
    x: Raw<'a>,
    i: Option<String>,
    #[serde(borrow)]
    p: Raw<'a>,
    #[serde(borrow)]
    s: Raw<'a>,
    #[serde(borrow)]
    c: Raw<'a>,
    #[serde(borrow)]
    t: Raw<'a>,
    #[serde(borrow)]
    q: Raw<'a>,
}

fn trade(whole: &str, raw: &RawValue) -> Result<Tick, ProviderError> {
    let row: TradeMessage<'_> = READ.part(whole, raw, "a trade")?;
    let at = |field: &'static str| At { whole, field };
    Ok(Tick::Trade(Trade {
        at: READ.millis(at("t"), row.t)?,
        price: READ.decimal(at("p"), row.p)?,
        size: READ.decimal(at("s"), row.s)?,
        exchange: small(READ.maybe_whole(at("x"), row.x)?),
        id: row.i,
        conditions: row
            .c
            .map_or_else(|| Ok(Vec::new()), |raw| READ.part(at("c"), raw, "a list of conditions"))?,
        sequence: READ.maybe_whole(at("q"), row.q)?,
        symbol: row.sym,
    }))
}

#[derive(Debug, Deserialize)]
struct QuoteMessage<'a> {
    sym: String,
    #[serde(borrow)]
    bp: Raw<'a>,
    #[serde(borrow)]
    bs: Raw<'a>,
    #[serde(borrow)]
    ap: Raw<'a>,
    #[serde(borrow, rename = "as")]
    ask_size: Raw<'a>,
    #[serde(borrow)]
    t: Raw<'a>,
    #[serde(borrow)]
    q: Raw<'a>,
}

fn quote(whole: &str, raw: &RawValue) -> Result<Tick, ProviderError> {
    let row: QuoteMessage<'_> = READ.part(whole, raw, "a quote")?;
    let at = |field: &'static str| At { whole, field };
    Ok(Tick::Quote(Quote {
        at: READ.millis(at("t"), row.t)?,
        bid: READ.maybe_decimal(at("bp"), row.bp)?,
        bid_size: READ.maybe_decimal(at("bs"), row.bs)?,
        ask: READ.maybe_decimal(at("ap"), row.ap)?,
        ask_size: READ.maybe_decimal(at("as"), row.ask_size)?,
        sequence: READ.maybe_whole(at("q"), row.q)?,
        symbol: row.sym,
    }))
}

fn small(whole: Option<u64>) -> Option<u32> {
    whole.and_then(|whole| u32::try_from(whole).ok())
}

#[derive(Clone, Copy)]
struct At<'a> {
    whole: &'a str,
    field: &'static str,
}

impl std::fmt::Display for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.whole, self.field)
    }
}

/// Returns the message that logs in.
pub(crate) fn login(key: &str) -> String {
    serde_json::json!({"action": "auth", "params": key}).to_string()
}

/// Returns the message that subscribes, such as to `AM.AAPL` and `T.MSFT`.
pub(crate) fn subscription(channels: &[&str]) -> String {
    serde_json::json!({"action": "subscribe", "params": channels.join(",")}).to_string()
}

/// Returns the message that ends subscriptions.
pub(crate) fn cancellation(channels: &[&str]) -> String {
    serde_json::json!({"action": "unsubscribe", "params": channels.join(",")}).to_string()
}
