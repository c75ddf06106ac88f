//! Prices and rates that are withdrawn: gone from their instant on, known to whoever asks what was known before.

use std::collections::BTreeMap;

use apex_domain::{Currency, Date, Decimal, Timestamp};
use apex_store::{BackupAccess, PriceBar, PriceBatch, RateBatch, Store, Unlock, restore};

use crate::fixture::*;

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn prices(hours: i64, source: &str, bars: &[(&str, &str)]) -> PriceBatch {
    let bar = |(date, close): &(&str, &str)| PriceBar::close(day(date), number(close));
    PriceBatch {
        instrument: ACME,
        source: source.to_owned(),
        known_at: hour(hours),
        bars: bars.iter().map(bar).collect(),
        withdrawn: Vec::new(),
    }
}

fn withdrawal(hours: i64, days: &[&str]) -> PriceBatch {
    PriceBatch {
        withdrawn: days.iter().map(|date| day(date)).collect(),
        ..prices(hours, "Polygon", &[])
    }
}

async fn closes(store: &Store, known_at: Option<Timestamp>) -> Vec<String> {
    let series = store.load_prices(Some(&[ACME]), None, None, known_at).await.unwrap();
    let told = series.iter().flat_map(|series| {
        let days = series.dates.iter().zip(&series.closes).zip(&series.sources);
        days.map(|((date, close), source)| format!("{date} {close} {}", series.source_names[usize::from(*source)]))
    });
    told.collect()
}

#[tokio::test]
async fn a_withdrawn_price_is_gone_from_its_instant_on_and_comes_back_with_a_good_one() {
    let firm = Firm::new(71).await;
    let store = &firm.store;
    let two = prices(1, "Polygon", &[("2025-12-31", "99"), ("2026-01-02", "9900")]);
    store.insert_prices(vec![two], hour(1)).await.unwrap();
    let state = store.state_hash().await.unwrap();
    let applied = store
        .insert_prices(vec![withdrawal(3, &["2026-01-02"])], hour(3))
        .await
        .unwrap();
    assert_eq!(applied.prices, 1);
    assert_ne!(store.state_hash().await.unwrap(), state);
    // The change is told to the server like any other.
    let entry = store.outbox(100).await.unwrap().pop().unwrap();
    assert_eq!((entry.kind.as_str(), entry.entity.as_str()), ("add", "price"));

    assert_eq!(closes(store, None).await, ["2025-12-31 99 Polygon"]);
    assert_eq!(
        closes(store, Some(hour(2))).await,
        ["2025-12-31 99 Polygon", "2026-01-02 9900 Polygon"]
    );
    let book = store.load_price_book(None).await.unwrap();
    assert_eq!(book.price_on(ACME, day("2026-01-02")), None);
    assert_eq!(book.price(ACME, day("2026-01-02"), 7).unwrap().value, number("99"));
    let then = store.load_price_book(Some(hour(2))).await.unwrap();
    assert_eq!(then.price_on(ACME, day("2026-01-02")), Some(number("9900")));
    let bars = store.load_bars(&[ACME], None, None, None).await.unwrap();
    assert_eq!(bars[&ACME], [PriceBar::close(day("2025-12-31"), number("99"))]);
    let versions = store.price_versions(ACME).await.unwrap();
    let versions: Vec<_> = versions
        .iter()
        .map(|one| (one.date.to_string(), one.value, one.known_at))
        .collect();
    assert_eq!(
        versions,
        [
            ("2025-12-31".to_owned(), Some(number("99")), hour(1)),
            ("2026-01-02".to_owned(), Some(number("9900")), hour(1)),
            ("2026-01-02".to_owned(), None, hour(3)),
        ]
    );

    // Withdrawn twice, or where there is nothing, changes nothing.
    let again = withdrawal(4, &["2026-01-02", "2026-01-05"]);
    assert_eq!(store.insert_prices(vec![again], hour(4)).await.unwrap().prices, 0);
    let good = prices(5, "Yahoo", &[("2026-01-02", "99.5")]);
    assert_eq!(store.insert_prices(vec![good], hour(5)).await.unwrap().prices, 1);
    assert_eq!(
        closes(store, None).await,
        ["2025-12-31 99 Polygon", "2026-01-02 99.5 Yahoo"]
    );
    assert_eq!(closes(store, Some(hour(4))).await, ["2025-12-31 99 Polygon"]);
}

