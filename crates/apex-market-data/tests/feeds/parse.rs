//! Answers read: the numbers are those of the fixtures, copied by hand.

mod alpha_vantage;
mod files;
mod polygon;
mod yahoo;

use apex_domain::Decimal;
use apex_market_data::{Bar, Ohlcv, ProviderError, Records, Window};

pub(crate) fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Returns the day of a bar.
pub(crate) fn day(bar: &Bar) -> String {
    match bar.window {
        Window::Day(day) => day.to_string(),
        Window::From(start) => start.to_string(),
    }
}

/// Returns open, high, low, close and volume as they are written.
pub(crate) fn row(figures: &Ohlcv) -> String {
    [figures.open, figures.high, figures.low, figures.close, figures.volume]
        .map(|figure| figure.map_or_else(|| "--".to_owned(), |figure| figure.to_string()))
        .join(" ")
}

/// Returns the day and the row of each bar, as traded.
pub(crate) fn rows(records: &Records) -> Vec<String> {
    let bars = records.bars.iter();
    bars.map(|bar| format!("{} {}", day(bar), row(bar.figures.raw().unwrap())))
        .collect()
}

/// Asserts the kind of an error by how it debugs, and its sentence.
pub(crate) fn says<T: std::fmt::Debug>(result: Result<T, ProviderError>, sentence: &str) {
    assert_eq!(result.unwrap_err().to_string(), sentence);
}
