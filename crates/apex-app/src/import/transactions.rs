//! Rows of a transactions file into transactions of the ledger. Whether the ledger accepts them is not decided here.

mod actions;
mod kinds;
mod lots;
mod sizes;

use std::collections::BTreeSet;
use std::rc::Rc;

use apex_domain::{
    Account, AccountId, Currency, Decimal, Instrument, InstrumentKind, Source, Transaction, TransactionId,
    TransactionKind,
};
use apex_wire::import::RejectedLine;
use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::account::find_account;
use super::columns::{Layout, Place};
use super::directory::{Unknown, read_pair};
use super::row::{Bad, Outcome, Reading, is_absent, random, read_all, text};
use super::{ImportError, UNKNOWN_NAME, Watch};

use kinds::read_kind;
pub(crate) use lots::opening_day;
use lots::settle_lots;

/// Where the columns of a transactions file are.
struct Columns<'l> {
    portfolio: Place<'l>,
    account: Place<'l>,
    date: Place<'l>,
    settle: Place<'l>,
    seq: Place<'l>,
    kind: Place<'l>,
    symbol: Place<'l>,
    quantity: Place<'l>,
    price: Place<'l>,
    currency: Place<'l>,
    fees: Place<'l>,
    commission: Place<'l>,
    taxes: Place<'l>,
    fx_rate: Place<'l>,
    external_id: Place<'l>,
    note: Place<'l>,
    gross: Place<'l>,
    amount: Place<'l>,
    ratio: Place<'l>,
    other_symbol: Place<'l>,
    basis_fraction: Place<'l>,
    cash_in_lieu: Place<'l>,
    accrued_interest: Place<'l>,
    lot: Place<'l>,
    opened: Place<'l>,
}

impl<'l> Columns<'l> {
    fn new(layout: &'l Layout) -> Self {
        Self {
            portfolio: layout.place("portfolio"),
            account: layout.place("account"),
            date: layout.place("date"),
            settle: layout.place("settle"),
            seq: layout.place("seq"),
            kind: layout.place("kind"),
            symbol: layout.place("symbol"),
            quantity: layout.place("quantity"),
            price: layout.place("price"),
            currency: layout.place("currency"),
            fees: layout.place("fees"),
            commission: layout.place("commission"),
            taxes: layout.place("taxes"),
            fx_rate: layout.place("fx_rate"),
            external_id: layout.place("external_id"),
            note: layout.place("note"),
            gross: layout.place("gross"),
            amount: layout.place("amount"),
            ratio: layout.place("ratio"),
            other_symbol: layout.place("other_symbol"),
            basis_fraction: layout.place("basis_fraction"),
            cash_in_lieu: layout.place("cash_in_lieu"),
            accrued_interest: layout.place("accrued_interest"),
            lot: layout.place("lot"),
            opened: layout.place("opened"),
        }
    }
}

/// A transaction read from a line, with the lots it names still as text.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) line: u64,
    pub(crate) transaction: Transaction,
    lots: Option<String>,
}

/// What one piece of a file remembers between its rows.
#[derive(Default)]
struct Memory {
    accounts: FxHashMap<Vec<u8>, FxHashMap<Vec<u8>, Rc<Account>>>,
    symbols: FxHashMap<Vec<u8>, usize>,
    kinds: FxHashMap<Vec<u8>, TransactionKind>,
}

/// Reads all rows of a transactions file.
pub(crate) fn read(reading: Reading<'_>, watch: &Watch<'_>) -> Result<Outcome<Found>, ImportError> {
    let columns = Columns::new(reading.layout);
    let mut outcome = read_all(reading, watch, Memory::default, |memory, line, record, outcome| {
        let found = Row {
            reading,
            columns: &columns,
            record,
            line,
        }
        .read(memory, outcome)?;
        outcome.found.push(found);
        Ok(())
    })?;
    settle_lots(reading, &mut outcome);
    refuse_other_contents(reading.layout, &mut outcome);
    outcome.rejected.sort_by_key(|bad| bad.line);
    Ok(outcome)
}

struct Row<'r> {
    reading: Reading<'r>,
    columns: &'r Columns<'r>,
    record: &'r csv::ByteRecord,
    line: u64,
}

