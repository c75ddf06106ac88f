//! Amounts of the ledger: values, costs, gains, shares and balances, from lots, prices and rates.

use apex_domain::{AccountId, Currency, Holding, InstrumentId, Source, Subject, Transaction, ValuationRow};
use apex_wire::explain::{ExplainInput, FigureName};
use apex_wire::holdings::HoldingRow;
use apex_wire::{Amount, Figure};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Explained, Shape, Told, Twice, input, shown};
use crate::error::{AppError, Result};
use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
use crate::overview::{exposures, month_start, result_since, year_start};
use crate::valuation::{flow_value, nav_on, to_unit, trading_day_before};

const BOOK_OF_RECORD: &str = "Fair value at the close: quantity times price (GIPS 2020, provision 2.A; IFRS 13)";
const LOT_COST: &str = "Cost of open lots at the rates of their trade dates (IAS 21.21 to 21.22)";
const HAND: &str = "Elementary: the sum of the inputs";

/// Places the ledger keeps.
const LEDGER_PLACES: u32 = 8;

fn to_ledger(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(LEDGER_PLACES, rust_decimal::RoundingStrategy::MidpointNearestEven)
}

/// The figure behind a row of the holdings.
fn behind(row: &HoldingRow) -> FigureName {
    match row.instrument {
        Some(instrument) => FigureName::MarketValue {
            instrument,
            account: row.account,
        },
        None => FigureName::CashBalance {
            account: row.account,
            currency: row.currency,
        },
    }
}

fn value_input(fold: &PortfolioFold, row: &HoldingRow) -> ExplainInput {
    let told = input(
        format!("market value of {} in {}", row.symbol, row.account_name),
        shown(&row.market_value),
        fold.currency(),
    );
    let told = match row.price_date {
        Some(date) => told.on(date),
        None => told.on(fold.as_of()),
    };
    told.opening(behind(row))
}

/// The sum of amounts, or why there is none.
fn sum<'a>(amounts: impl IntoIterator<Item = &'a Amount>) -> Amount {
    let mut total = Decimal::ZERO;
    for amount in amounts {
        match amount {
            Figure::Known(amount) => total += amount,
            Figure::Unavailable(because) => return Figure::Unavailable(because.clone()),
        }
    }
    Figure::Known(total)
}

/// Applies an operation where both amounts are known.
fn both<T>(left: &Amount, right: &Amount, make: impl FnOnce(Decimal, Decimal) -> Option<T>) -> Figure<T> {
    match (left, right) {
        (Figure::Known(left), Figure::Known(right)) => Figure::or_because(make(*left, *right), || {
            "the result is out of range or divides by zero".to_owned()
        }),
        (Figure::Unavailable(because), _) | (_, Figure::Unavailable(because)) => Figure::Unavailable(because.clone()),
    }
}

pub(super) fn nav(fold: &PortfolioFold) -> Explained {
    let valuation = fold.valuation();
    let again = sum(valuation.rows.iter().map(|row| &row.market_value));
    Explained::new(
        format!("Net asset value of {}", fold.portfolio().name),
        Twice::Money(fold.currency(), valuation.nav.clone(), again),
        "NAV = sum of the market values of all holdings and cash balances",
        BOOK_OF_RECORD,
    )
    .convention("Each row is rounded once to the smallest unit of the base currency; the total is the sum of the rows")
    .convention("Trades count from their trade date; unsettled cash is counted")
    .parameter("As of", fold.as_of())
    .inputs(valuation.rows.iter().map(|row| value_input(fold, row)).collect())
}

pub(super) fn cash_total(fold: &PortfolioFold) -> Explained {
    let rows: Vec<&HoldingRow> = fold
        .valuation()
        .rows
        .iter()
        .filter(|row| row.instrument.is_none())
        .collect();
    Explained::new(
        format!("Cash of {}", fold.portfolio().name),
        Twice::Money(
            fold.currency(),
            fold.valuation().cash(),
            sum(rows.iter().map(|row| &row.market_value)),
        ),
        "Cash = sum of all cash balances, each times the rate of the day",
        HAND,
    )
    .convention("Balances by trade date; a trade that has not settled is counted")
    .parameter("As of", fold.as_of())
    .inputs(rows.into_iter().map(|row| value_input(fold, row)).collect())
}

