//! What could be lost: value at risk and expected shortfall of the book of today.

use apex_analytics::var::{ValueAtRisk, VarMethod};
use apex_wire::Figure;
use apex_wire::explain::{ExplainInput, FigureName};

use super::{Explained, Shape, Told, Twice, input};
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::risk::{Part, RiskBook, checked, detail, settings_named};

/// The figure asked about.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) level: f64,
    pub(super) horizon: u32,
    pub(super) window: usize,
    pub(super) shortfall: bool,
}

/// How a figure is computed a second time here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Historical,
    AgeWeighted,
    Normal,
    CornishFisher,
    /// From the parts of the holdings, which add up: past scenarios in another scale, a fit or simulated paths are too
    /// many inputs to list.
    Parts,
}

impl Method {
    fn of_engine(method: VarMethod) -> Self {
        match method {
            VarMethod::Historical => Self::Historical,
            VarMethod::AgeWeighted => Self::AgeWeighted,
            VarMethod::Normal => Self::Normal,
            VarMethod::CornishFisher => Self::CornishFisher,
            VarMethod::Filtered | VarMethod::StudentT | VarMethod::MonteCarlo => Self::Parts,
        }
    }
}

/// A scenario: the day it ends on and the return of the book.
type Scenario = (usize, f64);

/// The book's return over every stretch of `horizon` days, holdings at constant weights.
fn scenarios(book: &RiskBook, horizon: usize) -> Vec<Scenario> {
    let daily: Vec<f64> = (0..book.days.len())
        .map(|day| {
            let part = |position: &crate::risk::RiskPosition| {
                position.returns.get(day).map_or(0.0, |value| position.weight * value)
            };
            book.positions.iter().map(part).sum()
        })
        .collect();
    let windows = daily.windows(horizon).enumerate();
    windows
        .map(|(start, window)| {
            let compounded: f64 = window.iter().map(|value| 1.0 + value).product();
            (
                start + horizon - 1,
                if horizon == 1 {
                    window.iter().sum()
                } else {
                    compounded - 1.0
                },
            )
        })
        .collect()
}

/// The linear quantile of sorted scenarios.
fn quantile(sorted: &[Scenario], probability: f64) -> Option<f64> {
    let position = (sorted.len().checked_sub(1)?) as f64 * probability;
    // Products such as 0.05 x 500 miss a whole number by rounding only.
    let position = if (position - position.round()).abs() < 1e-9 {
        position.round()
    } else {
        position
    };
    let lower = sorted.get(position.floor() as usize)?.1;
    let upper = sorted.get(position.ceil() as usize)?.1;
    Some(lower + (upper - lower) * (position - position.floor()))
}

