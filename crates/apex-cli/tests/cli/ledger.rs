//! Worked ledgers, from a file through the book to the printed figures. The numbers are hand calculations.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::desk::{DAY, Desk, close, rows, sum};

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A cell that holds a decimal string.
fn cell(row: &Value, column: &str) -> Decimal {
    row[column]
        .as_str()
        .unwrap_or_else(|| panic!("{column} of {row}"))
        .parse()
        .unwrap()
}

fn row<'r>(reply: &'r Value, symbol: &str) -> &'r Value {
    rows(reply)
        .iter()
        .find(|row| row["symbol"] == symbol)
        .unwrap_or_else(|| panic!("no {symbol} in {reply}"))
}

const BUYS: &str = "\
portfolio,account,date,kind,symbol,quantity,price,currency,external_id,lot
Core,Main,2026-01-02,deposit,,5000,,USD,D1,
Core,Main,2026-01-05,buy,ACME,100,10,USD,B1,
Core,Main,2026-01-06,buy,ACME,100,12,USD,B2,
Core,Main,2026-01-07,buy,ACME,100,15,USD,B3,
Core,Main,2026-02-02,sell,ACME,150,14,USD,S1,
";

#[test]
fn each_lot_method_realizes_its_own_gain() {
    for (method, gain, remaining) in [
        ("fifo", "500", "2100"),
        ("lifo", "0", "1600"),
        ("hifo", "0", "1600"),
        ("average", "250", "1850"),
    ] {
        let desk = Desk::with("USD", method);
        assert_eq!(desk.import("transactions", BUYS), 5, "{method}");
        let lots = desk.on_the_day(&["lots"]);
        let closed = |row: &Value| !row["closed"].is_null();
        assert_eq!(sum(&lots, "gain", closed), amount(gain), "{method}: {lots}");
        assert_eq!(
            sum(&lots, "cost", |row| !closed(row)),
            amount(remaining),
            "{method}: {lots}"
        );
        assert_eq!(sum(&lots, "quantity", |row| !closed(row)), amount("150"), "{method}");
    }
}

#[test]
fn a_sale_closes_the_lots_it_names() {
    let desk = Desk::with("USD", "specific");
    desk.import("transactions", &BUYS.replace("14,USD,S1,", "14,USD,S1,B2:100; B3:50"));
    let lots = desk.on_the_day(&["lots"]);
    // 150 at 14 for 100 at 12 and 50 at 15.
    assert_eq!(sum(&lots, "gain", |row| !row["closed"].is_null()), amount("150"));
}

#[test]
fn a_gain_is_split_into_price_currency_and_both() {
    let desk = Desk::with("EUR", "fifo");
    desk.import(
        "transactions",
        "account,date,kind,symbol,quantity,price,currency,fx_rate\n\
         Main,2026-01-05,deposit,,10000,,USD,0.90\n\
         Main,2026-01-05,buy,ACME,100,50,USD,0.90\n",
    );
    desk.import("prices", "symbol,date,close\nACME,2026-03-31,60\n");
    desk.import(
        "fx",
        "date,from,to,rate\n2026-01-05,USD,EUR,0.90\n2026-03-31,USD,EUR,0.95\n",
    );
    let positions = desk.on_the_day(&["positions"]);
    let acme = row(&positions, "ACME");
    for (column, expected) in [
        ("market_value", "5700"),
        ("cost", "4500"),
        ("unrealized", "1200"),
        ("unrealized_price", "900"),
        ("unrealized_fx", "250"),
        ("unrealized_cross", "50"),
    ] {
        assert_eq!(cell(acme, column), amount(expected), "{column}");
    }
    // 5,700 in shares and 5,000 USD at 0.95; market values add up to it.
    assert_eq!(cell(&positions, "nav"), amount("10450"));
    assert_eq!(sum(&positions, "market_value", |_| true), amount("10450"));
    assert_eq!(positions["as_of"], DAY);
    assert_eq!(positions["currency"], "EUR");
}

#[test]
fn a_split_multiplies_units_and_leaves_the_cost() {
    let desk = Desk::with("USD", "fifo");
    desk.import(
        "transactions",
        "account,date,kind,symbol,quantity,price,currency,ratio\n\
         Main,2026-01-02,deposit,,10000,,USD,\n\
         Main,2026-01-05,buy,ACME,100,100,USD,\n\
         Main,2026-02-02,split,ACME,,,USD,7:1\n",
    );
    desk.import("prices", "symbol,date,close\nACME,2026-03-31,15\n");
    let positions = desk.on_the_day(&["positions"]);
    let acme = row(&positions, "ACME");
    assert_eq!(
        (cell(acme, "quantity"), cell(acme, "cost")),
        (amount("700"), amount("10000"))
    );
    assert_eq!(cell(acme, "market_value"), amount("10500"));
}

