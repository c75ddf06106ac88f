//! Values larger than a page, in pieces that fill pages.
//!
//! redb gives each value of more than a page a run of pages, a power of two of them, and would leave a quarter of the
//! file empty. So a sealed value is cut into pieces that just fill such runs; only the last one leaves room.

use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use redb::{Database, ReadableDatabase};

use crate::cache::{Answer, Cache, CacheTable, State, associated, definition};
use crate::seal;

const PAGE: usize = 4_096;
/// What a page holds beside one value: its front, the lengths of key and value, the key.
const AROUND: usize = 4 + 4 + 4 + KEY;
/// A hidden name and the number of the piece.
const KEY: usize = 33;
/// Runs of up to eight pages.
const RUNS: u32 = 3;
/// Whoever asks for so many values reads much of the file.
const MANY: usize = 32;
/// At most so much of the file is read ahead.
const AHEAD_MAX: u64 = 256 * 1024 * 1024;

/// How many bytes the next piece of so many gets.
fn piece(left: usize) -> usize {
    let sizes = (0..=RUNS).rev().map(|run| (PAGE << run) - AROUND);
    sizes.into_iter().find(|size| *size <= left).unwrap_or(left)
}

fn keys(hidden: &[u8; 32]) -> RangeInclusive<[u8; KEY]> {
    key(hidden, u8::MIN)..=key(hidden, u8::MAX)
}

fn key(hidden: &[u8; 32], piece: u8) -> [u8; KEY] {
    let mut key = [piece; KEY];
    key[..32].copy_from_slice(hidden);
    key
}

impl Cache {
    /// Reads large values and makes something of each, on all threads; the answers are in the order of the keys. `None`
    /// stands for a value that was never put, cannot be trusted, or is gone with the file.
    pub(crate) fn read_large<T: Send, S>(
        &self,
        table: CacheTable,
        keys_of: &[impl AsRef<[u8]> + Sync],
        start: impl Fn() -> S + Sync + Send,
        take: impl Fn(&mut S, usize, Vec<u8>) -> Option<T> + Sync + Send,
    ) -> Vec<Option<T>> {
        if keys_of.len() >= MANY {
            self.read_ahead.call_once(|| self.read_through());
        }
        let name = table.full_name();
        let wanted: Vec<(usize, [u8; 32])> = keys_of
            .iter()
            .enumerate()
            .map(|(at, key)| (at, self.hide(&name, key.as_ref())))
            .collect();
        let read = |database: &Database| {
            let reading = database.begin_read().ok()?;
            let values = reading.open_table(definition(&name)).ok()?;
            let one = |(state, sealed): &mut (S, Vec<u8>), (at, hidden): &(usize, [u8; 32])| {
                let range = keys(hidden);
                sealed.clear();
                for piece in values.range(range.start().as_slice()..=range.end().as_slice()).ok()? {
                    sealed.extend_from_slice(piece.ok()?.1.value());
                }
                let plain = seal::open(&self.seal_key, &associated(&name, hidden), sealed)?;
                take(state, *at, plain)
            };
            Some(wanted.par_iter().map_init(|| (start(), Vec::new()), one).collect())
        };
        match self.with(read) {
            Answer::Given(Some(values)) => values,
            _ => wanted.iter().map(|_| None).collect(),
        }
    }

    /// Reads the file from one end to the other, once: pages that lie about in it would come from a disk one by one, which
    /// takes many times as long. What this cannot read is found out where it is needed.
    fn read_through(&self) {
        let Ok(file) = File::open(&self.path) else {
            return;
        };
        let (mut part, mut file) = (vec![0; 1024 * 1024], file.take(AHEAD_MAX));
        while file.read(&mut part).is_ok_and(|read| read > 0) {}
    }

    /// Keeps large values in one transaction. That they could not be kept is logged and otherwise without consequence.
    pub(crate) fn put_large(&self, table: CacheTable, values: &[(Vec<u8>, Vec<u8>)]) {
        let name = table.full_name();
        let sealed: Vec<([u8; 32], Vec<u8>)> = values
            .iter()
            .map(|(key, value)| {
                let hidden = self.hide(&name, key);
                let associated = associated(&name, &hidden);
                (hidden, seal::seal(&self.seal_key, &associated, value, &self.entropy))
            })
            .collect();
        if let Answer::Given(Err(err)) = self.with(|database| write(database, &name, &sealed)) {
            tracing::debug!(%err, table = name, "values were not cached");
            self.discard();
        }
    }

    /// Gives room that the file no longer needs back to the system.
    pub(crate) fn compact(&self) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let State::Open(database) = &mut *state else {
            return;
        };
        match catch_unwind(AssertUnwindSafe(|| database.compact())) {
            Ok(Ok(_)) => {}
            Ok(Err(err)) => tracing::debug!(%err, "the cache was not compacted"),
            Err(_) => {
                drop(state);
                self.discard();
            }
        }
    }
}

fn write(database: &Database, name: &str, values: &[([u8; 32], Vec<u8>)]) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    {
        let mut table = writing.open_table(definition(name))?;
        for (hidden, value) in values {
            let mut rest = value.as_slice();
            let mut number = u8::MIN;
            while !rest.is_empty() {
                let (part, behind) = rest.split_at(piece(rest.len()));
                table.insert(key(hidden, number).as_slice(), part)?;
                rest = behind;
                number += 1;
            }
            // What is left of a longer value that was there before.
            while table.remove(key(hidden, number).as_slice())?.is_some() {
                number += 1;
            }
        }
    }
    writing.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_fill_runs_of_pages_and_the_last_one_takes_the_rest() {
        let mut left = 20_000;
        let mut pieces = Vec::new();
        while left > 0 {
            pieces.push(piece(left));
            left -= piece(left);
        }
        // A page holds 4,096 bytes, of which 45 are not the value's.
        assert_eq!(pieces, [16_339, 3_661]);
        assert_eq!(
            (piece(1), piece(4_051), piece(4_052), piece(99_999)),
            (1, 4_051, 4_051, 32_723)
        );
    }
}
