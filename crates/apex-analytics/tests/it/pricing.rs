//! Prices and sensitivities against QuantLib 1.44 (see `tests/data/golden`), textbooks, and what must hold of every
//! price.

mod american;
mod bonds;
mod curves;
mod options;
mod properties;

use apex_analytics::pricing::{OptionKind, Terms};
use serde_json::Value;

/// Returns a number of a reference case.
fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap_or_else(|| panic!("{key} of {case}"))
}

fn kind(case: &Value) -> OptionKind {
    match case["type"].as_str().unwrap() {
        "call" => OptionKind::Call,
        "put" => OptionKind::Put,
        other => panic!("{other}"),
    }
}

/// Returns the terms of a reference case; `T` wins over `days`.
fn terms(case: &Value) -> Terms {
    Terms {
        kind: kind(case),
        spot: number(case, "S"),
        strike: number(case, "K"),
        years: case["T"].as_f64().unwrap_or_else(|| number(case, "days") / 365.0),
        rate: number(case, "r"),
        dividend_yield: number(case, "q"),
        volatility: case["vol"].as_f64().unwrap_or(0.0),
    }
}

/// Says that two numbers agree, relatively or absolutely.
#[track_caller]
fn agree(what: &str, actual: f64, expected: f64, tolerance: f64) {
    assert!(
        (actual - expected).abs() <= tolerance * expected.abs().max(1.0),
        "{what}: {actual} instead of {expected}, off by {:e}",
        actual - expected
    );
}
