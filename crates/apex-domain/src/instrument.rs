//! Instruments: what can be held, with the symbols they had over time.
//!
//! An instrument is known by its id for good. Symbols come and go and may be used again by another instrument, so a
//! symbol means something only together with a day; [`InstrumentIndex`] resolves the two.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::InstrumentId;
use crate::isin::Isin;
use crate::money::Currency;

/// What sort of thing an instrument is.
///
/// ```
/// use apex_domain::InstrumentKind;
///
/// assert_eq!("currency_pair".parse(), Ok(InstrumentKind::CurrencyPair));
/// assert_eq!(InstrumentKind::Etf.to_string(), "etf");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// A share of a company.
    Equity,
    /// An exchange-traded fund.
    Etf,
    /// A fund that is not traded on an exchange.
    Fund,
    /// A currency held as cash.
    Cash,
    /// The price of one currency in another.
    CurrencyPair,
    /// A bond with a fixed rate, quoted per 100 of face.
    Bond,
    /// A listed option.
    Option,
    /// A private asset, valued by marks.
    Private,
    /// An index, for comparison; it cannot be held.
    Index,
}

impl InstrumentKind {
    /// Every kind, in the order menus show them.
    pub const ALL: [Self; 9] = [
        Self::Equity,
        Self::Etf,
        Self::Fund,
        Self::Cash,
        Self::CurrencyPair,
        Self::Bond,
        Self::Option,
        Self::Private,
        Self::Index,
    ];

    /// Returns the name used in files and commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Etf => "etf",
            Self::Fund => "fund",
            Self::Cash => "cash",
            Self::CurrencyPair => "currency_pair",
            Self::Bond => "bond",
            Self::Option => "option",
            Self::Private => "private",
            Self::Index => "index",
        }
    }
}

/// The text is not a kind of instrument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a kind of instrument")]
pub struct InstrumentKindError {
    /// The text that was read.
    pub text: String,
}

impl fmt::Display for InstrumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for InstrumentKind {
    type Err = InstrumentKindError;

    fn from_str(text: &str) -> Result<Self, InstrumentKindError> {
        let name = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or(InstrumentKindError { text: text.to_owned() })
    }
}

/// The days on which an instrument went by a symbol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SymbolPeriod {
    /// The symbol, as traded.
    pub symbol: String,
    /// The first day, or `None` when it always was.
    pub from: Option<Date>,
    /// The day after the last, or `None` while it lasts.
    pub until: Option<Date>,
}

impl SymbolPeriod {
    /// Makes a symbol that never changes.
    pub fn always(symbol: impl Into<String>) -> Self {
        Self {
            symbol: symbol.into(),
            from: None,
            until: None,
        }
    }

    /// Tells whether the symbol was in use on a day.
    pub fn covers(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date < until)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let before = |a: &Self, b: &Self| matches!((a.until, b.from), (Some(until), Some(from)) if until <= from);
        !before(self, other) && !before(other, self)
    }
}

/// How the days between two dates count towards interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// Months of 30 days, years of 360.
    Thirty360,
    /// Days over the days of the coupon period.
    ActualActual,
    /// Days over 365.
    Actual365,
    /// Days over 360.
    Actual360,
}

/// The right an option gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionRight {
    /// The right to buy.
    Call,
    /// The right to sell.
    Put,
}

/// The terms of a contract, where the kind has any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Terms {
    /// No terms beyond the kind.
    #[default]
    None,
    /// A bond that pays a fixed rate.
    Bond {
        /// The rate of a year, as a fraction: 0.05 for 5%.
        coupon_rate: Decimal,
        /// Coupons a year; 0 for none.
        frequency: u8,
        /// The day of issue, where known.
        issue: Option<Date>,
        /// The day the face is paid back.
        maturity: Date,
        /// How days count towards interest.
        day_count: DayCount,
    },
    /// A listed option.
    Option {
        /// What the option is on.
        underlying: InstrumentId,
        /// The price of exercise for one unit.
        strike: Decimal,
        /// The last day.
        expiry: Date,
        /// Call or put.
        right: OptionRight,
        /// Units of the underlying for one contract.
        contract_size: Decimal,
    },
    /// A pair of currencies: one unit of `base` costs the price in `quote`.
    CurrencyPair {
        /// The currency that is bought.
        base: Currency,
        /// The currency that pays.
        quote: Currency,
    },
}

/// Anything that can be held, traded or compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// The id, which never changes.
    pub id: InstrumentId,
    /// The kind.
    pub kind: InstrumentKind,
    /// The full name.
    pub name: String,
    /// The currency it is quoted in; for a pair, the quote currency.
    pub currency: Currency,
    /// The ISIN, where it has one.
    pub isin: Option<Isin>,
    /// The exchange, as a market code.
    pub exchange: Option<String>,
    /// The sector.
    pub sector: Option<String>,
    /// The country of risk, as a code of two letters.
    pub country: Option<String>,
    /// The symbols over time.
    pub symbols: Vec<SymbolPeriod>,
    /// The terms of the contract.
    pub terms: Terms,
    /// Whether its prices are made up, as parts of the demo are.
    pub simulated: bool,
}

