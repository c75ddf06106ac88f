//! What a simulation found: figures, the fan, where it ends, and the same as a table.

use std::rc::Rc;

use apex_wire::{
    Amount, Figure as Known, Statistic,
    scenario::horizon::{HorizonPoint, HorizonRun},
};
use dioxus::prelude::*;

use super::super::Chart;
use crate::{
    components::{ChartPanel, Figure, FigureCell, Panel},
    desk::sentence,
    reading::Reading,
};

/// As many rows as the table draws; the exported fan has all.
const ROWS_MAX: usize = 25;
/// The places of the median and of the tails among the quantiles.
const WORST: usize = 0;
const LOW: usize = 1;
const MEDIAN: usize = 3;
const HIGH: usize = 5;

/// The answer, in place of the one before.
#[component]
pub(super) fn Results(found: Rc<HorizonRun>, stale: bool) -> Element {
    let answer = found.clone();
    let charts = use_memo(use_reactive!(|(answer,)| (
        Rc::new(answer.fan.clone()),
        Rc::new(answer.distribution.clone())
    )));
    let fan = use_memo(move || Some(charts().0) as Option<Chart>);
    let ends = use_memo(move || Some(charts().1) as Option<Chart>);
    let until = found
        .points
        .last()
        .map(|point| point.date.to_string())
        .unwrap_or_default();
    let note = format!(
        "{} paths, seed {}, quantiles 1, 5, 25, 50, 75, 95, 99%",
        apex_format::count(u64::from(found.plan.paths)),
        found.plan.seed
    );
    rsx! {
        {figures(&found, &until, stale)}
        ChartPanel { name: "fan", title: "Value to the horizon", note, class: "area-fan", stale, data: fan }
        ChartPanel { name: "ends", title: "Value on {until}", note: "the middle 99% of paths", class: "area-ends", stale, data: ends }
        {table(&found, stale)}
    }
}

fn figures(found: &HorizonRun, until: &str, stale: bool) -> Element {
    let last = found.points.last();
    let at = |place: usize| {
        let amount = last.and_then(|point| point.quantiles.get(place));
        amount
            .cloned()
            .unwrap_or_else(|| Amount::Unavailable("no path was drawn".to_owned()))
    };
    let currency = found.currency;
    let probability = |value: f64| Reading::percent(&Statistic::Known(value));
    let fall = |place: usize| {
        let fall = found.drawdowns.get(place).copied();
        Reading::percent(&Known::or_because(fall, || "no path was drawn".to_owned()))
    };
    let goal = found.plan.goal.map(|goal| Reading::decimal_money(goal, currency).text);
    rsx! {
        div { class: "strip area-figures", "data-stale": if stale { "true" },
            Figure { name: "horizon-median", label: "Median on {until}", headline: true, reading: Reading::money(&at(MEDIAN), currency), unit: currency.to_string(), note: "starts from {Reading::money(&found.start, currency).text}" }
            Figure { name: "horizon-low", label: "5% of paths end below", reading: Reading::money(&at(LOW), currency), note: "1% below {Reading::money(&at(WORST), currency).text}" }
            Figure { name: "horizon-high", label: "5% of paths end above", reading: Reading::money(&at(HIGH), currency), note: mean_words(last, found) }
            Figure { name: "horizon-below-start", label: "Ends below today", reading: probability(found.probability_below_start), note: "of all paths" }
            if let (Some(below), Some(goal)) = (found.probability_below_goal, goal) {
                Figure { name: "horizon-below-goal", label: "Ends below the goal", reading: probability(below), note: goal }
            }
            Figure { name: "horizon-ran-out", label: "Runs out", reading: probability(found.probability_ran_out), note: "nothing left on the way" }
            Figure { name: "horizon-fall", label: "Largest fall, median", reading: fall(MEDIAN), note: "5% of paths {fall(HIGH).text} or more" }
        }
    }
}

fn mean_words(last: Option<&HorizonPoint>, found: &HorizonRun) -> String {
    last.map_or_else(String::new, |point| {
        format!("mean {}", Reading::money(&point.mean, found.currency).text)
    })
}

fn table(found: &HorizonRun, stale: bool) -> Element {
    let last = found.points.len().saturating_sub(1);
    let stride = last.div_ceil(ROWS_MAX - 1).max(1);
    let rows: Vec<&HorizonPoint> = found
        .points
        .iter()
        .enumerate()
        .filter(|(at, _)| at % stride == 0 || *at == last)
        .map(|(_, point)| point)
        .collect();
    let heads: Vec<String> = found
        .levels
        .iter()
        .map(|level| apex_format::percent(*level, 0).to_string())
        .collect();
    let currency = found.currency;
    rsx! {
        Panel {
            testid: "panel-quantiles",
            title: "Quantiles",
            note: currency.to_string(),
            class: "area-quantiles table-panel",
            stale,
            table { class: "table", "data-testid": "quantiles",
                thead {
                    tr {
                        th { "Date" }
                        for head in heads.iter() {
                            th { key: "{head}", class: "numeric", "{head}" }
                        }
                        th { class: "numeric", "Mean" }
                    }
                }
                tbody {
                    for point in rows {
                        tr { key: "{point.date}", "data-testid": "quantiles-{point.date}",
                            td { class: "numeric-text", "{point.date}" }
                            for (at, amount) in point.quantiles.iter().enumerate() {
                                FigureCell { key: "{at}", name: "quantile-{point.date}-{at}", reading: Reading::money(amount, currency), strong: at == MEDIAN }
                            }
                            FigureCell { name: "mean-{point.date}", reading: Reading::money(&point.mean, currency) }
                        }
                    }
                }
            }
            div { class: "scenario-notes", "data-testid": "horizon-notes",
                for note in found.notes.iter() {
                    p { key: "{note}", {sentence(note)} }
                }
                for line in found.left_out.iter() {
                    p { key: "{line}", class: "warning", "Stands still: {line}" }
                }
            }
        }
    }
}
