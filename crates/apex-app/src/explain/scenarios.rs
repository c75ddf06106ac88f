//! What a scenario does to the book, and to one line of it.

use apex_wire::Figure;
use apex_wire::explain::FigureName;
use apex_wire::scenario::Scenario;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Explained, Told, Twice, input, shown};
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::performance::amount;
use crate::scenario::{Lines, lines};

const SOURCE: &str = "Full valuation of each holding; Jorion, Value at Risk (2007), chapter 14";

pub(super) fn total(fold: &PortfolioFold, scenario: &Scenario) -> Result<Explained> {
    let run = lines(fold, scenario)?;
    let results = run.lines.iter().map(|line| line.profit.known().copied());
    let again = results.sum::<Option<Decimal>>();
    let again = match run.profit.because() {
        Some(because) => Figure::Unavailable(because.to_owned()),
        None => Figure::or_because(again, || "a line has no result".to_owned()),
    };
    let inputs = run.lines.iter().map(|line| {
        input(
            format!("result of {}", line.symbol),
            shown(&line.profit),
            fold.currency(),
        )
        .on(fold.as_of())
        .by(line.how.clone())
        .opening(FigureName::ScenarioResult {
            scenario: Box::new(scenario.clone()),
            line: Some(line.symbol.clone()),
        })
    });
    let inputs = inputs.collect();
    let title = format!("Result of {} in {}", fold.portfolio().name, scenario.name);
    let twice = Twice::Money(fold.currency(), run.profit.clone(), again);
    let told = Explained::new(title, twice, "sum of the results of all holdings", SOURCE)
        .convention("A holding that cannot be valued anew counts as unchanged");
    Ok(assumed(told, scenario, &run)
        .parameter("Left out", run.left_out)
        .inputs(inputs))
}

pub(super) fn line(fold: &PortfolioFold, scenario: &Scenario, symbol: &str) -> Result<Explained> {
    let run = lines(fold, scenario)?;
    let Some(line) = run.lines.iter().find(|line| line.symbol == symbol) else {
        return Err(AppError::not_found("holding in this scenario", symbol));
    };
    let value = line.before.known().and_then(ToPrimitive::to_f64);
    let again = match (value, line.price_change.known(), line.currency_change.known()) {
        (Some(value), Some(price), Some(currency)) => amount(value * ((1.0 + price) * (1.0 + currency) - 1.0), fold),
        _ => Figure::Unavailable("a change is not known".to_owned()),
    };
    let inputs = vec![
        input(format!("V, value of {symbol}"), shown(&line.before), fold.currency())
            .on(fold.as_of())
            .by("closing prices and rates of the book"),
        input("p, change of its price", shown(&line.price_change), "share").by(line.how.clone()),
        input("c, change of its currency", shown(&line.currency_change), "share").by(line.how.clone()),
    ];
    let title = format!("Result of {symbol} in {}", scenario.name);
    let twice = Twice::Money(fold.currency(), line.profit.clone(), again);
    let formula = "V x [(1 + p) (1 + c) - 1], rounded to the smallest unit of the currency";
    Ok(assumed(Explained::new(title, twice, formula, SOURCE), scenario, &run).inputs(inputs))
}

/// Adds what the scenario rests on.
fn assumed(told: Explained, scenario: &Scenario, run: &Lines) -> Explained {
    let told = told.parameter("Scenario", &scenario.name);
    run.notes.iter().fold(told, |told, note| told.convention(note.as_str()))
}
