//! Every figure of the demo firm opens to its inputs, and they come to the same figure.

use apex_app::App;
use apex_domain::{Date, Decimal};
use apex_wire::backtest::Backtest;
use apex_wire::explain::{ChosenFigure, Explain, Explanation, FigureName};
use apex_wire::optimizer::{ObjectiveName, Policy, RunOptimizer};
use apex_wire::performance::GetPerformance;
use apex_wire::scenario::RunScenarios;
use apex_wire::session::{NewBook, Session};
use apex_wire::{Code, View};

use crate::desk::created;

fn explained(app: &App, view: View, figure: FigureName) -> Explanation {
    let told = app.explain(Explain {
        view,
        figure: figure.clone(),
    });
    let told = told.unwrap_or_else(|failure| panic!("{figure:?}: {failure}"));
    assert!(
        told.agrees,
        "{figure:?}: shown {}, computed again {}",
        told.shown, told.recomputed
    );
    assert!(!told.shown.starts_with("unavailable"), "{figure:?}: {}", told.shown);
    assert!(
        !told.inputs.is_empty() && told.inputs_total >= told.inputs.len(),
        "{figure:?} has inputs"
    );
    assert!(!told.formula.is_empty() && !told.source.is_empty(), "{figure:?}");
    assert_eq!(told.engine, "test");
    told
}

/// The figures of one portfolio.
async fn figures(app: &App, view: View) -> Vec<FigureName> {
    let fold = app.fold(view).expect("a fold");
    let mut figures = vec![
        FigureName::Nav,
        FigureName::CashTotal,
        FigureName::GrossExposure,
        FigureName::NetExposure,
    ];
    for period in ["day", "month", "year"] {
        figures.push(FigureName::PeriodPnl { period: period.into() });
    }
    for row in &fold.valuation().rows {
        let account = row.account;
        match row.instrument {
            Some(instrument) => figures.extend([
                FigureName::MarketValue { instrument, account },
                FigureName::Cost { instrument, account },
                FigureName::Unrealized { instrument, account },
                FigureName::Weight { instrument, account },
            ]),
            None => figures.push(FigureName::CashBalance {
                account,
                currency: row.currency,
            }),
        }
    }
    for from in [
        None,
        Some(Date::constant(2020, 12, 31)),
        Some(Date::constant(2022, 11, 30)),
    ] {
        figures.extend([FigureName::Twr { from }, FigureName::Mwr { from }]);
        let page = app
            .get_performance(GetPerformance { view, from, rolling: 0 })
            .expect("performance");
        for row in page.statistics.iter().filter(|row| row.portfolio.known().is_some()) {
            figures.push(FigureName::Statistic {
                key: row.key.clone(),
                from,
            });
        }
        for instrument in page.contribution.iter().filter_map(|row| row.instrument) {
            figures.push(FigureName::Contribution { instrument, from });
        }
    }
    for method in ["historical", "normal"] {
        for (level, horizon, window) in [(0.95, 1, 250), (0.99, 1, 500), (0.975, 10, 500), (0.99, 1, 101)] {
            figures.push(FigureName::Var {
                method: method.into(),
                level,
                horizon,
                window,
            });
            figures.push(FigureName::ExpectedShortfall {
                method: method.into(),
                level,
                horizon,
                window,
            });
        }
    }
    figures.extend(asked(app, view).await);
    figures
}

