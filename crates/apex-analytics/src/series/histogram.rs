//! Histograms of equal bins.

use crate::error::{AnalyticsError, all_finite};

/// Counts of values between edges: bin k holds `edges[k] <= value < edges[k + 1]`, the last bin its upper edge, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// The edges, one more than bins, ascending.
    pub edges: Vec<f64>,
    /// The counts.
    pub counts: Vec<usize>,
}

/// Returns a histogram between the least and the greatest value.
///
/// Values that are all equal get one bin of width zero.
///
/// # Errors
///
/// Refuses no values, no bins, and values that are not finite.
///
/// ```
/// let histogram = apex_analytics::series::histogram::histogram(&[0.0, 0.1, 0.5, 1.0], 2).unwrap();
/// assert_eq!((histogram.edges, histogram.counts), (vec![0.0, 0.5, 1.0], vec![2, 2]));
/// ```
pub fn histogram(values: &[f64], bins: usize) -> Result<Histogram, AnalyticsError> {
    all_finite("value", values)?;
    if values.is_empty() || bins == 0 {
        return Err(AnalyticsError::Empty {
            what: if bins == 0 { "list of bins" } else { "list of values" },
        });
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let width = most - least;
    if width <= 0.0 || !width.is_finite() {
        return Ok(Histogram {
            edges: vec![least, most],
            counts: vec![values.len()],
        });
    }
    let mut edges: Vec<f64> = (0..bins).map(|bin| least + width * bin as f64 / bins as f64).collect();
    edges.push(most);
    let mut counts = vec![0; bins];
    for value in values {
        // The quotient may round across an edge; the edges themselves decide.
        let mut bin = (((value - least) / width * bins as f64) as usize).min(bins - 1);
        while bin > 0 && *value < edges[bin] {
            bin -= 1;
        }
        while bin + 1 < bins && *value >= edges[bin + 1] {
            bin += 1;
        }
        counts[bin] += 1;
    }
    Ok(Histogram { edges, counts })
}
