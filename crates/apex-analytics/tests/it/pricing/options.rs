//! European, digital and barrier options, options on forwards, and implied volatility.

use apex_analytics::pricing::barrier::{self, Barrier};
use apex_analytics::pricing::batch::{Contract, GreekColumns, TermColumns, add_value, reprice, value_columns};
use apex_analytics::pricing::black76::ForwardTerms;
use apex_analytics::pricing::digital::{self, DigitalPayoff};
use apex_analytics::pricing::implied_volatility::{implied_forward_deviation, implied_volatility};
use apex_analytics::pricing::{OptionKind, Terms, bachelier, black76, european};

use super::{agree, number, terms};
use crate::reference::golden;

#[test]
fn european_prices_and_greeks_agree_with_the_reference() {
    let golden = golden("derivatives.json");
    let cases = golden["european"]["cases"].as_array().unwrap();
    assert!(cases.len() >= 20);
    for case in cases {
        let answer = european::value(&terms(case)).unwrap();
        let greeks = answer.greeks.unwrap();
        for (key, actual) in [
            ("price", answer.price),
            ("delta", greeks.delta),
            ("gamma", greeks.gamma),
            ("vega", greeks.vega),
            ("theta", greeks.theta),
            ("rho", greeks.rho),
            ("dividend_rho", greeks.dividend_rho),
            ("itm_probability", answer.itm_probability.unwrap()),
        ] {
            agree(&format!("{key} of {case}"), actual, number(case, key), 1e-10);
        }
        // Small prices too, to the digits that the reference's difference of two legs has left.
        let expected = number(case, "price");
        assert!((answer.price / expected - 1.0).abs() < 1e-7, "{case}");
    }
}

#[test]
fn digital_prices_agree_with_the_reference() {
    let golden = golden("derivatives.json");
    for case in golden["digital"].as_array().unwrap() {
        let amount = case["payoff"].as_str().unwrap().strip_prefix("cash");
        let payoff = amount.map_or(DigitalPayoff::Asset, |amount| {
            DigitalPayoff::Cash(amount.parse().unwrap())
        });
        let answer = digital::value(&terms(case), payoff).unwrap();
        agree(&format!("price of {case}"), answer.price, number(case, "price"), 1e-10);
        agree(
            &format!("delta of {case}"),
            answer.greeks.unwrap().delta,
            number(case, "delta"),
            1e-10,
        );
    }
}

#[test]
fn the_plain_option_is_made_of_digitals_with_all_greeks() {
    for kind in [OptionKind::Call, OptionKind::Put] {
        let terms = Terms {
            kind,
            spot: 92.0,
            strike: 100.0,
            years: 0.7,
            rate: 0.04,
            dividend_yield: 0.015,
            volatility: 0.33,
        };
        let asset = digital::value(&terms, DigitalPayoff::Asset).unwrap();
        let cash = digital::value(&terms, DigitalPayoff::Cash(100.0)).unwrap();
        let plain = european::value(&terms).unwrap();
        let (asset_greeks, cash_greeks, greeks) = (asset.greeks.unwrap(), cash.greeks.unwrap(), plain.greeks.unwrap());
        for (what, first, second, whole) in [
            ("price", asset.price, cash.price, plain.price),
            ("delta", asset_greeks.delta, cash_greeks.delta, greeks.delta),
            ("gamma", asset_greeks.gamma, cash_greeks.gamma, greeks.gamma),
            ("vega", asset_greeks.vega, cash_greeks.vega, greeks.vega),
            ("theta", asset_greeks.theta, cash_greeks.theta, greeks.theta),
            ("rho", asset_greeks.rho, cash_greeks.rho, greeks.rho),
            (
                "dividend rho",
                asset_greeks.dividend_rho,
                cash_greeks.dividend_rho,
                greeks.dividend_rho,
            ),
        ] {
            agree(what, kind.sign() * (first - second), whole, 1e-12);
        }
    }
}

#[test]
fn barrier_prices_agree_with_the_reference() {
    let golden = golden("derivatives.json");
    for case in golden["barrier_continuous_rebate_at_hit_or_expiry"].as_array().unwrap() {
        let barrier = Barrier {
            kind: serde_json::from_value(case["kind"].clone()).unwrap(),
            level: number(case, "barrier"),
            rebate: number(case, "rebate"),
        };
        let price = barrier::price(&terms(case), &barrier).unwrap();
        agree(&format!("{case}"), price, number(case, "price"), 1e-10);
    }
}

