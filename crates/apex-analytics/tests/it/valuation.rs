//! Valuation kernels against plain folds, and incremental against full computation.

use std::collections::{BTreeMap, VecDeque};

use apex_analytics::AnalyticsError;
use apex_analytics::gap::GapColumn;
use apex_analytics::valuation::contribution::contributions;
use apex_analytics::valuation::ledger::{LedgerColumns, LedgerTrade, PriceGrid, value_ledger};
use apex_analytics::valuation::lots::{average_cost, fifo};
use apex_analytics::valuation::nav::{Flow, Holding, HoldingSeries, Span, Step, nav_series};
use proptest::prelude::*;

/// A ledger with its own columns.
#[derive(Default, Debug, Clone)]
struct Ledger {
    day: Vec<u32>,
    account: Vec<u32>,
    instrument: Vec<u32>,
    quantity: Vec<f64>,
    price: Vec<f64>,
    fee: Vec<f64>,
}

impl Ledger {
    fn of(mut trades: Vec<LedgerTrade>) -> Self {
        trades.sort_by_key(|trade| trade.day);
        let mut ledger = Self::default();
        for trade in trades {
            ledger.day.push(trade.day as u32);
            ledger.account.push(trade.account as u32);
            ledger.instrument.push(trade.instrument as u32);
            ledger.quantity.push(trade.quantity);
            ledger.price.push(trade.price);
            ledger.fee.push(trade.fee);
        }
        ledger
    }

    fn columns(&self) -> LedgerColumns<'_> {
        LedgerColumns {
            day: &self.day,
            account: &self.account,
            instrument: &self.instrument,
            quantity: &self.quantity,
            price: &self.price,
            fee: &self.fee,
        }
    }
}

const DAYS: usize = 300;
const INSTRUMENTS: usize = 11;
const ACCOUNTS: usize = 3;

fn grid() -> Vec<f64> {
    (0..DAYS * INSTRUMENTS)
        .map(|cell| 50.0 + ((cell * 7919) % 1000) as f64 / 64.0)
        .collect()
}

fn trades() -> impl Strategy<Value = Vec<LedgerTrade>> {
    let trade = (0..DAYS, 0..ACCOUNTS, 0..INSTRUMENTS, -100_i32..100, 3000_u32..7000).prop_map(
        |(day, account, instrument, quantity, cents)| LedgerTrade {
            day,
            account,
            instrument,
            quantity: f64::from(quantity),
            price: f64::from(cents) / 100.0,
            fee: 1.25,
        },
    );
    prop::collection::vec(trade, 1..120)
}

/// Returns market value and P&L by the plainest fold there is.
fn plain(trades: &[LedgerTrade], grid: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (mut values, mut pnl) = (vec![0.0; DAYS * ACCOUNTS], vec![0.0; DAYS * ACCOUNTS]);
    for account in 0..ACCOUNTS {
        let mut positions = [0.0; INSTRUMENTS];
        for day in 0..DAYS {
            let cell = day * ACCOUNTS + account;
            let price = |day: usize, instrument: usize| grid[day * INSTRUMENTS + instrument];
            if day > 0 {
                pnl[cell] = (0..INSTRUMENTS)
                    .map(|i| positions[i] * (price(day, i) - price(day - 1, i)))
                    .sum();
            }
            for trade in trades
                .iter()
                .filter(|trade| trade.day == day && trade.account == account)
            {
                positions[trade.instrument] += trade.quantity;
                pnl[cell] += trade.quantity * (price(day, trade.instrument) - trade.price) - trade.fee;
            }
            values[cell] = (0..INSTRUMENTS).map(|i| positions[i] * price(day, i)).sum();
        }
    }
    (values, pnl)
}