pub(super) fn period_pnl(fold: &PortfolioFold, period: &str) -> Result<Explained> {
    let as_of = fold.as_of();
    let (since, name) = match period {
        "day" => (trading_day_before(as_of), "the day"),
        "month" => (month_start(as_of), "the month"),
        "year" => (year_start(as_of), "the year"),
        other => {
            return Err(AppError::not_found(
                "period",
                format!("{other}; there are day, month and year"),
            ));
        }
    };
    let now = sum(fold.valuation().rows.iter().map(|row| &row.market_value));
    let then = nav_on(fold, since);
    let flows: Vec<_> = fold
        .book()
        .flows()
        .into_iter()
        .filter(|flow| flow.date > since && flow.date <= as_of)
        .collect();
    let values: Vec<Amount> = flows.iter().map(|flow| flow_value(fold, flow)).collect();
    let moved = sum(&values).map(|moved| to_unit(moved, fold.currency()));
    let grown = both(&now, &then, |now, then| now.checked_sub(then));
    let again = both(&grown, &moved, |grown, moved| grown.checked_sub(moved));
    let mut inputs = vec![
        input("net asset value now", shown(&now), fold.currency())
            .on(as_of)
            .opening(FigureName::Nav),
        input("net asset value at the start", shown(&then), fold.currency()).on(since),
    ];
    inputs.extend(flows.iter().zip(&values).map(|(flow, value)| {
        let what = flow.kind.as_str().replace('_', " ");
        let source = fold
            .book()
            .transaction(flow.transaction)
            .map(origin)
            .unwrap_or_default();
        input(what, shown(value), fold.currency()).on(flow.date).by(source)
    }));
    Ok(Explained::new(
        format!("Profit and loss of {name}, {}", fold.portfolio().name),
        Twice::Money(fold.currency(), result_since(fold, since).amount, again),
        "P&L = NAV now - NAV at the start - money from outside in between",
        "Dietz (1966): the gain is the change in value less external flows",
    )
    .convention("Counted from the close of the first day given to the close of the last")
    .convention("Shares that come in or go out count at their price of the day")
    .parameter("From the close of", since)
    .parameter("To the close of", as_of)
    .inputs(inputs))
}

/// A holding with its lots and its valuation, unrounded.
struct Held<'a> {
    row: &'a HoldingRow,
    holding: Holding,
    valued: ValuationRow,
    multiplier: Decimal,
}

fn held(fold: &PortfolioFold, instrument: InstrumentId, account: AccountId) -> Result<Held<'_>> {
    let missing = || AppError::not_found("holding", format!("{} on {}", fold.symbol(instrument), fold.as_of()));
    let row = fold.valuation().row(instrument, account).ok_or_else(missing)?;
    let holding = fold.book().holdings(fold.as_of());
    let holding = holding
        .into_iter()
        .find(|one| one.instrument == instrument && one.account == account);
    let valued = fold
        .book()
        .value(fold.portfolio().id, fold.prices(), fold.as_of(), PRICE_AGE_DAYS_MAX);
    let valued = valued.map(|valued| valued.rows).unwrap_or_default();
    let valued = valued
        .into_iter()
        .find(|one| one.account == account && one.subject == Subject::Instrument(instrument));
    Ok(Held {
        row,
        holding: holding.ok_or_else(missing)?,
        valued: valued.ok_or_else(missing)?,
        multiplier: fold.instrument(instrument).map_or(Decimal::ONE, |one| one.multiplier()),
    })
}

/// Where a transaction came from.
fn origin(transaction: &Transaction) -> String {
    match &transaction.source {
        Source::Manual => "entered by hand".to_owned(),
        Source::File { name, line } => format!("{name}, line {line}"),
        Source::Demo => "demo (simulated)".to_owned(),
    }
}

fn opened_by(fold: &PortfolioFold, id: apex_domain::TransactionId) -> String {
    fold.book().transaction(id).map(origin).unwrap_or_default()
}

fn rate_input(fold: &PortfolioFold, held: &Held<'_>) -> Option<ExplainInput> {
    if held.holding.currency == fold.currency() {
        return None;
    }
    let label = format!("{} for one {}", fold.currency(), held.holding.currency);
    Some(match &held.valued.rate {
        Ok(rate) => {
            let through = rate
                .through
                .map_or_else(String::new, |through| format!(" crossed through {through}"));
            input(label, rate.value.normalize(), "rate")
                .on(rate.date)
                .by(format!("exchange rates of the book{through}"))
        }
        Err(reason) => input(label, format!("unavailable: {}", fold.because(reason)), "rate"),
    })
}

