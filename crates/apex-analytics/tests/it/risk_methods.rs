//! Every method of VaR: golden values, closed forms, and what must hold whatever the data.

use apex_analytics::AnalyticsError;
use apex_analytics::distribution::{student_density, student_quantile};
use apex_analytics::quantile::QuantileRule;
use apex_analytics::random::Stream;
use apex_analytics::returns::{simple_returns, weighted_daily};
use apex_analytics::var::backtest::{Zone, backtest, breaches, rolling_var, traffic_light};
use apex_analytics::var::incremental::incremental;
use apex_analytics::var::simulation::{SimulatedDistribution, Simulation};
use apex_analytics::var::student::student_fit;
use apex_analytics::var::{HorizonRule, MeanRule, ValueAtRisk, VarMethod, VarSettings, VolatilityModel, value_at_risk};
use proptest::prelude::*;

use crate::reference::{close, golden, prices};

const DISTRIBUTIONS: [SimulatedDistribution; 3] = [
    SimulatedDistribution::Normal,
    SimulatedDistribution::TCopula,
    SimulatedDistribution::BlockBootstrap,
];

fn returns() -> Vec<Vec<f64>> {
    let table = prices("sp500_dataset.csv.gz");
    table
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect()
}

fn ask(returns: &[Vec<f64>], settings: &VarSettings) -> ValueAtRisk {
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    value_at_risk(&vec![1.0 / columns.len() as f64; columns.len()], &columns, settings).unwrap()
}

/// Returns of correlated assets with fat tails.
fn drawn(seed: u64, assets: usize, days: usize) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(seed, 9);
    let mut columns = vec![Vec::with_capacity(days); assets];
    for _ in 0..days {
        let stretch = 1.0 / stream.chi_square_mean(4.0).sqrt();
        let market = f64::from(stream.normal());
        for (asset, column) in columns.iter_mut().enumerate() {
            let own = f64::from(stream.normal());
            column.push(0.0003 + 0.01 * stretch * (0.6 * market + (0.5 + 0.1 * asset as f64) * own));
        }
    }
    columns
}

/// Every method and variant, one day ahead.
fn all_settings(level: f64) -> Vec<VarSettings> {
    let mut all = Vec::new();
    for method in VarMethod::ALL {
        let one = VarSettings::one_day(method, level);
        match method {
            VarMethod::Filtered => all.extend(
                [VolatilityModel::Ewma, VolatilityModel::Garch].map(|volatility| VarSettings { volatility, ..one }),
            ),
            VarMethod::MonteCarlo => all.extend(DISTRIBUTIONS.map(|distribution| VarSettings {
                simulation: Simulation {
                    distribution,
                    paths: 2000,
                    degrees_of_freedom: Some(4.0),
                    ..Simulation::default()
                },
                ..one
            })),
            _ => all.push(one),
        }
    }
    all
}

#[test]
fn cornish_fisher_agrees_with_the_reference() {
    let rows = &golden("tearsheet_20.json")["rows"]["EW_DAILY"];
    let returns = returns();
    for (level, key) in [(0.95, "var95_cornish_fisher"), (0.99, "var99_cornish_fisher")] {
        let answer = ask(&returns, &VarSettings::one_day(VarMethod::CornishFisher, level));
        assert!(close(answer.var, rows[key].as_f64().unwrap()), "{key}: {}", answer.var);
        assert!(answer.es >= answer.var);
    }
}

#[test]
fn the_expansion_of_a_normal_shape_is_normal() {
    // Two deviations of three outcomes each with kurtosis 3 and no skew: weights 1/6, 2/3, 1/6 at -sqrt(3), 0, sqrt(3).
    let root = 3.0_f64.sqrt() * 0.01;
    let values: Vec<f64> = (0..600).map(|day| [-root, root, 0.0, 0.0, 0.0, 0.0][day % 6]).collect();
    let of = |method| ask(std::slice::from_ref(&values), &VarSettings::one_day(method, 0.975));
    let (normal, expanded) = (of(VarMethod::Normal), of(VarMethod::CornishFisher));
    assert!((normal.var - expanded.var).abs() < 1e-14 && (normal.es - expanded.es).abs() < 1e-14);
}

