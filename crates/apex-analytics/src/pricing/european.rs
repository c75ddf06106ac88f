//! European options after Black, Scholes (1973) and Merton (1973), and on currencies after Garman and Kohlhagen (1983).

use serde::{Deserialize, Serialize};

use crate::elementary::{exp, ln, normal, normal_below};
use crate::error::AnalyticsError;
use crate::pricing::greeks::{Greeks, Valuation};
use crate::pricing::{OptionKind, Terms, priced};

/// A European option's value, sensitivities and the chance that it ends in the money.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct European {
    /// What one unit is worth.
    pub price: f64,
    /// How that changes; `None` without volatility or time when the forward is the strike.
    pub greeks: Option<Greeks>,
    /// The risk-neutral probability of exercise, `N(d2)` for a call.
    pub itm_probability: Option<f64>,
}

/// Returns the value of a European option.
///
/// `w (S exp(-q T) N(w d1) - K exp(-r T) N(w d2))` with `w` 1 for a call and -1 for a put,
/// `d1 = (ln(S / K) + (r - q + sigma^2 / 2) T) / (sigma sqrt(T))` and `d2 = d1 - sigma sqrt(T)`. Without volatility or
/// time it is the discounted payoff at the forward.
///
/// # Errors
///
/// Those of [`Terms::check`].
///
/// ```
/// use apex_analytics::pricing::{OptionKind, Terms, european};
///
/// let call = Terms {
///     kind: OptionKind::Call,
///     spot: 100.0,
///     strike: 100.0,
///     years: 1.0,
///     rate: 0.05,
///     dividend_yield: 0.0,
///     volatility: 0.2,
/// };
/// assert!((european::price(&call).unwrap() - 10.450_583_572_185_565).abs() < 1e-12);
/// ```
pub fn price(terms: &Terms) -> Result<f64, AnalyticsError> {
    terms.check()?;
    priced("price", unchecked(terms))
}

/// Returns the value of terms that were checked.
pub(crate) fn unchecked(terms: &Terms) -> f64 {
    let (paid, received) = legs(terms);
    let deviation = terms.deviation();
    let sign = terms.kind.sign();
    if deviation == 0.0 {
        return (sign * (received - paid)).max(0.0);
    }
    let (d1, d2) = moneyness(received, paid, deviation);
    (sign * (received * normal_below(sign * d1) - paid * normal_below(sign * d2))).max(0.0)
}

/// Returns the present values of the strike and of the underlying.
fn legs(terms: &Terms) -> (f64, f64) {
    (
        terms.strike * exp(-terms.rate * terms.years),
        terms.spot * exp(-terms.dividend_yield * terms.years),
    )
}

/// Returns `d1` and `d2`.
#[inline(always)]
pub(crate) fn moneyness(received: f64, paid: f64, deviation: f64) -> (f64, f64) {
    let middle = ln(received / paid) / deviation;
    (middle + 0.5 * deviation, middle - 0.5 * deviation)
}

/// Returns value, sensitivities and probability of exercise.
///
/// Theta is per year and minus the derivative for the time to expiry; vega and the two rhos are per 1.00.
///
/// # Errors
///
/// Those of [`Terms::check`].
///
/// ```
/// # use apex_analytics::pricing::{OptionKind, Terms, european};
/// # let call = Terms { kind: OptionKind::Call, spot: 100.0, strike: 100.0, years: 1.0, rate: 0.05,
/// #     dividend_yield: 0.0, volatility: 0.2 };
/// let greeks = european::value(&call).unwrap().greeks.unwrap();
/// assert!((greeks.delta - 0.636_830_651_175_619_1).abs() < 1e-12);
/// assert!((greeks.vega - 37.524_034_691_693_79).abs() < 1e-11);
/// ```
pub fn value(terms: &Terms) -> Result<European, AnalyticsError> {
    terms.check()?;
    let (paid, received) = legs(terms);
    let (deviation, sign, root) = (terms.deviation(), terms.kind.sign(), terms.years.sqrt());
    let still = deviation == 0.0;
    if still && received == paid {
        return Ok(European {
            price: 0.0,
            greeks: None,
            itm_probability: None,
        });
    }
    // Without movement the outcome is certain, and the bell at an infinite d is flat zero.
    let (d1, d2) = if still {
        let end = (received - paid) * f64::INFINITY;
        (end, end)
    } else {
        moneyness(received, paid, deviation)
    };
    let (below_1, bell) = if still {
        (certain(sign * d1), 0.0)
    } else {
        normal(sign * d1)
    };
    let below_2 = if still { below_1 } else { normal_below(sign * d2) };
    let price = (sign * (received * below_1 - paid * below_2)).max(0.0);
    let gamma = if still {
        0.0
    } else {
        received * bell / (terms.spot * terms.spot * deviation)
    };
    let spread = if still {
        0.0
    } else {
        received * bell * terms.volatility / (2.0 * root)
    };
    let greeks = Greeks {
        delta: sign * (received / terms.spot) * below_1,
        gamma,
        vega: received * bell * root,
        theta: -spread + sign * (terms.dividend_yield * received * below_1 - terms.rate * paid * below_2),
        rho: sign * terms.years * paid * below_2,
        dividend_rho: -sign * terms.years * received * below_1,
    };
    let valuation = Valuation {
        price,
        greeks: Some(greeks),
    }
    .checked()?;
    Ok(European {
        price: valuation.price,
        greeks: valuation.greeks,
        itm_probability: Some(below_2),
    })
}

fn certain(d: f64) -> f64 {
    if d > 0.0 { 1.0 } else { 0.0 }
}

/// An option on a currency: one unit of foreign money for `strike` units of domestic money.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurrencyOption {
    /// Call or put on the foreign currency.
    pub kind: OptionKind,
    /// Domestic money for one unit of foreign money.
    pub spot: f64,
    /// The agreed rate, quoted as the spot is.
    pub strike: f64,
    /// Years to expiry.
    pub years: f64,
    /// The continuous domestic rate a year.
    pub domestic_rate: f64,
    /// The continuous foreign rate a year.
    pub foreign_rate: f64,
    /// The volatility of the exchange rate a year.
    pub volatility: f64,
}

impl CurrencyOption {
    /// Returns the same option in the terms of Merton: foreign interest is the yield of foreign money.
    pub fn terms(&self) -> Terms {
        Terms {
            kind: self.kind,
            spot: self.spot,
            strike: self.strike,
            years: self.years,
            rate: self.domestic_rate,
            dividend_yield: self.foreign_rate,
            volatility: self.volatility,
        }
    }
}

/// Returns value and sensitivities of a currency option, in domestic money per unit of foreign money.
///
/// After Garman and Kohlhagen (1983); `rho` is for the domestic and `dividend_rho` for the foreign rate.
///
/// # Errors
///
/// Those of [`Terms::check`].
///
/// ```
/// use apex_analytics::pricing::OptionKind;
/// use apex_analytics::pricing::european::{CurrencyOption, currency_option};
///
/// // Haug (2007), section 1.1.6: USD/EUR 1.56, strike 1.6, half a year, 6% and 8%, volatility 12%: 0.0291.
/// let option = CurrencyOption {
///     kind: OptionKind::Call,
///     spot: 1.56,
///     strike: 1.6,
///     years: 0.5,
///     domestic_rate: 0.06,
///     foreign_rate: 0.08,
///     volatility: 0.12,
/// };
/// assert!((currency_option(&option).unwrap().price - 0.0291).abs() < 5e-5);
/// ```
pub fn currency_option(option: &CurrencyOption) -> Result<European, AnalyticsError> {
    value(&option.terms())
}
