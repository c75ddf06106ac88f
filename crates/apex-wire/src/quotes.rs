//! The Markets page: watchlists, live quotes, candles with indicators, corporate actions.

use apex_domain::split::ComparableClose;
use apex_domain::{Currency, InstrumentId};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::call;
use crate::chart::{CandleData, LineData};
use crate::feeds::{Adjustment, Provider, StreamState};
use crate::{Amount, Statistic, View};

/// Instruments somebody wants to see together: a document of the book, its field names a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watchlist {
    /// Its name, unique in a book.
    pub name: String,
    /// The instruments, in the person's order.
    pub instruments: Vec<InstrumentId>,
}

/// Asks for the watchlists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetWatchlists {}
call!(GetWatchlists => Vec<WatchlistEntry>, "get_watchlists");

/// A watchlist of the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchlistEntry {
    /// The document.
    pub watchlist: Watchlist,
    /// The version in the book.
    pub version: u64,
}

/// Keeps a watchlist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveWatchlist {
    /// The document.
    pub watchlist: Watchlist,
    /// The version the edit is based on; 0 for a new one.
    pub base_version: u64,
}
call!(SaveWatchlist => u64, "save_watchlist");

/// Removes a watchlist; its instruments stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoveWatchlist {
    /// Its name.
    pub name: String,
    /// The version it has.
    pub base_version: u64,
}
call!(RemoveWatchlist => (), "remove_watchlist");

/// Puts a symbol on a watchlist; makes list and instrument where they are new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchSymbol {
    /// The watchlist.
    pub watchlist: String,
    /// The symbol.
    pub symbol: String,
    /// The currency of an instrument the book does not know; a provider is asked where it is absent.
    pub currency: Option<Currency>,
}
call!(WatchSymbol => InstrumentId, "watch_symbol");

/// Asks for the next quotes of some instruments.
///
/// The first question of a watch is answered at once with all of them; a later one as soon as something has changed, but
/// not sooner than the screen's rate allows, and after a while in any case. Whoever asks late gets the latest of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextQuotes {
    /// Names the watch; the page makes it up.
    pub watch: String,
    /// The instruments. A change of them is answered at once.
    pub instruments: Vec<InstrumentId>,
    /// The number of the last answer; 0 for the first question.
    pub after: u64,
}
call!(NextQuotes => Quotes, "next_quotes");

/// Ends a watch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndQuotes {
    /// The watch.
    pub watch: String,
}
call!(EndQuotes => (), "end_quotes");

/// The quotes that changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quotes {
    /// The number of this answer.
    pub number: u64,
    /// The instant by the workstation's clock.
    pub now: Timestamp,
    /// Those that changed, in the order of the question.
    pub rows: Vec<Quote>,
    /// The streams of the enabled providers.
    pub streams: Vec<(Provider, StreamState)>,
}

/// One quote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// Its name.
    pub name: String,
    /// The currency of the prices.
    pub currency: Currency,
    /// The last price: live where a stream gave one, else the last close.
    pub last: Amount,
    /// What buyers offer.
    pub bid: Option<Decimal>,
    /// What sellers ask.
    pub ask: Option<Decimal>,
    /// Against the close before.
    pub change: Amount,
    /// The same as a fraction of that close.
    pub change_fraction: Statistic,
    /// The close before, on the count of shares of the last price.
    pub previous: Option<ComparableClose>,
    /// Shares traded this day, where known.
    pub volume: Option<Decimal>,
    /// The instant of a live price by the market's clock.
    pub at: Option<Timestamp>,
    /// The day of a close.
    pub day: Option<Date>,
    /// Who gave it.
    pub source: Option<String>,
    /// Whether it is a price to be shown only: it enters no book.
    pub display_only: bool,
    /// Seconds since a live price held, by the market's clock; none for a close.
    pub age_secs: Option<i64>,
    /// Whether it is older than it should be, and why, in words such as `9 minutes old` or `2 sessions old`.
    pub stale: Option<String>,
}

/// How long a candle lasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CandleInterval {
    /// One minute.
    Minute,
    /// One day.
    #[default]
    Day,
    /// One week.
    Week,
    /// One month.
    Month,
}

