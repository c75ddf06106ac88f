//! A book: the transactions of one or many portfolios and what they fold to.
//!
//! Transactions fall into lanes (one instrument in one account), each lane is folded in book order, and cash is summed
//! beside them. An edit touches its own lane from the edited day on and one or two cash entries; everything else
//! stands. [`Book::full_fold`] folds all of it again, and [`Book::state`] compares the two.
//!
//! What a book shows is in `book/views.rs`; this module only keeps it up to date.

mod full;
mod views;

use jiff::Timestamp;
use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::cash::{self, CashLane};
use crate::ids::{AccountId, InstrumentId, TransactionId};
use crate::instrument::Instrument;
use crate::lane::{Facts, Lane, NO_INSTRUMENT, Place};
use crate::money::Currency;
use crate::portfolio::{Account, Portfolio};
use crate::reference::{Indexed, Reference};
use crate::refusal::Refusal;
use crate::transaction::{Transaction, TransactionKind};
use crate::validate;

/// Stands for "no lane".
const NO_LANE: u32 = u32::MAX;

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is in its lane, and counts unless the lane refused it.
    Active,
    /// Another transaction took it back.
    Reversed,
    /// It takes another one back.
    Reversal,
    /// It never came as far as a lane; the reason is noted.
    Refused,
    /// It was taken out of the book.
    Removed,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    standing: Standing,
    /// The lane, of one that is active.
    lane: u32,
    /// Reversals that point at it.
    reversals: u32,
}

/// The transactions of a book and what they fold to.
///
/// ```
/// use apex_domain::*;
///
/// let portfolio = Portfolio {
///     id: PortfolioId::from_bytes([1; 16]),
///     name: "Core".into(),
///     currency: Currency::USD,
///     benchmark: None,
/// };
/// let account = Account {
///     id: AccountId::from_bytes([2; 16]),
///     portfolio: portfolio.id,
///     name: "Main".into(),
///     lot_method: LotMethod::Fifo,
/// };
/// let acme = Instrument::new(InstrumentId::from_bytes([3; 16]), InstrumentKind::Equity, "ACME", Currency::USD);
/// let trade = |id: u8, day: i8, kind, quantity: i64, price: i64| {
///     let date = Date::constant(2026, 1, day);
///     let id = TransactionId::from_bytes([id; 16]);
///     let mut trade = Transaction::new(id, &account, date, kind, Currency::USD, Timestamp::UNIX_EPOCH);
///     trade.instrument = Some(acme.id);
///     (trade.quantity, trade.price) = (quantity.into(), price.into());
///     trade
/// };
/// let reference = Reference {
///     portfolios: vec![portfolio.clone()],
///     accounts: vec![account.clone()],
///     instruments: vec![acme.clone()],
///     ..Reference::default()
/// };
///
/// let mut book = Book::new(reference);
/// book.insert(trade(1, 5, TransactionKind::Buy, 10, 90))?;
/// book.insert(trade(2, 6, TransactionKind::Sell, 4, 100))?;
/// assert_eq!(book.holdings(Date::constant(2026, 1, 6))[0].quantity, Decimal::from(6));
/// assert_eq!(book.closed_lots()[0].gain_local(), Decimal::from(40));
///
/// let err = book.insert(trade(3, 7, TransactionKind::Sell, 15, 100)).expect_err("six are left");
/// assert_eq!(err.to_string(), "sell of 15 ACME on 2026-01-07 but only 6 are held in account Main");
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Book {
    pub(crate) reference: Indexed,
    pub(crate) transactions: Vec<Transaction>,
    slots: Vec<Slot>,
    places: Vec<Place>,
    by_id: FxHashMap<TransactionId, u32>,
    pub(crate) lanes: Vec<Lane>,
    lane_of: FxHashMap<(u32, u32), u32>,
    pub(crate) cash: Vec<CashLane>,
    cash_of: FxHashMap<(u32, Currency), u32>,
    /// Transactions that never came as far as a lane.
    invalid: FxHashMap<u32, Refusal>,
}

impl Book {
    /// Makes a book without transactions.
    pub fn new(reference: Reference) -> Self {
        Self {
            reference: Indexed::new(reference),
            ..Self::default()
        }
    }

