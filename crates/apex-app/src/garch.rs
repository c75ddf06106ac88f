//! GARCH(1,1) of one column of a price table.
//!
//! The JSON of the reply is a contract: keys are added, never renamed; undefined is `null`.

use std::collections::BTreeMap;

use apex_analytics::garch::garch;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use apex_analytics::garch::GarchMean;

use crate::error::{AppError, Result};
use crate::factors::{Columns, Panel};
use crate::statistics::{PriceTable, named};

/// What `apex garch` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct GarchAsk {
    /// The table.
    pub panel: Panel,
    /// The column; may be left out where there is only one.
    pub column: Option<String>,
    /// What returns are multiplied with before the fit; 100 makes them percent.
    pub scale: f64,
    /// The mean of the returns.
    pub mean: GarchMean,
    /// How many variances are forecast.
    pub horizon: usize,
}

/// `apex garch --json`, in the units of the scaled returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GarchReport {
    /// The column.
    pub column: String,
    /// The first and the last day.
    pub dates: [Date; 2],
    /// How many returns were used.
    pub n: usize,
    /// What the returns were multiplied with.
    pub scale: f64,
    /// The mean of the returns: fitted, or zero.
    pub mean: GarchMean,
    /// `mu` where it is fitted, `omega`, `alpha[1]` and `beta[1]`.
    pub params: BTreeMap<String, f64>,
    /// Their standard errors from the expected information; `null` where it is singular.
    pub se: Option<BTreeMap<String, f64>>,
    /// The log likelihood.
    pub loglik: f64,
    /// The variance the recursion starts from.
    pub backcast_variance: f64,
    /// The deviation of the last day given those before.
    pub cond_vol_last: Option<f64>,
    /// The variance the forecasts tend to.
    pub long_run_variance: Option<f64>,
    /// Steps of the search.
    pub iterations: usize,
    /// `forecast_var_1_5`: the variances of the next days.
    #[serde(flatten)]
    pub forecast: BTreeMap<String, Vec<f64>>,
}

/// Fits a GARCH(1,1).
///
/// # Errors
/// When the column is not there, a price is not above zero, or there are too few returns or none that move.
pub fn fit(ask: &GarchAsk) -> Result<GarchReport> {
    if !(ask.scale.is_finite() && ask.scale > 0.0) {
        return Err(AppError::invalid(format!("scale {} is not above zero", ask.scale)));
    }
    let table = &ask.panel.table;
    let name = match (&ask.column, table.names()) {
        (Some(name), _) => name,
        (None, [only]) => only,
        (None, names) => {
            return Err(AppError::invalid(format!(
                "the table has {} columns; choose one of {}",
                names.len(),
                names.join(", ")
            )));
        }
    };
    let column = table.column(name).ok_or_else(|| {
        AppError::invalid(format!(
            "there is no column {name}; columns are {}",
            table.names().join(", ")
        ))
    })?;
    let known = PriceTable::new(table.dates().to_vec(), vec![name.clone()], vec![column.clone()])?.complete();
    let values = known.columns.into_iter().next().unwrap_or_default();
    let (days, mut returns) = match ask.panel.columns {
        Columns::Returns => (known.dates.as_slice(), values),
        Columns::Prices => (
            known.dates.get(1..).unwrap_or_default(),
            named(name, apex_analytics::returns::simple_returns(&values))?,
        ),
    };
    returns.iter_mut().for_each(|value| *value *= ask.scale);
    let model = named(name, garch(&returns, ask.mean))?;
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Err(AppError::invalid(format!("{name} has no returns")));
    };
    Ok(GarchReport {
        column: name.clone(),
        dates: [*first, *last],
        n: returns.len(),
        scale: ask.scale,
        mean: ask.mean,
        params: by_name([model.mu, model.omega, model.alpha, model.beta], ask.mean),
        se: model.standard_errors.map(|errors| by_name(errors, ask.mean)),
        loglik: model.log_likelihood,
        backcast_variance: model.backcast,
        cond_vol_last: model.variances.last().map(|variance| variance.sqrt()),
        long_run_variance: model.long_run_variance(),
        iterations: model.iterations,
        forecast: [(format!("forecast_var_1_{}", ask.horizon), model.forecast(ask.horizon))].into(),
    })
}

fn by_name(values: [f64; 4], mean: GarchMean) -> BTreeMap<String, f64> {
    let names = ["mu", "omega", "alpha[1]", "beta[1]"].map(str::to_owned);
    let skipped = usize::from(mean == GarchMean::Zero);
    names.into_iter().zip(values).skip(skipped).collect()
}
