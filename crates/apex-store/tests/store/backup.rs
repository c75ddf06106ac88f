//! Backups: the same book from one file, or a clear refusal.

use apex_store::{BackupAccess, Passphrase, PriceBar, PriceBatch, StoreError, Unlock, restore};

use crate::fixture::*;

async fn filled(seed: u64) -> Firm {
    let firm = Firm::new(seed).await;
    let batch: Vec<_> = (0..300)
        .map(|number| buy(number, "2026-01-05", "10", "90.00"))
        .collect();
    firm.store.insert_transactions(&batch, hour(1)).await.unwrap();
    let bars = vec![PriceBar::close(day("2026-01-05"), "90".parse().unwrap())];
    let batch = PriceBatch {
        instrument: ACME,
        source: "manual".to_owned(),
        known_at: hour(1),
        bars,
        withdrawn: Vec::new(),
    };
    firm.store.insert_prices(vec![batch], hour(1)).await.unwrap();
    firm.store.put_setting("theme", &"dark", 0, hour(1)).await.unwrap();
    firm
}

#[tokio::test]
async fn a_restored_book_has_the_same_state() {
    let firm = filled(31).await;
    let file = firm.folder.path().join("book.apexbackup");
    firm.store.backup(&file, &BackupAccess::AsBook).await.unwrap();
    // Replaced, not appended to.
    firm.store.backup(&file, &BackupAccess::AsBook).await.unwrap();
    let hash = firm.store.state_hash().await.unwrap();
    let target = firm.folder.path().join("restored");
    let unlock = Unlock::Passphrase(passphrase());
    let restored = restore(&file, &unlock, &target, &protection(), entropy(1))
        .await
        .unwrap();
    assert_eq!(restored.state_hash().await.unwrap(), hash);
    restored.verify().await.unwrap();
    restored.close().await.unwrap();
    assert_eq!(open(&target).await.unwrap().state_hash().await.unwrap(), hash);

    let again = restore(&file, &unlock, &target, &protection(), entropy(1))
        .await
        .unwrap_err();
    assert!(matches!(again, StoreError::NotEmpty { .. }), "{again}");
    let mut names: Vec<_> = std::fs::read_dir(firm.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["book", "book.apexbackup", "restored"]);
    let bytes = std::fs::read(&file).unwrap();
    assert!(
        !bytes
            .windows(6)
            .any(|window| window == b"SQLite" || window == b"US cor")
    );
}

#[tokio::test]
async fn the_recovery_key_and_a_passphrase_of_its_own_open_a_backup() {
    let firm = filled(32).await;
    let recovery = firm.store.make_recovery_key().unwrap();
    let file = firm.folder.path().join("backup");
    let own = Passphrase::new("for the safe").unwrap();
    let access = BackupAccess::Passphrase {
        passphrase: own.clone(),
        cost: CHEAP,
    };
    firm.store.backup(&file, &access).await.unwrap();
    for (name, unlock) in [("a", Unlock::Passphrase(own)), ("b", Unlock::Recovery(recovery))] {
        let target = firm.folder.path().join(name);
        let restored = restore(&file, &unlock, &target, &protection(), entropy(1))
            .await
            .unwrap();
        assert_eq!(restored.transaction_count().await.unwrap(), 300);
    }
    let unlock = Unlock::Passphrase(passphrase());
    let err = restore(&file, &unlock, &firm.folder.path().join("c"), &protection(), entropy(1))
        .await
        .unwrap_err();
    assert!(matches!(err, StoreError::WrongPassphrase), "{err}");
    assert!(!firm.folder.path().join("c").exists());
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_no_trace() {
    let firm = filled(33).await;
    let file = firm.folder.path().join("backup");
    firm.store.backup(&file, &BackupAccess::AsBook).await.unwrap();
    let good = std::fs::read(&file).unwrap();
    let target = firm.folder.path().join("restored");
    let turned = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut newer = good.clone();
    newer[6..8].copy_from_slice(b"07");
    let scenes = [
        ("a bit of a page", turned(good.len() / 2)),
        ("a bit of the seal", turned(good.len() - 1)),
        ("cut off", good[..good.len() - 5_000].to_vec()),
        ("cut off in the head", good[..40].to_vec()),
        ("another file", b"date,symbol,quantity".repeat(20)),
        ("a newer backup", newer),
    ];
    for (scene, bytes) in scenes {
        std::fs::write(&file, bytes).unwrap();
        let unlock = Unlock::Passphrase(passphrase());
        let err = restore(&file, &unlock, &target, &protection(), entropy(1))
            .await
            .unwrap_err();
        assert!(
            matches!(
                err,
                StoreError::Damaged { file: "the backup", .. } | StoreError::Newer { found: 7, .. }
            ),
            "{scene}: {err}"
        );
        assert!(!target.exists(), "{scene}");
        assert_eq!(std::fs::read_dir(firm.folder.path()).unwrap().count(), 2, "{scene}");
    }
}
