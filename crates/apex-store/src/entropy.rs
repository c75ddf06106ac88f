//! Random bytes as an argument: the shell owns the generator, the store only asks.

use std::sync::{Arc, Mutex, PoisonError};

type Fill = dyn FnMut(&mut [u8]) + Send;

/// A source of random bytes handed in by the caller.
///
/// A shell passes the operating system's generator. Keys, nonces and ids are drawn from it, so anything weaker than
/// that is for tests and for reproducible demonstrations only. Clones share one source.
///
/// ```
/// let mut next = 0_u8;
/// let entropy = apex_store::Entropy::new(move |bytes| {
///     for byte in bytes {
///         next = next.wrapping_add(1);
///         *byte = next;
///     }
/// });
/// assert_eq!(entropy.bytes::<3>(), [1, 2, 3]);
/// ```
#[derive(Clone)]
pub struct Entropy {
    fill: Arc<Mutex<Box<Fill>>>,
}

impl Entropy {
    /// Wraps a function that fills a slice with random bytes.
    pub fn new(fill: impl FnMut(&mut [u8]) + Send + 'static) -> Self {
        Self {
            fill: Arc::new(Mutex::new(Box::new(fill))),
        }
    }

    /// Returns `N` fresh random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let mut fill = self.fill.lock().unwrap_or_else(PoisonError::into_inner);
        fill(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Entropy")
    }
}
