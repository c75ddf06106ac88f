//! Scenarios against hand calculations, and what must hold for any.

use apex_analytics::AnalyticsError;
use apex_analytics::pricing::american::{Accuracy, price};
use apex_analytics::pricing::{OptionKind, Terms};
use apex_analytics::scenario::conditional::likely_moves;
use apex_analytics::scenario::revalue::{OptionShock, american_after};
use apex_analytics::scenario::reverse::{linear_reverse_stress, reverse_stress};
use apex_analytics::scenario::split::split_whole;
use apex_analytics::series::correlation::covariance_matrix;
use proptest::prelude::*;

#[test]
fn two_shocks_move_a_third_by_its_partial_betas() {
    // z = 2x - y exactly, so any pair of shocks moves it by twice the first less the second.
    let x = [0.01, -0.02, 0.03, 0.00, -0.01];
    let y = [0.02, 0.01, -0.01, -0.03, 0.01];
    let z: Vec<f64> = x.iter().zip(&y).map(|(x, y)| 2.0 * x - y).collect();
    let answer = likely_moves(&[&x, &y], &[-0.10, 0.05], &[&z]).unwrap();
    assert!((answer.moves[0] + 0.25).abs() < 1e-14, "{answer:?}");
}

#[test]
fn the_distance_of_one_shock_is_its_size_over_its_deviation() {
    // Deviations of (1, -1, 1, -1)%, n - 1: root of 4/3 percent.
    let x = [0.01, -0.01, 0.01, -0.01];
    let answer = likely_moves(&[&x], &[0.04], &[]).unwrap();
    assert!((answer.distance - 0.04 / (4.0_f64 / 3.0).sqrt() * 100.0).abs() < 1e-12);
}

#[test]
fn shocks_that_follow_from_each_other_are_refused() {
    let x = [0.01, -0.02, 0.03, 0.00];
    let refused = likely_moves(&[&x, &x], &[0.1, 0.2], &[]);
    assert_eq!(
        refused,
        Err(AnalyticsError::Degenerate {
            what: "shocked series",
            reason: "depend on each other: one of them follows from the others",
        })
    );
    assert!(likely_moves(&[], &[], &[]).is_err());
    assert!(likely_moves(&[&x], &[f64::NAN], &[]).is_err());
}

#[test]
fn a_book_without_risk_has_no_reverse_stress() {
    assert_eq!(linear_reverse_stress(&[0.0], &[1.0], 0.1), Ok(None));
    assert_eq!(
        linear_reverse_stress(&[1e-4, 0.0, 0.0, 1e-4], &[0.0, 0.0], 0.1),
        Ok(None)
    );
}

#[test]
fn the_reverse_stress_of_a_curved_book_loses_just_the_amount_where_its_contour_touches() {
    // A result of r1 - 4 r1^2 + r2: the loss is reached, and the move is C times the gradient there.
    let covariance = [4e-4, 1e-4, 1e-4, 9e-4];
    let result = |r: &[f64]| (r[0] - 4.0 * r[0] * r[0] + r[1], vec![1.0 - 8.0 * r[0], 1.0]);
    let answer = reverse_stress(&covariance, 2, 0.08, result).unwrap().unwrap();
    let (value, gradient) = result(&answer.moves);
    assert!((value + 0.08).abs() < 1e-9);
    let spread = [4e-4 * gradient[0] + 1e-4, 1e-4 * gradient[0] + 9e-4];
    let ratio = answer.moves[0] / spread[0];
    assert!((answer.moves[1] / spread[1] - ratio).abs() < 1e-4 * ratio.abs());
}

#[test]
fn an_option_is_repriced_at_the_volatility_of_its_quote() {
    let put = Terms {
        kind: OptionKind::Put,
        spot: 80.0,
        strike: 90.0,
        years: 0.4,
        rate: 0.03,
        dividend_yield: 0.01,
        volatility: 0.35,
    };
    let quote = price(&put, Accuracy::Standard).unwrap();
    let still = american_after(&put, quote, &OptionShock::default()).unwrap();
    assert!((still.price - quote).abs() < 1e-9 && (still.volatility.unwrap() - 0.35).abs() < 1e-7);
    let shock = OptionShock {
        spot: 0.05,
        volatility: 0.1,
        rate: 0.01,
    };
    let moved = american_after(&put, quote, &shock).unwrap();
    let direct = Terms {
        spot: 84.0,
        volatility: 0.45,
        rate: 0.04,
        ..put
    };
    assert!((moved.price - price(&direct, Accuracy::Standard).unwrap()).abs() < 1e-6);
}

