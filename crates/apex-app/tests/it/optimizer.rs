//! Weights of a book's holdings: small ledgers worked by hand, and what must hold on the demo firm.

use apex_app::Job;
use apex_domain::Decimal;
use apex_wire::job::CancelJob;
use apex_wire::optimizer::{
    Belief, Constraints, Costs, Each, Group, Limit, Lots, Means, Names, ObjectiveName, Optimized, Policy, Range,
    ReadConstraints, Row, RunOptimizer, Tracking, TradeSide, Weights,
};
use apex_wire::session::NewBook;
use apex_wire::{Amount, Code, Failure};
use proptest::prelude::*;

use crate::desk::created;
use crate::figures::Small;

fn money(text: &str) -> Decimal {
    text.parse().expect("an amount")
}

fn known(figure: &Amount) -> Decimal {
    figure.known().copied().unwrap_or_else(|| panic!("{figure:?}"))
}

/// Returns of plus and minus a tenth, and of twice plus and twice minus a twentieth: no covariance, no mean.
const UNCORRELATED: &str = "
    2026-01-05  deposit  10000 USD
    2026-01-05  buy      ACME  40 @ 100 USD
    2026-01-05  buy      BETA  50 @ 100 USD
    2026-01-05  price    ACME  100
    2026-01-06  price    ACME  110
    2026-01-07  price    ACME  99
    2026-01-08  price    ACME  108.9
    2026-01-09  price    ACME  98.01
    2026-01-05  price    BETA  100
    2026-01-06  price    BETA  105
    2026-01-07  price    BETA  110.25
    2026-01-08  price    BETA  104.7375
    2026-01-09  price    BETA  99.500625
";

fn usual(small: &Small) -> RunOptimizer {
    RunOptimizer {
        policy: Policy::default(),
        ..RunOptimizer::new(small.view)
    }
}

#[tokio::test]
async fn weights_become_trades_in_whole_shares() {
    let small = Small::new("2026-01-09", UNCORRELATED).await;
    let mut ask = usual(&small);
    ask.policy.constraints.costs = Some(Costs {
        proportional: Some(Each::Same(0.001)),
        impact: None,
    });
    let found = small.app.run_optimizer(ask, &Job::unwatched()).expect("weights");
    // NAV is 1,000 in cash, 40 at 98.01 and 50 at 99.500625: 9,895.43. The holdings make up 8,895.43 of it. Variances
    // are as 4 to 1 and there is no covariance, so a fifth of that goes to ACME: 1,779.09, 21.85 shares less than now.
    // BETA goes to 7,116.34: 21.52 shares more.
    assert_eq!(known(&found.nav), money("9895.43"));
    let share = 8895.43 / 9895.43;
    assert!((found.budget - share).abs() < 1e-9);
    let line = |symbol: &str| found.lines.iter().find(|line| line.symbol == symbol).expect("a line");
    assert!((line("ACME").after - 0.2 * share).abs() < 1e-6, "{:?}", line("ACME"));
    assert!((line("BETA").after - 0.8 * share).abs() < 1e-6);
    // With no covariance the shares of variance are w^2 v: 0.04 * 4 to 0.64 * 1.
    assert!((line("ACME").risk_after.known().expect("a share") - 0.2).abs() < 1e-6);
    let trades: Vec<_> = found
        .trades
        .rows
        .iter()
        .map(|row| (row.symbol.as_str(), row.side, row.quantity, known(&row.amount)))
        .collect();
    assert_eq!(
        trades,
        [
            ("ACME", TradeSide::Sell, money("21"), money("2058.21")),
            ("BETA", TradeSide::Buy, money("21"), money("2089.51")),
        ]
    );
    // 0.1% of each: 2.06 and 2.09.
    assert_eq!(known(&found.trades.cost), money("4.15"));
    assert_eq!(known(&found.trades.cash_change), money("-35.45"));
    assert_eq!(found.trades.csv, "symbol,quantity\nACME,-21\nBETA,21\n");
}

