//! Monte Carlo to a horizon against closed forms, and what must hold for any book.

use apex_analytics::distribution::normal_quantile;
use apex_analytics::rebalance::RebalanceRule;
use apex_analytics::scenario::horizon::{
    Drift, FlowRule, Horizon, HorizonBook, HorizonSettings, LEVELS, StepFlow, flow_schedule, rebalance_schedule,
    simulate,
};
use apex_analytics::var::simulation::{SimulatedDistribution, Simulation};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn settings(distribution: SimulatedDistribution, paths: usize, steps: usize) -> HorizonSettings {
    HorizonSettings {
        simulation: Simulation {
            distribution,
            paths,
            seed: 7,
            block: 5,
            degrees_of_freedom: None,
        },
        steps,
        step_days: 21,
        drift: Drift::Sample,
        cash_yearly: 0.0,
        rebalances: Vec::new(),
        band: None,
        flows: Vec::new(),
        cost: 0.0,
        goal: None,
    }
}

fn months(count: i64) -> Vec<Date> {
    (0..=count).map(|month| date(2026, 1, 31) + month.months()).collect()
}

fn run(book: &HorizonBook<'_>, settings: &HorizonSettings) -> Horizon {
    simulate(book, settings, |_| true).unwrap().unwrap()
}

/// Daily returns that are no distribution of the textbook, from a fixed generator.
fn returns(seed: u64, days: usize) -> Vec<f64> {
    let mut bits = seed;
    (0..days)
        .map(|_| {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            0.0005 + 0.02 * ((bits >> 11) as f64 / (1_u64 << 53) as f64 - 0.5)
        })
        .collect()
}

#[test]
fn an_asset_alone_has_lognormal_quantiles_and_more_paths_come_closer() {
    // Black-Scholes world: ln V ~ N(m t, s^2 t) with the sample's moments of logarithmic returns.
    let column = returns(1, 500);
    let logs: Vec<f64> = column.iter().map(|value| value.ln_1p()).collect();
    let mean = logs.iter().sum::<f64>() / 500.0;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / 499.0;
    let days = 36.0 * 21.0;
    let book = HorizonBook {
        targets: &[1.0],
        start: &[1.0],
        cash: 0.0,
        returns: &[&column],
    };
    let error = |paths: usize| {
        let found = run(&book, &settings(SimulatedDistribution::Normal, paths, 36));
        let sum: f64 = LEVELS
            .iter()
            .zip(found.quantiles[36])
            .map(|(level, value)| {
                let exact = mean * days + (variance * days).sqrt() * normal_quantile(*level).unwrap();
                (value.ln() - exact).powi(2)
            })
            .sum();
        (sum / 7.0).sqrt()
    };
    let (few, many) = (error(500), error(100_000));
    // The standard error of the 1% quantile of 100,000 paths: root of p (1 - p) / n over the density, times sd 0.16.
    assert!(many < 0.002, "{many}");
    assert!(many < few / 3.0, "{many} after {few}");
}

#[test]
fn more_assets_than_days_fall_together_as_one_of_them_does() {
    // Five times the same asset over four days: the covariance has one direction, and the book is lognormal as it is.
    let column = [0.02, -0.01, 0.015, -0.005];
    let logs = column.map(f64::ln_1p);
    let mean = logs.iter().sum::<f64>() / 4.0;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / 3.0;
    let book = HorizonBook {
        targets: &[0.2; 5],
        start: &[0.2; 5],
        cash: 0.0,
        returns: &[&column, &column, &column, &column, &column],
    };
    let found = run(&book, &settings(SimulatedDistribution::Normal, 100_000, 6));
    let days = 6.0 * 21.0;
    for (level, value) in LEVELS.iter().zip(found.quantiles[6]) {
        let exact = mean * days + (variance * days).sqrt() * normal_quantile(*level).unwrap();
        assert!((value.ln() - exact).abs() < 0.005, "{level}: {value}");
    }
}

#[test]
fn expected_growth_is_what_was_asked_for() {
    let (one, other) = (returns(1, 300), returns(2, 300));
    let book = HorizonBook {
        targets: &[0.6, 0.3],
        start: &[0.6, 0.3],
        cash: 0.1,
        returns: &[&one, &other],
    };
    for distribution in [
        SimulatedDistribution::Normal,
        SimulatedDistribution::TCopula,
        SimulatedDistribution::BlockBootstrap,
    ] {
        let mut asked = settings(distribution, 20_000, 12);
        asked.drift = Drift::Zero;
        let still = run(&book, &asked);
        assert!(
            (still.means[12] - 1.0).abs() < 0.003,
            "{distribution:?}: {}",
            still.means[12]
        );
        asked.drift = Drift::Yearly(0.10);
        let grown = run(&book, &asked);
        // Nine tenths grow by a tenth in 252 days.
        assert!(
            (grown.means[12] - 1.09).abs() < 0.003,
            "{distribution:?}: {}",
            grown.means[12]
        );
    }
}

