//! Attribution by market and currency.

use apex_analytics::attribution::brinson::Segments;
use apex_analytics::attribution::currency::{Compounding, CurrencyAttribution, Markets, karnosky_singer};
use apex_analytics::attribution::linking::{Linking, link};
use serde::{Deserialize, Serialize};

use super::{Table, in_period, same_names, same_periods};
use crate::error::Result;

/// Markets and their currencies. Returns of markets are in local currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurrencyAsk {
    /// The names of the markets.
    pub markets: Vec<String>,
    /// The portfolio's weights.
    pub wp: Table,
    /// The benchmark's weights.
    pub wb: Table,
    /// The portfolio's local returns.
    pub rp: Table,
    /// The benchmark's local returns.
    pub rb: Table,
    /// The return of cash in each currency.
    pub cash: Table,
    /// The return of each currency in base currency.
    pub fx: Table,
    /// The portfolio's weights in currencies after hedges; its market weights where absent.
    #[serde(default)]
    pub cp: Option<Table>,
    /// The benchmark's weights in currencies after hedges; its market weights where absent.
    #[serde(default)]
    pub cb: Option<Table>,
    /// Whether returns are simple or continuously compounded.
    #[serde(default)]
    pub compounding: Compounding,
}

/// The attribution in base currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurrencyReport {
    /// The names of the markets.
    pub markets: Vec<String>,
    /// Each period.
    pub periods: Vec<CurrencyAttribution>,
    /// All periods linked after Carino; absent for continuous returns, which add up by themselves.
    pub carino: Option<LinkedCurrencies>,
}

/// Effects of all periods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkedCurrencies {
    /// The portfolio's compounded return.
    pub portfolio_return: f64,
    /// The benchmark's compounded return.
    pub benchmark_return: f64,
    /// The difference, which all effects add up to.
    pub active_return: f64,
    /// Allocation to markets.
    pub allocation: Vec<f64>,
    /// Selection in markets.
    pub selection: Vec<f64>,
    /// Both together.
    pub interaction: Vec<f64>,
    /// Currencies.
    pub currency: Vec<f64>,
}

/// Splits the active return of every period and of all of them.
pub(super) fn attribute(ask: &CurrencyAsk) -> Result<CurrencyReport> {
    let count = ask.wp.len();
    let (own, other) = (ask.cp.as_ref().unwrap_or(&ask.wp), ask.cb.as_ref().unwrap_or(&ask.wb));
    let tables = [
        ("wb", &ask.wb),
        ("rp", &ask.rp),
        ("rb", &ask.rb),
        ("cash", &ask.cash),
        ("fx", &ask.fx),
        ("cp", own),
        ("cb", other),
    ];
    same_periods(count, &tables)?;
    let mut periods = Vec::with_capacity(count);
    for at in 0..count {
        same_names("markets", &ask.markets, ask.wp[at].len(), at)?;
        let markets = Markets {
            segments: Segments {
                portfolio_weights: &ask.wp[at],
                benchmark_weights: &ask.wb[at],
                portfolio_returns: &ask.rp[at],
                benchmark_returns: &ask.rb[at],
            },
            portfolio_currencies: &own[at],
            benchmark_currencies: &other[at],
            cash_returns: &ask.cash[at],
            currency_returns: &ask.fx[at],
        };
        periods.push(in_period(at, karnosky_singer(&markets, ask.compounding))?);
    }
    let carino = match ask.compounding {
        Compounding::Simple => Some(linked(&periods)?),
        Compounding::Continuous => None,
    };
    Ok(CurrencyReport {
        markets: ask.markets.clone(),
        periods,
        carino,
    })
}

fn linked(periods: &[CurrencyAttribution]) -> Result<LinkedCurrencies> {
    let own: Vec<f64> = periods.iter().map(|period| period.portfolio_return).collect();
    let other: Vec<f64> = periods.iter().map(|period| period.benchmark_return).collect();
    let link = link(Linking::Carino, &own, &other)?;
    let sum = |part: fn(&CurrencyAttribution) -> &Vec<f64>| {
        let lists: Vec<&[f64]> = periods.iter().map(|period| part(period).as_slice()).collect();
        link.sum(&lists)
    };
    Ok(LinkedCurrencies {
        portfolio_return: link.portfolio_return,
        benchmark_return: link.benchmark_return,
        active_return: link.active_return,
        allocation: sum(|period| &period.markets.allocation)?,
        selection: sum(|period| &period.markets.selection)?,
        interaction: sum(|period| &period.markets.interaction)?,
        currency: sum(|period| &period.currency)?,
    })
}
