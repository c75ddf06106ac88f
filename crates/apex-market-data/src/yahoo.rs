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
use crate::record::{Bar, Basis, Interval, Listing, Ohlcv, Provider, Records, Remark, Window};
use crate::redact::quotable;
use crate::zone;

mod access;
pub mod ask;
mod events;
mod noise;
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
    indicators: Option<Indicators<'a>>,
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

#[derive(Debug, Deserialize)]
struct Indicators<'a> {
    #[serde(borrow, default)]
    quote: Vec<Columns<'a>>,
    #[serde(borrow)]
    adjclose: Option<Vec<AdjustedColumn<'a>>>,
}

type Column<'a> = Option<Vec<Raw<'a>>>;

#[derive(Debug, Default, Deserialize)]
struct Columns<'a> {
    #[serde(borrow)]
    open: Column<'a>,
    #[serde(borrow)]
    high: Column<'a>,
    #[serde(borrow)]
    low: Column<'a>,
    #[serde(borrow)]
    close: Column<'a>,
    #[serde(borrow)]
    volume: Column<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct AdjustedColumn<'a> {
    #[serde(borrow)]
    adjclose: Column<'a>,
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
    if !meta.symbol.eq_ignore_ascii_case(symbol) {
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
    let instants = series.timestamp.as_deref().unwrap_or_default();
    let indicators = series.indicators.as_ref();
    let columns = indicators.and_then(|indicators| indicators.quote.first());
    let adjusted = indicators
        .and_then(|indicators| indicators.adjclose.as_ref())
        .and_then(|columns| columns.first());
    let none = Columns::default();
    let rows = Rows {
        symbol,
        interval,
        zone: &zone,
        columns: columns.unwrap_or(&none),
        adjusted: adjusted.and_then(|column| column.adjclose.as_deref()),
    };
    rows.read(&mut records, instants)?;
    if interval == Interval::Day {
        drop_repeated_last_day(&mut records);
    }
    Ok(records)
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

/// The rows of a chart, ready to be read.
struct Rows<'a> {
    symbol: &'a str,
    interval: Interval,
    zone: &'a TimeZone,
    columns: &'a Columns<'a>,
    adjusted: Option<&'a [Raw<'a>]>,
}

impl Rows<'_> {
    fn read(&self, records: &mut Records, instants: &[Raw<'_>]) -> Result<(), ProviderError> {
        let columns = self.columns;
        let named = [
            ("open", columns.open.as_deref()),
            ("high", columns.high.as_deref()),
            ("low", columns.low.as_deref()),
            ("close", columns.close.as_deref()),
            ("volume", columns.volume.as_deref()),
            ("adjclose", self.adjusted),
        ];
        for (name, column) in named {
            if let Some(column) = column.filter(|column| !column.is_empty() && column.len() != instants.len()) {
                let lengths = format!("{} values for {} instants", column.len(), instants.len());
                return Err(READ.malformed(name, &lengths, "one value for each instant"));
            }
        }
        records.bars.reserve(instants.len());
        for (row, instant) in instants.iter().enumerate() {
            let start = seconds(format_args!("timestamp[{row}]"), *instant)?;
            let mut value = |index: usize| {
                let (name, column) = named[index];
                cell(&mut records.remarks, name, row, column)
            };
            let figures = Ohlcv {
                open: value(0)?,
                high: value(1)?,
                low: value(2)?,
                close: value(3)?,
                volume: value(4)?,
                vwap: None,
            };
            let adjusted_close = value(5)?;
            records.bars.push(Bar {
                symbol: self.symbol.to_owned(),
                interval: self.interval,
                window: if self.interval.is_dated() {
                    Window::Day(zone::date(start, self.zone))
                } else {
                    Window::From(start)
                },
                figures: Basis::SplitAdjusted(figures),
                adjusted_close,
                trades: None,
            });
        }
        Ok(())
    }
}

/// Reads one cell; what is no number becomes `None` and, where it should have been one, a remark.
fn cell(
    remarks: &mut Vec<Remark>,
    name: &'static str,
    row: usize,
    column: Option<&[Raw<'_>]>,
) -> Result<Option<Decimal>, ProviderError> {
    let Some(raw) = column.and_then(|column| column.get(row)).copied().flatten() else {
        return Ok(None);
    };
    let text = raw.get();
    if matches!(text, r#""Infinity""# | r#""-Infinity""# | r#""NaN""#) {
        remarks.push(Remark {
            at: format!("{name}[{row}]"),
            reason: format!("{text} is no price and was left out"),
        });
        return Ok(None);
    }
    let value = READ.maybe_decimal(format_args!("{name}[{row}]"), Some(raw))?;
    // A volume is a whole number, and no digit of it is noise.
    Ok(if name == "volume" { value } else { value.map(noise::off) })
}

fn seconds(at: impl std::fmt::Display, raw: Raw<'_>) -> Result<Timestamp, ProviderError> {
    let number = READ.decimal(&at, raw)?;
    let instant = Some(number)
        .filter(Decimal::is_integer)
        .and_then(|whole| i64::try_from(whole).ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.ok_or_else(|| READ.malformed(at, &number.to_string(), "seconds since 1970"))
}

/// A day that still trades comes as its regular row and again with the price of now: keeps the last.
fn drop_repeated_last_day(records: &mut Records) {
    let [.., before, last] = records.bars.as_slice() else {
        return;
    };
    if before.window != last.window {
        return;
    }
    let at = records.bars.len() - 2;
    records.bars.remove(at);
    records.remarks.push(Remark {
        at: format!("timestamp[{at}]"),
        reason: "the last day came twice and its first row was left out".to_owned(),
    });
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

/// Returns the date at the exchange of an event's instant.
pub(crate) fn event_date(at: impl std::fmt::Display, raw: Raw<'_>, zone: &TimeZone) -> Result<Date, ProviderError> {
    Ok(zone::date(seconds(at, raw)?, zone))
}
