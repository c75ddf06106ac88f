//! Money-weighted and time-weighted returns of many accounts.

use std::cell::LazyCell;
use std::hint::black_box;

use apex_analytics::twr::{FlowTiming, twr};
use apex_analytics::xirr::xirr_days;
use criterion::Criterion;

use crate::cpu_time::CpuTime;
use crate::panel::DAYS;
use crate::peers;

const SCHEDULES: usize = 10_000;
/// Flows of one schedule.
const FLOWS: usize = 24;
/// The day of the last flow.
const LAST_DAY: f64 = 3_650.0;
const ACCOUNTS: usize = 1_000;

pub(crate) fn benches(criterion: &mut Criterion<CpuTime>) {
    let schedules = LazyCell::new(schedules);
    let mut group = criterion.benchmark_group("flows");
    group.sample_size(20);
    group.bench_function("xirr_10k", |bencher| {
        LazyCell::force(&schedules);
        bencher.iter(|| {
            let rate = |flows: &Vec<(i32, f64)>| xirr_days(black_box(flows)).rate().unwrap_or_default();
            schedules.iter().map(rate).sum::<f64>()
        });
    });
    group.bench_function("xirr_10k_floor", |bencher| {
        LazyCell::force(&schedules);
        bencher.iter(|| schedules.iter().map(|flows| newton(black_box(flows))).sum::<f64>());
    });
    let accounts = LazyCell::new(accounts);
    group.bench_function("twr_1k", |bencher| {
        LazyCell::force(&accounts);
        bencher.iter(|| {
            let one = |(values, flows): &(Vec<f64>, Vec<f64>)| {
                twr(black_box(values), flows, FlowTiming::Start).expect("columns of one length")
            };
            accounts.iter().filter_map(one).sum::<f64>()
        });
    });
    group.bench_function("twr_1k_floor", |bencher| {
        LazyCell::force(&accounts);
        bencher.iter(|| {
            let one = |(values, flows): &(Vec<f64>, Vec<f64>)| {
                let pairs = values.windows(2).zip(&flows[1..]);
                pairs.fold(1.0, |growth, (pair, flow)| growth * (pair[1] / (pair[0] + flow))) - 1.0
            };
            black_box(&accounts).iter().map(one).sum::<f64>()
        });
    });
    group.finish();
}

/// Returns the peers' schedules of days and amounts, or some like them.
fn schedules() -> Vec<Vec<(i32, f64)>> {
    let rows = peers::rows::<2>("xirr_many.f64").unwrap_or_else(|| {
        let mut between = peers::uniforms(7);
        let mut rows = Vec::with_capacity(SCHEDULES * FLOWS);
        for _ in 0..SCHEDULES {
            let rate: f64 = between(-0.05, 0.2);
            let mut days: Vec<f64> = (2..FLOWS).map(|_| between(0.0, LAST_DAY).floor()).collect();
            days.push(0.0);
            days.sort_by(f64::total_cmp);
            let flows: Vec<[f64; 2]> = days.into_iter().map(|day| [day, -between(100.0, 1000.0)]).collect();
            let grown = |[day, amount]: &[f64; 2]| amount * (1.0 + rate).powf((LAST_DAY - day) / 365.0);
            let last = -flows.iter().map(grown).sum::<f64>();
            rows.extend(flows);
            rows.push([LAST_DAY, last]);
        }
        rows
    });
    let flow = |[day, amount]: &[f64; 2]| (*day as i32, *amount);
    rows.chunks(FLOWS)
        .map(|schedule| schedule.iter().map(flow).collect())
        .collect()
}

/// Newton's method in the logarithm of growth, which finds one rate and proves nothing about others.
fn newton(flows: &[(i32, f64)]) -> f64 {
    let mut growth = 0.1_f64.ln_1p();
    for _ in 0..60 {
        let (mut value, mut slope) = (0.0, 0.0);
        for (day, amount) in flows {
            let years = f64::from(*day) / 365.0;
            let present = amount * (-years * growth).exp();
            value += present;
            slope -= years * present;
        }
        let step = value / slope;
        growth -= step;
        if step.abs() < 1e-13 {
            break;
        }
    }
    growth.exp_m1()
}

/// Returns values and flows of the peers' accounts, or some like them.
fn accounts() -> Vec<(Vec<f64>, Vec<f64>)> {
    let rows = peers::rows::<2>("twr.f64").unwrap_or_else(|| {
        let mut normal = peers::normals(7);
        let mut rows = Vec::with_capacity(ACCOUNTS * DAYS);
        for _ in 0..ACCOUNTS {
            let mut value = 100_000.0;
            for day in 0..DAYS {
                let flow = if day % 50 == 49 { 1000.0 * normal() } else { 0.0 };
                value = (value + flow) * (1.0 + 0.0004 + 0.01 * normal());
                rows.push([value, flow]);
            }
        }
        rows
    });
    rows.chunks(DAYS)
        .map(|account| account.iter().map(|[value, flow]| (*value, *flow)).unzip())
        .collect()
}
