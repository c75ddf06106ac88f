//! Returns with flows: time-weighted, money-weighted, and what one holding added.

use apex_domain::InstrumentId;
use apex_wire::explain::{ExplainInput, FigureName};
use apex_wire::{Figure, Statistic};
use jiff::civil::Date;

use super::{Explained, Shape, Told, Twice, input};
use crate::error::{AppError, Result};
use crate::fold::PortfolioFold;
use crate::history::HistorySubject;
use crate::performance::{contribution, money_weighted, money_weighted_figure, money_weighted_flows, track};
use crate::track::Track;

const CLOSE_OF_TRADE: &str = "closing prices, rates and transactions of the book";

/// Net asset values and flows of the days of a record, the value it starts from first.
fn days(fold: &PortfolioFold, track: &Track) -> Vec<(Date, Option<f64>, f64)> {
    let history = fold.history();
    let start = if track.from_inception {
        Some(0.0)
    } else {
        history.nav_on_or_before(track.since)
    };
    let mut days = vec![(track.since, start, 0.0)];
    for row in track.rows.clone() {
        if let Some(day) = history.days.get(row) {
            days.push((
                *day,
                history.nav.get(row),
                history.flows.get(row).copied().unwrap_or(0.0),
            ));
        }
    }
    days
}

pub(super) fn twr(fold: &PortfolioFold, from: Option<Date>) -> Result<Explained> {
    let track = track(fold, from)?;
    let days = days(fold, &track);
    let mut growth = 1.0;
    let mut before: Option<f64> = None;
    let mut flows = 0.0;
    let mut known = true;
    for (_, value, flow) in &days {
        flows += flow;
        let Some(value) = value else {
            known = false;
            continue;
        };
        if let Some(before) = before {
            let base: f64 = before + flows;
            if base > 0.0 {
                growth *= value / base;
            } else if *value != base {
                growth = f64::NAN;
            }
        }
        (before, flows, known) = (Some(*value), 0.0, true);
    }
    let again = if known && growth.is_finite() {
        Figure::Known(growth - 1.0)
    } else {
        Figure::Unavailable("a value is missing, or something was earned on no capital".to_owned())
    };
    let mut inputs: Vec<ExplainInput> = Vec::new();
    for (day, value, flow) in &days {
        let written = value.map_or_else(|| "unavailable".to_owned(), |value| value.to_string());
        let mut told = input("net asset value", written, fold.currency())
            .on(*day)
            .by(CLOSE_OF_TRADE);
        if *day == fold.as_of() {
            told = told.opening(FigureName::Nav);
        }
        inputs.push(told);
        if *flow != 0.0 {
            inputs.push(
                input("money from outside", flow, fold.currency())
                    .on(*day)
                    .by("transactions of the book"),
            );
        }
    }
    Ok(Explained::new(
        format!("Time-weighted return of {}", fold.portfolio().name),
        Twice::Number(Shape::Percent, track.twr(), again),
        "TWR = product over days of V(t) / (V(t-1) + F(t)) - 1",
        "GIPS 2020, provision 2.A.20: sub-period returns linked geometrically",
    )
    .convention("Flows count at the start of their day")
    .convention("A day without a net asset value is covered by the next day with one")
    .convention("From inception the first deposit is the base of the first day, so the cost of the first trades counts")
    .parameter("From the close of", track.since)
    .parameter("To the close of", fold.as_of())
    .inputs(inputs))
}

/// The present value of dated flows at a rate given as `ln(1 + r)`, and the sum of their sizes.
fn present_value(flows: &[(f64, f64)], ln1p: f64) -> f64 {
    flows.iter().map(|(years, amount)| amount * (-ln1p * years).exp()).sum()
}

