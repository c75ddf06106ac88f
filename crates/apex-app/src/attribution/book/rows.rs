//! The answer: segments with their instruments, currencies, periods, sums, and what was assumed.

use std::ops::Range;

use apex_analytics::attribution::brinson::Effects;
use apex_analytics::attribution::held::{Held, WEIGHT_MIN};
use apex_analytics::returns::compounded;
use apex_wire::attribution::{
    Attribution, AttributionSettings, CurrencyRow, FactorSplit, LinkMethod, PeriodLength, PeriodRow, SegmentRow,
};
use apex_wire::{Figure, Statistic};

use super::study::{SegmentPeriod, Split, Study, StudyPart};
use crate::fold::PortfolioFold;
use crate::risk::{Part, symbol};

/// As many periods of a day as are shown one by one; more of them are shown by month.
const DAYS_SHOWN_MAX: usize = 62;

/// Words the answer.
pub(super) fn answer(
    fold: &PortfolioFold,
    study: &Study,
    settings: &AttributionSettings,
    factors: Option<FactorSplit>,
) -> Attribution {
    let geometric = settings.linking == LinkMethod::Geometric;
    let portfolio_return = study.own_figure(study.own_returns.iter().copied());
    let benchmark_return = study.other_figure(study.other_returns.iter().copied());
    let active_return = active(&portfolio_return, &benchmark_return, geometric);
    let mut segments: Vec<SegmentRow> = (0..study.segments.len())
        .map(|at| segment_row(fold, study, settings, at))
        .collect();
    by_contribution(&mut segments);
    let total = total_row(study, settings, &portfolio_return, &benchmark_return);
    let currencies = currency_rows(study);
    let currency_effect = currencies_effect(study, settings, 0..study.record.periods.len());
    let residual = residual(&active_return, &total, &currency_effect);
    let effects_because = match (&study.missing, &study.split) {
        (Some(because), _) | (None, Split::None(because)) => Some(because.clone()),
        _ => None,
    };
    Attribution {
        portfolio: fold.portfolio().name.clone(),
        currency: fold.currency(),
        from: study.record.since,
        to: study.record.days.last().copied().unwrap_or(fold.as_of()),
        benchmark: study.benchmark.as_ref().map(|benchmark| benchmark.name.clone()),
        residual,
        active_return,
        portfolio_return,
        benchmark_return,
        effects_because,
        segments,
        total,
        currencies,
        currency_effect,
        periods: period_rows(study, settings),
        factors,
        notes: notes(fold, study, settings),
    }
}

impl Study {
    /// The return of the portfolio over periods, or why there is none.
    fn own_figure(&self, returns: impl Iterator<Item = f64>) -> Statistic {
        match &self.missing {
            Some(because) => Figure::Unavailable(because.clone()),
            None => Figure::Known(compounded(&returns.collect::<Vec<_>>())),
        }
    }

    /// The return of the benchmark over periods, or why there is none.
    fn other_figure(&self, returns: impl Iterator<Item = f64>) -> Statistic {
        let because = self.missing.as_ref().or(self.benchmark_missing.as_ref()).cloned();
        let because = because.or_else(|| {
            self.benchmark
                .is_none()
                .then(|| "the portfolio has no benchmark; choose one".to_owned())
        });
        match because {
            Some(because) => Figure::Unavailable(because),
            None => Figure::Known(compounded(&returns.collect::<Vec<_>>())),
        }
    }

    /// Why the benchmark's segments are not known, where that is so.
    fn opaque(&self) -> Option<String> {
        match &self.benchmark {
            Some(benchmark) => benchmark.opaque.clone(),
            None => self
                .benchmark_missing
                .clone()
                .or_else(|| Some("the portfolio has no benchmark; choose one".to_owned())),
        }
    }

    /// Returns linked sums of one list of effects: of each segment over some periods.
    fn linked(&self, of: fn(&Effects) -> &Vec<f64>, segment: usize, periods: Range<usize>) -> Result<f64, String> {
        match &self.split {
            Split::Linked { effects, factors, .. } => Ok(periods
                .filter_map(|at| Some(factors.get(at)? * of(effects.get(at)?).get(segment)?))
                .sum()),
            Split::Geometric(found) if periods.len() == 1 => {
                let Some(found) = found.get(periods.start) else {
                    return Err("there is no such period".to_owned());
                };
                let effects = Effects {
                    allocation: found.allocation.clone(),
                    selection: found.selection.clone(),
                    interaction: vec![0.0; found.selection.len()],
                };
                Ok(of(&effects).get(segment).copied().unwrap_or(0.0))
            }
            Split::Geometric(_) => Err(
                "geometric effects of a segment do not add up over several periods; choose one period, or link by carino"
                    .to_owned(),
            ),
            Split::None(because) => Err(because.clone()),
        }
    }

