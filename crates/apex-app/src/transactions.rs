//! The ledger as a person works with it: search it, add to it, take back, and see first what a change would do.

use apex_domain::{InstrumentId, Source, Transaction, TransactionId};
use apex_store::Changes;
use apex_wire::transactions::{
    AddTransaction, Effect, GetTransactions, ReverseTransactions, SuggestSymbols, SymbolSuggestion, TransactionRow,
    TransactionsWindow,
};
use apex_wire::{Amount, Failure, View};
use rust_decimal::Decimal;

use crate::App;
use crate::draft;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::grid::contains;
use crate::moment::Moment;
use crate::state::State;
use crate::view::Moments;

/// No window of the ledger is larger.
const LIMIT_MAX: usize = 1000;

impl App {
    /// Returns a window of the ledger, newest first.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn get_transactions(&self, ask: GetTransactions) -> Result<TransactionsWindow, Failure> {
        let fold = self.fold(ask.view)?;
        let words: Vec<String> = ask.search.split_whitespace().map(str::to_lowercase).collect();
        let limit = ask.limit.min(LIMIT_MAX);
        let mut total_rows = 0;
        let mut rows = Vec::with_capacity(limit);
        for transaction in fold.rows().rev().filter(|row| row.trade_date <= fold.as_of()) {
            let reversed = fold.is_reversed(transaction.id);
            if (reversed || transaction.reverses.is_some()) && !ask.with_reversed {
                continue;
            }
            if !words.iter().all(|word| mentions(&fold, transaction, word)) {
                continue;
            }
            if total_rows >= ask.offset && rows.len() < limit {
                rows.push(row(&fold, transaction, reversed));
            }
            total_rows += 1;
        }
        Ok(TransactionsWindow {
            total_rows,
            offset: ask.offset,
            rows,
        })
    }

    /// Adds what was typed, or says what it would do.
    ///
    /// # Errors
    /// When a field cannot be read or a rule of the ledger refuses; the failure names the field.
    pub async fn add_transaction(&self, ask: AddTransaction, moment: &Moment) -> Result<Effect, Failure> {
        let state = self.fresh_state().await?;
        let made = draft::transaction(&state, state.portfolio(ask.view.portfolio)?, &ask.draft, moment)?;
        let sentence = describe(&state, &made);
        let instrument = made.instrument.map(|id| (id, made.account));
        drop(state);
        Ok(self
            .carry_out(ask.view, vec![made], instrument, ask.preview, &sentence, moment)
            .await?)
    }

    /// Takes transactions back, or says what that would do.
    ///
    /// # Errors
    /// When one is unknown or reversed already, or when later ones depend on it.
    pub async fn reverse_transactions(&self, ask: ReverseTransactions, moment: &Moment) -> Result<Effect, Failure> {
        let state = self.fresh_state().await?;
        let ledger = &state.portfolio(ask.view.portfolio)?.ledger;
        let mut reversals = Vec::with_capacity(ask.ids.len());
        let mut touched = None;
        for id in &ask.ids {
            let original = ledger.get(*id).ok_or_else(|| AppError::not_found("transaction", id))?;
            if ledger.is_reversed(*id) {
                return Err(AppError::invalid(format!("{} is reversed already", describe(&state, original))).into());
            }
            if original.reverses.is_some() {
                let what = "is itself a reversal; enter the original again instead";
                return Err(AppError::invalid(format!("{} {what}", describe(&state, original))).into());
            }
            touched = touched.or(original.instrument.map(|instrument| (instrument, original.account)));
            let id = TransactionId::from_parts(moment.now, moment.entropy.bytes());
            reversals.push(original.reversal(id, moment.now, ""));
        }
        if reversals.is_empty() {
            return Err(AppError::invalid("choose at least one transaction to reverse").into());
        }
        let sentence = match reversals.as_slice() {
            [only] => format!("reverses the {}", describe(&state, only)),
            many => format!("reverses {} transactions", many.len()),
        };
        drop(state);
        Ok(self
            .carry_out(ask.view, reversals, touched, ask.preview, &sentence, moment)
            .await?)
    }

    async fn carry_out(
        &self,
        view: View,
        added: Vec<Transaction>,
        touched: Option<(InstrumentId, apex_domain::AccountId)>,
        preview: bool,
        sentence: &str,
        moment: &Moment,
    ) -> Result<Effect> {
        let (nav_before, held_before) = {
            let fold = self.fold(view)?;
            (
                fold.valuation().nav.clone(),
                touched.map(|touched| held(&fold, touched)),
            )
        };
        let ids = added.iter().map(|row| row.id).collect();
        let first = added.iter().map(|row| row.trade_date).min();
        let (nav_after, held_after, currency) = if preview {
            let wall_day = self.wall_day();
            let book = self.book()?;
            self.try_out(&book, &added, |state| {
                let moments = Moments::of(View { known_at: None, ..view }, state, wall_day);
                let fold = PortfolioFold::of(state, moments, None)?;
                Ok::<_, AppError>(outcome(&fold, touched))
            })??
        } else {
            self.apply(
                Changes {
                    transactions: added,
                    ..Changes::default()
                },
                moment,
            )
            .await?;
            outcome(self.fold(View { known_at: None, ..view })?.as_ref(), touched)
        };
        let as_of = self.moments(view)?.as_of;
        let change = match first {
            Some(day) if day > as_of => format!("which counts from {day} on, after the {as_of} looked at"),
            _ => nav_change(&nav_before, &nav_after, currency),
        };
        Ok(Effect {
            sentence: format!("{sentence}, {change}"),
            ids: if preview { Vec::new() } else { ids },
            nav_before,
            nav_after,
            quantity: held_before.zip(held_after),
        })
    }

    /// Returns instruments whose symbol or name begins with what was typed, then those that contain it.
    ///
    /// # Errors
    /// When no book is open.
    pub fn suggest_symbols(&self, ask: SuggestSymbols) -> Result<Vec<SymbolSuggestion>, Failure> {
        let state = self.state()?;
        let text = ask.text.trim().to_lowercase();
        let mut found: Vec<(u8, SymbolSuggestion)> = state
            .instruments
            .all()
            .filter_map(|one| {
                let (symbol, name) = (one.symbol().to_lowercase(), one.name.to_lowercase());
                let rank = if symbol == text {
                    0
                } else if symbol.starts_with(&text) {
                    1
                } else if name.starts_with(&text) {
                    2
                } else if symbol.contains(&text) || name.contains(&text) {
                    3
                } else {
                    return None;
                };
                let suggestion = SymbolSuggestion {
                    instrument: one.id,
                    symbol: one.symbol().to_owned(),
                    name: one.name.clone(),
                    currency: one.currency,
                    kind: one.kind,
                    accounts: Vec::new(),
                };
                Some((rank, suggestion))
            })
            .collect();
        found.sort_by(|left, right| (left.0, &left.1.symbol).cmp(&(right.0, &right.1.symbol)));
        Ok(found
            .into_iter()
            .take(ask.limit)
            .map(|(_, suggestion)| suggestion)
            .collect())
    }
}