#[test]
fn what_has_no_price_is_unknown_and_says_why() {
    let desk = Desk::with("USD", "fifo");
    desk.import("transactions", BUYS);
    let positions = desk.on_the_day(&["positions"]);
    let acme = row(&positions, "ACME");
    assert!(
        acme["market_value"].is_null() && positions["nav"].is_null(),
        "{positions}"
    );
    assert!(
        acme["unavailable"]["market_value"].as_str().unwrap().contains("ACME"),
        "{acme}"
    );
    let text = desk.apex(&["positions", "--as-of", DAY]).good().out;
    assert!(text.contains("--") && text.contains("ACME in Main: no price"), "{text}");
}

#[test]
fn cash_stands_on_its_settlement_day() {
    let desk = Desk::with("USD", "fifo");
    desk.import(
        "transactions",
        "account,date,settle,kind,symbol,quantity,price,currency\n\
         Main,2026-03-02,2026-03-02,deposit,,10000,,USD\n\
         Main,2026-03-31,2026-04-02,buy,ACME,10,100,USD\n",
    );
    let cash = desk.on_the_day(&["cash"]);
    let lines: Vec<(&str, &str, Decimal)> = rows(&cash)
        .iter()
        .map(|row| {
            (
                row["currency"].as_str().unwrap(),
                row["settle"].as_str().unwrap(),
                cell(row, "amount"),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("USD", "2026-03-31", amount("10000")),
            ("USD", "2026-04-02", amount("-1000"))
        ]
    );
}

#[test]
fn a_period_has_its_time_weighted_and_money_weighted_return() {
    let desk = Desk::with("USD", "fifo");
    // 100,000 grows to 110,000, 50,000 comes in, and it ends at 152,000: 1.1 * 152 / 160 - 1 = 4.5%.
    desk.import(
        "transactions",
        "account,date,kind,symbol,quantity,price,currency\n\
         Main,2026-03-02,deposit,,100000,,USD\n\
         Main,2026-03-02,buy,FUND,1000,100,USD\n\
         Main,2026-03-17,deposit,,50000,,USD\n\
         Main,2026-03-17,buy,FUND,500,100,USD\n",
    );
    desk.import(
        "prices",
        "symbol,date,close\nFUND,2026-03-02,100\nFUND,2026-03-16,110\nFUND,2026-03-17,110\nFUND,2026-03-31,101.333333\n",
    );
    let report = desk.on_the_day(&["performance"]);
    // 1,500 units; the buy at 100 on a day that closes at 110 gains at once: flows count at the start of their day.
    let expected = (110_000.0 / 100_000.0) * (165_000.0 / 160_000.0) * (151_999.999_5_f64 / 165_000.0) - 1.0;
    assert!((report["twr"].as_f64().unwrap() - expected).abs() < 1e-7, "{report}");
    assert!(report["mwr"].is_f64(), "{report}");
    let nav = report["nav"].as_array().unwrap();
    assert_eq!(nav.last().unwrap()[0], DAY);
    assert_eq!(nav.last().unwrap()[1], "152000.00");
    assert_eq!(
        report["flows"].to_string(),
        r#"[["2026-03-02","100000.00"],["2026-03-17","50000.00"]]"#
    );
}

#[test]
fn earlier_answers_come_back_by_day_and_by_knowledge() {
    let desk = Desk::with("USD", "fifo");
    desk.import("transactions", BUYS);
    desk.import("prices", "symbol,date,close\nACME,2026-01-30,13\nACME,2026-03-31,16\n");
    let before = desk.on_the_day(&["positions"]);
    let january = desk.json(&["positions", "--as-of", "2026-01-30"]);
    assert_eq!(cell(row(&january, "ACME"), "quantity"), amount("300"));
    assert_eq!(cell(row(&january, "ACME"), "market_value"), amount("3900"));
    // A trade that happened in January is learned of only now, and so is a corrected close.
    let ledger = desk.json(&["transactions"]);
    desk.import("prices", "symbol,date,close\nACME,2026-03-31,17\n");
    let known = desk.json(&[
        "transactions",
        "add",
        "buy",
        "ACME",
        "--quantity",
        "10",
        "--price",
        "11",
        "--date",
        "2026-01-08",
    ]);
    assert_eq!(known["ids"].as_array().unwrap().len(), 1);
    let after = desk.on_the_day(&["positions"]);
    assert_eq!(cell(row(&after, "ACME"), "quantity"), amount("160"));
    assert_eq!(cell(row(&after, "ACME"), "price"), amount("17"));
    // Prices were imported after the ledger; an instant between their first and second import is needed.
    let last_price_known = desk.json(&["transactions", "--all"]);
    let backdated = rows(&last_price_known)
        .iter()
        .find(|row| row["date"] == "2026-01-08")
        .unwrap();
    let at_backdated = backdated["known_at"].as_str().unwrap();
    let again = desk.on_the_day(&["positions", "--known-at", at_backdated]);
    assert_eq!(again["nav"], after["nav"]);
    let imported_at = rows(&ledger)[0]["known_at"].as_str().unwrap();
    let unpriced = desk.on_the_day(&["positions", "--known-at", imported_at]);
    assert_eq!(cell(row(&unpriced, "ACME"), "quantity"), amount("150"));
    assert!(
        row(&unpriced, "ACME")["price"].is_null(),
        "no price was known yet: {unpriced}"
    );
    assert_eq!(
        before["rows"].as_array().unwrap().len(),
        unpriced["rows"].as_array().unwrap().len()
    );
    let early = desk.on_the_day(&["positions", "--known-at", "2020-01-01T00:00:00Z"]);
    assert!(rows(&early).is_empty(), "{early}");
}

#[test]
fn a_reversal_brings_the_figures_back() {
    let desk = Desk::with("USD", "fifo");
    desk.import("transactions", BUYS);
    desk.import("prices", "symbol,date,close\nACME,2026-03-31,16\n");
    let before = desk.on_the_day(&["positions"]);
    let sell = [
        "transactions",
        "add",
        "sell",
        "ACME",
        "--quantity",
        "50",
        "--price",
        "16",
        "--date",
        "2026-03-02",
    ];
    let preview = desk.json(&[&sell[..], &["--dry-run"]].concat());
    assert_eq!(
        (preview["quantity_before"].as_str(), preview["quantity_after"].as_str()),
        (Some("150"), Some("100"))
    );
    assert_eq!(desk.on_the_day(&["positions"]), before, "a dry run changes nothing");
    let added = desk.json(&sell);
    assert_ne!(desk.on_the_day(&["positions"]), before);
    let id = added["ids"][0].as_str().unwrap();
    desk.apex(&["transactions", "reverse", id]).good();
    assert_eq!(desk.on_the_day(&["positions"]), before);
    desk.apex(&["transactions", "reverse", id]).refused("reversed already");
    let all = desk.json(&["transactions", "--all"]);
    assert_eq!(rows(&all).iter().filter(|row| row["reversed"] == true).count(), 1);
    assert_eq!(rows(&all).iter().filter(|row| row["reverses"] == id).count(), 1);
}

#[test]
fn refusals_name_the_value_and_change_nothing() {
    let desk = Desk::with("USD", "fifo");
    desk.import("transactions", BUYS);
    let add = |arguments: &[&str]| desk.apex(&[&["transactions", "add"], arguments].concat());
    add(&[
        "sell",
        "ACME",
        "--quantity",
        "151",
        "--price",
        "9",
        "--date",
        "2026-03-02",
    ])
    .refused("150");
    add(&["buy", "NOPE", "--quantity", "1", "--price", "9", "--date", "2026-03-02"]).refused("no instrument NOPE");
    add(&[
        "buy",
        "ACME",
        "--quantity",
        "ten",
        "--price",
        "9",
        "--date",
        "2026-03-02",
    ])
    .refused("quantity");
    add(&["buy", "ACME", "--quantity", "1", "--price", "9", "--date", "2026-02-30"]).refused("2026-02-30");
    desk.apex(&["accounts", "add", "Main"]).refused("Main");
    desk.apex(&["portfolios", "add", "Other", "--currency", "DOLLAR"])
        .refused("DOLLAR");
    desk.apex(&["positions", "--portfolio", "Nope"]).refused("Nope");
    assert_eq!(desk.json(&["transactions"])["total"], 5);
}

#[test]
fn instruments_are_added_and_renamed() {
    let desk = Desk::with("USD", "fifo");
    desk.apex(&[
        "instruments",
        "add",
        "FB",
        "--name",
        "Facebook",
        "--currency",
        "USD",
        "--sector",
        "Media",
    ])
    .good();
    desk.apex(&[
        "instruments",
        "edit",
        "FB",
        "--symbol",
        "META",
        "--from",
        "2022-06-09",
        "--name",
        "Meta",
    ])
    .good();
    let all = desk.json(&["instruments", "--search", "meta"]);
    let [meta] = rows(&all).as_slice() else { panic!("{all}") };
    assert_eq!(
        (meta["symbol"].as_str(), meta["sector"].as_str()),
        (Some("META"), Some("Media"))
    );
    assert_eq!(
        meta["symbol_history"],
        serde_json::json!(["FB until 2022-06-09", "META from 2022-06-09"])
    );
    desk.apex(&["instruments", "edit", "NOPE", "--name", "x"])
        .refused("no instrument NOPE");
}

#[test]
fn components_of_risk_add_up() {
    let desk = Desk::with("USD", "fifo");
    desk.import(
        "transactions",
        "account,date,kind,symbol,quantity,price,currency\n\
         Main,2022-01-03,deposit,,1000000,,USD\n\
         Main,2022-01-03,buy,AAPL,2000,100,USD\n\
         Main,2022-01-03,buy,KO,5000,50,USD\n",
    );
    let prices = crate::desk::data("prices/sp500_dataset.csv.gz");
    desk.apex(&["import", "prices", &prices, "--skip-bad", "--create"])
        .good();
    for method in [
        "historical",
        "age-weighted",
        "filtered",
        "normal",
        "student-t",
        "cornish-fisher",
        "monte-carlo",
    ] {
        let ask = [
            "risk",
            "--method",
            method,
            "--level",
            "0.95",
            "--window",
            "250",
            "--as-of",
            "2022-12-28",
        ];
        let risk = desk.json(&ask);
        assert_eq!(
            (risk["method"].as_str(), risk["window"].as_u64()),
            (Some(method), Some(250))
        );
        for key in ["var", "es"] {
            let parts: f64 = risk["components"]
                .as_array()
                .unwrap()
                .iter()
                .map(|part| part[key].as_f64().unwrap())
                .sum();
            assert!(close(parts, risk[key].as_f64().unwrap()), "{method} {key}: {risk}");
        }
        assert_eq!(risk["seed"].is_null(), method != "monte-carlo", "{risk}");
        assert!(risk["es"].as_f64() > risk["var"].as_f64(), "{risk}");
        assert!(risk["var_amount"].is_string(), "{risk}");
        // All that is held, cash among it, is the whole book under every label.
        for kind in ["currency", "sector", "country"] {
            let labels = risk["exposures"][kind].as_array().unwrap();
            let net: f64 = labels.iter().map(|one| one["net"].as_f64().unwrap()).sum();
            assert!(close(net, 1.0), "{kind}: {risk}");
        }
        let number = risk["concentration"]["effective_number"].as_f64().unwrap();
        assert!(number > 1.0 && number <= 2.0, "{risk}");
    }
}

#[test]
fn a_list_shows_no_zero_where_there_is_no_number() {
    let desk = Desk::with("USD", "fifo");
    let none = desk.apex(&["instruments"]).good().out;
    assert!(none.starts_with("no instrument yet; add one"), "{none}");
    let none = desk.apex(&["instruments", "--search", "ACME"]).good().out;
    assert_eq!(none, "no instrument that mentions ACME\n");
    desk.import("transactions", BUYS);
    let add = |arguments: &[&str]| desk.apex(&[&["transactions", "add"], arguments].concat());
    let split = add(&["split", "ACME", "--ratio", "7:1", "--date", "2026-03-02"])
        .good()
        .out;
    assert!(split.starts_with("split 7:1 of ACME on 2026-03-02"), "{split}");
    add(&["deposit", "--quantity", "-5", "--date", "2026-03-02"]).refused("-5 is below zero");
    let listed = desk.apex(&["transactions", "--search", "split"]).good().out;
    let line = listed.lines().find(|line| line.contains("split")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        words[..6],
        ["2026-03-02", "split", "ACME", "7:1", "USD", "Main"],
        "{line}"
    );
    add(&["deposit", "--quantity", "0.5", "--date", "2026-03-02"]).good();
    let positions = desk.apex(&["positions", "--as-of", "2026-03-31"]).good().out;
    let cash = positions.lines().find(|line| line.starts_with("USD")).unwrap();
    let units = cash.split_whitespace().nth(2).unwrap();
    assert_eq!(
        units.split('.').nth(1).map(str::len),
        Some(2),
        "money has its decimals: {cash}"
    );
    let rows = desk.json(&["transactions", "--search", "split"]);
    assert_eq!(rows["rows"][0]["ratio"], "7:1", "{rows}");
}
