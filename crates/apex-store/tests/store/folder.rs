//! Opening and refusing to open: every refusal leaves the folder as it was to the last byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use apex_store::{
    BookClock, KeyFile, Keyring, Mode, NewBook, Passphrase, Protection, RecoveryKey, Store, StoreError, Unlock,
};

use crate::fixture::*;

/// The bytes of every file in a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect()
}

/// Copies the files of a book that is still open, as a crash would leave them.
fn crashed_copy(of: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for (path, bytes) in contents(of) {
        let name = path.file_name().unwrap();
        if !name.to_str().unwrap().ends_with("-shm") {
            std::fs::write(to.join(name), bytes).unwrap();
        }
    }
}

fn about() -> NewBook {
    NewBook {
        name: "Test".to_owned(),
        clock: BookClock::Wall,
        labels: BTreeMap::new(),
    }
}

#[tokio::test]
async fn a_book_opens_with_its_passphrase_and_nothing_in_it_is_readable() {
    let (path, _folder) = Firm::new(41).await.close().await;
    let store = open(&path).await.unwrap();
    assert_eq!(store.portfolios(None).await.unwrap()[0].value.name, "US core");
    store.close().await.unwrap();
    assert_eq!(contents(&path).len(), 2);
    for bytes in contents(&path).values() {
        assert!(
            !bytes
                .windows(7)
                .any(|window| window == b"SQLite " || window == b"US core")
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let firm = Firm::new(42).await;
    firm.store
        .cache()
        .put(apex_store::CacheTable { name: "t", version: 1 }, b"k", b"v");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&firm.path()), 0o700);
    let files = contents(&firm.path());
    assert!(files.len() >= 4);
    for path in files.keys() {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_wrong_key_changes_nothing() {
    let firm = Firm::new(43).await;
    let stranger = Firm::new(44).await.store.make_recovery_key().unwrap();
    firm.store.make_recovery_key().unwrap();
    let crashed = firm.folder.path().join("crashed");
    crashed_copy(&firm.path(), &crashed);
    let (closed, _folder) = firm.close().await;
    for path in [closed, crashed] {
        let before = contents(&path);
        let wrong = Unlock::Passphrase(Passphrase::new("wrong").unwrap());
        assert!(matches!(
            Store::open(&path, &wrong, entropy(1)).await,
            Err(StoreError::WrongPassphrase)
        ));
        let wrong = Unlock::Recovery(stranger.clone());
        assert!(matches!(
            Store::open(&path, &wrong, entropy(1)).await,
            Err(StoreError::WrongRecoveryKey)
        ));
        assert_eq!(contents(&path), before);
    }
}

#[tokio::test]
async fn the_key_file_of_another_book_does_not_fit_and_changes_nothing() {
    let (path, _folder) = Firm::new(45).await.close().await;
    let (other, _other_folder) = Firm::new(46).await.close().await;
    std::fs::copy(other.join("key.json"), path.join("key.json")).unwrap();
    let before = contents(&path);
    let err = open(&path).await.unwrap_err();
    assert!(matches!(err, StoreError::Damaged { file: "ledger.db", .. }), "{err}");
    assert_eq!(contents(&path), before);
}

#[tokio::test]
async fn a_damaged_page_is_noticed_and_changes_nothing() {
    let firm = Firm::new(47).await;
    let batch: Vec<_> = (0..2_000)
        .map(|number| buy(number, "2026-01-05", "10", "90.00"))
        .collect();
    firm.store.insert_transactions(&batch, hour(1)).await.unwrap();
    let (path, _folder) = firm.close().await;
    let ledger = path.join("ledger.db");
    let good = std::fs::read(&ledger).unwrap();
    for (scene, at) in [
        ("the first page", 100),
        ("a page in the middle", good.len() / 2),
        ("the last page", good.len() - 9),
    ] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(&ledger, &bytes).unwrap();
        let found = match open(&path).await {
            Err(err) => Err(err),
            Ok(store) => {
                let found = store.verify().await;
                store.close().await.unwrap();
                found
            }
        };
        let err = found.unwrap_err();
        assert!(
            matches!(err, StoreError::Damaged { file: "ledger.db", .. }),
            "{scene}: {err}"
        );
        assert_eq!(std::fs::read(&ledger).unwrap(), bytes, "{scene}");
        assert_eq!(contents(&path).len(), 2, "{scene}");
    }
    std::fs::write(&ledger, &good).unwrap();
    open(&path).await.unwrap().verify().await.unwrap();
    std::fs::remove_file(&ledger).unwrap();
    assert_eq!(
        open(&path).await.unwrap_err().to_string(),
        "ledger.db is damaged: the file is missing"
    );
}

#[tokio::test]
async fn reading_a_damaged_page_is_an_error_and_not_a_wrong_number() {
    let firm = Firm::new(48).await;
    let batch: Vec<_> = (0..5_000)
        .map(|number| buy(number, "2026-01-05", "10", "90.00"))
        .collect();
    firm.store.insert_transactions(&batch, hour(1)).await.unwrap();
    let (path, _folder) = firm.close().await;
    let ledger = path.join("ledger.db");
    let mut bytes = std::fs::read(&ledger).unwrap();
    // All but the pages that hold the schema.
    let start = 30 * 4096;
    for page in bytes[start..].chunks_mut(4096) {
        page[2_000] ^= 0x40;
    }
    std::fs::write(&ledger, &bytes).unwrap();
    let read = match open(&path).await {
        Ok(store) => store.load_ledger(None).await,
        Err(err) => Err(err),
    };
    let err = read.unwrap_err();
    assert!(matches!(err, StoreError::Damaged { file: "ledger.db", .. }), "{err}");
}

#[tokio::test]
async fn what_was_committed_survives_a_crash() {
    let firm = Firm::new(50).await;
    firm.store
        .insert_transactions(&[buy(1, "2026-01-05", "10", "90.00")], hour(1))
        .await
        .unwrap();
    let crashed = firm.folder.path().join("crashed");
    crashed_copy(&firm.path(), &crashed);
    assert!(std::fs::metadata(crashed.join("ledger.db-wal")).unwrap().len() > 0);
    let store = open(&crashed).await.unwrap();
    assert_eq!(
        store.state_hash().await.unwrap(),
        firm.store.state_hash().await.unwrap()
    );
    store.verify().await.unwrap();
}

#[tokio::test]
async fn dropping_a_book_waits_until_its_connections_are_closed() {
    let firm = Firm::new(56).await;
    let log = firm.path().join("ledger.db-wal");
    let (_, _) = tokio::join!(firm.store.ledger_hash(None), firm.store.load_ledger(None));
    assert!(log.is_file());
    let Firm { store, folder } = firm;
    drop(store);
    assert!(
        !log.exists(),
        "the last connection to close folds the log into the file"
    );
    drop(folder);
}

#[tokio::test]
async fn a_forgotten_passphrase_is_replaced_with_the_recovery_key() {
    let firm = Firm::new(51).await;
    let written_down = firm.store.make_recovery_key().unwrap().reveal();
    let (path, _folder) = firm.close().await;
    let recovery: RecoveryKey = written_down.to_lowercase().parse().unwrap();
    let store = Store::open(&path, &Unlock::Recovery(recovery.clone()), entropy(1))
        .await
        .unwrap();
    let new = Passphrase::new("a better one").unwrap();
    store
        .change_protection(&Protection::Passphrase {
            passphrase: new.clone(),
            cost: CHEAP,
        })
        .await
        .unwrap();
    store.close().await.unwrap();
    assert!(matches!(open(&path).await, Err(StoreError::WrongPassphrase)));
    Store::open(&path, &Unlock::Passphrase(new), entropy(1))
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    // The recovery key still holds, until a new one is made.
    let store = Store::open(&path, &Unlock::Recovery(recovery.clone()), entropy(2))
        .await
        .unwrap();
    store.make_recovery_key().unwrap();
    assert!(matches!(
        Store::open(&path, &Unlock::Recovery(recovery), entropy(1)).await,
        Err(StoreError::WrongRecoveryKey)
    ));
}

#[tokio::test]
async fn a_book_under_the_keyring_opens_without_a_question_and_moves_to_a_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book");
    let keyring = Keyring::probed(keyring_core::mock::Store::new().unwrap())
        .await
        .unwrap();
    let store = Store::create(
        &path,
        &about(),
        &Protection::Keyring(keyring.clone()),
        entropy(52),
        hour(0),
    )
    .await
    .unwrap();
    store.close().await.unwrap();
    assert_eq!(KeyFile::read(&path).unwrap().mode(), Mode::Keyring);
    assert!(matches!(
        open(&path).await,
        Err(StoreError::NoSuchKey { kind: "passphrase" })
    ));
    let store = Store::open(&path, &Unlock::Keyring(keyring.clone()), entropy(1))
        .await
        .unwrap();
    let nothing_else = store
        .backup(&folder.path().join("b"), &apex_store::BackupAccess::AsBook)
        .await
        .unwrap_err();
    assert_eq!(nothing_else.to_string(), "this book has no passphrase or recovery key");
    store.change_protection(&protection()).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(KeyFile::read(&path).unwrap().mode(), Mode::Passphrase);
    open(&path).await.unwrap();
    let lost = Store::open(&path, &Unlock::Keyring(keyring), entropy(1)).await;
    assert!(matches!(lost, Err(StoreError::NoSuchKey { kind: "keyring" })));
}

#[tokio::test]
async fn a_second_program_reads_and_writes_in_turn() {
    let firm = Firm::new(53).await;
    let second = open(&firm.path()).await.unwrap();
    firm.store
        .insert_transactions(&[buy(1, "2026-01-05", "10", "90.00")], hour(1))
        .await
        .unwrap();
    assert_eq!(second.transaction_count().await.unwrap(), 1);
    second
        .insert_transactions(&[buy(2, "2026-01-05", "10", "90.00")], hour(1))
        .await
        .unwrap();
    assert_eq!(firm.store.transaction_count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_folder_with_something_in_it_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "do not lose").unwrap();
    let err = Store::create(folder.path(), &about(), &protection(), entropy(54), hour(0))
        .await
        .unwrap_err();
    assert!(matches!(err, StoreError::NotEmpty { .. }), "{err}");
    assert!(matches!(open(folder.path()).await, Err(StoreError::NoBook { .. })));
    assert_eq!(contents(folder.path()).len(), 1);
    // An empty folder is as good as none.
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    Store::create(&empty, &about(), &protection(), entropy(55), hour(0))
        .await
        .unwrap();
}
