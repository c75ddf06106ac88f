//! Attribution of portfolios of the book: small ledgers worked by hand, and the sums that must hold on the demo firm.

use apex_app::attribution::read_blend;
use apex_wire::attribution::{
    Attribution, AttributionSettings, BenchmarkChoice, Blend, Dimension, EffectName, GetAttribution, LinkMethod,
    PeriodLength, Rebalancing, SegmentRow,
};
use apex_wire::explain::{Explain, FigureName};
use apex_wire::performance::GetPerformance;
use apex_wire::session::NewBook;
use apex_wire::{Statistic, View};

use crate::desk::created;
use crate::figures::Small;

fn number(figure: &Statistic) -> f64 {
    figure.known().copied().unwrap_or_else(|| panic!("{figure:?}"))
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-12
}

fn ask(app: &apex_app::App, view: View, settings: AttributionSettings) -> Attribution {
    app.get_attribution(GetAttribution { view, settings })
        .expect("an attribution")
}

fn blend(weights: &[(&str, f64)]) -> BenchmarkChoice {
    BenchmarkChoice::Blend(Blend {
        name: "Blend".into(),
        rebalance: Rebalancing::Daily,
        weights: weights
            .iter()
            .map(|(symbol, weight)| ((*symbol).to_owned(), *weight))
            .collect(),
        changes: Vec::new(),
    })
}

fn segment<'a>(found: &'a Attribution, label: &str) -> &'a SegmentRow {
    let rows = &found.segments;
    rows.iter()
        .find(|row| row.label == label)
        .unwrap_or_else(|| panic!("{label} in {rows:?}"))
}

/// 600 in ACME and 400 in cash; ACME rises by 10%, INDX by 5%; then ACME falls by 10% and INDX by 2%.
const TWO_DAYS: &str = "
    2026-01-05  deposit  1000 USD
    2026-01-05  buy      ACME  6 @ 100 USD
    2026-01-05  price    ACME  100
    2026-01-06  price    ACME  110
    2026-01-07  price    ACME  99
    2026-01-05  price    INDX  100
    2026-01-06  price    INDX  105
    2026-01-07  price    INDX  102.9
";

fn since(day: &str) -> Option<apex_domain::Date> {
    Some(day.parse().expect("a day"))
}

#[tokio::test]
async fn effects_of_one_day_are_those_worked_by_hand() {
    let small = Small::new("2026-01-06", TWO_DAYS).await;
    let settings = AttributionSettings {
        from: since("2026-01-05"),
        by: Dimension::Instrument,
        benchmark: blend(&[("ACME", 0.5), ("INDX", 0.5)]),
        ..AttributionSettings::default()
    };
    let found = ask(&small.app, small.view, settings);
    // 60% at 10% is 6%, against half of 10% and half of 5%.
    assert!(near(number(&found.portfolio_return), 0.06) && near(number(&found.benchmark_return), 0.075));
    assert!(near(number(&found.active_return), -0.015));
    let acme = segment(&found, "ACME");
    assert!(near(number(&acme.weight), 0.6) && near(number(&acme.contribution), 0.06));
    assert!(near(number(&acme.allocation), 0.1 * (0.10 - 0.075)));
    assert!(near(number(&acme.selection), 0.0) && near(number(&acme.interaction), 0.0));
    // INDX is only in the benchmark, cash only in the portfolio: all of it is allocation.
    assert!(near(number(&segment(&found, "INDX").allocation), -0.5 * (0.05 - 0.075)));
    assert!(near(
        number(&segment(&found, "Cash USD").allocation),
        0.4 * (0.0 - 0.075)
    ));
    assert!(number(&found.residual).abs() < 1e-15);
}

#[tokio::test]
async fn a_benchmark_of_one_instrument_gives_contributions_and_says_why_there_are_no_effects() {
    let small = Small::new("2026-01-07", TWO_DAYS).await;
    let found = ask(
        &small.app,
        small.view,
        AttributionSettings {
            from: since("2026-01-05"),
            ..AttributionSettings::default()
        },
    );
    // 1,060 of which 660 lose a tenth: 994.
    assert!(near(number(&found.portfolio_return), 0.994 - 1.0));
    let sum: f64 = found.segments.iter().map(|row| number(&row.contribution)).sum();
    assert!(near(sum, -0.006));
    assert_eq!(found.benchmark, None);
    assert!(
        found
            .effects_because
            .as_deref()
            .is_some_and(|because| because.contains("no benchmark"))
    );
    assert!(found.total.allocation.because().is_some());
}

