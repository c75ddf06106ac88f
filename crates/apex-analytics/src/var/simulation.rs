//! Monte Carlo: VaR and ES of simulated paths.
//!
//! Paths are drawn in blocks, each from the random stream of its own number, so that the answer depends on the seed and
//! never on the number of threads. The first pass keeps of each path the book's return and where its random numbers
//! began; paths of the tail alone are drawn again, in double precision, for the figures and for the parts of the
//! assets.
//!
//! VaR's parts are the mean parts of the paths up to a tenth of the tail to either side of the quantile, scaled to add
//! up to VaR.

mod bootstrap;
pub(crate) mod copula;
pub(crate) mod gaussian;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::quantile::{QuantilePosition, QuantileRule, interpolate, key, quantile_position};
use crate::random::Stream;
use crate::var::{Book, Figures, VarSettings, scenario};

/// Paths of one random stream.
const BLOCK: usize = 256;
/// Tail paths that one thread takes at a time.
const TAIL_CHUNK: usize = 64;
/// The fewest paths an answer is given for, and the most: the error of the quantile is a twentieth of a percent by then,
/// and all of them are held in 200 megabytes.
const PATHS_MIN: usize = 100;
const PATHS_MAX: usize = 10_000_000;

/// What paths are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SimulatedDistribution {
    /// A normal distribution with the sample's covariance (n - 1).
    Normal,
    /// The past returns of each asset, bound together by a t copula (Demarta and McNeil, 2005).
    TCopula,
    /// Blocks of past days, around the end to the beginning (Politis and Romano, 1992).
    BlockBootstrap,
}

/// What the Monte Carlo method draws.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Simulation {
    /// The distribution.
    pub distribution: SimulatedDistribution,
    /// How many paths.
    pub paths: usize,
    /// The seed: the same one gives the same answer.
    pub seed: u64,
    /// The days that the bootstrap keeps together.
    pub block: usize,
    /// The degrees of freedom of the t copula; fitted where absent.
    pub degrees_of_freedom: Option<f64>,
}

impl Default for Simulation {
    /// Returns 10,000 normal paths of seed 0, and blocks of 10 days.
    fn default() -> Self {
        Self {
            distribution: SimulatedDistribution::Normal,
            paths: 10_000,
            seed: 0,
            block: 10,
            degrees_of_freedom: None,
        }
    }
}

/// A way to draw the book's return along a path.
trait Paths: Sync {
    /// Draws path after path: where the numbers of each began, and the book's return.
    fn draw(&self, stream: &mut Stream, starts: &mut [u64], returns: &mut [f32]);

    /// Draws one path again and returns the book's return.
    fn again(&self, stream: &mut Stream) -> f64;

    /// Draws one path again and adds its part to each sum, times the share of that sum.
    fn add(&self, stream: &mut Stream, shares: [f64; 2], sums: &mut [Vec<f64>; 2]);

    /// Returns the length of a sum.
    fn length(&self) -> usize;

    /// Returns the assets' parts of a sum, per unit of weight.
    fn parts(&self, sum: &[f64]) -> Vec<f64>;
}

/// Simulates, and reads VaR and ES from the paths.
pub(super) fn monte_carlo(book: &Book<'_>, settings: &VarSettings) -> Result<Option<Figures>, AnalyticsError> {
    let simulation = &settings.simulation;
    if !(PATHS_MIN..=PATHS_MAX).contains(&simulation.paths) {
        return Err(AnalyticsError::Parameter {
            what: "number of paths",
            expected: "between 100 and 10000000",
            value: simulation.paths as f64,
        });
    }
    match simulation.distribution {
        SimulatedDistribution::Normal => {
            let paths = gaussian::GaussianPaths::new(book, settings)?;
            Ok(figures(&paths, settings, 1.0, None))
        }
        SimulatedDistribution::TCopula => {
            let (paths, scale) = copula::CopulaPaths::new(book, settings)?;
            Ok(figures(&paths, settings, scale, Some(paths.degrees())))
        }
        SimulatedDistribution::BlockBootstrap => {
            let (paths, scale) = bootstrap::BootstrapPaths::new(book, settings)?;
            Ok(figures(&paths, settings, scale, None))
        }
    }
}

/// A path of the tail, drawn again.
struct TailPath {
    key: i64,
    path: u32,
    value: f64,
    start: u64,
}

