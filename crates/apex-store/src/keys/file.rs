//! `key.json`: which keys open a book. It holds no secret.
//!
//! The bytes are a contract. `format` is checked first; each `wrapped` is the book's 256-bit key sealed with
//! AES-256-GCM (nonce, ciphertext, tag, in hexadecimal), and the associated data bind it to the book, to its place in
//! the file and to the parameters that lead to its wrapping key, so that none of them can be exchanged unnoticed.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entropy::Entropy;
use crate::error::{Result, StoreError};
use crate::folder;
use crate::keys::keyring::Keyring;
use crate::keys::recovery::RecoveryKey;
use crate::keys::secret::{Passphrase, SecretKey, hex, unhex};
use crate::seal;

/// The newest format of `key.json` that this program reads and the one it writes.
pub(crate) const FORMAT: u32 = 1;

/// How a book is opened day by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The operating system's keyring holds the wrapping key; nothing is asked.
    Keyring,
    /// A passphrase is asked for.
    Passphrase,
}

/// What one guess of the passphrase costs: the parameters of argon2id, stored beside the wrapped key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KdfCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KdfCost {
    /// 64 MiB, two passes, one lane: above the floor of OWASP ASVS 5.0 (46 MiB, one pass), and still quick enough to
    /// hide behind the opening of a window.
    pub const STANDARD: KdfCost = KdfCost {
        memory_kib: 64 * 1024,
        passes: 2,
        lanes: 1,
    };

    /// A file that asks for more than this is taken for damaged: it would hang the program before it is found wrong.
    const LIMIT: KdfCost = KdfCost {
        memory_kib: 2 * 1024 * 1024,
        passes: 64,
        lanes: 64,
    };

    fn is_bearable(self) -> bool {
        self.memory_kib <= Self::LIMIT.memory_kib
            && self.passes <= Self::LIMIT.passes
            && self.lanes <= Self::LIMIT.lanes
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PassphraseSlot {
    argon2id: KdfCost,
    salt: String,
    wrapped: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Slot {
    wrapped: String,
}

/// The contents of `key.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyFile {
    format: u32,
    book: Uuid,
    mode: Mode,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyring: Option<Slot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passphrase: Option<PassphraseSlot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery: Option<Slot>,
}

impl KeyFile {
    /// Reads the key file of a folder, so that a shell knows what to ask for before it opens the book.
    ///
    /// # Errors
    /// [`StoreError::NoBook`], [`StoreError::Newer`], [`StoreError::KeyFile`].
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(folder::KEYS);
        let bytes = fs::read(&path).map_err(|err| match err.kind() {
            ErrorKind::NotFound => StoreError::NoBook { folder: folder.into() },
            _ => StoreError::File {
                action: "read",
                path: path.clone(),
                source: err,
            },
        })?;
        Self::parse(&bytes).map_err(|err| match err {
            StoreError::KeyFile { reason, .. } => StoreError::KeyFile { path, reason },
            other => other,
        })
    }

    /// Returns the id of the book.
    pub fn book(&self) -> Uuid {
        self.book
    }

    /// Returns how the book is opened day by day.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns whether a recovery key was made for the book.
    pub fn has_recovery_key(&self) -> bool {
        self.recovery.is_some()
    }

    /// Returns whether a passphrase opens the book.
    pub fn has_passphrase(&self) -> bool {
        self.passphrase.is_some()
    }

    pub(crate) fn empty(book: Uuid, mode: Mode) -> Self {
        Self {
            format: FORMAT,
            book,
            mode,
            keyring: None,
            passphrase: None,
            recovery: None,
        }
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let damaged = |err: serde_json::Error| StoreError::KeyFile {
            path: folder::KEYS.into(),
            reason: err.to_string(),
        };
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if head.format > FORMAT {
            return Err(StoreError::Newer {
                file: folder::KEYS,
                found: head.format.into(),
                known: FORMAT.into(),
            });
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a key file is plain text and numbers");
        bytes.push(b'\n');
        bytes
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        folder::replace(&folder.join(folder::KEYS), &self.to_bytes())
    }

    pub(crate) async fn set_passphrase(
        &mut self,
        key: &SecretKey,
        passphrase: &Passphrase,
        cost: KdfCost,
        entropy: &Entropy,
    ) -> Result<()> {
        let salt = entropy.bytes::<16>();
        let wrapping = stretch(passphrase, &salt, cost).await?;
        let salt = hex(&salt);
        let sealed = seal::seal(&wrapping, &self.passphrase_binding(cost, &salt), key.expose(), entropy);
        self.passphrase = Some(PassphraseSlot {
            argon2id: cost,
            salt,
            wrapped: hex(&sealed),
        });
        self.mode = Mode::Passphrase;
        Ok(())
    }

    pub(crate) fn set_recovery(&mut self, key: &SecretKey, recovery: &RecoveryKey, entropy: &Entropy) {
        let sealed = seal::seal(
            &recovery.wrapping_key(),
            &self.binding("recovery"),
            key.expose(),
            entropy,
        );
        self.recovery = Some(Slot { wrapped: hex(&sealed) });
    }

    pub(crate) async fn set_keyring(&mut self, key: &SecretKey, keyring: &Keyring, entropy: &Entropy) -> Result<()> {
        let wrapping = SecretKey::new(entropy.bytes());
        keyring.keep(self.book, &wrapping).await?;
        let sealed = seal::seal(&wrapping, &self.binding("keyring"), key.expose(), entropy);
        self.keyring = Some(Slot { wrapped: hex(&sealed) });
        self.mode = Mode::Keyring;
        Ok(())
    }

    /// A copy that carries no tie to this machine's keyring, for a backup.
    pub(crate) fn portable(&self) -> Self {
        Self {
            keyring: None,
            mode: Mode::Passphrase,
            ..self.clone()
        }
    }

    pub(crate) fn clear_keyring(&mut self) {
        self.keyring = None;
    }

    pub(crate) fn clear_passphrase(&mut self) {
        self.passphrase = None;
    }

    pub(crate) async fn unwrap_by_keyring(&self, keyring: &Keyring) -> Result<SecretKey> {
        let slot = self.keyring.as_ref().ok_or(StoreError::NoSuchKey { kind: "keyring" })?;
        let wrapping = keyring.key(self.book).await?;
        unwrap(&wrapping, &self.binding("keyring"), &slot.wrapped)?.ok_or(StoreError::WrongKeyringKey)
    }

    pub(crate) async fn unwrap_by_passphrase(&self, passphrase: &Passphrase) -> Result<SecretKey> {
        let slot = self
            .passphrase
            .as_ref()
            .ok_or(StoreError::NoSuchKey { kind: "passphrase" })?;
        let salt = unhex(&slot.salt).ok_or_else(|| malformed("the salt is not hexadecimal"))?;
        let wrapping = stretch(passphrase, &salt, slot.argon2id).await?;
        let binding = self.passphrase_binding(slot.argon2id, &slot.salt);
        unwrap(&wrapping, &binding, &slot.wrapped)?.ok_or(StoreError::WrongPassphrase)
    }

    pub(crate) fn unwrap_by_recovery(&self, recovery: &RecoveryKey) -> Result<SecretKey> {
        let slot = self
            .recovery
            .as_ref()
            .ok_or(StoreError::NoSuchKey { kind: "recovery" })?;
        unwrap(&recovery.wrapping_key(), &self.binding("recovery"), &slot.wrapped)?.ok_or(StoreError::WrongRecoveryKey)
    }

    fn binding(&self, slot: &str) -> Vec<u8> {
        format!("apex key.json {} {} {slot}", self.format, self.book).into_bytes()
    }

    fn passphrase_binding(&self, cost: KdfCost, salt: &str) -> Vec<u8> {
        let KdfCost {
            memory_kib,
            passes,
            lanes,
        } = cost;
        let mut binding = self.binding("passphrase");
        binding.extend_from_slice(format!(" {memory_kib} {passes} {lanes} {salt}").as_bytes());
        binding
    }
}

/// Argon2id on a blocking thread: it takes a tenth of a second on purpose.
async fn stretch(passphrase: &Passphrase, salt: &[u8], cost: KdfCost) -> Result<SecretKey> {
    if !cost.is_bearable() {
        return Err(malformed("the argon2id parameters are out of bounds"));
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32));
    let params = params.map_err(|err| malformed(&format!("argon2id: {err}")))?;
    let (passphrase, salt) = (passphrase.clone(), salt.to_vec());
    let work = move || {
        let mut key = zeroize::Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose(), &salt, key.as_mut())
            .map_err(|err| malformed(&format!("argon2id: {err}")))?;
        Ok(SecretKey::new(*key))
    };
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|err| Err(malformed(&format!("argon2id: {err}"))))
}

