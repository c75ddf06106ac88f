//! Where risk comes from: its parts by holding, and the days that would have cost most.

use apex_domain::Currency;
use apex_wire::{
    Statistic,
    risk::{RiskComponent, RiskMeasure, WorstDay},
};
use dioxus::prelude::*;

use super::tail_figure;
use crate::{
    browser,
    components::{EmptyState, FigureCell, Menu, MenuItem, Panel, PartBar},
    desk::{Page, use_desk},
    reading::Reading,
};

/// What each holding adds to historical VaR and ES.
#[component]
pub(super) fn ComponentsPanel(
    rows: Vec<RiskComponent>,
    measure: Option<RiskMeasure>,
    /// The symbol that was asked for by name.
    marked: String,
    stale: bool,
) -> Element {
    let desk = use_desk();
    let csv = components_csv(&rows);
    let explain = |es: bool| measure.as_ref().map(|measure| tail_figure(measure, es));
    let (explain_var, explain_es) = (explain(false), explain(true));
    let largest = rows.iter().map(|row| row.es.abs()).fold(0.0, f64::max);
    rsx! {
        Panel {
            testid: "panel-components",
            title: "Components",
            note: "% of NAV, sum to the whole",
            class: "area-components table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "components",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "components-csv",
                        onclick: move |()| browser::save_text("risk components.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            table { class: "table", "data-testid": "components",
                thead {
                    tr {
                        th { "Holding" }
                        th { class: "numeric", "Weight" }
                        th { class: "numeric", "in VaR" }
                        th { class: "numeric", "in ES" }
                        th { class: "bar-column", "" }
                    }
                }
                tbody {
                    for row in rows {
                        tr {
                            key: "{row.symbol}",
                            "data-testid": "component-{row.symbol}",
                            "aria-selected": if row.symbol == marked { "true" },
                            td {
                                button {
                                    class: "link",
                                    r#type: "button",
                                    title: "Show {row.symbol} in Holdings",
                                    "data-testid": "component-open-{row.symbol}",
                                    onclick: {
                                        let symbol = row.symbol.clone();
                                        move |_| desk.go_to(Page::Holdings, symbol.clone())
                                    },
                                    "{row.symbol}"
                                }
                            }
                            td { class: "numeric", {Reading::weight(&Statistic::Known(row.weight)).text} }
                            FigureCell {
                                name: "component-var-{row.symbol}",
                                reading: Reading::weight(&Statistic::Known(row.var)),
                                explain: explain_var.clone(),
                            }
                            FigureCell {
                                name: "component-es-{row.symbol}",
                                reading: Reading::weight(&Statistic::Known(row.es)),
                                explain: explain_es.clone(),
                                strong: true,
                            }
                            td { class: "bar-column",
                                PartBar { part: row.es, largest }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The worst days of the current book.
#[component]
pub(super) fn WorstDaysPanel(rows: Vec<WorstDay>, currency: String, stale: bool) -> Element {
    let Ok(code) = Currency::parse(&currency) else {
        return rsx! {};
    };
    let csv = worst_csv(&rows, &currency);
    rsx! {
        Panel {
            testid: "panel-worst-days",
            title: "Worst days",
            note: "today's holdings on days past",
            class: "area-worst table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "worst-days",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "worst-days-csv",
                        onclick: move |()| browser::save_text("worst days.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            if rows.is_empty() {
                EmptyState { testid: "worst-empty", title: "No day in the window" }
            } else {
                table { class: "table", "data-testid": "worst-days",
                    thead {
                        tr {
                            th { "Day" }
                            th { class: "numeric", "Result" span { class: "unit", "%" } }
                            th { class: "numeric", "Amount" span { class: "unit", "{currency}" } }
                            th { "Lost most" }
                        }
                    }
                    tbody {
                        for row in rows {
                            tr { key: "{row.date}", "data-testid": "worst-{row.date}",
                                td { class: "strong", "{row.date}" }
                                FigureCell {
                                    name: "worst-{row.date}",
                                    reading: Reading::rate_number(&Statistic::Known(row.result)),
                                }
                                FigureCell { name: "worst-amount-{row.date}", reading: Reading::gain(&row.amount, code) }
                                td { "{row.worst}" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn components_csv(rows: &[RiskComponent]) -> String {
    let lines = rows
        .iter()
        .map(|row| format!("{},{},{},{}\n", row.symbol, row.weight, row.var, row.es));
    std::iter::once("symbol,weight,var,es\n".to_owned())
        .chain(lines)
        .collect()
}

fn worst_csv(rows: &[WorstDay], currency: &str) -> String {
    let lines = rows.iter().map(|row| {
        let amount = row.amount.known().map_or_else(String::new, ToString::to_string);
        format!(
            "{},{},{amount},\"{}\"\n",
            row.date,
            row.result,
            row.worst.replace('"', "\"\"")
        )
    });
    std::iter::once(format!("date,result,amount_{},worst\n", currency.to_lowercase()))
        .chain(lines)
        .collect()
}
