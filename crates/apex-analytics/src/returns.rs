//! From prices to return series, and the two equal-weight portfolios. Simple returns only.

use crate::error::{AnalyticsError, same_length};

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

/// Returns the compounded return `prod(1 + r) - 1`.
pub fn compounded(returns: &[f64]) -> f64 {
    returns.iter().fold(1.0, |wealth, value| wealth * (1.0 + value)) - 1.0
}
