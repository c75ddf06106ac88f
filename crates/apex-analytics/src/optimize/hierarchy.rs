//! Trees of assets that move together, and the order of their leaves.

use kodama::Method;

use crate::covariance::{SymmetricMatrix, correlation};
use crate::error::AnalyticsError;

/// How the distance of two clusters comes from that of their assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// The smallest distance.
    Single,
    /// The mean distance.
    Average,
    /// The growth of the variance within clusters (Ward 1963).
    Ward,
}

/// How a tree is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HierarchySettings {
    /// How clusters are linked.
    pub linkage: Linkage,
    /// Whether assets are compared by their distances to all others, as López de Prado (2016) does, rather than by their
    /// own correlation.
    pub distance_of_distances: bool,
    /// Whether the leaves are put in the order in which neighbors are nearest, without changing the tree.
    pub optimal_leaf_order: bool,
}

/// A tree of assets. Clusters are numbered as their merges are: `assets + k` is the result of merge `k`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hierarchy {
    /// The left and the right part of each merge, from the nearest on.
    pub merges: Vec<(usize, usize)>,
    /// The distance at each merge.
    pub heights: Vec<f64>,
    /// The assets from left to right.
    pub order: Vec<usize>,
}

/// Returns the tree of assets at the distances `sqrt((1 - correlation) / 2)`.
///
/// # Errors
///
/// Refuses a variance that is not above zero.
///
/// ```
/// use apex_analytics::covariance::SymmetricMatrix;
/// use apex_analytics::optimize::{HierarchySettings, Linkage, hierarchy};
///
/// let covariance = SymmetricMatrix::new(3, vec![1.0, 0.1, 0.9, 0.1, 1.0, 0.2, 0.9, 0.2, 1.0]).unwrap();
/// let settings = HierarchySettings {
///     linkage: Linkage::Single,
///     distance_of_distances: false,
///     optimal_leaf_order: false,
/// };
/// // The first and the third asset are nearest, and the second joins them.
/// assert_eq!(hierarchy(&covariance, settings).unwrap().order, [1, 0, 2]);
/// ```
pub fn hierarchy(covariance: &SymmetricMatrix, settings: HierarchySettings) -> Result<Hierarchy, AnalyticsError> {
    let size = covariance.size();
    let distances = distances(&correlation(covariance)?, settings.distance_of_distances);
    let mut condensed: Vec<f64> = (0..size)
        .flat_map(|row| distances[row * size + row + 1..(row + 1) * size].iter().copied())
        .collect();
    let method = match settings.linkage {
        Linkage::Single => Method::Single,
        Linkage::Average => Method::Average,
        Linkage::Ward => Method::Ward,
    };
    let tree = kodama::linkage(&mut condensed, size, method);
    let mut hierarchy = Hierarchy {
        merges: tree.steps().iter().map(|step| (step.cluster1, step.cluster2)).collect(),
        heights: tree.steps().iter().map(|step| step.dissimilarity).collect(),
        order: Vec::new(),
    };
    if settings.optimal_leaf_order {
        super::leaf_order::turn(&mut hierarchy.merges, &distances, size);
    }
    hierarchy.order = leaves(&hierarchy.merges, size);
    Ok(hierarchy)
}

/// Returns the distances, row by row.
fn distances(correlation: &SymmetricMatrix, of_distances: bool) -> Vec<f64> {
    let size = correlation.size();
    let mut direct: Vec<f64> = correlation
        .values()
        .iter()
        .map(|value| ((1.0 - value) / 2.0).max(0.0).sqrt())
        .collect();
    for at in 0..size {
        direct[at * size + at] = 0.0;
    }
    if !of_distances {
        return direct;
    }
    let mut second = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..row {
            let pairs = direct[row * size..(row + 1) * size]
                .iter()
                .zip(&direct[column * size..(column + 1) * size]);
            let length = pairs.map(|(one, other)| (one - other).powi(2)).sum::<f64>().sqrt();
            second[row * size + column] = length;
            second[column * size + row] = length;
        }
    }
    second
}

