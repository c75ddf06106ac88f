//! Ledgers written as tables that one can read aloud.
//!
//! One line is one fact; empty lines and what follows `#` are left out.
//!
//! ```text
//! base EUR                                    base currency (USD unless said)
//! lots hifo                                   lot method of the account Main (fifo unless said)
//! account Other average                       another account with its lot method
//! bond    T5  0.05 2030-06-30 USD             annual rate, maturity, currency
//! option  C100 call ACME 100 2026-06-19 x100  right, underlying, strike, expiry, contract size
//! private FUND USD                            a private asset
//! pair    EURUSD EUR USD                      a pair of currencies: one EUR in USD
//!
//! 2026-01-05  buy    ACME 10 @ 90.00 USD fees 1.20 settle 2026-01-07 id F1
//! 2026-01-06  split  ACME 7:1
//! 2026-01-07  spin_off ACME into NEW 0.125 ratio 1:4
//! 2026-01-08  deposit 1000 USD in Other
//! 2026-01-09  reverse F1
//! 2026-01-09  price  ACME 120.00
//! 2026-01-09  rate   USD EUR 0.95
//! show cash 2026-01-09
//! ```
//!
//! A symbol met for the first time is an equity in the currency of its line. Options of a line: `fees`, `taxes`,
//! `settle`, `fx`, `seq`, `id`, `gross`, `ratio`, `into SYMBOL [FRACTION]`, `basis`, `lieu`, `accrued`, `opened`,
//! `lot ID QUANTITY`, `short`, `in ACCOUNT`, `note WORD`, `known INSTANT`.

use std::collections::BTreeMap;
use std::str::FromStr;

use apex_domain::{
    Account, AccountId, Book, Currency, Date, DayCount, Decimal, Instrument, InstrumentId, InstrumentKind, LotMethod,
    LotPick, OptionRight, Portfolio, PortfolioId, PriceBook, Ratio, Reference, Terms, Timestamp, Transaction,
    TransactionId, TransactionKind,
};

use crate::clock::Clock;

/// A line of a ledger table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {what} in `{line}`")]
pub struct LedgerError {
    /// What was expected.
    pub what: String,
    /// The line.
    pub line: String,
}

/// What a report shows besides lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Show {
    /// Cost of open lots.
    Cost,
    /// Cash on a day.
    Cash(Date),
    /// Income.
    Income,
    /// Flows.
    Flows,
    /// The value on a day.
    Value(Date),
    /// Quantities over time.
    Steps,
}

/// A ledger read from a table: one portfolio with its accounts, instruments, prices and transactions.
///
/// ```
/// use apex_domain::Date;
/// use apex_testkit::Ledger;
///
/// let ledger = Ledger::parse("2026-01-05  buy  ACME  10 @ 90.00 USD")?;
/// assert_eq!(ledger.book().holdings(Date::constant(2026, 1, 5)).len(), 1);
/// # Ok::<(), apex_testkit::LedgerError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    /// The portfolio.
    pub portfolio: Portfolio,
    /// The accounts; the first is Main.
    pub accounts: Vec<Account>,
    /// The instruments in the order they were met.
    pub instruments: Vec<Instrument>,
    /// The transactions in the order of their lines.
    pub transactions: Vec<Transaction>,
    /// Prices and rates.
    pub prices: PriceBook,
    /// What the report shows besides lots.
    pub shows: Vec<Show>,
    by_name: BTreeMap<String, TransactionId>,
    clock: Clock,
}

