//! Factor models of price tables: regressions on given factors, the split of risk, principal components.
//!
//! The JSON of the replies is a contract: keys are added, never renamed; undefined is `null`.

use std::collections::BTreeMap;

use apex_analytics::factor::regression::{CoefficientError, Design, Regression};
use apex_analytics::factor::risk::{FactorRisk, factor_risk};
use apex_analytics::factor::{FactorModel, factor_covariance, pca};
use apex_analytics::returns::simple_returns;
use jiff::civil::Date;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use apex_analytics::factor::regression::ErrorKind;

use crate::error::{AppError, Result};
use crate::statistics::{PriceTable, Weighted, named};

/// The name of the constant among the coefficients.
const CONSTANT: &str = "const";
/// The lag of the standard errors of Newey and West where none is asked for.
const LAG: usize = 5;

/// What the columns of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// Prices; their simple returns are taken.
    Prices,
    /// Returns.
    Returns,
}

/// A table and what it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The table.
    pub table: PriceTable,
    /// What its columns are.
    pub columns: Columns,
}

/// The weights risk is split for.
#[derive(Debug, Clone, PartialEq)]
pub enum SplitWeights {
    /// Equal ones.
    Equal,
    /// These, by asset; what is not named has none.
    Given(Vec<(String, f64)>),
}

/// What `apex factors` asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct FactorsAsk {
    /// The assets. Columns that are factors too, or the excess column, are not regressed.
    pub assets: Panel,
    /// The factors.
    pub factors: Panel,
    /// The columns of their table that are factors; all but the excess column where absent.
    pub chosen: Option<Vec<String>>,
    /// The column of either table that is taken off the assets' returns, such as the risk-free rate.
    pub excess: Option<String>,
    /// The errors by which `p` is computed.
    pub errors: ErrorKind,
    /// Whose risk is split into factors and the rest.
    pub risk_split: Option<SplitWeights>,
}

/// `apex factors --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorsReport {
    /// The first and the last day.
    pub dates: [Date; 2],
    /// How many returns were used.
    pub n: usize,
    /// Dates that not both tables have whole.
    pub dropped: usize,
    /// The errors that `p` belongs to: `classic`, `hc1` or `hac:5`.
    pub errors: String,
    /// The factors, in the order of their table.
    pub factors: Vec<String>,
    /// The regressions, by asset.
    pub results: BTreeMap<String, AssetRegression>,
    /// The split of the risk of given weights.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub factor_risk: Option<RiskSplit>,
    /// The split of the risk of equal weights.
    #[serde(rename = "factor_risk_EW", skip_serializing_if = "Option::is_none", default)]
    pub factor_risk_equal: Option<RiskSplit>,
}

/// Numbers by coefficient: `const` and the factors.
pub type ByFactor = BTreeMap<String, Option<f64>>;

/// The regression of one asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the keys are those of the reference file")]
pub struct AssetRegression {
    pub coef: ByFactor,
    /// Classic standard errors.
    pub se: ByFactor,
    pub t: ByFactor,
    pub se_hc1: ByFactor,
    pub t_hc1: ByFactor,
    /// `se_nw5` and `t_nw5`, by the lag that was asked for.
    #[serde(flatten)]
    pub newey_west: BTreeMap<String, ByFactor>,
    /// Probabilities by the errors that were asked for.
    pub p: ByFactor,
    pub r2: Option<f64>,
    pub adj_r2: Option<f64>,
    pub resid_std_ddof_k: f64,
    pub dw: Option<f64>,
    pub f: Option<f64>,
    pub f_p: Option<f64>,
}

/// Risk by its sources, per observation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the keys are those of the reference file")]
pub struct RiskSplit {
    pub portfolio_exposure: BTreeMap<String, f64>,
    pub factor_var_daily: f64,
    pub specific_var_daily_diag: f64,
    pub total_model_vol_ann: f64,
    pub factor_contrib_to_var: BTreeMap<String, f64>,
    /// The part of each asset in the whole variance.
    pub asset_contrib_to_var: BTreeMap<String, f64>,
}

/// Assets and factors on their common days.
struct Aligned {
    days: Vec<Date>,
    assets: Vec<(String, Vec<f64>)>,
    factors: Vec<(String, Vec<f64>)>,
    dropped: usize,
}

