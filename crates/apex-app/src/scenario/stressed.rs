//! One scenario on the book of a day, kept part by part, so that a book with a few parts changed costs only those.

use std::collections::BTreeMap;

use apex_domain::Decimal;
use apex_wire::scenario::Scenario;
use apex_wire::{Amount, Figure};
use rust_decimal::prelude::ToPrimitive;

use super::answer::{changes, together};
use super::moves::Moves;
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::grid::add;
use crate::performance::amount;
use crate::risk::{Part, symbol, values_by_part};

/// What a scenario does to every part of a book.
#[derive(Debug)]
pub(crate) struct Stressed {
    pub(crate) scenario: Scenario,
    /// Parts that are not in the book and can come into it.
    pub(crate) others: Vec<Part>,
    /// The relative change of each part's value, or why it cannot be said.
    changes: BTreeMap<Part, Result<f64, String>>,
    /// What the parts of the book gain or lose, or why that cannot be said.
    profits: BTreeMap<Part, Result<Amount, String>>,
    sum: Sum,
}

/// What some parts gain or lose together.
#[derive(Debug, Clone)]
struct Sum {
    profit: Amount,
    moved: usize,
    left_out: Vec<String>,
}

/// The result of a scenario: gain or loss, and the parts that count as unchanged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StressResult {
    pub(crate) profit: Amount,
    pub(crate) left_out: Vec<String>,
}

impl Stressed {
    /// Runs a scenario on the book, and works out what it would do to other parts.
    pub(crate) fn of(fold: &PortfolioFold, scenario: Scenario, others: Vec<Part>) -> Result<Self> {
        let values: BTreeMap<Part, Amount> = values_by_part(fold)
            .into_iter()
            .filter(|(_, value)| !value.known().is_some_and(Decimal::is_zero))
            .collect();
        let mut parts: Vec<Part> = values.keys().copied().collect();
        parts.extend(others.iter().filter(|part| !values.contains_key(part)));
        parts.sort_unstable();
        let moves = Moves::of(fold, &scenario, &parts)?;
        let change = |part: Part| {
            let (price, currency) = changes(&moves, part)?;
            Ok(together(price.map_or(0.0, |price| price.change), currency.change))
        };
        let changes: BTreeMap<Part, Result<f64, String>> = parts.iter().map(|part| (*part, change(*part))).collect();
        let mut stressed = Self {
            others,
            changes,
            profits: BTreeMap::new(),
            sum: Sum {
                profit: Figure::Known(Decimal::ZERO),
                moved: 0,
                left_out: Vec::new(),
            },
            scenario,
        };
        for (part, value) in values {
            let profit = stressed.profit(fold, part, &value);
            stressed.sum.put(fold, part, &profit);
            stressed.profits.insert(part, profit);
        }
        Ok(stressed)
    }

    /// Returns the result of the book as it is.
    pub(crate) fn before(&self) -> StressResult {
        self.sum.result()
    }

    /// Returns the result of the book with other values of some parts. Money adds up exactly, so the answer is that of
    /// running the whole.
    pub(crate) fn after<'a>(
        &self,
        fold: &PortfolioFold,
        values: impl Iterator<Item = (Part, &'a Amount)>,
    ) -> StressResult {
        let mut sum = self.sum.clone();
        for (part, value) in values {
            if let Some(profit) = self.profits.get(&part) {
                sum.take(fold, part, profit);
            }
            if !value.known().is_some_and(Decimal::is_zero) {
                sum.put(fold, part, &self.profit(fold, part, value));
            }
        }
        sum.result()
    }

    fn profit(&self, fold: &PortfolioFold, part: Part, value: &Amount) -> Result<Amount, String> {
        let value = match value {
            Figure::Known(value) => value.to_f64().ok_or("its value is out of range")?,
            Figure::Unavailable(because) => return Err(because.clone()),
        };
        match self.changes.get(&part) {
            Some(change) => Ok(amount(value * change.clone()?, fold)),
            None => Err("it is not in the book".to_owned()),
        }
    }
}

impl Sum {
    fn put(&mut self, fold: &PortfolioFold, part: Part, profit: &Result<Amount, String>) {
        match profit {
            Ok(profit) => {
                add(&mut self.profit, profit);
                self.moved += 1;
            }
            Err(because) => self.left_out.push(left_out(fold, part, because)),
        }
    }

    fn take(&mut self, fold: &PortfolioFold, part: Part, profit: &Result<Amount, String>) {
        match profit {
            Ok(profit) => {
                add(&mut self.profit, &profit.clone().map(|profit| -profit));
                self.moved = self.moved.saturating_sub(1);
            }
            Err(because) => {
                let line = left_out(fold, part, because);
                self.left_out.retain(|known| *known != line);
            }
        }
    }

    fn result(&self) -> StressResult {
        let mut left_out = self.left_out.clone();
        left_out.sort();
        let profit = match left_out.first() {
            Some(because) if self.moved == 0 => Figure::Unavailable(format!("nothing held can be moved; {because}")),
            _ => self.profit.clone(),
        };
        StressResult { profit, left_out }
    }
}

fn left_out(fold: &PortfolioFold, part: Part, because: &str) -> String {
    format!("{}: {because}", symbol(fold, part))
}
