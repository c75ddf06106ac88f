//! Scenarios on small ledgers worked by hand, and the sums that must hold on the demo firm.

use apex_app::Job;
use apex_app::scenario::read;
use apex_domain::Decimal;
use apex_wire::job::JobId;
use apex_wire::limit::{GetLimits, Limit, LimitRule, RemoveLimit, SaveLimit};
use apex_wire::scenario::horizon::{HorizonPlan, RunHorizon};
use apex_wire::scenario::{
    GetReverseStress, GetScenarios, RemoveScenario, Rest, RunScenarios, SaveScenario, Scenario, ScenarioRun, Selection,
    Shock,
};
use apex_wire::session::NewBook;
use apex_wire::{Amount, Code, View};

use crate::desk::{created, moment};
use crate::figures::Small;

fn amount(figure: &Amount) -> Decimal {
    figure.known().copied().unwrap_or_else(|| panic!("{figure:?}"))
}

fn money(text: &str) -> Decimal {
    text.parse().expect("an amount")
}

fn run(app: &apex_app::App, view: View, scenario: Scenario) -> ScenarioRun {
    let ask = RunScenarios {
        view,
        scenarios: vec![scenario],
        with_lines: true,
    };
    let mut runs = app.run_scenarios(ask).expect("a run").runs;
    runs.remove(0)
}

fn shocks(shocks: Vec<Shock>) -> Scenario {
    Scenario {
        shocks,
        ..Scenario::new("Test")
    }
}

fn price(of: Selection, change_percent: f64) -> Shock {
    Shock::Price { of, change_percent }
}

/// Ten shares in dollars, ten in euros at 1.20, and 100 euros in cash.
const TWO_CURRENCIES: &str = "
    2026-01-05  deposit  2000 USD
    2026-01-05  deposit  1200 EUR
    2026-01-05  buy      ACME  10 @ 100 USD
    2026-01-05  buy      EURO  10 @ 110 EUR
    2026-01-05  price    ACME  100
    2026-01-05  price    EURO  110
    2026-01-05  rate     EUR USD  1.20
";

#[tokio::test]
async fn price_and_currency_split_and_add_up() {
    let small = Small::new("2026-01-05", TWO_CURRENCIES).await;
    let all = run(
        &small.app,
        small.view,
        shocks(vec![
            price(Selection::All, -10.0),
            price(Selection::Symbol("ACME".into()), -20.0),
            Shock::Currency {
                currency: None,
                change_percent: 5.0,
            },
        ]),
    );
    let line = |symbol: &str| all.lines.iter().find(|line| line.symbol == symbol).expect("a line");
    // ACME: the narrower shock counts; 1,000 less a fifth.
    assert_eq!(amount(&line("ACME").profit), money("-200.00"));
    // EURO: 1,320 less a tenth, by 1.05: price -132, currency 66, both -6.60.
    let euro = line("EURO");
    assert_eq!(amount(&euro.by_price), money("-132.00"));
    assert_eq!(amount(&euro.by_currency), money("66.00"));
    assert_eq!(amount(&euro.by_both), money("-6.60"));
    assert_eq!(amount(&euro.profit), money("-72.60"));
    // 100 EUR in cash: 120 by 1.05.
    assert_eq!(amount(&line("Cash EUR").profit), money("6.00"));
    assert_eq!(amount(&all.profit), money("-266.60"));
    for dimension in ["sector", "currency", "effect", "factor"] {
        let groups: Vec<_> = all.groups.iter().filter(|group| group.dimension == dimension).collect();
        let sum: Decimal = groups.iter().map(|group| amount(&group.profit)).sum();
        assert_eq!(sum, amount(&all.profit), "{dimension}");
        // The last level is what is left of 3,440.
        let level = groups.last().map(|group| amount(&group.level));
        assert_eq!(level, Some(money("3173.40")), "{dimension}");
    }
    // EURO alone: prices -132, currency 66; the cross of -6.60 is shared two to one: -136.40 and 63.80. ACME is moved by
    // its price and the cash by its currency alone.
    let part = |name: &str| {
        let found = all
            .groups
            .iter()
            .find(|group| group.dimension == "factor" && group.name == name);
        amount(&found.expect("a part").profit)
    };
    assert_eq!(part("Prices"), money("-336.40"));
    assert_eq!(part("Currencies"), money("69.80"));
}

