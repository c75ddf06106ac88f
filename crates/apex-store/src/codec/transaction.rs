//! One transaction as bytes, about forty of them for an everyday trade.
//!
//! Layout 1: version, kind, flags, id, account and instrument by their row numbers, trade date, days to settlement,
//! known_at, then what the flags announce. Details are JSON: they are rare, and new ones must not need a new layout.
//! Kinds are numbered here, for good; a number is never given twice.

use apex_domain::{Currency, Detail, Source, Transaction, TransactionId, TransactionKind};
use rust_decimal::Decimal;

use crate::codec::bytes::{Put, Take, date_of, day_number, instant_of, nanos};
use crate::error::{Result, StoreError};

const VERSION: u8 = 1;

mod flag {
    pub(super) const SEQ: u16 = 1 << 0;
    pub(super) const INSTRUMENT: u16 = 1 << 1;
    pub(super) const PRICE: u16 = 1 << 2;
    pub(super) const GROSS: u16 = 1 << 3;
    pub(super) const FEES: u16 = 1 << 4;
    pub(super) const TAXES: u16 = 1 << 5;
    pub(super) const FX_RATE: u16 = 1 << 6;
    pub(super) const DETAIL: u16 = 1 << 7;
    pub(super) const EXTERNAL_ID: u16 = 1 << 8;
    pub(super) const NOTE: u16 = 1 << 9;
    pub(super) const FILE: u16 = 1 << 10;
    pub(super) const DEMO: u16 = 1 << 11;
    pub(super) const REVERSES: u16 = 1 << 12;
    pub(super) const ALL: u16 = (1 << 13) - 1;
}

/// Row numbers that stand for ids inside this file.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) account: u32,
    pub(crate) instrument: Option<u32>,
    pub(crate) source: Option<u32>,
}

/// Encodes a transaction.
pub(crate) fn encode(transaction: &Transaction, numbers: Numbers) -> Result<Vec<u8>> {
    let detail = transaction
        .detail
        .as_deref()
        .filter(|detail| **detail != Detail::default());
    let mut flags = 0;
    let mut mark = |present: bool, flag: u16| flags |= if present { flag } else { 0 };
    mark(transaction.seq != 0, flag::SEQ);
    mark(numbers.instrument.is_some(), flag::INSTRUMENT);
    mark(is_stated(transaction.price), flag::PRICE);
    mark(transaction.gross.is_some(), flag::GROSS);
    mark(is_stated(transaction.fees), flag::FEES);
    mark(is_stated(transaction.taxes), flag::TAXES);
    mark(transaction.fx_rate.is_some(), flag::FX_RATE);
    mark(detail.is_some(), flag::DETAIL);
    mark(transaction.external_id.is_some(), flag::EXTERNAL_ID);
    mark(!transaction.note.is_empty(), flag::NOTE);
    mark(matches!(transaction.source, Source::File { .. }), flag::FILE);
    mark(transaction.source == Source::Demo, flag::DEMO);
    mark(transaction.reverses.is_some(), flag::REVERSES);

    let mut out = Vec::with_capacity(64);
    out.push(VERSION);
    out.push(kind_code(transaction.kind));
    out.put_unsigned(flags.into());
    out.extend_from_slice(&transaction.id.to_bytes());
    out.put_unsigned(numbers.account.into());
    if let Some(instrument) = numbers.instrument {
        out.put_unsigned(instrument.into());
    }
    let trade_day = day_number(transaction.trade_date);
    out.put_signed(trade_day.into());
    out.put_signed(i128::from(day_number(transaction.settle_date)) - i128::from(trade_day));
    out.extend_from_slice(&nanos(transaction.known_at)?.to_le_bytes());
    out.extend_from_slice(transaction.currency.code().as_bytes());
    out.put_decimal(transaction.quantity);
    if flags & flag::SEQ != 0 {
        out.put_unsigned(transaction.seq.into());
    }
    if flags & flag::PRICE != 0 {
        out.put_decimal(transaction.price);
    }
    if let Some(gross) = transaction.gross {
        out.put_decimal(gross);
    }
    if flags & flag::FEES != 0 {
        out.put_decimal(transaction.fees);
    }
    if flags & flag::TAXES != 0 {
        out.put_decimal(transaction.taxes);
    }
    if let Some(fx_rate) = transaction.fx_rate {
        out.put_decimal(fx_rate);
    }
    if let Some(detail) = detail {
        let json = serde_json::to_string(detail).map_err(|err| StoreError::unstorable("a transaction", err))?;
        out.put_text(&json);
    }
    if let Some(external_id) = &transaction.external_id {
        out.put_text(external_id);
    }
    if !transaction.note.is_empty() {
        out.put_text(&transaction.note);
    }
    if let Source::File { line, .. } = transaction.source {
        let source = numbers
            .source
            .ok_or_else(|| StoreError::unstorable("a transaction", "its file has no number"))?;
        out.put_unsigned(source.into());
        out.put_unsigned(line.into());
    }
    if let Some(reverses) = transaction.reverses {
        out.extend_from_slice(&reverses.to_bytes());
    }
    Ok(out)
}

