//! What portfolio and benchmark weighed and earned, segment by segment and period by period, and the linked effects.

use std::collections::BTreeMap;

use apex_analytics::attribution::brinson::Effects;
use apex_analytics::attribution::geometric::GeometricPeriod;
use apex_analytics::attribution::held::{
    Held, benchmark_return_in, geometric_effects, growth_before, held, segment_effects,
};
use apex_analytics::attribution::linking::{Linking, link};
use apex_analytics::returns::compounded;
use apex_domain::Currency;
use apex_wire::attribution::{AttributionSettings, Dimension, LinkMethod};

use super::benchmark::{self, Benchmark, Levels};
use super::record::Record;
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::grid::kind_label;
use crate::risk::{Part, symbol};

/// One part of the book or of the benchmark, with what it weighed and earned in each period.
#[derive(Debug, Clone)]
pub(super) struct StudyPart {
    pub(super) part: Part,
    pub(super) segment: usize,
    pub(super) own: Vec<Held>,
    pub(super) other: Vec<Held>,
    /// The same without what its currency earned; equal where currencies do not stand apart.
    own_judged: Vec<Held>,
    other_judged: Vec<Held>,
}

/// A currency, what its weights earned in each period, and its own return over all of them.
#[derive(Debug, Clone)]
pub(super) struct StudyCurrency {
    pub(super) currency: Currency,
    pub(super) own: Vec<Held>,
    pub(super) other: Vec<Held>,
    pub(super) return_: f64,
}

/// A segment in a period: what its effects are made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SegmentPeriod {
    /// What the portfolio weighed and earned in it, apart from currencies where these stand apart.
    pub(crate) own: Held,
    /// The same of the benchmark.
    pub(crate) other: Held,
    /// The benchmark's return in the segment that the effects use.
    pub(crate) base: f64,
    /// The benchmark's whole return.
    pub(crate) benchmark: f64,
    /// What the benchmark would have returned at the portfolio's weights.
    pub(crate) mixed: f64,
    /// What the effects of the period are multiplied by to add up over all periods.
    pub(crate) factor: f64,
}

/// Effects of every period, or why there are none.
#[derive(Debug, Clone)]
pub(super) enum Split {
    /// Differences: the effects of each period and the factors that link them.
    Linked {
        effects: Vec<Effects>,
        currency: Vec<Vec<f64>>,
        factors: Vec<f64>,
    },
    /// Ratios.
    Geometric(Vec<GeometricPeriod>),
    /// None, because.
    None(String),
}

/// A portfolio and its benchmark, measured.
#[derive(Debug, Clone)]
pub(crate) struct Study {
    pub(crate) record: Record,
    pub(crate) segments: Vec<String>,
    pub(super) parts: Vec<StudyPart>,
    /// The sums of the parts by segment, those the effects are made of: by period, the portfolio's and the benchmark's.
    judged: Vec<(Vec<Held>, Vec<Held>)>,
    /// What the benchmark returned in each period, and what it would have at the portfolio's weights.
    wholes: Vec<(f64, f64)>,
    pub(super) benchmark: Option<Benchmark>,
    /// The returns of each period.
    pub(super) own_returns: Vec<f64>,
    pub(super) other_returns: Vec<f64>,
    /// Currencies where they stand apart, with what their weights earned.
    pub(super) currencies: Vec<StudyCurrency>,
    pub(super) split: Split,
    /// Why nothing can be measured, where that is so.
    pub(super) missing: Option<String>,
    /// Why the benchmark cannot be measured, where that is so.
    pub(super) benchmark_missing: Option<String>,
}

impl Study {
    /// Measures portfolio and benchmark.
    pub(crate) fn of(fold: &PortfolioFold, settings: &AttributionSettings) -> Result<Self> {
        let (record, missing) = Record::of(fold, settings)?;
        let mut study = Self {
            record,
            segments: Vec::new(),
            parts: Vec::new(),
            judged: Vec::new(),
            wholes: Vec::new(),
            benchmark: None,
            own_returns: Vec::new(),
            other_returns: Vec::new(),
            currencies: Vec::new(),
            split: Split::None(String::new()),
            missing,
            benchmark_missing: None,
        };
        if study.missing.is_some() {
            return Ok(study);
        }
        match benchmark::benchmark(fold, &study.record, &settings.benchmark)? {
            Ok(found) => study.benchmark = found,
            Err(because) => study.benchmark_missing = Some(because),
        }
        study.measure(fold, settings)?;
        study.split = study.effects(settings)?;
        Ok(study)
    }

