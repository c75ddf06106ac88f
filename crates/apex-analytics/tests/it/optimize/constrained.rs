//! Objectives under constraints of any kind, the search over names, whole lots, views, and drawn frontiers.

use apex_analytics::optimize::{
    Constraints, Goal, Inputs, LinearRow, NamesLimit, Resampling, TrackingLimit, TradingCosts, Turnover,
    entropy_pooling, optimize, optimize_until, resampled_frontier, round_lots,
};

use super::*;

/// A row that changes nothing, so that the conic solver is asked rather than the dedicated method.
fn idle(size: usize) -> LinearRow {
    LinearRow {
        name: "idle".to_owned(),
        coefficients: vec![1.0; size],
        lower: Some(-5.0),
        upper: Some(5.0),
    }
}

fn goals(means: &[f64]) -> Vec<Goal> {
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    vec![
        Goal::MinVariance,
        Goal::MaxSharpe { risk_free: 0.0 },
        Goal::MaxUtility { risk_aversion: 4.0 },
        Goal::TargetReturn { mean },
        Goal::TargetVolatility { volatility: 0.012 },
        Goal::MinTracking {
            benchmark: vec![1.0 / means.len() as f64; means.len()],
        },
    ]
}

#[test]
fn the_conic_solver_and_the_dedicated_methods_agree() {
    let market = market();
    let columns: Vec<&[f64]> = market.returns.iter().map(|column| &column[7000..]).collect();
    let inputs = Inputs::of_sample(&columns).unwrap();
    for bounds in [Bounds::long_only(20), Bounds::capped(20, 0.15)] {
        let free = Constraints::within(bounds);
        let mut bound = free.clone();
        bound.rows.push(idle(20));
        let mut goals = goals(&inputs.means);
        goals.push(Goal::MinShortfall {
            level: 0.95,
            mean: None,
        });
        for goal in goals {
            let exact = optimize(&inputs, &goal, &free).unwrap();
            let conic = optimize(&inputs, &goal, &bound).unwrap();
            for (one, other) in exact.weights.iter().zip(&conic.weights) {
                assert!((one - other).abs() < 2e-5, "{goal:?}: {one} {other}");
            }
            assert!(
                conic.kkt_residual.unwrap() < 1e-7 && conic.gap.unwrap() < 1e-7,
                "{goal:?}: {conic:?}"
            );
        }
    }
}

#[test]
fn every_constraint_holds_and_costs_something() {
    let market = market();
    let columns = slices(&market.returns);
    let inputs = Inputs::of_sample(&columns).unwrap();
    let equal = vec![0.05; 20];
    let mut constraints = Constraints::long_only(20);
    let best = market
        .covariance
        .quadratic(&optimize(&inputs, &Goal::MinVariance, &constraints).unwrap().weights);
    constraints.turnover = Some(Turnover {
        current: equal.clone(),
        limit: 0.4,
    });
    let weights = optimize(&inputs, &Goal::MinVariance, &constraints).unwrap().weights;
    let turnover: f64 = weights.iter().map(|weight| (weight - 0.05).abs()).sum();
    assert!((turnover - 0.4).abs() < 1e-6, "{turnover}");
    assert!(market.covariance.quadratic(&weights) > best);
    constraints.turnover = None;
    constraints.tracking = Some(TrackingLimit {
        benchmark: equal.clone(),
        limit: 0.002,
    });
    let weights = optimize(&inputs, &Goal::MinVariance, &constraints).unwrap().weights;
    let off: Vec<f64> = weights.iter().map(|weight| weight - 0.05).collect();
    assert!((market.covariance.quadratic(&off).sqrt() - 0.002).abs() < 1e-8);
    constraints.tracking = None;
    constraints.costs = Some(TradingCosts {
        current: equal.clone(),
        proportional: vec![1e-5; 20],
        impact: vec![1e-4; 20],
    });
    let goal = Goal::MaxUtility { risk_aversion: 4.0 };
    let traded = |constraints: &Constraints| -> f64 {
        let weights = optimize(&inputs, &goal, constraints).unwrap().weights;
        weights.iter().map(|weight| (weight - 0.05).abs()).sum()
    };
    let (with, without) = (traded(&constraints), traded(&Constraints::long_only(20)));
    assert!(with < without, "{with} {without}");
    let refused = optimize(&inputs, &Goal::MinVariance, &constraints)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("trading costs are weighed against a mean"),
        "{refused}"
    );
    // One trade of one asset against cash has a closed form: a price of impact so high that nothing moves.
    constraints.costs = Some(TradingCosts {
        current: equal,
        proportional: vec![1.0; 20],
        impact: vec![0.0; 20],
    });
    assert!(traded(&constraints) < 1e-7);
}

