//! Monte Carlo VaR and ES of 500 assets over 100,000 normal paths, with every asset's part.

use std::cell::LazyCell;
use std::hint::black_box;

use apex_analytics::random::Stream;
use apex_analytics::tear_sheet::{Benchmark, tear_sheets};
use apex_analytics::var::simulation::{SimulatedDistribution, Simulation};
use apex_analytics::var::{ValueAtRisk, VarMethod, VarSettings, value_at_risk};
use criterion::Criterion;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::cpu_time::CpuTime;
use crate::few;
use crate::panel::{ASSETS, Panel};

const PATHS: usize = 100_000;

pub(crate) fn benches<F: FnOnce() -> Panel>(
    criterion: &mut Criterion<CpuTime>,
    wall: &mut Criterion,
    panel: &LazyCell<Panel, F>,
) {
    let mut group = criterion.benchmark_group("simulation");
    group.sample_size(10);
    group.bench_function("var_100k", |bencher| {
        let columns = panel.columns();
        bencher.iter(|| simulated(black_box(&columns)));
    });
    group.bench_function("var_100k_floor", |bencher| {
        let mut numbers = vec![0.0_f32; ASSETS];
        bencher.iter(|| {
            let mut stream = Stream::new(42, 0);
            (0..PATHS).for_each(|_| stream.fill_normal(black_box(&mut numbers)));
        });
    });
    group.finish();
    few::peak_memory("simulation/var_100k_memory", || simulated(&panel.columns()));

    // What runs on several threads gives the same bytes; here is what a second one is worth.
    let pools = LazyCell::new(|| [1, 2].map(pool));
    let mut group = wall.benchmark_group("threads");
    group.sample_size(20);
    for (at, threads) in ["one_thread", "two_threads"].into_iter().enumerate() {
        group.bench_function(format!("var_100k_{threads}"), |bencher| {
            let columns = panel.columns();
            bencher.iter(|| pools[at].install(|| simulated(black_box(&columns))));
        });
        group.bench_function(format!("tear_sheet_{threads}"), |bencher| {
            let columns = panel.columns();
            let benchmark = Benchmark::new(&panel.benchmark).expect("returns of an index");
            bencher.iter(|| pools[at].install(|| tear_sheets(black_box(&columns), Some(&benchmark))));
        });
    }
    group.finish();
}

fn pool(threads: usize) -> ThreadPool {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("threads that can be started")
}

fn simulated(columns: &[&[f64]]) -> ValueAtRisk {
    let settings = VarSettings {
        simulation: Simulation {
            distribution: SimulatedDistribution::Normal,
            paths: PATHS,
            seed: 42,
            ..Simulation::default()
        },
        ..VarSettings::one_day(VarMethod::MonteCarlo, 0.99)
    };
    value_at_risk(&[1.0 / ASSETS as f64; ASSETS], columns, &settings).expect("returns of one length")
}
