//! The keys of a book: how they are drawn, wrapped, kept and recovered.
//!
//! One random 256-bit key encrypts the book. It is never written in the clear: `key.json` holds copies of it, each
//! wrapped under another key (the system keyring's, one made from the passphrase, the recovery key).

pub(crate) mod file;
pub(crate) mod keyring;
pub(crate) mod recovery;
pub(crate) mod secret;

pub use file::{KdfCost, KeyFile, Mode};
pub use keyring::Keyring;
pub use recovery::RecoveryKey;
pub use secret::Passphrase;
