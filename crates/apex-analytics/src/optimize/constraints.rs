//! What a portfolio must keep besides its objective.

use crate::error::{AnalyticsError, all_finite, same_length};
use crate::optimize::Bounds;

/// All constraints of a portfolio. What is `None` or empty does not bind.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraints {
    /// The bounds of each weight and their sum.
    pub bounds: Bounds,
    /// Groups, exposures to factors, and any other linear row.
    pub rows: Vec<LinearRow>,
    /// How much may be traded.
    pub turnover: Option<Turnover>,
    /// What trading costs.
    pub costs: Option<TradingCosts>,
    /// How far the portfolio may be from a benchmark.
    pub tracking: Option<TrackingLimit>,
    /// How many assets it may hold.
    pub names: Option<NamesLimit>,
}

/// `lower <= coefficients'w <= upper`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearRow {
    /// What the row is called where it conflicts with others.
    pub name: String,
    /// One coefficient an asset.
    pub coefficients: Vec<f64>,
    /// The least value.
    pub lower: Option<f64>,
    /// The largest value.
    pub upper: Option<f64>,
}

/// `sum(|w - current|) <= limit`: purchases and sales both count.
#[derive(Debug, Clone, PartialEq)]
pub struct Turnover {
    /// The weights held now.
    pub current: Vec<f64>,
    /// The sum of all changes allowed.
    pub limit: f64,
}

/// The cost of changing a weight by `d`: `proportional |d| + impact |d|^1.5`, a share of the book, in the period of the
/// means. A price impact that grows with the root of the trade makes its cost grow with the power 1.5 (Almgren, Thum,
/// Hauptmann and Li 2005).
#[derive(Debug, Clone, PartialEq)]
pub struct TradingCosts {
    /// The weights held now.
    pub current: Vec<f64>,
    /// The cost of a unit traded, by asset.
    pub proportional: Vec<f64>,
    /// The impact of a unit traded, by asset.
    pub impact: Vec<f64>,
}

/// `sqrt((w - benchmark)'S(w - benchmark)) <= limit`, per observation.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackingLimit {
    /// The weights of the benchmark.
    pub benchmark: Vec<f64>,
    /// The largest tracking error.
    pub limit: f64,
}

/// At most `count` names, each held at `position_min` or more, or not at all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NamesLimit {
    /// The most assets held.
    pub count: usize,
    /// The smallest weight of an asset that is held.
    pub position_min: f64,
    /// The problems to solve at most; the best found until then is the answer, and its gap says how good it is.
    pub nodes_max: usize,
}

impl Constraints {
    /// Returns weights of at least zero that add up to 1, and nothing else.
    pub fn long_only(assets: usize) -> Self {
        Self::within(Bounds::long_only(assets))
    }

    /// Returns bounds, and nothing else.
    pub fn within(bounds: Bounds) -> Self {
        Self {
            bounds,
            rows: Vec::new(),
            turnover: None,
            costs: None,
            tracking: None,
            names: None,
        }
    }

    /// Returns whether bounds are all there is.
    pub(super) fn only_bounds(&self) -> bool {
        self.rows.is_empty() && self.turnover.is_none() && self.costs.is_none() && self.tracking.is_none()
    }

    /// Refuses constraints of another size than there are assets, and numbers that limit nothing.
    pub(super) fn check(&self, assets: usize) -> Result<(), AnalyticsError> {
        self.bounds.check(assets)?;
        for row in &self.rows {
            same_length("constraint row", assets, row.coefficients.len())?;
            all_finite("coefficient", &row.coefficients)?;
            let sides: Vec<f64> = row.lower.iter().chain(&row.upper).copied().collect();
            all_finite("limit of a constraint row", &sides)?;
            if let (Some(lower), Some(upper)) = (row.lower, row.upper)
                && lower > upper
            {
                return Err(AnalyticsError::Infeasible {
                    conflict: vec![
                        format!("{} at least {lower}", row.name),
                        format!("{} at most {upper}", row.name),
                    ],
                });
            }
        }
        let vectors = [
            (
                "list of current weights",
                self.turnover.as_ref().map(|one| &one.current),
            ),
            ("list of current weights", self.costs.as_ref().map(|one| &one.current)),
            (
                "list of proportional costs",
                self.costs.as_ref().map(|one| &one.proportional),
            ),
            ("list of impacts", self.costs.as_ref().map(|one| &one.impact)),
            (
                "list of benchmark weights",
                self.tracking.as_ref().map(|one| &one.benchmark),
            ),
        ];
        for (what, vector) in vectors {
            if let Some(vector) = vector {
                same_length(what, assets, vector.len())?;
                all_finite(what, vector)?;
            }
        }
        let at_least_zero = [
            ("turnover limit", self.turnover.as_ref().map(|one| one.limit)),
            ("tracking error limit", self.tracking.as_ref().map(|one| one.limit)),
            ("smallest position", self.names.map(|one| one.position_min)),
            (
                "proportional cost",
                least(self.costs.as_ref().map(|one| &one.proportional)),
            ),
            ("impact", least(self.costs.as_ref().map(|one| &one.impact))),
        ];
        for (what, value) in at_least_zero {
            if let Some(value) = value
                && !(value >= 0.0 && value.is_finite())
            {
                return Err(AnalyticsError::Parameter {
                    what,
                    expected: "at least zero",
                    value,
                });
            }
        }
        match self.names {
            Some(names) if names.count == 0 => Err(AnalyticsError::Parameter {
                what: "number of names",
                expected: "at least 1",
                value: 0.0,
            }),
            _ => Ok(()),
        }
    }
}

fn least(values: Option<&Vec<f64>>) -> Option<f64> {
    values.and_then(|values| values.iter().copied().reduce(f64::min))
}
