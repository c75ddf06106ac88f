//! Prices of contracts that are written down in a file: `apex price`.
//!
//! The JSON of questions and answers is a contract: keys are added, never renamed; undefined is `null`. A contract that
//! has no price is answered by the reason in its place, so that one mistake does not cost the other answers.

mod bonds;
mod options;

use apex_analytics::AnalyticsError;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{AppError, Result};

pub use bonds::{BondAsk, BondCurveAsk, CallableAsk, CurveAsk, FloaterAsk};
pub use options::{
    AmericanAsk, BarrierAsk, CurrencyForwardAsk, CurrencyOptionAsk, DigitalAsk, EuropeanAsk, ForwardAsk,
    ForwardOptionAsk, ImpliedVolAsk,
};

/// One contract and what it is asked. Fields that are not asked for are not looked at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "instrument", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "a file holds a handful of them")]
pub enum PriceAsk {
    /// A European option.
    European(EuropeanAsk),
    /// An American option.
    American(AmericanAsk),
    /// A European digital option.
    Digital(DigitalAsk),
    /// A European option with a barrier.
    Barrier(BarrierAsk),
    /// The volatility that a European price implies.
    ImpliedVol(ImpliedVolAsk),
    /// Call and put on a lognormal forward.
    Black76(ForwardOptionAsk),
    /// Call and put on a normal forward.
    Bachelier(ForwardOptionAsk),
    /// An option on a currency, after Garman and Kohlhagen.
    CurrencyOption(CurrencyOptionAsk),
    /// A forward price by cost of carry.
    Forward(ForwardAsk),
    /// A forward exchange rate by covered parity.
    CurrencyForward(CurrencyForwardAsk),
    /// A bond at its yield or its clean price.
    Bond(BondAsk),
    /// A bond on a zero curve.
    BondCurve(BondCurveAsk),
    /// A floating-rate bond on a zero curve.
    Floater(FloaterAsk),
    /// A bond that may be called or put.
    CallableBond(CallableAsk),
    /// A curve from deposits, futures and swaps.
    Curve(CurveAsk),
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PriceReply {
    /// The figures by name, undefined ones `null`.
    Figures(serde_json::Map<String, Value>),
    /// Why there are none.
    Refused {
        /// One sentence that names the value at fault.
        error: String,
    },
}

/// Answers every question of a file, in its order.
///
/// # Errors
/// When the file is not a JSON array.
pub fn price(name: &str, bytes: &[u8]) -> Result<Vec<PriceReply>> {
    let asks: Value =
        serde_json::from_slice(bytes).map_err(|err| AppError::invalid(format!("{name} is not JSON: {err}")))?;
    let Value::Array(asks) = asks else {
        return Err(AppError::invalid(format!(
            "{name} is not a JSON array; write [{{\"instrument\": \"european\", ...}}]"
        )));
    };
    Ok(asks.into_par_iter().map(reply).collect())
}

fn reply(ask: Value) -> PriceReply {
    match figures_of(ask) {
        Ok(figures) => PriceReply::Figures(figures),
        Err(err) => PriceReply::Refused { error: err.to_string() },
    }
}

fn figures_of(ask: Value) -> Result<Figures> {
    let Value::Object(mut fields) = ask else {
        return Err(AppError::invalid(format!(
            "{ask} is no contract; write an object with its instrument"
        )));
    };
    // What is undefined is as good as not there, and is then missed by its name.
    fields.retain(|_, value| !value.is_null());
    let ask = serde_json::from_value(Value::Object(fields)).map_err(|err| AppError::invalid(err.to_string()))?;
    answer(&ask)
}

type Figures = serde_json::Map<String, Value>;

fn answer(ask: &PriceAsk) -> Result<Figures> {
    match ask {
        PriceAsk::European(ask) => ask.answer(),
        PriceAsk::American(ask) => ask.answer(),
        PriceAsk::Digital(ask) => ask.answer(),
        PriceAsk::Barrier(ask) => ask.answer(),
        PriceAsk::ImpliedVol(ask) => ask.answer(),
        PriceAsk::Black76(ask) => ask.black76(),
        PriceAsk::Bachelier(ask) => ask.bachelier(),
        PriceAsk::CurrencyOption(ask) => ask.answer(),
        PriceAsk::Forward(ask) => ask.answer(),
        PriceAsk::CurrencyForward(ask) => ask.answer(),
        PriceAsk::Bond(ask) => ask.answer(),
        PriceAsk::BondCurve(ask) => ask.answer(),
        PriceAsk::Floater(ask) => ask.answer(),
        PriceAsk::CallableBond(ask) => ask.answer(),
        PriceAsk::Curve(ask) => ask.answer(),
    }
}

/// Returns figures by name.
fn figures<const N: usize>(named: [(&str, Option<f64>); N]) -> Figures {
    named
        .into_iter()
        .map(|(name, figure)| (name.to_owned(), figure.map_or(Value::Null, Value::from)))
        .collect()
}

/// Returns the fields of a reply as figures.
fn fields(reply: &impl Serialize) -> Result<Figures> {
    match serde_json::to_value(reply) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) | Err(_) => Err(AppError::Defect {
            sentence: "a reply of the engine has no fields".to_owned(),
        }),
    }
}

fn named<T>(result: Result<T, AnalyticsError>) -> Result<T> {
    Ok(result?)
}
