//! Rows of a transactions file into transactions of the ledger. Whether the ledger accepts them is not decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use apex_domain::{
    Account, AccountId, Currency, Decimal, Instrument, InstrumentKind, LotPick, Ratio, Source, Transaction,
    TransactionId, TransactionKind,
};
use apex_wire::import::RejectedLine;
use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::columns::{Layout, Place};
use super::directory::{Directory, Unknown, read_pair};
use super::row::{Bad, Outcome, Reading, is_absent, random, read_all, text};
use super::{ImportError, Watch};

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

/// How much a row says, before the kind decides what it means.
struct Sizes {
    quantity: Option<Decimal>,
    price: Option<Decimal>,
    gross: Option<Decimal>,
    amount: Option<Decimal>,
    fees: Decimal,
    taxes: Decimal,
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
            let reason = if word.is_empty() { "the row has no kind" } else { "this is not a kind; kinds are buy, sell, dividend, deposit and so on, and a template can name yours under [kinds]" };
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
            format!("this symbol is unknown on {date}; add it, or import with create"),
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

    /// Reads what corporate actions need: from their own columns, else from `name=value` pairs in the note.
    fn actions(&self, made: &mut Transaction, date: Date, outcome: &mut Outcome<Found>) -> Result<(), Bad> {
        use TransactionKind::{Merger, SpinOff, Split, SymbolChange};

        let (reading, columns, record) = (&self.reading, self.columns, self.record);
        if let Some(paid) = reading.number(columns.accrued_interest, "accrued_interest", record)?
            && !paid.is_zero()
        {
            made.detail_mut().accrued_interest = Some(paid.abs());
        }
        if !matches!(made.kind, Merger | SpinOff | Split | SymbolChange) {
            return Ok(());
        }
        let note = text(columns.note.of(record));
        let stated: BTreeMap<&str, &str> = note
            .split(';')
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        let value = |name: &'static str, place: Place<'_>| {
            let cell = place.of(record);
            if is_absent(cell) {
                stated.get(name).map(|text| (*text).to_owned())
            } else {
                Some(text(cell))
            }
        };
        let quantity = text(columns.quantity.of(record));
        let in_quantity = quantity.contains([':', '/']) || quantity.contains("-for-");
        let ratio = value("ratio", columns.ratio)
            .map(|text| ("ratio", text))
            .or(in_quantity.then_some(("quantity", quantity)));
        if let Some((column, text)) = ratio {
            let ratio: Ratio = text
                .parse()
                .map_err(|_| Bad::new(column, text.as_str(), "this is not a ratio such as 7:1"))?;
            made.detail_mut().ratio = Some(ratio);
        }
        for (name, place) in [
            ("basis_fraction", columns.basis_fraction),
            ("cash_in_lieu", columns.cash_in_lieu),
        ] {
            let Some(text) = value(name, place) else { continue };
            // Notes are written with a point, columns as the file writes numbers.
            let mark = if is_absent(place.of(record)) {
                b'.'
            } else {
                reading.decimal
            };
            let number = super::number::parse(text.as_bytes(), mark)
                .filter(|number| !number.is_sign_negative() || number.is_zero())
                .ok_or_else(|| Bad::new(name, text.as_str(), "this is not a number of zero or more"))?;
            match name {
                "basis_fraction" => made.detail_mut().basis_fraction = Some(number),
                _ => made.detail_mut().cash_in_lieu = Some(number),
            }
        }
        let Some(other) = value("other_symbol", columns.other_symbol) else {
            return match made.kind {
                SpinOff | SymbolChange => Err(Bad::new(
                    "other_symbol",
                    "",
                    format!("a {} needs the other symbol", made.kind),
                )),
                _ => Ok(()),
            };
        };
        if made.kind == SymbolChange {
            made.detail_mut().symbol = Some(other);
            return Ok(());
        }
        let Some(found) = reading.directory.instrument(&other, date) else {
            let (symbol, kind) = (other.clone(), InstrumentKind::Equity);
            outcome.unknown.insert(Unknown::Symbol {
                symbol,
                currency: made.currency,
                kind,
            });
            return Err(Bad::new(
                "other_symbol",
                other,
                format!("this symbol is unknown on {date}; add it, or import with create"),
            ));
        };
        made.detail_mut().other_instrument = Some(found.id);
        Ok(())
    }