#[tokio::test]
async fn the_portfolio_of_the_start_never_traded_has_no_active_return_without_trades() {
    let small = Small::new("2026-01-07", TWO_DAYS).await;
    let found = ask(
        &small.app,
        small.view,
        AttributionSettings {
            from: since("2026-01-05"),
            by: Dimension::Instrument,
            benchmark: BenchmarkChoice::Start,
            periods: PeriodLength::Daily,
            ..AttributionSettings::default()
        },
    );
    assert!(number(&found.active_return).abs() < 1e-15);
    for row in &found.segments {
        assert!(near(number(&row.weight), number(&row.benchmark_weight)), "{row:?}");
        assert!(number(&row.effect).abs() < 1e-15, "{row:?}");
    }
}

#[tokio::test]
async fn the_effect_of_a_currency_stands_apart() {
    // Half in euros, which rise by 10%, while EURO the share falls by 10% in euros: 0.9 x 1.1 is 0.99.
    let text = "
        2026-01-05  deposit  1000 USD
        2026-01-05  deposit  1000 EUR
        2026-01-05  buy      EURO  10 @ 100 EUR
        2026-01-05  price    EURO  100
        2026-01-06  price    EURO  90
        2026-01-05  rate     EUR USD  1.00
        2026-01-06  rate     EUR USD  1.10
    ";
    let small = Small::new("2026-01-06", text).await;
    let settings = AttributionSettings {
        from: since("2026-01-05"),
        by: Dimension::Currency,
        benchmark: blend(&[("Cash", 1.0)]),
        with_currency: true,
        ..AttributionSettings::default()
    };
    let found = ask(&small.app, small.view, settings);
    assert!(near(number(&found.portfolio_return), -0.005));
    // Karnosky and Singer: the premium of the market is -10% x 1.1 on half the book, the currency +10% on half.
    assert!(near(number(&found.total.effect), -0.5 * 0.11));
    let euro = found
        .currencies
        .iter()
        .find(|row| row.currency.code() == "EUR")
        .expect("euros");
    assert!(near(number(&euro.effect), 0.5 * 0.10) && near(number(&euro.return_), 0.10));
    assert!(number(&found.residual).abs() < 1e-15);
}

#[tokio::test]
async fn what_a_benchmark_cannot_be_made_of_is_refused_by_name() {
    let small = Small::new("2026-01-07", TWO_DAYS).await;
    let refuse = |settings: AttributionSettings| {
        let failure = small.app.get_attribution(GetAttribution {
            view: small.view,
            settings,
        });
        failure.expect_err("refused").sentence
    };
    let with = |benchmark| AttributionSettings {
        benchmark,
        ..AttributionSettings::default()
    };
    assert!(refuse(with(blend(&[("NOPE", 1.0)]))).contains("there is no instrument NOPE"));
    assert!(refuse(with(blend(&[("ACME", 0.5)]))).contains("add up to 0.5; they must add up to 1"));
    let geometric = AttributionSettings {
        linking: LinkMethod::Geometric,
        with_currency: true,
        ..with(BenchmarkChoice::Start)
    };
    assert!(refuse(geometric).contains("geometric effects have no part of currencies"));
    let never = AttributionSettings {
        from: since("2026-01-06"),
        to: since("2026-01-05"),
        ..AttributionSettings::default()
    };
    assert!(refuse(never).contains("2026-01-05 is not after 2026-01-06"));
}

#[test]
fn a_blend_is_read_from_its_document_and_unknown_fields_are_named() {
    let read =
        read_blend("name = \"Mix\"\nrebalance = \"quarterly\"\n[weights]\nSPY = 0.6\nCash = 0.4\n").expect("read");
    assert_eq!((read.rebalance, read.weights["SPY"]), (Rebalancing::Quarterly, 0.6));
    let err = read_blend("name = \"Mix\"\nweight = 1\n[weights]\n")
        .unwrap_err()
        .to_string();
    assert!(
        err.starts_with("the benchmark cannot be read in line 2: unknown field `weight`") && err.lines().count() == 1,
        "{err}"
    );
}

