//! Reading what a person typed: numbers, dates and names of one form field, refused with the field's name.

use std::str::FromStr;

use apex_domain::{Currency, Ratio};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use rust_decimal::Decimal;

use crate::error::{AppError, Result};

/// Reads a number such as `1200.50`, `1,200.50` or `1'200.50`.
pub(crate) fn decimal(field: &'static str, text: &str) -> Result<Decimal> {
    apex_format::parse_number(text).map_err(|err| AppError::field(field, format!("{err}; write it like 1200.50")))
}

/// Reads a number that may be left out.
pub(crate) fn optional_decimal(field: &'static str, text: &str) -> Result<Option<Decimal>> {
    if text.trim().is_empty() {
        Ok(None)
    } else {
        decimal(field, text).map(Some)
    }
}

/// Reads a number that is zero or more, zero where it is left out.
pub(crate) fn charge(field: &'static str, text: &str) -> Result<Decimal> {
    let value = optional_decimal(field, text)?.unwrap_or_default();
    positive_or_zero(field, value)
}

/// Refuses numbers below zero.
pub(crate) fn positive_or_zero(field: &'static str, value: Decimal) -> Result<Decimal> {
    if value < Decimal::ZERO {
        return Err(AppError::field(
            field,
            format!("{value} is below zero; the kind of transaction carries the sign"),
        ));
    }
    Ok(value)
}

/// Reads an ISO date.
pub(crate) fn date(field: &'static str, text: &str) -> Result<Date> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AppError::field(field, "a date is needed, such as 2022-01-31"));
    }
    Date::from_str(text)
        .map_err(|_| AppError::field(field, format!("`{text}` is not a date; write it like 2022-01-31")))
}

/// Reads an ISO date that may be left out.
pub(crate) fn optional_date(field: &'static str, text: &str) -> Result<Option<Date>> {
    if text.trim().is_empty() {
        Ok(None)
    } else {
        date(field, text).map(Some)
    }
}

/// The first day that a date may name. Prices of indices go back this far, and no typing error of a year lies after it.
const EARLIEST: Date = Date::constant(1800, 1, 1);

/// Returns the last day that a date may name: a year from now, for what is agreed on already.
pub(crate) fn latest(now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    today.saturating_add(Span::new().years(1))
}

/// Tells whether a date can be meant.
pub(crate) fn is_plausible(date: Date, latest: Date) -> bool {
    (EARLIEST..=latest).contains(&date)
}

/// Says which dates can be meant.
pub(crate) fn implausible(latest: Date) -> String {
    format!("dates run from {EARLIEST} to {latest}, a year from now; check the year")
}

/// Refuses a date that nobody can mean.
pub(crate) fn plausible(field: &'static str, date: Date, now: Timestamp) -> Result<()> {
    let latest = latest(now);
    if is_plausible(date, latest) {
        return Ok(());
    }
    Err(AppError::field(
        field,
        format!("{date} is not taken: {}", implausible(latest)),
    ))
}

/// Reads a currency code.
pub(crate) fn currency(field: &'static str, text: &str) -> Result<Currency> {
    let found = Currency::parse(text).ok().filter(Currency::is_listed);
    found.ok_or_else(|| {
        AppError::field(
            field,
            format!("`{}` is not a currency of ISO 4217; write a code like EUR", text.trim()),
        )
    })
}

/// Reads a ratio such as `7:1`.
pub(crate) fn ratio(field: &'static str, text: &str) -> Result<Option<Ratio>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim()
        .parse()
        .map(Some)
        .map_err(|_| AppError::field(field, format!("`{}` is not a ratio; write it like 7:1", text.trim())))
}

/// Reads a text that must not be empty.
pub(crate) fn required<'a>(field: &'static str, text: &'a str, what: &str) -> Result<&'a str> {
    let text = text.trim();
    if text.is_empty() {
        Err(AppError::field(field, format!("{what} is needed")))
    } else {
        Ok(text)
    }
}

/// The longest name of what is kept in a book.
const NAME_CHARACTERS_MAX: usize = 80;

/// Reads the name of what is kept in a book; `owner` is "a limit", "a scenario" and the like.
pub(crate) fn name<'a>(text: &'a str, owner: &str) -> Result<&'a str> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AppError::field("name", format!("{owner} needs a name")));
    }
    let count = text.chars().count();
    if count > NAME_CHARACTERS_MAX {
        let sentence = format!("a name has at most {NAME_CHARACTERS_MAX} characters, and this one {count}");
        return Err(AppError::field("name", sentence));
    }
    if text.chars().any(char::is_control) {
        let sentence = "a name is one line of plain text, without tabs or other control characters";
        return Err(AppError::field("name", sentence));
    }
    Ok(text)
}

/// Returns the text, or nothing where it is blank.
pub(crate) fn optional(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_neither_missing_nor_longer_than_eighty_characters() {
        let long = "ü".repeat(81);
        fn sentence(text: &str) -> std::result::Result<&str, String> {
            name(text, "a limit").map_err(|err| err.to_string())
        }
        assert_eq!(sentence("  Less energy "), Ok("Less energy"));
        assert_eq!(sentence(&long[..160]), Ok(&long[..160]));
        assert_eq!(sentence(" "), Err("a limit needs a name".to_owned()));
        assert_eq!(
            sentence(&long),
            Err("a name has at most 80 characters, and this one 81".to_owned())
        );
        let plain = Err("a name is one line of plain text, without tabs or other control characters".to_owned());
        assert_eq!(sentence("Less\tenergy"), plain);
        assert_eq!(sentence("Less\nenergy"), plain);
    }
}