impl CandleInterval {
    /// All of them, with their names in files and their words.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Minute, "minute", "1 min"),
        (Self::Day, "day", "Day"),
        (Self::Week, "week", "Week"),
        (Self::Month, "month", "Month"),
    ];
}

crate::choice::choices!(CandleInterval);

/// One indicator over the prices of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndicatorAsk {
    /// Its name as `apex indicators` has it, such as `SMA`.
    pub name: String,
    /// Its parameters in that order; the usual ones where empty.
    pub parameters: Vec<f64>,
}

/// Asks for the candles of an instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetCandles {
    /// The instrument.
    pub instrument: InstrumentId,
    /// How long a candle lasts.
    pub interval: CandleInterval,
    /// The first day; all that is known where absent.
    pub from: Option<Date>,
    /// The last day; the book's clock where absent.
    pub until: Option<Date>,
    /// What was known then; all that is known where absent.
    pub known_at: Option<Timestamp>,
    /// How prices are adjusted.
    pub adjustment: Adjustment,
    /// Indicators to draw.
    pub indicators: Vec<IndicatorAsk>,
}
call!(GetCandles => Candles, "get_candles");

/// The candles of an instrument, and what belongs to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candles {
    /// Prices and volume, with indicators that are prices drawn over them.
    pub chart: CandleData,
    /// Indicators on a scale of their own, one chart each, on the same positions.
    pub panes: Vec<LineData>,
    /// Splits and dividends, latest first.
    pub actions: Vec<ActionRow>,
    /// Who gave the last price, such as `Polygon`.
    pub source: Option<String>,
    /// What is odd about the prices, in sentences.
    pub notes: Vec<String>,
}

/// Asks the providers for the minutes of an instrument that were not asked for yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FetchMinutes {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The first day.
    pub from: Date,
}
call!(FetchMinutes => MinutesFetched, "fetch_minutes");

/// What came of asking for minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinutesFetched {
    /// Minutes that are new or corrected.
    pub added: usize,
    /// Why nothing came, in a sentence.
    pub note: Option<String>,
}

/// A corporate action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRow {
    /// The first day without it.
    pub ex_date: Date,
    /// `split` or `dividend`.
    pub kind: String,
    /// What it is, in words: `4:1` or `0.24 USD`.
    pub words: String,
    /// The day it is paid.
    pub pay_date: Option<Date>,
    /// Who says so.
    pub source: String,
    /// When it became known.
    pub known_at: Timestamp,
}

/// Asks for the next live figures of a portfolio, in the way of [`NextQuotes`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextLive {
    /// Names the watch; the page makes it up.
    pub watch: String,
    /// Which portfolio. Live figures exist only for the present: a view of the past has none.
    pub view: View,
    /// The number of the last answer; 0 for the first question.
    pub after: u64,
}
call!(NextLive => LivePortfolio, "next_live");

/// Ends a watch of live figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndLive {
    /// The watch.
    pub watch: String,
}
call!(EndLive => (), "end_live");

/// A portfolio at the latest prices heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LivePortfolio {
    /// The number of this answer.
    pub number: u64,
    /// The instant by the workstation's clock.
    pub now: Timestamp,
    /// How many holdings have a live price.
    pub live: usize,
    /// How many holdings there are.
    pub holdings: usize,
    /// Net asset value, base currency.
    pub nav: Amount,
    /// Gain or loss against the last closes, base currency.
    pub profit: Amount,
    /// The same as a fraction of the value at those closes.
    pub profit_fraction: Statistic,
    /// The holdings with a live price, by size of gain or loss.
    pub rows: Vec<LiveHolding>,
    /// Limits that live prices break and closes do not, and the other way round, in sentences.
    pub limits: Vec<String>,
    /// Why there is nothing live, in a sentence.
    pub because: Option<String>,
    /// What to know of the figures, in sentences: that the book stands at an earlier day, or of which day the rates are.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A holding at the latest price heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveHolding {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// The price.
    pub price: Decimal,
    /// Its currency.
    pub currency: Currency,
    /// Against the close, as a fraction.
    pub change_fraction: Statistic,
    /// Market value, base currency.
    pub value: Amount,
    /// Gain or loss against the close, base currency.
    pub profit: Amount,
    /// Whether the price is older than it should be, in words.
    pub stale: Option<String>,
}