#[test]
fn without_volatility_flows_make_an_annuity() {
    // 0.04% a day; 21 days a month; 1% of the book of today is paid in at the end of each of 24 months.
    let column = [0.0004; 30];
    let book = HorizonBook {
        targets: &[1.0],
        start: &[1.0],
        cash: 0.0,
        returns: &[&column],
    };
    let dates = months(24);
    let growth = 1.0004_f64.powi(21);
    for amount in [0.01, -0.01] {
        let mut asked = settings(SimulatedDistribution::Normal, 100, 24);
        asked.flows = flow_schedule(
            &dates,
            &FlowRule {
                flow: StepFlow { amount, share: 0.0 },
                months: 1,
                inflation: 0.0,
            },
        );
        let found = run(&book, &asked);
        let exact = growth.powi(24) + amount * (growth.powi(24) - 1.0) / (growth - 1.0);
        for value in found.quantiles[24] {
            assert!((value - exact).abs() < 1e-12, "{value} is not {exact}");
        }
    }
    // Costs of 1% on each payment take a hundredth of it.
    let mut asked = settings(SimulatedDistribution::Normal, 100, 24);
    asked.cost = 0.01;
    asked.flows = vec![
        StepFlow {
            amount: 0.01,
            share: 0.0
        };
        24
    ];
    let found = run(&book, &asked);
    let exact = growth.powi(24) + 0.0099 * (growth.powi(24) - 1.0) / (growth - 1.0);
    assert!((found.means[24] - exact).abs() < 1e-12);
}

#[test]
fn inflation_raises_a_flow_and_shares_follow_the_value() {
    let dates = months(24);
    let rule = FlowRule {
        flow: StepFlow {
            amount: -0.1,
            share: -0.05,
        },
        months: 12,
        inflation: 0.02,
    };
    let flows = flow_schedule(&dates, &rule);
    assert!((flows[11].amount + 0.102).abs() < 1e-15 && (flows[23].amount + 0.10404).abs() < 1e-15);
    assert_eq!(flows.iter().map(|flow| flow.share).sum::<f64>(), -0.1);
    // Cash alone: (1 - 0.05) - 0.102 after a year, and so on.
    let book = HorizonBook {
        targets: &[],
        start: &[],
        cash: 1.0,
        returns: &[],
    };
    let mut asked = settings(SimulatedDistribution::Normal, 100, 24);
    asked.flows = flows;
    let found = run(&book, &asked);
    assert!((found.means[24] - ((1.0 - 0.05 - 0.102) * 0.95 - 0.10404)).abs() < 1e-12);
    assert_eq!((found.below_start, found.ran_out), (1.0, 0.0));
}

#[test]
fn a_book_that_cannot_pay_is_left_with_nothing() {
    let book = HorizonBook {
        targets: &[],
        start: &[],
        cash: 1.0,
        returns: &[],
    };
    let mut asked = settings(SimulatedDistribution::Normal, 100, 3);
    asked.flows = vec![
        StepFlow {
            amount: -0.6,
            share: 0.0
        };
        3
    ];
    asked.goal = Some(0.5);
    let found = run(&book, &asked);
    assert!((found.means[1] - 0.4).abs() < 1e-15);
    assert_eq!((found.means[2], found.means[3], found.ran_out), (0.0, 0.0, 1.0));
    // Nothing was lost to prices on the way.
    assert_eq!((found.drawdowns, found.below_goal), ([0.0; 7], Some(1.0)));
}

