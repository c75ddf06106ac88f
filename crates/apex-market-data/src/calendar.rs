//! When exchanges are open: sessions, holidays and shortened days of 32 exchanges.
//!
//! The days are data, `data/exchanges.txt`, taken from the Python package exchange_calendars 4.13.2 (Apache-2.0) by the
//! script beside it. What is not covered: days before 1990 (Tokyo and Bombay: 1997, Shanghai: 1991, Tel Aviv: 2019) and
//! after 2027 (Shanghai, Singapore and Bombay: 2026), lunch breaks, auctions, trading halts, and the sessions of
//! derivatives. Closures that were announced after the package's release are unknown to it. Times are those of the main
//! board on the exchange's own clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use serde::Serialize;

mod parse;

static EXCHANGES: LazyLock<Vec<Exchange>> = LazyLock::new(|| {
    parse::parse(include_str!("../data/exchanges.txt")).expect("a test reads the same file of the program itself")
});

/// Returns all exchanges, by their market identifier codes.
pub fn exchanges() -> &'static [Exchange] {
    &EXCHANGES
}

/// Returns the exchange of a market identifier code (ISO 10383), such as `XLON`.
///
/// ```
/// use apex_market_data::calendar::{Day, exchange};
/// use jiff::civil::date;
///
/// let london = exchange("XLON").unwrap();
/// assert_eq!(london.day(date(2024, 8, 26)), Day::Closed); // Summer bank holiday
/// assert_eq!(london.day(date(1980, 1, 2)), Day::Unknown);
/// ```
pub fn exchange(mic: &str) -> Option<&'static Exchange> {
    EXCHANGES.iter().find(|exchange| exchange.mic.eq_ignore_ascii_case(mic))
}

/// The days and hours of one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    mic: String,
    zone: String,
    first: Date,
    last: Date,
    /// Usual hours from a year on.
    hours: BTreeMap<i16, Hours>,
    /// Days of the week that are sessions as a rule, Monday first, from a year on.
    week: BTreeMap<i16, [bool; 7]>,
    closed: BTreeSet<Date>,
    extra: BTreeSet<Date>,
    special: BTreeMap<Date, Hours>,
}

/// The hours of a session on the exchange's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hours {
    /// When trading opens.
    pub open: Time,
    /// When it closes.
    pub close: Time,
}

/// What a day is to an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// A session.
    Open(Session),
    /// No session.
    Closed,
    /// Beyond what is known.
    Unknown,
}

/// A day on which an exchange is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// From when to when.
    pub hours: Hours,
    /// Whether it closes earlier than usual.
    pub shortened: bool,
}

impl Exchange {
    /// Returns the market identifier code.
    pub fn mic(&self) -> &str {
        &self.mic
    }

    /// Returns the time zone, by its IANA name.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// Returns the first and the last day that are known.
    pub fn known(&self) -> (Date, Date) {
        (self.first, self.last)
    }

    /// Returns what a day is.
    pub fn day(&self, date: Date) -> Day {
        if date < self.first || date > self.last {
            return Day::Unknown;
        }
        let usual = self.extra.contains(&date) || (self.in_week(date) && !self.closed.contains(&date));
        let hours = latest(&self.hours, date.year()).filter(|_| usual);
        match hours {
            Some(usual) => {
                let hours = self.special.get(&date).copied().unwrap_or(usual);
                Day::Open(Session {
                    hours,
                    shortened: hours.close < usual.close,
                })
            }
            None => Day::Closed,
        }
    }

    /// Returns the sessions of a stretch of days, as far as they are known.
    pub fn sessions(&self, first: Date, last: Date) -> impl Iterator<Item = Date> {
        first
            .max(self.first)
            .series(1.day())
            .take_while(move |date| *date <= last.min(self.last))
            .filter(|date| matches!(self.day(*date), Day::Open(_)))
    }

    /// Compares days that have bars with the sessions from the first to the last of them.
    pub fn compare(&self, dates: &BTreeSet<Date>) -> Coverage {
        let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
            return Coverage::default();
        };
        Coverage {
            missing: self
                .sessions(*first, *last)
                .filter(|date| !dates.contains(date))
                .collect(),
            outside: dates
                .iter()
                .copied()
                .filter(|date| self.day(*date) == Day::Closed)
                .collect(),
            unknown: dates.iter().filter(|date| self.day(**date) == Day::Unknown).count(),
        }
    }

    fn in_week(&self, date: Date) -> bool {
        let day = date.weekday().to_monday_zero_offset() as usize;
        latest(&self.week, date.year()).is_some_and(|week| week[day])
    }

    /// Returns whether a day of the week is a session as a rule in a year.
    pub fn trades_on(&self, weekday: Weekday, year: i16) -> bool {
        let day = weekday.to_monday_zero_offset() as usize;
        latest(&self.week, year).is_some_and(|week| week[day])
    }
}

