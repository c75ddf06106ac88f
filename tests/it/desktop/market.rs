//! Market data in the window, from nothing to decisions: a new user sets up a source, watches symbols, fetches their
//! history, decides a fault, is told of an alert and reads news; and a portfolio that was bought in the ledger moves with
//! live prices. The source is a server on this machine.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use apex_testkit::replay::{Fault, Market, Play, Replay};
use fantoccini::key::Key;
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use super::Desktop;
use super::walkthrough::{settled, theme};

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

    desktop.click("nav-data").await;
    desktop.wait_for("freshness-empty").await;
    set_up(&desktop, &replay).await;
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
    // In the evening of a session the stand-in, which ends with the day before, is a day behind.
    desktop.wait_for_text("freshness-words", "0 without").await;
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
    // Minutes are asked for because they are looked at.
    desktop.click("tab-interval-minute").await;
    super::scenarios::wait_for_readout(&desktop, "chart-candles", " UTC").await;
    settled(&desktop).await;
    desktop.screenshot("markets-minutes").await;
    desktop.click("tab-interval-day").await;
    super::scenarios::wait_for_readout(&desktop, "chart-candles", "SMA 200").await;
    let replay = Arc::new(replay);
    let close = replay
        .market()
        .stock("ACME")
        .and_then(|stock| stock.days.last())
        .map_or(10_000, |day| day.close);
    let trades = trading(&replay, close);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portfolio_bought_in_the_ledger_moves_with_live_prices_and_says_how_old_they_are() {
    let Some(desktop) = Desktop::open_empty("live-portfolio").await else {
        return;
    };
    let replay = Replay::start(market(), KEY, 50_000).await.expect("a port");
    let replay = Arc::new(replay);
    desktop.begin_book("Mine").await;
    desktop.resize(1440, 900).await;

    // 20,000 dollars, of which 100 ACME cost 9,800 and 40 BETA 2,000; the last closes are of two days ago, at 100 and 50.
    let (before, last_day) = (days_ago(3), days_ago(2));
    let trades = format!(
        "date,kind,symbol,quantity,price,currency\n\
         {before},deposit,,20000,1,USD\n\
         {before},buy,ACME,100,98.00,USD\n\
         {before},buy,BETA,40,50.00,USD\n"
    );
    let closes = format!("symbol,date,close\nACME,{last_day},100.00\nBETA,{last_day},50.00\n");
    desktop.click("nav-transactions").await;
    desktop.click("empty-import").await;
    import(&desktop, "transactions", &trades, "3 rows").await;
    desktop.click("transactions-import").await;
    import(&desktop, "prices", &closes, "2 rows").await;
    desktop.click("nav-data").await;
    set_up(&desktop, &replay).await;

    // 8,200 of cash, 10,000 and 2,000 at the closes; live figures come beside that and move.
    desktop.click("nav-overview").await;
    desktop.wait_for_text("figure-nav", "20,200.00").await;
    let trades = trading(&replay, 10_100);
    desktop.wait_for("live-line").await;
    for figure in ["live-profit", "live-nav"] {
        moves(&desktop, figure).await;
    }
    desktop.click("nav-holdings").await;
    moves(&desktop, "live-profit").await;
    trades.abort();

    // ACME at 103.50 gains 350; BETA at 49.00 loses 40, and its price is almost half an hour old.
    replay.play([trade("ACME", 10_350, 1_000_000, now())]);
    let ago = |minutes: i64, seconds: i64| now() - SignedDuration::from_secs(minutes * 60 + seconds);
    replay.play([trade("BETA", 4_900, 1, ago(28, 0))]);
    for _ in 0..2 {
        for page in ["holdings", "overview"] {
            desktop.click(&format!("nav-{page}")).await;
            desktop.wait_for_text("live-profit", "310.00").await;
            desktop.wait_for_text("live-nav", "20,510.00").await;
            desktop.wait_for_text("live-old", "BETA 2").await;
            settled(&desktop).await;
            desktop
                .screenshot(&format!("live-{page}-{}", theme(&desktop).await))
                .await;
        }
        desktop.click("theme-button").await;
    }
    desktop.click("live-holdings-button").await;
    desktop.wait_for_text("live-holdings", "103.50").await;
    desktop.wait_for_text("live-holdings", "350.00").await;
    desktop.wait_for_text("live-holdings", "-40.00").await;
    desktop.screenshot("live-holdings-table").await;
    desktop.press(&[Key::Escape.into()]).await;

    // The stream stops: the figures stay, and their age grows.
    replay.play([trade("BETA", 4_900, 2, ago(25, 45))]);
    desktop.wait_for_text("live-old", "BETA 25 minutes old").await;
    replay.play([Play::Cut]);
    drop(replay);
    desktop.wait_for_text("streams", "down").await;
    desktop.wait_for_text("live-old", "BETA 26 minutes old").await;
    desktop.wait_for_text("live-nav", "20,510.00").await;
    desktop.screenshot("live-stopped").await;
    desktop.close().await;
}

