//! The portfolio Balanced: euros, with US stocks and ETFs, bonds in three currencies, covered calls, a fund and a
//! private asset in three accounts.

use apex_domain::{Currency, Transaction};
use jiff::civil::date;

use super::desk::{Desk, DeskTerms};
use super::market::Market;
use super::random::Random;
use super::us_core::Calendar;

/// Makes ten years of Balanced.
pub(crate) fn trade(
    market: &mut Market,
    securities: DeskTerms,
    bonds: DeskTerms,
    alternatives: DeskTerms,
    seed: u64,
) -> Vec<Transaction> {
    let mut random = Random::named(seed, "balanced");
    let mut securities = Desk::new(securities, seed);
    let mut bonds = Desk::new(bonds, seed);
    let mut alternatives = Desk::new(alternatives, seed);
    // Ten of the stocks, each seed its own.
    let mut choice = market.stocks.clone();
    while choice.len() > 10 {
        choice.remove(random.below(choice.len()));
    }
    let start = market.on_or_after(date(2013, 1, 2));
    for day in start..market.days.len() {
        for desk in [&mut securities, &mut bonds, &mut alternatives] {
            desk.open_day(market, day);
        }
        if day == start {
            securities.deposit(market, Currency::EUR, 38_000_000.0, "initial funding");
            bonds.deposit(market, Currency::EUR, 30_000_000.0, "initial funding");
            alternatives.deposit(market, Currency::EUR, 9_000_000.0, "initial funding");
            continue;
        }
        let Some(calendar) = Calendar::of(market, day) else {
            continue;
        };
        let first_weeks = day == start + 3;
        if calendar.month_begins || first_weeks {
            let quarter = calendar.month % 3 == 1 || first_weeks;
            if random.unit() < 0.7 {
                let amount = (random.between(0.1e6, 0.45e6) / 1000.0).round() * 1000.0;
                securities.deposit(market, Currency::EUR, amount, "contribution");
            }
            if quarter {
                equity_quarter(market, &mut securities, &choice, day);
                bond_quarter(market, &mut bonds, day);
                alternatives_quarter(market, &mut alternatives, day, calendar.year);
                for (desk, rate) in [
                    (&mut securities, 0.0007),
                    (&mut bonds, 0.0004),
                    (&mut alternatives, 0.0008),
                ] {
                    desk.fee(
                        market,
                        Currency::EUR,
                        desk.nav(market, day) * rate,
                        "management fee of the quarter",
                    );
                    // Cash paid a little until 2014 and cost a little until 2022.
                    let rate = if calendar.year < 2014 || calendar.year > 2021 {
                        0.0004
                    } else {
                        -0.0008
                    };
                    desk.interest(
                        market,
                        Currency::EUR,
                        desk.cash(Currency::EUR) * rate,
                        "interest on cash",
                    );
                }
            }
        }
        if calendar.trading_day_of_month == 10 && calendar.month % 2 == 0 {
            write_calls(market, &mut securities, &choice, day, &mut random);
        }
        if calendar.month == 6 && calendar.trading_day_of_month == 12 {
            bonds.withdraw(
                market,
                Currency::EUR,
                random.between(0.3e6, 0.9e6),
                "yearly distribution",
            );
        }
    }
    let mut transactions = securities.into_transactions();
    transactions.extend(bonds.into_transactions());
    transactions.extend(alternatives.into_transactions());
    transactions
}