/// What the row numbers of a book stand for.
pub(crate) struct Names<'a> {
    /// Account and its portfolio, by row number.
    pub(crate) accounts: &'a [Option<(apex_domain::PortfolioId, apex_domain::AccountId)>],
    /// Instruments by row number.
    pub(crate) instruments: &'a [Option<apex_domain::InstrumentId>],
    /// File names by row number.
    pub(crate) sources: &'a [Option<String>],
}

/// Decodes a transaction.
pub(crate) fn decode(bytes: &[u8], names: &Names<'_>) -> Result<Transaction> {
    let mut take = Take::new("transaction", bytes);
    let version = take.byte()?;
    if version != VERSION {
        return Err(take.fault(&format!("its layout {version} is not known")));
    }
    let code = take.byte()?;
    let kind = kind_of(code).ok_or_else(|| take.fault(&format!("its kind {code} is not known")))?;
    let flags: u16 = take.number()?;
    if flags & !flag::ALL != 0 {
        return Err(take.fault("it has parts that are not known"));
    }
    let has = |flag: u16| flags & flag != 0;
    let id = TransactionId::from_bytes(take.array()?);
    let account: usize = take.number()?;
    let (portfolio, account) = names
        .accounts
        .get(account)
        .copied()
        .flatten()
        .ok_or_else(|| take.fault("its account is not in the book"))?;
    let instrument = match has(flag::INSTRUMENT) {
        false => None,
        true => {
            let number: usize = take.number()?;
            let instrument = names.instruments.get(number).copied().flatten();
            Some(instrument.ok_or_else(|| take.fault("its instrument is not in the book"))?)
        }
    };
    let day = |take: &Take<'_>, number: i128| {
        i32::try_from(number)
            .ok()
            .and_then(date_of)
            .ok_or_else(|| take.fault("a date is out of range"))
    };
    let trade_day = take.signed()?;
    let trade_date = day(&take, trade_day)?;
    let settle_after = take.signed()?;
    let settle_date = if settle_after == 0 {
        trade_date
    } else {
        day(&take, trade_day + settle_after)?
    };
    let known_at = instant_of(i64::from_le_bytes(take.array()?));
    let currency = currency(&mut take)?;
    let quantity = take.decimal()?;
    let seq = if has(flag::SEQ) { take.number()? } else { 0 };
    let price = if has(flag::PRICE) {
        take.decimal()?
    } else {
        Decimal::ZERO
    };
    let gross = if has(flag::GROSS) { Some(take.decimal()?) } else { None };
    let fees = if has(flag::FEES) {
        take.decimal()?
    } else {
        Decimal::ZERO
    };
    let taxes = if has(flag::TAXES) {
        take.decimal()?
    } else {
        Decimal::ZERO
    };
    let fx_rate = if has(flag::FX_RATE) {
        Some(take.decimal()?)
    } else {
        None
    };
    let detail = match has(flag::DETAIL) {
        false => None,
        true => {
            let json = take.text()?;
            let detail: Detail = serde_json::from_str(json).map_err(|err| take.fault(&err.to_string()))?;
            Some(Box::new(detail))
        }
    };
    let external_id = if has(flag::EXTERNAL_ID) {
        Some(take.text()?.to_owned())
    } else {
        None
    };
    let note = if has(flag::NOTE) {
        take.text()?.to_owned()
    } else {
        String::new()
    };
    let source = if has(flag::FILE) {
        let number: usize = take.number()?;
        let name = names.sources.get(number).cloned().flatten();
        let name = name.ok_or_else(|| take.fault("the name of its file is not in the book"))?;
        Source::File {
            name,
            line: take.number()?,
        }
    } else if has(flag::DEMO) {
        Source::Demo
    } else {
        Source::Manual
    };
    let reverses = if has(flag::REVERSES) {
        Some(TransactionId::from_bytes(take.array()?))
    } else {
        None
    };
    take.finish()?;
    Ok(Transaction {
        id,
        portfolio,
        account,
        trade_date,
        settle_date,
        seq,
        kind,
        instrument,
        quantity,
        price,
        gross,
        currency,
        fees,
        taxes,
        fx_rate,
        detail,
        external_id,
        note,
        source,
        reverses,
        known_at,
    })
}

