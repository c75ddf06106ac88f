//! American options: the right to exercise at any time until expiry.
//!
//! The spectral method of Andersen, Lake and Offengenden (2016, "High-performance American option pricing"): the
//! exercise boundary of a put solves an integral equation; it is held as a Chebyshev interpolant in the root of time
//! and found by a fixed-point iteration with Newton's correction. A call is the put with spot and strike, and rate and
//! yield, exchanged (McDonald and Schroder, 1998). Where early exercise never pays the price is the European one. A put
//! with `q < r < 0`, which is exercised between two boundaries, is solved on a grid ([`double_boundary`]).

mod boundary;
pub mod double_boundary;
mod scheme;
mod system;

use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::pricing::greeks::{Greeks, Valuation, theta_from_equation};
use crate::pricing::{OptionKind, Terms, european, priced};

pub use scheme::{Accuracy, Scheme};

use boundary::{Boundary, Put};

/// When a put in units of its strike is worth exercising.
enum Exercise<'a> {
    /// Never before expiry.
    Never,
    /// At or below one boundary.
    Below(Boundary<'a>),
    /// Between two boundaries, or where one is not found: the grid tells.
    OnGrid,
}

/// Returns the value of an American option.
///
/// # Errors
///
/// Those of [`Terms::check`].
///
/// ```
/// use apex_analytics::pricing::american::{Accuracy, price};
/// use apex_analytics::pricing::{OptionKind, Terms};
///
/// // Andersen, Lake and Offengenden (2016), table 2: S = K = 100, r = q = 5%, volatility 25%, one year: premium
/// // 0.106952702747.
/// let put = Terms {
///     kind: OptionKind::Put,
///     spot: 100.0,
///     strike: 100.0,
///     years: 1.0,
///     rate: 0.05,
///     dividend_yield: 0.05,
///     volatility: 0.25,
/// };
/// let european = apex_analytics::pricing::european::price(&put).unwrap();
/// let premium = price(&put, Accuracy::Standard).unwrap() - european;
/// assert!((premium - 0.106_952_702_747).abs() < 1e-9);
/// ```
pub fn price(terms: &Terms, accuracy: Accuracy) -> Result<f64, AnalyticsError> {
    price_with(terms, accuracy.scheme(&Put::of(terms)))
}

/// Returns the value of an American option by a scheme of one's own.
///
/// # Errors
///
/// Those of [`Terms::check`].
pub fn price_with(terms: &Terms, scheme: &Scheme) -> Result<f64, AnalyticsError> {
    terms.check()?;
    let intrinsic = terms.kind.payoff(terms.spot, terms.strike);
    if terms.years == 0.0 {
        return Ok(intrinsic);
    }
    if terms.volatility == 0.0 {
        return priced("price", best_certain_exercise(terms));
    }
    Ok(held_or_exercised(terms, scheme)?.price)
}

/// The value of an option with time and volatility, and its slopes for the spot while it is held.
struct Solved {
    price: f64,
    /// Delta and gamma; `None` where the option should be exercised now.
    slopes: Option<(f64, f64)>,
}

fn held_or_exercised(terms: &Terms, scheme: &Scheme) -> Result<Solved, AnalyticsError> {
    let intrinsic = terms.kind.payoff(terms.spot, terms.strike);
    let european = european::value(terms)?;
    let (delta, gamma) = european
        .greeks
        .map_or((0.0, 0.0), |greeks| (greeks.delta, greeks.gamma));
    let put = Put::of(terms);
    let (price, slopes) = match exercise(&put, scheme) {
        Exercise::Never => (european.price, Some((delta, gamma))),
        Exercise::OnGrid => {
            let grid = double_boundary::unchecked(terms)?;
            (grid.price, (!grid.exercised).then_some((grid.delta, grid.gamma)))
        }
        Exercise::Below(boundary) => match boundary.premium(put.spot) {
            None => (intrinsic, None),
            Some(premium) => {
                let slopes = match terms.kind {
                    OptionKind::Put => (delta + premium.slope, gamma + premium.bend / put.unit),
                    // The premium is of first degree in spot and strike together, which are exchanged here.
                    OptionKind::Call => (
                        delta + premium.value - put.spot * premium.slope,
                        gamma + put.spot * put.spot * premium.bend / put.unit,
                    ),
                };
                (european.price + put.unit * premium.value, Some(slopes))
            }
        },
    };
    Ok(Solved {
        price: priced("price", price)?.max(european.price).max(intrinsic),
        slopes,
    })
}

fn exercise<'a>(put: &Put, scheme: &'a Scheme) -> Exercise<'a> {
    if put.rate <= 0.0 && put.dividend_yield >= put.rate {
        return Exercise::Never;
    }
    if put.rate < 0.0 {
        return Exercise::OnGrid;
    }
    // Where few nodes do not settle, many do, and where these do not (a volatility of 150% for ten years on a negative
    // yield), the grid answers less exactly.
    let boundary = Boundary::solve(put, scheme).or_else(|| Boundary::solve(put, Accuracy::High.scheme(put)));
    boundary.map_or(Exercise::OnGrid, Exercise::Below)
}

/// Returns the best of all moments to exercise on the one path without volatility, seen from now.
fn best_certain_exercise(terms: &Terms) -> f64 {
    let worth = |years: f64| {
        let then = Terms { years, ..*terms };
        terms.kind.sign() * (terms.spot * then.dividend_discount() - terms.strike * then.discount())
    };
    let drift = terms.rate - terms.dividend_yield;
    // The value is stationary where interest on the strike equals the yield of the underlying.
    let turn = (terms.rate * terms.strike / (terms.dividend_yield * terms.spot)).ln() / drift;
    let inner = if turn > 0.0 && turn < terms.years {
        worth(turn)
    } else {
        0.0
    };
    worth(0.0).max(worth(terms.years)).max(inner).max(0.0)
}

