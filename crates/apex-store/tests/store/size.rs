//! How large a book becomes. The timings printed are those of this build, for a look with `--nocapture`.

#![allow(
    clippy::disallowed_methods,
    reason = "the stopwatch of a test; nothing depends on what it shows"
)]

use std::time::Instant;

use apex_domain::{Decimal, Instrument, InstrumentId, InstrumentKind, Source, Transaction, TransactionKind};
use apex_store::{Changes, Edit};

use crate::fixture::*;

fn instrument(number: u64) -> InstrumentId {
    let mut bytes = [9; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    InstrumentId::from_bytes(bytes)
}

/// A broker's export: one line after the other over ten years, each with an id, fees and a settlement date.
fn export(count: u64) -> Vec<Transaction> {
    let start = day("2016-01-04");
    (0..count)
        .map(|number| {
            let kind = if number % 3 == 0 {
                TransactionKind::Sell
            } else {
                TransactionKind::Buy
            };
            let date = start.saturating_add(jiff::Span::new().days((number * 3_650 / count) as i64));
            let mut line = buy(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), "2016-01-04", "1", "1");
            line.kind = kind;
            line.trade_date = date;
            line.settle_date = date.saturating_add(jiff::Span::new().days(2));
            line.instrument = Some(instrument(number % 2_000));
            line.quantity = Decimal::new((number % 500) as i64 + 1, 0);
            line.price = Decimal::new(5_000 + (number * 7_919 % 40_000) as i64, 2);
            line.fees = Decimal::new(120, 2);
            line.external_id = Some(format!("FILL-2016-{number:08}"));
            line.source = Source::File {
                name: "export.csv".to_owned(),
                line: number as u32 + 2,
            };
            line
        })
        .collect()
}

#[tokio::test]
async fn a_book_of_a_hundred_thousand_transactions_stays_under_sixty_megabytes() {
    let count: u64 = std::env::var("APEX_STORE_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(100_000);
    let firm = Firm::new(61).await;
    let instruments = (0..2_000).map(|number| {
        let symbol = format!("SYM{number}");
        Edit::new(Instrument::new(
            instrument(number),
            InstrumentKind::Equity,
            &symbol,
            apex_domain::Currency::USD,
        ))
    });
    let started = Instant::now();
    firm.store
        .apply(
            &Changes {
                instruments: instruments.collect(),
                ..Changes::default()
            },
            hour(1),
        )
        .await
        .unwrap();
    println!("2,000 instruments: {:?}", started.elapsed());
    let export = export(count);
    let started = Instant::now();
    let applied = firm.store.insert_transactions(&export, hour(1)).await.unwrap();
    println!("{count} transactions added: {:?}", started.elapsed());
    assert_eq!(applied.transactions as u64, count);
    let started = Instant::now();
    let applied = firm.store.insert_transactions(&export[..2_000], hour(2)).await.unwrap();
    println!("2,000 known again: {:?}", started.elapsed());
    assert_eq!(applied.duplicates.len(), 2_000);
    let (path, _folder) = firm.close().await;
    let bytes = std::fs::metadata(path.join("ledger.db")).unwrap().len();
    println!("ledger.db: {bytes} bytes, {} a transaction", bytes / count);
    assert!(bytes <= 400 * count, "{bytes} bytes");

    let started = Instant::now();
    let store = open(&path).await.unwrap();
    println!("opened: {:?}", started.elapsed());
    assert_eq!(store.transaction_count().await.unwrap(), count);
    println!("opened and first query: {:?}", started.elapsed());
    let started = Instant::now();
    let ledger = store.load_ledger(None).await.unwrap();
    println!("ledger loaded: {:?}", started.elapsed());
    assert!(ledger == export);
}
