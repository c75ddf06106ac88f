//! Filling a book with many transactions at once: sort by lane and day, fold each lane once, sum the cash.

use jiff::civil::Date;

use super::{Book, Standing, linked};
use crate::lane::{Facts, NO_INSTRUMENT, Place};
use crate::refusal::Refusal;
use crate::transaction::Transaction;
use crate::validate;

impl Book {
    /// Takes in transactions in any order; what cannot be taken in is noted.
    pub(super) fn fill(&mut self, transactions: Vec<Transaction>) {
        self.by_id.reserve(transactions.len());
        self.slots.reserve(transactions.len());
        self.places.reserve(transactions.len());
        self.transactions.reserve(transactions.len());
        for transaction in transactions {
            // The same record twice is one record.
            if !self.by_id.contains_key(&transaction.id) {
                let standing = if transaction.reverses.is_some() {
                    Standing::Reversal
                } else {
                    Standing::Active
                };
                self.push(transaction, standing);
            }
        }
        self.settle_reversals();
        let mut keys = self.sort_keys();
        keys.sort_unstable();
        self.order_ties(&mut keys);
        for key in &keys {
            let (lane, slot) = ((key >> 96) as usize, *key as u32);
            self.lanes[lane].events.push(slot);
        }
        let facts = Facts {
            transactions: &self.transactions,
            places: &self.places,
            reference: &self.reference,
        };
        self.lanes.iter_mut().for_each(|lane| lane.refold(facts, 0));
        self.fill_cash();
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

    fn fill_cash(&mut self) {
        let mut refused: Vec<u32> = self
            .lanes
            .iter()
            .flat_map(|lane| lane.outputs.refused.iter().map(|(slot, _)| *slot))
            .collect();
        refused.sort_unstable();
        for slot in 0..self.slots.len() as u32 {
            let active = self.slots[slot as usize].standing == Standing::Active;
            if active && refused.binary_search(&slot).is_err() {
                self.move_cash(slot, true);
            }
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
