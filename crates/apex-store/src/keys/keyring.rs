//! The operating system's keyring, asked carefully.
//!
//! A keyring can be there and still refuse (no session bus, a locked collection, a daemon without a prompt), so it is
//! used only after a probe has written and read back a value. Calls block and some stores start a runtime of their
//! own, so each runs on a blocking thread. Platforms without a store here answer "unavailable", and the book then
//! lives under a passphrase.

use std::sync::Arc;

use keyring_core::api::CredentialStore;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::keys::secret::{SecretKey, hex, unhex};

const SERVICE: &str = "APEX";

/// A keyring that answered a probe.
#[derive(Clone, Debug)]
pub struct Keyring {
    held: Held,
}

/// A hold on the store that is let go on a thread of its own: some stores block on a runtime when they go, which
/// panics on a thread that drives another one.
#[derive(Clone, Debug)]
struct Held(Option<Arc<CredentialStore>>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(store) = self.0.take() {
            std::thread::spawn(move || drop(store));
        }
    }
}

impl Keyring {
    /// Opens the system's keyring and proves that it keeps what it is given.
    ///
    /// # Errors
    /// [`StoreError::Keyring`] with the system's own words when there is none, or when it is locked.
    pub async fn system() -> Result<Self> {
        let store = blocking(system_store).await?;
        Self::probed(store).await
    }

    /// Takes a given credential store, after the same probe.
    ///
    /// # Errors
    /// [`StoreError::Keyring`] when the store does not give back what was set.
    pub async fn probed(store: Arc<CredentialStore>) -> Result<Self> {
        let keyring = Self {
            held: Held(Some(store)),
        };
        let probe = keyring.clone();
        blocking(move || {
            let entry = probe.store().build(SERVICE, "probe", None).map_err(refused)?;
            entry.set_secret(b"probe").map_err(refused)?;
            let answer = entry.get_secret().map_err(refused)?;
            entry.delete_credential().map_err(refused)?;
            if answer == b"probe" {
                Ok(())
            } else {
                Err(unavailable("it does not keep what it is given"))
            }
        })
        .await?;
        Ok(keyring)
    }

    fn store(&self) -> &Arc<CredentialStore> {
        self.held
            .0
            .as_ref()
            .expect("the store is held until the keyring is dropped")
    }

    pub(crate) async fn keep(&self, book: Uuid, key: &SecretKey) -> Result<()> {
        let (store, key) = (self.store().clone(), key.clone());
        blocking(move || {
            let entry = store.build(SERVICE, &book.to_string(), None).map_err(refused)?;
            let text = zeroize::Zeroizing::new(hex(key.expose()));
            entry.set_secret(text.as_bytes()).map_err(refused)
        })
        .await
    }

    pub(crate) async fn key(&self, book: Uuid) -> Result<SecretKey> {
        let store = self.store().clone();
        blocking(move || {
            let entry = store.build(SERVICE, &book.to_string(), None).map_err(refused)?;
            let text = zeroize::Zeroizing::new(entry.get_secret().map_err(refused)?);
            let bytes = std::str::from_utf8(&text)
                .ok()
                .and_then(unhex)
                .map(zeroize::Zeroizing::new);
            bytes
                .and_then(|bytes| SecretKey::from_slice(&bytes))
                .ok_or_else(|| unavailable("its entry is not a key"))
        })
        .await
    }

    /// Keeps a secret of a book beside its key, such as an API key, in the place of the one before.
    ///
    /// # Errors
    /// [`StoreError::Keyring`] when the keyring refuses it.
    pub async fn keep_secret(&self, book: Uuid, name: &str, secret: &str) -> Result<()> {
        let (store, name) = (self.store().clone(), entry_of(book, name));
        let secret = zeroize::Zeroizing::new(secret.to_owned());
        blocking(move || {
            let entry = store.build(SERVICE, &name, None).map_err(refused)?;
            entry.set_secret(secret.as_bytes()).map_err(refused)
        })
        .await
    }

    /// Returns a secret of a book, where one is kept under the name.
    ///
    /// # Errors
    /// [`StoreError::Keyring`] when the keyring refuses, or the secret is no text.
    pub async fn secret(&self, book: Uuid, name: &str) -> Result<Option<String>> {
        let (store, name) = (self.store().clone(), entry_of(book, name));
        blocking(move || {
            let entry = store.build(SERVICE, &name, None).map_err(refused)?;
            match entry.get_secret() {
                Ok(bytes) => String::from_utf8(bytes)
                    .map(Some)
                    .map_err(|_| unavailable("its entry is no text")),
                Err(keyring_core::Error::NoEntry) => Ok(None),
                Err(err) => Err(refused(err)),
            }
        })
        .await
    }

    /// Forgets a secret of a book; that there is none is no fault.
    ///
    /// # Errors
    /// [`StoreError::Keyring`] when the keyring refuses.
    pub async fn forget_secret(&self, book: Uuid, name: &str) -> Result<()> {
        self.remove(entry_of(book, name)).await
    }

    pub(crate) async fn forget(&self, book: Uuid) -> Result<()> {
        self.remove(book.to_string()).await
    }

    async fn remove(&self, name: String) -> Result<()> {
        let store = self.store().clone();
        blocking(move || {
            let entry = store.build(SERVICE, &name, None).map_err(refused)?;
            match entry.delete_credential() {
                Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
                Err(err) => Err(refused(err)),
            }
        })
        .await
    }
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
fn system_store() -> Result<Arc<CredentialStore>> {
    let store = zbus_secret_service_keyring_store::Store::new().map_err(refused)?;
    Ok(store)
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
fn system_store() -> Result<Arc<CredentialStore>> {
    Err(unavailable("this build has no keyring for this system"))
}

fn entry_of(book: Uuid, name: &str) -> String {
    format!("{book} {name}")
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|err| Err(unavailable(&err.to_string())))
}

fn refused(err: keyring_core::Error) -> StoreError {
    unavailable(&err.to_string())
}

fn unavailable(reason: &str) -> StoreError {
    StoreError::Keyring {
        reason: reason.to_owned(),
    }
}
