//! One book in memory: everything reads are answered from.
//!
//! The state is a value. Readers hold an `Arc` of it and never wait for a writer; a writer changes it in place when
//! nobody holds it, and a copy of the touched parts otherwise.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use apex_domain::{
    Account, AccountId, Book, FxRates, Instrument, InstrumentId, InstrumentIndex, Portfolio, PortfolioId, PriceBook,
    Ratio, Reference, Transaction, TransactionId,
};
use apex_store::{CorporateAction, CorporateEvent};
use jiff::Timestamp;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use uuid::Uuid;

use crate::error::{AppError, Refused, Result};
use crate::limit::Limits;

/// Where a book's clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// It stands still, as the demo's does.
    Stands(Date),
    /// It is the wall clock, handed in by the shell.
    Wall,
}

/// New shares for old ones, by instrument and first day on the new count.
pub(crate) type Splits = BTreeMap<InstrumentId, BTreeMap<Date, Ratio>>;

/// Puts the splits among corporate actions beside those known; one that was withdrawn is taken out.
pub(crate) fn put_splits(splits: &mut Splits, actions: &[CorporateAction]) {
    for action in actions {
        let CorporateEvent::Split { ratio } = action.event else {
            continue;
        };
        let of_one = splits.entry(action.instrument).or_default();
        if action.withdrawn {
            of_one.remove(&action.ex_date);
        } else {
            of_one.insert(action.ex_date, ratio);
        }
    }
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
    /// The splits that lie between the prices, by instrument and first day on the new count.
    pub(crate) splits: Arc<Splits>,
    /// Versions of the documents, on which edits are based.
    pub(crate) versions: Arc<FxHashMap<Uuid, u64>>,
    /// What the portfolios may lose, hold or lack.
    pub(crate) limits: Limits,
}

/// One portfolio with its accounts and its part of the ledger.
#[derive(Debug, Clone)]
pub(crate) struct PortfolioState {
    pub(crate) portfolio: Portfolio,
    pub(crate) accounts: Arc<BTreeMap<AccountId, Account>>,
    pub(crate) ledger: Arc<Ledger>,
}

impl PortfolioState {
    /// What its fold needs to know besides the transactions.
    pub(crate) fn reference(&self, instruments: &Instruments, fx: &FxRates) -> Reference {
        Reference {
            portfolios: vec![self.portfolio.clone()],
            accounts: self.accounts.values().cloned().collect(),
            instruments: instruments.all().map(|one| one.as_ref().clone()).collect(),
            fx: fx.clone(),
        }
    }
}

impl State {
    pub(crate) fn portfolio(&self, id: PortfolioId) -> Result<&PortfolioState> {
        self.portfolios
            .get(&id)
            .ok_or_else(|| AppError::not_found("portfolio", id))
    }

