//! Why a provider gave nothing: typed, so that a caller can wait, ask another, or tell the person what to do.
//!
//! No message holds a key: what a provider said is quoted through [`quotable`].

use apex_domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::record::Provider;
use crate::redact::quotable;

/// A span for which requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// One hour.
    Hour,
    /// 24 hours.
    Day,
}

impl Cap {
    /// Returns how long it is, in milliseconds.
    pub const fn millis(self) -> i64 {
        match self {
            Self::Second => 1_000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// Why a provider gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Too many requests, says the provider.
    #[error("{provider} wants fewer requests{}{}", per(*.cap), after(*.retry_after_secs))]
    Throttled {
        /// Who.
        provider: Provider,
        /// Which limit, where it says so.
        cap: Option<Cap>,
        /// For how long to wait, where it says so.
        retry_after_secs: Option<u64>,
    },
    /// Our own budget for the provider is spent, or its circuit is open; nothing was sent.
    #[error("the budget for {provider} allows no request before {until}")]
    OverBudget {
        /// Whose.
        provider: Provider,
        /// When the next may go out.
        until: Timestamp,
    },
    /// The plan behind the key does not include this.
    #[error("{provider} does not include this in your plan: {message}")]
    NotEntitled {
        /// Who.
        provider: Provider,
        /// Its own words.
        message: String,
    },
    /// The key is missing, wrong or switched off.
    #[error("{provider} refuses the API key: {message}")]
    KeyRefused {
        /// Who.
        provider: Provider,
        /// Its own words.
        message: String,
    },
    /// The provider knows no such symbol.
    #[error("{provider} does not know the symbol `{symbol}`")]
    BadSymbol {
        /// Who.
        provider: Provider,
        /// As it was asked for.
        symbol: String,
    },
    /// The provider has nothing for what was asked.
    #[error("{provider} has no data: {message}")]
    NoData {
        /// Who.
        provider: Provider,
        /// For what, or its own words.
        message: String,
    },
    /// The provider has no such kind of data.
    #[error("{provider} does not offer {what}")]
    NotOffered {
        /// Who.
        provider: Provider,
        /// What was asked for.
        what: &'static str,
    },
    /// The answer is not what was agreed.
    #[error("the answer of {provider} has `{value}` at {at}, which is not {wanted}")]
    Malformed {
        /// Who.
        provider: Provider,
        /// The field, or line and column.
        at: String,
        /// What stands there.
        value: String,
        /// What should.
        wanted: &'static str,
    },
    /// A refusal that has no name here.
    #[error("{provider} refuses the request: {message}")]
    Refused {
        /// Who.
        provider: Provider,
        /// Its own words.
        message: String,
    },
    /// The provider failed, with an HTTP status.
    #[error("{provider} failed with HTTP status {status}: {message}")]
    Status {
        /// Who.
        provider: Provider,
        /// 500 and the like.
        status: u16,
        /// Its own words.
        message: String,
    },
    /// The provider could not be reached, or the connection broke.
    #[error("{provider} could not be reached: {message}")]
    Transport {
        /// Who.
        provider: Provider,
        /// What broke.
        message: String,
    },
    /// The machine does not know the exchange's time zone, so no date can be told.
    #[error("this machine has no time zone `{zone}`, which {provider} dates need; install its tzdata package")]
    UnknownZone {
        /// Whose dates.
        provider: Provider,
        /// The IANA name.
        zone: String,
    },
    /// What was sent or received could not be written down, so the request did not go out or its answer was not used.
    #[error("{provider}'s {what} could not be kept: {message}")]
    NotKept {
        /// Who.
        provider: Provider,
        /// The budget or the answer.
        what: &'static str,
        /// Why.
        message: String,
    },
}

impl ProviderError {
    /// Returns who it is about.
    pub const fn provider(&self) -> Provider {
        match self {
            Self::Throttled { provider, .. }
            | Self::OverBudget { provider, .. }
            | Self::NotEntitled { provider, .. }
            | Self::KeyRefused { provider, .. }
            | Self::BadSymbol { provider, .. }
            | Self::NoData { provider, .. }
            | Self::NotOffered { provider, .. }
            | Self::Malformed { provider, .. }
            | Self::Refused { provider, .. }
            | Self::Status { provider, .. }
            | Self::Transport { provider, .. }
            | Self::UnknownZone { provider, .. }
            | Self::NotKept { provider, .. } => *provider,
        }
    }

    /// Returns whether the same request may succeed a little later. Of the failing statuses these are 5xx, 408, 413, 425
    /// and 499.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Throttled { .. } | Self::OverBudget { .. } | Self::Transport { .. } => true,
            Self::Status { status, .. } => *status >= 500 || matches!(*status, 408 | 413 | 425 | 499),
            _ => false,
        }
    }

    /// Returns what is wrong at a place of an answer, with what stands there quoted safely.
    pub(crate) fn malformed(provider: Provider, at: String, value: &str, wanted: &'static str) -> Self {
        Self::Malformed {
            provider,
            at: quotable(&at),
            value: quotable(value),
            wanted,
        }
    }
}

fn per(cap: Option<Cap>) -> String {
    cap.map_or_else(String::new, |cap| format!(" per {}", cap.name()))
}

fn after(retry_after_secs: Option<u64>) -> String {
    retry_after_secs.map_or_else(String::new, |secs| format!("; it answers again after {secs} seconds"))
}
