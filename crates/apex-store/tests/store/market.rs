//! What the providers said: kept once, appended, and settled the same whatever came first.

use apex_domain::{Currency, Decimal, Ratio, Timestamp};
use apex_store::{
    BarWindow, FetchLog, NewFinding, NewsRecord, Reply, SeriesKey, SourceAction, SourceBar, SourceEvent, SourceSaid,
    StoreError,
};
use serde_json::json;

use crate::fixture::*;

const KEY: SeriesKey = SeriesKey::Instrument(ACME);
const PAIR: SeriesKey = SeriesKey::Pair(Currency::EUR, Currency::USD);

fn number(text: &str) -> Option<Decimal> {
    (text != "-").then(|| text.parse().unwrap())
}

/// A day as `2026-01-05 open high low close volume`, with `-` for what is not known.
fn bar(line: &str) -> SourceBar {
    let cells: Vec<&str> = line.split_whitespace().collect();
    let window = match cells[0].parse() {
        Ok(start) => BarWindow::Minute(start),
        Err(_) => BarWindow::Day(day(cells[0])),
    };
    let [open, high, low, close, volume] = [1, 2, 3, 4, 5].map(|at| number(cells[at]));
    SourceBar {
        window,
        open,
        high,
        low,
        close,
        volume,
    }
}

fn said(source: &str, known_at: Timestamp, bars: &[&str]) -> SourceSaid {
    SourceSaid {
        key: KEY,
        source: source.to_owned(),
        known_at,
        hashes: Vec::new(),
        bars: bars.iter().map(|line| bar(line)).collect(),
        actions: Vec::new(),
    }
}

fn dividend(ex_date: &str, amount: &str) -> SourceAction {
    SourceAction {
        ex_date: day(ex_date),
        event: SourceEvent::Dividend {
            amount: amount.parse().unwrap(),
            currency: Some(Currency::USD),
            pay_date: None,
        },
    }
}

fn split(ex_date: &str, ratio: &str) -> SourceAction {
    SourceAction {
        ex_date: day(ex_date),
        event: SourceEvent::Split {
            ratio: ratio.parse::<Ratio>().unwrap(),
        },
    }
}

fn closes(series: &apex_store::SourceSeries) -> Vec<String> {
    let close = |bar: &SourceBar| bar.close.map_or("-".to_owned(), |close| close.to_string());
    series.bars.iter().map(close).collect()
}

#[tokio::test]
async fn the_file_is_made_when_first_asked_for_and_is_sealed_and_private() {
    let firm = Firm::new(61).await;
    let file = firm.path().join("market.db");
    assert!(!file.exists());
    firm.store
        .market()
        .await
        .unwrap()
        .put_state("sources", &json!({"order": ["polygon"]}))
        .await
        .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let (path, _folder) = firm.close().await;
    let mut names: Vec<String> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["key.json", "ledger.db", "market.db"]);
    let bytes = std::fs::read(&file).unwrap();
    assert!(
        !bytes
            .windows(7)
            .any(|window| window == b"SQLite " || window == b"polygon")
    );
    let store = open(&path).await.unwrap();
    let state: Option<serde_json::Value> = store.market().await.unwrap().state("sources").await.unwrap();
    assert_eq!(state, Some(json!({"order": ["polygon"]})));
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_refused_by_name_and_the_book_opens_without_it() {
    let firm = Firm::new(62).await;
    firm.store.market().await.unwrap().put_state("a", &1).await.unwrap();
    let (path, _folder) = firm.close().await;
    for bytes in [Vec::new(), b"this is not a database".repeat(500)] {
        std::fs::write(path.join("market.db"), &bytes).unwrap();
        let store = open(&path).await.unwrap();
        assert_eq!(store.portfolios(None).await.unwrap().len(), 1);
        assert!(matches!(
            store.market().await,
            Err(StoreError::Damaged { file: "market.db", .. })
        ));
        store.close().await.unwrap();
        assert_eq!(std::fs::read(path.join("market.db")).unwrap(), bytes);
    }
    std::fs::remove_file(path.join("market.db")).unwrap();
    let store = open(&path).await.unwrap();
    assert_eq!(store.market().await.unwrap().state::<i32>("a").await.unwrap(), None);
    store.close().await.unwrap();
}

