//! What only the inside of the store can stage: a newer schema, missing steps, a write lock held by another program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sqlx::Connection;

use super::*;

fn entropy() -> Entropy {
    let mut state = 7_u64;
    Entropy::new(move |bytes| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    })
}

fn protection() -> Protection {
    let cost = KdfCost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
    Protection::Passphrase {
        passphrase: Passphrase::new("correct horse").unwrap(),
        cost,
    }
}

async fn make(folder: &Path) -> Store {
    let about = NewBook {
        name: "Test".to_owned(),
        clock: BookClock::Wall,
        labels: BTreeMap::new(),
    };
    Store::create(folder, &about, &protection(), entropy(), Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
}

async fn open(folder: &Path) -> Result<Store> {
    Store::open(
        folder,
        &Unlock::Passphrase(Passphrase::new("correct horse").unwrap()),
        entropy(),
    )
    .await
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect()
}

#[tokio::test]
async fn a_book_whose_schema_this_program_does_not_know_is_refused_and_left_alone() {
    type Scene = (&'static str, &'static str, fn(&StoreError) -> bool);
    let scenes: [Scene; 4] = [
        (
            "a newer step",
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             values (99, 'later', true, x'00', 0)",
            |err| {
                matches!(
                    err,
                    StoreError::Newer {
                        file: "ledger.db",
                        found: 99,
                        ..
                    }
                )
            },
        ),
        (
            "a strange step",
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             values (0, 'strange', true, x'00', 0)",
            |err| matches!(err, StoreError::UnknownMigration { version: 0 }),
        ),
        (
            "another step of the same number",
            "update _sqlx_migrations set checksum = x'00' where version = 1",
            |err| matches!(err, StoreError::ChangedMigration { version: 1 }),
        ),
        ("no record of steps", "drop table _sqlx_migrations", |err| {
            matches!(err, StoreError::Damaged { file: "ledger.db", .. })
        }),
    ];
    for (scene, statement, expected) in scenes {
        let folder = tempfile::tempdir().unwrap();
        let store = make(&folder.path().join("book")).await;
        sqlx::query(statement)
            .execute(&mut **store.database.writer.lock().await)
            .await
            .unwrap();
        // As a crash would leave it, the change being in the write-ahead log only.
        let crashed = folder.path().join("crashed");
        std::fs::create_dir(&crashed).unwrap();
        for name in ["key.json", "ledger.db", "ledger.db-wal"] {
            std::fs::copy(store.folder.join(name), crashed.join(name)).unwrap();
        }
        assert!(std::fs::metadata(crashed.join("ledger.db-wal")).unwrap().len() > 0);
        let closed = store.folder.clone();
        store.close().await.unwrap();
        for path in [closed, crashed] {
            let before = contents(&path);
            let err = open(&path).await.unwrap_err();
            assert!(expected(&err), "{scene}: {err}");
            let mut after = contents(&path);
            // SQLite's index of the write-ahead log, made for the reader; it holds nothing of its own.
            after.remove(&path.join("ledger.db-shm"));
            assert!(after == before, "{scene}: a file of {} was changed", path.display());
        }
    }
}

#[tokio::test]
async fn a_market_file_of_a_newer_program_is_refused_and_left_alone_and_the_book_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book");
    let store = make(&path).await;
    sqlx::query("update _sqlx_migrations set version = 9999 where version = 1")
        .execute(&mut **store.market().await.unwrap().writer().await)
        .await
        .unwrap();
    store.close().await.unwrap();
    let before = contents(&path);
    let store = open(&path).await.unwrap();
    assert!(matches!(
        store.market().await,
        Err(StoreError::Newer {
            file: "market.db",
            found: 9_999,
            ..
        })
    ));
    store.close().await.unwrap();
    assert!(contents(&path) == before);
}

#[tokio::test]
async fn a_writer_that_another_program_keeps_waiting_says_so_and_readers_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book");
    let store = make(&path).await;
    let second = open(&path).await.unwrap();
    let mut writer = store.database.writer.lock().await;
    let held = writer.begin_with("begin immediate").await.unwrap();
    let err = second.put_local_state("window", &1).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "another program is writing to this book; try again when it has finished"
    );
    assert_eq!(second.transaction_count().await.unwrap(), 0);
    held.rollback().await.unwrap();
    second.put_local_state("window", &1).await.unwrap();
}

#[tokio::test]
async fn a_book_without_its_schema_steps_gets_them_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book");
    let store = make(&path).await;
    // A file from before the first step: only the empty record of steps is there.
    let mut writer = store.database.writer.lock().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut **writer)
    .await
    .unwrap();
    sqlx::raw_sql("pragma foreign_keys = off")
        .execute(&mut **writer)
        .await
        .unwrap();
    for table in tables {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop table {table}")))
            .execute(&mut **writer)
            .await
            .unwrap();
    }
    sqlx::raw_sql("delete from _sqlx_migrations")
        .execute(&mut **writer)
        .await
        .unwrap();
    drop(writer);
    store.close().await.unwrap();
    let store = open(&path).await.unwrap();
    assert_eq!(store.transaction_count().await.unwrap(), 0);
    store.verify().await.unwrap();
}

#[tokio::test]
async fn the_columns_beside_a_body_say_what_the_body_says() {
    use apex_domain::*;
    let folder = tempfile::tempdir().unwrap();
    let store = make(&folder.path().join("book")).await;
    let portfolio = Portfolio {
        id: PortfolioId::from_bytes([1; 16]),
        name: "US core".to_owned(),
        currency: Currency::USD,
        benchmark: None,
    };
    let account = Account {
        id: AccountId::from_bytes([2; 16]),
        portfolio: portfolio.id,
        name: "Main".to_owned(),
        lot_method: LotMethod::Fifo,
    };
    let instrument = Instrument::new(
        InstrumentId::from_bytes([3; 16]),
        InstrumentKind::Equity,
        "ACME",
        Currency::USD,
    );
    let day = jiff::civil::date(2026, 1, 5);
    let at = Timestamp::from_nanosecond(1_767_600_000_123_456_789).unwrap();
    let id = TransactionId::from_bytes([4; 16]);
    let mut buy = Transaction::new(id, &account, day, TransactionKind::Buy, Currency::USD, at);
    buy.instrument = Some(instrument.id);
    let reversal = buy.reversal(TransactionId::from_bytes([5; 16]), at, "");
    let changes = Changes {
        instruments: vec![Edit::new(instrument)],
        portfolios: vec![Edit::new(portfolio)],
        accounts: vec![Edit::new(account)],
        transactions: vec![buy, reversal],
        ..Changes::default()
    };
    store.apply(&changes, at).await.unwrap();
    let mut reader = store.database.readers.acquire().await.unwrap();
    type Row = (i64, Vec<u8>, i64, i64, i64, i64, Option<i64>);
    let rows: Vec<Row> = sqlx::query_as(
        "select number, id, account, instrument, trade_date, known_at, reverses from transactions order by number",
    )
    .fetch_all(&mut *reader)
    .await
    .unwrap();
    let known = 1_767_600_000_123_456_789;
    assert_eq!(
        rows,
        [
            (1, vec![4; 16], 1, 1, 20_458, known, None),
            (2, vec![5; 16], 1, 1, 20_458, known, Some(1))
        ]
    );
}
