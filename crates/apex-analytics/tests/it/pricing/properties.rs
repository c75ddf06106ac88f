//! What must hold of every price, whatever the terms.

use apex_analytics::pricing::american::{self, Accuracy};
use apex_analytics::pricing::barrier::{self, Barrier, BarrierKind};
use apex_analytics::pricing::bond::Bond;
use apex_analytics::pricing::day_count::DayCount;
use apex_analytics::pricing::implied_volatility::implied_volatility;
use apex_analytics::pricing::{OptionKind, Terms, european};
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

fn any_kind() -> impl Strategy<Value = OptionKind> {
    prop_oneof![Just(OptionKind::Call), Just(OptionKind::Put)]
}

prop_compose! {
    fn any_terms()(
        kind in any_kind(),
        spot in 20.0..500.0_f64,
        strike in 20.0..500.0_f64,
        years in 0.001..10.0_f64,
        rate in -0.03..0.15_f64,
        dividend_yield in -0.03..0.15_f64,
        volatility in 0.01..1.5_f64,
    ) -> Terms {
        Terms { kind, spot, strike, years, rate, dividend_yield, volatility }
    }
}

fn other(terms: &Terms) -> Terms {
    let kind = match terms.kind {
        OptionKind::Call => OptionKind::Put,
        OptionKind::Put => OptionKind::Call,
    };
    Terms { kind, ..*terms }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn call_less_put_is_the_forward(terms in any_terms()) {
        let gap = terms.kind.sign() * (european::price(&terms).unwrap() - european::price(&other(&terms)).unwrap());
        let forward = terms.spot * terms.dividend_discount() - terms.strike * terms.discount();
        prop_assert!((gap - forward).abs() < 1e-12 * (terms.spot + terms.strike));
    }

    #[test]
    fn prices_rise_with_volatility_and_move_with_spot_and_strike(terms in any_terms(), by in 1.0..1.3_f64) {
        let price = european::price(&terms).unwrap();
        let at = |terms: Terms| european::price(&terms).unwrap();
        let slack = 1e-12 * (terms.spot + terms.strike);
        let sign = terms.kind.sign();
        let wilder = at(Terms { volatility: terms.volatility * by, ..terms });
        let higher = at(Terms { spot: terms.spot * by, ..terms });
        let dearer = at(Terms { strike: terms.strike * by, ..terms });
        prop_assert!(wilder >= price - slack, "{} {}", wilder, price);
        prop_assert!(sign * (higher - price) >= -slack && sign * (price - dearer) >= -slack);
    }

    #[test]
    fn implied_volatility_reprices(terms in any_terms()) {
        let price = european::price(&terms).unwrap();
        match implied_volatility(&terms, price) {
            Ok(volatility) => {
                let again = european::price(&Terms { volatility, ..terms }).unwrap();
                prop_assert!((again - price).abs() <= 1e-13 * (terms.spot + terms.strike), "{} {}", again, price);
            }
            // So far out that the price is its bound: no number tells the volatilities there apart.
            Err(_) => prop_assert!(terms.deviation() > 3.0),
        }
    }

    #[test]
    fn in_and_out_are_the_plain_option(terms in any_terms(), away in 0.01..0.6_f64, down in any::<bool>()) {
        let level = terms.spot * if down { 1.0 - away } else { 1.0 + away };
        let price = |kind| {
            let barrier = Barrier { kind, level, rebate: 0.0 };
            barrier::price(&terms, &barrier).unwrap()
        };
        let sum = if down {
            price(BarrierKind::DownIn) + price(BarrierKind::DownOut)
        } else {
            price(BarrierKind::UpIn) + price(BarrierKind::UpOut)
        };
        prop_assert!((sum - european::price(&terms).unwrap()).abs() < 1e-9 * (terms.spot + terms.strike));
    }

    #[test]
    fn bond_prices_and_yields_are_each_other_s_inverse(
        months in 1..600_i64,
        day in 0..3000_i64,
        coupon in 0.0..0.15_f64,
        frequency in prop::sample::select(vec![1_u8, 2, 4, 12]),
        day_count in prop::sample::select(vec![
            DayCount::ActualActualIcma, DayCount::Thirty360Bond, DayCount::Thirty360European, DayCount::Actual365Fixed,
            DayCount::Actual360, DayCount::ActualActualIsda, DayCount::Thirty360Us, DayCount::Thirty360Isda,
        ]),
        yield_ in -0.02..0.3_f64,
        end_of_month in any::<bool>(),
    ) {
        let settle = date(2015, 1, 1).saturating_add(day.days());
        let bond = Bond {
            issue: settle.saturating_sub((day % 1000).days()),
            maturity: settle.saturating_add(months.months()),
            coupon,
            frequency,
            day_count,
            end_of_month,
        };
        let flows = bond.flows().unwrap();
        let answer = flows.at_yield(settle, yield_).unwrap();
        let back = flows.yield_from_clean(settle, answer.clean).unwrap();
        prop_assert!((back - yield_).abs() < 1e-11 / answer.macaulay.clamp(1e-3, 1.0), "{back} {yield_}");
        prop_assert!((answer.dirty - answer.clean - answer.accrued).abs() < 1e-12 * answer.dirty);
        prop_assert!(answer.accrued >= 0.0 && answer.accrued <= 100.0 * coupon * 1.1 / f64::from(frequency));
        // Modified duration and convexity are what a small change of the yield does.
        let at = |by: f64| flows.at_yield(settle, yield_ + by).unwrap().dirty;
        let slope = (at(1e-5) - at(-1e-5)) / (-2e-5 * answer.dirty);
        prop_assert!((slope - answer.modified).abs() < 1e-5 * (1.0 + answer.modified));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn american_is_worth_at_least_european_and_intrinsic(terms in any_terms()) {
        // Two boundaries are solved on a grid and have tests of their own.
        prop_assume!(!(terms.rate < 0.0 && terms.dividend_yield < 0.0));
        let price = american::price(&terms, Accuracy::Standard).unwrap();
        let european = european::price(&terms).unwrap();
        let bound = match terms.kind {
            OptionKind::Call => terms.spot * (-terms.dividend_yield * terms.years).exp().max(1.0),
            OptionKind::Put => terms.strike * (-terms.rate * terms.years).exp().max(1.0),
        };
        prop_assert!(price >= european && price >= terms.kind.payoff(terms.spot, terms.strike) && price <= bound);
        let slack = 1e-7 * (terms.spot + terms.strike);
        let at = |terms: Terms| american::price(&terms, Accuracy::Standard).unwrap();
        let longer = at(Terms { years: terms.years * 1.2, ..terms });
        let wilder = at(Terms { volatility: terms.volatility * 1.2, ..terms });
        let higher = at(Terms { spot: terms.spot * 1.05, ..terms });
        prop_assert!(longer >= price - slack && wilder >= price - slack, "{price} {longer} {wilder}");
        prop_assert!(terms.kind.sign() * (higher - price) >= -slack);
    }
}
