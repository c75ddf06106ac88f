//! `apex whatif` and `apex proposals` on a book worked by hand.

use serde_json::Value;

use crate::desk::{DAY, Desk};

/// Ten shares at 100 and 500 in cash; another share that is not held.
fn desk() -> Desk {
    let desk = Desk::with("USD", "fifo");
    desk.import(
        "transactions",
        "portfolio,account,date,kind,symbol,quantity,price,currency\n\
         Core,Main,2026-03-02,deposit,,1500,,USD\n\
         Core,Main,2026-03-02,buy,ACME,10,100,USD\n",
    );
    let days = ["2026-03-26", "2026-03-27", "2026-03-30", "2026-03-31"];
    let closes = [(98, 49), (102, 52), (99, 51), (100, 50)];
    let mut prices = "symbol,date,open,high,low,close,volume\n".to_owned();
    for (day, (acme, new)) in days.iter().zip(closes) {
        prices.push_str(&format!(
            "ACME,{day},{acme},{acme},{acme},{acme},0\nNEW,{day},{new},{new},{new},{new},0\n"
        ));
    }
    desk.import("prices", &prices);
    desk
}

fn whatif(desk: &Desk, more: &[&str]) -> Value {
    desk.on_the_day(&[&["whatif"], more].concat())
}

#[test]
fn trades_of_a_file_change_cash_values_and_risk() {
    let desk = desk();
    let file = desk.file("trades.csv", "symbol,quantity\nACME,-4\nNEW,6\n");
    let found = whatif(
        &desk,
        &[
            "--trades",
            &file,
            "--level",
            "0.75",
            "--window",
            "250",
            "--fee-bps",
            "10",
        ],
    );
    // 400 sold for a fee of 0.40, 300 bought for 0.30.
    let figures = &found["figures"];
    assert_eq!(
        (figures["nav"]["before"].as_str(), figures["nav"]["after"].as_str()),
        (Some("1500.00"), Some("1499.30"))
    );
    assert_eq!(figures["cash"]["change"], "99.30");
    assert_eq!(
        (found["bought"].as_str(), found["sold"].as_str(), found["fees"].as_str()),
        (Some("300.00"), Some("400.00"), Some("0.70"))
    );
    assert_eq!(found["edits"][0]["trade"]["settle"], "2026-04-01");
    // 600 + 300 of 1,499.30.
    let gross = figures["gross_exposure"]["after"].as_f64().unwrap();
    assert!((gross - 900.0 / 1499.3).abs() < 1e-12, "{gross}");
    assert!(figures["var"]["after"].is_f64() && figures["var"]["before"].is_f64());
    assert!(figures["active_share"]["after"].is_null());
    assert_eq!(
        found["unavailable"]["figures.active_share.after"],
        "the portfolio has no benchmark"
    );
    let risk = desk.on_the_day(&["risk", "--level", "0.75", "--window", "250"]);
    assert_eq!(figures["var"]["before"], risk["var"]);
    let one = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["symbol"] == "NEW")
        .unwrap();
    assert_eq!(
        (one["quantity"]["after"].as_str(), one["value"]["after"].as_str()),
        (Some("6"), Some("300.00"))
    );
}

#[test]
fn lines_that_cannot_be_made_are_all_named() {
    let desk = desk();
    let file = desk.file("trades.csv", "symbol,quantity\nACME,-4\nNOPE,6\nNEW,many\n");
    let answer = desk.apex(&["whatif", "--trades", &file, "--as-of", DAY]);
    assert_eq!((answer.status, answer.out.as_str()), (1, ""));
    let lines: Vec<&str> = answer.err.lines().collect();
    assert_eq!(
        lines[0],
        "apex: trades.csv, line 3: symbol `NOPE`: there is no instrument NOPE"
    );
    assert!(
        lines[1].starts_with("apex: trades.csv, line 4: quantity `many`: "),
        "{}",
        lines[1]
    );
    let bad = desk.file("bad.csv", "ticker,quantity\nACME,-4\n");
    desk.apex(&["whatif", "--trades", &bad])
        .refused("bad.csv, line 1: there is no column symbol");
}

#[test]
fn weights_become_trades_and_a_proposal_keeps_them() {
    let desk = desk();
    // A fifth of 1,500 is 300: three shares at 100, six at 50.
    let file = desk.file("weights.csv", "symbol,weight\nACME,20%\nNEW,0.2\n");
    let found = whatif(&desk, &["--weights", &file, "--keep", "Half cash", "--note", "calmer"]);
    let traded = |at: usize| found["edits"][at]["trade"]["quantity"].as_str().unwrap().to_owned();
    assert_eq!((traded(0), traded(1)), ("-7".to_owned(), "6".to_owned()));
    let all = desk.json(&["proposals"]);
    assert_eq!(
        (all[0]["proposal"]["name"].as_str(), all[0]["version"].as_u64()),
        (Some("Half cash"), Some(1))
    );
    assert_eq!(all[0]["proposal"]["edits"][0]["size"], "20%");
    let again = whatif(&desk, &["--proposal", "half cash"]);
    assert_eq!(again["figures"], found["figures"]);
    let shown = desk.apex(&["proposals", "show", "Half cash"]).good().out;
    assert!(shown.contains("calmer") && shown.contains("ACME"), "{shown}");
    desk.apex(&["proposals", "remove", "Half cash"]).good();
    desk.apex(&["proposals", "show", "Half cash"])
        .refused("there is no proposal Half cash");
    // The ledger was never touched.
    assert_eq!(desk.on_the_day(&["positions"])["nav"], "1500.00");
    let text = desk.apex(&["whatif", "--weights", &file, "--as-of", DAY]).good().out;
    assert!(
        text.contains("Net asset value") && text.contains("2026-04-01 USD"),
        "{text}"
    );
}