#[tokio::test]
async fn limits_hold_before_and_after_a_scenario() {
    let small = Small::new("2026-01-05", TWO_CURRENCIES).await;
    let save = async |name: &str, rule: LimitRule, percent: f64| {
        let limit = Limit {
            name: name.into(),
            portfolio: small.view.portfolio,
            rule,
            percent,
        };
        let ask = SaveLimit { limit, base_version: 0 };
        small.app.save_limit(ask, &moment(5)).await
    };
    assert_eq!(save("a", LimitRule::NameWeight { symbol: None }, 54.0).await, Ok(1));
    assert_eq!(
        save(
            "b",
            LimitRule::NameWeight {
                symbol: Some("ACME".into())
            },
            45.0
        )
        .await,
        Ok(1)
    );
    assert_eq!(save("c", LimitRule::ScenarioLoss { scenario: None }, 10.0).await, Ok(1));
    assert_eq!(
        save(
            "d",
            LimitRule::ScenarioLoss {
                scenario: Some("Pandemic 2020".into())
            },
            1.0
        )
        .await,
        Ok(1)
    );
    assert_eq!(save("e", LimitRule::MinCash, 46.0).await, Ok(1));
    let nowhere = save(
        "f",
        LimitRule::ScenarioLoss {
            scenario: Some("Nowhere".into()),
        },
        1.0,
    )
    .await;
    assert!(nowhere.expect_err("refused").sentence.contains("Nowhere"));
    let nothing = save(
        "f",
        LimitRule::NameWeight {
            symbol: Some("NOPE".into()),
        },
        1.0,
    )
    .await;
    assert!(nothing.expect_err("refused").sentence.contains("NOPE"));
    let bad = save("f", LimitRule::Var { level: 0.4 }, 1.0)
        .await
        .expect_err("refused");
    assert!(bad.field.as_deref() == Some("level") && bad.sentence.contains("0.4"));
    let entries = small.app.get_limits(GetLimits { view: small.view }).expect("limits");
    let broken: Vec<(&str, bool)> = entries
        .iter()
        .map(|entry| (entry.limit.name.as_str(), entry.broken))
        .collect();
    // NAV: 1,000 USD left, ACME 1,000, EURO 1,320, 120 of 100 EUR: 3,440. Weights 38.37%, 29.07%, cash 32.56%.
    assert_eq!(
        broken,
        [("a", false), ("b", false), ("c", false), ("d", false), ("e", true)]
    );
    let found = run(
        &small.app,
        small.view,
        shocks(vec![price(Selection::Symbol("EURO".into()), 100.0)]),
    );
    let names: Vec<(&str, bool, bool)> = found
        .limits
        .iter()
        .map(|limit| (limit.name.as_str(), limit.broken_before, limit.broken))
        .collect();
    // EURO at 2,640 of 4,760 is 55.46%; a gain is no loss; the limit of another scenario is not asked.
    assert_eq!(
        names,
        [
            ("a", false, true),
            ("b", false, false),
            ("c", false, false),
            ("e", true, true)
        ]
    );
    assert_eq!(found.limits[0].whose, "EURO");
    assert!((found.limits[0].after.known().copied().unwrap_or(0.0) - 2640.0 / 4760.0).abs() < 1e-12);
    let remove = RemoveLimit {
        name: "a".into(),
        base_version: 1,
    };
    assert_eq!(small.app.remove_limit(remove, &moment(6)).await, Ok(()));
    assert_eq!(
        small
            .app
            .get_limits(GetLimits { view: small.view })
            .expect("limits")
            .len(),
        4
    );
}

