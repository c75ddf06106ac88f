//! Market data in the window, from nothing to decisions: a new user sets up a source, watches symbols, fetches their
//! history, decides a fault, is told of an alert and reads news. The source is a server on this machine.

use std::time::Duration;

use apex_testkit::replay::{Fault, Market, Play, Replay};
use fantoccini::key::Key;
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use super::{Desktop, walkthrough::settled};

/// The key of the server. It must never be seen again.
const KEY: &str = "Q1W2E3R4T5Y6U7I8";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_user_goes_from_a_key_to_decided_faults_live_quotes_an_alert_and_news() {
    let Some(desktop) = Desktop::open_empty("market").await else {
        return;
    };
    let market = market();
    let replay = Replay::start(market, KEY, 50_000).await.expect("a port");
    desktop.begin_book("Mine").await;
    desktop.resize(1440, 900).await;

    // The source: its address, its stream and its key, which goes in and is never shown again.
    desktop.click("nav-data").await;
    desktop.wait_for("freshness-empty").await;
    desktop.click("source-settings-polygon").await;
    desktop.fill("field-source-address-polygon", &replay.http()).await;
    desktop
        .fill("field-source-stream-polygon", &replay.polygon_stream())
        .await;
    desktop.fill("field-source-key-polygon", KEY).await;
    desktop.choose("select-source-plan-polygon", "paid").await;
    check(&desktop, "check-source-enabled-polygon").await;
    check(&desktop, "check-source-streams-polygon").await;
    desktop.click("source-save-polygon").await;
    desktop.wait_for_text("panel-sources", "1 of 4 asked").await;
    desktop.click("source-settings-polygon").await;
    desktop.click("source-try-polygon").await;
    desktop.wait_for_text("source-tried-polygon", "✓").await;
    desktop.screenshot("data-source").await;

    // A watchlist by hand and by key; the book knows none of the symbols yet.
    desktop.click("nav-markets").await;
    desktop.click("empty-watchlist").await;
    desktop.fill("field-watchlist-name", "Technology").await;
    desktop.click("watchlist-make").await;
    for symbol in ["ACME", "BETA"] {
        desktop.fill("field-watch-symbol", symbol).await;
        desktop.click("watch-confirm").await;
        desktop.wait_for_text("watch-added", symbol).await;
    }
    desktop.click("watch-done").await;
    desktop.wait_for("quote-BETA").await;
    desktop.wait_for_text("watchlist-name", "Technology").await;

    // History, with progress and an answer for each symbol.
    replay.next([Fault::Slow(Duration::from_secs(2))]);
    desktop.click("nav-data").await;
    desktop.wait_for_text("grid-freshness", "ACME").await;
    desktop.click("history-fetch").await;
    desktop.wait_for("job-history").await;
    desktop.wait_for("fetched-BETA").await;
    desktop.wait_for_text("fetched-ACME", "Polygon").await;
    desktop.screenshot("data-fetched").await;

    // The planted fault waits; one click decides it.
    desktop.click("tab-data-quarantine").await;
    desktop.wait_for("finding-ACME").await;
    desktop.wait_for_text("finding-state", "waits").await;
    settled(&desktop).await;
    desktop.screenshot("data-quarantine").await;
    desktop.click("finding-take").await;
    desktop.wait_for("quarantine-empty").await;
    desktop.click("tab-data-freshness").await;
    desktop
        .wait_for_text("freshness-words", "2 fresh, 0 behind, 0 without")
        .await;
    desktop.wait_for_text("coverage-legend", "priced").await;
    desktop.screenshot("data-coverage").await;

    // Candles with an indicator below, and quotes that move.
    desktop.click("nav-markets").await;
    desktop.wait_for("quote-ACME").await;
    desktop.click("indicators-button").await;
    desktop.click("indicator-rsi").await;
    desktop.press(&[Key::Escape.into()]).await;
    desktop.wait_for("chart-pane-0").await;
    super::scenarios::wait_for_readout(&desktop, "chart-candles", "Close").await;
    let trades = trading(replay);
    desktop.wait_for_text("streams", "live").await;
    for _ in 0..2 {
        let before = last(&desktop, "ACME").await;
        let moved = "const row = document.querySelector('[data-testid=\"quote-ACME\"]'); \
                     return row !== null && row.children[2].innerText !== arguments[0]";
        desktop
            .wait_until("the quote does not move", moved, vec![before.into()])
            .await;
    }

    // An alert that the price meets at once.
    desktop.press(&['n']).await;
    desktop.fill("field-alert-symbol", "ACME").await;
    desktop.fill("field-alert-threshold", "1").await;
    desktop.click("alert-save").await;
    desktop.wait_for("alert-ACME above 1").await;
    desktop.click("tab-alerts-fired").await;
    desktop.wait_for_text("fired-alert", "at or above 1").await;

    // News.
    desktop.click("news-fetch").await;
    desktop.wait_for_text("news", "closes at").await;
    desktop.click("news-open").await;
    let page = desktop.opened_page().await;
    assert!(page.starts_with("https://") && page.contains("ACME"), "{page}");
    settled(&desktop).await;
    desktop.screenshot("markets-live").await;
    desktop.resize(1280, 800).await;
    desktop.click("theme-button").await;
    settled(&desktop).await;
    desktop.screenshot("markets-live-small").await;
    desktop.click("alerts-seen").await;
    desktop.wait_until_gone("status-fired").await;

    // The key was never seen again, in the page or in what the programs said.
    let seen = desktop
        .execute("return document.documentElement.outerHTML", Vec::new())
        .await;
    assert!(!seen.to_string().contains(KEY), "the page shows the key");
    assert!(!desktop.log().contains(KEY), "the programs said the key");
    trades.abort();
    desktop.close().await;
}