#[tokio::test]
async fn two_openings_make_the_file_together_and_see_what_the_other_wrote() {
    let firm = Firm::new(63).await;
    let second = open(&firm.path()).await.unwrap();
    let (one, two) = tokio::join!(firm.store.market(), second.market());
    let (one, two) = (one.unwrap(), two.unwrap());
    let days: Vec<String> = (1..=20).map(|day| format!("2026-01-{day:02} 9 9 9 9 100")).collect();
    let write = async |market: &apex_store::Market, source: &str| {
        for (hours, line) in days.iter().enumerate() {
            market
                .add_source(&[said(source, hour(hours as i64), &[line])])
                .await
                .unwrap();
        }
    };
    tokio::join!(write(one, "Polygon"), write(two, "Yahoo"));
    for market in [one, two] {
        let found = market.sources(KEY, None).await.unwrap();
        let counts: Vec<(&str, usize)> = found
            .iter()
            .map(|found| (found.source.as_str(), found.bars.len()))
            .collect();
        assert_eq!(counts, [("Polygon", 20), ("Yahoo", 20)]);
    }
    second.close().await.unwrap();
}

#[tokio::test]
async fn documents_are_kept_by_name_and_one_of_another_shape_counts_as_absent() {
    let firm = Firm::new(64).await;
    let market = firm.store.market().await.unwrap();
    market.put_state("symbols", &["ACME", "EMCA"]).await.unwrap();
    market.put_state("symbols", &["ACME"]).await.unwrap();
    assert_eq!(market.state::<Vec<String>>("symbols").await.unwrap().unwrap(), ["ACME"]);
    assert_eq!(market.state::<u32>("symbols").await.unwrap(), None);
    market.remove_state("symbols").await.unwrap();
    market.remove_state("symbols").await.unwrap();
    assert_eq!(market.state::<Vec<String>>("symbols").await.unwrap(), None);
}

#[tokio::test]
async fn the_same_answer_is_kept_once_and_comes_back_to_the_byte() {
    let firm = Firm::new(65).await;
    let market = firm.store.market().await.unwrap();
    let body = br#"{"results":[{"c":231.27,"v":48000000}]}"#.repeat(1_000);
    let hash = blake3_hex(&body);
    let reply = Reply {
        provider: "Polygon",
        source: "/v2/aggs/ticker/ACME",
        at: hour(1),
        status: 200,
        hash: &hash,
        body: &body,
    };
    assert!(market.keep_reply(&reply).await.unwrap());
    assert!(!market.keep_reply(&Reply { at: hour(2), ..reply }).await.unwrap());
    let stored = market.reply(&hash).await.unwrap().unwrap();
    assert_eq!((stored.at, stored.status, stored.body), (hour(1), 200, body.clone()));
    assert_eq!(stored.source, "/v2/aggs/ticker/ACME");
    assert_eq!(market.reply(&"0".repeat(64)).await.unwrap(), None);
    let wrong = Reply { body: b"else", ..reply };
    assert!(matches!(
        market.keep_reply(&wrong).await,
        Err(StoreError::Unstorable { .. })
    ));
    let empty = blake3_hex(b"");
    assert!(
        market
            .keep_reply(&Reply {
                hash: &empty,
                body: b"",
                ..reply
            })
            .await
            .unwrap()
    );
    assert_eq!(market.reply(&empty).await.unwrap().unwrap().body, b"");
}

/// The hash as the adapters compute it.
fn blake3_hex(body: &[u8]) -> String {
    blake3::hash(body).to_hex().to_string()
}

#[tokio::test]
async fn a_corrected_bar_replaces_the_old_one_and_both_are_kept() {
    let firm = Firm::new(66).await;
    let market = firm.store.market().await.unwrap();
    let first = said(
        "Polygon",
        hour(1),
        &["2025-12-31 99 101 98 100.00 5000", "2026-01-02 100 - - 101.5 -"],
    );
    assert_eq!(market.add_source(std::slice::from_ref(&first)).await.unwrap(), 2);
    assert_eq!(market.add_source(std::slice::from_ref(&first)).await.unwrap(), 0);
    let mut corrected = said(
        "Polygon",
        hour(5),
        &["2025-12-31 99 101 98 100 5000", "2026-01-02 100 102 99 101.4 -"],
    );
    corrected.hashes = vec!["answer".to_owned()];
    assert_eq!(market.add_source(&[corrected.clone()]).await.unwrap(), 1);
    assert_eq!(market.add_source(&[corrected]).await.unwrap(), 0);

    let now = &market.sources(KEY, None).await.unwrap()[0];
    assert_eq!(
        (now.known_at, closes(now)),
        (hour(5), vec!["100".into(), "101.4".into()])
    );
    assert_eq!(now.bars[1], bar("2026-01-02 100 102 99 101.4 -"));
    let before = &market.sources(KEY, Some(hour(4))).await.unwrap()[0];
    assert_eq!((before.known_at, before.bars.clone()), (hour(1), first.bars));
    assert!(market.sources(KEY, Some(hour(0))).await.unwrap().is_empty());
    assert!(market.sources(PAIR, None).await.unwrap().is_empty());
    let statements = market.statements(KEY).await.unwrap();
    let hashes: Vec<usize> = statements.iter().map(|statement| statement.hashes.len()).collect();
    assert_eq!(hashes, [0, 1]);
}

