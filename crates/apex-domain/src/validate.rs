//! What each kind of transaction must carry, whatever the book holds.

use rust_decimal::Decimal;

use crate::instrument::{InstrumentKind, Terms};
use crate::reference::Indexed;
use crate::refusal::Refusal;
use crate::transaction::{Transaction, TransactionKind};

/// The largest quantity the book keeps, one million billion.
pub(crate) const QUANTITY_MAX: Decimal = Decimal::from_parts(0xA4C6_8000, 0x0003_8D7E, 0, false, 0);
/// The largest quantity or amount of one transaction, a thousand billion.
const ENTRY_MAX: Decimal = Decimal::from_parts(0xD4A5_1000, 0x0000_00E8, 0, false, 0);
/// The largest price or rate, a billion.
const PRICE_MAX: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// The most decimals of an entered number.
const SCALE_MAX: u32 = 12;

/// Checks one transaction against the reference data and returns the numbers of its account and instrument.
pub(crate) fn check(transaction: &Transaction, reference: &Indexed) -> Result<(u32, Option<u32>), Refusal> {
    let account = reference.account(transaction.account).ok_or(Refusal::UnknownAccount {
        account: transaction.account,
    })?;
    let facts = &reference.accounts[account as usize];
    let (kind, date) = (transaction.kind, transaction.trade_date);
    if facts.account.portfolio != transaction.portfolio {
        return Err(Refusal::OtherPortfolio {
            account: facts.account.name.clone(),
            kind,
            date,
        });
    }
    numbers(transaction)?;
    let instrument = match transaction.instrument {
        Some(id) => Some(
            reference
                .instrument(id)
                .ok_or(Refusal::UnknownInstrument { instrument: id })?,
        ),
        None => None,
    };
    if let Some(id) = transaction.detail.as_ref().and_then(|detail| detail.other_instrument) {
        reference
            .instrument(id)
            .ok_or(Refusal::UnknownInstrument { instrument: id })?;
    }
    if transaction.settle_date < date {
        return Err(unfit(
            transaction,
            "settlement",
            transaction.settle_date.to_string(),
            "it is before the trade date",
        ));
    }
    if transaction.fx_rate.is_some_and(|rate| rate != Decimal::ONE) && transaction.currency == facts.base {
        let rate = transaction.fx_rate.unwrap_or_default().to_string();
        return Err(unfit(transaction, "rate", rate, "the currency is the base currency"));
    }
    by_kind(transaction, reference, instrument)?;
    Ok((account, instrument))
}

fn missing(transaction: &Transaction, field: &str) -> Refusal {
    Refusal::Missing {
        kind: transaction.kind,
        date: transaction.trade_date,
        field: field.to_owned(),
    }
}

fn unfit(transaction: &Transaction, field: &str, value: String, reason: &str) -> Refusal {
    Refusal::Unfit {
        kind: transaction.kind,
        date: transaction.trade_date,
        field: field.to_owned(),
        value,
        reason: reason.to_owned(),
    }
}

/// No number is negative, too long or too large.
fn numbers(transaction: &Transaction) -> Result<(), Refusal> {
    let number = |field: &str, value: Decimal, max: Decimal| {
        if value.is_sign_negative() && !value.is_zero() {
            return Err(unfit(
                transaction,
                field,
                value.to_string(),
                "numbers are positive, the kind carries the sign",
            ));
        }
        if value > max {
            let reason = format!("it is above {max}, the largest that is kept");
            return Err(unfit(transaction, field, value.to_string(), &reason));
        }
        if value.scale() > SCALE_MAX && value.normalize().scale() > SCALE_MAX {
            return Err(unfit(
                transaction,
                field,
                value.to_string(),
                "it has more than 12 decimals",
            ));
        }
        Ok(())
    };
    number("quantity", transaction.quantity, ENTRY_MAX)?;
    number("price", transaction.price, PRICE_MAX)?;
    number("fees", transaction.fees, ENTRY_MAX)?;
    number("taxes", transaction.taxes, ENTRY_MAX)?;
    if let Some(gross) = transaction.gross {
        number("gross", gross, ENTRY_MAX)?;
    }
    if let Some(rate) = transaction.fx_rate {
        number("rate", rate.round_dp(SCALE_MAX), PRICE_MAX)?;
        if rate.is_zero() {
            return Err(unfit(transaction, "rate", rate.to_string(), "a rate is above zero"));
        }
    }
    let Some(detail) = &transaction.detail else {
        return Ok(());
    };
    number("cash in lieu", detail.cash_in_lieu.unwrap_or_default(), ENTRY_MAX)?;
    number(
        "accrued interest",
        detail.accrued_interest.unwrap_or_default(),
        ENTRY_MAX,
    )?;
    number("basis fraction", detail.basis_fraction.unwrap_or_default(), PRICE_MAX)?;
    if detail.basis_fraction.is_some_and(|fraction| fraction > Decimal::ONE) {
        let fraction = detail.basis_fraction.unwrap_or_default().to_string();
        return Err(unfit(
            transaction,
            "basis fraction",
            fraction,
            "a fraction is at most 1",
        ));
    }
    detail
        .lots
        .iter()
        .try_for_each(|pick| number("lot quantity", pick.quantity, ENTRY_MAX))
}