fn unwrap(wrapping: &SecretKey, binding: &[u8], wrapped: &str) -> Result<Option<SecretKey>> {
    let sealed = unhex(wrapped).ok_or_else(|| malformed("a wrapped key is not hexadecimal"))?;
    let plain = seal::open(wrapping, binding, &sealed).map(zeroize::Zeroizing::new);
    Ok(plain.and_then(|plain| SecretKey::from_slice(&plain)))
}

fn malformed(reason: &str) -> StoreError {
    StoreError::KeyFile {
        path: folder::KEYS.into(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: KdfCost = KdfCost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };

    fn counting() -> Entropy {
        let mut next = 0_u64;
        Entropy::new(move |bytes| {
            for byte in bytes {
                next = next
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *byte = (next >> 56) as u8;
            }
        })
    }

    async fn sample() -> (KeyFile, SecretKey, Entropy) {
        let entropy = counting();
        let key = SecretKey::new(entropy.bytes());
        let mut file = KeyFile::empty(Uuid::from_bytes(entropy.bytes()), Mode::Passphrase);
        file.set_passphrase(&key, &Passphrase::new("correct horse").unwrap(), CHEAP, &entropy)
            .await
            .unwrap();
        (file, key, entropy)
    }

    #[tokio::test]
    async fn the_right_passphrase_opens_and_a_wrong_one_is_named() {
        let (file, key, _) = sample().await;
        let read = KeyFile::parse(&file.to_bytes()).unwrap();
        assert!(
            read.unwrap_by_passphrase(&Passphrase::new("correct horse").unwrap())
                .await
                .unwrap()
                == key
        );
        let err = read
            .unwrap_by_passphrase(&Passphrase::new("incorrect horse").unwrap())
            .await
            .unwrap_err();
        assert!(matches!(err, StoreError::WrongPassphrase));
    }

    #[tokio::test]
    async fn the_recovery_key_opens_and_that_of_another_book_does_not() {
        let (mut file, key, entropy) = sample().await;
        assert!(matches!(
            file.unwrap_by_recovery(&RecoveryKey::generate(&entropy)),
            Err(StoreError::NoSuchKey { kind: "recovery" })
        ));
        let recovery = RecoveryKey::generate(&entropy);
        file.set_recovery(&key, &recovery, &entropy);
        assert!(file.unwrap_by_recovery(&recovery.reveal().parse().unwrap()).unwrap() == key);
        let other = RecoveryKey::generate(&entropy);
        assert!(matches!(
            file.unwrap_by_recovery(&other),
            Err(StoreError::WrongRecoveryKey)
        ));
    }

    #[tokio::test]
    async fn the_file_holds_no_secret_and_none_of_its_fields_can_be_exchanged() {
        let (file, key, _) = sample().await;
        let text = String::from_utf8(file.to_bytes()).unwrap();
        assert!(!text.contains(&hex(key.expose())) && !text.contains("horse"));
        let passphrase = Passphrase::new("correct horse").unwrap();
        for (from, to) in [
            ("\"passes\": 1", "\"passes\": 2"),
            (&file.book.to_string()[..4], "ffff"),
        ] {
            let changed = KeyFile::parse(text.replacen(from, to, 1).as_bytes()).unwrap();
            assert!(matches!(
                changed.unwrap_by_passphrase(&passphrase).await,
                Err(StoreError::WrongPassphrase)
            ));
        }
        let hungry = KeyFile::parse(
            text.replacen("\"memory_kib\": 8", "\"memory_kib\": 4000000000", 1)
                .as_bytes(),
        )
        .unwrap();
        let err = hungry.unwrap_by_passphrase(&passphrase).await.unwrap_err();
        assert_eq!(
            err.to_string(),
            "the key file is damaged (the argon2id parameters are out of bounds): key.json"
        );
    }

    #[test]
    fn a_newer_format_is_told_from_a_damaged_file() {
        let newer = KeyFile::parse(br#"{"format": 9, "anything": true}"#).unwrap_err();
        assert_eq!(
            newer.to_string(),
            "key.json is of version 9, written by a newer program; this one knows versions up to 1"
        );
        assert!(matches!(KeyFile::parse(b"{"), Err(StoreError::KeyFile { .. })));
    }

    #[tokio::test]
    async fn a_keyring_keeps_the_wrapping_key_and_a_failing_one_is_refused_by_the_probe() {
        let (mut file, key, entropy) = sample().await;
        let keyring = Keyring::probed(keyring_core::mock::Store::new().unwrap())
            .await
            .unwrap();
        file.set_keyring(&key, &keyring, &entropy).await.unwrap();
        assert_eq!(file.mode(), Mode::Keyring);
        assert!(file.unwrap_by_keyring(&keyring).await.unwrap() == key);

        let another = Keyring::probed(keyring_core::mock::Store::new().unwrap())
            .await
            .unwrap();
        assert!(matches!(
            file.unwrap_by_keyring(&another).await,
            Err(StoreError::Keyring { .. })
        ));
        another.keep(file.book(), &SecretKey::new([1; 32])).await.unwrap();
        assert!(matches!(
            file.unwrap_by_keyring(&another).await,
            Err(StoreError::WrongKeyringKey)
        ));
    }
}
