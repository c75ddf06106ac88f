//! A block of paths on its way: holdings, cash and what has become of them.

use super::{HorizonBook, HorizonSettings, StepFlow};
use crate::measure::OBSERVATIONS_A_YEAR;

/// A block of paths. Amounts by asset are stored asset after asset, each for all paths.
pub(super) struct Walk<'a> {
    book: &'a HorizonBook<'a>,
    settings: &'a HorizonSettings,
    rows: usize,
    cash_growth: f64,
    growth: Vec<f64>,
    holdings: Vec<f64>,
    cash: Vec<f64>,
    value: Vec<f64>,
    /// What one unit has become with flows taken out, its highest so far, and the largest fall from that.
    index: Vec<f64>,
    highest: Vec<f64>,
    fall: Vec<f64>,
    lost: Vec<bool>,
    /// Room for what is counted asset by asset.
    gross: Vec<f64>,
    traded: Vec<f64>,
    leaves: Vec<bool>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(book: &'a HorizonBook<'a>, settings: &'a HorizonSettings, rows: usize) -> Self {
        let assets = book.start.len();
        let value = book.cash + book.start.iter().sum::<f64>();
        Self {
            book,
            settings,
            rows,
            cash_growth: (1.0 + settings.cash_yearly).powf(settings.step_days as f64 / OBSERVATIONS_A_YEAR),
            growth: vec![1.0; assets * rows],
            holdings: book
                .start
                .iter()
                .flat_map(|start| std::iter::repeat_n(*start, rows))
                .collect(),
            cash: vec![book.cash; rows],
            value: vec![value.max(0.0); rows],
            index: vec![1.0; rows],
            highest: vec![1.0; rows],
            fall: vec![0.0; rows],
            lost: vec![value <= 0.0; rows],
            gross: vec![0.0; rows],
            traded: vec![0.0; rows],
            leaves: vec![false; rows],
        }
    }

    /// Where the growth of every asset over a step is put, asset after asset.
    pub(super) fn growth(&mut self) -> &mut [f64] {
        &mut self.growth
    }

    /// Keeps what the paths are worth now.
    pub(super) fn keep(&self, values: &mut [f64], step: usize) {
        let length = self.settings.steps + 1;
        for (path, value) in values.chunks_exact_mut(length).zip(&self.value) {
            path[step] = *value;
        }
    }

    /// Takes one step: prices, then the flow, then the weights.
    pub(super) fn step(&mut self, step: usize) {
        let flow = self.settings.flows.get(step).copied().unwrap_or_default();
        let due = self.settings.rebalances.get(step).copied().unwrap_or(false);
        let before = self.value.clone();
        self.grow();
        let paid = self.pay(flow);
        if due || self.settings.band.is_some() {
            self.set_back(due);
        }
        for row in 0..self.rows {
            if before[row] > 0.0 {
                self.index[row] *= ((self.value[row] - paid[row]) / before[row]).max(0.0);
            }
            self.highest[row] = self.highest[row].max(self.index[row]);
            self.fall[row] = self.fall[row].max(1.0 - self.index[row] / self.highest[row]);
        }
    }

    /// Lets prices and cash grow, and counts what that makes.
    fn grow(&mut self) {
        for (cash, value) in self.cash.iter_mut().zip(&mut self.value) {
            *cash *= self.cash_growth;
            *value = *cash;
        }
        self.gross.fill(0.0);
        let columns = self
            .holdings
            .chunks_exact_mut(self.rows)
            .zip(self.growth.chunks_exact(self.rows));
        for (holdings, growth) in columns {
            for row in 0..self.rows {
                holdings[row] *= growth[row];
                self.value[row] += holdings[row];
                self.gross[row] += holdings[row].abs();
            }
        }
        for row in 0..self.rows {
            if self.value[row] <= 0.0 {
                self.lose(row);
            }
        }
    }

    /// Pays the flow in proportion to what is held, and returns what was paid on each path.
    fn pay(&mut self, flow: StepFlow) -> Vec<f64> {
        let mut paid = vec![0.0; self.rows];
        if flow == StepFlow::default() {
            return paid;
        }
        let mut scale = vec![1.0; self.rows];
        for row in 0..self.rows {
            let value = self.value[row];
            if value <= 0.0 {
                continue;
            }
            let wanted = flow.amount + flow.share * value;
            let cost = self.settings.cost * wanted.abs() * self.gross[row] / value;
            let left = value + wanted - cost;
            if left <= 0.0 {
                // What is left is paid out, and no more.
                paid[row] = -value;
                self.lose(row);
            } else {
                paid[row] = wanted;
                scale[row] = left / value;
                self.value[row] = left;
            }
        }
        for (cash, scale) in self.cash.iter_mut().zip(&scale) {
            *cash *= scale;
        }
        for holdings in self.holdings.chunks_exact_mut(self.rows) {
            for (holding, scale) in holdings.iter_mut().zip(&scale) {
                *holding *= scale;
            }
        }
        paid
    }

    /// Sets weights back to the targets: of all paths where that is due, else of those that left the band.
    fn set_back(&mut self, due: bool) {
        self.traded.fill(0.0);
        self.leaves.fill(due);
        for (holdings, target) in self.holdings.chunks_exact(self.rows).zip(self.book.targets) {
            for (row, holding) in holdings.iter().enumerate() {
                let value = self.value[row];
                let distance = (target * value - holding).abs();
                self.traded[row] += distance;
                if let Some(width) = self.settings.band {
                    self.leaves[row] |= distance > width * value;
                }
            }
        }
        for row in 0..self.rows {
            let value = self.value[row];
            self.leaves[row] &= value > 0.0;
            if self.leaves[row] {
                let left = value - self.settings.cost * self.traded[row];
                if left > 0.0 {
                    self.value[row] = left;
                } else {
                    self.leaves[row] = false;
                    self.lose(row);
                }
            }
        }
        let cash = 1.0 - self.book.targets.iter().sum::<f64>();
        for row in (0..self.rows).filter(|row| self.leaves[*row]) {
            self.cash[row] = cash * self.value[row];
        }
        for (holdings, target) in self.holdings.chunks_exact_mut(self.rows).zip(self.book.targets) {
            for row in (0..self.rows).filter(|row| self.leaves[*row]) {
                holdings[row] = target * self.value[row];
            }
        }
    }

    /// Leaves a path with nothing.
    fn lose(&mut self, row: usize) {
        self.value[row] = 0.0;
        self.cash[row] = 0.0;
        self.lost[row] = true;
        for holdings in self.holdings.chunks_exact_mut(self.rows) {
            holdings[row] = 0.0;
        }
    }

    /// Tells the largest fall of each path, and whether it was left with nothing.
    pub(super) fn finish(&self, falls: &mut [f64], lost: &mut [bool]) {
        falls.copy_from_slice(&self.fall);
        lost.copy_from_slice(&self.lost);
    }
}