impl Row<'_> {
    fn read(&self, memory: &mut Memory, outcome: &mut Outcome<Found>) -> Result<Found, Bad> {
        use TransactionKind as Kind;

        let (reading, columns, record) = (&self.reading, self.columns, self.record);
        let date = reading.date(columns.date, "date", record)?;
        let kind = self.kind(memory)?;
        let currency = reading.currency(columns.currency, "currency", record)?;
        let account = self.account(memory, currency, outcome)?;
        let symbol = columns.symbol.of(record);
        let instrument = self.instrument(memory, kind, symbol, date, currency, outcome)?;
        let base = reading
            .directory
            .portfolio_by_id(account.portfolio)
            .map(|one| one.currency);
        let currency = match (currency, instrument) {
            (Some(currency), _) => currency,
            (None, Some(instrument)) => instrument.currency,
            (None, None) => base.ok_or_else(|| Bad::new("currency", "", "the row has no currency"))?,
        };
        let id = TransactionId::from_parts(reading.now, random(reading.seed, self.line));
        let mut made = Transaction::new(id, &account, date, kind, currency, reading.now);
        made.instrument = instrument.map(|one| one.id);
        made.settle_date = reading.optional_date(columns.settle, "settle", record)?.unwrap_or(date);
        if made.settle_date < date {
            return Err(Bad::cell(
                "settle",
                columns.settle.of(record),
                format!("settlement is before the trade on {date}"),
            ));
        }
        made.seq = self.seq()?;
        self.actions(&mut made, date, outcome)?;
        self.sizes(&mut made)?;
        made.fx_rate = reading.number(columns.fx_rate, "fx_rate", record)?;
        if made.fx_rate.is_some_and(|rate| rate <= Decimal::ZERO) {
            return Err(Bad::cell("fx_rate", columns.fx_rate.of(record), "a rate is above zero"));
        }
        // Exports state the rate of the base currency to itself as 1.
        if base == Some(currency) && made.fx_rate == Some(Decimal::ONE) {
            made.fx_rate = None;
        }
        let external_id = columns.external_id.of(record);
        made.external_id = (!is_absent(external_id)).then(|| text(external_id));
        made.note = text(columns.note.of(record));
        let line = u32::try_from(self.line).unwrap_or(u32::MAX);
        made.source = Source::File {
            name: reading.source.name.clone(),
            line,
        };
        if matches!(kind, Kind::TransferIn) && columns.opened.is_fed() {
            let opened = reading.optional_date(columns.opened, "opened", record)?;
            if opened.is_some() {
                made.detail_mut().opened = opened;
            }
        }
        let lots = columns.lot.of(record);
        let lots = (!is_absent(lots)).then(|| text(lots));
        Ok(Found {
            line: self.line,
            transaction: made,
            lots,
        })
    }

    fn kind(&self, memory: &mut Memory) -> Result<TransactionKind, Bad> {
        let cell = self.columns.kind.of(self.record);
        if let Some(kind) = memory.kinds.get(cell) {
            return Ok(*kind);
        }
        let word = text(cell);
        let kind = self
            .reading
            .kinds
            .get(&word.to_lowercase())
            .copied()
            .or_else(|| read_kind(&word));
        let kind = kind.ok_or_else(|| {
            let reason = if word.is_empty() { "the row has no kind" } else { "this is not a kind; kinds are buy, sell, dividend, deposit and so on, and a map file of `apex import --map` can name yours" };
            Bad::new("kind", word, reason)
        })?;
        memory.kinds.insert(cell.to_vec(), kind);
        Ok(kind)
    }

    fn account(
        &self,
        memory: &mut Memory,
        currency: Option<Currency>,
        outcome: &mut Outcome<Found>,
    ) -> Result<Rc<Account>, Bad> {
        let (portfolio, account) = (
            self.columns.portfolio.of(self.record),
            self.columns.account.of(self.record),
        );
        if let Some(known) = memory
            .accounts
            .get(portfolio)
            .and_then(|accounts| accounts.get(account))
        {
            return Ok(known.clone());
        }
        let found = find_account(
            self.reading.directory,
            &text(portfolio),
            &text(account),
            currency,
            self.line,
            outcome,
        )?;
        let found = Rc::new(found);
        memory
            .accounts
            .entry(portfolio.to_vec())
            .or_default()
            .insert(account.to_vec(), found.clone());
        Ok(found)
    }

    fn instrument(
        &self,
        memory: &mut Memory,
        kind: TransactionKind,
        symbol: &[u8],
        date: Date,
        currency: Option<Currency>,
        outcome: &mut Outcome<Found>,
    ) -> Result<Option<&Instrument>, Bad> {
        let directory = self.reading.directory;
        if let Some(at) = memory.symbols.get(symbol) {
            return Ok(directory.at(*at));
        }
        if is_absent(symbol) {
            use TransactionKind::{Deposit, Fee, Interest, Tax, TransferIn, TransferOut, Withdrawal};
            let without = matches!(
                kind,
                Deposit | Withdrawal | Fee | Tax | Interest | TransferIn | TransferOut
            );
            return if without {
                Ok(None)
            } else {
                Err(Bad::new("symbol", "", format!("a {kind} needs a symbol")))
            };
        }
        let name = text(symbol);
        if let Some(at) = directory.always(&name) {
            memory.symbols.insert(symbol.to_vec(), at);
            return Ok(directory.at(at));
        }
        if let Some(found) = directory.instrument(&name, date) {
            return Ok(Some(found));
        }
        let pair = read_pair(&name).filter(|_| kind == TransactionKind::Fx);
        if let Some(found) = pair.and_then(|(base, quote)| directory.pair(base, quote)) {
            return Ok(Some(found));
        }
        use TransactionKind::{BondCoupon, BondRedemption, OptionExercise, OptionExpiry};
        let kind = match (kind, pair) {
            (_, Some(_)) => Some(InstrumentKind::CurrencyPair),
            (TransactionKind::Fx, None) => None,
            (BondCoupon | BondRedemption | OptionExercise | OptionExpiry, _) => None,
            _ => Some(InstrumentKind::Equity),
        };
        let Some(kind) = kind else {
            return Err(Bad::new(
                "symbol",
                name,
                "this symbol is unknown; add the instrument with its terms first",
            ));
        };
        let currency = currency
            .or(pair.map(|(_, quote)| quote))
            .or(directory.home().map(|one| one.currency));
        if let Some(currency) = currency {
            outcome.unknown.insert(Unknown::Symbol {
                symbol: name.clone(),
                currency,
                kind,
            });
        }
        Err(Bad::new(
            "symbol",
            name,
            format!("this symbol is unknown on {date}; {UNKNOWN_NAME}"),
        ))
    }

    fn seq(&self) -> Result<u32, Bad> {
        let cell = self.columns.seq.of(self.record);
        if is_absent(cell) {
            return Ok(0);
        }
        let parsed = std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok());
        parsed.ok_or_else(|| Bad::cell("seq", cell, "this is not a whole number from 0 to 4294967295"))
    }
}

