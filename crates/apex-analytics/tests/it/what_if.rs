//! Returns of a portfolio with some weights changed, against those added up in full.

use apex_analytics::AnalyticsError;
use apex_analytics::returns::{WeightChange, reweighted, weighted_daily};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn nothing_changed_is_the_same_to_the_last_bit() {
    let before = [0.1, -0.0, 0.3, f64::MIN_POSITIVE];
    let after = reweighted(&before, &[], 1.0).unwrap();
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<u64>>();
    assert_eq!(bits(&after), bits(&before));
}

#[test]
fn what_cannot_be_added_up_is_refused() {
    let short = WeightChange {
        change: 0.1,
        returns: &[0.01],
    };
    assert!(matches!(
        reweighted(&[0.1, 0.2], &[short], 1.0),
        Err(AnalyticsError::Length { .. })
    ));
    let unknown = WeightChange {
        change: f64::NAN,
        returns: &[0.01],
    };
    assert!(matches!(
        reweighted(&[0.1], &[unknown], 1.0),
        Err(AnalyticsError::NotFinite { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Some weights of a portfolio change and its value with them; adding up everything again is the same up to the
    /// rounding of one sum.
    #[test]
    fn a_few_weights_changed_is_the_whole_added_up_again(
        columns in vec(vec(-0.2..0.2_f64, 40), 1..30),
        weights in vec((-0.5..0.5_f64, -0.5..0.5_f64, any::<bool>()), 30),
        scale in 0.5..2.0_f64,
    ) {
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let weights = &weights[..columns.len()];
        let old: Vec<f64> = weights.iter().map(|(old, _, _)| *old).collect();
        let new: Vec<f64> = weights.iter().map(|(old, new, edited)| if *edited { *new } else { *old }).collect();
        let before = weighted_daily(&old, &columns).unwrap();
        let changes: Vec<WeightChange<'_>> = columns
            .iter()
            .zip(old.iter().zip(&new))
            .filter(|(_, (old, new))| old != new)
            .map(|(returns, (old, new))| WeightChange { change: new - old, returns })
            .collect();
        let after = reweighted(&before, &changes, scale).unwrap();
        let scaled: Vec<f64> = new.iter().map(|weight| weight * scale).collect();
        let full = weighted_daily(&scaled, &columns).unwrap();
        let parts = columns.len() as f64;
        for (day, (after, full)) in after.iter().zip(&full).enumerate() {
            let sizes: f64 = columns
                .iter()
                .zip(old.iter().zip(&new))
                .map(|(column, (old, new))| (old.abs() + new.abs()) * column[day].abs() * scale)
                .sum();
            prop_assert!((after - full).abs() <= 4.0 * (parts + 4.0) * f64::EPSILON * sizes, "{after} and {full}");
        }
    }
}