/// Regresses every asset on the factors.
///
/// # Errors
/// When the tables share too few dates, a column asked for is not there, or the factors repeat each other.
pub fn factors(ask: &FactorsAsk) -> Result<FactorsReport> {
    let aligned = aligned(ask)?;
    let columns = |list: &[(String, Vec<f64>)]| -> Vec<Vec<f64>> { list.iter().map(|(_, one)| one.clone()).collect() };
    let factor_columns = columns(&aligned.factors);
    let slices: Vec<&[f64]> = factor_columns.iter().map(Vec::as_slice).collect();
    let design = Design::new(&slices)?;
    let lag = match ask.errors {
        ErrorKind::Hac { lag } => lag,
        ErrorKind::Classic | ErrorKind::Hc1 => LAG.min(aligned.days.len().saturating_sub(1)),
    };
    let found: Vec<(String, Regression, AssetRegression)> = aligned
        .assets
        .par_iter()
        .map(|(name, column)| {
            let found = named(name, design.regress(column))?;
            let told = told(&design, &found, &aligned.factors, ask.errors, lag)?;
            Ok((name.clone(), found, told))
        })
        .collect::<Result<_>>()?;
    let split = match &ask.risk_split {
        None => None,
        Some(weights) => Some(split(&found, &aligned, &slices, weights)?),
    };
    let (given, equal) = match ask.risk_split {
        Some(SplitWeights::Equal) => (None, split),
        Some(SplitWeights::Given(_)) | None => (split, None),
    };
    let (first, last) = match (aligned.days.first(), aligned.days.last()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => return Err(AppError::invalid("the tables have no common dates")),
    };
    Ok(FactorsReport {
        dates: [first, last],
        n: aligned.days.len(),
        dropped: aligned.dropped,
        errors: errors_name(ask.errors),
        factors: aligned.factors.iter().map(|(name, _)| name.clone()).collect(),
        results: found.into_iter().map(|(name, _, told)| (name, told)).collect(),
        factor_risk: given,
        factor_risk_equal: equal,
    })
}

fn errors_name(errors: ErrorKind) -> String {
    match errors {
        ErrorKind::Classic => "classic".to_owned(),
        ErrorKind::Hc1 => "hc1".to_owned(),
        ErrorKind::Hac { lag } => format!("hac:{lag}"),
    }
}

fn told(
    design: &Design,
    found: &Regression,
    factors: &[(String, Vec<f64>)],
    errors: ErrorKind,
    lag: usize,
) -> Result<AssetRegression> {
    let by = |value: &dyn Fn(usize) -> Option<f64>| -> ByFactor {
        let names = std::iter::once(CONSTANT).chain(factors.iter().map(|(name, _)| name.as_str()));
        names
            .enumerate()
            .map(|(at, name)| (name.to_owned(), value(at)))
            .collect()
    };
    let pair = |list: &[CoefficientError]| {
        let error = by(&|at| list.get(at).map(|one| one.standard_error));
        (error, by(&|at| list.get(at).and_then(|one| one.t)))
    };
    let classic = design.errors(found, ErrorKind::Classic)?;
    let hc1 = design.errors(found, ErrorKind::Hc1)?;
    let hac = design.errors(found, ErrorKind::Hac { lag })?;
    let chosen = match errors {
        ErrorKind::Classic => &classic,
        ErrorKind::Hc1 => &hc1,
        ErrorKind::Hac { .. } => &hac,
    };
    let ((se, t), (se_hc1, t_hc1), (se_nw, t_nw)) = (pair(&classic), pair(&hc1), pair(&hac));
    Ok(AssetRegression {
        coef: by(&|at| found.coefficients.get(at).copied()),
        se,
        t,
        se_hc1,
        t_hc1,
        newey_west: [(format!("se_nw{lag}"), se_nw), (format!("t_nw{lag}"), t_nw)].into(),
        p: by(&|at| chosen.get(at).and_then(|one| one.p)),
        r2: found.r2,
        adj_r2: found.adjusted_r2,
        resid_std_ddof_k: found.residual_deviation,
        dw: found.durbin_watson,
        f: found.f,
        f_p: found.f_p,
    })
}

fn split(
    found: &[(String, Regression, AssetRegression)],
    aligned: &Aligned,
    factors: &[&[f64]],
    weights: &SplitWeights,
) -> Result<RiskSplit> {
    let weights: Vec<f64> = match weights {
        SplitWeights::Equal => vec![1.0 / found.len() as f64; found.len()],
        SplitWeights::Given(given) => {
            if let Some((name, _)) = given
                .iter()
                .find(|(name, _)| !found.iter().any(|(own, ..)| own == name))
            {
                return Err(AppError::invalid(format!("{name} has a weight and no regression")));
            }
            let weight = |name: &String| {
                given
                    .iter()
                    .find(|(own, _)| own == name)
                    .map_or(0.0, |(_, weight)| *weight)
            };
            found.iter().map(|(name, ..)| weight(name)).collect()
        }
    };
    let model = FactorModel::new(
        found
            .iter()
            .map(|(_, one, _)| one.coefficients.iter().skip(1).copied().collect())
            .collect(),
        factor_covariance(factors)?,
        found.iter().map(|(_, one, _)| one.residual_deviation.powi(2)).collect(),
    )?;
    let risk: FactorRisk = factor_risk(&model, &weights)?;
    let by_factor = |values: &[f64]| {
        let names = aligned.factors.iter().map(|(name, _)| name.clone());
        names.zip(values.iter().copied()).collect()
    };
    let assets = found.iter().map(|(name, ..)| name.clone());
    Ok(RiskSplit {
        portfolio_exposure: by_factor(&risk.exposure),
        factor_var_daily: risk.factor_variance,
        specific_var_daily_diag: risk.specific_variance,
        total_model_vol_ann: risk.volatility(),
        factor_contrib_to_var: by_factor(&risk.factor_contributions),
        asset_contrib_to_var: assets.zip(risk.asset_contributions.iter().copied()).collect(),
    })
}