impl Instrument {
    /// Makes an instrument with one symbol for all time and nothing else known about it.
    pub fn new(id: InstrumentId, kind: InstrumentKind, symbol: &str, currency: Currency) -> Self {
        Self {
            id,
            kind,
            name: symbol.to_owned(),
            currency,
            isin: None,
            exchange: None,
            sector: None,
            country: None,
            symbols: vec![SymbolPeriod::always(symbol)],
            terms: Terms::None,
            simulated: false,
        }
    }

    /// Returns what one unit of quantity at a price of one is worth.
    ///
    /// Bonds are quoted per 100 of face and counted in face, so it is 0.01; for an option it is the contract size;
    /// for all others 1.
    ///
    /// ```
    /// use apex_domain::{Currency, Decimal, Instrument, InstrumentId, InstrumentKind};
    ///
    /// let id = InstrumentId::from_bytes([1; 16]);
    /// let bond = Instrument::new(id, InstrumentKind::Bond, "T 5 2030", Currency::USD);
    /// let face = Decimal::from(10_000);
    /// assert_eq!(face * Decimal::from(98) * bond.multiplier(), Decimal::from(9_800));
    /// ```
    pub fn multiplier(&self) -> Decimal {
        match (&self.terms, self.kind) {
            (Terms::Option { contract_size, .. }, _) => *contract_size,
            (_, InstrumentKind::Bond) => Decimal::new(1, 2),
            _ => Decimal::ONE,
        }
    }

    /// Returns the symbol in use on a day.
    pub fn symbol_on(&self, date: Date) -> Option<&str> {
        self.symbols
            .iter()
            .find(|period| period.covers(date))
            .map(|period| period.symbol.as_str())
    }

    /// Returns the most recent symbol, or the name when there never was one.
    pub fn symbol(&self) -> &str {
        let last = self
            .symbols
            .iter()
            .max_by_key(|period| (period.until.is_none(), period.until, period.from));
        last.map_or(self.name.as_str(), |period| period.symbol.as_str())
    }

    /// Returns the two currencies of a pair: the one bought and the one that pays.
    pub fn pair(&self) -> Option<(Currency, Currency)> {
        match self.terms {
            Terms::CurrencyPair { base, quote } => Some((base, quote)),
            _ => None,
        }
    }
}

/// Two instruments claim one symbol for the same day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("symbol `{symbol}` belongs to two instruments at once: {first} and {second}")]
pub struct SymbolClash {
    /// The symbol.
    pub symbol: String,
    /// The instrument that had it first.
    pub first: InstrumentId,
    /// The instrument that claims it too.
    pub second: InstrumentId,
}

/// Finds the instrument that went by a symbol on a day.
///
/// Symbols are compared without regard to case.
///
/// ```
/// use apex_domain::{Currency, Date, Instrument, InstrumentId, InstrumentIndex, InstrumentKind, SymbolPeriod};
///
/// let change = Date::constant(2022, 6, 9);
/// let mut old = Instrument::new(InstrumentId::from_bytes([1; 16]), InstrumentKind::Etf, "META", Currency::USD);
/// old.symbols[0].until = Some(change);
/// let mut new = Instrument::new(InstrumentId::from_bytes([2; 16]), InstrumentKind::Equity, "META", Currency::USD);
/// new.symbols[0].from = Some(change);
///
/// let index = InstrumentIndex::new([&old, &new])?;
/// assert_eq!(index.resolve("META", Date::constant(2022, 6, 8)), Some(old.id));
/// assert_eq!(index.resolve("meta", Date::constant(2022, 6, 9)), Some(new.id));
/// # Ok::<(), apex_domain::instrument::SymbolClash>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct InstrumentIndex {
    by_symbol: BTreeMap<String, Vec<(SymbolPeriod, InstrumentId)>>,
}

impl InstrumentIndex {
    /// Indexes instruments by their symbols.
    ///
    /// # Errors
    /// When two instruments have one symbol on the same day.
    pub fn new<'a>(instruments: impl IntoIterator<Item = &'a Instrument>) -> Result<Self, SymbolClash> {
        let mut index = Self::default();
        for instrument in instruments {
            index.add(instrument)?;
        }
        Ok(index)
    }

    /// Adds the symbols of one instrument.
    ///
    /// # Errors
    /// When another instrument has one of them on the same day; nothing is added then.
    pub fn add(&mut self, instrument: &Instrument) -> Result<(), SymbolClash> {
        for period in &instrument.symbols {
            let known = self
                .by_symbol
                .get(&period.symbol.to_uppercase())
                .map_or(&[][..], Vec::as_slice);
            if let Some((_, first)) = known
                .iter()
                .find(|(other, id)| *id != instrument.id && other.overlaps(period))
            {
                return Err(SymbolClash {
                    symbol: period.symbol.clone(),
                    first: *first,
                    second: instrument.id,
                });
            }
        }
        for period in &instrument.symbols {
            self.by_symbol
                .entry(period.symbol.to_uppercase())
                .or_default()
                .push((period.clone(), instrument.id));
        }
        Ok(())
    }

    /// Returns the instrument that had the symbol on the day.
    pub fn resolve(&self, symbol: &str, date: Date) -> Option<InstrumentId> {
        let periods = self.by_symbol.get(&symbol.trim().to_uppercase())?;
        periods
            .iter()
            .find(|(period, _)| period.covers(date))
            .map(|(_, id)| *id)
    }

    /// Returns whether any instrument ever had the symbol.
    pub fn knows(&self, symbol: &str) -> bool {
        self.by_symbol.contains_key(&symbol.trim().to_uppercase())
    }
}