/// Buys the dollars that the targets need or sells those they do not, then trades to the targets.
fn equity_quarter(market: &Market, desk: &mut Desk, choice: &[usize], day: usize) {
    let total = desk.nav(market, day);
    let mut targets: Vec<(usize, f64)> = choice.iter().map(|at| (*at, 0.066)).collect();
    let with_funds = market
        .funds
        .first()
        .is_some_and(|fund| market.close(*fund, day).is_some());
    if with_funds {
        targets.extend([(market.funds[1], 0.07), (market.funds[3], 0.07)]);
    }
    targets.push((market.mutual_fund, 0.11));
    let dollars: f64 = targets
        .iter()
        .filter(|(at, _)| market.currency(*at) == Currency::USD)
        .map(|(at, weight)| weight * total - desk.value(market, *at, day))
        .sum();
    let wanted = (dollars + total * 0.02) * market.fx(Currency::EUR, Currency::USD, day) - desk.cash(Currency::USD);
    if wanted.abs() > 25_000.0 {
        let euros = wanted / market.fx(Currency::EUR, Currency::USD, day);
        desk.exchange(market, market.pairs[0], -euros * 1.01);
    }
    desk.rebalance(market, &targets, total, 0.006);
}

/// Weights of the bonds in the order of the market's list; what has matured leaves its share to the others.
fn bond_quarter(market: &Market, desk: &mut Desk, day: usize) {
    let weights = [0.16, 0.16, 0.12, 0.14, 0.12, 0.09, 0.09, 0.08];
    let alive: Vec<(usize, f64)> = market
        .bonds
        .iter()
        .zip(weights)
        .filter(|(at, _)| market.close(**at, day).is_some() && market.close(**at, day + 70).is_some())
        .map(|(at, weight)| (*at, weight))
        .collect();
    let sum: f64 = alive.iter().map(|(_, weight)| weight).sum();
    let total = desk.nav(market, day);
    let targets: Vec<(usize, f64)> = alive
        .iter()
        .map(|(at, weight)| (*at, weight / sum.max(0.6) * 0.955))
        .collect();
    for (slot, currency) in [(0, Currency::USD), (1, Currency::CHF)] {
        let lacking: f64 = targets
            .iter()
            .filter(|(at, _)| market.currency(*at) == currency)
            .map(|(at, weight)| weight * total - desk.value(market, *at, day))
            .sum::<f64>()
            .max(0.0)
            * 1.02
            * market.fx(Currency::EUR, currency, day)
            - desk.cash(currency);
        if lacking < 20_000.0 {
            continue;
        }
        if slot == 0 {
            desk.exchange(
                market,
                market.pairs[0],
                -lacking / market.fx(Currency::EUR, Currency::USD, day),
            );
        } else {
            // Francs are bought with dollars that euros bought just before.
            let dollars = lacking * market.fx(Currency::CHF, Currency::USD, day) * 1.01;
            desk.exchange(
                market,
                market.pairs[0],
                -dollars / market.fx(Currency::EUR, Currency::USD, day),
            );
            desk.exchange(market, market.pairs[1], lacking);
        }
    }
    desk.rebalance(market, &targets, total, 0.012);
}

/// Six capital calls in the first two years, then marks every quarter and distributions once a year.
fn alternatives_quarter(market: &Market, desk: &mut Desk, day: usize, year: i16) {
    let asset = market.private;
    let called = year < 2015 && desk.cash(Currency::EUR) > 1.5e6;
    if called {
        let unit = desk.unit_value(market, asset, day);
        desk.trade_to(market, asset, desk.held(asset) + (1.25e6 / unit) as i64);
    }
    if desk.held(asset) > 0 {
        desk.mark(market, asset);
    }
    if year >= 2016 && market.days[day].month() == 4 {
        let income = desk.value(market, asset, day) * 0.035;
        desk.interest(
            market,
            Currency::EUR,
            income,
            "distribution of Alpine Wind Park III (simulated)",
        );
    }
}

/// Calls about 6 % above the price, two months out, on a third of two of the stocks.
fn write_calls(market: &mut Market, desk: &mut Desk, choice: &[usize], day: usize, random: &mut Random) {
    for _ in 0..2 {
        let at = choice[random.below(choice.len())];
        let contracts = desk.held(at) / 300;
        let moneyness = 1.0 + random.between(0.03, 0.08);
        if contracts < 1 {
            continue;
        }
        if let Some(option) = market.list_option(at, day, 2, moneyness, true, random)
            && desk.held(option) == 0
        {
            desk.trade_option(market, option, -contracts);
        }
    }
}
