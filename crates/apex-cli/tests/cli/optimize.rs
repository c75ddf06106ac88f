//! Portfolio construction from files against reference solutions (see `tests/data/README.md`): weights to 1e-6, the figure
//! that was optimized to 1e-8 relative.

use serde_json::{Value, json};

use crate::desk::{Desk, apex, close, data};

fn golden() -> Value {
    serde_json::from_str(&std::fs::read_to_string(data("golden/optimisers_20.json")).unwrap()).unwrap()
}

fn ask(arguments: &[&str]) -> Value {
    let prices = data("prices/sp500_dataset.csv.gz");
    apex(&[&["optimize", "--prices", &prices, "--json"], arguments].concat())
        .good()
        .json()
}

fn near(name: &str, actual: &Value, expected: &Value, tolerance: f64) {
    let (actual, expected) = (actual.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!(
        (actual - expected).abs() <= tolerance,
        "{name}: {actual} instead of {expected}"
    );
}

#[test]
fn every_objective_agrees_with_the_reference() {
    let golden = golden();
    let table: [(&str, &str, &[&str]); 10] = [
        ("min_variance", "vol_daily", &["--objective", "min-variance"]),
        (
            "min_variance_cap10",
            "vol_daily",
            &["--objective", "min-variance", "--max-weight", "0.1"],
        ),
        ("max_sharpe_rf0", "mean_daily", &["--objective", "max-sharpe"]),
        (
            "mv_utility_lambda5",
            "vol_daily",
            &["--objective", "utility", "--risk-aversion", "5"],
        ),
        ("min_cvar95", "cvar95", &["--objective", "min-cvar"]),
        ("risk_parity", "vol_daily", &["--objective", "risk-parity"]),
        ("inverse_vol", "vol_daily", &["--objective", "inverse-volatility"]),
        (
            "max_diversification",
            "vol_daily",
            &["--objective", "max-diversification"],
        ),
        ("hrp_single", "vol_daily", &["--objective", "hrp"]),
        (
            "hrp_ward_olo",
            "vol_daily",
            &["--objective", "hrp", "--linkage", "ward", "--optimal-leaf-order"],
        ),
    ];
    for (name, figure, arguments) in table {
        let (answer, expected) = (ask(arguments), &golden["solutions"][name]);
        for (asset, weight) in expected["weights"].as_object().unwrap() {
            near(&format!("{name} {asset}"), &answer["weights"][asset], weight, 1e-6);
            near(
                name,
                &answer["risk_contributions"][asset],
                &expected["risk_contrib"][asset],
                1e-5,
            );
        }
        let key = match figure {
            "mean_daily" => "mean",
            "vol_daily" => "volatility",
            _ => "cvar",
        };
        near(
            name,
            &answer[key],
            &expected[figure],
            1e-8 * expected[figure].as_f64().unwrap(),
        );
        assert!(
            answer["kkt_residual"].as_f64().is_none_or(|residual| residual < 1e-9),
            "{name}: {answer}"
        );
        assert!(answer["iterations"].is_u64() && answer["elapsed_ms"].is_f64());
        if name.starts_with("hrp") {
            assert_eq!(answer["order"], expected["order"], "{name}");
        }
    }
}

#[test]
fn frontiers_agree_with_the_reference() {
    let golden = golden();
    let answer = ask(&["--objective", "min-variance", "--frontier", "50"]);
    let points = answer["points"].as_array().unwrap();
    assert_eq!(points.len(), 50);
    let assets = golden["frontier50"]["assets"].as_array().unwrap();
    for expected in golden["frontier50"]["points"].as_array().unwrap() {
        let target = expected["target"].as_f64().unwrap();
        let point = points
            .iter()
            .find(|point| (point["target"].as_f64().unwrap() / target - 1.0).abs() < 1e-9)
            .unwrap_or_else(|| panic!("no point at {target}"));
        near("volatility", &point["volatility"], &expected["vol_daily"], 1e-10);
        for (asset, weight) in assets.iter().zip(expected["weights"].as_array().unwrap()) {
            near("weight", &point["weights"][asset.as_str().unwrap()], weight, 1e-6);
        }
    }
    for expected in golden["cvar95_frontier"].as_array().unwrap() {
        let target = expected["target"].to_string();
        let answer = ask(&["--objective", "min-cvar", "--target-mean", &target]);
        near("cvar", &answer["cvar"], &expected["cvar95"], 1e-10);
        near("mean", &answer["mean"], &expected["target"], 1e-15);
        for (asset, weight) in assets.iter().zip(expected["weights"].as_array().unwrap()) {
            near("weight", &answer["weights"][asset.as_str().unwrap()], weight, 1e-6);
        }
    }
}

#[test]
fn black_litterman_agrees_with_the_reference() {
    let desk = Desk::empty();
    let golden = &golden()["black_litterman"];
    let views = json!({
        "delta": golden["delta"], "tau": golden["tau"], "prior": "equal", "P": golden["P"], "Q": golden["Q"],
        "annualisation": golden["annualisation"],
    });
    let file = desk.file("views.json", &views.to_string());
    let answer = ask(&["--objective", "black-litterman", "--views", &file]);
    for key in [
        "prior_pi",
        "posterior_mean",
        "posterior_cov_diag",
        "unconstrained_weights_delta_S",
    ] {
        for (actual, expected) in answer[key]
            .as_array()
            .unwrap()
            .iter()
            .zip(golden[key].as_array().unwrap())
        {
            near(key, actual, expected, 1e-12);
        }
    }
    let named = json!({"delta": 2.5, "tau": 0.05, "annualisation": 252, "P": [{"AAPL": 1}], "Q": [0.30]});
    let file = desk.file("named.json", &named.to_string());
    let pooled = ask(&["--objective", "entropy-pooling", "--views", &file]);
    near("mean of AAPL", &pooled["posterior_mean"][0], &json!(0.30), 1e-9);
    assert!(pooled["effective_days"].as_f64().unwrap() > 8000.0);
    let file = desk.file("broken.json", "{\"P\": [");
    let prices = data("prices/sp500_dataset.csv.gz");
    apex(&[
        "optimize",
        "--prices",
        &prices,
        "--objective",
        "black-litterman",
        "--views",
        &file,
    ])
    .refused("broken.json cannot be read: EOF while parsing a list at line 1");
}

#[test]
fn covariances_agree_with_the_reference() {
    let golden = &golden()["covariance"];
    let prices = data("prices/sp500_dataset.csv.gz");
    for (estimator, row) in [
        ("ledoit-wolf", "ledoit_wolf_first_row"),
        ("oas", "oas_first_row"),
        ("ewma", "ewma94_weighted_mean_biased_first_row"),
    ] {
        let answer = apex(&["covariance", "--prices", &prices, "--estimator", estimator, "--json"])
            .good()
            .json();
        for (actual, expected) in answer["matrix"][0]
            .as_array()
            .unwrap()
            .iter()
            .zip(golden[row].as_array().unwrap())
        {
            assert!(
                close(actual.as_f64().unwrap(), expected.as_f64().unwrap()),
                "{estimator}"
            );
        }
    }
    let sample = apex(&["covariance", "--prices", &prices, "--estimator", "sample", "--json"])
        .good()
        .json();
    assert!(close(
        sample["matrix"][3][7].as_f64().unwrap(),
        golden["sample_ddof1"][3][7].as_f64().unwrap()
    ));
    let text = apex(&[
        "covariance",
        "--prices",
        &prices,
        "--estimator",
        "sample",
        "--correlation",
    ])
    .good()
    .out;
    assert!(text.contains("8,312 returns") && text.contains("0.7944"), "{text}");
}

#[test]
fn constraints_come_from_a_file_and_hold() {
    let desk = Desk::empty();
    let rules = desk.file(
        "rules.toml",
        r#"
        upper = 0.2
        current = "equal"
        [assets]
        KO = {lower = 0.05}
        [classes.sector]
        AAPL = "technology"
        MSFT = "technology"
        AMD = "technology"
        [[groups]]
        name = "technology"
        class = "sector"
        value = "technology"
        lower = 0.25
        upper = 0.30
        [[rows]]
        name = "oil against drugs"
        coefficients = {XOM = 1.0, CVX = 1.0, PFE = -1.0, MRK = -1.0}
        upper = 0.0
        [turnover]
        limit = 0.6
        [tracking]
        limit = 0.004
        benchmark = "equal"
        "#,
    );
    let answer = ask(&["--objective", "min-variance", "--constraints", &rules]);
    let weight = |asset: &str| answer["weights"][asset].as_f64().unwrap();
    let technology = weight("AAPL") + weight("MSFT") + weight("AMD");
    assert!((0.25 - 1e-8..=0.30 + 1e-8).contains(&technology), "{technology}");
    assert!(weight("KO") >= 0.05 - 1e-9 && weight("XOM") + weight("CVX") <= weight("PFE") + weight("MRK") + 1e-8);
    let weights: Vec<f64> = answer["weights"]
        .as_object()
        .unwrap()
        .values()
        .map(|one| one.as_f64().unwrap())
        .collect();
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9 && weights.iter().all(|one| *one <= 0.2 + 1e-9));
    assert!(weights.iter().map(|one| (one - 0.05).abs()).sum::<f64>() <= 0.6 + 1e-7);
    assert!(
        answer["kkt_residual"].as_f64().unwrap() < 1e-7 && answer["gap"].as_f64().unwrap() < 1e-7,
        "{answer}"
    );
    let sharpe = ask(&["--objective", "max-sharpe", "--constraints", &rules]);
    let ratio = |answer: &Value| answer["mean"].as_f64().unwrap() / answer["volatility"].as_f64().unwrap();
    assert!(ratio(&sharpe) >= ratio(&answer));
}