#[tokio::test]
async fn a_horizon_can_be_cancelled_and_refuses_what_it_does_not_use() {
    let text = "
        2026-01-05  deposit  1000 USD
        2026-01-05  buy      ACME  5 @ 100 USD
        2026-01-05  price    ACME  100
        2026-01-06  price    ACME  102
        2026-01-07  price    ACME  99
    ";
    let small = Small::new("2026-01-07", text).await;
    let ask = |plan: HorizonPlan| RunHorizon {
        job: JobId("test".into()),
        view: small.view,
        scenario: Scenario {
            horizon: Some(plan),
            ..Scenario::new("As it stands")
        },
    };
    let plan = HorizonPlan {
        months: 6,
        paths: 200,
        ..HorizonPlan::default()
    };
    let found = small
        .app
        .run_horizon(ask(plan.clone()), &Job::unwatched())
        .expect("a run");
    assert_eq!((found.points.len(), found.window.2), (7, 2));
    // 495 in shares and 500 in cash.
    assert_eq!(amount(&found.start), money("995.00"));
    assert_eq!(found.points[6].date.to_string(), "2026-07-07");
    let cancelled = Job::unwatched();
    cancelled.cancel();
    let stopped = small
        .app
        .run_horizon(ask(plan.clone()), &cancelled)
        .expect_err("cancelled");
    assert_eq!(stopped.code, Code::Cancelled);
    let unused = HorizonPlan {
        mean_percent: Some(5.0),
        ..plan
    };
    let refused = small
        .app
        .run_horizon(ask(unused), &Job::unwatched())
        .expect_err("refused");
    assert_eq!(refused.field.as_deref(), Some("mean_percent"));
}

#[tokio::test]
async fn a_holding_follows_a_factor_by_its_beta() {
    // ACME moves twice as much as the index each day.
    let text = "
        2026-01-05  deposit  1000 USD
        2026-01-05  buy      ACME  10 @ 100 USD
        2026-01-05  price    ACME  100
        2026-01-06  price    ACME  102
        2026-01-07  price    ACME  99.96
        2026-01-08  price    ACME  103.9584
        2026-01-05  price    INDX  100
        2026-01-06  price    INDX  101
        2026-01-07  price    INDX  99.99
        2026-01-08  price    INDX  101.9898
    ";
    let small = Small::new("2026-01-08", text).await;
    let found = run(
        &small.app,
        small.view,
        shocks(vec![Shock::Factor {
            symbol: "INDX".into(),
            change_percent: -10.0,
        }]),
    );
    // 1,039.584 rounds to 1,039.58; a fifth of the exact value is lost.
    assert_eq!(amount(&found.profit), money("-207.92"));
    assert!(found.lines[0].how.contains("beta 2.00 on INDX"), "{:?}", found.lines);
}

#[tokio::test]
async fn what_has_no_history_is_named_and_counts_as_unchanged() {
    let text = "
        2026-01-05  deposit  1000 USD
        2026-01-05  buy      ACME  10 @ 100 USD
        2026-01-05  price    ACME  100
        2026-01-06  price    ACME  101
        2026-01-07  price    ACME  102
    ";
    let small = Small::new("2026-01-07", text).await;
    let scenario = Scenario {
        replay: Some(apex_wire::scenario::Replay {
            from: "2020-02-19".parse().expect("a day"),
            until: "2020-03-23".parse().expect("a day"),
        }),
        ..Scenario::new("Pandemic")
    };
    let found = run(&small.app, small.view, scenario);
    assert!(
        found.profit.because().is_some_and(|because| because.contains("ACME")),
        "{found:?}"
    );
    assert_eq!(found.left_out, ["ACME: no price on 2020-02-19"]);
}

#[tokio::test]
async fn documents_that_cannot_be_run_name_the_field() {
    let small = Small::new("2026-01-05", TWO_CURRENCIES).await;
    let refused = |scenario: Scenario| {
        let ask = RunScenarios {
            view: small.view,
            scenarios: vec![scenario],
            with_lines: true,
        };
        small.app.run_scenarios(ask).expect_err("refused")
    };
    assert_eq!(refused(Scenario::new("Empty")).field.as_deref(), Some("shock"));
    let below = refused(shocks(vec![price(Selection::All, -101.0)]));
    assert!(below.field.as_deref() == Some("change_percent") && below.sentence.contains("-101"));
    let unknown = refused(shocks(vec![Shock::Factor {
        symbol: "NOPE".into(),
        change_percent: 1.0,
    }]));
    assert!(unknown.sentence.contains("NOPE"));
    let bad = read("name = \"x\"\n[[shock]]\nkind = \"price\"\nof = \"all\"\nchange = 3").expect_err("refused");
    assert!(bad.to_string().contains("change"), "{bad}");
}

