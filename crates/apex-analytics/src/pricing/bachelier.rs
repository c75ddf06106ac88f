//! Options on forwards after Bachelier (1900): prices are normal at expiry, so forward and strike may be negative.

use crate::elementary::{INVERSE_ROOT_TWO_PI, normal, scaled_erfc};
use crate::error::AnalyticsError;
use crate::pricing::black76::{ForwardTerms, ForwardValuation, without_deviation};
use crate::pricing::{a_number, above_zero, from_zero, priced, refuse, solve};

const ROOT_HALF_PI: f64 = 1.253_314_137_315_500_3;

/// Returns the value of an option on a normal forward.
///
/// `D (w (F - K) N(w d) + s n(d))`, `d = (F - K) / s`, with `s` the standard deviation of the price at expiry and `w` 1
/// for a call and -1 for a put.
///
/// # Errors
///
/// Refuses numbers that are not finite, a deviation below zero and a discount factor not above zero.
///
/// ```
/// use apex_analytics::pricing::OptionKind;
/// use apex_analytics::pricing::{bachelier, black76::ForwardTerms};
///
/// // On the strike the value is D s / sqrt(2 pi).
/// let call = ForwardTerms {
///     kind: OptionKind::Call,
///     forward: -0.01,
///     strike: -0.01,
///     deviation: 0.02,
///     discount: 0.9,
/// };
/// let expected = 0.9 * 0.02 / (2.0 * std::f64::consts::PI).sqrt();
/// assert!((bachelier::value(&call).unwrap().price - expected).abs() < 1e-16);
/// ```
pub fn value(terms: &ForwardTerms) -> Result<ForwardValuation, AnalyticsError> {
    a_number("forward", terms.forward)?;
    a_number("strike", terms.strike)?;
    above_zero("discount factor", terms.discount)?;
    from_zero("standard deviation", terms.deviation)?;
    if terms.deviation == 0.0 {
        return without_deviation(terms);
    }
    let sign = terms.kind.sign();
    let gain = sign * (terms.forward - terms.strike);
    let (below, bell) = normal(gain / terms.deviation);
    Ok(ForwardValuation {
        price: priced(
            "price",
            terms.discount * (gain * below + terms.deviation * bell).max(0.0),
        )?,
        delta: priced("delta", terms.discount * sign * below)?,
        gamma: Some(priced("gamma", terms.discount * bell / terms.deviation)?),
        deviation_vega: priced("vega", terms.discount * bell)?,
    })
}

/// Returns the standard deviation at which [`value`] gives `price`; `terms.deviation` is not read.
///
/// The time value over the distance to the strike, `n(d) / d - N(-d)`, falls from infinity to zero in `d`, so there is
/// one solution for every time value above zero. Zero time value is a deviation of zero.
///
/// # Errors
///
/// Those of [`value`], and a price below the discounted payoff at the forward.
///
/// ```
/// use apex_analytics::pricing::OptionKind;
/// use apex_analytics::pricing::{bachelier, black76::ForwardTerms};
///
/// let put = ForwardTerms { kind: OptionKind::Put, forward: 0.01, strike: 0.02, deviation: 0.015, discount: 0.95 };
/// let price = bachelier::value(&put).unwrap().price;
/// assert!((bachelier::implied_deviation(&put, price).unwrap() - 0.015).abs() < 1e-15);
/// ```
pub fn implied_deviation(terms: &ForwardTerms, price: f64) -> Result<f64, AnalyticsError> {
    let floor = value(&ForwardTerms {
        deviation: 0.0,
        ..*terms
    })?
    .price;
    a_number("price", price)?;
    let time_value = (price - floor) / terms.discount;
    if time_value < 0.0 {
        return refuse("price", price, "at least the discounted payoff at the forward");
    }
    if time_value == 0.0 {
        return Ok(0.0);
    }
    let distance = (terms.forward - terms.strike).abs();
    if distance <= 1e-300 || time_value > 1e10 * distance {
        return priced("standard deviation", time_value / INVERSE_ROOT_TWO_PI);
    }
    // In logarithms both sides are tame, and with the bell taken out the difference n(d) - d N(-d) keeps its digits.
    let target = (time_value / distance).ln();
    let excess = |log_d: f64| {
        let d = log_d.exp();
        let share = 1.0 - d * ROOT_HALF_PI * scaled_erfc(d * std::f64::consts::FRAC_1_SQRT_2);
        INVERSE_ROOT_TWO_PI.ln() - 0.5 * d * d + share.ln() - log_d - target
    };
    match solve::root(excess, -30.0, 4.0) {
        Some(log_d) => priced("standard deviation", distance / log_d.exp()),
        None => refuse("price", price, "farther from the discounted payoff at the forward"),
    }
}
