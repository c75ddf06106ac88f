//! Options and forwards: their terms as they are written in a file, and their answers.

use apex_analytics::pricing::american::{self, Accuracy};
use apex_analytics::pricing::barrier::{self, Barrier, BarrierKind};
use apex_analytics::pricing::black76::{self, ForwardTerms, ForwardValuation};
use apex_analytics::pricing::digital::{self, DigitalPayoff};
use apex_analytics::pricing::european::{self, CurrencyOption, European};
use apex_analytics::pricing::forward::{Income, currency_forward, forward_price};
use apex_analytics::pricing::greeks::{Greeks, Valuation};
use apex_analytics::pricing::implied_volatility::implied_volatility;
use apex_analytics::pricing::{OptionKind, Terms, bachelier};
use serde::Deserialize;
use serde_json::Value;

use super::{Figures, figures, named};
use crate::error::{AppError, Result};

/// The time to expiry: `T` in years wins over `days` of a year of 365.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Expiry {
    /// Years.
    #[serde(rename = "T")]
    pub years: Option<f64>,
    /// Days.
    pub days: Option<f64>,
}

impl Expiry {
    fn years(&self) -> Result<f64> {
        let days = || self.days.map(|days| days / 365.0);
        self.years.or_else(days).ok_or_else(|| missing("T (years) or days"))
    }
}

fn missing(what: &str) -> AppError {
    AppError::invalid(format!("missing field {what}"))
}

/// A European option.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct EuropeanAsk {
    /// The price of the underlying.
    #[serde(rename = "S")]
    pub spot: f64,
    /// The strike.
    #[serde(rename = "K")]
    pub strike: f64,
    /// The time to expiry.
    #[serde(flatten)]
    pub expiry: Expiry,
    /// The continuous rate a year.
    pub r: f64,
    /// The continuous dividend yield a year; zero where absent.
    #[serde(default)]
    pub q: f64,
    /// The volatility a year.
    pub vol: f64,
    /// Call or put.
    #[serde(rename = "type")]
    pub kind: OptionKind,
}

impl EuropeanAsk {
    fn terms(&self) -> Result<Terms> {
        Ok(Terms {
            kind: self.kind,
            spot: self.spot,
            strike: self.strike,
            years: self.expiry.years()?,
            rate: self.r,
            dividend_yield: self.q,
            volatility: self.vol,
        })
    }

    pub(super) fn answer(&self) -> Result<Figures> {
        european_figures(&named(european::value(&self.terms()?))?)
    }
}

fn european_figures(answer: &European) -> Result<Figures> {
    let mut reply = option_figures(answer.price, answer.greeks);
    let probability = answer.itm_probability.map_or(Value::Null, Value::from);
    reply.insert("itm_probability".to_owned(), probability);
    Ok(reply)
}

fn option_figures(price: f64, greeks: Option<Greeks>) -> Figures {
    let of = |read: fn(&Greeks) -> f64| greeks.as_ref().map(read);
    figures([
        ("price", Some(price)),
        ("delta", of(|greeks| greeks.delta)),
        ("gamma", of(|greeks| greeks.gamma)),
        ("vega", of(|greeks| greeks.vega)),
        ("theta", of(|greeks| greeks.theta)),
        ("rho", of(|greeks| greeks.rho)),
        ("dividend_rho", of(|greeks| greeks.dividend_rho)),
    ])
}

fn valuation_figures(valuation: Valuation) -> Figures {
    option_figures(valuation.price, valuation.greeks)
}

/// An American option.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct AmericanAsk {
    /// The terms of the European one.
    #[serde(flatten)]
    pub terms: EuropeanAsk,
    /// How exact the price is; `standard` where absent.
    #[serde(default = "standard")]
    pub accuracy: Accuracy,
}

fn standard() -> Accuracy {
    Accuracy::Standard
}

impl AmericanAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        Ok(valuation_figures(named(american::value(
            &self.terms.terms()?,
            self.accuracy,
        ))?))
    }
}

/// A European digital option.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DigitalAsk {
    /// The terms of the plain option.
    #[serde(flatten)]
    pub terms: EuropeanAsk,
    /// `cash<amount>` or `asset`.
    pub payoff: String,
}

impl DigitalAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let amount = self.payoff.strip_prefix("cash").map(str::parse::<f64>);
        let payoff = match (self.payoff.as_str(), amount) {
            ("asset", _) => DigitalPayoff::Asset,
            (_, Some(Ok(amount))) => DigitalPayoff::Cash(amount),
            (other, _) => {
                return Err(AppError::invalid(format!(
                    "payoff is {other}; write asset, or cash and an amount, as in cash10"
                )));
            }
        };
        Ok(valuation_figures(named(digital::value(&self.terms.terms()?, payoff))?))
    }
}

/// A European option with a barrier that is watched at all times.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct BarrierAsk {
    /// The terms of the plain option.
    #[serde(flatten)]
    pub terms: EuropeanAsk,
    /// The level of the barrier.
    pub barrier: f64,
    /// Paid at the hit of an `-out`, at expiry of an `-in`; zero where absent.
    #[serde(default)]
    pub rebate: f64,
    /// `down-in`, `down-out`, `up-in` or `up-out`.
    pub kind: BarrierKind,
}

