//! `apex data providers|fetch|status|quarantine|export` against the stand-in of a provider on this machine.

use apex_testkit::replay::market::{Market, SplitDay};
use apex_testkit::replay::{Fault, Replay};
use serde_json::json;

use crate::desk::Desk;

const KEY: &str = "Q1W2E3R4T5Y6U7I8";

/// A provider's stand-in, served for as long as this lives.
struct Provider {
    replay: Replay,
    _runtime: tokio::runtime::Runtime,
}

impl Provider {
    /// One stock that splits in two, with a day told a hundredfold.
    fn new() -> Self {
        let date = |text: &str| text.parse().unwrap();
        let split = SplitDay {
            date: date("2026-02-09"),
            new: 2,
            old: 1,
        };
        let market = Market::new(7, date("2025-11-24"), date("2026-03-31"))
            .list("AAPL", 18_500, &[split], &[])
            .misquote("AAPL", date("2025-12-17"), 100);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let replay = runtime.block_on(Replay::start(market, KEY, 5_000)).unwrap();
        Self {
            replay,
            _runtime: runtime,
        }
    }
}

impl Provider {
    /// Returns what the stock closed at on a day, in dollars.
    fn close(&self, day: &str) -> String {
        let stock = self.replay.market().stock("AAPL").unwrap();
        let day = stock.days.iter().find(|known| known.date.to_string() == day).unwrap();
        format!("{}.{:02}", day.close / 100, day.close % 100)
    }
}

/// A book with the stock in it, and the provider switched on.
fn desk(provider: &Provider) -> Desk {
    let desk = Desk::with("USD", "fifo");
    desk.apex(&[
        "instruments",
        "add",
        "AAPL",
        "--kind",
        "equity",
        "--currency",
        "USD",
        "--exchange",
        "XNYS",
    ])
    .good();
    let address = provider.replay.http();
    desk.apex(&[
        "data",
        "providers",
        "set",
        "polygon",
        "--on",
        "--plan",
        "paid",
        "--address",
        &address,
    ])
    .good();
    let key = desk
        .command(&["data", "providers", "key", "polygon"])
        .env("APEX_API_KEY", KEY)
        .output()
        .unwrap();
    assert!(key.status.success(), "{}", String::from_utf8_lossy(&key.stderr));
    let said = String::from_utf8_lossy(&key.stdout);
    assert!(said.contains("under its passphrase") && !said.contains(KEY), "{said}");
    desk
}

#[test]
fn a_provider_is_set_up_asked_and_its_faults_are_decided() {
    let provider = Provider::new();
    let desk = desk(&provider);
    let tried = desk.json(&["data", "providers", "try", "polygon"]);
    // The days up to today are none of the stand-in's, so it may have none; it answers all the same.
    assert!(tried["sentence"].as_str().unwrap().contains("Polygon"), "{tried}");

    let report = desk.json(&["data", "fetch", "AAPL", "--from", "2025-11-24"]);
    let sessions = provider.replay.market().sessions().len();
    let row = &report["rows"][0];
    assert_eq!(
        (&row["provider"], &row["days"], &row["actions"]),
        (&json!("polygon"), &json!(sessions), &json!(1))
    );
    assert_eq!((&row["repaired"], &row["waiting"]), (&json!(1), &json!(0)), "{row}");

    let status = desk.json(&["data", "status", "aapl"]);
    assert_eq!(status["rows"][0]["last"], "2026-03-31");
    assert_eq!(status["rows"][0]["source"], "Polygon");

    assert_eq!(desk.json(&["data", "quarantine"])["rows"], json!([]));
    let settled = desk.json(&["data", "quarantine", "--all"]);
    let finding = &settled["rows"][0];
    assert_eq!(
        (&finding["state"], &finding["from"]),
        (&json!("repaired"), &json!("2025-12-17"))
    );
    let id = &finding["id"].as_str().unwrap()[..8];
    assert_eq!(desk.json(&["data", "quarantine", "keep", id])["state"], "kept");
    assert_eq!(desk.json(&["data", "quarantine", "leave-out", id])["state"], "left_out");
    let day = [
        "data",
        "export",
        "AAPL",
        "--from",
        "2025-12-17",
        "--as-of",
        "2025-12-17",
    ];
    assert_eq!(desk.apex(&day).good().out.lines().count(), 1);
    assert_eq!(desk.json(&["data", "quarantine", "undo", id])["state"], "repaired");
    assert_eq!(desk.apex(&day).good().out.lines().count(), 2);
    desk.apex(&["data", "quarantine", "take", "zzzz"])
        .refused("there is no fault zzzz");
}