#[tokio::test]
async fn events_of_one_day_stand_together_and_are_corrected_together() {
    let firm = Firm::new(67).await;
    let market = firm.store.market().await.unwrap();
    let mut first = said("Polygon", hour(1), &[]);
    first.actions = vec![
        dividend("2026-02-09", "0.26"),
        split("2026-02-09", "4:1"),
        dividend("2026-02-09", "1.00"),
    ];
    assert_eq!(market.add_source(std::slice::from_ref(&first)).await.unwrap(), 2);
    first.known_at = hour(2);
    first.actions.reverse();
    assert_eq!(market.add_source(std::slice::from_ref(&first)).await.unwrap(), 0);
    let mut corrected = said("Polygon", hour(3), &[]);
    corrected.actions = vec![dividend("2026-02-09", "0.27")];
    assert_eq!(market.add_source(&[corrected]).await.unwrap(), 1);
    let now = &market.sources(KEY, None).await.unwrap()[0];
    assert_eq!(
        now.actions,
        [split("2026-02-09", "4:1"), dividend("2026-02-09", "0.27")]
    );
    let before = &market.sources(KEY, Some(hour(2))).await.unwrap()[0];
    assert_eq!((before.known_at, before.actions.len()), (hour(2), 3));
}

/// Four answers of one source; the third repeats what the first said of 5 January and the fourth corrects it again.
fn answers() -> [SourceSaid; 4] {
    let mut answers = [
        said("Yahoo", hour(1), &["2026-01-05 1 1 1 10 1", "2026-01-06 1 1 1 11 1"]),
        said("Yahoo", hour(2), &["2026-01-05 1 1 1 10.5 1"]),
        said(
            "Yahoo",
            hour(3),
            &[
                "2026-01-05 1 1 1 10.5 1",
                "2026-01-06 1 1 1 11 1",
                "2026-01-07 1 1 1 12 1",
            ],
        ),
        said("Yahoo", hour(4), &["2026-01-05 1 1 1 10 1", "2026-01-07 - - - - -"]),
    ];
    answers[0].actions = vec![dividend("2026-01-06", "0.5")];
    answers[2].actions = vec![dividend("2026-01-06", "0.5"), split("2026-01-07", "2:1")];
    answers[3].actions = vec![dividend("2026-01-06", "0.55")];
    answers
}

#[tokio::test]
async fn the_order_in_which_answers_arrive_does_not_matter() {
    let firm = Firm::new(68).await;
    let market = firm.store.market().await.unwrap();
    // Every order of four answers, each under an instrument of its own.
    let mut orders = Vec::new();
    for a in 0..4 {
        for b in (0..4).filter(|b| *b != a) {
            for c in (0..4).filter(|c| *c != a && *c != b) {
                orders.push([a, b, c, 6 - a - b - c]);
            }
        }
    }
    let key = |at: usize| SeriesKey::Instrument(apex_domain::InstrumentId::from_bytes([at as u8 + 100; 16]));
    for (at, order) in orders.iter().enumerate() {
        for answer in order {
            let mut answer = answers()[*answer].clone();
            answer.key = key(at);
            market.add_source(&[answer]).await.unwrap();
        }
    }
    for known_at in (0..=5).map(hour) {
        let first = market.sources(key(0), Some(known_at)).await.unwrap();
        for (at, order) in orders.iter().enumerate() {
            let found = market.sources(key(at), Some(known_at)).await.unwrap();
            assert_eq!(found, first, "{order:?} as known at {known_at}");
        }
    }
    let now = &market.sources(key(0), None).await.unwrap()[0];
    assert_eq!(closes(now), ["10", "11", "-"]);
    let third = &market.sources(key(0), Some(hour(3))).await.unwrap()[0];
    assert_eq!(closes(third), ["10.5", "11", "12"]);
}

