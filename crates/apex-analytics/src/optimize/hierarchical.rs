//! Weights that come down a tree of assets: hierarchical risk parity, hierarchical equal risk contribution, and nested
//! clusters.

use crate::covariance::{SymmetricMatrix, dot};
use crate::error::AnalyticsError;
use crate::optimize::hierarchy::{Hierarchy, HierarchySettings, hierarchy};
use crate::optimize::{Bounds, Solution, min_variance};

/// Weights, and the tree they came down.
#[derive(Debug, Clone, PartialEq)]
pub struct HierarchicalSolution {
    /// The weights.
    pub solution: Solution,
    /// The tree.
    pub hierarchy: Hierarchy,
    /// The clusters that were told apart, where the method does so.
    pub clusters: Vec<Vec<usize>>,
}

/// Returns the weights of hierarchical risk parity, López de Prado (2016).
///
/// The leaves are halved by position again and again, and each half gets a weight in inverse proportion to the variance
/// of its inverse-variance portfolio. Libraries differ in linkage and order of the leaves; see [`HierarchySettings`].
///
/// # Errors
///
/// Refuses a variance that is not above zero.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{HierarchySettings, Linkage, hierarchical_risk_parity};
///
/// let settings = HierarchySettings {
///     linkage: Linkage::Single,
///     distance_of_distances: false,
///     optimal_leaf_order: false,
/// };
/// let covariance = SymmetricMatrix::new(2, vec![0.04, 0.01, 0.01, 0.01]).unwrap();
/// let answer = hierarchical_risk_parity(&covariance, settings).unwrap();
/// assert!((answer.solution.weights[0] - 0.2).abs() < 1e-15);
/// ```
pub fn hierarchical_risk_parity(
    covariance: &SymmetricMatrix,
    settings: HierarchySettings,
) -> Result<HierarchicalSolution, AnalyticsError> {
    let hierarchy = hierarchy(covariance, settings)?;
    let size = covariance.size();
    // In the order of the leaves a half is a block, so its rows are read one after another.
    let ordered = covariance.part(&hierarchy.order);
    let inverse: Vec<f64> = ordered.diagonal().iter().map(|variance| 1.0 / variance).collect();
    let mut weights = vec![1.0; size];
    let mut waiting = vec![(0, size)];
    let mut iterations = 0;
    while let Some((start, end)) = waiting.pop() {
        if end - start < 2 {
            continue;
        }
        iterations += 1;
        let middle = (start + end) / 2;
        let (left, right) = (
            block_variance(&ordered, &inverse, start, middle),
            block_variance(&ordered, &inverse, middle, end),
        );
        let share = 1.0 - left / (left + right);
        weights[start..middle].iter_mut().for_each(|weight| *weight *= share);
        weights[middle..end]
            .iter_mut()
            .for_each(|weight| *weight *= 1.0 - share);
        waiting.extend([(start, middle), (middle, end)]);
    }
    let mut placed = vec![0.0; size];
    for (weight, asset) in weights.iter().zip(&hierarchy.order) {
        placed[*asset] = *weight;
    }
    Ok(HierarchicalSolution {
        solution: rule(placed, iterations),
        hierarchy,
        clusters: Vec::new(),
    })
}

