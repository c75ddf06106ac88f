//! Backtests of policies: what a portfolio that is never touched must be, what cannot be seen, and the divisions of a
//! sample.

use apex_analytics::backtest::policy::{equal_weights, inverse_volatility};
use apex_analytics::backtest::split::{combinatorial_purged, purged_k_fold, walk_forward_splits};
use apex_analytics::backtest::{Backtest, BacktestSettings, Past, Window, walk_forward};
use apex_analytics::measure::volatility::deviation;
use apex_analytics::rebalance::RebalanceRule;
use apex_analytics::returns::{equal_weight_buy_and_hold, equal_weight_daily, simple_returns};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::reference::{close, prices};

const SETTINGS: BacktestSettings = BacktestSettings {
    window: Window::Rolling(0),
    rule: RebalanceRule::Never,
    delay: 0,
    cost: 0.0,
};

fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

fn days(count: usize) -> Vec<Date> {
    (0..count).map(|day| date(2020, 1, 1) + (day as i64).days()).collect()
}

/// The same backtest a day at a time: drift the weights, and trade at the close of the last day of each month.
fn day_by_day(dates: &[Date], columns: &[Vec<f64>], window: usize, cost: f64) -> Vec<f64> {
    let (mut weights, mut value) = (vec![0.0; columns.len()], 1.0);
    let mut wealth = vec![1.0];
    for row in 1..dates.len() {
        let returns: Vec<f64> = columns
            .iter()
            .map(|column| column[row] / column[row - 1] - 1.0)
            .collect();
        let growth: f64 = 1.0
            + weights
                .iter()
                .zip(&returns)
                .map(|(weight, value)| weight * value)
                .sum::<f64>();
        value *= growth;
        for (weight, change) in weights.iter_mut().zip(&returns) {
            *weight *= (1.0 + change) / growth;
        }
        let ends = row + 1 < dates.len() && dates[row].month() != dates[row + 1].month();
        if ends && row >= window {
            let mut new: Vec<f64> = columns
                .iter()
                .map(|column| 1.0 / deviation(&simple_returns(&column[row - window..=row]).unwrap()).unwrap())
                .collect();
            let sum: f64 = new.iter().sum();
            new.iter_mut().for_each(|weight| *weight /= sum);
            let turnover: f64 = new.iter().zip(&weights).map(|(new, old)| (new - old).abs()).sum();
            value *= 1.0 - turnover * cost;
            weights = new;
        }
        wealth.push(value);
    }
    wealth
}

#[test]
fn monthly_inverse_volatility_is_what_day_by_day_accounting_says() {
    let table = prices("sp500_dataset.csv.gz");
    let settings = BacktestSettings {
        window: Window::Rolling(63),
        rule: RebalanceRule::Monthly,
        cost: 5e-4,
        ..SETTINGS
    };
    let test = walk_forward(&table.dates, &slices(&table.columns), &settings, inverse_volatility).unwrap();
    let expected = day_by_day(&table.dates, &table.columns, 63, 5e-4);
    assert_eq!(test.wealth.len(), expected.len());
    for (actual, expected) in test.wealth.iter().zip(&expected) {
        assert!(close(*actual, *expected), "{actual} instead of {expected}");
    }
    assert!(test.rebalancings.len() > 390 && test.turnover() > 1.0);
    let first = &test.rebalancings[0];
    assert!(close(first.turnover, 1.0) && close(first.cost, 5e-4));
}

#[test]
fn equal_weights_every_day_are_the_daily_rebalanced_portfolio() {
    let table = prices("sp500_dataset.csv.gz");
    let settings = BacktestSettings {
        rule: RebalanceRule::Daily,
        ..SETTINGS
    };
    let test = walk_forward(&table.dates, &slices(&table.columns), &settings, equal_weights).unwrap();
    let returns: Vec<Vec<f64>> = table
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect();
    let expected = equal_weight_daily(&slices(&returns)).unwrap();
    for (actual, expected) in test.returns().iter().zip(&expected) {
        assert!((actual - expected).abs() < 1e-12);
    }
}

