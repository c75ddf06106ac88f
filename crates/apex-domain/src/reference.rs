//! What a book needs to know besides its transactions: portfolios, accounts, instruments and rates.

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use jiff::civil::Date;

use crate::ids::{AccountId, InstrumentId, PortfolioId};
use crate::instrument::{Instrument, Terms};
use crate::money::Currency;
use crate::portfolio::{Account, Portfolio};
use crate::prices::FxRates;
use crate::transaction::Transaction;

/// Portfolios, accounts, instruments and exchange rates of a book.
///
/// The rates give the trade-date rate of transactions that carry none themselves.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// The portfolios.
    pub portfolios: Vec<Portfolio>,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The instruments.
    pub instruments: Vec<Instrument>,
    /// The exchange rates.
    pub fx: FxRates,
}

/// An account with what the fold asks of it.
#[derive(Debug, Clone)]
pub(crate) struct AccountFacts {
    pub(crate) account: Account,
    pub(crate) base: Currency,
}

/// An instrument with what the fold asks of it.
#[derive(Debug, Clone)]
pub(crate) struct InstrumentFacts {
    pub(crate) instrument: Instrument,
    pub(crate) multiplier: Decimal,
    pub(crate) underlying: Option<InstrumentId>,
}

/// The reference data with small numbers in place of ids, for fast folds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Indexed {
    pub(crate) accounts: Vec<AccountFacts>,
    pub(crate) instruments: Vec<InstrumentFacts>,
    pub(crate) fx: FxRates,
    portfolios: FxHashMap<PortfolioId, Currency>,
    account_index: FxHashMap<AccountId, u32>,
    instrument_index: FxHashMap<InstrumentId, u32>,
}

impl Indexed {
    pub(crate) fn new(reference: Reference) -> Self {
        let mut indexed = Self {
            fx: reference.fx,
            ..Self::default()
        };
        for portfolio in &reference.portfolios {
            indexed.portfolios.insert(portfolio.id, portfolio.currency);
        }
        reference
            .accounts
            .into_iter()
            .for_each(|account| indexed.add_account(account));
        reference
            .instruments
            .into_iter()
            .for_each(|instrument| indexed.add_instrument(instrument));
        indexed
    }

    pub(crate) fn add_portfolio(&mut self, portfolio: &Portfolio) {
        self.portfolios.insert(portfolio.id, portfolio.currency);
    }

    /// Accounts of unknown portfolios are left out, and so is a second account of the same id.
    pub(crate) fn add_account(&mut self, account: Account) {
        let Some(&base) = self.portfolios.get(&account.portfolio) else {
            return;
        };
        if !self.account_index.contains_key(&account.id) {
            self.account_index.insert(account.id, self.accounts.len() as u32);
            self.accounts.push(AccountFacts { account, base });
        }
    }

    pub(crate) fn add_instrument(&mut self, instrument: Instrument) {
        let multiplier = instrument.multiplier();
        let underlying = match instrument.terms {
            Terms::Option { underlying, .. } => Some(underlying),
            _ => None,
        };
        let facts = InstrumentFacts {
            multiplier,
            underlying,
            instrument,
        };
        match self.instrument_index.get(&facts.instrument.id) {
            Some(&known) => self.instruments[known as usize] = facts,
            None => {
                self.instrument_index
                    .insert(facts.instrument.id, self.instruments.len() as u32);
                self.instruments.push(facts);
            }
        }
    }

    pub(crate) fn account(&self, id: AccountId) -> Option<u32> {
        self.account_index.get(&id).copied()
    }

    pub(crate) fn instrument(&self, id: InstrumentId) -> Option<u32> {
        self.instrument_index.get(&id).copied()
    }

    pub(crate) fn facts(&self, id: InstrumentId) -> Option<&InstrumentFacts> {
        self.instrument(id).map(|at| &self.instruments[at as usize])
    }

    pub(crate) fn base(&self, portfolio: PortfolioId) -> Option<Currency> {
        self.portfolios.get(&portfolio).copied()
    }

    /// Returns the symbol of an instrument on a day, its id when it has none.
    pub(crate) fn symbol(&self, instrument: Option<InstrumentId>, date: Date) -> String {
        let Some(id) = instrument else { return "cash".to_owned() };
        self.facts(id).map_or_else(
            || id.to_string(),
            |facts| {
                facts
                    .instrument
                    .symbol_on(date)
                    .unwrap_or(facts.instrument.symbol())
                    .to_owned()
            },
        )
    }

    /// Returns base currency for one unit of the transaction's currency on its trade date.
    pub(crate) fn trade_rate(&self, transaction: &Transaction, base: Currency) -> Option<Decimal> {
        if transaction.currency == base {
            return Some(Decimal::ONE);
        }
        transaction.fx_rate.or_else(|| {
            self.fx
                .rate(transaction.currency, base, transaction.trade_date)
                .ok()
                .map(|rate| rate.value)
        })
    }
}
