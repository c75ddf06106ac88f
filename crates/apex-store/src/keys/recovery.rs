//! The recovery key: the way back into a book when the passphrase or the keyring is lost.
//!
//! Forty characters in eight groups of five, read out without doubt: no I, L, O or U, upper and lower case alike.
//! 176 random bits and a checksum of 24 bits, so that a typing error is told apart from the key of another book. The
//! text is shown once and kept nowhere; the book keeps only a copy of its own key wrapped under it.

use std::fmt;
use std::str::FromStr;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::entropy::Entropy;
use crate::error::StoreError;
use crate::keys::secret::SecretKey;

const RANDOM_LEN: usize = 22;
const CHECK_LEN: usize = 3;
const GROUPS: usize = 8;
const GROUP_LEN: usize = 5;
const TEXT_LEN: usize = GROUPS * GROUP_LEN;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A recovery key. Its text form is the secret: show it once, to the owner only.
///
/// ```
/// # let entropy = apex_store::Entropy::new(|bytes| bytes.fill(7));
/// let key = apex_store::RecoveryKey::generate(&entropy);
/// let text = key.reveal();
/// assert_eq!(text.split('-').count(), 8);
/// assert!(text.to_lowercase().parse::<apex_store::RecoveryKey>().is_ok());
/// ```
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryKey([u8; RANDOM_LEN]);

impl RecoveryKey {
    /// Draws a new key.
    pub fn generate(entropy: &Entropy) -> Self {
        Self(entropy.bytes())
    }

    /// Returns the text to write down: eight groups of five characters.
    pub fn reveal(&self) -> String {
        let mut bytes = [0; RANDOM_LEN + CHECK_LEN];
        bytes[..RANDOM_LEN].copy_from_slice(&self.0);
        bytes[RANDOM_LEN..].copy_from_slice(&checksum(&self.0));
        let mut text = String::with_capacity(TEXT_LEN + GROUPS - 1);
        let (mut window, mut bits, mut written) = (0_u32, 0_u32, 0);
        for byte in bytes {
            window = (window << 8) | u32::from(byte);
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                if written > 0 && written % GROUP_LEN == 0 {
                    text.push('-');
                }
                text.push(char::from(ALPHABET[(window >> bits & 31) as usize]));
                written += 1;
            }
        }
        bytes.zeroize();
        text
    }

    pub(crate) fn wrapping_key(&self) -> SecretKey {
        SecretKey::new(blake3::derive_key(
            "apex-store 2026 recovery key wraps the book key",
            &self.0,
        ))
    }
}

impl FromStr for RecoveryKey {
    type Err = StoreError;

    /// Reads a key as a person types it: any case, spaces or hyphens anywhere, I and L for 1, O for 0.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let refuse = |reason: String| StoreError::RecoveryKeyText { reason };
        let mut bytes = Vec::with_capacity(RANDOM_LEN + CHECK_LEN);
        let (mut window, mut bits, mut read) = (0_u32, 0_u32, 0);
        for character in text
            .chars()
            .filter(|character| !character.is_whitespace() && *character != '-')
        {
            let canonical = match character.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            let value = ALPHABET.iter().position(|letter| char::from(*letter) == canonical);
            let value = value.ok_or_else(|| refuse(format!("no recovery key contains {character}")))?;
            window = (window << 5 | value as u32) & 0xffff;
            bits += 5;
            read += 1;
            if bits >= 8 {
                bits -= 8;
                bytes.push((window >> bits) as u8);
            }
        }
        if read != TEXT_LEN {
            bytes.zeroize();
            return Err(refuse(format!("it has {read} characters instead of {TEXT_LEN}")));
        }
        let key = bytes.first_chunk::<RANDOM_LEN>().copied().map(Self);
        let key = key.ok_or_else(|| refuse("it is too short".to_owned()))?;
        let fits = bytes[RANDOM_LEN..] == checksum(&key.0);
        bytes.zeroize();
        if fits {
            Ok(key)
        } else {
            Err(refuse("a character is mistyped".to_owned()))
        }
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecoveryKey(..)")
    }
}

fn checksum(random: &[u8; RANDOM_LEN]) -> [u8; CHECK_LEN] {
    let digest = blake3::derive_key("apex-store 2026 recovery key checksum", random);
    [digest[0], digest[1], digest[2]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> RecoveryKey {
        RecoveryKey(*b"twenty-two random byte")
    }

    #[test]
    fn a_key_reads_back_however_it_was_typed() {
        let text = key().reveal();
        assert_eq!(text.len(), 47);
        for typed in [
            text.clone(),
            text.to_lowercase(),
            text.replace('-', " "),
            text.replace('-', ""),
        ] {
            assert_eq!(typed.parse::<RecoveryKey>().unwrap(), key(), "{typed}");
        }
        let confused = text.replace('1', "l").replace('0', "O");
        assert_eq!(confused.parse::<RecoveryKey>().unwrap(), key());
    }

    #[test]
    fn every_single_mistyped_character_is_noticed() {
        let text = key().reveal();
        for (position, right) in text.char_indices().filter(|(_, character)| *character != '-') {
            let wrong = if right == '7' { "8" } else { "7" };
            let mut typed = text.clone();
            typed.replace_range(position..=position, wrong);
            assert!(typed.parse::<RecoveryKey>().is_err(), "{typed}");
        }
    }

    #[test]
    fn a_short_key_and_a_strange_letter_are_named() {
        let short = "7".parse::<RecoveryKey>().unwrap_err().to_string();
        assert_eq!(
            short,
            "the recovery key is not valid: it has 1 characters instead of 40"
        );
        let strange = "U".parse::<RecoveryKey>().unwrap_err().to_string();
        assert_eq!(strange, "the recovery key is not valid: no recovery key contains U");
    }
}
