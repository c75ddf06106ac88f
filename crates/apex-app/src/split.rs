//! Splits that the book knows of, from a provider or by a repair of prices, and that a ledger lacks: found, told and
//! recorded.
//!
//! Prices are as traded, so a split lies between them. Where the ledger of an account that held the shares has no such
//! split, its old shares would silently be valued at new prices.

use std::collections::BTreeMap;

use apex_domain::{
    AccountId, Book, Date, Decimal, InstrumentId, Ratio, SplitEvent, Transaction, TransactionId, TransactionKind,
};
use apex_store::{Changes, CorporateEvent};
use apex_wire::Failure;
use apex_wire::split::{GetMissingSplits, MissingSplit, RecordSplits, RecordedSplits, SplitName};

use crate::App;
use crate::app::OpenedBook;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::moment::Moment;
use crate::state::{Splits, State};

/// Days within which a booked split of the same ratio is the one that is known, and one of any ratio: brokers book late.
const SAME_RATIO_DAYS: i32 = 31;
const ANY_RATIO_DAYS: i32 = 3;

/// A split that the ledger of one account lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) account: AccountId,
    pub(crate) instrument: InstrumentId,
    pub(crate) ex_date: Date,
    pub(crate) ratio: Ratio,
    /// Shares at the close before.
    pub(crate) before: Decimal,
    /// What it makes of them.
    pub(crate) after: Decimal,
}

/// Finds the splits up to a day that a book lacks, by account, instrument and day. One that makes more shares than a number
/// can hold is none.
pub(crate) fn missing(book: &Book, published: &Splits, until: Date) -> Vec<Missing> {
    let mut missing = Vec::new();
    let mut booked: Option<Vec<SplitEvent>> = None;
    for (instrument, published) in published {
        let published = || published.range(..=until);
        if published().next().is_none() {
            continue;
        }
        for held in book.quantity_steps_of(*instrument) {
            let booked = booked.get_or_insert_with(|| book.splits());
            let is_theirs = |one: &&SplitEvent| one.account == held.account && one.instrument == *instrument;
            let mut own: Vec<&SplitEvent> = booked.iter().filter(is_theirs).collect();
            for (ex_date, ratio) in published() {
                let steps = held.steps.partition_point(|(date, _)| date < ex_date);
                let before = steps.checked_sub(1).and_then(|at| held.steps.get(at));
                let before = before.map_or(Decimal::ZERO, |(_, quantity)| *quantity);
                if let Some(at) = own.iter().position(|one| is_same(one, *ex_date, *ratio)) {
                    own.remove(at);
                    continue;
                }
                let multiplied = before.checked_mul(ratio.numerator().into());
                let after = multiplied.and_then(|shares| shares.checked_div(ratio.denominator().into()));
                // Some brokers book the new shares as a delivery: the count is right, whatever it is called.
                let is_delivered = |after: &Decimal| {
                    let near = |date: Date| (date - *ex_date).get_days().abs() <= ANY_RATIO_DAYS;
                    held.steps
                        .iter()
                        .any(|(date, quantity)| near(*date) && quantity == after)
                };
                let after = after.filter(|after| !before.is_zero() && !is_delivered(after));
                missing.extend(after.map(|after| Missing {
                    account: held.account,
                    instrument: *instrument,
                    ex_date: *ex_date,
                    ratio: *ratio,
                    before: before.normalize(),
                    after: after.normalize(),
                }));
            }
        }
    }
    missing.sort_by_key(|one| (one.account, one.instrument, one.ex_date));
    missing
}

/// Returns whether a booked split is the one that is told of a day.
pub(crate) fn is_same(booked: &SplitEvent, ex_date: Date, ratio: Ratio) -> bool {
    let apart = (booked.date - ex_date).get_days().abs();
    let is_same_ratio = u64::from(booked.ratio.numerator()) * u64::from(ratio.denominator())
        == u64::from(ratio.numerator()) * u64::from(booked.ratio.denominator());
    apart <= ANY_RATIO_DAYS || is_same_ratio && apart <= SAME_RATIO_DAYS
}

/// Says what a portfolio lacks, for a list of what a person should look at.
pub(crate) fn sentence(fold: &PortfolioFold, one: &Missing) -> String {
    format!(
        "{} was split {} on {} and {} still has {} old shares at new prices; record the split",
        fold.symbol_on(one.instrument, one.ex_date),
        one.ratio,
        one.ex_date,
        fold.account_name(one.account),
        apex_format::quantity(one.before)
    )
}

/// Says all that a portfolio lacks on its day.
pub(crate) fn sentences(fold: &PortfolioFold) -> Vec<String> {
    let missing = missing(fold.book(), fold.published_splits(), fold.as_of());
    missing.iter().map(|one| sentence(fold, one)).collect()
}

