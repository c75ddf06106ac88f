//! Filling a book with many transactions at once: sort by lane and day, fold each lane once, sum the cash.

use std::collections::hash_map::Entry;

use jiff::civil::Date;
use rustc_hash::FxHashSet;

use super::{Book, NO_LANE, Slot, Standing, linked};
use crate::lane::{Facts, NO_INSTRUMENT, Place};
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use crate::validate;

impl Book {
    /// Fills an empty book with transactions in any order; what cannot be taken in is noted.
    pub(super) fn fill(&mut self, transactions: Vec<Transaction>) {
        // The same record twice is one record: the first stays.
        let mut seen = 0;
        self.by_id.reserve(transactions.len());
        for transaction in &transactions {
            if let Entry::Vacant(vacant) = self.by_id.entry(transaction.id) {
                vacant.insert(seen);
                seen += 1;
            }
        }
        self.transactions = transactions;
        if self.by_id.len() < self.transactions.len() {
            let mut known = FxHashSet::default();
            self.transactions.retain(|transaction| known.insert(transaction.id));
        }
        let standing = |transaction: &Transaction| {
            if transaction.reverses.is_some() {
                Standing::Reversal
            } else {
                Standing::Active
            }
        };
        let slot = |transaction| Slot {
            standing: standing(transaction),
            lane: NO_LANE,
            reversals: 0,
        };
        self.slots = self.transactions.iter().map(slot).collect();
        self.places = vec![
            Place {
                account: 0,
                instrument: NO_INSTRUMENT
            };
            self.slots.len()
        ];
        self.settle_reversals();
        let mut keys = self.sort_keys();
        keys.sort_unstable();
        self.order_ties(&mut keys);
        for key in &keys {
            let (lane, slot) = ((key >> 96) as usize, *key as u32);
            self.lanes[lane].events.push(slot);
        }
        for lane in 0..self.lanes.len() {
            self.fold_lane(lane);
        }
    }

    /// Folds a lane and sums its cash while its transactions are at hand.
    fn fold_lane(&mut self, at: usize) {
        let facts = Facts {
            transactions: &self.transactions,
            places: &self.places,
            reference: &self.reference,
        };
        let lane = &mut self.lanes[at];
        lane.refold(facts, 0);
        let refused: FxHashSet<u32> = lane.outputs.refused.iter().map(|(slot, _)| *slot).collect();
        let events = std::mem::take(&mut lane.events);
        for slot in events.iter().filter(|slot| !refused.contains(slot)) {
            self.move_cash(*slot, true);
        }
        self.lanes[at].events = events;
    }

    /// Marks what was taken back.
    fn settle_reversals(&mut self) {
        for slot in 0..self.slots.len() {
            let Some(original) = self.transactions[slot].reverses else {
                continue;
            };
            let refusal = match self.by_id.get(&original).map(|at| *at as usize) {
                None => Refusal::UnknownTransaction { transaction: original },
                Some(at)
                    if self.slots[at].standing == Standing::Reversal || self.transactions[at].reverses.is_some() =>
                {
                    Refusal::ReversesReversal { transaction: original }
                }
                Some(at) => {
                    self.slots[at].standing = Standing::Reversed;
                    self.slots[at].reversals += 1;
                    continue;
                }
            };
            self.slots[slot].standing = Standing::Refused;
            self.invalid.insert(slot as u32, refusal);
        }
    }

    /// Returns lane, day, sequence, kind and slot of each active transaction, packed so that they sort as numbers.
    fn sort_keys(&mut self) -> Vec<u128> {
        let mut keys = Vec::with_capacity(self.slots.len());
        let mut joins = Vec::new();
        for slot in 0..self.slots.len() {
            if self.slots[slot].standing != Standing::Active {
                continue;
            }
            let transaction = &self.transactions[slot];
            let (account, instrument) = match validate::check(transaction, &self.reference) {
                Ok(found) => found,
                Err(refusal) => {
                    self.slots[slot].standing = Standing::Refused;
                    self.invalid.insert(slot as u32, refusal);
                    continue;
                }
            };
            let (date, seq, kind) = (transaction.trade_date, transaction.seq, transaction.kind);
            if let Some(other) = linked(transaction, &self.reference) {
                joins.push((account, instrument, other));
            }
            let lane = self.lane_at(account, instrument.unwrap_or(NO_INSTRUMENT));
            self.slots[slot].lane = lane;
            self.places[slot] = Place {
                account,
                instrument: instrument.unwrap_or(NO_INSTRUMENT),
            };
            let place = u128::from(lane) << 96 | u128::from(day_number(date)) << 72;
            keys.push(place | u128::from(seq) << 40 | u128::from(kind as u8) << 32 | slot as u128);
        }
        // Lanes that a corporate action or an exercise links are one lane.
        let mut moved = false;
        for (account, instrument, other) in joins {
            let lane = self.lane_at(account, instrument.unwrap_or(NO_INSTRUMENT));
            let other = self.lane_at(account, other);
            if lane != other {
                self.lane_of
                    .values_mut()
                    .filter(|known| **known == other)
                    .for_each(|known| *known = lane);
                moved = true;
            }
        }
        if moved {
            for key in &mut keys {
                let slot = *key as u32;
                let Place { account, instrument } = self.places[slot as usize];
                let lane = self.lane_at(account, instrument);
                self.slots[slot as usize].lane = lane;
                *key = *key & (u128::MAX >> 32) | u128::from(lane) << 96;
            }
        }
        keys
    }

    /// Orders transactions of one lane, day, sequence and kind by external id and content.
    fn order_ties(&self, keys: &mut [u128]) {
        let mut start = 0;
        while start < keys.len() {
            let place = keys[start] >> 32;
            let run = keys[start..].iter().take_while(|key| *key >> 32 == place).count();
            if run > 1 {
                keys[start..start + run].sort_unstable_by(|a, b| {
                    let transaction = |key: &u128| &self.transactions[*key as u32 as usize];
                    transaction(a).cmp_in_book(transaction(b))
                });
            }
            start += run;
        }
    }
}

/// Returns a number below 2^24 that orders days.
fn day_number(date: Date) -> u32 {
    let (year, month, day) = (
        i32::from(date.year()) + 10_000,
        i32::from(date.month()),
        i32::from(date.day()),
    );
    (year * 372 + month * 31 + day) as u32
}
