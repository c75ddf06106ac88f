//! How the book is changed: the ledger's rules first, then the files, then what is in memory.
//!
//! A single trade is put into the fold in place, tried, taken out again and put in for good when the files have it. A
//! large batch is folded beside the old ledger and takes its place.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use apex_domain::{PortfolioId, Source, Transaction, TransactionId};
use apex_store::{Applied, Changes, StoreError};
use rustc_hash::FxHashSet;

use crate::App;
use crate::app::OpenedBook;
use crate::error::{AppError, Refused, Result};
use crate::moment::Moment;
use crate::state::{Instruments, Ledger, PortfolioState, State, put_splits};

/// How often a change is worked out again because another program wrote meanwhile: more often than any person or script
/// that takes turns with this one.
const TRIES_MAX: usize = 25;

impl App {
    /// Applies a set of changes: everything, or nothing when any part is refused.
    ///
    /// What the book has already is left out and counted, so applying the same changes twice adds nothing.
    ///
    /// # Errors
    /// [`AppError::Refused`] with every transaction that a rule of the ledger refuses; [`AppError::Store`].
    pub async fn apply(&self, changes: Changes, moment: &Moment) -> Result<Applied> {
        self.apply_to(&self.book()?, changes, moment).await
    }

    /// Applies changes that were worked out for a book, and to no other.
    pub(crate) async fn apply_to(&self, book: &Arc<OpenedBook>, changes: Changes, moment: &Moment) -> Result<Applied> {
        let _writing = self.writer.lock().await;
        if !Arc::ptr_eq(book, &self.book()?) {
            return Err(AppError::invalid(
                "another book was opened meanwhile; nothing was changed",
            ));
        }
        let mut tries = 1;
        loop {
            self.catch_up_with(book).await?;
            match self.apply_once(book, &changes, moment).await {
                // Another program wrote while this was worked out, so it is worked out again.
                Err(AppError::Store(StoreError::Overtaken)) if tries < TRIES_MAX => tries += 1,
                outcome => return outcome,
            }
        }
    }

    async fn apply_once(&self, book: &OpenedBook, changes: &Changes, moment: &Moment) -> Result<Applied> {
        self.refuse_after_the_clock(&book.state(), &changes.transactions)?;
        let few = Self::only_few_transactions(changes);
        let is_first = !few && book.state().is_without_transactions();
        let known = if might_be_known(&changes.transactions) && !is_first {
            book.store.rehearse(changes, moment.now).await?.duplicates
        } else {
            Vec::new()
        };
        let fresh = without(changes, &known);
        let mut applied = if few {
            self.apply_in_place(book, &fresh, moment).await?
        } else {
            let state = with(&book.state(), &fresh)?;
            let applied = book.store.apply_from(book.position(), &fresh, moment.now).await?;
            self.put(book, state);
            applied
        };
        if !known.is_empty() {
            applied.duplicates = known;
        }
        Ok(applied)
    }

    async fn apply_in_place(&self, book: &OpenedBook, changes: &Changes, moment: &Moment) -> Result<Applied> {
        let added = &changes.transactions;
        self.try_out(book, added, |_| ())?;
        let applied = book.store.apply_from(book.position(), changes, moment.now).await?;
        self.change(book, |state| {
            put_in(state, added)?;
            Ok(())
        })?;
        Ok(applied)
    }

    fn only_few_transactions(changes: &Changes) -> bool {
        Ledger::takes_singly(changes.transactions.len())
            && changes.instruments.is_empty()
            && changes.portfolios.is_empty()
            && changes.accounts.is_empty()
            && changes.prices.is_empty()
            && changes.rates.is_empty()
            && changes.actions.is_empty()
    }

    fn refuse_after_the_clock(&self, state: &State, transactions: &[Transaction]) -> Result<()> {
        let Some(today) = state.standing_clock() else {
            return Ok(());
        };
        let later = transactions.iter().map(|row| row.trade_date).find(|date| *date > today);
        later.map_or(Ok(()), |date| Err(AppError::AfterTheClock { date, today }))
    }
}

/// Returns changes without the transactions that the files have already, by their places.
fn without<'c>(changes: &'c Changes, known: &[usize]) -> Cow<'c, Changes> {
    if known.is_empty() {
        return Cow::Borrowed(changes);
    }
    let known: BTreeSet<usize> = known.iter().copied().collect();
    let rows = changes.transactions.iter().enumerate();
    let fresh = rows.filter(|(at, _)| !known.contains(at)).map(|(_, row)| row.clone());
    Cow::Owned(Changes {
        transactions: fresh.collect(),
        instruments: changes.instruments.clone(),
        portfolios: changes.portfolios.clone(),
        accounts: changes.accounts.clone(),
        actions: changes.actions.clone(),
        prices: changes.prices.clone(),
        rates: changes.rates.clone(),
        import: changes.import.clone(),
    })
}

/// Whether the files might have some of these already: lines of files and rows with an external id.
fn might_be_known(transactions: &[Transaction]) -> bool {
    transactions
        .iter()
        .any(|row| row.external_id.is_some() || matches!(row.source, Source::File { .. }))
}

fn by_portfolio(transactions: &[Transaction]) -> BTreeMap<PortfolioId, Vec<Transaction>> {
    let mut parts: BTreeMap<PortfolioId, Vec<Transaction>> = BTreeMap::new();
    for row in transactions {
        parts.entry(row.portfolio).or_default().push(row.clone());
    }
    parts
}

