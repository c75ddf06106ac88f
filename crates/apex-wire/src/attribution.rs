//! The Attribution page: why a portfolio did better or worse than its benchmark.
//!
//! [`Blend`] is a document: its TOML is a contract, keys are added and never renamed. So are the replies as JSON.

use std::collections::BTreeMap;

use apex_domain::{Currency, InstrumentId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Statistic, View, call::call};

/// Asks why a portfolio did better or worse than a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAttribution {
    /// Which portfolio, when.
    pub view: View,
    /// Over which period, by what, against what.
    pub settings: AttributionSettings,
}
call!(GetAttribution => Attribution, "get_attribution");

/// Over which period, by what, against what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AttributionSettings {
    /// The close the period is counted from; inception where absent.
    pub from: Option<Date>,
    /// The last day; the day of the view where absent.
    pub to: Option<Date>,
    /// What makes a segment.
    pub by: Dimension,
    /// What the portfolio is compared with.
    pub benchmark: BenchmarkChoice,
    /// How long a period is that weights and returns are measured over.
    pub periods: PeriodLength,
    /// How the effects of several periods are made to add up.
    pub linking: LinkMethod,
    /// Whether selection takes the interaction in.
    pub two_effects: bool,
    /// Whether the effect of currencies stands apart, markets being judged by their return in local currency.
    pub with_currency: bool,
    /// Symbols of the instruments whose returns are the factors of a split by exposures; none for no such split.
    pub factors: Vec<String>,
}

impl Default for AttributionSettings {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            by: Dimension::Sector,
            benchmark: BenchmarkChoice::Portfolio,
            periods: PeriodLength::Monthly,
            linking: LinkMethod::Carino,
            two_effects: false,
            with_currency: false,
            factors: Vec::new(),
        }
    }
}

/// What makes a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// The sector of the instrument; cash is one of its own.
    Sector,
    /// The country of risk.
    Country,
    /// The currency of instrument or cash.
    Currency,
    /// The kind of instrument.
    Kind,
    /// Each instrument is a segment.
    Instrument,
}

impl Dimension {
    /// Every dimension, in the order menus show them.
    pub const ALL: [Self; 5] = [
        Self::Sector,
        Self::Country,
        Self::Currency,
        Self::Kind,
        Self::Instrument,
    ];

    /// Returns the name used in commands and preferences.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sector => "sector",
            Self::Country => "country",
            Self::Currency => "currency",
            Self::Kind => "kind",
            Self::Instrument => "instrument",
        }
    }
}

/// What a portfolio is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BenchmarkChoice {
    /// The benchmark that Setup names: one instrument, whose weights by segment are not known.
    Portfolio,
    /// What is held at the start, each instrument with the same weight, set back to it on these days.
    Equal {
        /// When weights are set back.
        rebalance: Rebalancing,
    },
    /// What is held at the start, never traded: the active return is that of the trades.
    Start,
    /// Instruments of the book with weights.
    Blend(Blend),
}

/// A benchmark of instruments of the book, with weights and a rule for rebalancing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blend {
    /// Its name.
    pub name: String,
    /// When weights are set back to their targets.
    #[serde(default)]
    pub rebalance: Rebalancing,
    /// The weight of each symbol as a share; they add up to 1. `Cash` is cash in the portfolio's currency, `Cash EUR` in
    /// another.
    pub weights: BTreeMap<String, f64>,
    /// Other weights from later days on, in order of day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<BlendChange>,
}

/// Other weights of a blend from a day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlendChange {
    /// The first day whose return has these weights.
    pub from: Date,
    /// The weight of each symbol as a share.
    pub weights: BTreeMap<String, f64>,
}

/// When weights are set back to their targets: at the close of the last day of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Rebalancing {
    Daily,
    #[default]
    Monthly,
    Quarterly,
    Yearly,
    Never,
}

impl Rebalancing {
    /// Every rule, the most frequent first.
    pub const ALL: [Self; 5] = [Self::Daily, Self::Monthly, Self::Quarterly, Self::Yearly, Self::Never];

    /// Returns the name used in documents and commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
            Self::Never => "never",
        }
    }
}

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum PeriodLength {
    Daily,
    Monthly,
    Quarterly,
    Yearly,
}

impl PeriodLength {
    /// Every length, the shortest first.
    pub const ALL: [Self; 4] = [Self::Daily, Self::Monthly, Self::Quarterly, Self::Yearly];

    /// Returns the name used in commands and preferences.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
        }
    }
}

/// How the effects of several periods are made to add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkMethod {
    /// By logarithms (Carino, 1999).
    Carino,
    /// By the smallest change of the effects (Menchero, 2000).
    Menchero,
    /// By reinvestment (GRAP, 1997).
    Grap,
    /// Ratios in place of differences, which compound by themselves (Burnie, Knowles and Teder, 1998).
    Geometric,
}

impl LinkMethod {
    /// Every method, in the order menus show them.
    pub const ALL: [Self; 4] = [Self::Carino, Self::Menchero, Self::Grap, Self::Geometric];

