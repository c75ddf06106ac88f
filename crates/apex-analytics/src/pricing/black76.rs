//! Options on forwards and futures after Black (1976): prices are lognormal at expiry.

use serde::{Deserialize, Serialize};

use crate::elementary::{normal, normal_below};
use crate::error::AnalyticsError;
use crate::pricing::european::moneyness;
use crate::pricing::{EXPONENT_MAX, OptionKind, RATIO_MAX, above_zero, from_zero, priced, refuse};

/// An option on a forward price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForwardTerms {
    /// Call or put.
    pub kind: OptionKind,
    /// The forward or futures price.
    pub forward: f64,
    /// The strike.
    pub strike: f64,
    /// The standard deviation at expiry: of the logarithm here (`sigma sqrt(T)`), of the price itself for Bachelier.
    pub deviation: f64,
    /// The discount factor to payment.
    pub discount: f64,
}

/// A price, and how it changes with forward and deviation. Per unit of forward price, not of spot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForwardValuation {
    /// What one unit is worth.
    pub price: f64,
    /// For the forward.
    pub delta: f64,
    /// Of delta for the forward; `None` without deviation on the strike itself.
    pub gamma: Option<f64>,
    /// For the standard deviation at expiry, per 1.00. For vega a year, multiply by `sqrt(T)`.
    pub deviation_vega: f64,
}

/// Returns the value of an option on a lognormal forward.
///
/// `D w (F N(w d1) - K N(w d2))`, `d1 = ln(F / K) / s + s / 2`, `d2 = d1 - s`, with `w` 1 for a call and -1 for a put.
///
/// # Errors
///
/// Refuses forward, strike and discount factor that are not above zero, and a deviation below zero or above 100.
///
/// ```
/// use apex_analytics::pricing::OptionKind;
/// use apex_analytics::pricing::black76::{ForwardTerms, value};
///
/// // Haug (2007), section 1.1.3: F = K = 19, nine months, r 10%, volatility 28%: 1.7011.
/// let put = ForwardTerms {
///     kind: OptionKind::Put,
///     forward: 19.0,
///     strike: 19.0,
///     deviation: 0.28 * 0.75_f64.sqrt(),
///     discount: (-0.1_f64 * 0.75).exp(),
/// };
/// assert!((value(&put).unwrap().price - 1.7011).abs() < 5e-5);
/// ```
pub fn value(terms: &ForwardTerms) -> Result<ForwardValuation, AnalyticsError> {
    above_zero("forward", terms.forward)?;
    above_zero("strike", terms.strike)?;
    above_zero("discount factor", terms.discount)?;
    from_zero("standard deviation", terms.deviation)?;
    if terms.deviation > EXPONENT_MAX {
        return refuse("standard deviation", terms.deviation, "at most 100");
    }
    if !(1.0 / RATIO_MAX..=RATIO_MAX).contains(&(terms.forward / terms.strike)) {
        return refuse("strike", terms.strike, "within a factor of 1e150 of the forward");
    }
    let ForwardTerms {
        forward,
        strike,
        deviation,
        discount,
        ..
    } = *terms;
    if deviation == 0.0 {
        return without_deviation(terms);
    }
    let sign = terms.kind.sign();
    let (d1, d2) = moneyness(forward, strike, deviation);
    let (below, bell) = normal(sign * d1);
    let price = discount * (sign * (forward * below - strike * normal_below(sign * d2))).max(0.0);
    Ok(ForwardValuation {
        price: priced("price", price)?,
        delta: priced("delta", discount * sign * below)?,
        gamma: Some(priced("gamma", discount * bell / (forward * deviation))?),
        deviation_vega: priced("vega", discount * forward * bell)?,
    })
}

/// Returns the discounted payoff at the forward: what is left without deviation, in either model.
pub(crate) fn without_deviation(terms: &ForwardTerms) -> Result<ForwardValuation, AnalyticsError> {
    let gain = terms.kind.sign() * (terms.forward - terms.strike);
    Ok(ForwardValuation {
        price: priced("price", terms.discount * gain.max(0.0))?,
        delta: if gain > 0.0 {
            terms.kind.sign() * terms.discount
        } else {
            0.0
        },
        gamma: (gain != 0.0).then_some(0.0),
        deviation_vega: 0.0,
    })
}
