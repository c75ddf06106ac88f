//! `apex backup` and `apex restore`.

use anyhow::{Context, bail};
use apex_wire::session::Session;
use apex_wire::setup::BackUp;
use serde::Serialize;

use super::Done;
use crate::arguments::{Backup, Restore};
use crate::desk::{self, Desk, refused};
use crate::output;

/// `apex backup --json`.
#[derive(Serialize)]
struct BackedUp {
    file: String,
    ledger_hash: String,
    state_hash: String,
}

/// `apex restore --json`.
#[derive(Serialize)]
struct Restored {
    name: String,
    ledger_hash: String,
    state_hash: String,
}

/// Writes the book to one file.
pub(super) async fn backup(desk: &Desk, ask: Backup) -> anyhow::Result<Done> {
    desk.open().await?;
    let file = ask.file.display().to_string();
    let sentence = desk.app.back_up(BackUp { path: file.clone() }).await.map_err(refused)?;
    let ledger_hash = desk.app.ledger_hash().await.map_err(refused)?;
    let state_hash = desk.app.state_hash().await.map_err(refused)?;
    if desk.common.json {
        output::json(&BackedUp {
            file,
            ledger_hash,
            state_hash,
        })?;
    } else {
        output::text(&format!(
            "{sentence}\nledger hash {ledger_hash}\nstate hash  {state_hash}\n"
        ))?;
    }
    Ok(Done::Well)
}

/// Makes a book from a backup.
pub(super) async fn restore(desk: &Desk, ask: Restore) -> anyhow::Result<Done> {
    let folder = desk.app.folder().display().to_string();
    let keyring = match desk.app.open_folder(&desk.moment()).await.map_err(refused)? {
        Session::FirstRun { keyring } => keyring,
        Session::Locked | Session::Open(_) => {
            bail!("there is a book in {folder} already; restore into another folder with --data")
        }
    };
    if !ask.file.is_file() {
        bail!("there is no file {}", ask.file.display());
    }
    let secret = desk::passphrase("the backup is locked", "Passphrase or recovery key of the backup: ")?;
    let lock = if ask.passphrase || !keyring {
        Some(desk::restored_passphrase(&secret)?)
    } else {
        None
    };
    let restored = desk
        .app
        .restore(&ask.file, &secret, lock.as_deref(), &desk.moment())
        .await
        .map_err(refused)
        .with_context(|| format!("cannot restore {}", ask.file.display()))?;
    let name = match restored {
        Session::Open(book) => book.name,
        Session::Locked | Session::FirstRun { .. } => bail!("the restored book in {folder} did not open"),
    };
    let ledger_hash = desk.app.ledger_hash().await.map_err(refused)?;
    let state_hash = desk.app.state_hash().await.map_err(refused)?;
    if desk.common.json {
        output::json(&Restored {
            name,
            ledger_hash,
            state_hash,
        })?;
    } else {
        output::text(&format!(
            "{name} is in {folder}\nledger hash {ledger_hash}\nstate hash  {state_hash}\n"
        ))?;
    }
    Ok(Done::Well)
}
