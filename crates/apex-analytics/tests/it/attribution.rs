//! Attribution against the reference file and hand calculation, and the sums every split must keep.

use apex_analytics::attribution::brinson::{BrinsonModel, Effects, Segments, brinson};
use apex_analytics::attribution::currency::{Compounding, Markets, karnosky_singer};
use apex_analytics::attribution::factor::{Exposed, attribute};
use apex_analytics::attribution::geometric::geometric;
use apex_analytics::attribution::held::{Held, geometric_effects, growth_before, held, segment_effects};
use apex_analytics::attribution::linking::{Linking, link};
use apex_analytics::returns::compounded;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::reference::{close, golden};

const METHODS: [(Linking, &str); 3] = [
    (Linking::Carino, "carino"),
    (Linking::Menchero, "menchero"),
    (Linking::Grap, "grap"),
];

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
}

fn table(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

/// Weights and returns of segments over periods: portfolio weights, benchmark weights, and the returns of both.
type Tables = [Vec<Vec<f64>>; 4];

fn segments([own, other, own_returns, other_returns]: &Tables, period: usize) -> Segments<'_> {
    Segments {
        portfolio_weights: &own[period],
        benchmark_weights: &other[period],
        portfolio_returns: &own_returns[period],
        benchmark_returns: &other_returns[period],
    }
}