fn figures(paths: &impl Paths, settings: &VarSettings, scale: f64, degrees_of_freedom: Option<f64>) -> Option<Figures> {
    let Simulation { paths: count, seed, .. } = settings.simulation;
    let probability = 1.0 - settings.level;
    let position = quantile_position(count, probability, settings.quantile)?;
    let beside = position.lower / 10;
    let deep = (position.upper + beside)
        .max((count as f64 * probability).ceil() as usize)
        .min(count - 1);
    let tail = tail(paths, count, seed, deep);

    let value = |rank: usize| tail[rank].value;
    let QuantilePosition {
        lower,
        upper,
        weight_upper,
    } = position;
    let quantile = interpolate(value(lower), value(upper), weight_upper);
    // The share of each path in VaR and in ES.
    let mut shares = vec![[0.0; 2]; tail.len()];
    let near = lower - beside..=upper + beside;
    let mean = near.clone().map(value).sum::<f64>() / near.clone().count() as f64;
    if mean * quantile > 0.0 && (0.5..2.0).contains(&(quantile / mean)) {
        for rank in near.clone() {
            shares[rank][0] = quantile / mean / near.clone().count() as f64;
        }
    } else {
        shares[lower][0] += 1.0 - weight_upper;
        shares[upper][0] += weight_upper;
    }
    match settings.quantile {
        QuantileRule::OrderStatistic => {
            for (rank, share) in scenario::fractional_tail(count, probability) {
                shares[rank][1] = share;
            }
        }
        QuantileRule::Linear | QuantileRule::Lower => {
            let limit = key(quantile);
            let within = tail.partition_point(|path| path.key <= limit).max(1);
            for share in &mut shares[..within] {
                share[1] = 1.0 / within as f64;
            }
        }
    }
    let shortfall: f64 = shares
        .iter()
        .zip(&tail)
        .map(|(share, path)| share[1] * path.value)
        .sum();
    let [var, es] = sums(paths, seed, &tail, &shares);
    let marginal = |sum: &[f64]| paths.parts(sum).iter().map(|part| -scale * part).collect();
    Figures {
        var: 0.0 - quantile * scale,
        es: 0.0 - shortfall * scale,
        marginal_var: marginal(&var),
        marginal_es: marginal(&es),
        tail: Vec::new(),
        degrees_of_freedom,
    }
    .finite()
}

fn stream_of(seed: u64, path: u32, start: u64) -> Stream {
    Stream::at(seed, u64::from(path) / BLOCK as u64, start)
}

/// Draws all paths, and returns the worst `deep + 1` of them, worst first.
fn tail(paths: &impl Paths, count: usize, seed: u64, deep: usize) -> Vec<TailPath> {
    let mut returns = vec![0.0_f32; count];
    let mut starts = vec![0_u64; count];
    returns
        .par_chunks_mut(BLOCK)
        .zip(starts.par_chunks_mut(BLOCK))
        .enumerate()
        .for_each(|(block, (returns, starts))| paths.draw(&mut Stream::new(seed, block as u64), starts, returns));
    // A whole number that orders as the return does, ties by the path.
    let mut order: Vec<u64> = returns
        .iter()
        .zip(0_u64..)
        .map(|(value, path)| {
            let bits = value.to_bits();
            let ordered = bits ^ (((bits as i32 >> 31) as u32) | 0x8000_0000);
            u64::from(ordered) << 32 | path
        })
        .collect();
    drop(returns);
    order.select_nth_unstable(deep);
    order.truncate(deep + 1);
    let mut tail: Vec<TailPath> = order
        .par_iter()
        .map(|entry| {
            let path = *entry as u32;
            let start = starts[path as usize];
            let value = paths.again(&mut stream_of(seed, path, start));
            TailPath {
                key: key(value),
                path,
                value,
                start,
            }
        })
        .collect();
    tail.sort_unstable_by_key(|path| (path.key, path.path));
    tail
}

/// Adds up the tail's paths by their shares, in chunks of fixed size so that the sums are always the same.
fn sums(paths: &impl Paths, seed: u64, tail: &[TailPath], shares: &[[f64; 2]]) -> [Vec<f64>; 2] {
    let empty = || [vec![0.0; paths.length()], vec![0.0; paths.length()]];
    let chunks: Vec<[Vec<f64>; 2]> = tail
        .par_chunks(TAIL_CHUNK)
        .zip(shares.par_chunks(TAIL_CHUNK))
        .map(|(tail, shares)| {
            let mut sums = empty();
            for (path, shares) in tail.iter().zip(shares) {
                if shares[0] != 0.0 || shares[1] != 0.0 {
                    paths.add(&mut stream_of(seed, path.path, path.start), *shares, &mut sums);
                }
            }
            sums
        })
        .collect();
    let mut total = empty();
    for chunk in chunks {
        for (total, chunk) in total.iter_mut().zip(chunk) {
            for (total, value) in total.iter_mut().zip(chunk) {
                *total += value;
            }
        }
    }
    total
}
