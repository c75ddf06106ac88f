//! The rest of the Risk page: every method with its parts, factors, the backtest, and exposures.

use apex_store::{Changes, PriceBar, PriceBatch};
use apex_wire::explain::{Explain, FigureName};
use apex_wire::risk::{
    GetRiskBacktest, GetRiskComponents, GetRiskExposures, GetRiskFactors, GetRiskMethods, RiskBacktest, RiskComponents,
    RiskExposures, RiskMeasure,
};
use apex_wire::session::NewBook;
use apex_wire::{Amount, Statistic, View};
use rust_decimal::prelude::ToPrimitive;

use crate::desk::{created, moment};
use crate::figures::Small;

const METHODS: [&str; 9] = [
    "historical",
    "age-weighted",
    "filtered",
    "normal",
    "student-t",
    "cornish-fisher",
    "monte-carlo",
    "t-copula",
    "block-bootstrap",
];

fn number(figure: &Statistic) -> f64 {
    figure.known().copied().unwrap_or_else(|| panic!("{figure:?}"))
}

fn money(figure: &Amount) -> f64 {
    let found = figure.known().unwrap_or_else(|| panic!("{figure:?}"));
    found.to_f64().expect("in range")
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-12
}

fn methods(app: &apex_app::App, view: View, level: f64, window: usize) -> Vec<RiskMeasure> {
    let ask = GetRiskMethods {
        view,
        level,
        horizon: 1,
        window,
    };
    app.get_risk_methods(ask).expect("measures")
}

fn components(app: &apex_app::App, view: View, method: &str, window: usize) -> RiskComponents {
    let ask = GetRiskComponents {
        view,
        method: method.into(),
        level: 0.95,
        horizon: 1,
        window,
    };
    app.get_risk_components(ask).expect("components")
}

fn backtest(app: &apex_app::App, view: View, method: &str, window: usize, days: usize) -> RiskBacktest {
    let ask = GetRiskBacktest {
        view,
        method: method.into(),
        level: 0.95,
        window,
        days,
    };
    app.get_risk_backtest(ask).expect("a backtest")
}

async fn exposures(app: &apex_app::App, view: View, participation: f64) -> RiskExposures {
    app.get_risk_exposures(GetRiskExposures { view, participation })
        .await
        .expect("exposures")
}

/// Two shares of 500 and 500: one moves, the other never does.
const ONE_MOVES: &str = "
    2026-01-05  deposit  1000 USD
    2026-01-05  buy      ACME  5 @ 100 USD
    2026-01-05  buy      CALM  5 @ 100 USD
    2026-01-05  price    ACME  100
    2026-01-05  price    CALM  100
    2026-01-06  price    ACME  110
    2026-01-06  price    CALM  100
    2026-01-07  price    ACME  99
    2026-01-07  price    CALM  100
    2026-01-08  price    ACME  99
    2026-01-08  price    CALM  100
    2026-01-09  price    ACME  100
    2026-01-09  price    CALM  100
";

#[tokio::test]
async fn parts_and_increments_are_those_worked_by_hand() {
    let small = Small::new("2026-01-09", ONE_MOVES).await;
    let found = components(&small.app, small.view, "historical", 4);
    let (acme, calm) = (&found.rows[0], &found.rows[1]);
    // All of the risk is that of ACME: without it nothing moves, without CALM nothing changes.
    assert_eq!((acme.symbol.as_str(), calm.symbol.as_str()), ("ACME", "CALM"));
    assert!(near(acme.var, number(&found.measure.var)) && near(calm.var, 0.0));
    assert!(near(number(&acme.incremental_es), number(&found.measure.es)));
    assert!(near(number(&calm.incremental_es), 0.0));
    assert!(near(acme.marginal_es * acme.weight, acme.es));
    // The worst of four days is -10% on half the book: ES at 95% is 5%.
    assert!(
        near(number(&found.measure.es), 0.10 * acme.weight),
        "{:?}",
        found.measure
    );
    let failure = small.app.get_risk_components(GetRiskComponents {
        view: small.view,
        method: "oracle".into(),
        level: 0.95,
        horizon: 1,
        window: 4,
    });
    assert!(failure.expect_err("refused").sentence.contains("oracle"));
}

