//! The assets that weights are given to: their returns, and what is known about them besides.

use std::collections::BTreeMap;

use apex_analytics::AnalyticsError;
use apex_analytics::returns::simple_returns;
use apex_analytics::table::PriceTable;
use apex_wire::optimizer::Weights;

use crate::error::{AppError, Result};

/// Assets in one order, with their returns on the same days.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assets {
    /// Columns of a table, or symbols of a book.
    pub(crate) names: Vec<String>,
    pub(crate) returns: Vec<Vec<f64>>,
    /// The value of one unit now.
    pub(crate) last_prices: Vec<f64>,
    /// Dates that not every asset has.
    pub(crate) dropped: usize,
    /// The weights held now, where there is a book.
    pub(crate) current: Option<Vec<f64>>,
    /// The class of each asset by classification, where there is a book.
    pub(crate) classes: BTreeMap<String, BTreeMap<String, String>>,
}

impl Assets {
    pub(crate) fn of(prices: &PriceTable) -> Result<Self> {
        let table = prices.complete();
        if table.dates.len() < 3 {
            return Err(AppError::invalid(format!(
                "dates common to all columns are {}; a covariance needs at least three",
                table.dates.len()
            )));
        }
        let returns =
            table.names.iter().zip(&table.columns).map(|(name, column)| {
                simple_returns(column).map_err(|err| AppError::invalid(format!("{name}: {err}")))
            });
        Ok(Self {
            returns: returns.collect::<Result<_>>()?,
            last_prices: table
                .columns
                .iter()
                .filter_map(|column| column.last().copied())
                .collect(),
            names: table.names,
            dropped: table.dropped,
            ..Self::default()
        })
    }

    pub(crate) fn columns(&self) -> Vec<&[f64]> {
        self.returns.iter().map(Vec::as_slice).collect()
    }

    pub(crate) fn named<T: Clone>(&self, values: &[T]) -> BTreeMap<String, T> {
        self.names.iter().cloned().zip(values.iter().cloned()).collect()
    }

    pub(crate) fn position(&self, name: &str) -> Result<usize> {
        self.names.iter().position(|own| own == name).ok_or_else(|| {
            AppError::invalid(format!(
                "there is no {} {name}; there are {}",
                if self.current.is_some() { "asset" } else { "column" },
                self.names.join(", ")
            ))
        })
    }

    /// Puts values by name in the order of the columns; zero where none is given.
    pub(crate) fn placed<'n>(&self, values: impl IntoIterator<Item = (&'n String, &'n f64)>) -> Result<Vec<f64>> {
        let mut placed = vec![0.0; self.names.len()];
        for (name, value) in values {
            placed[self.position(name)?] = *value;
        }
        Ok(placed)
    }

    /// Says the names of assets where the engine counted them.
    pub(crate) fn explained(&self, err: AnalyticsError) -> AppError {
        match err {
            AnalyticsError::Infeasible { conflict } => {
                let named = conflict.into_iter().map(|line| match line.rsplit_once("asset ") {
                    Some((before, number)) => match number.parse::<usize>().ok().and_then(|at| self.names.get(at)) {
                        Some(name) => format!("{before}{name}"),
                        None => line,
                    },
                    None => line,
                });
                AnalyticsError::Infeasible {
                    conflict: named.collect(),
                }
                .into()
            }
            AnalyticsError::NotPositiveDefinite { index } => AppError::invalid(format!(
                "{} is a combination of others, so the weights are not determined; take it out, or use more dates",
                self.names.get(index).map_or("a column", String::as_str)
            )),
            AnalyticsError::Stopped => AppError::Cancelled,
            err => err.into(),
        }
    }

    /// Returns weights in the order of the assets. `equal` shares out 1; `current` is what a book holds.
    pub(crate) fn weights(&self, weights: &Weights) -> Result<Vec<f64>> {
        match (weights, &self.current) {
            (Weights::Word(word), _) if word == "equal" => Ok(self.equal()),
            (Weights::Word(word), Some(current)) if word == "current" => Ok(current.clone()),
            (Weights::Word(word), Some(_)) => Err(AppError::invalid(format!(
                "weights are equal, current, or a weight by asset: {word}"
            ))),
            (Weights::Word(word), None) => Err(AppError::invalid(format!(
                "weights are equal, or a weight by asset: {word}"
            ))),
            (Weights::ByAsset(values), _) => self.placed(values),
            (Weights::List(values), _) => Ok(values.clone()),
        }
    }

    /// Returns weights that are all the same and add up to 1.
    pub(crate) fn equal(&self) -> Vec<f64> {
        vec![1.0 / self.names.len() as f64; self.names.len()]
    }

    /// Returns how many returns each asset has.
    pub(crate) fn observations(&self) -> usize {
        self.returns.first().map_or(0, Vec::len)
    }
}
