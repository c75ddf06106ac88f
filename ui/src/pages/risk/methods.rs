//! Every method side by side, and what each holding adds by one of them.

use std::rc::Rc;

use apex_wire::{
    Statistic,
    chart::{Axis, BarData, BarLayout, BarSeries, ChartData, Unit},
    explain::FigureName,
    risk::{GetRiskComponents, GetRiskMethods, HoldingRisk, RiskMeasure},
};
use dioxus::prelude::*;

use super::{Asked, level_words, tail_figure};
use crate::{
    answers::use_answer,
    browser,
    components::{
        ChartPanel, Choice, EmptyState, FailedState, FigureCell, Legend, LoadingState, Menu, MenuItem, Panel, PartBar,
        Select,
    },
    desk::{sentence, use_desk},
    reading::Reading,
};

/// The methods by name, with the words they are known by.
pub(super) const METHODS: [(&str, &str); 9] = [
    ("historical", "Historical"),
    ("age-weighted", "Historical, age-weighted"),
    ("filtered", "Historical, filtered by GARCH"),
    ("normal", "Normal"),
    ("student-t", "Student's t"),
    ("cornish-fisher", "Cornish-Fisher"),
    ("monte-carlo", "Monte Carlo, normal"),
    ("t-copula", "Monte Carlo, t copula"),
    ("block-bootstrap", "Monte Carlo, block bootstrap"),
];

/// Returns the words of a method.
fn words_of(method: &str) -> &str {
    METHODS
        .iter()
        .find(|(name, _)| *name == method)
        .map_or(method, |(_, words)| words)
}

/// A choice among the methods.
#[component]
pub(super) fn MethodSelect(value: String, onchange: EventHandler<String>) -> Element {
    rsx! {
        Select {
            name: "risk-method",
            value,
            choices: METHODS.iter().map(|(name, words)| Choice::new(*name, *words)).collect::<Vec<_>>(),
            onchange: move |name| onchange.call(name),
        }
    }
}

/// What opens in the inspector for a figure of a measure.
fn explained(measure: &RiskMeasure, shortfall: bool) -> Option<FigureName> {
    measure.var.known()?;
    Some(tail_figure(measure, shortfall))
}

/// Every method side by side.
#[component]
pub(super) fn MethodsView(asked: ReadSignal<Asked>) -> Element {
    let desk = use_desk();
    let answer = use_answer(move || {
        let Asked { level, horizon, window } = asked();
        Some(GetRiskMethods {
            view: desk.view()?,
            level,
            horizon,
            window,
        })
    });
    let bars = use_memo(move || Some(Rc::new(ChartData::Bar(bars_of(&answer.get()?)))));
    if let Some(failure) = (answer.failure)() {
        return rsx! { FailedState { testid: "methods-failed", failure } };
    }
    let Some(rows) = answer.get() else {
        return rsx! { LoadingState { what: "Measuring the book by every method" } };
    };
    let stale = !(answer.current)();
    let csv = methods_csv(&rows);
    let level = level_words(asked().level);
    rsx! {
        Panel {
            testid: "panel-methods",
            title: "VaR and ES at {level} by every method",
            note: "% of NAV, with what each rests on",
            class: "area-methods table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "methods",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "methods-csv",
                        onclick: move |()| browser::save_text("risk by method.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            table { class: "table", "data-testid": "methods",
                thead {
                    tr {
                        th { "Method" }
                        th { class: "numeric", "VaR" }
                        th { class: "numeric", "ES" }
                        th { class: "numeric", "Days" }
                        th { "Quantile" }
                        th { "Mean" }
                        th { class: "numeric", "Seed" }
                        th { "Rests on" }
                    }
                }
                tbody {
                    for row in rows.iter() {
                        tr { key: "{row.method}", "data-testid": "method-{row.method}",
                            td { class: "strong", {words_of(&row.method)} }
                            FigureCell {
                                name: "method-var-{row.method}",
                                reading: Reading::weight(&row.var),
                                explain: explained(row, false),
                            }
                            FigureCell {
                                name: "method-es-{row.method}",
                                reading: Reading::weight(&row.es),
                                explain: explained(row, true),
                                strong: true,
                            }
                            td { class: "numeric", {apex_format::count(row.window.2 as u64).to_string()} }
                            td { {row.quantile.replace('_', " ")} }
                            td { "{row.mean}" }
                            td { class: "numeric", {row.seed.map(|seed| seed.to_string()).unwrap_or_default()} }
                            td { class: "faint rule", title: detail(row), {detail(row)} }
                        }
                    }
                }
            }
        }
        ChartPanel {
            name: "methods",
            title: "By method",
            note: "VaR and ES, % of NAV",
            class: "area-methods-chart",
            stale,
            data: bars,
            tools: rsx! { Legend { names: vec!["VaR".to_owned(), "ES".to_owned()] } },
        }
    }
}

/// What a method rests on, or why it has no figure.
fn detail(row: &RiskMeasure) -> String {
    row.var.because().map_or_else(|| sentence(&row.detail), sentence)
}

fn bars_of(rows: &[RiskMeasure]) -> BarData {
    let series = |name: &str, of: fn(&RiskMeasure) -> &Statistic| BarSeries {
        name: name.to_owned(),
        hue: None,
        values: rows.iter().map(|row| of(row).known().copied()).collect(),
    };
    BarData {
        title: "VaR and ES by method".to_owned(),
        category: "Method".to_owned(),
        value: Axis::new("Loss", Unit::Percent { decimals: 2 }),
        layout: BarLayout::Horizontal,
        categories: rows.iter().map(|row| words_of(&row.method).to_owned()).collect(),
        series: vec![series("VaR", |row| &row.var), series("ES", |row| &row.es)],
    }
}

