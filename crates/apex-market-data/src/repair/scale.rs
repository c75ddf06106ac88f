//! The most likely path through scales: which rows of a column are too large or too small by a known ratio.
//!
//! Each row is in one of three states: as it should be, times the ratio, or divided by it. A path costs the surprise of
//! every change that is left once the states are taken out, and a price for every switch of state, the negative log of how
//! rare faults are. The last row is as it should be: the latest price decides. The cheapest path is found by dynamic
//! programming (Viterbi 1967). Single rows, blocks, and everything before a day are the same to it.

use super::statistics::surprise;

/// A column to be walked through; all lists have one entry a row.
pub(super) struct Walk {
    /// Natural logs of the prices.
    pub(super) levels: Vec<f64>,
    /// What was paid out on the row, in the column's own right unit.
    pub(super) paid: Vec<f64>,
    /// What it costs that a block begins with the row.
    pub(super) begin: Vec<f64>,
    /// What it costs that a block ends before the row.
    pub(super) end: Vec<f64>,
    /// Whether the row can be in another state than the right one.
    pub(super) open: Vec<bool>,
    /// Natural log of the ratio.
    pub(super) ratio: f64,
    /// Standard deviation of a change.
    pub(super) scatter: f64,
}

/// Rows from `first` to `last` that are too large by the ratio to the power of `state`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Block {
    pub(super) first: usize,
    pub(super) last: usize,
    /// 1 or -1.
    pub(super) state: i8,
    /// Natural log of the odds that the block is a fault.
    pub(super) evidence: f64,
    /// The largest change that is left at its edges once it is repaired.
    pub(super) edge: f64,
}

const STATES: [i8; 3] = [0, 1, -1];

impl Walk {
    /// Returns the blocks of the cheapest path.
    pub(super) fn blocks(&self) -> Vec<Block> {
        if self.is_calm() {
            return Vec::new();
        }
        let states = self.cheapest();
        let mut blocks = Vec::new();
        let mut row = 0;
        while row < states.len() {
            let state = states[row];
            let mut last = row;
            while states.get(last + 1) == Some(&state) {
                last += 1;
            }
            if state != 0 {
                blocks.push(self.block(&states, row, last));
            }
            row = last + 1;
        }
        blocks
    }

    /// Returns whether no change is more than half the ratio, whatever was paid: then a change of state leaves more of a move
    /// than none does, everywhere, and the cheapest path has none.
    fn is_calm(&self) -> bool {
        let steps = self.levels.windows(2).zip(self.paid.iter().skip(1));
        let moves = steps.map(|(pair, paid)| {
            let most = match *paid == 0.0 {
                true => 0.0,
                false => (paid / (pair[1] - self.ratio.abs()).exp()).ln_1p(),
            };
            (pair[1] - pair[0]).abs() + most
        });
        moves.fold(0.0, f64::max) <= self.ratio.abs() / 2.0
    }

    fn block(&self, states: &[i8], first: usize, last: usize) -> Block {
        let mut without = states.to_vec();
        without[first..=last].fill(0);
        let edges = [first, last + 1];
        let edge = edges
            .iter()
            .filter(|row| **row > 0 && **row < states.len())
            .map(|row| self.left(*row, states[*row - 1], states[*row]).abs())
            .fold(0.0, f64::max);
        Block {
            first,
            last,
            state: states[first],
            evidence: self.cost(&without) - self.cost(states),
            edge,
        }
    }

    fn cheapest(&self) -> Vec<i8> {
        let rows = self.levels.len();
        let mut cost = STATES.map(|state| self.entry(0, state));
        let mut from: Vec<[usize; 3]> = Vec::with_capacity(rows);
        for row in 1..rows {
            let mut best = [f64::INFINITY; 3];
            let mut came = [0; 3];
            for (now, state) in STATES.iter().enumerate() {
                for (then, before) in STATES.iter().enumerate() {
                    let total = cost[then] + self.step(row, *before, *state);
                    if total < best[now] {
                        (best[now], came[now]) = (total, then);
                    }
                }
            }
            cost = best;
            from.push(came);
        }
        let mut states = vec![0; rows];
        let mut at = 0;
        for row in (1..rows).rev() {
            at = from[row - 1][at];
            states[row - 1] = STATES[at];
        }
        states
    }

    fn cost(&self, states: &[i8]) -> f64 {
        let steps = (1..states.len()).map(|row| self.step(row, states[row - 1], states[row]));
        states.first().map_or(0.0, |state| self.entry(0, *state)) + steps.sum::<f64>()
    }

    fn step(&self, row: usize, before: i8, state: i8) -> f64 {
        let mut cost = self.entry(row, state) + surprise(self.left(row, before, state) / self.scatter);
        if before != state {
            cost += if state == 0 { 0.0 } else { self.begin[row] };
            cost += if before == 0 { 0.0 } else { self.end[row] };
        }
        cost
    }

    fn entry(&self, row: usize, state: i8) -> f64 {
        match state == 0 || self.open.get(row) == Some(&true) {
            true => 0.0,
            false => f64::INFINITY,
        }
    }

    /// The change into a row once the states are taken out, with or without what was paid, whichever is less of a move.
    fn left(&self, row: usize, before: i8, state: i8) -> f64 {
        let right = self.levels[row] - f64::from(state) * self.ratio;
        let change = right - (self.levels[row - 1] - f64::from(before) * self.ratio);
        let total = change + (self.paid[row] / right.exp()).ln_1p();
        if total.abs() < change.abs() { total } else { change }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(prices: &[f64]) -> Walk {
        Walk {
            levels: prices.iter().map(|price: &f64| price.ln()).collect(),
            paid: vec![0.0; prices.len()],
            begin: vec![10.0; prices.len()],
            end: vec![10.0; prices.len()],
            open: vec![true; prices.len()],
            ratio: 100_f64.ln(),
            scatter: 0.02,
        }
    }

    #[test]
    fn rows_of_another_scale_are_found_wherever_they_are() {
        let spike = walk(&[5.0, 5.1, 510.0, 5.0, 4.9]).blocks();
        assert_eq!(
            spike
                .iter()
                .map(|one| (one.first, one.last, one.state))
                .collect::<Vec<_>>(),
            [(2, 2, 1)]
        );
        // The latest price decides which side of a switch is right.
        let switch = walk(&[5.0, 5.1, 510.0, 500.0]).blocks();
        assert_eq!(
            switch
                .iter()
                .map(|one| (one.first, one.last, one.state))
                .collect::<Vec<_>>(),
            [(0, 1, -1)]
        );
        assert!(switch[0].evidence > 5.0 && switch[0].edge < 0.03);
    }

    #[test]
    fn a_crash_is_not_a_scale() {
        assert_eq!(walk(&[5.0, 5.1, 0.5, 0.4, 0.45]).blocks(), []);
    }
}
