//! What comes when all goes wrong: another try, another provider, or a sentence; never a wrong price, never the key.

use std::time::Duration;

use apex_market_data::client::{Settings, Source};
use apex_market_data::polygon::ask::Polygon;
use apex_market_data::redact::ApiKey;
use apex_market_data::{Cap, Provider, ProviderError};
use apex_testkit::replay::{Fault, Replay};

use super::{KEY, alpha_vantage, client, days, generous, polygon, replay, settings, yahoo};

/// Asks for eleven days and returns how many bars came, or why none did, after so many requests.
async fn ask(replay: &Replay, faults: &[Fault], settings: Settings) -> (Result<usize, String>, usize) {
    let (mut client, book) = client(vec![generous(polygon(replay))], settings);
    client.patience = Duration::from_secs(3);
    replay.seen();
    replay.next(faults.iter().cloned());
    let result = client.fetch(&days("AAPL", "2026-03-02", "2026-03-16")).await;
    for (_, _, _, body) in &book.lock().unwrap().replies {
        assert!(!String::from_utf8_lossy(body).contains(KEY), "the key was kept");
    }
    let requests = replay.seen().len();
    let result = result
        .map(|fetched| fetched.records.bars.len())
        .map_err(|err| err.to_string());
    (result, requests)
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    let replay = replay(100).await;
    for (fault, requests) in [
        (Fault::None, 1),
        (Fault::TooMany { retry_after: Some("1") }, 2),
        (Fault::TooMany { retry_after: Some("0") }, 2),
        (
            // The clock of these tests starts a second before.
            Fault::TooMany {
                retry_after: Some("Sat, 14 Mar 2026 12:00:01 GMT"),
            },
            2,
        ),
        (Fault::Status(500), 2),
        (Fault::Status(503), 2),
        (Fault::Closed, 2),
        (Fault::Truncated, 2),
        (Fault::WrongType, 2),
    ] {
        let answer = ask(&replay, std::slice::from_ref(&fault), settings()).await;
        assert_eq!(answer, (Ok(10), requests), "{fault:?}");
    }
}

#[tokio::test]
async fn what_lasts_is_said_in_a_sentence() {
    let settings = |timeout_ms| Settings {
        timeout: Duration::from_millis(timeout_ms),
        attempts: 2,
        ..settings()
    };
    for (fault, sentence) in [
        (
            Fault::Status(502),
            "no provider has daily bars: Polygon failed with HTTP status 502: <html><body>Something went \
             wrong</body></html>",
        ),
        (
            Fault::Slow(Duration::from_secs(30)),
            "no provider has daily bars: Polygon could not be reached: it did not answer within 0.25 seconds",
        ),
        (
            Fault::Closed,
            "no provider has daily bars: Polygon could not be reached: its answer broke off",
        ),
        (
            Fault::WrongType,
            "no provider has daily bars: the answer of Polygon has `<!DOCTYPE html><html><body>We will be back \
             soon.</body></htm` \
             at line 1, column 1, which is not well-formed JSON",
        ),
        (
            // The header wants more patience than there is, so there is no second request.
            Fault::TooMany {
                retry_after: Some("60"),
            },
            "no provider has daily bars: Polygon wants fewer requests per minute; it answers again after 60 seconds",
        ),
        (
            // Without the header its words count, and a minute is more patience than there is, too.
            Fault::TooMany { retry_after: None },
            "no provider has daily bars: Polygon wants fewer requests per minute",
        ),
    ] {
        let timeout_ms = if matches!(fault, Fault::Slow(_)) { 250 } else { 5_000 };
        let replay = replay(100).await;
        let (result, _) = ask(&replay, &[fault.clone(), fault], settings(timeout_ms)).await;
        assert_eq!(result.unwrap_err(), sentence);
    }
}

#[tokio::test]
async fn rows_twice_or_in_disorder_are_handed_on_as_they_came() {
    // To dedupe is for the cleaning; to lose a row in silence is for nobody.
    let replay = replay(100).await;
    for (fault, bars) in [(Fault::Duplicated, 20), (Fault::Reordered, 10), (Fault::Late, 9)] {
        let (result, _) = ask(&replay, &[fault], settings()).await;
        assert_eq!(result, Ok(bars));
    }
}

#[tokio::test]
async fn the_next_page_is_not_followed_to_another_host() {
    let replay = replay(3).await;
    let (result, requests) = ask(&replay, &[Fault::ForeignPage, Fault::ForeignPage], settings()).await;
    assert_eq!(
        result.unwrap_err(),
        "no provider has daily bars: the answer of Polygon has `elsewhere.example` at next_url, which is not the host that \
         was asked"
    );
    // Asked twice, as an answer may be broken on its way.
    assert_eq!(requests, 2);
}

#[tokio::test]
async fn an_echoed_key_reaches_nobody() {
    let replay = replay(100).await;
    let (client, book) = client(
        vec![generous(alpha_vantage(&replay)), generous(polygon(&replay))],
        settings(),
    );
    replay.next([Fault::EchoedKey, Fault::EchoedKey]);
    let err = client
        .fetch(&days("AAPL", "2026-03-02", "2026-03-13"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            err.tried[0],
            ProviderError::Throttled {
                cap: Some(Cap::Day),
                ..
            }
        ),
        "{err}"
    );
    assert_eq!(
        err.tried[1].to_string(),
        "Polygon does not include this in your plan: The key [redacted] is not entitled to this data."
    );
    let book = book.lock().unwrap();
    assert_eq!(book.replies.len(), 2);
    let shown = format!("{err} {err:?} {:?}", book.spent);
    assert!(!shown.contains(KEY));
    for (_, source, _, body) in &book.replies {
        assert!(!source.contains(KEY) && !String::from_utf8_lossy(body).contains(KEY));
    }
}

