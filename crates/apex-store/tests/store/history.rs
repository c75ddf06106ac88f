//! Price history from chunks: what the ledger says, however the cache fares.

use std::collections::BTreeMap;

use apex_domain::{Currency, Decimal, Instrument, InstrumentId, InstrumentKind};
use apex_store::{Changes, Edit, History, PriceBar, PriceBatch, Store};

use crate::fixture::*;

const EMCA: InstrumentId = InstrumentId::from_bytes([4; 16]);
const NONE: InstrumentId = InstrumentId::from_bytes([5; 16]);
const UNKNOWN: InstrumentId = InstrumentId::from_bytes([6; 16]);

/// A bar as `2026-01-05 open high low close volume`, with `-` for what is not known.
fn bar(line: &str) -> PriceBar {
    let cells: Vec<&str> = line.split_whitespace().collect();
    let cell = |at: usize| (cells[at] != "-").then(|| cells[at].parse::<Decimal>().unwrap());
    PriceBar {
        date: day(cells[0]),
        close: cell(4).unwrap(),
        range: cell(1)
            .zip(cell(2))
            .zip(cell(3))
            .map(|((open, high), low)| [open, high, low]),
        volume: cell(5),
    }
}

async fn add(store: &Store, instrument: InstrumentId, hours: i64, lines: &[&str]) {
    let batch = PriceBatch {
        instrument,
        source: "Polygon".to_owned(),
        known_at: hour(hours),
        bars: lines.iter().map(|line| bar(line)).collect(),
        withdrawn: Vec::new(),
    };
    store.insert_prices(vec![batch], hour(hours)).await.unwrap();
}

async fn firm(seed: u64) -> Firm {
    let firm = Firm::new(seed).await;
    let instruments = [(EMCA, "EMCA"), (NONE, "NONE")]
        .map(|(id, symbol)| Edit::new(Instrument::new(id, InstrumentKind::Equity, symbol, Currency::USD)));
    let changes = Changes {
        instruments: instruments.into(),
        ..Changes::default()
    };
    firm.store.apply(&changes, hour(1)).await.unwrap();
    add(
        &firm.store,
        ACME,
        2,
        &[
            "2024-12-30 10 10.5 9.75 10.25 1000",
            "2024-12-31 10.3 10.4 10.1 10.2 1100",
            "2025-01-02 - - - 10.4 -",
            "2026-01-05 231.27 232 229.98 230.1 48123400",
        ],
    )
    .await;
    add(
        &firm.store,
        EMCA,
        3,
        &["2025-01-02 5 5 5 5 -", "2025-01-03 - - - 5.125 7"],
    )
    .await;
    firm
}

fn names(history: &History) -> BTreeMap<i16, [u8; 32]> {
    history.chunks().map(|(year, name, _)| (year, name)).collect()
}

/// Asks for all history and compares it with the ledger.
async fn agrees(store: &Store) -> Vec<History> {
    let all = [EMCA, ACME];
    let found = store.history(&all, None, None).await.unwrap();
    let mut bars = store.load_bars(&all, None, None, None).await.unwrap();
    for history in &found {
        let bars = bars.remove(&history.instrument()).unwrap();
        let float = |value: Decimal| value.to_string().parse::<f64>().unwrap();
        assert_eq!(history.bars().unwrap(), bars);
        assert!(history.dates().eq(bars.iter().map(|bar| bar.date)));
        assert!(
            history
                .closes()
                .iter()
                .copied()
                .eq(bars.iter().map(|bar| float(bar.close)))
        );
        for (row, bar) in bars.iter().enumerate() {
            assert_eq!(history.range(row), bar.range.map(|range| range.map(float)));
            assert_eq!(history.volume(row), bar.volume.map(float));
        }
        for (_, name, chunk) in history.chunks() {
            assert_eq!(name, *blake3::hash(chunk).as_bytes());
        }
    }
    assert!(bars.is_empty());
    found
}

