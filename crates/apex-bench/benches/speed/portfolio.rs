//! Portfolio construction of 500 assets over ten years. Solvers are given means and covariance, as the peers' are, but
//! the hierarchical one, which all begin from returns.

use std::cell::LazyCell;
use std::hint::black_box;

use apex_analytics::covariance::{SymmetricMatrix, column_means, sample_covariance};
use apex_analytics::optimize::{
    Bounds, HierarchySettings, Linkage, frontier, hierarchical_risk_parity, max_sharpe, min_shortfall, min_variance,
    risk_parity,
};
use criterion::Criterion;
use faer::{Mat, Side};

use crate::cpu_time::CpuTime;
use crate::panel::{ASSETS, Panel};

/// The confidence of expected shortfall.
const LEVEL: f64 = 0.95;
/// The portfolios of a frontier.
const POINTS: usize = 50;

pub(crate) fn benches<F: FnOnce() -> Panel>(criterion: &mut Criterion<CpuTime>, panel: &LazyCell<Panel, F>) {
    let means = LazyCell::new(|| column_means(&panel.columns()));
    let covariance = LazyCell::new(|| sample_covariance(&panel.columns()).expect("returns of one length"));
    let bounds = Bounds::long_only(ASSETS);
    let mut group = criterion.benchmark_group("portfolio");
    group.bench_function("min_variance", |bencher| {
        LazyCell::force(&covariance);
        bencher.iter(|| min_variance(black_box(&covariance), &bounds).expect("a solution"));
    });
    group.bench_function("max_sharpe", |bencher| {
        LazyCell::force(&means);
        LazyCell::force(&covariance);
        bencher.iter(|| max_sharpe(&means, black_box(&covariance), 0.0, &bounds).expect("a solution"));
    });
    group.bench_function("frontier_50", |bencher| {
        LazyCell::force(&means);
        LazyCell::force(&covariance);
        bencher.iter(|| frontier(&means, black_box(&covariance), &bounds, POINTS).expect("a frontier"));
    });
    group.bench_function("factorization", |bencher| {
        LazyCell::force(&covariance);
        bencher.iter(|| factorization(black_box(&covariance)));
    });
    group.bench_function("risk_parity", |bencher| {
        LazyCell::force(&covariance);
        bencher.iter(|| risk_parity(black_box(&covariance)).expect("a solution"));
    });
    group.bench_function("product", |bencher| {
        let weights = vec![1.0 / ASSETS as f64; ASSETS];
        LazyCell::force(&covariance);
        bencher.iter(|| black_box(&covariance).times(&weights));
    });
    group.sample_size(10);
    group.bench_function("min_shortfall", |bencher| {
        let columns = panel.columns();
        bencher.iter(|| min_shortfall(black_box(&columns), LEVEL, None, &bounds).expect("a solution"));
    });
    group.bench_function("hierarchical", |bencher| {
        let columns = panel.columns();
        let settings = HierarchySettings {
            linkage: Linkage::Single,
            distance_of_distances: false,
            optimal_leaf_order: false,
        };
        bencher.iter(|| {
            let covariance = sample_covariance(black_box(&columns)).expect("returns of one length");
            hierarchical_risk_parity(&covariance, settings).expect("a solution")
        });
    });
    group.bench_function("covariance", |bencher| {
        let columns = panel.columns();
        bencher.iter(|| sample_covariance(black_box(&columns)).expect("returns of one length"));
    });
    group.finish();
}

/// What no exact method can do without: the covariance taken in, and factored once.
fn factorization(covariance: &SymmetricMatrix) -> f64 {
    let size = covariance.size();
    let matrix = Mat::from_fn(size, size, |row, column| covariance.at(row, column));
    let factor = matrix.llt(Side::Lower).expect("more days than assets");
    factor.L()[(size - 1, size - 1)]
}