#[test]
fn a_split_that_the_ledger_lacks_is_told_and_recorded() {
    let provider = Provider::new();
    let desk = desk(&provider);
    for line in [
        "deposit --date 2025-12-01 --quantity 10000",
        "buy AAPL --date 2025-12-01 --quantity 10 --price 190",
    ] {
        let words: Vec<&str> = ["transactions", "add"].into_iter().chain(line.split(' ')).collect();
        desk.apex(&words).good();
    }
    assert_eq!(desk.apex(&["data", "splits"]).good().out, "no ledger lacks a split\n");
    desk.json(&["data", "fetch", "AAPL", "--from", "2025-11-24"]);
    let missing = desk.json(&["data", "splits"]);
    let row = &missing["rows"][0];
    assert_eq!(
        (&row["symbol"], &row["ex_date"], &row["ratio"], &row["source"]),
        (&json!("AAPL"), &json!("2026-02-09"), &json!("2:1"), &json!("Polygon"))
    );
    assert_eq!(
        (
            &row["portfolio_name"],
            &row["account_name"],
            &row["before"],
            &row["after"]
        ),
        (&json!("Core"), &json!("Main"), &json!("10"), &json!("20"))
    );
    assert_eq!(desk.json(&["data", "status", "aapl"])["splits"], missing["rows"]);
    let status = desk.apex(&["data", "status"]).good().out;
    assert!(
        status.contains("AAPL 2:1 of 2026-02-09 is not in the ledger of Core, Main"),
        "{status}"
    );

    // Before the split nothing was missing, and that was the last session then.
    let then = desk.json(&["data", "status", "aapl", "--as-of", "2026-02-06"]);
    assert_eq!(
        (&then["today"], &then["rows"][0]["last"], &then["splits"]),
        (&json!("2026-02-06"), &json!("2026-02-06"), &json!([]))
    );
    let positions = desk.apex(&["positions", "--as-of", "2026-03-31"]).good().out;
    let sentence = "AAPL was split 2:1 on 2026-02-09 and Main still has 10 old shares at new prices";
    assert!(positions.contains(sentence), "{positions}");

    let held = || {
        let positions = desk.on_the_day(&["positions"]);
        let row = positions["rows"].as_array().unwrap().iter();
        row.clone().find(|row| row["symbol"] == "AAPL").unwrap()["quantity"].clone()
    };
    let said = desk.json(&["data", "splits", "record", "AAPL", "--dry-run"]);
    assert_eq!((&said["ids"], held()), (&json!([]), json!("10")));
    let recorded = desk.json(&["data", "splits", "record"]);
    assert_eq!(held(), json!("20"));
    assert_eq!(
        recorded["sentence"],
        "records the split 2:1 of AAPL on 2026-02-09 in Main: 10 shares become 20"
    );
    desk.apex(&["data", "splits", "record", "AAPL"])
        .refused("no split is missing");
    let id = recorded["ids"][0].as_str().unwrap();
    desk.json(&["transactions", "reverse", id]);
    assert_eq!(held(), json!("10"));
}

#[test]
fn prices_are_exported_as_traded_and_adjusted_and_as_traded_they_come_in_again() {
    let provider = Provider::new();
    let desk = desk(&provider);
    desk.apex(&["data", "fetch", "AAPL", "--from", "2025-11-24"]).good();
    let text = desk.apex(&["data", "export", "AAPL"]).good().out;
    let row = |text: &str, day: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.contains(day)).unwrap();
        line.split(',').map(str::to_owned).collect()
    };
    let heading = "symbol,date,open,high,low,close,volume,currency,source";
    assert_eq!(text.lines().next().unwrap(), heading);
    assert_eq!(row(&text, "2025-11-24")[5], provider.close("2025-11-24"));
    assert_eq!(row(&text, "2025-12-17")[8], "\"Polygon");

    // Two shares for one on 2026-02-09: earlier prices are halved, volumes doubled, later ones as traded.
    let adjusted = desk.apex(&["data", "export", "AAPL", "--adjust", "splits"]).good().out;
    let number = |cells: &[String], at: usize| cells[at].parse::<f64>().unwrap();
    let (before, after) = (row(&text, "2026-02-06"), row(&adjusted, "2026-02-06"));
    assert!((number(&before, 5) / 2.0 - number(&after, 5)).abs() < 1e-9);
    assert!((number(&before, 6) * 2.0 - number(&after, 6)).abs() < 1e-6);
    let (before, after) = (row(&text, "2026-02-09"), row(&adjusted, "2026-02-09"));
    assert!((number(&before, 5) - number(&after, 5)).abs() < 1e-9);

    let rows = desk.json(&["data", "export", "AAPL"]);
    let first = &rows["rows"][0];
    assert_eq!(
        (&first["symbol"], &first["date"], &first["close"]),
        (
            &json!("AAPL"),
            &json!("2025-11-24"),
            &json!(provider.close("2025-11-24"))
        )
    );

    let out = desk.path("prices.csv");
    let said = desk.json(&["data", "export", "AAPL", "--out", &out.display().to_string()]);
    assert_eq!(said["rows"], json!(provider.replay.market().sessions().len()));
    let other = Desk::with("USD", "fifo");
    let imported = other.json(&["import", "prices", &out.display().to_string(), "--create"]);
    assert_eq!(imported["rejected"], json!([]), "{imported}");
    assert_eq!(imported["added"], said["rows"]);
}

