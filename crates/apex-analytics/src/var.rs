//! Value at risk and expected shortfall of a book: weights times the return columns of its assets.
//!
//! Weights are held constant, so the portfolio of every scenario is the book of today. Losses are positive fractions
//! of the book's value. Components add up to the total, whatever the method:
//!
//! - historical, age-weighted and filtered ES: the mean of each asset's part over the scenarios in the tail, each with
//!   its probability;
//! - the VaR of these: each asset's part in the one or two scenarios the quantile is read from, weighted as the
//!   quantile weights them;
//! - normal, Student's t and Cornish-Fisher: Euler's rule, `w[i] * d/dw[i]`, from the co-moments of each asset with the
//!   portfolio;
//! - Monte Carlo: as historical, over simulated paths; for VaR over the paths beside the quantile, since one path alone
//!   says little (Epperlein and Smillie, 2006).
//!
//! A marginal figure is a component per unit of weight. What a book would lose less without an asset is in
//! [`incremental`].
//!
//! A horizon of h days is either overlapping windows of h compounded days, in which an asset's part is its daily part
//! grown by the portfolio before it, or the one-day figure times the root of h (a mean grows with h). Monte Carlo
//! compounds simulated days in place of overlapping windows.

pub mod backtest;
pub mod component;
pub mod incremental;
pub mod simulation;
pub mod student;

mod filtered;
mod parametric;
mod scenario;

use serde::{Deserialize, Serialize};

use crate::error::{AnalyticsError, all_finite, finite, same_length};
use crate::quantile::QuantileRule;
use crate::returns::weighted_daily;
use crate::var::simulation::Simulation;

/// How the distribution of returns is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VarMethod {
    /// The past returns themselves.
    Historical,
    /// The past returns, recent ones more probable: `decay^age` (Boudoukh, Richardson and Whitelaw, 1998).
    AgeWeighted,
    /// The past returns, each scaled from the book's volatility of its day to that of tomorrow (Hull and White, 1998).
    Filtered,
    /// A normal distribution with their covariance.
    Normal,
    /// Student's t, fitted by maximum likelihood.
    StudentT,
    /// The normal quantile corrected for skewness and kurtosis (Zangari, 1996).
    CornishFisher,
    /// Simulated paths.
    MonteCarlo,
}

impl VarMethod {
    /// Every method, in the order of this page.
    pub const ALL: [VarMethod; 7] = [
        VarMethod::Historical,
        VarMethod::AgeWeighted,
        VarMethod::Filtered,
        VarMethod::Normal,
        VarMethod::StudentT,
        VarMethod::CornishFisher,
        VarMethod::MonteCarlo,
    ];

    /// Returns the name that stands beside a figure.
    pub fn name(self) -> &'static str {
        match self {
            VarMethod::Historical => "historical",
            VarMethod::AgeWeighted => "age-weighted",
            VarMethod::Filtered => "filtered",
            VarMethod::Normal => "normal",
            VarMethod::StudentT => "student-t",
            VarMethod::CornishFisher => "cornish-fisher",
            VarMethod::MonteCarlo => "monte-carlo",
        }
    }
}

/// How a horizon of several days is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HorizonRule {
    /// Overlapping windows of compounded returns; simulated days compounded along their path.
    Overlap,
    /// The one-day figure, scaled by the root of time.
    Sqrt,
}

/// Which mean the book has. The historical and the age-weighted method take returns as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeanRule {
    /// The mean of the sample; the fitted location for Student's t.
    Sample,
    /// Zero.
    Zero,
}

/// The volatility a past return is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VolatilityModel {
    /// Exponentially weighted with a decay of 0.94 (RiskMetrics, 1996).
    Ewma,
    /// GARCH(1,1), fitted to the book's returns.
    Garch,
}

/// What to compute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VarSettings {
    /// How the distribution is taken.
    pub method: VarMethod,
    /// The confidence, between 0.5 and 1.
    pub level: f64,
    /// The days until the loss is read, at least 1.
    pub horizon: usize,
    /// How the horizon is reached.
    pub horizon_rule: HorizonRule,
    /// The mean of the book.
    pub mean: MeanRule,
    /// The quantile rule of the historical, filtered and Monte Carlo methods. Their ES is the mean at or below the
    /// linear or lower quantile, and the fractional tail of Acerbi and Tasche with the order statistic. The
    /// age-weighted method always reads the order statistic.
    pub quantile: QuantileRule,
    /// Only the last so many returns, or all.
    pub window: Option<usize>,
    /// How fast a return loses probability in the age-weighted method, above 0 and at most 1.
    pub decay: f64,
    /// The volatility of the filtered method.
    pub volatility: VolatilityModel,
    /// What the Monte Carlo method draws.
    pub simulation: Simulation,
}