/// Figures that answer a question: results of scenarios, chosen weights, backtests.
async fn asked(app: &App, view: View) -> Vec<FigureName> {
    let mut figures = Vec::new();
    for name in ["Shares -10%", "Rates +100 bp", "Pandemic 2020", "Volatility +10 points"] {
        let scenario = Box::new(app.scenario_named(name).await.expect("a scenario of the program"));
        let result = |line| FigureName::ScenarioResult {
            scenario: scenario.clone(),
            line,
        };
        figures.push(result(None));
        let ask = RunScenarios {
            view,
            scenarios: vec![(*scenario).clone()],
            with_lines: true,
        };
        let run = app.run_scenarios(ask).expect("a run").runs.remove(0);
        assert!(!run.lines.is_empty(), "{name} has lines");
        figures.extend(run.lines.into_iter().map(|line| result(Some(line.symbol))));
    }
    let usual = RunOptimizer::new(view);
    let mut sharpest = usual.clone();
    sharpest.policy.objective = ObjectiveName::MaxSharpe;
    sharpest.policy.risk_free_percent = 2.0;
    let on_the_frontier = RunOptimizer {
        points: 5,
        point: Some(3),
        ..usual.clone()
    };
    for ask in [usual, sharpest, on_the_frontier] {
        let ask = Box::new(ask);
        for of in [
            ChosenFigure::Mean,
            ChosenFigure::Volatility,
            ChosenFigure::Sharpe,
            ChosenFigure::Shortfall,
        ] {
            figures.push(FigureName::Chosen { ask: ask.clone(), of });
        }
    }
    let backtest = Box::new(Backtest {
        name: "Equal weights".to_owned(),
        days: 500,
        policy: Policy {
            objective: ObjectiveName::Equal,
            ..Policy::default()
        },
        ..Backtest::default()
    });
    for key in [
        "total_return",
        "cagr",
        "vol_ann",
        "sharpe",
        "max_drawdown",
        "beta",
        "es95_mean_le_var",
    ] {
        figures.push(FigureName::BacktestStatistic {
            backtest: backtest.clone(),
            key: key.to_owned(),
        });
    }
    figures
}

#[tokio::test]
async fn every_figure_of_the_demo_is_computed_again_from_its_inputs() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let Session::Open(book) = app.session().expect("open") else {
        panic!("not open")
    };
    assert!(book.portfolios.len() >= 3);
    for portfolio in &book.portfolios {
        let view = app.view(Some(&portfolio.name), None, None).expect("a view");
        let names = figures(&app, view).await;
        assert!(names.len() > 100, "{} figures", names.len());
        for figure in names {
            explained(&app, view, figure);
        }
    }
}

#[tokio::test]
async fn a_figure_opens_to_the_ones_behind_it_down_to_lots_and_prices() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(None, None, None).expect("a view");
    let nav = explained(&app, view, FigureName::Nav);
    let sum: Decimal = nav
        .inputs
        .iter()
        .map(|input| input.value.parse::<Decimal>().expect("an amount"))
        .sum();
    let fold = app.fold(view).expect("a fold");
    assert_eq!(
        Some(&sum),
        fold.valuation().nav.known(),
        "what is listed adds up to what is shown"
    );
    let mut lots = 0;
    for input in &nav.inputs {
        let behind = explained(&app, view, input.behind.clone().expect("a figure behind each value"));
        lots += behind
            .inputs
            .iter()
            .filter(|input| input.label.starts_with("lot of"))
            .count();
        if behind.inputs.iter().any(|input| input.label.starts_with("price of")) {
            let price = behind
                .inputs
                .iter()
                .find(|input| input.label.starts_with("price of"))
                .expect("a price");
            assert!(price.date.is_some() && !price.source.is_empty(), "{price:?}");
        }
    }
    assert!(lots > 10, "{lots} lots");
}

#[tokio::test]
async fn what_does_not_exist_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(None, None, None).expect("a view");
    let ask = |figure| app.explain(Explain { view, figure }).expect_err("refused");
    let statistic = ask(FigureName::Statistic {
        key: "luck".into(),
        from: None,
    });
    assert_eq!(
        (statistic.code, statistic.sentence.as_str()),
        (Code::NotFound, "there is no statistic luck")
    );
    let method = ask(FigureName::Var {
        method: "guess".into(),
        level: 0.99,
        horizon: 1,
        window: 250,
    });
    assert_eq!(method.code, Code::NotFound);
    let level = ask(FigureName::Var {
        method: "normal".into(),
        level: 0.3,
        horizon: 1,
        window: 250,
    });
    assert_eq!((level.code, level.field.as_deref()), (Code::Invalid, Some("level")));
}
