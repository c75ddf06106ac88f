//! Quotes of a watch: at once, as they change, and never more than the last value of each.

use std::time::Duration;

use apex_wire::feeds::{Provider, StreamState};
use apex_wire::quotes::EndQuotes;

use crate::desk::created;
use crate::market::{Clock, Page, bar, decimal, enter, id, last, offers, replay, streaming, trades};

#[tokio::test]
async fn the_first_answer_has_the_closes_and_a_stream_overtakes_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME", "BETA"]);

    let first = page.next().await;
    assert_eq!(first.rows.len(), 2);
    let acme = &first.rows[0];
    // 100 after 98: 2 / 98.
    assert_eq!(last(acme), "100");
    assert_eq!(acme.change.known(), Some(&decimal("2.00")));
    assert!((acme.change_fraction.known().expect("known") - 2.0 / 98.0).abs() < 1e-15);
    assert_eq!(
        (acme.day.map(|day| day.to_string()), acme.at),
        (Some("2026-03-06".into()), None)
    );
    assert_eq!(acme.stale, None, "Friday was the last session that has ended");

    page.up().await;
    replay.play([bar("ACME", "2026-03-09T13:59:00Z", "103.50")]);
    let live = page.until(|quote| quote.symbol == "ACME").await;
    // Against Friday's close: 3.50 of 100.
    assert_eq!(last(&live), "103.5");
    assert_eq!(live.change.known(), Some(&decimal("3.50")));
    assert!((live.change_fraction.known().expect("known") - 0.035).abs() < 1e-15);
    assert_eq!(live.previous.and_then(|close| close.number()), Some(100.0));
    assert_eq!(live.volume, Some(decimal("5000")));
    assert_eq!(live.source.as_deref(), Some("Polygon"));
    assert_eq!(
        live.at.map(|at| at.to_string()).as_deref(),
        Some("2026-03-09T13:59:00Z")
    );
    assert!(!live.display_only);
    assert_eq!(
        (live.age_secs, live.stale),
        (Some(60), None),
        "the minute ended at 13:59"
    );

    // The day's close is published after the session, and counts from then on.
    clock.set("2026-03-09T21:00:00Z");
    enter(&app, "ACME", "2026-03-09", "104.00").await;
    let close = page.until(|quote| quote.symbol == "ACME").await;
    assert_eq!((last(&close), close.at), ("104".to_owned(), None));
}

#[tokio::test]
async fn what_changed_many_times_comes_once_and_as_it_is_now() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME", "BETA"]);
    page.up().await;

    let bursts = (0..20).map(|burst| {
        trades(
            "ACME",
            "2026-03-09T13:59:30Z",
            (0..500).map(move |n| 10_000 + burst * 500 + n),
        )
    });
    replay.play(bursts.chain([trades("BETA", "2026-03-09T13:59:31Z", 5_100..5_101)]));
    // BETA was traded last, so when it has come all of ACME has.
    let mut acme = Vec::new();
    let deadline = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let rows = page.next().await.rows;
            acme.extend(rows.iter().filter(|row| row.symbol == "ACME").map(last));
            if rows.iter().any(|row| row.symbol == "BETA" && last(row) == "51") {
                return;
            }
        }
    });
    deadline.await.expect("the last trade");
    let quiet = page.next().await;
    acme.extend(quiet.rows.iter().filter(|row| row.symbol == "ACME").map(last));
    // 10,000 trades; the last at 100.00 + 99.99.
    assert_eq!(acme.last().map(String::as_str), Some("199.99"));
    assert!(acme.len() < 2_000, "{} answers for 10,000 trades", acme.len());
}

#[tokio::test]
async fn who_comes_late_or_lost_an_answer_gets_the_latest_of_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME"]);
    page.up().await;
    replay.play([bar("ACME", "2026-03-09T13:59:00Z", "103.50")]);
    page.until(|quote| last(quote) == "103.5").await;

    let mut late = Page::new(&app, "late", &["BETA", "ACME"]);
    let first = late.next().await;
    let told: Vec<_> = first.rows.iter().map(|row| (row.symbol.as_str(), last(row))).collect();
    assert_eq!(
        told,
        [("BETA", "50".to_owned()), ("ACME", "103.5".to_owned())],
        "in the order of the question"
    );

    // A page that was loaded anew asks with an old number.
    let mut again = Page::new(&app, "markets", &["ACME"]);
    assert_eq!(again.next().await.rows.len(), 1);
    // Without any change an answer comes all the same, and is empty.
    assert_eq!(again.next().await.rows, []);
    app.end_quotes(EndQuotes {
        watch: "markets".into(),
    })
    .expect("ended");
}

#[tokio::test]
async fn a_change_of_the_instruments_is_answered_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME"]);
    assert_eq!(page.next().await.rows.len(), 1);
    page.instruments = vec![id(&app, "BETA")];
    let rows = page.next().await.rows;
    assert_eq!(rows.iter().map(|row| row.symbol.as_str()).collect::<Vec<_>>(), ["BETA"]);
}

