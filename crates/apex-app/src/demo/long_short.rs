//! The portfolio Long/Short: US dollars, the year's winners long and its losers short, puts and calls, and a reserve.

use apex_domain::{Currency, Transaction};
use jiff::civil::date;

use super::desk::{Desk, DeskTerms};
use super::market::Market;
use super::random::Random;
use super::us_core::Calendar;

/// Makes ten years of Long/Short.
pub(crate) fn trade(market: &mut Market, prime: DeskTerms, reserve: DeskTerms, seed: u64) -> Vec<Transaction> {
    let mut random = Random::named(seed, "long/short");
    let mut prime = Desk::new(prime, seed);
    let mut reserve = Desk::new(reserve, seed);
    let start = market.on_or_after(date(2013, 1, 2));
    let mut targets: Vec<(usize, f64)> = Vec::new();
    for day in start..market.days.len() {
        for desk in [&mut prime, &mut reserve] {
            desk.open_day(market, day);
        }
        if day == start {
            prime.deposit(market, Currency::USD, 36_000_000.0, "subscriptions at launch");
            reserve.deposit(market, Currency::USD, 6_000_000.0, "subscriptions at launch");
            continue;
        }
        let Some(calendar) = Calendar::of(market, day) else {
            continue;
        };
        let launch = day == start + 2;
        if launch || (calendar.month_begins && calendar.month % 6 == 1 && day > start + 20) {
            targets = choose(market, day, &mut random);
        }
        if launch || (calendar.month_begins && day > start + 20) {
            let total = prime.nav(market, day);
            // What is no longer wanted is closed first.
            let mut orders: Vec<(usize, f64)> = market
                .stocks
                .iter()
                .chain([&market.spin_off.child])
                .filter(|at| prime.held(**at) != 0 && !targets.iter().any(|(wanted, _)| wanted == *at))
                .map(|at| (*at, 0.0))
                .collect();
            orders.extend(&targets);
            let whole = launch || calendar.month % 6 == 1;
            prime.rebalance(market, &orders, total, if whole { 0.003 } else { 0.011 });
            let shorts: f64 = market
                .stocks
                .iter()
                .map(|at| prime.value(market, *at, day).min(0.0))
                .sum::<f64>()
                .abs();
            prime.fee(market, Currency::USD, shorts * 0.006 / 12.0, "stock borrow fee");
            prime.interest(
                market,
                Currency::USD,
                prime.cash(Currency::USD) * 0.0005,
                "short rebate",
            );
            if calendar.month % 3 == 1 {
                let bill = market.bonds[5];
                let reserve_total = reserve.nav(market, day);
                reserve.rebalance(market, &[(bill, 0.93)], reserve_total, 0.02);
                prime.fee(market, Currency::USD, total * 0.00375, "management fee of the quarter");
            }
            if random.unit() < 0.25 {
                let amount = (random.between(0.2e6, 1.2e6) / 10_000.0).round() * 10_000.0;
                prime.deposit(market, Currency::USD, amount, "subscription");
            } else if random.unit() < 0.15 {
                prime.withdraw(market, Currency::USD, random.between(0.2e6, 1.1e6), "redemption");
            }
        }
        if calendar.trading_day_of_month == 6 && calendar.month % 3 == 2 {
            protect(market, &mut prime, &targets, day, &mut random);
        }
    }
    let mut transactions = prime.into_transactions();
    transactions.extend(reserve.into_transactions());
    transactions
}

/// Ranks the stocks by the return of the last year, shaken a little, and takes eleven long and eight short.
fn choose(market: &Market, day: usize, random: &mut Random) -> Vec<(usize, f64)> {
    let mut ranked: Vec<(f64, usize)> = market
        .stocks
        .iter()
        .filter(|at| **at != market.spin_off.parent)
        .filter_map(|at| {
            let past = day.saturating_sub(250);
            let split: f64 = market.listed[*at]
                .traded
                .splits
                .iter()
                .filter(|split| past < split.ex && split.ex <= day)
                .map(|split| f64::from(split.new) / f64::from(split.old))
                .product();
            Some((
                market.close(*at, day)? * split / market.close(*at, past)? + random.normal() * 0.08,
                *at,
            ))
        })
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let longs = ranked.iter().take(11).map(|(_, at)| (*at, 0.068));
    let shorts = ranked.iter().rev().take(8).map(|(_, at)| (*at, -0.05));
    longs.chain(shorts).collect()
}

/// Puts on one of the longs and calls on another stock, three months out.
fn protect(market: &mut Market, desk: &mut Desk, targets: &[(usize, f64)], day: usize, random: &mut Random) {
    let longs: Vec<usize> = targets
        .iter()
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(at, _)| *at)
        .collect();
    let (Some(protected), Some(hoped)) = (
        longs.get(random.below(longs.len())).copied(),
        longs.get(random.below(longs.len())).copied(),
    ) else {
        return;
    };
    let puts = desk.held(protected) / 200;
    if puts > 0
        && let Some(option) = market.list_option(protected, day, 3, 0.95, false, random)
        && desk.held(option) == 0
    {
        desk.trade_option(market, option, puts);
    }
    if hoped != protected
        && let Some(option) = market.list_option(hoped, day, 3, 1.04, true, random)
        && desk.held(option) == 0
    {
        let contracts = (desk.nav(market, day) * 0.012 / desk.unit_value(market, hoped, day) / 100.0) as i64;
        desk.trade_option(market, option, contracts);
    }
}
