//! The import rules, with the exit status a script branches on.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::desk::{Desk, data};

const FILLS: &str = "\
portfolio,account,date,kind,symbol,quantity,price,currency,external_id
Core,Main,2026-01-05,deposit,,10000,,USD,
Core,Main,2026-01-05,buy,ACME,10,90,USD,F1
Core,Main,2026-01-05,buy,ACME,10,90,USD,F2
Core,Main,2026-01-06,fee,,1.50,,USD,
Core,Main,2026-01-06,fee,,1.50,,USD,
";

fn result(desk: &Desk, arguments: &[&str]) -> (i32, Value) {
    let answer = desk.apex(&[arguments, &["--json"]].concat());
    (answer.status, answer.json())
}

fn counts(added: u64, duplicates: u64) -> Value {
    json!({"added": added, "duplicates": duplicates, "rejected": []})
}

#[test]
fn a_file_is_added_once_and_true_doubles_stay() {
    let desk = Desk::new();
    let file = desk.file("fills.csv", FILLS);
    let import = ["import", "transactions", &file, "--create"];
    assert_eq!(
        result(&desk, &[&import[..], &["--dry-run"]].concat()),
        (0, counts(5, 0))
    );
    assert_eq!(
        desk.json(&["portfolios"])["rows"],
        json!([]),
        "a dry run creates nothing"
    );
    assert_eq!(result(&desk, &import), (0, counts(5, 0)));
    assert_eq!(result(&desk, &import), (0, counts(0, 5)));
    assert_eq!(desk.json(&["transactions"])["total"], 5);
    let text = desk.apex(&import).good().out;
    assert!(text.contains("0 added, 5 known already, 0 rejected"), "{text}");
}