/// Returns the leaves of the last merge from left to right.
pub(super) fn leaves(merges: &[(usize, usize)], size: usize) -> Vec<usize> {
    let mut order = Vec::with_capacity(size);
    let mut waiting = vec![if merges.is_empty() { 0 } else { size + merges.len() - 1 }];
    while let Some(cluster) = waiting.pop() {
        match cluster.checked_sub(size) {
            None => order.push(cluster),
            Some(merge) => {
                waiting.push(merges[merge].1);
                waiting.push(merges[merge].0);
            }
        }
    }
    order
}

impl Hierarchy {
    /// Returns the assets of a cluster from left to right.
    pub fn members(&self, cluster: usize) -> Vec<usize> {
        let size = self.order.len();
        match cluster.checked_sub(size) {
            None => vec![cluster],
            Some(merge) => leaves(&self.merges[..=merge], size),
        }
    }

    /// Returns the clusters that are left when the tree is cut into `count` of them, from left to right.
    pub fn cut(&self, count: usize) -> Vec<Vec<usize>> {
        self.cut_clusters(count)
            .into_iter()
            .map(|cluster| self.members(cluster))
            .collect()
    }

    /// Returns the numbers of the clusters of a cut, from left to right.
    pub(super) fn cut_clusters(&self, count: usize) -> Vec<usize> {
        let size = self.order.len();
        let kept = size - count.clamp(1, size);
        let mut whole = Vec::new();
        let mut waiting = vec![if self.merges.is_empty() {
            0
        } else {
            size + self.merges.len() - 1
        }];
        while let Some(cluster) = waiting.pop() {
            match cluster.checked_sub(size).filter(|merge| *merge >= kept) {
                None => whole.push(cluster),
                Some(merge) => {
                    waiting.push(self.merges[merge].1);
                    waiting.push(self.merges[merge].0);
                }
            }
        }
        whole
    }

    /// Returns the number of clusters asked for, at least one and at most one an asset, else [`Self::best_count`].
    pub(crate) fn count(&self, asked: Option<usize>, covariance: &SymmetricMatrix) -> Result<usize, AnalyticsError> {
        match asked {
            Some(count) => Ok(count.clamp(1, self.order.len())),
            None => self.best_count(covariance),
        }
    }

    /// Returns the number of clusters, from 2 to the root of twice the assets, under which assets are on average nearest to
    /// their own cluster and farthest from the next (the silhouette of Rousseeuw 1987); 1 for fewer than three assets.
    pub fn best_count(&self, covariance: &SymmetricMatrix) -> Result<usize, AnalyticsError> {
        let size = self.order.len();
        let distances = distances(&correlation(covariance)?, false);
        let most = ((2.0 * size as f64).sqrt().ceil() as usize).min(size.saturating_sub(1));
        let mut best = (1, f64::NEG_INFINITY);
        for count in 2..=most {
            let clusters = self.cut(count);
            let score = silhouette(&clusters, &distances, size);
            if score > best.1 + 1e-12 {
                best = (count, score);
            }
        }
        Ok(best.0)
    }
}

fn silhouette(clusters: &[Vec<usize>], distances: &[f64], size: usize) -> f64 {
    let mut total = 0.0;
    for (own, members) in clusters.iter().enumerate() {
        if members.len() < 2 {
            continue;
        }
        for asset in members {
            let sum = |others: &[usize]| others.iter().map(|other| distances[asset * size + other]).sum::<f64>();
            let inside = sum(members) / (members.len() - 1) as f64;
            let outside = clusters
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != own)
                .map(|(_, others)| sum(others) / others.len() as f64)
                .fold(f64::INFINITY, f64::min);
            let largest = inside.max(outside);
            if largest > 0.0 && largest.is_finite() {
                total += (outside - inside) / largest;
            }
        }
    }
    total / size as f64
}