/// Halves an interval around a rate until it cannot be halved any more.
fn bisected(flows: &[(f64, f64)], near: f64) -> Option<f64> {
    let mut width = 1e-6;
    let (mut low, mut high) = loop {
        let (low, high) = (near - width, near + width);
        if present_value(flows, low) * present_value(flows, high) <= 0.0 {
            break (low, high);
        }
        width *= 4.0;
        if width > 16.0 {
            return None;
        }
    };
    let sign = present_value(flows, low).signum();
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if present_value(flows, middle).signum() == sign {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(f64::midpoint(low, high).exp_m1())
}

pub(super) fn mwr(fold: &PortfolioFold, from: Option<Date>) -> Result<Explained> {
    let track = track(fold, from)?;
    let found = money_weighted(fold, &track);
    let figure: Statistic = money_weighted_figure(&found);
    let (flows, missing) = money_weighted_flows(fold, &track);
    let first = flows.iter().map(|flow| flow.date).min().unwrap_or(track.since);
    let timed: Vec<(f64, f64)> = flows
        .iter()
        .map(|flow| {
            (
                f64::from(first.until(flow.date).map_or(0, |span| span.get_days())) / 365.0,
                flow.amount,
            )
        })
        .collect();
    let again = match &figure {
        Figure::Known(rate) => Figure::or_because(bisected(&timed, rate.ln_1p()), || {
            "no rate near the one shown makes the present value zero".to_owned()
        }),
        Figure::Unavailable(because) => Figure::Unavailable(because.clone()),
    };
    // Without the value at the end the last flow is one like the others.
    let last = fold.valuation().nav.known().map(|_| flows.len().saturating_sub(1));
    let inputs = flows
        .iter()
        .enumerate()
        .map(|(at, flow)| {
            let what = match (at, track.from_inception) {
                (0, false) => "value at the start, paid in",
                (at, _) if Some(at) == last => "value at the end, paid out",
                _ if flow.amount < 0.0 => "paid in",
                _ => "paid out",
            };
            let told = input(what, flow.amount, fold.currency()).on(flow.date);
            if Some(at) == last {
                told.by(CLOSE_OF_TRADE).opening(FigureName::Nav)
            } else {
                told.by("transactions of the book")
            }
        })
        .collect();
    let mut explained = Explained::new(
        format!("Money-weighted return of {}", fold.portfolio().name),
        Twice::Number(Shape::Percent, figure, again),
        "0 = sum of flow x (1 + r)^(-days / 365)",
        "Internal rate of return; Norstrom (1972) for when there is only one",
    )
    .convention("A rate a year, days from the first flow, Act/365 fixed")
    .convention("Computed again by halving an interval around the rate, without the solver")
    .parameter("From the close of", track.since)
    .parameter("To the close of", fold.as_of());
    if let Some(reason) = missing.or(found.ok().and_then(|rate| rate.reason)) {
        explained = explained.convention(reason);
    }
    Ok(explained.inputs(inputs))
}

pub(super) fn contribution_of(fold: &PortfolioFold, instrument: InstrumentId, from: Option<Date>) -> Result<Explained> {
    let track = track(fold, from)?;
    let symbol = fold.symbol(instrument);
    let shown = contribution(fold, &track)?
        .into_iter()
        .find(|row| row.instrument == Some(instrument));
    let Some(shown) = shown else {
        let what = format!("of {symbol} from {} to {}", track.since, fold.as_of());
        return Err(AppError::not_found("contribution", what));
    };
    let history = fold.history();
    let place = history
        .subjects
        .iter()
        .position(|subject| *subject == HistorySubject::Instrument(instrument));
    let results = place.and_then(|at| history.results.get(at));
    let mut total = 0.0;
    let mut growth = 1.0;
    let mut unknown = false;
    let mut inputs = Vec::new();
    for row in track.rows.clone() {
        let before = if row == 0 { Some(0.0) } else { history.nav.get(row - 1) };
        let flow = history.flows.get(row).copied().unwrap_or(0.0);
        let own = results.and_then(|results| results.get(row)).unwrap_or(0.0);
        let (Some(before), Some(all)) = (before, history.pnl.get(row)) else {
            unknown = true;
            continue;
        };
        let capital = before + flow;
        if capital <= 0.0 {
            unknown |= all != 0.0;
            continue;
        }
        if let (true, Some(day)) = (own != 0.0, history.days.get(row)) {
            let label = format!("result of {symbol} on a capital of {capital:.2}, growth so far {growth:.8}");
            inputs.push(input(label, own, fold.currency()).on(*day).by(CLOSE_OF_TRADE));
        }
        total += growth * own / capital;
        growth *= 1.0 + all / capital;
    }
    let again = if unknown {
        Figure::Unavailable("something held has no price or rate on a day of the period".to_owned())
    } else {
        Figure::Known(total)
    };
    Ok(Explained::new(
        format!("Contribution of {symbol} to {}", fold.portfolio().name),
        Twice::Number(Shape::Percent, shown.contribution.clone(), again),
        "c = sum over days of G(t-1) x result(t) / (V(t-1) + F(t)), G the growth of the portfolio so far",
        "Contribution linked by the growth before each day, so that the parts add up to the time-weighted return",
    )
    .convention("A result is the change in value less purchases, plus proceeds and income, in base currency")
    .convention("Cash, fees and currency on cash are one row of their own")
    .parameter("Gain", super::shown(&shown.amount))
    .parameter("From the close of", track.since)
    .parameter("To the close of", fold.as_of())
    .inputs(inputs))
}