    /// Reads quantity, price, amounts and charges, and gives them the meaning they have for the kind.
    fn sizes(&self, made: &mut Transaction) -> Result<(), Bad> {
        use TransactionKind as Kind;

        let (reading, columns, record) = (&self.reading, self.columns, self.record);
        let ratio_in_quantity = made.detail().ratio.is_some() && made.kind == Kind::Split;
        let fees = reading.number(columns.fees, "fees", record)?.unwrap_or_default().abs()
            + reading
                .number(columns.commission, "commission", record)?
                .unwrap_or_default()
                .abs();
        let mut sizes = Sizes {
            quantity: if ratio_in_quantity {
                None
            } else {
                reading.number(columns.quantity, "quantity", record)?
            },
            price: reading.number(columns.price, "price", record)?,
            gross: reading.number(columns.gross, "gross", record)?,
            amount: reading.number(columns.amount, "amount", record)?,
            fees,
            taxes: reading
                .number(columns.taxes, "taxes", record)?
                .unwrap_or_default()
                .abs(),
        };
        if sizes.price.is_some_and(|price| price < Decimal::ZERO) {
            return Err(Bad::cell("price", columns.price.of(record), "a price is not negative"));
        }
        let negative = |value: Option<Decimal>| value.is_some_and(|value| value < Decimal::ZERO);
        let states_amount = made.kind.is_amount() || (made.instrument.is_none() && sizes.price.is_none());
        if sizes.quantity.is_none() && sizes.price.is_none() && sizes.gross.is_none() && states_amount {
            sizes.gross = sizes.amount;
        }
        let minus = negative(sizes.quantity) || negative(sizes.gross);
        match made.kind {
            // What a kind takes away is often written with a minus, which says nothing new.
            Kind::Sell
            | Kind::Short
            | Kind::Withdrawal
            | Kind::Fee
            | Kind::Tax
            | Kind::TransferOut
            | Kind::BondRedemption => {}
            // Exports write what short positions do with a minus, and the sale of the first currency of a pair.
            Kind::Dividend
            | Kind::BondCoupon
            | Kind::Interest
            | Kind::Accrual
            | Kind::Fx
            | Kind::OptionExercise
            | Kind::OptionExpiry
            | Kind::Merger
            | Kind::SpinOff
            | Kind::Split
            | Kind::TransferIn => {
                if minus {
                    made.detail_mut().short = true;
                }
            }
            Kind::Buy | Kind::Cover | Kind::Deposit | Kind::Mark | Kind::SymbolChange => {
                if minus {
                    let cell = columns.quantity.of(record);
                    return Err(Bad::cell(
                        "quantity",
                        cell,
                        "quantities are positive; the kind carries the sign",
                    ));
                }
            }
        }
        self.need(made, &sizes)?;
        let trade = matches!(made.kind, Kind::Buy | Kind::Sell | Kind::Short | Kind::Cover);
        if trade && sizes.price.is_none() && sizes.gross.is_none() {
            // A net amount holds the charges, which are stated beside it.
            let charges = sizes.fees + sizes.taxes;
            let net = sizes.amount.unwrap_or_default().abs();
            let pays = matches!(made.kind, Kind::Buy | Kind::Cover);
            sizes.gross = Some(if pays { net - charges } else { net + charges });
        }
        made.quantity = sizes.quantity.unwrap_or_default().abs();
        made.price = sizes.price.unwrap_or_default();
        made.gross = sizes.gross.map(|gross| gross.abs());
        (made.fees, made.taxes) = (sizes.fees, sizes.taxes);
        Ok(())
    }