/// Returns the weights of hierarchical equal risk contribution, Raffinot (2018), with variance as the risk.
///
/// The tree is cut into `clusters` (where none are asked for, by the silhouette). From the root down to the clusters the
/// two parts of each merge share weight in inverse proportion to their risk, the variance of the inverse-variance
/// portfolio; within a cluster weights are in inverse proportion to variance.
///
/// # Errors
///
/// Refuses a variance that is not above zero.
pub fn hierarchical_equal_risk(
    covariance: &SymmetricMatrix,
    settings: HierarchySettings,
    clusters: Option<usize>,
) -> Result<HierarchicalSolution, AnalyticsError> {
    let hierarchy = hierarchy(covariance, settings)?;
    let size = covariance.size();
    let count = hierarchy.count(clusters, covariance)?;
    let cut = hierarchy.cut_clusters(count);
    let risk = |members: &[usize]| {
        let part = covariance.part(members);
        let inverse: Vec<f64> = part.diagonal().iter().map(|variance| 1.0 / variance).collect();
        block_variance(&part, &inverse, 0, members.len())
    };
    let mut weights = vec![0.0; size];
    let root = if hierarchy.merges.is_empty() {
        0
    } else {
        size + hierarchy.merges.len() - 1
    };
    let mut waiting = vec![(root, 1.0)];
    let mut iterations = 0;
    while let Some((cluster, share)) = waiting.pop() {
        iterations += 1;
        let members = hierarchy.members(cluster);
        match cluster.checked_sub(size).filter(|_| !cut.contains(&cluster)) {
            Some(merge) => {
                let (left, right) = hierarchy.merges[merge];
                let (left_risk, right_risk) = (risk(&hierarchy.members(left)), risk(&hierarchy.members(right)));
                let left_share = right_risk / (left_risk + right_risk);
                waiting.extend([(left, share * left_share), (right, share * (1.0 - left_share))]);
            }
            None => {
                let inverse: Vec<f64> = members
                    .iter()
                    .map(|asset| 1.0 / covariance.at(*asset, *asset))
                    .collect();
                let total: f64 = inverse.iter().sum();
                for (asset, value) in members.iter().zip(&inverse) {
                    weights[*asset] = share * value / total;
                }
            }
        }
    }
    let clusters = cut.iter().map(|cluster| hierarchy.members(*cluster)).collect();
    Ok(HierarchicalSolution {
        solution: rule(weights, iterations),
        hierarchy,
        clusters,
    })
}

/// Returns the weights of nested clustered optimization, López de Prado (2019): the least variance within each cluster,
/// and the least variance among the clusters' portfolios. Long only.
///
/// # Errors
///
/// Refuses a variance that is not above zero, and what [`min_variance`] refuses.
pub fn nested_clusters(
    covariance: &SymmetricMatrix,
    settings: HierarchySettings,
    clusters: Option<usize>,
) -> Result<HierarchicalSolution, AnalyticsError> {
    let hierarchy = hierarchy(covariance, settings)?;
    let size = covariance.size();
    let count = hierarchy.count(clusters, covariance)?;
    let cut = hierarchy.cut(count);
    let mut inner = Vec::with_capacity(cut.len());
    let mut iterations = 0;
    for members in &cut {
        let solution = min_variance(&covariance.part(members), &Bounds::long_only(members.len()))?;
        iterations += solution.iterations;
        let mut weights = vec![0.0; size];
        for (asset, weight) in members.iter().zip(&solution.weights) {
            weights[*asset] = *weight;
        }
        inner.push(weights);
    }
    let slopes: Vec<Vec<f64>> = inner.iter().map(|weights| covariance.times(weights)).collect();
    let between = SymmetricMatrix::from_lower(cut.len(), |row, column| dot(&inner[row], &slopes[column]));
    let outer = min_variance(&between, &Bounds::long_only(cut.len()))?;
    let mut weights = vec![0.0; size];
    for (share, own) in outer.weights.iter().zip(&inner) {
        crate::covariance::add_scaled(&mut weights, *share, own);
    }
    Ok(HierarchicalSolution {
        solution: rule(weights, iterations + outer.iterations),
        hierarchy,
        clusters: cut,
    })
}

fn rule(weights: Vec<f64>, iterations: usize) -> Solution {
    Solution {
        weights,
        kkt_residual: None,
        gap: None,
        iterations,
    }
}

/// Returns the variance of the inverse-variance portfolio of a block.
fn block_variance(ordered: &SymmetricMatrix, inverse: &[f64], start: usize, end: usize) -> f64 {
    let own = &inverse[start..end];
    let total: f64 = own.iter().sum();
    let sum: f64 = (start..end)
        .map(|row| inverse[row] * dot(&ordered.row(row)[start..end], own))
        .sum();
    sum / (total * total)
}
