//! Figures of the weights that the Optimizer chose, from what each asset earns, risks and returned day by day.

use apex_analytics::measure::OBSERVATIONS_A_YEAR;
use apex_wire::explain::{ChosenFigure, ExplainInput, FigureName};
use apex_wire::optimizer::RunOptimizer;
use apex_wire::{Figure, Statistic};
use jiff::civil::Date;

use super::{Explained, Shape, Told, Twice, input};
use crate::error::Result;
use crate::fold::PortfolioFold;
use crate::optimizer::{Chosen, choose};

const RETURNS: &str = "closing prices and rates of the book";
const MARKOWITZ: &str = "Markowitz (1952)";

pub(super) fn figure(fold: &PortfolioFold, ask: &RunOptimizer, of: ChosenFigure) -> Result<Explained> {
    let chosen = choose(fold, ask)?;
    let (name, shape, formula, source) = match of {
        ChosenFigure::Mean => ("Mean a year", Shape::Percent, "252 x sum of w x m", MARKOWITZ),
        ChosenFigure::Volatility => (
            "Volatility a year",
            Shape::Percent,
            "sqrt(252 x sum of w x c)",
            MARKOWITZ,
        ),
        ChosenFigure::Sharpe => (
            "Sharpe ratio a year",
            Shape::Plain,
            "(mean a year - risk-free rate x sum of w) / volatility a year",
            "Sharpe (1994)",
        ),
        ChosenFigure::Shortfall => (
            "Expected shortfall of a day",
            Shape::Percent,
            "-mean of the worst (1 - level) x n days, the last of them in part",
            "Acerbi and Tasche (2002)",
        ),
    };
    let (figure, (again, inputs)) = match of {
        ChosenFigure::Mean => (Figure::Known(chosen.point.mean_year), mean(&chosen)),
        ChosenFigure::Volatility => (Figure::Known(chosen.point.volatility_year), volatility(&chosen)),
        ChosenFigure::Sharpe => (chosen.point.sharpe_year.clone(), sharpe(&chosen, ask)),
        ChosenFigure::Shortfall => (chosen.point.cvar.clone(), shortfall(&chosen, ask.policy.level)),
    };
    let title = format!("{name} of the weights chosen for {}", fold.portfolio().name);
    let mut told = Explained::new(title, Twice::Number(shape, figure, again), formula, source)
        .convention("w: the weight of an asset, as a share of net asset value")
        .parameter("Objective", ask.policy.objective.words())
        .parameter("Daily returns", chosen.days.len());
    for (words, day) in [("From", chosen.days.first()), ("To", chosen.days.last())] {
        if let Some(day) = day {
            told = told.parameter(words, day);
        }
    }
    told = match of {
        ChosenFigure::Mean => told.convention("m: the mean of a day that the weights were chosen by"),
        ChosenFigure::Volatility => told
            .convention("c: the covariance of a day of the asset with the whole portfolio")
            .parameter("Covariance", ask.policy.estimator.words()),
        ChosenFigure::Sharpe => told,
        ChosenFigure::Shortfall => told
            .convention("The return of a day is the sum of w x return, at constant weights")
            .parameter("Level", ask.policy.level),
    };
    Ok(told.inputs(inputs))
}

/// A figure computed again, and its inputs.
type Again = (Statistic, Vec<ExplainInput>);

/// Twice as many inputs as assets: the weight and what stands beside it.
fn weighed(chosen: &Chosen, letter: &str, beside: &[f64]) -> (f64, Vec<ExplainInput>) {
    let mut sum = 0.0;
    let mut inputs = Vec::with_capacity(2 * beside.len());
    for ((name, weight), beside) in chosen.names.iter().zip(&chosen.weights).zip(beside) {
        sum += weight * beside;
        inputs.push(input(format!("w, weight of {name}"), weight, "share").by("the Optimizer"));
        inputs.push(input(format!("{letter} of {name}"), beside, "").by(RETURNS));
    }
    (sum, inputs)
}

fn mean(chosen: &Chosen) -> Again {
    let (sum, inputs) = weighed(chosen, "m, mean of a day", &chosen.means);
    (Figure::Known(OBSERVATIONS_A_YEAR * sum), inputs)
}

fn volatility(chosen: &Chosen) -> Again {
    let (sum, inputs) = weighed(chosen, "c, covariance with the portfolio", &chosen.covariances);
    (Figure::Known((OBSERVATIONS_A_YEAR * sum.max(0.0)).sqrt()), inputs)
}

fn sharpe(chosen: &Chosen, ask: &RunOptimizer) -> Again {
    let (mean, volatility) = (chosen.point.mean_year, chosen.point.volatility_year);
    let (rate, sum) = (ask.policy.risk_free_percent / 100.0, chosen.weights.iter().sum::<f64>());
    let opening = |of| FigureName::Chosen {
        ask: Box::new(ask.clone()),
        of,
    };
    let inputs = vec![
        input("mean a year", mean, "share").opening(opening(ChosenFigure::Mean)),
        input("volatility a year", volatility, "share").opening(opening(ChosenFigure::Volatility)),
        input("risk-free rate", rate, "share a year").by("the question"),
        input("sum of w", sum, "share").by("the Optimizer"),
    ];
    let ratio = (volatility > 0.0).then(|| (mean - rate * sum) / volatility);
    (
        Figure::or_because(ratio, || "the portfolio never moves".to_owned()),
        inputs,
    )
}

fn shortfall(chosen: &Chosen, level: f64) -> Again {
    let of_day = |day: usize| -> f64 {
        let weighted = chosen.weights.iter().zip(&chosen.returns);
        weighted
            .map(|(weight, returns)| weight * returns.get(day).copied().unwrap_or(0.0))
            .sum()
    };
    let mut days: Vec<(Date, f64)> = chosen
        .days
        .iter()
        .enumerate()
        .map(|(at, day)| (*day, of_day(at)))
        .collect();
    days.sort_by(|left, right| left.1.total_cmp(&right.1).then(left.0.cmp(&right.0)));
    let tail = (1.0 - level) * days.len() as f64;
    // Products such as 0.05 x 500 miss a whole number by rounding only.
    let tail = if (tail - tail.round()).abs() < 1e-9 {
        tail.round()
    } else {
        tail
    };
    let whole = tail.floor() as usize;
    let part = days.get(whole).map_or(0.0, |(_, value)| (tail - tail.floor()) * value);
    let sum: f64 = days.iter().take(whole).map(|(_, value)| value).sum();
    let again = (tail > 0.0).then(|| -(sum + part) / tail);
    let listed = days.iter().take(whole + 1);
    let inputs = listed.map(|(day, value)| input("return of the weights", value, "share").on(*day).by(RETURNS));
    (
        Figure::or_because(again, || "the tail holds no day".to_owned()),
        inputs.collect(),
    )
}