/// What bars have and lack, against the sessions of their exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Sessions without a bar.
    pub missing: Vec<Date>,
    /// Bars on days without a session.
    pub outside: Vec<Date>,
    /// Bars on days of which nothing is known.
    pub unknown: usize,
}

/// What holds in a year, by the year from which on it holds.
fn latest<T: Copy>(by_year: &BTreeMap<i16, T>, year: i16) -> Option<T> {
    by_year.range(..=year).next_back().map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn shortened(mic: &str, date: Date) -> Option<Time> {
        match exchange(mic).unwrap().day(date) {
            Day::Open(session) if session.shortened => Some(session.hours.close),
            _ => None,
        }
    }

    #[test]
    fn the_major_exchanges_are_there_and_every_line_is_read() {
        let majors = "XNYS XNAS XLON XETR XPAR XTKS XHKG XTAE XASX XSTO XMIL XJSE XTSE XSWX XAMS";
        for mic in majors.split(' ') {
            let exchange = exchange(mic).unwrap();
            assert!(
                jiff::tz::TimeZone::get(exchange.zone()).is_ok(),
                "{mic}: {}",
                exchange.zone()
            );
            let year = exchange.sessions(date(2024, 1, 1), date(2024, 12, 31)).count();
            assert!((240..=260).contains(&year), "{mic} had {year} sessions in 2024");
        }
        assert_eq!(exchanges().len(), 32);
    }

    // The days below are from the exchanges' own published calendars, as far back as the event is common knowledge.
    #[test]
    fn holidays_closures_and_half_days_are_those_the_exchanges_published() {
        let closed = |mic: &str, date| exchange(mic).unwrap().day(date) == Day::Closed;
        // NYSE: after the attacks of 2001, Hurricane Sandy, Juneteenth, the day of mourning of January 2025.
        for day in [
            date(2001, 9, 11),
            date(2012, 10, 29),
            date(2022, 6, 20),
            date(2025, 1, 9),
        ] {
            assert!(closed("XNYS", day), "{day}");
        }
        assert_eq!(shortened("XNYS", date(2024, 11, 29)), Some(time(13, 0, 0, 0)));
        // London: the coronation, and Christmas Eve until 12:30.
        assert!(closed("XLON", date(2023, 5, 8)));
        assert_eq!(shortened("XLON", date(2024, 12, 24)), Some(time(12, 30, 0, 0)));
        // Tokyo: the abdication's ten days; Hong Kong: Lunar New Year; Milan: mid-August; Johannesburg: Heritage Day.
        assert!(closed("XTKS", date(2019, 5, 1)) && closed("XHKG", date(2024, 2, 12)));
        assert!(closed("XMIL", date(2024, 8, 15)) && closed("XJSE", date(2024, 9, 24)));
        assert!(!closed("XHKG", date(2024, 7, 5)), "a Friday like any other");
    }

    #[test]
    fn tel_aviv_went_from_sundays_to_fridays_in_2026() {
        let tel_aviv = exchange("XTAE").unwrap();
        assert!(tel_aviv.trades_on(Weekday::Sunday, 2025) && !tel_aviv.trades_on(Weekday::Friday, 2025));
        assert!(
            matches!(tel_aviv.day(date(2026, 1, 4)), Day::Open(_)),
            "the last Sunday"
        );
        assert_eq!(tel_aviv.day(date(2026, 1, 11)), Day::Closed);
        assert!(matches!(tel_aviv.day(date(2026, 1, 9)), Day::Open(_)));
        assert_eq!(tel_aviv.day(date(2018, 12, 31)), Day::Unknown);
    }

    #[test]
    fn days_of_real_prices_are_the_sessions_of_new_york_and_no_others() {
        // 20 US stocks, every day from 1990-01-02 to 2022-12-28 (`tests/data/README.md`).
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/data/prices/sp500_dataset.csv.gz"
        );
        let mut text = String::new();
        let mut reader = flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap());
        std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
        let days: BTreeSet<Date> = text.lines().skip(1).map(|line| line[..10].parse().unwrap()).collect();
        assert_eq!(days.len(), 8313);
        assert_eq!(exchange("XNYS").unwrap().compare(&days), Coverage::default());
    }

    #[test]
    fn bars_are_compared_with_the_sessions_between_the_first_and_the_last() {
        // Good Friday 2024 was March 29; the Monday after is a session in New York.
        let days = [date(2024, 3, 27), date(2024, 3, 29), date(2024, 4, 1)];
        let coverage = exchange("XNYS").unwrap().compare(&days.into_iter().collect());
        assert_eq!(coverage.missing, [date(2024, 3, 28)]);
        assert_eq!(coverage.outside, [date(2024, 3, 29)]);
        assert_eq!(coverage.unknown, 0);
    }
}
