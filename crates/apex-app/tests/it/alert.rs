//! Alerts: told once when their condition begins to hold, by whoever runs the program then.

use std::sync::Mutex;
use std::time::Duration;

use apex_app::App;
use apex_wire::alert::{Alert, Alerts, AlertsSeen, Condition, FiredAlert, GetAlerts, RemoveAlert, SaveAlert};
use apex_wire::session::{OpenSession, Unlock};

use crate::desk::{app, moment};
use crate::market::{Clock, Page, attach, bar, decimal, id, replay, streaming};

fn alert(app: &App, name: &str, symbol: &str, condition: Condition) -> SaveAlert {
    SaveAlert {
        alert: Alert {
            name: name.into(),
            instrument: id(app, symbol),
            condition,
            enabled: true,
        },
        base_version: 0,
    }
}

fn above(price: &str) -> Condition {
    Condition::PriceAbove { price: decimal(price) }
}

async fn alerts(app: &App) -> Alerts {
    app.get_alerts(GetAlerts {}).await.expect("an answer")
}

/// Does something while the alerts of an application are watched, and returns what has fired: so many at least.
async fn watched(app: &App, count: usize, act: impl Future<Output = ()>) -> Vec<String> {
    let fired: Mutex<Vec<String>> = Mutex::default();
    let told = |alert: &FiredAlert| {
        fired
            .lock()
            .expect("alone")
            .push(format!("{}: {}", alert.name, alert.sentence))
    };
    tokio::select! {
        () = app.watch_alerts(told) => {}
        () = async {
            act.await;
            while fired.lock().expect("alone").len() < count {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    fired.into_inner().expect("alone")
}

/// Waits until an alert holds, or does not.
async fn until_it(app: &App, name: &str, holds: bool) {
    let found = async {
        loop {
            let known = alerts(app).await;
            if known
                .alerts
                .iter()
                .any(|entry| entry.alert.name == name && entry.holds == holds)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found)
        .await
        .expect("the alert moves");
}

#[tokio::test]
async fn an_alert_fires_once_for_each_crossing_and_not_again_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let first = streaming(folder.path(), &replay, &clock).await;
    first
        .save_alert(alert(&first, "Target", "ACME", above("105.00")), &moment(70))
        .await
        .expect("kept");
    let entry = alerts(&first).await.alerts.remove(0);
    assert_eq!(entry.words, "price at or above 105.00 USD");
    assert_eq!((entry.symbol.as_str(), entry.holds), ("ACME", false));

    let fired = watched(&first, 1, async {
        let mut page = Page::new(&first, "markets", &["ACME"]);
        page.up().await;
        replay.play([bar("ACME", "2026-03-09T13:58:00Z", "105.25")]);
        until_it(&first, "Target", true).await;
        replay.play([bar("ACME", "2026-03-09T13:59:00Z", "106.00")]);
        page.until(|quote| crate::market::last(quote) == "106").await;
    })
    .await;
    assert_eq!(fired, ["Target: price 105.25 USD, at or above 105.00"]);
    first.close().await.expect("closed");

    // The program starts anew, and the price is still above.
    let second = app(folder.path()).with_clock(clock.lent());
    second.open_session(OpenSession {}, &moment(71)).await.expect("a book");
    let secret = "open sesame".to_owned();
    second.unlock(Unlock { secret }, &moment(72)).await.expect("it opens");
    second.set_today(crate::market::day("2026-03-09"));
    attach(&second, &replay).await;
    let fired = watched(&second, 1, async {
        let mut page = Page::new(&second, "markets", &["ACME"]);
        page.up().await;
        replay.play([bar("ACME", "2026-03-09T13:59:30Z", "107.00")]);
        page.until(|quote| crate::market::last(quote) == "107").await;
        // It falls below, and rises above again.
        replay.play([bar("ACME", "2026-03-09T14:00:00Z", "104.99")]);
        until_it(&second, "Target", false).await;
        replay.play([bar("ACME", "2026-03-09T14:01:00Z", "105.00")]);
        until_it(&second, "Target", true).await;
    })
    .await;
    assert_eq!(fired, ["Target: price 105.00 USD, at or above 105.00"]);

    let known = alerts(&second).await;
    assert_eq!((known.fired.len(), known.unseen), (2, 2));
    assert!(known.fired[0].number > known.fired[1].number, "latest first");
    assert_eq!(known.fired[1].sentence, "price 105.25 USD, at or above 105.00");
    second.alerts_seen(AlertsSeen {}).await.expect("marked");
    assert_eq!(alerts(&second).await.unseen, 0);
}

#[tokio::test]
async fn closes_volume_change_and_silence_are_watched_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let save = |name: &str, condition| {
        let ask = alert(&app, name, "ACME", condition);
        let app = &app;
        async move { app.save_alert(ask, &moment(80)).await.expect("kept") }
    };
    save("Close", Condition::PriceBelow { price: decimal("100") }).await;
    save("Move", Condition::Change { percent: decimal("5") }).await;
    save(
        "Busy",
        Condition::Volume {
            shares: decimal("5000"),
        },
    )
    .await;
    save("Quiet", Condition::Stale { minutes: 10 }).await;
    let fired = watched(&app, 4, async {
        // Friday's close is 100, at the threshold.
        until_it(&app, "Close", true).await;
        let mut page = Page::new(&app, "markets", &["ACME"]);
        page.up().await;
        replay.play([bar("ACME", "2026-03-09T13:59:00Z", "105.50")]);
        until_it(&app, "Move", true).await;
        until_it(&app, "Busy", true).await;
        until_it(&app, "Close", false).await;
        clock.set("2026-03-09T14:12:00Z");
        until_it(&app, "Quiet", true).await;
        // At night nobody waits for anything.
        clock.set("2026-03-09T23:00:00Z");
        page.next().await;
        page.next().await;
    })
    .await;
    let mut sorted = fired[1..3].to_vec();
    sorted.sort();
    assert_eq!(fired[0], "Close: price 100 USD, at or below 100");
    assert_eq!(
        sorted,
        [
            "Busy: volume 5,000 shares, at least 5,000",
            "Move: change +5.5%, at least 5%"
        ]
    );
    assert_eq!(fired[3..], ["Quiet: nothing heard for 12 minutes, at least 10"]);
}

#[tokio::test]
async fn an_alert_that_says_nothing_is_refused_and_one_that_is_off_is_not_watched() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    for (condition, sentence) in [
        (above("0"), "0 is not above zero"),
        (
            Condition::Stale { minutes: 0 },
            "0 minutes must lie between 1 and 10080",
        ),
    ] {
        let refused = app.save_alert(alert(&app, "Odd", "ACME", condition), &moment(90)).await;
        assert_eq!(refused.expect_err("refused").sentence, sentence);
    }
    let mut off = alert(&app, "Off", "ACME", above("1"));
    off.alert.enabled = false;
    let version = app.save_alert(off, &moment(91)).await.expect("kept");
    app.save_alert(alert(&app, "On", "ACME", above("1")), &moment(92))
        .await
        .expect("kept");
    let fired = watched(&app, 1, until_it(&app, "On", true)).await;
    assert_eq!(
        fired,
        ["On: price 100 USD, at or above 1"],
        "a condition that holds already is told of once"
    );
    let remove = RemoveAlert {
        name: "Off".into(),
        base_version: version,
    };
    app.remove_alert(remove.clone(), &moment(93)).await.expect("removed");
    let none = app.remove_alert(remove, &moment(94)).await.expect_err("none");
    assert_eq!(none.sentence, "there is no alert Off");
    assert_eq!(alerts(&app).await.alerts.len(), 1);
}
