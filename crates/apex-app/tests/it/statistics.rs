//! Statistics without a book against the golden tables: numbers of numpy, pandas and scipy for the price tables, and
//! of 40-digit arithmetic (mpmath) for the rates.

use apex_app::statistics::{
    BenchmarkAsk, MeanRule, RollingBlock, StatsAsk, VarMethod, VarSettings, XirrStatus, keys, period_returns, rates,
    stats, var,
};
use apex_app::table::{self, DatedAmount, DatedValue};
use apex_domain::Date;
use serde_json::Value;

use crate::desk::data;

fn golden(path: &str) -> Value {
    serde_json::from_slice(&data(path)).expect("json")
}

fn prices(path: &str) -> apex_app::statistics::PriceTable {
    table::price_table(path, &data(path)).expect("a table")
}

fn ask() -> StatsAsk {
    StatsAsk {
        prices: prices("prices/sp500_dataset.csv.gz"),
        benchmark: Some(BenchmarkAsk::Table(prices("prices/sp500_index.csv.gz"))),
        equal_weight: true,
        calendar: true,
        rolling: Some(252),
    }
}

/// 1e-9 relative or 1e-12 absolute, as the golden files ask for.
fn agrees(own: f64, other: f64) -> bool {
    (own - other).abs() <= (1e-9 * other.abs()).max(1e-12)
}

/// Compares every number of a golden value with ours; whole numbers and texts are exact.
fn compare(path: &str, own: &Value, golden: &Value) {
    match golden {
        Value::Object(entries) => {
            for (key, value) in entries {
                let ours = own.get(key).unwrap_or_else(|| panic!("{path}.{key} is missing"));
                compare(&format!("{path}.{key}"), ours, value);
            }
        }
        Value::Number(number) if number.is_f64() => {
            let (own, other) = (own.as_f64(), number.as_f64());
            let near = own.zip(other).is_some_and(|(own, other)| agrees(own, other));
            assert!(near, "{path}: {own:?} instead of {other:?}");
        }
        other => assert_eq!(own, other, "{path}"),
    }
}

#[test]
fn every_key_of_every_golden_row_agrees() {
    let report = stats(&ask()).expect("a report");
    let own = serde_json::to_value(&report).expect("json");
    let golden = golden("golden/tearsheet_20.json");
    assert_eq!(report.dropped, 0);
    compare("rows", &own["rows"], &golden["rows"]);
    compare("calendar", &own["calendar_returns"], &golden["calendar_returns"]);
    compare(
        "rolling",
        &own["rolling252_EW_vs_SP500"],
        &golden["rolling252_EW_vs_SP500"],
    );
    compare("sums", &own["rolling252_sums"], &golden["rolling252_sums"]);
    let aapl = golden["rows"]["AAPL"].as_object().expect("a row");
    let mut expected: Vec<&String> = aapl.keys().collect();
    let mut found = keys(&report.rows["AAPL"]);
    expected.sort();
    found.sort();
    assert_eq!(
        found.iter().collect::<Vec<_>>(),
        expected,
        "neither more keys nor fewer"
    );
}

#[test]
fn the_benchmark_has_its_own_row_and_is_in_no_portfolio() {
    let with = stats(&ask()).expect("a report");
    let without = stats(&StatsAsk {
        benchmark: None,
        calendar: false,
        rolling: None,
        ..ask()
    })
    .expect("a report");
    assert_eq!(
        with.rows["EW_DAILY"].total_return,
        without.rows["EW_DAILY"].total_return
    );
    assert!(with.rows["SP500"].beta.is_some_and(|beta| agrees(beta, 1.0)));
    assert_eq!(without.rows["EW_DAILY"].beta, None, "null without a benchmark");
    assert!(!without.rows.contains_key("SP500") && without.calendar_returns.is_none());
    assert!(
        with.rolling
            .values()
            .any(|block| matches!(block, RollingBlock::Rows(rows) if rows.len() == 8312 - 251))
    );
}

#[test]
fn dates_without_every_price_are_dropped_and_counted() {
    let table = |text: &str| table::price_table("t.csv", text.as_bytes()).expect("a table");
    let report = stats(&StatsAsk {
        prices: table("date,A,B\n2026-01-05,1,2\n2026-01-06,,2\n2026-01-07,2,2\n2026-01-08,3,3\n"),
        benchmark: Some(BenchmarkAsk::Table(table(
            "day,INDEX\n2026-01-05,10\n2026-01-07,11\n2026-01-09,12\n",
        ))),
        equal_weight: false,
        calendar: false,
        rolling: None,
    })
    .expect("a report");
    // 6 January has no price of A, 8 January none of the index, 9 January none of A and B.
    assert_eq!((report.dropped, report.rows["A"].n), (3, 1));
    assert_eq!(report.rows["A"].total_return, Some(1.0));
    let missing = stats(&StatsAsk {
        benchmark: Some(BenchmarkAsk::Column("C".into())),
        ..ask()
    })
    .expect_err("no C");
    assert!(missing.to_string().contains("there is no column C"), "{missing}");
}