/// One external id of an account names one fact. The same row twice is a double; another row under the same id is not.
fn refuse_other_contents(layout: &Layout, outcome: &mut Outcome<Found>) {
    let mut first: FxHashMap<(AccountId, &str), &Found> = FxHashMap::default();
    let mut refused: Vec<RejectedLine> = Vec::new();
    for found in &outcome.found {
        let Some(external_id) = &found.transaction.external_id else {
            continue;
        };
        let before = *first.entry((found.transaction.account, external_id)).or_insert(found);
        if before.line != found.line && !same_content(&before.transaction, &found.transaction) {
            let reason = format!("line {} has this external id for something else", before.line);
            let bad = Bad::new("external_id", external_id.as_str(), reason);
            refused.push(bad.at(found.line, layout));
        }
    }
    let lines: BTreeSet<u64> = refused.iter().map(|bad| bad.line).collect();
    if !lines.is_empty() {
        outcome.found.retain(|found| !lines.contains(&found.line));
        outcome.rejected.extend(refused);
    }
}

fn same_content(left: &Transaction, right: &Transaction) -> bool {
    let row = |one: &Transaction| {
        let instrument = one.instrument.map(|id| id.to_string()).unwrap_or_default();
        let other = one
            .detail()
            .other_instrument
            .map(|id| id.to_string())
            .unwrap_or_default();
        one.canonical_row("", "", &instrument, &other)
    };
    row(left) == row(right)
}
