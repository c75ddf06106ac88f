//! API keys: in the system's keyring where that opens the book, and else in the book's own encrypted file.

use std::sync::Arc;

use apex_market_data::redact::ApiKey;
use apex_store::Mode;
use apex_wire::feeds::Provider;

use super::settings;
use crate::App;
use crate::app::OpenedBook;
use crate::error::{AppError, Result};

/// What is shorter is no key; in characters.
const KEY_MIN: usize = 6;

/// Says where the keys of a book are kept.
pub(super) fn place(book: &OpenedBook) -> Result<&'static str> {
    Ok(match book.store.keys()?.mode() {
        Mode::Keyring => "in the system's keyring",
        Mode::Passphrase => "in this book, under its passphrase",
    })
}

/// Returns the key of a provider, where one is kept.
pub(super) async fn key(app: &App, book: &Arc<OpenedBook>, provider: Provider) -> Result<Option<ApiKey>> {
    let text: Option<String> = match book.store.keys()?.mode() {
        Mode::Keyring => {
            app.keyring()
                .await?
                .secret(book.store.book_id(), &entry(provider))
                .await?
        }
        Mode::Passphrase => book.store.market().await?.state(&entry(provider)).await?,
    };
    Ok(text.map(|text| ApiKey::new(&zeroize::Zeroizing::new(text))))
}

/// Keeps a key in the place of the one before.
pub(super) async fn keep(app: &App, book: &Arc<OpenedBook>, provider: Provider, text: &str) -> Result<()> {
    if !settings::needs_key(provider) {
        return Err(AppError::field("key", format!("{} needs no key", provider.words())));
    }
    let is_key = text.chars().count() >= KEY_MIN && text.chars().all(|letter| letter.is_ascii_graphic());
    if !is_key {
        // The text is not repeated: it may be most of a key.
        let sentence = format!("a key has {KEY_MIN} or more letters, digits and signs, and no space");
        return Err(AppError::field("key", sentence));
    }
    match book.store.keys()?.mode() {
        Mode::Keyring => {
            let keyring = app.keyring().await?;
            keyring
                .keep_secret(book.store.book_id(), &entry(provider), text)
                .await?;
        }
        Mode::Passphrase => book.store.market().await?.put_state(&entry(provider), &text).await?,
    }
    Ok(())
}

/// Forgets a key; that there is none is no fault.
pub(super) async fn forget(app: &App, book: &Arc<OpenedBook>, provider: Provider) -> Result<()> {
    match book.store.keys()?.mode() {
        Mode::Keyring => {
            let keyring = app.keyring().await?;
            keyring.forget_secret(book.store.book_id(), &entry(provider)).await?;
        }
        Mode::Passphrase => book.store.market().await?.remove_state(&entry(provider)).await?,
    }
    Ok(())
}

fn entry(provider: Provider) -> String {
    format!("key of {}", provider.name())
}
