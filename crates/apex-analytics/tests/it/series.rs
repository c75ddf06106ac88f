//! Series for charts and tables against the reference file and plain recomputation.

use apex_analytics::gap::GapColumn;
use apex_analytics::measure::{drawdown, relative, sharpe, volatility};
use apex_analytics::returns::{equal_weight_daily, simple_returns};
use apex_analytics::series::calendar::{calendar_returns, monthly_table};
use apex_analytics::series::correlation::{correlation_matrix, covariance_matrix};
use apex_analytics::series::decimate::decimate;
use apex_analytics::series::episode::{deepest_falls, worst};
use apex_analytics::series::histogram::histogram;
use apex_analytics::series::rolling::rolling;
use apex_analytics::twr::{FlowTiming, linked};
use proptest::prelude::*;

use crate::reference::{close, golden, prices};

fn equal_weight() -> Vec<f64> {
    let table = prices("sp500_dataset.csv.gz");
    let returns: Vec<Vec<f64>> = table
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect();
    equal_weight_daily(&returns.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap()
}

fn index() -> Vec<f64> {
    simple_returns(&prices("sp500_index.csv.gz").columns[0]).unwrap()
}

#[test]
fn rolling_measures_agree_with_the_reference() {
    let golden = golden("tearsheet_20.json");
    let table = prices("sp500_dataset.csv.gz");
    let (own, other) = (equal_weight(), index());
    let rolling = rolling(&own, Some(&other), 252).unwrap();
    let columns = [
        ("vol", &rolling.vol),
        ("beta", &rolling.beta),
        ("corr", &rolling.corr),
        ("sharpe", &rolling.sharpe),
    ];
    for (row, expected) in golden["rolling252_EW_vs_SP500"].as_object().unwrap() {
        let row: usize = row.parse().unwrap();
        assert_eq!(expected["date"].as_str().unwrap(), table.dates[row + 1].to_string());
        for (key, column) in columns {
            let (actual, expected) = (column.get(row).unwrap(), expected[key].as_f64().unwrap());
            assert!(
                close(actual, expected),
                "{key} at {row}: {actual} instead of {expected}"
            );
        }
    }
    for (key, column) in columns {
        let sum: f64 = column.iter().flatten().sum();
        assert!(
            close(sum, golden["rolling252_sums"][key].as_f64().unwrap()),
            "sum of {key}: {sum}"
        );
        assert_eq!(column.iter().flatten().count(), own.len() - 251, "{key}");
    }
}

#[test]
fn rolling_measures_survive_level_series() {
    // At a level of 1e8 running sums of squares have no digit left; the plain two passes decide.
    let own: Vec<f64> = (0..600).map(|row| 1e8 + f64::from(row * row % 97)).collect();
    let other: Vec<f64> = (0..600).map(|row| 1e8 + f64::from(row * row % 89) / 3.0).collect();
    let rolling = rolling(&own, Some(&other), 50).unwrap();
    for row in 49..600 {
        let (own, other) = (&own[row - 49..=row], &other[row - 49..=row]);
        let near = |actual: Option<f64>, expected: Option<f64>| {
            let (actual, expected) = (actual.unwrap(), expected.unwrap());
            assert!(
                (actual - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "{row}: {actual} {expected}"
            );
        };
        near(rolling.vol.get(row), volatility::annualized(own));
        near(rolling.sharpe.get(row), sharpe::sharpe(own, 0.0));
        near(rolling.corr.get(row), relative::correlation(own, other));
        near(rolling.beta.get(row), relative::beta(own, other));
    }
}

#[test]
fn a_window_that_never_moves_has_no_ratio() {
    let mut returns = vec![0.01, 0.02];
    returns.extend([0.005; 10]);
    let rolling = rolling(&returns, Some(&returns), 4).unwrap();
    assert!(rolling.vol.get(4).unwrap() > 0.0);
    for row in 5..12 {
        assert_eq!(
            (rolling.vol.get(row), rolling.sharpe.get(row), rolling.beta.get(row)),
            (Some(0.0), None, None)
        );
    }
}

#[test]
fn calendar_returns_agree_with_the_reference() {
    let golden = &golden("tearsheet_20.json")["calendar_returns"];
    let table = prices("sp500_dataset.csv.gz");
    let apple = simple_returns(&table.columns[0]).unwrap();
    for (name, series) in [("EW_DAILY", equal_weight()), ("SP500", index()), ("AAPL", apple)] {
        let calendar = serde_json::to_value(calendar_returns(&table.dates[1..], &series).unwrap()).unwrap();
        for block in ["yearly", "monthly"] {
            let (actual, expected) = (
                calendar[block].as_object().unwrap(),
                golden[name][block].as_object().unwrap(),
            );
            assert_eq!(actual.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
            for (key, expected) in expected {
                assert!(
                    close(actual[key].as_f64().unwrap(), expected.as_f64().unwrap()),
                    "{name} {key}"
                );
            }
        }
        let rows = monthly_table(&table.dates[1..], &series).unwrap();
        assert_eq!(
            (rows.len(), rows[0].year, rows[32].months.iter().flatten().count()),
            (33, 1990, 12)
        );
    }
}

#[test]
fn matrices_agree_with_pairs() {
    let table = prices("sp500_dataset.csv.gz");
    let returns: Vec<Vec<f64>> = table.columns[..6]
        .iter()
        .map(|column| simple_returns(&column[..500]).unwrap())
        .collect();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let (correlation, covariance) = (
        correlation_matrix(&columns).unwrap(),
        covariance_matrix(&columns).unwrap(),
    );
    for row in 0..6 {
        for column in 0..6 {
            let expected = relative::correlation(columns[row], columns[column]).unwrap();
            assert!(close(correlation.get(row, column).unwrap(), expected));
            assert_eq!(correlation.get(row, column), correlation.get(column, row));
            let expected = relative::covariance(columns[row], columns[column]).unwrap();
            assert!(close(covariance.get(row, column).unwrap(), expected));
        }
    }
    assert_eq!(correlation.get(0, 6), None);
    assert!(correlation_matrix(&[&[1.0, 2.0], &[1.0]]).is_err());
}

#[test]
fn the_worst_days_and_falls_are_those_of_the_tear_sheet() {
    let series = equal_weight();
    assert_eq!(worst(&series, 1), [7608]);
    let falls = deepest_falls(&series, 5);
    assert_eq!(falls[0], drawdown::max_drawdown(&series).unwrap());
    assert!(falls.windows(2).all(|pair| pair[0].depth <= pair[1].depth));
    assert!(deepest_falls(&[0.1, 0.0, 0.2], 3).is_empty());
}

#[test]
fn linked_returns_bridge_gaps_and_unfunded_days() {
    // Unfunded, funded with 100 (flow at the start), unknown while 50 comes in, then 165: 165 / 150.
    let values = GapColumn::from_options(&[Some(0.0), Some(110.0), None, Some(176.0), Some(0.0), Some(0.0)]);
    let flows = [0.0, 100.0, 50.0, 0.0, -176.0, 0.0];
    let answer = linked(&values, &flows, FlowTiming::End).unwrap();
    assert_eq!(
        answer
            .returns
            .get(3)
            .map(|value| (value - (126.0 / 110.0 - 1.0)).abs() < 1e-12),
        Some(true)
    );
    let start = linked(&values, &flows, FlowTiming::Start).unwrap();
    assert_eq!(start.returns.to_options()[..3], [None, Some(0.10000000000000009), None]);
    assert!((start.growth.get(3).unwrap() - 1.1 * 176.0 / 160.0).abs() < 1e-12);
    assert_eq!(start.growth.get(2), None);
    assert_eq!(start.growth.get(5), start.growth.get(3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn decimation_keeps_extremes_and_order(
        values in prop::collection::vec(prop::option::weighted(0.95, -1e3_f64..1e3), 1..3000),
        pixels in 1_usize..200,
    ) {
        let column = GapColumn::from_options(&values);
        let drawn = decimate(&column, pixels);
        prop_assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(drawn.len() <= (5 * pixels).max(values.len().min(4 * pixels)));
        let extreme = |rows: &mut dyn Iterator<Item = usize>| {
            let known = rows.filter_map(|row| column.get(row));
            known.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)))
        };
        prop_assert_eq!(extreme(&mut drawn.iter().copied()), extreme(&mut (0..values.len())));
    }

    #[test]
    fn every_value_falls_into_its_bin(values in prop::collection::vec(-1.0_f64..1.0, 1..300), bins in 1_usize..40) {
        let histogram = histogram(&values, bins).unwrap();
        prop_assert_eq!(histogram.counts.iter().sum::<usize>(), values.len());
        let last = histogram.counts.len() - 1;
        for (bin, count) in histogram.counts.iter().enumerate() {
            let (low, high) = (histogram.edges[bin], histogram.edges[bin + 1]);
            let inside = values.iter().filter(|value| **value >= low && (**value < high || bin == last)).count();
            prop_assert_eq!(*count, inside);
        }
    }
}
