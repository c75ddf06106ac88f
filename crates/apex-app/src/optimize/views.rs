//! The JSON file of views.

use std::collections::BTreeMap;

use apex_analytics::optimize::{BlackLittermanPrior, Views};
use apex_wire::optimizer::Weights;
use serde::Deserialize;

use super::{Assets, FileText};
use crate::error::{AppError, Result};

/// `{delta, tau, prior, P, Q, annualisation}`; means are a year where `annualisation` says how many periods that has.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct ViewsFile {
    #[serde(default = "usual_delta")]
    pub(super) delta: f64,
    #[serde(default = "usual_tau")]
    tau: f64,
    #[serde(default = "equal", alias = "prior_weights")]
    prior: Weights,
    #[serde(rename = "P", alias = "p")]
    assets: Vec<Row>,
    #[serde(rename = "Q", alias = "q")]
    means: Vec<f64>,
    #[serde(default = "one")]
    pub(super) annualisation: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Row {
    List(Vec<f64>),
    ByAsset(BTreeMap<String, f64>),
}

fn usual_delta() -> f64 {
    2.5
}

fn usual_tau() -> f64 {
    0.05
}

fn equal() -> Weights {
    Weights::Word("equal".to_owned())
}

fn one() -> f64 {
    1.0
}

impl ViewsFile {
    pub(super) fn parse(file: &FileText) -> Result<Self> {
        let FileText { name, text } = file;
        let file: Self =
            serde_json::from_str(text).map_err(|err| AppError::invalid(format!("{name} cannot be read: {err}")))?;
        if file.annualisation > 0.0 && file.annualisation.is_finite() {
            Ok(file)
        } else {
            Err(AppError::invalid(format!(
                "{name}: annualisation is the periods of a year and above zero: {}",
                file.annualisation
            )))
        }
    }

    pub(super) fn prior(&self, assets: &Assets) -> Result<BlackLittermanPrior> {
        Ok(BlackLittermanPrior {
            weights: assets.weights(&self.prior)?,
            delta: self.delta,
            tau: self.tau,
        })
    }

    pub(super) fn views(&self, assets: &Assets) -> Result<Views> {
        let rows = self.assets.iter().map(|row| match row {
            Row::List(values) => Ok(values.clone()),
            Row::ByAsset(values) => assets.placed(values),
        });
        Ok(Views {
            assets: rows.collect::<Result<_>>()?,
            means: self.means.clone(),
        })
    }
}
