//! What lies beside the book: its backup, and the preferences.

use apex_wire::preferences::{GetPreferences, Preferences, SavePreferences};
use apex_wire::{Code, Figure};

use super::{Desk, PASSPHRASE, decimal};
use crate::desk::app;

#[tokio::test]
async fn a_backup_restores_to_the_same_state() {
    let desk = Desk::new().await;
    let view = desk.portfolio("Core", "USD", "fifo").await;
    desk.ledger(view, "2026-01-05 deposit - 10000").await;
    let hash = desk.app.state_hash().await.expect("a hash");
    let file = desk.folder.path().join("book.apexbackup");
    let ask = apex_wire::setup::BackUp {
        path: file.display().to_string(),
    };
    desk.app.back_up(ask).await.expect("backed up");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let other = app(elsewhere.path());
    let wrong = other
        .restore(&file, "guess", Some("new passphrase"), &desk.now())
        .await
        .expect_err("a wrong passphrase");
    assert_eq!(wrong.code, Code::WrongKey);
    other
        .restore(&file, PASSPHRASE, Some("new passphrase"), &desk.now())
        .await
        .expect("restored");
    assert_eq!(other.state_hash().await.expect("a hash"), hash);
    assert_eq!(
        other.fold(view).expect("a fold").valuation().nav,
        Figure::Known(decimal("10000.00"))
    );
}

#[tokio::test]
async fn preferences_are_kept_beside_the_book() {
    let desk = Desk::new().await;
    let preferences = Preferences {
        theme: "dark".into(),
        ..Preferences::default()
    };
    desk.app
        .save_preferences(SavePreferences {
            preferences: preferences.clone(),
        })
        .expect("kept");
    let other = app(desk.folder.path());
    assert_eq!(other.get_preferences(GetPreferences {}).expect("read"), preferences);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = other.folder().join("preferences.json");
        let mode = std::fs::metadata(file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it names portfolios, so nobody else reads it");
    }
}