    /// Returns the name used in commands and preferences.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Carino => "carino",
            Self::Menchero => "menchero",
            Self::Grap => "grap",
            Self::Geometric => "geometric",
        }
    }
}

/// Why a portfolio did better or worse than its benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The portfolio's name.
    pub portfolio: String,
    /// The base currency.
    pub currency: Currency,
    /// The close the period is counted from.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// What the portfolio is compared with; none where it has no benchmark.
    pub benchmark: Option<String>,
    /// The portfolio's time-weighted return.
    pub portfolio_return: Statistic,
    /// The benchmark's return in the portfolio's currency.
    pub benchmark_return: Statistic,
    /// The difference, or the ratio where effects are geometric.
    pub active_return: Statistic,
    /// The active return less the sum of all effects: what rounding leaves.
    pub residual: Statistic,
    /// Why there are contributions and no effects, where that is so.
    pub effects_because: Option<String>,
    /// The segments, the largest contribution first.
    pub segments: Vec<SegmentRow>,
    /// The sums over all segments.
    pub total: SegmentRow,
    /// The effect of each currency, where it was asked for.
    pub currencies: Vec<CurrencyRow>,
    /// The sum of their effects; unavailable where it was not asked for.
    pub currency_effect: Statistic,
    /// The periods, oldest first.
    pub periods: Vec<PeriodRow>,
    /// The split by exposures, where it was asked for.
    pub factors: Option<FactorSplit>,
    /// What one must know to trust the figures, one sentence each.
    pub notes: Vec<String>,
}

/// A segment, an instrument of one, or all of them, over the whole period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentRow {
    /// The segment's label, or the instrument's symbol.
    pub label: String,
    /// The instrument, where the row is one.
    pub instrument: Option<InstrumentId>,
    /// The portfolio's mean weight.
    pub weight: Statistic,
    /// The benchmark's mean weight.
    pub benchmark_weight: Statistic,
    /// The portfolio's return in the segment, linked over the periods.
    pub portfolio_return: Statistic,
    /// The benchmark's return in the segment, linked over the periods.
    pub benchmark_return: Statistic,
    /// What the segment added to the portfolio's return; the segments add up to it.
    pub contribution: Statistic,
    /// What the segment added to the benchmark's return.
    pub benchmark_contribution: Statistic,
    /// The effect of weights other than the benchmark's; a segment's, not an instrument's.
    pub allocation: Statistic,
    /// The effect of returns other than the benchmark's. Of an instrument, and where two effects were asked for, the
    /// interaction is in it.
    pub selection: Statistic,
    /// The effect of both together.
    pub interaction: Statistic,
    /// All effects.
    pub effect: Statistic,
    /// The instruments of the segment, the largest contribution first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instruments: Vec<SegmentRow>,
}

/// The effect of holding more or less of a currency than the benchmark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurrencyRow {
    /// The currency.
    pub currency: Currency,
    /// The portfolio's mean weight in it.
    pub weight: Statistic,
    /// The benchmark's mean weight in it.
    pub benchmark_weight: Statistic,
    /// What the currency returned against the portfolio's over the whole period.
    pub return_: Statistic,
    /// What it added to the portfolio's return.
    pub contribution: Statistic,
    /// The effect.
    pub effect: Statistic,
}

/// One period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeriodRow {
    /// Such as `2026-03`, `2026 Q1`, `2026` or a day.
    pub label: String,
    /// The close it is counted from.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// The portfolio's return.
    pub portfolio_return: Statistic,
    /// The benchmark's return.
    pub benchmark_return: Statistic,
    /// The difference, or the ratio where effects are geometric.
    pub active_return: Statistic,
    /// Allocation, linked: the periods add up to the whole. Geometric effects are those of the period alone.
    pub allocation: Statistic,
    /// Selection, linked in the same way.
    pub selection: Statistic,
    /// Interaction, linked in the same way.
    pub interaction: Statistic,
    /// Currencies, linked in the same way; unavailable where they were not asked for.
    pub currency: Statistic,
    /// All effects.
    pub effect: Statistic,
}

/// The active return split by exposures to given factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorSplit {
    /// Why there is no such split, where that is so.
    pub because: Option<String>,
    /// Daily returns behind the exposures.
    pub observations: usize,
    /// The factors, in the order asked for.
    pub factors: Vec<FactorRow>,
    /// What no factor explains: of the portfolio less of the benchmark.
    pub specific: Statistic,
    /// The active return, which factors and the specific part add up to.
    pub active_return: Statistic,
}

/// One factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorRow {
    /// Its symbol.
    pub symbol: String,
    /// The portfolio's exposure, by regression of daily returns.
    pub exposure: f64,
    /// The benchmark's exposure.
    pub benchmark_exposure: f64,
    /// The factor's return over the whole period.
    pub return_: f64,
    /// What the active exposure earned, linked.
    pub effect: f64,
}

/// One of the effects of a segment, for its explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "as in the rows of a segment")]
pub enum EffectName {
    Allocation,
    Selection,
    Interaction,
    Effect,
    Contribution,
}
