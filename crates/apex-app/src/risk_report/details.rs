//! What `apex risk --with` adds: every method, increments, factors, the backtest and exposures.

use std::collections::BTreeMap;

use apex_wire::risk::{
    BacktestRow, BondRisk, CurrencyShare, ExceededDay, FactorModelRisk, GetRiskBacktest, GetRiskComponents,
    GetRiskExposures, GetRiskFactors, GetRiskMethods, HoldingLiquidity, OptionRisk, RiskBacktest, RiskExposures,
    RiskFactors, RiskMeasure,
};
use apex_wire::{Amount, Failure, Figure, Statistic, View};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::App;

/// What is asked for beside one method.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskDetailsAsk {
    /// Which portfolio, when.
    pub view: View,
    /// The method of the increments and of the backtest, by its name.
    pub method: String,
    /// Confidence level.
    pub level: f64,
    /// Days ahead.
    pub horizon: u32,
    /// Days of history.
    pub window: usize,
    /// Days that the backtest tests.
    pub backtest_days: usize,
    /// The share of a day's volume that sales take.
    pub participation: f64,
    /// Whether every method is wanted.
    pub methods: bool,
    /// Whether the increments of the holdings are wanted.
    pub increments: bool,
    /// Whether factors are wanted.
    pub factors: bool,
    /// Whether the backtest is wanted.
    pub backtest: bool,
    /// Whether exposures are wanted.
    pub exposures: bool,
}

/// The keys that `apex risk --with` adds. The JSON is a contract: fields are added, never renamed; a figure is `null` where
/// `unavailable` says why.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskDetails {
    /// Every method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<MethodLine>>,
    /// What the book would lose less without each holding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub increments: Option<Vec<IncrementLine>>,
    /// Risk by factors and against the benchmark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factors: Option<FactorLines>,
    /// Whether VaR held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backtest: Option<BacktestLines>,
    /// Liquidity, rates and options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivities: Option<ExposureLines>,
}

/// VaR and ES by one method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the rows of the page")]
pub struct MethodLine {
    pub method: String,
    pub var: Option<f64>,
    pub es: Option<f64>,
    pub var_amount: Option<Decimal>,
    pub es_amount: Option<Decimal>,
    pub window: usize,
    pub mean: String,
    pub quantile: String,
    pub seed: Option<u64>,
    pub detail: String,
    pub unavailable: Option<String>,
}

/// The increment of one holding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the rows of the page")]
pub struct IncrementLine {
    pub asset: String,
    pub var: Option<f64>,
    pub es: Option<f64>,
}

/// Risk by factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as on the page")]
pub struct FactorLines {
    pub statistical: ModelLine,
    pub fundamental: ModelLine,
    pub benchmark: Option<String>,
    pub tracking_error: Option<f64>,
    pub beta: Option<f64>,
    pub correlation: Option<f64>,
    pub active_share: Option<f64>,
    pub unavailable: BTreeMap<String, String>,
}

/// The risk of the book by one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as on the page")]
pub struct ModelLine {
    pub about: String,
    pub volatility: Option<f64>,
    pub factor_share: Option<f64>,
    pub specific_share: Option<f64>,
    pub factors: Vec<apex_wire::risk::FactorExposure>,
    pub unavailable: Option<String>,
}

/// Whether VaR held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as on the page")]
pub struct BacktestLines {
    pub method: String,
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub observations: usize,
    pub exceptions: usize,
    pub expected: f64,
    pub tests: Vec<BacktestRow>,
    pub zone: String,
    pub exceeded: Vec<ExceededDay>,
    pub left_out: Vec<String>,
    pub unavailable: Option<String>,
}

/// Liquidity, rates and options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as on the page")]
pub struct ExposureLines {
    pub currencies: Vec<CurrencyShare>,
    pub participation: f64,
    pub days_all: Option<f64>,
    pub liquidity: Vec<LiquidityLine>,
    pub dv01: Option<Decimal>,
    pub bonds: Vec<BondLine>,
    pub options: Vec<OptionLine>,
    pub unavailable: BTreeMap<String, String>,
}

/// How long a holding takes to sell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as on the page")]
pub struct LiquidityLine {
    pub asset: String,
    pub volume: Option<f64>,
    pub days: Option<f64>,
}

/// The rate risk of a bond.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as on the page")]
pub struct BondLine {
    pub asset: String,
    #[serde(rename = "yield")]
    pub yield_: Option<f64>,
    pub duration: Option<f64>,
    pub convexity: Option<f64>,
    pub dv01: Option<Decimal>,
    pub cs01: Option<Decimal>,
    pub unavailable: Option<String>,
}

/// The sensitivities of an option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as on the page")]
pub struct OptionLine {
    pub asset: String,
    pub volatility: Option<f64>,
    pub delta: Option<Decimal>,
    pub gamma: Option<Decimal>,
    pub vega: Option<Decimal>,
    pub theta: Option<Decimal>,
    pub rho: Option<Decimal>,
    pub unavailable: Option<String>,
}