#[tokio::test]
async fn constraints_that_exclude_one_another_are_named() {
    let small = Small::new("2026-01-09", UNCORRELATED).await;
    let refused = |constraints: Constraints| -> Failure {
        let mut ask = usual(&small);
        ask.policy.constraints = constraints;
        small.app.run_optimizer(ask, &Job::unwatched()).expect_err("refused")
    };
    let capped = refused(Constraints {
        upper: Some(0.4),
        ..Constraints::default()
    });
    assert_eq!(
        capped.sentence,
        "no portfolio keeps these constraints together: weights add up to 0.898943, upper bounds add up to 0.8"
    );
    let grouped = refused(Constraints {
        groups: vec![Group {
            class: Some("currency".into()),
            value: Some("USD".into()),
            upper: Some(0.5),
            ..Group::default()
        }],
        ..Constraints::default()
    });
    assert!(grouped.sentence.contains("currency USD at most 0.5"), "{grouped}");
    let unknown = refused(Constraints {
        groups: vec![Group {
            class: Some("sector".into()),
            value: Some("Energy".into()),
            upper: Some(0.5),
            ..Group::default()
        }],
        ..Constraints::default()
    });
    assert_eq!(unknown.sentence, "no asset is Energy in the classification sector");
    let mut ask = usual(&small);
    ask.policy.objective = ObjectiveName::Hrp;
    ask.policy.constraints.upper = Some(0.9);
    let rule = small.app.run_optimizer(ask, &Job::unwatched()).expect_err("refused");
    assert!(
        rule.sentence.starts_with("hierarchical risk parity is a rule") && rule.field.as_deref() == Some("constraints"),
        "{rule}"
    );
}

#[tokio::test]
async fn numbers_out_of_range_name_their_field() {
    let small = Small::new("2026-01-09", UNCORRELATED).await;
    let field = |change: fn(&mut RunOptimizer)| {
        let mut ask = usual(&small);
        change(&mut ask);
        small
            .app
            .run_optimizer(ask, &Job::unwatched())
            .expect_err("refused")
            .field
    };
    assert_eq!(field(|ask| ask.window = 3).as_deref(), Some("window"));
    assert_eq!(field(|ask| ask.policy.level = 1.0).as_deref(), Some("level"));
    assert_eq!(field(|ask| ask.policy.tau = 0.0).as_deref(), Some("tau"));
    assert_eq!(field(|ask| ask.added = vec!["NOPE".into()]).as_deref(), Some("added"));
    assert_eq!(field(|ask| ask.point = Some(50)).as_deref(), Some("point"));
    assert_eq!(
        field(|ask| ask.policy.objective = ObjectiveName::TargetReturn).as_deref(),
        Some("target_percent")
    );
    assert_eq!(field(|ask| ask.policy.means = Means::Pooled).as_deref(), Some("views"));
}

#[tokio::test]
async fn what_has_no_history_is_left_out_by_name_and_what_is_added_is_weighed() {
    let text = format!(
        "{UNCORRELATED}
    2026-01-09  buy      LATE  1 @ 10 USD
    2026-01-09  price    LATE  10
    2026-01-05  price    GAMMA 50
    2026-01-06  price    GAMMA 50.5
    2026-01-07  price    GAMMA 50
    2026-01-08  price    GAMMA 50.5
    2026-01-09  price    GAMMA 50
    "
    );
    let small = Small::new("2026-01-09", &text).await;
    let mut ask = usual(&small);
    ask.added = vec!["gamma".into()];
    let found = small.app.run_optimizer(ask, &Job::unwatched()).expect("weights");
    assert_eq!(found.left_out, ["LATE, 0.1% of NAV: no price on or before 2026-01-05"]);
    let gamma = found.lines.iter().find(|line| line.symbol == "GAMMA").expect("a line");
    assert!(gamma.now == 0.0 && gamma.after > 0.5, "{gamma:?}");
}