fn near(one: &[f64], two: &[f64]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(one, two)| (one - two).abs() < 1e-6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_ledger_is_worth_what_a_plain_fold_says(trades in trades()) {
        let prices = grid();
        let grid = PriceGrid::new(&prices, INSTRUMENTS).unwrap();
        let ledger = Ledger::of(trades.clone());
        let values = value_ledger(&ledger.columns(), &grid, ACCOUNTS).unwrap();
        let (market_values, pnls) = plain(&trades, &prices);
        prop_assert!(near(values.market_values(), &market_values));
        prop_assert!(near(values.pnls(), &pnls));
    }

    #[test]
    fn a_changed_day_costs_only_the_days_after_it(trades in trades(), late in trades()) {
        let prices = grid();
        let grid = PriceGrid::new(&prices, INSTRUMENTS).unwrap();
        let mut values = value_ledger(&Ledger::of(trades.clone()).columns(), &grid, ACCOUNTS).unwrap();
        let from = late.iter().map(|trade| trade.day).min().unwrap();
        let mut inserted = values.clone();
        for trade in &late {
            inserted.insert(&grid, trade).unwrap();
        }
        let all = Ledger::of([trades, late].concat());
        let full = value_ledger(&all.columns(), &grid, ACCOUNTS).unwrap();
        values.recompute_from(&all.columns(), &grid, from).unwrap();
        prop_assert_eq!(&values, &full);
        prop_assert!(near(inserted.market_values(), full.market_values()));
        prop_assert!(near(inserted.pnls(), full.pnls()));
        // What was inserted is the base of a later computation, too.
        inserted.recompute_from(&all.columns(), &grid, DAYS - 1).unwrap();
        prop_assert!(near(inserted.market_values(), full.market_values()));
    }

    #[test]
    fn lots_match_first_in_first_out(
        rows in prop::collection::vec((0_u32..4, -9_i64..10, 1_i64..1000), 0..200),
    ) {
        let key: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let quantity: Vec<i64> = rows.iter().map(|row| row.1).collect();
        let price: Vec<i64> = rows.iter().map(|row| row.2).collect();
        // The plain fold: a queue of single shares.
        let mut queues: BTreeMap<u32, VecDeque<(i64, i64)>> = BTreeMap::new();
        let mut gains = [0_i128; 4];
        for (key, quantity, price) in &rows {
            let queue = queues.entry(*key).or_default();
            let side = quantity.signum();
            for _ in 0..quantity.abs() {
                match queue.front() {
                    Some((held, entry)) if *held == -side => {
                        gains[*key as usize] += i128::from(held * (price - entry));
                        queue.pop_front();
                    }
                    _ => queue.push_back((side, *price)),
                }
            }
        }
        let realized = fifo(&key, &quantity, &price, 4).unwrap();
        prop_assert_eq!(&realized.gains, &gains);
        prop_assert_eq!(realized.total, gains.iter().sum::<i128>());
        for (key, queue) in &queues {
            prop_assert_eq!(realized.open[*key as usize], queue.iter().map(|lot| lot.0).sum::<i64>());
        }
        // Floats of whole numbers are exact, so both kernels agree to the last digit.
        let floats: Vec<f64> = quantity.iter().map(|quantity| *quantity as f64).collect();
        let prices: Vec<f64> = price.iter().map(|price| *price as f64).collect();
        let float = fifo(&key, &floats, &prices, 4).unwrap();
        prop_assert_eq!(float.total as i128, realized.total);
        // What is realized and what is open come from the same purchases, whatever the method.
        let average = average_cost(&key, &floats, &prices, 4).unwrap();
        prop_assert_eq!(average.open, float.open);
    }
}

#[test]
fn lots_of_the_textbook() {
    // 100@10, 100@12, 100@15; sell 150@14: first in first out gains 500, average cost 250.
    let (key, quantity, price) = ([0; 4], [100.0, 100.0, 100.0, -150.0], [10.0, 12.0, 15.0, 14.0]);
    assert_eq!(fifo(&key, &quantity, &price, 1).unwrap().total, 500.0);
    assert!((average_cost(&key, &quantity, &price, 1).unwrap().total - 250.0).abs() < 1e-9);
    // Short 10 at 50, covered by a purchase of 15 at 40: 100 gained, 5 held.
    let short = fifo(&[0, 0], &[-10_i64, 15], &[50, 40], 1).unwrap();
    assert_eq!((short.total, short.open[0]), (100, 5));
    assert!(matches!(
        fifo(&[1], &[1_i64], &[1], 1),
        Err(AnalyticsError::Outside { value: 1, .. })
    ));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let prices = grid();
    let grid = PriceGrid::new(&prices, INSTRUMENTS).unwrap();
    let trades = (0..500)
        .map(|index| LedgerTrade {
            day: index * 13 % DAYS,
            account: index % ACCOUNTS,
            instrument: index % INSTRUMENTS,
            quantity: (index % 17) as f64 / 3.0 - 2.0,
            price: 50.1,
            fee: 0.7,
        })
        .collect();
    let ledger = Ledger::of(trades);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| value_ledger(&ledger.columns(), &grid, ACCOUNTS).unwrap())
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn what_does_not_fit_the_grid_is_refused() {
    let prices = [1.0, 2.0];
    let grid = PriceGrid::new(&prices, 1).unwrap();
    let trade = LedgerTrade {
        day: 2,
        account: 0,
        instrument: 0,
        quantity: 1.0,
        price: 1.0,
        fee: 0.0,
    };
    let outside = value_ledger(&Ledger::of(vec![trade]).columns(), &grid, 1).unwrap_err();
    assert_eq!(outside.to_string(), "day at index 0 is 2, outside 0 to 1");
    assert!(PriceGrid::new(&[1.0, f64::NAN], 1).is_err());
    assert!(PriceGrid::new(&[1.0, 2.0, 3.0], 2).is_err());
}

