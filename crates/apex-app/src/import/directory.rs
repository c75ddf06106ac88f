//! The names a file may use: portfolios, accounts, and symbols on a day. Looks up; changes nothing.

use std::collections::BTreeMap;

use apex_domain::{
    Account, AccountId, Currency, Instrument, InstrumentId, InstrumentKind, LotMethod, Portfolio, PortfolioId, Terms,
    TransactionId,
};
use jiff::civil::Date;
use rustc_hash::FxHashMap;

/// What a book has, as far as an import needs to know.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    portfolios: Vec<Portfolio>,
    accounts: Vec<Account>,
    instruments: Vec<Instrument>,
    /// The portfolio that rows without one belong to.
    home: Option<PortfolioId>,
    by_portfolio: FxHashMap<String, usize>,
    by_account: FxHashMap<(PortfolioId, String), usize>,
    by_symbol: FxHashMap<String, Vec<usize>>,
    by_isin: FxHashMap<String, usize>,
    by_pair: BTreeMap<(Currency, Currency), usize>,
    openings: FxHashMap<(AccountId, String), TransactionId>,
}

impl Directory {
    /// Gathers the names of a book.
    ///
    /// `home` is the portfolio that rows without one belong to; where the book has one portfolio only, it is that one.
    pub fn new(
        portfolios: impl IntoIterator<Item = Portfolio>,
        accounts: impl IntoIterator<Item = Account>,
        instruments: impl IntoIterator<Item = Instrument>,
        home: Option<PortfolioId>,
    ) -> Self {
        let mut directory = Self {
            home,
            ..Self::default()
        };
        portfolios.into_iter().for_each(|one| directory.add_portfolio(one));
        accounts.into_iter().for_each(|one| directory.add_account(one));
        instruments.into_iter().for_each(|one| directory.add_instrument(one));
        directory
    }

    /// Makes known which transaction an external id or an opening day names, for lots that a row closes.
    pub fn add_opening(&mut self, account: AccountId, name: impl Into<String>, id: TransactionId) {
        self.openings.entry((account, name.into())).or_insert(id);
    }

    pub(crate) fn opening(&self, account: AccountId, name: &str) -> Option<TransactionId> {
        self.openings.get(&(account, name.to_owned())).copied()
    }

    pub(crate) fn add_portfolio(&mut self, portfolio: Portfolio) {
        self.by_portfolio.insert(folded(&portfolio.name), self.portfolios.len());
        self.portfolios.push(portfolio);
    }

    pub(crate) fn add_account(&mut self, account: Account) {
        self.by_account
            .insert((account.portfolio, folded(&account.name)), self.accounts.len());
        self.accounts.push(account);
    }

    pub(crate) fn add_instrument(&mut self, instrument: Instrument) {
        let at = self.instruments.len();
        for period in &instrument.symbols {
            self.by_symbol.entry(folded(&period.symbol)).or_default().push(at);
        }
        if let Some(isin) = &instrument.isin {
            self.by_isin.insert(isin.as_str().to_owned(), at);
        }
        if let Some(pair) = instrument.pair() {
            self.by_pair.insert(pair, at);
        }
        self.instruments.push(instrument);
    }

    /// Tells whether there is any portfolio.
    pub(crate) fn has_portfolios(&self) -> bool {
        !self.portfolios.is_empty()
    }