#[test]
fn a_band_trades_only_when_it_is_left() {
    // One asset rises by 10% a day: half and half is 55 to 50 after a day, 60.5 after two, 66.55 after three.
    let rising: Vec<f64> = (0..6).map(|day| 1.1f64.powi(day)).collect();
    let settings = BacktestSettings {
        rule: RebalanceRule::DriftBand(0.05),
        ..SETTINGS
    };
    let test = walk_forward(&days(6), &[&rising, &[1.0; 6]], &settings, equal_weights).unwrap();
    let rows: Vec<usize> = test.rebalancings.iter().map(|rebalancing| rebalancing.row).collect();
    assert_eq!(rows, [0, 3]);
    assert!(close(test.rebalancings[1].turnover, 2.0 * (1.331 / 2.331 - 0.5)));
}

#[test]
fn a_policy_may_wait_and_cash_earns_nothing() {
    let falling = [100.0, 90.0, 80.0, 88.0];
    let settings = BacktestSettings {
        window: Window::Expanding(1),
        rule: RebalanceRule::Daily,
        ..SETTINGS
    };
    // Nothing on the second day, half on the third.
    let test = walk_forward(&days(4), &[&falling], &settings, |past| {
        assert_eq!(past.prices(0).len(), past.returns(0).len() + 1);
        (past.returns(0).len() > 1).then(|| vec![0.5])
    })
    .unwrap();
    assert_eq!(test.wealth[..3], [1.0, 1.0, 1.0]);
    assert!(close(test.wealth[3], 1.05));
    assert_eq!(test.rebalancings.len(), 1);
}

#[test]
fn a_decision_knows_the_weights_held_and_nothing_later() {
    let columns = [vec![10.0, 15.0, 20.0, 30.0], vec![5.0, 5.0, 5.0, 5.0]];
    let settings = BacktestSettings {
        window: Window::Rolling(0),
        rule: RebalanceRule::Daily,
        delay: 0,
        cost: 0.0,
    };
    let mut seen = Vec::new();
    let half = |past: &Past<'_>| {
        seen.push((past.row(), past.weights().to_vec(), past.prices(0).to_vec()));
        Some(vec![0.5, 0.5])
    };
    walk_forward(&days(4), &slices(&columns), &settings, half).unwrap();
    // The first half grew by a half: 0.75 of 1.25. Then by a third: 2/3 of 7/6.
    assert_eq!(seen[0], (0, vec![0.0, 0.0], vec![10.0]));
    assert!((seen[1].1[0] - 0.6).abs() < 1e-15 && seen[1].2 == [15.0]);
    assert!((seen[2].1[0] - 4.0 / 7.0).abs() < 1e-15 && seen.len() == 3);
    let columns = slices(&columns);
    assert!(Past::at(&columns, Window::Rolling(2), 1, &[0.0; 2]).is_none());
    assert!(Past::at(&columns, Window::Expanding(1), 4, &[0.0; 2]).is_none());
    let last = Past::at(&columns, Window::Rolling(2), 3, &[0.5; 2]).unwrap();
    assert_eq!(
        (last.prices(0), last.weights()),
        (&[15.0, 20.0, 30.0][..], &[0.5; 2][..])
    );
}

#[test]
fn an_asset_that_stands_still_gets_no_inverse_volatility() {
    let settings = BacktestSettings {
        window: Window::Rolling(2),
        ..SETTINGS
    };
    let moving = [1.0, 1.1, 1.0, 1.2];
    let test = walk_forward(&days(4), &[&[5.0; 4], &moving], &settings, inverse_volatility).unwrap();
    assert_eq!(test.rebalancings[0].weights, [0.0, 1.0]);
    let test = walk_forward(&days(4), &[&[5.0; 4]], &settings, inverse_volatility).unwrap();
    assert!(test.rebalancings.is_empty() && test.wealth == [1.0; 4]);
}

