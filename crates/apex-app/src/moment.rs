//! The instant and the random bytes of one act, handed in by the shell. Nothing below a shell owns a clock.

use apex_store::Entropy;
use jiff::Timestamp;

/// When an act happens, and the randomness it may use for new ids and keys.
#[derive(Debug, Clone)]
pub struct Moment {
    /// The instant, which becomes the `known_at` of what is written.
    pub now: Timestamp,
    /// Random bytes.
    pub entropy: Entropy,
}

impl Moment {
    /// Returns the moment of `now` with the shell's random bytes.
    pub fn new(now: Timestamp, entropy: Entropy) -> Self {
        Self { now, entropy }
    }
}
