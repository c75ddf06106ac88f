//! From the document of constraints to what the engine takes.

use apex_analytics::optimize::{
    Bounds, Constraints as Limits, LinearRow, NamesLimit, TrackingLimit, TradingCosts, Turnover,
};
use apex_wire::Failure;
use apex_wire::optimizer::{Constraints, Each, Group, ReadConstraints};

use super::{Assets, OBSERVATIONS_A_YEAR};
use crate::App;
use crate::error::{AppError, Result};

/// What a document of constraints says, in the order of the assets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) limits: Limits,
    pub(crate) lots: Option<Lots>,
}

/// How weights become whole lots at the last prices.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lots {
    /// The value of the book; the caller's own where absent.
    pub(crate) value: Option<f64>,
    pub(crate) sizes: Vec<f64>,
}

impl App {
    /// Reads constraints from the text of a TOML file.
    ///
    /// # Errors
    /// When the text is no TOML or has a key that is not known; the sentence names the line.
    pub fn read_constraints(&self, ask: ReadConstraints) -> Result<Constraints, Failure> {
        Ok(parse(&ask.text)?)
    }
}

/// Reads the text of a TOML file.
pub(crate) fn parse(text: &str) -> Result<Constraints> {
    read_toml(text, "the file of constraints")
}

/// Reads a document from TOML; what cannot be read is named with its line and field.
pub(crate) fn read_toml<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    toml::from_str(text).map_err(|err| {
        let reason = err.message().trim().replace('\n', " ");
        let place = err.span().map(|span| {
            let before = text.get(..span.start).unwrap_or_default();
            let number = before.matches('\n').count();
            let field = text.lines().nth(number).and_then(|line| line.split_once('='));
            let field = field
                .map(|(field, _)| field.trim())
                .filter(|field| !reason.contains(field));
            let field = field.map(|field| format!(", field {field}")).unwrap_or_default();
            format!(" in line {}{field}", number + 1)
        });
        AppError::invalid(format!("{what} cannot be read{}: {reason}", place.unwrap_or_default()))
    })
}

/// Writes constraints as the text of a TOML file.
pub(crate) fn written(constraints: &Constraints) -> Result<String> {
    toml::to_string(constraints).map_err(|err| AppError::Defect {
        sentence: format!("constraints cannot be written as TOML: {err}"),
    })
}

fn each(each: &Each, assets: &Assets, otherwise: f64) -> Result<Vec<f64>> {
    match each {
        Each::Same(value) => Ok(vec![*value; assets.names.len()]),
        Each::ByAsset(values) => {
            let mut all = vec![otherwise; assets.names.len()];
            for (name, value) in values {
                all[assets.position(name)?] = *value;
            }
            Ok(all)
        }
    }
}

/// Adds what a document says to bounds.
pub(crate) fn resolved(document: &Constraints, mut bounds: Bounds, assets: &Assets) -> Result<Resolved> {
    let size = assets.names.len();
    if let Some(budget) = document.budget {
        bounds.budget = budget;
    }
    if let Some(lower) = document.lower {
        bounds.lower = vec![lower; size];
    }
    if let Some(upper) = document.upper {
        bounds.upper = vec![upper; size];
    }
    for (name, pair) in &document.assets {
        let at = assets.position(name)?;
        bounds.lower[at] = pair.lower.unwrap_or(bounds.lower[at]);
        bounds.upper[at] = pair.upper.unwrap_or(bounds.upper[at]);
    }
    let mut limits = Limits::within(bounds);
    for group in &document.groups {
        limits.rows.push(group_row(group, document, assets)?);
    }
    for row in &document.rows {
        limits.rows.push(LinearRow {
            name: row.name.clone(),
            coefficients: assets.placed(&row.coefficients)?,
            lower: row.lower,
            upper: row.upper,
        });
    }
    let current = match (&document.current, &assets.current) {
        (Some(weights), _) => assets.weights(weights)?,
        (None, Some(held)) => held.clone(),
        (None, None) => vec![0.0; size],
    };
    limits.turnover = document.turnover.as_ref().map(|turnover| Turnover {
        current: current.clone(),
        limit: turnover.limit,
    });
    if let Some(costs) = &document.costs {
        let by_asset = |given: &Option<Each>| match given {
            None => Ok(vec![0.0; size]),
            Some(given) => each(given, assets, 0.0),
        };
        limits.costs = Some(TradingCosts {
            proportional: by_asset(&costs.proportional)?,
            impact: by_asset(&costs.impact)?,
            current,
        });
    }
    if let Some(tracking) = &document.tracking {
        limits.tracking = Some(TrackingLimit {
            benchmark: assets.weights(&tracking.benchmark)?,
            limit: match (tracking.limit, tracking.annual) {
                (Some(limit), None) => limit,
                (None, Some(annual)) => annual / OBSERVATIONS_A_YEAR.sqrt(),
                _ => return Err(AppError::invalid("tracking has either limit, per period, or annual")),
            },
        });
    }
    limits.names = document.names.as_ref().map(|names| NamesLimit {
        count: names.count,
        position_min: names.position_min,
        nodes_max: names.nodes_max,
    });
    let lots = match &document.lots {
        None => None,
        Some(lots) => Some(Lots {
            value: lots.value,
            sizes: match &lots.size {
                None => vec![1.0; size],
                Some(sizes) => each(sizes, assets, 1.0)?,
            },
        }),
    };
    Ok(Resolved { limits, lots })
}

fn group_row(group: &Group, document: &Constraints, assets: &Assets) -> Result<LinearRow> {
    let mut coefficients = vec![0.0; assets.names.len()];
    let name = match (&group.class, &group.value, &group.assets) {
        (None, None, Some(members)) => {
            for member in members {
                coefficients[assets.position(member)?] = 1.0;
            }
            members.join(" + ")
        }
        (Some(class), Some(value), None) => {
            let known = document.classes.get(class).or_else(|| assets.classes.get(class));
            let classes = known.ok_or_else(|| {
                let known = document.classes.keys().chain(assets.classes.keys());
                let known: Vec<&str> = known.map(String::as_str).collect();
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
