//! When a bar is: an instant, and the day the exchange's own clock shows.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::Serialize;

/// How long a bar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Interval {
    /// A trading day.
    #[serde(rename = "1d")]
    Day,
    /// A week.
    #[serde(rename = "1wk")]
    Week,
    /// An hour.
    #[serde(rename = "1h")]
    Hour,
    /// Fifteen minutes.
    #[serde(rename = "15m")]
    QuarterHour,
}

impl Interval {
    /// Returns the name that people type.
    pub fn name(self) -> &'static str {
        match self {
            Interval::Day => "1d",
            Interval::Week => "1wk",
            Interval::Hour => "1h",
            Interval::QuarterHour => "15m",
        }
    }

    /// Returns whether a day has several bars.
    pub fn is_intraday(self) -> bool {
        matches!(self, Interval::Hour | Interval::QuarterHour)
    }

    /// Returns the interval that the usual distance of bars speaks for; daily where there are too few to tell.
    pub(crate) fn of(stamps: &[Stamp]) -> Self {
        let mut distances: Vec<i64> = stamps
            .windows(2)
            .map(|pair| pair[1].instant.as_second() - pair[0].instant.as_second())
            .collect();
        distances.sort_unstable();
        match distances.get(distances.len() / 2) {
            Some(seconds) if *seconds <= 45 * 60 => Interval::QuarterHour,
            Some(seconds) if *seconds <= 6 * 3600 => Interval::Hour,
            Some(seconds) if *seconds >= 5 * 86_400 => Interval::Week,
            _ => Interval::Day,
        }
    }
}

/// When a bar is. Stamps are ordered by instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// The instant; midnight UTC where the source gives a date only.
    pub instant: Timestamp,
    /// The day at the exchange.
    pub date: Date,
    /// Whether the source gives a time of day that is not midnight.
    timed: bool,
}

impl Stamp {
    /// Returns the stamp of a day; `None` beyond the days of which there are instants.
    pub(crate) fn of_day(date: Date) -> Option<Self> {
        let instant = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Some(Self {
            instant,
            date,
            timed: false,
        })
    }

    /// Reads `2026-03-31`, `2026-03-31 09:30:00+01:00` or `2026-03-31T08:30:00Z`.
    ///
    /// A time of day needs its offset: without it nobody knows the instant.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let (true, Ok(date)) = (text.len() <= 10, text.parse::<Date>()) {
            return Self::of_day(date);
        }
        let instant: Timestamp = text.parse().ok()?;
        let local: DateTime = match text.strip_suffix(['Z', 'z']) {
            Some(text) => text.parse().ok()?,
            None => text.parse().ok()?,
        };
        Some(Self {
            instant,
            date: local.date(),
            timed: local.time() != jiff::civil::Time::midnight(),
        })
    }
}

impl fmt::Display for Stamp {
    /// Writes the date, or the instant where a day has several bars.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timed {
            true => write!(formatter, "{}", self.instant),
            false => write!(formatter, "{}", self.date),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_the_day_of_its_own_clock() {
        let hong_kong = Stamp::read("2022-01-03 00:00:00+08:00").unwrap();
        assert_eq!(hong_kong.date.to_string(), "2022-01-03");
        assert_eq!(hong_kong.instant.to_string(), "2022-01-02T16:00:00Z");
        assert_eq!(Stamp::read("2022-01-03").unwrap().to_string(), "2022-01-03");
        assert_eq!(
            Stamp::read("2022-01-03T09:30:00Z").unwrap().to_string(),
            "2022-01-03T09:30:00Z"
        );
        assert!(Stamp::read("2022-01-03 09:30:00").is_none(), "no offset, no instant");
        assert!(Stamp::read("yesterday").is_none());
    }
}