    /// Makes a book of transactions in any order, as they were known at an instant (all of them for `None`).
    ///
    /// What cannot be taken in is left out and listed by [`Book::refusals`].
    ///
    /// ```
    /// use apex_domain::Book;
    /// use apex_testkit::Ledger;
    ///
    /// let ledger = Ledger::parse("
    ///     2026-01-05  deposit  100 USD  known 2026-01-05T18:00:00Z
    ///     2026-01-06  deposit   50 USD  known 2026-02-01T09:00:00Z
    /// ")?;
    /// let january = "2026-01-31T00:00:00Z".parse().ok();
    /// let book = Book::build(ledger.reference(), ledger.transactions.clone(), january);
    /// assert_eq!(book.len(), 1);
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    pub fn build(reference: Reference, transactions: Vec<Transaction>, known_at: Option<Timestamp>) -> Self {
        let mut book = Self::new(reference);
        let mut transactions = transactions;
        if let Some(known_at) = known_at {
            transactions.retain(|transaction| transaction.known_at <= known_at);
        }
        book.fill(transactions);
        book
    }

    /// Adds a portfolio, before its accounts.
    pub fn add_portfolio(&mut self, portfolio: &Portfolio) {
        self.reference.add_portfolio(portfolio);
    }

    /// Adds an account of a known portfolio.
    ///
    /// The lot method of an account in use is changed by building the book anew.
    pub fn add_account(&mut self, account: Account) {
        self.reference.add_account(account);
    }

    /// Adds an instrument, or gives a known one new names and classifications.
    ///
    /// Terms and currency of an instrument in use are changed by building the book anew.
    pub fn add_instrument(&mut self, instrument: Instrument) {
        self.reference.add_instrument(instrument);
    }

    /// Takes one transaction in, wherever in time it belongs, and folds its lane again from there on.
    ///
    /// A reversal takes its original out, whatever the original was.
    ///
    /// # Errors
    /// When the transaction cannot be taken in, or when it would make a later one impossible. The book is then as it
    /// was.
    pub fn insert(&mut self, transaction: Transaction) -> Result<(), Refusal> {
        if self.by_id.contains_key(&transaction.id) {
            return Err(Refusal::Duplicate {
                transaction: transaction.id,
            });
        }
        if let Some(original) = transaction.reverses {
            return self.insert_reversal(transaction, original);
        }
        let (account, instrument) = validate::check(&transaction, &self.reference)?;
        let slot = self.push(transaction, Standing::Active);
        let entered = self.enter(slot, account, instrument);
        if entered.is_err() {
            self.pop();
        }
        entered
    }

    /// Takes many transactions in at once, all or none, and folds everything anew: the way for files.
    ///
    /// ```
    /// use apex_testkit::Ledger;
    ///
    /// let file = Ledger::parse("
    ///     2026-01-05  buy   ACME  10 @ 90 USD
    ///     2026-01-06  sell  ACME   4 @ 95 USD
    ///     2026-01-07  sell  ACME   7 @ 95 USD
    /// ")?;
    /// let mut book = apex_domain::Book::new(file.reference());
    /// let refused = book.extend(file.transactions.clone()).expect_err("six are left on the last day");
    /// assert_eq!(refused[0].1.to_string(), "sell of 7 ACME on 2026-01-07 but only 6 are held in account Main");
    /// assert!(book.is_empty());
    /// assert!(book.extend(file.transactions[..2].to_vec()).is_ok());
    /// # Ok::<(), apex_testkit::LedgerError>(())
    /// ```
    ///
    /// # Errors
    /// When any of them cannot be taken in, or makes another impossible: all refusals, by trade date. The book is then
    /// as it was.
    pub fn extend(&mut self, transactions: Vec<Transaction>) -> Result<(), Vec<(TransactionId, Refusal)>> {
        let mut ids = FxHashSet::default();
        let taken = |id: TransactionId| self.by_id.contains_key(&id);
        let doubles = transactions
            .iter()
            .map(|transaction| transaction.id)
            .filter(|id| !ids.insert(*id) || taken(*id));
        let doubles: Vec<_> = doubles.map(|id| (id, Refusal::Duplicate { transaction: id })).collect();
        if !doubles.is_empty() {
            return Err(doubles);
        }
        let known: FxHashSet<TransactionId> = self.refusals().into_iter().map(|(id, _)| id).collect();
        let mut all = self.take_transactions();
        let kept = all.len();
        all.extend(transactions);
        self.fill(all);
        let mut refused = self.refusals();
        refused.retain(|(id, _)| !known.contains(id));
        if refused.is_empty() {
            return Ok(());
        }
        let mut all = self.take_transactions();
        all.truncate(kept);
        self.fill(all);
        Err(refused)
    }

