//! Rates of return of dated flows, against the reference file, the documentation of spreadsheets and hand calculation.

use apex_analytics::twr::{FlowTiming, combined, flow_returns, modified_dietz, twr};
use apex_analytics::xirr::{CashFlow, XirrStatus, xirr, xirr_days};
use jiff::civil::Date;
use serde_json::Value;

use crate::reference::{close, golden};

fn flows(case: &Value) -> Vec<CashFlow> {
    let rows = case["flows"].as_array().unwrap();
    rows.iter()
        .map(|row| CashFlow {
            date: row[0].as_str().unwrap().parse().unwrap(),
            amount: row[1].as_f64().unwrap(),
        })
        .collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect()
}

/// Returns the net present value at a rate given as `ln(1 + r)`, scaled as the tolerance is.
fn present_value(flows: &[CashFlow], ln1p: f64) -> (f64, f64) {
    let first = flows.iter().map(|flow| flow.date).min().unwrap();
    let years = |flow: &CashFlow| flow.date.duration_since(first).as_hours() as f64 / 24.0 / 365.0;
    let value = flows.iter().map(|flow| flow.amount * (-ln1p * years(flow)).exp()).sum();
    (value, flows.iter().map(|flow| flow.amount.abs()).sum())
}

#[test]
fn every_rate_of_the_reference_is_found_and_no_other() {
    let golden = golden("cashflows_attribution.json");
    for (name, case) in golden["xirr"]["cases"].as_object().unwrap() {
        let flows = flows(case);
        let found = xirr(&flows);
        let (roots, logs) = (numbers(&case["roots"]), numbers(&case["roots_ln1p"]));
        assert_eq!(found.roots.len(), roots.len(), "{name}: {found:?}");
        for (index, (rate, log)) in found.roots.iter().zip(&found.roots_ln1p).enumerate() {
            assert!(close(*rate, roots[index]), "{name}: {rate} instead of {}", roots[index]);
            assert!(close(*log, logs[index]), "{name}: {log} instead of {}", logs[index]);
            let (value, size) = present_value(&flows, *log);
            if log.abs() < 100.0 {
                assert!(value.abs() < 1e-9 * size, "{name}: present value {value} at {rate}");
            }
        }
        let same_day = flows.iter().all(|flow| flow.date == flows[0].date);
        let one_sign = flows.iter().all(|flow| flow.amount >= 0.0) || flows.iter().all(|flow| flow.amount <= 0.0);
        let status = match roots.len() {
            0 if same_day || one_sign => XirrStatus::Invalid,
            0 => XirrStatus::None,
            1 => XirrStatus::Unique,
            _ => XirrStatus::Multiple,
        };
        assert_eq!(found.status, status, "{name}: {found:?}");
        assert_eq!(
            found.reason.is_some(),
            status != XirrStatus::Unique || name == "double_root",
            "{name}: {found:?}"
        );
    }
}

/// Returns flows on day 0, 365, 730 and so on whose present value is the polynomial with these zeros in `1 / (1 + r)`.
fn with_rates(rates: &[f64]) -> Vec<(i32, f64)> {
    let mut polynomial = vec![1.0];
    for rate in rates {
        let zero = 1.0 / (1.0 + rate);
        let mut next = vec![0.0; polynomial.len() + 1];
        for (power, coefficient) in polynomial.iter().enumerate() {
            next[power] -= zero * coefficient;
            next[power + 1] += coefficient;
        }
        polynomial = next;
    }
    polynomial
        .iter()
        .enumerate()
        .map(|(year, amount)| (365 * year as i32, 1000.0 * amount))
        .collect()
}

#[test]
fn rates_that_were_built_in_are_found() {
    // Hand calculation: the flows are the coefficients of a polynomial with known zeros.
    let cases: &[&[f64]] = &[
        &[0.10],
        &[0.05, 0.25],
        &[-0.5, 0.0, 0.5, 3.0],
        &[0.1, 0.1, 0.4],
        &[-0.2, 0.05, 0.05, 0.3, 0.9],
        &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
    ];
    for rates in cases {
        let mut expected = rates.to_vec();
        expected.dedup();
        let found = xirr_days(&with_rates(rates));
        assert_eq!(found.roots.len(), expected.len(), "{rates:?}: {found:?}");
        for (found, expected) in found.roots.iter().zip(&expected) {
            assert!(
                (found - expected).abs() < 1e-6,
                "{rates:?}: {found} instead of {expected}"
            );
        }
    }
}

