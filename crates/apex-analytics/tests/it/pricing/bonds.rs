//! Bonds: reference values, textbook figures, and the market's day counts.

use apex_analytics::pricing::bond::callable::{CallableBond, EarlyEnd, Holder, ShortRate};
use apex_analytics::pricing::bond::floating::Floater;
use apex_analytics::pricing::bond::{Bond, Repayment, annuity_repayments, level_repayments};
use apex_analytics::pricing::curve::{Curve, Interpolation};
use apex_analytics::pricing::day_count::{DayCount, ReferencePeriod};
use jiff::civil::{Date, date};
use serde_json::Value;

use super::{agree, number};
use crate::reference::golden;

fn bond(case: &Value) -> Bond {
    Bond {
        issue: case["issue"].as_str().unwrap().parse().unwrap(),
        maturity: case["maturity"].as_str().unwrap().parse().unwrap(),
        coupon: number(case, "coupon"),
        frequency: number(case, "freq") as u8,
        day_count: DayCount::named(case["day_count"].as_str().unwrap()).unwrap(),
        end_of_month: case["end_of_month"].as_bool().unwrap(),
    }
}

fn settle(case: &Value) -> Date {
    case["settle"].as_str().unwrap().parse().unwrap()
}

fn reference_curve(golden: &Value) -> Curve {
    let points = golden["bonds"]["zero_curve"]["tenor_years_act365"].as_array().unwrap();
    // Day offsets are whole, half a day going to the even one, as where the reference was made.
    let times: Vec<f64> = points
        .iter()
        .map(|point| (point[0].as_f64().unwrap() * 365.0).round_ties_even() / 365.0)
        .collect();
    let rates: Vec<f64> = points.iter().map(|point| point[1].as_f64().unwrap()).collect();
    Curve::from_zero_rates(&times, &rates, Interpolation::LinearZero).unwrap()
}

#[test]
fn bonds_agree_with_the_reference() {
    let golden = golden("derivatives.json");
    let cases = golden["bonds"]["cases"].as_array().unwrap();
    assert!(cases.len() >= 10);
    for case in cases {
        let flows = bond(case).flows().unwrap();
        let answer = flows.at_yield(settle(case), number(case, "yield_")).unwrap();
        let expected_names = serde_json::to_value(answer).unwrap();
        for (key, actual) in expected_names.as_object().unwrap() {
            match actual.as_f64() {
                Some(actual) => agree(&format!("{key} of {case}"), actual, number(case, key), 1e-10),
                None => assert_eq!(actual, &case[key], "{case}"),
            }
        }
        for (key, by) in [("clean_up_1bp", 1e-4), ("clean_up_100bp", 1e-2)] {
            let up = flows.at_yield(settle(case), number(case, "yield_") + by).unwrap();
            agree(&format!("{key} of {case}"), up.clean, number(case, key), 1e-10);
        }
        let back = flows.yield_from_clean(settle(case), number(case, "clean")).unwrap();
        agree(&format!("yield of {case}"), back, number(case, "yield_"), 1e-12);
    }
}

#[test]
fn bonds_on_a_curve_agree_with_the_reference() {
    let golden = golden("derivatives.json");
    let curve = reference_curve(&golden);
    for expected in golden["bonds"]["zero_curve"]["cases"].as_array().unwrap() {
        let cases = golden["bonds"]["cases"].as_array().unwrap();
        let case = cases.iter().find(|case| case["name"] == expected["name"]).unwrap();
        let flows = bond(case).flows().unwrap();
        let price = flows.on_curve(settle(case), &curve).unwrap();
        agree("dirty", price.curve_dirty, number(expected, "curve_dirty"), 1e-10);
        agree("clean", price.curve_clean, number(expected, "curve_clean"), 1e-10);
        let spread = flows.z_spread(settle(case), &curve, number(case, "clean")).unwrap();
        agree("spread", spread, number(expected, "z_spread_cont_act365"), 1e-10);
    }
}

