//! Covariance estimators against scikit-learn's values and hand calculations.

use apex_analytics::AnalyticsError;
use apex_analytics::covariance::{
    SymmetricMatrix, column_means, correlation, denoised_covariance, exponential_covariance, ledoit_wolf,
    oracle_approximating, repaired, sample_covariance, weighted_covariance,
};
use apex_analytics::returns::simple_returns;
use proptest::prelude::*;
use serde_json::Value;

use crate::reference::{close, golden, prices};

pub(crate) fn returns() -> Vec<Vec<f64>> {
    prices("sp500_dataset.csv.gz")
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect()
}

pub(crate) fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

fn agree(name: &str, actual: &[f64], expected: &Value) {
    let expected: Vec<f64> = expected
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect();
    assert_eq!(actual.len(), expected.len(), "{name}");
    for (at, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
        assert!(
            close(*actual, *expected),
            "{name}[{at}]: {actual} instead of {expected}"
        );
    }
}

#[test]
fn estimators_agree_with_the_reference() {
    let golden = &golden("optimisers_20.json")["covariance"];
    let returns = returns();
    let columns = slices(&returns);
    let sample = sample_covariance(&columns).unwrap();
    for (row, expected) in golden["sample_ddof1"].as_array().unwrap().iter().enumerate() {
        agree("sample", sample.row(row), expected);
    }
    agree("mean", &column_means(&columns), &golden["mean_daily"]);
    agree("eigenvalues", &sample.eigenvalues().unwrap(), &golden["eigenvalues"]);
    let wolf = ledoit_wolf(&columns).unwrap();
    assert!(close(wolf.shrinkage, golden["ledoit_wolf_shrinkage"].as_f64().unwrap()));
    let trace: f64 = wolf.covariance.diagonal().iter().sum();
    assert!(close(trace, golden["ledoit_wolf_trace"].as_f64().unwrap()));
    agree("ledoit_wolf", wolf.covariance.row(0), &golden["ledoit_wolf_first_row"]);
    let oracle = oracle_approximating(&columns).unwrap();
    assert!(close(oracle.shrinkage, golden["oas_shrinkage"].as_f64().unwrap()));
    agree("oas", oracle.covariance.row(0), &golden["oas_first_row"]);
    let weighted = exponential_covariance(&columns, 0.94).unwrap();
    agree(
        "ewma",
        weighted.row(0),
        &golden["ewma94_weighted_mean_biased_first_row"],
    );
}

#[test]
fn denoising_keeps_variances_and_the_market() {
    let returns = returns();
    let sample = sample_covariance(&slices(&returns)).unwrap();
    let denoised = denoised_covariance(&slices(&returns)).unwrap();
    assert_eq!(denoised.covariance.diagonal(), sample.diagonal());
    assert!(denoised.signals >= 1 && denoised.signals < 20, "{}", denoised.signals);
    let eigenvalues = denoised.covariance.eigenvalues().unwrap();
    assert!(eigenvalues[0] > 0.0);
    // What chance explains is one number: the noisy eigenvalues of the correlation lie close together.
    let own = correlation(&denoised.covariance).unwrap().eigenvalues().unwrap();
    let before = correlation(&sample).unwrap().eigenvalues().unwrap();
    assert!(own[0] > before[0], "{own:?} {before:?}");
    assert!((own[19] / before[19] - 1.0).abs() < 0.1, "{own:?} {before:?}");
}

#[test]
fn a_matrix_that_is_no_covariance_is_repaired_and_a_good_one_is_left_alone() {
    // The nearest correlation matrix of Higham (2002), section 1: a 3 by 3 matrix with two ones and a zero.
    let wrong = SymmetricMatrix::new(3, vec![1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0]).unwrap();
    let nearest = repaired(&wrong, 1e-10).unwrap();
    let expected = [1.0, 0.7607, 0.1573, 0.7607, 1.0, 0.7607, 0.1573, 0.7607, 1.0];
    for (actual, expected) in nearest.covariance.values().iter().zip(expected) {
        assert!((actual - expected).abs() < 5e-5, "{:?}", nearest.covariance);
    }
    assert!(nearest.covariance.eigenvalues().unwrap()[0] > 0.0);
    let good = SymmetricMatrix::new(2, vec![4.0, 1.0, 1.0, 9.0]).unwrap();
    let same = repaired(&good, 1e-8).unwrap();
    assert_eq!((same.covariance, same.change_max), (good, 0.0));
}