    /// Puts what each part weighed and earned together by period and segment.
    fn measure(&mut self, fold: &PortfolioFold, settings: &AttributionSettings) -> Result<()> {
        let record = &self.record;
        let by_period = |returns: &[f64]| -> Vec<f64> {
            record
                .periods
                .iter()
                .map(|days| compounded(&returns[days.clone()]))
                .collect()
        };
        self.own_returns = by_period(&record.returns);
        let growth = growth_before(&record.returns, &record.periods)?;
        let mut rates = CurrencyReturns {
            levels: Levels::of(fold, record),
            known: BTreeMap::new(),
        };
        let mut found: BTreeMap<Part, [Vec<Held>; 4]> = BTreeMap::new();
        let none = || vec![Held::default(); record.periods.len()];
        let mut currencies: BTreeMap<Currency, [Vec<Held>; 2]> = BTreeMap::new();
        let mut add = |side: usize, part: Part, weights: &[f64], earned: &[f64], growth: &[f64]| -> Result<()> {
            let whole = held(weights, earned, growth, &record.periods)?;
            let slots = found.entry(part).or_insert_with(|| [none(), none(), none(), none()]);
            let mut judged = whole.clone();
            if settings.with_currency {
                let currency = currency_of(fold, part);
                let moved = rates.against_base(currency)?;
                let by_currency: Vec<f64> = weights.iter().zip(moved).map(|(weight, rate)| weight * rate).collect();
                let of_currency = held(weights, &by_currency, growth, &record.periods)?;
                let sums = currencies.entry(currency).or_insert_with(|| [none(), none()]);
                for ((sum, of_currency), judged) in sums[side].iter_mut().zip(&of_currency).zip(&mut judged) {
                    sum.add(*of_currency);
                    judged.contribution -= of_currency.contribution;
                }
            }
            slots[side] = whole;
            slots[2 + side] = judged;
            Ok(())
        };
        for (part, weights, earned) in record.columns(fold) {
            add(0, part, &weights, &earned, &growth)?;
        }
        if let Some(benchmark) = &self.benchmark {
            self.other_returns = by_period(&benchmark.returns);
            let growth = growth_before(&benchmark.returns, &record.periods)?;
            for part in &benchmark.parts {
                add(1, part.part, &part.weights, &part.earned, &growth)?;
            }
        }
        let mut segments: BTreeMap<String, Vec<Part>> = BTreeMap::new();
        found.retain(|_, sides| sides.iter().flatten().any(|held| *held != Held::default()));
        for part in found.keys() {
            segments
                .entry(segment_of(fold, *part, settings.by))
                .or_default()
                .push(*part);
        }
        for (at, (label, members)) in segments.into_iter().enumerate() {
            self.segments.push(label);
            for part in members {
                let Some([own, other, own_judged, other_judged]) = found.remove(&part) else {
                    continue;
                };
                self.parts.push(StudyPart {
                    part,
                    segment: at,
                    own,
                    other,
                    own_judged,
                    other_judged,
                });
            }
        }
        self.currencies = currencies
            .into_iter()
            .map(|(currency, [own, other])| {
                Ok(StudyCurrency {
                    currency,
                    own,
                    other,
                    return_: rates.against_base(currency).map(compounded)?,
                })
            })
            .collect::<Result<_>>()?;
        let empty = || vec![Held::default(); self.segments.len()];
        self.judged = vec![(empty(), empty()); self.record.periods.len()];
        for part in &self.parts {
            let sides = part.own_judged.iter().zip(&part.other_judged);
            for ((own_sums, other_sums), (own, other)) in self.judged.iter_mut().zip(sides) {
                own_sums[part.segment].add(*own);
                other_sums[part.segment].add(*other);
            }
        }
        self.wholes = self.judged.iter().map(|(own, other)| whole(own, other)).collect();
        Ok(())
    }

    fn effects(&self, settings: &AttributionSettings) -> Result<Split> {
        let benchmark = match (&self.benchmark, &self.benchmark_missing) {
            (Some(benchmark), _) => benchmark,
            (None, Some(because)) => return Ok(Split::None(because.clone())),
            (None, None) => return Ok(Split::None("the portfolio has no benchmark; choose one".to_owned())),
        };
        if let Some(because) = &benchmark.opaque {
            return Ok(Split::None(because.clone()));
        }
        let method = match settings.linking {
            LinkMethod::Carino => Linking::Carino,
            LinkMethod::Menchero => Linking::Menchero,
            LinkMethod::Grap => Linking::Grap,
            LinkMethod::Geometric => {
                let periods = self.judged.iter();
                let split: Result<Vec<GeometricPeriod>, _> =
                    periods.map(|(own, other)| geometric_effects(own, other)).collect();
                return Ok(split.map_or_else(|err| Split::None(err.to_string()), Split::Geometric));
            }
        };
        let link = match link(method, &self.own_returns, &self.other_returns) {
            Ok(link) => link,
            Err(err) => return Ok(Split::None(err.to_string())),
        };
        let (mut effects, mut currency) = (Vec::new(), Vec::new());
        for (period, (own, other)) in self.judged.iter().enumerate() {
            let found = segment_effects(own, other)?;
            effects.push(if settings.two_effects { found.with_two() } else { found });
            let side = |of: fn(&StudyCurrency) -> &Vec<Held>| -> Vec<Held> {
                self.currencies.iter().map(|row| of(row)[period]).collect()
            };
            currency.push(if self.currencies.is_empty() {
                Vec::new()
            } else {
                let split = segment_effects(&side(|row| &row.own), &side(|row| &row.other))?;
                let both = split.allocation.iter().zip(split.selection).zip(split.interaction);
                both.map(|((allocation, selection), interaction)| allocation + selection + interaction)
                    .collect()
            });
        }
        Ok(Split::Linked {
            effects,
            currency,
            factors: link.factors,
        })
    }

