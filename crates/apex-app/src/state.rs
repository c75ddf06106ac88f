//! One book in memory: everything reads are answered from.
//!
//! The state is a value. Readers hold an `Arc` of it and never wait for a writer; a writer changes it in place when
//! nobody holds it, and a copy of the touched parts otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use apex_domain::{
    Account, AccountId, Instrument, InstrumentId, InstrumentIndex, Portfolio, PortfolioId, PriceBook, Transaction,
    TransactionId,
};
use jiff::civil::Date;
use rustc_hash::FxHashMap;

use crate::error::{AppError, Result};

/// Where a book's clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// It stands still, as the demo's does.
    Stands(Date),
    /// It is the wall clock, handed in by the shell.
    Wall,
}

/// One open book.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// Counts the changes, so that remembered answers know whether they still hold.
    pub(crate) generation: u64,
    pub(crate) name: String,
    pub(crate) clock: Clock,
    pub(crate) simulated: Option<String>,
    pub(crate) instruments: Arc<Instruments>,
    pub(crate) portfolios: BTreeMap<PortfolioId, PortfolioState>,
    pub(crate) prices: Arc<PriceBook>,
}

/// One portfolio with its accounts and its part of the ledger.
#[derive(Debug, Clone)]
pub(crate) struct PortfolioState {
    pub(crate) portfolio: Portfolio,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) ledger: Arc<Ledger>,
}

impl State {
    pub(crate) fn portfolio(&self, id: PortfolioId) -> Result<&PortfolioState> {
        self.portfolios.get(&id).ok_or_else(|| AppError::not_found("portfolio", id))
    }

    pub(crate) fn portfolio_named(&self, name: &str) -> Result<&PortfolioState> {
        let name = name.trim();
        self.portfolios
            .values()
            .find(|state| state.portfolio.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| AppError::not_found("portfolio", name))
    }

    /// The day the clock stands at, where it stands.
    pub(crate) fn standing_clock(&self) -> Option<Date> {
        match self.clock {
            Clock::Stands(day) => Some(day),
            Clock::Wall => None,
        }
    }

    /// Symbol on a day, for sentences and rows.
    pub(crate) fn symbol(&self, id: InstrumentId, date: Date) -> String {
        self.instruments.symbol(id, date)
    }
}

/// The instruments of a book and who had which symbol when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Instruments {
    by_id: BTreeMap<InstrumentId, Arc<Instrument>>,
    index: InstrumentIndex,
}

impl Instruments {
    /// Indexes all instruments.
    pub(crate) fn new(all: impl IntoIterator<Item = Instrument>) -> Result<Self> {
        let by_id: BTreeMap<_, _> = all.into_iter().map(|one| (one.id, Arc::new(one))).collect();
        let index = InstrumentIndex::new(by_id.values().map(AsRef::as_ref))
            .map_err(|err| AppError::field("symbol", err.to_string()))?;
        Ok(Self { by_id, index })
    }

    /// Returns the instruments with one added or changed.
    pub(crate) fn with(&self, changed: Instrument) -> Result<Self> {
        let id = changed.id;
        let others = self.by_id.values().filter(|one| one.id != id).map(|one| one.as_ref().clone());
        Self::new(others.chain([changed]))
    }

    pub(crate) fn get(&self, id: InstrumentId) -> Option<&Arc<Instrument>> {
        self.by_id.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Instrument>> {
        self.by_id.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn resolve(&self, symbol: &str, date: Date) -> Option<InstrumentId> {
        self.index.resolve(symbol, date)
    }

    pub(crate) fn knows(&self, symbol: &str) -> bool {
        self.index.knows(symbol)
    }

    /// Returns the instrument that has the symbol now, or had it last.
    pub(crate) fn named(&self, symbol: &str) -> Option<&Arc<Instrument>> {
        let symbol = symbol.trim();
        let mut found: Option<&Arc<Instrument>> = None;
        for one in self.by_id.values() {
            if one.symbol().eq_ignore_ascii_case(symbol) {
                return Some(one);
            }
            if one.symbols.iter().any(|period| period.symbol.eq_ignore_ascii_case(symbol)) {
                found = Some(one);
            }
        }
        found
    }

    pub(crate) fn symbol(&self, id: InstrumentId, date: Date) -> String {
        match self.by_id.get(&id) {
            Some(one) => one.symbol_on(date).unwrap_or_else(|| one.symbol()).to_owned(),
            None => id.to_string(),
        }
    }
}

/// The transactions of one portfolio in the order of the book, reversed ones and reversals included.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    rows: Vec<Arc<Transaction>>,
    by_id: FxHashMap<TransactionId, Arc<Transaction>>,
    reversed_by: FxHashMap<TransactionId, TransactionId>,
}

impl Ledger {
    /// Puts transactions into the order of the book.
    pub(crate) fn new(rows: impl IntoIterator<Item = Transaction>) -> Self {
        let mut ledger = Self { rows: rows.into_iter().map(Arc::new).collect(), ..Self::default() };
        ledger.rows.sort_by(|left, right| left.cmp_in_book(right));
        ledger.by_id = ledger.rows.iter().map(|row| (row.id, row.clone())).collect();
        ledger.reversed_by =
            ledger.rows.iter().filter_map(|row| row.reverses.map(|original| (original, row.id))).collect();
        ledger
    }

    /// Adds transactions; few are put in their places, many are sorted in.
    pub(crate) fn add(&mut self, added: impl IntoIterator<Item = Transaction>) {
        let added: Vec<Arc<Transaction>> = added.into_iter().map(Arc::new).collect();
        for row in &added {
            self.by_id.insert(row.id, row.clone());
            if let Some(original) = row.reverses {
                self.reversed_by.insert(original, row.id);
            }
        }
        if added.len() > 64 {
            self.rows.extend(added);
            self.rows.sort_by(|left, right| left.cmp_in_book(right));
            return;
        }
        for row in added {
            let place = self.rows.partition_point(|other| other.cmp_in_book(&row).is_lt());
            self.rows.insert(place, row);
        }
    }

    pub(crate) fn rows(&self) -> &[Arc<Transaction>] {
        &self.rows
    }

    pub(crate) fn get(&self, id: TransactionId) -> Option<&Arc<Transaction>> {
        self.by_id.get(&id)
    }

    pub(crate) fn is_reversed(&self, id: TransactionId) -> bool {
        self.reversed_by.contains_key(&id)
    }

    /// Returns the reversal of a transaction.
    pub(crate) fn reversal_of(&self, id: TransactionId) -> Option<TransactionId> {
        self.reversed_by.get(&id).copied()
    }
}
