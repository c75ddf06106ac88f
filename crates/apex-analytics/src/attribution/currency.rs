//! Attribution with currencies: the decisions on markets and on currencies apart, after Karnosky and Singer (1994).
//!
//! Who buys a foreign market takes its return above the local cash rate and, unless hedged, the cash return of its
//! currency. A hedge moves the second and leaves the first, so markets are judged by their premium over local cash, and
//! currencies by their cash return in base currency.

use serde::{Deserialize, Serialize};

use super::brinson::{BrinsonModel, Effects, Segments, brinson};
use super::{check_lists, dot};
use crate::error::{AnalyticsError, whole};

/// How returns of a market and of its currency come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compounding {
    /// Simple returns: in base currency a market returns `(1 + r) (1 + s) - 1`.
    #[default]
    Simple,
    /// Continuously compounded returns, those of the original: `r + s`.
    Continuous,
}

/// Weights and local returns of every market over one period, in one order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Markets<'a> {
    /// Weights and returns in local currency.
    pub segments: Segments<'a>,
    /// The portfolio's weights in the markets' currencies after hedges; the market weights where nothing is hedged.
    pub portfolio_currencies: &'a [f64],
    /// The benchmark's weights in the markets' currencies after hedges.
    pub benchmark_currencies: &'a [f64],
    /// The return of cash in each local currency.
    pub cash_returns: &'a [f64],
    /// The return of each currency in base currency; 0 for the base currency itself.
    pub currency_returns: &'a [f64],
}

/// The attribution of one period in base currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurrencyAttribution {
    /// The portfolio's return in base currency, hedges included.
    pub portfolio_return: f64,
    /// The benchmark's return in base currency, hedges included.
    pub benchmark_return: f64,
    /// The difference, which all effects add up to.
    pub active_return: f64,
    /// The effects of markets, on their premiums.
    #[serde(flatten)]
    pub markets: Effects,
    /// The effect of each currency.
    pub currency: Vec<f64>,
}

/// Splits the active return of one period in base currency by market and by currency (Karnosky and Singer, 1994).
///
/// A market's premium is what it returns beyond cash of its own currency, in base currency: `(r - c) (1 + s)` for a
/// local return `r`, local cash `c` and currency return `s`, or `r - c` continuously. A currency's return is that of
/// its cash in base currency, `(1 + c) (1 + s) - 1`, or `c + s`. The portfolio returns its market weights times
/// premiums plus its currency weights times currency returns: a currency forward earns the difference of two currency
/// returns, as covered interest parity has it. Markets are split as by Brinson and Fachler on premiums; the currency
/// effect is the active currency weight times the currency's return over the benchmark's mean currency return.
///
/// # Errors
///
/// Refuses no market, lists of different length, values that are not finite, and weights that do not add up to 1.
///
/// ```
/// use apex_analytics::attribution::brinson::Segments;
/// use apex_analytics::attribution::currency::{Compounding, Markets, karnosky_singer};
///
/// // The same markets; the portfolio has hedged its half abroad, and the currency fell by 10%.
/// let markets = Markets {
///     segments: Segments {
///         portfolio_weights: &[0.5, 0.5],
///         benchmark_weights: &[0.5, 0.5],
///         portfolio_returns: &[0.0, 0.0],
///         benchmark_returns: &[0.0, 0.0],
///     },
///     portfolio_currencies: &[1.0, 0.0],
///     benchmark_currencies: &[0.5, 0.5],
///     cash_returns: &[0.0, 0.0],
///     currency_returns: &[0.0, -0.10],
/// };
/// let split = karnosky_singer(&markets, Compounding::Simple).unwrap();
/// assert!((split.active_return - 0.05).abs() < 1e-15);
/// assert!((split.currency.iter().sum::<f64>() - 0.05).abs() < 1e-15);
/// ```
pub fn karnosky_singer(markets: &Markets<'_>, compounding: Compounding) -> Result<CurrencyAttribution, AnalyticsError> {
    let segments = &markets.segments;
    segments.check()?;
    check_lists([
        ("list of portfolio weights", segments.portfolio_weights),
        ("list of portfolio currency weights", markets.portfolio_currencies),
        ("list of benchmark currency weights", markets.benchmark_currencies),
        ("list of cash returns", markets.cash_returns),
        ("list of currency returns", markets.currency_returns),
    ])?;
    whole("sum of the portfolio's currency weights", markets.portfolio_currencies)?;
    whole("sum of the benchmark's currency weights", markets.benchmark_currencies)?;
    let rates = || markets.cash_returns.iter().zip(markets.currency_returns);
    let premiums = |returns: &[f64]| -> Vec<f64> {
        let markets = returns.iter().zip(rates());
        markets
            .map(|(local, (cash, currency))| match compounding {
                Compounding::Simple => (local - cash) * (1.0 + currency),
                Compounding::Continuous => local - cash,
            })
            .collect()
    };
    let currencies: Vec<f64> = rates()
        .map(|(cash, currency)| match compounding {
            Compounding::Simple => cash + currency + cash * currency,
            Compounding::Continuous => cash + currency,
        })
        .collect();
    let (own, other) = (
        premiums(segments.portfolio_returns),
        premiums(segments.benchmark_returns),
    );
    let on_premiums = brinson(
        &Segments {
            portfolio_returns: &own,
            benchmark_returns: &other,
            ..*segments
        },
        BrinsonModel::Fachler,
    )?;
    let mean = dot(markets.benchmark_currencies, &currencies);
    let active = markets.portfolio_currencies.iter().zip(markets.benchmark_currencies);
    let currency = active
        .zip(&currencies)
        .map(|((own, other), value)| (own - other) * (value - mean))
        .collect();
    let portfolio_return = on_premiums.portfolio_return + dot(markets.portfolio_currencies, &currencies);
    let benchmark_return = on_premiums.benchmark_return + mean;
    Ok(CurrencyAttribution {
        portfolio_return,
        benchmark_return,
        active_return: portfolio_return - benchmark_return,
        markets: on_premiums.effects,
        currency,
    })
}
