//! Technical indicators through the command, against figures of TA-Lib (see `tests/data/README.md`), to 1e-9 relative.

use serde_json::Value;

use crate::desk::{Desk, apex, data};

fn stocks() -> String {
    data("ohlcv/stocks.csv.gz")
}

/// Returns whether two values of an indicator agree: 1e-9 relative.
fn agree(actual: f64, expected: f64) -> bool {
    (actual - expected).abs() <= 1e-9 * expected.abs()
}

#[test]
fn every_indicator_of_the_reference_agrees() {
    let golden = std::fs::read_to_string(data("golden/indicators_aapl.json")).unwrap();
    let golden: Value = serde_json::from_str(&golden).unwrap();
    let stocks = stocks();
    for (key, outputs) in golden["values"].as_object().unwrap() {
        let (name, params) = match key.find(|letter: char| letter.is_ascii_digit()) {
            Some(at) => (key[..at].trim_end_matches('_'), key[at..].replace('_', ",")),
            None => (key.as_str(), String::new()),
        };
        let mut ask = vec!["indicators", &stocks, "--ticker", "AAPL", "--name", name, "--json"];
        if !params.is_empty() {
            ask.extend(["--params", &params]);
        }
        let reply = apex(&ask).good().json();
        let outputs = outputs.as_array().unwrap();
        let lists: Vec<&Value> = match outputs.len() {
            1 => vec![&reply["values"]],
            _ => reply["values"].as_array().unwrap().iter().collect(),
        };
        assert_eq!(lists.len(), outputs.len(), "{key}");
        for (list, expected) in lists.into_iter().zip(outputs) {
            assert_eq!(reply["first_valid"], expected["first_valid"], "{key}");
            let values = list.as_array().unwrap();
            assert_eq!(values.len(), 3270, "{key}");
            let sum: f64 = values.iter().filter_map(Value::as_f64).sum();
            assert!(agree(sum, expected["sum"].as_f64().unwrap()), "{key}: {sum}");
            for (row, expected) in expected["at"].as_object().unwrap() {
                let actual = values[row.parse::<usize>().unwrap()].as_f64().unwrap();
                assert!(agree(actual, expected.as_f64().unwrap()), "{key} at {row}: {actual}");
            }
            let first = expected["first_valid"].as_u64().unwrap() as usize;
            assert!(values[..first].iter().all(Value::is_null), "{key}");
        }
    }
}

#[test]
fn a_column_of_a_wide_table_is_the_close() {
    let desk = Desk::empty();
    let file = desk.file("closes.csv", "Day,A,B\n1/5/2026,1,9\n1/6/2026,2,9\n1/7/2026,6,9\n");
    let ask = [
        "indicators",
        &file,
        "--column",
        "A",
        "--name",
        "sma",
        "--params",
        "2",
        "--json",
    ];
    let reply = apex(&ask).good().json();
    assert_eq!(reply["values"], serde_json::json!([null, 1.5, 4.0]));
    assert_eq!(
        (&reply["first_valid"], &reply["name"]),
        (&Value::from(1), &Value::from("SMA"))
    );
    let text = apex(&ask[..ask.len() - 1]).good().out;
    assert!(
        text.contains("SMA(2), first value on 2026-01-06") && text.contains("4.000000"),
        "{text}"
    );
    let short = apex(&["indicators", &file, "--column", "A", "--name", "RSI", "--json"])
        .good()
        .json();
    assert!(short["first_valid"].is_null() && short["values"] == serde_json::json!([null, null, null]));
}

#[test]
fn what_cannot_be_computed_is_refused_by_name() {
    let stocks = stocks();
    let ask = |more: &[&str]| apex(&[&["indicators", &stocks, "--json"], more].concat());
    ask(&["--name", "RSI"]).refused("there are several tickers, choose one: AAPL, FB, GOOG, IBM, MSFT");
    ask(&["--name", "RSI", "--ticker", "XYZ"]).refused("there is no ticker XYZ");
    ask(&["--name", "RIS", "--ticker", "FB"]).refused("there is no indicator RIS");
    ask(&["--name", "RSI", "--ticker", "FB", "--params", "1"]).refused("period is 1; it must be between 2 and 100000");
    ask(&["--name", "RSI", "--ticker", "FB", "--params", "14,2"]).refused("list of parameters has a length of 2");
    assert_eq!(ask(&["--name", "RSI", "--ticker", "FB", "--params", "x"]).status, 2);
    assert_eq!(ask(&["--ticker", "FB"]).status, 2);
    let prices = data("prices/sp500_index.csv.gz");
    apex(&["indicators", &prices, "--column", "SP500", "--name", "ATR"]).refused("ATR reads High, Low, Close");
}
