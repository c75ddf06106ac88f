//! The portfolio US Core: stocks and factor ETFs in US dollars, two accounts, measured against the S&P 500 price index.

use apex_domain::{Currency, Transaction};
use jiff::civil::date;

use super::desk::{Desk, DeskTerms};
use super::market::Market;
use super::random::Random;

/// Makes ten years of US Core.
pub(crate) fn trade(market: &Market, custody: DeskTerms, tax_managed: DeskTerms, seed: u64) -> Vec<Transaction> {
    let mut random = Random::named(seed, "us core");
    let tilts: Vec<f64> = market.stocks.iter().map(|_| random.between(0.7, 1.3)).collect();
    let tilt_sum: f64 = tilts.iter().sum();
    let mut custody = Desk::new(custody, seed);
    let mut tax_managed = Desk::new(tax_managed, seed);
    let start = market.on_or_after(date(2013, 1, 2));
    for day in start..market.days.len() {
        for desk in [&mut custody, &mut tax_managed] {
            desk.open_day(market, day);
        }
        if day == start {
            found(market, &mut custody, &mut tax_managed);
            continue;
        }
        // From 2014 the factor ETFs take 15 %, spread evenly.
        let with_funds = market
            .funds
            .first()
            .is_some_and(|fund| market.close(*fund, day).is_some());
        let stock_part = if with_funds { 0.83 } else { 0.975 };
        let mut targets: Vec<(usize, f64)> = market
            .stocks
            .iter()
            .zip(&tilts)
            .map(|(at, tilt)| (*at, stock_part * tilt / tilt_sum))
            .collect();
        if with_funds {
            targets.extend(market.funds.iter().map(|at| (*at, 0.029)));
        }
        if day < start + 15 {
            // The first money is invested in three tranches.
            if (day - start).is_multiple_of(5) {
                let part = [0.35, 0.7, 1.0][((day - start) / 5).min(2)];
                let tranche: Vec<_> = targets.iter().map(|(at, weight)| (*at, weight * part)).collect();
                custody.rebalance(market, &tranche, custody.nav(market, day), 0.001);
                tax_managed.rebalance(market, &tranche, tax_managed.nav(market, day), 0.001);
            }
            continue;
        }
        let Some(calendar) = Calendar::of(market, day) else {
            continue;
        };
        if calendar.month_begins {
            month(market, &mut custody, &targets, day, &mut random);
        }
        if calendar.month_begins && calendar.month % 3 == 1 {
            for (desk, band) in [(&mut custody, 0.006), (&mut tax_managed, 0.012)] {
                let total = desk.nav(market, day);
                let note = "management fee of the quarter";
                if calendar.month == 7 && calendar.year % 4 == 1 {
                    desk.fee_corrected_later(market, Currency::USD, total * 0.00045, note);
                } else {
                    desk.fee(market, Currency::USD, total * 0.00045, note);
                }
                desk.rebalance(market, &targets, total * 0.995, band);
            }
        }
        if calendar.month == 12 && calendar.trading_day_of_month == 8 {
            harvest_losses(market, &mut tax_managed, &targets, day);
            custody.withdraw(
                market,
                Currency::USD,
                random.between(0.8e6, 2.2e6),
                "yearly distribution to beneficiaries",
            );
        }
        if calendar.year == 2019 && calendar.month == 11 && calendar.trading_day_of_month == 5 {
            let gift = market.stocks[12];
            custody.transfer_out(market, gift, custody.held(gift) / 20, "gift in kind to the foundation");
        }
    }
    let mut transactions = custody.into_transactions();
    transactions.extend(tax_managed.into_transactions());
    transactions
}

/// Where a day stands in its month.
pub(crate) struct Calendar {
    pub(crate) year: i16,
    pub(crate) month: i8,
    pub(crate) month_begins: bool,
    pub(crate) trading_day_of_month: usize,
}

impl Calendar {
    pub(crate) fn of(market: &Market, day: usize) -> Option<Self> {
        let today = market.days.get(day)?;
        let first = market.on_or_after(today.first_of_month());
        Some(Self {
            year: today.year(),
            month: today.month(),
            month_begins: first == day,
            trading_day_of_month: day - first + 1,
        })
    }
}

fn found(market: &Market, custody: &mut Desk, tax_managed: &mut Desk) {
    custody.deposit(market, Currency::USD, 43_000_000.0, "initial funding");
    tax_managed.deposit(market, Currency::USD, 15_000_000.0, "initial funding");
    // Old holdings came along in kind, at what they once cost.
    let today = market.on_or_after(date(2013, 1, 2));
    for (slot, part) in [(4, 2.1e6), (7, 1.8e6), (9, 1.6e6), (19, 2.4e6)] {
        let at = market.stocks[slot];
        let Some(price) = market.close(at, today) else { continue };
        let units = (part / price / 100.0).round() as i64 * 100;
        custody.transfer_in(market, at, units, price * 0.62, date(2009, 4, 15));
    }
}

/// A contribution comes in most months and buys what is furthest below its target.
fn month(market: &Market, desk: &mut Desk, targets: &[(usize, f64)], day: usize, random: &mut Random) {
    let income = desk.cash(Currency::USD) * 0.0006;
    desk.interest(market, Currency::USD, income, "interest on cash");
    if random.unit() < 0.8 {
        let amount = (random.between(0.25e6, 0.9e6) / 1000.0).round() * 1000.0;
        desk.deposit(market, Currency::USD, amount, "contribution");
    }
    let total = desk.nav(market, day);
    let mut gaps: Vec<(f64, usize)> = targets
        .iter()
        .map(|(at, weight)| (weight * total - desk.value(market, *at, day), *at))
        .collect();
    gaps.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let spare = (desk.cash(Currency::USD) - total * 0.01).max(0.0);
    let lacking: f64 = gaps.iter().take(4).map(|(gap, _)| gap.max(0.0)).sum();
    for (gap, at) in gaps.into_iter().take(4).filter(|(gap, _)| *gap > 0.0) {
        let unit = desk.unit_value(market, at, day);
        let units = (gap.min(spare * gap / lacking.max(1.0)) / unit) as i64;
        if units > 0 {
            desk.trade_to(market, at, desk.held(at) + units);
        }
    }
}

/// In December the two weakest of the year are halved; the next rebalancing buys them back.
fn harvest_losses(market: &Market, desk: &mut Desk, targets: &[(usize, f64)], day: usize) {
    let mut years: Vec<(f64, usize)> = targets
        .iter()
        .filter_map(|(at, _)| {
            let then = market.close(*at, day.checked_sub(230)?)?;
            let split = market.listed[*at]
                .traded
                .splits
                .iter()
                .any(|split| day - 231 < split.ex && split.ex <= day);
            (!split).then_some((market.close(*at, day)? / then, *at))
        })
        .collect();
    years.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for (_, at) in years.into_iter().take(2) {
        desk.trade_to(market, at, desk.held(at) / 2);
    }
}
