//! Time zones of exchanges, by their IANA names.
//!
//! The rules are the machine's own (`/usr/share/zoneinfo` or `TZDIR`). Without them no date can be told from an instant,
//! and an answer that needs one is refused rather than dated by a guess.

use apex_domain::{Date, Timestamp};
use jiff::tz::TimeZone;

use crate::error::ProviderError;
use crate::record::Provider;
use crate::redact::quotable;

/// The zone of the American exchanges.
pub(crate) const NEW_YORK: &str = "America/New_York";

/// Returns a zone's rules.
pub(crate) fn zone(provider: Provider, name: &str) -> Result<TimeZone, ProviderError> {
    TimeZone::get(name).map_err(|_| ProviderError::UnknownZone {
        provider,
        zone: quotable(name),
    })
}

/// Returns the date on which an instant falls.
pub(crate) fn date(instant: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(instant).date()
}