#[test]
fn weights_set_back_cost_what_is_traded() {
    // Half in an asset that doubles every step, half in cash: 1 becomes 1.5, a quarter is sold.
    let column = [1.0, 1.0, 1.0];
    let book = HorizonBook {
        targets: &[0.5],
        start: &[0.5],
        cash: 0.5,
        returns: &[&column],
    };
    let mut asked = settings(SimulatedDistribution::BlockBootstrap, 100, 2);
    asked.simulation.block = 1;
    asked.step_days = 1;
    asked.rebalances = vec![true, false];
    asked.cost = 0.01;
    let found = run(&book, &asked);
    // Traded 0.25 costs 0.0025; half of 1.4975 doubles again.
    assert!((found.means[1] - 1.4975).abs() < 1e-12, "{:?}", found.means);
    assert!((found.means[2] - 1.4975 * 1.5).abs() < 1e-12);
    // A band that is never left trades nothing: 0.5 * 4 + 0.5.
    asked.rebalances.clear();
    asked.band = Some(0.4);
    assert!((run(&book, &asked).means[2] - 2.5).abs() < 1e-12);
    // One that is left at once trades as above.
    asked.band = Some(0.1);
    assert!((run(&book, &asked).means[1] - 1.4975).abs() < 1e-12);
}

#[test]
fn months_and_quarters_end_where_the_calendar_says() {
    let dates = months(6);
    assert_eq!(
        rebalance_schedule(&dates, RebalanceRule::Monthly),
        [true, true, true, true, true, false]
    );
    assert_eq!(
        rebalance_schedule(&dates, RebalanceRule::Quarterly),
        [false, true, false, false, true, false]
    );
    assert_eq!(rebalance_schedule(&dates, RebalanceRule::Never), [false; 6]);
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let (one, other) = (returns(3, 250), returns(4, 250));
    let book = HorizonBook {
        targets: &[0.7, -0.2],
        start: &[0.6, -0.25],
        cash: 0.5,
        returns: &[&one, &other],
    };
    for distribution in [
        SimulatedDistribution::Normal,
        SimulatedDistribution::TCopula,
        SimulatedDistribution::BlockBootstrap,
    ] {
        let mut asked = settings(distribution, 1_500, 24);
        asked.flows = vec![
            StepFlow {
                amount: -0.001,
                share: -0.001
            };
            24
        ];
        asked.rebalances = rebalance_schedule(&months(24), RebalanceRule::Quarterly);
        asked.cost = 0.001;
        let bytes = [1, 4].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            format!("{:?}", pool.install(|| run(&book, &asked)))
        });
        assert_eq!(bytes[0], bytes[1], "{distribution:?}");
    }
}

#[test]
fn a_simulation_that_is_told_to_stop_has_no_answer() {
    let column = returns(5, 100);
    let book = HorizonBook {
        targets: &[1.0],
        start: &[1.0],
        cash: 0.0,
        returns: &[&column],
    };
    let asked = settings(SimulatedDistribution::Normal, 2_000, 12);
    assert_eq!(simulate(&book, &asked, |_| false), Ok(None));
}

#[test]
fn what_cannot_be_simulated_names_the_value() {
    let column = [0.01, -1.0];
    let book = HorizonBook {
        targets: &[1.0],
        start: &[1.0],
        cash: 0.0,
        returns: &[&column],
    };
    let asked = settings(SimulatedDistribution::Normal, 100, 1);
    let refused = |asked: &HorizonSettings| simulate(&book, asked, |_| true).unwrap_err().to_string();
    assert!(refused(&asked).contains("loses everything: -1"));
    let few = settings(SimulatedDistribution::Normal, 99, 1);
    assert!(refused(&few).contains("number of paths is 99"));
    let dear = HorizonSettings { cost: 1.0, ..asked };
    assert!(refused(&dear).contains("cost of trading is 1"));
}

proptest! {
    #[test]
    fn quantiles_rise_with_their_level_and_shares_lie_between_none_and_all(
        seed in 0_u64..1000, weight in -0.5..1.5_f64, flow in -0.02..0.02_f64, cost in 0.0..0.01_f64,
    ) {
        let column = returns(seed + 1, 60);
        let book = HorizonBook { targets: &[weight], start: &[weight], cash: 1.0 - weight, returns: &[&column] };
        let mut asked = settings(SimulatedDistribution::BlockBootstrap, 300, 6);
        asked.flows = vec![StepFlow { amount: flow, share: 0.0 }; 6];
        asked.rebalances = vec![true; 6];
        asked.cost = cost;
        asked.goal = Some(1.0);
        let found = run(&book, &asked);
        for quantiles in &found.quantiles {
            prop_assert!(quantiles.is_sorted());
        }
        prop_assert_eq!(found.below_goal, Some(found.below_start));
        prop_assert!((0.0..=1.0).contains(&found.below_start) && (0.0..=1.0).contains(&found.ran_out));
        prop_assert!(found.drawdowns.iter().all(|fall| (0.0..=1.0).contains(fall)));
    }
}