#[test]
fn constraints_that_exclude_one_another_are_named() {
    let desk = Desk::empty();
    let prices = data("prices/sp500_dataset.csv.gz");
    let run = |rules: &str| {
        let file = desk.file("rules.toml", rules);
        apex(&[
            "optimize",
            "--prices",
            &prices,
            "--objective",
            "min-variance",
            "--constraints",
            &file,
        ])
    };
    let rules = "[assets]\nAAPL = {lower = 0.3}\nMSFT = {lower = 0.2}\n[[groups]]\nname = \"technology\"\n\
                 assets = [\"AAPL\", \"MSFT\"]\nupper = 0.4\n[turnover]\nlimit = 5.0\n";
    let answer = run(rules).refused("technology at most 0.4");
    assert!(answer.err.contains("lower bound 0.3 of AAPL") && answer.err.contains("lower bound 0.2 of MSFT"));
    assert!(!answer.err.contains("turnover"), "{}", answer.err);
    run("upper = 0.01\n").refused("upper bounds add up to 0.2");
    run("[[groups]]\nassets = [\"NOPE\"]\nupper = 0.1\n").refused("no column NOPE");
    run("uper = 0.1\n").refused("uper");
}

#[test]
fn names_and_lots_are_whole_numbers() {
    let desk = Desk::empty();
    let names = desk.file("names.toml", "[names]\ncount = 5\nposition_min = 0.05\n");
    let few = ask(&["--objective", "min-variance", "--constraints", &names]);
    let held: Vec<f64> = few["weights"]
        .as_object()
        .unwrap()
        .values()
        .map(|one| one.as_f64().unwrap())
        .collect();
    assert!(held.iter().filter(|one| **one > 0.0).count() <= 5);
    assert!(held.iter().all(|one| *one == 0.0 || *one >= 0.05 - 1e-12), "{few}");
    let gap = few["gap"].as_f64().unwrap();
    assert!((0.0..0.05).contains(&gap), "{gap}");
    let all = ask(&["--objective", "min-variance"]);
    assert!(few["volatility"].as_f64().unwrap() > all["volatility"].as_f64().unwrap());
    let lots = desk.file("lots.toml", "[lots]\nvalue = 1000000\nsize = 10\n");
    let book = ask(&["--objective", "min-variance", "--constraints", &lots]);
    assert!(
        book["lots"]
            .as_object()
            .unwrap()
            .values()
            .all(|one| one.as_f64().unwrap().fract() == 0.0)
    );
    assert!((0.0..0.02).contains(&book["cash"].as_f64().unwrap()), "{book}");
    let lots = desk.file("large.toml", "[lots]\nvalue = 1000000\nsize = 10000000\n");
    let prices = data("prices/sp500_dataset.csv.gz");
    let asked = [
        "optimize",
        "--prices",
        &prices,
        "--objective",
        "min-variance",
        "--constraints",
        &lots,
    ];
    apex(&asked).refused("a value of 1000000 buys no lot of any asset; the cheapest lot is worth");
}

