//! The Data page: where market data comes from, what is left of each provider's budget, how fresh every instrument is,
//! and what was found wrong.
//!
//! The JSON of the replies is what `apex data … --json` prints; its keys are a contract.

use apex_domain::InstrumentId;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::call::call;
use crate::job::JobId;
use crate::split::MissingSplit;

/// Who gives market data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Polygon.io, named Massive since October 2025.
    Polygon,
    /// Alpha Vantage.
    AlphaVantage,
    /// Yahoo Finance, for personal use.
    Yahoo,
    /// A folder of the firm's own files.
    Files,
}

impl Provider {
    /// All of them, with their names in files and their words.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Polygon, "polygon", "Polygon"),
        (Self::AlphaVantage, "alpha_vantage", "Alpha Vantage"),
        (Self::Yahoo, "yahoo", "Yahoo"),
        (Self::Files, "files", "Files"),
    ];
}

/// What a person has paid a provider for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// What everybody gets.
    #[default]
    Free,
    /// A plan without a cap to speak of.
    Paid,
}

impl Plan {
    /// All of them, with their names in files and their words.
    pub const ALL: [(Self, &'static str, &'static str); 2] =
        [(Self::Free, "free", "Free"), (Self::Paid, "paid", "Paid")];
}

crate::choice::choices!(Provider, Plan);

/// How one provider is asked. The document's field names are a contract; the key is never in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// Whose.
    pub provider: Provider,
    /// Whether it is asked at all.
    pub enabled: bool,
    /// Where it is asked, such as `https://api.massive.com`; the provider's own address where empty. For files, the folder.
    #[serde(default)]
    pub address: String,
    /// Where it streams, such as `wss://delayed.massive.com/stocks`; the provider's own where empty.
    #[serde(default)]
    pub stream_address: String,
    /// Whether live prices are taken from it.
    #[serde(default)]
    pub streams: bool,
    /// What it allows.
    #[serde(default)]
    pub plan: Plan,
}

/// Asks where market data comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetSources {}
call!(GetSources => Vec<Source>, "get_sources");

/// One provider as it stands, in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// How it is asked.
    pub settings: SourceSettings,
    /// The address that is used where the settings have none.
    pub usual_address: String,
    /// The stream that is used where the settings have none; empty where it has no stream.
    pub usual_stream: String,
    /// Whether it needs a key.
    pub needs_key: bool,
    /// Where its key is kept, such as `in the system's keyring`; none where there is no key.
    pub key_place: Option<String>,
    /// What is left of each cap.
    pub budget: Vec<BudgetLine>,
    /// Why what is left cannot be told, in a sentence; nothing is asked until it can.
    pub budget_fault: Option<String>,
    /// When the next request may go out; none where one may go out now.
    pub next_request: Option<Timestamp>,
    /// Whether it has failed so often that it is left alone for a while.
    pub resting: bool,
    /// When it last gave an answer that could be read.
    pub last_answer: Option<Timestamp>,
    /// What was last wrong with it, in a sentence, unless an answer came since.
    pub last_error: Option<String>,
    /// Its stream.
    pub stream: StreamState,
}

/// What is left of one cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetLine {
    /// The span: `second`, `minute`, `hour` or `day`.
    pub cap: String,
    /// Requests left in it.
    pub left: u32,
    /// Requests it allows.
    pub of: u32,
}

/// How a stream stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StreamState {
    /// Nobody wants it, or the provider has none.
    #[default]
    Off,
    /// It connects.
    Connecting,
    /// It is up.
    Up {
        /// Since when.
        since: Timestamp,
        /// How many symbols it is asked for.
        symbols: usize,
    },
    /// It is down, and will be tried again.
    Down {
        /// Since when.
        since: Timestamp,
        /// Why, in a sentence.
        reason: String,
    },
}

/// Changes how a provider is asked, and its place in the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveSource {
    /// How it is asked.
    pub settings: SourceSettings,
    /// Its place in the order, 0 being asked first.
    pub place: usize,
}
call!(SaveSource => Vec<Source>, "save_source");

/// Keeps the key of a provider, or forgets it. It goes in and never comes out again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveKey {
    /// Whose.
    pub provider: Provider,
    /// The key; none to forget it.
    pub key: Option<String>,
}
call!(SaveKey => Vec<Source>, "save_key");

