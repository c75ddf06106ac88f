//! VaR by every method, its backtest, factors, components and GARCH, against figures computed with other packages (see
//! `tests/data/README.md`).

use serde_json::Value;

use crate::desk::{Desk, apex, close, data};

fn golden(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(data(&format!("golden/{name}"))).unwrap()).unwrap()
}

fn prices() -> String {
    data("prices/sp500_dataset.csv.gz")
}

/// Says that every number of `expected` is in `actual`; notes are not compared.
fn agree(path: &str, actual: &Value, expected: &Value) {
    match expected {
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| *key != "note") {
                agree(&format!("{path}.{key}"), &actual[key], value);
            }
        }
        Value::Array(values) => {
            assert_eq!(actual.as_array().map(Vec::len), Some(values.len()), "{path}");
            for (at, value) in values.iter().enumerate() {
                agree(&format!("{path}[{at}]"), &actual[at], value);
            }
        }
        Value::Number(number) if number.is_f64() => {
            let actual = actual.as_f64().unwrap_or_else(|| panic!("{path} is {actual}"));
            let expected = number.as_f64().unwrap();
            assert!(close(actual, expected), "{path} is {actual}, expected {expected}");
        }
        expected => assert_eq!(actual, expected, "{path}"),
    }
}

fn var(more: &[&str]) -> Value {
    let prices = prices();
    let ask = [&["var", "--prices", &prices, "--weights", "equal", "--json"], more].concat();
    let answer = apex(&ask).good();
    let alone = apex(&[&ask[..], &["--threads", "1"]].concat()).good();
    assert_eq!(
        alone.out, answer.out,
        "{more:?}: the answer does not depend on the threads"
    );
    let reply = answer.json();
    for key in ["var", "es"] {
        let parts = reply["components"].as_array().unwrap();
        let sum: f64 = parts.iter().map(|part| part[key].as_f64().unwrap()).sum();
        assert!(close(sum, reply[key].as_f64().unwrap()), "{key}: {reply}");
    }
    assert!(reply["es"].as_f64().unwrap() >= reply["var"].as_f64().unwrap());
    reply
}

#[test]
fn every_method_answers_with_what_one_must_know_to_trust_it() {
    let row = &golden("tearsheet_20.json")["rows"]["EW_DAILY"];
    let expanded = var(&["--method", "cornish-fisher", "--level", "0.95"]);
    agree("var", &expanded["var"], &row["var95_cornish_fisher"]);
    assert_eq!(
        (&expanded["mean"], &expanded["quantile"]),
        (&"sample".into(), &Value::Null)
    );
    agree(
        "var",
        &var(&["--method", "cornish-fisher"])["var"],
        &row["var99_cornish_fisher"],
    );
    let exact = var(&["--method", "historical", "--quantile", "order-statistic"]);
    agree("var", &exact["var"], &row["var99_order_stat"]);
    agree("es", &exact["es"], &row["es99_acerbi"]);
    let student = var(&["--method", "student-t"]);
    assert!(student["degrees_of_freedom"].as_f64().unwrap() < 5.0);
    let aged = var(&["--method", "age-weighted", "--decay", "0.99"]);
    assert_eq!(
        (&aged["decay"], &aged["quantile"]),
        (&0.99.into(), &"order_statistic".into())
    );
    for volatility in ["garch", "ewma"] {
        let filtered = var(&["--method", "filtered", "--volatility", volatility, "--window", "1000"]);
        assert_eq!(
            (&filtered["volatility"], &filtered["window"]),
            (&volatility.into(), &1000.into())
        );
    }
    let normal = var(&["--method", "normal"])["var"].as_f64().unwrap();
    for distribution in ["normal", "t-copula", "block-bootstrap"] {
        let reply = var(&[
            "--method",
            "monte-carlo",
            "--distribution",
            distribution,
            "--paths",
            "20000",
            "--seed",
            "7",
        ]);
        assert_eq!((&reply["seed"], &reply["paths"]), (&7.into(), &20_000.into()));
        assert_eq!(reply["distribution"], distribution);
        if distribution == "normal" {
            assert!((reply["var"].as_f64().unwrap() / normal - 1.0).abs() < 0.03, "{reply}");
        }
    }
}

