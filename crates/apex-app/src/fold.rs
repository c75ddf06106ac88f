//! One portfolio at one point of both time axes: its ledger, its prices, and the answers made of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use apex_analytics::valuation::nav::Span;
use apex_domain::{
    Account, AccountId, Book, Currency, Instrument, InstrumentId, Portfolio, PriceBook, Transaction, TransactionId,
    Unavailable,
};
use apex_wire::Amount;
use jiff::civil::Date;

use crate::error::Result;
use crate::history::History;
use crate::state::{Instruments, Ledger, Splits, State};
use crate::valuation::Valuation;
use crate::view::Moments;
use crate::what_if::Kept;

/// A price older than this is no value any more; private assets keep theirs until the next one.
pub const PRICE_AGE_DAYS_MAX: u32 = 31;

/// One portfolio, folded, with what was known at the time. Answers are made when first asked for and kept.
#[derive(Debug)]
pub struct PortfolioFold {
    moments: Moments,
    portfolio: Portfolio,
    accounts: Arc<BTreeMap<AccountId, Account>>,
    instruments: Arc<Instruments>,
    prices: Arc<PriceBook>,
    splits: Arc<Splits>,
    ledger: Arc<Ledger>,
    valuation: OnceLock<Valuation>,
    history: OnceLock<History>,
    /// The values of the holdings day by day, in the order of the history's subjects.
    holding_values: OnceLock<Vec<Span>>,
    /// Net asset values at earlier closes that were asked for.
    navs: Mutex<BTreeMap<Date, Amount>>,
    /// What questions about edits have in common.
    what_if: Kept,
}

impl PortfolioFold {
    /// Folds a portfolio of the book; `past` holds the prices known then, where the question is about the past.
    pub(crate) fn of(state: &State, moments: Moments, past: Option<Arc<PriceBook>>) -> Result<Self> {
        let found = state.portfolio(moments.portfolio)?;
        let prices = past.unwrap_or_else(|| state.prices.clone());
        let ledger = match moments.known_at {
            None => found.ledger.clone(),
            Some(known_at) => {
                let known: Vec<_> = found.ledger.book.transactions().cloned().collect();
                Arc::new(Ledger::new(
                    found.reference(&state.instruments, &prices.fx),
                    known,
                    Some(known_at),
                ))
            }
        };
        Ok(Self {
            moments,
            portfolio: found.portfolio.clone(),
            accounts: found.accounts.clone(),
            instruments: state.instruments.clone(),
            prices,
            splits: state.splits.clone(),
            ledger,
            valuation: OnceLock::new(),
            history: OnceLock::new(),
            holding_values: OnceLock::new(),
            navs: Mutex::default(),
            what_if: Kept::default(),
        })
    }

    /// Returns the point of both time axes.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// Returns the day facts hold for.
    pub fn as_of(&self) -> Date {
        self.moments.as_of
    }

    /// Returns the portfolio.
    pub fn portfolio(&self) -> &Portfolio {
        &self.portfolio
    }

    /// Returns the base currency.
    pub fn currency(&self) -> Currency {
        self.portfolio.currency
    }

    /// Returns the accounts by id.
    pub fn accounts(&self) -> &BTreeMap<AccountId, Account> {
        &self.accounts
    }

    /// Returns an account's name.
    pub fn account_name(&self, id: AccountId) -> String {
        self.accounts
            .get(&id)
            .map_or_else(|| id.to_string(), |account| account.name.clone())
    }

    /// Returns the book that the portfolio folds to, later days included; ask it for a day.
    pub fn book(&self) -> &Book {
        &self.ledger.book
    }

    /// Returns the prices and rates that count.
    pub fn prices(&self) -> &PriceBook {
        &self.prices
    }

    /// Returns the splits told beside the prices; those only booked in the ledger are not among them.
    pub(crate) fn published_splits(&self) -> &Splits {
        &self.splits
    }

    /// Returns an instrument.
    pub fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        self.instruments.get(id).map(AsRef::as_ref)
    }

    /// Returns the instrument that has a symbol on the day, else the one that has it now or had it last.
    pub(crate) fn instrument_named(&self, symbol: &str) -> Option<&Instrument> {
        let on_the_day = self.instruments.resolve(symbol.trim(), self.as_of());
        on_the_day
            .and_then(|id| self.instrument(id))
            .or_else(|| self.instruments.named(symbol).map(AsRef::as_ref))
    }

    /// Returns the symbol of an instrument on the day.
    pub fn symbol(&self, id: InstrumentId) -> String {
        self.instruments.symbol(id, self.as_of())
    }

    /// Returns the symbol of an instrument on another day.
    pub fn symbol_on(&self, id: InstrumentId, date: Date) -> String {
        self.instruments.symbol(id, date)
    }

    /// Returns the transactions in the order of the book, reversed ones and reversals included.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Transaction> {
        self.ledger.rows()
    }

    /// Returns how many movements of cash there were up to the day, what was taken back left out.
    pub(crate) fn cash_move_count(&self) -> usize {
        self.ledger.cash_move_count(self.as_of())
    }

    /// Returns whether a transaction was taken back, as far as was known.
    pub fn is_reversed(&self, id: TransactionId) -> bool {
        self.ledger.is_reversed(id)
    }

    /// Says in a sentence why a figure is unavailable.
    pub fn because(&self, reason: &Unavailable) -> String {
        reason.sentence(|id| self.symbol(id))
    }

    /// Returns the valued holdings and cash.
    pub fn valuation(&self) -> &Valuation {
        self.valuation.get_or_init(|| Valuation::of(self))
    }

    /// Returns values, flows and results day by day, from the first transaction to the day.
    pub fn history(&self) -> &History {
        self.history.get_or_init(|| History::of(self))
    }

    /// Returns what questions about edits have in common, worked out when it is needed for the first time.
    pub(crate) fn what_if(&self) -> &Kept {
        &self.what_if
    }

    /// Returns the market value of each subject of the history day by day, in base currency; worked out when it is asked
    /// for the first time, as few pages need it.
    pub(crate) fn holding_values(&self) -> &[Span] {
        self.holding_values.get_or_init(|| History::holding_values(self))
    }

    /// Returns the net asset value at the close of a day, worked out when it is asked for the first time.
    pub(crate) fn remembered_nav(&self, day: Date, value: impl FnOnce() -> Amount) -> Amount {
        let navs = || self.navs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nav) = navs().get(&day) {
            return nav.clone();
        }
        let nav = value();
        navs().insert(day, nav.clone());
        nav
    }

    /// Lets go of the ledger, so that it can be changed in place without a copy.
    pub(crate) fn without_ledger(self) -> Self {
        Self {
            ledger: Arc::default(),
            ..self
        }
    }

    /// Takes hold of the ledger again; it must be the one let go of.
    pub(crate) fn with_ledger_of(self, state: &State) -> Result<Self> {
        let ledger = state.portfolio(self.moments.portfolio)?.ledger.clone();
        Ok(Self { ledger, ..self })
    }
}
