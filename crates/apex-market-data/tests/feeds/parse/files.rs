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
fn a_file_of_which_no_line_can_be_read_is_refused_by_line_and_heading() {
    says(
        daily(b"date,close\n2026-01-05,1.5x\n2026-01-06,2y\n", "A"),
        "the answer of Files has `1.5x` at line 2, close, which is not a number",
    );
    says(
        daily(b"day,price\n", "A"),
        "the answer of Files has `day,price` at line 1, which is not headings with `date` and `close`",
    );
    says(
        daily(b"date,close\n5.1.2026,1\n", "A"),
        "the answer of Files has `5.1.2026` at line 2, date, which is not a date",
    );
    says(
        daily(b"date,close,Close\n2026-01-05,1,2\n", "A"),
        "the answer of Files has `Close` at line 1, which is not a heading that stands there once",
    );
}

#[test]
fn a_line_that_cannot_be_read_is_left_out_and_remarked_and_the_others_are_used() {
    let text = b"date,close,split,ticker,close_date\n\
        2026-01-05,1,,A,\n\
        2026-01-06,1.5x,,A,\n\
        6.1.2026,2,,A,\n\
        2026-01-07,2,two,A,\n\
        2026-01-08,3\n\
        2026-01-08,,,A,\n\
        2026-01-09,4,,\xff,\n\
        2026-01-12,5,2:1,A,\n";
    let records = daily(text, "A").unwrap();
    assert_eq!(rows(&records), ["2026-01-05 -- -- -- 1 --", "2026-01-12 -- -- -- 5 --"]);
    assert_eq!(records.splits.len(), 1);
    let remarks = records.remarks.iter().map(|one| format!("{}: {}", one.at, one.reason));
    assert_eq!(
        remarks.collect::<Vec<_>>(),
        [
            "line 1: the columns `ticker`, `close_date` are not known and not read",
            "line 3, close: `1.5x` is not a number; the line is left out",
            "line 4, date: `6.1.2026` is not a date; the line is left out",
            "line 5, split: `two` is not a ratio such as 4:1; the line is left out",
            "line 6: `2 cells` is not as many as there are headings; the line is left out",
            "line 7, close: `nothing` is not a number; the line is left out",
            "line 8: `letters of another encoding` is not a row of a table in UTF-8; the line is left out",
        ]
    );
}

#[test]
fn a_currency_is_the_unit_of_the_file() {
    let text = b"date,close,Currency\n2026-01-05,101.5,GBp\n2026-01-06,102,\n2026-01-07,1.03,GBP\n";
    let records = daily(text, "VOD").unwrap();
    assert_eq!(records.bars.len(), 2);
    let [listing] = records.listings.as_slice() else {
        panic!("one listing")
    };
    assert_eq!(
        (listing.symbol.as_str(), listing.currency.as_deref()),
        ("VOD", Some("GBp"))
    );
    assert_eq!(
        records.remarks[0].reason,
        "`GBP` is not the currency of the lines before it; the line is left out"
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
