//! The effect of one segment of an attribution, computed again from its weights and contributions of each period.

use apex_wire::attribution::{AttributionSettings, EffectName, LinkMethod};
use apex_wire::explain::ExplainInput;
use apex_wire::{Figure, Statistic};

use super::{Explained, Shape, Told, Twice, input};
use crate::attribution::{SegmentPeriod, Study, check, row_of};
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;

const MEASURED: &str = "closing prices, rates and transactions of the book";

pub(super) fn effect(
    fold: &PortfolioFold,
    settings: &AttributionSettings,
    segment: &str,
    effect: EffectName,
) -> Result<Explained> {
    check(settings)?;
    let study = Study::of(fold, settings)?;
    let Some(at) = study.segments.iter().position(|label| label == segment) else {
        return Err(AppError::not_found("segment", segment));
    };
    let row = row_of(fold, &study, settings, at);
    let shown = match effect {
        EffectName::Allocation => row.allocation,
        EffectName::Selection => row.selection,
        EffectName::Interaction => row.interaction,
        EffectName::Effect => row.effect,
        EffectName::Contribution => row.contribution,
    };
    let (again, inputs) = match (effect, shown.because()) {
        (_, Some(because)) => (Figure::Unavailable(because.to_owned()), Vec::new()),
        (EffectName::Contribution, None) => contribution(&study, at),
        (_, None) => linked(&study, settings, at, effect),
    };
    let mut explained = Explained::new(
        format!("{} of {segment} in {}", name(effect), fold.portfolio().name),
        Twice::Number(Shape::Percent, shown, again),
        formula(settings, effect),
        source(settings, effect),
    )
    .convention("w, b: the mean weights of portfolio and benchmark at the close before each day of the period")
    .convention("c, d: what the segment added to their returns, each day grown by the days of the period before it")
    .convention(
        "q: the benchmark's return in the segment, d / b; where the benchmark holds nothing of it, the portfolio's, so \
         that all is allocation",
    )
    .parameter("From the close of", study.record.since)
    .parameter(
        "To the close of",
        study.record.days.last().copied().unwrap_or(fold.as_of()),
    )
    .parameter("Periods", study.record.periods.len())
    .parameter("By", settings.by.as_str())
    .parameter("Linked by", settings.linking.as_str());
    if settings.with_currency {
        explained =
            explained.convention("c, d: less what the segment's currencies earned, which is an effect of its own");
    }
    Ok(explained.inputs(inputs))
}

fn name(effect: EffectName) -> &'static str {
    match effect {
        EffectName::Allocation => "Allocation",
        EffectName::Selection => "Selection",
        EffectName::Interaction => "Interaction",
        EffectName::Effect => "Effect",
        EffectName::Contribution => "Contribution",
    }
}

fn formula(settings: &AttributionSettings, effect: EffectName) -> String {
    let of_period = match effect {
        EffectName::Contribution => {
            return "C = sum over periods of G x c, G the growth of the portfolio before the period".to_owned();
        }
        EffectName::Allocation if settings.linking == LinkMethod::Geometric => {
            return "(w - b) (q - B) / (1 + B)".to_owned();
        }
        EffectName::Effect if settings.linking == LinkMethod::Geometric => {
            return "(w - b) (q - B) / (1 + B) + [(c - w q) - (d - b q)] / (1 + M)".to_owned();
        }
        _ if settings.linking == LinkMethod::Geometric => {
            return "[(c - w q) - (d - b q)] / (1 + M), M the benchmark's return at the portfolio's weights".to_owned();
        }
        EffectName::Allocation => "(w - b) (q - B)",
        EffectName::Selection if settings.two_effects => "(c - w q) - (d - b q)",
        EffectName::Selection => "b (c / w - q)",
        EffectName::Interaction => "(c - w q) - (d - b q) - b (c / w - q)",
        EffectName::Effect => "(w - b) (q - B) + (c - w q) - (d - b q)",
    };
    format!("sum over periods of k x [{of_period}], k the linking factor of the period")
}