/// Brings the tables to returns on their common days.
fn aligned(ask: &FactorsAsk) -> Result<Aligned> {
    let excess = ask.excess.as_deref();
    let is_excess = |name: &String| Some(name.as_str()) == excess;
    let factors = ask.chosen.as_deref().unwrap_or(ask.factors.table.names());
    if let Some(name) = factors.iter().find(|name| !ask.factors.table.names().contains(name)) {
        return Err(AppError::invalid(format!(
            "there is no factor {name}; columns are {}",
            ask.factors.table.names().join(", ")
        )));
    }
    let is_factor = |name: &String| factors.contains(name) && !is_excess(name);
    let common = ask.assets.table.intersection(&ask.factors.table);
    let mut names = Vec::new();
    let mut columns = Vec::new();
    let mut kinds = Vec::new();
    let mut take = |table: &PriceTable, kind: Columns, wanted: &dyn Fn(&String) -> bool| {
        let before = names.len();
        for (name, column) in table
            .names()
            .iter()
            .zip(table.columns())
            .filter(|(name, _)| wanted(name))
        {
            names.push(name.clone());
            columns.push(column.clone());
            kinds.push(kind);
        }
        names.len() - before
    };
    let assets = take(&common.left, ask.assets.columns, &|name| {
        !is_factor(name) && !is_excess(name)
    });
    let factors = take(&common.right, ask.factors.columns, &is_factor);
    let mut free = take(&common.right, ask.factors.columns, &is_excess);
    if free == 0 {
        free = take(&common.left, ask.assets.columns, &is_excess);
    }
    if let Some(name) = excess.filter(|_| free == 0) {
        return Err(AppError::invalid(format!("there is no column {name} in either table")));
    }
    if assets == 0 {
        return Err(AppError::invalid("every column of the assets is a factor too"));
    }
    let table = PriceTable::new(common.left.dates().to_vec(), names, columns)?.complete();
    let dropped = common.dropped + table.dropped;
    // Where one side is prices, the first day has no return on either.
    let skipped = usize::from(kinds.contains(&Columns::Prices));
    let mut all = Vec::with_capacity(kinds.len());
    for ((name, column), kind) in table.names.into_iter().zip(table.columns).zip(&kinds) {
        let returns = match kind {
            Columns::Prices => named(&name, simple_returns(&column))?,
            Columns::Returns => column.get(skipped..).unwrap_or_default().to_vec(),
        };
        all.push((name, returns));
    }
    let free = all.split_off(assets + factors).pop().filter(|_| free > 0);
    let factors = all.split_off(assets);
    if let Some((_, free)) = free {
        for (_, column) in &mut all {
            column.iter_mut().zip(&free).for_each(|(value, free)| *value -= free);
        }
    }
    Ok(Aligned {
        days: table.dates.get(skipped..).unwrap_or_default().to_vec(),
        assets: all,
        factors,
        dropped,
    })
}

/// `apex pca --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PcaReport {
    /// The first and the last day.
    pub dates: [Date; 2],
    /// How many returns were used.
    pub n: usize,
    /// Dates that not every column has.
    pub dropped: usize,
    /// The variances of the components of the covariance (n - 1), largest first.
    pub eigenvalues_cov: Vec<f64>,
    /// Their shares of the whole variance.
    pub explained_ratio: Vec<Option<f64>>,
    /// The variances of the components of the correlation; `null` where an asset never moves.
    pub eigenvalues_corr: Option<Vec<f64>>,
    /// The weights of each component: `pc1`, `pc2` and so on, by asset.
    #[serde(flatten)]
    pub components: BTreeMap<String, BTreeMap<String, f64>>,
    /// How their signs are chosen.
    pub sign: String,
}

/// Finds the principal components of a price table, and tells the weights of the first `count`.
///
/// # Errors
/// When fewer than three dates are common to all columns, or a price is not above zero.
pub fn principal_components(prices: &PriceTable, count: usize) -> Result<PcaReport> {
    let book = Weighted::of(prices, None)?;
    let found = pca::components(&book.columns())?;
    let (Some(first), Some(last)) = (book.days.first(), book.days.last()) else {
        return Err(AppError::invalid("no dates are common to all columns"));
    };
    let vectors = found.vectors.iter().take(count).enumerate();
    Ok(PcaReport {
        dates: [*first, *last],
        n: book.days.len(),
        dropped: book.dropped,
        eigenvalues_cov: found.eigenvalues,
        explained_ratio: found.explained,
        eigenvalues_corr: found.eigenvalues_correlation,
        components: vectors
            .map(|(at, vector)| {
                let weights = book.names.iter().cloned().zip(vector.iter().copied()).collect();
                (format!("pc{}", at + 1), weights)
            })
            .collect(),
        sign: "each vector scaled so its sum is positive".to_owned(),
    })
}