fn outcome(
    fold: &PortfolioFold,
    touched: Option<(InstrumentId, apex_domain::AccountId)>,
) -> (Amount, Option<Decimal>, apex_domain::Currency) {
    (
        fold.valuation().nav.clone(),
        touched.map(|touched| held(fold, touched)),
        fold.currency(),
    )
}

fn held(fold: &PortfolioFold, (instrument, account): (InstrumentId, apex_domain::AccountId)) -> Decimal {
    fold.valuation()
        .row(instrument, account)
        .map_or(Decimal::ZERO, |row| row.quantity)
}

fn nav_change(before: &Amount, after: &Amount, currency: apex_domain::Currency) -> String {
    match (before.known(), after.known()) {
        (Some(before), Some(after)) if before == after => "NAV does not change".to_owned(),
        (Some(before), Some(after)) => {
            format!(
                "NAV changes by {}",
                apex_format::money_with_code(after - before, currency.code())
            )
        }
        (_, None) => "NAV is unavailable afterwards".to_owned(),
        (None, Some(after)) => format!("NAV becomes {}", apex_format::money_with_code(*after, currency.code())),
    }
}

/// Says what a transaction is in a few words: `buy of 10 KO on 2022-01-03`.
fn describe(state: &State, transaction: &Transaction) -> String {
    let kind = transaction.kind.as_str().replace('_', " ");
    let quantity = transaction.quantity.normalize();
    let date = transaction.trade_date;
    match (transaction.instrument, transaction.ratio()) {
        (Some(id), Some(ratio)) => format!("{kind} {ratio} of {} on {date}", state.symbol(id, date)),
        (Some(id), None) if quantity.is_zero() => format!("{kind} of {} on {date}", state.symbol(id, date)),
        (Some(id), None) => format!(
            "{kind} of {} {} on {date}",
            apex_format::quantity(quantity),
            state.symbol(id, date)
        ),
        (None, _) => {
            let amount = apex_format::money_with_code(transaction.amount(), transaction.currency.code());
            format!("{kind} of {amount} on {date}")
        }
    }
}

fn mentions(fold: &PortfolioFold, transaction: &Transaction, word: &str) -> bool {
    if contains(transaction.kind.as_str(), word) || contains(&transaction.note, word) {
        return true;
    }
    if transaction.external_id.as_deref().is_some_and(|id| contains(id, word)) {
        return true;
    }
    if fold
        .accounts()
        .get(&transaction.account)
        .is_some_and(|account| contains(&account.name, word))
    {
        return true;
    }
    let instrument = transaction.instrument.and_then(|id| fold.instrument(id));
    if let Some(instrument) = instrument
        && (contains(&instrument.name, word) || instrument.symbols.iter().any(|period| contains(&period.symbol, word)))
    {
        return true;
    }
    // Dates are the dearest to write out, and a word without a digit is in none of them.
    word.bytes().any(|byte| byte.is_ascii_digit()) && contains(&transaction.trade_date.to_string(), word)
}

fn row(fold: &PortfolioFold, transaction: &Transaction, reversed: bool) -> TransactionRow {
    let moves = fold.book().cash_moves(transaction);
    let cash: Decimal = moves
        .iter()
        .filter(|moved| moved.currency == transaction.currency)
        .map(|moved| moved.amount)
        .sum();
    TransactionRow {
        id: transaction.id,
        date: transaction.trade_date,
        settle: transaction.settle_date,
        seq: transaction.seq,
        kind: transaction.kind,
        account: fold.account_name(transaction.account),
        symbol: transaction
            .instrument
            .map(|id| fold.symbol_on(id, transaction.trade_date)),
        quantity: transaction.quantity,
        price: transaction.price,
        ratio: transaction.ratio(),
        cash: if transaction.reverses.is_some() { -cash } else { cash },
        currency: transaction.currency,
        fees: transaction.fees,
        taxes: transaction.taxes,
        fx_rate: transaction.fx_rate,
        external_id: transaction.external_id.clone(),
        note: transaction.note.clone(),
        source: source(&transaction.source),
        known_at: transaction.known_at,
        reversed,
        reverses: transaction.reverses,
    }
}

/// Says where a transaction came from.
pub(crate) fn source(source: &Source) -> String {
    match source {
        Source::Manual => "typed".to_owned(),
        Source::File { name, line } => format!("{name} line {line}"),
        Source::Demo => "demo (simulated)".to_owned(),
    }
}