#[test]
fn key_rate_durations_add_up_and_are_what_a_shift_does() {
    let golden = golden("derivatives.json");
    let curve = reference_curve(&golden);
    let case = &golden["bonds"]["cases"][0];
    let flows = bond(case).flows().unwrap();
    let keys = [0.5, 2.0, 5.0, 10.0, 30.0];
    let parts = flows.key_rate_durations(settle(case), &curve, 0.0, &keys).unwrap();
    let points = golden["bonds"]["zero_curve"]["tenor_years_act365"].as_array().unwrap();
    let moved = |by: f64| {
        let times: Vec<f64> = points.iter().map(|point| point[0].as_f64().unwrap()).collect();
        let rates: Vec<f64> = points.iter().map(|point| point[1].as_f64().unwrap() + by).collect();
        let curve = Curve::from_zero_rates(&times, &rates, Interpolation::LinearZero).unwrap();
        flows.on_curve(settle(case), &curve).unwrap().curve_dirty
    };
    let whole = (moved(-1e-5) - moved(1e-5)) / (2e-5 * moved(0.0));
    agree("sum", parts.iter().sum(), whole, 1e-6);
    assert!(parts[3] > 4.0 && parts[4] == 0.0, "{parts:?}");
    assert!(
        flows
            .key_rate_durations(settle(case), &curve, 0.0, &[2.0, 1.0])
            .is_err()
    );
}

/// ISDA (1998), "EMU and market conventions: recent developments", appendix: the worked examples of Act/Act.
#[test]
fn actual_actual_gives_the_examples_of_isda() {
    let share = |day_count: DayCount, start, end, period: Option<(Date, Date, u8)>| {
        let period = period.map(|(start, end, frequency)| ReferencePeriod { start, end, frequency });
        day_count.year_fraction(start, end, period, None)
    };
    let (isda, icma) = (DayCount::ActualActualIsda, DayCount::ActualActualIcma);
    let semi = Some((date(2003, 11, 1), date(2004, 5, 1), 2));
    agree(
        "regular, ISDA",
        share(isda, date(2003, 11, 1), date(2004, 5, 1), None),
        0.497_724_380_567,
        1e-12,
    );
    agree(
        "regular, ICMA",
        share(icma, date(2003, 11, 1), date(2004, 5, 1), semi),
        0.5,
        1e-15,
    );
    let short = Some((date(1998, 7, 1), date(1999, 7, 1), 1));
    agree(
        "short first, ISDA",
        share(isda, date(1999, 2, 1), date(1999, 7, 1), None),
        0.410_958_904_110,
        1e-11,
    );
    agree(
        "short first, ICMA",
        share(icma, date(1999, 2, 1), date(1999, 7, 1), short),
        0.410_958_904_110,
        1e-11,
    );
    let next = Some((date(1999, 7, 1), date(2000, 7, 1), 1));
    agree(
        "short first, 2nd, ISDA",
        share(isda, date(1999, 7, 1), date(2000, 7, 1), None),
        1.001_377_348_6,
        1e-10,
    );
    agree(
        "short first, 2nd, ICMA",
        share(icma, date(1999, 7, 1), date(2000, 7, 1), next),
        1.0,
        1e-15,
    );
    let long = Some((date(2003, 1, 15), date(2003, 7, 15), 2));
    agree(
        "long first, ISDA",
        share(isda, date(2002, 8, 15), date(2003, 7, 15), None),
        0.915_068_493_151,
        1e-11,
    );
    agree(
        "long first, ICMA",
        share(icma, date(2002, 8, 15), date(2003, 7, 15), long),
        0.915_760_869_565,
        1e-11,
    );
    let end = Some((date(1999, 7, 30), date(2000, 1, 30), 2));
    agree(
        "short last, ISDA",
        share(isda, date(2000, 1, 30), date(2000, 6, 30), None),
        0.415_300_546_448,
        1e-11,
    );
    let last = Some((date(2000, 1, 30), date(2000, 7, 30), 2));
    agree(
        "short last, ICMA",
        share(icma, date(2000, 1, 30), date(2000, 6, 30), last),
        0.417_582_417_582,
        1e-11,
    );
    agree(
        "a whole period before",
        share(icma, date(1999, 7, 30), date(2000, 1, 30), end),
        0.5,
        1e-15,
    );
}