impl Ledger {
    /// Reads a table.
    ///
    /// # Errors
    /// When a line cannot be read.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let portfolio = Portfolio {
            id: PortfolioId::from_bytes(numbered(1, 0)),
            name: "Core".to_owned(),
            currency: Currency::USD,
            benchmark: None,
        };
        let mut ledger = Self {
            accounts: vec![account(&portfolio, 0, "Main", LotMethod::Fifo)],
            portfolio,
            instruments: Vec::new(),
            transactions: Vec::new(),
            prices: PriceBook::default(),
            shows: Vec::new(),
            by_name: BTreeMap::new(),
            clock: Clock::default(),
        };
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                let words: Vec<&str> = line.split_whitespace().collect();
                ledger.line(&mut Words { line, words: &words })?;
            }
        }
        Ok(ledger)
    }

    /// Returns what a book needs besides transactions.
    pub fn reference(&self) -> Reference {
        Reference {
            portfolios: vec![self.portfolio.clone()],
            accounts: self.accounts.clone(),
            instruments: self.instruments.clone(),
            fx: self.prices.fx.clone(),
        }
    }

    /// Returns the book of all transactions.
    pub fn book(&self) -> Book {
        Book::build(self.reference(), self.transactions.clone(), None)
    }

    /// Returns the transaction with a name given by `id`.
    pub fn named(&self, name: &str) -> Option<&Transaction> {
        let id = self.by_name.get(name)?;
        self.transactions.iter().find(|transaction| transaction.id == *id)
    }

    /// Returns the symbol of an instrument.
    pub fn symbol(&self, id: InstrumentId) -> String {
        let found = self.instruments.iter().find(|instrument| instrument.id == id);
        found.map_or_else(|| id.to_string(), |instrument| instrument.symbol().to_owned())
    }

    /// Returns the name of an account.
    pub fn account_name(&self, id: AccountId) -> String {
        let found = self.accounts.iter().find(|account| account.id == id);
        found.map_or_else(|| id.to_string(), |account| account.name.clone())
    }

    /// Returns the instrument of a symbol, an equity in the given currency when it is new.
    pub fn instrument(&mut self, symbol: &str, currency: Currency) -> InstrumentId {
        if let Some(known) = self.instruments.iter().find(|instrument| instrument.symbol() == symbol) {
            return known.id;
        }
        self.add(InstrumentKind::Equity, symbol, currency, Terms::None)
    }

    fn add(&mut self, kind: InstrumentKind, symbol: &str, currency: Currency, terms: Terms) -> InstrumentId {
        let id = InstrumentId::from_bytes(numbered(3, self.instruments.len()));
        let instrument = Instrument {
            terms,
            ..Instrument::new(id, kind, symbol, currency)
        };
        self.instruments.push(instrument);
        id
    }

    fn line(&mut self, words: &mut Words<'_>) -> Result<(), LedgerError> {
        match words.next("a word")? {
            "base" => self.portfolio.currency = words.read("a currency")?,
            "lots" => self.accounts[0].lot_method = words.read("a lot method")?,
            "account" => {
                let name = words.next("a name")?;
                let method = words.read("a lot method")?;
                self.accounts
                    .push(account(&self.portfolio, self.accounts.len(), name, method));
            }
            "bond" => {
                let symbol = words.next("a symbol")?;
                let terms = Terms::Bond {
                    coupon_rate: words.read("a rate")?,
                    frequency: 1,
                    issue: None,
                    maturity: words.read("a date")?,
                    day_count: DayCount::Thirty360,
                };
                let currency = words.read("a currency")?;
                self.add(InstrumentKind::Bond, symbol, currency, terms);
            }
            "option" => self.option(words)?,
            "private" => {
                let symbol = words.next("a symbol")?;
                let currency = words.read("a currency")?;
                self.add(InstrumentKind::Private, symbol, currency, Terms::None);
            }
            "pair" => {
                let symbol = words.next("a symbol")?;
                let (base, quote) = (words.read("a currency")?, words.read("a currency")?);
                self.add(
                    InstrumentKind::CurrencyPair,
                    symbol,
                    quote,
                    Terms::CurrencyPair { base, quote },
                );
            }
            "show" => {
                let show = match words.next("what to show")? {
                    "cost" => Show::Cost,
                    "cash" => Show::Cash(words.read("a date")?),
                    "income" => Show::Income,
                    "flows" => Show::Flows,
                    "value" => Show::Value(words.read("a date")?),
                    "steps" => Show::Steps,
                    _ => return Err(words.error("what to show")),
                };
                self.shows.push(show);
            }
            date => {
                let date = date.parse().map_err(|_| words.error("a date"))?;
                self.dated(date, words)?;
            }
        }
        if words.words.is_empty() {
            Ok(())
        } else {
            Err(words.error(words.words[0]))
        }
    }

    fn option(&mut self, words: &mut Words<'_>) -> Result<(), LedgerError> {
        let symbol = words.next("a symbol")?;
        let right = match words.next("call or put")? {
            "call" => OptionRight::Call,
            "put" => OptionRight::Put,
            _ => return Err(words.error("call or put")),
        };
        let underlying = words.next("an underlying")?;
        let (strike, expiry) = (words.read("a strike")?, words.read("an expiry")?);
        let size = words.next("a contract size")?.trim_start_matches('x');
        let contract_size = size.parse().map_err(|_| words.error("a contract size"))?;
        let currency = self.portfolio.currency;
        let underlying = self.instrument(underlying, currency);
        let known = self.instruments.iter().find(|instrument| instrument.id == underlying);
        let currency = known.map_or(currency, |instrument| instrument.currency);
        let terms = Terms::Option {
            underlying,
            strike,
            expiry,
            right,
            contract_size,
        };
        self.add(InstrumentKind::Option, symbol, currency, terms);
        Ok(())
    }

    fn dated(&mut self, date: Date, words: &mut Words<'_>) -> Result<(), LedgerError> {
        match words.next("a kind of transaction")? {
            "price" => {
                let symbol = words.next("a symbol")?;
                let instrument = self.instrument(symbol, self.portfolio.currency);
                self.prices.set(instrument, date, words.read("a price")?, "table");
            }
            "rate" => {
                let (from, to) = (words.read("a currency")?, words.read("a currency")?);
                self.prices.fx.set(from, to, date, words.read("a rate")?);
            }
            "reverse" => {
                let name = words.next("the name of a transaction")?;
                let original = self
                    .named(name)
                    .cloned()
                    .ok_or_else(|| words.error("the name of a transaction"))?;
                let id = TransactionId::from_bytes(numbered(4, self.transactions.len()));
                let reversal = original.reversal(id, self.clock.now(), "");
                self.transactions.push(reversal);
            }
            kind => {
                let kind = kind.parse().map_err(|_| words.error("a kind of transaction"))?;
                let transaction = self.transaction(date, kind, words)?;
                if let Some(name) = &transaction.external_id {
                    self.by_name.insert(name.clone(), transaction.id);
                }
                self.transactions.push(transaction);
            }
        }
        Ok(())
    }

    fn transaction(
        &mut self,
        date: Date,
        kind: TransactionKind,
        words: &mut Words<'_>,
    ) -> Result<Transaction, LedgerError> {
        let id = TransactionId::from_bytes(numbered(4, self.transactions.len()));
        let base = self.portfolio.currency;
        let mut transaction = Transaction::new(id, &self.accounts[0], date, kind, base, self.clock.now());
        let symbol = words.take_if(|word| {
            !is_option(word) && Decimal::from_str(word).is_err() && Ratio::from_str(word).is_err() && !is_currency(word)
        });
        if let Some(ratio) = words.take_if(|word| Ratio::from_str(word).is_ok()) {
            transaction.detail_mut().ratio = ratio.parse().ok();
        }
        if let Some(quantity) = words.take_if(|word| Decimal::from_str(word).is_ok()) {
            transaction.quantity = quantity.parse().unwrap_or_default();
        }
        if words.take_if(|word| word == "@").is_some() {
            transaction.price = words.read("a price")?;
        }
        let stated = words.take_if(is_currency).and_then(|word| word.parse().ok());
        if let Some(symbol) = symbol {
            let instrument = self.instrument(symbol, stated.unwrap_or(base));
            transaction.instrument = Some(instrument);
            let known = self.instruments.iter().find(|known| known.id == instrument);
            transaction.currency = known.map_or(base, |known| known.currency);
        }
        transaction.currency = stated.unwrap_or(transaction.currency);
        while !words.words.is_empty() {
            self.option_of(&mut transaction, words)?;
        }
        Ok(transaction)
    }

    fn option_of(&mut self, transaction: &mut Transaction, words: &mut Words<'_>) -> Result<(), LedgerError> {
        match words.next("an option")? {
            "fees" => transaction.fees = words.read("fees")?,
            "taxes" => transaction.taxes = words.read("taxes")?,
            "settle" => transaction.settle_date = words.read("a date")?,
            "fx" => transaction.fx_rate = Some(words.read("a rate")?),
            "seq" => transaction.seq = words.read("a number")?,
            "id" => transaction.external_id = Some(words.next("an id")?.to_owned()),
            "gross" => transaction.gross = Some(words.read("an amount")?),
            "note" => transaction.note = words.next("a note")?.to_owned(),
            "known" => transaction.known_at = words.read::<Timestamp>("an instant")?,
            "ratio" => transaction.detail_mut().ratio = Some(words.read("a ratio")?),
            "basis" => transaction.detail_mut().basis_fraction = Some(words.read("a fraction")?),
            "lieu" => transaction.detail_mut().cash_in_lieu = Some(words.read("an amount")?),
            "accrued" => transaction.detail_mut().accrued_interest = Some(words.read("an amount")?),
            "opened" => transaction.detail_mut().opened = Some(words.read("a date")?),
            "short" => transaction.detail_mut().short = true,
            "into" => {
                let symbol = words.next("a symbol")?;
                let other = self.instrument(symbol, transaction.currency);
                transaction.detail_mut().other_instrument = Some(other);
                if let Some(fraction) = words.take_if(|word| Decimal::from_str(word).is_ok()) {
                    transaction.detail_mut().basis_fraction = fraction.parse().ok();
                }
            }
            "lot" => {
                let name = words.next("the id of a lot")?;
                let opened_by = *self.by_name.get(name).ok_or_else(|| words.error("the id of a lot"))?;
                let quantity = words.read("a quantity")?;
                transaction.detail_mut().lots.push(LotPick { opened_by, quantity });
            }
            "in" => {
                let name = words.next("an account")?;
                let account = self.accounts.iter().find(|account| account.name == name);
                transaction.account = account.ok_or_else(|| words.error("an account"))?.id;
            }
            other => return Err(words.error(other)),
        }
        Ok(())
    }
}

