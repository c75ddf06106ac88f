//! `apex price` against QuantLib 1.44 (see `tests/data/golden/README.md`), block by block, and what it refuses.

use serde_json::{Value, json};

use crate::desk::{Desk, apex, data};

fn golden() -> Value {
    serde_json::from_str(&std::fs::read_to_string(data("golden/derivatives.json")).unwrap()).unwrap()
}

/// Prices cases of one instrument; fields of a case that are no input are sent too, and must not matter.
fn ask(instrument: &str, cases: &[Value]) -> Vec<Value> {
    let asks: Vec<Value> = cases
        .iter()
        .map(|case| {
            let mut ask = case.clone();
            ask["instrument"] = json!(instrument);
            ask
        })
        .collect();
    let file = Desk::empty();
    let path = file.file("asks.json", &Value::Array(asks).to_string());
    let reply = apex(&["price", &path, "--json"]).good().json();
    let rows = reply.as_array().unwrap().clone();
    assert_eq!(rows.len(), cases.len());
    rows
}

#[track_caller]
fn agree(case: &Value, reply: &Value, key: &str, expected: &Value, tolerance: f64) {
    let (actual, expected) = match (reply[key].as_f64(), expected.as_f64()) {
        (Some(actual), Some(expected)) => (actual, expected),
        _ => panic!("{key} of {case} is {}", reply[key]),
    };
    assert!(
        (actual - expected).abs() <= tolerance * expected.abs().max(1.0),
        "{key} of {case} is {actual}"
    );
}

#[test]
fn options_agree_with_the_reference() {
    let golden = golden();
    let european = golden["european"]["cases"].as_array().unwrap();
    let greeks = [
        "price",
        "delta",
        "gamma",
        "vega",
        "theta",
        "rho",
        "dividend_rho",
        "itm_probability",
    ];
    for (case, reply) in european.iter().zip(ask("european", european)) {
        for key in greeks {
            agree(case, &reply, key, &case[key], 1e-10);
        }
    }
    let american = golden["american"]["cases"].as_array().unwrap();
    for (case, reply) in american.iter().zip(ask("american", american)) {
        agree(case, &reply, "price", &case["qdfp_high_precision"], 1e-8);
        agree(case, &reply, "delta", &case["fd_delta"], 1e-4);
    }
    let digital = golden["digital"].as_array().unwrap();
    for (case, reply) in digital.iter().zip(ask("digital", digital)) {
        agree(case, &reply, "price", &case["price"], 1e-10);
        agree(case, &reply, "delta", &case["delta"], 1e-10);
    }
    let barrier = golden["barrier_continuous_rebate_at_hit_or_expiry"].as_array().unwrap();
    for (case, reply) in barrier.iter().zip(ask("barrier", barrier)) {
        agree(case, &reply, "price", &case["price"], 1e-10);
    }
    for block in ["black76", "bachelier"] {
        let cases = golden[block].as_array().unwrap();
        for (case, reply) in cases.iter().zip(ask(block, cases)) {
            agree(case, &reply, "call", &case["call"], 1e-12);
            agree(case, &reply, "put", &case["put"], 1e-12);
        }
    }
}

#[test]
fn implied_volatility_is_judged_by_repricing() {
    let golden = golden();
    let cases = golden["implied_vol"].as_array().unwrap();
    let again: Vec<Value> = cases
        .iter()
        .zip(ask("implied_vol", cases))
        .map(|(case, reply)| {
            let mut again = case.clone();
            again["vol"] = reply["implied_vol"].clone();
            again
        })
        .collect();
    for (case, reply) in cases.iter().zip(ask("european", &again)) {
        let (actual, expected) = (reply["price"].as_f64().unwrap(), case["price"].as_f64().unwrap());
        assert!(
            (actual - expected).abs() <= 1e-10 * case["S"].as_f64().unwrap(),
            "{case}: {actual}"
        );
    }
}