/// Returns a year of two stocks up to the last session, in which Polygon once tells a price of ACME that is two fifths too high:
/// neither sure to be wrong nor to be let pass.
fn market() -> Market {
    let yesterday = today().yesterday().expect("there is a day before");
    let from = yesterday.checked_sub(1.year()).expect("there is a year before");
    let market = Market::new(11, from, yesterday)
        .list("ACME", 12_000, &[], &[])
        .list("BETA", 5_000, &[], &[]);
    let sessions = market.sessions();
    let wrong = sessions
        .get(sessions.len() - 40)
        .copied()
        .expect("a year has 40 sessions");
    market.misquote_by("ACME", wrong, (7, 5))
}

/// Trades ACME ten times a second, up and down, until the task is ended.
fn trading(replay: Replay) -> tokio::task::JoinHandle<()> {
    let close = replay
        .market()
        .stock("ACME")
        .and_then(|stock| stock.days.last())
        .map_or(10_000, |day| day.close);
    tokio::spawn(async move {
        for number in 0_i64.. {
            let cents = close + number % 23 * 7;
            let (whole, part, at) = (cents / 100, cents % 100, now().as_millisecond());
            replay.play([Play::Frame(format!(
                r#"[{{"ev":"T","sym":"ACME","x":4,"i":"{number}","z":3,"p":{whole}.{part:02},"s":100,"c":[0],"t":{at},"q":{number}}}]"#
            ))]);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
}

/// Ticks a box, whatever it shows.
pub(super) async fn check(desktop: &Desktop, test_id: &str) {
    desktop.wait_for(test_id).await;
    let tick = "const box = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); \
                if (!box.checked) box.click(); return box.checked";
    desktop
        .wait_until("a box cannot be ticked", tick, vec![test_id.into()])
        .await;
}

/// Returns the last price of a row.
async fn last(desktop: &Desktop, symbol: &str) -> String {
    let read = "return document.querySelector(`[data-testid=\"quote-${arguments[0]}\"]`).children[2].innerText";
    let price = desktop.execute(read, vec![symbol.into()]).await;
    price.as_str().unwrap_or_default().to_owned()
}

#[allow(clippy::disallowed_methods, reason = "the window under test has the machine's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// The day in New York.
fn today() -> Date {
    let zone = TimeZone::get("America/New_York").expect("the machine knows New York's time");
    zone.to_datetime(now()).date()
}
