//! The risk of the book of today as the command line prints it: one method, its components, and what was left out.

use apex_domain::Currency;
use apex_wire::risk::GetRisk;
use apex_wire::{Failure, View};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::risk::{RiskBook, method_name};
use crate::statistics::{MeanRule, VarMethod};

/// What `apex risk` asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskAsk {
    /// Which portfolio, when.
    pub view: View,
    /// How the distribution of returns is taken.
    pub method: VarMethod,
    /// The confidence, between 0.5 and 1.
    pub level: f64,
    /// Days ahead.
    pub horizon: u32,
    /// Days of history.
    pub window: usize,
}

/// `apex risk --json`: the keys of `apex var`, and what belongs to a book. The JSON is a contract: fields are added,
/// never renamed. Shares are of net asset value, losses positive; `null` where `unavailable` says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskReport {
    /// The method.
    pub method: VarMethod,
    /// The confidence.
    pub level: f64,
    /// Days ahead.
    pub horizon: u32,
    /// Daily returns used.
    pub window: usize,
    /// The mean of the normal method; `null` for the historical one.
    pub mean: Option<MeanRule>,
    /// The quantile rule of the historical method; `null` for the normal one.
    pub quantile: Option<String>,
    /// Always `null`: these methods draw no random numbers.
    pub seed: Option<u64>,
    /// Value at risk.
    pub var: Option<f64>,
    /// Expected shortfall.
    pub es: Option<f64>,
    /// The parts of the holdings, largest holding first; they add up.
    pub components: Vec<RiskPart>,
    /// The portfolio's name.
    pub portfolio: String,
    /// The day of the holdings.
    pub as_of: Date,
    /// The base currency.
    pub currency: Currency,
    /// Net asset value.
    pub nav: Option<Decimal>,
    /// Value at risk in base currency.
    pub var_amount: Option<Decimal>,
    /// Expected shortfall in base currency.
    pub es_amount: Option<Decimal>,
    /// First and last day of the window, where there is one.
    pub days: Option<(Date, Date)>,
    /// Holdings left out, one sentence each.
    pub left_out: Vec<String>,
    /// Why there are no figures.
    pub unavailable: Option<String>,
}

/// The part of one holding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskPart {
    /// Its symbol.
    pub asset: String,
    /// Its share of net asset value.
    pub weight: f64,
    /// Its part of VaR.
    pub var: f64,
    /// Its part of ES.
    pub es: f64,
}

impl App {
    /// Returns VaR and ES of the book by one method, as the command line prints them.
    ///
    /// # Errors
    /// Those of [`App::get_risk`].
    pub fn risk_report(&self, ask: RiskAsk) -> Result<RiskReport, Failure> {
        let RiskAsk {
            view,
            method,
            level,
            horizon,
            window,
        } = ask;
        let page = self.get_risk(GetRisk {
            view,
            level,
            horizon,
            window,
            correlation_size: 0,
        })?;
        let fold = self.fold(view)?;
        let book = RiskBook::of(&fold, window);
        let measure = page
            .measures
            .iter()
            .find(|measure| measure.method == method_name(method));
        let unavailable = measure.and_then(|measure| measure.var.because()).map(str::to_owned);
        let days = usize::try_from(horizon).unwrap_or(usize::MAX);
        let figures = match unavailable {
            None => Some(book.value_at_risk(method, level, days)?),
            Some(_) => None,
        };
        let parts = figures
            .iter()
            .flat_map(|figures| book.positions.iter().zip(&figures.components));
        Ok(RiskReport {
            method,
            level,
            horizon,
            window: book.days.len(),
            mean: figures.as_ref().and_then(|figures| figures.mean),
            quantile: figures
                .as_ref()
                .and_then(|figures| figures.quantile)
                .map(|rule| rule.name().to_owned()),
            seed: None,
            var: figures.as_ref().map(|figures| figures.var),
            es: figures.as_ref().map(|figures| figures.es),
            components: parts
                .map(|(held, part)| RiskPart {
                    asset: held.symbol.clone(),
                    weight: held.weight,
                    var: part.var,
                    es: part.es,
                })
                .collect(),
            portfolio: fold.portfolio().name.clone(),
            as_of: fold.as_of(),
            currency: fold.currency(),
            nav: fold.valuation().nav.known().copied(),
            var_amount: measure.and_then(|measure| measure.var_amount.known().copied()),
            es_amount: measure.and_then(|measure| measure.es_amount.known().copied()),
            days: book.days.first().copied().zip(book.days.last().copied()),
            left_out: book.left_out.clone(),
            unavailable,
        })
    }
}