/// Quantity times price times multiplier in the instrument's currency, from the lots; without accrued income.
fn market_local(fold: &PortfolioFold, held: &Held<'_>) -> Amount {
    let quantity: Decimal = held.holding.lots.iter().map(|lot| lot.quantity).sum();
    if quantity.is_zero() {
        return Figure::Known(Decimal::ZERO);
    }
    match &held.valued.price {
        Ok(price) => {
            let value = quantity
                .checked_mul(price.value)
                .and_then(|value| value.checked_mul(held.multiplier));
            Figure::or_because(value.map(to_ledger), || "the value is out of range".to_owned())
        }
        Err(reason) => Figure::Unavailable(fold.because(reason)),
    }
}

fn in_base(fold: &PortfolioFold, held: &Held<'_>, local: &Amount) -> Amount {
    match (local, &held.valued.rate) {
        (Figure::Known(local), Ok(rate)) => Figure::or_because(local.checked_mul(rate.value).map(to_ledger), || {
            "the value is out of range".to_owned()
        }),
        (Figure::Unavailable(because), _) => Figure::Unavailable(because.clone()),
        (_, Err(reason)) => Figure::Unavailable(fold.because(reason)),
    }
}

pub(super) fn market_value(fold: &PortfolioFold, instrument: InstrumentId, account: AccountId) -> Result<Explained> {
    let held = held(fold, instrument, account)?;
    let local = market_local(fold, &held).map(|value| value + held.holding.accrued);
    let again = in_base(fold, &held, &local).map(|value| to_unit(value, fold.currency()));
    let mut inputs: Vec<ExplainInput> = held
        .holding
        .lots
        .iter()
        .map(|lot| {
            input(format!("lot of {}: quantity", lot.opened), lot.quantity.normalize(), "")
                .on(lot.opened)
                .by(opened_by(fold, lot.opened_by))
        })
        .collect();
    let label = format!("price of {}", held.row.symbol);
    inputs.push(match &held.valued.price {
        Ok(price) => input(label, price.value.normalize(), held.holding.currency)
            .on(price.date)
            .by(price.source.clone()),
        Err(reason) => input(
            label,
            format!("unavailable: {}", fold.because(reason)),
            held.holding.currency,
        ),
    });
    if held.multiplier != Decimal::ONE {
        inputs.push(input("multiplier", held.multiplier.normalize(), "").by("terms of the instrument"));
    }
    if !held.holding.accrued.is_zero() {
        let accrued = input(
            "accrued income",
            held.holding.accrued.normalize(),
            held.holding.currency,
        );
        inputs.push(accrued.on(fold.as_of()).by("transactions of the book"));
    }
    inputs.extend(rate_input(fold, &held));
    let restated = held
        .valued
        .price
        .as_ref()
        .ok()
        .filter(|price| price.value != price.as_traded);
    let restated = restated.map(|price| {
        let traded = price.as_traded.normalize();
        format!("Traded at {traded} before a split that the ledger has since; divided by its ratio, as the shares are new ones")
    });
    Ok(Explained::new(
        format!("Market value of {} in {}", held.row.symbol, held.row.account_name),
        Twice::Money(fold.currency(), held.row.market_value.clone(), again),
        "market value = (sum of lot quantities x price x multiplier + accrued income) x rate",
        BOOK_OF_RECORD,
    )
    .convention("Quantities and prices as traded; a short position has a negative quantity")
    .convention(format!(
        "The last price on or before the day, at most {PRICE_AGE_DAYS_MAX} days old; marks hold until the next"
    ))
    .conventions(restated)
    .convention("The rate of that very day; on weekends and bank holidays that of the last publishing day")
    .convention("8 decimals within, rounded once to the smallest unit of the base currency, half away from zero")
    .parameter("As of", fold.as_of())
    .inputs(inputs))
}

fn cost_exact(held: &Held<'_>) -> Amount {
    let mut total = Decimal::ZERO;
    for lot in &held.holding.lots {
        match lot.cost_base {
            Some(cost) => total += cost,
            None => return Figure::Unavailable(format!("no rate for {} on {}", held.holding.currency, lot.opened)),
        }
    }
    Figure::Known(total)
}

