//! The risk of the book of today as the command line prints it: one method, its components, and what was left out.

mod details;

use std::collections::BTreeMap;

use apex_analytics::concentration::concentration;
use apex_analytics::factor::exposure::by_label;
use apex_domain::{Currency, Instrument, InstrumentId};
use apex_wire::holdings::HoldingRow;
use apex_wire::risk::GetRisk;
use apex_wire::{Failure, Statistic, View};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use apex_analytics::factor::exposure::LabelExposure;
pub use details::{
    BacktestLines, BondLine, ExposureLines, FactorLines, IncrementLine, LiquidityLine, MethodLine, ModelLine,
    OptionLine, RiskDetails, RiskDetailsAsk,
};

use crate::App;
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::risk::{RiskBook, of_nav};
use crate::statistics::{MeanRule, SimulatedDistribution, VarMethod, VarSettings, VolatilityModel};

/// How many of the largest instruments are named.
const LARGEST: usize = 10;

/// What `apex risk` asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskAsk {
    /// Which portfolio, when.
    pub view: View,
    /// Method, level, horizon and what else the method takes. Its window is not used.
    pub settings: VarSettings,
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
    /// The mean, where the method has one.
    pub mean: Option<MeanRule>,
    /// The quantile rule, where scenarios are sorted.
    pub quantile: Option<String>,
    /// The seed of the Monte Carlo method; the others draw no random numbers.
    pub seed: Option<u64>,
    /// The decay of the age-weighted method.
    pub decay: Option<f64>,
    /// The volatility of the filtered method.
    pub volatility: Option<VolatilityModel>,
    /// The degrees of freedom of Student's t or of the t copula.
    pub degrees_of_freedom: Option<f64>,
    /// What the Monte Carlo method drew from.
    pub distribution: Option<SimulatedDistribution>,
    /// How many paths it drew.
    pub paths: Option<usize>,
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
    /// How much of the book stands on few instruments, cash aside, as shares of gross exposure.
    pub concentration: BookConcentration,
    /// Shares of net asset value by `currency`, `sector` and `country`, cash among them.
    pub exposures: BTreeMap<String, Vec<LabelExposure>>,
    /// What was asked for with `--with`.
    #[serde(flatten)]
    pub details: RiskDetails,
}

/// The concentration of a book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BookConcentration {
    /// The Herfindahl-Hirschman index; `null` where nothing is held.
    pub hhi: Option<f64>,
    /// The effective number of instruments.
    pub effective_number: Option<f64>,
    /// The largest, with the share that they and those before them make up.
    pub largest: Vec<(String, f64)>,
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
    /// Its part of VaR per unit of weight.
    pub marginal_var: f64,
    /// Its part of ES per unit of weight.
    pub marginal_es: f64,
}