    /// Returns the portfolio of rows that name none.
    pub(crate) fn home(&self) -> Option<&Portfolio> {
        match (self.home, self.portfolios.as_slice()) {
            (Some(id), all) => all.iter().find(|one| one.id == id),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    pub(crate) fn portfolio(&self, name: &str) -> Option<&Portfolio> {
        self.by_portfolio
            .get(&folded(name))
            .and_then(|at| self.portfolios.get(*at))
    }

    pub(crate) fn portfolio_by_id(&self, id: PortfolioId) -> Option<&Portfolio> {
        self.portfolios.iter().find(|one| one.id == id)
    }

    pub(crate) fn account(&self, portfolio: PortfolioId, name: &str) -> Option<&Account> {
        self.by_account
            .get(&(portfolio, folded(name)))
            .and_then(|at| self.accounts.get(*at))
    }

    /// Returns the account of a portfolio that has one only.
    pub(crate) fn only_account(&self, portfolio: PortfolioId) -> Option<&Account> {
        let mut found = self.accounts.iter().filter(|one| one.portfolio == portfolio);
        found.next().filter(|_| found.next().is_none())
    }

    /// Returns the instrument that has a symbol on a day, or an ISIN.
    pub(crate) fn instrument(&self, symbol: &str, date: Date) -> Option<&Instrument> {
        let folded = folded(symbol);
        let named = self
            .by_symbol
            .get(&folded)
            .into_iter()
            .flatten()
            .filter_map(|at| self.instruments.get(*at));
        let mut on_the_day = named.filter(|one| {
            one.symbols
                .iter()
                .any(|period| period.covers(date) && folded == self::folded(&period.symbol))
        });
        on_the_day.next().or_else(|| {
            self.by_isin
                .get(&symbol.trim().to_ascii_uppercase())
                .and_then(|at| self.instruments.get(*at))
        })
    }

    /// Returns the instrument of a symbol that only ever meant one, so that the day need not be looked at.
    pub(crate) fn always(&self, symbol: &str) -> Option<usize> {
        let [at] = self.by_symbol.get(&folded(symbol))?.as_slice() else {
            return None;
        };
        let one = self.instruments.get(*at)?;
        (one.symbols.len() == 1 && one.symbols[0].from.is_none() && one.symbols[0].until.is_none()).then_some(*at)
    }

    pub(crate) fn at(&self, at: usize) -> Option<&Instrument> {
        self.instruments.get(at)
    }

    /// Returns the pair of two currencies as it is listed.
    pub(crate) fn pair(&self, base: Currency, quote: Currency) -> Option<&Instrument> {
        self.by_pair
            .get(&(base, quote))
            .and_then(|at| self.instruments.get(*at))
    }
}

fn folded(name: &str) -> String {
    name.trim().to_uppercase()
}

/// Reads `EUR/USD`, `EURUSD`, `EUR.USD` or `EUR-USD`.
pub(crate) fn read_pair(text: &str) -> Option<(Currency, Currency)> {
    let text = text.trim();
    let (base, quote) = match text.split_once(['/', '.', '-', ' ']) {
        Some(parts) => parts,
        None if text.len() == 6 && text.is_ascii() => text.split_at(3),
        None => return None,
    };
    let currency = |code| Currency::parse(code).ok().filter(Currency::is_listed);
    let (base, quote) = (currency(base)?, currency(quote)?);
    (base != quote).then_some((base, quote))
}

/// A name in a file that the book does not know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unknown {
    /// A portfolio, with the currency of the first row that names it.
    Portfolio {
        name: String,
        line: u64,
        currency: Currency,
    },
    /// An account of a portfolio.
    Account { portfolio: String, name: String },
    /// A symbol, with what the row tells about it.
    Symbol {
        symbol: String,
        currency: Currency,
        kind: InstrumentKind,
    },
}

/// What an import adds to the book beside its rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Created {
    /// New portfolios.
    pub portfolios: Vec<Portfolio>,
    /// New accounts, first in, first out.
    pub accounts: Vec<Account>,
    /// New instruments, of which only symbol, kind and currency are known.
    pub instruments: Vec<Instrument>,
}

impl Created {
    /// Returns how many things are new.
    pub fn len(&self) -> usize {
        self.portfolios.len() + self.accounts.len() + self.instruments.len()
    }

    /// Tells whether nothing is new.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says what is new, one sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let portfolios = self
            .portfolios
            .iter()
            .map(|one| format!("portfolio {} in {}", one.name, one.currency));
        let accounts = self
            .accounts
            .iter()
            .map(|one| format!("account {}, first in, first out", one.name));
        let instruments = self
            .instruments
            .iter()
            .map(|one| format!("{} {} in {}", one.kind, one.symbol(), one.currency));
        portfolios.chain(accounts).chain(instruments).collect()
    }

    /// Makes what is unknown and adds it to the directory. Portfolios come before their accounts.
    pub(crate) fn make(
        &mut self,
        directory: &mut Directory,
        unknown: impl IntoIterator<Item = Unknown>,
        mut id: impl FnMut() -> ([u8; 10], jiff::Timestamp),
    ) {
        for one in unknown {
            let (random, now) = id();
            match one {
                Unknown::Portfolio { name, currency, .. } => {
                    if directory.portfolio(&name).is_none() {
                        let id = PortfolioId::from_parts(now, random);
                        let portfolio = Portfolio {
                            id,
                            name,
                            currency,
                            benchmark: None,
                        };
                        directory.add_portfolio(portfolio.clone());
                        self.portfolios.push(portfolio);
                    }
                }
                Unknown::Account { portfolio, name } => {
                    let Some(portfolio) = directory.portfolio(&portfolio).map(|one| one.id) else {
                        continue;
                    };
                    if directory.account(portfolio, &name).is_none() {
                        let id = AccountId::from_parts(now, random);
                        let account = Account {
                            id,
                            portfolio,
                            name,
                            lot_method: LotMethod::Fifo,
                        };
                        directory.add_account(account.clone());
                        self.accounts.push(account);
                    }
                }
                Unknown::Symbol { symbol, currency, kind } => {
                    let pair = read_pair(&symbol).filter(|_| kind == InstrumentKind::CurrencyPair);
                    let known = match pair {
                        Some((base, quote)) => directory.pair(base, quote).is_some(),
                        None => directory.by_symbol.contains_key(&folded(&symbol)),
                    };
                    if known {
                        continue;
                    }
                    let mut instrument =
                        Instrument::new(InstrumentId::from_parts(now, random), kind, &symbol, currency);
                    if let Some((base, quote)) = pair {
                        instrument = Instrument::new(instrument.id, kind, &format!("{base}/{quote}"), quote);
                        instrument.terms = Terms::CurrencyPair { base, quote };
                    }
                    directory.add_instrument(instrument.clone());
                    self.instruments.push(instrument);
                }
            }
        }
    }
}
