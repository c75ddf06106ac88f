//! Random numbers from a seed: the same seed and stream give the same numbers on every machine.
//!
//! A [`Stream`] is the key stream of ChaCha8 (Bernstein, 2008) under the seed, entered at any position: work is cut
//! into blocks, each block draws from the stream of its own number, and no result depends on how many threads share the
//! blocks. Nothing here draws a seed; whoever asks for random numbers brings one.

use std::sync::LazyLock;

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// Numbers made at a time.
const WORDS: usize = 512;

/// Layers of the ziggurat, and where its tail begins (Doornik, 2005).
const LAYERS: usize = 256;
const TAIL: f64 = 3.654_152_885_361_009;

/// Random numbers of one block of work.
///
/// ```
/// use apex_analytics::random::Stream;
///
/// let (mut one, mut same) = (Stream::new(7, 3), Stream::new(7, 3));
/// let first = one.normal();
/// assert_eq!(first, same.normal());
/// // A stream can be entered where another reader was.
/// let here = one.position();
/// let next = one.normal();
/// assert_eq!(Stream::at(7, 3, here).normal(), next);
/// ```
#[derive(Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
    words: [u32; WORDS],
    next: usize,
    /// The position of the first of `words`.
    first: u64,
}

impl Stream {
    /// Returns a stream at its beginning.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self::at(seed, stream, 0)
    }

    /// Returns a stream at a position that [`Stream::position`] told.
    pub fn at(seed: u64, stream: u64, position: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(stream);
        generator.set_word_pos(u128::from(position));
        Self {
            generator,
            words: [0; WORDS],
            next: WORDS,
            first: position.wrapping_sub(WORDS as u64),
        }
    }

    /// Returns how many words of 32 bits were taken since the beginning.
    pub fn position(&self) -> u64 {
        self.first.wrapping_add(self.next as u64)
    }

    /// Returns the next 32 bits.
    #[inline]
    pub fn word(&mut self) -> u32 {
        if self.next == WORDS {
            self.refill();
        }
        let word = self.words[self.next];
        self.next += 1;
        word
    }

    #[cold]
    fn refill(&mut self) {
        let mut bytes = [0; WORDS * 4];
        self.generator.fill_bytes(&mut bytes);
        for (word, bytes) in self.words.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        self.first = self.first.wrapping_add(WORDS as u64);
        self.next = 0;
    }

    /// Returns a number between 0 and 1, both excluded, in steps of `2^-53`.
    pub fn uniform(&mut self) -> f64 {
        let bits = u64::from(self.word()) << 32 | u64::from(self.word());
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Returns a whole number below `limit`, all equally likely (Lemire, 2019); 0 for a limit of 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        let threshold = limit.wrapping_neg().checked_rem(limit).unwrap_or(0);
        loop {
            let product = u64::from(self.word()) * u64::from(limit);
            if product as u32 >= threshold {
                return (product >> 32) as u32;
            }
        }
    }

    /// Returns a standard normal number by the ziggurat of Marsaglia and Tsang (2000) as Doornik (2005) draws it: the
    /// layer from 8 bits of a word, the place in it from the other 24.
    #[inline]
    pub fn normal(&mut self) -> f32 {
        let tables = &*ZIGGURAT;
        self.normal_by(tables)
    }

    /// Fills a slice with standard normal numbers, those that [`Stream::normal`] would return one by one.
    pub fn fill_normal(&mut self, numbers: &mut [f32]) {
        let tables = &*ZIGGURAT;
        let mut left = numbers;
        while !left.is_empty() {
            if self.next == WORDS {
                self.refill();
            }
            // Straight through the words at hand, up to the first that its rectangle does not decide.
            let words = &self.words[self.next..];
            let mut decided = 0;
            for (number, bits) in left.iter_mut().zip(words) {
                let layer = (bits & 0xff) as usize;
                let x = place(*bits) * tables.edges[layer];
                *number = x;
                if x.abs() >= tables.edges[layer + 1] {
                    break;
                }
                decided += 1;
            }
            let reached = left.len().min(words.len());
            self.next += decided;
            left = &mut left[decided..];
            if decided < reached {
                left[0] = self.normal_by(tables);
                left = &mut left[1..];
            }
        }
    }

    #[inline]
    fn normal_by(&mut self, tables: &Ziggurat) -> f32 {
        let bits = self.word();
        let layer = (bits & 0xff) as usize;
        let x = place(bits) * tables.edges[layer];
        if x.abs() < tables.edges[layer + 1] {
            x
        } else {
            self.normal_at_the_edge(tables, layer, x)
        }
    }

    /// Decides the one case in eighty that the rectangle of a layer does not.
    #[cold]
    fn normal_at_the_edge(&mut self, tables: &Ziggurat, mut layer: usize, mut x: f32) -> f32 {
        loop {
            if layer == 0 {
                return self.normal_tail(x < 0.0);
            }
            let (low, high) = (tables.heights[layer], tables.heights[layer + 1]);
            if high + (low - high) * self.uniform() < density(f64::from(x)) {
                return x;
            }
            let bits = self.word();
            layer = (bits & 0xff) as usize;
            x = place(bits) * tables.edges[layer];
            if x.abs() < tables.edges[layer + 1] {
                return x;
            }
        }
    }

    /// Returns a normal number beyond the last layer (Marsaglia, 1964).
    fn normal_tail(&mut self, negative: bool) -> f32 {
        loop {
            let x = -libm::log(self.uniform()) / TAIL;
            let y = -libm::log(self.uniform());
            if 2.0 * y >= x * x {
                let x = (TAIL + x) as f32;
                return if negative { -x } else { x };
            }
        }
    }

    /// Returns a chi-square number over its degrees of freedom, at least 2 (Marsaglia and Tsang, 2000).
    pub fn chi_square_mean(&mut self, degrees: f64) -> f64 {
        let shape = degrees / 2.0;
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = f64::from(self.normal());
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && libm::log(self.uniform()) < 0.5 * x * x + d * (1.0 - v + libm::log(v)) {
                return d * v / shape;
            }
        }
    }
}

/// Returns the upper 24 bits as an odd multiple of `2^-24` between -1 and 1.
#[inline]
fn place(bits: u32) -> f32 {
    (((bits as i32) >> 8) as f32 + 0.5) * (1.0 / 8_388_608.0)
}

/// Returns the normal density without its constant.
fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x)
}

/// Right edges of the layers, widest first, and the density at them.
struct Ziggurat {
    edges: [f32; LAYERS + 1],
    heights: [f64; LAYERS + 1],
}

static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(|| {
    // Every layer, and the lowest with its tail, has the same area.
    let area = TAIL * density(TAIL) + (std::f64::consts::PI / 2.0).sqrt() * libm::erfc(TAIL / std::f64::consts::SQRT_2);
    let mut tables = Ziggurat {
        edges: [0.0; LAYERS + 1],
        heights: [1.0; LAYERS + 1],
    };
    let mut edge = TAIL;
    tables.edges[0] = (area / density(TAIL)) as f32;
    tables.heights[0] = 0.0;
    for layer in 1..LAYERS {
        tables.edges[layer] = edge as f32;
        tables.heights[layer] = density(edge);
        edge = (-2.0 * libm::log(area / edge + density(edge))).max(0.0).sqrt();
    }
    tables
});
