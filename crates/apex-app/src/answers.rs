//! Remembered folds, so that the same question twice is a look-up and switching back to a portfolio is instant.

use std::collections::VecDeque;
use std::sync::Arc;

use apex_domain::PriceBook;
use jiff::Timestamp;

use crate::fold::PortfolioFold;
use crate::view::Moments;

/// As many portfolios and dates as a person moves between; a fold of a large book is a few megabytes.
const KEPT_MAX: usize = 16;

/// The latest folds, most recently used last.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    folds: VecDeque<(u64, Arc<PortfolioFold>)>,
    /// The prices known at the instant last asked about.
    prices: Option<(u64, Timestamp, Arc<PriceBook>)>,
}

impl Answers {
    /// Returns the fold for these moments, where it was asked for since the last change.
    pub(crate) fn fold(&mut self, generation: u64, moments: &Moments) -> Option<Arc<PortfolioFold>> {
        let place = self
            .folds
            .iter()
            .position(|(made_at, fold)| *made_at == generation && fold.moments() == moments)?;
        let found = self.folds.remove(place)?;
        let fold = found.1.clone();
        self.folds.push_back(found);
        Some(fold)
    }

    pub(crate) fn remember(&mut self, generation: u64, fold: Arc<PortfolioFold>) {
        while self.folds.len() >= KEPT_MAX {
            self.folds.pop_front();
        }
        self.folds.push_back((generation, fold));
    }

    pub(crate) fn prices(&self, generation: u64, known_at: Timestamp) -> Option<Arc<PriceBook>> {
        let (made_at, instant, prices) = self.prices.as_ref()?;
        (*made_at == generation && *instant == known_at).then(|| prices.clone())
    }

    pub(crate) fn remember_prices(&mut self, generation: u64, known_at: Timestamp, prices: Arc<PriceBook>) {
        self.prices = Some((generation, known_at, prices));
    }

    /// Takes out the folds that share the ledgers of the book, and returns those that nobody is reading.
    ///
    /// Folds of what was known earlier have ledgers of their own and stay.
    pub(crate) fn set_aside(&mut self) -> Vec<PortfolioFold> {
        let (own, shared): (VecDeque<_>, VecDeque<_>) = self
            .folds
            .drain(..)
            .partition(|(_, fold)| fold.moments().known_at.is_some());
        self.folds = own;
        shared
            .into_iter()
            .filter_map(|(_, fold)| Arc::into_inner(fold))
            .map(PortfolioFold::without_ledger)
            .collect()
    }

    pub(crate) fn clear(&mut self) {
        self.prices = None;
        self.folds.clear();
    }
}
