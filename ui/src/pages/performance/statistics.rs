//! The table of statistics, portfolio beside benchmark.

use apex_wire::{Statistic, explain::FigureName, performance::StatisticRow};
use dioxus::prelude::*;
use jiff::civil::Date;

use crate::{
    browser,
    components::{EmptyState, FigureCell, Menu, MenuItem, Panel},
    reading::Reading,
};

/// The panel.
#[component]
pub(super) fn StatisticsPanel(
    rows: Vec<StatisticRow>,
    benchmark: Option<String>,
    from: Option<Date>,
    stale: bool,
) -> Element {
    let csv = csv_of(&rows);
    rsx! {
        Panel {
            testid: "panel-statistics",
            title: "Statistics",
            note: "daily returns",
            class: "area-statistics table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "statistics",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "statistics-csv",
                        onclick: move |()| browser::save_text("statistics.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            if rows.is_empty() {
                EmptyState { testid: "statistics-empty", title: "Too few days", next: "Statistics need at least two returns" }
            } else {
                table { class: "table", "data-testid": "statistics",
                    thead {
                        tr {
                            th { "Measure" }
                            th { class: "numeric", "Portfolio" }
                            th { class: "numeric", title: benchmark.unwrap_or_else(|| "No benchmark is set".to_owned()), "Benchmark" }
                        }
                    }
                    tbody {
                        for row in rows {
                            tr { key: "{row.key}", "data-testid": "statistic-{row.key}",
                                td {
                                    "{row.label}"
                                    if !row.unit.is_empty() { span { class: "unit", "{row.unit}" } }
                                }
                                FigureCell {
                                    name: row.key.clone(),
                                    reading: reading(&row.portfolio, &row.unit),
                                    explain: FigureName::Statistic { key: row.key.clone(), from },
                                    strong: true,
                                }
                                FigureCell { name: "benchmark-{row.key}", reading: reading(&row.benchmark, &row.unit) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Returns a statistic as its unit is read; the unit itself stands beside the label.
fn reading(statistic: &Statistic, unit: &str) -> Reading {
    match unit {
        "%" => Reading::weight(statistic),
        "days" => Reading::number(statistic, 0),
        _ => Reading::number(statistic, 3),
    }
}

/// Returns the table in full precision.
fn csv_of(rows: &[StatisticRow]) -> String {
    let value = |statistic: &Statistic| statistic.known().map_or_else(String::new, ToString::to_string);
    let lines = rows
        .iter()
        .map(|row| format!("{},{},{}\n", row.key, value(&row.portfolio), value(&row.benchmark)));
    std::iter::once("key,portfolio,benchmark\n".to_owned())
        .chain(lines)
        .collect()
}