#[test]
fn options_of_other_objectives_are_refused() {
    let prices = data("prices/sp500_dataset.csv.gz");
    let ask = |more: &[&str]| apex(&[&["optimize", "--prices", &prices, "--objective"], more].concat());
    ask(&["hrp", "--target-mean", "0.001"])
        .refused("--target-mean is for target-return and min-cvar, not for hrp; leave it out");
    ask(&["min-variance", "--risk-aversion", "5"]).refused("--risk-aversion is for utility");
    ask(&["hrp", "--clusters", "3"]).refused("--clusters is for herc and nco");
    ask(&["min-variance", "--risk-free", "0.02"]).refused("--risk-free is for max-sharpe");
    ask(&["min-cvar", "--benchmark-weights", "equal"]).refused("--benchmark-weights is for min-tracking-error");
    let desk = Desk::empty();
    let policy = desk.file("policy.toml", "objective = \"min-variance\"\n");
    apex(&["optimize", "--policy", &policy, "--target-mean", "0.001"])
        .refused("--target-mean is not taken beside --policy; write it in that file");
}

#[test]
fn a_frontier_keeps_every_constraint_and_starts_at_the_least_variance() {
    let desk = Desk::empty();
    let file = desk.file(
        "rules.toml",
        "upper = 0.2\n[[groups]]\nname = \"oil\"\nassets = [\"XOM\", \"CVX\"]\nlower = 0.1\nupper = 0.15\n",
    );
    let answer = ask(&[
        "--objective",
        "min-variance",
        "--constraints",
        &file,
        "--frontier",
        "20",
    ]);
    let points = answer["points"].as_array().unwrap();
    assert!(points.len() >= 18, "{} points", points.len());
    let mut last = 0.0;
    for point in points {
        let weight = |asset: &str| point["weights"][asset].as_f64().unwrap();
        let oil = weight("XOM") + weight("CVX");
        assert!((0.1 - 1e-6..0.15 + 1e-6).contains(&oil), "{oil}");
        let weights = point["weights"].as_object().unwrap();
        assert!(weights.values().all(|weight| weight.as_f64().unwrap() < 0.2 + 1e-6));
        let volatility = point["volatility"].as_f64().unwrap();
        assert!(volatility > last - 1e-9, "{volatility} after {last}");
        last = volatility;
    }
    let least = ask(&["--objective", "min-variance", "--constraints", &file]);
    near("least variance", &points[0]["volatility"], &least["volatility"], 1e-9);
    apex(&[
        "optimize",
        "--prices",
        &data("prices/sp500_dataset.csv.gz"),
        "--objective",
        "hrp",
        "--max-weight",
        "0.1",
    ])
    .refused("hierarchical risk parity is a rule for long-only weights and takes no constraints but the budget");
}