#[test]
fn without_decay_age_weighting_is_plain_history() {
    let returns = drawn(1, 3, 700);
    for level in [0.9, 0.95, 0.975, 0.99] {
        let aged = VarSettings {
            decay: 1.0,
            ..VarSettings::one_day(VarMethod::AgeWeighted, level)
        };
        let plain = VarSettings {
            quantile: QuantileRule::OrderStatistic,
            ..VarSettings::one_day(VarMethod::Historical, level)
        };
        let (aged, plain) = (ask(&returns, &aged), ask(&returns, &plain));
        assert_eq!(aged.var, plain.var);
        assert!((aged.es - plain.es).abs() < 1e-15, "{} {}", aged.es, plain.es);
    }
}

#[test]
fn recent_losses_weigh_more_with_decay() {
    // By hand: decay 1/2 over four days weighs 1, 2, 4, 8 of 15; at 80% the tail of 3/15 is the -3% (2/15) of the
    // second day, then -2% (4/15) of the third for the rest.
    let values = [0.0, -0.03, -0.02, 0.01];
    let settings = VarSettings {
        decay: 0.5,
        ..VarSettings::one_day(VarMethod::AgeWeighted, 0.8)
    };
    let answer = ask(&[values.to_vec()], &settings);
    assert_eq!(answer.var, 0.02);
    assert!((answer.es - (0.03 * 2.0 + 0.02) / 3.0).abs() < 1e-15, "{}", answer.es);
    assert_eq!((answer.tail, answer.decay), (vec![1, 2], Some(0.5)));
    // The same days in another order: the worst is the oldest and hardly counts.
    let answer = ask(&[vec![-0.03, 0.0, 0.01, -0.02]], &settings);
    assert!((answer.es - (0.03 + 0.02 * 2.0) / 3.0).abs() < 1e-15);
}

#[test]
fn filtering_brings_calm_days_to_the_turmoil_of_today() {
    // Calm of 1% days, then turmoil of 3% days: measured in today's volatility both are alike.
    let values: Vec<f64> = (0..500)
        .map(|day| if day < 400 { 0.01 } else { 0.03 } * if day % 2 == 0 { 1.0 } else { -1.0 })
        .collect();
    for volatility in [VolatilityModel::Ewma, VolatilityModel::Garch] {
        let settings = VarSettings {
            volatility,
            mean: MeanRule::Zero,
            ..VarSettings::one_day(VarMethod::Filtered, 0.9)
        };
        let filtered = ask(std::slice::from_ref(&values), &settings);
        let plain = ask(
            std::slice::from_ref(&values),
            &VarSettings::one_day(VarMethod::Historical, 0.9),
        );
        assert!(
            filtered.var > 0.027 && filtered.var < 0.034,
            "{volatility:?} {}",
            filtered.var
        );
        assert!(filtered.var > plain.var - 1e-12);
        assert_eq!(filtered.volatility, Some(volatility));
    }
}

#[test]
fn student_figures_are_those_of_the_fitted_distribution() {
    let returns = drawn(2, 1, 4000);
    let fit = student_fit(&returns[0], MeanRule::Sample).unwrap();
    assert!((fit.degrees - 4.0).abs() < 0.5, "{}", fit.degrees);
    let answer = ask(&returns, &VarSettings::one_day(VarMethod::StudentT, 0.99));
    let q = student_quantile(0.01, fit.degrees).unwrap();
    assert!(close(answer.var, -(fit.location + q * fit.scale)));
    let es = student_density(q, fit.degrees) / 0.01 * (fit.degrees + q * q) / (fit.degrees - 1.0);
    assert!(close(answer.es, fit.scale * es - fit.location));
    assert_eq!(answer.degrees_of_freedom, Some(fit.degrees));
    // No neighbor is more likely.
    let likelihood = |location: f64, scale: f64, degrees: f64| -> f64 {
        let of = |value: &f64| (student_density((value - location) / scale, degrees) / scale).ln();
        returns[0].iter().map(of).sum()
    };
    let best = likelihood(fit.location, fit.scale, fit.degrees);
    assert!((best - fit.log_likelihood).abs() < 1e-6);
    for step in [-1e-3, 1e-3] {
        assert!(likelihood(fit.location + step * fit.scale, fit.scale, fit.degrees) < best);
        assert!(likelihood(fit.location, fit.scale * (1.0 + step), fit.degrees) < best);
        assert!(likelihood(fit.location, fit.scale, fit.degrees * (1.0 + step)) < best);
    }
}

