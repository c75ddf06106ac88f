//! What each holding added to the return: bars of the largest, and the table of all.

use std::rc::Rc;

use apex_domain::Currency;
use apex_wire::{
    chart::{Axis, BarData, BarLayout, BarSeries, ChartData, Unit},
    explain::FigureName,
    performance::Contribution,
};
use dioxus::prelude::*;
use jiff::civil::Date;

use crate::{
    browser,
    components::{ChartPanel, EmptyState, FigureCell, Menu, MenuItem, Panel},
    frame::inspector::use_reactive,
    reading::Reading,
};

/// Bars at either end of the list.
const BARS_EACH: usize = 7;

/// Both panels.
#[component]
pub(super) fn ContributionPanels(
    rows: Vec<Contribution>,
    currency: String,
    from: Option<Date>,
    /// The symbol that was asked for by name.
    marked: String,
    stale: bool,
) -> Element {
    let listened = use_reactive(rows.clone());
    let bars = use_memo(move || Some(Rc::new(ChartData::Bar(bars_of(&listened.read())))));
    let Ok(code) = Currency::parse(&currency) else {
        return rsx! {};
    };
    let csv = csv_of(&rows, &currency);
    rsx! {
        ChartPanel {
            name: "contribution",
            title: "Contribution",
            note: "% of the return, largest and smallest",
            class: "area-contribution",
            stale,
            data: bars,
        }
        Panel {
            testid: "panel-contribution-table",
            title: "Contribution by holding",
            note: "adds up to the return",
            class: "area-contribution-table table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "contribution-table",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "contribution-table-csv",
                        onclick: move |()| browser::save_text("contribution.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            if rows.is_empty() {
                EmptyState { testid: "contribution-empty", title: "Nothing was held in this period" }
            } else {
                table { class: "table", "data-testid": "contribution",
                    thead {
                        tr {
                            th { "Holding" }
                            th { class: "numeric", "Gain" span { class: "unit", "{currency}" } }
                            th { class: "numeric", "Contribution" span { class: "unit", "%" } }
                        }
                    }
                    tbody {
                        for row in rows {
                            tr {
                                key: "{row.label}",
                                "data-testid": "contribution-{row.label}",
                                "aria-selected": if row.label == marked { "true" },
                                td { class: "strong clip", title: row.label.clone(), "{row.label}" }
                                FigureCell { name: "gain-{row.label}", reading: Reading::gain(&row.amount, code) }
                                FigureCell {
                                    name: "contribution-{row.label}",
                                    reading: Reading::rate_number(&row.contribution),
                                    explain: row.instrument.map(|instrument| FigureName::Contribution { instrument, from }),
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn bars_of(rows: &[Contribution]) -> BarData {
    let ends = rows.len().saturating_sub(BARS_EACH);
    let shown: Vec<&Contribution> = rows
        .iter()
        .enumerate()
        .filter(|(at, _)| *at < BARS_EACH || *at >= ends)
        .map(|(_, row)| row)
        .collect();
    BarData {
        title: "Contribution".to_owned(),
        category: "Holding".to_owned(),
        value: Axis::new("Contribution", Unit::Percent { decimals: 2 }),
        layout: BarLayout::Horizontal,
        categories: shown.iter().map(|row| row.label.clone()).collect(),
        series: vec![BarSeries {
            name: "Contribution".to_owned(),
            hue: None,
            values: shown.iter().map(|row| row.contribution.known().copied()).collect(),
        }],
    }
}

fn csv_of(rows: &[Contribution], currency: &str) -> String {
    let lines = rows.iter().map(|row| {
        let amount = row.amount.known().map_or_else(String::new, ToString::to_string);
        let share = row.contribution.known().map_or_else(String::new, ToString::to_string);
        format!("\"{}\",{amount},{share}\n", row.label.replace('"', "\"\""))
    });
    std::iter::once(format!("holding,gain_{},contribution\n", currency.to_lowercase()))
        .chain(lines)
        .collect()
}
