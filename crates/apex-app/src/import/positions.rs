//! Rows of a positions file into opening balances: shares come in by a transfer at their cost, cash as an amount.

use apex_domain::{Currency, Decimal, InstrumentKind, Source, Transaction, TransactionId, TransactionKind};

use super::account::find_account;
use super::directory::Unknown;
use super::row::{Bad, Outcome, Reading, is_absent, random, read_all, text};
use super::{ImportError, UNKNOWN_NAME, Watch};

/// Reads all rows of a positions file.
///
/// A row whose symbol is a currency code, `cash` or nothing is cash. The cost of a position is `price` for one unit, or
/// `cost` in all. A negative quantity is a short position.
pub(crate) fn read(reading: Reading<'_>, watch: &Watch<'_>) -> Result<Outcome<Transaction>, ImportError> {
    read_all(
        reading,
        watch,
        || (),
        |(), line, record, outcome| {
            let made = read_row(reading, line, record, outcome)?;
            outcome.found.push(made);
            Ok(())
        },
    )
}

fn read_row(
    reading: Reading<'_>,
    line: u64,
    record: &csv::ByteRecord,
    outcome: &mut Outcome<Transaction>,
) -> Result<Transaction, Bad> {
    let place = |name: &str| reading.layout.place(name);
    let cell = |name: &str| text(place(name).of(record));
    let date = reading.date(place("date"), "date", record)?;
    let currency = reading.currency(place("currency"), "currency", record)?;
    let account = find_account(
        reading.directory,
        &cell("portfolio"),
        &cell("account"),
        currency,
        line,
        outcome,
    )?;
    let symbol = cell("symbol");
    let base = reading
        .directory
        .portfolio_by_id(account.portfolio)
        .map(|one| one.currency);
    let cash = match Currency::parse(&symbol) {
        Ok(code) if code.is_listed() && reading.directory.instrument(&symbol, date).is_none() => Some(code),
        _ if is_absent(symbol.as_bytes()) || symbol.eq_ignore_ascii_case("cash") => currency.or(base),
        _ => None,
    };
    let quantity = reading
        .number(place("quantity"), "quantity", record)?
        .filter(|quantity| !quantity.is_zero())
        .ok_or_else(|| {
            Bad::new(
                "quantity",
                cell("quantity"),
                "a position needs a quantity other than zero",
            )
        })?;
    let id = TransactionId::from_parts(reading.now, random(reading.seed, line));
    let kind = TransactionKind::TransferIn;
    let mut made;
    if let Some(cash) = cash {
        let out = quantity < Decimal::ZERO;
        let kind = if out { TransactionKind::TransferOut } else { kind };
        made = Transaction::new(id, &account, date, kind, cash, reading.now);
        made.gross = Some(quantity.abs());
    } else {
        let Some(found) = reading.directory.instrument(&symbol, date) else {
            if let Some(currency) = currency.or(base) {
                let kind = InstrumentKind::Equity;
                outcome.unknown.insert(Unknown::Symbol {
                    symbol: symbol.clone(),
                    currency,
                    kind,
                });
            }
            let reason = format!("this symbol is unknown on {date}; {UNKNOWN_NAME}");
            return Err(Bad::new("symbol", symbol, reason));
        };
        made = Transaction::new(
            id,
            &account,
            date,
            kind,
            currency.unwrap_or(found.currency),
            reading.now,
        );
        made.instrument = Some(found.id);
        made.quantity = quantity.abs();
        let price = reading.number(place("price"), "price", record)?;
        let cost = reading.number(place("cost"), "cost", record)?;
        match (price, cost) {
            (Some(price), _) if price >= Decimal::ZERO => made.price = price,
            (Some(price), _) => return Err(Bad::new("price", price.to_string(), "a cost is not negative")),
            (None, Some(cost)) => made.gross = Some(cost.abs()),
            (None, None) => {
                return Err(Bad::new(
                    "price",
                    "",
                    "a position needs its cost, as price for one unit or as cost in all",
                ));
            }
        }
        if quantity < Decimal::ZERO {
            made.detail_mut().short = true;
        }
        if let Some(opened) = reading.optional_date(place("opened"), "opened", record)? {
            made.detail_mut().opened = Some(opened);
        }
    }
    made.fx_rate = reading
        .number(place("fx_rate"), "fx_rate", record)?
        .filter(|_| base != Some(made.currency));
    if made.fx_rate.is_some_and(|rate| rate <= Decimal::ZERO) {
        return Err(Bad::new("fx_rate", cell("fx_rate"), "a rate is above zero"));
    }
    let external_id = cell("external_id");
    made.external_id = (!is_absent(external_id.as_bytes())).then_some(external_id);
    made.note = cell("note");
    made.source = Source::File {
        name: reading.source.name.clone(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
    };
    Ok(made)
}
