//! Facts and documents: nothing twice, nothing half, nothing forgotten.

use std::collections::BTreeMap;

use apex_domain::{Currency, Decimal, Instrument, InstrumentId, InstrumentKind, LotMethod, Ratio, Source};
use apex_store::{
    Changes, CorporateAction, CorporateEvent, Edit, ImportFile, Named, OutboxState, PriceBar, PriceBatch, RateBatch,
    Space, StoreError,
};

use crate::fixture::*;

#[tokio::test]
async fn what_was_added_comes_back_as_it_was() {
    let firm = Firm::new(1).await;
    let mut full = buy(2, "2026-01-06", "10.5", "90.00");
    full.fees = "1.20".parse().unwrap();
    full.fx_rate = Some("0.91".parse().unwrap());
    full.source = Source::File {
        name: "fills.csv".to_owned(),
        line: 7,
    };
    full.external_id = Some("F1".to_owned());
    full.detail_mut().ratio = Ratio::new(7, 1);
    let batch = [buy(1, "2026-01-05", "10", "90.00"), full];
    let applied = firm.store.insert_transactions(&batch, hour(1)).await.unwrap();
    assert_eq!((applied.transactions, applied.duplicates), (2, vec![]));
    assert_eq!(firm.store.load_ledger(None).await.unwrap(), batch);
    assert_eq!(firm.store.transaction(id(2)).await.unwrap(), batch[1]);
    assert_eq!(firm.store.load_ledger_since(1, None).await.unwrap(), batch[1..]);
}

#[tokio::test]
async fn importing_a_file_again_adds_nothing_and_true_doubles_stay() {
    let firm = Firm::new(2).await;
    let line = |number: u64, line: u32, external_id: Option<&str>| {
        let mut fill = buy(number, "2026-01-05", "10", "90.00");
        fill.source = Source::File {
            name: "fills.csv".to_owned(),
            line,
        };
        fill.external_id = external_id.map(str::to_owned);
        fill
    };
    // Two equal fills with ids of their own, and two equal lines without.
    let first = [
        line(1, 1, Some("F1")),
        line(2, 2, Some("F2")),
        line(3, 3, None),
        line(4, 4, None),
    ];
    let file = ImportFile {
        kind: "transactions".to_owned(),
        name: "fills.csv".to_owned(),
        hash: [9; 32],
        rejected: 1,
    };
    let import = |transactions: &[apex_domain::Transaction]| Changes {
        transactions: transactions.to_vec(),
        import: Some(file.clone()),
        ..Changes::default()
    };
    assert_eq!(
        firm.store
            .rehearse(&import(&first), hour(1))
            .await
            .unwrap()
            .transactions,
        4
    );
    assert_eq!(firm.store.transaction_count().await.unwrap(), 0);
    assert_eq!(
        firm.store.apply(&import(&first), hour(1)).await.unwrap().transactions,
        4
    );
    // Read again, every line gets a new id.
    let second = [
        line(11, 1, Some("F1")),
        line(12, 2, Some("F2")),
        line(13, 3, None),
        line(14, 4, None),
    ];
    let applied = firm.store.apply(&import(&second), hour(2)).await.unwrap();
    assert_eq!((applied.transactions, applied.duplicates), (0, vec![0, 1, 2, 3]));
    let imports = firm.store.imports().await.unwrap();
    let counts: Vec<_> = imports
        .iter()
        .map(|import| (import.added, import.duplicates, import.file.rejected))
        .collect();
    assert_eq!(counts, [(0, 4, 1), (4, 0, 1)]);
}

#[tokio::test]
async fn a_trade_entered_by_hand_twice_counts_twice_and_one_id_counts_once() {
    let firm = Firm::new(3).await;
    let batch = [buy(1, "2026-01-05", "10", "90.00"), buy(2, "2026-01-05", "10", "90.00")];
    assert_eq!(
        firm.store
            .insert_transactions(&batch, hour(1))
            .await
            .unwrap()
            .transactions,
        2
    );
    let again = firm.store.insert_transactions(&batch[..1], hour(2)).await.unwrap();
    assert_eq!((again.transactions, again.duplicates), (0, vec![0]));
    let other = [buy(1, "2026-01-05", "11", "90.00")];
    let err = firm.store.insert_transactions(&other, hour(3)).await.unwrap_err();
    assert!(matches!(err, StoreError::IdReused { .. }), "{err}");
}