pub(super) fn cost(fold: &PortfolioFold, instrument: InstrumentId, account: AccountId) -> Result<Explained> {
    let held = held(fold, instrument, account)?;
    let again = cost_exact(&held).map(|cost| to_unit(cost, fold.currency()));
    let lots = held.holding.lots.iter().map(|lot| {
        let (quantity, local) = (lot.quantity.normalize(), lot.cost.normalize());
        let rate = lot
            .rate_opened
            .map_or_else(String::new, |rate| format!(" at {}", rate.normalize()));
        let label = format!(
            "lot of {}: {quantity} for {local} {}{rate}",
            lot.opened, held.holding.currency
        );
        let value = lot.cost_base.map_or_else(
            || "unavailable: no rate".to_owned(),
            |cost| cost.normalize().to_string(),
        );
        input(label, value, fold.currency())
            .on(lot.opened)
            .by(opened_by(fold, lot.opened_by))
    });
    let method = fold
        .accounts()
        .get(&account)
        .map_or_else(String::new, |account| account.lot_method.to_string());
    let inputs = lots.collect();
    Ok(Explained::new(
        format!("Cost of {} in {}", held.row.symbol, held.row.account_name),
        Twice::Money(fold.currency(), held.row.cost.clone(), again),
        "cost = sum over open lots of cost in the instrument's currency x rate of the trade date",
        LOT_COST,
    )
    .convention("Fees and taxes of the purchase are in the cost")
    .convention("A split changes a lot's quantity and leaves its cost")
    .parameter("Lot method", method)
    .parameter("As of", fold.as_of())
    .inputs(inputs))
}

pub(super) fn unrealized(fold: &PortfolioFold, instrument: InstrumentId, account: AccountId) -> Result<Explained> {
    let held = held(fold, instrument, account)?;
    let unit = fold.currency();
    let market = in_base(fold, &held, &market_local(fold, &held));
    let cost = cost_exact(&held);
    // Without accrued income both terms are the rounded ones a person sees.
    let again = if held.holding.accrued.is_zero() {
        let (market, cost) = (
            market.clone().map(|one| to_unit(one, unit)),
            cost.clone().map(|one| to_unit(one, unit)),
        );
        both(&market, &cost, |market, cost| market.checked_sub(cost))
    } else {
        both(&market, &cost, |market, cost| market.checked_sub(cost)).map(|gain| to_unit(gain, unit))
    };
    let mut inputs = vec![
        input("value without accrued income", shown(&market), unit)
            .on(held.row.price_date.unwrap_or(fold.as_of()))
            .opening(FigureName::MarketValue { instrument, account }),
        input("cost", shown(&cost), unit)
            .on(fold.as_of())
            .opening(FigureName::Cost { instrument, account }),
    ];
    for (name, part) in [
        ("of which price", &held.row.unrealized_price),
        ("of which currency", &held.row.unrealized_fx),
        ("of which both together", &held.row.unrealized_cross),
    ] {
        inputs.push(input(name, shown(part), unit).on(fold.as_of()));
    }
    Ok(Explained::new(
        format!("Unrealized gain of {} in {}", held.row.symbol, held.row.account_name),
        Twice::Money(unit, held.row.unrealized.clone(), again),
        "gain = market value - cost = price part + currency part + cross part",
        "Karnosky and Singer (1994) for the split by currency; hand calculation",
    )
    .convention(
        "Price part: change in local value at the opening rate; currency part: local cost at the change in rate",
    )
    .convention("Accrued income is in the value and not in the gain")
    .parameter("As of", fold.as_of())
    .inputs(inputs))
}

pub(super) fn weight(fold: &PortfolioFold, instrument: InstrumentId, account: AccountId) -> Result<Explained> {
    let held = held(fold, instrument, account)?;
    let nav = sum(fold.valuation().rows.iter().map(|row| &row.market_value));
    let again = finite(both(&held.row.market_value, &nav, |value, nav| {
        Some(value.to_f64()? / nav.to_f64()?)
    }));
    Ok(Explained::new(
        format!("Weight of {} in {}", held.row.symbol, held.row.account_name),
        Twice::Number(Shape::Percent, held.row.weight.clone(), again),
        "weight = market value / NAV",
        HAND,
    )
    .parameter("As of", fold.as_of())
    .inputs(vec![
        value_input(fold, held.row),
        input("net asset value", shown(&nav), fold.currency())
            .on(fold.as_of())
            .opening(FigureName::Nav),
    ]))
}