impl App {
    /// Returns VaR and ES of the book by one method, as the command line prints them.
    ///
    /// # Errors
    /// Those of [`App::get_risk`].
    pub fn risk_report(&self, ask: RiskAsk) -> std::result::Result<RiskReport, Failure> {
        let RiskAsk { view, settings, window } = ask;
        let page = self.get_risk(GetRisk {
            view,
            level: settings.level,
            horizon: u32::try_from(settings.horizon).unwrap_or(u32::MAX),
            window,
            correlation_size: 0,
        })?;
        let fold = self.fold(view)?;
        let book = RiskBook::of(&fold, window);
        // What keeps one method from an answer keeps all from it.
        let unavailable = page.measures.first().and_then(|measure| measure.var.because());
        let figures = match unavailable {
            None => book.measured(&settings),
            Some(because) => Err(because.to_owned()),
        };
        let unavailable = figures.as_ref().err().cloned();
        let figures = figures.ok();
        let simulation = figures.as_ref().and_then(|figures| figures.simulation);
        let amount = |share: f64| of_nav(&fold, share).known().copied();
        let parts = figures
            .iter()
            .flat_map(|figures| book.positions.iter().zip(&figures.components));
        Ok(RiskReport {
            method: settings.method,
            level: settings.level,
            horizon: u32::try_from(settings.horizon).unwrap_or(u32::MAX),
            window: book.days.len(),
            mean: figures.as_ref().and_then(|figures| figures.mean),
            quantile: figures
                .as_ref()
                .and_then(|figures| figures.quantile)
                .map(|rule| rule.name().to_owned()),
            seed: simulation.map(|simulation| simulation.seed),
            decay: figures.as_ref().and_then(|figures| figures.decay),
            volatility: figures.as_ref().and_then(|figures| figures.volatility),
            degrees_of_freedom: figures.as_ref().and_then(|figures| figures.degrees_of_freedom),
            distribution: simulation.map(|simulation| simulation.distribution),
            paths: simulation.map(|simulation| simulation.paths),
            var: figures.as_ref().map(|figures| figures.var),
            es: figures.as_ref().map(|figures| figures.es),
            components: parts
                .map(|(held, part)| RiskPart {
                    asset: held.symbol.clone(),
                    weight: held.weight,
                    var: part.var,
                    es: part.es,
                    marginal_var: part.marginal_var,
                    marginal_es: part.marginal_es,
                })
                .collect(),
            portfolio: fold.portfolio().name.clone(),
            as_of: fold.as_of(),
            currency: fold.currency(),
            nav: fold.valuation().nav.known().copied(),
            var_amount: figures.as_ref().and_then(|figures| amount(figures.var)),
            es_amount: figures.as_ref().and_then(|figures| amount(figures.es)),
            days: book.days.first().copied().zip(book.days.last().copied()),
            left_out: book.left_out.clone(),
            unavailable,
            concentration: concentrated(&fold)?,
            exposures: exposures(&fold)?,
            details: RiskDetails::default(),
        })
    }
}

/// Returns the weights of what is held, all accounts together.
pub(crate) fn weights_by_instrument<'a>(
    rows: impl IntoIterator<Item = (&'a HoldingRow, &'a Statistic)>,
) -> (Vec<InstrumentId>, Vec<f64>) {
    let mut weights: BTreeMap<InstrumentId, f64> = BTreeMap::new();
    for (row, weight) in rows {
        if let (Some(id), Some(weight)) = (row.instrument, weight.known()) {
            *weights.entry(id).or_insert(0.0) += weight;
        }
    }
    weights.into_iter().unzip()
}

fn concentrated(fold: &PortfolioFold) -> Result<BookConcentration> {
    let rows = &fold.valuation().rows;
    let (ids, weights) = weights_by_instrument(rows.iter().map(|row| (row, &row.weight)));
    let found = concentration(&weights, LARGEST)?;
    let symbols = found
        .largest
        .iter()
        .filter_map(|at| ids.get(*at))
        .map(|id| fold.symbol(*id));
    Ok(BookConcentration {
        hhi: found.hhi,
        effective_number: found.effective_number,
        largest: symbols.zip(found.top).collect(),
    })
}

/// The weights of all that is held, cash among it, by what it is.
fn exposures(fold: &PortfolioFold) -> Result<BTreeMap<String, Vec<LabelExposure>>> {
    let rows: Vec<(&HoldingRow, f64)> = fold
        .valuation()
        .rows
        .iter()
        .filter_map(|row| Some((row, *row.weight.known()?)))
        .collect();
    let weights: Vec<f64> = rows.iter().map(|(_, weight)| *weight).collect();
    let by = |label: &dyn Fn(&HoldingRow) -> String| -> Result<Vec<LabelExposure>> {
        let labels: Vec<String> = rows.iter().map(|(row, _)| label(row)).collect();
        Ok(by_label(
            &labels.iter().map(String::as_str).collect::<Vec<_>>(),
            &weights,
        )?)
    };
    let class = |row: &HoldingRow, of: fn(&Instrument) -> Option<&String>| match row.instrument {
        None => "Cash".to_owned(),
        Some(id) => fold
            .instrument(id)
            .and_then(of)
            .map_or_else(|| "Unclassified".to_owned(), Clone::clone),
    };
    Ok([
        ("currency", by(&|row| row.currency.to_string())?),
        ("sector", by(&|row| class(row, |one| one.sector.as_ref()))?),
        ("country", by(&|row| class(row, |one| one.country.as_ref()))?),
    ]
    .map(|(name, list)| (name.to_owned(), list))
    .into())
}