#[test]
fn a_normal_sample_fits_a_t_that_is_nearly_normal() {
    let mut stream = Stream::new(3, 0);
    let values: Vec<f64> = (0..3000).map(|_| 0.01 * f64::from(stream.normal())).collect();
    let of = |method| ask(std::slice::from_ref(&values), &VarSettings::one_day(method, 0.99)).var;
    let (t, normal) = (of(VarMethod::StudentT), of(VarMethod::Normal));
    assert!((t / normal - 1.0).abs() < 0.02, "{t} {normal}");
}

#[test]
fn components_of_every_method_add_up_and_shortfall_is_no_less_than_var() {
    let mut returns = drawn(4, 5, 400);
    // Assets that repeat each other, and one that never moves.
    returns.push(returns[0].clone());
    returns.push(vec![0.0; 400]);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let weights = [0.4, -0.2, 0.3, 0.25, 0.0, 0.1, 0.15];
    for settings in all_settings(0.975) {
        for (horizon, horizon_rule) in [
            (1, HorizonRule::Overlap),
            (5, HorizonRule::Overlap),
            (5, HorizonRule::Sqrt),
        ] {
            for mean in [MeanRule::Sample, MeanRule::Zero] {
                for quantile in [QuantileRule::Linear, QuantileRule::OrderStatistic] {
                    let settings = VarSettings {
                        horizon,
                        horizon_rule,
                        mean,
                        quantile,
                        ..settings
                    };
                    let answer = value_at_risk(&weights, &columns, &settings).unwrap();
                    let var: f64 = answer.components.iter().map(|part| part.var).sum();
                    let es: f64 = answer.components.iter().map(|part| part.es).sum();
                    assert!(
                        close(var, answer.var) && close(es, answer.es),
                        "{settings:?}: {var} {es} {answer:?}"
                    );
                    assert!(answer.es >= answer.var && answer.var > 0.0, "{settings:?}: {answer:?}");
                    for (part, weight) in answer.components.iter().zip(weights) {
                        assert_eq!(part.var, weight * part.marginal_var);
                    }
                }
            }
        }
    }
}

#[test]
fn marginal_figures_of_the_smooth_methods_are_derivatives() {
    let returns = drawn(5, 3, 500);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    for method in [VarMethod::Normal, VarMethod::CornishFisher] {
        for horizon_rule in [HorizonRule::Overlap, HorizonRule::Sqrt] {
            let settings = VarSettings {
                horizon: if horizon_rule == HorizonRule::Sqrt { 10 } else { 1 },
                horizon_rule,
                ..VarSettings::one_day(method, 0.99)
            };
            let of = |weights: [f64; 3]| value_at_risk(&weights, &columns, &settings).unwrap();
            let whole = of([0.5, 0.3, 0.2]);
            let step = 1e-6;
            let (up, down) = (of([0.5, 0.3 + step, 0.2]), of([0.5, 0.3 - step, 0.2]));
            let slope = (up.var - down.var) / (2.0 * step);
            assert!(
                (slope / whole.components[1].marginal_var - 1.0).abs() < 1e-6,
                "{method:?}"
            );
            let slope = (up.es - down.es) / (2.0 * step);
            assert!(
                (slope / whole.components[1].marginal_es - 1.0).abs() < 1e-6,
                "{method:?}"
            );
        }
    }
}

