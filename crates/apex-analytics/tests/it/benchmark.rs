//! Benchmarks made of others, by hand and by property.

use apex_analytics::benchmark::{Mix, blended, composite};
use apex_analytics::rebalance::RebalanceRule;
use apex_analytics::returns::weighted_daily;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::collection::vec;
use proptest::prelude::*;

const RULES: [RebalanceRule; 6] = [
    RebalanceRule::Daily,
    RebalanceRule::Monthly,
    RebalanceRule::Quarterly,
    RebalanceRule::Yearly,
    RebalanceRule::Never,
    RebalanceRule::DriftBand(0.02),
];

fn days(count: usize) -> Vec<Date> {
    (0..count).map(|day| date(2024, 11, 20) + (day as i64).days()).collect()
}

#[test]
fn weights_go_back_at_the_end_of_the_period_of_the_rule() {
    // From 20 November to 8 April: three ends of a month in between belong to a quarter or a year.
    let days = days(140);
    let (up, flat) = (vec![0.01; 140], vec![0.0; 140]);
    let table = [
        (RebalanceRule::Daily, (0..139).collect::<Vec<usize>>()),
        (RebalanceRule::Monthly, vec![10, 41, 72, 100, 131]),
        (RebalanceRule::Quarterly, vec![41, 131]),
        (RebalanceRule::Yearly, vec![41]),
        (RebalanceRule::Never, vec![]),
        // 0.6 g / (0.6 g + 0.4) leaves 0.65 with g = 1.238, after 22 days.
        (RebalanceRule::DriftBand(0.05), vec![21, 43, 65, 87, 109, 131]),
    ];
    for (rule, expected) in table {
        let blend = blended(&[&up, &flat], &[0.6, 0.4], &days, rule).unwrap();
        assert_eq!(blend.rebalanced, expected, "{rule:?}");
        for row in &expected {
            assert!((blend.returns[row + 1] - 0.006).abs() < 1e-15, "{rule:?} after {row}");
        }
    }
    assert_eq!(days[131], date(2025, 3, 31));
}

#[test]
fn a_new_mix_counts_from_its_day() {
    let (up, flat) = (vec![0.10; 4], vec![0.0; 4]);
    let dates = days(4);
    let mixes = [(dates[0], [0.5, 0.5]), (dates[2], [1.0, 0.0])];
    let mixes = mixes.map(|(from, weights)| Mix {
        from,
        weights: weights.to_vec(),
    });
    let blend = composite(&[&up, &flat], &mixes, &dates, RebalanceRule::Never).unwrap();
    let expected = [0.05, 0.055 / 1.05, 0.10, 0.10];
    assert!(
        blend
            .returns
            .iter()
            .zip(expected)
            .all(|(one, two)| (one - two).abs() < 1e-15)
    );
    assert_eq!(blend.rebalanced, [1]);
    let late = composite(&[&up, &flat], &mixes[1..], &dates, RebalanceRule::Never);
    assert_eq!(late.unwrap_err().to_string(), "mix at index 0 is out of order");
    let err = blended(&[&up, &flat], &[0.5, 0.4], &dates, RebalanceRule::Never).unwrap_err();
    assert_eq!(err.to_string(), "sum of the weights is 0.9; it must be 1");
    assert!(blended(&[], &[], &dates, RebalanceRule::Never).is_err());
    let ruin = blended(&[&[-0.6; 4], &flat], &[2.0, -1.0], &dates, RebalanceRule::Never).unwrap_err();
    assert_eq!(
        ruin.to_string(),
        "return of the composite at index 0 loses everything: -1.2"
    );
}

proptest! {
    #[test]
    fn a_blend_of_one_component_is_that_component(returns in vec(-0.5..0.5, 1..200)) {
        for rule in RULES {
            let blend = blended(&[&returns], &[1.0], &days(returns.len()), rule).unwrap();
            prop_assert!(blend.returns.iter().zip(&returns).all(|(one, two)| (one - two).abs() < 1e-12));
        }
    }

    #[test]
    fn daily_rebalancing_is_the_weighted_mean_and_never_is_the_drifted_one(
        columns in vec(vec(-0.1..0.1, 60), 2..5), shares in vec(0.1..1.0, 4),
    ) {
        let sum: f64 = shares[..columns.len() - 1].iter().sum();
        let mut weights: Vec<f64> = shares[..columns.len() - 1].iter().map(|share| share / sum / 2.0).collect();
        weights.push(1.0 - weights.iter().sum::<f64>());
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let daily = blended(&slices, &weights, &days(60), RebalanceRule::Daily).unwrap();
        let expected = weighted_daily(&weights, &slices).unwrap();
        prop_assert!(daily.returns.iter().zip(&expected).all(|(one, two)| (one - two).abs() < 1e-15));
        let held = blended(&slices, &weights, &days(60), RebalanceRule::Never).unwrap();
        let growth = |returns: &[f64]| returns.iter().fold(1.0, |wealth, value| wealth * (1.0 + value));
        let drifted: f64 = weights.iter().zip(&slices).map(|(weight, column)| weight * growth(column)).sum();
        prop_assert!((growth(&held.returns) / drifted - 1.0).abs() < 1e-12);
        prop_assert!((held.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
