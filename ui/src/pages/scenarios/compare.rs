//! The scenarios in a list with what each would cost, and those chosen side by side.

use std::rc::Rc;

use apex_domain::Currency;
use apex_wire::{
    chart::{Axis, BarData, BarLayout, BarSeries, ChartData, Unit},
    scenario::{Scenario, ScenarioEntry, ScenarioRun},
};
use dioxus::prelude::*;

use super::{Chart, drawn, sliders::SLIDERS, words};
use crate::{
    components::{Button, ButtonKind, ChartPanel, FigureCell, Panel, PartBar},
    desk::{Overlay, use_desk},
    reading::Reading,
};

/// Every scenario with its result: one click looks at it, the box puts it into the comparison.
#[component]
pub(super) fn ScenarioList(
    rows: Vec<ScenarioRun>,
    entries: Vec<ScenarioEntry>,
    currency: Currency,
    focus: String,
    compared: Vec<String>,
    stale: bool,
    onfocus: EventHandler<String>,
    oncompare: EventHandler<String>,
) -> Element {
    let mut desk = use_desk();
    let largest = rows
        .iter()
        .filter_map(|run| drawn(&run.share))
        .map(f64::abs)
        .fold(0.0, f64::max);
    rsx! {
        Panel {
            testid: "panel-scenarios",
            title: "Scenarios",
            note: "result of the current book",
            class: "area-list table-panel",
            stale,
            tools: rsx! {
                Button {
                    testid: "scenario-build",
                    kind: ButtonKind::Quiet,
                    onclick: move |_| {
                        let entry = ScenarioEntry { scenario: Scenario::new(""), version: 0 };
                        desk.overlay.set(Some(Overlay::Scenario(Box::new(entry))));
                    },
                    "Build…"
                }
            },
            table { class: "table rows", "data-testid": "scenarios",
                thead {
                    tr {
                        th { class: "check-column", title: "Compare, six at most" }
                        th { "Scenario" }
                        th { class: "numeric", "Result" span { class: "unit", "{currency}" } }
                        th { class: "numeric", "NAV" span { class: "unit", "%" } }
                        th { class: "bar-column", "" }
                    }
                }
                tbody {
                    for run in rows {
                        tr {
                            key: "{run.name}",
                            "data-testid": "scenario-{run.name}",
                            "aria-selected": if run.name == focus { "true" } else { "false" },
                            title: entries
                                .iter()
                                .find(|entry| entry.scenario.name == run.name)
                                .map_or_else(|| "What the sliders above stand for".to_owned(), |entry| words(&entry.scenario)),
                            onclick: {
                                let name = run.name.clone();
                                move |_| onfocus.call(name.clone())
                            },
                            td { class: "check-column",
                                input {
                                    r#type: "checkbox",
                                    "data-testid": "compare-{run.name}",
                                    "aria-label": "Compare {run.name}",
                                    checked: compared.contains(&run.name),
                                    onclick: move |event| event.stop_propagation(),
                                    onchange: {
                                        let name = run.name.clone();
                                        move |_| oncompare.call(name.clone())
                                    },
                                }
                            }
                            td {
                                button { class: "row-button strong", r#type: "button", "data-testid": "scenario-open-{run.name}", "{run.name}" }
                                if run.name != SLIDERS && !run.left_out.is_empty() {
                                    span { class: "faint", title: run.left_out.join("\n"), " {run.left_out.len()} left out" }
                                }
                            }
                            FigureCell { name: "scenario-profit-{run.name}", reading: Reading::gain(&run.profit, currency), strong: true }
                            FigureCell { name: "scenario-share-{run.name}", reading: Reading::rate_number(&run.share) }
                            td { class: "bar-column",
                                PartBar { part: -drawn(&run.share).unwrap_or(0.0), largest }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The chosen scenarios by sector, side by side; the one looked at where none is chosen.
#[component]
pub(super) fn CompareChart(rows: Vec<ScenarioRun>, compared: Vec<String>, focus: String, stale: bool) -> Element {
    let side_by_side = compared.len() > 1;
    let chart = use_memo(use_reactive!(|(rows, compared, focus)| {
        let chosen: Vec<&ScenarioRun> = if compared.is_empty() {
            rows.iter().filter(|run| run.name == focus).collect()
        } else {
            rows.iter().filter(|run| compared.contains(&run.name)).collect()
        };
        Some(by_sector(&chosen))
    }));
    rsx! {
        ChartPanel {
            name: "compare",
            title: "By sector",
            note: if side_by_side { "scenarios side by side, % of NAV" } else { "% of NAV" },
            class: "area-compare",
            stale,
            data: chart,
        }
    }
}

fn by_sector(runs: &[&ScenarioRun]) -> Chart {
    let mut categories: Vec<String> = Vec::new();
    for group in runs
        .iter()
        .flat_map(|run| &run.groups)
        .filter(|group| group.dimension == "sector")
    {
        if !categories.contains(&group.name) {
            categories.push(group.name.clone());
        }
    }
    let value = |run: &ScenarioRun, name: &String| {
        run.groups
            .iter()
            .find(|group| group.dimension == "sector" && group.name == *name)
            .and_then(|group| drawn(&group.share))
    };
    let series = runs
        .iter()
        .map(|run| BarSeries {
            name: run.name.clone(),
            hue: None,
            values: categories.iter().map(|name| value(run, name)).collect(),
        })
        .collect();
    Rc::new(ChartData::Bar(BarData {
        title: "Scenarios by sector".to_owned(),
        category: "Sector".to_owned(),
        value: Axis::new("Result", Unit::Percent { decimals: 1 }),
        layout: BarLayout::Horizontal,
        categories,
        series,
    }))
}