#[test]
fn an_increment_is_what_the_book_loses_less_without_the_asset() {
    let returns = drawn(6, 3, 300);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let weights = [0.5, 0.3, 0.2];
    for settings in all_settings(0.95) {
        let whole = value_at_risk(&weights, &columns, &settings).unwrap();
        let parts = incremental(&weights, &columns, &settings, &whole).unwrap();
        let without = value_at_risk(&[0.5, 0.0, 0.2], &columns, &settings).unwrap();
        assert_eq!(parts[1].var, whole.var - without.var);
        assert_eq!(parts[1].es, whole.es - without.es);
    }
}

#[test]
fn normal_paths_converge_to_the_closed_form() {
    let returns = drawn(7, 30, 600);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let weights: Vec<f64> = (0..30).map(|asset| 0.01 + 0.0015 * f64::from(asset)).collect();
    let closed = value_at_risk(&weights, &columns, &VarSettings::one_day(VarMethod::Normal, 0.99)).unwrap();
    let mut before = f64::INFINITY;
    for paths in [4_000, 400_000] {
        let settings = VarSettings {
            simulation: Simulation {
                paths,
                seed: 1,
                ..Simulation::default()
            },
            ..VarSettings::one_day(VarMethod::MonteCarlo, 0.99)
        };
        let answer = value_at_risk(&weights, &columns, &settings).unwrap();
        let miss = (answer.es / closed.es - 1.0).abs();
        assert!(miss < before, "{miss} {before}");
        before = miss;
        if paths > 100_000 {
            // The standard error of the quantile is sqrt(p (1 - p) / n) / density: 0.25% of VaR here.
            assert!((answer.var / closed.var - 1.0).abs() < 0.01 && miss < 0.01);
            for (own, exact) in answer.components.iter().zip(&closed.components) {
                assert!(
                    (own.es - exact.es).abs() < 0.03 * closed.es / 10.0,
                    "{} {}",
                    own.es,
                    exact.es
                );
                assert!(
                    (own.var - exact.var).abs() < 0.06 * closed.var / 10.0,
                    "{} {}",
                    own.var,
                    exact.var
                );
            }
        }
    }
}

#[test]
fn normal_paths_of_more_assets_than_days_converge_to_the_closed_form() {
    let returns = drawn(10, 90, 60);
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let weights = vec![1.0 / 90.0; 90];
    let closed = value_at_risk(&weights, &columns, &VarSettings::one_day(VarMethod::Normal, 0.95)).unwrap();
    let settings = VarSettings {
        simulation: Simulation {
            paths: 200_000,
            ..Simulation::default()
        },
        ..VarSettings::one_day(VarMethod::MonteCarlo, 0.95)
    };
    let drawn = value_at_risk(&weights, &columns, &settings).unwrap();
    // The standard error of the quantile is sqrt(p (1 - p) / n) / density: 0.3% of VaR here.
    assert!(
        (drawn.var / closed.var - 1.0).abs() < 0.012,
        "{} {}",
        drawn.var,
        closed.var
    );
    assert!((drawn.es / closed.es - 1.0).abs() < 0.012, "{} {}", drawn.es, closed.es);
}

#[test]
fn paths_of_several_days_grow_as_the_closed_form_does() {
    let returns = drawn(8, 4, 600);
    let closed = VarSettings {
        horizon: 10,
        horizon_rule: HorizonRule::Sqrt,
        ..VarSettings::one_day(VarMethod::Normal, 0.95)
    };
    let closed = ask(&returns, &closed);
    for horizon_rule in [HorizonRule::Sqrt, HorizonRule::Overlap] {
        let settings = VarSettings {
            horizon: 10,
            horizon_rule,
            simulation: Simulation {
                paths: 100_000,
                ..Simulation::default()
            },
            ..VarSettings::one_day(VarMethod::MonteCarlo, 0.95)
        };
        let answer = ask(&returns, &settings);
        // Compounding makes losses a little smaller than the root of time does.
        assert!(
            (answer.var / closed.var - 1.0).abs() < 0.06,
            "{horizon_rule:?} {} {}",
            answer.var,
            closed.var
        );
    }
}

