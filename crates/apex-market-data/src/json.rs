//! JSON answers read with their digits: numbers go from text to decimal and never through a float.

use std::fmt::Display;

use apex_domain::{Date, Decimal, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::ProviderError;
use crate::record::Provider;

/// A value of an answer, as it is written.
pub(crate) type Raw<'a> = Option<&'a RawValue>;

/// Reads the answers of one provider, so that errors name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader(pub(crate) Provider);

impl Reader {
    /// Reads a whole answer.
    pub(crate) fn json<'a, T: Deserialize<'a>>(self, bytes: &'a [u8]) -> Result<T, ProviderError> {
        serde_json::from_slice(bytes).map_err(|err| {
            let text = String::from_utf8_lossy(bytes);
            let line = text.lines().nth(err.line().saturating_sub(1)).unwrap_or_default();
            let start = err.column().saturating_sub(30);
            let near: String = line.chars().skip(start).take(60).collect();
            let at = format!("line {}, column {}", err.line(), err.column());
            let wanted = if err.is_data() {
                "another kind of JSON value"
            } else {
                "well-formed JSON"
            };
            self.malformed(at, if near.is_empty() { "nothing" } else { &near }, wanted)
        })
    }

    /// Reads one part of an answer.
    pub(crate) fn part<'a, T: Deserialize<'a>>(
        self,
        at: impl Display,
        raw: &'a RawValue,
        wanted: &'static str,
    ) -> Result<T, ProviderError> {
        serde_json::from_str(raw.get()).map_err(|_| self.malformed(at, raw.get(), wanted))
    }

    /// Reads a number, written as number or as text.
    pub(crate) fn decimal(self, at: impl Display, raw: Raw<'_>) -> Result<Decimal, ProviderError> {
        self.maybe_decimal(&at, raw)?
            .ok_or_else(|| self.malformed(&at, "nothing", "a number"))
    }

    /// Reads a number that may be absent, `null`, `"None"`, `"-"` or empty.
    pub(crate) fn maybe_decimal(self, at: impl Display, raw: Raw<'_>) -> Result<Option<Decimal>, ProviderError> {
        let Some(raw) = raw else { return Ok(None) };
        let text = raw.get();
        let text = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text)
            .trim();
        if matches!(text, "" | "null" | "None" | "-") {
            return Ok(None);
        }
        decimal(text)
            .map(Some)
            .ok_or_else(|| self.malformed(at, text, "a number"))
    }

    /// Reads a whole number that may be absent.
    pub(crate) fn maybe_whole(self, at: impl Display, raw: Raw<'_>) -> Result<Option<u64>, ProviderError> {
        let Some(number) = self.maybe_decimal(&at, raw)? else {
            return Ok(None);
        };
        let whole = Some(number)
            .filter(Decimal::is_integer)
            .and_then(|whole| u64::try_from(whole).ok());
        whole
            .map(Some)
            .ok_or_else(|| self.malformed(at, &number.to_string(), "a whole number"))
    }

    /// Reads milliseconds since 1970.
    pub(crate) fn millis(self, at: impl Display, raw: Raw<'_>) -> Result<Timestamp, ProviderError> {
        let number = self.decimal(&at, raw)?;
        let instant = Some(number)
            .filter(Decimal::is_integer)
            .and_then(|whole| i64::try_from(whole).ok())
            .and_then(|millis| Timestamp::from_millisecond(millis).ok());
        instant.ok_or_else(|| self.malformed(at, &number.to_string(), "milliseconds since 1970"))
    }

    /// Reads a date such as `2026-01-05`.
    pub(crate) fn date(self, at: impl Display, text: &str) -> Result<Date, ProviderError> {
        // The strict form alone: a date with an hour would be cut in silence.
        let is_strict = text.len() == 10;
        let date = Some(text).filter(|_| is_strict).and_then(|text| text.parse().ok());
        date.ok_or_else(|| self.malformed(at, text, "a date"))
    }

    /// Reads a date that may be absent or empty.
    pub(crate) fn maybe_date(self, at: impl Display, text: Option<&str>) -> Result<Option<Date>, ProviderError> {
        match text {
            None | Some("" | "None" | "0000-00-00") => Ok(None),
            Some(text) => self.date(at, text).map(Some),
        }
    }

    /// Returns what is wrong at a place.
    pub(crate) fn malformed(self, at: impl Display, value: &str, wanted: &'static str) -> ProviderError {
        ProviderError::malformed(self.0, at.to_string(), value, wanted)
    }
}

/// Reads a decimal from its digits, exponents included; `None` for what is no finite number or does not fit exactly.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    if !is_number || text.len() > 64 {
        return None;
    }
    match text.find(['e', 'E']) {
        None => Decimal::from_str_exact(text).ok(),
        Some(at) => {
            let digits = Decimal::from_str_exact(&text[..at]).ok()?;
            let exponent: i32 = text[at + 1..].parse().ok()?;
            let scale = i64::from(digits.scale()) - i64::from(exponent);
            if digits.is_zero() {
                return Some(Decimal::ZERO);
            }
            if scale < 0 {
                let power = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
                Decimal::try_from_i128_with_scale(digits.mantissa().checked_mul(power)?, 0).ok()
            } else {
                Decimal::try_from_i128_with_scale(digits.mantissa(), u32::try_from(scale).ok()?).ok()
            }
        }
    }
}

/// Returns the first characters of an answer that is no JSON, for a message.
pub(crate) fn head(bytes: &[u8]) -> String {
    let bytes = bytes.get(..600).unwrap_or(bytes);
    crate::redact::quotable(&String::from_utf8_lossy(bytes))
}
