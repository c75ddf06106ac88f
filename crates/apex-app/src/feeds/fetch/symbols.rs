//! The symbols an instrument has had at Polygon, which tells the bars of a day under the symbol of that day alone: today's
//! symbol may have been another company's before.

use apex_market_data::record::{SymbolChange, Window};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Questions about no more days than these are about the symbol of today, unless the answer ends early.
const SHORT_DAYS: i32 = 30;

/// Days on which an instrument traded under one symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) symbol: String,
    pub(super) from: Date,
    pub(super) to: Date,
}

impl Span {
    /// Returns whether an answer about these days could be another instrument's, or lack some under another symbol.
    pub(super) fn is_doubtful(&self, last_told: Option<Date>) -> bool {
        let days = self.to.since(self.from).map_or(i32::MAX, |span| span.get_days());
        days > SHORT_DAYS || last_told.is_none_or(|last| last < self.to)
    }

    pub(super) fn has(&self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

/// Returns the day of a daily bar. Polygon's begin at midnight of New York, when it is the same day in UTC.
pub(super) fn day_of(window: Window) -> Date {
    match window {
        Window::Day(date) => date,
        Window::From(instant) => instant.to_zoned(TimeZone::UTC).date(),
    }
}

/// Divides the days asked for by the symbols of their time, oldest first. Where the changes do not know the symbol asked
/// for, they are another's and nothing is divided.
pub(super) fn spans(mut changes: Vec<SymbolChange>, asked: Span) -> Vec<Span> {
    if !changes.iter().any(|change| change.symbol == asked.symbol) {
        return vec![asked];
    }
    changes.sort_by_key(|change| change.date);
    let ends = changes.iter().skip(1).map(|next| next.date.saturating_sub(1.day()));
    let ends: Vec<Date> = ends.chain([Date::MAX]).collect();
    // What is known of a symbol begins with the first; earlier days are asked under it all the same.
    let starts = [Date::MIN]
        .into_iter()
        .chain(changes.iter().skip(1).map(|change| change.date));
    let spans = changes.iter().zip(starts).zip(ends).map(|((change, start), end)| Span {
        symbol: change.symbol.clone(),
        from: start.max(asked.from),
        to: end.min(asked.to),
    });
    spans.filter(|span| span.from <= span.to).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn change(year: i16, symbol: &str) -> SymbolChange {
        SymbolChange {
            figi: None,
            name: None,
            date: date(year, 6, 9),
            symbol: symbol.to_owned(),
        }
    }

    fn span(symbol: &str, from: Date, to: Date) -> Span {
        Span {
            symbol: symbol.to_owned(),
            from,
            to,
        }
    }

    #[test]
    fn each_day_is_asked_under_the_symbol_of_its_time() {
        let changes = || vec![change(2022, "META"), change(2012, "FB")];
        let asked = |symbol| span(symbol, date(2010, 1, 1), date(2026, 3, 31));
        let divided = [
            span("FB", date(2010, 1, 1), date(2022, 6, 8)),
            span("META", date(2022, 6, 9), date(2026, 3, 31)),
        ];
        assert_eq!(spans(changes(), asked("META")), divided);
        // A book that has not heard of the change gets the days since all the same.
        assert_eq!(spans(changes(), asked("FB")), divided);
        let late = span("META", date(2024, 1, 1), date(2026, 3, 31));
        assert_eq!(spans(changes(), late.clone()), [late]);
        assert_eq!(spans(changes(), asked("AAPL")), [asked("AAPL")]);
    }

    #[test]
    fn a_short_answer_that_ends_in_time_is_not_doubtful() {
        let short = span("META", date(2026, 3, 24), date(2026, 3, 31));
        assert!(!short.is_doubtful(Some(date(2026, 3, 31))));
        assert!(short.is_doubtful(Some(date(2026, 3, 30))));
        assert!(short.is_doubtful(None));
        assert!(span("META", date(2026, 1, 1), date(2026, 3, 31)).is_doubtful(Some(date(2026, 3, 31))));
    }
}
