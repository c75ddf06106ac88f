//! Allocation policies that need nothing but past returns.

use super::Past;

/// Weighs all assets the same.
pub fn equal_weights(past: &Past<'_>) -> Option<Vec<f64>> {
    let count = past.assets();
    (count > 0).then(|| vec![1.0 / count as f64; count])
}

/// Weighs each asset by one over the sample deviation (n - 1) of its returns, weights adding up to 1.
///
/// An asset that never moved has no such weight and gets none; undefined, so nothing is traded, when all are such or
/// there are fewer than two returns.
pub fn inverse_volatility(past: &Past<'_>) -> Option<Vec<f64>> {
    let mut returns = Vec::new();
    let mut weights: Vec<f64> = (0..past.assets())
        .map(|asset| {
            returns.clear();
            returns.extend(past.returns(asset));
            let variance = variance(&returns);
            if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 }
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    (sum > 0.0 && sum.is_finite()).then_some(weights)
}

/// Returns the sample variance (n - 1), and 0 where it is undefined or nothing but rounding.
fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let count = values.len() as f64;
    let mean = sum_of(values, |value| value) / count;
    let squares = sum_of(values, |value| (value - mean) * (value - mean));
    let noise = 8.0 * f64::EPSILON * mean;
    if squares <= count * noise * noise {
        0.0
    } else {
        squares / (count - 1.0)
    }
}

/// Returns a sum over eight lanes, in an order that does not depend on the machine.
fn sum_of(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += term(*value);
    }
    lanes.iter().sum()
}