fn without(case: &Value, key: &str) -> Value {
    let mut case = case.clone();
    case.as_object_mut().unwrap().remove(key);
    case
}

#[test]
fn bonds_agree_with_the_reference_from_yield_and_from_price() {
    let golden = golden();
    let cases = golden["bonds"]["cases"].as_array().unwrap();
    for given in ["yield_", "clean"] {
        let other = if given == "clean" { "yield_" } else { "clean" };
        let asks: Vec<Value> = cases.iter().map(|case| without(case, other)).collect();
        for (case, reply) in cases.iter().zip(ask("bond", &asks)) {
            for key in [
                "yield_",
                "clean",
                "accrued",
                "dirty",
                "yield_from_clean",
                "macaulay",
                "modified",
                "convexity",
                "bpv",
                "yield_value_bp",
                "clean_up_1bp",
                "clean_up_100bp",
            ] {
                agree(case, &reply, key, &case[key], 1e-10);
            }
            assert_eq!(reply["n_cashflows_left"], case["n_cashflows_left"], "{case}");
            assert_eq!(reply["next_coupon"], case["next_coupon"], "{case}");
        }
    }
    assert!(
        ask("bond", cases)
            .iter()
            .all(|reply| reply["error"].as_str().unwrap().contains("not by both"))
    );
}

#[test]
fn bonds_on_a_curve_agree_with_the_reference() {
    let golden = golden();
    let block = &golden["bonds"]["zero_curve"];
    let bonds = golden["bonds"]["cases"].as_array().unwrap();
    // The curve as the reference writes it, and as the pairs alone.
    for curve in [block.clone(), block["tenor_years_act365"].clone()] {
        let expected = block["cases"].as_array().unwrap();
        let asks: Vec<Value> = expected
            .iter()
            .map(|case| {
                let bond = bonds.iter().find(|bond| bond["name"] == case["name"]).unwrap();
                let mut ask = without(bond, "yield_");
                ask["curve"] = curve.clone();
                ask["keys"] = json!([2, 5, 10, 30]);
                ask
            })
            .collect();
        for (case, reply) in expected.iter().zip(ask("bond_curve", &asks)) {
            for key in ["curve_dirty", "curve_clean", "z_spread_cont_act365"] {
                agree(case, &reply, key, &case[key], 1e-10);
            }
            assert_eq!(reply["key_rate_durations"].as_array().unwrap().len(), 4);
        }
    }
}

#[test]
fn the_other_instruments_are_priced_too() {
    let terms = json!({
        "issue": "2024-01-15", "maturity": "2034-01-15", "coupon": 0.05, "freq": 1, "day_count": "Act/Act ICMA",
        "settle": "2024-06-03", "curve": [[1, 0.04], [5, 0.045], [10, 0.05]], "clean": 95, "fixing": 0.03,
        "rights": [{"date": "2029-01-15", "holder": "issuer", "price": 100}],
        "model": {"reversion": 0.05, "volatility": 0.01, "layers_a_year": 12},
    });
    let callable = &ask("callable_bond", std::slice::from_ref(&terms))[0];
    assert!(
        callable["clean"].as_f64() < callable["straight_clean"].as_f64(),
        "{callable}"
    );
    assert!(
        callable["oas_cont_act365"].as_f64().is_some_and(|spread| spread > 0.0),
        "{callable}"
    );
    let floater = &ask("floater", &[terms])[0];
    assert!(
        floater["curve_dirty"].as_f64().is_some_and(|price| price > 130.0),
        "{floater}"
    );
    // Hull (2018), example 5.1: 40, three months, 5%: 40.50. Garman and Kohlhagen: Haug (2007), 1.1.6: 0.0291.
    let forward = &ask("forward", &[json!({"S": 40, "T": 0.25, "r": 0.05})])[0];
    assert!((forward["forward"].as_f64().unwrap() - 40.50).abs() < 0.005);
    let option =
        json!({"S": 1.56, "K": 1.6, "T": 0.5, "r_domestic": 0.06, "r_foreign": 0.08, "vol": 0.12, "type": "call"});
    let option = &ask("currency_option", &[option])[0];
    assert!((option["price"].as_f64().unwrap() - 0.0291).abs() < 5e-5);
    let parity = &ask(
        "currency_forward",
        &[json!({"S": 1.1, "df_domestic": 0.95, "df_foreign": 0.97})],
    )[0];
    assert!((parity["forward"].as_f64().unwrap() - 1.1 * 0.97 / 0.95).abs() < 1e-15);
    let curve = json!({
        "quotes": [
            {"type": "deposit", "start": 0, "end": 1, "accrual": 1, "rate": 0.04},
            {"type": "swap", "payments": [1, 2], "accruals": [1, 1], "rate": 0.05},
        ],
        "interpolation": "log_linear_discount", "years": [1, 2],
    });
    let curve = &ask("curve", &[curve])[0];
    let discount = curve["discount"][1].as_f64().unwrap();
    assert!((discount - (1.0 - 0.05 / 1.04) / 1.05).abs() < 1e-14, "{curve}");
}

