//! A firm's own files.

use super::{number, rows, says};
use apex_market_data::Basis;
use apex_market_data::files::daily;

#[test]
fn a_file_holds_bars_splits_and_dividends() {
    let records = daily(include_bytes!("../../../fixtures/files/ACME.csv"), "ACME").unwrap();
    assert_eq!(
        rows(&records),
        ["2026-01-05 10 11 9.5 10.25 1200", "2026-01-06 5.1 5.2 5.05 5.15 2500.5"]
    );
    assert_eq!(records.splits[0].ratio.to_string(), "2:1");
    let [dividend] = records.dividends.as_slice() else {
        panic!("one dividend")
    };
    assert_eq!(dividend.amount, Basis::Raw(number("0.05")));
}

#[test]
fn a_bad_cell_is_named_by_line_and_heading() {
    says(
        daily(b"date,close\n2026-01-05,1\n2026-01-06,1.5x\n", "A"),
        "the answer of Files has `1.5x` at line 3, close, which is not a number",
    );
    says(
        daily(b"day,price\n", "A"),
        "the answer of Files has `day,price` at line 1, which is not headings with `date` and `close`",
    );
    says(
        daily(b"date,close\n5.1.2026,1\n", "A"),
        "the answer of Files has `5.1.2026` at line 2, date, which is not a date",
    );
}

/// The table was written by pyarrow 26.0.1: dates, decimals of four places, whole numbers, a float.
#[test]
fn a_parquet_file_says_the_same_as_csv() {
    let records = daily(include_bytes!("../../../fixtures/files/ACME.parquet"), "ACME").unwrap();
    assert_eq!(
        rows(&records),
        [
            "2026-01-05 10.0000 11.0000 9.5000 10.2500 1200",
            "2026-01-06 5.1000 5.2000 5.0500 5.1500 2500"
        ]
    );
    assert_eq!(records.splits[0].ratio.to_string(), "2:1");
    assert_eq!(records.dividends[0].amount, Basis::Raw(number("0.05")));
    let broken = &include_bytes!("../../../fixtures/files/ACME.parquet")[..900];
    assert!(
        daily(broken, "ACME")
            .unwrap_err()
            .to_string()
            .ends_with("which is not a Parquet table")
    );
}