#[test]
fn months_of_thirty_days_differ_at_the_ends_of_months() {
    // ISDA 2006, section 4.16 (f) to (h), and the SIA's rule for the end of February.
    let rows = [
        (date(2024, 1, 31), date(2024, 3, 31), [60, 60, 60, 60]),
        (date(2024, 1, 30), date(2024, 3, 31), [60, 60, 60, 60]),
        (date(2024, 1, 15), date(2024, 3, 31), [76, 76, 75, 75]),
        (date(2024, 2, 29), date(2024, 8, 31), [180, 182, 181, 180]),
        (date(2023, 2, 28), date(2024, 2, 29), [360, 361, 361, 360]),
        (date(2024, 2, 15), date(2024, 2, 29), [14, 14, 14, 15]),
        (date(2024, 6, 1), date(2024, 6, 1), [0, 0, 0, 0]),
    ];
    let counts = [
        DayCount::Thirty360Us,
        DayCount::Thirty360Bond,
        DayCount::Thirty360European,
        DayCount::Thirty360Isda,
    ];
    for (start, end, expected) in rows {
        for (day_count, days) in counts.into_iter().zip(expected) {
            let share = day_count.year_fraction(start, end, None, None);
            assert_eq!((share * 360.0).round() as i32, days, "{day_count:?} {start} {end}");
            assert_eq!(day_count.year_fraction(end, start, None, None), -share);
        }
    }
    let (start, end) = (date(2024, 1, 15), date(2024, 2, 29));
    agree(
        "maturity stays",
        DayCount::Thirty360Isda.year_fraction(start, end, None, Some(end)),
        44.0 / 360.0,
        1e-15,
    );
    agree(
        "Act/360",
        DayCount::Actual360.year_fraction(start, end, None, None),
        45.0 / 360.0,
        1e-15,
    );
    agree(
        "Act/365F",
        DayCount::Actual365Fixed.year_fraction(start, end, None, None),
        45.0 / 365.0,
        1e-15,
    );
}

fn plain() -> Bond {
    Bond {
        issue: date(2024, 1, 15),
        maturity: date(2034, 1, 15),
        coupon: 0.05,
        frequency: 1,
        day_count: DayCount::ActualActualIcma,
        end_of_month: false,
    }
}

#[test]
fn published_figures_of_a_ten_year_bond_come_out() {
    let flows = plain().flows().unwrap();
    let at = |yield_| flows.at_yield(date(2024, 1, 15), yield_).unwrap();
    agree("par", at(0.05).clean, 100.0, 1e-12);
    assert!((at(0.05).modified - 7.721_73).abs() < 5e-6 && (at(0.05).convexity - 74.997_68).abs() < 5e-6);
    assert!((at(0.06).clean - 92.639_91).abs() < 5e-6);
}

#[test]
fn a_short_first_coupon_is_for_its_days() {
    let bond = Bond {
        issue: date(2024, 3, 1),
        maturity: date(2026, 1, 15),
        frequency: 2,
        ..plain()
    };
    let flows = bond.flows().unwrap();
    let first = flows.flows[0];
    assert_eq!(first.date, date(2024, 7, 15));
    // 136 of the 182 days from 15 January to 15 July.
    agree("first coupon", first.amount, 2.5 * 136.0 / 182.0, 1e-14);
    agree("second coupon", flows.flows[1].amount, 2.5, 1e-14);
    agree("accrued", flows.accrued(date(2024, 3, 31)), 2.5 * 30.0 / 182.0, 1e-14);
    assert_eq!(flows.accrued(date(2024, 3, 1)), 0.0);
    assert_eq!(flows.accrued(date(2024, 7, 15)), 0.0);
}