#[tokio::test]
async fn minutes_grow_with_the_day_and_a_corrected_one_counts() {
    let firm = Firm::new(69).await;
    let market = firm.store.market().await.unwrap();
    let minutes = ["2026-01-05T14:30:00Z 1 2 1 2 10", "2026-01-05T14:31:00Z 2 3 2 3 20"];
    assert_eq!(
        market
            .add_source(&[said("Polygon", hour(110), &minutes)])
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        market
            .add_source(&[said("Polygon", hour(110), &minutes)])
            .await
            .unwrap(),
        0
    );
    let more = ["2026-01-05T14:31:00Z 2 3 2 2.5 21", "2026-01-06T00:00:00Z 4 4 4 4 40"];
    assert_eq!(
        market.add_source(&[said("Polygon", hour(111), &more)]).await.unwrap(),
        2
    );
    // What was said before the correction comes in after it.
    assert_eq!(
        market
            .add_source(&[said("Polygon", hour(109), &minutes)])
            .await
            .unwrap(),
        0
    );
    let from = "2026-01-05T14:31:00Z".parse().unwrap();
    let until = "2026-01-06T00:00:00Z".parse().unwrap();
    assert_eq!(market.minutes(KEY, from, until).await.unwrap(), more.map(bar));
    assert_eq!(market.minutes(KEY, from, from).await.unwrap(), [bar(more[0])]);
    assert!(market.minutes(PAIR, from, until).await.unwrap().is_empty());
    assert!(market.sources(KEY, None).await.unwrap().is_empty());
    let odd = said("Polygon", hour(1), &["2026-01-05T14:30:00.5Z 1 1 1 1 1"]);
    assert!(matches!(
        market.add_source(&[odd]).await,
        Err(StoreError::Unstorable { .. })
    ));
}

fn finding(id: &str, state: &str) -> NewFinding {
    NewFinding {
        id: id.to_owned(),
        source: "Yahoo".to_owned(),
        state: state.to_owned(),
        body: json!({"kind": "unit", "id": id}),
    }
}