#[tokio::test]
async fn a_transaction_is_reversed_once_and_known_at_tells_before_from_after() {
    let firm = Firm::new(4).await;
    firm.store
        .insert_transactions(&[buy(1, "2026-01-05", "10", "90.00")], hour(1))
        .await
        .unwrap();
    let reversal = firm.store.reverse(id(1), "entered twice", hour(5)).await.unwrap();
    assert_eq!(reversal.reverses, Some(id(1)));
    assert_eq!(firm.store.load_ledger(Some(hour(4))).await.unwrap().len(), 1);
    assert_eq!(firm.store.load_ledger(Some(hour(5))).await.unwrap().len(), 2);
    let err = firm.store.reverse(id(1), "", hour(6)).await.unwrap_err();
    assert!(matches!(err, StoreError::AlreadyReversed { .. }), "{err}");
    let err = firm.store.reverse(reversal.id, "", hour(6)).await.unwrap_err();
    assert!(matches!(err, StoreError::IsReversal { .. }), "{err}");
    let err = firm.store.reverse(id(77), "", hour(6)).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        format!("there is no transaction {} in the book", id(77))
    );
}

#[tokio::test]
async fn a_batch_with_one_bad_row_adds_nothing() {
    let firm = Firm::new(5).await;
    let before = (
        firm.store.state_hash().await.unwrap(),
        firm.store.revision().await.unwrap(),
    );
    let mut bad = buy(3, "2026-01-05", "10", "90.00");
    bad.instrument = Some(InstrumentId::from_bytes([8; 16]));
    let changes = Changes {
        instruments: vec![Edit::new(Instrument::new(
            InstrumentId::from_bytes([4; 16]),
            InstrumentKind::Etf,
            "NEW",
            Currency::USD,
        ))],
        prices: vec![PriceBatch {
            instrument: ACME,
            source: "manual".to_owned(),
            known_at: hour(1),
            bars: vec![PriceBar::close(day("2026-01-05"), Decimal::TEN)],
            withdrawn: Vec::new(),
        }],
        transactions: (10..1_500)
            .map(|number| buy(number, "2026-01-05", "1", "1"))
            .chain([bad])
            .collect(),
        ..Changes::default()
    };
    let err = firm.store.apply(&changes, hour(1)).await.unwrap_err();
    assert!(
        matches!(
            err,
            StoreError::Unknown {
                entity: "instrument",
                ..
            }
        ),
        "{err}"
    );
    assert_eq!(
        (
            firm.store.state_hash().await.unwrap(),
            firm.store.revision().await.unwrap()
        ),
        before
    );
    assert_eq!(firm.store.transaction_count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_change_that_is_dropped_half_way_leaves_nothing() {
    let firm = Firm::new(6).await;
    let batch: Vec<_> = (0..5_000).map(|number| buy(number, "2026-01-05", "1", "1")).collect();
    // The future is polled a few times, far fewer than it has statements, and dropped, as when a window is closed.
    {
        let mut change = std::pin::pin!(firm.store.insert_transactions(&batch, hour(1)));
        for _ in 0..3 {
            let polled = std::future::poll_fn(|context| std::task::Poll::Ready(change.as_mut().poll(context))).await;
            assert!(polled.is_pending(), "the batch was too small to be stopped");
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(firm.store.transaction_count().await.unwrap(), 0);
    assert_eq!(firm.store.outbox(100).await.unwrap().len(), 3);
    assert_eq!(
        firm.store
            .insert_transactions(&batch, hour(1))
            .await
            .unwrap()
            .transactions,
        5_000
    );
}

#[tokio::test]
async fn each_change_has_its_outbox_row_and_a_batch_has_one_per_portfolio() {
    let firm = Firm::new(7).await;
    let batch: Vec<_> = (0..2_500).map(|number| buy(number, "2026-01-05", "1", "1")).collect();
    firm.store.insert_transactions(&batch, hour(1)).await.unwrap();
    let entries = firm.store.outbox(100).await.unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.client_seq, entry.entity.as_str(), entry.kind.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "instrument", "put"),
            (2, "portfolio", "put"),
            (3, "account", "put"),
            (4, "transaction", "add")
        ]
    );
    let last = &entries[3];
    assert_eq!(last.space, Space::Portfolio(PORTFOLIO.as_uuid()));
    assert!(last.payload.starts_with(br#"{"first":1,"last":2500,"digest":""#));
    assert_eq!(last.payload_hash, *blake3::hash(&last.payload).as_bytes());

    firm.store.set_outbox_state(1, OutboxState::Acked, None).await.unwrap();
    firm.store
        .set_outbox_state(2, OutboxState::Quarantined, Some("forbidden"))
        .await
        .unwrap();
    let summary = firm.store.outbox_summary().await.unwrap();
    assert_eq!((summary.pending, summary.sent, summary.quarantined), (2, 0, 1));
    let entries = firm.store.outbox(100).await.unwrap();
    assert_eq!(entries[0].reason.as_deref(), Some("forbidden"));
    assert_eq!(firm.store.revision().await.unwrap(), 4);
}

#[tokio::test]
async fn an_edit_of_an_old_version_is_refused_with_both_versions() {
    let firm = Firm::new(8).await;
    let mut edited = account();
    edited.lot_method = LotMethod::Hifo;
    let edit = |base_version| Changes {
        accounts: vec![Edit {
            value: edited.clone(),
            base_version,
        }],
        ..Changes::default()
    };
    assert_eq!(firm.store.apply(&edit(1), hour(3)).await.unwrap().documents, 1);
    // Saving the same again is no change.
    assert_eq!(firm.store.apply(&edit(1), hour(4)).await.unwrap().documents, 0);
    edited.lot_method = LotMethod::Lifo;
    let stale = Changes {
        accounts: vec![Edit {
            value: edited,
            base_version: 1,
        }],
        ..Changes::default()
    };
    let err = firm.store.apply(&stale, hour(5)).await.unwrap_err();
    assert!(
        matches!(
            err,
            StoreError::Conflict {
                entity: "account",
                base: 1,
                current: 2,
                ..
            }
        ),
        "{err}"
    );

    let methods = async |known_at| {
        let accounts = firm.store.accounts(known_at).await.unwrap();
        accounts
            .iter()
            .map(|account| (account.version, account.value.lot_method))
            .collect::<Vec<_>>()
    };
    assert_eq!(methods(None).await, [(2, LotMethod::Hifo)]);
    assert_eq!(methods(Some(hour(2))).await, [(1, LotMethod::Fifo)]);
    assert_eq!(methods(Some(hour(-1))).await, []);
}

#[tokio::test]
async fn names_and_symbols_belong_to_one_at_a_time() {
    let firm = Firm::new(9).await;
    let mut twin = account();
    twin.id = apex_domain::AccountId::from_bytes([5; 16]);
    let err = firm
        .store
        .apply(
            &Changes {
                accounts: vec![Edit::new(twin)],
                ..Changes::default()
            },
            hour(1),
        )
        .await;
    assert!(matches!(err, Err(StoreError::NameTaken { entity: "account", .. })));
    let twin = Instrument::new(
        InstrumentId::from_bytes([5; 16]),
        InstrumentKind::Equity,
        "acme",
        Currency::USD,
    );
    let err = firm
        .store
        .apply(
            &Changes {
                instruments: vec![Edit::new(twin)],
                ..Changes::default()
            },
            hour(1),
        )
        .await;
    assert!(
        err.unwrap_err()
            .to_string()
            .contains("belongs to two instruments at once")
    );
}

#[tokio::test]
async fn settings_and_templates_are_versioned_and_window_places_are_not() {
    let firm = Firm::new(10).await;
    assert_eq!(firm.store.setting::<String>("theme").await.unwrap(), None);
    assert_eq!(firm.store.put_setting("theme", &"dark", 0, hour(1)).await.unwrap(), 1);
    assert_eq!(
        firm.store.setting::<String>("theme").await.unwrap().unwrap().value,
        "dark"
    );
    assert!(matches!(
        firm.store.put_setting("theme", &"light", 0, hour(1)).await,
        Err(StoreError::Conflict { current: 1, .. })
    ));
    assert_eq!(
        firm.store
            .put(Named::ImportTemplate, "broker", &["date", "symbol"], 0, hour(1))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        firm.store
            .remove(Named::ImportTemplate, "broker", 1, hour(2))
            .await
            .unwrap(),
        2
    );
    assert!(
        firm.store
            .list::<Vec<String>>(Named::ImportTemplate)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        firm.store
            .put(Named::ImportTemplate, "broker", &["day"], 0, hour(3))
            .await
            .unwrap(),
        3
    );
    assert_eq!(
        firm.store.list::<Vec<String>>(Named::ImportTemplate).await.unwrap()["broker"].value,
        ["day"]
    );
    for named in [Named::Watchlist, Named::Alert] {
        let hash = firm.store.state_hash().await.unwrap();
        firm.store.put(named, "mine", &["ACME"], 0, hour(3)).await.unwrap();
        assert_ne!(firm.store.state_hash().await.unwrap(), hash, "{named:?}");
        assert_eq!(firm.store.list::<Vec<String>>(named).await.unwrap()["mine"].version, 1);
    }

    let revision = firm.store.revision().await.unwrap();
    firm.store.put_local_state("window", &(10, 20)).await.unwrap();
    firm.store.put_local_state("window", &(11, 21)).await.unwrap();
    assert_eq!(
        firm.store.local_state::<(i32, i32)>("window").await.unwrap(),
        Some((11, 21))
    );
    assert_eq!(firm.store.local_state::<String>("window").await.unwrap(), None);
    assert_eq!(firm.store.revision().await.unwrap(), revision);
}

#[tokio::test]
async fn the_book_tells_its_clock_and_can_be_renamed() {
    let firm = Firm::new(11).await;
    let book = firm.store.book().await.unwrap();
    assert_eq!((book.value.id, book.version), (firm.store.book_id(), 1));
    let mut about = book.value.about;
    about.clock = apex_store::BookClock::Fixed(day("2022-12-28"));
    about.labels.insert("seed".to_owned(), "7".to_owned());
    assert_eq!(firm.store.put_book(&about, 1, hour(1)).await.unwrap(), 2);
    assert_eq!(firm.store.book().await.unwrap().value.about, about);
    assert!(matches!(
        firm.store.put_book(&about, 1, hour(1)).await,
        Err(StoreError::Conflict { current: 2, .. })
    ));
}

#[tokio::test]
async fn a_corrected_price_is_known_from_its_instant_on() {
    let firm = Firm::new(12).await;
    let batch = |known_at, bars: &[(&str, &str)]| PriceBatch {
        instrument: ACME,
        source: if known_at == hour(1) { "exchange" } else { "manual" }.to_owned(),
        known_at,
        bars: bars
            .iter()
            .map(|(date, close)| PriceBar::close(day(date), close.parse().unwrap()))
            .collect(),
        withdrawn: Vec::new(),
    };
    let first = batch(
        hour(1),
        &[("2025-12-30", "98.5"), ("2025-12-31", "99"), ("2026-01-02", "100.25")],
    );
    assert_eq!(
        firm.store
            .insert_prices(vec![first.clone()], hour(1))
            .await
            .unwrap()
            .prices,
        3
    );
    assert_eq!(firm.store.insert_prices(vec![first], hour(2)).await.unwrap().prices, 0);
    let correction = batch(
        hour(5),
        &[("2025-12-31", "99.5"), ("2026-01-02", "100.25"), ("2026-01-05", "101")],
    );
    assert_eq!(
        firm.store
            .insert_prices(vec![correction], hour(5))
            .await
            .unwrap()
            .prices,
        2
    );

    let told = async |from: Option<&str>, known_at| {
        let series = firm
            .store
            .load_prices(Some(&[ACME]), from.map(day), None, known_at)
            .await
            .unwrap();
        let series = series.into_iter().next().unwrap();
        let days = series.dates.iter().zip(&series.closes).zip(&series.sources);
        days.map(|((date, close), source)| format!("{date} {close} {}", series.source_names[usize::from(*source)]))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(None, Some(hour(4))).await,
        [
            "2025-12-30 98.5 exchange",
            "2025-12-31 99.0 exchange",
            "2026-01-02 100.25 exchange"
        ]
    );
    assert_eq!(
        told(Some("2025-12-31"), None).await,
        [
            "2025-12-31 99.5 manual",
            "2026-01-02 100.25 exchange",
            "2026-01-05 101 manual"
        ]
    );
    let book = firm.store.load_price_book(None).await.unwrap();
    let priced = book.price(ACME, day("2026-01-04"), 7).unwrap();
    assert_eq!(
        (priced.value.to_string(), priced.date, priced.source.as_str()),
        ("100.25".to_owned(), day("2026-01-02"), "exchange")
    );
}

#[tokio::test]
async fn bars_keep_the_columns_each_day_has() {
    let firm = Firm::new(13).await;
    let number = |text: &str| text.parse::<Decimal>().unwrap();
    let full = PriceBar {
        date: day("2026-01-05"),
        close: number("101.5"),
        range: Some([number("100"), number("102.25"), number("99.75")]),
        volume: Some(number("1250000")),
    };
    let bars = vec![full, PriceBar::close(day("2026-01-06"), number("102"))];
    let batch = PriceBatch {
        instrument: ACME,
        source: "file".to_owned(),
        known_at: hour(1),
        bars: bars.clone(),
        withdrawn: Vec::new(),
    };
    firm.store.insert_prices(vec![batch], hour(1)).await.unwrap();
    let found = firm.store.load_bars(&[ACME], None, None, None).await.unwrap();
    assert_eq!(found, BTreeMap::from([(ACME, bars.clone())]));
    // No instrument of the book, so it has no bars.
    let stranger = InstrumentId::from_bytes([77; 16]);
    let later = Some(day("2026-01-06"));
    let found = firm
        .store
        .load_bars(&[stranger, ACME], later, None, None)
        .await
        .unwrap();
    assert_eq!(found, BTreeMap::from([(ACME, bars[1..].to_vec())]));
    assert!(
        firm.store
            .load_bars(&[stranger], None, None, None)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn rates_are_kept_by_pair_and_must_be_positive() {
    let firm = Firm::new(14).await;
    let batch = |rate: &str| RateBatch {
        base: Currency::EUR,
        target: Currency::USD,
        source: "bank".to_owned(),
        known_at: hour(1),
        rates: vec![(day("2026-01-05"), rate.parse().unwrap())],
        withdrawn: Vec::new(),
    };
    assert_eq!(
        firm.store
            .insert_rates(vec![batch("1.0832")], hour(1))
            .await
            .unwrap()
            .rates,
        1
    );
    assert_eq!(
        firm.store
            .insert_rates(vec![batch("1.0832")], hour(1))
            .await
            .unwrap()
            .rates,
        0
    );
    let err = firm.store.insert_rates(vec![batch("0")], hour(1)).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "a rate cannot be stored: EUR to USD on 2026-01-05 is 0"
    );
    let series = firm.store.load_rates(None, None, None).await.unwrap();
    assert_eq!((series.len(), series[0].rates[0].to_string()), (1, "1.0832".to_owned()));
    let book = firm.store.load_price_book(None).await.unwrap();
    assert_eq!(
        book.fx(Currency::EUR, Currency::USD, day("2026-01-05"))
            .unwrap()
            .value
            .to_string(),
        "1.0832"
    );
}

#[tokio::test]
async fn a_withdrawn_split_is_gone_from_its_instant_on() {
    let firm = Firm::new(15).await;
    let split = CorporateAction {
        instrument: ACME,
        ex_date: day("2026-01-05"),
        event: CorporateEvent::Split {
            ratio: Ratio::new(7, 1).unwrap(),
        },
        source: "exchange".to_owned(),
        withdrawn: false,
        known_at: hour(1),
    };
    let add = |action: &CorporateAction| Changes {
        actions: vec![action.clone()],
        ..Changes::default()
    };
    assert_eq!(firm.store.apply(&add(&split), hour(1)).await.unwrap().actions, 1);
    assert_eq!(firm.store.apply(&add(&split), hour(2)).await.unwrap().actions, 0);
    let withdrawn = CorporateAction {
        withdrawn: true,
        known_at: hour(5),
        ..split.clone()
    };
    assert_eq!(firm.store.apply(&add(&withdrawn), hour(5)).await.unwrap().actions, 1);
    assert_eq!(firm.store.corporate_actions(Some(hour(4))).await.unwrap(), [split]);
    assert_eq!(firm.store.corporate_actions(None).await.unwrap(), []);
}

#[tokio::test]
async fn the_ledger_hash_knows_contents_only_and_no_order() {
    let (one, two) = (Firm::new(16).await, Firm::new(17).await);
    let batch = [buy(1, "2026-01-05", "10", "90.00"), buy(2, "2026-01-06", "5", "91")];
    one.store.insert_transactions(&batch, hour(1)).await.unwrap();
    // Another order, other ids, known later, and 90 for 90.00.
    let batch = [buy(12, "2026-01-06", "5", "91"), buy(11, "2026-01-05", "10", "90")];
    two.store.insert_transactions(&batch, hour(9)).await.unwrap();
    let hashes = (
        one.store.ledger_hash(None).await.unwrap(),
        two.store.ledger_hash(None).await.unwrap(),
    );
    assert_eq!(hashes.0, hashes.1);
    assert_ne!(
        one.store.state_hash().await.unwrap(),
        two.store.state_hash().await.unwrap()
    );
    two.store
        .insert_transactions(&[buy(13, "2026-01-06", "5", "91")], hour(9))
        .await
        .unwrap();
    assert_ne!(two.store.ledger_hash(None).await.unwrap(), hashes.0);
}
