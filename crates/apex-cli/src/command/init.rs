//! `apex init`: a new book.

use anyhow::bail;
use apex_app::demo::DEFAULT_SEED;
use apex_wire::session::{NewBook, Session};

use super::Done;
use crate::arguments::Init;
use crate::desk::{self, Desk, refused};
use crate::output;

/// Makes the book of an empty folder.
pub(super) async fn init(desk: &Desk, ask: Init) -> anyhow::Result<Done> {
    let folder = desk.app.folder().display().to_string();
    let keyring = match desk.app.open_folder(&desk.moment()).await.map_err(refused)? {
        Session::FirstRun { keyring } => keyring,
        Session::Locked | Session::Open(_) => {
            bail!("there is a book in {folder} already; name another folder with --data")
        }
    };
    let passphrase = passphrase(ask.passphrase, keyring)?;
    let content = if ask.demo {
        NewBook::Demo
    } else {
        NewBook::Empty(ask.name.unwrap_or_default())
    };
    let seed = ask.seed.unwrap_or(DEFAULT_SEED);
    let job = desk.job();
    let made = desk
        .app
        .init(content, passphrase.as_deref(), seed, &desk.moment(), &job)
        .await;
    drop(job);
    let made = made.map_err(refused)?;
    if desk.common.json {
        output::json(&made)?;
        return Ok(Done::Well);
    }
    let mut text = format!(
        "{} is in {folder}, {} transactions, ledger hash {}\n",
        made.name, made.transactions, made.ledger_hash
    );
    text.push_str(match made.key.as_str() {
        "keyring" => "Its key is in the system's keyring.\n",
        _ => "It opens with its passphrase.\n",
    });
    if let Some(key) = &made.recovery_key {
        text.push_str(&format!(
            "\nRecovery key, shown this once; keep it elsewhere:\n  {key}\n"
        ));
    }
    output::text(&text)?;
    Ok(Done::Well)
}

/// Returns the passphrase of a new book; none where the keyring keeps its key.
fn passphrase(wanted: bool, keyring: bool) -> anyhow::Result<Option<String>> {
    if wanted {
        return desk::new_passphrase().map(Some);
    }
    if keyring {
        return Ok(None);
    }
    match desk::known_passphrase() {
        Some(known) => Ok(Some(known)),
        None => bail!(
            "this system has no keyring to keep the book's key in; lock the book with --passphrase or set {}",
            desk::PASSPHRASE
        ),
    }
}
