//! The encrypted files of one desktop and their keys.

mod codec;
mod entropy;
mod error;
mod folder;
mod keys;
mod seal;

pub use entropy::Entropy;
pub use error::{Result, StoreError};
pub use keys::{KdfCost, KeyFile, Keyring, Mode, Passphrase, RecoveryKey};