#[test]
fn a_schedule_of_many_signs_is_searched_too() {
    // Alternating flows: far more changes of sign than are isolated one by one, and a last payment that sets 7%.
    let mut flows: Vec<(i32, f64)> = (0..200)
        .map(|month| (month * 30, if month % 2 == 0 { -130.0 } else { 100.0 }))
        .collect();
    let end = 6000;
    let owed: f64 = flows
        .iter()
        .map(|(day, amount)| amount * 1.07_f64.powf(f64::from(end - day) / 365.0))
        .sum();
    flows.push((end, -owed));
    let found = xirr_days(&flows);
    assert!(found.roots.iter().any(|rate| (rate - 0.07).abs() < 1e-9), "{found:?}");
}

/// Numbered flows, and what is said about them.
type Refusal<'a> = (&'a [(i32, f64)], XirrStatus, &'a str);

#[test]
fn flows_that_make_no_equation_say_why() {
    let reason = |flows: &[(i32, f64)]| {
        let found = xirr_days(flows);
        assert!(found.roots.is_empty());
        (found.status, found.reason.unwrap())
    };
    let table: &[Refusal<'_>] = &[
        (&[(0, 0.0)], XirrStatus::Invalid, "there are no flows other than zero"),
        (
            &[(0, -1.0), (9, -1.0)],
            XirrStatus::Invalid,
            "the flows have one sign: money must go in and come out",
        ),
        (
            &[(5, -1.0), (5, 2.0)],
            XirrStatus::Invalid,
            "the flows are all on one day",
        ),
        (
            &[(0, -1.0), (1, f64::NAN)],
            XirrStatus::Invalid,
            "flow 2 is not a finite number",
        ),
        (
            &[(0, -1.0), (0, 1.0), (9, 5.0)],
            XirrStatus::None,
            "the flows of each day add to amounts of one sign",
        ),
    ];
    for (flows, status, sentence) in table {
        assert_eq!(reason(flows), (*status, (*sentence).to_owned()));
    }
    assert_eq!(xirr(&[]).status, XirrStatus::Invalid);
}

#[test]
fn returns_with_flows_agree_with_the_reference() {
    let golden = &golden("cashflows_attribution.json")["twr"];
    let dates: Vec<Date> = golden["dates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|date| date.as_str().unwrap().parse().unwrap())
        .collect();
    let values = numbers(&golden["end_values_after_flow"]);
    let figures = flow_returns(&dates, &values, &numbers(&golden["flows"])).unwrap();
    let table = [
        ("twr_flow_start_of_period", figures.twr_flow_start),
        ("twr_flow_end_of_period", figures.twr_flow_end),
        ("modified_dietz_whole_period", figures.modified_dietz),
        ("xirr", figures.xirr),
        ("mwr_period_not_annualised", figures.mwr_period),
    ];
    for (key, actual) in table {
        let (actual, expected) = (actual.unwrap(), golden[key].as_f64().unwrap());
        assert!(close(actual, expected), "{key}: {actual} instead of {expected}");
    }
}

#[test]
fn joining_is_an_external_flow() {
    // Hand calculation: A earns 5%, then B joins with 200,000; both end at 330,000: 1.05 * 330 / 305 = 1.136066.
    let (values, flows) = combined(&[
        (&[100e3, 105e3, 110e3], &[0.0, 0.0, 0.0]),
        (&[0.0, 200e3, 220e3], &[0.0, 200e3, 0.0]),
    ])
    .unwrap();
    let figure = twr(&values, &flows, FlowTiming::End).unwrap().unwrap();
    assert!((figure - (1.05 * 330.0 / 305.0 - 1.0)).abs() < 1e-15);
    assert!((figure - 0.136_066).abs() < 5e-7);
}

#[test]
fn a_period_without_capital_has_no_return() {
    assert_eq!(twr(&[0.0, 10.0], &[0.0, 10.0], FlowTiming::End).unwrap(), None);
    assert_eq!(twr(&[0.0, 10.0], &[0.0, 10.0], FlowTiming::Start).unwrap(), Some(0.0));
    let dates: Vec<Date> = ["2026-01-01", "2026-01-01"].map(|date| date.parse().unwrap()).to_vec();
    assert!(modified_dietz(&dates, &[1.0, 2.0], &[0.0, 0.0]).is_err());
}