#[test]
fn the_smallest_set_of_conflicting_constraints_is_named() {
    let market = market();
    let columns: Vec<&[f64]> = market.returns.iter().map(|column| &column[8000..]).collect();
    let inputs = Inputs::of_sample(&columns).unwrap();
    let mut constraints = Constraints::long_only(20);
    let row = |name: &str, assets: std::ops::Range<usize>, lower: Option<f64>, upper: Option<f64>| LinearRow {
        name: name.to_owned(),
        coefficients: (0..20).map(|at| f64::from(u8::from(assets.contains(&at)))).collect(),
        lower,
        upper,
    };
    constraints.rows = vec![
        row("first ten", 0..10, Some(0.6), None),
        row("last ten", 10..20, Some(0.5), None),
        row("middle", 5..15, None, Some(0.9)),
    ];
    for goal in [Goal::MinVariance, Goal::MaxSharpe { risk_free: 0.0 }] {
        let Err(AnalyticsError::Infeasible { mut conflict }) = optimize(&inputs, &goal, &constraints) else {
            panic!("a portfolio was found");
        };
        conflict.sort();
        assert_eq!(
            conflict,
            ["first ten at least 0.6", "last ten at least 0.5", "weights add up to 1"],
            "{goal:?}"
        );
    }
}

#[test]
fn fewer_days_than_assets_have_an_answer() {
    let market = market();
    let columns: Vec<&[f64]> = market.returns.iter().map(|column| &column[..12]).collect();
    let inputs = Inputs::of_sample(&columns).unwrap();
    let constraints = Constraints::within(Bounds::capped(20, 0.1));
    for goal in [
        Goal::MinVariance,
        Goal::MaxUtility { risk_aversion: 4.0 },
        Goal::MinShortfall { level: 0.9, mean: None },
    ] {
        let solution = optimize(&inputs, &goal, &constraints).unwrap();
        assert!((solution.weights.iter().sum::<f64>() - 1.0).abs() < 1e-8, "{goal:?}");
        assert!(solution.kkt_residual.unwrap() < 1e-7, "{goal:?}: {solution:?}");
    }
}

#[test]
fn weights_without_bounds_reach_every_target() {
    let market = market();
    let columns: Vec<&[f64]> = market.returns.iter().map(|column| &column[7500..]).collect();
    let inputs = Inputs::of_sample(&columns).unwrap();
    let free = Constraints::within(Bounds::unbounded(20));
    let target = 3.0 * inputs.means.iter().copied().fold(0.0, f64::max);
    let mut shortfalls = Vec::new();
    for goal in [
        Goal::TargetReturn { mean: target },
        Goal::MinShortfall {
            level: 0.95,
            mean: Some(target),
        },
        Goal::TargetVolatility { volatility: 0.02 },
    ] {
        let weights = optimize(&inputs, &goal, &free).unwrap().weights;
        let figures = portfolio_figures(&weights, &inputs.means, &inputs.covariance, &columns, 0.95).unwrap();
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-8, "{goal:?}");
        match goal {
            Goal::TargetVolatility { volatility } => assert!((figures.volatility - volatility).abs() < 1e-8),
            _ => assert!((figures.mean - target).abs() < 1e-9, "{goal:?}"),
        }
        shortfalls.push(figures.cvar.unwrap());
    }
    assert!(shortfalls[1] < shortfalls[0]);
}

/// Returns the best of all portfolios of so many names, by trying every set.
fn by_hand(covariance: &SymmetricMatrix, count: usize, least: f64) -> f64 {
    let size = covariance.size();
    let mut best = f64::INFINITY;
    for set in 1_u32..1 << size {
        let members: Vec<usize> = (0..size).filter(|at| set & (1 << at) != 0).collect();
        if members.len() <= count && members.len() as f64 * least <= 1.0 {
            let part = covariance.part(&members);
            let bounds = Bounds {
                lower: vec![least; members.len()],
                upper: vec![1.0; members.len()],
                budget: 1.0,
            };
            best = best.min(part.quadratic(&min_variance(&part, &bounds).unwrap().weights));
        }
    }
    best
}

