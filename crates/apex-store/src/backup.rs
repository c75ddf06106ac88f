//! A book in one encrypted file, and back.
//!
//! Layout (a contract): `APEXBK` and two digits of version; the length of the key file as 32 bits, little endian; the
//! key file without its keyring part; a snapshot of `ledger.db`, encrypted as the original is; 32 bytes of BLAKE3 over
//! all of it, keyed from the book's key. The hash proves that nothing was cut off, exchanged or damaged before a single
//! page is trusted.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use crate::database::{Database, LEDGER};
use crate::entropy::Entropy;
use crate::error::{Result, StoreError};
use crate::folder::{self, Staged};
use crate::keys::secret::{SecretKey, hex};
use crate::keys::{KdfCost, KeyFile, Passphrase};
use crate::store::{Protection, Store, Unlock, protect, unwrap};

const BACKUP: &str = "the backup";
const MAGIC: &[u8; 6] = b"APEXBK";
const VERSION: i64 = 1;
const HASH_LEN: u64 = 32;
const KEY_FILE_LEN_MAX: u32 = 64 * 1024;

/// What opens a backup.
#[derive(Clone, Debug)]
pub enum BackupAccess {
    /// What opens the book without this machine: its passphrase and its recovery key, as far as it has them.
    AsBook,
    /// A passphrase of its own, beside the book's recovery key if there is one.
    Passphrase {
        /// The passphrase.
        passphrase: Passphrase,
        /// What a guess costs; [`KdfCost::STANDARD`] outside of tests.
        cost: KdfCost,
    },
}

impl Store {
    /// Writes the book to one encrypted file, which appears complete or not at all; one of that name is replaced.
    ///
    /// The snapshot is consistent, and the book can be written to meanwhile.
    ///
    /// # Errors
    /// [`StoreError::NoSuchKey`] when nothing but this machine's keyring would open the file; [`StoreError::File`].
    pub async fn backup(&self, path: &Path, access: &BackupAccess) -> Result<()> {
        let mut keys = self.keys()?.portable();
        if let BackupAccess::Passphrase { passphrase, cost } = access {
            keys.set_passphrase(self.key(), passphrase, *cost, self.entropy())
                .await?;
        }
        if !keys.has_passphrase() && !keys.has_recovery_key() {
            return Err(StoreError::NoSuchKey {
                kind: "passphrase or recovery",
            });
        }
        let tag = hex(&self.entropy().bytes::<4>());
        let snapshot = Temporary(folder::beside(path, &format!("snapshot-{tag}")));
        let sealed = Temporary(folder::beside(path, &format!("new-{tag}")));
        let name = snapshot
            .0
            .to_str()
            .ok_or_else(|| StoreError::unstorable("the backup", "its path is not UTF-8"))?;
        let mut reader = self.database().readers.acquire().await?;
        drop(folder::open_private(&snapshot.0)?);
        sqlx::query("vacuum into ?").bind(name).execute(&mut *reader).await?;
        drop(reader);
        write(&sealed.0, &snapshot.0, &keys, self.key())?;
        fs::rename(&sealed.0, path).map_err(StoreError::file("write", path))?;
        folder::sync_folder(folder::parent_of(path))
    }
}

/// Makes a folder from a backup and opens the book in it.
///
/// The folder must be absent or empty. The whole file is checked before anything is put in place, and the new book has
/// the state hash of the old one.
///
/// # Errors
/// [`StoreError::NotEmpty`]; [`StoreError::WrongPassphrase`] or [`StoreError::WrongRecoveryKey`];
/// [`StoreError::Damaged`]; [`StoreError::Newer`].
pub async fn restore(
    backup: &Path,
    unlock: &Unlock,
    folder: &Path,
    protection: &Protection,
    entropy: Entropy,
) -> Result<Store> {
    let file = File::open(backup).map_err(StoreError::file("open", backup))?;
    let len = file.metadata().map_err(StoreError::file("read", backup))?.len();
    let mut source = BufReader::new(file);
    let mut head = Vec::new();
    let mut keys = read_head(&mut source, &mut head)?;
    let key = unwrap(&keys, unlock).await?;
    let payload = len
        .checked_sub(head.len() as u64 + HASH_LEN)
        .ok_or_else(|| damaged("it ends too soon"))?;

    let mut staged = Staged::begin(folder, &format!("restoring-{}", hex(&entropy.bytes::<4>())))?;
    let ledger = staged.path().join(folder::LEDGER);
    unpack(&mut source, &head, payload, &key, &ledger, backup)?;
    let database = Database::open(&LEDGER, &ledger, &key).await?;
    let checked = database.verify().await;
    database.close().await?;
    checked?;
    protect(&mut keys, &key, protection, &entropy).await?;
    if matches!(protection, Protection::Keyring(_)) {
        keys.clear_passphrase();
    }
    keys.write(staged.path())?;
    staged.place()?;
    let store = Store::open_with_key(folder, keys.book(), key, entropy).await?;
    staged.keep();
    Ok(store)
}

