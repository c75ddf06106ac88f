//! The tear sheet: every standard statistic of a return series, computed together in a few passes.
//!
//! Each statistic also stands alone, with its formula and source, in [`crate::measure`]; a test holds both to the same
//! numbers. This module decides nothing about where returns come from.

mod passes;
mod tails;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::distribution::{normal_density, normal_quantile};
use crate::error::{AnalyticsError, finite, ratio, same_length};
use crate::measure::OBSERVATIONS_A_YEAR;

/// The decay of the exponentially weighted variance (RiskMetrics, 1996).
pub const EWMA_DECAY: f64 = 0.94;

/// The length of the overlapping windows behind [`TearSheet::var99_hist_10d_overlap`].
const HORIZON: usize = 10;

/// Every statistic of one return series. The field names are a contract: they are the keys of `apex stats --json`.
///
/// Conventions: simple returns, no risk-free rate, 252 observations a year, sample deviation (n - 1), losses of VaR and
/// ES positive. `None` is undefined: no benchmark, too few observations, or a series that never moves. Positions count
/// the wealth curve, which starts at 1 before the first return: 0 is the start and k stands after return k; only
/// `best_index` and `worst_index` count returns.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "each field is documented where it is computed, in the module measure"
)]
pub struct TearSheet {
    pub n: usize,
    pub total_return: Option<f64>,
    pub cagr: Option<f64>,
    pub mean_daily: Option<f64>,
    pub ann_return_arith: Option<f64>,
    pub vol_daily: Option<f64>,
    pub vol_ann: Option<f64>,
    pub sharpe: Option<f64>,
    pub downside_dev_ann: Option<f64>,
    pub sortino: Option<f64>,
    pub max_drawdown: Option<f64>,
    pub maxdd_peak_index: Option<usize>,
    pub maxdd_trough_index: Option<usize>,
    pub maxdd_recovery_index: Option<usize>,
    pub longest_drawdown_periods: usize,
    pub avg_drawdown: Option<f64>,
    pub ulcer: Option<f64>,
    pub calmar: Option<f64>,
    pub skew_biased: Option<f64>,
    pub exkurt_biased: Option<f64>,
    pub skew_unbiased: Option<f64>,
    pub exkurt_unbiased: Option<f64>,
    pub jarque_bera: Option<f64>,
    pub var95_hist_linear: Option<f64>,
    pub var99_hist_linear: Option<f64>,
    pub var95_hist_lower: Option<f64>,
    pub var99_hist_lower: Option<f64>,
    pub var95_order_stat: Option<f64>,
    pub var99_order_stat: Option<f64>,
    pub es95_mean_le_var: Option<f64>,
    pub es99_mean_le_var: Option<f64>,
    pub es95_acerbi: Option<f64>,
    pub es99_acerbi: Option<f64>,
    pub var95_normal: Option<f64>,
    pub var99_normal: Option<f64>,
    pub es95_normal: Option<f64>,
    pub es99_normal: Option<f64>,
    pub var95_cornish_fisher: Option<f64>,
    pub var99_cornish_fisher: Option<f64>,
    pub ewma94_vol_last_ann: Option<f64>,
    pub ewma94_vol_next_ann: Option<f64>,
    pub beta: Option<f64>,
    pub alpha_ann_arith: Option<f64>,
    pub alpha_ann_compound: Option<f64>,
    pub corr: Option<f64>,
    pub r2: Option<f64>,
    pub resid_vol_ann: Option<f64>,
    pub treynor: Option<f64>,
    pub tracking_error_ann: Option<f64>,
    pub information_ratio: Option<f64>,
    pub best: Option<f64>,
    pub worst: Option<f64>,
    pub best_index: Option<usize>,
    pub worst_index: Option<usize>,
    pub win_rate: Option<f64>,
    pub win_rate_nonzero: Option<f64>,
    pub omega0: Option<f64>,
    pub tail_ratio: Option<f64>,
    pub gain_to_pain_daily: Option<f64>,
    pub payoff: Option<f64>,
    pub profit_factor: Option<f64>,
    pub up_capture: Option<f64>,
    pub down_capture: Option<f64>,
    pub autocorr1: Option<f64>,
    pub var99_hist_10d_overlap: Option<f64>,
}