#[tokio::test]
async fn an_echoed_crumb_reaches_nobody_either() {
    let replay = replay(100).await;
    let (client, book) = client(vec![generous(yahoo(&replay))], settings());
    replay.next([Fault::None, Fault::None, Fault::EchoedKey]);
    let err = client
        .fetch(&days("AAPL", "2026-03-02", "2026-03-13"))
        .await
        .unwrap_err();
    assert_eq!(
        err.to_string(),
        "no provider has daily bars: Yahoo refuses the request: crumb [redacted] is odd"
    );
    let (_, source, _, body) = book.lock().unwrap().replies.pop().unwrap();
    assert!(!source.contains("crumb") && !String::from_utf8_lossy(&body).contains("aB3/xY.z9Q1"));
}

#[tokio::test]
async fn the_next_provider_is_asked_where_one_fails_and_the_answer_says_whose_it_is() {
    let replay = replay(100).await;
    let sources = vec![generous(polygon(&replay)), generous(yahoo(&replay))];
    let settings = Settings {
        attempts: 1,
        ..settings()
    };
    let (client, _) = client(sources, settings);
    replay.next([Fault::Status(500)]);
    let fetched = client.fetch(&days("AAPL", "2026-03-02", "2026-03-13")).await.unwrap();
    assert_eq!((fetched.provider, fetched.records.bars.len()), (Provider::Yahoo, 10));
    assert_eq!(fetched.passed[0].provider(), Provider::Polygon);
}

#[tokio::test]
async fn a_refused_crumb_is_fetched_anew_once() {
    let replay = replay(100).await;
    let (client, _) = client(vec![generous(yahoo(&replay))], settings());
    let ask = days("AAPL", "2026-03-02", "2026-03-13");
    client.fetch(&ask).await.unwrap();
    replay.seen();
    replay.next([Fault::Status(401)]);
    client.fetch(&ask).await.unwrap();
    // The refusal, then a cookie, a crumb and a chart.
    assert_eq!(replay.seen().len(), 4);
    // Whoever is refused with a new crumb too is blocked, and does not try his luck.
    replay.next([Fault::Status(401), Fault::None, Fault::None, Fault::Status(401)]);
    let err = client.fetch(&ask).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "no provider has daily bars: Yahoo refuses the API key: its cookie or crumb is out of date, or it blocks this machine"
    );
    assert_eq!(replay.seen().len(), 4);
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    let replay = replay(100).await;
    for status in [400, 405, 451] {
        let (result, requests) = ask(&replay, &[Fault::Status(status)], settings()).await;
        assert!(result.unwrap_err().contains(&format!("HTTP status {status}")));
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn after_five_failures_nothing_is_sent_for_a_while() {
    let replay = replay(100).await;
    let once = Settings {
        attempts: 1,
        ..settings()
    };
    let (mut client, _) = client(vec![generous(polygon(&replay))], once);
    client.patience = Duration::from_secs(20);
    replay.next(vec![Fault::Status(500); 5]);
    let ask = days("AAPL", "2026-03-02", "2026-03-13");
    for _ in 0..5 {
        client.fetch(&ask).await.unwrap_err();
    }
    let err = client.fetch(&ask).await.unwrap_err();
    assert!(matches!(err.tried[0], ProviderError::OverBudget { .. }), "{err}");
    assert_eq!(replay.seen().len(), 5);
}

#[tokio::test]
async fn a_wrong_key_or_none_is_said_and_not_tried_again() {
    let replay = replay(100).await;
    for (key, sentence, requests) in [
        ("wrong", "Polygon refuses the API key: Unknown API Key", 1),
        (" ", "Polygon refuses the API key: none is set", 0),
        (
            "new\nline",
            "Polygon refuses the API key: it has characters that no key has",
            0,
        ),
    ] {
        let adapter = Box::new(Polygon::new(replay.http().parse().unwrap(), ApiKey::new(key)));
        let (client, _) = client(vec![generous(adapter)], settings());
        let err = client
            .fetch(&days("AAPL", "2026-03-02", "2026-03-13"))
            .await
            .unwrap_err();
        assert_eq!(err.tried[0].to_string(), sentence);
        assert_eq!(replay.seen().len(), requests);
    }
}

#[tokio::test]
async fn a_key_never_leaves_the_machine_without_tls() {
    let adapter = Box::new(Polygon::new("http://api.example".parse().unwrap(), ApiKey::new(KEY)));
    let settings = Settings {
        attempts: 1,
        ..settings()
    };
    let (client, _) = client(vec![generous(adapter)], settings);
    let err = client
        .fetch(&days("AAPL", "2026-03-02", "2026-03-13"))
        .await
        .unwrap_err();
    assert_eq!(
        err.tried[0].to_string(),
        "Polygon could not be reached: `api.example` is not asked without TLS"
    );
}

#[tokio::test]
async fn an_answer_has_a_longest_length() {
    let replay = replay(100).await;
    let settings = Settings {
        body_max: 300,
        attempts: 1,
        ..settings()
    };
    let (result, _) = ask(&replay, &[], settings).await;
    assert_eq!(
        result.unwrap_err(),
        "no provider has daily bars: Polygon could not be reached: its answer is longer than 300 bytes"
    );
}

#[tokio::test]
async fn without_providers_it_says_so() {
    let sources: Vec<Source> = Vec::new();
    let (client, _) = client(sources, settings());
    let err = client
        .fetch(&days("AAPL", "2026-03-02", "2026-03-13"))
        .await
        .unwrap_err();
    assert_eq!(
        err.to_string(),
        "no provider has an answer: none is set up that knows it"
    );
}