/// Sets up the source: its address, its stream and its key, which goes in and is never shown again.
async fn set_up(desktop: &Desktop, replay: &Replay) {
    desktop.click("source-settings-polygon").await;
    desktop.fill("field-source-address-polygon", &replay.http()).await;
    desktop
        .fill("field-source-stream-polygon", &replay.polygon_stream())
        .await;
    desktop.fill("field-source-key-polygon", KEY).await;
    desktop.choose("select-source-plan-polygon", "paid").await;
    check(desktop, "check-source-enabled-polygon").await;
    check(desktop, "check-source-streams-polygon").await;
    desktop.click("source-save-polygon").await;
    desktop.wait_for_text("panel-sources", "1 of 4 asked").await;
}

/// Imports a file by its path in the dialog that is open, and makes what it names.
async fn import(desktop: &Desktop, kind: &str, text: &str, rows: &str) {
    let file = desktop.data().with_file_name(format!("{kind}.csv"));
    fs::write(&file, text).expect("the file can be written");
    desktop.choose("select-import-kind", kind).await;
    desktop
        .fill("field-import-path", file.to_str().expect("a path of text"))
        .await;
    desktop.click("import-look").await;
    check(desktop, "check-create").await;
    let ready = "const button = document.querySelector('[data-testid=\"import-commit\"]'); \
                 return button !== null && !button.disabled && button.innerText.includes(arguments[0])";
    desktop
        .wait_until("the file cannot be added", ready, vec![rows.into()])
        .await;
    desktop.click("import-commit").await;
    desktop.click("import-done").await;
    desktop.wait_until_gone("import-done").await;
}

/// Waits until a figure has moved twice.
async fn moves(desktop: &Desktop, figure: &str) {
    for _ in 0..2 {
        desktop.wait_for(figure).await;
        let before = desktop.text(figure).await;
        let moved = "const found = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); \
                     return found !== null && found.innerText !== arguments[1]";
        desktop
            .wait_until("a live figure does not move", moved, vec![figure.into(), before.into()])
            .await;
    }
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

/// Trades ACME ten times a second, up and down from a price in cents, until the task is ended.
fn trading(replay: &Arc<Replay>, cents: i64) -> tokio::task::JoinHandle<()> {
    let replay = Arc::clone(replay);
    tokio::spawn(async move {
        for number in 0_i64.. {
            replay.play([trade("ACME", cents + number % 23 * 7, number, now())]);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
}

/// A trade at a price in cents.
fn trade(symbol: &str, cents: i64, number: i64, at: Timestamp) -> Play {
    let (whole, part, at) = (cents / 100, cents % 100, at.as_millisecond());
    Play::Frame(format!(
        r#"[{{"ev":"T","sym":"{symbol}","x":4,"i":"{number}","z":3,"p":{whole}.{part:02},"s":100,"c":[0],"t":{at},"q":{number}}}]"#
    ))
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

/// The day of UTC so many days ago: instruments without an exchange go by it.
fn days_ago(days: i32) -> Date {
    let today = TimeZone::UTC.to_datetime(now()).date();
    today.checked_sub(days.days()).expect("there are days before")
}

/// The day in New York.
fn today() -> Date {
    let zone = TimeZone::get("America/New_York").expect("the machine knows New York's time");
    zone.to_datetime(now()).date()
}
