//! Alpha Vantage: its answers, read.
//!
//! Every function here is pure. Facts relied on: failures come with HTTP 200 and one of the keys `Note`, `Information`
//! and `Error Message`, or as `{}`, and may echo the API key; all values are texts; `open` to `close` are raw, only
//! `adjusted close` is adjusted; a label's number differs between functions (`5. volume`, `6. volume`), so its words
//! count; times of news have no zone and are taken as UTC.

use std::borrow::Cow;
use std::collections::BTreeMap;

use apex_domain::{Date, Decimal};
use serde_json::value::RawValue;

use crate::error::{Cap, ProviderError};
use crate::json::{Reader, head};
use crate::record::{self, Bar, Basis, Dividend, Interval, Ohlcv, Provider, Records, Remark, Split, Window};
use crate::redact::quotable;

pub mod ask;
mod sentiment;

pub use sentiment::news;

pub(crate) const READ: Reader = Reader(Provider::AlphaVantage);

/// An answer by its outer keys.
pub(crate) type Parts<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Reads the daily bars of a symbol: `TIME_SERIES_DAILY` or, with splits and dividends, `TIME_SERIES_DAILY_ADJUSTED`.
///
/// Bars come oldest first. A split coefficient of the day gives a split, a dividend amount a dividend.
///
/// # Errors
///
/// Refuses the failures that come with HTTP 200 by their kind, an answer about another symbol, and a day whose values are
/// no numbers.
pub fn daily(bytes: &[u8], symbol: &str) -> Result<Records, ProviderError> {
    let parts = answer(bytes, symbol)?;
    let meta = labels(&parts, "Meta Data")?;
    let about = meta.get("symbol").map_or("", String::as_str);
    if !about.eq_ignore_ascii_case(symbol) {
        return Err(READ.malformed("Meta Data.symbol", about, "the symbol that was asked for"));
    }
    series(&parts, "Time Series (Daily)", symbol)
}

/// Reads the daily rates of exchange (`FX_DAILY`): `quote` units for one of `base`.
///
/// # Errors
///
/// Refuses what [`daily`] refuses.
pub fn rates(bytes: &[u8], base: &str, quote: &str) -> Result<Records, ProviderError> {
    let pair = format!("{base}/{quote}");
    let parts = answer(bytes, &pair)?;
    let meta = labels(&parts, "Meta Data")?;
    for (label, wanted) in [("from symbol", base), ("to symbol", quote)] {
        let about = meta.get(label).map_or("", String::as_str);
        if !about.eq_ignore_ascii_case(wanted) {
            return Err(READ.malformed(
                format_args!("Meta Data.{label}"),
                about,
                "the currency that was asked for",
            ));
        }
    }
    series(&parts, "Time Series FX (Daily)", &pair)
}

fn series(parts: &Parts<'_>, name: &'static str, symbol: &str) -> Result<Records, ProviderError> {
    let raw = parts
        .get(name)
        .ok_or_else(|| READ.malformed(name, "nothing", "a series of days"))?;
    let days: BTreeMap<Cow<'_, str>, &RawValue> = READ.part(name, raw, "a series of days")?;
    let mut records = Records::default();
    for (day, raw) in days {
        let date = READ.date(name, &day)?;
        let row: BTreeMap<Cow<'_, str>, &RawValue> = READ.part(&day, raw, "the values of a day")?;
        read_day(&mut records, symbol, date, &row)?;
    }
    Ok(records)
}

fn read_day(
    records: &mut Records,
    symbol: &str,
    date: Date,
    row: &BTreeMap<Cow<'_, str>, &RawValue>,
) -> Result<(), ProviderError> {
    let value = |label: &str| {
        let raw = row.iter().find(|(key, _)| words(key) == label).map(|(_, raw)| *raw);
        READ.maybe_decimal(format_args!("{date}.{label}"), raw)
    };
    let needed = |label: &str| {
        value(label)?.ok_or_else(|| READ.malformed(format_args!("{date}.{label}"), "nothing", "a number"))
    };
    records.bars.push(Bar {
        symbol: symbol.to_owned(),
        interval: Interval::Day,
        window: Window::Day(date),
        figures: Basis::Raw(Ohlcv {
            open: Some(needed("open")?),
            high: Some(needed("high")?),
            low: Some(needed("low")?),
            close: Some(needed("close")?),
            volume: value("volume")?,
            vwap: None,
        }),
        adjusted_close: value("adjusted close")?,
        trades: None,
    });
    if let Some(amount) = value("dividend amount")?.filter(|amount| !amount.is_zero()) {
        records.dividends.push(Dividend {
            symbol: symbol.to_owned(),
            ex_date: date,
            record_date: None,
            pay_date: None,
            declaration_date: None,
            amount: Basis::Raw(amount),
            currency: None,
            kind: None,
        });
    }
    let split = value("split coefficient")?.filter(|new| *new != Decimal::ONE);
    match split.map(|new| (new, record::ratio(new, Decimal::ONE))) {
        None => {}
        Some((_, Some(ratio))) => records.splits.push(Split {
            symbol: symbol.to_owned(),
            ex_date: date,
            ratio,
        }),
        Some((new, None)) => records.remarks.push(Remark {
            at: format!("{date}.split coefficient"),
            reason: format!("a split of {new} new shares for one is no split"),
        }),
    }
    Ok(())
}

