//! Identifiers: newtypes over UUIDs, so that an account is never taken for a portfolio.
//!
//! Ids are made by the client as UUIDv7 from a time and random bytes that the caller passes in.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id")]
pub struct IdError {
    /// The text that was read.
    pub text: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a UUIDv7 from the present time and ten random bytes, both drawn by the caller.
            ///
            /// Times before 1970 count as 1970.
            pub fn from_parts(now: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Wraps a UUID, for example one read from a file.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the UUID inside.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// Wraps sixteen bytes, most significant first.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// Returns the sixteen bytes, most significant first.
            pub const fn to_bytes(self) -> [u8; 16] {
                *self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError { text: text.to_owned() })
            }
        }
    };
}

id!(
    /// Names one portfolio.
    ///
    /// ```
    /// use apex_domain::{PortfolioId, Timestamp};
    ///
    /// let id = PortfolioId::from_parts(Timestamp::UNIX_EPOCH, [7; 10]);
    /// assert_eq!(id.to_string().parse(), Ok(id));
    /// ```
    PortfolioId
);
id!(
    /// Names one account of a portfolio.
    AccountId
);
id!(
    /// Names one instrument, whatever its symbol is at the time.
    InstrumentId
);
id!(
    /// Names one transaction of the ledger.
    TransactionId
);