fn currency(take: &mut Take<'_>) -> Result<Currency> {
    let code = take.array::<3>()?;
    // The three everyday codes are compared as bytes; parsing text a million times would show.
    for known in [Currency::USD, Currency::EUR, Currency::GBP] {
        if known.code().as_bytes() == code {
            return Ok(known);
        }
    }
    let text = std::str::from_utf8(&code).map_err(|_| take.fault("its currency is not text"))?;
    Currency::parse(text).map_err(|err| take.fault(&err.to_string()))
}

/// A plain zero is left out; `0.00` is kept as it was entered.
fn is_stated(value: Decimal) -> bool {
    !value.is_zero() || value.scale() != 0
}

const KINDS: [(TransactionKind, u8); 23] = [
    (TransactionKind::Buy, 1),
    (TransactionKind::Sell, 2),
    (TransactionKind::Short, 3),
    (TransactionKind::Cover, 4),
    (TransactionKind::Dividend, 5),
    (TransactionKind::Interest, 6),
    (TransactionKind::Fee, 7),
    (TransactionKind::Tax, 8),
    (TransactionKind::Deposit, 9),
    (TransactionKind::Withdrawal, 10),
    (TransactionKind::TransferIn, 11),
    (TransactionKind::TransferOut, 12),
    (TransactionKind::Fx, 13),
    (TransactionKind::Split, 14),
    (TransactionKind::SpinOff, 15),
    (TransactionKind::Merger, 16),
    (TransactionKind::SymbolChange, 17),
    (TransactionKind::OptionExercise, 18),
    (TransactionKind::OptionExpiry, 19),
    (TransactionKind::BondCoupon, 20),
    (TransactionKind::BondRedemption, 21),
    (TransactionKind::Accrual, 22),
    (TransactionKind::Mark, 23),
];

fn kind_code(kind: TransactionKind) -> u8 {
    KINDS
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, code)| *code)
        .expect("every kind has a code, as tested")
}