    /// Empties the book of its transactions and returns them in the order they were taken in.
    fn take_transactions(&mut self) -> Vec<Transaction> {
        let emptied = Self {
            reference: std::mem::take(&mut self.reference),
            ..Self::default()
        };
        let full = std::mem::replace(self, emptied);
        let standing = full.slots.iter().map(|slot| slot.standing);
        let kept = standing
            .zip(full.transactions)
            .filter(|(standing, _)| *standing != Standing::Removed);
        kept.map(|(_, transaction)| transaction).collect()
    }

    /// Takes one transaction out as if it had never been, for drafts and undo. A ledger is corrected by reversals.
    ///
    /// Taking a reversal out brings its original back.
    ///
    /// # Errors
    /// When there is no such transaction, when it is reversed, or when a later one depends on it. The book is then as it
    /// was.
    pub fn remove(&mut self, id: TransactionId) -> Result<Transaction, Refusal> {
        let slot = self.slot(id)?;
        match self.slots[slot as usize].standing {
            Standing::Active => self.leave(slot)?,
            Standing::Reversal => {
                let original = self.transactions[slot as usize]
                    .reverses
                    .and_then(|id| self.by_id.get(&id).copied());
                if let Some(original) = original {
                    self.bring_back(original)?;
                }
            }
            Standing::Reversed => return Err(Refusal::IsReversed { transaction: id }),
            Standing::Refused | Standing::Removed => {}
        }
        self.invalid.remove(&slot);
        self.slots[slot as usize].standing = Standing::Removed;
        self.by_id.remove(&id);
        Ok(self.transactions[slot as usize].clone())
    }

    /// Returns a transaction.
    pub fn transaction(&self, id: TransactionId) -> Option<&Transaction> {
        self.by_id.get(&id).map(|slot| &self.transactions[*slot as usize])
    }

    /// Returns all transactions in the order they were taken in, reversed ones and reversals included.
    pub fn transactions(&self) -> impl Iterator<Item = &Transaction> {
        self.slots
            .iter()
            .zip(&self.transactions)
            .filter(|(slot, _)| slot.standing != Standing::Removed)
            .map(|(_, transaction)| transaction)
    }

    /// Returns the transactions that count: neither reversed, nor reversals, nor refused.
    pub fn effective(&self) -> impl Iterator<Item = &Transaction> {
        self.effective_slots().map(|slot| &self.transactions[slot as usize])
    }

    pub(crate) fn effective_slots(&self) -> impl Iterator<Item = u32> {
        let mut refused: Vec<u32> = self
            .lanes
            .iter()
            .flat_map(|lane| lane.outputs.refused.iter().map(|(slot, _)| *slot))
            .collect();
        refused.sort_unstable();
        (0..self.slots.len() as u32).filter(move |slot| {
            self.slots[*slot as usize].standing == Standing::Active && refused.binary_search(slot).is_err()
        })
    }

    /// Tells whether a transaction was taken back by another.
    pub fn is_reversed(&self, id: TransactionId) -> bool {
        self.by_id
            .get(&id)
            .is_some_and(|slot| self.slots[*slot as usize].reversals > 0)
    }

    /// Returns what is known of an instrument.
    pub fn instrument(&self, id: InstrumentId) -> Option<&Instrument> {
        self.reference.facts(id).map(|facts| &facts.instrument)
    }