/// Haug (2007), "The complete guide to option pricing formulas", table 4-13: S 100, T 0.5, r 8%, b 4%, rebate 3.
#[test]
fn barrier_prices_agree_with_the_table_of_haug() {
    use OptionKind::{Call, Put};
    use barrier::BarrierKind::{DownIn, DownOut, UpIn, UpOut};
    let table = [
        (DownOut, Call, 90.0, 95.0, [9.0246, 8.8334]),
        (DownOut, Call, 100.0, 95.0, [6.7924, 7.0285]),
        (DownOut, Call, 110.0, 95.0, [4.8759, 5.4137]),
        (UpOut, Call, 90.0, 105.0, [2.6789, 2.6341]),
        (UpOut, Call, 100.0, 105.0, [2.3580, 2.4389]),
        (UpOut, Call, 110.0, 105.0, [2.3453, 2.4315]),
        (DownIn, Call, 90.0, 95.0, [7.7627, 9.0093]),
        (DownIn, Call, 110.0, 95.0, [2.0576, 2.8517]),
        (UpIn, Call, 90.0, 105.0, [14.1112, 15.2098]),
        (UpIn, Call, 110.0, 105.0, [4.5910, 5.8350]),
        (DownOut, Put, 90.0, 95.0, [2.2798, 2.4170]),
        (DownOut, Put, 110.0, 95.0, [2.6252, 2.6246]),
        (UpOut, Put, 90.0, 105.0, [3.7760, 4.2293]),
        (UpOut, Put, 110.0, 105.0, [7.5187, 7.5649]),
        (DownIn, Put, 90.0, 95.0, [2.9586, 3.8769]),
        (DownIn, Put, 110.0, 95.0, [11.9752, 13.3078]),
        (UpIn, Put, 90.0, 105.0, [1.4653, 2.0658]),
        (UpIn, Put, 110.0, 105.0, [7.0846, 8.3686]),
    ];
    for (barrier_kind, kind, strike, level, expected) in table {
        for (volatility, expected) in [0.25, 0.30].into_iter().zip(expected) {
            let terms = Terms {
                kind,
                spot: 100.0,
                strike,
                years: 0.5,
                rate: 0.08,
                dividend_yield: 0.04,
                volatility,
            };
            let barrier = Barrier {
                kind: barrier_kind,
                level,
                rebate: 3.0,
            };
            let price = barrier::price(&terms, &barrier).unwrap();
            assert!(
                (price - expected).abs() < 1e-4,
                "{barrier_kind:?} {kind:?} {strike} {volatility}: {price}"
            );
        }
    }
}

#[test]
fn barrier_greeks_are_those_of_the_parts() {
    let terms = Terms {
        kind: OptionKind::Call,
        spot: 100.0,
        strike: 105.0,
        years: 0.75,
        rate: 0.03,
        dividend_yield: 0.01,
        volatility: 0.25,
    };
    let value = |kind| {
        let barrier = Barrier {
            kind,
            level: 90.0,
            rebate: 0.0,
        };
        barrier::value(&terms, &barrier).unwrap().greeks.unwrap()
    };
    let (inside, outside) = (
        value(barrier::BarrierKind::DownIn),
        value(barrier::BarrierKind::DownOut),
    );
    let plain = european::value(&terms).unwrap().greeks.unwrap();
    agree("delta", inside.delta + outside.delta, plain.delta, 1e-8);
    agree("gamma", inside.gamma + outside.gamma, plain.gamma, 1e-7);
    agree("vega", inside.vega + outside.vega, plain.vega, 1e-8);
    agree("theta", inside.theta + outside.theta, plain.theta, 1e-6);
    agree("rho", inside.rho + outside.rho, plain.rho, 1e-8);
    agree(
        "dividend rho",
        inside.dividend_rho + outside.dividend_rho,
        plain.dividend_rho,
        1e-8,
    );
}

#[test]
fn a_rebate_at_the_hit_has_one_value_by_formula_and_by_density() {
    // At the border between real and complex roots both ways meet.
    let at = |rate: f64| {
        let terms = Terms {
            kind: OptionKind::Call,
            spot: 100.0,
            strike: 1e6,
            years: 2.0,
            rate,
            dividend_yield: rate,
            volatility: 0.2,
        };
        let barrier = Barrier {
            kind: barrier::BarrierKind::DownOut,
            level: 80.0,
            rebate: 10.0,
        };
        barrier::price(&terms, &barrier).unwrap()
    };
    // mu = -1/2, so the root is real from r = -sigma^2 / 8 = -0.005 on.
    let (below, above) = (at(-0.005 - 1e-9), at(-0.005 + 1e-9));
    agree("at the border", below, above, 1e-8);
    assert!(at(-0.05) > below);
}