impl std::fmt::Debug for SaveKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaveKey")
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

/// Asks a provider one small question to see whether it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrySource {
    /// Which.
    pub provider: Provider,
}
call!(TrySource => SourceTried, "try_source");

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceTried {
    /// Whether it answered with data.
    pub ok: bool,
    /// What it said, in a sentence.
    pub sentence: String,
}

/// Fills the history of instruments up to the last session, with corporate actions and the rates of exchange they need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FetchHistory {
    /// The job, so that it can be cancelled.
    pub job: JobId,
    /// Whose; of all that are held, watched or compared with where empty.
    pub instruments: Vec<InstrumentId>,
    /// The first day wanted; where absent, from the last known day on, or ten years back.
    pub from: Option<Date>,
    /// Asks these only; all that are enabled, in their order, where empty.
    pub providers: Vec<Provider>,
}
call!(FetchHistory => FetchReport, "fetch_history");

/// What a fetch brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FetchReport {
    /// One line for each instrument, by symbol.
    pub rows: Vec<FetchRow>,
    /// Pairs of currencies that were wanted, by pair.
    pub rates: Vec<FetchRow>,
}

/// What a fetch brought for one instrument or pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FetchRow {
    /// The symbol, or the pair such as `EUR/USD`.
    pub symbol: String,
    /// Who answered.
    pub provider: Option<Provider>,
    /// Days that are new or corrected in the book.
    pub days: usize,
    /// Splits and dividends that are new or corrected.
    pub actions: usize,
    /// Faults that were repaired.
    pub repaired: usize,
    /// Faults that wait for a person.
    pub waiting: usize,
    /// Why nothing came, or what was odd, in a sentence.
    pub note: Option<String>,
}

/// Asks how fresh the prices of the instruments are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetFreshness {
    /// Words that symbol or name must contain.
    pub search: String,
    /// The day it is judged on; the book's clock where absent.
    #[serde(default)]
    pub as_of: Option<Date>,
}
call!(GetFreshness => Freshness, "get_freshness");

/// How fresh prices are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Freshness {
    /// The day it is judged on: the book's clock.
    pub today: Date,
    /// One line for each instrument, the most behind first.
    pub rows: Vec<FreshnessRow>,
    /// How many have the close of the last session.
    pub fresh: usize,
    /// How many are behind.
    pub behind: usize,
    /// How many have no price at all.
    pub without: usize,
    /// Splits of these instruments that a ledger lacks.
    pub splits: Vec<MissingSplit>,
}

/// How fresh the prices of one instrument are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FreshnessRow {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its symbol.
    pub symbol: String,
    /// Its name.
    pub name: String,
    /// The exchange whose sessions count; weekdays count where it is not known.
    pub exchange: Option<String>,
    /// Who gave the last price.
    pub source: Option<String>,
    /// The first day with a price.
    pub first: Option<Date>,
    /// The last.
    pub last: Option<Date>,
    /// Days with a price.
    pub days: usize,
    /// Sessions since the last price.
    pub sessions_behind: usize,
    /// Sessions between the first and the last price that have none.
    pub gaps: usize,
    /// Faults that wait for a person.
    pub waiting: usize,
    /// What providers call it, where that is not its symbol.
    pub theirs: Vec<(Provider, String)>,
    /// When a provider was last asked.
    pub asked: Option<Timestamp>,
    /// Why the last question gave nothing.
    pub error: Option<String>,
    /// What was odd about the last answer, in sentences, such as lines of a file that were left out.
    pub remarks: Vec<String>,
}

/// Asks for one instrument's days of a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetCoverage {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The year.
    pub year: i16,
}
call!(GetCoverage => Coverage, "get_coverage");

/// One year of one instrument, day by day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The years that have a price, ascending.
    pub years: Vec<i16>,
    /// The exchange whose sessions are shown; weekdays where it is not known.
    pub exchange: Option<String>,
    /// Every day of the year.
    pub days: Vec<CoverageDay>,
}

/// What is known about a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageDay {
    /// The day.
    pub date: Date,
    /// What it is.
    pub state: DayState,
    /// Who gave the price, and what was done to it.
    pub source: Option<String>,
}

