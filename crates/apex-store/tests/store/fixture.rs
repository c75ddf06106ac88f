//! A small firm in a temporary folder, with a seeded source of bytes and a clock that the test sets.

use std::collections::BTreeMap;
use std::path::PathBuf;

use apex_domain::{
    Account, AccountId, Currency, Date, Instrument, InstrumentId, InstrumentKind, LotMethod, Portfolio, PortfolioId,
    Timestamp, Transaction, TransactionId, TransactionKind,
};
use apex_store::{BookClock, Changes, Edit, Entropy, KdfCost, NewBook, Passphrase, Protection, Store, Unlock};

pub(crate) const CHEAP: KdfCost = KdfCost {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};
pub(crate) const PORTFOLIO: PortfolioId = PortfolioId::from_bytes([1; 16]);
pub(crate) const ACCOUNT: AccountId = AccountId::from_bytes([2; 16]);
pub(crate) const ACME: InstrumentId = InstrumentId::from_bytes([3; 16]);

/// Bytes of a splitmix64 generator: good for tests, never for keys.
pub(crate) fn entropy(seed: u64) -> Entropy {
    let mut state = seed;
    Entropy::new(move |bytes| {
        for byte in bytes {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed >> 56) as u8;
        }
    })
}

pub(crate) fn passphrase() -> Passphrase {
    Passphrase::new("correct horse battery staple").unwrap()
}

pub(crate) fn protection() -> Protection {
    Protection::Passphrase {
        passphrase: passphrase(),
        cost: CHEAP,
    }
}

/// 2026-01-01T00:00:00Z and some hours.
pub(crate) fn hour(hours: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + hours * 3_600).unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) struct Firm {
    pub(crate) store: Store,
    // Removed with the firm.
    pub(crate) folder: tempfile::TempDir,
}

impl Firm {
    /// A book that holds one portfolio with one account and one instrument, known at hour 0.
    pub(crate) async fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let about = NewBook {
            name: "Test".to_owned(),
            clock: BookClock::Wall,
            labels: BTreeMap::new(),
        };
        let store = Store::create(
            &folder.path().join("book"),
            &about,
            &protection(),
            entropy(seed),
            hour(0),
        )
        .await
        .unwrap();
        let portfolio = Portfolio {
            id: PORTFOLIO,
            name: "US core".to_owned(),
            currency: Currency::USD,
            benchmark: None,
        };
        let changes = Changes {
            instruments: vec![Edit::new(Instrument::new(
                ACME,
                InstrumentKind::Equity,
                "ACME",
                Currency::USD,
            ))],
            portfolios: vec![Edit::new(portfolio)],
            accounts: vec![Edit::new(account())],
            ..Changes::default()
        };
        store.apply(&changes, hour(0)).await.unwrap();
        Self { store, folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.store.folder().to_owned()
    }

    /// Closes the book and returns its folder.
    pub(crate) async fn close(self) -> (PathBuf, tempfile::TempDir) {
        let path = self.path();
        self.store.close().await.unwrap();
        (path, self.folder)
    }
}

pub(crate) async fn open(path: &std::path::Path) -> apex_store::Result<Store> {
    Store::open(path, &Unlock::Passphrase(passphrase()), entropy(99)).await
}

pub(crate) fn account() -> Account {
    Account {
        id: ACCOUNT,
        portfolio: PORTFOLIO,
        name: "Main".to_owned(),
        lot_method: LotMethod::Fifo,
    }
}

pub(crate) fn id(number: u64) -> TransactionId {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    TransactionId::from_bytes(bytes)
}

/// A purchase of ACME by hand, known at hour 1.
pub(crate) fn buy(number: u64, date: &str, quantity: &str, price: &str) -> Transaction {
    let mut transaction = Transaction::new(
        id(number),
        &account(),
        day(date),
        TransactionKind::Buy,
        Currency::USD,
        hour(1),
    );
    transaction.instrument = Some(ACME);
    transaction.quantity = quantity.parse().unwrap();
    transaction.price = price.parse().unwrap();
    transaction
}