    pub(crate) fn instrument(&self, id: InstrumentId) -> Result<&Arc<Instrument>> {
        let found = self.instruments.get(id);
        found.ok_or_else(|| AppError::not_found("instrument", id))
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

    pub(crate) fn is_without_transactions(&self) -> bool {
        self.portfolios.values().all(|one| one.ledger.is_empty())
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
        let others = self
            .by_id
            .values()
            .filter(|one| one.id != id)
            .map(|one| one.as_ref().clone());
        Self::new(others.chain([changed]))
    }

    pub(crate) fn get(&self, id: InstrumentId) -> Option<&Arc<Instrument>> {
        self.by_id.get(&id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Instrument>> {
        self.by_id.values()
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
            if one
                .symbols
                .iter()
                .any(|period| period.symbol.eq_ignore_ascii_case(symbol))
            {
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

/// The ledger of one portfolio: its transactions in the order of the book, and what they fold to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    pub(crate) book: Book,
    order: Vec<TransactionId>,
    reversed_by: FxHashMap<TransactionId, TransactionId>,
    /// How many movements of cash there are, kept up with once somebody has asked.
    cash_moves: OnceLock<usize>,
}

/// Batches larger than this are folded anew, which is faster than one by one.
const INSERTED_SINGLY_MAX: usize = 256;

impl Ledger {
    /// Folds transactions as they were known at an instant, or all of them.
    pub(crate) fn new(reference: Reference, transactions: Vec<Transaction>, known_at: Option<Timestamp>) -> Self {
        let mut ledger = Self {
            book: Book::build(reference, transactions, known_at),
            ..Self::default()
        };
        let mut rows: Vec<&Transaction> = ledger.book.transactions().collect();
        rows.sort_by(|left, right| left.cmp_in_book(right));
        ledger.order = rows.iter().map(|row| row.id).collect();
        ledger.reversed_by = rows
            .iter()
            .filter_map(|row| row.reverses.map(|original| (original, row.id)))
            .collect();
        ledger
    }

    /// Returns whether a batch is small enough to be put in one by one.
    pub(crate) fn takes_singly(count: usize) -> bool {
        count <= INSERTED_SINGLY_MAX
    }

    /// Puts transactions in; when one of them is refused the ledger is as it was.
    pub(crate) fn insert_all(&mut self, added: &[Transaction]) -> Result<(), Refused> {
        let mut in_order: Vec<&Transaction> = added.iter().collect();
        in_order.sort_by(|left, right| left.cmp_in_book(right));
        for (done, row) in in_order.iter().enumerate() {
            if let Err(refusal) = self.book.insert((*row).clone()) {
                let transaction = row.id;
                for earlier in in_order.iter().take(done).rev() {
                    self.remove(earlier.id);
                }
                return Err(Refused { transaction, refusal });
            }
            let place = self.order.partition_point(|id| self.at(*id).cmp_in_book(row).is_lt());
            self.order.insert(place, row.id);
            self.count_cash_moves(row, true);
            if let Some(original) = row.reverses {
                self.reversed_by.insert(original, row.id);
            }
        }
        Ok(())
    }

    /// Takes transactions out that were put in last.
    pub(crate) fn remove_all(&mut self, added: &[Transaction]) {
        let mut in_order: Vec<&Transaction> = added.iter().collect();
        in_order.sort_by(|left, right| left.cmp_in_book(right));
        for row in in_order.into_iter().rev() {
            self.remove(row.id);
        }
    }

    fn remove(&mut self, id: TransactionId) {
        let Some(row) = self.book.transaction(id).cloned() else {
            return;
        };
        self.count_cash_moves(&row, false);
        let place = self
            .order
            .partition_point(|other| self.at(*other).cmp_in_book(&row).is_lt());
        if self.order.get(place) == Some(&id) {
            self.order.remove(place);
        }
        if let Some(original) = row.reverses {
            self.reversed_by.remove(&original);
        }
        // What was put in last can be taken out: nothing that came later depends on it.
        let removed = self.book.remove(id);
        debug_assert!(removed.is_ok(), "Invariant: what was put in last can be taken out");
    }

    /// Returns how many movements of cash there are up to a day; what is reversed has none.
    pub(crate) fn cash_move_count(&self, as_of: Date) -> usize {
        let counted = |row: &Transaction| {
            let counts = row.reverses.is_none() && !self.is_reversed(row.id);
            if counts { self.book.cash_moves(row).len() } else { 0 }
        };
        let all = *self.cash_moves.get_or_init(|| self.rows().map(counted).sum());
        let later = self.rows().rev().take_while(|row| row.trade_date > as_of);
        all - later.map(counted).sum::<usize>()
    }

    /// Takes note of a transaction that was put in, or is about to be taken out. A reversal takes those of its original
    /// out.
    fn count_cash_moves(&mut self, row: &Transaction, put_in: bool) {
        let original = row.reverses.and_then(|id| self.get(id));
        let adds = put_in == original.is_none();
        let moves = self.book.cash_moves(original.unwrap_or(row)).len();
        if let Some(count) = self.cash_moves.get_mut() {
            *count = if adds { *count + moves } else { *count - moves };
        }
    }

    fn at(&self, id: TransactionId) -> &Transaction {
        self.book
            .transaction(id)
            .expect("the order lists transactions of the book")
    }

    /// Returns the transactions in the order of the book, reversed ones and reversals included.
    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = &Transaction> {
        self.order.iter().map(|id| self.at(*id))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn get(&self, id: TransactionId) -> Option<&Transaction> {
        self.book.transaction(id)
    }

    pub(crate) fn is_reversed(&self, id: TransactionId) -> bool {
        self.reversed_by.contains_key(&id)
    }
}
