//! Series of 500 assets over ten years: rolling measures, six indicators, and a monthly backtest.

use std::cell::LazyCell;
use std::hint::black_box;

use apex_analytics::backtest::{BacktestSettings, Window, policy, walk_forward};
use apex_analytics::indicator::{average, band, momentum, oscillator, range};
use apex_analytics::rebalance::RebalanceRule;
use apex_analytics::series::rolling::rolling;
use criterion::Criterion;

use crate::cpu_time::CpuTime;
use crate::panel::{DAYS, Panel};

/// Returns a rolling measure is taken from.
const YEAR: usize = 252;
/// Returns the volatilities of the backtest are taken from.
const QUARTER: usize = 63;
/// What trading costs, as a share of turnover.
const COST: f64 = 5e-4;

pub(crate) fn benches<F: FnOnce() -> Panel>(criterion: &mut Criterion<CpuTime>, panel: &LazyCell<Panel, F>) {
    let mut group = criterion.benchmark_group("series");
    group.sample_size(20);
    group.bench_function("rolling_500x2520", |bencher| {
        LazyCell::force(panel);
        bencher.iter(|| {
            let one = |asset: &Vec<f64>| {
                rolling(black_box(asset), Some(&panel.benchmark), YEAR).expect("returns of one length")
            };
            panel
                .assets
                .iter()
                .map(one)
                .map(|rolling| rolling.vol.len())
                .sum::<usize>()
        });
    });
    group.bench_function("rolling_500x2520_floor", |bencher| {
        LazyCell::force(panel);
        let mut out = vec![[0.0; 3]; DAYS];
        bencher.iter(|| {
            for asset in &panel.assets {
                rolling_floor(black_box(asset), &panel.benchmark, black_box(&mut out));
            }
        });
    });
    group.bench_function("six_indicators", |bencher| {
        let bars: Vec<[Vec<f64>; 3]> = panel
            .prices()
            .iter()
            .map(|close| [1.0, 1.01, 0.99].map(|factor| close.iter().map(|price| price * factor).collect()))
            .collect();
        bencher.iter(|| bars.iter().map(|bars| indicators(black_box(bars))).sum::<usize>());
    });
    group.bench_function("backtest_monthly", |bencher| {
        let (dates, prices) = (panel.dates(), panel.prices());
        let settings = BacktestSettings {
            window: Window::Rolling(QUARTER),
            rule: RebalanceRule::Monthly,
            delay: 0,
            cost: COST,
        };
        bencher.iter(|| {
            walk_forward(&dates, black_box(&prices), &settings, policy::inverse_volatility).expect("prices above zero")
        });
    });
    group.bench_function("backtest_monthly_floor", |bencher| {
        LazyCell::force(panel);
        let dates = panel.dates();
        let ends = |row: &usize| {
            dates
                .get(row + 1)
                .is_some_and(|next| next.month() != dates[*row].month())
        };
        let trades: Vec<usize> = (QUARTER..DAYS).filter(ends).collect();
        bencher.iter(|| backtest_floor(black_box(&panel.assets), &trades));
    });
    group.finish();
}

/// Volatility, beta and correlation from running sums, which lose digits where ours do not.
fn rolling_floor(asset: &[f64], benchmark: &[f64], out: &mut [[f64; 3]]) {
    let n = YEAR as f64;
    let mut sums = [0.0; 5];
    for row in 0..asset.len() {
        let mut add = |x: f64, y: f64, sign: f64| {
            for (sum, term) in sums.iter_mut().zip([x, y, x * x, y * y, x * y]) {
                *sum += sign * term;
            }
        };
        add(asset[row], benchmark[row], 1.0);
        if row >= YEAR {
            add(asset[row - YEAR], benchmark[row - YEAR], -1.0);
        }
        let [x, y, xx, yy, xy] = sums;
        let (own, other, joint) = (xx - x * x / n, yy - y * y / n, xy - x * y / n);
        out[row] = [
            (own / (n - 1.0) * 252.0).sqrt(),
            joint / other,
            joint / (own * other).sqrt(),
        ];
    }
}

/// Returns how many values the six have.
fn indicators([close, high, low]: &[Vec<f64>; 3]) -> usize {
    let lines = [
        average::sma(close, 50),
        average::ema(close, 20),
        oscillator::relative_strength(close, 14),
        momentum::macd(close, 12, 26, 9).map(|macd| macd.macd),
        band::bollinger(close, 20, 2.0, 2.0).map(|bands| bands.upper),
        range::average_true_range(high, low, close, 14),
    ];
    let lines = lines.map(|line| line.expect("periods in range"));
    black_box(lines).iter().map(|line| line.values().len()).sum()
}

/// The value after each day, in plain loops over days and assets.
fn backtest_floor(assets: &[Vec<f64>], trades: &[usize]) -> Vec<f64> {
    let mut weights = vec![0.0; assets.len()];
    let mut value = 1.0;
    let mut values = Vec::with_capacity(DAYS);
    let mut trades = trades.iter().copied().peekable();
    for row in 0..DAYS {
        let growth = 1.0
            + weights
                .iter()
                .zip(assets)
                .map(|(weight, asset)| weight * asset[row])
                .sum::<f64>();
        value *= growth;
        for (weight, asset) in weights.iter_mut().zip(assets) {
            *weight *= (1.0 + asset[row]) / growth;
        }
        if trades.next_if_eq(&row).is_some() {
            let mut targets: Vec<f64> = assets
                .iter()
                .map(|asset| {
                    let past = &asset[row + 1 - QUARTER..=row];
                    let mean = past.iter().sum::<f64>() / QUARTER as f64;
                    let squares: f64 = past.iter().map(|value| (value - mean) * (value - mean)).sum();
                    1.0 / squares.sqrt()
                })
                .collect();
            let total: f64 = targets.iter().sum();
            targets.iter_mut().for_each(|target| *target /= total);
            let turnover: f64 = targets.iter().zip(&weights).map(|(new, old)| (new - old).abs()).sum();
            value *= 1.0 - turnover * COST;
            weights = targets;
        }
        values.push(value);
    }
    values
}