#[tokio::test]
async fn a_day_that_is_withdrawn_and_priced_in_one_batch_has_the_price() {
    let firm = Firm::new(72).await;
    let batch = PriceBatch {
        withdrawn: vec![day("2026-01-02")],
        ..prices(1, "Polygon", &[("2026-01-02", "99")])
    };
    firm.store.insert_prices(vec![batch], hour(1)).await.unwrap();
    assert_eq!(closes(&firm.store, None).await, ["2026-01-02 99 Polygon"]);
}

#[tokio::test]
async fn the_chunk_of_a_year_whose_prices_are_all_withdrawn_is_gone() {
    let firm = Firm::new(73).await;
    let store = &firm.store;
    let days = [("2024-12-31", "9"), ("2025-01-02", "10"), ("2026-01-05", "11")];
    store
        .insert_prices(vec![prices(1, "Polygon", &days)], hour(1))
        .await
        .unwrap();
    let closes = async || {
        let found = store.history(&[ACME], None, None).await.unwrap();
        found.first().map_or(Vec::new(), |history| history.closes().to_vec())
    };
    assert_eq!(closes().await, [9.0, 10.0, 11.0]);
    store
        .insert_prices(vec![withdrawal(2, &["2025-01-02"])], hour(2))
        .await
        .unwrap();
    assert_eq!(closes().await, [9.0, 11.0]);
    store.forget_history();
    assert_eq!(closes().await, [9.0, 11.0]);
    let others = withdrawal(3, &["2024-12-31", "2026-01-05"]);
    store.insert_prices(vec![others], hour(3)).await.unwrap();
    assert_eq!(closes().await, [0.0; 0]);
    store
        .insert_prices(vec![prices(4, "Yahoo", &[("2025-01-02", "10.5")])], hour(4))
        .await
        .unwrap();
    assert_eq!(closes().await, [10.5]);
}

#[tokio::test]
async fn a_withdrawn_rate_is_gone_and_the_latest_is_the_one_before() {
    let firm = Firm::new(74).await;
    let store = &firm.store;
    let batch = |hours, rates: &[(&str, &str)], withdrawn: &[&str]| RateBatch {
        base: Currency::EUR,
        target: Currency::USD,
        source: "Polygon".to_owned(),
        known_at: hour(hours),
        rates: rates.iter().map(|(date, rate)| (day(date), number(rate))).collect(),
        withdrawn: withdrawn.iter().map(|date| day(date)).collect(),
    };
    let rates = [("2025-12-31", "1.1"), ("2026-01-02", "110")];
    store.insert_rates(vec![batch(1, &rates, &[])], hour(1)).await.unwrap();
    let applied = store.insert_rates(vec![batch(2, &[], &["2026-01-02"])], hour(2)).await;
    assert_eq!(applied.unwrap().rates, 1);
    let fx = store.load_fx_rates(None).await.unwrap();
    assert!(fx.rate(Currency::EUR, Currency::USD, day("2026-01-02")).is_err());
    let then = store.load_fx_rates(Some(hour(1))).await.unwrap();
    let rate = then.rate(Currency::EUR, Currency::USD, day("2026-01-02"));
    assert_eq!(rate.unwrap().value, number("110"));
    let latest = async || {
        let rates = store.latest_rates().await.unwrap();
        rates
            .first()
            .map(|rate| (rate.latest.date.to_string(), rate.latest.value.unwrap()))
    };
    // The whole of the last year is withdrawn.
    assert_eq!(latest().await, Some(("2025-12-31".to_owned(), number("1.1"))));
    store
        .insert_rates(vec![batch(3, &[], &["2025-12-31"])], hour(3))
        .await
        .unwrap();
    assert_eq!(latest().await, None);
    assert_eq!(store.load_rates(None, None, None).await.unwrap(), []);
    let rates = [("2026-01-02", "1.15")];
    store.insert_rates(vec![batch(4, &rates, &[])], hour(4)).await.unwrap();
    assert_eq!(latest().await, Some(("2026-01-02".to_owned(), number("1.15"))));
}