/// A benchmark made ready once for many series.
#[derive(Debug, Clone)]
pub struct Benchmark {
    returns: Vec<f64>,
    centered: Vec<f64>,
    mean: f64,
    squares: f64,
    up: passes::Capture,
    down: passes::Capture,
}

impl Benchmark {
    /// Prepares a benchmark's returns.
    ///
    /// # Errors
    ///
    /// Refuses an empty series, values that are not finite, and returns below -100%.
    pub fn new(returns: &[f64]) -> Result<Self, AnalyticsError> {
        let first = passes::first(returns)?;
        let mean = first.sum / returns.len() as f64;
        let centered: Vec<f64> = returns.iter().map(|value| value - mean).collect();
        let squares = if first.is_flat() {
            0.0
        } else {
            centered.iter().map(|value| value * value).sum()
        };
        let (up, down) = passes::captures(returns, returns);
        Ok(Self {
            returns: returns.to_vec(),
            centered,
            mean,
            squares,
            up,
            down,
        })
    }

    /// Returns the benchmark's returns.
    pub fn returns(&self) -> &[f64] {
        &self.returns
    }
}

/// The buffers of one computation, kept between series so that nothing is allocated for each.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    wealth: Vec<f64>,
    peak: Vec<f64>,
    keys: Vec<i64>,
}

/// Returns the tear sheet of one return series.
///
/// # Errors
///
/// Refuses an empty series, values that are not finite, returns below -100%, and a benchmark of another length.
///
/// ```
/// use apex_analytics::tear_sheet::tear_sheet;
///
/// let sheet = tear_sheet(&[0.10, -0.20, 0.05], None).unwrap();
/// assert!((sheet.total_return.unwrap() + 0.076).abs() < 1e-15); // 1.10 * 0.80 * 1.05 = 0.924
/// assert!((sheet.max_drawdown.unwrap() + 0.20).abs() < 1e-15);
/// assert_eq!(sheet.maxdd_recovery_index, None);
/// assert_eq!(sheet.beta, None);
/// ```
pub fn tear_sheet(returns: &[f64], benchmark: Option<&Benchmark>) -> Result<TearSheet, AnalyticsError> {
    tear_sheet_with(returns, benchmark, &mut Scratch::default())
}

/// Returns the tear sheets of many series, in their order, computed on all threads of the current rayon pool.
///
/// The result does not depend on the number of threads.
///
/// # Errors
///
/// Those of [`tear_sheet`], for the first series at fault.
pub fn tear_sheets(columns: &[&[f64]], benchmark: Option<&Benchmark>) -> Result<Vec<TearSheet>, AnalyticsError> {
    columns
        .par_iter()
        .map_init(Scratch::default, |scratch, returns| {
            tear_sheet_with(returns, benchmark, scratch)
        })
        .collect::<Vec<_>>()
        .into_iter()
        .collect()
}