#[test]
fn options_on_forwards_agree_with_the_reference() {
    let golden = golden("derivatives.json");
    for (block, lognormal) in [("black76", true), ("bachelier", false)] {
        for case in golden[block].as_array().unwrap() {
            for (key, kind) in [("call", OptionKind::Call), ("put", OptionKind::Put)] {
                let terms = ForwardTerms {
                    kind,
                    forward: number(case, "F"),
                    strike: number(case, "K"),
                    deviation: number(case, "stdev"),
                    discount: number(case, "df"),
                };
                let price = if lognormal {
                    black76::value(&terms)
                } else {
                    bachelier::value(&terms)
                };
                let price = price.unwrap().price;
                let expected = number(case, key);
                assert!((price / expected - 1.0).abs() < 1e-10, "{block} {key} {case}: {price}");
                let deviation = if lognormal {
                    implied_forward_deviation(&terms, price)
                } else {
                    bachelier::implied_deviation(&terms, price)
                };
                agree(block, deviation.unwrap(), terms.deviation, 1e-10);
            }
        }
    }
}

#[test]
fn implied_volatilities_reprice_the_reference() {
    let golden = golden("derivatives.json");
    for case in golden["implied_vol"].as_array().unwrap() {
        let price = number(case, "price");
        let volatility = implied_volatility(&terms(case), price).unwrap();
        let repriced = european::price(&Terms {
            volatility,
            ..terms(case)
        });
        assert!(
            (repriced.unwrap() - price).abs() <= 1e-13 * number(case, "S"),
            "{case}: {volatility}"
        );
    }
}

#[test]
fn implied_volatility_holds_in_the_far_corners() {
    for (strike, volatility, years) in [
        (100.0, 1e-6, 1.0),
        (100.0, 1e-3, 1e-4),
        (100.0, 30.0, 1.0),
        (1.0, 3.0, 2.0),
        (1e-3, 0.9, 30.0),
        (1e4, 0.9, 30.0),
        (300.0, 0.1, 0.5),
        (101.0, 0.01, 0.01),
        (250.0, 0.15, 0.2),
    ] {
        for kind in [OptionKind::Call, OptionKind::Put] {
            let terms = Terms {
                kind,
                spot: 100.0,
                strike,
                years,
                rate: 0.0,
                dividend_yield: 0.0,
                volatility,
            };
            let price = european::price(&terms).unwrap();
            if price >= if kind == OptionKind::Call { 100.0 } else { strike } {
                continue;
            }
            let implied = implied_volatility(&terms, price).unwrap();
            let repriced = european::price(&Terms {
                volatility: implied,
                ..terms
            })
            .unwrap();
            assert!(
                (repriced - price).abs() <= 4e-15 * strike.max(100.0),
                "{terms:?}: {implied} gives {repriced} instead of {price}"
            );
            let out_of_the_money = (kind == OptionKind::Call) == (strike >= 100.0);
            if out_of_the_money && price > 1e-290 && price < 99.0 {
                agree(&format!("{terms:?}"), implied / volatility, 1.0, 1e-9);
            }
        }
    }
}

#[test]
fn a_price_out_of_its_bounds_implies_nothing_and_is_refused() {
    let terms = Terms {
        kind: OptionKind::Call,
        spot: 100.0,
        strike: 90.0,
        years: 1.0,
        rate: 0.0,
        dividend_yield: 0.0,
        volatility: 0.0,
    };
    for price in [9.99, 100.0, 120.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = implied_volatility(&terms, price).unwrap_err().to_string();
        assert!(refused.starts_with("price is"), "{refused}");
    }
    assert_eq!(implied_volatility(&terms, 10.0), Ok(0.0));
    let expired = Terms { years: 0.0, ..terms };
    assert!(implied_volatility(&expired, 10.0).is_err());
}

#[test]
fn terms_that_have_no_price_are_refused_by_name() {
    let good = Terms {
        kind: OptionKind::Put,
        spot: 100.0,
        strike: 100.0,
        years: 1.0,
        rate: 0.05,
        dividend_yield: 0.0,
        volatility: 0.2,
    };
    let table: [(Terms, &str); 9] = [
        (Terms { spot: 0.0, ..good }, "spot is 0"),
        (Terms { spot: -5.0, ..good }, "spot is -5"),
        (
            Terms {
                strike: f64::NAN,
                ..good
            },
            "strike is NaN",
        ),
        (Terms { years: -0.1, ..good }, "time to expiry is -0.1"),
        (
            Terms {
                volatility: -0.2,
                ..good
            },
            "volatility is -0.2",
        ),
        (
            Terms {
                rate: f64::INFINITY,
                ..good
            },
            "rate is inf",
        ),
        (
            Terms {
                dividend_yield: f64::NAN,
                ..good
            },
            "dividend yield is NaN",
        ),
        (Terms { rate: 1e6, ..good }, "rate is 1000000"),
        (
            Terms {
                volatility: 1e9,
                ..good
            },
            "volatility is 1000000000",
        ),
    ];
    for (terms, words) in table {
        for refused in [
            european::value(&terms).map(|_| ()),
            digital::value(&terms, DigitalPayoff::Cash(1.0)).map(|_| ()),
            apex_analytics::pricing::american::price(&terms, apex_analytics::pricing::american::Accuracy::Fast)
                .map(|_| ()),
        ] {
            let refused = refused.unwrap_err().to_string();
            assert!(refused.starts_with(words), "{refused} instead of {words}");
        }
    }
}