#[test]
fn a_mistake_is_answered_in_its_place() {
    let good = json!({"instrument": "european", "S": 100, "K": 100, "T": 1, "r": 0.05, "vol": 0.2, "type": "call"});
    let with = |key: &str, value: Value| {
        let mut ask = good.clone();
        ask[key] = value;
        ask
    };
    let asks = [
        (with("vol", json!(-0.2)), "volatility is -0.2"),
        (with("S", json!(0)), "spot is 0"),
        (with("instrument", json!("swaption")), "swaption"),
        (with("type", json!("straddle")), "straddle"),
        (without(&good, "S"), "`S`"),
        (without(&good, "T"), "T (years) or days"),
        (with("r", Value::Null), "missing field `r`"),
        (json!(7), "7 is no contract"),
    ];
    let mut file: Vec<Value> = asks.iter().map(|(ask, _)| ask.clone()).collect();
    file.push(good);
    let desk = Desk::empty();
    let path = desk.file("asks.json", &Value::Array(file).to_string());
    let replies = apex(&["price", &path, "--json"]).good().json();
    for (reply, (ask, words)) in replies.as_array().unwrap().iter().zip(&asks) {
        let error = reply["error"].as_str().unwrap_or_else(|| panic!("{ask}: {reply}"));
        assert!(error.contains(words), "{error:?} instead of {words:?}");
    }
    assert!(replies[asks.len()]["price"].is_number());
    let table = apex(&["price", &path]).good().out;
    assert!(
        table.contains("volatility is -0.2") && table.contains("10.4505835722"),
        "{table}"
    );
}

#[test]
fn days_give_way_to_years_and_what_is_undefined_is_null() {
    let case = json!({"S": 100, "K": 100, "T": 1, "days": 10, "r": 0.05, "vol": 0.2, "type": "call"});
    let at_the_strike = json!({"S": 100, "K": 100, "T": 0, "r": 0.05, "vol": 0.2, "type": "call"});
    let replies = ask("european", &[case, at_the_strike]);
    assert!((replies[0]["price"].as_f64().unwrap() - 10.450_583_572_185_565).abs() < 1e-12);
    assert_eq!(replies[1]["price"], 0.0);
    assert!(replies[1]["delta"].is_null() && replies[1].as_object().unwrap().contains_key("delta"));
}

#[test]
fn a_file_that_is_no_list_is_refused() {
    let desk = Desk::empty();
    apex(&["price", &desk.file("a.json", "{}")]).refused("a.json is not a JSON array");
    apex(&["price", &desk.file("b.json", "[1,")]).refused("b.json is not JSON");
    apex(&["price", "/nonexistent/c.json"]).refused("cannot read /nonexistent/c.json");
}