impl App {
    /// Returns the splits that ledgers lack, by portfolio, symbol and day.
    ///
    /// # Errors
    /// When no book is open, it cannot be read, or the portfolio is not in it.
    pub async fn get_missing_splits(&self, ask: GetMissingSplits) -> Result<Vec<MissingSplit>, Failure> {
        let book = self.book()?;
        let state = book.state();
        if let Some(portfolio) = ask.portfolio {
            state.portfolio(portfolio)?;
        }
        let mut found = self.missing_splits(&book, &state).await?;
        found.retain(|one| ask.portfolio.is_none_or(|portfolio| portfolio == one.portfolio));
        Ok(found)
    }

    pub(crate) async fn missing_splits(&self, book: &OpenedBook, state: &State) -> Result<Vec<MissingSplit>> {
        let until = self.today();
        let mut found = Vec::new();
        for one in state.portfolios.values() {
            let account = |id: AccountId| one.accounts.get(&id).map(|account| account.name.clone());
            let lacking = missing(&one.ledger.book, &state.splits, until);
            found.extend(lacking.into_iter().map(|lacking| MissingSplit {
                portfolio: one.portfolio.id,
                portfolio_name: one.portfolio.name.clone(),
                account: lacking.account,
                account_name: account(lacking.account).unwrap_or_default(),
                instrument: lacking.instrument,
                symbol: state.symbol(lacking.instrument, lacking.ex_date),
                ex_date: lacking.ex_date,
                ratio: lacking.ratio,
                source: String::new(),
                before: lacking.before,
                after: lacking.after,
            }));
        }
        if !found.is_empty() {
            let told = book.store.corporate_actions(None).await?.into_iter();
            let told = told.filter(|action| matches!(action.event, CorporateEvent::Split { .. }));
            let told: BTreeMap<(InstrumentId, Date), String> = told
                .map(|action| ((action.instrument, action.ex_date), action.source))
                .collect();
            for one in &mut found {
                let source = told.get(&(one.instrument, one.ex_date));
                one.source = source.cloned().unwrap_or_default();
            }
        }
        let order = |one: &MissingSplit| (one.portfolio_name.clone(), one.symbol.clone(), one.ex_date);
        found.sort_by_cached_key(|one| (order(one), one.account_name.clone()));
        Ok(found)
    }

    /// Puts missing splits into the ledgers, all or none, or says what that would do. Each becomes a transaction like any
    /// other, which can be taken back.
    ///
    /// # Errors
    /// When one of them is not missing, or a rule of the ledger refuses, such as a later sale of more shares than there are.
    pub async fn record_splits(&self, ask: RecordSplits, moment: &Moment) -> Result<RecordedSplits, Failure> {
        let book = self.book()?;
        let state = self.fresh_state().await?;
        let known = self.missing_splits(&book, &state).await?;
        let mut rows: Vec<MissingSplit> = Vec::new();
        for name in &ask.splits {
            let found = known.iter().find(|one| one.name() == *name);
            let found = found.ok_or_else(|| not_missing(&state, *name))?;
            if !rows.contains(found) {
                rows.push(found.clone());
            }
        }
        if rows.is_empty() {
            return Err(AppError::invalid("no split is missing").into());
        }
        let added = rows.iter().map(|row| transaction(&state, row, moment));
        let added: Vec<Transaction> = added.collect::<Result<_>>()?;
        drop(state);
        let sentence = match rows.as_slice() {
            [only] => words(only),
            many => format!("records {} splits", many.len()),
        };
        let ids = added.iter().map(|row| row.id).collect();
        if ask.preview {
            self.try_out(&book, &added, |_| ())?;
        } else {
            let changes = Changes {
                transactions: added,
                ..Changes::default()
            };
            self.apply_to(&book, changes, moment).await?;
        }
        Ok(RecordedSplits {
            sentence,
            rows,
            ids: if ask.preview { Vec::new() } else { ids },
        })
    }
}

fn words(split: &MissingSplit) -> String {
    format!(
        "records the split {} of {} on {} in {}: {} shares become {}",
        split.ratio,
        split.symbol,
        split.ex_date,
        split.account_name,
        apex_format::quantity(split.before),
        apex_format::quantity(split.after)
    )
}

fn not_missing(state: &State, name: SplitName) -> AppError {
    let symbol = state.symbol(name.instrument, name.ex_date);
    AppError::invalid(format!("no ledger lacks a split of {symbol} on {}", name.ex_date))
}

fn transaction(state: &State, split: &MissingSplit, moment: &Moment) -> Result<Transaction> {
    let accounts = &state.portfolio(split.portfolio)?.accounts;
    let account = accounts.get(&split.account);
    let account = account.ok_or_else(|| AppError::not_found("account", split.account))?;
    let instrument = state.instrument(split.instrument)?;
    let id = TransactionId::from_parts(moment.now, moment.entropy.bytes());
    let kind = TransactionKind::Split;
    let mut made = Transaction::new(id, account, split.ex_date, kind, instrument.currency, moment.now);
    made.instrument = Some(split.instrument);
    made.detail_mut().ratio = Some(split.ratio);
    made.note = format!("as {} tells it", split.source);
    Ok(made)
}
