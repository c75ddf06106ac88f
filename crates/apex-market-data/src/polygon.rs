//! Polygon.io, named Massive since October 2025: its answers, read.
//!
//! Every function here is pure: bytes in, records or a typed refusal out. What to ask and how to send it is in
//! [`ask`]; the stream is in [`stream`].
//!
//! Facts relied on: a stock's day begins at midnight in New York, given as UTC milliseconds, so its date comes from the
//! time zone and never from adding 86,400 seconds; a currency's (`C:EURUSD`) begins at midnight UTC; `results` is absent where there is nothing; `vw`, `n` and `otc` may be missing; `v` may be
//! `642646396.0`; `next_url` holds no key.

use std::borrow::Cow;

use apex_domain::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{Cap, ProviderError};
use crate::json::{Raw, Reader, head};
use crate::record::{Bar, Basis, Interval, Ohlcv, Provider, Records, Window};
use crate::redact::quotable;
use crate::zone::{self, NEW_YORK};

mod actions;
pub mod ask;
mod reference;
pub mod stream;

pub use actions::{dividends, splits};
pub use reference::{news, reference_tickers, ticker_events};

pub(crate) const READ: Reader = Reader(Provider::Polygon);

/// One page of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What it says.
    pub records: Records,
    /// The address of the next page, without a key.
    pub next_url: Option<String>,
}

/// What all answers have around their results.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ticker: Option<Cow<'a, str>>,
    adjusted: Option<bool>,
    #[serde(borrow)]
    pub(crate) results: Raw<'a>,
    next_url: Option<String>,
    #[serde(borrow)]
    error: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
}

impl<'a> Envelope<'a> {
    /// Reads the envelope of an answer and refuses what says that it failed.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, ProviderError> {
        let envelope: Self = READ.json(bytes)?;
        match envelope.status.as_deref() {
            // The newer endpoints leave it out where all is well.
            None | Some("OK" | "DELAYED") if envelope.error.is_none() => Ok(envelope),
            status => {
                let said = envelope.error.as_deref().or(envelope.message.as_deref());
                Err(refusal(
                    status.unwrap_or("ERROR"),
                    said.unwrap_or("it does not say why"),
                ))
            }
        }
    }

    /// Returns the rows of its results, none where there are no results.
    pub(crate) fn rows(&self) -> Result<Vec<&'a RawValue>, ProviderError> {
        self.results
            .map_or_else(|| Ok(Vec::new()), |raw| READ.part("results", raw, "a list of results"))
    }

    pub(crate) fn page(self, mut records: Records) -> Page {
        records.is_delayed = self.status.as_deref() == Some("DELAYED");
        Page {
            records,
            next_url: self.next_url.filter(|url| !url.is_empty()),
        }
    }
}

#[derive(Debug, Deserialize)]
struct AggregateRow<'a> {
    #[serde(borrow, rename = "T")]
    symbol: Option<Cow<'a, str>>,
    #[serde(borrow)]
    t: Raw<'a>,
    #[serde(borrow)]
    o: Raw<'a>,
    #[serde(borrow)]
    h: Raw<'a>,
    #[serde(borrow)]
    l: Raw<'a>,
    #[serde(borrow)]
    c: Raw<'a>,
    #[serde(borrow)]
    v: Raw<'a>,
    #[serde(borrow)]
    vw: Raw<'a>,
    #[serde(borrow)]
    n: Raw<'a>,
}

/// Reads one page of the bars of a symbol (`/v2/aggs/ticker/…/range/…`).
///
/// # Errors
///
/// Refuses an answer that is no JSON, that says it failed, that is about another symbol (it has happened), or a bar
/// without instant, open, high, low or close.
pub fn aggregates(bytes: &[u8], symbol: &str, interval: Interval) -> Result<Page, ProviderError> {
    let envelope = Envelope::read(bytes)?;
    if let Some(ticker) = envelope.ticker.as_deref().filter(|ticker| *ticker != symbol) {
        return Err(READ.malformed("ticker", ticker, "the symbol that was asked for"));
    }
    bars(envelope, Some(symbol), interval)
}

/// Reads the day's bars of the whole market (`/v2/aggs/grouped/…`).
///
/// # Errors
///
/// Refuses what [`aggregates`] refuses, and a row without its symbol.
pub fn grouped_daily(bytes: &[u8]) -> Result<Page, ProviderError> {
    bars(Envelope::read(bytes)?, None, Interval::Day)
}

