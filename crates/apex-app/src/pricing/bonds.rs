//! Bonds and curves: their terms as they are written in a file, and their answers.

use apex_analytics::pricing::bond::callable::{CallableBond, EarlyEnd, ShortRate};
use apex_analytics::pricing::bond::floating::Floater;
use apex_analytics::pricing::bond::{Bond, BondFlows, Repayment};
use apex_analytics::pricing::curve::bootstrap::{Quote, bootstrap};
use apex_analytics::pricing::curve::{Curve, Interpolation};
use apex_analytics::pricing::day_count::DayCount;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Figures, fields, figures, named};
use crate::error::{AppError, Result};

/// The terms of a fixed-coupon bond.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BondTerms {
    /// The day from which interest runs.
    pub issue: Date,
    /// The day of redemption.
    pub maturity: Date,
    /// The coupon a year.
    pub coupon: f64,
    /// Coupons a year.
    pub freq: u8,
    /// The day count, by any of its market names.
    #[serde(deserialize_with = "day_count")]
    pub day_count: DayCount,
    /// Whether coupons stay at the ends of months; no where absent.
    #[serde(default)]
    pub end_of_month: bool,
    /// The day of settlement.
    pub settle: Date,
    /// Repayments of face value before maturity.
    #[serde(default)]
    pub repayments: Vec<Repayment>,
}

fn day_count<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<DayCount, D::Error> {
    let name = String::deserialize(deserializer)?;
    DayCount::named(&name).ok_or_else(|| {
        let known = "Act/360, Act/365F, Act/Act ISDA, Act/Act ICMA, 30/360, 30/360 US, 30E/360, 30E/360 ISDA";
        serde::de::Error::custom(format!("day_count is {name}; known are {known}"))
    })
}

impl BondTerms {
    fn flows(&self) -> Result<BondFlows> {
        let bond = Bond {
            issue: self.issue,
            maturity: self.maturity,
            coupon: self.coupon,
            frequency: self.freq,
            day_count: self.day_count,
            end_of_month: self.end_of_month,
        };
        named(bond.amortizing_flows(&self.repayments))
    }
}

/// A bond at its yield or its clean price.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BondAsk {
    /// The terms.
    #[serde(flatten)]
    pub terms: BondTerms,
    /// The yield, compounded at the coupon's frequency.
    pub yield_: Option<f64>,
    /// The clean price.
    pub clean: Option<f64>,
}

impl BondAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let flows = self.terms.flows()?;
        let settle = self.terms.settle;
        let yield_ = match (self.yield_, self.clean) {
            (Some(yield_), None) => yield_,
            (None, Some(clean)) => named(flows.yield_from_clean(settle, clean))?,
            (Some(_), Some(_)) => return Err(AppError::invalid("a bond is given by yield_ or by clean, not by both")),
            (None, None) => return Err(AppError::invalid("missing field yield_ or clean")),
        };
        let at = |by: f64| named(flows.at_yield(settle, yield_ + by));
        let analysis = at(0.0)?;
        let mut reply = fields(&analysis)?;
        reply.extend(figures([
            (
                "yield_from_clean",
                Some(named(flows.yield_from_clean(settle, analysis.clean))?),
            ),
            ("clean_up_1bp", Some(at(1e-4)?.clean)),
            ("clean_up_100bp", Some(at(1e-2)?.clean)),
        ]));
        Ok(reply)
    }
}

/// A zero curve: pairs of years (Act/365F) and continuous rate, linear between; or an object that holds them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ZeroCurve {
    /// The pairs alone.
    Pairs(Vec<(f64, f64)>),
    /// The pairs by name.
    Named {
        /// The pairs.
        tenor_years_act365: Vec<(f64, f64)>,
    },
}

impl ZeroCurve {
    fn curve(&self) -> Result<Curve> {
        let (Self::Pairs(pairs)
        | Self::Named {
            tenor_years_act365: pairs,
        }) = self;
        // Points of a curve are days: a quarter of a year is 91 of 365, half of one 182.
        let day = |years: &f64| (years * 365.0).round_ties_even() / 365.0;
        let times: Vec<f64> = pairs.iter().map(|(years, _)| day(years)).collect();
        let rates: Vec<f64> = pairs.iter().map(|(_, rate)| *rate).collect();
        named(Curve::from_zero_rates(&times, &rates, Interpolation::LinearZero))
    }
}

