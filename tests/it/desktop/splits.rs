//! A split that a provider tells of and the ledger lacks, in the window: shown where the position is, recorded with one click.

use std::fs;

use apex_testkit::replay::market::SplitDay;
use apex_testkit::replay::{Market, Replay};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use super::{Desktop, walkthrough::settled};

const KEY: &str = "Q1W2E3R4T5Y6U7I8";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_split_that_the_ledger_lacks_is_shown_and_recorded() {
    let Some(desktop) = Desktop::open_empty("splits").await else {
        return;
    };
    let (market, bought, split) = market();
    let replay = Replay::start(market, KEY, 50_000).await.expect("a port");
    desktop.begin_book("Mine").await;
    desktop.resize(1440, 900).await;

    // A position from a file, bought before the split.
    let file = desktop.data().with_file_name("fills.csv");
    let lines = format!(
        "portfolio,account,date,kind,symbol,quantity,price,currency\n\
         Core,Main,{bought},deposit,,50000,1,USD\n\
         Core,Main,{bought},buy,ACME,100,120.00,USD\n"
    );
    fs::write(&file, lines).expect("the file can be written");
    desktop.click("empty-import").await;
    desktop
        .fill("field-import-path", file.to_str().expect("a path of text"))
        .await;
    desktop.click("import-look").await;
    super::market::check(&desktop, "check-create").await;
    desktop.wait_for_text("import-commit", "2").await;
    desktop.click("import-commit").await;
    desktop.click("import-done").await;
    desktop.wait_until_gone("import-done").await;

    // Its history from a provider, which knows of the split.
    desktop.click("nav-data").await;
    desktop.click("source-settings-polygon").await;
    desktop.fill("field-source-address-polygon", &replay.http()).await;
    desktop.fill("field-source-key-polygon", KEY).await;
    desktop.choose("select-source-plan-polygon", "paid").await;
    super::market::check(&desktop, "check-source-enabled-polygon").await;
    desktop.click("source-save-polygon").await;
    desktop.wait_for_text("panel-sources", "1 of 4 asked").await;
    desktop.click("history-fetch").await;
    desktop.wait_for_text("fetched-ACME", "Polygon").await;
    let line = format!("split-ACME-{split}");
    desktop.wait_for_text(&line, "100 becomes 200").await;
    desktop.wait_until_gone("job-history").await;
    settled(&desktop).await;
    desktop.screenshot("data-split").await;
    for page in ["overview", "holdings"] {
        desktop.click(&format!("nav-{page}")).await;
        desktop.wait_for_text(&line, "100 becomes 200").await;
        settled(&desktop).await;
        desktop.screenshot(&format!("{page}-split")).await;
    }
    desktop.click("theme-button").await;
    desktop.resize(1280, 800).await;
    settled(&desktop).await;
    desktop.screenshot("holdings-split-small").await;

    desktop.click("record-split-ACME").await;
    desktop.wait_until_gone("split-lines").await;
    desktop.wait_for_text("row-ACME", "200").await;
    desktop.close().await;
}

/// Returns a quarter of a stock that split in two in its middle, with its first day and that of the split.
fn market() -> (Market, Date, Date) {
    let yesterday = today().yesterday().expect("there is a day before");
    let from = yesterday.checked_sub(90.days()).expect("there is a day before");
    let sessions = Market::new(11, from, yesterday).sessions();
    let (first, middle) = (sessions[0], sessions[sessions.len() / 2]);
    let split = SplitDay {
        date: middle,
        new: 2,
        old: 1,
    };
    let market = Market::new(11, from, yesterday).list("ACME", 12_000, &[split], &[]);
    (market, first, middle)
}

/// The day in New York.
#[allow(clippy::disallowed_methods, reason = "the window under test has the machine's clock")]
fn today() -> Date {
    let zone = TimeZone::get("America/New_York").expect("the machine knows New York's time");
    zone.to_datetime(Timestamp::now()).date()
}
