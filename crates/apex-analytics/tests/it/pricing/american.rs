//! American options: reference values, both sides of symmetry, and how exact the default is.

use apex_analytics::pricing::american::{Accuracy, CriticalSpot, Scheme, critical_spot, price, price_with, value};
use apex_analytics::pricing::{OptionKind, Terms, european};

use super::{agree, number, terms};
use crate::reference::golden;

#[test]
fn american_prices_agree_with_the_reference() {
    let golden = golden("derivatives.json");
    let cases = golden["american"]["cases"].as_array().unwrap();
    assert!(cases.len() >= 20);
    for case in cases {
        let price = price(&terms(case), Accuracy::Standard).unwrap();
        match case["qdfp_high_precision"].as_f64() {
            Some(expected) => {
                let relative = (price / expected - 1.0).abs();
                assert!(relative < 1e-8, "{case}: {price}, off by {relative:e}");
            }
            None => agree(&format!("{case}"), price, number(case, "fd_800x801"), 1e-4),
        }
        let answer = value(&terms(case), Accuracy::Standard).unwrap();
        let greeks = answer.greeks.unwrap();
        // The reference's slopes are those of a grid of 800 nodes, and its theta is a difference over a day or so.
        agree(
            &format!("delta of {case}"),
            greeks.delta,
            number(case, "fd_delta"),
            1e-4,
        );
        let gamma = number(case, "fd_gamma");
        assert!(
            (greeks.gamma - gamma).abs() < 3e-4 * gamma.abs() + 1e-6,
            "{case}: {greeks:?}"
        );
        let theta = number(case, "fd_theta");
        let early = number(case, "days") < 30.0 || price < 0.01;
        assert!(early || (greeks.theta / theta - 1.0).abs() < 5e-3, "{case}: {greeks:?}");
    }
}

/// The puts with the terms of the reference calls. The reference values are the calls with the two sides exchanged.
#[test]
fn a_put_is_the_call_with_its_sides_exchanged() {
    let golden = golden("derivatives.json");
    for case in golden["american"]["cases"].as_array().unwrap() {
        let call = terms(case);
        let put = Terms {
            kind: OptionKind::Put,
            spot: call.strike,
            strike: call.spot,
            rate: call.dividend_yield,
            dividend_yield: call.rate,
            ..call
        };
        let expected = number(case, "qdfp_high_precision");
        let price = price(&put, Accuracy::Standard).unwrap();
        assert!((price / expected - 1.0).abs() < 1e-8, "{case}: {price}");
    }
}

