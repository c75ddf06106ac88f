//! The encrypted store with a million transactions: opened, and asked.
//!
//! The passphrase's derivation is made cheap: it is slow on purpose, by the same time for every book.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use apex_domain::Timestamp;
use apex_store::{BookClock, Changes, Edit, Entropy, KdfCost, NewBook, Passphrase, Protection, Store, Unlock};
use cpu_time::ProcessTime;
use criterion::{Criterion, SamplingMode};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::cpu_time::CpuTime;
use crate::few::few;
use apex_bench::simulated::{Fees, MILLION, Simulated};

/// What one page of transactions shows.
const PAGE: u64 = 100;

pub(crate) fn benches(criterion: &mut Criterion<CpuTime>) {
    let runtime = Runtime::new().expect("threads to run on");
    let book = LazyCell::new(|| runtime.block_on(Book::create()));
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("open_1m", |bencher| {
        bencher.iter_custom(|iterations| book.timed(iterations, &runtime, async |_| ()));
    });
    group.bench_function("open_and_query_1m", |bencher| {
        bencher.iter_custom(|iterations| {
            book.timed(iterations, &runtime, async |store| {
                let count = store.transaction_count().await.expect("an open store");
                let page = store
                    .load_ledger_since(count - PAGE, None)
                    .await
                    .expect("an open store");
                assert_eq!(page.len() as u64, PAGE);
            })
        });
    });
    group.finish();
    few(
        "store/open_and_load_1m",
        || LazyCell::force(&book),
        |book| {
            runtime.block_on(async {
                let store = open(&book.path).await;
                let ledger = store.load_ledger(None).await.expect("an open store");
                assert_eq!(ledger.len(), MILLION.trades);
                (store, ledger)
            })
        },
    );
}

struct Book {
    path: PathBuf,
    /// Removed with the book.
    _folder: TempDir,
}

impl Book {
    /// Opens the book and asks it something; closing it is not timed.
    fn timed(&self, iterations: u64, runtime: &Runtime, ask: impl AsyncFn(&Store)) -> Duration {
        let once = |_| {
            runtime.block_on(async {
                let start = ProcessTime::now();
                let store = open(&self.path).await;
                ask(&store).await;
                let elapsed = start.elapsed();
                store.close().await.expect("an open store");
                elapsed
            })
        };
        (0..iterations).map(once).sum()
    }

    async fn create() -> Self {
        let folder = tempfile::tempdir().expect("room for a book");
        let path = folder.path().join("book");
        let about = NewBook {
            name: "Large".to_owned(),
            clock: BookClock::Wall,
            labels: BTreeMap::new(),
        };
        let protection = Protection::Passphrase {
            passphrase: passphrase(),
            cost: KdfCost {
                memory_kib: 8,
                passes: 1,
                lanes: 1,
            },
        };
        let now = Timestamp::from_second(1_767_225_600).expect("a day of 2026");
        let store = Store::create(&path, &about, &protection, entropy(1), now)
            .await
            .expect("an empty folder");
        let ledger = Simulated::new(MILLION, 23).long_only();
        let reference = ledger.reference();
        let changes = Changes {
            portfolios: reference.portfolios.into_iter().map(Edit::new).collect(),
            accounts: reference.accounts.into_iter().map(Edit::new).collect(),
            instruments: reference.instruments.into_iter().map(Edit::new).collect(),
            ..Changes::default()
        };
        store.apply(&changes, now).await.expect("names that are new");
        let transactions = ledger.transactions(Fees::Charged);
        store
            .insert_transactions(&transactions, now)
            .await
            .expect("transactions that are new");
        store.close().await.expect("a book that was written");
        Self { path, _folder: folder }
    }
}

pub(crate) async fn open(path: &Path) -> Store {
    let unlock = Unlock::Passphrase(passphrase());
    Store::open(path, &unlock, entropy(2))
        .await
        .expect("the right passphrase")
}

pub(crate) fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple").expect("long enough")
}

/// Bytes of a simple generator: good for measuring, never for keys.
pub(crate) fn entropy(seed: u64) -> Entropy {
    let mut state = seed;
    Entropy::new(move |bytes| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 33) as u8;
        }
    })
}