/// What a day is to an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayState {
    /// A session with a price.
    Priced,
    /// A shortened session with a price.
    ShortPriced,
    /// A session with a price that was repaired.
    Repaired,
    /// A session whose price waits for a person.
    Waiting,
    /// A session without a price.
    Missing,
    /// No session.
    Closed,
    /// A price on a day that is no session.
    Unexpected,
    /// Before the first price, or after the book's clock.
    Outside,
}

/// Asks for what was found wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetQuarantine {
    /// Of this instrument only.
    pub instrument: Option<InstrumentId>,
    /// What is settled too, and not only what waits for a person.
    pub settled: bool,
}
call!(GetQuarantine => Vec<Finding>, "get_quarantine");

/// One fault of market data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name: the same fault has the same name whenever it is found.
    pub id: String,
    /// The instrument; none for a pair of currencies.
    pub instrument: Option<InstrumentId>,
    /// Its symbol, or the pair such as `EUR/USD`.
    pub symbol: String,
    /// Whose prices.
    pub provider: Provider,
    /// The kind, such as `unit`.
    pub kind: String,
    /// What a person calls the kind.
    pub title: String,
    /// The first day it touches.
    pub from: Date,
    /// The last.
    pub until: Date,
    /// Why, in a sentence.
    pub reason: String,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
    /// How it stands.
    pub state: FindingState,
    /// Cells before and after, by day; at most 60 of them.
    pub cells: Vec<FindingCell>,
    /// How many cells there are in all.
    pub cell_count: usize,
    /// Closes of the days around it as they are published, for the eye.
    pub around: Vec<(Date, Option<Decimal>)>,
    /// When it was found.
    pub found: Timestamp,
    /// When it was decided.
    pub decided: Option<Timestamp>,
}

/// How a fault stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Sure, and repaired without asking.
    Repaired,
    /// A person must decide.
    Waiting,
    /// A person took the proposal.
    Taken,
    /// A person kept the provider's figures.
    Kept,
    /// A person left the days out.
    LeftOut,
}

/// One figure of a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCell {
    /// The day.
    pub date: Date,
    /// The figure, such as `close`.
    pub field: String,
    /// What the provider says.
    pub before: Option<Decimal>,
    /// What it should be.
    pub after: Option<Decimal>,
}

/// Decides a fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecideFinding {
    /// The fault.
    pub id: String,
    /// What is to be done.
    pub decision: Decision,
}
call!(DecideFinding => Finding, "decide_finding");

/// What a person decides about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The proposal is right.
    Take,
    /// The provider is right.
    Keep,
    /// Neither: the days are left out.
    LeaveOut,
    /// Back to where it was.
    Undo,
}

impl Decision {
    /// All of them, with their names in files and their words.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Take, "take", "Take the repair"),
        (Self::Keep, "keep", "Keep as it came"),
        (Self::LeaveOut, "leave_out", "Leave out"),
        (Self::Undo, "undo", "Undo"),
    ];
}

/// How a series is adjusted when it is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// As traded.
    None,
    /// For splits.
    #[default]
    Splits,
    /// For dividends.
    Dividends,
    /// For both.
    Both,
}

impl Adjustment {
    /// All of them, with their names in files and their words.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::None, "none", "As traded"),
        (Self::Splits, "splits", "Splits"),
        (Self::Dividends, "dividends", "Dividends"),
        (Self::Both, "both", "Splits and dividends"),
    ];
}

crate::choice::choices!(Decision, Adjustment);

/// Asks for prices as comma-separated text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportPrices {
    /// Whose; of all instruments that have prices where empty.
    pub instruments: Vec<InstrumentId>,
    /// The first day.
    pub from: Option<Date>,
    /// The last day; the book's clock where absent.
    pub until: Option<Date>,
    /// What was known then; all that is known where absent.
    pub known_at: Option<Timestamp>,
    /// How they are adjusted.
    pub adjustment: Adjustment,
}
call!(ExportPrices => String, "export_prices");

/// Says what providers call an instrument, where that is not its symbol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaveFeedSymbol {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Who calls it so.
    pub provider: Provider,
    /// The provider's symbol; the instrument's own where empty.
    pub symbol: String,
}
call!(SaveFeedSymbol => (), "save_feed_symbol");
