//! Making, opening, backing up and restoring a book.

use crate::desk::{Desk, close, rows, sum};

#[test]
fn the_same_seed_makes_the_same_ledger() {
    let hash = |seed: &str| {
        let desk = Desk::empty();
        let made = desk.json(&["init", "--demo", "--seed", seed, "--passphrase"]);
        assert_eq!(made["key"], "passphrase");
        assert!(made["recovery_key"].as_str().unwrap().len() > 20);
        made["ledger_hash"].as_str().unwrap().to_owned()
    };
    let (first, again, other) = (hash("7"), hash("7"), hash("8"));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn the_demo_firm_answers_every_question() {
    let desk = Desk::empty();
    desk.apex(&["init", "--demo"]).good();
    let portfolios = desk.json(&["portfolios"]);
    assert!(rows(&portfolios).len() >= 3, "{portfolios}");
    for portfolio in rows(&portfolios) {
        let name = portfolio["name"].as_str().unwrap();
        let ask = |command: &'static str| desk.json(&[command, "--portfolio", name]);
        let positions = ask("positions");
        let nav: rust_decimal::Decimal = positions["nav"].as_str().unwrap().parse().unwrap();
        assert_eq!(sum(&positions, "market_value", |_| true), nav, "{name}");
        let performance = ask("performance");
        assert_eq!(
            performance["nav"].as_array().unwrap().last().unwrap()[1],
            positions["nav"],
            "{name}"
        );
        let risk = ask("risk");
        let parts: f64 = risk["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["es"].as_f64().unwrap())
            .sum();
        assert!(close(parts, risk["es"].as_f64().unwrap()), "{name}");
        assert!(
            !rows(&ask("lots")).is_empty() && !rows(&ask("cash")).is_empty(),
            "{name}"
        );
        for command in ["positions", "lots", "cash", "performance", "risk"] {
            let text = desk.apex(&[command, "--portfolio", name]).good().out;
            assert!(text.lines().count() > 3, "{command} of {name}: {text}");
        }
    }
    // What `--with` adds beside one method.
    let all = "methods,increments,factors,backtest,exposures";
    let ask = [
        "risk",
        "--portfolio",
        "US Core",
        "--window",
        "252",
        "--level",
        "0.95",
        "--with",
        all,
    ];
    let risk = desk.json(&ask);
    assert_eq!(risk["methods"].as_array().map(Vec::len), Some(9));
    assert_eq!(
        risk["increments"].as_array().map(Vec::len),
        risk["components"].as_array().map(Vec::len)
    );
    assert!(
        risk["factors"]["tracking_error"].is_f64() && risk["factors"]["active_share"].is_null(),
        "{risk}"
    );
    assert_eq!(risk["backtest"]["observations"], 500);
    assert!(risk["sensitivities"]["days_all"].is_null());
    assert!(risk["sensitivities"]["unavailable"]["days_all"].is_string());
    let text = desk.apex(&ask).good().out;
    assert!(
        text.contains("Every method") && text.contains("traffic light"),
        "{text}"
    );
    // A figure leads back to its inputs, and they recompute to it.
    for figure in [
        &["nav"][..],
        &["market-value", "--symbol", "KO"],
        &["twr"],
        &["mwr", "--from", "2021-12-31"],
        &["var", "--method", "normal"],
        &["es", "--level", "0.95"],
        &["statistic", "--key", "sharpe"],
        &["cash-balance", "--account", "Bonds", "--currency", "CHF"],
    ] {
        let explained = desk.json(&[&["explain", "--portfolio", "Balanced"], figure].concat());
        assert_eq!(explained["agrees"], true, "{figure:?}: {explained}");
        assert!(!explained["inputs"].as_array().unwrap().is_empty(), "{figure:?}");
    }
    desk.apex(&["explain", "cost", "--symbol", "NOPE"])
        .refused("NOPE is not held");
    let text = desk.apex(&["explain", "nav"]).good().out;
    assert!(text.contains("agrees") && text.contains("Formula"), "{text}");
    // The demo's clock stands; a later trade is refused.
    let later = [
        "transactions",
        "add",
        "deposit",
        "--quantity",
        "1",
        "--date",
        "2023-01-03",
        "--account",
        "Bonds",
    ];
    desk.apex(&later).refused("the demo stands at 2022-12-28");
}

#[test]
fn a_backup_restores_to_the_same_hashes() {
    let desk = Desk::with("USD", "fifo");
    desk.import(
        "transactions",
        "account,date,kind,quantity,currency\nMain,2026-01-05,deposit,1000,USD\n",
    );
    let file = desk.path("book.apexbackup").display().to_string();
    let saved = desk.json(&["backup", &file]);
    let other = desk.path("other").display().to_string();
    let restored = desk.json(&["restore", &file, "--data", &other]);
    for hash in ["ledger_hash", "state_hash"] {
        assert_eq!(saved[hash], restored[hash], "{hash}");
        assert_eq!(saved[hash].as_str().unwrap().len(), 64, "{hash}");
    }
    assert_eq!(
        desk.json(&["transactions"])["rows"],
        desk.json(&["transactions", "--data", &other])["rows"]
    );
    // A second restore finds a book there and leaves it alone.
    desk.apex(&["restore", &file, "--data", &other])
        .refused("there is a book");
    let third = desk.path("third");
    let desk = desk.knowing(Some("wrong"));
    desk.apex(&["restore", &file, "--data", &third.display().to_string()])
        .refused("passphrase");
    let left = std::fs::read_dir(&third).map(|entries| entries.count()).unwrap_or(0);
    assert_eq!(left, 0, "a failed restore leaves nothing behind");
    let no_backup = desk.file("prices.csv", "symbol,date,close\n");
    desk.apex(&["restore", &no_backup, "--data", &third.display().to_string()])
        .refused("prices.csv: the backup is damaged: it is not a backup");
}

#[test]
fn a_folder_may_be_named_by_its_bare_name() {
    let desk = Desk::empty();
    let inside = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command.current_dir(desk.path(".")).output().unwrap()
    };
    for arguments in [
        &["init", "--data", "mine"][..],
        &["backup", "mine.apexbackup", "--data", "mine"],
        &["restore", "mine.apexbackup", "--data", "again"],
        &["portfolios", "--data", "again"],
    ] {
        let answer = inside(arguments);
        let complaint = String::from_utf8_lossy(&answer.stderr);
        assert!(
            answer.status.success() && complaint.is_empty(),
            "{arguments:?}: {complaint}"
        );
    }
}

#[test]
fn a_recovery_key_opens_the_book_and_its_backup() {
    let desk = Desk::empty();
    let made = desk.json(&["init", "--passphrase", "--name", "Mine"]);
    let key: &'static str = made["recovery_key"].as_str().unwrap().to_owned().leak();
    let file = desk.path("book.apexbackup").display().to_string();
    let saved = desk.json(&["backup", &file]);
    let desk = desk.knowing(Some(key));
    assert!(rows(&desk.json(&["portfolios"])).is_empty());
    let other = desk.path("other").display().to_string();
    desk.apex(&["restore", &file, "--data", &other])
        .refused("APEX_NEW_PASSPHRASE");
    let mut again = desk.command(&["restore", &file, "--data", &other, "--json"]);
    let restored = again.env("APEX_NEW_PASSPHRASE", "another one").output().unwrap();
    let restored: serde_json::Value = serde_json::from_slice(&restored.stdout).unwrap();
    assert_eq!(restored["state_hash"], saved["state_hash"]);
    desk.knowing(Some("another one"))
        .apex(&["portfolios", "--data", &other])
        .good();
}

#[test]
fn without_the_right_passphrase_nothing_opens_and_nothing_hangs() {
    let desk = Desk::new();
    desk.apex(&["init", "--passphrase"]).refused("there is a book");
    let desk = desk.knowing(Some("wrong"));
    desk.apex(&["positions"]).refused("does not open this book");
    let desk = desk.knowing(None);
    desk.apex(&["positions"]).refused("APEX_PASSPHRASE");
    desk.knowing(Some("correct horse")).apex(&["portfolios"]).good();
}

#[test]
fn a_new_book_without_keyring_or_passphrase_says_what_to_do() {
    let desk = Desk::empty().knowing(Some("a"));
    desk.apex(&["init"]).refused("has 1 character and needs at least 8");
    let desk = desk.knowing(None);
    desk.apex(&["init", "--passphrase"]).refused("APEX_PASSPHRASE");
    desk.apex(&["init"]).refused("--passphrase");
    assert!(!desk.path("book").exists(), "nothing was made");
    desk.apex(&["positions"]).refused("apex init");
}

#[test]
fn a_damaged_book_is_told_in_one_sentence() {
    let desk = Desk::new();
    let ledger = desk.path("book").join("ledger.db");
    let whole = std::fs::read(&ledger).unwrap();
    let mut bytes = whole.clone();
    for byte in &mut bytes[3000..3100] {
        *byte ^= 0x5a;
    }
    std::fs::write(&ledger, &bytes).unwrap();
    desk.apex(&["portfolios"]).refused("ledger.db is damaged");
    std::fs::write(&ledger, b"").unwrap();
    desk.apex(&["portfolios"])
        .refused("ledger.db is damaged: the file is empty");
    assert_eq!(std::fs::metadata(&ledger).unwrap().len(), 0, "it is left as it was");
    std::fs::write(&ledger, &whole).unwrap();
    desk.apex(&["portfolios"]).good();
}
