//! Backtests: a table worked by hand, decisions that know only the past, and the demo firm.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use apex_app::statistics::PriceTable;
use apex_app::{AppError, Job, backtest};
use apex_domain::Decimal;
use apex_wire::backtest::{Backtest, BacktestRun, Momentum, Rebalance, RunBacktests, Validation};
use apex_wire::job::JobId;
use apex_wire::optimizer::{Constraints, Limit, ObjectiveName, Policy};
use apex_wire::session::NewBook;

use crate::desk::created;

fn table(text: &str) -> PriceTable {
    apex_app::table::price_table("prices.csv", text.as_bytes()).expect("a table")
}

fn run(prices: &PriceTable, backtest: &Backtest) -> BacktestRun {
    backtest::run_on_table(prices, backtest, &Job::unwatched()).expect("a run")
}

fn with(objective: ObjectiveName) -> Backtest {
    Backtest {
        window: 60,
        policy: Policy {
            objective,
            ..Policy::default()
        },
        ..Backtest::default()
    }
}

/// Five assets over 300 weekdays, made up; from the row `changed` on, every price is another.
fn made_up(changed: Option<usize>) -> PriceTable {
    let mut state = 7_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24) - 0.5
    };
    let mut levels = [100.0; 5];
    let mut text = "date,A,B,C,D,INDEX\n".to_owned();
    let mut day: jiff::civil::Date = "2024-01-01".parse().expect("a day");
    for row in 0..300 {
        let market = 0.01 * draw();
        text.push_str(&day.to_string());
        for (at, level) in levels.iter_mut().enumerate() {
            *level *= 1.0003 + market + 0.01 * (at + 1) as f64 * draw();
            let shown = match changed {
                Some(changed) if row >= changed => *level * (1.0 + 0.3 * (at as f64 + 1.0) * draw()),
                _ => *level,
            };
            text.push_str(&format!(",{shown:.6}"));
        }
        text.push('\n');
        day = day.tomorrow().expect("a day");
        while matches!(
            day.weekday(),
            jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
        ) {
            day = day.tomorrow().expect("a day");
        }
    }
    table(&text)
}