#[test]
fn what_cannot_be_tested_is_refused_by_name() {
    let ask = |prices: &[&[f64]], settings: &BacktestSettings, weights: Vec<f64>| {
        let dates = days(3);
        let answer = walk_forward(&dates, prices, settings, |_| Some(weights.clone()));
        answer.unwrap_err().to_string()
    };
    let prices: &[f64] = &[1.0, 2.0, 0.1];
    assert_eq!(ask(&[], &SETTINGS, vec![]), "list of assets is empty");
    assert_eq!(
        ask(&[&[1.0, 0.0, 1.0]], &SETTINGS, vec![1.0]),
        "price at index 1 is not above zero: 0"
    );
    assert_eq!(
        ask(&[prices], &SETTINGS, vec![]),
        "list of policy weights has a length of 0 where 1 is needed"
    );
    assert_eq!(
        ask(&[prices], &SETTINGS, vec![f64::NAN]),
        "policy weight at index 0 is not a finite number"
    );
    let costly = BacktestSettings { cost: 1.0, ..SETTINGS };
    assert_eq!(
        ask(&[prices], &costly, vec![1.0]),
        "cost is 1; it must be at least 0 and below 1"
    );
    // Bought with borrowed money, and ruined.
    let ruin = ask(&[prices], &SETTINGS, vec![3.0]);
    assert!(
        ruin.starts_with("value of the backtest at index 2 is not above zero"),
        "{ruin}"
    );
    let band = BacktestSettings {
        rule: RebalanceRule::DriftBand(-0.1),
        ..SETTINGS
    };
    assert_eq!(
        ask(&[prices], &band, vec![1.0]),
        "drift band is -0.1; it must be at least 0"
    );
}

#[test]
fn folds_are_purged_where_labels_overlap() {
    // López de Prado (2018), chapter 7: a label needs two more rows; one row is held back after the test.
    let ends: Vec<usize> = (0..12).map(|row: usize| (row + 2).min(11)).collect();
    let splits = purged_k_fold(&ends, 3, 1).unwrap();
    assert_eq!(splits[0].test, [0, 1, 2, 3]);
    assert_eq!(splits[0].train, [7, 8, 9, 10, 11]); // 4 and 5 are in the labels of 2 and 3; 6 is held back.
    assert_eq!(splits[1].train, [0, 1, 11]); // The labels of 2 and 3 reach into the test.
    assert_eq!(splits[2].train, [0, 1, 2, 3, 4, 5]);
    assert!(purged_k_fold(&ends, 1, 0).is_err() && purged_k_fold(&ends, 13, 0).is_err());
    assert!(walk_forward_splits(&ends, 0, 1).is_err() && walk_forward_splits(&ends, 12, 1).is_err());
    assert!(purged_k_fold(&[0, 0], 2, 0).is_err() && purged_k_fold(&[0, 2], 2, 0).is_err());
    assert!(combinatorial_purged(&ends, 3, 3, 0).is_err() && combinatorial_purged(&ends, 3, 0, 0).is_err());
}

#[test]
fn combinatorial_paths_test_every_group_once() {
    // López de Prado (2018), section 12.3: six groups of which two are tested make 15 splits and 5 paths.
    let ends: Vec<usize> = (0..60).collect();
    let division = combinatorial_purged(&ends, 6, 2, 0).unwrap();
    assert_eq!((division.splits.len(), division.paths.len()), (15, 5));
    assert_eq!(division.tested[0], [0, 1]);
    let mut used = std::collections::BTreeSet::new();
    for path in &division.paths {
        for (group, split) in path.iter().enumerate() {
            assert!(division.tested[*split].contains(&group));
            assert!(used.insert((group, *split)), "each test is used once");
        }
    }
    assert_eq!(used.len(), 30);
}

/// Prices of two to five assets over some days.
fn markets() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2usize..6, 10usize..120).prop_flat_map(|(assets, rows)| {
        vec(vec(-0.05..0.05, rows), assets).prop_map(|columns| {
            let walk = |column: Vec<f64>| {
                let mut price: f64 = 100.0;
                let grow = |value| {
                    price *= 1.0 + value;
                    price
                };
                column.into_iter().map(grow).collect()
            };
            columns.into_iter().map(walk).collect()
        })
    })
}

