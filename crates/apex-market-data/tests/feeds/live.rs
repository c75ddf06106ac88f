//! The real streams against servers on loopback.

use std::collections::BTreeSet;
use std::time::Duration;

use apex_domain::Date;
use apex_market_data::ProviderError;
use apex_market_data::live::{Event, Live, LiveSettings, polygon, yahoo};
use apex_market_data::record::Tick;
use apex_market_data::redact::ApiKey;
use apex_testkit::replay::{Play, Replay};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::client::{KEY, clock, date, replay};

/// The second Monday of March 2026, the first trading day of daylight saving time: it opens at 13:30Z.
fn monday() -> Date {
    date("2026-03-09")
}

fn minute(number: i64) -> Play {
    Play::Minute {
        symbol: "AAPL".to_owned(),
        date: monday(),
        number,
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn settings(url: &str) -> LiveSettings {
    LiveSettings {
        occupied_wait: Duration::from_millis(700),
        wait_min: Duration::from_millis(1),
        heartbeat: Duration::from_millis(50),
        ..LiveSettings::new(url.parse().unwrap())
    }
}

/// Listens to Polygon until so many events have come.
async fn polygon(replay: &Replay, key: &str, count: usize) -> Vec<String> {
    listen(settings(&replay.polygon_stream()), key, count).await
}

async fn listen(settings: LiveSettings, key: &str, count: usize) -> Vec<String> {
    let (_wanted, channels) = watch::channel(set(&["AM.AAPL", "AM.META"]));
    let (task, mut receiver) = started(polygon::live(settings, ApiKey::new(key), channels));
    let mut events = Vec::new();
    while events.len() < count {
        match tokio::time::timeout(Duration::from_secs(20), receiver.recv())
            .await
            .expect("events keep coming")
        {
            Some(event) => events.push(event),
            None => {
                events.push(task.await.unwrap().to_string());
                return events;
            }
        }
    }
    task.abort();
    events
}

/// Runs a stream, and hands on what it says.
fn started(mut live: Live) -> (JoinHandle<ProviderError>, mpsc::UnboundedReceiver<String>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        let now = clock();
        live.run(now.as_ref(), move |event| {
            sender.send(shown(&event)).ok();
        })
        .await
    });
    (task, receiver)
}

fn shown(event: &Event) -> String {
    match event {
        Event::Up => "up".to_owned(),
        Event::Tick(Tick::Aggregate(aggregate)) => format!("bar until {}", aggregate.until),
        Event::Tick(tick) => format!("{} at {}", tick.symbol(), tick.at()),
        Event::Display(display) => format!("{} {}", display.symbol, display.price),
        // The clock goes on while this runs, so the seconds are left out.
        Event::Gap { symbol, from, to } => format!("gap {symbol} {from} to {}", to.strftime("%F %H:%M")),
        Event::Unreadable(err) => format!("unreadable: {err}"),
        Event::Down { reason, .. } => format!("down: {reason}"),
    }
}

