//! Decoded history that is at hand, and how far the ledger had come when it was made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use apex_domain::InstrumentId;

use super::Entry;

/// Columns and chunks of about a thousand instruments over ten years.
const BYTES_MAX: usize = 128 * 1024 * 1024;

/// A row of the ledger's prices. Rows are only added, so whoever knows the last one knows them all; the instant tells a
/// row from another of the same number in another copy of the book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) number: i64,
    pub(super) known_at: i64,
}

/// For which rows of the ledger the chunks of an instrument hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// The last row when they were made, which their pack names too.
    pub(super) made_at: i64,
    /// A later row, up to which nothing was added for the instrument.
    pub(super) holds_at: Mark,
}

const LINE: usize = 40;

/// Standings as a value of the cache: id, made at, number and instant of the row they hold at, each time 40 bytes.
pub(super) fn to_bytes(standings: &HashMap<InstrumentId, Standing>) -> Vec<u8> {
    let mut sorted: Vec<_> = standings.iter().collect();
    sorted.sort_by_key(|(id, _)| **id);
    sorted.into_iter().fold(Vec::new(), |mut bytes, (id, standing)| {
        bytes.extend_from_slice(&id.to_bytes());
        let Mark { number, known_at } = standing.holds_at;
        for value in [standing.made_at, number, known_at] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes
    })
}

pub(super) fn from_bytes(bytes: &[u8]) -> HashMap<InstrumentId, Standing> {
    let (lines, _) = bytes.as_chunks::<LINE>();
    let standing = |line: &[u8; LINE]| {
        let (id, rest) = line.split_first_chunk::<16>()?;
        let (values, _) = rest.as_chunks::<8>();
        let [made_at, number, known_at] = *values else {
            return None;
        };
        let holds_at = Mark {
            number: i64::from_le_bytes(number),
            known_at: i64::from_le_bytes(known_at),
        };
        let made_at = i64::from_le_bytes(made_at);
        Some((InstrumentId::from_bytes(*id), Standing { made_at, holds_at }))
    };
    lines.iter().filter_map(standing).collect()
}

/// What is at hand in this program.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// `None` until it was read from the cache.
    standings: Option<HashMap<InstrumentId, Standing>>,
    entries: HashMap<InstrumentId, Slot>,
    /// Counts the questions.
    now: u64,
}

struct Slot {
    entry: Arc<Entry>,
    made_at: i64,
    used: u64,
}

impl Memory {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn forget(&self) {
        let dropped = std::mem::take(&mut self.held().entries);
        drop(dropped);
    }

    /// Returns how the instruments stand, after reading it if that was not done yet.
    pub(super) fn standings(
        &self,
        instruments: &[InstrumentId],
        read: impl FnOnce() -> HashMap<InstrumentId, Standing>,
    ) -> Vec<Option<Standing>> {
        let mut held = self.held();
        let standings = held.standings.get_or_insert_with(read);
        instruments.iter().map(|id| standings.get(id).copied()).collect()
    }

    /// Returns the entry of an instrument that was made at a row of the ledger.
    pub(super) fn entry(&self, instrument: InstrumentId, made_at: i64) -> Option<Arc<Entry>> {
        let mut held = self.held();
        let now = held.now;
        let slot = held
            .entries
            .get_mut(&instrument)
            .filter(|slot| slot.made_at == made_at)?;
        slot.used = now;
        Some(Arc::clone(&slot.entry))
    }

    /// Notes how instruments stand, and returns how all do.
    pub(super) fn stand(
        &self,
        standings: impl IntoIterator<Item = (InstrumentId, Standing)>,
    ) -> HashMap<InstrumentId, Standing> {
        let mut held = self.held();
        let known = held.standings.get_or_insert_default();
        known.extend(standings);
        known.clone()
    }

    /// Keeps entries, and lets go of those that were not asked for the longest while there are too many.
    pub(super) fn keep(&self, entries: impl IntoIterator<Item = (InstrumentId, Arc<Entry>)>) {
        let mut held = self.held();
        let used = held.now;
        for (id, entry) in entries {
            let made_at = entry.pack.made_at();
            held.entries.insert(id, Slot { entry, made_at, used });
        }
        held.now += 1;
        let mut size: usize = held.entries.values().map(|slot| slot.entry.size()).sum();
        if size > BYTES_MAX {
            let mut oldest: Vec<(u64, InstrumentId)> = held.entries.iter().map(|(id, slot)| (slot.used, *id)).collect();
            oldest.sort_unstable();
            for (_, id) in oldest {
                if size <= BYTES_MAX {
                    break;
                }
                size -= held.entries.remove(&id).map_or(0, |slot| slot.entry.size());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standings_come_back_from_their_bytes_and_a_cut_one_is_left_out() {
        let standing = |number| Standing {
            made_at: number - 1,
            holds_at: Mark {
                number,
                known_at: -number,
            },
        };
        let all: HashMap<InstrumentId, Standing> = (1..=5)
            .map(|at| (InstrumentId::from_bytes([at; 16]), standing(at.into())))
            .collect();
        let bytes = to_bytes(&all);
        assert_eq!(from_bytes(&bytes), all);
        assert_eq!(from_bytes(&bytes[..bytes.len() - 1]).len(), 4);
    }
}