#[test]
fn increments_are_added_when_asked_for() {
    let plain = var(&["--method", "normal"]);
    assert!(plain["components"][0].get("incremental_var").is_none());
    let reply = var(&["--method", "normal", "--incremental", "--window", "500"]);
    for part in reply["components"].as_array().unwrap() {
        assert!(part["incremental_var"].as_f64().unwrap() > 0.0, "{part}");
        let marginal = part["marginal_es"].as_f64().unwrap() * part["weight"].as_f64().unwrap();
        assert!(close(marginal, part["es"].as_f64().unwrap()));
    }
    let prices = prices();
    let text = apex(&[
        "var",
        "--prices",
        &prices,
        "--weights",
        "equal",
        "--method",
        "monte-carlo",
        "--incremental",
        "--paths",
        "1000",
    ])
    .good()
    .out;
    assert!(
        text.contains("Incremental ES") && text.contains("1000 normal paths, seed 0"),
        "{text}"
    );
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let prices = prices();
    let ask = |more: &[&str]| apex(&[&["var", "--prices", &prices, "--weights", "equal"], more].concat());
    ask(&["--method", "age-weighted", "--decay", "2"]).refused("decay");
    ask(&["--method", "monte-carlo", "--paths", "5"]).refused("number of paths");
    ask(&["--method", "monte-carlo", "--paths", "4000000000"]).refused("between 100 and 10000000");
    ask(&["--method", "normal", "--decay", "0.9"]).refused("--decay belongs to --method age-weighted");
    ask(&["--method", "monte-carlo", "--block", "5"]).refused("--distribution block-bootstrap");
    ask(&["--method", "historical", "--distribution", "normal"])
        .refused("--distribution belongs to --method monte-carlo");
    assert_eq!(ask(&["--method", "monte-carlo", "--paths", "many"]).status, 2);
}

#[test]
fn the_backtest_agrees_with_the_reference() {
    let golden = golden("tearsheet_20.json");
    let prices = prices();
    let ask = [
        "var-backtest",
        "--prices",
        &prices,
        "--weights",
        "equal",
        "--level",
        "0.99",
    ];
    let reply = apex(&[&ask[..], &["--json"]].concat()).good().json();
    agree("backtest", &reply, &golden["var_backtest_EW_hist250_99"]);
    assert_eq!(reply["breaches"].as_array().unwrap().len(), 125);
    assert_eq!(
        (&reply["window"], &reply["method"]),
        (&250.into(), &"historical".into())
    );
    assert_eq!(reply["traffic_light"]["days"], 250);
    let text = apex(&ask).good().out;
    assert!(
        text.contains("125 breaches, 80.6 expected") && text.contains("Traffic light"),
        "{text}"
    );
    let filtered = apex(
        &[
            &ask[..],
            &[
                "--method",
                "filtered",
                "--volatility",
                "ewma",
                "--window",
                "500",
                "--json",
            ],
        ]
        .concat(),
    )
    .good()
    .json();
    // Measured in the volatility of the day, breaches come less in clusters.
    assert!(filtered["christoffersen_ind_p"].as_f64() > reply["christoffersen_ind_p"].as_f64());
}

#[test]
fn regressions_and_the_risk_split_agree_with_the_reference() {
    let golden = golden("factors_hmm.json");
    let (prices, funds) = (prices(), data("prices/factors_dataset.csv.gz"));
    let ask = ["factors", "--prices", &prices, "--factors", &funds, "--risk-split"];
    let reply = apex(&[&ask[..], &["--errors", "hac:5", "--json"]].concat())
        .good()
        .json();
    agree("ols", &reply, &golden["ols_20_assets_on_5_factor_etfs"]);
    agree("split", &reply["factor_risk_EW"], &golden["factor_risk_EW"]);
    assert_eq!(reply["errors"], "hac:5");
    let text = apex(&ask).good().out;
    assert!(
        text.contains("Durbin-Watson") && text.contains("the assets themselves"),
        "{text}"
    );
    let desk = Desk::empty();
    let weights = desk.file("weights.csv", "asset,weight\nKO,1\n");
    let one = apex(&[&ask[..], &["--weights", &weights, "--json"]].concat())
        .good()
        .json();
    let specific = one["results"]["KO"]["resid_std_ddof_k"].as_f64().unwrap().powi(2);
    assert!(close(
        one["factor_risk"]["specific_var_daily_diag"].as_f64().unwrap(),
        specific
    ));
    assert_eq!(apex(&[&ask[..], &["--errors", "white"]].concat()).status, 2);
    apex(&[&ask[..], &["--excess", "RF"]].concat()).refused("no column RF");
}

