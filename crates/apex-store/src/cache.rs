//! `cache.redb`: what can be computed or fetched again. Each value is sealed, and the file may vanish at any time.
//!
//! A value is sealed with AES-256-GCM under a key derived from the book's; table and key are associated data, so a
//! value moved elsewhere in the file does not open. Keys are kept as keyed hashes: what was looked up does not show
//! either. Whatever is damaged, of another book or of another version counts as absent. Only one program at a time has
//! the file; a second one works without.

mod large;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, TableDefinition};

use crate::entropy::Entropy;
use crate::error::Result;
use crate::folder;
use crate::keys::secret::SecretKey;
use crate::seal;

const MEMORY_MAX: usize = 16 * 1024 * 1024;

/// A kind of cached value. A new version of what the values mean is a new table, and the old one is never read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheTable {
    /// What the values are.
    pub name: &'static str,
    /// The version of their layout and of what computed them.
    pub version: u32,
}

impl CacheTable {
    fn full_name(self) -> String {
        format!("{}.v{}", self.name, self.version)
    }
}

enum State {
    Unopened,
    Open(Database),
    Unavailable,
}

/// The cache of one book. Calls block for as long as a small read or write of a file takes.
pub struct Cache {
    path: PathBuf,
    seal_key: SecretKey,
    name_key: SecretKey,
    entropy: Entropy,
    state: Mutex<State>,
    read_ahead: Once,
}

impl Cache {
    pub(crate) fn new(path: PathBuf, key: &SecretKey, entropy: Entropy) -> Self {
        Self {
            path,
            seal_key: key.derive("apex-store 2026 cache values"),
            name_key: key.derive("apex-store 2026 cache names"),
            entropy,
            state: Mutex::new(State::Unopened),
            read_ahead: Once::new(),
        }
    }

    /// Returns a value, or `None` when it was never put, cannot be trusted, or the file is gone.
    pub fn get(&self, table: CacheTable, key: &[u8]) -> Option<Vec<u8>> {
        let name = table.full_name();
        let hidden = self.hide(&name, key);
        let read = |database: &Database| {
            let reading = database.begin_read().ok()?;
            let values = reading.open_table(definition(&name)).ok()?;
            let value = values.get(hidden.as_slice()).ok()??;
            Some(value.value().to_vec())
        };
        let Answer::Given(sealed) = self.with(read) else {
            return None;
        };
        let sealed = sealed?;
        seal::open(&self.seal_key, &associated(&name, &hidden), &sealed)
    }

    /// Keeps a value. That it could not be kept is logged and otherwise without consequence.
    pub fn put(&self, table: CacheTable, key: &[u8], value: &[u8]) {
        self.put_all(table, [(key, value)]);
    }

    /// Keeps several values in one transaction.
    pub fn put_all<'a>(&self, table: CacheTable, values: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) {
        let name = table.full_name();
        let sealed: Vec<([u8; 32], Vec<u8>)> = values
            .into_iter()
            .map(|(key, value)| {
                let hidden = self.hide(&name, key);
                (
                    hidden,
                    seal::seal(&self.seal_key, &associated(&name, &hidden), value, &self.entropy),
                )
            })
            .collect();
        // A file that cannot be written is damaged or full of what can be made again: once more with a new one.
        for _ in 0..2 {
            match self.with(|database| write(database, &name, &sealed)) {
                Answer::Given(Ok(())) | Answer::Unavailable => return,
                Answer::Given(Err(err)) => {
                    tracing::debug!(%err, table = name, "a value was not cached");
                    self.discard();
                }
                Answer::Damaged => {}
            }
        }
    }

    /// Forgets everything by removing the file.
    ///
    /// # Errors
    /// [`crate::StoreError::File`] when it cannot be removed.
    pub fn clear(&self) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State::Unopened;
        folder::remove_if_there(&self.path)
    }

    fn discard(&self) {
        if let Err(err) = self.clear() {
            tracing::debug!(%err, "the damaged cache could not be removed");
        }
    }

    fn hide(&self, table: &str, key: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(self.name_key.expose());
        hasher.update(table.as_bytes()).update(&[0]).update(key);
        *hasher.finalize().as_bytes()
    }

    /// Runs `work` on the open file, opening or making it first.
    fn with<T>(&self, work: impl FnOnce(&Database) -> T) -> Answer<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_gone = matches!(*state, State::Open(_)) && !self.path.exists();
        if is_gone || matches!(*state, State::Unopened) {
            *state = State::Unopened;
            *state = open(&self.path).map_or(State::Unavailable, State::Open);
        }
        let State::Open(database) = &*state else {
            return Answer::Unavailable;
        };
        // redb answers damage with errors where it looks for it, and with a panic where it trusts its own structure.
        // Nothing here is worth a crash, so such a file is given up.
        let answer = catch_unwind(AssertUnwindSafe(|| work(database)));
        drop(state);
        answer.map_or_else(
            |_| {
                self.discard();
                Answer::Damaged
            },
            Answer::Given,
        )
    }
}

/// What came of asking the file.
enum Answer<T> {
    Given(T),
    /// Another program has the file.
    Unavailable,
    /// The file made its reader panic and was removed.
    Damaged,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Cache")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Opens the file, or makes it anew when it is absent or damaged; `None` when another program has it.
fn open(path: &Path) -> Option<Database> {
    match attempt(path)? {
        Some(Ok(database)) => Some(database),
        Some(Err(redb::DatabaseError::DatabaseAlreadyOpen)) => None,
        Some(Err(_)) | None => {
            tracing::debug!(path = %path.display(), "the cache is damaged and is made anew");
            folder::remove_if_there(path).ok()?;
            attempt(path)??.ok()
        }
    }
}

/// `None` when there can be no such file, `Some(None)` when the one that is there makes its reader panic.
fn attempt(path: &Path) -> Option<Option<Result<Database, redb::DatabaseError>>> {
    let file = folder::open_private(path).ok()?;
    let opened = catch_unwind(AssertUnwindSafe(|| {
        let backend = FileBackend::new(file)?;
        Database::builder()
            .set_cache_size(MEMORY_MAX)
            .create_with_backend(backend)
    }));
    Some(opened.ok())
}

fn write(database: &Database, name: &str, values: &[([u8; 32], Vec<u8>)]) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    {
        let mut table = writing.open_table(definition(name))?;
        for (key, value) in values {
            table.insert(key.as_slice(), value.as_slice())?;
        }
    }
    writing.commit()?;
    Ok(())
}

fn definition(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

fn associated(table: &str, hidden: &[u8; 32]) -> Vec<u8> {
    let mut bytes = table.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend_from_slice(hidden);
    bytes
}