fn write(path: &Path, snapshot: &Path, keys: &KeyFile, key: &SecretKey) -> Result<()> {
    let failed = || StoreError::file("write", path);
    let mut hasher = hasher(key);
    let mut out = BufWriter::new(folder::open_private(path)?);
    let key_file = keys.to_bytes();
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(format!("{VERSION:02}").as_bytes());
    head.extend_from_slice(&(key_file.len() as u32).to_le_bytes());
    head.extend_from_slice(&key_file);
    hasher.update(&head);
    out.write_all(&head).map_err(failed())?;
    let mut pages = File::open(snapshot).map_err(StoreError::file("read", snapshot))?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = pages.read(&mut buffer).map_err(StoreError::file("read", snapshot))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        out.write_all(&buffer[..read]).map_err(failed())?;
    }
    out.write_all(hasher.finalize().as_bytes()).map_err(failed())?;
    let file = out.into_inner().map_err(|err| err.into_error()).map_err(failed())?;
    file.sync_all().map_err(failed())
}

fn read_head(source: &mut impl Read, head: &mut Vec<u8>) -> Result<KeyFile> {
    let mut fixed = [0; MAGIC.len() + 2 + 4];
    source
        .read_exact(&mut fixed)
        .map_err(|_| damaged("it is not a backup"))?;
    let (magic, rest) = fixed.split_at(MAGIC.len());
    let (version, len) = rest.split_at(2);
    let version = std::str::from_utf8(version)
        .ok()
        .and_then(|text| text.parse::<i64>().ok());
    let version = version
        .filter(|_| magic == MAGIC)
        .ok_or_else(|| damaged("it is not a backup"))?;
    if version > VERSION {
        return Err(StoreError::Newer {
            file: BACKUP,
            found: version,
            known: VERSION,
        });
    }
    let len = len.try_into().map(u32::from_le_bytes).unwrap_or(u32::MAX);
    if len > KEY_FILE_LEN_MAX {
        return Err(damaged("its key file is too long"));
    }
    head.extend_from_slice(&fixed);
    let start = head.len();
    head.resize(start + len as usize, 0);
    source
        .read_exact(&mut head[start..])
        .map_err(|_| damaged("it ends too soon"))?;
    KeyFile::parse(&head[start..]).map_err(|err| match err {
        StoreError::KeyFile { reason, .. } => damaged(&reason),
        other => other,
    })
}

fn unpack(
    source: &mut impl Read,
    head: &[u8],
    payload: u64,
    key: &SecretKey,
    ledger: &Path,
    backup: &Path,
) -> Result<()> {
    let mut hasher = hasher(key);
    hasher.update(head);
    let mut out = folder::open_private(ledger)?;
    let mut buffer = vec![0; 1 << 20];
    let mut left = payload;
    while left > 0 {
        let part = &mut buffer[..usize::try_from(left.min(1 << 20)).unwrap_or(0)];
        source.read_exact(part).map_err(StoreError::file("read", backup))?;
        hasher.update(part);
        out.write_all(part).map_err(StoreError::file("write", ledger))?;
        left -= part.len() as u64;
    }
    let mut hash = [0; HASH_LEN as usize];
    source.read_exact(&mut hash).map_err(StoreError::file("read", backup))?;
    if hasher.finalize() != blake3::Hash::from_bytes(hash) {
        return Err(damaged("its contents do not fit their seal"));
    }
    out.sync_all().map_err(StoreError::file("write", ledger))
}

fn hasher(key: &SecretKey) -> blake3::Hasher {
    blake3::Hasher::new_keyed(key.derive("apex-store 2026 backup").expose())
}

fn damaged(reason: &str) -> StoreError {
    StoreError::Damaged {
        file: BACKUP,
        reason: reason.to_owned(),
    }
}

/// A file that is removed when it is no longer needed, or when the work on it has failed.
struct Temporary(std::path::PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Renamed away in the good case; in the bad one its error is on the way up.
        let _ = fs::remove_file(&self.0);
    }
}