    /// Returns what the effects of a segment are made of in each period, where there are any.
    pub(crate) fn segment(&self, at: usize) -> Option<Vec<SegmentPeriod>> {
        let ratios;
        let factors = match &self.split {
            Split::Linked { factors, .. } => factors,
            Split::Geometric(periods) => {
                ratios = vec![1.0; periods.len()];
                &ratios
            }
            Split::None(_) => return None,
        };
        let periods = self.judged.iter().zip(&self.wholes).zip(factors);
        let found = periods.map(|(((own, other), (benchmark, mixed)), factor)| SegmentPeriod {
            own: own[at],
            other: other[at],
            base: benchmark_return_in(own[at], other[at], *benchmark),
            benchmark: *benchmark,
            mixed: *mixed,
            factor: *factor,
        });
        Some(found.collect())
    }

    /// Returns what a segment added to the portfolio in each period, currencies included, with the portfolio's return.
    pub(crate) fn contributions_of(&self, segment: usize) -> Vec<(f64, f64)> {
        let members = || self.parts.iter().filter(|part| part.segment == segment);
        let sum = |period: usize| {
            members()
                .filter_map(|part| part.own.get(period))
                .map(|held| held.contribution)
                .sum()
        };
        let returns = self.own_returns.iter().enumerate();
        returns.map(|(period, whole)| (sum(period), *whole)).collect()
    }

    /// Returns what an instrument added by selection, the interaction in it, linked over the periods: with `q` the
    /// benchmark's return in its segment, `(c - w q) - (d - b q)`. The instruments of a segment add up to its selection
    /// and interaction. `segment` is that of the part.
    pub(super) fn selection_of(&self, part: &StudyPart, segment: &[SegmentPeriod]) -> Option<f64> {
        if !matches!(self.split, Split::Linked { .. }) {
            return None;
        }
        let sides = part.own_judged.iter().zip(&part.other_judged);
        let effects = segment.iter().zip(sides).map(|(segment, (own, other))| {
            let beyond = |held: &Held| held.contribution - held.weight * segment.base;
            segment.factor * (beyond(own) - beyond(other))
        });
        Some(effects.sum())
    }
}

/// Returns what a benchmark returned in a period, and what it would have at the portfolio's weights.
fn whole(own: &[Held], other: &[Held]) -> (f64, f64) {
    let benchmark: f64 = other.iter().map(|held| held.contribution).sum();
    let sides = own.iter().zip(other);
    let active = sides.map(|(own, other)| (own.weight - other.weight) * benchmark_return_in(*own, *other, benchmark));
    (benchmark, benchmark + active.sum::<f64>())
}

/// The return of each currency against the portfolio's on each day of a record.
struct CurrencyReturns<'a> {
    levels: Levels<'a>,
    known: BTreeMap<Currency, Vec<f64>>,
}

impl CurrencyReturns<'_> {
    fn against_base(&mut self, currency: Currency) -> Result<&[f64]> {
        if !self.known.contains_key(&currency) {
            let found = self.levels.returns(Part::Cash(currency)).map_err(AppError::invalid)?;
            self.known.insert(currency, found);
        }
        Ok(self.known.get(&currency).map_or(&[], Vec::as_slice))
    }
}

/// Returns the currency that a part is quoted in.
pub(super) fn currency_of(fold: &PortfolioFold, part: Part) -> Currency {
    match part {
        Part::Cash(currency) => currency,
        Part::Instrument(id) => fold.instrument(id).map_or(fold.currency(), |one| one.currency),
    }
}

/// Returns the segment a part belongs to.
fn segment_of(fold: &PortfolioFold, part: Part, by: Dimension) -> String {
    let instrument = match part {
        Part::Instrument(id) => fold.instrument(id),
        Part::Cash(_) => None,
    };
    let class = |value: Option<&String>| match (value, part) {
        (Some(value), _) => value.clone(),
        (None, Part::Cash(_)) => "Cash".to_owned(),
        (None, Part::Instrument(_)) => "Unclassified".to_owned(),
    };
    match by {
        Dimension::Sector => class(instrument.and_then(|one| one.sector.as_ref())),
        Dimension::Country => class(instrument.and_then(|one| one.country.as_ref())),
        Dimension::Currency => currency_of(fold, part).to_string(),
        Dimension::Kind => instrument.map_or("Cash", |one| kind_label(one.kind)).to_owned(),
        Dimension::Instrument => symbol(fold, part),
    }
}