/// Returns the tear sheet of one return series, with buffers that are used again from call to call.
///
/// # Errors
///
/// Those of [`tear_sheet`].
pub fn tear_sheet_with(
    returns: &[f64],
    benchmark: Option<&Benchmark>,
    scratch: &mut Scratch,
) -> Result<TearSheet, AnalyticsError> {
    let first = passes::first(returns)?;
    if let Some(benchmark) = benchmark {
        same_length("benchmark", returns.len(), benchmark.returns.len())?;
    }
    let n = returns.len();
    let count = n as f64;
    let year = OBSERVATIONS_A_YEAR;
    let mean = first.sum / count;
    let flat = first.is_flat();

    let mut sheet = TearSheet {
        n,
        ..TearSheet::default()
    };
    path(&mut sheet, returns, scratch);
    sheet.mean_daily = finite(mean);
    sheet.ann_return_arith = finite(mean * year);

    let central = passes::central(returns, mean);
    let squares = if flat { 0.0 } else { central.squares };
    let deviation = if n < 2 {
        None
    } else {
        finite((squares / (count - 1.0)).sqrt())
    };
    sheet.vol_daily = deviation;
    sheet.vol_ann = deviation.map(|deviation| deviation * year.sqrt());
    sheet.sharpe = deviation
        .and_then(|deviation| ratio(mean, deviation))
        .map(|value| value * year.sqrt());
    let downside = (first.negative_squares / count).sqrt();
    sheet.downside_dev_ann = finite(downside * year.sqrt());
    sheet.sortino = ratio(mean, downside).map(|value| value * year.sqrt());

    shape(&mut sheet, squares, &central, count);
    for (level, slot) in [(0.05, 0), (0.01, 1)] {
        model_tails(&mut sheet, mean, deviation, level, slot);
    }
    tails::fill(&mut sheet, returns, &first, scratch);

    sheet.best = Some(first.max);
    sheet.worst = Some(first.min);
    sheet.best_index = returns.iter().position(|value| *value == first.max);
    sheet.worst_index = returns.iter().position(|value| *value == first.min);
    sheet.win_rate = Some(first.wins / count);
    sheet.win_rate_nonzero = ratio(first.wins, first.wins + first.losses);
    sheet.omega0 = ratio(first.gains, -first.pains);
    sheet.profit_factor = sheet.omega0;
    sheet.gain_to_pain_daily = ratio(first.sum, -first.pains);
    sheet.payoff = match (ratio(first.gains, first.wins), ratio(-first.pains, first.losses)) {
        (Some(gain), Some(loss)) => ratio(gain, loss),
        _ => None,
    };
    sheet.autocorr1 = if flat {
        None
    } else {
        passes::autocorrelation(returns, first.sum, mean, &central)
    };

    if let Some(benchmark) = benchmark {
        relative(&mut sheet, returns, benchmark, mean, squares);
    }
    Ok(sheet)
}

/// Fills what depends on the order of returns: growth, drawdowns and the exponentially weighted variance.
fn path(sheet: &mut TearSheet, returns: &[f64], scratch: &mut Scratch) {
    let walk = passes::walk(returns, &mut scratch.wealth, &mut scratch.peak);
    let count = returns.len() as f64;
    sheet.total_return = finite(walk.wealth - 1.0);
    sheet.cagr = finite(walk.wealth.powf(OBSERVATIONS_A_YEAR / count) - 1.0);
    sheet.longest_drawdown_periods = walk.longest;
    sheet.ewma94_vol_last_ann = finite((walk.ewma_last * OBSERVATIONS_A_YEAR).sqrt());
    sheet.ewma94_vol_next_ann = finite((walk.ewma_next * OBSERVATIONS_A_YEAR).sqrt());
    if !walk.wealth.is_finite() || !walk.wealth_max.is_finite() {
        return;
    }
    let deep = passes::drawdowns(&scratch.wealth, &scratch.peak);
    sheet.max_drawdown = Some(deep.min);
    sheet.avg_drawdown = finite(deep.sum / count);
    sheet.ulcer = finite((deep.squares / count).sqrt());
    sheet.calmar = sheet.cagr.and_then(|cagr| ratio(cagr, -deep.min));
    let Some(trough) = deep.trough else {
        return;
    };
    let peak = scratch.peak[trough];
    sheet.maxdd_trough_index = Some(trough + 1);
    sheet.maxdd_peak_index = Some(if peak == 1.0 {
        0
    } else {
        scratch
            .wealth
            .iter()
            .position(|wealth| *wealth == peak)
            .map_or(0, |at| at + 1)
    });
    sheet.maxdd_recovery_index = scratch.wealth[trough..]
        .iter()
        .position(|wealth| *wealth >= peak)
        .map(|after| trough + after + 1);
}