/// Returns a label without its number: `5. volume` and `5: volume` are `volume`, in small letters.
fn words(label: &str) -> String {
    let rest = label.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let words = rest.strip_prefix(['.', ':']).filter(|_| rest.len() < label.len());
    words.unwrap_or(label).trim().to_lowercase()
}

fn labels(parts: &Parts<'_>, name: &'static str) -> Result<BTreeMap<String, String>, ProviderError> {
    let raw = parts
        .get(name)
        .ok_or_else(|| READ.malformed(name, "nothing", "an object"))?;
    let labels: BTreeMap<String, String> = READ.part(name, raw, "an object of texts")?;
    Ok(labels
        .into_iter()
        .map(|(label, value)| (words(&label), value))
        .collect())
}

/// Reads the outer keys and refuses the failures that come as good answers.
pub(crate) fn answer<'a>(bytes: &'a [u8], asked: &str) -> Result<Parts<'a>, ProviderError> {
    let provider = Provider::AlphaVantage;
    let parts: Parts<'a> = READ.json(bytes)?;
    for key in ["Error Message", "Note", "Information"] {
        if let Some(raw) = parts.get(key) {
            let said: Cow<'_, str> = READ.part(key, raw, "a text")?;
            return Err(refusal(key, &said, asked));
        }
    }
    if parts.is_empty() {
        return Err(ProviderError::NoData {
            provider,
            message: format!("its answer about `{}` is empty", quotable(asked)),
        });
    }
    Ok(parts)
}

/// Returns what a failure means, by its key and its words. The words for the daily limit praise the premium plans too, so
/// limits are looked for first.
fn refusal(key: &str, said: &str, asked: &str) -> ProviderError {
    let provider = Provider::AlphaVantage;
    let low = said.to_lowercase();
    let has = |part: &str| low.contains(part);
    let message = quotable(said);
    let throttled = |cap| ProviderError::Throttled {
        provider,
        cap,
        retry_after_secs: None,
    };
    if has("per second") || has("sparingly") {
        throttled(Some(Cap::Second))
    } else if has("per minute") || has("call frequency") {
        throttled(Some(Cap::Minute))
    } else if has("per day") || has("daily rate limit") {
        throttled(Some(Cap::Day))
    } else if has("apikey is invalid") || has("demo** api key") || has("demo api key") || has("claim your free api key")
    {
        ProviderError::KeyRefused { provider, message }
    } else if has("premium") {
        ProviderError::NotEntitled { provider, message }
    } else if key == "Note" {
        throttled(None)
    } else if key == "Error Message" && has("invalid api call") {
        ProviderError::BadSymbol {
            provider,
            symbol: quotable(asked),
        }
    } else {
        ProviderError::Refused { provider, message }
    }
}

/// Returns what an answer with a failing HTTP status means. `retry_after_secs` is its header, if it has one.
pub fn failure(status: u16, bytes: &[u8], retry_after_secs: Option<u64>) -> ProviderError {
    let provider = Provider::AlphaVantage;
    if status == 429 {
        return ProviderError::Throttled {
            provider,
            cap: None,
            retry_after_secs,
        };
    }
    match answer(bytes, "") {
        Err(
            err @ (ProviderError::Throttled { .. }
            | ProviderError::NotEntitled { .. }
            | ProviderError::KeyRefused { .. }),
        ) => err,
        _ => ProviderError::Status {
            provider,
            status,
            message: head(bytes),
        },
    }
}
