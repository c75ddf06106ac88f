//! Seeded random numbers of the demo firm: the same seed gives the same book in every release and on every machine.
//!
//! A generator of our own, a few lines long, because a library may change its stream between versions and the demo's
//! `ledger_hash` must not move with it. Only integer arithmetic and sums are used, no platform mathematics. Not for
//! secrets, and not for simulations that are shown as statistics.

/// SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// Starts the stream that belongs to a seed and a name, so that adding one stream leaves the others as they were.
    pub(crate) fn named(seed: u64, name: &str) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in name.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mut random = Self { state };
        random.next();
        random
    }

    /// Returns the next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Returns a number in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns a number in `[low, high)`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Returns a whole number below `bound`, or 0 where `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            0
        } else {
            (self.next() % bound as u64) as usize
        }
    }

    /// Returns a number close to standard normal: twelve uniforms less six.
    ///
    /// The tails end at six deviations; [`Self::fat`] has heavier ones.
    pub(crate) fn normal(&mut self) -> f64 {
        let mut sum = -6.0;
        for _ in 0..12 {
            sum += self.unit();
        }
        sum
    }

    /// Returns a number of unit variance with fat tails: a mixture in which one day in twenty is three times as wild.
    pub(crate) fn fat(&mut self) -> f64 {
        let scale = if self.unit() < 0.05 { 3.0 } else { 1.0 };
        // The mixture's variance is 0.95 + 0.05 * 9.
        self.normal() * scale / 1.183_215_956_619_923_2
    }

    /// Returns ten random bytes, the random part of an id.
    pub(crate) fn ten_bytes(&mut self) -> [u8; 10] {
        let (high, low) = (self.next().to_be_bytes(), self.next().to_be_bytes());
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&high);
        bytes[8..].copy_from_slice(&low[..2]);
        bytes
    }
}
