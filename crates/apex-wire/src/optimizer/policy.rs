//! How weights are chosen: an objective, what is believed about returns, and constraints. A contract, as scenarios are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Constraints, Weights};
use crate::choice::choices;

/// A rule that makes weights of past returns. Rates are in percent a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What the weights are to be best at.
    pub objective: ObjectiveName,
    /// The risk-free rate, for `max-sharpe`.
    pub risk_free_percent: f64,
    /// The price of variance, for `utility`.
    pub risk_aversion: f64,
    /// The return of `target-return` and the volatility of `target-volatility`; a return that `min-cvar` must have too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_percent: Option<f64>,
    /// The confidence of expected shortfall and of drawdown at risk.
    pub level: f64,
    /// How the covariance is estimated.
    pub estimator: Estimator,
    /// The weight of a day as a share of that of the day after it, for `ewma`.
    pub decay: f64,
    /// Where expected returns come from.
    pub means: Means,
    /// The risk aversion of the market, for `equilibrium`.
    pub market_aversion: f64,
    /// The uncertainty of the implied returns as a share of the covariance, for `equilibrium`.
    pub tau: f64,
    /// How clusters are linked, for `hrp`, `herc` and `nco`; the usual way of each where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linkage: Option<LinkageName>,
    /// The number of clusters, for `herc` and `nco`; by silhouette where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
    /// The market's weights, for `equilibrium`; the current ones of a book, else equal ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<Weights>,
    /// The weights of the portfolio to be near to, for `min-tracking-error`; the current ones of a book, else equal ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Weights>,
    /// The weights of `fixed`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// The shares of risk of `risk-parity`; equal ones where empty.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub budgets: BTreeMap<String, f64>,
    /// What is believed about returns, for `equilibrium` and `pooled`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<Belief>,
    /// What the weights must keep.
    #[serde(skip_serializing_if = "is_unbound")]
    pub constraints: Constraints,
}

fn is_unbound(constraints: &Constraints) -> bool {
    *constraints == Constraints::default()
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            objective: ObjectiveName::MinVariance,
            risk_free_percent: 0.0,
            risk_aversion: 5.0,
            target_percent: None,
            level: 0.95,
            estimator: Estimator::Sample,
            decay: 0.94,
            means: Means::Sample,
            market_aversion: 2.5,
            tau: 0.05,
            linkage: None,
            clusters: None,
            market: None,
            benchmark: None,
            weights: BTreeMap::new(),
            budgets: BTreeMap::new(),
            views: Vec::new(),
            constraints: Constraints::default(),
        }
    }
}

/// What weights are to be best at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectiveName {
    /// The least variance.
    MinVariance,
    /// The largest Sharpe ratio.
    MaxSharpe,
    /// The largest mean less half the risk aversion times the variance.
    Utility,
    /// The least variance at a return.
    TargetReturn,
    /// The largest return at a volatility.
    TargetVolatility,
    /// The least expected shortfall.
    MinCvar,
    /// The least mean of the worst drawdowns.
    MinCdar,
    /// The least of the largest drawdown.
    MinMaxDrawdown,
    /// The nearest portfolio to a benchmark.
    MinTrackingError,
    /// Risk in proportion to budgets.
    RiskParity,
    /// Weights in inverse proportion to volatility.
    InverseVolatility,
    /// The largest diversification ratio.
    MaxDiversification,
    /// Hierarchical risk parity.
    Hrp,
    /// Hierarchical equal risk contribution.
    Herc,
    /// Nested clusters.
    Nco,
    /// The same weight for every asset.
    Equal,
    /// Weights that are given.
    Fixed,
}

impl ObjectiveName {
    /// Every objective with its name in files and its words, in the order of menus.
    ///
    /// ```
    /// use apex_wire::optimizer::ObjectiveName;
    ///
    /// assert_eq!(ObjectiveName::of("hrp"), Some(ObjectiveName::Hrp));
    /// ```
    pub const ALL: [(Self, &'static str, &'static str); 17] = [
        (Self::MinVariance, "min-variance", "Minimum variance"),
        (Self::MaxSharpe, "max-sharpe", "Maximum Sharpe ratio"),
        (Self::Utility, "utility", "Mean-variance utility"),
        (Self::TargetReturn, "target-return", "Least risk at a return"),
        (Self::TargetVolatility, "target-volatility", "Most return at a risk"),
        (Self::MinCvar, "min-cvar", "Minimum expected shortfall"),
        (Self::MinCdar, "min-cdar", "Minimum drawdown at risk"),
        (Self::MinMaxDrawdown, "min-max-drawdown", "Minimum largest drawdown"),
        (Self::MinTrackingError, "min-tracking-error", "Minimum tracking error"),
        (Self::RiskParity, "risk-parity", "Risk parity"),
        (Self::InverseVolatility, "inverse-volatility", "Inverse volatility"),
        (
            Self::MaxDiversification,
            "max-diversification",
            "Maximum diversification",
        ),
        (Self::Hrp, "hrp", "Hierarchical risk parity"),
        (Self::Herc, "herc", "Hierarchical equal risk"),
        (Self::Nco, "nco", "Nested clusters"),
        (Self::Equal, "equal", "Equal weights"),
        (Self::Fixed, "fixed", "Fixed weights"),
    ];

    /// Returns whether it weighs what trading costs against a mean.
    pub fn weighs_costs(self) -> bool {
        matches!(
            self,
            Self::MaxSharpe | Self::Utility | Self::TargetReturn | Self::TargetVolatility | Self::MinCvar
        )
    }

    /// Returns whether it searches among portfolios, and so takes constraints; the others are rules that give one.
    pub fn takes_constraints(self) -> bool {
        matches!(
            self,
            Self::MinVariance
                | Self::MaxSharpe
                | Self::Utility
                | Self::TargetReturn
                | Self::TargetVolatility
                | Self::MinCvar
                | Self::MinCdar
                | Self::MinMaxDrawdown
                | Self::MinTrackingError
        )
    }
}

/// How a covariance is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// The sample's, divisor n - 1.
    Sample,
    /// Weights that fall with age.
    Ewma,
    /// Shrunk after Ledoit and Wolf.
    LedoitWolf,
    /// Shrunk by the oracle approximating estimator.
    Oas,
    /// Denoised by the law of Marchenko and Pastur.
    Denoised,
}

impl Estimator {
    /// Every estimator with its name in files and its words.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Sample, "sample", "Sample"),
        (Self::LedoitWolf, "ledoit-wolf", "Ledoit-Wolf"),
        (Self::Oas, "oas", "Oracle approximating"),
        (Self::Ewma, "ewma", "Exponentially weighted"),
        (Self::Denoised, "denoised", "Denoised"),
    ];
}

/// Where expected returns come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// The means of the sample.
    Sample,
    /// Those that make the market's weights optimal, combined with views after Black and Litterman.
    Equilibrium,
    /// Those of the days weighted so that the views hold, and otherwise as little changed as can be: entropy pooling.
    Pooled,
}

impl Means {
    /// Every source with its name in files and its words.
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Sample, "sample", "Mean of the window"),
        (Self::Equilibrium, "equilibrium", "Equilibrium and views"),
        (Self::Pooled, "pooled", "Window under views"),
    ];
}

choices!(ObjectiveName, Estimator, Means);

/// How clusters are linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkageName {
    /// By the smallest distance.
    Single,
    /// By the mean distance.
    Average,
    /// By the growth of variance.
    Ward,
}

/// A view on returns: that of one asset, or that of one less that of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Belief {
    /// The asset.
    pub asset: String,
    /// The asset that it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// The return in percent a year.
    pub percent: f64,
}
