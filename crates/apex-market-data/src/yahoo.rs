//! Yahoo Finance: its chart answers, read. Nobody promises them, and nothing here evades a block.
//!
//! Every function here is pure. Facts relied on: prices are already adjusted for splits, `adjclose` for dividends too;
//! any value may be `null`, and `"Infinity"`, `"-Infinity"` and `"NaN"` occur: all become `None` and a remark, never a
//! number; an event's key may differ from its `date`, which counts; the day that still trades may come twice, and the
//! last one counts; prices are single-precision floats whose noise is taken off (212.8000030517578 is 212.8).

use std::borrow::Cow;
use std::collections::BTreeMap;

use apex_domain::{Date, Decimal, Timestamp};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::error::ProviderError;
use crate::json::{Raw, Reader, head};
use crate::record::{Interval, Listing, Provider, Records};
use crate::redact::quotable;
use crate::zone;

mod access;
pub mod ask;
mod events;
mod noise;
mod rows;
pub mod stream;

pub use access::{cookie, crumb};

pub(crate) const READ: Reader = Reader(Provider::Yahoo);

#[derive(Debug, Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    chart: Chart<'a>,
}

#[derive(Debug, Deserialize)]
struct Chart<'a> {
    #[serde(borrow)]
    result: Option<Vec<Series<'a>>>,
    #[serde(borrow)]
    error: Option<Failure<'a>>,
}

#[derive(Debug, Deserialize)]
struct Failure<'a> {
    #[serde(borrow)]
    code: Option<Cow<'a, str>>,
    #[serde(borrow)]
    description: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct Series<'a> {
    #[serde(borrow)]
    meta: Meta<'a>,
    #[serde(borrow)]
    timestamp: Option<Vec<Raw<'a>>>,
    #[serde(borrow)]
    events: Option<events::Events<'a>>,
    #[serde(borrow)]
    indicators: Option<rows::Indicators<'a>>,
}

/// What is read of the meta data; `tradingPeriods` is a list or an object and is not.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta<'a> {
    currency: Option<String>,
    symbol: String,
    exchange_name: Option<String>,
    instrument_type: Option<String>,
    long_name: Option<String>,
    #[serde(borrow)]
    first_trade_date: Raw<'a>,
    exchange_timezone_name: Option<String>,
    #[serde(borrow)]
    price_hint: Raw<'a>,
}

/// Reads a chart: bars, splits, dividends and distributions of gains, with what its meta data says of the symbol.
///
/// # Errors
///
/// Refuses an answer that is no JSON, Yahoo's own error by its kind, columns of different lengths, a value that is neither
/// number, `null` nor one of the three words, and an exchange's zone this machine does not know.
pub fn chart(bytes: &[u8], symbol: &str, interval: Interval) -> Result<Records, ProviderError> {
    let chart = READ.json::<Answer<'_>>(bytes)?.chart;
    if let Some(error) = chart.error {
        return Err(refusal(&error, symbol));
    }
    let Some(series) = chart.result.and_then(|results| results.into_iter().next()) else {
        return Err(no_data(symbol));
    };
    let meta = &series.meta;
    if !is_same(&meta.symbol, symbol) {
        return Err(READ.malformed("meta.symbol", &meta.symbol, "the symbol that was asked for"));
    }
    let zone_name = meta
        .exchange_timezone_name
        .as_deref()
        .ok_or_else(|| READ.malformed("meta.exchangeTimezoneName", "nothing", "a time zone"))?;
    let zone = zone::zone(Provider::Yahoo, zone_name)?;
    let mut records = Records::default();
    records.listings.push(listing(meta)?);
    if let Some(events) = &series.events {
        events.read(&mut records, symbol, meta.currency.as_deref(), &zone)?;
    }
    // Without data, `timestamp` and `quote` are missing; events may still be there.
    let rows = rows::Rows {
        symbol,
        interval,
        zone: &zone,
        instants: series.timestamp.as_deref().unwrap_or_default(),
    };
    rows.read(&mut records, &series.indicators.unwrap_or_default())?;
    Ok(records)
}