#[test]
fn other_objectives_answer_and_the_answer_does_not_depend_on_the_threads() {
    let without_time = |mut answer: Value| {
        answer.as_object_mut().unwrap().remove("elapsed_ms");
        answer
    };
    let table: [&[&str]; 6] = [
        &["--objective", "herc"],
        &["--objective", "nco", "--clusters", "4"],
        &["--objective", "target-return", "--target-mean", "0.0007"],
        &["--objective", "target-volatility", "--target-volatility", "0.012"],
        &["--objective", "min-tracking-error", "--max-weight", "0.06"],
        &[
            "--objective",
            "min-variance",
            "--frontier",
            "5",
            "--resample",
            "8",
            "--seed",
            "3",
        ],
    ];
    for arguments in table {
        let one = without_time(ask(&[arguments, &["--threads", "1"]].concat()));
        let two = without_time(ask(&[arguments, &["--threads", "2"]].concat()));
        assert_eq!(one, two, "{arguments:?}");
        if let Some(weights) = one["weights"].as_object() {
            let total: f64 = weights.values().map(|one| one.as_f64().unwrap()).sum();
            assert!((total - 1.0).abs() < 1e-9, "{arguments:?}");
        }
    }
    let unconstrained = ask(&["--objective", "min-variance", "--unconstrained"]);
    assert!(
        unconstrained["weights"]
            .as_object()
            .unwrap()
            .values()
            .any(|one| one.as_f64().unwrap() < 0.0)
    );
}

