//! The fold of one lane: the transactions of one instrument in one account, in book order, to lots, gains and income.
//!
//! A corporate action or an exercise that moves cost from one instrument to another joins their lanes, so that a lane
//! never looks beyond itself. At intervals a lane keeps a checkpoint; an edit folds again only from the last one
//! before it. A refused transaction is left out, noted, and has no effect at all.

mod corporate;
mod fold;
mod refuse;

use std::borrow::Cow;

use jiff::civil::Date;
use rust_decimal::Decimal;

use self::fold::Fold;
use crate::lots::{ClosedRow, Position};
use crate::reference::Indexed;
use crate::refusal::Refusal;
use crate::transaction::Transaction;

/// The least number of events between two checkpoints.
const CHECKPOINT_EVENTS: usize = 128;

/// What a fold reads.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) transactions: &'a [Transaction],
    /// The place of each transaction, by slot.
    pub(crate) places: &'a [Place],
    pub(crate) reference: &'a Indexed,
}

/// Stands for "no instrument".
pub(crate) const NO_INSTRUMENT: u32 = u32::MAX;

/// The numbers of a transaction's account and instrument, looked up once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) account: u32,
    pub(crate) instrument: u32,
}

/// Income as it is earned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IncomeRow {
    pub(crate) by: u32,
    /// Before fees and taxes, in the transaction's currency; negative when it was paid.
    pub(crate) amount: Decimal,
    pub(crate) base: Option<Decimal>,
}

/// The quantity after an event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StepRow {
    pub(crate) instrument: u32,
    pub(crate) date: Date,
    pub(crate) quantity: Decimal,
    pub(crate) accrued: Decimal,
}

/// What a fold writes; rows are only ever appended.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Outputs {
    pub(crate) closed: Vec<ClosedRow>,
    pub(crate) income: Vec<IncomeRow>,
    pub(crate) steps: Vec<StepRow>,
    /// Slots that came in or went out from or to outside, in book order.
    pub(crate) flows: Vec<u32>,
    /// Slots of splits and marks, in book order.
    pub(crate) noted: Vec<u32>,
    pub(crate) refused: Vec<(u32, Refusal)>,
}

impl Outputs {
    fn lengths(&self) -> [usize; 6] {
        [
            self.closed.len(),
            self.income.len(),
            self.steps.len(),
            self.flows.len(),
            self.noted.len(),
            self.refused.len(),
        ]
    }

    fn cut(&mut self, [closed, income, steps, flows, noted, refused]: [usize; 6]) {
        self.closed.truncate(closed);
        self.income.truncate(income);
        self.steps.truncate(steps);
        self.flows.truncate(flows);
        self.noted.truncate(noted);
        self.refused.truncate(refused);
    }
}

#[derive(Debug, Clone)]
struct Checkpoint {
    /// Events folded so far.
    events: usize,
    positions: Vec<Position>,
    lengths: [usize; 6],
}

/// One lane: its events in book order, and what they fold to.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) account: u32,
    pub(crate) events: Vec<u32>,
    pub(crate) positions: Vec<Position>,
    pub(crate) outputs: Outputs,
    checkpoints: Vec<Checkpoint>,
}

impl Lane {
    pub(crate) fn new(account: u32) -> Self {
        Self {
            account,
            events: Vec::new(),
            positions: Vec::new(),
            outputs: Outputs::default(),
            checkpoints: Vec::new(),
        }
    }

    /// Folds again from an event on; everything before it stands.
    pub(crate) fn refold(&mut self, facts: Facts<'_>, from: usize) {
        while self
            .checkpoints
            .last()
            .is_some_and(|checkpoint| checkpoint.events > from)
        {
            self.checkpoints.pop();
        }
        let mut at = 0;
        match self.checkpoints.last() {
            Some(checkpoint) => {
                at = checkpoint.events;
                self.positions.clone_from(&checkpoint.positions);
                self.outputs.cut(checkpoint.lengths);
            }
            None => {
                self.positions.clear();
                self.outputs.cut([0; 6]);
            }
        }
        let mut fold = Fold::new(facts, self.account);
        let mut last = at;
        for (done, &slot) in self.events.iter().enumerate().skip(at) {
            if done >= last + CHECKPOINT_EVENTS {
                // Checkpoints stay proportional to the lots they copy, so that they never outgrow the lane.
                let lots: usize = self.positions.iter().map(|position| position.lots.len()).sum();
                if done >= last + lots {
                    last = done;
                    self.checkpoints.push(Checkpoint {
                        events: done,
                        positions: self.positions.clone(),
                        lengths: self.outputs.lengths(),
                    });
                }
            }
            fold.step(slot, &mut self.positions, &mut self.outputs);
        }
    }

    /// Returns the positions at the end of a day.
    pub(crate) fn positions_at(&self, facts: Facts<'_>, as_of: Date) -> Cow<'_, [Position]> {
        let slot_date = |slot: u32| facts.transactions[slot as usize].trade_date;
        if self.events.last().is_none_or(|last| slot_date(*last) <= as_of) {
            return Cow::Borrowed(&self.positions);
        }
        let end = self.events.partition_point(|slot| slot_date(*slot) <= as_of);
        let checkpoint = self
            .checkpoints
            .iter()
            .rev()
            .find(|checkpoint| checkpoint.events <= end);
        let mut positions = checkpoint
            .map(|checkpoint| checkpoint.positions.clone())
            .unwrap_or_default();
        let mut outputs = Outputs::default();
        let mut fold = Fold::new(facts, self.account);
        for &slot in &self.events[checkpoint.map_or(0, |checkpoint| checkpoint.events)..end] {
            fold.step(slot, &mut positions, &mut outputs);
        }
        Cow::Owned(positions)
    }
}