/// Returns whether two symbols name the same: Yahoo calls a dollar in yen both `USDJPY=X` and `JPY=X`.
fn is_same(one: &str, other: &str) -> bool {
    let is_short = |short: &str, long: &str| {
        let (base, rest) = long.split_at_checked(3).unwrap_or_default();
        short.len() == 5 && rest.ends_with("=X") && base == "USD" && rest == short
    };
    one.eq_ignore_ascii_case(other) || is_short(one, other) || is_short(other, one)
}

fn listing(meta: &Meta<'_>) -> Result<Listing, ProviderError> {
    // Negative for what traded before 1970, and `null` for what never did.
    let first = READ.maybe_decimal("meta.firstTradeDate", meta.first_trade_date)?;
    let decimals = READ.maybe_whole("meta.priceHint", meta.price_hint)?;
    Ok(Listing {
        symbol: meta.symbol.clone(),
        name: meta.long_name.clone(),
        kind: meta.instrument_type.clone(),
        exchange: meta.exchange_name.clone(),
        currency: meta.currency.clone().filter(|currency| !currency.is_empty()),
        zone: meta.exchange_timezone_name.clone(),
        first_trade: first
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok()),
        decimals: decimals.and_then(|decimals| u32::try_from(decimals).ok()),
        ..Listing::default()
    })
}

fn no_data(symbol: &str) -> ProviderError {
    ProviderError::NoData {
        provider: Provider::Yahoo,
        message: format!("nothing is known about `{}`", quotable(symbol)),
    }
}

fn refusal(error: &Failure<'_>, symbol: &str) -> ProviderError {
    let provider = Provider::Yahoo;
    let code = error.code.as_deref().unwrap_or_default();
    let said = error.description.as_deref().unwrap_or(code);
    let low = said.to_lowercase();
    let message = quotable(said);
    match code {
        "Not Found" if low.contains("delisted") || low.contains("no data found") => ProviderError::BadSymbol {
            provider,
            symbol: quotable(symbol),
        },
        "Unauthorized" => ProviderError::KeyRefused { provider, message },
        _ if low.contains("too many requests") => ProviderError::Throttled {
            provider,
            cap: None,
            retry_after_secs: None,
        },
        "Not Found" => ProviderError::NoData { provider, message },
        "Bad Request" | "Unprocessable Entity" if low.contains("data doesn't exist") => {
            ProviderError::NoData { provider, message }
        }
        _ => ProviderError::Refused { provider, message },
    }
}

/// Returns what an answer with a failing HTTP status means. `retry_after_secs` is its header, if it has one.
pub fn failure(status: u16, bytes: &[u8], symbol: &str, retry_after_secs: Option<u64>) -> ProviderError {
    let provider = Provider::Yahoo;
    if status == 429 {
        return ProviderError::Throttled {
            provider,
            cap: None,
            retry_after_secs,
        };
    }
    let said = READ
        .json::<Answer<'_>>(bytes)
        .ok()
        .and_then(|answer| answer.chart.error);
    match (status, said) {
        (400..500, Some(error)) => refusal(&error, symbol),
        (401 | 403, None) => ProviderError::KeyRefused {
            provider,
            message: "its cookie or crumb is out of date, or it blocks this machine".to_owned(),
        },
        (404, None) => no_data(symbol),
        _ => ProviderError::Status {
            provider,
            status,
            message: head(bytes),
        },
    }
}

/// The map of an event's kind, by keys that are not relied on.
pub(crate) type ByKey<'a, T> = BTreeMap<Cow<'a, str>, T>;

fn seconds(at: impl std::fmt::Display, raw: Raw<'_>) -> Result<Timestamp, ProviderError> {
    let number = READ.decimal(&at, raw)?;
    let instant = Some(number)
        .filter(Decimal::is_integer)
        .and_then(|whole| i64::try_from(whole).ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.ok_or_else(|| READ.malformed(at, &number.to_string(), "seconds since 1970"))
}

/// Returns the date at the exchange of an event's instant.
pub(crate) fn event_date(at: impl std::fmt::Display, raw: Raw<'_>, zone: &TimeZone) -> Result<Date, ProviderError> {
    Ok(zone::date(seconds(at, raw)?, zone))
}