#[test]
fn what_has_no_covariance_is_refused_by_name() {
    assert_eq!(
        sample_covariance(&[]),
        Err(AnalyticsError::Empty { what: "list of assets" })
    );
    assert!(matches!(
        sample_covariance(&[&[0.01]]),
        Err(AnalyticsError::Window { .. })
    ));
    assert!(matches!(
        sample_covariance(&[&[0.1, f64::NAN]]),
        Err(AnalyticsError::NotFinite { index: 1, .. })
    ));
    assert!(matches!(
        sample_covariance(&[&[0.1, 0.2], &[0.1]]),
        Err(AnalyticsError::Length { .. })
    ));
    let decay = exponential_covariance(&[&[0.1, 0.2]], 1.0).unwrap_err();
    assert_eq!(
        decay.to_string(),
        "decay is 1; it must be between 0 and 1, both excluded"
    );
    assert!(weighted_covariance(&[&[0.1, 0.2]], &[0.5, 0.6]).is_err());
    assert!(weighted_covariance(&[&[0.1, 0.2]], &[1.5, -0.5]).is_err());
    let flat = sample_covariance(&[&[0.1, 0.1], &[0.1, 0.3]]).unwrap();
    assert!(matches!(
        correlation(&flat),
        Err(AnalyticsError::NotPositive {
            what: "variance",
            index: 0,
            ..
        })
    ));
    assert!(SymmetricMatrix::new(2, vec![1.0, 0.5, 0.4, 1.0]).is_err());
}

/// An estimator of these tests.
type Estimate = fn(&[&[f64]]) -> SymmetricMatrix;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn estimates_are_symmetric_and_do_not_depend_on_the_order_of_assets(
        values in prop::collection::vec(-0.1_f64..0.1, 12 * 4),
        scale in 0.01_f64..100.0,
    ) {
        let columns: Vec<Vec<f64>> = values.chunks(12).map(<[f64]>::to_vec).collect();
        let turned: Vec<Vec<f64>> = columns.iter().rev().cloned().collect();
        let larger: Vec<Vec<f64>> = columns.iter().map(|one| one.iter().map(|value| value * scale).collect()).collect();
        let estimates: [Estimate; 4] = [
            |columns| sample_covariance(columns).unwrap(),
            |columns| ledoit_wolf(columns).unwrap().covariance,
            |columns| oracle_approximating(columns).unwrap().covariance,
            |columns| exponential_covariance(columns, 0.9).unwrap(),
        ];
        for estimate in estimates {
            let (one, other, scaled) = (estimate(&slices(&columns)), estimate(&slices(&turned)), estimate(&slices(&larger)));
            for row in 0..4 {
                for column in 0..4 {
                    prop_assert_eq!(one.at(row, column), one.at(column, row));
                    prop_assert!((one.at(row, column) - other.at(3 - row, 3 - column)).abs() < 1e-15);
                    prop_assert!((scaled.at(row, column) / scale / scale - one.at(row, column)).abs() < 1e-13);
                }
            }
            prop_assert!(one.eigenvalues().unwrap()[0] > -1e-15);
        }
    }

    #[test]
    fn a_repaired_matrix_is_positive_definite_and_keeps_its_variances(
        entries in prop::collection::vec(-0.99_f64..0.99, 10),
        variances in prop::collection::vec(0.01_f64..4.0, 5),
    ) {
        let mut values = vec![0.0; 25];
        let mut entries = entries.into_iter();
        for row in 0..5 {
            values[row * 6] = variances[row];
            for column in 0..row {
                let value = entries.next().unwrap() * (variances[row] * variances[column]).sqrt();
                values[row * 5 + column] = value;
                values[column * 5 + row] = value;
            }
        }
        let matrix = SymmetricMatrix::new(5, values).unwrap();
        let repaired = repaired(&matrix, 1e-8).unwrap().covariance;
        prop_assert_eq!(repaired.diagonal(), matrix.diagonal());
        let smallest = correlation(&repaired).unwrap().eigenvalues().unwrap()[0];
        prop_assert!(smallest > 0.0, "{}", smallest);
    }
}