fn sample(seed: u64) -> Terms {
    // A fixed walk through the terms that desks meet, and some that they do not.
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut next = || {
        state ^= state >> 30;
        state = state.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state ^= state >> 27;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    Terms {
        kind: if next() < 0.5 {
            OptionKind::Call
        } else {
            OptionKind::Put
        },
        spot: 60.0 + 80.0 * next(),
        strike: 100.0,
        years: 0.01 + 4.0 * next() * next(),
        rate: -0.01 + 0.11 * next(),
        dividend_yield: -0.01 + 0.11 * next(),
        volatility: 0.05 + 0.6 * next(),
    }
}

#[test]
fn the_default_is_exact_to_eight_digits_of_the_strike() {
    let (mut worst, mut fast) = (0.0_f64, 0.0_f64);
    for seed in 1..400 {
        let terms = sample(seed);
        if (terms.rate < 0.0) && (terms.dividend_yield < 0.0) {
            continue;
        }
        let exact = price(&terms, Accuracy::High).unwrap();
        let error = |accuracy| (price(&terms, accuracy).unwrap() - exact).abs() / terms.strike;
        assert!(
            error(Accuracy::Standard) < 1e-8,
            "{terms:?}: {:e}",
            error(Accuracy::Standard)
        );
        worst = worst.max(error(Accuracy::Standard));
        fast = fast.max(error(Accuracy::Fast));
    }
    assert!(worst < 1e-8 && fast < 5e-6, "{worst:e} {fast:e}");
}

#[test]
fn greeks_are_the_differences_of_the_price() {
    for seed in 1..60 {
        let terms = sample(seed);
        let greeks = value(&terms, Accuracy::High).unwrap().greeks.unwrap();
        let at = |by: f64| {
            let spot = terms.spot * (1.0 + by);
            price(&Terms { spot, ..terms }, Accuracy::High).unwrap()
        };
        let width = 1e-3;
        let delta =
            (8.0 * (at(width) - at(-width)) - (at(2.0 * width) - at(-2.0 * width))) / (12.0 * width * terms.spot);
        if terms.rate < 0.0 && terms.dividend_yield < 0.0 {
            continue;
        }
        assert!(
            (greeks.delta - delta).abs() < 2e-5,
            "{terms:?}: {} {delta}",
            greeks.delta
        );
        assert!(greeks.gamma >= 0.0 && greeks.vega > -1e-9, "{terms:?} {greeks:?}");
    }
}

#[test]
fn a_put_between_two_boundaries_is_worth_more_than_waiting_and_than_exercising() {
    let terms = |spot, volatility| Terms {
        kind: OptionKind::Put,
        spot,
        strike: 100.0,
        years: 1.0,
        rate: -0.01,
        dividend_yield: -0.02,
        volatility,
    };
    // The reference's own method refuses these terms; its grid of 800 x 801 gives 5.6215. That grid exercises only at
    // its steps and is about 2e-4 low wherever early exercise matters.
    let price_now = price(&terms(100.0, 0.15), Accuracy::Standard).unwrap();
    assert!((price_now - 5.621_656).abs() < 2e-6, "{price_now}");
    assert!((price_now / 5.6215 - 1.0).abs() < 1e-4, "{price_now}");
    // With little volatility, near the money it is exercised, far in the money it is held.
    let low = |spot| price(&terms(spot, 0.03), Accuracy::Standard).unwrap();
    assert_eq!(low(80.0), 20.0);
    let held = low(30.0);
    assert!(
        held > 70.2 && held >= european::price(&terms(30.0, 0.03)).unwrap(),
        "{held}"
    );
    // The call with both sides exchanged is the same.
    let call = Terms {
        kind: OptionKind::Call,
        spot: 100.0,
        strike: 90.0,
        rate: -0.02,
        dividend_yield: -0.01,
        ..terms(90.0, 0.15)
    };
    let call = price(&call, Accuracy::Standard).unwrap();
    agree(
        "exchanged",
        call,
        price(&terms(90.0, 0.15), Accuracy::Standard).unwrap(),
        1e-12,
    );
}

#[test]
fn without_movement_the_best_moment_is_known() {
    let terms = Terms {
        kind: OptionKind::Put,
        spot: 90.0,
        strike: 100.0,
        years: 2.0,
        rate: 0.05,
        dividend_yield: 0.0,
        volatility: 0.0,
    };
    let at = |terms: &Terms| price(terms, Accuracy::Standard).unwrap();
    assert_eq!(at(&terms), 10.0);
    assert_eq!(at(&Terms { years: 0.0, ..terms }), 10.0);
    // A call on a high yield: now, or when interest on the strike has caught up.
    let call = Terms {
        kind: OptionKind::Call,
        spot: 100.0,
        strike: 95.0,
        rate: 0.02,
        dividend_yield: 0.01,
        ..terms
    };
    let grid = (0..=2000).map(|step| {
        let years = f64::from(step) / 1000.0;
        100.0 * (-0.01 * years).exp() - 95.0 * (-0.02 * years).exp()
    });
    agree("best moment", at(&call), grid.fold(0.0, f64::max), 1e-6);
    // And nearly so with nearly none.
    for volatility in [1e-6, 1e-4, 1e-3] {
        let price = at(&Terms { volatility, ..terms });
        agree(&format!("volatility {volatility}"), price, 10.0, 1e-12);
    }
}

#[test]
fn one_may_choose_the_scheme_and_ask_for_the_boundary() {
    let put = Terms {
        kind: OptionKind::Put,
        spot: 100.0,
        strike: 100.0,
        years: 1.0,
        rate: 0.05,
        dividend_yield: 0.0,
        volatility: 0.2,
    };
    let own = price_with(&put, &Scheme::new(20, 40, 80, 1e-12)).unwrap();
    agree("own scheme", own, price(&put, Accuracy::High).unwrap(), 1e-10);
    let CriticalSpot::At(critical) = critical_spot(&put, Accuracy::Standard).unwrap() else {
        panic!()
    };
    let just_above = price(
        &Terms {
            spot: critical * 1.001,
            ..put
        },
        Accuracy::Standard,
    )
    .unwrap();
    let at = price(&Terms { spot: critical, ..put }, Accuracy::Standard).unwrap();
    assert_eq!(at, 100.0 - critical);
    assert!(just_above > 100.0 - critical * 1.001 && just_above < at);
    let call = Terms {
        kind: OptionKind::Call,
        ..put
    };
    assert_eq!(critical_spot(&call, Accuracy::Fast).unwrap(), CriticalSpot::Never);
}
