//! What a provider says, exact and unjudged: bars, corporate actions, news, ticks and reference data.
//!
//! Numbers are decimals read from the provider's own digits. Nothing here is cleaned, converted or trusted yet: a price
//! the provider left out is `None`, and its currency is the provider's own word (`GBp`), not ours.

use apex_domain::{Date, Decimal, Ratio, Timestamp};
use serde::{Deserialize, Serialize};

pub mod news;
pub mod tick;

pub use news::{News, Sentiment};
pub use tick::{Aggregate, Quote, Tick, Trade};

/// Where a record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Polygon.io, named Massive since October 2025.
    Polygon,
    /// Alpha Vantage.
    AlphaVantage,
    /// Yahoo Finance, which nobody promises.
    Yahoo,
    /// A folder of files that the firm keeps.
    Files,
}

impl Provider {
    /// Returns its name as people write it.
    ///
    /// ```
    /// assert_eq!(apex_market_data::Provider::AlphaVantage.name(), "Alpha Vantage");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Polygon => "Polygon",
            Self::AlphaVantage => "Alpha Vantage",
            Self::Yahoo => "Yahoo",
            Self::Files => "Files",
        }
    }
}

impl std::fmt::Display for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// How long a bar lasts. It is written as people type it: `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Interval {
    /// One second.
    #[serde(rename = "1s")]
    Second,
    /// One minute.
    #[serde(rename = "1m")]
    Minute,
    /// Fifteen minutes.
    #[serde(rename = "15m")]
    QuarterHour,
    /// One hour.
    #[serde(rename = "1h")]
    Hour,
    /// One trading day.
    #[serde(rename = "1d")]
    Day,
    /// One week.
    #[serde(rename = "1wk")]
    Week,
    /// One month.
    #[serde(rename = "1mo")]
    Month,
}

impl Interval {
    /// Returns the name that people type.
    ///
    /// ```
    /// assert_eq!(apex_market_data::Interval::QuarterHour.name(), "15m");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Second => "1s",
            Self::Minute => "1m",
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "1wk",
            Self::Month => "1mo",
        }
    }

    /// Returns whether a bar is named by a date rather than by an instant.
    pub const fn is_dated(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month)
    }

    /// Returns whether a day has several bars.
    pub const fn is_intraday(self) -> bool {
        !self.is_dated()
    }
}

/// When a bar begins: a date for days, weeks and months, an instant for what is shorter.
///
/// A trading day is a date at the exchange and has no hour, so that daylight saving time cannot move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The trading day, or the first day of the week or month.
    Day(Date),
    /// The first instant.
    From(Timestamp),
}

/// A figure that says whether it was adjusted for later splits.
///
/// A quantity in a book is as it was held, so it may only be multiplied by a raw price: [`Basis::raw`] gives the figure
/// away for raw ones alone, and who wants an adjusted one must name it.
///
/// ```
/// use apex_market_data::Basis;
///
/// assert_eq!(Basis::Raw(129).raw(), Some(&129));
/// assert_eq!(Basis::SplitAdjusted(129).raw(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis<T> {
    /// As it was traded or paid on its day.
    Raw(T),
    /// Divided by the splits that came after.
    SplitAdjusted(T),
}

impl<T> Basis<T> {
    /// Returns the figure if it is as traded.
    pub const fn raw(&self) -> Option<&T> {
        match self {
            Self::Raw(figure) => Some(figure),
            Self::SplitAdjusted(_) => None,
        }
    }

    /// Returns the figure if later splits are worked into it.
    pub const fn split_adjusted(&self) -> Option<&T> {
        match self {
            Self::SplitAdjusted(figure) => Some(figure),
            Self::Raw(_) => None,
        }
    }
}

/// The figures of a bar, per share and in the provider's unit of currency; volume in shares of the same basis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ohlcv {
    /// The first price.
    pub open: Option<Decimal>,
    /// The highest price.
    pub high: Option<Decimal>,
    /// The lowest price.
    pub low: Option<Decimal>,
    /// The last price.
    pub close: Option<Decimal>,
    /// Shares traded; fractions occur.
    pub volume: Option<Decimal>,
    /// The average price, weighted by volume.
    pub vwap: Option<Decimal>,
}

/// What was traded of one symbol in one window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// The provider's symbol, case kept; for a rate of exchange `EUR/USD`, dollars for one euro.
    pub symbol: String,
    /// How long the window is.
    pub interval: Interval,
    /// When it begins.
    pub window: Window,
    /// The figures, and whether they are as traded.
    pub figures: Basis<Ohlcv>,
    /// The close adjusted for splits and dividends, where the provider works it out.
    pub adjusted_close: Option<Decimal>,
    /// How many trades.
    pub trades: Option<u64>,
}

/// New shares for old ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The provider's symbol.
    pub symbol: String,
    /// The first day that trades in new shares.
    pub ex_date: Date,
    /// New shares for old ones, in lowest terms.
    pub ratio: Ratio,
}