#[test]
fn drawdowns_are_the_least() {
    // A short table keeps the program small: the last four hundred days.
    let desk = Desk::empty();
    let mut text = String::from("date,A,B,C\n");
    let mut prices = [100.0_f64, 100.0, 100.0];
    let day = jiff::civil::date(2024, 1, 1);
    for at in 0..400_i64 {
        let angle = at as f64;
        for (price, (speed, size)) in prices.iter_mut().zip([(0.37, 0.02), (0.11, 0.015), (0.73, 0.03)]) {
            *price *= 1.0 + 0.0004 + size * (angle * speed).sin();
        }
        let date = day.checked_add(jiff::ToSpan::days(at)).unwrap();
        text.push_str(&format!("{date},{},{},{}\n", prices[0], prices[1], prices[2]));
    }
    let file = desk.file("prices.csv", &text);
    let run = |objective: &str| {
        apex(&["optimize", "--prices", &file, "--objective", objective, "--json"])
            .good()
            .json()
    };
    for objective in ["min-cdar", "min-max-drawdown"] {
        let answer = run(objective);
        let total: f64 = answer["weights"]
            .as_object()
            .unwrap()
            .values()
            .map(|one| one.as_f64().unwrap())
            .sum();
        assert!(
            (total - 1.0).abs() < 1e-8 && answer["kkt_residual"].as_f64().unwrap() < 1e-7,
            "{answer}"
        );
    }
}

#[test]
fn wrong_usage_of_the_optimizer_exits_with_two() {
    for arguments in [
        &["optimize", "--prices", "x.csv", "--objective", "utility"][..],
        &["optimize", "--prices", "x.csv", "--objective", "target-return"],
        &["optimize", "--prices", "x.csv", "--objective", "best"],
        &[
            "optimize",
            "--prices",
            "x.csv",
            "--objective",
            "min-cvar",
            "--alpha",
            "95",
        ],
    ] {
        assert_eq!(apex(arguments).status, 2, "{arguments:?}");
    }
    let text = apex(&[
        "optimize",
        "--prices",
        &data("prices/sp500_dataset.csv.gz"),
        "--objective",
        "min-cvar",
    ])
    .good()
    .out;
    assert!(text.contains("Expected shortfall   2.2534% at 95.0%"), "{text}");
}
