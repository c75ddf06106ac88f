//! Backtests and optimizations of a book, as scripts use them.

use serde_json::Value;

use crate::desk::{Desk, apex, data};

const POLICY: &str = "
name = \"Least variance\"
universe = [\"AAPL\", \"JPM\", \"KO\", \"XOM\", \"PFE\"]
from = \"2018-01-02\"
window = 126
benchmark = \"MSFT\"

[validation]
folds = 5
tested = 2
embargo = 5

[policy]
objective = \"min-variance\"
estimator = \"ledoit-wolf\"

[policy.constraints]
upper = 0.4
";

#[test]
fn a_backtest_of_a_table_answers_alike_on_one_thread_and_on_two() {
    let desk = Desk::empty();
    let file = desk.file("policy.toml", POLICY);
    let prices = data("prices/sp500_dataset.csv.gz");
    let run = |threads: &str| -> Value {
        apex(&["backtest", &file, "--prices", &prices, "--threads", threads, "--json"])
            .good()
            .json()
    };
    let found = run("1");
    assert_eq!(found, run("2"));
    assert_eq!(found["name"], "Least variance");
    let (days, wealth) = (found["days"].as_array().unwrap(), found["wealth"].as_array().unwrap());
    assert_eq!((days.len(), wealth[0].as_f64()), (wealth.len(), Some(1.0)));
    for one in found["rebalancings"].as_array().unwrap() {
        let weights = one["weights"].as_object().unwrap();
        let sum: f64 = weights.values().map(|weight| weight.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-4 && weights.values().all(|weight| weight.as_f64().unwrap() < 0.4 + 1e-6));
    }
    assert!(found["statistics"]["sharpe"].is_f64() && found["statistics"]["beta"].is_f64());
    assert!(found["benchmark"]["statistics"]["sharpe"].is_f64() && found["turnover_year"].is_f64());
    assert_eq!(found["validation"]["path_sharpe"].as_array().unwrap().len(), 4);
    assert!(found["trades"].is_null() && found["currency"].is_null());
    let text = apex(&["backtest", &file, "--prices", &prices]).good().out;
    assert!(
        text.starts_with("Least variance: 2018-")
            && text.contains("in all, against MSFT\n")
            && text.contains("Cross-validation: 10 splits"),
        "{text}"
    );
}

#[test]
fn a_field_that_is_not_known_is_refused_with_its_place() {
    let desk = Desk::empty();
    let file = desk.file("policy.toml", &POLICY.replace("window =", "windows ="));
    let prices = data("prices/sp500_dataset.csv.gz");
    apex(&["backtest", &file, "--prices", &prices]).refused("policy.toml: the backtest cannot be read in line 5");
    let file = desk.file("policy.toml", &POLICY.replace("window = 126", "window = \"long\""));
    apex(&["backtest", &file, "--prices", &prices])
        .refused("the backtest cannot be read in line 5, field window: invalid type: string \"long\", expected usize");
}

#[test]
fn a_portfolio_of_the_book_is_optimized_and_its_trades_are_listed() {
    let desk = Desk::empty();
    desk.apex(&["init", "--demo", "--passphrase"]);
    let core = ["--portfolio", "US Core"];
    let on = |arguments: &[&str]| desk.json(&[arguments, &core].concat());
    let found = on(&["optimize", "--objective", "min-variance", "--max-weight", "0.08"]);
    let weights = found["weights"].as_object().unwrap();
    let sum: f64 = weights.values().map(|weight| weight.as_f64().unwrap()).sum();
    assert!((sum - found["budget"].as_f64().unwrap()).abs() < 1e-6);
    assert!(weights.values().all(|weight| weight.as_f64().unwrap() < 0.08 + 1e-6));
    assert!(found["kkt_residual"].as_f64().unwrap() < 1e-6 && found["elapsed_ms"].is_f64());
    let trades = found["trades"].as_array().unwrap();
    assert!(!trades.is_empty());
    for trade in trades {
        assert!(matches!(trade["side"].as_str(), Some("buy" | "sell")));
        assert!(trade["quantity"].is_string() && trade["amount"].is_string() && trade["weight"].is_f64());
    }
    assert!(found["nav"].is_string() && found["after"]["sharpe_year"].is_f64());
    // The answer is less volatile than what is held.
    assert!(found["after"]["volatility"].as_f64() < found["now"]["volatility"].as_f64());
    let line = on(&["optimize", "--objective", "min-variance", "--frontier", "10"]);
    assert_eq!(line["points"].as_array().unwrap().len(), 10);
    let text = desk.apex(&[
        "optimize",
        "--objective",
        "min-variance",
        "--frontier",
        "3",
        core[0],
        core[1],
    ]);
    assert!(text.good().out.starts_with("Mean a day  Volatility a day"));
    let policy = desk.file(
        "views.toml",
        "means = \"equilibrium\"\nobjective = \"max-sharpe\"\nviews = []\n",
    );
    assert!(on(&["optimize", "--policy", &policy])["mean"].is_f64());
    desk.apex(&[
        "optimize",
        "--objective",
        "min-variance",
        "--max-weight",
        "0.001",
        "--portfolio",
        "US Core",
    ])
    .refused("no portfolio keeps these constraints together: weights add up to");
    let file = desk.file(
        "policy.toml",
        "window = 126\ndays = 400\n[policy]\nobjective = \"hrp\"\n",
    );
    let run = on(&["backtest", &file]);
    assert!(run["trades"]["rows"].is_array() && run["currency"] == "USD" && run["name"] == "policy");
}