#[tokio::test]
async fn a_portfolio_of_the_frontier_can_be_looked_at() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    let mut ask = RunOptimizer::new(view);
    ask.policy.constraints = Constraints {
        upper: Some(0.10),
        groups: vec![Group {
            class: Some("sector".into()),
            value: Some("Technology".into()),
            upper: Some(0.20),
            ..Group::default()
        }],
        ..Constraints::default()
    };
    let sectors = app
        .run_optimizer(RunOptimizer::new(view), &Job::unwatched())
        .expect("weights")
        .classes;
    let technology = sectors["sector"]
        .iter()
        .find(|name| name.contains("Tech"))
        .expect("a sector")
        .clone();
    ask.policy.constraints.groups[0].value = Some(technology);
    let best = app.run_optimizer(ask.clone(), &Job::unwatched()).expect("weights");
    assert!(
        best.frontier.len() >= 45,
        "{} points, {:?}",
        best.frontier.len(),
        best.notes
    );
    let mut last = 0.0;
    for (at, point) in best.frontier.iter().enumerate() {
        assert!(point.volatility >= last - 1e-9, "the frontier turns back at {at}");
        last = point.volatility;
    }
    // The least volatile one is the answer itself.
    assert!((best.frontier[0].volatility - best.after.volatility).abs() < 1e-7);
    ask.point = Some(20);
    let chosen = app.run_optimizer(ask, &Job::unwatched()).expect("weights");
    assert!((chosen.after.volatility - best.frontier[20].volatility).abs() < 1e-12);
    let sum: f64 = chosen.lines.iter().map(|line| line.after).sum();
    assert!((sum - best.budget).abs() < 1e-6);
    assert!(chosen.lines.iter().all(|line| line.after < 0.10 + 1e-6));
}

#[tokio::test]
async fn every_objective_keeps_its_budget_on_the_demo_firm() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    let held = app
        .run_optimizer(RunOptimizer::new(view), &Job::unwatched())
        .expect("weights");
    for (objective, name, _) in ObjectiveName::ALL {
        let mut ask = RunOptimizer::new(view);
        ask.points = 0;
        ask.window = 252;
        ask.policy.objective = objective;
        ask.policy.target_percent = match objective {
            ObjectiveName::TargetVolatility => Some(held.after.volatility_year * 130.0),
            ObjectiveName::TargetReturn => Some(5.0),
            _ => None,
        };
        if objective == ObjectiveName::Fixed {
            ask.policy.weights = held
                .lines
                .iter()
                .take(4)
                .map(|line| (line.symbol.clone(), 2.0))
                .collect();
        }
        if objective.takes_constraints() {
            ask.policy.constraints.upper = Some(0.2);
        }
        let found = app
            .run_optimizer(ask, &Job::unwatched())
            .unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let sum: f64 = found.lines.iter().map(|line| line.after).sum();
        assert!((sum - held.budget).abs() < 1e-5, "{name}: {sum}");
        assert!(found.lines.iter().all(|line| line.after > -1e-6), "{name}");
        if objective.takes_constraints() {
            assert!(found.lines.iter().all(|line| line.after < 0.2 + 1e-5), "{name}");
        }
        let risk: f64 = found.lines.iter().filter_map(|line| line.risk_after.known()).sum();
        assert!((risk - 1.0).abs() < 1e-9, "{name}: {risk}");
        sums_hold(&found, name);
    }
}

/// What is bought and sold adds up, and each trade leaves a weight within a share of the one chosen.
fn sums_hold(found: &Optimized, name: &str) {
    let trades = &found.trades;
    let amounts = |side: TradeSide| -> Decimal {
        let rows = trades.rows.iter().filter(|row| row.side == side);
        rows.map(|row| known(&row.amount)).sum()
    };
    assert_eq!(amounts(TradeSide::Buy), known(&trades.bought), "{name}");
    assert_eq!(amounts(TradeSide::Sell), known(&trades.sold), "{name}");
    assert_eq!(
        known(&trades.sold) - known(&trades.bought) - known(&trades.cost),
        known(&trades.cash_change),
        "{name}"
    );
    assert_eq!(trades.csv.lines().count(), trades.rows.len() + 1, "{name}");
    for row in &trades.rows {
        assert!(row.quantity > Decimal::ZERO && row.quantity.fract().is_zero() || row.weight.known() == Some(&0.0));
    }
}

#[tokio::test]
async fn views_move_the_weights_towards_what_is_believed() {
    let small = Small::new("2026-01-09", UNCORRELATED).await;
    let weight = |means: Means, percent: f64| {
        let mut ask = usual(&small);
        ask.points = 0;
        ask.policy.objective = ObjectiveName::Utility;
        ask.policy.means = means;
        ask.policy.market = Some(Weights::Word("equal".into()));
        ask.policy.views = vec![Belief {
            asset: "ACME".into(),
            over: Some("BETA".into()),
            percent,
        }];
        let found = small.app.run_optimizer(ask, &Job::unwatched()).expect("weights");
        found
            .lines
            .iter()
            .find(|line| line.symbol == "ACME")
            .expect("a line")
            .after
    };
    assert!(weight(Means::Equilibrium, 1000.0) > weight(Means::Equilibrium, -1000.0) + 0.05);
    assert!(weight(Means::Pooled, 500.0) > weight(Means::Pooled, -500.0) + 0.05);
}