#[tokio::test]
async fn a_quote_that_is_not_heard_of_grows_stale_with_its_age() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME"]);
    page.up().await;
    replay.play([bar("ACME", "2026-03-09T13:59:00Z", "103.50")]);
    page.until(|quote| last(quote) == "103.5").await;

    clock.set("2026-03-09T14:09:10Z");
    let stale = page.until(|quote| quote.stale.is_some()).await;
    // The minute ended at 13:59.
    assert_eq!(stale.stale.as_deref(), Some("10 minutes old"));
    assert_eq!(stale.age_secs, Some(610));
    // It is heard of again.
    replay.play([bar("ACME", "2026-03-09T14:09:00Z", "103.50")]);
    page.until(|quote| quote.stale.is_none()).await;
    // After the close nobody expects to hear anything.
    clock.set("2026-03-09T23:00:00Z");
    assert_eq!(page.next().await.rows, []);
    // Two sessions later nothing has come; the 11th is a Wednesday.
    clock.set("2026-03-11T23:00:00Z");
    let stale = page.until(|quote| quote.stale.is_some()).await;
    assert_eq!(stale.stale.as_deref(), Some("2 sessions old"));
}

#[tokio::test]
async fn an_age_is_that_of_the_price_and_not_of_what_is_heard_besides() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME", "BETA"]);
    page.up().await;
    replay.play([bar("ACME", "2026-03-09T14:00:00Z", "103.50")]);
    page.until(|quote| last(quote) == "103.5").await;

    // Six minutes later it is only bid for and offered.
    clock.set("2026-03-09T14:06:00Z");
    replay.play([offers("ACME", "2026-03-09T14:06:00Z")]);
    let offered = page.until(|quote| quote.bid.is_some()).await;
    assert_eq!(
        (offered.age_secs, offered.stale.as_deref()),
        (Some(360), Some("6 minutes old"))
    );
    // A price of half an hour ago is old, however lately it was heard; one that is fifteen minutes late is not.
    replay.play([bar("BETA", "2026-03-09T13:36:00Z", "51.00")]);
    let old = page.until(|quote| quote.symbol == "BETA").await;
    assert_eq!(
        (old.age_secs, old.stale.as_deref()),
        (Some(1_800), Some("30 minutes old"))
    );
    replay.play([bar("BETA", "2026-03-09T13:51:00Z", "51.50")]);
    let late = page.until(|quote| quote.symbol == "BETA").await;
    assert_eq!((late.age_secs, late.stale), (Some(900), None));
}

#[tokio::test]
async fn closes_are_behind_by_the_sessions_of_their_exchange() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    // Monday evening: the close of Monday is missing.
    let clock = Clock::at("2026-03-09T22:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME"]);
    assert_eq!(page.next().await.rows[0].stale.as_deref(), Some("1 session old"));
}

#[tokio::test]
async fn a_key_that_is_refused_is_said_and_the_closes_remain() {
    let folder = tempfile::tempdir().expect("a folder");
    let market =
        apex_testkit::replay::Market::new(7, crate::market::day("2026-03-02"), crate::market::day("2026-03-13"));
    let replay = apex_testkit::replay::Replay::start(market, "another key entirely", 10)
        .await
        .expect("a port");
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME"]);
    let refused = async {
        loop {
            let quotes = page.next().await;
            if let Some((Provider::Polygon, StreamState::Down { reason, .. })) = quotes.streams.into_iter().next() {
                return reason;
            }
        }
    };
    let reason = tokio::time::timeout(Duration::from_secs(20), refused)
        .await
        .expect("an end");
    assert!(reason.starts_with("Polygon refuses the API key"), "{reason}");
    assert!(!reason.contains(crate::market::KEY), "{reason}");
    assert_eq!(last(&Page::new(&app, "other", &["ACME"]).next().await.rows[0]), "100");
}

#[tokio::test]
async fn streams_end_when_the_book_is_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    let replay = replay().await;
    let clock = Clock::at("2026-03-09T14:00:00Z");
    let app = streaming(folder.path(), &replay, &clock).await;
    let mut page = Page::new(&app, "markets", &["ACME"]);
    page.up().await;
    app.close().await.expect("closed");
    let ask = apex_wire::quotes::NextQuotes {
        watch: "markets".into(),
        instruments: Vec::new(),
        after: 0,
    };
    let failure = app.next_quotes(ask).await.expect_err("no book");
    assert_eq!(failure.code, apex_wire::Code::NotFound);
    // The account is free again: another program of the same person can stream.
    let other = tempfile::tempdir().expect("a folder");
    let beside = created(other.path(), apex_wire::session::NewBook::Empty("Other".into())).await;
    crate::market::add_instrument(&beside, "ACME").await;
    crate::market::attach(&beside, &replay).await;
    Page::new(&beside, "markets", &["ACME"]).up().await;
}
