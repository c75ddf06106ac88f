//! The TOML file of constraints. Its form is a contract: keys are added, never renamed; an unknown key is refused.

use std::collections::BTreeMap;

use apex_analytics::optimize::{Bounds, Constraints, LinearRow, NamesLimit, TrackingLimit, TradingCosts, Turnover};
use serde::Deserialize;

use super::views::Weights;
use super::{Assets, Limits};
use crate::error::{AppError, Result};

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConstraintsFile {
    /// The sum of the weights.
    budget: Option<f64>,
    /// The least and the largest weight of every asset that says nothing else.
    lower: Option<f64>,
    upper: Option<f64>,
    /// The weights held now, for turnover and costs; none where absent.
    current: Option<Weights>,
    /// Bounds by asset.
    #[serde(default)]
    assets: BTreeMap<String, Pair>,
    /// Classifications: the class of each asset.
    #[serde(default)]
    classes: BTreeMap<String, BTreeMap<String, String>>,
    /// Sums of weights by class or by list.
    #[serde(default)]
    groups: Vec<Group>,
    /// Linear rows, such as exposures to factors.
    #[serde(default)]
    rows: Vec<Row>,
    turnover: Option<Limit>,
    costs: Option<Costs>,
    tracking: Option<Tracking>,
    names: Option<Names>,
    lots: Option<LotsFile>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: Option<String>,
    /// A classification and one of its classes.
    class: Option<String>,
    value: Option<String>,
    /// Or the assets themselves.
    assets: Option<Vec<String>>,
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    coefficients: BTreeMap<String, f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    limit: f64,
}

/// One number for every asset, or a number by asset.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Each {
    Same(f64),
    ByAsset(BTreeMap<String, f64>),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Costs {
    proportional: Option<Each>,
    impact: Option<Each>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tracking {
    limit: f64,
    benchmark: Weights,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    count: usize,
    #[serde(default)]
    position_min: f64,
    #[serde(default = "usual_nodes")]
    nodes_max: usize,
}

fn usual_nodes() -> usize {
    2000
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct LotsFile {
    /// The value of the book, in the currency of the prices.
    value: f64,
    /// The shares of a lot.
    size: Option<Each>,
}

/// How weights become whole lots at the last prices.
pub(super) struct Lots {
    pub(super) value: f64,
    pub(super) sizes: Vec<f64>,
}

impl Each {
    fn resolved(&self, assets: &Assets, otherwise: f64) -> Result<Vec<f64>> {
        match self {
            Self::Same(value) => Ok(vec![*value; assets.names.len()]),
            Self::ByAsset(values) => {
                let mut all = vec![otherwise; assets.names.len()];
                for (name, value) in values {
                    all[assets.position(name)?] = *value;
                }
                Ok(all)
            }
        }
    }
}

impl ConstraintsFile {
    pub(super) fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|err| {
            let what = err.message().trim().replace('\n', " ");
            let line = err
                .span()
                .map(|span| text[..span.start.min(text.len())].lines().count().max(1));
            let place = line.map(|line| format!(" in line {line}")).unwrap_or_default();
            AppError::invalid(format!("the file of constraints cannot be read{place}: {what}"))
        })
    }

    /// Adds what the file says to bounds.
    pub(super) fn resolved(&self, mut bounds: Bounds, assets: &Assets) -> Result<Limits> {
        let size = assets.names.len();
        if let Some(budget) = self.budget {
            bounds.budget = budget;
        }
        if let Some(lower) = self.lower {
            bounds.lower = vec![lower; size];
        }
        if let Some(upper) = self.upper {
            bounds.upper = vec![upper; size];
        }
        for (name, pair) in &self.assets {
            let at = assets.position(name)?;
            bounds.lower[at] = pair.lower.unwrap_or(bounds.lower[at]);
            bounds.upper[at] = pair.upper.unwrap_or(bounds.upper[at]);
        }
        let mut constraints = Constraints::within(bounds);
        for group in &self.groups {
            constraints.rows.push(self.group(group, assets)?);
        }
        for row in &self.rows {
            constraints.rows.push(LinearRow {
                name: row.name.clone(),
                coefficients: assets.placed(&row.coefficients)?,
                lower: row.lower,
                upper: row.upper,
            });
        }
        let current = match &self.current {
            None => vec![0.0; size],
            Some(weights) => weights.resolved(assets)?,
        };
        constraints.turnover = self.turnover.as_ref().map(|turnover| Turnover {
            current: current.clone(),
            limit: turnover.limit,
        });
        if let Some(costs) = &self.costs {
            let each = |given: &Option<Each>| match given {
                None => Ok(vec![0.0; size]),
                Some(given) => given.resolved(assets, 0.0),
            };
            constraints.costs = Some(TradingCosts {
                proportional: each(&costs.proportional)?,
                impact: each(&costs.impact)?,
                current,
            });
        }
        if let Some(tracking) = &self.tracking {
            constraints.tracking = Some(TrackingLimit {
                benchmark: tracking.benchmark.resolved(assets)?,
                limit: tracking.limit,
            });
        }
        constraints.names = self.names.as_ref().map(|names| NamesLimit {
            count: names.count,
            position_min: names.position_min,
            nodes_max: names.nodes_max,
        });
        let lots = match &self.lots {
            None => None,
            Some(lots) => Some(Lots {
                value: lots.value,
                sizes: match &lots.size {
                    None => vec![1.0; size],
                    Some(sizes) => sizes.resolved(assets, 1.0)?,
                },
            }),
        };
        Ok(Limits { constraints, lots })
    }

    fn group(&self, group: &Group, assets: &Assets) -> Result<LinearRow> {
        let mut coefficients = vec![0.0; assets.names.len()];
        let name = match (&group.class, &group.value, &group.assets) {
            (None, None, Some(members)) => {
                for member in members {
                    coefficients[assets.position(member)?] = 1.0;
                }
                members.join(" + ")
            }
            (Some(class), Some(value), None) => {
                let classes = self.classes.get(class).ok_or_else(|| {
                    let known: Vec<&str> = self.classes.keys().map(String::as_str).collect();
                    AppError::invalid(format!(
                        "there is no classification {class}; there are: {}",
                        known.join(", ")
                    ))
                })?;
                for (asset, own) in classes {
                    if own == value {
                        coefficients[assets.position(asset)?] = 1.0;
                    }
                }
                if coefficients.iter().all(|one| *one == 0.0) {
                    return Err(AppError::invalid(format!(
                        "no asset is {value} in the classification {class}"
                    )));
                }
                format!("{class} {value}")
            }
            _ => {
                return Err(AppError::invalid(format!(
                    "a group has either class and value, or assets: {}",
                    group.name.as_deref().unwrap_or("unnamed")
                )));
            }
        };
        Ok(LinearRow {
            name: group.name.clone().unwrap_or(name),
            coefficients,
            lower: group.lower,
            upper: group.upper,
        })
    }
}
