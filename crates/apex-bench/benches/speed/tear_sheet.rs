//! The tear sheet of 500 assets over ten years.

use std::cell::LazyCell;
use std::hint::black_box;

use apex_analytics::tear_sheet::{Benchmark, tear_sheets};
use criterion::Criterion;

use crate::cpu_time::CpuTime;
use crate::panel::{DAYS, Panel};

/// Observations a year.
const YEAR: f64 = 252.0;

pub(crate) fn benches<F: FnOnce() -> Panel>(criterion: &mut Criterion<CpuTime>, returns: &LazyCell<Panel, F>) {
    let mut group = criterion.benchmark_group("tearsheet");
    group.bench_function("500x2520", |bencher| {
        let columns = returns.columns();
        bencher.iter(|| {
            let benchmark = Benchmark::new(black_box(&returns.benchmark)).expect("returns of an index");
            tear_sheets(&columns, Some(&benchmark)).expect("returns of one length")
        });
    });
    group.bench_function("500x2520_floor", |bencher| {
        let mut sorted = Vec::with_capacity(DAYS);
        LazyCell::force(returns);
        bencher.iter(|| {
            let benchmark = black_box(&returns.benchmark);
            let assets = returns.assets.iter();
            assets
                .map(|asset| floor(asset, benchmark, &mut sorted))
                .fold(0.0, |sum, sheet| sum + sheet.iter().sum::<f64>())
        });
    });
    group.finish();
}

/// The twenty statistics that every peer computes, in plain loops over one column.
fn floor(returns: &[f64], benchmark: &[f64], sorted: &mut Vec<f64>) -> [f64; 20] {
    let n = returns.len() as f64;
    let (mut sum, mut sum_benchmark, mut gains, mut losses, mut squares_down, mut wins) =
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    let (mut wealth, mut peak, mut deepest, mut squares_under) = (1.0_f64, 1.0_f64, 0.0_f64, 0.0);
    for (value, market) in returns.iter().zip(benchmark) {
        sum += value;
        sum_benchmark += market;
        gains += value.max(0.0);
        let down = value.min(0.0);
        losses -= down;
        squares_down += down * down;
        wins += f64::from(u8::from(*value > 0.0));
        wealth *= 1.0 + value;
        peak = peak.max(wealth);
        let under = wealth / peak - 1.0;
        deepest = deepest.min(under);
        squares_under += under * under;
    }
    let (mean, mean_benchmark) = (sum / n, sum_benchmark / n);
    let (mut second, mut third, mut fourth, mut joint, mut market_squares) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (value, market) in returns.iter().zip(benchmark) {
        let (off, market) = (value - mean, market - mean_benchmark);
        let square = off * off;
        second += square;
        third += square * off;
        fourth += square * square;
        joint += off * market;
        market_squares += market * market;
    }
    let (deviation, variance) = ((second / (n - 1.0)).sqrt(), second / n);
    sorted.clear();
    sorted.extend_from_slice(returns);
    // Only both tails are put in order.
    let tail = returns.len() / 20 + 2;
    sorted.select_nth_unstable_by(tail, f64::total_cmp);
    sorted[..tail].sort_unstable_by(f64::total_cmp);
    let upper = returns.len() - tail;
    sorted[tail..].select_nth_unstable_by(upper - tail, f64::total_cmp);
    sorted[upper..].sort_unstable_by(f64::total_cmp);
    let quantile = |level: f64| {
        let place = level * (n - 1.0);
        let at = place as usize;
        sorted[at] + (place - at as f64) * (sorted[at + 1] - sorted[at])
    };
    let shortfall = |quantile: f64| {
        let count = sorted[..tail].partition_point(|value| *value <= quantile);
        sorted[..count].iter().sum::<f64>() / count as f64
    };
    let (low5, low1, high) = (quantile(0.05), quantile(0.01), quantile(0.95));
    let growth = wealth.powf(YEAR / n) - 1.0;
    let beta = joint / market_squares;
    [
        growth,
        deviation * YEAR.sqrt(),
        mean / deviation * YEAR.sqrt(),
        mean / (squares_down / n).sqrt() * YEAR.sqrt(),
        deepest,
        growth / -deepest,
        third / n / variance.powf(1.5),
        fourth / n / (variance * variance) - 3.0,
        -low5,
        -low1,
        -shortfall(low5),
        -shortfall(low1),
        beta,
        (mean - beta * mean_benchmark) * YEAR,
        sorted[sorted.len() - 1],
        sorted[0],
        wins / n,
        gains / losses,
        high / -low5,
        (squares_under / n).sqrt(),
    ]
}
