//! Lots, open and closed, with their gains split into price, currency and both together.
//!
//! Amounts have the ledger's full precision; the holdings page rounds their sums.

use std::collections::BTreeMap;

use apex_domain::{ClosedLot, Gain, Holding, OpenLot, Subject, Unavailable, ValuationRow, money::round_money};
use apex_wire::holdings::{GetLots, LotRow, Lots};
use apex_wire::{Amount, Failure, Figure, View};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::App;
use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};
use crate::report::{LotLine, LotsReport};

impl App {
    /// Returns the lots of a portfolio, an account or a holding: open ones first, then closed ones, each by date.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn get_lots(&self, ask: GetLots) -> Result<Lots, Failure> {
        let fold = self.fold(ask.view)?;
        Ok(Lots {
            currency: fold.currency(),
            rows: rows(&fold, &ask),
        })
    }

    /// Returns every lot, as the command line prints them.
    ///
    /// # Errors
    /// When no book is open or the portfolio is not in it.
    pub fn lots_report(&self, view: View) -> Result<LotsReport, Failure> {
        let lots = self.get_lots(GetLots {
            view,
            instrument: None,
            account: None,
        })?;
        Ok(LotsReport {
            rows: lots.rows.iter().map(LotLine::from).collect(),
        })
    }
}

fn rows(fold: &PortfolioFold, ask: &GetLots) -> Vec<LotRow> {
    let book = fold.book();
    let asked = |instrument, account| {
        ask.instrument.is_none_or(|wanted| wanted == instrument) && ask.account.is_none_or(|wanted| wanted == account)
    };
    let holdings = book.holdings(fold.as_of());
    let valued = book.value(fold.portfolio().id, fold.prices(), fold.as_of(), PRICE_AGE_DAYS_MAX);
    let valued = valued.map(|valued| valued.rows).unwrap_or_default();
    let valued: BTreeMap<_, &ValuationRow> = valued.iter().map(|row| ((row.account, row.subject), row)).collect();
    let mut open = Vec::new();
    for holding in holdings
        .iter()
        .filter(|holding| asked(holding.instrument, holding.account))
    {
        let subject = Subject::Instrument(holding.instrument);
        let Some(row) = valued.get(&(holding.account, subject)).copied() else {
            continue;
        };
        open.extend(holding.lots.iter().map(|lot| open_row(fold, holding, lot, row)));
    }
    let closed = book.closed_lots_between(Date::MIN, fold.as_of());
    let mut closed: Vec<LotRow> = closed
        .iter()
        .filter(|lot| asked(lot.instrument, lot.account))
        .map(|lot| closed_row(fold, lot))
        .collect();
    open.sort_by(|left, right| {
        (left.opened, &left.symbol, &left.account).cmp(&(right.opened, &right.symbol, &right.account))
    });
    closed.sort_by(|left, right| {
        (left.closed, left.opened, &left.symbol).cmp(&(right.closed, right.opened, &right.symbol))
    });
    open.append(&mut closed);
    open
}

fn figure(fold: &PortfolioFold, amount: Result<Decimal, Unavailable>) -> Amount {
    match amount {
        Ok(amount) => Figure::Known(amount.normalize()),
        Err(reason) => Figure::Unavailable(fold.because(&reason)),
    }
}

fn no_rate(fold: &PortfolioFold, currency: apex_domain::Currency, date: Date) -> Unavailable {
    Unavailable::NoRate {
        from: currency,
        to: fold.currency(),
        date,
    }
}

fn row(
    fold: &PortfolioFold,
    lot: (apex_domain::InstrumentId, apex_domain::AccountId),
    dates: (Date, Option<Date>),
    quantity: Decimal,
    cost: Result<Decimal, Unavailable>,
    proceeds: Result<Decimal, Unavailable>,
    gain: Result<Gain, Unavailable>,
) -> LotRow {
    let part = |pick: fn(&Gain) -> Decimal| figure(fold, gain.as_ref().map(pick).map_err(Clone::clone));
    LotRow {
        symbol: fold.symbol(lot.0),
        account: fold.account_name(lot.1),
        opened: dates.0,
        closed: dates.1,
        quantity: quantity.normalize(),
        cost: figure(fold, cost),
        proceeds: figure(fold, proceeds),
        gain: part(|gain| gain.total),
        gain_price: part(|gain| gain.price),
        gain_fx: part(|gain| gain.fx),
        gain_cross: part(|gain| gain.cross),
    }
}

/// An open lot is worth its share of the holding.
fn open_row(fold: &PortfolioFold, holding: &Holding, lot: &OpenLot, valued: &ValuationRow) -> LotRow {
    let cost = lot.cost_base.ok_or_else(|| no_rate(fold, holding.currency, lot.opened));
    let local = valued.value_local.clone().map(|value| {
        let market = value - valued.accrued;
        if holding.quantity.is_zero() {
            Decimal::ZERO
        } else {
            round_money(market * lot.quantity / holding.quantity)
        }
    });
    let gain = (|| {
        let (local, cost, rate) = (local.clone()?, cost.clone()?, valued.rate.clone()?.value);
        let opened = lot
            .rate_opened
            .ok_or_else(|| no_rate(fold, holding.currency, lot.opened))?;
        Ok(Gain::split(
            lot.cost,
            local,
            cost,
            round_money(local * rate),
            opened,
            rate,
        ))
    })();
    let worth = (|| Ok(round_money(local.clone()? * valued.rate.clone()?.value)))();
    row(
        fold,
        (holding.instrument, holding.account),
        (lot.opened, None),
        lot.quantity,
        cost,
        worth,
        gain,
    )
}

fn closed_row(fold: &PortfolioFold, lot: &ClosedLot) -> LotRow {
    let cost = lot.cost_base.ok_or_else(|| no_rate(fold, lot.currency, lot.opened));
    let proceeds = lot.proceeds_base.ok_or_else(|| no_rate(fold, lot.currency, lot.closed));
    let unknown = if lot.cost_base.is_none() {
        lot.opened
    } else {
        lot.closed
    };
    let gain = lot.gain().ok_or_else(|| no_rate(fold, lot.currency, unknown));
    row(
        fold,
        (lot.instrument, lot.account),
        (lot.opened, Some(lot.closed)),
        lot.quantity,
        cost,
        proceeds,
        gain,
    )
}
