//! Time and randomness for tests: a clock that steps when it is read, and bytes that follow from a seed.

use jiff::{SignedDuration, Timestamp};

/// A clock that moves on by one step each time it is read.
///
/// ```
/// use apex_testkit::Clock;
/// use jiff::{SignedDuration, Timestamp};
///
/// let mut clock = Clock::new(Timestamp::UNIX_EPOCH, SignedDuration::from_secs(60));
/// assert_eq!(clock.now().to_string(), "1970-01-01T00:00:00Z");
/// assert_eq!(clock.now().to_string(), "1970-01-01T00:01:00Z");
/// ```
#[derive(Debug, Clone)]
pub struct Clock {
    next: Timestamp,
    step: SignedDuration,
}

impl Clock {
    /// Makes a clock that first shows `start`.
    pub const fn new(start: Timestamp, step: SignedDuration) -> Self {
        Self { next: start, step }
    }

    /// Returns the time and moves on.
    pub fn now(&mut self) -> Timestamp {
        let now = self.next;
        self.next = now.saturating_add(self.step).unwrap_or(Timestamp::MAX);
        now
    }

    /// Sets the time that is shown next.
    pub fn set(&mut self, next: Timestamp) {
        self.next = next;
    }
}

impl Default for Clock {
    /// A clock that starts at the first second of 2026 and moves on by a second.
    fn default() -> Self {
        let start = Timestamp::constant(1_767_225_600, 0);
        Self::new(start, SignedDuration::from_secs(1))
    }
}

/// Returns bytes that follow from a seed (splitmix64), for ids and keys in tests.
///
/// ```
/// assert_eq!(apex_testkit::random_bytes::<4>(7), apex_testkit::random_bytes::<4>(7));
/// assert_ne!(apex_testkit::random_bytes::<4>(7), apex_testkit::random_bytes::<4>(8));
/// ```
pub fn random_bytes<const N: usize>(seed: u64) -> [u8; N] {
    let mut state = seed;
    let mut bytes = [0; N];
    for chunk in bytes.chunks_mut(8) {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        let length = chunk.len();
        chunk.copy_from_slice(&mixed.to_le_bytes()[..length]);
    }
    bytes
}