#[test]
fn without_time_or_volatility_an_option_is_its_payoff() {
    let at = |spot, years, volatility| {
        european::value(&Terms {
            kind: OptionKind::Call,
            spot,
            strike: 100.0,
            years,
            rate: 0.0,
            dividend_yield: 0.0,
            volatility,
        })
        .unwrap()
    };
    for (years, volatility) in [(0.0, 0.2), (1.0, 0.0)] {
        assert_eq!(at(130.0, years, volatility).price, 30.0);
        assert_eq!(at(130.0, years, volatility).greeks.unwrap().delta, 1.0);
        assert_eq!(at(70.0, years, volatility).price, 0.0);
        assert_eq!(at(100.0, years, volatility).greeks, None);
    }
}

#[test]
fn columns_hold_the_prices_of_single_options() {
    let (mut spots, mut volatilities) = (Vec::new(), Vec::new());
    for step in 0..1000 {
        spots.push(40.0 + 0.15 * f64::from(step));
        volatilities.push(0.01 + 0.0009 * f64::from((step * 7) % 1000));
    }
    volatilities[3] = 0.0;
    for kind in [OptionKind::Call, OptionKind::Put] {
        for years in [0.0, 0.4] {
            let contract = Contract {
                kind,
                strike: 100.0,
                years,
                rate: 0.03,
                dividend_yield: 0.01,
            };
            let mut out = vec![0.0; spots.len()];
            reprice(&contract, &spots, &volatilities, &mut out).unwrap();
            let mut added = out.clone();
            add_value(&contract, -2.0, &spots, &volatilities, &mut added).unwrap();
            for at in 0..spots.len() {
                let terms = Terms {
                    kind,
                    spot: spots[at],
                    strike: 100.0,
                    years,
                    rate: 0.03,
                    dividend_yield: 0.01,
                    volatility: volatilities[at],
                };
                let price = european::price(&terms).unwrap();
                assert!(
                    (out[at] - price).abs() < 1e-12,
                    "{terms:?}: {} instead of {price}",
                    out[at]
                );
                assert!((added[at] + out[at]).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn columns_of_greeks_agree_with_the_reference() {
    let golden = golden("derivatives.json");
    let cases = golden["european"]["cases"].as_array().unwrap();
    let all: Vec<Terms> = cases.iter().map(terms).collect();
    let column = |read: fn(&Terms) -> f64| all.iter().map(read).collect::<Vec<f64>>();
    let kinds: Vec<OptionKind> = all.iter().map(|terms| terms.kind).collect();
    let (spot, strike, years) = (column(|t| t.spot), column(|t| t.strike), column(|t| t.years));
    let (rate, dividend_yield) = (column(|t| t.rate), column(|t| t.dividend_yield));
    let volatility = column(|t| t.volatility);
    let mut out = vec![vec![0.0; all.len()]; 6];
    let [price, delta, gamma, vega, theta, rho] = &mut out[..] else {
        panic!()
    };
    let columns = TermColumns {
        kind: &kinds,
        spot: &spot,
        strike: &strike,
        years: &years,
        rate: &rate,
        dividend_yield: &dividend_yield,
        volatility: &volatility,
    };
    let mut greeks = GreekColumns {
        price,
        delta,
        gamma,
        vega,
        theta,
        rho,
    };
    value_columns(&columns, &mut greeks).unwrap();
    for (key, values) in ["price", "delta", "gamma", "vega", "theta", "rho"].iter().zip(&out) {
        for (case, value) in cases.iter().zip(values) {
            agree(&format!("{key} of {case}"), *value, number(case, key), 1e-10);
        }
    }
}

#[test]
fn columns_that_cannot_be_priced_are_refused() {
    let contract = Contract {
        kind: OptionKind::Call,
        strike: 100.0,
        years: 1.0,
        rate: 0.0,
        dividend_yield: 0.0,
    };
    let mut out = [7.0; 2];
    for (spots, volatilities, words) in [
        ([100.0, 0.0], [0.2, 0.2], "spot at index 1 is not above zero: 0"),
        ([f64::NAN, 1.0], [0.2, 0.2], "spot at index 0 is not a finite number"),
        ([100.0, 1.0], [0.2, -0.2], "volatility is -0.2"),
    ] {
        let refused = reprice(&contract, &spots, &volatilities, &mut out).unwrap_err();
        assert!(refused.to_string().starts_with(words), "{refused}");
    }
    assert!(reprice(&contract, &[1.0], &[0.2, 0.2], &mut out).is_err());
    assert_eq!(out, [7.0; 2], "nothing is written where anything is refused");
}
