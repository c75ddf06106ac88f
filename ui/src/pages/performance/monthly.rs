//! The table of monthly returns, one row for each year. A click shows that month alone.

use apex_wire::performance::MonthlyRow;
use dioxus::prelude::*;
use jiff::civil::Date;

use crate::{
    browser,
    components::{Menu, MenuItem, Panel},
};

/// Returns at which a cell takes the next stronger color.
const STEPS: [f64; 4] = [0.005, 0.02, 0.04, 0.08];

/// The panel.
#[component]
pub(super) fn MonthlyPanel(
    rows: Vec<MonthlyRow>,
    last: Date,
    stale: bool,
    /// Takes the close before a month and its last day.
    onmonth: EventHandler<(Date, Date)>,
) -> Element {
    let csv = csv_of(&rows);
    let newest_first: Vec<MonthlyRow> = rows.into_iter().rev().collect();
    rsx! {
        Panel {
            testid: "panel-monthly",
            title: "Monthly returns",
            note: "%, time-weighted",
            class: "area-monthly table-panel",
            stale,
            tools: rsx! {
                Menu {
                    name: "monthly",
                    from_right: true,
                    class: "button quiet icon",
                    title: "Export",
                    label: rsx! { "⋯" },
                    MenuItem {
                        testid: "monthly-csv",
                        onclick: move |()| browser::save_text("monthly returns.csv", &csv),
                        "Save as CSV"
                    }
                }
            },
            table { class: "table monthly", "data-testid": "monthly",
                thead {
                    tr {
                        th { "Year" }
                        for month in 1..=12_i8 {
                            th { key: "{month}", class: "numeric", {apex_format::month_name(month)} }
                        }
                        th { class: "numeric", "Year" }
                    }
                }
                tbody {
                    for row in newest_first {
                        tr { key: "{row.year}", "data-testid": "year-{row.year}",
                            td { class: "strong", "{row.year}" }
                            for month in 1..=12_i8 {
                                {month_cell(row.year, month, row.months.get(usize::from(month.unsigned_abs()) - 1).copied().flatten(), last, onmonth)}
                            }
                            td { class: "numeric strong {tone(row.total)}", {text(row.total)} }
                        }
                    }
                }
            }
        }
    }
}

fn month_cell(year: i16, month: i8, value: Option<f64>, last: Date, onmonth: EventHandler<(Date, Date)>) -> Element {
    let first = Date::new(year, month, 1).ok();
    let stretch = first.and_then(|first| Some((first.yesterday().ok()?, first.last_of_month().min(last))));
    let name = apex_format::month_name(month);
    rsx! {
        td { key: "{month}", class: "heat {shade(value)}",
            if let (Some(_), Some(stretch)) = (value, stretch) {
                button {
                    class: "cell-figure",
                    r#type: "button",
                    "data-testid": "month-{year}-{month:02}",
                    title: "Show {name} {year} alone",
                    onclick: move |_| onmonth.call(stretch),
                    {text(value)}
                }
            }
        }
    }
}

fn text(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| {
        apex_format::signed(apex_format::percent_number(value, 2)).to_string()
    })
}

fn tone(value: Option<f64>) -> &'static str {
    match value {
        Some(value) if value > 0.0 => "gain",
        Some(value) if value < 0.0 => "loss",
        _ => "",
    }
}

/// Returns the class of a cell's color: stronger with size, teal above zero and vermilion below.
fn shade(value: Option<f64>) -> String {
    let Some(value) = value else { return String::new() };
    let step = STEPS.iter().filter(|step| value.abs() >= **step).count();
    match (step, value > 0.0) {
        (0, _) => "heat-none".to_owned(),
        (step, true) => format!("heat-gain-{step}"),
        (step, false) => format!("heat-loss-{step}"),
    }
}

fn csv_of(rows: &[MonthlyRow]) -> String {
    let mut csv = String::from("year");
    for month in 1..=12_i8 {
        csv.push(',');
        csv.push_str(apex_format::month_name(month));
    }
    csv.push_str(",total\n");
    for row in rows {
        csv.push_str(&row.year.to_string());
        for value in row.months.iter().chain(std::iter::once(&row.total)) {
            csv.push(',');
            if let Some(value) = value {
                csv.push_str(&value.to_string());
            }
        }
        csv.push('\n');
    }
    csv
}