fn run(columns: &[Vec<f64>], settings: &BacktestSettings) -> Backtest {
    walk_forward(&days(columns[0].len()), &slices(columns), settings, inverse_volatility).unwrap()
}

proptest! {
    #[test]
    fn bought_once_at_no_cost_is_the_drifted_portfolio(columns in markets()) {
        let columns_ = slices(&columns);
        let test = walk_forward(&days(columns[0].len()), &columns_, &SETTINGS, equal_weights).unwrap();
        let expected = equal_weight_buy_and_hold(&columns_).unwrap();
        for (actual, expected) in test.returns().iter().zip(&expected) {
            prop_assert!((actual - expected).abs() < 1e-12);
        }
        let last: Vec<f64> = columns.iter().map(|column| column[column.len() - 1] / column[0]).collect();
        let sum: f64 = last.iter().sum();
        for (weight, growth) in test.weights.iter().zip(&last) {
            prop_assert!((weight - growth / sum).abs() < 1e-12);
        }
    }

    #[test]
    fn the_future_never_changes_the_past(columns in markets(), at in 0.0..1.0, shock in 0.5..2.0, delay in 0usize..3) {
        let cut = (columns[0].len() as f64 * at) as usize;
        let mut other = columns.clone();
        for (column, scale) in other.iter_mut().zip([shock, 1.0 / shock].into_iter().cycle()) {
            for (price, row) in column[cut..].iter_mut().zip(1u32..) {
                *price *= 1.0 + (scale - 1.0) * f64::from(row % 3);
            }
        }
        let band = RebalanceRule::DriftBand(0.02);
        for rule in [RebalanceRule::Daily, RebalanceRule::Monthly, RebalanceRule::Never, band] {
            for window in [Window::Rolling(5), Window::Expanding(5)] {
                let settings = BacktestSettings { window, rule, delay, cost: 0.001 };
                let (one, two) = (run(&columns, &settings), run(&other, &settings));
                prop_assert_eq!(&one.wealth[..cut], &two.wealth[..cut]);
                let early = |test: &Backtest| -> Vec<_> {
                    test.rebalancings.iter().filter(|trade| trade.row < cut).cloned().collect()
                };
                prop_assert_eq!(early(&one), early(&two));
            }
        }
    }

    #[test]
    fn costs_only_take_away(columns in markets(), cost in 0.0001..0.05) {
        let settings = BacktestSettings { window: Window::Rolling(5), rule: RebalanceRule::Daily, delay: 0, cost: 0.0 };
        let (free, paid) = (run(&columns, &settings), run(&columns, &BacktestSettings { cost, ..settings }));
        for (free, paid) in free.wealth.iter().zip(&paid.wealth) {
            prop_assert!(*paid <= *free * (1.0 + 1e-12));
        }
        for (free, paid) in free.rebalancings.iter().zip(&paid.rebalancings) {
            prop_assert_eq!(&free.weights, &paid.weights);
            prop_assert!((paid.cost - paid.turnover * cost).abs() < 1e-15);
        }
    }

    #[test]
    fn no_training_label_shares_a_row_with_a_test_label(
        lengths in vec(0usize..6, 12..60), folds in 3usize..7, embargo in 0usize..4,
    ) {
        let rows = lengths.len();
        let ends: Vec<usize> = lengths.iter().enumerate().map(|(row, length)| (row + length).min(rows - 1)).collect();
        let division = combinatorial_purged(&ends, folds, 2, embargo).unwrap();
        for split in purged_k_fold(&ends, folds, embargo).unwrap().iter().chain(&division.splits) {
            for test in &split.test {
                for train in &split.train {
                    prop_assert!(ends[*train] < *test || *train > ends[*test]);
                }
            }
        }
        for split in walk_forward_splits(&ends, folds, 2).unwrap() {
            prop_assert!(split.train.iter().all(|train| ends[*train] < split.test[0]));
        }
        let tested: usize = purged_k_fold(&ends, folds, embargo).unwrap().iter().map(|split| split.test.len()).sum();
        prop_assert_eq!(tested, rows);
    }
}