#[test]
fn resampling_and_copula_keep_the_past_of_an_asset() {
    let returns = drawn(9, 1, 1000);
    let plain = ask(&returns, &VarSettings::one_day(VarMethod::Historical, 0.95));
    for distribution in [SimulatedDistribution::TCopula, SimulatedDistribution::BlockBootstrap] {
        let settings = VarSettings {
            simulation: Simulation {
                distribution,
                paths: 200_000,
                ..Simulation::default()
            },
            ..VarSettings::one_day(VarMethod::MonteCarlo, 0.95)
        };
        let answer = ask(&returns, &settings);
        assert!(
            (answer.var / plain.var - 1.0).abs() < 0.03,
            "{distribution:?} {} {}",
            answer.var,
            plain.var
        );
        assert!(
            (answer.es / plain.es - 1.0).abs() < 0.03,
            "{distribution:?} {} {}",
            answer.es,
            plain.es
        );
    }
}

#[test]
fn the_degrees_of_a_t_copula_are_found() {
    let settings = VarSettings {
        simulation: Simulation {
            distribution: SimulatedDistribution::TCopula,
            paths: 1000,
            ..Simulation::default()
        },
        ..VarSettings::one_day(VarMethod::MonteCarlo, 0.99)
    };
    let fitted = ask(&drawn(10, 6, 3000), &settings).degrees_of_freedom.unwrap();
    assert!((fitted - 4.0).abs() < 0.7, "{fitted}");
    let mut stream = Stream::new(5, 0);
    let normal: Vec<Vec<f64>> = (0..6)
        .map(|_| (0..2000).map(|_| f64::from(stream.normal())).collect())
        .collect();
    assert!(ask(&normal, &settings).degrees_of_freedom.unwrap() > 25.0);
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let returns = drawn(11, 12, 300);
    let answers: Vec<String> = [1, 2, 7]
        .map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let all = all_settings(0.99);
                let answers: Vec<ValueAtRisk> = all.iter().map(|settings| ask(&returns, settings)).collect();
                serde_json::to_string(&answers).unwrap()
            })
        })
        .into();
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    let seeded = |seed| {
        let settings = VarSettings {
            simulation: Simulation {
                seed,
                ..Simulation::default()
            },
            ..VarSettings::one_day(VarMethod::MonteCarlo, 0.99)
        };
        ask(&returns, &settings).var
    };
    assert_eq!(seeded(4), seeded(4));
    assert_ne!(seeded(4), seeded(5));
}

#[test]
fn a_stream_is_entered_anywhere_and_its_numbers_are_normal() {
    let mut stream = Stream::new(42, 7);
    let mut seen = Vec::new();
    for _ in 0..3000 {
        seen.push((stream.position(), stream.normal()));
    }
    for (position, number) in seen.iter().step_by(37) {
        assert_eq!(Stream::at(42, 7, *position).normal(), *number);
    }
    assert_ne!(Stream::new(42, 8).normal(), seen[0].1);
    let mut numbers = vec![0.0_f32; 4_000_000];
    stream.fill_normal(&mut numbers);
    let count = numbers.len() as f64;
    let moment = |order: i32| numbers.iter().map(|number| f64::from(*number).powi(order)).sum::<f64>() / count;
    // Standard errors: 0.0005, 0.0007, 0.002 and 0.005.
    assert!(moment(1).abs() < 0.0025 && (moment(2) - 1.0).abs() < 0.0035);
    assert!(moment(3).abs() < 0.01 && (moment(4) - 3.0).abs() < 0.025);
    for limit in [0.5_f32, 1.0, 2.0, 3.0, 3.7, 4.2] {
        let beyond = numbers.iter().filter(|number| **number > limit).count() as f64;
        let expected = count * apex_analytics::distribution::normal_cdf(-f64::from(limit));
        assert!(
            (beyond - expected).abs() < 5.0 * expected.sqrt(),
            "{limit}: {beyond} {expected}"
        );
    }
    let mean: f64 = (0..100_000).map(|_| stream.chi_square_mean(4.0)).sum::<f64>() / 1e5;
    assert!((mean - 1.0).abs() < 0.012, "{mean}");
    let mut counts = [0_u32; 6];
    (0..60_000).for_each(|_| counts[stream.below(6) as usize] += 1);
    assert!(counts.iter().all(|count| count.abs_diff(10_000) < 500), "{counts:?}");
}