/// Fills skewness, excess kurtosis and the test of normality.
fn shape(sheet: &mut TearSheet, squares: f64, central: &passes::Central, count: f64) {
    let second = squares / count;
    if second <= 0.0 {
        return;
    }
    let skew = (central.cubes / count) / second.powf(1.5);
    let kurtosis = (central.fourths / count) / (second * second) - 3.0;
    sheet.skew_biased = finite(skew);
    sheet.exkurt_biased = finite(kurtosis);
    if count > 2.0 {
        sheet.skew_unbiased = finite((count * (count - 1.0)).sqrt() / (count - 2.0) * skew);
    }
    if count > 3.0 {
        let scale = (count - 1.0) / ((count - 2.0) * (count - 3.0));
        sheet.exkurt_unbiased = finite(scale * ((count + 1.0) * kurtosis + 6.0));
    }
    sheet.jarque_bera = finite(count / 6.0 * (skew * skew + kurtosis * kurtosis / 4.0));
}

/// Fills the tails that follow from moments: normal and Cornish-Fisher.
fn model_tails(sheet: &mut TearSheet, mean: f64, deviation: Option<f64>, probability: f64, slot: usize) {
    let (Some(deviation), Some(z)) = (deviation, normal_quantile(probability)) else {
        return;
    };
    let normal_var = finite(-(mean + z * deviation));
    let normal_es = finite(-mean + deviation * normal_density(z) / probability);
    let expanded = match (sheet.skew_biased, sheet.exkurt_biased) {
        (Some(skew), Some(kurtosis)) => {
            finite(-(mean + crate::measure::tail::cornish_fisher_quantile(z, skew, kurtosis) * deviation))
        }
        _ => None,
    };
    if slot == 0 {
        (sheet.var95_normal, sheet.es95_normal, sheet.var95_cornish_fisher) = (normal_var, normal_es, expanded);
    } else {
        (sheet.var99_normal, sheet.es99_normal, sheet.var99_cornish_fisher) = (normal_var, normal_es, expanded);
    }
}

/// Fills what compares the series with its benchmark.
fn relative(sheet: &mut TearSheet, returns: &[f64], benchmark: &Benchmark, mean: f64, squares: f64) {
    let count = returns.len() as f64;
    let year = OBSERVATIONS_A_YEAR;
    let (up, down) = passes::captures(returns, &benchmark.returns);
    sheet.up_capture = up
        .annualized()
        .zip(benchmark.up.annualized())
        .and_then(|(own, other)| ratio(own, other));
    sheet.down_capture = down
        .annualized()
        .zip(benchmark.down.annualized())
        .and_then(|(own, other)| ratio(own, other));

    let joint = passes::joint(returns, mean, &benchmark.centered);
    if count > 1.0 {
        let active = if joint.is_flat() {
            0.0
        } else {
            (joint.active_squares / (count - 1.0)).sqrt()
        };
        sheet.tracking_error_ann = finite(active * year.sqrt());
        sheet.information_ratio = ratio(mean - benchmark.mean, active).map(|value| value * year.sqrt());
    }
    if benchmark.squares <= 0.0 || count < 2.0 {
        return;
    }
    let beta = joint.cross / benchmark.squares;
    let alpha = mean - beta * benchmark.mean;
    sheet.beta = finite(beta);
    sheet.alpha_ann_arith = finite(alpha * year);
    sheet.alpha_ann_compound = finite((1.0 + alpha).powf(year) - 1.0);
    sheet.treynor = ratio(mean * year, beta);
    if squares > 0.0 {
        let corr = (joint.cross / (squares.sqrt() * benchmark.squares.sqrt())).clamp(-1.0, 1.0);
        sheet.corr = finite(corr);
        sheet.r2 = finite(corr * corr);
    }
    if count > 2.0 {
        let residual = passes::residual_squares(returns, mean, &benchmark.centered, beta);
        sheet.resid_vol_ann = finite((residual / (count - 2.0) * year).sqrt());
    }
}