fn bars(envelope: Envelope<'_>, symbol: Option<&str>, interval: Interval) -> Result<Page, ProviderError> {
    let rows = envelope.rows()?;
    // Answers say `adjusted` wherever there are bars; only a raw one may be taken as raw.
    let is_raw = match (envelope.adjusted, rows.is_empty()) {
        (Some(adjusted), _) => !adjusted,
        (None, true) => true,
        (None, false) => return Err(READ.malformed("adjusted", "nothing", "true or false")),
    };
    // Currencies and coins have no exchange.
    let is_pair = symbol.is_some_and(|symbol| symbol.starts_with("C:") || symbol.starts_with("X:"));
    let zone = if is_pair {
        TimeZone::UTC
    } else {
        zone::zone(Provider::Polygon, NEW_YORK)?
    };
    let mut bars = Vec::with_capacity(rows.len());
    for (number, raw) in rows.into_iter().enumerate() {
        let row: AggregateRow<'_> = READ.part(format_args!("results[{number}]"), raw, "a bar")?;
        let at = |field: &'static str| Field { number, field };
        let symbol = symbol
            .or(row.symbol.as_deref())
            .ok_or_else(|| READ.malformed(at("T"), "nothing", "a symbol"))?;
        let start = READ.millis(at("t"), row.t)?;
        let figures = Ohlcv {
            open: Some(READ.decimal(at("o"), row.o)?),
            high: Some(READ.decimal(at("h"), row.h)?),
            low: Some(READ.decimal(at("l"), row.l)?),
            close: Some(READ.decimal(at("c"), row.c)?),
            volume: READ.maybe_decimal(at("v"), row.v)?,
            vwap: READ.maybe_decimal(at("vw"), row.vw)?,
        };
        bars.push(Bar {
            symbol: symbol.to_owned(),
            interval,
            window: window(start, interval, &zone),
            figures: if is_raw {
                Basis::Raw(figures)
            } else {
                Basis::SplitAdjusted(figures)
            },
            adjusted_close: None,
            trades: READ.maybe_whole(at("n"), row.n)?,
        });
    }
    Ok(envelope.page(Records {
        bars,
        ..Records::default()
    }))
}

/// A field of a row of the results, for messages; written only where there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) number: usize,
    pub(crate) field: &'static str,
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "results[{}].{}", self.number, self.field)
    }
}

fn window(start: Timestamp, interval: Interval, zone: &TimeZone) -> Window {
    if interval.is_dated() {
        Window::Day(zone::date(start, zone))
    } else {
        Window::From(start)
    }
}

/// Returns what a refusal in an answer's own words means.
fn refusal(status: &str, said: &str) -> ProviderError {
    let provider = Provider::Polygon;
    let low = said.to_ascii_lowercase();
    let message = quotable(said);
    if low.contains("maximum requests per minute") || low.contains("too many requests") {
        ProviderError::Throttled {
            provider,
            cap: low.contains("per minute").then_some(Cap::Minute),
            retry_after_secs: None,
        }
    } else if status == "NOT_AUTHORIZED" || low.contains("not entitled") || low.contains("upgrade your plan") {
        ProviderError::NotEntitled { provider, message }
    } else if low.contains("api key") || low.contains("unauthorized") {
        ProviderError::KeyRefused { provider, message }
    } else if status == "NOT_FOUND" {
        ProviderError::NoData { provider, message }
    } else {
        ProviderError::Refused { provider, message }
    }
}

/// Returns what an answer with a failing HTTP status means. `retry_after_secs` is its header, if it has one.
///
/// ```
/// use apex_market_data::{Cap, ProviderError, polygon};
///
/// let body = br#"{"status":"ERROR","error":"You've exceeded the maximum requests per minute."}"#;
/// let ProviderError::Throttled { cap, retry_after_secs, .. } = polygon::failure(429, body, Some(12)) else { panic!() };
/// assert_eq!((cap, retry_after_secs), (Some(Cap::Minute), Some(12)));
/// ```
pub fn failure(status: u16, bytes: &[u8], retry_after_secs: Option<u64>) -> ProviderError {
    let provider = Provider::Polygon;
    let said = READ.json::<Envelope<'_>>(bytes).ok().and_then(|envelope| {
        let said = envelope.error.or(envelope.message)?;
        Some((envelope.status.unwrap_or_default().into_owned(), said.into_owned()))
    });
    match (status, said) {
        (429, said) => ProviderError::Throttled {
            provider,
            cap: match said.map(|(status, said)| refusal(&status, &said)) {
                Some(ProviderError::Throttled { cap, .. }) => cap,
                _ => None,
            },
            retry_after_secs,
        },
        (401, said) => ProviderError::KeyRefused {
            provider,
            message: said.map_or_else(|| head(bytes), |(_, said)| quotable(&said)),
        },
        (403, Some((_, said))) => ProviderError::NotEntitled {
            provider,
            message: quotable(&said),
        },
        (404, said) => ProviderError::NoData {
            provider,
            message: said.map_or_else(|| head(bytes), |(_, said)| quotable(&said)),
        },
        (400..500, Some((status, said))) if !status.is_empty() => refusal(&status, &said),
        (status, said) => ProviderError::Status {
            provider,
            status,
            message: said.map_or_else(|| head(bytes), |(_, said)| quotable(&said)),
        },
    }
}