#[tokio::test]
async fn an_expansion_that_does_not_hold_says_so_and_the_others_answer() {
    // Twenty-nine days of a tenth of a percent up and down, and one of -40%: skewness -5, excess kurtosis 25.
    let mut text = "2026-01-01  deposit  1000 USD\n2026-01-01  buy  ACME  10 @ 100 USD\n".to_owned();
    let mut price = 100.0;
    let first: apex_domain::Date = "2026-01-01".parse().expect("a day");
    let weekdays = first.series(jiff::Span::new().days(1)).filter(|day| {
        !matches!(
            day.weekday(),
            jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
        )
    });
    let mut last = first;
    for (at, day) in weekdays.take(31).enumerate() {
        if at > 0 {
            price *= match at {
                15 => 0.6,
                at if at % 2 == 0 => 1.001,
                _ => 0.999,
            };
        }
        text.push_str(&format!("{day}  price  ACME  {price:.6}\n"));
        last = day;
    }
    let small = Small::new(&last.to_string(), &text).await;
    let found = methods(&small.app, small.view, 0.99, 30);
    assert_eq!(found.iter().map(|row| row.method.as_str()).collect::<Vec<_>>(), METHODS);
    for row in &found {
        if row.method == "cornish-fisher" {
            let because = row.var.because().expect("a reason");
            assert!(
                because.contains("does not hold") && because.contains("Maillard"),
                "{because}"
            );
            assert!(row.es.because().is_some() && row.var_amount.because().is_some());
        } else if row.method != "filtered" {
            assert!(number(&row.es) >= number(&row.var), "{row:?}");
        }
    }
    assert!(components(&small.app, small.view, "cornish-fisher", 30).rows.is_empty());
}

#[tokio::test]
async fn every_method_splits_into_parts_that_add_up_on_the_demo_firm() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    let found = methods(&app, view, 0.95, 252);
    assert_eq!(found.len(), METHODS.len());
    for (method, row) in METHODS.iter().zip(&found) {
        let parts = components(&app, view, method, 252);
        assert_eq!(&parts.measure, row);
        let [var, es] = [&row.var, &row.es].map(number);
        let sum = |of: fn(&apex_wire::risk::HoldingRisk) -> f64| parts.rows.iter().map(of).sum::<f64>();
        assert!((sum(|row| row.var) - var).abs() < 1e-10, "{method}");
        assert!((sum(|row| row.es) - es).abs() < 1e-10, "{method}");
        assert!(es >= var && var > 0.0, "{row:?}");
        assert_eq!(row.seed.is_some(), row.detail.contains("paths"), "{row:?}");
        for (name, shown) in [(false, var), (true, es)] {
            let (method, level, horizon, window) = ((*method).to_owned(), 0.95, 1, 252);
            let figure = if name {
                FigureName::ExpectedShortfall {
                    method,
                    level,
                    horizon,
                    window,
                }
            } else {
                FigureName::Var {
                    method,
                    level,
                    horizon,
                    window,
                }
            };
            let explained = app.explain(Explain { view, figure }).expect("an explanation");
            assert!(explained.agrees, "{shown} {explained:?}");
        }
    }
    // The same seed gives the same figures.
    assert_eq!(methods(&app, view, 0.95, 252), found);
}

#[tokio::test]
async fn shares_of_variance_by_factor_add_up_and_the_benchmark_is_a_distance_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    let found = app
        .get_risk_factors(GetRiskFactors { view, window: 504 })
        .expect("factors");
    for model in [&found.statistical, &found.fundamental] {
        let factors: f64 = model.factors.iter().map(|factor| factor.share).sum();
        assert!(near(factors, number(&model.factor_share)), "{model:?}");
        assert!(near(factors + number(&model.specific_share), 1.0));
        assert!((0.02..1.0).contains(&number(&model.volatility)));
    }
    // Shares of American companies: most of what moves them is the first component, and the index.
    assert_eq!(found.statistical.factors[0].name, "Component 1");
    assert!(found.statistical.factors[0].share > 0.5 && number(&found.beta) > 0.5);
    assert!(number(&found.tracking_error) > 0.0 && number(&found.correlation) > 0.5);
    assert!(
        found
            .active_share
            .because()
            .is_some_and(|because| because.contains("one instrument"))
    );
    assert!(app.get_risk_factors(GetRiskFactors { view, window: 5 }).is_err());
}