#[tokio::test]
async fn faults_are_replaced_until_a_person_decides_and_the_decision_holds() {
    let firm = Firm::new(70).await;
    let market = firm.store.market().await.unwrap();
    let put = async |found: &[NewFinding], now| market.put_findings(KEY, found, now).await.unwrap();
    put(
        &[
            finding("a", "waiting"),
            finding("b", "waiting"),
            finding("c", "repaired"),
        ],
        hour(1),
    )
    .await;
    market
        .put_findings(PAIR, &[finding("z", "waiting")], hour(1))
        .await
        .unwrap();
    let ids = async |key, settled| {
        let found = market.findings(key, settled).await.unwrap();
        found.into_iter().map(|found| found.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Some(KEY), false).await, ["a", "b"]);
    assert_eq!(ids(Some(KEY), true).await, ["a", "b", "c"]);
    assert_eq!(ids(None, true).await, ["a", "b", "c", "z"]);

    let decided = market.decide("a", Some("take"), hour(2)).await.unwrap();
    assert_eq!(decided.decided, Some(("take".to_owned(), hour(2))));
    assert_eq!((decided.key, decided.found), (KEY, hour(1)));
    // Neither a nor b is found again; d is new.
    put(&[finding("c", "repaired"), finding("d", "waiting")], hour(3)).await;
    assert_eq!(ids(Some(KEY), true).await, ["a", "c", "d"]);
    assert_eq!(ids(Some(KEY), false).await, ["d"]);
    put(&[finding("a", "taken"), finding("d", "waiting")], hour(4)).await;
    let found = market.findings(Some(KEY), true).await.unwrap();
    assert_eq!((found[0].state.as_str(), found[0].found), ("taken", hour(1)));
    assert_eq!(found[0].decided, Some(("take".to_owned(), hour(2))));
    assert_eq!(market.decide("a", None, hour(5)).await.unwrap().decided, None);
    assert!(matches!(
        market.decide("b", Some("keep"), hour(5)).await,
        Err(StoreError::Unknown { entity: "finding", .. })
    ));
    assert!(
        ids(Some(SeriesKey::Pair(Currency::USD, Currency::EUR)), true)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn the_latest_question_of_each_kind_is_remembered() {
    let firm = Firm::new(71).await;
    let market = firm.store.market().await.unwrap();
    let log = |key, what: &str, hours, error: Option<&str>| FetchLog {
        key,
        what: what.to_owned(),
        source: Some("Yahoo".to_owned()),
        at: hour(hours),
        error: error.map(str::to_owned),
        remarks: vec![format!("line {hours} is left out"), "and 3 \"more\"".to_owned()],
    };
    let latest = [
        log(PAIR, "days", 2, None),
        log(KEY, "actions", 3, None),
        log(KEY, "days", 4, Some("it does not answer")),
    ];
    market.log_fetch(&log(KEY, "days", 1, None)).await.unwrap();
    for log in &latest {
        market.log_fetch(log).await.unwrap();
    }
    market.log_fetch(&log(KEY, "days", 3, None)).await.unwrap();
    assert_eq!(market.fetch_logs().await.unwrap(), latest);
}

#[tokio::test]
async fn news_are_kept_once_and_found_by_the_symbols_they_name() {
    let firm = Firm::new(72).await;
    let market = firm.store.market().await.unwrap();
    let item = |id: &str, hours, symbols: &[&str]| NewsRecord {
        provider: "Polygon".to_owned(),
        id: id.to_owned(),
        published: hour(hours),
        known_at: hour(hours + 1),
        symbols: symbols.iter().map(|symbol| (*symbol).to_owned()).collect(),
        body: json!({"title": id}),
    };
    let items = [
        item("one", 1, &["ACME"]),
        item("two", 2, &["ACME", "EMCA"]),
        item("three", 3, &[]),
    ];
    assert_eq!(market.add_news(&items).await.unwrap(), 3);
    let changed = NewsRecord {
        known_at: hour(9),
        body: json!({"title": "Two, corrected"}),
        ..item("two", 2, &["EMCA"])
    };
    assert_eq!(market.add_news(std::slice::from_ref(&changed)).await.unwrap(), 0);
    let ids = async |symbols: &[&str], since, limit| {
        let symbols: Vec<String> = symbols.iter().map(|symbol| (*symbol).to_owned()).collect();
        let found = market.news(&symbols, since, limit).await.unwrap();
        found.into_iter().map(|item| item.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[], None, 10).await, ["three", "two", "one"]);
    assert_eq!(ids(&[], None, 1).await, ["three"]);
    assert_eq!(ids(&["ACME"], None, 10).await, ["one"]);
    assert_eq!(ids(&["ACME", "EMCA"], Some(hour(2)), 10).await, ["two"]);
    let two = &market.news(&["EMCA".to_owned()], None, 10).await.unwrap()[0];
    assert_eq!(
        *two,
        NewsRecord {
            known_at: hour(3),
            ..changed
        }
    );
}

#[tokio::test]
async fn alerts_that_fired_wait_until_they_are_seen() {
    let firm = Firm::new(73).await;
    let market = firm.store.market().await.unwrap();
    let first = market.add_fired(hour(1), &json!({"symbol": "ACME"})).await.unwrap();
    market.mark_fired_seen().await.unwrap();
    let second = market.add_fired(hour(2), &json!({"symbol": "EMCA"})).await.unwrap();
    assert_eq!(
        market.fired(10).await.unwrap(),
        [
            (second, hour(2), false, json!({"symbol": "EMCA"})),
            (first, hour(1), true, json!({"symbol": "ACME"})),
        ]
    );
    assert_eq!(market.fired(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn it_is_not_in_a_backup() {
    let firm = Firm::new(74).await;
    let market = firm.store.market().await.unwrap();
    market.put_state("key of Polygon", &"secret").await.unwrap();
    let backup = firm.folder.path().join("backup.apex");
    firm.store
        .backup(&backup, &apex_store::BackupAccess::AsBook)
        .await
        .unwrap();
    let target = firm.folder.path().join("restored");
    let unlock = apex_store::Unlock::Passphrase(passphrase());
    let restored = apex_store::restore(&backup, &unlock, &target, &protection(), entropy(5))
        .await
        .unwrap();
    assert!(!target.join("market.db").exists());
    assert_eq!(
        restored
            .market()
            .await
            .unwrap()
            .state::<String>("key of Polygon")
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        restored.state_hash().await.unwrap(),
        firm.store.state_hash().await.unwrap()
    );
    restored.close().await.unwrap();
}
