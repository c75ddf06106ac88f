//! How a price changes: the sensitivities every option here answers with.

use serde::{Deserialize, Serialize};

use crate::error::AnalyticsError;
use crate::pricing::{Terms, priced};

/// The sensitivities of a price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Greeks {
    /// For the underlying: `dV/dS`.
    pub delta: f64,
    /// Of delta for the underlying: `d2V/dS2`.
    pub gamma: f64,
    /// For volatility, per 1.00.
    pub vega: f64,
    /// For the passing of time, per year.
    pub theta: f64,
    /// For the rate of interest, per 1.00.
    pub rho: f64,
    /// For the dividend yield, per 1.00.
    pub dividend_rho: f64,
}

/// A price and its sensitivities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Valuation {
    /// What one unit is worth.
    pub price: f64,
    /// How that changes; `None` where the price has a kink: without volatility or time, on the strike itself.
    pub greeks: Option<Greeks>,
}

impl Valuation {
    /// Lets only finite numbers leave.
    pub(crate) fn checked(self) -> Result<Self, AnalyticsError> {
        priced("price", self.price)?;
        if let Some(greeks) = self.greeks {
            priced("delta", greeks.delta)?;
            priced("gamma", greeks.gamma)?;
            priced("vega", greeks.vega)?;
            priced("theta", greeks.theta)?;
            priced("rho", greeks.rho)?;
            priced("dividend rho", greeks.dividend_rho)?;
        }
        Ok(self)
    }
}

/// Returns theta from the equation of Black, Scholes and Merton, `r V - (r - q) S delta - sigma^2 S^2 gamma / 2`.
///
/// It holds wherever a claim is held and not exercised.
pub fn theta_from_equation(terms: &Terms, price: f64, delta: f64, gamma: f64) -> f64 {
    let drift = (terms.rate - terms.dividend_yield) * terms.spot * delta;
    terms.rate * price - drift - 0.5 * (terms.volatility * terms.spot).powi(2) * gamma
}

/// Returns price and sensitivities by central differences of a price function, accurate to about 1e-8 of the price.
///
/// Differences of two widths are combined so that their errors of second order cancel (Richardson). `reach` is the
/// largest relative move of the spot that stays on one side of a kink, such as a barrier.
pub(crate) fn by_differences(
    terms: &Terms,
    reach: f64,
    price: impl Fn(&Terms) -> Result<f64, AnalyticsError>,
) -> Result<Valuation, AnalyticsError> {
    let value = price(terms)?;
    let pair = |width: f64, change: &dyn Fn(&mut Terms, f64)| -> Result<(f64, f64), AnalyticsError> {
        let (mut up, mut down) = (*terms, *terms);
        change(&mut up, width);
        change(&mut down, -width);
        Ok((price(&up)?, price(&down)?))
    };
    let slope = |width: f64, change: &dyn Fn(&mut Terms, f64)| -> Result<f64, AnalyticsError> {
        let (up, down) = pair(width, change)?;
        let (up_2, down_2) = pair(2.0 * width, change)?;
        Ok((8.0 * (up - down) - (up_2 - down_2)) / (12.0 * width))
    };
    let width = terms.spot * (0.02 * terms.deviation()).clamp(1e-5, 1e-2).min(reach / 2.1);
    let (up, down) = pair(width, &|terms, by| terms.spot += by)?;
    let (up_2, down_2) = pair(2.0 * width, &|terms, by| terms.spot += by)?;
    let delta = (8.0 * (up - down) - (up_2 - down_2)) / (12.0 * width);
    let gamma = (16.0 * (up + down) - (up_2 + down_2) - 30.0 * value) / (12.0 * width * width);
    let rate_width = 1e-3 / terms.years.max(1.0);
    let greeks = Greeks {
        delta,
        gamma,
        vega: slope(terms.volatility * 1e-3, &|terms, by| terms.volatility += by)?,
        theta: theta_from_equation(terms, value, delta, gamma),
        rho: slope(rate_width, &|terms, by| terms.rate += by)?,
        dividend_rho: slope(rate_width, &|terms, by| terms.dividend_yield += by)?,
    };
    Valuation {
        price: value,
        greeks: Some(greeks),
    }
    .checked()
}
