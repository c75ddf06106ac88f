//! Curves: what they are between their points, and that they reprice what they were made from.

use apex_analytics::pricing::curve::bootstrap::{Quote, bootstrap};
use apex_analytics::pricing::curve::{Curve, Interpolation};
use proptest::prelude::*;

use super::agree;

const ALL: [Interpolation; 3] = [
    Interpolation::LinearZero,
    Interpolation::LogLinearDiscount,
    Interpolation::MonotoneLogDiscount,
];

/// Deposits to half a year, futures to two years, yearly swaps to thirty.
fn market(rates: &[f64]) -> Vec<Quote> {
    let mut rates = rates.iter().copied();
    let mut next = || rates.next().unwrap();
    let mut quotes = Vec::new();
    for end in [1.0 / 365.0, 30.0 / 365.0, 91.0 / 365.0, 182.0 / 365.0] {
        quotes.push(Quote::Deposit {
            start: 0.0,
            end,
            accrual: end * 365.0 / 360.0,
            rate: next(),
        });
    }
    for quarter in 2..7 {
        let start = 0.25 * f64::from(quarter) + 0.02;
        quotes.push(Quote::Future {
            start,
            end: start + 0.25,
            accrual: 0.25 * 365.0 / 360.0,
            price: 100.0 - 100.0 * next(),
            convexity: 1e-5 * start,
        });
    }
    for years in [2, 3, 5, 7, 10, 15, 20, 30] {
        quotes.push(Quote::Swap {
            payments: (1..=years).map(f64::from).collect(),
            accruals: vec![1.0; years as usize],
            rate: next(),
        });
    }
    quotes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_bootstrapped_curve_reprices_its_quotes(
        base in -0.005..0.06_f64,
        bumps in prop::collection::vec(-0.004..0.004_f64, 17),
    ) {
        let rates: Vec<f64> = bumps.iter().map(|bump| base + bump).collect();
        let quotes = market(&rates);
        for interpolation in ALL {
            let curve = bootstrap(&quotes, interpolation).unwrap();
            for quote in &quotes {
                let worth = quote.value(&curve).unwrap();
                prop_assert!(worth.abs() < 1e-12, "{interpolation:?} {quote:?}: {worth:e}");
            }
        }
    }
}

#[test]
fn a_monotone_curve_has_no_negative_forward_where_discounts_fall() {
    // Steep, flat and steep again: a plain cubic would swing below the flat part.
    let times = [0.5, 1.0, 2.0, 3.0, 5.0, 10.0];
    let discounts = [0.999, 0.98, 0.9799, 0.9798, 0.85, 0.6];
    let curve = Curve::from_discounts(&times, &discounts, Interpolation::MonotoneLogDiscount).unwrap();
    let mut before = 1.0;
    for step in 1..=1200 {
        let discount = curve.discount(f64::from(step) * 0.01).unwrap();
        assert!(discount <= before, "at {step}");
        before = discount;
    }
    for (time, discount) in times.iter().zip(discounts) {
        agree("point", curve.discount(*time).unwrap(), discount, 1e-14);
    }
}

#[test]
fn every_curve_goes_through_its_points_and_starts_at_one() {
    for interpolation in ALL {
        let curve = Curve::from_zero_rates(&[0.0, 1.0, 4.0], &[0.01, 0.02, 0.03], interpolation).unwrap();
        agree("start", curve.discount(0.0).unwrap(), 1.0, 0.0);
        agree("one", curve.zero_rate(1.0).unwrap(), 0.02, 1e-14);
        agree("four", curve.zero_rate(4.0).unwrap(), 0.03, 1e-14);
        let forward = curve.simple_forward(1.0, 4.0, 3.0).unwrap();
        agree("forward", 1.0 + 3.0 * forward, (0.12_f64 - 0.02).exp(), 1e-14);
        assert!(curve.discount(-1.0).is_err() && curve.discount(f64::NAN).is_err());
        assert!(curve.simple_forward(2.0, 1.0, 1.0).is_err());
    }
}

#[test]
fn quotes_that_make_no_curve_are_refused() {
    let deposit = |end, rate| Quote::Deposit {
        start: 0.0,
        end,
        accrual: end,
        rate,
    };
    let refuse = |quotes: &[Quote]| {
        bootstrap(quotes, Interpolation::LogLinearDiscount)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(refuse(&[]), "list of quotes is empty");
    assert!(refuse(&[deposit(1.0, f64::NAN)]).starts_with("deposit rate is NaN"));
    assert!(refuse(&[deposit(1.0, -1.5)]).starts_with("growth of the deposit is -0.5"));
    assert!(refuse(&[deposit(1.0, 0.02), deposit(1.0, 0.03)]).starts_with("end of a quote is 1"));
    let swap = Quote::Swap {
        payments: vec![2.0, 1.0],
        accruals: vec![1.0, 1.0],
        rate: 0.02,
    };
    assert!(refuse(&[swap]).starts_with("swap payment time is 1"));
    assert!(Curve::from_zero_rates(&[], &[], Interpolation::LinearZero).is_err());
    assert!(Curve::from_zero_rates(&[2.0, 1.0], &[0.1, 0.1], Interpolation::LinearZero).is_err());
    assert!(Curve::from_discounts(&[1.0], &[0.0], Interpolation::LinearZero).is_err());
}