/// A division by zero is no number.
fn finite(figure: Figure<f64>) -> Figure<f64> {
    match figure {
        Figure::Known(value) if !value.is_finite() => Figure::Unavailable("there is nothing to divide by".to_owned()),
        other => other,
    }
}

pub(super) fn exposure(fold: &PortfolioFold, gross: bool) -> Explained {
    let valuation = fold.valuation();
    let rows: Vec<&HoldingRow> = valuation.rows.iter().filter(|row| row.instrument.is_some()).collect();
    let sizes: Vec<Amount> = rows
        .iter()
        .map(|row| {
            if gross {
                row.market_value.clone().map(|value| value.abs())
            } else {
                row.market_value.clone()
            }
        })
        .collect();
    let nav = sum(valuation.rows.iter().map(|row| &row.market_value));
    let again = finite(both(&sum(&sizes), &nav, |total, nav| {
        Some(total.to_f64()? / nav.to_f64()?)
    }));
    let (gross_figure, net_figure) = exposures(&valuation.rows, &valuation.nav);
    let (title, figure, formula) = if gross {
        (
            "Gross exposure",
            gross_figure,
            "gross exposure = sum of |market value| / NAV, cash left out",
        )
    } else {
        (
            "Net exposure",
            net_figure,
            "net exposure = sum of market values / NAV, cash left out",
        )
    };
    let mut inputs: Vec<ExplainInput> = rows.into_iter().map(|row| value_input(fold, row)).collect();
    inputs.push(
        input("net asset value", shown(&nav), fold.currency())
            .on(fold.as_of())
            .opening(FigureName::Nav),
    );
    Explained::new(
        format!("{title} of {}", fold.portfolio().name),
        Twice::Number(Shape::Percent, figure, again),
        formula,
        HAND,
    )
    .convention("Options count at their market value, not at the value of what they are on")
    .parameter("As of", fold.as_of())
    .inputs(inputs)
}

pub(super) fn cash_balance(fold: &PortfolioFold, account: AccountId, currency: Currency) -> Result<Explained> {
    let as_of = fold.as_of();
    let name = fold.account_name(account);
    let shown_balance = fold
        .book()
        .cash(as_of)
        .into_iter()
        .find(|cash| cash.account == account && cash.currency == currency);
    let Some(balance) = shown_balance else {
        return Err(AppError::not_found(
            "cash balance",
            format!("of {currency} in {name} on {as_of}"),
        ));
    };
    let mut moves: Vec<(&Transaction, Decimal)> = Vec::new();
    for transaction in fold
        .book()
        .effective()
        .filter(|one| one.account == account && one.trade_date <= as_of)
    {
        let of_currency = fold
            .book()
            .cash_moves(transaction)
            .into_iter()
            .filter(|one| one.currency == currency);
        moves.extend(of_currency.map(|one| (transaction, one.amount)));
    }
    moves.sort_by(|left, right| left.0.cmp_in_book(right.0));
    let total: Decimal = moves.iter().map(|(_, amount)| *amount).sum();
    let inputs = moves
        .iter()
        .map(|(transaction, amount)| {
            let kind = transaction.kind.as_str().replace('_', " ");
            let label = match transaction.instrument {
                Some(id) => format!("{kind} {}", fold.symbol_on(id, transaction.trade_date)),
                None => kind,
            };
            input(label, amount.normalize(), currency)
                .on(transaction.trade_date)
                .by(origin(transaction))
        })
        .collect();
    let mut explained = Explained::new(
        format!("{currency} balance of {name}"),
        Twice::Money(currency, Figure::Known(balance.traded), Figure::Known(total)),
        "balance = sum of everything received less everything paid",
        HAND,
    )
    .convention("By trade date; what has not settled is counted")
    .parameter("As of", as_of)
    .parameter("Settled", format!("{} {currency}", balance.settled.normalize()));
    if currency != fold.currency() {
        let value = match fold.prices().fx(currency, fold.currency(), as_of) {
            Ok(rate) => format!(
                "{} at {} of {}",
                apex_format::money_with_code(
                    to_unit(to_ledger(total * rate.value), fold.currency()),
                    fold.currency().code()
                ),
                rate.value.normalize(),
                rate.date
            ),
            Err(reason) => format!("unavailable: {}", fold.because(&reason)),
        };
        explained = explained.parameter(&format!("In {}", fold.currency()), value);
    }
    Ok(explained.inputs(inputs))
}