/// The words of a line that are left.
struct Words<'a> {
    line: &'a str,
    words: &'a [&'a str],
}

impl<'a> Words<'a> {
    fn error(&self, what: &str) -> LedgerError {
        LedgerError {
            what: what.to_owned(),
            line: self.line.to_owned(),
        }
    }

    fn next(&mut self, what: &str) -> Result<&'a str, LedgerError> {
        self.take_if(|_| true).ok_or_else(|| self.error(what))
    }

    fn read<T: FromStr>(&mut self, what: &str) -> Result<T, LedgerError> {
        let word = self.next(what)?;
        word.parse().map_err(|_| self.error(what))
    }

    fn take_if(&mut self, wanted: impl Fn(&str) -> bool) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        wanted(first).then(|| {
            self.words = rest;
            *first
        })
    }
}

fn is_option(word: &str) -> bool {
    const OPTIONS: [&str; 18] = [
        "fees", "taxes", "settle", "fx", "seq", "id", "gross", "note", "known", "ratio", "basis", "lieu", "accrued",
        "opened", "short", "into", "lot", "in",
    ];
    OPTIONS.contains(&word)
}

/// The currencies that tables use; other words of three letters are symbols.
fn is_currency(word: &str) -> bool {
    ["USD", "EUR", "GBP", "JPY", "CHF"].contains(&word)
}

fn account(portfolio: &Portfolio, index: usize, name: &str, lot_method: LotMethod) -> Account {
    let id = AccountId::from_bytes(numbered(2, index));
    Account {
        id,
        portfolio: portfolio.id,
        name: name.to_owned(),
        lot_method,
    }
}

/// Sixteen bytes of a family and a number, which sort by number.
fn numbered(family: u8, index: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[0] = family;
    bytes[8..].copy_from_slice(&(index as u64 + 1).to_be_bytes());
    bytes
}