/// The fields a kind cannot do without.
fn by_kind(transaction: &Transaction, reference: &Indexed, instrument: Option<u32>) -> Result<(), Refusal> {
    use TransactionKind::*;

    let detail = transaction.detail();
    let facts = instrument.map(|at| &reference.instruments[at as usize]);
    let need_instrument = || facts.ok_or_else(|| missing(transaction, "instrument"));
    let need_quantity = || {
        if transaction.quantity.is_zero() {
            Err(missing(transaction, "quantity"))
        } else {
            Ok(())
        }
    };
    let need_amount = || {
        if transaction.amount().is_zero() {
            Err(missing(transaction, "amount"))
        } else {
            Ok(())
        }
    };
    let same_currency = |facts: &crate::reference::InstrumentFacts| {
        let expected = facts.instrument.currency;
        if transaction.currency == expected {
            return Ok(());
        }
        Err(Refusal::OtherCurrency {
            kind: transaction.kind,
            symbol: reference.symbol(Some(facts.instrument.id), transaction.trade_date),
            date: transaction.trade_date,
            found: transaction.currency,
            expected,
        })
    };
    // What can be held: anything but an index and a pair of currencies.
    let holdable = |facts: &crate::reference::InstrumentFacts| match facts.instrument.kind {
        InstrumentKind::Index | InstrumentKind::CurrencyPair => {
            let symbol = reference.symbol(Some(facts.instrument.id), transaction.trade_date);
            let reason = if facts.instrument.kind == InstrumentKind::Index {
                "an index cannot be held"
            } else {
                "currencies are exchanged by the kind fx"
            };
            Err(unfit(transaction, "instrument", symbol, reason))
        }
        _ => same_currency(facts),
    };
    let trade_limit = |multiplier: Decimal| {
        let value = transaction
            .quantity
            .checked_mul(transaction.price)
            .and_then(|value| value.checked_mul(multiplier));
        if transaction.gross.is_some() || value.is_some_and(|value| value <= QUANTITY_MAX) {
            Ok(())
        } else {
            Err(Refusal::TooLarge {
                kind: transaction.kind,
                date: transaction.trade_date,
            })
        }
    };
    let no_charges = || {
        let charges = transaction.fees + transaction.taxes;
        if charges.is_zero() {
            Ok(())
        } else {
            Err(unfit(transaction, "charges", charges.to_string(), "no money moves"))
        }
    };
    let received = || {
        let other = detail
            .other_instrument
            .ok_or_else(|| missing(transaction, "instrument received"))?;
        let other = reference
            .facts(other)
            .ok_or(Refusal::UnknownInstrument { instrument: other })?;
        if Some(other.instrument.id) == transaction.instrument {
            let symbol = reference.symbol(transaction.instrument, transaction.trade_date);
            return Err(unfit(
                transaction,
                "instrument received",
                symbol,
                "it is the same instrument",
            ));
        }
        holdable(other)
    };
    match transaction.kind {
        Buy | Short | Sell | Cover => {
            let facts = need_instrument()?;
            need_quantity()?;
            trade_limit(facts.multiplier)?;
            holdable(facts)
        }
        BondRedemption => {
            let facts = need_instrument()?;
            need_quantity()?;
            trade_limit(facts.multiplier)?;
            if facts.instrument.kind == InstrumentKind::Bond {
                holdable(facts)
            } else {
                let symbol = reference.symbol(transaction.instrument, transaction.trade_date);
                Err(unfit(transaction, "instrument", symbol, "it is not a bond"))
            }
        }
        TransferIn | TransferOut => match facts {
            None => need_amount(),
            Some(facts) => {
                need_quantity()?;
                trade_limit(facts.multiplier)?;
                holdable(facts)
            }
        },
        Deposit | Withdrawal | Fee | Tax | Interest => need_amount(),
        Dividend | BondCoupon => need_instrument().and_then(|_| need_amount()),
        Accrual => {
            let facts = need_instrument()?;
            need_amount()?;
            no_charges()?;
            same_currency(facts)
        }
        Fx => {
            let facts = need_instrument()?;
            need_quantity()?;
            trade_limit(Decimal::ONE)?;
            let Some((_, quote)) = facts.instrument.pair() else {
                let symbol = reference.symbol(transaction.instrument, transaction.trade_date);
                return Err(unfit(
                    transaction,
                    "instrument",
                    symbol,
                    "it is not a pair of currencies",
                ));
            };
            if transaction.price.is_zero() && transaction.gross.is_none() {
                return Err(missing(transaction, "price"));
            }
            if transaction.currency == quote {
                Ok(())
            } else {
                let reason = format!("the pair pays in {quote}");
                Err(unfit(
                    transaction,
                    "currency",
                    transaction.currency.to_string(),
                    &reason,
                ))
            }
        }
        Split => {
            holdable(need_instrument()?)?;
            transaction
                .ratio()
                .map(|_| ())
                .ok_or_else(|| missing(transaction, "ratio"))
        }
        SpinOff => {
            holdable(need_instrument()?)?;
            received()?;
            if detail.basis_fraction.is_none() {
                return Err(missing(transaction, "basis fraction"));
            }
            if detail.ratio.is_none() && transaction.quantity.is_zero() {
                return Err(missing(transaction, "ratio or quantity"));
            }
            Ok(())
        }
        Merger => {
            let facts = need_instrument()?;
            holdable(facts)?;
            trade_limit(facts.multiplier)?;
            let cash = transaction.gross.is_some() || !transaction.price.is_zero();
            if detail.other_instrument.is_none() {
                if !cash {
                    return Err(missing(transaction, "instrument received or price"));
                }
                if let Some(in_lieu) = detail.cash_in_lieu {
                    return Err(unfit(
                        transaction,
                        "cash in lieu",
                        in_lieu.to_string(),
                        "no shares are received",
                    ));
                }
                return need_quantity();
            }
            received()?;
            if detail.ratio.is_none() {
                return Err(missing(transaction, "ratio"));
            }
            if cash {
                need_quantity()?;
                if detail.basis_fraction.is_none() {
                    return Err(missing(transaction, "basis fraction"));
                }
            }
            Ok(())
        }
        OptionExercise | OptionExpiry => {
            let facts = need_instrument()?;
            let Terms::Option {
                underlying,
                strike,
                contract_size,
                ..
            } = &facts.instrument.terms
            else {
                let symbol = reference.symbol(transaction.instrument, transaction.trade_date);
                return Err(unfit(transaction, "instrument", symbol, "it is not an option"));
            };
            same_currency(facts)?;
            if transaction.kind == OptionExpiry {
                return Ok(());
            }
            need_quantity()?;
            let value = transaction
                .quantity
                .checked_mul(*contract_size)
                .and_then(|units| units.checked_mul(*strike))
                .filter(|value| *value <= QUANTITY_MAX);
            if value.is_none() {
                return Err(Refusal::TooLarge {
                    kind: transaction.kind,
                    date: transaction.trade_date,
                });
            }
            holdable(reference.facts(*underlying).ok_or(Refusal::UnknownInstrument {
                instrument: *underlying,
            })?)
        }
        SymbolChange => need_instrument().map(|_| ()),
        Mark => {
            let facts = need_instrument()?;
            if transaction.price.is_zero() && transaction.gross.is_none() {
                return Err(missing(transaction, "price"));
            }
            no_charges()?;
            same_currency(facts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_what_their_names_say() {
        assert_eq!(QUANTITY_MAX, Decimal::from(1_000_000_000_000_000_i64));
        assert_eq!(ENTRY_MAX, Decimal::from(1_000_000_000_000_i64));
        assert_eq!(PRICE_MAX, Decimal::from(1_000_000_000));
    }
}