#[test]
fn currency_moves_and_missing_rates_show_in_the_nav() {
    // 100 at USD 50, rate 0.90: 4,500. USD 60 at 0.95: 5,700. In between the rate is missing: no value, not zero.
    let prices = GapColumn::from_options(&[Some(50.0), Some(55.0), Some(60.0)]);
    let rates = GapColumn::from_options(&[Some(0.90), None, Some(0.95)]);
    let stock = Holding {
        steps: &[Step {
            row: 0,
            quantity: 100.0,
        }],
        flows: &[Flow { row: 0, amount: 4500.0 }],
        prices: Some(&prices),
        base_from_local: Some(&rates),
        multiplier: 1.0,
    };
    let series = nav_series(3, &[stock]).unwrap();
    assert_eq!(series.nav.to_options(), [Some(4500.0), None, Some(5700.0)]);
    assert_eq!(series.pnl.to_options(), [Some(0.0), None, Some(1200.0)]);
    assert_eq!(series.missing, [0, 1, 0]);
}

#[test]
fn what_is_not_held_needs_no_price() {
    // Sold out on row 1, split-adjusted rows unknown afterwards; a bond at 98.5 percent of face.
    let prices = GapColumn::from_options(&[Some(10.0), Some(11.0), None, None]);
    let stock = Holding {
        steps: &[Step { row: 0, quantity: 10.0 }, Step { row: 1, quantity: 0.0 }],
        flows: &[Flow { row: 0, amount: 100.0 }, Flow { row: 1, amount: -110.0 }],
        prices: Some(&prices),
        base_from_local: None,
        multiplier: 1.0,
    };
    let percent = GapColumn::from_options(&[Some(98.5); 4]);
    let bond = Holding {
        steps: &[Step {
            row: 2,
            quantity: 1000.0,
        }],
        flows: &[Flow { row: 2, amount: 985.0 }],
        prices: Some(&percent),
        multiplier: 0.01,
        ..stock
    };
    let series = nav_series(4, &[stock, bond]).unwrap();
    assert_eq!(
        series.nav.to_options(),
        [Some(100.0), Some(0.0), Some(985.0), Some(985.0)]
    );
    assert_eq!(series.pnl.to_options(), [Some(0.0), Some(10.0), Some(0.0), Some(0.0)]);
}

#[test]
fn a_holding_covers_the_rows_from_its_first_trade_to_its_close() {
    // 10 bought for 100 on row 1, no price on row 2, sold for 130 on row 3.
    let prices = GapColumn::from_options(&[Some(9.0), Some(10.0), None, Some(13.0), Some(14.0), None]);
    let stock = Holding {
        steps: &[Step { row: 1, quantity: 10.0 }, Step { row: 3, quantity: 0.0 }],
        flows: &[Flow { row: 1, amount: 100.0 }, Flow { row: 3, amount: -130.0 }],
        prices: Some(&prices),
        base_from_local: None,
        multiplier: 1.0,
    };
    let series = nav_series(6, &[stock]).unwrap();
    let HoldingSeries { value, pnl } = &series.holdings[0];
    assert_eq!(value.rows(), 1..4);
    let rows = |span: &Span| (0..6).map(|row| span.get(row)).collect::<Vec<_>>();
    assert_eq!(
        rows(value),
        [Some(0.0), Some(100.0), None, Some(0.0), Some(0.0), Some(0.0)]
    );
    assert_eq!(
        rows(pnl),
        [Some(0.0), Some(0.0), None, Some(30.0), Some(0.0), Some(0.0)]
    );
    assert_eq!(series.nav.to_options(), rows(value));
    assert_eq!(series.pnl.to_options(), rows(pnl));
}

#[test]
fn contributions_leave_nothing_over() {
    let pnl: Vec<Vec<f64>> = (0..7)
        .map(|asset| {
            (0..250)
                .map(|day| ((asset * 31 + day * 17) % 23) as f64 - 10.0)
                .collect()
        })
        .collect();
    let columns: Vec<&[f64]> = pnl.iter().map(Vec::as_slice).collect();
    let capital: Vec<f64> = (0..250).map(|day| 10_000.0 + f64::from(day)).collect();
    let parts = contributions(&columns, &capital).unwrap().unwrap();
    let growth: f64 = (0..250)
        .map(|day| 1.0 + columns.iter().map(|column| column[day]).sum::<f64>() / capital[day])
        .product();
    assert!((parts.total - (growth - 1.0)).abs() < 1e-12);
    assert_eq!(contributions(&[&[1.0]], &[0.0]).unwrap(), None);
}