#[test]
fn rates_agree_with_forty_digits() {
    let golden = golden("golden/cashflows_attribution.json");
    for (name, case) in golden["xirr"]["cases"].as_object().expect("cases") {
        let flows: Vec<DatedAmount> = case["flows"]
            .as_array()
            .expect("flows")
            .iter()
            .map(|flow| DatedAmount {
                date: flow[0].as_str().and_then(|day| day.parse().ok()).expect("a day"),
                amount: flow[1].as_f64().expect("an amount"),
            })
            .collect();
        let found = rates(&flows);
        let roots: Vec<f64> = case["roots"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .collect();
        match roots.len() {
            0 => assert!(
                matches!(found.status, XirrStatus::None | XirrStatus::Invalid),
                "{name}: {found:?}"
            ),
            1 => assert_eq!(found.status, XirrStatus::Unique, "{name}: {found:?}"),
            _ => assert_eq!(found.status, XirrStatus::Multiple, "{name}: {found:?}"),
        }
        assert_eq!(found.roots.len(), roots.len(), "{name}: {found:?}");
        let tolerance = if name.contains("double_root") { 1e-6 } else { 1e-9 };
        for (own, other) in found.roots.iter().zip(&roots) {
            assert!(
                (own - other).abs() <= tolerance * other.abs().max(1.0),
                "{name}: {own} instead of {other}"
            );
        }
    }
}

#[test]
fn returns_with_flows_agree_with_the_golden_case() {
    let golden = &golden("golden/cashflows_attribution.json")["twr"];
    let column = |key: &str| golden[key].as_array().expect("a column").clone();
    let rows: Vec<DatedValue> = column("dates")
        .iter()
        .zip(column("end_values_after_flow"))
        .zip(column("flows"))
        .map(|((day, value), flow)| DatedValue {
            date: day.as_str().and_then(|day| day.parse::<Date>().ok()).expect("a day"),
            value: value.as_f64().expect("a value"),
            flow: flow.as_f64().expect("a flow"),
        })
        .collect();
    let found = period_returns(&rows).expect("returns");
    for (key, own) in [
        ("twr_flow_start_of_period", found.twr_flow_start),
        ("twr_flow_end_of_period", found.twr_flow_end),
        ("modified_dietz_whole_period", found.modified_dietz),
        ("xirr", found.xirr),
        ("mwr_period_not_annualised", found.mwr_period),
    ] {
        let other = golden[key].as_f64().expect("a number");
        assert!(
            own.is_some_and(|own| agrees(own, other)),
            "{key}: {own:?} instead of {other}"
        );
    }
}

#[test]
fn var_agrees_with_the_golden_rows_and_its_parts_add_up() {
    let golden = golden("golden/tearsheet_20.json");
    let table = prices("prices/sp500_dataset.csv.gz");
    for (method, level, var_key, es_key) in [
        (VarMethod::Historical, 0.95, "var95_hist_linear", "es95_mean_le_var"),
        (VarMethod::Historical, 0.99, "var99_hist_linear", "es99_mean_le_var"),
        (VarMethod::Normal, 0.95, "var95_normal", "es95_normal"),
        (VarMethod::Normal, 0.99, "var99_normal", "es99_normal"),
    ] {
        let found = var(&table, None, &VarSettings::one_day(method, level)).expect("a figure");
        let row = &golden["rows"]["EW_DAILY"];
        for (own, key) in [(found.var, var_key), (found.es, es_key)] {
            let other = row[key].as_f64().expect("a number");
            assert!(agrees(own, other), "{key}: {own} instead of {other}");
        }
        let (var_parts, es_parts): (Vec<f64>, Vec<f64>) =
            found.components.iter().map(|part| (part.var, part.es)).unzip();
        assert!((var_parts.iter().sum::<f64>() - found.var).abs() < 1e-12);
        assert!((es_parts.iter().sum::<f64>() - found.es).abs() < 1e-12);
        assert_eq!((found.window, found.components.len(), found.seed), (8312, 20, None));
    }
    let zero = VarSettings {
        mean: MeanRule::Zero,
        ..VarSettings::one_day(VarMethod::Normal, 0.99)
    };
    let found = var(&table, None, &zero).expect("a figure");
    let parts = golden["component_risk_EW"]["comp_var99_normal_zero_mean"]
        .as_array()
        .expect("parts");
    for (own, other) in found.components.iter().zip(parts) {
        let other = other.as_f64().expect("a number");
        assert!(agrees(own.var, other), "{}: {} instead of {other}", own.asset, own.var);
    }
}

#[test]
fn the_json_of_var_has_the_keys_of_the_contract() {
    let table =
        table::price_table("t.csv", b"date,A,B\n2026-01-05,1,2\n2026-01-06,2,2\n2026-01-07,2,1\n").expect("a table");
    let weights = [("B".to_owned(), 0.25), ("A".to_owned(), 0.75)];
    let found = var(
        &table,
        Some(&weights),
        &VarSettings::one_day(VarMethod::Historical, 0.99),
    )
    .expect("a figure");
    let json = serde_json::to_value(&found).expect("json");
    for key in [
        "method",
        "level",
        "horizon",
        "window",
        "mean",
        "quantile",
        "seed",
        "var",
        "es",
        "components",
    ] {
        assert!(json.get(key).is_some(), "{key}: {json}");
    }
    assert_eq!(
        (json["method"].as_str(), json["components"][0]["asset"].as_str()),
        (Some("historical"), Some("B"))
    );
    let unknown = var(
        &table,
        Some(&[("C".to_owned(), 1.0)]),
        &VarSettings::one_day(VarMethod::Normal, 0.99),
    );
    assert!(
        unknown
            .expect_err("no C")
            .to_string()
            .starts_with("C has a weight and no column")
    );
}
