//! `apex data repair`: one file of prices in, the same file repaired out. Figures are worked by hand.

use serde_json::{Value, json};

use crate::desk::{Desk, apex, data};

/// Two cents a share on a close of 2.00 is one percent, which the adjusted closes before leave out; and a day in cents.
const PRICES: &str = "\
Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Note
2026-01-09,2.0,2.04,1.98,2.02,2.02,1000,0,last
2026-01-08,1.98,2.0,1.96,1.98,1.98,1000,0.02,ex
2026-01-07,2.0,2.02,1.98,2.0,2.0,1000,0,
2026-01-06,202.0,204.0,200.0,203.0,203.0,1000,0,cents
2026-01-05,2.01,2.03,1.97,1.990,1.990,1000,0,first
";

#[test]
fn a_file_is_repaired_and_everything_else_stays_as_it_was() {
    let desk = Desk::empty();
    let file = desk.file("prices.csv", PRICES);
    let out = desk.file("fixed.csv", "");
    let reply = apex(&["data", "repair", &file, "--out", &out, "--json"]).good().json();
    let kinds: Vec<&Value> = reply["repairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, [&json!("unit"), &json!("dividend_adjustment")]);
    let unit = &reply["repairs"][0];
    assert_eq!(unit["changes"][0]["before"], "202.0");
    assert_eq!(
        (&unit["changes"][0]["after"], &unit["changes"][0]["line"]),
        (&json!("2.02"), &json!(5))
    );
    let factor = reply["repairs"][1]["factor"].as_f64().unwrap();
    assert!((factor - 0.99).abs() < 1e-12, "{factor}");
    assert_eq!(
        (&reply["touched"], &reply["bars"], &reply["interval"]),
        (&json!(3), &json!(5), &json!("1d"))
    );
    let fixed = std::fs::read_to_string(&out).unwrap();
    assert_eq!(
        fixed,
        "\
Date,Open,High,Low,Close,Adj Close,Volume,Dividends,Note,Repaired?
2026-01-09,2.0,2.04,1.98,2.02,2.02,1000,0,last,False
2026-01-08,1.98,2.0,1.96,1.98,1.98,1000,0.02,ex,False
2026-01-07,2.0,2.02,1.98,2.0,1.98,1000,0,,True
2026-01-06,2.02,2.04,2,2.03,2.0097,1000,0,cents,True
2026-01-05,2.01,2.03,1.97,1.990,1.9701,1000,0,first,True
"
    );
    let again = desk.file("again.csv", "");
    let reply = apex(&["data", "repair", &out, "--out", &again, "--json"]).good().json();
    assert_eq!(reply["repairs"], json!([]));
    assert_eq!(
        std::fs::read_to_string(&again).unwrap(),
        fixed,
        "repairing twice changes nothing"
    );
}

#[test]
fn the_table_says_what_was_done_and_why() {
    let desk = Desk::empty();
    let file = desk.file("prices.csv", PRICES);
    let out = desk.file("fixed.csv", "");
    let ask = [
        "data",
        "repair",
        &file,
        "--out",
        &out,
        "--calendar",
        "XNYS",
        "--currency",
        "USD",
    ];
    let text = apex(&ask).good().out;
    for words in [
        "Repaired",
        "dividend adjustment",
        "202.0 to 2.02",
        "times 0.99",
        "Sessions of XNYS",
        "0 without a bar",
    ] {
        assert!(text.contains(words), "{words} is missing in {text}");
    }
}

#[test]
fn a_golden_pair_is_repaired_from_its_packed_file() {
    let desk = Desk::empty();
    let out = desk.file("fixed.csv.gz", "");
    let file = data("repair/SSW-JO-1d-100x-error.csv.gz");
    let reply = apex(&["data", "repair", &file, "--out", &out, "--currency", "ZAc", "--json"])
        .good()
        .json();
    assert_eq!(reply["repairs"].as_array().unwrap().len(), 1);
    assert_eq!(reply["touched"], 22);
    assert_eq!(&std::fs::read(&out).unwrap()[..2], [0x1f, 0x8b]);
}

#[test]
fn what_cannot_be_read_is_named_by_file_line_column_and_value() {
    let desk = Desk::empty();
    let out = desk.file("fixed.csv", "");
    let refused = |name: &str, text: &str, words: &str| {
        let file = desk.file(name, text);
        apex(&["data", "repair", &file, "--out", &out]).refused(words);
    };
    refused(
        "a.csv",
        "Date,Close\n2026-01-05,1\n2026-01-06,1.2.3\n",
        "a.csv line 3, column Close: not a number: 1.2.3",
    );
    refused(
        "b.csv",
        "Date,Close\nyesterday,1\n",
        "b.csv line 2, column Date: not a date",
    );
    refused(
        "c.csv",
        "Date,Close\n2026-01-05,1\n2026-01-05,2\n",
        "c.csv line 3, column Date: stands twice",
    );
    refused("d.csv", "Date,Price\n2026-01-05,1\n", "no column Close");
    refused("e.csv", "Date,Close\n2026-01-05,1,2\n", "line 2 has 3 cells");
    let file = desk.file("f.csv", "Date,Close\n2026-01-05,1\n");
    apex(&["data", "repair", &file, "--out", &out, "--calendar", "XXXX"]).refused("there is no calendar of XXXX");
    apex(&["data", "repair", &file, "--out", &file]).refused("--out is the file itself");
}
