//! The clock of an instrument's exchange: since when it is open, and for how long nothing was heard meanwhile.

use apex_domain::Instrument;
use apex_market_data::calendar::{Day, Exchange, exchange};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::feeds::session::Sessions;

/// An exchange, its sessions and its clock.
#[derive(Debug, Clone)]
pub(crate) struct Venue {
    sessions: Sessions,
    exchange: Option<(&'static Exchange, TimeZone)>,
}

impl Venue {
    /// The exchange of an instrument; one whose code or zone this machine does not know counts as not known.
    pub(crate) fn of(instrument: &Instrument) -> Self {
        Self::named(instrument.exchange.as_deref())
    }

    /// The exchange of a market code.
    pub(super) fn named(mic: Option<&str>) -> Self {
        let found = mic.and_then(|mic| exchange(mic.trim()));
        Self {
            sessions: Sessions::of(mic.map(str::trim)),
            exchange: found.and_then(|one| Some((one, TimeZone::get(one.zone()).ok()?))),
        }
    }

    /// Returns the day of an instant on the exchange's clock.
    pub(crate) fn day_of(&self, instant: Timestamp) -> Date {
        let zone = self.exchange.as_ref().map_or(TimeZone::UTC, |(_, zone)| zone.clone());
        zone.to_datetime(instant).date()
    }

    /// Returns the day of the last session that has ended.
    pub(crate) fn last_ended(&self, now: Timestamp) -> Date {
        self.sessions.last_ended(self.day_of(now), now)
    }

    /// Returns how many sessions there are after a day, up to another one.
    pub(crate) fn sessions_after(&self, day: Date, until: Date) -> usize {
        self.sessions.between(day, until)
    }

    /// Returns for how long nothing was heard while the exchange was open; none while it is closed. Where hours are not
    /// known it counts as open.
    pub(crate) fn silence(&self, heard: Timestamp, now: Timestamp) -> Option<SignedDuration> {
        let since = match &self.exchange {
            Some((exchange, zone)) if self.sessions.is_open(now) => opening(exchange, zone, now).max(Some(heard))?,
            Some(_) => return None,
            None => heard,
        };
        Some(now.duration_since(since).max(SignedDuration::ZERO))
    }
}

/// Returns when the session of an instant's day opens; none where its hours are not known.
fn opening(exchange: &Exchange, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let date = zone.to_datetime(now).date();
    let Day::Open(session) = exchange.day(date) else {
        return None;
    };
    zone.to_timestamp(date.to_datetime(session.hours.open)).ok()
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