#[test]
fn an_option_quoted_at_its_exercise_follows_its_underlying() {
    let call = Terms {
        kind: OptionKind::Call,
        spot: 120.0,
        strike: 100.0,
        years: 0.1,
        rate: 0.0,
        dividend_yield: 0.0,
        volatility: 0.0,
    };
    let shock = OptionShock {
        spot: -0.05,
        ..OptionShock::default()
    };
    let after = american_after(&call, 20.0, &shock).unwrap();
    assert_eq!(after.volatility, None);
    assert!((after.price - 14.0).abs() < 1e-12);
    assert!(american_after(&call, f64::NAN, &shock).is_err());
    assert!(
        american_after(&call, 200.0, &shock).is_err(),
        "no volatility makes a call dearer than its underlying"
    );
}

fn columns() -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(prop::collection::vec(-0.05_f64..0.05, 40), 4)
}

proptest! {
    #[test]
    fn moves_grow_with_the_shock_and_do_not_depend_on_the_unit(columns in columns(), shock in -0.3_f64..0.3, scale in 0.1_f64..10.0) {
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let one = likely_moves(&slices[..1], &[shock], &slices[1..]).unwrap();
        let double = likely_moves(&slices[..1], &[2.0 * shock], &slices[1..]).unwrap();
        let scaled: Vec<Vec<f64>> = columns.iter().map(|column| column.iter().map(|value| value * scale).collect()).collect();
        let slices: Vec<&[f64]> = scaled.iter().map(Vec::as_slice).collect();
        let scaled = likely_moves(&slices[..1], &[shock], &slices[1..]).unwrap();
        for ((one, double), scaled) in one.moves.iter().zip(&double.moves).zip(&scaled.moves) {
            prop_assert!((double - 2.0 * one).abs() < 1e-12);
            prop_assert!((scaled - one).abs() < 1e-9 * (1.0 + one.abs()));
        }
    }

    #[test]
    fn the_most_plausible_loss_is_exact_and_nearer_than_any_other(columns in columns(), loss in 0.01_f64..0.5, other in prop::collection::vec(-1.0_f64..1.0, 4)) {
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let covariance: Vec<f64> = covariance_matrix(&slices).unwrap().values().iter().map(|value| value.unwrap()).collect();
        let weights = [0.4, 0.3, 0.2, 0.1];
        let answer = linear_reverse_stress(&covariance, &weights, loss).unwrap().unwrap();
        let lost: f64 = answer.moves.iter().zip(weights).map(|(change, weight)| change * weight).sum();
        prop_assert!((lost + loss).abs() < 1e-12);
        // Any covector's bound: the distance of r is at least |v' r| / sqrt(v' C v), for v the weights it is reached.
        let quadratic = |v: &[f64]| -> f64 {
            (0..4).map(|row| (0..4).map(|column| v[row] * covariance[row * 4 + column] * v[column]).sum::<f64>()).sum()
        };
        let bound: f64 = other.iter().zip(&answer.moves).map(|(v, r)| v * r).sum::<f64>().abs() / quadratic(&other).sqrt().max(1e-12);
        prop_assert!(bound <= answer.distance * (1.0 + 1e-9));
    }
}

proptest! {
    #[test]
    fn the_parts_of_a_split_add_up_to_the_whole(
        whole in -1e6..1e6_f64, alone in prop::collection::vec(-1e6..1e6_f64, 1..8),
    ) {
        let parts = split_whole(whole, &alone);
        let size = whole.abs() + alone.iter().map(|part| part.abs()).sum::<f64>();
        prop_assert!((parts.iter().sum::<f64>() - whole).abs() <= 1e-12 * size);
        // Beside one that does something, what does nothing alone has no part.
        let with_idle: Vec<f64> = alone.iter().copied().chain([0.0]).collect();
        let parts = split_whole(whole, &with_idle);
        prop_assert!(alone.iter().all(|part| *part == 0.0) || parts.last() == Some(&0.0));
    }
}