/// What each holding adds by one method.
#[component]
pub(super) fn ComponentsView(asked: ReadSignal<Asked>) -> Element {
    let desk = use_desk();
    let mut method = use_signal(|| desk.kept("risk.method").unwrap_or_else(|| "historical".to_owned()));
    let answer = use_answer(move || {
        let Asked { level, horizon, window } = asked();
        Some(GetRiskComponents {
            view: desk.view()?,
            method: method(),
            level,
            horizon,
            window,
        })
    });
    if let Some(failure) = (answer.failure)() {
        return rsx! { FailedState { testid: "parts-failed", failure } };
    }
    let Some(found) = answer.get() else {
        return rsx! { LoadingState { what: "Measuring the book without each holding" } };
    };
    let stale = !(answer.current)();
    let csv = parts_csv(&found.rows);
    let largest = found.rows.iter().map(|row| row.es.abs()).fold(0.0, f64::max);
    let percent = |value: f64| Reading::weight(&Statistic::Known(value));
    rsx! {
        Panel {
            testid: "panel-parts",
            title: "What each holding adds",
            note: "% of NAV; components add up, increments do not",
            class: "area-whole table-panel",
            stale,
            tools: rsx! {
                MethodSelect {
                    value: method(),
                    onchange: move |name: String| {
                        desk.keep("risk.method", name.clone());
                        method.set(name);
                    },
                }
                Menu {
                    name: "parts",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "parts-csv",
                        onclick: move |()| browser::save_text("risk by holding.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            if found.rows.is_empty() {
                EmptyState {
                    testid: "parts-empty",
                    title: "No parts by this method",
                    next: found.measure.var.because().map(sentence).unwrap_or_default(),
                }
            } else {
                table { class: "table", "data-testid": "parts",
                    thead {
                        tr {
                            th { "Holding" }
                            th { class: "numeric", "Weight" }
                            th { class: "numeric", "in VaR" }
                            th { class: "numeric", "in ES" }
                            th { class: "bar-column narrow", "" }
                            th { class: "numeric", title: "A component per unit of weight", "Marginal VaR" }
                            th { class: "numeric", title: "A component per unit of weight", "Marginal ES" }
                            th { class: "numeric", title: "The whole less the book without the holding", "Incremental VaR" }
                            th { class: "numeric", title: "The whole less the book without the holding", "Incremental ES" }
                        }
                    }
                    tbody {
                        for row in found.rows.iter() {
                            tr { key: "{row.symbol}", "data-testid": "part-{row.symbol}",
                                td { class: "strong", "{row.symbol}" }
                                td { class: "numeric", {percent(row.weight).text} }
                                FigureCell { name: "part-var-{row.symbol}", reading: percent(row.var) }
                                FigureCell { name: "part-es-{row.symbol}", reading: percent(row.es), strong: true }
                                td { class: "bar-column narrow",
                                    PartBar { part: row.es, largest }
                                }
                                td { class: "numeric", {percent(row.marginal_var).text} }
                                td { class: "numeric", {percent(row.marginal_es).text} }
                                FigureCell { name: "part-increment-var-{row.symbol}", reading: Reading::weight(&row.incremental_var) }
                                FigureCell { name: "part-increment-es-{row.symbol}", reading: Reading::weight(&row.incremental_es) }
                            }
                        }
                    }
                    tfoot {
                        tr {
                            td { class: "strong", "Total" }
                            td {}
                            FigureCell {
                                name: "part-var-total",
                                reading: Reading::weight(&found.measure.var),
                                explain: explained(&found.measure, false),
                                strong: true,
                            }
                            FigureCell {
                                name: "part-es-total",
                                reading: Reading::weight(&found.measure.es),
                                explain: explained(&found.measure, true),
                                strong: true,
                            }
                            td {}
                            td {}
                            td {}
                            td {}
                            td {}
                        }
                    }
                }
            }
        }
    }
}

fn methods_csv(rows: &[RiskMeasure]) -> String {
    let text = |figure: &Statistic| figure.known().map_or_else(String::new, ToString::to_string);
    let lines = rows.iter().map(|row| {
        format!(
            "{},{},{},{},{},{},{},{},\"{}\"\n",
            row.method,
            row.level,
            row.horizon,
            text(&row.var),
            text(&row.es),
            row.window.2,
            row.mean,
            row.seed.map(|seed| seed.to_string()).unwrap_or_default(),
            detail(row).replace('"', "\"\"")
        )
    });
    std::iter::once("method,level,horizon,var,es,window,mean,seed,rests_on\n".to_owned())
        .chain(lines)
        .collect()
}

fn parts_csv(rows: &[HoldingRisk]) -> String {
    let text = |figure: &Statistic| figure.known().map_or_else(String::new, ToString::to_string);
    let lines = rows.iter().map(|row| {
        format!(
            "{},{},{},{},{},{},{},{}\n",
            row.symbol,
            row.weight,
            row.var,
            row.es,
            row.marginal_var,
            row.marginal_es,
            text(&row.incremental_var),
            text(&row.incremental_es)
        )
    });
    std::iter::once("symbol,weight,var,es,marginal_var,marginal_es,incremental_var,incremental_es\n".to_owned())
        .chain(lines)
        .collect()
}
