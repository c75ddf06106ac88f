//! Value at risk of a book against the reference file and hand calculation.

use apex_analytics::AnalyticsError;
use apex_analytics::measure::tail;
use apex_analytics::quantile::QuantileRule;
use apex_analytics::returns::simple_returns;
use apex_analytics::var::backtest::{backtest, backtest_historical, probability_at_most};
use apex_analytics::var::component::component_risk;
use apex_analytics::var::{HorizonRule, MeanRule, ValueAtRisk, VarMethod, VarSettings, value_at_risk};

use crate::reference::{close, golden, prices};

fn returns() -> Vec<Vec<f64>> {
    prices("sp500_dataset.csv.gz")
        .columns
        .iter()
        .map(|column| simple_returns(column).unwrap())
        .collect()
}

fn equal(settings: &VarSettings) -> ValueAtRisk {
    let returns = returns();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let weights = vec![1.0 / columns.len() as f64; columns.len()];
    value_at_risk(&weights, &columns, settings).unwrap()
}

#[test]
fn the_equal_weight_book_has_the_tails_of_its_series() {
    let rows = &golden("tearsheet_20.json")["rows"]["EW_DAILY"];
    let historical = |level| VarSettings::one_day(VarMethod::Historical, level);
    let with = |level, quantile| VarSettings {
        quantile,
        ..historical(level)
    };
    let ten = VarSettings {
        horizon: 10,
        ..historical(0.99)
    };
    let normal = |level| VarSettings::one_day(VarMethod::Normal, level);
    let table = [
        (historical(0.95), "var95_hist_linear", Some("es95_mean_le_var")),
        (historical(0.99), "var99_hist_linear", Some("es99_mean_le_var")),
        (with(0.99, QuantileRule::Lower), "var99_hist_lower", None),
        (
            with(0.95, QuantileRule::OrderStatistic),
            "var95_order_stat",
            Some("es95_acerbi"),
        ),
        (
            with(0.99, QuantileRule::OrderStatistic),
            "var99_order_stat",
            Some("es99_acerbi"),
        ),
        (ten, "var99_hist_10d_overlap", None),
        (normal(0.95), "var95_normal", Some("es95_normal")),
        (normal(0.99), "var99_normal", Some("es99_normal")),
    ];
    for (settings, var, es) in table {
        let answer = equal(&settings);
        let expected = rows[var].as_f64().unwrap();
        assert!(
            close(answer.var, expected),
            "{var}: {} instead of {expected}",
            answer.var
        );
        if let Some(es) = es {
            let expected = rows[es].as_f64().unwrap();
            assert!(close(answer.es, expected), "{es}: {} instead of {expected}", answer.es);
        }
    }
}

#[test]
fn components_add_up_to_the_total() {
    for method in [VarMethod::Historical, VarMethod::Normal] {
        for (horizon, horizon_rule) in [
            (1, HorizonRule::Overlap),
            (10, HorizonRule::Overlap),
            (10, HorizonRule::Sqrt),
        ] {
            for quantile in [QuantileRule::Linear, QuantileRule::Lower, QuantileRule::OrderStatistic] {
                for mean in [MeanRule::Sample, MeanRule::Zero] {
                    let settings = VarSettings {
                        horizon,
                        horizon_rule,
                        quantile,
                        mean,
                        window: Some(1000),
                        ..VarSettings::one_day(method, 0.975)
                    };
                    let answer = equal(&settings);
                    assert_eq!(answer.window, 1000);
                    let var: f64 = answer.components.iter().map(|component| component.var).sum();
                    let es: f64 = answer.components.iter().map(|component| component.es).sum();
                    assert!(
                        close(var, answer.var) && close(es, answer.es),
                        "{settings:?}: {var} {es} {answer:?}"
                    );
                    assert!(answer.es >= answer.var, "{settings:?}");
                }
            }
        }
    }
}

#[test]
fn component_risk_agrees_with_the_reference() {
    let golden = &golden("tearsheet_20.json")["component_risk_EW"];
    let returns = returns();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let risk = serde_json::to_value(component_risk(&[0.05; 20], &columns).unwrap()).unwrap();
    for (key, actual) in risk.as_object().unwrap() {
        let pairs: Vec<(f64, f64)> = match actual.as_array() {
            Some(values) => {
                let expected = golden[key].as_array().unwrap();
                assert_eq!(values.len(), expected.len(), "{key}");
                values
                    .iter()
                    .zip(expected)
                    .map(|(a, e)| (a.as_f64().unwrap(), e.as_f64().unwrap()))
                    .collect()
            }
            None => vec![(actual.as_f64().unwrap(), golden[key].as_f64().unwrap())],
        };
        for (actual, expected) in pairs {
            assert!(close(actual, expected), "{key}: {actual} instead of {expected}");
        }
    }
}

#[test]
fn the_backtest_agrees_with_the_reference() {
    let golden = &golden("tearsheet_20.json")["var_backtest_EW_hist250_99"];
    let returns = returns();
    let columns: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    let series = apex_analytics::returns::equal_weight_daily(&columns).unwrap();
    let test = serde_json::to_value(backtest_historical(&series, 250, 0.99).unwrap()).unwrap();
    for (key, expected) in golden.as_object().unwrap() {
        assert!(
            close(test[key].as_f64().unwrap(), expected.as_f64().unwrap()),
            "{key}: {} {expected}",
            test[key]
        );
    }
}

#[test]
fn published_examples_come_out() {
    // 1,000,000 at a deviation of 1%, mean zero.
    let table = [
        (tail::normal_var(0.0, 0.01, 0.95), 16_448.54),
        (tail::normal_var(0.0, 0.01, 0.99), 23_263.48),
        (tail::normal_shortfall(0.0, 0.01, 0.95), 20_627.13),
        (tail::normal_shortfall(0.0, 0.01, 0.975), 23_378.03),
        (tail::normal_var(0.0, 0.01 * 10_f64.sqrt(), 0.99), 73_565.58),
    ];
    for (actual, expected) in table {
        assert!(
            (actual.unwrap() * 1e6 - expected).abs() < 0.005,
            "{actual:?} instead of {expected}"
        );
    }
    assert!((probability_at_most(4, 250, 0.99) - 0.8922).abs() < 5e-5);
    assert!((probability_at_most(9, 250, 0.99) - 0.99975).abs() < 5e-6);
}

#[test]
fn what_cannot_be_computed_is_refused_by_name() {
    let settings = VarSettings::one_day(VarMethod::Historical, 0.99);
    let ask = |settings: &VarSettings| value_at_risk(&[1.0], &[&[0.01, -0.01, 0.02]], settings).unwrap_err();
    assert_eq!(
        ask(&VarSettings {
            level: 99.0,
            ..settings
        }),
        AnalyticsError::Level { level: 99.0 }
    );
    let window = ask(&VarSettings {
        window: Some(250),
        ..settings
    });
    assert_eq!(window.to_string(), "window of 250 does not fit 3 observations");
    assert!(matches!(
        ask(&VarSettings {
            horizon: 10,
            ..settings
        }),
        AnalyticsError::Window { what: "horizon", .. }
    ));
    assert!(value_at_risk(&[1.0, 2.0], &[&[0.01, 0.02]], &settings).is_err());
    assert!(backtest(&[], 0.99).is_err());
    // Without a breach nothing is divided by nothing.
    let clean = backtest(&[false; 250], 0.99).unwrap();
    assert!((clean.kupiec_lr + 2.0 * 250.0 * 0.99_f64.ln()).abs() < 1e-9 && clean.christoffersen_ind_lr == 0.0);
}