#[test]
fn a_backtest_runs_with_every_method() {
    let returns = drawn(12, 1, 420).remove(0);
    for settings in all_settings(0.95) {
        let figures = rolling_var(&returns, 250, &settings).unwrap();
        assert_eq!(figures.len(), 170);
        let breaches = breaches(&returns, &figures);
        let test = backtest(&breaches, 0.95).unwrap();
        assert!(test.exceptions < 25, "{settings:?} {test:?}");
        // Each figure knows nothing of its own day or later.
        let one = value_at_risk(&[1.0], &[&returns[50..300]], &settings).unwrap();
        assert_eq!(figures[50], one.var);
    }
}

#[test]
fn the_traffic_light_is_that_of_the_committee() {
    // Basel Committee (1996), table 2: cumulative probability in percent.
    for (exceptions, percent, zone, factor) in [
        (0, 8.11, Zone::Green, 3.0),
        (4, 89.22, Zone::Green, 3.0),
        (5, 95.88, Zone::Yellow, 3.4),
        (6, 98.63, Zone::Yellow, 3.5),
        (7, 99.60, Zone::Yellow, 3.65),
        (8, 99.89, Zone::Yellow, 3.75),
        (9, 99.97, Zone::Yellow, 3.85),
        (10, 99.99, Zone::Red, 4.0),
    ] {
        let light = traffic_light(exceptions, 250, 0.99);
        assert_eq!((light.zone, light.multiplier), (zone, Some(factor)), "{exceptions}");
        assert!(
            (light.cumulative_probability * 100.0 - percent).abs() < 0.01,
            "{light:?}"
        );
    }
    assert_eq!(traffic_light(3, 500, 0.99).multiplier, None);
}

