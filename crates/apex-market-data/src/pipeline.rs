//! From what providers say to what may be trusted: whole histories in, published days, findings and gaps out.
//!
//! [`normalize`] turns one provider's records into bars as traded, in the instrument's currency and on the exchange's days.
//! [`judge`] decides from the whole histories of all sources at once. Stages run in this order, each pure and each leaving
//! a finding or a flag: units and currency, day of the exchange, duplicates, figures taken back to as traded, sessions,
//! splits put to the vote, the detectors of [`crate::repair`] for each source, dividends put to the vote, the vote of the
//! sources on each day, publishing. Nothing is remembered between two runs, so that judging again changes nothing and the
//! order in which answers came does not matter. A finding is named by a hash of what was found, so that a person's decision
//! sticks to it. Knows no store and no clock.

pub(crate) mod basis;
mod currency;
mod day;
mod dividends;
mod finding;
mod invariants;
mod normalize;
mod publish;
mod run;
mod sessions;
mod source;
mod spikes;
mod splits;
mod vote;

use std::collections::{BTreeMap, BTreeSet};

use apex_domain::{Currency, Date, Decimal, InstrumentKind, Ratio, Timestamp};
use serde::{Deserialize, Serialize};

use crate::record::{Provider, Remark};

pub use finding::{Decision, Finding, FindingCell, FindingState};
pub use normalize::normalize;
pub use publish::{Flag, PublishedDay, PublishedDividend, PublishedSplit};

/// What the prices are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The currency in which the instrument is quoted; for a pair, the quote currency.
    pub currency: Currency,
    /// The market identifier code of the exchange whose sessions count; weekdays count where it is absent or not known.
    pub exchange: Option<String>,
    /// What it is. A currency pair is a rate: it has neither exchange nor splits nor dividends.
    pub kind: InstrumentKind,
}

impl Subject {
    /// Returns whether it is a rate of exchange.
    pub fn is_rate(&self) -> bool {
        self.kind == InstrumentKind::CurrencyPair
    }
}

/// The figures of one day or minute of a source: as traded, in the instrument's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Figures {
    /// The first price.
    pub open: Option<Decimal>,
    /// The highest price.
    pub high: Option<Decimal>,
    /// The lowest price.
    pub low: Option<Decimal>,
    /// The last price.
    pub close: Option<Decimal>,
    /// Shares traded.
    pub volume: Option<Decimal>,
}

/// A payment per share on its ex-date, as paid then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Payment {
    /// The first day that trades without it.
    pub ex_date: Date,
    /// What one share was paid.
    pub amount: Decimal,
    /// The currency; the instrument's where absent.
    pub currency: Option<Currency>,
    /// The day it is paid.
    pub pay_date: Option<Date>,
}

/// The whole history that one source tells of an instrument, in any order; of two bars of a day the later one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDays {
    /// Whose.
    pub provider: Provider,
    /// Days, as traded and in the instrument's currency.
    pub bars: Vec<(Date, Figures)>,
    /// Splits by their first day in new shares.
    pub splits: Vec<(Date, Ratio)>,
    /// Dividends.
    pub dividends: Vec<Payment>,
    /// A fund's distributions of realized gains.
    pub gains: Vec<Payment>,
}

impl SourceDays {
    /// Makes the history of a source of which nothing is known yet.
    pub const fn new(provider: Provider) -> Self {
        Self {
            provider,
            bars: Vec::new(),
            splits: Vec::new(),
            dividends: Vec::new(),
            gains: Vec::new(),
        }
    }
}

/// What one provider's records say, ready to be kept and judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Days and corporate actions.
    pub days: SourceDays,
    /// Bars of a minute, ascending; their days are those of the exchange.
    pub minutes: Vec<(Timestamp, Figures)>,
    /// What was found: a currency that does not fit, in which case no bar and no payment is handed on.
    pub findings: Vec<Finding>,
    /// What was odd and could be settled at once, such as a day that came twice.
    pub remarks: Vec<Remark>,
}

/// Everything that is judged together.
#[derive(Debug, Clone)]
pub struct Intake {
    /// What the prices are of.
    pub subject: Subject,
    /// The last session that is over; what is later is left out.
    pub until: Date,
    /// The sources, the most trusted first.
    pub sources: Vec<SourceDays>,
    /// What a person decided, by the ids of findings.
    pub decisions: BTreeMap<String, Decision>,
}

/// Why a day of a source is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// A person said so: no price of the source counts on that day.
    Decided,
    /// The close that the source has is surely wrong.
    Wrong(Decimal),
}

/// What may be trusted, and what was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judged {
    /// Days that may be trusted, as traded.
    pub days: BTreeMap<Date, PublishedDay>,
    /// Days that have a bar but wait for a person; they are not published.
    pub waiting: BTreeSet<Date>,
    /// Days of a source that are left out: a person said so, or its price is surely none and nobody knows the right one.
    pub left_out: BTreeMap<(Date, Provider), LeftOut>,
    /// Splits, by day.
    pub splits: Vec<PublishedSplit>,
    /// Dividends, by day.
    pub dividends: Vec<PublishedDividend>,
    /// Distributions of gains, by day.
    pub gains: Vec<PublishedDividend>,
    /// What was found, by day.
    pub findings: Vec<Finding>,
    /// Sessions from the first bar to the last completed session without any bar.
    pub gaps: Vec<Date>,
}

/// Decides from all sources what is published.
///
/// Published are the figures of the first source, in the order of trust, that has a sound day; a day that needed no repair
/// comes before one that did. A day over which the sources or the detectors are in doubt waits and is in
/// [`Judged::waiting`]. The result depends on nothing but the intake.
///
/// ```
/// use apex_domain::{Currency, InstrumentKind};
/// use apex_market_data::pipeline::{Figures, Intake, SourceDays, Subject, judge};
/// use apex_market_data::Provider;
/// use jiff::civil::date;
///
/// let close = |close: &str| Figures { close: close.parse().ok(), ..Figures::default() };
/// let mut polygon = SourceDays::new(Provider::Polygon);
/// polygon.bars = vec![(date(2024, 3, 28), close("171.48")), (date(2024, 4, 2), close("168.84"))];
/// let judged = judge(&Intake {
///     subject: Subject { currency: Currency::USD, exchange: Some("XNAS".to_owned()), kind: InstrumentKind::Equity },
///     until: date(2024, 4, 2),
///     sources: vec![polygon],
///     decisions: Default::default(),
/// });
/// assert_eq!(judged.days.len(), 2);
/// assert_eq!(judged.gaps, [date(2024, 4, 1)]); // March 29 was Good Friday.
/// ```
pub fn judge(intake: &Intake) -> Judged {
    run::judge(intake)
}