    /// Returns the sum of one list of effects over all segments in some periods.
    fn summed(&self, which: Which, periods: Range<usize>) -> Result<f64, String> {
        match &self.split {
            Split::Geometric(found) => {
                let found = found.get(periods).unwrap_or_default();
                let totals: Vec<f64> = match which {
                    Which::Allocation => found.iter().map(|period| period.allocation_total).collect(),
                    Which::Selection => found.iter().map(|period| period.selection_total).collect(),
                    Which::Interaction => return Ok(0.0),
                };
                Ok(compounded(&totals))
            }
            _ => (0..self.segments.len())
                .map(|segment| self.linked(which.list(), segment, periods.clone()))
                .sum(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Allocation,
    Selection,
    Interaction,
}

impl Which {
    fn list(self) -> fn(&Effects) -> &Vec<f64> {
        match self {
            Self::Allocation => |effects| &effects.allocation,
            Self::Selection => |effects| &effects.selection,
            Self::Interaction => |effects| &effects.interaction,
        }
    }
}

fn active(own: &Statistic, other: &Statistic, geometric: bool) -> Statistic {
    match (own, other) {
        (Figure::Known(own), Figure::Known(other)) if geometric => {
            Figure::or_because((*other > -1.0).then(|| (own - other) / (1.0 + other)), || {
                "the benchmark lost everything".to_owned()
            })
        }
        (Figure::Known(own), Figure::Known(other)) => Figure::Known(own - other),
        (Figure::Unavailable(because), _) | (_, Figure::Unavailable(because)) => Figure::Unavailable(because.clone()),
    }
}

/// Effects as figures: allocation, selection, interaction, and all together.
fn effects(settings: &AttributionSettings, of: impl Fn(Which) -> Result<f64, String>) -> [Statistic; 4] {
    let [allocation, selection, interaction] =
        [Which::Allocation, Which::Selection, Which::Interaction].map(|which| Figure::from(of(which)));
    let geometric = settings.linking == LinkMethod::Geometric;
    let whole = match (&allocation, &selection, &interaction) {
        (Figure::Known(allocation), Figure::Known(selection), Figure::Known(interaction)) => {
            Figure::Known(allocation + selection + interaction)
        }
        (Figure::Unavailable(because), ..)
        | (_, Figure::Unavailable(because), _)
        | (.., Figure::Unavailable(because)) => Figure::Unavailable(because.clone()),
    };
    let interaction = match interaction {
        Figure::Known(_) if geometric || settings.two_effects => {
            Figure::Unavailable("the interaction is in selection".to_owned())
        }
        interaction => interaction,
    };
    [allocation, selection, interaction, whole]
}

/// What one line weighed, returned and added over all periods.
struct Side {
    weight: Statistic,
    return_: Statistic,
    contribution: Statistic,
}

/// Puts periods together: the mean weight by days, the return linked, the contribution grown by the book before.
fn side(study: &Study, held: &[Held], returns: &[f64], because: Option<String>) -> Side {
    if let Some(because) = because {
        let unknown = || Figure::Unavailable(because.clone());
        return Side {
            weight: unknown(),
            return_: unknown(),
            contribution: unknown(),
        };
    }
    let days = study.record.periods.iter().map(Range::len);
    let weighted: f64 = held
        .iter()
        .zip(days.clone())
        .map(|(held, days)| held.weight * days as f64)
        .sum();
    let (mut growth, mut contribution) = (1.0, 0.0);
    for (held, return_) in held.iter().zip(returns) {
        contribution += growth * held.contribution;
        growth *= 1.0 + return_;
    }
    let each: Vec<f64> = held.iter().filter_map(Held::return_).collect();
    Side {
        weight: Figure::Known(weighted / days.sum::<usize>() as f64),
        return_: if each.iter().any(|return_| *return_ <= -1.0) {
            Figure::Unavailable("in one of the periods more was lost than its mean weight".to_owned())
        } else {
            Figure::or_because((!each.is_empty()).then(|| compounded(&each)), || {
                format!("no weight above {}% on average to have a return on", WEIGHT_MIN * 100.0)
            })
        },
        contribution: Figure::Known(contribution),
    }
}

fn row(study: &Study, label: String, own: &[Held], other: &[Held]) -> SegmentRow {
    let own = side(study, own, &study.own_returns, study.missing.clone());
    let other = side(study, other, &study.other_returns, study.opaque());
    let unknown = || Figure::Unavailable(String::new());
    SegmentRow {
        label,
        instrument: None,
        weight: own.weight,
        benchmark_weight: other.weight,
        portfolio_return: own.return_,
        benchmark_return: other.return_,
        contribution: own.contribution,
        benchmark_contribution: other.contribution,
        allocation: unknown(),
        selection: unknown(),
        interaction: unknown(),
        effect: unknown(),
        instruments: Vec::new(),
    }
}

/// Returns a segment with its instruments.
pub(crate) fn segment_row(
    fold: &PortfolioFold,
    study: &Study,
    settings: &AttributionSettings,
    at: usize,
) -> SegmentRow {
    let members: Vec<&StudyPart> = study.parts.iter().filter(|part| part.segment == at).collect();
    let sum = |of: fn(&StudyPart) -> &Vec<Held>| {
        let mut sums = vec![Held::default(); study.record.periods.len()];
        for member in &members {
            for (sum, held) in sums.iter_mut().zip(of(member)) {
                sum.add(*held);
            }
        }
        sums
    };
    let label = study.segments.get(at).cloned().unwrap_or_default();
    let (own, other) = (sum(|part| &part.own), sum(|part| &part.other));
    let all = 0..study.record.periods.len();
    let [allocation, selection, interaction, effect] =
        effects(settings, |which| study.linked(which.list(), at, all.clone()));
    let periods = study.segment(at).unwrap_or_default();
    let mut instruments: Vec<SegmentRow> = members
        .iter()
        .map(|part| instrument_row(fold, study, part, &periods))
        .collect();
    by_contribution(&mut instruments);
    SegmentRow {
        allocation,
        selection,
        interaction,
        effect,
        instruments,
        ..row(study, label, &own, &other)
    }
}

fn instrument_row(fold: &PortfolioFold, study: &Study, part: &StudyPart, segment: &[SegmentPeriod]) -> SegmentRow {
    let selection = Figure::or_because(study.selection_of(part, segment), || match &study.split {
        Split::None(because) => because.clone(),
        _ => "geometric effects are those of segments".to_owned(),
    });
    let of_segment = || Figure::Unavailable("the decision is on the segment, not on the instrument".to_owned());
    SegmentRow {
        instrument: match part.part {
            Part::Instrument(id) => Some(id),
            Part::Cash(_) => None,
        },
        allocation: of_segment(),
        interaction: Figure::Unavailable("the interaction of an instrument is in its selection".to_owned()),
        effect: selection.clone(),
        selection,
        ..row(study, symbol(fold, part.part), &part.own, &part.other)
    }
}

fn total_row(study: &Study, settings: &AttributionSettings, own: &Statistic, other: &Statistic) -> SegmentRow {
    let all = 0..study.record.periods.len();
    let [allocation, selection, interaction, effect] = effects(settings, |which| study.summed(which, all.clone()));
    let effect = together(settings, effect, &allocation, &selection);
    let whole = |because: Option<String>| because.map_or(Figure::Known(1.0), Figure::Unavailable);
    SegmentRow {
        label: "Total".to_owned(),
        instrument: None,
        weight: whole(study.missing.clone()),
        benchmark_weight: whole(study.opaque()),
        portfolio_return: own.clone(),
        benchmark_return: other.clone(),
        contribution: own.clone(),
        benchmark_contribution: match study.opaque() {
            None => other.clone(),
            Some(because) => Figure::Unavailable(because),
        },
        allocation,
        selection,
        interaction,
        effect,
        instruments: Vec::new(),
    }
}

/// All effects together: geometric ones compound.
fn together(
    settings: &AttributionSettings,
    sum: Statistic,
    allocation: &Statistic,
    selection: &Statistic,
) -> Statistic {
    match (allocation, selection) {
        (Figure::Known(allocation), Figure::Known(selection)) if settings.linking == LinkMethod::Geometric => {
            Figure::Known((1.0 + allocation) * (1.0 + selection) - 1.0)
        }
        _ => sum,
    }
}

fn currency_rows(study: &Study) -> Vec<CurrencyRow> {
    study
        .currencies
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let own = side(study, &row.own, &study.own_returns, study.missing.clone());
            let other = side(study, &row.other, &study.other_returns, study.opaque());
            CurrencyRow {
                currency: row.currency,
                weight: own.weight,
                benchmark_weight: other.weight,
                return_: Figure::Known(row.return_),
                contribution: own.contribution,
                effect: Figure::from(currency_effect(study, Some(at), 0..study.record.periods.len())),
            }
        })
        .collect()
}

/// The linked effect of one currency, or of all, over some periods.
fn currency_effect(study: &Study, of: Option<usize>, periods: Range<usize>) -> Result<f64, String> {
    match &study.split {
        Split::Linked { currency, factors, .. } => Ok(periods
            .filter_map(|at| {
                let effects = currency.get(at)?;
                let sum = match of {
                    Some(of) => effects.get(of).copied()?,
                    None => effects.iter().sum(),
                };
                Some(factors.get(at)? * sum)
            })
            .sum()),
        Split::Geometric(_) => Err("geometric effects have no part of currencies".to_owned()),
        Split::None(because) => Err(because.clone()),
    }
}

/// The linked effect of all currencies over some periods, where they stand apart.
fn currencies_effect(study: &Study, settings: &AttributionSettings, periods: Range<usize>) -> Statistic {
    if settings.with_currency {
        Figure::from(currency_effect(study, None, periods))
    } else {
        Figure::Unavailable("currencies do not stand apart".to_owned())
    }
}

fn period_rows(study: &Study, settings: &AttributionSettings) -> Vec<PeriodRow> {
    let geometric = settings.linking == LinkMethod::Geometric;
    shown(study, settings.periods)
        .into_iter()
        .filter_map(|(label, periods)| {
            let days = study.record.periods.get(periods.start)?.start..study.record.periods.get(periods.end - 1)?.end;
            let over = |returns: &[f64]| returns.get(periods.clone()).unwrap_or_default().to_vec();
            let portfolio_return = study.own_figure(over(&study.own_returns).into_iter());
            let benchmark_return = study.other_figure(over(&study.other_returns).into_iter());
            let [allocation, selection, interaction, effect] =
                effects(settings, |which| study.summed(which, periods.clone()));
            let currency = currencies_effect(study, settings, periods.clone());
            let effect = together(settings, effect, &allocation, &selection);
            let effect = match (effect, currency.known()) {
                (Figure::Known(effect), Some(currency)) => Figure::Known(effect + currency),
                (effect, _) => effect,
            };
            Some(PeriodRow {
                label,
                from: study.record.close_before(days.start),
                to: *study.record.days.get(days.end - 1)?,
                active_return: active(&portfolio_return, &benchmark_return, geometric),
                portfolio_return,
                benchmark_return,
                allocation,
                selection,
                interaction,
                currency,
                effect,
            })
        })
        .collect()
}

/// The periods as they are shown: many days are put together by month.
fn shown(study: &Study, length: PeriodLength) -> Vec<(String, Range<usize>)> {
    let labels = &study.record.labels;
    if length != PeriodLength::Daily || labels.len() <= DAYS_SHOWN_MAX {
        return labels
            .iter()
            .cloned()
            .zip((0..labels.len()).map(|at| at..at + 1))
            .collect();
    }
    let mut shown: Vec<(String, Range<usize>)> = Vec::new();
    for (at, day) in labels.iter().enumerate() {
        let month = day.rsplit_once('-').map_or(day.as_str(), |(month, _)| month);
        match shown.last_mut() {
            Some((label, periods)) if label == month => periods.end = at + 1,
            _ => shown.push((month.to_owned(), at..at + 1)),
        }
    }
    shown
}

fn residual(active: &Statistic, total: &SegmentRow, currency: &Statistic) -> Statistic {
    match (active, &total.effect) {
        (Figure::Known(active), Figure::Known(effect)) => {
            Figure::Known(active - effect - currency.known().copied().unwrap_or(0.0))
        }
        (Figure::Unavailable(because), _) | (_, Figure::Unavailable(because)) => Figure::Unavailable(because.clone()),
    }
}

fn by_contribution(rows: &mut [SegmentRow]) {
    let size = |row: &SegmentRow| row.contribution.known().copied().unwrap_or(0.0);
    rows.sort_by(|left, right| {
        size(right)
            .total_cmp(&size(left))
            .then_with(|| left.label.cmp(&right.label))
    });
}

fn notes(fold: &PortfolioFold, study: &Study, settings: &AttributionSettings) -> Vec<String> {
    let mut notes = vec![
        "weights are those at the close before each day, money from outside in cash at the start of its day; what a \
         trade gained or cost on its day counts in its segment"
            .to_owned(),
        "over a period a weight is the mean of the days', a return the contribution over it".to_owned(),
    ];
    if settings.with_currency {
        notes.push(format!(
            "currencies after Karnosky and Singer: segments are judged by their return beyond their currency's move \
             against {}; the book has no cash rates, so that cash counts as earning nothing in its own currency",
            fold.currency()
        ));
    }
    if let Some(benchmark) = &study.benchmark {
        notes.extend(benchmark.notes.iter().cloned());
    }
    notes
}