/// What is known of each day, worked out the plain way: batch after batch.
fn modelled(batches: &[PriceBatch], known_at: Timestamp) -> BTreeMap<Date, PriceBar> {
    let mut known = BTreeMap::new();
    for batch in batches.iter().filter(|batch| batch.known_at <= known_at) {
        known.retain(|date, _| !batch.withdrawn.contains(date));
        known.extend(batch.bars.iter().map(|bar| (bar.date, bar.clone())));
    }
    known
}

#[tokio::test]
async fn every_reader_agrees_with_the_plain_way_at_every_instant_and_in_a_backup() {
    let firm = Firm::new(75).await;
    let store = &firm.store;
    let mut state = 75_u64;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let days: Vec<Date> = ["2024-12-30", "2024-12-31", "2025-06-02", "2026-01-02", "2026-01-05"]
        .map(day)
        .into();
    let mut batches: Vec<PriceBatch> = Vec::new();
    for hours in 1..=40 {
        let mut batch = prices(hours, if draw(2) == 0 { "Polygon" } else { "typed" }, &[]);
        for date in &days {
            match draw(4) {
                0 => batch.withdrawn.push(*date),
                1 => {
                    let close = Decimal::from(90 + draw(3));
                    batch.bars.push(PriceBar {
                        range: (draw(2) == 0).then_some([close; 3]),
                        volume: (draw(2) == 0).then(|| Decimal::from(1_000 + draw(9))),
                        ..PriceBar::close(*date, close)
                    });
                }
                _ => {}
            }
        }
        store.insert_prices(vec![batch.clone()], hour(hours)).await.unwrap();
        batches.push(batch);
        let expected: Vec<PriceBar> = modelled(&batches, hour(hours)).into_values().collect();
        let history = store.history(&[ACME], None, None).await.unwrap();
        let bars = history.first().map(|history| history.bars().unwrap());
        assert_eq!(bars.unwrap_or_default(), expected, "hour {hours}");
    }
    for hours in 0..=41 {
        let expected = modelled(&batches, hour(hours));
        let bars = store.load_bars(&[ACME], None, None, Some(hour(hours))).await.unwrap();
        let bars = bars.get(&ACME).cloned().unwrap_or_default();
        assert_eq!(bars, expected.values().cloned().collect::<Vec<_>>(), "hour {hours}");
        let book = store.load_price_book(Some(hour(hours))).await.unwrap();
        let (dates, closes) = book.columns(ACME);
        assert!(dates.iter().eq(expected.keys()), "hour {hours}");
        assert!(
            closes.iter().eq(expected.values().map(|bar| &bar.close)),
            "hour {hours}"
        );
    }

    store.verify().await.unwrap();
    let file = firm.folder.path().join("book.apexbackup");
    store.backup(&file, &BackupAccess::AsBook).await.unwrap();
    let target = firm.folder.path().join("restored");
    let unlock = Unlock::Passphrase(passphrase());
    let restored = restore(&file, &unlock, &target, &protection(), entropy(1))
        .await
        .unwrap();
    assert_eq!(restored.state_hash().await.unwrap(), store.state_hash().await.unwrap());
    let bars = restored.load_bars(&[ACME], None, None, None).await.unwrap();
    assert_eq!(
        bars.get(&ACME).cloned().unwrap_or_default(),
        modelled(&batches, hour(40)).into_values().collect::<Vec<_>>()
    );
    restored.close().await.unwrap();
}
