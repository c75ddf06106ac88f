//! Which sessions an instrument has: those of its exchange, weekdays where the exchange is not known.

use apex_domain::Timestamp;
use apex_market_data::calendar::{self, Day, Exchange};
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// How far back a session is looked for: longer than any closure on record.
const BACK_DAYS_MAX: i32 = 40;

/// The sessions of one instrument.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sessions {
    exchange: Option<&'static Exchange>,
}

impl Sessions {
    /// Takes the exchange's market code as an instrument has it.
    pub(crate) fn of(exchange: Option<&str>) -> Self {
        Self {
            exchange: exchange.and_then(calendar::exchange),
        }
    }

    /// Returns the market code, where the sessions of the exchange are known.
    pub(crate) fn mic(&self) -> Option<&'static str> {
        self.exchange.map(Exchange::mic)
    }

    /// Returns whether a day is a session, and whether a shortened one.
    pub(crate) fn day(&self, date: Date) -> SessionDay {
        match self.exchange.map(|exchange| exchange.day(date)) {
            Some(Day::Open(session)) if session.shortened => SessionDay::Short,
            Some(Day::Open(_)) => SessionDay::Full,
            Some(Day::Closed) => SessionDay::Closed,
            Some(Day::Unknown) | None => match date.weekday() {
                Weekday::Saturday | Weekday::Sunday => SessionDay::Closed,
                _ => SessionDay::Full,
            },
        }
    }

    /// Returns whether a day is a session.
    pub(crate) fn is_session(&self, date: Date) -> bool {
        self.day(date) != SessionDay::Closed
    }

    /// Counts the sessions after one day and up to another.
    pub(crate) fn between(&self, after: Date, until: Date) -> usize {
        let days = after.series(1.day()).skip(1).take_while(|day| *day <= until);
        days.filter(|day| self.is_session(*day)).count()
    }

    /// Returns the last session that has ended at `now`, not later than `today`: the book's clock may stand in the past.
    pub(crate) fn last_ended(&self, today: Date, now: Timestamp) -> Date {
        let days = today.series(-1.day()).take(usize::try_from(BACK_DAYS_MAX).unwrap_or(0));
        let mut ended = days.filter(|day| self.is_session(*day) && self.has_ended(*day, now));
        ended.next().unwrap_or(today)
    }

    /// Returns whether the exchange is open at an instant; for one that is not known, whether it is a weekday in UTC.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        let Some((exchange, zone)) = self.exchange.and_then(|exchange| Some((exchange, zone(exchange)?))) else {
            return self.is_session(now.to_zoned(TimeZone::UTC).date());
        };
        let there = now.to_zoned(zone);
        match exchange.day(there.date()) {
            Day::Open(session) => (session.hours.open..session.hours.close).contains(&there.time()),
            Day::Closed => false,
            Day::Unknown => self.is_session(there.date()),
        }
    }

    fn has_ended(&self, date: Date, now: Timestamp) -> bool {
        let closes = self.exchange.and_then(|exchange| match exchange.day(date) {
            Day::Open(session) => date.to_datetime(session.hours.close).to_zoned(zone(exchange)?).ok(),
            Day::Closed | Day::Unknown => None,
        });
        match closes {
            Some(closes) => closes.timestamp() <= now,
            // Without hours a day has ended when the next one has begun in UTC.
            None => date < now.to_zoned(TimeZone::UTC).date(),
        }
    }
}

fn zone(exchange: &Exchange) -> Option<TimeZone> {
    TimeZone::get(exchange.zone()).ok()
}

/// What a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionDay {
    /// A session of the usual length.
    Full,
    /// A session that ends early.
    Short,
    /// No session.
    Closed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn last_ended(exchange: Option<&str>, today: &str, now: &str) -> String {
        let sessions = Sessions::of(exchange);
        sessions.last_ended(date(today), now.parse().unwrap()).to_string()
    }

    // Sessions and hours of the New York Stock Exchange: Thanksgiving on 2026-11-26, half a day on the day after.
    #[test]
    fn the_last_session_is_the_last_one_that_has_closed() {
        let xnys = Some("XNYS");
        assert_eq!(last_ended(xnys, "2026-11-25", "2026-11-25T20:59:00Z"), "2026-11-24");
        assert_eq!(last_ended(xnys, "2026-11-25", "2026-11-25T21:00:00Z"), "2026-11-25");
        assert_eq!(last_ended(xnys, "2026-11-26", "2026-11-26T22:00:00Z"), "2026-11-25");
        assert_eq!(last_ended(xnys, "2026-11-27", "2026-11-27T18:00:00Z"), "2026-11-27");
        assert_eq!(last_ended(xnys, "2026-11-29", "2026-11-29T12:00:00Z"), "2026-11-27");
        // The demo's clock stands: its day is long over.
        assert_eq!(last_ended(xnys, "2022-12-28", "2026-11-29T12:00:00Z"), "2022-12-28");
        assert_eq!(last_ended(None, "2026-11-29", "2026-11-29T12:00:00Z"), "2026-11-27");
    }

    #[test]
    fn sessions_are_counted_without_holidays() {
        let sessions = Sessions::of(Some("XNYS"));
        // Wednesday to Monday over Thanksgiving: Friday and Monday.
        assert_eq!(sessions.between(date("2026-11-25"), date("2026-11-30")), 2);
        assert_eq!(sessions.day(date("2026-11-27")), SessionDay::Short);
        assert!(sessions.is_open("2026-11-27T17:59:00Z".parse().unwrap()));
        assert!(!sessions.is_open("2026-11-27T18:00:00Z".parse().unwrap()));
    }
}
