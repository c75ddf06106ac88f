//! Options and bonds valued anew by a model: from the price they are quoted at, moved by what the scenario moves.

use apex_analytics::pricing::bond::{Bond, BondFlows};
use apex_analytics::pricing::day_count::DayCount as Counting;
use apex_analytics::pricing::{OptionKind, Terms as OptionTerms};
use apex_analytics::scenario::revalue::{OptionShock, american_after, bond_after};
use apex_domain::{DayCount, Instrument, InstrumentId, OptionRight, Terms};
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

use super::moves::{Change, Moves};
use crate::fold::{PRICE_AGE_DAYS_MAX, PortfolioFold};

/// Days of a year of an option's life.
const YEAR_DAYS: f64 = 365.0;

/// Returns the change of an option's price, its underlying having moved: American exercise, no dividends, the
/// volatility its quoted price implies.
pub(super) fn option(
    moves: &Moves<'_>,
    option: &Instrument,
    underlying: &Instrument,
    moved: Change,
) -> Result<Change, String> {
    let fold = moves.fold();
    let (terms, quote) = option_terms(fold, option, underlying, moves.interest())?;
    let years = terms.years;
    let shock = OptionShock {
        spot: moved.change,
        volatility: moves.volatility_shift(underlying),
        rate: moves.rate_shift(option.currency, years),
    };
    if shock == OptionShock::default() {
        return Ok(moved);
    }
    if quote == 0.0 {
        return Err("its price is zero, which no volatility explains".to_owned());
    }
    let after = american_after(&terms, quote, &shock).map_err(|err| err.to_string())?;
    let underlying_moved = format!("{} {:+.1}%", fold.symbol(underlying.id), moved.change * 100.0);
    let volatility = after.volatility.map_or_else(
        || "worth its exercise".to_owned(),
        |volatility| format!("volatility {:.1}%{}", volatility * 100.0, shifted(shock.volatility)),
    );
    Ok(Change {
        change: after.price / quote - 1.0,
        how: vec![format!("repriced: {underlying_moved}, {volatility}")],
        proxy: moved.proxy,
    })
}

/// Returns the terms of an option on the day without its volatility, and its quoted price, or why they are not known.
pub(crate) fn option_terms(
    fold: &PortfolioFold,
    option: &Instrument,
    underlying: &Instrument,
    interest: f64,
) -> Result<(OptionTerms, f64), String> {
    let Terms::Option {
        strike, expiry, right, ..
    } = &option.terms
    else {
        return Err("it has no terms of an option".to_owned());
    };
    let days = fold.as_of().until(*expiry).map_or(0, |span| span.get_days());
    if days < 0 {
        return Err(format!("it expired on {expiry}"));
    }
    let years = f64::from(days) / YEAR_DAYS;
    let (quote, spot) = (price(fold, option.id)?, price(fold, underlying.id)?);
    let terms = OptionTerms {
        kind: match right {
            OptionRight::Call => OptionKind::Call,
            OptionRight::Put => OptionKind::Put,
        },
        spot,
        strike: strike.to_f64().ok_or("its strike is out of range")?,
        years,
        rate: interest,
        dividend_yield: 0.0,
        volatility: 0.0,
    };
    Ok((terms, quote))
}

fn shifted(shift: f64) -> String {
    if shift == 0.0 {
        String::new()
    } else {
        format!(" {:+.1} points", shift * 100.0)
    }
}

/// Returns the change of a bond's clean price under a shift of its rates and spread by the time of payment, and how.
pub(super) fn bond(
    fold: &PortfolioFold,
    bond: &Instrument,
    shift: impl Fn(f64) -> f64,
) -> Result<(f64, String), String> {
    let settle = fold.as_of();
    let flows = bond_flows(fold, bond)?;
    let clean = price(fold, bond.id)?;
    let after = bond_after(&flows, settle, clean, shift).map_err(|err| err.to_string())?;
    let how = format!("repriced: yield {:.2}%", after.yield_ * 100.0);
    Ok((after.clean / clean - 1.0, how))
}

/// Returns the payments of a bond that has not matured, or why they are not known.
pub(crate) fn bond_flows(fold: &PortfolioFold, bond: &Instrument) -> Result<BondFlows, String> {
    let Terms::Bond {
        coupon_rate,
        frequency,
        issue,
        maturity,
        day_count,
    } = &bond.terms
    else {
        return Err("it has no terms of a bond".to_owned());
    };
    let settle = fold.as_of();
    if *maturity <= settle {
        return Err(format!("it matured on {maturity}"));
    }
    Bond {
        issue: issue.map_or_else(|| year_before(settle), Ok)?,
        maturity: *maturity,
        coupon: coupon_rate.to_f64().ok_or("its coupon is out of range")?,
        // A bond without coupons is quoted at a yearly yield.
        frequency: (*frequency).max(1),
        day_count: match day_count {
            DayCount::Thirty360 => Counting::Thirty360Us,
            DayCount::ActualActual => Counting::ActualActualIcma,
            DayCount::Actual365 => Counting::Actual365Fixed,
            DayCount::Actual360 => Counting::Actual360,
        },
        end_of_month: false,
    }
    .flows()
    .map_err(|err| err.to_string())
}

/// A day before any payment that is left, where the day of issue is not known: interest of a regular first period only.
fn year_before(day: Date) -> Result<Date, String> {
    day.checked_sub(jiff::Span::new().years(1))
        .map_err(|err| err.to_string())
}

/// The price an instrument is valued at on the day of the book.
pub(crate) fn price(fold: &PortfolioFold, id: InstrumentId) -> Result<f64, String> {
    let priced = fold
        .prices()
        .price(id, fold.as_of(), PRICE_AGE_DAYS_MAX)
        .map_err(|reason| fold.because(&reason))?;
    let priced = fold.book().on_its_count(priced, id, fold.as_of());
    priced
        .value
        .to_f64()
        .filter(|price| *price >= 0.0)
        .ok_or_else(|| format!("the price of {} is out of range", fold.symbol(id)))
}