fn kind_of(code: u8) -> Option<TransactionKind> {
    KINDS.get(usize::from(code).checked_sub(1)?).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use apex_domain::{Account, AccountId, InstrumentId, LotMethod, PortfolioId, Ratio, Timestamp};
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([1; 16]);
    const ACCOUNT: AccountId = AccountId::from_bytes([2; 16]);
    const INSTRUMENT: InstrumentId = InstrumentId::from_bytes([3; 16]);
    const NUMBERS: Numbers = Numbers {
        account: 1,
        instrument: Some(1),
        source: Some(1),
    };

    fn back(bytes: &[u8]) -> Result<Transaction> {
        let names = Names {
            accounts: &[None, Some((PORTFOLIO, ACCOUNT))],
            instruments: &[None, Some(INSTRUMENT)],
            sources: &[None, Some("fills.csv".to_owned())],
        };
        decode(bytes, &names)
    }

    fn buy() -> Transaction {
        let account = Account {
            id: ACCOUNT,
            portfolio: PORTFOLIO,
            name: "Main".to_owned(),
            lot_method: LotMethod::Fifo,
        };
        let id = TransactionId::from_bytes([4; 16]);
        let day = date(2026, 1, 5);
        let known_at = Timestamp::from_nanosecond(1_767_600_000_123_456_789).unwrap();
        Transaction {
            settle_date: date(2026, 1, 7),
            instrument: Some(INSTRUMENT),
            quantity: "10".parse().unwrap(),
            price: "90.00".parse().unwrap(),
            ..Transaction::new(id, &account, day, TransactionKind::Buy, Currency::USD, known_at)
        }
    }

    #[test]
    fn every_kind_has_a_code_of_its_own() {
        for (index, kind) in TransactionKind::ALL.into_iter().enumerate() {
            assert_eq!(kind_of(kind_code(kind)), Some(kind), "{index}");
        }
    }

    #[test]
    fn an_everyday_trade_takes_forty_bytes() {
        let bytes = encode(&buy(), NUMBERS).unwrap();
        assert_eq!(back(&bytes).unwrap(), buy());
        assert_eq!(bytes.len(), 41);
    }

    #[test]
    fn every_field_comes_back() {
        let mut full = buy();
        full.kind = TransactionKind::Merger;
        full.currency = Currency::JPY;
        full.seq = 300;
        full.gross = Some("900.10".parse().unwrap());
        full.fees = "1.20".parse().unwrap();
        full.taxes = "0.00".parse().unwrap();
        full.fx_rate = Some("0.91".parse().unwrap());
        full.external_id = Some("F-1".to_owned());
        full.note = "fusion à froid".to_owned();
        full.source = Source::File {
            name: "fills.csv".to_owned(),
            line: 17,
        };
        full.reverses = Some(TransactionId::from_bytes([9; 16]));
        full.detail_mut().ratio = Ratio::new(7, 1);
        full.detail_mut().other_instrument = Some(INSTRUMENT);
        assert_eq!(back(&encode(&full, NUMBERS).unwrap()).unwrap(), full);
    }

    #[test]
    fn empty_details_are_no_details() {
        let mut plain = buy();
        plain.detail_mut();
        assert_eq!(back(&encode(&plain, NUMBERS).unwrap()).unwrap(), buy());
    }

    #[test]
    fn damaged_bytes_are_refused_with_a_reason() {
        let good = encode(&buy(), NUMBERS).unwrap();
        for len in 0..good.len() {
            assert!(back(&good[..len]).is_err(), "{len} bytes");
        }
        let mut newer = good.clone();
        newer[0] = 9;
        let err = back(&newer).unwrap_err().to_string();
        assert_eq!(err, "a stored transaction cannot be read: its layout 9 is not known");
        let mut longer = good;
        longer.push(0);
        assert!(back(&longer).is_err());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = back(&bytes);
        }

        #[test]
        fn amounts_and_dates_come_back(
            mantissa in 0_i128..(1 << 95), scale in 0_u32..=28, fees in 0_i64.., offset in -400_i32..400, seq: u32,
        ) {
            let mut transaction = buy();
            transaction.quantity = Decimal::from_i128_with_scale(mantissa, scale);
            transaction.fees = Decimal::new(fees, 2);
            transaction.seq = seq;
            transaction.settle_date = date_of(day_number(transaction.trade_date) + offset).unwrap();
            prop_assert_eq!(back(&encode(&transaction, NUMBERS).unwrap()).unwrap(), transaction);
        }
    }
}