    /// Returns what is known of an account.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.reference
            .account(id)
            .map(|at| &self.reference.accounts[at as usize].account)
    }

    /// Folds the same transactions with other reference data: new rates, terms or lot methods.
    pub fn with_reference(mut self, reference: Reference) -> Self {
        let transactions = self.take_transactions();
        Self::build(reference, transactions, None)
    }

    /// Returns the number of transactions, reversed ones and reversals included.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Tells whether there is no transaction.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Returns what was left out of the fold and why, sorted by trade date.
    pub fn refusals(&self) -> Vec<(TransactionId, Refusal)> {
        let of_lanes = self
            .lanes
            .iter()
            .flat_map(|lane| lane.outputs.refused.iter().map(|(slot, why)| (*slot, why)));
        let mut refusals: Vec<(u32, &Refusal)> = self
            .invalid
            .iter()
            .map(|(slot, why)| (*slot, why))
            .chain(of_lanes)
            .collect();
        let transaction = |slot: u32| &self.transactions[slot as usize];
        refusals.sort_by(|a, b| transaction(a.0).cmp_in_book(transaction(b.0)));
        refusals
            .into_iter()
            .map(|(slot, why)| (transaction(slot).id, why.clone()))
            .collect()
    }

    /// Returns the first and last trade date of what counts.
    pub fn span(&self) -> Option<(Date, Date)> {
        let dates = || {
            let ends = self
                .lanes
                .iter()
                .filter_map(|lane| Some((*lane.events.first()?, *lane.events.last()?)));
            ends.map(|(first, last)| {
                (
                    self.transactions[first as usize].trade_date,
                    self.transactions[last as usize].trade_date,
                )
            })
        };
        Some((
            dates().map(|(first, _)| first).min()?,
            dates().map(|(_, last)| last).max()?,
        ))
    }

    /// Folds everything again from the bare transactions, for the check that an incremental book equals a full one.
    pub fn full_fold(&self) -> Self {
        let mut book = Self {
            reference: self.reference.clone(),
            ..Self::default()
        };
        book.fill(self.transactions().cloned().collect());
        book
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            transactions: &self.transactions,
            places: &self.places,
            reference: &self.reference,
        }
    }

    fn slot(&self, id: TransactionId) -> Result<u32, Refusal> {
        self.by_id
            .get(&id)
            .copied()
            .ok_or(Refusal::UnknownTransaction { transaction: id })
    }

    fn push(&mut self, transaction: Transaction, standing: Standing) -> u32 {
        let slot = self.slots.len() as u32;
        self.by_id.insert(transaction.id, slot);
        self.transactions.push(transaction);
        self.slots.push(Slot {
            standing,
            lane: NO_LANE,
            reversals: 0,
        });
        self.places.push(Place {
            account: 0,
            instrument: NO_INSTRUMENT,
        });
        slot
    }

    /// Undoes the last push.
    fn pop(&mut self) {
        if let Some(transaction) = self.transactions.pop() {
            self.by_id.remove(&transaction.id);
            self.slots.pop();
            self.places.pop();
        }
    }

    fn insert_reversal(&mut self, reversal: Transaction, original: TransactionId) -> Result<(), Refusal> {
        let slot = self.slot(original)?;
        match self.slots[slot as usize].standing {
            Standing::Reversal => return Err(Refusal::ReversesReversal { transaction: original }),
            Standing::Active => self.leave(slot)?,
            Standing::Reversed | Standing::Refused | Standing::Removed => {}
        }
        self.invalid.remove(&slot);
        self.slots[slot as usize].standing = Standing::Reversed;
        self.slots[slot as usize].reversals += 1;
        self.push(reversal, Standing::Reversal);
        Ok(())
    }

    /// Takes one reversal off a transaction and, when it was the last, puts the transaction back.
    fn bring_back(&mut self, slot: u32) -> Result<(), Refusal> {
        if self.slots[slot as usize].reversals == 1 && self.slots[slot as usize].standing == Standing::Reversed {
            let (account, instrument) = validate::check(&self.transactions[slot as usize], &self.reference)?;
            self.enter(slot, account, instrument)?;
            self.slots[slot as usize].standing = Standing::Active;
        }
        self.slots[slot as usize].reversals -= 1;
        Ok(())
    }

    /// Puts a slot into its lane and its money into cash.
    fn enter(&mut self, slot: u32, account: u32, instrument: Option<u32>) -> Result<(), Refusal> {
        let lane = self.lane(slot, account, instrument);
        self.places[slot as usize] = Place {
            account,
            instrument: instrument.unwrap_or(NO_INSTRUMENT),
        };
        let transactions = &self.transactions;
        let events = &self.lanes[lane as usize].events;
        let transaction = &transactions[slot as usize];
        let at = events.partition_point(|other| transactions[*other as usize].cmp_in_book(transaction).is_lt());
        self.edit(
            lane,
            at,
            |events| events.insert(at, slot),
            |events| {
                events.remove(at);
            },
        )?;
        self.slots[slot as usize].lane = lane;
        self.move_cash(slot, true);
        Ok(())
    }

    /// Takes a slot out of its lane and its money out of cash.
    fn leave(&mut self, slot: u32) -> Result<(), Refusal> {
        let lane = self.slots[slot as usize].lane;
        let transactions = &self.transactions;
        let transaction = &transactions[slot as usize];
        let events = &self.lanes[lane as usize].events;
        let at = events.partition_point(|other| transactions[*other as usize].cmp_in_book(transaction).is_lt());
        debug_assert_eq!(
            events.get(at),
            Some(&slot),
            "Invariant: an active transaction is in its lane"
        );
        let counted = !self.lanes[lane as usize]
            .outputs
            .refused
            .iter()
            .any(|(refused, _)| *refused == slot);
        self.edit(
            lane,
            at,
            |events| {
                events.remove(at);
            },
            |events| events.insert(at, slot),
        )?;
        self.slots[slot as usize].lane = NO_LANE;
        if counted {
            self.move_cash(slot, false);
        }
        Ok(())
    }

    /// Changes the events of a lane and folds it again; takes the change back when something new is refused.
    fn edit(
        &mut self,
        lane: u32,
        at: usize,
        change: impl Fn(&mut Vec<u32>),
        restore: impl Fn(&mut Vec<u32>),
    ) -> Result<(), Refusal> {
        let facts = Facts {
            transactions: &self.transactions,
            places: &self.places,
            reference: &self.reference,
        };
        let lane = &mut self.lanes[lane as usize];
        let before = lane.outputs.refused.clone();
        change(&mut lane.events);
        lane.refold(facts, at);
        let known = |slot: u32| before.iter().any(|(refused, _)| *refused == slot);
        let fresh = lane
            .outputs
            .refused
            .iter()
            .find(|(slot, _)| !known(*slot))
            .map(|(_, why)| why.clone());
        if let Some(why) = fresh {
            restore(&mut lane.events);
            lane.refold(facts, at);
            return Err(why);
        }
        // What was refused before and now fits counts from now on.
        let after = &lane.outputs.refused;
        let freed: Vec<u32> = before
            .iter()
            .map(|(slot, _)| *slot)
            .filter(|slot| !after.iter().any(|(refused, _)| refused == slot) && lane.events.contains(slot))
            .collect();
        freed.into_iter().for_each(|slot| self.move_cash(slot, true));
        Ok(())
    }

    /// Returns the lane of a transaction, made or joined as need be.
    fn lane(&mut self, slot: u32, account: u32, instrument: Option<u32>) -> u32 {
        let lane = self.lane_at(account, instrument.unwrap_or(NO_INSTRUMENT));
        let Some(other) = linked(&self.transactions[slot as usize], &self.reference) else {
            return lane;
        };
        let other = self.lane_at(account, other);
        if lane == other { lane } else { self.join(lane, other) }
    }

    fn lane_at(&mut self, account: u32, instrument: u32) -> u32 {
        let lanes = &mut self.lanes;
        *self.lane_of.entry((account, instrument)).or_insert_with(|| {
            lanes.push(Lane::new(account));
            lanes.len() as u32 - 1
        })
    }

    /// Moves all events of one lane into another.
    fn join(&mut self, into: u32, from: u32) -> u32 {
        let account = self.lanes[from as usize].account;
        let emptied = std::mem::replace(&mut self.lanes[from as usize], Lane::new(account));
        for slot in &emptied.events {
            self.slots[*slot as usize].lane = into;
        }
        self.lane_of
            .values_mut()
            .filter(|lane| **lane == from)
            .for_each(|lane| *lane = into);
        let facts = Facts {
            transactions: &self.transactions,
            places: &self.places,
            reference: &self.reference,
        };
        let lane = &mut self.lanes[into as usize];
        lane.events.extend(emptied.events);
        lane.events
            .sort_by(|a, b| facts.transactions[*a as usize].cmp_in_book(&facts.transactions[*b as usize]));
        lane.refold(facts, 0);
        into
    }

    /// Adds the money of a slot to cash, or takes it out again.
    fn move_cash(&mut self, slot: u32, add: bool) {
        let transaction = &self.transactions[slot as usize];
        let Place { account, instrument } = self.places[slot as usize];
        let base = self.reference.accounts[account as usize].base;
        let facts = self.reference.instruments.get(instrument as usize);
        let (trade, settle) = (transaction.trade_date, transaction.settle_date);
        for effect in cash::effects(transaction, facts, &self.reference, base)
            .into_iter()
            .flatten()
        {
            let lanes = &mut self.cash;
            let lane = *self.cash_of.entry((account, effect.currency)).or_insert_with(|| {
                lanes.push(CashLane::new(account, effect.currency));
                lanes.len() as u32 - 1
            });
            let lane = &mut self.cash[lane as usize];
            if add {
                lane.add(trade, settle, effect);
            } else {
                lane.remove(trade, settle, effect);
            }
        }
    }

    pub(crate) fn account_id(&self, account: u32) -> AccountId {
        self.reference.accounts[account as usize].account.id
    }
}

/// Returns the other instrument whose lots a transaction touches.
fn linked(transaction: &Transaction, reference: &Indexed) -> Option<u32> {
    match transaction.kind {
        TransactionKind::SpinOff | TransactionKind::Merger => transaction.detail().other_instrument,
        TransactionKind::OptionExercise => transaction.instrument.and_then(|id| reference.facts(id)?.underlying),
        _ => None,
    }
    .and_then(|id| reference.instrument(id))
}
