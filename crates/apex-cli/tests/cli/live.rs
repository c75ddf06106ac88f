//! `apex quotes`, `apex watchlists`, `apex alerts` and `apex news`, without any source: what a book knows by itself.

use crate::desk::{Desk, rows};

/// A book with two stocks and closes of two days.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.import(
        "prices",
        "symbol,date,close\nACME,2026-03-05,98.00\nACME,2026-03-06,100.00\nBETA,2026-03-06,1234.50\n",
    );
    desk
}

#[test]
fn quotes_without_a_stream_are_the_last_closes_and_say_how_old_they_are() {
    let desk = desk();
    let reply = desk.json(&["quotes", "ACME", "BETA"]);
    let acme = &rows(&reply)[0];
    assert_eq!(
        (acme["symbol"].as_str(), acme["last"].as_str()),
        (Some("ACME"), Some("100"))
    );
    assert_eq!(
        (acme["day"].as_str(), acme["change"].as_str()),
        (Some("2026-03-06"), Some("2"))
    );
    assert!((acme["change_fraction"].as_f64().unwrap() - 2.0 / 98.0).abs() < 1e-15);
    // Whatever day it is, that Friday was sessions ago.
    assert!(acme["stale"].as_str().unwrap().ends_with("sessions old"), "{acme}");
    assert_eq!(acme["at"], serde_json::Value::Null);
    assert_eq!(rows(&reply)[1]["change"], serde_json::Value::Null);
    assert_eq!(
        reply["unavailable"]["rows.1.change"].as_str(),
        Some("there is no close before 2026-03-06")
    );
    assert_eq!(reply["streams"], serde_json::json!([]));

    let text = desk.apex(&["quotes", "ACME", "BETA"]).good().out;
    assert!(text.contains("1,234.5"), "{text}");
    assert!(text.contains("BETA: there is no close before 2026-03-06"), "{text}");
    desk.apex(&["quotes", "NOPE"]).refused("there is no instrument NOPE");
    assert_eq!(desk.apex(&["quotes"]).status, 2);
}

#[test]
fn watchlists_are_made_shown_and_removed() {
    let desk = desk();
    let none = desk.apex(&["watchlists"]).good().out;
    assert!(none.starts_with("no watchlists; make one with"), "{none}");
    let made = desk.json(&["watchlists", "add", "Tech", "BETA", "ACME"]);
    assert_eq!(made["symbols"], serde_json::json!(["BETA", "ACME"]));
    // Nobody could be asked what NOVN is.
    desk.apex(&["watchlists", "add", "Europe", "NOVN"])
        .refused("name its currency");
    desk.apex(&["watchlists", "add", "Europe", "NOVN", "--currency", "CHF"])
        .good();
    let all = desk.json(&["watchlists"]);
    let names: Vec<_> = rows(&all).iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Europe", "Tech"]);

    let quotes = desk.json(&["quotes", "--watchlist", "Tech"]);
    let symbols: Vec<_> = rows(&quotes)
        .iter()
        .map(|row| row["symbol"].as_str().unwrap())
        .collect();
    assert_eq!(symbols, ["BETA", "ACME"]);
    desk.apex(&["quotes", "--watchlist", "None"])
        .refused("no watchlist None");

    let left = desk.json(&["watchlists", "remove", "Tech", "BETA"]);
    assert_eq!(left["symbols"], serde_json::json!(["ACME"]));
    desk.apex(&["watchlists", "remove", "Tech", "BETA"])
        .refused("BETA is not on Tech");
    desk.apex(&["watchlists", "remove", "Tech"]).good();
    assert_eq!(rows(&desk.json(&["watchlists"])).len(), 1);
}

#[test]
fn alerts_are_kept_and_one_that_holds_fires_once_however_often_they_are_watched() {
    let desk = desk();
    desk.apex(&["alerts", "add", "Target", "--symbol", "ACME", "--above", "99.50"])
        .good();
    let listed = desk.apex(&["alerts"]).good().out;
    assert!(listed.contains("price at or above 99.50 USD"), "{listed}");
    assert_eq!(desk.apex(&["alerts", "add", "Odd", "--symbol", "ACME"]).status, 2);
    assert_eq!(
        desk.apex(&[
            "alerts", "add", "Odd", "--symbol", "ACME", "--above", "1", "--below", "2"
        ])
        .status,
        2
    );
    desk.apex(&["alerts", "add", "Odd", "--symbol", "ACME", "--change", "0"])
        .refused("0 is not above zero");

    // The first to watch hears of it, and the second of nothing: its output is empty when it is stopped.
    let mut first = watching(&desk);
    let line = first.line();
    let fired: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(fired["sentence"].as_str(), Some("price 100.00 USD, at or above 99.50"));
    first.stop();
    let known = desk.json(&["alerts"]);
    assert_eq!(
        (known["unseen"].as_u64(), known["alerts"][0]["holds"].as_bool()),
        (Some(1), Some(true))
    );
    desk.apex(&["alerts", "seen"]).good();
    assert_eq!(desk.json(&["alerts"])["unseen"].as_u64(), Some(0));
    desk.apex(&["alerts", "remove", "Target"]).good();
    desk.apex(&["alerts", "remove", "Target"]).refused("no alert Target");
}

#[test]
fn news_needs_a_source_to_be_fetched_from() {
    let desk = desk();
    let none = desk.apex(&["news"]).good().out;
    assert_eq!(none, "no news; ask the providers with --fetch\n");
    assert_eq!(rows(&desk.json(&["news", "ACME"])).len(), 0);
    desk.apex(&["news", "--fetch"]).refused("no source is switched on");
}

/// `apex alerts watch --json`, until it is stopped.
fn watching(desk: &Desk) -> Watching {
    let mut command = desk.command(&["alerts", "watch", "--json"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap());
    Watching { child, lines }
}

struct Watching {
    child: std::process::Child,
    lines: std::io::BufReader<std::process::ChildStdout>,
}

impl Watching {
    fn line(&mut self) -> String {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut self.lines, &mut line).unwrap();
        line
    }

    /// Ends it as a closed window would; whoever reads no more is no fault.
    fn stop(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
