//! Ten thousand holdings: how long the page is kept from answering while its grid is scrolled.
//!
//! The book is made as a person would make it, by importing two files in the window.

use std::{fmt::Write as _, fs, path::Path};

use apex_tests::desktop::{Desktop, Machine};
use serde_json::{Value, json};

use crate::{
    figures::{Figures, quantile},
    switches::WATCH,
};

const HOLDINGS: usize = 10_000;
const QUANTITY: usize = 10;
/// How often the grid is scrolled.
const PASSES: usize = 5;
const PASS_MS: u32 = 5_000;
/// Three rows in every frame of a pass, as a wheel turns them.
const WHEEL_PX: usize = 3 * 24 * 60 * (PASS_MS as usize) / 1_000;

/// Makes the book, and scrolls its holdings from top to bottom and at the pace of a wheel.
pub(crate) async fn measure(binary: &Path, figures: &mut Figures) {
    let desktop = Desktop::on(Machine::start().await, "holdings", binary, &[]).await;
    desktop.begin_book("Ten thousand holdings").await;
    fill_book(&desktop).await;
    desktop.click("nav-holdings").await;
    desktop.wait_for_text("holdings-count", "10,001 rows").await;
    // Without groups the rows stand in the order of their values.
    desktop.click("group-button").await;
    desktop.click("group-none").await;
    desktop.wait_for(&test_id(1)).await;
    desktop.execute(WATCH, Vec::new()).await;

    let bottom = HOLDINGS * 24 * 2;
    for (name, distance) in [("bottom", bottom), ("wheel", WHEEL_PX)] {
        let mut passes = Vec::new();
        for _ in 0..PASSES {
            let pass = scroll(&desktop, distance).await;
            check_rows(&pass.rows, (name == "bottom").then_some(HOLDINGS));
            passes.push(pass);
        }
        let tasks = |part: f64| passes.iter().map(|pass| quantile(&pass.gaps, part)).collect();
        figures.times(&format!("scroll_{name}"), tasks(1.0));
        figures.largest_time(&format!("scroll_{name}_largest"), tasks(1.0));
        figures.times(&format!("scroll_{name}_p99"), tasks(0.99));
        let frames: Vec<f64> = passes.iter().flat_map(|pass| pass.frames.iter().copied()).collect();
        let blank: usize = passes.iter().map(|pass| pass.blank).sum();
        println!("{blank} of {} frames showed a row that had not come yet", frames.len());
        figures.times(&format!("scroll_{name}_frame"), frames);
    }
    desktop.close().await;
}

/// Imports one purchase of each of the instruments, and two days of their prices.
async fn fill_book(desktop: &Desktop) {
    let days = "const day = document.querySelector('[data-testid=\"book-clock\"] .numeric').textContent; \
                const before = new Date(Date.parse(day) - 86400000).toISOString().slice(0, 10); \
                return [before, day]";
    let days = desktop.execute(days, Vec::new()).await;
    let [before, day] = [&days[0], &days[1]].map(|day| day.as_str().unwrap().to_owned());
    let mut trades = "portfolio,account,date,seq,kind,symbol,quantity,price,currency,external_id\n".to_owned();
    let mut prices = "symbol,date,close\n".to_owned();
    writeln!(trades, "Wide,Custody,{before},1,deposit,,10000000000,1,USD,D-1").unwrap();
    for number in 1..=HOLDINGS {
        let (symbol, price) = (symbol(number), price(number));
        writeln!(
            trades,
            "Wide,Custody,{before},2,buy,{symbol},{QUANTITY},{price},USD,B-{number}"
        )
        .unwrap();
        writeln!(prices, "{symbol},{before},{}\n{symbol},{day},{price}", price - 1).unwrap();
    }
    desktop.click("nav-transactions").await;
    desktop.click("empty-import").await;
    import(desktop, "prices", &prices, "20,000").await;
    desktop.click("import-again").await;
    import(desktop, "transactions", &trades, "10,001").await;
    desktop.click("import-done").await;
    desktop.wait_until_gone("import-done").await;
}

async fn import(desktop: &Desktop, kind: &str, text: &str, rows: &str) {
    let file = desktop.data().with_file_name(format!("{kind}.csv"));
    fs::write(&file, text).unwrap();
    desktop.choose("select-import-kind", kind).await;
    desktop.fill("field-import-path", file.to_str().unwrap()).await;
    desktop.click("import-look").await;
    if kind == "prices" {
        // Kept for the next file.
        desktop.click("check-create").await;
    }
    desktop.wait_for_text("import-commit", rows).await;
    desktop.click("import-commit").await;
    desktop.wait_for("import-done").await;
}

fn symbol(number: usize) -> String {
    format!("H{number:05}")
}

fn test_id(number: usize) -> String {
    format!("row-{}", symbol(number))
}

/// Returns a price of its own for each instrument, so that the first one is worth the most.
fn price(number: usize) -> usize {
    20_000 - number
}

/// What the page saw of one pass.
struct Pass {
    /// Milliseconds between two turns of the event loop.
    gaps: Vec<f64>,
    /// Milliseconds between two frames.
    frames: Vec<f64>,
    /// Frames in which a row in view was not there yet.
    blank: usize,
    /// The rows in view after the pass.
    rows: Value,
}

async fn scroll(desktop: &Desktop, distance: usize) -> Pass {
    let script = "window.apexWatch.scroll('grid-holdings', arguments[0], arguments[1], arguments[2])";
    let told = desktop
        .execute_async(script, vec![json!(distance), json!(PASS_MS)])
        .await;
    let numbers = |name: &str| serde_json::from_value(told[name].clone()).unwrap();
    Pass {
        gaps: numbers("gaps"),
        frames: numbers("frames"),
        blank: serde_json::from_value(told["blank"].clone()).unwrap(),
        rows: told["rows"].clone(),
    }
}

/// Checks that the rows in view are those that belong there, one after the other, each with its own figures, down to the
/// last one where it should be in view.
fn check_rows(rows: &Value, last: Option<usize>) {
    let rows: Vec<(usize, String, Vec<String>)> = serde_json::from_value(rows.clone()).unwrap();
    assert!(rows.len() > 10, "only {} rows are in view", rows.len());
    // The first row of all is the cash, which is worth the most; so a row's place is its instrument's number.
    let first = rows[0].0;
    for (number, (row, id, cells)) in (first..).zip(&rows) {
        assert_eq!(
            (*row, id.as_str()),
            (number, test_id(number).as_str()),
            "after row {first}"
        );
        for amount in [price(number), price(number) * QUANTITY] {
            let shown = format!("{},{:03}.00", amount / 1_000, amount % 1_000);
            assert!(cells.contains(&shown), "{id} does not show {shown}: {cells:?}");
        }
    }
    let bottom = rows[rows.len() - 1].0;
    assert!(
        last.is_none_or(|last| last == bottom),
        "the last row in view is {bottom}"
    );
}