impl VarSettings {
    /// Returns one-day settings at a level, with the sample mean, the linear quantile and all returns; a decay of 0.98,
    /// GARCH volatility, and 10,000 normal paths of seed 0.
    pub fn one_day(method: VarMethod, level: f64) -> Self {
        Self {
            method,
            level,
            horizon: 1,
            horizon_rule: HorizonRule::Overlap,
            mean: MeanRule::Sample,
            quantile: QuantileRule::Linear,
            window: None,
            decay: 0.98,
            volatility: VolatilityModel::Garch,
            simulation: Simulation::default(),
        }
    }
}

/// The part of one asset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VarComponent {
    /// Its part of VaR.
    pub var: f64,
    /// Its part of ES.
    pub es: f64,
    /// Its part of VaR per unit of weight.
    pub marginal_var: f64,
    /// Its part of ES per unit of weight.
    pub marginal_es: f64,
}

/// VaR and ES with everything one must know to trust them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueAtRisk {
    /// The method.
    pub method: VarMethod,
    /// The confidence.
    pub level: f64,
    /// The days.
    pub horizon: usize,
    /// How the horizon was reached.
    pub horizon_rule: HorizonRule,
    /// The number of daily returns used.
    pub window: usize,
    /// The mean, where the method has one.
    pub mean: Option<MeanRule>,
    /// The quantile rule, where scenarios were sorted.
    pub quantile: Option<QuantileRule>,
    /// The decay of the age-weighted method.
    pub decay: Option<f64>,
    /// The volatility of the filtered method.
    pub volatility: Option<VolatilityModel>,
    /// The degrees of freedom that were fitted: of Student's t, or of a t copula.
    pub degrees_of_freedom: Option<f64>,
    /// What the Monte Carlo method drew, the seed among it.
    pub simulation: Option<Simulation>,
    /// The value at risk, a positive loss as a fraction of value.
    pub var: f64,
    /// The expected shortfall.
    pub es: f64,
    /// The parts of the assets, in the order given; they add up to `var` and `es`.
    pub components: Vec<VarComponent>,
    /// The scenarios behind `es` for the methods that sort past returns: the last day of each, as an index into the
    /// returns given, worst first.
    pub tail: Vec<usize>,
}

/// Returns VaR and ES of the book with these weights.
///
/// # Errors
///
/// Refuses no asset, columns of different length, values that are not finite, a level outside (0.5, 1), a window or
/// horizon longer than the data, and settings outside what their method allows.
///
/// ```
/// use apex_analytics::var::{VarMethod, VarSettings, value_at_risk};
///
/// let returns: Vec<f64> = (1..=101).map(|day| f64::from(day - 51) / 1000.0).collect(); // -5.0% to 5.0%
/// let settings = VarSettings::one_day(VarMethod::Historical, 0.95);
/// let answer = value_at_risk(&[1.0], &[&returns], &settings).unwrap();
/// assert!((answer.var - 0.045).abs() < 1e-12);
/// assert!((answer.es - 0.0475).abs() < 1e-12); // The mean of 4.5% to 5.0%.
/// ```
pub fn value_at_risk(
    weights: &[f64],
    returns: &[&[f64]],
    settings: &VarSettings,
) -> Result<ValueAtRisk, AnalyticsError> {
    let all = checked(weights, returns, settings)?;
    let window = settings.window.unwrap_or(all);
    let skipped = all - window;
    let columns: Vec<&[f64]> = returns.iter().map(|column| &column[skipped..]).collect();
    let book = Book {
        weights,
        portfolio: weighted_daily(weights, &columns)?,
        columns,
    };
    let figures = match settings.method {
        VarMethod::Historical => scenario::historical(&book, settings),
        VarMethod::AgeWeighted => scenario::age_weighted(&book, settings),
        VarMethod::Filtered => filtered::filtered(&book, settings)?,
        VarMethod::Normal => parametric::normal(&book, settings),
        VarMethod::StudentT => parametric::student(&book, settings)?,
        VarMethod::CornishFisher => parametric::cornish_fisher(&book, settings),
        VarMethod::MonteCarlo => simulation::monte_carlo(&book, settings)?,
    };
    let figures = figures.ok_or(AnalyticsError::Window {
        what: "horizon",
        length: settings.horizon,
        observations: window,
    })?;
    let method = settings.method;
    let only = |methods: &[VarMethod]| methods.contains(&method);
    Ok(ValueAtRisk {
        method,
        level: settings.level,
        horizon: settings.horizon,
        horizon_rule: settings.horizon_rule,
        window,
        mean: (!only(&[VarMethod::Historical, VarMethod::AgeWeighted])).then_some(settings.mean),
        quantile: match method {
            VarMethod::AgeWeighted => Some(QuantileRule::OrderStatistic),
            VarMethod::Historical | VarMethod::Filtered | VarMethod::MonteCarlo => Some(settings.quantile),
            VarMethod::Normal | VarMethod::StudentT | VarMethod::CornishFisher => None,
        },
        decay: only(&[VarMethod::AgeWeighted]).then_some(settings.decay),
        volatility: only(&[VarMethod::Filtered]).then_some(settings.volatility),
        degrees_of_freedom: figures.degrees_of_freedom,
        simulation: only(&[VarMethod::MonteCarlo]).then_some(settings.simulation),
        var: figures.var,
        es: figures.es,
        components: weights
            .iter()
            .zip(figures.marginal_var.iter().zip(&figures.marginal_es))
            .map(|(weight, (marginal_var, marginal_es))| VarComponent {
                var: weight * marginal_var,
                es: weight * marginal_es,
                marginal_var: *marginal_var,
                marginal_es: *marginal_es,
            })
            .collect(),
        tail: figures.tail.into_iter().map(|day| day + skipped).collect(),
    })
}

