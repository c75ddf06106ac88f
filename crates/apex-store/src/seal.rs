//! AES-256-GCM with the nonce in front, for wrapped keys and cache values.
//!
//! A sealed value is `nonce (12) | ciphertext | tag (16)`; these bytes are a contract of the files that hold them.
//! Nonces are random, so one key may seal at most about 2^32 values.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use crate::entropy::Entropy;
use crate::keys::secret::SecretKey;

const NONCE_LEN: usize = 12;

/// Seals `plain` so that only the same key and the same associated data open it.
pub(crate) fn seal(key: &SecretKey, associated: &[u8], plain: &[u8], entropy: &Entropy) -> Vec<u8> {
    let nonce = entropy.bytes::<NONCE_LEN>();
    let cipher = Aes256Gcm::new(key.expose().into());
    let sealed = cipher
        .encrypt(
            &Nonce::from(nonce),
            Payload {
                msg: plain,
                aad: associated,
            },
        )
        .expect("AES-GCM refuses only messages of more than 64 GiB");
    let mut out = Vec::with_capacity(NONCE_LEN + sealed.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    out
}

/// Opens a sealed value; `None` when the key, the associated data or a single bit differs.
pub(crate) fn open(key: &SecretKey, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
    let cipher = Aes256Gcm::new(key.expose().into());
    cipher
        .decrypt(
            &Nonce::from(nonce),
            Payload {
                msg: body,
                aad: associated,
            },
        )
        .ok()
}