#[tokio::test]
async fn a_scenario_of_the_book_is_kept_changed_and_removed_by_version() {
    let small = Small::new("2026-01-05", TWO_CURRENCIES).await;
    let mine = shocks(vec![price(Selection::All, -10.0)]);
    let save = |scenario: Scenario, base_version| SaveScenario { scenario, base_version };
    assert_eq!(small.app.save_scenario(save(mine.clone(), 0), &moment(5)).await, Ok(1));
    let again = Scenario {
        rest: Rest::Likely,
        ..mine.clone()
    };
    let conflict = small.app.save_scenario(save(again.clone(), 0), &moment(6)).await;
    assert_eq!(conflict.expect_err("refused").code, Code::Conflict);
    assert_eq!(small.app.save_scenario(save(again.clone(), 1), &moment(7)).await, Ok(2));
    let entries = small.app.get_scenarios(GetScenarios {}).await.expect("scenarios");
    let kept = entries.iter().find(|entry| entry.version > 0).expect("kept");
    assert_eq!((&kept.scenario, kept.version), (&again, 2));
    let shipped = Scenario {
        name: "Rates +100 bp".into(),
        ..mine
    };
    let taken = small.app.save_scenario(save(shipped, 0), &moment(8)).await;
    assert_eq!(taken.expect_err("refused").field.as_deref(), Some("name"));
    let remove = RemoveScenario {
        name: "Test".into(),
        base_version: 2,
    };
    assert_eq!(small.app.remove_scenario(remove, &moment(9)).await, Ok(()));
    assert!(small.app.scenario_named("Test").await.is_err());
}

#[tokio::test]
async fn every_scenario_of_the_program_adds_up_on_the_demo_firm() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let entries = app.get_scenarios(GetScenarios {}).await.expect("scenarios");
    for portfolio in ["Balanced", "Long/Short", "US Core"] {
        let Ok(view) = app.view(Some(portfolio), None, None) else {
            panic!("no portfolio {portfolio}");
        };
        for entry in &entries {
            let found = run(&app, view, entry.scenario.clone());
            let name = &entry.scenario.name;
            let lines: Decimal = found.lines.iter().map(|line| amount(&line.profit)).sum();
            if found.lines.is_empty() {
                assert!(
                    !found.left_out.is_empty() && found.profit.known().is_none(),
                    "{portfolio}, {name}"
                );
                continue;
            }
            assert_eq!(lines, amount(&found.profit), "{portfolio}, {name}");
            for line in &found.lines {
                let parts = amount(&line.by_price) + amount(&line.by_currency) + amount(&line.by_both);
                assert_eq!(parts, amount(&line.profit), "{portfolio}, {name}, {}", line.symbol);
                assert_eq!(amount(&line.before) + amount(&line.profit), amount(&line.after));
            }
            for dimension in ["sector", "currency", "effect", "factor"] {
                let groups = found.groups.iter().filter(|group| group.dimension == dimension);
                let sum: Decimal = groups.map(|group| amount(&group.profit)).sum();
                assert_eq!(sum, amount(&found.profit), "{portfolio}, {name}, {dimension}");
            }
        }
        let ask = GetReverseStress {
            view,
            loss: 0.1,
            window: 252,
            horizon: 21,
        };
        let found = app.get_reverse_stress(ask).expect("a stress");
        let parts: f64 = found.moves.iter().map(|part| part.part).sum();
        assert!(
            (parts + 0.1).abs() < 1e-9 && found.distance.known().is_some(),
            "{portfolio}: {parts}"
        );
    }
}

#[tokio::test]
async fn shares_and_bonds_and_options_of_the_demo_firm_answer_as_they_should() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let named = async |name: &str| app.scenario_named(name).await.expect("a scenario");
    let balanced = app.view(Some("Balanced"), None, None).expect("a view");
    let rates = run(&app, balanced, named("Rates +100 bp").await);
    assert!(
        rates.lines.iter().any(|line| line.how.contains("yield")),
        "bonds are repriced"
    );
    assert!(amount(&rates.profit) < Decimal::ZERO, "bonds lose when rates rise");
    let crash = run(&app, balanced, named("Pandemic 2020").await);
    assert!(amount(&crash.profit) < Decimal::ZERO);
}
