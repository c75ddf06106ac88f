//! A book of two thousand positions: questions of the engine's pages are answered for all of them.

use apex_app::demo::{LargeBookSize, large_book};
use apex_app::{Job, firm_changes};
use apex_wire::View;
use apex_wire::attribution::{AttributionSettings, BenchmarkChoice, Dimension, GetAttribution};
use apex_wire::job::JobId;
use apex_wire::optimizer::RunOptimizer;
use apex_wire::risk::{GetRisk, GetRiskBacktest, GetRiskComponents, GetRiskExposures, GetRiskFactors};
use apex_wire::scenario::horizon::{HorizonPlan, RunHorizon};
use apex_wire::scenario::{GetScenarios, RunScenarios};
use apex_wire::session::NewBook;

use crate::desk::{created, moment};

/// Enough purchases that two thousand of the instruments are held at the end.
const SIZE: LargeBookSize = LargeBookSize {
    transactions: 9_000,
    instruments: 2_100,
    accounts: 1,
    days: 640,
};
const POSITIONS_MIN: usize = 2_000;

#[tokio::test]
async fn questions_about_two_thousand_positions_are_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Empty("Large".into())).await;
    let firm = large_book(SIZE, 3);
    let last = firm.today;
    app.apply(firm_changes(firm), &moment(2)).await.expect("applied");
    let view = View {
        as_of: Some(last),
        ..app.view(None, None, None).expect("a view")
    };
    app.get_risk(GetRisk {
        view,
        level: 0.99,
        horizon: 1,
        window: 500,
        correlation_size: 20,
    })
    .expect("risk");
    for method in ["historical", "normal", "monte-carlo"] {
        let ask = GetRiskComponents {
            view,
            method: method.to_owned(),
            level: 0.99,
            horizon: 1,
            window: 500,
        };
        let parts = app.get_risk_components(ask).expect("components");
        assert!(parts.rows.len() >= POSITIONS_MIN, "{method}");
        let sum: f64 = parts.rows.iter().map(|row| row.var).sum();
        let whole = parts.measure.var.known().copied().expect("known");
        assert!((sum - whole).abs() < 1e-12, "{method}: {sum} and {whole}");
    }
    let factors = app
        .get_risk_factors(GetRiskFactors { view, window: 500 })
        .expect("factors");
    assert!(factors.statistical.volatility.known().is_some() && factors.fundamental.volatility.known().is_some());
    let ask = GetRiskBacktest {
        view,
        method: "historical".to_owned(),
        level: 0.99,
        window: 250,
        days: 250,
    };
    assert_eq!(app.get_risk_backtest(ask).expect("a backtest").because, None);
    let ask = GetRiskExposures {
        view,
        participation: 0.2,
    };
    let exposures = app.get_risk_exposures(ask).await.expect("exposures");
    assert!(exposures.liquidity.len() >= POSITIONS_MIN);
    let settings = AttributionSettings {
        by: Dimension::Instrument,
        benchmark: BenchmarkChoice::Start,
        ..AttributionSettings::default()
    };
    let found = app
        .get_attribution(GetAttribution { view, settings })
        .expect("an attribution");
    assert!(found.segments.len() >= POSITIONS_MIN);
    let known = app.get_scenarios(GetScenarios {}).await.expect("scenarios");
    let mut scenario = known
        .into_iter()
        .map(|entry| entry.scenario)
        .find(|scenario| scenario.name == "Shares -20%")
        .expect("it comes with the program");
    let ask = RunScenarios {
        view,
        scenarios: vec![scenario.clone()],
        with_lines: true,
    };
    app.run_scenarios(ask).expect("runs");
    scenario.horizon = Some(HorizonPlan {
        paths: 200,
        months: 12,
        ..HorizonPlan::default()
    });
    let ask = RunHorizon {
        job: JobId("horizon".into()),
        view,
        scenario,
    };
    app.run_horizon(ask, &Job::unwatched()).expect("a horizon");
    let found = app
        .run_optimizer(RunOptimizer::new(view), &Job::unwatched())
        .expect("weights");
    assert!(found.lines.len() >= POSITIONS_MIN && found.frontier.len() == 50);
    let sum: f64 = found.lines.iter().map(|line| line.after).sum();
    assert!((sum - found.budget).abs() < 1e-9, "{sum} and {}", found.budget);
}