/// Refuses what no method can use, and returns how many returns there are.
fn checked(weights: &[f64], returns: &[&[f64]], settings: &VarSettings) -> Result<usize, AnalyticsError> {
    if !(settings.level > 0.5 && settings.level < 1.0) {
        return Err(AnalyticsError::Level { level: settings.level });
    }
    let all = returns
        .first()
        .ok_or(AnalyticsError::Empty { what: "list of assets" })?
        .len();
    same_length("list of weights", returns.len(), weights.len())?;
    all_finite("weight", weights)?;
    for column in returns {
        same_length("return column", all, column.len())?;
        all_finite("return", column)?;
    }
    let window = settings.window.unwrap_or(all);
    if window < 2 || window > all {
        return Err(AnalyticsError::Window {
            what: "window",
            length: window,
            observations: all,
        });
    }
    // Simulated days do not run out.
    let days = if settings.method == VarMethod::MonteCarlo {
        usize::MAX
    } else {
        window
    };
    if settings.horizon == 0 || settings.horizon > days - 1 {
        return Err(AnalyticsError::Window {
            what: "horizon",
            length: settings.horizon,
            observations: window,
        });
    }
    if settings.method == VarMethod::AgeWeighted && !(settings.decay > 0.0 && settings.decay <= 1.0) {
        return Err(AnalyticsError::Parameter {
            what: "decay",
            expected: "above 0 and at most 1",
            value: settings.decay,
        });
    }
    Ok(all)
}

/// The weights, the assets' returns, and the portfolio's.
pub(crate) struct Book<'a> {
    pub(crate) weights: &'a [f64],
    pub(crate) columns: Vec<&'a [f64]>,
    pub(crate) portfolio: Vec<f64>,
}

impl Book<'_> {
    /// Returns the compounded return of the window of `length` days that ends on `day`.
    fn window_return(&self, day: usize, length: usize) -> f64 {
        if length == 1 {
            self.portfolio[day]
        } else {
            crate::returns::compounded(&self.portfolio[day + 1 - length..=day])
        }
    }

    /// Adds `scale` times each asset's part, per unit of weight, of the window that ends on `day`; weighted, the parts
    /// sum to the window's return.
    fn add_parts(&self, day: usize, length: usize, scale: f64, parts: &mut [f64]) {
        let mut growth = 1.0;
        for at in day + 1 - length..=day {
            for (part, column) in parts.iter_mut().zip(&self.columns) {
                *part += scale * growth * column[at];
            }
            growth *= 1.0 + self.portfolio[at];
        }
    }

    /// Returns for each asset the sum over all windows of its part, per unit of weight, times the window's factor.
    fn sum_parts(&self, length: usize, factors: &[f64]) -> Vec<f64> {
        if length == 1 {
            return self
                .columns
                .iter()
                .map(|column| column.iter().zip(factors).map(|(value, factor)| value * factor).sum())
                .collect();
        }
        let mut sums = vec![0.0; self.columns.len()];
        for (offset, factor) in factors.iter().enumerate() {
            self.add_parts(offset + length - 1, length, *factor, &mut sums);
        }
        sums
    }
}

/// What every method answers.
struct Figures {
    var: f64,
    es: f64,
    marginal_var: Vec<f64>,
    marginal_es: Vec<f64>,
    tail: Vec<usize>,
    degrees_of_freedom: Option<f64>,
}

impl Figures {
    /// Returns the figures when every one of them is a number.
    fn finite(self) -> Option<Self> {
        finite(self.var)?;
        finite(self.es)?;
        let parts = self.marginal_var.iter().chain(&self.marginal_es);
        parts.copied().all(f64::is_finite).then_some(self)
    }
}
