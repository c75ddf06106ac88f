//! Fundamental factors: each day's returns across the assets explained by what the assets are.
//!
//! `r[i] = market + sum over schemes of group(i) + sum of style[i] * f + e[i]`, weighted least squares of each day. A
//! constant beside a full set of groups has no single answer; in every scheme the groups' returns weighted by the
//! groups' regression weights sum to zero (Heston and Rouwenhorst, 1994), so that the market's return is the weighted
//! mean of all and a group's return is measured from it.

use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use faer::{Mat, Par};

use crate::error::{AnalyticsError, all_finite, same_length};
use crate::factor::{FactorModel, factor_covariance};

/// One way to sort assets into groups, such as by sector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    groups: Vec<String>,
    members: Vec<usize>,
}

impl Scheme {
    /// Sorts assets by their labels; groups are in order of label.
    ///
    /// ```
    /// let scheme = apex_analytics::factor::fundamental::Scheme::new(&["Tech", "Energy", "Tech"]);
    /// assert_eq!(scheme.groups(), ["Energy", "Tech"]);
    /// assert_eq!(scheme.members(), [1, 0, 1]);
    /// ```
    pub fn new(labels: &[&str]) -> Self {
        let mut groups: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        groups.sort_unstable();
        groups.dedup();
        let members = labels
            .iter()
            .map(|label| groups.partition_point(|group| group.as_str() < *label))
            .collect();
        Self { groups, members }
    }

    /// Returns the labels of the groups, in order.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Returns the group of each asset.
    pub fn members(&self) -> &[usize] {
        &self.members
    }
}

/// How much each asset counts in the regression; above zero, such as its market value or the root of it.
#[derive(Debug, Clone, Copy)]
pub enum Weighting<'a> {
    /// The same every day, one number an asset.
    Constant(&'a [f64]),
    /// A column an asset.
    Daily(&'a [&'a [f64]]),
}

/// The factor returns of every day.
#[derive(Debug, Clone, PartialEq)]
pub struct FundamentalFactors {
    /// The market's.
    pub market: Vec<f64>,
    /// Those of the groups, scheme by scheme.
    pub groups: Vec<Vec<Vec<f64>>>,
    /// Those of the styles.
    pub styles: Vec<Vec<f64>>,
    /// What of each asset's return is left.
    pub residuals: Vec<Vec<f64>>,
    /// The exposures of each asset: 1, then 1 at its group of every scheme, then its styles.
    pub exposures: Vec<Vec<f64>>,
}

impl FundamentalFactors {
    /// Returns the factor returns in the order of the exposures: market, groups, styles.
    pub fn columns(&self) -> Vec<&[f64]> {
        std::iter::once(&self.market)
            .chain(self.groups.iter().flatten())
            .chain(&self.styles)
            .map(Vec::as_slice)
            .collect()
    }

    /// Returns the model: these exposures, the covariance of the factor returns, the variance of what is left.
    ///
    /// # Errors
    ///
    /// Refuses fewer than two days.
    pub fn model(&self) -> Result<FactorModel, AnalyticsError> {
        let covariance = factor_covariance(&self.columns())?;
        let specific = self.residuals.iter().map(|residuals| variance(residuals)).collect();
        FactorModel::new(self.exposures.clone(), covariance, specific)
    }
}

/// Returns the factor returns of every day from assets' returns, their groups and their styles.
///
/// # Errors
///
/// Refuses no asset and no scheme or style, lists that do not fit, values that are not finite, weights not above zero,
/// and groups or styles that repeat each other.
///
/// ```
/// use apex_analytics::factor::fundamental::{Scheme, Weighting, fundamental_factors};
///
/// // Equal weights: the market is the mean of all, a group its own mean less that.
/// let returns: [&[f64]; 4] = [&[0.04], &[0.02], &[0.01], &[0.01]];
/// let sectors = Scheme::new(&["Tech", "Tech", "Utilities", "Utilities"]);
/// let found = fundamental_factors(&returns, &[sectors], &[], Weighting::Constant(&[1.0; 4])).unwrap();
/// assert!((found.market[0] - 0.02).abs() < 1e-15);
/// assert!((found.groups[0][0][0] - 0.01).abs() < 1e-15 && (found.groups[0][1][0] + 0.01).abs() < 1e-15);
/// ```
pub fn fundamental_factors(
    returns: &[&[f64]],
    schemes: &[Scheme],
    styles: &[&[f64]],
    weighting: Weighting<'_>,
) -> Result<FundamentalFactors, AnalyticsError> {
    let days = returns
        .first()
        .ok_or(AnalyticsError::Empty { what: "list of assets" })?
        .len();
    if schemes.is_empty() && styles.is_empty() {
        return Err(AnalyticsError::Empty {
            what: "list of factors",
        });
    }
    for column in returns {
        same_length("return column", days, column.len())?;
        all_finite("return", column)?;
    }
    for scheme in schemes {
        same_length("list of labels", returns.len(), scheme.members.len())?;
    }
    for style in styles {
        same_length("list of styles", returns.len(), style.len())?;
        all_finite("style", style)?;
    }
    let mut factors =
        vec![vec![0.0; days]; 1 + schemes.iter().map(|scheme| scheme.groups.len()).sum::<usize>() + styles.len()];
    match weighting {
        Weighting::Constant(weights) => {
            let operator = operator(schemes, styles, weights, returns.len())?;
            for (factor, row) in factors.iter_mut().zip(&operator) {
                for (column, cell) in returns.iter().zip(row) {
                    for (sum, value) in factor.iter_mut().zip(*column) {
                        *sum += cell * value;
                    }
                }
            }
        }
        Weighting::Daily(columns) => {
            same_length("list of weights", returns.len(), columns.len())?;
            for column in columns {
                same_length("weight column", days, column.len())?;
            }
            for day in 0..days {
                let weights: Vec<f64> = columns.iter().map(|column| column[day]).collect();
                let operator = operator(schemes, styles, &weights, returns.len())?;
                for (factor, row) in factors.iter_mut().zip(&operator) {
                    factor[day] = row.iter().zip(returns).map(|(cell, column)| cell * column[day]).sum();
                }
            }
        }
    }
    let exposures: Vec<Vec<f64>> = (0..returns.len())
        .map(|asset| exposures(schemes, styles, asset))
        .collect();
    let residuals = returns
        .iter()
        .zip(&exposures)
        .map(|(column, exposures)| {
            let mut rest = column.to_vec();
            for (factor, exposure) in factors.iter().zip(exposures).filter(|(_, exposure)| **exposure != 0.0) {
                for (rest, value) in rest.iter_mut().zip(factor) {
                    *rest -= exposure * value;
                }
            }
            rest
        })
        .collect();
    let mut factors = factors.into_iter();
    Ok(FundamentalFactors {
        market: factors.next().unwrap_or_default(),
        groups: schemes
            .iter()
            .map(|scheme| factors.by_ref().take(scheme.groups.len()).collect())
            .collect(),
        styles: factors.collect(),
        residuals,
        exposures,
    })
}