    /// Names the cell that is missing.
    fn need(&self, made: &Transaction, sizes: &Sizes) -> Result<(), Bad> {
        use TransactionKind as Kind;

        let cell = |place: Place<'_>| text(place.of(self.record));
        let none = |value: Option<Decimal>| value.is_none_or(|value| value.is_zero());
        let kind = made.kind;
        let quantity = |reason: String| Err(Bad::new("quantity", cell(self.columns.quantity), reason));
        match kind {
            _ if kind.is_amount() && none(sizes.quantity) && none(sizes.price) && none(sizes.gross) => {
                return quantity(format!("a {kind} needs an amount, as quantity, as price or as both"));
            }
            Kind::Buy | Kind::Sell | Kind::Short | Kind::Cover | Kind::Fx => {
                if none(sizes.quantity) {
                    return quantity(format!("a {kind} needs a quantity above zero"));
                }
                if sizes.price.is_none() && sizes.gross.is_none() && (sizes.amount.is_none() || kind == Kind::Fx) {
                    return Err(Bad::new(
                        "price",
                        cell(self.columns.price),
                        format!("a {kind} needs a price"),
                    ));
                }
            }
            Kind::TransferIn | Kind::TransferOut | Kind::BondRedemption | Kind::OptionExercise
                if none(sizes.quantity) && none(sizes.gross) =>
            {
                return quantity(format!("a {kind} needs a quantity above zero"));
            }
            Kind::Split if made.detail().ratio.is_none() && none(sizes.quantity) => {
                return quantity("a split needs a ratio such as 7:1".to_owned());
            }
            Kind::Mark if sizes.price.is_none() && sizes.gross.is_none() => {
                return Err(Bad::new("price", cell(self.columns.price), "a mark needs a price"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Finds the account of a row; a portfolio or account that is not named is the only one there is.
pub(crate) fn find_account<T>(
    directory: &Directory,
    portfolio: &str,
    account: &str,
    currency: Option<Currency>,
    outcome: &mut Outcome<T>,
) -> Result<Account, Bad> {
    let owner = if portfolio.is_empty() {
        directory.home()
    } else {
        directory.portfolio(portfolio)
    };
    let Some(owner) = owner else {
        if portfolio.is_empty() {
            return Err(Bad::new(
                "portfolio",
                "",
                "the row names no portfolio and the book has several",
            ));
        }
        let Some(currency) = currency else {
            return Err(Bad::new(
                "portfolio",
                portfolio,
                "this portfolio is unknown, and the row has no currency to create it in",
            ));
        };
        outcome.unknown.insert(Unknown::Portfolio {
            name: portfolio.to_owned(),
            currency,
        });
        let name = if account.is_empty() { "Main" } else { account };
        outcome.unknown.insert(Unknown::Account {
            portfolio: portfolio.to_owned(),
            name: name.to_owned(),
        });
        return Err(Bad::new(
            "portfolio",
            portfolio,
            "this portfolio is unknown; add it, or import with create",
        ));
    };
    let found = if account.is_empty() {
        directory.only_account(owner.id)
    } else {
        directory.account(owner.id, account)
    };
    found.cloned().ok_or_else(|| {
        if account.is_empty() && directory.account(owner.id, "Main").is_some() {
            return Bad::new(
                "account",
                "",
                format!("the row names no account and {} has several", owner.name),
            );
        }
        let name = if account.is_empty() { "Main" } else { account };
        outcome.unknown.insert(Unknown::Account {
            portfolio: owner.name.clone(),
            name: name.to_owned(),
        });
        Bad::new(
            "account",
            account,
            format!(
                "this account is unknown in {}; add it, or import with create",
                owner.name
            ),
        )
    })
}

/// Reads the words for kinds that exports use beside our own.
pub(crate) fn read_kind(word: &str) -> Option<TransactionKind> {
    use TransactionKind as Kind;

    if let Ok(kind) = word.parse() {
        return Some(kind);
    }
    let word = word.trim().to_lowercase();
    let kind = match word.as_str() {
        "b" | "bot" | "kauf" | "wertpapierkauf" | "achat" | "reinvest shares" | "reinvestment" => Kind::Buy,
        "s" | "sld" | "verkauf" | "wertpapierverkauf" | "vente" => Kind::Sell,
        "dividende" | "dividends" | "qualified dividend" | "cdiv" | "div received" | "ausschüttung" => Kind::Dividend,
        "zinsen" | "int" | "bank interest" | "credit interest" | "interest income" | "broker interest received" => {
            Kind::Interest
        }
        "einzahlung" | "gutschrift" | "ach deposit" | "wire in" | "deposits" | "funds received" => Kind::Deposit,
        "auszahlung" | "ach withdrawal" | "wire out" | "withdrawals" | "funds sent" => Kind::Withdrawal,
        "gebühr" | "gebühren" | "service fee" | "management fee" | "adr fee" => Kind::Fee,
        "steuer" | "steuern" | "quellensteuer" | "nra tax" | "foreign tax" | "foreign tax paid" => Kind::Tax,
        "einlieferung" | "einbuchung" | "shares in" | "journaled shares in" => Kind::TransferIn,
        "auslieferung" | "ausbuchung" | "shares out" | "journaled shares out" => Kind::TransferOut,
        "aktiensplit" | "forward split" | "reverse split" | "spl" => Kind::Split,
        "kupon" | "bond interest" => Kind::BondCoupon,
        "tilgung" | "full redemption" => Kind::BondRedemption,
        _ if word.starts_with("you bought") => Kind::Buy,
        _ if word.starts_with("you sold") => Kind::Sell,
        _ if word.starts_with("dividend received") => Kind::Dividend,
        _ => return None,
    };
    Some(kind)
}

/// Finds the lots that rows name by external id or opening day, `F1`, `F1:10; F2:5` or `2026-01-05`.
fn settle_lots(reading: Reading<'_>, outcome: &mut Outcome<Found>) {
    if outcome.found.iter().all(|found| found.lots.is_none()) {
        return;
    }
    let mut openings: FxHashMap<(AccountId, String), TransactionId> = FxHashMap::default();
    for found in &outcome.found {
        let one = &found.transaction;
        if let Some(external_id) = &one.external_id {
            openings.entry((one.account, external_id.clone())).or_insert(one.id);
        }
        if let Some(instrument) = one.instrument {
            openings
                .entry((one.account, opening_day(instrument, one.trade_date)))
                .or_insert(one.id);
        }
    }
    let mut kept = Vec::with_capacity(outcome.found.len());
    for mut found in std::mem::take(&mut outcome.found) {
        let Some(lots) = found.lots.take() else {
            kept.push(found);
            continue;
        };
        match pick_lots(reading, &openings, &found.transaction, &lots) {
            Ok(picks) => {
                found.transaction.detail_mut().lots = picks;
                kept.push(found);
            }
            Err(bad) => outcome.rejected.push(bad.at(found.line, reading.layout)),
        }
    }
    outcome.found = kept;
}

/// The name under which a lot is found by its opening day.
pub(crate) fn opening_day(instrument: apex_domain::InstrumentId, day: Date) -> String {
    format!("{instrument} {day}")
}

fn pick_lots(
    reading: Reading<'_>,
    openings: &FxHashMap<(AccountId, String), TransactionId>,
    made: &Transaction,
    lots: &str,
) -> Result<Vec<LotPick>, Bad> {
    let mut picks = Vec::new();
    let mut left = made.quantity;
    for part in lots.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, quantity) = match part.rsplit_once(':') {
            Some((name, quantity)) => {
                let quantity = super::number::parse(quantity.as_bytes(), reading.decimal)
                    .filter(|quantity| *quantity > Decimal::ZERO)
                    .ok_or_else(|| {
                        Bad::new(
                            "lot",
                            part,
                            "a lot is written as its external id, a colon and a quantity",
                        )
                    })?;
                (name.trim(), quantity)
            }
            None => (part, left),
        };
        let day = name
            .parse::<Date>()
            .ok()
            .zip(made.instrument)
            .map(|(day, instrument)| opening_day(instrument, day));
        let name = day.unwrap_or_else(|| name.to_owned());
        let opened_by = reading
            .directory
            .opening(made.account, &name)
            .or_else(|| openings.get(&(made.account, name)).copied())
            .ok_or_else(|| {
                Bad::new(
                    "lot",
                    part,
                    "no transaction of this account has this external id or opening day",
                )
            })?;
        left = (left - quantity).max(Decimal::ZERO);
        picks.push(LotPick { opened_by, quantity });
    }
    Ok(picks)
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