fn source(settings: &AttributionSettings, effect: EffectName) -> &'static str {
    match (effect, settings.linking) {
        (EffectName::Contribution, _) => {
            "Contribution linked by the growth before each period, so that the parts add up to the time-weighted return"
        }
        (_, LinkMethod::Carino) => "Brinson and Fachler (1985); linked after Carino (1999)",
        (_, LinkMethod::Menchero) => "Brinson and Fachler (1985); linked after Menchero (2000)",
        (_, LinkMethod::Grap) => "Brinson and Fachler (1985); linked after GRAP (1997)",
        (_, LinkMethod::Geometric) => "Burnie, Knowles and Teder (1998); Bacon (2008), chapter 8",
    }
}

fn contribution(study: &Study, at: usize) -> (Statistic, Vec<ExplainInput>) {
    let (mut growth, mut sum) = (1.0, 0.0);
    let mut inputs = Vec::new();
    for (period, (earned, whole)) in study.contributions_of(at).into_iter().enumerate() {
        sum += growth * earned;
        growth *= 1.0 + whole;
        let place = place(study, period);
        inputs.push(input(format!("c, contribution in {place}"), earned, "share").by(MEASURED));
        inputs.push(input(format!("return of the portfolio in {place}"), whole, "share").by(MEASURED));
    }
    (Figure::Known(sum), inputs)
}

fn linked(
    study: &Study,
    settings: &AttributionSettings,
    at: usize,
    effect: EffectName,
) -> (Statistic, Vec<ExplainInput>) {
    let Some(periods) = study.segment(at) else {
        return (Figure::Unavailable("there are no effects".to_owned()), Vec::new());
    };
    let mut sum = 0.0;
    let mut inputs = Vec::new();
    for (period, found) in periods.iter().enumerate() {
        sum += found.factor * of_period(found, settings, effect);
        let place = place(study, period);
        for (letter, value) in [
            ("w, weight", found.own.weight),
            ("b, weight in the benchmark", found.other.weight),
            ("c, contribution", found.own.contribution),
            ("d, contribution in the benchmark", found.other.contribution),
            ("q, return of the benchmark in the segment", found.base),
            ("B, return of the benchmark", found.benchmark),
            ("M, return of the benchmark at the portfolio's weights", found.mixed),
        ] {
            inputs.push(input(format!("{letter} in {place}"), value, "share").by(MEASURED));
        }
        inputs.push(input(format!("k, linking factor of {place}"), found.factor, "").by("returns of all periods"));
    }
    (Figure::Known(sum), inputs)
}

/// The effect of one period from what is listed of it.
fn of_period(found: &SegmentPeriod, settings: &AttributionSettings, effect: EffectName) -> f64 {
    let SegmentPeriod {
        own,
        other,
        base,
        benchmark,
        mixed,
        ..
    } = found;
    let allocation = (own.weight - other.weight) * (base - benchmark);
    let beyond = (own.contribution - own.weight * base) - (other.contribution - other.weight * base);
    if settings.linking == LinkMethod::Geometric {
        let (allocation, selection) = (allocation / (1.0 + benchmark), beyond / (1.0 + mixed));
        return match effect {
            EffectName::Allocation => allocation,
            EffectName::Effect => allocation + selection,
            _ => selection,
        };
    }
    let selection = own.return_().map_or(0.0, |return_| other.weight * (return_ - base));
    match effect {
        EffectName::Allocation => allocation,
        EffectName::Selection if settings.two_effects => beyond,
        EffectName::Selection => selection,
        EffectName::Interaction => beyond - selection,
        EffectName::Effect => allocation + beyond,
        EffectName::Contribution => own.contribution,
    }
}

fn place(study: &Study, period: usize) -> String {
    study.record.labels.get(period).cloned().unwrap_or_default()
}