/// A bond on a zero curve that starts on the day of settlement.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BondCurveAsk {
    /// The terms.
    #[serde(flatten)]
    pub terms: BondTerms,
    /// The curve.
    pub curve: ZeroCurve,
    /// The clean price that the spread explains.
    pub clean: Option<f64>,
    /// The yield whose price the spread explains, where no clean price is given.
    pub yield_: Option<f64>,
    /// The years at which parts of the duration are asked for.
    pub keys: Option<Vec<f64>>,
}

impl BondCurveAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let (flows, curve, settle) = (self.terms.flows()?, self.curve.curve()?, self.terms.settle);
        let mut reply = fields(&named(flows.on_curve(settle, &curve))?)?;
        let clean = match (self.clean, self.yield_) {
            (None, Some(yield_)) => Some(named(flows.at_yield(settle, yield_))?.clean),
            (clean, _) => clean,
        };
        let spread = match clean {
            Some(clean) => Some(named(flows.z_spread(settle, &curve, clean))?),
            None => None,
        };
        reply.extend(figures([("z_spread_cont_act365", spread)]));
        if let Some(keys) = &self.keys {
            let parts = named(flows.key_rate_durations(settle, &curve, spread.unwrap_or(0.0), keys))?;
            reply.insert("key_rate_durations".to_owned(), json!(parts));
        }
        Ok(reply)
    }
}

/// A floating-rate bond on the curve that projects and discounts it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FloaterAsk {
    /// The terms; the coupon is the margin over the rate.
    #[serde(flatten)]
    pub terms: BondTerms,
    /// The rate fixed for the running period, without margin.
    pub fixing: f64,
    /// The curve.
    pub curve: ZeroCurve,
    /// The clean price that the discount margin explains.
    pub clean: Option<f64>,
}

impl FloaterAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let terms = &self.terms;
        let floater = Floater {
            issue: terms.issue,
            maturity: terms.maturity,
            frequency: terms.freq,
            day_count: terms.day_count,
            end_of_month: terms.end_of_month,
            margin: terms.coupon,
            fixing: self.fixing,
        };
        let curve = self.curve.curve()?;
        let flows = named(floater.flows(terms.settle, &curve))?;
        let mut reply = fields(&named(flows.on_curve(terms.settle, &curve))?)?;
        let margin = match self.clean {
            Some(clean) => Some(named(flows.z_spread(terms.settle, &curve, clean))?),
            None => None,
        };
        reply.extend(figures([
            ("accrued", Some(flows.accrued(terms.settle))),
            ("discount_margin_cont_act365", margin),
        ]));
        Ok(reply)
    }
}

/// A bond that may be called or put.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CallableAsk {
    /// The terms.
    #[serde(flatten)]
    pub terms: BondTerms,
    /// The curve.
    pub curve: ZeroCurve,
    /// The rights.
    pub rights: Vec<EarlyEnd>,
    /// The model of the short rate.
    pub model: ShortRate,
    /// The clean price that the spread explains.
    pub clean: Option<f64>,
}

impl CallableAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let (flows, curve) = (self.terms.flows()?, self.curve.curve()?);
        let bond = named(CallableBond::new(
            &flows,
            self.terms.settle,
            &curve,
            &self.rights,
            &self.model,
        ))?;
        let mut reply = fields(&named(bond.price(0.0))?)?;
        let spread = match self.clean {
            Some(clean) => Some(named(bond.option_adjusted_spread(clean))?),
            None => None,
        };
        reply.extend(figures([("oas_cont_act365", spread)]));
        Ok(reply)
    }
}

/// A curve from quotes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CurveAsk {
    /// Deposits, futures and swaps.
    pub quotes: Vec<Quote>,
    /// What is drawn between the points; `monotone_log_discount` where absent.
    #[serde(default = "monotone")]
    pub interpolation: Interpolation,
    /// The years that are asked for.
    pub years: Vec<f64>,
}

fn monotone() -> Interpolation {
    Interpolation::MonotoneLogDiscount
}

impl CurveAsk {
    pub(super) fn answer(&self) -> Result<Figures> {
        let curve = named(bootstrap(&self.quotes, self.interpolation))?;
        let discounts: Vec<f64> = self
            .years
            .iter()
            .map(|years| named(curve.discount(*years)))
            .collect::<Result<_>>()?;
        let rates: Vec<f64> = self
            .years
            .iter()
            .map(|years| named(curve.zero_rate(*years)))
            .collect::<Result<_>>()?;
        let mut reply = Figures::new();
        reply.insert("years".to_owned(), json!(self.years));
        reply.insert("discount".to_owned(), json!(discounts));
        reply.insert("zero_rate".to_owned(), Value::from(rates));
        Ok(reply)
    }
}
