//! Probabilities of past days that agree with views and change as little as they can: Meucci (2008).

use crate::covariance::{SymmetricMatrix, dot, weighted_covariance, weighted_means};
use crate::error::AnalyticsError;
use crate::optimize::Views;
use crate::optimize::min_variance::solved;

/// The days as the views see them.
#[derive(Debug, Clone, PartialEq)]
pub struct EntropyPooling {
    /// The probability of each day.
    pub probabilities: Vec<f64>,
    /// The means under them.
    pub means: Vec<f64>,
    /// The covariance under them.
    pub covariance: SymmetricMatrix,
    /// The relative entropy `sum(p log(p n))`: how much the views change; zero where they say nothing new.
    pub entropy: f64,
    /// `exp(-sum(p log p))`: how many equally likely days would be as diverse.
    pub effective_days: f64,
    /// The largest difference between a view and the mean reached.
    pub residual: f64,
    /// The steps it took.
    pub iterations: usize,
}

/// Returns the probabilities nearest to equal ones, in relative entropy, under which each view has its mean.
///
/// They are `exp(view returns * multipliers)`, scaled to add up to 1; the multipliers are the least of a convex function
/// of as many variables as there are views, found by Newton's method with halved steps.
///
/// # Errors
///
/// Refuses views that do not fit the assets, views that say the same twice, and a mean that no weighting of the past
/// days reaches.
///
/// ```
/// use apex_analytics::optimize::{Views, entropy_pooling};
///
/// // Two days, a gain and a loss of 1%: a mean of 0.5% makes the gain three times as likely.
/// let views = Views { assets: vec![vec![1.0]], means: vec![0.005] };
/// let pooled = entropy_pooling(&[&[0.01, -0.01]], &views).unwrap();
/// assert!((pooled.probabilities[0] - 0.75).abs() < 1e-12);
/// ```
pub fn entropy_pooling(returns: &[&[f64]], views: &Views) -> Result<EntropyPooling, AnalyticsError> {
    let days = crate::covariance::check_columns(returns)?;
    views.check(returns.len())?;
    // What each view would have shown on each day, less what it is believed to show, in units of its deviation.
    let mut shown: Vec<Vec<f64>> = Vec::with_capacity(views.means.len());
    let mut units = Vec::with_capacity(views.means.len());
    for (index, (row, mean)) in views.assets.iter().zip(&views.means).enumerate() {
        let series = crate::returns::weighted_daily(row, returns)?;
        let unit = crate::measure::volatility::deviation(&series).unwrap_or(0.0);
        if unit <= 0.0 {
            return Err(AnalyticsError::NotPositive {
                what: "deviation of view",
                index,
                value: unit,
            });
        }
        shown.push(series.iter().map(|value| (value - mean) / unit).collect());
        units.push(unit);
    }
    let count = shown.len();
    let mut multipliers = vec![0.0; count];
    let (mut level, mut probabilities) = tilted(&shown, &multipliers, days);
    let mut iterations = 0;
    let mut residual = f64::INFINITY;
    while iterations < 200 {
        let gradient: Vec<f64> = shown.iter().map(|series| dot(series, &probabilities)).collect();
        residual = gradient
            .iter()
            .zip(&units)
            .map(|(value, unit)| (value * unit).abs())
            .fold(0.0, f64::max);
        if gradient.iter().all(|value| value.abs() < 1e-13) {
            break;
        }
        iterations += 1;
        let curvature = SymmetricMatrix::from_lower(count, |row, column| {
            let products = shown[row].iter().zip(&shown[column]).zip(&probabilities);
            products.map(|((one, other), weight)| one * other * weight).sum::<f64>() - gradient[row] * gradient[column]
        });
        let step = match solved(&curvature, &gradient) {
            Ok(step) => step,
            Err(err) if iterations == 1 => return Err(err),
            // The days have come down to too few: the views are out of reach.
            Err(_) => break,
        };
        let slope = dot(&step, &gradient);
        let mut length = 1.0;
        let accepted = loop {
            let tried: Vec<f64> = multipliers
                .iter()
                .zip(&step)
                .map(|(one, other)| one - length * other)
                .collect();
            let (value, weights) = tilted(&shown, &tried, days);
            if value <= level - 1e-4 * length * slope || (value - level).abs() <= 1e-15 * level.abs().max(1.0) {
                break Some((tried, value, weights));
            }
            length *= 0.5;
            if length < 1e-12 {
                break None;
            }
        };
        match accepted {
            Some((tried, value, weights)) => (multipliers, level, probabilities) = (tried, value, weights),
            None => break,
        }
    }
    if residual.is_nan() || residual > 1e-9 * units.iter().copied().fold(0.0, f64::max) {
        return Err(AnalyticsError::Infeasible {
            conflict: vec![
                "views".to_owned(),
                "the returns of the past, of which no weighting has these means".to_owned(),
            ],
        });
    }
    let sum_of_logs: f64 = probabilities
        .iter()
        .filter(|value| **value > 0.0)
        .map(|value| value * value.ln())
        .sum();
    Ok(EntropyPooling {
        means: weighted_means(returns, &probabilities),
        covariance: weighted_covariance(returns, &probabilities)?,
        entropy: (sum_of_logs + (days as f64).ln()).max(0.0),
        effective_days: (-sum_of_logs).exp(),
        probabilities,
        residual,
        iterations,
    })
}

/// Returns the logarithm of the sum of the tilted days, and their probabilities.
fn tilted(shown: &[Vec<f64>], multipliers: &[f64], days: usize) -> (f64, Vec<f64>) {
    let mut tilts = vec![0.0; days];
    for (series, multiplier) in shown.iter().zip(multipliers) {
        crate::covariance::add_scaled(&mut tilts, *multiplier, series);
    }
    let largest = tilts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    tilts.iter_mut().for_each(|tilt| *tilt = (*tilt - largest).exp());
    let total: f64 = tilts.iter().sum();
    tilts.iter_mut().for_each(|tilt| *tilt /= total);
    (largest + (total / days as f64).ln(), tilts)
}
