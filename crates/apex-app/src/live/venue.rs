//! When the exchange of an instrument is open, and how many sessions a price is behind. Where the exchange is not known,
//! weekdays are its sessions and its hours are not known.

use apex_domain::Instrument;
use apex_market_data::calendar::{Day, Exchange, Hours, exchange};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

/// Further back no session is looked for.
const DAYS_BACK_MAX: i32 = 15;
/// More sessions than this are not counted.
const SESSIONS_MAX: usize = 9_999;

/// An exchange and its clock.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Venue {
    exchange: Option<(&'static Exchange, TimeZone)>,
}

impl Venue {
    /// The exchange of an instrument; one whose code or zone this machine does not know counts as not known.
    pub(crate) fn of(instrument: &Instrument) -> Self {
        Self::named(instrument.exchange.as_deref())
    }

    fn named(mic: Option<&str>) -> Self {
        let found = mic.and_then(|mic| exchange(mic.trim()));
        let exchange = found.and_then(|one| Some((one, TimeZone::get(one.zone()).ok()?)));
        Self { exchange }
    }

    /// Returns the day of an instant on the exchange's clock.
    pub(crate) fn day_of(&self, instant: Timestamp) -> Date {
        let zone = self.exchange.as_ref().map_or(TimeZone::UTC, |(_, zone)| zone.clone());
        zone.to_datetime(instant).date()
    }

    /// Returns since when the exchange has been open, where a session is under way; none where its hours are not known.
    pub(crate) fn open_since(&self, now: Timestamp) -> Option<Timestamp> {
        let (open, close) = self.hours_on(self.day_of(now))?;
        (open <= now && now < close).then_some(open)
    }

    /// Returns whether the hours of the exchange are known.
    pub(crate) fn has_hours(&self) -> bool {
        self.exchange.is_some()
    }

    /// Returns the day of the last session that has ended.
    pub(crate) fn last_ended(&self, now: Timestamp) -> Date {
        let today = self.day_of(now);
        let mut day = today;
        for _ in 0..DAYS_BACK_MAX {
            let has_ended = match self.hours_on(day) {
                Some((_, close)) => close <= now,
                // Where no hours are known the day itself is not over.
                None => day < today && self.is_session(day),
            };
            if has_ended && self.is_session(day) {
                return day;
            }
            let Ok(before) = day.yesterday() else { break };
            day = before;
        }
        today
    }

    /// Returns how many sessions there are after a day, up to another one.
    pub(crate) fn sessions_after(&self, day: Date, until: Date) -> usize {
        let Ok(first) = day.tomorrow() else { return 0 };
        let days = first.series(1.day()).take_while(|date| *date <= until);
        days.filter(|date| self.is_session(*date)).take(SESSIONS_MAX).count()
    }

    /// Returns for how long nothing was heard while the exchange was open; none while it is closed. Where hours are not
    /// known it counts as open.
    pub(crate) fn silence(&self, heard: Timestamp, now: Timestamp) -> Option<SignedDuration> {
        let since = if self.has_hours() {
            self.open_since(now)?.max(heard)
        } else {
            heard
        };
        Some(now.duration_since(since).max(SignedDuration::ZERO))
    }

    fn is_session(&self, date: Date) -> bool {
        let is_weekday = !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        match self.exchange.as_ref().map(|(exchange, _)| exchange.day(date)) {
            Some(Day::Open(_)) => true,
            Some(Day::Closed) => false,
            Some(Day::Unknown) | None => is_weekday,
        }
    }

    fn hours_on(&self, date: Date) -> Option<(Timestamp, Timestamp)> {
        let (exchange, zone) = self.exchange.as_ref()?;
        let Day::Open(session) = exchange.day(date) else {
            return None;
        };
        let Hours { open, close } = session.hours;
        let at = |time| zone.to_timestamp(date.to_datetime(time)).ok();
        Some((at(open)?, at(close)?))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn sessions_end_at_the_close_on_the_exchange_s_own_clock() {
        let nyse = Venue::named(Some("XNYS"));
        // New York closes at 21:00 UTC in winter. The 26th of November 2026 is Thanksgiving, the 27th a half day.
        assert_eq!(nyse.last_ended(at("2026-11-25T20:59:59Z")), date(2026, 11, 24));
        assert_eq!(nyse.last_ended(at("2026-11-25T21:00:00Z")), date(2026, 11, 25));
        assert_eq!(nyse.last_ended(at("2026-11-26T23:00:00Z")), date(2026, 11, 25));
        assert_eq!(nyse.last_ended(at("2026-11-27T18:00:00Z")), date(2026, 11, 27));
        assert_eq!(nyse.sessions_after(date(2026, 11, 24), date(2026, 11, 27)), 2);
        assert_eq!(nyse.sessions_after(date(2026, 11, 27), date(2026, 11, 27)), 0);
    }

    #[test]
    fn silence_counts_from_the_opening_and_not_at_night() {
        let nyse = Venue::named(Some("XNYS"));
        let heard = at("2026-11-23T20:59:00Z");
        assert_eq!(nyse.silence(heard, at("2026-11-24T05:00:00Z")), None);
        assert_eq!(
            nyse.silence(heard, at("2026-11-24T14:36:00Z")),
            Some(SignedDuration::from_mins(6)),
            "it opens at 14:30 UTC"
        );
        assert_eq!(
            nyse.silence(at("2026-11-24T14:35:00Z"), at("2026-11-24T14:36:00Z")),
            Some(SignedDuration::from_mins(1))
        );
    }

    #[test]
    fn without_an_exchange_weekdays_count() {
        let none = Venue::named(None);
        // A Monday: the Friday before is the last weekday that is over.
        assert_eq!(none.last_ended(at("2026-11-23T12:00:00Z")), date(2026, 11, 20));
        assert_eq!(none.sessions_after(date(2026, 11, 19), date(2026, 11, 23)), 2);
        assert!(
            none.silence(at("2026-11-23T12:00:00Z"), at("2026-11-23T12:09:00Z"))
                .is_some()
        );
    }
}