#[tokio::test]
async fn an_unknown_key_of_a_constraints_file_is_named_with_its_line() {
    let small = Small::new("2026-01-09", UNCORRELATED).await;
    let read = |text: &str| small.app.read_constraints(ReadConstraints { text: text.into() });
    let err = read("upper = 0.1\nlowest = 0.0\n").expect_err("refused");
    assert!(
        err.sentence.contains("line 2") && err.sentence.contains("lowest"),
        "{err}"
    );
    assert_eq!(read("upper = 0.1").expect("constraints").upper, Some(0.1));
}

#[tokio::test]
async fn a_search_can_be_cancelled_and_one_of_the_same_job_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    let mut ask = RunOptimizer::new(view);
    ask.policy.constraints.names = Some(Names {
        count: 8,
        position_min: 0.05,
        nodes_max: 100,
    });
    let (first, second) = (Job::unwatched(), Job::unwatched());
    app.start_job(ask.job.clone(), first.clone());
    app.start_job(ask.job.clone(), second.clone());
    let failure = app.run_optimizer(ask.clone(), &first).expect_err("cancelled");
    assert_eq!(failure.code, Code::Cancelled);
    // The end of the first does not take the second off the list.
    app.end_job(&ask.job, &first);
    assert!(!second.is_cancelled());
    let cancel = CancelJob { job: ask.job.clone() };
    app.cancel_job(cancel.clone()).expect("heard");
    assert!(second.is_cancelled());
    app.end_job(&ask.job, &second);
    let third = Job::unwatched();
    assert!(app.run_optimizer(ask, &third).is_ok());
    app.cancel_job(cancel).expect("nothing to cancel");
    assert!(!third.is_cancelled());
}

fn share() -> impl Strategy<Value = f64> {
    (0_u32..1000).prop_map(|value| f64::from(value) / 1000.0)
}

fn constraints() -> impl Strategy<Value = Constraints> {
    let parts = (
        proptest::option::of(share()),
        proptest::option::of(share()),
        proptest::collection::btree_map("[A-Z.]{1,6}", (proptest::option::of(share()), share()), 0..4),
        proptest::collection::vec(("[A-Za-z ]{1,12}", share()), 0..3),
        proptest::option::of(share()),
        proptest::option::of((1_usize..40, share())),
        proptest::option::of(proptest::collection::btree_map("[A-Z]{1,4}", share(), 1..3)),
    );
    parts.prop_map(|(lower, upper, assets, groups, turnover, names, each)| Constraints {
        lower,
        upper,
        assets: assets
            .into_iter()
            .map(|(name, (lower, upper))| {
                (
                    name,
                    Range {
                        lower,
                        upper: Some(upper),
                    },
                )
            })
            .collect(),
        groups: groups
            .into_iter()
            .map(|(value, upper)| Group {
                class: Some("sector".into()),
                value: Some(value),
                upper: Some(upper),
                ..Group::default()
            })
            .collect(),
        turnover: turnover.map(|limit| Limit { limit }),
        names: names.map(|(count, position_min)| Names {
            count,
            position_min,
            nodes_max: 100,
        }),
        costs: each.clone().map(|each| Costs {
            proportional: Some(Each::ByAsset(each)),
            impact: Some(Each::Same(0.5)),
        }),
        tracking: each.clone().map(|each| Tracking {
            limit: None,
            annual: Some(0.03),
            benchmark: Weights::ByAsset(each),
        }),
        rows: each
            .clone()
            .into_iter()
            .map(|coefficients| Row {
                name: "beta".into(),
                lower: None,
                upper: Some(1.0),
                coefficients,
            })
            .collect(),
        lots: each.map(|sizes| Lots {
            value: None,
            size: Some(Each::ByAsset(sizes)),
        }),
        ..Constraints::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn constraints_survive_their_text(constraints in constraints()) {
        let text = toml::to_string(&constraints).expect("written");
        let read: Constraints = toml::from_str(&text).expect("read");
        prop_assert_eq!(read, constraints, "{}", text);
    }
}
