//! Yahoo's stream: `PricingData` of its protocol buffers, for display only.
//!
//! Its prices are 32-bit floats, so [`Display`] has `f32` fields and no way into a decimal: they may be shown, and never
//! enter a book.

use std::borrow::Cow;
use std::collections::BTreeSet;

use apex_domain::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use serde::Deserialize;

use super::READ;
use crate::error::ProviderError;

/// The longest message that is decoded, in bytes; true ones are under 300.
const MESSAGE_MAX: usize = 16 * 1024;

/// What one message of the stream says, for a screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Display {
    /// Yahoo's symbol.
    pub symbol: String,
    /// When it held.
    pub at: Timestamp,
    /// The last price.
    pub price: f32,
    /// Since yesterday's close, in percent.
    pub change_percent: f32,
    /// Since yesterday's close, per share.
    pub change: f32,
    /// Shares traded today.
    pub day_volume: i64,
    /// The best bid, where there is one.
    pub bid: Option<f32>,
    /// The best offer, where there is one.
    pub ask: Option<f32>,
    /// Yahoo's word for the unit of its prices.
    pub currency: Option<String>,
    /// Yahoo's word for the exchange.
    pub exchange: Option<String>,
    /// 0 before the market, 1 while it trades, 2 after it, 3 overnight.
    pub market_hours: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct PricingData {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(float, tag = "2")]
    price: f32,
    #[prost(sint64, tag = "3")]
    time: i64,
    #[prost(string, tag = "4")]
    currency: String,
    #[prost(string, tag = "5")]
    exchange: String,
    #[prost(int32, tag = "7")]
    market_hours: i32,
    #[prost(float, tag = "8")]
    change_percent: f32,
    #[prost(sint64, tag = "9")]
    day_volume: i64,
    #[prost(float, tag = "12")]
    change: f32,
    #[prost(float, tag = "23")]
    bid: f32,
    #[prost(float, tag = "25")]
    ask: f32,
}

#[derive(Debug, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
}

/// Reads a frame: `{"type":"pricing","message":"…"}`, or bare base64 as older servers send. `None` for other types.
///
/// # Errors
///
/// Refuses what is neither, base64 that is none, bytes that are no `PricingData`, and a price that is no finite number.
pub fn frame(text: &[u8]) -> Result<Option<Display>, ProviderError> {
    let trimmed = text.trim_ascii();
    let encoded: Cow<'_, [u8]> = if trimmed.starts_with(b"{") {
        let envelope: Envelope<'_> = READ.json(trimmed)?;
        match (envelope.kind.as_ref(), envelope.message) {
            ("pricing", Some(message)) => Cow::Owned(message.into_owned().into_bytes()),
            ("pricing", None) => return Err(READ.malformed("message", "nothing", "base64")),
            _ => return Ok(None),
        }
    } else {
        Cow::Borrowed(trimmed)
    };
    if encoded.len() > MESSAGE_MAX {
        return Err(READ.malformed("message", "a very long text", "a message of some hundred bytes"));
    }
    let quoted = || String::from_utf8_lossy(&encoded).into_owned();
    let bytes = STANDARD
        .decode(&encoded)
        .map_err(|_| READ.malformed("message", &quoted(), "base64"))?;
    let data = PricingData::decode(bytes.as_slice())
        .map_err(|_| READ.malformed("message", &quoted(), "a PricingData of protocol buffers"))?;
    display(data).map(Some)
}

fn display(data: PricingData) -> Result<Display, ProviderError> {
    let at = Timestamp::from_millisecond(data.time)
        .map_err(|_| READ.malformed("time", &data.time.to_string(), "milliseconds since 1970"))?;
    for (field, value) in [
        ("price", data.price),
        ("change", data.change),
        ("change_percent", data.change_percent),
    ] {
        if !value.is_finite() {
            return Err(READ.malformed(field, &value.to_string(), "a finite number"));
        }
    }
    if data.id.is_empty() {
        return Err(READ.malformed("id", "nothing", "a symbol"));
    }
    let offered = |price: f32| Some(price).filter(|price| price.is_finite() && *price > 0.0);
    let word = |word: String| Some(word).filter(|word| !word.is_empty());
    Ok(Display {
        symbol: data.id,
        at,
        price: data.price,
        change_percent: data.change_percent,
        change: data.change,
        day_volume: data.day_volume,
        bid: offered(data.bid),
        ask: offered(data.ask),
        currency: word(data.currency),
        exchange: word(data.exchange),
        market_hours: data.market_hours,
    })
}

/// Returns the message that subscribes, sent again every fifteen seconds as a sign of life.
pub(crate) fn subscription(symbols: &BTreeSet<String>) -> String {
    serde_json::json!({ "subscribe": symbols }).to_string()
}

/// Returns the message that ends subscriptions.
pub(crate) fn cancellation(symbols: &[&str]) -> String {
    serde_json::json!({ "unsubscribe": symbols }).to_string()
}
