//! Watches: questions that are asked again and again, each answered when there is something new to say.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::error::{AppError, Result};

/// An answer comes after so long in any case.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);
/// A watch that nobody asked for so long has ended.
const FORGOTTEN: Duration = Duration::from_secs(30);
/// As many watches of a kind as there may be at once.
const WATCHES_MAX: usize = 64;
/// The longest name of a watch.
const NAME_MAX: usize = 200;

/// The watches of one kind by name.
#[derive(Debug)]
pub(crate) struct Watches<T>(Mutex<BTreeMap<String, Arc<Watch<T>>>>);

/// One watch: what it was told, and whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Watch<T> {
    pub(crate) told: tokio::sync::Mutex<T>,
    pub(crate) turn: Turn,
}

/// Of two questions of one watch the later counts: the earlier is answered with what there is.
#[derive(Debug)]
pub(crate) struct Turn {
    count: AtomicU64,
    came: Notify,
    asked: Mutex<Instant>,
}

impl<T> Default for Watches<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Default> Watches<T> {
    /// Returns the watch of a name, a new one where there is none.
    ///
    /// # Errors
    /// When the name is empty or very long, or there are too many watches.
    pub(crate) fn named(&self, name: &str) -> Result<Arc<Watch<T>>> {
        if name.trim().is_empty() || name.len() > NAME_MAX {
            return Err(AppError::field(
                "watch",
                format!("a watch needs a name of 1 to {NAME_MAX} characters"),
            ));
        }
        let mut watches = self.all();
        if let Some(watch) = watches.get(name) {
            return Ok(Arc::clone(watch));
        }
        watches.retain(|_, watch| !watch.turn.is_forgotten());
        if watches.len() >= WATCHES_MAX {
            return Err(AppError::invalid(format!(
                "{WATCHES_MAX} watches are open already; close some pages"
            )));
        }
        let watch = Arc::<Watch<T>>::default();
        watches.insert(name.to_owned(), Arc::clone(&watch));
        Ok(watch)
    }

    /// Ends a watch; a question under way is answered with what there is.
    pub(crate) fn remove(&self, name: &str) {
        if let Some(watch) = self.all().remove(name) {
            watch.turn.take();
        }
    }

    /// Ends all watches.
    pub(crate) fn clear(&self) {
        for watch in std::mem::take(&mut *self.all()).into_values() {
            watch.turn.take();
        }
    }

    /// Ends those that nobody has asked for a long time.
    pub(crate) fn forget(&self) {
        self.all().retain(|_, watch| !watch.turn.is_forgotten());
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Watch<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            count: AtomicU64::default(),
            came: Notify::new(),
            asked: Mutex::new(Instant::now()),
        }
    }
}

impl Turn {
    /// Takes note of a question, and returns its number.
    pub(crate) fn take(&self) -> u64 {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let turn = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        self.came.notify_waiters();
        turn
    }

    /// Returns when a later question has come.
    pub(crate) async fn later(&self, turn: u64) {
        loop {
            let came = self.came.notified();
            if self.count.load(Ordering::SeqCst) != turn {
                return;
            }
            came.await;
        }
    }

    fn is_forgotten(&self) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > FORGOTTEN
    }
}
