//! What questions about edits of one book have in common, worked out once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use apex_domain::{AccountId, CashBalance, InstrumentId, Subject, ValuationRow};
use apex_wire::Amount;
use apex_wire::scenario::Scenario;

use super::positions::Position;
use super::risk::RiskKept;
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::risk::{Part, values_by_part};
use crate::scenario::Stressed;
use crate::valuation;

/// Windows of history remembered: as many as a person toggles between.
const RISKS_MAX: usize = 3;
/// Scenarios remembered, each with the instruments that can come into the book.
const STRESSED_MAX: usize = 48;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    holdings: OnceLock<BTreeMap<InstrumentId, Vec<ValuationRow>>>,
    cash: OnceLock<BTreeMap<(AccountId, apex_domain::Currency), CashBalance>>,
    values: OnceLock<BTreeMap<Part, Amount>>,
    positions: OnceLock<BTreeMap<Subject, Position>>,
    risks: Mutex<VecDeque<Arc<RiskKept>>>,
    stressed: Mutex<VecDeque<Arc<Stressed>>>,
}

impl Kept {
    /// The holdings as the domain values them, by instrument.
    pub(crate) fn holdings(&self, fold: &PortfolioFold) -> &BTreeMap<InstrumentId, Vec<ValuationRow>> {
        self.holdings.get_or_init(|| {
            let mut holdings: BTreeMap<InstrumentId, Vec<ValuationRow>> = BTreeMap::new();
            for row in valuation::rows(fold) {
                if let Subject::Instrument(id) = row.subject {
                    holdings.entry(id).or_default().push(row);
                }
            }
            holdings
        })
    }

    /// Cash by account and currency.
    pub(super) fn cash(&self, fold: &PortfolioFold) -> &BTreeMap<(AccountId, apex_domain::Currency), CashBalance> {
        self.cash.get_or_init(|| {
            let known = fold.book().cash(fold.as_of()).into_iter();
            known.map(|cash| ((cash.account, cash.currency), cash)).collect()
        })
    }

    /// The values of the parts whose prices move.
    pub(super) fn values(&self, fold: &PortfolioFold) -> &BTreeMap<Part, Amount> {
        self.values.get_or_init(|| values_by_part(fold))
    }

    /// The positions, all accounts together.
    pub(super) fn positions(&self, fold: &PortfolioFold) -> &BTreeMap<Subject, Position> {
        self.positions.get_or_init(|| Position::all(fold))
    }

    /// The book over a window of history; `others` are the instruments the days are taken from where none is held.
    pub(super) fn risk(&self, fold: &PortfolioFold, window: usize, others: &[Part]) -> Result<Arc<RiskKept>> {
        let others = if self.values(fold).keys().any(|part| matches!(part, Part::Instrument(_))) {
            &[]
        } else {
            others
        };
        remembered(
            &self.risks,
            RISKS_MAX,
            |known| known.window == window && known.others == others,
            || RiskKept::of(fold, window, others),
        )
    }

    /// A scenario on the book, and on other parts that can come into it.
    pub(super) fn stressed(&self, fold: &PortfolioFold, scenario: &Scenario, others: &[Part]) -> Result<Arc<Stressed>> {
        remembered(
            &self.stressed,
            STRESSED_MAX,
            |known| known.others == others && known.scenario == *scenario,
            || Stressed::of(fold, scenario.clone(), others.to_vec()),
        )
    }
}

/// Looks an answer up, or makes it and drops the one longest unused.
fn remembered<T>(
    all: &Mutex<VecDeque<Arc<T>>>,
    count_max: usize,
    wanted: impl Fn(&T) -> bool,
    make: impl FnOnce() -> Result<T>,
) -> Result<Arc<T>> {
    let locked = || all.lock().unwrap_or_else(PoisonError::into_inner);
    {
        let mut all = locked();
        if let Some(at) = all.iter().position(|known| wanted(known))
            && let Some(found) = all.remove(at)
        {
            all.push_back(found.clone());
            return Ok(found);
        }
    }
    let made = Arc::new(make()?);
    let mut all = locked();
    while all.len() >= count_max {
        all.pop_front();
    }
    all.push_back(made.clone());
    Ok(made)
}