#[test]
fn one_bad_line_and_nothing_is_added_unless_it_is_skipped() {
    let desk = Desk::new();
    let bad = FILLS
        .replace("buy,ACME,10,90,USD,F2", "buy,ACME,ten,90,USD,F2")
        .replace("2026-01-06,fee,,1.50,,USD,\nCore", "2026-13-06,fee,,1.50,,USD,\nCore");
    let file = desk.file("bad.csv", &bad);
    let import = ["import", "transactions", &file, "--create"];
    for more in [&[][..], &["--dry-run"]] {
        let (status, result) = result(&desk, &[&import[..], more].concat());
        assert_eq!((status, &result["added"]), (1, &json!(0)), "{result}");
        let lines: Vec<(u64, &str, &str)> = result["rejected"]
            .as_array()
            .unwrap()
            .iter()
            .map(|bad| {
                (
                    bad["line"].as_u64().unwrap(),
                    bad["column"].as_str().unwrap(),
                    bad["value"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            lines,
            [(4, "quantity", "ten"), (5, "date", "2026-13-06")],
            "every bad line is listed"
        );
        assert!(
            result["rejected"]
                .as_array()
                .unwrap()
                .iter()
                .all(|bad| !bad["reason"].as_str().unwrap().is_empty())
        );
    }
    assert_eq!(
        desk.json(&["portfolios"])["rows"],
        json!([]),
        "not even a portfolio was created"
    );
    let text = desk.apex(&import);
    assert_eq!(text.status, 1);
    assert!(
        text.out.contains("ten") && text.err.contains("nothing was added"),
        "{text:?}"
    );
    let (status, result) = result(&desk, &[&import[..], &["--skip-bad"]].concat());
    assert_eq!(
        (status, &result["added"], result["rejected"].as_array().unwrap().len()),
        (0, &json!(3), 2),
        "{result}"
    );
}

#[test]
fn unknown_names_are_rejected_unless_created() {
    let desk = Desk::with("USD", "fifo");
    let file = desk.file("fills.csv", FILLS);
    let (status, refused) = result(&desk, &["import", "transactions", &file]);
    assert_eq!((status, &refused["added"]), (1, &json!(0)));
    let lines: Vec<u64> = refused["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bad| bad["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [3, 4], "the symbol is unknown: {refused}");
    desk.apex(&["import", "transactions", &file])
        .refused("create what is unknown with --create");
    assert_eq!(
        result(&desk, &["import", "transactions", &file, "--create"]),
        (0, counts(5, 0))
    );
}

#[test]
fn what_the_ledger_refuses_is_rejected_by_line() {
    let desk = Desk::new();
    let file = desk.file(
        "oversold.csv",
        &format!("{FILLS}Core,Main,2026-01-07,sell,ACME,21,95,USD,F3\n"),
    );
    let (status, refused) = result(&desk, &["import", "transactions", &file, "--create"]);
    assert_eq!(
        (status, &refused["added"], &refused["rejected"][0]["line"]),
        (1, &json!(0), &json!(7)),
        "{refused}"
    );
}

#[test]
fn a_map_file_reads_a_broker_s_own_words() {
    let desk = Desk::with("EUR", "fifo");
    let map = desk.file(
        "broker.toml",
        "kind = \"transactions\"\n[format]\ndelimiter = \";\"\ndecimal = \",\"\ndate = \"DD.MM.YYYY\"\n\
         [columns]\ndate = \"Buchung\"\nkind = \"Art\"\nquantity = \"Betrag\"\n[fixed]\naccount = \"Main\"\ncurrency = \"EUR\"\n\
         [kinds]\nEinzahlung = \"deposit\"\n",
    );
    let file = desk.file("broker.csv", "Buchung;Art;Betrag\n05.01.2026;Einzahlung;1.234,50\n");
    assert_eq!(
        result(&desk, &["import", "transactions", &file, "--map", &map]),
        (0, counts(1, 0))
    );
    assert_eq!(desk.on_the_day(&["cash"])["rows"][0]["amount"], "1234.5");
}

#[test]
fn standard_input_is_a_file_called_dash() {
    let desk = Desk::new();
    let mut command = desk.command(&["import", "transactions", "-", "--create", "--json"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(FILLS.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), counts(5, 0));
}

#[test]
fn a_parquet_table_adds_what_the_same_csv_file_adds() {
    for (kind, added) in [("transactions", 5), ("prices", 3), ("fx", 3)] {
        let desk = Desk::new();
        let [parquet, csv] = ["parquet", "csv"].map(|ending| data(&format!("parquet/{kind}.{ending}")));
        let table = result(&desk, &["import", kind, &parquet, "--create"]);
        assert_eq!(table, (0, counts(added, 0)), "{kind}");
        let text = result(&desk, &["import", kind, &csv, "--create"]);
        assert_eq!(text, (0, counts(0, added)), "{kind}");
    }
    let desk = Desk::new();
    let (status, answer) = result(
        &desk,
        &["import", "transactions", &data("parquet/transactions.parquet")],
    );
    assert_eq!((status, &answer["added"]), (1, &json!(0)));
    let first = &answer["rejected"][0];
    assert_eq!(
        (&first["line"], &first["column"], &first["value"]),
        (&json!(1), &json!("portfolio"), &json!("Core"))
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let desk = Desk::new();
    desk.apex(&["import", "transactions", "nowhere.csv"])
        .refused("nowhere.csv");
    let file = desk.file("not.toml", "]");
    let fills = desk.file("fills.csv", FILLS);
    desk.apex(&["import", "transactions", &fills, "--map", &file])
        .refused("not.toml");
}

#[test]
fn what_is_created_by_the_hundred_is_counted() {
    let desk = Desk::with("USD", "fifo");
    let mut table = "date".to_owned();
    (0..30).for_each(|at| table.push_str(&format!(",S{at}")));
    table.push_str("\n2026-01-05");
    (0..30).for_each(|_| table.push_str(",1"));
    let file = desk.file("closes.csv", &table);
    let text = desk.apex(&["import", "prices", &file, "--create"]).good().out;
    assert!(
        text.contains("created 20 more\n") && text.contains("30 added"),
        "{text}"
    );
    assert_eq!(text.matches("created ").count(), 11, "{text}");
}

#[test]
fn a_file_of_headings_that_feed_nothing_is_refused() {
    let desk = Desk::with("USD", "fifo");
    for kind in ["transactions", "prices", "fx", "positions"] {
        let file = desk.file("odd.csv", "what,ever\n");
        let (status, result) = result(&desk, &["import", kind, &file]);
        assert_eq!(status, 1, "{kind}: {result}");
        assert!(!result["rejected"].as_array().unwrap().is_empty(), "{kind}: {result}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_every_command_with_one_sentence_and_status_from_its_first_moment() {
    let desk = Desk::new();
    // Both wait for their input; one has a book, the other has none.
    for arguments in [
        &["import", "transactions", "-"][..],
        &["var", "--prices", "-", "--weights", "equal", "--method", "normal"],
    ] {
        let mut command = desk.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It has asked for the signal once the system says so.
        let status = format!("/proc/{}/status", child.id());
        let catches_interrupt = || {
            let text = std::fs::read_to_string(&status).unwrap();
            let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
            u64::from_str_radix(caught.trim(), 16).unwrap() & 0b10 != 0
        };
        while !catches_interrupt() {
            std::thread::yield_now();
        }
        let sent = std::process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let input = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        drop(input);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.starts_with("apex: stopped by Ctrl-C") && said.trim_end().lines().count() == 1,
            "{said}"
        );
    }
}
