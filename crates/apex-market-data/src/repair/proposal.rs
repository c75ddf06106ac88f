//! What is wrong, and what it should be.

use serde::{Deserialize, Serialize};

use crate::series::{Cell, Field, Series};

/// A proposal of at least this confidence is applied without asking.
pub const SURE: f64 = 0.9;

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Prices in another unit of the currency than the latest ones.
    Unit,
    /// Prices that a split was not applied to, or twice.
    Split,
    /// A dividend that the adjusted closes leave out or take by a wrong amount.
    DividendAdjustment,
    /// A dividend whose amount is in another unit, or in shares before a split.
    DividendAmount,
    /// A dividend that is there twice.
    DividendDuplicate,
    /// A dividend that was never paid.
    DividendPhantom,
    /// A dividend on another day than prices fell by it.
    DividendDate,
    /// Capital gains that the adjusted closes take twice.
    CapitalGains,
    /// A price of zero or less, or one that is not finite.
    Zero,
    /// A price that is missing.
    Missing,
    /// A volume that cannot be.
    Volume,
    /// A high below or a low above another price of its bar.
    Invariant,
    /// Prices in another currency than the instrument's.
    Currency,
    /// A bar on a day that is no session.
    Session,
    /// A split that no price shows, or that stands there twice.
    SplitPhantom,
    /// A fall or rise as a split makes it, of which no source knows one.
    SplitUnlisted,
    /// Figures that another source contradicts.
    Disagreement,
}

impl Kind {
    /// Returns what a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Unit => "unit",
            Kind::Split => "split",
            Kind::DividendAdjustment => "dividend adjustment",
            Kind::DividendAmount => "dividend amount",
            Kind::DividendDuplicate => "dividend twice",
            Kind::DividendPhantom => "dividend never paid",
            Kind::DividendDate => "dividend date",
            Kind::CapitalGains => "capital gains",
            Kind::Zero => "impossible price",
            Kind::Missing => "missing price",
            Kind::Volume => "volume",
            Kind::Invariant => "high and low",
            Kind::Currency => "currency",
            Kind::Session => "no session",
            Kind::SplitPhantom => "split that was none",
            Kind::SplitUnlisted => "split not listed",
            Kind::Disagreement => "sources disagree",
        }
    }

    /// Returns its name in files: what it is written as.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Unit => "unit",
            Kind::Split => "split",
            Kind::DividendAdjustment => "dividend_adjustment",
            Kind::DividendAmount => "dividend_amount",
            Kind::DividendDuplicate => "dividend_duplicate",
            Kind::DividendPhantom => "dividend_phantom",
            Kind::DividendDate => "dividend_date",
            Kind::CapitalGains => "capital_gains",
            Kind::Zero => "zero",
            Kind::Missing => "missing",
            Kind::Volume => "volume",
            Kind::Invariant => "invariant",
            Kind::Currency => "currency",
            Kind::Session => "session",
            Kind::SplitPhantom => "split_phantom",
            Kind::SplitUnlisted => "split_unlisted",
            Kind::Disagreement => "disagreement",
        }
    }
}

/// One cell, before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The row of the series.
    pub row: usize,
    /// The column.
    pub field: Field,
    /// What stands there.
    pub before: Cell,
    /// What should.
    pub after: Cell,
}

/// A stretch of one column, all of it times a factor: what a wrong dividend does to every earlier adjusted close.
#[derive(Debug, Clone, PartialEq)]
pub struct Rescale {
    /// The column.
    pub field: Field,
    /// The first row.
    pub first: usize,
    /// The last row.
    pub last: usize,
    /// What its cells are multiplied by.
    pub factor: f64,
}

/// What is wrong, and what it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The kind of fault.
    pub kind: Kind,
    /// Single cells, by row and column.
    pub changes: Vec<Change>,
    /// A stretch of a column, besides; its cells are multiplied before `changes` are made.
    pub rescale: Option<Rescale>,
    /// Why, in a sentence.
    pub reason: String,
    /// How sure this is, from 0 to 1: the share of its likelihood among all explanations that were weighed.
    pub confidence: f64,
}

impl Proposal {
    /// Returns whether it is applied without asking.
    pub fn is_sure(&self) -> bool {
        self.confidence >= SURE
    }

    /// Returns whether it would change nothing.
    pub(crate) fn is_idle(&self) -> bool {
        self.changes.is_empty() && self.rescale.is_none()
    }

    /// Returns the first and the last row it touches.
    pub fn span(&self) -> Option<(usize, usize)> {
        let rows = self.changes.iter().map(|change| change.row);
        let stretch = self.rescale.iter().flat_map(|rescale| [rescale.first, rescale.last]);
        let rows: Vec<usize> = rows.chain(stretch).collect();
        Some((*rows.iter().min()?, *rows.iter().max()?))
    }

    /// Takes out what it touches: the prices and volumes of its bars, or its payments.
    pub(crate) fn clear(&self, series: &mut Series) {
        for change in &self.changes {
            match change.field {
                Field::Dividends | Field::StockSplits | Field::CapitalGains => {
                    series.set(change.row, change.field, Cell::computed(0.0));
                }
                _ => {
                    for field in Field::PRICES.into_iter().chain([Field::AdjustedClose, Field::Volume]) {
                        series.set(change.row, field, Cell::missing());
                    }
                }
            }
        }
    }

    /// Makes the changes and returns the rows whose cells differ for it.
    pub(crate) fn apply(&self, series: &mut Series) -> Vec<usize> {
        let mut rows = Vec::new();
        if let Some(rescale) = &self.rescale {
            for row in rescale.first..=rescale.last {
                let Some(cell) = series.cell(row, rescale.field) else {
                    continue;
                };
                if cell.number().is_some() {
                    let cell = cell.times(rescale.factor);
                    series.set(row, rescale.field, cell);
                    rows.push(row);
                }
            }
        }
        for change in &self.changes {
            series.set(change.row, change.field, change.after.clone());
            rows.push(change.row);
        }
        rows
    }
}
