//! From what a person typed to a transaction of the ledger, refusals naming the field.
//!
//! Only the text is judged here: names, numbers, dates, and what each kind cannot do without. Whether the ledger allows
//! it (enough shares, a lot that is open) is the fold's to say.

use apex_domain::{
    Account, Currency, InstrumentId, LotMethod, LotPick, Transaction, TransactionId, TransactionKind,
    TransactionKind as Kind,
};
use apex_wire::transactions::TransactionDraft;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::error::{AppError, Result};
use crate::moment::Moment;
use crate::read;
use crate::state::{PortfolioState, State};

/// Reads a draft.
pub(crate) fn transaction(
    state: &State,
    portfolio: &PortfolioState,
    draft: &TransactionDraft,
    moment: &Moment,
) -> Result<Transaction> {
    let account = account(portfolio, &draft.account)?;
    let kind: TransactionKind = read::required("kind", &draft.kind, "a kind of transaction")?
        .parse()
        .map_err(|err| AppError::field("kind", format!("{err}; write buy, sell, dividend, deposit, ...")))?;
    let trade_date = read::date("date", &draft.date)?;
    if let Some(today) = state.standing_clock()
        && trade_date > today
    {
        return Err(AppError::AfterTheClock {
            date: trade_date,
            today,
        });
    }
    let settle_date = read::optional_date("settle", &draft.settle)?.unwrap_or(trade_date);
    read::plausible("date", trade_date, moment.now)?;
    read::plausible("settle", settle_date, moment.now)?;
    if settle_date < trade_date {
        return Err(AppError::field(
            "settle",
            format!("{settle_date} is before the trade date {trade_date}"),
        ));
    }
    let instrument = instrument(state, "symbol", &draft.symbol, trade_date)?;
    if instrument.is_none() && needs_instrument(kind) {
        return Err(AppError::field("symbol", format!("a {kind} needs a symbol")));
    }
    let currency = match (draft.currency.trim(), instrument) {
        ("", Some(id)) => state
            .instruments
            .get(id)
            .map_or(portfolio.portfolio.currency, |found| found.currency),
        ("", None) => portfolio.portfolio.currency,
        (text, _) => read::currency("currency", text)?,
    };
    let id = TransactionId::from_parts(moment.now, moment.entropy.bytes());
    let mut made = Transaction::new(id, account, trade_date, kind, currency, moment.now);
    made.settle_date = settle_date;
    made.instrument = instrument;
    if kind == Kind::Split && draft.quantity.contains(':') {
        made.detail_mut().ratio = read::ratio("quantity", &draft.quantity)?;
    } else {
        made.quantity = amount("quantity", &draft.quantity)?;
    }
    made.price = amount("price", &draft.price)?;
    made.fees = read::charge("fees", &draft.fees)?;
    made.taxes = read::charge("taxes", &draft.taxes)?;
    made.fx_rate = fx_rate(&draft.fx_rate, currency, portfolio.portfolio.currency)?;
    made.note = draft.note.trim().to_owned();
    details(state, &mut made, draft)?;
    if account.lot_method == LotMethod::Specific && !draft.lot.trim().is_empty() {
        made.detail_mut().lots = lots(portfolio, &made, &draft.lot)?;
    }
    complete(&made)?;
    Ok(made)
}

/// Finds an account of the portfolio by name, or the only one where none is named.
pub(crate) fn account<'a>(portfolio: &'a PortfolioState, name: &str) -> Result<&'a Account> {
    let name = name.trim();
    if name.is_empty() {
        let mut all = portfolio.accounts.values();
        return match (all.next(), all.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(AppError::field(
                "account",
                "the portfolio has no account yet; add one first",
            )),
            _ => {
                let mut names: Vec<&str> = portfolio.accounts.values().map(|one| one.name.as_str()).collect();
                names.sort_unstable();
                let sentence = format!("an account is needed, one of {}", names.join(", "));
                Err(AppError::field("account", sentence))
            }
        };
    }
    portfolio
        .accounts
        .values()
        .find(|account| account.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            AppError::field(
                "account",
                format!("there is no account {name} in {}", portfolio.portfolio.name),
            )
        })
}

fn instrument(state: &State, field: &'static str, symbol: &str, date: Date) -> Result<Option<InstrumentId>> {
    let symbol = symbol.trim();
    if symbol.is_empty() {
        return Ok(None);
    }
    let found = state.instruments.resolve(symbol, date);
    found.map(Some).ok_or_else(|| {
        let hint = if state.instruments.knows(symbol) {
            format!("{symbol} was not in use on {date}")
        } else {
            format!("there is no instrument {symbol}; add it first")
        };
        AppError::field(field, hint)
    })
}

