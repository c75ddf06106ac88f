//! Statistics of files against figures computed with other packages (see `tests/data/README.md`), all of them to 1e-9
//! relative or 1e-12 absolute, indices exactly.

use serde_json::Value;

use crate::desk::{Desk, apex, close, data};

fn golden(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(data(&format!("golden/{name}"))).unwrap()).unwrap()
}

/// Says that every number of `expected` is in `actual`; what `actual` has besides is not judged.
fn agree(path: &str, actual: &Value, expected: &Value) -> usize {
    match expected {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| agree(&format!("{path}.{key}"), &actual[key], value))
            .sum(),
        Value::Array(values) => {
            assert_eq!(actual.as_array().map(Vec::len), Some(values.len()), "{path}");
            values
                .iter()
                .enumerate()
                .map(|(at, value)| agree(&format!("{path}[{at}]"), &actual[at], value))
                .sum()
        }
        Value::Number(number) if number.is_f64() => {
            let actual = actual
                .as_f64()
                .unwrap_or_else(|| panic!("{path} is {actual}, expected {expected}"));
            let expected = number.as_f64().unwrap();
            assert!(close(actual, expected), "{path} is {actual}, expected {expected}");
            1
        }
        expected => {
            assert_eq!(actual, expected, "{path}");
            1
        }
    }
}

#[test]
fn every_statistic_agrees_with_the_reference() {
    let (prices, index) = (data("prices/sp500_dataset.csv.gz"), data("prices/sp500_index.csv.gz"));
    let ask = [
        "stats",
        "--prices",
        &prices,
        "--benchmark-prices",
        &index,
        "--equal-weight",
        "--calendar",
        "--rolling",
        "252",
        "--json",
    ];
    let answer = apex(&ask).good();
    let (stats, golden) = (answer.json(), golden("tearsheet_20.json"));
    assert!(agree("rows", &stats["rows"], &golden["rows"]) > 14 * 60);
    for block in ["calendar_returns", "rolling252_EW_vs_SP500", "rolling252_sums"] {
        assert!(agree(block, &stats[block], &golden[block]) > 4, "{block}");
    }
    assert_eq!(stats["dropped"], 0);
    assert_eq!(stats["rows"].as_object().unwrap().len(), 23);
    let threads = apex(&[&ask[..], &["--threads", "1"]].concat()).good();
    assert_eq!(threads.out, answer.out, "the answer does not depend on the threads");
}

#[test]
fn a_benchmark_has_its_own_row_and_without_one_its_keys_are_null() {
    let desk = Desk::empty();
    let table = desk.file(
        "prices.csv",
        "Day,A,B,IDX\n1/2/2026,100,50,10\n1/5/2026,110,51,11\n1/6/2026,,52,12\n1/7/2026,99,53,11\n1/8/2026,120,54,12\n",
    );
    let with = apex(&[
        "stats",
        "--prices",
        &table,
        "--benchmark",
        "IDX",
        "--equal-weight",
        "--json",
    ])
    .good()
    .json();
    let names: Vec<&String> = with["rows"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["A", "B", "EW_BUYHOLD", "EW_DAILY", "IDX"]);
    assert_eq!(
        (&with["dropped"], &with["rows"]["A"]["n"]),
        (&Value::from(1), &Value::from(3))
    );
    assert!(close(with["rows"]["IDX"]["beta"].as_f64().unwrap(), 1.0));
    let without = apex(&["stats", "--prices", &table, "--json"]).good().json();
    assert!(without["rows"]["A"]["beta"].is_null() && without["rows"]["A"]["vol_ann"].is_f64());
    let text = apex(&["stats", "--prices", &table]).good().out;
    assert!(text.contains("sharpe") && text.contains("1 date dropped"), "{text}");
    apex(&["stats", "--prices", &table, "--benchmark", "SPX"]).refused("no column SPX");
}

