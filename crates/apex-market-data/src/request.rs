//! What one can ask of a provider, and how each says it: requests without their key, answers read into records.
//!
//! An [`Adapter`] does no I/O. It says what to send first, reads each answer, and says what to send next; the client
//! sends, counts, waits and keeps.

use apex_domain::{Date, Timestamp};
use jiff::ToSpan;
use reqwest::Url;
use std::path::PathBuf;

use crate::error::ProviderError;
use crate::record::{Interval, Provider, Records};
use crate::redact::ApiKey;

/// A question to a provider. Symbols are the provider's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The bars of a symbol.
    Bars {
        /// Whose.
        symbol: String,
        /// How long each is.
        interval: Interval,
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// The day's bars of a whole market.
    Market {
        /// The day.
        date: Date,
    },
    /// The splits of a whole market.
    MarketSplits {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// The dividends of a whole market.
    MarketDividends {
        /// The first ex-date.
        from: Date,
        /// The last ex-date.
        to: Date,
    },
    /// The splits of a symbol.
    Splits {
        /// Whose.
        symbol: String,
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// The dividends of a symbol.
    Dividends {
        /// Whose.
        symbol: String,
        /// The first ex-date.
        from: Date,
        /// The last ex-date.
        to: Date,
    },
    /// The symbols an instrument has had.
    SymbolChanges {
        /// A symbol, FIGI or CUSIP.
        id: String,
    },
    /// News about a symbol.
    News {
        /// About whom.
        symbol: String,
        /// The earliest instant.
        since: Timestamp,
        /// At most so many.
        limit: u32,
    },
    /// What is known about symbols.
    Listings {
        /// Part of a name or symbol; all symbols without it.
        search: Option<String>,
    },
    /// Daily rates of exchange: `quote` units for one of `base`.
    Rates {
        /// The currency that is priced.
        base: String,
        /// The currency it is priced in.
        quote: String,
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
}

impl Ask {
    /// Returns what is asked for, in words.
    pub const fn what(&self) -> &'static str {
        match self {
            Self::Bars { interval, .. } if interval.is_dated() => "daily bars",
            Self::Bars { .. } => "bars shorter than a day",
            Self::Market { .. } => "bars of a whole market",
            Self::MarketSplits { .. } => "splits of a whole market",
            Self::MarketDividends { .. } => "dividends of a whole market",
            Self::Splits { .. } => "splits",
            Self::Dividends { .. } => "dividends",
            Self::SymbolChanges { .. } => "changes of symbols",
            Self::News { .. } => "news",
            Self::Listings { .. } => "lists of symbols",
            Self::Rates { .. } => "rates of exchange",
        }
    }

    /// Returns the symbol that it is about, where it is about one.
    pub fn symbol(&self) -> &str {
        match self {
            Self::Bars { symbol, .. }
            | Self::Splits { symbol, .. }
            | Self::Dividends { symbol, .. }
            | Self::News { symbol, .. } => symbol,
            Self::SymbolChanges { id } => id,
            Self::Market { .. }
            | Self::MarketSplits { .. }
            | Self::MarketDividends { .. }
            | Self::Listings { .. }
            | Self::Rates { .. } => "",
        }
    }

    /// Returns whether answers are kept as they came. Those about a whole market hold a few symbols that somebody wants among
    /// thousands that nobody does, and those of minutes are asked for again each minute; what is taken from them is kept.
    pub const fn is_kept(&self) -> bool {
        match self {
            Self::Market { .. } | Self::MarketSplits { .. } | Self::MarketDividends { .. } => false,
            Self::Bars { interval, .. } => interval.is_dated(),
            _ => true,
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An address, without its key.
    Http(Url),
    /// A file of the firm's own.
    File(PathBuf),
}

/// Where the key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    /// `Authorization: Bearer …`.
    Bearer,
    /// A parameter of the address.
    Query(&'static str),
    /// None is needed.
    Nowhere,
}

/// One request. Its address holds neither key nor crumb, so that it may be shown and written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where it goes.
    pub target: Target,
    /// Where the key goes.
    pub key: KeyPlace,
    /// A cookie to send along.
    pub cookie: Option<ApiKey>,
    /// A parameter `crumb` to send along.
    pub crumb: Option<ApiKey>,
    /// The days it is about, where a question is split into several.
    pub days: Option<(Date, Date)>,
    /// What it is for.
    pub step: Step,
    /// Whether the question has fetched a cookie already, so that it does not fetch another.
    pub has_new_cookie: bool,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Data.
    Data,
    /// A cookie, which comes first.
    Cookie,
    /// A crumb, which comes second.
    Crumb,
}

impl Request {
    /// Makes a request for data.
    pub fn data(target: Target, key: KeyPlace) -> Self {
        Self {
            target,
            key,
            cookie: None,
            crumb: None,
            days: None,
            step: Step::Data,
            has_new_cookie: false,
        }
    }
}

/// What came back, with key, cookie and crumb masked wherever they were echoed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status; 200 for a file.
    pub status: u16,
    /// The seconds of `Retry-After`.
    pub retry_after_secs: Option<u64>,
    /// The values of `Set-Cookie`.
    pub cookies: Vec<String>,
    /// The body, unpacked.
    pub body: Vec<u8>,
}

/// What an answer says, and what to send next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub records: Records,
    /// The next request of the same question.
    pub next: Option<Request>,
}

/// A provider's way of being asked.
pub trait Adapter: Send + Sync {
    /// Returns who it is.
    fn provider(&self) -> Provider;

    /// Returns its key.
    fn key(&self) -> Option<&ApiKey>;

    /// Returns the first request of a question.
    ///
    /// # Errors
    ///
    /// Says that the provider does not offer it.
    fn first(&self, ask: &Ask) -> Result<Request, ProviderError>;

    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// Says why there is nothing in it.
    fn read(&self, ask: &Ask, request: &Request, reply: &Reply) -> Result<Answer, ProviderError>;
}

/// Returns the address below a host, with parameters.
pub(crate) fn address(host: &Url, path: &[&str], query: &[(&str, &str)]) -> Url {
    let mut url = host.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

/// Returns the last day of the month that a day is in, but no later than `to`.
pub(crate) fn month_end(day: Date, to: Date) -> Date {
    day.last_of_month().min(to)
}

/// Returns the day after, or `None` at the end of time.
pub(crate) fn day_after(day: Date) -> Option<Date> {
    day.checked_add(1.day()).ok()
}