#[test]
fn half_in_each_and_one_percent_for_the_purchase() {
    let prices = table("date,A,B\n2026-01-05,10,5\n2026-01-06,15,5\n2026-01-07,20,5\n");
    let backtest = Backtest {
        window: 0,
        delay: 0,
        cost_bp: 100.0,
        rebalance: Rebalance::Never,
        ..with(ObjectiveName::Equal)
    };
    let found = run(&prices, &Backtest { window: 0, ..backtest });
    // 0.99 is invested, half of it doubles: 0.99 * (0.5 * 1.5 + 0.5), then 0.99 * (0.5 * 2 + 0.5).
    assert_eq!(found.wealth[0], 1.0);
    assert!((found.wealth[1] - 0.99 * 1.25).abs() < 1e-12 && (found.wealth[2] - 0.99 * 1.5).abs() < 1e-12);
    assert!((found.cost - 0.01).abs() < 1e-15 && found.rebalancings.len() == 1);
    // A drifted to two thirds.
    assert_eq!(found.last_weights[0].0, "A");
    assert!((found.last_weights[0].1 - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(found.turnover_year, Some(0.0));
}

#[test]
fn decisions_never_see_the_prices_after_them() {
    let (before, after) = (made_up(None), made_up(Some(200)));
    let changed = before.dates()[200];
    for objective in [
        ObjectiveName::MinVariance,
        ObjectiveName::MaxSharpe,
        ObjectiveName::RiskParity,
        ObjectiveName::Hrp,
        ObjectiveName::InverseVolatility,
        ObjectiveName::MinCvar,
    ] {
        for (delay, momentum) in [
            (0, None),
            (2, None),
            (
                1,
                Some(Momentum {
                    names: 3,
                    lookback: 40,
                    skip: 5,
                }),
            ),
        ] {
            let backtest = Backtest {
                delay,
                momentum,
                benchmark: Some("INDEX".into()),
                ..with(objective)
            };
            let early = |prices: &PriceTable| {
                let mut found = run(prices, &backtest);
                found.rebalancings.retain(|one| one.date < changed);
                found.rebalancings
            };
            let (known, other) = (early(&before), early(&after));
            assert!(known.len() >= 4, "{objective:?}: {} rebalancings", known.len());
            assert_eq!(known, other, "{objective:?}, delay {delay}");
        }
    }
}

#[test]
fn momentum_holds_only_the_strongest_and_turnover_is_kept_small() {
    let prices = made_up(None);
    let strongest = run(
        &prices,
        &Backtest {
            momentum: Some(Momentum {
                names: 2,
                lookback: 50,
                skip: 0,
            }),
            ..with(ObjectiveName::Equal)
        },
    );
    for one in &strongest.rebalancings {
        assert_eq!(one.weights.len(), 2, "{one:?}");
        assert!(one.weights.values().all(|weight| (weight - 0.5).abs() < 1e-12));
    }
    let mut calm = with(ObjectiveName::MaxSharpe);
    calm.policy.constraints.turnover = Some(Limit { limit: 0.1 });
    for one in run(&prices, &calm).rebalancings.iter().skip(1) {
        // Weights drift on the day of delay.
        assert!(one.turnover < 0.1 + 0.05, "{one:?}");
    }
}

#[test]
fn what_cannot_be_run_names_field_place_and_reason() {
    let read = |text: &str| backtest::read(text).expect_err("refused").to_string();
    let unknown = read("name = \"x\"\nwindow = 60\nrebalanced = \"monthly\"\n");
    assert!(
        unknown.contains("line 3") && unknown.contains("rebalanced"),
        "{unknown}"
    );
    let deep = read("[policy]\nobjective = \"min-variance\"\n[policy.constraints]\nupmost = 0.1\n");
    assert!(deep.contains("line 4") && deep.contains("upmost"), "{deep}");
    assert!(read("[policy]\nobjective = \"best\"\n").contains("line 2"));
    let field = |text: &str| match backtest::read(text).expect_err("refused") {
        AppError::Invalid { field, .. } => field,
        err => panic!("{err}"),
    };
    assert_eq!(field("window = 3"), Some("window"));
    assert_eq!(field("cost_bp = -1.0"), Some("cost_bp"));
    assert_eq!(field("[momentum]\nnames = 3\nlookback = 400"), Some("momentum"));
    assert_eq!(field("[validation]\nfolds = 1"), Some("folds"));
    assert_eq!(field("[validation]\nfolds = 30\ntested = 15"), Some("tested"));
    assert_eq!(field("from = \"2024-01-02\"\nuntil = \"2023-01-02\""), Some("from"));
    let prices = made_up(None);
    let refused = |backtest: &Backtest| {
        let err = backtest::run_on_table(&prices, backtest, &Job::unwatched()).expect_err("refused");
        err.to_string()
    };
    let mut capped = with(ObjectiveName::MinVariance);
    capped.policy.constraints = Constraints {
        upper: Some(0.1),
        ..Constraints::default()
    };
    let conflict = refused(&capped);
    assert!(
        conflict.starts_with("no decision has an answer: on 2024-") && conflict.contains("upper bounds add up to 0.5"),
        "{conflict}"
    );
    let missing = refused(&Backtest {
        universe: vec!["A".into(), "Z".into()],
        ..with(ObjectiveName::Equal)
    });
    assert_eq!(missing, "there is no column Z; columns are A, B, C, D, INDEX");
    assert!(
        refused(&Backtest {
            window: 299,
            ..with(ObjectiveName::Hrp)
        })
        .contains("window of 299")
    );
}

#[test]
fn every_day_is_tested_once_on_each_path() {
    let prices = made_up(None);
    let asked = |folds, tested| Backtest {
        validation: Some(Validation {
            folds,
            tested,
            embargo: 3,
        }),
        ..with(ObjectiveName::RiskParity)
    };
    // C(6, 2) = 15 splits and C(5, 1) = 5 paths (López de Prado 2018, section 12.3).
    let scores = run(&prices, &asked(6, 2)).validation.expect("scores");
    assert_eq!((scores.splits.len(), scores.path_sharpe.len()), (15, 5));
    assert!(scores.path_sharpe.iter().all(Option::is_some) && scores.mean_sharpe.is_some());
    let plain = run(&prices, &asked(4, 1)).validation.expect("scores");
    assert_eq!((plain.splits.len(), plain.path_sharpe.len()), (4, 1));
    assert_eq!(plain.splits.iter().map(|split| split.test).sum::<usize>(), 299);
    // A quarter tested, and no more than the embargo left out besides.
    assert!(
        plain
            .splits
            .iter()
            .all(|split| (299 - 75 - 3..=299 - 74).contains(&split.train))
    );
}

#[test]
fn a_cancelled_backtest_stops_at_its_next_decision() {
    let flag = Arc::new(AtomicBool::new(false));
    let pressed = flag.clone();
    let job = Job::with_flag(flag, move |progress| {
        if progress.done > 150 {
            pressed.store(true, Ordering::Relaxed);
        }
    });
    let ended = backtest::run_on_table(&made_up(None), &with(ObjectiveName::MinVariance), &job);
    assert!(matches!(ended, Err(AppError::Cancelled)), "{ended:?}");
}

#[tokio::test]
async fn backtests_of_the_demo_firm_end_in_a_list_of_trades() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    let named = |name: &str, objective| Backtest {
        name: name.into(),
        days: 500,
        ..with(objective)
    };
    let ask = RunBacktests {
        job: JobId("backtest".into()),
        view,
        backtests: vec![
            named("Equal", ObjectiveName::Equal),
            named("Least variance", ObjectiveName::MinVariance),
        ],
    };
    let runs = app.run_backtests(ask, &Job::unwatched()).expect("runs");
    assert_eq!(runs[0].days, runs[1].days);
    let volatility = |run: &BacktestRun| run.statistics["vol_ann"].expect("a volatility");
    assert!(volatility(&runs[1]) < volatility(&runs[0]));
    for run in &runs {
        // The portfolio's own benchmark, as none is named.
        assert!(
            run.benchmark.is_some() && run.statistics["beta"].is_some(),
            "{:?}",
            run.notes
        );
        let sum: f64 = run.next_weights.iter().map(|(_, weight)| weight).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{}: {sum}", run.name);
        let trades = run.trades.as_ref().expect("trades");
        let cash = trades.cash_change.known().expect("an amount");
        // What is bought is paid by what is sold, whole shares and costs aside.
        let traded = *trades.bought.known().expect("an amount") + *trades.sold.known().expect("an amount");
        assert!(
            cash.abs() < traded * Decimal::new(2, 2),
            "{}: {cash} of {traded}",
            run.name
        );
    }
}
