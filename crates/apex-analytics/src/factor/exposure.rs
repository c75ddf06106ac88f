//! What a book holds by label (currency, sector, country), and how far it is from a benchmark.

use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, same_length};

/// The holdings under one label, as shares of the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelExposure {
    /// The label.
    pub label: String,
    /// The sum of the weights above zero.
    pub long: f64,
    /// The sum of the weights below zero, itself below zero.
    pub short: f64,
    /// Long and short together.
    pub net: f64,
    /// Long less short.
    pub gross: f64,
}

/// Adds up weights by label, in order of label. With the currency of each holding as its label this is the currency
/// exposure of a book, cash and currency forwards among the holdings.
///
/// # Errors
///
/// Refuses lists of different length and weights that are not finite.
///
/// ```
/// let book = apex_analytics::factor::exposure::by_label(&["USD", "EUR", "USD"], &[0.5, 0.7, -0.2]).unwrap();
/// assert_eq!((book[0].label.as_str(), book[0].net), ("EUR", 0.7));
/// assert_eq!((book[1].long, book[1].short, book[1].gross), (0.5, -0.2, 0.7));
/// ```
pub fn by_label(labels: &[&str], weights: &[f64]) -> Result<Vec<LabelExposure>, AnalyticsError> {
    same_length("list of labels", weights.len(), labels.len())?;
    all_finite("weight", weights)?;
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by_key(|at| labels[*at]);
    Ok(order
        .chunk_by(|left, right| labels[*left] == labels[*right])
        .map(|group| {
            let sum = |wanted: fn(f64) -> bool| -> f64 {
                group
                    .iter()
                    .map(|at| weights[*at])
                    .filter(|weight| wanted(*weight))
                    .sum()
            };
            let (long, short) = (sum(|weight| weight > 0.0), sum(|weight| weight < 0.0));
            LabelExposure {
                label: labels[group[0]].to_owned(),
                long,
                short,
                net: long + short,
                gross: long - short,
            }
        })
        .collect())
}

/// Returns the active share, `sum(|w[i] - b[i]|) / 2` (Cremers and Petajisto, 2009): 0 for the benchmark itself, 1 for
/// a book that has nothing in common with it; above 1 only with shorts or leverage.
///
/// # Errors
///
/// Refuses lists of different length and weights that are not finite.
///
/// ```
/// let share = apex_analytics::factor::exposure::active_share(&[0.6, 0.4, 0.0], &[0.5, 0.3, 0.2]).unwrap();
/// assert!((share - 0.2).abs() < 1e-15);
/// ```
pub fn active_share(weights: &[f64], benchmark: &[f64]) -> Result<f64, AnalyticsError> {
    same_length("list of benchmark weights", weights.len(), benchmark.len())?;
    all_finite("weight", weights)?;
    all_finite("benchmark weight", benchmark)?;
    Ok(weights
        .iter()
        .zip(benchmark)
        .map(|(own, other)| (own - other).abs())
        .sum::<f64>()
        / 2.0)
}