/// A payment per share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dividend {
    /// The provider's symbol.
    pub symbol: String,
    /// The first day that trades without it.
    pub ex_date: Date,
    /// The day whose holders are paid.
    pub record_date: Option<Date>,
    /// The day it is paid.
    pub pay_date: Option<Date>,
    /// The day it was announced.
    pub declaration_date: Option<Date>,
    /// What one share is paid.
    pub amount: Basis<Decimal>,
    /// The provider's word for the currency.
    pub currency: Option<String>,
    /// The provider's word for the kind, such as `recurring`, `special` or `CD`.
    pub kind: Option<String>,
}

/// A fund's distribution of realized gains, per share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapitalGain {
    /// The provider's symbol.
    pub symbol: String,
    /// The first day that trades without it.
    pub ex_date: Date,
    /// What one share is paid.
    pub amount: Basis<Decimal>,
    /// The provider's word for the currency.
    pub currency: Option<String>,
}

/// The day from which an instrument traded under a symbol. Symbols are used again by others; a FIGI is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SymbolChange {
    /// The composite FIGI of the instrument.
    pub figi: Option<String>,
    /// The issuer's name.
    pub name: Option<String>,
    /// The first day under the symbol.
    pub date: Date,
    /// The symbol from that day on.
    pub symbol: String,
}

/// What a provider knows about a symbol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The provider's symbol.
    pub symbol: String,
    /// The name of the instrument.
    pub name: Option<String>,
    /// The provider's word for what it is, such as `CS` or `MUTUALFUND`.
    pub kind: Option<String>,
    /// The exchange: a market identifier code or the provider's own.
    pub exchange: Option<String>,
    /// The provider's word for the unit of its prices: `USD`, `usd`, `GBp`, `ZAc`.
    pub currency: Option<String>,
    /// The IANA time zone of the exchange.
    pub zone: Option<String>,
    /// The composite FIGI.
    pub figi: Option<String>,
    /// Whether it still trades.
    pub active: Option<bool>,
    /// When it first traded.
    pub first_trade: Option<Timestamp>,
    /// The decimal places that its prices are shown with.
    pub decimals: Option<u32>,
}

/// Something odd that was read and left as it is or left out, so that nothing is lost in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Where in the answer it stands, such as `quote.high[3]`.
    pub at: String,
    /// What is odd about it, in one sentence.
    pub reason: String,
}

/// All that an answer says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// Bars in the provider's order, but oldest first where the provider has none.
    pub bars: Vec<Bar>,
    /// Splits.
    pub splits: Vec<Split>,
    /// Dividends.
    pub dividends: Vec<Dividend>,
    /// Distributions of gains.
    pub capital_gains: Vec<CapitalGain>,
    /// Symbols by day.
    pub symbol_changes: Vec<SymbolChange>,
    /// News.
    pub news: Vec<News>,
    /// Symbols and what is known about them.
    pub listings: Vec<Listing>,
    /// What was odd.
    pub remarks: Vec<Remark>,
    /// Whether the provider says that its answer is late by design (fifteen minutes, as a rule).
    pub is_delayed: bool,
}

impl Records {
    /// Returns whether there is no record; remarks are none.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
            && self.splits.is_empty()
            && self.dividends.is_empty()
            && self.capital_gains.is_empty()
            && self.symbol_changes.is_empty()
            && self.news.is_empty()
            && self.listings.is_empty()
    }

    /// Adds what a further answer says.
    pub fn append(&mut self, mut more: Self) {
        self.bars.append(&mut more.bars);
        self.splits.append(&mut more.splits);
        self.dividends.append(&mut more.dividends);
        self.capital_gains.append(&mut more.capital_gains);
        self.symbol_changes.append(&mut more.symbol_changes);
        self.news.append(&mut more.news);
        self.listings.append(&mut more.listings);
        self.remarks.append(&mut more.remarks);
        self.is_delayed |= more.is_delayed;
    }
}

/// Returns a split's ratio in lowest terms, or `None` where a side is not above zero or has too many digits.
///
/// Providers write sides as decimals, and not only whole ones.
///
/// ```
/// use apex_market_data::record::ratio;
///
/// assert_eq!(ratio("1.5".parse()?, 1.into()), Some("3:2".parse()?));
/// assert_eq!(ratio(0.into(), 1.into()), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn ratio(new: Decimal, old: Decimal) -> Option<Ratio> {
    let (new, old) = (new.normalize(), old.normalize());
    let scale = new.scale().max(old.scale());
    let whole = |side: Decimal| {
        let digits = u128::try_from(side.mantissa()).ok()?;
        digits.checked_mul(10_u128.checked_pow(scale - side.scale())?)
    };
    let (new, old) = (whole(new)?, whole(old)?);
    let (mut divisor, mut rest) = (new, old);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let lowest = |side: u128| u32::try_from(side.checked_div(divisor)?).ok();
    Ratio::new(lowest(new)?, lowest(old)?)
}