#[test]
fn amortizing_bonds_pay_back_what_they_owe() {
    let bond = plain();
    let annuity = annuity_repayments(&bond).unwrap();
    agree(
        "all is repaid",
        annuity.iter().map(|one| one.amount).sum(),
        100.0,
        1e-13,
    );
    let flows = bond.amortizing_flows(&annuity).unwrap();
    // The annuity of 5% over ten years: 100 / 7.721735 = 12.950457.
    for pair in flows.flows.chunks(2) {
        agree(
            "payment",
            pair.iter().map(|flow| flow.amount).sum(),
            12.950_457_496_5,
            1e-10,
        );
    }
    let level = bond.amortizing_flows(&level_repayments(&bond).unwrap()).unwrap();
    for flows in [&flows, &level] {
        let par = flows.at_yield(bond.issue, 0.05).unwrap();
        agree("par", par.clean, 100.0, 1e-12);
        assert!(par.macaulay < 6.0);
    }
    agree("last coupon", level.flows[level.flows.len() - 2].amount, 0.5, 1e-12);
    let refuse = |date, amount| {
        bond.amortizing_flows(&[Repayment { date, amount }])
            .unwrap_err()
            .to_string()
    };
    assert!(refuse(date(2025, 1, 16), 10.0).contains("2025-01-16"));
    assert!(refuse(date(2025, 1, 15), 101.0).contains("repayment is 101"));
    assert!(refuse(date(2025, 1, 15), f64::NAN).contains("repayment is NaN"));
}

fn flat(rate: f64) -> Curve {
    Curve::from_zero_rates(&[1.0], &[rate], Interpolation::LinearZero).unwrap()
}

#[test]
fn a_floater_without_margin_is_at_par_on_a_coupon_day() {
    let floater = Floater {
        issue: date(2022, 3, 15),
        maturity: date(2028, 3, 15),
        frequency: 4,
        day_count: DayCount::Actual360,
        end_of_month: false,
        margin: 0.0,
        fixing: 0.031,
    };
    let curve = Curve::from_zero_rates(&[0.5, 2.0, 5.0], &[0.03, 0.035, 0.033], Interpolation::LinearZero).unwrap();
    let settle = date(2024, 3, 15);
    let flows = floater.flows(settle, &curve).unwrap();
    agree("par", flows.on_curve(settle, &curve).unwrap().curve_dirty, 100.0, 1e-13);
    assert!(flows.z_spread(settle, &curve, 100.0).unwrap().abs() < 1e-13);
    // Between coupons: the running coupon is fixed, and par is due on the next day of payment.
    let (settle, next) = (date(2024, 4, 15), date(2024, 6, 15));
    let price = floater.flows(settle, &curve).unwrap().on_curve(settle, &curve).unwrap();
    let due = 100.0 * (1.0 + 0.031 * 92.0 / 360.0);
    let discount = curve.discount(61.0 / 365.0).unwrap();
    assert_eq!(settle.until(next).unwrap().get_days(), 61);
    agree("between coupons", price.curve_dirty, due * discount, 1e-13);
    agree(
        "accrued",
        price.curve_dirty - price.curve_clean,
        3.1 * 31.0 / 360.0,
        1e-13,
    );
    let richer = Floater {
        margin: 0.01,
        ..floater
    };
    let spread = richer
        .flows(settle, &curve)
        .unwrap()
        .z_spread(settle, &curve, price.curve_clean)
        .unwrap();
    assert!(spread > 0.009 && spread < 0.011, "{spread}");
    assert!(floater.flows(date(2028, 3, 15), &curve).is_err());
}

