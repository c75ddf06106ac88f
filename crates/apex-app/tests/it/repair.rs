//! A file of prices in, the same file repaired out.

use apex_app::repair::{Interval, RepairAsk, packed, repair};

/// Two days in cents among days in units.
const PRICES: &str = "\
Date,Close
2026-01-05,2.00
2026-01-06,2.02
2026-01-07,201
2026-01-08,203
2026-01-09,2.01
2026-01-12,1.99
2026-01-13,2.02
";

#[test]
fn a_packed_file_comes_back_packed_and_repaired() {
    let bytes = packed("prices.csv.gz", PRICES).unwrap();
    assert_eq!(bytes[..2], [0x1f, 0x8b], "the mark of gzip");
    let repaired = repair("prices.csv.gz", &bytes, &RepairAsk::default()).unwrap();
    let report = &repaired.report;
    assert_eq!((report.bars, report.touched, report.interval), (7, 2, Interval::Day));
    let changes: Vec<(Option<u64>, Option<&str>)> = report.repairs[0]
        .changes
        .iter()
        .map(|change| (change.line, change.after.as_deref()))
        .collect();
    assert_eq!(changes, [(Some(4), Some("2.01")), (Some(5), Some("2.03"))]);
    assert!(repaired.text.contains("\n2026-01-08,2.03,True\n") && repaired.text.contains("\n2026-01-09,2.01,False\n"));
}

#[test]
fn days_are_compared_with_the_sessions_of_an_exchange_and_weeks_are_not() {
    let ask = |interval| RepairAsk {
        calendar: Some("xlon".to_owned()),
        interval,
        ..RepairAsk::default()
    };
    let report = repair("prices.csv", PRICES.as_bytes(), &ask(None)).unwrap().report;
    let calendar = report.calendar.unwrap();
    assert_eq!(
        (calendar.mic.as_str(), calendar.zone.as_str()),
        ("XLON", "Europe/London")
    );
    assert!(calendar.coverage.missing.is_empty() && calendar.coverage.outside.is_empty());
    let report = repair("prices.csv", PRICES.as_bytes(), &ask(Some(Interval::Week)))
        .unwrap()
        .report;
    assert_eq!(report.calendar, None);
}

#[test]
fn what_is_no_table_of_prices_is_refused_in_a_sentence() {
    for (name, bytes, sentence) in [
        (
            "a.parquet",
            &b"PAR1xxxxPAR1"[..],
            "a.parquet is a Parquet file; data repair reads comma-separated values",
        ),
        (
            "b.csv",
            &b"Date,Close\n2026-01-05,\xff\n"[..],
            "b.csv is not text in UTF-8 after byte 22",
        ),
        ("c.csv", &b""[..], "c.csv: there is not even a heading"),
    ] {
        let err = repair(name, bytes, &RepairAsk::default()).unwrap_err();
        assert!(err.to_string().contains(sentence), "{err}");
    }
}