#[test]
fn settings_that_make_no_sense_are_refused_by_name() {
    let column = [0.01, -0.01, 0.02, 0.0, 0.01];
    let refused = |settings: &VarSettings| value_at_risk(&[1.0], &[&column], settings).unwrap_err().to_string();
    let one = |method| VarSettings::one_day(method, 0.99);
    let aged = VarSettings {
        decay: 1.5,
        ..one(VarMethod::AgeWeighted)
    };
    assert_eq!(refused(&aged), "decay is 1.5; it must be above 0 and at most 1");
    let simulated = |simulation| VarSettings {
        simulation,
        ..one(VarMethod::MonteCarlo)
    };
    let few = Simulation {
        paths: 10,
        ..Simulation::default()
    };
    assert!(refused(&simulated(few)).contains("number of paths"));
    let long = Simulation {
        distribution: SimulatedDistribution::BlockBootstrap,
        block: 6,
        ..Simulation::default()
    };
    assert_eq!(refused(&simulated(long)), "block of 6 does not fit 5 observations");
    assert!(refused(&one(VarMethod::Filtered)).contains("GARCH"));
    // A position that hardly ever has a price has no scale to fit.
    let mut stale = vec![0.0; 100];
    stale[7] = 0.05;
    let settings = one(VarMethod::StudentT);
    let refused_stale = value_at_risk(&[1.0], &[&stale], &settings).unwrap_err().to_string();
    assert!(refused_stale.contains("at one place"), "{refused_stale}");
    let flat = VarSettings {
        volatility: VolatilityModel::Ewma,
        ..one(VarMethod::Filtered)
    };
    assert!(matches!(
        value_at_risk(&[1.0], &[&[0.0; 5]], &flat),
        Err(AnalyticsError::Degenerate { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn twice_the_book_is_twice_the_risk(seed in any::<u64>(), scale in 0.1_f64..5.0) {
        let returns = drawn(seed, 3, 200);
        let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
        for settings in all_settings(0.95) {
            let one = value_at_risk(&[0.5, 0.3, 0.2], &columns, &settings).unwrap();
            let scaled = [0.5, 0.3, 0.2].map(|weight| weight * scale);
            let other = value_at_risk(&scaled, &columns, &settings).unwrap();
            // Single precision decides which paths are near the quantile.
            prop_assert!((other.var / one.var / scale - 1.0).abs() < 1e-5, "{:?} {} {}", settings, one.var, other.var);
            prop_assert!((other.es / one.es / scale - 1.0).abs() < 1e-5, "{:?} {} {}", settings, one.es, other.es);
        }
    }

    #[test]
    fn the_order_of_days_counts_only_where_age_does(seed in any::<u64>()) {
        let returns = drawn(seed, 3, 150);
        let mut order: Vec<usize> = (0..150).collect();
        let mut stream = Stream::new(seed, 1);
        for at in (1..150).rev() {
            order.swap(at, stream.below(at as u32 + 1) as usize);
        }
        let in_order = |column: &Vec<f64>| order.iter().map(|day| column[*day]).collect();
        let shuffled: Vec<Vec<f64>> = returns.iter().map(in_order).collect();
        for settings in all_settings(0.95) {
            if matches!(settings.method, VarMethod::AgeWeighted | VarMethod::Filtered)
                || settings.simulation.distribution == SimulatedDistribution::BlockBootstrap {
                continue;
            }
            let (one, other) = (ask(&returns, &settings), ask(&shuffled, &settings));
            prop_assert!((one.var / other.var - 1.0).abs() < 1e-6, "{:?} {} {}", settings, one.var, other.var);
            prop_assert!((one.es / other.es - 1.0).abs() < 1e-6, "{:?} {} {}", settings, one.es, other.es);
        }
    }

    #[test]
    fn the_order_of_assets_does_not_count(seed in any::<u64>()) {
        let returns = drawn(seed, 4, 150);
        let backwards: Vec<&[f64]> = returns.iter().rev().map(Vec::as_slice).collect();
        let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
        let weights = [0.1, 0.2, 0.3, 0.4];
        for settings in all_settings(0.95) {
            // Random numbers go to the assets in their order.
            if settings.method == VarMethod::MonteCarlo {
                continue;
            }
            let one = value_at_risk(&weights, &columns, &settings).unwrap();
            let other = value_at_risk(&[0.4, 0.3, 0.2, 0.1], &backwards, &settings).unwrap();
            prop_assert!((one.var / other.var - 1.0).abs() < 1e-6, "{:?}", settings);
            let (part, again) = (one.components[0].es, other.components[3].es);
            // A part may be near zero, so the size of the whole says what is near.
            let size = one.es.abs().max(one.var.abs());
            prop_assert!((part - again).abs() < 1e-6 * size, "{:?} {} {} {}", settings, part, again, one.es);
        }
    }

    #[test]
    fn a_higher_level_is_a_larger_loss(seed in any::<u64>()) {
        let returns = drawn(seed, 2, 300);
        let portfolio = weighted_daily(&[0.5, 0.5], &returns.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        for method in VarMethod::ALL {
            if method == VarMethod::CornishFisher {
                continue; // The expansion is not monotone for every shape.
            }
            let of = |level| ask(std::slice::from_ref(&portfolio), &VarSettings::one_day(method, level));
            let (low, high) = (of(0.9), of(0.99));
            prop_assert!(high.var >= low.var && high.es >= low.es, "{:?}", method);
        }
    }
}