fn needs_instrument(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Deposit
            | Kind::Withdrawal
            | Kind::TransferIn
            | Kind::TransferOut
            | Kind::Interest
            | Kind::Fee
            | Kind::Tax
            | Kind::Accrual
            | Kind::Dividend
    )
}

fn amount(field: &'static str, text: &str) -> Result<Decimal> {
    let value = read::optional_decimal(field, text)?.unwrap_or_default();
    read::positive_or_zero(field, value)
}

fn fx_rate(text: &str, currency: Currency, base: Currency) -> Result<Option<Decimal>> {
    let rate = read::optional_decimal("fx_rate", text)?;
    match rate {
        Some(rate) if rate <= Decimal::ZERO => Err(AppError::field(
            "fx_rate",
            format!("{rate} is not a rate; write {base} for one {currency}"),
        )),
        Some(rate) if currency == base && rate != Decimal::ONE => Err(AppError::field(
            "fx_rate",
            format!("{currency} is the base currency, so its rate is 1 and not {rate}"),
        )),
        rate => Ok(rate),
    }
}

fn details(state: &State, made: &mut Transaction, draft: &TransactionDraft) -> Result<()> {
    if let Some(ratio) = read::ratio("ratio", &draft.ratio)? {
        made.detail_mut().ratio = Some(ratio);
    }
    if let Some(fraction) = read::optional_decimal("basis_fraction", &draft.basis_fraction)? {
        if fraction < Decimal::ZERO || fraction > Decimal::ONE {
            return Err(AppError::field(
                "basis_fraction",
                format!("{fraction} is not a share from 0 to 1"),
            ));
        }
        made.detail_mut().basis_fraction = Some(fraction);
    }
    let other = draft.other_symbol.trim();
    if made.kind == Kind::SymbolChange {
        made.detail_mut().symbol = Some(read::required("other_symbol", other, "the new symbol")?.to_owned());
    } else if let Some(other) = instrument(state, "other_symbol", other, made.trade_date)? {
        made.detail_mut().other_instrument = Some(other);
    }
    Ok(())
}

/// Reads `F1`, `2021-03-01` or `F1:50; F2:25`: lots by external id or opening date, with the quantity of each.
fn lots(portfolio: &PortfolioState, made: &Transaction, text: &str) -> Result<Vec<LotPick>> {
    let mut picks = Vec::new();
    for part in text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
        let (name, quantity) = match part.rsplit_once(':') {
            Some((name, quantity)) => (name.trim(), read::decimal("lot", quantity)?),
            None => (part, made.quantity),
        };
        let day = name.parse::<Date>().ok();
        let opened = portfolio.ledger.rows().find(|row| {
            row.account == made.account
                && row.instrument == made.instrument
                && (row.external_id.as_deref() == Some(name)
                    || row.id.to_string() == name
                    || (day == Some(row.trade_date) && matches!(row.kind, Kind::Buy | Kind::Short | Kind::TransferIn)))
                && !portfolio.ledger.is_reversed(row.id)
        });
        let opened = opened.ok_or_else(|| {
            AppError::field(
                "lot",
                format!("no lot {name}; write the day it was opened or its external id"),
            )
        })?;
        picks.push(LotPick {
            opened_by: opened.id,
            quantity,
        });
    }
    Ok(picks)
}

/// Refuses what a kind cannot do without.
fn complete(made: &Transaction) -> Result<()> {
    let need = |field: &'static str, what: &str| Err(AppError::field(field, format!("a {} needs {what}", made.kind)));
    let (quantity, price) = (!made.quantity.is_zero(), !made.price.is_zero());
    match made.kind {
        Kind::Buy | Kind::Sell | Kind::Short | Kind::Cover | Kind::Fx => {
            if !quantity {
                return need("quantity", "a quantity");
            }
            if !price {
                return need("price", "a price");
            }
        }
        Kind::Split if made.ratio().is_none() => return need("ratio", "a ratio, such as 7:1"),
        Kind::SpinOff => {
            if made.detail().ratio.is_none() && !quantity {
                return need("ratio", "a ratio, such as 1:4");
            }
            if made.detail().other_instrument.is_none() {
                return need("other_symbol", "the symbol that is received");
            }
            if made.detail().basis_fraction.is_none() {
                return need("basis_fraction", "the share of the cost that moves, such as 0.125");
            }
        }
        Kind::Mark if !price => return need("price", "a price"),
        kind if kind.is_amount() && !quantity && !price => return need("quantity", "an amount"),
        Kind::TransferIn | Kind::TransferOut if !quantity => return need("quantity", "a quantity or an amount"),
        _ => {}
    }
    Ok(())
}
