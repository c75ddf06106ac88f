//! European digital options: a fixed amount of cash, or the underlying itself, if the option ends in the money.

use serde::{Deserialize, Serialize};

use crate::elementary::{exp, normal};
use crate::error::AnalyticsError;
use crate::pricing::european::moneyness;
use crate::pricing::greeks::{Greeks, Valuation, theta_from_equation};
use crate::pricing::{Terms, from_zero};

/// What a digital option pays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigitalPayoff {
    /// This much cash.
    Cash(f64),
    /// One unit of the underlying.
    Asset,
}

/// Returns value and sensitivities of a digital option.
///
/// Cash: `A exp(-r T) N(w d2)`; asset: `S exp(-q T) N(w d1)`; `d1`, `d2` and `w` as for European options. Reiner and
/// Rubinstein (1991). On the strike itself at expiry it pays nothing, and without volatility the sensitivities are
/// those of the certain outcome.
///
/// # Errors
///
/// Those of [`Terms::check`], and an amount below zero.
///
/// ```
/// use apex_analytics::pricing::digital::{DigitalPayoff, value};
/// use apex_analytics::pricing::{OptionKind, Terms};
///
/// // Haug (2007), section 4.19.2: cash 10, S 100, K 80, nine months, r = q = 6%, volatility 35%: put 2.6710.
/// let put = Terms {
///     kind: OptionKind::Put,
///     spot: 100.0,
///     strike: 80.0,
///     years: 0.75,
///     rate: 0.06,
///     dividend_yield: 0.06,
///     volatility: 0.35,
/// };
/// assert!((value(&put, DigitalPayoff::Cash(10.0)).unwrap().price - 2.6710).abs() < 5e-5);
/// ```
pub fn value(terms: &Terms, payoff: DigitalPayoff) -> Result<Valuation, AnalyticsError> {
    terms.check()?;
    if let DigitalPayoff::Cash(amount) = payoff {
        from_zero("amount of cash", amount)?;
    }
    let sign = terms.kind.sign();
    let received = terms.spot * exp(-terms.dividend_yield * terms.years);
    let paid = terms.strike * exp(-terms.rate * terms.years);
    let deviation = terms.deviation();
    if deviation == 0.0 {
        return certain(terms, payoff, sign * (received - paid));
    }
    let (d1, d2) = moneyness(received, paid, deviation);
    let (spot, volatility, years, root) = (terms.spot, terms.volatility, terms.years, terms.years.sqrt());
    let (price, delta, gamma, vega, rho, dividend_rho) = match payoff {
        DigitalPayoff::Cash(amount) => {
            let present = amount * exp(-terms.rate * years);
            let (below, bell) = normal(sign * d2);
            let (price, bell) = (present * below, sign * present * bell);
            (
                price,
                bell / (spot * deviation),
                -bell * d1 / (spot * spot * deviation * deviation),
                -bell * d1 / volatility,
                -years * price + bell * root / volatility,
                -bell * root / volatility,
            )
        }
        DigitalPayoff::Asset => {
            let (below, bell) = normal(sign * d1);
            let (price, bell) = (received * below, sign * received * bell);
            (
                price,
                price / spot + bell / (spot * deviation),
                -bell * d2 / (spot * spot * deviation * deviation),
                -bell * d2 / volatility,
                bell * root / volatility,
                -years * price - bell * root / volatility,
            )
        }
    };
    let greeks = Greeks {
        delta,
        gamma,
        vega,
        theta: theta_from_equation(terms, price, delta, gamma),
        rho,
        dividend_rho,
    };
    Valuation {
        price,
        greeks: Some(greeks),
    }
    .checked()
}

/// Returns the value when nothing moves any more.
fn certain(terms: &Terms, payoff: DigitalPayoff, gain: f64) -> Result<Valuation, AnalyticsError> {
    let (price, delta) = match payoff {
        _ if gain <= 0.0 => (0.0, 0.0),
        DigitalPayoff::Cash(amount) => (amount * terms.discount(), 0.0),
        DigitalPayoff::Asset => (terms.spot * terms.dividend_discount(), terms.dividend_discount()),
    };
    let cash = delta == 0.0;
    let greeks = Greeks {
        delta,
        gamma: 0.0,
        vega: 0.0,
        theta: theta_from_equation(terms, price, delta, 0.0),
        rho: if cash { -terms.years * price } else { 0.0 },
        dividend_rho: if cash { 0.0 } else { -terms.years * price },
    };
    Valuation {
        price,
        greeks: (gain != 0.0).then_some(greeks),
    }
    .checked()
}