impl BarrierAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let barrier = Barrier {
            kind: self.kind,
            level: self.barrier,
            rebate: self.rebate,
        };
        Ok(valuation_figures(named(barrier::value(
            &self.terms.terms()?,
            &barrier,
        ))?))
    }
}

/// The volatility that a European price implies.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct ImpliedVolAsk {
    /// The price.
    pub price: f64,
    /// The price of the underlying.
    #[serde(rename = "S")]
    pub spot: f64,
    /// The strike.
    #[serde(rename = "K")]
    pub strike: f64,
    /// The time to expiry.
    #[serde(flatten)]
    pub expiry: Expiry,
    /// The continuous rate a year.
    pub r: f64,
    /// The continuous dividend yield a year; zero where absent.
    #[serde(default)]
    pub q: f64,
    /// Call or put.
    #[serde(rename = "type")]
    pub kind: OptionKind,
}

impl ImpliedVolAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let terms = Terms {
            kind: self.kind,
            spot: self.spot,
            strike: self.strike,
            years: self.expiry.years()?,
            rate: self.r,
            dividend_yield: self.q,
            volatility: 0.0,
        };
        let volatility = named(implied_volatility(&terms, self.price))?;
        let repriced = named(european::price(&Terms { volatility, ..terms }))?;
        // The repriced value is beside it, so that anybody can judge it.
        Ok(figures([
            ("implied_vol", Some(volatility)),
            ("vol", Some(volatility)),
            ("price", Some(repriced)),
        ]))
    }
}

/// Call and put on a forward.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct ForwardOptionAsk {
    /// The forward.
    #[serde(rename = "F")]
    pub forward: f64,
    /// The strike.
    #[serde(rename = "K")]
    pub strike: f64,
    /// The standard deviation at expiry: of the logarithm for `black76`, of the price for `bachelier`.
    pub stdev: f64,
    /// The discount factor.
    pub df: f64,
}

impl ForwardOptionAsk {
    pub(super) fn black76(&self) -> Result<Figures> {
        self.answer(|terms| named(black76::value(terms)))
    }

    pub(super) fn bachelier(&self) -> Result<Figures> {
        self.answer(|terms| named(bachelier::value(terms)))
    }

    fn answer(&self, value: impl Fn(&ForwardTerms) -> Result<ForwardValuation>) -> Result<Figures> {
        let terms = |kind| ForwardTerms {
            kind,
            forward: self.forward,
            strike: self.strike,
            deviation: self.stdev,
            discount: self.df,
        };
        let (call, put) = (value(&terms(OptionKind::Call))?, value(&terms(OptionKind::Put))?);
        Ok(figures([
            ("call", Some(call.price)),
            ("put", Some(put.price)),
            ("call_delta", Some(call.delta)),
            ("put_delta", Some(put.delta)),
            ("gamma", call.gamma),
            ("stdev_vega", Some(call.deviation_vega)),
        ]))
    }
}

/// An option on a currency: spot and strike are domestic money for one unit of foreign money.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct CurrencyOptionAsk {
    /// The exchange rate.
    #[serde(rename = "S")]
    pub spot: f64,
    /// The agreed rate.
    #[serde(rename = "K")]
    pub strike: f64,
    /// The time to expiry.
    #[serde(flatten)]
    pub expiry: Expiry,
    /// The continuous domestic rate a year.
    pub r_domestic: f64,
    /// The continuous foreign rate a year.
    pub r_foreign: f64,
    /// The volatility a year.
    pub vol: f64,
    /// Call or put on the foreign currency.
    #[serde(rename = "type")]
    pub kind: OptionKind,
}

impl CurrencyOptionAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let option = CurrencyOption {
            kind: self.kind,
            spot: self.spot,
            strike: self.strike,
            years: self.expiry.years()?,
            domestic_rate: self.r_domestic,
            foreign_rate: self.r_foreign,
            volatility: self.vol,
        };
        european_figures(&named(european::currency_option(&option))?)
    }
}

/// A forward or futures price by cost of carry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ForwardAsk {
    /// The spot.
    #[serde(rename = "S")]
    pub spot: f64,
    /// The time to delivery.
    #[serde(flatten)]
    pub expiry: Expiry,
    /// The continuous rate a year.
    pub r: f64,
    /// The continuous yield a year; zero where absent.
    #[serde(default)]
    pub q: f64,
    /// Known incomes before delivery: pairs of years and amount.
    #[serde(default)]
    pub incomes: Vec<(f64, f64)>,
}

impl ForwardAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let incomes: Vec<Income> = self
            .incomes
            .iter()
            .map(|(years, amount)| Income {
                years: *years,
                amount: *amount,
            })
            .collect();
        let forward = named(forward_price(self.spot, self.expiry.years()?, self.r, self.q, &incomes))?;
        Ok(figures([("forward", Some(forward))]))
    }
}

/// A forward exchange rate by covered parity.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct CurrencyForwardAsk {
    /// Domestic money for one unit of foreign money.
    #[serde(rename = "S")]
    pub spot: f64,
    /// The domestic discount factor to delivery.
    pub df_domestic: f64,
    /// The foreign discount factor to delivery.
    pub df_foreign: f64,
}

impl CurrencyForwardAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let forward = named(currency_forward(self.spot, self.df_domestic, self.df_foreign))?;
        Ok(figures([
            ("forward", Some(forward)),
            ("points", Some(forward - self.spot)),
        ]))
    }
}