#[test]
fn drawn_frontiers_average_and_are_the_same_each_time() {
    let market = market();
    let part: Vec<usize> = (0..5).collect();
    let (means, covariance) = (&market.means[..5], market.covariance.part(&part));
    let resampling = Resampling {
        draws: 12,
        days: 250,
        seed: 7,
    };
    let bounds = Bounds::long_only(5);
    let one = resampled_frontier(means, &covariance, &bounds, 6, resampling).unwrap();
    assert_eq!(
        one,
        resampled_frontier(means, &covariance, &bounds, 6, resampling).unwrap()
    );
    let exact = frontier(means, &covariance, &bounds, 6).unwrap();
    for (point, best) in one.iter().zip(&exact) {
        assert!((point.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(
            point.volatility >= exact[0].volatility && point.target <= exact[5].target,
            "{best:?}"
        );
    }
    // The end of the largest mean is spread over more than one asset.
    assert!(one[5].weights.iter().filter(|weight| **weight > 0.01).count() > 1);
    assert_ne!(
        one,
        resampled_frontier(means, &covariance, &bounds, 6, Resampling { seed: 8, ..resampling }).unwrap()
    );
}

#[test]
fn pooled_days_show_the_views_and_change_nothing_without_news() {
    let market = market();
    let columns = slices(&market.returns);
    let mut row = vec![0.0; 20];
    row[0] = 1.0;
    let mut spread = vec![0.0; 20];
    (spread[8], spread[2]) = (1.0, -1.0);
    let views = Views {
        assets: vec![row.clone(), spread],
        means: vec![0.0, 0.0004],
    };
    let pooled = entropy_pooling(&columns, &views).unwrap();
    assert!(pooled.means[0].abs() < 1e-14 && (pooled.means[8] - pooled.means[2] - 0.0004).abs() < 1e-14);
    assert!((pooled.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12 && pooled.entropy > 0.0);
    let same = Views {
        assets: vec![row.clone()],
        means: vec![market.means[0]],
    };
    let pooled = entropy_pooling(&columns, &same).unwrap();
    assert!(pooled.entropy < 1e-12 && (pooled.effective_days - 8312.0).abs() < 1e-6);
    let impossible = Views {
        assets: vec![row],
        means: vec![5.0],
    };
    assert!(matches!(
        entropy_pooling(&columns, &impossible),
        Err(AnalyticsError::Infeasible { .. })
    ));
}

#[test]
fn a_search_for_few_names_ends_when_nobody_waits_for_it() {
    let market = market();
    let columns = slices(&market.returns);
    let inputs = Inputs::of_sample(&columns).unwrap();
    let mut constraints = Constraints::long_only(columns.len());
    constraints.names = Some(NamesLimit {
        count: 5,
        position_min: 0.1,
        nodes_max: 10_000,
    });
    let asked = std::cell::Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > 3
    };
    let stopped = optimize_until(&inputs, &Goal::MinVariance, &constraints, &stop);
    assert_eq!(stopped, Err(AnalyticsError::Stopped));
    assert_eq!(asked.get(), 4, "it is asked before each node, and not again");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn branch_and_bound_finds_what_trying_every_set_finds(
        returns in super::properties::universe(),
        count in 1_usize..4,
        least in 0.0_f64..0.3,
    ) {
        let columns = slices(&returns);
        let inputs = Inputs::of_sample(&columns).unwrap();
        let mut constraints = Constraints::long_only(columns.len());
        constraints.names = Some(NamesLimit { count, position_min: least, nodes_max: 10_000 });
        let solution = optimize(&inputs, &Goal::MinVariance, &constraints).unwrap();
        let best = by_hand(&inputs.covariance, count, least);
        let reached = inputs.covariance.quadratic(&solution.weights);
        prop_assert!((reached / best - 1.0).abs() < 1e-7, "{} {}", reached, best);
        prop_assert!(solution.gap.unwrap() < 1e-9);
        prop_assert!(solution.weights.iter().filter(|weight| **weight > 0.0).count() <= count);
        prop_assert!(solution.weights.iter().all(|weight| *weight == 0.0 || *weight >= least - 1e-12));
    }

    #[test]
    fn lots_are_whole_and_spend_no_more_than_there_is(
        returns in super::properties::universe(),
        prices in prop::collection::vec(1.0_f64..900.0, 9),
        value in 1e4_f64..1e6,
    ) {
        let columns = slices(&returns);
        let covariance = sample_covariance(&columns).unwrap();
        let weights = min_variance(&covariance, &Bounds::long_only(columns.len())).unwrap().weights;
        let book = round_lots(&weights, &prices[..columns.len()], value, &covariance).unwrap();
        prop_assert!(book.lots.iter().all(|count| count.fract() == 0.0 && *count >= 0.0));
        prop_assert!(book.cash >= -1e-9 && (book.cash + book.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn no_random_portfolio_falls_deeper(returns in super::properties::universe(), seeds in prop::collection::vec(0.01_f64..1.0, 9)) {
        let columns = slices(&returns);
        let inputs = Inputs::of_sample(&columns).unwrap();
        let fall = |weights: &[f64], level: Option<f64>| {
            let (mut value, mut peak) = (0.0_f64, 0.0_f64);
            let falls: Vec<f64> = weighted_daily(weights, &columns).unwrap().iter().map(|change| {
                value += change;
                peak = peak.max(value);
                value - peak
            }).collect();
            match level {
                Some(level) => shortfall_fractional(&falls, level).unwrap(),
                None => -falls.iter().copied().fold(0.0, f64::min),
            }
        };
        let total: f64 = seeds[..columns.len()].iter().sum();
        let other: Vec<f64> = seeds[..columns.len()].iter().map(|seed| seed / total).collect();
        for (goal, level) in [(Goal::MinMaxDrawdown, None), (Goal::MinDrawdownAtRisk { level: 0.9 }, Some(0.9))] {
            let solution = optimize(&inputs, &goal, &Constraints::long_only(columns.len())).unwrap();
            prop_assert!(fall(&solution.weights, level) <= fall(&other, level) + 1e-8);
        }
    }
}