#[tokio::test]
async fn history_is_what_the_ledger_says_in_the_order_asked_for() {
    let firm = firm(81).await;
    let waits_on_any_thread = firm.store.history(&[EMCA], None, None);
    fn on_any_thread<T: Send>(value: T) -> T {
        value
    }
    assert_eq!(on_any_thread(waits_on_any_thread).await.unwrap().len(), 1);
    let found = agrees(&firm.store).await;
    let ids: Vec<InstrumentId> = found.iter().map(History::instrument).collect();
    assert_eq!(ids, [EMCA, ACME]);
    let acme = &found[1];
    assert_eq!(acme.closes(), [10.25, 10.2, 10.4, 230.1]);
    assert_eq!((acme.ranges(), acme.volumes()), (None, None));

    let (from, until) = (Some(day("2024-12-31")), Some(day("2025-01-02")));
    let some = firm
        .store
        .history(&[UNKNOWN, ACME, NONE, EMCA, ACME], from, until)
        .await
        .unwrap();
    let closes: Vec<&[f64]> = some.iter().map(History::closes).collect();
    assert_eq!(closes, [&[10.2, 10.4][..], &[5.0], &[10.2, 10.4]]);
    assert_eq!(some[1].ranges(), Some([&[5.0][..]; 3]));
    assert_eq!(
        (some[0].volume(0), some[0].volume(1), some[0].volume(2)),
        (Some(1_100.0), None, None)
    );
    assert_eq!(
        some[0].bars().unwrap(),
        [
            bar("2024-12-31 10.3 10.4 10.1 10.2 1100"),
            bar("2025-01-02 - - - 10.4 -")
        ]
    );
    assert!(
        firm.store
            .history(&[ACME], Some(day("2026-02-01")), None)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        Firm::new(80)
            .await
            .store
            .history(&[ACME], None, None)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn new_and_corrected_prices_touch_the_chunks_of_their_years_only() {
    let firm = firm(82).await;
    let before = names(&agrees(&firm.store).await[1]);
    add(
        &firm.store,
        ACME,
        4,
        &["2026-01-06 - - - 231 -", "2025-01-02 - - - 10.45 -"],
    )
    .await;
    let after = names(&agrees(&firm.store).await[1]);
    assert_eq!(before[&2024], after[&2024]);
    assert_ne!(before[&2025], after[&2025]);
    assert_ne!(before[&2026], after[&2026]);
    // A year of its own, while the columns are not at hand.
    firm.store.forget_history();
    add(&firm.store, ACME, 5, &["2023-06-01 - - - 9 -"]).await;
    let found = agrees(&firm.store).await;
    assert_eq!(found[1].closes(), [9.0, 10.25, 10.2, 10.45, 230.1, 231.0]);
    assert_eq!(names(&found[1])[&2026], after[&2026]);
    assert_eq!(names(&found[1]).len(), 4);
}

#[tokio::test]
async fn what_another_program_adds_is_seen() {
    let firm = firm(83).await;
    agrees(&firm.store).await;
    let second = open(&firm.path()).await.unwrap();
    agrees(&second).await;
    add(&second, EMCA, 6, &["2026-03-02 - - - 6 -"]).await;
    assert_eq!(agrees(&firm.store).await[0].closes(), [5.0, 5.125, 6.0]);
    assert_eq!(agrees(&second).await[0].closes(), [5.0, 5.125, 6.0]);
    second.close().await.unwrap();
}

#[tokio::test]
async fn a_cache_that_is_gone_damaged_or_of_another_state_of_the_book_does_no_harm() {
    let firm = firm(84).await;
    agrees(&firm.store).await;
    let (path, _folder) = firm.close().await;
    let (ledger, cache) = (path.join("ledger.db"), path.join("cache.redb"));
    let earlier = std::fs::read(&ledger).unwrap();

    let store = open(&path).await.unwrap();
    agrees(&store).await;
    add(&store, ACME, 7, &["2026-01-06 - - - 231 -"]).await;
    add(&store, ACME, 8, &["2026-01-07 - - - 232 -"]).await;
    agrees(&store).await;
    store.close().await.unwrap();
    let later = std::fs::read(&cache).unwrap();

    // The book as it was before, with the chunks of what was added since; then with other rows of the same numbers.
    std::fs::write(&ledger, &earlier).unwrap();
    let store = open(&path).await.unwrap();
    assert_eq!(agrees(&store).await[1].closes().len(), 4);
    store.close().await.unwrap();
    std::fs::write(&ledger, &earlier).unwrap();
    std::fs::write(&cache, &later).unwrap();
    let store = open(&path).await.unwrap();
    add(&store, ACME, 9, &["2026-01-06 - - - 1 -"]).await;
    add(&store, ACME, 10, &["2026-01-07 - - - 2 -"]).await;
    assert_eq!(agrees(&store).await[1].closes()[4..], [1.0, 2.0]);
    store.close().await.unwrap();

    for (scene, bytes) in [
        ("cut off", later[..later.len() / 2].to_vec()),
        ("every byte behind the header turned", {
            let mut bytes = later.clone();
            bytes[4096..].iter_mut().for_each(|byte| *byte ^= 0x5a);
            bytes
        }),
        ("no redb file", b"this is not a database".repeat(500)),
    ] {
        std::fs::write(&cache, bytes).unwrap();
        let store = open(&path).await.unwrap();
        assert_eq!(agrees(&store).await.len(), 2, "{scene}");
        store.forget_history();
        std::fs::remove_file(&cache).unwrap();
        assert_eq!(agrees(&store).await.len(), 2, "{scene}");
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_large_history_comes_back_from_the_file_and_takes_little_room() {
    let firm = firm(85).await;
    let mut state = 85_u64;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut close = 10_000_i64;
    let days = day("2000-01-03").series(jiff::Span::new().days(1)).take(9_000);
    let bars: Vec<PriceBar> = days
        .map(|date| {
            close += draw(301) as i64 - 150;
            PriceBar {
                date,
                close: Decimal::new(close, 2),
                range: Some([close + 10, close + 90, close - 70].map(|ticks| Decimal::new(ticks, 2))),
                volume: Some(Decimal::from(1_000_000 + draw(5_000_000))),
            }
        })
        .collect();
    let batch = PriceBatch {
        instrument: EMCA,
        source: "Yahoo".to_owned(),
        known_at: hour(20),
        bars,
        withdrawn: Vec::new(),
    };
    firm.store.insert_prices(vec![batch], hour(20)).await.unwrap();
    agrees(&firm.store).await;
    firm.store.forget_history();
    assert_eq!(agrees(&firm.store).await[0].days().len(), 9_002);
    let (path, _folder) = firm.close().await;
    let store = open(&path).await.unwrap();
    assert_eq!(agrees(&store).await[0].days().len(), 9_002);
    store.close().await.unwrap();
}