#[test]
fn a_lattice_prices_bonds_with_calls_and_puts() {
    let bond = plain();
    let flows = bond.flows().unwrap();
    let curve = Curve::from_zero_rates(&[1.0, 5.0, 10.0], &[0.04, 0.045, 0.05], Interpolation::LinearZero).unwrap();
    let settle = date(2024, 6, 3);
    let straight = flows.on_curve(settle, &curve).unwrap();
    let model = ShortRate {
        reversion: 0.05,
        volatility: 0.012,
        layers_a_year: 24,
    };
    let rights = |holder, price: f64| -> Vec<EarlyEnd> {
        (2027..2034)
            .map(|year| EarlyEnd {
                date: date(year, 1, 15),
                holder,
                price,
            })
            .collect()
    };
    let price = |rights: &[EarlyEnd], model: &ShortRate| {
        CallableBond::new(&flows, settle, &curve, rights, model)
            .unwrap()
            .price(0.0)
            .unwrap()
    };
    // The lattice gives every bond without rights its price on the curve.
    let none = price(&[], &model);
    agree("no rights", none.dirty, straight.curve_dirty, 1e-12);
    let called = price(&rights(Holder::Issuer, 100.0), &model);
    let put = price(&rights(Holder::Investor, 100.0), &model);
    agree("straight", called.straight_clean, straight.curve_clean, 1e-12);
    assert!(called.clean < straight.curve_clean - 0.5 && put.clean > straight.curve_clean + 0.5);
    // A call nobody would use costs nothing; more volatility makes it worth more.
    agree(
        "far call",
        price(&rights(Holder::Issuer, 1000.0), &model).clean,
        straight.curve_clean,
        1e-12,
    );
    let wild = ShortRate {
        volatility: 0.02,
        ..model
    };
    assert!(price(&rights(Holder::Issuer, 100.0), &wild).clean < called.clean);
    // Without volatility the issuer calls at the best of the days there are.
    let still = ShortRate {
        volatility: 0.0,
        ..model
    };
    let best = (2027..2034)
        .map(|year| {
            let short = Bond {
                maturity: date(year, 1, 15),
                ..bond
            };
            short.flows().unwrap().on_curve(settle, &curve).unwrap().curve_dirty
        })
        .fold(straight.curve_dirty, f64::min);
    agree(
        "certain call",
        price(&rights(Holder::Issuer, 100.0), &still).dirty,
        best,
        1e-12,
    );
    // The lattice has settled: twice the layers move the price by less than a cent.
    let fine = ShortRate {
        layers_a_year: 48,
        ..model
    };
    assert!((price(&rights(Holder::Issuer, 100.0), &fine).clean - called.clean).abs() < 0.01);
    let callable = CallableBond::new(&flows, settle, &curve, &rights(Holder::Issuer, 100.0), &model).unwrap();
    agree(
        "spread",
        callable.option_adjusted_spread(called.clean).unwrap(),
        0.0,
        1e-11,
    );
    let spread = callable.option_adjusted_spread(called.clean - 3.0).unwrap();
    agree(
        "repriced",
        callable.price(spread).unwrap().clean,
        called.clean - 3.0,
        1e-11,
    );
}

#[test]
fn what_is_no_bond_is_refused() {
    let refuse = |bond: Bond| bond.flows().unwrap_err().to_string();
    assert!(
        refuse(Bond {
            maturity: date(2024, 1, 15),
            ..plain()
        })
        .starts_with("maturity of 2024-01-15")
    );
    assert!(
        refuse(Bond {
            frequency: 5,
            ..plain()
        })
        .starts_with("number of coupons a year is 5")
    );
    assert!(
        refuse(Bond {
            frequency: 0,
            ..plain()
        })
        .starts_with("number of coupons a year is 0")
    );
    assert!(
        refuse(Bond {
            coupon: f64::NAN,
            ..plain()
        })
        .starts_with("coupon is NaN")
    );
    let flows = plain().flows().unwrap();
    let settle = date(2024, 6, 1);
    assert!(
        flows
            .at_yield(date(2034, 1, 15), 0.05)
            .unwrap_err()
            .to_string()
            .starts_with("settlement of 2034-01-15")
    );
    assert!(
        flows
            .at_yield(settle, -1.0)
            .unwrap_err()
            .to_string()
            .starts_with("yield is -1")
    );
    assert!(flows.at_yield(settle, f64::NAN).is_err());
    assert!(flows.yield_from_clean(settle, -50.0).is_err());
    assert!(flows.yield_from_clean(settle, f64::INFINITY).is_err());
    assert!(flows.z_spread(settle, &flat(0.03), -50.0).is_err());
}
