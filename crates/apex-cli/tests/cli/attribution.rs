//! Attribution through the command, against the reference file, to 1e-9 relative or 1e-12 absolute.

use serde_json::{Value, json};

use crate::desk::{Desk, apex, close, data};

fn golden() -> Value {
    let text = std::fs::read_to_string(data("golden/cashflows_attribution.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["brinson"].take()
}

/// Says that every number of `expected` is in `actual`.
fn agree(path: &str, actual: &Value, expected: &Value) {
    match expected {
        Value::Object(fields) => {
            for (key, value) in fields {
                agree(&format!("{path}.{key}"), &actual[key], value);
            }
        }
        Value::Array(values) => {
            assert_eq!(actual.as_array().map(Vec::len), Some(values.len()), "{path}");
            for (at, value) in values.iter().enumerate() {
                agree(&format!("{path}[{at}]"), &actual[at], value);
            }
        }
        expected => {
            let (actual, expected) = (actual.as_f64().unwrap(), expected.as_f64().unwrap());
            assert!(close(actual, expected), "{path} is {actual}, expected {expected}");
        }
    }
}

#[test]
fn every_effect_of_the_reference_agrees() {
    let (desk, golden) = (Desk::empty(), golden());
    let inputs = ["sectors", "wp", "wb", "rp", "rb"];
    let ask: serde_json::Map<String, Value> = inputs
        .iter()
        .map(|key| ((*key).to_owned(), golden[*key].clone()))
        .collect();
    let file = desk.file("quarters.json", &Value::Object(ask).to_string());
    let reply = apex(&["attribution", &file, "--json"]).good().json();
    for (key, expected) in golden.as_object().unwrap() {
        if !inputs.contains(&key.as_str()) && key != "note" {
            agree(key, &reply[key], expected);
        }
    }
    let split = &reply["geometric"];
    assert!(split["residual"].as_f64().unwrap().abs() < 1e-12);
    assert!(reply["currency"].is_null() && reply["factor"].is_null());
    let text = apex(&["attribution", &file]).good().out;
    assert!(
        text.contains("linked after Carino") && text.contains("0.4101%"),
        "{text}"
    );
}

#[test]
fn currencies_and_factors_add_up() {
    let desk = Desk::empty();
    let ask = json!({
        "currency": {
            "markets": ["Home", "Abroad"],
            "wp": [[0.4, 0.6], [0.5, 0.5]], "wb": [[0.5, 0.5], [0.5, 0.5]],
            "rp": [[0.02, 0.05], [0.01, -0.02]], "rb": [[0.01, 0.04], [0.0, -0.01]],
            "cash": [[0.002, 0.004], [0.002, 0.004]], "fx": [[0, -0.03], [0, 0.02]],
            "cp": [[0.9, 0.1], [0.5, 0.5]],
        },
        "factor": {
            "assets": ["A", "B"], "factors": ["Market"],
            "wp": [[1, 0]], "wb": [[0.5, 0.5]], "returns": [[0.06, 0.01]],
            "exposures": [[[1.2, 0.8]]], "factor_returns": [[0.05]],
        },
    });
    let file = desk.file("currencies.json", &ask.to_string());
    let reply = apex(&["attribution", &file, "--json"]).good().json();
    assert!(reply["periods"].is_null());
    let sum = |value: &Value| {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part.as_f64().unwrap())
            .sum::<f64>()
    };
    let currency = &reply["currency"];
    let linked = &currency["carino"];
    let wholes = currency["periods"].as_array().unwrap().iter().chain([linked]);
    for whole in wholes {
        let parts = ["allocation", "selection", "interaction", "currency"];
        let total: f64 = parts.iter().map(|part| sum(&whole[*part])).sum();
        assert!(close(total, whole["active_return"].as_f64().unwrap()), "{whole}");
    }
    let factor = &reply["factor"];
    assert!(close(sum(&factor["carino_factors"]), 0.01));
    assert!(close(
        sum(&factor["carino_factors"]) + sum(&factor["carino_specific"]),
        0.025
    ));
    let text = apex(&["attribution", &file]).good().out;
    assert!(text.contains("Currency") && text.contains("Specific"), "{text}");
}

#[test]
fn what_cannot_be_attributed_is_refused_by_name() {
    let desk = Desk::empty();
    let ask = |text: &str| apex(&["attribution", &desk.file("x.json", text), "--json"]);
    ask("{}").refused("there is nothing to attribute");
    ask("{").refused("x.json cannot be read");
    ask(r#"{"sectors": ["A"], "wp": [[0.9]], "wb": [[1]], "rp": [[0]], "rb": [[0]]}"#)
        .refused("period 1: sum of the portfolio weights is 0.9; it must be 1");
    ask(r#"{"sectors": ["A"], "wp": [[1]], "wb": [[1]], "rp": [[-1]], "rb": [[0]]}"#)
        .refused("portfolio return at index 0 loses everything: -1");
    apex(&["attribution", "nowhere.json"]).refused("cannot read nowhere.json");
}

#[test]
fn a_portfolio_of_the_book_is_attributed_against_a_blend_and_adds_up() {
    let desk = Desk::empty();
    desk.apex(&["init", "--demo"]).good();
    let mix = desk.file(
        "mix.toml",
        "name = \"Mix\"\nrebalance = \"quarterly\"\nweights = { KO = 0.5, AAPL = 0.4, Cash = 0.1 }\n",
    );
    let ask = [
        "attribution",
        "--portfolio",
        "US Core",
        "--from",
        "2021-12-31",
        "--benchmark",
        &mix,
    ];
    let reply = desk.json(&ask);
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{value} in {reply}"));
    assert_eq!(reply["benchmark"], "Mix");
    assert!(number(&reply["residual"]).abs() < 1e-12);
    let segments = reply["segments"].as_array().unwrap();
    let sum = |key: &str| segments.iter().map(|row| number(&row[key])).sum::<f64>();
    assert!((sum("effect") - number(&reply["active_return"])).abs() < 1e-12);
    assert!((sum("contribution") - number(&reply["portfolio_return"])).abs() < 1e-12);
    assert!((sum("benchmark_contribution") - number(&reply["benchmark_return"])).abs() < 1e-12);
    assert_eq!(reply["periods"].as_array().map(Vec::len), Some(12));
    // The same figure as `apex performance`, and the same bytes with one thread.
    let performance = desk.json(&["performance", "--portfolio", "US Core", "--from", "2021-12-31"]);
    assert!(close(number(&reply["portfolio_return"]), number(&performance["twr"])));
    let bytes = |threads: &str| {
        desk.apex(&[&ask[..], &["--json", "--threads", threads]].concat())
            .good()
            .out
    };
    assert_eq!(bytes("1"), bytes("2"));
    // One instrument has no segments: there are contributions and no effects, and the reason.
    let own = desk.json(&["attribution", "--portfolio", "US Core", "--from", "2021-12-31"]);
    assert!(
        own["total"]["allocation"].is_null() && own["active_return"].is_f64(),
        "{own}"
    );
    assert!(
        own["unavailable"]["effects"]
            .as_str()
            .unwrap()
            .contains("is one instrument")
    );
    let text = desk.apex(&ask).good().out;
    assert!(
        ["against Mix", "Interaction", "Total"]
            .iter()
            .all(|words| text.contains(words)),
        "{text}"
    );
    desk.apex(&["attribution", "--benchmark", "mix"])
        .refused("mix is no benchmark");
}