/// Puts transactions in, in place; when one is refused the state is as it was.
pub(crate) fn put_in(state: &mut State, added: &[Transaction]) -> Result<()> {
    let mut done: Vec<(PortfolioId, Vec<Transaction>)> = Vec::new();
    for (id, part) in by_portfolio(added) {
        let ledger = ledger_mut(state, id)?;
        if let Err(refused) = ledger.insert_all(&part) {
            for (id, part) in done.into_iter().rev() {
                ledger_mut(state, id)?.remove_all(&part);
            }
            return Err(refused.into());
        }
        done.push((id, part));
    }
    Ok(())
}

/// Puts transactions in, looks at the outcome, and takes them out again.
pub(crate) fn tried<T>(state: &mut State, added: &[Transaction], look: impl FnOnce(&State) -> T) -> Result<T> {
    put_in(state, added)?;
    let seen = look(state);
    for (id, part) in by_portfolio(added) {
        ledger_mut(state, id)?.remove_all(&part);
    }
    Ok(seen)
}

fn ledger_mut(state: &mut State, id: PortfolioId) -> Result<&mut Ledger> {
    let found = state
        .portfolios
        .get_mut(&id)
        .ok_or_else(|| AppError::not_found("portfolio", id))?;
    Ok(Arc::make_mut(&mut found.ledger))
}

/// Returns the state with changes in it; touched ledgers are folded anew.
pub(crate) fn with(state: &State, changes: &Changes) -> Result<State> {
    let mut changed = state.clone();
    let mut versions = state.versions.as_ref().clone();
    if !changes.instruments.is_empty() {
        let edited: Vec<_> = changes.instruments.iter().map(|edit| edit.value.clone()).collect();
        let ids: FxHashSet<_> = edited.iter().map(|one| one.id).collect();
        let kept = state
            .instruments
            .all()
            .filter(|one| !ids.contains(&one.id))
            .map(|one| one.as_ref().clone());
        changed.instruments = Arc::new(Instruments::new(kept.chain(edited))?);
        for edit in &changes.instruments {
            versions.insert(edit.value.id.as_uuid(), edit.base_version + 1);
        }
    }
    if !changes.actions.is_empty() {
        put_splits(Arc::make_mut(&mut changed.splits), &changes.actions);
    }
    if !changes.prices.is_empty() || !changes.rates.is_empty() {
        let prices = Arc::make_mut(&mut changed.prices);
        for batch in &changes.prices {
            let bars = batch.bars.iter().map(|bar| (bar.date, bar.close));
            // In the order in which the store counts them.
            for date in &batch.withdrawn {
                prices.remove(batch.instrument, *date);
            }
            prices.extend(batch.instrument, bars, &batch.source);
        }
        for batch in &changes.rates {
            for date in &batch.withdrawn {
                prices.fx.remove(batch.base, batch.target, *date);
            }
            for (date, rate) in &batch.rates {
                prices.fx.set(batch.base, batch.target, *date, *rate);
            }
        }
    }
    for edit in &changes.portfolios {
        let id = edit.value.id;
        let known = changed.portfolios.get(&id);
        let entry = PortfolioState {
            portfolio: edit.value.clone(),
            accounts: known.map(|known| known.accounts.clone()).unwrap_or_default(),
            ledger: known.map(|known| known.ledger.clone()).unwrap_or_default(),
        };
        changed.portfolios.insert(id, entry);
        versions.insert(id.as_uuid(), edit.base_version + 1);
    }
    for edit in &changes.accounts {
        let id = edit.value.portfolio;
        let found = changed
            .portfolios
            .get_mut(&id)
            .ok_or_else(|| AppError::not_found("portfolio", id))?;
        Arc::make_mut(&mut found.accounts).insert(edit.value.id, edit.value.clone());
        versions.insert(edit.value.id.as_uuid(), edit.base_version + 1);
    }
    changed.versions = Arc::new(versions);
    refold(&mut changed, state, changes)?;
    Ok(changed)
}

fn refold(changed: &mut State, before: &State, changes: &Changes) -> Result<()> {
    let mut added = by_portfolio(&changes.transactions);
    let touches_all = !changes.instruments.is_empty() || !changes.rates.is_empty();
    let documents: BTreeSet<PortfolioId> = (changes.portfolios.iter().map(|edit| edit.value.id))
        .chain(changes.accounts.iter().map(|edit| edit.value.portfolio))
        .collect();
    let (instruments, prices) = (changed.instruments.clone(), changed.prices.clone());
    let mut refused: Vec<Refused> = Vec::new();
    for (id, portfolio) in &mut changed.portfolios {
        let part = added.remove(id).unwrap_or_default();
        if part.is_empty() && !touches_all && !documents.contains(id) {
            continue;
        }
        let fresh: FxHashSet<TransactionId> = part.iter().map(|row| row.id).collect();
        let refused_before: FxHashSet<TransactionId> =
            portfolio.ledger.book.refusals().into_iter().map(|(id, _)| id).collect();
        let rows = portfolio.ledger.book.transactions().cloned().chain(part).collect();
        let ledger = Ledger::new(portfolio.reference(&instruments, &prices.fx), rows, None);
        for (transaction, refusal) in ledger.book.refusals() {
            if fresh.contains(&transaction) || !refused_before.contains(&transaction) {
                refused.push(Refused { transaction, refusal });
            }
        }
        portfolio.ledger = Arc::new(ledger);
    }
    debug_assert!(
        before.portfolios.len() <= changed.portfolios.len(),
        "Invariant: no portfolio is lost"
    );
    if let Some((id, _)) = added.pop_first() {
        return Err(AppError::not_found("portfolio", id));
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(AppError::Refused(refused))
    }
}
