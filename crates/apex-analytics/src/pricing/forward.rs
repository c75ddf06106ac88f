//! Forwards and futures by cost of carry, on assets and on currencies.

use crate::elementary::exp;
use crate::error::AnalyticsError;
use crate::pricing::{a_number, above_zero, from_zero, in_range, priced, refuse};

/// A dividend, coupon or storage cost (negative) of known size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Income {
    /// When it is paid, in years.
    pub years: f64,
    /// How much.
    pub amount: f64,
}

/// Returns the forward price `(S - PV(incomes)) exp((r - q) T)` for delivery in `years`.
///
/// With rates that do not depend on the underlying the futures price is the same. Incomes after delivery do not count.
///
/// # Errors
///
/// Refuses a spot not above zero, incomes worth more than the spot, and rates that leave the range of numbers.
///
/// ```
/// use apex_analytics::pricing::forward::{Income, forward_price};
///
/// // Hull (2018), example 5.2: a bond at 900 with a coupon of 40 in four months at 3%, nine months at 4%: 886.60.
/// let coupon = Income { years: 4.0 / 12.0, amount: 40.0 * ((0.04_f64 - 0.03) * 4.0 / 12.0).exp() };
/// assert!((forward_price(900.0, 0.75, 0.04, 0.0, &[coupon]).unwrap() - 886.60).abs() < 0.005);
/// ```
pub fn forward_price(
    spot: f64,
    years: f64,
    rate: f64,
    dividend_yield: f64,
    incomes: &[Income],
) -> Result<f64, AnalyticsError> {
    above_zero("spot", spot)?;
    from_zero("time to delivery", years)?;
    a_number("rate", rate)?;
    a_number("dividend yield", dividend_yield)?;
    in_range("rate", rate, rate * years)?;
    in_range("dividend yield", dividend_yield, dividend_yield * years)?;
    let mut present = 0.0;
    for income in incomes {
        from_zero("time of income", income.years)?;
        a_number("income", income.amount)?;
        if income.years <= years {
            present += income.amount * exp(-rate * income.years);
        }
    }
    if present >= spot {
        return refuse("income", present, "worth less than the spot");
    }
    priced("forward price", (spot - present) * exp((rate - dividend_yield) * years))
}

/// Returns what a long forward made at `agreed` is worth now, `(F - agreed) exp(-r T)`.
///
/// # Errors
///
/// Refuses numbers that are not finite, and a rate that leaves their range.
///
/// ```
/// // Hull (2018), section 5.7: spot 25, six months at 10%, agreed 24: 2.17.
/// let forward = 25.0 * (0.1_f64 * 0.5).exp();
/// let worth = apex_analytics::pricing::forward::forward_value(forward, 24.0, 0.5, 0.1).unwrap();
/// assert!((worth - 2.17).abs() < 0.005);
/// ```
pub fn forward_value(forward: f64, agreed: f64, years: f64, rate: f64) -> Result<f64, AnalyticsError> {
    a_number("forward", forward)?;
    a_number("agreed price", agreed)?;
    from_zero("time to delivery", years)?;
    a_number("rate", rate)?;
    in_range("rate", rate, rate * years)?;
    priced("value", (forward - agreed) * exp(-rate * years))
}

/// Returns the variation margin of a futures position between two settlement prices.
///
/// `contracts * multiplier * (now - before)`; a short position has a negative number of contracts.
///
/// # Errors
///
/// Refuses numbers that are not finite.
pub fn variation_margin(contracts: f64, multiplier: f64, before: f64, now: f64) -> Result<f64, AnalyticsError> {
    a_number("number of contracts", contracts)?;
    above_zero("multiplier", multiplier)?;
    a_number("settlement price before", before)?;
    a_number("settlement price", now)?;
    priced("variation margin", contracts * multiplier * (now - before))
}

/// Returns the forward exchange rate by covered parity, `S D_foreign / D_domestic`.
///
/// `spot` is domestic money for one unit of foreign money; the discount factors are those of the two curves to the day
/// of delivery, so any day count and compounding can stand behind them.
///
/// # Errors
///
/// Refuses a spot or a discount factor not above zero.
///
/// ```
/// use apex_analytics::pricing::forward::currency_forward;
///
/// // A year at simple rates of 5% at home and 3% abroad.
/// let rate = currency_forward(1.10, 1.0 / 1.05, 1.0 / 1.03).unwrap();
/// assert!((rate - 1.10 * 1.05 / 1.03).abs() < 1e-15);
/// ```
pub fn currency_forward(spot: f64, domestic_discount: f64, foreign_discount: f64) -> Result<f64, AnalyticsError> {
    above_zero("spot", spot)?;
    above_zero("domestic discount factor", domestic_discount)?;
    above_zero("foreign discount factor", foreign_discount)?;
    priced("forward rate", spot * foreign_discount / domestic_discount)
}
