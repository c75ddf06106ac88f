//! `apex quotes`, `apex watchlists`, `apex alerts` and `apex news`: what a book knows by itself, and what a provider's
//! stand-in streams.

use std::io::{BufRead as _, BufReader};
use std::process::{ChildStdout, Stdio};

use apex_testkit::replay::{Market, Play, Replay};

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
        .refused("0 percent is no change");
    desk.apex(&["alerts", "add", "Odd", "--symbol", "ACME", "--above", "-1"])
        .refused("-1 is not above zero");

    let mut first = Watching::new(&desk, &["alerts", "watch", "--json"]);
    let line = first.line();
    let fired: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(fired["sentence"].as_str(), Some("price 100.00 USD, at or above 99.50"));
    assert_eq!(first.interrupted(), Some(0));
    // Both hold now; the new one is told of, and the old one has been.
    desk.apex(&["alerts", "add", "Another", "--symbol", "ACME", "--above", "1"])
        .good();
    let mut second = Watching::new(&desk, &["alerts", "watch", "--json"]);
    assert!(second.line().contains("\"name\":\"Another\""));
    assert_eq!(second.interrupted(), Some(0));
    let known = desk.json(&["alerts"]);
    assert_eq!(known["unseen"].as_u64(), Some(2));
    let entries = known["alerts"].as_array().unwrap();
    assert!(entries.iter().all(|entry| entry["holds"] == true), "{known}");
    desk.apex(&["alerts", "seen"]).good();
    assert_eq!(desk.json(&["alerts"])["unseen"].as_u64(), Some(0));
    desk.apex(&["alerts", "remove", "Target"]).good();
    desk.apex(&["alerts", "remove", "Target"]).refused("no alert Target");
}

#[test]
fn a_change_below_zero_is_a_fall() {
    let desk = desk();
    desk.apex(&["alerts", "add", "Fall", "--symbol", "ACME", "--change", "-5"])
        .good();
    let listed = desk.apex(&["alerts"]).good().out;
    assert!(listed.contains("fall of at least 5%"), "{listed}");
}

#[test]
fn what_is_watched_ends_when_nobody_reads_it_any_more() {
    // Nothing streams and nothing fires, so that nothing more is written.
    let desk = desk();
    let mut quotes = Watching::new(&desk, &["quotes", "ACME", "--watch"]);
    assert!(quotes.line().contains("ACME"));
    assert_eq!(quotes.unread(), Some(0));
    let alerts = Watching::new(&desk, &["alerts", "watch"]);
    assert_eq!(alerts.unread(), Some(0));
}

#[test]
fn news_needs_a_source_to_be_fetched_from() {
    let desk = desk();
    let none = desk.apex(&["news"]).good().out;
    assert_eq!(none, "no news; ask the providers with --fetch\n");
    assert_eq!(rows(&desk.json(&["news", "ACME"])).len(), 0);
    desk.apex(&["news", "--fetch"])
        .refused("no source that has news is switched on");
}

/// A command that goes on until it is stopped.
struct Watching {
    child: std::process::Child,
    lines: BufReader<ChildStdout>,
}

impl Watching {
    fn new(desk: &Desk, arguments: &[&str]) -> Self {
        let mut child = desk.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// Reads no more, and returns the exit status; none where it goes on all the same.
    fn unread(self) -> Option<i32> {
        let Self { mut child, lines } = self;
        drop(lines);
        let id = child.id().to_string();
        let (ended, end) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || ended.send(child.wait().unwrap().code()).unwrap());
        let status = end.recv_timeout(std::time::Duration::from_secs(20));
        if status.is_err() {
            std::process::Command::new("kill").arg(&id).status().unwrap();
        }
        waiting.join().unwrap();
        status.ok().flatten()
    }

    /// Presses Ctrl-C, and returns the exit status.
    fn interrupted(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code()
    }
}

const KEY: &str = "Q1W2E3R4T5Y6U7I8";

/// A provider's stand-in, served for as long as this lives.
struct Provider {
    replay: Replay,
    _runtime: tokio::runtime::Runtime,
}

impl Provider {
    fn new() -> Self {
        let date = |text: &str| text.parse().unwrap();
        let market = Market::new(7, date("2026-03-02"), date("2026-03-13")).list("ACME", 10_000, &[], &[]);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let replay = runtime.block_on(Replay::start(market, KEY, 5_000)).unwrap();
        Self {
            replay,
            _runtime: runtime,
        }
    }

    fn play(&self, close: &str) {
        self.replay.play([Play::Frame(format!(
            r#"[{{"ev":"AM","sym":"ACME","v":100,"av":5000,"op":1,"vw":1,"o":{close},"c":{close},"h":{close},"l":{close},"a":1,"z":1,"s":1773064680000,"e":1773064740000}}]"#
        ))]);
    }
}

/// The book, with the stand-in switched on.
fn streaming(provider: &Provider) -> Desk {
    let desk = desk();
    let (address, stream) = (provider.replay.http(), provider.replay.polygon_stream());
    let set = [
        "data",
        "providers",
        "set",
        "polygon",
        "--on",
        "--plan",
        "paid",
        "--address",
        &address,
    ];
    let streams = ["--stream-address", &stream, "--streams"];
    let arguments: Vec<&str> = set.into_iter().chain(streams).collect();
    desk.apex(&arguments).good();
    let key = desk
        .command(&["data", "providers", "key", "polygon"])
        .env("APEX_API_KEY", KEY)
        .output()
        .unwrap();
    assert!(key.status.success(), "{}", String::from_utf8_lossy(&key.stderr));
    desk
}

#[test]
fn watched_quotes_come_line_by_line_until_ctrl_c_which_is_no_failure() {
    let provider = Provider::new();
    let desk = streaming(&provider);
    let mut quotes = Watching::new(&desk, &["quotes", "ACME", "--watch", "--json"]);
    let close: serde_json::Value = serde_json::from_str(&quotes.line()).unwrap();
    assert_eq!((close["last"].as_str(), close["at"].as_str()), (Some("100"), None));
    provider.play("103.5");
    let live: serde_json::Value = serde_json::from_str(&quotes.line()).unwrap();
    // 1773064740 is 13:59 UTC on Monday, the 9th of March 2026; Friday's close was 100.
    assert_eq!(
        (live["last"].as_str(), live["at"].as_str()),
        (Some("103.5"), Some("2026-03-09T13:59:00Z"))
    );
    assert_eq!(
        (live["change"].as_str(), live["source"].as_str()),
        (Some("3.5"), Some("Polygon"))
    );
    assert_eq!(quotes.interrupted(), Some(0));
}

#[test]
fn news_is_asked_of_the_provider_with_fetch_alone() {
    let provider = Provider::new();
    let desk = streaming(&provider);
    desk.json(&["news", "ACME"]);
    assert_eq!(provider.replay.seen(), []);
    let reply = desk.json(&["news", "ACME", "--fetch"]);
    assert_eq!(reply["fetched"]["failures"], serde_json::json!([]));
    let seen = provider.replay.seen();
    assert!(
        seen.iter()
            .all(|seen| seen.address.starts_with("/v2/reference/news?ticker=ACME")),
        "{seen:?}"
    );
    assert!(!seen.is_empty());
}