/// Returns the exposures of one asset to market, groups and styles.
fn exposures(schemes: &[Scheme], styles: &[&[f64]], asset: usize) -> Vec<f64> {
    let mut row = vec![1.0];
    for scheme in schemes {
        row.extend((0..scheme.groups.len()).map(|group| f64::from(u8::from(scheme.members[asset] == group))));
    }
    row.extend(styles.iter().map(|style| style[asset]));
    row
}

/// Returns the matrix that takes the returns of a day to its factor returns, a row a factor.
fn operator(
    schemes: &[Scheme],
    styles: &[&[f64]],
    weights: &[f64],
    assets: usize,
) -> Result<Vec<Vec<f64>>, AnalyticsError> {
    same_length("list of weights", assets, weights.len())?;
    if let Some(index) = weights.iter().position(|weight| !(*weight > 0.0 && weight.is_finite())) {
        return Err(AnalyticsError::NotPositive {
            what: "weight",
            index,
            value: weights[index],
        });
    }
    // The last group of a scheme is minus what the others weigh; it has no column of its own.
    let shares: Vec<Vec<f64>> = schemes
        .iter()
        .map(|scheme| {
            let mut sums = vec![0.0; scheme.groups.len()];
            for (member, weight) in scheme.members.iter().zip(weights) {
                sums[*member] += weight;
            }
            let last = sums.pop().unwrap_or(1.0);
            sums.iter().map(|sum| sum / last).collect()
        })
        .collect();
    let free = 1 + shares.iter().map(Vec::len).sum::<usize>() + styles.len();
    if assets < free {
        return Err(AnalyticsError::Window {
            what: "cross-section",
            length: free,
            observations: assets,
        });
    }
    let mut columns: Vec<Vec<f64>> = vec![vec![1.0; assets]];
    for (scheme, shares) in schemes.iter().zip(&shares) {
        for (group, share) in shares.iter().enumerate() {
            let cell = |member: &usize| match *member {
                member if member == group => 1.0,
                member if member == shares.len() => -share,
                _ => 0.0,
            };
            columns.push(scheme.members.iter().map(cell).collect());
        }
    }
    columns.extend(styles.iter().map(|style| style.to_vec()));
    let roots: Vec<f64> = weights.iter().map(|weight| weight.sqrt()).collect();
    let decomposition = Mat::from_fn(assets, free, |asset, column| columns[column][asset] * roots[asset]).qr();
    let upper = decomposition.thin_R();
    let largest = (0..free).map(|at| upper[(at, at)].abs()).fold(0.0, f64::max);
    if (0..free).any(|at| upper[(at, at)].abs() <= 1e-10 * largest) {
        return Err(AnalyticsError::Degenerate {
            what: "list of factors",
            reason: "has a group or style that the others add up to",
        });
    }
    let mut solved = decomposition.compute_thin_Q().transpose().to_owned();
    solve_upper_triangular_in_place(upper, solved.as_mut(), Par::Seq);
    let row = |at: usize| -> Vec<f64> { (0..assets).map(|asset| solved[(at, asset)] * roots[asset]).collect() };
    let mut rows = vec![row(0)];
    let mut at = 1;
    for shares in &shares {
        let mut last = vec![0.0; assets];
        for share in shares {
            let own = row(at);
            for (last, own) in last.iter_mut().zip(&own) {
                *last -= share * own;
            }
            rows.push(own);
            at += 1;
        }
        rows.push(last);
    }
    rows.extend((at..free).map(row));
    Ok(rows)
}

/// Returns the sample variance (n - 1).
fn variance(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)
}