#[tokio::test]
async fn a_backtest_counts_the_days_that_lost_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    for method in ["historical", "normal"] {
        let found = backtest(&app, view, method, 252, 500);
        assert_eq!((found.because.as_ref(), found.observations), (None, 500), "{found:?}");
        assert!(near(found.expected, 25.0) && found.exceptions == found.exceeded.len());
        assert!(found.exceeded.iter().all(|day| day.loss > day.var));
        let drawn = &found.chart.series;
        let lines = drawn[0].y.iter().zip(&drawn[1].y);
        let below = lines.filter(|(result, limit)| result < limit).count();
        assert_eq!(below, found.exceptions);
        assert!(
            found
                .tests
                .iter()
                .all(|test| (0.0..=1.0).contains(&test.p) && test.statistic >= 0.0)
        );
        assert!(["green", "yellow", "red"].contains(&found.zone.as_str()));
    }
    let short = Small::new("2026-01-09", ONE_MOVES).await;
    let found = backtest(&short.app, short.view, "historical", 250, 250);
    assert!(
        found.because.is_some_and(|because| because.contains("leaves no day")),
        "{:?}",
        found.chart
    );
}

#[tokio::test]
async fn days_to_sell_follow_from_the_volumes_that_are_known() {
    let small = Small::new("2026-01-09", ONE_MOVES).await;
    let found = exposures(&small.app, small.view, 0.25).await;
    // Two equal holdings: an effective number of two.
    assert!(
        (number(&found.effective_number) - 2.0).abs() < 1e-9,
        "{:?}",
        found.effective_number
    );
    assert!(
        found
            .days_all
            .because()
            .is_some_and(|because| because.contains("no volume is known"))
    );
    assert!(found.bonds_because.is_some() && found.options_because.is_some() && found.dv01.because().is_some());
    let acme = small.app.fold(small.view).expect("a fold");
    let acme = acme
        .valuation()
        .rows
        .iter()
        .find(|row| row.symbol == "ACME")
        .expect("a row");
    let bars = ["2026-01-08", "2026-01-09"].map(|day| PriceBar {
        volume: Some(10.into()),
        ..PriceBar::close(day.parse().expect("a day"), 99.into())
    });
    let changes = Changes {
        prices: vec![PriceBatch {
            instrument: acme.instrument.expect("an instrument"),
            source: "exchange".into(),
            known_at: moment(4).now,
            bars: bars.into(),
            withdrawn: Vec::new(),
        }],
        ..Changes::default()
    };
    small.app.apply(changes, &moment(5)).await.expect("applied");
    let found = exposures(&small.app, small.view, 0.25).await;
    // Five shares at a quarter of ten a day take two days; of CALM no volume is known.
    let row = found.liquidity.iter().find(|row| row.symbol == "ACME").expect("a row");
    assert_eq!((number(&row.volume), number(&row.days)), (10.0, 2.0));
    assert!(found.days_all.because().is_some_and(|because| because.contains("CALM")));
    let ask = GetRiskExposures {
        view: small.view,
        participation: 0.0,
    };
    let refused = small.app.get_risk_exposures(ask).await.expect_err("refused");
    assert!(refused.sentence.contains("participation of 0"));
}

#[tokio::test]
async fn bonds_and_options_of_the_demo_firm_have_sensitivities() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let (mut bonds, mut options) = (0, 0);
    for name in ["US Core", "Balanced", "Long/Short"] {
        let view = app.view(Some(name), None, None).expect("a view");
        let found = exposures(&app, view, 0.2).await;
        let net: f64 = found.currencies.iter().map(|row| row.net).sum();
        assert!((net - 1.0).abs() < 1e-9, "{name}: {net}");
        let fold = app.fold(view).expect("a fold");
        for bond in &found.bonds {
            bonds += 1;
            let rows = fold.valuation().rows.iter().filter(|row| row.symbol == bond.symbol);
            let value: f64 = rows.map(|row| money(&row.market_value)).sum();
            // Duration times value times a basis point; accrued interest is beside the value.
            let expected = number(&bond.duration) * value * 1e-4;
            assert!((money(&bond.dv01) / expected - 1.0).abs() < 0.05, "{bond:?} {expected}");
        }
        let all: f64 = found.bonds.iter().map(|bond| money(&bond.dv01)).sum();
        if !found.bonds.is_empty() {
            assert!((money(&found.dv01) - all).abs() < 1e-6);
        }
        options += found.options.len();
        assert_eq!(found.options_because.is_some(), found.options.is_empty());
    }
    assert!(bonds > 0, "{options}");
}