#[test]
fn every_rate_of_return_is_found() {
    let desk = Desk::empty();
    let golden = golden("cashflows_attribution.json");
    let mut seen = std::collections::BTreeMap::new();
    for (name, case) in golden["xirr"]["cases"].as_object().unwrap() {
        let rows = case["flows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|flow| format!("{},{}\n", flow[0].as_str().unwrap(), flow[1]));
        let file = desk.file("flows.csv", &format!("date,amount\n{}", rows.collect::<String>()));
        let answer = apex(&["xirr", &file, "--json"]);
        let reply = answer.json();
        let status = reply["status"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, i32::from(status == "invalid"), "{name}: {answer:?}");
        let expected = case["roots"].as_array().map_or(&[][..], Vec::as_slice);
        let expected_status = match expected.len() {
            0 => ["none", "invalid"].as_slice(),
            1 => &["unique"],
            _ => &["multiple"],
        };
        assert!(expected_status.contains(&status.as_str()), "{name}: {reply}");
        let roots = reply["roots"].as_array().unwrap();
        assert_eq!(roots.len(), expected.len(), "{name}: {reply}");
        // A double root is flat: 1e-6 is what its definition allows.
        let tolerance = if name.contains("double") { 1e-6 } else { 1e-9 };
        for (actual, expected) in roots.iter().zip(expected) {
            let (actual, expected) = (actual.as_f64().unwrap(), expected.as_f64().unwrap());
            assert!(
                (actual - expected).abs() <= tolerance * expected.abs().max(1e-3),
                "{name}: {actual} is not {expected}"
            );
        }
        *seen.entry(status).or_insert(0) += 1;
    }
    assert!(seen.values().sum::<i32>() >= 10 && seen.len() >= 3, "{seen:?}");
}

#[test]
fn flows_that_are_no_equation_are_refused_with_the_reason() {
    let desk = Desk::empty();
    for (text, reason) in [
        ("date,amount\n2026-01-01,-100\n2026-02-01,0\n", "one sign"),
        ("date,amount\n2026-01-01,-100\n2026-01-01,110\n", "one day"),
        ("date,amount\n2026-01-01,minus\n2026-02-01,110\n", "minus"),
    ] {
        let file = desk.file("flows.csv", text);
        let answer = apex(&["xirr", &file, "--json"]).refused(reason);
        assert_eq!(answer.json()["status"], "invalid");
        assert!(answer.json()["reason"].as_str().unwrap().contains(reason));
    }
}

#[test]
fn returns_of_dated_values_agree_with_the_reference() {
    let desk = Desk::empty();
    let golden = golden("cashflows_attribution.json");
    let case = &golden["twr"];
    let column = |name: &str| case[name].as_array().unwrap().clone();
    let rows = column("dates")
        .into_iter()
        .zip(column("end_values_after_flow"))
        .zip(column("flows"));
    let text: String = rows
        .map(|((date, value), flow)| format!("{},{value},{flow}\n", date.as_str().unwrap()))
        .collect();
    let file = desk.file("values.csv", &format!("date,value,flow\n{text}"));
    let twr = apex(&["twr", &file, "--json"]).good().json();
    for (key, expected) in [
        ("twr_flow_start", "twr_flow_start_of_period"),
        ("twr_flow_end", "twr_flow_end_of_period"),
        ("modified_dietz", "modified_dietz_whole_period"),
        ("xirr", "xirr"),
        ("mwr_period", "mwr_period_not_annualised"),
    ] {
        agree(key, &twr[key], &case[expected]);
    }
    let text = apex(&["twr", &file]).good().out;
    assert!(
        text.contains("Modified Dietz, whole period") && text.contains("13.211009%"),
        "{text}"
    );
}

#[test]
fn value_at_risk_agrees_with_the_reference_and_its_components_add_up() {
    let prices = data("prices/sp500_dataset.csv.gz");
    let golden = golden("tearsheet_20.json");
    let (row, parts) = (&golden["rows"]["EW_DAILY"], &golden["component_risk_EW"]);
    let ask = |more: &[&str]| {
        let arguments = [&["var", "--prices", &prices, "--weights", "equal", "--json"], more].concat();
        let reply = apex(&arguments).good().json();
        for key in ["var", "es"] {
            let sum: f64 = reply["components"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| part[key].as_f64().unwrap())
                .sum();
            assert!(close(sum, reply[key].as_f64().unwrap()), "{key}: {reply}");
        }
        reply
    };
    let column = |reply: &Value, key: &str| {
        Value::Array(
            reply["components"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| part[key].clone())
                .collect(),
        )
    };
    let historical = ask(&["--method", "historical", "--level", "0.99"]);
    agree("var", &historical["var"], &row["var99_hist_linear"]);
    agree("es", &historical["es"], &row["es99_mean_le_var"]);
    agree(
        "components",
        &column(&historical, "es"),
        &parts["comp_es99_hist_mean_le_var"],
    );
    agree("assets", &column(&historical, "asset"), &parts["assets"]);
    assert_eq!(historical["quantile"], "linear");
    assert!(historical["mean"].is_null() && historical["seed"].is_null());
    let normal = ask(&["--method", "normal", "--level", "0.95"]);
    agree("var", &normal["var"], &row["var95_normal"]);
    agree("es", &normal["es"], &row["es95_normal"]);
    assert_eq!(normal["mean"], "sample");
    let zero = ask(&["--method", "normal", "--mean", "zero"]);
    agree(
        "components",
        &column(&zero, "var"),
        &parts["comp_var99_normal_zero_mean"],
    );
    let ten = ask(&["--method", "historical", "--horizon", "10"]);
    agree("var", &ten["var"], &row["var99_hist_10d_overlap"]);
}

#[test]
fn weights_come_from_a_file() {
    let desk = Desk::empty();
    let prices = data("prices/sp500_dataset.csv.gz");
    let weights = desk.file("weights.csv", "asset,weight\nAAPL,0.6\nKO,0.4\n");
    let two = apex(&[
        "var",
        "--prices",
        &prices,
        "--weights",
        &weights,
        "--method",
        "normal",
        "--json",
    ])
    .good()
    .json();
    assert_eq!(two["components"].as_array().unwrap().len(), 2);
    let wrong = desk.file("wrong.csv", "asset,weight\nAAPL,0.6\nNOPE,0.4\n");
    apex(&["var", "--prices", &prices, "--weights", &wrong, "--method", "normal"]).refused("NOPE");
}