impl App {
    /// Returns what `apex risk --with` adds.
    ///
    /// # Errors
    /// Those of the calls of the Risk page.
    pub async fn risk_details(&self, ask: RiskDetailsAsk) -> Result<RiskDetails, Failure> {
        let RiskDetailsAsk {
            view,
            level,
            horizon,
            window,
            ..
        } = ask;
        let mut details = RiskDetails::default();
        if ask.methods {
            let measures = self.get_risk_methods(GetRiskMethods {
                view,
                level,
                horizon,
                window,
            })?;
            details.methods = Some(measures.into_iter().map(method_line).collect());
        }
        if ask.increments {
            let found = self.get_risk_components(GetRiskComponents {
                view,
                method: ask.method.clone(),
                level,
                horizon,
                window,
            })?;
            let rows = found.rows.into_iter().map(|row| IncrementLine {
                asset: row.symbol,
                var: known(&row.incremental_var),
                es: known(&row.incremental_es),
            });
            details.increments = Some(rows.collect());
        }
        if ask.factors {
            details.factors = Some(factor_lines(self.get_risk_factors(GetRiskFactors { view, window })?));
        }
        if ask.backtest {
            let found = self.get_risk_backtest(GetRiskBacktest {
                view,
                method: ask.method.clone(),
                level,
                window,
                days: ask.backtest_days,
            })?;
            details.backtest = Some(backtest_lines(found));
        }
        if ask.exposures {
            let participation = ask.participation;
            let found = self
                .get_risk_exposures(GetRiskExposures { view, participation })
                .await?;
            details.sensitivities = Some(exposure_lines(found));
        }
        Ok(details)
    }
}

fn known(figure: &Statistic) -> Option<f64> {
    figure.known().copied()
}

fn amount(figure: &Amount) -> Option<Decimal> {
    figure.known().copied()
}

fn because<T>(figure: &Figure<T>) -> Option<String> {
    figure.because().map(str::to_owned)
}

fn method_line(row: RiskMeasure) -> MethodLine {
    MethodLine {
        var: known(&row.var),
        es: known(&row.es),
        var_amount: amount(&row.var_amount),
        es_amount: amount(&row.es_amount),
        window: row.window.2,
        unavailable: because(&row.var),
        method: row.method,
        mean: row.mean,
        quantile: row.quantile,
        seed: row.seed,
        detail: row.detail,
    }
}

fn model_line(model: FactorModelRisk) -> ModelLine {
    ModelLine {
        volatility: known(&model.volatility),
        factor_share: known(&model.factor_share),
        specific_share: known(&model.specific_share),
        unavailable: because(&model.volatility),
        about: model.about,
        factors: model.factors,
    }
}

fn factor_lines(found: RiskFactors) -> FactorLines {
    let reasons = [
        ("tracking_error", &found.tracking_error),
        ("beta", &found.beta),
        ("correlation", &found.correlation),
        ("active_share", &found.active_share),
    ];
    let unavailable = reasons
        .into_iter()
        .filter_map(|(name, figure)| Some((name.to_owned(), because(figure)?)))
        .collect();
    FactorLines {
        statistical: model_line(found.statistical),
        fundamental: model_line(found.fundamental),
        benchmark: found.benchmark,
        tracking_error: known(&found.tracking_error),
        beta: known(&found.beta),
        correlation: known(&found.correlation),
        active_share: known(&found.active_share),
        unavailable,
    }
}

fn backtest_lines(found: RiskBacktest) -> BacktestLines {
    BacktestLines {
        method: found.method,
        from: found.from,
        to: found.to,
        observations: found.observations,
        exceptions: found.exceptions,
        expected: found.expected,
        tests: found.tests,
        zone: found.zone,
        exceeded: found.exceeded,
        left_out: found.left_out,
        unavailable: found.because,
    }
}

fn exposure_lines(found: RiskExposures) -> ExposureLines {
    let mut unavailable = BTreeMap::new();
    let mut note = |name: &str, because: Option<String>| {
        if let Some(because) = because {
            unavailable.insert(name.to_owned(), because);
        }
    };
    note("days_all", because(&found.days_all));
    note("dv01", because(&found.dv01));
    note("options", found.options_because);
    let liquidity = |row: HoldingLiquidity| LiquidityLine {
        volume: known(&row.volume),
        days: known(&row.days),
        asset: row.symbol,
    };
    let bond = |row: BondRisk| BondLine {
        yield_: known(&row.yield_),
        duration: known(&row.duration),
        convexity: known(&row.convexity),
        dv01: amount(&row.dv01),
        // The spread is part of the yield: both move the price alike.
        cs01: amount(&row.dv01),
        unavailable: because(&row.dv01),
        asset: row.symbol,
    };
    let option = |row: OptionRisk| OptionLine {
        volatility: known(&row.volatility),
        delta: amount(&row.delta),
        gamma: amount(&row.gamma),
        vega: amount(&row.vega),
        theta: amount(&row.theta),
        rho: amount(&row.rho),
        unavailable: because(&row.delta),
        asset: row.symbol,
    };
    ExposureLines {
        currencies: found.currencies,
        participation: found.participation,
        days_all: known(&found.days_all),
        liquidity: found.liquidity.into_iter().map(liquidity).collect(),
        dv01: amount(&found.dv01),
        bonds: found.bonds.into_iter().map(bond).collect(),
        options: found.options.into_iter().map(option).collect(),
        unavailable,
    }
}