fn parts(effects: &Effects) -> [(&'static str, &Vec<f64>); 3] {
    [
        ("allocation", &effects.allocation),
        ("selection", &effects.selection),
        ("interaction", &effects.interaction),
    ]
}

#[test]
fn every_effect_of_the_reference_agrees() {
    let golden = &golden("cashflows_attribution.json")["brinson"];
    let tables = ["wp", "wb", "rp", "rb"].map(|key| table(&golden[key]));
    let mut splits = Vec::new();
    for (period, expected) in golden["periods"].as_array().unwrap().iter().enumerate() {
        for (model, name) in [(BrinsonModel::Fachler, "bf"), (BrinsonModel::HoodBeebower, "bhb")] {
            let split = brinson(&segments(&tables, period), model).unwrap();
            for (actual, key) in [
                (split.portfolio_return, "RP"),
                (split.benchmark_return, "RB"),
                (split.active_return, "active"),
            ] {
                assert!(close(actual, expected[key].as_f64().unwrap()), "{key}: {actual}");
            }
            for (part, values) in parts(&split.effects) {
                for (actual, wanted) in values.iter().zip(numbers(&expected[name][part])) {
                    assert!(close(*actual, wanted), "{name} {part}: {actual} instead of {wanted}");
                }
            }
            if model == BrinsonModel::Fachler {
                splits.push(split);
            }
        }
    }
    let own: Vec<f64> = splits.iter().map(|split| split.portfolio_return).collect();
    let other: Vec<f64> = splits.iter().map(|split| split.benchmark_return).collect();
    for (method, name) in METHODS {
        let link = link(method, &own, &other).unwrap();
        assert!(close(link.portfolio_return, golden["RP"].as_f64().unwrap()));
        assert!(close(link.benchmark_return, golden["RB"].as_f64().unwrap()));
        assert!(close(link.active_return, golden["active"].as_f64().unwrap()));
        let mut total = 0.0;
        for at in 0..3 {
            let effects: Vec<&[f64]> = splits
                .iter()
                .map(|split| parts(&split.effects)[at].1.as_slice())
                .collect();
            let part = parts(&splits[0].effects)[at].0;
            let sums = link.sum(&effects).unwrap();
            for (actual, wanted) in sums.iter().zip(numbers(&golden[name][part])) {
                assert!(close(*actual, wanted), "{name} {part}: {actual} instead of {wanted}");
            }
            total += sums.iter().sum::<f64>();
        }
        assert!(
            close(total, golden[format!("{name}_sum")].as_f64().unwrap()),
            "{name}: {total}"
        );
    }
}

#[test]
fn geometric_effects_compound_without_a_residual() {
    let golden = &golden("cashflows_attribution.json")["brinson"];
    let tables = ["wp", "wb", "rp", "rb"].map(|key| table(&golden[key]));
    let periods: Vec<Segments<'_>> = (0..3).map(|period| segments(&tables, period)).collect();
    let split = geometric(&periods).unwrap();
    let growth = |key: &str| 1.0 + golden[key].as_f64().unwrap();
    assert!(close(split.active_return, growth("RP") / growth("RB") - 1.0));
    assert!(split.residual.abs() < 1e-12);
    // Bacon (2008), first period by hand: S = .5 .035 + .15 .01 + .05 .001 = 1.905%.
    assert!(close(split.periods[0].allocation_total, 1.01905 / 1.0165 - 1.0));
    assert!(close(split.periods[0].selection_total, 1.02005 / 1.01905 - 1.0));
}

#[test]
fn two_effects_hold_the_same_total() {
    let split = brinson(
        &Segments {
            portfolio_weights: &[0.6, 0.4],
            benchmark_weights: &[0.5, 0.5],
            portfolio_returns: &[0.10, 0.00],
            benchmark_returns: &[0.08, 0.02],
        },
        BrinsonModel::HoodBeebower,
    )
    .unwrap();
    let two = split.effects.clone().with_two();
    assert!(close(two.total(), split.effects.total()));
    assert!(close(two.selection[0], 0.6 * 0.02) && two.interaction == [0.0, 0.0]);
}

#[test]
fn currencies_and_markets_are_told_apart() {
    // Half in a foreign market that is worth 10% more in local currency, while the currency loses 5%: the portfolio
    // hedges all of it, the benchmark nothing; local cash earns 1%, foreign cash 3%.
    let markets = Markets {
        segments: Segments {
            portfolio_weights: &[0.5, 0.5],
            benchmark_weights: &[0.5, 0.5],
            portfolio_returns: &[0.02, 0.10],
            benchmark_returns: &[0.02, 0.10],
        },
        portfolio_currencies: &[1.0, 0.0],
        benchmark_currencies: &[0.5, 0.5],
        cash_returns: &[0.01, 0.03],
        currency_returns: &[0.0, -0.05],
    };
    let split = karnosky_singer(&markets, Compounding::Simple).unwrap();
    // Unhedged: half of 2% and half of 1.10 0.95 - 1.
    assert!(close(split.benchmark_return, 0.5 * 0.02 + 0.5 * (1.10 * 0.95 - 1.0)));
    // The hedge is worth the difference of cash at home and abroad.
    assert!(close(split.active_return, 0.5 * (0.01 - (1.03 * 0.95 - 1.0))));
    assert!(close(split.currency.iter().sum(), split.active_return));
    assert!(split.markets.total().abs() < 1e-15);
    let continuous = karnosky_singer(&markets, Compounding::Continuous).unwrap();
    assert!(close(continuous.benchmark_return, 0.5 * 0.02 + 0.5 * (0.10 - 0.05)));
}

fn held_of(weights: &[f64], returns: &[f64]) -> Vec<Held> {
    let pairs = weights.iter().zip(returns);
    pairs
        .map(|(weight, return_)| Held {
            weight: *weight,
            contribution: weight * return_,
        })
        .collect()
}

#[test]
fn a_segment_only_one_of_the_two_holds_has_its_effect_in_one_place() {
    // Hand calculation. The portfolio alone holds the first segment, the benchmark alone the second; the third has no
    // weight on any day and still earned 0.1%.
    let (own, other) = ([0.5, 0.0, 0.0, 0.5], [0.0, 0.5, 0.0, 0.5]);
    let mut own = held_of(&own, &[0.10, 0.0, 0.0, 0.02]);
    own[2].contribution = 0.001;
    let other = held_of(&other, &[0.0, 0.04, 0.0, 0.02]);
    let effects = segment_effects(&own, &other).unwrap();
    let whole = 0.03; // Half of 4% and half of 2%.
    assert!(close(effects.allocation[0], 0.5 * (0.10 - whole)) && effects.selection[0] == 0.0);
    assert!(close(effects.allocation[1], -0.5 * (0.04 - whole)) && effects.selection[1] == 0.0);
    assert!(close(effects.interaction[2], 0.001) && effects.allocation[2] == 0.0);
    assert!(close(effects.total(), 0.05 + 0.001 + 0.01 - whole));
}

#[test]
fn a_period_of_days_links_what_each_day_added() {
    // Two days of +10% and -10%: 0.5 x 20% earns the first, the other half loses 0.1 of the second.
    let returns = [0.10, -0.10, 0.01];
    let periods = [0..2, 2..3];
    let growth = growth_before(&returns, &periods).unwrap();
    let first = held(&[0.5, 0.6, 1.0], &[0.10, 0.0, 0.01], &growth, &periods).unwrap();
    let second = held(&[0.5, 0.4, 0.0], &[0.0, -0.10, 0.0], &growth, &periods).unwrap();
    assert!(close(first[0].weight, 0.55) && close(first[0].contribution, 0.10));
    assert!(close(second[0].contribution, -0.11)); // Grown by the first day.
    assert!(close(first[0].contribution + second[0].contribution, 1.1 * 0.9 - 1.0));
    assert!(close(first[1].contribution, 0.01) && second[1].return_().is_none());
}

#[test]
fn what_cannot_be_attributed_is_refused_by_name() {
    let whole = [0.5, 0.5];
    let ask = |weights: &[f64]| {
        let segments = Segments {
            portfolio_weights: weights,
            benchmark_weights: &whole,
            portfolio_returns: &whole,
            benchmark_returns: &whole,
        };
        brinson(&segments, BrinsonModel::Fachler).unwrap_err().to_string()
    };
    assert_eq!(ask(&[0.5, 0.25]), "sum of the portfolio weights is 0.75; it must be 1");
    assert_eq!(
        ask(&[1.0]),
        "list of benchmark weights has a length of 2 where 1 is needed"
    );
    assert_eq!(
        ask(&[f64::NAN, 0.5]),
        "list of portfolio weights at index 0 is not a finite number"
    );
    let err = link(Linking::Carino, &[0.1, -1.0], &[0.1, 0.1]).unwrap_err();
    assert_eq!(err.to_string(), "portfolio return at index 1 loses everything: -1");
    assert!(link(Linking::Grap, &[], &[]).is_err());
    assert!(link(Linking::Grap, &[0.1], &[]).is_err());
    assert!(geometric(&[]).is_err());
}

#[test]
fn equal_periods_link_without_dividing_by_zero() {
    for (method, _) in METHODS {
        // Active only in the second period; then never; then as good as never.
        for (own, other) in [
            ([0.05, 0.02], [0.05, 0.01]),
            ([0.05, 0.02], [0.05, 0.02]),
            ([0.05, 0.02], [0.02, 0.05]),
            ([0.05, 0.02 + 1e-16], [0.05, 0.02]),
        ] {
            let link = link(method, &own, &other).unwrap();
            let effects: Vec<[f64; 1]> = own.iter().zip(&other).map(|(own, other)| [own - other]).collect();
            let effects: Vec<&[f64]> = effects.iter().map(<[f64; 1]>::as_slice).collect();
            let sum = link.sum(&effects).unwrap()[0];
            assert!((sum - link.active_return).abs() < 1e-15, "{method:?}: {sum} {link:?}");
        }
    }
}

/// Weights that add up to 1, shorts among them.
fn weights(count: usize) -> impl Strategy<Value = Vec<f64>> {
    vec(-0.3..1.0, count).prop_map(|mut weights| {
        let rest = 1.0 - weights.iter().sum::<f64>();
        let last = weights.len() - 1;
        weights[last] += rest;
        weights
    })
}

/// Tables of some periods of some segments.
fn tables() -> impl Strategy<Value = Tables> {
    (1usize..12, 1usize..8).prop_flat_map(|(periods, count)| {
        let returns = || vec(vec(-0.1..0.1, count), periods);
        (
            vec(weights(count), periods),
            vec(weights(count), periods),
            returns(),
            returns(),
        )
            .prop_map(|(own, other, own_returns, other_returns)| [own, other, own_returns, other_returns])
    })
}

fn near(actual: f64, expected: f64) -> bool {
    (actual - expected).abs() < 1e-12
}

proptest! {
    #[test]
    fn effects_sum_to_the_active_return_and_linked_ones_to_the_compounded_one(tables in tables()) {
        let periods = tables[0].len();
        for model in [BrinsonModel::Fachler, BrinsonModel::HoodBeebower] {
            let splits: Vec<_> = (0..periods).map(|at| brinson(&segments(&tables, at), model).unwrap()).collect();
            for split in &splits {
                prop_assert!(near(split.effects.total(), split.active_return));
                prop_assert!(near(split.effects.clone().with_two().total(), split.active_return));
            }
            let own: Vec<f64> = splits.iter().map(|split| split.portfolio_return).collect();
            let other: Vec<f64> = splits.iter().map(|split| split.benchmark_return).collect();
            prop_assume!(own.iter().chain(&other).all(|value| *value > -0.5));
            for (method, _) in METHODS {
                let link = link(method, &own, &other).unwrap();
                prop_assert!(near(link.active_return, compounded(&own) - compounded(&other)));
                let mut total = 0.0;
                for at in 0..3 {
                    let effects: Vec<&[f64]> =
                        splits.iter().map(|split| parts(&split.effects)[at].1.as_slice()).collect();
                    total += link.sum(&effects).unwrap().iter().sum::<f64>();
                }
                prop_assert!(near(total, link.active_return), "{method:?}: {total} {}", link.active_return);
            }
        }
    }

    #[test]
    fn geometric_effects_multiply_to_the_ratio_of_growth(tables in tables()) {
        let periods: Vec<Segments<'_>> = (0..tables[0].len()).map(|at| segments(&tables, at)).collect();
        let Ok(split) = geometric(&periods) else {
            return Ok(()); // A leveraged mix that loses everything.
        };
        prop_assert!(split.residual.abs() < 1e-12 * (1.0 + split.active_return.abs()));
        for period in &split.periods {
            prop_assert!(near(period.allocation.iter().sum(), period.allocation_total));
            let scale = 1.0 + period.selection_total.abs();
            prop_assert!((period.selection.iter().sum::<f64>() - period.selection_total).abs() < 1e-11 * scale);
        }
    }

    #[test]
    fn markets_and_currencies_sum_to_the_return_in_base_currency(
        tables in tables(), rates in vec((-0.02..0.05, -0.2..0.2), 8), hedges in weights(8),
    ) {
        let count = tables[0][0].len();
        let (cash, currency): (Vec<f64>, Vec<f64>) = rates.into_iter().take(count).unzip();
        let mut hedged = hedges[..count].to_vec();
        hedged[0] += 1.0 - hedged.iter().sum::<f64>();
        for period in 0..tables[0].len() {
            let segments = segments(&tables, period);
            let markets = Markets {
                segments,
                portfolio_currencies: &hedged,
                benchmark_currencies: segments.benchmark_weights,
                cash_returns: &cash,
                currency_returns: &currency,
            };
            let split = karnosky_singer(&markets, Compounding::Simple).unwrap();
            let total = split.markets.total() + split.currency.iter().sum::<f64>();
            prop_assert!(near(total, split.active_return));
            // The benchmark is not hedged, so it returns what its markets return in base currency.
            let base = |local: f64, at: usize| (1.0 + local) * (1.0 + currency[at]) - 1.0;
            let unhedged: f64 = (0..count)
                .map(|at| segments.benchmark_weights[at] * base(segments.benchmark_returns[at], at))
                .sum();
            prop_assert!(near(split.benchmark_return, unhedged));
        }
    }

    #[test]
    fn factors_and_assets_sum_to_the_active_return(
        tables in tables(), exposures in vec(vec(-2.0..2.0, 8), 0..4), factors in vec(-0.05..0.05, 4),
    ) {
        let count = tables[0][0].len();
        let columns: Vec<&[f64]> = exposures.iter().map(|column| &column[..count]).collect();
        let split = attribute(&Exposed {
            portfolio_weights: &tables[0][0],
            benchmark_weights: &tables[1][0],
            returns: &tables[2][0],
            exposures: &columns,
            factor_returns: &factors[..columns.len()],
        })
        .unwrap();
        let total: f64 = split.factors.iter().chain(&split.specific).sum();
        prop_assert!(near(total, split.active_return));
    }
}

/// Weights of segments that add up to one, shorts among them.
fn weights_with_shorts() -> impl Strategy<Value = Vec<f64>> {
    vec(-0.5..1.0_f64, 4).prop_map(|mut weights| {
        let rest = 1.0 - weights.iter().sum::<f64>();
        weights.push(rest);
        weights
    })
}

proptest! {
    #[test]
    fn measured_effects_are_those_of_brinson_and_add_up(
        own in weights_with_shorts(),
        other in weights_with_shorts(),
        own_returns in vec(-0.2..0.2_f64, 5),
        other_returns in vec(-0.2..0.2_f64, 5),
        stray in -0.01..0.01_f64,
    ) {
        let segments = Segments {
            portfolio_weights: &own,
            benchmark_weights: &other,
            portfolio_returns: &own_returns,
            benchmark_returns: &other_returns,
        };
        let expected = brinson(&segments, BrinsonModel::Fachler).unwrap();
        let (mut own_held, other_held) = (held_of(&own, &own_returns), held_of(&other, &other_returns));
        let effects = segment_effects(&own_held, &other_held).unwrap();
        if own.iter().chain(&other).all(|weight| weight.abs() > 0.01) {
            for ((_, actual), (part, wanted)) in parts(&effects).into_iter().zip(parts(&expected.effects)) {
                for (actual, wanted) in actual.iter().zip(wanted) {
                    prop_assert!((actual - wanted).abs() < 1e-12, "{part}: {actual} instead of {wanted}");
                }
            }
        }
        // Whatever was earned on the day of a purchase, nothing is left over.
        own_held[0].contribution += stray;
        let own_return: f64 = own_held.iter().map(|held| held.contribution).sum();
        let other_return: f64 = other_held.iter().map(|held| held.contribution).sum();
        let effects = segment_effects(&own_held, &other_held).unwrap();
        prop_assert!((effects.total() - (own_return - other_return)).abs() < 1e-12);
        if let Ok(split) = geometric_effects(&own_held, &other_held) {
            prop_assert!((split.allocation.iter().sum::<f64>() - split.allocation_total).abs() < 1e-12);
            prop_assert!((split.selection.iter().sum::<f64>() - split.selection_total).abs() < 1e-10);
            let both = (1.0 + split.allocation_total) * (1.0 + split.selection_total) - 1.0;
            prop_assert!((both - split.active_return).abs() < 1e-12);
        }
    }
}