/// Returns value and sensitivities of an American option.
///
/// Delta and gamma are derivatives of the integral for the premium, theta follows from the equation of Black, Scholes
/// and Merton while the option is held, and is zero where it should be exercised; vega and the two rhos are central
/// differences of fourth order. With two boundaries delta and gamma are those of the grid.
///
/// `greeks` is `None` without volatility or time.
///
/// # Errors
///
/// Those of [`Terms::check`].
///
/// ```
/// use apex_analytics::pricing::american::{Accuracy, value};
/// use apex_analytics::pricing::{OptionKind, Terms};
///
/// // So deep in the money that it should be exercised: worth what exercise brings, whatever else changes.
/// let put = Terms {
///     kind: OptionKind::Put,
///     spot: 50.0,
///     strike: 100.0,
///     years: 1.0,
///     rate: 0.05,
///     dividend_yield: 0.0,
///     volatility: 0.2,
/// };
/// let answer = value(&put, Accuracy::Standard).unwrap();
/// let greeks = answer.greeks.unwrap();
/// assert_eq!((answer.price, greeks.delta, greeks.gamma, greeks.theta), (50.0, -1.0, 0.0, 0.0));
/// ```
pub fn value(terms: &Terms, accuracy: Accuracy) -> Result<Valuation, AnalyticsError> {
    let scheme = accuracy.scheme(&Put::of(terms));
    let Some(spot) = spot_greeks(terms, accuracy)? else {
        let price = price_with(terms, scheme)?;
        return Ok(Valuation { price, greeks: None });
    };
    if spot.exercised {
        let greeks = Greeks {
            delta: spot.delta,
            gamma: 0.0,
            vega: 0.0,
            theta: 0.0,
            rho: 0.0,
            dividend_rho: 0.0,
        };
        return Ok(Valuation {
            price: spot.price,
            greeks: Some(greeks),
        });
    }
    let difference = |width: f64, change: fn(&mut Terms, f64)| -> Result<f64, AnalyticsError> {
        let at = |by: f64| {
            let mut changed = *terms;
            change(&mut changed, by);
            price_with(&changed, scheme)
        };
        Ok((8.0 * (at(width)? - at(-width)?) - (at(2.0 * width)? - at(-2.0 * width)?)) / (12.0 * width))
    };
    let rate_width = 1e-3 * terms.deviation().clamp(0.1, 1.0) / terms.years.max(0.1);
    let greeks = Greeks {
        delta: spot.delta,
        gamma: spot.gamma,
        vega: difference(terms.volatility * 1e-3, |terms, by| terms.volatility += by)?,
        theta: spot.theta,
        rho: difference(rate_width, |terms, by| terms.rate += by)?,
        dividend_rho: difference(rate_width, |terms, by| terms.dividend_yield += by)?,
    };
    Valuation {
        price: spot.price,
        greeks: Some(greeks),
    }
    .checked()
}

/// What one solution of the boundary tells: value, and sensitivities for the spot and the passing of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpotGreeks {
    /// What one unit is worth.
    pub price: f64,
    /// For the spot.
    pub delta: f64,
    /// Of delta for the spot.
    pub gamma: f64,
    /// For the passing of time, per year.
    pub theta: f64,
    /// Whether the option should be exercised now.
    pub exercised: bool,
}

/// Returns value, delta, gamma and theta of an American option, at the cost of its value alone.
///
/// `None` without volatility or time.
///
/// # Errors
///
/// Those of [`Terms::check`].
pub fn spot_greeks(terms: &Terms, accuracy: Accuracy) -> Result<Option<SpotGreeks>, AnalyticsError> {
    terms.check()?;
    if terms.deviation() == 0.0 {
        return Ok(None);
    }
    let solved = held_or_exercised(terms, accuracy.scheme(&Put::of(terms)))?;
    let (delta, gamma) = solved.slopes.unwrap_or((terms.kind.sign(), 0.0));
    let theta = if solved.slopes.is_some() {
        theta_from_equation(terms, solved.price, delta, gamma)
    } else {
        0.0
    };
    Ok(Some(SpotGreeks {
        price: solved.price,
        delta: priced("delta", delta)?,
        gamma: priced("gamma", gamma)?,
        theta: priced("theta", theta)?,
        exercised: solved.slopes.is_none(),
    }))
}

/// Where an American option should be exercised now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CriticalSpot {
    /// Nowhere before expiry.
    Never,
    /// At or beyond this spot: below it for a put, above it for a call.
    At(f64),
}

/// Returns the spot at which an American option should be exercised now.
///
/// # Errors
///
/// Those of [`Terms::check`]; terms without volatility or time, and those with two boundaries, which have no one spot.
pub fn critical_spot(terms: &Terms, accuracy: Accuracy) -> Result<CriticalSpot, AnalyticsError> {
    terms.check()?;
    crate::pricing::above_zero("volatility over the time to expiry", terms.deviation())?;
    let put = Put::of(terms);
    match exercise(&put, accuracy.scheme(&put)) {
        Exercise::Never => Ok(CriticalSpot::Never),
        Exercise::OnGrid => crate::pricing::refuse("rate", put.rate, "zero or above for there to be one boundary"),
        Exercise::Below(boundary) => Ok(CriticalSpot::At(match terms.kind {
            OptionKind::Put => terms.strike * boundary.last(),
            OptionKind::Call => terms.strike / boundary.last(),
        })),
    }
}