/// The normal distribution function by its power series, exact to rounding in the range used here.
fn normal_below(x: f64) -> f64 {
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term.abs() > sum.abs() * 1e-18 && odd < 400.0 {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    0.5 + sum * density(x)
}

fn density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

/// The number that a standard normal variable stays under with this probability, by halving an interval.
fn normal_quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 8.0);
    for _ in 0..120 {
        let middle = f64::midpoint(low, high);
        if normal_below(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// What was computed again, with the scenarios it rests on.
struct Again {
    value: f64,
    tail: Vec<Scenario>,
    parameters: Vec<(String, f64)>,
    /// The part of each holding, where those are what adds up.
    parts: Vec<(String, f64)>,
}

fn historical(all: &[Scenario], asked: &Asked<'_>) -> Option<Again> {
    let mut sorted = all.to_vec();
    sorted.sort_by(|left, right| left.1.total_cmp(&right.1).then(left.0.cmp(&right.0)));
    let limit = quantile(&sorted, 1.0 - asked.level)?;
    let tail: Vec<Scenario> = sorted
        .iter()
        .copied()
        .take_while(|scenario| scenario.1 <= limit)
        .collect();
    let mean = tail.iter().map(|scenario| scenario.1).sum::<f64>() / tail.len() as f64;
    let value = if asked.shortfall { -mean } else { -limit };
    // The scenario above the quantile is one of the two it is read from.
    let listed = sorted.into_iter().take(tail.len() + 1).collect();
    Some(Again {
        value,
        tail: listed,
        parameters: vec![("Quantile".to_owned(), limit)],
        parts: Vec::new(),
    })
}

fn normal(all: &[Scenario], asked: &Asked<'_>) -> Option<Again> {
    let count = all.len() as f64;
    let mean = all.iter().map(|scenario| scenario.1).sum::<f64>() / count;
    let squares = all.iter().map(|scenario| (scenario.1 - mean).powi(2)).sum::<f64>();
    let deviation = (squares / (count - 1.0)).sqrt();
    let z = normal_quantile(asked.level);
    let factor = if asked.shortfall {
        density(z) / (1.0 - asked.level)
    } else {
        z
    };
    let value = factor * deviation - mean;
    let parameters = [("Mean", mean), ("Standard deviation", deviation), ("z", z)];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
    value.is_finite().then_some(Again {
        value,
        tail: Vec::new(),
        parameters,
        parts: Vec::new(),
    })
}

/// The worst days with probabilities that fall by `decay` a day, the latest day the most probable.
fn age_weighted(all: &[Scenario], asked: &Asked<'_>, decay: f64) -> Option<Again> {
    let last = all.last()?.0;
    let probability_of = |scenario: &Scenario| decay.powi(i32::try_from(last - scenario.0).unwrap_or(i32::MAX));
    let total: f64 = all.iter().map(probability_of).sum();
    let mut sorted = all.to_vec();
    sorted.sort_by(|left, right| left.1.total_cmp(&right.1).then(left.0.cmp(&right.0)));
    let wanted = 1.0 - asked.level;
    let (mut filled, mut sum) = (0.0, 0.0);
    let mut tail = Vec::new();
    for scenario in sorted {
        let own = probability_of(&scenario) / total;
        tail.push(scenario);
        // A sum that misses the tail by rounding only has reached it.
        if filled + own >= wanted - 1e-12 {
            sum += (wanted - filled) * scenario.1;
            break;
        }
        filled += own;
        sum += own * scenario.1;
    }
    let value = if asked.shortfall {
        -sum / wanted
    } else {
        -tail.last()?.1
    };
    Some(Again {
        value,
        tail,
        parameters: vec![("Decay".to_owned(), decay)],
        parts: Vec::new(),
    })
}

fn cornish_fisher(all: &[Scenario], asked: &Asked<'_>) -> Option<Again> {
    let count = all.len() as f64;
    let mean = all.iter().map(|scenario| scenario.1).sum::<f64>() / count;
    let moment = |order: i32| all.iter().map(|scenario| (scenario.1 - mean).powi(order)).sum::<f64>() / count;
    let variance = moment(2);
    let deviation = (variance * count / (count - 1.0)).sqrt();
    let (skew, kurtosis) = (moment(3) / variance.powf(1.5), moment(4) / (variance * variance) - 3.0);
    let z = -normal_quantile(asked.level);
    let (square, cube) = (z * z, z * z * z);
    let quantile = z + (square - 1.0) * skew / 6.0 + (cube - 3.0 * z) * kurtosis / 24.0
        - (2.0 * cube - 5.0 * z) * skew * skew / 36.0;
    let thin = density(z) / (1.0 - asked.level);
    let shortfall =
        thin * (1.0 + z * skew / 6.0 + (square - 1.0) * kurtosis / 24.0 - (2.0 * square - 1.0) * skew * skew / 36.0);
    let factor = if asked.shortfall {
        shortfall.max(-quantile)
    } else {
        -quantile
    };
    let value = factor * deviation - mean;
    let parameters = [
        ("Mean", mean),
        ("Standard deviation", deviation),
        ("Skewness", skew),
        ("Excess kurtosis", kurtosis),
        ("z", z),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
    value.is_finite().then_some(Again {
        value,
        tail: Vec::new(),
        parameters,
        parts: Vec::new(),
    })
}

/// The parts of the holdings, which add up to the whole.
fn parts(book: &RiskBook, found: &ValueAtRisk, asked: &Asked<'_>) -> Again {
    let parts: Vec<(String, f64)> = book
        .positions
        .iter()
        .zip(&found.components)
        .map(|(position, part)| {
            (
                position.symbol.clone(),
                if asked.shortfall { part.es } else { part.var },
            )
        })
        .collect();
    Again {
        value: parts.iter().map(|(_, part)| part).sum(),
        tail: Vec::new(),
        parameters: Vec::new(),
        parts,
    }
}

pub(super) fn tail(fold: &PortfolioFold, asked: &Asked<'_>) -> Result<Explained> {
    let horizon = checked(asked.level, asked.horizon, asked.window)?;
    let settings = settings_named(asked.method, asked.level, horizon)?;
    let method = Method::of_engine(settings.method);
    let book = RiskBook::of(fold, asked.window);
    let found = book
        .because_ahead(horizon)
        .map_or_else(|| book.measured(&settings), Err);
    let (figure, again) = match &found {
        Err(because) => (Figure::Unavailable(because.clone()), Err(because.clone())),
        Ok(found) => {
            let all = scenarios(&book, horizon);
            let again = match method {
                Method::Historical => historical(&all, asked),
                Method::AgeWeighted => age_weighted(&all, asked, settings.decay),
                Method::Normal => normal(&all, asked),
                Method::CornishFisher => cornish_fisher(&all, asked),
                Method::Parts => Some(parts(&book, found, asked)),
            };
            let figure = if asked.shortfall { found.es } else { found.var };
            (
                Figure::Known(figure),
                again.ok_or_else(|| "the scenarios have no quantile".to_owned()),
            )
        }
    };
    let name = if asked.shortfall {
        "Expected shortfall"
    } else {
        "Value at risk"
    };
    let detail = found.as_ref().map(detail).unwrap_or_default();
    let (value, inputs, parameters) = match again {
        Ok(again) => (
            Figure::Known(again.value),
            inputs(fold, &book, &again),
            again.parameters,
        ),
        Err(because) => (Figure::Unavailable(because), Vec::new(), Vec::new()),
    };
    let (formula, source) = match (method, asked.shortfall) {
        (Method::Historical, false) => (
            "VaR = -quantile of the book's returns at 1 - level",
            "Jorion, Value at Risk (2007), historical simulation",
        ),
        (Method::Historical, true) => (
            "ES = -mean of the book's returns at or below the quantile",
            "Acerbi and Tasche (2002)",
        ),
        (Method::Normal, false) => (
            "VaR = z x standard deviation - mean",
            "RiskMetrics Technical Document (1996)",
        ),
        (Method::Normal, true) => (
            "ES = standard deviation x density(z) / (1 - level) - mean",
            "McNeil, Frey and Embrechts (2015), example 2.11",
        ),
        (Method::AgeWeighted, false) => (
            "VaR = -the return at which the probabilities of the worst days reach 1 - level",
            "Boudoukh, Richardson and Whitelaw (1998)",
        ),
        (Method::AgeWeighted, true) => (
            "ES = -mean of the worst days by their probabilities, as much of the last as fills 1 - level",
            "Boudoukh, Richardson and Whitelaw (1998); Acerbi and Tasche (2002)",
        ),
        (Method::CornishFisher, false) => (
            "VaR = -(z + (z2 - 1) S / 6 + (z3 - 3z) K / 24 - (2z3 - 5z) S2 / 36) x standard deviation - mean",
            "Zangari (1996); Maillard (2012) for where it holds",
        ),
        (Method::CornishFisher, true) => (
            "ES = density(z) / (1 - level) x (1 + z S / 6 + (z2 - 1) K / 24 - (2z2 - 1) S2 / 36) x standard deviation - \
             mean; VaR where that is larger",
            "Maillard (2012)",
        ),
        (Method::Parts, false) => ("VaR = sum of the parts of the holdings", "Euler's rule; Tasche (1999)"),
        (Method::Parts, true) => ("ES = sum of the parts of the holdings", "Euler's rule; Tasche (1999)"),
    };
    let mut explained = Explained::new(
        format!("{name} of {}, {}", fold.portfolio().name, asked.method),
        Twice::Number(Shape::Percent, figure, value),
        formula,
        source,
    )
    .convention("The book of today, its weights held constant over the window: return = sum of weight x return")
    .convention("Returns in base currency, the rate included, splits taken out, dividends not added")
    .convention(match method {
        Method::Historical => "Linear quantile: position (n - 1) x (1 - level) among the sorted returns",
        Method::AgeWeighted => "A return loses probability by the decay each day that passes; the order statistic, without interpolation",
        Method::Normal => "Mean of the sample, standard deviation with n - 1",
        Method::CornishFisher => "Mean of the sample, standard deviation with n - 1; skewness S and excess kurtosis K biased",
        Method::Parts => {
            "Only the sum of the parts is computed again: the scenarios, the fit or the paths behind them are not listed"
        }
    })
    .convention("Several days: overlapping windows of compounded returns")
    .parameter("Level", asked.level)
    .parameter("Horizon", apex_format::counted(horizon as u64, "day"))
    .parameter("Observations", book.days.len());
    if let (Some(first), Some(last)) = (book.days.first(), book.days.last()) {
        explained = explained.parameter("Window", format!("{first} to {last}"));
    }
    if !detail.is_empty() {
        explained = explained.parameter("Rests on", detail);
    }
    if let Some(seed) = found
        .ok()
        .and_then(|found| found.simulation)
        .map(|simulation| simulation.seed)
    {
        explained = explained.parameter("Seed", seed);
    }
    for (name, value) in parameters {
        explained = explained.parameter(&name, value);
    }
    for sentence in &book.left_out {
        explained = explained.convention(format!("Left out: {sentence}"));
    }
    Ok(explained.inputs(inputs))
}

/// The weights, and the scenarios of the tail.
fn inputs(fold: &PortfolioFold, book: &RiskBook, again: &Again) -> Vec<ExplainInput> {
    let rows = &fold.valuation().rows;
    let mut inputs: Vec<ExplainInput> = again
        .tail
        .iter()
        .map(|(day, value)| {
            let told = input("return of the book", value, "share").by("closing prices and rates of the book");
            match book.days.get(*day) {
                Some(day) => told.on(*day),
                None => told,
            }
        })
        .collect();
    if !again.parts.is_empty() {
        let listed = again.parts.iter();
        inputs.extend(listed.map(|(symbol, part)| input(format!("part of {symbol}"), part, "share").on(fold.as_of())));
        return inputs;
    }
    inputs.extend(book.positions.iter().map(|position| {
        let told = input(format!("weight of {}", position.symbol), position.weight, "share").on(fold.as_of());
        let Part::Instrument(instrument) = position.part else {
            return told;
        };
        // A weight over several accounts has no single figure behind it.
        let mut held = rows.iter().filter(|row| row.instrument == Some(instrument));
        match (held.next(), held.next()) {
            (Some(row), None) => told.opening(FigureName::Weight {
                instrument,
                account: row.account,
            }),
            _ => told,
        }
    }));
    inputs
}
