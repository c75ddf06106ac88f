//! A ledger in words: the lines that a worked example shows are the lines that are folded.
//!
//! `base EUR`, `lots hifo` and `stock ACME USD` set the stage; every other line is a day and what happened on it, such
//! as `2026-01-05 buy ACME 10 @ 90 fees 1.20`, `2026-02-02 split ACME 7:1`, `2026-02-02 rate USD EUR 0.95` or
//! `2026-02-02 price ACME 120`. The first line that cannot be read is named.

use apex_domain::{
    Account, AccountId, Book, Currency, Instrument, InstrumentId, InstrumentKind, LotMethod, LotPick, Portfolio,
    PortfolioId, PriceBook, Ratio, Reference, Transaction, TransactionId, TransactionKind,
};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A small book with its prices.
pub(super) struct Sheet {
    pub(super) portfolio: Portfolio,
    account: Account,
    instruments: Vec<Instrument>,
    transactions: Vec<Transaction>,
    pub(super) prices: PriceBook,
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

impl Sheet {
    /// Reads lines separated by semicolons.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let portfolio = Portfolio {
            id: PortfolioId::from_bytes([1; 16]),
            name: "Check".into(),
            currency: Currency::USD,
            benchmark: None,
        };
        let account = Account {
            id: AccountId::from_bytes([2; 16]),
            portfolio: portfolio.id,
            name: "Main".into(),
            lot_method: LotMethod::Fifo,
        };
        let mut sheet = Self {
            portfolio,
            account,
            instruments: Vec::new(),
            transactions: Vec::new(),
            prices: PriceBook::default(),
        };
        for line in text.split(';').map(str::trim).filter(|line| !line.is_empty()) {
            sheet
                .line(line)
                .ok_or_else(|| format!("the line `{line}` cannot be read"))?;
        }
        Ok(sheet)
    }

    /// Folds the lines.
    pub(super) fn book(&self) -> Book {
        let reference = Reference {
            portfolios: vec![self.portfolio.clone()],
            accounts: vec![self.account.clone()],
            instruments: self.instruments.clone(),
            fx: self.prices.fx.clone(),
        };
        Book::build(reference, self.transactions.clone(), None)
    }

    /// Returns an instrument by its symbol.
    pub(super) fn id(&self, symbol: &str) -> Option<InstrumentId> {
        self.instruments
            .iter()
            .find(|one| one.symbol() == symbol)
            .map(|one| one.id)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let mut words = line.split_whitespace().peekable();
        match *words.peek()? {
            "base" => self.portfolio.currency = words.nth(1)?.parse().ok()?,
            "lots" => self.account.lot_method = words.nth(1)?.parse().ok()?,
            "stock" => {
                let (symbol, currency) = (words.nth(1)?, words.next()?.parse().ok()?);
                let id = InstrumentId::from_bytes([10 + u8::try_from(self.instruments.len()).ok()?; 16]);
                self.instruments
                    .push(Instrument::new(id, InstrumentKind::Equity, symbol, currency));
            }
            _ => self.dated(&mut words)?,
        }
        Some(())
    }

    fn dated(&mut self, words: &mut Words<'_>) -> Option<()> {
        let date: Date = words.next()?.parse().ok()?;
        match words.next()? {
            "price" => {
                let id = self.id(words.next()?)?;
                self.prices.set(id, date, words.next()?.parse().ok()?, "worked example");
            }
            "rate" => {
                let (from, to) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
                self.prices.fx.set(from, to, date, words.next()?.parse().ok()?);
            }
            "reverse" => {
                let at: usize = words.next()?.parse().ok()?;
                let original = self.transactions.get(at.checked_sub(1)?)?;
                let reversal = original.reversal(self.next_id()?, Timestamp::UNIX_EPOCH, "");
                self.transactions.push(reversal);
            }
            kind => {
                let kind: TransactionKind = kind.parse().ok()?;
                let transaction = self.transaction(date, kind, words)?;
                self.transactions.push(transaction);
            }
        }
        Some(())
    }

    fn next_id(&self) -> Option<TransactionId> {
        Some(TransactionId::from_bytes(
            [100 + u8::try_from(self.transactions.len()).ok()?; 16],
        ))
    }

    fn transaction(&self, date: Date, kind: TransactionKind, words: &mut Words<'_>) -> Option<Transaction> {
        let base = self.portfolio.currency;
        let mut row = Transaction::new(self.next_id()?, &self.account, date, kind, base, Timestamp::UNIX_EPOCH);
        while let Some(word) = words.next() {
            match word {
                "@" => row.price = words.next()?.parse().ok()?,
                "fees" => row.fees = words.next()?.parse().ok()?,
                "taxes" => row.taxes = words.next()?.parse().ok()?,
                "settle" => row.settle_date = words.next()?.parse().ok()?,
                "basis" => row.detail_mut().basis_fraction = Some(words.next()?.parse().ok()?),
                "lieu" => row.detail_mut().cash_in_lieu = Some(words.next()?.parse().ok()?),
                "into" => row.detail_mut().other_instrument = Some(self.id(words.next()?)?),
                "lot" => {
                    let at: usize = words.next()?.parse().ok()?;
                    let opened_by = self.transactions.get(at.checked_sub(1)?)?.id;
                    row.detail_mut().lots.push(LotPick {
                        opened_by,
                        quantity: words.next()?.parse().ok()?,
                    });
                }
                other => {
                    if let Some(id) = self.id(other) {
                        row.instrument = Some(id);
                        row.currency = self.instruments.iter().find(|one| one.id == id)?.currency;
                    } else if let Ok(quantity) = other.parse::<Decimal>() {
                        row.quantity = quantity;
                    } else if let Ok(ratio) = other.parse::<Ratio>() {
                        row.detail_mut().ratio = Some(ratio);
                    } else {
                        row.currency = other.parse().ok()?;
                    }
                }
            }
        }
        Some(row)
    }
}
