//! The cache: sealed, and gone at any time without harm.

use apex_store::CacheTable;

use crate::fixture::*;

const RESULTS: CacheTable = CacheTable {
    name: "results",
    version: 1,
};

#[tokio::test]
async fn a_value_comes_back_and_neither_it_nor_its_key_is_readable_in_the_file() {
    let firm = Firm::new(21).await;
    let cache = firm.store.cache();
    assert_eq!(cache.get(RESULTS, b"nav of the portfolio"), None);
    cache.put(RESULTS, b"nav of the portfolio", b"1234567.89 US dollars");
    assert_eq!(
        cache.get(RESULTS, b"nav of the portfolio").as_deref(),
        Some(&b"1234567.89 US dollars"[..])
    );
    let other_version = CacheTable { version: 2, ..RESULTS };
    assert_eq!(cache.get(other_version, b"nav of the portfolio"), None);
    let bytes = std::fs::read(firm.path().join("cache.redb")).unwrap();
    for secret in [&b"US dollars"[..], b"nav of"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[tokio::test]
async fn the_file_may_be_deleted_while_it_is_in_use() {
    let firm = Firm::new(22).await;
    let cache = firm.store.cache();
    cache.put(RESULTS, b"key", b"value");
    std::fs::remove_file(firm.path().join("cache.redb")).unwrap();
    assert_eq!(cache.get(RESULTS, b"key"), None);
    cache.put(RESULTS, b"key", b"again");
    assert_eq!(cache.get(RESULTS, b"key").as_deref(), Some(&b"again"[..]));
    cache.clear().unwrap();
    assert_eq!(cache.get(RESULTS, b"key"), None);
}

#[tokio::test]
async fn damaged_files_count_as_absent() {
    let firm = Firm::new(23).await;
    firm.store.cache().put(RESULTS, b"key", b"value");
    let (path, _folder) = firm.close().await;
    let file = path.join("cache.redb");
    let good = std::fs::read(&file).unwrap();
    let scenes: [(&str, Vec<u8>); 3] = [
        ("no redb file", b"this is not a database".repeat(500)),
        ("cut off", good[..good.len() / 2].to_vec()),
        ("every byte of every page behind the header turned", {
            let mut bytes = good.clone();
            bytes[4096..].iter_mut().for_each(|byte| *byte ^= 0x5a);
            bytes
        }),
    ];
    for (scene, bytes) in scenes {
        std::fs::write(&file, bytes).unwrap();
        let store = open(&path).await.unwrap();
        assert_eq!(store.cache().get(RESULTS, b"key"), None, "{scene}");
        store.close().await.unwrap();
        let store = open(&path).await.unwrap();
        store.cache().put(RESULTS, b"key", b"value");
        assert_eq!(
            store.cache().get(RESULTS, b"key").as_deref(),
            Some(&b"value"[..]),
            "{scene}"
        );
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_second_program_works_without_the_cache() {
    let firm = Firm::new(24).await;
    firm.store.cache().put(RESULTS, b"key", b"value");
    let second = open(&firm.path()).await.unwrap();
    assert_eq!(second.cache().get(RESULTS, b"key"), None);
    second.cache().put(RESULTS, b"key", b"other");
    assert_eq!(firm.store.cache().get(RESULTS, b"key").as_deref(), Some(&b"value"[..]));
}
