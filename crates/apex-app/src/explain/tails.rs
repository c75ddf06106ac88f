//! What could be lost: value at risk and expected shortfall of the book of today.

use apex_analytics::var::VarMethod;
use apex_wire::Figure;
use apex_wire::explain::{ExplainInput, FigureName};

use super::{Explained, Shape, Told, Twice, input};
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::risk::{Part, RiskBook};

/// The figure asked about.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) level: f64,
    pub(super) horizon: u32,
    pub(super) window: usize,
    pub(super) shortfall: bool,
}

/// The methods that are computed a second time here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Historical,
    Normal,
}

impl Method {
    fn of_engine(self) -> VarMethod {
        match self {
            Method::Historical => VarMethod::Historical,
            Method::Normal => VarMethod::Normal,
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
    })
}

pub(super) fn tail(fold: &PortfolioFold, asked: &Asked<'_>) -> Result<Explained> {
    let method = match asked.method {
        "historical" => Method::Historical,
        "normal" => Method::Normal,
        other => {
            return Err(AppError::not_found(
                "method",
                format!("{other}; there are historical and normal"),
            ));
        }
    };
    if !(asked.level > 0.5 && asked.level < 1.0) {
        return Err(AppError::field(
            "level",
            format!("level {} must lie between 0.5 and 1", asked.level),
        ));
    }
    let horizon = usize::try_from(asked.horizon).unwrap_or(usize::MAX);
    if asked.window < 2 || horizon == 0 || horizon > asked.window {
        let sentence = format!("a horizon of {horizon} days does not fit a window of {}", asked.window);
        return Err(AppError::field("window", sentence));
    }
    let book = RiskBook::of(fold, asked.window);
    let because = book
        .because()
        .or_else(|| (horizon > book.days.len()).then(|| format!("a horizon of {horizon} days needs more returns")));
    let (figure, again) = match because {
        Some(because) => (Figure::Unavailable(because.clone()), Err(because)),
        None => {
            let found = book.value_at_risk(method.of_engine(), asked.level, horizon)?;
            let all = scenarios(&book, horizon);
            let again = match method {
                Method::Historical => historical(&all, asked),
                Method::Normal => normal(&all, asked),
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
        Method::Normal => "Mean of the sample, standard deviation with n - 1",
    })
    .convention("Several days: overlapping windows of compounded returns")
    .parameter("Level", asked.level)
    .parameter("Horizon", format!("{horizon} days"))
    .parameter("Observations", book.days.len());
    if let (Some(first), Some(last)) = (book.days.first(), book.days.last()) {
        explained = explained.parameter("Window", format!("{first} to {last}"));
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