#[tokio::test]
async fn a_break_is_reported_with_what_was_missed() {
    let replay = replay(1).await;
    // Late and repeated bars come between; the latest counts.
    replay.play([minute(0), minute(2), minute(1), minute(1), Play::Cut, minute(7)]);
    let events = polygon(&replay, KEY, 9).await;
    assert_eq!(
        events,
        [
            "up",
            "bar until 2026-03-09T13:31:00Z",
            "bar until 2026-03-09T13:33:00Z",
            "bar until 2026-03-09T13:32:00Z",
            "bar until 2026-03-09T13:32:00Z",
            "down: Polygon could not be reached: its stream broke",
            "up",
            "gap AAPL 2026-03-09T13:33:00Z to 2026-03-14 12:00",
            "bar until 2026-03-09T13:38:00Z",
        ]
    );
    let heard = replay.heard();
    assert_eq!(heard.len(), 4);
    assert_eq!(heard[1], r#"{"action":"subscribe","params":"AM.AAPL,AM.META"}"#);
}

#[tokio::test]
async fn an_occupied_account_is_left_alone_for_a_while() {
    let replay = replay(1).await;
    replay.play([Play::Occupied, minute(0)]);
    let began = tokio::time::Instant::now();
    let events = polygon(&replay, KEY, 3).await;
    assert_eq!(
        events,
        [
            "down: Polygon refuses the request: another connection of the account is open",
            "up",
            "bar until 2026-03-09T13:31:00Z",
        ]
    );
    assert!(began.elapsed() >= Duration::from_millis(700));
}

#[tokio::test]
async fn a_stream_that_fell_silent_is_taken_for_dead() {
    let replay = replay(1).await;
    // One minute, and then nothing for an hour, not even the answer to a ping.
    replay.play([Play::Endless {
        symbol: "AAPL".to_owned(),
        date: monday(),
        every: Duration::from_secs(3_600),
    }]);
    let settings = LiveSettings {
        silence_max: Duration::from_millis(300),
        ..settings(&replay.polygon_stream())
    };
    let events = listen(settings, KEY, 3).await;
    assert_eq!(
        events,
        [
            "up",
            "bar until 2026-03-09T13:31:00Z",
            "down: Polygon could not be reached: its stream fell silent",
        ]
    );
}

#[tokio::test]
async fn a_refused_key_ends_the_stream_and_is_not_shown() {
    let replay = replay(1).await;
    // The server repeats the key in its refusal.
    let events = polygon(&replay, "WRONG_KEY_0123456789", 9).await;
    assert_eq!(
        events,
        ["Polygon refuses the API key: authentication of \"[redacted]\" failed"]
    );
}

#[tokio::test]
async fn what_cannot_be_read_does_not_end_the_stream() {
    let replay = replay(1).await;
    let odd = r#"[{"ev":"AM","sym":"AAPL","o":1},{"ev":"T","sym":"AAPL","p":1.5,"s":1,"t":1773063000000}]"#.to_owned();
    replay.play([Play::Frame(odd), Play::Frame("no JSON".to_owned()), minute(0)]);
    let events = polygon(&replay, KEY, 5).await;
    assert_eq!(
        events,
        [
            "up",
            "unreadable: the answer of Polygon has `nothing` at frame[0].e, which is not a number",
            "AAPL at 2026-03-09T13:30:00Z",
            "unreadable: the answer of Polygon has `no JSON` at line 1, column 2, which is not well-formed JSON",
            "bar until 2026-03-09T13:31:00Z",
        ]
    );
}

#[tokio::test]
async fn what_is_wanted_may_change_while_the_connection_stays() {
    let replay = replay(1).await;
    let (wanted, channels) = watch::channel(BTreeSet::new());
    let live = polygon::live(settings(&replay.polygon_stream()), ApiKey::new(KEY), channels);
    let (task, mut receiver) = started(live);
    let mut next = async || {
        let event = tokio::time::timeout(Duration::from_secs(20), receiver.recv()).await;
        event.expect("events keep coming").unwrap()
    };
    // It is up although nobody wants anything yet.
    assert_eq!(next().await, "up");
    wanted.send_replace(set(&["AM.AAPL", "AM.META"]));
    replay.play([minute(0)]);
    assert_eq!(next().await, "bar until 2026-03-09T13:31:00Z");
    wanted.send_replace(set(&["AM.META", "T.META"]));
    let mut heard = replay.heard();
    while heard.len() < 4 {
        tokio::time::timeout(Duration::from_secs(20), tokio::task::yield_now())
            .await
            .unwrap();
        heard.extend(replay.heard());
    }
    assert_eq!(
        heard[1..],
        [
            r#"{"action":"subscribe","params":"AM.AAPL,AM.META"}"#,
            r#"{"action":"unsubscribe","params":"AM.AAPL"}"#,
            r#"{"action":"subscribe","params":"T.META"}"#,
        ]
    );
    // After a break there is no gap in what nobody wants any more.
    replay.play([Play::Cut, minute(4)]);
    let rest = [next().await, next().await, next().await];
    assert_eq!(rest[1..], ["up", "bar until 2026-03-09T13:35:00Z"]);
    task.abort();
}

#[tokio::test]
async fn yahoo_is_shown_and_told_that_somebody_listens() {
    let replay = replay(1).await;
    replay.play([minute(0), Play::Cut, minute(3)]);
    let (_wanted, symbols) = watch::channel(set(&["AAPL"]));
    let (task, mut receiver) = started(yahoo::live(settings(&replay.yahoo_stream()), symbols));
    let mut events = Vec::new();
    while events.len() < 5 {
        let event = tokio::time::timeout(Duration::from_secs(20), receiver.recv()).await;
        events.push(event.expect("events keep coming").unwrap());
    }
    let day = *replay
        .market()
        .stock("AAPL")
        .unwrap()
        .between(monday(), monday())
        .next()
        .unwrap();
    let price = |number| replay.market().minute(&day, number).1.close as f32 / 100.0;
    assert_eq!(
        events,
        [
            "up".to_owned(),
            format!("AAPL {}", price(0)),
            "down: Yahoo could not be reached: its stream broke".to_owned(),
            "up".to_owned(),
            format!("AAPL {}", price(3)),
        ]
    );
    // The subscription is repeated as a sign of life.
    let mut heard = replay.heard();
    while heard.len() < 4 {
        tokio::time::timeout(Duration::from_secs(20), tokio::time::sleep(Duration::from_millis(20)))
            .await
            .unwrap();
        heard.extend(replay.heard());
    }
    assert!(heard.iter().all(|text| text == r#"{"subscribe":["AAPL"]}"#));
    task.abort();
}