#[tokio::test]
async fn effects_contributions_and_instruments_add_up_on_every_portfolio_of_the_demo_firm() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    for name in ["US Core", "Balanced", "Long/Short"] {
        let view = app.view(Some(name), None, None).expect("a view");
        for (by, benchmark, linking, periods, with_currency) in [
            (
                Dimension::Sector,
                BenchmarkChoice::Equal {
                    rebalance: Rebalancing::Monthly,
                },
                LinkMethod::Carino,
                PeriodLength::Monthly,
                false,
            ),
            (
                Dimension::Country,
                BenchmarkChoice::Start,
                LinkMethod::Menchero,
                PeriodLength::Quarterly,
                true,
            ),
            (
                Dimension::Currency,
                BenchmarkChoice::Start,
                LinkMethod::Grap,
                PeriodLength::Daily,
                true,
            ),
            (
                Dimension::Kind,
                BenchmarkChoice::Equal {
                    rebalance: Rebalancing::Never,
                },
                LinkMethod::Geometric,
                PeriodLength::Yearly,
                false,
            ),
            (
                Dimension::Instrument,
                BenchmarkChoice::Portfolio,
                LinkMethod::Carino,
                PeriodLength::Monthly,
                false,
            ),
        ] {
            let from = since("2021-06-30");
            let settings = AttributionSettings {
                from,
                by,
                benchmark: benchmark.clone(),
                linking,
                periods,
                with_currency,
                ..AttributionSettings::default()
            };
            let what = format!("{name} by {by:?} against {benchmark:?}");
            let found = ask(&app, view, settings.clone());
            let whole = number(&found.portfolio_return);
            let performance = app
                .get_performance(GetPerformance { view, from, rolling: 0 })
                .expect("performance");
            assert!(near(whole, number(&performance.twr)), "{what}");
            let sum: f64 = found.segments.iter().map(|row| number(&row.contribution)).sum();
            assert!(near(sum, whole), "{what}: {sum} of {whole}");
            let weights: f64 = found.segments.iter().map(|row| number(&row.weight)).sum();
            assert!(near(weights, 1.0), "{what}: {weights}");
            for row in &found.segments {
                let parts: f64 = row.instruments.iter().map(|row| number(&row.contribution)).sum();
                assert!(near(parts, number(&row.contribution)), "{what}: {row:?}");
            }
            if benchmark == BenchmarkChoice::Portfolio {
                assert!(
                    found
                        .effects_because
                        .is_some_and(|because| because.contains("is one instrument"))
                );
                assert!(found.active_return.known().is_some());
                continue;
            }
            assert_eq!(found.effects_because, None, "{what}");
            assert!(number(&found.residual).abs() < 1e-12, "{what}: {:?}", found.residual);
            if linking == LinkMethod::Geometric {
                let [allocation, selection] = [&found.total.allocation, &found.total.selection].map(number);
                let both = (1.0 + allocation) * (1.0 + selection) - 1.0;
                assert!(near(both, number(&found.active_return)), "{what}");
                continue;
            }
            let effects: f64 = found.segments.iter().map(|row| number(&row.effect)).sum();
            let currencies: f64 = found.currencies.iter().map(|row| number(&row.effect)).sum();
            assert!(near(effects + currencies, number(&found.active_return)), "{what}");
            let by_period: f64 = found.periods.iter().map(|row| number(&row.effect)).sum();
            assert!(near(by_period, number(&found.active_return)), "{what}");
            for row in &found.segments {
                let parts: f64 = row.instruments.iter().map(|row| number(&row.selection)).sum();
                assert!(
                    near(parts, number(&row.selection) + number(&row.interaction)),
                    "{what}: {row:?}"
                );
                for effect in [
                    EffectName::Allocation,
                    EffectName::Selection,
                    EffectName::Interaction,
                    EffectName::Effect,
                    EffectName::Contribution,
                ] {
                    let figure = FigureName::SegmentEffect {
                        settings: Box::new(settings.clone()),
                        segment: row.label.clone(),
                        effect,
                    };
                    let explained = app.explain(Explain { view, figure }).expect("an explanation");
                    assert!(explained.agrees, "{what}: {explained:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn factors_and_what_they_do_not_explain_add_up_to_the_active_return() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = created(folder.path(), NewBook::Demo).await;
    let view = app.view(Some("US Core"), None, None).expect("a view");
    let settings = AttributionSettings {
        from: since("2021-12-31"),
        factors: vec!["SP500".into()],
        ..AttributionSettings::default()
    };
    let found = ask(&app, view, settings);
    let split = found.factors.expect("a split");
    assert_eq!(split.because, None);
    let factor = &split.factors[0];
    // The benchmark is the factor itself.
    assert!(
        (factor.benchmark_exposure - 1.0).abs() < 1e-9 && factor.exposure > 0.5,
        "{factor:?}"
    );
    let sum = factor.effect + number(&split.specific);
    assert!(near(sum, number(&found.active_return)), "{sum}");
}
