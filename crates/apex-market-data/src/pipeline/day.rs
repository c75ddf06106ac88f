//! The exchange's days: which day an instant is on, and which days are sessions.

use apex_domain::{Date, Timestamp};
use jiff::ToSpan;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::Subject;
use crate::calendar::{self, Day, Exchange};

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayKind {
    /// A session.
    Session,
    /// A session that closes early.
    HalfDay,
    /// No session.
    Closed,
}

/// The days that count for an instrument: its exchange's sessions as far as they are known, else weekdays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    exchange: Option<&'static Exchange>,
}

impl Days {
    pub(super) fn of(subject: &Subject) -> Self {
        let exchange = match subject.is_rate() {
            true => None,
            false => subject.exchange.as_deref().and_then(calendar::exchange),
        };
        Self { exchange }
    }

    pub(super) fn kind(self, date: Date) -> DayKind {
        match self.exchange.map(|exchange| exchange.day(date)) {
            Some(Day::Open(session)) if session.shortened => DayKind::HalfDay,
            Some(Day::Open(_)) => DayKind::Session,
            Some(Day::Closed) => DayKind::Closed,
            // A Sunday may be a session where no calendar says otherwise, but not where it is never one.
            None | Some(Day::Unknown) => match date.weekday() {
                Weekday::Saturday | Weekday::Sunday if !self.trades_on(date) => DayKind::Closed,
                _ => DayKind::Session,
            },
        }
    }

    /// Returns the sessions from a day to another.
    pub(super) fn sessions(self, first: Date, last: Date) -> impl Iterator<Item = Date> {
        let days = first.series(1.day()).take_while(move |date| *date <= last);
        days.filter(move |date| self.kind(*date) != DayKind::Closed)
    }

    /// Returns the name of the exchange whose calendar is used.
    pub(super) fn name(self) -> &'static str {
        self.exchange.map_or("the weekdays", Exchange::mic)
    }

    /// Returns the day at the exchange of an instant; without an exchange that of Greenwich.
    pub(super) fn date(self, instant: Timestamp) -> Date {
        let zone = self.exchange.and_then(|exchange| TimeZone::get(exchange.zone()).ok());
        zone.unwrap_or(TimeZone::UTC).to_datetime(instant).date()
    }

    fn trades_on(self, date: Date) -> bool {
        self.exchange
            .is_some_and(|exchange| exchange.trades_on(date.weekday(), date.year()))
    }
}

#[cfg(test)]
mod tests {
    use apex_domain::{Currency, InstrumentKind};
    use jiff::civil::date;

    use super::*;

    fn days(exchange: Option<&str>) -> Days {
        Days::of(&Subject {
            currency: Currency::USD,
            exchange: exchange.map(str::to_owned),
            kind: InstrumentKind::Equity,
        })
    }

    // The exchanges' own calendars: Thanksgiving was November 28, 2024, and the day after closed at 13:00.
    #[test]
    fn half_days_are_sessions_and_weekdays_count_without_a_calendar() {
        let new_york = days(Some("XNYS"));
        assert_eq!(new_york.kind(date(2024, 11, 28)), DayKind::Closed);
        assert_eq!(new_york.kind(date(2024, 11, 29)), DayKind::HalfDay);
        let none = days(Some("XXXX"));
        assert_eq!(none.kind(date(2024, 11, 28)), DayKind::Session);
        assert_eq!(none.kind(date(2024, 11, 30)), DayKind::Closed);
        assert_eq!(none.sessions(date(2024, 11, 28), date(2024, 12, 2)).count(), 3);
    }

    #[test]
    fn an_instant_is_on_the_day_of_the_exchanges_own_clock() {
        // 04:00Z is midnight in New York in summer, and 05:00Z in winter.
        let new_york = days(Some("XNYS"));
        let on = |text: &str| new_york.date(text.parse().unwrap());
        assert_eq!(on("2024-07-01T03:59:59Z"), date(2024, 6, 30));
        assert_eq!(on("2024-07-01T04:00:00Z"), date(2024, 7, 1));
        assert_eq!(on("2024-12-02T04:00:00Z"), date(2024, 12, 1));
    }
}
