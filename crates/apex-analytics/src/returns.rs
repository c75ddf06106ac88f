//! From prices to return series, and the two equal-weight portfolios. Simple returns only.

use crate::error::{AnalyticsError, all_finite, same_length};

/// Returns the simple returns `p[t] / p[t-1] - 1`; the first row has none.
///
/// # Errors
///
/// Refuses fewer than two prices and a price that is not a finite number above zero: a return from or to a zero
/// price says nothing about an investment.
///
/// ```
/// let returns = apex_analytics::returns::simple_returns(&[100.0, 110.0, 99.0]).unwrap();
/// assert!((returns[0] - 0.10).abs() < 1e-15 && (returns[1] + 0.10).abs() < 1e-15);
/// ```
pub fn simple_returns(prices: &[f64]) -> Result<Vec<f64>, AnalyticsError> {
    check_prices(prices)?;
    Ok(prices
        .iter()
        .zip(prices.iter().skip(1))
        .map(|(before, after)| after / before - 1.0)
        .collect())
}

/// Refuses prices from which no return can be taken.
fn check_prices(prices: &[f64]) -> Result<(), AnalyticsError> {
    if prices.len() < 2 {
        return Err(AnalyticsError::Empty { what: "return series" });
    }
    match prices.iter().position(|price| !(price.is_finite() && *price > 0.0)) {
        None => Ok(()),
        Some(index) if !prices[index].is_finite() => Err(AnalyticsError::NotFinite { what: "price", index }),
        Some(index) => Err(AnalyticsError::NotPositive {
            what: "price",
            index,
            value: prices[index],
        }),
    }
}

/// Returns the equal-weight portfolio that is rebalanced every day (`EW_DAILY`): the mean return of each day.
///
/// # Errors
///
/// Refuses no asset and columns of different length.
pub fn equal_weight_daily(returns: &[&[f64]]) -> Result<Vec<f64>, AnalyticsError> {
    let first = returns
        .first()
        .ok_or(AnalyticsError::Empty { what: "list of assets" })?;
    let mut total = vec![0.0; first.len()];
    for column in returns {
        same_length("return column", first.len(), column.len())?;
        for (sum, value) in total.iter_mut().zip(*column) {
            *sum += value;
        }
    }
    let count = returns.len() as f64;
    total.iter_mut().for_each(|sum| *sum /= count);
    Ok(total)
}

/// Returns the equal-weight portfolio that is bought once and held (`EW_BUYHOLD`): equal money in each asset on the
/// first day, never rebalanced.
///
/// # Errors
///
/// Refuses no asset, columns of different length, and prices [`simple_returns`] would refuse.
///
/// ```
/// // Half in each: 50 grows to 100 while 50 stays, so the portfolio gains one half.
/// let returns = apex_analytics::returns::equal_weight_buy_and_hold(&[&[10.0, 20.0], &[5.0, 5.0]]).unwrap();
/// assert!((returns[0] - 0.5).abs() < 1e-15);
/// ```
pub fn equal_weight_buy_and_hold(prices: &[&[f64]]) -> Result<Vec<f64>, AnalyticsError> {
    let first = prices.first().ok_or(AnalyticsError::Empty { what: "list of assets" })?;
    let mut value = vec![0.0; first.len()];
    for column in prices {
        same_length("price column", first.len(), column.len())?;
        check_prices(column)?;
        let start = column[0];
        for (sum, price) in value.iter_mut().zip(*column) {
            *sum += price / start;
        }
    }
    simple_returns(&value)
}

/// Returns the return of every day of a portfolio with constant weights, rebalanced daily.
///
/// # Errors
///
/// Refuses no asset, columns of different length, and weights of another count than columns.
pub fn weighted_daily(weights: &[f64], returns: &[&[f64]]) -> Result<Vec<f64>, AnalyticsError> {
    let first = returns
        .first()
        .ok_or(AnalyticsError::Empty { what: "list of assets" })?;
    same_length("list of weights", returns.len(), weights.len())?;
    let mut total = vec![0.0; first.len()];
    for (weight, column) in weights.iter().zip(returns) {
        same_length("return column", first.len(), column.len())?;
        for (sum, value) in total.iter_mut().zip(*column) {
            *sum += weight * value;
        }
    }
    Ok(total)
}

/// A part of a portfolio whose weight changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightChange<'a> {
    /// The new weight less the old one, both as shares of the value before.
    pub change: f64,
    /// Its return of every day.
    pub returns: &'a [f64],
}

/// Returns the returns of a portfolio some of whose weights change, from those it had: `scale (before[t] + sum(change r[t]))`.
///
/// What does not change was added up once and costs nothing again, however much is held. `scale` is the value before over
/// the value after, which turns shares of the one into shares of the other. Without changes and with a scale of 1 the answer
/// is `before` bit for bit; otherwise it is [`weighted_daily`] of the new weights up to the rounding of one sum, `2 n u` of the
/// sum of sizes for `n` parts and the unit roundoff `u` (Higham, Accuracy and Stability of Numerical Algorithms, section 4.2).
///
/// # Errors
///
/// Refuses columns of different length and a change or scale that is not finite.
///
/// ```
/// use apex_analytics::returns::{WeightChange, reweighted};
///
/// // Half of what returned 2% goes to what returned 4%: 1% + 2% in place of 2%.
/// let from = WeightChange { change: -0.5, returns: &[0.02] };
/// let to = WeightChange { change: 0.5, returns: &[0.04] };
/// let after = reweighted(&[0.02], &[from, to], 1.0).unwrap();
/// assert!((after[0] - 0.03).abs() < 1e-15);
/// ```
pub fn reweighted(before: &[f64], changes: &[WeightChange<'_>], scale: f64) -> Result<Vec<f64>, AnalyticsError> {
    all_finite("scale", &[scale])?;
    let mut after = before.to_vec();
    for WeightChange { change, returns } in changes {
        all_finite("change of a weight", &[*change])?;
        same_length("return column", before.len(), returns.len())?;
        for (sum, value) in after.iter_mut().zip(*returns) {
            *sum += change * value;
        }
    }
    if scale != 1.0 {
        after.iter_mut().for_each(|sum| *sum *= scale);
    }
    Ok(after)
}

/// Returns the compounded return `prod(1 + r) - 1`.
pub fn compounded(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |wealth, value| wealth * (1.0 + value)) - 1.0
}