#[test]
fn a_book_without_a_source_says_what_to_do_and_nothing_leaves_the_machine() {
    let desk = Desk::with("USD", "fifo");
    desk.apex(&["data", "fetch"])
        .refused("no source of market data is switched on");
    let sources = desk.json(&["data", "providers"]);
    let rows = sources["rows"].as_array().unwrap();
    assert!(
        rows.iter().all(|row| row["settings"]["enabled"] == json!(false)),
        "{sources}"
    );
    desk.apex(&["data", "providers", "set", "polygon", "--address", "http://example.com"])
        .refused("without TLS");
    desk.apex(&["data", "providers", "key", "polygon"])
        .refused("set APEX_API_KEY");
    desk.apex(&[
        "data",
        "providers",
        "set",
        "files",
        "--on",
        "--address",
        "/nowhere/at/all",
    ])
    .refused("there is no folder /nowhere/at/all");
}

#[test]
fn what_cannot_be_is_refused_where_it_is_typed() {
    let provider = Provider::new();
    let desk = desk(&provider);
    let set = |provider: &str, more: &[&str]| {
        let arguments: Vec<&str> = ["data", "providers", "set", provider]
            .iter()
            .chain(more)
            .copied()
            .collect();
        desk.apex(&arguments)
    };
    // A key in an address would be shown wherever the address is.
    let keyed = format!("{}/?apikey={KEY}", provider.replay.http());
    for address in [
        keyed.as_str(),
        "https://me:S3CRETKEY@example.com",
        "https://me:S3CRETKEY@exa mple.com",
    ] {
        let answer = set("polygon", &["--address", address]).refused("is no address to ask");
        assert!(
            !answer.err.contains(KEY) && !answer.err.contains("S3CRET"),
            "{answer:?}"
        );
    }
    set("polygon", &["--address", &keyed]).refused("`apex data providers key`");
    let shown = desk.apex(&["data", "providers"]).good().out;
    assert!(!shown.contains("apikey"), "{shown}");

    set("files", &["--streams"]).refused("Files has no stream");
    desk.apex(&["data", "providers", "symbol", "files", "AAPL", "../../etc/passwd"])
        .refused("`../../etc/passwd` is no symbol");
    desk.apex(&["data", "quarantine", "take", ""])
        .refused("a fault is named by the beginning of its id");
    desk.apex(&["data", "fetch", "AAPL", "--from", "2999-01-01"])
        .refused("2999-01-01 lies ahead");
    desk.apex(&["watchlists", "add", "Te\tch", "AAPL"])
        .refused("a name is one line of plain text");
}

#[test]
fn fetching_where_there_is_nothing_to_ask_for_is_no_failure() {
    let provider = Provider::new();
    let desk = desk(&provider);
    // Nothing is held, watched or compared with.
    let answer = desk.apex(&["data", "fetch"]).good();
    assert!(
        answer.out.starts_with("nothing is held, watched or compared with"),
        "{answer:?}"
    );
}

#[test]
fn trying_a_provider_that_rests_says_when_it_may_be_asked_again() {
    let provider = Provider::new();
    let desk = desk(&provider);
    provider.replay.next([Fault::TooMany {
        retry_after: Some("300"),
    }]);
    let first = desk.apex(&["data", "providers", "try", "polygon"]);
    assert_eq!(first.status, 1, "{first:?}");
    assert!(first.out.contains("; it may be asked again at 20"), "{first:?}");
    let second = desk.apex(&["data", "providers", "try", "polygon"]);
    assert_eq!(second.status, 1, "{second:?}");
    assert!(second.out.contains("allows no request before 20"), "{second:?}");
    assert_eq!(provider.replay.seen().len(), 1, "nobody asked a second time");
}

#[test]
fn a_folder_of_files_is_a_provider() {
    let desk = Desk::with("USD", "fifo");
    desk.apex(&["instruments", "add", "ACME", "--kind", "equity", "--currency", "USD"])
        .good();
    let folder = desk.path("prices");
    std::fs::create_dir(&folder).unwrap();
    let text = "date,open,high,low,close,volume\n2026-03-02,10,11,9,10.5,100\n2026-03-03,10.5,12,10,11.25,200\n";
    std::fs::write(folder.join("ACME.csv"), text).unwrap();
    let folder = folder.display().to_string();
    desk.apex(&["data", "providers", "set", "files", "--on", "--address", &folder])
        .good();
    desk.apex(&["data", "providers", "try", "files"]).good();
    let report = desk.json(&["data", "fetch", "ACME", "--from", "2026-03-01"]);
    assert_eq!(
        (&report["rows"][0]["provider"], &report["rows"][0]["days"]),
        (&json!("files"), &json!(2)),
        "{report}"
    );
    assert_eq!(desk.json(&["data", "status", "acme"])["rows"][0]["source"], "Files");
}