#[test]
fn carhart_regressions_agree_with_the_reference() {
    let golden = &golden("factors_hmm.json")["carhart_12_industries_monthly"];
    let both = data("macro/french.csv.bz2");
    let ask = [
        "factors",
        "--returns",
        &both,
        "--factors",
        &both,
        "--excess",
        "RF",
        "--json",
    ];
    let reply = apex(&[&ask[..], &["--factor-columns", "MktRF,SMB,HML,Mom"]].concat())
        .good()
        .json();
    // What is a factor or taken off is not regressed: 12 industries and 18 sorted portfolios are left.
    assert_eq!(
        (&reply["n"], reply["results"].as_object().unwrap().len()),
        (&819.into(), 30)
    );
    agree("carhart", &reply["results"], &golden["results"]);
    apex(&[&ask[..], &["--factor-columns", "MktRF,VALUE"]].concat()).refused("no factor VALUE");
    apex(&ask).refused("is a factor too");
}

#[test]
fn principal_components_agree_with_the_reference() {
    let golden = &golden("factors_hmm.json")["pca_20"];
    let prices = prices();
    let reply = apex(&["pca", "--prices", &prices, "--json"]).good().json();
    for key in ["eigenvalues_cov", "explained_ratio", "eigenvalues_corr", "pc1", "pc2"] {
        agree(key, &reply[key], &golden[key]);
    }
    assert!(reply.get("pc5").is_some() && reply.get("pc6").is_none());
    assert!(
        apex(&["pca", "--prices", &prices, "--components", "1"])
            .good()
            .out
            .contains("31.58%")
    );
}

#[test]
fn the_volatility_model_agrees_with_the_reference() {
    let golden = &golden("tearsheet_20.json")["garch11_sp500_pct"];
    let index = data("prices/sp500_index.csv.gz");
    let reply = apex(&["garch", &index, "--json"]).good().json();
    let near = |key: &str, actual: &Value, expected: &Value, tolerance: f64| {
        let (actual, expected) = (actual.as_f64().unwrap(), expected.as_f64().unwrap());
        assert!(
            (actual / expected - 1.0).abs() < tolerance,
            "{key}: {actual} instead of {expected}"
        );
    };
    // The search of the reference stops a little short of the top.
    assert!(reply["loglik"].as_f64().unwrap() >= golden["loglik"].as_f64().unwrap() - 1e-6);
    near("loglik", &reply["loglik"], &golden["loglik"], 1e-8);
    for (key, expected) in golden["params"].as_object().unwrap() {
        near(key, &reply["params"][key], expected, 1e-3);
    }
    for (at, expected) in golden["forecast_var_1_5"].as_array().unwrap().iter().enumerate() {
        near("forecast", &reply["forecast_var_1_5"][at], expected, 1e-4);
    }
    near("last", &reply["cond_vol_last"], &golden["cond_vol_last"], 1e-4);
    let prices = prices();
    apex(&["garch", &prices]).refused("choose one");
    apex(&["garch", &prices, "--column", "NOPE"]).refused("no column NOPE");
    let text = apex(&["garch", &prices, "--column", "KO", "--mean", "zero", "--horizon", "2"])
        .good()
        .out;
    assert!(
        text.contains("alpha[1]") && !text.contains("mu") && text.contains("in the long run"),
        "{text}"
    );
}
